"""Ordinary Kriging of a margin over germs: small, quick to refit, and only ever a guide to where to sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from uq.core.array_types import FloatArray

NUGGET = 1e-8

LEARNED = 250
"""Scales are learned from so many of the runs, spread over all in their order; the process passes through all."""

_ROWS = 10_000


@dataclass(frozen=True)
class Kriging:
    """Ordinary Kriging of values y (n,) at germs (n, d): Matern 5/2 of scaled distance, maximum likelihood, a tiny
    nugget.  Distances are scaled along the orthogonal axes `basis` (d, d), in whose coordinates `x` stands; `loss` is
    the negative log likelihood of learned scales."""

    x: FloatArray
    basis: FloatArray
    scales: FloatArray
    """(d,) of the distances along the axes."""
    root: FloatArray
    """Lower root of the correlation matrix (n, n)."""
    weights: FloatArray
    """(n,) of the kernels around the points."""
    mean: float
    """Far from all points."""
    variance: float
    """Far from all points."""
    loss: float

    @staticmethod
    def fit(u: FloatArray, y: FloatArray, basis: FloatArray, scales: FloatArray, learn: bool) -> Kriging:
        """The process through y (n,) at germs u (n, d), its scales (d,) learned from a start or kept.

        Raises LinAlgError if points are so close that the covariance has no root.
        """
        x = u @ basis
        loss_of_scales = np.nan
        if learn:
            some = np.unique(np.linspace(0, len(x) - 1, LEARNED).astype(int))
            part, values = x[some], y[some]
            bounds = [(np.log(0.3), np.log(60.0))] * x.shape[1]

            def loss(log_scales: FloatArray) -> tuple[float, FloatArray]:
                try:
                    return _likelihood_and_slope(part, values, np.exp(log_scales))
                except linalg.LinAlgError:
                    return 1e25, np.zeros(len(log_scales))

            found = optimize.minimize(
                loss, np.log(scales), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 25}
            )
            scales, loss_of_scales = np.exp(found.x), float(found.fun)
        root, weights, mean, variance = _conditioned(x, y, scales)
        return Kriging(x, basis, scales, root, weights, mean, variance, loss_of_scales)

    @staticmethod
    def turned(u: FloatArray, y: FloatArray, before: Kriging | None, around: FloatArray) -> Kriging:
        """The likelier of two processes with learned scales: along the axes of `before` (the germs themselves, if
        None), and along the main axes of the slopes of its mean at germs `around` (k, d).

        A margin that turns sharply with one combination of inputs, as a resonance does with a ratio of frequencies,
        is far smoother along the axes that its slopes show.
        """
        d = u.shape[1]
        if before is None:
            return Kriging.fit(u, y, np.eye(d), np.full(d, 3.0), True)
        same = Kriging.fit(u, y, before.basis, before.scales, True)
        slopes = same.slopes(around)
        lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
        slopes = slopes / np.maximum(lengths, 1e-300)
        axes = np.linalg.eigh(slopes.T @ slopes)[1]
        turned = Kriging.fit(u, y, axes, np.full(d, 3.0), True)
        return turned if turned.loss < same.loss else same

    def predict(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation (n,) at germs u (n, d)."""
        mean, std = np.empty(len(u)), np.empty(len(u))
        for start in range(0, len(u), _ROWS):
            rows = slice(start, start + _ROWS)
            k = _matern(u[rows] @ self.basis / self.scales, self.x / self.scales)
            mean[rows] = self.mean + k @ self.weights
            half = linalg.solve_triangular(self.root, k.T, lower=True, check_finite=False)
            std[rows] = np.sqrt(np.maximum(self.variance * (1.0 - (half * half).sum(axis=0)), 0.0))
        return mean, std

    def left_out(self) -> FloatArray:
        """Error (n,) of each value as all others predict it, scales and mean kept."""
        inverse = linalg.cho_solve((self.root, True), np.eye(len(self.x)), check_finite=False)
        return np.asarray(self.weights / np.diag(inverse))

    def slopes(self, u: FloatArray) -> FloatArray:
        """Gradients (n, d) of the mean at germs u (n, d)."""
        a, b = u @ self.basis / self.scales, self.x / self.scales
        r = np.sqrt(
            5.0 * np.maximum((a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2.0 * (a @ b.T), 0.0)
        )
        pull = (5.0 / 3.0) * (1.0 + r) * np.exp(-r) * self.weights
        along = (pull @ b - pull.sum(axis=1)[:, None] * a) / self.scales
        return np.asarray(along @ self.basis.T)


def _matern(a: FloatArray, b: FloatArray) -> FloatArray:
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2.0 * (a @ b.T)
    r = np.sqrt(5.0 * np.maximum(squares, 0.0))
    return np.asarray((1.0 + r + r * r / 3.0) * np.exp(-r))


def _conditioned(
    x: FloatArray, y: FloatArray, scales: FloatArray
) -> tuple[FloatArray, FloatArray, float, float]:
    """Root of the correlation, weights, and the mean and variance that maximise the likelihood."""
    n, scaled = len(x), x / scales
    root = linalg.cholesky(_matern(scaled, scaled) + NUGGET * np.eye(n), lower=True, check_finite=False)
    ones = linalg.solve_triangular(root, np.ones(n), lower=True, check_finite=False)
    half = linalg.solve_triangular(root, y, lower=True, check_finite=False)
    mean = float(ones @ half / (ones @ ones))
    rest = half - mean * ones
    variance = max(float(rest @ rest) / n, 1e-300)
    return root, linalg.solve_triangular(root, rest, lower=True, trans=1, check_finite=False), mean, variance


def _likelihood_and_slope(x: FloatArray, y: FloatArray, scales: FloatArray) -> tuple[float, FloatArray]:
    """Negative log likelihood, mean and variance profiled out, and its slope in the logarithms of the scales::

    dL / d log s_k = 0.5 sum_ij (C^-1 - w w' / variance)_ij dC_ij / d log s_k,
    dC / d log s_k = 5/3 (1 + r) exp(-r) (x_ik - x_jk)^2 / s_k^2,   r = sqrt(5) times the scaled distance
    """
    n, scaled = len(x), x / scales
    root, weights, _, variance = _conditioned(x, y, scales)
    loss = float(0.5 * n * np.log(variance) + np.log(np.diag(root)).sum())
    inverse = linalg.cho_solve((root, True), np.eye(n), check_finite=False)
    squares = (scaled * scaled).sum(axis=1)
    r = np.sqrt(5.0 * np.maximum(squares[:, None] + squares - 2.0 * (scaled @ scaled.T), 0.0))
    factor = (inverse - np.outer(weights, weights) / variance) * (5.0 / 3.0) * (1.0 + r) * np.exp(-r)
    # sum_ij F_ij (a_i - a_j)^2 = 2 sum_i a_i^2 F_i. - 2 a' F a for symmetric F
    rows = factor.sum(axis=1)
    slope = (scaled * scaled).T @ rows - np.einsum("ik,ij,jk->k", scaled, factor, scaled, optimize=True)
    return loss, slope
