"""Importance sampling around design points, with what the sample itself says against the linear picture there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability
from uq.reliability.design_point import CONE, DesignPoint
from uq.reliability.limit_state import LimitState
from uq.reliability.mixture import Component, ratio

BATCH = 50

AGREEMENT = 0.8
"""Share of the sample that must lie on the side of the limit where the half-spaces of the design points have it."""

HEAVIEST = 0.15
"""Share of the sum that one run may carry."""

STRAYS = 0.1
"""Share of the sum that may lie outside the cones around the design points."""


@one_thread()
def importance_sampling(
    g: LimitState,
    points: Sequence[DesignPoint],
    *,
    seed: int,
    target: float = 0.1,
    max_runs: int = 2000,
) -> FailureProbability:
    """Draws from standard normal laws moved to the design points u_k, and one left at the origin::

        p = mean of 1(g <= 0) phi(u) / h(u),   h = sum_k phi(u - u_k) / (K + 1) + phi(u) / (K + 1)

    Unbiased, but its variation is an illusion where other regions of failure are never drawn.  So it is trusted only
    if the variation meets `target` and the sample bears the linear picture out: `AGREEMENT` of the draws fall to the
    side that the half-spaces say, no single run carries more than `HEAVIEST`, and failures outside the cones around the
    design points carry at most `STRAYS` of the sum.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    points : sequence of DesignPoint
        Design points, nearest first.
    seed : int
        Of every random choice; the same seed gives the same result.
    target : float, default 0.1
        Wanted coefficient of variation.
    max_runs : int, default 2000
        At most so many runs of the limit state.

    Returns
    -------
    FailureProbability

    Raises
    ------
    ValueError
        Without design points, or for fewer than `BATCH` runs.

    References
    ----------
    Melchers (1989), doi:10.1016/0167-4730(89)90003-9; the part left at the origin bounds the weights: Hesterberg
    (1995), doi:10.1080/00401706.1995.10484303.
    """
    if not points or max_runs < BATCH:
        raise ValueError(f"importance sampling needs a design point and at least {BATCH} runs")
    start, d = g.runs, g.dimension
    rng = np.random.default_rng(seed)
    laws = [Component.at(point.u) for point in points] + [Component.wide(d, 1.0)]
    u, value = np.empty((0, d)), np.empty(0)
    p, variation = 0.0, np.inf
    while g.runs - start + BATCH <= max_runs and g.left >= BATCH and variation > target:
        which = rng.permutation(np.arange(BATCH) % len(laws))
        normal = rng.standard_normal((BATCH, d))
        new = np.stack([laws[k].mean + normal[i] for i, k in enumerate(which)])
        u, value = np.concatenate([u, new]), np.concatenate([value, g(new)])
        weight = 1.0 / ratio(laws, u)
        each = np.where(value <= 0.0, weight, 0.0)
        p = float(each.mean())
        variation = float(each.std(ddof=1) / np.sqrt(len(u)) / p) if p > 0.0 else np.inf
    if not len(u) or p == 0.0:
        why = "no draw around the design points failed"
        return FailureProbability("importance sampling", np.nan, np.nan, g.runs - start, False, why)
    reasons = _reasons(points, u, value, each)
    if variation > target:
        reasons.insert(0, f"{len(u)} runs do not reach the wanted variation")
    unknown = float(np.where(np.isnan(value), weight, 0.0).mean())
    why = "; ".join(reasons) or f"the sample agrees with {len(points)} design point{'s' * (len(points) > 1)}"
    return FailureProbability("importance sampling", p, variation, g.runs - start, not reasons, why, unknown)


def _reasons(points: Sequence[DesignPoint], u: FloatArray, value: FloatArray, each: FloatArray) -> list[str]:
    """What the sample says against the half-spaces of the design points, in words."""
    reasons = []
    ran = np.isfinite(value)
    beyond: BoolArray = np.any([u @ point.alpha >= point.beta for point in points], axis=0)
    agreement = float(np.mean((value[ran] <= 0.0) == beyond[ran]))
    if agreement < AGREEMENT:
        reasons.append(f"only {agreement:.0%} of the sample agree with a linear margin")
    heaviest = float(each.max() / each.sum())
    if heaviest > HEAVIEST:
        reasons.append(f"one run carries {heaviest:.0%} of the answer")
    lengths = np.linalg.norm(u, axis=1)
    cosines = [u @ point.u / (lengths * np.linalg.norm(point.u)) for point in points]
    strays = float(each[np.max(cosines, axis=0) < CONE * np.sqrt(_typical(points, u))].sum() / each.sum())
    if strays > STRAYS:
        reasons.append(f"{strays:.0%} of the answer fails far from the design points")
    return reasons


def _typical(points: Sequence[DesignPoint], u: FloatArray) -> float:
    """Squared cosine of a typical draw around the nearest design point to its direction: beta^2 / (beta^2 + d - 1)."""
    beta = min(float(np.linalg.norm(point.u)) for point in points)
    return beta**2 / (beta**2 + u.shape[1] - 1.0)
