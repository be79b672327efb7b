"""Questions asked of derived outputs: a difference on common samples, a limit met, a failure; and what to do with
failed rows before an analysis that cannot take them.

Each function takes a Dataset or a Surrogate and returns one of the same kind, so every analysis serves them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.dataset import Dataset, evaluate
from uq.core.model import LARGEST, rows_of
from uq.core.problem import Output, Problem
from uq.sampling.pick_freeze import block_size, check_groups
from uq.surrogates.base import Prediction, Surrogate
from uq.surrogates.field import FieldSurrogate

Source = TypeVar("Source", Dataset, Surrogate)


def difference(source: Source, *, first: str, second: str) -> Source:
    """The single output ``first - second``, both on the same samples, so that what they share cancels.

    Through a surrogate the errors of the two add, |s_1| + |s_2|: the bound that holds for any dependence.

    Parameters
    ----------
    source : Dataset or Surrogate
        Rows of a plan that fits the question, or a surrogate that is sampled.
    first : str
        Output that the other is taken from.
    second : str
        Output that is taken from it.

    Returns
    -------
    Source

    Raises
    ------
    ValueError
        For outputs of different units.
    """
    outputs = source.problem.outputs
    units = [outputs[source.problem.output_index(name)].unit for name in (first, second)]
    if units[0] != units[1]:
        raise ValueError(f"{first!r} is in {units[0]!r} and {second!r} in {units[1]!r}")
    problem = _one_output(source.problem, Output(f"{first} - {second}", units[0]))
    if isinstance(source, Dataset):
        return _derive(source, problem, source[first] - source[second])
    return _Difference(
        problem, source, source.problem.output_index(first), source.problem.output_index(second)
    )


def meets(source: Source, output: str, *, low: float = -np.inf, high: float = np.inf) -> Source:
    """1 where ``low <= output <= high``, else 0: its indices are the target sensitivity of the limit.

    Failed rows of a Dataset meet nothing and count as 0.  Through a surrogate, the probability
    ``Phi((high - m) / s) - Phi((low - m) / s)`` of its prediction m +- s.

    Parameters
    ----------
    source : Dataset or Surrogate
        Rows of a plan that fits the question, or a surrogate that is sampled.
    output : str
        Name of the output.
    low : float
        In its unit.
    high : float
        In its unit.

    Returns
    -------
    Source

    Raises
    ------
    ValueError
        Unless low is below high.

    References
    ----------
    Marrel & Chabridon (2021), doi:10.1016/j.ress.2021.107711.
    """
    if not low < high:
        raise ValueError(f"low {low:g} must be below high {high:g}")
    index = source.problem.output_index(output)
    problem = _one_output(source.problem, Output(f"{output} met"))
    if isinstance(source, Dataset):
        met = within(source, output, low, high)
        notes = _failed_note(source, "count as not met")
        return _derive(source, problem, met.astype(np.float64), np.zeros(len(met), np.int64), notes)
    return _Meets(problem, source, index, low, high)


def at_instants(field: FieldSurrogate, instants: ArrayLike | None = None) -> Surrogate:
    """A field as a surrogate whose outputs are instants: indices over time, dependent inputs or not, and all else.

    Parameters
    ----------
    field : FieldSurrogate
        A fitted field.
    instants : array_like of int, optional
        Places in `field.times`; all of them by default.

    Returns
    -------
    Surrogate

    Raises
    ------
    ValueError
        For places that the field does not have, none, or one twice.

    Examples
    --------
    >>> import uq
    >>> x = uq.sampling.sobol_sequence(64, 2, seed=1).unit
    >>> t = np.linspace(0.0, 1.0, 11)
    >>> data = uq.Dataset.from_arrays(x, x[:, 0])
    >>> field = FieldSurrogate.fit(data, x[:, :1] * np.sin(t) + x[:, 1:] * np.cos(t), times=t)
    >>> at_instants(field, [0, 10]).problem.output_names
    ('t = 0', 't = 1')
    """
    places = np.arange(field.times.size) if instants is None else np.atleast_1d(np.asarray(instants))
    if (
        not places.size
        or len(np.unique(places)) < places.size
        or not np.isin(places, range(field.times.size)).all()
    ):
        raise ValueError(
            f"instants are different places from 0 to {field.times.size - 1} in the field's times"
        )
    outputs = tuple(Output(f"t = {field.times[k]:.12g}") for k in places)
    return _Instants(
        dataclasses.replace(field.problem, outputs=outputs, model=None), field, tuple(places.tolist())
    )


def within(data: Dataset, output: str, low: float, high: float) -> BoolArray:
    """Rows that are feasible and ``low <= output <= high``.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    output : str
        Name of one output.
    low, high : float
        In the output's unit, both within.

    Returns
    -------
    ndarray of bool (n,)
        True where the row meets both.

    Raises
    ------
    ValueError
        For values beyond 1e150 in feasible rows: a sentinel or an overflow meets limits by accident.
    """
    y = data[output]
    odd = data.feasible & ~(np.abs(y) <= LARGEST)
    if odd.any():
        raise ValueError(
            f"output {output!r} is {y[odd][0]:.3g} in {odd.sum()} rows that did not fail: not finite, overflow or a "
            "sentinel; let the model return NaN there"
        )
    return data.feasible & (y >= low) & (y <= high)


def as_failures(data: Dataset) -> Dataset:
    """The single output ``failed``: 1 where a row failed, else 0.  Its indices say what drives failures.

    Parameters
    ----------
    data : Dataset
        Evaluated rows, the failed ones among them.

    Returns
    -------
    Dataset
        With every row.
    """
    problem = _one_output(data.problem, Output("failed"))
    return _derive(data, problem, (~data.feasible).astype(np.float64), np.zeros(len(data), np.int64))


def complete(data: Dataset) -> Dataset:
    """The rows without failures; of a pick-freeze plan, the base points without any.

    What is left answers for the inputs *given that the model works*: where failures follow the inputs, those are
    no longer independent, and indices change their meaning.  The counts are kept as a note.

    Parameters
    ----------
    data : Dataset
        Evaluated rows, the failed ones among them.

    Returns
    -------
    Dataset
        With a note of what was left out.
    """
    groups = data.details.get("groups")
    size = block_size(data.x, check_groups(groups, data.problem.dimension)) or 1
    keep = np.repeat(data.feasible.reshape(-1, size).all(axis=1), size)
    if not keep.any():
        raise ValueError(
            f"no base point of {len(data) // size} is free of failures; see as_failures or impute"
        )
    failed, dropped = int(np.count_nonzero(~data.feasible)), int(np.count_nonzero(~keep))
    if not failed:
        return data
    note = f"{failed} of {len(data)} rows failed; {dropped} rows left out: answers hold given that the model works"
    details = {"replicates": int(keep.sum()) // size, "policy": (note,)}
    return _with_details(data.where(keep), details)


def impute(data: Dataset, surrogate: Surrogate) -> Dataset:
    """Failed rows filled with the surrogate's prediction and flagged in a note: what the model would say if it ran.

    Parameters
    ----------
    data : Dataset
        Evaluated rows, the failed ones among them.
    surrogate : Surrogate
        A fitted surrogate.

    Returns
    -------
    Dataset
        Without failures.

    Raises
    ------
    ValueError
        If the surrogate does not predict every output of the data.
    """
    failed = ~data.feasible
    if not failed.any():
        return data
    index = [surrogate.problem.output_index(name) for name in data.problem.output_names]
    columns = [data.problem.index(name) for name in surrogate.problem.input_names]
    y = data.y.copy()
    y[failed] = surrogate.predict(data.x[failed][:, columns]).mean[:, index]
    note = f"{int(failed.sum())} of {len(data)} rows failed and were filled in by a surrogate"
    filled = Dataset(data.problem, data.x, y, np.zeros(len(data), dtype=np.int64), data.provenance)
    return _with_details(filled, {"policy": (note,)})


def _failed_note(data: Dataset, fate: str) -> tuple[str, ...]:
    failed = int(np.count_nonzero(~data.feasible))
    return (f"{failed} of {len(data)} rows failed and {fate}",) if failed else ()


def _with_details(data: Dataset, more: Mapping[str, Any]) -> Dataset:
    details = {**data.provenance.get("details", {}), **more}
    return dataclasses.replace(data, provenance={**data.provenance, "details": details})


def _one_output(problem: Problem, output: Output) -> Problem:
    return dataclasses.replace(problem, outputs=(output,), model=None)


def _derive(
    data: Dataset,
    problem: Problem,
    y: FloatArray,
    status: IntArray | None = None,
    notes: tuple[str, ...] = (),
) -> Dataset:
    derived = Dataset(problem, data.x, y[:, None], data.status if status is None else status, data.provenance)
    return _with_details(derived, {"policy": notes}) if notes else derived


# -- surrogates of derived outputs ------------------------------------------------------------------------------


class _Derived(Surrogate):
    """A surrogate made anew from what is given, and never saved itself."""

    def arrays(self) -> tuple[dict[str, Any], dict[str, FloatArray]]:
        raise TypeError("this is made of a model or of another surrogate; save that")

    @classmethod
    def from_arrays(cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, Any]) -> Self:
        raise TypeError("never saved")


@dataclass(frozen=True)
class Exact(_Derived):
    """A cheap model as its own surrogate, without error: what needs a Surrogate then runs on the model itself.

    `predict` raises ValueError where the model fails.  Gradients are central differences of 1e-6 of the spread of
    each law.
    """

    problem: Problem
    """Inputs with their laws, and outputs."""

    def predict(self, x: ArrayLike) -> Prediction:
        data = evaluate(self.problem, x, anywhere=True)
        if not data.feasible.all():
            counts = ", ".join(f"{k}: {v}" for k, v in data.counts().items())
            raise ValueError(
                f"the model failed in some of {len(data)} rows ({counts}); fit a surrogate instead"
            )
        return Prediction(data.y, np.zeros_like(data.y))

    def gradient(self, x: ArrayLike) -> FloatArray:
        points = rows_of(x, self.problem.input_names)
        steps = 1e-6 * np.array([law.moments()[1] for law in self.problem.distributions])
        slopes = [
            (self.predict(points + e).mean - self.predict(points - e).mean) / (2.0 * e.sum())
            for e in np.diag(steps)
        ]
        return np.stack(slopes, axis=2)


class _OfParent(_Derived):
    """Of outputs of another surrogate, known where that is."""

    parent: Surrogate

    @property
    def x(self) -> FloatArray:  # type: ignore[override]
        """The parent's."""
        return self.parent.x


