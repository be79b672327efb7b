"""Calibration against closed forms, against integrals, by simulation, and what it refuses."""

import time

import numpy as np
import pandas
import pytest
from scipy import stats

import uq
from uq import Measurement
from uq.calibration import Ranks, gaussian_posterior, measurements_of, rank_histograms
from uq.calibration.ensemble import NotConverged, r_hat
from uq.calibration.rank_histograms import DRAWN
from uq.core.distributions import Discrete, LogNormal, Normal, Triangular, Uniform
from uq.core.problem import Columns, Input, Output, Problem

EXACT = 1e-6
"""Of means and standard deviations of linear Gaussian cases, relative."""
QUADRATURE = 1e-4
"""Laws of 401 quantiles, straight between them."""
STATISTICAL = 0.05
"""Four standard errors of means of 5,000 effective draws, in standard deviations of the posterior."""
CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.0], [0.2, 0.0, 1.0]])
MEAN, STD = np.array([1.0, 2.0, -1.0]), np.array([0.5, 1.0, 2.0])


def straight(c: Columns) -> Columns:
    return {"y": c["a"] + 2.0 * c["b"] + c["s"] * c["c"]}


def product(c: Columns) -> Columns:
    return {"y": c["a"] * c["b"], "power": c["a"] ** 3 + c["b"]}


def linear(correlation: np.ndarray | None = CORRELATION) -> Problem:
    inputs = [Input(n, "1", Normal(m, s)) for n, m, s in zip("abc", MEAN, STD, strict=True)]
    return Problem(tuple(inputs), (Output("y"),), straight, correlation)


def curved() -> Problem:
    inputs = (Input("a", "1", Uniform(0.5, 2.0)), Input("b", "1", LogNormal(1.0, 1.5)))
    return Problem(inputs, (Output("y"), Output("power")), product)


def test_normal_inputs_read_through_a_straight_line_have_the_textbook_posterior() -> None:
    settings, values, std, shared = (1.0, 2.0, -1.0), np.array([4.0, 2.5, 6.5]), 0.4, 0.3
    given = [
        Measurement("y", v, std, {"s": s}, systematic=shared, group="rig")
        for s, v in zip(settings, values, strict=True)
    ]
    after = uq.calibrate(linear(), given)
    prior = CORRELATION * np.outer(STD, STD)
    operator = np.array([[1.0, 2.0, s] for s in settings])
    errors = std**2 * np.eye(3) + shared**2
    # the information form, by another road than the code's
    precision = np.linalg.inv(prior) + operator.T @ np.linalg.inv(errors) @ operator
    covariance = np.linalg.inv(precision)
    mean = MEAN + covariance @ operator.T @ np.linalg.inv(errors) @ (values - operator @ MEAN)
    moments = np.array([law.moments() for law in after.problem.distributions])
    assert after.exact
    assert moments[:, 0] == pytest.approx(mean, rel=EXACT)
    assert moments[:, 1] == pytest.approx(np.sqrt(np.diag(covariance)), rel=EXACT)
    scale = np.sqrt(np.diag(covariance))
    assert after.problem.correlation == pytest.approx(covariance / np.outer(scale, scale), abs=EXACT)
    for j, name in enumerate("abc"):
        interval = after.law_interval(name)
        ends = stats.norm(mean[j], scale[j]).ppf([0.05, 0.95])
        assert (interval.low, interval.high) == pytest.approx(tuple(ends), rel=EXACT)
    assert np.cov(after.samples.T) == pytest.approx(covariance, abs=STATISTICAL * scale.max() ** 2)


def test_a_lognormal_input_whose_logarithm_is_read_stays_lognormal() -> None:
    prior = Problem(
        (Input("m", "kg", LogNormal(2.0, 1.5)),), (Output("log"),), lambda c: {"log": np.log(c["m"])}
    )
    after = uq.calibrate(prior, [Measurement("log", 1.0, 0.2)]).problem.distributions[0]
    mean, variance = gaussian_posterior(
        [np.log(2.0)], [[np.log(1.5) ** 2]], operator=[[1.0]], values=[1.0], errors=[[0.04]]
    )
    assert isinstance(after, LogNormal)
    assert np.log([after.median, after.factor]) == pytest.approx(
        [mean[0], np.sqrt(variance[0, 0])], rel=EXACT
    )


