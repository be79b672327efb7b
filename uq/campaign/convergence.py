"""Stop when converged: more samples until an index, a quantile, a ranking or a decision is known well enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from uq.core.dataset import Dataset
from uq.core.results import Indices, Summary, above_name
from uq.core.table import as_lines, as_pretty

Result = TypeVar("Result")


@dataclass(frozen=True)
class Converged(Generic[Result]):
    """The last `result`, whether it has `converged`, and the `samples` of each round."""

    result: Result
    converged: bool
    samples: tuple[int, ...]

    def __str__(self) -> str:
        state = "converged" if self.converged else "NOT converged"
        return f"{state} after {self.samples[-1]} samples in {len(self.samples)} rounds\n{self.result}"

    _repr_pretty_, _repr_html_ = as_pretty, as_lines


def converge(
    sample: Callable[[int], Dataset],
    analyse: Callable[[Dataset], Result],
    converged: Callable[[Result], bool],
    *,
    first: int,
    max_size: int,
) -> Converged[Result]:
    """Double the size of a study from `first` to at most `max_size` until its result has converged.

    `sample(size)` returns the data of a plan of that size: base points, replicates or rows, as it likes.  With a
    store, and a plan whose larger versions begin with the smaller ones, finished samples are not run again::

        converge(
            lambda r: campaign.run(problem, pick_freeze(64 * r, d, seed=1, replicates=r), store=folder),
            lambda data: sobol_indices(data)["saving"], ranking_has_converged, first=16, max_size=256,
        )

    Looking several times and stopping when converged is a little optimistic: with five looks at 90 % intervals expect
    some 80 % to hold.  Ask for a higher confidence where that matters.
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
    """Every total index known to +- `half_width`."""
    return lambda found: bool((0.5 * np.ptp(found.total_interval, axis=1)).max() <= half_width)


def ranking_has_converged(found: Indices, *, negligible: float = 0.01) -> bool:
    """Whether the intervals of neighbours in the order of total indices do not overlap, but for negligible ones."""
    order = np.argsort(-found.total)
    low, high = found.total_interval[order, 0], found.total_interval[order, 1]
    apart = low[:-1] > high[1:]
    return bool((apart | (high[:-1] < negligible)).all())


def quantiles_are_within(half_width: float) -> Callable[[Summary], bool]:
    """Every quantile of a summary known to +- `half_width`, in the output's unit."""

    def narrow(found: Summary) -> bool:
        intervals = [v for name, v in found.intervals.items() if name.startswith("quantile")]
        return all(high - low <= 2.0 * half_width for low, high in intervals)

    return narrow


def decision_has_converged(threshold: float, required: float) -> Callable[[Summary], bool]:
    """Whether the probability of exceeding `threshold` is known to lie on one side of `required`."""

    def one_sided(found: Summary) -> bool:
        low, high = found.intervals[above_name(threshold)]
        return low > required or high < required

    return one_sided
