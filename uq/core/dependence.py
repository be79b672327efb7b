"""Dependent inputs one after the other, in any order: what is known first, and the rest by its conditional law.

Dependent inputs stand as normal scores w = Phi^-1(F(x)), whatever joins them.  With a Gaussian copula w = L z for
independent germs z in the order asked for; with any other, Rosenblatt's transform in that order (`uq.core.copulas`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, special
from scipy.sparse import csgraph

from uq.core.array_types import BoolArray, FloatArray
from uq.core.copulas.base import LARGEST, SMALLEST, Copula
from uq.core.problem import Problem


def ties(problem: Problem) -> BoolArray:
    """Which inputs stand in one correlation or in one copula (d, d), each with itself too.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.

    Returns
    -------
    ndarray (d, d)
    """
    d = problem.dimension
    found = np.eye(d, dtype=bool) if problem.correlation is None else np.asarray(problem.correlation != 0.0)
    for columns, _ in problem.copulas:
        found[np.ix_(columns, columns)] = True
    return found


def joined(problem: Problem, some: set[int]) -> list[int]:
    """The inputs that are joined to `some` by chains of dependence, in their order.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    some : set of int
        Indices of inputs.

    Returns
    -------
    list of int
        `some` among them.
    """
    if not problem.dependent:
        return sorted(some)
    component = csgraph.connected_components(ties(problem), directed=False)[1]
    return np.flatnonzero(np.isin(component, component[sorted(some)])).tolist()


def dependent_germs(problem: Problem, germs: FloatArray, order: Iterable[int]) -> FloatArray:
    """Independent germs (n, d), the k-th that of input ``order[k]`` given those before it -> scores w (n, d).

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    germs : ndarray (n, d)
        In the order asked for.
    order : iterable of int
        All inputs, known first to last.

    Returns
    -------
    ndarray (n, d)
        In the order of the problem.

    Raises
    ------
    ValueError
        For a vine in another order than its own.
    """
    columns = [int(j) for j in order]
    w = np.empty_like(germs)
    w[:, columns] = germs @ _factor(problem, columns).T
    for at, copula in _ordered(problem, columns):
        z = germs[:, [columns.index(j) for j in at]]
        w[:, at] = special.ndtri(copula.dependent(special.ndtr(z)))
    return w


def redrawn(problem: Problem, w: FloatArray, other: FloatArray, known: Sequence[int]) -> FloatArray:
    """Scores (n, d) that keep those of `known`, the rest drawn from its law given these with the noise of `other`.

    By Matheron's rule ``w' + R[:, u] R[u, u]^-1 (w_u - w'_u)`` under a Gaussian copula.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    w : ndarray (n, d)
        Dependent scores.
    other : ndarray (n, d)
        More of them, independent of `w`.
    known : sequence of int
        Inputs that stay.

    Returns
    -------
    ndarray (n, d)

    Raises
    ------
    ValueError
        For a vine of which some inputs stay that do not come first in it.
    """
    keep = list(known)
    if not keep:
        return other
    matrix = _matrix(problem)
    gain = np.linalg.solve(matrix[np.ix_(keep, keep)], matrix[keep])
    found = other + (w[:, keep] - other[:, keep]) @ gain
    for columns, _ in problem.copulas:
        first = [j for j in columns if j in keep]
        if not first or len(first) == len(columns):
            continue
        ((at, copula),) = _ordered(problem, [*first, *(j for j in columns if j not in keep)])
        unit = copula.independent(special.ndtr(other[:, at]))
        unit[:, : len(first)] = copula.independent(special.ndtr(w[:, at]))[:, : len(first)]
        rest = at[len(first) :]
        found[:, rest] = special.ndtri(copula.dependent(unit)[:, len(first) :])
    return found


def independent_germs(problem: Problem, w: FloatArray) -> FloatArray:
    """Scores (n, d) -> independent germs (n, d), the inverse of `dependent_germs` in the problem's own order.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    w : ndarray (n, d)
        Dependent scores.

    Returns
    -------
    ndarray (n, d)
    """
    z = w
    if problem.correlation is not None:
        z = linalg.solve_triangular(np.linalg.cholesky(problem.correlation), w.T, lower=True).T
    if problem.copulas:
        z = z.copy()
    for columns, copula in problem.copulas:
        z[:, columns] = special.ndtri(copula.independent(special.ndtr(w[:, columns])))
    return np.asarray(z)


class Steps:
    """The conditional laws of inputs one after the other, in an order of one's own.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    order : sequence of int
        All inputs, known first to last.

    Raises
    ------
    ValueError
        For a vine in another order than its own.
    """

    def __init__(self, problem: Problem, order: Sequence[int]) -> None:
        self._factor = _factor(problem, list(order))
        self._groups = [
            ([list(order).index(j) for j in at], copula) for at, copula in _ordered(problem, list(order))
        ]

    def given(self, k: int, z: FloatArray, w: FloatArray) -> Gaussian | Scored:
        """The law of the k-th input, given germs z and scores w (n, k) of all before it."""
        for at, copula in self._groups:
            if k in at:
                return Scored(copula, special.ndtr(w[:, [j for j in at if j < k]]))
        return Gaussian(z @ self._factor[k, :k], float(self._factor[k, k]))


@dataclass(frozen=True)
class Gaussian:
    """A score that is normal given those before it."""

    before: FloatArray
    """(n,) mean of the score, given those before it."""
    deviation: float
    """Standard deviation of the score, given those before it."""

    def germ(self, score: FloatArray | float) -> FloatArray:
        """Score -> independent germ (n,)."""
        return (score - self.before) / self.deviation

    def score(self, germ: FloatArray) -> FloatArray:
        """Independent germ (n,) -> score."""
        return self.before + self.deviation * germ


@dataclass(frozen=True)
class Scored:
    """A score that a copula ties to those before it, whose probabilities are known (n, k)."""

    copula: Copula
    """Of this score with those before it."""
    known: FloatArray
    """(n, k) probabilities of those before it."""

    def germ(self, score: FloatArray | float) -> FloatArray:
        """Score -> independent germ (n,); infinity stays."""
        at = np.broadcast_to(np.asarray(score, dtype=np.float64), len(self.known))
        found = special.ndtri(self.copula.conditional(np.column_stack([self.known, special.ndtr(at)])))
        return np.where(np.isinf(at), at, found)

    def score(self, germ: FloatArray) -> FloatArray:
        """Independent germ (n,) -> score."""
        found = self.copula.conditional_quantile(self.known, special.ndtr(germ))
        return np.asarray(special.ndtri(np.clip(found, SMALLEST, LARGEST)))


def scores(problem: Problem, unit: FloatArray) -> FloatArray:
    """Points (n, d) of the unit cube -> dependent probabilities F_j(x_j) (n, d).

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.
    unit : ndarray (n, d)
        Points of the unit cube.

    Returns
    -------
    ndarray (n, d)
    """
    if not problem.dependent:
        return unit
    z = special.ndtri(np.clip(unit, SMALLEST, LARGEST))
    return np.asarray(special.ndtr(dependent_germs(problem, z, range(problem.dimension))))


def _matrix(problem: Problem) -> FloatArray:
    return np.eye(problem.dimension) if problem.correlation is None else problem.correlation


def _factor(problem: Problem, columns: list[int]) -> FloatArray:
    return np.asarray(np.linalg.cholesky(_matrix(problem)[np.ix_(columns, columns)]), dtype=np.float64)


def _ordered(problem: Problem, columns: list[int]) -> Iterator[tuple[list[int], Copula]]:
    """Each copula with its inputs in the order of `columns`."""
    for joined_by, copula in problem.copulas:
        at = [j for j in columns if j in joined_by]
        part = copula.part([joined_by.index(j) for j in at]) if len(at) > 1 else None
        if part is not None:
            yield at, part
