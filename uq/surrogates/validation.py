"""How good a surrogate is, measured on rows that it has not seen, and which surrogate is best for each output.

Source: Arlot & Celisse (2010), "A survey of cross-validation procedures", doi:10.1214/09-SS054.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset, good_rows
from uq.core.estimate import SEED
from uq.core.model import rows_of
from uq.core.repeatable import one_thread
from uq.core.table import Readable, Table, Tabled, header
from uq.sampling.structure import structure_of
from uq.surrogates.base import HALF_WIDTH, Fit, FitOutputs, Prediction, Surrogate, training_rows
from uq.surrogates.composite import Composite
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess, chaos_kriging, linear_trend
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos


@dataclass(frozen=True)
class Validation(Tabled):
    """Errors of a surrogate on left-out rows, one value for each of `outputs`.

    q2 = 1 - mean((y - y_hat)^2) / var(y); rmse and largest in the output's unit; coverage: share of rows inside the
    90 % interval mean +- 1.645 std.
    `residuals` (n, m) are those of the feasible rows.
    """

    outputs: tuple[str, ...]
    q2: FloatArray
    """(m,) 1 less mean squared error over variance."""
    rmse: FloatArray
    """(m,) root mean square error, in the output's unit."""
    largest: FloatArray
    """(m,) largest error, in the output's unit."""
    coverage: FloatArray
    """(m,) share of rows inside the 90 % interval."""
    folds: int
    """0 for fresh rows."""
    residuals: FloatArray

    def __str__(self) -> str:
        lines = [f"{'output':30s} {'Q2':>10s} {'RMSE':>10s} {'largest':>10s} {'coverage':>9s}"]
        lines += [
            f"{name:30s} {self.q2[k]:10.6f} {self.rmse[k]:10.3g} {self.largest[k]:10.3g} {self.coverage[k]:9.3f}"
            for k, name in enumerate(self.outputs)
        ]
        return "\n".join(lines)

    def table(self) -> Table:
        """The errors, an output a row."""
        numbers = zip(self.outputs, self.q2, self.rmse, self.largest, self.coverage, strict=True)
        return Table(
            "validation",
            f"Errors on {len(self.residuals)} rows that were left out",
            header(
                "output | share of variance explained:6 | root mean square error | largest error | "
                "inside 90 % interval"
            ),
            tuple((name, *map(float, row)) for name, *row in numbers),
        )


def _fitted(fit: Any, data: Dataset) -> Surrogate:
    """What `fit` makes of some rows.  Raises TypeError, with the remedy, where that is no surrogate."""
    if isinstance(fit, type) or not callable(fit):
        what = f"the class {fit.__name__}" if isinstance(fit, type) else f"a {type(fit).__name__}"
        raise TypeError(f"{what} is no function that fits; give one, such as uq.PolynomialChaos.fit")
    found = fit(data)
    if isinstance(found, Choice):
        raise TypeError(
            "choose gives a choice, whose surrogate it is that predicts; give lambda data: uq.choose(data).surrogate"
        )
    if not isinstance(found, Surrogate):
        raise TypeError(f"the fit gave a {type(found).__name__}, expected a surrogate")
    return found


