"""Requirements as they leave the house: sentences with "shall", margin, probability and evidence, and the way
back."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from uq.core.array_types import IntArray
from uq.core.storage.store import write_atomically
from uq.core.table import as_lines, as_pretty, inert, markdown_line
from uq.core.text import check_line, one_line
from uq.requirements.confirmation import Confirmation, Confirmations, digest
from uq.requirements.types import Condition, Limit, Requirement, Side, Verdict, Verified

FORMAT = 2


@dataclass(frozen=True)
class Source:
    """One batch of runs behind a requirement: where the dataset lies, its hash, the rows used and theirs, how it
    was drawn."""

    dataset: str
    digest: str
    rows: str
    rows_digest: str
    seed: int
    version: str
    design: dict[str, float]


@dataclass(frozen=True)
class Statement:
    """One requirement, ready for a requirements tool.

    `text` is the whole sentence with its operating point and conditions; `value` in `unit`, on `input` (or on the
    output of that name, where a limit is required); `margin` in the same unit, between the required and the least
    demanding value (NaN: there is none); `probability` that the limits are then met, with `interval` from `runs`
    fresh true runs; `conditions` and `limits` say exactly under what and of what; `evidence` leads back to the runs.
    """

    identifier: str
    text: str
    input: str
    side: Side
    value: float
    unit: str
    margin: float
    probability: float
    interval: tuple[float, float]
    wanted: float
    runs: int
    rationale: str
    scenario: str
    mode: str
    conditions: tuple[dict[str, Any], ...]
    limits: tuple[dict[str, Any], ...]
    evidence: tuple[Source, ...]
    size: float = 1.0
    """Of `unit` in the unit of the model, in which `conditions` and `limits` stand."""

    def __post_init__(self) -> None:
        if " shall " not in f" {self.text} ":
            raise ValueError(f"requirement {self.identifier!r} has no 'shall' in its text: {self.text!r}")

    def __str__(self) -> str:
        low, high = self.interval
        met = f"{self.probability:.3g} [{low:.3g}, {high:.3g}] from {self.runs} runs, wanted {self.wanted:g}"
        return f"{self.identifier}: {self.text}\n  limits met: {met}\n  {self.rationale}"

    _repr_pretty_, _repr_html_ = as_pretty, as_lines


def statement(
    confirmations: Confirmations,
    item: int,
    *,
    identifier: str,
    text: str,
    requirement: Requirement | Limit,
    margin: float,
    rationale: str,
    datasets: Sequence[str],
    scenario: str = "",
    shown: tuple[str, float] | None = None,
) -> Statement:
    """The statement of one `requirement` of confirmation number `item`, or of one of its limits on an output.

    `text` may hold ``{value}`` and ``{unit}``, and must say "shall", the operating point and the conditions.
    `shown` is the unit in which value and margin are written, and its size in the model's unit.
    `datasets` names where each batch of the confirmations is kept, in their order.  What the fresh runs say of the
    wanted probability closes the rationale.  Raises ValueError for a claim that does not stand or whose fresh runs
    fall short of the wanted probability, for a requirement that the claim does not hold, for a text without "shall".
    """
    confirmed: Confirmation = confirmations.items[item]
    if not confirmations.stands(item):
        raise ValueError(
            f"{identifier}: claimed {confirmed.claimed.estimate} but confirmed {confirmed.fresh.estimate}; "
            "a claim that does not stand makes no requirement: retrain and ask again (see confirm_and_retrain)"
        )
    if confirmed.fresh.answer == "not met":
        raise ValueError(
            f"{identifier}: {confirmed.runs} fresh runs give {confirmed.fresh.estimate}, short of the wanted "
            f"{confirmed.fresh.wanted:g}; a set that falls short makes no requirement: ask for a more demanding one"
        )
    if requirement not in (*confirmed.fresh.requirements, *confirmed.fresh.limits):
        raise ValueError(
            f"{identifier}: the confirmed claim holds no {requirement.text(confirmed.claimed.units)}"
        )
    if len(datasets) != len(confirmations.batches):
        raise ValueError(
            f"{len(confirmations.batches)} batches of runs need as many dataset names, got {len(datasets)}"
        )
    name = requirement.output if isinstance(requirement, Limit) else requirement.input
    unit, size = shown or (confirmed.claimed.units.get(name, "1"), 1.0)
    value = (requirement.low if np.isfinite(requirement.low) else requirement.high) / size
    evidence = []
    for batch, rows in zip(confirmed.evidence.batches, confirmed.evidence.rows, strict=True):
        data = confirmations.batches[batch]
        evidence.append(
            Source(
                dataset=datasets[batch],
                digest=digest(data),
                rows=_ranges(rows),
                rows_digest=digest(data, rows),
                seed=int(data.provenance.get("seed", 0)),
                version=str(data.provenance.get("version", data.problem.version)),
                design={k: float(v) for k, v in confirmations.designs[batch].items()},
            )
        )
    return Statement(
        identifier=identifier,
        text=text.format(value=f"{value:.4g}", unit=unit),
        input=name,
        side="at least" if np.isfinite(requirement.low) else "at most",
        value=value,
        unit=unit,
        margin=float(margin) / size,
        probability=confirmed.fresh.probability,
        interval=confirmed.fresh.interval,
        wanted=confirmed.fresh.wanted,
        runs=confirmed.runs,
        rationale=f"{rationale} {_verdict_words(confirmed.fresh)}".strip(),
        scenario=scenario,
        mode=confirmed.fresh.mode or confirmations.mode,
        conditions=tuple(_condition_record(condition) for condition in confirmed.fresh.requirements),
        limits=tuple(_bounds_record(limit.output, limit) for limit in confirmed.fresh.limits),
        evidence=tuple(evidence),
        size=float(size),
    )


def _verdict_words(fresh: Verdict) -> str:
    said = "show that" if fresh.answer == "met" else "leave open whether"
    return f"Fresh runs {said} the wanted {fresh.wanted:g} is met."


def _bounds_record(name: str, bounds: Limit | Requirement) -> dict[str, Any]:
    return {
        "name": name,
        "low": bounds.low if np.isfinite(bounds.low) else None,
        "high": bounds.high if np.isfinite(bounds.high) else None,
    }


def _condition_record(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Verified):
        return {
            "name": condition.input,
            "value": condition.value,
            "error": condition.error,
            "design": condition.design,
        }
    return _bounds_record(condition.input, condition) | {"design": condition.design}


def _ranges(rows: IntArray) -> str:
    """Row numbers as '0-599, 604'."""
    if not len(rows):
        return ""
    pieces = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    return ", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else f"{p[0]}" for p in pieces)


def rows_of(ranges: str) -> IntArray:
    """What `_ranges` wrote.  Raises ValueError for anything else, and for more than `_MOST_ROWS` rows."""
    if not _RANGES.fullmatch(ranges):
        raise ValueError(f"{ranges!r:.60} are no rows; they are written as '0-599, 604'")
    ends = [[int(e) for e in piece.split("-")] for piece in ranges.split(", ") if piece]
    if any(e[0] > e[-1] for e in ends) or sum(e[-1] - e[0] + 1 for e in ends) > _MOST_ROWS:
        raise ValueError(f"{ranges!r:.60} are no rows of a dataset: descending, or more than {_MOST_ROWS}")
    return np.concatenate([np.arange(e[0], e[-1] + 1) for e in ends]) if ends else np.empty(0, dtype=np.int64)


_RANGES = re.compile(r"(\d{1,12}(-\d{1,12})?(, \d{1,12}(-\d{1,12})?)*)?")
_MOST_ROWS = 10_000_000


# -- out and in ---------------------------------------------------------------------------------------------------


def _cells(s: Statement) -> dict[str, str]:
    sources = "; ".join(f"{e.dataset} [{e.rows}] {e.rows_digest[:12]}" for e in s.evidence)
    return {
        "identifier": s.identifier,
        "statement": s.text,
        "value": f"{s.value:.6g}",
        "unit": s.unit,
        "margin": "-" if np.isnan(s.margin) else f"{s.margin:.4g}",
        "probability": f"{s.probability:.4f} [{s.interval[0]:.4f}, {s.interval[1]:.4f}] ({s.runs} runs)",
        "rationale": s.rationale,
        "scenario": ", ".join(filter(None, (s.scenario, f"{s.mode} design" if s.mode else ""))),
        "evidence": sources,
    }


def to_markdown(statements: Sequence[Statement]) -> str:
    """A Markdown table, one requirement a row; a sentence where there is none."""
    rows = [_cells(s) for s in statements]
    if not rows:
        return "Nothing is required.\n"
    header = list(rows[0])

    def put(cells: Sequence[str]) -> str:
        return "| " + " | ".join(markdown_line(c).replace("|", "\\|") for c in cells) + " |"

    return (
        "\n".join([put(header), "|" + " --- |" * len(header), *[put(list(r.values())) for r in rows]]) + "\n"
    )


def to_csv(statements: Sequence[Statement]) -> str:
    """Comma-separated, one requirement a row; no cell is a formula to a spreadsheet (`inert`)."""
    out = io.StringIO()
    rows = [_cells(s) for s in statements]
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["identifier", "statement"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: inert(v) for k, v in row.items()})
    return out.getvalue()


def to_json(statements: Sequence[Statement]) -> str:
    """Everything, for `read` and for requirements tools."""
    records = [asdict(s) | {"margin": None if np.isnan(s.margin) else s.margin} for s in statements]
    return json.dumps({"format": FORMAT, "requirements": records}, indent=1, allow_nan=False) + "\n"


def read(text: str) -> tuple[Statement, ...]:
    """The statements that `to_json` wrote.  Raises ValueError for another format or damaged records."""
    try:
        record = json.loads(text)
        if record["format"] != FORMAT:
            raise ValueError(
                f"format {record['format']!r:.20} of the requirements is not {FORMAT}, which this version reads"
            )
        return tuple(_statement(r) for r in record["requirements"])
    except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError) as error:
        raise ValueError(
            f"these are not requirements as written by to_json: {one_line(error, 200)}"
        ) from error


def _statement(r: dict[str, Any]) -> Statement:
    for name in ("identifier", "text", "input", "unit", "rationale", "scenario", "mode"):
        check_line(r[name], name, 5000)
    _number(r, "value", "probability", "wanted", "size", "runs")
    if r["side"] not in ("at least", "at most") or not r["size"] > 0.0 or len(r["interval"]) != 2:
        raise TypeError("side, size or interval is none")
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
        for name in ("dataset", "digest", "rows_digest", "version"):
            check_line(source[name], name, 20_000)
        if Path(source["dataset"]).is_absolute() or ".." in Path(source["dataset"]).parts:
            raise TypeError(f"dataset {source['dataset']!r:.60} lies elsewhere")
        rows_of(source["rows"])
        _number(source, "seed")
        _number(source["design"], *source["design"])
    tuples = {k: tuple(r[k]) for k in ("interval", "conditions", "limits")}
    margin = np.nan if r["margin"] is None else r["margin"]
    evidence = tuple(Source(**e) for e in r["evidence"])
    return Statement(**{**r, **tuples, "margin": margin, "evidence": evidence})


def _number(record: Mapping[Any, Any], *names: Any) -> None:
    for name in names:
        value = record[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            raise TypeError(f"{name!r:.40} is {value!r:.40}, expected a number")


def write(statements: Sequence[Statement], folder: str | os.PathLike[str]) -> None:
    """requirements.json, requirements.csv and requirements.md in `folder`, each written whole or not at all."""
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("json", to_json(statements)),
        ("csv", to_csv(statements)),
        ("md", to_markdown(statements)),
    ):
        write_atomically(path / f"requirements.{name}", lambda f, t=text: f.write(t.encode()))
