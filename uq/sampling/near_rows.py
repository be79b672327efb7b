"""Values and rows that chance would not have put so near each other: jittered grids, runs repeated with a jitter.

The scale of "near" is that of the plan.  Of n independent points on a line the N = n - 1 gaps are exponential but for
a common factor, so that the smallest m of them lie a factor of r below all others with the chance

    prod_{i=0}^{m-1} (N - i) / (N - i + (N - m)(r - 1))

(Renyi 1953: in rising order they are sums of independent exponentials).  In more dimensions distances scatter less,
and gaps of stratified plans are more regular, so that the chance on a line is the most that a plan without groups
reaches.  Values and rows are the same where groups of them are `APART` times as far from each other as they are wide
and the chance is below `CHANCE`: independent rows of any number and dimension are taken for near duplicates once in a
million plans at most.  Distances are those in probability or in the range of the rows, whichever is larger.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special
from scipy.sparse import coo_matrix, csgraph
from scipy.spatial import cKDTree

from uq.core.array_types import FloatArray, IntArray
from uq.core.distributions.base import Distribution

APART = 10.0
"""Rows of one group lie so many times nearer to each other than to others: a decade without distances (*judgement*)."""

APART_ON_A_LINE = 2.0 * APART
"""As much of values of one input: the values of Halton's sequence in bases up to 19 lie a base apart (*judgement*)."""

CHANCE = 1e-6
"""That independent rows are taken for near duplicates, all inputs and scales together."""

REPEATED = 0.1
"""Near rows count where they are at least this share of the rows: fewer change no result by more."""

_DIRECTIONS = 4
"""Rows of more inputs are compared along so many random directions: near rows are near along each."""

_COUNTED = 3
"""Rows of one group that count as near by chance, at most (*judgement*)."""

_SCALES = 24
"""Down to rounding, by the root of `APART` each."""

_CROWDED = 0.03
"""Share of independent rows that have another in their cell, where near rows are looked for first."""


def places(laws: Sequence[Distribution], x: FloatArray) -> tuple[IntArray, IntArray]:
    """Which value of each input rows x (n, d) have, near values and those of near rows as one, and which rows are near.

    Parameters
    ----------
    laws : sequence of Distribution
        Of the d inputs.
    x : ndarray (n, d)
        Points in physical units.

    Returns
    -------
    tuple of ndarray of int
        Numbers of the values (n, d) from 0, and of the groups (n,) of near rows, each its own where there are none.
    """
    n, d = x.shape
    if not (numbers := np.isfinite(x).all(axis=1)).all():  # rows without a number are near none
        place, near = np.empty((n, d), dtype=np.int64), np.arange(n)
        place[numbers], group = places(laws, x[numbers])
        others = [np.unique(column, return_inverse=True)[1] for column in x[~numbers].T]
        place[~numbers] = place[numbers].max(axis=0, initial=-1) + 1 + np.stack(others, axis=1)
        near[numbers] = np.flatnonzero(numbers)[np.unique(group, return_index=True)[1]][group]
        return place, np.unique(near, return_inverse=True)[1]
    position, place = _on_lines(laws, x)
    if d < 2 or n < 4:
        return place, np.arange(n)  # on a line all is seen
    first, row = np.arange(n), np.arange(n)
    if (place.max(axis=0) + 1 < n).all():
        first, row = np.unique(x, axis=0, return_index=True, return_inverse=True)[1:]
    if len(first) < 4:
        return place, np.arange(n)
    group = _near_rows(position[first])[row.ravel()]
    one = np.unique(group, return_index=True)[1]
    if len(one) == len(first):
        return place, np.arange(n)
    return _on_lines(laws, x[one])[1][group], group


def _on_lines(laws: Sequence[Distribution], x: FloatArray) -> tuple[FloatArray, IntArray]:
    """Where rows x (n, d) lie in each input, and which of its values they have, near ones as one; both (n, d)."""
    n, d = x.shape
    position, place = np.zeros((n, d)), np.empty((n, d), dtype=np.int64)
    for j, law in enumerate(laws):
        values, row, count = np.unique(x[:, j], return_inverse=True, return_counts=True)
        if len(values) > 1:
            half = 0.5 * values  # the range of numbers may be none
            gaps = np.maximum(np.diff(law.cdf(values)), np.diff(half) / (half[-1] - half[0]))
            along = np.append(0.0, np.cumsum(gaps))
            position[:, j] = along[row]
            if not law.atoms:
                row = _groups_on_a_line(gaps, along, count, CHANCE / (d * len(gaps)))[row]
        place[:, j] = row
    return position, place