def test_an_input_that_correlates_with_what_was_read_follows_it() -> None:
    prior = Problem(
        (
            Input("a", "1", Normal(0.0, 1.0)),
            Input("b", "1", Normal(0.0, 2.0)),
            Input("c", "1", Normal(0.0, 1.0)),
        ),
        (Output("y"),),
        correlation=[[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 1.0]],
    )
    after = uq.calibrate(prior, [Measurement("a", 1.0, 1.0)])
    assert after.changed == ("a", "b")
    assert after.problem.distributions[1].moments() == pytest.approx((0.8, 2.0 * np.sqrt(0.68)), rel=EXACT)
    assert after.problem.distributions[2] == prior.distributions[2]
    assert after.shrinkage("a") == pytest.approx(0.5, rel=EXACT)


def test_one_input_of_any_law_has_the_posterior_of_its_integral() -> None:
    law = Triangular(0.55, 1.05, 1.3)
    prior = Problem((Input("m", "1", law),), (Output("y"),))
    after = uq.calibrate(prior, [Measurement("m", 0.9, 0.05), Measurement("m", 0.94, 0.05)])
    x = np.linspace(0.55, 1.3, 200_001)
    density = law.pdf(x) * np.exp(-0.5 * ((x - 0.9) / 0.05) ** 2 - 0.5 * ((x - 0.94) / 0.05) ** 2)
    density /= density.sum()
    mean = float(density @ x)
    found = after.problem.distributions[0]
    assert found.moments()[0] == pytest.approx(mean, abs=QUADRATURE)
    assert found.moments()[1] == pytest.approx(float(np.sqrt(density @ (x - mean) ** 2)), rel=0.01)
    at = np.interp([0.05, 0.5, 0.95], np.cumsum(density), x)
    assert found.ppf([0.05, 0.5, 0.95]) == pytest.approx(at, abs=QUADRATURE)


@pytest.mark.parametrize(
    ("measurements", "words"),
    [
        ([Measurement("a", 1.0, 1e-300)], "vanishes next to the other errors"),
        ([Measurement("a", 1.0, 1e-12, systematic=0.1)] * 2, "vanishes next to the other errors"),
        ([Measurement("a", 1.0, 0.1)] * 2001, "2001 readings; give at most 2000"),
    ],
)
def test_errors_that_vanish_and_endless_tables_of_readings_are_refused(measurements, words) -> None:
    problem = Problem((Input("a", "1", Normal(1.0, 0.5)),), (Output("y"),), lambda c: {"y": c["a"]})
    with pytest.raises(ValueError, match=words):
        uq.calibrate(problem, measurements)


def test_chains_find_the_posterior_of_a_curved_model() -> None:
    prior = curved()
    given = [Measurement("y", 1.2, 0.1), Measurement("power", 3.0, 0.5)]
    after = uq.calibrate(prior, given)
    a, b = np.meshgrid(np.linspace(0.5, 2.0, 1201), np.exp(np.linspace(-2.0, 2.0, 2001)), indexing="ij")
    weight = np.exp(-0.5 * ((a * b - 1.2) / 0.1) ** 2 - 0.5 * ((a**3 + b - 3.0) / 0.5) ** 2)
    weight *= prior.distributions[1].pdf(b) * b
    weight /= weight.sum()
    for j, grid in enumerate((a, b)):
        mean = float((weight * grid).sum())
        std = float(np.sqrt((weight * (grid - mean) ** 2).sum()))
        assert after.samples[:, j].mean() == pytest.approx(mean, abs=STATISTICAL * std)
        assert after.samples[:, j].std() == pytest.approx(std, rel=STATISTICAL)
        assert after.problem.distributions[j].moments() == pytest.approx((mean, std), rel=STATISTICAL)
    assert after.convergence is not None
    assert after.convergence.r_hat < 1.01
    assert not after.exact


