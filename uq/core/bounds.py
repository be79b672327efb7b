"""The box that design inputs may move in, kept smoothly: no step of an optimiser is lost, none leaves for good.

For an input of range [low, high] and width w = high - low, with the excess e = max(0, low - x, x - high)::

    held     x inside the range, and low - m tanh(e / m) or high + m tanh(e / m) beyond it, m = 0.02 w
    penalty  sum_j (e_j / w_j)^2

Both and their slopes are continuous everywhere, and held(x) = x inside.  A model is asked at held(x) only.
Source: *judgement* (the margin); quadratic exterior penalties as in Nocedal & Wright (2006), section 17.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from uq.core.array_types import FloatArray
from uq.core.distributions import Distribution
from uq.core.model import real_numbers
from uq.core.problem import Problem

MARGIN = 0.02
"""A point is held within this share of the range beyond it."""

_TAIL = 1e-5


def trained_range(law: Distribution) -> tuple[float, float]:
    """The support of a law, or its 1e-5 and 1 - 1e-5 quantiles where that is infinite: where surrogates are trained.

    Parameters
    ----------
    law : Distribution
        A one-dimensional distribution.

    Returns
    -------
    tuple of float
        Lowest and highest value.

    Examples
    --------
    >>> from uq.core.distributions import Uniform
    >>> trained_range(Uniform(1.0, 2.0))
    (1.0, 2.0)
    """
    low, high = law.support
    return (
        low if np.isfinite(low) else float(law.ppf(_TAIL)),
        high if np.isfinite(high) else float(law.ppf(1.0 - _TAIL)),
    )


@dataclass(frozen=True)
class Box:
    """Ranges `low`, `high` (k,) of the inputs `names`, in their units (equations above)."""

    names: tuple[str, ...]
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, problem: Problem, names: Sequence[str] | None = None) -> Self:
        """The trained ranges of the inputs `names` (all by default).  Raises KeyError with the nearest name."""
        chosen = problem.input_names if names is None else tuple(names)
        ranges = np.array([trained_range(problem.distributions[problem.index(n)]) for n in chosen])
        return cls(chosen, ranges[:, 0], ranges[:, 1])

    @property
    def width(self) -> FloatArray:
        """high - low (k,)."""
        return self.high - self.low

    @property
    def _margin(self) -> FloatArray:
        """A positive range stays positive: logarithms are taken of it."""
        share = MARGIN * self.width
        return np.where(self.low > 0.0, np.minimum(share, 0.5 * self.low), share)

    def held(self, x: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Points (..., k) held within the margin, and the slopes d held / d x of each coordinate, (..., k)."""
        points = real_numbers(x, "points")
        margin = self._margin
        inside = np.clip(points, self.low, self.high)
        bent = np.tanh((points - inside) / margin)
        return inside + margin * bent, 1.0 - bent**2

    def penalty(self, x: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """The penalty (...) of points (..., k), zero inside, and its gradient (..., k)."""
        points = real_numbers(x, "points")
        excess = (points - np.clip(points, self.low, self.high)) / self.width
        return np.sum(excess**2, axis=-1), 2.0 * excess / self.width

    def edges(self, x: ArrayLike, tolerance: float = 1e-6) -> tuple[str, ...]:
        """Which coordinates of a point (k,) lie on or beyond an end of their range, as 'name at its low end'."""
        points = real_numbers(x, "points")
        found = []
        for j, name in enumerate(self.names):
            for end, distance in (("low", points[j] - self.low[j]), ("high", self.high[j] - points[j])):
                if distance <= tolerance * self.width[j]:
                    found.append(f"{name} at its {end} end")
        return tuple(found)
