"""Tables as one workbook: a sheet each, numbers as numbers with their unit in the heading.  [xlsxwriter]

An estimate takes three columns: value, low and high end of its interval.  Cells hold full precision and show the digits
that the same table shows on a page.  Text is text: no cell is read as a formula or
a link, whatever it begins with.  Formulas are written only where a sheet says so (`Formula`), by the program itself.
The same tables give the same bytes.
"""

from __future__ import annotations

import io
import itertools
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table

WIDEST = 50
"""Characters of a column; longer text wraps."""
SHEET, NARROW = 160.0, 18.0
"""Characters side by side above which a sheet is printed on A3, and its columns of short texts wrap at `NARROW`."""
A4_WIDTH = 120.0
"""Characters side by side that long texts fill where there is room."""
LANDSCAPE_ROWS = 30
_MADE = datetime(2000, 1, 1)
_A3, _A4 = 8, 9
_LEAST = 8.0
_LINE = 15.0
_LETTERS = 0.85
"""Of a column's width that a line fills: other programs have other fonts, and bold letters are wider."""
_HIGHEST = 409.0
"""Points of a row that a workbook takes."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONGEST_TEXT = 32_767
"""Characters that a cell of a workbook holds."""
LONGEST_NAME = 31


@dataclass(frozen=True)
class Formula:
    """A formula of one cell, in terms of cells of its sheet (``=B2*C2``), and the value that it has now."""

    text: str
    """As a spreadsheet holds it, with its equals sign."""
    value: float
    """That it has now."""


@dataclass(frozen=True)
class Sheet:
    """A table, and formulas that replace some of its numbers: (row, column) of the table -> formula.  With tables
    `below` it, it is a document of one printed page."""

    table: Table
    """What the sheet shows."""
    formulas: Mapping[tuple[int, int], Formula] = field(default_factory=dict)
    """By row and column of the table."""
    below: tuple[Table, ...] = ()
    """Under the table and its notes, in the same columns of the sheet."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """From the top."""
        return (self.table, *self.below)


def workbook(sheets: Iterable[Table | Sheet], *, title: str = "") -> bytes:
    """The bytes of an ``.xlsx`` file with a sheet for each table, or for several (`Sheet`).

    Parameters
    ----------
    sheets : iterable of Table or Sheet
        At least one.  Names of sheets are those of the tables, cut to 31 characters and made different.
    title : str
        Of the file's properties.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        Without any table.

    Examples
    --------
    >>> from uq.core.table import Column
    >>> workbook([Table("mass", "Mass", (Column("item"), Column("mass", "kg")), (("pump", 1.5),))])[:2]
    b'PK'
    """
    import xlsxwriter

    found = [sheet if isinstance(sheet, Sheet) else Sheet(sheet) for sheet in sheets]
    if not found:
        raise ValueError("a workbook needs at least one table")
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"title": _clean(title), "created": _MADE})
    styles = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "title": book.add_format({"bold": True, "font_size": 13}),
        "words": book.add_format({"text_wrap": True, "valign": "top"}),
        "note": book.add_format({"italic": True, "text_wrap": True, "valign": "top"}),
    }
    for name, sheet in zip(sheet_names([s.table.name for s in found]), found, strict=True):
        _write(book, book.add_worksheet(name), sheet, styles)
    book.close()
    return target.getvalue()


def sheet_names(names: Sequence[str]) -> list[str]:
    """Names that a workbook takes: 31 characters, none of ``[]:*?/\\``, none twice.

    Parameters
    ----------
    names : sequence of str
        Of tables, in their order.

    Returns
    -------
    list of str
        In the same order.

    Examples
    --------
    >>> sheet_names(["mass/power", "mass/power", "x" * 40])
    ['mass-power', 'mass-power 2', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx']
    """
    taken: list[str] = []
    for name in names:
        plain = re.sub(r"[\[\]:*?/\\]", "-", _clean(name)).strip("'") or "table"
        candidate, number = plain[:LONGEST_NAME], 2
        while candidate.lower() in (t.lower() for t in taken):
            tail = f" {number}"
            candidate, number = plain[: LONGEST_NAME - len(tail)] + tail, number + 1
        taken.append(candidate)
    return taken


TOP = 2
"""Rows above the heading: the title and an empty one."""


def address(row: int, column: int) -> str:
    """The cell of a row and column of a table that has no estimates, in its sheet: ``A4`` for (0, 0).

    Parameters
    ----------
    row, column : int
        From 0.

    Returns
    -------
    str
        Such as "A4".
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + TOP + 2}"


def _write(book: Any, page: Any, sheet: Sheet, styles: Mapping[str, Any]) -> None:
    widths, wide = _widths(sheet.tables)
    for k, width in enumerate(widths):
        page.set_column(k, k, width)
    formats: dict[str, Any] = {}
    line = 0

    def number(cell: Cell, column: Column) -> Any:
        shown = _number_format(cell, column)
        if shown not in formats:
            formats[shown] = book.add_format({"valign": "top", "num_format": shown})
        return formats[shown]

    for table in sheet.tables:
        formulas = sheet.formulas if table is sheet.table else {}
        line = _write_table(page, line, table, formulas, widths, styles, number) + 1
    table = sheet.table
    page.freeze_panes(TOP + 1, 1)
    if table.rows:
        page.autofilter(TOP, 0, TOP + len(table.rows), _places(table)[-1][1] - 1)
    upright = not wide and len(table.rows) > LANDSCAPE_ROWS  # on one page instead of two
    (page.set_portrait if upright else page.set_landscape)()
    page.set_paper(_A3 if wide else _A4)
    if sheet.below:
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        page.fit_to_pages(1, 1)
        return
    page.fit_to_pages(1, 0)
    page.repeat_rows(TOP)


