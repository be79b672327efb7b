"""A model as its callers see it: named columns in, named columns and a status out.

This is all that a worker process needs of a problem; importing it takes milliseconds, where laws and tables take half
a second that every new process would pay.
"""

from __future__ import annotations

import difflib
import os
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.core.array_types import FloatArray, IntArray

Columns = Mapping[str, FloatArray]
Model = Callable[[Columns], Columns]

RESERVED = ("sample", "status", "message")
"""Columns of a table of samples that are neither inputs nor outputs."""

NOT_FINITE = -1
"""Status of a row whose model said 'good' but returned NaN or infinity."""

RAISED, TIMED_OUT, LOST, INVALID = -2, -3, -4, -5
"""Statuses of a row whose evaluation raised, exceeded its time, killed its process, or returned what is no result."""

LARGEST = 1e150
"""Outputs beyond this cannot be squared; they are sentinels or overflow."""

_NO_SINGLE_NUMBER = (
    "is ambiguous. Use a.any()",
    "only length-1 arrays",
    "only size-1 arrays",
    "only 0-dimensional arrays",
)
"""What numpy says where `if`, float() or a function of `math` meets a column."""

_LARGEST_STATUS = 2**31 - 1


@dataclass(frozen=True)
class NamedModel:
    """A model with the names of its inputs and outputs, in the order of x and y, and its stated `version`.

    `unread` are the modules whose code its version does not hold (`uq.core.model_version.unread`).
    """

    model: Model
    """Columns to columns."""
    input_names: tuple[str, ...]
    """In the order of x."""
    output_names: tuple[str, ...]
    """In the order of y."""
    version: str = ""
    unread: tuple[str, ...] = ()


def nearest(name: str, known: Iterable[str]) -> str:
    """', did you mean ...?' for an unknown name, or nothing.

    Parameters
    ----------
    name : str
        The unknown one.
    known : iterable of str
        Those that exist.

    Returns
    -------
    str
        The end of a message, or an empty text.
    """
    match = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {match[0]!r}?" if match else ""


def real_numbers(values: Any, what: str) -> FloatArray:
    """Numbers of whoever calls as an array of float64: the door of every array.

    What is missing becomes NaN: None, pandas' NA, and what numpy's masked arrays mask, whose cells hold any number.

    Parameters
    ----------
    values : array_like
        Numbers of any real type; also a list of masked arrays.
    what : str
        What they are, for the message.

    Returns
    -------
    ndarray
        float64, in the shape they came in: `values` themselves where they are that already.

    Raises
    ------
    ValueError
        For complex numbers, whose imaginary part numpy would drop, for text, even of digits, and for whole numbers that
        no float holds.

    Examples
    --------
    >>> real_numbers([1, None], "outputs"), real_numbers(np.ma.array([1.0, 9.0], mask=[0, 1]), "outputs")
    (array([ 1., nan]), array([ 1., nan]))
    """
    if type(values) is np.ndarray and values.dtype == np.float64:
        return values
    if isinstance(values, (list, tuple)) and any(isinstance(v, np.ma.MaskedArray) for v in values):
        values = np.ma.array(values)
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    raw = np.asarray(values)
    if raw.dtype.kind == "O":
        raw = raw.copy()
        raw[_missing(raw) if mask is None else _missing(raw) | mask] = None
        wrong = [v for v in raw.ravel() if not isinstance(v, (int, float, np.number, np.bool_, type(None)))]
        wrong += [v for v in raw.ravel() if isinstance(v, np.complexfloating)]
        if wrong:
            raise ValueError(f"{what} hold {wrong[0]!r:.60}, expected real numbers")
    elif raw.dtype.kind not in "biuf":
        raise ValueError(f"{what} hold {raw.dtype}, expected real numbers")
    try:
        found = raw.astype(np.float64, copy=False)
    except OverflowError:
        raise ValueError(
            f"{what} hold a whole number beyond 1.8e308, the largest that is computed with"
        ) from None
    return found if mask is None else np.where(mask, np.nan, found)


def _missing(raw: NDArray[Any]) -> NDArray[np.bool_]:
    """Where an array of objects holds pandas' NA, or numpy's masked cell."""
    found = [v is np.ma.masked or type(v).__name__ == "NAType" for v in raw.ravel()]
    return np.array(found, dtype=bool).reshape(raw.shape)


