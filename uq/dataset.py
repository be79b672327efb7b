"""Samples with their results: named columns, units, and a status for every row."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.distributions import from_dict
from uq.problem import NOT_FINITE, Input, Output, Problem, nearest

if TYPE_CHECKING:
    import pandas

FloatArray = NDArray[np.float64]

SAMPLES, MANIFEST = "samples.npz", "manifest.json"


@dataclass(frozen=True)
class Dataset:
    """Inputs x (n, d), outputs y (n, m) and status (n,) of the samples of a problem.

    Status 0 is good.  Rows of any other status stay in the dataset: surrogates train on `feasible` rows, verdicts
    count the others as failures, reports say how many and why.  `provenance` holds what made the data
    (scheme, seed, versions, key).
    """

    problem: Problem
    x: FloatArray
    y: FloatArray
    status: NDArray[np.int64]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n, d, m = len(self.x), self.problem.dimension, len(self.problem.outputs)
        for name, array, shape in (
            ("x", self.x, (n, d)),
            ("y", self.y, (n, m)),
            ("status", self.status, (n,)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
            array.setflags(write=False)

    @classmethod
    def from_arrays(
        cls,
        problem: Problem,
        x: ArrayLike,
        y: ArrayLike,
        *,
        status: ArrayLike | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Dataset:
        """A dataset of arrays; without a status, rows with a non-finite output get NOT_FINITE, the others 0."""
        xs = np.array(x, dtype=np.float64)
        ys = np.array(y, dtype=np.float64)
        if ys.ndim == 1:
            ys = ys[:, None]
        if status is None:
            codes = np.where(np.isfinite(ys).all(axis=1), 0, NOT_FINITE).astype(np.int64)
        else:
            codes = np.array(status, dtype=np.int64)
        return cls(problem, xs, ys, codes, dict(provenance or {}))

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, name: str) -> FloatArray:
        """The column (n,) of an input or output.  Raises KeyError with the nearest name."""
        if name in self.problem.input_names:
            return self.x[:, self.problem.index(name)]
        if name in self.problem.output_names:
            return self.y[:, self.problem.output_index(name)]
        known = (*self.problem.input_names, *self.problem.output_names)
        raise KeyError(f"no column {name!r}{nearest(name, known)}")

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """(n,): rows whose status is good."""
        return self.status == 0

    def where(self, rows: NDArray[Any]) -> Dataset:
        """The rows picked by a mask or by indices, in their order."""
        return Dataset(self.problem, self.x[rows], self.y[rows], self.status[rows], self.provenance)

    def counts(self) -> dict[str, int]:
        """How many rows have each status, by its name, most frequent first."""
        codes, numbers = np.unique(self.status, return_counts=True)
        order = np.argsort(-numbers, kind="stable")
        return {self.status_name(int(codes[i])): int(numbers[i]) for i in order}

    def status_name(self, code: int) -> str:
        """What a status code means."""
        own = {0: "good", NOT_FINITE: "not finite"}
        return self.problem.statuses.get(code) or own.get(code) or f"status {code}"

    def to_pandas(self) -> pandas.DataFrame:
        """All columns, inputs first, then outputs, then ``status``."""
        import pandas

        frame = pandas.DataFrame(
            np.hstack([self.x, self.y]), columns=[*self.problem.input_names, *self.problem.output_names]
        )
        frame["status"] = self.status
        return frame

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write samples and manifest to `folder`, each atomically."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        write_atomically(path / SAMPLES, lambda f: np.savez(f, x=self.x, y=self.y, status=self.status))
        text = json.dumps({"problem": describe(self.problem), "provenance": dict(self.provenance)}, indent=1)
        write_atomically(path / MANIFEST, lambda f: f.write(text.encode()))

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Dataset:
        """Read what `save` wrote.  The problem comes back without its model.  Nothing in the files is executed."""
        path = Path(folder)
        record = json.loads((path / MANIFEST).read_text())
        with np.load(path / SAMPLES, allow_pickle=False) as arrays:
            return cls(
                undescribe(record["problem"]),
                arrays["x"],
                arrays["y"],
                arrays["status"],
                record["provenance"],
            )


def write_atomically(path: Path, write: Any) -> None:
    """Write a file beside `path`, make it durable, and rename it into place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def describe(problem: Problem) -> dict[str, Any]:
    """A problem as plain data, without its model."""
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
    }


def undescribe(record: Mapping[str, Any]) -> Problem:
    """The problem that `describe` wrote down."""
    return Problem(
        inputs=tuple(
            Input(i["name"], i["unit"], from_dict(i["distribution"]), i["source"], i["role"])
            for i in record["inputs"]
        ),
        outputs=tuple(Output(o["name"], o["unit"]) for o in record["outputs"]),
        correlation=None if record["correlation"] is None else np.array(record["correlation"]),
        statuses={int(k): v for k, v in record["statuses"].items()},
        version=record["version"],
    )
