"""The least demanding set of requirements that complies."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.estimate import Estimate
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.allocation.search import DESIGNED, LOOSE, Cost, Search
from uq.requirements.compliance import compliance
from uq.requirements.question import Question
from uq.requirements.types import (
    Condition,
    Lever,
    Side,
    Verdict,
    asked,
    check_kind,
    check_kinds,
    suffix,
    tabled,
)

ROUNDS = 4
"""Searches, each aimed anew by what the one before it missed."""

SETS = 72
"""Sets of thresholds from which compliance is learned where each asks for a design."""


@dataclass(frozen=True)
class Allocated:
    """One requirement of an allocation: its value with interval, whether it is active, and its own demand.

    "At its least demanding": nearly every supplier meets it, and it stands because the set does not comply when the
    design is made for better ones.
    """

    input: str
    """Of which something is required."""
    unit: str
    """Of the value."""
    side: Side
    """At least, or at most."""
    value: Estimate
    """That is required, in `unit`."""
    state: Literal["active", "inactive", "at the end of physics", "at its least demanding"]
    """What the optimisation says of it."""
    prior: float
    """Probability that a supplier meets it."""
    price: float
    """Demand per point of compliance that it buys alone."""


@dataclass(frozen=True)
class Allocation(Tabled):
    """The least demanding set of requirements that reaches the wanted probability.

    `demand` is what was minimised: minus the log of the prior probability that suppliers meet the whole set, or the
    user's cost.  `price` of each requirement is the demand per one point of compliance bought with it alone; at the
    optimum the active ones have the same price, and `unequal` is their relative spread.  `verdict` is the
    compliance under the set; its limits are active where failures are theirs.
    """

    requirements: tuple[Allocated, ...]
    """One for each lever."""
    demand: float
    prior: float
    """Probability that suppliers meet the whole set."""
    wanted: float
    """Probability, 0 to 1."""
    status: Literal["found", "met without", "unreachable"]
    """Whether there is such a set."""
    unequal: float
    verdict: Verdict
    active_limits: tuple[bool, ...]
    """Whether each limit's failures bound it."""
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What is required, everything given included."""
        return self.verdict.requirements

    def table(self) -> Table:
        """The result as a table."""
        rows = [
            [
                f"{r.input} {'>=' if r.side == 'at least' else '<='}",
                "none" if r.state == "inactive" else f"{r.value}{suffix(r.unit)}",
                r.state,
                f"{r.prior:.3g}",
                f"{r.price:.3g}",
            ]
            for r in self.requirements
        ]
        limits = [
            f"{limit.text(self.verdict.units)}: {'active' if active else 'inactive'}"
            for limit, active in zip(self.verdict.limits, self.active_limits, strict=True)
        ]
        notes = [
            f"{self.status}: compliance {self.verdict.estimate} for {self.wanted:g}; demand {self.demand:.4g}; "
            f"suppliers meet the set with {self.prior:.3g}; prices differ by {self.unequal:.1%}",
            *limits,
        ]
        header = ["requirement", "value", "state", "prior alone", "price a point"]
        return tabled(f"Least demanding set{asked(self.mode)}", header, rows, notes)


@one_thread()
def allocate(
    question: Question, levers: Sequence[Lever], *, cost: Cost | None = None, rows: int = 2048
) -> Allocation:
    """The least demanding set of requirements that complies.

        min -log P(X_j on the required side of r_j for all j)  subject to  P(limits met | all of them) >= wanted

    The chance that suppliers meet the set counts the dependence of the inputs (`conditioned`); `cost` replaces it.
    Thresholds are sought in germ space by sequential quadratic programming with the gradient of compliance taken
    through the model: for a surrogate by its own gradient, for a true model by differences on common germs.  Pass
    and fail are blended over a tenth of a standard deviation of each output while searching, and the target is
    shifted until the unblended compliance is just the wanted one: of the sets tried, the least demanding that
    complies is returned, and where none does the first toward the hardest set.  Intervals of the values: the search
    repeated for the ends of the interval of compliance.

    Where designs are sized at the required values, every set asks for a design of its own: compliance is then
    learned as a quadratic response surface over thresholds from `SETS` sets that are asked about together (`Surface`),
    and the search goes over that; the verdict is the model's own.  A requirement looser than today's median is dropped
    (inactive, its design at today's best estimate) where the set complies without it.

    Parameters
    ----------
    question : Question
        Sample, limits, wanted probability, confidence, and what is given.
    levers : sequence of Lever
        The inputs of which something can be required, as far as physics reaches.
    cost : callable, optional
        Required values by name -> cost of the set, in any unit; smooth and rising with demand.
    rows : int
        Points of the sample that each set is judged on while searching.

    Returns
    -------
    Allocation
        `status`, `requirements` with their `value`, `conditions` to ask further under, and `verdict`.

    Raises
    ------
    KeyError
        For an unknown input.
    ValueError
        For no limit, no lever, contradictory requirements, or a lever whose law has separate values, between which
        nothing can be sought.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    levers = check_kinds(levers, Lever, "Lever(input)")
    question.require_limits()
    if not levers:
        raise ValueError("an allocation needs at least one input to require something of")
    for lever in levers:
        law = question.sample.problem.inputs[question.sample.problem.index(lever.input)].distribution
        if law.atoms:
            raise ValueError(
                f"{lever.input!r} holds probability at {law.atoms[0]:g} alone, and an allocation searches between "
                "values; give a requirement on it in the question, or ask `threshold` of it"
            )
    wanted = question.wanted
    search = Search(question, tuple(levers), cost, rows)
    top = search.possible(np.array([search.germ(k) for k in range(len(levers))]))
    start = compliance(question)
    hardest = _at(search, top)
    if start.probability >= wanted:
        return _verdict_of(search, np.full(len(levers), LOOSE), None, top, "met without", start)
    if hardest.probability < wanted:
        return _verdict_of(search, top, None, top, "unreachable", hardest)
    target = wanted
    if search.sizes:
        search = search.learned(target, top, sets=SETS)
    best = search.diagonal(target, top)
    kept: tuple[float, FloatArray, float, Verdict] | None = None
    for _ in range(ROUNDS):
        best = search.least(target, top, best)
        verdict = _at(search, best)
        spare = verdict.probability - wanted
        if spare >= 0.0:
            demand = search.demand(best)[0]
            if kept is None or demand < kept[0]:
                kept = demand, best, target, verdict
            if spare < (0.5 * _half(verdict) if search.sizes else 2e-4):
                break
        aim = 0.2 * _half(verdict) if search.sizes else 1e-4
        target = float(np.clip(target + aim - spare, 1e-4, 1.0 - 1e-6))
    if kept is None:
        best, verdict = _stricter(search, best, top, hardest)
        target = verdict.probability
    else:
        _, best, target, verdict = kept
    if search.sizes:
        search, best, top, verdict = _without_idle(search, best, top, verdict)
    half_low, half_high = verdict.probability - verdict.interval[0], verdict.interval[1] - verdict.probability
    ends = [
        search.least(float(np.clip(target + shift, 1e-4, 1.0 - 1e-6)), top, best, iterations=8)
        for shift in (-half_high, half_low)
    ]
    return _verdict_of(search, best, ends, top, "found", verdict)


def _at(search: Search, t: FloatArray) -> Verdict:
    """Compliance at thresholds t."""
    return compliance(search.question.under(*search.conditions(t)))


def _stricter(
    search: Search, best: FloatArray, top: FloatArray, hardest: Verdict
) -> tuple[FloatArray, Verdict]:
    """From a set that falls short, the first on the straight way to the hardest one that complies, by halving."""
    short, sufficient, verdict = 0.0, 1.0, hardest
    for _ in range(7):
        middle = 0.5 * (short + sufficient)
        found = _at(search, best + middle * (top - best))
        if found.probability >= found.wanted:
            sufficient, verdict = middle, found
        else:
            short = middle
    return best + sufficient * (top - best), verdict


def _half(verdict: Verdict) -> float:
    return 0.5 * (verdict.interval[1] - verdict.interval[0])


def _without_idle(
    search: Search, best: FloatArray, top: FloatArray, verdict: Verdict
) -> tuple[Search, FloatArray, FloatArray, Verdict]:
    """Requirements that most suppliers meet, dropped where the others suffice: least demanding first."""
    for k in np.argsort(best):
        if best[k] >= 0.0:
            continue
        fewer = dataclasses.replace(search, dropped=(*search.dropped, search.levers[k].input))
        found = _at(fewer, best)
        if found.probability >= verdict.wanted:
            search, verdict = fewer, found
            best = np.where(np.arange(len(best)) == k, LOOSE, best)
    return search, best, top, verdict


def _state(
    needed: bool, inside: bool, loose: bool
) -> Literal["active", "inactive", "at the end of physics", "at its least demanding"]:
    if not needed:
        return "inactive"
    return "active" if inside else "at its least demanding" if loose else "at the end of physics"


def _verdict_of(
    search: Search,
    t: FloatArray,
    ends: Sequence[FloatArray] | None,
    top: FloatArray,
    status: Literal["found", "met without", "unreachable"],
    verdict: Verdict,
) -> Allocation:
    """The result at thresholds t, with the thresholds at the ends of the interval of compliance."""
    unlearned = bool(search.sizes) and search.surface is None  # a gradient would cost many designs
    demand = search.demand(t)[1] if unlearned else search.at(t).demand_slope
    gain = np.zeros(len(t)) if unlearned else search.at(t).slope
    needed = t > LOOSE + 0.05
    if status == "met without":
        needed[:] = False
    price = np.where(gain > 1e-12, 0.01 * demand / np.where(gain > 1e-12, gain, 1.0), np.inf)
    loose = needed & (t < DESIGNED + 1e-2) & (search.surface is not None)
    inside = needed & (t < top - 1e-3) & ~loose
    unequal = float(np.ptp(price[inside]) / np.mean(price[inside])) if inside.sum() > 1 else 0.0
    requirements = []
    for k, lever in enumerate(search.levers):
        known = ends is not None and needed[k]
        around = sorted(search.value(k, e[k]) for e in (t, *(ends or ()))) if known else [np.nan, np.nan]
        requirements.append(
            Allocated(
                input=lever.input,
                unit=search.sample.units[lever.input],
                side=lever.side,
                value=Estimate(
                    search.value(k, t[k]) if needed[k] else np.nan, around[0], around[-1], verdict.confidence
                ),
                state=_state(bool(needed[k]), bool(inside[k]), bool(loose[k])),
                prior=float(special.ndtr(-t[k])) if needed[k] else 1.0,
                price=float(price[k]),
            )
        )
    conditions = search.conditions(t) if needed.any() else ()
    _, before = search.sample.points(search.question.given)
    _, after = search.sample.points((*search.question.given, *conditions))
    prior = float(after.mean() / before.mean())
    failing = 1.0 - np.array([e.value for e in verdict.each]) - verdict.infeasible
    return Allocation(
        requirements=tuple(requirements),
        demand=float(-np.log(prior)) if search.cost is None else search.priced(t),
        prior=prior,
        wanted=verdict.wanted,
        status=status,
        unequal=unequal,
        verdict=verdict,
        active_limits=tuple(bool(f > 0.02 * (1.0 - verdict.probability)) for f in failing),
        mode=search.sample.mode,
    )
