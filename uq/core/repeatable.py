"""What gives the same again: linear algebra on one thread, and models that say the same of a row twice, in any call.

Threads add in another order, so results would depend on `OMP_NUM_THREADS`; and on the matrices of a few hundred rows
that fits factorise by the hundred, two threads on two busy cores took ten to forty times as long as one.

A model that draws from a generator says something else each time: its stored rows are no others' rows, and no index,
threshold or resumed campaign means what it says.  Two signs give it away.  The generators that all code of a process
shares, numpy's and that of `random`, have another state after a call than before; then the call is repeated, so that
whoever else draws in the meantime is not mistaken for the model.  And a call that was quick is repeated once in any
case, because nothing shows from outside that a model made a generator of its own without a seed, or counts its calls.

A model that looks at a row among the others of its call (their mean, their order) is no function of a row either: what
it gives depends on the size of the blocks.  So where a call is repeated, three of its rows are asked alone too.
"""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.model import LARGEST

_LOCK = threading.Lock()
_HELD: list[Any] = []
"""The limit of threads in force, once for every caller inside; the first of them set it, the last one lifts it."""


_CONTROLLERS: dict[int, ThreadpoolController] = {}
"""The last one, by how many modules were imported then: to look for libraries takes 11 ms, and imports load them."""


def _controller() -> ThreadpoolController:
    """Of every library that is loaded by now: one that came since the last fit has threads of its own."""
    import scipy.linalg  # noqa: F401  its library must be loaded to be limited

    loaded = len(sys.modules)
    if loaded not in _CONTROLLERS:
        _CONTROLLERS.clear()
        _CONTROLLERS[loaded] = ThreadpoolController()
    return _CONTROLLERS[loaded]


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold all linear algebra of this process to one thread, also from several threads of Python at once.

    As a decorator, around every call of a function.

    Returns
    -------
    iterator of None
        The context of the `with` statement.
    """
    with _LOCK:
        _HELD.append(_HELD[0] if _HELD else _controller().limit(limits=1))
        limit = _HELD[0]
    try:
        yield
    finally:
        with _LOCK:
            _HELD.pop()
            if not _HELD:
                limit.restore_original_limits()


QUICK = 0.1
"""Seconds of a call that is repeated only to see whether it says the same."""

ROUNDING = 1e-9
"""Of the spread of an output over the rows: sums that threads take in another order differ by less, draws by more."""

_LAST_DIGITS = 1e-12
"""Of an output, the same where its spread is small."""

AMONG_OTHERS = 1e-4
"""Of the spread: iterations that end for all rows together differ by less, means and ranks of a call by more
(judgement)."""

FEW = 3
"""Rows of a call that are asked without the others."""

Answer = tuple[FloatArray, IntArray]
"""Outputs (n, m) and statuses (n,)."""


class Watch:
    """What the generators that all code shares looked like before a call, and when that was."""

    def __init__(self) -> None:
        self._before = _shared_generators()
        self._began = time.perf_counter()

    def quick(self, calls: int = 1) -> bool:
        """Whether at most `QUICK` seconds have passed for each of some calls."""
        return time.perf_counter() - self._began <= QUICK * calls

    def drawn(self) -> bool:
        """Whether somebody has drawn from a generator that all code of this process shares."""
        return _shared_generators() != self._before


def _shared_generators() -> tuple[Any, ...]:
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002 - others draw from it
    return name, np.asarray(keys).tobytes(), *rest, random.getstate()


def contradiction(first: Answer, second: Answer, among: FloatArray | None = None) -> str:
    """What a model says of some rows once and not again, as a sentence with the remedy; empty where it is the same.

    Rows that failed either time by raising, or were lost, say nothing: files and licences come and go.

    Parameters
    ----------
    first, second : tuple of ndarray
        Outputs (n, m) and statuses (n,) of the same rows.
    among : ndarray (k, m), optional
        Outputs of more rows, by whose spread a difference is judged.

    Returns
    -------
    str
    """
    (y, status), (again, status_again) = first, second
    counted = (status > -2) & (status_again > -2)
    near = _near(y, again, ROUNDING * _spread(y if among is None else among), _LAST_DIGITS)
    differs = counted & ~(near.all(axis=1) & (status == status_again))
    if not differs.any():
        return ""
    row = int(np.argmax(differs))
    column = int(np.argmin(near[row]))
    return (
        f"the model is not repeatable: run twice on the same row it gave {y[row, column]:.6g} and then "
        f"{again[row, column]:.6g}; it draws from a generator, or keeps something between calls. Make what is random "
        "an input with a law, or draw from np.random.default_rng(...) seeded in each call by numbers of the row"
    )


def few_of(rows: int) -> IntArray:
    """Numbers of the rows of a call that are asked without the others, in another order; none where there is one row.

    Parameters
    ----------
    rows : int
        Of the call.

    Returns
    -------
    ndarray of int

    Examples
    --------
    >>> few_of(1), few_of(2), few_of(9)
    (array([], dtype=int64), array([1]), array([8, 4, 0]))
    """
    return np.linspace(rows - 1, 0, min(FEW, rows - 1)).astype(np.int64)


def company(among: Answer, alone: Answer, few: IntArray) -> str:
    """Whether a model says another thing of most of `few` rows without the others, as a sentence with the remedy; empty
    where it does not.

    Parameters
    ----------
    among : tuple of ndarray
        Outputs (n, m) and statuses (n,) of a call.
    alone : tuple of ndarray
        Of the rows `few` without the others.
    few : ndarray of int (k,)
        As of `few_of`.

    Returns
    -------
    str
    """
    (whole, statuses), (again, status_again) = among, alone
    y, status = whole[few], statuses[few]
    counted = (status > -2) & (status_again > -2)
    apart = ~_near(y, again, AMONG_OTHERS * _spread(whole), ROUNDING)
    differs = counted & (apart.any(axis=1) | (status != status_again))
    if 2 * np.count_nonzero(differs) <= len(few) or not len(few):
        return ""
    row = int(np.argmax(differs))
    column = int(np.argmax(apart[row]))
    return (
        f"what the model says of a row depends on the other rows of its call: among {len(whole)} rows it gave "
        f"{y[row, column]:.6g}, among {len(few)} of them {again[row, column]:.6g}; compute each row from its own "
        "inputs (no mean, order or position of a column), or wrap a function of one sample by uq.Single"
    )


def _near(y: FloatArray, again: FloatArray, least: FloatArray, share: float) -> BoolArray:
    """Whether outputs (n, m) are the same but for `least` (m,) or a share of themselves; NaN is NaN."""
    with np.errstate(invalid="ignore"):
        within = np.abs(y - again) <= np.maximum(least, share * np.abs(y))
    return np.asarray(within | (y == again) | (np.isnan(y) & np.isnan(again)))


def _spread(y: FloatArray) -> FloatArray:
    """(m,) from the least to the largest value of each output; its size where there is one row."""
    known = np.where(np.abs(y) <= LARGEST, y, np.nan)
    seen = np.isfinite(known)
    low, high = np.where(seen, known, np.inf).min(axis=0), np.where(seen, known, -np.inf).max(axis=0)
    return np.where(seen.any(axis=0), np.where(high > low, high - low, np.abs(high)), 0.0)


def require_repeatable(
    watch: Watch, run: Callable[[FloatArray], Answer], rows: FloatArray, answer: Answer
) -> None:
    """Refuse a model that says something else of the same rows when it is asked again, or asked without the others.

    All rows are run again after a call that drew from a shared generator, a few after a quick call.

    Parameters
    ----------
    watch : Watch
        Made just before the call.
    run : callable
        From rows (k, d) to their outputs (k, m) and statuses (k,).
    rows : ndarray (n, d)
        Those of the call.
    answer : tuple of ndarray
        What the call gave.

    Raises
    ------
    ValueError
        With the remedy.
    """
    quick, said = watch.quick(), ""
    if watch.drawn():
        said = contradiction(answer, run(rows))
    if not said and quick and len(rows):
        few = few_of(len(rows))
        with contextlib.suppress(Exception):  # of a model that takes no few rows: it has answered once
            if len(few):
                first = run(rows[few])
                said = contradiction(first, run(rows[few]), answer[0]) or company(answer, first, few)
            else:
                said = contradiction(answer, run(rows))
    if said:
        raise ValueError(said)
