"""Correlation kernels of Gaussian processes, each with the derivatives that fitting and prediction need.

A kernel joins a one-dimensional *profile* f(t), t = |distance| / length, to d inputs by its *structure*:

    radial    k = f(sqrt(sum_j t_j^2))              isotropic but for the lengths
    product   k = prod_j f(t_j)                     favours functions that follow the axes
    anova     k = prod_j (1 - v_j + v_j f(t_j))     v_j in (0, 1): a small v_j makes input j act almost additively

Parameters are log lengths (d), for `anova` followed by the logits of the shares v (d).  Every kernel is 1 at
distance zero.

Sources: Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning*, ch. 4-5; Durrande, Ginsbourger,
Roustant & Carraro (2013), doi:10.1016/j.jmva.2012.08.016 (ANOVA kernels).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uq.core.array_types import FloatArray

Values = Callable[[FloatArray], FloatArray]
Profile = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

_BLOCK = 2**14
"""Elements of a work array: three of them fit the second-level cache."""
_ROWS = 512
_STRIP = 64
"""Rows of a symmetric matrix that are filled at once, from the diagonal on."""
_TINY = 1e-300
_TOGETHER = 8
"""Factors of a product that share one division."""


def squared_exponential_values(squares: FloatArray) -> FloatArray:
    """f alone, in place of `squares`, which it overwrites.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    ndarray
        f, in the array that was given.
    """
    squares *= -0.5
    return np.exp(squares, out=squares)


def squared_exponential(squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = exp(-t^2 / 2) and f'(t) / t = -f, of t^2: infinitely smooth functions.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    tuple of ndarray
        f and f'(t) / t.
    """
    f = np.exp(-0.5 * squares)
    return f, -f


def rational_quadratic_values(squares: FloatArray) -> FloatArray:
    """f alone, in place of `squares`, which it overwrites.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    ndarray
        f, in the array that was given.
    """
    squares *= 0.25
    squares += 1.0
    squares *= squares
    return np.reciprocal(squares, out=squares)


