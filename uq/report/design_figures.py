"""Drawings of designs: fronts of what is gained over what it takes, and histories of one flight over a cut axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from uq.core.array_types import FloatArray
from uq.report.canvas import HUES, INK, RULE, drawing, shared_legend
from uq.report.document import Figure

LEGEND = 0.35
"""Room above the lines of a panel for their names, as a share of its height."""


def trade_fronts(
    name: str,
    title: str,
    panels: Mapping[str, Mapping[str, tuple[FloatArray, FloatArray]]],
    *,
    dominated: Mapping[str, tuple[FloatArray, FloatArray]],
    marks: Mapping[str, Mapping[str, tuple[float, float]]],
    bands: Mapping[str, tuple[FloatArray, FloatArray, FloatArray]],
    label: str,
    alt: str,
) -> Figure:
    """Fronts over one resource, a panel for each goal: lines by name, dominated points in grey, marked points.

    Marks are drawn as a square, a star and a diamond in the order in which they come.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    panels : Mapping[str, Mapping[str, tuple[FloatArray, FloatArray]]]
        By the panel's label, lines (x, y) by name.
    dominated : Mapping[str, tuple[FloatArray, FloatArray]]
        By the panel's label, points (x, y)
    marks : Mapping[str, Mapping[str, tuple[float, float]]]
        By the panel's label, points (x, y) by name.
    bands : Mapping[str, tuple[FloatArray, FloatArray, FloatArray]]
        By the panel's label, x with the lower and upper ends.
    label : str
        Of the shared axis, with the unit after a comma.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(3.6, columns=len(panels)) as canvas:
        for axes, (key, lines) in zip(canvas.panels, panels.items(), strict=True):
            if key in dominated:
                axes.plot(*dominated[key], ".", color=RULE, markersize=4, zorder=1, label="dominated")
            if key in bands:
                x, low, high = bands[key]
                band = {"color": HUES[0], "alpha": 0.15, "linewidth": 0}
                axes.fill_between(x, low, high, label="80 % of draws, over the square", **band)
            for k, (line, (x, y)) in enumerate(lines.items()):
                axes.plot(x, y, "-", color=HUES[k % len(HUES)], linewidth=1.4, label=line, zorder=2)
            for shape, (line, (px, py)) in zip("s*D", marks.get(key, {}).items(), strict=False):
                size = 12 if shape == "*" else 6
                axes.plot(
                    [px], [py], shape, color=INK, markersize=size, label=line, zorder=3, linestyle="none"
                )
            axes.set(xlabel=label, ylabel=key)
            # dominated points far away and the steep ends of lines would flatten what is to be read
            (_, first), *others = lines.values()
            seen = [first.min(), first.max(), *(q for _, y in others for q in np.quantile(y, [0.25, 0.75]))]
            seen += [y for _, y in marks.get(key, {}).values()]
            if key in bands:
                seen += [bands[key][1].min(), bands[key][2].max()]
            pad = 0.12 * max(float(np.ptp(seen)), 1e-9)
            axes.set_ylim(min(seen) - pad, max(seen) + pad)
            right = max(float(x.max()) for x, _ in lines.values())
            axes.set_xlim(-0.03 * right, 1.1 * right)
        shared_legend(canvas, 3)
    return Figure(name, title, alt, canvas.svg)


