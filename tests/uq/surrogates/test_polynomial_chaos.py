"""Chaos expansions find what is polynomial exactly, everything else with the error that they state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analytic import CORRELATED, ishigami, linear_gaussian, sobol_g
from scipy import special

from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import (
    PERT,
    Beta,
    Discrete,
    Distribution,
    Gumbel,
    LogNormal,
    Mixture,
    Normal,
    Triangular,
    TruncatedNormal,
    Uniform,
    Weibull,
)
from uq.core.problem import Input, Output, Problem
from uq.sampling.plans import latin_hypercube, monte_carlo
from uq.surrogates.loading import load_surrogate
from uq.surrogates.polynomial_chaos import indices as variance_shares
from uq.surrogates.polynomial_chaos import least_angle
from uq.surrogates.polynomial_chaos import prior as shrinkage
from uq.surrogates.polynomial_chaos.basis import Basis, Expansion
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.polynomial_chaos.index_sets import count, hyperbolic

EXACT = 1e-9

LAWS = (
    Uniform(990.0, 1110.0),
    Normal(1e5, 3.0),
    LogNormal(5.0, 1.3),
    Triangular(1.0, 1.1, 1.5),
    TruncatedNormal(0.4, 0.12, 0.1, 0.7),
    Beta(2.0, 5.0, 0.0, 0.008),
    PERT(1.0, 2.0, 5.0),
    Weibull(2.0, 1.5, 1.0),
    Gumbel(10.0, 2.0),
    Mixture((Normal(0.0, 1.0), Uniform(3.0, 5.0)), (0.4, 0.6)),
    Discrete((1.0, 2.0, 5.0, 6.0), (0.2, 0.3, 0.4, 0.1)),
)


def ask(laws: tuple[Distribution, ...], model: object, correlation: np.ndarray | None = None) -> Problem:
    inputs = tuple(Input(f"x{j}", "m", law) for j, law in enumerate(laws))
    return Problem(inputs, (Output("y", "kg"),), model, correlation)  # type: ignore[arg-type]


def sample(problem: Problem, n: int, seed: int = 1) -> Dataset:
    return evaluate(problem, problem.physical(latin_hypercube(n, problem.dimension, seed=seed).unit))


def curved(c: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {"y": c["x0"] * np.sqrt(c["x1"]) / (1.0 + c["x2"] ** 2) + np.exp(-c["x3"])}


CURVED = ask((LogNormal(2.0, 1.2), Weibull(2.0, 3.0, 0.5), Normal(0.0, 0.3), PERT(0.0, 0.2, 1.0)), curved)


# -- the basis --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_polynomials_are_orthonormal_under_every_law(law: Distribution) -> None:
    """Judged by another, finer quadrature than the one that made them."""
    basis = Basis.of([law], 12)
    nodes, weights = law.quadrature(120)
    x = np.exp(nodes) if law.logarithmic else nodes
    psi = basis.univariate(x[:, None], 12)[: basis.limits[0] + 1, 0]
    assert np.abs((psi * weights) @ psi.T - np.eye(len(psi))).max() < EXACT


def test_polynomials_are_those_of_the_books() -> None:
    t = np.linspace(-1.0, 1.0, 7)
    basis = Basis.of([Uniform(990.0, 1110.0), Normal(5.0, 2.0)], 10)
    psi = basis.univariate(np.stack([1050.0 + 60.0 * t, 5.0 + 2.0 * t], axis=1), 10)
    for k in range(11):
        assert psi[k, 0] == pytest.approx(np.sqrt(2 * k + 1) * special.eval_legendre(k, t), abs=EXACT)
        hermite = special.eval_hermitenorm(k, t) / np.sqrt(special.factorial(k))
        assert psi[k, 1] == pytest.approx(hermite, abs=EXACT)


def test_a_triangular_law_has_the_polynomials_of_chaospy() -> None:
    chaospy = pytest.importorskip("chaospy")
    expansion = chaospy.generate_expansion(4, chaospy.Triangle(-1.0, 0.2, 1.0), normed=True)
    x = np.linspace(-1.0, 1.0, 9)
    ours = Basis.of([Triangular(-1.0, 0.2, 1.0)], 4).univariate(x[:, None], 4)[:, 0]
    theirs = np.asarray(expansion(x))
    signs = np.sign(ours[:, -1] * theirs[:, -1])
    assert ours == pytest.approx(signs[:, None] * theirs, rel=1e-6, abs=1e-6)


def test_a_discrete_law_ends_at_its_number_of_values_less_one() -> None:
    assert Basis.of([Discrete((1.0, 2.0, 5.0), (0.2, 0.3, 0.5)), Normal(0.0, 1.0)], 6).limits.tolist() == [
        2,
        6,
    ]


@pytest.mark.parametrize(
    ("d", "p", "q", "order"), [(3, 5, 1.0, 99), (20, 3, 1.0, 99), (6, 8, 0.5, 99), (5, 4, 0.75, 2)]
)
def test_a_hyperbolic_set_holds_all_that_its_norm_allows(d: int, p: int, q: float, order: int) -> None:
    found = hyperbolic(d, p, q, order)
    assert len({tuple(row) for row in found}) == len(found) == count(d, p, q, order)
    assert ((found.astype(float) ** q).sum(axis=1) <= p**q + 1e-9).all()
    assert (found > 0).sum(axis=1).max() <= order
    if q == 1.0 and order > d:
        assert len(found) == special.comb(d + p, p, exact=True)


def test_an_expansion_is_the_sum_of_its_terms() -> None:
    laws = LAWS[:6]
    basis = Basis.of(laws, 5)
    indices = hyperbolic(6, 5, 0.8)
    coefficients = np.random.default_rng(1).normal(size=(len(indices), 3))
    x = np.stack(
        [law.ppf(u) for law, u in zip(laws, np.random.default_rng(2).random((6, 700)), strict=True)], 1
    )
    expected = basis.matrix(x, indices) @ coefficients
    found = Expansion(basis, indices, coefficients).evaluate(x)
    assert np.abs(found - expected).max() < EXACT * np.abs(expected).max()


# -- the estimates ----------------------------------------------------------------------------------------------


def test_the_slope_of_the_evidence_is_the_slope_of_the_evidence() -> None:
    data = sample(CURVED, 40)
    basis = Basis.of(CURVED.distributions, 5)
    psi = np.ascontiguousarray(basis.univariate(data.x, 5)[1:].transpose(1, 0, 2))
    z = (data["y"] - data["y"].mean()) / data["y"].std()
    at = np.random.default_rng(3).uniform(-3.0, -1.0, 14)

    weights = np.linspace(0.2, 3.0, 40)

    def evidence(parameters: np.ndarray) -> float:
        return shrinkage._objective(parameters, psi, z, basis.limits, weights)[0]

    _, slope = shrinkage._objective(at, psi, z, basis.limits, weights)
    steps = 1e-5 * np.eye(14)
    assert slope == pytest.approx(
        [(evidence(at + e) - evidence(at - e)) / 2e-5 for e in steps], rel=1e-5, abs=1e-5
    )


def test_left_out_residuals_are_those_of_leaving_out() -> None:
    random = np.random.default_rng(4)
    matrix, y, variance = random.normal(size=(12, 20)), random.normal(size=12), random.random(20)
    whole = shrinkage.condition(matrix, y, variance, 0.1)
    for rows in ([3], [0, 5, 7]):
        out = np.isin(np.arange(12), rows)
        part = shrinkage.condition(matrix[~out], y[~out], variance, 0.1)
        expected = y[out] - matrix[out] @ part.coefficients
        assert whole.without(out) == pytest.approx(expected, abs=EXACT)
        if len(rows) == 1:
            assert whole.residuals[rows] == pytest.approx(expected, abs=EXACT)


def test_coefficients_are_those_of_ridge_regression() -> None:
    random = np.random.default_rng(5)
    matrix, y, variance = random.normal(size=(30, 8)), random.normal(size=30), random.random(8) + 0.1
    expected = np.linalg.solve(matrix.T @ matrix + np.diag(0.2 / variance), matrix.T @ y)
    assert shrinkage.condition(matrix, y, variance, 0.2).coefficients == pytest.approx(expected, abs=EXACT)


def test_the_likely_terms_are_those_of_largest_variance() -> None:
    basis = Basis.of([Uniform(0.0, 1.0)] * 3, 6)
    parameters = np.array([0.5, -1.0, -3.0, -1.0, -2.0, -4.0, -0.3, -0.5, -1.0, 0.0, -5.0])
    prior = shrinkage.unpack(parameters, basis.limits, 6)
    indices, variance = shrinkage.likely(prior, 40)
    every = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    all_variances = np.sort(shrinkage.variances(prior, every))[::-1]
    assert 20 < len(indices) <= 41
    assert variance[1:] == pytest.approx(all_variances[1 : len(indices)])
    assert not indices[0].any()


def test_least_angles_find_the_terms_that_made_the_data() -> None:
    random = np.random.default_rng(6)
    matrix = np.concatenate([np.ones((60, 1)), random.normal(size=(60, 199))], axis=1)
    exact = np.zeros(200)
    exact[[0, 7, 80, 150]] = 1.0, 2.0, -1.0, 0.5
    found = least_angle.least_angles(matrix, matrix @ exact, 40)
    assert found.coefficients == pytest.approx(exact, abs=EXACT)
    assert set(found.terms) >= {0, 7, 80, 150}


def test_left_out_residuals_of_a_support_are_those_of_leaving_out() -> None:
    random = np.random.default_rng(7)
    matrix, y, terms = random.normal(size=(15, 6)), random.normal(size=15), np.array([0, 2, 5])
    whole = least_angle.least_squares(matrix, y, terms, 0.0)
    out = np.isin(np.arange(15), [1, 8])
    part = np.linalg.lstsq(matrix[~out][:, terms], y[~out], rcond=None)[0]
    assert whole.without(out) == pytest.approx(y[out] - matrix[out][:, terms] @ part, abs=EXACT)


# -- prediction -------------------------------------------------------------------------------------------------


def test_a_linear_function_is_recovered_with_its_slopes() -> None:
    laws = LAWS[:2] + LAWS[3:5]
    weights = np.array([1.0, -2.0, 300.0, 40.0])
    problem = ask(laws, lambda c: {"y": sum(w * c[f"x{j}"] for j, w in enumerate(weights))})
    surrogate = PolynomialChaos.fit(sample(problem, 30))
    fresh = sample(problem, 500, seed=2)
    assert np.abs(surrogate.mean(fresh.x) - fresh.y).max() < 1e-4 * fresh.y.std()
    assert surrogate.gradient(fresh.x)[:, 0].mean(axis=0) == pytest.approx(weights, rel=1e-3)


def test_a_sparse_polynomial_is_recovered_to_rounding() -> None:
    problem = ask(
        (Uniform(-1.0, 1.0),) * 5, lambda c: {"y": 1.0 + c["x0"] ** 4 * c["x3"] - 2.0 * c["x1"] ** 3}
    )
    surrogate = PolynomialChaos.fit(sample(problem, 150))
    fresh = sample(problem, 500, seed=2)
    assert np.abs(surrogate.mean(fresh.x) - fresh.y).max() < 1e-6


def test_the_ishigami_function_and_its_indices_are_found_from_200_runs() -> None:
    known = ishigami()
    surrogate = PolynomialChaos.fit(sample(known.problem, 200))
    fresh = sample(known.problem, 2000, seed=2)
    assert np.mean((surrogate.mean(fresh.x) - fresh.y) ** 2) < 1e-6 * known.std**2
    assert surrogate.moments("y") == pytest.approx((known.mean, known.std), rel=1e-4)
    indices = surrogate.sobol_indices("y")
    assert indices.first == pytest.approx(known.first, abs=1e-4)
    assert indices.total == pytest.approx(known.total, abs=1e-4)
    assert surrogate.second_order_indices("y").second == pytest.approx(known.second, abs=1e-4)


def test_what_few_rows_leave_unexplained_is_in_the_intervals_of_pairs() -> None:
    """A step across b c = 0.4, where half of the intervals of the coefficients alone miss the index of the pair."""
    problem = ask((Uniform(0.0, 1.0),) * 3, lambda c: {"y": 0.5 * c["x0"] + (c["x1"] * c["x2"] > 0.4)})
    grid = (np.arange(1000) + 0.5) / 1000
    step = np.multiply.outer(grid, grid) > 0.4
    pair = step.var() - step.mean(axis=0).var() - step.mean(axis=1).var()
    exact, held = pair / (step.var() + 0.25 / 12.0), 0
    for seed in range(20):
        found = PolynomialChaos.fit(sample(problem, 40, seed=seed)).second_order_indices("y")
        low, high = found.interval[1, 2]
        held += int(low <= exact <= high)
    assert held >= 17  # of 20 at 90 %
    assert found.learned_from == 40


def test_a_confidence_that_is_no_probability_is_refused() -> None:
    surrogate = PolynomialChaos.fit(sample(CURVED, 60))
    for ask_for in (surrogate.sobol_indices, surrogate.second_order_indices):
        with pytest.raises(ValueError, match="between 0 and 1"):
            ask_for("y", confidence=90)


def test_slopes_and_curvatures_are_those_of_the_mean() -> None:
    surrogate = PolynomialChaos.fit(sample(CURVED, 60))
    x = sample(CURVED, 9, seed=2).x
    mean, gradient = surrogate.mean_and_gradient(x)
    assert np.abs(mean - surrogate.mean(x)).max() < EXACT
    hessian = surrogate.hessian(x)
    for j in range(4):
        step = np.zeros(4)
        step[j] = 1e-5
        slope = (surrogate.mean(x + step) - surrogate.mean(x - step)) / 2e-5
        bend = (surrogate.gradient(x + step) - surrogate.gradient(x - step)) / 2e-5
        assert gradient[:, :, j] == pytest.approx(slope, rel=1e-6, abs=1e-8)
        assert hessian[:, :, :, j] == pytest.approx(bend, rel=1e-5, abs=1e-6)


def test_error_falls_fast_with_the_number_of_runs() -> None:
    fresh = sample(CURVED, 2000, seed=9)
    errors = [
        np.sqrt(np.mean((PolynomialChaos.fit(sample(CURVED, n)).mean(fresh.x) - fresh.y) ** 2))
        for n in (20, 60, 180)
    ]
    assert errors[1] < errors[0] / 3.0
    assert errors[2] < errors[1] / 3.0


def test_nine_parts_in_ten_of_fresh_points_lie_in_their_intervals() -> None:
    """Over 12 plans of 60 runs each; the share of one plan scatters by several per cent, that of 12 by two."""
    fresh = sample(CURVED, 1000, seed=99)
    shares = []
    for seed in range(12):
        prediction = PolynomialChaos.fit(sample(CURVED, 60, seed=seed)).predict(fresh.x)
        shares.append(np.mean(np.abs(prediction.mean - fresh.y) <= 1.645 * prediction.std))
    assert 0.87 < np.mean(shares) < 0.985


def test_doubt_is_larger_where_the_error_is() -> None:
    fresh = sample(CURVED, 2000, seed=9)
    prediction = PolynomialChaos.fit(sample(CURVED, 60)).predict(fresh.x)
    error = np.abs(prediction.mean - fresh.y)[:, 0]
    uncertain = prediction.std[:, 0] > np.quantile(prediction.std, 0.8)
    assert error[uncertain].mean() > 2.0 * error[~uncertain].mean()


def test_a_discrete_input_is_learned_at_its_values() -> None:
    laws = (Discrete((1.0, 2.0, 5.0), (0.2, 0.3, 0.5)), Uniform(0.0, 1.0))
    table = {1.0: 3.0, 2.0: -1.0, 5.0: 10.0}
    problem = ask(laws, lambda c: {"y": np.vectorize(table.get)(c["x0"]) * (1.0 + c["x1"])})
    surrogate = PolynomialChaos.fit(sample(problem, 40))
    fresh = sample(problem, 300, seed=2)
    assert np.abs(surrogate.mean(fresh.x) - fresh.y).max() < 1e-2
    assert surrogate.indices[:, 0].max() == 2


def test_dependent_inputs_are_predicted_and_their_indices_refused() -> None:
    known = linear_gaussian((1.0, 1.5, -1.0, 0.5, 2.0, 0.0), CORRELATED)
    surrogate = PolynomialChaos.fit(sample(known.problem, 40))
    fresh = sample(known.problem, 300, seed=2)
    assert np.abs(surrogate.mean(fresh.x) - fresh.y).max() < 1e-3 * known.std
    with pytest.raises(ValueError, match="independent inputs"):
        surrogate.sobol_indices("y")
    with pytest.raises(ValueError, match="independent inputs"):
        surrogate.moments("y")


def test_outputs_fitted_together_are_those_fitted_alone() -> None:
    both = Problem(
        CURVED.inputs,
        (Output("y", "kg"), Output("w", "kg")),
        lambda c: {**curved(c), "w": c["x0"] * c["x3"]},  # type: ignore[arg-type]
    )
    data = sample(both, 50)
    together = PolynomialChaos.fit(data)
    fresh = sample(both, 100, seed=2).x
    for name in ("y", "w"):
        alone = PolynomialChaos.fit(data, outputs=[name])
        k = both.output_index(name)
        assert together.mean(fresh)[:, k] == pytest.approx(alone.mean(fresh)[:, 0], abs=EXACT)
        assert together.predict(fresh).std[:, k] == pytest.approx(alone.predict(fresh).std[:, 0], rel=1e-6)
        assert alone.problem.output_names == (name,)


def test_the_columns_of_the_data_may_stand_in_any_order() -> None:
    data = sample(CURVED, 40)
    order = [2, 0, 3, 1]
    turned = Problem(tuple(CURVED.inputs[j] for j in order), CURVED.outputs)
    other = PolynomialChaos.fit(
        Dataset.from_arrays(data.x[:, order], data.y, problem=turned).with_problem(CURVED)
    )
    assert np.array_equal(other.mean(data.x), PolynomialChaos.fit(data).mean(data.x))


# -- indices ----------------------------------------------------------------------------------------------------


def test_intervals_of_indices_hold_the_truth() -> None:
    known = sobol_g((0.0, 1.0, 4.5, 9.0))
    surrogate = PolynomialChaos.fit(sample(known.problem, 120))
    for indices in (
        surrogate.sobol_indices("y", confidence=0.99),
        surrogate.sobol_indices("y", resamples=30, confidence=0.99),
    ):
        assert (indices.total_interval[:, 0] <= known.total).all()
        assert (known.total <= indices.total_interval[:, 1]).all()
        assert (np.ptp(indices.total_interval, axis=1) < 0.2).all()


def test_a_group_of_all_inputs_explains_everything_and_parts_add_up() -> None:
    known = ishigami()
    surrogate = PolynomialChaos.fit(sample(known.problem, 100))
    names = known.problem.input_names
    indices = surrogate.sobol_indices("y", groups={"all": names, "pair": names[::2], "rest": names[1:2]})
    assert indices.first[0] == pytest.approx(1.0, abs=EXACT)
    assert indices.first[1] == pytest.approx(1.0 - indices.total[2], abs=EXACT)
    assert indices.first[1] == pytest.approx(known.closed([0, 2]), abs=1e-3)


def test_shares_of_a_known_expansion() -> None:
    indices = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 3, 0], [1, 1, 0], [1, 1, 1]])
    c = np.array([7.0, 1.0, 2.0, 1.0, 1.0, np.sqrt(3.0)])
    first, total = variance_shares.first_and_total(indices, c, [[0], [1], [2], [0, 1]])
    assert first == pytest.approx([0.5, 0.1, 0.0, 0.7])
    assert total == pytest.approx([0.9, 0.5, 0.3, 1.0])
    assert variance_shares.second(indices, c)[0, 1] == pytest.approx(0.1)


# -- storage ----------------------------------------------------------------------------------------------------


def test_a_saved_expansion_predicts_the_same_to_the_bit(tmp_path: Path) -> None:
    surrogate = PolynomialChaos.fit(sample(CURVED, 40))
    surrogate.save(tmp_path / "curved.uq")
    back = load_surrogate(tmp_path / "curved.uq")
    x = sample(CURVED, 100, seed=2).x
    assert back.predict(x).mean.tobytes() == surrogate.predict(x).mean.tobytes()
    assert back.predict(x).std.tobytes() == surrogate.predict(x).std.tobytes()


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    surrogate = PolynomialChaos.fit(sample(CURVED, 20))
    record, arrays = surrogate.arrays()
    for name, wrong in (
        ("coefficients", arrays["coefficients"][:-1]),
        ("indices", arrays["indices"] + 100),
        ("shift", arrays["shift"][:2]),
    ):
        with pytest.raises(ValueError, match=r"shape|degrees"):
            PolynomialChaos.from_arrays(surrogate.problem, record, {**arrays, name: wrong})
    with pytest.raises(ValueError, match="has the arrays"):
        PolynomialChaos.from_arrays(surrogate.problem, record, {})


# -- wrong use --------------------------------------------------------------------------------------------------


def given(x: np.ndarray, y: np.ndarray) -> PolynomialChaos:
    return PolynomialChaos.fit(Dataset.from_arrays(x, y, problem=CURVED))


X, Y = (lambda d: (d.x, d.y))(sample(CURVED, 30))
ONE_VALUE = np.where(np.arange(4) == 1, 1.0, X)
TOGETHER = np.where(np.arange(4) == 2, 0.1 * X[:, 3:] - 0.2, X)


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        (X[:3], Y[:3], "at least 5"),
        (X, np.ones_like(Y), "constant"),
        (
            np.concatenate([X, X[:2]]),
            np.concatenate([Y, Y[:2] + 1.0]),
            "same inputs appear with different outputs",
        ),
        (X, np.full_like(Y, np.nan), "at least 5"),
        (ONE_VALUE, Y, "'x1' has one value"),
        (TOGETHER, Y, "'x2', 'x3' are linear functions of each other"),
        (X * np.array([-1.0, 1.0, 1.0, 1.0]), Y, r"'x0' is .* outside its law on \[0, inf\]"),
    ],
)
def test_data_that_say_too_little_are_refused_with_the_remedy(
    x: np.ndarray, y: np.ndarray, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        given(x, y)


def test_rows_that_failed_or_repeat_do_not_change_the_fit() -> None:
    x = np.concatenate([X, X[:4], X[:2] * 1.01])
    y = np.concatenate([Y, Y[:4], np.full((2, 1), np.nan)])
    assert np.array_equal(given(x, y).mean(X), given(X, Y).mean(X))


def test_a_missing_column_is_named() -> None:
    part = Problem(CURVED.inputs[:3], CURVED.outputs)
    with pytest.raises(ValueError, match="no input column 'x3'"):
        Dataset.from_arrays(X[:, :3], Y, problem=part).with_problem(CURVED)


def test_points_that_cannot_be_are_refused() -> None:
    surrogate = given(X, Y)
    for point, reason in (
        (np.full((1, 4), np.nan), "finite"),
        (np.array([[-1.0, 1.0, 0.0, 0.5]]), "'x0' is -1.0 in row 0; it must be positive"),
        (np.zeros((2, 3)), r"shape \(n, 4\)"),
    ):
        with pytest.raises(ValueError, match=reason):
            surrogate.predict(point)


@pytest.mark.parametrize("n", [5, 6, 8])
def test_a_handful_of_runs_gives_a_finite_if_doubtful_answer(n: int) -> None:
    prediction = given(X[:n], Y[:n]).predict(X)
    assert np.isfinite(prediction.mean).all()
    assert (prediction.std > 0.0).all()


# -- weights ----------------------------------------------------------------------------------------------------


def test_weighted_rows_are_those_of_generalised_least_squares() -> None:
    random = np.random.default_rng(1)
    matrix, y, weights = random.normal(size=(30, 5)), random.normal(size=30), random.uniform(0.1, 3.0, 30)
    variance = np.array([1.0, 0.5, 2.0, 0.1, 1.0])
    left = (matrix.T * weights) @ matrix + np.diag(0.2 / variance)
    expected = np.linalg.solve(left, (matrix.T * weights) @ y)
    assert shrinkage.condition(matrix, y, variance, 0.2 / weights).coefficients == pytest.approx(
        expected, abs=EXACT
    )


def test_rows_of_equal_weight_are_rows_without_weights() -> None:
    data = sample(CURVED, 60)
    plain = PolynomialChaos.fit(data)
    equal = PolynomialChaos.fit(data, weights=np.full(60, 7.0))
    assert np.array_equal(plain.coefficients, equal.coefficients)


def test_rows_that_are_known_to_be_bad_do_little_harm() -> None:
    data, fresh = sample(CURVED, 100), sample(CURVED, 500, seed=2)
    bad = np.arange(100) % 4 == 0
    scale = float(data.y.std())
    y = data.y + 0.3 * scale * np.where(bad, np.random.default_rng(1).normal(size=100), 0.0)[:, None]
    mixed = Dataset.from_arrays(data.x, y, problem=CURVED)

    def error(surrogate: PolynomialChaos) -> float:
        return float(np.sqrt(np.mean((surrogate.mean(fresh.x) - fresh.y) ** 2))) / scale

    weighted = error(PolynomialChaos.fit(mixed, weights=np.where(bad, 1e-8, 1.0)))
    without = error(PolynomialChaos.fit(mixed.where(~bad)))
    assert weighted < 3.0 * without
    assert weighted < 0.1 * error(PolynomialChaos.fit(mixed))


@pytest.mark.parametrize("weights", [np.ones(3), np.zeros(60), np.full(60, np.nan), -np.ones(60)])
def test_weights_that_are_none_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one positive number"):
        PolynomialChaos.fit(sample(CURVED, 60), weights=weights)


def test_a_saved_basis_without_a_scale_is_refused() -> None:
    problem = Problem(
        (Input("a", "m", Uniform(0.0, 1.0)),), (Output("y", "m"),), lambda c: {"y": c["a"] ** 2}
    )
    chaos = PolynomialChaos.fit(evaluate(problem, np.linspace(0.0, 1.0, 12)[:, None]))
    record, arrays = chaos.arrays()
    assert PolynomialChaos.from_arrays(chaos.problem, record, arrays).mean([[0.5]]) == chaos.mean([[0.5]])
    with pytest.raises(ValueError, match="scale of the basis is not positive"):
        PolynomialChaos.from_arrays(chaos.problem, record, arrays | {"scale": np.zeros(1)})


def test_pure_interactions_are_found_among_all_of_second_degree():
    """Sums of products of neighbours, no input matters alone: 20 inputs, 200 rows."""
    problem = Problem(
        tuple(Input(f"x{j}", "1", Uniform(-1.0, 1.0)) for j in range(20)),
        (Output("y"),),
        lambda c: {"y": sum(c[f"x{j}"] * c[f"x{j + 1}"] for j in range(19))},
    )
    data = evaluate(problem, problem.physical(latin_hypercube(200, 20, seed=1).unit))
    surrogate = PolynomialChaos.fit(data)
    points = evaluate(problem, problem.physical(monte_carlo(2000, 20, seed=7).unit))
    error = np.mean((surrogate.mean(points.x) - points.y) ** 2) / points.y.var()
    assert error < 1e-20
    pairs = surrogate.second_order_indices("y").second
    assert np.diag(pairs, 1) == pytest.approx(np.full(19, 1.0 / 19.0), abs=1e-9)


@pytest.mark.parametrize("degree", [0, -1, 2.5])
def test_a_degree_that_is_no_degree_is_refused(degree: float) -> None:
    data = sample(ishigami().problem, 20)
    with pytest.raises(ValueError, match="whole number from 1"):
        PolynomialChaos.fit(data, degree=degree)


def test_a_degree_whose_polynomials_overflow_is_refused_before_they_are_made():
    """A million: the recurrence took minutes; 250: it overflowed without a word."""
    rows = special.ndtri(latin_hypercube(12, 2, seed=1).unit)
    inputs = tuple(Input(name, "", Normal(0.0, 1.0)) for name in "ab")
    few = evaluate(Problem(inputs, (Output("y"),), lambda c: {"y": c["a"] + c["b"]}), rows)
    wrong = {10**6: "up to 150, got 1000000", 250: "up to 150, got 250", "3": "whole number from 1, got '3'"}
    for degree, said in wrong.items():
        with pytest.raises(ValueError, match=said):
            PolynomialChaos.fit(few, degree=degree)


def test_a_degree_asked_for_that_the_values_cannot_carry_is_refused() -> None:
    problem = ishigami().problem
    with pytest.raises(ValueError, match="degree 8 needs 9 different values of input 'x1', the rows have 8"):
        PolynomialChaos.fit(sample(problem, 8), degree=8)
    grid = np.stack(np.meshgrid(*[[-2.0, 0.0, 2.0]] * 3), axis=-1).reshape(-1, 3)
    data = evaluate(problem, grid)
    with pytest.raises(ValueError, match=r"needs 4 different values .* have 3; ask for degree 2"):
        PolynomialChaos.fit(data, degree=3)
    assert PolynomialChaos.fit(data, degree=2).basis.degree == 2


def test_intervals_of_forty_rows_hold_nine_in_ten_fresh_points_as_a_mean_over_plans():
    """Eight Latin hypercubes of a wave: 94 % when a single quantile and the whole growth by learning set the width."""
    inputs = (Input("a", "", Uniform(0.0, 1.0)), Input("b", "", Uniform(0.0, 1.0)))
    wave = Problem(inputs, (Output("y"),), lambda c: {"y": np.cos(1.9 + 5.0 * c["a"] + 3.0 * c["b"])})
    points = monte_carlo(2000, 2, seed=5).unit
    exact = wave.model(dict(zip("ab", points.T, strict=True)))["y"]
    shares = []
    for seed in range(8):
        found = PolynomialChaos.fit(evaluate(wave, latin_hypercube(40, 2, seed=seed).unit)).predict(points)
        shares.append(np.mean(np.abs(found.mean[:, 0] - exact) <= 1.6449 * found.std[:, 0]))
    assert np.mean(shares) == pytest.approx(0.9, abs=0.03)
