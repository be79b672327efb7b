"""One HTML page that opens without a network: the answer first, then the evidence, provenance at the foot."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files
from typing import Any

from uq.core.estimate import Estimate
from uq.report.document import Cell, Figure, Report, Table, words

LONG = 60
"""Letters from which on a cell needs a wide column."""


def page(report: Report) -> str:
    """The report as one HTML file: figures embedded as vectors, tables that sort, nothing fetched.

    All text is escaped; a content security policy admits the page's own script by its hash, and nothing else.
    """
    script = template("sort.js")
    return filled(
        "report.html", report=report, script=script, script_hash=digest(script), style=template("report.css")
    )


def fragment(*tables: Table) -> str:
    """Tables for a notebook, as the page draws them."""
    return filled("notebook.html", tables=tables)


def framed(report: Report) -> str:
    """The page for a notebook: in a frame, so that neither's style touches the other's."""
    style = "width: 100%; height: 45rem; border: 1px solid #d5dce3"
    return f'<iframe title="{escape(report.title)}" style="{style}" srcdoc="{escape(page(report))}"></iframe>'


def filled(name: str, **parts: Any) -> str:
    """A template of this folder with its parts; all text is escaped unless the template says otherwise."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("uq.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"picture": _picture, "side": _side, "parts": _parts}
    environment.filters["numeric"] = _numeric
    environment.tests["table"] = lambda part: isinstance(part, Table)
    return environment.get_template(name).render(parts)


def template(name: str) -> str:
    """A file of the templates' folder as it stands."""
    return files("uq.report").joinpath("templates", name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """What a content security policy calls the hash of a script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _picture(figure: Figure) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(figure.svg.encode()).decode()


def _parts(cell: Cell, decimals: int | None) -> tuple[str, str]:
    """The number (or words), and its interval apart."""
    text = words(cell, decimals)
    if not isinstance(cell, Estimate):
        return text, ""
    value, _, interval = text.partition(" ")
    return value, interval


def _numeric(table: Table) -> list[str]:
    """The side on which each column's heading stands: that of its numbers, or of its words."""
    return [
        "words" if all("words" in _side(row[k]) for row in table.rows) else "number"
        for k in range(len(table.columns))
    ]


def _side(cell: Cell) -> str:
    if cell is None or isinstance(cell, str):
        return "words long" if cell is not None and len(cell) > LONG else "words"
    return "number"
