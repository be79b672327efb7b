"""Drawings as SVG text: distributions, bars with intervals, curves with bands, frontiers, waterfalls, parity.

Each function takes numbers and words and gives a `Figure`; what one sees is said in its `alt`.  The same numbers give
the same bytes.
"""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.estimate import Estimate
from uq.report.document import Figure

INK, SOFT, RULE = "#1b2733", "#52606d", "#d5dce3"
HUES = ("#0b5c8a", "#c8621b", "#3f7d3a", "#8a3b76", "#7a6a1a")
WIDTH = 7.4
"""Inches: a page's text width, so that nothing is scaled in a review."""

NAME = 46
"""Letters of a line of a bar's name."""
FAR = 4.0
"""Distances between the quartiles beyond which a point is said at the edge of an axis."""

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.0,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "legend.frameon": False,
    "svg.hashsalt": "lander-uq",
    "svg.fonttype": "path",
    "text.parse_math": False,  # a dollar in a title is a dollar
}


class _Canvas:
    axes: Any
    figure: Any
    svg: str = ""


@contextmanager
def drawing(height: float, columns: int = 1, rows: int = 1, *, width: float = WIDTH) -> Iterator[_Canvas]:
    """A drawing of our style, rendered to `svg` on leaving.

    Parameters
    ----------
    height : float
        Inches.
    columns, rows : int, default 1
        Of panels.
    width : float, default WIDTH
        Inches; the text's where it is not given.

    Returns
    -------
    iterator of canvas
        The context of the `with` statement.
    """
    import matplotlib
    from matplotlib.figure import Figure as Drawing

    canvas = _Canvas()
    with matplotlib.rc_context(_STYLE):
        canvas.figure = Drawing(figsize=(width, height), layout="constrained")
        canvas.axes = canvas.figure.subplots(rows, columns, sharex=rows > 1)
        yield canvas
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("error", message="Glyph .* missing")
                canvas.svg = _rendered(canvas.figure)
        except UserWarning:  # letters that our font has not are left to the fonts of who looks
            with warnings.catch_warnings(), matplotlib.rc_context({"svg.fonttype": "none"}):
                warnings.filterwarnings("ignore", message="Glyph .* missing")
                canvas.svg = _rendered(canvas.figure)


