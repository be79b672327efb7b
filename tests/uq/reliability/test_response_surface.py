"""Probabilities from models that predict values: when they are believed, and when not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special
from scipy.stats import qmc

from uq.reliability.active_kriging import active_learning
from uq.reliability.kriging import Kriging
from uq.reliability.limit_state import LimitState
from uq.reliability.response_surface import Polynomial, response_surface


def answered(function, draws=16, all_draws=False, d=2, seed=1):
    rng = np.random.default_rng(seed)
    net = qmc.Sobol(d + 1, scramble=True, rng=rng)
    g = LimitState(function, d)
    return g, *response_surface(g, net, rng, target=0.1, draws=draws, all_draws=all_draws)


def plane(u):
    return 3.0 - u[:, 0]


def test_a_plane_is_settled_by_two_rings_and_a_net_of_draws():
    g, found, search = answered(plane)
    assert found is not None
    assert found.trusted
    assert found.probability == pytest.approx(special.ndtr(-3.0), rel=4.0 * found.variation)
    assert g.runs == found.runs == 1 + 4 + 4 + 4
    assert search.covers(2, found.probability)


def test_all_draws_that_are_asked_for_are_made_before_an_answer_is_trusted():
    _, found, search = answered(plane, draws=40, all_draws=True)
    assert found is not None
    assert search.drawn == 40
    assert "40 draws elsewhere" in found.why


def test_a_second_plane_or_a_run_that_fails_is_left_to_learning():
    both = answered(lambda u: np.minimum(3.0 - u[:, 0], 2.5 + u @ np.array([0.3, 0.9])))
    lost = answered(lambda u: np.where(u[:, 1] > 2.0, np.nan, 3.0 - u[:, 0]))
    assert both[1] is None
    assert lost[1] is None


def test_a_half_space_beyond_the_first_ring_is_looked_for_by_a_second_one():
    """Nothing announces it: the margin is a plane up to where it breaks off, on the far side of the limit seen."""

    def broken(u):
        return np.where(u[:, 0] < -3.2, -0.5, 3.4 - u[:, 0])

    exact = special.ndtr(-3.4) + special.ndtr(-3.2)
    for seed in range(3):
        found = active_learning(LimitState(broken, 2), seed=seed)
        assert not found.trusted or found.probability == pytest.approx(exact, rel=0.25)


def test_left_out_errors_are_those_of_a_process_without_the_run():
    u = np.random.default_rng(1).standard_normal((9, 2))
    y = u[:, 0] ** 2 + np.sin(u[:, 1])
    process = Kriging.fit(u, y, np.eye(2), np.array([1.5, 0.8]), False)
    others = np.delete(np.arange(9), 4)
    a, b = (v / process.scales for v in (u[others], u[[4]]))
    r = [np.sqrt(5.0 * ((v[:, None] - a) ** 2).sum(axis=2)) for v in (a, b)]
    inside, across = ((1.0 + s + s * s / 3.0) * np.exp(-s) for s in r)
    predicted = process.mean + across @ np.linalg.solve(inside + 1e-8 * np.eye(8), y[others] - process.mean)
    assert process.left_out()[4] == pytest.approx(y[4] - predicted[0], rel=1e-5)


def test_a_polynomial_claims_the_error_that_it_makes_on_points_it_has_not_seen():
    """A quadratic with noise of 0.05: 5 standard deviations of it at fresh points, and no degree too many."""
    rng = np.random.default_rng(2)
    u, fresh = rng.standard_normal((24, 2)), rng.standard_normal((400, 2))

    def value(v):
        return 2.0 - v[:, 0] + 0.3 * v[:, 1] ** 2

    found = Polynomial.fit(u, value(u) + 0.05 * rng.standard_normal(24))
    assert found is not None
    assert found.degree == 2
    mean, std = found.predict(fresh)
    error = np.abs(mean * found.scale - value(fresh)) / (std * found.scale)
    assert np.mean(error <= 1.6449) > 0.9
    assert std.mean() < 5.0 * 0.05 * (1.0 + np.abs(mean).max()) / found.scale
    assert Polynomial.fit(u[:5], value(u[:5])) is None