@dataclass(frozen=True)
class _Difference(_OfParent):
    """Output k minus output l of `parent`."""

    problem: Problem
    parent: Surrogate
    k: int
    l: int

    def predict(self, x: ArrayLike) -> Prediction:
        p = self.parent.predict(x)
        mean = p.mean[:, self.k] - p.mean[:, self.l]
        return Prediction(mean[:, None], (p.std[:, self.k] + p.std[:, self.l])[:, None])

    def gradient(self, x: ArrayLike) -> FloatArray:
        slopes = self.parent.gradient(x)
        return (slopes[:, self.k] - slopes[:, self.l])[:, None]


@dataclass(frozen=True)
class _Instants(_Derived):
    """A field at some of its instants."""

    problem: Problem
    field: FieldSurrogate
    places: tuple[int, ...]

    @property
    def x(self) -> FloatArray:  # type: ignore[override]
        """The rows that the field was trained on."""
        return self.field.scores.x

    def predict(self, x: ArrayLike) -> Prediction:
        said = self.field.predict(x)
        return Prediction(said.mean[:, self.places], said.std[:, self.places])

    def mean(self, x: ArrayLike) -> FloatArray:
        field = self.field
        return np.asarray(
            field.centre[list(self.places)] + field.scores.mean(x) @ field.modes[:, self.places]
        )

    def gradient(self, x: ArrayLike) -> FloatArray:
        return np.einsum("nkd,kt->ntd", self.field.scores.gradient(x), self.field.modes[:, self.places])


@dataclass(frozen=True)
class _Meets(_OfParent):
    """Probability that output k of `parent` lies in [low, high].

    Its `std` is sqrt(p (1 - p)): what is unknown of the indicator itself, given the prediction.
    """

    problem: Problem
    parent: Surrogate
    k: int
    low: float
    high: float

    def predict(self, x: ArrayLike) -> Prediction:
        prediction = self.parent.predict(x)
        mean, std = prediction.mean[:, self.k], np.maximum(prediction.std[:, self.k], 1e-300)
        with np.errstate(over="ignore"):
            p = special.ndtr((self.high - mean) / std) - special.ndtr((self.low - mean) / std)
        return Prediction(p[:, None], np.sqrt(p * (1.0 - p))[:, None])

    def gradient(self, x: ArrayLike) -> FloatArray:
        raise TypeError("the chance of meeting a limit is a step; take the gradient of the output itself")