def frozen(values: Any, dtype: Any = np.float64) -> NDArray[Any]:
    """An array that nobody can write: `values` themselves where that is so already, else a copy.

    Parameters
    ----------
    values : Any
        Anything that numpy takes as an array.
    dtype : Any, default np.float64
        Of the result.

    Returns
    -------
    ndarray
        Not writeable.
    """
    array = np.asarray(real_numbers(values, "values") if np.ma.isMaskedArray(values) else values, dtype=dtype)
    base = array.base
    if array.flags.writeable or (isinstance(base, np.ndarray) and base.flags.writeable):
        array = array.copy()
        array.setflags(write=False)
    return array


def require_no_names(values: Any, what: str) -> None:
    """Refuse a table whose columns have names where only their positions would be read.

    Parameters
    ----------
    values : Any
        Numbers, perhaps with names.
    what : str
        What they are, for the message.

    Raises
    ------
    ValueError
        For a table with names, and how to give its numbers.
    """
    names = column_names(values)
    if names is not None and names != list(range(len(names))):
        raise ValueError(
            f"{what} are a table with the columns {', '.join(map(str, names))[:80]}, whose names are not read here; "
            "bring the columns into order and give table[names].to_numpy()"
        )


def status_codes(values: Any, what: str) -> IntArray:
    """Statuses as integers, in the shape they came in.

    Parameters
    ----------
    values : Any
        Whole numbers of any type.
    what : str
        What they are, for the message.

    Returns
    -------
    ndarray of int
        In the shape they came in.

    Raises
    ------
    ValueError
        For what is no whole number of 32 bits, and for True and False: a mask of good rows would read as failures.
    """
    codes = real_numbers(values, what) if np.ma.isMaskedArray(values) else np.asarray(values)
    if codes.size == 0:
        return np.zeros(codes.shape, dtype=np.int64)
    if codes.dtype.kind == "b":
        raise ValueError(
            f"{what} holds True and False, expected codes: 0 is good, any other number says why a row failed; a "
            "mask of good rows becomes np.where(mask, 0, 1)"
        )
    if codes.dtype.kind not in "iuf" or not (np.isfinite(codes) & (codes == np.round(codes))).all():
        raise ValueError(f"{what} holds {codes.ravel()[:3]}, expected whole numbers")
    if (codes < -_LARGEST_STATUS).any() or (codes > _LARGEST_STATUS).any():
        raise ValueError(f"{what} holds {codes.ravel()[:3]}, beyond what a status can be ({_LARGEST_STATUS})")
    return codes.astype(np.int64)


def answered(model: Model, columns: Columns) -> Columns:
    """What a model returns of whole columns; one that was written for single numbers is met with the remedy.

    Parameters
    ----------
    model : callable
        Columns to columns.
    columns : mapping of str to ndarray (n,)
        The inputs.

    Returns
    -------
    mapping of str to ndarray (n,)
        As the model returned it.

    Raises
    ------
    TypeError, ValueError
        Of the model's own type, with the line of the model, where numpy says that a column is no single number.
    """
    try:
        return model(columns)
    except (TypeError, ValueError) as error:
        if not any(words in str(error) for words in _NO_SINGLE_NUMBER):
            raise
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
        code = f", {frame.line}" if frame.line else ""
        raise type(error)(
            f"the model takes a column for a single number ({place}{code}): wrap a function of one sample by "
            f"uq.Single, or write it for columns (n,), as with numpy.where ({error})"
        ) from error


def collect(result: Columns, names: tuple[str, ...], rows: int) -> tuple[FloatArray, IntArray]:
    """The columns `names` (m) of a model's result as y (rows, m) and status (rows,), checked.

    Rows with a status other than 0 hold NaN only if the model said so: outputs of failed rows are kept as they came.
    Masked values count as NaN.

    Parameters
    ----------
    result : Columns
        What the model returned: columns (rows,) by name.
    names : tuple of str
        m names of outputs.
    rows : int
        How many were asked for.

    Returns
    -------
    tuple of ndarray
        y (rows, m) and status (rows,)

    Raises
    ------
    ValueError
        For a missing, complex, non-numeric or wrongly shaped column, and for a status that is no whole number.
    """
    if not isinstance(result, Mapping):
        raise ValueError(f"the model returned {type(result).__name__}, expected named columns")
    y = np.empty((rows, len(names)))
    for k, name in enumerate(names):
        if name not in result:
            raise ValueError(f"the model returned no column {name!r}{nearest(name, result)}")
        column = np.asarray(result[name])
        if column.dtype.kind not in "biuf":
            raise ValueError(f"column {name!r} of the model holds {column.dtype}, expected real numbers")
        column = real_numbers(result[name], name)
        if column.shape != (rows,):
            single = "; a function of one sample is wrapped by uq.Single" if column.ndim == 0 else ""
            raise ValueError(
                f"column {name!r} of the model has shape {column.shape}, expected ({rows},){single}"
            )
        _require_order(result[name], name)
        y[:, k] = column
    status = np.zeros(rows, dtype=np.int64)
    if "status" in result:
        status[:] = status_codes(result["status"], "the status of the model")
    status[(status == 0) & ~np.isfinite(y).all(axis=1)] = NOT_FINITE
    return y, status


