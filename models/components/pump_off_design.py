"""The characteristic of a centrifugal pump off design, where all is relative to the rated point."""

from __future__ import annotations

import numpy as np

from models.quantity import FloatArray, Numeric
from models.smooth import smooth_maximum

LEAST_HEAD = 0.35
"""Of the head at a flow on the rated parabola that a turning pump gives at least (judgement): phi stays below 1.5."""


def speed_ratio(flow_ratio: Numeric, head_ratio: Numeric) -> FloatArray:
    """n/n_0 that gives q = Q/Q_0 at h = H/H_0 on h = 1.25 r^2 - 0.05 r q - 0.20 q^2.

    The characteristic is a generic one for radial pumps (public coefficients of a student tool; judgement
    for ours).  The positive root r = (0.05 q + sqrt(0.0025 q^2 + 5 (h + 0.2 q^2)))/2.5.

    Parameters
    ----------
    flow_ratio : float or ndarray (n,)
        q, flow over rated flow.
    head_ratio : float or ndarray (n,)
        h, specific work over the rated one.

    Returns
    -------
    ndarray (n,)
        r; NaN where no speed gives this head.

    Examples
    --------
    >>> float(speed_ratio(1.0, 1.0)), float(speed_ratio(0.5, 0.25)), float(speed_ratio(0.0, 0.0))
    (1.0, 0.5, 0.0)
    """
    under = 0.0025 * np.asarray(flow_ratio) ** 2 + 5.0 * (head_ratio + 0.2 * np.asarray(flow_ratio) ** 2)
    return np.asarray((0.05 * flow_ratio + np.sqrt(np.where(under >= 0.0, under, np.nan))) / 2.5)


def power_ratio(flow_ratio: Numeric, head_ratio: Numeric) -> FloatArray:
    """P/P_0 of the shaft at q and h: q h / (eta/eta_0) with eta/eta_0 = 1 - (phi - 1)^2, phi = q/r.

    Written as r h / (2 - phi), which has no 0/0 at shut-off: P(phi = 0) = 0.625 r^3.  Affinity holds
    efficiency along h = q^2 (fixed system curve): P ~ q^3.  NaN past phi = 1.8, where the fit has left its
    range.

    Parameters
    ----------
    flow_ratio : float or ndarray (n,)
        q, flow over rated flow.
    head_ratio : float or ndarray (n,)
        h, specific work over the rated one.

    Returns
    -------
    ndarray (n,)
        Shaft power over the rated one; NaN past phi = 1.8.

    Examples
    --------
    >>> float(power_ratio(1.0, 1.0)), float(power_ratio(0.5, 0.25)), float(power_ratio(0.0, 0.0))
    (1.0, 0.125, 0.0)
    """
    ratio = speed_ratio(flow_ratio, head_ratio)
    phi = flow_ratio / np.maximum(ratio, 1e-12)
    return np.asarray(ratio * head_ratio / np.where(phi < 1.8, 2.0 - phi, np.nan))


def efficiency_ratio(flow_ratio: Numeric, head_ratio: Numeric) -> FloatArray:
    """eta/eta_0 = 1 - (phi - 1)^2, phi = q/r the flow coefficient relative to the rated one; one at the
    rated point.

    Parameters
    ----------
    flow_ratio : float or ndarray (n,)
        q, flow over rated flow.
    head_ratio : float or ndarray (n,)
        h, specific work over the rated one.

    Returns
    -------
    ndarray (n,)
        Efficiency over the rated one.
    """
    phi = flow_ratio / np.maximum(speed_ratio(flow_ratio, head_ratio), 1e-12)
    return np.asarray(phi * (2.0 - phi))


def throttled_head(needed: Numeric, flow_ratio: Numeric) -> FloatArray:
    """H/H_0 of a pump that passes q = Q/Q_0 and must give `needed` = H/H_0: max(needed, 0.35 q^2), smooth.

    Where the tank alone nearly feeds a throttled engine, the pump still turns with the flow.

    Parameters
    ----------
    needed : float or ndarray (n,)
        H/H_0 that engine and line want; negative where the tank alone feeds them.
    flow_ratio : float or ndarray (n,)
        q, flow over rated flow.

    Returns
    -------
    ndarray (n,)
        H/H_0.

    Examples
    --------
    >>> [round(float(throttled_head(needed, 0.5)), 4) for needed in (0.5, 0.0, -1.0)]
    [0.5001, 0.0875, 0.0875]
    """
    return smooth_maximum(np.maximum(needed, 0.0), LEAST_HEAD * np.asarray(flow_ratio) ** 2)