def rational_quadratic(squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = (1 + t^2/4)^-2 and f'(t) / t = -(1 + t^2/4)^-3, of t^2: smooth functions of mixed lengths.

    It needs no exponential, which makes products over many inputs three times as fast.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    tuple of ndarray
        f and f'(t) / t.
    """
    u = 0.25 * squares
    u += 1.0
    np.reciprocal(u, out=u)
    f = u * u
    return f, -(f * u)


def matern_5_2_values(squares: FloatArray) -> FloatArray:
    """f alone, in place of `squares`, which it overwrites.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    ndarray
        f, in the array that was given.
    """
    squares *= 5.0
    a = np.sqrt(squares)
    squares /= 3.0
    squares += a
    squares += 1.0
    np.negative(a, out=a)
    squares *= np.exp(a, out=a)
    return squares


def matern_5_2(squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = (1 + a + a^2/3) exp(-a), a = sqrt(5) t, and f'(t) / t = -5/3 (1 + a) exp(-a): twice differentiable.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    tuple of ndarray
        f and f'(t) / t.
    """
    a = np.sqrt(5.0 * squares)
    e = np.exp(-a)
    slope = (1.0 + a) * e
    e *= squares
    e *= 5.0 / 3.0
    e += slope
    slope *= -5.0 / 3.0
    return e, slope


def matern_3_2_values(squares: FloatArray) -> FloatArray:
    """f alone, in place of `squares`, which it overwrites.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    ndarray
        f, in the array that was given.
    """
    squares *= 3.0
    a = np.sqrt(squares, out=squares)
    e = np.exp(-a)
    a += 1.0
    a *= e
    return a


def matern_3_2(squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = (1 + a) exp(-a), a = sqrt(3) t, and f'(t) / t = -3 exp(-a): once differentiable functions.

    Parameters
    ----------
    squares : ndarray
        t^2, squared scaled distances.

    Returns
    -------
    tuple of ndarray
        f and f'(t) / t.
    """
    a = np.sqrt(3.0 * squares)
    e = np.exp(-a)
    a += 1.0
    a *= e
    e *= -3.0
    return a, e


@dataclass(frozen=True)
class Kernel:
    """A profile joined to many inputs by a structure (equations above)."""

    name: str
    """Of the structure and profile."""
    structure: Literal["radial", "product", "anova"]
    """How the inputs are joined."""
    values: Values
    """Function from pairs of points and parameters to correlations."""
    profile: Profile
    """Correlation over distance in one input."""

    def size(self, dimension: int) -> int:
        """Number of parameters for d inputs."""
        return 2 * dimension if self.structure == "anova" else dimension

    def matrix(self, a: FloatArray, b: FloatArray, parameters: FloatArray) -> FloatArray:
        """Correlations (n_a, n_b) between the rows of a (n_a, d) and b (n_b, d)."""
        lengths, shares = self.split(parameters, a.shape[1])
        if self.structure == "radial":
            return self.values(_squares(a / lengths, b / lengths))
        scaled_a, scaled_b = a / lengths, np.ascontiguousarray((b / lengths).T)
        out = np.ones((len(a), len(b)))
        step = max(1, 2 * _BLOCK // max(len(b), 1))
        rational = self.values is rational_quadratic_values
        for i in range(0, len(a), step):
            block = out[i : i + step]
            if rational:
                _rational_product(0.5 * scaled_a[i : i + step], 0.5 * scaled_b, shares, block)
                continue
            for j, share in enumerate(shares):
                squares = scaled_a[i : i + step, j, None] - scaled_b[j]
                squares *= squares
                f = self.values(squares)
                if share < 1.0:
                    f *= share
                    f += 1.0 - share
                block *= f
        return out

    def scratch(self, pairs: Pairs) -> FloatArray:
        """Memory that `training` may overwrite: fresh pages would cost as much as the arithmetic."""
        radial = self.structure == "radial"
        return np.empty((0 if radial else self.size(pairs.x.shape[1]), pairs.squares.shape[1]))

    def training(
        self, pairs: Pairs, parameters: FloatArray, scratch: FloatArray
    ) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
        """Correlations (n, n) of the training points, on and above the diagonal, and the map from the part of a
        symmetric W (n, n) there (zero below) to sum_ik W_ik dk_ik / dparameter (p,), which holds until `scratch` is
        used again."""
        lengths, shares = self.split(parameters, pairs.x.shape[1])
        if self.structure == "radial":
            return self._radial(pairs, lengths)
        return self._product(pairs, lengths, shares, scratch)

    def split(self, parameters: FloatArray, dimension: int) -> tuple[FloatArray, FloatArray]:
        """Lengths and shares (d,), the latter 1 but for ANOVA kernels."""
        anova = self.structure == "anova"
        shares = special.expit(parameters[dimension:]) if anova else np.ones(dimension)
        return np.exp(parameters[:dimension]), shares

    def _radial(
        self, pairs: Pairs, lengths: FloatArray
    ) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
        z = pairs.x / lengths
        n = len(z)
        value, slope = np.zeros((n, n)), np.zeros((n, n))
        for i in range(0, n, _STRIP):
            rows = slice(i, i + _STRIP)
            value[rows, i:], slope[rows, i:] = self.profile(_squares(z[rows], z[i:]))
        np.fill_diagonal(value, 1.0)
        np.fill_diagonal(slope, 0.0)

        def pull(weights: FloatArray) -> FloatArray:
            m = weights * slope  # dk / dlog l_j = -slope t_j^2, and t_j^2 = z_i^2 - 2 z_i z_k + z_k^2
            sums = m.sum(axis=0) + m.sum(axis=1)
            return -2.0 * (sums @ (z * z) - 2.0 * np.einsum("ij,ij->j", z, m @ z))

        return value, pull

    def _product(
        self, pairs: Pairs, lengths: FloatArray, shares: FloatArray, scratch: FloatArray
    ) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
        (n, d), count = pairs.x.shape, pairs.squares.shape[1]
        anova = self.structure == "anova"
        value = np.empty(count)
        # d log k / dlog l_j = -v slope t_j^2 / factor and d log k / dlogit v_j = v (1 - v) (f - 1) / factor, but for
        # the shares in front
        by_length, by_share = scratch[:d], scratch[d:]
        v = shares[:, None]
        inverse_squares = lengths[:, None] ** -2
        step = max(1, _BLOCK // d)
        for i in range(0, count, step):
            block = slice(i, i + step)
            squares = pairs.squares[:, block] * inverse_squares
            if anova and self.profile is rational_quadratic:
                factor = _rational_factors(squares, v, by_length[:, block], by_share[:, block])
                np.multiply.reduce(factor, axis=0, out=value[block])
                continue
            f, slope = self.profile(squares)
            squares *= slope
            if anova:
                factor = f * v
                factor += 1.0 - v
                np.multiply.reduce(factor, axis=0, out=value[block])
                np.reciprocal(factor, out=factor)
                f -= 1.0
                np.multiply(f, factor, out=by_share[:, block])
                np.multiply(squares, factor, out=by_length[:, block])
            else:
                np.multiply.reduce(f, axis=0, out=value[block])
                np.divide(squares, np.maximum(f, _TINY, out=f), out=by_length[:, block])
        matrix = np.zeros((n, n))
        matrix[pairs.rows, pairs.columns] = value
        np.fill_diagonal(matrix, 1.0)

        def pull(weights: FloatArray) -> FloatArray:
            w = 2.0 * weights[pairs.rows, pairs.columns] * value
            slopes = -shares * (by_length @ w)
            return np.concatenate([slopes, shares * (1.0 - shares) * (by_share @ w)]) if anova else slopes

        return matrix, pull

    def gradient(
        self, a: FloatArray, b: FloatArray, parameters: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """d/da_i of sum_k weights_k k(a_i, b_k): (n_a, d) for weights (n_b,)."""
        lengths, shares = self.split(parameters, a.shape[1])
        za, zb = a / lengths, b / lengths
        out = np.empty(a.shape)
        if self.structure == "radial":  # slope (z_a - z_b) / length
            for i in range(0, len(a), _ROWS):
                p = za[i : i + _ROWS]
                m = self.profile(_squares(p, zb))[1] * weights
                out[i : i + _ROWS] = p * m.sum(axis=1)[:, None] - m @ zb
            return out / lengths
        columns, v = np.ascontiguousarray(zb.T), shares[:, None]
        step = max(1, _BLOCK // max(b.size, 1))
        for i in range(0, len(a), step):
            differences = za[i : i + step, :, None] - columns  # (rows, d, n_b)
            factor, slope = self.profile(differences * differences)
            factor *= v
            factor += 1.0 - v
            product = np.multiply.reduce(factor, axis=1)
            product *= weights
            slope *= differences
            slope /= np.maximum(factor, _TINY, out=factor)  # far out both underflow
            out[i : i + step] = (slope @ product[:, :, None])[:, :, 0]
        return out * (shares / lengths)


@dataclass(frozen=True)
class Pairs:
    """Training points x (n, d), the two rows of every pair, and its squared distance in each input (d, n(n-1)/2)."""

    x: FloatArray
    """(n, d) training points."""
    rows: NDArray[np.intp]
    """(n(n-1)/2,) first row of each pair."""
    columns: NDArray[np.intp]
    """(n(n-1)/2,) second row of each pair."""
    squares: FloatArray
    """(d, n(n-1)/2) squared distance of each pair."""

    @classmethod
    def of(cls, x: FloatArray) -> Pairs:
        """All pairs of the rows of x (n, d)."""
        rows, columns = np.triu_indices(len(x), 1)
        squares = np.empty((x.shape[1], len(rows)))
        for j, column in enumerate(np.ascontiguousarray(x.T)):
            np.square(column[rows] - column[columns], out=squares[j])
        return cls(x, rows, columns, squares)


def _rational_factors(
    squares: FloatArray, v: FloatArray, by_length: FloatArray, by_share: FloatArray
) -> FloatArray:
    """Factors g / u^2 of a product, g = (1 - v) u^2 + v, u = 1 + t^2 / 4, of t^2 (d, n); and in place the slopes
    -t^2 / (u g) and (1 - u^2) / g that `Kernel._product` needs: without f and f', in three quarters of the time."""
    u = 0.25 * squares
    u += 1.0
    square = u * u
    g = square * (1.0 - v)
    g += v
    u *= g
    np.divide(squares, u, out=by_length)
    np.negative(by_length, out=by_length)
    np.divide(g, square, out=u)
    np.subtract(1.0, square, out=square)
    np.divide(square, g, out=by_share)
    return u


def _rational_product(a: FloatArray, b: FloatArray, shares: FloatArray, out: FloatArray) -> None:
    """out *= prod_j (1 - v_j + v_j / u_j^2), u_j = 1 + (a_j - b_j)^2, of a (n_a, d) and b (d, n_b): the products of
    u_j^2 + v_j / (1 - v_j) and of u_j^2 share one division, for so many inputs as stay below overflow up to differences
    of 4e9, which is 8e9 lengths; beyond, the product is 0 or no number.  u_j is one thin matrix product."""
    above, below, factor = np.empty_like(out), np.empty_like(out), np.empty_like(out)
    left = np.stack([1.0 + a.T**2, a.T, np.ones(a.T.shape)], axis=2)
    right = np.stack([np.ones(b.shape), -2.0 * b, b**2], axis=1)
    for first in range(0, len(b), _TOGETHER):
        inputs = range(first, min(first + _TOGETHER, len(b)))
        above.fill(np.prod([1.0 - shares[j] for j in inputs if shares[j] < 1.0]))
        below.fill(1.0)
        for j in inputs:
            np.matmul(left[j], right[j], out=factor)
            np.multiply(factor, factor, out=factor)
            below *= factor
            if shares[j] < 1.0:
                factor += shares[j] / (1.0 - shares[j])
                above *= factor
        out *= above
        out /= below


def _squares(a: FloatArray, b: FloatArray) -> FloatArray:
    """Squared distances (n_a, n_b) by one matrix product."""
    s = a @ (-2.0 * b.T)
    s += np.einsum("ij,ij->i", a, a)[:, None]
    s += np.einsum("ij,ij->i", b, b)
    return np.maximum(s, 0.0, out=s)


SQUARED_EXPONENTIAL = Kernel("squared exponential", "radial", squared_exponential_values, squared_exponential)
RATIONAL = Kernel("rational quadratic", "radial", rational_quadratic_values, rational_quadratic)
MATERN_5_2 = Kernel("matern 5/2", "radial", matern_5_2_values, matern_5_2)
MATERN_3_2 = Kernel("matern 3/2", "radial", matern_3_2_values, matern_3_2)
PRODUCT_RATIONAL = Kernel(
    "product rational quadratic", "product", rational_quadratic_values, rational_quadratic
)
PRODUCT_MATERN_5_2 = Kernel("product matern 5/2", "product", matern_5_2_values, matern_5_2)
PRODUCT_MATERN_3_2 = Kernel("product matern 3/2", "product", matern_3_2_values, matern_3_2)
ANOVA_SQUARED_EXPONENTIAL = Kernel(
    "anova squared exponential", "anova", squared_exponential_values, squared_exponential
)
ANOVA_RATIONAL = Kernel("anova rational quadratic", "anova", rational_quadratic_values, rational_quadratic)
ANOVA_MATERN_5_2 = Kernel("anova matern 5/2", "anova", matern_5_2_values, matern_5_2)
ANOVA_MATERN_3_2 = Kernel("anova matern 3/2", "anova", matern_3_2_values, matern_3_2)

KERNELS = (
    SQUARED_EXPONENTIAL,
    RATIONAL,
    MATERN_5_2,
    MATERN_3_2,
    PRODUCT_RATIONAL,
    PRODUCT_MATERN_5_2,
    PRODUCT_MATERN_3_2,
    ANOVA_SQUARED_EXPONENTIAL,
    ANOVA_RATIONAL,
    ANOVA_MATERN_5_2,
    ANOVA_MATERN_3_2,
)
