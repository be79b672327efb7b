"""The best design by a surrogate: a goal under its bounds, from several starts (`uq.optimization.decision`).

Source: Kraft, *A software package for sequential quadratic programming*, DFVLR-FB 88-28, 1988 (SLSQP, in scipy).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import optimize

from uq.core.array_types import FloatArray
from uq.core.estimate import SEED
from uq.core.problem import Problem, units_of
from uq.core.repeatable import one_thread
from uq.core.table import Readable
from uq.optimization.decision import Decision
from uq.optimization.objectives import Goal, Statistic
from uq.requirements.types import suffix
from uq.sampling.plans import sobol_sequence


@dataclass(frozen=True)
class Optimum(Readable):
    """The best design, or the least violated one where no design meets all bounds.

    `value` of the goal's statistic; `bounded` values of the bounded statistics, `missing` how far each lies outside;
    `edges` the ends of ranges that the design lies at, beyond which the surrogate was not trained;
    `designs_tried` evaluations of the whole sample.
    """

    goal: Goal
    """What was sought."""
    problem: Problem
    """Inputs with their laws, and outputs."""
    design: dict[str, float]
    """Value of every design input, in its unit."""
    value: float
    bounded: tuple[float, ...]
    missing: tuple[float, ...]
    edges: tuple[str, ...]
    designs_tried: int

    @property
    def feasible(self) -> bool:
        """Whether all bounds are met."""
        return not any(self.missing)

    def __str__(self) -> str:
        units = units_of(self.problem)
        head = "best design" if self.feasible else "no design meets all bounds; the least violated one"
        lines = [f"{head}: {self.goal.text(self.problem)} = {self.value:.6g}"]
        lines += [f"  {name} = {value:.6g}{suffix(units[name])}" for name, value in self.design.items()]
        for bound, value, missing in zip(self.goal.bounds, self.bounded, self.missing, strict=True):
            said = f"violated by {missing:.4g}" if missing else "met"
            lines.append(f"  {bound.text(self.problem)}: {value:.6g}, {said}")
        lines += [f"  at the edge of what is known: {edge}" for edge in self.edges]
        return "\n".join(lines)


@one_thread()
def optimum(decision: Decision, goal: Goal, *, starts: int = 4, seed: int = SEED) -> Optimum:
    """The best design by SLSQP from the best `starts` of eight times as many points of the box.

    What comes back is an `Optimum`: `design` {input: value}, `value` of the goal, `bounded` and `missing` of its
    bounds, `feasible`; printed, it says all of that.
    Where no start leads to a design that meets all bounds (within 1e-6 of their scale), the design of the least sum of
    squared violations, each in its scale, is given instead.  A global optimum is not proven.

    Parameters
    ----------
    decision : Decision
        The design inputs, and the model that is optimised.
    goal : Goal
        What is minimised or maximised, and its bounds.
    starts : int
        Searches, each from another point.
    seed : int
        Of every random choice.

    Returns
    -------
    Optimum
        `design` {input: value}, `value` of the goal, `bounded` and `missing` of its bounds, `feasible`.
    """
    search = _Search(decision, goal)
    points = np.vstack(
        [np.full((1, search.size), 0.5), sobol_sequence(8 * starts, search.size, seed=seed).unit]
    )
    merits = [search.merit(t) for t in points]
    found = [search.descend(points[i]) for i in np.argsort(merits, kind="stable")[:starts]]
    best = min(found, key=search.merit)
    if search.violation(best)[0] > _TOLERANCE**2 and goal.bounds:
        relaxed = [search.relax(t) for t in found]
        best = min(relaxed, key=lambda t: search.violation(t)[0])
        if search.violation(best)[0] <= _TOLERANCE**2:  # a feasible point after all: go on from there
            best = min([best, search.descend(best)], key=search.merit)
    return search.report(best)


_TOLERANCE = 1e-6


@dataclass
class _Search:
    """The search in shares t (k,) of the box, everything in its own scale."""

    decision: Decision
    goal: Goal
    tried: set[bytes] = field(default_factory=set)

    @property
    def size(self) -> int:
        return len(self.decision.box.names)

    def design(self, t: FloatArray) -> FloatArray:
        box = self.decision.box
        return box.low + box.width * np.clip(t, 0.0, 1.0)

    def scaled(self, statistic: Statistic, t: FloatArray) -> tuple[float, FloatArray]:
        self.tried.add(t.tobytes())
        value, slope = self.decision.value(statistic, self.design(t))
        scale = self.decision.scale(statistic)
        return value / scale, slope * self.decision.box.width / scale

    def objective(self, t: FloatArray) -> tuple[float, FloatArray]:
        value, slope = self.scaled(self.goal.statistic, t)
        return (value, slope) if self.goal.sense == "minimize" else (-value, -slope)

    def violation(self, t: FloatArray) -> tuple[float, FloatArray]:
        """Sum of squared violations in their scales, and its gradient."""
        total, slope = 0.0, np.zeros(self.size)
        for bound in self.goal.bounds:
            scale = self.decision.scale(bound.statistic)
            value, inward = self.scaled(bound.statistic, t)
            beyond = max(0.0, value - bound.high / scale) - max(0.0, bound.low / scale - value)
            total += beyond**2
            slope += 2.0 * beyond * inward
        return total, slope

    def merit(self, t: FloatArray) -> float:
        """Of points to be ordered: any violation above the tolerance outweighs every objective."""
        beyond = np.sqrt(self.violation(t)[0])
        return self.objective(t)[0] + (1e6 * beyond if beyond > _TOLERANCE else 0.0)

    def descend(self, t: FloatArray) -> FloatArray:
        constraints: list[Any] = []
        for bound in self.goal.bounds:
            scale = self.decision.scale(bound.statistic)
            for sign, end in ((1.0, bound.low), (-1.0, bound.high)):
                if np.isfinite(end):
                    constraints.append(
                        {
                            "type": "ineq",
                            "fun": lambda t, s=bound.statistic, a=sign, e=end / scale: (
                                a * (self.scaled(s, t)[0] - e)
                            ),
                            "jac": lambda t, s=bound.statistic, a=sign: a * self.scaled(s, t)[1],
                        }
                    )
        result = optimize.minimize(
            self.objective,
            t,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * self.size,
            constraints=constraints,
            options={"ftol": 1e-10, "maxiter": 200},
        )
        return np.clip(result.x, 0.0, 1.0) if np.isfinite(result.x).all() else t

    def relax(self, t: FloatArray) -> FloatArray:
        bounds = [(0.0, 1.0)] * self.size
        result = optimize.minimize(self.violation, t, jac=True, method="L-BFGS-B", bounds=bounds)
        return np.clip(result.x, 0.0, 1.0)

    def report(self, t: FloatArray) -> Optimum:
        decision, design = self.decision, self.design(t)
        bounded = tuple(decision.value(b.statistic, design)[0] for b in self.goal.bounds)
        missing = [b.missing(v) for b, v in zip(self.goal.bounds, bounded, strict=True)]
        scales = [decision.scale(b.statistic) for b in self.goal.bounds]
        return Optimum(
            goal=self.goal,
            problem=decision.problem,
            design=dict(zip(decision.box.names, design.tolist(), strict=True)),
            value=decision.value(self.goal.statistic, design)[0],
            bounded=bounded,
            missing=tuple(m if m > _TOLERANCE * s else 0.0 for m, s in zip(missing, scales, strict=True)),
            edges=decision.box.edges(design),
            designs_tried=len(self.tried),
        )
