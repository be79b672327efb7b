"""Outputs of a surrogate, their quantiles and their chance of compliance, as objectives and constraints with gradients.

Design inputs are chosen, all other inputs stay uncertain.  A sample of the uncertain inputs is drawn once and kept for
every design (common germs), so a statistic s of an output over it (see `uq.optimization.objectives`) is a smooth
function of the design::

    S(v) = s(y_1 .. y_n),   y_i = surrogate(v, x_i),      dS/dv = sum_i (ds/dy_i) (dy_i/dv)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from uq.core.array_types import FloatArray
from uq.core.bounds import Box
from uq.core.distributions import Discrete
from uq.core.estimate import SEED
from uq.core.problem import Problem, units_of
from uq.optimization.objectives import Bound, Sense, Statistic
from uq.requirements.types import suffix
from uq.sampling.plans import sobol_sequence
from uq.surrogates.base import Surrogate

PENALTY = 1e3
"""Weight of the penalty outside the ranges, in standard deviations of the output per squared share of a range."""


@dataclass(frozen=True)
class Decision:
    """Statistics of a surrogate over a sample of its uncertain inputs, as functions of its design inputs.

    `box` holds names and ranges of the k design inputs; `x` (n, d) the sample, whose design columns are overwritten.
    An optimiser that leaves the box gets the statistic at the held point (see `uq.core.bounds`) plus
    `PENALTY` standard deviations of the output times the penalty: continuous, with continuous gradient, and rising
    outwards.

    >>> from uq import Goal, Input, Mean, Output, PolynomialChaos, Problem, Uniform, evaluate, optimum
    >>> problem = Problem(
    ...     (Input("a", "m", Uniform(0, 1), role="design"), Input("b", "m", Uniform(0, 1))),
    ...     (Output("y", "m2"),),
    ...     lambda c: {"y": (c["a"] - 0.3) ** 2 + c["b"]},
    ... )
    >>> data = evaluate(problem, problem.physical(sobol_sequence(64, 2, seed=1).unit))
    >>> decision = Decision.of(PolynomialChaos.fit(data))
    >>> decision
    Decision on a (0 to 1 m), over 2048 points of 1 other input; outputs: y
    >>> found = optimum(decision, Goal(Mean("y")))
    >>> found.feasible, {name: round(value, 3) for name, value in found.design.items()}
    (True, {'a': 0.3})
    """

    surrogate: Surrogate
    """What is asked in place of the model."""
    box: Box
    x: FloatArray

    @classmethod
    def of(
        cls,
        surrogate: Surrogate,
        design: Sequence[str] | None = None,
        *,
        samples: int = 2048,
        seed: int = SEED,
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
