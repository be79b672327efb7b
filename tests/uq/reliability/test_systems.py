"""Several limits at once: series and parallel systems against closed forms of independent and shared inputs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from uq import Input, Limit, Normal, Output, Problem, system_failure_probability
from uq.reliability.limit_state import LimitState


def two_margins() -> Problem:
    """Margins 3 - x1 in metres and 1000 (3.2 - (x1 + x2) / sqrt 2) in millimetres."""
    inputs = tuple(Input(name, "1", Normal(0.0, 1.0)) for name in ("x1", "x2"))

    def model(c):
        return {"a": 3.0 - c["x1"], "b": 1000.0 * (3.2 - (c["x1"] + c["x2"]) / np.sqrt(2.0))}

    return Problem(inputs, (Output("a", "m"), Output("b", "mm")), model, version="1")


LIMITS = (Limit("a", low=0.0), Limit("b", low=0.0))
BOTH = float(stats.multivariate_normal([0, 0], [[1, np.sqrt(0.5)], [np.sqrt(0.5), 1]]).cdf([-3.0, -3.2]))
ONE, TWO = float(special.ndtr(-3.0)), float(special.ndtr(-3.2))


def test_a_series_system_fails_where_one_limit_is_broken():
    found = system_failure_probability(two_margins(), LIMITS)
    assert found.trusted
    assert found.output == "any of 2 limits"
    assert found.probability == pytest.approx(ONE + TWO - BOTH, rel=0.1)
    assert (
        np.linalg.norm(found.design_points, axis=1) == pytest.approx([3.0], abs=0.3)
        or len(found.design_points) == 2
    )


def test_a_parallel_system_fails_where_all_limits_are_broken():
    found = system_failure_probability(two_margins(), LIMITS, fails="all")
    assert found.probability == pytest.approx(BOTH, rel=0.15)


def test_a_limit_with_two_sides_is_a_series_of_two():
    inputs = (Input("x", "1", Normal(0.0, 1.0)), Input("z", "1", Normal(0.0, 1.0)))
    plain = Problem(inputs, (Output("y"),), lambda c: {"y": c["x"]}, version="1")
    found = system_failure_probability(plain, [Limit("y", low=-3.0, high=3.0)])
    assert found.probability == pytest.approx(2.0 * special.ndtr(-3.0), rel=0.1)
    assert len(found.design_points) == 2


def test_parts_that_run_decide_a_system_whose_other_part_failed_to():
    g = LimitState(lambda u: np.array([[-1.0, np.nan], [1.0, np.nan]]), 2, count=2)
    assert np.array_equal(g(np.zeros((2, 2))), [-1.0, np.nan], equal_nan=True)
    parallel = LimitState(lambda u: np.array([[-1.0, np.nan], [1.0, np.nan]]), 2, every=True, count=2)
    assert np.array_equal(parallel(np.zeros((2, 2))), [np.nan, 1.0], equal_nan=True)


def test_systems_without_sense_are_refused_with_the_remedy():
    problem = two_margins()
    with pytest.raises(ValueError, match="at least one limit"):
        system_failure_probability(problem, [])
    with pytest.raises(ValueError, match=r"'any'.*'all'"):
        system_failure_probability(problem, LIMITS, fails="some")
    with pytest.raises(ValueError, match="two sides"):
        system_failure_probability(problem, [Limit("a", low=0.0, high=1.0)], fails="all")
    with pytest.raises(KeyError, match="did you mean"):
        system_failure_probability(problem, [Limit("aa", low=0.0)])
    with pytest.raises(ValueError, match="too few for any method"):
        system_failure_probability(problem, LIMITS, max_runs=20)
