"""Fronts against closed forms and against pymoo; dominance, hypervolume and knee on hand-made points."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pytest
from scipy import stats

from uq import Dataset, Discrete, Input, Limit, Output, Problem, Uniform, evaluate
from uq.optimization.asked_designs import AskedDesigns
from uq.optimization.choice import choose_option, value_of_learning
from uq.optimization.dominance import hypervolume, knee, nondominated, nondominated_in_sample, prices
from uq.optimization.front_search import FrontSearch
from uq.optimization.pareto_front import pareto_front
from uq.sampling.plans import sobol_sequence


def zdt1(columns):
    """Zitzler, Deb & Thiele (2000), problem 1, three variables: the front is f2 = 1 - sqrt(f1)."""
    g = 1.0 + 4.5 * (columns["b"] + columns["c"])
    return {"f1": columns["a"], "f2": g * (1.0 - np.sqrt(columns["a"] / g))}


ZDT1 = Problem(
    tuple(Input(n, "1", Uniform(0.0, 1.0), role="design") for n in "abc"), (Output("f1"), Output("f2")), zdt1
)


def test_the_front_of_a_published_problem_is_its_closed_form():
    front = pareto_front(ZDT1, minimize=["f1", "f2"], points=12, max_runs=3000)
    f1, f2 = front.values.T
    assert len(front) == 12
    np.testing.assert_allclose(f2, 1.0 - np.sqrt(f1), atol=1e-4)
    # the area between the closed form and the corner (1, 1): 1/3 exactly is under the curve
    assert front.hypervolume({"f1": 1.0, "f2": 1.0}) > 0.9 * 2.0 / 3.0


def test_the_front_beats_nsga2_with_ten_times_its_runs():
    pymoo = pytest.importorskip("pymoo.optimize", reason="needs the extra: pip install '.[pymoo]'")
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem as Peer

    class Same(Peer):
        def _evaluate(self, x, out, *args, **kwargs):
            y = zdt1(dict(zip("abc", x.T, strict=True)))
            out["F"] = np.column_stack([y["f1"], y["f2"]])

    front = pareto_front(ZDT1, minimize=["f1", "f2"], points=10, max_runs=1200)
    generations = 10 * front.runs // 10
    peer = pymoo.minimize(
        Same(n_var=3, n_obj=2, xl=0.0, xu=1.0), NSGA2(pop_size=10), ("n_gen", generations), seed=1
    )
    ours, theirs = (hypervolume(v, [1.1, 1.1]) for v in (front.signed, peer.F))
    assert ours > theirs


def test_discrete_options_compete_and_the_dominated_one_is_gone():
    def model(c):
        # option 2 pays a fixed cost of 1 and gains half as much again; option 3 is worse than 2 everywhere
        factor = np.select([c["n"] == 1, c["n"] == 2], [1.0, 1.5], 1.2)
        return {"gain": factor * np.sqrt(c["a"]), "cost": c["a"] + (c["n"] > 1)}

    problem = Problem(
        (
            Input("a", "1", Uniform(0.01, 4.0), role="design"),
            Input("n", "1", Discrete((1, 2, 3), (0.3, 0.3, 0.4)), role="design"),
        ),
        (Output("gain"), Output("cost")),
        model,
    )
    front = pareto_front(problem, maximize=["gain"], minimize=["cost"], max_runs=1500)
    options = front.x[:, 1]
    assert set(options) == {1.0, 2.0}
    # 1.5 sqrt(c - 1) = sqrt(c) where c = 1.8: below it option 1, above it option 2
    cost = front.values[:, 1]
    np.testing.assert_array_equal(options, np.where(cost < 1.8, 1.0, 2.0))


def test_a_front_of_three_goals_lies_on_its_sphere():
    def model(c):
        # maximise the three coordinates of a point inside the unit sphere
        r, a, b = c["r"], 0.5 * np.pi * c["a"], 0.5 * np.pi * c["b"]
        return {"x": r * np.cos(a) * np.cos(b), "y": r * np.cos(a) * np.sin(b), "z": r * np.sin(a)}

    problem = Problem(
        tuple(Input(n, "1", Uniform(0.0, 1.0), role="design") for n in "rab"),
        (Output("x"), Output("y"), Output("z")),
        model,
    )
    front = pareto_front(problem, maximize=["x", "y", "z"], points=20, max_runs=4000)
    radius = np.sqrt((front.values**2).sum(axis=1))
    np.testing.assert_allclose(radius, 1.0, atol=1e-4)
    # 12 rays and three ends
    apart = np.linalg.norm(front.values[:, None] - front.values[None], axis=2) + 9.0 * np.eye(len(front))
    assert len(front) == 15
    assert np.median(apart.min(axis=1)) > 0.15


def test_limits_hold_on_every_point():
    front = pareto_front(ZDT1, minimize=["f1", "f2"], limits=[Limit("f1", low=0.25)], points=6, max_runs=2000)
    assert front.values[:, 0].min() == pytest.approx(0.25, abs=1e-5)


def test_no_feasible_design_names_the_limit_and_by_how_much():
    with pytest.raises(ValueError, match=r"no feasible design: the closest of \d+ misses f1 >= 2 by 1"):
        pareto_front(ZDT1, minimize=["f1", "f2"], limits=[Limit("f1", low=2.0)], max_runs=500)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minimize": ["f1"]}, "two or three different goals"),
        ({"minimize": ["f1", "f1"]}, "two or three different goals"),
        ({"minimize": ["f1", "f3"]}, "unknown output 'f3'"),
        ({"minimize": ["f1", "f2"], "max_runs": 70}, "max_runs is 70"),
        ({"minimize": ["f1", "f2"], "points": 0}, "at least one point"),
    ],
)
def test_wrong_use_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        pareto_front(ZDT1, **options)


def test_runs_never_pass_their_bound():
    front = pareto_front(ZDT1, minimize=["f1", "f2"], max_runs=400)
    assert front.runs <= 400


def test_a_front_along_a_wall_of_failed_rows_is_found():
    """The best designs lie on a bent wall that only the status knows: b >= a^2 + 0.2 fails below."""

    def model(c):
        cost = c["b"] + 0.5 * c["c"] ** 2
        return {"f1": -c["a"], "f2": cost, "status": (c["b"] < c["a"] ** 2 + 0.2).astype(float)}

    problem = Problem(ZDT1.inputs, ZDT1.outputs, model)
    front = pareto_front(problem, minimize=["f1", "f2"], points=12, max_runs=6000)
    f1, f2 = front.values.T
    assert f1.min() < -0.85  # a <= sqrt(0.8)
    np.testing.assert_allclose(f2, f1**2 + 0.2, atol=5e-3)


def test_goals_that_agree_have_a_front_of_one_point():
    def model(c):
        y = (c["a"] - 0.3) ** 2 + c["b"] + c["c"]
        return {"f1": y, "f2": 2.0 * y}

    front = pareto_front(Problem(ZDT1.inputs, ZDT1.outputs, model), minimize=["f1", "f2"], max_runs=2000)
    assert len(front) == 1
    assert front.design(front.knee())["a"] == pytest.approx(0.3, abs=1e-3)
    assert np.isnan(front.prices()).all()
    assert "front" in str(front).lower()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_gives_the_same_front_on_any_workers(workers):
    options = {"minimize": ["f1", "f2"], "points": 6, "max_runs": 600, "seed": 3}
    serial = pareto_front(ZDT1, **options)
    with ProcessPoolExecutor(workers) as pool:

        def run(x):
            done = list(pool.map(partial(evaluate, ZDT1), np.array_split(x, min(workers, len(x)))))
            return Dataset.from_arrays(x, np.vstack([d.y for d in done]), problem=ZDT1)

        spread = pareto_front(ZDT1, run=run, **options)
    np.testing.assert_array_equal(spread.x, serial.x)
    np.testing.assert_array_equal(spread.y, serial.y)
    assert not np.array_equal(serial.x, pareto_front(ZDT1, **{**options, "seed": 4}).x)


@pytest.mark.parametrize("goals", [1, 2, 3])
def test_nondominated_points_are_those_of_the_definition(goals):
    points = np.random.default_rng(1).integers(0, 6, size=(200, goals)).astype(float)
    brute = [not any((q <= p).all() and (q < p).any() for q in points) for p in points]
    # equal rows: the first of each stands for all
    kept = nondominated(points)
    assert {tuple(p) for p in points[kept]} == {tuple(p) for p in points[brute]}


def test_a_point_that_is_worse_by_chance_stays_and_one_that_is_worse_goes():
    random = np.random.default_rng(1)
    world = random.normal(size=400)
    alike = np.stack([world, world + 0.01 * random.normal(size=400)])
    assert nondominated_in_sample(alike[:, None], confidence=0.999).all()
    worse = np.stack([world, world + 0.5 + random.normal(size=400)])
    assert nondominated_in_sample(worse[:, None]).tolist() == [True, False]


def test_hypervolumes_are_those_of_a_count_of_cells():
    random = np.random.default_rng(1)
    for goals in (2, 3):
        points = random.integers(0, 10, size=(12, goals)).astype(float)
        cells = np.stack(np.meshgrid(*[np.arange(10)] * goals, indexing="ij"), axis=-1).reshape(-1, goals)
        covered = (points[:, None, :] <= cells[None]).all(axis=2).any(axis=0)
        assert hypervolume(points, [10.0] * goals) == pytest.approx(covered.sum())


def test_a_knee_and_prices_of_a_bent_line():
    values = np.array([[10.0, 0.0], [2.0, 1.0], [1.0, 5.0], [0.0, 10.0]])
    assert knee(values) == 1
    np.testing.assert_allclose(prices(values[[1, 0]]), [8.0, 8.0])
    assert knee([[1.0, 0.0], [0.0, 1.0]]) == 1
    assert np.isnan(prices([[1.0, 2.0]])).all()


def test_a_choice_between_two_normals_has_its_closed_form():
    # u1 - u2 ~ N(1, 2): chance of being the best Phi(1/2), regret of the first E[max(-d, 0)]
    random = np.random.default_rng(1)
    n = 40_000
    common = 10.0 * random.normal(size=n)
    utility = np.stack([common + 1.0 + 2.0 * random.normal(size=n), common])
    choice = choose_option(["a", "b"], utility, confidence=0.999)
    assert choice.recommended == 0
    assert choice.best[0].holds(stats.norm.cdf(0.5))
    regret = 2.0 * stats.norm.pdf(0.5) - 1.0 * stats.norm.cdf(-0.5)
    assert choice.perfect_information.holds(regret)
    assert choice.advantage is not None
    assert choice.advantage.holds(1.0)


def test_learning_is_worth_its_closed_form_and_nothing_where_it_says_nothing():
    # d = x + e, x ~ N(-1, 1) decides between 0 and d: E[max(E[d | x], 0)] = phi(1) - Phi(-1)
    random = np.random.default_rng(1)
    n = 20_000
    x, inert = random.normal(size=n), random.normal(size=n)
    utility = np.stack([np.zeros(n), x - 1.0 + 3.0 * random.normal(size=n)])
    worth = value_of_learning(utility, np.column_stack([x, inert]), names=["x", "inert"], confidence=0.999)
    assert list(worth) == ["x", "inert"]
    assert worth["x"].value == pytest.approx(stats.norm.pdf(1) - stats.norm.cdf(-1), abs=0.02)
    assert worth["inert"].value < 0.01


def test_an_option_that_fails_is_the_worst_of_its_draw():
    utility = np.array([[5.0, np.nan, 5.0, np.nan], [1.0, 1.0, 1.0, np.nan], [0.0, 0.0, 0.0, np.nan]])
    choice = choose_option(["a", "b", "c"], utility)
    assert choice.draws == 3
    assert choice.best[1].value == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="named twice"):
        choose_option(["a", "a", "c"], utility)


def test_the_other_end_is_found_where_all_that_is_known_lies_at_one():
    """Zitzler, Deb & Thiele (2000), problem 2: populations fall to f1 = 0, where f2 has no slope along the front."""

    def model(c):
        g = 1.0 + 45.0 * (c["b"] + c["c"])
        return {"f1": c["a"], "f2": g * (1.0 - (c["a"] / g) ** 2)}

    problem = Problem(ZDT1.inputs, ZDT1.outputs, model)
    asked = AskedDesigns(problem, (), ("f1", "f2"), (), 1000, partial(evaluate, problem))
    asked.ask(sobol_sequence(16, 3, seed=1).unit)
    search = FrontSearch(asked, 8, np.random.default_rng(1), look=len(asked))
    asked.ask(np.zeros((1, 3)))  # dominates all others
    search.polish()
    f1, f2 = asked.goals[search.front()].T
    np.testing.assert_allclose([f1.min(), f1.max()], [0.0, 1.0], atol=1e-3)
    np.testing.assert_allclose(f2, 1.0 - f1**2, atol=1e-3)
