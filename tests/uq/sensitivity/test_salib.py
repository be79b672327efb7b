"""SALib behind its door: closed forms, and data that must not reach it."""

from __future__ import annotations

import dataclasses
import warnings

import analytic
import numpy as np
import pytest
from scipy import special, stats

from uq import Dataset, Discrete, Input, Output, Problem, Uniform, pick_freeze, sobol_indices
from uq.campaign.runner import run
from uq.sampling import derivative_steps, search_curves
from uq.sampling.plans import latin_hypercube, monte_carlo
from uq.sampling.trajectories import trajectories
from uq.sensitivity import salib_given_data, salib_own_plans
from uq.sensitivity.morris_dgsm import morris

ISHIGAMI = analytic.ishigami()
LINEAR = analytic.linear_gaussian((1.0, -2.0, 0.5, 0.0))
KNOWN = {"ishigami": ISHIGAMI, "sobol g": analytic.sobol_g(), "linear": LINEAR}

TRUNCATION = 0.05
"""Share of a first-order index in harmonics beyond the fourth: 4.2 % of a normal law's quantiles along a curve."""
INTERFERENCE = 0.03
"""Harmonics of other inputs on the frequency of one (Saltelli et al. 1999 report 0.02 for these functions)."""


def given(known, n=1000, seed=2) -> Dataset:
    return run(known.problem, latin_hypercube(n, known.problem.dimension, seed=seed))


def covers(interval, exact) -> np.ndarray:
    return (interval[:, 0] <= exact) & (exact <= interval[:, 1])


@pytest.mark.parametrize("name", KNOWN)
def test_random_balance_designs_give_the_first_order_indices_of_the_closed_form(name):
    known = KNOWN[name]
    hits = [
        covers(salib_given_data.rbd_fast(given(known, seed=seed))["y"].interval, known.first)
        for seed in range(1, 11)
    ]
    assert np.mean(hits) >= 0.85


def test_dependent_inputs_share_what_random_balance_designs_find():
    known = analytic.linear_gaussian(analytic.WEIGHTS, analytic.CORRELATED)
    found = salib_given_data.rbd_fast(run(known.problem, monte_carlo(4000, 6, seed=1)))["y"]
    assert found.value == pytest.approx(known.first, abs=0.04)


@pytest.mark.parametrize("name", KNOWN)
def test_search_curves_give_the_indices_of_the_closed_form(name):
    known = KNOWN[name]
    found = salib_own_plans.fast(run(known.problem, search_curves(513, known.problem.dimension, seed=1)))["y"]
    assert found.first == pytest.approx(known.first, rel=TRUNCATION, abs=INTERFERENCE)
    reach = np.ptp(found.total_interval, axis=1)
    assert (np.abs(found.total - known.total) <= reach + 1e-3).all()


@pytest.mark.parametrize("second_order", [False, True])
@pytest.mark.parametrize("name", KNOWN)
def test_sobol_indices_are_those_of_the_closed_form_and_near_ours(name, second_order):
    known = KNOWN[name]
    plan = pick_freeze(2048, known.problem.dimension, seed=3, second_order=second_order, replicates=8)
    data = run(known.problem, plan)
    found, ours = salib_own_plans.sobol_indices(data)["y"], sobol_indices(data)["y"]
    assert covers(found.first_interval, known.first).all()
    assert covers(found.total_interval, known.total).all()
    assert found.total == pytest.approx(ours.total, abs=0.03)


def test_the_area_between_densities_is_that_of_normal_laws():
    # half the area between N(0, 1) and N(r z, 1 - r^2), averaged over z ~ N(0, 1); r^2 = 0.762 for x2
    r, y = np.sqrt(LINEAR.first[1]), np.linspace(-6.0, 6.0, 2001)
    z = special.ndtri((np.arange(400) + 0.5) / 400.0)[:, None]
    normal = np.exp(-0.5 * y * y) / np.sqrt(2.0 * np.pi)
    given_z = np.exp(-0.5 * (y - r * z) ** 2 / (1.0 - r * r)) / np.sqrt(2.0 * np.pi * (1.0 - r * r))
    area = 0.5 * np.trapezoid(np.abs(normal - given_z), y, axis=1).mean()
    found = salib_given_data.delta(given(LINEAR, 600))["y"]
    # densities by kernels are wider than the law: the mean of three draws is 0.41 of 0.47 at 600 rows
    assert 0.8 * area < found.value[1] < area
    order = np.argsort(found.value)
    assert (order[0], order[-1]) == (3, 1)  # the two between are nearer to each other than draws scatter
    low, high = found.interval[[0, 2]].T
    assert low.max() < high.min()


