"""Workbooks read back by another library: numbers are numbers, text is text, the same tables the same bytes."""

import io

import pytest

from uq.core.estimate import Estimate
from uq.core.table import Column, Table
from uq.report.spreadsheet import Formula, Sheet, address, sheet_names, workbook

openpyxl = pytest.importorskip("openpyxl", reason="reads what was written: pip install '.[test]'")

TABLE = Table(
    "mass/budget",
    "Mass budget",
    (Column("item"), Column("mass", "kg", 2), Column("gain", "kg")),
    (
        ('=HYPERLINK("http://example.org")', 1.25, Estimate(3.0, 2.0, float("inf"))),
        ("+1+1", None, 4.0),
        ("@sum\x07\ud800", float("nan"), None),
    ),
    ("a note",),
)


def read(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_numbers_stay_numbers_and_estimates_take_three_columns():
    page = read(workbook([TABLE], title="t"))["mass-budget"]
    assert [cell.value for cell in page[3]] == ["item", "mass [kg]", "gain [kg]", "gain: low", "gain: high"]
    assert [cell.value for cell in page[4]][1:] == [1.25, 3.0, 2.0, "no bound"]
    assert page["C5"].value == 4.0


def test_no_text_is_taken_for_a_formula_or_a_link():
    page = read(workbook([TABLE]))["mass-budget"]
    for row, text in ((4, '=HYPERLINK("http://example.org")'), (5, "+1+1"), (6, "@sum\ufffd\ufffd")):
        cell = page.cell(row, 1)
        assert cell.value == text
        assert cell.data_type == "s"
        assert cell.hyperlink is None


def test_formulas_are_those_that_the_program_wrote():
    table = Table("m", "M", (Column("a"), Column("b"), Column("a b")), ((2.0, 3.0, 6.0),))
    formula = Formula(f"={address(0, 0)}*{address(0, 1)}", 6.0)
    page = read(workbook([Sheet(table, {(0, 2): formula})]))["m"]
    assert page["C4"].value == "=A4*B4"


def test_tables_below_another_stand_on_its_sheet_and_print_on_one_page():
    duty = Table(
        "duty", "Duty", (Column("burn"), *(Column(n) for n in "abcdef")), (("first", *range(6)),), ("two",)
    )
    book = read(workbook([Sheet(TABLE, below=(duty,))]))
    assert book.sheetnames == ["mass-budget"]
    page = book["mass-budget"]
    found = [cell.value for cell in page["A"]]
    assert [found.index(text) for text in ("Mass budget", "a note", "Duty", "burn", "first", "two")] == [
        0,
        7,
        9,
        11,
        12,
        14,
    ]
    assert [cell.value for cell in page[13]] == ["first", 0, 1, 2, 3, 4, 5]
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToHeight in (None, 1)  # one page high; "0" where there may be several
    assert page.auto_filter.ref == "A3:E6"


def test_the_same_tables_give_the_same_bytes():
    assert workbook([TABLE], title="t") == workbook([TABLE], title="t")


def test_names_of_sheets_are_told_apart():
    assert sheet_names(["a", "A", "a"]) == ["a", "A 2", "a 3"]
    long = sheet_names(["x" * 40, "x" * 40])
    assert len(set(long)) == 2
    assert all(len(name) <= 31 for name in long)


def test_a_workbook_without_tables_is_refused():
    with pytest.raises(ValueError, match="at least one table"):
        workbook([])


def test_a_note_runs_over_all_columns_so_that_it_is_printed_whole_and_cells_show_the_digits_of_a_page() -> (
    None
):
    columns = (Column("item"), Column("mass", "kg"), Column("share"))
    rows = (("pump", Estimate(12.1305, 12.1198, 12.137), 0.669720718),)
    book = openpyxl.load_workbook(io.BytesIO(workbook([Table("t", "T", columns, rows, ("word " * 60,))])))
    sheet = book["t"]
    assert [str(r) for r in sheet.merged_cells.ranges] == ["A6:E6"]
    assert sheet.row_dimensions[6].height > 30.0
    assert [sheet.cell(4, k).number_format for k in (2, 3, 4, 5)] == ["0.0", "0.0", "0.0", "0.0000"]
    assert sheet.cell(4, 5).value == 0.669720718


def test_a_row_is_as_high_as_its_longest_text_and_long_texts_fill_the_page():
    words = "what a supplier must read " * 20
    table = Table("scope", "Scope", (Column("subject"), Column("what it is")), (("a", words), ("b", "short")))
    page = read(workbook([table]))["scope"]
    letters = page.column_dimensions["B"].width
    assert letters > 80.0
    assert page.row_dimensions[4].height >= 15.0 * len(words) / letters
    assert page.row_dimensions[5].height in (None, 15.0)
