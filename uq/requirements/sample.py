"""A model asked once on a common sample, so that every later question is cheap and answered on the same points.

Levying a requirement does not draw new inputs but moves or thins the same ones (common random numbers), so that
two answers differ by what was levied and not by chance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from uq import sampling
from uq.problem import SMALLEST_PROBABILITY, Columns, Problem
from uq.requirements.terms import (
    Estimate,
    Levy,
    Limit,
    Requirement,
    Verified,
    units_of,
    wilson,
)
from uq.surrogates.base import Surrogate

FloatArray = NDArray[np.float64]

Feasibility = Callable[[Columns], FloatArray]
"""Named columns of inputs -> chance (n,) that the true model succeeds there."""

ENOUGH = 1.0 / 16.0
"""A thinned sample of this share of the whole is used as it is; below, the model is asked at moved points."""

FRESH = 4
"""On a ladder of levies, one of this many points is moved."""

RAREST = 1e-7
"""Requirements that hold together with a smaller prior probability are taken to contradict each other."""


# -- the inputs under requirements --------------------------------------------------------------------------------


def conditioned(problem: Problem, unit: ArrayLike, levies: Sequence[Levy]) -> tuple[FloatArray, FloatArray]:
    """Points (n, d) of the unit cube -> points (n, d) of the unit cube under `levies`, and weights (n,).

    With germs w = L z, L L' = correlation, levied inputs first: a verified input sets w_j = Phi^-1(F_j(value)), a
    required one draws z_j from its truncated normal law given those before it.  The weight is the probability of
    each truncation given those before it, so that weighted points follow the prior law conditioned on all levies,
    and the mean weight is the prior probability of the requirements.  Without dependence all weights are equal.

    Source: Geweke (1991), Hajivassiliou & McFadden (1998), the GHK simulator; Genz (1992).
    Raises ValueError for contradictory or impossible levies, KeyError for unknown inputs.
    """
    rows = np.clip(np.asarray(unit, dtype=np.float64), SMALLEST_PROBABILITY, 1.0 - 2.0**-53)
    set_to = {problem.index(v.input): v for v in levies if isinstance(v, Verified)}
    bounds = germ_bounds(problem, levies)
    order = [*set_to, *[j for j in bounds if j not in set_to]]
    order += [j for j in range(problem.dimension) if j not in order]
    germ = special.ndtri(rows)
    correlation = np.eye(problem.dimension) if problem.correlation is None else problem.correlation
    factor = np.linalg.cholesky(correlation[np.ix_(order, order)])
    z = germ[:, order]
    w = np.empty_like(z)
    weight = np.ones(len(rows))
    for k, j in enumerate(order):
        before = z[:, :k] @ factor[k, :k]
        if j in set_to:
            value = set_to[j].value + set_to[j].error * germ[:, j]
            law = problem.inputs[j].distribution
            z[:, k] = (_germ_of(law.cdf(value)) - before) / factor[k, k]
            if j in bounds and not set_to[j].error:
                low, high = bounds[j]
                weight *= (before + factor[k, k] * z[:, k] >= low) & (before + factor[k, k] * z[:, k] <= high)
        elif j in bounds:
            low, high = ((bound - before) / factor[k, k] for bound in bounds[j])
            z[:, k], mass = _truncated(rows[:, j], low, high)
            weight *= mass
        w[:, k] = before + factor[k, k] * z[:, k]
    if not weight.mean() > RAREST:
        texts = "; ".join(levy.text(units_of(problem)) for levy in levies)
        raise ValueError(
            f"the requirements contradict each other or the inputs' laws: {texts} hold together with a prior "
            f"probability of {weight.mean():.1g}; relax the most demanding one"
        )
    back = np.empty_like(w)
    back[:, order] = w
    if problem.correlation is not None:
        back = np.linalg.solve(np.linalg.cholesky(problem.correlation), back.T).T
    return special.ndtr(back), weight


def _germ_of(probability: FloatArray) -> FloatArray:
    return special.ndtri(np.clip(probability, SMALLEST_PROBABILITY, 1.0 - 2.0**-53))


def germ_bounds(problem: Problem, levies: Sequence[Levy]) -> dict[int, tuple[float, float]]:
    """Germ-space interval of every required input; several requirements on one input intersect."""
    found: dict[int, tuple[float, float]] = {}
    for levy in levies:
        j = problem.index(levy.input)
        if not isinstance(levy, Requirement):
            continue
        law = problem.inputs[j].distribution
        # just below low, so that a discrete law keeps the value itself
        low = special.ndtri(law.cdf(np.nextafter(levy.low, -np.inf))) if np.isfinite(levy.low) else -np.inf
        high = special.ndtri(law.cdf(levy.high)) if np.isfinite(levy.high) else np.inf
        before = found.get(j, (-np.inf, np.inf))
        found[j] = (max(before[0], float(low)), min(before[1], float(high)))
        if not found[j][0] < found[j][1]:
            raise ValueError(
                f"requirements on {levy.input!r} contradict each other or its law, which lies in "
                f"[{law.support[0]:.6g}, {law.support[1]:.6g}]: {levy.text(units_of(problem))} leaves nothing"
            )
    return found


def _truncated(u: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Standard normal truncated to [low, high], by inversion in the tail that keeps its digits, and its mass."""
    upper = low > 0.0
    a = np.where(upper, special.ndtr(-high), special.ndtr(low))
    b = np.where(upper, special.ndtr(-low), special.ndtr(high))
    p = np.where(upper, b - u * (b - a), a + u * (b - a))
    z = special.ndtri(np.clip(p, 1e-300, 1.0 - 2.0**-53))
    return np.clip(np.where(upper, -z, z), low, high), b - a


