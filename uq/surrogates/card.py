"""What a surrogate is worth, for a reader and for the file that it is saved in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from uq.core.dataset import Dataset
from uq.core.table import as_lines, as_pretty
from uq.surrogates.base import Surrogate
from uq.surrogates.domain import Domain
from uq.surrogates.validation import Validation

_WORST = 5
"""Rows of largest error that a card names for each output."""


@dataclass(frozen=True)
class Card:
    """What a surrogate is worth: kind, model version, data, domain and measured errors, for each of `outputs`.

    `rows` learned from; `counts` by status name of the data judged on; trained `ranges` of the inputs; `worst` the rows
    of these data of largest error for each output, as (row, error in the output's unit).
    """

    kind: str
    version: str
    rows: int
    counts: Mapping[str, int]
    ranges: Mapping[str, tuple[float, float]]
    outputs: tuple[str, ...]
    q2: tuple[float, ...]
    """1 less mean squared error over variance."""
    rmse: tuple[float, ...]
    """Root mean square error, in the output's unit."""
    largest: tuple[float, ...]
    coverage: tuple[float, ...]
    """Share of the rows that the stated 90 % intervals hold."""
    worst: tuple[tuple[tuple[int, float], ...], ...]
    provenance: Mapping[str, Any]
    """Of the data that it was judged on."""

    @classmethod
    def of(cls, surrogate: Surrogate, data: Dataset, validation: Validation) -> Self:
        """The card of a surrogate with the errors that `validate` (or `measured`) found on the feasible rows of `data`.

        Raises ValueError if they are errors of another number of rows.
        """
        judged = np.flatnonzero(data.feasible)
        if len(judged) != len(validation.residuals):
            raise ValueError(
                f"errors of {len(validation.residuals)} rows, but the data hold {len(judged)} feasible ones"
            )
        domain = Domain.of_surrogate(surrogate)
        names = surrogate.problem.input_names
        errors = np.abs(validation.residuals)
        worst = np.argsort(-errors, axis=0, kind="stable")[:_WORST]
        return cls(
            kind=type(surrogate).__name__,
            version=surrogate.problem.version,
            rows=len(surrogate.x),
            counts=data.counts(),
            ranges={n: (float(domain.low[j]), float(domain.high[j])) for j, n in enumerate(names)},
            outputs=validation.outputs,
            q2=tuple(validation.q2.tolist()),
            rmse=tuple(validation.rmse.tolist()),
            largest=tuple(validation.largest.tolist()),
            coverage=tuple(validation.coverage.tolist()),
            worst=tuple(
                tuple((int(judged[i]), float(errors[i, k])) for i in worst[:, k])
                for k in range(errors.shape[1])
            ),
            provenance=dict(data.provenance),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for `save_surrogate(..., card=...)`."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The card that `to_dict` wrote.  Raises ValueError for a record that is not a card."""
        wanted = {field.name for field in dataclasses.fields(cls)}
        if set(record) != wanted:
            raise ValueError(f"a card holds {', '.join(sorted(wanted))}; got {', '.join(sorted(record))}")
        tuples = ("outputs", "q2", "rmse", "largest", "coverage")
        return cls(
            **{
                **record,
                **{name: tuple(record[name]) for name in tuples},
                "ranges": {name: (low, high) for name, (low, high) in record["ranges"].items()},
                "worst": tuple(tuple((int(i), float(e)) for i, e in rows) for rows in record["worst"]),
            }
        )

    def __str__(self) -> str:
        failed = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        lines = [f"{self.kind} of {self.rows} rows ({failed}), model version {self.version or 'not stated'}"]
        lines += [
            f"  {name}: Q2 {self.q2[k]:.6f}, RMSE {self.rmse[k]:.3g}, largest {self.largest[k]:.3g}, "
            f"90 % intervals hold {100.0 * self.coverage[k]:.0f} %"
            for k, name in enumerate(self.outputs)
        ]
        return "\n".join(lines)

    _repr_pretty_, _repr_html_ = as_pretty, as_lines
