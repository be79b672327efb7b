"""Tables as CSV and Markdown."""

from __future__ import annotations

import csv
import io

from uq.core.estimate import Estimate
from uq.core.table import Cell, Table, inert, markdown_line, rest_words


def to_csv(table: Table) -> str:
    """Comma-separated, full precision; a column of estimates becomes three: value, low, high.  No cell is a formula to
    a spreadsheet (`inert`).

    Parameters
    ----------
    table : Table
        Title, columns, rows and notes.

    Returns
    -------
    str
        Lines, the header first.
    """
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


def to_markdown(table: Table, *, title: str | None = None) -> str:
    """A Markdown table under its title (or another one, none if empty), notes below.

    Parameters
    ----------
    table : Table
        Title, columns, rows and notes.
    title : str, optional
        In the place of the table's; none if empty.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> from uq.core.table import Column
    >>> print(to_markdown(Table("t", "Masses", (Column("item"), Column("mass", "kg")), (("tank", 4.5),))))
    **Masses**
    <BLANKLINE>
    | item | mass [kg] |
    |---|---|
    | tank | 4.5 |
    """

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(markdown_line(c).replace("|", "\\|") for c in cells) + " |"

    title = markdown_line(table.title if title is None else title)
    lines = [*([f"**{title}**", ""] if title else []), line([c.heading for c in table.columns])]
    lines.append("|" + "---|" * len(table.columns))
    lines += [
        line([c.text(cell) for cell, c in zip(row, table.columns, strict=True)])
        for row in table.rows[: table.shown]
    ]
    notes = [*rest_words(table), *table.notes]
    lines += ["", *map(markdown_line, notes)] if notes else []
    return "\n".join(lines)
