"""An optimum found on a surrogate, confirmed by the true model, and refined where the surrogate was wrong.

A statistic S of outputs y has derivatives w_i by them (see `uq.optimization.objectives`).  What the surrogate misses
it by is, to first order, sum_i w_i (y_i - surrogate_i), a sum over the sample that a few true runs estimate without
bias if row i is drawn with a probability p_i proportional to |w_i|: the mean of w_i (y_i - surrogate_i) / p_i, with
its standard error. For a quantile these are the rows beside it, for a mean they are any rows.  What the sample
itself misses S by is known from fresh samples, through the surrogate: of all of them together S is taken, of each
its scatter.

`confirmed_optimum` repeats: fit, find the optimum, correct it by such runs.  If the correction or the move since the
last round matters, the designs are narrowed to a box around the optimum, runs are added there, and the better of a
surrogate of all rows and one of the box alone (by the errors of left-out rows in the box) goes on.

Sources: Alexandrov, Dennis, Lewis & Torczon (1998), doi:10.1007/BF01197433 (trust regions of approximations);
Hesterberg (1995), doi:10.1080/00401706.1995.10484303 (importance sampling); widths and shares: *judgement*.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.bounds import Box
from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Uniform
from uq.core.estimate import Estimate
from uq.core.problem import Problem
from uq.core.table import as_lines, as_pretty
from uq.optimization.objectives import Goal, Statistic
from uq.optimization.optimum import Decision, Optimum, optimum
from uq.sampling.plans import sobol_sequence
from uq.surrogates.base import Surrogate
from uq.surrogates.domain import require_same
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

Run = Callable[[FloatArray], Dataset]
Fit = Callable[[Dataset, Problem], Surrogate]

FIRST_BOX = 0.25
"""Half width of the first box, as a share of each range; halved in each round whose optimum lies inside."""

_STANDARD_ERRORS = 2.0
"""Standard errors on either side of a corrected value."""

_FRESH = 10
"""Fresh samples, each as large as that of the search."""

_KNOWN = 5.0
"""Values are known to this many tolerances, designs to one: what is wrong by the same everywhere moves no optimum."""


@dataclass(frozen=True)
class Confirmation:
    """Statistics of the true model at an optimum: of the goal, and of each bound, with 95 % intervals.

    `claimed` are the surrogate's values over the sample that was optimised over, `sampled` those of the true model over
    the same sample: what lies between is the surrogate's error.  `true` are those over the laws of the inputs: their
    intervals hold the error of the sample, too, which more runs do not lessen, but more samples do.  `runs` true runs
    were spent, of which the model called `failed` infeasible (these say nothing about the values).
    """

    found: Optimum
    claimed: tuple[float, ...]
    sampled: tuple[Estimate, ...]
    true: tuple[Estimate, ...]
    runs: int
    failed: int

    @property
    def failing(self) -> float:
        """Share of the runs that the model called infeasible."""
        return self.failed / self.runs

    def wrong_by(self, k: int = 0) -> float:
        """How far claim k may lie from the true model's value over the same sample, relative."""
        estimate = self.sampled[k]
        worst = max(abs(self.claimed[k] - estimate.low), abs(self.claimed[k] - estimate.high))
        return worst / max(abs(estimate.value), 1e-300)

    def agrees(self, tolerance: float) -> bool:
        """Whether every claim lies in its interval over the same sample or within the relative `tolerance` of its
        middle, none of them wrong by more than five times that.  A bound that is met with room to spare may be
        wrong by its room."""
        return all(self._agrees(k, tolerance) for k in range(len(self.sampled)))

    def _agrees(self, k: int, tolerance: float) -> bool:
        claim, true = self.claimed[k], self.sampled[k]
        if k > 0:
            bound = self.found.goal.bounds[k - 1]
            if (
                bound.low < true.low - (true.high - true.low)
                and true.high + (true.high - true.low) < bound.high
            ):
                return True
        near = abs(claim - true.value) <= tolerance * abs(true.value)
        return (near or true.holds(claim)) and self.wrong_by(k) <= _KNOWN * tolerance

    def __str__(self) -> str:
        problem, goal = self.found.problem, self.found.goal
        lines = [str(self.found), f"confirmed by {self.runs} true runs ({self.failed} of them infeasible):"]
        for statistic, claim, true in zip(_statistics(goal), self.claimed, self.true, strict=True):
            lines.append(f"  {statistic.text(problem)}: claimed {claim:.6g}, true {true}")
        return "\n".join(lines)

    _repr_pretty_, _repr_html_ = as_pretty, as_lines


def _statistics(goal: Goal) -> list[Statistic]:
    return [goal.statistic, *(bound.statistic for bound in goal.bounds)]


