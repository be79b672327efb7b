"""How good a surrogate is, measured on rows that it has not seen, and which surrogate is best for each output.

Source: Arlot & Celisse (2010), "A survey of cross-validation procedures", doi:10.1214/09-SS054.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.dataset import Dataset, describe, undescribe
from uq.problem import Problem
from uq.surrogates.base import Prediction, Surrogate, training_rows

FloatArray = NDArray[np.float64]
Fit = Callable[[Dataset, Problem], Surrogate]

_HALF_WIDTH = 1.6448536269514722


@dataclass(frozen=True)
class Validation:
    """Errors of a surrogate on left-out rows, one value for each of `outputs`.

    q2 = 1 - mean((y - y_hat)^2) / var(y); rmse and largest in the output's unit; coverage: share of rows inside the
    90 % interval mean +- 1.645 std.
    `residuals` (n, m) are those of the feasible rows.
    """

    outputs: tuple[str, ...]
    q2: FloatArray
    rmse: FloatArray
    largest: FloatArray
    coverage: FloatArray
    folds: int
    residuals: FloatArray

    def __str__(self) -> str:
        lines = [f"{'output':30s} {'Q2':>10s} {'RMSE':>10s} {'largest':>10s} {'coverage':>9s}"]
        lines += [
            f"{name:30s} {self.q2[k]:10.6f} {self.rmse[k]:10.3g} {self.largest[k]:10.3g} {self.coverage[k]:9.3f}"
            for k, name in enumerate(self.outputs)
        ]
        return "\n".join(lines)


def validate(fit: Fit, data: Dataset, problem: Problem, *, folds: int = 5, seed: int = 0) -> Validation:
    """Cross-validate `fit(data, problem)`: fit on all folds but one, predict that one, in turn.

    Every step of `fit`, selection included, is repeated without the fold.  The folds are random, from `seed`.
    Raises ValueError for fewer than 2 folds or fewer rows than folds.
    """
    reduced, x, y = training_rows(data, problem)
    if not 2 <= folds <= len(x):
        raise ValueError(f"needs 2 to {len(x)} folds for {len(x)} rows, got {folds}")
    mean, std = np.empty_like(y), np.empty_like(y)
    rows = Dataset.from_arrays(reduced, x, y)
    for held in fold_masks(len(x), folds, seed):
        prediction = fit(rows.where(~held), reduced).predict(x[held])
        mean[held], std[held] = prediction.mean, prediction.std
    return measured(reduced.output_names, y, Prediction(mean, std), folds)


def fold_masks(n: int, folds: int, seed: int) -> list[NDArray[np.bool_]]:
    """Masks (n,) of the rows held out in turn: a random partition in equal parts."""
    place = np.empty(n, dtype=np.int64)
    place[np.random.default_rng(seed + 1).permutation(n)] = np.arange(n) % folds
    return [place == k for k in range(folds)]


def measured(outputs: Sequence[str], y: FloatArray, prediction: Prediction, folds: int = 0) -> Validation:
    """The errors of predictions (n, m) of outcomes y (n, m); folds 0 says that the rows were fresh."""
    residuals = y - prediction.mean
    return Validation(
        outputs=tuple(outputs),
        q2=1.0 - (residuals**2).mean(axis=0) / y.var(axis=0),
        rmse=np.sqrt((residuals**2).mean(axis=0)),
        largest=np.abs(residuals).max(axis=0),
        coverage=(np.abs(residuals) <= _HALF_WIDTH * prediction.std).mean(axis=0),
        folds=folds,
        residuals=residuals,
    )


@dataclass(frozen=True)
class Composite(Surrogate):
    """One surrogate for each output (or group of outputs), side by side, as `choose` leaves them."""

    problem: Problem
    x: FloatArray
    parts: tuple[Surrogate, ...]

    def __post_init__(self) -> None:
        if sorted(self._predicted) != sorted(self.problem.output_names):
            raise ValueError(
                f"the parts predict {self._predicted}, the problem has {self.problem.output_names}"
            )

    @property
    def _predicted(self) -> list[str]:
        return [name for part in self.parts for name in part.problem.output_names]

    @property
    def _order(self) -> list[int]:
        predicted = self._predicted
        return [predicted.index(name) for name in self.problem.output_names]

    def predict(self, x: ArrayLike) -> Prediction:
        found = [part.predict(x) for part in self.parts]
        mean, std = np.hstack([p.mean for p in found]), np.hstack([p.std for p in found])
        return Prediction(mean[:, self._order], std[:, self._order])

    def mean(self, x: ArrayLike) -> FloatArray:
        return np.hstack([part.mean(x) for part in self.parts])[:, self._order]

    def gradient(self, x: ArrayLike) -> FloatArray:
        return np.concatenate([part.gradient(x) for part in self.parts], axis=1)[:, self._order]

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        stored = [part.arrays() for part in self.parts]
        record = {
            "parts": [
                {
                    "surrogate": type(part).__name__,
                    "outputs": describe(part.problem)["outputs"],
                    "record": one,
                }
                for part, (one, _) in zip(self.parts, stored, strict=True)
            ]
        }
        return record, {
            f"{k}/{name}": a for k, (_, arrays) in enumerate(stored) for name, a in arrays.items()
        }

    @classmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        from uq.surrogates.archive import surrogate_class

        parts = []
        for k, one in enumerate(record["parts"]):
            kind = surrogate_class(one["surrogate"])
            own = undescribe({**describe(problem), "outputs": one["outputs"]})
            mine = {n.removeprefix(f"{k}/"): a for n, a in arrays.items() if n.startswith(f"{k}/")}
            parts.append(kind.from_arrays(own, one["record"], mine))
        return cls(problem, arrays["x"], tuple(parts))


@dataclass(frozen=True)
class Choice:
    """The surrogate that `choose` recommends, and the cross-validation of every candidate, by its name."""

    surrogate: Surrogate
    chosen: tuple[str, ...]
    validations: Mapping[str, Validation]

    def __str__(self) -> str:
        outputs = self.surrogate.problem.output_names
        lines = [f"{'1 - Q2':30s} " + " ".join(f"{name[:16]:>16s}" for name in self.validations)]
        for k, output in enumerate(outputs):
            cells = " ".join(
                f"{1.0 - v.q2[k]:15.2e}{'*' if name == self.chosen[k] else ' '}"
                for name, v in self.validations.items()
            )
            lines.append(f"{output:30s} {cells}")
        return "\n".join(lines)


def candidates() -> dict[str, Fit]:
    """What `choose` tries unless told otherwise: polynomial chaos and Gaussian processes."""
    from uq.surrogates.gaussian_process import GaussianProcess

    found: dict[str, Fit] = {"gaussian process": GaussianProcess.fit}
    try:
        from uq.surrogates.polynomial_chaos import PolynomialChaos
    except ImportError:
        return found
    return {"polynomial chaos": PolynomialChaos.fit, **found}


def choose(
    data: Dataset,
    problem: Problem,
    *,
    fits: Mapping[str, Fit] | None = None,
    folds: int = 5,
    seed: int = 0,
) -> Choice:
    """For each output the candidate with the smallest cross-validated error, fitted on all rows.

    Raises ValueError like the candidates do, if none of them can be fitted.
    """
    offered = dict(candidates() if fits is None else fits)
    if not offered:
        raise ValueError("give at least one candidate")
    validations = {
        name: validate(fit, data, problem, folds=folds, seed=seed) for name, fit in offered.items()
    }
    names = tuple(validations)
    errors = np.array([validations[name].rmse for name in names])
    best = [names[int(i)] for i in errors.argmin(axis=0)]
    reduced, x, _ = training_rows(data, problem)
    fitted: dict[str, Surrogate] = {}
    for name in dict.fromkeys(best):
        mine = tuple(o for o, b in zip(reduced.outputs, best, strict=True) if b == name)
        fitted[name] = offered[name](data, dataclasses.replace(reduced, outputs=mine))
    surrogate = fitted[best[0]] if len(fitted) == 1 else Composite(reduced, x, tuple(fitted.values()))
    return Choice(surrogate, tuple(best), validations)
