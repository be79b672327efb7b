"""Plans of methods that read derivatives or frequencies: search curves (FAST) and small steps (DGSM)."""

from __future__ import annotations

import numpy as np

from uq.sampling.plans import Plan, sobol_sequence
from uq.sampling.salib_door import curves, require_seed


def search_curves(n: int, dimension: int, *, seed: int, replicates: int = 8, harmonics: int = 4) -> Plan:
    """The plan of FAST: for each replicate and each input, n points along one curve through the unit cube.

    Along curve i, input i oscillates at the highest frequency and all others at low ones, with a random phase::

        u_j(s) = 1/2 + arcsin(sin(w_j s + phase)) / pi

    One more curve is drawn for an input that the model does not have: what its indices are above zero is the error of
    the method.  The replicates differ in their phases, so that the spread of their indices is the error of one curve.

    Parameters
    ----------
    n : int
        Points of one curve, more than ``4 harmonics^2``; the plan has ``replicates * (dimension + 1) * n`` rows.
    dimension : int
        Number of inputs.
    seed : int
        Positive; SALib takes 0 for "no seed".
    replicates : int
        Independent sets of curves, at least 2.
    harmonics : int
        Harmonics of a frequency that are counted as its own (M in the source).

    Returns
    -------
    Plan
        Of scheme "search_curves".

    Raises
    ------
    ValueError
        For too few points or replicates, or a seed that is not positive.

    References
    ----------
    Saltelli, Tarantola & Chan (1999), doi:10.1080/00401706.1999.10485594; drawn by SALib.
    """
    if n <= 4 * harmonics**2 or harmonics < 1:
        raise ValueError(
            f"a curve of {harmonics} harmonics needs more than {4 * harmonics**2} points, got {n}"
        )
    if dimension < 1:
        raise ValueError(f"the dimension must be positive, got {dimension}")
    if replicates < 2:
        raise ValueError(f"intervals come from the spread of at least 2 replicates, got {replicates}")
    require_seed(seed)
    rng = np.random.default_rng(seed)
    unit = np.concatenate([curves(n, dimension + 1, harmonics=harmonics, rng=rng) for _ in range(replicates)])
    details = {"points": n, "replicates": replicates, "harmonics": harmonics}
    return Plan(np.clip(unit[:, :dimension], 0.0, 1.0), "search_curves", seed, details)


def derivative_steps(n: int, dimension: int, *, seed: int, step: float = 1e-4) -> Plan:
    """The plan of derivative-based measures: n points of a Sobol' sequence, each followed by one step along each input.

    Parameters
    ----------
    n : int
        Base points; the plan has ``n (dimension + 1)`` rows.
    dimension : int
        Number of inputs.
    seed : int
        Of the scramble.
    step : float
        Length of a step in the unit cube, always towards its middle.  *Judgement*: small against any bend of a model,
        large against the tolerance of its solvers.

    Returns
    -------
    Plan
        Of scheme "derivative_steps".

    Raises
    ------
    ValueError
        For a step outside (0, 1/2).

    References
    ----------
    Sobol' & Kucherenko (2009), doi:10.1016/j.matcom.2009.01.023.
    """
    if not 0.0 < step < 0.5:
        raise ValueError(f"a step in the unit cube lies between 0 and 1/2, got {step:g}")
    base = sobol_sequence(n, dimension, seed=seed).unit
    unit = np.repeat(base[:, None], dimension + 1, axis=1)
    for j in range(dimension):
        unit[:, 1 + j, j] += np.where(base[:, j] < 0.5, step, -step)
    return Plan(unit.reshape(-1, dimension), "derivative_steps", seed, {"base": n, "step": step})