def confirm(decision: Decision, found: Optimum, run: Run, *, runs: int = 32, seed: int = 1) -> Confirmation:
    """Hold an optimum against the true model: `run` takes inputs (n, d) and gives their dataset (`uq.evaluate`
    of the problem, or a campaign).

    Raises ValueError if every run is infeasible, if what runs has other columns or units than the surrogate, or for
    fewer than two runs where anything is uncertain: one says nothing about its own error.
    """
    if runs < min(2, len(decision.x)):
        raise ValueError(f"an optimum is confirmed by at least two true runs, got {runs}")
    return _confirm(decision, found, run, runs, np.random.default_rng(seed))[0]


def _confirm(
    decision: Decision, found: Optimum, run: Run, runs: int, random: np.random.Generator
) -> tuple[Confirmation, Dataset]:
    design = np.array([found.design[name] for name in decision.box.names])
    y, _ = decision.outputs(design)
    claims = [statistic.of(decision.problem, y) for statistic in _statistics(found.goal)]
    chance = _chances([weights for _, weights in claims], y)
    picked, counts = np.unique(_systematic(chance, runs, random), return_counts=True)
    data = run(decision.rows(design)[picked])
    require_same(decision.problem, data.problem)
    good = data.feasible
    if not good.any():
        raise ValueError(f"all {len(data)} true runs at the optimum are infeasible: {data.counts()}")
    true = np.stack([data[name] for name in decision.problem.output_names], axis=1)
    missed = np.where(good[:, None], true - y[picked], 0.0)
    sampled, estimates = [], []
    beyond = _over_the_laws(decision, found, random)
    for (value, weights), (fresh, scatter) in zip(claims, beyond, strict=True):
        each = np.einsum("nm,nm->n", weights[picked], missed) / chance[picked]
        share = counts * good
        mean = float(share @ each / share.sum())
        alone = share.sum() < 2 <= len(chance)  # one feasible run says nothing about its own error
        spread = (
            np.inf
            if alone
            else float(np.sqrt(share @ (each - mean) ** 2 / max(share.sum() - 1, 1) / share.sum()))
        )
        reach = float(np.hypot(_STANDARD_ERRORS * spread, scatter))
        sampled.append(
            Estimate(
                value + mean,
                value + mean - _STANDARD_ERRORS * spread,
                value + mean + _STANDARD_ERRORS * spread,
            )
        )
        estimates.append(Estimate(fresh + mean, fresh + mean - reach, fresh + mean + reach))
    claimed = tuple(value for value, _ in claims)
    failed = int(np.sum(~good))
    return Confirmation(found, claimed, tuple(sampled), tuple(estimates), len(data), failed), data


def _over_the_laws(
    decision: Decision, found: Optimum, random: np.random.Generator
) -> list[tuple[float, float]]:
    """The surrogate's statistics over all of `_FRESH` samples, which did not lead to this design, and the half width of
    their 95 % intervals by Student's t: nets that are scrambled anew scatter as they err."""
    problem, samples = decision.problem, len(decision.x)
    design = np.array([found.design[name] for name in decision.box.names])
    if samples == 1:  # nothing is uncertain
        y = decision.surrogate.mean(decision.rows(design))
        return [(statistic.of(problem, y)[0], 0.0) for statistic in _statistics(found.goal)]
    seeds = random.integers(2**31, size=_FRESH).tolist()
    drawn = [
        Decision.of(decision.surrogate, decision.box.names, samples=samples, seed=seed) for seed in seeds
    ]
    ys = [decision.surrogate.mean(one.rows(design)) for one in drawn]
    claims = []
    for statistic in _statistics(found.goal):
        scatter = float(np.std([statistic.of(problem, y)[0] for y in ys], ddof=1)) / np.sqrt(_FRESH)
        claims.append(
            (statistic.of(problem, np.vstack(ys))[0], float(special.stdtrit(_FRESH - 1, 0.975)) * scatter)
        )
    return claims


def _chances(weights: list[FloatArray], y: FloatArray) -> FloatArray:
    """(n,) probability of each row to be run: a tenth spread evenly, the rest by what the statistics feel."""
    spread = np.maximum(y.std(axis=0), 1e-300)
    chance = np.full(len(y), 0.1 / len(y))
    for w in weights:
        felt = np.abs(w * spread).sum(axis=1)
        chance += 0.9 / len(weights) * (felt / felt.sum() if felt.sum() > 0.0 else 1.0 / len(y))
    return chance


def _systematic(chance: FloatArray, count: int, random: np.random.Generator) -> NDArray[np.intp]:
    """`count` rows drawn in proportion to their chance, one from each of equal steps of its sum."""
    steps = (np.arange(count) + random.random(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(chance), steps), len(chance) - 1)