# -- the model asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """Weighted samples with their answers: x (n, d), mean and std (n, m), chance of being feasible (n,),
    weight (n,) that sums to one, and the prior probability of what was levied."""

    x: FloatArray
    mean: FloatArray
    std: FloatArray
    feasible: FloatArray
    weight: FloatArray
    prior: float

    @property
    def effective(self) -> float:
        """Effective number of samples, 1 / sum w^2 (Kish)."""
        return float(1.0 / np.sum(self.weight**2))


@dataclass(frozen=True)
class Sample:
    """A model's answers on points of its inputs' laws.

    `model` is a Problem (whose model is the truth: std is zero) or a fitted Surrogate (std is its stated error).
    `design` holds the values of the inputs that a programme chooses.  `feasibility` gives the chance (n,) that the
    true model succeeds at named columns, for surrogates that never saw its failures.  `mode`: adaptive or frozen.
    """

    model: Problem | Surrogate
    unit: FloatArray
    rows: Rows
    design: Mapping[str, float] = field(default_factory=dict)
    feasibility: Feasibility | None = None
    mode: str = ""

    @property
    def problem(self) -> Problem:
        """The inputs, their laws and dependence, and the outputs."""
        return self.model.problem if isinstance(self.model, Surrogate) else self.model

    @property
    def units(self) -> dict[str, str]:
        """The unit of every input and output."""
        return units_of(self.problem)

    def __len__(self) -> int:
        return len(self.unit)

    def under(self, levies: Sequence[Levy]) -> Rows:
        """The answers under what is levied.

        Requirements thin the sample that was asked, at no cost, where enough of it stays; otherwise, and for
        verified values and for designs sized at the required value, the points move and the model is asked again.
        """
        if not levies:
            return self.rows
        if not any(_asks_again(levy) for levy in levies):
            germ_bounds(self.problem, levies)
            rows = thinned(self.problem, self.rows, levies)
            if rows is not None and rows.effective >= ENOUGH * len(self):
                return rows
        return self.moved(levies)

    def ladder(self, given: Sequence[Levy], steps: Sequence[Levy]) -> Iterator[Rows]:
        """The answers under `given` and each of `steps` in turn, where every step implies those before it.

        As `under`, but rows that were moved for one step are thinned for the next ones.
        """
        rows = self.under(given) if not all(_asks_again(step) for step in steps) else self.rows
        for step in steps:
            if _asks_again(step):
                yield self.moved((*given, step), len(self) // FRESH)
                continue
            germ_bounds(self.problem, (*given, step))
            found = thinned(self.problem, rows, (step,))
            if found is None or found.effective < ENOUGH * len(self):
                rows = found = self.moved((*given, step), len(self) // FRESH)
            yield found

    def moved(self, levies: Sequence[Levy], rows: int | None = None) -> Rows:
        """The answers on the first `rows` points of the sample, moved to where the levies hold."""
        unit, weight = conditioned(self.problem, self.unit[:rows], levies)
        return self._asked(unit, weight, levies)

    def _asked(self, unit: FloatArray, weight: FloatArray, levies: Sequence[Levy]) -> Rows:
        x = placed(self.problem, unit, self.design, levies)
        mean, std, good = ask(self.model, x)
        if self.feasibility is not None:
            good = good * np.clip(self.feasibility(self.problem.columns(x)), 0.0, 1.0)
        return Rows(x, mean, std, good, weight / weight.sum(), float(weight.mean()))


def _asks_again(levy: Levy) -> bool:
    """Whether a levy moves points, so that thinning does not do: a measured value, or a design sized at it."""
    return bool(levy.design) or isinstance(levy, Verified)


def thinned(problem: Problem, rows: Rows, levies: Sequence[Levy]) -> Rows | None:
    """The rows where the requirements hold, or None where none is left."""
    kept = rows.weight * satisfied(problem, rows.x, levies)
    total = float(kept.sum())
    if not total > 0.0:
        return None
    some = kept > 0.0
    return Rows(
        rows.x[some],
        rows.mean[some],
        rows.std[some],
        rows.feasible[some],
        kept[some] / total,
        rows.prior * total,
    )


def satisfied(problem: Problem, x: FloatArray, levies: Sequence[Levy]) -> FloatArray:
    """(n,) ones where all requirements hold at x, zeros elsewhere."""
    hold = np.ones(len(x))
    for levy in levies:
        if isinstance(levy, Requirement):
            value = x[:, problem.index(levy.input)]
            hold *= (value >= levy.low) & (value <= levy.high)
    return hold


def placed(
    problem: Problem, unit: FloatArray, design: Mapping[str, float], levies: Sequence[Levy]
) -> FloatArray:
    """Physical points of a unit plan: design inputs at their chosen or required value, verified ones as
    measured."""
    x = problem.physical(unit)
    for name, value in sized_at(design, levies).items():
        x[:, problem.index(name)] = value
    for levy in levies:
        if isinstance(levy, Verified) and not levy.error:
            x[:, problem.index(levy.input)] = levy.value
    return x


def sized_at(design: Mapping[str, float], levies: Sequence[Levy]) -> dict[str, float]:
    """Values of the design inputs: as chosen, or as the levies ask."""
    return {**design, **{levy.design: levy.value for levy in levies if levy.design}}


def ask(model: Problem | Surrogate, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean (n, m), std (n, m) and feasibility (n,) of a model at x (n, d)."""
    if isinstance(model, Surrogate):
        prediction = model.predict(x)
        return prediction.mean, prediction.std, np.ones(len(x))
    data = model.evaluate(x)
    return data.y, np.zeros_like(data.y), data.feasible.astype(np.float64)


