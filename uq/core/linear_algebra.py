"""Linear algebra on one thread: the same bits whatever the shell's environment says, and no threads that wait.

Threads add in another order, so results would depend on `OMP_NUM_THREADS`; and on the matrices of a few hundred rows
that fits factorise by the hundred, two threads on two busy cores took ten to forty times as long as one.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

_LOCK = threading.Lock()
_HELD: list[Any] = []
"""The limit that is in force, once for every caller inside; the first of them set it, the last one lifts it."""


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
