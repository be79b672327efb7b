"""Any list of concepts, power limits and samples, sized in as few calls as their structure allows.

A concept is an architecture and a lander in which the designer's discrete decisions (engines, pump sets, thrusters,
tanks, ...) have been taken.  Numbers that decisions, limits and samples set are columns of one batch::

    row (c, l, s) = concept c, its electric power at most limit l, the uncertain world s

and each row is at its own best continuous design (`models.architectures.comparison.size`).  Only what is no number (the
propellants, how thrusters are fed) or is the same in every row of a search (the bounds of a free thrust) makes a batch
of its own.  Pressure-fed concepts have no pumps to limit: they are sized once for all limits.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models import quantity
from models.architectures import electric_pump, free_leaves, off_the_shelf, pressure_fed
from models.architectures.comparison import launch_mass_for, size
from models.flight.descent import LUNAR_GRAVITY
from models.lander import Lander, Status
from models.quantity import STANDARD_GRAVITY, FloatArray, Numeric

Architecture = Literal["pressure_fed", "electric_pump"]
Chamber = Literal["radiation_cooled", "regenerative", "off_the_shelf"]
BRANCHES: Mapping[str, int] = {"radiation_cooled": 0, "regenerative": 1}
"""Of the architectures' modules."""
MODULES: Mapping[Architecture, ModuleType] = {"pressure_fed": pressure_fed, "electric_pump": electric_pump}

BLOCK = 1024
"""Rows sized at once: larger blocks leave the cache."""

SEARCHED_ALIKE = (*itertools.chain(*free_leaves.BOUNDS.values()), "reaction_control.landing_thrust")
"""Leaves that are the same for every row of a batch: bounds of a search, and how all rows land (`mission.fly`)."""

OUTPUTS = {
    "payload": "kg",
    "launch_mass": "kg",
    "propulsion_mass": "kg",
    "dry_mass": "kg",
    "electric_power": "W",
    "electric_energy": "J",
    "thrust": "N",
    "chamber_pressure": "Pa",
    "area_ratio": "-",
    "oxidiser_tank_pressure": "Pa",
    "fuel_tank_pressure": "Pa",
    "specific_impulse": "s",
    "burn_time": "s",
}
"""What is kept of every row, with its unit."""


@dataclass(frozen=True)
class Concept:
    """An architecture with its discrete decisions taken: `options` names them, `lander` is what they come to."""

    architecture: Architecture
    """Pressure-fed, or electric pumps."""
    options: Mapping[str, str]
    lander: Lander
    chamber: Chamber | None = None
    """The kind of engine; None leaves it to the search."""
    decided: frozenset[str] = frozenset()
    """Leaves that its decisions set: no sample replaces them."""
    held: Mapping[str, float] = field(default_factory=dict)
    """Design variables at given values, SI: the search leaves them."""

    @property
    def search(self) -> dict[str, Any]:
        """Options of `comparison.size`: the module that sizes it, what is fixed, the branch."""
        if self.chamber == "off_the_shelf":
            if self.architecture == "pressure_fed":
                return {"architecture": off_the_shelf, "fixed": self.held}
            engine = dict(
                zip(("chamber_pressure", "area_ratio"), off_the_shelf.point(self.lander)[:2], strict=True)
            )
            return {"architecture": electric_pump, "fixed": {**engine, **self.held}}
        # a chamber pressure that is held leaves no branches to search
        branch = None if self.chamber is None or "chamber_pressure" in self.held else BRANCHES[self.chamber]
        return {"architecture": MODULES[self.architecture], "only_branch": branch, "fixed": self.held}


NOMINAL_IMPULSE = 315.0
"""s, of main engines and thrusters together, for the weight at descent: 10 s change it by 1.5 %."""


def descent_weight(lander: Lander) -> float:
    """Lunar weight in N at the start of powered descent, after the burns to the descent orbit at `NOMINAL_IMPULSE`.

        W = m g_moon exp(-r (dv_transfer + dv_insertion + dv_trim) / (g0 I))

    What turns bounds on thrust to weight into bounds on thrust before a lander is sized; r is the mission's reserve.

    Parameters
    ----------
    lander : Lander
        The specification; floats.

    Returns
    -------
    float

    Examples
    --------
    >>> round(Lander().thrust / descent_weight(Lander()), 2)
    2.09
    """
    mission = lander.mission
    velocity = mission.reserve_factor * (mission.transfer + mission.insertion + mission.trim)
    left = lander.launch_mass * np.exp(-velocity / (STANDARD_GRAVITY * NOMINAL_IMPULSE))
    return float(left * LUNAR_GRAVITY)


