"""Surrogates made of surrogates: one for each output side by side, and one for each regime of outputs that jump."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset, describe, good_rows, undescribe
from uq.core.problem import Problem
from uq.surrogates.base import FitOutputs, Prediction, Surrogate, training_rows
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos


@dataclass(frozen=True)
class Composite(Surrogate):
    """One surrogate for each output (or group of outputs), side by side, as `choose` leaves them."""

    problem: Problem
    """Inputs with their laws, and outputs."""
    parts: tuple[Surrogate, ...]
    """Their outputs, one after the other, are those of `problem`."""

    def __post_init__(self) -> None:
        predicted = tuple(name for part in self.parts for name in part.problem.output_names)
        if predicted != self.problem.output_names:
            raise ValueError(f"the parts predict {predicted}, the problem has {self.problem.output_names}")

    @classmethod
    def of(cls, parts: Sequence[Surrogate]) -> Self:
        """The outputs of all `parts`, surrogates of the same inputs, in their order."""
        own = [inner for part in parts for inner in (part.parts if isinstance(part, Composite) else (part,))]
        outputs = tuple(output for part in own for output in part.problem.outputs)
        return cls(dataclasses.replace(own[0].problem, outputs=outputs), tuple(own))

    @property
    def x(self) -> FloatArray:  # type: ignore[override]
        """(n, d) the training rows that the parts share."""
        return self.parts[0].x

    @property
    def residuals(self) -> FloatArray:  # type: ignore[override]
        """(n, m) left-out residuals of the parts."""
        return np.hstack([part.residuals for part in self.parts])

    @cached_property
    def error(self) -> FloatArray:
        """(m,) the errors that the parts claim."""
        return np.concatenate([part.error for part in self.parts])

    def predict(self, x: ArrayLike) -> Prediction:
        found = [part.predict(x) for part in self.parts]
        return Prediction(np.hstack([p.mean for p in found]), np.hstack([p.std for p in found]))

    def mean(self, x: ArrayLike) -> FloatArray:
        return np.hstack([part.mean(x) for part in self.parts])

    def gradient(self, x: ArrayLike) -> FloatArray:
        return np.concatenate([part.gradient(x) for part in self.parts], axis=1)

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return _stored(self.parts)

    @classmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        return cls(problem, _restored(problem, record, arrays))


@dataclass(frozen=True)
class Switched(Surrogate):
    """Outputs that jump where one regime gives way to another: a surrogate for each, and one of what decides.

        y = above(x)  where the switch s(x) > 0,  else  below(x)
        mean = p above + (1 - p) below,   p = Phi(s / e)
        var = p (var above + (above - mean)^2) + (1 - p) (var below + (below - mean)^2)

    `switch` predicts one smooth output s of the model, e is the root mean square of its left-out residuals:
    near the jump the mean is the best guess between the two, and the spread says that it is one.  The regimes learn
    from their own rows alone.  Source: a mixture of two experts whose gate is known up to a normal error (Jacobs et
    al. 1991, doi:10.1162/neco.1991.3.1.79).
    """

    problem: Problem
    """Inputs with their laws, and outputs."""
    switch: Surrogate
    below: Surrogate
    """Where the switch is not positive."""
    above: Surrogate
    """Where the switch is positive."""
    x: FloatArray
    """(n, d) training rows in physical units."""
    residuals: FloatArray
    """(n, m) left out, in the outputs' units."""

    @classmethod
    def fit(
        cls, data: Dataset, *, switch: str, fit: FitOutputs, outputs: Sequence[str] | None = None
    ) -> Self:
        """Learn `outputs` (all but `switch` by default) on either side of zero of the column `switch`, and that column.

        A row's left-out residual is that of the mixture of what the others say of its switch and its own regime.
        Raises ValueError if a regime has too few rows, or like `fit`.
        """
        data.problem.output_index(switch)
        names = [name for name in outputs or data.problem.output_names if name != switch]
        reduced, x, y = training_rows(data, (*names, switch))
        rows = good_rows(reduced, x, y)
        asked = dataclasses.replace(reduced, outputs=reduced.outputs[:-1])
        y, switched = y[:, :-1], y[:, -1:]
        decides = fit(rows, outputs=[switch])
        above, below = (
            fit(rows.where(side), outputs=names) for side in (switched[:, 0] > 0.0, switched[:, 0] <= 0.0)
        )
        chance = special.ndtr((switched - decides.residuals) / switch_error(decides))
        said = [part.mean(x) for part in (above, below)]
        for guess, part, side in zip(
            said, (above, below), (switched[:, 0] > 0.0, switched[:, 0] <= 0.0), strict=True
        ):
            guess[side] = y[side] - part.residuals
        mixed = chance * said[0] + (1.0 - chance) * said[1]
        return cls(asked, decides, below, above, x, y - mixed)

    def predict(self, x: ArrayLike) -> Prediction:
        p = self._chance(x)
        above, below = self.above.predict(x), self.below.predict(x)
        mean = p * above.mean + (1.0 - p) * below.mean
        variance = p * (above.std**2 + (above.mean - mean) ** 2) + (1.0 - p) * (
            below.std**2 + (below.mean - mean) ** 2
        )
        return Prediction(mean, np.sqrt(variance))

    def mean(self, x: ArrayLike) -> FloatArray:
        p = self._chance(x)
        return p * self.above.mean(x) + (1.0 - p) * self.below.mean(x)

    def gradient(self, x: ArrayLike) -> FloatArray:
        error = switch_error(self.switch)
        s, slope = self.switch.mean_and_gradient(x)
        (above, above_slope), (below, below_slope) = (
            part.mean_and_gradient(x) for part in (self.above, self.below)
        )
        p = special.ndtr(s / error)[:, :, None]
        density = np.exp(-0.5 * (s / error) ** 2) / (np.sqrt(2.0 * np.pi) * error)
        turning = (density * (above - below))[:, :, None] * slope
        return p * above_slope + (1.0 - p) * below_slope + turning

    def _chance(self, x: ArrayLike) -> FloatArray:
        """(n, 1), of the regime above."""
        return np.asarray(special.ndtr(self.switch.mean(x) / switch_error(self.switch)))

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        record, arrays = _stored((self.switch, self.below, self.above))
        return record, arrays | {"x": self.x, "residuals": self.residuals}

    @classmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        switch, below, above = _restored(problem, record, arrays)
        shape = len(arrays["x"]), len(problem.outputs)
        if arrays["x"].shape[1:] != (problem.dimension,) or arrays["residuals"].shape != shape:
            raise ValueError("rows and residuals do not belong together")
        if not below.problem.output_names == above.problem.output_names == problem.output_names:
            raise ValueError("the regimes predict other outputs than the problem has")
        if switch.problem.output_names[1:]:
            raise ValueError("the switch has more than one output")
        return cls(problem, switch, below, above, arrays["x"], arrays["residuals"])


