"""Histories as outputs: a field of an input, by its principal components and one surrogate of each score.

    y(x, t) = mean(t) + sum_k score_k(x) mode_k(t) + rest(x, t),    k = 1 ... K,    modes orthonormal over the instants

The modes are the right singular vectors of the centred histories of the training rows, so many of them that they hold a
`share` of the variance at every instant: where histories hardly differ, such as just after a battery was filled, a
share of the sum over the instants says nothing.  Their scores are uncorrelated on these rows, and each gets its own
surrogate.  A prediction at t adds the variances of the scores' predictions, and what the modes kept leave out:

    std(x, t)^2 = sum_k std_k(x)^2 mode_k(t)^2 + var rest(t)

Two factors turn it into bands.  Each training row is missed by some history when it is left out of the surrogates of
the scores (the modes stay, which costs nothing that counts where rows are many times the modes).  In units of std, the
quantile of all these residuals makes the band that holds a share of the *points*, and the quantile of each history's
largest one the band that holds a share of whole *histories*.

The indices of the field weigh those of the instants by their variance.  Because the modes are orthonormal, the
variance that any set of inputs explains, summed over the instants, is that of the scores alone, without cross terms:

    S_u = sum_t Var E[y(t) | x_u] / sum_t Var y(t) = sum_k V_k S_u,k / sum_k V_k

while at one instant cross terms count, sum_k,l mode_k(t) mode_l(t) Cov(E[score_k | x_u], E[score_l | x_u]).

Sources: Campbell, McKay & Williams (2006), doi:10.1016/j.ress.2005.11.049 (scores as outputs); Gamboa, Janon, Klein &
Lagnoux (2014), doi:10.1214/14-EJS895 (indices of multivariate outputs); Ramsay & Silverman, *Functional Data Analysis*,
2005 (principal components of curves).
"""

from __future__ import annotations

import dataclasses
import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset, good_rows, undescribe
from uq.core.estimate import CONFIDENCE, require_confidence
from uq.core.model import real_numbers
from uq.core.problem import Output, Problem
from uq.core.storage.reading import read_whole
from uq.core.table import Table, Tabled, header
from uq.sampling.structure import structure_of
from uq.surrogates.archive import LARGEST_ARCHIVE, opened, save_surrogate
from uq.surrogates.base import FitOutputs, Prediction, Surrogate
from uq.surrogates.composite import surrogate_class
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

LARGEST = 1e150
"""Of a history: squares of more overflow."""
SHARE = 0.999
"""Of the variance at each instant that the modes hold unless another is asked for."""


_ARRAYS = ("times", "centre", "modes", "remainder", "variances", "standardised")
"""Of a field, by name; its scores are stored as the surrogate that they are."""


@dataclass(frozen=True)
class FieldIndices(Tabled):
    """Sobol' indices of a field: of all instants together, and over time."""

    inputs: tuple[str, ...]
    """Names of the inputs, in the order of the arrays."""
    first: FloatArray
    """(d,) of the whole field, instants weighted by their variance."""
    total: FloatArray
    """(d,)"""
    first_over_time: FloatArray
    """(d, t); NaN at instants that do not vary."""
    total_over_time: FloatArray
    """(d, t)"""

    def table(self) -> Table:
        """First-order and total indices of the whole field, largest total first."""
        order = np.argsort(-self.total, kind="stable")
        return Table(
            "field-indices",
            "Sobol' indices of whole histories, instants weighted by their variance",
            header("input | first order | total"),
            tuple((self.inputs[j], float(self.first[j]), float(self.total[j])) for j in order),
        )


