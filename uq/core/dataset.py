"""Samples with their results: named columns, units, and a status for every row."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.copulas import from_dict as copula_from_dict
from uq.core.distributions import Uniform, from_dict
from uq.core.model import (
    INVALID,
    LOST,
    NOT_FINITE,
    RAISED,
    TIMED_OUT,
    answered,
    collect,
    column_names,
    frozen,
    is_table,
    nearest,
    real_numbers,
    row_labels,
    rows_of,
    status_codes,
)
from uq.core.problem import Input, Output, Problem
from uq.core.repeatable import Answer, Watch, require_repeatable
from uq.core.storage.atomic_files import (
    StoreError,
    folder_of,
    read_manifest,
    write_atomically,
    write_manifest,
)
from uq.core.storage.reading import read_whole
from uq.core.storage.store import Part, Samples, join, most_frequent, parts_in, read_parts, write_part
from uq.core.table import Table, Tabled, header

_OWN_STATUSES = {
    0: "good",
    NOT_FINITE: "not finite",
    RAISED: "raised",
    TIMED_OUT: "timed out",
    LOST: "lost its process",
    INVALID: "invalid result",
}

OF_THE_ROWS = "range of the rows"
"""Source of laws that were made from the rows at hand, and stated by nobody."""

ROUNDING_OF_LAWS = 1e-9
"""Inputs may lie beyond their law by this share of its range, for digits lost in text."""

_LAST_BITS = 4.0 * float(np.finfo(np.float64).eps)
"""Of an end of a law that lies far from zero: its quantiles round to either side."""

_GROUPED = ("replicates", "trajectories", "base")
"""What a plan tells of the equal, consecutive groups that its rows come in."""

__all__ = [
    "INVALID",
    "LOST",
    "NOT_FINITE",
    "RAISED",
    "TIMED_OUT",
    "Dataset",
    "StoreError",
    "describe",
    "evaluate",
    "read_whole",
    "undescribe",
    "write_atomically",
]


@dataclass(frozen=True, repr=False)
class Dataset(Tabled):
    """Inputs x (n, d), outputs y (n, m) and status (n,) of the samples of a problem.

    Status 0 is good.  Rows of any other status stay in the dataset: surrogates train on `feasible` rows, verdicts
    count the others as failures, reports say how many and why.  `provenance` holds what made the data
    (scheme, seed, versions, key).
    """

    problem: Problem
    """Names, units and laws of the columns."""
    x: FloatArray
    """(n, d) inputs in physical units."""
    y: FloatArray
    """(n, m) outputs in physical units, NaN where a sample failed."""
    status: IntArray
    """(n,) 0 is good; `Problem.statuses` names positive codes, negative ones are the campaign's."""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if np.ma.isMaskedArray(self.status):
            object.__setattr__(self, "status", status_codes(self.status, "the status"))
        n, d, m = len(self.x), self.problem.dimension, len(self.problem.outputs)
        for name, array, shape in (
            ("x", self.x, (n, d)),
            ("y", self.y, (n, m)),
            ("status", self.status, (n,)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
            object.__setattr__(self, name, frozen(array, array.dtype))

    @classmethod
    def from_arrays(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        *,
        problem: Problem | None = None,
        inputs: Sequence[Input] | None = None,
        status: ArrayLike | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Dataset:
        """A dataset of arrays as they are.

        Parameters
        ----------
        x : array_like (n, d)
            Inputs.  Tables are read by the names of their columns; None is NaN.
        y : array_like (n, m) or (n,)
            Outputs.
        problem : Problem, optional
            Names, units and laws.  Without one, inputs are x0, x1 ..., outputs y or y0, y1 ... (those of tables by
            their columns), all of unit "1", and the law of an input is uniform over its rows: state `inputs` where
            another is known, for every spread and every share of variance follows from the laws.
        inputs : sequence of Input, optional
            Names, units and laws of the inputs alone, in the order of the columns.
        status : array_like (n,), optional
            Without it, rows with a non-finite output get NOT_FINITE, the others 0.  With a non-finite input no row
            is good.  Masked cells, None and NA are NaN.
        provenance : mapping, optional
            Scheme, seed, versions.

        Returns
        -------
        Dataset

        Raises
        ------
        ValueError
            For wrong shapes, anything but real numbers, an input that does not vary and has no law, and one outside its
            law (`require_within_laws`).

        Examples
        --------
        >>> data = Dataset.from_arrays([[0.0, 1.0], [2.0, 5.0], [1.0, 3.0]], [1.0, 7.0, 4.0])
        >>> data.problem.input_names, data.problem.inputs[1].distribution
        (('x0', 'x1'), Uniform(low=1.0, high=5.0))
        """
        one, two = row_labels(x), row_labels(y)
        if one is not None and two is not None and len(one) == len(two) and not np.array_equal(one, two):
            raise ValueError(
                "the rows of inputs and outputs have different labels (their pandas index), so that they may not "
                "belong together: bring both into one order and give to_numpy(), or reset_index(drop=True)"
            )
        if problem is None:
            problem = _problem_of(x, y, inputs)
        elif inputs is not None:
            raise ValueError("give a problem or inputs, not both")
        xs, ys = (
            rows_of(table, names) if is_table(table) else real_numbers(table, what)
            for table, names, what in (
                (x, problem.input_names, "inputs"),
                (y, problem.output_names, "outputs"),
            )
        )
        require_within_laws(problem, xs)
        xs, ys = xs.copy(), ys.copy()  # frozen below, and not the caller's
        if ys.ndim == 1:
            ys = ys[:, None]
        if status is None:
            codes = np.where(np.isfinite(ys).all(axis=1), 0, NOT_FINITE).astype(np.int64)
        else:
            codes = status_codes(status, "the status")
        if xs.ndim == 2 and len(xs) == len(codes):
            codes = np.where((codes == 0) & ~np.isfinite(xs).all(axis=1), NOT_FINITE, codes)
        for array in (xs, ys):  # new ones, which need no other copy
            array.setflags(write=False)
        return cls(problem, xs, ys, codes, dict(provenance or {}))

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        """Size and statuses; the numbers are in the columns."""
        counts = ", ".join(f"{number} {name}" for name, number in self.counts().items()) or "empty"
        d, m = self.problem.dimension, len(self.problem.outputs)
        why = "" if self.feasible.any() or not self.failure else f": {self.failure}"
        return f"Dataset({len(self)} rows, {d} inputs, {m} outputs: {counts}{why})"

    def table(self) -> Table:
        """The range and the median of every column; outputs over their finite values."""

        def row(kind: str, name: str, unit: str, column: FloatArray) -> tuple[str | float, ...]:
            known = column[np.isfinite(column)]
            return kind, name, unit, *(np.quantile(known, (0.0, 0.5, 1.0)) if len(known) else [np.nan] * 3)

        rows = [row("input", i.name, i.unit, self[i.name]) for i in self.problem.inputs]
        rows += [row("output", o.name, o.unit, self[o.name]) for o in self.problem.outputs]
        heads = header(" | column | unit | least | median | largest")
        return Table("dataset", repr(self), heads, tuple(rows))

    def __getitem__(self, name: str) -> FloatArray:
        """The column (n,) of an input or output.  Raises KeyError with the nearest name."""
        if name in self.problem.input_names:
            return self.x[:, self.problem.index(name)]
        if name in self.problem.output_names:
            return self.y[:, self.problem.output_index(name)]
        known = (*self.problem.input_names, *self.problem.output_names)
        raise KeyError(f"no column {name!r}{nearest(name, known)}")

    @property
    def feasible(self) -> BoolArray:
        """(n,): rows whose status is good."""
        return self.status == 0

    @property
    def details(self) -> dict[str, Any]:
        """What is known of the rows: provenance, and what the plan's scheme says of itself."""
        return {**self.provenance, **self.provenance.get("details", {})}

    def require_no_failures(self, remedy: str) -> None:
        """Refuse failed rows.

        Parameters
        ----------
        remedy : str
            Goes on after "3 of 64 rows failed".

        Raises
        ------
        ValueError
            If a row has failed.
        """
        failed = int(np.count_nonzero(~self.feasible))
        if failed:
            raise ValueError(f"{failed} of {len(self)} rows failed{remedy}")

    @property
    def failure(self) -> str:
        """The most frequent message of failed rows in the campaign; empty where none is known."""
        return next(iter(self.provenance.get("failures") or ("",)))

    def where(self, rows: NDArray[Any]) -> Dataset:
        """The rows picked by a mask or by indices, in their order.

        Of a plan of equal groups (`replicates`, `trajectories`, `base`), other rows than all of them make no such
        plan: its provenance then tells their number no longer.
        """
        provenance = self.provenance
        if not np.array_equal(np.arange(len(self))[rows], np.arange(len(self))):
            details = provenance.get("details", {})
            provenance = {k: v for k, v in provenance.items() if k not in _GROUPED}
            if details:
                provenance["details"] = {k: v for k, v in details.items() if k not in _GROUPED}
        return Dataset(self.problem, self.x[rows], self.y[rows], self.status[rows], provenance)

    def with_problem(self, problem: Problem) -> Dataset:
        """The same rows as samples of `problem`, whose columns are among these.

        So a surrogate learns other laws of the inputs, or fewer outputs.  A problem that knows no model keeps the
        version of this one's.

        Parameters
        ----------
        problem : Problem
            Its inputs and outputs name columns of this dataset, in any order.

        Returns
        -------
        Dataset
            As many rows, of the columns of `problem`.

        Raises
        ------
        ValueError
            If an input of `problem` is not a column.
        KeyError
            If an output of `problem` is not a column.
        """
        missing = [name for name in problem.input_names if name not in self.problem.input_names]
        if missing:
            raise ValueError(f"the data have no input column {missing[0]!r}")
        x = np.stack([self[name] for name in problem.input_names], axis=1)
        y = np.stack([self[name] for name in problem.output_names], axis=1)
        if not problem.version and problem.model is None:
            problem = replace(problem, model=self.problem.model, version=self.problem.version)
        return Dataset(problem, x, y, self.status, self.provenance)

    def counts(self) -> dict[str, int]:
        """How many rows have each status, by its name, most frequent first."""
        codes, numbers = np.unique(self.status, return_counts=True)
        order = np.argsort(-numbers, kind="stable")
        return {self.status_name(int(codes[i])): int(numbers[i]) for i in order}

    def status_name(self, code: int) -> str:
        """What a status code means."""
        return self.problem.statuses.get(code) or _OWN_STATUSES.get(code) or f"status {code}"

    @property
    def names(self) -> tuple[str, ...]:
        """All columns: inputs, then outputs."""
        return (*self.problem.input_names, *self.problem.output_names)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the samples and a manifest to `folder`, each atomically, in the form of `uq.core.storage.store`.

        Raises StoreError if the folder holds a campaign, or may not be written.
        """
        path = folder_of(folder)
        path.mkdir(parents=True, exist_ok=True)
        old = parts_in(path)
        if old and "identity" in read_manifest(path):
            raise StoreError(f"{path} holds a campaign; save this dataset elsewhere")
        samples = Samples(np.arange(len(self)), self.x, self.y, self.status, {})
        kept = [] if not len(self) else [write_part(path, self.names, samples)]
        write_manifest(path, {"problem": describe(self.problem), "provenance": dict(self.provenance)})
        for part in old:
            if part not in kept:
                part.unlink()

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Dataset:
        """Every finished sample of a folder that `save` or a campaign wrote, in the order of the plan.

        The problem comes back without its model, and nothing in the files is executed.  Damaged parts are left
        out and counted in ``provenance["damaged"]``; the campaign that owns them computes them again.
        An unfinished campaign comes with the scheme "part of ...", which no analysis of whole plans accepts.
        Raises StoreError if the folder is no store or its manifest is damaged.
        """
        path = Path(folder)
        record = read_manifest(path)
        problem = undescribe(record["problem"])
        names = (*problem.input_names, *problem.output_names)
        found = list(read_parts(path, names, problem.dimension))
        sound = [p.samples for p in found if isinstance(p, Part)]
        provenance = dict(record["provenance"])
        if len(sound) < len(found):
            provenance["damaged"] = len(found) - len(sound)
        nothing = Samples(
            np.empty(0, dtype=np.int64),
            np.empty((0, problem.dimension)),
            np.empty((0, len(problem.outputs))),
            np.empty(0, dtype=np.int64),
            {},
        )
        samples = join([nothing, *sound])
        if samples.messages:
            provenance["failures"] = most_frequent(samples.messages)
        if len(samples) < provenance.get("samples", 0):
            provenance["scheme"] = f"part of {provenance['scheme']}"
        return cls(problem, samples.x, samples.y, samples.status, provenance)


def evaluate(problem: Problem, x: ArrayLike, *, anywhere: bool = False) -> Dataset:
    """The model of a problem at physical inputs x (n, d), run in this process, in one piece.

    Rows whose status is good but that hold a non-finite output or input get the status NOT_FINITE.

    Parameters
    ----------
    problem : Problem
        Inputs, outputs and, where it is run, the model.
    x : array_like (n, d)
        Inputs in their units.
    anywhere : bool, default False
        Whether rows may lie outside of the laws: corners, designs and what an offer states are no samples of them.

    Returns
    -------
    Dataset
        With a status for every row.

    Raises
    ------
    ValueError
        If the problem has no model, for rows outside of its laws, if the model's columns are wrong, or if it says
        something else of the same row when it is asked again.
    """
    if problem.model is None:
        raise ValueError("this problem has no model; use with_model")
    columns = problem.columns(x)
    rows = np.stack([columns[name] for name in problem.input_names], axis=1)
    if not anywhere:
        require_within_laws(problem, rows)
    model = problem.model

    def run(some: FloatArray) -> Answer:
        return collect(answered(model, problem.columns(some)), problem.output_names, len(some))

    watch = Watch()
    y, status = run(rows)
    require_repeatable(watch, run, rows, (y, status))
    status[(status == 0) & ~np.isfinite(rows).all(axis=1)] = NOT_FINITE
    for array in (rows, y):  # new ones, which need no other copy
        array.setflags(write=False)
    return Dataset(problem, rows, y, status)


def good_rows(problem: Problem, x: FloatArray, y: FloatArray) -> Dataset:
    """Rows that were taken from a dataset, as one again: what they hold was looked at where they came in.

    Parameters
    ----------
    problem : Problem
        Inputs and outputs.
    x, y : ndarray (n, d), (n, m)
        In their units; all finite.

    Returns
    -------
    Dataset
        All of status 0.
    """
    return Dataset(problem, x, y, np.zeros(len(x), dtype=np.int64))


def points_of(problem: Problem, x: ArrayLike | Dataset) -> FloatArray:
    """Points at which a surrogate of a problem is asked, (n, d) in the order of its inputs.

    Parameters
    ----------
    problem : Problem
        With the names and units of the inputs.
    x : array_like (n, d), table or Dataset
        Tables are read by their names, datasets by names and units.

    Returns
    -------
    ndarray (n, d)

    Raises
    ------
    ValueError
        As `rows_of`, and for a dataset whose problem states another unit of an input.
    """
    if isinstance(x, Dataset):
        units = {one.name: one.unit for one in x.problem.inputs if one.source != OF_THE_ROWS}
        for one in problem.inputs:
            if units.get(one.name, one.unit) != one.unit:
                raise ValueError(
                    f"input {one.name!r} of the dataset is in {units[one.name]!r}, expected {one.unit!r}; convert it"
                )
    return rows_of(x, problem.input_names)  # type: ignore[arg-type]


def require_within_laws(problem: Problem, x: FloatArray, origin: str = "") -> None:
    """Refuse finite inputs that no sample of their laws can have: beyond the ends, or between the values of a discrete
    one.  An analysis, a surrogate or a domain that met them would answer for inputs that cannot occur.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws.
    x : ndarray (n, d)
        Inputs in their units; what is not finite is not looked at.
    origin : str
        Where they come from, for the message.

    Raises
    ------
    ValueError
        With the first such row, how many there are, and the remedy.
    """
    if x.ndim != 2 or x.shape[1] != problem.dimension:
        return  # which the dataset says
    for one, column in zip(problem.inputs, x.T, strict=True):
        stray, law = strays(one, column)
        if stray.any():
            row = int(np.flatnonzero(stray)[0])
            raise ValueError(
                f"{origin}{': ' if origin else ''}input {one.name!r} is {column[row]:g} in row {row} "
                f"({stray.sum()} of {len(column)} rows), {law}; leave these rows out, or give the input a law that "
                "holds them (problem.replace)"
            )


def strays(one: Input, column: FloatArray) -> tuple[BoolArray, str]:
    """Where finite values of an input are none of its law's, and of which law, in words.

    Parameters
    ----------
    one : Input
        With its law.
    column : ndarray (n,)
        In its unit.

    Returns
    -------
    tuple of ndarray (n,) and str
    """
    low, high = one.distribution.support
    ends = [end for end in (low, high) if np.isfinite(end)]
    slack = max(
        _LAST_BITS * max(map(abs, ends), default=0.0),
        ROUNDING_OF_LAWS * (high - low) if len(ends) > 1 else 0.0,
    )
    known = np.isfinite(column)
    with np.errstate(invalid="ignore"):
        found = known & ~((column >= low - slack) & (column <= high + slack))
    values = one.distribution.separate_values
    if values is None or found.any():
        return found, f"outside its law on [{low:g}, {high:g}]"
    steps = np.asarray(values)
    near = steps[np.searchsorted(0.5 * (steps[1:] + steps[:-1]), np.where(known, column, steps[0]))]
    apart = np.abs(np.where(known, column, near) - near) > np.maximum(ROUNDING_OF_LAWS * np.abs(near), slack)
    return apart, f"which is none of the {len(values)} values of its law"


def _problem_of(x: Any, y: Any, inputs: Sequence[Input] | None) -> Problem:
    """Names of the columns of arrays, or of tables, and uniform laws over the rows unless `inputs` are given."""
    columns = [None if (names := column_names(t)) is None else [str(n) for n in names] for t in (x, y)]
    xs, ys = (
        real_numbers(t, "x and y") if names is None else rows_of(t, tuple(names))
        for t, names in zip((x, y), columns, strict=True)
    )
    if xs.ndim != 2 or not len(xs):
        raise ValueError(f"x has shape {xs.shape}, expected rows of inputs (n, d)")
    if inputs is None:
        names = columns[0] or [f"x{j}" for j in range(xs.shape[1])]
        known = np.isfinite(xs)
        low, high = np.where(known, xs, np.inf).min(axis=0), np.where(known, xs, -np.inf).max(axis=0)
        if not (low < high).all():
            name = names[int(np.argmin(low < high))]
            raise ValueError(
                f"input {name!r} is the same in all rows; drop it, or state its law with `inputs`"
            )
        inputs = [
            Input(name, "1", Uniform(float(a), float(b)), OF_THE_ROWS)
            for name, a, b in zip(names, low, high, strict=True)
        ]
    outputs = columns[1] or (
        ["y"] if ys.ndim == 1 or ys.shape[1] == 1 else [f"y{k}" for k in range(ys.shape[1])]
    )
    return Problem(tuple(inputs), tuple(Output(name) for name in outputs))


def describe(problem: Problem) -> dict[str, Any]:
    """A problem as plain data, without its model.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.

    Returns
    -------
    dict
        As JSON takes it; `undescribe` reads it.
    """
    return {
        "inputs": [
            {
                "name": i.name,
                "unit": i.unit,
                "role": i.role,
                "source": i.source,
                "distribution": i.distribution.to_dict(),
            }
            for i in problem.inputs
        ],
        "outputs": [{"name": o.name, "unit": o.unit} for o in problem.outputs],
        "correlation": None if problem.correlation is None else problem.correlation.tolist(),
        "statuses": {str(k): v for k, v in problem.statuses.items()},
        "version": problem.version,
    } | described_copulas(problem)


def described_copulas(problem: Problem) -> dict[str, Any]:
    """The copulas of a problem as plain data, under the key ``copulas``; nothing where it has none.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and dependence.

    Returns
    -------
    dict
        Empty, so that what was stored without copulas keeps its key, or of one entry.
    """
    found = [
        {"between": [problem.input_names[j] for j in columns]} | copula.to_dict()
        for columns, copula in problem.copulas
    ]
    return {"copulas": found} if found else {}


def undescribe(record: Mapping[str, Any]) -> Problem:
    """The problem that `describe` wrote down.

    Parameters
    ----------
    record : Mapping[str, Any]
        Plain data, as read from JSON.

    Returns
    -------
    Problem
        Without a model.
    """
    return Problem(
        inputs=tuple(
            Input(i["name"], i["unit"], from_dict(i["distribution"]), i["source"], i["role"])
            for i in record["inputs"]
        ),
        outputs=tuple(Output(o["name"], o["unit"]) for o in record["outputs"]),
        correlation=None if record["correlation"] is None else np.array(record["correlation"]),
        statuses={int(k): v for k, v in record["statuses"].items()},
        version=record["version"],
        copula={
            tuple(one["between"]): copula_from_dict({k: v for k, v in one.items() if k != "between"})
            for one in record.get("copulas", ())
        }
        or None,
    )
