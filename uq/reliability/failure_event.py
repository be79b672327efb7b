"""What failure depends on, from the runs that were made for its probability: no further run is asked.

With a Gaussian kernel k whose length is the standard deviation of a germ U, the Hilbert-Schmidt criterion between U
and the event F of failure is, by the kernel of equal outcomes,::

    HSIC(U, 1_F) = 2 P(F)^2 (E[k(V, V')] - 2 E[k(V, U)] + E[k(U, U')]),   V, V' ~ U given F

the squared distance of U given failure from U.  Across inputs only that distance differs: its shares are given.
Source: Spagnol, Le Riche & Da Veiga (2019), doi:10.1137/18M1173770; Marrel & Chabridon (2021),
doi:10.1016/j.ress.2021.107711.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import linalg

from uq.core.array_types import FloatArray, IntArray
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability
from uq.reliability.active_kriging import learnable
from uq.reliability.design_point import DesignPoint, design_points
from uq.reliability.kriging import Kriging
from uq.reliability.limit_state import LimitState
from uq.reliability.mixture import Component, population
from uq.reliability.response_surface import SPREADS, Polynomial
from uq.reliability.sorm import second_order

DRAWS = 4000
"""Candidates of each law, among which those that fail by the learned margin are drawn."""

FAILING = 1500
"""Failing germs whose distances are averaged."""


@one_thread()
def learned_margin(g: LimitState, method: str) -> Kriging | Polynomial | None:
    """The margin as a method that was trusted has learned it from the runs remembered.

    Parameters
    ----------
    g : LimitState
        The limit state, with its runs.
    method : str
        Which method: "response surface" or "active learning".

    Returns
    -------
    Polynomial, Kriging or None
        Of the scaled margin, Kriging of its asinh; None if the method learns none.
    """
    if method == "response surface":
        return Polynomial.fit(*g.remembered)
    if method != "active learning":
        return None
    x, y = learnable(g)
    if len(x) < g.dimension + 2:
        return None
    try:
        return Kriging.turned(x, np.arcsinh(y / max(float(np.median(np.abs(y))), 1e-300)), None, x)
    except linalg.LinAlgError:
        return None


def design_points_of(model: Kriging | Polynomial, d: int) -> tuple[DesignPoint, ...]:
    """Design points of a learned margin.

    Parameters
    ----------
    model : Kriging or Polynomial
        The margin over germs (n, d).
    d : int
        Number of germs.

    Returns
    -------
    tuple of DesignPoint
        Nearest first; empty if no search arrives.
    """
    return design_points(LimitState(lambda u: model.predict(u)[0], d), iterations=20, tolerance=0.01)


def second_order_of(model: Kriging | Polynomial, points: Sequence[DesignPoint], d: int) -> FailureProbability:
    """What curvature at the design points makes of the first-order probability, on a learned margin: a second opinion
    that costs no run.

    Parameters
    ----------
    model : Kriging or Polynomial
        The margin over germs (n, d).
    points : sequence of DesignPoint
        Design points, nearest first.
    d : int
        Number of germs.

    Returns
    -------
    FailureProbability
        Of no runs, never trusted; NaN where the limit bends around the origin.
    """
    found = second_order(LimitState(lambda u: model.predict(u)[0], d), points, 0)
    return replace(found, runs=0, why=f"on the margin learned; {found.why}")


@one_thread()
def dependence_of(
    model: Kriging | Polynomial, points: Sequence[DesignPoint], d: int, seed: int
) -> FloatArray:
    """Shares of the germs in the kernel dependence of failure (equation above).

    Parameters
    ----------
    model : Kriging or Polynomial
        The margin over germs (n, d).
    points : sequence of DesignPoint
        Around which failing germs are looked for too.
    d : int
        Number of germs.
    seed : int
        Of the draws.

    Returns
    -------
    FloatArray
        Shares (d,), which sum to one; NaN where no draw fails.
    """
    rng = np.random.default_rng(seed)
    laws = [Component.wide(d, s) for s in SPREADS] + [Component.at(point.u) for point in points]
    u, weights = population(laws, DRAWS, rng)
    weights = np.where(model.predict(u)[0] <= 0.0, weights, 0.0)
    if not weights.sum() > 0.0:
        return np.full(d, np.nan)
    some = np.asarray(rng.choice(len(u), FAILING, p=weights / weights.sum()), dtype=np.int64)
    distances = np.array([_squared_distance(u[some, j], some) for j in range(d)])
    return np.asarray(distances / distances.sum())


def _squared_distance(v: FloatArray, drawn: IntArray) -> float:
    """E[k(V, V')] - 2 E[k(V, U)] + E[k(U, U')] for draws v (n,) of V; pairs of the same draw tell nothing."""
    pairs = drawn[:, None] != drawn
    own = float(np.exp(-0.5 * (v[:, None] - v) ** 2)[pairs].mean()) if pairs.any() else 1.0
    across = float(np.sqrt(0.5) * np.exp(-0.25 * v**2).mean())
    return max(own - 2.0 * across + float(np.sqrt(1.0 / 3.0)), 1e-12)
