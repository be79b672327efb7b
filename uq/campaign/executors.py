"""Where the work of a campaign runs: what a schedule asks of workers, and the simplest of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from uq.campaign.worker import Outcome, Work, work_on
from uq.core.model import NamedModel

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """What a call of another library gives that may never come back by itself.

    Parameters
    ----------
    seconds : float
        That it may take, positive.
    call : callable
        Without arguments; it goes on in its thread when it is given up.

    Returns
    -------
    object
        What `call` returns.

    Raises
    ------
    TimeoutError
        When it has not come back; else what `call` raises.
    """
    ended: list[Callable[[], T]] = []

    def work() -> None:
        try:
            found = call()
        except BaseException as caught:
            error = caught

            def again() -> T:
                raise error

            ended.append(again)
        else:
            ended.append(lambda: found)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if not ended:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return ended[0]()


class WorkerError(RuntimeError):
    """Workers that cannot serve this model at all; the message says why."""


class WorkersGone(RuntimeError):
    """Workers that served and will not come back; the message says why, and what is finished is kept."""


class Workers(Protocol):
    """Takes work while `free` is positive; `finished` waits a little and returns what has ended."""

    @property
    def free(self) -> int:
        """How many tasks can be taken at once now."""

    @property
    def count(self) -> int:
        """How many tasks run side by side."""

    def submit(self, work: Work) -> None:
        """Take some work."""

    def finished(self) -> list[tuple[Work, Outcome]]:
        """Work that has ended, and how."""

    def close(self) -> None:
        """End everything that still runs."""


@dataclass
class InProcess:
    """One worker: the calling process."""

    named: NamedModel
    """The model with the names of its columns."""
    count: int = 1
    """Workers: one."""
    _waiting: list[Work] = field(default_factory=list)

    @property
    def free(self) -> int:
        """1 while there is nothing to do."""
        return 1 - len(self._waiting)

    def submit(self, work: Work) -> None:
        """Keep the work until `finished`."""
        self._waiting.append(work)

    def finished(self) -> list[tuple[Work, Outcome]]:
        """Do the work now."""
        waiting, self._waiting = self._waiting, []
        return [(work, work_on(self.named, work)) for work in waiting]

    def close(self) -> None:
        """Nothing is open."""
