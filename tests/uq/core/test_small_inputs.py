"""Small inputs that once gave a wrong number without a word, each with the number that is right."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from scipy import stats

from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Discrete, Empirical, Mixture, Normal, Uniform, from_dict
from uq.core.problem import Input, Output, Problem
from uq.core.results import above_name
from uq.io.tables import from_csv
from uq.propagation.propagate import propagate
from uq.reliability.failure_probability import failure_probability
from uq.requirements import Lever, Limit, Question, allocate, draw, threshold
from uq.requirements.conditioning import conditioned
from uq.requirements.types import Verified
from uq.sampling.plans import monte_carlo, saltelli
from uq.sampling.trajectories import trajectories
from uq.sensitivity.given_data import first_order, rank_dependence, regional
from uq.sensitivity.hsic import hsic
from uq.sensitivity.morris_dgsm import morris
from uq.sensitivity.salib_given_data import delta, pawn, rbd_fast
from uq.sensitivity.salib_own_plans import morris as salib_morris
from uq.sensitivity.shapley_kucherenko import kucherenko_indices, shapley_effects
from uq.surrogates.derived_outputs import Exact, as_failures

QUARTERS = Discrete((1.0, 2.0, 3.0, 4.0), (0.25, 0.25, 0.25, 0.25))


def uniform(*names: str) -> tuple[Input, ...]:
    return tuple(Input(name, "1", Uniform(0.0, 1.0)) for name in names)


# -- discrete laws -------------------------------------------------------------------------------------------------


def test_values_of_a_discrete_law_come_back_from_the_unit_cube():
    problem = Problem((Input("k", "1", QUARTERS),), (Output("y"),))
    assert problem.unit([[1], [2], [3], [4]])[:, 0] == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert problem.physical(problem.unit([[1], [2], [3], [4]]))[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]
    tenths = Discrete((0.1, 0.2, 0.3), (0.2, 0.3, 0.5))
    assert tenths.ppf(tenths.mid_cdf(0.1 + 0.2)) == 0.3  # digits lost in text


def test_a_mixture_with_separate_values_gives_them_back():
    law = Mixture((QUARTERS, Uniform(0.0, 1.0)), (0.5, 0.5))
    assert law.ppf(law.mid_cdf([1.0, 2.0, 0.5])) == pytest.approx([1.0, 2.0, 0.5])


def test_dependent_discrete_inputs_come_back_too():
    inputs = (Input("k", "1", QUARTERS), *uniform("x"))
    problem = Problem(inputs, (Output("y"),), correlation=np.array([[1.0, 0.7], [0.7, 1.0]]))
    x = np.array([[1.0, 0.2], [2.0, 0.9], [4.0, 0.5]])
    assert problem.physical(problem.unit(x)) == pytest.approx(x)


def test_what_depends_on_a_discrete_input_follows_all_of_its_step():
    """Given k = 1, its germ lies anywhere below its first quartile, not at one point of it."""
    inputs = (Input("k", "1", QUARTERS), *uniform("x"))
    problem = Problem(inputs, (Output("y"),), correlation=np.array([[1.0, 0.9], [0.9, 1.0]]))
    rows = problem.physical(monte_carlo(200_000, 2, seed=1).unit)
    told = rows[rows[:, 0] == 1.0, 1]
    unit, weight = conditioned(problem, monte_carlo(50_000, 2, seed=2).unit, [Verified("k", 1.0)])
    found = problem.physical(unit)
    assert (found[:, 0] == 1.0).all()
    assert weight == pytest.approx(1.0)
    for p in (0.05, 0.5, 0.95):
        assert np.quantile(found[:, 1], p) == pytest.approx(np.quantile(told, p), abs=0.01)


@pytest.mark.parametrize("analyse", [kucherenko_indices, shapley_effects])
def test_shares_of_discrete_inputs_that_others_follow_are_refused(analyse):
    inputs = (Input("k", "1", QUARTERS), *uniform("x", "z"))
    matrix = np.eye(3)
    matrix[0, 1] = matrix[1, 0] = 0.5
    problem = Problem(inputs, (Output("y"),), lambda c: {"y": c["k"] + c["x"] + c["z"]}, matrix, "1")
    with pytest.raises(ValueError, match=r"'k' takes separate values and is correlated"):
        analyse(Exact(problem))
    grouped = analyse(Exact(problem), groups={"both": ["k", "x"], "alone": ["z"]}, base=1024)["y"]
    assert np.isfinite(grouped.interval if analyse is shapley_effects else grouped.total_interval).all()


@pytest.mark.parametrize(("side", "sign", "least"), [("at least", 1.0, 2.0), ("at most", -1.0, 2.0)])
def test_what_is_required_of_a_discrete_input_is_one_of_its_values(side, sign, least):
    values = (1.0, 2.0, 4.0) if sign > 0.0 else (0.5, 2.0, 3.0)
    problem = Problem(
        (Input("k", "1", Discrete(values, (0.25, 0.25, 0.5)), role="requirement"), *uniform("x")),
        (Output("y"),),
        lambda c: {"y": sign * c["k"] + 0.1 * c["x"]},
    )
    question = Question(draw(problem), [Limit("y", low=sign * 2.0)], wanted=0.9)
    found = threshold(question, Lever("k", side))
    assert (found.value.value, found.value.low, found.value.high) == (least, least, least)
    with pytest.raises(ValueError, match="searches between values"):
        allocate(question, [Lever("k", side)])


def test_a_step_of_a_discrete_input_is_that_of_the_plan():
    problem = Problem(
        (Input("k", "1", Discrete((0.0, 0.5, 1.0), (1 / 3, 1 / 3, 1 / 3))), *uniform("x")),
        (Output("y"),),
        lambda c: {"y": 6.0 * c["k"] + c["x"]},
        version="1",
    )
    found = morris(evaluate(problem, problem.physical(trajectories(20, 2, seed=1).unit)))["y"]
    assert found.mean == pytest.approx([6.0, 1.0])


def test_salib_is_told_the_step_of_the_plan_too():
    problem = Problem(
        (Input("k", "1", Discrete((0.0, 1.0), (0.9, 0.1))), *uniform("x")),
        (Output("y"),),
        lambda c: {"y": 6.0 * c["k"] + c["x"]},
    )
    found = salib_morris(evaluate(problem, problem.physical(trajectories(20, 2, seed=1).unit)))["y"]
    assert found.mean == pytest.approx([0.0, 1.0])


def test_a_step_that_leads_to_no_other_value_has_no_effect():
    rare = Discrete((0.0, 1.0), (0.9, 0.1))
    problem = Problem(
        (Input("k", "1", rare), *uniform("x")), (Output("y"),), lambda c: {"y": 6.0 * c["k"] + c["x"]}
    )
    found = morris(evaluate(problem, problem.physical(trajectories(20, 2, seed=1).unit)))["y"]
    assert found.mean == pytest.approx([0.0, 1.0])


# -- ties ----------------------------------------------------------------------------------------------------------


def test_rank_dependence_of_a_step_is_that_of_ties():
    problem = Problem(uniform("x"), (Output("y"),), lambda c: {"y": (c["x"] > 0.5).astype(float)})
    data = evaluate(problem, monte_carlo(4000, 1, seed=1).unit)
    found = rank_dependence(data)["y"].value[0]
    assert found == pytest.approx(0.999, abs=1e-3)
    assert found == pytest.approx(stats.chatterjeexi(data.x[:, 0], data["y"]).statistic, abs=1e-12)


def factorial() -> Dataset:
    """Rows in order; `flag` is inert and changes last."""
    levels = (np.array([0.0, 1.0]), (np.arange(10) + 0.5) / 10, (np.arange(10) + 0.5) / 10)
    x = np.stack([m.ravel() for m in np.meshgrid(*levels, indexing="ij")], axis=1)
    inputs = (Input("flag", "1", Discrete((0.0, 1.0), (0.5, 0.5))), *uniform("a", "b"))
    return Dataset.from_arrays(x, x[:, 1] + 0.3 * x[:, 2], problem=Problem(inputs, (Output("y"),)))


@pytest.mark.parametrize("analyse", [first_order, rank_dependence, pawn, rbd_fast, hsic])
def test_an_inert_input_of_a_factorial_does_not_matter_by_the_order_of_the_rows(analyse):
    found = analyse(factorial())["y"]
    assert found.interval[0, 0] <= 0.02
    assert found.value[0] < max(0.1, found.null[0])
    assert found.interval[1, 0] > found.value[0]


@pytest.mark.parametrize("analyse", [first_order, rank_dependence, pawn, rbd_fast, hsic])
@pytest.mark.parametrize("order", ["as drawn", "at random", "twice"])
def test_rows_of_a_base_point_do_not_speak_for_an_inert_input(analyse, order):
    inputs = uniform("a", "b", "c", "inert")
    problem = Problem(inputs, (Output("y"),), lambda c: {"y": c["a"] + c["b"] + c["c"]})
    twice = np.repeat(monte_carlo(300, 4, seed=1).unit, 2, axis=0)
    x = twice if order == "twice" else saltelli(256, 4, seed=1).unit
    if order == "at random":
        x = x[np.random.default_rng(1).permutation(len(x))]
    found = analyse(evaluate(problem, x))["y"]
    assert found.interval[3, 0] <= 0.02
    assert found.value[3] < max(0.2, found.null[3])
    assert "blocks" in "".join(found.notes)


def test_delta_of_an_inert_input_is_that_of_plain_rows():
    """Its estimate is never zero, but rows of a base point would make it as large as that of an input that matters;
    and what chance alone reaches is no influence."""
    problem = Problem(uniform("a", "b", "inert"), (Output("y"),), lambda c: {"y": c["a"] + c["b"]})
    plain, shared = (
        delta(evaluate(problem, x))["y"]
        for x in (saltelli(256, 3, seed=1).unit[::5], saltelli(256, 3, seed=1).unit)
    )
    assert shared.value == pytest.approx(plain.value)
    assert shared.value[2] < 0.5 * shared.value[0]
    assert shared.interval[2, 0] <= 0.0 < shared.interval[0, 0]
    matters = [said.partition(": ")[2].startswith("matters") for said in shared.verdicts()]
    assert matters == [True, True, False]


def test_one_at_a_time_rows_are_refused_where_shares_are_asked():
    x = np.full((401, 2), 0.5)
    x[1:201, 0], x[201:, 1] = np.random.default_rng(1).random((2, 200))
    data = Dataset.from_arrays(x, x.sum(axis=1), problem=Problem(uniform("a", "b"), (Output("y"),)))
    for analyse in (
        first_order,
        rank_dependence,
        pawn,
        rbd_fast,
        delta,
        hsic,
        lambda d: regional(d, "y", low=1.0),
    ):
        with pytest.raises(ValueError, match="one input at a time"):
            analyse(data)


def test_rows_of_a_base_point_count_once_where_the_plan_is_not_known():
    """The mean of a pick-freeze plan as of its base points: half-widths as wide as the spread over seeds."""
    problem = Problem(uniform("a", "b", "c"), (Output("y"),), lambda c: {"y": c["a"] + c["b"] + c["c"]})
    hits, random = 0, np.random.default_rng(1)
    for _ in range(200):
        a, b = random.random((2, 64, 3))
        rows = [a, b, *(np.where(np.arange(3) == j, b, a) for j in range(3))]
        x = random.permutation(np.concatenate(rows))
        low, high = propagate(evaluate(problem, x))["y"].intervals["mean"]
        hits += low <= 1.5 <= high
    assert 168 <= hits <= 192


# -- names ---------------------------------------------------------------------------------------------------------


def test_an_output_may_not_take_the_name_of_an_input():
    with pytest.raises(ValueError, match="'x' names an input and an output"):
        Problem(uniform("x"), (Output("x"),))


@pytest.mark.parametrize("name", ["status", "sample", "message"])
def test_reserved_columns_are_no_inputs_and_no_outputs(name):
    with pytest.raises(ValueError, match=f"input '{name}' has a name that is reserved"):
        Problem(uniform(name), (Output("y"),))
    with pytest.raises(ValueError, match=f"output '{name}' has a name that is reserved"):
        Problem(uniform("x"), (Output(name),))


def test_thresholds_that_print_alike_keep_their_own_answers():
    problem = Problem(uniform("x"), (Output("y"),), lambda c: {"y": 1e12 + c["x"]})
    limits = [1e12 + 0.1, 1e12 + 0.6]
    found = propagate(evaluate(problem, monte_carlo(2000, 1, seed=1).unit), above={"y": limits})["y"]
    for limit, truth in zip(limits, (0.9, 0.4), strict=True):
        low, high = found.intervals[above_name(limit)]
        assert low <= found.exceedance[limit] <= high
        assert low <= truth <= high
    assert len(found.table().rows) == 2 + 3 + 2


def test_tables_are_read_by_name_whatever_the_order_of_their_columns():
    problem = Problem(uniform("a", "b"), (Output("y"),), lambda c: {"y": c["a"] + 10.0 * c["b"]})
    frame = pandas.DataFrame({"b": [0.1, 0.3], "other": [9.0, 9.0], "a": [0.2, 0.4]})
    right = np.array([[0.2, 0.1], [0.4, 0.3]])
    for table in (frame, dict(frame), frame.to_records(index=False)):
        assert evaluate(problem, table).x.tolist() == right.tolist()
        assert Exact(problem).predict(table).mean[:, 0] == pytest.approx([1.2, 3.4])
        assert problem.unit(table) == pytest.approx(right)
        assert Dataset.from_arrays(table, [0.0, 0.0], problem=problem).x.tolist() == right.tolist()
    with pytest.raises(ValueError, match="no column 'a'"):
        evaluate(problem, frame[["b", "other"]])
    assert evaluate(problem, pandas.DataFrame(right)).x.tolist() == right.tolist()


# -- ranks, budgets, scalars, files ------------------------------------------------------------------------------


def test_a_quantile_beyond_the_sample_lies_above_its_largest_row():
    problem, hits = Problem(uniform("x"), (Output("y"),)), 0
    for seed in range(200):
        x = monte_carlo(60, 1, seed=seed).unit
        found = propagate(Dataset.from_arrays(x, x[:, 0], problem=problem), quantiles=(0.0005, 0.9995))["y"]
        low, high = found.intervals["quantile 0.9995"]
        assert (low, high) == (x.max(), np.inf)
        assert found.quantiles[0.9995] == low
        assert found.intervals["quantile 0.0005"] == (-np.inf, x.min())
        hits += low <= 0.9995 <= high
    assert hits >= 0.9 * 200


@pytest.mark.parametrize(("dimension", "most"), [(2, 100), (2, 250), (8, 100), (8, 700), (8, 8000)])
def test_a_budget_of_model_runs_is_an_upper_bound(dimension, most):
    asked = [0]

    def model(columns):
        asked[0] += len(columns["x0"])
        return {"y": np.min(np.abs(np.stack(list(columns.values()))), axis=0) + columns["x0"] ** 2}

    inputs = tuple(Input(f"x{i}", "1", Normal(0.0, 1.0)) for i in range(dimension))
    problem = Problem(inputs, (Output("y"),), model, version="1")
    found = failure_probability(problem, "y", below=1e-4, max_runs=most)
    assert found.runs == asked[0] <= most
    assert np.isfinite(found.probability)


def test_numbers_of_numpy_define_laws_as_plain_numbers():
    law = Uniform(np.int64(0), np.float32(1))
    assert (type(law.low), type(law.high)) == (int, float)
    assert str(law) == "Uniform(low=0, high=1.0)"
    assert from_dict(law.to_dict()) == law
    assert (
        str(Discrete(np.array([1, 2]), np.array([0.5, 0.5])))
        == "Discrete(values=(1.0, 2.0), weights=(0.5, 0.5))"
    )


@pytest.mark.parametrize(
    "birth",
    [
        lambda: Uniform("0", "1"),
        lambda: Normal(None, 1),
        lambda: Uniform(False, True),
        lambda: Discrete(("1", "2"), (0.5, 0.5)),
        lambda: Empirical(("1", "2")),
        lambda: Normal(0.0, 1j),
    ],
)
def test_what_is_no_number_defines_no_law(birth):
    with pytest.raises(TypeError, match="is no number"):
        birth()


@pytest.mark.parametrize("row", ["9,1,2,3", "1,2,3,", "1,2"])
def test_a_row_of_another_length_than_the_header_is_refused(row, tmp_path):
    path = tmp_path / "samples.csv"
    path.write_text(f"a,b,y\n0.1,0.2,0.3\n\n{row}\n")
    cells = row.count(",") + 1
    with pytest.raises(ValueError, match=f"row 2 has {cells} cells, the header 3"):
        from_csv(Problem(uniform("a", "b"), (Output("y"),)), path)


def test_a_value_that_a_discrete_law_does_not_have_is_refused(tmp_path):
    path = tmp_path / "samples.csv"
    path.write_text("k,y\n1,0\n2.5,0\n")
    with pytest.raises(ValueError, match=r"'k' is 2.5 in row 1 .*, which is none of the 4 values"):
        from_csv(Problem((Input("k", "1", QUARTERS),), (Output("y"),)), path)


def test_failures_are_asked_about_whatever_the_inputs_are_called():
    problem = Problem(uniform("failed"), (Output("y"),))
    with pytest.raises(ValueError, match="'failed' names an input and an output"):
        as_failures(Dataset.from_arrays(np.array([[0.1], [0.2]]), [1.0, np.nan], problem=problem))
