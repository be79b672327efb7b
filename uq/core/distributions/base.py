"""Marginal distributions as plain, frozen data, each with its exact law.

A distribution knows its inverse distribution function `ppf`, its distribution function `cdf`, its density `pdf`,
and its first two moments.  Arrays are taken and given elementwise, any shape.  Nothing here draws random numbers:
points come from a `Plan` in the unit cube (see `uq.sampling`) and are mapped through `ppf`.

Sources: closed forms as in Johnson, Kotz & Balakrishnan, *Continuous Univariate Distributions*, 2nd ed., 1994.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from uq.core.distributions.quantile_table import Table

FloatArray = NDArray[np.float64]

_SQRT_TAU = np.sqrt(2.0 * np.pi)


def _finite(distribution: Distribution) -> None:
    for field in dataclasses.fields(distribution):  # type: ignore[arg-type]
        value = getattr(distribution, field.name)
        if isinstance(value, int | float) and not np.isfinite(value):
            raise ValueError(f"{type(distribution).__name__}: {field.name} = {value} is not finite")


def _require(condition: bool, distribution: Distribution, rule: str) -> None:
    if not condition:
        raise ValueError(f"{distribution}: {rule}")


class Distribution(ABC):
    """A marginal law.  Subclasses are frozen dataclasses of numbers, checked at birth."""

    @abstractmethod
    def ppf(self, probability: ArrayLike) -> FloatArray:
        """Inverse distribution function, for probabilities in [0, 1]."""

    @abstractmethod
    def cdf(self, value: ArrayLike) -> FloatArray:
        """Probability of at most `value`."""

    @abstractmethod
    def pdf(self, value: ArrayLike) -> FloatArray:
        """Probability density (for a discrete law: probability mass)."""

    @abstractmethod
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation, in the unit of the input."""

    logarithmic: ClassVar[bool] = False
    """Whether polynomials of this input are best built in the logarithm of its value."""

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        """Nodes and weights (k,) that integrate polynomials of degree up to 2 `size` under the law to near rounding
        (of the logarithm of the value where `logarithmic`): Gauss-Legendre panels of the density between quantiles.
        """
        tails = np.array([1e-280, 1e-200, 1e-120, 1e-60, 1e-30, 1e-16, 1e-8, 1e-4, 1e-2, 0.1])
        probability = np.concatenate([[0.0], tails, [0.25, 0.5, 0.75], 1.0 - tails[::-1], [1.0]])
        edges = self.ppf(probability)
        return _panels(self, np.unique(edges[np.isfinite(edges)]), size)

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
        """Plain data: the name of the law and its parameters (see `from_dict`)."""
        return {"law": type(self).__name__, **dataclasses.asdict(self)}  # type: ignore[call-overload]


