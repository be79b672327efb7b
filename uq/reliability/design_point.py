"""The most probable point of failure, and the first-order probability and importance of inputs that follow from it.

In independent standard normal germs the density falls with the distance alone.  So the likeliest way to fail is the
point u* of the limit that lies nearest to the origin: beta = |u*| is the reliability index, alpha = u* / beta the
direction of failure, and alpha_i^2 the share of input i in the variance of the margin made linear there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, special

from uq.core.array_types import FloatArray
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability
from uq.reliability.limit_state import LimitState, OutOfRuns

FARTHEST = 10.0
"""Design points beyond so many germs are no use: probability 1e-23."""

CONE = 0.7
"""Failing germs whose directions agree to this cosine are of one region."""

SAME = 0.9
"""Design points whose directions agree to this cosine are one."""


@dataclass(frozen=True)
class DesignPoint:
    """A point of the limit u (d,) germs, the unit vector alpha (d,) towards failure there, and whether the search
    converged to it."""

    u: FloatArray
    """(d,) germs."""
    alpha: FloatArray
    """(d,) unit vector towards failure."""
    converged: bool = True
    """Whether the search ended at such a point."""

    @property
    def beta(self) -> float:
        """Reliability index: the distance of the limit, made linear here, from the origin."""
        return float(self.alpha @ self.u)

    @property
    def importance(self) -> FloatArray:
        """(d,) shares of the germs in the variance of the linear margin; they sum to one."""
        return self.alpha**2


def gradient(g: LimitState, u: FloatArray, value: float, step: float = 0.05) -> FloatArray:
    """Forward differences (d,) at germ u (d,) of known value, by d runs; where a run fails, the difference is taken
    backwards, and counts as without influence if that fails too.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    u : ndarray (d,)
        Germ.
    value : float
        Of g at u.
    step : float, default 0.05
        Of the differences, in germs.

    Returns
    -------
    ndarray (d,)
        In the unit of g.
    """
    steps = step * np.eye(len(u))
    slope = (g(u + steps) - value) / step
    lost = np.flatnonzero(np.isnan(slope))
    if len(lost):
        slope[lost] = (value - g(u - steps[lost])) / step
    return np.nan_to_num(slope, nan=0.0)


def search(
    g: LimitState,
    start: FloatArray | None = None,
    *,
    iterations: int = 30,
    tolerance: float = 1e-3,
    step: float = 0.05,
) -> DesignPoint:
    """The design point from a start (d,) germs (the origin if None), by Hasofer-Lind-Rackwitz-Fiessler steps::

        u_new = (alpha . u + g / |grad g|) alpha,   alpha = -grad g / |grad g|

    shortened by Armijo's rule on the merit 0.5 |u|^2 + c |g|.  A trial at which the model fails counts as no descent.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    start : ndarray (d,), optional
        Germs to begin from; the origin where none are given.
    iterations : int, default 30
        At most so many gradients, of d runs each; past them the nearest point so far, not converged.
    tolerance : float, default 0.001
        Convergence of the point and of the distance to the limit, in germs.
    step : float, default 0.05
        Of finite differences, in germs.

    Returns
    -------
    DesignPoint

    Raises
    ------
    ArithmeticError
        If the gradient vanishes, or the model fails at the start.

    References
    ----------
    Hasofer & Lind (1974); Rackwitz & Fiessler (1978), doi:10.1016/0045-7949(78)90046-9; Zhang & Der Kiureghian (1995),
    *Two improved algorithms for reliability analysis*.
    """
    u = np.zeros(g.dimension) if start is None else np.array(start, dtype=np.float64)
    value = float(g(u[None])[0]) if u.any() else g.centre()
    if not np.isfinite(value):
        raise ArithmeticError("the model fails where the search for a design point starts")
    scale = max(abs(value), 1e-300)
    best = (np.inf, DesignPoint(u, np.zeros(g.dimension), False))
    for _ in range(iterations):
        slope = gradient(g, u, value, step)
        norm = float(np.linalg.norm(slope))
        if norm < 1e-12 * scale:
            raise ArithmeticError("the limit state is flat here; no direction leads to failure")
        alpha = -slope / norm
        to_limit = value / norm
        move = (alpha @ u + to_limit) * alpha - u
        size = max(1.0, float(np.linalg.norm(u)))
        distance = abs(to_limit) + float(np.linalg.norm(move))
        if distance < best[0]:
            best = (distance, DesignPoint(u + to_limit * alpha, alpha, False))
        if np.linalg.norm(move) < tolerance * size and abs(to_limit) < 10.0 * tolerance:
            return DesignPoint(u + to_limit * alpha, alpha)
        target = u + move
        penalty = 2.0 * max(float(np.linalg.norm(u)) / norm, 0.5 * float(target @ target) / scale)
        merit = 0.5 * float(u @ u) + penalty * abs(value)
        length = min(1.0, 6.0 / max(float(np.linalg.norm(move)), 1e-12))
        while True:
            trial = u + length * move
            there = float(g(trial[None])[0])
            lower = np.isfinite(there) and 0.5 * float(trial @ trial) + penalty * abs(there) <= merit
            if lower or length < 0.1:
                break
            length *= 0.5
        if not np.isfinite(there):
            break
        u, value = trial, there
    return best[1]


@one_thread()
def design_points(
    g: LimitState, *, iterations: int = 8, tolerance: float = 0.03, starts: int = 4
) -> tuple[DesignPoint, ...]:
    """The different design points that searches from several starts reach within the runs left, nearest first.

    The first search starts at the origin. Then the margin is evaluated as far out as the point found, in the
    opposite direction and both ways along d - 1 directions square to it: where a linear margin would not have
    fallen, and this one has fallen to less than half, another search starts, at most `starts`. The parts of a series
    system are searched each for itself: its design points are theirs.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    iterations : int, default 8
        Of each search, at most.
    tolerance : float, default 0.03
        Convergence of a point, in germs.
    starts : int, default 4
        Searches, at most.

    Returns
    -------
    tuple of DesignPoint
        Nearest first.
    """
    found: list[DesignPoint] = []
    for target in [g] if g.count == 1 or g.every else [g.part(j) for j in range(g.count)]:
        try:
            first = search(target, iterations=iterations, tolerance=tolerance)
            points = [first]
            for start in _fallen(target, first):
                if len(points) <= starts and len(distinct([*points, DesignPoint(start, start)])) > len(
                    points
                ):
                    points.append(search(target, start, iterations=iterations, tolerance=tolerance))
        except (ArithmeticError, OutOfRuns):
            points = []
        found += [
            p for p in points if np.isfinite(p.u).all() and np.linalg.norm(p.u) < FARTHEST and p.beta > 0.0
        ]
    return distinct(sorted(found, key=lambda p: float(np.linalg.norm(p.u))))


def _fallen(g: LimitState, point: DesignPoint) -> FloatArray:
    """Germs (k, d) as far out as a design point, lowest margin first, where the margin has fallen and a linear one
    would not have."""
    radius = float(np.clip(np.linalg.norm(point.u), 1.0, 6.0))
    across = linalg.null_space(point.alpha[None]).T
    star = radius * np.concatenate([-point.alpha[None], across, -across])
    value = g(star)
    order = [int(i) for i in np.argsort(value) if value[i] < 0.5 * g.centre()]
    return star[order]


def met_elsewhere(g: LimitState, points: Sequence[DesignPoint]) -> int:
    """How many of the remembered runs failed where no design point points to failure: half a germ before all their
    half-spaces, and in none of their directions. One is enough to know that sampling around them misses a region.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    points : sequence of DesignPoint
        Design points, nearest first.

    Returns
    -------
    int
        Number of runs.
    """
    u, value = g.remembered
    u = u[value <= 0.0]
    if not len(points):
        return len(u)
    depth = np.max([u @ point.alpha - point.beta for point in points], axis=0)
    lengths = np.maximum(np.linalg.norm(u, axis=1), 1e-300)
    cosine = np.max([u @ point.u / (lengths * np.linalg.norm(point.u)) for point in points], axis=0)
    return int(np.sum((depth < -0.5) & (cosine < CONE)))


def distinct(points: Sequence[DesignPoint]) -> tuple[DesignPoint, ...]:
    """Points, nearest first, without those that lie in the direction of a nearer one.

    Parameters
    ----------
    points : sequence of DesignPoint
        Design points, nearest first.

    Returns
    -------
    tuple of DesignPoint
        Nearest first.
    """
    kept: list[DesignPoint] = []
    for point in points:
        unit = point.u / max(float(np.linalg.norm(point.u)), 1e-300)
        if all(float(unit @ other.u) < SAME * float(np.linalg.norm(other.u)) for other in kept):
            kept.append(point)
    return tuple(kept)


@one_thread()
def form(g: LimitState, start: FloatArray | None = None) -> FailureProbability:
    """First-order reliability: Phi(-beta) for the distance beta of the design point.

    Exact for one plane limit in germ space; blind to curvature and to other regions of failure, so never trusted by
    itself.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    start : ndarray (d,), optional
        Germs to begin from; the origin where none are given.

    Returns
    -------
    FailureProbability

    References
    ----------
    Hasofer & Lind (1974); Rackwitz & Fiessler (1978), doi:10.1016/0045-7949(78)90046-9.
    """
    before = g.runs
    point = search(g, start)
    return first_order((point,), g.runs - before)


def first_order(points: Sequence[DesignPoint], runs: int) -> FailureProbability:
    """The sum of Phi(-beta) over design points, as if their half-spaces hardly met; never trusted by itself.

    Parameters
    ----------
    points : sequence of DesignPoint
        Design points, nearest first.
    runs : int
        That were spent on the points.

    Returns
    -------
    FailureProbability
    """
    p = float(min(sum(special.ndtr(-point.beta) for point in points), 1.0))
    why = "neither curvature nor other regions are seen"
    if len(points) > 1:
        why = f"{len(points)} design points; {why}"
    elif not points[0].converged:
        why = f"the search did not converge; {why}"
    return FailureProbability("FORM", p, np.nan, runs, False, why)
