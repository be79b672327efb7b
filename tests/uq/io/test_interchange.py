"""Chaospy's laws and joints come in as they are, held against chaospy's own quantiles and samples."""

from __future__ import annotations

import doctest
import logging
from pathlib import Path

import numpy as np
import pytest

_level = logging.getLogger().level
import chaospy  # noqa: E402  (sets the root logger to DEBUG)

logging.getLogger().setLevel(_level)

from uq.core.distributions import (  # noqa: E402
    Beta,
    Discrete,
    Distribution,
    Empirical,
    Gumbel,
    LogNormal,
    Normal,
    ScipyLaw,
    Triangular,
    TruncatedNormal,
    Uniform,
    Weibull,
)
from uq.core.problem import Input  # noqa: E402
from uq.io.chaospy import from_chaospy, problem_from_chaospy  # noqa: E402
from uq.sampling.plans import sobol_sequence  # noqa: E402

SAME = 1e-9

LAWS = (
    (chaospy.Uniform(990, 1110), Uniform(990, 1110)),
    (chaospy.Normal(1e5, 3), Normal(1e5, 3)),
    (chaospy.LogNormal(0.1, 0.2), LogNormal(float(np.exp(0.1)), float(np.exp(0.2)))),
    (chaospy.Triangle(0, 1, 3), Triangular(0, 1, 3)),
    (chaospy.Triangle(0, 0, 3), Triangular(0, 0, 3)),
    (chaospy.Beta(2, 3, 1, 4), Beta(2, 3, 1, 4)),
    (chaospy.TruncNormal(lower=-1, upper=2, mu=0.7, sigma=0.4), TruncatedNormal(0.7, 0.4, -1, 2)),
    (chaospy.Weibull(shape=2, scale=3, shift=1), Weibull(3, 2, 1)),
    (chaospy.Exponential(2), Weibull(2, 1)),
    (chaospy.LogWeibull(1, 2), Gumbel(2, 1)),
    (chaospy.DiscreteUniform(1, 4), Discrete((1, 2, 3, 4), (0.25,) * 4)),
)


@pytest.mark.parametrize(("law", "expected"), LAWS, ids=lambda v: type(v).__name__)
def test_laws_that_we_have_are_recognised(law: chaospy.Distribution, expected: Distribution) -> None:
    found = from_chaospy(law)
    assert type(found) is type(expected)
    u = np.linspace(0.01, 0.99, 99)
    assert found.ppf(u) == pytest.approx(expected.ppf(u), rel=SAME, abs=SAME)


@pytest.mark.parametrize(("law", "expected"), LAWS, ids=lambda v: type(v).__name__)
def test_an_input_takes_a_law_of_chaospy_as_it_is(law: chaospy.Distribution, expected: Distribution) -> None:
    found = Input("x", "m", law).distribution
    assert type(found) is type(expected)
    assert found.ppf(0.3) == pytest.approx(expected.ppf(0.3), rel=SAME, abs=SAME)


@pytest.mark.parametrize(
    ("law", "family"),
    [
        (chaospy.Gamma(2, 3), "gamma"),
        (chaospy.LogNormal(0.1, 0.2, shift=3), "lognorm"),
        (chaospy.Logistic(2.0), "genlogistic"),
        (chaospy.StudentT(5), "t"),
    ],
    ids=str,
)
def test_families_that_scipy_has_are_read_by_their_class(law: chaospy.Distribution, family: str) -> None:
    found = from_chaospy(law)
    assert isinstance(found, ScipyLaw)
    assert found.family == family
    u = np.linspace(0.001, 0.999, 777)
    assert found.ppf(u) == pytest.approx(np.ravel(law.inv(u)), rel=SAME, abs=SAME)


