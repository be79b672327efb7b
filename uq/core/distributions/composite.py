"""Laws made of values or of other laws: discrete, empirical and mixtures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.distributions.base import (
    Distribution,
    Tabulated,
    density_inside,
    numbers,
    panels,
    probabilities,
    require,
)
from uq.core.model import real_numbers

_SAME = 1e-9
"""Values this near to one of a discrete law (of themselves, or of its range) are that one: digits lost in text."""


@dataclass(frozen=True)
class Discrete(Distribution):
    """Finitely many increasing values with probabilities that sum to one.

    Where a probability is that of a value and all below it, `ppf` gives the next value, so that points k / n of a plan
    fall on each value as often as it weighs: `mid_cdf`, not `cdf`, is what `ppf` gives a value back from.

    Examples
    --------
    >>> law = Discrete((1.0, 2.0, 4.0), (0.25, 0.25, 0.5))
    >>> law.ppf(law.mid_cdf([1.0, 2.0, 4.0])).tolist(), law.ppf(law.cdf([1.0, 2.0, 4.0])).tolist()
    ([1.0, 2.0, 4.0], [2.0, 4.0, 4.0])
    """

    values: tuple[float, ...]
    """In rising order, in the unit of the input."""
    weights: tuple[float, ...]
    """Probability of each value."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", numbers(self.values, "Discrete: values"))
        object.__setattr__(self, "weights", numbers(self.weights, "Discrete: weights"))
        require(len(self.values) == len(self.weights) > 0, self, "needs as many weights as values")
        require(
            all(a < b for a, b in zip(self.values, self.values[1:], strict=False)),
            self,
            "values must increase",
        )
        require(min(self.weights) >= 0.0, self, "weights must not be negative")
        require(abs(sum(self.weights) - 1.0) < 1e-9, self, f"weights sum to {sum(self.weights):g}, not to 1")

    def ppf(self, probability: ArrayLike) -> FloatArray:
        edges = np.cumsum(self.weights)[:-1]
        u = probabilities(probability)
        index = np.searchsorted(edges, u, side="right")
        return np.where(np.isnan(u), np.nan, np.asarray(self.values)[index])

    def cdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        index = np.searchsorted(np.asarray(self.values), x, side="right")
        return np.where(np.isnan(x), np.nan, np.concatenate([[0.0], np.cumsum(self.weights)])[index])

    def mid_cdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        values, edges = np.asarray(self.values), np.concatenate([[0.0], np.cumsum(self.weights)])
        near = np.abs(x[..., None] - values).argmin(axis=-1)
        meant = np.isclose(x, values[near], rtol=_SAME, atol=_SAME * float(np.ptp(values)))
        return np.where(meant, 0.5 * (edges[near] + edges[near + 1]), self.cdf(x))

    def step(self, value: float) -> tuple[float, float] | None:
        if value not in self.values:
            return None
        k, edges = self.values.index(value), np.concatenate([[0.0], np.cumsum(self.weights)])
        return float(edges[k]), float(edges[k + 1])

    @property
    def atoms(self) -> tuple[float, ...]:
        return self.separate_values

    @property
    def separate_values(self) -> tuple[float, ...]:
        return tuple(v for v, w in zip(self.values, self.weights, strict=True) if w > 0.0)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")[..., None]
        mass = np.where(x == np.asarray(self.values), np.asarray(self.weights), 0.0).sum(axis=-1)
        return np.where(np.isnan(x[..., 0]), np.nan, mass)

    def moments(self) -> tuple[float, float]:
        mean = float(np.dot(self.values, self.weights))
        return mean, float(np.sqrt(np.dot((np.asarray(self.values) - mean) ** 2, self.weights)))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return np.asarray(self.values), np.asarray(self.weights)


