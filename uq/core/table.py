"""Results where people meet them: as text in a terminal, drawn in a notebook.

A result that is a table says so by a method ``table()``, and takes its looks from here::

    __str__, _repr_pretty_, _repr_html_ = as_text, as_pretty, as_html

One whose text says it better keeps its own ``__str__``, and takes `as_pretty` and `as_lines`.
"""

from __future__ import annotations

import html
from typing import Any, Protocol

from uq.report.document import Table
from uq.report.page import fragment
from uq.report.tables import to_text


class Tabled(Protocol):
    """A result that is a table."""

    def table(self) -> Table:
        """The result as a table."""


def as_text(result: Tabled) -> str:
    """For ``__str__``: aligned columns."""
    return to_text(result.table())


def as_html(result: Tabled) -> str:
    """For ``_repr_html_``: the table as the report draws it, all text escaped."""
    return fragment(result.table())


def as_lines(result: object) -> str:
    """For ``_repr_html_`` of a result whose text is made of lines."""
    return f"<pre>{html.escape(str(result))}</pre>"


def as_pretty(result: object, printer: Any, cycle: bool) -> None:
    """For ``_repr_pretty_``: IPython then shows the text, in lists and dictionaries too, in the place of all fields."""
    printer.text(str(result))
