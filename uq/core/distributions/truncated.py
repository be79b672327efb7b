"""Laws conditioned on an interval, whose ends may be infinite: truncated normal and truncated Gumbel.

With F the law's distribution function and P = F(high) - F(low)::

    F_t(x) = (F(x) - F(low)) / P,    x = F^-1(F(low) + u P) = S^-1(S(high) + (1 - u) P),    S = 1 - F

and of the two inverses the one is taken that keeps its digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.distributions.base import (
    Distribution,
    density_inside,
    panels,
    probabilities,
    require,
    require_finite,
)
from uq.core.model import real_numbers

SQRT_TAU = np.sqrt(2.0 * np.pi)
_LEAST = 1e-12
_NARROW = 1.0
"""Scales of the law, below which moments of an interval are sums over it."""

_ENDS = ("low", "high")


@dataclass(frozen=True)
class TruncatedNormal(Distribution):
    """The Gaussian law of `location` and `scale`, conditioned on [low, high]; either end may be infinite.

    >>> round(TruncatedNormal(0.0, 1.0, 0.0, float("inf")).moments()[0], 6)
    0.797885
    """

    location: float
    scale: float
    low: float
    """Lower end, in the unit of the input; may be minus infinity."""
    high: float
    """Upper end, in the unit of the input; may be infinity."""

    def __post_init__(self) -> None:
        require_finite(self, but=_ENDS)
        require(self.scale > 0.0, self, "scale must be positive")
        require(self.low < self.high, self, "low must be below high")
        a, b = self._standard
        require(self._mass(a, b) > _LEAST, self, f"the interval holds less than {_LEAST:g} of the normal law")

    @property
    def _standard(self) -> tuple[float, float]:
        return (self.low - self.location) / self.scale, (self.high - self.location) / self.scale

    @property
    def _bounded(self) -> bool:
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    @staticmethod
    def _mass(a: float, b: float) -> float:
        return (
            float(special.ndtr(b) - special.ndtr(a))
            if a <= 0.0
            else float(special.ndtr(-a) - special.ndtr(-b))
        )

    def ppf(self, probability: ArrayLike) -> FloatArray:
        u = probabilities(probability)
        a, b = self._standard
        if a <= 0.0:
            z = special.ndtri(special.ndtr(a) + u * (special.ndtr(b) - special.ndtr(a)))
        else:  # the upper tail keeps its digits
            z = -special.ndtri(special.ndtr(-a) - u * (special.ndtr(-a) - special.ndtr(-b)))
        return np.clip(self.location + self.scale * z, self.low, self.high)

    def at_normal(self, z: FloatArray) -> FloatArray:
        if self._bounded:
            return super().at_normal(z)
        a, b = self._standard
        mass = self._mass(a, b)
        below = special.ndtr(a) + mass * special.ndtr(z)
        beyond = special.ndtr(-b) + mass * special.ndtr(-z)
        germ = np.where(below < 0.5, special.ndtri(below), -special.ndtri(beyond))
        return np.clip(self.location + self.scale * germ, self.low, self.high)

    def cdf(self, value: ArrayLike) -> FloatArray:
        a, b = self._standard
        z = np.clip((real_numbers(value, "values") - self.location) / self.scale, a, b)
        if a <= 0.0:
            return (special.ndtr(z) - special.ndtr(a)) / self._mass(a, b)
        return (special.ndtr(-a) - special.ndtr(-z)) / self._mass(a, b)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        a, b = self._standard
        z = (x - self.location) / self.scale
        density = np.exp(-0.5 * z * z) / (SQRT_TAU * self.scale * self._mass(a, b))
        return density_inside(x, (x >= self.low) & (x <= self.high), density)

    def moments(self) -> tuple[float, float]:
        a, b = self._standard
        if b - a < _NARROW:  # the differences below would cancel
            nodes, weights = np.polynomial.legendre.leggauss(20)
            t = 0.5 * (nodes + 1.0) * (b - a)
            weights = weights * np.exp(-t * (a + 0.5 * t))
            weights /= weights.sum()
            mean = float(weights @ t)
            return self.low + self.scale * mean, self.scale * float(np.sqrt(weights @ (t - mean) ** 2))
        mass = self._mass(a, b)
        shift = (_normal_pdf(a) - _normal_pdf(b)) / mass
        spread = 1.0 + (_finite(a) * _normal_pdf(a) - _finite(b) * _normal_pdf(b)) / mass - shift**2
        return float(self.location + self.scale * shift), float(self.scale * np.sqrt(spread))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        if self._bounded:
            return super().quadrature(size)
        a, b = self._standard
        edges = np.unique(np.clip(np.append(np.arange(-38.0, 39.0, 2.0), [_finite(a), _finite(b)]), a, b))
        return panels(self, self.location + self.scale * edges, size)


def _finite(z: float) -> float:
    """z, or zero where it is infinite."""
    return z if np.isfinite(z) else 0.0


def _normal_pdf(z: float) -> float:
    return float(np.exp(-0.5 * z * z) / SQRT_TAU)


@dataclass(frozen=True)
class TruncatedGumbel(Distribution):
    """The law of the largest of many, P(X <= x) = exp(-exp(-(x - location) / scale)), conditioned on [low, high].

    Either end may be infinite.

    >>> flow = TruncatedGumbel(1013.0, 558.0, 500.0, 3000.0)
    >>> bool(abs(flow.cdf(flow.ppf(0.3)) - 0.3) < 1e-12)
    True
    """

    location: float
    """Mode before truncation, in the unit of the input."""
    scale: float
    """In the unit of the input, positive."""
    low: float
    """Lower end, in the unit of the input."""
    high: float
    """Upper end, in the unit of the input."""

    def __post_init__(self) -> None:
        require_finite(self, but=_ENDS)
        require(self.scale > 0.0, self, "scale must be positive")
        require(self.low < self.high, self, "low must be below high")
        require(self._mass > _LEAST, self, f"the interval holds less than {_LEAST:g} of the Gumbel law")

    @property
    def _standard(self) -> tuple[float, float]:
        return (self.low - self.location) / self.scale, (self.high - self.location) / self.scale

    @cached_property
    def _mass(self) -> float:
        return float(self._between(self._standard[1]))

    def _between(self, z: ArrayLike) -> FloatArray:
        """Probability, before conditioning, from the lower end to germs z."""
        a = self._standard[0]
        return _below(z) - _below(a) if _below(a) < 0.5 else _beyond(a) - _beyond(z)

    def ppf(self, probability: ArrayLike) -> FloatArray:
        u = probabilities(probability)
        return self._inverse(u, 1.0 - u)

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self._inverse(special.ndtr(z), special.ndtr(-z))

    def _inverse(self, u: FloatArray, rest: FloatArray) -> FloatArray:
        a, b = self._standard
        below, beyond = _below(a) + self._mass * u, _beyond(b) + self._mass * rest
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(
                below < 0.5,
                -np.log(-np.log(np.minimum(below, 0.5))),
                -np.log(-np.log1p(-np.minimum(beyond, 0.75))),
            )
        return np.clip(self.location + self.scale * z, self.low, self.high)

    def cdf(self, value: ArrayLike) -> FloatArray:
        a, b = self._standard
        z = np.clip((real_numbers(value, "values") - self.location) / self.scale, a, b)
        return self._between(z) / self._mass

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        z = np.maximum((x - self.location) / self.scale, -700.0)
        density = np.exp(-z - np.exp(-z)) / (self.scale * self._mass)
        return density_inside(x, (x >= self.low) & (x <= self.high), density)

    def moments(self) -> tuple[float, float]:
        nodes, weights = self.quadrature(40)
        mean = float(weights @ nodes)
        return mean, float(np.sqrt(weights @ (nodes - mean) ** 2))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        a, b = self._standard
        grid = [*np.arange(-7.0, 8.0), 10.0, 14.0, 20.0, 32.0, 64.0, 128.0, 256.0, 700.0]
        edges = np.unique(np.clip([*grid, _finite(a), _finite(b)], a, b))
        return panels(self, self.location + self.scale * edges, size)


def _below(z: ArrayLike) -> FloatArray:
    """Distribution function of the standard Gumbel law."""
    with np.errstate(over="ignore"):
        return np.exp(-np.exp(-real_numbers(z, "values")))


def _beyond(z: ArrayLike) -> FloatArray:
    """One less the distribution function of the standard Gumbel law."""
    with np.errstate(over="ignore"):
        return -np.expm1(-np.exp(-real_numbers(z, "values")))
