"""The door of scikit-learn: surrogates as its regressors, for its pipelines, searches and scores, and its classifier
for `Feasibility`.

The problem is made from the data: each column that varies is an input with a uniform law over its range, for
scikit-learn knows no laws.  Where they are known, `PolynomialChaos.fit` and `GaussianProcess.fit` predict better.

Source: Buitinck et al. (2013), "API design for machine learning software", arXiv:1309.0238 (the conventions).
"""

from __future__ import annotations

import warnings
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.validation import check_is_fitted, validate_data

from uq.core.array_types import BoolArray, FloatArray
from uq.core.dataset import Dataset
from uq.core.distributions import Uniform
from uq.core.model import real_numbers
from uq.core.problem import Input, Output, Problem
from uq.surrogates.base import MINIMUM_ROWS, Fit
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

_STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""Inverse penalties that cross-validation chooses between."""
_MARGIN = 0.02
"""How far a law reaches beyond the range of its column, as a share of it (*judgement*)."""


class SurrogateRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A regressor that fits with `learner(data)`, by default `PolynomialChaos.fit`.

    After `fit`: `surrogate_` (None where all outputs are equal), `varying_` (columns used), `center_`.  Equal rows are
    learned once, with the mean of their outputs.

    >>> x = np.random.default_rng(1).uniform(size=(60, 2))
    >>> found = SurrogateRegressor().fit(x, x[:, 0] * x[:, 1])
    >>> bool(found.score(x, x[:, 0] * x[:, 1]) > 0.9999)
    True
    """

    def __init__(self, learner: Fit | None = None) -> None:
        self.learner = learner

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from rows X (n, d) and outputs y (n,).

        Raises ValueError for fewer than 5 distinct rows, and what the learner raises (inputs that are linear functions
        of each other, for example)."""
        rows, outputs = validate_data(self, _seen(X), _seen(y), y_numeric=True, dtype=np.float64)
        if len(rows) < MINIMUM_ROWS:
            raise ValueError(f"n_samples={len(rows)}: a surrogate needs at least {MINIMUM_ROWS}")
        distinct, place, count = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
        means = np.bincount(place.ravel(), weights=np.asarray(outputs, dtype=np.float64)) / count
        self.varying_ = np.flatnonzero(np.ptp(rows, axis=0) > 0.0)
        self.center_ = float(means.mean())
        self.surrogate_ = None
        if len(self.varying_) and np.ptp(means) > 1e-14 * np.abs(means).max():
            used = distinct[:, self.varying_]
            learner = PolynomialChaos.fit if self.learner is None else self.learner
            self.surrogate_ = learner(Dataset.from_arrays(used, means, problem=_problem(used)))
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Predicted means (n,)."""
        rows = self._rows(X)
        return (
            np.full(len(rows), self.center_) if self.surrogate_ is None else self.surrogate_.mean(rows)[:, 0]
        )

    def spread(self, X: ArrayLike) -> FloatArray:
        """Standard deviations (n,) of the predictions' errors."""
        rows = self._rows(X)
        return np.zeros(len(rows)) if self.surrogate_ is None else self.surrogate_.predict(rows).std[:, 0]

    def _rows(self, X: ArrayLike) -> FloatArray:
        check_is_fitted(self)
        rows = validate_data(self, _seen(X), dtype=np.float64, reset=False)
        return np.asarray(rows[:, self.varying_])


def _seen(values: ArrayLike) -> ArrayLike:
    """The same with NaN, which scikit-learn refuses, where it would drop a mask."""
    return real_numbers(values, "rows") if np.ma.isMaskedArray(values) else values


def _problem(x: FloatArray) -> Problem:
    margin = _MARGIN * np.ptp(x, axis=0)
    inputs = tuple(
        Input(f"x{j}", "1", Uniform(float(low), float(high)))
        for j, (low, high) in enumerate(zip(x.min(axis=0) - margin, x.max(axis=0) + margin, strict=True))
    )
    return Problem(inputs, (Output("y"),))


def penalised_logistic(
    features: FloatArray, good: BoolArray, folds: int, seed: int
) -> tuple[FloatArray, float]:
    """A logistic regression whose penalty is chosen by cross-validated log loss.

    Parameters
    ----------
    features : ndarray (n, P)
        Without a constant, which the regression adds.
    good : ndarray of bool (n,)
        What is learnt.
    folds : int
        Parts of the rows that are held out in turn.
    seed : int
        Of their choice.

    Returns
    -------
    ndarray (1 + P,)
        Weights, the constant's first.
    float
        Log loss of the best penalty, in nats a row.
    """
    splits = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(features, good))

    def fitted(strength: float, rows: NDArray[np.intp] | slice) -> LogisticRegression:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the penalty's choice judges the result
            return LogisticRegression(C=strength, max_iter=300).fit(features[rows], good[rows])

    losses = []
    for strength in _STRENGTHS:
        total = 0.0
        for train, held in splits:
            log_odds = fitted(strength, train).decision_function(features[held])
            total += float(np.logaddexp(0.0, np.where(good[held], -log_odds, log_odds)).sum())
        losses.append(total / len(good))
    best = fitted(_STRENGTHS[int(np.argmin(losses))], slice(None))
    return np.concatenate([best.intercept_, best.coef_[0]]), min(losses)
