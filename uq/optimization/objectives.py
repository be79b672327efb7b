"""What is wanted of a design under uncertainty: statistics of outputs, bounds on them, and a goal.

For outputs y_1 .. y_n of a sample of the uncertain inputs, each with its derivatives ds/dy_i::

    Mean         s = sum_i y_i / n
    Quantile     s = sum_i w_i y_(i),  w_i = I(i/n) - I((i-1)/n),  I the law Beta((n+1) p, (n+1) (1-p))
    Compliance   s = sum_i prod_l (Phi((high_l - y_il) / h_l) - Phi((low_l - y_il) / h_l)) / n,  h = n^-1/3 std(y)

They are smooth in the sample, and the derivatives are those of exactly these sums.  Of a sample of one row, mean and
quantile are the output itself.

Sources: Harrell & Davis (1982), doi:10.1093/biomet/69.3.635 (quantile); Azzalini (1981), doi:10.1093/biomet/68.1.326
(kernel estimate of a distribution function and its bandwidth).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.problem import Problem, units_of
from uq.requirements.types import Limit, suffix

Sense = Literal["minimize", "maximize"]

_SQRT_TAU = np.sqrt(2.0 * np.pi)


class Statistic(Protocol):
    """A number that sums up outputs y (n, m) of a problem, with its derivative by each of them."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs that it sums up."""

    def of(self, problem: Problem, y: FloatArray) -> tuple[float, FloatArray]:
        """The statistic, and its derivatives (n, m)."""

    def scale(self, problem: Problem, spread: FloatArray) -> float:
        """The size of what matters in it, where outputs have standard deviations `spread` (m,)."""

    def text(self, problem: Problem) -> str:
        """What it is, with its unit."""


class _OfOne:
    """A statistic of one output."""

    output: str

    @property
    def outputs(self) -> tuple[str, ...]:
        """See `Statistic`."""
        return (self.output,)

    def scale(self, problem: Problem, spread: FloatArray) -> float:
        """See `Statistic`."""
        return float(spread[problem.output_index(self.output)])


@dataclass(frozen=True)
class Mean(_OfOne):
    """The mean of an output, in its unit."""

    output: str
    """Name of the output."""

    def of(self, problem: Problem, y: FloatArray) -> tuple[float, FloatArray]:
        """See `Statistic`."""
        k = problem.output_index(self.output)
        slopes = np.zeros(y.shape)
        slopes[:, k] = 1.0 / len(y)
        return float(y[:, k].mean()), slopes

    def text(self, problem: Problem) -> str:
        """See `Statistic`."""
        return f"mean {self.output}" + _bracketed(problem, self.output)


@dataclass(frozen=True)
class Quantile(_OfOne):
    """The value that an output stays below with `probability`, in its unit."""

    output: str
    """Name of the output."""
    probability: float

    def __post_init__(self) -> None:
        if not 0.0 < self.probability < 1.0:
            raise ValueError(f"a quantile needs a probability between 0 and 1, got {self.probability}")

    def of(self, problem: Problem, y: FloatArray) -> tuple[float, FloatArray]:
        """See `Statistic`."""
        k = problem.output_index(self.output)
        order = np.argsort(y[:, k], kind="stable")
        weights = _order_weights(len(y), self.probability)
        slopes = np.zeros(y.shape)
        slopes[order, k] = weights
        return float(weights @ y[order, k]), slopes

    def text(self, problem: Problem) -> str:
        """See `Statistic`."""
        return f"{100.0 * self.probability:g} % quantile of {self.output}" + _bracketed(problem, self.output)