@dataclass(frozen=True)
class SizedConcepts:
    """Outputs of every concept, limit and sample; NaN where there is no design, and `status` says why."""

    concepts: tuple[Concept, ...]
    """In the order of the first axis of the arrays."""
    power_limits: FloatArray
    """(l,), W."""
    energy_limits: FloatArray
    """(l,), J."""
    columns: Mapping[str, FloatArray]
    """Each (c, l, s), SI units as in `OUTPUTS`."""
    status: NDArray[np.int64]
    """(c, l, s), of `models.lander.Status`."""

    def __getitem__(self, name: str) -> FloatArray:
        """One output (c, l, s)."""
        return self.columns[name]


def size_concepts(
    concepts: Sequence[Concept],
    *,
    power_limits: Sequence[float] = (np.inf,),
    energy_limits: Sequence[float] | None = None,
    samples: Mapping[str, FloatArray] | None = None,
    payload: float | None = None,
    tolerance: float = 1e-3,
    each: Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]] = map,
) -> SizedConcepts:
    """The best design of every concept under every power limit in every sample.

    Parameters
    ----------
    concepts : sequence of Concept
        At least one.
    power_limits : sequence of float (l,)
        Highest electric power of all pumps at the battery's main bus at full thrust, W, besides that of each lander.
    energy_limits : sequence of float (l,), optional
        Highest electric energy of all burns for each power limit, J; none by default.
    samples : mapping of str to ndarray (s,), optional
        Uncertain leaves by dotted name, SI units, in common draws for all concepts but those that have `decided` on the
        leaf.  Without it every concept's own lander is the one sample.
    payload : float, optional
        kg; then every row is the lander of least launch mass that lands it, instead of the one of most payload at its
        launch mass.
    tolerance : float
        Predicted gain of payload below which a search has converged, kg.
    each : callable
        Does a function for every block of rows, in order: `map` here, or one that spreads them over processes.  Blocks
        are the same whatever it is, and so are the results.

    Returns
    -------
    SizedConcepts

    Raises
    ------
    ValueError
        Without concepts or limits, for limits or samples of unequal length, or a limit that is not positive.
    KeyError
        For a sampled name that is no leaf.

    Examples
    --------
    >>> concept = Concept("electric_pump", {}, Lander())
    >>> sized = size_concepts([concept], power_limits=[4e3, np.inf])
    >>> sized["payload"].shape, bool(sized["electric_power"][0, 0, 0] <= 4e3 * 1.0001)
    ((1, 2, 1), True)
    """
    power = np.asarray(power_limits, dtype=np.float64)
    energy = np.full(power.shape, np.inf) if energy_limits is None else np.asarray(energy_limits, np.float64)
    drawn = {name: np.asarray(values, dtype=np.float64) for name, values in (samples or {}).items()}
    lengths = {values.shape for values in drawn.values()}
    if not concepts or power.ndim != 1 or not power.size:
        raise ValueError("at least one concept and one power limit are needed")
    if energy.shape != power.shape:
        raise ValueError(
            f"{power.size} limits on power and {energy.size} on energy: give one of each a level"
        )
    limits = np.stack([power, energy])
    if not (limits > 0.0).all():
        raise ValueError(f"a power limit is positive, in W, an energy limit in J; got {limits.min():g}")
    if len(lengths) > 1 or any(len(shape) != 1 for shape in lengths):
        raise ValueError(f"samples are columns of one length, got shapes {sorted(lengths)}")
    n = lengths.pop()[0] if lengths else 1
    shape = (len(concepts), power.size, n)
    columns = {name: np.full(shape, np.nan) for name in OUTPUTS}
    status = np.full(shape, int(Status.NOT_CONVERGED), dtype=np.int64)
    blocks = [
        rows[start : start + BLOCK]
        for members in _batches(concepts)
        for rows in (_rows(members, _ceilings(concepts[members[0]], limits).shape[1], n),)
        for start in range(0, len(rows), BLOCK)
    ]
    task = partial(_sized, tuple(concepts), limits, drawn, payload, tolerance)
    for block, (found, codes) in zip(blocks, each(task, blocks), strict=True):
        where = tuple(block.T)
        status[where] = codes
        for name, value in found.items():
            columns[name][where] = np.where(codes == Status.GOOD, value, np.nan)
    for c, concept in enumerate(concepts):
        if concept.architecture == "pressure_fed":  # the one limit stands for all
            status[c] = status[c, :1]
            for values in columns.values():
                values[c] = values[c, :1]
    return SizedConcepts(tuple(concepts), power, energy, columns, status)


