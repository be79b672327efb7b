"""What the outputs will be: moments, quantiles, exceedance and tolerance, each with its error.

From the samples of a model, or streamed through a surrogate in bounded memory, whose error enters every interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import clopper_pearson, group_errors, std_interval, student, tail_note
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.model import LARGEST
from uq.core.repeatable import one_thread
from uq.core.results import Interval, Summary, above_name, quantile_name
from uq.propagation.drawn_rows import drawn_rows_note
from uq.propagation.streaming import FEW, streamed
from uq.sampling.structure import structure_of
from uq.surrogates.base import Surrogate
from uq.surrogates.evaluate import require_surrogate

PSEUDO_REPLICATES = 16
"""Consecutive blocks into which the rows of a pick-freeze plan of one scramble are cut."""


@one_thread()
def propagate(
    source: Dataset | Surrogate,
    *,
    outputs: Sequence[str] | None = None,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
    above: Mapping[str, Sequence[float]] | None = None,
    confidence: float = CONFIDENCE,
    samples: int = 2**17,
    replicates: int = 16,
    seed: int = SEED,
    workers: int = 1,
) -> dict[str, Summary]:
    """Mean, standard deviation, quantiles and the probabilities of exceeding `above` {output: thresholds}.

    What comes back is a `Summary` for each of `outputs`: ``propagate(data)["mass"].quantiles[0.95]``, and its interval
    ``.intervals["quantile 0.95"]``.

    A Dataset of a plan with replicates (`uq.sampling.scrambles`, `uq.pick_freeze`, trajectories) is judged by their
    spread: Student's interval for the mean and for the share of samples below a quantile or above a threshold, one as
    skewed as the squares are (`uq.core.confidence_intervals.skewed`) for the standard deviation; quantiles reach at
    least to the next sample on either side.  Any other is judged as drawn at
    random, so that intervals on quasi-random and Latin hypercube plans are as wide as these: the same for mean and
    standard deviation, Clopper & Pearson's for exceedance, and for quantiles the order statistics of real rank r
    with ``I_p(r, n - r + 1) = 1/2 +- confidence / 2`` (Hettmansperger & Sheather 1986,
    doi:10.1016/0167-7152(86)90021-0).

    Rows of one base point of a pick-freeze plan or a trajectory may all agree: fewer than `FEW` events count as if
    drawn by base point, and so does everything once the groups are unknown (some rows picked, all but one replicate
    failed).

    A Surrogate is sampled with `samples` points in `replicates` independent scrambles (dependence included), in
    chunks: memory does not grow with `samples`.  Intervals over the replicates, as above, are widened by the
    surrogate's error m +- k s as if it had one sign everywhere: quantiles and probabilities of m - k s and m + k s,
    the mean by k <s>, the standard deviation by the root of <s^2>; k is the normal quantile of `confidence`.

    A note warns where one row makes so much of the variance that the tail is not seen yet
    (`uq.core.confidence_intervals.tail_note`).

    Parameters
    ----------
    source : Dataset or Surrogate
        Rows of a plan that fits the question, or a surrogate that is sampled.
    outputs : sequence of str, optional
        Names of the outputs that are asked about; all by default.
    quantiles : sequence of float
        Probabilities of the quantiles.
    above : mapping of str to sequence of float, optional
        Thresholds of each output, in its unit, whose exceedance is asked for.
    confidence : float
        Of every interval.
    samples : int
        Points at which the surrogate is sampled.
    replicates : int
        Independent scrambles of a surrogate's sample.
    seed : int
        Of every random choice.
    workers : int
        Threads that share the work; the result does not depend on them.

    Returns
    -------
    dict of str to Summary
        By output: ``propagate(data)["mass"].quantiles[0.95]``, its interval in ``.estimates["quantile 0.95"]``.

    Raises
    ------
    ValueError
        For probabilities outside (0, 1), an unknown output, too few good rows, or values that are not finite or beyond
        1e150, and for rows that do not follow the laws of the problem (some left out, drawn from others, nodes of a
        quadrature).
    """
    require_confidence(confidence)
    if not isinstance(source, Dataset):
        require_surrogate(source)
    names = tuple(outputs) if outputs is not None else source.problem.output_names
    for name, limits in (above or {}).items():
        source.problem.output_index(name)
        if np.ndim(limits) != 1 or not np.isfinite(np.asarray(limits, dtype=np.float64)).all():
            raise ValueError(f"thresholds of {name!r} are a list of finite numbers, got {limits!r}")
    thresholds = {name: tuple(float(t) for t in (above or {}).get(name, ())) for name in names}
    quantiles = tuple(float(p) for p in quantiles)
    if not all(0.0 < p < 1.0 for p in quantiles):
        raise ValueError(f"quantiles are named by probabilities between 0 and 1, got {list(quantiles)}")
    if isinstance(source, Dataset):
        details = source.details
        drawn = drawn_rows_note(source, len(source) / _block(source, details))
        return {n: _of_samples(source, n, quantiles, thresholds[n], confidence, drawn) for n in names}
    return streamed(source, names, quantiles, thresholds, confidence, samples, replicates, seed, workers)


def _of_samples(
    data: Dataset,
    name: str,
    quantiles: Sequence[float],
    above: Sequence[float],
    confidence: float,
    drawn: tuple[str, ...],
) -> Summary:
    y = good_values(data, name)
    details = data.details
    notes, failed = (*details.get("policy", ()), *drawn), len(data) - len(y)
    if failed:
        notes += (
            f"{failed} of {len(data)} rows failed and are left out: all holds given that the model works",
        )
    block, groups = _block(data, details), _groups(details, len(data))
    member = np.repeat(np.arange(groups), len(data) // groups)[data.feasible] if groups else np.arange(len(y))
    if not groups and block == 1:  # whatever the plan is called, the rows are asked
        shared = structure_of(data.problem, data.x).block[data.feasible]
        size = int(np.bincount(shared).max())
        if size > 1:
            block, groups, member = size, int(shared.max()) + 1, shared
            notes += (
                f"rows share inputs in {groups} blocks of up to {size} rows, which are judged as one each",
            )
    member = np.unique(member, return_inverse=True)[1]
    if groups and member.max() == 0:
        groups, member = 0, np.arange(len(y))
        notes += ("good rows in one replicate only, which has no spread: rows are judged on their own",)
    scheme = str(details.get("scheme", "monte_carlo"))
    if not groups and block > 1:
        notes += (
            f"rows of a {scheme} plan whose groups are not known: intervals take {block} rows for one, as if all rows "
            "of a base point agreed",
        )
    elif not groups and scheme != "monte_carlo":
        notes += (
            f"{scheme} plan without replicates: intervals are as wide as of random rows; uq.sampling.scrambles "
            "draws one that gives sharp ones",
        )
    alike = np.sqrt(1.0 if groups else block)
    mean, std = float(y.mean()), float(y.std(ddof=1))
    by_mean, squares = alike * group_errors(y - mean, member), (y - mean) ** 2
    half = student(by_mean, confidence)
    by_square = alike * group_errors(squares - squares.mean(), member)
    intervals = {
        "mean": (mean - half, mean + half),
        "std": std_interval(std**2, by_square, by_mean, confidence),
    }
    notes += tail_note(float(squares.max()), float(squares.sum()), len(y))
    if np.ptp(y) == 0.0:
        notes += (f"constant at {y[0]:g} in all {len(y)} rows that worked",)
    values = {p: float(np.quantile(y, p)) for p in quantiles}
    ordered, n = np.sort(y), len(y)
    for p, q in values.items():
        if groups:
            by = max(n * student(group_errors((y <= q) - np.mean(y <= q), member), confidence), 1.0)
            low, high = n * p + 0.5 - by, n * p + 0.5 + by
        else:
            low, high = (_events(0.5 + 0.5 * c, n / block, p) for c in (-confidence, confidence))
            low, high = low * block + 1.0, (high + 1.0) * block
        low, high = intervals[quantile_name(p)] = _between_ranks(ordered, low, high)
        values[p] = min(
            max(q, low), high
        )  # beyond the sample numpy's lies below the last row, the interval does not
    exceedance = {}
    for t in above:
        beyond = y > t
        exceedance[t] = share = float(beyond.mean())
        low, high = few_events(int(beyond.sum()), n, block, confidence)
        if groups and min(beyond.sum(), n - beyond.sum()) >= FEW:
            by = student(group_errors(beyond - share, member), confidence)
            low, high = max(share - by, 0.0), min(share + by, 1.0)
        intervals[above_name(t)] = low, high
    return Summary(name, mean, std, values, intervals, exceedance, confidence, len(data), failed, notes)


def _events(level: float, n: float, p: float) -> float:
    """The real k at which the binomial law of n trials reaches `level`; -1 where it exceeds it from the first.

    >>> round(_events(0.5, 10.0, 0.5), 6), _events(0.05, 60.0, 0.0005)
    (4.5, -1.0)
    """
    return -1.0 if (1.0 - p) ** n > level else float(special.bdtrik(level, n, p))


def few_events(events: int, n: int, block: int, confidence: float) -> Interval:
    """Clopper & Pearson's interval where `block` rows may all agree: both counts divided by it, rounded outwards.

    Parameters
    ----------
    events : int
        Rows that show the event.
    n : int
        Rows.
    block : int
        Rows that may all agree.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end of the probability.
    """
    low, _ = clopper_pearson(events // block, -(-n // block), confidence)
    least = max(n // block, 1)
    _, high = clopper_pearson(min(-(-events // block), least), least, confidence)
    return low, high


def _block(data: Dataset, details: Mapping[str, Any]) -> int:
    """How many rows share one base point: d + 1 on trajectories, g + 2 or 2 g + 2 on pick-freeze plans, else 1."""
    inputs = data.problem.dimension
    if details.get("scheme") == "trajectories":
        return inputs + 1
    if details.get("scheme") != "saltelli":
        return 1
    return (2 if details.get("second_order") else 1) * len(details.get("groups") or range(inputs)) + 2


def _groups(details: Mapping[str, Any], n: int) -> int:
    """How many equal, consecutive, independent groups n rows consist of; 0 if all are independent, or nothing is known.

    Rows of a pick-freeze plan of one scramble share columns: blocks of it are the next best.
    """
    known = details.get("replicates") or details.get("trajectories")
    if not known and details.get("scheme") == "saltelli":
        known = min(PSEUDO_REPLICATES, int(details.get("base", 0)))
    groups = int(known or 0)
    return groups if 1 < groups < n and n % groups == 0 else 0


def _at_rank(ordered: FloatArray, rank: float) -> float:
    """The order statistic of a real rank, linear between neighbours; infinite beyond the ends."""
    if not 1.0 <= rank <= len(ordered):
        return -np.inf if rank < 1.0 else np.inf
    return float(np.interp(rank, np.arange(1, len(ordered) + 1), ordered))


def _between_ranks(ordered: FloatArray, low: float, high: float) -> Interval:
    """The order statistics of two ranks.  A quantile beyond the sample is only known to lie beyond its last row."""
    n = float(len(ordered))
    return _at_rank(ordered, min(low, n)), _at_rank(ordered, max(high, 1.0))


def good_values(data: Dataset, name: str) -> FloatArray:
    """Values (n,) of an output in the feasible rows.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    name : str
        Of the output.

    Returns
    -------
    ndarray (n,)
        Of the feasible rows.

    Raises
    ------
    ValueError
        If fewer than two, or if any is unusable.
    """
    y = data[name][data.feasible]
    if len(y) < 2:
        counts = ", ".join(f"{k}: {v}" for k, v in data.counts().items())
        raise ValueError(f"{len(y)} good rows of {len(data)} ({counts}); statistics need at least two")
    if not np.isfinite(y).all() or np.abs(y).max() > LARGEST:
        raise ValueError(
            f"output {name!r} holds values that are not finite or beyond {LARGEST:g} in good rows"
        )
    return y
