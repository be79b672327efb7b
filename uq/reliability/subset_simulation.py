"""Failure probabilities by subset simulation: rare as a chain of frequent events, in any dimension."""

from __future__ import annotations

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability
from uq.reliability.limit_state import LimitState, OutOfRuns

LEVEL = 0.1
"""Conditional probability of each level."""

SMALLEST = 1e-12


@one_thread()
def subset_simulation(
    g: LimitState, n: int = 1000, *, seed: int, target: float = 0.1, max_runs: int = 200_000
) -> FailureProbability:
    """Product of conditional probabilities of 0.1, each from n samples, repeated until the variation meets `target`.

    Conditional samples move by ``u' = rho u + sqrt(1 - rho^2) xi`` within the level, with rho adapted to accept 44
    %. At most `max_runs` runs: a pass that would take more is not begun, or not counted. Where the model fails, the
    chain stays: such germs count as safe, and are counted; more than 1 % of them deny trust. The variation of one
    pass takes the chains' correlation into account; that of repeats is the larger of it and their spread.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    n : int, default 1000
        Samples of each level.
    seed : int
        Of every random choice; the same seed gives the same result.
    target : float, default 0.1
        Wanted coefficient of variation.
    max_runs : int, default 200000
        At most so many runs of the limit state.

    Returns
    -------
    FailureProbability

    References
    ----------
    Au & Beck (2001), doi:10.1016/S0266-8920(01)00019-4; Papaioannou et al. (2015),
    doi:10.1016/j.probengmech.2015.06.006.
    """
    start, failed = g.runs, g.failed
    rng = np.random.default_rng(seed)
    found: list[float] = []
    variations: list[float] = []
    variation, dearest = np.inf, 0
    while not found or (variation > target and g.runs - start + dearest <= max_runs):
        before = g.runs
        try:
            with g.within(max_runs - (g.runs - start)):
                p, one = _pass(g, n, rng)
        except OutOfRuns:
            if found:
                break
            why = f"{max_runs} runs are too few for one pass of {n} samples a level"
            return FailureProbability("subset simulation", np.nan, np.nan, g.runs - start, False, why)
        dearest = max(dearest, g.runs - before)
        found.append(p)
        variations.append(one)
        mean = float(np.mean(found))
        if not mean > 0.0:
            levels = (
                "no level led to failure" if mean == 0.0 else "the margin has plateaus: no level leads on"
            )
            return FailureProbability("subset simulation", np.nan, np.nan, g.runs - start, False, levels)
        stated = float(np.sqrt(np.mean(np.square(variations)) / len(found)))
        spread = float(np.std(found, ddof=1) / np.sqrt(len(found)) / mean) if len(found) > 2 else 0.0
        variation = max(stated, spread)
    why = (
        f"{len(found)} passes of {n} samples a level; chains may miss a region that is narrow at every level"
    )
    p = float(np.mean(found))
    if g.failed > failed:
        why += f"; the model failed in {g.failed - failed} runs, which count as safe"
    trusted = variation <= target and g.failed - failed <= 0.01 * (g.runs - start)
    return FailureProbability("subset simulation", p, variation, g.runs - start, trusted, why)


def _pass(g: LimitState, n: int, rng: np.random.Generator) -> tuple[float, float]:
    """Probability and coefficient of variation of one pass."""
    u = rng.standard_normal((n, g.dimension))
    value = g(u)
    seeds = int(LEVEL * n)
    p, squares, rho, chains = 1.0, 0.0, 0.8, n
    while True:
        order = np.argsort(value, kind="stable")
        threshold = 0.5 * (value[order[seeds - 1]] + value[order[seeds]])
        last = threshold <= 0.0
        inside = value <= (0.0 if last else threshold)
        q = float(inside.mean())
        if not last and q > 0.5:  # a plateau: the level does not lead on
            return np.nan, np.inf
        p *= q
        squares += (1.0 - q) / (q * n) * (1.0 + _correlation(inside, chains, q))
        if last or p < SMALLEST:
            return (p if last else 0.0), float(np.sqrt(squares))
        start = rng.permutation(np.flatnonzero(inside))[:seeds]
        u, value, rho = _move(g, u[start], value[start], threshold, n, rho, rng)
        chains = seeds


def _correlation(inside: BoolArray, chains: int, q: float) -> float:
    """Au & Beck's gamma: the excess of variance by the correlation along chains (steps x chains in memory)."""
    length = len(inside) // chains
    if length < 2 or q >= 1.0:
        return 0.0
    states = inside.reshape(length, chains).astype(np.float64)
    total = 0.0
    for lag in range(1, length):
        covariance = float(np.mean(states[:-lag] * states[lag:])) - q * q
        total += 2.0 * (1.0 - lag / length) * covariance / (q * (1.0 - q))
    return max(total, 0.0)


def _move(
    g: LimitState,
    u: FloatArray,
    value: FloatArray,
    threshold: float,
    n: int,
    rho: float,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, float]:
    """n samples below the threshold, as chains from len(u) seeds, all chains moving at once."""
    points, values = [u], [value]
    width = float(np.sqrt(1.0 - rho**2))
    for step in range(1, -(-n // len(u))):
        trial = np.sqrt(1.0 - width**2) * u + width * rng.standard_normal(u.shape)
        there = g(trial)
        accept = there <= threshold
        u, value = np.where(accept[:, None], trial, u), np.where(accept, there, value)
        points.append(u)
        values.append(value)
        width = float(np.clip(width * np.exp((accept.mean() - 0.44) / np.sqrt(step)), 0.02, 0.99))
    return np.concatenate(points)[:n], np.concatenate(values)[:n], float(np.sqrt(1.0 - width**2))
