"""An optimum found on a surrogate, confirmed by the true model, and refined where the surrogate was wrong.

`confirmed_optimum` repeats: fit, find the optimum, correct it by true runs (`uq.optimization.confirmation`).  If the
correction or the move since the last round matters, the designs are narrowed to a box around the optimum, runs are
added there, and the better of a surrogate of all rows and one of the box alone (by the errors of left-out rows in the
box) goes on.

Sources: Alexandrov, Dennis, Lewis & Torczon (1998), doi:10.1007/BF01197433 (trust regions of approximations);
widths and shares: *judgement*.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.bounds import Box
from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Uniform
from uq.core.estimate import SEED, Estimate
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.table import Readable
from uq.optimization.confirmation import ConfirmedClaims, Run, chances, confirmed_by, statistics, systematic
from uq.optimization.decision import Decision
from uq.optimization.objectives import Goal
from uq.optimization.optimum import Optimum, optimum
from uq.sampling.plans import sobol_sequence
from uq.surrogates.base import Fit, Surrogate
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

FIRST_BOX = 0.25
"""Half width of the first box, as a share of each range; halved in each round whose optimum lies inside."""


@dataclass(frozen=True)
class Round:
    """One round: the box of designs (shares of the ranges), true runs so far, and the confirmed optimum."""

    width: float
    """Of the box, as a share of the ranges."""
    runs: int
    """True runs so far."""
    kind: str
    """What was done, in words."""
    confirmation: ConfirmedClaims
    """By true runs at the round's optimum."""


@dataclass(frozen=True)
class Confirmed(Readable):
    """A confirmed optimum, how it was reached, and all true runs.

    `converged` says whether the optimum moves no longer, its claims agree with the true runs, and no more of these are
    infeasible than was allowed; `reason` says so.
    """

    rounds: tuple[Round, ...]
    """In the order in which they were made."""
    surrogate: Surrogate
    """Of the last round."""
    data: Dataset
    """All true runs."""
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


@one_thread()
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
    seed: int = SEED,
) -> Confirmed:
    """The optimum of `goal` over the inputs of role "design", found to a relative `tolerance` of the goal's statistic.

    It has converged once a round finds nothing better than the design of the round before by more than `tolerance`,
    by a surrogate that has meanwhile learned from runs around it, and the true runs agree (see
    `ConfirmedClaims.agrees`), of which at most a share `failing` may be infeasible: statistics know nothing of rows
    that fail.  Where many fail, give the model an output that says how far it is from failing, and bound that.

    `start` runs over all inputs, `batch` further ones in each narrower box, `checks` at each optimum, `max_runs`
    in all.  `run` evaluates rows (`uq.evaluate` by default), `fit` learns the outputs that the goal names from them.

    Parameters
    ----------
    problem : Problem
        Inputs, outputs and, where it is run, the model.
    goal : Goal
        What is minimised or maximised, and its bounds.
    run : callable, optional
        How rows are evaluated; `uq.evaluate` by default.
    fit : callable
        Learns the outputs that the goal names.
    start : int
        Runs over all inputs.
    batch : int
        Further runs in each narrower box.
    checks : int
        Runs at each optimum.
    max_runs : int
        Runs of the model in all, at most.
    tolerance : float
        Relative, of the goal's statistic.
    failing : float
        Largest share of the runs at the optimum that may fail.
    samples : int
        Points on which statistics are taken.
    seed : int
        Of every random choice.

    Returns
    -------
    Confirmed

    Raises
    ------
    ValueError
        If nothing is to be chosen, if the numbers make no sense, or if too few runs are feasible.
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
    named = {name for statistic in statistics(goal) for name in statistic.outputs}
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
        confirmation, rows = confirmed_by(decision, found, execute, min(checks, len(decision.x)), random)
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
    claims = [statistic.of(decision.problem, y)[1] for statistic in statistics(found.goal)]
    felt = systematic(chances(claims, y), count, random)
    any_row = random.permutation(len(y))[np.arange(count) % len(y)]
    rows = decision.x[np.where(np.arange(count) % 2 == 0, random.permutation(felt), any_row)].copy()
    spread = sobol_sequence(count, len(box.names), seed=int(random.integers(2**31))).unit
    rows[:, [decision.problem.index(name) for name in box.names]] = box.low + box.width * spread
    return rows


def _best_fit(data: Dataset, problem: Problem, whole: Box, box: Box, fit: Fit) -> tuple[Surrogate, str]:
    """The surrogate of all rows or, if it misses the left-out rows of the box by less, that of the box alone."""
    everywhere = fit(data.with_problem(problem))
    if box is whole:
        return everywhere, "global"
    columns = [problem.index(name) for name in box.names]
    inside = ((data.x[:, columns] >= box.low) & (data.x[:, columns] <= box.high)).all(axis=1)
    local = problem.replace({n: Uniform(a, b) for n, a, b in zip(box.names, box.low, box.high, strict=True)})
    try:
        near = fit(data.where(np.flatnonzero(inside)).with_problem(local))
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
    x, y = np.vstack([one.x, two.x]), np.vstack([one.y, two.y])
    return Dataset(one.problem, x, y, np.concatenate([one.status, two.status]), provenance)
