"""Tables in another system of units: SI without prefixes, or inches and pounds."""

from __future__ import annotations

import dataclasses
from enum import StrEnum

from models.quantity import BAR, WATT_HOUR, ZERO_CELSIUS
from uq.core.estimate import Estimate
from uq.core.table import Cell, Table


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
    """The table with its numbers in another system of units, by the unit of its column or of its row.

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
            cells.append(
                _converted(cell, *units[unit][1:]) if isinstance(unit, str) and unit in units else cell
            )
        if at is not None and isinstance(own, str) and own in units:
            cells[at] = units[own][0]
        rows.append(tuple(cells))
    return dataclasses.replace(table, columns=columns, rows=tuple(rows))


def _converted(cell: Cell, size: float, zero: float) -> Cell:
    if isinstance(cell, Estimate):
        return cell.scaled(size, zero)
    return cell if isinstance(cell, str) or cell is None else cell * size + zero
