"""What every copula is: the joint law of scores v = F(x), each uniform, by Rosenblatt's transform.

With independent uniform coordinates u, and the conditional laws of the copula one after the other::

    u_1 = v_1,   u_k = C(v_k | v_1 ... v_k-1)        v_k = C^-1(u_k | v_1 ... v_k-1)

Plans, surrogates and analyses work in u, whatever the copula.  The order of the inputs matters to what a coordinate
means and not to the law; `Copula.part` gives the same law in another order, or of fewer inputs.

Sources: Rosenblatt (1952), doi:10.1214/aoms/1177729394; Sklar (1959); Joe, *Dependence Modeling with Copulas*, 2014.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from uq.core.array_types import FloatArray
from uq.core.model import real_numbers

SMALLEST = 2.0**-54
"""Scores and coordinates are kept this far from 0 and, as near as numbers allow, from 1."""
LARGEST = 1.0 - 2.0**-53


class Copula(ABC):
    """Joint law of d uniform scores.  Subclasses are frozen dataclasses, checked at birth."""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Number of inputs d that it joins."""

    @abstractmethod
    def dependent(self, unit: ArrayLike) -> FloatArray:
        """Independent coordinates (n, d) -> scores (n, d), the inverse of Rosenblatt's transform."""

    @abstractmethod
    def independent(self, scores: ArrayLike) -> FloatArray:
        """Scores (n, d) -> independent coordinates (n, d), Rosenblatt's transform."""

    @abstractmethod
    def log_density(self, scores: ArrayLike) -> FloatArray:
        """Logarithm (n,) of the density at scores (n, d); that of independent scores is 0."""

    @abstractmethod
    def part(self, columns: Sequence[int]) -> Copula | None:
        """The law of some of the inputs, in this order; None where they are independent, or but one."""

    @abstractmethod
    def kendall(self, one: int, other: int) -> float:
        """Kendall's tau of two inputs, ``4 E[C(v)] - 1``."""

    @abstractmethod
    def tail_dependence(self, one: int, other: int, upper: tuple[bool, bool] = (False, False)) -> float:
        """Limit of the chance that one input is extreme where the other is: both low, or which of the two is high."""

    def conditional(self, scores: ArrayLike) -> FloatArray:
        """``C(v_k | v_1 ... v_k-1)`` (n,) of the last of k columns (n, k), those of the first k inputs."""
        v = rows(scores)
        part = self.part(range(v.shape[1]))
        return v[:, -1] if part is None else part.independent(v)[:, -1]

    def conditional_quantile(self, known: ArrayLike, probability: ArrayLike) -> FloatArray:
        """``C^-1(p | v_1 ... v_k-1)`` (n,): the score of input k, given those (n, k - 1) of all before it."""
        v, p = rows(known), real_numbers(probability, "probabilities")
        part = self.part(range(v.shape[1] + 1))
        if part is None:
            return p
        unit = part.independent(np.column_stack([v, np.full(len(p), 0.5)]))
        unit[:, -1] = p
        return part.dependent(unit)[:, -1]

    def __str__(self) -> str:
        """The family with its numbers; a matrix or a structure is left out."""
        values = ((f.name, getattr(self, f.name)) for f in dataclasses.fields(self))  # type: ignore[arg-type]
        shown = [f"{name} {value:.4g}" for name, value in values if isinstance(value, int | float)]
        return ", ".join([type(self).__name__, *shown])

    def to_dict(self) -> dict[str, Any]:
        """The copula as plain data; `from_dict` reads it."""
        return {"family": type(self).__name__} | {
            f.name: _plain(getattr(self, f.name))
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
        }


