"""Compliance, levying, least demanding values, exchange rates and frontiers against exact answers."""

from __future__ import annotations

import numpy as np
import pytest
from requirement_problems import Linear, QuadraticMass, Shifted
from scipy import special

from uq import sampling
from uq.requirements import (
    Axis,
    Lever,
    Limit,
    Question,
    Requirement,
    Verified,
    compliance,
    confirm,
    draw,
    exchange_rates,
    frontier,
    limit_rates,
    sweep,
    threshold,
    variance_shares,
    verify,
    waterfall,
)
from uq.surrogates.evaluate import COMMON

LINEAR, MASS = Linear(), QuadraticMass()
GAIN = Limit("y", low=18.0)
MIRRORED = ((1.0, -0.5, 0.0), (-0.5, 1.0, -0.3), (0.0, -0.3, 1.0))


@pytest.fixture(scope="module")
def linear():
    return draw(LINEAR.problem, seed=7)


@pytest.fixture(scope="module")
def mass():
    return draw(MASS.problem, seed=7)


def test_compliance_of_a_linear_gaussian_model_is_exact_within_its_interval(linear):
    verdict = compliance(Question(linear, [GAIN]))
    exact = special.ndtr((LINEAR.mean - 18.0) / LINEAR.std)
    assert verdict.estimate.holds(exact)
    assert verdict.probability == pytest.approx(exact, rel=0.005)


def test_levying_conditions_the_dependent_inputs_too(linear):
    curve = sweep(Question(linear, [GAIN]), Lever("x0"))
    for r, c in zip(curve.values, curve.compliance, strict=True):
        exact = LINEAR.compliance(18.0, 0, r)
        assert c.holds(exact)
        assert c.value == pytest.approx(exact, rel=0.01)


def test_verified_values_carry_their_error_and_their_dependence(linear):
    for error in (0.0, 0.5):
        curve = verify(Question(linear, [GAIN]), "x1", error=error)
        for r, c in zip(curve.values, curve.compliance, strict=True):
            assert c.value == pytest.approx(LINEAR.verified(18.0, 1, r, error), abs=0.005)


def uniform_pair(correlation=None):
    """y = a + b of two uniform inputs on [1, 2]."""
    from uq.core.distributions import Uniform
    from uq.core.problem import Input, Output, Problem

    inputs = tuple(Input(name, "1", Uniform(1.0, 2.0)) for name in "ab")
    return Problem(
        inputs, (Output("y"),), lambda c: {"y": c["a"] + c["b"]}, correlation=correlation, version="1"
    )


@pytest.mark.parametrize("tie", [0.0, 0.6])
def test_a_measured_value_scatters_beyond_the_support_of_its_prior_law(tie):
    problem = uniform_pair(np.array([[1.0, tie], [tie, 1.0]]) if tie else None)
    sample = draw(problem, 4096)
    rows = sample.under([Verified("a", 2.0, 0.1)])
    assert rows.weight @ rows.x[:, 0] == pytest.approx(2.0, abs=1e-3)
    assert rows.weight @ (rows.x[:, 0] - 2.0) ** 2 == pytest.approx(0.01, rel=0.01)
    claims = [
        compliance(Question(sample, [Limit("y", low=g)], given=[Verified("a", 2.0, 0.1)])) for g in (3.5, 3.9)
    ]
    for item in confirm(problem, claims, rows=4000).items:
        assert item.fresh.probability == pytest.approx(item.claimed.probability, abs=4 * np.sqrt(0.25 / 4000))


def test_a_measurement_with_an_error_and_a_requirement_of_one_input_exclude_each_other():
    sample = draw(uniform_pair(), 256)
    both = [Verified("a", 1.5, 0.1), Requirement("a", low=1.5)]
    with pytest.raises(ValueError, match="measured with an error"):
        sample.under(both)
    assert sample.under([Verified("a", 1.6), Requirement("a", low=1.5)]).x[:, 0] == pytest.approx(1.6)


@pytest.mark.parametrize("j", [0, 1])
@pytest.mark.parametrize("wanted", [0.8, 0.9])
def test_the_loosest_value_is_exact_within_one_percent_and_its_interval(linear, j, wanted):
    found = threshold(Question(linear, [GAIN], wanted=wanted), Lever(f"x{j}"))
    exact = LINEAR.threshold(18.0, j, wanted)
    assert found.status == "found"
    assert compliance(Question(linear, [GAIN], given=found.conditions)).probability == pytest.approx(
        wanted, abs=0.001
    )
    assert found.value.holds(exact)
    assert found.value.value == pytest.approx(exact, rel=0.01)


