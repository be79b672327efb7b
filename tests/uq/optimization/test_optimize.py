"""Optima under uncertainty: exact gradients, scipy's optimisers, ranges that are left, bounds that none can meet."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, special

from uq.core.bounds import Box
from uq.core.dataset import evaluate
from uq.core.distributions import LogNormal, Normal, Uniform
from uq.core.problem import Columns, Input, Output, Problem
from uq.optimization.decision import Decision
from uq.optimization.objectives import Bound, Compliance, Goal, Mean, Quantile, Statistic
from uq.optimization.optimum import optimum
from uq.requirements import Limit
from uq.sampling.plans import latin_hypercube
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

FloatArray = NDArray[np.float64]

EXACT = 1e-9


def column(c: Columns) -> Columns:
    """A column of diameter and length under an uncertain load: lighter is more stressed."""
    d, h = c["diameter"], c["height"]
    load, eccentricity = c["load"], c["eccentricity"]
    return {
        "mass": 4.0 * d * h + 0.5 * eccentricity,
        "stress": load * (1.0 + eccentricity) / (d * h) + 2.0 * (d - h) ** 2,
    }


COLUMN = Problem(
    (
        Input("diameter", "m", Uniform(1.0, 3.0), role="design"),
        Input("load", "N", LogNormal(6.0, 1.1)),
        Input("height", "m", Uniform(1.0, 3.0), role="design"),
        Input("eccentricity", "1", Normal(0.2, 0.05)),
    ),
    (Output("mass", "kg"), Output("stress", "Pa")),
    column,
    version="column",
)
DATA = evaluate(COLUMN, COLUMN.physical(latin_hypercube(300, 4, seed=1).unit))
SURROGATE = PolynomialChaos.fit(DATA)
DECISION = Decision.of(SURROGATE, samples=256)

STATISTICS = (
    Mean("stress"),
    Quantile("stress", 0.95),
    Quantile("mass", 0.5),
    Compliance((Limit("stress", high=3.0),)),
    Compliance((Limit("stress", low=1.0, high=3.0), Limit("mass", high=16.0))),
)


def named(statistic: object) -> str:
    return type(statistic).__name__


@pytest.mark.parametrize("statistic", STATISTICS, ids=named)
def test_gradients_are_those_of_the_values(statistic: Statistic) -> None:
    v, h = np.array([1.7, 2.2]), 1e-5
    _, slope = DECISION.value(statistic, v)
    for j in range(2):
        step = h * np.eye(2)[j]
        difference = (DECISION.value(statistic, v + step)[0] - DECISION.value(statistic, v - step)[0]) / (
            2 * h
        )
        assert slope[j] == pytest.approx(difference, rel=1e-5, abs=1e-8)


def test_quantiles_are_those_of_the_sample() -> None:
    y = np.sort(np.random.default_rng(1).lognormal(size=4000))[:, None]
    problem = Problem((Input("x", "1", Uniform(0, 1)),), (Output("y"),))
    for p in (0.05, 0.5, 0.95):
        error = np.sqrt(p * (1 - p) / 4000)
        low, high = np.quantile(y, [p - error, p + error])
        assert low < Quantile("y", p).of(problem, y)[0] < high


def test_compliance_is_the_chance_of_a_normal_output() -> None:
    """n germs at equal steps of probability: the smoothed chance must keep the law's to the bandwidth squared."""
    n = 4096
    y = special.ndtri((np.arange(n) + 0.5) / n)[:, None]
    problem = Problem((Input("x", "1", Uniform(0, 1)),), (Output("y"),))
    for limit, exact in ((1.645, special.ndtr(1.645)), (0.0, 0.5)):
        found = Compliance((Limit("y", high=limit),)).of(problem, y)[0]
        assert found == pytest.approx(exact, abs=n ** (-2 / 3))


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_scipy_finds_the_optimum_with_objective_and_constraint(method: str) -> None:
    """Least mean mass 4 d h + 0.1 with the 95 % quantile of stress at most 3: stress wants d = h, hence
    d h = q95(load (1 + e)) / 3."""
    rows = DECISION.x
    bound = Quantile("y", 0.95).of(
        Problem((Input("x", "1", Uniform(0, 1)),), (Output("y"),)), (rows[:, 1] * (1 + rows[:, 3]))[:, None]
    )[0]
    exact = 4.0 * bound / 3.0 + 0.5 * rows[:, 3].mean()
    result = optimize.minimize(
        DECISION.objective(Mean("mass")),
        np.array([2.5, 1.5]),
        jac=True,
        method=method,
        bounds=DECISION.bounds,
        constraints=[DECISION.constraint(Bound(Quantile("stress", 0.95), high=3.0))],
        options={"maxiter": 300},
    )
    assert result.fun == pytest.approx(exact, rel=1e-3)
    assert result.x == pytest.approx(np.sqrt(bound / 3.0), rel=1e-2)


