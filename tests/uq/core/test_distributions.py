"""One battery for all laws, and the numbers that each law must give."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import integrate, special, stats

from uq.core.correlations import from_kendall, from_linear, from_rank
from uq.core.distributions import (
    PERT,
    Beta,
    Discrete,
    Distribution,
    Empirical,
    Gumbel,
    LogNormal,
    Mixture,
    Normal,
    Triangular,
    TruncatedGumbel,
    TruncatedNormal,
    Uniform,
    Weibull,
    fitting,
    from_dict,
)
from uq.core.distributions.chaospy_laws import normal_or_lognormal

EXACT = 1e-12

DATA = tuple(np.random.default_rng(3).gamma(3.0, size=40))
CONTINUOUS = [
    (Uniform(-2.0, 5.0), stats.uniform(-2.0, 7.0)),
    (Triangular(2.0, 3.0, 6.0), stats.triang(0.25, 2.0, 4.0)),
    (Triangular(0.0, 0.0, 1.0), stats.triang(0.0, 0.0, 1.0)),
    (Normal(10.0, 0.5), stats.norm(10.0, 0.5)),
    (TruncatedNormal(30.0, 15.0, 0.0, 80.0), stats.truncnorm(-2.0, 50.0 / 15.0, 30.0, 15.0)),
    (TruncatedNormal(0.0, 1.0, 3.0, 6.0), stats.truncnorm(3.0, 6.0)),
    (TruncatedNormal(30.0, 8.0, 15.0, np.inf), stats.truncnorm(-15.0 / 8.0, np.inf, 30.0, 8.0)),
    (TruncatedNormal(0.0, 1.0, -np.inf, -0.5), stats.truncnorm(-np.inf, -0.5)),
    (TruncatedNormal(0.0, 1.0, 2.0, np.inf), stats.truncnorm(2.0, np.inf)),
    (LogNormal(5.0, 1.3), stats.lognorm(np.log(1.3), scale=5.0)),
    (Beta(2.0, 5.0, 1.0, 9.0), stats.beta(2.0, 5.0, 1.0, 8.0)),
    (Beta(0.5, 0.5), stats.beta(0.5, 0.5)),
    (PERT(1.0, 2.0, 5.0), stats.beta(2.0, 4.0, 1.0, 4.0)),
    (Weibull(2.0, 1.5, 1.0), stats.weibull_min(1.5, 1.0, 2.0)),
    (Weibull(0.1, 2.0), stats.weibull_min(2.0, 0.0, 0.1)),
    (Weibull(3.0, 0.8), stats.weibull_min(0.8, 0.0, 3.0)),
    (Gumbel(10.0, 2.0), stats.gumbel_r(10.0, 2.0)),
]
TRUNCATED_GUMBEL = [TruncatedGumbel(1013.0, 558.0, 500.0, 3000.0), TruncatedGumbel(0.0, 2.0, 5.0, np.inf)]
OWN = [*TRUNCATED_GUMBEL, Empirical(DATA), Mixture((Normal(0.0, 1.0), Uniform(0.5, 4.0)), (0.4, 0.6))]
LAWS: list[Distribution] = [law for law, _ in CONTINUOUS] + OWN + [Discrete((1.0, 2.0, 5.0), (0.2, 0.3, 0.5))]
SMOOTH = LAWS[:-1]


def ids(value: object) -> str:
    """A name that every process gives alike: a function's address would not do."""
    return str(getattr(value, "__qualname__", value))[:40]


@pytest.mark.parametrize(("law", "known"), CONTINUOUS, ids=ids)
def test_a_law_is_that_of_scipy(law: Distribution, known: stats.rv_continuous) -> None:
    u = np.linspace(0.001, 0.999, 201)
    x = known.ppf(u)
    assert law.ppf(u) == pytest.approx(x, rel=1e-9)
    assert law.cdf(x) == pytest.approx(u, abs=1e-9)
    assert law.pdf(x) == pytest.approx(known.pdf(x), rel=1e-8)
    assert law.moments() == pytest.approx((known.mean(), known.std()), rel=1e-9)


@pytest.mark.parametrize("law", SMOOTH, ids=ids)
def test_the_distribution_function_undoes_its_inverse(law: Distribution) -> None:
    u = np.linspace(0.0005, 0.9995, 777)
    assert law.cdf(law.ppf(u)) == pytest.approx(u, abs=EXACT)


