"""The far end of an executor: a process that has loaded the model, and its forked child that runs it.

The child may be killed, hang or leave; the process that forked it says so, names the call that the child was in, and
forks another within milliseconds, without importing anything again.
"""

from __future__ import annotations

import contextlib
import faulthandler
import mmap
import os
import pickle
import signal
import struct
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import IO, Any, Literal

from uq.campaign.evaluation import Result, evaluate_twice, probe
from uq.core.array_types import BoolArray, FloatArray
from uq.core.model import NamedModel
from uq.core.model_version import differing, model_parts, model_version
from uq.core.text import one_line

_BOOKMARK = struct.Struct("<qd")
_POLL = 0.2
_END_LIMIT = 30.0
"""Seconds that a child that was killed may take to end: one that waits for a lost disk does not."""
_SAID = 400
"""Bytes of what a lost process said that are kept."""
_LONGEST = 2.0
"""Seconds after which a task hands back the blocks that it has not begun: twice what it was meant to last."""


@dataclass(frozen=True)
class Work:
    """Some blocks x (k, b, d) with their active rows (k, b); or, when `probing`, rows whose survival is uncertain.

    For `patient` see `uq.campaign.evaluation.evaluate_twice`.
    """

    tag: Any
    """By which the outcome is known again."""
    x: FloatArray
    """(k, b, d) points in physical units."""
    active: BoolArray
    """(k, b) rows that count; the others pad."""
    probing: bool = False
    patient: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of some work.

    `result` may lack the last blocks, which were not begun for want of time.  `call` is the block at which a lost or
    hung process was, -1 before the first, and `said` how a lost one ended.
    """

    fate: Literal["done", "lost", "hung"]
    """Finished, lost with its process, or without an answer in time."""
    seconds: float = 0.0
    """s that the work took."""
    result: Result | None = None
    call: int = -1
    said: str = ""


def work_on(named: NamedModel, work: Work, begin: Any = lambda call: None) -> Outcome:
    """Do some work in this very process.

    Parameters
    ----------
    named : NamedModel
        The model with the names of its columns.
    work : Work
        Blocks of the plan and what is to be done with them.
    begin : Any, default lambda call: None
        Gets the index of the block before each call.

    Returns
    -------
    Outcome
    """
    started = time.perf_counter()
    result = None
    if work.probing:
        probe(named, work.x[0], begin)
    else:
        result = evaluate_twice(named, work.x, work.active, begin, _LONGEST, patient=work.patient)
    return Outcome("done", time.perf_counter() - started, result)


class Host:
    """Keeps a forked child that works on a model."""

    def __init__(self, named: NamedModel) -> None:
        self.named = named
        self._bookmark = mmap.mmap(-1, _BOOKMARK.size)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._pid = 0
        self._pipe: Connection[Any, Any] | None = None

    def run(self, work: Work, time_limit: float | None) -> Outcome:
        """Have the child do some work; ends it when a call takes longer than `time_limit` seconds."""
        if self._pipe is None:
            self._fork()
        assert self._pipe is not None
        self._bookmark[:] = _BOOKMARK.pack(-1, 0.0)
        patience = _POLL if time_limit is None else min(_POLL, time_limit / 4)
        try:
            self._pipe.send(work)
            while not self._pipe.poll(patience):
                call, began = _BOOKMARK.unpack(self._bookmark[:])
                if time_limit is not None and call >= 0 and time.monotonic() - began > time_limit:
                    self.end()
                    return Outcome("hung", time_limit, call=call)
                if os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                    raise EOFError  # it stays unburied until `end`, so that its number cannot be another's
            outcome: Outcome = self._pipe.recv()
            return outcome
        except (EOFError, OSError, pickle.UnpicklingError):
            call, _ = _BOOKMARK.unpack(self._bookmark[:])
            return Outcome("lost", call=call, said=self.end())

    def end(self) -> str:
        """End the child and whatever it has started; how the child ended, where it did so by itself."""
        if self._pipe is None:
            return ""
        self._pipe.close()
        self._pipe = None
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(OSError):
                kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            given_up = time.monotonic() + _END_LIMIT
            ended, status = os.waitpid(self._pid, os.WNOHANG)
            while not ended and time.monotonic() < given_up:
                time.sleep(0.001)
                ended, status = os.waitpid(self._pid, os.WNOHANG)
            if not ended:
                return ""
            self._errors.seek(0)
            last = self._errors.read(_SAID).decode(errors="replace").strip()
            how = os.waitstatus_to_exitcode(status)
            return one_line(f"{signal.Signals(-how).name if how < 0 else f'exit {how}'} {last}")
        return ""

    def _fork(self) -> None:
        ours, theirs = Pipe()
        parent = os.getpid()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # this process runs no model, and so holds no locks
            pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                self._live(theirs, parent)
            finally:
                os._exit(1)
        theirs.close()
        self._pid, self._pipe = pid, ours

    def _live(self, pipe: Connection[Any, Any], parent: int) -> None:
        """The child's life: work until the pipe closes."""
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is answered by the campaign's own process
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(self._errors.fileno(), 2)  # what a crash prints belongs to its sample, not onto the terminal
        faulthandler.enable(2, all_threads=False)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()

        def begin(call: int) -> None:
            self._bookmark[:] = _BOOKMARK.pack(call, time.monotonic())
            if os.lseek(2, 0, os.SEEK_CUR):
                os.ftruncate(2, 0)
                os.lseek(2, 0, os.SEEK_SET)

        while True:
            try:
                work = pipe.recv()
            except EOFError:
                os._exit(0)
            outcome = work_on(self.named, work, begin)
            begin(-1)
            pipe.send(outcome)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.killpg(0, signal.SIGKILL)


