"""Bad numbers at every door: taken in as failures, refused in a sentence, never turned into a silent result."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas
import pytest

from uq import Input, Output, Problem, Uniform
from uq.core.dataset import Dataset
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
