"""Tables, answers and progress in a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from uq.core.table import Table, words
from uq.core.text import one_line
from uq.report.document import Report

Watch = Callable[[str, float], None]
"""What a long computation calls: the name of its stage, and how much of the stage is done (NaN: unknown)."""

WIDTH = 110
"""Columns of a page that is not a terminal."""


def silent(stage: str, done: float) -> None:
    """A watch that looks away."""


def show(table: Table, stream: TextIO) -> None:
    """Print a table; numbers stand right, words left."""
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
    for row in table.rows:
        drawn.add_row(
            *[_escaped(words(cell, c.decimals)) for cell, c in zip(row, table.columns, strict=True)]
        )
    console = _console(stream)
    console.print(drawn)
    for note in table.notes:
        console.print(_escaped(note), style="dim")


def answer(report: Report, stream: TextIO) -> None:
    """Print the question and the answer of a report."""
    console = _console(stream)
    console.print(_escaped(report.question), style="bold")
    for line in report.answer:
        console.print(f"  {_escaped(line)}")


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Watch]:
    """A bar on standard error while a study runs; nothing where standard error is no terminal, or none is wanted."""
    import sys

    if not wanted or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:28s}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
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


def _console(stream: TextIO) -> Any:
    from rich.console import Console

    return Console(file=stream, highlight=False, width=None if stream.isatty() else WIDTH)


def _escaped(text: str) -> str:
    return one_line(text, 1_000_000).replace("[", r"\[")