def _panels(law: Distribution, edges: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes between `edges`, weighted by the density of `law`."""
    t, w = np.polynomial.legendre.leggauss(size)
    half = 0.5 * np.diff(edges)[:, None]
    nodes = (edges[:-1, None] + half * (t + 1.0)).ravel()
    weights = (half * w).ravel() * law.pdf(nodes)
    return nodes, weights / weights.sum()


def from_dict(record: dict[str, Any]) -> Distribution:
    """The distribution that `Distribution.to_dict` described.  Raises ValueError for an unknown law or parameter."""
    parameters = {k: _plain(v) for k, v in record.items() if k != "law"}
    laws = {law.__name__: law for law in (*Distribution.__subclasses__(), *_Tabulated.__subclasses__())}
    del laws[_Tabulated.__name__]
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
    """A parameter as it was before JSON: tuples for lists, laws for their records."""
    if isinstance(value, list | tuple):
        return tuple(_plain(v) for v in value)
    return from_dict(value) if isinstance(value, dict) else value


@lru_cache(maxsize=256)
def _table(law: Distribution) -> Table | None:
    """The table of a law whose `at_normal` is slow, made once."""
    return Table.of(law._exact_at_normal)  # type: ignore[attr-defined]


class _Tabulated(Distribution):
    """A law whose inverse is an iteration: tables serve `at_unit` and `at_normal` wherever they are exact."""

    @abstractmethod
    def _exact_at_normal(self, z: FloatArray) -> FloatArray:
        """ppf of Phi(z), exact in both tails."""

    def at_normal(self, z: FloatArray) -> FloatArray:
        table = _table(self)
        return self._exact_at_normal(z) if table is None else table(z)

    def at_unit(self, u: FloatArray) -> FloatArray:
        return self.at_normal(special.ndtri(u))


@dataclass(frozen=True)
class Uniform(Distribution):
    """Equal density on [low, high]."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.low < self.high, self, "low must be below high")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return self.low + (self.high - self.low) * np.asarray(probability, dtype=np.float64)

    def cdf(self, value: ArrayLike) -> FloatArray:
        return np.clip((np.asarray(value, dtype=np.float64) - self.low) / (self.high - self.low), 0.0, 1.0)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = np.asarray(value, dtype=np.float64)
        return np.where((x >= self.low) & (x <= self.high), 1.0 / (self.high - self.low), 0.0)

    def moments(self) -> tuple[float, float]:
        return 0.5 * (self.low + self.high), float((self.high - self.low) / np.sqrt(12.0))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = np.polynomial.legendre.leggauss(size)
        return self.low + 0.5 * (self.high - self.low) * (t + 1.0), 0.5 * w


@dataclass(frozen=True)
class Triangular(Distribution):
    """Density rising linearly from low to mode, falling to high."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.low <= self.mode <= self.high, self, "needs low <= mode <= high")
        _require(self.low < self.high, self, "low must be below high")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        u = np.asarray(probability, dtype=np.float64)
        width, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        return np.where(
            u * width < rise,
            self.low + np.sqrt(u * width * rise),
            self.high - np.sqrt((1.0 - u) * width * fall),
        )

    def cdf(self, value: ArrayLike) -> FloatArray:
        x = np.clip(np.asarray(value, dtype=np.float64), self.low, self.high)
        width, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        below = (x - self.low) ** 2 / (width * rise) if rise > 0.0 else np.zeros_like(x)
        above = 1.0 - (self.high - x) ** 2 / (width * fall) if fall > 0.0 else np.ones_like(x)
        return np.where(x < self.mode, below, above)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = np.asarray(value, dtype=np.float64)
        peak = 2.0 / (self.high - self.low)
        rise, fall = self.mode - self.low, self.high - self.mode
        left = (x - self.low) / rise if rise > 0.0 else np.zeros_like(x)
        right = (self.high - x) / fall if fall > 0.0 else np.where(x <= self.high, 1.0, 0.0)
        inside = (x >= self.low) & (x <= self.high)
        return np.where(inside, peak * np.where(x < self.mode, left, right), 0.0)

    def moments(self) -> tuple[float, float]:
        a, c, b = self.low, self.mode, self.high
        return (a + c + b) / 3.0, float(np.sqrt((a * a + b * b + c * c - a * b - a * c - b * c) / 18.0))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return _panels(self, np.unique([self.low, self.mode, self.high]), size)


@dataclass(frozen=True)
class Normal(Distribution):
    """Gaussian law of given mean and standard deviation."""

    mean: float
    std: float

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.std > 0.0, self, "std must be positive")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return self.at_normal(special.ndtri(np.asarray(probability, dtype=np.float64)))

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.mean + self.std * z

    def cdf(self, value: ArrayLike) -> FloatArray:
        return special.ndtr((np.asarray(value, dtype=np.float64) - self.mean) / self.std)

    def pdf(self, value: ArrayLike) -> FloatArray:
        z = (np.asarray(value, dtype=np.float64) - self.mean) / self.std
        return np.exp(-0.5 * z * z) / (self.std * _SQRT_TAU)

    def moments(self) -> tuple[float, float]:
        return self.mean, self.std

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = _gauss_hermite(size)
        return self.mean + self.std * t, w


@dataclass(frozen=True)
class TruncatedNormal(Distribution):
    """The Gaussian law of `location` and `scale`, conditioned on [low, high]."""

    location: float
    scale: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.scale > 0.0, self, "scale must be positive")
        _require(self.low < self.high, self, "low must be below high")
        a, b = self._standard
        _require(self._mass(a, b) > 1e-12, self, "the interval holds no probability")

    @property
    def _standard(self) -> tuple[float, float]:
        return (self.low - self.location) / self.scale, (self.high - self.location) / self.scale

    @staticmethod
    def _mass(a: float, b: float) -> float:
        return (
            float(special.ndtr(b) - special.ndtr(a))
            if a <= 0.0
            else float(special.ndtr(-a) - special.ndtr(-b))
        )

    def ppf(self, probability: ArrayLike) -> FloatArray:
        u = np.asarray(probability, dtype=np.float64)
        a, b = self._standard
        if a <= 0.0:
            z = special.ndtri(special.ndtr(a) + u * (special.ndtr(b) - special.ndtr(a)))
        else:  # the upper tail keeps its digits
            z = -special.ndtri(special.ndtr(-a) - u * (special.ndtr(-a) - special.ndtr(-b)))
        return np.clip(self.location + self.scale * z, self.low, self.high)

    def cdf(self, value: ArrayLike) -> FloatArray:
        a, b = self._standard
        z = np.clip((np.asarray(value, dtype=np.float64) - self.location) / self.scale, a, b)
        if a <= 0.0:
            return (special.ndtr(z) - special.ndtr(a)) / self._mass(a, b)
        return (special.ndtr(-a) - special.ndtr(-z)) / self._mass(a, b)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = np.asarray(value, dtype=np.float64)
        a, b = self._standard
        z = (x - self.location) / self.scale
        density = np.exp(-0.5 * z * z) / (_SQRT_TAU * self.scale * self._mass(a, b))
        return np.where((x >= self.low) & (x <= self.high), density, 0.0)

    def moments(self) -> tuple[float, float]:
        a, b = self._standard
        mass = self._mass(a, b)
        shift = (_normal_pdf(a) - _normal_pdf(b)) / mass
        spread = 1.0 + (a * _normal_pdf(a) - b * _normal_pdf(b)) / mass - shift**2
        return float(self.location + self.scale * shift), float(self.scale * np.sqrt(spread))


def _gauss_hermite(size: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the standard normal law."""
    t, w = special.roots_hermitenorm(size)
    return t, w / _SQRT_TAU


def _normal_pdf(z: float) -> float:
    return float(np.exp(-0.5 * z * z) / _SQRT_TAU)


@dataclass(frozen=True)
class LogNormal(Distribution):
    """exp(N(log median, log factor)): `factor` is the geometric standard deviation, above 1."""

    logarithmic = True

    median: float
    factor: float

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.median > 0.0, self, "median must be positive")
        _require(self.factor > 1.0, self, "factor (geometric standard deviation) must exceed 1")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return self.at_normal(special.ndtri(np.asarray(probability, dtype=np.float64)))

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.median * np.exp(np.log(self.factor) * z)

    def cdf(self, value: ArrayLike) -> FloatArray:
        x = np.maximum(np.asarray(value, dtype=np.float64), 0.0)
        with np.errstate(divide="ignore"):
            return special.ndtr(np.log(x / self.median) / np.log(self.factor))

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = np.asarray(value, dtype=np.float64)
        s = np.log(self.factor)
        safe = np.where(x > 0.0, x, 1.0)
        z = np.log(safe / self.median) / s
        return np.where(x > 0.0, np.exp(-0.5 * z * z) / (safe * s * _SQRT_TAU), 0.0)

    def moments(self) -> tuple[float, float]:
        variance = np.log(self.factor) ** 2
        mean = self.median * np.exp(0.5 * variance)
        return float(mean), float(mean * np.sqrt(np.expm1(variance)))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = _gauss_hermite(size)
        return np.log(self.median) + np.log(self.factor) * t, w


