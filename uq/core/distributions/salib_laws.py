"""The laws of a SALib problem: a dictionary of names, bounds and kinds of law, with SALib's own conventions for each.

Source: SALib 1.5, ``SALib.util.scale_samples``; Iwanaga, Usher & Herman (2022), doi:10.18174/sesmo.18155.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from uq.core.distributions.base import Distribution
from uq.core.distributions.bounded import Triangular, Uniform
from uq.core.distributions.scipy_stats import ScipyLaw
from uq.core.distributions.truncated import TruncatedNormal
from uq.core.distributions.unbounded import LogNormal, Normal


def is_salib(problem: Any) -> bool:
    """Whether an object is a problem as SALib takes it: a mapping with names and bounds.

    Parameters
    ----------
    problem : Any
        Any object.

    Returns
    -------
    bool
        True for a mapping with names and bounds.

    Examples
    --------
    >>> is_salib({"num_vars": 1, "names": ["x"], "bounds": [[0.0, 1.0]]}), is_salib({"x": None})
    (True, False)
    """
    return isinstance(problem, Mapping) and {"names", "bounds"} <= set(problem)


def laws_of_salib(problem: Mapping[str, Any]) -> dict[str, Distribution]:
    """The law of each input of a SALib problem, by name.

    Parameters
    ----------
    problem : mapping
        ``names``, ``bounds`` and, unless all are uniform, ``dists``.

    Returns
    -------
    dict of str to Distribution

    Raises
    ------
    ValueError
        For groups, laws without an equal here, lists of different lengths, and numbers that a law does not have.

    Examples
    --------
    >>> laws_of_salib({"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1], [5, 2]], "dists": ["unif", "norm"]})
    {'a': Uniform(low=0.0, high=1.0), 'b': Normal(mean=5.0, std=2.0)}
    """
    if problem.get("groups"):
        raise ValueError("SALib groups have no equal here; give the samples of the single inputs")
    names, bounds = [str(name) for name in problem["names"]], list(problem["bounds"])
    kinds = list(problem.get("dists") or ["unif"] * len(names))
    if not len(names) == len(bounds) == len(kinds) == int(problem.get("num_vars", len(names))):
        raise ValueError(f"{len(names)} names, {len(bounds)} bounds and {len(kinds)} laws do not match")
    if len(set(names)) < len(names):
        raise ValueError("the SALib problem has two inputs of one name")
    return {
        name: _law(name, kind, [float(v) for v in b])
        for name, kind, b in zip(names, kinds, bounds, strict=True)
    }


_NUMBERS = {
    "unif": (2,),
    "logunif": (2,),
    "norm": (2,),
    "lognorm": (2,),
    "truncnorm": (4,),
    "triang": (2, 3),
    "weibull": (2, 3),
}
"""How many numbers SALib's laws have."""


def _law(name: str, kind: str, b: list[float]) -> Distribution:
    if kind not in _NUMBERS:
        raise ValueError(f"input {name!r}: the law {kind!r} of SALib has no equal here")
    if len(b) not in _NUMBERS[kind]:
        needed = " or ".join(map(str, _NUMBERS[kind]))
        raise ValueError(f"input {name!r}: the law {kind!r} of SALib has {needed} numbers, got {b}")
    if kind == "unif":
        return Uniform(b[0], b[1])
    if kind == "logunif":
        return ScipyLaw("loguniform", (b[0], b[1]))
    if kind == "norm":
        return Normal(b[0], b[1])
    if kind == "lognorm":  # mean and standard deviation of the logarithm
        return LogNormal(float(np.exp(b[0])), float(np.exp(b[1])))
    if kind == "truncnorm":
        return TruncatedNormal(b[2], b[3], b[0], b[1])
    if kind == "weibull":  # shape, scale and, if not zero, location
        return ScipyLaw("weibull_min", (b[0],), location=0.0 if len(b) == 2 else b[2], scale=b[1])
    low, high, peak = b if len(b) == 3 else (0.0, b[0], b[1])  # two values of a triangle mean a range from 0
    return Triangular(low, low + peak * (high - low), high)  # the peak is a share of the range
