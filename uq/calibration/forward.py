"""From inputs to what would have been read: predictions of all measurements, and which inputs each depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uq.calibration.measurement import Measurement, error_covariance
from uq.core.array_types import BoolArray, FloatArray
from uq.core.model import Model, answered, collect, nearest
from uq.core.problem import Problem
from uq.core.repeatable import Answer, Watch, require_repeatable
from uq.surrogates.base import Surrogate

PROBES = 64
"""Points at which each input is moved to see what depends on it."""
MOST = 2000
"""Readings: their errors are a matrix."""
UNSEEN = 1e-12
"""A change of a reading below this share of its standard deviation is rounding."""


@dataclass(frozen=True)
class Forward:
    """What the model predicts of every measurement, and how wrong readings and predictions may be."""

    problem: Problem
    """The inputs as they were known before."""
    model: Model | None
    """What predicts the outputs; None where every measurement is of an input itself."""
    measurements: tuple[Measurement, ...]
    """In the order of the predicted columns."""
    covariance: FloatArray
    """(m, m) of reading less prediction."""

    @property
    def values(self) -> FloatArray:
        """(m,) the readings."""
        return np.array([one.value for one in self.measurements])

    def __call__(self, x: FloatArray) -> FloatArray:
        """(n, d) inputs -> (n, m) predicted readings, NaN where the model fails."""
        found = np.full((len(x), len(self.measurements)), np.nan)
        inputs = self.problem.columns(x)
        settings: dict[tuple[tuple[str, float], ...], list[int]] = {}
        for k, one in enumerate(self.measurements):
            if one.quantity in inputs:
                found[:, k] = inputs[one.quantity]
            else:
                settings.setdefault(tuple(sorted(one.at.items())), []).append(k)
        if not settings:
            return found
        names = sorted({name for at in settings for name, _ in at})
        asked = {
            name: np.concatenate([np.full(len(x), dict(at).get(name, column)) for at in settings])
            for name, column in {**inputs, **dict.fromkeys(names, np.nan)}.items()
        }
        wanted = sorted({self.measurements[k].quantity for rows in settings.values() for k in rows})
        assert self.model is not None
        y, status = collect(answered(self.model, asked), tuple(wanted), len(x) * len(settings))
        y = np.where(status[:, None] == 0, y, np.nan)
        for block, rows in enumerate(settings.values()):
            part = y[block * len(x) : (block + 1) * len(x)]
            for k in rows:
                found[:, k] = part[:, wanted.index(self.measurements[k].quantity)]
        return found

    def dependence(self, random: np.random.Generator, at: FloatArray | None = None) -> BoolArray:
        """(m, d) whether a prediction depends on an input: it moves when the input alone is drawn anew.

        Tried at draws of the prior, or `at` some points (n, d).  Raises ValueError where the model fails at all.
        """
        d = self.problem.dimension
        laws = self.problem.distributions

        def drawn(count: int) -> FloatArray:
            u = random.uniform(0.001, 0.999, (count, d))
            return np.column_stack([law.ppf(u[:, j]) for j, law in enumerate(laws)])

        base = drawn(PROBES) if at is None else at
        n, other = len(base), drawn(len(base))
        points = np.tile(base, (d + 1, 1))
        for j in range(d):
            points[(j + 1) * n : (j + 2) * n, j] = other[:, j]

        def run(rows: FloatArray) -> Answer:
            return self(rows), np.zeros(len(rows), dtype=np.int64)

        watch, answer = Watch(), run(points)
        require_repeatable(watch, run, points, answer)
        y = answer[0].reshape(d + 1, n, -1)
        if not np.isfinite(y).any(axis=(0, 1)).all():
            raise ValueError(
                "the model fails wherever it was tried at the settings of the measurements: check settings and units"
            )
        scale = np.sqrt(np.diag(self.covariance))
        with np.errstate(invalid="ignore"):
            moved = np.abs(y[1:] - y[:1]) > UNSEEN * scale
        return np.asarray((moved | (np.isnan(y[1:]) != np.isnan(y[:1]))).any(axis=1).T)


def forward(problem: Problem, model: Model | None, measurements: Sequence[Measurement]) -> Forward:
    """The predictions of some measurements by a model or surrogate.

    The claimed error of a surrogate enters the covariance, common to all readings of an output.

    Parameters
    ----------
    problem : Problem
        Inputs that are calibrated, and the outputs.
    model : Model or None
        Model or surrogate; the problem's own where it is None.
    measurements : sequence of Measurement
        Readings with their standard deviations.

    Returns
    -------
    Forward

    Raises
    ------
    KeyError
        For a quantity or setting that is unknown.
    ValueError
        For settings beyond the rows that a surrogate was trained on, a missing model, more than `MOST` readings,
        and standard deviations that vanish in rounding.
    """
    if len(measurements) > MOST:
        raise ValueError(
            f"{len(measurements)} readings; give at most {MOST}: means of repeated readings, with the standard "
            "deviation of a mean"
        )
    covariance = error_covariance(measurements)
    _require_errors(measurements, covariance)
    surrogate = model if isinstance(model, Surrogate) else None
    outputs = problem.output_names if surrogate is None else surrogate.problem.output_names
    for one in measurements:
        if one.quantity in problem.input_names:
            continue
        if one.quantity not in outputs:
            known = (*problem.input_names, *outputs)
            raise KeyError(
                f"no input or output {one.quantity!r} to be measured{nearest(one.quantity, known)}"
            )
        if model is None:
            raise ValueError(
                f"output {one.quantity!r} was measured, and the problem has no model that predicts it; give one"
            )
    if surrogate is None:
        _require_read(problem, model, measurements)
    else:
        _require_trained(surrogate, problem, measurements)
        for k, name in enumerate(outputs):
            same = np.array([one.quantity == name for one in measurements])
            covariance += surrogate.error[k] ** 2 * np.outer(same, same)
    return Forward(problem, model, tuple(measurements), covariance)


def _require_errors(measurements: Sequence[Measurement], covariance: FloatArray) -> None:
    """Refuse standard deviations that vanish next to what readings share."""
    scale = np.sqrt(np.diag(covariance))
    try:
        np.linalg.cholesky(covariance / np.outer(scale, scale) if (scale > 0.0).all() else covariance)
    except np.linalg.LinAlgError:
        least = min(measurements, key=lambda one: one.std)
        raise ValueError(
            f"the standard deviation {least.std:.3g} of a reading of {least.quantity!r} vanishes next to the other "
            "errors, or in rounding; give that of the whole reading"
        ) from None


class _Watched(dict[str, FloatArray]):
    """Columns that know which of them were looked at."""

    def __init__(self, columns: Mapping[str, FloatArray]) -> None:
        super().__init__(columns)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> FloatArray:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self.read.update(super().keys())
        return super().__iter__()

    def keys(self) -> Any:
        self.read.update(super().keys())
        return super().keys()

    def items(self) -> Any:
        self.read.update(super().keys())
        return super().items()

    def values(self) -> Any:
        self.read.update(super().keys())
        return super().values()


def _require_read(problem: Problem, model: Model | None, measurements: Sequence[Measurement]) -> None:
    """Refuse a setting that the model never looks at, such as a column of a table with a slip in its name."""
    settings = {
        name: value
        for one in measurements
        if one.quantity not in problem.input_names
        for name, value in one.at.items()
    }
    strange = [name for name in settings if name not in problem.input_names]
    if model is None or not strange:
        return
    middle = {
        name: np.atleast_1d(law.ppf(np.array([0.5])))
        for name, law in zip(problem.input_names, problem.distributions, strict=True)
    }
    columns = _Watched(middle | {name: np.array([value]) for name, value in settings.items()})
    try:
        model(columns)
    except Exception:  # met again, and said, where it counts
        return
    unread = [name for name in strange if name not in columns.read]
    if unread:
        raise KeyError(
            f"the model does not look at the setting {unread[0]!r}{nearest(unread[0], problem.input_names)}; "
            "leave it out, or mend its name"
        )


def _require_trained(surrogate: Surrogate, problem: Problem, measurements: Sequence[Measurement]) -> None:
    names = surrogate.problem.input_names
    ranges: Mapping[str, tuple[float, float]] = {
        name: (float(surrogate.x[:, j].min()), float(surrogate.x[:, j].max())) for j, name in enumerate(names)
    }
    for one in measurements:
        for name, value in one.at.items():
            if name not in ranges:
                raise KeyError(f"no setting {name!r} in the surrogate{nearest(name, names)}")
            low, high = ranges[name]
            if not low <= value <= high:
                raise ValueError(
                    f"{one.quantity!r} was measured at {name} = {value:g}, where the surrogate was not trained "
                    f"({low:g} to {high:g}); train it there"
                )
        missing = set(names) - set(problem.input_names) - one.at.keys()
        if missing and one.quantity not in problem.input_names:
            raise ValueError(
                f"the measurement of {one.quantity!r} does not say its setting {min(missing)!r}, which the "
                "surrogate needs"
            )
