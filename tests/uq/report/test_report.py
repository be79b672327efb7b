"""Reports: what is written is what was found, escaped, with units and intervals, without a network."""

import csv
import dataclasses
import io
import re

import numpy as np
import pytest

from uq.core.table import Column, Table, interval, number, to_html, words
from uq.report import bar_figures, brief_figures, canvas, curve_figures
from uq.report.bar_figures import _seen
from uq.report.document import Brief, Figure, Report, Section, page
from uq.report.markdown import report_markdown
from uq.report.tables import to_csv, to_markdown
from uq.report.terminal import answer, progress, show
from uq.requirements import Estimate

TABLE = Table(
    "masses",
    "Masses <b>& more</b>",
    (Column("item"), Column("mass", "kg", 1), Column("gain", "kg")),
    (("tank | thin", 12.345, Estimate(1.234, 1.1, 1.4)), ("pump", float("nan"), None)),
    ("A note with <script>alert(1)</script>.",),
)


def report(table: Table = TABLE) -> Report:
    drawn = bar_figures.bars("bars", "Bars", {"a": [Estimate(1, 0, 2)]}, ["x"], label="y", alt="One bar.")
    section = Section("Evidence", ("Words.",), (table, drawn))
    first = (
        dataclasses.replace(table, name=f"first-{table.name}"),
        dataclasses.replace(drawn, name="first-bars"),
    )
    facts, lines = (("Concept", "one <b>pump</b>"),), (("Test first", "a tank"),)
    brief = Brief("Because.", "pays", facts, first[0], lines, (first[1],))
    return Report("study", "Title <i>", "Why?", brief, (section,), {"seed": "1"})


def test_a_number_keeps_four_digits_and_an_estimate_those_that_its_interval_leaves() -> None:
    assert number(1234.567) == "1235"
    assert number(0.0123456) == "0.01235"
    assert number(-0.0004, 1) == "0.0"
    assert interval(Estimate(12.3456, 12.1, 12.6)) == "12.3 [12.1, 12.6]"
    assert interval(Estimate(0.724, 0.71, 0.738)) == "0.724 [0.710, 0.738]"
    assert interval(Estimate(3512.3, 3490.0, 3534.0)) == "3512 [3490, 3534]"
    assert interval(Estimate(-3.2, -11.6, 5.2)) == "-3 [-12, 5]"
    assert interval(Estimate(1.0, -np.inf, np.inf)) == "1.00 [no bound]"
    assert words(None) == ""
    assert words(float("nan")) == "-"


def test_the_interval_of_a_number_whose_ends_read_alike_is_left_out() -> None:
    assert interval(Estimate(12.1305, 12.1198, 12.1370)) == "12.1"


def test_rows_that_are_not_shown_at_once_fold_on_the_page_and_are_counted_in_text() -> None:
    table = Table(
        "t", "T", (Column("input"), Column("share")), (("a", 0.5), ("b", 0.001)), shown=1, rest="below 1 %"
    )
    assert "1 below 1 %: tables/t.csv." in to_markdown(table)
    assert "| b |" not in to_markdown(table)
    assert "b,0.001" in to_csv(table)
    page = to_html(table)
    assert re.search(
        r'<tbody class="rest">\s*<tr><td class="words">b</td>.*</tbody>\s*</table>', page, re.DOTALL
    )
    assert re.search(r'</table>\s*<details class="rest" data-name="t"><summary>1 below 1 %</summary>', page)


def test_page_terminal_and_markdown_are_written_from_one_brief() -> None:
    whole, stream = report(), io.StringIO()
    answer(whole, stream)
    for text in (stream.getvalue(), report_markdown(whole), page(whole)):
        at = [text.lower().index(part) for part in ("pays", "because.", "concept", "masses", "a tank")]
        assert at == sorted(at)
    assert whole.answer[0] == "Pays: Because."


def test_chapters_fold_and_tables_and_figures_are_numbered_through() -> None:
    text = page(report())
    assert '<details class="chapter">' in text
    for written in (text, report_markdown(report())):
        assert "Table A. Masses" in written
        assert "Table 1. Masses" in written
        assert "Figure A. Bars" in written
        assert "Figure 1. Bars" in written


