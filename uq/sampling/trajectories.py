"""Plans for elementary effects: trajectories that move one input at a time."""

from __future__ import annotations

import numpy as np

from uq.sampling.plans import Plan


def trajectories(n: int, dimension: int, *, seed: int, levels: int = 4) -> Plan:
    """n random trajectories of d + 1 points on a grid of `levels`, each step moving one input by levels / 2 steps.

    Cell centres keep unbounded laws finite: the grid is (i + 1/2) / levels, the step 1/2.

    Parameters
    ----------
    n : int
        Trajectories, at least 2.
    dimension : int
        d, number of inputs.
    seed : int
        Of every random choice; the same seed gives the same result.
    levels : int, default 4
        Of the grid in each coordinate, an even number.

    Returns
    -------
    Plan
        n (d + 1) points.

    Raises
    ------
    ValueError
        For fewer than two trajectories, no input, or an odd number of levels.

    References
    ----------
    Morris (1991), doi:10.1080/00401706.1991.10484804.
    """
    if n < 2 or dimension < 1 or levels < 2 or levels % 2:
        raise ValueError("needs at least 2 trajectories, an input, and an even number of levels")
    rng = np.random.default_rng(seed)
    start = rng.integers(0, levels, (n, dimension))
    step = np.where(start < levels // 2, levels // 2, -(levels // 2))
    order = rng.permuted(np.tile(np.arange(dimension), (n, 1)), axis=1)
    rank = np.argsort(order, axis=1)
    moved = np.arange(dimension + 1)[None, :, None] > rank[:, None, :]
    unit = (start[:, None, :] + moved * step[:, None, :] + 0.5) / levels
    details = {"trajectories": n, "levels": levels}
    return Plan(unit.reshape(-1, dimension), "trajectories", seed, details)