@dataclass(frozen=True)
class Beta(_Tabulated):
    """Beta law of shapes a and b on [low, high]."""

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.a > 0.0 and self.b > 0.0, self, "shapes a and b must be positive")
        _require(self.low < self.high, self, "low must be below high")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        u = np.asarray(probability, dtype=np.float64)
        return self.low + (self.high - self.low) * special.betaincinv(self.a, self.b, u)

    def _exact_at_normal(self, z: FloatArray) -> FloatArray:
        lower = special.betaincinv(self.a, self.b, special.ndtr(np.minimum(z, 0.0)))
        upper = special.betaincinv(self.b, self.a, special.ndtr(-np.maximum(z, 0.0)))
        width = self.high - self.low
        return np.where(z < 0.0, self.low + width * lower, self.high - width * upper)

    def cdf(self, value: ArrayLike) -> FloatArray:
        z = np.clip((np.asarray(value, dtype=np.float64) - self.low) / (self.high - self.low), 0.0, 1.0)
        return special.betainc(self.a, self.b, z)

    def pdf(self, value: ArrayLike) -> FloatArray:
        width = self.high - self.low
        z = (np.asarray(value, dtype=np.float64) - self.low) / width
        inside = (z > 0.0) & (z < 1.0)
        safe = np.where(inside, z, 0.5)
        log = (
            special.xlogy(self.a - 1.0, safe)
            + special.xlog1py(self.b - 1.0, -safe)
            - special.betaln(self.a, self.b)
        )
        return np.where(inside, np.exp(log) / width, 0.0)

    def moments(self) -> tuple[float, float]:
        total, width = self.a + self.b, self.high - self.low
        std = width * np.sqrt(self.a * self.b / (total**2 * (total + 1.0)))
        return self.low + width * self.a / total, float(std)

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = special.roots_jacobi(size, self.b - 1.0, self.a - 1.0)
        return self.low + 0.5 * (self.high - self.low) * (t + 1.0), w / w.sum()


