"""Rows that do not follow the laws of their problem have no mean, bound or correction under them."""

from __future__ import annotations

import numpy as np
import pytest

from uq import Dataset, PolynomialChaos
from uq.core.dataset import evaluate
from uq.core.distributions import Discrete, Normal, Uniform
from uq.core.problem import Input, Output, Problem
from uq.propagation.control_variates import corrected
from uq.propagation.propagate import propagate
from uq.propagation.tolerance import tolerance
from uq.sampling.plans import Plan, grid, latin_hypercube, monte_carlo, sobol_sequence
from uq.sampling.quadrature import gauss
from uq.sampling.trajectories import trajectories


def problem_of(law=Uniform(0.0, 1.0)) -> Problem:  # noqa: B008
    inputs = (Input("a", "1", law), Input("b", "1", Normal(0.0, 1.0)))
    return Problem(inputs, (Output("y"),), lambda c: {"y": c["a"] + c["b"]}, version="1")


def rows(plan: Plan, problem: Problem | None = None) -> Dataset:
    problem = problem or problem_of()
    return evaluate(problem, problem.physical(plan.unit))


def narrowed(n: int = 256) -> Dataset:
    return evaluate(problem_of(), monte_carlo(n, 2, seed=1).unit * [0.4, 1.0])


def test_rows_of_other_laws_and_rows_that_were_picked_are_refused():
    data = rows(monte_carlo(256, 2, seed=1))
    surrogate = PolynomialChaos.fit(data)
    for wrong in (narrowed(), data.where(data["a"] > 0.5)):
        for ask in (propagate, lambda d: tolerance(d, "y"), lambda d: corrected(d, surrogate)):
            with pytest.raises(ValueError, match="do not follow the law of 'a'"):
                ask(wrong)


@pytest.mark.parametrize("plan", [sobol_sequence, latin_hypercube, monte_carlo])
@pytest.mark.parametrize("law", [Uniform(0.0, 1.0), Discrete((1.0, 2.0, 5.0), (0.2, 0.3, 0.5))])
@pytest.mark.parametrize("n", [16, 1024])
def test_rows_of_plans_are_taken(plan, law, n):
    assert not [
        s for s in propagate(rows(plan(n, 2, seed=3), problem_of(law)))["y"].notes if "few values" in s
    ]


def test_levels_are_taken_for_levels_and_nodes_of_a_quadrature_not_at_all():
    levels = propagate(rows(trajectories(400, 2, seed=1)))["y"]
    assert any("few values of an input ('a' 4, 'b' 4)" in note for note in levels.notes), levels.notes
    assert propagate(rows(grid(5, 2)))
    plan = gauss([i.distribution for i in problem_of().inputs], 3)
    data = evaluate(problem_of(), problem_of().physical(plan.unit))
    data = Dataset(data.problem, data.x, data.y, data.status, {"scheme": "gauss", "details": plan.details})
    with pytest.raises(ValueError, match="nodes of a quadrature"):
        propagate(data)


def test_laws_made_from_the_rows_themselves_are_not_asked():
    x = np.random.default_rng(1).normal(size=(500, 2))
    assert propagate(Dataset.from_arrays(x, x.sum(axis=1)))["y"].mean == pytest.approx(x.sum(axis=1).mean())
