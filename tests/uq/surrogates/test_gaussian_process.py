"""Gaussian processes against closed forms, and the figures that they are held to."""

from __future__ import annotations

import analytic
import numpy as np
import pytest
from scipy import linalg
from surrogate_problems import BEAM, EXACT, WAVY, fresh, sampled

from uq.core.problem import Output, Problem
from uq.surrogates.gaussian_process import likelihood
from uq.surrogates.gaussian_process.conditioning import conditioned
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess, chaos_trend, linear_trend
from uq.surrogates.gaussian_process.kernels import (
    KERNELS,
    MATERN_3_2,
    MATERN_5_2,
    RATIONAL,
    SQUARED_EXPONENTIAL,
    Pairs,
)
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

each = pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)

RANDOM = np.random.default_rng(3)
X, Z = RANDOM.normal(size=(12, 3)), RANDOM.normal(size=(5, 3))


def parameters(kernel, d=3):
    return 0.4 * np.random.default_rng(4).normal(size=kernel.size(d))


# -- kernels ------------------------------------------------------------------------------------------------------


@each
def test_a_kernel_is_one_at_distance_zero_and_symmetric(kernel):
    k = kernel.matrix(X, X, parameters(kernel))
    assert np.diag(k) == pytest.approx(1.0, abs=EXACT)
    assert k == pytest.approx(k.T, abs=EXACT)


@each
def test_a_kernel_is_positive_definite(kernel):
    assert linalg.eigvalsh(kernel.matrix(X, X, parameters(kernel)))[0] > 0.0


@each
def test_training_correlations_are_those_of_the_matrix(kernel):
    pairs = Pairs.of(X)
    trained, _ = kernel.training(pairs, parameters(kernel), kernel.scratch(pairs))
    assert np.triu(trained) == pytest.approx(np.triu(kernel.matrix(X, X, parameters(kernel))), abs=1e-12)


@each
def test_values_alone_are_those_of_the_profile(kernel):
    squares = np.linspace(0.0, 30.0, 50)
    assert kernel.values(squares.copy()) == pytest.approx(kernel.profile(squares)[0], rel=EXACT)


def test_a_row_in_a_long_tail_keeps_nine_digits():
    """A row some seventy lengths from all others, where the weights are small and the noise is large."""
    random = np.random.default_rng(1)
    train, values, level = random.normal(size=(300, 2)), random.normal(size=300), np.ones((300, 1))
    train[0], values[0] = 35.0, 4.0
    process = conditioned(MATERN_3_2, np.full(2, np.log(0.7)), 1.0, train, level, values)
    z = train[0] * (1.0 + 1e-7 * random.normal(size=(20, 2)))
    distance = np.sqrt(((z[:, None] - train) ** 2).sum(axis=2)) * np.sqrt(3.0) / 0.7
    kernel = (1.0 + distance) * np.exp(-distance)
    mean = process.center + process.spread * (process.beta + kernel @ process.weights)
    assert process.mean(z, level[:20], train) == pytest.approx(mean, abs=1e-9 * process.spread)


@each
def test_far_from_all_rows_a_sum_of_kernels_is_flat(kernel):
    far = 10.0 ** np.arange(2, 9)[:, None] * np.array([[1.0, -1.0, 0.5]])
    slopes = kernel.gradient(far, X, parameters(kernel), np.ones(12))
    assert np.isfinite(slopes).all()
    assert slopes[-1] == pytest.approx(0.0, abs=EXACT)


@each
def test_derivatives_by_the_parameters_are_those_of_differences(kernel):
    pairs, p = Pairs.of(X), parameters(kernel)
    weights = RANDOM.normal(size=(12, 12))
    weights += weights.T
    scratch = kernel.scratch(pairs)
    slopes = kernel.training(pairs, p, scratch)[1](np.triu(weights))
    for j, slope in enumerate(slopes):
        step = np.zeros(len(p))
        step[j] = 1e-5
        up, down = (np.sum(weights * kernel.matrix(X, X, p + s)) for s in (step, -step))
        assert slope == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-7)


