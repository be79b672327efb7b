"""Markov chains where there is no closed form: ensembles of walkers that move together.  [emcee]

Every walker proposes a step along the difference of two others (differential evolution), now and then a whole one that
jumps between modes; half of an ensemble moves at once, in one call of the density.  Two ensembles that know nothing of
each other run until they agree and are long against their own memory; if they never do, there is no answer.

Sources: Foreman-Mackey et al. (2013), doi:10.1086/670067 (emcee, and chains of 50 autocorrelation times); ter Braak
(2006), doi:10.1007/s11222-006-8769-1 (moves); Vehtari et al. (2021), doi:10.1214/20-BA1221 (split R-hat below 1.01, 400
effective draws).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import emcee
import numpy as np
from emcee.autocorr import integrated_time

from uq.core.array_types import FloatArray

ENSEMBLES = 2
WHOLE_STEPS = 0.1
"""Share of steps that jump between modes."""
TIMES = 50.0
"""Autocorrelation times that a chain must be long."""
LARGEST_R_HAT = 1.01
EFFECTIVE = 400.0
"""Draws that are as good as independent, at least."""
FIRST_STEPS = 200
BURNED = 0.2
"""Share of a chain that is left out at its beginning."""


@dataclass(frozen=True)
class Chains:
    """Draws (n, d) of a density, and whether they can be believed."""

    draws: FloatArray
    """(n, d)"""
    autocorrelation_time: float
    """Of the slowest coordinate, in steps."""
    r_hat: float
    """Split R-hat between ensembles; 1 where they agree."""
    effective: float
    """Independent draws that the chains are worth."""
    acceptance: float
    """Share of proposals that were accepted."""
    steps: int
    """Of each walker."""


class NotConverged(ValueError):
    """A chain that has not converged: it gives no number."""


def walkers(dimension: int) -> int:
    """Of one ensemble: four for each dimension, 64 at least.

    Parameters
    ----------
    dimension : int
        Coordinates of a walker.

    Returns
    -------
    int
        Number.
    """
    return max(64, 4 * dimension)


def sampled(
    log_density: Callable[[FloatArray], FloatArray],
    start: FloatArray,
    *,
    draws: int,
    seed: int,
    max_steps: int,
) -> Chains:
    """Draws of a density by `ENSEMBLES` ensembles.

    Parameters
    ----------
    log_density : Callable[[FloatArray], FloatArray]
        Points (n, d) to values (n,), up to a constant; -inf where there is no density.
    start : ndarray (ENSEMBLES * walkers, d)
        Where the walkers begin, near the density's mass and all different.
    draws : int
        How many are wanted.
    seed : int
        Of all random numbers.
    max_steps : int
        Steps of each walker after which it is given up.

    Returns
    -------
    Chains

    Raises
    ------
    NotConverged
        If the chains do not agree, or are too short against their autocorrelation time, after `max_steps`.
    """
    starts = np.split(start, ENSEMBLES)
    count, d = starts[0].shape
    moves = [(emcee.moves.DEMove(), 1.0 - WHOLE_STEPS), (emcee.moves.DEMove(gamma0=1.0), WHOLE_STEPS)]
    samplers = []
    for k in range(ENSEMBLES):
        sampler = emcee.EnsembleSampler(count, d, log_density, vectorize=True, moves=moves)
        sampler.random_state = np.random.RandomState([seed % 2**32, k]).get_state()
        samplers.append(sampler)
    # the longest burn-in leaves enough for all draws
    needed = int(np.ceil(draws / (ENSEMBLES * count) / (1.0 - BURNED))) + 1
    steps = min(max(FIRST_STEPS, needed), max_steps)
    done = 0
    while True:
        for sampler, first in zip(samplers, starts, strict=True):
            sampler.run_mcmc(first if done == 0 else None, steps - done, skip_initial_state_check=True)
        done = steps
        burned = int(BURNED * done)
        chains = np.stack([sampler.get_chain(discard=burned) for sampler in samplers])
        length = chains.shape[1]
        time = max(float(np.max(_time(chain))) for chain in chains)
        agreement = r_hat(chains)
        effective = ENSEMBLES * count * length / time
        if (
            length >= TIMES * time
            and agreement <= LARGEST_R_HAT
            and effective >= EFFECTIVE
            and ENSEMBLES * count * length >= draws
        ):
            break
        if done >= max_steps:
            raise NotConverged(
                f"the chain has not converged after {done} steps (R-hat {agreement:.3f}, {length / time:.0f} "
                f"autocorrelation times; wanted at most {LARGEST_R_HAT} and at least {TIMES:.0f}): give max_steps "
                f"above {max_steps}, or measurements that tell the inputs apart"
            )
        steps = min(
            max_steps, max(2 * done, int(1.2 * TIMES * time / (1.0 - BURNED)) if np.isfinite(time) else 0)
        )
    rows = chains.transpose(1, 0, 2, 3).reshape(-1, d)
    kept = np.linspace(0, len(rows) - 1, draws).round().astype(np.int64)
    accepted = float(np.mean([np.mean(sampler.acceptance_fraction) for sampler in samplers]))
    return Chains(rows[kept], time, agreement, effective, accepted, done)


def _time(chain: FloatArray) -> FloatArray:
    """(d,) integrated autocorrelation times of a chain (steps, walkers, d); infinite where a walker did not move."""
    moved = np.ptp(chain, axis=0) > 0.0
    if not moved.all():
        return np.full(chain.shape[2], np.inf)
    return np.maximum(integrated_time(chain, tol=0, quiet=True), 1.0)


def r_hat(chains: FloatArray) -> float:
    """The largest split R-hat over the coordinates of chains (k, steps, walkers, d): halves of each ensemble as groups.

    sqrt(((n - 1) / n W + B / n) / W), with W the mean variance within the groups of n draws, B / n that of their means.

    Parameters
    ----------
    chains : ndarray (k, steps, walkers, d)
        Of k ensembles.

    Returns
    -------
    float
        1 where all groups agree.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), doi:10.1214/20-BA1221.
    """
    half = chains.shape[1] // 2
    groups = np.concatenate([chains[:, :half], chains[:, -half:]]).reshape(
        2 * len(chains), -1, chains.shape[3]
    )
    n = groups.shape[1]
    within = groups.var(axis=1, ddof=1).mean(axis=0)
    between = groups.mean(axis=1).var(axis=0, ddof=1)
    if not (within > 0.0).all():
        return float("inf")
    return float(np.sqrt((n - 1.0) / n + between / within).max())
