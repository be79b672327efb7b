"""Orthonormal polynomials of each marginal, sets of multi-indices, and fast products of the two.

A multi-index alpha (d,) names the term Psi_alpha(x) = prod_j psi_{j, alpha_j}(t_j), where t_j is the germ of input j:
its value, or the logarithm of its value, shifted and scaled to mean 0 and standard deviation 1 under its law.  The
psi_{j, k} follow from the three-term recurrence of that law,

    sqrt(b_{k+1}) psi_{k+1} = (t - a_k) psi_k - sqrt(b_k) psi_{k-1},    psi_0 = 1,

so they stay orthonormal where expansions into monomials lose every digit.  Derivatives are expansions in the same
polynomials, psi'_k = sum_{l < k} D_{k l} psi_l, so a gradient is one more matrix product.

Sources: Gautschi, *Orthogonal Polynomials: Computation and Approximation*, 2004, section 2.2 (Stieltjes procedure);
Xiu & Karniadakis (2002), doi:10.1137/S1064827501387826; Blatman & Sudret (2011), doi:10.1016/j.jcp.2010.12.021
(hyperbolic truncation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.distributions import Distribution
from uq.core.distributions.orthogonal import VANISHES, recurrence

_Factors = tuple[tuple[int, int], ...]
"""A term as its inputs with their degrees."""

_BLOCK = 256
"""Points at a time: the values of a few hundred terms then stay in the second-level cache."""


@dataclass(frozen=True)
class Basis:
    """The univariate polynomials of d inputs up to degree p.

    `logarithmic` (d,) whether the germ is the logarithm of the input; `shift`, `scale` (d,) standardise it; `a`, `b`
    (d, p + 1) are the recurrence coefficients, b[:, 0] = 1.
    """

    logarithmic: BoolArray
    shift: FloatArray
    scale: FloatArray
    a: FloatArray
    b: FloatArray

    @classmethod
    def of(cls, laws: Sequence[Distribution], degree: int) -> Basis:
        """The polynomials orthonormal under each of `laws`, up to `degree` (for a discrete law of s values: up to
        s - 1; higher ones vanish on every value and are never used, see `limits`)."""
        rows = [recurrence(law, degree) for law in laws]
        return cls(
            logarithmic=np.array([law.logarithmic for law in laws]),
            shift=np.array([r[0] for r in rows]),
            scale=np.array([r[1] for r in rows]),
            a=np.array([r[2] for r in rows]),
            b=np.array([r[3] for r in rows]),
        )

    @property
    def dimension(self) -> int:
        """Number of inputs d."""
        return len(self.shift)

    @property
    def degree(self) -> int:
        """Largest degree p."""
        return self.a.shape[1] - 1

    @property
    def limits(self) -> IntArray:
        """(d,) largest degree that each law supports: p, or the number of values of a discrete law less one."""
        dead = self.b[:, 1:] <= VANISHES
        return np.where(dead.any(axis=1), dead.argmax(axis=1), self.degree)

    @cached_property
    def _steps(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The recurrence as psi_{k+1} = (t factor_k + offset_k) psi_k - back_k psi_{k-1}; each (p, d, 1)."""
        root = np.sqrt(np.maximum(self.b, VANISHES)).T[..., None]
        factor = 1.0 / root[1:]
        offset = -self.a[:, :-1].T[..., None] * factor
        back = root[:-1] / root[1:]
        above = np.arange(1, self.degree + 1)[:, None, None] > self.limits[:, None]
        return tuple(np.where(above, 0.0, part) for part in (factor, offset, back))  # type: ignore[return-value]

    @cached_property
    def _logarithms(self) -> IntArray:
        return np.flatnonzero(self.logarithmic)

    def univariate(self, x: FloatArray, degree: int) -> FloatArray:
        """(n, d) physical inputs (see `require_defined`) -> (degree + 1, d, n) values psi_{j, k}(t_j)."""
        t = np.array(x.T, order="C")
        if len(self._logarithms):
            t[self._logarithms] = np.log(t[self._logarithms])
        t -= self.shift[:, None]  # at once: of a narrow law far from 0 the recurrence would keep few digits
        t /= self.scale[:, None]
        factor, offset, back = self._steps
        psi = np.empty((degree + 1, *t.shape))
        psi[0] = 1.0
        np.multiply(t, factor[:degree], out=psi[1:])
        psi[1:] += offset[:degree]
        for k in range(1, degree):
            psi[k + 1] *= psi[k]
            psi[k + 1] -= back[k] * psi[k - 1]
        return psi

    def germ(self, x: FloatArray) -> FloatArray:
        """(n, d) physical inputs -> (d, n) germs t."""
        u = np.array(x, dtype=np.float64)
        if len(self._logarithms):
            u[:, self._logarithms] = np.log(u[:, self._logarithms])
        return np.ascontiguousarray(((u - self.shift) / self.scale).T)

    def slope(self, x: FloatArray) -> FloatArray:
        """(n, d) derivatives dt/dx of the germs."""
        result = np.empty_like(x)
        result[:] = self._inverse_scale
        if len(self._logarithms):
            result[:, self._logarithms] /= x[:, self._logarithms]
        return result

    @cached_property
    def _inverse_scale(self) -> FloatArray:
        return 1.0 / self.scale

    def curvature(self, x: FloatArray) -> FloatArray:
        """(n, d) second derivatives d2t/dx2 of the germs."""
        return np.where(self.logarithmic, -1.0 / (self.scale * x**2), 0.0)

    def require_defined(self, x: FloatArray, names: Sequence[str]) -> None:
        """Raise ValueError, naming input and row, where a point has no germ."""
        logarithms = x[:, self._logarithms]
        if np.isfinite(x).all() and (logarithms > 0.0).all():
            return
        row, column = np.argwhere(~np.isfinite(x) | (self.logarithmic & ~(x > 0.0)))[0]
        rule = "positive and finite" if self.logarithmic[column] else "finite"
        raise ValueError(f"input {names[column]!r} is {x[row, column]} in row {row}; it must be {rule}")

    def matrix(self, x: FloatArray, indices: IntArray) -> FloatArray:
        """(n, d) physical inputs and (P, d) multi-indices -> (n, P) values of the terms, column by column in memory."""
        psi = self.univariate(x, int(indices.max(initial=0)))
        return _products(psi, indices).T

    @cached_property
    def derivative(self) -> FloatArray:
        """(d, p + 1, p + 1) matrices D of psi'_{j, k} = sum_l D[j, k, l] psi_{j, l}, derivatives by the germ.

        From the differentiated recurrence; multiplication by t is the tridiagonal matrix of the recurrence itself.
        """
        d, p = self.dimension, self.degree
        result = np.zeros((d, p + 1, p + 1))
        root = np.sqrt(self.b)
        for j, last in enumerate(self.limits.tolist()):
            times = np.diag(self.a[j]) + np.diag(root[j, 1:], 1) + np.diag(root[j, 1:], -1)
            for k in range(last):
                row = result[j, k] @ times - self.a[j, k] * result[j, k]
                row[k] += 1.0
                if k:
                    row -= root[j, k] * result[j, k - 1]
                row[k + 1 :] = 0.0
                result[j, k + 1] = row / root[j, k + 1]
        return result