def test_the_posterior_is_a_problem_that_every_analysis_takes() -> None:
    after = uq.calibrate(curved(), [Measurement("y", 1.2, 0.1)])
    data = uq.campaign.run(after.problem, uq.sobol_sequence(1024, 2, seed=1))
    assert data["y"].mean() == pytest.approx(1.2, abs=0.05)
    assert data["y"].std() < 0.2
    assert uq.propagate(data)["y"].mean == pytest.approx(after.predicted.mean(), abs=0.02)
    assert uq.PolynomialChaos.fit(data).problem.dependent


def test_readings_that_share_no_input_are_updated_apart() -> None:
    prior = linear(None)
    both = uq.calibrate(prior, [Measurement("a", 1.2, 0.1), Measurement("c", 0.0, 1.0)])
    alone = uq.calibrate(prior, [Measurement("c", 0.0, 1.0)])
    assert both.problem.distributions[2] == alone.problem.distributions[2]
    assert both.problem.correlation is None


def test_a_common_error_is_not_averaged_away() -> None:
    prior = Problem((Input("m", "1", Normal(0.0, 10.0)),), (Output("y"),))
    many = [Measurement("m", 1.0, 0.1, systematic=0.3, group="rig")] * 100
    std = uq.calibrate(prior, many).problem.distributions[0].moments()[1]
    assert std == pytest.approx(np.sqrt(1.0 / (1.0 / (0.09 + 1e-4) + 1e-2)), rel=EXACT)


def test_the_error_of_a_surrogate_widens_the_posterior() -> None:
    prior = Problem(
        (Input("a", "1", Uniform(-1.0, 1.0)),),
        (Output("y"),),
        lambda c: {"y": np.sin(12.0 * c["a"]) + 3.0 * c["a"]},
    )
    rough = uq.PolynomialChaos.fit(uq.campaign.run(prior, uq.sobol_sequence(16, 1, seed=1)))
    sharp = uq.calibrate(prior, [Measurement("y", 1.0, 0.01)])
    wide = uq.calibrate(rough, [Measurement("y", 1.0, 0.01)])
    assert rough.error[0] > 0.1
    assert wide.samples.std() > sharp.samples.std()


KIND = Input("kind", "1", Discrete((1.0, 2.0, 5.0), (0.5, 0.3, 0.2)))


def discrete(second: Input | None, model: object) -> Problem:
    return Problem((KIND,) if second is None else (KIND, second), (Output("y"),), model)


def shares(likelihood: list[float]) -> np.ndarray:
    """Probabilities of the values of `KIND` from the likelihood of each."""
    weights = np.array(likelihood) * (0.5, 0.3, 0.2)
    return weights / weights.sum()


def test_values_of_a_discrete_input_get_the_probabilities_of_their_sum_however_small() -> None:
    after = uq.calibrate(discrete(None, lambda c: {"y": c["kind"]}), [Measurement("y", 1.2, 0.2)])
    expected = shares([float(stats.norm(k, 0.2).pdf(1.2)) for k in (1.0, 2.0, 5.0)])
    found = after.problem.distributions[0]
    assert isinstance(found, Discrete)
    assert found.weights == pytest.approx(expected, rel=EXACT)
    assert expected[2] < 1e-70


def test_a_discrete_input_beside_straight_lines_has_the_sum_of_normal_laws() -> None:
    prior = discrete(Input("a", "1", Normal(0.0, 1.0)), lambda c: {"y": c["kind"] * (1.0 + c["a"])})
    after = uq.calibrate(prior, [Measurement("y", 1.2, 0.3)])
    expected = shares([float(stats.norm(k, np.hypot(k, 0.3)).pdf(1.2)) for k in (1.0, 2.0, 5.0)])
    assert after.problem.distributions[0].weights == pytest.approx(expected, rel=EXACT)
    drawn = [np.mean(after.samples[:, 0] == k) for k in (1.0, 2.0, 5.0)]
    assert drawn == pytest.approx(expected, abs=0.02)  # four standard errors of 10,000 draws
    mean = expected @ [k * (1.2 - k) / (k * k + 0.09) for k in (1.0, 2.0, 5.0)]
    assert after.samples[:, 1].mean() == pytest.approx(mean, abs=STATISTICAL)


