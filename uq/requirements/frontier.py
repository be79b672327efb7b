"""Which pairs of requirements just comply, at several probabilities, and which of them physics cannot reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from uq.core.array_types import BoolArray, FloatArray
from uq.core.estimate import Estimate, check_probability
from uq.core.model import real_numbers
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.conditioning import satisfied
from uq.requirements.probability import chance, passing, proportion, share
from uq.requirements.question import Question
from uq.requirements.shared_sample import Rows, Sample
from uq.requirements.sweep import levels
from uq.requirements.types import Condition, Lever, Limit, Side, Verified, asked, check_kind, suffix, tabled
from uq.surrogates.evaluate import COMMON

FEWEST = 200.0
"""A cell of the grid with fewer effective samples (or less than a quarter of a small sample) is left unknown."""


Kind = Literal["required", "limited", "chosen"]


@dataclass(frozen=True)
class Axis:
    """One side of a frontier: an input that is required, an output that is limited, or a design input that is
    chosen.

    `values` may be left out for a required input (then from loose to demanding); `design` is the design input sized
    at the required value.  A chosen design input is set at each value: a power limit that constrains the design.
    """

    name: str
    """Of the input or output."""
    side: Side = "at least"
    """Whether at least or at most the value is required."""
    values: tuple[float, ...] = ()
    design: str = ""
    reachable: tuple[float, float] = (-np.inf, np.inf)
    """Values that physics can reach."""

    @property
    def lever(self) -> Lever:
        """What is required along the axis of an input."""
        return Lever(self.name, self.side, self.design, self.reachable)

    def reaches(self, values: FloatArray) -> BoolArray:
        """Which of `values` physics can reach."""
        return self.lever.reaches(values)


@dataclass(frozen=True)
class Frontier(Tabled):
    """Compliance (a, b) over two axes with its interval, and the curve of every probability.

    `lines[p, a]` is the second value at which compliance reaches `probabilities[p]` at first value a (of a required
    input the least demanding, of a limited output the tightest that complies); NaN where none does.  `lines_low` and
    `lines_high` are the same for the ends of the compliance's interval. `reachable[a, b]` is False where physics
    cannot go.  Cells with too few samples hold NaN.
    """

    axes: tuple[Axis, Axis]
    """First and second."""
    kinds: tuple[Kind, Kind]
    """What each axis is: required, limited or chosen."""
    units: tuple[str, str]
    """Of the two axes."""
    first: FloatArray
    """(a,) values of the first axis, in its unit."""
    second: FloatArray
    """(b,) values of the second axis, in its unit."""
    compliance: FloatArray
    """(a, b) probability, 0 to 1; NaN with too few samples."""
    low: FloatArray
    """(a, b) end of the compliance's interval."""
    high: FloatArray
    """(a, b) end of the compliance's interval."""
    reachable: BoolArray
    """(a, b) whether physics can go there."""
    probabilities: tuple[float, ...]
    """(p,) of the lines, 0 to 1."""
    lines: FloatArray
    """(p, a) second value of each line, in its unit."""
    lines_low: FloatArray
    lines_high: FloatArray
    limits: tuple[Limit, ...]
    """That all hold together."""
    given: tuple[Condition, ...]
    """Requirements that hold everywhere."""
    confidence: float
    """Of the intervals, between 0 and 1."""
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    def point(self, line: int, a: int) -> tuple[tuple[Limit, ...], tuple[Condition, ...]]:
        """All limits and conditions at point `a` of line `line`, to be confirmed.  Raises ValueError where there is
        none."""
        if np.isnan(self.lines[line, a]):
            raise ValueError(
                f"no {self.axes[1].name} complies with {self.probabilities[line]:g} at {self.first[a]:.6g}"
            )
        values = (float(self.first[a]), float(self.lines[line, a]))
        asks = [_asks(r, axis, v) for r, axis, v in zip(self.kinds, self.axes, values, strict=True)]
        return (*self.limits, *asks[0][0], *asks[1][0]), (*self.given, *asks[0][1], *asks[1][1])

    def table(self) -> Table:
        """The result as a table."""
        one, two = self.axes
        header = [
            f"{one.name} {one.side}{suffix(self.units[0])}",
            *[f"P = {p:g}" for p in self.probabilities],
        ]
        rows = []
        for a, value in enumerate(self.first):
            cells = []
            for p in range(len(self.probabilities)):
                r = self.lines[p, a]
                if np.isnan(r):
                    cells.append("none")
                    continue
                b = int(np.argmin(np.abs(self.second - r)))
                cells.append(
                    f"{r:.5g} [{self.lines_low[p, a]:.5g}, {self.lines_high[p, a]:.5g}]"
                    + ("" if self.reachable[a, b] else " (beyond physics)")
                )
            rows.append([f"{value:.5g}", *cells])
        title = f"{two.name} ({two.side}{suffix(self.units[1])}) that just complies{asked(self.mode)}"
        return tabled(title, header, rows)


