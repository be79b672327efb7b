"""A specification as SysML v2 text (OMG formal/2025-09-03): requirements with their bounds, nested below their parents,
and a verification case for each that is verified."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from uq.requirements.specification.entries import METHODS, as_written
from uq.requirements.specification.tables import Item

_KINDS = {"T": "test", "A": "analyze", "R": "inspect", "I": "inspect"}
"""Of `VerificationMethodKind`, which knows no review of design."""


def to_sysml(items: Sequence[Item], *, title: str) -> str:
    """The package of a specification in SysML v2's textual notation.

    Parameters
    ----------
    items : sequence of Statement or Entry
        What the specification holds.
    title : str
        Title of the table or package.

    Returns
    -------
    str

    Examples
    --------
    >>> from uq.requirements.specification.entries import Attributes, Entry
    >>> mass = Entry(
    ...     identifier="PUMP-MASS", text="It shall weigh at most 2 kg.", value=2.0, unit="kg", side="at most",
    ...     attributes=Attributes(item="pump"),
    ... )
    >>> print(to_sysml([mass], title="Pump"))
    package 'Pump' {
        private import ScalarValues::*;
        requirement <'PUMP-MASS'> 'PUMP-MASS pump' {
            doc /* It shall weigh at most 2 kg. */
            attribute measured : Real; /* kg */
            attribute required : Real = 2.0; /* kg */
            require constraint { measured <= required }
            attribute status : String = "TBC";
        }
    }
    <BLANKLINE>
    """
    known = {s.identifier for s in items}
    below: dict[str, list[Item]] = {}
    for s in items:
        below.setdefault(s.attributes.parent if s.attributes.parent in known else "", []).append(s)
    lines = [f"package {_name(title)} {{", "    private import ScalarValues::*;"]
    if any(s.attributes.methods for s in items):
        lines.append("    private import VerificationCases::*;")

    def put(s: Item, indent: str) -> None:
        inner = indent + "    "
        lines.append(
            f"{indent}requirement <{_name(s.identifier)}> {_name(f'{s.identifier} {s.attributes.item}')} {{"
        )
        lines.append(f"{inner}doc /* {_comment(s.text)} */")
        if s.rationale:
            lines.append(f"{inner}comment /* Rationale: {_comment(s.rationale)} */")
        if not np.isnan(s.value):
            unit = f" /* {_comment(s.unit)} */" if s.unit not in ("", "-") else ""
            lines.append(f"{inner}attribute measured : Real;{unit}")
            lines.append(f"{inner}attribute required : Real = {as_written(s.value)!r};{unit}")
        if s.side is not None:
            sign = ">=" if s.side == "at least" else "<="
            lines.append(f"{inner}require constraint {{ measured {sign} required }}")
        for name in (
            "status",
            "owner",
            "due",
            "origin",
            "category",
            "heritage",
            "tolerance",
            "level",
            "stage",
        ):
            if value := getattr(s.attributes, name):
                lines.append(f"{inner}attribute {name} : String = {_string(value)};")
        for child in below.get(s.identifier, []):
            put(child, inner)
        lines.append(f"{indent}}}")

    for top in below.get("", []):
        put(top, "    ")
    for s in items:
        for method in s.attributes.methods:
            kind = _KINDS[method]
            lines.append(f"    verification {_name(f'{s.identifier} by {METHODS[method]}')} {{")
            lines.append(f"        metadata VerificationMethod {{ kind = VerificationMethodKind::{kind}; }}")
            lines.append(f"        objective {{ verify {_name(s.identifier)}; }}")
            lines.append("    }")
    return "\n".join([*lines, "}", ""])


def _name(text: str) -> str:
    """An unrestricted name."""
    return "'" + _line(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _string(text: str) -> str:
    return '"' + _line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _comment(text: str) -> str:
    return _line(text).replace("*/", "* /")


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
