"""Points travel between the unit cube and the physical space without loss, whatever laws and dependence."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from uq.core.dataset import evaluate
from uq.core.distributions import Beta, Discrete, LogNormal, Normal, Triangular, TruncatedNormal, Uniform
from uq.core.problem import Input, Output, Problem

EXACT = 1e-12

LAWS = (
    Normal(3.0, 2.0),
    LogNormal(1.0, 1.5),
    Uniform(-1.0, 1.0),
    Beta(2.0, 5.0, 1.0, 3.0),
    Triangular(0.0, 1.0, 4.0),
    TruncatedNormal(0.0, 1.0, -1.0, 2.0),
)
CORRELATION = np.eye(6)
CORRELATION[0, 1] = CORRELATION[1, 0] = 0.6
CORRELATION[2, 4] = CORRELATION[4, 2] = -0.5
CORRELATION[3, 5] = CORRELATION[5, 3] = 0.3


def ask(correlation: np.ndarray | None = None) -> Problem:
    inputs = tuple(Input(f"x{j}", "m", law) for j, law in enumerate(LAWS))
    return Problem(inputs, (Output("y", "kg"),), correlation=correlation)


U = np.random.default_rng(1).random((10_000, 6))


@pytest.mark.parametrize("correlation", [None, CORRELATION])
def test_points_come_back_from_the_physical_space(correlation: np.ndarray | None) -> None:
    problem = ask(correlation)
    assert np.abs(problem.unit(problem.physical(U)) - U).max() < 1e-10


def test_independent_inputs_are_their_quantiles() -> None:
    x = ask().physical(U)
    for j, law in enumerate(LAWS):
        assert np.abs(x[:, j] - law.ppf(U[:, j])).max() < EXACT * 10 * law.moments()[1]


def test_dependence_is_that_of_the_germs() -> None:
    x = ask(CORRELATION).physical(U)
    w = special.ndtri(U) @ np.linalg.cholesky(CORRELATION).T
    for j, law in enumerate(LAWS):
        assert np.abs(x[:, j] - law.ppf(special.ndtr(w[:, j]))).max() < EXACT * 10 * law.moments()[1]


@pytest.mark.parametrize("correlation", [None, CORRELATION])
def test_a_row_does_not_feel_the_rows_beside_it(correlation: np.ndarray | None) -> None:
    problem = ask(correlation)
    x = problem.physical(U)
    assert problem.physical(U[4000:4200]).tobytes() == x[4000:4200].tobytes()
    assert problem.physical(U[17:18]).tobytes() == x[17:18].tobytes()


@pytest.mark.parametrize("correlation", [None, CORRELATION])
def test_corners_of_the_cube_stay_finite(correlation: np.ndarray | None) -> None:
    corners = np.array([np.zeros(6), np.ones(6), [0, 1, 0, 1, 0, 1]])
    assert np.isfinite(ask(correlation).physical(corners)).all()


def test_a_point_outside_the_cube_is_refused() -> None:
    for wrong in (1.1, -0.1, np.nan):
        with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
            ask().physical(np.full((1, 6), wrong))
    with pytest.raises(ValueError, match=r"shape \(n, 6\)"):
        ask().physical(np.zeros((2, 5)))


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.ones((6, 6)), "not positive definite"),
        (np.eye(5), "shape"),
        (np.eye(6) * 2.0, "ones on its diagonal"),
        (np.eye(6) + np.eye(6, k=1) * 0.2, "symmetric"),
    ],
)
def test_a_matrix_that_is_no_correlation_is_refused(matrix: np.ndarray, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ask(matrix)


def test_the_identity_is_no_dependence() -> None:
    assert ask(np.eye(6)).correlation is None


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean 'x3'"):
        ask().index("x33")


def test_fixing_an_input_feeds_its_value_to_the_model() -> None:
    problem = ask(CORRELATION).with_model(lambda c: {"y": c["x0"] + 10.0 * c["x1"]}).fix({"x1": 2.0})
    assert problem.input_names == ("x0", "x2", "x3", "x4", "x5")
    data = evaluate(problem, problem.physical(U[:5, :5]))
    assert data["y"] == pytest.approx(data["x0"] + 20.0)
    assert problem.correlation is not None
    assert problem.correlation[1, 3] == -0.5


def test_rows_that_are_not_finite_are_not_good() -> None:
    problem = ask().with_model(lambda c: {"y": np.where(c["x2"] > 0.0, np.nan, 1.0)})
    data = evaluate(problem, problem.physical(U[:100]))
    assert (data.feasible == (data["x2"] <= 0.0)).all()


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (lambda c: {"z": c["x0"]}, "no column 'y'"),
        (lambda c: {"y": c["x0"][:2]}, "shape"),
        (lambda c: {"y": c["x0"] * 1j}, "complex128"),
        (lambda c: c["x0"], "expected named columns"),
        (lambda c: {"y": 1.0}, "a function of one sample is wrapped by uq.Single"),
    ],
)
def test_a_model_that_returns_the_wrong_thing_is_told_so(model: object, reason: str) -> None:
    problem = ask().with_model(model)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=reason):
        evaluate(problem, problem.physical(U[:5]))


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"model": lambda **columns: columns}, r"lambda columns: function\(\*\*columns\)"),
        ({"model": lambda x0, x1: {"y": x0}}, "expected one argument, the columns by name"),
        ({"model": "pump.py"}, "uq.Program"),
        ({"inputs": Input("x", "m", LAWS[0])}, "give a tuple of uq.Input"),
        ({"outputs": ("y",)}, "give each as uq.Output"),
        ({"outputs": "y"}, "give a tuple of uq.Output"),
    ],
)
def test_a_problem_of_wrong_parts_is_refused_with_the_remedy(wrong: dict[str, object], remedy: str) -> None:
    parts = {"inputs": (Input("x", "m", LAWS[0]),), "outputs": (Output("y"),)} | wrong
    with pytest.raises(TypeError, match=remedy):
        Problem(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{("x0", "x1"): 0.5}, [["1", "x"]] * 6, np.eye(3)])
def test_a_correlation_that_is_no_matrix_says_what_one_is(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"expected .*\(6, 6\).* order"):
        ask(wrong)  # type: ignore[arg-type]


def test_a_law_must_be_a_law_and_names_must_differ() -> None:
    with pytest.raises(TypeError, match="is no law of uq, frozen law of"):
        Input("x", "m", 3.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="named twice"):
        Problem((Input("x", "m", LAWS[0]), Input("x", "m", LAWS[1])), (Output("y"),))


def test_a_discrete_input_takes_only_its_values() -> None:
    law = Discrete((1.0, 2.0, 5.0), (0.2, 0.3, 0.5))
    x = Problem((Input("n", "1", law),), (Output("y"),)).physical(U[:, :1])
    assert {float(v) for v in np.unique(x)} == {1.0, 2.0, 5.0}
    assert (x == 2.0).mean() == pytest.approx(0.3, abs=4 * 0.5 / 100)


@pytest.mark.parametrize(
    ("inputs", "output"),
    [
        (("\u00e9lan", "e\u0301lan"), "y"),
        (("\u00e9lan",), "e\u0301lan"),
        (("\u00b5", "\u03bc"), "y"),
        (("a b", "a\u00a0b"), "y"),
        (("\uff53tatus",), "y"),
    ],
)
def test_names_that_only_their_encoding_tells_apart_are_refused(inputs: tuple[str, ...], output: str) -> None:
    with pytest.raises(ValueError, match="two names that look the same"):
        Problem(tuple(Input(name, "1", Uniform(0.0, 1.0)) for name in inputs), (Output(output),))


def test_names_that_look_different_are_different() -> None:
    names = ("e\u0301lan", "elan", "x2", "x\u00b2", "x\u2082", "T", "t")
    problem = Problem(tuple(Input(name, "1", Uniform(0.0, 1.0)) for name in names), (Output("y"),))
    assert problem.input_names == names


@pytest.mark.parametrize("value", [np.nan, np.ma.masked])
def test_no_input_is_fixed_at_what_is_no_number(value: float) -> None:
    problem = Problem(tuple(Input(name, "1", Uniform(0.0, 1.0)) for name in "ab"), (Output("y"),))
    with pytest.raises(ValueError, match="input 'a' is fixed at no number"):
        problem.fix({"a": value})
