"""Where work runs: in this process, or in local processes of which each can be ended alone.

A pool that shares one queue loses every task when one worker dies, and cannot end one that hangs.  So each worker
is a loky executor of its own with one process and one task, and writes into a few shared bytes which call it
has begun, and when: a killed or hung task is known to the very call, and its neighbours do not notice.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import signal
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.backend.reduction import dumps
from numpy.typing import NDArray

from uq.evaluation import Result, evaluate, probe
from uq.problem import Problem

FloatArray = NDArray[np.float64]

_BOOKMARK = struct.Struct("<qd")
_POLL = 0.2
_FRUITLESS_STARTS = 4
_SINGLE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class WorkerError(RuntimeError):
    """Workers that cannot serve this model at all; the message says why."""


@dataclass(frozen=True)
class Work:
    """Some blocks x (k, b, d) with their active rows (k, b); or, when `probing`, rows whose survival is in doubt."""

    tag: Any
    x: FloatArray
    active: NDArray[np.bool_]
    probing: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of some work.  `call` is the block at which a lost or hung worker was, -1 before the first."""

    work: Work
    fate: Literal["done", "lost", "hung"]
    seconds: float
    result: Result | None = None
    call: int = -1


class Workers(Protocol):
    """Takes work while `free` is positive; `finished` waits a little and returns what has ended."""

    @property
    def free(self) -> int: ...
    @property
    def count(self) -> int: ...
    def submit(self, work: Work) -> None: ...
    def finished(self) -> list[Outcome]: ...
    def close(self) -> None: ...


def work_on(problem: Problem, work: Work, begin: Any = lambda call: None) -> tuple[Result | None, float]:
    """Do some work here; its result and the seconds it took."""
    started = time.perf_counter()
    if work.probing:
        begin(0)
        probe(problem, work.x[0])
        return None, time.perf_counter() - started
    result = evaluate(problem, work.x, work.active, begin)
    return result, time.perf_counter() - started


def pack(problem: Problem) -> bytes:
    """A problem as bytes for other processes.  Raises WorkerError if its model cannot be sent."""
    try:
        return bytes(dumps(problem))
    except Exception as error:
        raise WorkerError(
            f"the model cannot be sent to other processes ({type(error).__name__}: {error}); "
            "define it at the top of a module, or as a dataclass of plain data, or use workers=1"
        ) from error


# -- this process --------------------------------------------------------------------------------------------------


@dataclass
class InProcess:
    """One worker: the calling process."""

    problem: Problem
    waiting: list[Work] = field(default_factory=list)
    count: int = 1

    @property
    def free(self) -> int:
        """1 while there is nothing to do."""
        return 1 - len(self.waiting)

    def submit(self, work: Work) -> None:
        """Keep the work until `finished`."""
        self.waiting.append(work)

    def finished(self) -> list[Outcome]:
        """Do the work now."""
        done = []
        for work in self.waiting:
            result, seconds = work_on(self.problem, work)
            done.append(Outcome(work, "done", seconds, result))
        self.waiting = []
        return done

    def close(self) -> None:
        """Nothing is open."""


# -- local processes -----------------------------------------------------------------------------------------------


