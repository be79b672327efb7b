"""Laws of one input that were written down for chaospy, read by their class; chaospy itself is not imported.

Every continuous family of chaospy is a base law, moved and stretched: ``shift + scale z``.  The class of the base names
the family here.  What was read is held against the quantiles that chaospy's law gives; a family
without an equal here, or one that another version of chaospy parametrises otherwise, is kept as its quantiles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from uq.core.distributions.base import Distribution
from uq.core.distributions.bounded import Beta, Triangular, Uniform
from uq.core.distributions.composite import Discrete, Empirical
from uq.core.distributions.scipy_stats import ScipyLaw
from uq.core.distributions.truncated import TruncatedNormal
from uq.core.distributions.unbounded import Gumbel, LogNormal, Normal, Weibull

_SAME = 1e-9
"""Largest difference of quantiles, relative to the range from the 2 % to the 98 % quantile."""
_PROBABILITIES = np.array([1e-3, 0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.98, 0.999])
_TABLE = 2049

_FAMILIES: dict[str, Callable[[dict[str, float], float, float], Distribution]] = {
    "uniform": lambda p, m, k: Uniform(m - k, m + k),
    "normal": lambda p, m, k: Normal(m, k),
    "triangle": lambda p, m, k: Triangular(m, m + p["a"] * k, m + k),
    "beta_": lambda p, m, k: Beta(p["a"], p["b"], m, m + k),
    "trunc_normal": lambda p, m, k: TruncatedNormal(
        m + k * p["mu"], k * p["sigma"], m + k * p["a"], m + k * p["b"]
    ),
    "weibull": lambda p, m, k: Weibull(k, p["a"], m),
    "log_weibull": lambda p, m, k: Gumbel(m, k),
    "log_normal": lambda p, m, k: (
        LogNormal(k, float(np.exp(p["a"]))) if m == 0.0 else ScipyLaw("lognorm", (p["a"],), m, k)
    ),
    "gamma": lambda p, m, k: Weibull(k, 1.0, m) if p["a"] == 1.0 else ScipyLaw("gamma", (p["a"],), m, k),
    "logistic": lambda p, m, k: ScipyLaw("genlogistic", (p["c"],), m, k),
    "student_t": lambda p, m, k: ScipyLaw("t", (p["a"],), m, k),
}
"""Class of chaospy's base law: (its parameters, shift, scale) -> the law."""


def from_chaospy(law: Any) -> Distribution:
    """The law of `uq.core.distributions` that a chaospy distribution of one input is.

    Families without an equal here (kernel densities, sums, products ...) become `Empirical` laws of 2,049 quantiles at
    equal steps of probability: exact between the 0.05 % and 99.95 % quantiles to 1e-4 of the spread, and cut at
    chaospy's own ends.

    Parameters
    ----------
    law : chaospy.Distribution
        Such as ``chaospy.Normal(0.0, 2.0)``.

    Returns
    -------
    Distribution
        The same law.

    Raises
    ------
    TypeError
        For anything that is not chaospy's.
    ValueError
        For a law of several inputs: see `uq.problem_from_chaospy`.

    References
    ----------
    Feinberg & Langtangen (2015), doi:10.1016/j.jocs.2015.08.008.
    """
    if not is_chaospy(law):
        raise TypeError(f"{law!r} is not a distribution of chaospy")
    if len(law) != 1:
        raise ValueError(f"{law} is a law of {len(law)} inputs; use problem_from_chaospy")
    if law.interpret_as_integer:
        values = np.arange(np.ceil(float(law.lower[0])), np.floor(float(law.upper[0])) + 1.0) + 0.0  # no -0.0
        weights = np.ravel(law.pdf(values))
        kept = weights > 0.0
        return Discrete(tuple(values[kept]), tuple(weights[kept] / weights.sum()))
    expected = np.ravel(law.inv(_PROBABILITIES))
    read = _read(law)
    if read is not None:
        spread = expected[-2] - expected[1]
        if (np.abs(read.ppf(_PROBABILITIES) - expected) <= _SAME * spread).all():
            return read
    with np.errstate(divide="ignore"):
        return Empirical(tuple(np.unique(np.ravel(law.inv(np.linspace(0.0, 1.0, _TABLE))))))


def is_chaospy(law: Any) -> bool:
    """Whether an object is a distribution of chaospy, by the module of its class.

    Parameters
    ----------
    law : Any
        Any object.

    Returns
    -------
    bool
        True for laws and joints.

    Examples
    --------
    >>> is_chaospy(3.0)
    False
    """
    return any(c.__module__.split(".")[0] == "chaospy" for c in type(law).__mro__) and hasattr(law, "inv")


def _read(law: Any) -> Distribution | None:
    """The law by the class of its base, through all that moves and stretches it; None for a family unknown here."""
    shift, scale = 0.0, 1.0
    try:
        while type(law).__name__ not in _FAMILIES:
            found = law.get_parameters(0, {}, assert_numerical=True)
            move, stretch = (float(np.ravel(found[name])[0]) for name in ("shift", "scale"))
            shift, scale, law = shift + scale * move, scale * stretch, found["dist"]
        found = law.get_parameters(0, {}, assert_numerical=True)
        shapes = {name: float(np.ravel(v)[0]) for name, v in found.items() if name not in ("idx", "cache")}
        return _FAMILIES[type(law).__name__](shapes, _clean(shift), _clean(scale))
    except (AttributeError, KeyError, TypeError, ValueError, AssertionError):
        return None  # chaospy's own sums and products, or a version that keeps its parameters otherwise


def _clean(value: float) -> float:
    """The number of eleven digits next to one that rounding moved (chaospy's Uniform(0.1, 0.3) is 0.2 + 0.1 z)."""
    near = float(f"{value:.11g}")
    return near if abs(near - value) <= 1e-14 * abs(value) else value


def normal_or_lognormal(quantiles: Callable[[np.ndarray], np.ndarray]) -> Distribution:
    """The normal or lognormal law through the 10 % and 90 % quantiles, whichever has the others too; else a table.

    For the marginals of chaospy's own joints (MvNormal, MvLogNormal), which have no class of their own.

    Parameters
    ----------
    quantiles : Callable[[np.ndarray], np.ndarray]
        Probabilities (k,) to values (k,)

    Returns
    -------
    Distribution
        Normal, log-normal or a table of quantiles.
    """
    expected = quantiles(_PROBABILITIES)
    low, high = expected[2], expected[-3]
    z = float(special.ndtri(0.9))
    candidates: list[Distribution] = [Normal(float(0.5 * (low + high)), float(0.5 * (high - low) / z))]
    if low > 0.0:
        ratio = float(np.exp(0.5 * np.log(high / low) / z))
        candidates.append(LogNormal(float(np.sqrt(low * high)), ratio))
    for law in candidates:
        if (np.abs(law.ppf(_PROBABILITIES) - expected) <= 1e-6 * (expected[-2] - expected[1])).all():
            return law
    return Empirical(tuple(np.unique(quantiles(np.linspace(0.0, 1.0, _TABLE)))))
