"""SALib's analyses on our plans and Datasets, with our results: a second opinion that shares no line with ours.

SALib trusts what it is given: one NaN makes every index zero, rows of another plan give numbers without meaning, a
seed of 0 is none, numpy's global generator and the format of warnings are changed.  So nothing reaches it before the
rows were checked, only coordinates of the unit cube go in, and what comes out is checked again.

Source: Herman & Usher (2017), doi:10.21105/joss.00097; Iwanaga, Usher & Herman (2022), doi:10.18174/sesmo.18155.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.linear_algebra import one_thread
from uq.core.results import Indices
from uq.sampling.curves import search_curves
from uq.sampling.pick_freeze import block_size, check_groups
from uq.sampling.salib_door import call, cube, finite, require_seed
from uq.sensitivity.given_data import Measure, independent_rows, usable_values
from uq.sensitivity.morris_dgsm import DerivativeBased, Screening, elementary_steps, unmoved_note
from uq.sensitivity.sobol import pick_freeze_runs

ROWS = 100
"""Fewest rows of given data: below, the bias of ten harmonics is a quarter of the index."""
DRAWS = 3
"""SALib's estimates of given data are of one bootstrap sample: so many are averaged, and their spread is in the
interval, which is too narrow by it otherwise."""
RESAMPLES = 34
"""For each of these draws: as many together as SALib's own default."""
HDMR_ROWS = 300
"""SALib's own lower bound for HDMR."""
SHUFFLED = 19
"""Random columns that tell what an input without influence reaches: the largest of them in 1 of 20 cases."""
FEW_RESAMPLES = 8
"""For each of them: fewer scatter more, so that chance is taken for larger rather than smaller."""
SLICES = 10
BLOCKS = 16
"""Groups of rows left out in turn where SALib gives no interval."""

# -- given data: any plan, dependent inputs too -----------------------------------------------------------------------


@one_thread()
def rbd_fast(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Measure]:
    """First-order indices of any samples by random balance designs (RBD-FAST), bias corrected.

    The output in the order of one input, up and down again, is a periodic signal; its ten lowest harmonics hold what
    the input explains.

    Parameters
    ----------
    data : Dataset
        At least `ROWS` rows, none failed.  Inputs may depend on each other: the index is then Var(E[Y | X_j]) / Var(Y).
    outputs : sequence of str, optional
        Names; all outputs if not given.
    confidence : float
        Of the intervals: SALib's bootstrap with samples of half the size, which are wider than needed.
    seed : int
        Positive; breaks ties of inputs, and draws the bootstrap.

    Returns
    -------
    dict of str to Measure
        By output.

    Raises
    ------
    ValueError
        With the remedy, for failed rows, too few rows, or an output that no variance analysis can take.

    References
    ----------
    Tarantola, Gatelli & Mara (2006), doi:10.1016/j.ress.2005.06.003; Tissot & Prieur (2012),
    doi:10.1016/j.ress.2012.06.010.
    """
    return _given(
        data, outputs, confidence, seed, "rbd_fast", "S1", "first-order indices (RBD-FAST of SALib)"
    )


@one_thread()
def delta(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Measure]:
    """Borgonovo's delta of any samples: half the mean area between the densities of Y and of Y given X_j.

    Zero without influence, one if X_j fixes Y.  Densities of samples differ by chance: `null` is what an input without
    influence reaches in 5 % of cases, the largest of `SHUFFLED` random columns, and intervals begin lower by what these
    reach on average.

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

    Raises
    ------
    ValueError
        As `rbd_fast`, and for outputs of fewer than `BLOCKS` distinct values in a class, which have no density
        there.

    References
    ----------
    Borgonovo (2007), doi:10.1016/j.ress.2006.04.015; Plischke, Borgonovo & Smith (2013),
    doi:10.1016/j.ejor.2012.11.047.
    """
    for output in outputs if outputs is not None else data.problem.output_names:
        y, _ = usable_values(data, output, ROWS)
        if np.unique(y, return_counts=True)[1].max() > len(y) / BLOCKS:
            raise ValueError(
                f"output {output!r} repeats one value in many rows, so that it has no density; use "
                "uq.sensitivity.given_data.rank_dependence or regional"
            )
    return _given(
        data,
        outputs,
        confidence,
        seed,
        "delta",
        "delta_raw",
        "delta (SALib)",
        shuffled=SHUFFLED,
        method="delta",
    )


