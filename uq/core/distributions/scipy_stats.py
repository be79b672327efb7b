"""Frozen laws of `scipy.stats` as inputs: our own class where the family has one, else the law as scipy computes it.

It stands in `core`, for an `Input` takes such laws as they are, and scipy is what `core` is built on.  `scipy.stats`
(0.8 s) is imported only when one of its laws that has no class here is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from uq.core.array_types import FloatArray
from uq.core.distributions.base import Distribution, numbers, require
from uq.core.distributions.bounded import Beta, Triangular, Uniform
from uq.core.distributions.truncated import TruncatedNormal
from uq.core.distributions.unbounded import Gumbel, LogNormal, Normal, Weibull


@dataclass(frozen=True)
class ScipyLaw(Distribution):
    """A continuous family of `scipy.stats` by its name there, with its `shapes`, location and scale.

    Parameters
    ----------
    family : str
        The name in `scipy.stats`, such as ``gamma``.
    shapes : tuple of float
        Its shape parameters, in scipy's order.
    location, scale : float
        In the unit of the input.

    Raises
    ------
    ValueError
        If mean or variance are infinite or unknown, or if the parameters are none of the family.
    """

    family: str
    shapes: tuple[float, ...] = ()
    location: float = 0.0
    """In the unit of the input."""
    scale: float = 1.0
    """In the unit of the input, positive."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shapes", numbers(self.shapes, f"{self.family}: a shape"))
        for name in ("location", "scale"):
            object.__setattr__(self, name, numbers([getattr(self, name)], f"{self.family}: {name}")[0])
        require(
            bool(np.isfinite(self.moments()).all()),
            self,
            "mean and standard deviation must be finite, and the parameters those of the family",
        )

    def _law(self) -> Any:
        from scipy import stats

        return getattr(stats, self.family)(*self.shapes, loc=self.location, scale=self.scale)

    def ppf(self, probability: ArrayLike) -> FloatArray:
        return np.asarray(self._law().ppf(probability), dtype=np.float64)

    def cdf(self, value: ArrayLike) -> FloatArray:
        return np.asarray(self._law().cdf(value), dtype=np.float64)

    def pdf(self, value: ArrayLike) -> FloatArray:
        return np.asarray(self._law().pdf(value), dtype=np.float64)

    def moments(self) -> tuple[float, float]:
        mean, variance = self._law().stats("mv")
        return float(mean), float(np.sqrt(variance))


_OWN: dict[str, Callable[[tuple[float, ...], float, float], Distribution]] = {
    "norm": lambda s, m, k: Normal(m, k),
    "uniform": lambda s, m, k: Uniform(m, m + k),
    "triang": lambda s, m, k: Triangular(m, m + s[0] * k, m + k),
    "beta": lambda s, m, k: Beta(s[0], s[1], m, m + k),
    "weibull_min": lambda s, m, k: Weibull(k, s[0], m),
    "gumbel_r": lambda s, m, k: Gumbel(m, k),
    "truncnorm": lambda s, m, k: TruncatedNormal(m, k, m + s[0] * k, m + s[1] * k),
    "lognorm": lambda s, m, k: (
        LogNormal(k, float(np.exp(s[0]))) if m == 0.0 else ScipyLaw("lognorm", s, m, k)
    ),
}
"""Families that have a class here: (shapes, location, scale) -> the law."""


def from_scipy(law: Any) -> Distribution | None:
    """A frozen law of `scipy.stats` as a law of ours.

    Parameters
    ----------
    law : object
        Such as ``scipy.stats.norm(0.0, 2.0)``.

    Returns
    -------
    Distribution or None
        The same law; None where `law` is not scipy's.

    Raises
    ------
    ValueError
        For a discrete law, and one whose mean or variance is infinite.

    References
    ----------
    Virtanen et al. (2020), doi:10.1038/s41592-019-0686-2 (parameters of the families).

    Examples
    --------
    >>> from scipy import stats
    >>> from_scipy(stats.norm(0.0, 2.0))
    Normal(mean=0.0, std=2.0)
    >>> from_scipy(stats.gamma(2.0, scale=3.0))
    ScipyLaw(family='gamma', shapes=(2.0,), location=0.0, scale=3.0)
    """
    family = getattr(law, "dist", None)
    if not type(law).__module__.startswith("scipy.stats") or family is None:
        return None
    if not hasattr(law, "pdf") or not hasattr(family, "pdf"):
        raise ValueError(
            f"{family.name} is discrete; give its values and weights as uq.Discrete(values, weights)"
        )
    *shapes, location, scale = (float(v) for v in _parameters(family, law))
    own = _OWN.get(family.name)
    return (own or (lambda s, m, k: ScipyLaw(family.name, s, m, k)))(tuple(shapes), location, scale)


def _parameters(family: Any, law: Any) -> tuple[Any, ...]:
    shapes, location, scale = family._parse_args(*law.args, **law.kwds)
    return (*shapes, location, scale)
