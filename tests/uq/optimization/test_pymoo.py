"""Fronts of rival goals by the real pymoo, against the closed form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pymoo", reason="needs the extra: pip install '.[pymoo]'")

from uq.core.dataset import evaluate
from uq.core.distributions import Normal, Uniform
from uq.core.problem import Columns, Input, Output, Problem
from uq.optimization.decision import Decision
from uq.optimization.objectives import Bound, Goal, Mean, Quantile
from uq.optimization.pymoo import ParetoProblem, front
from uq.sampling.plans import latin_hypercube
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos


def schaffer(c: Columns) -> Columns:
    """Schaffer (1985) with noise: f1 = x^2 + e, f2 = (x - 2)^2 + e; the front is x in [0, 2],
    sqrt(f1) + sqrt(f2) = 2."""
    return {"near": c["x"] ** 2 + c["e"], "far": (c["x"] - 2.0) ** 2 + c["e"] + 0.0 * c["z"]}


PROBLEM = Problem(
    (
        Input("x", "m", Uniform(-1.0, 3.0), role="design"),
        Input("z", "m", Uniform(0.0, 1.0), role="design"),
        Input("e", "m2", Normal(0.0, 0.1)),
    ),
    (Output("near", "m2"), Output("far", "m2")),
    schaffer,
    version="schaffer",
)
DATA = evaluate(PROBLEM, PROBLEM.physical(latin_hypercube(60, 3, seed=1).unit))
DECISION = Decision.of(PolynomialChaos.fit(DATA), samples=64)
GOALS = (Goal(Mean("near")), Goal(Mean("far")))


def test_the_front_is_that_of_the_closed_form() -> None:
    found = front(DECISION, GOALS, population=40, generations=40)
    noise = DECISION.x[:, 2].mean()
    roots = np.sqrt(np.maximum(found.values - noise, 0.0)).sum(axis=1)
    assert len(found.values) == 40
    assert roots == pytest.approx(2.0, abs=0.02)
    assert found.designs[:, 0].min() < 0.15
    assert found.designs[:, 0].max() > 1.85
    assert "minimum mean near [m2]" in str(found)
    assert "x [m]" in str(found)


def test_quantiles_bounds_and_the_most_are_goals_too() -> None:
    """Most of far and least of the 95 % quantile of near, with near at most 0.25 on average: |x| <= 0.5."""
    goals = (
        Goal(Quantile("near", 0.95), bounds=(Bound(Mean("near"), high=0.25),)),
        Goal(Mean("far"), "maximize"),
    )
    found = front(DECISION, goals, population=30, generations=40)
    assert (np.abs(found.designs[:, 0]) < 0.52).all()
    assert found.values[:, 1].max() == pytest.approx(6.25, abs=0.15)


def test_bounds_that_no_design_meets_give_the_least_violated_one() -> None:
    found = front(DECISION, (GOALS[0], Goal(Mean("far"), bounds=(Bound(Mean("near"), high=-1.0),))))
    assert len(found.designs) == 0
    assert found.least_violated is not None
    assert found.least_violated[0] == pytest.approx(0.0, abs=0.05)
    assert "no design meets all bounds" in str(found)


def test_the_same_seed_gives_the_same_front() -> None:
    one, two = (front(DECISION, GOALS, population=12, generations=5, seed=3) for _ in range(2))
    assert np.array_equal(one.designs, two.designs)


def test_no_population_is_no_front() -> None:
    for sizes in ({"population": 0}, {"generations": 0}):
        with pytest.raises(ValueError, match="needs a population"):
            front(DECISION, GOALS, **sizes)


def test_one_goal_is_no_front() -> None:
    with pytest.raises(ValueError, match="at least two goals"):
        ParetoProblem(DECISION, GOALS[:1])


def test_a_missing_library_is_said_in_one_line() -> None:
    script = "import sys; sys.modules['pymoo'] = None; import uq.optimization.pymoo"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[3]
    )
    assert (
        done.stderr.strip().splitlines()[-1]
        == "ImportError: pymoo is not installed: pip install '.[pymoo]' in the clone"
    )
