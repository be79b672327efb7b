"""Mean and quantile of one column of independent values, each with its interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from uq.core.estimate import CONFIDENCE, Estimate, check_probability


def mean_estimate(values: ArrayLike, *, confidence: float = CONFIDENCE) -> Estimate:
    """Mean with Student's interval.

    Parameters
    ----------
    values : array_like (n,)
        Finite, independent.
    confidence : float
        Of the interval.

    Returns
    -------
    Estimate
        NaN with fewer than two values.

    Examples
    --------
    >>> mean_estimate([1.0, 2.0, 3.0]).value
    2.0
    """
    check_probability("confidence", confidence)
    v = np.asarray(values, dtype=np.float64)
    n = v.size
    if n < 2:
        return Estimate(np.nan, np.nan, np.nan, confidence)
    mean = float(v.mean())
    half = float(special.stdtrit(n - 1, 0.5 + 0.5 * confidence) * v.std(ddof=1) / np.sqrt(n))
    return Estimate(mean, mean - half, mean + half, confidence)


def quantile_estimate(values: ArrayLike, probability: float, *, confidence: float = CONFIDENCE) -> Estimate:
    """Quantile with the distribution-free interval of order statistics.

    The number of values below the quantile is binomial: ranks l and u with P(l <= B < u) >= confidence hold it.  A rank
    beyond the sample is an infinite end.

    Parameters
    ----------
    values : array_like (n,)
        Independent; a failure may stand as minus or plus infinity.
    probability : float
        Of the quantile.
    confidence : float
        At least that of the interval.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Without values, with NaN, or for a probability outside 0 to 1.

    References
    ----------
    David & Nagaraja, *Order Statistics*, 2003, section 7.1.

    Examples
    --------
    >>> quantile_estimate(range(1, 101), 0.5).value
    50.0
    """
    check_probability("probability", probability)
    check_probability("confidence", confidence)
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = ordered.size
    if not n or np.isnan(ordered).any():
        raise ValueError("a quantile takes at least one value, and no NaN")
    low, high = stats.binom.ppf([0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence], n, probability)
    at = min(max(int(np.ceil(n * probability)), 1), n)
    ends = np.concatenate([[-np.inf], ordered, [np.inf]])
    low, high = ends[int(low)], ends[min(int(high) + 1, n + 1)]
    return Estimate(float(ordered[at - 1]), float(low), float(high), confidence)
