"""Tables, answers and progress in a terminal."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from uq.core.table import Table, rest_words
from uq.core.text import one_line
from uq.report.document import Report

Watch = Callable[[str, float], None]
"""What a long computation calls: the name of its stage, and how much of the stage is done (NaN: unknown)."""

MINUTE = 60.0
"""s between lines of progress where there is no terminal."""
WIDTH = 110
"""Columns of a page that is not a terminal."""


def silent(stage: str, done: float) -> None:
    """A watch that looks away.

    Parameters
    ----------
    stage : str
        What the study does now.
    done : float
        Share of the stage, 0 to 1; NaN where its length is not known.
    """


def show(table: Table, stream: TextIO) -> None:
    """Print a table; numbers stand right, words left.

    Parameters
    ----------
    table : Table
        Title, columns, rows and notes.
    stream : TextIO
        Where it is printed.
    """
    from rich import box
    from rich.table import Table as Drawn

    drawn = Drawn(
        title=_escaped(table.title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for k, column in enumerate(table.columns):
        wordy = all(isinstance(row[k], str) or row[k] is None for row in table.rows)
        drawn.add_column(_escaped(column.heading), justify="left" if wordy else "right", overflow="fold")
    for row in table.rows[: table.shown]:
        drawn.add_row(*[_escaped(c.text(cell)) for cell, c in zip(row, table.columns, strict=True)])
    console = _console(stream)
    console.print(drawn)
    for note in (*rest_words(table), *table.notes):
        console.print(_escaped(note), style="dim")


def answer(report: Report, stream: TextIO) -> None:
    """Print the title and the brief of a report.

    Parameters
    ----------
    report : Report
        Question, brief, chapters.
    stream : TextIO
        Where it is printed.
    """
    console, brief = _console(stream), report.brief
    console.print(_escaped(report.title), style="bold")
    if report.subtitle:
        console.print(_escaped(report.subtitle))
    verdict = f"[bold]{_escaped(brief.verdict).upper()}[/bold]: " if brief.verdict else ""
    console.print(f"{verdict}{_escaped(brief.headline)}")
    _labelled(brief.facts, console)
    if brief.table is not None:
        show(brief.table, stream)
    _labelled(brief.lines, console)


def _labelled(lines: tuple[tuple[str, str], ...], console: Any) -> None:
    """Labels in a column of their own, words next to them."""
    from rich.table import Table as Drawn

    if not lines:
        return
    drawn = Drawn.grid(padding=(0, 2))
    drawn.add_column(style="bold", no_wrap=True)
    drawn.add_column()
    for label, said in lines:
        drawn.add_row(_escaped(label), _escaped(said))
    console.print(drawn)


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Watch]:
    """Progress on standard error while a study runs, with the time left of a stage that knows its length: a bar in
    a terminal, elsewhere a line a minute; nothing where none is wanted.

    Parameters
    ----------
    wanted : bool, default True
        Whether anything is drawn.

    Returns
    -------
    iterator of callable
        The watch, as the context of the `with` statement.
    """
    import sys

    if not wanted:
        yield silent
        return
    if not sys.stderr.isatty():
        with _lines(sys.stderr) as watch:
            yield watch
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:28s}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def watch(stage: str, done: float) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bar.update(task, completed=1.0, total=1.0)
                tasks[stage] = bar.add_task(stage, total=None if math.isnan(done) else 1.0)
            if not math.isnan(done):
                bar.update(tasks[stage], completed=done, total=1.0)

        yield watch


class CampaignProgress(Protocol):
    """How far a campaign is: the `uq.campaign.Progress` that its callback is given."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def remaining(self) -> float: ...
    @property
    def waiting(self) -> str: ...


@contextmanager
def campaign_bar(
    title: str = "samples", *, console: Any = None
) -> Iterator[Callable[[CampaignProgress], None]]:
    """A callback for `campaign.run` that draws a bar on a terminal, and nothing anywhere else::

    with campaign_bar("baseline") as progress:
        campaign.run(problem, plan, progress=progress)

    Parameters
    ----------
    title : str
        In front of the bar.
    console : rich.console.Console, optional
        Standard error where none is given.

    Returns
    -------
    iterator of callable
        The callback, as the context of the `with` statement.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    screen = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}  {task.fields[left]}  {task.fields[failed]}"),
    )
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as display:
        task = display.add_task(title, total=None, rate="", left="", failed="")

        def show(progress: CampaignProgress) -> None:
            display.update(
                task,
                total=progress.total,
                completed=progress.done,
                rate=f"{progress.rate:,.0f}/s" if progress.rate >= 10.0 else f"{progress.rate:.2g}/s",
                left=progress.waiting or duration(progress.remaining),
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


@contextmanager
def _lines(stream: TextIO, *, every: float = MINUTE) -> Iterator[Watch]:
    """A watch that writes where a study stands, a line a minute: for logs and pipes."""
    import threading

    state: dict[str, Any] = {"stage": "starting", "done": math.nan, "since": time.monotonic()}
    stop = threading.Event()

    def watch(stage: str, done: float) -> None:
        if stage != state["stage"]:
            state["stage"], state["since"] = stage, time.monotonic()
        state["done"] = done

    def write() -> None:
        began = time.monotonic()
        while not stop.wait(every):
            now = time.monotonic()
            line = standing(state["stage"], state["done"], now - state["since"], now - began)
            print(line, file=stream, flush=True)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


def standing(stage: str, done: float, seconds: float, total: float) -> str:
    """Where a study stands, in one line.

    Parameters
    ----------
    stage : str
        What the study does now.
    done : float
        Share of the stage, 0 to 1; NaN where its length is not known.
    seconds : float
        Since the stage began.
    total : float
        s since the study began.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> standing("sizing landers", 0.25, 60.0, 125.0)
    'sizing landers: 25 %, 3 min left of this stage; 2 min in all so far'
    >>> standing("the frontier", float("nan"), 60.0, 125.0)
    'the frontier: 1 min; 2 min in all so far'
    """
    how = _minutes(seconds)
    if done > 0.0:
        how = f"{100.0 * done:.0f} %, {_minutes(seconds * (1.0 - done) / done)} left of this stage"
    return f"{stage}: {how}; {_minutes(total)} in all so far"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 59.5 else f"{seconds / 60.0:.0f} min"


def _console(stream: TextIO) -> Any:
    from rich.console import Console

    return Console(file=stream, highlight=False, width=None if stream.isatty() else WIDTH)


def _escaped(text: str) -> str:
    return one_line(text, 1_000_000).replace("[", r"\[")
