"""The front between two or three rival goals of any model, over discrete options and continuous variables.

A population that covers all options evolves first (`uq.optimization.evolution`): it knows no derivatives, so that
walls of failed rows, kinks and several optima do not stop it.  Then each point of the front is polished by SLSQP from
the best design known there (`uq.optimization.scalarised`)::

    min_v s + w sum_k g_k(v)   subject to   g_k(v) - z_k <= s r_k,   limits,   v in its ranges

Ends have one goal alone.  Of two goals, the next corner z and direction r are those of the largest rectangle between
two neighbours of the front; of three, corners lie on a lattice of the plane through the ends and r points to the ideal
(Das & Dennis 1998, doi:10.1137/S1052623496307510).  The polished designs join the population, which evolves on, until
neither gains.  The front is the best design of all that were asked, for each corner: no other design that was asked
beats it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.dataset import evaluate
from uq.core.estimate import SEED
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.table import Column, Table, Tabled
from uq.optimization.asked_designs import AskedDesigns, OutOfRuns, signs
from uq.optimization.confirmation import Run
from uq.optimization.dominance import hypervolume, knee, prices
from uq.optimization.front_search import FrontSearch
from uq.requirements.types import Limit
from uq.sampling.plans import sobol_sequence

POPULATION = 40
"""Designs that evolve, at least."""
LOOK = 8
"""Designs of each option in the first look, at least."""


@dataclass(frozen=True)
class ParetoFront(Tabled):
    """Designs of which none is better in all goals, ordered by the first goal."""

    problem: Problem
    """Whose model was asked."""
    maximize: tuple[str, ...]
    """Outputs that shall be large."""
    minimize: tuple[str, ...]
    """Outputs that shall be small."""
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
        return self.values * signs(self.maximize, self.minimize)

    def hypervolume(self, reference: Mapping[str, float]) -> float:
        """What the front dominates up to a reference value of every goal (`uq.optimization.dominance.hypervolume`)."""
        missing = [name for name in self.goals if name not in reference]
        if missing:
            raise ValueError(f"the reference has no value of {', '.join(missing)}")
        corner = np.array([reference[name] for name in self.goals]) * signs(self.maximize, self.minimize)
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


@one_thread()
def pareto_front(
    problem: Problem,
    *,
    maximize: Sequence[str] = (),
    minimize: Sequence[str] = (),
    limits: Sequence[Limit] = (),
    run: Run | None = None,
    points: int = 40,
    max_runs: int = 20_000,
    seed: int = SEED,
) -> ParetoFront:
    """The designs of which none is better in all goals.

    Parameters
    ----------
    problem : Problem
        Whose inputs are all to be chosen: continuous laws give ranges (`uq.core.bounds.trained_range`),
        `Discrete` laws options.  The rows of a step go to its model in one call.
    maximize, minimize : sequence of str
        Two or three outputs altogether.
    limits : sequence of Limit
        What every point must meet.
    run : callable, optional
        How rows are evaluated; `uq.evaluate` by default.  The front is the same whoever runs them.
    points : int
        Of the front, at most.
    max_runs : int
        Upper bound on rows of the model; when it is reached, what is known then is the front.
    seed : int
        Of every random choice; the same seed gives the same front.

    Returns
    -------
    ParetoFront
        Of at least one point.

    Raises
    ------
    ValueError
        For other than two or three goals, an unknown output, no model, no points, a budget too small for the
        first look, or when no design is feasible; the message then names the limit that the closest design misses
        most, and by how much.

    Notes
    -----
    Rows that fail (status other than 0, or outputs that are not finite) are infeasible.  That no better design exists
    is not proven.

    Examples
    --------
    >>> from uq import Discrete, Input, Output, Uniform
    >>> problem = Problem(
    ...     (
    ...         Input("a", "1", Uniform(0, 2), role="design"),
    ...         Input("n", "1", Discrete((1, 2), (0.5, 0.5)), role="design"),
    ...     ),
    ...     (Output("gain"), Output("cost")),
    ...     lambda c: {"gain": np.sqrt(c["a"]) * c["n"], "cost": c["a"] + c["n"]},
    ... )
    >>> front = pareto_front(problem, maximize=["gain"], minimize=["cost"], points=5, max_runs=2000)
    >>> front.design(int(front.values[:, 0].argmax()))
    {'a': 2.0, 'n': 2.0}
    """
    if problem.model is None and run is None:
        raise ValueError("the problem has no model to ask")
    if points < 1:
        raise ValueError(f"a front has at least one point, got {points}")
    execute = run or partial(evaluate, problem)
    asked = AskedDesigns(problem, tuple(maximize), tuple(minimize), tuple(limits), max_runs, execute)
    options = asked.options()
    size = max(points, POPULATION)
    each = max(LOOK, -(-2 * size // len(options))) if asked.continuous.any() else 1
    first = each * len(options)
    if first > max_runs:
        raise ValueError(
            f"{len(options)} options of {each} designs take {first} runs; max_runs is {max_runs}"
        )
    plan = sobol_sequence(each, len(problem.inputs), seed=seed).unit
    asked.ask(np.vstack([np.where(asked.discrete, option, plan) for option in options]))
    search = FrontSearch(asked, points, np.random.default_rng(seed))
    whole = False
    try:
        search.run(size)
    except OutOfRuns:
        asked.require_feasible()
        whole = True
    rows = search.front(whole=whole or not asked.continuous.any())
    x = asked.low + asked.width * asked.shares[rows]
    return ParetoFront(problem, asked.maximize, asked.minimize, x, asked.y[rows], len(asked))
