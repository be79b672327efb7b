"""Evaluation of blocks of samples, in whatever process: what comes back is data, whatever the model does.

Linear algebra and vector instructions give other last bits for other shapes.  So every block has the same shape
(b, d), a sample keeps its row in its block, and rows without a sample of their own repeat one that has: the
results of a sample do not depend on how many others were asked for, nor where or when.  (They do if the
model lets samples influence each other; a model is a function of rows, and must not.)
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.model import INVALID, RAISED, TIMED_OUT, Columns, NamedModel, collect
from uq.core.repeatable import Watch, company, contradiction, few_of, one_thread
from uq.core.text import one_line

BLOCK = 256
"""Samples of a block of a vectorised model, unless the model states its own ``block``."""

_LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Result:
    """Outputs y (k, b, m), status (k, b) and messages by (call, row) of k blocks; and why they are worth nothing, where
    the model said something else when it was asked again."""

    y: FloatArray
    """(k, b, m) outputs, NaN where a sample failed."""
    status: IntArray
    """(k, b) 0 is good."""
    messages: dict[tuple[int, int], str]
    """Why a sample failed, by call and row."""
    complaint: str = ""
    """Empty where they are worth something."""
    repeated: bool = False
    """Whether that was tried."""


class _Failure(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, one_line(message)


def evaluate(
    named: NamedModel,
    x: FloatArray,
    active: BoolArray,
    begin: Callable[[int], None] = lambda call: None,
    patience: float = np.inf,
) -> Result:
    """Run the model on k blocks of b rows.

    A block that raises is searched: the guilty samples get a status and a message, the others their results. After
    `patience` seconds no further block is begun, and the result holds the first ones only, at least one.

    Parameters
    ----------
    named : NamedModel
        The model with the names of its columns.
    x : ndarray (k, b, d)
        Points in physical units.
    active : ndarray of bool (k, b)
        Rows that count; the others pad.
    begin : Callable[[int], None], default lambda call: None
        Gets the index of the block before each call.
    patience : float, default np.inf
        s after which no further block is begun.

    Returns
    -------
    Result
    """
    calls, rows = active.shape
    y = np.full((calls, rows, len(named.output_names)), np.nan)
    status = np.zeros((calls, rows), dtype=np.int64)
    messages: dict[tuple[int, int], str] = {}
    one = getattr(named.model, "one", None)
    begun, end = 0, time.monotonic() + patience
    with one_thread(), contextlib.redirect_stdout(io.StringIO()):
        if one is not None and rows == 1:
            return _singles(named, one, x[:, 0], begin, end)
        for call in range(calls):
            if call and time.monotonic() > end:
                break
            begun += 1
            started = functools.partial(begin, call)
            failures = _block(named, x[call], active[call], y[call], status[call], started)
            for row, failure in failures.items():
                status[call, row] = failure.status
                messages[call, row] = failure.message
    return Result(y[:begun], status[:begun], messages)


def evaluate_twice(
    named: NamedModel,
    x: FloatArray,
    active: BoolArray,
    begin: Callable[[int], None] = lambda call: None,
    patience: float = np.inf,
    *,
    patient: bool | None = None,
) -> Result:
    """As `evaluate`, and where the model may say something else when it is asked again, it is: all blocks that drew
    from a shared generator, and the first one in any case where that is quick, or the campaign `patient`, with a few
    of its rows alone.

    Parameters
    ----------
    named, x, active, begin, patience
        As `evaluate` takes them.
    patient : bool, optional
        Whether the first block is repeated even if it takes long; None where this campaign needs it no more.

    Returns
    -------
    Result
        With the complaint, where there is one; see `uq.core.repeatable`.
    """
    with one_thread():
        watch = Watch()
        result = evaluate(named, x, active, begin, patience)
        begun = len(result.status)
        asked = patient is not None and (patient or watch.quick(begun))
        some = begun if watch.drawn() else int(asked)
        if not some:
            return result
        again = evaluate(named, x[:some], active[:some], begin)
        few = np.flatnonzero(active[0])[few_of(int(active[0].sum()))]
        alone = evaluate(named, x[:1, few], np.ones((1, len(few)), dtype=bool), begin) if len(few) else None
    rows = active[:some]
    said = contradiction(
        (result.y[:some][rows], result.status[:some][rows]), (again.y[rows], again.status[rows])
    )
    if not said and alone is not None:
        said = company((result.y[0], result.status[0]), (alone.y[0], alone.status[0]), few)
    return replace(result, complaint=said, repeated=True)


def probe(named: NamedModel, x: FloatArray, begin: Callable[[int], None] = lambda call: None) -> None:
    """Run the model on some rows (r, d), and after a failure on those that do not raise, to see whether the process
    lives through it; the results do not matter.

    Parameters
    ----------
    named : NamedModel
        The model with the names of its columns.
    x : ndarray (r, d)
        Points in physical units.
    begin : Callable[[int], None], default lambda call: None
        Gets the index of the block before each call.
    """
    rows = np.ones((1, len(x)), dtype=bool)
    evaluate(named, x[None], rows, begin)


def _block(
    named: NamedModel,
    x: FloatArray,
    active: BoolArray,
    y: FloatArray,
    status: IntArray,
    begin: Callable[[], None],
) -> dict[int, _Failure]:
    rows = np.flatnonzero(active)
    failures: dict[int, _Failure] = {}
    try:
        y[:], status[:] = _call(named, x, begin)
        return failures
    except _Failure as failure:
        failures = dict(_guilty(named, x, rows, failure, begin))
    innocent = [int(r) for r in rows if r not in failures]
    if innocent:
        filled = x.copy()
        filled[[r for r in range(len(x)) if r not in innocent]] = x[innocent[0]]
        try:
            y[:], status[:] = _call(named, filled, begin)
        except _Failure as failure:  # samples that fail only in company
            failures |= dict.fromkeys(innocent, failure)
    for row in failures:
        y[row] = np.nan
    return failures


def _guilty(
    named: NamedModel,
    x: FloatArray,
    rows: NDArray[np.intp],
    failure: _Failure,
    begin: Callable[[], None],
) -> Iterator[tuple[int, _Failure]]:
    """The samples of the failed `rows` that fail by themselves, found by halving."""
    if len(rows) == 1:
        yield int(rows[0]), failure
        return
    for half in np.array_split(rows, 2):
        try:
            _call(named, x[half], begin)
        except _Failure as inner:
            yield from _guilty(named, x, half, inner, begin)


def _call(named: NamedModel, x: FloatArray, begin: Callable[[], None]) -> tuple[FloatArray, IntArray]:
    """One call of the model, its prints silenced, its exceptions as `_Failure`; a time limit counts from here."""
    columns = dict(zip(named.input_names, np.array(x.T, order="C"), strict=True))
    process = os.getpid()
    begin()
    try:
        result = named.model(columns)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # such as SystemExit, or what cancels a coroutine
        raise _raised(error) from None
    finally:
        _end_unless(process)
    return _collected(named, result, len(x))


def _end_unless(process: int) -> None:
    """End a copy of this process that a model has forked and let return: it would answer, and store, a second time."""
    if os.getpid() != process:
        os._exit(0)


def _raised(error: BaseException) -> _Failure:
    return _Failure(TIMED_OUT if isinstance(error, TimeoutError) else RAISED, _describe(error))


def _collected(named: NamedModel, result: Columns, rows: int) -> tuple[FloatArray, IntArray]:
    try:
        return collect(result, named.output_names, rows)
    except Exception as error:
        raise _Failure(INVALID, one_line(error)) from None


def _singles(
    named: NamedModel,
    one: Callable[[Mapping[str, float]], Mapping[str, float]],
    x: FloatArray,
    begin: Callable[[int], None],
    end: float,
) -> Result:
    """Samples x (k, d) one at a time by a function of single numbers, which spares it arrays of one element."""
    names = named.input_names
    results: dict[int, Mapping[str, float]] = {}
    failures: dict[int, _Failure] = {}
    process = os.getpid()
    for call, values in enumerate(x.tolist()):
        if call and time.monotonic() > end:
            break
        begin(call)
        try:
            results[call] = one(dict(zip(names, values, strict=True)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            failures[call] = _raised(error)
        finally:
            _end_unless(process)
    begun = len(results) + len(failures)
    y, status = np.full((begun, len(named.output_names)), np.nan), np.zeros(begun, dtype=np.int64)
    try:
        _gather(named, results, y, status)
    except _Failure:  # some result is none; find which
        for call, result in results.items():
            try:
                _gather(named, {call: result}, y, status)
            except _Failure as wrong:
                failures[call] = wrong
    for call, failure in failures.items():
        y[call], status[call] = np.nan, failure.status
    said = {(call, 0): failure.message for call, failure in failures.items()}
    return Result(y[:, None], status[:, None], said)


def _gather(
    named: NamedModel, results: Mapping[int, Mapping[str, float]], y: FloatArray, status: IntArray
) -> None:
    rows = list(results)
    if not rows:
        return
    for result in results.values():
        if not isinstance(result, Mapping):
            raise _Failure(INVALID, f"the model returned {type(result).__name__}, expected named columns")
    try:
        given = [n for n in named.output_names if n in results[rows[0]]]
        columns = {name: np.array([results[row][name] for row in rows]) for name in given}
        if any(
            "status" in results[row] for row in rows
        ):  # what does not say is good, whoever is its neighbour
            columns["status"] = np.array([results[row].get("status", 0) for row in rows])
    except Exception as error:
        raise _Failure(INVALID, _describe(error)) from None
    y[rows], status[rows] = _collected(named, columns, len(rows))


def _describe(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    return one_line(f"{type(error).__name__}: {one_line(error)}", _LONGEST_MESSAGE) + place
