"""Every concept of a case at every power, first with all inputs at their medians, then the best ones over all inputs.

The payload under a power limit is that of the best continuous design there (`models.architectures.concepts`); limits
reach from a share of the power that the best concept would take to that power, and beyond: the last level is no limit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models import quantity
from models.architectures.comparison import Best, size
from models.architectures.concepts import MODULES, Architecture, Concept, SizedConcepts, size_concepts
from models.lander import Lander
from studies.analysis.placement import Workers, placed
from studies.case.case import Case
from studies.case.decisions import AS_GIVEN, Decisions
from studies.case.toml_file import CaseError
from uq import sampling
from uq.campaign.processes import spread
from uq.core.array_types import FloatArray
from uq.core.estimate import Estimate
from uq.core.problem import Problem
from uq.optimization.choice import Choice, choose_option, value_of_learning
from uq.optimization.dominance import knee, nondominated, prices
from uq.propagation.sample_estimates import mean_estimate, quantile_estimate
from uq.report.terminal import Watch, silent

LEVELS = 12
LEAST_SHARE = 0.3
"""Of the power of the concept of most payload, at the lowest level."""
SAME_POWER = 1e-3
"""Powers this near to each other, as a share of the largest, are one point of the front."""
MOST_CONCEPTS = 240
"""Concepts that are sized at every power, where there are more."""
BEST_CONCEPTS = 10
LOW = 0.1
"""The quantile that stands for a bad world."""
CONFIDENCE = 0.9


@dataclass(frozen=True)
class Point:
    """One point of a front: a concept under a power limit, at its best design with every input at its median."""

    concept: Concept
    power_limit: float
    payload: float
    power: float
    energy: float
    propulsion_mass: float
    price: float
    """kg of payload that the next kW buys here."""


@dataclass(frozen=True)
class Screen:
    """All concepts with every input at its median."""

    pump: SizedConcepts
    pressure: SizedConcepts
    front: tuple[Point, ...]
    """Of the pump, by rising power."""
    knee: int
    """Row of `front`."""

    @property
    def best_pressure(self) -> int:
        """Row of the pressure-fed concept of most payload."""
        return int(np.nanargmax(self.pressure["payload"][:, 0, 0]))


def medians(case: Case) -> dict[str, FloatArray]:
    """The one sample in which every input is at its median.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.

    Returns
    -------
    dict of str to ndarray (1,)
        By input.
    """
    return {i.name: np.array([float(i.distribution.ppf(0.5))]) for i in case.inputs}


def screened(
    case: Case,
    *,
    chosen: Mapping[str, str] | None = None,
    levels: int = LEVELS,
    workers: Workers = 1,
    watch: Watch = silent,
) -> Screen:
    """Size every concept of both architectures in which the `chosen` decisions are taken, the pump's at every power.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    chosen : Mapping[str, str], optional
        Options that are taken, by decision.
    levels : int, default LEVELS
        Powers at which the pump's concepts are sized.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Screen

    Raises
    ------
    CaseError
        If decisions leave no concept.
    ValueError
        If no concept of an architecture has a design.
    """
    each = partial(spread, workers=placed(workers).processes)
    sample = medians(case)
    watch("sizing concepts", 0.0)
    own = {a: {k: v for k, v in (chosen or {}).items() if k in case.decisions.of(a)} for a in MODULES}
    pressure = size_concepts(
        case.decisions.concepts("pressure_fed", own["pressure_fed"]), samples=sample, each=each
    )
    concepts = case.decisions.concepts("electric_pump", own["electric_pump"])
    free = size_concepts(concepts, samples=sample, each=each)
    for name, sized in (("pressure-fed", pressure), ("electric-pump", free)):
        if not np.isfinite(sized["payload"]).any():
            codes = np.unique(sized.status)
            raise ValueError(
                f"no {name} concept of case {case.name!r} has a design (statuses {codes.tolist()})"
            )
    watch("sizing concepts", 0.15)
    limits = power_levels(free, levels)
    least = size_concepts(concepts, power_limits=limits[:1], samples=sample, each=each)
    watch("sizing concepts", 0.4)
    kept = _competing(free, least)
    few = [concepts[c] for c in kept]
    between = size_concepts(few, power_limits=limits[1:-1], samples=sample, each=each)
    pump = SizedConcepts(
        tuple(few),
        np.array(limits),
        {
            name: np.concatenate([least[name][kept], values, free[name][kept]], axis=1)
            for name, values in between.columns.items()
        },
        np.concatenate([least.status[kept], between.status, free.status[kept]], axis=1),
    )
    front = _front(pump)
    values = np.array([[-p.payload, p.power] for p in front])
    watch("sizing concepts", 1.0)
    return Screen(pump, pressure, front, knee(values))


def _competing(free: SizedConcepts, least: SizedConcepts) -> list[int]:
    """Concepts among the `MOST_CONCEPTS` of most payload, half without limit and half at the lowest power."""
    ranked = [
        np.argsort(-np.nan_to_num(sized["payload"][:, 0, 0], nan=-np.inf), kind="stable")[
            : MOST_CONCEPTS // 2
        ]
        for sized in (free, least)
    ]
    return sorted({int(c) for rows in ranked for c in rows})


def power_levels(free: SizedConcepts, levels: int) -> list[float]:
    """Power limits in W, in even steps up to what the concept of most payload takes, then none.

    Parameters
    ----------
    free : SizedConcepts
        Every concept without power limit.
    levels : int
        How many, the one without limit among them.

    Returns
    -------
    list of float
        W, infinity at the end.
    """
    payload, power = free["payload"][:, -1, 0], free["electric_power"][:, -1, 0]
    top = float(power[np.nanargmax(payload)])
    return [*(top * np.linspace(LEAST_SHARE, 1.0, levels)[:-1]).tolist(), np.inf]


def _front(pump: SizedConcepts) -> tuple[Point, ...]:
    payload, power = pump["payload"][:, :, 0], pump["electric_power"][:, :, 0]
    # Power is kept to its limit within the tolerance of the search: nearer than that, two powers are one.
    step = SAME_POWER * float(np.nanmax(power))
    goals = np.column_stack([-payload.ravel(), np.round(power.ravel() / step) * step])
    rows = np.flatnonzero(nondominated(goals))
    rows = rows[np.argsort(goals[rows, 1], kind="stable")]
    price = 1e3 * prices(goals[rows])
    return tuple(
        Point(
            pump.concepts[c],
            float(pump.power_limits[k]),
            float(payload[c, k]),
            float(power[c, k]),
            float(pump["electric_energy"][c, k, 0]),
            float(pump["propulsion_mass"][c, k, 0]),
            float(one),
        )
        for (c, k), one in zip(zip(*np.unravel_index(rows, payload.shape), strict=True), price, strict=True)
    )


def best_of_each(
    case: Case, *, chosen: Mapping[str, str] | None = None, workers: Workers = 1, watch: Watch = silent
) -> dict[Architecture, tuple[SizedConcepts, int]]:
    """Every concept of each architecture in which the `chosen` decisions are taken, without power limit and with all
    inputs at their medians, and the row of the one of most payload.  An architecture without a design is left out.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    chosen : Mapping[str, str], optional
        Options that are taken, by decision.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    dict of Architecture to tuple
        The concepts, and the row of the best.
    """
    each = partial(spread, workers=placed(workers).processes)
    found: dict[Architecture, tuple[SizedConcepts, int]] = {}
    for k, architecture in enumerate(MODULES):
        watch("sizing concepts", k / len(MODULES))
        own = {n: o for n, o in (chosen or {}).items() if n in case.decisions.of(architecture)}
        concepts = case.decisions.concepts(architecture, own)
        sized = size_concepts(concepts, samples=medians(case), each=each)
        if np.isfinite(sized["payload"]).any():
            found[architecture] = sized, int(np.nanargmax(sized["payload"][:, 0, 0]))
    return found


def with_concept(case: Case, chosen: Mapping[str, str]) -> Case:
    """The case whose lander, and that of each of its scenarios, has the `chosen` decisions taken.

    What they decide replaces the draw of that leaf.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    chosen : Mapping[str, str]
        Options that are taken, by decision.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        For an unknown decision or option, and for the thrust chamber, which a comparison of both architectures
        leaves to the search.
    """
    concept = case.decisions.concept("electric_pump", chosen)
    if concept.chamber is not None:
        raise CaseError(
            "the thrust chamber is left to the search where both architectures are compared; leave the decision out"
        )
    given, own = quantity.flatten(case.lander), quantity.flatten(concept.lander)
    taken = {name: own[name] for name in own if own[name] != given[name]}

    def decided(lander: Lander, but: frozenset[str]) -> Lander:
        values = {name: value for name, value in taken.items() if name not in but}
        if "pump_sets" in but and lander.pump_sets == case.lander.engines:
            values["pump_sets"] = own["engines"]  # a set for each engine, however many there are
        if lander.reaction_control.option != case.lander.reaction_control.option:
            return quantity.substitute(lander, values)  # the scenario is about the thrusters
        option = concept.lander.reaction_control.option
        control = dataclasses.replace(lander.reaction_control, option=option)
        return quantity.substitute(dataclasses.replace(lander, reaction_control=control), values)

    kept = [k for k, one in enumerate(case.inputs) if one.name not in taken]
    return dataclasses.replace(
        case,
        lander=concept.lander,
        inputs=tuple(case.inputs[k] for k in kept),
        correlation=None if case.correlation is None else case.correlation[np.ix_(kept, kept)],
        scenarios={
            name: other._replace(lander=decided(other.lander, other.sets))
            for name, other in case.scenarios.items()
        },
    )


@dataclass(frozen=True)
class Uncertain:
    """The best concepts over all uncertain inputs, in common draws."""

    concepts: tuple[Concept, ...]
    power_limits: FloatArray
    payload: FloatArray
    """(c, l, s), kg; NaN where a sample has no design."""
    power: FloatArray
    choice: Choice
    """Among the concepts without power limit."""
    learning: dict[str, Estimate]
    """kg of payload by input: what knowing it before choosing would be worth."""

    @property
    def recommended(self) -> Concept:
        """The concept of the largest mean payload."""
        return self.concepts[self.choice.recommended]

    @property
    def pressure(self) -> int:
        """Row of the best pressure-fed concept."""
        return self._best("pressure_fed")

    @property
    def pump(self) -> int:
        """Row of the best electric-pump concept."""
        return self._best("electric_pump")

    def _best(self, architecture: str) -> int:
        means = [
            m.value if c.architecture == architecture else -np.inf
            for m, c in zip(self.choice.mean, self.concepts, strict=True)
        ]
        return int(np.argmax(means))

    def mean(self, concept: int, level: int) -> Estimate:
        """Payload, mean over the draws with a design."""
        values = self.payload[concept, level]
        return mean_estimate(values[np.isfinite(values)], confidence=CONFIDENCE)

    def low(self, concept: int, level: int) -> Estimate:
        """The 10 % quantile of payload; a draw without design counts as the least."""
        values = np.nan_to_num(self.payload[concept, level], nan=-np.inf)
        return quantile_estimate(values, LOW, confidence=CONFIDENCE)

    def gain(self, level: int = -1) -> FloatArray:
        """(s,), payload of the best pump concept at a level less that of the best pressure-fed one."""
        return self.payload[self.pump, level] - self.payload[self.pressure, -1]


def under_uncertainty(
    case: Case,
    screen: Screen,
    *,
    samples: int,
    seed: int,
    workers: Workers = 1,
    watch: Watch = silent,
    each_of: int = BEST_CONCEPTS,
) -> Uncertain:
    """The best concepts of the screen at every power over `samples` draws of the case's uncertain inputs.

    The architectures are compared each at its best. What a concept decides (an overwrapped tank, say) replaces the
    draw of that leaf.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    samples : int
        Draws.
    seed : int
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.
    each_of : int, default BEST_CONCEPTS
        Concepts at each power, of which at least one is pressure-fed.

    Returns
    -------
    Uncertain
    """
    concepts = _shortlist(screen, each_of)
    drawn = _draws(case, samples, seed)
    each = partial(spread, workers=placed(workers).processes)
    limits = screen.pump.power_limits
    parts: list[SizedConcepts] = []
    for k, concept in enumerate(concepts):
        watch("sizing the best concepts", k / len(concepts))
        given = quantity.flatten(case.lander)
        own = quantity.flatten(concept.lander)
        free = {name: column for name, column in drawn.items() if own[name] == given[name]}
        parts.append(size_concepts([concept], power_limits=limits.tolist(), samples=free, each=each))
    payload = np.concatenate([p["payload"] for p in parts])
    power = np.concatenate([p["electric_power"] for p in parts])
    choice = choose_option([str(k) for k in range(len(concepts))], payload[:, -1], confidence=CONFIDENCE)
    inputs = np.column_stack([drawn[i.name] for i in case.inputs])
    learning = value_of_learning(
        payload[:, -1], inputs, names=[i.name for i in case.inputs], seed=seed, confidence=CONFIDENCE
    )
    watch("sizing the best concepts", 1.0)
    return Uncertain(concepts, limits, payload, power, choice, learning)


def _shortlist(screen: Screen, count: int) -> tuple[Concept, ...]:
    pumps = np.argsort(-np.nan_to_num(screen.pump["payload"][:, -1, 0], nan=-np.inf), kind="stable")
    pressures = np.argsort(-np.nan_to_num(screen.pressure["payload"][:, 0, 0], nan=-np.inf), kind="stable")
    of_pressure = max(1, count // 4)
    kept = [screen.pressure.concepts[c] for c in pressures[:of_pressure]]
    return tuple([screen.pump.concepts[c] for c in pumps[: max(1, count - len(kept))]] + kept)


def _draws(case: Case, samples: int, seed: int) -> dict[str, FloatArray]:
    asked = Problem(case.inputs, (), None, case.correlation)
    x = asked.physical(sampling.sobol_sequence(samples, len(case.inputs), seed=seed).unit)
    return {i.name: x[:, j] for j, i in enumerate(case.inputs)}


def alternatives(
    decisions: Decisions, sized: SizedConcepts, concept: Concept
) -> list[tuple[str, str, float, float]]:
    """What each other option would change, one decision at a time: decision, option, payload (kg), power (W).

    Parameters
    ----------
    decisions : Decisions
        Every decision with its options.
    sized : SizedConcepts
        Every concept of one architecture at every power.
    concept : Concept
        The one that is compared with.

    Returns
    -------
    list of tuple
        Decision, option, kg and W.
    """
    rows = {tuple(c.options.items()): k for k, c in enumerate(sized.concepts)}
    found = []
    for name, decision in decisions.of(concept.architecture).items():
        for option, one in decision.options.items():
            row = rows.get(tuple({**concept.options, name: option}.items()))
            if row is not None and concept.options.get(name) != option:
                found.append(
                    (
                        decision.title,
                        one.title,
                        float(sized["payload"][row, -1, 0]),
                        float(sized["electric_power"][row, -1, 0]),
                    )
                )
    return found


def unlimited(concept: Concept) -> Point:
    """A point to design: the concept without power limit.

    Parameters
    ----------
    concept : Concept
        A choice of options, and its architecture.

    Returns
    -------
    Point
    """
    nan = float("nan")
    return Point(concept, np.inf, nan, nan, nan, nan, nan)


def designed(case: Case, points: Sequence[Point]) -> list[Best]:
    """The whole design of each point, inputs at their medians.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    points : sequence of Point
        Concept and power limit.

    Returns
    -------
    list of Best
        In the order of the points.
    """
    middle = {name: float(column[0]) for name, column in medians(case).items()}
    given = quantity.flatten(case.lander)
    found = []
    for point in points:
        own = quantity.flatten(point.concept.lander)
        free = {name: value for name, value in middle.items() if own[name] == given[name]}
        lander = quantity.substitute(point.concept.lander, {**free, "power_limit": point.power_limit})
        found.append(size(lander=lander, **point.concept.search))
    return found


@dataclass(frozen=True)
class GainMap:
    """Best payload of both architectures over launch mass, by layout and under power limits, inputs at medians."""

    masses: FloatArray
    """(m,), kg."""
    powers: FloatArray
    """(p,), W."""
    layouts: tuple[Mapping[str, str], ...]
    """Options of the decisions that are mapped, of the pump's concepts."""
    pump: FloatArray
    """(m, layouts), payload without power limit, kg."""
    limited: FloatArray
    """(m, p), payload of the best layout under each power limit, kg."""
    pressure: FloatArray
    """(m,), payload of the best pressure-fed layout, kg."""

    @property
    def gain(self) -> FloatArray:
        """(m, p), payload of the best pump layout under each limit less that of the best pressure-fed one."""
        return self.limited - self.pressure[:, None]