def _products(psi: FloatArray, indices: IntArray) -> FloatArray:
    """(p + 1, d, n) univariate values and (P, d) multi-indices -> (P, n) values of the terms."""
    order = (indices > 0).sum(axis=1)
    values = np.ones((len(indices), psi.shape[2]))
    for rank in range(1, int(order.max(initial=0)) + 1):
        rows = np.flatnonzero(order >= rank)
        inputs = np.argmax(np.cumsum(indices[rows] > 0, axis=1) == rank, axis=1)
        values[rows] *= psi[indices[rows, inputs], inputs]
    return values


@dataclass(frozen=True)
class _Chain:
    """How to build all terms by products: first the univariate values that occur, at flat positions `singles` of
    (p + 1, d); then, for each further input in a term, the rows of the table so far to multiply; `coefficients`
    (rows, q) of all rows of the table, and those of the `constant` (q,)."""

    degree: int
    singles: IntArray
    steps: list[tuple[IntArray, IntArray]]
    widest: int
    coefficients: FloatArray
    constant: FloatArray


@dataclass(frozen=True)
class Expansion:
    """q sums of the same terms: y = sum_alpha c_alpha Psi_alpha(x); `indices` (P, d), `coefficients` (P, q)."""

    basis: Basis
    """Orthonormal polynomials of each input."""
    indices: IntArray
    coefficients: FloatArray

    @cached_property
    def _chain(self) -> _Chain:
        d = self.basis.dimension
        factors: list[_Factors] = [
            tuple((int(j), int(row[j])) for j in np.flatnonzero(row)) for row in self.indices
        ]
        singles = sorted({f for key in factors for f in key})
        row: dict[_Factors, int] = {(single,): i for i, single in enumerate(singles)}
        steps = []
        for level in range(2, max((len(key) for key in factors), default=0) + 1):
            products = sorted({key[:level] for key in factors if len(key) >= level})
            steps.append(
                (np.array([row[k[:-1]] for k in products]), np.array([row[k[-1:]] for k in products]))
            )
            row.update({key: len(row) + i for i, key in enumerate(products)})
        coefficients = np.zeros((len(row), self.coefficients.shape[1]))
        constant = np.zeros(self.coefficients.shape[1])
        for key, values in zip(factors, self.coefficients, strict=True):
            if key:
                coefficients[row[key]] += values
            else:
                constant = constant + values
        return _Chain(
            degree=max((k for _, k in singles), default=0),
            singles=np.array([k * d + j for j, k in singles], dtype=np.int64),
            steps=steps,
            widest=max((len(parent) for parent, _ in steps), default=0),
            coefficients=coefficients,
            constant=constant,
        )

    def evaluate(self, x: FloatArray) -> FloatArray:
        """(n, d) physical inputs -> (n, q)."""
        chain = self._chain
        n, size = len(x), 0
        result = np.empty((n, len(chain.constant)))
        for start in range(0, n, _BLOCK):
            block = x[start : start + _BLOCK]
            if len(block) != size:
                size = len(block)
                values = np.empty((len(chain.coefficients), size))
                other = np.empty((chain.widest, size))
            psi = self.basis.univariate(block, chain.degree).reshape(-1, size)
            filled = len(chain.singles)
            psi.take(chain.singles, axis=0, out=values[:filled], mode="clip")
            for parent, factor in chain.steps:
                product = values[filled : filled + len(parent)]
                values.take(parent, axis=0, out=product, mode="clip")
                product *= values.take(factor, axis=0, out=other[: len(parent)], mode="clip")
                filled += len(parent)
            np.matmul(values.T, chain.coefficients, out=result[start : start + size])
        result += chain.constant
        return result

    def joined_with(self, other: Expansion) -> Expansion:
        """The sums of both, side by side, on the terms of both."""
        terms = np.unique(np.concatenate([self.indices, other.indices]), axis=0)
        position = {row.tobytes(): i for i, row in enumerate(terms)}
        q = self.coefficients.shape[1]
        coefficients = np.zeros((len(terms), q + other.coefficients.shape[1]))
        coefficients[[position[row.tobytes()] for row in self.indices], :q] = self.coefficients
        coefficients[[position[row.tobytes()] for row in other.indices], q:] = other.coefficients
        return Expansion(self.basis, terms, coefficients)

    @cached_property
    def gradient(self) -> Expansion:
        """The expansion of the derivatives by the germs: q * d sums, those of one output side by side."""
        d, q = self.basis.dimension, self.coefficients.shape[1]
        lowered: dict[bytes, int] = {}
        entries: list[tuple[int, int, int, float]] = []
        kept: list[IntArray] = []
        for row, alpha in enumerate(self.indices):
            for j in np.flatnonzero(alpha):
                weights = self.basis.derivative[j, alpha[j]]
                for degree in np.flatnonzero(np.abs(weights) > 1e-13):
                    beta = alpha.copy()
                    beta[j] = degree
                    position = lowered.setdefault(beta.tobytes(), len(kept))
                    if position == len(kept):
                        kept.append(beta)
                    entries.append((row, int(j), position, float(weights[degree])))
        coefficients = np.zeros((max(len(kept), 1), q, d))
        for source, axis, position, weight in entries:
            coefficients[position, :, axis] += weight * self.coefficients[source]
        indices = np.array(kept) if kept else np.zeros((1, d), dtype=np.int64)
        return Expansion(self.basis, indices, coefficients.reshape(-1, q * d))
