"""Tables in and out: data frames, CSV, Parquet, SQLite, and samples that were made for SALib.  [pandas]

What comes in is checked once, here: every column named, every number a number, every input within its law.
"""

from __future__ import annotations

import csv
import io
import os
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas
from numpy.typing import ArrayLike

from uq.core.array_types import FloatArray
from uq.core.dataset import NOT_FINITE, Dataset, StoreError, read_whole, require_within_laws, write_atomically
from uq.core.model import RESERVED, real_numbers, rows_of, status_codes
from uq.core.problem import Problem, nearest

PathLike = str | os.PathLike[str]

# -- out -----------------------------------------------------------------------------------------------------------


def to_frame(data: Dataset) -> pandas.DataFrame:
    """All columns, inputs first, then outputs, then ``status``.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.

    Returns
    -------
    pandas.DataFrame
        One row a sample.
    """
    frame = pandas.DataFrame(np.hstack([data.x, data.y]), columns=list(data.names))
    frame["status"] = data.status
    return frame


def write_csv(data: Dataset, path: PathLike) -> None:
    """One header and one row a sample, digits that read back to the same bits; NaN is an empty cell.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    path : PathLike
        Of the file.
    """
    write_atomically(Path(path), lambda f: f.write(to_frame(data).to_csv(index=False).encode()))


def write_parquet(data: Dataset, path: PathLike) -> None:
    """One compressed Parquet file.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    path : PathLike
        Of the file.

    Raises
    ------
    ImportError
        Without the extra ``parquet``.
    """
    _need_arrow()
    write_atomically(Path(path), lambda f: to_frame(data).to_parquet(f, index=False))


def write_sqlite(data: Dataset, path: PathLike) -> None:
    """A database of one table ``samples``, for a database browser.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    path : PathLike
        Of the file.

    Raises
    ------
    StoreError
        If the file exists.
    """
    if Path(path).exists():
        raise StoreError(f"{path} exists; remove it, or write elsewhere")
    with closing(sqlite3.connect(path)) as connection, connection:
        to_frame(data).to_sql("samples", connection, index_label="sample")


# -- in ------------------------------------------------------------------------------------------------------------


def from_frame(problem: Problem, frame: pandas.DataFrame, *, origin: str = "data frame") -> Dataset:
    """A dataset of a table with one column for each input and output of `problem`, and perhaps ``status``.

    A header may carry the unit in brackets, ``mass [kg]``, which must then be that of the problem.  Rows without a
    status are good if their outputs are finite.  Columns that the problem does not name are left out, and listed in
    ``provenance["ignored"]``.

    Parameters
    ----------
    problem : Problem
        Inputs, outputs and, where it is run, the model.
    frame : pandas.DataFrame
        A column for each input and output, and perhaps ``status``.
    origin : str
        What the table is called in messages.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        For a missing, repeated or non-numeric column, another unit, an input that is not finite or that lies outside
        its law.
    """
    units = {i.name: i.unit for i in problem.inputs} | {o.name: o.unit for o in problem.outputs}
    columns = _columns(frame, units, origin)
    wanted = (*problem.input_names, *problem.output_names)
    for name in wanted:
        if name not in columns:
            raise ValueError(f"{origin} has no column {name!r}{nearest(name, columns)}")
    x = np.column_stack([_numbers(frame[columns[n]], n, origin) for n in problem.input_names])
    y = np.column_stack([_numbers(frame[columns[n]], n, origin) for n in problem.output_names])
    _require_finite(problem, x, origin)
    require_within_laws(problem, x, origin)
    status = None
    if "status" in columns:
        stated = frame[columns["status"]]
        codes = stated if pandas.api.types.is_bool_dtype(stated) else _numbers(stated, "status", origin)
        status = status_codes(codes, f"{origin}: column 'status'")
        status[(status == 0) & ~np.isfinite(y).all(axis=1)] = NOT_FINITE
    ignored = sorted(set(columns) - set(wanted) - set(RESERVED))
    provenance: dict[str, Any] = {"scheme": "given", "seed": None, "details": {}, "origin": origin}
    if ignored:
        provenance["ignored"] = ignored
    return Dataset.from_arrays(x, y, problem=problem, status=status, provenance=provenance)


