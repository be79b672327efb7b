"""Smooth stand-ins for max: where two sizing regimes meet, an optimiser meets no kink."""

from __future__ import annotations

import numpy as np

from models.quantity import FloatArray, Numeric

WIDTH = 0.03
"""Relative excess of the blend where both regimes are equal (judgement: walls are tapered and sheet comes in steps).

Best designs like to stand where two regimes meet, a wall at its gauge, say: the blend must be wider than the 1 % over
which the search takes its differences (`models.batched_newton.STENCIL`)."""


def smooth_maximum(first: Numeric, second: Numeric, *, width: float = WIDTH) -> FloatArray:
    """The larger of two non-negative quantities of one unit, infinitely often differentiable where both are positive.

        (a + b + sqrt((a - b)^2 + 4 w^2 a b)) / 2

    Never below max(a, b); above it by the share w where a = b and by about w^2 a b / (a - b)^2 far from there;
    exactly max(a, b) where either is zero and for w = 0.  Of first degree in (a, b), so it follows a change of units.

    Parameters
    ----------
    first, second : float or ndarray (n,)
        a and b, non-negative, of one unit.
    width : float, default WIDTH
        w, relative excess where a = b.

    Returns
    -------
    ndarray (n,)
        Of the same unit.

    Examples
    --------
    >>> float(smooth_maximum(2.0, 0.0)), float(smooth_maximum(2.0, 2.0)), round(float(smooth_maximum(2.0, 1.0)), 4)
    (2.0, 2.06, 2.0018)
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return ((a + b + np.sqrt((a - b) ** 2 + (2.0 * width) ** 2 * a * b)) / 2.0)[()]
