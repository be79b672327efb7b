"""Polynomials orthonormal under a law, of a classical family or not: their three-term recurrence.

    sqrt(b_{k+1}) psi_{k+1} = (t - a_k) psi_k - sqrt(b_k) psi_{k-1},    psi_0 = 1,

in the germ t: the value, or its logarithm where the law is lognormal, less its mean, over its standard deviation.

Source: Gautschi, *Orthogonal Polynomials: Computation and Approximation*, 2004, section 2.2 (Stieltjes procedure).
"""

from __future__ import annotations

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.distributions.base import Distribution

VANISHES = 1e-20
"""A squared norm below this is that of a polynomial that is zero on every value of a discrete law."""


def recurrence(law: Distribution, degree: int) -> tuple[float, float, FloatArray, FloatArray]:
    """Shift, scale, and recurrence coefficients a, b (degree + 1,) of the germ of `law`, by the Stieltjes procedure on
    its quadrature; b is zero from where a discrete law has no further polynomial.

    Parameters
    ----------
    law : Distribution
        A one-dimensional distribution.
    degree : int
        Highest of the polynomials.

    Returns
    -------
    tuple
        Shift, scale, a (degree + 1,) and b (degree + 1,)
    """
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
        if b[k + 1] <= VANISHES:  # a discrete law has no further polynomial
            b[k + 1] = 0.0
            break
        before, now = now, raw / np.sqrt(b[k + 1])
    return shift, scale, a, b
