"""Laws from data: the fit of largest likelihood, and whether the data could have come from it.

The distance is Kolmogorov's, sup |F_n - F|.  Its table does not hold for a law fitted to the same data (Lilliefors), so
the p-value comes from a parametric bootstrap: draw from the fitted law, fit again, compare the distances.

Sources: Johnson, Kotz & Balakrishnan, *Continuous Univariate Distributions*, 2nd ed., 1994 (estimators); Lilliefors
(1967), doi:10.1080/01621459.1967.10482916; Stute et al. (1993), doi:10.1007/BF02613687 (bootstrap); Akaike (1974).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from uq.core.array_types import FloatArray
from uq.core.distributions import Beta, Distribution, Gumbel, LogNormal, Normal, Uniform, Weibull
from uq.core.estimate import SEED
from uq.core.model import real_numbers
from uq.core.table import Readable

Fitter = Callable[[FloatArray], Distribution]


@dataclass(frozen=True)
class Fit(Readable):
    """A law fitted to n data: its log likelihood, Akaike's criterion (small is good), Kolmogorov's `distance` and the
    share `p_value` of data drawn from the law itself that lie further from their own fit."""

    distribution: Distribution
    """With its fitted parameters."""
    n: int
    """Data."""
    log_likelihood: float
    """At the fit."""
    akaike: float
    """Twice the parameters less twice the log likelihood."""
    distance: float
    p_value: float

    def __str__(self) -> str:
        word = "could have come" if self.p_value >= 0.05 else "hardly come"
        return (
            f"{self.distribution}: the {self.n} data {word} from it (distance {self.distance:.3f}, "
            f"p = {self.p_value:.2f}, AIC {self.akaike:.1f})"
        )


def fit(
    data: ArrayLike, fitters: Sequence[Fitter] | None = None, *, resamples: int = 199, seed: int = SEED
) -> tuple[Fit, ...]:
    """Fits of each of `fitters` (by default every law whose support holds the data), best Akaike criterion first.

    Parameters
    ----------
    data : array_like (n,)
        Observations, at least 8.
    fitters : sequence of Fitter, optional
        Each fits one family; by default every law whose support holds the data.
    resamples : int, default 199
        Of the bootstrap behind the goodness of fit.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    tuple of Fit
        Best Akaike criterion first.

    Raises
    ------
    ValueError
        For fewer than 8 data, data that are not finite or all equal.

    Examples
    --------
    >>> from uq.core.distributions import Gumbel
    >>> data = Gumbel(10.0, 2.0).ppf((np.arange(200) + 0.5) / 200)
    >>> fit(data, resamples=19)[0].distribution
    Gumbel(location=10.0..., scale=1.9...)
    """
    x = _data(data)
    chosen = fitters or (normal, uniform, gumbel, *((lognormal, weibull) if x.min() > 0.0 else ()))
    random = np.random.default_rng(seed)
    return tuple(sorted((_judge(x, fitter, random, resamples) for fitter in chosen), key=lambda f: f.akaike))


def normal(data: ArrayLike) -> Normal:
    """The normal law of largest likelihood.

    Parameters
    ----------
    data : array_like (n,)
        Observations, at least 8.

    Returns
    -------
    Normal
    """
    x = _data(data)
    return Normal(float(x.mean()), float(x.std()))


def lognormal(data: ArrayLike) -> LogNormal:
    """The lognormal law of largest likelihood.

    Parameters
    ----------
    data : array_like (n,)
        Observations, at least 8.

    Returns
    -------
    LogNormal

    Raises
    ------
    ValueError
        For data at or below zero.
    """
    log = np.log(_positive(_data(data)))
    return LogNormal(float(np.exp(log.mean())), float(np.exp(log.std())))


def uniform(data: ArrayLike) -> Uniform:
    """The uniform law between the extremes, each moved out by range / (n - 1) so that neither is biased.

    Parameters
    ----------
    data : array_like (n,)
        Observations, at least 8.

    Returns
    -------
    Uniform
    """
    x = _data(data)
    margin = float(np.ptp(x)) / (len(x) - 1)
    return Uniform(float(x.min()) - margin, float(x.max()) + margin)


def gumbel(data: ArrayLike) -> Gumbel:
    """The Gumbel law of largest likelihood: s = mean x - sum x e^(-x/s) / sum e^(-x/s).

    Parameters
    ----------
    data : array_like (n,)
        Observations, at least 8.

    Returns
    -------
    Gumbel
    """
    x = _data(data)
    spread = float(x.std())

    def excess(scale: float) -> float:
        weight = np.exp(-(x - x.min()) / scale)
        return float(x.mean() - weight @ x / weight.sum()) - scale

    scale = float(optimize.brentq(excess, 0.02 * spread, 20.0 * spread))
    location = float(x.min() - scale * np.log(np.mean(np.exp(-(x - x.min()) / scale))))
    return Gumbel(location, scale)


def weibull(data: ArrayLike) -> Weibull:
    """The Weibull law from zero of largest likelihood.

    Parameters
    ----------
    data : array_like (n,)
        Observations, at least 8.

    Returns
    -------
    Weibull

    Raises
    ------
    ValueError
        For data at or below zero.
    """
    x = _positive(_data(data))
    log = np.log(x / x.max())

    def excess(shape: float) -> float:
        weight = np.exp(shape * log)
        return float(weight @ log / weight.sum() - log.mean()) - 1.0 / shape

    shape = float(optimize.brentq(excess, 0.02, 1.0e3 / max(float(log.std()), 1e-9)))
    return Weibull(float(x.max()) * float(np.mean(np.exp(shape * log))) ** (1.0 / shape), shape)


def beta(low: float, high: float) -> Fitter:
    """Fits the beta law of largest likelihood between known bounds.

    Parameters
    ----------
    low, high : float
        The known bounds.

    Returns
    -------
    callable
        Takes data (n,) and gives a `Beta`.
    """

    def between(data: ArrayLike) -> Beta:
        x = (_data(data) - low) / (high - low)
        if x.min() <= 0.0 or x.max() >= 1.0:
            raise ValueError(f"a beta law on ({low:g}, {high:g}) needs data inside it")
        logs = np.array([np.log(x).mean(), np.log1p(-x).mean()])
        mean, variance = float(x.mean()), float(x.var())
        start = np.log(np.array([mean, 1.0 - mean]) * max(mean * (1.0 - mean) / variance - 1.0, 0.1))

        def slope(p: FloatArray) -> FloatArray:
            a = np.exp(p)
            return special.digamma(a) - special.digamma(a.sum()) - logs

        a, b = np.exp(optimize.root(slope, start, tol=1e-12).x)
        return Beta(float(a), float(b), low, high)

    return between


def _judge(x: FloatArray, fitter: Fitter, random: np.random.Generator, resamples: int) -> Fit:
    law = fitter(x)
    with np.errstate(divide="ignore"):
        likelihood = float(np.log(law.pdf(x)).sum())
    distance = _distance(x, law)
    further = 0
    for _ in range(resamples):
        drawn = law.ppf(random.random(len(x)))
        further += _distance(drawn, fitter(drawn)) >= distance
    parameters = 2
    return Fit(
        law, len(x), likelihood, 2.0 * (parameters - likelihood), distance, (1 + further) / (1 + resamples)
    )


def _distance(x: FloatArray, law: Distribution) -> float:
    """Kolmogorov's distance of the data from a law."""
    f = law.cdf(np.sort(x))
    steps = np.arange(len(x) + 1) / len(x)
    return float(max(np.max(steps[1:] - f), np.max(f - steps[:-1])))


def _data(data: ArrayLike) -> FloatArray:
    x = real_numbers(data, "data").ravel()
    if len(x) < 8:
        raise ValueError(f"{len(x)} data say too little of a law; at least 8 are needed")
    if not np.isfinite(x).all():
        raise ValueError("data must be finite")
    if np.ptp(x) == 0.0:
        raise ValueError(f"all data equal {x[0]:g}; there is no spread to fit")
    return x


def _positive(x: FloatArray) -> FloatArray:
    if x.min() <= 0.0:
        raise ValueError("this law lives above zero; the data do not")
    return x