@dataclass(frozen=True)
class FieldSurrogate:
    """A stand-in for a model whose output is a history on common instants.

    `scores` predicts the K scores, `modes` (K, t) are orthonormal, `centre` (t,) is the mean of the training rows,
    `variances` (K,) are those of the scores on these rows and `remainder` (t,) the variance that the modes leave;
    `standardised` (n, t) is what rows are missed by that the scores were not learned from, in standard deviations of
    the prediction.
    """

    times: FloatArray
    """(t,) instants, common to all rows."""
    centre: FloatArray
    modes: FloatArray
    remainder: FloatArray
    variances: FloatArray
    standardised: FloatArray
    scores: Surrogate

    def __post_init__(self) -> None:
        for name in _ARRAYS:
            getattr(self, name).setflags(write=False)

    @classmethod
    def fit(
        cls,
        data: Dataset,
        histories: ArrayLike,
        *,
        times: ArrayLike,
        fit: FitOutputs = PolynomialChaos.fit,
        share: float = SHARE,
    ) -> FieldSurrogate:
        """Learn a field from the feasible rows of `data`.

        Parameters
        ----------
        data : Dataset
            Inputs (n, d) with their laws; its outputs are not looked at, failed rows are left out.
        histories : array_like (n, t)
            A history for each row of `data`, on common instants.
        times : array_like (t,)
            The instants, increasing: seconds, or fractions of phases one after the other.
        fit : callable, default PolynomialChaos.fit
            Learns a surrogate of the scores, all outputs of one Dataset.
        share : float, default SHARE
            Of the variance at each instant that the modes hold at least.

        Returns
        -------
        FieldSurrogate

        Raises
        ------
        ValueError
            For histories of unequal length, of another number of rows than `data` or with NaN in feasible rows, for a
            data frame labelled otherwise than rows and `times`, for instants that do not increase, and for histories
            that are all the same.

        Examples
        --------
        >>> import uq
        >>> x = uq.sampling.sobol_sequence(64, 2, seed=1).unit
        >>> t = np.linspace(0.0, 1.0, 11)
        >>> data = uq.Dataset.from_arrays(x, x[:, 0])
        >>> field = FieldSurrogate.fit(data, x[:, :1] * np.sin(t) + x[:, 1:] * np.cos(t), times=t)
        >>> len(field.modes), field.predict([[0.5, 0.25]]).mean.shape
        (2, (1, 11))
        """
        if not 0.0 < share <= 1.0:
            raise ValueError(f"share is a share of the variance, above 0 and at most 1; got {share:g}")
        y, instants = _checked(data, histories, times)
        rows = np.flatnonzero(data.feasible)
        rows = rows[np.sort(np.unique(data.x[rows], axis=0, return_index=True)[1])]  # as surrogates take them
        y = y[rows]
        centre = y.mean(axis=0)
        _, size, right = np.linalg.svd(y - centre, full_matrices=False)
        if not size.size or size[0] <= 1e-12 * np.abs(y).max() * np.sqrt(y.size):
            raise ValueError("the histories are all the same; there is nothing to fit: leave them out")
        explained = np.cumsum((size[:, None] * right) ** 2, axis=0)
        varies = explained[-1] > 1e-20 * explained[-1].max()  # what is constant varies by rounding
        kept = int(np.argmax((explained >= (share - 1e-12) * explained[-1])[:, varies].all(axis=1))) + 1
        modes = right[:kept] * np.sign(right[np.arange(kept), np.abs(right[:kept]).argmax(axis=1)])[:, None]
        scores = (y - centre) @ modes.T
        rest = y - centre - scores @ modes
        outputs = tuple(Output(f"score {k + 1}") for k in range(kept))
        problem = dataclasses.replace(data.problem, outputs=outputs, model=None)
        learned = fit(good_rows(problem, data.x[rows], scores))
        found = structure_of(problem, data.x[rows])
        remainder = rest.var(axis=0) + found.unseen**2 * y.var(axis=0).mean()  # it may have a mode of its own
        missed = learned.residuals @ modes + rest
        at = learned.left_out() if isinstance(learned, GaussianProcess) else learned.predict(data.x[rows])
        field = cls(instants, centre, modes, remainder, scores.var(axis=0), missed, learned)
        standardised = missed / np.maximum(_std(at.std, modes, remainder), field._rounding)
        if found.gridded:
            # deviations hold what no row shows (`Structure.unseen`); residuals, of rows that were seen, do not
            normal = special.ndtri(0.5 + (np.arange(len(rows)) + 0.5) / (2 * len(rows)))
            standardised = np.maximum(np.abs(standardised), normal[:, None])
        return dataclasses.replace(field, standardised=standardised)

    def predict(self, x: ArrayLike) -> Prediction:
        """Mean and standard deviation of the prediction error of the histories at x.

        Parameters
        ----------
        x : array_like (n, d)
            Inputs in their units.

        Returns
        -------
        Prediction
            Both (n, t), in the unit of the histories.
        """
        said = self.scores.predict(x)
        return Prediction(self.centre + said.mean @ self.modes, _std(said.std, self.modes, self.remainder))

    def calibrated(self, x: ArrayLike, histories: ArrayLike) -> FieldSurrogate:
        """The same field, its bands made from rows that it has not learned from.

        Left-out residuals are compared with the standard deviation at rows that were learned from, which is smaller
        than elsewhere: bands from them are wide. Of n unseen rows each band holds the share asked for up to 1 / n on
        average over such rows, whatever the errors' law (split conformal prediction).

        Parameters
        ----------
        x : array_like (n, d)
            Inputs of the unseen rows, drawn from the laws.
        histories : array_like (n, t)
            Theirs, on the field's instants.

        Returns
        -------
        FieldSurrogate

        Raises
        ------
        ValueError
            For histories on other instants or with NaN.

        References
        ----------
        Lei, G'Sell, Rinaldo, Tibshirani & Wasserman (2018), doi:10.1080/01621459.2017.1307116.
        """
        missed, std = self.missed(x, histories)
        return dataclasses.replace(self, standardised=missed / np.maximum(std, self._rounding))

    def missed(self, x: ArrayLike, histories: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """What unseen histories are missed by, and the standard deviations predicted there.

        Parameters
        ----------
        x : array_like (n, d)
            Inputs of the unseen rows.
        histories : array_like (n, t)
            Theirs, on the field's instants.

        Returns
        -------
        tuple of ndarray (n, t)
            History less prediction, and standard deviation.

        Raises
        ------
        ValueError
            For histories on other instants or with NaN.
        """
        y = _numbers(histories, self.times)
        if not len(y):
            raise ValueError("no unseen history is given; give the rows that the field has not learned from")
        said = self.predict(x)
        if y.shape != said.mean.shape:
            raise ValueError(f"histories have shape {y.shape}, the field predicts {said.mean.shape}")
        if not np.isfinite(y).all():
            raise ValueError("an unseen history holds NaN or infinity; leave failed rows out")
        return y - said.mean, said.std

    @property
    def _rounding(self) -> float:
        """In the unit of the histories: an error below it is none."""
        return float(
            np.finfo(float).eps * max(np.abs(self.centre).max(), np.sqrt(self.remainder.max()), 1e-300)
        )

    def factor(self, confidence: float = CONFIDENCE) -> float:
        """Half-width, in standard deviations, of the band that holds this share of points.

        Parameters
        ----------
        confidence : float, default CONFIDENCE
            Share of points.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            For fewer rows than can hold such a band.
        """
        self._require_rows(confidence)
        return float(np.quantile(np.abs(self.standardised), confidence))

    def joint_factor(self, confidence: float = CONFIDENCE) -> float:
        """Half-width, in standard deviations, of the band that holds this share of whole histories.

        Parameters
        ----------
        confidence : float, default CONFIDENCE
            Share of histories that lie within at every instant.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            For fewer rows than can hold such a band.
        """
        self._require_rows(confidence)
        return float(np.quantile(np.abs(self.standardised).max(axis=1), confidence))

    def _require_rows(self, confidence: float) -> None:
        """The least row of a new one among n lies below the largest of them with probability n / (n + 1), no more."""
        require_confidence(confidence)
        n = len(self.standardised)
        if (n + 1) * confidence > n + 1e-9:
            least = math.ceil(confidence / (1.0 - confidence))
            raise ValueError(
                f"{n} rows hold no band of {confidence:g}; give {least} or more, or a lower confidence"
            )

    @property
    def problem(self) -> Problem:
        """The inputs with their laws; its outputs are the scores."""
        return self.scores.problem

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What `uq.surrogates.archive` stores with the problem: the scores' own record and arrays, and those of the
        field."""
        record, arrays = self.scores.arrays()
        own = {name: getattr(self, name) for name in _ARRAYS}
        stored = {"scores": type(self.scores).__name__, "record": record}
        return stored, own | {f"scores/{name}": array for name, array in arrays.items()}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the field to one file, without pickle (see `uq.surrogates.archive`).

        Parameters
        ----------
        path : path
            Of the file.
        """
        save_surrogate(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FieldSurrogate:
        """The field that `save` wrote.

        Parameters
        ----------
        path : path
            Of the file.

        Returns
        -------
        FieldSurrogate

        Raises
        ------
        ValueError
            With the reason, for a file that is truncated, altered, foreign, or holds no field.
        """
        header, arrays = opened(read_whole(path, largest=LARGEST_ARCHIVE), str(path))
        if header["surrogate"] != cls.__name__:
            raise ValueError(f"{path} holds a {header['surrogate']}, no field; use uq.load_surrogate")
        try:
            record = header["record"]
            scores = surrogate_class(record["scores"]).from_arrays(
                undescribe(header["problem"]),
                record["record"],
                {n.removeprefix("scores/"): a for n, a in arrays.items() if n.startswith("scores/")},
            )
            field = cls(scores=scores, **{name: arrays[name] for name in _ARRAYS})
            k, t = field.modes.shape
            shapes = [
                field.times.shape,
                field.centre.shape,
                field.remainder.shape,
                field.standardised.shape[1:],
            ]
            if shapes != [(t,)] * 4 or field.variances.shape != (k,) or len(field.problem.outputs) != k:
                raise ValueError("its arrays do not belong together")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise ValueError(f"{path}: its parts do not make a field: {error}") from error
        return field

    def aggregated(self, of_scores: ArrayLike) -> FloatArray:
        """Shares of the variance of the whole field, from those of each score: Sobol' or Shapley, dependent or not.

        sum_k V_k S_k / sum_k V_k, V_k on the training rows, on which scores are uncorrelated; cross terms cancel in the
        sum over the instants whether they are or not, for the modes are orthonormal.

        Parameters
        ----------
        of_scores : array_like (K, d)
            Shares of the variance of each score, any that are a variance explained over the whole variance.

        Returns
        -------
        ndarray (d,)

        Raises
        ------
        ValueError
            Unless there is a row for each score.

        References
        ----------
        Gamboa, Janon, Klein & Lagnoux (2014), doi:10.1214/14-EJS895.
        """
        shares = np.asarray(of_scores, dtype=float)
        if shares.ndim != 2 or len(shares) != len(self.variances):
            raise ValueError(
                f"shares have shape {shares.shape}, expected a row for each of {len(self.variances)} scores"
            )
        return np.asarray(self.variances @ shares / self.variances.sum())

    def sobol_indices(self) -> FieldIndices:
        """First-order and total indices of the field and of each instant, from the coefficients of the scores.

        What the modes leave out, and what the expansion does not explain, is in none of them.

        Returns
        -------
        FieldIndices

        Raises
        ------
        TypeError
            Unless the scores are learned by polynomial chaos.
        ValueError
            For dependent inputs, for which squared coefficients are no shares.

        References
        ----------
        Gamboa, Janon, Klein & Lagnoux (2014), doi:10.1214/14-EJS895.
        """
        chaos = self.scores
        if not isinstance(chaos, PolynomialChaos):
            raise TypeError(
                f"indices of a field come from the coefficients of polynomial chaos, not of a {type(chaos).__name__}; "
                "fit it with fit=PolynomialChaos.fit"
            )
        if chaos.problem.dependent:
            raise ValueError(
                "indices of a field need independent inputs; give field.scores to uq.shapley_effects and the effects "
                "to field.aggregated"
            )
        varies = chaos.indices.any(axis=1)
        over_time = (
            chaos.coefficients[varies] @ self.modes
        ) ** 2  # (terms, t): cross terms are in the square
        terms = chaos.indices[varies] > 0
        alone = terms & (terms.sum(axis=1) == 1)[:, None]
        first, total = alone.T @ over_time, terms.T @ over_time
        variance = over_time.sum(axis=0)
        with np.errstate(invalid="ignore"):
            at_each = [np.where(variance > 0.0, part / variance, np.nan) for part in (first, total)]
        whole = variance.sum()
        return FieldIndices(
            chaos.problem.input_names,
            first.sum(axis=1) / whole,
            total.sum(axis=1) / whole,
            at_each[0],
            at_each[1],
        )


@dataclass(frozen=True)
class FieldValidation:
    """What the predictions of histories that no surrogate saw are worth."""

    q2: FloatArray
    """(t,) share of the variance at each instant that is explained; NaN where nothing varies."""
    pooled: float
    """The same of all points together: squared errors over squared deviations from each instant's mean."""
    coverage: float
    """Share of points within the band of points."""
    joint_coverage: float
    """Share of histories that lie within the joint band at every instant."""
    confidence: float
    """That both bands are made for."""


def measured_field(
    field: FieldSurrogate, x: ArrayLike, *, histories: ArrayLike, confidence: float = CONFIDENCE
) -> FieldValidation:
    """The errors and the bands of a field on histories that it did not learn from.

    Parameters
    ----------
    field : FieldSurrogate
        A fitted field.
    x : array_like (n, d)
        Inputs of the unseen rows.
    histories : array_like (n, t)
        Theirs, on the field's instants.
    confidence : float, default CONFIDENCE
        Of the bands.

    Returns
    -------
    FieldValidation

    Raises
    ------
    ValueError
        For histories on other instants or with NaN.
    """
    missed, std = field.missed(x, histories)
    y = np.asarray(histories, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        q2 = np.where(np.ptp(y, axis=0) > 0.0, 1.0 - np.mean(missed**2, axis=0) / y.var(axis=0), np.nan)
    within = np.abs(missed)
    return FieldValidation(
        q2,
        float(1.0 - np.mean(missed**2) / np.mean(y.var(axis=0))),
        float((within <= field.factor(confidence) * std).mean()),
        float((within <= field.joint_factor(confidence) * std).all(axis=1).mean()),
        confidence,
    )


def _std(of_scores: FloatArray, modes: FloatArray, remainder: FloatArray) -> FloatArray:
    """(n, t) from the standard deviations (n, K) of scores whose errors are taken as independent."""
    return np.sqrt(of_scores**2 @ modes**2 + remainder)


def _checked(data: Dataset, histories: ArrayLike, times: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Histories (n, t) and instants (t,) as arrays that belong together, copied."""
    t = real_numbers(times, "times").copy()
    if not (t.ndim == 1 and np.isfinite(t).all() and (np.diff(t) > 0.0).all()):
        raise ValueError("times must be finite and increase from each instant to the next")
    y = _numbers(histories, t)
    if y.ndim != 2 or t.shape != y.shape[1:] or len(y) != len(data):
        raise ValueError(
            f"histories have shape {y.shape}, expected a row of {t.size} instants for each of {len(data)} rows of data"
        )
    if not data.feasible.any():
        raise ValueError(
            f"none of the {len(data)} rows of data is feasible: there is no history to learn from"
        )
    bad = int((~np.isfinite(y[data.feasible])).any(axis=1).sum())
    if bad:
        raise ValueError(
            f"{bad} of {int(data.feasible.sum())} histories hold NaN or infinity in rows that are called feasible; "
            "mend them, or give these rows a status that says why they failed"
        )
    if np.abs(y[data.feasible]).max(initial=0.0) > LARGEST:
        raise ValueError(
            f"histories hold numbers beyond {LARGEST:g}, whose squares overflow; give another unit"
        )
    return y, t


def _numbers(histories: ArrayLike, times: FloatArray) -> FloatArray:
    """Histories as a new array.  Labels of a data frame win over positions: columns are its instants, rows count up."""
    labels, rows = getattr(histories, "columns", None), getattr(histories, "index", None)
    if labels is not None and rows is not None:
        if list(rows) != list(range(len(rows))):
            raise ValueError(
                "rows of the histories are labelled otherwise than 0, 1, 2 ..., so that it is not certain which row of "
                "the data each belongs to; sort them, then reset_index(drop=True)"
            )
        if list(labels) != list(range(len(labels))) and not np.array_equal(np.asarray(labels), times):
            raise ValueError(
                "columns of the histories are labelled otherwise than `times`; sort them, or give histories.to_numpy()"
            )
    elif not hasattr(histories, "__iter__") or getattr(histories, "ndim", 1) == 0:
        raise ValueError(
            f"histories are {histories!r:.40}, expected a row of {times.size} instants for each row of data"
        )
    else:
        lengths = sorted({int(np.size(row)) for row in histories})
        if len(lengths) > 1:
            raise ValueError(
                f"histories have unequal lengths, {lengths[0]} to {lengths[-1]} instants; interpolate them to common "
                "instants first, for example to fractions of each phase"
            )
    return real_numbers(histories, "histories").copy()