@dataclass(frozen=True)
class Empirical(Distribution):
    """The law of n >= 2 distinct data: equal probability between neighbours, evenly spread; nothing beyond the data.

    It is blind to tails: no draw exceeds the largest datum.  Fit a law (`uq.core.distributions.fitting`) where tails
    matter.
    """

    values: tuple[float, ...]
    """The data, in any order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(sorted(numbers(self.values, "Empirical: values"))))
        require(len(self.values) >= 2, self, "needs at least two data")
        rising = all(a < b for a, b in zip(self.values, self.values[1:], strict=False))
        require(rising, self, "holds repeated data: use Discrete, or restore the digits lost in rounding")

    def _places(self) -> tuple[FloatArray, FloatArray]:
        return np.asarray(self.values), np.linspace(0.0, 1.0, len(self.values))

    def ppf(self, probability: ArrayLike) -> FloatArray:
        values, places = self._places()
        return np.interp(probabilities(probability), places, values)

    def cdf(self, value: ArrayLike) -> FloatArray:
        values, places = self._places()
        return np.interp(real_numbers(value, "values"), values, places)

    def pdf(self, value: ArrayLike) -> FloatArray:
        x = real_numbers(value, "values")
        values, _ = self._places()
        density = 1.0 / (len(values) - 1) / np.diff(values)
        cell = np.clip(np.searchsorted(values, x, side="right") - 1, 0, len(density) - 1)
        return density_inside(x, (x >= values[0]) & (x <= values[-1]), density[cell])

    def moments(self) -> tuple[float, float]:
        values, _ = self._places()
        low, high = values[:-1], values[1:]
        mean = float(np.mean(0.5 * (low + high)))
        square = np.mean((low - mean) ** 2 + (low - mean) * (high - mean) + (high - mean) ** 2) / 3.0
        return mean, float(np.sqrt(square))

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        return panels(self, np.asarray(self.values), size)


@dataclass(frozen=True)
class Mixture(Tabulated):
    """One of several laws, drawn with probabilities `weights` that sum to one: sources that disagree, modes."""

    parts: tuple[Distribution, ...]
    """Laws, one of which is drawn."""
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "weights", numbers(self.weights, "Mixture: weights"))
        require(len(self.parts) == len(self.weights) > 0, self, "needs as many weights as parts")
        for part in self.parts:
            if not isinstance(part, Distribution):
                raise TypeError(f"a part of a mixture is {part!r}, expected a distribution")
        require(min(self.weights) > 0.0, self, "weights must be positive")
        require(abs(sum(self.weights) - 1.0) < 1e-9, self, f"weights sum to {sum(self.weights):g}, not to 1")

    def _sum(self, values: list[FloatArray]) -> FloatArray:
        return sum(w * v for w, v in zip(self.weights, values, strict=True))  # type: ignore[return-value]

    def cdf(self, value: ArrayLike) -> FloatArray:
        return self._sum([part.cdf(value) for part in self.parts])

    def mid_cdf(self, value: ArrayLike) -> FloatArray:
        return self._sum([part.mid_cdf(value) for part in self.parts])

    def step(self, value: float) -> tuple[float, float] | None:
        if all(part.step(value) is None for part in self.parts):
            return None
        steps = [part.step(value) or (float(part.cdf(value)),) * 2 for part in self.parts]
        low, high = (sum(w * s[end] for w, s in zip(self.weights, steps, strict=True)) for end in (0, 1))
        return low, high

    @property
    def atoms(self) -> tuple[float, ...]:
        return tuple(sorted({v for part in self.parts for v in part.atoms}))

    @property
    def separate_values(self) -> tuple[float, ...] | None:
        values = [part.separate_values for part in self.parts]
        return None if None in values else tuple(sorted({v for part in values for v in part or ()}))

    def pdf(self, value: ArrayLike) -> FloatArray:
        return self._sum([part.pdf(value) for part in self.parts])

    def ppf(self, probability: ArrayLike) -> FloatArray:
        """The smallest x with cdf(x) >= probability, bisected between the parts' own quantiles."""
        u = probabilities(probability)
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

    @property
    def poincare_constant(self) -> float:
        ends = sorted(part.support for part in self.parts)
        reach = np.maximum.accumulate([high for _, high in ends])
        apart = any(low > top for (low, _), top in zip(ends[1:], reach[:-1], strict=True))
        bounded = not apart and all(np.isfinite(part.poincare_constant) for part in self.parts)
        return super().poincare_constant if bounded else np.inf

    def quadrature(self, size: int) -> tuple[FloatArray, FloatArray]:
        nodes, weights = [], []
        for share, part in zip(self.weights, self.parts, strict=True):
            t, w = part.quadrature(size)
            nodes.append(np.exp(t) if part.logarithmic else t)
            weights.append(share * w)
        return np.concatenate(nodes), np.concatenate(weights)

    def to_dict(self) -> dict[str, Any]:
        return {"law": "Mixture", "parts": [p.to_dict() for p in self.parts], "weights": list(self.weights)}