def test_a_discrete_input_beside_a_curve_has_the_integrals_of_its_values() -> None:
    prior = discrete(Input("a", "1", Uniform(0.0, 2.0)), lambda c: {"y": c["kind"] * c["a"] ** 2})
    after = uq.calibrate(prior, [Measurement("y", 1.2, 0.3)])
    a = (np.arange(200_000) + 0.5) / 100_000
    expected = shares([np.exp(-0.5 * ((k * a**2 - 1.2) / 0.3) ** 2).mean() for k in (1.0, 2.0, 5.0)])
    assert after.problem.distributions[0].weights == pytest.approx(expected, abs=QUADRATURE)
    assert [np.mean(after.samples[:, 0] == k) for k in (1.0, 2.0, 5.0)] == pytest.approx(expected, abs=0.02)


def test_a_discrete_input_beside_chains_is_summed_over() -> None:
    pair = (Input("a", "1", Uniform(0.5, 2.0)), Input("b", "1", Normal(1.0, 0.3)))
    prior = Problem((KIND, *pair), (Output("y"),), lambda c: {"y": c["kind"] * c["a"] * c["b"]})
    after = uq.calibrate(prior, [Measurement("y", 2.2, 0.2)], draws=4000)
    a, b = np.meshgrid(np.linspace(0.5, 2.0, 301), np.linspace(-0.5, 2.5, 301), indexing="ij")
    weight = stats.norm(1.0, 0.3).pdf(b)
    expected = shares(
        [(np.exp(-0.5 * ((k * a * b - 2.2) / 0.2) ** 2) * weight).sum() for k in (1.0, 2.0, 5.0)]
    )
    assert after.problem.distributions[0].weights == pytest.approx(expected, abs=0.03)
    assert after.convergence is not None


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (
            Problem(
                (KIND, Input("a", "1", Normal(0.0, 1.0))),
                (Output("y"),),
                correlation=[[1.0, 0.5], [0.5, 1.0]],
            ),
            "'kind' is discrete and depends on another",
        ),
        (
            Problem(
                tuple(Input(n, "1", Discrete(tuple(range(20)), (0.05,) * 20)) for n in "abc"),
                (Output("y"),),
                lambda c: {"y": c["a"] + c["b"] + c["c"]},
            ),
            "8000 combinations of values, more than the 1000",
        ),
    ],
)
def test_discrete_inputs_that_cannot_be_summed_over_are_refused(prior: Problem, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        uq.calibrate(prior, [Measurement("a" if prior.model is None else "y", 1.0, 0.3)])


def test_a_step_of_the_model_beyond_most_draws_is_no_straight_line() -> None:
    prior = Problem(
        (Input("a", "1", Normal(0.0, 1.0)),), (Output("y"),), lambda c: {"y": (c["a"] > 2.0) * 1.0}
    )
    after = uq.calibrate(prior, [Measurement("y", 0.6, 0.2)])
    above, below = stats.norm.sf(2.0) * np.exp(-2.0), stats.norm.cdf(2.0) * np.exp(-4.5)
    law = after.problem.distributions[0]
    assert 1.0 - float(law.cdf(2.0)) == pytest.approx(above / (above + below), abs=1.0 / 400.0)


def test_dependence_that_only_the_posterior_meets_is_seen() -> None:
    inputs = tuple(Input(n, "1", Normal(0.0, 1.0)) for n in "ab")
    prior = Problem(
        inputs,
        (Output("y"), Output("w")),
        lambda c: {"y": c["a"], "w": np.where(c["a"] > 2.6, c["b"], c["a"])},
    )
    after = uq.calibrate(prior, [Measurement("y", 2.8, 0.1), Measurement("w", 0.7, 0.5)])
    assert after.changed == ("a", "b")
    assert after.shrinkage("b") > 0.5


def test_the_same_seed_gives_the_same_draws() -> None:
    given = [Measurement("y", 1.2, 0.1)]
    first, second = (uq.calibrate(curved(), given, seed=3).samples for _ in range(2))
    assert np.array_equal(first, second)


def test_ranks_of_simulated_inputs_are_uniform() -> None:
    found = rank_histograms(linear(), [Measurement("y", 0.0, 0.5, {"s": 1.0})], calibrations=160, draws=1000)
    assert min(found.p_value(name) for name in found.inputs) > 0.01


def test_ranks_reveal_posteriors_that_are_too_narrow() -> None:
    random = np.random.default_rng(5)
    x = random.standard_normal(500)
    middle = 0.5 * (
        x + random.standard_normal(500)
    )  # of the posterior, whose standard deviation is sqrt(1/2)
    honest, narrow = (
        (middle[:, None] + width * random.standard_normal((500, DRAWN)) < x[:, None]).sum(axis=1)
        for width in (np.sqrt(0.5), 0.4)
    )
    found = Ranks(("honest", "narrow"), np.column_stack([honest, narrow]))
    assert found.p_value("honest") > 0.01
    assert found.p_value("narrow") < 1e-6


@pytest.mark.slow
def test_ranks_of_500_simulated_calibrations_by_chains_are_uniform() -> None:
    given = [Measurement("y", 0.0, 0.3), Measurement("power", 0.0, 1.0)]
    found = rank_histograms(curved(), given, calibrations=500, draws=2000)
    print(found)
    assert min(found.p_value(name) for name in found.inputs) > 0.01


def test_a_hundred_thousand_draws_through_a_surrogate_take_seconds() -> None:
    data = uq.campaign.run(curved(), uq.sobol_sequence(128, 2, seed=1))
    surrogate = uq.PolynomialChaos.fit(data)
    start = time.process_time()
    after = uq.calibrate(surrogate, [Measurement("y", 1.2, 0.1)], draws=100_000)
    assert len(after.samples) == 100_000
    assert time.process_time() - start < 60.0


def test_tables_of_any_kind_are_measurements() -> None:
    columns = {"quantity": ["y", "y"], "value": [1.0, 2.0], "std": [0.1, 0.2], "s": [0.5, np.nan]}
    rows = [
        {"quantity": "y", "value": "1.0", "std": "0.1", "s": "0.5"},
        {"quantity": "y", "value": 2, "std": 0.2},
    ]
    expected = (Measurement("y", 1.0, 0.1, {"s": 0.5}), Measurement("y", 2.0, 0.2))
    assert (
        measurements_of(columns)
        == measurements_of(pandas.DataFrame(columns))
        == measurements_of(rows)
        == expected
    )


def test_the_posterior_shows_itself() -> None:
    after = uq.calibrate(linear(), [Measurement("y", 4.0, 0.4, {"s": 1.0})])
    assert "shrinkage" in str(after)
    assert "In closed form." in str(after)
    assert "<table" in after._repr_html_()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "no measurements to calibrate with"),
        ({"quantity": ["y"], "value": [1.0]}, "no column 'std'"),
        ([{"quantity": "y", "value": "high", "std": 1.0}], "expected a number"),
        ([{"quantity": "y", "value": "", "std": 1.0}], "has no value"),
        ({"quantity": ["y"], "value": [1.0], "std": [0.0]}, "must be positive"),
        ({"quantity": ["y"], "value": [np.inf], "std": [1.0]}, "expected a finite number"),
        ([{"quantity": "y", "value": 1.0, "std": 0.1, "systematic": -1.0}], "must not be negative"),
        ([Measurement("y", 900.0, 0.1)], "the prior excludes the measurements of 'y'"),
        ([Measurement("a", 2.5, 0.01)], "the prior excludes the measurements of 'a'"),
        ([Measurement("a", v, 0.01) for v in (0.9, 1.1)], "or they contradict each other"),
    ],
)
def test_bad_measurements_are_refused_in_one_sentence(given: object, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        uq.calibrate(curved(), given)
    assert "\n" not in str(error.value)


def test_unknown_quantities_are_named_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean 'power'"):
        uq.calibrate(curved(), [Measurement("powr", 1.0, 0.1)])


def test_settings_beyond_the_training_rows_are_refused() -> None:
    surrogate = uq.PolynomialChaos.fit(uq.campaign.run(curved(), uq.sobol_sequence(64, 2, seed=1)))
    with pytest.raises(ValueError, match="was not trained"):
        uq.calibrate(surrogate, [Measurement("y", 1.0, 0.1, {"a": 5.0})])


def test_a_chain_that_has_not_converged_gives_no_number() -> None:
    with pytest.raises(NotConverged, match="has not converged after 40 steps"):
        uq.calibrate(curved(), [Measurement("y", 1.2, 0.1)], max_steps=40)


def test_ensembles_that_disagree_have_a_large_r_hat() -> None:
    random = np.random.default_rng(1)
    same = random.standard_normal((2, 100, 10, 1))
    assert r_hat(same) < 1.01
    assert r_hat(same + np.array([0.0, 1.0])[:, None, None, None]) > 1.1


def test_a_model_that_fails_everywhere_is_named() -> None:
    prior = Problem((Input("a", "1", Uniform(0.0, 1.0)),), (Output("y"),), lambda c: {"y": c["a"] * np.nan})
    with pytest.raises(ValueError, match="fails wherever it was tried"):
        uq.calibrate(prior, [Measurement("y", 1.0, 0.1)])


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_walkers_that_stand_still_have_no_autocorrelation_time_and_no_warning() -> None:
    inputs = (Input("a", "1", Uniform(0.0, 1.0)), Input("b", "1", Uniform(0.0, 1.0)))
    rough = Problem(inputs, (Output("y"),), lambda c: {"y": np.sin(60.0 * c["a"]) * np.cos(50.0 * c["b"])})
    with pytest.raises(NotConverged, match=r"R-hat [\d.]+, 0 autocorrelation times"):
        uq.calibrate(rough, [Measurement("y", 0.9, 0.002)], max_steps=200)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (("y\n", 1.0, 0.1), "does not print"),
        (("y", "1.0", 0.1), "expected a real number"),
        (("y", 1.0 + 1.0j, 0.1), "expected a real number"),
        (("y", np.array([1.0, 2.0]), 0.1), "expected a real number"),
        (("y", 1.0, 1e300), "finite number of at most"),
        ((3, 1.0, 0.1), "expected text"),
    ],
)
def test_what_is_no_reading_is_refused_at_birth(reading: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Measurement(*reading)


def test_a_setting_that_the_model_never_looks_at_is_named() -> None:
    with pytest.raises(KeyError, match="does not look at the setting 'S'"):
        uq.calibrate(linear(), [Measurement("y", 4.0, 0.4, {"s": 1.0, "S": 2.0})])


def test_settings_and_samples_are_no_views() -> None:
    at = {"s": 1.0}
    reading = Measurement("y", 4.0, 0.4, at)
    at["s"] = 9.0
    assert reading.at == {"s": 1.0}
    with pytest.raises(ValueError, match="read-only"):
        uq.calibrate(linear(), [reading]).samples[:] = 0.0


def test_a_posterior_beyond_the_rows_of_a_surrogate_is_refused() -> None:
    narrow = Problem((Input("a", "1", Uniform(0.0, 1.0)),), (Output("y"),), lambda c: {"y": c["a"] ** 3})
    surrogate = uq.PolynomialChaos.fit(uq.campaign.run(narrow, uq.sobol_sequence(64, 1, seed=1)))
    wide = Problem((Input("a", "1", Uniform(0.0, 3.0)),), (Output("y"),))
    with pytest.raises(ValueError, match="where the surrogate was trained"):
        uq.calibrate(surrogate, [Measurement("y", 8.0, 0.1)], problem=wide)


@pytest.mark.parametrize(
    "option", [{"draws": 10**12}, {"draws": 2000.5}, {"max_steps": 0}, {"max_steps": 90.5}]
)
def test_options_without_bounds_are_refused(option: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        uq.calibrate(curved(), [Measurement("y", 1.2, 0.1)], **option)


def test_ranks_of_a_discrete_input_are_uniform() -> None:
    prior = Problem((KIND,), (Output("y"),), lambda c: {"y": c["kind"]})
    found = rank_histograms(prior, [Measurement("y", 1.0, 0.7)], calibrations=200, draws=1000)
    assert found.p_value("kind") > 0.01
