"""Elementary effects, derivative-based bounds, ranks, conditional laws and regions against exact answers."""

from __future__ import annotations

import analytic
import numpy as np
import pytest
from scipy import integrate, special, stats

from uq import (
    Beta,
    Dataset,
    Discrete,
    Input,
    LogNormal,
    Mixture,
    Normal,
    Output,
    Problem,
    Triangular,
    Uniform,
    Weibull,
)
from uq.campaign.runner import run
from uq.core.dataset import evaluate
from uq.sampling.plans import latin_hypercube, monte_carlo
from uq.sampling.trajectories import trajectories
from uq.sensitivity.given_data import first_order, rank_dependence, regional
from uq.sensitivity.morris_dgsm import derivative_based, morris
from uq.sensitivity.salib_given_data import pawn
from uq.surrogates.derived_outputs import Exact

LINEAR = analytic.linear_gaussian((1.0, 2.0, 0.0))


def uniform(function, d: int = 3) -> Problem:
    inputs = tuple(Input(n, "1", Uniform(0.0, 1.0)) for n in analytic.names(d))
    return Problem(inputs, (Output("y"),), function, version="1")


# -- elementary effects -----------------------------------------------------------------------------------------


def test_elementary_effects_of_a_linear_model_are_its_slopes_without_spread():
    problem = uniform(lambda c: {"y": 3.0 * c["x1"] - 2.0 * c["x2"]})
    found = morris(run(problem, trajectories(10, 3, seed=1)))["y"]
    assert found.mean == pytest.approx([3.0, -2.0, 0.0], abs=1e-12)
    assert found.absolute == pytest.approx([3.0, 2.0, 0.0], abs=1e-12)
    assert found.std == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    assert found.verdicts()[2] == "x3: no effect in any trajectory"


def test_an_interaction_shows_in_the_spread():
    # y = x1 x2 on cell centres 1/8, 3/8, 5/8, 7/8: the effect of x1 is the value of x2, of mean 1/2 and variance 5/64.
    problem = uniform(lambda c: {"y": c["x1"] * c["x2"]})
    found = morris(run(problem, trajectories(4000, 3, seed=1)))["y"]
    assert found.mean[:2] == pytest.approx([0.5, 0.5], abs=4.0 * np.sqrt(5.0 / 64.0 / 4000.0))
    assert found.std[:2] == pytest.approx([np.sqrt(5.0) / 8.0] * 2, rel=0.03)


def test_morris_refuses_what_it_cannot_judge():
    problem = uniform(lambda c: {"y": c["x1"]})
    with pytest.raises(ValueError, match="trajectories"):
        morris(run(problem, latin_hypercube(40, 3, seed=1)))
    data = run(problem, trajectories(10, 3, seed=1))
    y = data.y.copy()
    y[3] = np.nan
    with pytest.raises(ValueError, match="1 of 40 rows failed"):
        morris(Dataset.from_arrays(data.x, y, problem=problem))
    with pytest.raises(ValueError, match="correlated"):
        morris(run(analytic.gaussian_product(0.5).problem, trajectories(10, 2, seed=1)))
    with pytest.raises(ValueError, match="constant"):
        morris(run(uniform(lambda c: {"y": 0.0 * c["x1"]}), trajectories(10, 3, seed=1)))


# -- derivatives ------------------------------------------------------------------------------------------------


def test_the_bound_by_derivatives_is_the_total_index_of_a_linear_gaussian_model():
    found = derivative_based(Exact(LINEAR.problem))["y"]
    assert found.squares == pytest.approx([1.0, 4.0, 0.0], rel=1e-6, abs=1e-12)
    assert found.bound == pytest.approx(LINEAR.total, rel=0.01, abs=1e-12)
    assert "total at most" in str(found)


def test_the_bound_by_derivatives_holds_for_ishigami():
    known = analytic.ishigami()
    found = derivative_based(Exact(known.problem))["y"]
    assert (found.interval[:, 1] >= known.total).all()


@pytest.mark.parametrize(
    "law",
    [Triangular(0.0, 0.3, 1.0), Beta(2.0, 5.0), LogNormal(1.0, 1.5), Uniform(-1.0, 3.0), Normal(0.0, 2.0)],
)
def test_poincare_constants_bound_the_variance_of_the_law_itself(law):
    assert law.poincare_constant >= law.moments()[1] ** 2 * (1.0 - 1e-9)  # g(x) = x has derivative 1


# -- ranks ------------------------------------------------------------------------------------------------------


SPLIT = Mixture((Uniform(0.0, 1.0), Uniform(2.0, 3.0)), (0.5, 0.5))


@pytest.mark.parametrize(
    "law",
    [SPLIT, Discrete((0.0, 1.0), (0.5, 0.5)), LogNormal(1.0, 1.3), Weibull(1.0, 0.7)],
    ids=lambda law: type(law).__name__,
)
def test_a_law_without_a_poincare_constant_has_an_infinite_one(law):
    assert law.poincare_constant == np.inf


def test_a_step_across_a_gap_of_the_law_has_no_bound_by_derivatives():
    problem = Problem(
        (Input("x1", "1", SPLIT), Input("x2", "1", Uniform(0.0, 1.0))),
        (Output("y"),),
        lambda c: {"y": special.expit(20.0 * (c["x1"] - 1.5)) + 1e-3 * c["x2"]},
        version="1",
    )
    found = derivative_based(Exact(problem), base=256)["y"]
    assert found.bound[0] == np.inf
    assert np.isfinite(found.bound[1])
    assert "x1: no bound" in str(found)