def test_sums_of_functions_of_two_inputs_give_the_indices_of_the_closed_form():
    found = salib_given_data.hdmr(given(ISHIGAMI, 2200), degree=8)["y"]
    assert covers(found.first_interval, ISHIGAMI.first).all()
    assert covers(found.total_interval, ISHIGAMI.total).all()
    low = salib_given_data.hdmr(given(ISHIGAMI, 1500), degree=3)["y"]
    assert covers(low.first_interval, ISHIGAMI.first).all(), "what is not explained widens the interval"
    assert "is not explained by the fit" in low.notes[-1]


@pytest.mark.parametrize("levels", [4, 8])
def test_elementary_effects_are_ours(levels):
    data = run(ISHIGAMI.problem, trajectories(100, 3, seed=1, levels=levels))
    found, ours = salib_own_plans.morris(data)["y"], morris(data)["y"]
    for name in ("mean", "absolute", "std"):
        assert getattr(found, name) == pytest.approx(getattr(ours, name), abs=1e-9)
    assert found.interval[0] == pytest.approx(ours.interval[0], rel=0.1)


def test_mean_squared_derivatives_are_those_of_the_closed_form():
    # E[(dy/dx)^2] of Ishigami's function over U(-pi, pi)^3, by Sobol' & Kucherenko's constant 4 for that width
    a, b, pi4 = 7.0, 0.1, np.pi**4
    mean = np.array(
        [0.5 * (1.0 + 2.0 * b * pi4 / 5.0 + b**2 * pi4**2 / 9.0), a**2 / 2.0, 8.0 * b**2 * np.pi**6 / 7.0]
    )
    exact = 4.0 * mean / ISHIGAMI.std**2
    found = salib_own_plans.dgsm(run(ISHIGAMI.problem, derivative_steps(2048, 3, seed=1)))["y"]
    assert covers(found.interval, exact).all()
    assert (np.ptp(found.interval, axis=1) < 0.2 * exact).all(), "the interval is in units of the bound"
    assert (found.bound >= ISHIGAMI.total).all()


def test_an_input_of_few_values_is_ranked_at_random_within_each():
    inputs = (Input("kind", "1", Discrete((0.0, 1.0), (0.5, 0.5))), Input("x", "1", Uniform(0.0, 1.0)))
    problem = Problem(inputs, (Output("y"),), lambda c: {"y": c["kind"] + c["x"]}, version="1")
    found = salib_given_data.rbd_fast(run(problem, latin_hypercube(2000, 2, seed=1)))["y"]
    assert found.value == pytest.approx([0.75, 0.25], abs=0.05)  # variances 1/4 and 1/12


def test_the_reference_is_that_of_the_plan_at_hand():
    assert "RBD-FAST" in salib_own_plans.reference(given(ISHIGAMI))["y"].name
    assert "Sobol'" in salib_own_plans.reference(run(ISHIGAMI.problem, pick_freeze(64, 3, seed=1)))["y"].name


# -- what does not reach it -------------------------------------------------------------------------------------------

PLANS = {
    salib_given_data.rbd_fast: latin_hypercube(400, 3, seed=1),
    salib_given_data.delta: latin_hypercube(400, 3, seed=1),
    salib_given_data.pawn: latin_hypercube(400, 3, seed=1),
    salib_given_data.hdmr: latin_hypercube(700, 3, seed=1),
    salib_own_plans.fast: search_curves(65, 3, seed=1),
    salib_own_plans.sobol_indices: pick_freeze(64, 3, seed=1),
    salib_own_plans.morris: trajectories(30, 3, seed=1),
    salib_own_plans.dgsm: derivative_steps(64, 3, seed=1),
}
SPECIAL = (salib_own_plans.fast, salib_own_plans.sobol_indices, salib_own_plans.morris, salib_own_plans.dgsm)


