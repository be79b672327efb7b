"""Whether rows fill the laws of their inputs: rows on curves and in parts of laws cannot show what a fit is missed by.

A row that is left out lies on the same curve, or in the same part, as those that remain.  Inputs that are independent
in the problem are one where the values of one follow from those of the other: by Spearman's correlation rho, and by
Chatterjee's coefficient of rows in the order of one input, r their ranks in another,

    xi = 1 - 3 sum |r_{i+1} - r_i| / (n^2 - 1), at most (n - 2) / (n + 1),

of the values and of their distances from the median, in which circles and parabolas are functions.
"""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.sparse import csgraph

from uq.core.array_types import BoolArray, FloatArray
from uq.core.dependence import ties
from uq.core.problem import Problem
from uq.sampling.structure import FEW_VALUES, TIED, structure_of

LEAST_ROWS = 24
"""Fewer lie on a curve by chance, and so do the first 16 points of pairs of Sobol' sequences."""

MOST_ROWS = 1000
"""As many tell."""

MONOTONE = 0.999
"""Spearman's correlation of inputs that are one: rows leave the curve by 2 % of the law's spread (*judgement*)."""

FUNCTION = 0.95
"""Chatterjee's coefficient, of its largest; pairs of Sobol' sequences reach 0.92 (*judgement*)."""

UNSEEN = 0.1
"""Parts of a law of more probability than this are worth a note (*judgement*)."""

CHANCE = 1e-9
"""That independent rows leave such a part free."""


def require_rows_off_curves(problem: Problem, x: FloatArray) -> None:
    """Refuse rows x (n, d) along which one input is a function of another that the problem calls independent.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    x : ndarray (n, d)
        Distinct points in physical units.

    Raises
    ------
    ValueError
        With the names of two such inputs and the remedy.

    References
    ----------
    Chatterjee (2021), doi:10.1080/01621459.2020.1758115.
    """
    component = csgraph.connected_components(ties(problem), directed=False)[1]
    apart = component[:, None] != component
    found = np.argwhere(_one_of_two(problem, x) & apart)
    if len(found):  # rows of one base point share most of their inputs, and are one
        found = np.argwhere(_one_of_two(problem, x[structure_of(problem, x).first_rows()]) & apart)
    if len(found):
        i, j = sorted(found[0])
        raise ValueError(
            f"inputs {problem.input_names[i]!r} and {problem.input_names[j]!r} lie on a curve in the data and are "
            "independent in the problem, so their effects cannot be distinguished; sample them on their own, keep one "
            "of them, or state their dependence"
        )


def _one_of_two(problem: Problem, x: FloatArray) -> BoolArray:
    """(d, d) whether two inputs, or their distances from the median, are functions one of the other in rows (n, d)."""
    n, d = x.shape
    if n < max(LEAST_ROWS, d + 1):
        return np.zeros((d, d), dtype=bool)
    if n > MOST_ROWS:
        x, n = x[np.random.default_rng(1).choice(n, MOST_ROWS, replace=False)], MOST_ROWS
    u = np.stack([law.cdf(column) for law, column in zip(problem.distributions, x.T, strict=True)], axis=1)
    both = np.hstack([u, np.abs(u - 0.5)])
    several = np.array([len(np.unique(np.round(c, 12))) for c in both.T])
    rank = stats.rankdata(np.round(both, 12), axis=0)
    centred = rank - rank.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(size > 0.0, size, 1.0)
    varied = several >= LEAST_ROWS
    found: BoolArray = (np.abs(unit.T @ unit) > MONOTONE) & varied[:, None] & varied
    smooth = several > 0.75 * n  # the order of equal values says nothing
    for i in np.flatnonzero(smooth[:d]):
        step = np.abs(np.diff(rank[np.argsort(both[:, i], kind="stable")], axis=0)).sum(axis=0)
        xi = (1.0 - 3.0 * step / (n * n - 1.0)) * (n + 1.0) / (n - 2.0)
        found[i] |= smooth & (xi > FUNCTION)
    either: BoolArray = found[:d, :d] | found[:d, d:] | found[d:, :d] | found[d:, d:]
    return either | either.T


def unseen_parts(problem: Problem, x: FloatArray) -> tuple[str, ...]:
    """Say in which part of the law of an input no row of x (n, d) lies, where independent rows would lie.

    A part of probability g is free of n independent rows with the chance (1 - g)^n, and there are n + 1 such parts.
    Inputs that rows hold at a few values, or whose law does, are not asked.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    x : ndarray (n, d)
        Points in physical units.

    Returns
    -------
    tuple of str
        At most one sentence.

    Examples
    --------
    >>> from uq.core.distributions import Uniform
    >>> from uq.core.problem import Input, Output
    >>> problem = Problem((Input("a", "1", Uniform(-1.0, 1.0)),), (Output("y"),))
    >>> unseen_parts(problem, np.linspace(-1.0, 0.0, 100)[:, None])
    ("no row lies in a part of the law of an input ('a' 50 %): what is said of it there is extrapolated",)
    """
    n = len(x)
    parts = []
    for one, column in zip(problem.inputs, x.T, strict=True):
        values = np.unique(column)
        if one.distribution.atoms or len(values) <= min(FEW_VALUES, TIED * n):
            continue
        gap = float(np.diff(one.distribution.cdf(values), prepend=0.0, append=1.0).max())
        if gap > UNSEEN and np.log(n + 1.0) + n * np.log1p(-min(gap, 1.0 - 1e-15)) < np.log(CHANCE):
            parts.append(f"{one.name!r} {gap:.0%}".replace("%", " %"))
    if not parts:
        return ()
    named = ", ".join(parts[:3])
    return (
        f"no row lies in a part of the law of an input ({named}): what is said of it there is extrapolated",
    )
