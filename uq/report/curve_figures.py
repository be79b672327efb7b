"""Distributions, curves with bands, fields, frontiers and parity as SVG text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.estimate import Estimate
from uq.report.canvas import HUES, INK, SOFT, drawing, hatch_key, line_key, rule
from uq.report.document import Figure


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
    low, high = np.quantile(np.concatenate(list(samples.values())), [0.002, 0.998])
    bins = np.linspace(low, high, 61)
    with drawing(2.9) as canvas:
        axes = canvas.axes
        for k, (key, values) in enumerate(samples.items()):
            weight, hue = np.full(len(values), 1.0 / len(values)), HUES[k % len(HUES)]
            style = {"alpha": 0.35 if len(samples) > 1 else 0.55, "color": hue, "edgecolor": hue}
            axes.hist(values, bins, weights=weight, histtype="stepfilled", linewidth=1.0, label=key, **style)
        if threshold is not None:
            axes.axvline(threshold, color=INK, linewidth=1.2)
        axes.set(xlabel=label, ylabel="share of samples")
        if len(samples) > 1:
            axes.legend(loc="upper right")
    return Figure(name, title, alt, canvas.svg)


MANY = 5
"""Lines from which on a drawing is higher, so that they and their legend have room."""


def curves(
    name: str,
    title: str,
    series: Mapping[str, tuple[FloatArray, Sequence[Estimate]]],
    *,
    labels: tuple[str, str],
    threshold: float | None = None,
    threshold_words: str | None = None,
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
    threshold_words : str, optional
        At that line; what is wanted by default.
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
            _banded(axes, x, found, key, **style)
        if threshold is not None:
            axes.axhline(threshold, color=INK, linewidth=1.0, linestyle="--")
            words, across = threshold_words or f"wanted, {threshold:g}", axes.get_yaxis_transform()
            # outside: no place inside is free of every line and band
            axes.text(1.008, threshold, words, transform=across, ha="left", va="center", fontsize=8)
        if bounds is not None:
            axes.set_ylim(*bounds)
        axes.set(xlabel=labels[0], ylabel=labels[1])
        rule(axes)
        if len(series) > 1:  # outside, too
            canvas.figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    return Figure(name, title, alt, canvas.svg)


def _banded(axes: Any, x: FloatArray, found: Sequence[Estimate], label: str, **style: Any) -> None:
    """A line of estimates with the band of their intervals."""
    low, high = [e.low for e in found], [e.high for e in found]
    axes.fill_between(x, low, high, color=style["color"], alpha=0.2, linewidth=0)
    axes.plot(x, [e.value for e in found], **style, markersize=3, linewidth=1.4, label=label)


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
            key.append(line_key(f"wanted, {wanted:g}" + ("" if reached else ": nowhere")))
        if beyond is not None and beyond.any():
            axes.contourf(x, y, beyond.T.astype(float), levels=[0.5, 1.5], colors="none", hatches=["////"])
            key.append(hatch_key("beyond reach"))
        if key:
            canvas.figure.legend(handles=key, loc="outside upper right", ncols=len(key), fontsize=8)
        axes.set(xlabel=labels[0], ylabel=labels[1])
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
        for axes, (key, lines) in zip(canvas.panels, panels.items(), strict=True):
            for k, (label, (x, found)) in enumerate(lines.items()):
                _banded(axes, x, found, label, color=HUES[k % len(HUES)], marker="o")
            ends = [v for x, _ in lines.values() for v in x]
            if np.isfinite(reach[key]):
                right = max([*ends, 1.06 * reach[key]])
                axes.set_xlim(min([*ends, 0.8 * reach[key]]) - 0.01, right + 0.01)
                style = {"facecolor": "none", "edgecolor": SOFT, "hatch": "////", "linewidth": 0}
                axes.axvspan(reach[key], right + 0.01, label="beyond reach", **style)
            if lines:
                axes.legend(loc="best", fontsize=8)
            else:
                axes.set_yticks([])
                axes.text(0.5, 0.5, nothing, ha="center", va="center", fontsize=8, transform=axes.transAxes)
            axes.set(title=key, xlabel=labels[0])
        canvas.panels[0].set_ylabel(labels[1])
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
        for axes, (key, (true, predicted)) in zip(canvas.panels, pairs.items(), strict=True):
            ends = np.array([min(true.min(), predicted.min()), max(true.max(), predicted.max())])
            axes.plot(ends, ends, color=INK, linewidth=0.9)
            for band in bands:
                for sign in (1.0, -1.0):
                    axes.plot(ends, ends * (1.0 + sign * band), color=SOFT, linewidth=0.8, linestyle="--")
            axes.plot(true, predicted, ".", color=HUES[0], markersize=4 if len(true) < 500 else 2, alpha=0.6)
            if logarithmic:
                axes.set(xscale="log", yscale="log")
            axes.set(title=key, xlabel=labels[0], ylabel=labels[1])
    return Figure(name, title, alt, canvas.svg)
