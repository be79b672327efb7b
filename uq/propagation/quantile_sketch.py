"""Distributions of many samples in fixed memory: counts in equal bins, moments, and sums of two such sketches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from uq.core.array_types import FloatArray, IntArray

BINS = 32768
"""Bins where nothing else is asked: 250 kB, and quantiles to about 1e-3 of a standard deviation."""


@dataclass(frozen=True)
class Sketch:
    """What is kept of `count` samples: `counts` (bins + 2,) in equal bins of [low, high] and beyond, mean, and the sum
    of squared deviations `squares`; `smallest` and `max_runs` bound the open bins.

    Quantiles are right within one bin.  Sketches of the same range add up, in any order, to that of all samples.

    >>> left, right = (Sketch.of(v, 0.0, 1.0) for v in np.split(np.linspace(0, 1, 1000), 2))
    >>> round((left + right).quantile(0.25), 2)
    0.25
    """

    low: float
    """Lower end of the bins, in the unit of the samples."""
    high: float
    """Upper end of the bins, in the unit of the samples."""
    counts: IntArray
    count: int
    mean: float
    """In the unit of the samples."""
    squares: float
    smallest: float
    largest: float
    """The greatest sample."""

    @staticmethod
    def of(values: FloatArray, low: float, high: float, bins: int = BINS) -> Sketch:
        """The sketch of values (n,), n > 0, all finite, with equal bins in [low, high]."""
        place = np.clip(np.floor((values - low) * (bins / (high - low))), -1, bins).astype(np.int64) + 1
        mean = float(values.mean())
        return Sketch(
            low,
            high,
            np.bincount(place, minlength=bins + 2),
            len(values),
            mean,
            float(((values - mean) ** 2).sum()),
            float(values.min()),
            float(values.max()),
        )

    def __add__(self, other: Sketch) -> Sketch:
        if (self.low, self.high, len(self.counts)) != (other.low, other.high, len(other.counts)):
            raise ValueError("sketches of different ranges do not add up")
        count = self.count + other.count
        step = other.mean - self.mean
        return Sketch(
            self.low,
            self.high,
            self.counts + other.counts,
            count,
            self.mean + step * other.count / count,
            self.squares + other.squares + step**2 * self.count * other.count / count,
            min(self.smallest, other.smallest),
            max(self.largest, other.largest),
        )

    @property
    def width(self) -> float:
        """Width of a bin."""
        return (self.high - self.low) / (len(self.counts) - 2)

    @property
    def std(self) -> float:
        """Standard deviation of the samples."""
        return float(np.sqrt(self.squares / self.count))

    @property
    def farthest(self) -> float:
        """Distance of the sample farthest from the mean."""
        return max(self.largest - self.mean, self.mean - self.smallest)

    def _bin(self, k: int) -> tuple[float, float]:
        """Ends of the k-th bin; the first and the last are open, and reach to the extremes."""
        last = len(self.counts) - 1
        left = min(self.smallest, self.low) if k == 0 else self.low + (k - 1) * self.width
        right = max(self.largest, self.high) if k == last else self.low + k * self.width
        return left, right

    def quantile(self, probability: float) -> float:
        """Value not exceeded with a probability in [0, 1]: linear within a bin, never beyond the extremes."""
        below = np.cumsum(self.counts)
        target = probability * self.count
        k = min(int(np.searchsorted(below, target)), len(below) - 1)
        left, right = self._bin(k)
        inside = int(self.counts[k])
        share = (target - float(below[k] - inside)) / inside if inside else 0.0
        return float(np.clip(left + share * (right - left), self.smallest, self.largest))

    def between(self, low: float, high: float) -> tuple[float, float]:
        """Quantiles of two probabilities, at least two samples apart; where a bin holds more than that, its outer end.

        Within such a bin (an atom, or samples as dense as that) linearity is a guess, elsewhere it is finer than what
        lies between the probabilities.
        """
        centre, reach = 0.5 * (low + high), max(0.5 * (high - low), 1.0 / self.count)
        low, high = max(centre - reach, 0.0), min(centre + reach, 1.0)
        heavy = (high - low) * self.count
        ends = [self.quantile(low), self.quantile(high)]
        below = np.cumsum(self.counts)
        for end, p in enumerate((low, high)):
            k = min(int(np.searchsorted(below, p * self.count)), len(below) - 1)
            if self.counts[k] > heavy:
                ends[end] = self._bin(k)[end]
        return ends[0], ends[1]

    def below(self, value: float) -> float:
        """Share of the samples up to `value`, linear within a bin."""
        k = int(np.clip(np.floor((value - self.low) / self.width), -1, len(self.counts) - 2)) + 1
        left, right = self._bin(k)
        share = float(np.clip((value - left) / (right - left), 0.0, 1.0)) if right > left else 1.0
        return (float(self.counts[:k].sum()) + share * float(self.counts[k])) / self.count