@each
def test_derivatives_by_the_point_are_those_of_differences(kernel):
    p, weights = parameters(kernel), RANDOM.normal(size=12)
    slopes = kernel.gradient(Z, X, p, weights)
    for j in range(3):
        step = np.zeros(3)
        step[j] = 1e-5
        up, down = (kernel.matrix(Z + s, X, p) @ weights for s in (step, -step))
        assert slopes[:, j] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    ("kernel", "closed"),
    [
        (SQUARED_EXPONENTIAL, lambda t: np.exp(-(t**2) / 2)),
        (MATERN_5_2, lambda t: (1 + np.sqrt(5) * t + 5 * t**2 / 3) * np.exp(-np.sqrt(5) * t)),
        (MATERN_3_2, lambda t: (1 + np.sqrt(3) * t) * np.exp(-np.sqrt(3) * t)),
        (RATIONAL, lambda t: (1 + t**2 / 4) ** -2.0),
    ],
)
def test_profiles_are_those_of_the_book(kernel, closed):
    t = np.linspace(0.0, 5.0, 11)[:, None]
    assert kernel.matrix(t, np.zeros((1, 1)), np.log([2.0]))[:, 0] == pytest.approx(
        closed(t[:, 0] / 2.0), abs=EXACT
    )


# -- the process ---------------------------------------------------------------------------------------------------


def small(trend_terms=3, nugget=1e-3):
    """A process on 12 points, with the matrices that its formulas are written in."""
    trend = np.column_stack([np.ones(12), X])[:, :trend_terms]
    y = np.sin(X[:, 0]) + X[:, 1]
    p = np.log([1.0, 2.0, 3.0])
    process = conditioned(MATERN_5_2, p, nugget, X, trend, y, widening=1.0)
    k = MATERN_5_2.matrix(X, X, p) + nugget * np.eye(12)
    return process, trend, y, p, k


def test_mean_and_spread_are_those_of_universal_kriging():
    process, trend, y, p, k = small()
    h, c = np.column_stack([np.ones(5), Z])[:, :3], MATERN_5_2.matrix(Z, X, p)
    inverse = np.linalg.inv(k)
    a = trend.T @ inverse @ trend
    beta = np.linalg.solve(a, trend.T @ inverse @ y)
    variance = (y - trend @ beta) @ inverse @ (y - trend @ beta) / 9
    u = h - c @ inverse @ trend
    inner = 1.001 - np.sum((c @ inverse) * c, axis=1) + np.sum((u @ np.linalg.inv(a)) * u, axis=1)
    mean, std = process.predict(Z, h, X)
    assert mean == pytest.approx(h @ beta + c @ inverse @ (y - trend @ beta), rel=1e-9)
    assert std == pytest.approx(np.sqrt(variance * inner), rel=1e-9)


def test_left_out_errors_are_those_of_leaving_each_row_out():
    process, trend, y, p, _ = small()
    for i in range(12):
        kept = np.arange(12) != i
        one = conditioned(MATERN_5_2, p, 1e-3, X[kept], trend[kept], y[kept], widening=1.0)
        mean, _ = one.predict(X[i : i + 1], trend[i : i + 1], X[kept])
        assert process.left_out[i] == pytest.approx(y[i] - mean[0], rel=1e-8)


def test_the_likelihood_s_slope_is_that_of_differences():
    _, trend, y, _, _ = small()
    for kernel in KERNELS:
        pairs = Pairs.of(X)
        point = np.append(parameters(kernel), -4.0)
        arguments = (kernel, pairs, trend, y, likelihood._prior(kernel, 3), kernel.scratch(pairs))
        slope = likelihood._objective(point, *arguments)[1]
        for j in range(len(point)):
            step = np.zeros(len(point))
            step[j] = 1e-5
            up, down = (likelihood._objective(point + s, *arguments)[0] for s in (step, -step))
            assert slope[j] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-6)


def test_without_a_nugget_training_rows_are_met():
    data = sampled()
    surrogate = GaussianProcess.fit(data, nugget=1e-10)
    assert np.abs(surrogate.mean(data.x) - data.y).max() < 1e-4


def test_a_given_nugget_is_kept():
    surrogate = GaussianProcess.fit(sampled(), nugget=1e-2)
    assert [p.nugget for p in surrogate.processes] == pytest.approx([1e-2, 1e-2], rel=1e-9)


