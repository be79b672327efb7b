"""Run a model over a plan: in parallel, durably, resumably, with failures as data.

Finished samples are written the moment they arrive.  The same call after a crash, a kill or Ctrl-C continues with
the missing samples only, and ends with the same bits as an undisturbed run, whatever the number of workers (on
one type of processor).  A longer plan that begins with the stored one runs only its new points.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uq import store as storage
from uq.dataset import LOST, TIMED_OUT, Dataset, describe
from uq.evaluation import BLOCK
from uq.executors import InProcess, Processes, Workers
from uq.problem import Problem
from uq.sampling import Plan
from uq.store import Samples, StoreError
from uq.version import model_version
from uq.worker import Outcome, Work

FloatArray = NDArray[np.float64]

TASK_SECONDS = 1.0
"""Blocks are handed out in tasks of about this duration: long beside the hand-over (1 ms), short beside a loss."""

TASK_ROWS = 16_384
"""No task holds more samples than this (nor less than a block)."""

POINTS = 4096
"""About so many points are transformed from the unit cube at once."""

FORMAT = 1

_ROUNDS = 3
"""A block is searched for its guilty samples at most this often."""


class CampaignError(RuntimeError):
    """A campaign that cannot go on; finished samples are kept where there is a store."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the message says what is kept and how to resume."""


@dataclass(frozen=True)
class Progress:
    """How far a campaign is: samples finished of all, failed among them, and how many were stored before it began."""

    done: int
    total: int
    failed: int
    stored: int
    seconds: float

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


def run(
    problem: Problem,
    plan: Plan,
    *,
    store: str | os.PathLike[str] | None = None,
    workers: int = 1,
    scheduler: Any = None,
    progress: Callable[[Progress], None] | None = None,
    time_limit: float | None = None,
    retries: int = 2,
    most_failures: float = 0.5,
) -> Dataset:
    """Evaluate `problem.model` at the points of `plan`, in the order of the plan.

    `store`: folder that makes the campaign durable and resumable; None keeps the samples in memory only.
    `workers`: local processes; 1 means this process, unless there is a `time_limit`.
    `scheduler`: a Dask cluster instead (`uq.cluster`): an address, a ``distributed.Client`` or a cluster object.
    `progress`: called with a `Progress` after every finished task (`uq.progress.bar` draws it).
    `time_limit`: seconds that one call of the model may take (a block of a vectorised model, a sample of others).
    `retries`: how often a sample whose process died is tried again before it counts as the cause.
    `most_failures`: share of failed samples (raised, timed out, lost, invalid, not finite) above which the campaign
    stops, once a block of samples is finished.

    A model that raises, hangs, kills its process or returns no result costs only the guilty samples: they get a
    negative status (`uq.dataset`), NaN outputs, and a message in the store; they are not run again on resuming.
    Vectorised models are called with blocks of `BLOCK` samples, or of the model's own attribute ``block``;
    ``block = 1`` marks a model of single samples (`uq.programs`).

    Raises ValueError for a problem without model or a plan of another dimension, StoreError for a store that belongs
    to another campaign, is in use, full or not writable, WorkerError if processes cannot load the model,
    CampaignError past `most_failures`, Interrupted on Ctrl-C.
    """
    if problem.model is None:
        raise ValueError("this problem has no model; use with_model")
    if plan.dimension != problem.dimension:
        raise ValueError(f"the plan has {plan.dimension} columns, the problem {problem.dimension} inputs")
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    identity = identify(problem)
    key = storage.digest(storage.canonical(identity))
    with ExitStack() as stack:
        folder = None if store is None else Path(store)
        state = _State(problem, plan, identity["block"], folder, key)
        if folder is not None:
            stack.enter_context(storage.lock(folder))
            _open(state, identity)
        state.begin(progress, most_failures)
        if not state.complete:
            try:
                pool = _workers(problem, identity["model"], workers, scheduler, time_limit)
                stack.callback(pool.close)
                _drive(state, pool, retries)
            except KeyboardInterrupt:
                raise Interrupted(state.farewell("stopped")) from None
            except ConnectionError as error:
                raise CampaignError(state.farewell(str(error))) from error
        return state.dataset()


