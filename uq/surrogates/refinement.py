"""Where the next runs of a model tell most: scores of points of the unit cube for `uq.sampling.refine`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uq.surrogates.base import Surrogate

FloatArray = NDArray[np.float64]
Score = Callable[[FloatArray], FloatArray]


def doubt(surrogate: Surrogate, output: str) -> Score:
    """The standard deviation of the prediction: runs there lower the error everywhere (Sacks et al. 1989)."""
    k = surrogate.problem.output_index(output)
    return lambda unit: surrogate.predict(surrogate.problem.physical(unit)).std[:, k]


def doubt_of_limit(surrogate: Surrogate, output: str, limit: float) -> Score:
    """Expected violation: E max(0, -sign(m - limit) (y - limit)) with y normal of mean m and deviation s, that is
    s (phi(t) - t Phi(-t)), t = |m - limit| / s: how far the truth may lie on the wrong side of a limit state.

    Source: Jones et al. (1998), doi:10.1023/A:1008306431147 (expected improvement), turned to a limit as in Bichon et
    al. (2008), doi:10.2514/1.34321.
    """
    k = surrogate.problem.output_index(output)

    def score(unit: FloatArray) -> FloatArray:
        prediction = surrogate.predict(surrogate.problem.physical(unit))
        s = np.maximum(prediction.std[:, k], 1e-300)
        t = np.abs(prediction.mean[:, k] - limit) / s
        return np.maximum(s * (np.exp(-0.5 * t * t) / np.sqrt(2.0 * np.pi) - t * special.ndtr(-t)), 0.0)

    return score
