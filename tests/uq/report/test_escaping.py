"""Text that came past every door is still text: in Markdown, HTML, SVG, CSV and on a terminal."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree

import pytest

from uq import Input, Output, Problem, Uniform
from uq.core.estimate import Estimate
from uq.core.table import Column, Table, markdown_line, to_text
from uq.report.bar_figures import bars
from uq.report.tables import to_csv, to_markdown
from uq.report.terminal import show

HOSTILE = "=1+1 $x$ a|b\n# heading\n<script>alert(1)</script>\x1b[2J \u2028[link](javascript:x) \u202egnp"


@pytest.fixture
def table() -> Table:
    return Table("t", HOSTILE, (Column(HOSTILE), Column("mass", "kg")), ((HOSTILE, 4.5),), (HOSTILE,))


def test_markdown_has_no_line_tag_or_link_that_the_report_did_not_write(table: Table) -> None:
    text = to_markdown(table)
    assert len(text.splitlines()) == 7
    assert "<script" not in text
    assert "](" not in text
    assert text.replace("\n", "").isprintable()
    assert markdown_line("# heading").startswith("\\")


def test_a_terminal_gets_no_escape_bytes(table: Table) -> None:
    stream = io.StringIO()
    show(table, stream)
    assert stream.getvalue().replace("\n", "").isprintable()
    cells = to_text(table).splitlines()[-2]
    assert cells.isprintable()


def test_csv_has_no_formula(table: Table) -> None:
    assert "\n=1+1" not in to_csv(table)


def test_a_dollar_in_a_name_is_no_formula_and_the_figure_is_well_formed() -> None:
    costs = {"5 $ per $kg": [Estimate(1.0, 0.5, 1.5)], "a_b^{": [Estimate(2.0, 1.0, 3.0)]}
    figure = bars("f", "Costs", costs, ["x"], label="k$g$", alt="words")
    ElementTree.fromstring(figure.svg)


def test_names_of_statuses_are_printable() -> None:
    with pytest.raises(ValueError, match="does not print"):
        Problem((Input("x", "m", Uniform(0, 1)),), (Output("y"),), statuses={1: "no\nway"})
