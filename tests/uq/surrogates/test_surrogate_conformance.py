"""What every surrogate does, whatever it is made of."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
from surrogate_problems import BEAM, CORRELATED, WAVY, fresh, sampled, wavy

from uq.core.dataset import Dataset
from uq.core.distributions import Uniform
from uq.core.problem import Input, Output, Problem
from uq.surrogates.archive import save_surrogate
from uq.surrogates.base import Surrogate
from uq.surrogates.gaussian_process import gaussian_process as gp
from uq.surrogates.gaussian_process import kernels
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.loading import load_surrogate
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import choose


def composite(data: Dataset) -> Surrogate:
    """One output by chaos, the other by a process, whichever is better."""
    return choose(data, tolerance=1e-3).surrogate


FITS = {
    "polynomial chaos": PolynomialChaos.fit,
    "gaussian process": GaussianProcess.fit,
    "gaussian process, linear trend": functools.partial(
        GaussianProcess.fit, trend=gp.linear_trend(3), kernels=[kernels.MATERN_3_2]
    ),
    "chaos kriging": gp.chaos_kriging,
    "composite": composite,
}
every = pytest.mark.parametrize("fit", FITS.values(), ids=FITS.keys())


@functools.lru_cache
def fitted(name: str) -> Surrogate:
    return FITS[name](sampled())


each = pytest.mark.parametrize("surrogate", [functools.partial(fitted, n) for n in FITS], ids=FITS.keys())


@each
def test_it_predicts_fresh_points_of_a_smooth_function(surrogate):
    data = fresh()
    error = surrogate().mean(data.x) - data.y
    assert ((error**2).mean(axis=0) / data.y.var(axis=0) < 0.01).all()


@each
def test_mean_is_the_mean_of_the_prediction(surrogate):
    x = fresh(n=300).x
    prediction = surrogate().predict(x)
    assert prediction.mean.shape == prediction.std.shape == (300, 2)
    assert surrogate().mean(x) == pytest.approx(prediction.mean, abs=1e-7)


@each
def test_spread_is_positive_and_finite(surrogate):
    std = surrogate().predict(fresh().x).std
    assert np.isfinite(std).all()
    assert (std > 0.0).all()


@each
def test_gradient_is_the_slope_of_the_mean(surrogate):
    x = fresh(n=40).x
    slopes = surrogate().gradient(x)
    assert slopes.shape == (40, 2, 3)
    for j, law in enumerate(WAVY.distributions):
        step = np.zeros(3)
        step[j] = 1e-4 * law.moments()[1]
        numeric = (surrogate().mean(x + step) - surrogate().mean(x - step)) / (2.0 * step[j])
        assert slopes[:, :, j] == pytest.approx(numeric, rel=1e-3, abs=3e-4)


@each
def test_it_is_a_model_whose_columns_come_in_any_order(surrogate):
    x = fresh(n=20).x
    result = surrogate()({"c": x[:, 2], "unused": x[:, 0], "a": x[:, 0], "b": x[:, 1]})
    assert list(result) == ["wavy", "linear"]
    assert np.array_equal(result["linear"], surrogate().mean(x)[:, 1])


@each
def test_a_missing_column_is_named(surrogate):
    with pytest.raises(ValueError, match="'b'"):
        surrogate()({"a": np.ones(2), "c": np.ones(2)})


@each
def test_a_prediction_does_not_depend_on_its_company(surrogate):
    x = fresh(n=700).x
    together = surrogate().predict(x)
    alone = surrogate().predict(x[613:614])
    # rounding, times the condition of an almost noiseless covariance
    assert alone.mean[0] == pytest.approx(together.mean[613], abs=1e-7)
    assert alone.std[0] == pytest.approx(together.std[613], rel=1e-3)


@each
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_points_that_are_not_finite_are_refused(surrogate, bad):
    x = fresh(n=5).x.copy()
    x[3, 1] = bad
    for method in (surrogate().predict, surrogate().mean, surrogate().gradient):
        with pytest.raises(ValueError, match="'b'"):
            method(x)


@each
def test_points_of_another_width_are_refused(surrogate):
    with pytest.raises(ValueError, match="3"):
        surrogate().predict(np.ones((4, 2)))


@each
def test_it_carries_the_rows_that_made_it_and_their_left_out_errors(surrogate):
    assert surrogate().x.shape == (60, 3)
    assert surrogate().residuals.shape == (60, 2)
    data = fresh()
    true = np.sqrt(((surrogate().mean(data.x) - data.y) ** 2).mean(axis=0))
    own = np.sqrt((surrogate().residuals ** 2).mean(axis=0))
    assert (own < 5.0 * true + 1e-3).all()
    assert (own > 0.2 * true - 1e-3).all()


@each
def test_a_saved_surrogate_predicts_the_same_bits(surrogate, tmp_path):
    path = tmp_path / "surrogate.uq"
    save_surrogate(surrogate(), path)
    again = load_surrogate(path, version="wavy 1")
    x = fresh(n=100).x
    assert np.array_equal(again.predict(x).mean, surrogate().predict(x).mean)
    assert np.array_equal(again.predict(x).std, surrogate().predict(x).std)
    assert np.array_equal(again.mean(x), surrogate().mean(x))
    assert np.array_equal(again.gradient(x), surrogate().gradient(x))
    assert np.array_equal(again.residuals, surrogate().residuals)
    assert again.problem.output_names == surrogate().problem.output_names


@every
def test_error_falls_with_the_number_of_runs(fit):
    data = fresh()
    errors = []
    for n in (15, 60):
        runs = [sampled(n=n, seed=s) for s in (1, 2, 3)]
        errors.append(np.median([np.mean((fit(d).mean(data.x) - data.y)[:, 0] ** 2) for d in runs]))
    assert errors[1] < 0.5 * errors[0]


@every
def test_a_linear_function_is_recovered(fit):
    inputs = tuple(Input(f"x{j}", "1", Uniform(0.0, 1.0)) for j in range(3))
    problem = Problem(
        inputs,
        (Output("one"), Output("two")),
        lambda c: {"one": 1.0 + c["x0"] - 3.0 * c["x1"], "two": 5.0 - c["x2"]},
    )
    surrogate = fit(sampled(problem, 40))
    data = fresh(problem, 500)
    assert np.abs(surrogate.mean(data.x) - data.y).max() < 2e-4
    expected = [[1.0, -3.0, 0.0], [0.0, 0.0, -1.0]]
    assert np.abs(surrogate.gradient(data.x[:20]) - expected).max() < 2e-3


@every
def test_a_change_of_units_changes_nothing_else(fit):
    inner, outer = 1024.0, 4096.0  # powers of two round alike, so the searches take the same steps
    scaled = Problem(
        (Input("a", "mm", Uniform(-2.0 * inner, 2.0 * inner)), *WAVY.inputs[1:]),
        WAVY.outputs,
        lambda c: {k: outer * v for k, v in wavy({**c, "a": c["a"] / inner}).items()},
    )
    data = sampled()
    moved = Dataset.from_arrays(data.x * [inner, 1.0, 1.0], outer * data.y, problem=scaled)
    x = fresh(n=50).x
    here, there = fit(data).predict(x), fit(moved).predict(x * [inner, 1.0, 1.0])
    assert there.mean / outer == pytest.approx(here.mean, rel=1e-6, abs=1e-6)
    assert there.std / outer == pytest.approx(here.std, rel=1e-3)


@every
def test_infeasible_rows_are_not_learnt(fit):
    data = sampled()
    y, status = data.y.copy(), data.status.copy()
    y[::7], status[::7] = 1e9, 3
    holed = Dataset.from_arrays(data.x, y, problem=WAVY, status=status)
    kept = data.where(status == 0)
    x = fresh(n=20).x
    assert np.array_equal(fit(holed).mean(x), fit(kept).mean(x))


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_feasible_rows_without_numbers_are_refused_by_the_column(fit, bad):
    data = sampled()
    good = np.zeros(len(data), dtype=int)
    x, y = data.x.copy(), data.y.copy()
    x[3, 1] = bad
    without = Dataset.from_arrays(x, data.y, problem=WAVY)
    assert without.counts() == {
        "good": len(data) - 1,
        "not finite": 1,
    }  # a row with a missing input is not good
    y[5, 1] = bad
    with pytest.raises(ValueError, match="'linear' is NaN or infinite"):
        fit(Dataset.from_arrays(data.x, y, problem=WAVY, status=good))


@every
def test_too_few_rows_are_refused_with_the_remedy(fit):
    with pytest.raises(ValueError, match="at least"):
        fit(sampled(n=4))


@every
def test_a_constant_output_is_refused_by_name(fit):
    data = sampled()
    flat = Dataset.from_arrays(data.x, np.column_stack([data.y[:, 0], np.full(60, 2.0)]), problem=WAVY)
    with pytest.raises(ValueError, match="'linear' is constant"):
        fit(flat)


@every
def test_repeated_rows_count_once_and_contradictions_are_refused(fit):
    data = sampled()
    twice = Dataset.from_arrays(
        np.vstack([data.x, data.x[:5]]), np.vstack([data.y, data.y[:5]]), problem=WAVY
    )
    x = fresh(n=20).x
    assert np.array_equal(fit(twice).mean(x), fit(data).mean(x))
    wrong = Dataset.from_arrays(
        np.vstack([data.x, data.x[:5]]), np.vstack([data.y, data.y[:5] + 1.0]), problem=WAVY
    )
    with pytest.raises(ValueError, match="different outputs"):
        fit(wrong)


@every
def test_data_without_an_input_are_refused_by_its_name(fit):
    data = sampled()
    poorer = Problem(WAVY.inputs[:2], WAVY.outputs)
    with pytest.raises(ValueError, match="'c'"):
        fit(Dataset.from_arrays(data.x[:, :2], data.y, problem=poorer).with_problem(WAVY))


@every
def test_columns_of_the_data_are_matched_by_name(fit):
    data = sampled()
    turned = dataclasses.replace(WAVY, inputs=WAVY.inputs[::-1])
    shuffled = Dataset.from_arrays(data.x[:, ::-1], data.y, problem=turned)
    x = fresh(n=20).x
    assert np.array_equal(fit(shuffled.with_problem(WAVY)).mean(x), fit(data).mean(x))


@every
def test_dependent_inputs_are_learnt_as_well(fit):
    data = fresh(CORRELATED)
    error = fit(sampled(CORRELATED)).mean(data.x) - data.y
    assert ((error**2).mean(axis=0) / data.y.var(axis=0) < 0.01).all()


@every
def test_inputs_that_move_together_are_refused_by_their_names(fit):
    data = sampled()
    x = data.x.copy()
    x[:, 1] = 1.0 + 0.25 * x[:, 0]
    with pytest.raises(ValueError, match="'a', 'b' are linear functions of each other"):
        fit(Dataset.from_arrays(x, data.y, problem=WAVY))


@every
def test_an_input_that_never_moves_is_refused_by_its_name(fit):
    data = sampled()
    x = data.x.copy()
    x[:, 1] = 1.0
    with pytest.raises(ValueError, match="'b' has one value"):
        fit(Dataset.from_arrays(x, data.y, problem=WAVY))


@every
def test_fitting_twice_gives_the_same_bits(fit):
    x = fresh(n=20).x
    one, two = fit(sampled()).predict(x), fit(sampled()).predict(x)
    assert np.array_equal(one.mean, two.mean)
    assert np.array_equal(one.std, two.std)


@pytest.mark.parametrize("name", ["polynomial chaos", "gaussian process"])
def test_nine_in_ten_fresh_points_lie_in_ninety_percent_intervals(name):
    coverage = []
    for seed in range(5):
        data = fresh(BEAM, 1000, seed=500 + seed)
        prediction = FITS[name](sampled(BEAM, 150, seed)).predict(data.x)
        coverage.append((np.abs(data.y - prediction.mean) <= 1.6449 * prediction.std).mean())
    # left-out quantiles of 150 rows have a standard error of sqrt(0.9 0.1 / 150) = 0.024, over 5 seeds 0.011
    assert abs(np.mean(coverage) - 0.9) < 0.05
