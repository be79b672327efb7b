"""The requirements that are proposed: the least demanding set that complies, in round numbers, with their margins."""

from __future__ import annotations

import bisect
import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np

from studies.analysis.fixed_problem import REQUIRED, knowing
from studies.case.case import Case
from uq.requirements import (
    Allocation,
    Lever,
    Limit,
    Margins,
    Question,
    Requirement,
    Sample,
    Threshold,
    Verdict,
    allocate,
    compliance,
    margins,
)
from uq.requirements.sweep import levels
from uq.requirements.threshold import LADDER

REACH = 0.95
"""Quantile of a supplier's prediction error beyond which no hardware of its kind is expected (judgement)."""
USUAL = 1.0 - 1.0 / 1.2
"""What custom holds below the best estimate of a specific power or an efficiency: hardware that is yet to be developed
may grow by 20 % in mass and power (ESA, Margin philosophy for science assessment studies, SRE-PA/2011.097)."""
LEAST_GOAL = 0.5
"""Below this chance of compliance at the most that suppliers reach, no set is worth proposing (judgement)."""
ENERGY_TAIL = 0.05
"""Share of the failures allowed that may come from the limit on energy, which has its own sentence."""


@dataclass(frozen=True)
class Proposal:
    """What is proposed to be required, for which goal, and what it leaves.

    `goal` is the probability that the set is to reach: the wanted one, or where no set reaches that the next lower
    round one; `hardest` is the verdict on the most that suppliers reach, where that is too little for any proposal.
    """

    goal: float
    allocation: Allocation
    requirements: tuple[Requirement, ...]
    limits: tuple[Limit, ...]
    """All that must hold, electric power and energy under the set included."""
    verdict: Verdict
    margins: Margins | None
    hardest: Verdict | None = None
    without: Mapping[str, Verdict] = field(default_factory=dict)
    """By input: compliance under the set without the requirement on it."""

    @property
    def design(self) -> dict[str, float]:
        """The design inputs that the set asks for."""
        return {r.design: r.value for r in self.requirements}


def lever(sample: Sample, name: str) -> Lever:
    """An input of which physics is expected to reach values up to a quantile, with the design sized at them.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    name : str
        Of the input.

    Returns
    -------
    Lever
    """
    end = float(sample.problem.inputs[sample.problem.index(name)].distribution.ppf(REACH))
    return Lever(name, design=REQUIRED + name, reachable=(-np.inf, end))


def matters(least: Threshold, today: Verdict) -> bool:
    """Whether requiring more of an input moves compliance by more than the interval, and up.

    Parameters
    ----------
    least : Threshold
        Threshold of the input required alone.
    today : Verdict
        Compliance of today's design.

    Returns
    -------
    bool
        True where the whole interval lies above today's probability.
    """
    return least.discriminating and least.best.low > today.probability


def propose(
    case: Case,
    question: Question,
    least: Mapping[str, Threshold],
    today: Verdict,
    runs: int,
) -> Proposal | None:
    """The least demanding set over the inputs that matter, its values rounded to the demanding side; None where no
    requirement matters.

    Fresh runs are to confirm the set, and a set that just reaches its goal is confirmed in 5 %: it is searched for what
    they confirm although they scatter (`confirmable`), and for the goal where that is out of reach.

    Where the wanted probability is out of reach, the set for the highest multiple of 5 % that the interval of the
    most that suppliers reach holds with confidence; where that is below `LEAST_GOAL`, no set.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    question : Question
        Sample, limits, wanted probability, confidence and what is given.
    least : Mapping[str, Threshold]
        Threshold by input.
    today : Verdict
        Compliance of today's design.
    runs : int
        Fresh runs that are to confirm the set.

    Returns
    -------
    Proposal or None
    """
    sample, limits = question.sample, question.limits
    levers = {name: lever(sample, name) for name in least if matters(least[name], today)}
    if not levers:
        return None

    def asked(wanted: float) -> Allocation:
        return allocate(
            dataclasses.replace(question, wanted=wanted), list(levers.values()), rows=min(512, len(sample))
        )

    goal = today.wanted
    found = asked(confirmable(goal, runs, question.confidence))
    if found.status == "unreachable":
        found = asked(goal)
    hardest = None
    if found.status == "unreachable":
        hardest = found.verdict
        goal = math.floor(20.0 * (hardest.interval[0] - 1e-9)) / 20.0
        if goal < LEAST_GOAL:
            return Proposal(goal, found, (), tuple(limits), hardest, None, hardest)
        found = asked(goal)
    chosen = tuple(
        levers[r.input].at(_round(case, r.input, r.value.value, levers[r.input].end))
        for r in found.requirements
        if r.state != "inactive"
    )
    if not chosen:
        return Proposal(goal, found, (), tuple(limits), found.verdict, None, hardest)
    sample = knowing(sample, _neighbours(sample, chosen))
    extended = (
        *limits,
        *_electric(dataclasses.replace(question, sample=sample, wanted=found.wanted), chosen),
    )
    asked_of = dataclasses.replace(question, sample=sample, limits=extended, wanted=goal)
    return Proposal(
        goal,
        found,
        chosen,
        extended,
        compliance(dataclasses.replace(asked_of, given=chosen)),
        margins(
            dataclasses.replace(question, sample=sample, wanted=goal),
            chosen,
            allowances={r.input: USUAL for r in chosen},
            reachable={r.input: levers[r.input].reachable for r in chosen},
        ),
        hardest,
        {
            r.input: compliance(
                dataclasses.replace(asked_of, given=tuple(other for other in chosen if other is not r))
            )
            for r in chosen
        },
    )


