"""Plans on which errors cannot be seen by leaving single rows out: grids, repeated rows, base points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from uq import load_surrogate
from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Discrete, Uniform
from uq.core.problem import Input, Output, Problem
from uq.sampling.pick_freeze import pick_freeze
from uq.sampling.plans import grid, latin_hypercube, monte_carlo
from uq.sampling.structure import structure_of
from uq.sampling.trajectories import trajectories
from uq.surrogates.base import HALF_WIDTH
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.polynomial_chaos.least_angle import Selection
from uq.surrogates.refinement import uncertainty_of_limit
from uq.surrogates.validation import choose, learning_curve, validate

MODELS = {
    "product": lambda c: {"y": c["a"] * (c["a"] - 2.0) * (c["b"] - 1.0)},
    "waves": lambda c: {"y": np.sin(4.0 * c["a"]) + c["b"]},
    "kinks": lambda c: {"y": np.abs(c["a"] - 0.7) + np.abs(c["b"] - 1.2)},
}
FITS = {"chaos": PolynomialChaos.fit, "process": GaussianProcess.fit}
every_fit = pytest.mark.parametrize("fit", FITS.values(), ids=FITS.keys())
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


def problem_of(model, names: str = "ab") -> Problem:
    return Problem(tuple(Input(n, "1", Uniform(0.0, 2.0)) for n in names), (Output("y"),), model, version="1")


def sampled(problem: Problem, unit) -> Dataset:
    return evaluate(problem, problem.physical(unit))


@every_fit
@every_model
@pytest.mark.parametrize("levels", [3, 5])
def test_errors_between_the_values_of_a_grid_are_covered(fit, model, levels):
    problem = problem_of(model)
    data, fresh = sampled(problem, grid(levels, 2).unit), sampled(problem, monte_carlo(1000, 2, seed=9).unit)
    found = fit(data).predict(fresh.x)
    assert (np.abs(fresh.y - found.mean) <= HALF_WIDTH * found.std).mean() >= 0.9


@every_fit
@pytest.mark.parametrize("levels", [3, 4, 5, 6])
def test_a_part_that_vanishes_at_every_value_of_a_grid_is_covered(fit, levels):
    at = np.linspace(0.0, 2.0, levels)
    steep = 2.0 ** (
        3 - levels
    )  # of its coefficient, which falls with the degree as those of smooth functions do
    problem = problem_of(lambda c: {"y": c["b"] + steep * np.prod([c["a"] - v for v in at], axis=0)})
    rows = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
    fresh = sampled(problem, monte_carlo(1000, 2, seed=9).unit)
    found = fit(evaluate(problem, rows)).predict(fresh.x)
    assert (np.abs(fresh.y - found.mean) <= HALF_WIDTH * found.std).mean() >= 0.9


def test_a_polynomial_is_found_on_a_grid_of_more_values_than_its_degree():
    problem = problem_of(MODELS["product"])
    data, fresh = sampled(problem, grid(5, 2).unit), sampled(problem, monte_carlo(1000, 2, seed=9).unit)
    found = PolynomialChaos.fit(data)
    assert found.indices.max() <= 4
    assert found.mean(fresh.x) == pytest.approx(fresh.y, abs=1e-8)
    chosen = choose(data)
    assert chosen.chosen == ("polynomial chaos",)


def shaken(unit, jitter: float):
    return np.clip(unit + jitter * np.random.default_rng(1).uniform(-1.0, 1.0, unit.shape), 0.0, 1.0)


@pytest.mark.parametrize(("fit", "jitter"), [("chaos", 0.0), ("chaos", 2e-7), ("process", 2e-3)])
def test_validation_leaves_whole_values_of_a_grid_out(fit, jitter):
    problem = problem_of(MODELS["waves"])
    data = sampled(problem, shaken(grid(5, 2).unit, jitter))
    fresh = sampled(problem, monte_carlo(1000, 2, seed=9).unit)
    found = FITS[fit](data)
    predicted = found.predict(fresh.x)
    true = float(np.sqrt(np.mean((predicted.mean - fresh.y) ** 2)))
    assert validate(FITS[fit], data).rmse[0] > 0.5 * true
    assert float(np.sqrt(np.mean(found.residuals**2))) > 0.5 * true
    assert (np.abs(fresh.y - predicted.mean) <= HALF_WIDTH * predicted.std).mean() >= 0.9


@pytest.mark.parametrize(("fit", "jitter"), [("chaos", 1e-12), ("chaos", 1e-4), ("process", 1e-9)])
def test_rows_repeated_with_a_jitter_claim_no_more_than_the_rows_that_they_repeat(fit, jitter):
    """Twelve runs of a wave, three times each: left out alone, each would be known by two others."""
    problem = problem_of(MODELS["waves"])
    unit = np.repeat(monte_carlo(12, 2, seed=5).unit, 3, axis=0)
    data, fresh = sampled(problem, shaken(unit, jitter)), sampled(problem, monte_carlo(1000, 2, seed=9).unit)
    found = FITS[fit](data)
    predicted = found.predict(fresh.x)
    true = float(np.sqrt(np.mean((predicted.mean - fresh.y) ** 2)))
    assert (np.abs(fresh.y - predicted.mean) <= HALF_WIDTH * predicted.std).mean() >= 0.8
    assert float(np.sqrt(np.mean(found.residuals**2))) > 0.5 * true
    assert validate(FITS[fit], data, folds=4).rmse[0] > 0.5 * true


def test_two_values_of_an_input_cannot_be_validated_and_a_grid_has_no_learning_curve():
    problem = problem_of(MODELS["waves"])
    unit = latin_hypercube(20, 2, seed=1).unit.copy()
    unit[:, 0] = np.where(unit[:, 0] < 0.5, 0.25, 0.75)
    with pytest.raises(ValueError, match="'a' has 2 values in the data"):
        validate(PolynomialChaos.fit, sampled(problem, unit))
    for jitter in (0.0, 1e-6, 2e-3):
        with pytest.raises(ValueError, match="'a' has 5 values in the data"):
            learning_curve(PolynomialChaos.fit, sampled(problem, shaken(grid(5, 2).unit, jitter)))


def test_a_row_that_alone_determines_a_term_is_left_out_without_an_error_of_linear_algebra():
    q = np.array([[1.0, 0.0, 0.0], [0.0, np.sqrt(0.5), np.sqrt(0.5)]]).T
    of_two = Selection(np.arange(2), np.ones(2), np.array([0.0, -2.0, 2.0]), 0.0, q)
    assert of_two.without(np.array([True, True, False])) == pytest.approx([0.0, -2.0], abs=1e-12)


def test_a_learning_curve_keeps_blocks_whole():
    problem = problem_of(MODELS["waves"])
    unit = np.repeat(monte_carlo(16, 2, seed=5).unit, 3, axis=0)
    curve = learning_curve(PolynomialChaos.fit, sampled(problem, shaken(unit, 1e-9)), shares=(0.4, 0.6, 0.8))
    assert (curve.rows % 3 == 0).all()


def test_all_values_of_a_discrete_law_are_no_grid():
    inputs = (Input("k", "1", Discrete((1.0, 2.0, 3.0), (0.2, 0.3, 0.5))), Input("a", "1", Uniform(0.0, 1.0)))
    problem = Problem(inputs, (Output("y"),))
    x = problem.physical(monte_carlo(60, 2, seed=1).unit)
    assert structure_of(problem, x).plain
    assert structure_of(problem, x[x[:, 0] < 3.0]).gridded == (0,)


def test_base_points_trajectories_and_repeated_rows_are_recognised_in_any_order():
    problem = problem_of(None, "abcdefgh")
    shuffled = np.random.default_rng(1).permutation
    for unit, blocks in (
        (pick_freeze(32, 8, seed=1).unit, 32),
        (pick_freeze(32, 8, seed=1, second_order=True).unit, 32),
        (np.repeat(monte_carlo(40, 8, seed=1).unit, 3, axis=0), 40),
        (np.concatenate([monte_carlo(40, 8, seed=1).unit] + 5 * [np.full((1, 8), 0.3)]), 41),
        (trajectories(5, 8, seed=1).unit, 5),
        (monte_carlo(100, 8, seed=1).unit, 100),
        (latin_hypercube(100, 8, seed=1).unit, 100),
        (monte_carlo(1000, 8, seed=1).unit.round(3), 1000),
    ):
        assert structure_of(problem, shuffled(unit)).blocks == blocks


@every_fit
def test_rows_of_a_base_point_are_left_out_together(fit):
    """Twelve base points of a wave: the error of fresh rows is that of twelve rows, not of 48."""
    problem = problem_of(lambda c: {"y": np.sin(5.0 * c["a"]) * c["b"]})
    plan = pick_freeze(12, 2, seed=3, replicates=12)
    data, fresh = sampled(problem, plan.unit), sampled(problem, monte_carlo(1000, 2, seed=9).unit)
    surrogate = fit(data)
    found = surrogate.predict(fresh.x)
    assert (np.abs(fresh.y - found.mean) <= HALF_WIDTH * found.std).mean() >= 0.85
    true = float(np.sqrt(np.mean((found.mean - fresh.y) ** 2)))
    assert validate(fit, data, folds=4).rmse[0] > 0.7 * true


def test_a_process_of_a_grid_is_the_same_after_it_was_saved(tmp_path):
    problem = problem_of(MODELS["kinks"])
    fitted = GaussianProcess.fit(sampled(problem, grid(4, 2).unit))
    fitted.save(tmp_path / "grid")
    again, x = load_surrogate(tmp_path / "grid"), problem.physical(monte_carlo(50, 2, seed=2).unit)
    assert again.predict(x).std == pytest.approx(fitted.predict(x).std, rel=1e-9)
    assert again.residuals == pytest.approx(fitted.residuals, rel=1e-9)


def test_a_run_is_wanted_where_the_limit_may_lie_and_the_prediction_is_uncertain():
    problem = problem_of(MODELS["waves"])
    data = sampled(problem, latin_hypercube(12, 2, seed=1).unit)
    surrogate, unit = GaussianProcess.fit(data), np.array([[0.2, 0.3], [0.8, 0.6]])
    predicted = surrogate.predict(problem.physical(unit))
    score = uncertainty_of_limit(surrogate, "y", 0.5)(unit)
    distance = np.abs(predicted.mean[:, 0] - 0.5)
    # E[(error - distance)+] of a normal error, by a fine sum
    z = special.ndtri((np.arange(200_000) + 0.5) / 200_000)
    exact = [np.maximum(s * z - d, 0.0).mean() for s, d in zip(predicted.std[:, 0], distance, strict=True)]
    assert score == pytest.approx(exact, rel=1e-3, abs=1e-9)