@pytest.mark.parametrize("law", [chaospy.Laplace(1.0, 2.0), chaospy.HyperbolicSecant()], ids=str)
def test_other_laws_keep_their_quantiles(law: chaospy.Distribution) -> None:
    found = from_chaospy(law)
    assert isinstance(found, Empirical)
    u = np.linspace(0.001, 0.999, 777)
    spread = float(np.sqrt(law.mom(2) - law.mom(1) ** 2))
    assert np.abs(found.ppf(u) - law.inv(u)).max() < 1e-2 * spread
    assert np.abs(found.ppf(u[50:-50]) - law.inv(u[50:-50])).max() < 1e-4 * spread


NAMES = [("a", "m"), ("b", "kg"), ("c", "1")]
RANKS = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 1.0]])


def test_an_independent_joint_is_a_problem() -> None:
    joint = chaospy.J(chaospy.Uniform(1, 2), chaospy.Normal(0, 1), chaospy.LogNormal(0, 0.1))
    problem = problem_from_chaospy(joint, NAMES)
    assert problem.correlation is None
    assert [i.unit for i in problem.inputs] == ["m", "kg", "1"]
    assert "chaospy" in problem.inputs[0].source
    u = sobol_sequence(64, 3, seed=1).unit
    assert problem.physical(u) == pytest.approx(joint.inv(u.T).T, rel=1e-8)


@pytest.mark.parametrize(
    "joint",
    [
        chaospy.Nataf(
            chaospy.J(chaospy.Uniform(0, 1), chaospy.Normal(0, 1), chaospy.LogNormal(0, 0.2)), RANKS
        ),
        chaospy.MvNormal([1, 2, 3], RANKS * np.outer([1, 2, 3], [1, 2, 3])),
    ],
    ids=["Nataf", "MvNormal"],
)
def test_gaussian_copulas_come_in_with_their_correlation(joint: chaospy.Distribution) -> None:
    problem = problem_from_chaospy(joint, NAMES)
    assert problem.correlation == pytest.approx(RANKS, abs=1e-6)
    x, expected = (
        problem.physical(sobol_sequence(4096, 3, seed=1).unit),
        joint.inv(sobol_sequence(4096, 3, seed=2).unit.T).T,
    )
    assert np.corrcoef(x.T) == pytest.approx(np.corrcoef(expected.T), abs=0.02)
    assert x.mean(axis=0) == pytest.approx(expected.mean(axis=0), abs=0.02 * expected.std(axis=0).max())
    assert x.std(axis=0) == pytest.approx(expected.std(axis=0), rel=0.02)


def test_lognormal_pairs_come_in_with_the_correlation_of_their_logarithms() -> None:
    problem = problem_from_chaospy(chaospy.MvLogNormal([0, 1], [[0.1, 0.03], [0.03, 0.2]]), NAMES[:2])
    assert problem.correlation is not None
    assert problem.correlation[0, 1] == pytest.approx(0.03 / np.sqrt(0.02), abs=1e-6)
    assert problem.distributions[1].ppf(0.5) == pytest.approx(np.e)


def test_what_cannot_come_in_says_why() -> None:
    pair = chaospy.J(chaospy.Uniform(0, 1), chaospy.Normal(0, 1))
    with pytest.raises(ValueError, match="not joined by a Gaussian copula"):
        problem_from_chaospy(chaospy.Clayton(pair, 2.0), NAMES[:2])
    with pytest.raises(ValueError, match="leaves a variable without effect"):
        problem_from_chaospy(chaospy.MvLogNormal([0, 1, 2], 0.04 * RANKS), NAMES)
    with pytest.raises(ValueError, match="use problem_from_chaospy"):
        from_chaospy(pair)
    with pytest.raises(ValueError, match="2 variables need as many names and units, got 3"):
        problem_from_chaospy(pair, NAMES)
    with pytest.raises(TypeError, match="not a distribution of chaospy"):
        from_chaospy(3.0)  # type: ignore[arg-type]


def test_the_worked_example_of_a_model_of_your_own_runs() -> None:
    page = Path(__file__).parents[3] / "docs" / "your_own_model.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 5
    assert result.failed == 0
