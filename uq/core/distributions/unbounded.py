"""Laws with an infinite tail: normal, lognormal, Weibull and Gumbel."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Normal(Distribution):
    """Gaussian law of given mean and standard deviation."""

    mean: float
    """In the unit of the input."""
    std: float
    """Standard deviation, positive."""

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.std > 0.0, self, "std must be positive")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return self.at_normal(special.ndtri(probabilities(probability)))

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.mean + self.std * z

    def cdf(self, value: ArrayLike) -> FloatArray:
        return special.ndtr((real_numbers(value, "values") - self.mean) / self.std)

    def pdf(self, value: ArrayLike) -> FloatArray:
        z = (real_numbers(value, "values") - self.mean) / self.std
        return np.exp(-0.5 * z * z) / (self.std * SQRT_TAU)

    def moments(self) -> tuple[float, float]:
        return self.mean, self.std

    @property
    def poincare_constant(self) -> float:
        return self.std**2

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = _gauss_hermite(size)
        return self.mean + self.std * t, w


@dataclass(frozen=True)
class LogNormal(Distribution):
    """exp(N(log median, log factor)): `factor` is the geometric standard deviation, above 1."""

    logarithmic = True

    median: float
    """In the unit of the input, positive."""
    factor: float

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.median > 0.0, self, "median must be positive")
        require(self.factor > 1.0, self, "factor (geometric standard deviation) must exceed 1")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return self.at_normal(special.ndtri(probabilities(probability)))

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.median * np.exp(np.log(self.factor) * z)

    def cdf(self, value: ArrayLike) -> FloatArray:
        x = np.maximum(real_numbers(value, "values"), 0.0)
        with np.errstate(divide="ignore"):
            return special.ndtr(np.log(x / self.median) / np.log(self.factor))

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        s = np.log(self.factor)
        safe = np.where(x > 0.0, x, 1.0)
        z = np.log(safe / self.median) / s
        return density_inside(x, x > 0.0, np.exp(-0.5 * z * z) / (safe * s * SQRT_TAU))

    def moments(self) -> tuple[float, float]:
        variance = np.log(self.factor) ** 2
        mean = self.median * np.exp(0.5 * variance)
        return float(mean), float(mean * np.sqrt(np.expm1(variance)))

    @property
    def poincare_constant(self) -> float:
        return np.inf

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = _gauss_hermite(size)
        return np.log(self.median) + np.log(self.factor) * t, w


def _gauss_hermite(size: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the standard normal law."""
    t, w = special.roots_hermitenorm(size)
    return t, w / SQRT_TAU


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
    """In the unit of the input, positive."""
    shape: float
    """Positive; below one the tail is heavier than an exponential."""
    low: float = 0.0
    """Lower end, in the unit of the input."""

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.scale > 0.0 and self.shape > 0.0, self, "scale and shape must be positive")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        with np.errstate(divide="ignore"):
            life = -np.log1p(-probabilities(probability))
        return self.low + self.scale * life ** (1.0 / self.shape)

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.low + self.scale * (-special.log_ndtr(-z)) ** (1.0 / self.shape)

    def cdf(self, value: ArrayLike) -> FloatArray:
        z = np.maximum((real_numbers(value, "values") - self.low) / self.scale, 0.0)
        return -np.expm1(-(z**self.shape))

    def pdf(self, value: ArrayLike) -> FloatArray:
        z = (real_numbers(value, "values") - self.low) / self.scale
        safe = np.where(z > 0.0, z, 1.0)
        density = self.shape / self.scale * safe ** (self.shape - 1.0) * np.exp(-(safe**self.shape))
        return density_inside(z, z > 0.0, density)

    def moments(self) -> tuple[float, float]:
        first, second = (float(special.gamma(1.0 + k / self.shape)) for k in (1, 2))
        return self.low + self.scale * first, float(self.scale * np.sqrt(second - first**2))

    @property
    def poincare_constant(self) -> float:
        return np.inf if self.shape < 1.0 else super().poincare_constant

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return panels(self, self.low + self.scale * np.array([*_HEAD, *_TAIL]) ** (1.0 / self.shape), size)


@dataclass(frozen=True)
class Gumbel(Distribution):
    """P(X <= x) = exp(-exp(-(x - location) / scale)): the largest of many."""

    location: float
    """Mode, in the unit of the input."""
    scale: float
    """In the unit of the input, positive."""

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.scale > 0.0, self, "scale must be positive")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        with np.errstate(divide="ignore"):
            return self.location - self.scale * np.log(-np.log(probabilities(probability)))

    def at_normal(self, z: FloatArray) -> FloatArray:
        return self.location - self.scale * np.log(-special.log_ndtr(z))

    def cdf(self, value: ArrayLike) -> FloatArray:
        with np.errstate(over="ignore"):
            return np.exp(-np.exp(-(real_numbers(value, "values") - self.location) / self.scale))

    def pdf(self, value: ArrayLike) -> FloatArray:
        z = np.maximum((real_numbers(value, "values") - self.location) / self.scale, -700.0)
        return np.exp(-z - np.exp(-z)) / self.scale

    def moments(self) -> tuple[float, float]:
        return self.location + self.scale * float(np.euler_gamma), float(self.scale * np.pi / np.sqrt(6.0))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        edges = np.array([-7.0, -4.0, -2.0, -1.0, 0.0, *_TAIL])
        return panels(self, self.location + self.scale * edges, size)
