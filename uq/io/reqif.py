"""Requirements for a requirements tool: ReqIF 1.2 (OMG formal/2016-07-01), written by the standard library alone.

A table becomes one specification: a row a requirement, a column an attribute, text as ``STRING`` and numbers as
``REAL``.  The column of identifiers is called ``ReqIF.ForeignID`` and that of sentences ``ReqIF.Text``, as the tools of
the ReqIF implementation guide expect; the others keep their headings.  A requirement whose parent is in the table
stands below it in the tree and is linked to it by a relation.  The same table gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from uq.core.estimate import Estimate
from uq.core.table import Cell, Table

NAMESPACE = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"
WRITTEN = "2000-01-01T00:00:00Z"
"""Of every element: the content alone decides the bytes."""
LONGEST = 32_000
"""Characters of a string attribute."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
STRING, REAL = "STRING", "REAL"


def to_reqif(
    table: Table, *, identifier: str = "identifier", text: str = "requirement", parent: str = "parent"
) -> bytes:
    """The bytes of a ``.reqif`` file.

    Parameters
    ----------
    table : Table
        Its title names the specification.
    identifier, text, parent : str
        Names of the columns with the identifiers, the sentences and the identifiers of parents (empty at the top).

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For a column that is not there, an identifier that comes twice, and parents in a circle.

    Examples
    --------
    >>> from uq.core.table import Column
    >>> columns = (Column("identifier"), Column("requirement"), Column("parent"), Column("value", "kg"))
    >>> rows = (("SYS-1", "It shall fly.", "", None), ("PUMP-1", "It shall weigh at most 2 kg.", "SYS-1", 2.0))
    >>> to_reqif(Table("t", "Pump", columns, rows)).count(b"<SPEC-OBJECT ")
    2
    """
    names = [column.name for column in table.columns]
    for wanted in (identifier, text, parent):
        if wanted not in names:
            raise ValueError(f"no column {wanted!r} in {table.name!r}; it has {', '.join(names)}")
    at = {name: names.index(name) for name in (identifier, text, parent)}
    rows = {str(row[at[identifier]]): row for row in table.rows}
    if len(rows) != len(table.rows):
        raise ValueError(f"{len(table.rows) - len(rows)} identifiers of {table.name!r} come twice")
    above = {name: str(row[at[parent]] or "") for name, row in rows.items()}
    above = {name: other if other in rows else "" for name, other in above.items()}

    ElementTree.register_namespace("", NAMESPACE)
    root = Element("REQ-IF", {"xmlns": NAMESPACE})
    header = SubElement(
        SubElement(root, "THE-HEADER"), "REQ-IF-HEADER", {"IDENTIFIER": _id("header", table.title)}
    )
    for tag, words in (
        ("CREATION-TIME", WRITTEN),
        ("REQ-IF-TOOL-ID", "lander-uq"),
        ("REQ-IF-VERSION", "1.0"),
        ("SOURCE-TOOL-ID", "lander-uq"),
        ("TITLE", table.title),
    ):
        SubElement(header, tag).text = _clean(words)
    content = SubElement(SubElement(root, "CORE-CONTENT"), "REQ-IF-CONTENT")
    kinds = [REAL if any(_number(row[k]) for row in table.rows) else STRING for k in range(len(names))]
    heads = {identifier: "ReqIF.ForeignID", text: "ReqIF.Text"}
    shown = [heads.get(column.name, column.heading) for column in table.columns]
    _datatypes(SubElement(content, "DATATYPES"))
    _types(SubElement(content, "SPEC-TYPES"), shown, kinds)
    objects = SubElement(content, "SPEC-OBJECTS")
    for name, row in rows.items():
        _object(objects, name, row, kinds)
    relations = SubElement(content, "SPEC-RELATIONS")
    for name, other in above.items():
        if other:
            _relation(relations, name, other)
    specification = _identified(
        SubElement(content, "SPECIFICATIONS"), "SPECIFICATION", "specification", table.title
    )
    _reference(specification, "TYPE", "SPECIFICATION-TYPE-REF", _id("type", "specification"))
    _tree(specification, above)
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8") + b"\n"


def _id(kind: str, name: str) -> str:
    """An XML identifier that depends on the content alone."""
    return f"_{hashlib.sha256(f'{kind}/{name}'.encode(errors='replace')).hexdigest()[:32]}"


