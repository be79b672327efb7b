"""Line sampling: one-dimensional searches along the direction of failure, each an exact probability."""

from __future__ import annotations

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability
from uq.reliability.design_point import DesignPoint, gradient
from uq.reliability.limit_state import LimitState, OutOfRuns

LINES = 24
"""Lines of a round; also the least from which a variation is believed."""

REACH = 8.0
"""Germs beyond this are never needed: probability 1e-15."""

AIM = 0.7
"""Share of the wanted variation that lines must reach, since their own variation is an estimate."""

FINEST = 0.02
"""Relative scatter that is granted to the crossing of a single line even where all lines agree exactly."""

PROBE_RUNS, PROBE_SPREAD, AGREEMENT = 150, 1.5, 0.6
"""Gradients at points of this spread, for about so many runs, must lead along the lines by this cosine: *judgement*."""

BOUNDARY = 0.02
"""Accuracy, in germs, to which a line's crossing is found."""


@one_thread()
def line_sampling(
    g: LimitState, *, seed: int, target: float = 0.1, max_runs: int = 5000, point: DesignPoint | None = None
) -> FailureProbability:
    """Mean of Phi(-t) over random lines along the direction of failure, each crossing the limit at t.

    Unbiased for any direction if each line crosses once, and nearly without scatter if the direction is right: that
    of a design `point`, or the origin's gradient; then that of the most probable crossing if the scatter stays
    large. Every line is also evaluated on the other side; where failure lies there too, both crossings count. Trust
    is denied where the margin does not fall along a line, or where the gradient at other random points leads
    elsewhere (a sign of other regions). Lines that meet no failure have lost their direction: they say nothing of
    others, and give no number. A line on which the model fails is left out; trust is denied if these are more than 1
    %.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    seed : int
        Of every random choice; the same seed gives the same result.
    target : float, default 0.1
        Wanted coefficient of variation.
    max_runs : int, default 5000
        At most so many runs of the limit state.
    point : DesignPoint, optional
        Its direction is that of the lines; that of the gradient at the origin where none is given.

    Returns
    -------
    FailureProbability

    References
    ----------
    Koutsourelakis, Pradlwarter & Schueller (2004), doi:10.1016/j.probengmech.2003.10.001.
    """
    start = g.runs
    try:
        with g.within(max_runs):
            return _by_lines(g, target, max_runs, np.random.default_rng(seed), point)
    except OutOfRuns:
        why = f"no answer within {max_runs} runs"
        return FailureProbability("line sampling", np.nan, np.nan, g.runs - start, False, why)


def _by_lines(
    g: LimitState, target: float, max_runs: int, rng: np.random.Generator, point: DesignPoint | None
) -> FailureProbability:
    start, failed = g.runs, g.failed
    value = g.centre()

    def result(p: float, variation: float, trusted: bool, why: str) -> FailureProbability:
        return FailureProbability("line sampling", p, variation, g.runs - start, trusted, why)

    if not value > 0.0:
        return result(np.nan, np.nan, False, "the centre itself fails")
    slope = gradient(g, np.zeros(g.dimension), value) if point is None else -value / point.beta * point.alpha
    p = variation = np.nan
    for _ in range(3):
        norm = float(np.linalg.norm(slope))
        if norm <= 1e-12 * value:
            return result(np.nan, np.nan, False, "the limit state is flat at the centre")
        alpha = -slope / norm
        found = _along(g, alpha, value / norm, norm, target, max_runs - (g.runs - start), rng)
        if found is None:
            return result(np.nan, np.nan, False, "the margin does not fall along the direction of failure")
        chances, nearest = found
        p = float(np.mean(chances))
        variation = _variation(chances)
        if p <= 2.0 * special.ndtr(-REACH):
            return result(np.nan, np.nan, False, f"no failure within {REACH:g} germs along this direction")
        if g.failed - failed > 0.01 * (g.runs - start):
            why = (
                f"the model failed in {g.failed - failed} of {g.runs - start} runs: their lines are left out"
            )
            return result(p, variation, False, why)
        if variation <= AIM * target:
            other = _elsewhere(g, alpha, rng)
            if other is not None:
                return result(
                    p, variation, False, f"gradients at random points lead elsewhere (cosine {other:.2f})"
                )
            return result(
                p, variation, True, f"{len(chances)} lines agree, and gradients at other points with them"
            )
        if g.left <= g.dimension:
            return result(p, variation, False, f"lines scatter too much for {max_runs} runs")
        slope = gradient(g, nearest, float(g(nearest[None])[0]))
    return result(p, variation, False, "lines scatter too much along every direction tried")


