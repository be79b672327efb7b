"""The best concepts of a case at other launch masses, and where on average the pump begins to pay.

At the case's own launch mass every concept has been sized. At another one those are sized again that are the best dozen
of their layout (engines and pump sets); `OF_LAYOUT` says what that misses. Then each architecture has the concept that
is its best there, and every size sees the same draws of the uncertain inputs as the case does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models import quantity
from models.architectures import electric_pump, pressure_fed
from models.architectures.comparison import size
from models.architectures.concepts import MODULES, Architecture, Concept, SizedConcepts, size_concepts
from models.lander import Lander, Status
from studies.analysis.concepts.choice import with_concepts
from studies.analysis.concepts.fronts import ROUGH, medians
from studies.analysis.placement import Workers, placed
from studies.case.case import Case
from uq import sampling
from uq.campaign.processes import spread
from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import mean_estimate
from uq.core.estimate import Estimate
from uq.report.terminal import Watch, silent

SIZES = (1e3, 2e3, 3.5e3, 5e3, 7e3, 12e3)
"""Launch masses, kg, besides the case's own."""
SAMPLES = 256
"""Draws of the uncertain inputs, the same at every size."""
SCALED = ("launch_mass", "platform_mass", "payload", "thrust", "bus.house_load", "bus.surplus")
"""Leaves in proportion to launch mass; concepts choose engines and thrust anew."""
LAYOUT = ("engines", "pump_sets")
"""Decisions that make a layout."""
OF_LAYOUT = 12
"""Concepts of each layout. The best of all concepts is among them from 1 to 12 t for the Series 3 lander, and at 1 and
12 t for the medium one; of the large one, 6 t, at 1 t a pump concept is left out that carries 88 kg, not 83.
"""


def of_size(lander: Lander, launch_mass: float) -> Lander:
    """`lander` scaled to `launch_mass` (kg): thrust, platform, payload and bus load in proportion; engines as many.

    Parameters
    ----------
    lander : Lander
        The specification, scalar.
    launch_mass : float
        kg.

    Returns
    -------
    Lander
    """
    scale, leaves = launch_mass / float(lander.launch_mass), quantity.flatten(lander)
    return quantity.substitute(lander, {name: scale * float(leaves[name]) for name in SCALED})


def for_lander(case: Case, lander: Lander) -> Case:
    """The case, and its decisions, for another lander.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    lander : Lander
        In place of the case's.

    Returns
    -------
    Case
    """
    return dataclasses.replace(
        case, lander=lander, decisions=dataclasses.replace(case.decisions, lander=lander)
    )


def shortlist(
    best: Mapping[Architecture, tuple[SizedConcepts, int]], of_layout: int = OF_LAYOUT
) -> dict[Architecture, tuple[Mapping[str, str], ...]]:
    """Options of the best concepts of every layout of each architecture, that of most payload first.

    Parameters
    ----------
    best : Mapping[Architecture, tuple[SizedConcepts, int]]
        Concepts of each architecture at the case's own size, and the row of the best
        (`studies.analysis.concepts.choice.best_of_each`).
    of_layout : int, default OF_LAYOUT
        How many of each layout.

    Returns
    -------
    dict of Architecture to tuple of mapping
        Option by decision.
    """
    found = {}
    for name, (sized, _) in best.items():
        payload = np.nan_to_num(sized["payload"][:, -1, 0], nan=-np.inf)
        kept: dict[tuple[str | None, ...], list[Mapping[str, str]]] = {}
        some: list[Mapping[str, str]] = []
        for k in np.argsort(-payload, kind="stable"):
            options = sized.concepts[k].options
            own = kept.setdefault(_layout(options), [])
            if np.isfinite(payload[k]) and len(own) < of_layout:
                own.append(options)
                some.append(options)
        found[name] = tuple(some)
    return found


def _layout(options: Mapping[str, str]) -> tuple[str | None, ...]:
    return tuple(options.get(name) for name in LAYOUT)


def best_of_layouts(
    case: Case, known: Mapping[Architecture, Sequence[Mapping[str, str]]]
) -> dict[Architecture, tuple[SizedConcepts, int]]:
    """The best concept of every layout of each architecture, every input at its median.

    Parameters
    ----------
    case : Case
        Of another size, or with other propellants.
    known : Mapping[Architecture, Sequence[Mapping[str, str]]]
        Options of the concepts to choose from.

    Returns
    -------
    dict of Architecture to tuple
        One concept a layout, in the order of `known`, and the row of the best of all.  An architecture without a design
        is left out.
    """
    found: dict[Architecture, tuple[SizedConcepts, int]] = {}
    for name, options in known.items():
        concepts = [case.decisions.concept(name, one) for one in options]
        sized = size_concepts(concepts, samples=medians(case), tolerance=ROUGH)
        payload = np.nan_to_num(sized["payload"][:, 0, 0], nan=-np.inf)
        top: dict[tuple[str | None, ...], int] = {}
        for k, one in enumerate(options):
            before = top.setdefault(_layout(one), k)
            if payload[k] > payload[before]:
                top[_layout(one)] = k
        rows = np.array(list(top.values()))
        if np.isfinite(payload).any():
            of_rows = {output: values[rows] for output, values in sized.columns.items()}
            part = dataclasses.replace(
                sized,
                concepts=tuple(concepts[k] for k in rows),
                columns=of_rows,
                status=sized.status[rows],
            )
            found[name] = part, int(np.argmax(payload[rows]))
    return found


