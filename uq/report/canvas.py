"""The canvas of all figures: our style, rendered to SVG text.

Each figure is a function from numbers and words to a `Figure`; what one sees is said in its `alt`.  The same numbers
give the same bytes.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

INK, SOFT, RULE = "#1b2733", "#52606d", "#d5dce3"
HUES = ("#0b5c8a", "#c8621b", "#3f7d3a", "#8a3b76", "#7a6a1a")
WIDTH = 7.4
"""Inches: a page's text width, so that nothing is scaled in a review."""


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
    panels: Any
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
        canvas.panels = np.atleast_1d(canvas.axes)
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


def rule(axes: Any, axis: str = "both") -> None:
    """Faint lines at the ticks, behind all that is drawn.

    Parameters
    ----------
    axes : axes
        Of one panel.
    axis : str, default "both"
        Whose ticks: "x", "y" or both.
    """
    axes.grid(axis=axis, color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def shared_legend(canvas: _Canvas, columns: int) -> None:
    """One legend below all panels, each label once.

    Parameters
    ----------
    canvas : canvas
        Of `drawing`.
    columns : int
        Of the legend.
    """
    handles: dict[str, Any] = {}
    for axes in canvas.panels:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(text, handle)
    canvas.figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=columns, fontsize=8
    )


def line_key(label: str) -> Any:
    """The entry of a legend for a line of the second hue.

    Parameters
    ----------
    label : str
        Its words.

    Returns
    -------
    artist
        A handle for `figure.legend`.
    """
    from matplotlib.lines import Line2D

    return Line2D([], [], color=HUES[1], linewidth=2.2, label=label)


def hatch_key(label: str) -> Any:
    """The entry of a legend for a hatched area.

    Parameters
    ----------
    label : str
        Its words.

    Returns
    -------
    artist
        A handle for `figure.legend`.
    """
    from matplotlib.patches import Patch

    return Patch(facecolor="none", edgecolor=SOFT, hatch="////", label=label)
