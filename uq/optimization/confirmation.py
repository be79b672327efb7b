"""An optimum found on a surrogate, held against the true model by a few of its runs.

A statistic S of outputs y has derivatives w_i by them (see `uq.optimization.objectives`).  What the surrogate misses
it by is, to first order, sum_i w_i (y_i - surrogate_i), a sum over the sample that a few true runs estimate without
bias if row i is drawn with a probability p_i proportional to |w_i|: the mean of w_i (y_i - surrogate_i) / p_i, with
its standard error. For a quantile these are its neighbours, for a mean they are any rows.  What the sample
itself misses S by is known from fresh samples, through the surrogate: of all of them together S is taken, of each
its scatter.

Source: Hesterberg (1995), doi:10.1080/00401706.1995.10484303 (importance sampling); shares: *judgement*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset
from uq.core.estimate import SEED, Estimate
from uq.core.repeatable import one_thread
from uq.core.table import Readable
from uq.optimization.decision import Decision
from uq.optimization.objectives import Goal, Statistic
from uq.optimization.optimum import Optimum
from uq.surrogates.domain import require_same

Run = Callable[[FloatArray], Dataset]

_STANDARD_ERRORS = 2.0
"""Standard errors on either side of a corrected value."""

_FRESH = 10
"""Fresh samples, each as large as that of the search."""

_KNOWN = 5.0
"""Values are known to this many tolerances, designs to one: what is wrong by the same everywhere moves no optimum."""


@dataclass(frozen=True)
class ConfirmedClaims(Readable):
    """Statistics of the true model at an optimum: of the goal, and of each bound, with 95 % intervals.

    `claimed` are the surrogate's values over the sample that was optimised over, `sampled` those of the true model over
    the same sample: what lies between is the surrogate's error.  `true` are those over the laws of the inputs: their
    intervals hold the error of the sample, too, which more runs do not lessen, but more samples do.  `runs` true runs
    were spent, of which the model called `failed` infeasible (these say nothing about the values).
    """

    found: Optimum
    """The optimum that is confirmed."""
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
        for statistic, claim, true in zip(statistics(goal), self.claimed, self.true, strict=True):
            lines.append(f"  {statistic.text(problem)}: claimed {claim:.6g}, true {true}")
        return "\n".join(lines)


def statistics(goal: Goal) -> list[Statistic]:
    """The statistic of the goal, then that of each bound.

    Parameters
    ----------
    goal : Goal
        What is optimised, and the bounds on other outputs.

    Returns
    -------
    list of Statistic
        The goal's first.
    """
    return [goal.statistic, *(bound.statistic for bound in goal.bounds)]


@one_thread()
def confirm(
    decision: Decision, found: Optimum, run: Run, *, runs: int = 32, seed: int = SEED
) -> ConfirmedClaims:
    """Hold an optimum against the true model.

    Parameters
    ----------
    decision : Decision
        Sample, design variables and their bounds.
    found : Optimum
        The result of a search.
    run : Run
        Takes inputs (n, d) and gives their dataset (`uq.evaluate` of the problem, or a campaign)
    runs : int, default 32
        True runs, at most.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    ConfirmedClaims

    Raises
    ------
    ValueError
        If every run is infeasible, if what runs has other columns or units than the surrogate, or for fewer
        than two runs where anything is uncertain: one says nothing about its own error.
    """
    if runs < min(2, len(decision.x)):
        raise ValueError(f"an optimum is confirmed by at least two true runs, got {runs}")
    return confirmed_by(decision, found, run, runs, np.random.default_rng(seed))[0]


@one_thread()
def confirmed_by(
    decision: Decision, found: Optimum, run: Run, runs: int, random: np.random.Generator
) -> tuple[ConfirmedClaims, Dataset]:
    """A confirmation, and the true runs behind it.

    Parameters
    ----------
    decision : Decision
        Sample, design variables and their bounds.
    found : Optimum
        The result of a search.
    run : Run
        Takes inputs (n, d) and gives their dataset.
    runs : int
        True runs, at most.
    random : np.random.Generator
        Generator of the choice of rows.

    Returns
    -------
    tuple of ConfirmedClaims and Dataset
        The claims, and the runs behind them.
    """
    design = np.array([found.design[name] for name in decision.box.names])
    y, _ = decision.outputs(design)
    claims = [statistic.of(decision.problem, y) for statistic in statistics(found.goal)]
    chance = chances([weights for _, weights in claims], y)
    picked, counts = np.unique(systematic(chance, runs, random), return_counts=True)
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
        alone = (
            np.count_nonzero(good) < 2 <= len(chance)
        )  # one run says nothing of its own error, drawn twice neither
        spread = (
            np.inf
            if alone
            else float(np.sqrt(share @ (each - mean) ** 2 / max(share.sum() - 1, 1) / share.sum()))
        )
        own, best = _STANDARD_ERRORS * spread, value + mean
        reach = float(np.hypot(own, scatter))
        sampled.append(Estimate(best, best - own, best + own))
        estimates.append(Estimate(fresh + mean, fresh + mean - reach, fresh + mean + reach))
    claimed = tuple(value for value, _ in claims)
    failed = int(np.sum(~good))
    return ConfirmedClaims(found, claimed, tuple(sampled), tuple(estimates), len(data), failed), data


def _over_the_laws(
    decision: Decision, found: Optimum, random: np.random.Generator
) -> list[tuple[float, float]]:
    """The surrogate's statistics over all of `_FRESH` samples, which did not lead to this design, and the half width of
    their 95 % intervals by Student's t: nets that are scrambled anew scatter as they err."""
    problem, samples = decision.problem, len(decision.x)
    design = np.array([found.design[name] for name in decision.box.names])
    if samples == 1:  # nothing is uncertain
        y = decision.surrogate.mean(decision.rows(design))
        return [(statistic.of(problem, y)[0], 0.0) for statistic in statistics(found.goal)]
    seeds = random.integers(2**31, size=_FRESH).tolist()
    drawn = [
        Decision.of(decision.surrogate, decision.box.names, samples=samples, seed=seed) for seed in seeds
    ]
    ys = [decision.surrogate.mean(one.rows(design)) for one in drawn]
    claims = []
    for statistic in statistics(found.goal):
        scatter = float(np.std([statistic.of(problem, y)[0] for y in ys], ddof=1)) / np.sqrt(_FRESH)
        claims.append(
            (statistic.of(problem, np.vstack(ys))[0], float(special.stdtrit(_FRESH - 1, 0.975)) * scatter)
        )
    return claims


def chances(weights: list[FloatArray], y: FloatArray) -> FloatArray:
    """Probability of each row to be run: a tenth spread evenly, the rest by its influence on the statistics.

    Parameters
    ----------
    weights : list of ndarray (n,)
        What each statistic makes of each row.
    y : ndarray (n, m)
        Predicted outputs.

    Returns
    -------
    ndarray (n,)
        Probabilities.
    """
    spread = np.maximum(y.std(axis=0), 1e-300)
    chance = np.full(len(y), 0.1 / len(y))
    for w in weights:
        felt = np.abs(w * spread).sum(axis=1)
        chance += 0.9 / len(weights) * (felt / felt.sum() if felt.sum() > 0.0 else 1.0 / len(y))
    return chance


def systematic(chance: FloatArray, count: int, random: np.random.Generator) -> NDArray[np.intp]:
    """`count` rows drawn in proportion to their chance, one from each of equal steps of its sum.

    Parameters
    ----------
    chance : ndarray (n,)
        Of each row.
    count : int
        Rows to draw.
    random : np.random.Generator
        Generator of the choice of rows.

    Returns
    -------
    ndarray of int (count,)
        Rows.
    """
    steps = (np.arange(count) + random.random(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(chance), steps), len(chance) - 1)
