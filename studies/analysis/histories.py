"""Histories of the electric-pump lander as fields: electric power and state of charge over all burns.

One design for all: what the designer decides is that of the median lander, and the pack is bought once, with the mass
that 95 % of the landers need; what is uncertain varies, and drives are sized for each.  Landers that are re-optimised
one by one jump between two engines, and each buys the pack that ends at the same charge, so that neither history is a
smooth function of the inputs.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures import comparison, electric_pump, free_leaves
from models.fixed_design.timeline import STEPS, march
from models.flight.mission import BURNS
from models.lander import Lander, own_lander
from models.quantity import FloatArray, first_value
from studies.case.case import Case, problem
from uq import sampling
from uq.core.dataset import Dataset
from uq.core.problem import Output
from uq.surrogates.field import FieldSurrogate, FieldValidation, measured_field

NEEDED = 0.95
"""Share of landers that the pack's mass serves as sized (*judgement*); the others draw on the reserve."""
MARCHED = (4, 2400)
"""Landers marched for each that the study sizes, and the most: a march costs a millisecond, a sizing thirty."""
LEARNED = (4, 600)
"""Of the marched landers one in so many is learned from, and the most: where a coast just fills the battery its charge
has an edge, which takes rows."""
HISTORIES = {"electric power": "W", "state of charge": "1"}


@dataclass(frozen=True)
class Learned:
    """One history: its field, what it is worth on landers that it did not see, and one of these."""

    field: FieldSurrogate
    validation: FieldValidation
    tested: int
    """Landers that it was judged on."""
    unseen: FloatArray
    """(d,) inputs of one lander that nothing was learned from."""
    marched: FloatArray
    """(t,) its history."""


@dataclass(frozen=True)
class Marches:
    """Landers of one design marched through all burns."""

    data: Dataset
    """Inputs and status; the output is the energy drawn."""
    histories: dict[str, FloatArray]
    """(n, t) by the names of `HISTORIES`."""
    pack: float
    """kg."""


def fractions() -> FloatArray:
    """Instants that all landers have in common: burn k from k to k + 1, in equal fractions, just inside.

    Returns
    -------
    ndarray (t,)
        Increasing; the end of a burn stands a thousandth before the ignition of the next.
    """
    inside = np.linspace(0.0, 0.999, STEPS + 1)
    return (np.arange(len(BURNS))[:, None] + inside).ravel()


def marches(case: Case, samples: int, *, seed: int) -> Marches:
    """March `samples` landers of the median lander's design.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int
        Landers.
    seed : int
        Of the plan.

    Returns
    -------
    Marches

    Raises
    ------
    ValueError
        If no sampled lander has a design.
    """
    asked = problem(case, samples=samples)
    x = asked.physical(sampling.sobol_sequence(samples, asked.dimension, seed=seed).unit)
    median = case.baseline()
    best = comparison.size(electric_pump, median)
    held = comparison.given_engine(electric_pump, median)
    free = iter(np.exp(best.design[0]))
    design = [held[name] if name in held else float(next(free)) for name in electric_pump.DESIGN]
    chosen = quantity.flatten(best.lander)
    rooms = free_leaves.rooms(median, pumped=True, given_mixture="chamber_pressure" in held)
    columns = {name: x[:, k] for k, name in enumerate(asked.input_names)}
    columns |= {room.leaf: np.full(samples, first_value(chosen[room.leaf])) for room in rooms}
    lander: Lander = own_lander(quantity.substitute(case.lander, columns), pumped=True)
    mass = np.broadcast_to(np.asarray(lander.launch_mass, dtype=np.float64), (samples,))
    with np.errstate(all="ignore"):
        sizing = comparison.evaluate(electric_pump, lander, mass, np.tile(design, (samples, 1)))
    needed = np.broadcast_to(sizing.masses["battery"], (samples,))
    if not np.isfinite(needed).any():
        raise ValueError("no sampled lander has a design at the median lander's choice")
    pack = float(np.nanquantile(needed, NEEDED))
    bought = {**sizing.masses, "battery": np.full(samples, pack)}
    timeline = march(lander, dataclasses.replace(sizing, masses=bought))
    assert timeline.electric is not None
    found = {
        name: np.moveaxis(values, -1, 0).reshape(samples, -1)
        for name, values in zip(HISTORIES, (timeline.electric.power, timeline.electric.charge), strict=True)
    }
    reduced = dataclasses.replace(asked, outputs=(Output("energy", "J"),), model=None)
    data = Dataset.from_arrays(
        x, timeline.electric.total_energy[:, None], problem=reduced, status=timeline.status
    )
    return Marches(data, found, pack)


def learned(found: Marches, name: str) -> Learned:
    """The field of one history: learned from some landers, its bands from half of the others, judged on the rest.

    Parameters
    ----------
    found : Marches
        Marched landers.
    name : str
        Of `HISTORIES`.

    Returns
    -------
    Learned

    Raises
    ------
    ValueError
        As `FieldSurrogate.fit`.
    """
    good = np.flatnonzero(found.data.feasible)
    n = min(LEARNED[1], len(good) // LEARNED[0])
    half = n + (len(good) - n) // 2
    training, calibration, test = good[:n], good[n:half], good[half:]
    x, y = found.data.x, found.histories[name]
    field = FieldSurrogate.fit(found.data.where(training), y[training], times=fractions())
    field = field.calibrated(x[calibration], y[calibration])
    return Learned(
        field, measured_field(field, x[test], histories=y[test]), len(test), x[test[0]], y[test[0]]
    )
