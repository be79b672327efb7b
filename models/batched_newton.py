"""The best design of every sample at once: a batched Newton method with trust regions, bounds and one resource.

Each row maximises its own objective f(x) (payload at fixed launch mass, say) over a few design variables within
bounds, and, where a limit is given, with its resource r(x) (electric power) at most the limit.  In every sweep the
gradient and the Hessian of f and r come from a central stencil of 1 + 2 d + d (d - 1) / 2 points, all rows and
points in one call of the objective; the step maximises the quadratic model of the Lagrangian within the trust
region, on the bounds where they hold it and on the linearised limit where that is active.  A variable whose bound holds
it rests: one point on its inner side is enough to see whether it wants back, and it takes no part in the step.  A row
whose predicted gain has fallen below the tolerance is frozen, so that no row depends on its neighbours.

Design errors enter the objective squared: a tolerance of 1e-6 kg in the predicted gain leaves design variables
right to about 1e-4 and masses right to 1e-6 kg.

Source: Conn, Gould & Toint, *Trust-Region Methods*, 2000, chapters 6 and 12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Rows = NDArray[np.intp]
Objective = Callable[[FloatArray, Rows], tuple[FloatArray, FloatArray]]
"""(k, d) design points and the rows (k,) that they belong to -> objective (k,) and resource (k,)."""

STENCIL = 0.01
"""Half width of the stencil; design variables are logarithms, so this is 1 %."""

SMALLEST_RADIUS = 1e-4

LIMIT_TOLERANCE = 1e-6
"""Relative excess of the resource over its limit that counts as kept."""

RESTORATIONS = 8

PATIENCE = 8
"""Sweeps after which each leaps on along what the last two moves came to: laws meet in kinks (a battery ruled by its
energy or by its power), and Newton's steps zigzag along the ridge that these make."""
ASIDE = (0.0, -0.5, 0.5, -0.1, 0.1)
"""Of the stencil, how far aside of its ridge a leap looks."""


@dataclass(frozen=True)
class Branch:
    """A region of the design variables with one optimum in it, and where its search starts (not logarithms)."""

    start: tuple[float, ...]
    """Where the search begins, one value for each design variable."""
    lower: tuple[float, ...]
    """Bounds within which it stays."""
    upper: tuple[float, ...]
    """Bounds within which it stays."""


@dataclass(frozen=True)
class Optimum:
    """Best points x (n, d), their objective and resource (n,), and which rows have `converged`."""

    x: FloatArray
    """(n, d) best points."""
    objective: FloatArray
    """(n,) at the best points, in its own unit."""
    resource: FloatArray
    """(n,) at the best points, in its own unit."""
    converged: NDArray[np.bool_]
    sweeps: int
    """That the slowest row took."""


