"""Which points no other beats, how much of the space of goals they cover, and where along them to stop.

All goals are minimised here: turn the sign of one that is to be large.  Point a dominates b if a is no worse in every
goal and better in one.  Where goals are known from a sample only, with the same draws for all points (rows of the same
uncertain world), a dominates b at a confidence if the mean of the paired difference is at least the Student quantile
away from zero in one goal and not worse in any::

    t_g = mean(b_g - a_g) / (std(b_g - a_g) / sqrt(n)),    max_g t_g >= t_(n-1, confidence),    min_g t_g >= 0

A point that is dominated by chance stays, with its interval: the front of a finite sample is a band.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import BoolArray, FloatArray
from uq.core.estimate import CONFIDENCE
from uq.core.model import real_numbers


def nondominated(values: ArrayLike) -> BoolArray:
    """Points of which no other is better.

    Parameters
    ----------
    values : array_like (p, g)
        Goals of p points, all to be small.  Rows that are not finite are dominated; equal rows all stay.

    Returns
    -------
    ndarray of bool (p,)

    Raises
    ------
    ValueError
        If `values` is not a matrix of at least one goal.

    Notes
    -----
    Rows are taken in lexicographic order, so that only earlier ones can dominate; p log p comparisons for two goals.

    Examples
    --------
    >>> nondominated([[1.0, 3.0], [2.0, 2.0], [3.0, 2.0]]).tolist()
    [True, True, False]
    """
    points = _goals(values)
    keep = np.zeros(len(points), dtype=bool)
    finite = np.flatnonzero(np.isfinite(points).all(axis=1))
    order = finite[np.lexsort(points[finite].T[::-1])]
    front = np.empty((0, points.shape[1]))
    for i in order:
        point = points[i]
        beaten = (front <= point).all(axis=1) & (front < point).any(axis=1)
        if not beaten.any():
            keep[i] = True
            front = np.vstack([front, point]) if points.shape[1] > 2 else point[None]
    return keep


def nondominated_in_sample(values: ArrayLike, *, confidence: float = CONFIDENCE) -> BoolArray:
    """Points that no other beats in the mean, at a confidence, over a common sample.

    Parameters
    ----------
    values : array_like (p, g, n)
        Goals of p points in n common draws, all to be small.  Draws in which either of two points has no finite
        goal are left out of their comparison.
    confidence : float
        One-sided, of each comparison.

    Returns
    -------
    ndarray of bool (p,)

    Raises
    ------
    ValueError
        If `values` has not three axes, or fewer than two draws.
    """
    sample = real_numbers(values, "values")
    if sample.ndim != 3 or sample.shape[2] < 2:
        raise ValueError(f"expected goals (points, goals, at least 2 draws), got shape {sample.shape}")
    usable: BoolArray = np.asarray(np.isfinite(sample).all(axis=1))
    keep: BoolArray = np.asarray(usable.any(axis=1))
    for b in range(len(sample)):
        for a in np.flatnonzero(keep):
            both = usable[a] & usable[b]
            if a != b and both.sum() > 1 and _beats(sample[b][:, both] - sample[a][:, both], confidence):
                keep[b] = False
                break
    return keep


def _beats(difference: FloatArray, confidence: float) -> bool:
    """Whether paired differences (g, n), those of the beaten less those of the better, say so."""
    n = difference.shape[1]
    mean = difference.mean(axis=1)
    error = difference.std(axis=1, ddof=1) / np.sqrt(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0.0, mean / error, np.where(mean == 0.0, 0.0, np.sign(mean) * np.inf))
    return bool((mean >= 0.0).all() and t.max() >= special.stdtrit(n - 1, confidence))


def hypervolume(values: ArrayLike, reference: ArrayLike) -> float:
    """Volume of the goals' space that a set of points dominates, up to a reference point.

    Parameters
    ----------
    values : array_like (p, g)
        Goals of p points, all to be small; two or three goals.
    reference : array_like (g,)
        The corner; points not better than it in every goal count nothing.

    Returns
    -------
    float
        In the product of the goals' units.

    Raises
    ------
    ValueError
        For one, or more than three goals, or a reference of another length.

    References
    ----------
    Zitzler & Thiele (1999), doi:10.1109/4235.797969.

    Examples
    --------
    >>> hypervolume([[1.0, 2.0], [2.0, 1.0]], [3.0, 3.0])
    3.0
    """
    points, corner = _goals(values), real_numbers(reference, "the reference")
    g = points.shape[1]
    if g not in (2, 3) or corner.shape != (g,):
        raise ValueError(
            f"a hypervolume takes two or three goals and one reference each, got {g} and {corner.shape}"
        )
    points = points[np.isfinite(points).all(axis=1) & (points < corner).all(axis=1)]
    points = points[nondominated(points)]
    if g == 2:
        return _area(points, corner)
    # Slices between the levels of the last goal: the area that the points up to there dominate.
    points = points[np.argsort(points[:, 2], kind="stable")]
    heights = np.diff(np.append(points[:, 2], corner[2]))
    return float(sum(h * _area(points[: k + 1, :2], corner[:2]) for k, h in enumerate(heights) if h > 0.0))


def _area(points: FloatArray, corner: FloatArray) -> float:
    points = points[nondominated(points)]
    points = np.unique(points, axis=0)
    widths = np.diff(np.append(points[:, 0], corner[0]))
    return float((widths * (corner[1] - points[:, 1])).sum())


def knee(values: ArrayLike) -> int:
    """The point of a front of two goals after which more of one buys least of the other.

    The point farthest below the chord between the ends, each goal in the range that the front spans (Das 1999,
    doi:10.1007/BF01195985).

    Parameters
    ----------
    values : array_like (p, 2)
        Goals of the front's points, both to be small.

    Returns
    -------
    int
        Row of the knee; the row of the best first goal where the front has fewer than three points or no bend.

    Raises
    ------
    ValueError
        For an empty front or another number of goals.

    Examples
    --------
    >>> knee([[0.0, 10.0], [1.0, 2.0], [5.0, 1.0], [10.0, 0.0]])
    1
    """
    points = _goals(values)
    if points.shape[1] != 2 or not len(points):
        raise ValueError(f"a knee takes a front of two goals, got shape {points.shape}")
    span = np.ptp(points, axis=0)
    if len(points) < 3 or not (span > 0.0).all():
        return int(np.argmin(points[:, 0]))
    below = 1.0 - ((points - points.min(axis=0)) / span).sum(axis=1)
    return int(np.argmax(below)) if below.max() > 0.0 else int(np.argmin(points[:, 0]))


def prices(values: ArrayLike) -> FloatArray:
    """What one unit of the second goal buys of the first along a front of two goals, at each of its points.

    Parameters
    ----------
    values : array_like (p, 2)
        Goals of the front's points, both to be small.

    Returns
    -------
    ndarray (p,)
        -d(first)/d(second), non-negative on a front, by the finite differences of its neighbours (one-sided at the
        ends); NaN for a single point.
    """
    points = _goals(values)
    order = np.argsort(points[:, 1], kind="stable")
    found = np.full(len(points), np.nan)
    if len(points) > 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            found[order] = -np.gradient(points[order, 0], points[order, 1])
    return found


def _goals(values: ArrayLike) -> FloatArray:
    points = real_numbers(values, "values")
    if points.ndim != 2 or points.shape[1] < 1:
        raise ValueError(
            f"expected the goals of points as a matrix (points, goals), got shape {points.shape}"
        )
    return points
