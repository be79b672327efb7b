"""The front between two or three rival goals of any model, over discrete options and continuous variables.

Each option (a combination of values of the discrete design inputs) has a front of its own.  With goals g_1 .. g_G, all
to be small, its points are the optima of the first goal under caps on the others (the epsilon constraint)::

    min_v g_1(v) + w sum_k g_k(v) / spread_k   subject to   g_k(v) <= c_k (k = 2 .. G),   limits,   v in its ranges

(the small weight w chooses among designs of the same first goal: Mavrotas 2009, doi:10.1016/j.amc.2009.03.037).  They
reach parts of a front that bends inwards, too; weights alone do not.  Caps run over an even grid between the least of
each goal and what the best of the first goal uses.  Every problem is solved by SLSQP from the best known point below
its caps; all derivatives of a step come from one call of the model (central differences), so that a vectorised model is
asked few times.  The front is what no point that was ever evaluated beats of these optima.

Source: Haimes, Lasdon & Wismer (1971), doi:10.1109/TSMC.1971.4308298; Kraft (1988), DFVLR-FB 88-28 (SLSQP, in scipy).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from uq.core.array_types import BoolArray, FloatArray
from uq.core.bounds import Box
from uq.core.dataset import evaluate
from uq.core.distributions.composite import Discrete
from uq.core.estimate import SEED
from uq.core.linear_algebra import one_thread
from uq.core.problem import Problem
from uq.core.table import Column, Table, as_html, as_pretty, as_text
from uq.optimization.dominance import hypervolume, knee, nondominated, prices
from uq.requirements.types import Limit
from uq.sampling.plans import sobol_sequence

STEP = 1e-4
"""Of the central differences, as a share of a variable's range."""
KEPT = 1e-6
"""Share of a goal's spread by which a cap or limit may be missed."""
WEIGHT = 1e-3
"""Of the capped goals but the first, each in its spread."""
BEATEN = 1e-3
"""Share of a goal's spread by which another evaluated point must be better to throw an optimum out: the probes of the
differences lie around every optimum."""


@dataclass(frozen=True)
class ParetoFront:
    """Designs of which none is better in all goals, ordered by the first goal."""

    problem: Problem
    maximize: tuple[str, ...]
    minimize: tuple[str, ...]
    x: FloatArray
    """(p, d), in the order of the problem's inputs."""
    y: FloatArray
    """(p, m), all outputs."""
    runs: int
    """Of the model, altogether."""

    def __len__(self) -> int:
        return len(self.x)

    @property
    def goals(self) -> tuple[str, ...]:
        """Names of the goals: first those to be large, then those to be small."""
        return (*self.maximize, *self.minimize)

    @property
    def values(self) -> FloatArray:
        """(p, g), the goals as the model gives them."""
        return self.y[:, [self.problem.output_names.index(name) for name in self.goals]]

    @property
    def signed(self) -> FloatArray:
        """(p, g), the goals with those to be large turned in sign: all to be small."""
        return self.values * _signs(self.maximize, self.minimize)

    def hypervolume(self, reference: Mapping[str, float]) -> float:
        """What the front dominates up to a reference value of every goal (`uq.optimization.dominance.hypervolume`)."""
        missing = [name for name in self.goals if name not in reference]
        if missing:
            raise ValueError(f"the reference has no value of {', '.join(missing)}")
        corner = np.array([reference[name] for name in self.goals]) * _signs(self.maximize, self.minimize)
        return hypervolume(self.signed, corner)

    def knee(self) -> int:
        """Row of the point after which the second goal buys least of the first (two goals)."""
        return knee(self.signed)

    def prices(self) -> FloatArray:
        """(p,), what a unit of the second goal buys of the first at each point (two goals)."""
        return prices(self.signed)

    def design(self, row: int) -> dict[str, float]:
        """The inputs of one point by name."""
        return dict(zip(self.problem.input_names, self.x[row].tolist(), strict=True))

    def table(self) -> Table:
        """Goals and design of every point."""
        units = {o.name: o.unit for o in self.problem.outputs}
        columns = [Column(name, units[name]) for name in self.goals]
        columns += [Column(i.name, i.unit) for i in self.problem.inputs]
        rows = tuple((*map(float, v), *map(float, x)) for v, x in zip(self.values, self.x, strict=True))
        return Table("front", f"Front of {' and '.join(self.goals)}, {self.runs} runs", tuple(columns), rows)

    __str__, _repr_pretty_, _repr_html_ = as_text, as_pretty, as_html