@one_thread()
def frontier(
    question: Question,
    *,
    first: Axis,
    second: Axis,
    probabilities: Sequence[float] = (0.8, 0.9, 0.95),
) -> Frontier:
    """Compliance over a grid of two requirements, and its contours.

    An input axis conditions (X_j >= r), a design input is set, an output axis adds the limit Y <= P to the limits.

    Parameters
    ----------
    question : Question
        Sample, limits, confidence, and what is given.
    first, second : Axis
        What is required, limited or chosen along each side of the grid.
    probabilities : sequence of float
        Of the contours.

    Returns
    -------
    Frontier
        Compliance (a, b), and a line of each probability.

    Raises
    ------
    KeyError
        For an axis that is neither input nor output.
    ValueError
        For no limit, contradictory requirements, or an output axis without values.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    for wanted in probabilities:
        check_probability("probability", wanted)
    question.require_limits()
    sample = question.sample
    one, two = _values(sample, first), _values(sample, second)
    kinds = (_kind(sample, first), _kind(sample, second))
    if kinds[1] == "chosen":  # a design is drawn once, and serves every value of the other axis
        grids = [grid.T for grid in _grid(question, (second, first), (kinds[1], kinds[0]), (two, one))]
    else:
        grids = _grid(question, (first, second), kinds, (one, two))
    p, low, high = grids
    tight = [_contours(two, grid, probabilities) for grid in (p, high, low)]
    ordered = (tight[1], tight[2]) if two[-1] > two[0] else (tight[2], tight[1])
    return Frontier(
        axes=(first, second),
        kinds=kinds,
        units=(sample.units[first.name], sample.units[second.name]),
        first=one,
        second=two,
        compliance=p,
        low=low,
        high=high,
        reachable=first.reaches(one)[:, None] & second.reaches(two),
        probabilities=tuple(probabilities),
        lines=tight[0],
        lines_low=ordered[0],
        lines_high=ordered[1],
        limits=tuple(question.limits),
        given=tuple(question.given),
        confidence=question.confidence,
        mode=sample.mode,
    )


def _kind(sample: Sample, axis: Axis) -> Kind:
    problem = sample.problem
    if axis.name in problem.output_names:
        return "limited"
    return "chosen" if problem.inputs[problem.index(axis.name)].role == "design" else "required"


def _values(sample: Sample, axis: Axis) -> FloatArray:
    """The axis in the sense in which compliance rises: a requirement tightens, a limit or a chosen bound
    relaxes."""
    kind = _kind(sample, axis)
    if axis.values:
        ordered = np.unique(real_numbers(axis.values, "values"))
        return ordered if (axis.side == "at least") == (kind == "required") else ordered[::-1]
    if kind == "required":
        return levels(sample, Lever(axis.name, axis.side), count=25)
    raise ValueError(f"the axis {axis.name!r} is {kind}; say at which values")


def _asks(kind: Kind, axis: Axis, value: float) -> tuple[tuple[Limit, ...], tuple[Condition, ...]]:
    """Limits and conditions of one value of an axis."""
    if kind == "required":
        return (), (axis.lever.at(value),)
    if kind == "chosen":
        return (), (Verified(axis.name, value),)
    return (Limit(axis.name, low=value) if axis.side == "at least" else Limit(axis.name, high=value),), ()


def _grid(
    question: Question,
    axes: tuple[Axis, Axis],
    kinds: tuple[Kind, Kind],
    values: tuple[FloatArray, FloatArray],
) -> list[FloatArray]:
    """Compliance and the ends of its interval, each (a, b); NaN where too few samples are left."""
    corners = np.full((3, len(values[0]), len(values[1])), np.nan)
    steps = [_asks(kinds[0], axes[0], float(v)) for v in values[0]]
    if kinds[0] == "required":
        rows = (
            (question.sample, r)
            for r in question.sample.ladder(question.given, [conditions[0] for _, conditions in steps])
        )
    elif kinds[0] == "limited":
        rows = ((question.sample, r) for r in [question.sample.under(question.given)] * len(steps))
    else:
        parts = (question.sample.chosen({axes[0].name: float(v)}, question.sample.fresh) for v in values[0])
        rows = ((part, part.under(question.given)) for part in parts)
    for a, ((sample, under), (asks, conditions)) in enumerate(zip(rows, steps, strict=True)):
        limits = (*question.limits, *asks)
        if kinds[1] == "limited":
            cells = _limited(question, under, limits, axes[1], values[1])
        elif kinds[1] == "required" and not axes[1].design:
            cells = _required(question, under, limits, axes[1], values[1])
        else:  # every design of the second axis is asked anew
            given = question.given if kinds[0] == "chosen" else (*question.given, *conditions)
            further = [_asks(kinds[1], axes[1], float(v))[1][0] for v in values[1]]
            cells = [_share(question, r, limits) for r in sample.ladder(given, further)]
        for b, cell in enumerate(cells):
            if cell is not None:
                corners[:, a, b] = cell.value, cell.low, cell.high
    return list(corners)


def _share(question: Question, rows: Rows, limits: Sequence[Limit]) -> Estimate:
    tally = passing(rows, limits, question.sample.problem)
    return share(rows.weight, tally, len(limits), question.confidence)[0]


def _required(
    question: Question, rows: Rows, limits: Sequence[Limit], axis: Axis, values: FloatArray
) -> list[Estimate | None]:
    """Thinned by each requirement."""
    tally = passing(rows, limits, question.sample.problem)
    cells: list[Estimate | None] = []
    for value in values:
        conditions = _asks("required", axis, float(value))[1]
        weight = rows.weight * satisfied(question.sample.problem, rows.x, conditions)
        total, squares = float(weight.sum()), float(np.sum(weight**2))
        known = total > 0.0 and total**2 / squares >= min(FEWEST, 0.25 * len(question.sample))
        cells.append(share(weight / total, tally, len(limits), question.confidence)[0] if known else None)
    return cells


def _limited(
    question: Question, rows: Rows, limits: Sequence[Limit], axis: Axis, values: FloatArray
) -> list[Estimate | None]:
    """Each further limit on an output, the chances of all others counted once."""
    problem, k = question.sample.problem, len(limits)
    tally = passing(rows, limits, problem) * rows.weight[:, None]
    column = problem.output_index(axis.name)
    mean, std = rows.mean[:, column], rows.std[:, column]
    further = [_asks("limited", axis, float(value))[0][0] for value in values]
    met = np.stack([chance(mean, std, limit) for limit in further], axis=1)
    above, below = (
        np.stack([chance(shifted, np.zeros_like(std), limit) for limit in further], axis=1)
        for shifted in (mean + std, mean - std)
    )
    p = np.minimum(tally[:, 0] @ met, 1.0)
    of_others = 0.5 * (tally[:, 1 + k :: 2] - tally[:, 2 + k :: 2]).T @ met
    variance = COMMON**2 * (np.sum(of_others**2, axis=0) + (0.5 * tally[:, 0] @ (above - below)) ** 2)
    return [
        proportion(float(q), rows.effective, float(v), question.confidence)
        for q, v in zip(p, variance, strict=True)
    ]


def _contours(values: ArrayLike, grid: FloatArray, probabilities: Sequence[float]) -> FloatArray:
    """(p, a): where each row of the grid first reaches each probability, linear in between; NaN where it does
    not."""
    v = real_numbers(values, "values")
    lines = np.full((len(probabilities), len(grid)), np.nan)
    for k, wanted in enumerate(probabilities):
        for a, row in enumerate(grid):
            above = np.nan_to_num(row, nan=-1.0) >= wanted
            if not above.any():
                continue
            b = int(np.argmax(above))
            lines[k, a] = v[b]
            if b and np.isfinite(row[b - 1]):
                lines[k, a] = v[b - 1] + (wanted - row[b - 1]) / (row[b] - row[b - 1]) * (v[b] - v[b - 1])
    return lines
