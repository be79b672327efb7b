"""What was measured: a quantity, at which settings, with which value and how well.

The reading y_k of a quantity f_k is off by an error of its own and by one that it shares with its group (one rig, one
flow meter), both normal::

    y_k = f_k(x) + b_g t_k + e_k,    e_k ~ N(0, s_k^2),    b_g ~ N(0, 1),
    covariance of the errors C = diag(s^2) + sum_g t_g t_g'

with s_k the standard deviation of the reading and t_k that of its systematic part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.model import nearest
from uq.core.text import check_line, one_line

COLUMNS = ("quantity", "value", "std", "systematic", "group")
"""Columns of a table of measurements; any other column is a setting of the test."""
NEEDED = COLUMNS[:3]
LARGEST = 1e150
"""Of any number of a measurement: squares of more overflow."""


@dataclass(frozen=True)
class Measurement:
    """One reading.

    Parameters
    ----------
    quantity : str
        The output or input of the problem that was measured.
    value : float
        In the unit of the quantity.
    std : float
        Standard deviation of its own error, in that unit; positive.
    at : mapping of str to float
        Settings of the test: columns of the model that were known there.
    systematic : float
        Standard deviation of the error that all readings of the group share.
    group : str
        Whose error that is: a rig, a report.

    Raises
    ------
    ValueError
        For what is no finite number, for names that are no line of text, and for an uncertainty that is not positive.

    >>> Measurement("efficiency", 0.61, 0.01, {"flow": 1e-3}).value
    0.61
    """

    quantity: str
    value: float
    std: float
    at: Mapping[str, float] = field(default_factory=dict)
    systematic: float = 0.0
    group: str = ""

    def __post_init__(self) -> None:
        check_line(self.quantity, "the quantity of a measurement")
        check_line(self.group, "the group of a measurement")
        name = one_line(self.quantity, 60)
        for what in ("value", "std", "systematic"):
            object.__setattr__(self, what, _real(getattr(self, what), name, what))
        object.__setattr__(self, "at", {str(k): _real(v, name, str(k)) for k, v in self.at.items()})
        if not self.std > 0.0:
            raise ValueError(
                f"the measurement of {name!r} has a standard deviation of {self.std:g}; it must be positive: give "
                "what the instrument is good for"
            )
        if self.systematic < 0.0:
            raise ValueError(
                f"the measurement of {name!r} has a systematic part of {self.systematic:g}; it must not be negative"
            )


def _real(number: Any, name: str, what: str) -> float:
    """A finite number whose square is one too."""
    if isinstance(number, (str, complex, np.complexfloating)) or np.ndim(number) != 0:
        raise ValueError(f"the measurement of {name!r}: {what} is {number!r:.60}, expected a real number")
    found = float(number)
    if not abs(found) <= LARGEST:
        raise ValueError(
            f"the measurement of {name!r}: {what} is {found:g}, expected a finite number of at most {LARGEST:g}"
        )
    return found


def measurements_of(table: Any) -> tuple[Measurement, ...]:
    """Measurements of a table.

    Parameters
    ----------
    table : data frame, mapping of columns, or sequence of rows
        With the columns ``quantity``, ``value`` and ``std``, perhaps ``systematic`` and ``group``; every other column
        is a setting.  Empty cells of settings are none.  A sequence of `Measurement` is taken as it is.

    Returns
    -------
    tuple of Measurement

    Raises
    ------
    ValueError
        For a table without rows or without one of the columns, and for text where a number is due.

    >>> measurements_of({"quantity": ["y"], "value": [1.0], "std": [0.1], "flow": [2.0]})[0].at
    {'flow': 2.0}
    """
    rows = _rows(table)
    if not rows:
        raise ValueError("there are no measurements to calibrate with; give at least one")
    return tuple(row if isinstance(row, Measurement) else _measurement(row, k) for k, row in enumerate(rows))


def _rows(table: Any) -> Sequence[Any]:
    if isinstance(table, Measurement):
        return [table]
    if not hasattr(table, "__iter__") or isinstance(table, str):
        raise TypeError(f"measurements are {table!r:.60}, expected Measurements, or a table of named columns")
    if hasattr(table, "to_dict") and hasattr(table, "columns"):
        table = {str(name): list(table[name]) for name in table.columns}
    if not isinstance(table, Mapping):
        return list(table)
    lengths = {len(column) for column in table.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of the measurements have {sorted(lengths)} rows, expected one number")
    _require_columns(table, "the table of measurements")
    return [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]


def _require_columns(row: Mapping[str, Any], what: str) -> None:
    for name in NEEDED:
        if name not in row:
            raise ValueError(
                f"{what} has no column {name!r}{nearest(name, row)}; it needs {', '.join(NEEDED)}"
            )


def _measurement(row: Any, k: int) -> Measurement:
    if not isinstance(row, Mapping):
        raise TypeError(f"row {k} of the measurements is {row!r:.60}, expected a Measurement or named cells")
    _require_columns(row, f"row {k} of the measurements")
    numbers = {
        name: _number(cell, name, k)
        for name, cell in row.items()
        if name not in ("quantity", "group") and not _empty(cell)
    }
    for name in ("value", "std"):
        if name not in numbers:
            raise ValueError(f"row {k} of the measurements has no {name}")
    return Measurement(
        str(row["quantity"]),
        numbers["value"],
        numbers["std"],
        {name: number for name, number in numbers.items() if name not in COLUMNS},
        numbers.get("systematic", 0.0),
        "" if _empty(row.get("group")) else str(row["group"]),
    )


def _empty(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and bool(np.isnan(cell)))


def _number(cell: Any, name: str, k: int) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        raise ValueError(
            f"row {k} of the measurements holds {one_line(cell, 40)!r} as {name}, expected a number"
        ) from None


def error_covariance(measurements: Sequence[Measurement]) -> FloatArray:
    """C of the module's head.

    Parameters
    ----------
    measurements : sequence of Measurement
        Readings with their standard deviations.

    Returns
    -------
    ndarray (m, m)
        In the products of the readings' units.

    Examples
    --------
    >>> error_covariance([Measurement("y", 1.0, 0.3, systematic=0.4)] * 2).round(2).tolist()
    [[0.25, 0.16], [0.16, 0.25]]
    """
    covariance = np.diag([one.std**2 for one in measurements])
    for group in {one.group for one in measurements}:
        shared = np.array([one.systematic if one.group == group else 0.0 for one in measurements])
        covariance += np.outer(shared, shared)
    return covariance
