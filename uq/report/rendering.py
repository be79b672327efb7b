"""The templates of this folder, filled: what every HTML page here is made of."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import re
from importlib.resources import files
from typing import Any

from uq.core.table import Table, html_table

LONG, SHOWN = 30, 12
"""A page shows at once so many rows of a table that has more than `LONG`; the others fold."""


def filled(name: str, **parts: Any) -> str:
    """A template of this folder with its parts; all text is escaped unless the template says otherwise.

    Parameters
    ----------
    name : str
        Of the template's file.
    **parts : Any
        By the names that the template knows.

    Returns
    -------
    str
        HTML.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("uq.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"picture": _picture, "sortable": _sortable, "coded": _coded}
    environment.tests |= {"table": lambda part: isinstance(part, Table), "tall": _tall}
    return environment.get_template(name).render(parts)


def template(name: str) -> str:
    """A file of the templates' folder as it stands.

    Parameters
    ----------
    name : str
        Of the file.

    Returns
    -------
    str
        Its text.
    """
    return files("uq.report").joinpath("templates", name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """What a content security policy calls the hash of a script or style.

    Parameters
    ----------
    text : str
        Of a script or style.

    Returns
    -------
    str
        As the policy takes it.
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _sortable(table: Table, label: str) -> str:
    if table.shown is None and len(table.rows) > LONG:
        table = dataclasses.replace(table, shown=SHOWN)
    return html_table(table, sortable=True, title=label + table.title)


def _coded(text: str) -> str:
    """Escaped, and what stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _tall(svg: str) -> bool:
    """Whether a drawing is higher than wide."""
    size = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', svg)
    return size is not None and float(size[2]) > float(size[1])


def _picture(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
