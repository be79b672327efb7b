"""Points as rows (n, d), from arrays by position or from tables by name: names win over positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.core.model import nearest




def rows_of(points: ArrayLike | Mapping[str, ArrayLike], names: Sequence[str]) -> FloatArray:
    """Points as an array (n, d), a column for each of `names`, in their order.

    A table (a data frame, a structured array, named columns) is read by its names, whatever the order of its columns,
    and may hold others; an array by position.

    Parameters
    ----------
    points : (n, d) array, or a table of at least the columns `names`
    names : the inputs

    Raises
    ------
    ValueError
        For a table without one of the columns or with one twice, for anything but real numbers, for another shape.

    >>> rows_of({"b": [3.0, 4.0], "a": [1.0, 2.0]}, ("a", "b")).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    known = _column_names(points)
    if known is None or (known == list(range(len(names))) and not isinstance(points, Mapping)):
        raw = np.asarray(points)
        if raw.dtype.kind not in "biuf" and raw.size:
            raw = _numbers(raw, "points")
        if raw.ndim != 2 or raw.shape[1] != len(names):
            raise ValueError(f"expected points of shape (n, {len(names)}), got {raw.shape}")
        return raw.astype(np.float64, copy=False)
    columns = []
    for name in names:
        if name not in known:
            raise ValueError(f"the table has no column {name!r}{nearest(name, map(str, known))}")
        if known.count(name) > 1:
            raise ValueError(f"the table has the column {name!r} twice")
        column = np.asarray(points[name])  # type: ignore[call-overload,index]
        columns.append(_numbers(column, f"column {name!r}"))
    shapes = {column.shape for column in columns}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise ValueError(
            f"the columns of the table have the shapes {sorted(shapes)}, expected one number a row"
        )
    return np.stack(columns, axis=1)


def is_table(points: Any) -> bool:
    """Whether points come with named columns."""
    return _column_names(points) is not None


def _column_names(points: Any) -> list[Any] | None:
    """The names of a table's columns, or None where there are none."""
    if isinstance(points, np.ndarray):
        return None if points.dtype.names is None else list(points.dtype.names)
    if isinstance(points, Mapping):
        return list(points)
    return list(points.columns) if hasattr(points, "columns") and hasattr(points, "__getitem__") else None


def _numbers(column: NDArray[Any], what: str) -> FloatArray:
    if column.dtype.kind == "O":
        wrong = [
            v for v in column.ravel() if not isinstance(v, (int, float, np.number, np.bool_, type(None)))
        ]
        if wrong:
            raise ValueError(f"{what} hold {wrong[0]!r}, expected real numbers")
    elif column.dtype.kind not in "biuf":
        raise ValueError(f"{what} hold {column.dtype}, expected real numbers")
    return column.astype(np.float64)
