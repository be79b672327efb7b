"""One point of a front: the design whose worst goal, seen from a corner z along r, is the least.

With goals g_k in their spans, for a corner z and a direction r > 0 in the space of goals (Pascoletti & Serafini 1984,
doi:10.1007/BF00934564)::

    min_v s + w sum_k g_k(v)   subject to   g_k(v) - z_k <= s r_k,   limits,   v in its ranges

reaches every point of a front, also where it bends inwards; the small weight w chooses among designs of the same s.
Without s it is the same sum over known designs: its least, `achieved`, says from where to start and what was found.
SLSQP (Kraft 1988, DFVLR-FB 88-28, in scipy) solves it with differences; those of a step are one call of the model.
A step into rows that fail is shortened.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize

from uq.core.array_types import FloatArray
from uq.optimization.asked_designs import AskedDesigns

STEP = 1e-5
"""Of the differences, as a share of a variable's range."""
WEIGHT = 1e-3
"""w."""
ITERATIONS = 30
TOLERANCE = 1e-8
"""Of the objective, in spans of the goals."""
PATIENCE = 4
"""Steps without gain after which a search ends."""
STALLED = 1e-5
"""Spans that count as no gain."""
WALL = 1e3
"""Spans by which a failed row misses."""


@dataclass(frozen=True)
class Target:
    """A corner and a direction in the space of goals, and the goals' ideal and span that scale it."""

    corner: FloatArray
    """(g,), scaled."""
    direction: FloatArray
    """(g,), scaled, positive."""
    ideal: FloatArray
    """(g,)"""
    span: FloatArray
    """(g,)"""
    weight: float = WEIGHT
    """w."""

    def scaled(self, goals: FloatArray) -> FloatArray:
        """Goals (n, g) in their spans."""
        return (goals - self.ideal) / self.span

    def achieved(self, goals: FloatArray) -> FloatArray:
        """(n,), the least s of each design, with its weighted sum of goals; to be small."""
        scaled = self.scaled(goals)
        return np.asarray(
            ((scaled - self.corner) / self.direction).max(axis=1) + self.weight * scaled.sum(axis=1)
        )


def best_of(asked: AskedDesigns, target: Target) -> int:
    """The feasible row that achieves most.

    Parameters
    ----------
    asked : AskedDesigns
        All designs so far, at least one of them feasible.
    target : Target
        What is achieved.

    Returns
    -------
    int
    """
    rows = np.flatnonzero(asked.feasible)
    return int(rows[np.argmin(target.achieved(asked.goals[rows]))])


def descend(asked: AskedDesigns, target: Target, start: int, *, bold: float = 3.0) -> None:
    """Search the target from a row, its discrete inputs as they are; what is asked is left in `asked`.

    Parameters
    ----------
    asked : AskedDesigns
        All designs so far.
    target : Target
        What is searched.
    start : int
        Row of it.
    bold : float
        Factor on the objective: SLSQP begins with the identity as second derivatives, and where slopes are small, with
        small steps.

    Raises
    ------
    OutOfRuns
        Where the budget is spent.
    """
    local = _Local(asked, target, asked.shares[start].copy())
    free = local.base[asked.continuous]
    s = float(np.max((target.scaled(asked.goals[start][None])[0] - target.corner) / target.direction))
    with suppress(_Stalled):
        optimize.minimize(
            lambda v: bold * local.objective(v)[0],
            np.append(free, s),
            jac=lambda v: bold * local.objective(v, slopes=True)[1],
            method="SLSQP",
            bounds=[*[(0.0, 1.0)] * free.size, (None, None)],
            constraints={
                "type": "ineq",
                "fun": lambda v: local.slacks(v)[0],
                "jac": lambda v: local.slacks(v, slopes=True)[1],
            },
            options={"ftol": bold * TOLERANCE, "maxiter": ITERATIONS},
        )


class _Stalled(Exception):
    """Several steps have gained nothing."""


@dataclass
class _Local:
    asked: AskedDesigns
    target: Target
    base: FloatArray
    values: dict[bytes, FloatArray] = field(default_factory=dict)
    """Scaled goals and margins (g + l,) by point; those of a failed row are not finite."""
    slopes: dict[bytes, FloatArray] = field(default_factory=dict)
    """(g + l, k)"""
    best: float = np.inf
    """The least that a row of this search achieves."""
    steps: int = 0
    """Slopes since it was improved."""

    def rows(self, free: FloatArray) -> FloatArray:
        """Scaled goals and margins at points (r, k)."""
        shares = np.tile(self.base, (len(free), 1))
        shares[:, self.asked.continuous] = free
        rows = self.asked.ask(shares)
        good = self.asked.feasible[rows]
        if good.any():
            least = float(self.target.achieved(self.asked.goals[rows][good]).min())
            if least < self.best - STALLED:
                self.steps = 0
            self.best = min(self.best, least)
        margins = self.asked.margins(self.asked.y[rows]) / self.asked.scale
        return np.hstack([self.target.scaled(self.asked.goals[rows]), margins])

    def at(self, v: FloatArray) -> FloatArray:
        free = np.clip(v[:-1], 0.0, 1.0)
        key = free.tobytes()
        if key not in self.values:
            self.values[key] = self.rows(free[None])[0]
        return self.values[key]

    def slopes_at(self, v: FloatArray) -> FloatArray:
        free = np.clip(v[:-1], 0.0, 1.0)
        key = free.tobytes()
        if key not in self.slopes:
            here = self.at(v)
            if self.steps == PATIENCE:
                raise _Stalled
            self.steps += 1
            steps = np.where(free < 0.5, STEP, -STEP)
            ahead = self.rows(free + np.diag(steps))
            slopes = (ahead - here) / steps[:, None]
            failed = ~np.isfinite(slopes).all(axis=1) & np.isfinite(here).all()
            back = np.clip(free - np.diag(steps), 0.0, 1.0)[failed]
            if len(back):
                width = back[np.arange(len(back)), np.flatnonzero(failed)] - free[failed]
                with np.errstate(invalid="ignore", divide="ignore"):
                    slopes[failed] = (self.rows(back) - here) / width[:, None]
            self.slopes[key] = np.nan_to_num(slopes.T, posinf=0.0, neginf=0.0)
        return self.slopes[key]

    def objective(self, v: FloatArray, *, slopes: bool = False) -> tuple[float, FloatArray]:
        g = self.target.ideal.size
        sums = self.at(v)[:g].sum()
        value = float(v[-1] + self.target.weight * (sums if np.isfinite(sums) else WALL))
        slope = (
            np.append(self.target.weight * self.slopes_at(v)[:g].sum(axis=0), 1.0) if slopes else np.empty(0)
        )
        return value, slope

    def slacks(self, v: FloatArray, *, slopes: bool = False) -> tuple[FloatArray, FloatArray]:
        g = self.target.ideal.size
        found = self.at(v)
        # a goal that hardly counts has a large direction: each row is scaled to have slopes of order one
        scale = 1.0 / np.maximum(self.target.direction, 1.0)
        room = v[-1] * self.target.direction - (found[:g] - self.target.corner)
        slack = np.concatenate([scale * room, found[g:]])
        slack = np.where(np.isfinite(found).all(), slack, -WALL)
        if not slopes:
            return slack, np.empty(0)
        slope = self.slopes_at(v).copy()
        slope[:g] *= -scale[:, None]
        of_s = np.concatenate([scale * self.target.direction, np.zeros(len(slope) - g)])
        return slack, np.column_stack([slope, of_s])
