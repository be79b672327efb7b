"""Analyses asked what they cannot answer: one sentence each, with the remedy, and never a number."""

from __future__ import annotations

import analytic
import numpy as np
import pytest

from uq import (
    Dataset,
    kucherenko_indices,
    pick_freeze,
    propagate,
    second_order_indices,
    shapley_effects,
    sobol_indices,
)
from uq.core.dataset import evaluate
from uq.propagation.control_variates import corrected
from uq.propagation.tolerance import density, tolerance
from uq.sampling.plans import monte_carlo
from uq.sampling.trajectories import trajectories
from uq.sensitivity import salib_given_data
from uq.sensitivity.given_data import first_order, rank_dependence, regional
from uq.sensitivity.hsic import hsic
from uq.sensitivity.morris_dgsm import derivative_based, morris
from uq.surrogates.derived_outputs import Exact

MODEL = analytic.ishigami().problem
CORRELATED = analytic.gaussian_product(0.5).problem


def evaluated(plan) -> Dataset:
    return evaluate(MODEL, MODEL.physical(plan.unit))


PLAN = evaluated(pick_freeze(64, 3, seed=1, second_order=True))
STEPS = evaluated(trajectories(20, 3, seed=1))
PLAIN = evaluated(monte_carlo(320, 3, seed=1))

OF_DATA = {
    "sobol": (sobol_indices, PLAN),
    "second order": (second_order_indices, PLAN),
    "first order": (first_order, PLAIN),
    "rank dependence": (rank_dependence, PLAIN),
    "pawn": (salib_given_data.pawn, PLAIN),
    "random balance": (salib_given_data.rbd_fast, PLAIN),
    "hsic": (hsic, PLAIN),
    "morris": (morris, STEPS),
    "propagate": (propagate, PLAN),
    "density": (lambda data, **how: density(data, "y", **how), PLAN),
    "tolerance": (lambda data, **how: tolerance(data, "y", **how), PLAIN),
    "corrected": (lambda data, **how: corrected(data, Exact(MODEL), samples=2**10, **how), PLAIN),
    "regional": (lambda data, **how: regional(data, "y", low=3.0, **how), PLAN),
}
OF_SURROGATES = {
    "sobol": sobol_indices,
    "second order": second_order_indices,
    "kucherenko": kucherenko_indices,
    "shapley": shapley_effects,
    "derivatives": derivative_based,
    "propagate": propagate,
}


def one_sentence(error: pytest.ExceptionInfo[Exception]) -> bool:
    said = str(error.value)
    return 10 < len(said) < 400 and "\n" not in said


@pytest.mark.parametrize("name", OF_DATA)
def test_a_sound_plan_is_answered(name):
    analyse, data = OF_DATA[name]
    assert "nan" not in str(analyse(data))


@pytest.mark.parametrize("confidence", [0.0, 1.0, 90.0, -0.1, np.nan])
@pytest.mark.parametrize("name", OF_DATA)
def test_a_confidence_that_is_no_probability_is_refused(name, confidence):
    analyse, data = OF_DATA[name]
    with pytest.raises(ValueError, match="between 0 and 1") as error:
        analyse(data, confidence=confidence)
    assert one_sentence(error)


@pytest.mark.parametrize("name", OF_SURROGATES)
def test_a_confidence_that_is_no_probability_is_refused_through_a_surrogate(name):
    with pytest.raises(ValueError, match="between 0 and 1") as error:
        OF_SURROGATES[name](Exact(MODEL), confidence=90.0)
    assert one_sentence(error)


@pytest.mark.parametrize("name", OF_DATA)
def test_one_sample_is_refused(name):
    analyse, data = OF_DATA[name]
    with pytest.raises(ValueError, match=r"rows|runs|samples") as error:
        analyse(data.where(np.arange(1)))
    assert one_sentence(error)


@pytest.mark.parametrize("name", sorted(set(OF_DATA) - {"propagate", "tolerance", "corrected"}))
def test_an_output_without_variance_is_refused_where_there_is_nothing_to_share(name):
    analyse, data = OF_DATA[name]
    flat = Dataset.from_arrays(data.x, np.full(len(data), 3.0), problem=data.problem)
    with pytest.raises(ValueError, match=r"constant|meet the limit") as error:
        analyse(flat)
    assert one_sentence(error)


def test_an_output_without_variance_has_a_law_which_says_that_it_is_constant():
    flat = Dataset.from_arrays(PLAN.x, np.full(len(PLAN), 3.0), problem=MODEL)
    assert propagate(flat)["y"].notes[-1] == f"constant at 3 in all {len(PLAN)} rows that worked"
    model = MODEL.with_model(lambda c: {"y": 0.0 * c["x1"] + 3.0}, version="flat")
    assert "constant at 3" in propagate(Exact(model), samples=2**11)["y"].notes[-1]


@pytest.mark.parametrize("name", OF_SURROGATES)
def test_what_is_no_surrogate_is_refused_with_the_way_to_one(name):
    with pytest.raises(TypeError, match=r"Exact\(problem\)") as error:
        OF_SURROGATES[name](MODEL)
    assert one_sentence(error)
    if name in ("kucherenko", "shapley", "derivatives"):
        with pytest.raises(TypeError, match="fit a surrogate to the data"):
            OF_SURROGATES[name](PLAN)


@pytest.mark.parametrize("name", ["sobol", "second order", "morris", "derivatives"])
def test_correlated_inputs_are_refused_where_independence_is_assumed(name):
    source = {
        "morris": lambda: evaluate(CORRELATED, CORRELATED.physical(trajectories(10, 2, seed=1).unit))
    }.get(name, lambda: Exact(CORRELATED))()
    analyse = {"morris": morris, **OF_SURROGATES}[name]
    with pytest.raises(ValueError, match="correlated") as error:
        analyse(source)
    assert one_sentence(error)
    if name in ("sobol", "second order"):
        plan = pick_freeze(64, 2, seed=1, second_order=True)
        with pytest.raises(ValueError, match="correlated"):
            analyse(evaluate(CORRELATED, CORRELATED.physical(plan.unit)))


@pytest.mark.parametrize(
    "analyse", [sobol_indices, second_order_indices, kucherenko_indices, shapley_effects]
)
def test_groups_that_overlap_are_refused_by_every_analysis_of_groups(analyse):
    with pytest.raises(ValueError, match="overlap") as error:
        analyse(Exact(MODEL), groups={"a": ["x1", "x2"], "b": ["x2", "x3"]})
    assert one_sentence(error)


@pytest.mark.parametrize("analyse", [kucherenko_indices, shapley_effects])
def test_one_replicate_has_no_spread_and_is_refused(analyse):
    with pytest.raises(ValueError, match="at least 2 replicates"):
        analyse(Exact(MODEL), base=64, replicates=1)


@pytest.mark.parametrize("limits", [3.0, [np.nan], [1.0, np.inf]])
def test_thresholds_are_a_list_of_finite_numbers(limits):
    with pytest.raises(ValueError, match="list of finite numbers"):
        propagate(PLAN, above={"y": limits})


def test_plain_samples_are_no_trajectories_and_no_pick_freeze_plan():
    for analyse, call in (
        (sobol_indices, "pick_freeze"),
        (second_order_indices, "second_order=True"),
        (morris, "trajectories"),
    ):
        with pytest.raises(ValueError, match=call) as error:
            analyse(PLAIN)
        assert one_sentence(error)
