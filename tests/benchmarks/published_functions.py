"""The published test functions of the library `uqtestfuns` with the laws of their inputs, as functions of our own kind.

Functions of any dimension are taken in that of their source or in two; a function of a time series in its last value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from tests.benchmarks.functions import FloatArray, Function
from uq.core.distributions import (
    Distribution,
    Gumbel,
    LogNormal,
    Normal,
    Triangular,
    TruncatedGumbel,
    TruncatedNormal,
    Uniform,
)

PREFIX = "uqtestfuns "
DIMENSIONS = {"MorrisM": 20, "SobolG": 8, "SobolGStar": 10, "SobolLevitan": 20}
ANY = 2
"""Inputs of functions of any dimension whose source names none."""


def names() -> tuple[str, ...]:
    """All functions of the installed version; none where it is not installed."""
    try:
        import uqtestfuns
    except ImportError:
        return ()
    return tuple(PREFIX + name for name in uqtestfuns.list_functions(tabulate=False))


@lru_cache(maxsize=256)
def function(name: str) -> Function:
    """The function of a name with its prefix."""
    import uqtestfuns

    short = name.removeprefix(PREFIX)
    try:
        made = uqtestfuns.create(short)
    except ValueError:
        made = uqtestfuns.create(short, input_dimension=DIMENSIONS.get(short, ANY))
    return Function(name, _last(made), tuple(_law(m) for m in made.prob_input.marginals))


def runs(dimension: int) -> int:
    """Rows of a plan: 20 for each input, at most 200."""
    return min(20 * dimension, 200)


def _last(made: Any) -> Callable[[FloatArray], FloatArray]:
    def value(x: FloatArray) -> FloatArray:
        y = np.asarray(made(x), dtype=np.float64)
        return y if y.ndim == 1 else y[:, -1]

    return value


def _law(marginal: Any) -> Distribution:
    p = [float(v) for v in marginal.parameters]
    match marginal.distribution:
        case "uniform":
            return Uniform(*p)
        case "normal":
            return Normal(*p)
        case "lognormal":
            return LogNormal(float(np.exp(p[0])), float(np.exp(p[1])))
        case "triangular":
            return Triangular(p[0], p[2], p[1])
        case "gumbel":
            return Gumbel(*p)
        case "trunc-gumbel":
            return TruncatedGumbel(*p)
        case "trunc-normal":
            return TruncatedNormal(*p)
    raise TypeError(marginal.distribution)
