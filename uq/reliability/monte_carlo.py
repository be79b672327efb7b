"""Plain samples: exact within their binomial error whatever the limit looks like, and dear where failure is rare."""

from __future__ import annotations

import numpy as np

from uq.core.results import FailureProbability
from uq.reliability.limit_state import LimitState


def monte_carlo(g: LimitState, n: int, *, seed: int, target: float = 0.1) -> FailureProbability:
    """The share of n random samples that fail; trusted if its coefficient of variation meets `target`.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    n : int
        Samples.
    seed : int
        Of every random choice; the same seed gives the same result.
    target : float, default 0.1
        Wanted coefficient of variation.

    Returns
    -------
    FailureProbability

    Raises
    ------
    OutOfRuns
        If fewer than n runs are left; none is spent then.
    """
    start = g.runs
    value = g(np.random.default_rng(seed).standard_normal((n, g.dimension)))
    failures = int(np.count_nonzero(value <= 0.0))
    p = failures / n
    variation = float(np.sqrt((1.0 - p) / (n * p))) if failures else np.inf
    unknown = float(np.isnan(value).mean())
    why = f"{failures} failures of {n}"
    return FailureProbability("Monte Carlo", p, variation, g.runs - start, variation <= target, why, unknown)
