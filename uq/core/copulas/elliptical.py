"""Copulas of the normal law and of Student's t: one correlation a pair, tails that are independent or not.

With t = L e, L L' = R, the conditional laws of a multivariate t of nu degrees of freedom are t laws again::

    e_k sqrt((nu + k - 1) / (nu + q_k)) ~ t of nu + k - 1 degrees,   q_k = e_1^2 + ... + e_k-1^2

and those of the normal law the limit nu -> infinity.  Source: Demarta & McNeil (2005),
doi:10.1111/j.1751-5823.2005.tb00254.x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.copulas.base import LARGEST, SMALLEST, Copula, rows
from uq.core.correlations import check_correlation
from uq.core.model import real_numbers


@dataclass(frozen=True, eq=False)
class GaussianCopula(Copula):
    """That of a multivariate normal law; no two inputs are extreme together in the limit.

    Parameters
    ----------
    correlation : array_like (d, d)
        Of the normal scores; `uq.core.correlations` makes it of rank correlations.

    Raises
    ------
    ValueError
        For a matrix that is no correlation matrix.

    Examples
    --------
    >>> round(GaussianCopula([[1.0, 0.5], [0.5, 1.0]]).kendall(0, 1), 4)
    0.3333
    """

    correlation: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "correlation", _matrix(self.correlation))

    @property
    def dimension(self) -> int:
        """Number of inputs that it joins."""
        return len(self.correlation)

    def dependent(self, unit: ArrayLike) -> FloatArray:
        e = special.ndtri(rows(unit))
        return np.clip(special.ndtr(_product(_root(self.correlation), e)), SMALLEST, LARGEST)

    def independent(self, scores: ArrayLike) -> FloatArray:
        w = special.ndtri(rows(scores))
        return np.clip(special.ndtr(_solved(_root(self.correlation), w)), SMALLEST, LARGEST)

    def log_density(self, scores: ArrayLike) -> FloatArray:
        w = special.ndtri(rows(scores))
        root = _root(self.correlation)
        e = _solved(root, w)
        return np.asarray(-np.log(np.diag(root)).sum() - 0.5 * (e**2 - w**2).sum(axis=1))

    def part(self, columns: Sequence[int]) -> GaussianCopula | None:
        some = self.correlation[np.ix_(list(columns), list(columns))]
        return None if np.array_equal(some, np.eye(len(some))) else GaussianCopula(some)

    def kendall(self, one: int, other: int) -> float:
        return float(2.0 / np.pi * np.arcsin(self.correlation[one, other]))

    def tail_dependence(self, one: int, other: int, upper: tuple[bool, bool] = (False, False)) -> float:
        return 0.0


@dataclass(frozen=True, eq=False)
class StudentCopula(Copula):
    """That of a multivariate t law: inputs are extreme together, the more so the fewer degrees of freedom.

    Parameters
    ----------
    correlation : array_like (d, d)
        Of the t law; Kendall's tau is ``2 / pi arcsin`` of it, as for the normal law.
    degrees : float
        Of freedom, above 0; the Gaussian copula is the limit of many.

    Raises
    ------
    ValueError
        For a matrix that is no correlation matrix, and degrees of freedom that are not above 0.

    Examples
    --------
    >>> pair = StudentCopula([[1.0, 0.5], [0.5, 1.0]], 4.0)
    >>> round(pair.kendall(0, 1), 4), round(pair.tail_dependence(0, 1), 4)
    (0.3333, 0.2532)
    """

    correlation: FloatArray
    degrees: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "correlation", _matrix(self.correlation))
        if not (np.isfinite(self.degrees) and self.degrees > 0.0):
            raise ValueError(
                f"degrees of freedom are finite and above 0, got {self.degrees:g}; without tail dependence give a "
                "correlation alone"
            )
        object.__setattr__(self, "degrees", float(self.degrees))

    @property
    def dimension(self) -> int:
        """Number of inputs that it joins."""
        return len(self.correlation)

    def dependent(self, unit: ArrayLike) -> FloatArray:
        u, nu = rows(unit), self.degrees
        e = np.empty_like(u)
        square = np.zeros(len(u))
        for k in range(u.shape[1]):
            e[:, k] = special.stdtrit(nu + k, u[:, k]) * np.sqrt((nu + square) / (nu + k))
            square += e[:, k] ** 2
        t = _product(_root(self.correlation), e)
        return np.clip(special.stdtr(nu, t), SMALLEST, LARGEST)

    def independent(self, scores: ArrayLike) -> FloatArray:
        nu = self.degrees
        e = _solved(_root(self.correlation), special.stdtrit(nu, rows(scores)))
        u = np.empty_like(e)
        square = np.zeros(len(e))
        for k in range(e.shape[1]):
            u[:, k] = special.stdtr(nu + k, e[:, k] * np.sqrt((nu + k) / (nu + square)))
            square += e[:, k] ** 2
        return np.clip(u, SMALLEST, LARGEST)

    def log_density(self, scores: ArrayLike) -> FloatArray:
        nu, d = self.degrees, self.dimension
        t = special.stdtrit(nu, rows(scores))
        root = _root(self.correlation)
        square = (_solved(root, t) ** 2).sum(axis=1)
        constant = (
            special.gammaln(0.5 * (nu + d))
            + (d - 1) * special.gammaln(0.5 * nu)
            - d * special.gammaln(0.5 * (nu + 1.0))
            - np.log(np.diag(root)).sum()
        )
        joint = -0.5 * (nu + d) * np.log1p(square / nu)
        return np.asarray(constant + joint + 0.5 * (nu + 1.0) * np.log1p(t**2 / nu).sum(axis=1))

    def part(self, columns: Sequence[int]) -> StudentCopula | None:
        chosen = list(columns)
        if len(chosen) < 2:
            return None
        return StudentCopula(self.correlation[np.ix_(chosen, chosen)], self.degrees)

    def kendall(self, one: int, other: int) -> float:
        return float(2.0 / np.pi * np.arcsin(self.correlation[one, other]))

    def tail_dependence(self, one: int, other: int, upper: tuple[bool, bool] = (False, False)) -> float:
        rho = float(self.correlation[one, other]) * (1.0 if upper[0] == upper[1] else -1.0)
        beyond = np.sqrt((self.degrees + 1.0) * (1.0 - rho) / (1.0 + rho))
        return float(2.0 * special.stdtr(self.degrees + 1.0, -beyond))


def _matrix(correlation: ArrayLike) -> FloatArray:
    given = real_numbers(correlation, "the correlation").copy()
    check_correlation(given, len(given) if given.ndim else 0)
    given.setflags(write=False)
    return given


def _root(correlation: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.cholesky(correlation), dtype=np.float64)


def _product(root: FloatArray, e: FloatArray) -> FloatArray:
    """L e of every row, term by term, so that no row feels its block."""
    w = np.empty(e.shape)
    for k in range(e.shape[1]):
        w[:, k] = sum(root[k, j] * e[:, j] for j in range(k + 1))
    return w


def _solved(root: FloatArray, w: FloatArray) -> FloatArray:
    """L^-1 w of every row, term by term."""
    e = np.empty(w.shape)
    for k in range(w.shape[1]):
        e[:, k] = (w[:, k] - sum(root[k, j] * e[:, j] for j in range(k))) / root[k, k]
    return e
