"""What a running campaign has finished: in memory, on disk, and reported to whoever watches."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset
from uq.core.problem import Problem
from uq.core.storage import store as storage
from uq.core.storage.atomic_files import versions
from uq.core.storage.store import Samples, most_frequent
from uq.sampling.plans import Plan

POINTS = 4096
"""About so many points are transformed from the unit cube at once."""

JUDGED = 32
"""The share of failures is judged from so many samples on."""

_LOG = logging.getLogger("uq")


class CampaignError(RuntimeError):
    """A campaign that cannot go on; finished samples are kept where there is a store."""


@dataclass(frozen=True)
class Progress:
    """How far a campaign is: samples finished of all, failed among them, and how many were stored before it began."""

    done: int
    """Samples that are finished."""
    total: int
    """Samples of the plan."""
    failed: int
    """Finished samples without a result."""
    stored: int
    """Samples that the store held before the campaign began."""
    seconds: float
    """Since the campaign began."""
    waiting: str = ""
    """What a campaign waits for that can run nothing now, and how long at most; empty while it runs samples."""

    @property
    def rate(self) -> float:
        """Samples a second in this run; 0 before the first."""
        return (self.done - self.stored) / self.seconds if self.seconds > 0.0 else 0.0

    @property
    def remaining(self) -> float:
        """Seconds to go at this rate; infinite before the first sample."""
        if self.done == self.total:
            return 0.0
        return (self.total - self.done) / self.rate if self.rate > 0.0 else np.inf


@dataclass
class Ledger:
    """Every sample of a plan: whether it is finished, what it gave, and where it is kept.

    Sample i lies in block i // `block`.  Rows become durable in `folder`, if there is one, before they count.
    """

    problem: Problem
    """What is sampled."""
    plan: Plan
    """Points of the samples."""
    block: int
    folder: Path | None
    key: str
    """Of the problem and its model's version, under which the store keeps results."""
    progress: Callable[[Progress], None] | None = None
    """Called with every step; None where nobody looks."""
    max_failures: float = 1.0
    """Share of failed samples, 0 to 1, beyond which the campaign stops."""

    def __post_init__(self) -> None:
        n = len(self.plan)
        self.x = np.empty((n, self.problem.dimension))
        self.y = np.full((n, len(self.problem.outputs)), np.nan)
        self.status = np.zeros(n, dtype=np.int64)
        self.done = np.zeros(n, dtype=bool)
        self.messages: dict[int, str] = {}
        self.finished = self.failed = self.stored = self.written = 0
        self.started = 0.0
        self._points: tuple[int, FloatArray] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All columns: inputs, then outputs."""
        return (*self.problem.input_names, *self.problem.output_names)

    @property
    def complete(self) -> bool:
        """Whether every sample is finished."""
        return self.finished == len(self.plan)

    def points(self, blocks: Sequence[int]) -> FloatArray:
        """Physical points (k, b, d) of some blocks, rows beyond the plan repeating the last one.

        They are transformed many blocks at a time, always the same ones together: see `uq.campaign.evaluation` for why.
        """
        wanted, each = np.asarray(blocks), max(1, POINTS // self.block)
        x = np.empty((len(wanted), self.block, self.problem.dimension))
        for span in np.unique(wanted // each).tolist():
            if self._points is None or self._points[0] != span:
                first = span * each * self.block
                rows = np.minimum(np.arange(first, first + each * self.block), len(self.plan) - 1)
                self._points = span, self.problem.physical(self.plan.unit[rows]).reshape(each, *x.shape[1:])
            here = wanted // each == span
            x[here] = self._points[1][wanted[here] - span * each]
        return x

    def begin(self) -> None:
        """What is finished now was stored before; the clock starts."""
        self.stored, self.started = self.finished, time.monotonic()
        self.report()

    def keep(self, samples: Samples) -> None:
        """Take finished rows into memory."""
        index = storage.rows(samples.index)
        new = ~self.done[index]
        self.x[index], self.y[index], self.status[index] = samples.x, samples.y, samples.status
        self.done[index] = True
        self.messages.update(samples.messages)
        self.finished += int(new.sum())
        self.failed += int((samples.status[new] < 0).sum())

    def record(self, samples: Samples) -> None:
        """Make finished rows durable, then count them.  Raises CampaignError when too many have failed."""
        if self.folder is not None and len(samples):
            points = storage.points_of(self.plan.unit, samples.index)
            storage.write_part(self.folder, self.names, samples, key=self.key, points=points)
            self.written += 1
            if self.written % storage.MANY_PARTS == 0:
                self.merge()
        self.keep(samples)
        self.report()
        if self.failed > self.max_failures * self.finished and self.finished >= JUDGED and not self.complete:
            raise CampaignError(
                self.farewell(
                    f"more than {self.max_failures:.0%} of the samples failed",
                    "mend the model, or give `max_failures` to go on",
                )
            )

    def merge(self) -> None:
        """Few large parts instead of many small ones."""
        if self.folder is not None:
            storage.merge(self.folder, self.names, self.problem.dimension, key=self.key, unit=self.plan.unit)

    def report(self, waiting: str = "") -> None:
        """Tell whoever watches how far the campaign is, and what it waits for where it can run nothing."""
        if self.progress is not None:
            seconds = time.monotonic() - self.started
            self.progress(Progress(self.finished, len(self.plan), self.failed, self.stored, seconds, waiting))
        elif waiting:
            _LOG.warning("%s", waiting)

    def farewell(self, why: str, remedy: str = "run the same call again to resume") -> str:
        """Why the campaign ends before its end, what is kept, and what to do."""
        kept = (
            f"finished samples are kept in {self.folder}; {remedy}"
            if self.folder is not None
            else "there is no store, so they are lost"
        )
        text = f"{why} at {self.finished} of {len(self.plan)} samples, {self.failed} of them failed; {kept}"
        common = Counter(self.messages.values()).most_common(1)
        return f"{text}. Most frequent failure: {common[0][0]}" if common else text

    def provenance(self) -> dict[str, Any]:
        """What makes the data: plan, key, versions."""
        return {
            "scheme": self.plan.scheme,
            "seed": self.plan.seed,
            "details": dict(self.plan.details),
            "samples": len(self.plan),
            "key": self.key,
            "versions": versions(),
        }

    def dataset(self) -> Dataset:
        """The finished campaign; ``provenance["failures"]`` counts the most frequent messages of failed samples."""
        self.merge()
        provenance = self.provenance()
        if self.messages:
            provenance["failures"] = most_frequent(self.messages)
        for array in (self.x, self.y, self.status):
            array.setflags(write=False)
        return Dataset(self.problem, self.x, self.y, self.status, provenance)
