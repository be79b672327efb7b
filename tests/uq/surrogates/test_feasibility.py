"""The probability that a run is feasible, against laws that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special
from surrogate_problems import WAVY, sampled

from uq.core.dataset import Dataset
from uq.core.problem import Problem
from uq.surrogates.feasibility import Feasibility
from uq.surrogates.scikit_learn import penalised_logistic

ROWS = sampled(n=1500)
STANDARD = (ROWS.x[:, 0] / 2.0, (ROWS.x[:, 1] - 1.0) / 0.5)
LOG_ODDS = 1.0 + 3.0 * STANDARD[0] - 2.0 * STANDARD[1] ** 2 + STANDARD[0] * STANDARD[1]


def with_status(failed) -> Dataset:
    y = np.where(failed[:, None], np.nan, ROWS.y)
    return Dataset.from_arrays(ROWS.x, y, problem=WAVY, status=np.where(failed, 2, 0))


def drawn() -> Dataset:
    return with_status(np.random.default_rng(1).random(1500) > special.expit(LOG_ODDS))


def test_a_law_of_its_own_form_is_recovered():
    found = Feasibility.fit(drawn())
    error = found.probability(ROWS.x) - special.expit(LOG_ODDS)
    # about sqrt(p (1 - p) terms / n) = 0.04
    assert np.sqrt(np.mean(error**2)) < 0.05
    assert found.log_loss < 0.8 * found.base_log_loss


def test_probabilities_are_calibrated():
    data = drawn()
    p = Feasibility.fit(data).probability(data.x)
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        inside = (p >= low) & (p <= high)
        share, n = data.feasible[inside].mean(), inside.sum()
        assert abs(share - p[inside].mean()) < 4.0 * np.sqrt(0.25 / n)


def test_a_sharp_limit_is_found():
    failed = ROWS.x[:, 0] + ROWS.x[:, 1] > 1.5
    p = Feasibility.fit(with_status(failed)).probability(ROWS.x)
    assert ((p < 0.5) == failed).mean() > 0.98


def test_without_failures_the_probability_is_high_but_not_one():
    found = Feasibility.fit(ROWS)
    assert found.probability(ROWS.x[:3]) == pytest.approx(1501.0 / 1502.0)
    assert found.infeasible == 0


def test_failures_that_depend_on_nothing_give_their_share():
    failed = np.random.default_rng(2).random(1500) < 0.2
    p = Feasibility.fit(with_status(failed)).probability(ROWS.x)
    assert p == pytest.approx(1.0 - failed.mean(), abs=0.1)


def test_a_few_failures_give_no_more_than_their_share():
    failed = np.zeros(1500, dtype=bool)
    failed[:4] = True
    assert np.ptp(Feasibility.fit(with_status(failed)).probability(ROWS.x)) == pytest.approx(0.0)


def test_no_feasible_row_is_refused():
    with pytest.raises(ValueError, match="none of 1500 rows is feasible"):
        Feasibility.fit(with_status(np.ones(1500, dtype=bool)))


def test_a_missing_input_is_named():
    data = Dataset.from_arrays(ROWS.x[:, :2], ROWS.y, problem=Problem(WAVY.inputs[:2], WAVY.outputs))
    with pytest.raises(ValueError, match="'c'"):
        data.with_problem(WAVY)


@pytest.mark.parametrize("x", [np.ones((2, 2)), np.full((1, 3), np.nan)])
def test_points_that_are_none_are_refused(x):
    with pytest.raises(ValueError, match=r"shape|finite"):
        Feasibility.fit(drawn()).probability(x)


def test_the_same_data_give_the_same_bits():
    one, two = (Feasibility.fit(drawn()) for _ in range(2))
    assert np.array_equal(one.weights, two.weights)


def test_classes_far_apart_leave_no_loss():
    side = np.repeat([-5.0, 5.0], 20)
    weights, loss = penalised_logistic(side[:, None], side > 0.0, 4, 1)
    assert loss < 1e-3  # nats a row
    assert weights[1] * 5.0 > 5.0