@pytest.mark.parametrize("law", TRUNCATED_GUMBEL, ids=ids)
def test_a_truncated_gumbel_law_is_the_gumbel_law_given_the_interval(law: TruncatedGumbel) -> None:
    whole = stats.gumbel_r(law.location, law.scale)
    x = law.ppf(np.linspace(0.01, 0.99, 99))
    below, mass = whole.cdf(law.low), whole.sf(law.low) - whole.sf(law.high)
    assert law.cdf(x) == pytest.approx((whole.cdf(x) - below) / mass, abs=1e-12)
    assert law.pdf(x) == pytest.approx(whole.pdf(x) / mass, rel=1e-10)


@pytest.mark.parametrize("law", [TruncatedNormal(30.0, 8.0, 15.0, np.inf), TRUNCATED_GUMBEL[1]], ids=ids)
def test_an_open_end_is_reached_by_germs_as_far_out_as_there_are(law: Distribution) -> None:
    far = law.at_normal(np.array([8.0, 12.0, 20.0]))
    assert np.isfinite(far).all()
    assert (np.diff(far) > 0.0).all()


@pytest.mark.parametrize("law", SMOOTH, ids=ids)
def test_the_density_is_the_slope_of_the_distribution_function(law: Distribution) -> None:
    low, high = (float(v) for v in law.ppf([0.13, 0.87]))
    kinks = [v for v in getattr(law, "values", (0.5, 3.0, 4.0)) if low < v < high]
    mass, _ = integrate.quad(lambda x: float(law.pdf(x)), low, high, points=kinks, limit=500)
    assert mass == pytest.approx(0.74, abs=1e-7)


@pytest.mark.parametrize("law", LAWS, ids=ids)
def test_the_quadrature_of_a_law_gives_its_moments(law: Distribution) -> None:
    nodes, weights = law.quadrature(20)
    x = np.exp(nodes) if law.logarithmic else nodes
    mean = float(weights @ x)
    assert (mean, float(np.sqrt(weights @ (x - mean) ** 2))) == pytest.approx(law.moments(), rel=1e-10)


@pytest.mark.parametrize("law", LAWS, ids=ids)
def test_the_fast_inverses_are_the_inverse(law: Distribution) -> None:
    u = np.random.default_rng(1).random(5000)
    scale = law.moments()[1]
    assert np.abs(law.at_unit(u) - law.ppf(u)).max() < 1e-11 * scale
    assert np.abs(law.at_normal(special.ndtri(u)) - law.ppf(u)).max() < 1e-11 * scale


@pytest.mark.parametrize("law", LAWS, ids=ids)
def test_a_law_survives_json(law: Distribution) -> None:
    assert from_dict(json.loads(json.dumps(law.to_dict(), allow_nan=False))) == law


@pytest.mark.parametrize("law", LAWS, ids=ids)
def test_the_support_holds_every_draw(law: Distribution) -> None:
    low, high = law.support
    x = law.ppf(np.linspace(0.0, 1.0, 101)[1:-1])
    assert low <= x.min() <= x.max() <= high


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda: Uniform(1.0, 1.0), "below high"),
        (lambda: Normal(0.0, 0.0), "positive"),
        (lambda: Normal(float("nan"), 1.0), "not finite"),
        (lambda: PERT(1.0, 0.5, 2.0), "low <= mode <= high"),
        (lambda: Weibull(1.0, -1.0), "positive"),
        (lambda: Gumbel(0.0, 0.0), "positive"),
        (lambda: LogNormal(1.0, 1.0), "exceed 1"),
        (lambda: Empirical((1.0, 1.0, 2.0)), "repeated data"),
        (lambda: Empirical((1.0,)), "at least two"),
        (lambda: Mixture((Normal(0.0, 1.0),), (0.5,)), "sum to 0.5"),
        (lambda: Discrete((1.0, 2.0), (0.5, 0.6)), "not to 1"),
        (lambda: TruncatedNormal(0.0, 1.0, 30.0, 31.0), "less than 1e-12 of the normal law"),
        (lambda: TruncatedNormal(np.inf, 1.0, 30.0, 31.0), "not finite"),
        (lambda: TruncatedNormal(0.0, 1.0, np.nan, 31.0), "not finite"),
        (lambda: TruncatedGumbel(0.0, 1.0, -9.0, -8.0), "less than 1e-12"),
        (lambda: from_dict({"law": "Cauchy"}), "unknown distribution"),
        (lambda: from_dict({"law": "Normal", "mean": 1.0}), "takes mean, std"),
    ],
)
def test_a_law_that_cannot_be_is_refused_with_the_reason(make: object, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        make()  # type: ignore[operator]


# -- laws from data ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "fitter"),
    [
        (Normal(3.0, 0.5), fitting.normal),
        (LogNormal(2.0, 1.4), fitting.lognormal),
        (Gumbel(10.0, 2.0), fitting.gumbel),
        (Weibull(3.0, 1.7), fitting.weibull),
        (Beta(2.0, 5.0, 1.0, 9.0), fitting.beta(1.0, 9.0)),
        (Uniform(2.0, 3.0), fitting.uniform),
    ],
    ids=ids,
)
def test_a_fit_finds_the_law_that_made_the_data(law: Distribution, fitter: fitting.Fitter) -> None:
    data = law.ppf((np.arange(4000) + 0.5) / 4000)  # the ideal sample: what is left is its granularity
    found = fitter(data)
    assert found.moments() == pytest.approx(law.moments(), rel=2e-3)
    assert np.abs(found.cdf(data) - law.cdf(data)).max() < 2e-3


