"""SALib's dictionaries and plain arrays are taken as they are."""

import numpy as np
import pytest

import uq
from uq.io.tables import problem_from_salib

SALIB = {
    "num_vars": 3,
    "names": ["a", "b", "c"],
    "bounds": [[0.0, 2.0], [5.0, 1.0], [0.0, 4.0, 0.25]],
    "dists": ["unif", "norm", "triang"],
}


def model(c):
    return {"y": c["a"] * c["b"] + c["c"]}


def test_a_salib_dictionary_is_a_problem_that_a_campaign_runs():
    problem = uq.Problem.of(SALIB, model)
    assert problem.distributions == (uq.Uniform(0.0, 2.0), uq.Normal(5.0, 1.0), uq.Triangular(0.0, 1.0, 4.0))
    data = uq.campaign.run(problem, uq.sobol_sequence(64, 3, seed=1))
    assert data["y"] == pytest.approx(data["a"] * data["b"] + data["c"])
    assert problem_from_salib(SALIB).inputs == problem.inputs


def test_a_problem_is_its_own_problem_and_may_get_another_model():
    problem = uq.Problem.of(SALIB, model)
    assert uq.Problem.of(problem) is problem
    assert uq.Problem.of(problem, lambda c: {"y": c["a"]}).inputs == problem.inputs


def test_a_study_takes_a_salib_dictionary():
    found = uq.study(model, SALIB, samples=64)
    assert found.indices["y"].inputs == ("a", "b", "c")


def test_plain_arrays_are_data_whose_laws_are_uniform_over_the_rows():
    x = np.random.default_rng(1).uniform([-1.0, 10.0], [1.0, 20.0], (80, 2))
    y = 3.0 + x[:, 0] + 0.1 * x[:, 0] * x[:, 1]
    data = uq.Dataset.from_arrays(x, y)
    assert data.problem.input_names == ("x0", "x1")
    assert data.problem.output_names == ("y",)
    assert data.problem.distributions[1] == uq.Uniform(float(x[:, 1].min()), float(x[:, 1].max()))
    fit = uq.PolynomialChaos.fit(data)
    assert fit.mean(x)[:, 0] == pytest.approx(y, abs=1e-9)


def test_stated_inputs_name_the_columns_of_arrays_and_give_their_laws():
    stated = [uq.Input("load", "N", uq.Normal(0.0, 2.0)), uq.Input("span", "m", uq.Uniform(1.0, 2.0))]
    data = uq.Dataset.from_arrays([[0.0, 1.5], [3.0, 1.2]], [[1.0, 2.0], [3.0, 4.0]], inputs=stated)
    assert data.problem.inputs == tuple(stated)
    assert data.problem.output_names == ("y0", "y1")
    with pytest.raises(ValueError, match="not both"):
        uq.Dataset.from_arrays([[0.0, 1.5]], [1.0], inputs=stated, problem=data.problem)


def test_tables_bring_their_own_names():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"load": [1.0, 2.0], "span": [3.0, 1.0]})
    data = uq.Dataset.from_arrays(table, pandas.DataFrame({"mass": [1.0, 2.0]}))
    assert data.problem.input_names == ("load", "span")
    assert data.problem.output_names == ("mass",)


def test_a_column_that_does_not_vary_needs_a_law():
    with pytest.raises(ValueError, match="'x1' is the same in all rows"):
        uq.Dataset.from_arrays([[0.0, 1.0], [1.0, 1.0]], [1.0, 2.0])
