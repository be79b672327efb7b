"""Which terms an expansion may have: sets of multi-indices, thinned by a norm and by the order of interactions.

Source: Blatman & Sudret (2011), doi:10.1016/j.jcp.2010.12.021 (hyperbolic sets).
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from uq.core.array_types import IntArray

_EPSILON = 1e-10


def _shapes(order: int, degree: int, norm: float) -> list[tuple[int, ...]]:
    """All tuples of `order` degrees >= 1 with (sum k^norm)^(1/norm) <= degree."""
    budget = degree**norm + _EPSILON
    shapes: list[tuple[int, ...]] = [()]
    for position in range(order):
        left = order - position - 1
        shapes = [
            (*s, k)
            for s in shapes
            for k in range(1, degree + 1)
            if sum(v**norm for v in s) + k**norm + left <= budget
        ]
    return shapes


def count(dimension: int, degree: int, norm: float, order: int) -> int:
    """Number of terms of `hyperbolic`.

    Parameters
    ----------
    dimension : int
        d, number of inputs.
    degree : int
        Highest norm of a multi-index.
    norm : float
        q of the hyperbolic norm: 1 is total degree, smaller values thin out interactions.
    order : int
        Inputs in a term, at most.

    Returns
    -------
    int
        Number of terms.
    """
    return 1 + sum(
        math.comb(dimension, s) * len(_shapes(s, degree, norm))
        for s in range(1, min(order, dimension, degree) + 1)
    )


def hyperbolic(dimension: int, degree: int, norm: float = 1.0, order: int = 99) -> IntArray:
    """(P, d) multi-indices with (sum_j alpha_j^norm)^(1/norm) <= degree and at most `order` inputs in a term, by
    rising order and degree.  norm = 1 is the set of total degree; smaller norms thin out interactions.

    Parameters
    ----------
    dimension : int
        d, number of inputs.
    degree : int
        Highest norm of a multi-index.
    norm : float, default 1.0
        q of the hyperbolic norm: 1 is total degree, smaller values thin out interactions.
    order : int, default 99
        Inputs in a term, at most.

    Returns
    -------
    ndarray of int (P, d)
        Rising in order and degree.
    """
    blocks = [np.zeros((1, dimension), dtype=np.int64)]
    for s in range(1, min(order, dimension, degree) + 1):
        shapes = np.array(_shapes(s, degree, norm), dtype=np.int64)
        if not len(shapes):
            break
        inputs = np.array(list(itertools.combinations(range(dimension), s)), dtype=np.int64)
        block = np.zeros((len(inputs), len(shapes), dimension), dtype=np.int64)
        rows, columns = np.ogrid[: len(inputs), : len(shapes)]
        for position in range(s):
            block[rows, columns, inputs[:, position, None]] = shapes[None, :, position]
        blocks.append(block.reshape(-1, dimension))
    indices = np.concatenate(blocks)
    return indices[np.lexsort((indices.sum(axis=1), (indices > 0).sum(axis=1)))]
