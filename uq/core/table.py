"""Results where people meet them: tables of cells with intervals, as text in a terminal, drawn in a notebook.

A result that is a table says so by a method ``table()``, and is `Tabled`; one whose text says it better keeps its own
``__str__``, and is `Readable` where it has no table.
"""

from __future__ import annotations

import html
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uq.core.estimate import Estimate
from uq.core.text import one_line

DENSE = 10
"""Columns from which on a table is set in small letters."""
MANY = 18
"""Columns from which on a table is printed across the page."""
LONG = 60
"""Letters from which on a cell needs a wide column."""
PROSE = 160
"""Letters from which on a cell is a paragraph, and takes the room of one."""

_STYLE = """
.uq-result { overflow-x: auto; }
.uq-result caption { text-align: left; font-weight: 600; caption-side: top; color: inherit;
  padding: 0 0 .4em .6em; white-space: nowrap; }
.uq-result th.words, .uq-result td.words { text-align: left; }
.uq-result th.number, .uq-result td.number { text-align: right; white-space: nowrap; }
.uq-result th, .uq-result td { padding: .2em .6em; vertical-align: top; }
.uq-result .unit { font-weight: 400; }
.uq-result tbody.rest { display: none; }
.uq-result table:has(+ details.rest[open]) tbody.rest { display: table-row-group; }
@supports not selector(:has(a)) { .uq-result tbody.rest { display: table-row-group; } }
.uq-result .unit, .uq-result .range, .uq-result .note { opacity: .75; font-size: .9em; }
"""

ROUNDING = 1e-15
"""Below it an estimate is what rounding leaves of nought."""
MOST_DECIMALS = 8
"""Of an estimate; a smaller one is written as a power of ten."""
MOST_PRINTED = 60
"""Rows beyond those shown that paper holds, too; more are read from their file."""

_HEADING = re.compile(r"(.*?)(?: \[(.*)\])?(?::(\d+)(g?))?", re.DOTALL)

Cell = str | float | Estimate | None
"""Words, a number, a number with its confidence interval, or nothing."""


