"""A test report given with a case (``--measured TEST.csv``): readings as if a file that extends the case held them.

A CSV file has the columns ``quantity``, ``value``, ``standard deviation`` and ``unit``, and for a duty ``flow [L/s]``,
``rise [bar]``, ``speed [rpm]`` or ``power [kW]`` in any unit of theirs; ``systematic``, ``report``, ``propellant`` and
the rated duty may be given with them.  A TOML file holds ``[[measurements]]`` or ``[hardware]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from studies.case.case import Case, from_chain
from studies.case.readings import RATED
from studies.case.toml_file import CaseError, chain, merged
from uq.core.problem import nearest
from uq.io.tables import rows_of_text

NEEDED = ("quantity", "value", "standard deviation", "unit")
DUTY = ("flow", "rise", "speed", "power", *RATED)
COLUMNS = (*NEEDED, "systematic", "report", "propellant", *DUTY)
SECTIONS = {"measurements", "hardware"}


def with_readings(case: Case, path: Path) -> Case:
    """The case after the readings of a file; folder, manifest and trace keep them with the case's other files.

    Parameters
    ----------
    case : Case
        As known before.
    path : Path
        Of a CSV or TOML file.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        With the file and the place, for what cannot be read or used, and where the laws of the case exclude the
        readings.
    """
    if path.suffix.lower() == ".toml":
        own = chain(path)
        given = merged(own)
        if strange := given.keys() - SECTIONS:
            raise CaseError(
                f"{path}: {min(strange)}: does not belong in a test report, which holds [[measurements]] or [hardware]"
            )
        if not any(given.get(name) for name in SECTIONS):
            raise CaseError(f"{path}: holds no readings; give [[measurements]]")
        return from_chain((*own, *case.chain), path)
    text = _as_toml(path)
    return from_chain(((path.name, text), *case.chain), path)


def _as_toml(path: Path) -> str:
    """The readings of a CSV file as ``[[measurements]]``."""
    try:
        rows = rows_of_text(path)
    except FileNotFoundError:
        raise CaseError(f"{path}: there is no such file") from None
    except OSError as error:
        raise CaseError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        message = str(error)
        raise CaseError(message if message.startswith(str(path)) else f"{path}: {message}") from None
    if not rows:
        raise CaseError(f"{path}: holds no readings; give a row for each")
    units = _columns(rows[0], path)
    lines = []
    for k, row in enumerate(rows):
        cells = {name: row[header] for header, (name, _) in units.items() if row[header]}
        for name in NEEDED[:3]:
            if name not in cells:
                raise CaseError(f"{path}: row {k + 1} has no {name}")
        unit = "" if cells.get("unit", "") in ("1", "-") else cells.get("unit", "")
        at = {
            name: f"{row[header]} {own}".strip()
            for header, (name, own) in units.items()
            if name in DUTY and row[header]
        }
        entry = {
            "quantity": cells["quantity"],
            "value": f"{cells['value']} {unit}".strip(),
            "standard_deviation": f"{cells['standard deviation']} {unit}".strip(),
            "source": f"{path.name}, row {k + 1}",
            "report": cells.get("report", path.name),
        }
        if "systematic" in cells:
            entry["systematic"] = f"{cells['systematic']} {unit}".strip()
        if "propellant" in cells:
            entry["propellant"] = cells["propellant"]
        lines.append("[[measurements]]")
        lines += [f"{name} = {json.dumps(text)}" for name, text in entry.items()]
        if at:
            lines.append(
                "at = { " + ", ".join(f"{name} = {json.dumps(text)}" for name, text in at.items()) + " }"
            )
        lines.append("")
    return "\n".join(lines)


def _columns(row: Mapping[str, str], path: Path) -> dict[str, tuple[str, str]]:
    """Header to name and unit.  Raises CaseError for columns that are missing or strange."""
    found = {}
    for header in row:
        match = re.fullmatch(r"(.*?)\s*(?:\[(.*)\])?", header)
        assert match is not None
        name, unit = match[1].strip().lower().replace("_", " "), (match[2] or "").strip()
        key = name.replace(" ", "_")
        name = key if key in DUTY else name
        if name not in COLUMNS:
            raise CaseError(
                f"{path}: no column {header!r} in a test report{nearest(name, COLUMNS)}; known: {', '.join(COLUMNS)}"
            )
        if name in DUTY and not unit:
            raise CaseError(
                f"{path}: column {header!r} has no unit; write it in brackets, such as {header} [{_USUAL[name]}]"
            )
        found[header] = name, unit
    missing = [name for name in NEEDED if name not in {n for n, _ in found.values()}]
    if missing:
        raise CaseError(f"{path}: lacks the column {missing[0]!r}; a test report has {', '.join(NEEDED)}")
    return found


_USUAL = {"flow": "L/s", "rise": "bar", "speed": "rpm", "power": "kW"}
_USUAL |= {rated: _USUAL[name] for rated, name in RATED.items()}