def gain_map(
    case: Case,
    scaled: Callable[[Lander, float], Lander],
    masses: Sequence[float],
    *,
    mapped: Sequence[str] = ("engines", "pump_sets"),
    powers: int = 9,
    workers: Workers = 1,
    watch: Watch = silent,
) -> GainMap:
    """Size every layout (the `mapped` decisions) at every launch mass and power; other decisions stay as given.

    Power limits reach to what the heaviest lander's best layout takes.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    scaled : Callable[[Lander, float], Lander]
        Lander and launch mass (kg) to the lander of that mass.
    masses : sequence of float
        Launch masses, kg.
    mapped : sequence of str, default ('engines', 'pump_sets')
        Decisions whose options are layouts.
    powers : int, default 9
        Limits from zero up.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    GainMap
    """
    each = partial(spread, workers=placed(workers).processes)
    sample = medians(case)
    found: dict[str, list[SizedConcepts]] = {"pressure_fed": [], "electric_pump": []}
    for k, mass in enumerate(masses):
        watch("sizing layouts", k / (2 * len(masses)))
        decisions = dataclasses.replace(case.decisions, lander=scaled(case.lander, mass))
        for architecture in MODULES:
            rest = {name: AS_GIVEN for name in decisions.of(architecture) if name not in mapped}
            concepts = decisions.concepts(architecture, rest)
            found[architecture].append(size_concepts(concepts, samples=sample, each=each))
    free = np.stack([sized["payload"][:, 0, 0] for sized in found["electric_pump"]])
    heaviest = found["electric_pump"][-1]
    top = float(heaviest["electric_power"][np.nanargmax(heaviest["payload"][:, 0, 0]), 0, 0])
    limits = top * np.geomspace(0.04, 1.0, powers)
    limited = []
    for k, sized in enumerate(found["electric_pump"]):
        watch("sizing layouts", 0.5 + k / (2 * len(masses)))
        under = size_concepts(list(sized.concepts), power_limits=limits.tolist(), samples=sample, each=each)
        limited.append(_most(under["payload"][:, :, 0]))
    return GainMap(
        np.asarray(masses, dtype=np.float64),
        limits,
        tuple({n: c.options[n] for n in mapped if n in c.options} for c in heaviest.concepts),
        free,
        np.stack(limited),
        np.array([_most(sized["payload"][:, :1, 0])[0] for sized in found["pressure_fed"]]),
    )


def _most(payload: FloatArray) -> FloatArray:
    """Largest over concepts (c, l) at every limit; NaN where none has a design."""
    best = np.nan_to_num(payload, nan=-np.inf).max(axis=0)
    return np.where(np.isfinite(best), best, np.nan)
