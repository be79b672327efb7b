"""ReqIF files follow the OMG's schema, and the reqif library reads out of them what was written into them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from uq.core.estimate import Estimate
from uq.core.table import Column, Table
from uq.io.reqif import to_reqif

COLUMNS = (
    Column("identifier"),
    Column("requirement"),
    Column("parent"),
    Column("value", "kg"),
    Column("chance"),
)
ROWS = (
    ("SYS-1", "The lander shall gain payload.", "", None, None),
    ("PUMP-1", 'The pump shall weigh < 2 kg & "hold" \u00e9 \x01.', "SYS-1", 2.0, Estimate(0.7, 0.6, 0.8)),
    ("PUMP-2", "=1+1 shall stay text.", "SYS-1", -0.1, None),
    ("PUMP-3", "Its bracket shall hold.", "PUMP-1", float("nan"), None),
    ("LOOSE", "It shall stand alone.", "ELSEWHERE", 1e-12, None),
)
TABLE = Table("requirements", "Pump & motor", COLUMNS, ROWS)


def test_the_file_follows_the_schema() -> None:
    reqif = pytest.importorskip("reqif")
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema(str(Path(reqif.__file__).parent / "reqif_schema" / "reqif.xsd"))
    schema.validate(io.BytesIO(to_reqif(TABLE)))


def test_a_reader_finds_every_requirement_value_and_parent(tmp_path: Path) -> None:
    pytest.importorskip("reqif")
    from reqif.parser import ReqIFParser

    path = tmp_path / "requirements.reqif"
    path.write_bytes(to_reqif(TABLE))
    bundle = ReqIFParser.parse(str(path))
    content = bundle.core_content.req_if_content
    names = {
        attribute.identifier: attribute.long_name
        for kind in content.spec_types
        for attribute in getattr(kind, "attribute_definitions", None) or ()
    }
    found = {}
    for one in content.spec_objects:
        values = {names[a.definition_ref]: a.value for a in one.attributes}
        found[values["ReqIF.ForeignID"]] = values
    assert found.keys() == {row[0] for row in ROWS}
    assert found["PUMP-1"]["ReqIF.Text"] == 'The pump shall weigh < 2 kg & "hold" \u00e9 \ufffd.'
    assert float(found["PUMP-1"]["value [kg]"]) == 2.0
    assert float(found["PUMP-1"]["chance"]) == 0.7
    assert "value [kg]" not in found["PUMP-3"]
    assert "value [kg]" not in found["SYS-1"]
    assert float(found["LOOSE"]["value [kg]"]) == 1e-12

    by_id = {one.identifier: one for one in content.spec_objects}

    def shown(hierarchy):  # type: ignore[no-untyped-def]
        name = next(
            a.value
            for a in by_id[hierarchy.spec_object].attributes
            if names[a.definition_ref] == "ReqIF.ForeignID"
        )
        return name, [shown(child) for child in hierarchy.children or []]

    (specification,) = content.specifications
    assert [shown(child) for child in specification.children] == [
        ("SYS-1", [("PUMP-1", [("PUMP-3", [])]), ("PUMP-2", [])]),
        ("LOOSE", []),
    ]
    assert len(content.spec_relations) == 3


def test_the_same_table_gives_the_same_bytes() -> None:
    assert to_reqif(TABLE) == to_reqif(TABLE)


@pytest.mark.parametrize(
    ("rows", "remedy"),
    [
        ((ROWS[0], ROWS[0]), "come twice"),
        ((("A", "It shall.", "B", None, None), ("B", "It shall.", "A", None, None)), "in a circle"),
    ],
)
def test_a_table_that_is_no_tree_is_refused(rows, remedy: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=remedy):
        to_reqif(Table("t", "T", COLUMNS, rows))


def test_a_table_without_identifiers_is_refused() -> None:
    with pytest.raises(ValueError, match="no column 'name'"):
        to_reqif(TABLE, identifier="name")