@one_thread()
def validate(
    fit: Fit, data: Dataset, *, outputs: Sequence[str] | None = None, folds: int = 5, seed: int = SEED
) -> Validation:
    """Cross-validate `fit(data)` for `outputs` (all by default): fit on all folds but one, predict that one, in turn.

    Every step of `fit`, selection included, is repeated without the fold.  The folds are random, from `seed`; rows that
    share inputs (repeated rows, those of one base point) lie in one fold.  Where rows hold few values of an input
    (`uq.sampling.structure`), all rows of a value are left out too, for each such input in turn, and of each row the
    larger error counts: what lies between the values is not seen otherwise.

    Parameters
    ----------
    fit : callable
        Dataset -> surrogate.
    data : Dataset
        Rows of inputs and outputs; those that failed are left out.
    outputs : sequence of str, optional
        Names of the outputs that are asked about; all by default.
    folds : int
        Parts of the rows, each left out in turn.
    seed : int
        Of every random choice.

    Returns
    -------
    Validation

    Raises
    ------
    ValueError
        For fewer than 2 folds, fewer rows than folds, or an input with two values only, between which no row that is
        left out can tell.
    TypeError
        For a surrogate that is fitted already, and for a fit that gives no surrogate.
    """
    if isinstance(fit, Surrogate):
        raise TypeError(
            f"validate fits anew without each fold: give it what fits, such as {type(fit).__name__}.fit; the errors of "
            "this surrogate on rows that it has not seen are "
            "uq.measured(fresh.problem.output_names, fresh.y, prediction=surrogate.predict(fresh))"
        )
    reduced, x, y = training_rows(data, outputs)
    found = structure_of(reduced, x)
    if not 2 <= folds <= found.blocks:
        raise ValueError(f"needs 2 to {found.blocks} folds for {found.blocks} independent rows, got {folds}")
    for j in found.gridded:
        if found.values[j] < 3:
            raise ValueError(
                f"input {reduced.input_names[j]!r} has {found.values[j]} values in the data, so that no row that is "
                "left out tells what lies between them; add rows at other values"
            )
    mean, std = np.full_like(y, np.nan), np.full_like(y, np.nan)
    rows = good_rows(reduced, x, y)
    place = np.empty(found.blocks, dtype=np.int64)
    place[np.random.default_rng(seed).permutation(found.blocks)] = np.arange(found.blocks) % folds
    for partition in (found.dealt(place), *found.left_out_values(folds)):
        for part in range(int(partition.max()) + 1):
            held = partition == part
            one = _fitted(fit, rows.where(~held)).predict(x[held])
            worse = ~(np.abs(y[held] - mean[held]) >= np.abs(y[held] - one.mean))
            mean[held] = np.where(worse, one.mean, mean[held])
            std[held] = np.where(worse, one.std, std[held])
    return measured(reduced.output_names, y, prediction=Prediction(mean, std), folds=folds)


def measured(outputs: Sequence[str], y: FloatArray, *, prediction: Prediction, folds: int = 0) -> Validation:
    """The errors of predictions (n, m) of outcomes y (n, m); folds 0 says that the rows were fresh.

    Parameters
    ----------
    outputs : sequence of str
        Names of the m columns.
    y : ndarray (n, m)
        Outcomes; a table is read by its names.
    prediction : Prediction
        Of the same rows.
    folds : int
        0 says that the rows were fresh.

    Returns
    -------
    Validation

    Raises
    ------
    ValueError
        For a table that lacks an output, and for a prediction of another shape.
    """
    y = rows_of(y, outputs)
    if prediction.mean.shape != y.shape:
        raise ValueError(
            f"the prediction has shape {prediction.mean.shape}, the outcomes {y.shape}; "
            "give that of the same rows and outputs"
        )
    residuals = y - prediction.mean
    return Validation(
        outputs=tuple(outputs),
        q2=1.0 - (residuals**2).mean(axis=0) / y.var(axis=0),
        rmse=np.sqrt((residuals**2).mean(axis=0)),
        largest=np.abs(residuals).max(axis=0),
        coverage=(np.abs(residuals) <= HALF_WIDTH * prediction.std).mean(axis=0),
        folds=folds,
        residuals=residuals,
    )


