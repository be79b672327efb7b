"""A population of designs that moves towards the front: no derivatives, and failed rows only lose.

A child of design a takes steps between two others b, c, most often of the neighbours of a in the goals, and a small
mutation of one variable in the mean::

    v = a + F (b - c),   each v_j kept with probability CR, else a_j,   v clipped to its range

Parents and children together are ranked: first by what they miss of the limits, then by how many layers of the front
lie before them, then by how much room they have to their neighbours of the same layer.

Sources: Li & Zhang (2009), doi:10.1109/TEVC.2008.925798 (children); Deb, Pratap, Agarwal & Meyarivan (2002),
doi:10.1109/4235.996017 (ranks, room, mutation of index 20).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uq.core.array_types import FloatArray
from uq.optimization.asked_designs import AskedDesigns

STEP = 0.5
NEIGHBOURS = 0.2
"""Of the population, among which b and c are drawn, with probability `NEAR`."""
NEAR = 0.9
WHOLE, PART = 1.0, 0.5
"""CR of either half of the children: whole steps follow a bent set of designs, parts suit inputs that act alone."""
MUTATION_INDEX = 20.0
OTHER_OPTION = 0.1
"""Probability of a child's discrete input to be drawn anew; as often it is that of b."""


def next_generation(
    asked: AskedDesigns, population: NDArray[np.intp], random: np.random.Generator
) -> NDArray[np.intp]:
    """Rows of the next population, as many as of this one, after one call of the model with a child of each.

    Parameters
    ----------
    asked : AskedDesigns
        All designs so far; it gets the children.
    population : ndarray of int (n,)
        Rows of it.
    random : np.random.Generator
        Of every draw.

    Returns
    -------
    ndarray of int (n,)

    Raises
    ------
    OutOfRuns
        Where the children are too many.
    """
    rows = asked.ask(children(asked, population, random))
    everyone = np.concatenate([population, np.arange(rows.start, rows.stop)])
    return everyone[survivors(asked.goals[everyone], asked.missed[everyone], len(population))]


def children(asked: AskedDesigns, population: NDArray[np.intp], random: np.random.Generator) -> FloatArray:
    """(n, d) shares of a child of each design of the population.

    Parameters
    ----------
    asked : AskedDesigns
        All designs so far.
    population : ndarray of int (n,)
        Rows of it, at least three.
    random : np.random.Generator
        Of every draw.

    Returns
    -------
    ndarray (n, d)
    """
    parents, goals = asked.shares[population], asked.goals[population]
    n, d = parents.shape
    finite = np.asarray(np.isfinite(goals).all(axis=1))
    spread = np.ptp(goals[finite], axis=0) if finite.any() else np.ones(goals.shape[1])
    scaled = np.where(finite[:, None], goals / np.where(spread > 0.0, spread, 1.0), 1e9)
    distance = np.abs(scaled[:, None] - scaled[None]).max(axis=2)
    near = np.argsort(distance, axis=1, kind="stable")[:, 1 : 1 + max(2, round(NEIGHBOURS * n))]
    local = random.random(n) < NEAR
    first, second = (
        np.where(
            local, near[np.arange(n), random.integers(near.shape[1], size=n)], random.integers(n, size=n)
        )
        for _ in range(2)
    )
    moved = parents + STEP * (parents[first] - parents[second])
    kept = random.random((n, d)) < np.where(random.random(n) < 0.5, WHOLE, PART)[:, None]
    child = np.where(kept, moved, parents)
    # polynomial mutation: mostly small, now and then across the range
    draw = random.random((n, d))
    power = 1.0 / (MUTATION_INDEX + 1.0)
    change = np.where(draw < 0.5, (2.0 * draw) ** power - 1.0, 1.0 - (2.0 - 2.0 * draw) ** power)
    child += np.where(random.random((n, d)) < 1.0 / max(asked.continuous.sum(), 1), change, 0.0)
    child = np.clip(child, 0.0, 1.0)
    if asked.discrete.any():
        options = asked.options()
        drawn = options[random.integers(len(options), size=n)]
        choice = random.random((n, d))
        own = np.where(
            choice < OTHER_OPTION, drawn, np.where(choice > 1.0 - OTHER_OPTION, parents[first], parents)
        )
        child = np.where(asked.discrete, own, child)
    return child


def survivors(goals: FloatArray, missed: FloatArray, count: int) -> NDArray[np.intp]:
    """The `count` best of designs (n,): by what they miss, by layers of the front, by room within the last layer.

    Parameters
    ----------
    goals : ndarray (n, g)
        All to be small.
    missed : ndarray (n,)
        What each misses of the limits.
    count : int
        How many.

    Returns
    -------
    ndarray of int (count,)
        Indices of the designs.
    """
    order = np.argsort(missed, kind="stable")
    good = np.flatnonzero(missed == 0.0)
    if good.size <= count:
        return order[:count]
    values = goals[good]
    _, unique = np.unique(values, axis=0, return_index=True)
    good, values = good[np.sort(unique)], values[np.sort(unique)]
    if good.size <= count:
        return order[:count]
    beats = np.asarray((values[:, None] <= values[None]).all(axis=2))
    beats &= np.asarray((values[:, None] < values[None]).any(axis=2))
    chosen: list[int] = []
    left = np.arange(len(values))
    while len(chosen) < count:
        layer = left[~beats[np.ix_(left, left)].any(axis=0)]
        if len(chosen) + layer.size > count:
            layer = _roomiest(values, layer, count - len(chosen))
        chosen.extend(layer.tolist())
        left = np.setdiff1d(left, layer, assume_unique=True)
    return good[np.array(chosen, dtype=np.intp)]


def _roomiest(values: FloatArray, layer: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """The designs of a layer with most room to their neighbours, the most crowded one leaving first."""
    kept = list(layer)
    while len(kept) > count:
        kept.pop(int(np.argmin(_room(values[kept]))))
    return np.array(kept, dtype=np.intp)


def _room(values: FloatArray) -> FloatArray:
    room = np.zeros(len(values))
    for column in values.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        room[order[[0, -1]]] = np.inf
        if span > 0.0:
            room[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return room
