"""A limit state in the space of independent standard normal germs, with every model run counted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.dataset import evaluate
from uq.core.model import LARGEST
from uq.core.problem import Problem
from uq.surrogates.base import Surrogate


class OutOfRuns(Exception):
    """A method asked for more model runs than are left."""


@dataclass
class LimitState:
    """g(u) <= 0 fails, u (n, d) independent standard normal germs; `runs` counts the rows evaluated, which `within`
    holds to a budget."""

    function: Callable[[FloatArray], FloatArray]
    dimension: int
    runs: int = field(default=0)
    last: float = np.inf

    def __call__(self, u: FloatArray) -> FloatArray:
        if self.runs + len(u) > self.last:
            raise OutOfRuns
        self.runs += len(u)
        return self.function(u)

    @contextlib.contextmanager
    def within(self, runs: int) -> Iterator[None]:
        """At most so many further runs: a call that would pass them raises `OutOfRuns`, and runs nothing."""
        before, self.last = self.last, min(self.last, self.runs + runs)
        try:
            yield
        finally:
            self.last = before

    @property
    def left(self) -> float:
        """Runs that may still be asked for."""
        return self.last - self.runs

    @staticmethod
    def of(
        source: Problem | Surrogate, output: str, *, below: float | None = None, above: float | None = None
    ) -> LimitState:
        """The event that `output` is at most `below`, or at least `above`.

        Raises ValueError unless exactly one of them is given; when called, for failed rows, which lie on neither
        side of a limit, and for values beyond 1e150.
        """
        problem = source if isinstance(source, Problem) else source.problem
        if (below is None) == (above is None):
            raise ValueError("say on which side the output fails: either below=... or above=...")
        limit, sign = (below, 1.0) if below is not None else (above, -1.0)
        if limit is None or not np.isfinite(limit):
            raise ValueError(f"the limit must be finite, got {limit}")
        k = problem.output_index(output)

        def values(u: FloatArray) -> FloatArray:
            x = problem.physical(special.ndtr(u))
            if isinstance(source, Problem):
                data = evaluate(source, x)
                if not data.feasible.all():
                    counts = ", ".join(f"{name}: {n}" for name, n in data.counts().items())
                    raise ValueError(
                        f"the model failed in some of {len(data)} rows ({counts}), which lie on neither side of the "
                        "limit: return a margin below zero there, or ask for the probability of failing rows first"
                    )
                y = data.y[:, k]
            else:
                y = source.mean(x)[:, k]
            if not np.isfinite(y).all() or np.abs(y).max() > LARGEST:
                raise ValueError(f"output {output!r} holds values that are not finite or beyond {LARGEST:g}")
            return sign * (y - limit)

        return LimitState(values, problem.dimension)


def gradient(g: LimitState, u: FloatArray, value: float, step: float = 0.05) -> FloatArray:
    """Forward differences (d,) at germ u (d,) of known value, by d runs."""
    return (g(u + step * np.eye(len(u))) - value) / step
