"""Which inputs matter at all, cheaply: elementary effects (Morris), and means of squared derivatives (DGSM)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray, IntArray
from uq.core.confidence_intervals import tail_note
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.repeatable import one_thread
from uq.core.table import Readable
from uq.sampling.plans import sobol_sequence
from uq.sensitivity.pick_freeze_estimators import require_usable
from uq.surrogates.base import Surrogate
from uq.surrogates.evaluate import require_surrogate


@dataclass(frozen=True)
class Screening(Readable):
    """Elementary effects of one output on the unit cube, in the output's unit.

    `mean` (d,) with its sign, `absolute` (d,) mean of the absolute effects (mu* of Campolongo et al. 2007), `std`
    (d,) their spread: nonlinearity or interaction; `interval` (d, 2) of `absolute` at `confidence`.
    """

    output: str
    """Name of the output."""
    inputs: tuple[str, ...]
    """Names of the inputs, in the order of the arrays."""
    mean: FloatArray
    absolute: FloatArray
    std: FloatArray
    interval: FloatArray
    confidence: float = CONFIDENCE
    runs: int = 0
    """Model runs behind the effects."""
    notes: tuple[str, ...] = ()
    """What changes their meaning."""

    def verdicts(self) -> tuple[str, ...]:
        """One plain sentence for each input."""
        top = float(self.absolute.max())
        return tuple(
            f"{name}: "
            + (
                "no effect in any trajectory"
                if self.absolute[j] == 0.0
                else f"effect {self.absolute[j]:.3g} +- {0.5 * np.ptp(self.interval[j]):.2g}, "
                f"{self.absolute[j] / top:.0%} of the largest"
            )
            for j, name in enumerate(self.inputs)
        )

    def __str__(self) -> str:
        head = f"{self.output}: elementary effects ({self.confidence:.0%} intervals, {self.runs} runs)"
        return "\n".join([head, *self.verdicts(), *self.notes])


@one_thread()
def morris(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE
) -> dict[str, Screening]:
    """Elementary effects ``(y(u + step e_j) - y(u)) / step`` on the unit cube, for each output.

    The Dataset must come from `trajectories` (the rows themselves are checked). A step of a discrete input is that
    of the plan on the unit cube, whichever of its values it leads to. Trajectories are independent, so intervals are
    Student's.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.

    Returns
    -------
    dict of str to Screening
        By output.

    Raises
    ------
    ValueError
        For other rows, correlated inputs (a step would move several), or failed rows, with the remedy.
    """
    require_confidence(confidence)
    which, steps = elementary_steps(data)
    problem, d = data.problem, data.problem.dimension
    results = {}
    for name in outputs if outputs is not None else problem.output_names:
        y = data[name]
        require_usable(y, name)
        squares = (y - y.mean()) ** 2
        consequence = "effects may be its own: look at that run, or draw more"
        notes = tail_note(float(squares.max()), float(squares.sum()), len(y), consequence)
        along = np.diff(y.reshape(-1, d + 1), axis=1) / steps
        effects = np.take_along_axis(along, np.argsort(which, axis=1), axis=1)
        absolute, n = np.abs(effects), len(effects)
        if n < 2:
            raise ValueError("one trajectory has no spread; draw at least 2, better 10")
        half = special.stdtrit(n - 1, 0.5 + 0.5 * confidence) * absolute.std(axis=0, ddof=1) / np.sqrt(n)
        mean = absolute.mean(axis=0)
        results[name] = Screening(
            name,
            problem.input_names,
            effects.mean(axis=0),
            mean,
            effects.std(axis=0, ddof=1),
            np.stack([mean - half, mean + half], axis=1),
            confidence,
            len(data),
            notes + unmoved_note(absolute, problem.input_names, float(y.std())),
        )
    return results


def unmoved_note(absolute: FloatArray, names: Sequence[str], spread: float) -> tuple[str, ...]:
    """A warning of inputs whose effects (n, d) vanish at every step.

    All steps are half of the range, whatever the number of levels: an output that is periodic with it, as Ishigami's
    function is in its second input, or that moves at a rare value only, looks as if the input did nothing.

    Parameters
    ----------
    absolute : ndarray (n, d)
        Size of each effect.
    names : sequence of str
        Of the inputs.
    spread : float
        Standard deviation of the output.

    Returns
    -------
    tuple of str
        One note, or none.
    """
    unmoved = [
        name for name, effects in zip(names, absolute.T, strict=True) if effects.max() <= 1e-9 * spread
    ]
    if not unmoved:
        return ()
    listed = ", ".join(unmoved[:5]) + (f" and {len(unmoved) - 5} more" if len(unmoved) > 5 else "")
    return (
        f"no step of half the range moves the output: {listed}; inert, or what it does repeats with that step or lies "
        "between steps, which random rows and uq.sensitivity.given_data tell apart",
    )


def elementary_steps(data: Dataset) -> tuple[IntArray, FloatArray]:
    """Which input moves in each step of each trajectory (n, d), and by how much in the unit cube (n, d).

    A step of a discrete input shows in its values only roughly, or not at all. It is as large as the steps of the
    other inputs are, or 1/2 as in `trajectories` where there is no other; its values must allow that.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.

    Returns
    -------
    tuple of ndarray (n, d)
        Inputs that move, and their steps in the unit cube.

    Raises
    ------
    ValueError
        As `morris`.
    """
    problem, n, d = data.problem, len(data), data.problem.dimension
    if problem.dependent:
        raise ValueError(
            "the inputs are correlated: a step in one moves others; use uq.shapley_effects through a surrogate"
        )
    wrong = (
        f"the {n} rows are not trajectories that move one input at a time; draw them with "
        f"uq.sampling.trajectories.trajectories(n, {d}, seed=...)"
    )
    if not n or n % (d + 1):
        raise ValueError(wrong)
    moves = np.diff(problem.unit(data.x).reshape(-1, d + 1, d), axis=1)
    moved = np.abs(moves) > 1e-6
    stepped = np.array([law.separate_values is not None for law in problem.distributions])
    count = moved.sum(axis=2)
    if (count > 1).any() or ((count == 0).any() and not stepped.any()):
        raise ValueError(wrong)
    which = np.where(count == 1, moved.argmax(axis=2), -1)
    for row in which:  # steps that no value shows are those of the discrete inputs that are left
        left = [j for j in range(d) if j not in row]
        hidden = np.flatnonzero(row < 0)
        if len(left) != len(hidden) or not stepped[left].all():
            raise ValueError("a trajectory must move every input once")
        row[hidden] = left
    steps = np.take_along_axis(moves, which[:, :, None], axis=2)[:, :, 0]
    discrete = stepped[which]
    if discrete.any():
        sizes = np.abs(steps[~discrete])
        size = float(sizes[0]) if len(sizes) else 0.5
        if len(sizes) and np.ptp(sizes) > 1e-6:
            raise ValueError(
                "the steps differ in size, so that those of discrete inputs cannot be determined; refine the plan"
            )
        x = data.x.reshape(-1, d + 1, d)
        before, after = (
            np.take_along_axis(part, which[:, :, None], axis=2)[:, :, 0] for part in (x[:, :-1], x[:, 1:])
        )
        for t, k in zip(*np.nonzero(discrete), strict=True):
            law, ends = problem.distributions[which[t, k]], (float(before[t, k]), float(after[t, k]))
            steps[t, k] = np.sign(ends[1] - ends[0]) * size or size
            _require_reached(
                problem.input_names[which[t, k]], [law.step(end) for end in ends], ends, steps[t, k]
            )
    data.require_no_failures(
        "; fill them by uq.surrogates.derived_outputs.impute(data, surrogate), or ask what drives failures by "
        "uq.surrogates.derived_outputs.as_failures(data)"
    )
    return which, steps


def _require_reached(
    name: str, intervals: list[tuple[float, float] | None], ends: tuple[float, float], step: float
) -> None:
    """Raise ValueError unless a step on the unit cube leads from the one value of a discrete law to the other, whose
    `intervals` of probability are given."""
    low, high = intervals
    reached = low is not None and high is not None
    if low is not None and high is not None and ends[0] != ends[1]:
        reached = low[0] + step <= high[1] + 1e-9 and high[0] <= low[1] + step + 1e-9
    if not reached:
        raise ValueError(
            f"input {name!r} steps from {ends[0]:g} to {ends[1]:g}, which no step of {abs(step):.3g} on the unit cube "
            "does; draw the rows with uq.sampling.trajectories.trajectories"
        )


@dataclass(frozen=True)
class DerivativeBased(Readable):
    """Mean squared derivatives of one output, and what they bound.

    `squares` (d,) E[(dY/dX_j)^2], in (output unit / input unit)^2; `bound` (d,) the upper bound of the total index,
    ``total_j <= C_j squares_j / Var(Y)`` with the Poincare constant C_j of the law of X_j (infinite: no bound);
    `interval` (d, 2) of `bound` at `confidence`; `notes` what changes their meaning.
    """

    output: str
    """Name of the output."""
    inputs: tuple[str, ...]
    """Names of the inputs, in the order of the arrays."""
    squares: FloatArray
    bound: FloatArray
    interval: FloatArray
    confidence: float = CONFIDENCE
    runs: int = 0
    """Gradients behind the means."""
    notes: tuple[str, ...] = ("the surrogate's own error is not included",)

    def __str__(self) -> str:
        head = f"{self.output}: bounds of total indices by derivatives ({self.runs} gradients)"
        rows = [
            f"{name}: total at most {b:.3g} [{low:.3g}, {high:.3g}]"
            if np.isfinite(b)
            else f"{name}: no bound"
            for name, b, (low, high) in zip(self.inputs, self.bound, self.interval, strict=True)
        ]
        return "\n".join([head, *rows, *self.notes])


@one_thread()
def derivative_based(
    surrogate: Surrogate,
    *,
    outputs: Sequence[str] | None = None,
    confidence: float = CONFIDENCE,
    base: int = 4096,
    replicates: int = 16,
    seed: int = SEED,
) -> dict[str, DerivativeBased]:
    """Mean squared derivatives of a surrogate and the bounds they put on total indices (independent inputs).

    Derivatives know nothing of the surrogate's own error.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    base : int, default 4096
        Points of each scramble.
    replicates : int, default 16
        Independent scrambles.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    dict of str to DerivativeBased
        By output.

    References
    ----------
    Sobol' & Kucherenko (2009), doi:10.1016/j.matcom.2009.01.023; Lamboni et al. (2013),
    doi:10.1016/j.matcom.2013.02.002 (Poincare constants).
    """
    require_surrogate(surrogate)
    require_confidence(confidence)
    problem, d = surrogate.problem, surrogate.problem.dimension
    if problem.dependent:
        raise ValueError("the inputs are correlated; the bound by derivatives needs independent inputs")
    each = base // replicates
    if replicates < 2 or each * replicates != base or each & (each - 1):
        raise ValueError(f"{base} points do not divide into {replicates} replicates of a power of two points")
    seeds = np.random.default_rng(seed).integers(1, 2**31, replicates)
    squares, variances = [], []
    for one in seeds:
        x = problem.physical(sobol_sequence(each, d, seed=int(one)).unit)
        squares.append((surrogate.gradient(x) ** 2).mean(axis=0))
        variances.append(surrogate.mean(x).var(axis=0))
    by_replicate, variance = np.array(squares), np.array(variances)
    constants = np.array([law.poincare_constant for law in problem.distributions])
    student = float(special.stdtrit(replicates - 1, 0.5 + 0.5 * confidence)) / np.sqrt(replicates)
    results = {}
    for name in outputs if outputs is not None else problem.output_names:
        k = problem.output_index(name)
        if not np.isfinite(by_replicate[:, k]).all():
            raise ValueError(f"the surrogate's derivatives of {name!r} are not finite everywhere")
        v = float(variance[:, k].mean())
        if not v > 0.0:
            raise ValueError(f"output {name!r} is constant: there is no variance to attribute")
        mean = by_replicate[:, k].mean(axis=0)
        error = (by_replicate[:, k] - mean * variance[:, k, None] / v) / v
        half = student * error.std(axis=0, ddof=1)
        finite = np.where(np.isfinite(constants), constants, 1.0)
        bound = np.where(np.isfinite(constants), finite * mean / v, np.inf)
        interval = np.stack([bound - finite * half, bound + finite * half], axis=1)
        results[name] = DerivativeBased(name, problem.input_names, mean, bound, interval, confidence, base)
    return results
