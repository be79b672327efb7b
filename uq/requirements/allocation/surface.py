"""Compliance as a smooth surface over thresholds, learned from sets that were tried: for models whose design is sized
at the required values, where every gradient would cost a design for every requirement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray

NEAR = 1.0
"""Probit distance from the target over which a set that was tried counts less (judgement)."""
RIDGE = 1e-3
"""Of the mean diagonal: what few sets do not tell stays near zero."""


@dataclass(frozen=True)
class Surface:
    """Phi^-1(compliance) = c_0 + b' s + s' A s in the scaled thresholds s = (t - centre) / half, each in [-1, 1]."""

    centre: FloatArray
    """(k,) of the thresholds."""
    half: FloatArray
    """(k,) half widths of the thresholds."""
    coefficients: FloatArray
    """(1 + k + k (k + 1) / 2,): constant, linear, quadratic by the upper triangle."""

    def at(self, t: FloatArray) -> tuple[float, FloatArray]:
        """Compliance at thresholds t (k,) and its gradient (k,)."""
        s = (t - self.centre) / self.half
        k = len(s)
        linear, upper = self.coefficients[1 : k + 1], np.zeros((k, k))
        upper[np.triu_indices(k)] = self.coefficients[k + 1 :]
        probit = self.coefficients[0] + linear @ s + s @ upper @ s
        slope = (linear + (upper + upper.T) @ s) / self.half
        density = np.exp(-0.5 * probit**2) / np.sqrt(2.0 * np.pi)
        return float(special.ndtr(probit)), density * slope


def learned(tried: FloatArray, compliance: FloatArray, rows: int, target: float) -> Surface:
    """The quadratic surface through sets `tried` (m, k) and their `compliance` (m,), each counted on `rows` rows.

    Weighted least squares on the probit: weight n phi^2 / (p (1 - p)), the inverse variance of a counted proportion,
    times exp(-(z - z_target)^2 / 2 NEAR^2), so that the surface is right where it is evaluated. The weights are
    judgement.

    Parameters
    ----------
    tried : ndarray (m, k)
        Sets of required values, scaled.
    compliance : ndarray (m,)
        Of each set.
    rows : int
        On which each was counted.
    target : float
        Wanted compliance, where the surface is to be right.

    Returns
    -------
    Surface

    References
    ----------
    Box & Wilson (1951), doi:10.1111/j.2517-6161.1951.tb00067.x, response surfaces.
    """
    centre = 0.5 * (tried.min(axis=0) + tried.max(axis=0))
    half = np.maximum(0.5 * np.ptp(tried, axis=0), 1e-9)
    s = (tried - centre) / half
    k = s.shape[1]
    i, j = np.triu_indices(k)
    basis = np.hstack([np.ones((len(s), 1)), s, s[:, i] * s[:, j]])
    p = np.clip(compliance, 0.5 / rows, 1.0 - 0.5 / rows)
    z = special.ndtri(p)
    weight = np.exp(-(z**2)) / (p * (1.0 - p)) * np.exp(-0.5 * ((z - special.ndtri(target)) / NEAR) ** 2)
    weight = weight / weight.max() + 1e-6
    gram = (basis * weight[:, None]).T @ basis
    gram += RIDGE * np.trace(gram) / len(gram) * np.diag([0.0, *np.ones(len(gram) - 1)])
    return Surface(centre, half, np.linalg.solve(gram, basis.T @ (weight * z)))