def test_the_law_of_the_data_is_believed_and_a_wrong_one_is_not() -> None:
    data = Gumbel(10.0, 2.0).ppf(np.random.default_rng(5).random(300))
    best, *others = fitting.fit(data, resamples=99)
    assert isinstance(best.distribution, Gumbel)
    assert best.p_value > 0.05
    assert {type(f.distribution): f.p_value for f in others}[Uniform] == pytest.approx(0.01)


def test_p_values_of_true_laws_are_spread_evenly() -> None:
    """With parameters fitted, Kolmogorov's own table would say p > 0.5 nearly always."""
    random = np.random.default_rng(7)
    p = [
        fitting.fit(random.normal(size=30), [fitting.normal], resamples=39, seed=k)[0].p_value
        for k in range(120)
    ]
    expected = 19 / 40  # of the 40 ranks that 39 resamples leave, those below the middle
    assert np.mean(np.array(p) < 0.5) == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(120))


@pytest.mark.parametrize(
    ("data", "reason"),
    [([1.0, 2.0], "at least 8"), ([1.0] * 9, "no spread"), ([*range(8), float("nan")], "finite")],
)
def test_data_that_say_nothing_of_a_law_are_refused(data: list[float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        fitting.fit(data)


# -- correlations -----------------------------------------------------------------------------------------------

PAIRS = [
    (Normal(0.0, 1.0), LogNormal(1.0, 1.8)),
    (Uniform(0.0, 1.0), Beta(2.0, 5.0)),
    (Weibull(1.0, 0.9), Gumbel(0.0, 1.0)),
    (Discrete((0.0, 1.0), (0.7, 0.3)), Triangular(0.0, 0.2, 1.0)),
]


@pytest.mark.parametrize("laws", PAIRS, ids=ids)
@pytest.mark.parametrize("wanted", [-0.4, 0.3, 0.6])
def test_germs_of_a_linear_correlation_give_it_back(
    laws: tuple[Distribution, Distribution], wanted: float
) -> None:
    r = from_linear([[1.0, wanted], [wanted, 1.0]], laws)[0, 1]
    a, b = np.random.default_rng(2).normal(size=(2, 400_000))
    x = laws[0].at_normal(a), laws[1].at_normal(r * a + np.sqrt(1.0 - r * r) * b)
    standard_error = 1.5 / np.sqrt(400_000)
    assert np.corrcoef(x)[0, 1] == pytest.approx(wanted, abs=4 * standard_error)


def test_ranks_and_order_have_closed_forms() -> None:
    z = np.random.default_rng(4).multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=20_000)
    rho, tau = stats.spearmanr(*z.T).statistic, stats.kendalltau(*z.T).statistic
    assert from_rank([[1, rho], [rho, 1]])[0, 1] == pytest.approx(0.7, abs=0.015)
    assert from_kendall([[1, tau], [tau, 1]])[0, 1] == pytest.approx(0.7, abs=0.015)


def test_a_correlation_that_skewed_laws_cannot_have_is_refused_with_the_range() -> None:
    laws = (LogNormal(1.0, 3.0), LogNormal(1.0, 3.0))
    with pytest.raises(ValueError, match=r"cannot be reached.*between -0\.\d+ and 1\.0000"):
        from_linear([[1.0, -0.9], [-0.9, 1.0]], laws)


def test_correlations_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="not positive definite"):
        from_rank([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])


def test_a_law_of_quantiles_that_begins_at_zero_is_no_lognormal_one():
    law = normal_or_lognormal(lambda p: np.asarray(p) - 0.1)  # its 10 % quantile is zero
    assert law.ppf(0.5) == pytest.approx(0.4, abs=1e-6)


def test_the_density_of_separate_values_is_their_probability():
    law = Discrete((1.0, 2.0), (0.3, 0.7))
    assert law.pdf([1.0, 1.5, 2.0]) == pytest.approx([0.3, 0.0, 0.7], abs=EXACT)
