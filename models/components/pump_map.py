"""Pumps off design: head, power and efficiency over flow and speed, everything relative to the rated point."""

from __future__ import annotations

import numpy as np

from models.quantity import FloatArray, Numeric


def speed_ratio(flow_ratio: Numeric, head_ratio: Numeric) -> FloatArray:
    """n/n_0 that gives q = Q/Q_0 at h = H/H_0 on h = 1.25 r^2 - 0.05 r q - 0.20 q^2.

    The characteristic is a generic one for radial pumps (public coefficients of a student tool; judgement
    for ours).  The positive root r = (0.05 q + sqrt(0.0025 q^2 + 5 (h + 0.2 q^2)))/2.5.

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

    >>> float(power_ratio(1.0, 1.0)), float(power_ratio(0.5, 0.25)), float(power_ratio(0.0, 0.0))
    (1.0, 0.125, 0.0)
    """
    ratio = speed_ratio(flow_ratio, head_ratio)
    phi = flow_ratio / np.maximum(ratio, 1e-12)
    return np.asarray(ratio * head_ratio / np.where(phi < 1.8, 2.0 - phi, np.nan))


def efficiency_ratio(flow_ratio: Numeric, head_ratio: Numeric) -> FloatArray:
    """eta/eta_0 = 1 - (phi - 1)^2, phi = q/r the flow coefficient relative to the rated one; one at the
    rated point.
    """
    phi = flow_ratio / np.maximum(speed_ratio(flow_ratio, head_ratio), 1e-12)
    return np.asarray(phi * (2.0 - phi))
