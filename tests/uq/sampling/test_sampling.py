"""Plans fill the cube as their scheme promises, again and again from the same seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from analytic import CORRELATED, ishigami, linear_gaussian
from scipy.stats import qmc

from uq.core.dataset import evaluate
from uq.sampling.plans import (
    Plan,
    grid,
    halton,
    latin_hypercube,
    monte_carlo,
    refine,
    saltelli,
    scrambles,
    sobol_sequence,
)
from uq.sampling.trajectories import trajectories
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.refinement import uncertainty, uncertainty_of_limit, uncertainty_of_total

SCHEMES = [monte_carlo, sobol_sequence, halton, latin_hypercube]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_seed_draws_the_same_plan_twice_and_another_another(scheme: Callable[..., Plan]) -> None:
    assert np.array_equal(scheme(50, 3, seed=4).unit, scheme(50, 3, seed=4).unit)
    assert not np.array_equal(scheme(50, 3, seed=4).unit, scheme(50, 3, seed=5).unit)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_points_lie_in_the_cube_and_cannot_be_changed(scheme: Callable[..., Plan]) -> None:
    plan = scheme(33, 4, seed=1)
    assert plan.unit.shape == (33, 4) == (len(plan), plan.dimension)
    assert 0.0 <= plan.unit.min() <= plan.unit.max() <= 1.0
    with pytest.raises(ValueError, match="read-only"):
        plan.unit[0, 0] = 0.5


@pytest.mark.parametrize("scheme", [sobol_sequence, halton])
def test_a_longer_sequence_begins_with_the_shorter(scheme: Callable[..., Plan]) -> None:
    assert np.array_equal(scheme(100, 5, seed=2).unit[:37], scheme(37, 5, seed=2).unit)


def test_scrambles_are_balanced_each_and_grow_by_whole_ones() -> None:
    plan = scrambles(256, 4, seed=2, replicates=8)
    assert plan.details == {"replicates": 8}
    assert np.array_equal(plan.unit[:128], scrambles(128, 4, seed=2, replicates=4).unit)
    for scramble in np.split(plan.unit, 8):
        assert np.array_equal(np.sort(np.floor(scramble * 32), axis=0), np.tile(np.arange(32.0)[:, None], 4))
    with pytest.raises(ValueError, match="power of two"):
        scrambles(96, 4, seed=1, replicates=8)
    with pytest.raises(ValueError, match="do not divide"):
        scrambles(100, 4, seed=1, replicates=8)


@pytest.mark.parametrize("optimized", [False, True])
def test_every_stratum_of_a_latin_hypercube_holds_one_point(optimized: bool) -> None:
    unit = latin_hypercube(64, 5, seed=1, optimized=optimized).unit
    assert (np.sort((unit * 64).astype(int), axis=0) == np.arange(64)[:, None]).all()


def test_an_optimized_hypercube_fills_better() -> None:
    plain, better = (latin_hypercube(40, 4, seed=3, optimized=o).unit for o in (False, True))
    assert qmc.discrepancy(better) < qmc.discrepancy(plain)


def test_the_error_of_a_mean_falls_at_the_rate_of_the_scheme() -> None:
    """Product of (1 + (u - 1/2) / j) over 4 inputs, mean 1: Monte Carlo n^-1/2, scrambled Sobol' nearly n^-3/2."""

    def error(scheme: Callable[..., Plan], n: int) -> float:
        means = [
            np.prod(1.0 + (scheme(n, 4, seed=s).unit - 0.5) / np.arange(1, 5), axis=1).mean()
            for s in range(32)
        ]
        return float(np.sqrt(np.mean((np.array(means) - 1.0) ** 2)))

    rate = {
        s.__name__: np.log(error(s, 64) / error(s, 4096)) / np.log(64.0)
        for s in (monte_carlo, sobol_sequence)
    }
    assert 0.3 < rate["monte_carlo"] < 0.7
    assert rate["sobol_sequence"] > 1.0


def test_a_saltelli_plan_freezes_all_inputs_but_one() -> None:
    plan = saltelli(8, 3, seed=1, second_order=True)
    blocks = plan.unit.reshape(8, 8, 3)
    a, b = blocks[:, 0], blocks[:, -1]
    for j in range(3):
        assert np.array_equal(blocks[:, 1 + j, j], b[:, j])
        assert np.array_equal(np.delete(blocks[:, 1 + j], j, 1), np.delete(a, j, 1))
        assert np.array_equal(blocks[:, 4 + j, j], a[:, j])
    with pytest.raises(ValueError, match="power of two"):
        saltelli(7, 3, seed=1)


def test_a_grid_has_every_combination_of_cell_centres() -> None:
    unit = grid(3, 2).unit
    assert {tuple(row) for row in unit.round(6)} == {
        (round((i + 0.5) / 3, 6), round((j + 0.5) / 3, 6)) for i in range(3) for j in range(3)
    }