def stacked_shares(
    name: str,
    title: str,
    panels: Mapping[str, Mapping[str, FloatArray]],
    place: FloatArray,
    phases: Sequence[str],
    *,
    label: str,
    alt: str,
) -> Figure:
    """Shares of a whole over phases, one upon the other, a panel for each label; what is left up to 1 stays white.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    panels : Mapping[str, Mapping[str, FloatArray]]
        By the panel's label, shares (p, s) by name, the lowest first; the same names have the same hue in each panel.
    place : ndarray (s,)
        In each phase, from 0 to 1.
    phases : sequence of str
        p names; all phases have the same width.
    label : str
        Of the horizontal axis.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    names = list(dict.fromkeys(n for shares in panels.values() for n in shares))
    styles = {n: (HUES[k % len(HUES)], 0.85 if k < len(HUES) else 0.4) for k, n in enumerate(names)}
    with drawing(1.7 * len(panels) + 1.2, rows=len(panels)) as canvas:
        for axes, (key, shares) in zip(canvas.panels, panels.items(), strict=True):
            for phase in range(len(phases)):
                stack, colors = [s[phase] for s in shares.values()], [styles[n][0] for n in shares]
                axes.stackplot(1.06 * phase + place, stack, colors=colors, linewidth=0, alpha=None)
                for part, n in zip(axes.collections[-len(shares) :], shares, strict=True):
                    part.set_alpha(styles[n][1])
                    part.set_label(n if phase == 0 else None)
            axes.set_ylabel(key, fontsize=8)
            axes.set_ylim(0.0, 1.0)
            axes.set_xticks([1.06 * k + 0.5 for k in range(len(phases))], phases, fontsize=8)
            axes.tick_params(axis="x", length=0, labelbottom=True)
            axes.margins(x=0.01)
        canvas.panels[-1].set_xlabel(label)
        shared_legend(canvas, 2)
    return Figure(name, title, alt, canvas.svg)


def histories(
    name: str,
    title: str,
    panels: Mapping[str, Mapping[str, FloatArray]],
    time: FloatArray,
    phases: Sequence[str],
    *,
    limits: Mapping[str, Mapping[str, tuple[str, float]]],
    worst: Mapping[str, str],
    bands: Mapping[str, tuple[FloatArray, FloatArray]] | None = None,
    label: str,
    alt: str,
) -> Figure:
    """Quantities over one broken time axis, a panel for each label.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    panels : Mapping[str, Mapping[str, FloatArray]]
        By the panel's label, lines (p, s) by name.
    time : ndarray (p, s)
        s from the start of each phase; what lies between phases is cut out and marked.
    phases : sequence of str
        p names.
    limits : Mapping[str, Mapping[str, tuple[str, float]]]
        By the panel's label and the line that is limited, the words and the value of its dashed line, which has the
        colour of what it limits and is named where it stands.
    worst : Mapping[str, str]
        By the panel's label, "least" or "most", which is marked.
    bands : Mapping[str, tuple[ndarray (p, s), ndarray (p, s)]], optional
        By the panel's label, lower and upper edge of a shaded band about its first line.
    label : str
        Of the axis, with the unit after a comma.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    spans = time[:, -1]
    gap = 0.02 * spans.sum()
    starts = np.concatenate([[0.0], np.cumsum(spans[:-1] + gap)])
    place = (starts[:, None] + time) / 60.0
    with drawing(1.15 * len(panels) + 0.9, columns=1, rows=len(panels)) as canvas:
        every = canvas.panels
        for axes, (key, lines) in zip(every, panels.items(), strict=True):
            for k, (line, values) in enumerate(lines.items()):
                style = {"color": HUES[k % len(HUES)], "linewidth": 1.3}
                for x, y, own in zip(place, values, (line, *[None] * len(phases)), strict=False):
                    axes.plot(x, y, label=own, **style)
            for where, low, high in zip(place, *(bands or {}).get(key, ((), ())), strict=False):
                axes.fill_between(where, low, high, color=HUES[0], alpha=0.3, linewidth=0)
            for limited, (limit, value) in limits.get(key, {}).items():
                hue = HUES[list(lines).index(limited) % len(HUES)]
                axes.axhline(value, color=hue, linewidth=0.9, linestyle="--")
                axes.annotate(
                    limit,
                    (0.0, value),
                    xytext=(3, 2),
                    textcoords="offset points",
                    xycoords=("axes fraction", "data"),
                    color=hue,
                    fontsize=7,
                    bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6},
                )
            if key in worst:
                whole = np.concatenate([v.ravel() for v in lines.values()])
                at = int(np.nanargmin(whole) if worst[key] == "least" else np.nanargmax(whole))
                axes.plot(place.ravel()[at % place.size], whole[at], "o", color=INK, markersize=4)
            for first, last in zip(place[:, 0], place[:, -1], strict=True):
                axes.axvspan(first, last, color=RULE, alpha=0.35, linewidth=0)
            axes.set_ylabel(key, fontsize=8)
            axes.margins(x=0.01, y=0.15)
            if len(lines) > 1:  # above the lines: what crosses them cannot be read
                bottom, top = axes.get_ylim()
                axes.set_ylim(bottom, top + LEGEND * (top - bottom))
                axes.legend(fontsize=7, loc="upper right", ncols=len(lines), frameon=False, borderpad=0.1)
        for axes in every[:-1]:
            axes.tick_params(labelbottom=False)
        for text, first, last in zip(phases, place[:, 0], place[:, -1], strict=True):
            every[0].annotate(
                text,
                (0.5 * (first + last), 1.03),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="bottom",
                fontsize=7,
                rotation=0 if last - first > 0.1 * place[-1, -1] else 25,
            )
        every[-1].set_xlabel(label)
    return Figure(name, title, alt, canvas.svg)
