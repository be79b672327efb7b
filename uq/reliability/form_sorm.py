"""Failure probabilities from the most probable point of failure: FORM, SORM, importance and line sampling."""

from __future__ import annotations

import numpy as np
from scipy import linalg, special

from uq.core.array_types import FloatArray
from uq.core.results import FailureProbability
from uq.reliability.limit_state import LimitState, OutOfRuns, gradient


def design_point(
    g: LimitState, *, iterations: int = 30, tolerance: float = 1e-3
) -> tuple[FloatArray, FloatArray]:
    """The point of failure nearest to the origin of germs (d,), and the unit vector (d,) towards failure there.

    Hasofer-Lind-Rackwitz-Fiessler steps with Armijo's rule on a merit function.  Source: Zhang & Der Kiureghian (1995).
    Raises ArithmeticError if the gradient vanishes or the search does not converge.
    """
    u = np.zeros(g.dimension)
    value = float(g(u[None])[0])
    scale = max(abs(value), 1e-300)
    for _ in range(iterations):
        slope = gradient(g, u, value)
        norm = float(np.linalg.norm(slope))
        if norm < 1e-12 * scale:
            raise ArithmeticError("the limit state is flat here; no direction leads to failure")
        alpha = -slope / norm
        step = (alpha @ u + value / norm) * alpha - u
        if (
            np.linalg.norm(step) < tolerance * max(1.0, float(np.linalg.norm(u)))
            and abs(value) < 10 * tolerance * norm
        ):
            return u, alpha
        penalty = 2.0 * max(float(np.linalg.norm(u)) / norm, 0.5 * float((u + step) @ (u + step)) / scale)
        merit = 0.5 * float(u @ u) + penalty * abs(value)
        length = 1.0
        while True:
            trial = u + length * step
            there = float(g(trial[None])[0])
            if 0.5 * float(trial @ trial) + penalty * abs(there) <= merit or length < 0.05:
                break
            length *= 0.5
        u, value = trial, there
    raise ArithmeticError(f"no design point after {iterations} steps")


def form(g: LimitState) -> FailureProbability:
    """First-order reliability: Phi(-beta) for the distance beta of the design point.

    Exact for one plane limit in germ space; blind to curvature and to other regions of failure, so never trusted
    by itself.  Source: Hasofer & Lind (1974); Rackwitz & Fiessler (1978).
    """
    start = g.runs
    u, alpha = design_point(g)
    p = float(special.ndtr(-(alpha @ u)))
    return FailureProbability(
        "FORM", p, np.nan, g.runs - start, False, "neither curvature nor other regions are seen"
    )


def sorm(g: LimitState, *, step: float = 0.1) -> FailureProbability:
    """Second-order reliability: Phi(-beta) prod (1 + beta kappa_i)^(-1/2), with the curvatures at the design point.

    Source: Breitung (1984), doi:10.1061/(ASCE)0733-9399(1984)110:3(357).  Takes d (d + 1) / 2 more runs; asymptotic
    in beta, blind to other regions.
    """
    start = g.runs
    u, alpha = design_point(g)
    beta, d = float(alpha @ u), g.dimension
    basis = linalg.null_space(alpha[None])
    norm = float(np.linalg.norm(gradient(g, u, float(g(u[None])[0]))))
    if d == 1:
        return FailureProbability(
            "SORM", float(special.ndtr(-beta)), np.nan, g.runs - start, False, "one input has no curvature"
        )
    pairs = [(i, j) for i in range(d - 1) for j in range(i, d - 1)]
    plus = np.array([u + step * (basis[:, i] + basis[:, j]) for i, j in pairs])
    minus = np.array([u - step * (basis[:, i] + basis[:, j]) for i, j in pairs])
    second = (g(plus) + g(minus) - 2.0 * g(u[None])[0]) / step**2
    hessian = np.zeros((d - 1, d - 1))
    for (i, j), value in zip(pairs, second, strict=True):
        if i == j:
            hessian[i, i] = value / 4.0
    for (i, j), value in zip(pairs, second, strict=True):
        if i != j:
            hessian[i, j] = hessian[j, i] = 0.5 * (value - hessian[i, i] - hessian[j, j])
    curvature = np.linalg.eigvalsh(hessian / norm)
    if (1.0 + beta * curvature <= 0.0).any():
        return FailureProbability(
            "SORM", np.nan, np.nan, g.runs - start, False, "the limit bends around the origin"
        )
    p = float(special.ndtr(-beta) / np.sqrt(np.prod(1.0 + beta * curvature)))
    return FailureProbability(
        "SORM", p, np.nan, g.runs - start, False, "other regions of failure are not seen"
    )


