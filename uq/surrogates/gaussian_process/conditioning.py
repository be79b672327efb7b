"""One Gaussian process conditioned on its training points: the linear algebra of Kriging.

For standardised inputs z, a standardised output y, correlation matrix K = k(z, z) + nugget I and trend H (n, q)::

    y(z) = h' beta + s Z(z),    P = K^-1 - K^-1 H (H' K^-1 H)^-1 H' K^-1,    a = P y,    s^2 = y' a / (n - q)

    mean      h' beta + k' a
    variance  s^2 (1 + nugget - k' K^-1 k + u' (H' K^-1 H)^-1 u),    u = h - H' K^-1 k
    left out  y_i - y_-i = a_i / P_ii,  with variance s^2 / P_ii

Sources: Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning*, section 2.7; Dubrule (1983),
doi:10.1007/BF01033232 (left-out residuals).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from uq.core.array_types import FloatArray, IntArray
from uq.surrogates.base import HALF_WIDTH, LEVEL, least_deviation
from uq.surrogates.gaussian_process.kernels import Kernel

_TINY = 1e-300
_ROWS = 256


@dataclass(frozen=True)
class KernelSum:
    """sum_i weights_i k(z / lengths, rows_i), as exported files hold it.

    `rows` (n, d) in units of the `lengths` (d,); `shares` (d,) are 1 but for ANOVA kernels; `weights` (n,) in the unit
    of the output.
    """

    structure: str
    """Name of how inputs are joined."""
    profile: str
    """Name of the kernel of one input."""
    rows: FloatArray
    lengths: FloatArray
    shares: FloatArray
    weights: FloatArray


@dataclass(frozen=True)
class Process:
    """A process with its parameters, conditioned on n training points (symbols above).

    `parameters` as in `Kernel`; `center`, `spread` of the output; `optimism` (at least 1) by how much left-out errors
    grow when the parameters are left out too; `widening` multiplies every standard deviation, `optimism` included.
    `inverse_root` L^-1 (n, n), L L' = K; `projection` L^-1 H; `trend_root` T (q, q), T T' = H' K^-1 H; `left_out` and
    `left_out_std` (n,) in the output's unit.  `disagreement`: how far predictions over the laws of the inputs
    moved when a fifth of the rows was taken away (root mean square, in `spread`).
    """

    kernel: Kernel
    """With its structure and profile."""
    parameters: FloatArray
    nugget: float
    """Variance of noise over that of the process."""
    center: float
    spread: float
    optimism: float
    widening: float
    beta: FloatArray
    """(q,) coefficients of the trend."""
    weights: FloatArray
    """(n,) of the kernels around the training points."""
    scale: float
    """Standard deviation of the process, in `spread`."""
    inverse_root: FloatArray
    projection: FloatArray
    trend_root: FloatArray
    left_out: FloatArray
    left_out_std: FloatArray
    least: float = 0.0
    """Smallest standard deviation that is predicted, in the output's unit."""
    disagreement: float = 0.0

    def mean(self, z: FloatArray, trend: FloatArray, train: FloatArray) -> FloatArray:
        """Predicted output (n,) at z (n, d) with trend (n, q)."""
        return self._mean(trend, self.kernel.matrix(z, train, self.parameters))

    def gradient(self, z: FloatArray, train: FloatArray) -> FloatArray:
        """Derivatives (n, d) of the predicted output without its trend, by z (n, d)."""
        return self.spread * self.kernel.gradient(z, train, self.parameters, self.weights)

    def predict(self, z: FloatArray, trend: FloatArray, train: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Predicted output and the standard deviation of its error on a fresh run, both (n,)."""
        k = self.kernel.matrix(z, train, self.parameters)
        v, u = self._halves(k, trend)
        variance = 1.0 + self.nugget - np.einsum("ij,ij->j", v, v) + np.einsum("ij,ij->j", u, u)
        std = self._deviation * np.sqrt(np.maximum(variance, self.nugget))
        return self._mean(trend, k), np.maximum(std, self.least)

    def around(self, train: FloatArray) -> KernelSum:
        """What the training points add to the trend."""
        lengths, shares = self.kernel.split(self.parameters, train.shape[1])
        profile = self.kernel.profile.__name__
        return KernelSum(
            self.kernel.structure, profile, train / lengths, lengths, shares, self.spread * self.weights
        )

    def _mean(self, trend: FloatArray, k: FloatArray) -> FloatArray:
        return self.center + self.spread * (trend @ self.beta + k @ self.weights)

    def covariance(self, z: FloatArray, trend: FloatArray, train: FloatArray) -> FloatArray:
        """Covariance (n, n) of the prediction errors at z, without the nugget."""
        v, u = self._halves(self.kernel.matrix(z, train, self.parameters), trend)
        return self._deviation**2 * (self.kernel.matrix(z, z, self.parameters) - v.T @ v + u.T @ u)

    @property
    def _deviation(self) -> float:
        return self.spread * self.widening * self.scale

    def _halves(self, k: FloatArray, trend: FloatArray) -> tuple[FloatArray, FloatArray]:
        v = linalg.blas.dtrmm(1.0, self.inverse_root, k.T, lower=1)  # faster than to solve, as accurate
        rest = trend.T - self.projection.T @ v
        return v, linalg.solve_triangular(self.trend_root, rest, lower=True, check_finite=False)


def conditioned(
    kernel: Kernel,
    parameters: FloatArray,
    nugget: float,
    train: FloatArray,
    trend: FloatArray,
    values: FloatArray,
    *,
    optimism: float = 1.0,
    widening: float | None = None,
    disagreement: float = 0.0,
    partitions: Sequence[IntArray] = (),
    unseen: float = 0.0,
    partial: bool = False,
) -> Process:
    """The process of given parameters on training points (n, d) with trend (n, q) and values (n,).

    Without a `widening`, it is set so that 90 % intervals hold nine in ten left-out values, times `optimism`. Rows
    are left out one by one and, for each of `partitions` (n,), with all rows of their part, and the larger error
    counts; where such parts are values of a grid, predictions have at least the deviation of these
    errors, and of what no row shows.

    Parameters
    ----------
    kernel : Kernel
        Its correlation function.
    parameters : ndarray
        Of the kernel.
    nugget : float
        Variance of noise over that of the process.
    train : ndarray (n, d)
        Scaled training points.
    trend : ndarray (n, q)
        Columns of the trend there.
    values : ndarray (n,)
        The output there.
    optimism : float, default 1.0
        Factor on the widening: what learning from the same rows flatters.
    widening : float, optional
        Of all deviations; learned from left-out values where it is not given.
    disagreement : float, default 0.0
        Of processes learned from parts of the rows, in the output's unit.
    partitions : sequence of ndarray of int (n,)
        The part of each row, left out with all of its rows.
    unseen : float, default 0.0
        Share of the spread that may hide between the values of a grid (`Structure.unseen`); 0 without one.
    partial : bool, default False
        Whether rows leave out a part of the law of an input: how well left-out rows are met there, nobody has seen, so
        that no deviation is made smaller.

    Returns
    -------
    Process

    Raises
    ------
    ValueError
        If the covariance is not positive definite, or if the trend's columns depend on each other.
    """
    n, q = trend.shape
    center, spread = float(values.mean()), float(values.std())
    if not spread > 1e-100:
        raise ValueError("the values are constant; there is nothing to fit")
    y = (values - center) / spread
    matrix = _lower(kernel, parameters, train)
    matrix[np.diag_indices(n)] = 1.0 + nugget
    root, failed = linalg.lapack.dpotrf(matrix, lower=1, clean=1)
    if failed:
        raise ValueError(
            f"the covariance of {n} points is not positive definite with nugget {nugget:g}; give a larger one"
        )
    half = linalg.solve_triangular(root, np.column_stack([trend, y]), lower=True, check_finite=False)
    basis, triangle = np.linalg.qr(half[:, :q])
    strengths = np.abs(np.diag(triangle))
    if strengths.min() <= 1e-12 * strengths.max():
        raise ValueError("the trend's terms depend on each other at these points; use fewer")
    beta = linalg.solve_triangular(triangle, basis.T @ half[:, q])
    rest = half[:, q] - half[:, :q] @ beta
    scale = float(np.sqrt(max(rest @ rest, _TINY) / (n - q)))
    weights = linalg.solve_triangular(root, rest, lower=True, trans=1, check_finite=False)
    inverse_root = linalg.lapack.dtrtri(root, lower=1)[0]
    taken = inverse_root.T @ basis
    precision = np.einsum("ij,ij->j", inverse_root, inverse_root) - np.einsum("ij,ij->i", taken, taken)
    precision = np.maximum(precision, _TINY)
    left_out, left_out_std = weights / precision, scale / np.sqrt(precision)
    rank = min(1.0, LEVEL * (1.0 + 1.0 / n))
    held = float(np.quantile(np.abs(left_out) / left_out_std, rank, method="higher"))
    if partitions:
        whole = inverse_root.T @ inverse_root - taken @ taken.T
        for partition in partitions:
            left, std = _together(whole, weights, partition)
            std *= scale
            held = max(held, float(np.quantile(np.abs(left) / std, rank, method="higher")))
            worse = np.abs(left) > np.abs(left_out)
            left_out, left_out_std = np.where(worse, left, left_out), np.where(worse, std, left_out_std)
    least = spread * max(least_deviation(left_out), unseen) if unseen else 0.0
    if widening is None:
        widening = max(optimism * held / HALF_WIDTH, 1.0 if partial else _TINY)
    return Process(
        kernel=kernel,
        parameters=parameters,
        nugget=nugget,
        center=center,
        spread=spread,
        optimism=optimism,
        widening=widening,
        beta=beta,
        weights=weights,
        scale=scale,
        inverse_root=inverse_root,
        projection=half[:, :q],
        trend_root=np.ascontiguousarray(triangle.T),
        left_out=spread * left_out,
        left_out_std=np.maximum(spread * widening * left_out_std, least),
        least=least,
        disagreement=disagreement,
    )


def _together(
    precision: FloatArray, weights: FloatArray, partition: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Residuals (n,) of rows left out with all rows of their part, ``P_BB^-1 a_B``, and their deviations in those of
    the process."""
    left, std = np.empty(len(weights)), np.empty(len(weights))
    for part in range(int(partition.max()) + 1):
        rows = partition == part
        covariance = linalg.pinvh(precision[np.ix_(rows, rows)])
        left[rows], std[rows] = covariance @ weights[rows], np.sqrt(np.maximum(np.diag(covariance), _TINY))
    return left, std


def _lower(kernel: Kernel, parameters: FloatArray, train: FloatArray) -> FloatArray:
    """Correlations of the training points with each other: their lower triangle is all that a factor reads."""
    matrix = np.zeros((len(train), len(train)))
    for i in range(0, len(train), _ROWS):
        rows = slice(i, i + _ROWS)
        matrix[rows, : i + _ROWS] = kernel.matrix(train[rows], train[: i + _ROWS], parameters)
    return matrix
