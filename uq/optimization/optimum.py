"""Outputs of a surrogate, their quantiles and their chance of compliance, as objectives and constraints with gradients.

Design inputs are chosen, all other inputs stay uncertain.  A sample of the uncertain inputs is drawn once and kept for
every design (common germs), so a statistic s of an output over it (see `uq.optimization.objectives`) is a smooth
function of the design::

    S(v) = s(y_1 .. y_n),   y_i = surrogate(v, x_i),      dS/dv = sum_i (ds/dy_i) (dy_i/dv)

Source: Kraft, *A software package for sequential quadratic programming*, DFVLR-FB 88-28, 1988 (SLSQP, in scipy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from uq.core.array_types import FloatArray
from uq.core.bounds import Box
from uq.core.distributions import Discrete
from uq.core.problem import Problem, units_of
from uq.core.table import as_lines, as_pretty
from uq.optimization.objectives import Bound, Goal, Sense, Statistic
from uq.requirements.types import suffix
from uq.sampling.plans import sobol_sequence
from uq.surrogates.base import Surrogate

PENALTY = 1e3
"""Weight of the penalty outside the ranges, in standard deviations of the output per squared share of a range."""


# -- the decision ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """Statistics of a surrogate over a sample of its uncertain inputs, as functions of its design inputs.

    `box` holds names and ranges of the k design inputs; `x` (n, d) the sample, whose design columns are overwritten.
    An optimiser that leaves the box gets the statistic at the held point (see `uq.core.bounds`) plus
    `PENALTY` standard deviations of the output times the penalty: continuous, with continuous gradient, and rising
    outwards.

    >>> from uq import Goal, Input, Mean, Output, PolynomialChaos, Problem, Uniform, evaluate
    >>> problem = Problem(
    ...     (Input("a", "m", Uniform(0, 1), role="design"), Input("b", "m", Uniform(0, 1))),
    ...     (Output("y", "m2"),),
    ...     lambda c: {"y": (c["a"] - 0.3) ** 2 + c["b"]},
    ... )
    >>> data = evaluate(problem, problem.physical(sobol_sequence(64, 2, seed=1).unit))
    >>> decision = Decision.of(PolynomialChaos.fit(data, problem))
    >>> decision
    Decision on a (0 to 1 m), over 2048 points of 1 other input; outputs: y
    >>> found = optimum(decision, Goal(Mean("y")))
    >>> found.feasible, {name: round(value, 3) for name, value in found.design.items()}
    (True, {'a': 0.3})
    """

    surrogate: Surrogate
    box: Box
    x: FloatArray

    @classmethod
    def of(
        cls, surrogate: Surrogate, design: Sequence[str] | None = None, *, samples: int = 2048, seed: int = 1
    ) -> Self:
        """Choose the inputs `design` (by default those of that role), draw `samples` of all others (Sobol' points).

        What comes back holds `objective`, `constraint` and `bounds` for an optimiser, and is what `optimum` asks for.
        Choosing is an intervention: the other inputs keep their laws and their dependence among each other.  Raises
        ValueError if nothing is to be chosen or something twice, KeyError for an unknown name.
        """
        problem = surrogate.problem
        names = (
            tuple(i.name for i in problem.inputs if i.role == "design") if design is None else tuple(design)
        )
        if not names:
            raise ValueError(
                "nothing to choose: give an input the role 'design', or name the inputs to choose"
            )
        if len(set(names)) < len(names):
            raise ValueError(f"a design input is named twice: {', '.join(names)}")
        for i in problem.inputs:
            if i.name in names and isinstance(i.distribution, Discrete):
                raise ValueError(f"design input {i.name!r} is discrete; fix it at each of its values in turn")
        box = Box.of(problem, names)
        middle = 0.5 * (box.low + box.high)
        if len(names) == problem.dimension:
            return cls(surrogate, box, middle[[names.index(n) for n in problem.input_names]][None])
        rest = problem.fix(dict(zip(names, middle.tolist(), strict=True)))
        drawn = rest.physical(sobol_sequence(samples, rest.dimension, seed=seed).unit)
        x = np.empty((samples, problem.dimension))
        for j, name in enumerate(problem.input_names):
            x[:, j] = middle[names.index(name)] if name in names else drawn[:, rest.index(name)]
        return cls(surrogate, box, x)

    def __repr__(self) -> str:
        """Without the arrays, which would fill a terminal."""
        units, box = units_of(self.problem), self.box
        ranges = ", ".join(
            f"{name} ({low:.4g} to {high:.4g}{suffix(units[name])})"
            for name, low, high in zip(box.names, box.low, box.high, strict=True)
        )
        others = self.problem.dimension - len(box.names)
        return (
            f"Decision on {ranges}, over {len(self.x)} points of {others} other input{'s' * (others != 1)}; "
            f"outputs: {', '.join(self.problem.output_names)}"
        )

    @property
    def problem(self) -> Problem:
        """Of the surrogate."""
        return self.surrogate.problem

    @cached_property
    def _columns(self) -> list[int]:
        return [self.problem.index(name) for name in self.box.names]

    @cached_property
    def _spread(self) -> FloatArray:
        """(m,) of each output over what the surrogate learned from."""
        return self.surrogate.mean(self.surrogate.x).std(axis=0)

    @cached_property
    def _last(self) -> dict[bytes, tuple[FloatArray, FloatArray]]:
        return {}

    def rows(self, design: ArrayLike) -> FloatArray:
        """The sample (n, d) with the design (k,) in its columns."""
        x = self.x.copy()
        x[:, self._columns] = np.asarray(design, dtype=np.float64)
        return x

    def outputs(self, design: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Outputs (n, m) of the sample at a design (k,) held in the box, and their derivatives by it (n, m, k)."""
        point = self._point(design)
        key = point.tobytes()
        if key not in self._last:  # objective and constraints ask for the same design one after the other
            held, slope = self.box.held(point)
            y, dy = self.surrogate.mean_and_gradient(self.rows(held))
            self._last.clear()
            self._last[key] = y, dy[:, :, self._columns] * slope
        return self._last[key]

    def _point(self, design: ArrayLike) -> FloatArray:
        point = np.asarray(design, dtype=np.float64)
        if point.shape != (len(self.box.names),) or not np.isfinite(point).all():
            raise ValueError(f"a design is {len(self.box.names)} finite numbers, got {point}")
        return point

    def value(self, statistic: Statistic, design: ArrayLike) -> tuple[float, FloatArray]:
        """A statistic at a design (k,), and its gradient (k,), without the penalty."""
        y, dy = self.outputs(design)
        value, slopes = statistic.of(self.problem, y)
        return value, np.einsum("nm,nmk->k", slopes, dy)

    def values(self, statistics: Sequence[Statistic], design: ArrayLike) -> FloatArray:
        """Several statistics (s,) at a design (k,), without gradients: a third of the cost."""
        y = self.surrogate.mean(self.rows(self.box.held(self._point(design))[0]))
        return np.array([statistic.of(self.problem, y)[0] for statistic in statistics])

    def objective(
        self, statistic: Statistic, sense: Sense = "minimize"
    ) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """For ``scipy.optimize.minimize(..., jac=True)``: the statistic (or minus it, for the most) with the penalty
        outside the box, and the gradient of their sum."""
        sign = {"minimize": 1.0, "maximize": -1.0}[sense]
        weight = PENALTY * self.scale(statistic)

        def function(design: FloatArray) -> tuple[float, FloatArray]:
            value, slope = self.value(statistic, design)
            outside, outwards = self.box.penalty(design)
            return sign * value + weight * float(outside), sign * slope + weight * outwards

        return function

    def constraint(self, bound: Bound) -> optimize.NonlinearConstraint:
        """For ``scipy.optimize.minimize(..., constraints=)``, methods SLSQP, COBYLA and trust-constr."""
        return optimize.NonlinearConstraint(
            lambda v: np.array([self.value(bound.statistic, v)[0]]),
            bound.low,
            bound.high,
            jac=lambda v: self.value(bound.statistic, v)[1][None],
        )

    @property
    def bounds(self) -> optimize.Bounds:
        """For ``scipy.optimize.minimize(..., bounds=)``: the box, which the optimiser is asked not to leave."""
        return optimize.Bounds(self.box.low, self.box.high, keep_feasible=True)

    def scale(self, statistic: Statistic) -> float:
        """The size of what matters in a statistic: the spread of its output, 1 for a probability."""
        return statistic.scale(self.problem, self._spread)


# -- the optimum ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Optimum:
    """The best design, or the least violated one where no design meets all bounds.

    `value` of the goal's statistic; `bounded` values of the bounded statistics, `missing` how far each lies outside;
    `edges` the ends of ranges that the design lies at, beyond which the surrogate was not trained;
    `designs_tried` evaluations of the whole sample.
    """

    goal: Goal
    problem: Problem
    design: dict[str, float]
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

    _repr_pretty_, _repr_html_ = as_pretty, as_lines


def optimum(decision: Decision, goal: Goal, *, starts: int = 4, seed: int = 1) -> Optimum:
    """The best design by SLSQP from the best `starts` of eight times as many points of the box.

    What comes back is an `Optimum`: `design` {input: value}, `value` of the goal, `bounded` and `missing` of its
    bounds, `feasible`; printed, it says all of that.
    Where no start leads to a design that meets all bounds (within 1e-6 of their scale), the design of the least sum of
    squared violations, each in its scale, is given instead.  A global optimum is not proven.
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