def _workers(problem: Problem, version: str, count: int, scheduler: Any, time_limit: float | None) -> Workers:
    if scheduler is not None:
        try:
            from uq.cluster import Cluster
        except ImportError as error:
            raise ImportError("a Dask cluster needs the extra: pip install 'lander-uq[dask]'") from error
        return Cluster(problem, scheduler, time_limit, version=version)
    if count > 1 or time_limit is not None:
        return Processes(problem, count, time_limit, version=version)
    return InProcess(problem)


def identify(problem: Problem) -> dict[str, Any]:
    """What the results depend on besides the points: laws, dependence, outputs, model, block."""
    record = describe(problem)
    assert problem.model is not None
    block = int(getattr(problem.model, "block", BLOCK))
    if block < 1:
        raise ValueError(f"the model's block must be positive, got {block}")
    return {
        "format": FORMAT,
        "inputs": {i["name"]: i["distribution"] for i in record["inputs"]},
        "correlation": record["correlation"],
        "outputs": [o["name"] for o in record["outputs"]],
        "model": model_version(problem.model, problem.version),
        "block": block,
    }


def key(problem: Problem) -> str:
    """The hash of `identify`: stored samples are reused only under the same key and at the same points."""
    return storage.digest(storage.canonical(identify(problem)))


# -- the state of a run --------------------------------------------------------------------------------------------


@dataclass
class _State:
    problem: Problem
    plan: Plan
    block: int
    folder: Path | None
    key: str
    progress: Callable[[Progress], None] | None = None
    most_failures: float = 1.0
    stored: int = 0
    started: float = 0.0
    points: tuple[int, FloatArray] | None = None

    def __post_init__(self) -> None:
        n = len(self.plan)
        self.x = np.empty((n, self.problem.dimension))
        self.y = np.full((n, len(self.problem.outputs)), np.nan)
        self.status = np.zeros(n, dtype=np.int64)
        self.done = np.zeros(n, dtype=bool)
        self.messages: dict[int, str] = {}
        self.finished = self.failed = self.written = 0

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.problem.input_names, *self.problem.output_names)

    @property
    def complete(self) -> bool:
        return self.finished == len(self.plan)

    def begin(self, progress: Callable[[Progress], None] | None, most_failures: float) -> None:
        self.progress, self.most_failures = progress, most_failures
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
        """Make finished rows durable, then count them."""
        if self.folder is not None and len(samples):
            points = storage.points_of(self.plan.unit, samples.index)
            storage.write_part(self.folder, self.names, samples, key=self.key, points=points)
            self.written += 1
            if self.written % storage.MANY_PARTS == 0:
                self.merge()
        self.keep(samples)
        self.report()
        if self.failed > self.most_failures * self.finished and self.finished >= min(len(self.plan), BLOCK):
            raise CampaignError(self.farewell(f"more than {self.most_failures:.0%} of the samples failed"))

    def merge(self) -> None:
        if self.folder is not None:
            storage.merge(self.folder, self.names, self.problem.dimension, key=self.key, unit=self.plan.unit)

    def report(self) -> None:
        if self.progress is not None:
            seconds = time.monotonic() - self.started
            self.progress(Progress(self.finished, len(self.plan), self.failed, self.stored, seconds))

    def farewell(self, why: str) -> str:
        kept = (
            f"finished samples are kept in {self.folder}; run the same call again to resume"
            if self.folder is not None
            else "there is no store, so they are lost"
        )
        text = f"{why} at {self.finished} of {len(self.plan)} samples, {self.failed} of them failed; {kept}"
        common = most_common(self.messages.values())
        return f"{text}. Most frequent failure: {common}" if common else text

    def dataset(self) -> Dataset:
        self.merge()
        provenance = {
            "scheme": self.plan.scheme,
            "seed": self.plan.seed,
            "details": dict(self.plan.details),
            "samples": len(self.plan),
            "key": self.key,
            "versions": storage.versions(),
        }
        return Dataset(self.problem, self.x, self.y, self.status, provenance)


def most_common(messages: Iterable[str]) -> str:
    """The most frequent of some messages, or nothing."""
    counts: dict[str, int] = {}
    for message in messages:
        counts[message] = counts.get(message, 0) + 1
    return max(counts, key=lambda m: counts[m]) if counts else ""


