"""Laws between two ends: uniform, triangular, beta and PERT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.distributions.base import (
    Distribution,
    Tabulated,
    density_inside,
    panels,
    probabilities,
    require,
    require_finite,
)
from uq.core.model import real_numbers


@dataclass(frozen=True)
class Uniform(Distribution):
    """Equal density on [low, high]."""

    low: float
    """Lower end, in the unit of the input."""
    high: float
    """Upper end, in the unit of the input."""

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.low < self.high, self, "low must be below high")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return self.low + (self.high - self.low) * probabilities(probability)

    def cdf(self, value: ArrayLike) -> FloatArray:
        return np.clip((real_numbers(value, "values") - self.low) / (self.high - self.low), 0.0, 1.0)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        return density_inside(x, (x >= self.low) & (x <= self.high), 1.0 / (self.high - self.low))

    def moments(self) -> tuple[float, float]:
        return 0.5 * (self.low + self.high), float((self.high - self.low) / np.sqrt(12.0))

    @property
    def poincare_constant(self) -> float:
        return float(((self.high - self.low) / np.pi) ** 2)

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = np.polynomial.legendre.leggauss(size)
        return self.low + 0.5 * (self.high - self.low) * (t + 1.0), 0.5 * w


@dataclass(frozen=True)
class Triangular(Distribution):
    """Density rising linearly from low to mode, falling to high."""

    low: float
    """Lower end, in the unit of the input."""
    mode: float
    """Most likely value, in the unit of the input."""
    high: float
    """Upper end, in the unit of the input."""

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.low <= self.mode <= self.high, self, "needs low <= mode <= high")
        require(self.low < self.high, self, "low must be below high")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        u = probabilities(probability)
        width, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        return np.where(
            u * width < rise,
            self.low + np.sqrt(u * width * rise),
            self.high - np.sqrt((1.0 - u) * width * fall),
        )

    def cdf(self, value: ArrayLike) -> FloatArray:
        x = np.clip(real_numbers(value, "values"), self.low, self.high)
        width, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        below = (x - self.low) ** 2 / (width * rise) if rise > 0.0 else np.zeros_like(x)
        above = 1.0 - (self.high - x) ** 2 / (width * fall) if fall > 0.0 else np.ones_like(x)
        return np.where(x < self.mode, below, above)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        peak = 2.0 / (self.high - self.low)
        rise, fall = self.mode - self.low, self.high - self.mode
        left = (x - self.low) / rise if rise > 0.0 else np.zeros_like(x)
        right = (self.high - x) / fall if fall > 0.0 else np.where(x <= self.high, 1.0, 0.0)
        inside = (x >= self.low) & (x <= self.high)
        return density_inside(x, inside, peak * np.where(x < self.mode, left, right))

    def moments(self) -> tuple[float, float]:
        width, mode = self.high - self.low, self.mode - self.low  # far from zero their squares would cancel
        return self.low + (width + mode) / 3.0, float(np.sqrt((width**2 + mode**2 - width * mode) / 18.0))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return panels(self, np.unique([self.low, self.mode, self.high]), size)


@dataclass(frozen=True)
class Beta(Tabulated):
    """Beta law of shapes a and b on [low, high]."""

    a: float
    """First shape, positive."""
    b: float
    """Second shape, positive."""
    low: float = 0.0
    """Lower end, in the unit of the input."""
    high: float = 1.0
    """Upper end, in the unit of the input."""

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.a > 0.0 and self.b > 0.0, self, "shapes a and b must be positive")
        require(self.low < self.high, self, "low must be below high")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        u = probabilities(probability)
        return self.low + (self.high - self.low) * special.betaincinv(self.a, self.b, u)

    def _exact_at_normal(self, z: FloatArray) -> FloatArray:
        lower = special.betaincinv(self.a, self.b, special.ndtr(np.minimum(z, 0.0)))
        upper = special.betaincinv(self.b, self.a, special.ndtr(-np.maximum(z, 0.0)))
        width = self.high - self.low
        return np.where(z < 0.0, self.low + width * lower, self.high - width * upper)

    def cdf(self, value: ArrayLike) -> FloatArray:
        z = np.clip((real_numbers(value, "values") - self.low) / (self.high - self.low), 0.0, 1.0)
        return special.betainc(self.a, self.b, z)

    def pdf(self, value: ArrayLike) -> FloatArray:
        width = self.high - self.low
        z = (real_numbers(value, "values") - self.low) / width
        inside = (z > 0.0) & (z < 1.0)
        safe = np.where(inside, z, 0.5)
        log = (
            special.xlogy(self.a - 1.0, safe)
            + special.xlog1py(self.b - 1.0, -safe)
            - special.betaln(self.a, self.b)
        )
        return density_inside(z, inside, np.exp(log) / width)

    def moments(self) -> tuple[float, float]:
        total, width = self.a + self.b, self.high - self.low
        std = width * np.sqrt(self.a * self.b / (total**2 * (total + 1.0)))
        return self.low + width * self.a / total, float(std)

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        t, w = special.roots_jacobi(size, self.b - 1.0, self.a - 1.0)
        return self.low + 0.5 * (self.high - self.low) * (t + 1.0), w / w.sum()


@dataclass(frozen=True)
class PERT(Tabulated):
    """An expert's lowest, most likely and highest value as a beta law of mean (low + 4 mode + high) / 6.

    Source: Malcolm et al. (1959), doi:10.1287/opre.7.5.646; the beta form of Vose, *Risk Analysis*, 2008, appendix III.
    """

    low: float
    """Lowest value, in the unit of the input."""
    mode: float
    """Most likely value, in the unit of the input."""
    high: float
    """Highest value, in the unit of the input."""

    def __post_init__(self) -> None:
        require_finite(self)
        require(self.low <= self.mode <= self.high, self, "needs low <= mode <= high")
        require(self.low < self.high, self, "low must be below high")

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