def _places(table: Table) -> list[tuple[int, int]]:
    """Of each column of a table, the first of its columns of the sheet and the first of the next: three where it has
    an estimate."""
    ends = np.cumsum(
        [0]
        + [
            3 if any(isinstance(row[j], Estimate) for row in table.rows) else 1
            for j in range(len(table.columns))
        ]
    )
    return [(int(a), int(b)) for a, b in itertools.pairwise(ends)]


def _widths(tables: Sequence[Table]) -> tuple[list[float], bool]:
    """Of the columns of a sheet, in letters, and whether they are too wide for A4; a document's numbers take no more
    room than their digits."""
    widths: list[float] = []
    document = len(tables) > 1
    for table in tables:
        for (begin, end), j in zip(_places(table), range(len(table.columns)), strict=True):
            column = table.columns[j]
            cells = [len(column.text(row[j])) if document else _length(row[j]) for row in table.rows]
            longest = max([len(column.heading) / (3 if document else 2), *cells], default=8)
            widths += [_LEAST] * (end - len(widths))
            for k in range(begin, end):
                widths[k] = max(widths[k], min(longest + 2.0, WIDEST))
    if document:
        return widths, False
    wide = sum(widths) > SHEET
    if wide:  # the first column is what a row is called, and stays whole
        widths[1:] = [min(width, NARROW) if width < WIDEST else width for width in widths[1:]]
    if (long := [k for k, width in enumerate(widths) if width == WIDEST]) and (
        room := A4_WIDTH - sum(widths)
    ) > 0:
        for k in long:
            widths[k] += room / len(long)
    return widths, wide


def _write_table(
    page: Any,
    top: int,
    table: Table,
    formulas: Mapping[tuple[int, int], Formula],
    widths: Sequence[float],
    styles: Mapping[str, Any],
    number: Callable[[Cell, Column], Any],
) -> int:
    """Write a table from row `top` of a sheet on; the row below its last."""
    page.write_string(top, 0, _clean(table.title), styles["title"])
    places = _places(table)
    head, begins = top + TOP, [begin for begin, _ in places]
    for column, (begin, end) in zip(table.columns, places, strict=True):
        heads = [column.heading, f"{column.name}: low", f"{column.name}: high"][: end - begin]
        for k, text in enumerate(heads):
            page.write_string(head, begin + k, _clean(text), styles["head"])
    _fit(page, head, [(c.heading, at) for c, at in zip(table.columns, begins, strict=True)], widths)
    for i, row in enumerate(table.rows):
        line = head + 1 + i
        _fit(page, line, list(zip(row, begins, strict=True)), widths)
        for j, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            begin, end = places[j]
            formula = formulas.get((i, j))
            if formula is not None:
                page.write_formula(line, begin, formula.text, number(cell, column), formula.value)
                continue
            _cells(page, line, begin, cell, number(cell, column), styles["words"], end - begin > 1)
    line, columns = head + 2 + len(table.rows), places[-1][1]
    for note in table.notes:
        text = _clean(note)
        if columns > 1:  # over all columns: what runs beyond the last one is not printed
            page.merge_range(line, 0, line, columns - 1, "", styles["note"])
            page.set_row(line, min(_LINE * _lines(text, sum(widths[:columns])), _HIGHEST))
        page.write_string(line, 0, text, styles["note"])
        line += 1
    return line


def _fit(page: Any, row: int, cells: Sequence[tuple[Cell, int]], widths: Sequence[float]) -> None:
    """A row as high as its longest text: some programs fit rows on opening, others let texts overlap."""
    lines = max((_lines(_clean(c), widths[at]) for c, at in cells if isinstance(c, str)), default=1)
    if lines > 1:
        page.set_row(row, min(_LINE * lines, _HIGHEST))


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column of so many letters, broken at its words."""
    if len(text) < width:
        return 1
    return max(1, len(textwrap.wrap(text, max(int(_LETTERS * width), 1))))


def _cells(page: Any, row: int, at: int, cell: Cell, number: Any, text: Any, estimated: bool) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        page.write_string(row, at, _clean(cell), text)
        return
    values = [cell.value, cell.low, cell.high] if isinstance(cell, Estimate) else [cell]
    for k, value in enumerate(values if estimated else values[:1]):
        if np.isfinite(value):
            page.write_number(row, at + k, float(value), number)
        elif not np.isnan(value):
            page.write_string(row, at + k, "no bound", text)


def _number_format(cell: Cell, column: Column) -> str:
    """What shows the digits of a page: as many after the point as the column writes."""
    if cell is None or isinstance(cell, str):
        return "General"
    mantissa, power, _ = column.text(cell).partition(" ")[0].partition("e")
    places = len(mantissa.partition(".")[2])
    return "0" + ("." + "0" * places if places else "") + ("E+00" if power else "")


def _length(cell: Cell) -> float:
    return min(len(cell), WIDEST) if isinstance(cell, str) else 10


def _clean(text: str) -> str:
    """Text that an XML file may hold, cut to what a cell holds."""
    return _UNPRINTABLE.sub("\ufffd", text)[:LONGEST_TEXT]