def _identified(parent: Element, tag: str, kind: str, name: str, **more: str) -> Element:
    attributes = {
        "IDENTIFIER": _id(kind, name),
        "LAST-CHANGE": WRITTEN,
        "LONG-NAME": _clean(name)[:LONGEST],
    }
    return SubElement(parent, tag, attributes | more)


def _reference(parent: Element, tag: str, kind: str, target: str) -> None:
    SubElement(SubElement(parent, tag), kind).text = target


def _datatypes(parent: Element) -> None:
    _identified(parent, "DATATYPE-DEFINITION-STRING", "datatype", STRING, **{"MAX-LENGTH": str(LONGEST)})
    ends = {"ACCURACY": "17", "MIN": "-1.0E300", "MAX": "1.0E300"}
    _identified(parent, "DATATYPE-DEFINITION-REAL", "datatype", REAL, **ends)


def _types(parent: Element, shown: list[str], kinds: list[str]) -> None:
    of_object = _identified(parent, "SPEC-OBJECT-TYPE", "type", "requirement")
    attributes = SubElement(of_object, "SPEC-ATTRIBUTES")
    for k, (name, kind) in enumerate(zip(shown, kinds, strict=True)):
        one = _identified(attributes, f"ATTRIBUTE-DEFINITION-{kind}", f"attribute {k}", name)
        one.set("IDENTIFIER", _id("attribute", str(k)))
        _reference(one, "TYPE", f"DATATYPE-DEFINITION-{kind}-REF", _id("datatype", kind))
    _identified(parent, "SPECIFICATION-TYPE", "type", "specification")
    _identified(parent, "SPEC-RELATION-TYPE", "type", "serves")


def _object(parent: Element, name: str, row: tuple[Cell, ...], kinds: list[str]) -> None:
    one = _identified(parent, "SPEC-OBJECT", "requirement", name)
    _reference(one, "TYPE", "SPEC-OBJECT-TYPE-REF", _id("type", "requirement"))
    values = SubElement(one, "VALUES")
    for k, (cell, kind) in enumerate(zip(row, kinds, strict=True)):
        words = _value(cell, kind)
        if words is None:
            continue
        value = SubElement(values, f"ATTRIBUTE-VALUE-{kind}", {"THE-VALUE": words})
        _reference(value, "DEFINITION", f"ATTRIBUTE-DEFINITION-{kind}-REF", _id("attribute", str(k)))


def _number(cell: Cell) -> bool:
    return isinstance(cell, (float, int, Estimate))


def _value(cell: Cell, kind: str) -> str | None:
    """A cell as the value of an attribute; None where there is none."""
    if kind == STRING:
        return _clean(str(cell))[:LONGEST] if cell else None
    if cell is None or isinstance(cell, str):
        return None
    value = float(cell.value if isinstance(cell, Estimate) else cell)
    return repr(value) if np.isfinite(value) else None


def _relation(parent: Element, name: str, other: str) -> None:
    one = _identified(parent, "SPEC-RELATION", "relation", f"{name} serves {other}")
    _reference(one, "TYPE", "SPEC-RELATION-TYPE-REF", _id("type", "serves"))
    _reference(one, "SOURCE", "SPEC-OBJECT-REF", _id("requirement", name))
    _reference(one, "TARGET", "SPEC-OBJECT-REF", _id("requirement", other))


def _tree(specification: Element, above: dict[str, str]) -> None:
    """The requirements below their parents, in the order of the table."""
    placed = 0

    def put(parent: Element, top: str) -> None:
        nonlocal placed
        children = [name for name, other in above.items() if other == top]
        if not children:
            return
        holder = SubElement(parent, "CHILDREN")
        for name in children:
            one = SubElement(
                holder, "SPEC-HIERARCHY", {"IDENTIFIER": _id("place", name), "LAST-CHANGE": WRITTEN}
            )
            _reference(one, "OBJECT", "SPEC-OBJECT-REF", _id("requirement", name))
            placed += 1
            put(one, name)

    put(specification, "")
    if placed < len(above):
        raise ValueError("requirements are each other's parents, in a circle")


def _clean(text: str) -> str:
    """Text that an XML file may hold."""
    return _UNPRINTABLE.sub("\ufffd", text)