def _variation(chances: FloatArray) -> float:
    mean = float(np.mean(chances))
    if mean <= 0.0:
        return np.inf
    return max(float(np.std(chances, ddof=1)) / mean, FINEST) / float(np.sqrt(len(chances)))


def _along(
    g: LimitState,
    alpha: FloatArray,
    distance: float,
    fall: float,
    target: float,
    max_runs: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray] | None:
    """Chances of failure of lines along alpha until they agree or clearly will not, and the crossing nearest to the
    origin; None if the margin does not fall along them."""
    start, chances = g.runs, np.empty(0)
    best, nearest = np.inf, alpha
    both = False
    while True:
        z = rng.standard_normal((LINES, g.dimension))
        across = z - np.outer(z @ alpha, alpha)
        if not len(chances):
            across[0] = 0.0  # the central line only finds the distance
        try:
            t, fall, sound = _crossings(g, across, alpha, distance, fall)
        except OutOfRuns:
            if not len(chances):
                raise
            return chances, nearest
        if not sound:
            return None
        beyond = np.minimum(np.abs(np.nan_to_num(t)) + 1.0, REACH)
        if not both and (g(across - beyond[:, None] * alpha) <= 0.0).any():
            both, chances = True, np.empty(0)
        chance = np.where(np.isnan(t), np.nan, special.ndtr(-t))
        if both:
            back, _, sound = _crossings(g, across, -alpha, float(np.nanmedian(t)), fall)
            if not sound:
                return None
            chance = chance + special.ndtr(-back)
        new = chance[0 if len(chances) else 1 :]
        chances = np.concatenate([chances, new[np.isfinite(new)]])
        if len(chances) < 2:
            return None
        distance = float(np.nanmedian(t))
        length = np.hypot(t, np.linalg.norm(across, axis=1) * (g.dimension < 10))
        if np.nanmin(length) < best:
            shortest = int(np.nanargmin(length))
            best, nearest = float(length[shortest]), across[shortest] + t[shortest] * alpha
        variation = _variation(chances)
        hopeless = len(chances) > 8 * LINES and variation * np.sqrt(len(chances)) > 10.0
        if variation <= AIM * target or hopeless or g.runs - start >= max_runs:
            return chances, nearest


def _elsewhere(g: LimitState, alpha: FloatArray, rng: np.random.Generator) -> float | None:
    """The cosine to `alpha` of a gradient at a random point that leads elsewhere, or None if all lead along it."""
    for _ in range(int(np.clip(PROBE_RUNS // g.dimension, 1, 8))):
        u = PROBE_SPREAD * rng.standard_normal(g.dimension)
        slope = gradient(g, u, float(g(u[None])[0]))
        norm = float(np.linalg.norm(slope))
        cosine = abs(float(slope @ alpha)) / norm if norm > 0.0 else 0.0
        if cosine < AGREEMENT:
            return cosine
    return None


def _crossings(
    g: LimitState, across: FloatArray, alpha: FloatArray, distance: float, fall: float
) -> tuple[FloatArray, float, bool]:
    """Where lines cross the limit (beyond `REACH`: there; NaN: the model failed on the line), the slope of the margin,
    and whether it falls on each."""
    t = np.full(len(across), min(distance, REACH))
    value = g(across + t[:, None] * alpha)
    slope = np.full(len(across), fall)
    t[np.isnan(value)] = np.nan
    open_lines = np.flatnonzero(np.isfinite(value))
    for _ in range(12):
        step = np.clip(value[open_lines] / slope[open_lines], -3.0, 3.0)
        new = np.clip(t[open_lines] + step, -REACH, REACH)
        moved = new - t[open_lines]
        # a short secant step ends the search: its own error is of second order
        ending = np.abs(moved) < BOUNDARY
        t[open_lines[ending]] = new[ending]
        keep = ~ending
        if not keep.any():
            break
        index = open_lines[keep]
        there = g(across[index] + new[keep][:, None] * alpha)
        ran = np.isfinite(there)
        t[index[~ran]] = np.nan
        drop = (value[index[ran]] - there[ran]) / moved[keep][ran]
        ahead, index, there = new[keep][ran], index[ran], there[ran]
        if (drop <= 0.0).any():
            return t, fall, False
        slope[index], value[index], t[index] = drop, there, ahead
        open_lines = index[np.abs(there / drop) > 0.0]
    else:
        return t, fall, False
    return t, float(np.median(slope)), True
