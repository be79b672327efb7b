"""What every marginal distribution is: plain, frozen data with its exact law.

A distribution knows its inverse distribution function `ppf`, its distribution function `cdf`, its density `pdf`,
and its first two moments.  Arrays are taken and given elementwise, any shape.  Nothing here draws random numbers:
points come from a `Plan` in the unit cube (see `uq.sampling`) and are mapped through `ppf`.

Sources: closed forms as in Johnson, Kotz & Balakrishnan, *Continuous Univariate Distributions*, 2nd ed., 1994.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import BoolArray, FloatArray
from uq.core.distributions.quantile_table import Table
from uq.core.model import real_numbers


def require_finite(distribution: Distribution, but: Sequence[str] = ()) -> None:
    """Every parameter as a finite number of Python's own; those named in `but` may be infinite.

    Parameters
    ----------
    distribution : Distribution
        Its fields are the parameters.
    but : sequence of str, default ()
        Parameters that may be infinite.

    Raises
    ------
    TypeError
        For what is no number.
    ValueError
        For NaN and infinity.
    """
    for field in dataclasses.fields(distribution):  # type: ignore[arg-type]
        what, value = f"{type(distribution).__name__}: {field.name}", getattr(distribution, field.name)
        infinite = field.name in but and isinstance(value, float | np.floating) and bool(np.isinf(value))
        object.__setattr__(distribution, field.name, float(value) if infinite else _number(value, what))


def _number(value: Any, what: str) -> float:
    """A finite number as Python's own int or float, so that it prints and is stored as such; text is none.

    Raises TypeError for what is no real number, ValueError for one that is not finite.
    """
    if value is np.ma.masked:
        raise TypeError(f"{what} is masked, which is no number")
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0 and value.dtype.kind in "iuf":
        value = value.item()
    if type(value) not in (int, float):
        value = _subclassed(value, what)
    try:
        finite = bool(np.isfinite(float(value)))
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError(f"{what} = {value} is not finite")
    return value


def _subclassed(value: Any, what: str) -> float:
    if isinstance(value, int | float | np.floating) and not isinstance(value, bool):
        return float(value)
    raise TypeError(f"{what} = {value!r} is no number")


def numbers(values: Any, what: str) -> tuple[float, ...]:
    """Finite numbers as Python's own floats.

    Parameters
    ----------
    values : Any
        An iterable.
    what : str
        What they are, for the message.

    Returns
    -------
    tuple of float
        In the same order.

    Raises
    ------
    TypeError
        For what is no number.
    ValueError
        For NaN and infinity.
    """
    return tuple(float(_number(v, what)) for v in values)


def probabilities(given: ArrayLike) -> FloatArray:
    """Numbers as probabilities: NaN for what is none, below 0 or above 1.

    Parameters
    ----------
    given : array_like
        Any shape.

    Returns
    -------
    FloatArray
        Of the same shape.
    """
    u = real_numbers(given, "probabilities")
    inside = (u >= 0.0) & (u <= 1.0)
    return u if inside.all() else np.where(inside, u, np.nan)


def require(condition: bool, distribution: Distribution, rule: str) -> None:
    """Hold a law's parameters to a rule.

    Parameters
    ----------
    condition : bool
        What must hold.
    distribution : Distribution
        Shown in the message.
    rule : str
        Said in the message.

    Raises
    ------
    ValueError
        Unless the condition holds.
    """
    if not condition:
        raise ValueError(f"{distribution}: {rule}")


class Distribution(ABC):
    """A marginal law.  Subclasses are frozen dataclasses of numbers, checked at birth."""

    @abstractmethod
    def ppf(self, probability: ArrayLike) -> FloatArray:
        """Inverse distribution function, for probabilities in [0, 1]; NaN for any other number."""

    @abstractmethod
    def cdf(self, value: ArrayLike) -> FloatArray:
        """Probability of at most `value`."""

    def mid_cdf(self, value: ArrayLike) -> FloatArray:
        """The probability that stands for a value: ``P(X < value) + P(X = value) / 2``, the middle of its step.

        It is `cdf` for laws without steps, and the probability from which `ppf` gives a discrete value back.
        Source: Parzen (2004), doi:10.1214/088342304000000387 (mid-distribution function).
        """
        return self.cdf(value)

    def step(self, value: float) -> tuple[float, float] | None:
        """``P(X < value), P(X <= value)`` of a value that holds probability by itself; None where it does not."""
        return None

    @property
    def atoms(self) -> tuple[float, ...]:
        """The values that hold probability by themselves, in rising order."""
        return ()

    @property
    def separate_values(self) -> tuple[float, ...] | None:
        """All values of a law that takes only finitely many, in rising order; None for any other."""
        return None

    @abstractmethod
    def pdf(self, value: ArrayLike) -> FloatArray:
        """Probability density (for a discrete law: probability mass)."""

    @abstractmethod
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation, in the unit of the input."""

    @property
    def poincare_constant(self) -> float:
        """C of Var(g(X)) <= C E[g'(X)^2] for every g, in the square of the input's unit; infinite where there is none:
        for laws of separate values or pieces (g may change where no probability lies), and for tails heavier than an
        exponential.

        Exact for uniform and normal laws; here the bound ``4 sup_x (min(F, 1 - F) / f)^2`` of Bobkov & Houdre (1997),
        *Some connections between isoperimetric and Sobolev-type inequalities*.
        """
        if self.separate_values is not None:
            return np.inf
        p = np.linspace(1e-6, 1.0 - 1e-6, 20001)
        with np.errstate(divide="ignore"):
            return 4.0 * float((np.minimum(p, 1.0 - p) / self.pdf(self.ppf(p))).max()) ** 2

    logarithmic: ClassVar[bool] = False
    """Whether polynomials of this input are best built in the logarithm of its value."""

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        """Nodes and weights (k,) that integrate polynomials of degree up to 2 `size` under the law to near rounding
        (of the logarithm of the value where `logarithmic`): Gauss-Legendre panels of the density between quantiles.
        """
        tails = np.array([1e-280, 1e-200, 1e-120, 1e-60, 1e-30, 1e-16, 1e-8, 1e-4, 1e-2, 0.1])
        probability = np.concatenate([[0.0], tails, [0.25, 0.5, 0.75], 1.0 - tails[::-1], [1.0]])
        edges = self.ppf(probability)
        return panels(self, np.unique(edges[np.isfinite(edges)]), size)

    def at_unit(self, u: FloatArray) -> FloatArray:
        """`ppf` for millions of points (n,): the same to rounding, from a table where the inverse is an iteration."""
        return self.ppf(u)

    def at_normal(self, z: FloatArray) -> FloatArray:
        """`ppf` of Phi(z) for standard normal germs z (n,), without the detour where the law has none."""
        return self.ppf(special.ndtr(z))

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible value (infinite where unbounded)."""
        return float(self.ppf(0.0)), float(self.ppf(1.0))

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the name of the law and its parameters (see `from_dict`); infinite ones as "inf" or "-inf", for
        JSON has no infinity."""
        parameters = dataclasses.asdict(self)  # type: ignore[call-overload]
        return {"law": type(self).__name__} | {
            k: str(v) if isinstance(v, float) and np.isinf(v) else v for k, v in parameters.items()
        }


