"""Reports: what is written is what was found, escaped, with units and intervals, without a network."""

import csv
import io
import re

import numpy as np
import pytest

from uq.core.table import Column, Table, interval, number, words
from uq.report import figures
from uq.report.document import Figure, Report, Section, page
from uq.report.tables import to_csv, to_markdown
from uq.report.terminal import progress, show
from uq.requirements import Estimate

TABLE = Table(
    "masses",
    "Masses <b>& more</b>",
    (Column("item"), Column("mass", "kg", 1), Column("gain", "kg")),
    (("tank | thin", 12.345, Estimate(1.234, 1.1, 1.4)), ("pump", float("nan"), None)),
    ("A note with <script>alert(1)</script>.",),
)


def report(table: Table = TABLE) -> Report:
    drawn = figures.bars("bars", "Bars", {"a": [Estimate(1, 0, 2)]}, ["x"], label="y", alt="One bar.")
    section = Section("Evidence", ("Words.",), (table, drawn))
    return Report("study", "Title <i>", "Why?", ("Because.",), (section,), {"seed": "1"})


def test_a_number_keeps_four_digits_and_an_estimate_those_that_its_interval_leaves() -> None:
    assert number(1234.567) == "1235"
    assert number(0.0123456) == "0.01235"
    assert number(-0.0004, 1) == "0.0"
    assert interval(Estimate(12.3456, 12.1, 12.6)) == "12.35 [12.10, 12.60]"
    assert interval(Estimate(1.0, -np.inf, np.inf)) == "1 [-inf, inf]"
    assert words(None) == ""
    assert words(float("nan")) == "-"


def test_a_row_of_the_wrong_length_is_refused_by_the_name_of_its_table() -> None:
    with pytest.raises(ValueError, match=r"'masses': a row has 1 cells, the head 3"):
        Table("masses", "", TABLE.columns, (("only one",),))


def test_csv_splits_estimates_into_value_and_bounds_at_full_precision() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(TABLE))))
    assert rows[0] == ["item", "mass [kg]", "gain [kg]", "gain low [kg]", "gain high [kg]"]
    assert rows[1] == ["tank | thin", "12.345", "1.234", "1.1", "1.4"]
    assert rows[2] == ["pump", "nan", "", "", ""]


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "-x"])
def test_no_cell_of_a_csv_file_is_a_formula_to_a_spreadsheet(cell: str) -> None:
    table = Table(
        "t", "T", (Column(cell), Column("mass", "kg")), ((cell, -1.5), ("", None), ("x\r=1", -2e-3))
    )
    inert = "'" + cell.replace("\r", " ")
    assert list(csv.reader(io.StringIO(to_csv(table), newline=""))) == [
        [inert, "mass [kg]"],
        [inert, "-1.5"],
        ["", ""],
        ["x =1", "-0.002"],
    ]


def test_markdown_escapes_the_bars_of_its_cells() -> None:
    assert "| tank \\| thin | 12.3 | 1.23 [1.10, 1.40] |" in to_markdown(TABLE)


def test_the_page_fetches_nothing_and_escapes_every_text() -> None:
    text = page(report())
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "Title &lt;i&gt;" in text
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)
    assert "default-src 'none'" in text
    assert text.index("Because.") < text.index("Evidence") < text.index("Provenance")


def test_the_policy_of_the_page_admits_exactly_its_own_script() -> None:
    import base64
    import hashlib

    text = page(report())
    script = re.search(r"<script>(.*?)</script>", text, re.S)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script.group(1).encode()).digest()).decode()
    assert f"'sha256-{digest}'" in text


def test_every_figure_of_the_page_has_words_for_those_who_cannot_see_it() -> None:
    for tag in re.findall(r"<img [^>]*>", page(report())):
        assert re.search(r'alt="[^"]+"', tag)


def test_the_same_report_gives_the_same_bytes() -> None:
    assert page(report()) == page(report())


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: figures.distributions(
            "d", "t", {"a": np.arange(50.0), "b": np.ones(50)}, label="x", threshold=3.0, alt="a"
        ),
        lambda: figures.intervals(
            "i", "t", {"a": (Estimate(1, 0, 2), Estimate(0.5, 0.4, 0.6))}, labels=("x", "y"), alt="a"
        ),
        lambda: figures.curves(
            "c", "t", {"a": (np.arange(2.0), [Estimate(1, 0, 2)] * 2)}, labels=("x", "y"), alt="a"
        ),
        lambda: figures.field(
            "f",
            "t",
            np.arange(3.0),
            np.arange(4.0),
            np.linspace(0, 1, 12).reshape(3, 4),
            labels=("x", "y", "z"),
            levels=(0.5,),
            beyond=np.eye(3, 4) > 0,
            alt="a",
        ),
        lambda: figures.waterfall("w", "t", {"a": 1.0, "b": -2.0, "c": -1.0}, label="x", limit=0.0, alt="a"),
        lambda: figures.parity(
            "p",
            "t",
            {"a": (np.arange(1.0, 5.0), np.arange(1.0, 5.0))},
            labels=("x", "y"),
            bands=(0.1,),
            alt="a",
        ),
    ],
)
def test_every_kind_of_figure_draws_the_same_svg_twice(drawn) -> None:
    first, second = drawn(), drawn()
    assert isinstance(first, Figure)
    assert first.svg.startswith("<?xml")
    assert "</svg>" in first.svg
    assert first.svg == second.svg


def test_a_table_in_a_terminal_shows_units_notes_and_brackets() -> None:
    stream = io.StringIO()
    show(TABLE, stream)
    text = stream.getvalue()
    assert "mass [kg]" in text
    assert "1.23 [1.10, 1.40]" in text
    assert "A note" in text


def test_no_bar_is_drawn_where_standard_error_is_no_terminal(capsys) -> None:
    with progress() as watch:
        watch("working", 0.5)
        watch("working", float("nan"))
    assert capsys.readouterr().err == ""