def _require_order(column: Any, name: str) -> None:
    """Raise ValueError for a pandas series whose labels say that its rows were sorted."""
    labels = row_labels(column)
    if labels is None or labels.dtype.kind not in "iu":
        return
    order = np.arange(len(labels))
    if not np.array_equal(labels, order) and np.array_equal(np.sort(labels), order):
        raise ValueError(
            f"column {name!r} of the model is a series whose rows are labelled {labels[:3].tolist()} ...: "
            "in another order than the inputs; return column.sort_index()"
        )


def row_labels(table: Any) -> NDArray[Any] | None:
    """The labels (n,) of the rows of a pandas table or series, or None where there are none.

    Parameters
    ----------
    table : Any
        Anything; pandas' have labels.

    Returns
    -------
    ndarray (n,) or None
        As the table has them.

    Examples
    --------
    >>> row_labels([1.0, 2.0]) is None
    True
    """
    index = getattr(table, "index", None)
    return None if index is None or callable(index) else np.asarray(index)


def rows_of(points: ArrayLike | Mapping[str, ArrayLike], names: Sequence[str]) -> FloatArray:
    """Points as an array (n, d), a column for each of `names`, in their order.

    A table (a data frame, a structured array, named columns) is read by its names, whatever the order of its columns,
    and may hold others; an array by position.

    Parameters
    ----------
    points : array_like (n, d), or a table of at least the columns `names`
        Physical values.
    names : sequence of str
        Of the inputs, in the wanted order.

    Returns
    -------
    ndarray (n, d)
        float64.

    Raises
    ------
    ValueError
        For a table without one of the columns or with one twice, for anything but real numbers, for another shape.

    Examples
    --------
    >>> rows_of({"b": [3.0, 4.0], "a": [1.0, 2.0]}, ("a", "b")).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    known = column_names(points)
    if known is None or (known == list(range(len(names))) and not isinstance(points, Mapping)):
        raw = real_numbers(points, "points") if np.size(points) else np.asarray(points)  # type: ignore[arg-type]
        if raw.ndim != 2 or raw.shape[1] != len(names):
            raise ValueError(f"expected points of shape (n, {len(names)}), got {raw.shape}")
        return raw.astype(np.float64, copy=False)
    columns = []
    for name in names:
        if name not in known:
            raise ValueError(f"the table has no column {name!r}{nearest(name, map(str, known))}")
        if known.count(name) > 1:
            raise ValueError(f"the table has the column {name!r} twice")
        columns.append(real_numbers(points[name], f"column {name!r}"))  # type: ignore[call-overload,index]
    shapes = {column.shape for column in columns}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise ValueError(
            f"the columns of the table have the shapes {sorted(shapes)}, expected one number a row"
        )
    return np.stack(columns, axis=1)


def is_table(points: Any) -> bool:
    """Whether points come with named columns.

    Parameters
    ----------
    points : Any
        Anything that may hold points.

    Returns
    -------
    bool
        True for data frames, structured arrays and mappings.
    """
    return column_names(points) is not None


def column_names(points: Any) -> list[Any] | None:
    """The names of a table's columns, or None where there are none.

    Parameters
    ----------
    points : Any
        Anything that may hold points.

    Returns
    -------
    list or None
        In the order of the columns.
    """
    if isinstance(points, np.ndarray):
        return None if points.dtype.names is None else list(points.dtype.names)
    if isinstance(points, Mapping):
        return list(points)
    if hasattr(points, "problem"):  # a Dataset; its outputs are no coordinates of a point
        return list(points.problem.input_names)
    return list(points.columns) if hasattr(points, "columns") and hasattr(points, "__getitem__") else None