def test_the_loosest_value_of_a_quadratic_mass_is_exact_within_one_percent(mass):
    found = threshold(Question(mass, [Limit("mass", high=105.0)], wanted=0.9), Lever("efficiency"))
    assert found.value.value == pytest.approx(MASS.threshold(105.0, 0.9), rel=0.01)


def test_exchange_rates_are_exact_and_scale_with_their_step(linear, mass):
    rates = exchange_rates(Question(linear, [GAIN]), "y", inputs=["x0", "x1"], per={"x0": 0.1})
    assert rates.nominal("x0").mean.value == pytest.approx(0.1 * LINEAR.rate(0), rel=0.01)
    assert rates.nominal("x1").mean.value == pytest.approx(LINEAR.rate(1), rel=0.01)
    assert rates.nominal("x1").quantile.value == pytest.approx(LINEAR.rate(1), rel=0.01)
    quadratic = exchange_rates(Question(mass), "mass", inputs=["efficiency"])
    for rate in quadratic.rates:
        assert rate.mean.value == pytest.approx(MASS.rate(np.mean(rate.span)), rel=0.01)


def test_the_frontier_of_a_requirement_and_a_limit_is_the_conditional_quantile(mass):
    found = frontier(
        Question(mass, [Limit("mass", high=150.0)]),
        first=Axis("efficiency", values=(0.42, 0.5, 0.56)),
        second=Axis("mass", "at most", values=tuple(np.linspace(80.0, 140.0, 61))),
        probabilities=(0.8, 0.95),
    )
    for k, wanted in enumerate(found.probabilities):
        for a, r in enumerate(found.first):
            assert MASS.compliance(found.lines[k, a], r) == pytest.approx(wanted, abs=0.005)
            assert found.lines_low[k, a] <= found.lines[k, a] <= found.lines_high[k, a]
            limits, conditions = found.point(k, a)
            claim = compliance(Question(mass, limits, wanted=wanted, given=conditions))
            assert claim.probability == pytest.approx(wanted, abs=0.005)


def test_the_frontier_of_two_requirements_passes_through_the_loosest_values(linear):
    found = frontier(
        Question(linear, [GAIN]),
        first=Axis("x0", reachable=(-np.inf, 10.5)),
        second=Axis("x1"),
        probabilities=(0.9,),
    )
    alone = threshold(Question(linear, [GAIN], wanted=0.9), Lever("x1")).value.value
    assert found.lines[0, 0] == pytest.approx(alone, rel=0.03)
    assert found.reachable.sum() == np.sum(found.first < 10.5) * len(found.second)


def test_the_frontier_of_a_requirement_and_a_chosen_design_sets_the_design():
    from uq.core.distributions import Uniform
    from uq.core.problem import Input, Output, Problem

    problem = Problem(
        (
            Input("efficiency", "1", Uniform(0.0, 1.0), role="requirement"),
            Input("power", "W", Uniform(0.0, 2.0), role="design"),
        ),
        (Output("gain"),),
        lambda c: {"gain": c["efficiency"] + c["power"] - 1.0},
        version="1",
    )
    axes = (
        Axis("efficiency", values=(0.1, 0.4, 0.6)),
        Axis("power", "at most", values=tuple(np.linspace(0, 1, 21))),
    )
    found = frontier(
        Question(draw(problem, 2**14), [Limit("gain", low=0.0)]),
        first=axes[0],
        second=axes[1],
        probabilities=(0.9,),
    )
    # P(e >= 1 - power | e >= r) = power / (1 - r)
    assert found.lines[0] == pytest.approx(0.9 * (1.0 - found.first), abs=0.01)
    flipped = frontier(
        Question(draw(problem, 2**14), [Limit("gain", low=0.0)]),
        first=axes[1],
        second=axes[0],
        probabilities=(0.9,),
    )
    assert flipped.kinds == ("chosen", "required")
    assert np.allclose(np.nan_to_num(flipped.compliance.T), np.nan_to_num(found.compliance))


def test_relaxing_a_limit_is_worth_the_probability_between(linear):
    rate = limit_rates(Question(linear, [GAIN]), per={"y": 0.5}).rates[0]
    exact = special.ndtr((LINEAR.mean - 17.5) / LINEAR.std) - special.ndtr((LINEAR.mean - 18.0) / LINEAR.std)
    assert rate.compliance.holds(exact)


def test_relaxing_a_limit_for_good_is_as_uncertain_as_the_failures_of_a_surrogate():
    sample = draw(Shifted.of(LINEAR, 0.0, 0.8))
    gained = limit_rates(Question(sample, [GAIN]), per={"y": 1e3}).rates[0].compliance
    today = compliance(Question(sample, [GAIN])).estimate
    assert (gained.value, gained.low, gained.high) == pytest.approx(
        (1.0 - today.value, 1.0 - today.high, 1.0 - today.low), rel=1e-9
    )


