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

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from uq.distributions import Distribution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_EPSILON = 1e-10
_BLOCK = 256
"""Points at a time: the values of a few hundred terms then stay in the second-level cache."""


@dataclass(frozen=True)
class Basis:
    """The univariate polynomials of d inputs up to degree p.

    `logarithmic` (d,) whether the germ is the logarithm of the input; `shift`, `scale` (d,) standardise it; `a`, `b`
    (d, p + 1) are the recurrence coefficients, b[:, 0] = 1.
    """

    logarithmic: NDArray[np.bool_]
    shift: FloatArray
    scale: FloatArray
    a: FloatArray
    b: FloatArray

    @classmethod
    def of(cls, laws: Sequence[Distribution], degree: int) -> Basis:
        """The polynomials orthonormal under each of `laws`, up to `degree` (for a discrete law of s values: up to
        s - 1; higher ones vanish on every value and are never used, see `limits`)."""
        rows = [_recurrence(law, degree) for law in laws]
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
        dead = self.b[:, 1:] <= _EPSILON**2
        return np.where(dead.any(axis=1), dead.argmax(axis=1), self.degree)

    @cached_property
    def _roots(self) -> tuple[FloatArray, FloatArray]:
        """sqrt b_k and 1 / sqrt b_{k+1}, one row a degree."""
        root = np.sqrt(np.maximum(self.b, _EPSILON**2)).T[..., None]
        return root, 1.0 / root

    @cached_property
    def _centres(self) -> FloatArray:
        return np.ascontiguousarray(self.a.T)[..., None]

    def germ(self, x: FloatArray) -> FloatArray:
        """(n, d) physical inputs -> (d, n) standardised germs.  A logarithm of a value at or below 0 is NaN."""
        t = np.array(x.T)
        if self._any_logarithm:
            with np.errstate(invalid="ignore", divide="ignore"):
                t[self.logarithmic] = np.log(t[self.logarithmic])
        t -= self.shift[:, None]
        t /= self.scale[:, None]
        return t

    @cached_property
    def _any_logarithm(self) -> bool:
        return bool(self.logarithmic.any())

    def slope(self, x: FloatArray) -> FloatArray:
        """(n, d) derivatives dt/dx of the germs."""
        return np.where(self.logarithmic, 1.0 / (self.scale * x), 1.0 / self.scale)

    def univariate(self, t: FloatArray, degree: int) -> FloatArray:
        """(d, n) germs -> (degree + 1, d, n) values psi_{j, k}(t_j)."""
        psi = np.empty((degree + 1, *t.shape))
        psi[0] = 1.0
        root, inverse = self._roots
        for k in range(degree):
            now = psi[k + 1]
            np.subtract(t, self._centres[k], out=now)
            if k:
                now *= psi[k]
                now -= root[k] * psi[k - 1]
            now *= inverse[k + 1]
        return psi

    def matrix(self, x: FloatArray, indices: IntArray) -> FloatArray:
        """(n, d) physical inputs and (P, d) multi-indices -> (n, P) values of the terms, column by column in memory."""
        psi = self.univariate(self.germ(x), int(indices.max(initial=0)))
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
class Expansion:
    """q sums of the same terms: y = sum_alpha c_alpha Psi_alpha(x); `indices` (P, d), `coefficients` (P, q)."""

    basis: Basis
    indices: IntArray
    coefficients: FloatArray

    @cached_property
    def _chain(self) -> tuple[IntArray, list[tuple[IntArray, IntArray]], FloatArray]:
        """How to build all terms by products: the univariate values that occur, as flat positions in (p + 1, d); then
        for each further input in a term the rows to multiply; and the coefficients (q, rows) of all rows."""
        d = self.basis.dimension
        rows: dict[tuple[tuple[int, int], ...], int] = {}
        levels: list[list[tuple[tuple[int, int], ...]]] = []
        factors = [tuple((int(j), int(row[j])) for j in np.flatnonzero(row)) for row in self.indices]
        wanted = sorted({f for key in factors for f in key}) or [(0, 1)]
        for single in wanted:
            rows[(single,)] = len(rows)
        depth = max((len(key) for key in factors), default=0)
        for level in range(2, depth + 1):
            levels.append(sorted({key[:level] for key in factors if len(key) >= level}))
            for key in levels[-1]:
                rows[key] = len(rows)
        steps = [
            (np.array([rows[key[:-1]] for key in level]), np.array([rows[key[-1:]] for key in level]))
            for level in levels
        ]
        coefficients = np.zeros((self.coefficients.shape[1], len(rows)))
        self_constant = np.zeros(self.coefficients.shape[1])
        for key, values in zip(factors, self.coefficients, strict=True):
            if key:
                coefficients[:, rows[key]] = values
            else:
                self_constant = values
        object.__setattr__(self, "_constant", self_constant)
        return np.array([k * d + j for j, k in wanted]), steps, coefficients

    def evaluate(self, x: FloatArray) -> FloatArray:
        """(n, d) physical inputs -> (n, q)."""
        singles, steps, coefficients = self._chain
        constant: FloatArray = self._constant  # type: ignore[attr-defined]
        degree = int(singles.max()) // self.basis.dimension
        n, rows = len(x), coefficients.shape[1]
        result = np.empty((n, len(constant)))
        values = np.empty((rows, min(n, _BLOCK)))
        for start in range(0, n, _BLOCK):
            block = x[start : start + _BLOCK]
            v = values[:, : len(block)]
            psi = self.basis.univariate(self.basis.germ(block), degree)
            filled = len(singles)
            v[:filled] = psi.reshape(-1, len(block))[singles]
            for parent, factor in steps:
                np.multiply(v[parent], v[factor], out=v[filled : filled + len(parent)])
                filled += len(parent)
            np.dot(v.T, coefficients.T, out=result[start : start + _BLOCK])
        result += constant
        return result

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


