"""Concepts of a case to choose from: the best ones over all uncertain inputs, and the case with its concepts taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from models import quantity
from models.architectures.concepts import (
    BRANCHES,
    MODULES,
    Architecture,
    Concept,
    SizedConcepts,
    size_concepts,
)
from models.components.reaction_control import ThrusterOption
from models.lander import Decided, Lander
from studies.analysis.concepts.fronts import ROUGH, Screen, medians
from studies.analysis.placement import Workers, placed
from studies.case import engine
from studies.case.case import Case, Taken
from studies.case.decisions import AS_GIVEN, Decisions
from uq import sampling
from uq.campaign.processes import spread
from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import mean_estimate, quantile_estimate
from uq.core.estimate import Estimate
from uq.optimization.choice import Choice, choose_option, value_of_learning
from uq.report.terminal import Watch, silent

CHAMBER = "chamber"
"""The decision between kinds of engine, by the name that cases give it."""
BEST_CONCEPTS = 10
LOW = 0.1
"""The quantile that stands for a bad world."""
CONFIDENCE = 0.9


def best_of_each(
    case: Case, *, chosen: Mapping[str, str] | None = None, workers: Workers = 1, watch: Watch = silent
) -> dict[Architecture, tuple[SizedConcepts, int]]:
    """Every concept of each architecture in which the `chosen` decisions are taken, without power limit and with all
    inputs at their medians, and the row of the one of most payload.  An architecture without a design is left out.

    The thrust chamber is left to the search, which is at least as good as any of its options, unless it is `chosen`.

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

    Raises
    ------
    CaseError
        For an unknown decision or option.
    """
    each = partial(spread, workers=placed(workers).processes)
    left, known = {CHAMBER: AS_GIVEN}, case.decisions.decisions
    found: dict[Architecture, tuple[SizedConcepts, int]] = {}
    for k, architecture in enumerate(MODULES):
        watch("sizing concepts", k / len(MODULES))
        own = case.decisions.chosen_of(architecture, {**(left if CHAMBER in known else {}), **(chosen or {})})
        concepts = case.decisions.concepts(architecture, own)
        sized = size_concepts(concepts, samples=medians(case), each=each, tolerance=ROUGH)
        if np.isfinite(sized["payload"]).any():
            found[architecture] = sized, int(np.nanargmax(sized["payload"][:, 0, 0]))
    return found


def with_concepts(case: Case, best: Mapping[Architecture, tuple[SizedConcepts, int]]) -> Case:
    """The case whose lander, and that of each of its scenarios, is in each architecture that one's best concept.

    Both share all that neither decides, and every draw.  What a concept decides replaces the draw of that leaf in its
    own architecture; thrust is what the concept found with every input at its median.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    best : Mapping[Architecture, tuple[SizedConcepts, int]]
        Concepts of each architecture, and the row of the best; one that is missing stays as the case has it.

    Returns
    -------
    Case
    """
    found: dict[Architecture, tuple[Concept, float]] = {
        name: (sized.concepts[row], float(sized["thrust"][row, 0, 0])) for name, (sized, row) in best.items()
    }
    return _decided(case, found)


def with_taken(case: Case, taken: Mapping[Architecture, Taken]) -> Case:
    """The same from what a study took, as it stands in its evidence.

    Parameters
    ----------
    case : Case
        As it was read.
    taken : Mapping[Architecture, Taken]
        Options and thrust of each architecture.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        For a decision or option that the case does not have.
    """
    return _decided(
        case, {name: (case.decisions.concept(name, one.options), one.thrust) for name, one in taken.items()}
    )


def _decided(case: Case, found: Mapping[Architecture, tuple[Concept, float]]) -> Case:
    pump, pressure = (_values(case, found.get(name)) for name in ("electric_pump", "pressure_fed"))
    drawn = {i.name for i in case.inputs}
    both = {n for n in pump.values.keys() & pressure.values.keys() if pump.values[n] == pressure.values[n]}
    given = quantity.flatten(case.lander)
    gone = both & drawn

    def lander(base: Lander, kept: frozenset[str], *, thrusters: bool) -> Lander:
        """`base` as decided, but for the leaves `kept`, and unless it has `thrusters` of its own."""
        of_pump = {n: v for n, v in pump.values.items() if n not in kept}
        of_pressure = {n: v for n, v in pressure.values.items() if n not in kept}
        if "pump_sets" in kept and base.pump_sets == case.lander.engines:
            of_pump["pump_sets"] = pump.values.get(
                "engines", float(case.lander.engines)
            )  # one for each, however many
        back = {n: float(given[n]) for n in of_pump if n not in of_pressure and n not in drawn}
        fed = {**back, **of_pressure}
        apart = {n: v for n, v in fed.items() if n not in gone and v != of_pump.get(n)}
        control = (
            base.reaction_control if thrusters else replace(base.reaction_control, option=pump.thrusters)
        )
        own = replace(
            base,
            reaction_control=control,
            thrust=base.thrust if "thrust" in kept else pump.thrust,
            electric_pump=Decided(
                tuple(
                    {
                        **dict(base.electric_pump.values),
                        **{n: v for n, v in of_pump.items() if n in drawn - gone},
                    }.items()
                )
            ),
            pressure_fed=Decided(
                tuple({**dict(base.pressure_fed.values), **apart}.items()),
                1.0 if "thrust" in kept else pressure.thrust / pump.thrust,
                None if thrusters else pressure.thrusters,
            ),
        )
        return quantity.substitute(own, of_pump)

    kept = [k for k, one in enumerate(case.inputs) if one.name not in gone]
    rest = case.uncertain.part(kept)
    return replace(
        case,
        taken={name: Taken(concept.options, thrust) for name, (concept, thrust) in found.items()},
        lander=lander(case.lander, frozenset(), thrusters=False),
        inputs=tuple(case.inputs[k] for k in kept),
        correlation=rest.correlation,
        copula=rest.copula,
        scenarios={
            name: other._replace(
                lander=lander(
                    other.lander,
                    other.sets,
                    thrusters=other.lander.reaction_control.option != case.lander.reaction_control.option,
                )
            )
            for name, other in case.scenarios.items()
        },
    )


@dataclass(frozen=True)
class _Values:
    """What a concept decides: leaves, thrusters, and the thrust that it found."""

    values: dict[str, float]
    thrusters: ThrusterOption
    thrust: float


def _values(case: Case, found: tuple[Concept, float] | None) -> _Values:
    if found is None:
        return _Values({}, case.lander.reaction_control.option, float(case.lander.thrust))
    concept, thrust = found
    own = quantity.flatten(concept.lander)
    bounds = ("least_thrust", "most_thrust")
    values = {name: float(own[name]) for name in sorted(concept.decided) if name not in bounds}
    if concept.chamber == "off_the_shelf":
        middle = {n: float(v[0]) for n, v in medians(case).items() if n not in concept.decided}
        values |= engine.off_the_shelf_values(
            quantity.substitute(concept.lander, middle), concept.architecture
        )
    elif concept.chamber is not None:
        values["chamber_kind"] = BRANCHES[concept.chamber] + 1.0
    return _Values(values, concept.lander.reaction_control.option, thrust)


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
    limits = screen.pump.power_limits[np.isposinf(screen.pump.energy_limits)]
    parts: list[SizedConcepts] = []
    for k, concept in enumerate(concepts):
        watch("sizing the best concepts", k / len(concepts))
        parts.append(size_concepts([concept], power_limits=limits.tolist(), samples=drawn, each=each))
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
    asked = case.uncertain
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
