"""What samples hide by their structure, seen from the rows themselves: blocks that share columns, inputs on few values.

Two things make estimates look surer than they are, whatever the plan is called that drew the rows:

* *blocks*: rows that share so many columns that chance would not have done it (base points of pick-freeze plans,
  trajectories, rows that are repeated to the bit or with a jitter).  They are one observation rather than several, and
  a row that is left out is still known by the others of its block;
* *grids*: rows that hold few values of an input whose law has more (factorials, levels, with a jitter or without).
  Between these values, and for as many degrees of a polynomial, nothing is seen, and a row that is left out is still
  known by its neighbours of the same value.

Whoever leaves rows out leaves out whole blocks (`Structure.dealt`), and whole values of gridded inputs
(`Structure.left_out_values`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse, special
from scipy.sparse import csgraph

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.dependence import ties
from uq.core.problem import Problem
from uq.sampling.near_rows import places

SURPRISE = 10.0
"""Ties are no chance where there are this many times as many pairs as columns on their own would make (*judgement*)."""

SYSTEMATIC = 0.8
"""Ties in single columns count where this share of the rows has them, so that a few rounded digits do not."""

LARGEST_BLOCK = 0.25
"""Blocks that join more than this share of the rows are a grid, not base points."""

FEW_VALUES = 50
"""Up to so many values of an input are a grid: smooth functions hide nothing between more (*judgement*)."""

TIED = 0.75
"""Rows of a grid have at most so many values of an input by row (*judgement*)."""

GRIDS_LEFT_OUT = 6
"""Of so many gridded inputs, those of fewest values, whole values are left out in turn."""


@dataclass(frozen=True)
class Structure:
    """`block` (n,) the block of each row, numbered from 0; `values` (d,) how many values each input has among the
    blocks; `gridded` the inputs (columns) that have fewer than their laws do; `place` (n, d) which of its input's
    values a row has; `one_at_a_time`: every row is the same base point but for one input; `near` (n,) numbers of the
    groups of rows that repeat each other but for a jitter.  Near values and near rows (`uq.sampling.near_rows`) count
    as one everywhere."""

    block: IntArray
    values: IntArray
    gridded: tuple[int, ...]
    place: IntArray
    one_at_a_time: bool
    near: IntArray

    @property
    def independent(self) -> bool:
        """Whether no rows share a block."""
        return int(self.block.max(initial=-1)) + 1 == len(self.block)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return int(self.block.max(initial=-1)) + 1

    @property
    def plain(self) -> bool:
        """Whether rows may be left out one by one."""
        return self.independent and not self.gridded

    @property
    def unseen(self) -> float:
        """Share of an output's spread that no row shows, because it may vanish at the values of a grid; 0 without one.

        Rows that hold k values of an input see polynomials of degree k - 1 of it. Coefficients of a smooth function
        fall by about four from degree to degree (*judgement*: sines and exponentials over one spread of the input);
        three values may hide as much as they show.
        """
        fewest = min((int(self.values[j]) for j in self.gridded), default=0)
        return min(1.0, 4.0 ** (3 - fewest)) if fewest else 0.0

    def first_rows(self) -> IntArray:
        """One row of each block, the first."""
        return np.unique(self.block, return_index=True)[1].astype(np.int64)

    def distinct_rows(self) -> IntArray:
        """One row of each group of near rows, the first."""
        return np.unique(self.near, return_index=True)[1].astype(np.int64)

    def dealt(self, fold_of_block: IntArray) -> IntArray:
        """(n,) folds of the rows from those of the blocks (blocks,)."""
        return fold_of_block[self.block]

    def left_out_values(self, folds: int = 10) -> list[IntArray]:
        """For each gridded input the fold (n,) of every row, by its value: neighbours lie in different folds."""
        fewest = sorted(self.gridded, key=lambda j: self.values[j])[:GRIDS_LEFT_OUT]
        return [self.place[:, j] % min(folds, int(self.values[j])) for j in fewest]

    def partitions(self, folds: int = 10) -> list[IntArray]:
        """Folds (n,) by value of each gridded input and, where rows share blocks, by block: none for plain rows."""
        whole = [] if self.independent else [self.dealt(np.arange(self.blocks) % folds)]
        return [*whole, *self.left_out_values(folds)]


def structure_of(problem: Problem, x: FloatArray) -> Structure:
    """The structure of rows x (n, d) of a problem.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    x : ndarray (n, d)
        Points in physical units.

    Returns
    -------
    Structure

    Examples
    --------
    >>> from uq.core.distributions import Uniform
    >>> from uq.core.problem import Input, Output
    >>> problem = Problem(tuple(Input(n, "1", Uniform(0.0, 1.0)) for n in "ab"), (Output("y"),))
    >>> a, b = np.meshgrid([0.1, 0.5, 0.9], [0.1, 0.5, 0.9])
    >>> found = structure_of(problem, np.column_stack([a.ravel(), b.ravel()]))
    >>> found.gridded, found.independent
    ((0, 1), True)
    """
    n, d = x.shape
    place, near = places(problem.distributions, x)
    several = place.max(axis=0, initial=0) + 1
    block = np.arange(n)
    if n > 1 and (several < n).any():
        atoms = np.array([bool(law.atoms) for law in problem.distributions])
        block = _blocks(place, several, atoms)
    first = np.unique(block, return_index=True)[1]
    values = np.array([len(np.unique(place[first, j])) for j in range(d)], dtype=np.int64)
    gridded = tuple(
        j
        for j, law in enumerate(problem.distributions)
        if 1 < values[j] <= min(FEW_VALUES, TIED * len(first)) and not _all_seen(law.separate_values, x[:, j])
    )
    return Structure(block, values, gridded, place, _one_at_a_time(place), near)


def dependent_inputs(problem: Problem, x: FloatArray) -> str:
    """Inputs that are independent in a problem and depend on each other in rows x (n, d), named; empty if none do.

    By Pearson's chi-square of the quarters of each pair, at a level of 1e-6 for all pairs together: rows on curves,
    rows that a limit has picked.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    x : ndarray (n, d)
        Points in physical units.

    Returns
    -------
    str
        Such as "a and b"; empty if none do.
    """
    n, d = x.shape
    quarter = [np.searchsorted(np.unique(np.quantile(c, (0.25, 0.5, 0.75))), c, side="left") for c in x.T]
    member = np.concatenate([q[:, None] == np.arange(4) for q in quarter], axis=1).astype(np.float64)
    counts = (member.T @ member).reshape(d, 4, d, 4).transpose(0, 2, 1, 3)
    own = member.sum(axis=0).reshape(d, 4)
    expected = own[:, None, :, None] * own[None, :, None, :] / n
    excess = ((counts - expected) ** 2 / np.maximum(expected, 1.0)).sum(axis=(2, 3))
    degrees = (own > 0).sum(axis=1) - 1.0
    level = special.chdtri(np.maximum(np.outer(degrees, degrees), 1.0), 1e-6 / max(d * (d - 1) / 2, 1))
    found = np.triu((excess > level) & ~ties(problem), 1)
    return ", ".join(
        f"{problem.input_names[i]!r} and {problem.input_names[j]!r}" for i, j in np.argwhere(found)[:3]
    )


def require_independent_rows(problem: Problem, x: FloatArray, what: str) -> None:
    """Refuse rows x (n, d) that share inputs in blocks, so that `what` would count them as more than they are.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    x : ndarray (n, d)
        Points in physical units.
    what : str
        The analysis, for the message.

    Raises
    ------
    ValueError
        Where inputs are shared in blocks, with the remedy.
    """
    found = structure_of(problem, x)
    if not found.independent:
        raise ValueError(
            f"the {len(x)} rows share inputs in {found.blocks} blocks (a pick-freeze plan, trajectories), and {what} "
            "counts independent rows: give one row of each block, "
            "data.where(uq.sampling.structure.structure_of(data.problem, data.x).first_rows())"
        )


def _all_seen(values: tuple[float, ...] | None, column: FloatArray) -> bool:
    return values is not None and bool(np.isin(np.asarray(values), column).all())


def _one_at_a_time(place: IntArray) -> bool:
    n, d = place.shape
    if d < 2 or n < 3:
        return False
    base = np.array([np.bincount(column).argmax() for column in place.T])
    return bool(((place != base).sum(axis=1) <= 1).all())


def _blocks(place: IntArray, several: IntArray, atoms: BoolArray) -> IntArray:
    """(n,) blocks of rows, from which value of each input they have, and which inputs' laws hold probability at single
    values."""
    n, d = place.shape
    mark = np.random.default_rng(1).integers(0, 2**63, size=(d, int(several.max())), dtype=np.uint64)
    marks = mark[np.arange(d), place]
    whole = marks.sum(axis=1, dtype=np.uint64)  # equal for rows of equal values, but for one chance in 2^60
    chance = np.array([_pairs(column) for column in place.T]) / (0.5 * n * (n - 1.0))
    links = []
    repeated = np.unique(whole, return_inverse=True)[1]
    pairs, every = _pairs(repeated), 0.5 * n * (n - 1.0)
    if d > 1 and pairs > min(SURPRISE * float(np.prod(chance)), SYSTEMATIC * float(chance.max())) * every:
        links.append(repeated)  # or each value of an input has one row, again and again
    same = _joined(links, n)
    for j in range(d) if d > 1 else ():
        group = np.unique(whole - marks[:, j], return_inverse=True)[1]
        if _pairs(group) > SURPRISE * every * float(np.prod(np.delete(chance, j))):
            links.append(group)
    found = _joined(links, n)
    if _sizes(found).max() > LARGEST_BLOCK * n:
        found = same
    rare = (several >= np.sqrt(n)) & (several * (2.0 * d + 2.0) >= n) & (several < n)
    if rare.any() and (several < n).all() and (rare | atoms).all():  # else it is a grid
        wider = _joined([*links, *place[:, rare].T], n)
        size = _sizes(wider)
        if size.max() <= LARGEST_BLOCK * n and (size[wider] > 1).mean() >= SYSTEMATIC:
            return wider
    return found


def _pairs(group: IntArray) -> float:
    """How many pairs of rows have the same group.

    >>> _pairs(np.array([0, 0, 0, 1, 1, 2]))
    4.0
    """
    count = np.bincount(group).astype(np.float64)
    return float((count * (count - 1.0)).sum()) / 2.0


def _sizes(block: IntArray) -> IntArray:
    return np.bincount(block).astype(np.int64)


def _joined(links: list[IntArray], n: int) -> IntArray:
    """(n,) numbers of the sets into which rows fall that are joined by a common group in any of the `links`."""
    pairs = []
    for group in links:
        order = np.argsort(group, kind="stable")
        same = group[order][1:] == group[order][:-1]
        pairs.append(np.stack([order[:-1][same], order[1:][same]]))
    edges = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), dtype=np.int64)
    graph = sparse.coo_matrix((np.ones(edges.shape[1]), (edges[0], edges[1])), shape=(n, n))
    return csgraph.connected_components(graph, directed=False)[1].astype(np.int64)
