"""Variance shares from pairs of outputs that share some inputs: the arithmetic below all pick-freeze indices.

A share is a ratio of means.  Each estimate carries its influence, the linearised error of every row, so that sums
of shares, other groupings of rows, and intervals follow by plain averages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import tail_note
from uq.core.model import LARGEST

FEW_ROWS = 50.0
"""Rows that make the variance: of fewer, resampled intervals are too narrow (*judgement*)."""
PEAKED = 0.1
"""Of all rows: a law without tails has a third or more of its rows make the variance, however few they are."""


@dataclass(frozen=True)
class Ratio:
    """Estimates `value` (k,) and the linearised error `influence` (n, k) of each row: value = true value + its mean."""

    value: FloatArray
    influence: FloatArray

    @staticmethod
    def stack(ratios: Sequence[Ratio]) -> Ratio:
        """Several estimates on the same rows as one."""
        return Ratio(
            np.concatenate([r.value for r in ratios]), np.concatenate([r.influence for r in ratios], axis=1)
        )

    def plus(self, other: Ratio) -> Ratio:
        """The sum, on the same rows."""
        return Ratio(self.value + other.value, self.influence + other.influence)

    def scaled(self, factor: float) -> Ratio:
        """A multiple."""
        return Ratio(factor * self.value, factor * self.influence)

    def column(self, j: int) -> Ratio:
        """One of the estimates."""
        return Ratio(self.value[j : j + 1], self.influence[:, j : j + 1])


def product_share(x: FloatArray, y: FloatArray, other: FloatArray) -> Ratio:
    """Share of the inputs that x and y have in common: <x y - k x other> / <(x^2 + y^2) / 2>.

    `other` is independent of x and near y, so that k x other is a control variate of zero mean; all three have one
    law. k = 0 is the estimator of Janon et al. (2014), k = 1 that of Saltelli (2010).

    Parameters
    ----------
    x : ndarray (n,)
        Centred outputs.
    y : ndarray (n,)
        Centred outputs.
    other : ndarray (n,)
        Centred outputs.

    Returns
    -------
    Ratio

    References
    ----------
    Janon et al. (2014), doi:10.1051/ps/2013040; Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018.
    """
    return shares((x * y)[:, None], 0.5 * (x * x + y * y), ((x * other)[:, None],))


def difference_share(x: FloatArray, y: FloatArray, other: FloatArray) -> Ratio:
    """Share of the inputs that x and y do not have in common: <(x - y)^2 / 2> / <(x^2 + y^2) / 2> (Jansen 1999).

    `other` (n,) is independent of x; its products and contrasts with x and y are control variates of zero mean.

    Parameters
    ----------
    x : ndarray (n,)
        Centred outputs.
    y : ndarray (n,)
        Centred outputs.
    other : ndarray (n,)
        Centred outputs.

    Returns
    -------
    Ratio

    References
    ----------
    Jansen (1999), doi:10.1016/S0010-4655(98)00154-4.
    """
    power = 0.5 * (x * x + y * y)
    controls = (x * other, other * other - power, other - 0.5 * (x + y))
    return shares(0.5 * (x - y)[:, None] ** 2, power, tuple(z[:, None] for z in controls))


def shares(top: FloatArray, bottom: FloatArray, controls: tuple[FloatArray, ...]) -> Ratio:
    """<top> / <bottom> of rows top (n, k) and bottom (n,), with control variates (n, 1) of zero mean.

    The controls take the weights that least squares gives them in ``top - value * bottom``, the linearised error
    of the ratio; samples too small to learn weights go without.

    Parameters
    ----------
    top : ndarray (n, k)
        Numerators by row.
    bottom : ndarray (n,)
        Denominator by row.
    controls : tuple of ndarray (n, 1)
        Of zero mean.

    Returns
    -------
    Ratio
    """
    mean = bottom.mean()
    value = top.mean(axis=0) / mean
    if len(top) >= 32 * len(controls):
        z = np.concatenate(controls, axis=1)
        centred = z - z.mean(axis=0)
        inverse = np.linalg.pinv(centred.T @ centred, rcond=1e-12) @ centred.T
        plain = top
        for _ in range(2):  # the weights need a value near the true one, which the first pass gives
            top = plain - z @ (inverse @ (plain - value * bottom[:, None]))
            value = top.mean(axis=0) / mean
    return Ratio(value, (top - value * bottom[:, None]) / mean)


def bounds(ratio: Ratio, replicates: int, confidence: float) -> FloatArray:
    """Student's interval from the means of `replicates` equal, consecutive, independent groups of rows.

    Parameters
    ----------
    ratio : Ratio
        Values and the influence of each row on them.
    replicates : int
        Equal, consecutive, independent groups of rows.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    ndarray (k, 2)
        Lower and upper ends.
    """
    n, k = ratio.influence.shape
    means = ratio.influence.reshape(replicates, n // replicates, k).mean(axis=1)
    error = means.std(axis=0, ddof=1) / np.sqrt(replicates)
    half = special.stdtrit(replicates - 1, 0.5 + 0.5 * confidence) * error
    return np.stack([ratio.value - half, ratio.value + half], axis=1)


def widen(
    value: FloatArray, interval: FloatArray, share: float, learned_from: int, confidence: float
) -> FloatArray:
    """An interval (k, 2) of variance shares, widened for the error of the surrogate that made them.

    With delta = E[residual^2] / Var(Y) = `share`, the true output is the surrogate plus a residual.  Its own
    variance may belong to the index or not: [S (1 - delta), S (1 - delta) + delta].  Its covariance with the part
    of the surrogate that makes S is that of a least-squares fit to n training rows, of standard error
    2 sqrt(S delta / n).  *Judgement*, in its second half: holds where training rows fill the space evenly.

    Parameters
    ----------
    value : ndarray (k,)
        Variance shares of the surrogate.
    interval : ndarray (k, 2)
        Their sampling interval.
    share : float
        delta, mean squared residual over the output's variance.
    learned_from : int
        n, rows that the surrogate was fitted to.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    ndarray (k, 2)
        The wider interval.
    """
    if share <= 0.0:
        return interval
    positive = np.clip(value, 0.0, 1.0)
    cross = special.ndtri(0.5 + 0.5 * confidence) * 2.0 * np.sqrt(positive * share / learned_from)
    low = value - interval[:, 0]
    high = interval[:, 1] - value
    below = np.hypot(low, cross) + positive * share / (1.0 + share)
    above = np.hypot(high, cross) + (1.0 - positive) * share / (1.0 + share)
    return np.stack([value - below, value + above], axis=1)


def _rare_note(deviation: FloatArray) -> tuple[str, ...]:
    """That few rows make the variance, as (sum d^2)^2 / sum d^4 of them: a rare event, or a heavy tail.

    Rows (base, blocks) of one base point share inputs, and count as one.
    """
    if deviation.ndim > 1:
        deviation = deviation.sum(axis=tuple(range(1, deviation.ndim)))
    n = deviation.size
    made_by = float(deviation.sum() ** 2 / (deviation**2).sum())
    if made_by >= min(FEW_ROWS, PEAKED * n):
        return ()
    return (
        f"rare event or heavy tail: about {made_by:.0f} of {n} base points make the variance; intervals may be too "
        "narrow: draw more, or ask for a probability",
    )


def require_usable(y: FloatArray, output: str) -> tuple[str, ...]:
    """Notes on what is odd about outputs y.

    Parameters
    ----------
    y : ndarray (n,)
        Centred outputs.
    output : str
        For the message.

    Returns
    -------
    tuple of str
        Notes.

    Raises
    ------
    ValueError
        For values that no variance analysis can take.
    """
    if not np.isfinite(y).all():
        raise ValueError(f"output {output!r} holds {np.count_nonzero(~np.isfinite(y))} non-finite values")
    largest = float(np.abs(y).max())
    if largest > LARGEST:
        count = np.count_nonzero(np.abs(y) > LARGEST)
        raise ValueError(
            f"output {output!r} reaches {largest:.3g} in {count} rows: overflow or a sentinel; "
            "let the model return NaN there"
        )
    if np.ptp(y) <= 1e-14 * largest:
        raise ValueError(f"output {output!r} is constant at {y.flat[0]:g}: there is no variance to attribute")
    deviation = (y - y.mean()) ** 2
    if deviation.max() > 0.5 * deviation.sum():
        raise ValueError(
            f"one row makes more than half of the variance of output {output!r} ({y.flat[deviation.argmax()]:.3g}): "
            "an outlier, or a tail too heavy for so few rows; look at that run, draw more, or take a logarithm"
        )
    consequence = "intervals may be too narrow: look at that run, or draw more"
    notes = tail_note(float(deviation.max()), float(deviation.sum()), y.size, consequence)
    if not notes:
        notes = _rare_note(deviation)
    values, counts = np.unique(y, return_counts=True)
    top = counts.argmax()
    if len(values) > 2 and counts[top] > max(1.0, 0.01 * y.size):
        notes += (
            f"{counts[top] / y.size:.0%} of the outputs are exactly {values[top]:g}: clipped, or a default?",
        )
    return notes
