"""Near duplicates and jittered grids are recognised at the plan's own scale, and no ordinary plan is taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import LogNormal, Normal, Uniform
from uq.core.problem import Input, Output, Problem
from uq.propagation.propagate import propagate
from uq.propagation.tolerance import tolerance
from uq.sampling import near_rows
from uq.sampling.plans import halton, latin_hypercube, monte_carlo, sobol_sequence
from uq.sampling.structure import structure_of
from uq.sensitivity.given_data import first_order, rank_dependence
from uq.sensitivity.salib_given_data import pawn

LAWS = {"uniform": Uniform(0.0, 1.0), "normal": Normal(5.0, 2.0), "lognormal": LogNormal(1.0, 1.6)}
ORDINARY = {
    "monte carlo": monte_carlo,
    "latin hypercube": latin_hypercube,
    "sobol": sobol_sequence,
}
JITTERS = (1e-12, 1e-9, 1e-6, 1e-4)
every_jitter = pytest.mark.parametrize("jitter", JITTERS)


def problem_of(dimension: int, law: str = "uniform", model=None) -> Problem:
    inputs = tuple(Input(f"x{j}", "1", LAWS[law]) for j in range(dimension))
    return Problem(inputs, (Output("y"),), model, version="1")


def wave(columns):
    return {"y": np.sin(5.0 * columns["x0"]) + columns["x1"]}


def jittered(x: np.ndarray, jitter: float) -> np.ndarray:
    """Rows moved by up to `jitter` of the range of each input, in another order."""
    random = np.random.default_rng(7)
    return random.permutation(x + jitter * np.ptp(x, axis=0) * random.uniform(-1.0, 1.0, x.shape))


def repeated(base: int, times: int, jitter: float, problem: Problem) -> np.ndarray:
    x = problem.physical(monte_carlo(base, problem.dimension, seed=3).unit)
    return np.clip(jittered(np.repeat(x, times, axis=0), jitter), *problem.distributions[0].support)


@pytest.mark.parametrize("plan", ORDINARY)
@pytest.mark.parametrize("dimension", [1, 2, 6, 60])
def test_no_ordinary_plan_has_near_rows_or_values(plan, dimension):
    for law in LAWS:
        problem = problem_of(dimension, law)
        for n in (5, 12, 40, 200, 1500):
            for seed in (1, 2):
                x = problem.physical(ORDINARY[plan](n, dimension, seed=seed).unit)
                found = structure_of(problem, x)
                assert found.plain, (law, n, seed)
                assert (found.values == n).all(), (law, n, seed)


@pytest.mark.parametrize("kind", ["curve", "correlated", "corner", "walk", "other law", "one far row"])
@pytest.mark.parametrize("dimension", [2, 6])
def test_rows_that_follow_no_law_or_depend_on_each_other_are_no_near_rows(kind, dimension):
    for n in (30, 300):
        random = np.random.default_rng(n)
        u = random.random((n, dimension))
        walk = random.standard_normal((n, dimension)).cumsum(axis=0)
        x = {
            "curve": 0.5 + 0.5 * np.cos(np.outer(u[:, 0], np.arange(1, dimension + 1))),
            "correlated": u[:, :1] + 1e-3 * u,
            "corner": 0.01 * u,
            "walk": walk - walk.min(axis=0),
            "other law": u**6,
            "one far row": np.vstack([np.ones(dimension), 0.01 * u]),
        }[kind]
        assert structure_of(problem_of(dimension), x).plain


@pytest.mark.parametrize(("gaps", "small", "ratio"), [(5, 2, 3.0), (9, 6, 2.0), (20, 3, 2.0)])
def test_the_chance_of_a_decade_without_gaps_is_that_of_independent_rows(gaps, small, ratio):
    drawn = np.sort(np.random.default_rng(1).standard_exponential((50_000, gaps)), axis=1)
    seen = drawn[:, small] > ratio * drawn[:, small - 1]
    expected = np.exp(near_rows._log_chance(gaps, small, ratio))
    assert seen.mean() == pytest.approx(expected, abs=4.0 * seen.std() / np.sqrt(len(seen)))


def test_false_alarms_are_fewer_than_the_chance_that_is_allowed(monkeypatch):
    """With a chance of one in ten and groups hardly apart, so that there is something to count."""
    for name, value in (("CHANCE", 0.1), ("APART", 1.5), ("APART_ON_A_LINE", 1.5), ("REPEATED", 0.05)):
        monkeypatch.setattr(near_rows, name, value)
    seen = {}
    for dimension in (1, 3):
        laws, count = [LAWS["uniform"]] * dimension, 0
        for seed in range(300):
            place, near = near_rows.places(laws, monte_carlo(12, dimension, seed=seed).unit)
            count += bool(near.max() < 11 or (place.max(axis=0) < 11).any())
        seen[dimension] = count / 300
    assert 0.0 < max(seen.values()) <= 0.1


@every_jitter
@pytest.mark.parametrize("dimension", [2, 3, 12, 60])
def test_rows_repeated_with_a_jitter_are_blocks(dimension, jitter):
    for law, base, times in (("uniform", 12, 3), ("normal", 57, 2), ("lognormal", 5, 4)):
        problem = problem_of(dimension, law)
        found = structure_of(problem, repeated(base, times, jitter, problem))
        assert 0.98 * base <= found.blocks <= base, (law, base)  # of 57 two may lie near each other by chance
        assert found.blocks <= found.values.max() <= base


@pytest.mark.parametrize("jitter", [1e-12, 1e-6])
def test_thousands_of_near_rows_are_found_too(jitter):
    problem = problem_of(6)
    assert structure_of(problem, repeated(1000, 4, jitter, problem)).blocks == 1000


@pytest.mark.parametrize("jitter", [0.0, *JITTERS])
def test_three_rows_repeated_again_and_again_are_three(jitter):
    problem = problem_of(2)
    found = structure_of(problem, repeated(3, 12, jitter, problem))
    assert found.blocks == 3


@pytest.mark.parametrize("jitter", [0.0, 1e-9, 1e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("levels", [(5, 5), (4, 5), (3, 4, 5)])
@pytest.mark.parametrize("law", LAWS)
def test_a_grid_with_a_jitter_of_up_to_a_hundredth_of_a_step_is_a_grid(levels, law, jitter):
    problem = problem_of(len(levels), law)
    at = np.meshgrid(*((np.arange(k) + 0.5) / k for k in levels), indexing="ij")
    x = problem.physical(np.stack([a.ravel() for a in at], axis=1))
    step = np.array([np.diff(np.unique(column)).min() for column in x.T])
    x = x + jitter * step * np.random.default_rng(2).uniform(-1.0, 1.0, x.shape)
    found = structure_of(problem, x)
    assert found.gridded == tuple(range(len(levels)))
    assert found.values.tolist() == list(levels)
    assert found.independent


@every_jitter
def test_an_inert_input_of_near_rows_does_not_matter(jitter):
    data = evaluate(problem_of(3, model=wave), repeated(170, 3, jitter, problem_of(3)))
    for measure in (rank_dependence, first_order):
        found = measure(data)["y"]
        assert found.interval[2, 0] <= 0.0 <= found.interval[2, 1]
        assert "170 blocks" in str(found)
    few = evaluate(problem_of(3, model=wave), repeated(40, 8, jitter, problem_of(3)))
    for measure in (rank_dependence, first_order, pawn):
        with pytest.raises(ValueError, match="40 independent rows are too few"):
            measure(few)


@every_jitter
@pytest.mark.parametrize(("base", "times"), [(12, 3), (3, 12)])
def test_near_rows_say_as_much_as_the_rows_that_they_repeat(base, times, jitter):
    exact, near = (
        propagate(evaluate(problem_of(3, model=wave), repeated(base, times, size, problem_of(3))))["y"]
        for size in (0.0, jitter)
    )
    for name in ("mean", "quantile 0.5"):
        assert near.intervals[name] == pytest.approx(exact.intervals[name], abs=20.0 * jitter)
    alone = propagate(evaluate(problem_of(3, model=wave), repeated(base, 1, 0.0, problem_of(3))))["y"]
    width = np.ptp(alone.intervals["mean"])
    assert np.ptp(near.intervals["mean"]) == pytest.approx(width, rel=1.0 / base)


def test_a_tolerance_of_near_rows_is_refused():
    data = evaluate(problem_of(3, model=wave), repeated(57, 2, 1e-6, problem_of(3)))
    with pytest.raises(ValueError, match="57 blocks"):
        tolerance(data, "y")


def test_the_note_on_few_values_counts_those_of_a_jittered_grid():
    problem = problem_of(2, model=wave)
    levels = np.random.default_rng(5).integers(0, 3, size=(3000, 2)) / 2.0
    x = np.clip(jittered(levels, 1e-4), 0.0, 1.0)
    assert "'x0' 3" in str(
        propagate(Dataset.from_arrays(x, wave({"x0": x[:, 0], "x1": x[:, 1]})["y"], problem=problem))[
            "y"
        ].notes
    )


def test_halton_points_in_the_usual_bases_are_no_grid():
    for n in (12, 24, 50):
        assert structure_of(problem_of(7), halton(n, 7, seed=1).unit).plain


def test_rows_without_numbers_and_rows_that_are_all_one_have_a_structure_too():
    x = monte_carlo(40, 3, seed=1).unit.copy()
    for number in (np.nan, np.inf):
        x[3, 1] = number
        assert structure_of(problem_of(3), x).blocks == 40
    near = np.vstack([jittered(np.repeat(x[4:16], 3, axis=0), 1e-9), x[3:4]])
    assert structure_of(problem_of(3), near).blocks == 13
    assert structure_of(problem_of(3), np.full((40, 3), 0.5)).blocks == 1
    assert structure_of(problem_of(3), np.vstack([x[4:], [3 * [1e308], 3 * [-1e308]]])).plain


def test_runs_at_one_point_that_a_search_has_come_to_are_one():
    random = np.random.default_rng(1)
    x = np.vstack([random.random((40, 3)), 0.5 + 1e-7 * random.random((60, 3))])
    assert structure_of(problem_of(3), x).blocks == 41
