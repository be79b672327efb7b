"""Rows on curves cannot show what a fit is missed by, and are refused; no plan of ours lies on one."""

from __future__ import annotations

import numpy as np
import pytest

import uq
from uq.core.distributions import Normal, Uniform
from uq.core.problem import Input, Output, Problem
from uq.sampling.coverage import require_rows_off_curves, unseen_parts
from uq.sampling.plans import halton, latin_hypercube, monte_carlo, sobol_sequence
from uq.sensitivity.given_data import rank_dependence

ROWS = np.random.default_rng(1).uniform(-1.0, 1.0, (200, 3))
A = ROWS[:, 0]


def _problem(d: int = 3, **dependence: np.ndarray) -> Problem:
    inputs = tuple(Input(f"x{j}", "1", Uniform(-1.0, 1.0)) for j in range(d))
    return Problem(inputs, (Output("y"),), **dependence)


def _with(third: np.ndarray, first: np.ndarray = A) -> np.ndarray:
    return np.column_stack([first, ROWS[:, 1], third])


CURVES = {
    "rounded to four places": _with(np.round(A, 4)),
    "in single precision, mirrored": _with(-A.astype(np.float32).astype(float)),
    "parabola": _with(2.0 * A**2 - 1.0),
    "parabola the other way": _with(A, 2.0 * A**2 - 1.0),
    "cube": _with(A**3),
    "wave": _with(np.cos(5.0 * A)),
    "circle": _with(np.sin(np.pi * A), np.cos(np.pi * A)),
}


@pytest.mark.parametrize("curve", list(CURVES))
def test_rows_on_a_curve_are_refused_with_the_names_of_its_inputs(curve: str) -> None:
    with pytest.raises(ValueError, match="'x0' and 'x2' lie on a curve"):
        require_rows_off_curves(_problem(), CURVES[curve])


@pytest.mark.parametrize("learn", [uq.PolynomialChaos.fit, uq.GaussianProcess.fit, uq.choose])
def test_no_surrogate_learns_from_rows_on_a_curve(learn: object) -> None:
    x = CURVES["rounded to four places"]
    data = uq.Dataset.from_arrays(x, (x[:, :1] * x[:, 2:]) ** 2, problem=_problem())
    with pytest.raises(ValueError, match="'x0' and 'x2' lie on a curve"):
        learn(data)  # type: ignore[operator]


@pytest.mark.parametrize("n", [16, 32, 100])
def test_plans_lie_on_no_curve(n: int) -> None:
    for d in (2, 15, 40):
        for plan in (sobol_sequence, latin_hypercube, monte_carlo, halton):
            if plan is halton and n < 3 * d:  # in large bases its first points do lie on lines
                continue
            x = _problem(d).physical(plan(n, d, seed=2).unit)
            require_rows_off_curves(_problem(d), x)
            assert unseen_parts(_problem(d), x) == ()


def test_factorials_and_noisy_curves_are_none() -> None:
    levels = np.linspace(-0.9, 0.9, 20)
    grid = np.stack([c.ravel() for c in np.meshgrid(levels, levels, levels[:3])], axis=1)
    require_rows_off_curves(_problem(), grid)
    require_rows_off_curves(_problem(), _with(0.7 * A + 0.3 * ROWS[:, 1]))


def test_plans_whose_rows_share_a_few_base_points_lie_on_no_curve() -> None:
    d = 40
    base, other = np.random.default_rng(3).uniform(-1.0, 1.0, (2, 2, d))
    rows = [base, other]
    for j in range(d):
        mixed = base.copy()
        mixed[:, j] = other[:, j]
        rows.append(mixed)
    require_rows_off_curves(_problem(d), np.concatenate(rows))


def test_stated_dependence_is_no_curve() -> None:
    z = np.random.default_rng(4).standard_normal((300, 2))
    rho = 0.9999
    x = np.column_stack([z[:, 0], rho * z[:, 0] + np.sqrt(1.0 - rho**2) * z[:, 1]])
    inputs = tuple(Input(name, "1", Normal(0.0, 1.0)) for name in "ab")
    require_rows_off_curves(
        Problem(inputs, (Output("y"),), correlation=np.array([[1.0, rho], [rho, 1.0]])), x
    )
    with pytest.raises(ValueError, match="'a' and 'b' lie on a curve"):
        require_rows_off_curves(Problem(inputs, (Output("y"),)), x)


def test_whatever_speaks_for_a_law_of_which_rows_cover_a_part_says_so() -> None:
    x = _with(ROWS[:, 2], -np.abs(A))
    data = uq.Dataset.from_arrays(x, x[:, :1] ** 3 + x[:, 1:2], problem=_problem())
    surrogate = uq.PolynomialChaos.fit(data)
    said = "no row lies in a part of the law of an input ('x0' 50 %)"
    summary, measure = uq.propagate(surrogate, samples=2**14)["y"], rank_dependence(data)["y"]
    for notes in (surrogate.table().notes, summary.notes, measure.notes):
        assert said in " ".join(notes)
