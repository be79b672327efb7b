"""Pick-freeze plans: pairs of points A and B, and the points between them that take some inputs from each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.model import nearest
from uq.core.text import check_line
from uq.sampling.plans import Plan, scrambles

_CHUNK = 1024


def pick_freeze(
    n: int,
    dimension: int,
    *,
    seed: int,
    replicates: int = 1,
    second_order: bool = False,
    groups: Sequence[Sequence[int]] | None = None,
) -> Plan:
    """A pick-freeze plan of n base points in `replicates` independent scrambles of a Sobol' sequence.

    Rows of each base point: A, AB_1 .. AB_g, (BA_1 .. BA_g,) B, where AB_j is A with group j taken from B.  The
    groups (columns; by default each its own) must not overlap; columns in none stay those of A.  One scramble of all
    points has the smallest error, and its blocks give an interval; the error of 8 replicates is two to three times as
    large, and their spread shows it without bias; `replicates=n` is plain Monte Carlo.  A plan of more
    replicates of the same size and seed begins with this one.  n divides
    into replicates of a power of two points.

    Parameters
    ----------
    n : int
        Base points.
    dimension : int
        Number of columns d of the unit cube.
    seed : int
        Of every random choice.
    replicates : int
        Independent scrambles, whose spread gives the intervals.
    second_order : bool
        Whether the rows BA_j for second-order indices are there too.
    groups : sequence of sequence of int, optional
        Columns that are taken together; by default each by itself.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        For no points, groups that overlap, and n that does not divide into replicates of a power of two points.

    References
    ----------
    Saltelli (2010), doi:10.1016/j.cpc.2009.09.018; Owen (1997).
    """
    if n < 2:
        raise ValueError(f"{n} base points make no plan")
    sets = check_groups(groups, dimension)
    base = scrambles(n, 2 * dimension, seed=seed, replicates=replicates).unit
    unit = mixed_blocks(base[:, :dimension], base[:, dimension:], sets, second_order)
    details = {
        "base": n,
        "second_order": second_order,
        "replicates": replicates,
        "groups": [list(g) for g in sets],
    }
    return Plan(unit.reshape(-1, dimension), "saltelli", seed, details)


def columns_of_groups(
    names: Sequence[str], groups: Mapping[str, Sequence[str]] | None
) -> tuple[tuple[int, ...], ...]:
    """The columns of each named group of inputs, or of each input.

    Parameters
    ----------
    names : sequence of str
        Of the inputs, in their order.
    groups : mapping of str to sequence of str, or None
        Inputs by the name of their group; None for each input by itself.

    Returns
    -------
    tuple of tuple of int
        Disjoint, none empty.

    Raises
    ------
    KeyError
        For a member that is no input.
    ValueError
        As `check_groups`, for a group without a name, and for one named like an input that is not its only member.
    """
    if groups is None:
        return check_groups(None, len(names))
    for group, members in groups.items():
        check_line(group, "the name of a group")
        if not group.strip():
            raise ValueError(f"the group of {', '.join(map(str, members))[:80]} has no name; give it one")
        if group in names and list(members) != [group]:
            raise ValueError(
                f"the group {group!r} has the name of an input and holds {', '.join(map(str, members))[:80]}; rename it"
            )
        for member in members:
            if member not in names:
                raise KeyError(f"no input {member!r}{nearest(member, names)}")
    return check_groups([[names.index(m) for m in members] for members in groups.values()], len(names))


def check_groups(groups: Sequence[Sequence[int]] | None, dimension: int) -> tuple[tuple[int, ...], ...]:
    """The groups as tuples of columns.

    Parameters
    ----------
    groups : Sequence[Sequence[int]] or None
        Columns of each; None for each input by itself.
    dimension : int
        d, number of inputs.

    Returns
    -------
    tuple of tuple of int
        Disjoint, none empty.

    Raises
    ------
    ValueError
        If they overlap, are empty, or leave the inputs.
    """
    if groups is None:
        return tuple((j,) for j in range(dimension))
    sets = tuple(tuple(int(j) for j in g) for g in groups)
    every = [j for g in sets for j in g]
    if not every or not all(sets):
        raise ValueError("every group needs at least one input")
    if len(every) != len(set(every)):
        raise ValueError("groups overlap: put each input into one group only")
    if min(every) < 0 or max(every) >= dimension:
        raise ValueError(f"groups name a column outside 0 .. {dimension - 1}")
    return sets


def mixed_blocks(
    a: FloatArray, b: FloatArray, sets: Sequence[Sequence[int]], second_order: bool
) -> FloatArray:
    """(n, d) points A and B -> (n, g + 2 or 2 g + 2, d) points A, AB_1 .. AB_g, (BA_1 .. BA_g,) B.

    Parameters
    ----------
    a, b : ndarray (n, d)
        The two independent plans.
    sets : Sequence[Sequence[int]]
        For each group of inputs its columns.
    second_order : bool
        Whether the blocks BA_i are wanted, too.

    Returns
    -------
    ndarray (n, g + 2 or 2 g + 2, d)
        The blocks of each base point.
    """
    g = len(sets)
    blocks = np.empty((len(a), (2 * g if second_order else g) + 2, a.shape[1]))
    blocks[:, : g + 1] = a[:, None]
    blocks[:, g + 1 :] = b[:, None]
    for j, columns in enumerate(sets):
        blocks[:, 1 + j, list(columns)] = b[:, list(columns)]
        if second_order:
            blocks[:, 1 + g + j, list(columns)] = a[:, list(columns)]
    return blocks


def block_size(x: FloatArray, sets: Sequence[Sequence[int]]) -> int:
    """Rows of each base point if x (n, d) are rows A, AB_1 .., (BA_1 ..,) B of a pick-freeze plan, else 0.

    The rows themselves are asked, to the last digits of a law's ppf: labels can lie.

    Parameters
    ----------
    x : ndarray (n, d)
        Points in physical units.
    sets : Sequence[Sequence[int]]
        For each group of inputs its columns.

    Returns
    -------
    int
        Rows of a block, or 0.
    """
    g = len(sets)
    for size in (g + 2, 2 * g + 2):
        if len(x) % size == 0 and _is_mixed(x.reshape(-1, size, x.shape[1]), sets):
            return size
    return 0


def _is_mixed(rows: FloatArray, sets: Sequence[Sequence[int]]) -> bool:
    a, b = rows[:, 0], rows[:, -1]
    if np.array_equal(a, b):
        return False
    second_order = rows.shape[1] == 2 * len(sets) + 2
    for start in range(0, len(rows), _CHUNK):
        piece = rows[start : start + _CHUNK]
        expected = mixed_blocks(piece[:, 0], piece[:, -1], sets, second_order)
        if not (np.abs(piece - expected) <= 1e-9 * np.abs(expected)).all():
            return False
    return True
