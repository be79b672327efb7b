"""Which pairs of requirements just comply, at several probabilities, and which of them physics cannot reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.requirements.levying import levels
from uq.requirements.sample import Rows, Sample, chance, passing, proportion, satisfied, share
from uq.requirements.terms import (
    Estimate,
    Levy,
    Limit,
    Reachable,
    Requirement,
    Side,
    asked,
    check_limits,
    check_probability,
    suffix,
    table,
)

FloatArray = NDArray[np.float64]

FEWEST = 200.0
"""A cell of the grid with fewer effective samples is left unknown."""


@dataclass(frozen=True)
class Axis:
    """One side of a frontier: an input that is required, or an output that is limited, on one side of `values`.

    For an input, `values` may be left out (from loose to demanding); `design` is the design input sized at the
    value.
    """

    name: str
    side: Side = "at least"
    values: tuple[float, ...] = ()
    design: str = ""


@dataclass(frozen=True)
class Frontier:
    """Compliance (a, b) over two axes with its interval, and the curve of every probability.

    `lines[p, a]` is the second value at which compliance reaches `probabilities[p]` at first value a (of a required
    input the loosest, of a limited output the tightest that complies); NaN where none does.  `lines_low` and
    `lines_high` are the same for the ends of the compliance's interval. `reachable[a, b]` is False where physics
    cannot go.  Cells with too few samples hold NaN.
    """

    axes: tuple[Axis, Axis]
    required: tuple[bool, bool]
    units: tuple[str, str]
    first: FloatArray
    second: FloatArray
    compliance: FloatArray
    low: FloatArray
    high: FloatArray
    reachable: NDArray[np.bool_]
    probabilities: tuple[float, ...]
    lines: FloatArray
    lines_low: FloatArray
    lines_high: FloatArray
    limits: tuple[Limit, ...]
    given: tuple[Levy, ...]
    confidence: float
    mode: str = ""

    def point(self, line: int, a: int) -> tuple[tuple[Limit, ...], tuple[Levy, ...]]:
        """All limits and levies at point `a` of line `line`, to be confirmed.  Raises ValueError where there is
        none."""
        if np.isnan(self.lines[line, a]):
            raise ValueError(
                f"no {self.axes[1].name} complies with {self.probabilities[line]:g} at {self.first[a]:.6g}"
            )
        values = (float(self.first[a]), float(self.lines[line, a]))
        asks = [_asks(r, axis, v) for r, axis, v in zip(self.required, self.axes, values, strict=True)]
        return (*self.limits, *asks[0][0], *asks[1][0]), (*self.given, *asks[0][1], *asks[1][1])

    def __str__(self) -> str:
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
        return table(title, header, rows)


def frontier(
    sample: Sample,
    limits: Sequence[Limit],
    *,
    first: Axis,
    second: Axis,
    probabilities: Sequence[float] = (0.8, 0.9, 0.95),
    given: Sequence[Levy] = (),
    reachable: Reachable | None = None,
    confidence: float = 0.95,
) -> Frontier:
    """Compliance over a grid of two requirements, and its contours.

    An input axis conditions (X_j >= r); an output axis adds the limit Y <= P to `limits`.  `reachable` takes both
    values as named columns and says which pairs physics allows.  Raises as `compliance` does; KeyError for an axis
    that is neither input nor output; ValueError for an output axis without values.
    """
    for wanted in probabilities:
        check_probability("probability", wanted)
    check_limits(sample.problem, limits)
    one, two = _values(sample, first), _values(sample, second)
    required = (first.name in sample.problem.input_names, second.name in sample.problem.input_names)
    shape = (len(one), len(two))
    p, low, high = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    steps = [_asks(required[0], first, float(r)) for r in one]
    if required[0]:
        ladder = sample.ladder(given, [levies[0] for _, levies in steps])
    else:
        ladder = iter([sample.under(given)] * len(one))
    for a, (rows, (asks, levies)) in enumerate(zip(ladder, steps, strict=True)):
        row = _Row(sample, rows, (*limits, *asks), second, two, confidence)
        if not required[1]:
            cells = row.limited()
        elif second.design:
            cells = row.sized((*given, *levies))
        else:
            cells = row.required()
        for b, cell in enumerate(cells):
            if cell is not None:
                p[a, b], low[a, b], high[a, b] = cell.value, cell.low, cell.high
    mesh = np.meshgrid(one, two, indexing="ij")
    mask = np.ones(shape, dtype=bool)
    if reachable is not None:
        mask = np.asarray(reachable({first.name: mesh[0].ravel(), second.name: mesh[1].ravel()})).reshape(
            shape
        )
    tight = [_contours(two, grid, probabilities) for grid in (p, high, low)]
    ordered = (tight[1], tight[2]) if two[-1] > two[0] else (tight[2], tight[1])
    return Frontier(
        axes=(first, second),
        required=required,
        units=(sample.units[first.name], sample.units[second.name]),
        first=one,
        second=two,
        compliance=p,
        low=low,
        high=high,
        reachable=mask,
        probabilities=tuple(probabilities),
        lines=tight[0],
        lines_low=ordered[0],
        lines_high=ordered[1],
        limits=tuple(limits),
        given=tuple(given),
        confidence=confidence,
        mode=sample.mode,
    )


def _values(sample: Sample, axis: Axis) -> FloatArray:
    """The axis in the sense in which compliance rises: a requirement tightens, a limit relaxes."""
    required = axis.name in sample.problem.input_names
    if not required:
        sample.problem.output_index(axis.name)
    if axis.values:
        ordered = np.unique(np.asarray(axis.values, dtype=np.float64))
        return ordered if (axis.side == "at least") == required else ordered[::-1]
    if required:
        return levels(sample, axis.name, axis.side, count=25)
    raise ValueError(f"the axis {axis.name!r} is an output; say at which values it is limited")


def _asks(required: bool, axis: Axis, value: float) -> tuple[tuple[Limit, ...], tuple[Levy, ...]]:
    if required:
        return (), (Requirement.on(axis.name, axis.side, value, axis.design),)
    if axis.side == "at least":
        return (Limit(axis.name, low=value),), ()
    return (Limit(axis.name, high=value),), ()


@dataclass(frozen=True)
class _Row:
    """The cells of one first value: rows under it, and what the second axis does to them."""

    sample: Sample
    rows: Rows
    limits: tuple[Limit, ...]
    axis: Axis
    values: FloatArray
    confidence: float

    def _share(self, rows: Rows) -> Estimate:
        tally = passing(rows, self.limits, self.sample.problem)
        return share(rows.weight, tally, len(self.limits), self.confidence)[0]

    def required(self) -> list[Estimate | None]:
        """Thinned by each requirement."""
        tally = passing(self.rows, self.limits, self.sample.problem)
        cells: list[Estimate | None] = []
        for value in self.values:
            levies = _asks(True, self.axis, float(value))[1]
            weight = self.rows.weight * satisfied(self.sample.problem, self.rows.x, levies)
            total, squares = float(weight.sum()), float(np.sum(weight**2))
            known = total > 0.0 and total**2 / squares >= FEWEST
            cells.append(
                share(weight / total, tally, len(self.limits), self.confidence)[0] if known else None
            )
        return cells

    def sized(self, levies: Sequence[Levy]) -> list[Estimate | None]:
        """Asked anew for each design that is sized at the second value."""
        steps = [_asks(True, self.axis, float(value))[1][0] for value in self.values]
        return [self._share(rows) for rows in self.sample.ladder(levies, steps)]

    def limited(self) -> list[Estimate | None]:
        """Each further limit on an output, the chances of all others counted once."""
        problem, k = self.sample.problem, len(self.limits)
        tally = passing(self.rows, self.limits, problem) * self.rows.weight[:, None]
        column = problem.output_index(self.axis.name)
        mean, std = self.rows.mean[:, column], self.rows.std[:, column]
        certain = np.zeros_like(std)
        limits = [_asks(False, self.axis, float(value))[0][0] for value in self.values]
        met = np.stack([chance(mean, std, limit) for limit in limits], axis=1)
        above, below = (
            np.stack([chance(shifted, certain, limit) for limit in limits], axis=1)
            for shifted in (mean + std, mean - std)
        )
        p = tally[:, 0] @ met
        of_others = 0.5 * (tally[:, 1 + k :: 2] - tally[:, 2 + k :: 2]).T @ met
        variance = np.sum(of_others**2, axis=0) + (0.5 * tally[:, 0] @ (above - below)) ** 2
        n = self.rows.effective
        return [
            proportion(min(float(q), 1.0), n, float(v), self.confidence)
            for q, v in zip(p, variance, strict=True)
        ]


def _contours(values: ArrayLike, grid: FloatArray, probabilities: Sequence[float]) -> FloatArray:
    """(p, a): where each row of the grid first reaches each probability, linear in between; NaN where it does
    not."""
    v = np.asarray(values, dtype=np.float64)
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
