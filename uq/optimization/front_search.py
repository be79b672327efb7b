"""How the points of a front are found (`uq.optimization.pareto_front`): evolution, polish, until neither gains."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from uq.core.array_types import FloatArray
from uq.optimization.asked_designs import AskedDesigns
from uq.optimization.dominance import hypervolume, nondominated
from uq.optimization.evolution import next_generation, survivors
from uq.optimization.scalarised import Target, best_of, descend

GENERATIONS = 10
"""Between two looks at what a population gains."""
CONVERGED = 2e-3
"""Gain of hypervolume, as a share, below which a population has converged."""
SAME = 1e-4
"""Gain of hypervolume, as a share, below which the search ends."""
FIRST_SHARE = 0.4
"""Of the runs, which the first evolution may take at most."""
OPTION_SHARE = 0.2
"""Of the runs, which a first polish of every option's best designs may take at most."""
SMALLEST_GAP = 1e-7
"""Area between two neighbours, in spans of the goals, that is not worth a point."""
BELOW = -1e3
"""Corner of an end, in spans, so far below what is known that the goal that counts is always the farthest from it."""
LEAST_SPAN = 0.01
"""Of a goal over a front, as a share of that over all designs: a front of one point says nothing of sizes."""
LEAST_RAY = 0.01
"""Of a goal along a ray, as a share of all."""
BOLD = 100.0
"""Factor on the objective of an end, whose slopes are small where the other goals alone are left."""
ALONE = 1e9
"""Direction of the goals that do not count at an end of a front."""