@one_thread()
def pawn(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Measure]:
    """Mean Kolmogorov-Smirnov distance between the law of Y and its laws in `SLICES` slices of X_j.

    SALib gives no interval: it is that of a jackknife over `BLOCKS` groups of rows. `null` is what an input without
    influence reaches in 5 % of cases, from 99 random columns.

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

    Raises
    ------
    ValueError
        As `rbd_fast`.

    References
    ----------
    Pianosi & Wagener (2018), doi:10.1016/j.envsoft.2018.07.019.
    """
    require_confidence(confidence)
    require_seed(seed)
    names = data.problem.input_names
    data, shared = independent_rows(data)
    results = {}
    for output in outputs if outputs is not None else data.problem.output_names:
        y, notes = usable_values(data, output, ROWS)
        notes += shared
        d, rng = data.problem.dimension, np.random.default_rng(seed)
        x, noise = ranks(data.x, seed), ranks(rng.random((len(y), 99)), seed)
        value, shuffled = _distances(x, y, seed), _distances(noise, y, seed)
        group = rng.permutation(len(y)) % BLOCKS
        left = np.array([_distances(x[group != g], y[group != g], seed) for g in range(BLOCKS)])
        error = np.sqrt((BLOCKS - 1) * left.var(axis=0))
        half = special.stdtrit(BLOCKS - 1, 0.5 + 0.5 * confidence) * error
        low = np.maximum(
            value - shuffled.mean() - half, 0.0
        )  # distances of samples are too large by their noise
        interval = np.stack([low, value + half], axis=1)
        null = np.full(d, np.quantile(shuffled, 0.95))
        results[output] = Measure(
            "PAWN distances (SALib)", output, names, value, interval, null, confidence, len(y), notes
        )
    return results


def _distances(x: FloatArray, y: FloatArray, seed: int) -> FloatArray:
    return finite(call("pawn", seed, cube(x.shape[1]), x, y, S=SLICES)[0]["mean"])