@dataclass(frozen=True)
class Compliance:
    """The probability that all `limits` are met."""

    limits: tuple[Limit, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "limits", tuple(self.limits))
        names = [limit.output for limit in self.limits]
        if not names or len(set(names)) < len(names):
            raise ValueError("compliance needs limits, one for each output")

    @property
    def outputs(self) -> tuple[str, ...]:
        """See `Statistic`."""
        return tuple(limit.output for limit in self.limits)

    def of(self, problem: Problem, y: FloatArray) -> tuple[float, FloatArray]:
        """See `Statistic`.  Raises ValueError for a single row, whose compliance is yes or no: bound the output."""
        n = len(y)
        if n == 1:
            raise ValueError("nothing is uncertain: bound the mean of the output instead of its compliance")
        index = [problem.output_index(limit.output) for limit in self.limits]
        chances, by_value, by_width, widths = [], [], [], []
        for k, limit in zip(index, self.limits, strict=True):
            width = n ** (-1.0 / 3.0) * float(y[:, k].std()) or 1e-300
            upper, lower = (limit.high - y[:, k]) / width, (limit.low - y[:, k]) / width
            chances.append(special.ndtr(upper) - special.ndtr(lower))
            peaks = [np.exp(-0.5 * t**2) / _SQRT_TAU for t in (upper, lower)]
            tilts = [np.where(np.isfinite(t), t, 0.0) * p for t, p in zip((upper, lower), peaks, strict=True)]
            by_value.append((peaks[1] - peaks[0]) / width)
            by_width.append((tilts[1] - tilts[0]) / width)
            widths.append(width)
        slopes = np.zeros(y.shape)
        for i, k in enumerate(index):
            others = np.prod([c for j, c in enumerate(chances) if j != i], axis=0)
            centred = y[:, k] - y[:, k].mean()
            widening = n ** (-2.0 / 3.0) * centred / (n * widths[i])
            slopes[:, k] = others * by_value[i] / n + float(np.mean(others * by_width[i])) * widening
        return float(np.prod(chances, axis=0).mean()), slopes

    def scale(self, problem: Problem, spread: FloatArray) -> float:
        """See `Statistic`."""
        return 1.0

    def text(self, problem: Problem) -> str:
        """See `Statistic`."""
        return f"P({' and '.join(limit.text(units_of(problem)) for limit in self.limits)})"


@lru_cache(maxsize=64)
def _order_weights(n: int, probability: float) -> FloatArray:
    a, b = (n + 1) * probability, (n + 1) * (1.0 - probability)
    weights = np.diff(special.betainc(a, b, np.arange(n + 1) / n))
    weights.setflags(write=False)
    return weights


def _bracketed(problem: Problem, output: str) -> str:
    unit = suffix(units_of(problem)[output])
    return f" [{unit.strip()}]" if unit else ""


@dataclass(frozen=True)
class Bound:
    """A statistic must lie in [low, high]; one side may be infinite."""

    statistic: Statistic
    """What is bounded."""
    low: float = -np.inf
    """In the statistic's unit; minus infinity for none."""
    high: float = np.inf
    """In the statistic's unit; infinity for none."""

    def __post_init__(self) -> None:
        if not self.low < self.high or (np.isinf(self.low) and np.isinf(self.high)):
            raise ValueError(
                f"a bound needs low < high and one of them finite, got [{self.low}, {self.high}]"
            )

    def text(self, problem: Problem) -> str:
        """The bound as a formula."""
        what = self.statistic.text(problem)
        if np.isinf(self.high):
            return f"{what} >= {self.low:.6g}"
        return (
            f"{what} <= {self.high:.6g}"
            if np.isinf(self.low)
            else f"{self.low:.6g} <= {what} <= {self.high:.6g}"
        )

    def missing(self, value: float) -> float:
        """How far a value lies outside, in its unit; 0 inside."""
        return max(0.0, self.low - value, value - self.high)


@dataclass(frozen=True)
class Goal:
    """The `sense` of a statistic, subject to bounds on others."""

    statistic: Statistic
    """What is made small or large."""
    sense: Sense = "minimize"
    bounds: tuple[Bound, ...] = ()
    """What must hold."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", tuple(self.bounds))
        if self.sense not in ("minimize", "maximize"):
            raise ValueError(f"the sense of a goal is 'minimize' or 'maximize', not {self.sense!r}")

    def text(self, problem: Problem) -> str:
        """The goal in words, without its bounds."""
        extreme = "minimum" if self.sense == "minimize" else "maximum"
        return f"{extreme} {self.statistic.text(problem)}"
