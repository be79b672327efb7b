"""Local processes, of which each can be ended alone.  [joblib]

A pool that shares one queue loses every task when one worker dies, and cannot end one that hangs.  So each worker
is a loky executor of its own, with one process and one task in flight.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.backend.reduction import dumps

from uq.campaign.executors import WorkerError, within
from uq.campaign.worker import Outcome, Work, accompany, prepare, serve
from uq.core.model import NamedModel

_PATIENCE = 0.2
_START_LIMIT = 600.0
"""Seconds that a process may take to load the model."""
_END_LIMIT = 30.0
"""Seconds that a process that was killed may take to end: one that waits for a lost disk does not."""
_FILES_EACH, _FILES_TO_START, _FILES_INSIDE = 7, 6, 22
"""Files that a process takes here, while it starts, and at least by itself (counted)."""
_FRUITLESS_STARTS = 5
_UNLUCKY_STARTS = 50
"""Deaths in a row, for each worker, after which a campaign gives up: before and after a first one could start."""

_SINGLE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


A = TypeVar("A")
B = TypeVar("B")


def spread(function: Callable[[A], B], items: Iterable[A], workers: int) -> Iterator[B]:
    """`function` of each item, in order, each as soon as it is known: here, or in `workers` local processes.

    Function and items travel by pickle; what an item raises is raised here.

    Parameters
    ----------
    function : Callable[[A], B]
        Picklable, where there are workers.
    items : iterable of A
        What it is called with.
    workers : int
        Local processes; 1 works in this one.

    Returns
    -------
    iterator
        Results in the order of the items.
    """
    if workers <= 1:
        yield from map(function, items)
        return
    _require_files(workers)
    calls = (delayed(function)(item) for item in items)
    yield from Parallel(n_jobs=workers, return_as="generator", batch_size=1)(calls)


def pack(named: NamedModel) -> bytes:
    """A model as bytes for other processes.

    Parameters
    ----------
    named : NamedModel
        The model with the names of its columns.

    Returns
    -------
    bytes
        Pickled.

    Raises
    ------
    WorkerError
        If it cannot be sent.
    """
    try:
        return bytes(dumps(named))
    except Exception as error:
        raise WorkerError(
            f"the model cannot be sent to other processes ({type(error).__name__}: {error}); "
            "define it at the top of a module, or as a dataclass of plain data, or use workers=1"
        ) from error


class Processes:
    """`count` local processes, each started anew when it dies; see `uq.campaign.worker` for what runs in them."""

    def __init__(
        self, named: NamedModel, count: int, time_limit: float | None, *, parts: Mapping[str, str]
    ) -> None:
        self.count = count
        self._start = pack(named), parts
        self._limit = time_limit
        self._fruitless, self._most = 0, _FRUITLESS_STARTS * count
        self._slots: list[_Slot] = []
        _require_files(count)
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            for _ in range(count):
                self._slots.append(self._begun())
            for slot in self._slots:
                self._check(slot)
            stack.pop_all()

    @property
    def free(self) -> int:
        """Processes without work."""
        return sum(s.work is None for s in self._slots)

    def submit(self, work: Work) -> None:
        """Give the work to an idle process."""
        k = next(k for k, s in enumerate(self._slots) if s.work is None)
        try:
            self._slots[k].take(work, self._limit)
        except Exception:  # it died while idle
            self._replace(k).take(work, self._limit)

    def finished(self) -> list[tuple[Work, Outcome]]:
        """What has ended since the last call, after at most a fifth of a second."""
        futures = [s.future for s in self._slots if s.future is not None]
        wait(futures, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
        ended = []
        for k, slot in enumerate(self._slots):
            if slot.future is None or slot.work is None or not slot.future.done():
                continue
            work = slot.work
            error = slot.future.exception()
            if error is None:
                self._fruitless = 0
                outcome = slot.future.result()
                slot.work = slot.future = None
            else:
                self._check(slot)
                self._fruitless += 1
                if self._fruitless >= self._most:
                    raise WorkerError(f"worker processes die before they can work: {error}")
                outcome = Outcome("lost")
                self._replace(k)
            ended.append((work, outcome))
        return ended

    def close(self) -> None:
        """End all processes, whatever they do."""
        for slot in self._slots:
            slot.end()

    def _check(self, slot: _Slot) -> None:
        if slot.starts():
            self._most = _UNLUCKY_STARTS * self.count

    def _replace(self, k: int) -> _Slot:
        self._slots[k].end()
        self._slots[k] = self._begun()
        return self._slots[k]

    def _begun(self) -> _Slot:
        try:
            return _Slot(*self._start)
        except UnboundLocalError:  # loky's, where it gets no pipe
            _require_files(self.count, more=_FILES_EACH)
            raise
        except OSError as error:
            raise WorkerError(
                f"cannot start {self.count} processes here: {error.strerror or error}{_limit(error)}"
            ) from None


def _require_files(count: int, more: int = 0) -> None:
    """Raise WorkerError where this many processes are more than the limit of open files allows: past it the libraries
    that start them end in tracebacks, here or there."""
    import resource

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    held = Path("/proc/self/fd")
    used = len(list(held.iterdir())) if held.is_dir() else 0
    if files < max(used + _FILES_EACH * count + _FILES_TO_START + more, _FILES_INSIDE):
        raise WorkerError(
            f"cannot start {count} processes here: this process may open {files} files, {used} are open, and each "
            f"takes {_FILES_EACH}; raise the limit (ulimit -n 1024), or give workers=1 and no time_limit"
        )


def _limit(error: OSError) -> str:
    """Which limit of the machine was met, and what to do."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "; raise the limit (ulimit -n 1024), or give workers=1"
    if error.errno in (errno.EAGAIN, errno.ENOMEM):
        return "; free memory or raise the limit of processes (ulimit -u), or give fewer workers"
    return "; local processes need semaphores in /dev/shm: mount it for this user, or give workers=1"


class _Slot:
    """One process and its task."""

    def __init__(self, payload: bytes, parts: Mapping[str, str]) -> None:
        self.work: Work | None = None
        self.future: Future[Outcome] | None = None
        self._executor = ProcessPoolExecutor(
            max_workers=1, env=_SINGLE_THREAD, initializer=accompany, initargs=(os.getpid(),)
        )
        self._ready: Future[str] = self._executor.submit(prepare, payload, parts, keep=True)

    def starts(self) -> bool:
        """Wait for the start; False if the process died.  Raises WorkerError if it cannot load the model."""
        try:
            complaint = self._ready.result(timeout=_START_LIMIT)
        except TimeoutError:
            raise WorkerError(f"a process did not load the model within {_START_LIMIT:.0f} s") from None
        except Exception:  # met again, and counted, with the first task
            return False
        if complaint:
            raise WorkerError(complaint)
        return True

    def take(self, work: Work, time_limit: float | None) -> None:
        bare = dataclasses.replace(work, tag=None)
        self.future = self._executor.submit(serve, b"", "", bare, time_limit)
        self.work = work

    def end(self) -> None:
        # loky loses its bookkeeping, and prints a traceback, over a task that it has not handed on yet
        last = self.future or self._ready
        patience = time.monotonic() + _PATIENCE
        while not (last.running() or last.done()) and time.monotonic() < patience:
            time.sleep(0.001)
        with contextlib.suppress(TimeoutError):
            within(_END_LIMIT, lambda: self._executor.shutdown(wait=True, kill_workers=True))
