"""Drawings of half a page's width for a brief: what is gained, how certainly, and for what effort."""

from __future__ import annotations

import numpy as np

from uq.core.array_types import FloatArray
from uq.report.canvas import HUES, INK, SOFT, drawing, rule
from uq.report.document import Figure

HALF = 4.6
"""Inches."""
HEIGHT = 2.7
LEGIBLE = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.0}
"""Behind words that a line may cross."""


def gain_histogram(name: str, title: str, values: FloatArray, *, label: str, alt: str) -> Figure:
    """The distribution of a gain, what lies below zero in another hue, with mean and probability written in.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    values : ndarray (n,)
        Finite, in the unit of the label.
    label : str
        Of the axis, with the unit after a comma.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    low, high = np.quantile(values, [0.002, 0.998])
    low, high = min(low, 0.0), max(high, 0.0)
    step = max(high - low, 1e-9) / 40.0
    bins = (
        np.arange(np.floor(low / step), np.ceil(high / step) + 1.5) * step
    )  # zero is the border of two bins
    mean, chance = float(np.mean(values)), float(np.mean(values > 0.0))
    unit = label.rpartition(", ")[2]
    with drawing(HEIGHT, width=HALF) as canvas:
        axes = canvas.axes
        counts, edges, bars = axes.hist(values, bins=bins, weights=np.full(len(values), 100.0 / len(values)))
        for bar, edge in zip(bars, edges, strict=False):
            bar.set_facecolor(HUES[0] if edge > -0.5 * step else HUES[1])
            bar.set_alpha(0.75)
        top = 1.32 * float(counts.max())
        axes.set_ylim(0.0, top)
        axes.axvline(0.0, color=INK, linewidth=1.2)
        axes.axvline(mean, ymax=0.82, color=INK, linewidth=1.0, linestyle="--")
        side = "left" if mean > 0.0 else "right"  # away from zero, whose line would cross the words
        pad = 0.01 * (high - low) * (-1.0 if side == "right" else 1.0)
        words = f"mean {mean:+.0f} {unit}".replace("-", "\N{MINUS SIGN}")
        axes.text(mean + pad, 0.83 * top, words, ha=side, va="top")
        for x, share, hue, where in ((0.01, 1.0 - chance, HUES[1], "left"), (0.99, chance, HUES[0], "right")):
            words = f"{100.0 * share:.0f} % {'gain' if where == 'right' else 'lose'}"
            axes.text(x, 0.99, words, color=hue, ha=where, va="top", weight="bold", transform=axes.transAxes)
        axes.set(xlabel=label, ylabel="share of landers, %")
    return Figure(name, title, alt, canvas.svg)


def effort_front(
    name: str,
    title: str,
    effort: FloatArray,
    goal: FloatArray,
    *,
    band: tuple[FloatArray, FloatArray],
    without: tuple[str, float],
    best: str,
    fixed: tuple[str, float] | None = None,
    labels: tuple[str, str],
    alt: str,
) -> Figure:
    """The best of a goal over the effort that it may take (k,), the point without any effort, and the last as a star.

    Parameters
    ----------
    name : str
        Of the figure or table: the stem of its file.
    title : str
        Above the figure.
    effort : ndarray (k,)
        In the unit of the first label.
    goal : ndarray (k,)
        Best value at each effort, in the unit of the second label.
    band : tuple of ndarray (k,)
        Lower and upper ends of the difference.
    without : tuple[str, float]
        Name and value of the point without any effort.
    best : str
        What the last point is called.
    fixed : tuple[str, float], optional
        Name and effort of another design, whose goal is another: a dotted line.
    labels : tuple[str, str]
        Of the two axes, with units.
    alt : str
        What the figure shows, in words, for those who do not see it.

    Returns
    -------
    Figure
    """
    with drawing(HEIGHT, width=HALF) as canvas:
        axes = canvas.axes
        axes.fill_between(effort, *band, color=HUES[0], alpha=0.15, linewidth=0)
        axes.text(
            effort[-1], band[0][-1], "80 % of landers ", color=HUES[0], fontsize=8, ha="right", va="bottom",
            bbox=LEGIBLE,
        )  # fmt: skip
        axes.plot(effort, goal, "-o", color=HUES[0], markersize=3, linewidth=1.4)
        axes.plot([0.0], [without[1]], "s", color=INK, markersize=6)
        axes.plot([effort[-1]], [goal[-1]], "*", color=INK, markersize=12)
        axes.axhline(without[1], color=SOFT, linewidth=0.8, linestyle="--")
        seen = np.array([*goal, without[1], *band[0], *band[1]])
        pad = max(0.12 * float(np.ptp(seen)), 1e-9)
        axes.set_ylim(seen.min() - pad, seen.max() + pad)
        axes.set_xlim(-0.04 * effort[-1], 1.12 * effort[-1])
        if fixed is not None:
            axes.axvline(fixed[1], color=SOFT, linewidth=1.0, linestyle=":")
            axes.annotate(
                f" {fixed[0]}, {fixed[1]:.1f}", (fixed[1], seen.max() + pad), (0, -4), textcoords="offset points",
                color=SOFT, fontsize=8, va="top",
            )  # fmt: skip
        above = without[1] >= goal[-1]
        axes.annotate(
            f"{without[0]}, {without[1]:.0f}", (0.0, without[1]), (6, 6 if above else -6), textcoords="offset points",
            va="bottom" if above else "top",
        )  # fmt: skip
        axes.annotate(
            f"{best}, {goal[-1]:.0f}", (effort[-1], goal[-1]), (0, -8 if above else 8), textcoords="offset points",
            ha="right", va="top" if above else "bottom", bbox=LEGIBLE,
        )  # fmt: skip
        axes.set(xlabel=labels[0], ylabel=labels[1])
        rule(axes)
    return Figure(name, title, alt, canvas.svg)
