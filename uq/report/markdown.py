"""Briefs and reports as Markdown."""

from __future__ import annotations

from itertools import count
from string import ascii_uppercase

from uq.core.table import Table, markdown_line
from uq.report.document import Brief, Figure, Report
from uq.report.tables import to_markdown


def brief_markdown(brief: Brief, *, title: str | None = None) -> str:
    """The brief but for its figures.

    Parameters
    ----------
    brief : Brief
        Answer, headline and table.
    title : str, optional
        Over the table, in the place of its own; none if empty.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> print(brief_markdown(Brief("+3 kg of payload.", "pays", (("Concept", "two engines"),))))
    **Pays**: +3 kg of payload.
    <BLANKLINE>
    - **Concept**: two engines
    """

    def listed(lines: tuple[tuple[str, str], ...]) -> list[str]:
        return (
            ["", *[f"- **{markdown_line(label)}**: {markdown_line(words)}" for label, words in lines]]
            if lines
            else []
        )

    verdict = f"**{brief.verdict[0].upper()}{brief.verdict[1:]}**: " if brief.verdict else ""
    table = ["", to_markdown(brief.table, title=title)] if brief.table else []
    return "\n".join(
        [verdict + markdown_line(brief.headline), *listed(brief.facts), *table, *listed(brief.lines)]
    )


def report_markdown(report: Report) -> str:
    """The report, tables and figures numbered; figures as links to their files.

    Parameters
    ----------
    report : Report
        Question, brief, chapters.

    Returns
    -------
    str
        Markdown.
    """
    tables, drawings = count(1), count(1)

    def shown(part: Table | Figure, letter: str = "") -> list[str]:
        if isinstance(part, Table):
            return [to_markdown(part, title=f"Table {next(tables)}. {part.title}"), ""]
        label = f"*Figure {letter or next(drawings)}. {markdown_line(part.title)}*"
        return [f"![{markdown_line(part.alt)}](figures/{part.name}.svg)", "", label, ""]

    table = report.brief.table
    title = None if table is None else f"Table A. {table.title}"
    lines = [
        f"# {report.title}",
        "",
        *([f"*{report.subtitle}*", ""] if report.subtitle else []),
        brief_markdown(report.brief, title=title),
        "",
    ]
    lines += [
        line
        for figure, letter in zip(report.brief.figures, ascii_uppercase, strict=False)
        for line in shown(figure, letter)
    ]
    lines += [
        line
        for file, words in report.companions.items()
        for line in (f"[{markdown_line(words)}]({file})", "")
    ]
    for section in report.sections:
        lines += [f"## {markdown_line(section.title)}", ""]
        lines += [line for paragraph in section.text for line in (markdown_line(paragraph), "")]
        lines += [line for part in section.parts for line in shown(part)]
    lines += [
        "## Provenance",
        "",
        *[f"- {markdown_line(k)}: {markdown_line(str(v))}" for k, v in report.provenance.items()],
        "",
    ]
    return "\n".join(lines)
