"""Frozen laws of scipy.stats are taken as inputs, and are the same laws afterwards."""

import numpy as np
import pytest
from scipy import stats

from uq import Input, Normal
from uq.core.distributions import ScipyLaw, from_dict

LAWS = [
    stats.norm(0, 2),
    stats.uniform(loc=-1, scale=3),
    stats.triang(0.25, loc=2, scale=4),
    stats.lognorm(0.3, scale=5),
    stats.lognorm(0.3, loc=1, scale=5),
    stats.beta(2, 5, loc=1, scale=2),
    stats.weibull_min(1.7, loc=1, scale=3),
    stats.gumbel_r(3, 0.5),
    stats.truncnorm(-1, 2, loc=10, scale=3),
    stats.gamma(2.5, scale=3),
    stats.t(5),
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.dist.name)
def test_a_law_of_scipy_is_the_same_as_an_input(law) -> None:
    found = Input("x", "m", law).distribution
    p = np.linspace(1e-6, 1.0 - 1e-6, 101)
    x = law.ppf(p)
    assert found.ppf(p) == pytest.approx(x, rel=1e-7, abs=1e-7)
    assert found.cdf(x) == pytest.approx(p, abs=1e-7)
    assert found.pdf(x) == pytest.approx(law.pdf(x), rel=1e-6)
    assert found.moments() == pytest.approx((law.mean(), law.std()), rel=1e-7)
    assert from_dict(found.to_dict()) == found


def test_families_that_have_a_class_come_as_this_class() -> None:
    assert Input("x", "m", stats.norm(0.0, 2.0)).distribution == Normal(0.0, 2.0)
    assert [type(Input("x", "m", law).distribution) for law in LAWS].count(ScipyLaw) == 3


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (stats.poisson(3), "uq.Discrete"),
        (stats.cauchy(), "must be finite"),
    ],
)
def test_laws_that_no_analysis_can_use_are_refused_in_a_sentence(law, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Input("x", "m", law)


def test_what_is_no_law_is_refused() -> None:
    with pytest.raises(TypeError, match=r"is no law of uq, frozen law of scipy\.stats or law of chaospy"):
        Input("x", "m", stats.norm)
