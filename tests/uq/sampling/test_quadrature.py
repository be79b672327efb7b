"""Quadrature plans integrate what they promise; projections are the closed forms."""

from __future__ import annotations

import math
import subprocess
import sys

import analytic
import numpy as np
import pytest

from uq import Dataset, Discrete, Input, LogNormal, Normal, Output, Problem, Triangular, Uniform
from uq.campaign.runner import run
from uq.core.distributions.orthogonal import recurrence
from uq.sampling.plans import latin_hypercube
from uq.sampling.quadrature import MOST_POINTS, clenshaw_curtis, gauss, sparse
from uq.surrogates.polynomial_chaos.projection import project

EXACT = 1e-12
LAWS = (
    Uniform(990.0, 1110.0),
    Normal(1e5, 2.0),
    Triangular(0.0, 1.0, 4.0),
    LogNormal(2.0, 1.3),
    Discrete((1.0, 2.0, 4.0), (0.3, 0.3, 0.4)),
)


def weights(plan) -> np.ndarray:
    return np.array(plan.details["weights"])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_gauss_points_give_the_moments_of_a_law_far_from_zero_too(law):
    plan = gauss([law], 6)
    nodes, dense = law.quadrature(60)
    dense = dense / dense.sum()
    x = law.ppf(plan.unit[:, 0])
    if law.logarithmic:
        x = np.log(x)
    mean, spread = dense @ nodes, math.sqrt(dense @ (nodes - dense @ nodes) ** 2)
    for power in range(12):
        truth = dense @ ((nodes - mean) / spread) ** power
        assert weights(plan) @ ((x - mean) / spread) ** power == pytest.approx(truth, rel=1e-7, abs=1e-7)


def test_recurrences_of_classical_families_are_those_of_the_tables():
    k = np.arange(1, 9)
    _, _, a, b = recurrence(Uniform(990.0, 1110.0), 8)  # Legendre, of variance 1
    assert a == pytest.approx(0.0, abs=EXACT)
    assert b[1:] == pytest.approx(3.0 * k**2 / (4.0 * k**2 - 1.0), abs=EXACT)
    _, _, a, b = recurrence(Normal(5.0, 0.1), 8)  # Hermite
    assert b[1:] == pytest.approx(k, rel=1e-10)


def test_rules_of_the_unit_cube_are_exact_for_their_polynomials():
    u = clenshaw_curtis(4, 3)
    assert weights(u) @ np.prod(u.unit**4, axis=1) == pytest.approx(0.2**3, abs=EXACT)
    s = sparse(3, 4)
    assert len(s) < len(clenshaw_curtis(8, 4)) / 40
    for powers in ((7, 0, 0, 0), (3, 2, 0, 2), (1, 2, 1, 3), (0, 0, 4, 3)):
        truth = np.prod([1.0 / (p + 1.0) for p in powers])
        assert weights(s) @ np.prod(s.unit ** np.array(powers), axis=1) == pytest.approx(truth, abs=EXACT)


@pytest.mark.parametrize("plan", ["gauss", "clenshaw_curtis", "sparse"])
def test_a_projection_of_ishigamis_function_is_the_closed_form(plan):
    known = analytic.ishigami()
    rules = {
        "gauss": lambda: gauss(known.problem.distributions, 14),
        "clenshaw_curtis": lambda: clenshaw_curtis(28, 3),
        "sparse": lambda: sparse(8, 3),
    }
    found = project(run(known.problem, rules[plan]()))
    assert found.mean == pytest.approx(known.mean, abs=1e-5)
    off = found.unexplained[0] + 1e-6
    assert off < 2e-3
    assert found.std**2 == pytest.approx(known.std**2, rel=off)
    assert found.first[0] == pytest.approx(known.first, abs=off)
    assert found.total[0] == pytest.approx(known.total, abs=off)
    x = known.problem.physical(latin_hypercube(50, 3, seed=1).unit)
    y = known.problem.model(known.problem.columns(x))["y"]
    assert found.evaluate(x)[:, 0] == pytest.approx(y, abs=0.1 * known.std)


def test_laws_without_a_classical_family_project_exactly():
    inputs = (Input("a", "1", Triangular(1000.0, 1001.0, 1004.0)), Input("b", "1", LAWS[4]))
    problem = Problem(inputs, (Output("y"),), lambda c: {"y": (c["a"] - 1000.0) ** 2 * c["b"]}, version="1")
    found = project(run(problem, gauss(problem.distributions, 4)))
    a, b = inputs[0].distribution, inputs[1].distribution
    nodes, dense = a.quadrature(30)
    square = (nodes - 1000.0) ** 2
    values, chances = np.array([1.0, 2.0, 4.0]), np.array([0.3, 0.3, 0.4])
    dense = dense / dense.sum()
    mean = (dense @ square) * (chances @ values)
    second = (dense @ square**2) * (chances @ values**2)
    assert found.mean == pytest.approx(mean, rel=1e-9)
    assert found.std == pytest.approx(math.sqrt(second - mean**2), rel=1e-9)
    assert b.ppf(0.1) == 1.0


def test_rows_that_are_not_a_whole_rule_are_refused():
    known = analytic.ishigami()
    data = run(known.problem, gauss(known.problem.distributions, 4))
    with pytest.raises(ValueError, match="not those of a quadrature plan"):
        project(data.where(np.arange(10)))
    with pytest.raises(ValueError, match="not those of a quadrature plan"):
        project(run(known.problem, latin_hypercube(64, 3, seed=1)))
    y = data.y.copy()
    y[3] = np.nan
    with pytest.raises(ValueError, match="1 of 64 rows failed"):
        project(Dataset.from_arrays(data.x, y, problem=data.problem, provenance=data.provenance))
    with pytest.raises(ValueError, match="cannot tell terms of degree 6 apart"):
        project(data, degree=6)
    correlated = analytic.gaussian_product(0.5).problem
    with pytest.raises(ValueError, match="correlated"):
        project(run(correlated, gauss(correlated.distributions, 3)))


def test_a_mistyped_order_is_refused():
    with pytest.raises(ValueError, match=f"more than {MOST_POINTS:,}"):
        gauss([Uniform(0.0, 1.0)] * 20, 10)
    with pytest.raises(ValueError, match="sparse plan"):
        clenshaw_curtis(10, 20)


def test_the_root_logger_stays_as_it_was():
    script = (
        "import logging; r = logging.getLogger(); b = (r.level, r.handlers[:]);"
        "from uq.sampling.quadrature import sparse; sparse(1, 2);"
        "assert 'chaospy' in __import__('sys').modules; assert (r.level, r.handlers) == b"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
