"""A chance under other copulas against quadrature of their conditional laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

import uq
from uq.core.copulas import ClaytonCopula, Copula, ReflectedCopula, StudentCopula
from uq.propagation.copula_robustness import alternatives
from uq.surrogates.derived_outputs import Exact

RHO = 0.5


def normals(names: str, correlation: object) -> uq.Problem:
    inputs = tuple(uq.Input(name, "1", uq.Normal(0.0, 1.0)) for name in names)
    return uq.Problem(inputs, (uq.Output("y"),), lambda c: {"y": c["a"] + c["b"]}, correlation)  # type: ignore[arg-type]


def beyond(copula: Copula, threshold: float) -> float:
    """P(a + b > threshold): the mean over a of what the conditional law of b leaves above."""
    a = special.ndtri((np.arange(200_000) + 0.5) / 200_000)
    below = copula.conditional(np.column_stack([special.ndtr(a), special.ndtr(threshold - a)]))
    return float(1.0 - below.mean())


def test_chances_under_other_copulas_are_those_of_quadrature() -> None:
    found = uq.other_copulas(Exact(normals("ab", [[1.0, RHO], [RHO, 1.0]])), "y", threshold=4.0)
    assert found.chance.value == pytest.approx(special.ndtr(-4.0 / np.sqrt(2.0 + 2.0 * RHO)), abs=4e-4)
    tau = 2.0 / np.pi * np.arcsin(RHO)
    clayton = ClaytonCopula(2.0 * tau / (1.0 - tau))
    wanted = [StudentCopula([[1.0, RHO], [RHO, 1.0]], 4.0), clayton, ReflectedCopula(clayton, (0, 1))]
    for one, copula in zip(found.others, wanted, strict=True):
        assert one.chance.value == pytest.approx(beyond(copula, 4.0), abs=4e-4)
        assert one.chance_change.value == pytest.approx(one.chance.value - found.chance.value)
    assert "Clayton, high together" in str(found)


def test_every_alternative_has_the_kendalls_tau_of_the_correlation() -> None:
    matrix = np.eye(6)
    for i, j, rho in ((0, 1, -0.7), (2, 3, 0.5), (2, 4, 0.5), (3, 4, 0.5)):
        matrix[i, j] = matrix[j, i] = rho
    asked, kept = alternatives(normals("abcdef", matrix))
    assert len(asked) == 3
    assert not kept
    for problem in asked.values():
        assert problem.correlation is None
        for columns, copula in problem.copulas:
            for i in range(len(columns)):
                for j in range(i):
                    rho = matrix[columns[i], columns[j]]
                    assert copula.kendall(i, j) == pytest.approx(2.0 / np.pi * np.arcsin(rho))


def test_pairs_that_differ_keep_their_correlation_under_claytons() -> None:
    matrix = np.array(
        [[1.0, -0.7, 0.3, 0.0], [-0.7, 1.0, 0.0, 0.0], [0.3, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    )
    asked, kept = alternatives(normals("abcd", matrix))
    assert kept == ("a", "b", "c")
    assert list(asked) == ["Student, 4 degrees of freedom"]


def test_independent_inputs_have_no_other_copula() -> None:
    with pytest.raises(ValueError, match="give a correlation"):
        uq.other_copulas(Exact(normals("ab", None)), "y")
