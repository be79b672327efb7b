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

FloatArray = NDArray[np.float64]
Profile = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

_BLOCK = 2**16
"""Elements of a work array: small enough for the second-level cache."""


def squared_exponential(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = exp(-t^2 / 2) and f'(t) / t = -f: infinitely smooth functions."""
    f = np.exp(-0.5 * t * t)
    return f, -f


def matern_5_2(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = (1 + a + a^2/3) exp(-a), a = sqrt(5) t, and f'(t) / t = -5/3 (1 + a) exp(-a): twice differentiable."""
    a = np.sqrt(5.0) * t
    e = np.exp(-a)
    slope = (1.0 + a) * e
    return slope + a * a * e / 3.0, slope * (-5.0 / 3.0)


def matern_3_2(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = (1 + a) exp(-a), a = sqrt(3) t, and f'(t) / t = -3 exp(-a): once differentiable functions."""
    a = np.sqrt(3.0) * t
    e = np.exp(-a)
    return (1.0 + a) * e, -3.0 * e


@dataclass(frozen=True)
class Kernel:
    """A profile joined to many inputs by a structure (equations above)."""

    name: str
    structure: Literal["radial", "product", "anova"]
    profile: Profile

    def size(self, dimension: int) -> int:
        """Number of parameters for d inputs."""
        return 2 * dimension if self.structure == "anova" else dimension

    def matrix(self, a: FloatArray, b: FloatArray, parameters: FloatArray) -> FloatArray:
        """Correlations (n_a, n_b) between the rows of a (n_a, d) and b (n_b, d)."""
        lengths, shares = self._split(parameters, a.shape[1])
        if self.structure == "radial":
            return self.profile(np.sqrt(_squares(a / lengths, b / lengths)))[0]
        scaled_a, scaled_b = a / lengths, np.ascontiguousarray((b / lengths).T)
        out = np.ones((len(a), len(b)))
        step = max(1, _BLOCK // max(len(b), 1))
        for i in range(0, len(a), step):
            block = out[i : i + step]
            for j, share in enumerate(shares):
                block *= self._factor(np.abs(scaled_a[i : i + step, j, None] - scaled_b[j]), share)
        return out

    def _factor(self, t: FloatArray, share: float) -> FloatArray:
        f = self.profile(t)[0]
        return f if share == 1.0 else 1.0 - share + share * f

    def _split(self, parameters: FloatArray, dimension: int) -> tuple[FloatArray, FloatArray]:
        shares = special.expit(parameters[dimension:]) if self.structure == "anova" else np.ones(dimension)
        return np.exp(parameters[:dimension]), shares

    def training(
        self, pairs: Pairs, parameters: FloatArray
    ) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
        """Correlations (n, n) of the training points, and the map from a symmetric W (n, n) to
        sum_ik W_ik dk_ik / dparameter (p,)."""
        lengths, shares = self._split(parameters, pairs.x.shape[1])
        return (
            self._radial(pairs, lengths)
            if self.structure == "radial"
            else self._product(pairs, lengths, shares)
        )

    def _radial(
        self, pairs: Pairs, lengths: FloatArray
    ) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
        z = pairs.x / lengths
        squares = _squares(z, z)
        np.fill_diagonal(squares, 0.0)
        value, slope = self.profile(np.sqrt(squares))

        def pull(weights: FloatArray) -> FloatArray:
            m = weights * slope  # dk / dlog l_j = -slope t_j^2, and t_j^2 = z_i^2 - 2 z_i z_k + z_k^2
            return -2.0 * (m.sum(axis=1) @ (z * z) - np.einsum("ij,ij->j", z, m @ z))

        return value, pull

    def _product(
        self, pairs: Pairs, lengths: FloatArray, shares: FloatArray
    ) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
        n, d = pairs.x.shape
        count = pairs.distances.shape[1]
        value = np.ones(count)
        by_length = np.empty((d, count))
        by_share = np.empty((d if self.structure == "anova" else 0, count))
        step = max(1, _BLOCK // d)
        v = shares[:, None]
        for i in range(0, count, step):
            t = pairs.distances[:, i : i + step] / lengths[:, None]
            f, slope = self.profile(t)
            if self.structure == "anova":
                factor = 1.0 - v + v * f
                by_share[:, i : i + step] = (f - 1.0) * (v * (1.0 - v)) / factor
                slope = slope * v
            else:
                factor = f
            np.maximum(factor, 1e-300, out=factor)  # an underflowing product keeps a finite ratio
            by_length[:, i : i + step] = -slope * t * t / factor
            value[i : i + step] = np.prod(factor, axis=0)
        matrix = np.empty((n, n))
        matrix[pairs.rows, pairs.columns] = value
        matrix[pairs.columns, pairs.rows] = value
        np.fill_diagonal(matrix, 1.0)

        def pull(weights: FloatArray) -> FloatArray:
            w = weights[pairs.rows, pairs.columns] * value
            return 2.0 * np.concatenate([by_length @ w, by_share @ w])

        return matrix, pull

    def gradient(
        self, a: FloatArray, b: FloatArray, parameters: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """d/da_i of sum_k weights_k k(a_i, b_k): (n_a, d) for weights (n_b,)."""
        lengths, shares = self._split(parameters, a.shape[1])
        za, zb = a / lengths, b / lengths
        out = np.empty(a.shape)
        step = max(1, _BLOCK // max(len(b), 1))
        for i in range(0, len(a), step):
            p = za[i : i + step]
            if self.structure == "radial":  # slope (z_a - z_b) / length
                m = self.profile(np.sqrt(_squares(p, zb)))[1] * weights
                out[i : i + step] = p * m.sum(axis=1)[:, None] - m @ zb
                continue
            differences = p[:, :, None] - zb.T[None]  # (rows, d, n_b)
            f, slope = self.profile(np.abs(differences))
            v = shares[:, None]
            factor = np.maximum(1.0 - v + v * f, 1e-300)
            product = np.prod(factor, axis=1) * weights
            out[i : i + step] = np.einsum("ijk,ik->ij", v * slope * differences / factor, product)
        return out / lengths


@dataclass(frozen=True)
class Pairs:
    """Training points x (n, d) with the index of every pair and its distance in each input (d, n(n-1)/2)."""

    x: FloatArray
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    distances: FloatArray

    @classmethod
    def of(cls, x: FloatArray) -> Pairs:
        """All pairs of the rows of x (n, d)."""
        rows, columns = np.triu_indices(len(x), 1)
        distances = np.empty((x.shape[1], len(rows)))
        for j in range(x.shape[1]):
            np.abs(x[rows, j] - x[columns, j], out=distances[j])
        return cls(x, rows, columns, distances)


def _squares(a: FloatArray, b: FloatArray) -> FloatArray:
    """Squared distances (n_a, n_b) by one matrix product."""
    s = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b) - 2.0 * (a @ b.T)
    return np.maximum(s, 0.0, out=s)


SQUARED_EXPONENTIAL = Kernel("squared exponential", "radial", squared_exponential)
MATERN_5_2 = Kernel("matern 5/2", "radial", matern_5_2)
MATERN_3_2 = Kernel("matern 3/2", "radial", matern_3_2)
PRODUCT_MATERN_5_2 = Kernel("product matern 5/2", "product", matern_5_2)
PRODUCT_MATERN_3_2 = Kernel("product matern 3/2", "product", matern_3_2)
ANOVA_SQUARED_EXPONENTIAL = Kernel("anova squared exponential", "anova", squared_exponential)
ANOVA_MATERN_5_2 = Kernel("anova matern 5/2", "anova", matern_5_2)
ANOVA_MATERN_3_2 = Kernel("anova matern 3/2", "anova", matern_3_2)

KERNELS = (
    SQUARED_EXPONENTIAL,
    MATERN_5_2,
    MATERN_3_2,
    PRODUCT_MATERN_5_2,
    PRODUCT_MATERN_3_2,
    ANOVA_SQUARED_EXPONENTIAL,
    ANOVA_MATERN_5_2,
    ANOVA_MATERN_3_2,
)