def test_the_optimum_is_told_with_its_bounds() -> None:
    goal = Goal(Mean("mass"), bounds=(Bound(Quantile("stress", 0.95), high=3.0),))
    found = optimum(DECISION, goal)
    assert found.feasible
    assert found.bounded[0] <= 3.0 + 1e-4
    assert found.design["diameter"] == pytest.approx(found.design["height"], rel=1e-2)
    assert "minimum mean mass [kg]" in str(found)
    assert "met" in str(found)


def test_the_most_is_minus_the_least_of_the_negative() -> None:
    largest = optimum(DECISION, Goal(Compliance((Limit("stress", high=3.0),)), "maximize"))
    assert largest.value > 0.99
    assert DECISION.objective(Mean("mass"), "maximize")(np.array([2.0, 2.0]))[0] == pytest.approx(
        -DECISION.value(Mean("mass"), [2.0, 2.0])[0]
    )


def test_bounds_that_no_design_meets_give_the_least_violated_one() -> None:
    """Mass at most 3.5 cannot be: it is least, 4 + 0.1, in the corner d = h = 1."""
    goal = Goal(Mean("stress"), bounds=(Bound(Mean("mass"), high=3.5),))
    found = optimum(DECISION, goal)
    assert not found.feasible
    assert found.missing[0] == pytest.approx(0.6, abs=0.02)
    assert found.design == pytest.approx({"diameter": 1.0, "height": 1.0}, abs=1e-3)
    assert "no design meets all bounds" in str(found)
    assert "violated by 0.6" in str(found)
    assert "diameter at its low end" in found.edges


def test_contradicting_bounds_are_violated_as_little_as_can_be() -> None:
    """Mean mass at least 20 and at most 10 in two bounds: in between, each missed by five."""
    goal = Goal(Mean("stress"), bounds=(Bound(Mean("mass"), low=20.0), Bound(Mean("mass"), high=10.0)))
    found = optimum(DECISION, goal)
    assert found.missing == pytest.approx((5.0, 5.0), rel=1e-2)


def test_an_optimiser_without_bounds_comes_back_into_the_box() -> None:
    """Mass falls towards the corner (1, 1) and beyond; BFGS knows no bounds."""
    result = optimize.minimize(
        DECISION.objective(Mean("mass")), np.array([2.0, 2.0]), jac=True, method="BFGS"
    )
    assert result.x == pytest.approx(np.ones(2), abs=0.02)
    assert DECISION.box.edges(result.x) == ("diameter at its low end", "height at its low end")