def test_noise_is_found_and_shown_in_the_spread():
    data = sampled(n=200)
    noise = 0.1 * np.random.default_rng(0).standard_normal(data.y.shape)
    noisy = type(data).from_arrays(data.x, data.y + noise, problem=WAVY)
    prediction = GaussianProcess.fit(noisy).predict(fresh(n=500).x)
    assert np.median(prediction.std, axis=0) == pytest.approx(0.1, rel=0.2)


def test_joint_samples_have_the_mean_and_spread_of_the_prediction():
    surrogate = GaussianProcess.fit(sampled(n=25))
    x = fresh(n=8).x
    draws = surrogate.sample(x, 4000, seed=1)
    prediction = surrogate.predict(x)
    assert draws.shape == (4000, 8, 2)
    # 4 standard errors of a mean and of a standard deviation of 4000 draws; the spread's nugget is not drawn
    assert np.abs(draws.mean(axis=0) - prediction.mean).max() < 4.0 * prediction.std.max() / np.sqrt(4000)
    assert draws.std(axis=0) == pytest.approx(prediction.std, rel=4.0 / np.sqrt(8000), abs=1e-3)


def test_joint_samples_of_neighbours_move_together():
    surrogate = GaussianProcess.fit(sampled(n=25))
    point = fresh(n=1).x
    draws = surrogate.sample(np.vstack([point, point * 1.0001]), 500, seed=1)[:, :, 0]
    assert np.corrcoef(draws.T)[0, 1] > 0.99


def test_left_out_predictions_match_the_training_outputs():
    surrogate = GaussianProcess.fit(sampled())
    left = surrogate.left_out()
    assert left.mean.shape == left.std.shape == (60, 2)
    share = (np.abs(surrogate.y - left.mean) <= 1.6449 * left.std).mean(axis=0)
    assert (share >= 0.88).all()


def test_a_linear_trend_carries_on_where_the_data_end():
    problem = Problem(WAVY.inputs, (Output("linear"),), WAVY.model)
    data = sampled(problem, 40)
    surrogate = GaussianProcess.fit(data, trend=linear_trend(3))
    far = np.array([[20.0, 1.0, 3.0]])
    assert surrogate.mean(far)[0, 0] == pytest.approx(22.0 + 0.5 * np.log(3.0), rel=0.01)


def test_a_chaos_trend_learns_what_its_terms_span():
    known = analytic.ishigami()
    data, test = sampled(known.problem, 120), fresh(known.problem)
    chaos = PolynomialChaos.fit(data)
    plain = GaussianProcess.fit(data, kernels=[MATERN_5_2])
    trended = GaussianProcess.fit(data, kernels=[MATERN_5_2], trend=chaos_trend(chaos, 15))
    errors = [np.sqrt(np.mean((s.mean(test.x) - test.y) ** 2)) for s in (plain, trended)]
    assert errors[1] < 0.2 * errors[0]


def test_threads_do_not_change_the_result():
    x = fresh(n=50).x
    one, two = (GaussianProcess.fit(sampled(), workers=w).predict(x) for w in (1, 2))
    assert np.array_equal(one.mean, two.mean)
    assert np.array_equal(one.std, two.std)


def test_more_rows_than_are_learnt_from_still_serve_the_prediction():
    data, test = sampled(BEAM, 400), fresh(BEAM)
    few = GaussianProcess.fit(sampled(BEAM, 100))
    many = GaussianProcess.fit(data, learning_rows=100)
    errors = [np.mean((s.mean(test.x) - test.y) ** 2) for s in (few, many)]
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"kernels": []}, "at least one kernel"),
        ({"nugget": 0.0}, "nugget"),
        ({"nugget": 2.0}, "nugget"),
        ({"trend": np.zeros((1, 2), dtype=int)}, r"\(terms, 3\)"),
        ({"trend": np.zeros((2, 3), dtype=int)}, "twice"),
        ({"trend": -np.eye(3, dtype=int)}, "degrees"),
        ({"trend": np.eye(3)}, "integer"),
        ({"trend": {"linear": np.zeros((1, 3), dtype=int)}}, "'wavy'"),
        ({"learning_rows": 4}, "learning_rows"),
        ({"trend": np.array([[i, j, k] for i in range(4) for j in range(4) for k in range(4)])}, "terms"),
    ],
)
def test_wrong_options_are_refused_with_the_reason(options, reason):
    with pytest.raises(ValueError, match=reason):
        GaussianProcess.fit(sampled(), **options)
