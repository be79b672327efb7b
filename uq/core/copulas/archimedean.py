"""Clayton's copula, whose low values come together, and Gumbel's, whose high ones do.

With the generators psi(v) = (v^-theta - 1) / theta and psi(v) = (-ln v)^theta, the copula is
``psi^-1(psi(v_1) + ... + psi(v_d))``.  For Clayton's, with S_k = 1 + sum_j<=k (v_j^-theta - 1)::

    C(v_k | v_1 ... v_k-1) = (S_k / S_k-1)^-(1 / theta + k - 1)

For Gumbel's of two, with a = -ln v and r = (a_1^theta + a_2^theta)^(1 / theta)::

    ln C(v_2 | v_1) = -(r - a_1) - (theta - 1) ln(r / a_1)

which Wright's omega function inverts.  All in logarithms, for v^-theta overflows.

Sources: Clayton (1978), doi:10.1093/biomet/65.1.141; Gumbel (1960); Joe, *Dependence Modeling with Copulas*, 2014;
Corless & Jeffrey (2002), doi:10.1007/3-540-45470-5_10 (omega).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.copulas.base import LARGEST, SMALLEST, Copula, rows

_NEWTON = 3


@dataclass(frozen=True)
class ClaytonCopula(Copula):
    """Inputs that are low together; high ones are independent in the limit.

    Parameters
    ----------
    theta : float
        Above 0; Kendall's tau is ``theta / (theta + 2)``, dependence in the lower tail ``2^(-1 / theta)``.
    dimension : int, default 2
        Inputs, every pair alike.

    Raises
    ------
    ValueError
        For a parameter that is not above 0, and fewer than two inputs.

    Examples
    --------
    >>> pair = ClaytonCopula(2.0)
    >>> pair.kendall(0, 1), round(pair.tail_dependence(0, 1), 4), pair.tail_dependence(0, 1, (True, True))
    (0.5, 0.7071, 0.0)
    """

    theta: float
    dimension: int = 2

    def __post_init__(self) -> None:
        if not (np.isfinite(self.theta) and self.theta > 0.0):
            raise ValueError(
                f"theta of Clayton's copula is finite and above 0, got {self.theta:g}; where one input falls with the "
                "other, turn one round by uq.ReflectedCopula"
            )
        _check_dimension(self.dimension)
        object.__setattr__(self, "theta", float(self.theta))

    def dependent(self, unit: ArrayLike) -> FloatArray:
        u = rows(unit)
        v = np.empty_like(u)
        total = np.zeros(len(u))  # ln S
        for k in range(u.shape[1]):
            added = total + np.log(np.expm1(-np.log(u[:, k]) / (1.0 / self.theta + k)))
            v[:, k] = np.exp(-np.logaddexp(0.0, added) / self.theta)
            total = np.logaddexp(total, added)
        return np.clip(v, SMALLEST, LARGEST)

    def independent(self, scores: ArrayLike) -> FloatArray:
        v = rows(scores)
        u = np.empty_like(v)
        total = np.zeros(len(v))
        for k in range(v.shape[1]):
            after = np.logaddexp(total, self._log_generator(v[:, k]))
            u[:, k] = np.exp((1.0 / self.theta + k) * (total - after))
            total = after
        return np.clip(u, SMALLEST, LARGEST)

    def log_density(self, scores: ArrayLike) -> FloatArray:
        v, d = rows(scores), self.dimension
        total = np.zeros(len(v))
        for k in range(d):
            total = np.logaddexp(total, self._log_generator(v[:, k]))
        constant = np.log1p(self.theta * np.arange(1, d)).sum()
        return np.asarray(
            constant - (1.0 + self.theta) * np.log(v).sum(axis=1) - (d + 1.0 / self.theta) * total
        )

    def part(self, columns: Sequence[int]) -> ClaytonCopula | None:
        return None if len(columns) < 2 else ClaytonCopula(self.theta, len(columns))

    def kendall(self, one: int, other: int) -> float:
        return self.theta / (self.theta + 2.0)

    def tail_dependence(self, one: int, other: int, upper: tuple[bool, bool] = (False, False)) -> float:
        return 0.0 if any(upper) else float(2.0 ** (-1.0 / self.theta))

    def _log_generator(self, v: FloatArray) -> FloatArray:
        """ln(v^-theta - 1); above 700 the 1 is lost, and expm1 overflows."""
        power = -self.theta * np.log(v)
        return np.where(power > 700.0, power, np.log(np.expm1(np.minimum(power, 700.0))))


@dataclass(frozen=True)
class GumbelCopula(Copula):
    """Two inputs that are high together; low ones are independent in the limit.

    Parameters
    ----------
    theta : float
        1 or more; Kendall's tau is ``1 - 1 / theta``, dependence in the upper tail ``2 - 2^(1 / theta)``.

    Raises
    ------
    ValueError
        For a parameter below 1.

    Examples
    --------
    >>> pair = GumbelCopula(2.0)
    >>> pair.kendall(0, 1), pair.tail_dependence(0, 1), round(pair.tail_dependence(0, 1, (True, True)), 4)
    (0.5, 0.0, 0.5858)
    """

    theta: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.theta) and self.theta >= 1.0):
            raise ValueError(
                f"theta of Gumbel's copula is finite and 1 or more, got {self.theta:g}; where one input falls with "
                "the other, turn one round by uq.ReflectedCopula"
            )
        object.__setattr__(self, "theta", float(self.theta))

    @property
    def dimension(self) -> int:
        """Two; more are joined by a vine."""
        return 2

    def dependent(self, unit: ArrayLike) -> FloatArray:
        v = rows(unit)
        a, p, c = -np.log(v[:, 0]), -np.log(v[:, 1]), self.theta - 1.0
        if c == 0.0:
            return v
        # a (e^s - 1) + c s = p, s = ln(r / a): r / c + ln(r / c) is known
        s = np.log(c * np.real(special.wrightomega((p + a) / c + np.log(a / c))) / a)
        s = np.maximum(s, 0.0)
        for _ in range(_NEWTON):  # the root of small s, to its own digits
            s = np.maximum(s - (a * np.expm1(s) + c * s - p) / (a * np.exp(s) + c), 0.0)
        with np.errstate(divide="ignore"):
            v[:, 1] = np.exp(-a * np.exp(np.log(np.expm1(self.theta * s)) / self.theta))
        return np.clip(v, SMALLEST, LARGEST, out=v)

    def independent(self, scores: ArrayLike) -> FloatArray:
        v = rows(scores)
        a = -np.log(v)
        s = np.logaddexp(0.0, self.theta * np.log(a[:, 1] / a[:, 0])) / self.theta
        v[:, 1] = np.exp(-a[:, 0] * np.expm1(s) - (self.theta - 1.0) * s)
        return np.clip(v, SMALLEST, LARGEST, out=v)

    def log_density(self, scores: ArrayLike) -> FloatArray:
        a = -np.log(rows(scores))
        log_a = np.log(a)
        log_r = np.logaddexp(self.theta * log_a[:, 0], self.theta * log_a[:, 1]) / self.theta
        r = np.exp(log_r)
        return np.asarray(
            a.sum(axis=1)
            - r
            + (self.theta - 1.0) * log_a.sum(axis=1)
            + (1.0 - 2.0 * self.theta) * log_r
            + np.log(r + self.theta - 1.0)
        )

    def part(self, columns: Sequence[int]) -> GumbelCopula | None:
        return None if len(columns) < 2 else self

    def kendall(self, one: int, other: int) -> float:
        return 1.0 - 1.0 / self.theta

    def tail_dependence(self, one: int, other: int, upper: tuple[bool, bool] = (False, False)) -> float:
        return 2.0 - 2.0 ** (1.0 / self.theta) if all(upper) else 0.0


def _check_dimension(dimension: int) -> None:
    if not isinstance(dimension, int) or dimension < 2:
        raise ValueError(f"a copula joins two inputs or more, got dimension = {dimension!r}")
