"""Saved surrogates, back again, and only if they still stand for the model that is asked; and the card that travels
with them and says what they are worth."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from uq.core.dataset import Dataset, undescribe
from uq.core.model_version import model_version
from uq.core.problem import Problem
from uq.core.storage.reading import read_whole
from uq.core.table import Readable
from uq.sampling.plans import sobol_sequence
from uq.surrogates.archive import LARGEST_ARCHIVE, load_card, opened
from uq.surrogates.base import Surrogate
from uq.surrogates.composite import surrogate_class
from uq.surrogates.domain import Domain, require_same
from uq.surrogates.validation import Validation, measured

_FEWEST = 10
_STRAY = 0.02
_WORST = 5
"""Rows of largest error that a card names for each output."""


@dataclass(frozen=True)
class Card(Readable):
    """What a surrogate is worth: kind, model version, data, domain and measured errors, for each of `outputs`.

    `rows` learned from; `counts` by status name of the data judged on; trained `ranges` of the inputs; `worst` the rows
    of these data of largest error for each output, as (row, error in the output's unit).
    """

    kind: str
    """Class of the surrogate."""
    version: str
    """Of the model that it learned from."""
    rows: int
    counts: Mapping[str, int]
    ranges: Mapping[str, tuple[float, float]]
    outputs: tuple[str, ...]
    q2: tuple[float, ...]
    """1 less mean squared error over variance."""
    rmse: tuple[float, ...]
    """Root mean square error, in the output's unit."""
    largest: tuple[float, ...]
    """Largest error, in the output's unit."""
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


def load_surrogate(path: str | os.PathLike[str], *, version: str | None = None) -> Surrogate:
    """The surrogate that `save_surrogate` wrote; its predictions are the same to the last bit on one kind of machine.

    With `version`, a surrogate trained on another version of the model is refused.

    Parameters
    ----------
    path : path
        Of the file.
    version : str, optional
        Version of the model that must be the same.

    Returns
    -------
    Surrogate

    Raises
    ------
    ValueError
        With the reason, for a file that is truncated, altered, foreign, or of a newer format.
    """
    surrogate = unpack(read_whole(path, largest=LARGEST_ARCHIVE), str(path))
    trained = surrogate.problem.version
    if version is not None and trained != version:
        raise ValueError(
            f"{path}: trained on version {trained!r} of the model, asked for {version!r}; fit it again, or load it "
            "without a version and test it on fresh runs (see uq.surrogates.loading)"
        )
    return surrogate


def unpack(body: bytes, source: str = "the file") -> Surrogate:
    """The surrogate in the bytes of a file.

    Parameters
    ----------
    body : bytes
        A whole file.
    source : str, default 'the file'
        Where the bytes come from, for messages.

    Returns
    -------
    Surrogate
        Of the class that was saved.

    Raises
    ------
    ValueError
        For anything that `pack` did not write.
    """
    header, arrays = opened(body, source)
    try:
        return surrogate_class(header["surrogate"]).from_arrays(
            undescribe(header["problem"]), header["record"], arrays
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"{source}: its parts do not make a {header['surrogate']}: {error}") from error


def load_for(
    path: str | os.PathLike[str], problem: Problem, *, fresh: Dataset | None = None, tolerance: float = 1.5
) -> Surrogate:
    """The saved surrogate, if it stands for the model of `problem` as that model is now.

    A surrogate of another version of the model is refused, unless `fresh` runs of the present model show that its
    root mean square error is still at most `tolerance` times that of its card, for every output.

    Parameters
    ----------
    path : str | os.PathLike[str]
        Of the file.
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    fresh : Dataset, optional
        Runs of the present model.
    tolerance : float, default 1.5
        Root mean square error on `fresh` over that of the card, at most.

    Returns
    -------
    Surrogate

    Raises
    ------
    ValueError
        For another version of the model, other inputs or units, outputs that the problem does not give, and
        laws of which more than 2 % lies outside of the domain that the surrogate was trained in.
    """
    surrogate = load_surrogate(path)
    if problem.model is None:
        raise ValueError("the problem has no model to stand for; use load_surrogate")
    wanted = model_version(problem.model, problem.version)
    try:
        require_same(surrogate.problem, problem)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; fit it again") from None
    rows = problem.physical(sobol_sequence(2048, problem.dimension, seed=1).unit)
    stray = float(Domain.of_surrogate(surrogate).outside(rows).mean())
    if stray > _STRAY:
        raise ValueError(
            f"{path}: {stray:.1%} of what the problem's inputs may be lies outside of the domain that the surrogate "
            "was trained in; fit it again"
        )
    if surrogate.problem.version == wanted:
        return surrogate
    said = f"{path}: trained on version {surrogate.problem.version!r} of the model, which is now {wanted!r}"
    if fresh is None:
        raise ValueError(f"{said}; fit it again, or give fresh runs to test it on")
    found = errors_on(surrogate, fresh)
    card = Card.from_dict(load_card(path))
    for k, name in enumerate(card.outputs):
        allowed = tolerance * card.rmse[k]
        if not found.rmse[k] <= allowed:
            raise ValueError(
                f"{said}, and its error of {name!r} on {len(fresh)} fresh runs is {found.rmse[k]:.3g}, above "
                f"{allowed:.3g}; fit it again"
            )
    return surrogate


def errors_on(surrogate: Surrogate, fresh: Dataset) -> Validation:
    """The errors of a surrogate on fresh feasible runs.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    fresh : Dataset
        Runs of the present model.

    Returns
    -------
    Validation

    Raises
    ------
    ValueError
        If there are fewer than ten of them, whose mean square would say little (*judgement*), or if they have
        other inputs, outputs or units.
    """
    require_same(surrogate.problem, fresh.problem)
    rows = fresh.where(np.flatnonzero(fresh.feasible))
    if len(rows) < _FEWEST:
        raise ValueError(f"{len(rows)} feasible fresh runs; at least {_FEWEST} are needed")
    names = surrogate.problem.output_names
    y = np.stack([rows[name] for name in names], axis=1)
    return measured(names, y, prediction=surrogate.predict(rows.x))
