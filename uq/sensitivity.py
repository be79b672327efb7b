"""Which inputs drive an output: Sobol' indices from pick-freeze plans or through a surrogate, with honest intervals.

For independent inputs and u a set of inputs (one input, or a group)::

    first_u = Var(E[Y | X_u]) / Var(Y)             what knowing X_u would remove
    total_u = E[Var(Y | X_~u)] / Var(Y)            what not knowing X_u alone would leave

Source: Sobol' (1993); Homma & Saltelli (1996), doi:10.1016/0951-8320(96)00002-6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Indices:
    """First-order and total indices of one output, all dimensionless.

    `first`, `total` (d,) estimates, as they came (an estimate below zero is shown, with its interval);
    `first_interval`, `total_interval` (d, 2) bounds at `confidence`; `inputs` names of the d inputs or groups;
    `runs` the model (or surrogate) runs behind them; `notes` what changes their meaning or trust.
    """

    output: str
    inputs: tuple[str, ...]
    first: FloatArray
    total: FloatArray
    first_interval: FloatArray
    total_interval: FloatArray
    confidence: float = 0.9
    runs: int = 0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        d = len(self.inputs)
        for name, array, shape in (
            ("first", self.first, (d,)),
            ("total", self.total, (d,)),
            ("first_interval", self.first_interval, (d, 2)),
            ("total_interval", self.total_interval, (d, 2)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, expected {shape}")

    def verdicts(self) -> tuple[str, ...]:
        """One plain sentence for each input, judged by its total index."""
        return tuple(
            f"{name}: {verdict(self.total[j], self.total_interval[j], self.runs)}"
            for j, name in enumerate(self.inputs)
        )

    def __str__(self) -> str:
        width = max(len(name) for name in self.inputs)
        head = f"{self.output} ({self.confidence:.0%} intervals, {self.runs} runs)"
        rows = [
            f"{name:{width}s}  first {s:7.4f} [{a:7.4f}, {b:7.4f}]  total {t:7.4f} [{p:7.4f}, {q:7.4f}]"
            for name, s, (a, b), t, (p, q) in zip(
                self.inputs, self.first, self.first_interval, self.total, self.total_interval, strict=True
            )
        ]
        return "\n".join([head, *rows, *self.notes])


def verdict(estimate: float, interval: FloatArray, runs: int) -> str:
    """An index in words: how much it matters, or what would tell it from zero.

    An interval that holds zero shrinks below the estimate after about runs * (half-width / estimate)^2 runs: the
    Monte Carlo rate, on which quasi-random plans improve.
    """
    low, high = float(interval[0]), float(interval[1])
    half = 0.5 * (high - low)
    if low > 0.0:
        return f"matters: {100 * estimate:.2g} +- {100 * half:.2g} %"
    words = f"cannot be told from zero ({estimate:.2g}, at most {max(high, 0.0):.2g})"
    more = runs * ((half / estimate) ** 2 - 1.0) if estimate > 0.0 else 0.0
    return f"{words}; about {more:.1g} more runs would" if 0.0 < more < 1e12 else words
