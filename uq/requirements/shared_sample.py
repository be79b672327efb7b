"""A model asked once on a common sample, so that every later question is cheap and answered on the same points.

Requiring a value does not draw new inputs but moves or thins the same ones (common random numbers), so that
two answers differ by what was required and not by chance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from uq import sampling
from uq.core.array_types import FloatArray
from uq.core.dataset import evaluate
from uq.core.estimate import SEED
from uq.core.problem import Problem, units_of
from uq.core.table import Readable
from uq.requirements.conditioning import chosen_design, germ_bounds, moved, satisfied
from uq.requirements.types import Condition, Verified, asked, check_kind, suffix
from uq.surrogates.base import Surrogate

Feasibility = Callable[[FloatArray], FloatArray]
"""(n, d) physical inputs -> chance (n,) that the true model succeeds there (`Feasibility.probability`)."""

NEEDED_ROWS = 16, 256
"""A thinned sample of one in 16 rows, and of 256 rows (half of a smaller sample), is used as it is; below, the
model is asked at moved points."""

FEW = 6
"""Outputs that a sample's text names."""

FRESH = 4, 1024
"""Where many conditions are asked about in turn, one in 4 points is moved for each, but not fewer than 1024 (or
all)."""


@dataclass(frozen=True)
class Rows:
    """Weighted samples with their answers: x (n, d), mean and std (n, m), chance of being feasible (n,),
    weight (n,) that sums to one, and the prior probability of what was required."""

    x: FloatArray
    """(n, d) inputs in physical units."""
    mean: FloatArray
    """(n, m) outputs in their units."""
    std: FloatArray
    """(n, m) of the prediction error, in the outputs' units."""
    feasible: FloatArray
    """(n,) chance of being feasible, 0 to 1."""
    weight: FloatArray
    """(n,) that sum to one."""
    prior: float
    """Probability of what was required, 0 to 1."""

    @property
    def effective(self) -> float:
        """Effective number of samples, 1 / sum w^2 (Kish)."""
        return float(1.0 / np.sum(self.weight**2))


