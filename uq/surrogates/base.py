"""The one abstraction of a surrogate: a fitted stand-in for a model, with the error of each prediction."""

from __future__ import annotations

import dataclasses
import os
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset, strays
from uq.core.estimate import SEED
from uq.core.model import rows_of
from uq.core.model_version import model_version
from uq.core.problem import Columns, Problem
from uq.core.table import Table, Tabled, header
from uq.sampling.coverage import require_rows_off_curves, unseen_parts
from uq.sampling.plans import sobol_sequence
from uq.surrogates.archive import save_surrogate

LEVEL = 0.9
"""Intervals mean +- HALF_WIDTH std are made to hold this share of fresh points."""
HALF_WIDTH = 1.6448536269514722
"""The normal law's 95 % quantile."""

MINIMUM_ROWS = 5
"""Fewer feasible rows than this say nothing about a function."""

_LAW_POINTS = 10
"""log2 of the points of the inputs' laws at which a claimed error looks."""
_COVERED = 0.5
"""Rows between whose extremes lies less than this share of an input's law are not drawn from it (*judgement*)."""

_TOGETHER = 1e-9
_NAMED = 8
"""Inputs that are named where a surrogate shows itself."""


@dataclass(frozen=True)
class Prediction:
    """Predicted mean and standard deviation of the prediction error, both (n, m), in the outputs' units."""

    mean: FloatArray
    """(n, m) in the outputs' units."""
    std: FloatArray
    """(n, m) of the prediction error, in the outputs' units."""


