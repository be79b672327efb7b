"""A limit state in the space of independent standard normal germs, with every model run counted and remembered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Literal, Protocol

import numpy as np
from scipy import special

from uq.campaign.evaluation import evaluate
from uq.core.array_types import BoolArray, FloatArray
from uq.core.model import INVALID, LARGEST, NamedModel, real_numbers
from uq.core.problem import Problem
from uq.core.repeatable import Answer, Watch, require_repeatable
from uq.surrogates.base import Surrogate

REMEMBERED = 4096
"""Runs kept for later methods: more than any surrogate is learned from."""


class OutOfRuns(Exception):
    """A method asked for more model runs than are left."""


class HasBounds(Protocol):
    """A limit ``low <= output <= high``, such as `uq.Limit`; one side may be infinite."""

    @property
    def output(self) -> str: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass
class LimitState:
    """g(u) <= 0 fails, u (n, d) independent standard normal germs.

    Parameters
    ----------
    function : germs (n, d) to margins (n,), or (n, k) of the k parts of a system; NaN where the model failed
    dimension : number of germs d
    count : parts k of a system
    every : a system fails if every part does (parallel), not if one does (series)

    `runs` counts the rows evaluated, which `within` holds to a budget; `failed` those of them where the model failed:
    their margin is NaN, on neither side of the limit.  `points` and `values` keep the first `REMEMBERED` rows.
    """

    function: Callable[[FloatArray], FloatArray]
    dimension: int
    every: bool = False
    count: int = 1
    runs: int = field(default=0)
    failed: int = 0
    last: float = np.inf
    """Runs at which the present search ends."""
    tried_twice: bool = False
    """Whether its first run is repeated, if that is quick, to see that it says the same; it counts as a run."""
    _memory: list[tuple[FloatArray, FloatArray]] = field(default_factory=list)

    def __call__(self, u: FloatArray) -> FloatArray:
        return self._whole(self.parts(u))

    def _whole(self, parts: FloatArray) -> FloatArray:
        """Margins (n,) of the system: NaN unless the parts that ran decide it alone."""
        if self.every:
            whole = np.fmax.reduce(parts, axis=1)
            decided = whole > 0.0
        else:
            whole = np.fmin.reduce(parts, axis=1)
            decided = whole <= 0.0
        return np.where(decided | np.isfinite(parts).all(axis=1), whole, np.nan)

    def parts(self, u: FloatArray) -> FloatArray:
        """Margins (n, k) of the parts at germs (n, d).  Raises `OutOfRuns`, and runs nothing, past the budget."""
        watch = Watch() if self.tried_twice and not self.runs else None
        values, good = self._run(u)
        if watch is not None:
            require_repeatable(watch, self._run, u, (values, good))
        self.failed += int(np.isnan(values).any(axis=1).sum())
        if sum(len(v) for _, v in self._memory) < REMEMBERED:
            self._memory.append((u.copy(), values))
        return values

    def _run(self, u: FloatArray) -> Answer:
        if self.runs + len(u) > self.last:
            raise OutOfRuns
        self.runs += len(u)
        values = real_numbers(self.function(u), "the limit state").reshape(len(u), -1)
        return np.where(np.abs(values) <= LARGEST, values, np.nan), np.zeros(len(u), dtype=np.int64)

    @property
    def remembered(self) -> tuple[FloatArray, FloatArray]:
        """The first runs: germs (n, d) and margins (n,), those where the model failed left out."""
        if not self._memory:
            return np.empty((0, self.dimension)), np.empty(0)
        u = np.concatenate([points for points, _ in self._memory])
        parts = np.concatenate([values for _, values in self._memory])
        value = self._whole(parts)
        return u[np.isfinite(value)], value[np.isfinite(value)]

    @contextlib.contextmanager
    def within(self, runs: float) -> Iterator[None]:
        """At most so many further runs: a call that would pass them raises `OutOfRuns`, and runs nothing."""
        before, self.last = self.last, min(self.last, self.runs + runs)
        try:
            yield
        finally:
            self.last = before

    def centre(self) -> float:
        """The margin where all inputs have their medians, run once."""
        for u, values in self._memory:
            if not u[0].any():
                return float(self._whole(values[:1])[0])
        return float(self(np.zeros((1, self.dimension)))[0])

    @property
    def left(self) -> float:
        """Runs that may still be asked for."""
        return self.last - self.runs

    def part(self, index: int) -> LimitState:
        """One part of a system as a limit state whose runs are counted and remembered here."""
        one = LimitState(lambda u: self.parts(u)[:, index], self.dimension)
        one._memory = [(u, values[:, [index]]) for u, values in self._memory]
        return one

    @staticmethod
    def of(
        source: Problem | Surrogate, output: str, *, below: float | None = None, above: float | None = None
    ) -> LimitState:
        """The event that `output` is at most `below`, or at least `above`.

        Raises
        ------
        ValueError
            Unless exactly one of the limits is given, and finite; KeyError for an unknown output.
        """
        if (below is None) == (above is None):
            raise ValueError("say on which side the output fails: either below=... or above=...")
        limit, sign = (below, 1.0) if below is not None else (above, -1.0)
        if not isinstance(limit, Real) or not np.isfinite(limit):
            raise ValueError(f"the limit must be a finite number, got {limit!r}")
        return _state(source, ((output, limit, sign),), every=False)

    @staticmethod
    def system(
        source: Problem | Surrogate, limits: Sequence[HasBounds], fails: Literal["any", "all"] = "any"
    ) -> LimitState:
        """The event that one of the limits is broken (a series system), or that all are (parallel).

        A limit with two finite sides is broken on either side: two parts of a series system.

        Raises
        ------
        ValueError
            Without limits, for a limit without a finite side, for a two-sided limit of a parallel system, or another
            word for `fails`; KeyError for an unknown output.
        """
        if fails not in ("any", "all"):
            raise ValueError(f"fails is 'any' (series system) or 'all' (parallel system), got {fails!r}")
        sides = []
        for limit in limits:
            both = [(limit.low, 1.0), (limit.high, -1.0)]
            finite = [(limit.output, value, sign) for value, sign in both if np.isfinite(value)]
            if not finite:
                raise ValueError(f"the limit on {limit.output!r} has no finite side: nothing can break it")
            if len(finite) == 2 and fails == "all":
                raise ValueError(
                    f"the limit on {limit.output!r} has two sides, which cannot both be broken: name one in a "
                    "parallel system"
                )
            sides += finite
        if not sides:
            raise ValueError("a system event needs at least one limit, such as uq.Limit('margin', low=0.0)")
        return _state(source, tuple(sides), every=fails == "all")


def _state(
    source: Problem | Surrogate, sides: tuple[tuple[str, float, float], ...], every: bool
) -> LimitState:
    """Margins sign (y - limit) of (output, limit, sign), by their size at the first point that runs."""
    problem = source if isinstance(source, Problem) else source.problem
    columns = [problem.output_index(output) for output, _, _ in sides]
    limits = np.array([limit for _, limit, _ in sides])
    signs = np.array([sign for _, _, sign in sides])
    scales: list[FloatArray] = []
    answered = False

    def values(u: FloatArray) -> FloatArray:
        nonlocal answered
        x = problem.physical(special.ndtr(u))
        y = _outputs(source, x, answered) if isinstance(source, Problem) else source.mean(x)
        answered = True
        margins = signs * (y[:, columns] - limits)
        if len(sides) > 1:
            runs = margins[np.isfinite(margins).all(axis=1)]
            if not scales and len(runs):
                scales.append(np.where(runs[0] != 0.0, np.abs(runs[0]), 1.0))
            margins = margins / (scales[0] if scales else 1.0)
        return np.asarray(margins)

    return LimitState(values, problem.dimension, every, len(sides), tried_twice=isinstance(source, Problem))


def _outputs(problem: Problem, x: FloatArray, answered: bool) -> FloatArray:
    """Outputs (n, m) at x (n, d), NaN in rows where the model raised, said so or was not finite.

    Raises ValueError for columns of a wrong shape or name, and if the model has never `answered` so far.
    """
    if problem.model is None:
        raise ValueError("this problem has no model; use with_model")
    named = NamedModel(problem.model, problem.input_names, problem.output_names)
    result = evaluate(named, x[None], np.ones((1, len(x)), dtype=bool))
    good: BoolArray = result.status[0] == 0
    if (result.status == INVALID).any() or not (answered or good.any()):
        why = next(iter(result.messages.values()), "its status or its outputs say that the row failed")
        raise ValueError(f"the model gave no answer where all inputs have their medians: {why}")
    return np.where(good[:, None], result.y[0], np.nan)
