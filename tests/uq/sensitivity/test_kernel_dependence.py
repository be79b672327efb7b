"""Kernel dependence against its closed form for normal pairs, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from uq import Dataset, Input, Normal, Output, Problem
from uq.core.dataset import evaluate
from uq.sampling.plans import monte_carlo
from uq.sensitivity.hsic import hsic

STATISTICAL = 4.0


def criterion(rho: float) -> float:
    """HSIC of standard normal x and y of correlation rho with kernels exp(-u^2 / 2), by Gaussian integrals.

    E exp(-w' D w / 2) = det(1 + S D)^(-1/2) for w ~ N(0, S): S = 2 R for differences of two copies, D = 1; for the
    last term, a copy of its own for each kernel leaves exp(-x^2 / 4) / sqrt(2) of each.
    """
    pair = np.array([[1.0, rho], [rho, 1.0]])

    def integral(spread: np.ndarray) -> float:
        return float(np.linalg.det(np.eye(2) + spread) ** -0.5)

    return integral(2.0 * pair) + 1.0 / 3.0 - 2.0 * 0.5 * integral(0.5 * pair)


def drawn(function, n: int, seed: int) -> Dataset:
    inputs = tuple(Input(name, "1", Normal(0.0, 1.0)) for name in ("x1", "x2"))
    problem = Problem(inputs, (Output("y"),), function, version="1")
    return evaluate(problem, problem.physical(monte_carlo(n, 2, seed=seed).unit))


@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_a_normal_pair_has_the_share_of_the_closed_form(rho: float) -> None:
    data = drawn(lambda c: {"y": rho * c["x1"] + np.sqrt(1.0 - rho**2) * c["x2"]}, 2048, seed=1)
    found = hsic(data)["y"]
    for value, (low, high), r in zip(found.value, found.interval, (rho, np.sqrt(1.0 - rho**2)), strict=True):
        exact = criterion(r) / criterion(1.0)
        assert low <= value <= high
        assert abs(value - exact) < STATISTICAL / 1.645 * (high - value) + 2.0 / 2048


def test_dependence_without_correlation_is_seen_and_chance_is_not() -> None:
    data = drawn(lambda c: {"y": np.cos(2.0 * c["x1"])}, 512, seed=2)
    found = hsic(data)["y"]
    first, second = found.verdicts()
    assert first.startswith("x1: matters")
    assert second.startswith("x2: cannot be distinguished from no influence")


def test_one_in_twenty_independent_inputs_exceeds_its_null() -> None:
    beyond = [hsic(drawn(lambda c: {"y": np.sin(c["x1"])}, 128, seed=s))["y"] for s in range(400)]
    share = np.mean([f.value[1] > f.null[1] for f in beyond])
    assert abs(share - 0.05) < STATISTICAL * np.sqrt(0.05 * 0.95 / 400)


def test_the_share_of_an_output_that_is_an_input_is_one() -> None:
    assert hsic(drawn(lambda c: {"y": 3.0 * c["x1"] + 1.0}, 256, seed=3))["y"].value[0] == pytest.approx(
        1.0, abs=1e-12
    )


def test_failed_rows_constants_and_few_rows_are_refused() -> None:
    data = drawn(lambda c: {"y": c["x1"]}, 128, seed=4)
    y = data.y.copy()
    y[3] = np.nan
    with pytest.raises(ValueError, match="1 of 128 rows failed"):
        hsic(Dataset.from_arrays(data.x, y, problem=data.problem))
    with pytest.raises(ValueError, match="constant"):
        hsic(Dataset.from_arrays(data.x, np.ones(128), problem=data.problem))
    with pytest.raises(ValueError, match="at least 64"):
        hsic(data.where(np.arange(32)))