def test_a_page_and_a_terminal_say_the_question_only_where_no_verdict_answers_the_title() -> None:
    whole = report()
    bare = dataclasses.replace(whole, brief=dataclasses.replace(whole.brief, verdict=""))
    for one, shown in ((whole, False), (bare, True)):
        stream = io.StringIO()
        answer(one, stream)
        assert "Title <i>" in stream.getvalue()
        assert ("Why?" in stream.getvalue()) is shown
        assert ('<p class="question">Why?</p>' in page(one)) is shown


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
    body = text[text.index("<main>") :]
    assert body.index("Because.") < body.index("Evidence") < body.index("Provenance")


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
        lambda: curve_figures.distributions(
            "d", "t", {"a": np.arange(50.0), "b": np.ones(50)}, label="x", threshold=3.0, alt="a"
        ),
        lambda: bar_figures.intervals(
            "i", "t", {"a": (Estimate(1, 0, 2), Estimate(0.5, 0.4, 0.6))}, labels=("x", "y"), alt="a"
        ),
        lambda: curve_figures.curves(
            "c", "t", {"a": (np.arange(2.0), [Estimate(1, 0, 2)] * 2)}, labels=("x", "y"), alt="a"
        ),
        lambda: curve_figures.field(
            "f",
            "t",
            np.arange(3.0),
            np.arange(4.0),
            np.linspace(0, 1, 12).reshape(3, 4),
            labels=("x", "y", "z"),
            levels=(0.5,),
            wanted=0.7,
            beyond=np.eye(3, 4) > 0,
            alt="a",
        ),
        lambda: bar_figures.signed_bars(
            "b",
            "t",
            {"a": (Estimate(0.3, 0.2, 0.4), 1.0), "b": (Estimate(0.1, 0.0, 0.2), -1.0)},
            sides=("less", "more"),
            label="x",
            alt="a",
        ),
        lambda: brief_figures.gain_histogram("g", "t", np.linspace(-2.0, 5.0, 50), label="gain, kg", alt="a"),
        lambda: brief_figures.effort_front(
            "e",
            "t",
            np.arange(1.0, 4.0),
            np.arange(5.0, 8.0),
            band=(np.arange(3.0), np.arange(8.0, 11.0)),
            without=("none", 6.0),
            best="best",
            labels=("x", "y"),
            alt="a",
        ),
        lambda: bar_figures.waterfall(
            "w", "t", {"a": 1.0, "b": -2.0, "c": -1.0}, label="x", limit=0.0, alt="a"
        ),
        lambda: curve_figures.parity(
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


def test_a_bar_of_what_moves_nothing_by_itself_is_an_outline_and_the_axis_says_so() -> None:
    entries = {"a": (Estimate(0.2, 0.1, 0.3), 1.0), "b": (Estimate(0.1, 0.05, 0.2), -1.0)}

    def drawn(pale: list[str]) -> str:
        return bar_figures.signed_bars(
            "s", "S", entries, sides=("less", "more"), label="share", pale=pale, pale_words="no own", alt=""
        ).svg

    assert "<!-- share; outlines: no own -->" in drawn(["b"])
    assert "<!-- share -->" in drawn([])
    assert drawn([]).count("fill: #c8621b") == drawn(["b"]).count("fill: #c8621b") + 1
    assert drawn([]).count("fill: #0b5c8a") == drawn(["b"]).count("fill: #0b5c8a")


def test_the_words_at_a_wanted_level_lie_where_no_curve_can() -> None:
    x = np.linspace(0.0, 1.0, 5)
    found = {"one": (x, [Estimate(v, v - 0.05, v + 0.05) for v in (0.9, 0.91, 0.9, 0.89, 0.9)])}
    svg = curve_figures.curves("c", "C", found, labels=("x", "y"), threshold=0.9, alt="").svg
    frame = re.search(r'<g id="patch_2">\s*<path d="M (\S+) \S+ \nL (\S+) ', svg)
    words = re.search(r"<!-- wanted, 0.9 -->\s*<g [^>]*translate\((\S+) ", svg)
    assert frame is not None
    assert words is not None
    assert float(words[1]) > float(frame[2]) > float(frame[1])


def test_one_interval_far_from_the_others_does_not_squeeze_them() -> None:
    near = [Estimate(v, v - 1.0, v + 1.0) for v in (-30.0, -25.0, -20.0, -5.0)]
    low, high = _seen(
        *(
            np.array([getattr(e, end) for e in [*near, Estimate(300.0, 280.0, 320.0)]])
            for end in ("low", "high")
        )
    )
    assert low is not None
    assert low < -31.0
    assert high is not None
    assert -4.0 < high < 30.0
    assert _seen(np.arange(4.0), np.arange(4.0) + 1.0) == (None, None)


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


def test_two_tables_or_figures_of_one_name_are_refused_for_one_file_would_be_lost() -> None:
    whole = report()
    again = Section("More evidence", parts=(whole.tables[0], whole.figures[0]))
    for part, kind in ((whole.tables[0], "tables"), (whole.figures[0], "figures")):
        with pytest.raises(ValueError, match=f"two {kind} of the report are called {part.name}"):
            dataclasses.replace(whole, sections=(dataclasses.replace(again, parts=(part,)), *whole.sections))


def test_letters_that_the_font_has_not_are_left_to_the_reader_without_a_warning(recwarn) -> None:
    with canvas.drawing(1.0) as plain:
        plain.axes.set_xlabel("Pümpe, kg")
    with canvas.drawing(1.0) as foreign:
        foreign.axes.set_xlabel("泵, kg")
    assert "Pümpe" not in plain.svg.partition("<!--")[0]
    assert ">泵, kg</text>" in foreign.svg
    assert "<text" not in plain.svg
    assert not [one for one in recwarn if "Glyph" in str(one.message)]


def test_equal_estimates_without_an_interval_are_drawn() -> None:
    same = np.zeros(3)
    assert _seen(same, same) == (None, None)


def test_a_waterfall_has_one_hue_for_what_adds_another_for_what_takes_and_none_for_its_ends():
    steps = {"begin": 5.0, "more": 1.0, "less": -2.0, "end": 4.0}
    text = bar_figures.waterfall("w", "t", steps, label="kg", limit=None, alt="a").svg
    fills = re.findall(r"fill: (#[0-9a-f]{6}); opacity: 0.85", text)
    assert fills == [canvas.SOFT, canvas.HUES[0], canvas.HUES[1], canvas.SOFT]


def test_bars_of_two_series_have_two_hues():
    entries = {name: [Estimate(1.0, 0.5, 1.5), Estimate(2.0, 1.5, 2.5)] for name in ("a", "b")}
    text = bar_figures.bars("b", "t", entries, ["one", "other"], label="kg", alt="a").svg
    fills = re.findall(r"fill: (#[0-9a-f]{6}); opacity: 0.8\b(?!\d)", text)
    assert fills[:4] == [canvas.HUES[0]] * 2 + [canvas.HUES[1]] * 2