class Processes:
    """`count` loky processes, each restarted when it dies, or when one call exceeds `time_limit` seconds."""

    def __init__(self, problem: Problem, count: int, time_limit: float | None) -> None:
        self.count = count
        self._payload = pack(problem)
        self._limit = time_limit
        self._folder = tempfile.TemporaryDirectory(prefix="campaign-")
        self._fruitless = 0
        self._slots: list[_Slot] = []
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            for k in range(count):
                self._slots.append(_Slot(self._payload, Path(self._folder.name) / f"bookmark-{k}"))
            for slot in self._slots:
                with contextlib.suppress(
                    Exception
                ):  # a death here is met again, and counted, with the first work
                    slot.check()
            stack.pop_all()

    @property
    def free(self) -> int:
        """Processes without work."""
        return sum(s.work is None for s in self._slots)

    @property
    def identities(self) -> list[int]:
        """The process ids of the living workers."""
        return [p for s in self._slots for p in s.identities]

    def submit(self, work: Work) -> None:
        """Give the work to an idle process."""
        next(s for s in self._slots if s.work is None).start(work)

    def finished(self) -> list[Outcome]:
        """What has ended since the last call, after at most a fifth of a second."""
        futures = [s.future for s in self._slots if s.future is not None]
        if not futures:
            return []
        patience = _POLL if self._limit is None else min(_POLL, self._limit / 4)
        wait(futures, timeout=patience, return_when=FIRST_COMPLETED)
        return [o for s in self._slots if s.work is not None and (o := self._look(s)) is not None]

    def _look(self, slot: _Slot) -> Outcome | None:
        assert slot.work is not None
        assert slot.future is not None
        work = slot.work
        if slot.future.done():
            error = slot.future.exception()
            if error is None:
                self._fruitless = 0
                slot.work, (result, seconds) = None, slot.future.result()
                return Outcome(work, "done", seconds, result)
            call, _ = slot.bookmark()
            slot.check()  # a worker that refused the model says so
            if call < 0:
                self._fruitless += 1
                if self._fruitless >= _FRUITLESS_STARTS * self.count:
                    raise WorkerError(f"worker processes die before they run the model: {error}")
            slot.restart()
            return Outcome(work, "lost", 0.0, call=call)
        call, began = slot.bookmark()
        if self._limit is not None and call >= 0 and time.monotonic() - began > self._limit:
            slot.restart()
            return Outcome(work, "hung", self._limit, call=call)
        return None

    def close(self) -> None:
        """End all processes, whatever they do."""
        for slot in self._slots:
            slot.end()
        self._folder.cleanup()


class _Slot:
    """One process, its task, and its bookmark."""

    def __init__(self, payload: bytes, path: Path) -> None:
        self.work: Work | None = None
        self.future: Future[Any] | None = None
        self._payload, self._path = payload, path
        path.write_bytes(_BOOKMARK.pack(-1, 0.0))
        self._open()

    def _open(self) -> None:
        self._path.write_bytes(_BOOKMARK.pack(-1, 0.0))
        self._executor = ProcessPoolExecutor(max_workers=1, env=_SINGLE_THREAD)
        self._ready = self._executor.submit(_settle, self._payload, str(self._path), os.getpid())

    @property
    def identities(self) -> list[int]:
        return list(self._executor._processes or {})

    def check(self) -> None:
        """Raise WorkerError if the process could not load the model."""
        try:
            complaint = self._ready.result()
        except Exception:
            return
        if complaint:
            raise WorkerError(complaint)

    def start(self, work: Work) -> None:
        self.work = work
        try:
            self.future = self._executor.submit(_serve, work)
        except Exception:  # it died while idle
            self.restart()
            self.work = work
            self.future = self._executor.submit(_serve, work)

    def bookmark(self) -> tuple[int, float]:
        call, began = _BOOKMARK.unpack(self._path.read_bytes())
        return int(call), float(began)

    def restart(self) -> None:
        self.end()
        self.work = self.future = None
        self._open()

    def end(self) -> None:
        self._executor.shutdown(wait=False, kill_workers=True)


# -- inside a worker -----------------------------------------------------------------------------------------------

_here: dict[str, Any] = {}
"""The problem and the bookmark of this worker process."""


def _settle(payload: bytes, path: str, parent: int) -> str:
    """Load the model into this process; returns what went wrong, or nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is answered by the campaign's own process
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    with open(path, "r+b") as file:
        _here["bookmark"] = mmap.mmap(file.fileno(), _BOOKMARK.size)
    try:
        _here["problem"] = pickle.loads(payload)
    except Exception as error:
        return f"a worker process cannot load the model: {type(error).__name__}: {error}"
    return ""


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _serve(work: Work) -> tuple[Result | None, float]:
    bookmark: mmap.mmap = _here["bookmark"]

    def begin(call: int) -> None:
        bookmark[:] = _BOOKMARK.pack(call, time.monotonic())

    with _closing(bookmark):
        return work_on(_here["problem"], work, begin)


@contextlib.contextmanager
def _closing(bookmark: mmap.mmap) -> Iterator[None]:
    yield
    bookmark[:] = _BOOKMARK.pack(-1, 0.0)