@pytest.fixture(scope="module")
def runs():
    return {analysis: run(ISHIGAMI.problem, plan) for analysis, plan in PLANS.items()}


@pytest.mark.parametrize("analysis", PLANS, ids=lambda f: f.__name__)
def test_one_failed_row_is_refused_with_the_remedy(analysis, runs):
    y = runs[analysis].y.copy()
    y[7] = np.nan
    spoilt = Dataset.from_arrays(
        runs[analysis].x, y, problem=ISHIGAMI.problem, provenance=runs[analysis].provenance
    )
    with pytest.raises(ValueError, match=r"failed.*impute|failed.*complete"):
        analysis(spoilt)


@pytest.mark.parametrize("analysis", SPECIAL, ids=lambda f: f.__name__)
def test_rows_of_another_plan_are_refused_whatever_their_label_says(analysis, runs):
    plan = PLANS[analysis]
    other = dataclasses.replace(plan, unit=monte_carlo(len(plan), 3, seed=5).unit)
    with pytest.raises(ValueError, match=r"the \d+ rows .*draw (one|them) with"):
        analysis(run(ISHIGAMI.problem, other))


@pytest.mark.parametrize(
    "analysis", [f for f in PLANS if f is not salib_own_plans.fast], ids=lambda f: f.__name__
)
def test_a_seed_that_is_none_is_refused(analysis, runs):
    with pytest.raises(ValueError, match="positive seed"):
        analysis(runs[analysis], seed=0)


@pytest.mark.parametrize("analysis", PLANS, ids=lambda f: f.__name__)
def test_answers_are_the_same_twice_and_leave_no_trace(analysis, runs):
    before, form = np.random.get_state()[1].copy(), warnings.formatwarning  # noqa: NPY002
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = (str(analysis(runs[analysis])["y"]) for _ in range(2))
    assert first == second
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert warnings.formatwarning is form


@pytest.mark.parametrize(
    "analysis",
    [
        salib_own_plans.fast,
        salib_given_data.hdmr,
        salib_own_plans.dgsm,
        salib_own_plans.morris,
        salib_own_plans.sobol_indices,
    ],
)
def test_correlated_inputs_are_refused_where_independence_is_assumed(analysis):
    problem = analytic.linear_gaussian((1.0, 1.0), np.array([[1.0, 0.5], [0.5, 1.0]])).problem
    with pytest.raises(ValueError, match="correlated"):
        analysis(run(problem, latin_hypercube(400, 2, seed=1)))


def test_outputs_of_few_values_have_no_density():
    data = run(ISHIGAMI.problem, latin_hypercube(400, 3, seed=1))
    steps = Dataset.from_arrays(data.x, np.floor(data.y / 5.0), problem=data.problem)
    with pytest.raises(ValueError, match="no density"):
        salib_given_data.delta(steps)


def test_laws_whose_density_falls_to_zero_have_no_derivative_by_probability():
    with pytest.raises(ValueError, match="through a surrogate"):
        salib_own_plans.dgsm(run(LINEAR.problem, derivative_steps(64, 4, seed=1)))


def test_the_scatter_of_few_draws_is_in_the_interval_by_students_law(monkeypatch):
    draws = iter([1.0, 2.0, 3.0])

    def call(*arguments, **options):
        return {"S1": np.full(3, next(draws)), "S1_conf": np.zeros(3)}, ()

    monkeypatch.setattr(salib_given_data, "call", call)
    found = salib_given_data.rbd_fast(given(ISHIGAMI), confidence=0.9)["y"]
    half = stats.t.ppf(0.95, 2)  # of the mean of three, whose standard deviation is 1
    assert found.value == pytest.approx(np.full(3, 2.0), rel=1e-12)
    assert found.interval == pytest.approx(np.tile([2.0 - half, 2.0 + half], (3, 1)), rel=1e-9)
