"""Surrogates as regressors of scikit-learn keep its conventions."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.scikit_learn import SurrogateRegressor

X = np.random.default_rng(1).uniform(-1.0, 2.0, size=(80, 3))
Y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2]


@parametrize_with_checks([SurrogateRegressor()])
def test_the_checks_of_scikit_learn_pass(estimator, check):
    check(estimator)


@pytest.mark.parametrize("learner", [None, GaussianProcess.fit])
def test_a_surrogate_serves_in_a_pipeline(learner):
    regressor = make_pipeline(StandardScaler(), SurrogateRegressor(learner))
    assert cross_val_score(regressor, X, Y, cv=4).min() > 0.99


def test_spreads_hold_what_they_claim():
    found = SurrogateRegressor().fit(X[:60], Y[:60])
    inside = np.abs(found.predict(X[60:]) - Y[60:]) <= 3.0 * found.spread(X[60:])
    assert inside.mean() >= 0.9


def test_equal_rows_are_learned_with_their_mean():
    twice = SurrogateRegressor().fit(np.vstack([X, X]), np.concatenate([Y + 0.1, Y - 0.1]))
    assert twice.predict(X) == pytest.approx(SurrogateRegressor().fit(X, Y).predict(X), abs=1e-6)


def test_constant_columns_and_outputs_are_no_error():
    with_constant = np.column_stack([X, np.ones(80)])
    assert SurrogateRegressor().fit(with_constant, Y).varying_.tolist() == [0, 1, 2]
    flat = SurrogateRegressor().fit(X, np.full(80, 7.0))
    assert (flat.predict(X) == 7.0).all()
    assert (flat.spread(X) == 0.0).all()