@dataclass(frozen=True)
class Choice(Readable):
    """The surrogate that `choose` recommends: for each output the best of the candidates.

    `candidates` (c), `unexplained` (c, m) their 1 - Q2 on left-out rows (NaN where not tried), `chosen` (m) names.
    """

    surrogate: Surrogate
    """Of all outputs."""
    candidates: tuple[str, ...]
    unexplained: FloatArray
    chosen: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{'1 - Q2':30s} " + " ".join(f"{name[:20]:>20s} " for name in self.candidates)]
        for k, output in enumerate(self.surrogate.problem.output_names):
            cells = [
                f"{value:20.2e}{'*' if name == self.chosen[k] else ' '}"
                for name, value in zip(self.candidates, self.unexplained[:, k], strict=True)
            ]
            lines.append(f"{output:30s} {' '.join(cells)}")
        return "\n".join(lines)


def candidates() -> dict[str, FitOutputs]:
    """What `choose` tries by default, the one that is faster to evaluate first.

    Returns
    -------
    dict of str to callable
        Fit by name.
    """
    return {"polynomial chaos": PolynomialChaos.fit, "gaussian process": GaussianProcess.fit}


def more_candidates() -> dict[str, FitOutputs]:
    """Those of `candidates`, a process around a linear trend, and PC-Kriging, which seldom win: for `choose` with
    `folds`, since left-out errors flatter trends whose terms were found in the same rows.

    Returns
    -------
    dict of str to callable
        Fit by name.
    """

    def around_a_plane(data: Dataset, *, outputs: Sequence[str] | None = None) -> Surrogate:
        return GaussianProcess.fit(data, outputs=outputs, trend=linear_trend(data.problem.dimension))

    return candidates() | {"linear trend": around_a_plane, "pc-kriging": chaos_kriging}


@one_thread()
def choose(
    data: Dataset,
    *,
    outputs: Sequence[str] | None = None,
    fits: Mapping[str, FitOutputs] | None = None,
    tolerance: float = 1e-6,
    folds: int | None = None,
    seed: int = SEED,
    workers: int = 1,
) -> Choice:
    """For each of `outputs` the candidate of smallest error on left-out rows, fitted on all rows.

    The surrogate is the `surrogate` of what comes back; printed, it says every candidate's error.
    A candidate's error is that of its own `residuals`, at the price of one fit; with `folds`, that of `validate`, at
    the price of as many fits more.  Candidates are tried in their order until one claims (`Surrogate.error`) to leave
    at most the share `tolerance` of the output's variance unexplained.  `workers` threads share the outputs; the
    result does not depend on them.  `fits` are the candidates by name (see `candidates`, `more_candidates`).

    Parameters
    ----------
    data : Dataset
        Rows of inputs and outputs; those that failed are left out.
    outputs : sequence of str, optional
        Names of the outputs that are asked about; all by default.
    fits : mapping of str to callable, optional
        Candidates by name (see `candidates`, `more_candidates`).
    tolerance : float
        Share of the variance unexplained at which the search for a better candidate ends.
    folds : int, optional
        Cross-validate with so many parts; by default each candidate's own residuals are taken.
    seed : int
        Of every random choice.
    workers : int
        Threads that share the work; the result does not depend on them.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        Like the candidates do, or if none is given.
    """
    offered = dict(candidates() if fits is None else fits)
    if not offered:
        raise ValueError("give at least one candidate")
    reduced, _, y = training_rows(data, outputs)

    def one(k: int) -> tuple[FloatArray, Surrogate]:
        asked = [reduced.output_names[k]]
        unexplained, best = np.full(len(offered), np.nan), None
        for c, fit in enumerate(offered.values()):
            surrogate = fit(data, outputs=asked)
            if folds is None:
                unexplained[c] = (surrogate.residuals**2).mean() / y[:, k].var()
            else:
                unexplained[c] = 1.0 - validate(fit, data, outputs=asked, folds=folds, seed=seed).q2[0]
            if best is None or np.nanargmin(unexplained) == c:
                best = surrogate
            promising = c + 1 < len(offered) and unexplained[c] <= tolerance
            if promising and float(surrogate.error[0]) ** 2 <= tolerance * y[:, k].var():
                break
        assert best is not None
        return unexplained, best

    with ThreadPoolExecutor(max(1, workers)) as pool:
        found = list(pool.map(one, range(y.shape[1])))
    unexplained = np.stack([errors for errors, _ in found], axis=1)
    parts = tuple(surrogate for _, surrogate in found)
    names = tuple(offered)
    return Choice(
        surrogate=parts[0] if len(parts) == 1 else Composite(reduced, parts),
        candidates=names,
        unexplained=unexplained,
        chosen=tuple(names[int(c)] for c in np.nanargmin(unexplained, axis=0)),
    )