def _rendered(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def distributions(
    name: str,
    title: str,
    samples: Mapping[str, FloatArray],
    *,
    label: str,
    threshold: float | None = None,
    alt: str,
) -> Figure:
    """Histograms of one output under several names, over each other, with the threshold that decides.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    samples : mapping of str to ndarray (n,)
        By the name that the legend shows.
    label : str
        Of the axis, with the unit after a comma.
    threshold : float, optional
        The level that decides, drawn as a line; none where it is not given.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    every = np.concatenate(list(samples.values()))
    low, high = np.quantile(every, [0.002, 0.998])
    bins = np.linspace(low, high, 61)
    with drawing(2.9) as canvas:
        axes = canvas.axes
        for k, (key, values) in enumerate(samples.items()):
            weight = np.full(len(values), 1.0 / len(values))
            axes.hist(
                values,
                bins=bins,
                weights=weight,
                histtype="stepfilled",
                alpha=0.35 if len(samples) > 1 else 0.55,
                color=HUES[k % len(HUES)],
                edgecolor=HUES[k % len(HUES)],
                linewidth=1.0,
                label=key,
            )
        if threshold is not None:
            axes.axvline(threshold, color=INK, linewidth=1.2)
        axes.set_xlabel(label)
        axes.set_ylabel("share of samples")
        if len(samples) > 1:
            axes.legend(loc="upper right")
    return Figure(name, title, alt, canvas.svg)


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
            value = np.array([e.value for e in found])
            spread = np.array([[max(e.value - e.low, 0.0), max(e.high - e.value, 0.0)] for e in found]).T
            axes.barh(
                at,
                value,
                height=0.9 * thick,
                color=HUES[k],
                alpha=0.8,
                xerr=spread,
                error_kw={"ecolor": INK, "elinewidth": 0.9, "capsize": 1.5},
                label=one,
            )
        axes.set_yticks(place, _wrapped(entries))
        axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
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
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(0.9 + 0.3 * len(entries)) as canvas:
        axes = canvas.axes
        place = np.arange(len(entries))[::-1]
        for y, (one, sign) in zip(place, entries.values(), strict=True):
            way = 1.0 if sign > 0.0 else -1.0
            below, above = max(one.value - one.low, 0.0), max(one.high - one.value, 0.0)
            axes.barh(
                y,
                way * one.value,
                height=0.7,
                color=HUES[0] if way > 0.0 else HUES[1],
                alpha=0.8,
                xerr=[[below if way > 0.0 else above], [above if way > 0.0 else below]],
                error_kw={"ecolor": INK, "elinewidth": 0.9, "capsize": 1.5},
            )
        axes.set_yticks(place, _wrapped(entries))
        axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
        axes.axvline(0.0, color=SOFT, linewidth=0.8)
        largest = 1.08 * max(abs(edge) for edge in axes.get_xlim())
        axes.set_xlim(-largest, largest)
        axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}")
        for x, side, words, hue in ((0.01, "left", sides[0], HUES[1]), (0.99, "right", sides[1], HUES[0])):
            axes.text(x, 1.0, words, color=hue, ha=side, va="bottom", fontsize=8, transform=axes.transAxes)
        axes.set_xlabel(label)
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
            value = np.array([e.value for e in found])
            spread = np.array([[max(e.value - e.low, 0.0), max(e.high - e.value, 0.0)] for e in found]).T
            axes.errorbar(
                value, place, xerr=spread, fmt="o", color=HUES[0], ecolor=INK, capsize=2.5, markersize=5
            )
            low, high = _seen(np.array([e.low for e in found]), np.array([e.high for e in found]))
            if low is not None and high is not None:
                axes.set_xlim(low, high)
                for x, y in zip(value, place, strict=True):
                    if x > high or x < low:  # said at the edge: it would squeeze all the others
                        side, edge = ("right", 0.97) if x > high else ("left", 0.03)
                        arrow = (
                            f"{x:.3g} \N{RIGHTWARDS ARROW}" if x > high else f"\N{LEFTWARDS ARROW} {x:.3g}"
                        )
                        axes.text(
                            edge,
                            y,
                            arrow,
                            ha=side,
                            va="center",
                            color=HUES[1],
                            transform=axes.get_yaxis_transform(),
                        )
            if thresholds[k] is not None:
                axes.axvline(thresholds[k], color=INK, linewidth=1.0, linestyle="--")
            axes.set_yticks(place, _wrapped(entries) if k == 0 else [""] * len(entries))
            axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
            axes.set_ylim(-0.6, len(entries) - 0.4)
            axes.grid(axis="x", color=RULE, linewidth=0.6)
            axes.set_axisbelow(True)
            axes.set_xlabel(labels[k])
    return Figure(name, title, alt, canvas.svg)


def _wrapped(names: Iterable[str]) -> list[str]:
    """Names of bars in lines that leave the bars their room."""
    return [textwrap.fill(name, NAME) for name in names]


def _seen(low: FloatArray, high: FloatArray) -> tuple[float | None, float | None]:
    """Ends of an axis that shows all intervals but those far from the others; None where none is far."""
    middle = 0.5 * (low + high)
    first, third = np.quantile(middle, [0.25, 0.75])
    reach = FAR * max(float(third - first), float(np.median(high - low)))
    near = (middle >= first - reach) & (middle <= third + reach)
    if near.all():
        return None, None
    pad = 0.08 * float(high[near].max() - low[near].min())
    return float(low[near].min()) - pad, float(high[near].max()) + 2.0 * pad


MANY = 5
"""Lines from which on a drawing is higher, so that they and their legend have room."""


def curves(
    name: str,
    title: str,
    series: Mapping[str, tuple[FloatArray, Sequence[Estimate]]],
    *,
    labels: tuple[str, str],
    threshold: float | None = None,
    bounds: tuple[float, float] | None = None,
    alt: str,
) -> Figure:
    """Estimates along a line, each with its band, and the level that is wanted.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    series : Mapping[str, tuple[FloatArray, Sequence[Estimate]]]
        x (k,) and k estimates by name.
    labels : tuple[str, str]
        Of the two axes, with units.
    threshold : float, optional
        The level that decides, drawn as a line; none where it is not given.
    bounds : tuple[float, float], optional
        Of the vertical axis.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(3.1 if len(series) < MANY else 4.2) as canvas:
        axes = canvas.axes
        for k, (key, (x, found)) in enumerate(series.items()):
            again, of = divmod(k, len(HUES))  # a hue that comes again is dashed, with squares
            style = {"marker": "os^"[again % 3], "linestyle": ("-", "--", ":")[again % 3], "color": HUES[of]}
            axes.fill_between(
                x, [e.low for e in found], [e.high for e in found], color=HUES[of], alpha=0.2, linewidth=0
            )
            axes.plot(x, [e.value for e in found], **style, markersize=3, linewidth=1.4, label=key)
        if threshold is not None:
            axes.axhline(threshold, color=INK, linewidth=1.0, linestyle="--")
            axes.text(
                0.995,
                threshold,
                f"wanted, {threshold:g}",
                transform=axes.get_yaxis_transform(),
                ha="right",
                va="top",
                fontsize=8,
            )
        if bounds is not None:
            axes.set_ylim(*bounds)
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        axes.grid(color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        if len(series) > 1:  # outside: no place inside is free of every line, band and level
            canvas.figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    return Figure(name, title, alt, canvas.svg)


def field(
    name: str,
    title: str,
    x: FloatArray,
    y: FloatArray,
    values: FloatArray,
    *,
    labels: tuple[str, str, str],
    levels: Sequence[float],
    span: tuple[float, float] = (0.0, 1.0),
    wanted: float | None = None,
    beyond: BoolArray | None = None,
    alt: str,
) -> Figure:
    """Values (a, b) over two axes with labelled contours, a heavy one at what is `wanted`; cells `beyond` reach are
    hatched.

    Colours reach over `span`; one with zero inside is drawn in two hues that meet there.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    x : ndarray (b,)
        Of the horizontal axis.
    y : ndarray (a,)
        Of the vertical axis.
    values : ndarray (a, b)
        In the unit of the third label.
    labels : tuple[str, str, str]
        Of both axes and of the values, with units.
    levels : sequence of float
        Of the contours.
    span : tuple[float, float], default (0.0, 1.0)
        Of the colours.
    wanted : float, optional
        Level of the heavy contour.
    beyond : ndarray of bool (a, b), optional
        Cells that are out of reach.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    with drawing(3.7) as canvas:
        axes = canvas.axes
        grid = np.ma.masked_invalid(values.T)
        low, high = span
        largest = max(-low, high)
        two_sided = low < 0.0 < high
        ends = (-largest, largest) if two_sided else span
        drawn = axes.contourf(
            x,
            y,
            grid,
            levels=np.linspace(*ends, 11),
            cmap="RdBu" if two_sided else "Blues",
            alpha=0.8,
            extend="both" if two_sided else "neither",
        )
        canvas.figure.colorbar(drawn, ax=axes, label=labels[2], ticks=np.linspace(*ends, 6 - two_sided))
        inside = [v for v in levels if np.nanmin(values) < v < np.nanmax(values)]
        if inside:
            lines = axes.contour(x, y, grid, levels=inside, colors=INK, linewidths=1.2)
            axes.clabel(lines, fmt="%g", fontsize=8)
        key: list[Any] = []
        if wanted is not None:
            reached = np.nanmin(values) < wanted < np.nanmax(values)
            if reached:
                axes.contour(x, y, grid, levels=[wanted], colors=HUES[1], linewidths=2.2)
            key.append(
                Line2D(
                    [],
                    [],
                    color=HUES[1],
                    linewidth=2.2,
                    label=f"wanted, {wanted:g}" + ("" if reached else ": nowhere"),
                )
            )
        if beyond is not None and beyond.any():
            axes.contourf(x, y, beyond.T.astype(float), levels=[0.5, 1.5], colors="none", hatches=["////"])
            key.append(Patch(facecolor="none", edgecolor=SOFT, hatch="////", label="beyond reach"))
        if key:
            canvas.figure.legend(handles=key, loc="outside upper right", ncols=len(key), fontsize=8)
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
    return Figure(name, title, alt, canvas.svg)


def frontiers(
    name: str,
    title: str,
    panels: Mapping[str, Mapping[str, tuple[FloatArray, Sequence[Estimate]]]],
    *,
    reach: Mapping[str, float],
    labels: tuple[str, str],
    nothing: str = "",
    alt: str,
) -> Figure:
    """One panel each of lines with their bands.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    panels : Mapping[str, Mapping[str, tuple[FloatArray, Sequence[Estimate]]]]
        By title, x (k,) and k estimates by name.
    reach : Mapping[str, float]
        By title, the x beyond which a panel is hatched.
    labels : tuple[str, str]
        Of the two axes, with units.
    nothing : str, default ''
        What an empty panel says.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(3.3, columns=len(panels)) as canvas:
        for axes, (key, lines) in zip(np.atleast_1d(canvas.axes), panels.items(), strict=True):
            for k, (label, (x, found)) in enumerate(lines.items()):
                hue = HUES[k % len(HUES)]
                low, high = [e.low for e in found], [e.high for e in found]
                axes.fill_between(x, low, high, color=hue, alpha=0.2, linewidth=0)
                middle = [e.value for e in found]
                axes.plot(x, middle, color=hue, marker="o", markersize=3, linewidth=1.4, label=label)
            ends = [v for x, _ in lines.values() for v in x]
            if np.isfinite(reach[key]):
                right = max([*ends, 1.06 * reach[key]])
                axes.set_xlim(min([*ends, 0.8 * reach[key]]) - 0.01, right + 0.01)
                axes.axvspan(
                    reach[key],
                    right + 0.01,
                    facecolor="none",
                    edgecolor=SOFT,
                    hatch="////",
                    linewidth=0,
                    label="beyond reach",
                )
            if lines:
                axes.legend(loc="best", fontsize=8)
            else:
                axes.set_yticks([])
                axes.text(0.5, 0.5, nothing, ha="center", va="center", fontsize=8, transform=axes.transAxes)
            axes.set_title(key)
            axes.set_xlabel(labels[0])
        np.atleast_1d(canvas.axes)[0].set_ylabel(labels[1])
    return Figure(name, title, alt, canvas.svg)


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
        axes.set_yticks(place, _wrapped(names))
        axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
        axes.axvline(0.0, color=SOFT, linewidth=0.8)
        if limit is not None:
            axes.axvline(limit, color=INK, linewidth=1.2, linestyle="--")
        axes.set_xlabel(label)
    return Figure(name, title, alt, canvas.svg)


def parity(
    name: str,
    title: str,
    pairs: Mapping[str, tuple[FloatArray, FloatArray]],
    *,
    labels: tuple[str, str],
    bands: Sequence[float] = (),
    logarithmic: bool = False,
    alt: str,
) -> Figure:
    """Predicted against true values in one panel each; dashed lines at plus and minus each of `bands` (shares).

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    pairs : Mapping[str, tuple[FloatArray, FloatArray]]
        True and predicted values (n,) by title.
    labels : tuple[str, str]
        Of the two axes, with units.
    bands : sequence of float, default ()
        Shares at which lines are dashed.
    logarithmic : bool, default False
        Both axes.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(3.3, columns=len(pairs)) as canvas:
        for axes, (key, (true, predicted)) in zip(np.atleast_1d(canvas.axes), pairs.items(), strict=True):
            ends = np.array([min(true.min(), predicted.min()), max(true.max(), predicted.max())])
            axes.plot(ends, ends, color=INK, linewidth=0.9)
            for band in bands:
                for sign in (1.0, -1.0):
                    axes.plot(ends, ends * (1.0 + sign * band), color=SOFT, linewidth=0.8, linestyle="--")
            axes.plot(true, predicted, ".", color=HUES[0], markersize=4 if len(true) < 500 else 2, alpha=0.6)
            if logarithmic:
                axes.set_xscale("log")
                axes.set_yscale("log")
            axes.set_title(key)
            axes.set_xlabel(labels[0])
            axes.set_ylabel(labels[1])
    return Figure(name, title, alt, canvas.svg)