def test_an_input_of_few_values_has_a_rate_between_the_values_that_are_given():
    from uq.core.distributions import Discrete, Normal
    from uq.core.problem import Input, Output, Problem

    problem = Problem(
        (Input("k", "1", Discrete((1.0, 2.0), (0.9, 0.1))), Input("b", "1", Normal(0.0, 1.0))),
        (Output("y"),),
        lambda c: {"y": 3.0 * c["k"] + c["b"]},
        version="1",
    )
    sample = draw(problem, 1024)
    with pytest.raises(ValueError, match="give `spans`"):
        exchange_rates(Question(sample), "y", inputs=["k"])
    even = draw(problem.replace({"k": Discrete((1.0, 2.0), (0.5, 0.5))}), 1024)
    assert [r.span for r in exchange_rates(Question(even), "y", inputs=["k"]).rates] == [(1.0, 2.0)] * 2
    rates = exchange_rates(Question(sample), "y", inputs=["k"], spans={"k": (1.0, 2.0)})
    assert rates.nominal("k").mean.value == pytest.approx(3.0)


def test_design_inputs_are_sized_at_the_required_value():
    from uq.core.distributions import Uniform
    from uq.core.problem import Input, Output, Problem

    problem = Problem(
        (
            Input("truth", "1", Uniform(0.0, 1.0), role="requirement"),
            Input("sized", "1", Uniform(0.0, 1.0), role="design"),
        ),
        (Output("shortfall"),),
        lambda c: {"shortfall": c["sized"] - c["truth"]},
        version="1",
    )
    sample = draw(problem, 4096, design={"sized": 0.5}, mode="frozen")
    limit = [Limit("shortfall", high=0.0)]
    assert compliance(Question(sample, limit)).probability == pytest.approx(0.5, abs=0.01)
    kept = compliance(Question(sample, limit, given=[Requirement("truth", low=0.8, design="sized")]))
    assert kept.probability == pytest.approx(1.0)
    assert "frozen" in str(kept)


def test_infeasible_samples_count_as_failures():
    from uq.core.distributions import Uniform
    from uq.core.problem import Input, Output, Problem

    problem = Problem(
        (Input("x", "1", Uniform(0.0, 1.0)),),
        (Output("y"),),
        lambda c: {"y": c["x"], "status": (c["x"] > 0.75).astype(int)},
        version="1",
    )
    verdict = compliance(Question(draw(problem, 4096), [Limit("y", low=0.25)]))
    assert verdict.infeasible == pytest.approx(0.25, abs=0.001)
    assert verdict.probability == pytest.approx(0.5, abs=0.001)


def test_bad_questions_get_one_clear_sentence(linear):
    with pytest.raises(KeyError, match="no output 'gain'"):
        compliance(Question(linear, [Limit("gain", low=1.0)]))
    with pytest.raises(ValueError, match="between 0 and 1"):
        compliance(Question(linear, [GAIN], wanted=95.0))
    with pytest.raises(ValueError, match="contradict"):
        compliance(Question(linear, [GAIN], given=[Requirement("x0", low=11.0), Requirement("x0", high=9.0)]))
    with pytest.raises(ValueError, match="contradict"):
        compliance(Question(linear, [GAIN], given=[Requirement("x0", low=17.0)]))
    with pytest.raises(ValueError, match="contradict"):
        compliance(Question(linear, [GAIN, Limit("y", high=17.0)]))
    with pytest.raises(ValueError, match="bounds nothing"):
        Limit("y")
    assert "met by no sample" in str(compliance(Question(linear, [Limit("y", low=1e3)])))
    assert "met by every feasible sample" in str(compliance(Question(linear, [Limit("y", low=-1e3)])))
    assert compliance(Question(linear, [Limit("y", low=1e3)])).answer == "not met"