def confirmable(goal: float, runs: int, confidence: float) -> float:
    """The compliance that fresh runs confirm to reach a goal although they scatter: the goal and twice the half of
    their interval there, goal + 2 z sqrt(goal (1 - goal) / runs).

    Parameters
    ----------
    goal : float
        Probability to be reached.
    runs : int
        Fresh runs.
    confidence : float
        Of their interval; at 0.9 they confirm in 95 %.

    Returns
    -------
    float
        At most half-way from the goal to one.
    """
    half = NormalDist().inv_cdf(0.5 + 0.5 * confidence) * math.sqrt(goal * (1.0 - goal) / runs)
    return float(min(goal + 2.0 * half, 0.5 + 0.5 * goal))


def _neighbours(sample: Sample, chosen: Sequence[Requirement]) -> list[dict[str, float]]:
    """The design inputs that the margins ask for: each requirement over its range, the others as chosen."""
    sets = [{r.design: r.value for r in chosen}]
    for requirement in chosen:
        others = {r.design: r.value for r in chosen if r is not requirement}
        law = sample.problem.inputs[sample.problem.index(requirement.input)].distribution
        values = levels(sample, lever(sample, requirement.input), count=LADDER)
        median = float(law.ppf(0.5))
        usual = median - USUAL * abs(median)
        sets += [others, *({**others, requirement.design: float(v)} for v in (*values, usual))]
    return sets


def _electric(question: Question, chosen: Sequence[Requirement]) -> tuple[Limit, ...]:
    """Electric energy that the compliant landers under the set do not exceed but for a small share of the failures
    allowed, and the power that the design is rated for: limits that have their own sentences.

    Where the set has less to spare above its goal than that share, the energy is the least that keeps the goal; where
    nothing does, no compliant lander exceeds it.
    """
    sample, limits = question.sample, question.limits
    under = sample.under(chosen)
    good = under.feasible > 0.5
    for limit in limits:
        y = under.mean[:, sample.problem.output_index(limit.output)]
        good &= (y >= limit.low) & (y <= limit.high)
    if not good.any():
        return ()

    def column(name: str) -> np.ndarray:
        return np.asarray(under.mean[good, sample.problem.output_index(name)])

    rating = column("electric_power") - column("electric_pump.electric_power_shortfall")
    power = Limit("electric_power", high=upwards(float(rating.max()), 3))
    energy = column("electric_energy")
    usual = float(np.quantile(energy, 1.0 - ENERGY_TAIL * (1.0 - question.wanted)))
    choices = [
        Limit("electric_energy", high=upwards(float(value) / 3.6e3, 3) * 3.6e3)
        for value in (usual, *np.unique(energy[energy > usual]))
    ]

    def keeps(choice: Limit) -> bool:
        asked = dataclasses.replace(question, limits=(*limits, power, choice), given=tuple(chosen))
        return compliance(asked).probability >= question.wanted

    return power, choices[min(bisect.bisect_left(choices, True, key=keeps), len(choices) - 1)]


def _round(case: Case, name: str, value: float, top: float) -> float:
    """A required value in two or three digits of the case's unit, to the demanding side where physics lets it."""
    unit = case.unit(name)
    up = unit.si(upwards(unit.shown(value)))
    return up if up <= top * (1.0 + 1e-12) else top


def upwards(value: float, digits: int = 2) -> float:
    """The next number above with so many digits, one more after a leading one.

    Parameters
    ----------
    value : float
        Any number; those at or below zero stay.
    digits : int, default 2
        Significant ones, one more after a leading one.

    Returns
    -------
    float
        Not below `value`.

    Examples
    --------
    >>> upwards(0.4141), upwards(1.0237), upwards(109.0), upwards(15061.0, 3)
    (0.42, 1.03, 109.0, 15070.0)
    """
    if value <= 0.0:
        return value
    exponent = math.floor(math.log10(value))
    places = digits - 1 - exponent + (value < 2.0 * 10.0**exponent)
    return round(math.ceil(value * 10.0**places - 1e-9) / 10.0**places, max(places, 0))
