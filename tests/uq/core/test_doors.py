"""Bad numbers at every door: taken in as failures, refused in a sentence, never turned into a silent result."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas
import pytest

from uq import Discrete, Input, Output, Plan, Problem, TruncatedNormal, Uniform, copula_from_data
from uq.core.dataset import Dataset, evaluate
from uq.io.tables import from_frame, from_salib
from uq.propagation.control_variates import corrected
from uq.propagation.propagate import propagate
from uq.propagation.tolerance import density, tolerance
from uq.sampling.pick_freeze import pick_freeze
from uq.sampling.plans import latin_hypercube
from uq.sampling.trajectories import trajectories
from uq.sensitivity import salib_given_data, salib_own_plans
from uq.sensitivity.given_data import first_order, rank_dependence, regional
from uq.sensitivity.hsic import hsic
from uq.sensitivity.morris_dgsm import morris
from uq.sensitivity.sobol import second_order_indices, sobol_indices
from uq.surrogates.derived_outputs import Exact, meets
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.scikit_learn import SurrogateRegressor
from uq.surrogates.validation import choose, validate

INPUTS = tuple(Input(name, "1", Uniform(0.0, 1.0)) for name in ("x1", "x2", "x3"))
PROBLEM = Problem(INPUTS, (Output("y"),), lambda c: {"y": c["x1"] + c["x2"] * c["x3"]}, version="1")
POINTS = pick_freeze(64, 3, seed=1, second_order=True).unit
STEPS = trajectories(64, 3, seed=1).unit
ROWS = latin_hypercube(700, 3, seed=1).unit
BAD = {
    "NaN": math.nan,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "None": None,
    "text": "failed",
    "digits": "1.0",
    "complex": 1.0 + 1.0j,
    "1e308": 1e308,
    "constant": 1.0,
}
RATES = {"one sample": 0.0, "1 %": 0.01, "50 %": 0.5, "all": 1.0}


def spoilt(value: object, rate: float, unit: np.ndarray) -> np.ndarray:
    """Outputs of which a share, and at least one, are `value`; of the plainest type that holds them."""
    y = unit[:, 0] + unit[:, 1] * unit[:, 2]
    rows = np.arange(max(1, round(rate * len(y))))
    kind = complex if isinstance(value, complex) else float if isinstance(value, float) else object
    y = y.astype(kind)
    y[rows] = value
    return y


def by_arrays(unit: np.ndarray, y: np.ndarray) -> Dataset:
    return Dataset.from_arrays(unit, y, problem=PROBLEM)


def by_lists(unit: np.ndarray, y: np.ndarray) -> Dataset:
    return Dataset.from_arrays(unit.tolist(), [[v] for v in y.tolist()], problem=PROBLEM)


def by_frame(unit: np.ndarray, y: np.ndarray) -> Dataset:
    return from_frame(PROBLEM, pandas.DataFrame(unit, columns=["x1", "x2", "x3"]).assign(y=y))


def by_salib(unit: np.ndarray, y: np.ndarray) -> Dataset:
    return from_salib({"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[0.0, 1.0]] * 3}, unit, y)


ANALYSES = {
    "sobol": (sobol_indices, POINTS),
    "second order": (second_order_indices, POINTS),
    "first order": (first_order, POINTS),
    "rank dependence": (rank_dependence, POINTS),
    "pawn of SALib": (salib_given_data.pawn, ROWS),
    "random balance of SALib": (salib_given_data.rbd_fast, ROWS),
    "delta of SALib": (salib_given_data.delta, ROWS),
    "hdmr of SALib": (salib_given_data.hdmr, ROWS),
    "sobol of SALib": (salib_own_plans.sobol_indices, POINTS),
    "morris of SALib": (salib_own_plans.morris, STEPS),
    "hsic": (hsic, POINTS),
    "morris": (morris, STEPS),
    "propagate": (propagate, POINTS),
    "density": (lambda data: density(data, "y"), POINTS),
    "tolerance": (lambda data: tolerance(data, "y"), POINTS),
    "corrected": (lambda data: corrected(data, Exact(PROBLEM), samples=2**10), POINTS),
    "meets": (lambda data: sobol_indices(meets(data, "y", low=0.7)), POINTS),
    "regional": (lambda data: regional(data, "y", low=0.7), POINTS),
}


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("door", [by_arrays, by_lists, by_frame, by_salib])
def test_bad_outputs_are_failures_or_refused_at_the_door(door, kind, rate):
    y = spoilt(BAD[kind], rate, POINTS)
    bad = max(1, round(rate * len(y)))
    if kind in ("text", "digits", "complex") and not (door is by_frame and kind == "digits"):
        with pytest.raises(ValueError, match=r"real numbers|complex|expected a number"):
            door(POINTS, y)
        return
    data = door(POINTS, y)
    failed = {"NaN", "infinity", "minus infinity", "None"}
    assert np.count_nonzero(~data.feasible) == (bad if kind in failed else 0)
    assert np.isfinite(data.y[data.feasible]).all()


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
@pytest.mark.parametrize("kind", ["NaN", "infinity", "minus infinity", "None", "1e308"])
@pytest.mark.parametrize("analysis", ANALYSES)
def test_no_analysis_takes_them_without_a_word(analysis, kind, rate):
    analyse, unit = ANALYSES[analysis]
    data = by_arrays(unit, spoilt(BAD[kind], rate, unit))
    try:
        said = str(analyse(data))
    except ValueError as refused:
        said = f"fail: {refused}"
    assert re.search(r"fail: |[1-9]\d* failed|rows failed", said), "an answer from data with failures says so"


SOME = ROWS[:40]
HIDDEN = SOME > 0.9
"""Cells that a mask hides, under which numbers stand all the same."""
LOST = HIDDEN.any(axis=1)
MASKED = np.ma.array(SOME, mask=HIDDEN)
RESULTS = PROBLEM.model({name: SOME[:, j] for j, name in enumerate(PROBLEM.input_names)})["y"]
NULLABLE = (
    pandas.DataFrame(SOME, columns=["x1", "x2", "x3"]).convert_dtypes().mask(pandas.DataFrame(HIDDEN).values)
)


@pytest.mark.parametrize(
    "x",
    [
        MASKED,
        list(MASKED),
        {name: MASKED[:, j] for j, name in enumerate(("x1", "x2", "x3"))},
        NULLABLE,
        np.ma.array(SOME.astype(object), mask=HIDDEN),
    ],
    ids=["masked array", "list of masked rows", "masked columns", "nullable frame", "masked objects"],
)
def test_hidden_cells_of_inputs_are_failed_rows_and_never_numbers(x) -> None:
    assert np.array_equal(Dataset.from_arrays(x, RESULTS, problem=PROBLEM).feasible, ~LOST)
    assert np.array_equal(evaluate(PROBLEM, x).feasible, ~LOST)
    assert np.array_equal(np.isnan(PROBLEM.unit(x)), HIDDEN)


def test_hidden_cells_of_outputs_and_statuses_are_failed_or_refused() -> None:
    hidden = RESULTS > 1.0
    y = np.ma.array(RESULTS, mask=hidden)
    assert np.array_equal(Dataset.from_arrays(SOME, y, problem=PROBLEM).feasible, ~hidden)
    series = pandas.Series(RESULTS, dtype="Float64").mask(hidden)
    assert np.array_equal(Dataset.from_arrays(SOME, series, problem=PROBLEM).feasible, ~hidden)
    status = np.ma.array(np.zeros(len(SOME), dtype=int), mask=hidden)
    for make in (
        lambda: Dataset.from_arrays(SOME, RESULTS, problem=PROBLEM, status=status),
        lambda: Dataset(PROBLEM, SOME, RESULTS[:, None], status),
    ):
        with pytest.raises(ValueError, match="whole numbers"):
            make()


def test_every_other_door_of_arrays_reads_masks_too() -> None:
    surrogate = PolynomialChaos.fit(Dataset.from_arrays(SOME, RESULTS, problem=PROBLEM))
    for ask in (
        lambda: surrogate.predict(MASKED),
        lambda: surrogate.gradient(MASKED),
        lambda: Plan(MASKED, "given", 1),
        lambda: PROBLEM.physical(MASKED),
        lambda: copula_from_data(MASKED),
        lambda: SurrogateRegressor().fit(MASKED, RESULTS),
        lambda: SurrogateRegressor().fit(SOME, np.ma.array(RESULTS, mask=LOST)),
        lambda: SurrogateRegressor().fit(SOME, RESULTS).predict(MASKED),
    ):
        with pytest.raises(ValueError, match=r"finite|nan|NaN|unit cube"):
            ask()
    value = np.ma.array([0.5, 0.5], mask=[False, True])
    law = Uniform(0.0, 1.0)
    for known in (law.cdf(value), law.ppf(value), law.pdf(value)):
        assert np.isnan(known[1])
        assert not np.isnan(known[0])
    with pytest.raises(TypeError, match="masked"):
        Discrete(value, (0.5, 0.5))


STEPS_OF_LAW = PROBLEM.replace({"x1": Discrete((0.0, 1.0), (0.5, 0.5))})
NARROW = PROBLEM.replace({"x1": Uniform(0.0, 0.5)})
FAR = PROBLEM.replace({"x1": Uniform(5.0, 6.0)})


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (STEPS_OF_LAW, r"none of the 2 values of its law"),
        (NARROW, r"outside its law on \[0, 0.5\]"),
        (FAR, r"\(40 of 40 rows\), outside its law on \[5, 6\]"),
    ],
)
def test_inputs_that_no_sample_of_their_law_has_are_refused_by_the_same_sentence_at_every_door(
    problem, words
) -> None:
    frame = pandas.DataFrame(SOME, columns=["x1", "x2", "x3"]).assign(y=RESULTS)
    said = set()
    for door in (
        lambda: Dataset.from_arrays(SOME, RESULTS, problem=problem),
        lambda: Dataset.from_arrays(SOME, RESULTS, inputs=problem.inputs),
        lambda: evaluate(problem, SOME),
        lambda: from_frame(problem, frame),
    ):
        with pytest.raises(ValueError, match=words) as caught:
            door()
        said.add(str(caught.value).removeprefix("data frame: "))
    assert len(said) == 1
    assert "leave these rows out" in said.pop()


def test_whoever_asks_a_model_anywhere_says_so_and_digits_lost_in_text_are_no_strays() -> None:
    assert evaluate(FAR, SOME, anywhere=True).feasible.all()
    edge = np.array([[1.0 + 1e-12, 0.5, 0.5]])
    assert evaluate(PROBLEM, edge).feasible.all()
    assert evaluate(STEPS_OF_LAW, edge).feasible.all()
    far = PROBLEM.replace(
        {"x1": TruncatedNormal(1e12, 1e-3, 1e12 - 1e-3, 1e12 + 1e-3)}
    )  # narrower than two numbers
    assert evaluate(far, far.physical(ROWS)).feasible.all()


@pytest.mark.parametrize("problem", [FAR, STEPS_OF_LAW])
def test_nothing_is_learned_of_a_law_that_no_row_follows(problem) -> None:
    data = Dataset.from_arrays(SOME, RESULTS, problem=PROBLEM).with_problem(problem)
    for fit in (PolynomialChaos.fit, GaussianProcess.fit, choose):
        with pytest.raises(ValueError, match=r"input 'x1' is .* of its law|outside its law on \[5, 6\]"):
            fit(data)


def test_some_rows_beyond_a_law_teach() -> None:
    data = Dataset.from_arrays(SOME, RESULTS, problem=PROBLEM).with_problem(NARROW)
    assert validate(PolynomialChaos.fit, data).q2[0] > 0.99


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (choose, r"lambda data: uq\.choose\(data\)\.surrogate"),
        (PolynomialChaos, r"the class PolynomialChaos is no function that fits"),
        ("chaos", "a str is no function that fits"),
        (lambda data: 3, "the fit gave a int"),
    ],
    ids=["choose", "class", "text", "number"],
)
def test_what_fits_no_surrogate_is_refused_with_the_remedy(fit, words) -> None:
    with pytest.raises(TypeError, match=words):
        validate(fit, Dataset.from_arrays(SOME, RESULTS, problem=PROBLEM))
