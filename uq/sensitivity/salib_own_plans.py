"""SALib's analyses of plans of their own: FAST's curves, pick-freeze pairs, trajectories, steps for derivatives.

What `uq.sensitivity.salib_given_data` says of SALib holds here; and the plan is read from the rows, never from a label.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.repeatable import one_thread
from uq.core.results import Indices
from uq.sampling.curves import search_curves
from uq.sampling.pick_freeze import block_size, check_groups
from uq.sampling.salib_door import call, cube, finite, require_seed
from uq.sensitivity.given_data import Measure, usable_values
from uq.sensitivity.morris_dgsm import DerivativeBased, Screening, elementary_steps, unmoved_note
from uq.sensitivity.salib_given_data import around, rbd_fast, require_independent_inputs
from uq.sensitivity.sobol import pick_freeze_runs


@one_thread()
def fast(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE
) -> dict[str, Indices]:
    """First-order and total indices by the extended Fourier amplitude sensitivity test, from `search_curves`.

    SALib's own intervals are not used (it warns of them itself); these are Student's over the replicates of the
    plan, and reach down by the indices of the input that the model does not have: harmonics of others that fall on
    its own.

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
    dict of str to Indices
        By output.

    Raises
    ------
    ValueError
        For rows that are not those of the plan, correlated inputs, or failed rows, with the remedy.

    References
    ----------
    Saltelli, Tarantola & Chan (1999), doi:10.1080/00401706.1999.10485594.
    """
    require_confidence(confidence)
    require_independent_inputs(data)
    plan = _curves(data)
    n, replicates, harmonics = (plan[k] for k in ("points", "replicates", "harmonics"))
    d = data.problem.dimension
    student = float(special.stdtrit(replicates - 1, 0.5 + 0.5 * confidence)) / np.sqrt(replicates)
    results = {}
    for output in outputs if outputs is not None else data.problem.output_names:
        y, notes = usable_values(data, output, 2)
        found = [
            call("fast", 1, cube(d + 1), curves, M=harmonics, num_resamples=2)[0]
            for curves in y.reshape(replicates, (d + 1) * n)
        ]
        first, total = (finite([f[key] for f in found]) for key in ("S1", "ST"))
        results[output] = Indices(
            output,
            data.problem.input_names,
            first.mean(axis=0)[:d],
            total.mean(axis=0)[:d],
            _over_replicates(first, student),
            _over_replicates(total, student),
            confidence,
            len(y),
            (*notes, f"FAST counts {harmonics} harmonics: first-order indices of sharp bends are too small"),
        )
    return results


@one_thread()
def sobol_indices(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Indices]:
    """First-order (Saltelli 2010) and total (Jansen) indices by SALib, from a pick-freeze plan of single inputs.

    Intervals are SALib's bootstrap of the base points: for a quasi-random plan as wide as for a random one.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    dict of str to Indices
        By output.

    Raises
    ------
    ValueError
        As `uq.sensitivity.sobol.sobol_indices`.

    References
    ----------
    Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018; Jansen (1999), doi:10.1016/S0010-4655(98)00154-4.
    """
    require_confidence(confidence)
    require_seed(seed)
    names = tuple(outputs) if outputs is not None else data.problem.output_names
    runs = pick_freeze_runs(data, names)
    d = data.problem.dimension
    results = {}
    for k, output in enumerate(names):
        _, notes = usable_values(data, output, 2)
        found, said = call(
            "sobol",
            seed,
            cube(d),
            np.ascontiguousarray(runs[:, :, k]).ravel(),
            calc_second_order=runs.shape[1] == 2 * d + 2,
            conf_level=confidence,
        )
        first, total = finite(found["S1"]), finite(found["ST"])
        results[output] = Indices(
            output,
            data.problem.input_names,
            first,
            total,
            around(first, finite(found["S1_conf"])),
            around(total, finite(found["ST_conf"])),
            confidence,
            len(data),
            (*notes, *said),
        )
    return results


@one_thread()
def morris(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Screening]:
    """Elementary effects by SALib, from `uq.sampling.trajectories.trajectories`, which checks the rows.

    Effects are by the whole unit cube, as those of `uq.sensitivity.morris_dgsm.morris`.  Intervals are its bootstrap.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    dict of str to Screening
        By output.

    Raises
    ------
    ValueError
        As `uq.sensitivity.morris_dgsm.morris`.
    """
    require_confidence(confidence)
    require_seed(seed)
    which, steps = elementary_steps(data)
    d = data.problem.dimension
    step, cells = float(np.abs(steps[0, 0])), _along(which, steps)
    if not np.allclose(np.abs(steps), step, rtol=1e-9, atol=0.0):
        raise ValueError(
            "SALib's elementary effects need steps of one length; use uq.sensitivity.morris_dgsm.morris"
        )
    results = {}
    for output in outputs if outputs is not None else data.problem.output_names:
        y, notes = usable_values(data, output, 2)
        # SALib divides by its own step of 2 / 3, that of 4 levels, whatever the plan's
        found, said = call(
            "morris", seed, cube(d) | {"groups": None}, cells, y, num_levels=4, conf_level=confidence
        )
        scale = (2.0 / 3.0) / step
        mean, absolute, std, half = (
            scale * finite(found[key]) for key in ("mu", "mu_star", "sigma", "mu_star_conf")
        )
        results[output] = Screening(
            output,
            data.problem.input_names,
            mean,
            absolute,
            std,
            around(absolute, half),
            confidence,
            len(y),
            (*notes, *said, *unmoved_note(absolute[None], data.problem.input_names, float(y.std()))),
        )
    return results


def _along(which: IntArray, steps: FloatArray) -> FloatArray:
    """Points (n (d + 1), d) of the unit cube with these steps, which values of discrete inputs may hide."""
    n, d = which.shape
    moves = np.zeros((n, d + 1, d))
    rows, columns = np.ogrid[:n, :d]
    moves[rows, columns + 1, which] = steps
    start = 0.5 - 0.5 * moves.sum(axis=1, keepdims=True)
    return (start + np.cumsum(moves, axis=1)).reshape(-1, d)


@one_thread()
def dgsm(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, DerivativeBased]:
    """Derivative-based bounds of total indices by SALib, from true runs at the points of `derivative_steps`.

    Derivatives are by coordinates of the unit cube, ``total_j <= E[(dY/du_j)^2] / (pi^2 Var(Y))``, which has a finite
    mean only where a law's density does not fall to zero; other laws are refused (their bounds come through a
    surrogate, `uq.sensitivity.morris_dgsm.derivative_based`).  SALib 1.6 leaves its interval in units of
    E[(dY/du_j)^2]; it is brought to those of the bound here.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    dict of str to DerivativeBased
        By output.

    Raises
    ------
    ValueError
        For laws whose density falls to zero, other rows, correlated inputs or failed rows.
    """
    require_confidence(confidence)
    require_seed(seed)
    require_independent_inputs(data)
    d = data.problem.dimension
    for i in data.problem.inputs:
        ends = np.asarray(i.distribution.support)
        if not np.isfinite(ends).all() or not (i.distribution.pdf(ends) > 0.0).all():
            raise ValueError(
                f"the density of input {i.name!r} falls to zero, so that derivatives by its probability have no mean "
                "square; use uq.sensitivity.morris_dgsm.derivative_based through a surrogate"
            )
    unit = data.problem.unit(data.x)
    moved = (
        np.abs(unit.reshape(-1, d + 1, d) - unit[:: d + 1, None]) > 1e-12
        if len(unit) % (d + 1) == 0
        else None
    )
    if moved is None or not (moved == np.vstack([np.zeros(d, bool), np.eye(d, dtype=bool)])).all():
        raise ValueError(
            f"the {len(data)} rows are not points each followed by one step along every input; draw them with "
            f"uq.sampling.derivative_steps(n, {d}, seed=...)"
        )
    results = {}
    for output in outputs if outputs is not None else data.problem.output_names:
        y, notes = usable_values(data, output, 2 * (d + 1))
        change = np.abs(y.reshape(-1, d + 1) - y[:: d + 1, None]).max()
        if np.finfo(np.float64).eps * np.abs(y).max() > 1e-4 * change:
            raise ValueError(
                f"the steps change output {output!r} by {change:.3g}, in which its last digits show; draw larger "
                "steps, or let the model return the output without its offset"
            )
        found, said = call("dgsm", seed, cube(d), unit, y, conf_level=confidence)
        bound, scale = finite(found["dgsm"]), float(np.var(y[:: d + 1])) * np.pi**2
        results[output] = DerivativeBased(
            output,
            data.problem.input_names,
            finite(found["vi"]),
            bound,
            around(bound, finite(found["dgsm_conf"]) / scale),
            confidence,
            len(y),
            (*notes, *said, "derivatives by coordinates of the unit cube, from the model's own runs"),
        )
    return results


@one_thread()
def reference(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Measure]:
    """First-order indices from the runs at hand: Sobol' of a pick-freeze plan, RBD-FAST of any other samples.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    dict of str to Measure
        By output.
    """
    sets = check_groups(None, data.problem.dimension)
    if data.problem.dependent or not block_size(data.x, sets):
        return rbd_fast(data, outputs=outputs, confidence=confidence, seed=seed)
    return {
        name: Measure(
            "first-order indices (Sobol' of SALib)",
            name,
            i.inputs,
            i.first,
            i.first_interval,
            np.zeros(len(i.inputs)),
            confidence,
            i.runs,
            i.notes,
        )
        for name, i in sobol_indices(data, outputs=outputs, confidence=confidence, seed=seed).items()
    }


def _over_replicates(found: FloatArray, student: float) -> FloatArray:
    """Intervals (d, 2) of indices (replicates, d + 1) whose last is that of an input without influence."""
    mean, half = found.mean(axis=0), student * found.std(axis=0, ddof=1)
    return np.stack([mean - half - max(mean[-1], 0.0), mean + half], axis=1)[:-1]


def _curves(data: Dataset) -> dict[str, int]:
    """Details of the plan of search curves that the rows are, drawn again and compared: labels can lie."""
    details = data.details
    if all(k in details for k in ("points", "replicates", "harmonics")) and details.get("seed", 0) > 0:
        plan = {k: int(details[k]) for k in ("points", "replicates", "harmonics")}
        drawn = search_curves(
            plan["points"],
            data.problem.dimension,
            seed=int(details["seed"]),
            replicates=plan["replicates"],
            harmonics=plan["harmonics"],
        )
        x = data.problem.physical(drawn.unit)
        if x.shape == data.x.shape and np.allclose(x, data.x, rtol=1e-9, atol=0.0):
            return plan
    raise ValueError(
        f"the {len(data)} rows are not those of a plan of search curves, in its order; draw one with "
        f"uq.sampling.search_curves(n, {data.problem.dimension}, seed=...), or use rbd_fast, which takes any samples"
    )