@dataclass(frozen=True)
class Column:
    """Heading of a column, the unit of its numbers (empty for words and dimensionless ones), and the decimals of
    those without interval (None: as many significant `digits`)."""

    name: str
    """Heading."""
    unit: str = ""
    """Of its numbers; empty for words and dimensionless ones."""
    decimals: int | None = None
    """Of its numbers; None: as many as they need."""
    digits: int = 4

    @property
    def heading(self) -> str:
        """The name with its unit in brackets."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    def text(self, cell: Cell) -> str:
        """A cell of this column as it is read."""
        return words(cell, self.decimals, self.digits)


def header(row: str) -> tuple[Column, ...]:
    """Columns as their headings stand above a table: "name [unit]", parted by bars; ":1" sets one decimal, ":3g" three
    significant digits.

    Parameters
    ----------
    row : str
        Headings from left to right.

    Returns
    -------
    tuple of Column
        One for each heading.

    Examples
    --------
    >>> [(c.name, c.unit, c.decimals, c.digits) for c in header("lander | payload [kg]:1 | chance of a gain:3g")]
    [('lander', '', None, 4), ('payload', 'kg', 1, 4), ('chance of a gain', '', None, 3)]
    """
    found = (_HEADING.fullmatch(heading) for heading in row.split(" | "))
    return tuple(
        Column(m[1], m[2] or "", **({"digits" if m[4] else "decimals": int(m[3])} if m[3] else {}))
        for m in found
        if m
    )


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns; `name` is its file's, `title` says what it shows, `notes` how to read it.

    `shown` rows stand on a page at once, the others (`rest` says what they are) where they are asked for."""

    name: str
    title: str
    columns: tuple[Column, ...]
    """From left to right."""
    rows: tuple[tuple[Cell, ...], ...]
    """Cells by column, from the top."""
    notes: tuple[str, ...] = ()
    shown: int | None = None
    rest: str = "more rows"

    @property
    def folded(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that a page does not show at once."""
        return () if self.shown is None else self.rows[self.shown :]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.name!r}: a row has {len(row)} cells, the head {len(self.columns)}"
                )

    def _repr_html_(self) -> str:
        return to_html(self)


def words(cell: Cell, decimals: int | None = None, digits: int = 4) -> str:
    """A cell as text: numbers to so many digits, estimates to the digits that their interval leaves.

    Parameters
    ----------
    cell : Cell
        Text, number, estimate or nothing.
    decimals : int, optional
        Digits after the point; significant `digits` where none is given.
    digits : int, default 4
        Significant ones; integers keep all.

    Returns
    -------
    str
        An empty text for nothing.

    Examples
    --------
    >>> words(1234.56), words(0.0123456), words(Estimate(-37.654, -38.21, -37.08)), words(float("nan"))
    ('1235', '0.01235', '-37.7 [-38.2, -37.1]', '-')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return one_line(cell, 1_000_000)
    if isinstance(cell, Estimate):
        return interval(cell)
    return number(cell, decimals, digits)


def number(value: float, decimals: int | None = None, digits: int = 4) -> str:
    """A number to so many significant digits (fewer where it has no more), or to `decimals`; '-' where there is none.

    Parameters
    ----------
    value : float
        NaN where there is none.
    decimals : int, optional
        Digits after the point; significant `digits` where none is given.
    digits : int, default 4
        Significant ones; what stands before the point keeps all.

    Returns
    -------
    str
        The digits.

    Examples
    --------
    >>> number(9.6053), number(9.6053, digits=3), number(2803.53, digits=3), number(9.6, digits=3)
    ('9.605', '9.61', '2804', '9.6')
    >>> number(1.7999999999999998), number(1.8000000000000003)
    ('1.8', '1.8')
    """
    value = float(value)
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if decimals is None:
        if value == 0.0 or (value == int(value) and abs(value) < 1e6):
            return f"{value:.0f}"
        if not 1e-4 <= abs(value) < 1e6:
            return f"{value:.3g}"
        # what a logarithm and back leave of a bound is the bound
        short = (d for d in range(1, digits) if math.isclose(value, float(f"{value:.{d}g}"), rel_tol=1e-9))
        digits = next(short, digits)
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def interval(estimate: Estimate) -> str:
    """An estimate to the first digit of its half width (the second where the first is 1 or 2), to three digits at
    most; its interval after it, unless both ends are then the same number.

    Parameters
    ----------
    estimate : Estimate
        Value and ends.

    Returns
    -------
    str
        The digits.

    Examples
    --------
    >>> interval(Estimate(12.1305, 12.1198, 12.1370)), interval(Estimate(10.51, 9.58, 11.43))
    ('12.1', '10.5 [9.6, 11.4]')
    >>> interval(Estimate(2.31e-9, 2.21e-9, 2.41e-9)), interval(Estimate(0.0, -1e-31, 1e-31))
    ('2.31e-09 [2.21e-09, 2.41e-09]', '0')
    >>> interval(Estimate(-44.6, -math.inf, -39.5)), interval(Estimate(0.9, 0.2, math.inf))
    ('-44.6 [at most -39.5]', '0.900 [at least 0.200]')
    """
    half = 0.5 * (estimate.high - estimate.low)
    if math.isnan(half) or half <= 0.0:
        return "-" if math.isnan(estimate.value) and math.isnan(half) else number(estimate.value)
    if not math.isfinite(half):
        return f"{_three(estimate.value)} [{_open_end(estimate)}]"
    largest = max(abs(estimate.value), abs(estimate.low), abs(estimate.high))
    if largest < ROUNDING:
        return "0"
    decimals = min(_place(half / 3.0), 2 + _place(largest))
    ends = (estimate.value, estimate.low, estimate.high)
    if decimals > MOST_DECIMALS:  # a power of ten for all three
        value, low, high = (f"{v:.{max(0, decimals - _place(largest))}e}" for v in ends)
    else:
        value, low, high = (number(v, max(decimals, 0)) for v in ends)
    return value if low == high else f"{value} [{low}, {high}]"


def _place(value: float) -> int:
    """Decimals at which the first digit of a positive number stands; negative for tens and more."""
    return -math.floor(math.log10(value))


def _three(value: float) -> str:
    """A number to three digits."""
    return number(value, max(0, 2 + _place(abs(value)))) if value and math.isfinite(value) else number(value)


def _open_end(estimate: Estimate) -> str:
    if math.isfinite(estimate.high):
        return f"at most {_three(estimate.high)}"
    return f"at least {_three(estimate.low)}" if math.isfinite(estimate.low) else "no bound"


_NUMBER = r"[-+]?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)"
_PLAIN = re.compile(rf"-|{_NUMBER}( \[{_NUMBER}, {_NUMBER}\])?")


def inert(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet runs as a formula: text that begins like one gets an apostrophe, numbers
    with or without their interval and a lone dash stay.

    Parameters
    ----------
    cell : str
        Of a CSV file.

    Returns
    -------
    str
        The cell, or the cell after an apostrophe.

    References
    ----------
    OWASP, CSV injection.

    Examples
    --------
    >>> inert("=1+1"), inert("-1+cmd|' /C calc'!A0"), inert("-1.5e-3"), inert("-2 [-3, -1]"), inert("-"), inert("")
    ("'=1+1", "'-1+cmd|' /C calc'!A0", '-1.5e-3', '-2 [-3, -1]', '-', '')
    """
    quoted = cell.startswith(tuple("=+-@\t\r")) and not _PLAIN.fullmatch(cell)
    return ("'" if quoted else "") + cell.replace(
        "\r", " "
    )  # which the csv module leaves bare, and which ends a row


def markdown_line(text: str) -> str:
    r"""One line of Markdown that shows `text`: no tag, no link, no heading, no second line.

    Parameters
    ----------
    text : str
        Of any source.

    Returns
    -------
    str
        Safe to write into a page.

    Examples
    --------
    >>> markdown_line("# a\n<script>x</script> [b](c) 1 < 2 [0.1, 0.2]")
    '\\# a &lt;script>x&lt;/script> [b]\\(c) 1 < 2 [0.1, 0.2]'
    """
    line = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", one_line(text, 1_000_000)).replace("](", "]\\(")
    return f"\\{line}" if re.match(r"#{1,6}( |$)|[>~]|`{3}|={2,}$|-{2,}$", line) else line


def to_text(table: Table) -> str:
    """Aligned plain text: a title, a header, a rule, the rows, then one line a note.

    Parameters
    ----------
    table : Table
        Title, columns, rows and notes.

    Returns
    -------
    str
        Lines, the last without a line end.

    Examples
    --------
    >>> print(to_text(Table("t", "Masses", (Column("item"), Column("mass", "kg")), (("tank", 4.5),))))
    Masses
    item  mass [kg]
    ----  ---------
    tank  4.5
    """
    header = [one_line(column.heading) for column in table.columns]
    rows = [
        [c.text(cell) for cell, c in zip(row, table.columns, strict=True)]
        for row in table.rows[: table.shown]
    ]
    width = [max(len(line[k]) for line in (header, *rows)) for k in range(len(header))]

    def put(line: list[str]) -> str:
        return "  ".join(cell.ljust(w) for cell, w in zip(line, width, strict=True)).rstrip()

    rule = "  ".join("-" * w for w in width)
    notes = [one_line(note, 1_000_000) for note in (*rest_words(table), *table.notes)]
    return "\n".join([one_line(table.title), put(header), rule, *map(put, rows), *notes])


def rest_words(table: Table) -> tuple[str, ...]:
    """A line for the rows that are not shown, where there are any.

    Parameters
    ----------
    table : Table
        Title, columns, rows and notes.

    Returns
    -------
    tuple of str
        One line, or none.
    """
    return (f"{len(table.folded)} {table.rest}: tables/{table.name}.csv.",) if table.folded else ()


def to_html(*tables: Table) -> str:
    """Tables for a notebook, all text escaped.

    Parameters
    ----------
    *tables : Table
        In the order in which they are drawn.

    Returns
    -------
    str
        Markup, all text escaped.
    """
    drawn = [
        html_table(t) + "".join(f'<p class="note">{html.escape(n)}</p>\n' for n in t.notes) for t in tables
    ]
    return f'<div class="uq-result">\n<style>{_STYLE}</style>\n{"".join(drawn)}</div>\n'


def html_table(table: Table, *, sortable: bool = False, title: str | None = None) -> str:
    """One table without its notes, all text escaped; rows beyond those that are `shown` fold.

    Parameters
    ----------
    table : Table
        Title, columns, rows and notes.
    sortable : bool, default False
        Whether headings are buttons that sort.
    title : str, optional
        In place of the table's.

    Returns
    -------
    str
        Markup.
    """
    columns = range(len(table.columns))
    sides = ["words" if all(_wordy(row[k]) for row in table.rows) else "number" for k in columns]
    heads = []
    for column, side in zip(table.columns, sides, strict=True):
        unit = f' <span class="unit">{html.escape(column.unit)}</span>' if column.unit else ""
        head = html.escape(column.name) + unit
        head = f'<button type="button">{head}</button>' if sortable else head
        heads.append(f'<th scope="col" class="{side}">{head}</th>')

    count = len(table.columns)
    dense = f' class="dense{" many" * (count >= MANY)}"' if count >= DENSE else ""

    def body(rows: Sequence[tuple[Cell, ...]], kind: str = "") -> str:
        lines = "".join(
            "<tr>" + "".join(_html_cell(row[k], table.columns[k]) for k in columns) + "</tr>\n"
            for row in rows
        )
        return f"<tbody{kind}>\n{lines}</tbody>\n"

    caption = f"<caption><span>{html.escape(table.title if title is None else title)}</span></caption>\n"
    top = f"<table{dense}>\n{caption}<thead><tr>{''.join(heads)}</tr></thead>\n{body(table.rows[: table.shown])}"
    if not table.folded:
        return f"{top}</table>\n"
    kind = f' class="rest{" unprinted" if len(table.folded) > MOST_PRINTED else ""}"'
    more = f"{len(table.folded)} {html.escape(table.rest)}"
    return (
        f"{top}{body(table.folded, kind)}</table>\n"
        f'<details{kind} data-name="{html.escape(table.name)}"><summary>{more}</summary></details>\n'
    )


def _wordy(cell: Cell) -> bool:
    return cell is None or isinstance(cell, str)


def _html_cell(cell: Cell, column: Column) -> str:
    """The number (or words), and its interval apart."""
    text, between = column.text(cell), ""
    if isinstance(cell, Estimate):
        text, _, between = text.partition(" ")
    side = "number"
    if _wordy(cell):
        side = "words prose" if len(text) > PROSE else "words long" if len(text) > LONG else "words"
    apart = f' <span class="range">{html.escape(between)}</span>' if between else ""
    return f'<td class="{side}">{html.escape(text)}{apart}</td>'


class Readable:
    """A result whose text says it best, in a terminal and in a notebook."""

    def __init_subclass__(cls, **given: Any) -> None:
        """IPython goes up from class to base, and the ``__repr__`` of a dataclass would come first."""
        super().__init_subclass__(**given)
        type.__setattr__(cls, "_repr_pretty_", Readable._repr_pretty_)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """IPython then shows the text, in lists and dictionaries too, in the place of all fields."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


class Tabled(Readable, ABC):
    """A result that is a table: aligned columns in a terminal, drawn as in a report in a notebook."""

    @abstractmethod
    def table(self) -> Table:
        """The result as a table."""

    def __str__(self) -> str:
        return to_text(self.table())

    def _repr_html_(self) -> str:
        return to_html(self.table())