def _recurrence(law: Distribution, degree: int) -> tuple[float, float, FloatArray, FloatArray]:
    """Shift, scale and recurrence of the germ of `law` by the Stieltjes procedure on its quadrature."""
    nodes, weights = law.quadrature(2 * degree + 20)
    weights = weights / weights.sum()
    shift = float(weights @ nodes)
    scale = float(np.sqrt(weights @ (nodes - shift) ** 2)) or 1.0
    t = (nodes - shift) / scale
    a, b = np.zeros(degree + 1), np.zeros(degree + 1)
    b[0] = 1.0
    before, now = np.zeros_like(t), np.ones_like(t)
    for k in range(degree + 1):
        a[k] = weights @ (t * now * now)
        if k == degree:
            break
        raw = (t - a[k]) * now - np.sqrt(b[k]) * before
        b[k + 1] = weights @ (raw * raw)
        if b[k + 1] <= _EPSILON**2:  # a discrete law has no further polynomial
            b[k + 1] = 0.0
            break
        before, now = now, raw / np.sqrt(b[k + 1])
    return shift, scale, a, b


def _shapes(order: int, degree: int, norm: float) -> list[tuple[int, ...]]:
    """All tuples of `order` degrees >= 1 with (sum k^norm)^(1/norm) <= degree."""
    budget = degree**norm + _EPSILON
    shapes: list[tuple[int, ...]] = [()]
    for position in range(order):
        left = order - position - 1
        shapes = [
            (*s, k)
            for s in shapes
            for k in range(1, degree + 1)
            if sum(v**norm for v in s) + k**norm + left <= budget
        ]
    return shapes


def count(dimension: int, degree: int, norm: float, order: int) -> int:
    """Number of terms of `hyperbolic`."""
    return 1 + sum(
        math.comb(dimension, s) * len(_shapes(s, degree, norm))
        for s in range(1, min(order, dimension, degree) + 1)
    )


def hyperbolic(dimension: int, degree: int, norm: float = 1.0, order: int = 99) -> IntArray:
    """(P, d) multi-indices with (sum_j alpha_j^norm)^(1/norm) <= degree and at most `order` inputs in a term, by
    rising order and degree.  norm = 1 is the set of total degree; smaller norms thin out interactions."""
    blocks = [np.zeros((1, dimension), dtype=np.int64)]
    for s in range(1, min(order, dimension, degree) + 1):
        shapes = np.array(_shapes(s, degree, norm), dtype=np.int64)
        if not len(shapes):
            break
        inputs = np.array(list(itertools.combinations(range(dimension), s)), dtype=np.int64)
        block = np.zeros((len(inputs), len(shapes), dimension), dtype=np.int64)
        rows, columns = np.ogrid[: len(inputs), : len(shapes)]
        for position in range(s):
            block[rows, columns, inputs[:, position, None]] = shapes[None, :, position]
        blocks.append(block.reshape(-1, dimension))
    indices = np.concatenate(blocks)
    return indices[np.lexsort((indices.sum(axis=1), (indices > 0).sum(axis=1)))]
