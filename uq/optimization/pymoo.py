"""Statistics of a surrogate as a problem of pymoo, for fronts between rival goals.  [pymoo]

Source: Blank & Deb (2020), "pymoo: multi-objective optimization in Python", doi:10.1109/ACCESS.2020.2990567; Deb et al.
(2002), doi:10.1109/4235.996017 (NSGA-II).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.estimate import SEED
from uq.core.problem import Problem, units_of
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.optimization.decision import Decision
from uq.optimization.objectives import Bound, Goal
from uq.requirements.types import suffix, tabled

try:
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.optimize import minimize
except ImportError as error:
    raise ImportError("pymoo is not installed: pip install '.[pymoo]' in the clone") from error


class ParetoProblem(ElementwiseProblem):  # type: ignore[misc]
    """The goals of a decision within its box, for any algorithm of pymoo.

    Objectives are scaled by the spread of their outputs, and negated where most is wanted; constraints, all bounds of
    all goals, are scaled too and met where not positive.
    """

    def __init__(self, decision: Decision, goals: Sequence[Goal]) -> None:
        """Raises ValueError for fewer than two goals: one goal is a matter of `uq.optimization.optimum.optimum`."""
        if len(goals) < 2:
            raise ValueError("a front needs at least two goals; for one, use uq.optimization.optimum.optimum")
        self.decision, self.goals = decision, tuple(goals)
        self.limits: list[tuple[Bound, float, float]] = []
        for goal in goals:
            for bound in goal.bounds:
                scale = decision.scale(bound.statistic)
                ends = ((1.0, bound.high), (-1.0, bound.low))
                self.limits += [(bound, sign / scale, end) for sign, end in ends if np.isfinite(end)]
        self._factors = np.array(
            [(1.0 if g.sense == "minimize" else -1.0) / decision.scale(g.statistic) for g in goals]
        )
        box = decision.box
        super().__init__(
            n_var=len(box.names), n_obj=len(goals), n_ieq_constr=len(self.limits), xl=box.low, xu=box.high
        )

    def _evaluate(self, x: FloatArray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        asked = [*(goal.statistic for goal in self.goals), *(bound.statistic for bound, _, _ in self.limits)]
        values = self.decision.values(asked, x)
        count = len(self.goals)
        out["F"] = self._factors * values[:count]
        out["G"] = [
            factor * (v - end) for (_, factor, end), v in zip(self.limits, values[count:], strict=True)
        ]


@dataclass(frozen=True)
class Front(Tabled):
    """Designs (p, k) of which none is better in all goals, and the goals' values (p, g), ordered by the first goal.

    Empty where no design met all bounds; then `least_violated` (k,) is the design that missed them least.
    """

    problem: Problem
    """Inputs with their laws, and outputs."""
    goals: tuple[Goal, ...]
    """What was sought."""
    names: tuple[str, ...]
    """Of the k decision variables."""
    designs: FloatArray
    """(p, k) values of them."""
    values: FloatArray
    """(p, g) of the goals' statistics, in their units."""
    least_violated: FloatArray | None

    def table(self) -> Table:
        """The designs with their goals, or the least violated design."""
        rows = [
            [f"{v:.6g}" for v in (*value, *design)]
            for value, design in zip(self.values, self.designs, strict=True)
        ]
        units = {name: suffix(unit) for name, unit in units_of(self.problem).items()}
        header = [goal.text(self.problem) for goal in self.goals]
        header += [f"{name} [{units[name].strip()}]" if units[name] else name for name in self.names]
        notes = []
        if self.least_violated is not None:
            designs = zip(self.names, self.least_violated, strict=True)
            least = ", ".join(f"{name} = {value:.6g}{units[name]}" for name, value in designs)
            notes.append(f"no design meets all bounds; the least violated one: {least}")
        return tabled("Front", header, rows, notes)


@one_thread()
def front(
    decision: Decision,
    goals: Sequence[Goal],
    *,
    population: int = 60,
    generations: int = 60,
    seed: int = SEED,
) -> Front:
    """The front of `goals` by NSGA-II, confirmed by nothing but the surrogate.

    Costs population * generations evaluations of the decision's sample: take one of a few hundred rows.

    Parameters
    ----------
    decision : Decision
        Sample, design variables and their bounds.
    goals : sequence of Goal
        At least two.
    population : int, default 60
        Of each generation.
    generations : int, default 60
        Of the search.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    Front

    Raises
    ------
    ValueError
        For fewer than two goals, no population or no generations.

    References
    ----------
    Deb, Pratap, Agarwal & Meyarivan (2002), doi:10.1109/4235.996017.
    """
    if population < 2 or generations < 1:
        raise ValueError(
            f"a front needs a population of at least 2 and generations, got {population}, {generations}"
        )
    problem = ParetoProblem(decision, goals)
    result = minimize(
        problem,
        NSGA2(pop_size=population),
        ("n_gen", generations),
        seed=seed,
        verbose=False,
        copy_algorithm=False,
    )
    empty = np.empty((0, len(decision.box.names)))
    if result.X is None:
        worst = [float(np.maximum(e.G, 0.0).sum()) for e in result.pop]
        least = np.asarray(result.pop[int(np.argmin(worst))].X)
        values = np.empty((0, len(goals)))
        return Front(decision.problem, tuple(goals), decision.box.names, empty, values, least)
    designs = np.atleast_2d(result.X)
    values = np.array([decision.values([goal.statistic for goal in goals], v) for v in designs])
    order = np.argsort(values[:, 0], kind="stable")
    return Front(decision.problem, tuple(goals), decision.box.names, designs[order], values[order], None)
