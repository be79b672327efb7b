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
    """Of its file."""
    title: str
    """Above the drawing."""
    alt: str
    svg: str
    """The drawing."""

    def _repr_svg_(self) -> str:
        return self.svg


@dataclass(frozen=True)
class Section:
    """One step of the evidence: paragraphs, then tables and figures; folded on a page unless it is `unfolded`, on paper
    `alone` where it begins a new page and ends it."""

    title: str
    """Above its text."""
    text: tuple[str, ...] = ()
    """Paragraphs."""
    parts: tuple[Table | Figure, ...] = ()
    """Tables and figures below the text."""
    unfolded: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Brief:
    """The answer in one screen, from which every page and the terminal are written.

    First the `verdict` in a few words with its sentence, then `facts`, the quantities that matter as a `table`, `lines`
    on what decides and what to do next (both a label and its words), and the figures that say it.
    """

    headline: str
    """The answer in a sentence."""
    verdict: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    lines: tuple[tuple[str, str], ...] = ()
    figures: tuple[Figure, ...] = ()
    """Drawings of the first page."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """All but the table and the figures, a line each."""
        first = (
            f"{self.verdict[0].upper()}{self.verdict[1:]}: {self.headline}" if self.verdict else self.headline
        )
        return (first, *(f"{label}: {words}" for label, words in (*self.facts, *self.lines)))


@dataclass(frozen=True)
class Report:
    """The answer first, then the evidence, then what it was made from.

    Tables and figures are files of their own next to a page.  Raises ValueError where two have one name, of which one
    would be lost.
    """

    study: str
    """Name of the study."""
    title: str
    """Of the page."""
    question: str
    """What the study answers."""
    brief: Brief
    """The first page."""
    sections: tuple[Section, ...]
    """The evidence, in order."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """What it was made from: line by heading."""
    companions: Mapping[str, str] = field(default_factory=dict)
    """Other pages in the same folder: file name -> words of the link."""

    def __post_init__(self) -> None:
        for kind, parts in (("table", self.tables), ("figure", self.figures)):
            names = [part.name for part in parts]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"two {kind}s of the report are called {', '.join(twice)}: rename one")

    @property
    def subtitle(self) -> str:
        """The question; nothing where a verdict answers the title."""
        return "" if self.brief.verdict else self.question

    @property
    def answer(self) -> tuple[str, ...]:
        """The brief's sentences."""
        return self.brief.sentences

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table: the brief's, then in the order of the sections."""
        first = () if self.brief.table is None else (self.brief.table,)
        return (*first, *(p for s in self.sections for p in s.parts if isinstance(p, Table)))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure: the brief's, then in the order of the sections."""
        return (*self.brief.figures, *(p for s in self.sections for p in s.parts if isinstance(p, Figure)))

    def _repr_html_(self) -> str:
        return framed(self)


def page(report: Report) -> str:
    """The report as one HTML file: figures embedded as vectors, tables that sort, chapters that fold, nothing fetched.

    All text is escaped; a content security policy admits the page's own script by its hash, and nothing else.

    Parameters
    ----------
    report : Report
        Question, brief, chapters.

    Returns
    -------
    str
        HTML.
    """
    script = template("report.js")
    return filled(
        "report.html", report=report, script=script, script_hash=digest(script), style=template("report.css")
    )


def framed(report: Report) -> str:
    """The page for a notebook: in a frame, so that neither's style touches the other's.

    Parameters
    ----------
    report : Report
        Question, brief, chapters.

    Returns
    -------
    str
        HTML.
    """
    style = "width: 100%; height: 45rem; border: 1px solid #d5dce3"
    return f'<iframe title="{escape(report.title)}" style="{style}" srcdoc="{escape(page(report))}"></iframe>'