def test_a_requirement_without_influence_is_said_not_to_discriminate():
    idle = Linear(slopes=(2.0, 0.0, -1.5), correlation=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    found = threshold(Question(draw(idle.problem, seed=3), [Limit("y", low=14.0)], wanted=0.9), Lever("x1"))
    assert not found.discriminating
    assert "not the discriminating requirement" in found.answer
    assert found.status == "unreachable"
    assert "missing" in found.answer


def test_a_verified_value_may_come_with_requirements_on_others(linear):
    both = compliance(Question(linear, [GAIN], given=[Verified("x2", 3.0), Requirement("x0", low=10.0)]))
    one = compliance(Question(linear, [GAIN], given=[Requirement("x0", low=10.0)]))
    assert both.probability != one.probability


def covered(question, scheme, seeds=80, n=512):
    return np.mean(
        [question(draw(LINEAR.problem, plan=scheme(n, 3, seed=k)), k) for k in range(1, seeds + 1)]
    )


def test_intervals_hold_the_truth_as_often_as_they_say():
    exact, least = LINEAR.compliance(18.0, 0, 10.0), LINEAR.threshold(18.0, 0, 0.85)

    def required(sample, _):
        return compliance(Question(sample, [GAIN], given=[Requirement("x0", low=10.0)])).estimate.holds(exact)

    def sought(sample, _):
        return threshold(Question(sample, [GAIN], wanted=0.85), Lever("x0")).value.holds(least)

    four_standard_errors = 4.0 * np.sqrt(0.9 * 0.1 / 80)
    for question in (required, sought):
        assert abs(covered(question, sampling.monte_carlo) - 0.9) < four_standard_errors
        assert covered(question, sampling.sobol_sequence) > 0.9 - four_standard_errors


@pytest.mark.parametrize(("stated", "least", "most"), [(0.4, 0.9, 1.0), (1e-9, 0.0, 0.7)])
def test_intervals_count_the_error_that_a_surrogate_states(stated, least, most):
    exact = special.ndtr((LINEAR.mean - 18.0) / LINEAR.std)
    wrong = COMMON * 0.4 * np.random.default_rng(3).standard_normal(150)  # the part that all rows share
    held = [
        compliance(
            Question(draw(Shifted.of(LINEAR, shift, stated), 4096, seed=k + 1), [GAIN], confidence=0.95)
        ).estimate.holds(exact)
        for k, shift in enumerate(wrong)
    ]
    assert least <= np.mean(held) <= most


def test_a_feasibility_model_counts_the_failures_that_a_surrogate_never_saw():
    def half(x):
        return np.where(x[:, 0] > 10.0, 1.0, 0.0)

    whole = compliance(
        Question(draw(Shifted.of(LINEAR, 0.0, 0.0)), [GAIN], given=[Requirement("x0", low=10.0)])
    )
    held = compliance(Question(draw(Shifted.of(LINEAR, 0.0, 0.0), feasibility=half), [GAIN]))
    assert held.infeasible == pytest.approx(0.5, abs=0.001)
    assert held.probability == pytest.approx(0.5 * whole.probability, abs=0.002)


def test_what_misses_is_said_with_the_nearest_reached(linear):
    out = threshold(Question(linear, [Limit("y", low=60.0)], wanted=0.9), Lever("x0"))
    assert out.status == "unreachable"
    assert "met by no sample; the nearest reached is" in out.answer
    free = threshold(Question(linear, [Limit("y", low=5.0)], wanted=0.9), Lever("x0"))
    assert free.status == "met without it"
    assert free.conditions == ()


def test_physics_cuts_the_search_for_a_loosest_value(linear):
    free = threshold(Question(linear, [GAIN], wanted=0.95), Lever("x0"))
    cut = threshold(
        Question(linear, [GAIN], wanted=0.95), Lever("x0", reachable=(-np.inf, free.value.value - 0.5))
    )
    assert (free.status, cut.status) == ("found", "unreachable")
    with pytest.raises(ValueError, match="physics reaches no value"):
        threshold(Question(linear, [GAIN]), Lever("x0", reachable=(1e3, np.inf)))


def test_a_requirement_at_most_is_the_mirror_of_one_at_least(linear):
    mirrored = Linear(slopes=(-2.0, 1.0, -1.5), means=(-10.0, 5.0, 3.0), correlation=MIRRORED)
    found = threshold(Question(draw(mirrored.problem, seed=7), [GAIN], wanted=0.9), Lever("x0", "at most"))
    exact = -LINEAR.threshold(18.0, 0, 0.9)
    assert found.value.value == pytest.approx(exact, rel=0.01)
    assert found.value.low <= exact <= found.value.high


def test_a_confidence_in_percent_is_refused(linear):
    for ask in (
        lambda: exchange_rates(Question(linear, confidence=90), "y", inputs=["x0"]),
        lambda: limit_rates(Question(linear, [GAIN], confidence=90)),
        lambda: variance_shares(Question(linear, confidence=90), "y", drivers=["x0"]),
        lambda: waterfall(Question(linear, confidence=90), GAIN),
        lambda: compliance(Question(linear, [GAIN], confidence=90)),
    ):
        with pytest.raises(ValueError, match="confidence is a probability"):
            ask()
