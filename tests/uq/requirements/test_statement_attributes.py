"""Requirements with and without runs behind them: attributes, acceptance, files and SysML."""

import csv
import dataclasses
import io
import json
import re

import numpy as np
import pytest

from uq.requirements import (
    Attributes,
    Entry,
    Shown,
    acceptance,
    read,
    read_entries,
    requirements_table,
    to_csv,
    to_json,
    to_sysml,
    verification_table,
)

MASS = Entry(
    identifier="PUMP-MASS",
    text="The pump shall weigh at most 2 kg.",
    value=2.0,
    unit="kg",
    side="at most",
    rationale="=1+1 of */ and 'quotes'",
    attributes=Attributes(
        item="pump",
        parent="SYS",
        category="D",
        methods=("T", "A"),
        accuracy=0.01,
        status="confirmed",
        predicted=1.8,
    ),
)
TEMPLATE = Entry(
    identifier="PUMP-EMC",
    text="The pump shall be quiet (TBD).",
    attributes=Attributes(item="pump", status="TBD"),
)


def test_what_is_accepted_is_stricter_than_required_by_the_uncertainty_of_the_test() -> None:
    nothing = (np.nan, np.nan)
    assert acceptance(0.7, "at least", accuracy=0.01) == pytest.approx((0.71, np.nan), nan_ok=True)
    assert acceptance(2.0, "at most", accuracy=0.01) == pytest.approx((np.nan, 1.99), nan_ok=True)
    assert acceptance(2.0, None, accuracy=0.01, band=(1.9, 2.2)) == pytest.approx((1.91, 2.19))
    assert acceptance(15.0, "at least", accuracy=0.0) == pytest.approx((15.0, np.nan), nan_ok=True)
    assert acceptance(2.0, "at most", accuracy=np.nan) == pytest.approx(nothing, nan_ok=True)
    assert acceptance(2.0, None, accuracy=0.01) == pytest.approx(nothing, nan_ok=True)


def test_entries_survive_the_way_out_and_back() -> None:
    text = to_json([MASS, TEMPLATE])
    back = read_entries(text)
    assert back[0] == MASS
    flow = dataclasses.replace(MASS, side=None, attributes=Attributes(item="pump", band=(1.9, 2.2)))
    assert read_entries(to_json([flow]))[0].attributes.band == (1.9, 2.2)
    assert np.isnan(back[1].value)
    assert to_json(back) == text
    assert read(text) == ()


@pytest.mark.parametrize(
    "damage",
    [
        {"side": "above"},
        {"value": "2"},
        {"attributes": {}},
        {"text": "It weighs 2 kg."},
        {"unit": "k\ng"},
        {"surplus": 1},
    ],
)
def test_a_damaged_entry_is_refused(damage: dict[str, object]) -> None:
    record = json.loads(to_json([MASS]))
    record["entries"][0] |= damage
    with pytest.raises(ValueError, match=r"not requirements|shall|does not print"):
        read_entries(json.dumps(record))


def test_attributes_that_no_standard_knows_are_refused() -> None:
    with pytest.raises(ValueError, match="category 'E' is none of A, B, C, D"):
        Attributes(item="pump", category="E")
    with pytest.raises(ValueError, match="verification by X is none of T, A, R, I"):
        Attributes(item="pump", methods=("X",))
    with pytest.raises(ValueError, match="status"):
        Attributes(item="pump", status="done")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not be below zero"):
        Attributes(item="pump", accuracy=-0.1)
    with pytest.raises(ValueError, match="permits nothing"):
        Attributes(item="pump", band=(2.0, 1.0))
    with pytest.raises(ValueError, match="has a side and no value"):
        dataclasses.replace(MASS, value=np.nan)


@pytest.mark.parametrize("shown", [Shown("1", 1.2), Shown("kg", 0.9, -1.0, 0.3), Shown("m", 9.0, -0.75)])
def test_a_value_as_it_is_written_leads_back_to_the_bound_of_the_model(shown: Shown) -> None:
    assert shown.bound(shown.value(1.3)) == pytest.approx(1.3, rel=1e-12)
    falls = shown.value(1.4) < shown.value(1.3)
    assert (shown.side("at least") == "at most") == falls


def test_no_cell_of_the_csv_is_a_formula_and_all_attributes_stand_in_it() -> None:
    mass, template = csv.DictReader(io.StringIO(to_csv([MASS, TEMPLATE])))
    assert mass["rationale"].startswith("'=1+1")
    assert (mass["verification"], mass["acceptance"], mass["status"], mass["parent"]) == (
        "T, A",
        "<= 1.99",
        "confirmed",
        "SYS",
    )
    assert (template["value"], template["status"]) == ("-", "TBD")


def test_the_tables_hold_value_sense_acceptance_and_no_value_for_a_template() -> None:
    required = requirements_table([MASS, TEMPLATE], title="Pump")
    verified = verification_table([MASS, TEMPLATE], title="Pump")
    heads = [c.name for c in required.columns]
    assert [row[heads.index("value")] for row in required.rows] == [2.0, None]
    assert [row[heads.index("sense")] for row in required.rows] == ["<=", ""]
    heads = [c.name for c in verified.columns]
    accepted = {end: heads.index(f"accepted as measured {end}") for end in ("from", "to")}
    assert [row[accepted["to"]] for row in verified.rows] == [pytest.approx(1.99), None]
    assert [row[accepted["from"]] for row in verified.rows] == [None, None]
    assert verified.rows[0][heads.index("method")] == "T + A"


def test_sysml_nests_requirements_and_no_text_breaks_out() -> None:
    top = dataclasses.replace(
        MASS, identifier="SYS", attributes=dataclasses.replace(MASS.attributes, parent="")
    )
    text = to_sysml([MASS, top, TEMPLATE], title="Pump's \\ set")
    assert text.startswith("package 'Pump\\'s \\\\ set' {")
    bare = re.sub(r"/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", "", text, flags=re.DOTALL)
    assert "*/" not in bare
    assert bare.count("{") == bare.count("}")
    assert "'" not in bare
    lines = text.splitlines()
    inner = next(line for line in lines if "<'PUMP-MASS'>" in line)
    outer = next(line for line in lines if "<'SYS'>" in line)
    assert len(inner) - len(inner.lstrip()) > len(outer) - len(outer.lstrip())
    assert lines.index(inner) > lines.index(outer)
    assert text.count("verification '") == 4