def _ceilings(concept: Concept, limits: FloatArray) -> FloatArray:
    """Limits (2, l) on power and energy: none without pumps."""
    return np.full((2, 1), np.inf) if concept.architecture == "pressure_fed" else limits


def _rows(members: Sequence[int], limits: int, samples: int) -> NDArray[np.intp]:
    """Concept, limit and sample (r, 3) of every row of a batch."""
    return np.array(list(itertools.product(members, range(limits), range(samples))), dtype=np.intp)


def _sized(
    concepts: Sequence[Concept],
    limits: FloatArray,
    drawn: Mapping[str, FloatArray],
    payload: float | None,
    tolerance: float,
    block: NDArray[np.intp],
) -> tuple[dict[str, FloatArray], NDArray[np.int64]]:
    """Outputs and status of the rows of a block, whose concepts differ in numbers only."""
    first = concepts[block[0, 0]]
    lander = _batch(concepts, block, _ceilings(first, limits), drawn)
    best = size(lander=lander, tolerance=tolerance, **first.search)
    if payload is not None:
        best = launch_mass_for(
            first.search["architecture"],
            best,
            np.full(len(block), payload),
            fixed=first.search.get("fixed"),
        )
    sizing = best.sizing
    found = {name: np.broadcast_to(getattr(sizing, name), (len(block),)) for name in OUTPUTS}
    return found, np.broadcast_to(sizing.status, (len(block),))


def _batches(concepts: Sequence[Concept]) -> Iterator[list[int]]:
    """Indices of the concepts that differ in numbers only."""
    groups: dict[Any, list[int]] = {}
    for index, concept in enumerate(concepts):
        values = quantity.flatten(concept.lander)
        bounds = tuple(float(values[name]) for name in SEARCHED_ALIKE)
        searched = (concept.architecture, concept.chamber, bounds)
        groups.setdefault((*searched, *_structure(concept.lander)), []).append(index)
    yield from groups.values()


def _structure(spec: Any) -> tuple[Any, ...]:
    """What a specification holds besides its numbers, depth first."""
    own = quantity.leaves(spec)
    found: list[Any] = []
    for part in dataclasses.fields(spec):
        value = getattr(spec, part.name)
        if part.name in own:
            continue
        found.append(_structure(value) if quantity.has_leaves(value) else repr(value))
    return tuple(found)


def _batch(
    concepts: Sequence[Concept], block: NDArray[np.intp], limits: FloatArray, drawn: Mapping[str, FloatArray]
) -> Lander:
    """The lander whose leaves are columns over the rows of a block; what all rows share stays a number."""
    used = np.unique(block[:, 0])
    own = [quantity.flatten(concepts[c].lander) for c in used]
    place = np.searchsorted(used, block[:, 0])
    values: dict[str, Numeric] = {}
    for name in own[0]:
        given = np.array([float(leaves[name]) for leaves in own])
        if (given != given[0]).any():
            values[name] = given[place]
    for name, column in drawn.items():
        decided = np.array([name in concepts[c].decided for c in used])[place]
        kept = np.array([float(leaves[name]) for leaves in own])[place]
        values[name] = np.where(decided, kept, column[block[:, 2]])
    for name, column in zip(("power_limit", "energy_limit"), limits[:, block[:, 1]], strict=True):
        kept = np.array([float(leaves[name]) for leaves in own])[place]
        values[name] = np.minimum(column, kept)  # a level loosens no limit of the lander
    return quantity.substitute(concepts[used[0]].lander, values)