@dataclass(frozen=True)
class Discrete(Distribution):
    """Finitely many increasing values with probabilities that sum to one."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(float(v) for v in self.values))
        object.__setattr__(self, "weights", tuple(float(w) for w in self.weights))
        _require(len(self.values) == len(self.weights) > 0, self, "needs as many weights as values")
        _require(all(np.isfinite(self.values)), self, "values must be finite")
        _require(
            all(a < b for a, b in zip(self.values, self.values[1:], strict=False)),
            self,
            "values must increase",
        )
        _require(min(self.weights) >= 0.0, self, "weights must not be negative")
        _require(abs(sum(self.weights) - 1.0) < 1e-9, self, f"weights sum to {sum(self.weights):g}, not to 1")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        edges = np.cumsum(self.weights)[:-1]
        index = np.searchsorted(edges, np.asarray(probability, dtype=np.float64), side="right")
        return np.asarray(self.values)[index]

    def cdf(self, value: ArrayLike) -> FloatArray:
        index = np.searchsorted(np.asarray(self.values), np.asarray(value, dtype=np.float64), side="right")
        return np.concatenate([[0.0], np.cumsum(self.weights)])[index]

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = np.asarray(value, dtype=np.float64)[..., None]
        return np.where(x == np.asarray(self.values), np.asarray(self.weights), 0.0).sum(axis=-1)

    def moments(self) -> tuple[float, float]:
        mean = float(np.dot(self.values, self.weights))
        return mean, float(np.sqrt(np.dot((np.asarray(self.values) - mean) ** 2, self.weights)))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return np.asarray(self.values), np.asarray(self.weights)


@dataclass(frozen=True)
class PERT(_Tabulated):
    """An expert's lowest, most likely and highest value as a beta law of mean (low + 4 mode + high) / 6.

    Source: Malcolm et al. (1959), doi:10.1287/opre.7.5.646; the beta form of Vose, *Risk Analysis*, 2008, appendix III.
    """

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.low <= self.mode <= self.high, self, "needs low <= mode <= high")
        _require(self.low < self.high, self, "low must be below high")

    @property
    def beta(self) -> Beta:
        """The same law by its shapes."""
        share = (self.mode - self.low) / (self.high - self.low)
        return Beta(1.0 + 4.0 * share, 5.0 - 4.0 * share, self.low, self.high)

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return self.beta.ppf(probability)

    def _exact_at_normal(self, z: FloatArray) -> FloatArray:
        return self.beta._exact_at_normal(z)

    def cdf(self, value: ArrayLike) -> FloatArray:
        return self.beta.cdf(value)

    def pdf(self, value: ArrayLike) -> FloatArray:
        return self.beta.pdf(value)

    def moments(self) -> tuple[float, float]:
        return self.beta.moments()

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return self.beta.quadrature(size)


_TAIL = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 700.0)
"""Exponential quantiles between which an exponential tail is integrated."""

_HEAD = (
    0.0,
    1e-24,
    1e-20,
    1e-17,
    1e-14,
    1e-12,
    1e-10,
    1e-8,
    1e-7,
    1e-6,
    1e-5,
    1e-4,
    1e-3,
    0.01,
    0.03,
    0.1,
    0.3,
)
"""The same towards zero, close enough for a power of any sign there."""


@dataclass(frozen=True)
class Weibull(Distribution):
    """P(X > x) = exp(-((x - low) / scale)^shape) above low: lives, strengths, smallest of many."""

    scale: float
    shape: float
    low: float = 0.0

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.scale > 0.0 and self.shape > 0.0, self, "scale and shape must be positive")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        with np.errstate(divide="ignore"):
            life = -np.log1p(-np.asarray(probability, dtype=np.float64))
        return self.low + self.scale * life ** (1.0 / self.shape)

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.low + self.scale * (-special.log_ndtr(-z)) ** (1.0 / self.shape)

    def cdf(self, value: ArrayLike) -> FloatArray:
        z = np.maximum((np.asarray(value, dtype=np.float64) - self.low) / self.scale, 0.0)
        return -np.expm1(-(z**self.shape))

    def pdf(self, value: ArrayLike) -> FloatArray:
        z = (np.asarray(value, dtype=np.float64) - self.low) / self.scale
        safe = np.where(z > 0.0, z, 1.0)
        density = self.shape / self.scale * safe ** (self.shape - 1.0) * np.exp(-(safe**self.shape))
        return np.where(z > 0.0, density, 0.0)

    def moments(self) -> tuple[float, float]:
        first, second = (float(special.gamma(1.0 + k / self.shape)) for k in (1, 2))
        return self.low + self.scale * first, float(self.scale * np.sqrt(second - first**2))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return _panels(self, self.low + self.scale * np.array([*_HEAD, *_TAIL]) ** (1.0 / self.shape), size)


@dataclass(frozen=True)
class Gumbel(Distribution):
    """P(X <= x) = exp(-exp(-(x - location) / scale)): the largest of many."""

    location: float
    scale: float

    def __post_init__(self) -> None:
        _finite(self)
        _require(self.scale > 0.0, self, "scale must be positive")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        with np.errstate(divide="ignore"):
            return self.location - self.scale * np.log(-np.log(np.asarray(probability, dtype=np.float64)))

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.location - self.scale * np.log(-special.log_ndtr(z))

    def cdf(self, value: ArrayLike) -> FloatArray:
        with np.errstate(over="ignore"):
            return np.exp(-np.exp(-(np.asarray(value, dtype=np.float64) - self.location) / self.scale))

    def pdf(self, value: ArrayLike) -> FloatArray:
        z = np.maximum((np.asarray(value, dtype=np.float64) - self.location) / self.scale, -700.0)
        return np.exp(-z - np.exp(-z)) / self.scale

    def moments(self) -> tuple[float, float]:
        return self.location + self.scale * float(np.euler_gamma), float(self.scale * np.pi / np.sqrt(6.0))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        edges = np.array([-7.0, -4.0, -2.0, -1.0, 0.0, *_TAIL])
        return _panels(self, self.location + self.scale * edges, size)


@dataclass(frozen=True)
class Empirical(Distribution):
    """The law of n >= 2 distinct data: equal probability between neighbours, evenly spread; nothing beyond the data.

    It is blind to tails: no draw exceeds the largest datum.  Fit a law (`uq.core.distributions.fitting`) where tails
    matter.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(sorted(float(v) for v in self.values)))
        _require(len(self.values) >= 2, self, "needs at least two data")
        _require(bool(np.isfinite(self.values).all()), self, "data must be finite")
        rising = all(a < b for a, b in zip(self.values, self.values[1:], strict=False))
        _require(rising, self, "holds repeated data: use Discrete, or restore the digits lost in rounding")

    def _places(self) -> tuple[FloatArray, FloatArray]:
        return np.asarray(self.values), np.linspace(0.0, 1.0, len(self.values))

    def ppf(self, probability: ArrayLike) -> FloatArray:
        values, places = self._places()
        return np.interp(np.asarray(probability, dtype=np.float64), places, values)

    def cdf(self, value: ArrayLike) -> FloatArray:
        values, places = self._places()
        return np.interp(np.asarray(value, dtype=np.float64), values, places)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = np.asarray(value, dtype=np.float64)
        values, _ = self._places()
        density = 1.0 / (len(values) - 1) / np.diff(values)
        cell = np.clip(np.searchsorted(values, x, side="right") - 1, 0, len(density) - 1)
        return np.where((x >= values[0]) & (x <= values[-1]), density[cell], 0.0)

    def moments(self) -> tuple[float, float]:
        values, _ = self._places()
        low, high = values[:-1], values[1:]
        mean = float(np.mean(0.5 * (low + high)))
        square = np.mean((low - mean) ** 2 + (low - mean) * (high - mean) + (high - mean) ** 2) / 3.0
        return mean, float(np.sqrt(square))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return _panels(self, np.asarray(self.values), size)