def density_inside(value: FloatArray, inside: BoolArray, density: ArrayLike) -> FloatArray:
    """A density where a value lies `inside` of a law's support, 0 elsewhere, and NaN where the value is none.

    Parameters
    ----------
    value : ndarray
        Where it is asked for.
    inside : ndarray of bool
        In the same shape.
    density : array_like
        In the same shape, or one number.

    Returns
    -------
    ndarray
        In the same shape.
    """
    return np.where(np.isnan(value), np.nan, np.where(inside, density, 0.0))


def panels(law: Distribution, edges: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes between `edges`, weighted by the density of `law`.

    Parameters
    ----------
    law : Distribution
        Its density weighs the nodes.
    edges : ndarray (k + 1,)
        Of the panels, in rising order.
    size : int
        Nodes of each panel.

    Returns
    -------
    tuple of ndarray
        Nodes and weights, both (k size,)
    """
    t, w = np.polynomial.legendre.leggauss(size)
    half = 0.5 * np.diff(edges)[:, None]
    nodes = (edges[:-1, None] + half * (t + 1.0)).ravel()
    weights = (half * w).ravel() * law.pdf(nodes)
    return nodes, weights / weights.sum()


def from_dict(record: dict[str, Any]) -> Distribution:
    """The distribution that `Distribution.to_dict` described.

    Parameters
    ----------
    record : dict[str, Any]
        As `Distribution.to_dict` gives it.

    Returns
    -------
    Distribution

    Raises
    ------
    ValueError
        For an unknown law or parameter.
    """
    parameters = {k: _plain(v) for k, v in record.items() if k != "law"}
    laws = {law.__name__: law for law in (*Distribution.__subclasses__(), *Tabulated.__subclasses__())}
    del laws[Tabulated.__name__]
    law = laws.get(str(record.get("law")))
    if law is None:
        raise ValueError(f"unknown distribution {record.get('law')!r}; known: {', '.join(sorted(laws))}")
    wanted = {field.name for field in dataclasses.fields(law)}  # type: ignore[arg-type]
    if set(parameters) != wanted:
        raise ValueError(
            f"{law.__name__} takes {', '.join(sorted(wanted))}; got {', '.join(sorted(parameters))}"
        )
    return law(**parameters)


def _plain(value: Any) -> Any:
    """A parameter as it was before JSON: tuples for lists, laws for their records, infinite ends for their names."""
    if value in ("inf", "-inf"):
        return float(value)
    if isinstance(value, list | tuple):
        return tuple(_plain(v) for v in value)
    return from_dict(value) if isinstance(value, dict) else value


@lru_cache(maxsize=256)
def _table(law: Distribution) -> Table | None:
    """The table of a law whose `at_normal` is slow, made once."""
    return Table.of(law._exact_at_normal)  # type: ignore[attr-defined]


class Tabulated(Distribution):
    """A law whose inverse is an iteration: tables serve `at_unit` and `at_normal` wherever they are exact."""

    @abstractmethod
    def _exact_at_normal(self, z: FloatArray) -> FloatArray:
        """ppf of Phi(z), exact in both tails."""

    def at_normal(self, z: FloatArray) -> FloatArray:
        table = _table(self)
        return self._exact_at_normal(z) if table is None else table(z)

    def at_unit(self, u: FloatArray) -> FloatArray:
        return self.at_normal(special.ndtri(u))