@pytest.mark.parametrize(
    "wrong", [np.zeros((0, 2)), np.zeros(3), np.full((2, 2), 1.5), np.full((2, 2), np.nan)]
)
def test_points_that_are_no_plan_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="plan"):
        Plan(wrong, "mine", 0)


# -- refinement -------------------------------------------------------------------------------------------------


def test_refinement_goes_where_the_score_is_and_does_not_crowd() -> None:
    plan = sobol_sequence(16, 2, seed=1)
    more = refine(plan, 20, lambda u: np.where(u[:, 0] > 0.8, 1.0, 0.0), seed=2).unit
    assert (more[:, 0] > 0.8).all()
    gaps = np.linalg.norm(more[:, None] - more[None], axis=2)[np.triu_indices(20, 1)]
    assert gaps.min() > 0.02


def test_runs_at_the_doubt_of_a_surrogate_lower_its_error() -> None:
    known = ishigami()
    problem = known.problem
    plan = sobol_sequence(40, 3, seed=1)
    data = evaluate(problem, problem.physical(plan.unit))
    before = PolynomialChaos.fit(data)
    more = refine(plan, 24, uncertainty(before, "y"), seed=3)
    after = PolynomialChaos.fit(evaluate(problem, problem.physical(np.concatenate([plan.unit, more.unit]))))
    fresh = evaluate(problem, problem.physical(sobol_sequence(2048, 3, seed=9).unit))
    errors = [np.sqrt(np.mean((s.mean(fresh.x) - fresh.y) ** 2)) for s in (before, after)]
    assert errors[1] < 0.3 * errors[0]


def test_runs_for_a_limit_lie_at_the_limit() -> None:
    known = ishigami()
    problem = known.problem
    plan = sobol_sequence(64, 3, seed=1)
    surrogate = PolynomialChaos.fit(evaluate(problem, problem.physical(plan.unit)))
    limit = known.mean + 1.5 * known.std
    more = refine(plan, 20, uncertainty_of_limit(surrogate, "y", limit), seed=3)
    y = evaluate(problem, problem.physical(more.unit))["y"]
    assert np.median(np.abs(y - limit)) < 0.15 * known.std


def test_runs_for_an_index_are_scored_by_what_they_lower_its_doubt() -> None:
    """The score is that of the rank-one update of the posterior covariance that a run brings."""
    known = ishigami()
    problem = known.problem
    data = evaluate(problem, problem.physical(sobol_sequence(48, 3, seed=1).unit))
    chaos = PolynomialChaos.fit(data)
    unit = sobol_sequence(16, 3, seed=2).unit
    psi = chaos.basis.matrix(problem.physical(unit), chaos.indices)
    c, covariance = chaos.coefficients[:, 0], chaos.uncertainty[:, :, 0] @ chaos.uncertainty[:, :, 0].T

    def total(c: np.ndarray) -> float:
        return float(np.sum(c[chaos.indices[:, 2] > 0] ** 2) / np.sum(c[chaos.indices.any(axis=1)] ** 2))

    assert total(c) == pytest.approx(chaos.sobol_indices("y").total[2], rel=1e-9)
    steps = 1e-6 * np.eye(len(c))
    slope = np.array([(total(c + e) - total(c - e)) / 2e-6 for e in steps])
    scores = uncertainty_of_total(chaos, "y", ["x3"])(unit)
    for row, score in zip(psi, scores, strict=True):
        gain = covariance @ row
        after = covariance - np.outer(gain, gain) / (row @ gain + chaos.floor[0])
        lowered = slope @ covariance @ slope - slope @ after @ slope
        assert score == pytest.approx(np.sqrt(max(lowered, 0.0)), rel=1e-4, abs=1e-6 * scores.max())


def test_runs_for_an_index_of_dependent_inputs_are_refused() -> None:
    problem = linear_gaussian([1.0] * 6, CORRELATED).problem
    chaos = PolynomialChaos.fit(evaluate(problem, problem.physical(sobol_sequence(40, 6, seed=1).unit)))
    with pytest.raises(ValueError, match="independent"):
        uncertainty_of_total(chaos, "y", ["x1"])


@pytest.mark.parametrize("score", [lambda u: -u[:, 0], lambda u: u[:, 0] / 0.0, lambda u: u])
def test_a_score_must_be_a_number_for_each_point(score: Callable[[np.ndarray], np.ndarray]) -> None:
    with np.errstate(divide="ignore"), pytest.raises(ValueError, match="score"):
        refine(sobol_sequence(8, 2, seed=1), 2, score, seed=1)


def test_one_input_has_trajectories_too():
    assert trajectories(4, 1, seed=1).unit.shape == (8, 1)