@dataclass(frozen=True)
class Mixture(_Tabulated):
    """One of several laws, drawn with probabilities `weights` that sum to one: sources that disagree, modes."""

    parts: tuple[Distribution, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "weights", tuple(float(w) for w in self.weights))
        _require(len(self.parts) == len(self.weights) > 0, self, "needs as many weights as parts")
        for part in self.parts:
            if not isinstance(part, Distribution):
                raise TypeError(f"a part of a mixture is {part!r}, expected a distribution")
        _require(min(self.weights) > 0.0, self, "weights must be positive")
        _require(abs(sum(self.weights) - 1.0) < 1e-9, self, f"weights sum to {sum(self.weights):g}, not to 1")

    def _sum(self, values: list[FloatArray]) -> FloatArray:
        return sum(w * v for w, v in zip(self.weights, values, strict=True))  # type: ignore[return-value]

    def cdf(self, value: ArrayLike) -> FloatArray:
        return self._sum([part.cdf(value) for part in self.parts])

    def pdf(self, value: ArrayLike) -> FloatArray:
        return self._sum([part.pdf(value) for part in self.parts])

    def ppf(self, probability: ArrayLike) -> FloatArray:
        """The smallest x with cdf(x) >= probability, bisected between the parts' own quantiles."""
        u = np.asarray(probability, dtype=np.float64)
        quantiles = np.stack([part.ppf(u) for part in self.parts])
        low, high = quantiles.min(axis=0), quantiles.max(axis=0)
        fixed = ~(np.isfinite(low) & np.isfinite(high)) | (low == high)
        end = np.where(u < 0.5, low, high)
        low, high = np.where(fixed, 0.0, low), np.where(fixed, 0.0, high)
        for _ in range(70):
            middle = 0.5 * (low + high)
            below = self.cdf(middle) < u
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.where(fixed, end, high)

    def _exact_at_normal(self, z: FloatArray) -> FloatArray:
        return self.ppf(special.ndtr(z))

    def moments(self) -> tuple[float, float]:
        means, deviations = np.array([part.moments() for part in self.parts]).T
        mean = float(np.dot(self.weights, means))
        return mean, float(np.sqrt(np.dot(self.weights, deviations**2 + (means - mean) ** 2)))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        nodes, weights = [], []
        for share, part in zip(self.weights, self.parts, strict=True):
            t, w = part.quadrature(size)
            nodes.append(np.exp(t) if part.logarithmic else t)
            weights.append(share * w)
        return np.concatenate(nodes), np.concatenate(weights)

    def to_dict(self) -> dict[str, Any]:
        return {"law": "Mixture", "parts": [p.to_dict() for p in self.parts], "weights": list(self.weights)}
