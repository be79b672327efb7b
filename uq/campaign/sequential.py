"""Campaigns that grow until an index, a quantile, a ranking or a decision is known well enough.

`grow` runs one campaign over nested plans until an interval is narrow; `converge` doubles any study until a rule of its
result holds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from uq import campaign
from uq.core.dataset import Dataset
from uq.core.problem import Problem
from uq.core.results import Indices, Interval, Summary, above_name
from uq.core.table import Readable
from uq.sampling.plans import Plan

Result = TypeVar("Result")


@dataclass(frozen=True)
class Batch:
    """What one step of the growth knew: samples so far, the interval, and the seconds that the step took."""

    samples: int
    """Samples so far."""
    interval: Interval
    """Lower and upper end, in the unit of what is estimated."""
    seconds: float
    """s that the step took."""


@dataclass(frozen=True)
class Growth(Readable):
    """The data, the last interval, whether it is as narrow as was asked, and the way there."""

    data: Dataset
    """All samples."""
    interval: Interval
    """The last one: lower and upper end, in the unit of what is estimated."""
    width: float
    """Of the interval, as wanted."""
    converged: bool
    """Whether the last interval is at most that wide."""
    batches: tuple[Batch, ...]
    """Samples and interval at each step."""

    @property
    def spent(self) -> int:
        """Samples run."""
        return self.batches[-1].samples

    def __str__(self) -> str:
        lines = [f"{'samples':>10} {'low':>12} {'high':>12} {'width':>10} {'seconds':>8}"]
        for batch in self.batches:
            low, high = batch.interval
            lines.append(
                f"{batch.samples:10d} {low:12.5g} {high:12.5g} {high - low:10.3g} {batch.seconds:8.1f}"
            )
        verdict = "converged" if self.converged else "not converged"
        return "\n".join([*lines, f"{verdict}: asked for a width of {self.width:.3g}"])


def grow(
    problem: Problem,
    plan: Callable[[int], Plan],
    *,
    interval: Callable[[Dataset], Interval],
    width: float,
    start: int,
    max_runs: int,
    store: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Growth:
    """Run `plan(start)`, `plan(2 start)`, ... until `interval(data)` is no wider than `width`, or `max_runs` is met.

    `plan(n)` gives nested plans, each beginning with the one before: ``lambda n: sobol_sequence(n, d, seed=1)``, or
    Saltelli plans of growing base.  `interval` computes (low, high) of what is asked, a quantile, an index, a
    probability, from all data so far; NaN means not known.  `options` go to `campaign.run`.  Doubling keeps
    low-discrepancy plans balanced, and looks at the data so few times that stopping on a narrow interval hardly
    narrows its coverage (fixed-width intervals are valid as the width falls: Chow & Robbins 1965,
    doi:10.1214/aoms/1177700156).

    Without a `store` the samples lie in a temporary folder, which stays, and is named, only if a campaign is stopped.

    Parameters
    ----------
    problem : Problem
        Inputs, outputs and, where it is run, the model.
    plan : callable
        n -> Plan of n points that begins with the smaller ones.
    interval : callable
        Dataset -> (low, high) of what is asked; NaN means not known.
    width : float
        Widest interval that suffices, in the unit of what is asked.
    start : int
        Points of the first plan.
    max_runs : int
        Runs of the model in all, at most.
    store : path, optional
        Folder that makes the runs durable and resumable.
    **options : optional
        For `campaign.run`.

    Returns
    -------
    Growth

    Raises
    ------
    ValueError
        If the plans are not nested or the numbers make no sense, and what `campaign.run` raises.
    """
    if not (width > 0.0 and 0 < start <= max_runs):
        raise ValueError(f"needs width > 0 and 0 < start <= max_runs, got {width}, {start}, {max_runs}")
    batches: list[Batch] = []
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="growth-") if store is None else store
        if store is None:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        size, before = start, None
        while True:
            began = time.monotonic()
            drawn = plan(size)
            if before is not None and not np.array_equal(drawn.unit[: len(before)], before.unit):
                raise ValueError(
                    f"the plan of {size} does not begin with the plan before it; "
                    "use a scheme that extends, such as sobol_sequence with one seed"
                )
            try:
                data = campaign.run(problem, drawn, store=folder, **options)
            except (campaign.CampaignError, campaign.StoreError, campaign.Interrupted) as stopped:
                if store is not None:
                    raise
                stack.pop_all()
                raise type(stopped)(f"{stopped}; give store={folder!r} to go on from there") from stopped
            low, high = map(float, interval(data))
            batches.append(Batch(len(data), (low, high), time.monotonic() - began))
            converged = high - low <= width
            if converged or size == max_runs:
                return Growth(data, (low, high), width, converged, tuple(batches))
            size, before = min(2 * size, max_runs), drawn


@dataclass(frozen=True)
class Converged(Readable, Generic[Result]):
    """The last `result`, whether it has `converged`, and the `samples` of each round."""

    result: Result
    converged: bool
    samples: tuple[int, ...]

    def __str__(self) -> str:
        state = "converged" if self.converged else "NOT converged"
        return f"{state} after {self.samples[-1]} samples in {len(self.samples)} rounds\n{self.result}"


def converge(
    sample: Callable[[int], Dataset],
    analyse: Callable[[Dataset], Result],
    *,
    converged: Callable[[Result], bool],
    first: int,
    max_size: int,
) -> Converged[Result]:
    """Double the size of a study from `first` to at most `max_size` until its result has converged.

    `sample(size)` returns the data of a plan of that size: base points, replicates or rows, as it likes.  With a
    store, and a plan whose larger versions begin with the smaller ones, finished samples are not run again::

        converge(
            lambda r: campaign.run(problem, pick_freeze(64 * r, d, seed=1, replicates=r), store=folder),
            lambda data: sobol_indices(data)["saving"], converged=ranking_has_converged, first=16, max_size=256,
        )

    Looking several times and stopping when converged is a little optimistic: with five looks at 90 % intervals expect
    some 80 % to hold.  Ask for a higher confidence where that matters.

    Parameters
    ----------
    sample : callable
        Size -> Dataset of a plan of that size.
    analyse : callable
        Dataset -> result.
    converged : callable
        Result -> whether it has converged.
    first : int
        The first size.
    max_size : int
        The last size, at most.

    Returns
    -------
    Converged

    Raises
    ------
    ValueError
        Unless 0 < first <= max_size.
    """
    if not 0 < first <= max_size:
        raise ValueError(f"needs 0 < first <= max_size, got {first} and {max_size}")
    size, samples = first, []
    while True:
        data = sample(size)
        result = analyse(data)
        samples.append(len(data))
        done = converged(result)
        if done or 2 * size > max_size:
            return Converged(result, done, tuple(samples))
        size *= 2


def indices_are_within(half_width: float) -> Callable[[Indices], bool]:
    """Every total index known to +- `half_width`.

    Parameters
    ----------
    half_width : float
        Of the intervals of total indices.

    Returns
    -------
    callable
        Takes `Indices` and says whether they are that narrow.
    """
    return lambda found: bool((0.5 * np.ptp(found.total_interval, axis=1)).max() <= half_width)


def ranking_has_converged(found: Indices, *, negligible: float = 0.01) -> bool:
    """Whether the intervals of neighbours in the order of total indices do not overlap, but for negligible ones.

    Parameters
    ----------
    found : Indices
        Indices of one output.
    negligible : float, default 0.01
        Total index below which neighbours may overlap.

    Returns
    -------
    bool
        True where the order is known.
    """
    order = np.argsort(-found.total)
    low, high = found.total_interval[order, 0], found.total_interval[order, 1]
    apart = low[:-1] > high[1:]
    return bool((apart | (high[:-1] < negligible)).all())


def quantiles_are_within(half_width: float) -> Callable[[Summary], bool]:
    """Every quantile of a summary known to +- `half_width`, in the output's unit.

    Parameters
    ----------
    half_width : float
        In the output's unit.

    Returns
    -------
    callable
        Takes a `Summary` and says whether its quantiles are that narrow.
    """

    def narrow(found: Summary) -> bool:
        intervals = [v for name, v in found.intervals.items() if name.startswith("quantile")]
        return all(high - low <= 2.0 * half_width for low, high in intervals)

    return narrow


def decision_has_converged(threshold: float, required: float) -> Callable[[Summary], bool]:
    """Whether the probability of exceeding `threshold` is known to lie on one side of `required`.

    Parameters
    ----------
    threshold : float
        In the output's unit.
    required : float
        Probability of exceeding it that is decided on.

    Returns
    -------
    callable
        Takes a `Summary` and says whether the interval leaves `required` out.
    """

    def one_sided(found: Summary) -> bool:
        low, high = found.intervals[above_name(threshold)]
        return low > required or high < required

    return one_sided