class Surrogate(Tabled):
    """A fitted stand-in for the model of `problem` (whose outputs are those that it predicts).

    `x` (n, d) are the rows that it was trained on, `residuals` (n, m) what each is missed by when it is left out,
    including what learning adds to the error (found by learning again without folds of the rows).  Subclasses are
    frozen dataclasses, made by their own ``fit(data, problem, ...)``; they read like the equation that they evaluate.
    A surrogate is a Model: calling it with named columns gives named columns.
    """

    problem: Problem
    x: FloatArray
    residuals: FloatArray

    @cached_property
    def error(self) -> FloatArray:
        """(m,) the root mean square error that is claimed for fresh rows from the laws of the inputs.

        The largest of three: that of the left-out rows; the standard deviations of predictions over the laws, for rows
        seldom stand where errors are largest, in corners and tails; and how far predictions over the laws move when a
        fifth of the rows is taken away, which tells whether the standard deviations can be believed there.  Rows that
        cover less than half of the law of an input claim for themselves alone: the first.
        """
        left_out = np.sqrt(np.mean(self.residuals**2, axis=0))
        x = self.problem.physical(sobol_sequence(2**_LAW_POINTS, self.problem.dimension, seed=SEED).unit)
        inside = ((x >= self.x.min(axis=0)) & (x <= self.x.max(axis=0))).mean(axis=0)
        if inside.min() < _COVERED:
            return left_out
        expected = np.sqrt(np.mean(self.predict(x).std ** 2, axis=0))
        return np.maximum(np.maximum(left_out, expected), self._disagreement(x))

    def _disagreement(self, x: FloatArray) -> FloatArray:
        """(m,) root mean square of how far predictions at x (n, d) move when a fold of the rows is taken away; zero if
        not known."""
        return np.zeros(self.residuals.shape[1])

    @abstractmethod
    def predict(self, x: ArrayLike) -> Prediction:
        """(n, d) physical inputs -> mean and standard deviation of the prediction, both (n, m).

        In the problem's units (the studies' are SI), columns in the order of ``problem.input_names``, or a table with
        these names; no check of ranges (see `uq.Domain`).
        """

    @abstractmethod
    def gradient(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> (n, m, d) derivatives of the mean, in output unit per input unit."""

    @abstractmethod
    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Plain data that `uq.surrogates.archive` stores with the problem: a JSON-able record and named arrays."""

    @classmethod
    @abstractmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        """The surrogate that `arrays` described.  Raises ValueError for data that do not belong together."""

    def mean(self, x: ArrayLike) -> FloatArray:
        """(n, d) -> (n, m) predicted means alone, for surrogates whose spread costs more than their mean."""
        return self.predict(x).mean

    def mean_and_gradient(self, x: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """(n, d) -> means (n, m) and their derivatives (n, m, d), for surrogates that find both at the cost of one."""
        return self.mean(x), self.gradient(x)

    def __call__(self, columns: Columns) -> Columns:
        """Predicted means as named columns, of named columns."""
        mean = self.mean(rows_of(columns, self.problem.input_names))
        return {name: mean[:, k] for k, name in enumerate(self.problem.output_names)}

    def table(self) -> Table:
        """What each training row is missed by when it is left out, by output."""
        rows, d = self.x.shape
        named = ", ".join(self.problem.input_names[:_NAMED]) + (", ..." if d > _NAMED else "")
        return Table(
            "surrogate",
            f"{type(self).__name__} of {rows} rows and {d} inputs",
            header(
                "output | unit | root mean square error, rows left out | largest | claimed for fresh rows"
            ),
            tuple(
                (o.name, o.unit, float(np.sqrt(np.mean(e**2))), float(np.abs(e).max()), float(claimed))
                for o, e, claimed in zip(self.problem.outputs, self.residuals.T, self.error, strict=True)
            ),
            (f"Inputs: {named}.", *unseen_parts(self.problem, self.x)),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the surrogate to one file, without pickle (see `uq.surrogates.archive`)."""
        save_surrogate(self, path)


Fit = Callable[[Dataset], Surrogate]
"""Learns a surrogate of all outputs of the data."""


class FitOutputs(Protocol):
    """Learns a surrogate of some outputs of the data, all by default: `PolynomialChaos.fit`, for example."""

    def __call__(self, data: Dataset, /, *, outputs: Sequence[str] | None = None) -> Surrogate: ...


def least_deviation(residuals: FloatArray) -> float:
    """The standard deviation below which no prediction between the values of a grid may be stated, of residuals (n,) of
    rows left out with all of their value: so large that intervals hold 90 % of them, and as large as their mean square.

    Parameters
    ----------
    residuals : ndarray (n,)
        Of rows left out with all of their value.

    Returns
    -------
    float
        In the output's unit.
    """
    held = float(np.quantile(np.abs(residuals), LEVEL)) / HALF_WIDTH
    return max(held, float(np.sqrt(np.mean(residuals**2))))


def training_rows(
    data: Dataset, outputs: Sequence[str] | None = None
) -> tuple[Problem, FloatArray, FloatArray]:
    """The problem restricted to `outputs` (all by default), and the feasible rows x (n, d), y (n, m) to learn from.

    Repeated rows are kept once where their outputs agree and refused where they do not.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.

    Returns
    -------
    tuple
        Problem, x (n, d) and y (n, m)

    Raises
    ------
    ValueError
        If a feasible row holds NaN or infinity, if too few rows are feasible, if an output or an input is
        constant, or if inputs are linear functions of each other or lie on a curve, with the remedy.
    TypeError
        For arrays and tables, which are no datasets yet.
    """
    if not isinstance(data, Dataset):
        raise TypeError(
            f"a {type(data).__name__} is no Dataset; arrays become one by uq.Dataset.from_arrays(X, y), tables by "
            "uq.from_frame and uq.from_csv"
        )
    problem = data.problem
    names = tuple(outputs) if outputs is not None else problem.output_names
    chosen = tuple(problem.outputs[problem.output_index(name)] for name in names)
    x = np.stack([data[n] for n in problem.input_names], axis=1)
    y = np.stack([data[n] for n in names], axis=1)
    x, y = x[data.feasible], y[data.feasible]
    for one, column in zip(problem.inputs, x.T, strict=True):  # some rows beyond an end teach, too
        stray, law = strays(one, column)
        if len(x) and (stray.all() or (stray.any() and one.distribution.separate_values is not None)):
            raise ValueError(
                f"input {one.name!r} is {column[np.argmax(stray)]:g} in a row, {law} ({stray.sum()} of {len(x)} rows); "
                "give it the law that the rows follow (problem.replace), or sample its own"
            )
    _require_numbers((*problem.input_names, *names), np.hstack([x, y]))
    x, first, inverse = np.unique(x, axis=0, return_index=True, return_inverse=True)
    if len(x) < len(y):
        spread = np.abs(y - y[first][inverse.ravel()])
        if (spread > 1e-9 * (np.abs(y).max(axis=0) + 1e-300)).any():
            raise ValueError(
                "the same inputs appear with different outputs; the model is not a function of them"
            )
    order = np.argsort(first)
    x, y = x[order], y[np.sort(first)]
    if len(x) < MINIMUM_ROWS:
        why = f" ({data.failure})" if data.failure else ""
        raise ValueError(
            f"only {len(x)} distinct feasible rows of {len(data)}; at least {MINIMUM_ROWS} are needed: "
            f"run more samples, or look at why they fail{why}"
        )
    for k, name in enumerate(names):
        if np.ptp(y[:, k]) <= 1e-14 * np.abs(y[:, k]).max():
            raise ValueError(
                f"output {name!r} is constant at {y[0, k]:g}; there is nothing to fit: leave it out"
            )
    require_own_variation(problem, x, _TOGETHER * np.abs(x).max(axis=0), _TOGETHER)
    require_rows_off_curves(problem, x)
    version = problem.version or ("" if problem.model is None else model_version(problem.model))
    return dataclasses.replace(problem, outputs=chosen, model=None, version=version), x, y


def _require_numbers(names: Sequence[str], columns: FloatArray) -> None:
    """Raise ValueError for a column that is not finite in every feasible row."""
    for name, bad in zip(names, (~np.isfinite(columns)).sum(axis=0), strict=True):
        if bad:
            raise ValueError(
                f"{name!r} is NaN or infinite in {bad} of {len(columns)} rows that are called feasible; mend these "
                "rows, or give them a status that says why they failed"
            )


def require_own_variation(
    problem: Problem, x: FloatArray, least: FloatArray | float, together: float
) -> None:
    """Refuse inputs that do not vary, or not on their own.

    Parameters
    ----------
    problem : Problem
        Whose inputs they are.
    x : ndarray (n, d)
        Inputs, or their germs.
    least : float or ndarray (d,)
        Standard deviation up to which one does not vary.
    together : float
        Smallest singular value, of standardised columns, up to which they are linear functions of each other.

    Raises
    ------
    ValueError
        With the names of such inputs.
    """
    centred = x - x.mean(axis=0)
    size = np.sqrt(np.mean(centred**2, axis=0))
    if (size <= least).any():
        name = problem.input_names[int(np.argmax(size <= least))]
        raise ValueError(f"input {name!r} has one value in all rows; fix it in the problem, or vary it")
    if len(x) <= x.shape[1]:
        return
    _, values, vectors = np.linalg.svd(centred / size / np.sqrt(len(x)), full_matrices=False)
    if values[-1] <= together:
        names = ", ".join(
            repr(n) for n, v in zip(problem.input_names, vectors[-1], strict=True) if abs(v) > 1e-3
        )
        raise ValueError(
            f"inputs {names} are linear functions of each other in the data, so their effects cannot be distinguished; "
            "sample them on their own, or keep one of them"
        )