@dataclass(frozen=True)
class Sample(Readable):
    """A model's answers on points of its inputs' laws.

    `model` is a Problem (whose model is exact: std is zero) or a fitted Surrogate (std is its stated error).
    `design` holds the values of the inputs that a programme chooses.  `feasibility` gives the chance (n,) that the
    true model succeeds at points (n, d), for surrogates that never saw its failures.
    `mode`: how the design answers a sample, in words.
    """

    model: Problem | Surrogate
    unit: FloatArray
    """(n, d) points of the unit cube."""
    rows: Rows
    """The model's answers there."""
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

    def __str__(self) -> str:
        problem, d, m = self.problem, self.problem.dimension, len(self.problem.outputs)
        source = f"a {type(self.model).__name__}" if isinstance(self.model, Surrogate) else "the model"
        failed = max(0.0, float(1.0 - self.rows.weight @ self.rows.feasible))
        at = ", ".join(f"{k} = {v:.6g}{suffix(self.units[k])}" for k, v in self.design.items())
        return (
            f"Sample of {len(self)} points of {d} input{'s' * (d != 1)}{asked(self.mode)}: "
            f"{', '.join(problem.output_names[:FEW])}{', ...' * (m > FEW)} from {source}; infeasible {failed:.2%}"
            + (f"; chosen: {at}" if at else "")
        )

    def chosen(self, design: Mapping[str, float], rows: int | None = None) -> Sample:
        """The same question with other values of some design inputs, on the first `rows` of the points."""
        plan = sampling.Plan(self.unit[:rows], "part of a sample", 0)
        return draw(
            self.model,
            design={**self.design, **design},
            feasibility=self.feasibility,
            mode=self.mode,
            plan=plan,
        )

    @property
    def needed_rows(self) -> float:
        """Effective rows that a thinned sample must keep."""
        return max(len(self) / NEEDED_ROWS[0], min(NEEDED_ROWS[1], 0.5 * len(self)))

    @property
    def fresh(self) -> int:
        """Rows that are moved for one of many conditions."""
        return max(len(self) // FRESH[0], min(FRESH[1], len(self)))

    def under(self, conditions: Sequence[Condition]) -> Rows:
        """The answers under what is required.

        Requirements thin the sample that was asked, at no cost, where enough of it stays; otherwise, and for
        verified values and for designs sized at the required value, the points move and the model is asked again.
        """
        if not conditions:
            return self.rows
        if not any(_asks_again(condition) for condition in conditions):
            germ_bounds(self.problem, conditions)
            rows = thinned(self.problem, self.rows, conditions)
            if rows is not None and rows.effective >= self.needed_rows:
                return rows
        return self.moved(conditions)

    def ladder(self, given: Sequence[Condition], steps: Sequence[Condition]) -> Iterator[Rows]:
        """The answers under `given` and each of `steps` in turn, where every step implies those before it.

        As `under`, but rows that were moved for one step are thinned for the next ones.
        """
        if all(_asks_again(step) for step in steps):
            yield from self.moved_each([(*given, step) for step in steps], self.fresh)
            return
        rows = self.under(given)
        for step in steps:
            if _asks_again(step):
                yield self.moved((*given, step), self.fresh)
                continue
            germ_bounds(self.problem, (*given, step))
            found = thinned(self.problem, rows, (step,))
            if found is None or found.effective < self.needed_rows:
                rows = found = self.moved((*given, step), self.fresh)
            yield found

    def points(
        self, conditions: Sequence[Condition], rows: int | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """The first `rows` points (n, d) of the sample, moved to where the conditions hold, and their weights (n,)."""
        return moved(self.problem, self.unit[:rows], self.rows.x[:rows], self.design, conditions)

    def moved(self, conditions: Sequence[Condition], rows: int | None = None) -> Rows:
        """The answers at `points`."""
        return self._asked(*self.points(conditions, rows))

    def moved_each(self, sets: Sequence[Sequence[Condition]], rows: int | None = None) -> list[Rows]:
        """As `moved` for several sets of conditions.  A true model is asked once for all of them: one that designs
        before it flies then makes its designs together."""
        points = [self.points(conditions, rows) for conditions in sets]
        if isinstance(self.model, Surrogate) or len(points) < 2:
            return [self._asked(*one) for one in points]
        whole = self._asked(np.vstack([x for x, _ in points]), np.concatenate([w for _, w in points]))
        ends = np.cumsum([0, *[len(x) for x, _ in points]])
        return [
            Rows(x, whole.mean[a:b], whole.std[a:b], whole.feasible[a:b], w / w.sum(), float(w.mean()))
            for (x, w), a, b in zip(points, ends[:-1], ends[1:], strict=True)
        ]

    def _asked(self, x: FloatArray, weight: FloatArray) -> Rows:
        mean, std, good = ask(self.model, x)
        if self.feasibility is not None:
            good = good * np.clip(self.feasibility(x), 0.0, 1.0)
        return Rows(x, mean, std, good, weight / weight.sum(), float(weight.mean()))


def _asks_again(condition: Condition) -> bool:
    """Whether a condition moves points, so that thinning does not do: a measured value, or a design sized at it."""
    return bool(condition.design) or isinstance(condition, Verified)


def thinned(problem: Problem, rows: Rows, conditions: Sequence[Condition]) -> Rows | None:
    """The rows where the requirements hold, or None where none is left.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    rows : Rows
        Points, weights and the model's answer.
    conditions : sequence of Condition
        Requirements and verified values under which the sample is taken.

    Returns
    -------
    Rows or None
        Weights of sum 1.
    """
    kept = rows.weight * satisfied(problem, rows.x, conditions)
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


def ask(model: Problem | Surrogate, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean (n, m), std (n, m) and feasibility (n,) of a model at x (n, d).

    Parameters
    ----------
    model : Problem or Surrogate
        What gives the outputs.
    x : ndarray (n, d)
        Physical points.

    Returns
    -------
    tuple of ndarray
        Mean (n, m), standard deviation (n, m) and feasibility (n,)
    """
    if isinstance(model, Surrogate):
        prediction = model.predict(x)
        return prediction.mean, prediction.std, np.ones(len(x))
    data = evaluate(model, x, anywhere=True)
    return data.y, np.zeros_like(data.y), data.feasible.astype(np.float64)


def ask_mean(model: Problem | Surrogate, x: FloatArray) -> FloatArray:
    """Mean (n, m) alone, which some surrogates give at less cost.

    Parameters
    ----------
    model : Problem or Surrogate
        What gives the outputs.
    x : ndarray (n, d)
        Physical points.

    Returns
    -------
    ndarray (n, m)
        In the outputs' units.
    """
    return model.mean(x) if isinstance(model, Surrogate) else evaluate(model, x, anywhere=True).y


def ask_slopes(model: Problem | Surrogate, x: FloatArray) -> FloatArray | None:
    """Derivatives of the mean by the inputs, where a model knows them.

    Parameters
    ----------
    model : Problem or Surrogate
        What gives the outputs.
    x : ndarray (n, d)
        Physical points.

    Returns
    -------
    ndarray (n, m, d) or None
        None of a model that only gives values.
    """
    return model.gradient(x) if isinstance(model, Surrogate) else None


def draw(
    model: Problem | Surrogate,
    n: int = 2**14,
    *,
    seed: int = SEED,
    design: Mapping[str, float] | None = None,
    feasibility: Feasibility | None = None,
    mode: str = "",
    plan: sampling.Plan | None = None,
) -> Sample:
    """Ask a model once on n points of a scrambled Sobol' plan (or on `plan`).

    Inputs of the role *design* are chosen, not drawn: they stay at their value in `design`, or at their median.
    `feasibility` predicts which points fail, for surrogates that never saw failures (`uq.Feasibility.probability`);
    a model says so itself.  `mode` is a word for titles ("fixed", "re-optimised"); it changes no number, but a "fixed"
    or "frozen" design must be given.

    Parameters
    ----------
    model : Problem or Surrogate
        Asked once at every point.
    n : int
        Number of points.
    seed : int
        Of every random choice.
    design : mapping of str to float, optional
        Values of the design inputs; their medians by default.
    feasibility : callable, optional
        Points (n, d) -> chance (n,) that the model succeeds there.
    mode : str
        A word for titles; it changes no number.
    plan : Plan, optional
        Points instead of a scrambled Sobol' sequence of n.

    Returns
    -------
    Sample

    Raises
    ------
    ValueError
        For a plan of another dimension, for a design value outside its input's law or of an input that is drawn, and
        for a mode "fixed" or "frozen" of which a design value is not given.
    KeyError
        For an unknown input in `design`.
    TypeError
        For what answers no question, such as a dataset.
    """
    check_kind(model, (Problem, Surrogate), "a Problem with a model, or a surrogate fitted to its runs")
    problem = model.problem if isinstance(model, Surrogate) else model
    points = plan or sampling.sobol_sequence(n, problem.dimension, seed=seed)
    if points.dimension != problem.dimension:
        raise ValueError(f"the plan has {points.dimension} columns, the problem {problem.dimension} inputs")
    chosen = chosen_design(problem, design, mode)
    none = np.empty((0, 0))
    bare = Sample(model, points.unit, Rows(none, none, none, none, none, 1.0), chosen, feasibility, mode)
    x, _ = moved(problem, points.unit, problem.physical(points.unit), chosen, ())
    return dataclasses.replace(bare, rows=bare._asked(x, np.ones(len(points))))