@dataclass(frozen=True)
class SizedLanders:
    """Both architectures at one size, each with its best concept, in common draws."""

    launch_mass: float
    """kg."""
    best: Mapping[Architecture, tuple[SizedConcepts, int]]
    """The best concept of every layout with every input at its median, and the row of the best."""
    gain: FloatArray
    """(s,), payload of the pump-fed lander less that of the pressure-fed one, kg; NaN where either has no design."""
    burn_time: FloatArray
    """(s,), of the pump-fed lander, s."""

    def concept(self, architecture: Architecture) -> Concept | None:
        """The best concept of an architecture; None where it has no design."""
        if architecture not in self.best:
            return None
        sized, row = self.best[architecture]
        return sized.concepts[row]

    @property
    def designs(self) -> FloatArray:
        """Gains of the draws in which both have a design."""
        return self.gain[np.isfinite(self.gain)]

    @property
    def mean(self) -> Estimate:
        """Mean gain."""
        return mean_estimate(self.designs)


@dataclass(frozen=True)
class SizeSweep:
    """The lander of a case at several sizes, by rising launch mass."""

    landers: tuple[SizedLanders, ...]

    @property
    def break_even(self) -> Estimate:
        """The launch mass in kg from which on the mean gain is positive: 0 where it is at every size, infinite where
        it is not at the largest.  Its interval is where the ends of the gain's change their sign."""
        value, high, low = (self._crossing(end) for end in ("value", "low", "high"))
        return Estimate(value, low, high)

    def _crossing(self, end: str) -> float:
        each = [(one.launch_mass, getattr(one.mean, end)) for one in self.landers if one.designs.size > 1]
        mass, gain = (np.array(column) for column in zip(*each, strict=True)) if each else np.empty((2, 0))
        if not gain.size or gain[-1] <= 0.0:
            return np.inf
        k = int(np.flatnonzero(gain <= 0.0)[-1]) if (gain <= 0.0).any() else -1
        return 0.0 if k < 0 else float(np.interp(0.0, gain[k : k + 2], mass[k : k + 2]))


def sweep_sizes(
    case: Case,
    best: Mapping[Architecture, tuple[SizedConcepts, int]],
    *,
    samples: int = SAMPLES,
    seed: int = 1,
    workers: Workers = 1,
    watch: Watch = silent,
) -> SizeSweep:
    """The case's lander scaled to each of `SIZES` and at its own, with the best concept of each architecture there.

    At the case's own size the draws are the first of the main study's, and so are the concepts.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions, none taken.
    best : Mapping[Architecture, tuple[SizedConcepts, int]]
        Concepts of each architecture at the case's own size, and the row of the best.
    samples : int, default SAMPLES
        Draws of the uncertain inputs.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    SizeSweep
    """
    masses = sorted({*SIZES, float(case.lander.launch_mass)})
    landers: list[SizedLanders] = []
    task = partial(_at_size, case, shortlist(best), samples, seed)
    for one in spread(task, masses, placed(workers).processes):
        watch("other sizes", len(landers) / len(masses))
        landers.append(one)
    return SizeSweep(tuple(landers))


def _at_size(
    case: Case,
    known: Mapping[Architecture, Sequence[Mapping[str, str]]],
    samples: int,
    seed: int,
    launch_mass: float,
) -> SizedLanders:
    scaled = for_lander(case, of_size(case.lander, launch_mass))
    best = best_of_layouts(scaled, known)
    scale = launch_mass / float(case.lander.launch_mass)
    return over_draws(with_concepts(scaled, best), best, samples=samples, seed=seed, scale=scale)


def over_draws(
    case: Case,
    best: Mapping[Architecture, tuple[SizedConcepts, int]],
    *,
    samples: int,
    seed: int,
    scale: float = 1.0,
) -> SizedLanders:
    """Both architectures of a case whose concepts are taken, over its uncertain inputs.

    Parameters
    ----------
    case : Case
        With the concepts of `best` (`studies.analysis.concepts.choice.with_concepts`).
    best : Mapping[Architecture, tuple[SizedConcepts, int]]
        Concepts of each architecture, and the row of the best.
    samples : int
        Draws of the uncertain inputs: the first of the main study's.
    seed : int
        Of every random draw; the same seed gives the same result.
    scale : float, default 1
        By which inputs in proportion to launch mass are multiplied.

    Returns
    -------
    SizedLanders
    """
    x = case.uncertain.physical(sampling.sobol_sequence(samples, len(case.inputs), seed=seed).unit)
    drawn = {i.name: x[:, j] * (scale if i.name in SCALED else 1.0) for j, i in enumerate(case.inputs)}
    lander = quantity.substitute(case.lander, drawn)
    pressure, pump = (size(module, lander).sizing for module in (pressure_fed, electric_pump))
    good = (pressure.status == Status.GOOD) & (pump.status == Status.GOOD) & (len(best) == len(MODULES))
    return SizedLanders(
        float(case.lander.launch_mass),
        best,
        np.where(good, pump.payload - pressure.payload, np.nan),
        np.where(good, pump.burn_time, np.nan),
    )
