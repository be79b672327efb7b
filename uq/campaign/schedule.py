"""Who runs what next: blocks in tasks, and the search for the samples that kill or hang their process."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from uq.campaign.bookkeeping import Ledger
from uq.campaign.evaluation import Result
from uq.campaign.executors import Workers
from uq.campaign.worker import Outcome, Work
from uq.core.model import LOST, TIMED_OUT
from uq.core.storage.store import Samples

TASK_SECONDS = 1.0
"""Blocks are handed out in tasks of about this duration: long against the hand-over (1 ms), short against a loss."""

TASK_ROWS = 16_384
"""No task holds more samples than this (nor less than a block)."""

_SMALLEST_SHARE = 16
"""Towards the end tasks become shorter, down to this part of `TASK_SECONDS`: each costs a file."""

_ROUNDS = 3
"""A block is searched for its guilty samples at most this often."""

MANY_BLOCKS = 100
"""For each worker: then the first one is run twice, to see whether the model says the same, however long it takes."""

_EXCUSES = 20
"""Deaths of a process before it ran some rows, after which the rows are held to be the cause."""


@dataclass
class _Piece:
    """Rows of one block that are run together."""

    block: int
    rows: NDArray[np.intp]
    strikes: int = 0
    excuses: int = 0
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


def drive(ledger: Ledger, pool: Workers, retries: int) -> None:
    """Hand out work until every sample is finished.

    Parameters
    ----------
    ledger : Ledger
        Samples, their points and what is finished.
    pool : Workers
        Those that do the work.
    retries : int
        How often a block whose worker died is tried again.

    Raises
    ------
    ValueError
        For a model that says something else of the same rows when it is run again.
    """
    found, missing = np.unique(np.flatnonzero(~ledger.done) // ledger.block, return_counts=True)
    blocks = deque(found.tolist())
    untouched = frozenset(found[missing == ledger.block].tolist())
    every = np.arange(ledger.block)
    urgent: deque[_Piece] = deque()
    finished: list[Samples] = []
    running = 0
    size = 1
    repeated = handed = ledger.stored > 0  # a store holds what a model said that was asked twice before
    while blocks or urgent or running or finished:
        while pool.free > 0 and (blocks or urgent):
            if urgent:
                piece = urgent.popleft()
                pool.submit(_work(ledger, [piece], probing=piece.suspect is not None))
            else:
                # half of a fair share, so that all end together; one process alone takes all
                fair = -(-len(blocks) // (2 * pool.count)) if pool.count > 1 else len(blocks)
                count = min(size, max(fair, size // _SMALLEST_SHARE), len(blocks))
                # ascending, as parts are; blocks that were handed back may lie behind later ones
                taken = sorted(blocks.popleft() for _ in range(count))
                work = _work(
                    ledger, [_Piece(b, every if b in untouched else _rest(ledger, b)) for b in taken]
                )
                if not repeated:
                    work = replace(work, patient=not handed and len(found) >= MANY_BLOCKS * pool.count)
                pool.submit(work)
                handed = True
            running += 1
        for samples in finished:  # written while the workers work
            ledger.record(samples)
        finished = []
        for work, outcome in pool.finished():
            running -= 1
            pieces = work.tag
            if outcome.result is not None:
                repeated |= outcome.result.repeated
                if outcome.result.complaint:
                    raise ValueError(outcome.result.complaint)
                finished.append(_samples(ledger, work, outcome.result))
                begun = len(outcome.result.status)
                blocks.extendleft(p.block for p in reversed(pieces[begun:]))  # it lasted longer than expected
                each = max(outcome.seconds, 1e-9) / begun
                size = int(np.clip(TASK_SECONDS / each, 1, min(max(1, TASK_ROWS // ledger.block), 8 * size)))
                continue
            if outcome.fate == "done":
                finished += _recorded(ledger, urgent, pieces[0], None)
                continue
            size = max(1, size // 2)
            if outcome.call >= 0:
                finished += _punish(ledger, urgent, pieces[outcome.call], outcome, retries)
            elif len(pieces) == 1:
                finished += _excuse(ledger, urgent, pieces[0], retries)
                continue
            # the others, of which none has been suspected before, are handed out anew
            blocks.extendleft(p.block for k, p in enumerate(pieces) if k != outcome.call)


def _rest(ledger: Ledger, block: int) -> NDArray[np.intp]:
    """The rows of a block that are still to be run."""
    return np.flatnonzero(~ledger.done[block * ledger.block : (block + 1) * ledger.block])


def _work(ledger: Ledger, pieces: list[_Piece], *, probing: bool = False) -> Work:
    if probing:
        piece = pieces[0]
        x = ledger.points([piece.block])[:, piece.rows]
        return Work(pieces, x, np.ones(x.shape[:2], dtype=bool), probing=True)
    x = ledger.points([p.block for p in pieces])
    active = np.ones(x.shape[:2], dtype=bool)
    for k, piece in enumerate(pieces):
        if len(piece.rows) == ledger.block:
            continue
        active[k] = False
        active[k, piece.rows] = True
        others = np.flatnonzero(~active[k])
        offset = piece.block * ledger.block
        # Rows of a plan's earlier, shorter form keep their points; those that failed, or are suspected, do not.
        known = others[others + offset < len(ledger.plan)]
        keep = known[ledger.done[known + offset] & (ledger.status[known + offset] >= 0)]
        replaced = np.setdiff1d(others, keep)
        x[k, replaced] = x[k, piece.rows[0]]
    return Work(pieces, x, active)


def _samples(ledger: Ledger, work: Work, result: Result) -> Samples:
    call, row = np.nonzero(work.active[: len(result.status)])
    start = np.array([p.block * ledger.block for p in work.tag])
    messages = {int(start[c] + r): m for (c, r), m in result.messages.items()}
    return Samples(
        start[call] + row, work.x[call, row], result.y[call, row], result.status[call, row], messages
    )


def _excuse(ledger: Ledger, urgent: deque[_Piece], piece: _Piece, retries: int) -> list[Samples]:
    """Rows whose process died before it ran them are run again, if not for ever."""
    piece.excuses += 1
    if piece.excuses > _EXCUSES:
        return _punish(ledger, urgent, piece, Outcome("lost"), retries)
    urgent.append(piece)
    return []


def _punish(
    ledger: Ledger, urgent: deque[_Piece], piece: _Piece, outcome: Outcome, retries: int
) -> list[Samples]:
    """Decide about rows whose process died or hung: try again, search them, or convict the only one."""
    hung = outcome.fate == "hung"
    alone = len(piece.rows) == 1
    piece.strikes += 1
    if not hung and piece.strikes <= retries and (alone or piece.suspect is None):
        urgent.append(piece)
        return []
    if alone:
        verdict = (
            (TIMED_OUT, "exceeded its time limit")
            if hung
            else (LOST, f"killed its process {piece.strikes} times: {outcome.said}".removesuffix(": "))
        )
        if piece.suspect is not None:
            return _recorded(ledger, urgent, piece, verdict)
        return [_convict(ledger, piece.block, {int(piece.rows[0]): verdict})]
    if piece.suspect is None:
        if piece.rounds == _ROUNDS:  # each sample lives alone, and yet they die together
            company = (LOST, "killed or hung its process in company of others only")
            return [_convict(ledger, piece.block, dict.fromkeys(map(int, piece.rows), company))]
        suspect = _Suspect(piece.block, piece.rows, piece.rounds + 1)
    else:
        suspect = piece.suspect
        suspect.probes -= 1
    for half in np.array_split(piece.rows, 2):
        suspect.probes += 1
        urgent.appendleft(_Piece(suspect.block, half, suspect=suspect))
    return []


def _recorded(
    ledger: Ledger, urgent: deque[_Piece], piece: _Piece, verdict: tuple[int, str] | None
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
    return [_convict(ledger, suspect.block, suspect.guilty)] if suspect.guilty else []


def _convict(ledger: Ledger, block: int, guilty: dict[int, tuple[int, str]]) -> Samples:
    rows = np.array(sorted(guilty), dtype=np.int64)
    index = rows + block * ledger.block
    return Samples(
        index,
        ledger.points([block])[0][rows],
        np.full((len(rows), len(ledger.problem.outputs)), np.nan),
        np.array([guilty[int(r)][0] for r in rows], dtype=np.int64),
        {int(i): guilty[int(r)][1] for i, r in zip(index, rows, strict=True)},
    )
