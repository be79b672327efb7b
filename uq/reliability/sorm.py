"""Second-order reliability: what the curvature of the limit at its design point does to the probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import linalg, special

from uq.core.array_types import FloatArray
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability
from uq.reliability.design_point import DesignPoint, gradient, search
from uq.reliability.limit_state import LimitState


def curvatures(g: LimitState, point: DesignPoint, *, step: float = 0.1) -> FloatArray:
    """Main curvatures (d - 1,) of the limit at a design point, positive where it bends away from the origin.

    Second differences in the plane of the limit, by d (d - 1) + d + 1 runs.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    point : DesignPoint
        Where the limit is looked at.
    step : float, default 0.1
        Of the differences, in germs.

    Returns
    -------
    ndarray (d - 1,)
        In 1/germ.
    """
    d = g.dimension
    if d == 1:
        return np.empty(0)
    basis = linalg.null_space(point.alpha[None])
    value = float(g(point.u[None])[0])
    norm = float(np.linalg.norm(gradient(g, point.u, value)))
    pairs = [(i, j) for i in range(d - 1) for j in range(i, d - 1)]
    across = np.array([step * (basis[:, i] + basis[:, j]) for i, j in pairs])
    second = (g(point.u + across) + g(point.u - across) - 2.0 * value) / step**2
    hessian = np.zeros((d - 1, d - 1))
    for (i, j), both in zip(pairs, second, strict=True):
        if i == j:
            hessian[i, i] = both / 4.0
    for (i, j), both in zip(pairs, second, strict=True):
        if i != j:
            hessian[i, j] = hessian[j, i] = 0.5 * (both - hessian[i, i] - hessian[j, j])
    if not np.isfinite(hessian).all():
        raise ArithmeticError("the model fails next to the design point; its curvature is not known")
    return np.asarray(np.linalg.eigvalsh(hessian / norm))


def breitung(beta: float, curvature: FloatArray) -> float:
    """Phi(-beta) prod (1 + beta kappa_i)^(-1/2) for curvatures (d - 1,); NaN where the limit bends around the origin.

    Parameters
    ----------
    beta : float
        Distance of the design point, in germs.
    curvature : ndarray (d - 1,)
        Main curvatures of the limit there.

    Returns
    -------
    float
        Probability.

    References
    ----------
    Breitung (1984), doi:10.1061/(ASCE)0733-9399(1984)110:3(357).  Asymptotic in beta.

    Examples
    --------
    >>> round(breitung(3.0, np.array([0.0, 0.0])), 6)
    0.00135
    """
    factors = 1.0 + beta * curvature
    if (factors <= 0.0).any():
        return np.nan
    return float(special.ndtr(-beta) / np.sqrt(np.prod(factors)))


@one_thread()
def sorm(g: LimitState, start: FloatArray | None = None) -> FailureProbability:
    """Second-order probability of the design point reached from `start`: asymptotic in beta, blind to other regions.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    start : ndarray (d,), optional
        Germs to begin from; the origin where none are given.

    Returns
    -------
    FailureProbability
    """
    before = g.runs
    point = search(g, start)
    return second_order(g, (point,), before)


def second_order(g: LimitState, points: Sequence[DesignPoint], before: int) -> FailureProbability:
    """The sum of second-order probabilities over design points; never trusted by itself.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    points : sequence of DesignPoint
        Design points, nearest first.
    before : int
        Runs of g before the points were searched.

    Returns
    -------
    FailureProbability
        NaN where the limit bends around the origin.
    """
    p = float(sum(breitung(point.beta, curvatures(g, point)) for point in points))
    why = "other regions of failure are not seen" if np.isfinite(p) else "the limit bends around the origin"
    return FailureProbability("SORM", p, np.nan, g.runs - before, False, why)
