"""SALib's analyses of any samples, with our results: a second opinion that shares no line with ours.

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

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.repeatable import one_thread
from uq.core.results import Indices
from uq.sampling.salib_door import call, cube, finite, require_seed
from uq.sensitivity.given_data import Measure, independent_rows, usable_values

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
    require_independent_inputs(data)
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
        try:
            found, said = call(
                "enhanced_hdmr", seed, cube(d), x, y, max_order=max_order, poly_order=degree, alpha=confidence
            )
        except np.linalg.LinAlgError as error:
            raise ValueError(
                f"HDMR of degree {degree} finds no coefficients from these {len(y)} rows, of which an input may have "
                "few values: ask for a lower degree, or use uq.PolynomialChaos.fit"
            ) from error
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
            around(first, finite(found["S_conf"][:d]) + abs(left)),
            around(total, finite(found["ST_conf"][:d]) + abs(left)),
            confidence,
            len(y),
            notes,
        )
    return results


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
        interval, null = around(value, half), np.zeros(len(names))
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


def around(value: FloatArray, half: FloatArray) -> FloatArray:
    """Symmetric intervals.

    Parameters
    ----------
    value : ndarray (d,)
        Their middles.
    half : ndarray (d,)
        Half of their widths.

    Returns
    -------
    ndarray (d, 2)
        Low and high end of each.
    """
    return np.stack([value - half, value + half], axis=1)


def require_independent_inputs(data: Dataset) -> None:
    """Refuse data of correlated inputs.

    Parameters
    ----------
    data : Dataset
        Evaluated rows.

    Raises
    ------
    ValueError
        Where the inputs are correlated.
    """
    if data.problem.dependent:
        raise ValueError(
            "the inputs are correlated; this method assumes independence: use rbd_fast, delta or pawn, or "
            "uq.shapley_effects through a surrogate"
        )
