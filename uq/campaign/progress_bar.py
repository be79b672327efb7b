"""A bar for a running campaign: samples, rate, time left, failures.  [rich]"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Display

from uq.campaign.runner import Progress


@contextlib.contextmanager
def bar(title: str = "samples", *, console: Console | None = None) -> Iterator[Callable[[Progress], None]]:
    """A callback for `campaign.run` that draws a bar on a terminal, and nothing anywhere else::

    with bar("baseline") as progress:
        campaign.run(problem, plan, progress=progress)

    Parameters
    ----------
    title : str, default 'samples'
        In front of the bar.
    console : Console, optional
        Of rich; standard error where none is given.

    Returns
    -------
    iterator of callable
        The callback, as the context of the `with` statement.
    """
    screen = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}  {task.fields[left]}  {task.fields[failed]}"),
    )
    with Display(*columns, console=screen, disable=not screen.is_terminal) as display:
        task = display.add_task(title, total=None, rate="", left="", failed="")

        def show(progress: Progress) -> None:
            display.update(
                task,
                total=progress.total,
                completed=progress.done,
                rate=f"{progress.rate:,.0f}/s" if progress.rate >= 10.0 else f"{progress.rate:.2g}/s",
                left=duration(progress.remaining),
                failed=f"{progress.failed} failed" if progress.failed else "",
            )

        yield show


def duration(seconds: float) -> str:
    """Time left in two units.

    Parameters
    ----------
    seconds : float
        Possibly infinite.

    Returns
    -------
    str
        Empty where it is not known.

    Examples
    --------
    >>> duration(42.0), duration(3700.0), duration(float("inf"))
    ('42 s left', '1 h 2 min left', '')
    """
    if seconds == float("inf"):
        return ""
    if seconds < 60.0:
        return f"{seconds:.0f} s left"
    minutes = round(seconds / 60.0)
    return f"{minutes} min left" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min left"