def maximise(
    objective: Objective,
    start: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    limit: FloatArray | None = None,
    tolerance: float = 1e-6,
    sweeps: int = 30,
    stencil: float = STENCIL,
) -> Optimum:
    """Maximise every row from `start` (n, d) within `lower` and `upper` (d,), resource at most `limit` (n,).

    Rows whose start is infeasible (NaN) come back not converged.

    Parameters
    ----------
    objective : Objective
        Design points (k, d) and their rows (k,) to objective (k,) and resource (k,)
    start : ndarray (n, d)
        Where each row's search begins.
    lower, upper : ndarray (d,)
        Bounds of the design variables.
    limit : ndarray (n,), optional
        Of the resource.
    tolerance : float, default 1e-06
        Predicted gain, in the objective's unit, below which a row has converged.
    sweeps : int, default 30
        At most; rows that need more come back not converged.
    stencil : float, default 0.01
        Half width of the differences.

    Returns
    -------
    Optimum
    """
    n, d = start.shape
    x = np.clip(start, lower, upper)
    everyone = np.arange(n)
    ceiling = np.full(n, np.inf) if limit is None else np.broadcast_to(limit, (n,))
    if not d:  # every variable is held: one design, which is the best if it keeps the limit
        best, used = objective(x, everyone)
        kept = ~(used > ceiling * (1.0 + LIMIT_TOLERANCE))
        return Optimum(x, np.where(kept, best, np.nan), used, np.isfinite(best) & kept, 0)
    x, best, used = _restore(objective, x, everyone, ceiling, lower, upper)
    price = np.zeros(n)
    radius = np.full(n, 0.3)
    converged = np.zeros(n, dtype=bool)
    last, before, steepest, leap = x.copy(), x.copy(), np.zeros(n, dtype=np.intp), np.full(n, 2.0)
    resting = (x <= lower) | (x >= upper)
    rows = np.flatnonzero(np.isfinite(best))
    done = 0
    for sweep in range(1, sweeps + 1):
        if not rows.size:
            break
        done = sweep
        rest = resting[rows]
        side = 1.0 if sweep % 2 else -1.0
        offsets = stencil * _offsets(d, side)
        needed = _needed(offsets, rest, x[rows] <= lower)
        place, column = np.nonzero(needed)
        found = objective(x[rows[column]] + offsets[place], rows[column])
        values, resources = np.full((2, *needed.shape), np.nan)
        values[needed], resources[needed] = found
        f, gradient, hessian = _derivatives(best[rows], values, side, stencil)
        walls = ~rest & ~np.isfinite(values[: 2 * d]).reshape(2, d, -1).swapaxes(1, 2)
        r, slope, bend = _derivatives(used[rows], resources, side, stencil)
        lagrangian = hessian - price[rows, None, None] * bend
        step, multiplier, gain = _step(
            gradient, lagrangian, slope, r - ceiling[rows], x[rows], lower, upper, radius[rows], walls, rest
        )
        rising = gradient - multiplier[:, None] * slope
        low, high = x[rows] <= lower, x[rows] >= upper
        returns = rest & np.where(low, rising > 0.0, rising < 0.0)
        freed = returns.any(axis=1)
        trial, value, resource = _restore(
            objective, x[rows] + step, rows, ceiling[rows], lower, upper, np.nan_to_num(slope / r[:, None])
        )
        actual = np.where(np.isfinite(value), value - f, -np.inf)
        accept = actual >= -0.5 * tolerance
        # At a kink, differences make a curvature so steep that the passes may end on a step that the model itself calls
        # worse: a shorter one is wanted, whatever it did.
        worse = gain < 0.0
        good = (actual > 0.75 * gain) & ~worse
        poor = ~(actual > 0.25 * gain) | worse
        length = np.linalg.norm(step, axis=1)
        at_edge = length > 0.9 * radius[rows]
        stationary = (gain < tolerance) & (actual > -10.0 * tolerance) & ~freed
        moved = rows[accept]
        before[moved], last[moved] = last[moved], x[moved]
        steepest[rows] = np.abs(np.einsum("kii->ki", hessian)).argmax(axis=1)
        low, high = (trial <= lower) & (rising < 0.0), (trial >= upper) & (rising > 0.0)
        resting[rows] = np.where(accept[:, None] & (low | high), True, rest & ~returns)
        x[moved], best[moved], used[moved] = trial[accept], value[accept], resource[accept]
        price[moved] = multiplier[accept]
        radius[rows] = np.where(
            poor & ~freed,
            0.3 * np.minimum(length, radius[rows]),
            np.where(good & at_edge, 2.0 * radius[rows], radius[rows]),
        )
        stuck = radius[rows] < SMALLEST_RADIUS
        kept = used[rows] <= ceiling[rows] * (1.0 + LIMIT_TOLERANCE)
        converged[rows[(stationary | stuck) & kept]] = True
        rows = rows[~(stationary | stuck)]
        if sweep >= PATIENCE and rows.size:
            there, value, resource = _leap(
                objective,
                x[rows],
                rows,
                x[rows] - before[rows],
                steepest[rows],
                leap[rows],
                ceiling[rows],
                lower,
                upper,
            )
            better = value > best[rows] + tolerance
            leapt = rows[better]
            x[leapt], best[leapt], used[leapt] = there[better], value[better], resource[better]
            leap[rows] = np.where(better, 2.0 * leap[rows], np.maximum(1.0, 0.5 * leap[rows]))
    return Optimum(x, best, used, converged, done)


