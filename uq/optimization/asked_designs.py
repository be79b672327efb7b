"""All designs that a search for a front has asked the model for, with their goals and how far each misses the limits.

A design is a row of shares: of its range where an input is continuous, the value itself where it is discrete.  Goals
are all to be small.  What a row misses is the sum over the limits of how far it lies outside, each in the spread of
that output in the first look; rows that fail miss infinitely much.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.bounds import Box
from uq.core.distributions.composite import Discrete
from uq.core.problem import Problem
from uq.optimization.confirmation import Run
from uq.requirements.types import Limit

KEPT = 1e-6
"""Share of an output's spread by which a limit may be missed."""


class OutOfRuns(Exception):
    """The budget is spent."""


@dataclass
class AskedDesigns:
    """Grows with every row that the model is asked for."""

    problem: Problem
    """Whose model is asked."""
    maximize: tuple[str, ...]
    """Outputs that shall be large."""
    minimize: tuple[str, ...]
    """Outputs that shall be small."""
    limits: tuple[Limit, ...]
    """What outputs must keep."""
    max_runs: int
    """Rows that may be asked."""
    run: Run
    """Takes inputs (r, d) and gives their dataset."""
    count: int = 0
    """Rows so far."""
    room: tuple[FloatArray, ...] = field(init=False)
    """Shares, outputs, goals and misses of the rows so far, and space for more."""
    scale: FloatArray = field(init=False)
    """(l,), spreads of the limits' margins in the first look."""

    def __post_init__(self) -> None:
        names, goals = self.problem.output_names, (*self.maximize, *self.minimize)
        unknown = [n for n in (*goals, *(limit.output for limit in self.limits)) if n not in names]
        if unknown:
            raise ValueError(f"unknown output {unknown[0]!r}; the problem has {', '.join(names)}")
        if len(goals) not in (2, 3) or len(set(goals)) < len(goals):
            raise ValueError(f"a front takes two or three different goals, got {', '.join(goals) or 'none'}")
        self.goal_columns = [names.index(n) for n in goals]
        self.signs = signs(self.maximize, self.minimize)
        self.discrete = np.array([isinstance(i.distribution, Discrete) for i in self.problem.inputs])
        box = Box.of(self.problem)
        self.low = np.where(self.discrete, 0.0, box.low)
        self.width = np.where(self.discrete, 1.0, box.width)
        widths = (len(self.discrete),), (len(names),), (len(goals),), ()
        self.room = tuple(np.empty((1024, *width)) for width in widths)

    def __len__(self) -> int:
        return self.count

    @property
    def shares(self) -> FloatArray:
        """(n, d)"""
        return self.room[0][: self.count]

    @property
    def y(self) -> FloatArray:
        """(n, m), outputs; NaN where the row failed."""
        return self.room[1][: self.count]

    @property
    def goals(self) -> FloatArray:
        """(n, g), all to be small."""
        return self.room[2][: self.count]

    @property
    def missed(self) -> FloatArray:
        """(n,), 0 where every limit is met."""
        return self.room[3][: self.count]

    @property
    def feasible(self) -> BoolArray:
        """(n,), rows that met every limit."""
        return np.asarray(self.missed == 0.0)

    @property
    def continuous(self) -> BoolArray:
        """(d,)"""
        return np.asarray(~self.discrete)

    def options(self) -> FloatArray:
        """Every combination of the discrete inputs' values (o, d); 0 stands where an input is continuous."""
        laws = [i.distribution for i in self.problem.inputs]
        values = [law.values if isinstance(law, Discrete) else (0.0,) for law in laws]
        return np.array(list(itertools.product(*values)), dtype=np.float64)

    def ask(self, shares: FloatArray) -> slice:
        """Run the model at shares (r, d); the rows that they have here.  Raises OutOfRuns before it asks too much."""
        if len(self) + len(shares) > self.max_runs:
            raise OutOfRuns
        data = self.run(self.low + self.width * shares)
        y = np.where(data.feasible[:, None], data.y, np.nan)
        goals, margins = y[:, self.goal_columns] * self.signs, self.margins(y)
        if not self.count:
            finite = np.isfinite(margins).all(axis=1)
            spread = np.ptp(margins[finite], axis=0) if finite.any() else np.ones(margins.shape[1])
            self.scale = np.where(spread > 0.0, spread, 1.0)
        short = np.maximum(-margins / self.scale - KEPT, 0.0).sum(axis=1)
        failed = ~np.isfinite(goals).all(axis=1) | ~np.isfinite(short)
        first, last = self.count, self.count + len(shares)
        while last > len(self.room[0]):  # twice as much each time, so that many small steps copy little
            self.room = tuple(np.concatenate([a, np.empty_like(a)]) for a in self.room)
        for kept, new in zip(self.room, (shares, y, goals, np.where(failed, np.inf, short)), strict=True):
            kept[first:last] = new
        self.count = last
        return slice(first, last)

    def margins(self, y: FloatArray) -> FloatArray:
        """(r, l), how far each end of each limit is kept, not below 0 where met."""
        ends = [
            sign * (y[:, self.problem.output_names.index(limit.output)] - end)
            for limit in self.limits
            for sign, end in ((1.0, limit.low), (-1.0, limit.high))
            if np.isfinite(end)
        ]
        return np.column_stack(ends) if ends else np.empty((len(y), 0))

    def require_feasible(self) -> None:
        """Raise ValueError where no row meets all limits: which one the closest row misses, and by how much."""
        if self.feasible.any():
            return
        row = int(np.argmin(self.missed))
        if not np.isfinite(self.missed[row]):
            raise ValueError(f"no design has finite goals: all {len(self)} rows failed")
        margins = self.margins(self.y[row : row + 1])[0]
        ends = [
            f"{limit.output} {word} {end:g}"
            for limit in self.limits
            for word, end in ((">=", limit.low), ("<=", limit.high))
            if np.isfinite(end)
        ]
        worst = int(np.argmin(margins / self.scale))
        raise ValueError(
            f"no feasible design: the closest of {len(self)} misses {ends[worst]} by {-margins[worst]:.4g}"
        )


def signs(maximize: Sequence[str], minimize: Sequence[str]) -> FloatArray:
    """(g,), -1 for each goal that is to be large and 1 for each that is to be small.

    Parameters
    ----------
    maximize, minimize : sequence of str
        Names of the goals.

    Returns
    -------
    ndarray (g,)
    """
    return np.array([-1.0] * len(maximize) + [1.0] * len(minimize))
