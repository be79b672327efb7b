"""How far a mean, a standard deviation or a proportion may be off, judged by independent groups of samples or trials.

Student's interval takes these groups for normal.  Squares of a lognormal output are far from it: its interval holds the
true standard deviation in 60 to 85 % instead of 90 %, because a sample without its rare large rows tells both a value
and a spread that are too small.  Here the interval is skewed as the samples are, and says when one row rules.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from uq.core.array_types import FloatArray, IntArray
from uq.core.estimate import CONFIDENCE, Estimate, check_probability
from uq.core.model import real_numbers

Interval = tuple[float, float]

SKEWER = 1.5
"""Samples are less skewed than their law, whose tail they have not seen: the factor on their skewness.  *Judgement*:
it holds the coverage of 90 % intervals of the standard deviation at 88 to 91 % for normal outputs and for lognormal
ones of a log spread up to 1, from 32 scrambles of 32 points as from 1,024 random ones."""

RULING = 0.1
"""A row that makes more than this share of a variance, beyond what normal samples would, is a tail not yet seen."""


def student(errors: FloatArray, confidence: float) -> float:
    """Half-width of a mean's interval, from the errors (g,) of g equal independent groups around it.

    Student's t, with the degrees of freedom nu that the kurtosis k of the groups leaves, by matching the variance of
    their s^2 ::

        1 / nu = 1 / (g - 1) + max(k - 3, 0) / (2 g)

    Parameters
    ----------
    errors : ndarray (g,)
        Deviations of g equal independent groups from the estimate.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    float
        In the unit of the errors.

    References
    ----------
    Satterthwaite (1946), doi:10.2307/3002019.

    Examples
    --------
    >>> round(student(np.array([-1.0, 1.0] * 50), 0.9), 3)
    0.167
    """
    g = len(errors)
    e = errors - errors.mean()
    square = float(np.mean(e**2))
    if not square > 0.0:
        return 0.0
    excess = max(float(np.mean(e**4)) / square**2 - 3.0, 0.0)
    freedom = 1.0 / (1.0 / (g - 1.0) + excess / (2.0 * g))
    return float(special.stdtrit(freedom, 0.5 + 0.5 * confidence) * np.sqrt(square / (g - 1.0)))


def skewed(errors: FloatArray, confidence: float) -> Interval:
    """How far below and above a mean of squares the true value may lie, from the errors (g,) of g groups around it.

    Hall's cubic transformation removes the skewness c of the studentised mean; its inverse is taken at the t of
    `student`, with s g^-1/2 the standard error::

        h(x) = ((1 + 3 a (x - a / 2))^(1/3) - 1) / a,    a = c / (3 g^1/2)
        below = s g^-1/2 h(t),    above = -s g^-1/2 h(-t)

    c is `SKEWER` times the skewness of the groups, never negative: squares reach further up than down.

    Parameters
    ----------
    errors : ndarray (g,)
        Deviations of g equal independent groups from the estimate.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Reach below and above the estimate, neither negative.

    References
    ----------
    Hall (1992), doi:10.1111/j.2517-6161.1992.tb01876.x.

    Examples
    --------
    >>> below, above = skewed(np.array([-1.0, 1.0] * 50), 0.9)
    >>> round(below, 3), round(above, 3)
    (0.167, 0.167)
    """
    g = len(errors)
    e = errors - errors.mean()
    half, square = student(e, confidence), float(np.mean(e**2))
    if half == 0.0 or g < 3:
        return half, half
    skewness = float(np.mean(e**3)) / square**1.5 * np.sqrt(g * (g - 1.0)) / (g - 2.0)
    error = float(np.sqrt(square / (g - 1.0)))
    below, above = skewed_reach(half / error, max(skewness, 0.0) / np.sqrt(g))
    return error * below, error * above


def skewed_reach(t: float, skewness: float) -> Interval:
    """Reach of an interval below and above an estimate, in standard errors, by the transformation of `skewed`.

    Parameters
    ----------
    t : float
        Of Student's law at the wanted confidence.
    skewness : float
        Of the estimate itself: that of one row over the root of their number; as far down as up where it is 0.

    Returns
    -------
    tuple of float
        Neither negative.

    Examples
    --------
    >>> [round(x, 2) for x in skewed_reach(1.65, 0.3)], skewed_reach(1.65, 0.0)
    ([1.3, 2.62], (1.65, 1.65))
    """
    a = SKEWER * abs(skewness) / 3.0
    if a < 1e-9:
        return t, t
    low, high = (float(np.cbrt(1.0 + 3.0 * a * (x - 0.5 * a)) - 1.0) / a for x in (t, -t))
    reach = max(low, 0.0), max(-high, 0.0)
    return reach if skewness > 0.0 else reach[::-1]


def std_interval(variance: float, squares: FloatArray, means: FloatArray, confidence: float) -> Interval:
    """Interval of a standard deviation, from groups' errors (g,) of the `variance` and of the mean.

    Ends are roots of those of the variance.  The square of the mean's own reach is added in quadrature: it is what
    remains where the variance has no error of first order (two equally likely values).

    Parameters
    ----------
    variance : float
        The estimate, of the groups' mean.
    squares : ndarray (g,)
        Errors of the groups' variances.
    means : ndarray (g,)
        Errors of the groups' means.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end of the standard deviation.
    """
    second_order = student(means, confidence) ** 2
    below, above = (float(np.hypot(end, second_order)) for end in skewed(squares, confidence))
    return float(np.sqrt(max(variance - below, 0.0))), float(np.sqrt(variance + above))


def tail_note(
    largest_square: float,
    squares: float,
    n: int,
    consequence: str = "mean, std and their intervals may be too small",
) -> tuple[str, ...]:
    """A warning if one of n rows makes too much of the sum of squared deviations `squares`.

    Normal samples expect a share of 2 log(n) / n.  Beyond `RULING` more, the fourth moment, from which the interval of
    the standard deviation is made, rests on a row or two, and more of them may be missing than can be seen.  The
    variance of a lognormal output of log spread s is made at germs near 2 s, its error at germs near 4 s.

    Parameters
    ----------
    largest_square : float
        Largest squared deviation of a row from the mean.
    squares : float
        Sum of all of them.
    n : int
        Rows.
    consequence : str, optional
        What the reader is to expect, for the end of the sentence.

    Returns
    -------
    tuple of str
        The warning, or nothing.

    Examples
    --------
    >>> tail_note(1.0, 100.0, 1000)
    ()
    >>> tail_note(30.0, 100.0, 1000)
    ('unreliable tail: one of 1000 rows makes 30 % of the variance; mean, std and their intervals may be too small',)
    """
    share = largest_square / squares if squares > 0.0 else 0.0
    if share <= RULING + 2.0 * np.log(max(n, 2)) / n:
        return ()
    return (f"unreliable tail: one of {n} rows makes {100 * share:.0f} % of the variance; {consequence}",)


def group_errors(rows: NDArray[np.floating[Any]], member: IntArray) -> FloatArray:
    """Errors (g,) of the groups that rows (n,) with errors of their own belong to, each as weighty as the rows it has.

    Groups differ in size where failed rows are left out; the mean of these errors is that of the rows all the same.

    Parameters
    ----------
    rows : ndarray (n,)
        Error of each row.
    member : ndarray of int (n,)
        The group of each row, from 0.

    Returns
    -------
    ndarray (g,)
        Errors of the groups.
    """
    sums = np.bincount(member, weights=rows).astype(np.float64)
    return sums * (len(sums) / len(rows))


def clopper_pearson(events: int, n: int, confidence: float) -> Interval:
    """Exact interval of a probability of which `events` of n trials speak.

    Parameters
    ----------
    events : int
        Trials that show the event.
    n : int
        Trials.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 59, 0.9)
    >>> low, round(high, 3)
    (0.0, 0.05)
    """
    tail = 0.5 - 0.5 * confidence
    low = float(special.betaincinv(events, n - events + 1, tail)) if events > 0 else 0.0
    high = float(special.betaincinv(events + 1, n - events, 1.0 - tail)) if events < n else 1.0
    return low, high


def wilson(probability: float, n: float, confidence: float) -> tuple[float, float]:
    """Score interval of a proportion seen in n independent trials.

    centre = (p + z^2/2n) / (1 + z^2/n), half width = z sqrt(p (1-p)/n + z^2/4n^2) / (1 + z^2/n), z =
    Phi^-1((1+c)/2).

    Parameters
    ----------
    probability : float
        Share of the trials that show the event.
    n : float
        Trials, possibly an effective, broken number.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    z = float(special.ndtri(0.5 * (1.0 + confidence)))
    shrink = 1.0 + z * z / n
    centre = (probability + 0.5 * z * z / n) / shrink
    half = z * np.sqrt(probability * (1.0 - probability) / n + 0.25 * (z / n) ** 2) / shrink
    return float(max(centre - half, 0.0)), float(min(centre + half, 1.0))


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
    v = real_numbers(values, "values")
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
    from scipy import stats

    check_probability("probability", probability)
    check_probability("confidence", confidence)
    ordered = np.sort(real_numbers(values, "values"))
    n = ordered.size
    if not n or np.isnan(ordered).any():
        raise ValueError("a quantile takes at least one value, and no NaN")
    low, high = stats.binom.ppf([0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence], n, probability)
    at = min(max(int(np.ceil(n * probability)), 1), n)
    ends = np.concatenate([[-np.inf], ordered, [np.inf]])
    low, high = ends[int(low)], ends[min(int(high) + 1, n + 1)]
    return Estimate(float(ordered[at - 1]), float(low), float(high), confidence)
