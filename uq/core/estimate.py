"""A number and its confidence interval: what every answer of this package is made of."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np

from uq.core.array_types import FloatArray

CONFIDENCE = 0.9
"""Confidence of every interval unless another is asked for."""

SEED = 1
"""Seed of every random choice unless another is given."""


@dataclass(frozen=True)
class Estimate:
    """A number and its confidence interval.

    Parameters
    ----------
    value : float
        In the unit of what is estimated.
    low, high : float
        Ends of the interval; NaN where none is known.
    confidence : float
        Of the interval.

    Examples
    --------
    >>> Estimate(2.0, 1.5, 2.5)
    Estimate(value=2.0, low=1.5, high=2.5, confidence=0.9)
    """

    value: float
    low: float
    """Lower end of the interval, in the unit of the value."""
    high: float
    """Upper end of the interval, in the unit of the value."""
    confidence: float = CONFIDENCE

    def __str__(self) -> str:
        value, low, high = (number + 0.0 for number in (self.value, self.low, self.high))  # no minus zero
        if np.isnan(low) and np.isnan(high):
            return f"{value:.5g}"
        return f"{value:.5g} [{low:.5g}, {high:.5g}]"

    def holds(self, value: float) -> bool:
        """Whether `value` lies in the interval."""
        return bool(self.low <= value <= self.high)

    def scaled(self, factor: float, offset: float = 0.0) -> Estimate:
        """The estimate of ``factor * x + offset``, as in another unit; a negative factor turns the interval round.

        >>> Estimate(2.0, 1.5, 2.5).scaled(-1.0)
        Estimate(value=-2.0, low=-2.5, high=-1.5, confidence=0.9)
        """
        ends = sorted((factor * self.low + offset, factor * self.high + offset))
        return Estimate(factor * self.value + offset, ends[0], ends[1], self.confidence)


def estimates(
    values: FloatArray, intervals: FloatArray, confidence: float = CONFIDENCE
) -> tuple[Estimate, ...]:
    """Values (k,) with their intervals (k, 2) at `confidence`.

    Parameters
    ----------
    values : ndarray (k,)
        Estimates.
    intervals : ndarray (k, 2)
        Their lower and upper ends.
    confidence : float, default CONFIDENCE
        Of the intervals.

    Returns
    -------
    tuple of Estimate
    """
    return tuple(
        Estimate(float(v), float(a), float(b), confidence)
        for v, (a, b) in zip(values, intervals, strict=True)
    )


def require_confidence(confidence: float) -> None:
    """Raise ValueError unless `confidence` is a probability between 0 and 1.

    Parameters
    ----------
    confidence : float
        Of the interval, between 0 and 1.

    Raises
    ------
    ValueError
        For a percentage or anything else outside (0, 1)

    Examples
    --------
    >>> require_confidence(90)
    Traceback (most recent call last):
    ValueError: confidence is a probability between 0 and 1, such as 0.9; got 90
    """
    check_probability("confidence", confidence)


def check_probability(name: str, value: float) -> None:
    """Raise ValueError unless 0 < value < 1.

    Parameters
    ----------
    name : str
        Of the option, for the message.
    value : float
        What the option was set to.

    Raises
    ------
    ValueError
        Unless 0 < value < 1.
    """
    if not isinstance(value, Real) or not 0.0 < value < 1.0:
        said = f"{value:g}" if isinstance(value, Real) else repr(value)
        raise ValueError(f"{name} is a probability between 0 and 1, such as 0.9; got {said}")