@one_thread()
def pareto_front(
    problem: Problem,
    *,
    maximize: Sequence[str] = (),
    minimize: Sequence[str] = (),
    limits: Sequence[Limit] = (),
    points: int = 12,
    samples: int = 256,
    max_runs: int = 100_000,
    seed: int = SEED,
) -> ParetoFront:
    """The designs of which none is better in all goals.

    Parameters
    ----------
    problem : Problem
        Whose inputs are all to be chosen: continuous laws give ranges (`uq.core.bounds.trained_range`),
        `Discrete` laws options that are tried in all combinations.  The rows of a step go to its model in one call.
    maximize, minimize : sequence of str
        Two or three outputs altogether.  The first of `maximize` (else of `minimize`) is optimised, the others capped.
    limits : sequence of Limit
        What every point must meet.
    points : int
        Caps on each further goal and option.
    samples : int
        Sobol' points an option in the first look.
    max_runs : int
        Upper bound on rows of the model; when it is reached, what is known then is the front.
    seed : int
        Of the first look.

    Returns
    -------
    ParetoFront
        Of at least one point.

    Raises
    ------
    ValueError
        For other than two or three goals, an unknown output, no model, a budget too small for the first look, or
        when no design is feasible; the message then names the limit that most designs miss and the least miss.

    Notes
    -----
    Rows that fail (status other than 0, or outputs that are not finite) are infeasible.  That no better design exists
    is not proven.

    Examples
    --------
    >>> from uq import Input, Output, Uniform
    >>> problem = Problem(
    ...     (
    ...         Input("a", "1", Uniform(0, 2), role="design"),
    ...         Input("n", "1", Discrete((1, 2), (0.5, 0.5)), role="design"),
    ...     ),
    ...     (Output("gain"), Output("cost")),
    ...     lambda c: {"gain": np.sqrt(c["a"]) * c["n"], "cost": c["a"] + c["n"]},
    ... )
    >>> front = pareto_front(problem, maximize=["gain"], minimize=["cost"], points=5, samples=32)
    >>> front.design(int(front.values[:, 0].argmax()))
    {'a': 2.0, 'n': 2.0}
    """
    search = _Search(problem, tuple(maximize), tuple(minimize), tuple(limits), max_runs)
    options = _options(problem)
    continuous = [j for j, i in enumerate(problem.inputs) if not isinstance(i.distribution, Discrete)]
    first = samples * len(options) if continuous else len(options)
    if first > max_runs:
        raise ValueError(
            f"{len(options)} options of {samples} samples take {first} runs; max_runs is {max_runs}"
        )
    if not continuous:
        search.ask(np.array(options, dtype=np.float64))
        search.optima.extend(range(len(options)))
    else:
        unit = sobol_sequence(samples, len(continuous), seed=seed).unit
        box = Box.of(problem, [problem.inputs[j].name for j in continuous])
        starts = [_placed(option, continuous, box.low + box.width * unit) for option in options]
        for start in starts:
            search.ask(start)
        search.require_feasible()
        for option in options:
            search.descend_option(np.array(option), continuous, box, points)
    search.require_feasible()
    return search.front()


def _options(problem: Problem) -> list[tuple[float, ...]]:
    """Every combination of the discrete inputs' values; NaN stands where an input is continuous."""
    values = [
        i.distribution.values if isinstance(i.distribution, Discrete) else (np.nan,) for i in problem.inputs
    ]
    return [tuple(map(float, option)) for option in itertools.product(*values)]


def _placed(option: ArrayLike, columns: Sequence[int], values: FloatArray) -> FloatArray:
    x = np.tile(np.asarray(option, dtype=np.float64), (len(values), 1))
    x[:, columns] = values
    return x


def _signs(maximize: Sequence[str], minimize: Sequence[str]) -> FloatArray:
    return np.array([-1.0] * len(maximize) + [1.0] * len(minimize))


class _OutOfRuns(Exception):
    """The budget is spent."""


