"""Sobol' indices of an expansion: shares of the sum of squared coefficients.

A set of inputs u has the first-order (closed) index S_u = sum over terms in inputs of u alone, and the total index
T_u = sum over terms that hold any input of u, both of c_alpha^2 / D, with D the sum over all terms but the constant.

Sources: Sudret (2008), doi:10.1016/j.ress.2007.04.002; Efron (1982), *The Jackknife, the Bootstrap and Other Resampling
Plans*, chapters 3 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray, IntArray


def first_and_total(
    indices: IntArray, coefficients: FloatArray, sets: Sequence[Sequence[int]]
) -> tuple[FloatArray, FloatArray]:
    """First-order and total indices (..., s) of s sets of inputs, from coefficients (..., P) of terms (P, d).

    Parameters
    ----------
    indices : ndarray of int (P, d)
        Multi-indices of the terms.
    coefficients : ndarray (..., P)
        Of the terms.
    sets : Sequence[Sequence[int]]
        For each group of inputs its columns.

    Returns
    -------
    tuple of ndarray (..., s)
        First-order and total.
    """
    squares = _shares(indices, coefficients)
    inside = np.stack([indices[:, list(u)].any(axis=1) for u in sets], axis=1)
    outside = np.stack([np.delete(indices, list(u), axis=1).any(axis=1) for u in sets], axis=1)
    return squares @ (inside & ~outside), squares @ inside


def second(indices: IntArray, coefficients: FloatArray) -> FloatArray:
    """Second-order indices (..., d, d), symmetric with zero diagonal: shares of terms in exactly two inputs.

    Parameters
    ----------
    indices : ndarray of int (P, d)
        Multi-indices of the terms.
    coefficients : ndarray (..., P)
        Of the terms.

    Returns
    -------
    ndarray (..., d, d)
        Shares of the variance.
    """
    squares = _shares(indices, coefficients)
    active = indices > 0
    pairs = np.flatnonzero(active.sum(axis=1) == 2)
    d = indices.shape[1]
    result = np.zeros((*squares.shape[:-1], d, d))
    for row in pairs:
        j, k = np.flatnonzero(active[row])
        result[..., j, k] += squares[..., row]
        result[..., k, j] += squares[..., row]
    return result


def jackknife(estimate: FloatArray, without: FloatArray, confidence: float) -> FloatArray:
    """Bounds (..., 2) around `estimate` (...) from its values `without` (K, ...) each of K folds: Student's t with
    K - 1 degrees of freedom times the jackknife's standard error, (K - 1) / K sum (theta_k - mean)^2 under the root.

    Parameters
    ----------
    estimate : ndarray (...)
        From all rows.
    without : ndarray (K, ...)
        The same estimate without each of K folds.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    ndarray (..., 2)
        Lower and upper ends.
    """
    k = len(without)
    error = np.sqrt((k - 1) / k * np.sum((without - without.mean(axis=0)) ** 2, axis=0))
    half = float(special.stdtrit(k - 1, 0.5 + 0.5 * confidence)) * error
    return np.stack([estimate - half, estimate + half], axis=-1)


def resampled(estimate: FloatArray, replicates: FloatArray, confidence: float) -> FloatArray:
    """Bounds (..., 2) around `estimate` (...) of the spread of bootstrap `replicates` (B, ...).

    Normal bounds: quantiles of replicates would inherit their bias, for they learn from two thirds of the rows.

    Parameters
    ----------
    estimate : ndarray (...)
        From all rows.
    replicates : ndarray (B, ...)
        The same estimate of each bootstrap sample.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    ndarray (..., 2)
        Lower and upper ends.
    """
    half = float(special.ndtri(0.5 + 0.5 * confidence)) * replicates.std(axis=0, ddof=1)
    return np.stack([estimate - half, estimate + half], axis=-1)


def _shares(indices: IntArray, coefficients: FloatArray) -> FloatArray:
    """Squared coefficients (..., P) as shares of the variance; the constant has none."""
    squares = np.where(indices.any(axis=1), coefficients**2, 0.0)
    return squares / squares.sum(axis=-1, keepdims=True)