@dataclasses.dataclass(frozen=True)
class ReflectedCopula(Copula):
    """Another copula of which some inputs are turned round, ``v_j -> 1 - v_j``: other signs, other tails.

    Clayton's copula, both inputs turned round, joins high values; one turned round, low values with high ones.

    Parameters
    ----------
    copula : Copula
        Before.
    columns : tuple of int
        Inputs that are turned round.

    Raises
    ------
    ValueError
        For columns that it does not have, or none.

    Examples
    --------
    >>> from uq.core.copulas import ClaytonCopula
    >>> survival = ReflectedCopula(ClaytonCopula(2.0), (0, 1))
    >>> survival.tail_dependence(0, 1), round(survival.tail_dependence(0, 1, (True, True)), 4)
    (0.0, 0.7071)
    """

    copula: Copula
    columns: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.copula}, inputs {', '.join(str(j + 1) for j in self.columns)} turned round"

    def __post_init__(self) -> None:
        columns = tuple(sorted({int(j) for j in self.columns}))
        if not columns or not 0 <= columns[0] <= columns[-1] < self.copula.dimension:
            raise ValueError(
                f"columns {tuple(self.columns)}: name one or more of the {self.copula.dimension} inputs, 0 to "
                f"{self.copula.dimension - 1}"
            )
        object.__setattr__(self, "columns", columns)

    @property
    def dimension(self) -> int:
        """As that of the copula before."""
        return self.copula.dimension

    def dependent(self, unit: ArrayLike) -> FloatArray:
        return self._turned(self.copula.dependent(self._turned(rows(unit))))

    def independent(self, scores: ArrayLike) -> FloatArray:
        return self._turned(self.copula.independent(self._turned(rows(scores))))

    def log_density(self, scores: ArrayLike) -> FloatArray:
        return self.copula.log_density(self._turned(rows(scores)))

    def part(self, columns: Sequence[int]) -> Copula | None:
        some = self.copula.part(columns)
        turned = tuple(k for k, j in enumerate(columns) if j in self.columns)
        return some if some is None or not turned else ReflectedCopula(some, turned)

    def kendall(self, one: int, other: int) -> float:
        opposite = (one in self.columns) != (other in self.columns)
        return self.copula.kendall(one, other) * (-1.0 if opposite else 1.0)

    def tail_dependence(self, one: int, other: int, upper: tuple[bool, bool] = (False, False)) -> float:
        turned = (upper[0] != (one in self.columns), upper[1] != (other in self.columns))
        return self.copula.tail_dependence(one, other, turned)

    def _turned(self, points: FloatArray) -> FloatArray:
        turned = points.copy()
        turned[:, self.columns] = np.clip(1.0 - turned[:, self.columns], SMALLEST, LARGEST)
        return turned


def rows(points: ArrayLike) -> FloatArray:
    """Points (n, k) of the unit cube, kept from its faces.

    Parameters
    ----------
    points : array_like (n, k)
        Scores or coordinates.

    Returns
    -------
    ndarray (n, k)
        A copy.

    Raises
    ------
    ValueError
        For points outside [0, 1], or of another shape.
    """
    found = real_numbers(points, "points").copy()
    if found.ndim != 2:
        raise ValueError(f"points have shape {found.shape}, expected (n, d): a column for each input")
    if not ((found >= 0.0) & (found <= 1.0)).all():
        raise ValueError(
            "points of a copula lie in [0, 1]; bring values there by their laws or by their ranks"
        )
    return np.clip(found, SMALLEST, LARGEST, out=found)


def from_dict(record: Mapping[str, Any]) -> Copula:
    """The copula that `Copula.to_dict` wrote down.

    Parameters
    ----------
    record : Mapping[str, Any]
        Plain data, as read from JSON.

    Returns
    -------
    Copula

    Raises
    ------
    ValueError
        For another name or other parameters than its own.
    """
    kinds = {kind.__name__: kind for kind in Copula.__subclasses__()}
    family = record.get("family")
    if family not in kinds:
        raise ValueError(f"{family!r} is no copula; there is {', '.join(sorted(kinds))}")
    values = {
        name: from_dict(value) if isinstance(value, Mapping) else value
        for name, value in record.items()
        if name != "family"
    }
    try:
        return kinds[family](**values)
    except TypeError as error:
        raise ValueError(f"{family}: {error}") from error


def _plain(value: Any) -> Any:
    """A parameter as JSON takes it."""
    if isinstance(value, Copula):
        return value.to_dict()
    return (
        value.tolist()
        if isinstance(value, np.ndarray)
        else list(value)
        if isinstance(value, tuple)
        else value
    )