@dataclass
class _Search:
    """All rows asked so far, with their goals and how far each misses the limits."""

    problem: Problem
    maximize: tuple[str, ...]
    minimize: tuple[str, ...]
    limits: tuple[Limit, ...]
    max_runs: int
    room: tuple[FloatArray, FloatArray] = field(init=False)
    """Inputs and outputs of the rows asked so far, and space for more: doubled when it is full."""
    optima: list[int] = field(default_factory=list)
    """Rows among all that were asked."""
    runs: int = 0

    def __post_init__(self) -> None:
        names = self.problem.output_names
        goals = (*self.maximize, *self.minimize)
        unknown = [n for n in (*goals, *(limit.output for limit in self.limits)) if n not in names]
        if unknown:
            raise ValueError(f"unknown output {unknown[0]!r}; the problem has {', '.join(names)}")
        if len(goals) not in (2, 3) or len(set(goals)) < len(goals):
            raise ValueError(f"a front takes two or three different goals, got {', '.join(goals) or 'none'}")
        if self.problem.model is None:
            raise ValueError("the problem has no model to ask")
        self.goal_columns = [names.index(n) for n in goals]
        self.limit_columns = [names.index(limit.output) for limit in self.limits]
        self.signs = _signs(self.maximize, self.minimize)
        self.room = np.empty((1024, self.problem.dimension)), np.empty((1024, len(names)))

    def ask(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Goals to be small (n, g) and margins of the limits (n, l), not below 0 where met; NaN for failed rows."""
        if self.runs + len(x) > self.max_runs:
            raise _OutOfRuns
        data = evaluate(self.problem, x)
        y = np.where(data.feasible[:, None], data.y, np.nan)
        first, last = self.runs, self.runs + len(x)
        while last > len(self.room[0]):
            self.room = tuple(np.concatenate([a, np.empty_like(a)]) for a in self.room)  # type: ignore[assignment]
        for kept, new in zip(self.room, (x, y), strict=True):
            kept[first:last] = new
        self.runs = last
        return self.goals(y), self.margins(y)

    def goals(self, y: FloatArray) -> FloatArray:
        return y[:, self.goal_columns] * self.signs

    def margins(self, y: FloatArray) -> FloatArray:
        ends = [
            (sign * (value - end))
            for limit, column in zip(self.limits, self.limit_columns, strict=True)
            for value in (y[:, column],)
            for sign, end in ((1.0, limit.low), (-1.0, limit.high))
            if np.isfinite(end)
        ]
        return np.column_stack(ends) if ends else np.empty((len(y), 0))

    def known(self) -> tuple[FloatArray, FloatArray]:
        x, y = self.room
        return x[: self.runs], y[: self.runs]

    def usable(self, y: FloatArray) -> BoolArray:
        """Rows that have goals and meet the limits."""
        spread = self.spread(self.margins(y))
        met = (self.margins(y) >= -KEPT * spread).all(axis=1) & np.isfinite(self.goals(y)).all(axis=1)
        return np.asarray(met)

    def rows_of(self, option: FloatArray) -> tuple[NDArray[np.intp], FloatArray, FloatArray]:
        """Usable rows of one option, and all inputs and outputs asked so far."""
        x, y = self.known()
        mine = ((x == option) | np.isnan(option)).all(axis=1)
        return np.flatnonzero(mine & self.usable(y)), x, y

    @staticmethod
    def spread(values: FloatArray) -> FloatArray:
        finite = np.isfinite(values).all(axis=1)
        if not finite.any():
            return np.ones(values.shape[1])
        return np.maximum(np.ptp(values[finite], axis=0), 1e-300)

    def require_feasible(self) -> None:
        _, y = self.known()
        if self.usable(y).any():
            return
        finite = np.isfinite(self.goals(y)).all(axis=1)
        if not finite.any():
            raise ValueError(f"no design has finite goals: all {len(y)} rows failed")
        margins = self.margins(y)[finite]
        ends = [
            f"{limit.output} {word} {end:g}"
            for limit in self.limits
            for word, end in ((">=", limit.low), ("<=", limit.high))
            if np.isfinite(end)
        ]
        closest = margins[np.argmin((np.minimum(margins, 0.0) ** 2 / self.spread(margins) ** 2).sum(axis=1))]
        worst = int(np.argmin(closest / self.spread(margins)))
        raise ValueError(
            f"no feasible design: the closest of {len(y)} misses {ends[worst]} by {-closest[worst]:.4g}"
        )

    def descend_option(self, option: FloatArray, columns: list[int], box: Box, points: int) -> None:
        """Add the optima of one option under a grid of caps."""
        try:
            best = [self.minimum(option, columns, box, goal, None) for goal in range(len(self.goal_columns))]
            if any(b is None for b in best):
                return
            ends = np.array([self.goals(b[None])[0] for b in best if b is not None])
            low, high = ends.min(axis=0)[1:], ends[0, 1:]
            axes = [
                np.linspace(a, b, points)[1:-1] if b > a else np.array([a])
                for a, b in zip(low, high, strict=True)
            ]
            for caps in itertools.product(*axes):
                self.minimum(option, columns, box, 0, np.array(caps))
        except _OutOfRuns:
            return

    def minimum(
        self, option: FloatArray, columns: list[int], box: Box, goal: int, caps: FloatArray | None
    ) -> FloatArray | None:
        """Outputs (m,) of the best point found of one goal under caps on the second and further goals."""
        rows, x, y = self.rows_of(option)
        if not rows.size:
            return None
        goals = self.goals(y[rows])
        spread = self.spread(goals)
        below = np.ones(rows.size, dtype=bool) if caps is None else (goals[:, 1:] <= caps).all(axis=1)
        candidates = rows[below] if below.any() else rows[[int(np.argmin(goals[:, 1:].max(axis=1)))]]
        start = x[candidates[np.argmin(self.goals(y[candidates])[:, goal])]][columns]
        objective = _Local(self, option, columns, box, goal, caps, spread)
        optimize.minimize(
            objective.value,
            (start - box.low) / box.width,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * len(columns),
            constraints=[{"type": "ineq", "fun": objective.slack, "jac": objective.slack_slope}]
            if objective.constrained
            else (),
            options={"ftol": 1e-10, "maxiter": 60},
        )
        rows, _, y = self.rows_of(option)
        if caps is not None:
            rows = rows[(self.goals(y[rows])[:, 1:] <= caps + KEPT * spread[1:]).all(axis=1)]
        if not rows.size:
            return None
        scaled = self.goals(y[rows]) / spread
        best = int(rows[np.argmin(scaled[:, goal] + WEIGHT * scaled.sum(axis=1))])
        self.optima.append(best)
        return y[best]

    def front(self) -> ParetoFront:
        x, y = self.known()
        usable = np.flatnonzero(self.usable(y))
        everything = self.goals(y[usable])
        tolerance = BEATEN * self.spread(everything)
        rows = np.unique(self.optima).astype(np.intp)
        goals = self.goals(y[rows])
        beaten = [
            ((everything <= g).all(axis=1) & (everything <= g - tolerance).any(axis=1)).any() for g in goals
        ]
        keep = rows[nondominated(goals) & ~np.array(beaten, dtype=bool)]
        _, first = np.unique(self.goals(y[keep]), axis=0, return_index=True)
        keep = keep[first]
        return ParetoFront(self.problem, self.maximize, self.minimize, x[keep], y[keep], self.runs)


@dataclass
class _Local:
    """One capped problem in shares of the ranges, scaled by the goals' spreads; a failed row reads as a wall."""

    search: _Search
    option: FloatArray
    columns: list[int]
    box: Box
    goal: int
    caps: FloatArray | None
    spread: FloatArray
    last: tuple[bytes, FloatArray, FloatArray] | None = None

    @property
    def constrained(self) -> bool:
        return self.caps is not None or bool(self.search.limits)

    def rows(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Objective and slacks (1 + c,) at t (k,), and their slopes (1 + c, k)."""
        t = np.clip(t, 0.0, 1.0)
        key = t.tobytes()
        if self.last is None or self.last[0] != key:
            k = t.size
            steps = np.vstack([np.zeros(k), STEP * np.eye(k), -STEP * np.eye(k)])
            points = np.clip(t + steps, 0.0, 1.0)
            goals, margins = self.search.ask(
                _placed(self.option, self.columns, self.box.low + self.box.width * points)
            )
            scaled = goals / self.spread
            parts = [(scaled[:, self.goal] + WEIGHT * scaled.sum(axis=1))[:, None]]
            if self.caps is not None:
                parts.append((self.caps - goals[:, 1:]) / self.spread[1:])
            if margins.shape[1]:
                parts.append(margins / self.search.spread(margins))
            values = np.hstack(parts)
            widths = np.diag(points[1 : k + 1] - points[k + 1 :])
            slopes = ((values[1 : k + 1] - values[k + 1 :]) / widths[:, None]).T
            wall = np.r_[1e3, -1e3 * np.ones(values.shape[1] - 1)]
            centre = np.where(np.isfinite(values[0]), values[0], wall)
            self.last = key, centre, np.nan_to_num(slopes)
        return self.last[1], self.last[2]

    def value(self, t: FloatArray) -> tuple[float, FloatArray]:
        values, slopes = self.rows(t)
        return float(values[0]), slopes[0]

    def slack(self, t: FloatArray) -> FloatArray:
        return self.rows(t)[0][1:]

    def slack_slope(self, t: FloatArray) -> FloatArray:
        return self.rows(t)[1][1:]
