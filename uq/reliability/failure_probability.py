"""Rare events: the probability that an output passes a limit, by whichever method can be trusted, which is said."""

from __future__ import annotations

import numpy as np
from scipy import special

from uq.core.confidence_intervals import clopper_pearson
from uq.core.estimate import CONFIDENCE, SEED
from uq.core.linear_algebra import one_thread
from uq.core.problem import Problem
from uq.core.results import FailureProbability, Rare
from uq.reliability.active_kriging import active_learning
from uq.reliability.form_sorm import line_sampling
from uq.reliability.limit_state import LimitState
from uq.reliability.subset_simulation import monte_carlo, subset_simulation
from uq.surrogates.base import Surrogate

FEW_DIMENSIONS = 6
"""Up to so many inputs active learning goes first, because it sees several regions of failure."""

FREQUENT = 0.1
"""From this, plain samples are cheap enough."""


@one_thread()
def failure_probability(
    source: Problem | Surrogate,
    output: str,
    *,
    below: float | None = None,
    above: float | None = None,
    target: float = 0.1,
    max_runs: int = 50_000,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Rare:
    """Probability that `output` is at most `below`, or at least `above`, to a coefficient of variation of `target`.

    No single method is right everywhere, so they are tried until one passes its own checks, within `max_runs` runs:

    1. a few samples: is failure frequent (10 % or more)?  Then Monte Carlo.
    2. up to 6 inputs: active learning (`uq.reliability.active_kriging`), which sees several regions and
       looks for others by at least 160 draws elsewhere: `why` says what these would have met.
    3. in more dimensions: line sampling (`uq.reliability.form_sorm`), if the margin falls along one
       direction and lines scatter little.  What active learning could not decide has no such margin: lines would see
       one of its regions.
    4. subset simulation (`uq.reliability.subset_simulation`).
    5. Monte Carlo with what is left, unless subset simulation has met failures: at least its interval is exact.

    Other intervals are lognormal, and hold what was met: no method can exclude a region that it never met; compare
    `uq.reliability.subset_simulation.subset_simulation` with another seed where that matters.  Through a Surrogate
    its own error is not included.  Raises ValueError as `uq.reliability.limit_state.LimitState.of` does.
    """
    if not 0.0 < target < 1.0 or not 0.0 < confidence < 1.0 or max_runs < 100:
        raise ValueError("target and confidence lie between 0 and 1, max_runs is at least 100")
    g = LimitState.of(source, output, below=below, above=above)
    tried: list[FailureProbability] = []
    first = monte_carlo(g, 16, seed=seed, target=target)
    if first.probability >= FREQUENT:
        n = int(min(max_runs - 16, np.ceil(1.5 * (1.0 / first.probability) / target**2)))
        tried.append(monte_carlo(g, n, seed=seed + 1, target=target))
    if not _done(tried) and g.dimension <= FEW_DIMENSIONS:
        tried.append(active_learning(g, seed=seed, target=target, max_runs=min(400, max_runs - g.runs)))
    if not _done(tried) and g.dimension > FEW_DIMENSIONS and max_runs - g.runs > 3 * g.dimension + 200:
        tried.append(line_sampling(g, seed=seed, target=target, max_runs=min(5000, max_runs - g.runs)))
    if not _done(tried) and max_runs - g.runs > 5000:
        tried.append(subset_simulation(g, seed=seed, target=target, max_runs=max_runs - g.runs))
    met = bool(tried) and tried[-1].method == "subset simulation" and tried[-1].probability > 0.0
    if not _done(tried) and not met and max_runs - g.runs >= 100:
        tried.append(
            monte_carlo(g, min(max_runs - g.runs, int(3.0 / target**2) * 100), seed=seed + 2, target=target)
        )
    best = next((one for one in reversed(tried) if np.isfinite(one.probability)), first)
    if best.method == "Monte Carlo":
        n = best.runs
        interval = clopper_pearson(round(best.probability * n), n, confidence)
    else:
        reach = float(special.ndtri(0.5 + 0.5 * confidence) * np.sqrt(np.log1p(best.variation**2)))
        low, high = best.probability * np.exp(-reach), min(best.probability * np.exp(reach), 1.0)
        interval = float(low), float(high)
    return Rare(
        output,
        best.probability,
        best.variation,
        interval,
        g.runs,
        best.method,
        best.trusted,
        tuple(tried),
        confidence,
    )


def _done(tried: list[FailureProbability]) -> bool:
    return bool(tried) and tried[-1].trusted