def importance_sampling(g: LimitState, n: int, *, seed: int, target: float = 0.1) -> FailureProbability:
    """Samples around the design point u*: mean of 1(g <= 0) phi(u) / phi(u - u*).

    Unbiased, but its variation is an illusion where other regions of failure are never drawn: trusted only if the
    variation meets `target`, and then as far as one region goes.  Source: Melchers (1989).
    """
    start = g.runs
    u, _ = design_point(g)
    draws = np.random.default_rng(seed).standard_normal((n, g.dimension))
    weights = np.where(g(draws + u) <= 0.0, np.exp(-draws @ u - 0.5 * u @ u), 0.0)
    p = float(weights.mean())
    variation = float(weights.std(ddof=1) / np.sqrt(n) / p) if p > 0.0 else np.inf
    why = "one region of failure, if there is no other"
    return FailureProbability("importance sampling", p, variation, g.runs - start, variation <= target, why)


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


def line_sampling(
    g: LimitState, *, seed: int, target: float = 0.1, max_runs: int = 5000
) -> FailureProbability:
    """Mean of Phi(-t) over random lines along the direction of failure, each crossing the limit at t.

    Unbiased for any direction if each line crosses once, and nearly without scatter if the direction is right: the
    origin's gradient first, that of the most probable crossing if the scatter stays large.  Every line is also asked
    on the other side; where failure lies there too, both crossings count.  Trust is denied where the margin does not
    fall along a line, or where the gradient at other random points leads elsewhere (a sign of other regions).
    Source: Koutsourelakis, Pradlwarter & Schueller (2004), doi:10.1016/j.probengmech.2003.10.001.
    """
    start = g.runs
    try:
        with g.within(max_runs):
            return _by_lines(g, target, max_runs, np.random.default_rng(seed))
    except OutOfRuns:
        why = f"no answer within {max_runs} runs"
        return FailureProbability("line sampling", np.nan, np.nan, g.runs - start, False, why)


def _by_lines(g: LimitState, target: float, max_runs: int, rng: np.random.Generator) -> FailureProbability:
    start = g.runs
    centre = np.zeros(g.dimension)
    value = float(g(centre[None])[0])

    def result(p: float, variation: float, trusted: bool, why: str) -> FailureProbability:
        return FailureProbability("line sampling", p, variation, g.runs - start, trusted, why)

    if value <= 0.0:
        return result(np.nan, np.nan, False, "the centre itself fails")
    slope = gradient(g, centre, value)
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
        if p <= special.ndtr(-REACH):
            return result(
                0.0, np.nan, False, f"no failure within {REACH:g} germs: below {special.ndtr(-REACH):.0e}"
            )
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
        beyond = np.minimum(np.abs(t) + 1.0, REACH)
        if not both and (g(across - beyond[:, None] * alpha) <= 0.0).any():
            both, chances = True, np.empty(0)
        chance = special.ndtr(-t)
        if both:
            back, _, sound = _crossings(g, across, -alpha, float(np.median(t)), fall)
            if not sound:
                return None
            chance = chance + special.ndtr(-back)
        chances = np.concatenate([chances, chance[0 if len(chances) else 1 :]])
        distance = float(np.median(t))
        length = np.hypot(t, np.linalg.norm(across, axis=1) * (g.dimension < 10))
        if length.min() < best:
            best, nearest = float(length.min()), across[length.argmin()] + t[length.argmin()] * alpha
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
    """Where lines cross the limit (beyond `REACH`: there), the slope of the margin, and whether it falls on each."""
    t = np.full(len(across), min(distance, REACH))
    value = g(across + t[:, None] * alpha)
    slope = np.full(len(across), fall)
    open_lines = np.arange(len(across))
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
        drop = (value[index] - there) / moved[keep]
        if (drop <= 0.0).any():
            return t, fall, False
        slope[index], value[index], t[index] = drop, there, new[keep]
        open_lines = index[np.abs(there / drop) > 0.0]
    else:
        return t, fall, False
    return t, float(np.median(slope)), True