# -- how many runs ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LearningCurve:
    """`unexplained` (k, m): 1 - Q2 of surrogates of `rows` (k,) random rows, on the rows that they did not see."""

    outputs: tuple[str, ...]
    """Names of the m columns."""
    rows: IntArray
    unexplained: FloatArray

    def rows_for(self, output: str, q2: float = 0.99) -> float:
        """How many rows the power law 1 - Q2 = a n^-b through the curve asks for; infinite where it does not fall.

        Beyond twice the largest of `rows` this is a guess.  Raises ValueError for a q2 outside (0, 1).
        """
        if not 0.0 < q2 < 1.0:
            raise ValueError(f"q2 must lie between 0 and 1, got {q2}")
        column = self.unexplained[:, self.outputs.index(output)]
        slope, level = np.polyfit(np.log(self.rows), np.log(np.maximum(column, 1e-300)), 1)
        if slope >= -1e-3:
            return float("inf")
        return float(np.exp((np.log(1.0 - q2) - level) / slope))


@one_thread()
def learning_curve(
    fit: Fit,
    data: Dataset,
    *,
    outputs: Sequence[str] | None = None,
    shares: Sequence[float] = (0.25, 0.4, 0.6, 0.8),
    seed: int = SEED,
) -> LearningCurve:
    """Fit `outputs` (all by default) on growing shares of the feasible rows, in random order from `seed`, and predict
    the others.

    Rows that share inputs stay together, so that shares are rounded to whole blocks of them.

    Parameters
    ----------
    fit : callable
        Dataset -> surrogate.
    data : Dataset
        Rows of inputs and outputs; those that failed are left out.
    outputs : sequence of str, optional
        Names of the outputs that are asked about; all by default.
    shares : sequence of float
        Of the feasible rows.
    seed : int
        Of every random choice.

    Returns
    -------
    LearningCurve

    Raises
    ------
    ValueError
        Where rows hold few values of an input: rows of the same value tell each other, however few they are.
    """
    if len(shares) < 2 or not all(0.0 < s < 1.0 for s in shares):
        raise ValueError(f"needs at least two shares between 0 and 1, got {shares}")
    reduced, x, y = training_rows(data, outputs)
    found = structure_of(reduced, x)
    if found.gridded:
        raise ValueError(
            f"input {reduced.input_names[found.gridded[0]]!r} has {found.values[found.gridded[0]]} values in the data, "
            "so that rows left out at random tell nothing of what lies between; draw a plan without a grid"
        )
    turn = np.random.default_rng(seed).permutation(found.blocks)
    order = np.argsort(np.argsort(turn)[found.block], kind="stable")
    block = found.block[order]
    ends = np.flatnonzero(np.diff(block, append=-1)) + 1
    if found.blocks < 2:
        raise ValueError(
            f"the {len(x)} rows are one, repeated: none is left to predict; draw rows at other inputs"
        )
    rows = np.array([ends[:-1][np.abs(ends[:-1] - s * len(x)).argmin()] for s in shares])
    table = good_rows(reduced, x, y)
    unexplained = np.empty((len(rows), y.shape[1]))
    for i, n in enumerate(rows):
        seen, unseen = order[:n], order[n:]
        errors = y[unseen] - _fitted(fit, table.where(seen)).mean(x[unseen])
        unexplained[i] = (errors**2).mean(axis=0) / y.var(axis=0)
    return LearningCurve(reduced.output_names, rows, unexplained)
