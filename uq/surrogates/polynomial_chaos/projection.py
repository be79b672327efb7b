"""Spectral projection: the coefficients of an expansion as integrals over a quadrature plan.

    c_alpha = E[y Psi_alpha] ~ sum_i w_i y_i Psi_alpha(x_i)

For few inputs of a smooth model without noise this converges faster than any fit to samples; a row that fails leaves a
hole that no weight fills.

Source: Xiu & Karniadakis (2002), doi:10.1137/S1064827501387826; Conrad & Marzouk (2013), doi:10.1137/120890715
(which terms a rule can carry).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset
from uq.core.model import real_numbers
from uq.core.problem import Problem
from uq.surrogates.polynomial_chaos import indices as variance_shares
from uq.surrogates.polynomial_chaos.basis import Basis, Expansion
from uq.surrogates.polynomial_chaos.index_sets import hyperbolic

INTERNAL = 1e-6
"""Largest error of the rule on a product of two terms: beyond it, terms fold into each other's coefficients."""
_LARGEST_DEGREE = 20


@dataclass(frozen=True)
class Projection:
    """An expansion by quadrature, of the outputs of `problem`.

    `indices` (P, d) degrees of the terms, the constant first; `coefficients` (P, m); `unexplained` (m,) the share of
    the variance that the terms leave at the points of the rule: by how much moments and indices may be off.
    """

    problem: Problem
    basis: Basis
    """Orthonormal polynomials of each input."""
    indices: IntArray
    coefficients: FloatArray
    unexplained: FloatArray

    @property
    def mean(self) -> FloatArray:
        """(m,) means of the outputs: coefficients of the constant."""
        return self.coefficients[0]

    @property
    def std(self) -> FloatArray:
        """(m,) standard deviations of the outputs."""
        return np.sqrt((self.coefficients[1:] ** 2).sum(axis=0))

    @property
    def first(self) -> FloatArray:
        """(m, d) first-order Sobol' indices."""
        return self._shares()[0]

    @property
    def total(self) -> FloatArray:
        """(m, d) total Sobol' indices."""
        return self._shares()[1]

    def evaluate(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> (n, m) outputs.  Raises ValueError for inputs without a germ."""
        rows = real_numbers(x, "points")
        self.basis.require_defined(rows, self.problem.input_names)
        return Expansion(self.basis, self.indices, self.coefficients).evaluate(rows)

    def _shares(self) -> tuple[FloatArray, FloatArray]:
        each = [(j,) for j in range(self.problem.dimension)]
        return variance_shares.first_and_total(self.indices, self.coefficients.T, each)


def project(data: Dataset, outputs: Sequence[str] | None = None, *, degree: int | None = None) -> Projection:
    """Project the outputs of a quadrature plan's runs on orthonormal polynomials.

    Parameters
    ----------
    data : Dataset
        All runs of a plan of `uq.sampling.quadrature`, in its order, none failed; independent inputs.
    outputs : sequence of str, optional
        Names; all outputs if not given.
    degree : int, optional
        Total degree of the terms.  By default the largest whose terms the rule keeps orthonormal to `INTERNAL`.

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        With the remedy, for correlated inputs, rows without the weights of their plan, failed rows, and a degree whose
        terms the rule cannot tell apart.

    Examples
    --------
    >>> import uq
    >>> square = uq.Problem((uq.Input("x", "1", uq.Uniform(0, 3)),), (uq.Output("y"),), lambda c: {"y": c["x"] ** 2})
    >>> found = project(uq.campaign.run(square, uq.sampling.gauss(square.distributions, 4)))
    >>> bool(abs(found.mean[0] - 3.0) < 1e-12), bool(abs(found.std[0] - 7.2**0.5) < 1e-12)
    (True, True)
    """
    problem = data.problem
    if problem.dependent:
        raise ValueError(
            "the inputs are correlated; quadrature is for independent ones: fit a PolynomialChaos instead"
        )
    details = data.details
    weights = np.asarray(details.get("weights", ()), dtype=np.float64)
    if weights.shape != (len(data),):
        raise ValueError(
            f"the {len(data)} rows are not those of a quadrature plan ({len(weights)} weights); draw one with "
            "uq.sampling.quadrature, or fit a PolynomialChaos to these rows"
        )
    data.require_no_failures(
        ", and no weight fills the holes; narrow the inputs, or fit a PolynomialChaos to the rows of a sample, which "
        "may fail"
    )
    names = tuple(outputs) if outputs is not None else problem.output_names
    basis = Basis.of(problem.distributions, _LARGEST_DEGREE if degree is None else max(degree, 1))
    indices, psi = _carried(basis, data.x, weights, degree)
    y = np.stack([data[name] for name in names], axis=1)
    coefficients = psi.T @ (weights[:, None] * y)
    rest = np.abs(weights) @ (y - psi @ coefficients) ** 2
    spread = np.abs(weights) @ (y - coefficients[0]) ** 2
    kept = tuple(o for o in problem.outputs if o.name in names)
    kept = tuple(sorted(kept, key=lambda o: names.index(o.name)))
    reduced = Problem(problem.inputs, kept, statuses=problem.statuses, version=problem.version)
    return Projection(reduced, basis, indices, coefficients, rest / np.where(spread > 0.0, spread, 1.0))


def _carried(
    basis: Basis, x: FloatArray, weights: FloatArray, degree: int | None
) -> tuple[IntArray, FloatArray]:
    """The terms of the wanted or the largest total degree that the rule keeps orthonormal, and their values."""
    found: tuple[IntArray, FloatArray] | None = None
    for p in range(1, _LARGEST_DEGREE + 1) if degree is None else (degree,):
        indices = hyperbolic(basis.dimension, p, 1.0, basis.dimension)
        indices = indices[(indices <= basis.limits).all(axis=1)]
        if len(indices) > len(x) or (found is not None and len(indices) == len(found[0])):
            break
        psi = basis.matrix(x, indices)
        error = np.abs(psi.T @ (weights[:, None] * psi) - np.eye(len(indices))).max()
        if error > INTERNAL:
            break
        found = indices, psi
    if found is None:
        raise ValueError(
            f"a rule of {len(x)} points cannot tell terms of degree {degree or 1} apart; take a lower degree, a plan "
            "of higher order, or uq.sampling.quadrature.gauss for laws that are not uniform"
        )
    return found
