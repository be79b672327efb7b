"""Shapley effects and Kucherenko indices of dependent inputs against closed forms."""

from __future__ import annotations

import dataclasses

import analytic
import numpy as np
import pytest
from scipy import special

from uq import kucherenko_indices, propagate, shapley_effects, sobol_indices
from uq.core.problem import Output, Problem
from uq.surrogates.derived_outputs import Exact, difference, meets

STATISTICAL = 4.0
SPAN = special.stdtrit(7, special.ndtr(STATISTICAL)) / special.stdtrit(7, 0.95)
"""Four standard errors, estimated from 8 replicates, in half-widths of a 90 % Student interval."""

KNOWN = {
    "linear": analytic.linear_gaussian(analytic.WEIGHTS, analytic.CORRELATED),
    "lognormal product": analytic.lognormal_product((0.3, 0.5, 0.4), analytic.CORRELATED[:3, :3]),
    "product": analytic.gaussian_product(0.6),
    "independent": analytic.ishigami(),
}


def within(estimate, interval, exact) -> bool:
    """Whether the truth lies within four standard errors."""
    return bool(np.all(np.abs(estimate - exact) <= SPAN * 0.5 * np.ptp(interval, axis=-1) + 1e-9))


@pytest.mark.parametrize("name", KNOWN)
def test_kucherenko_indices_are_those_of_the_closed_form(name):
    known = KNOWN[name]
    found = kucherenko_indices(Exact(known.problem))["y"]
    assert within(found.first, found.first_interval, known.first)
    assert within(found.total, found.total_interval, known.total)
    assert np.ptp(found.total_interval, axis=1).max() < 0.06


@pytest.mark.parametrize("name", KNOWN)
def test_shapley_effects_are_those_of_the_closed_form_and_sum_to_one(name):
    known = KNOWN[name]
    found = shapley_effects(Exact(known.problem))["y"]
    assert within(found.effects, found.interval, known.shapley)
    assert found.effects.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.ptp(found.interval, axis=1).max() < 0.05


def test_shapley_effects_along_random_orders_agree_with_the_closed_form():
    known = analytic.sobol_g()  # eight inputs: too many for all subsets
    found = shapley_effects(Exact(known.problem))["y"]
    assert within(found.effects, found.interval, known.shapley)
    assert np.ptp(found.interval, axis=1).max() < 0.05
    assert found.effects.sum() == pytest.approx(1.0, abs=1e-12)


def test_an_input_that_only_travels_with_others_earns_credit_but_has_no_total():
    known = KNOWN["linear"]
    effects = shapley_effects(Exact(known.problem))["y"]
    indices = kucherenko_indices(Exact(known.problem))["y"]
    assert effects.interval[5, 0] > 0.08
    assert indices.total[5] == pytest.approx(0.0, abs=1e-12)
    assert effects.verdicts()[5].startswith("x6: matters")
    assert "x6" in str(effects)


def test_without_dependence_kucherenko_and_sobol_agree():
    known = KNOWN["independent"]
    one, two = kucherenko_indices(Exact(known.problem))["y"], sobol_indices(Exact(known.problem))["y"]
    assert within(one.total, one.total_interval + two.total_interval, two.total)


def test_groups_of_dependent_inputs_have_the_effects_of_the_closed_form():
    known = KNOWN["linear"]
    groups = {"left": ["x1", "x2", "x3"], "right": ["x4", "x5", "x6"]}
    closed = [known.closed([0, 1, 2]), known.closed([3, 4, 5])]
    exact = 0.5 * np.array([1.0 + closed[0] - closed[1], 1.0 + closed[1] - closed[0]])
    found = shapley_effects(Exact(known.problem), groups=groups)["y"]
    assert within(found.effects, found.interval, exact)
    indices = kucherenko_indices(Exact(known.problem), groups=groups)["y"]
    assert within(indices.first, indices.first_interval, np.array(closed))
    with pytest.raises(ValueError, match="every input"):
        shapley_effects(Exact(known.problem), groups={"left": ["x1"]})


def test_a_target_and_a_difference_of_dependent_inputs_have_effects_too():
    linear = KNOWN["linear"].problem
    outputs = (Output("one"), Output("two"))
    model = Problem(
        linear.inputs,
        outputs,
        lambda c: {"one": c["x1"] + c["x2"], "two": c["x1"] - c["x4"]},
        linear.correlation,
        "1",
    )
    exact = analytic.linear_gaussian((0.0, 1.0, 0.0, 1.0, 0.0, 0.0), analytic.CORRELATED).shapley
    found = shapley_effects(difference(Exact(model), first="one", second="two"))["one - two"]
    assert within(found.effects, found.interval, exact)
    met = shapley_effects(meets(Exact(model), "one", low=1.0))["one met"]
    assert met.effects.sum() == pytest.approx(1.0, abs=1e-12)


def test_results_are_the_same_twice_and_replicates_must_divide():
    model = Exact(KNOWN["product"].problem)
    one, two = (shapley_effects(model, base=1024)["y"] for _ in range(2))
    assert np.array_equal(one.effects, two.effects)
    with pytest.raises(ValueError, match="power of two"):
        shapley_effects(model, base=1000)


@dataclasses.dataclass(frozen=True)
class Broken(Exact):
    """A surrogate that predicts `value` where the first input is large."""

    value: float = np.nan

    def predict(self, x):
        found = super().predict(x)
        return dataclasses.replace(found, mean=np.where(np.asarray(x)[:, :1] > 1.0, self.value, found.mean))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("analysis", [kucherenko_indices, shapley_effects, sobol_indices, propagate])
def test_a_surrogate_that_predicts_nonsense_gives_no_silent_index(analysis, value):
    model = analytic.linear_gaussian((1.0, 2.0)).problem
    with pytest.raises(ValueError, match=r"finite|sentinel|beyond"):
        analysis(Broken(model, value))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "base"), [("linear", 1024), ("lognormal product", 4096)])
def test_ninety_percent_intervals_of_dependent_measures_cover_ninety_percent(name, base):
    """Each cell within 87 to 93 % over 1,000 repeats (standard error 1 %, no allowance made); zero indices excluded.

    The product's logarithm has a spread of 0.9, so its fourth moment is made by one sample in thousands: with 1,024
    points intervals hold the truth in 86 % only, and two plans in a thousand are refused, one row being most of the
    variance.
    """
    known = KNOWN[name]
    model = Exact(known.problem)
    exact_values = (known.first, known.total, known.shapley)
    hits = [np.zeros(known.problem.dimension) for _ in exact_values]
    for seed in range(1000):
        indices = kucherenko_indices(model, base=base, seed=seed)["y"]
        effects = shapley_effects(model, base=base, seed=seed)["y"]
        intervals = (indices.first_interval, indices.total_interval, effects.interval)
        for hit, interval, exact in zip(hits, intervals, exact_values, strict=True):
            hit += (interval[:, 0] <= exact) & (exact <= interval[:, 1])
    cells = (
        np.concatenate([hit[exact > 1e-12] for hit, exact in zip(hits, exact_values, strict=True)]) / 1000.0
    )
    assert cells.min() >= 0.87, cells
    assert cells.max() <= 0.93, cells