def test_objectives_are_smooth_across_the_edge_and_rise_beyond_it() -> None:
    function = DECISION.objective(Mean("mass"))
    for offset in (1e-9, 1e-3, 0.01, 0.1, 1.0, 30.0):
        v = np.array([1.0 - offset, 3.0 + offset])
        h = 1e-6 * max(offset, 1e-3)
        _, slope = function(v)
        numbers = [(function(v + s)[0] - function(v - s)[0]) / (2 * h) for s in h * np.eye(2)]
        assert slope == pytest.approx(numbers, rel=1e-3, abs=1e-4)
    inside, outside = function(np.array([1.0 + 1e-12, 2.0]))[1], function(np.array([1.0 - 1e-12, 2.0]))[1]
    assert inside == pytest.approx(outside, abs=1e-6)
    values = [function(np.array([1.0 - e, 2.0]))[0] for e in (0.02, 0.1, 1.0, 10.0)]
    assert values == sorted(values)


def test_points_are_held_near_the_box_and_positive_ranges_stay_positive() -> None:
    box = Box(("a", "b"), np.array([0.01, -1.0]), np.array([10.0, 1.0]))
    held, slope = box.held([-1e9, 1e9])
    assert 0.0 < held[0] < 0.01
    assert 1.0 < held[1] <= 1.04
    assert slope == pytest.approx([0.0, 0.0])
    inside = np.array([5.0, 0.5])
    assert box.held(inside)[0] == pytest.approx(inside, abs=EXACT)
    assert box.penalty(inside)[0] == 0.0


def test_a_deterministic_problem_is_a_sample_of_one_row() -> None:
    known = COLUMN.fix({"load": 6.0, "eccentricity": 0.2})
    data = evaluate(known, known.physical(latin_hypercube(100, 2, seed=1).unit))
    decision = Decision.of(PolynomialChaos.fit(data))
    assert len(decision.x) == 1
    goal = Goal(Mean("mass"), bounds=(Bound(Mean("stress"), high=3.0),))
    found = optimum(decision, goal)
    assert found.value == pytest.approx(4.0 * 7.2 / 3.0 + 0.1, rel=1e-3)
    with pytest.raises(ValueError, match="nothing is uncertain"):
        decision.value(Compliance((Limit("stress", high=3.0),)), [2.0, 2.0])


def test_a_design_has_each_input_once_and_a_number_for_it() -> None:
    names = DECISION.box.names
    with pytest.raises(ValueError, match="named twice"):
        Decision.of(DECISION.surrogate, [names[0], *names])
    for wrong in (np.full(len(names) + 1, 0.1), [0.1], np.full(len(names), np.nan)):
        for ask in (DECISION.outputs, lambda v: DECISION.values([], v)):
            with pytest.raises(ValueError, match=f"a design is {len(names)} finite numbers"):
                ask(wrong)


def test_wrong_use_says_what_to_do() -> None:
    undecided = Problem(tuple(Input(i.name, i.unit, i.distribution) for i in COLUMN.inputs), COLUMN.outputs)
    surrogate = PolynomialChaos.fit(DATA.with_problem(undecided))
    with pytest.raises(ValueError, match="role 'design'"):
        Decision.of(surrogate)
    with pytest.raises(KeyError, match="did you mean 'height'"):
        Decision.of(surrogate, ["heigth"])
    with pytest.raises(ValueError, match="2 finite numbers"):
        DECISION.value(Mean("mass"), [np.nan, 1.0])
    with pytest.raises(ValueError, match="probability between 0 and 1"):
        Quantile("mass", 1.0)
    with pytest.raises(ValueError, match="low < high"):
        Bound(Mean("mass"), 2.0, 1.0)
    with pytest.raises(KeyError, match="did you mean 'mass'"):
        DECISION.value(Mean("mas"), [2.0, 2.0])


def test_the_page_on_optimisers_runs() -> None:
    pytest.importorskip("openmdao", reason="needs the extra: pip install '.[openmdao]'")
    pytest.importorskip("pymoo", reason="needs the extra: pip install '.[pymoo]'")
    page = Path(__file__).parents[3] / "docs" / "optimisers.md"
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert result.attempted > 20
    assert result.failed == 0
