"""Statistics of a surrogate's output, streamed in bounded memory, with the surrogate's error in every interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.stats import qmc

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import clopper_pearson, std_interval, student, tail_note
from uq.core.model import LARGEST
from uq.core.repeatable import one_thread
from uq.core.results import Interval, Summary, above_name, quantile_name
from uq.propagation.quantile_sketch import Sketch
from uq.sampling.coverage import unseen_parts
from uq.surrogates.base import Surrogate

CHUNK = 32768
"""Points evaluated at once; results do not depend on the number of workers."""

CHECKED = 64
"""One in so many points, the first of each chunk (a net of their own), are asked for their prediction error."""

COARSE = 4096
"""Bins of the sketches that only give the shift by the surrogate's error."""

FEW = 30
"""With fewer events than this, the binomial law judges a frequency, not the spread of replicates."""


@dataclass(frozen=True)
class _Stream:
    """One output's part of the stream: all means, and of the checked points, means less, plain and plus k s."""

    every: Sketch
    less: Sketch
    plain: Sketch
    plus: Sketch
    error: float  # sum of s over the checked points
    error_squares: float
    above: FloatArray  # exact counts at the thresholds

    def __add__(self, other: _Stream) -> _Stream:
        return _Stream(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


@one_thread()
def streamed(
    surrogate: Surrogate,
    names: tuple[str, ...],
    quantiles: Sequence[float],
    thresholds: Mapping[str, Sequence[float]],
    confidence: float,
    samples: int,
    replicates: int,
    seed: int,
    workers: int,
) -> dict[str, Summary]:
    """Statistics of each of `names` from `samples` points in `replicates` independent scrambles.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    names : tuple of str
        Of the outputs.
    quantiles : sequence of float
        Probabilities.
    thresholds : Mapping[str, Sequence[float]]
        By output, of exceedance probabilities.
    confidence : float
        Of the interval, between 0 and 1.
    samples : int
        Points altogether.
    replicates : int
        Independent scrambles, at least two.
    seed : int
        Of every random choice; the same seed gives the same result.
    workers : int
        Local processes; 1 works in this one.

    Returns
    -------
    dict of str to Summary
        By output.

    Raises
    ------
    ValueError
        For fewer than two replicates or too few samples for them.
    """
    problem = surrogate.problem
    if replicates < 2 or samples < replicates * CHECKED:
        raise ValueError(f"{samples} samples in {replicates} replicates: at least 2 replicates of {CHECKED}")
    index = [problem.output_index(name) for name in names]
    k = float(special.ndtri(0.5 + 0.5 * confidence))
    children = np.random.default_rng(seed).spawn(replicates)
    each = samples // replicates
    pilot = surrogate.mean(
        problem.physical(np.random.default_rng([seed, 1]).random((1024, problem.dimension)))
    )
    ranges = [_range(pilot[:, j], name) for j, name in zip(index, names, strict=True)]

    def replicate(rng: np.random.Generator) -> list[_Stream]:
        engine = qmc.Sobol(problem.dimension, scramble=True, rng=rng)
        total: list[_Stream] = []
        for start in range(0, each, CHUNK):
            left = each - start
            x = problem.physical(engine.random(min(CHUNK, 1 << (left - 1).bit_length()))[:left])
            mean = surrogate.mean(x)
            checked = surrogate.predict(x[: -(-len(x) // CHECKED)])
            part = [
                _stream(
                    mean[:, j], checked.mean[:, j], k * checked.std[:, j], *bounds, thresholds[name], name
                )
                for j, bounds, name in zip(index, ranges, names, strict=True)
            ]
            total = [a + b for a, b in zip(total, part, strict=True)] if total else part
        return total

    with ThreadPoolExecutor(workers) as pool:
        streams = list(pool.map(replicate, children))
    rows = getattr(surrogate, "x", None)  # a model that stands for itself has none
    unseen = () if rows is None else unseen_parts(problem, rows)
    return {
        name: _summary(name, [s[j] for s in streams], quantiles, thresholds[name], confidence, k, unseen)
        for j, name in enumerate(names)
    }


def _range(pilot: FloatArray, name: str) -> Interval:
    if not np.isfinite(pilot).all() or np.abs(pilot).max() > LARGEST:
        raise ValueError(
            f"the surrogate predicts values of {name!r} that are not finite or beyond {LARGEST:g}"
        )
    low, high = float(pilot.min()), float(pilot.max())
    margin = max(high - low, 1e-12 * max(abs(low), abs(high)), 1e-300)
    return low - margin, high + margin


def _stream(
    mean: FloatArray,
    plain: FloatArray,
    error: FloatArray,
    low: float,
    high: float,
    above: Sequence[float],
    name: str,
) -> _Stream:
    if not (np.isfinite(mean).all() and np.isfinite(error).all()):
        raise ValueError(f"the surrogate predicts values of {name!r} that are not finite")
    checked = plain - error, plain, plain + error
    return _Stream(
        Sketch.of(mean, low, high),
        Sketch.of(checked[0], low, high, COARSE),
        Sketch.of(plain, low, high, COARSE),
        Sketch.of(checked[2], low, high, COARSE),
        float(error.sum()),
        float((error**2).sum()),
        np.array([[np.count_nonzero(v > t) for t in above] for v in (mean, *checked)], dtype=np.float64),
    )


def _summary(
    name: str,
    streams: list[_Stream],
    quantiles: Sequence[float],
    above: Sequence[float],
    confidence: float,
    k: float,
    unseen: tuple[str, ...],
) -> Summary:
    total = streams[0]
    for stream in streams[1:]:
        total = total + stream
    mean, std, checked = total.every.mean, total.every.std, total.plain.count
    by_error, by_root = total.error / checked, np.sqrt(total.error_squares / checked) / k
    by_mean = np.array([s.every.mean for s in streams]) - mean
    by_square = np.array([s.every.squares / s.every.count for s in streams]) + by_mean**2 - std**2
    half = student(by_mean, confidence) + by_error
    low, high = std_interval(std**2, by_square, by_mean, confidence)
    intervals = {
        "mean": (mean - half, mean + half),
        "std": (max(low - by_root, 0.0), high + by_root),
    }
    values = {p: total.every.quantile(p) for p in quantiles}
    for p, q in values.items():
        spread = student(np.array([s.every.below(q) for s in streams]), confidence)
        low, high = total.every.between(p - spread, p + spread)
        centre = total.plain.quantile(p)
        intervals[quantile_name(p)] = (
            low - max(centre - total.less.quantile(p), 0.0),
            high + max(total.plus.quantile(p) - centre, 0.0),
        )
    exceedance = {}
    n = total.every.count
    for i, t in enumerate(above):
        every, less, plain, plus = total.above[:, i]
        exceedance[t] = float(every / n)
        if min(every, n - every) < FEW:
            low, high = clopper_pearson(int(every), n, confidence)
        else:
            spread = student(np.array([s.above[0, i] / s.every.count for s in streams]), confidence)
            low, high = exceedance[t] - spread, exceedance[t] + spread
        low, high = low - (plain - less) / checked, high + (plus - plain) / checked
        intervals[above_name(t)] = (float(max(low, 0.0)), float(min(high, 1.0)))
    note = f"through a surrogate of root mean square error {by_root:.3g}, counted as of one sign everywhere"
    notes = tail_note(total.every.farthest**2, total.every.squares, n)
    if by_root > 0.0:
        notes = (note, *notes)
    if total.every.smallest == total.every.largest:
        notes += (f"constant at {total.every.largest:g} in all {n} samples",)
    return Summary(name, mean, std, values, intervals, exceedance, confidence, n, 0, (*notes, *unseen))