@dataclass
class FrontSearch:
    """Corners for which a best design is sought, and the population between them."""

    asked: AskedDesigns
    """What the model was asked so far."""
    points: int
    """Designs of the population."""
    random: np.random.Generator
    """Source of all draws."""
    targets: list[Target] = field(default_factory=list)
    """Corners, each with its best design."""
    look: int = 0
    """Rows of the first look, which cover all ranges."""
    polished: list[int] = field(default_factory=list)
    """The best row of each target when it was last polished."""
    known: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By target, how many rows have been looked at, and the best of them."""
    tried: set[tuple[int, int]] = field(default_factory=set)
    """Neighbours between which a target has been."""

    def run(self, size: int) -> None:
        """Search with a population of `size`.  Raises OutOfRuns where the budget is spent, ValueError where no design
        is feasible."""
        asked = self.asked
        if not asked.continuous.any():
            asked.require_feasible()
            return
        self.look = len(asked)
        population = survivors(asked.goals, asked.missed, size)
        population = self.evolve(population, len(asked) + FIRST_SHARE * (asked.max_runs - len(asked)))
        asked.require_feasible()
        self.polish_options()
        self.polish()
        while True:
            before = self.winners()
            population = np.unique(np.concatenate([population, before]))
            population = population[survivors(asked.goals[population], asked.missed[population], size)]
            population = self.evolve(population, np.inf)
            self.polish_again()
            if asked.goals.shape[1] == 2:
                self.reopen_gaps(population)
                self.fill_gaps()
            if self.gain(before, self.winners()) < SAME:
                return

    def front(self, *, whole: bool = False) -> NDArray[np.intp]:
        """Rows of the front in the order of the first goal, at most `points`: the best of every target, and of a
        search that was broken off (`whole`) any other design, too."""
        rows = self.winners() if self.targets else np.empty(0, dtype=np.intp)
        if whole:
            rows = np.union1d(rows, np.flatnonzero(self.asked.feasible))
        keep = rows[nondominated(self.asked.goals[rows])]
        _, first = np.unique(self.asked.goals[keep], axis=0, return_index=True)
        keep = keep[first]
        while len(keep) > self.points:
            keep = np.delete(keep, int(np.argmin(exclusive(self.asked.goals[keep]))))
        return keep if not self.asked.maximize else keep[::-1]

    def winners(self) -> NDArray[np.intp]:
        """The best design of every target, each once."""
        return np.unique([self.best(k) for k in range(len(self.targets))])

    def best(self, k: int) -> int:
        """The best design of a target: of what was asked since it was last looked for, and the best until then."""
        looked, row = self.known.get(k, (0, -1))
        if looked < len(self.asked):
            rows = looked + np.flatnonzero(self.asked.feasible[looked:])
            rows = rows if row < 0 else np.append(row, rows)
            if rows.size:
                row = int(rows[np.argmin(self.targets[k].achieved(self.asked.goals[rows]))])
            self.known[k] = len(self.asked), row
        return row

    def evolve(self, population: NDArray[np.intp], last: float) -> NDArray[np.intp]:
        """The population once it gains little, or `last` runs are spent."""
        while True:
            before = population
            for _ in range(GENERATIONS):
                population = next_generation(self.asked, population, self.random)
            if len(self.asked) >= last or self.gain(before, population) < CONVERGED:
                return population

    def gain(self, before: NDArray[np.intp], after: NDArray[np.intp]) -> float:
        """Hypervolume that rows have more than others, as a share; infinite while none is feasible."""
        missed, goals = self.asked.missed, self.asked.goals
        before, after = before[missed[before] == 0.0], after[missed[after] == 0.0]
        if not before.size:
            return np.inf
        both = goals[np.concatenate([before, after])]
        ideal, worst = both.min(axis=0), both.max(axis=0)
        span = np.where(worst > ideal, worst - ideal, 1.0)
        first, second = (
            hypervolume((goals[rows] - ideal) / span, np.full(ideal.size, 1.1)) for rows in (before, after)
        )
        return second / first - 1.0

    def frame(self, rows: NDArray[np.intp] | None = None) -> tuple[FloatArray, FloatArray]:
        """Ideal and span of the goals over the designs that no other beats, of all or of some rows."""
        every = self.asked.goals[self.asked.feasible]
        goals = every if rows is None else self.asked.goals[rows]
        goals = goals[nondominated(goals)]
        span = np.maximum(np.ptp(goals, axis=0), LEAST_SPAN * np.ptp(every, axis=0))
        return goals.min(axis=0), np.where(span > 0.0, span, 1.0)

    def ends(self) -> list[Target]:
        """Each goal alone."""
        ideal, span = self.frame()
        corner = np.full(ideal.size, BELOW)
        return [
            Target(corner, np.where(one, 1.0, ALONE), ideal, span) for one in np.eye(ideal.size, dtype=bool)
        ]

    def polish_options(self) -> None:
        """Polish the best designs of every option, the nearest first: one that is not known well loses by chance."""
        asked = self.asked
        options = asked.options()
        if len(options) == 1:
            return
        last = len(asked) + OPTION_SHARE * asked.max_runs
        ideal, span = self.frame()
        middle = Target(np.zeros(ideal.size), np.ones(ideal.size), ideal, span)
        found = []
        for option in options:
            rows = np.flatnonzero(asked.feasible & ((asked.shares == option) | asked.continuous).all(axis=1))
            if rows.size:
                found.append((float(middle.achieved(asked.goals[rows]).min()), rows))
        for _, rows in sorted(found, key=lambda one: one[0]):
            for target in (middle, *self.ends()):
                if len(asked) > last:
                    return
                descend(asked, target, int(rows[np.argmin(target.achieved(asked.goals[rows]))]))

    def add(self, target: Target) -> None:
        """Seek a target from the best design known."""
        self.targets.append(target)
        self.polished.append(-1)
        last = len(self.targets) - 1
        descend(self.asked, target, self.best(last))
        self.polished[last] = self.best(last)

    def polish(self) -> None:
        """Seek the ends, and as many corners between them as points are wanted."""
        ends = self.ends()
        look = np.flatnonzero(self.asked.feasible[: self.look])
        for k, target in enumerate(ends):
            # from the best known; from the best of the first look, for the population may have left a basin; and
            # from where the other goals are worst there, without them: what one gains is lost of the others
            starts = {best_of(self.asked, target): target}
            if look.size:
                goals = self.asked.goals[look]
                starts.setdefault(int(look[np.argmin(target.achieved(goals))]), target)
                others = np.delete(target.scaled(goals), k, axis=1).sum(axis=1)
                starts[int(look[np.argmax(others)])] = replace(target, weight=0.0)
            for start, one in starts.items():
                descend(self.asked, one, start, bold=BOLD)
        for target in ends:
            self.add(target)
        if len(ends) == 2:
            self.fill_gaps()
        else:
            self.seek_rays(self.points // 3)
            first = self.winners()  # of which none is beaten by what is polished: now the span is known
            self.targets, self.polished = self.targets[: len(ends)], self.polished[: len(ends)]
            self.known = {k: self.known[k] for k in range(len(ends))}
            self.seek_rays(self.points - len(ends), first)

    def seek_rays(self, most: int, known: NDArray[np.intp] | None = None) -> None:
        """Seek targets along at most `most` rays from the ideal of three goals, evenly apart in the frame of rows."""
        ideal, span = self.frame(known)
        for ray in lattice(ideal.size, most):
            self.add(Target(np.zeros(ideal.size), np.maximum(ray, LEAST_RAY), ideal, span))

    def fill_gaps(self) -> None:
        """Halve the largest rectangle between two neighbours of a front of two goals, until there are enough points."""
        asked, (ideal, span) = self.asked, self.frame()
        last = len(self.targets) + 2 * self.points
        while len(self.targets) < last:
            rows = self.front()
            pairs = [tuple(sorted(pair)) for pair in itertools.pairwise(rows.tolist())]
            pairs = [pair for pair in pairs if pair not in self.tried]
            sides = [np.abs(np.diff(asked.goals[list(pair)], axis=0)[0]) / span for pair in pairs]
            areas = [float(side.prod()) for side in sides]
            # half way between two neighbours a point adds a quarter of what lies between them
            worth = 0.0 if len(rows) < self.points else exclusive(asked.goals[rows] / span).min()
            if not pairs or max(areas) < max(SMALLEST_GAP, 4.0 * worth):
                return
            widest = int(np.argmax(areas))
            pair, side = list(pairs[widest]), sides[widest]
            self.tried.add(pairs[widest])
            if (asked.shares[pair[0]] == asked.shares[pair[1]])[asked.discrete].all():
                asked.ask(asked.shares[pair].mean(axis=0, keepdims=True))
            corner = (asked.goals[pair].min(axis=0) - ideal) / span
            self.add(Target(corner, side / side.mean(), ideal, span))

    def reopen_gaps(self, population: NDArray[np.intp]) -> None:
        """Where no design was found between two neighbours, seek those of the population that lie there."""
        goals, rows = self.asked.goals, self.front()
        population = population[self.asked.missed[population] == 0.0]
        ideal, span = self.frame()
        for a, b in zip(rows[:-1].tolist(), rows[1:].tolist(), strict=True):
            low, high = goals[[a, b]].min(axis=0), goals[[a, b]].max(axis=0)
            inside = population[((goals[population] > low) & (goals[population] < high)).all(axis=1)]
            if (min(a, b), max(a, b)) in self.tried and inside.size:
                sides = (high - goals[inside]) / (high - low)
                corner = goals[inside[np.argmax(sides.prod(axis=1))]]
                self.add(Target((corner - ideal) / span, np.ones(2), ideal, span))

    def polish_again(self) -> None:
        """Seek those targets anew for which the population has found a better design."""
        for k, target in enumerate(self.targets):
            if self.best(k) != self.polished[k]:
                descend(self.asked, target, self.best(k))
                self.polished[k] = self.best(k)


def exclusive(values: FloatArray) -> FloatArray:
    """What each point of a front alone dominates: of two goals, up to its neighbours; an end counts infinitely much.

    Parameters
    ----------
    values : ndarray (p, g)
        Goals of points in the order of the first.  Of three goals, the distance to the nearest other point.

    Returns
    -------
    ndarray (p,)

    Examples
    --------
    >>> exclusive(np.array([[0.0, 3.0], [1.0, 1.0], [3.0, 0.0]])).tolist()
    [inf, 4.0, inf]
    """
    if values.shape[1] == 2:
        alone = np.full(len(values), np.inf)
        steps = np.abs(np.diff(values, axis=0))
        alone[1:-1] = steps[1:, 0] * steps[:-1, 1]
        return alone
    spread = np.ptp(values, axis=0)
    scaled = values / np.where(spread > 0.0, spread, 1.0)
    apart = np.abs(scaled[:, None] - scaled[None]).max(axis=2)
    np.fill_diagonal(apart, np.inf)
    return np.asarray(apart.min(axis=1))


def lattice(goals: int, most: int) -> FloatArray:
    """The finest even lattice (p, g) of points of sum 1 with at most `most` of them, its corners left out.

    Parameters
    ----------
    goals : int
        Coordinates.
    most : int
        Of points.

    Returns
    -------
    ndarray (p, g)

    Examples
    --------
    >>> lattice(3, 4)
    array([[0. , 0.5, 0.5],
           [0.5, 0. , 0.5],
           [0.5, 0.5, 0. ]])
    """
    found = np.empty((0, goals))
    rows: list[tuple[int, ...]] = []
    parts = 1
    while len(rows) <= most:
        found, parts = (np.array(rows) / parts if rows else found), parts + 1
        steps = itertools.product(range(parts + 1), repeat=goals)
        rows = [step for step in steps if sum(step) == parts and max(step) < parts]
    return found