@one_thread()
def hdmr(
    data: Dataset,
    *,
    outputs: Sequence[str] | None = None,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
    max_order: int = 2,
    degree: int = 4,
) -> dict[str, Indices]:
    """First-order and total indices of any samples of independent inputs, by SALib's enhanced HDMR.

    A sum of functions of one and of two inputs (`max_order`), polynomials of `degree` in the unit cube, is fitted to
    the rows; the shares of its parts are the indices. What it does not explain is in no index: a note says it, and
    intervals are wider by it on both sides.

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
    max_order : int, default 2
        Inputs of the largest part, 1 or 2.
    degree : int, default 4
        Of the polynomials.

    Returns
    -------
    dict of str to Indices
        By output.

    Raises
    ------
    ValueError
        As `rbd_fast`.

    References
    ----------
    Li, Rabitz et al. (2010), doi:10.1021/jp9096919; Gao, Sahin & Vrugt (2023), doi:10.1029/2022WR032834.
    """
    require_confidence(confidence)
    require_seed(seed)
    _require_independent(data)
    data, shared = independent_rows(data)
    d = data.problem.dimension
    if max_order not in (1, 2) or d < 2 or not 1 <= degree <= 10:
        raise ValueError(
            f"HDMR takes two or more inputs, order 1 or 2 and degree 1 .. 10, got {d}, {max_order} and {degree}"
        )
    columns = degree * d + (degree * (degree + 2) * d * (d - 1) // 2 if max_order == 2 else 0)
    results = {}
    for output in outputs if outputs is not None else data.problem.output_names:
        y, notes = usable_values(data, output, max(HDMR_ROWS, 8 * columns))
        notes += shared
        x = data.problem.unit(data.x)
        found, said = call(
            "enhanced_hdmr", seed, cube(d), x, y, max_order=max_order, poly_order=degree, alpha=confidence
        )
        # a bootstrap of halves: the spread of their indices is that of half the rows
        first = finite(found["S"][:d])
        total = finite(found["ST"][:d])
        left = 1.0 - float(found["S_sum"])
        notes += (*said, f"{left:.1%} of the variance is not explained by the fit")
        results[output] = Indices(
            output,
            data.problem.input_names,
            first,
            total,
            _around(first, finite(found["S_conf"][:d]) + abs(left)),
            _around(total, finite(found["ST_conf"][:d]) + abs(left)),
            confidence,
            len(y),
            notes,
        )
    return results


# -- methods with a plan of their own ---------------------------------------------------------------------------------


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
    _require_independent(data)
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

    Intervals are SALib's bootstrap of the base points: upper bounds for a quasi-random plan.

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
            _around(first, finite(found["S1_conf"])),
            _around(total, finite(found["ST_conf"])),
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
            _around(absolute, half),
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
    _require_independent(data)
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
            _around(bound, finite(found["dgsm_conf"]) / scale),
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
    if data.problem.correlation is not None or not block_size(data.x, sets):
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


# -- what they share -----------------------------------------------------------------------------------------------


def ranks(x: FloatArray, seed: int) -> FloatArray:
    """Ranks of each column in the unit cube; equal values take their ranks at random.

    Parameters
    ----------
    x : ndarray (n, d)
        Values by column.
    seed : int
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    ndarray (n, d)
        Ranks in the unit cube.

    Examples
    --------
    >>> ranks(np.array([[3.0], [1.0], [2.0], [9.0]]), 1).ravel()
    array([0.625, 0.125, 0.375, 0.875])
    """
    rng, n = np.random.default_rng(seed), len(x)
    out = np.empty_like(x)
    for j in range(x.shape[1]):
        out[np.lexsort((rng.random(n), x[:, j])), j] = (np.arange(n) + 0.5) / n
    return out


def _given(
    data: Dataset,
    outputs: Sequence[str] | None,
    confidence: float,
    seed: int,
    analysis: str,
    key: str,
    title: str,
    shuffled: int = 0,
    **options: Any,
) -> dict[str, Measure]:
    require_confidence(confidence)
    require_seed(seed)
    names, results = data.problem.input_names, {}
    data, shared = independent_rows(data)
    for output in outputs if outputs is not None else data.problem.output_names:
        y, notes = usable_values(data, output, ROWS)
        notes += shared
        x = ranks(data.x, seed)
        values, halves = [], []
        said: tuple[str, ...] = ()
        for draw in range(DRAWS):
            found, said = call(
                analysis,
                seed + draw,
                cube(len(names)),
                x,
                y,
                conf_level=confidence,
                num_resamples=RESAMPLES,
                **options,
            )
            values.append(finite(found[key]))
            halves.append(finite(found[f"{key}_conf"]))
        value = np.mean(values, axis=0)
        between = special.stdtrit(DRAWS - 1, 0.5 + 0.5 * confidence) * np.std(values, axis=0, ddof=1)
        half = np.hypot(np.mean(halves, axis=0), between)
        interval, null = _around(value, half), np.zeros(len(names))
        if shuffled:
            noise = ranks(np.random.default_rng(seed).random((len(y), shuffled)), seed)
            by_chance = finite(
                call(analysis, seed, cube(shuffled), noise, y, num_resamples=FEW_RESAMPLES, **options)[0][key]
            )
            null += max(by_chance.max(), 0.0)
            interval[:, 0] -= max(by_chance.mean(), 0.0)
        results[output] = Measure(
            title, output, names, value, interval, null, confidence, len(y), (*notes, *said)
        )
    return results


def _over_replicates(found: FloatArray, student: float) -> FloatArray:
    """Intervals (d, 2) of indices (replicates, d + 1) whose last is that of an input without influence."""
    mean, half = found.mean(axis=0), student * found.std(axis=0, ddof=1)
    return np.stack([mean - half - max(mean[-1], 0.0), mean + half], axis=1)[:-1]


def _around(value: FloatArray, half: FloatArray) -> FloatArray:
    return np.stack([value - half, value + half], axis=1)


def _require_independent(data: Dataset) -> None:
    if data.problem.correlation is not None:
        raise ValueError(
            "the inputs are correlated; this method assumes independence: use rbd_fast, delta or pawn, or "
            "uq.shapley_effects through a surrogate"
        )


def _curves(data: Dataset) -> dict[str, int]:
    """Details of the plan of search curves that the rows are, drawn again and compared: labels can lie."""
    details = {**data.provenance, **data.provenance.get("details", {})}
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