def test_elementary_effects_tell_that_one_row_makes_much_of_the_variance():
    data = run(uniform(lambda c: {"y": c["x1"] + c["x2"]}), trajectories(30, 3, seed=1))
    assert not any("unreliable tail" in note for note in morris(data)["y"].notes)
    y = data.y.copy()
    y[7] += 2.5
    found = morris(Dataset.from_arrays(data.x, y, problem=data.problem))["y"]
    assert any("unreliable tail" in note for note in found.notes)
    assert found.notes[0] in str(found)


@pytest.mark.parametrize(
    "known",
    [analytic.ishigami(), LINEAR, analytic.gaussian_product(0.6)],
    ids=["ishigami", "linear", "dependent"],
)
def test_first_order_indices_come_from_any_samples(known):
    found = first_order(run(known.problem, monte_carlo(8000, known.problem.dimension, seed=1)))["y"]
    half = 0.5 * np.ptp(found.interval, axis=1)
    assert (np.abs(found.value - known.first) <= 4.0 / 1.753 * half).all()
    assert half.max() < 0.05


@pytest.mark.slow
@pytest.mark.parametrize(
    ("known", "rows"),
    [
        (analytic.ishigami(), 2000),
        (LINEAR, 2000),
        (analytic.lognormal_product((0.3, 0.5)), 4000),
        (analytic.gaussian_product(0.6), 8000),
    ],
    ids=["ishigami", "linear", "lognormal product", "dependent"],
)
def test_ninety_percent_intervals_of_first_order_indices_cover_ninety_percent(known, rows):
    """Each cell within 87 to 93 % over 1,000 repeats (standard error 1 %, no allowance made); zero indices excluded."""
    hits = np.zeros(known.problem.dimension)
    for seed in range(1000):
        x = known.problem.physical(monte_carlo(rows, known.problem.dimension, seed=seed).unit)
        interval = first_order(evaluate(known.problem, x))["y"].interval
        hits += (interval[:, 0] <= known.first) & (known.first <= interval[:, 1])
    cells = hits[known.first > 1e-12] / 1000.0
    assert cells.min() >= 0.87, cells
    assert cells.max() <= 0.93, cells


def test_first_order_indices_are_not_low_where_the_outermost_points_lie_apart():
    known = analytic.gaussian_product(0.6)
    values = [
        first_order(evaluate(known.problem, known.problem.physical(monte_carlo(500, 2, seed=s).unit)))[
            "y"
        ].value
        for s in range(200)
    ]
    assert np.mean(values) == pytest.approx(known.first[0], abs=0.04)


def test_rank_dependence_of_a_gaussian_pair_is_its_cramer_von_mises_index():
    # Var(E[1(Y <= t) | X]) for correlation r: P(two draws that share X both below) - F(t)^2, integrated over F.
    r2 = 0.2  # x1 explains 1 / 5 of x1 + 2 x2

    def inner(t):
        both = stats.multivariate_normal([0.0, 0.0], [[1.0, r2], [r2, 1.0]]).cdf([t, t])
        return (both - special.ndtr(t) ** 2) * stats.norm.pdf(t)

    exact = 6.0 * integrate.quad(inner, -6.0, 6.0)[0]
    found = rank_dependence(run(LINEAR.problem, monte_carlo(20_000, 3, seed=2)))["y"]
    half = 0.5 * np.ptp(found.interval, axis=1)
    assert abs(found.value[0] - exact) < 4.0 / 1.753 * half[0]
    assert abs(found.value[2]) < 4.0 / 1.753 * half[2]


# -- conditional laws -------------------------------------------------------------------------------------------


def test_conditional_laws_tell_the_inputs_that_matter_from_the_one_that_does_not():
    found = pawn(run(LINEAR.problem, monte_carlo(3000, 3, seed=3)))["y"]
    # KS distance between N(0, 1) and N(r z, 1 - r^2), averaged over z, with r^2 = 0.8 for x2
    grid = np.linspace(-6.0, 6.0, 4001)
    means = [
        np.abs(special.ndtr((grid - np.sqrt(0.8) * z) / np.sqrt(0.2)) - special.ndtr(grid)).max()
        for z in special.ndtri((np.arange(400) + 0.5) / 400.0)
    ]
    assert found.interval[1, 0] <= np.mean(means) <= found.interval[1, 1] + 0.02  # slices are not points
    assert (found.value > found.null).tolist() == [True, True, False]
    assert "cannot be distinguished" in found.verdicts()[2]


def test_regions_of_success_name_the_inputs_that_decide():
    data = run(LINEAR.problem, monte_carlo(4000, 3, seed=4))
    found = regional(data, "y", low=0.0)
    # x given y > 0 against x given y < 0: skew normals whose laws differ most at 0, by (2 / pi) arcsin(r).
    exact = 2.0 / np.pi * np.arcsin(np.sqrt([0.2, 0.8]))
    assert found.value[:2] == pytest.approx(exact, abs=0.05)
    assert found.value[2] < found.null[2]
    with pytest.raises(ValueError, match="at least 10"):
        regional(data, "y", low=1e9)


def test_rank_measures_refuse_failed_rows_and_tiny_samples():
    data = run(LINEAR.problem, monte_carlo(500, 3, seed=4))
    y = data.y.copy()
    y[0] = np.inf
    for measure in (first_order, rank_dependence, pawn):
        with pytest.raises(ValueError, match="1 of 500 rows failed"):
            measure(Dataset.from_arrays(data.x, y, problem=data.problem))
        with pytest.raises(ValueError, match="too few"):
            measure(data.where(np.arange(20)))
