"""The batched search: exact on quadratics, on bounds, on a resource limit, and row by row."""

import numpy as np
import pytest
from scipy.optimize import minimize

from models.batched_newton import maximise

SEARCH = 1e-4
LOW, HIGH = np.full(3, -2.0), np.full(3, 2.0)


def hills(rows, seed=0):
    rng = np.random.default_rng(seed)
    centre, steep = rng.uniform(-1, 1, (rows, 3)), rng.uniform(0.5, 3, (rows, 3))

    def objective(x, rows):
        z = x - centre[rows]
        value = -10.0 * (steep[rows] * (np.cosh(1.5 * z) - 1.0)).sum(axis=1)
        return value, np.exp(x[:, 0]) + 0.1 * x[:, 1]

    return centre, objective


def test_every_row_finds_its_own_top():
    centre, objective = hills(300)
    found = maximise(objective, np.zeros((300, 3)), LOW, HIGH)
    assert found.converged.all()
    np.testing.assert_allclose(found.x, centre, atol=SEARCH)


def test_bounds_hold_what_lies_beyond_them():
    centre, objective = hills(300)
    found = maximise(objective, np.zeros((300, 3)), LOW, np.array([0.2, 0.2, 2.0]))
    assert found.converged.all()
    np.testing.assert_allclose(found.x, np.minimum(centre, [0.2, 0.2, 2.0]), atol=SEARCH)


def test_a_resource_limit_is_kept_and_used():
    centre, objective = hills(40)
    limit = np.full(40, 1.0)
    found = maximise(objective, np.zeros((40, 3)), LOW, HIGH, limit=limit)
    assert found.converged.all()
    assert (found.resource <= limit * (1 + 1e-5)).all()
    for i in range(40):
        row = np.array([i])
        best = minimize(
            lambda x, row=row: -objective(x[None], row)[0][0],
            centre[i],
            constraints=[{"type": "ineq", "fun": lambda x, row=row: 1.0 - objective(x[None], row)[1][0]}],
            bounds=[(-2, 2)] * 3,
            options={"ftol": 1e-12},
        )
        assert found.objective[i] == pytest.approx(-best.fun, abs=0.02)


def test_rows_do_not_know_each_other():
    _, objective = hills(50)
    together = maximise(objective, np.zeros((50, 3)), LOW, HIGH)
    alone = maximise(lambda x, rows: objective(x, rows + 7), np.zeros((1, 3)), LOW, HIGH)
    np.testing.assert_array_equal(alone.x[0], together.x[7])


def test_an_infeasible_start_is_not_converged():
    found = maximise(lambda x, rows: (np.full(len(x), np.nan),) * 2, np.zeros((2, 3)), LOW, HIGH)
    assert not found.converged.any()
    assert np.isnan(found.objective).all()


def test_a_bound_that_holds_a_variable_lets_it_go_once_another_is_held():
    """x stands at its upper bound, and what y gains from x beyond it would press y onto its own bound."""

    def coupled(x, rows):
        return 100.0 * x[:, 0] - (x[:, 0] - x[:, 1]) ** 2 * 50.0 - (x[:, 1] - 0.3) ** 2 * 5.0, np.ones(len(x))

    found = maximise(coupled, np.array([[0.0, 0.25]]), np.full(2, -1.0), np.array([0.2, 0.4]))
    assert found.converged.all()
    assert found.x[0] == pytest.approx([0.2, (100.0 * 0.2 + 10.0 * 0.3) / 110.0], abs=1e-4)


def test_a_variable_at_rest_on_its_bound_costs_one_point_and_comes_back_when_it_gains():
    points = []

    def late(x, rows):
        points.append(len(x))
        # y wants its lower bound as long as x is far from its top, and leaves it there
        return -((x[:, 0] - 1.0) ** 2) - (x[:, 1] - 0.5 * x[:, 0]) ** 2, np.ones(len(x))

    found = maximise(late, np.array([[-1.0, 0.0]]), np.array([-2.0, 0.0]), np.array([2.0, 2.0]))
    assert found.converged.all()
    assert found.x[0] == pytest.approx([1.0, 0.5], abs=1e-3)
    assert min(points[1:]) == 1
    assert points[1] == 3, "two of x, one of y inwards"


def test_a_narrow_ridge_between_two_variables_is_climbed():
    """A battery ruled by its energy on one side and by its power on the other makes a kink: its top lies along it."""

    def ridge(x, rows):
        across, along = x[:, 0] + x[:, 1], x[:, 0] - x[:, 1]
        return -200.0 * np.sqrt(across**2 + 1e-8) - (along - 1.4) ** 2, np.ones(len(x))

    found = maximise(ridge, np.array([[0.1, 0.0]]), np.full(2, -2.0), np.full(2, 2.0))
    assert found.converged.all()
    assert found.x[0, 0] - found.x[0, 1] == pytest.approx(1.4, abs=0.02)
