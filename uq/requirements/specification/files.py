"""A specification on disk: everything as JSON and the way back, one requirement a row as CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from uq.core.dataset import write_atomically
from uq.core.estimate import Estimate
from uq.core.table import inert, words
from uq.core.text import RepeatedKey, check_line, json_of, one_line
from uq.requirements.specification.entries import Attributes, Entry, as_written
from uq.requirements.specification.statements import Source, Statement, rows_of
from uq.requirements.specification.tables import accepted_words

FORMAT = 5


def _cells(s: Statement | Entry) -> dict[str, str]:
    a = s.attributes
    cells = {
        "identifier": s.identifier,
        "statement": s.text,
        "value": _words(as_written(s.value)),
        "unit": s.unit,
        "tolerance": a.tolerance,
        "margin": "-",
        "probability": "-",
        "rationale": s.rationale,
        "scenario": "",
        "evidence": a.origin,
        "item": a.item,
        "parent": a.parent,
        "category": a.category,
        "heritage": a.heritage,
        "verification": ", ".join(a.methods),
        "level": a.level,
        "stage": a.stage,
        "acceptance": accepted_words(s) or "-",
        "status": a.status,
        "owner": a.owner,
        "due": a.due,
    }
    if isinstance(s, Statement):
        low, high = s.interval
        cells |= {
            "margin": _words(s.margin, 4),
            "probability": f"{words(Estimate(s.probability, low, high))} ({s.runs} runs)",
            "scenario": ", ".join(filter(None, (s.scenario, f"{s.mode} design" if s.mode else ""))),
            "evidence": "; ".join(f"{e.dataset} [{e.rows}] {e.rows_digest[:12]}" for e in s.evidence),
        }
    return cells


def _words(value: float, digits: int = 6) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}g}"


def to_markdown(statements: Sequence[Statement | Entry]) -> str:
    """A Markdown table, one requirement a row; a sentence where there is none.

    Parameters
    ----------
    statements : sequence of Statement
        What is written.

    Returns
    -------
    str
    """
    rows = [_cells(s) for s in statements]
    if not rows:
        return "Nothing is required.\n"
    header = list(rows[0])

    def put(cells: Sequence[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"

    return (
        "\n".join([put(header), "|" + " --- |" * len(header), *[put(list(r.values())) for r in rows]]) + "\n"
    )


def to_csv(statements: Sequence[Statement | Entry]) -> str:
    """Comma-separated, one requirement a row; no cell is a formula to a spreadsheet (`inert`).

    Parameters
    ----------
    statements : sequence of Statement
        What is written.

    Returns
    -------
    str
    """
    out = io.StringIO()
    rows = [_cells(s) for s in statements]
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["identifier", "statement"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: inert(v) for k, v in row.items()})
    return out.getvalue()


def to_json(statements: Sequence[Statement | Entry]) -> str:
    """Everything, for `read` and for requirements tools: ``requirements`` have runs behind them, ``entries`` none.

    Parameters
    ----------
    statements : sequence of Statement
        What is written.

    Returns
    -------
    str
    """
    records: dict[str, list[Any]] = {"requirements": [], "entries": []}
    for s in statements:
        records["requirements" if isinstance(s, Statement) else "entries"].append(_without_nan(asdict(s)))
    return json.dumps({"format": FORMAT} | records, indent=1, allow_nan=False) + "\n"


def _without_nan(record: Any) -> Any:
    if isinstance(record, dict):
        return {name: _without_nan(value) for name, value in record.items()}
    if isinstance(record, (list, tuple)):
        return [_without_nan(value) for value in record]
    return None if isinstance(record, float) and np.isnan(record) else record


def read(text: str) -> tuple[Statement, ...]:
    """The statements that `to_json` wrote.

    Parameters
    ----------
    text : str
        JSON, as it was written.

    Returns
    -------
    tuple of Statement
        As they were written.

    Raises
    ------
    ValueError
        For another format or damaged records.
    """
    return tuple(_statement(r) for r in _records(text, "requirements"))


def read_entries(text: str) -> tuple[Entry, ...]:
    """The requirements without runs that `to_json` wrote.

    Parameters
    ----------
    text : str
        JSON, as it was written.

    Returns
    -------
    tuple of Entry

    Raises
    ------
    ValueError
        As `read` does.
    """
    return tuple(_entry(r) for r in _records(text, "entries"))


def _records(text: str, kind: str) -> list[dict[str, Any]]:
    try:
        record = json_of(text)
        if record["format"] != FORMAT:
            raise ValueError(
                f"format {record['format']!r:.20} of the requirements is not {FORMAT}, which this version reads"
            )
        found = record[kind]
        if not isinstance(found, list):
            raise TypeError(f"{kind} is no list")
        return found
    except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError, RepeatedKey) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> ValueError:
    return ValueError(f"these are not requirements as written by to_json: {one_line(error, 200)}")


def _statement(r: dict[str, Any]) -> Statement:
    try:
        for name in ("identifier", "text", "input", "unit", "rationale", "scenario", "mode"):
            check_line(r[name], name, 5000)
        _number(r, "value", "probability", "wanted", "size", "runs", "exponent", "zero")
        if r["side"] not in ("at least", "at most") or not r["size"] > 0.0 or len(r["interval"]) != 2:
            raise TypeError("side, size or interval is none")
        if not r["exponent"] or (r["exponent"] != 1.0 and not r["value"] > r["zero"]):
            raise TypeError("the exponent is none")
        _number(dict(enumerate(r["interval"])), 0, 1)
        for bound in (*r["conditions"], *r["limits"]):
            check_line(bound["name"], "name", 200)
            if "value" in bound:
                _number(bound, "value", "error")
            else:
                _number(bound, *(end for end in ("low", "high") if bound[end] is not None))
                if bound["low"] is None and bound["high"] is None:
                    raise TypeError(f"{bound['name']} is bounded on no side")
        if not all(isinstance(bound["design"], str) for bound in r["conditions"]):
            raise TypeError("the design of a condition is no name")
        for source in r["evidence"]:
            _check_source(source)
        tuples = {k: tuple(r[k]) for k in ("interval", "conditions", "limits")}
        margin = np.nan if r["margin"] is None else r["margin"]
        evidence = tuple(Source(**e) for e in r["evidence"])
        attributes = _attributes(r["attributes"])
        return Statement(**{**r, **tuples, "margin": margin, "evidence": evidence, "attributes": attributes})
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(error) from error


def _check_source(source: dict[str, Any]) -> None:
    for name in ("dataset", "digest", "rows_digest", "version"):
        check_line(source[name], name, 20_000)
    if Path(source["dataset"]).is_absolute() or ".." in Path(source["dataset"]).parts:
        raise TypeError(f"dataset {source['dataset']!r:.60} lies elsewhere")
    rows_of(source["rows"])
    _number(source, "seed")
    _number(source["design"], *source["design"])


def _entry(r: dict[str, Any]) -> Entry:
    try:
        for name in ("identifier", "text", "unit", "rationale"):
            check_line(r[name], name, 5000)
        if r["side"] not in (None, "at least", "at most"):
            raise TypeError("the side is none")
        if r["value"] is not None:
            _number(r, "value")
        value = np.nan if r["value"] is None else r["value"]
        return Entry(**{**r, "value": value, "attributes": _attributes(r["attributes"])})
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(error) from error


def _attributes(r: dict[str, Any]) -> Attributes:
    for name in (
        "item",
        "parent",
        "origin",
        "status",
        "category",
        "heritage",
        "level",
        "stage",
        "tolerance",
        "owner",
        "due",
    ):
        check_line(r[name], name, 2000)
    for method in r["methods"]:
        check_line(method, "method", 1)
    numbers = {}
    for name in ("accuracy", "predicted", "probability"):
        if r[name] is not None:
            _number(r, name)
        numbers[name] = np.nan if r[name] is None else r[name]
    band = [np.nan if end is None else end for end in r["band"]]
    if len(band) != 2:
        raise TypeError("the band has no two ends")
    _number(dict(enumerate(band)), *(k for k, end in enumerate(r["band"]) if end is not None))
    return Attributes(**{**r, **numbers, "methods": tuple(r["methods"]), "band": tuple(band)})


def _number(record: Mapping[Any, Any], *names: Any) -> None:
    for name in names:
        value = record[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            raise TypeError(f"{name!r:.40} is {value!r:.40}, expected a number")


def write(statements: Sequence[Statement | Entry], folder: str | os.PathLike[str]) -> None:
    """requirements.json, requirements.csv and requirements.md in `folder`, each written whole or not at all.

    Parameters
    ----------
    statements : sequence of Statement
        What is written.
    folder : path
        Where the files go.

    Returns
    -------
    None
    """
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("json", to_json(statements)),
        ("csv", to_csv(statements)),
        ("md", to_markdown(statements)),
    ):
        write_atomically(path / f"requirements.{name}", lambda f, t=text: f.write(t.encode()))