# -- refinement -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Round:
    """One round: the box of designs (shares of the ranges), true runs so far, and the confirmed optimum."""

    width: float
    runs: int
    kind: str
    confirmation: Confirmation


@dataclass(frozen=True)
class Confirmed:
    """A confirmed optimum, how it was reached, and all true runs.

    `converged` says whether the optimum moves no longer, its claims agree with the true runs, and no more of these are
    infeasible than was allowed; `reason` says so.
    """

    rounds: tuple[Round, ...]
    surrogate: Surrogate
    data: Dataset
    converged: bool
    reason: str

    @property
    def optimum(self) -> Optimum:
        """Of the last round."""
        return self.rounds[-1].confirmation.found

    @property
    def value(self) -> Estimate:
        """Of the goal's statistic, by the true model."""
        return self.rounds[-1].confirmation.true[0]

    @property
    def runs(self) -> int:
        """True runs of the model in all rounds."""
        return self.rounds[-1].runs

    def __str__(self) -> str:
        lines = [f"{'round':>5} {'runs':>6} {'box':>6} {'surrogate':>9} {'claimed':>12}  true"]
        for k, r in enumerate(self.rounds):
            c = r.confirmation
            lines.append(
                f"{k + 1:5d} {r.runs:6d} {r.width:6.2f} {r.kind:>9} {c.claimed[0]:12.6g}  {c.true[0]}"
            )
        return "\n".join([*lines, str(self.rounds[-1].confirmation), self.reason])

    _repr_pretty_, _repr_html_ = as_pretty, as_lines


def confirmed_optimum(
    problem: Problem,
    goal: Goal,
    *,
    run: Run | None = None,
    fit: Fit = PolynomialChaos.fit,
    start: int = 256,
    batch: int = 64,
    checks: int = 32,
    max_runs: int = 1000,
    tolerance: float = 1e-3,
    failing: float = 0.0,
    samples: int = 2048,
    seed: int = 1,
) -> Confirmed:
    """The optimum of `goal` over the inputs of role "design", found to a relative `tolerance` of the goal's statistic.

    It has converged once a round finds nothing better than the design of the round before by more than `tolerance`,
    by a surrogate that has meanwhile learned from runs around it, and the true runs agree (see
    `Confirmation.agrees`), of which at most a share `failing` may be infeasible: statistics know nothing of rows that
    fail.  Where many fail, give the model an output that says how far it is from failing, and bound that.

    `start` runs over all inputs, `batch` further ones in each narrower box, `checks` at each optimum, `max_runs`
    in all.  `run` evaluates rows (`uq.evaluate` by default), `fit` learns the outputs that the goal names from them.
    Raises ValueError if nothing is to be chosen, if the numbers make no sense, or if too few runs are feasible.
    """
    if not (
        start > 0
        and batch > 0
        and checks > 1
        and max_runs >= start + checks
        and tolerance > 0.0
        and 0.0 <= failing < 1.0
    ):
        raise ValueError(
            "needs start, batch > 0, checks > 1, max_runs >= start + checks, tolerance > 0, failing from 0 to below 1; "
            f"got max_runs = {max_runs}"
        )
    execute = run or partial(evaluate, problem)
    named = {name for statistic in _statistics(goal) for name in statistic.outputs}
    for name in named:
        problem.output_index(name)  # raises with the nearest name
    asked = dataclasses.replace(problem, outputs=tuple(o for o in problem.outputs if o.name in named))
    random = np.random.default_rng(seed)
    whole = Box.of(problem, [i.name for i in problem.inputs if i.role == "design"])
    data = execute(problem.physical(sobol_sequence(start, problem.dimension, seed=seed).unit))
    box, width = whole, 0.5
    rounds: list[Round] = []
    while True:
        surrogate, kind = _best_fit(data, asked, whole, box, fit)
        decision = Decision.of(surrogate, whole.names, samples=samples, seed=seed)
        found = optimum(decision, goal, seed=seed)
        design = np.array(list(found.design.values()))
        inside = not box.edges(design) or set(box.edges(design)) <= set(whole.edges(design))
        found = dataclasses.replace(found, problem=asked, edges=whole.edges(design))
        confirmation, rows = _confirm(decision, found, execute, min(checks, len(decision.x)), random)
        data = _joined(data, rows)
        moved = _regret(decision, goal, rounds[-1].confirmation.found, found) if rounds else np.inf
        rounds.append(Round(2.0 * width, len(data), kind, confirmation))
        fails = f"{confirmation.failed} of {confirmation.runs} runs at the optimum ({confirmation.failing:.0%}) fail"
        if (
            inside
            and moved <= tolerance
            and confirmation.agrees(tolerance)
            and confirmation.failing <= failing
        ):
            known = max(confirmation.wrong_by(k) for k in range(len(confirmation.true)))
            reason = f"converged: better than the design before by {moved:.1g}; claims are wrong by at most {known:.1g}"
            reason += f"; {fails}" if confirmation.failed else ""
            return Confirmed(tuple(rounds), surrogate, data, True, reason)
        if len(data) + batch + checks > max_runs:
            wrong = confirmation.wrong_by()
            reason = (
                f"not converged within {max_runs} true runs: wrong by up to {wrong:.2g}, moved {moved:.2g}"
            )
            reason += f"; {fails}, allowed are {failing:.0%}" if confirmation.failing > failing else ""
            return Confirmed(tuple(rounds), surrogate, data, False, reason)
        width = min(width, 2.0 * FIRST_BOX) * (0.5 if inside else 1.0)
        box = _around(whole, design, width)
        data = _joined(data, execute(_rows_in(decision, found, box, batch, random)))


