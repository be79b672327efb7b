"""What a terminal shows in another system of units, SI without prefixes or inches and pounds: tables and sentences."""

from __future__ import annotations

import dataclasses
import math
import re
from enum import StrEnum

from models.quantity import BAR, WATT_HOUR, ZERO_CELSIUS
from uq.core.estimate import Estimate
from uq.core.table import Cell, Table
from uq.report.document import Brief


class System(StrEnum):
    """Units of the tables: those that engineers of the field read (bar, kW, L/s), SI, or imperial."""

    field = "field"
    si = "si"
    imperial = "imperial"


POUND, INCH, FOOT = 0.45359237, 0.0254, 0.3048
POUND_FORCE = POUND * 9.80665
PSI = POUND_FORCE / INCH**2
GALLON = 231.0 * INCH**3
HORSEPOWER = 550.0 * FOOT * POUND_FORCE

_SI = {
    "t": ("kg", 1e3, 0.0),
    "bar": ("Pa", BAR, 0.0),
    "L": ("m3", 1e-3, 0.0),
    "L/s": ("m3/s", 1e-3, 0.0),
    "kN": ("N", 1e3, 0.0),
    "kW": ("W", 1e3, 0.0),
    "kWh": ("J", 1e3 * WATT_HOUR, 0.0),
    "1/min": ("rad/s", 0.10471975511965977, 0.0),
    "degC": ("K", 1.0, ZERO_CELSIUS),
}
_IMPERIAL = {
    "kg": ("lb", 1.0 / POUND, 0.0),
    "kg per %": ("lb per %", 1.0 / POUND, 0.0),
    "t": ("lb", 1e3 / POUND, 0.0),
    "kg/s": ("lb/s", 1.0 / POUND, 0.0),
    "bar": ("psi", BAR / PSI, 0.0),
    "L": ("gal", 1e-3 / GALLON, 0.0),
    "L/s": ("gpm", 0.06 / GALLON, 0.0),
    "kN": ("lbf", 1e3 / POUND_FORCE, 0.0),
    "kW": ("hp", 1e3 / HORSEPOWER, 0.0),
    "W": ("hp", 1.0 / HORSEPOWER, 0.0),
    "m": ("ft", 1.0 / FOOT, 0.0),
    "m/s": ("ft/s", 1.0 / FOOT, 0.0),
    "K": ("degF of difference", 1.8, 0.0),
    "degC": ("degF", 1.8, 32.0),
}
_UNITS: dict[System, dict[str, tuple[str, float, float]]] = {
    System.field: {},
    System.si: _SI,
    System.imperial: _IMPERIAL,
}


def in_system(table: Table, system: System) -> Table:
    """The table with its numbers in another system of units, by the unit of its column, of its row, or in its words.

    Parameters
    ----------
    table : Table
        In the units of the study.
    system : System
        Field, SI or imperial.

    Returns
    -------
    Table

    Examples
    --------
    >>> from uq.core.table import Column
    >>> table = Table("t", "T", (Column("pressure", "bar", 1),), ((1.0,),))
    >>> in_system(table, System.si).columns[0].heading, in_system(table, System.si).rows
    ('pressure [Pa]', ((100000.0,),))
    """
    units = _UNITS[system]
    at = next((k for k, column in enumerate(table.columns) if column.name == "unit"), None)
    columns = tuple(
        dataclasses.replace(column, unit=units[column.unit][0]) if column.unit in units else column
        for column in table.columns
    )
    rows = []
    for row in table.rows:
        own = row[at] if at is not None else None
        cells: list[Cell] = []
        for column, cell in zip(table.columns, row, strict=True):
            unit = column.unit or own
            if isinstance(cell, str):
                cells.append(words_in_system(cell, system))
            elif isinstance(unit, str) and unit in units:
                cells.append(_converted(cell, *units[unit][1:]))
            else:
                cells.append(cell)
        if at is not None and isinstance(own, str) and own in units:
            cells[at] = units[own][0]
        rows.append(tuple(cells))
    notes = tuple(words_in_system(note, system) for note in table.notes)
    return dataclasses.replace(table, columns=columns, rows=tuple(rows), notes=notes)


def _converted(cell: Cell, size: float, zero: float) -> Cell:
    """A cell whose unit stands in its head."""
    if isinstance(cell, Estimate):
        return cell.scaled(size, zero)
    return cell if cell is None or isinstance(cell, str) else cell * size + zero


_VALUE = r"[-+\N{MINUS SIGN}]?\d+(?:\.\d+)?"
_JOINED = r"(?: (?:\N{PLUS-MINUS SIGN}|\N{EN DASH}|to) )"


def words_in_system(text: str, system: System) -> str:
    """A sentence with its quantities in another system: each number or range that a unit follows, no finer than it was
    but with two digits.

    Parameters
    ----------
    text : str
        In the units of the study.
    system : System
        Field, SI or imperial.

    Returns
    -------
    str

    Examples
    --------
    >>> words_in_system("pump at 1.1 L/s, 22 bar: +13.1 \N{PLUS-MINUS SIGN} 0.4 kg in 78 % of landers", System.imperial)
    'pump at 17 gpm, 320 psi: +28.9 \N{PLUS-MINUS SIGN} 0.9 lb in 78 % of landers'
    >>> words_in_system("1 L/s, 0 kg", System.imperial)
    '16 gpm, 0 lb'
    """
    units = _UNITS[system]
    if not units:
        return text
    known = "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))
    quantity = re.compile(rf"(?<![\w.])({_VALUE})({_JOINED})?((?(2){_VALUE}))(\s)({known})(?![\w/])")

    def converted(m: re.Match[str]) -> str:
        unit, size, zero = units[m[5]]
        decimals = len(m[1].partition(".")[2])
        places = -math.floor(math.log10(size * 10.0**-decimals) + 1e-9)
        first = abs(float(m[1].replace("\N{MINUS SIGN}", "-")) * size + zero)
        if first > 0.0:
            places = max(places, 1 - math.floor(math.log10(first)))  # two digits at least

        def one(value: str, offset: float) -> str:
            number = float(value.replace("\N{MINUS SIGN}", "-")) * size + offset
            shown = f"{round(number, places):.{max(places, 0)}f}".replace("-", "\N{MINUS SIGN}")
            return f"+{shown}" if value.startswith("+") else shown

        spread = m[2] is not None and "\N{PLUS-MINUS SIGN}" in m[2]
        second = one(m[3], 0.0 if spread else zero) if m[3] else ""
        return f"{one(m[1], zero)}{m[2] or ''}{second}{m[4]}{unit}"

    return quantity.sub(converted, text)


def brief_in_system(brief: Brief, system: System) -> Brief:
    """A first page in another system of units, but for its figures.

    Parameters
    ----------
    brief : Brief
        In the units of the study.
    system : System
        Field, SI or imperial.

    Returns
    -------
    Brief
    """

    def lines(some: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((label, words_in_system(words, system)) for label, words in some)

    return dataclasses.replace(
        brief,
        headline=words_in_system(brief.headline, system),
        facts=lines(brief.facts),
        table=None if brief.table is None else in_system(brief.table, system),
        lines=lines(brief.lines),
    )
