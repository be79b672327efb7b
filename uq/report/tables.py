"""Tables as plain text, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import re

from uq.core.estimate import Estimate
from uq.report.document import Cell, Table, words

_NUMBER = r"[-+]?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)"
_PLAIN = re.compile(rf"-|{_NUMBER}( \[{_NUMBER}, {_NUMBER}\])?")


def inert(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet runs as a formula: text that begins like one gets an apostrophe, numbers
    with or without their interval and a lone dash stay.

    Source: OWASP, CSV injection.

    >>> inert("=1+1"), inert("-1+cmd|' /C calc'!A0"), inert("-1.5e-3"), inert("-2 [-3, -1]"), inert("-"), inert("")
    ("'=1+1", "'-1+cmd|' /C calc'!A0", '-1.5e-3', '-2 [-3, -1]', '-', '')
    """
    quoted = cell.startswith(tuple("=+-@\t\r")) and not _PLAIN.fullmatch(cell)
    return ("'" if quoted else "") + cell.replace(
        "\r", " "
    )  # which the csv module leaves bare, and which ends a row


def to_text(table: Table) -> str:
    """Aligned plain text: a title, a header, a rule, the rows, then one line a note.

    >>> from uq.report.document import Column
    >>> print(to_text(Table("t", "Masses", (Column("item"), Column("mass", "kg")), (("tank", 4.5),))))
    Masses
    item  mass [kg]
    ----  ---------
    tank  4.5
    """
    header = [column.heading for column in table.columns]
    rows = [
        [words(cell, c.decimals) for cell, c in zip(row, table.columns, strict=True)] for row in table.rows
    ]
    width = [max(len(line[k]) for line in (header, *rows)) for k in range(len(header))]

    def put(line: list[str]) -> str:
        return "  ".join(cell.ljust(w) for cell, w in zip(line, width, strict=True)).rstrip()

    rule = "  ".join("-" * w for w in width)
    return "\n".join([table.title, put(header), rule, *map(put, rows), *table.notes])


def to_csv(table: Table) -> str:
    """Comma-separated, full precision; a column of estimates becomes three: value, low, high.  No cell is a formula to
    a spreadsheet (`inert`)."""
    wide = [any(isinstance(row[k], Estimate) for row in table.rows) for k in range(len(table.columns))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head: list[str] = []
    for column, split in zip(table.columns, wide, strict=True):
        unit = f" [{column.unit}]" if column.unit else ""
        head += (
            [column.name + unit, f"{column.name} low{unit}", f"{column.name} high{unit}"]
            if split
            else [column.name + unit]
        )
    writer.writerow(map(inert, head))
    for row in table.rows:
        parts = [part for cell, split in zip(row, wide, strict=True) for part in _fields(cell, split)]
        writer.writerow(map(inert, parts))
    return text.getvalue()


def _fields(cell: Cell, split: bool) -> list[str]:
    if isinstance(cell, Estimate):
        return [repr(float(v)) for v in (cell.value, cell.low, cell.high)]
    one = "" if cell is None else cell if isinstance(cell, str) else repr(float(cell))
    return [one, "", ""] if split else [one]


def to_markdown(table: Table) -> str:
    """A Markdown table under its title, notes below.

    >>> from uq.report.document import Column
    >>> print(to_markdown(Table("t", "Masses", (Column("item"), Column("mass", "kg")), (("tank", 4.5),))))
    **Masses**
    <BLANKLINE>
    | item | mass [kg] |
    |---|---|
    | tank | 4.5 |
    """

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"

    lines = [f"**{table.title}**", "", line([c.heading for c in table.columns])]
    lines.append("|" + "---|" * len(table.columns))
    lines += [
        line([words(cell, c.decimals) for cell, c in zip(row, table.columns, strict=True)])
        for row in table.rows
    ]
    lines += ["", *table.notes] if table.notes else []
    return "\n".join(lines)
