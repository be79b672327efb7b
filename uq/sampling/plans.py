"""Plans: points of the unit cube, each with the scheme and seed that drew it.

All randomness of a study is drawn here, or from an explicit seed elsewhere.  A low-discrepancy plan can be
extended: its first n points stay its first n points.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.stats import qmc

from uq.core.array_types import FloatArray
from uq.core.model import frozen, require_no_names

_MEMORY = 64 * 10**9
"""Bytes that a plan may take where the system does not say how many there are."""


@dataclass(frozen=True)
class Plan:
    """Points `unit` (n, d) in the unit cube, the scheme that made them, its seed, and what else the matching
    analysis must know (`details`, e.g. the base size of a Saltelli plan)."""

    unit: FloatArray
    scheme: str
    """Name of the scheme."""
    seed: int
    """Of its draws."""
    details: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_no_names(self.unit, "a plan's points")
        unit = frozen(self.unit)
        if unit.ndim != 2 or not len(unit):
            raise ValueError(f"a plan needs points of shape (n, d) with n > 0, got {unit.shape}")
        if not (unit.min() >= 0.0 and unit.max() <= 1.0):
            raise ValueError("a plan's points must lie in the unit cube")
        object.__setattr__(self, "unit", unit)

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def dimension(self) -> int:
        """Number of inputs d."""
        return self.unit.shape[1]


def _check(n: int, dimension: int, seed: int) -> None:
    """Raise for what is no number of samples, dimension or seed, and for a plan that memory does not hold."""
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"the seed is a whole number from 0, got {seed!r:.60}")
    for what, value in (("the number of samples", n), ("the dimension", dimension)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool):
            raise TypeError(
                f"{what} is a whole number, got {type(value).__name__}; a problem's number of inputs is its `dimension`"
            )
    if n < 1:
        raise ValueError(f"the number of samples must be positive, got {n}")
    if dimension < 1:
        raise ValueError(f"the dimension must be positive, got {dimension}")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else _MEMORY
    if 8 * int(n) * int(dimension) > memory:
        raise ValueError(
            f"{n} samples of {dimension} inputs take {8e-9 * n * dimension:.3g} GB, this machine has "
            f"{1e-9 * memory:.3g} GB of memory; draw fewer, or several plans of their own seeds"
        )


def monte_carlo(n: int, dimension: int, *, seed: int) -> Plan:
    """n independent uniform points.

    Parameters
    ----------
    n : int
        Number of points.
    dimension : int
        Number of columns d of the unit cube.
    seed : int
        Of every random choice.

    Returns
    -------
    Plan
    """
    _check(n, dimension, seed)
    return Plan(np.random.default_rng(seed).random((n, dimension)), "monte_carlo", seed)


def sobol_sequence(n: int, dimension: int, *, seed: int) -> Plan:
    """The first n points of an Owen-scrambled Sobol' sequence (Joe & Kuo 2008 directions, scipy).

    Balanced when n is a power of two; any n is allowed, and a longer plan of the same seed begins with this one.

    Parameters
    ----------
    n : int
        Number of points.
    dimension : int
        Number of columns d of the unit cube.
    seed : int
        Of every random choice.

    Returns
    -------
    Plan
    """
    _check(n, dimension, seed)
    engine = qmc.Sobol(dimension, scramble=True, rng=np.random.default_rng(seed))
    return Plan(
        engine.random_base2(int(np.ceil(np.log2(n))))[:n] if n > 1 else engine.random(1), "sobol", seed
    )


def scrambles(n: int, dimension: int, *, seed: int, replicates: int = 32) -> Plan:
    """n points in `replicates` independent Owen scrambles of a Sobol' sequence, one after the other.

    The spread of the scrambles tells how good the plan is, so that intervals from it are neither those of random
    points nor guesses; `replicates=n` is plain Monte Carlo.  Few replicates are more precise; many let intervals hold
    for outputs with heavy tails, whose error is made by few points.  A plan of more replicates of the same size
    and seed begins with this one.

    Parameters
    ----------
    n : int
        Number of points.
    dimension : int
        Number of columns d of the unit cube.
    seed : int
        Of every random choice.
    replicates : int
        Independent scrambles that n divides into.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        Unless n divides into replicates of a power of two points.

    References
    ----------
    Owen (1997), doi:10.1214/aos/1031594731.
    """
    _check(n, dimension, seed)
    if replicates < 1 or n % replicates:
        raise ValueError(f"{n} points do not divide into {replicates} replicates")
    each = n // replicates
    if each & (each - 1):
        raise ValueError(f"a replicate needs a power of two as size, got {each} = {n} / {replicates}")
    rng = np.random.default_rng(seed)
    if each == 1:
        unit = rng.random((n, dimension))
    else:
        engines = [qmc.Sobol(dimension, scramble=True, rng=child) for child in rng.spawn(replicates)]
        unit = np.concatenate([engine.random_base2(each.bit_length() - 1) for engine in engines])
    return Plan(unit, "sobol", seed, {"replicates": replicates})


def halton(n: int, dimension: int, *, seed: int) -> Plan:
    """The first n points of a scrambled Halton sequence (Owen 2017, scipy).

    Parameters
    ----------
    n : int
        Number of points.
    dimension : int
        Number of columns d of the unit cube.
    seed : int
        Of every random choice.

    Returns
    -------
    Plan
    """
    _check(n, dimension, seed)
    return Plan(
        qmc.Halton(dimension, scramble=True, rng=np.random.default_rng(seed)).random(n), "halton", seed
    )


def latin_hypercube(n: int, dimension: int, *, seed: int, optimized: bool = False) -> Plan:
    """n points with exactly one in each of n strata of every coordinate; `optimized` swaps them for low discrepancy.

    Parameters
    ----------
    n : int
        Number of points.
    dimension : int
        Number of columns d of the unit cube.
    seed : int
        Of every random choice.
    optimized : bool
        Whether points are swapped for low discrepancy.

    Returns
    -------
    Plan
    """
    _check(n, dimension, seed)
    engine = qmc.LatinHypercube(
        dimension, rng=np.random.default_rng(seed), optimization="random-cd" if optimized else None
    )
    return Plan(engine.random(n), "latin_hypercube", seed)


def saltelli(n: int, dimension: int, *, seed: int, second_order: bool = False) -> Plan:
    """A pick-freeze plan of n base points: blocks of d + 2 (or 2 d + 2) rows A, AB_1 .. AB_d, (BA_1 .. BA_d,) B.

    Row order as in Saltelli (2010), doi:10.1016/j.cpc.2009.09.018, and as SALib expects it.  n must be a power of two.

    Parameters
    ----------
    n : int
        Base points, a power of two.
    dimension : int
        Number of columns d of the unit cube.
    seed : int
        Of every random choice.
    second_order : bool
        Whether the rows BA_j for second-order indices are there too.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        For n that is no power of two.
    """
    _check(n, dimension, seed)
    if n & (n - 1):
        raise ValueError(f"a Saltelli plan needs a power of two as base size, got {n}")
    base = qmc.Sobol(2 * dimension, scramble=True, rng=np.random.default_rng(seed)).random(n)
    a, b = base[:, :dimension], base[:, dimension:]
    blocks = 2 * dimension + 2 if second_order else dimension + 2
    unit = np.empty((n, blocks, dimension))
    unit[:, 0], unit[:, -1] = a, b
    for j in range(dimension):
        unit[:, 1 + j] = a
        unit[:, 1 + j, j] = b[:, j]
        if second_order:
            unit[:, 1 + dimension + j] = b
            unit[:, 1 + dimension + j, j] = a[:, j]
    details = {"base": n, "second_order": second_order}
    return Plan(unit.reshape(n * blocks, dimension), "saltelli", seed, details)


def grid(levels: int, dimension: int) -> Plan:
    """The full factorial of `levels` equidistant cell centres in each coordinate.

    Parameters
    ----------
    levels : int
        Cells of each coordinate.
    dimension : int
        d, number of inputs.

    Returns
    -------
    Plan
        levels^d points.

    Raises
    ------
    ValueError
        Beyond 2^26 points, and for no levels or inputs.
    """
    _check(levels, dimension, 1)
    if dimension * np.log2(levels) > 26.0:
        raise ValueError(
            f"a grid of {levels} levels in {dimension} inputs has more than 2^26 rows; draw another plan"
        )
    axis = (np.arange(levels) + 0.5) / levels
    place = np.arange(levels**dimension)
    unit = np.stack([axis[place // levels**k % levels] for k in range(dimension)][::-1], axis=1)
    return Plan(unit, "grid", 0, {"levels": levels})


def refine(
    plan: Plan, n: int, score: Callable[[FloatArray], FloatArray], *, seed: int, candidates: int = 4096
) -> Plan:
    """n further points where `score` of points of the unit cube (k, d) -> (k,), never negative, is large.

    Picked one by one from a scrambled Sobol' sequence by score times the distance to the nearest point of the plan
    or picked before it, so that a batch does not crowd at one peak. Scores of a surrogate's uncertainty, or of
    closeness to a limit, are in `uq.surrogates.refinement`.

    Parameters
    ----------
    plan : Plan
        The points that are there.
    n : int
        Points to add.
    score : Callable[[FloatArray], FloatArray]
        Points of the unit cube (k, d) to (k,), never negative.
    seed : int
        Of every random choice; the same seed gives the same result.
    candidates : int, default 4096
        Points of the Sobol' sequence that are scored.

    Returns
    -------
    Plan
        The new points only.

    Raises
    ------
    ValueError
        For scores that are negative or not finite, and for more points than candidates.

    References
    ----------
    Kleijnen & van Beers (2004), doi:10.1057/palgrave.jors.2601747 (candidates); the product is *judgement*.
    """
    if not 0 < n <= candidates:
        raise ValueError(f"asked for {n} of {candidates} candidates")
    points = sobol_sequence(candidates, plan.dimension, seed=seed).unit
    weight = np.asarray(score(points), dtype=np.float64)
    if weight.shape != (candidates,) or not (np.isfinite(weight) & (weight >= 0.0)).all():
        raise ValueError("a score must be one finite number, not negative, for each point")
    near = np.full(candidates, np.inf)
    for row in plan.unit:
        np.minimum(near, np.einsum("ij,ij->i", points - row, points - row), out=near)
    picked = []
    for _ in range(n):
        picked.append(int(np.argmax(weight * np.sqrt(near))))
        np.minimum(near, ((points - points[picked[-1]]) ** 2).sum(axis=1), out=near)
    return Plan(points[picked], "refinement", seed, {"candidates": candidates, "after": len(plan)})