# -- entry points of other processes -------------------------------------------------------------------------------

_hosts: dict[tuple[str, int], Host] = {}
"""The hosts of this process, by campaign and thread; nothing but an expensive start is kept here."""


def accompany(parent: int) -> None:
    """Leave Ctrl-C to the campaign's own process `parent`, and end this one when that has gone.

    Parameters
    ----------
    parent : int
        Its process id.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_all, args=(parent,), daemon=True).start()


def prepare(payload: bytes, parts: Mapping[str, str], *, keep: bool = False) -> str:
    """Load the model once to see whether it can be, and is the same in all its `parts` (`model_parts`).

    Parameters
    ----------
    payload : bytes
        The pickled model.
    parts : Mapping[str, str]
        What the model consists of at home.
    keep : bool, default False
        Whether tasks for this thread need not bring the model again.

    Returns
    -------
    str
        The complaint; empty where there is none.
    """
    try:
        named = pickle.loads(payload)
        found = model_parts(named.model, named.version, sent=named.unread)
    except Exception as error:
        return f"a worker cannot load the model: {type(error).__name__}: {error}"
    if found != parts:
        what = differing(parts, found) or "its state"
        return f"a worker has another version of the model ({what} differs there, or does not survive the way there)"
    if keep:
        _hosts["", threading.get_ident()] = Host(named)
    return ""


def serve(payload: bytes, campaign: str, work: Work, time_limit: float | None, version: str = "") -> Outcome:
    """Do some work for a campaign in a child of this process.

    A worker that comes late may be given work before it was asked for its model.

    Parameters
    ----------
    payload : bytes
        The pickled model.
    campaign : str
        Its name, by which workers tell campaigns apart.
    work : Work
        Blocks of the plan and what is to be done with them.
    time_limit : float or None
        s for one call of the model; None for no limit.
    version : str, default ''
        Stated by the user; the model's own, or its hash, where it is empty.

    Returns
    -------
    Outcome

    Raises
    ------
    RuntimeError
        If the model at hand has another version.
    """
    key = campaign, threading.get_ident()
    if key not in _hosts:
        for other in [k for k in _hosts if k[1] == key[1]]:
            _hosts.pop(other).end()
        named = pickle.loads(payload)
        if version and model_version(named.model, named.version, sent=named.unread) != version:
            raise RuntimeError("it has another version of the model")
        _hosts[key] = Host(named)
    return _hosts[key].run(work, time_limit)


def dismiss(campaign: str) -> None:
    """End the children that worked for a campaign in this process.

    Parameters
    ----------
    campaign : str
        Its name, by which workers tell campaigns apart.
    """
    for key in [k for k in _hosts if k[0] == campaign]:
        _hosts.pop(key).end()


def _end_with_all(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    for host in list(_hosts.values()):
        host.end()
    sys.stdout.flush()
    os._exit(1)
