"""What a study has to say, as plain data: the answer, the evidence, and where it comes from; and its one HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from uq.core.table import Table
from uq.report.rendering import digest, filled, template


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG text, its title, and in `alt` what one sees in it."""

    name: str
    title: str
    alt: str
    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


@dataclass(frozen=True)
class Section:
    """One step of the evidence: paragraphs, then tables and figures."""

    title: str
    text: tuple[str, ...] = ()
    parts: tuple[Table | Figure, ...] = ()


@dataclass(frozen=True)
class Report:
    """The answer first, then the evidence, then what it was made from."""

    study: str
    title: str
    question: str
    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)
    companions: Mapping[str, str] = field(default_factory=dict)
    """Other pages in the same folder: file name -> words of the link."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in the order of the sections."""
        return tuple(p for s in self.sections for p in s.parts if isinstance(p, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in the order of the sections."""
        return tuple(p for s in self.sections for p in s.parts if isinstance(p, Figure))

    def _repr_html_(self) -> str:
        return framed(self)


def page(report: Report) -> str:
    """The report as one HTML file: figures embedded as vectors, tables that sort, nothing fetched.

    All text is escaped; a content security policy admits the page's own script by its hash, and nothing else.
    """
    script = template("sort.js")
    return filled(
        "report.html", report=report, script=script, script_hash=digest(script), style=template("report.css")
    )


def framed(report: Report) -> str:
    """The page for a notebook: in a frame, so that neither's style touches the other's."""
    style = "width: 100%; height: 45rem; border: 1px solid #d5dce3"
    return f'<iframe title="{escape(report.title)}" style="{style}" srcdoc="{escape(page(report))}"></iframe>'
