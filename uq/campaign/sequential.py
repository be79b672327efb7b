"""A campaign that grows until a quantity is known well enough."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from uq import campaign
from uq.core.dataset import Dataset
from uq.core.problem import Problem
from uq.core.table import as_lines, as_pretty
from uq.sampling.plans import Plan

Interval = tuple[float, float]


@dataclass(frozen=True)
class Batch:
    """What one step of the growth knew: samples so far, the interval, and the seconds that the step took."""

    samples: int
    interval: Interval
    seconds: float


@dataclass(frozen=True)
class Growth:
    """The data, the last interval, whether it is as narrow as was asked, and the way there."""

    data: Dataset
    interval: Interval
    width: float
    converged: bool
    batches: tuple[Batch, ...]

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

    _repr_pretty_, _repr_html_ = as_pretty, as_lines


def grow(
    problem: Problem,
    plan: Callable[[int], Plan],
    interval: Callable[[Dataset], Interval],
    *,
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

    Raises ValueError if the plans are not nested or the numbers make no sense, and what `campaign.run` raises.
    """
    if not (width > 0.0 and 0 < start <= max_runs):
        raise ValueError(f"needs width > 0 and 0 < start <= max_runs, got {width}, {start}, {max_runs}")
    batches: list[Batch] = []
    with contextlib.ExitStack() as stack:
        folder = store or tempfile.mkdtemp(prefix="growth-")
        if not store:
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
                if store:
                    raise
                stack.pop_all()
                raise type(stopped)(f"{stopped}; give store={folder!r} to go on from there") from stopped
            low, high = map(float, interval(data))
            batches.append(Batch(len(data), (low, high), time.monotonic() - began))
            converged = high - low <= width
            if converged or size == max_runs:
                return Growth(data, (low, high), width, converged, tuple(batches))
            size, before = min(2 * size, max_runs), drawn