def _open(state: _State, identity: dict[str, Any]) -> None:
    """Take what a store already holds, after making sure that it belongs to this campaign."""
    assert state.folder is not None
    held = len(state.plan)
    if (state.folder / storage.MANIFEST).exists():
        try:
            manifest = storage.read_manifest(state.folder)
        except StoreError:
            manifest = {
                "identity": identity,
                "samples": 0,
            }  # the parts carry the key, and are checked one by one
        if "identity" not in manifest:
            raise StoreError(f"{state.folder} holds a saved dataset; give this campaign a store of its own")
        changed = [k for k in identity if manifest["identity"].get(k) != identity[k]]
        if changed:
            raise StoreError(
                f"{state.folder} holds another campaign ({', '.join(changed)} differ); "
                "give this one a store of its own, or delete the folder"
            )
        held = max(held, int(manifest["samples"]))
    for samples in storage.take(
        state.folder,
        state.names,
        state.problem.dimension,
        key=state.key,
        unit=state.plan.unit,
        physical=state.problem.physical,
    ):
        state.keep(samples)
    if held == len(state.plan):
        provenance = {
            "scheme": state.plan.scheme,
            "seed": state.plan.seed,
            "details": state.plan.details,
            "samples": len(state.plan),
            "key": state.key,
            "versions": storage.versions(),
        }
        storage.write_manifest(
            state.folder,
            {
                "identity": identity,
                "samples": len(state.plan),
                "problem": describe(state.problem),
                "provenance": provenance,
            },
        )


# -- the loop ------------------------------------------------------------------------------------------------------


@dataclass
class _Piece:
    """Rows of one block that are run together."""

    block: int
    rows: NDArray[np.intp]
    strikes: int = 0
    rounds: int = 0
    suspect: _Suspect | None = None


@dataclass
class _Suspect:
    """A block that kills or hangs its process, while it is searched for the guilty samples."""

    block: int
    rows: NDArray[np.intp]
    rounds: int
    probes: int = 0
    guilty: dict[int, tuple[int, str]] = field(default_factory=dict)