def from_csv(problem: Problem, path: PathLike) -> Dataset:
    """`from_frame` of a CSV file with a header; empty cells are missing values.

    Parameters
    ----------
    problem : Problem
        Inputs, outputs and, where it is run, the model.
    path : path
        Of a CSV file with a header.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        For a column that the header names twice, and for a row with more or fewer cells than the header: in such a row
        every value might stand in another's place.
    """
    rows_of_text(path)
    # the default parser of pandas reads every digit since version 3 only
    exact: dict[str, Any] = {"float_precision": "round_trip"} if int(pandas.__version__[0]) < 3 else {}
    frame = pandas.read_csv(path, skipinitialspace=True, index_col=False, encoding="utf-8-sig", **exact)
    return from_frame(problem, frame, origin=str(path))


def rows_of_text(path: PathLike) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, each cell as it stands, without blanks around it; blank lines are none.

    Parameters
    ----------
    path : path
        Of a CSV file with a header.

    Returns
    -------
    list of dict
        Column to cell.

    Raises
    ------
    ValueError
        For a file that is empty or no text, a quotation mark that nothing closes, a column that the header names twice,
        and for a row with more or fewer cells than the header.
    """
    try:
        text = read_whole(path, largest=None).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text: {error}") from None
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV: {error}") from None
    names = [n.strip() for n in lines[0]] if lines else []
    if not names:
        raise ValueError(f"{path} is empty: it has no header")
    twice = {n for n in names if names.count(n) > 1}
    if twice:  # pandas would rename them in silence
        raise ValueError(f"{path} has the column {sorted(twice)[0]!r} twice")
    rows: list[dict[str, str]] = []
    for cells in lines[1:]:
        if cells and len(cells) != len(names):
            raise ValueError(f"{path}: row {len(rows) + 1} has {len(cells)} cells, the header {len(names)}")
        if cells:
            rows.append(dict(zip(names, (cell.strip() for cell in cells), strict=True)))
    return rows


def from_parquet(problem: Problem, path: PathLike) -> Dataset:
    """`from_frame` of a Parquet file.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    path : PathLike
        Of the file.

    Returns
    -------
    Dataset

    Raises
    ------
    ImportError
        Without the extra ``parquet``.
    """
    _need_arrow()
    return from_frame(
        problem, pandas.read_parquet(io.BytesIO(read_whole(path, largest=None))), origin=str(path)
    )


def from_salib(
    salib_problem: Mapping[str, Any], x: ArrayLike, y: ArrayLike, *, outputs: Sequence[str] = ("y",)
) -> Dataset:
    """A dataset of a SALib problem, its samples x (n, d) in physical units, and their results y (n,) or (n, m).

    The rows are looked at, and not believed: those of a Saltelli plan (with or without second order) are marked
    as such, so that Sobol' indices may be computed from them; all others are "given".

    Parameters
    ----------
    salib_problem : Mapping[str, Any]
        A dictionary as SALib takes it: names, bounds, perhaps dists.
    x : array_like (n, d)
        Samples in physical units.
    y : array_like (n,) or (n, m)
        Their results.
    outputs : sequence of str, default ('y',)
        m names.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        For laws that have no equal here, groups, wrong shapes, and samples outside their laws.
    """
    problem = problem_from_salib(salib_problem, outputs)
    xs, ys = rows_of(x, problem.input_names), real_numbers(y, "results")
    ys = ys[:, None] if ys.ndim == 1 else ys
    if ys.shape != (len(xs), len(outputs)):
        raise ValueError(f"results have shape {ys.shape}, expected ({len(xs)}, {len(outputs)})")
    _require_finite(problem, xs, "SALib samples")
    require_within_laws(problem, xs, "SALib samples")
    provenance: dict[str, Any] = {"scheme": "given", "seed": None, "details": {}, "origin": "SALib samples"}
    for second_order in (False, True):
        if _is_saltelli(xs, second_order):
            blocks = (2 if second_order else 1) * problem.dimension + 2
            details = {"base": len(xs) // blocks, "second_order": second_order}
            provenance |= {"scheme": "saltelli", "details": details}
    return Dataset.from_arrays(xs, ys, problem=problem, provenance=provenance)


def problem_from_salib(salib_problem: Mapping[str, Any], outputs: Sequence[str] = ("y",)) -> Problem:
    """The inputs of a SALib problem with SALib's conventions for each law; `Problem.of` adds a model.

    Parameters
    ----------
    salib_problem : mapping
        ``names``, ``bounds`` and, unless all are uniform, ``dists``.
    outputs : sequence of str
        Names of the outputs.

    Returns
    -------
    Problem
        Without a model; units are "1", which SALib does not know.

    Raises
    ------
    ValueError
        For groups, laws without an equal here, and lists of different lengths.
    """
    return Problem.of(salib_problem, outputs=outputs)


def _is_saltelli(x: FloatArray, second_order: bool) -> bool:
    """Whether rows are blocks of A, AB_1 .. AB_d, (BA_1 .. BA_d,) B: each as A (B) but for one column of the other."""
    d = x.shape[1]
    blocks = (2 if second_order else 1) * d + 2
    if len(x) % blocks:
        return False
    rows = x.reshape(-1, blocks, d)
    a, b = rows[:, 0], rows[:, -1]
    expected = np.empty_like(rows)
    expected[:, 0], expected[:, -1] = a, b
    for j in range(d):
        expected[:, 1 + j] = a
        expected[:, 1 + j, j] = b[:, j]
        if second_order:
            expected[:, 1 + d + j] = b
            expected[:, 1 + d + j, j] = a[:, j]
    return bool(np.array_equal(rows, expected))


def _columns(frame: pandas.DataFrame, units: Mapping[str, str], origin: str) -> dict[str, Any]:
    """Names without their brackets, to the headers that carry them."""
    columns: dict[str, Any] = {}
    for header in frame.columns:
        match = re.fullmatch(r"\s*(.*?)\s*\[(.*)\]\s*", str(header))
        name, unit = (match[1], match[2].strip()) if match else (str(header).strip(), None)
        if str(header) in units:
            name, unit = str(header), None
        if name in columns:
            raise ValueError(f"{origin} has the column {name!r} twice")
        if unit is not None and name in units and unit != units[name]:
            raise ValueError(f"{origin}: column {name!r} is in {unit!r}, the problem expects {units[name]!r}")
        columns[name] = header
    return columns


def _numbers(column: pandas.Series[Any], name: str, origin: str) -> FloatArray:
    if np.issubdtype(np.asarray(column).dtype, np.complexfloating):
        raise ValueError(f"{origin}: column {name!r} holds complex numbers")
    if np.asarray(column).dtype.kind in "mM":  # pandas would give their count of micro- or nanoseconds
        raise ValueError(
            f"{origin}: column {name!r} holds times, expected numbers in the unit of the problem"
        )
    try:
        numbers = pandas.to_numeric(column, errors="coerce")
        found = numbers.to_numpy(dtype=np.float64)
    except OverflowError:
        raise ValueError(f"{origin}: column {name!r} holds a whole number beyond 1.8e308") from None
    wrong = numbers.isna() & column.notna()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"{origin}: column {name!r} holds {column.iloc[row]!r} in row {row}, expected a number"
        )
    return found


def _require_finite(problem: Problem, x: FloatArray, origin: str) -> None:
    missing = ~np.isfinite(x)
    if missing.any():
        row, j = (int(k) for k in np.argwhere(missing)[0])
        raise ValueError(
            f"{origin}: input {problem.input_names[j]!r} is {x[row, j]:g} in row {row} ({missing[:, j].sum()} rows in "
            "all); leave these rows out"
        )


def _need_arrow() -> None:
    try:
        import pyarrow  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: F401
    except ImportError as error:
        raise ImportError("Parquet needs the extra: pip install '.[parquet]' in the clone") from error
