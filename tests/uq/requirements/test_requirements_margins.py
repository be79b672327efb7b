"""Allocation, margins, waterfalls and the value of information against exact answers."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from requirement_problems import Linear, QuadraticMass, linear_allocation, linear_information, linear_shapley
from scipy import special

from uq.requirements import (
    Lever,
    Limit,
    Question,
    Requirement,
    Verified,
    allocate,
    draw,
    information,
    margins,
    variance_shares,
    waterfall,
)
from uq.requirements.allocation.search import LOOSE, Search, _slope
from uq.requirements.probability import chance

LINEAR, MASS = Linear(), QuadraticMass()
GAIN = Limit("y", low=18.0)
AT_LEAST = (Lever("x0"), Lever("x1"))


@pytest.fixture(scope="module")
def linear():
    return draw(LINEAR.problem, seed=7)


def test_the_least_demanding_set_is_exact_under_dependence(linear):
    values, demand = linear_allocation(LINEAR, 18.0, (0, 1), 0.9)
    found = allocate(Question(linear, [GAIN], wanted=0.9), AT_LEAST)
    assert found.status == "found"
    assert found.demand == pytest.approx(demand, rel=0.01)
    for requirement, exact in zip(found.requirements, values, strict=True):
        assert requirement.state == "active"
        assert requirement.value.holds(exact)
        assert requirement.value.value == pytest.approx(exact, rel=0.01)
    assert found.unequal < 0.02  # equal prices at the optimum
    assert found.active_limits == (True,)


def test_the_least_demanding_set_of_sized_designs_is_exact_under_dependence():
    values, demand = linear_allocation(LINEAR, 18.0, (0, 1), 0.9)
    sample = draw(LINEAR.sized(), 4096, seed=7, design={"sized.x0": 10.0, "sized.x1": 5.0}, mode="frozen")
    levers = [Lever(name, design=f"sized.{name}") for name in ("x0", "x1")]
    short = [Limit("short.x0", high=0.0), Limit("short.x1", high=0.0)]
    found = allocate(Question(sample, [GAIN, *short], wanted=0.9), levers)
    assert found.status == "found"
    assert found.verdict.probability >= 0.9
    assert found.verdict.estimate.holds(0.9)
    assert found.demand == pytest.approx(demand, rel=0.05)
    for requirement, exact in zip(found.requirements, values, strict=True):
        assert requirement.value.value == pytest.approx(exact, rel=0.02)
    assert found.unequal < 0.02
    assert found.active_limits == (True, False, False)


def test_a_set_of_sized_designs_beyond_reach_is_said_with_what_it_would_give():
    sample = draw(LINEAR.sized(), 1024, seed=7, design={"sized.x0": 10.0, "sized.x1": 5.0}, mode="frozen")
    found = allocate(
        Question(sample, [GAIN], wanted=0.99),
        [Lever("x0", design="sized.x0", reachable=(-np.inf, LINEAR.means[0]))],
    )
    assert found.status == "unreachable"
    assert found.requirements[0].state == "at the end of physics"
    assert found.verdict.estimate.holds(LINEAR.compliance(18.0, 0, LINEAR.means[0]))


@pytest.mark.parametrize("n", [128, 256, 1024])
def test_a_set_that_is_said_to_be_found_complies_where_compliance_moves_in_steps(n):
    def bent(columns):
        return {"y": columns["x0"] + np.abs(columns["x1"]) + columns["x2"]}

    centred = Linear(means=(0.0,) * 3, stds=(1.0,) * 3, correlation=tuple(map(tuple, np.eye(3)))).problem
    sample = draw(dataclasses.replace(centred, model=bent), n)
    found = allocate(Question(sample, [Limit("y", low=0.0)], wanted=0.9), AT_LEAST)
    assert found.status == "found"
    assert 0.9 <= found.verdict.probability < 0.9 + 3.0 / np.sqrt(n)


@pytest.mark.parametrize(("n", "seed", "wanted"), [(64, 9, 0.95), (32, 6, 0.9), (128, 7, 0.9)])
def test_a_value_lies_in_its_own_interval_where_compliance_moves_in_steps(n, seed, wanted):
    def bent(columns):
        return {"y": columns["x0"] + np.abs(columns["x1"]) + columns["x2"]}

    centred = Linear(means=(0.0,) * 3, stds=(1.0,) * 3, correlation=tuple(map(tuple, np.eye(3)))).problem
    sample = draw(dataclasses.replace(centred, model=bent), n, seed=seed)
    found = allocate(Question(sample, [Limit("y", low=0.0)], wanted=wanted), AT_LEAST)
    for requirement in found.requirements:
        assert requirement.value.holds(requirement.value.value) or requirement.state == "inactive"


def test_a_requirement_that_buys_too_little_stays_inactive(linear):
    found = allocate(Question(linear, [GAIN], wanted=0.9), [*AT_LEAST, Lever("x2", "at most")])
    assert [r.state for r in found.requirements] == ["active", "active", "inactive"]
    assert len(found.conditions) == 2


def test_a_cost_of_the_user_moves_the_set(linear):
    def dear(values):
        return 5.0 * special.ndtr(values["x0"] - 10.0) + 0.1 * special.ndtr((values["x1"] - 5.0) / 2.0)

    found = allocate(Question(linear, [GAIN], wanted=0.9), AT_LEAST, cost=dear)
    cheap = allocate(Question(linear, [GAIN], wanted=0.9), AT_LEAST)
    assert found.verdict.probability == pytest.approx(0.9, abs=0.002)
    assert found.requirements[1].value.value > cheap.requirements[1].value.value


def test_what_cannot_be_reached_and_what_needs_nothing_are_said(linear):
    out = allocate(Question(linear, [Limit("y", low=40.0)], wanted=0.9), AT_LEAST)
    assert out.status == "unreachable"
    assert out.verdict.answer == "not met"
    free = allocate(Question(linear, [Limit("y", low=5.0)], wanted=0.9), AT_LEAST)
    assert free.status == "met without"
    assert not free.conditions
    assert "inactive" in str(free)


def test_physics_bounds_an_allocation(linear):
    found = allocate(
        Question(linear, [GAIN], wanted=0.9), [Lever("x0"), Lever("x1", reachable=(-np.inf, 2.0))]
    )
    assert found.requirements[1].state == "at the end of physics"
    assert found.requirements[1].value.value == pytest.approx(2.0)
    assert found.verdict.probability == pytest.approx(0.9, abs=0.002)


def test_margins_stand_between_best_estimate_requirement_and_loosest_value(linear):
    found = margins(
        Question(linear, [GAIN], wanted=0.9),
        [Requirement("x0", low=9.0), Requirement("x1", low=4.0)],
        allowances={"x0": 0.3, "x1": 0.0},
    )
    one, two = found.margins
    assert one.supplier == pytest.approx(1.0)
    assert one.programme == pytest.approx(9.0 - one.threshold.value.value, nan_ok=True)
    assert "too loose" in one.advice or "enough" in one.advice
    assert two.best == pytest.approx(5.0)
    assert "enough" in two.advice
    assert "kg" in str(found)
    exact = (10.0 - LINEAR.threshold(18.0, 0, 0.9)) / 10.0  # as a share of the best estimate
    for said, share in (("enough", exact - 0.05), ("undecided", exact), ("too loose, fails", exact + 0.05)):
        (one,) = margins(
            Question(linear, [GAIN], wanted=0.9), [Requirement("x0", low=9.0)], allowances={"x0": share}
        ).margins
        assert one.advice.split(": ")[1].startswith(said)


def test_shapley_shares_are_exact_under_dependence_and_add_up(linear):
    found = variance_shares(Question(linear), "y", drivers=["x0", "x1", "x2"], rows=2**14, orders=64)
    for effect, exact in zip(found.values(), linear_shapley(LINEAR), strict=True):
        assert effect.holds(exact) or effect.value == pytest.approx(exact, rel=0.01)
        assert effect.value == pytest.approx(exact, abs=0.02)
    assert sum(e.value for e in found.values()) == pytest.approx(1.0)


def test_a_waterfall_adds_up_to_the_quantile_and_judges_the_allowance(linear):
    fall = waterfall(Question(linear), GAIN, level=0.95, drivers=["x0", "x1"], allowance=0.05)
    exact = LINEAR.mean - special.ndtri(0.95) * LINEAR.std
    assert fall.quantile.holds(exact)
    assert fall.quantile.value == pytest.approx(exact, rel=0.01)
    total = fall.nominal + fall.growth.value + sum(s.amount.value for s in fall.shares)
    assert total == pytest.approx(fall.quantile.value)
    assert [s.name for s in fall.shares] == ["x0", "x1", "all others"]
    assert fall.margin.holds(exact - 18.0)
    assert "too small" in fall.advice
    generous = waterfall(Question(linear), GAIN, level=0.95, drivers=["x0"], allowance=0.9)
    assert "wasteful" in generous.advice


def test_shares_under_a_requirement_are_exact_where_nothing_depends_on_it_and_refused_elsewhere(linear):
    with pytest.raises(ValueError, match="'x0' depends on"):
        variance_shares(Question(linear, given=[Requirement("x0", low=10.0)]), "y", drivers=["x0"])
    with pytest.raises(ValueError, match="'x0' depends on"):
        waterfall(Question(linear, given=[Verified("x0", 10.0)]), GAIN)
    apart = Linear(correlation=tuple(map(tuple, np.eye(3))))
    given = [Requirement("x0", low=10.0), Verified("x1", 5.0, 0.3)]
    found = variance_shares(
        Question(draw(apart.problem), given=given), "y", drivers=["x0", "x1", "x2"], rows=2**14, orders=64
    )
    # variance of the upper half of a standard normal: 1 - 2 / pi
    variances = np.array([2.0**2 * (1.0 - 2.0 / np.pi), 0.3**2, 0.75**2])
    for effect, exact in zip(found.values(), variances / variances.sum(), strict=True):
        assert effect.value == pytest.approx(exact, abs=0.01)


def test_a_nominal_value_of_zero_has_no_allowance():
    centred = Linear(means=(0.0, 0.0, 0.0))
    fall = waterfall(
        Question(draw(centred.problem, 1024)), Limit("y", high=9.0), drivers=["x0"], allowance=0.2
    )
    assert np.isnan([fall.needed.value, fall.needed.low, fall.needed.high]).all()
    assert fall.advice == ""
    assert "nan" not in str(fall)


def test_mean_growth_of_a_quadratic_mass_is_its_curvature():
    fall = waterfall(Question(draw(MASS.problem)), Limit("mass", high=120.0))
    assert fall.growth.value == pytest.approx(MASS.k2 * MASS.half**2 / 3.0, rel=0.01)


@pytest.mark.parametrize("threshold", [20.0, 15.0])
def test_the_value_of_information_is_exact_within_its_interval(linear, threshold):
    found = information(Question(linear), "y", errors={"x1": [1.0]}, threshold=threshold)
    for test in found.tests:
        std, wrong, gain = linear_information(LINEAR, threshold, int(test.input[1]), test.error)
        assert test.std.value == pytest.approx(std, rel=0.01)
        assert test.std.holds(std)
        assert test.wrong.holds(wrong)
        assert test.gain.holds(gain) or test.gain.value == pytest.approx(gain, rel=0.01)
    assert found.wrong.value == pytest.approx(special.ndtr((threshold - LINEAR.mean) / LINEAR.std), abs=0.003)


def test_learning_what_has_no_influence_is_worth_nothing(linear):
    idle = Linear(slopes=(2.0, 0.0, -1.5), correlation=tuple(map(tuple, np.eye(3))))
    found = information(Question(draw(idle.problem, seed=3)), "y", threshold=15.0, inputs=["x1"])
    test = found.tests[0]
    assert test.std.value == pytest.approx(found.std.value, rel=0.005)
    assert test.gain.holds(0.0)


@pytest.mark.parametrize("limit", [Limit("y", low=1.0), Limit("y", high=0.5), Limit("y", low=-0.5, high=1.5)])
def test_the_slope_of_a_chance_is_that_of_the_chance(limit):
    mean, std, step = np.linspace(-2.0, 3.0, 11), np.full(11, 0.7), 1e-6
    rise = (chance(mean + step, std, limit) - chance(mean - step, std, limit)) / (2.0 * step)
    assert _slope(mean, std, limit) == pytest.approx(rise, rel=1e-6, abs=1e-9)


def test_prices_of_one_requirement_are_equal(linear):
    found = allocate(Question(linear, [GAIN], wanted=0.9), AT_LEAST[:1])
    assert [r.state for r in found.requirements] == ["active"]
    assert found.unequal == 0.0


def test_a_first_set_complies_to_a_64th_of_the_range():
    def at(t, slopes):
        return SimpleNamespace(compliance=float(t[0] >= LOOSE + 0.3 * (2.0 - LOOSE)))

    first = Search.diagonal(cast(Search, SimpleNamespace(surface=None, at=at)), 0.9, np.array([2.0]))
    assert (first - LOOSE) / (2.0 - LOOSE) == pytest.approx([20.0 / 64.0], rel=1e-12)  # 19.2 of 64 suffice