def _groups_on_a_line(gaps: FloatArray, along: FloatArray, count: IntArray, chance: float) -> IntArray:
    """Numbers (k,) of the groups of rising points `along` (k,), which `count` rows have, with `gaps` between them."""
    small = np.sort(gaps)
    for m in np.flatnonzero(small[1:] >= APART_ON_A_LINE * small[:-1]) + 1:
        if _log_chance(len(gaps), int(m), float(small[m] / small[m - 1])) > np.log(chance):
            continue
        group = np.append(0, np.cumsum(gaps > small[m - 1]))
        first = np.flatnonzero(np.diff(group, prepend=-1))
        width = np.maximum.reduceat(along, first) - along[first]
        rows = np.bincount(group, weights=count)
        if APART_ON_A_LINE * width.max() <= small[m] and (rows > 1.0).mean() > 0.5:
            return _groups_on_a_line(np.diff(along[first]), along[first], rows, chance)[group]  # wider ones
    return np.arange(len(along))


def _log_chance(n: int, m: int, ratio: float) -> float:
    """The logarithm of the chance that of n independent gaps the smallest m lie a factor `ratio` below the others.

    >>> round(float(np.exp(_log_chance(2, 1, 10.0))), 6)  # of two gaps one is ten times the other
    0.181818
    """
    rest = (n - m) * (ratio - 1.0)
    return float(
        special.gammaln(n + 1.0)
        - special.gammaln(n - m + 1.0)
        - special.gammaln(n + rest + 1.0)
        + special.gammaln(n - m + rest + 1.0)
    )


def _near_rows(position: FloatArray) -> IntArray:
    """Numbers (n,) of the groups of near rows, all different, at positions (n, d); each its own if there are none."""
    n, d = position.shape
    alone = np.arange(n)
    z = position - position.mean(axis=0)
    if d > _DIRECTIONS:
        z = z @ np.linalg.qr(np.random.default_rng(1).standard_normal((d, _DIRECTIONS)))[0]
    z = z[:, z.std(axis=0) > 0.0]
    z /= np.sqrt(12.0) * z.std(axis=0)
    size = (2.0 * _CROWDED / n) ** (1.0 / z.shape[1])
    cell = np.floor(z / size).astype(np.int64).astype(np.uint64)
    key = cell @ np.random.default_rng(2).integers(1, 2**62, size=z.shape[1], dtype=np.uint64)
    if n - len(np.unique(key)) < REPEATED * n:
        return alone
    for near in size * APART ** (-0.5 * np.arange(_SCALES)):
        group = _within(z, near)
        first, count = np.unique(group, return_index=True, return_counts=True)[1:]
        if len(first) > (1.0 - REPEATED) * n:
            break
        if len(first) > 1 and (width := _width_of_groups(z, group, first, count)) is not None:
            return _within(z, min(near, APART * width))  # without those that lie near each other by chance
    return alone


def _width_of_groups(z: FloatArray, group: IntArray, first: IntArray, count: IntArray) -> float | None:
    """How wide groups of several rows are, if nine in ten are as far from others as independent rows would not be."""
    several = np.flatnonzero(count > 1)
    width = np.zeros(len(first))
    np.maximum.at(width, group, 2.0 * np.linalg.norm(z - z[first][group], axis=1))
    away = cKDTree(z[first]).query(z[first[several]], k=2)[0][:, 1]
    ratio = float(np.quantile(away / np.maximum(width[several], 1e-300), 0.1))
    # a row that joins a group lies that much nearer than neighbours on either side, with the chance 1 / (1 + 2 ratio);
    # of one large group few count, for rows of a part of the law and one far row look alike
    joined = np.minimum(count[several] - 1, _COUNTED).sum()
    chance = special.bdtrc(0.9 * joined - 1.0, len(group) - 1, 1.0 / (1.0 + 2.0 * ratio))
    return float(np.quantile(width[several], 0.9)) if ratio >= APART and chance <= CHANCE / _SCALES else None


def _within(z: FloatArray, near: float) -> IntArray:
    """(n,) numbers of the groups of rows that chains of steps up to `near` join, by nearest neighbours, again and
    again of one row of each group."""
    group, rows = np.arange(len(z)), np.arange(len(z))
    while len(rows) > 1:
        distance, other = cKDTree(z[rows]).query(z[rows], k=2, distance_upper_bound=near)
        found = np.flatnonzero(np.isfinite(distance[:, 1]))
        if not len(found):
            break
        edges = coo_matrix((np.ones(len(found)), (found, other[found, 1])), shape=(len(rows), len(rows)))
        joined = csgraph.connected_components(edges, directed=False)[1]
        group = joined[group]
        rows = rows[np.unique(joined, return_index=True)[1]]
    return group