def ask_mean(model: Problem | Surrogate, x: FloatArray) -> FloatArray:
    """Mean (n, m) alone, which some surrogates give at less cost."""
    return model.mean(x) if isinstance(model, Surrogate) else model.evaluate(x).y


def draw(
    model: Problem | Surrogate,
    n: int = 2**14,
    *,
    seed: int = 1,
    design: Mapping[str, float] | None = None,
    feasibility: Feasibility | None = None,
    mode: str = "",
    plan: sampling.Plan | None = None,
) -> Sample:
    """Ask a model once on n points of a scrambled Sobol' plan (or on `plan`).

    Inputs of the role *design* are chosen, not drawn: they stay at their value in `design`, or at their median.
    Raises ValueError for a plan of another dimension, KeyError for an unknown design input.
    """
    problem = model.problem if isinstance(model, Surrogate) else model
    points = plan or sampling.sobol(n, problem.dimension, seed=seed)
    if points.dimension != problem.dimension:
        raise ValueError(f"the plan has {points.dimension} columns, the problem {problem.dimension} inputs")
    chosen = {i.name: float(i.distribution.ppf(0.5)) for i in problem.inputs if i.role == "design"}
    for name, value in (design or {}).items():
        problem.index(name)
        chosen[name] = float(value)
    none = np.empty((0, 0))
    bare = Sample(model, points.unit, Rows(none, none, none, none, none, 1.0), chosen, feasibility, mode)
    return dataclasses.replace(bare, rows=bare._asked(points.unit, np.ones(len(points)), ()))


