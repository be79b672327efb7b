"""Linear decay towards a source, integrated over a step by its own exponential: stable however long the step is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from models.quantity import FloatArray, Numeric

SMALL = 0.1
"""Exponent below which the functions come from their series, of which eight terms are exact there."""


def decay(exponent: Numeric) -> tuple[FloatArray, FloatArray, FloatArray]:
    """phi_k(-z) = integral of exp(-z (1 - s)) s^(k-1) / (k-1)! over s from 0 to 1, k = 1, 2, 3; z = `exponent`.

    phi_1 = (1 - exp(-z)) / z,   phi_(k+1) = (1/k! - phi_k) / z,   by their series where z is small.

    Parameters
    ----------
    exponent : float or ndarray (n,)
        z, duration over time constant.

    Returns
    -------
    tuple of ndarray (n,)
        phi_1, phi_2 and phi_3.

    References
    ----------
    Hochbruck and Ostermann (2010), Exponential integrators, Acta Numerica 19, doi:10.1017/S0962492910000048.

    Examples
    --------
    >>> [round(float(phi), 4) for phi in decay(0.0)], [round(float(phi), 4) for phi in decay(2.0)]
    ([1.0, 0.5, 0.1667], [0.4323, 0.2838, 0.1081])
    """
    z = np.asarray(exponent, dtype=np.float64)
    small = np.abs(z) < SMALL
    safe = np.where(small, 1.0, z)
    series = np.where(small, z, 0.0)
    found = []
    factorial, phi = 1.0, -np.expm1(-safe) / safe
    for k in (1, 2, 3):
        term = np.ones_like(z)
        near = np.zeros_like(z)
        for j in range(8):
            near = near + term / math.factorial(k + j)
            term = term * -series
        found.append(np.where(small, near, phi))
        factorial *= k
        phi = (1.0 / factorial - phi) / safe
    return found[0], found[1], found[2]


def relaxed(value: FloatArray, sources: Sequence[FloatArray], rate: Numeric, step: Numeric) -> FloatArray:
    """dy/dt = f - r y over a step, f through its three `sources` (start, middle, end) as a parabola; exact for such f.

    y(h) = exp(-r h) y + h sum_k f_k k! phi_(k+1)(-r h),   f = f_0 + f_1 s + f_2 s^2, s from 0 to 1 over the step

    Parameters
    ----------
    value : ndarray (n,)
        y at the start.
    sources : sequence of ndarray (n,)
        f at start, middle and end of the step.
    rate : float or ndarray (n,)
        r, 1/s.
    step : float or ndarray (n,)
        h, s.

    Returns
    -------
    ndarray (n,)
        y at the end.

    Examples
    --------
    >>> float(relaxed(np.array(3.0), [np.array(4.0)] * 3, 2.0, 50.0))
    2.0
    """
    first, middle, last = sources
    slope, bend = 4.0 * middle - 3.0 * first - last, 2.0 * (first + last) - 4.0 * middle
    phi = decay(rate * step)
    return np.asarray(
        np.exp(-rate * step) * value + step * (first * phi[0] + slope * phi[1] + 2.0 * bend * phi[2])
    )
