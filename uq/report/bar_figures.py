"""Bars with their intervals, and the steps of a waterfall, as SVG text."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray, IntArray
from uq.core.estimate import Estimate
from uq.report.canvas import HUES, INK, SOFT, drawing, rule
from uq.report.document import Figure

NAME = 46
"""Letters of a line of a bar's name."""
_BAR: dict[str, Any] = {
    "alpha": 0.8,
    "error_kw": {"ecolor": INK, "elinewidth": 0.9, "capsize": 1.5},
}
FAR = 4.0
"""Distances between the quartiles beyond which a point is said at the edge of an axis."""


def bars(
    name: str,
    title: str,
    entries: Mapping[str, Sequence[Estimate]],
    series: Sequence[str],
    *,
    label: str,
    alt: str,
) -> Figure:
    """Horizontal bars with intervals: one group for each entry, one bar for each of `series`.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    entries : Mapping[str, Sequence[Estimate]]
        Estimates by the name of the group, in the order of `series`.
    series : sequence of str
        Names that the legend shows.
    label : str
        Of the axis, with the unit after a comma.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    count = len(series)
    with drawing(0.9 + (0.2 + 0.13 * count) * len(entries)) as canvas:
        axes = canvas.axes
        place = np.arange(len(entries))[::-1].astype(float)
        thick = 0.78 / count
        for k, one in enumerate(series):
            found = [values[k] for values in entries.values()]
            at = place + (0.5 * (count - 1) - k) * thick
            value, spread = _spread(found)
            axes.barh(at, value, 0.9 * thick, color=HUES[k], xerr=spread, label=one, **_BAR)
        _named(axes, place, entries)
        axes.axvline(0.0, color=SOFT, linewidth=0.8)
        axes.set_xlabel(label)
        if count > 1:
            axes.legend(loc="lower right")
    return Figure(name, title, alt, canvas.svg)


def signed_bars(
    name: str,
    title: str,
    entries: Mapping[str, tuple[Estimate, float]],
    *,
    sides: tuple[str, str],
    label: str,
    pale: Collection[str] = (),
    pale_words: str = "",
    alt: str,
) -> Figure:
    """Horizontal bars with intervals, to the left and in another hue where the sign of an entry is negative.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    entries : Mapping[str, tuple[Estimate, float]]
        Size with interval, and the signed value, by name.
    sides : tuple[str, str]
        What left and right mean.
    label : str
        Of the axis, with the unit after a comma.
    pale : collection of str
        Entries whose bars are outlines.
    pale_words : str
        What an outline means.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(0.9 + 0.3 * len(entries)) as canvas:
        axes = canvas.axes
        place = np.arange(len(entries))[::-1]
        for y, (name_of, (one, sign)) in zip(place, entries.items(), strict=True):
            way = 1 if sign > 0.0 else -1
            value, spread = _spread([one])
            hue = HUES[0 if way > 0 else 1]
            paint = {"facecolor": "none", "edgecolor": hue} if name_of in pale else {"color": hue}
            axes.barh(y, way * value, 0.7, xerr=spread[::way], **paint, **_BAR)
        _named(axes, place, entries)
        axes.axvline(0.0, color=SOFT, linewidth=0.8)
        largest = 1.08 * max(abs(edge) for edge in axes.get_xlim())
        axes.set_xlim(-largest, largest)
        axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}")
        for x, side, words, hue in ((0.01, "left", sides[0], HUES[1]), (0.99, "right", sides[1], HUES[0])):
            axes.text(x, 1.0, words, color=hue, ha=side, va="bottom", fontsize=8, transform=axes.transAxes)
        outlined = f"; outlines: {pale_words}" if any(one in pale for one in entries) else ""
        axes.set_xlabel(label + outlined)
    return Figure(name, title, alt, canvas.svg)


