"""Which pairs of requirements just comply, at several probabilities, and which of them physics cannot reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.requirements.levying import levels
from uq.requirements.sample import Rows, Sample, passing, satisfied, share
from uq.requirements.terms import (
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
    confidence: float
    mode: str = ""

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
    shape = (len(one), len(two))
    p, low, high = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for a, r in enumerate(one):
        asks, levies = _asks(sample, first, float(r))
        sized = bool(second.design)
        rows = sample.under((*given, *levies)) if not sized else sample.rows
        tally = passing(rows, (*limits, *asks), sample.problem)
        for b, s in enumerate(two):
            more, also = _asks(sample, second, float(s))
            if sized:
                rows = sample.under((*given, *levies, *also))
            if sized or more:
                tally = passing(rows, (*limits, *asks, *more), sample.problem)
            weight = _thinned(sample, rows, also)
            if weight is None:
                continue
            cell, _ = share(weight, tally, len(limits) + len(asks) + len(more), confidence)
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


def _asks(sample: Sample, axis: Axis, value: float) -> tuple[tuple[Limit, ...], tuple[Levy, ...]]:
    if axis.name in sample.problem.input_names:
        return (), (Requirement.on(axis.name, axis.side, value, axis.design),)
    if axis.side == "at least":
        return (Limit(axis.name, low=value),), ()
    return (Limit(axis.name, high=value),), ()


def _thinned(sample: Sample, rows: Rows, levies: Sequence[Levy]) -> FloatArray | None:
    """Weights of the rows where the levies hold too, or None where too few are left."""
    weight = rows.weight * satisfied(sample.problem, rows.x, levies)
    total = float(weight.sum())
    if not total > 0.0 or total**2 / float(np.sum(weight**2)) < FEWEST:
        return None
    return weight / total


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