def _regret(decision: Decision, goal: Goal, before: Optimum, now: Optimum) -> float:
    """What the optimum before loses to the one now, by the present surrogate: the largest of its loss of the goal's
    statistic, relative to that, and of what it misses each bound by beyond the one now, relative to what is bounded."""
    design = np.array(list(before.design.values()))
    sign = 1.0 if goal.sense == "minimize" else -1.0
    loss = sign * (decision.value(goal.statistic, design)[0] - now.value) / max(abs(now.value), 1e-300)
    for bound, missing in zip(goal.bounds, now.missing, strict=True):
        value = decision.value(bound.statistic, design)[0]
        loss = max(loss, (bound.missing(value) - missing) / max(abs(value), 1e-300))
    return abs(loss)


def _around(whole: Box, design: FloatArray, width: float) -> Box:
    """The box of half `width` (a share of each range) around a design, moved to lie within the whole."""
    half = width * whole.width
    centre = np.clip(design, whole.low + half, whole.high - half)
    return Box(whole.names, centre - half, centre + half)


def _rows_in(
    decision: Decision, found: Optimum, box: Box, count: int, random: np.random.Generator
) -> FloatArray:
    """Rows to run: designs spread over the box, every other one with germs that the statistics feel."""
    y, _ = decision.outputs(np.array(list(found.design.values())))
    claims = [statistic.of(decision.problem, y)[1] for statistic in _statistics(found.goal)]
    felt = _systematic(_chances(claims, y), count, random)
    any_row = random.permutation(len(y))[np.arange(count) % len(y)]
    rows = decision.x[np.where(np.arange(count) % 2 == 0, random.permutation(felt), any_row)].copy()
    spread = sobol_sequence(count, len(box.names), seed=int(random.integers(2**31))).unit
    rows[:, [decision.problem.index(name) for name in box.names]] = box.low + box.width * spread
    return rows


def _best_fit(data: Dataset, problem: Problem, whole: Box, box: Box, fit: Fit) -> tuple[Surrogate, str]:
    """The surrogate of all rows or, if it misses the left-out rows of the box by less, that of the box alone."""
    everywhere = fit(data, problem)
    if box is whole:
        return everywhere, "global"
    columns = [problem.index(name) for name in box.names]
    inside = ((data.x[:, columns] >= box.low) & (data.x[:, columns] <= box.high)).all(axis=1)
    local = problem.replace({n: Uniform(a, b) for n, a, b in zip(box.names, box.low, box.high, strict=True)})
    try:
        near = fit(data.where(np.flatnonzero(inside)), local)
    except ValueError:  # too few feasible rows in the box
        return everywhere, "global"

    def missed(surrogate: Surrogate) -> FloatArray:
        designs = surrogate.x[:, columns]
        within = ((designs >= box.low) & (designs <= box.high)).all(axis=1)
        return np.sqrt(np.mean(surrogate.residuals[within] ** 2, axis=0))

    spread = np.array([data[name][data.feasible].std() for name in problem.output_names])
    return (
        (near, "local")
        if (missed(near) / spread).sum() < (missed(everywhere) / spread).sum()
        else (everywhere, "global")
    )


def _joined(one: Dataset, two: Dataset) -> Dataset:
    provenance: dict[str, Any] = {**one.provenance, "scheme": "refinement", "details": {}}
    return Dataset.from_arrays(
        one.problem,
        np.vstack([one.x, two.x]),
        np.vstack([one.y, two.y]),
        status=np.concatenate([one.status, two.status]),
        provenance=provenance,
    )