def intervals(
    name: str,
    title: str,
    entries: Mapping[str, tuple[Estimate, Estimate]],
    *,
    labels: tuple[str, str],
    thresholds: tuple[float | None, float | None] = (None, None),
    alt: str,
) -> Figure:
    """Two columns of points with intervals, one row for each entry: things side by side, never averaged.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    entries : Mapping[str, tuple[Estimate, Estimate]]
        Two estimates by name.
    labels : tuple[str, str]
        Of the two columns, with units.
    thresholds : tuple[float | None, float | None], default (None, None)
        Of the two columns.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(0.8 + 0.3 * len(entries), columns=2) as canvas:
        place = np.arange(len(entries))[::-1]
        for k, axes in enumerate(canvas.axes):
            found = [pair[k] for pair in entries.values()]
            value, spread = _spread(found)
            axes.errorbar(
                value, place, xerr=spread, fmt="o", color=HUES[0], ecolor=INK, capsize=2.5, markersize=5
            )
            low, high = _seen(np.array([e.low for e in found]), np.array([e.high for e in found]))
            if low is not None and high is not None and low < high:
                axes.set_xlim(low, high)
                for x, y in zip(value, place, strict=True):
                    if x > high or x < low:  # said at the edge: it would squeeze all the others
                        side, edge, arrow = (
                            ("right", 0.97, f"{x:.2g} \N{RIGHTWARDS ARROW}")
                            if x > high
                            else ("left", 0.03, f"\N{LEFTWARDS ARROW} {x:.2g}")
                        )
                        across = axes.get_yaxis_transform()
                        axes.text(edge, y, arrow, ha=side, va="center", color=HUES[1], transform=across)
            if thresholds[k] is not None:
                axes.axvline(thresholds[k], color=INK, linewidth=1.0, linestyle="--")
            _named(axes, place, entries if k == 0 else [""] * len(entries))
            axes.set_ylim(-0.6, len(entries) - 0.4)
            rule(axes, "x")
            axes.set_xlabel(labels[k])
    return Figure(name, title, alt, canvas.svg)


def _spread(found: Sequence[Estimate]) -> tuple[FloatArray, FloatArray]:
    """Values, and how far their intervals reach below and above them."""
    value = np.array([e.value for e in found])
    return value, np.array([[max(e.value - e.low, 0.0), max(e.high - e.value, 0.0)] for e in found]).T


def _named(axes: Any, place: FloatArray | IntArray, names: Iterable[str]) -> None:
    """Names of bars in lines that leave the bars their room."""
    axes.set_yticks(place, [textwrap.fill(name, NAME) for name in names])
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)


def _seen(low: FloatArray, high: FloatArray) -> tuple[float | None, float | None]:
    """Ends of an axis that shows all intervals but those far from the others; None where none is far."""
    middle = 0.5 * (low + high)
    first, third = np.quantile(middle, [0.25, 0.75])
    reach = FAR * max(float(third - first), float(np.median(high - low)))
    near = (middle >= first - reach) & (middle <= third + reach)
    if near.all() or high[near].max() <= low[near].min():
        return None, None
    pad = 0.08 * float(high[near].max() - low[near].min())
    return float(low[near].min()) - pad, float(high[near].max()) + 2.0 * pad


def waterfall(
    name: str, title: str, steps: Mapping[str, float], *, label: str, limit: float | None, alt: str
) -> Figure:
    """Steps that add up: the first and the last stand on zero, those between on what came before.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    steps : Mapping[str, float]
        Amounts by name, in the unit of the label.
    label : str
        Of the axis, with the unit after a comma.
    limit : float or None
        Drawn as a line; none where it is None.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    names, amounts = list(steps), np.array(list(steps.values()))
    before = np.concatenate([[0.0], np.cumsum(amounts[:-1])])
    start = np.where(np.arange(len(amounts)) == len(amounts) - 1, 0.0, before)
    with drawing(0.8 + 0.26 * len(names)) as canvas:
        axes = canvas.axes
        place = np.arange(len(names))[::-1]
        ends = {0, len(names) - 1}
        hues = [SOFT if k in ends else HUES[1] if a < 0 else HUES[0] for k, a in enumerate(amounts)]
        axes.barh(place, amounts, left=start, color=hues, alpha=0.85, height=0.7)
        axes.use_sticky_edges = False
        _named(axes, place, names)
        axes.axvline(0.0, color=SOFT, linewidth=0.8)
        if limit is not None:
            axes.axvline(limit, color=INK, linewidth=1.2, linestyle="--")
        axes.set_xlabel(label)
    return Figure(name, title, alt, canvas.svg)