# -- what a sample says -------------------------------------------------------------------------------------------


def passing(rows: Rows, limits: Sequence[Limit], problem: Problem) -> FloatArray:
    """(n, 1 + k + 2k): the chance of each row to meet all k limits, each limit, and all of them with the surrogate
    one standard error above and below at the output of each limit in turn.

    A prediction is N(mean, std): the chance to meet one limit is Phi((high - mean)/std) - Phi((low - mean)/std).
    """
    each = np.empty((len(rows.weight), len(limits)))
    shifted = np.empty((len(rows.weight), len(limits), 2))
    for k, limit in enumerate(limits):
        column = problem.output_index(limit.output)
        mean, std = rows.mean[:, column], rows.std[:, column]
        each[:, k] = chance(mean, std, limit)
        for s, moved in enumerate((mean + std, mean - std)):
            shifted[:, k, s] = (moved >= limit.low) & (moved <= limit.high)
    for k in range(len(limits)):
        shifted[:, k] *= np.prod(np.delete(each, k, axis=1), axis=1)[:, None]
    answers = [np.prod(each, axis=1)[:, None], each, shifted.reshape(len(each), -1)]
    return rows.feasible[:, None] * np.hstack(answers)


def chance(mean: FloatArray, std: FloatArray, limit: Limit) -> FloatArray:
    """(n,) chance that N(mean, std) lies within the limit; a step where std is zero, zero where mean is NaN."""
    certain = (mean >= limit.low) & (mean <= limit.high)
    doubtful = std > 0.0
    if not doubtful.any():
        return certain.astype(np.float64)
    scale = np.where(doubtful, std, 1.0)
    spread = special.ndtr((limit.high - mean) / scale) - special.ndtr((limit.low - mean) / scale)
    return np.where(doubtful, np.nan_to_num(spread), certain)


def share(
    weight: FloatArray, tally: FloatArray, limits: int, confidence: float
) -> tuple[Estimate, tuple[Estimate, ...]]:
    """Joint compliance and that of each limit from weights (n,) and `passing` (n, 1 + 3k), with intervals.

    Wilson's interval at the effective size 1/n = 1/n_weights + v / (p (1 - p)), where v is the variance from the
    surrogate: its error at each output taken as one common shift of a standard error over all rows (conservative:
    errors that change sign from row to row largely cancel), outputs independent.
    """
    seen = np.clip(weight @ tally, 0.0, 1.0)
    n = 1.0 / float(np.sum(weight**2))
    half = 0.5 * (seen[1 + limits :: 2] - seen[2 + limits :: 2])
    joint = proportion(float(seen[0]), n, float(np.sum(half**2)), confidence)
    each = tuple(proportion(float(seen[1 + k]), n, float(half[k] ** 2), confidence) for k in range(limits))
    return joint, each


def proportion(p: float, n: float, variance: float, confidence: float) -> Estimate:
    """A proportion of n effective samples with a further `variance` from the surrogate, by Wilson's interval."""
    spread = max(p * (1.0 - p), 1e-12)
    return Estimate(p, *wilson(p, 1.0 / (1.0 / n + variance / spread), confidence))