def _drive(state: _State, pool: Workers, retries: int) -> None:
    """Hand out work until every sample is finished."""
    first = np.flatnonzero(~state.done)
    blocks = deque(int(b) for b in np.unique(first // state.block))
    urgent: deque[_Piece] = deque()
    running = 0
    size = 1
    while blocks or urgent or running:
        while pool.free and (blocks or urgent):
            if urgent:
                piece = urgent.popleft()
                pool.submit(_work(state, [piece], probing=piece.suspect is not None))
            else:
                fair = -(-len(blocks) // (2 * pool.count))
                pieces = [_whole(state, blocks.popleft()) for _ in range(max(1, min(size, fair)))]
                pool.submit(_work(state, pieces))
            running += 1
        finished: list[Samples] = []
        for work, outcome in pool.finished():
            running -= 1
            pieces = work.tag
            if outcome.fate == "done" and not work.probing:
                finished.append(_samples(state, work, outcome))
                if outcome.seconds > 0.0:
                    most = max(1, TASK_ROWS // state.block)
                    size = int(
                        np.clip(TASK_SECONDS / (outcome.seconds / len(pieces)), 1, min(most, 8 * size))
                    )
                continue
            if outcome.fate == "done":
                finished += _settle(state, urgent, pieces[0], None)
                continue
            size = max(1, size // 2)
            at = outcome.call
            for piece in (p for k, p in enumerate(pieces) if k != at):
                urgent.append(piece)
            if at >= 0:
                finished += _punish(state, urgent, pieces[at], outcome.fate, retries)
        for samples in finished:
            state.record(samples)


def _whole(state: _State, block: int) -> _Piece:
    rows = np.arange(block * state.block, min((block + 1) * state.block, len(state.plan)))
    return _Piece(block, np.flatnonzero(~state.done[rows]))


def _points(state: _State, block: int) -> FloatArray:
    """Physical points (b, d) of a block, its rows beyond the plan repeating the last one.

    They are transformed many blocks at a time, always the same ones together: see `uq.evaluation` for why.
    """
    span = state.block * max(1, POINTS // state.block)
    first = block * state.block // span * span
    if state.points is None or state.points[0] != first:
        rows = np.minimum(np.arange(first, first + span), len(state.plan) - 1)
        state.points = first, state.problem.physical(state.plan.unit[rows])
    offset = block * state.block - first
    return state.points[1][offset : offset + state.block]


def _work(state: _State, pieces: list[_Piece], *, probing: bool = False) -> Work:
    if probing:
        piece = pieces[0]
        x = _points(state, piece.block)[piece.rows][None]
        return Work(pieces, x, np.ones(x.shape[:2], dtype=bool), probing=True)
    x = np.stack([_points(state, p.block) for p in pieces])
    active = np.zeros(x.shape[:2], dtype=bool)
    for k, piece in enumerate(pieces):
        active[k, piece.rows] = True
        if len(piece.rows) == state.block:
            continue
        others = np.flatnonzero(~active[k])
        offset = piece.block * state.block
        # Rows of a plan's earlier, shorter form keep their points; those that failed, or are in doubt, do not.
        known = others[others + offset < len(state.plan)]
        keep = known[state.done[known + offset] & (state.status[known + offset] >= 0)]
        replaced = np.setdiff1d(others, keep)
        x[k, replaced] = x[k, piece.rows[0]]
    return Work(pieces, x, active)


def _samples(state: _State, work: Work, outcome: Outcome) -> Samples:
    result = outcome.result
    assert result is not None
    call, row = np.nonzero(work.active)
    start = np.array([p.block * state.block for p in work.tag])
    messages = {int(start[c] + r): m for (c, r), m in result.messages.items()}
    return Samples(
        start[call] + row, work.x[call, row], result.y[call, row], result.status[call, row], messages
    )


def _punish(state: _State, urgent: deque[_Piece], piece: _Piece, fate: str, retries: int) -> list[Samples]:
    """Decide about rows whose process died or hung: try again, search them, or convict the only one."""
    hung = fate == "hung"
    alone = len(piece.rows) == 1
    piece.strikes += 1
    if not hung and piece.strikes <= retries and (alone or piece.suspect is None):
        urgent.append(piece)
        return []
    if alone:
        verdict = (
            (TIMED_OUT, "exceeded its time limit")
            if hung
            else (LOST, f"killed its process {piece.strikes} times")
        )
        if piece.suspect is not None:
            return _settle(state, urgent, piece, verdict)
        return [_convict(state, piece.block, {int(piece.rows[0]): verdict})]
    if piece.suspect is None:
        if piece.rounds == _ROUNDS:  # each sample lives alone, and yet they die together
            company = (LOST, "killed or hung its process in company of others only")
            return [_convict(state, piece.block, dict.fromkeys(map(int, piece.rows), company))]
        suspect = _Suspect(piece.block, piece.rows, piece.rounds + 1)
    else:
        suspect = piece.suspect
        suspect.probes -= 1
    for half in np.array_split(piece.rows, 2):
        suspect.probes += 1
        urgent.appendleft(_Piece(suspect.block, half, suspect=suspect))
    return []


def _settle(
    state: _State, urgent: deque[_Piece], piece: _Piece, verdict: tuple[int, str] | None
) -> list[Samples]:
    """Close one probe; after the last, run the innocent rows together and record the guilty."""
    suspect = piece.suspect
    assert suspect is not None
    suspect.probes -= 1
    if verdict is not None:
        suspect.guilty[int(piece.rows[0])] = verdict
    if suspect.probes:
        return []
    innocent = np.array([r for r in suspect.rows if int(r) not in suspect.guilty], dtype=np.intp)
    if len(innocent):
        urgent.appendleft(_Piece(suspect.block, innocent, rounds=suspect.rounds))
    return [_convict(state, suspect.block, suspect.guilty)] if suspect.guilty else []


def _convict(state: _State, block: int, guilty: dict[int, tuple[int, str]]) -> Samples:
    rows = np.array(sorted(guilty), dtype=np.int64)
    index = rows + block * state.block
    return Samples(
        index,
        _points(state, block)[rows],
        np.full((len(rows), len(state.problem.outputs)), np.nan),
        np.array([guilty[int(r)][0] for r in rows], dtype=np.int64),
        {int(i): guilty[int(r)][1] for i, r in zip(index, rows, strict=True)},
    )