def _leap(
    objective: Objective,
    x: FloatArray,
    rows: Rows,
    along: FloatArray,
    steepest: Rows,
    length: FloatArray,
    ceiling: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The best of some points `length` (k,) times `along` (k, d) from x, and aside of there in the `steepest` variable:
    kinks make ridges, whose sides are steep, and which run where the last moves went."""
    far = x + length[:, None] * along
    aside = np.zeros_like(x)
    aside[np.arange(len(x)), steepest] = STENCIL
    tried = [
        _restore(objective, np.clip(far + share * aside, lower, upper), rows, ceiling, lower, upper)
        for share in ASIDE
    ]
    points, values, resources = (np.stack(each) for each in zip(*tried, strict=True))
    k = np.nan_to_num(values, nan=-np.inf).argmax(axis=0)
    own = np.arange(len(x))
    return points[k, own], values[k, own], resources[k, own]


def _restore(
    objective: Objective,
    x: FloatArray,
    rows: Rows,
    ceiling: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    rise: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Bring points back below the limit along the variable, not held by its bound, that moves the resource most.

    The slope of the resource's logarithm is that of `rise` (k, d), or a difference, then the secant of the last step.
    """
    value, resource = objective(x, rows)
    if not np.isfinite(ceiling).any():
        return x, value, resource
    x, value, resource = x.copy(), value.copy(), resource.copy()
    n, d = x.shape
    known = np.full(n, rise is not None)
    along, slope = _steepest(np.zeros_like(x) if rise is None else rise, x, lower, upper)
    for _ in range(RESTORATIONS):
        over = np.flatnonzero(resource > ceiling * (1.0 + LIMIT_TOLERANCE))
        if not over.size:
            break
        new = over[~known[over]]
        if new.size:
            nudged = (x[new][None] - STENCIL / 4.0 * np.eye(d)[:, None]).reshape(-1, d)
            moved = objective(nudged, np.tile(rows[new], d))[1].reshape(d, -1).T
            rise = np.nan_to_num(np.log(resource[new][:, None] / moved) / (STENCIL / 4.0))
            along[new], slope[new] = _steepest(rise, x[new], lower, upper)
        here, j = x[over, along[over]], along[over]
        change = np.log(ceiling[over] / resource[over]) / np.where(
            np.abs(slope[over]) > 0.05, slope[over], np.nan
        )
        there = np.clip(here + np.clip(np.nan_to_num(change, nan=-0.3), -1.0, 1.0), lower[j], upper[j])
        trial = x[over]
        trial[np.arange(over.size), j] = there
        found = objective(trial, rows[over])
        good = np.isfinite(found[1])  # a limit beyond reach leads out of what can be built: stay within
        secant = np.log(found[1] / resource[over]) / np.where(there != here, there - here, np.nan)
        known[over] = good & (lower[j] < there) & (there < upper[j]) & (secant * slope[over] > 0.0)
        slope[over] = np.where(known[over], secant, slope[over])
        x[over[good]] = trial[good]
        value[over[good]], resource[over[good]] = found[0][good], found[1][good]
    lost = resource > ceiling * (1.0 + 10.0 * LIMIT_TOLERANCE)
    return x, np.where(lost, np.nan, value), resource


def _steepest(
    rise: FloatArray, x: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[Rows, FloatArray]:
    """The variable (k,) that moves most and is not held by its bound, and its slope (k,)."""
    held = np.where(rise > 0.0, x <= lower, x >= upper)
    j = np.where(held, 0.0, np.abs(rise)).argmax(axis=1)
    return j, rise[np.arange(len(x)), j]


def _offsets(d: int, side: float) -> FloatArray:
    """In half widths (2 d + d (d - 1) / 2, d): plus and minus each axis, then plus the later one and `side` the earlier
    one of each pair.

    Across a narrow ridge the pairs of one sign see the curvature as the axes do, across the one square to it those of
    the other: sweeps that take turns meet either.
    """
    axes = np.eye(d)
    pairs = [axes[i] + side * axes[j] for i in range(d) for j in range(i)]
    return np.array([*axes, *-axes, *pairs])


def _needed(offsets: FloatArray, rest: NDArray[np.bool_], low: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which points of the stencil (m, d) each row (k,) needs, (m, k): of variables at `rest` (k, d) the one inwards,
    which is up where they are `low`."""
    moves = offsets != 0.0
    alone = moves.sum(axis=1) == 1
    inwards = np.where(low, 1.0, -1.0)
    resting = moves[:, None, :] & rest
    return ~resting.any(axis=2) | (
        alone[:, None] & (resting & (offsets[:, None, :] * inwards > 0.0)).any(axis=2)
    )


def _derivatives(
    centre: FloatArray, values: FloatArray, side: float, width: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Value (k,), gradient (k, d) and Hessian (k, d, d) of the stencil; one-sided where one side is infeasible."""
    d = round(np.sqrt(0.25 + 2.0 * len(values) + 2.0) - 1.5)
    up, down, pairs = values[:d].T, values[d : 2 * d].T, values[2 * d :].T
    f = centre[:, None]
    lost_up, lost_down = ~np.isfinite(up), ~np.isfinite(down)
    up = np.where(lost_up, np.where(lost_down, f, 2.0 * f - down), up)
    down = np.where(lost_down, 2.0 * f - up, down)
    gradient = (up - down) / (2.0 * width)
    hessian = np.zeros((len(centre), d, d))
    diagonal = (up - 2.0 * f + down) / width**2
    column = 0
    for i in range(d):
        hessian[:, i, i] = diagonal[:, i]
        for j in range(i):
            other = up if side > 0.0 else down
            mixed = side * (pairs[:, column] - up[:, i] - other[:, j] + centre) / width**2
            mixed = np.where(np.isfinite(mixed), mixed, 0.0)
            hessian[:, i, j] = hessian[:, j, i] = mixed
            column += 1
    return centre, gradient, hessian


def _step(
    gradient: FloatArray,
    hessian: FloatArray,
    slope: FloatArray,
    excess: FloatArray,
    x: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    radius: FloatArray,
    walls: NDArray[np.bool_],
    rest: NDArray[np.bool_],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The step (k, d) in the box of the trust region and the bounds, the price of the limit (k,), the predicted gain.

    Where one side of the stencil has no design (`walls` (2, k, d), above and below) no step goes there: steps into it
    would shrink the region until the other variables stood still, too; nor does one along variables at `rest` (k, d).
    The quadratic model is made concave through its eigenvalues; bounds and limit are handled by an active set that is
    found in a fixed number of passes.
    """
    k, d = gradient.shape
    eigenvalues, vectors = np.linalg.eigh(hessian)
    # Directions that curve upwards are taken as if they curved down: the step stays finite and uphill.
    steepness = np.abs(eigenvalues)
    curvature = np.maximum(steepness, 1e-5 * (1.0 + steepness.max(axis=1, keepdims=True)))
    above, below = walls
    outward = ((x <= lower) | below) & (gradient < 0.0) | ((x >= upper) | above) & (gradient > 0.0)
    inward = np.einsum("kij,ki->kj", vectors, np.where(outward | rest, 0.0, gradient))
    curvature = curvature + _damping(curvature, inward, radius)[:, None]
    concave = np.einsum("kij,kj,klj->kil", vectors, curvature, vectors)
    low = np.where(below | rest, 0.0, np.maximum(lower - x, -radius[:, None]))
    high = np.where(above | rest, 0.0, np.minimum(upper - x, radius[:, None]))

    step, price = np.zeros((k, d)), np.zeros(k)
    held = rest
    limited = np.zeros(k, dtype=bool)
    for _ in range(2 * d + 3):
        step, price = _equality(concave, gradient, slope, -excess, step, held, limited)
        out = ~held & ((step < low) | (step > high))
        step = np.clip(step, low, high)
        over = ~limited & (excess + np.einsum("kd,kd->k", slope, step) > 0.0)
        wrong = limited & (price < 0.0)
        # A limit that has just become active frees what the box held: the way along the limit may be another one.
        held = (held | out) & ~over[:, None] | rest
        limited = (limited | over) & ~wrong
        if not (out.any() or over.any() or wrong.any()):
            break
    gain = np.einsum("kd,kd->k", gradient, step) - 0.5 * np.einsum("kd,kde,ke->k", step, concave, step)
    return step, np.where(limited, np.maximum(price, 0.0), 0.0), gain


def _damping(curvature: FloatArray, slope: FloatArray, radius: FloatArray) -> FloatArray:
    """What to add to all curvatures (k, d) so that the free step, of length |slope / (curvature + damping)|, stays
    within the radius (k,): zero where it does; else by bisection of the logarithm (Levenberg and Marquardt)."""
    scale = np.sqrt((slope**2).sum(axis=1)) / radius
    low, high = np.log(np.maximum(scale, 1e-300)) - 30.0, np.log(np.maximum(scale, 1e-300))
    for _ in range(20):
        middle = 0.5 * (low + high)
        length = np.sqrt(((slope / (curvature + np.exp(middle)[:, None])) ** 2).sum(axis=1))
        low, high = np.where(length > radius, middle, low), np.where(length > radius, high, middle)
    free = np.sqrt(((slope / curvature) ** 2).sum(axis=1)) <= radius
    return np.where(free, 0.0, np.exp(high))


def _equality(
    concave: FloatArray,
    gradient: FloatArray,
    slope: FloatArray,
    room: FloatArray,
    step: FloatArray,
    held: NDArray[np.bool_],
    limited: NDArray[np.bool_],
) -> tuple[FloatArray, FloatArray]:
    """Maximise g s - s H s / 2, some components held at `step` and, where limited, slope . s = room (KKT system)."""
    k, d = gradient.shape
    matrix = np.zeros((k, d + 1, d + 1))
    right = np.zeros((k, d + 1))
    matrix[:, :d, :d] = np.where(held[:, :, None], np.eye(d), concave)
    right[:, :d] = np.where(held, step, gradient)
    scale = np.maximum(np.abs(slope).max(axis=1), 1e-30)
    usable = limited & (np.where(held, 0.0, np.abs(slope)).max(axis=1) > 1e-9 * scale)
    matrix[:, :d, d] = np.where(usable[:, None] & ~held, slope / scale[:, None], 0.0)
    matrix[:, d, :d] = np.where(usable[:, None], slope / scale[:, None], 0.0)
    matrix[:, d, d] = np.where(usable, 0.0, 1.0)
    right[:, d] = np.where(usable, room / scale, 0.0)
    solution = np.linalg.solve(matrix, right[..., None])[..., 0]
    return solution[:, :d], solution[:, d] / scale