def switch_error(switch: Surrogate) -> float:
    """Root mean square of the switch's left-out residuals, in its unit; above zero even where it is exact.

    Parameters
    ----------
    switch : Surrogate
        Surrogate of the value that tells the branches apart.

    Returns
    -------
    float
        In the switch's unit.
    """
    return max(float(np.sqrt((switch.residuals**2).mean())), float(np.finfo(float).tiny))


def _stored(parts: Sequence[Surrogate]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What `Surrogate.arrays` returns, of several surrogates of the same inputs."""
    stored = [part.arrays() for part in parts]
    record = {
        "parts": [
            {"surrogate": type(part).__name__, "outputs": describe(part.problem)["outputs"], "record": one}
            for part, (one, _) in zip(parts, stored, strict=True)
        ]
    }
    return record, {f"{k}/{name}": a for k, (_, arrays) in enumerate(stored) for name, a in arrays.items()}


def _restored(
    problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> tuple[Surrogate, ...]:
    """The surrogates that `_stored` described."""
    parts = []
    for k, one in enumerate(record["parts"]):
        kind = surrogate_class(one["surrogate"])
        own = undescribe({**describe(problem), "outputs": one["outputs"]})
        mine = {n.removeprefix(f"{k}/"): a for n, a in arrays.items() if n.startswith(f"{k}/")}
        parts.append(kind.from_arrays(own, one["record"], mine))
    return tuple(parts)


def surrogate_class(name: str) -> type[Surrogate]:
    """The surrogate of this name, of those that a file may hold.

    Parameters
    ----------
    name : str
        Of the class.

    Returns
    -------
    type of Surrogate
        The class itself.

    Raises
    ------
    ValueError
        For any other name.
    """
    classes = {kind.__name__: kind for kind in (PolynomialChaos, GaussianProcess, Composite, Switched)}
    if name not in classes:
        raise ValueError(f"unknown surrogate {name!r}; known: {', '.join(sorted(classes))}")
    return classes[name]
