"""Requirements that runs stand behind: sentences with "shall", margin, probability and evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from uq.core.array_types import IntArray
from uq.core.table import Readable
from uq.requirements.confirmation import Confirmation, Confirmations, digest
from uq.requirements.specification.entries import Attributes
from uq.requirements.types import Condition, Limit, Requirement, Side, Verdict, Verified, suffix

NONE_GIVEN = Attributes(item="")
"""Of a statement whose attributes nobody gave."""


@dataclass(frozen=True)
class Shown:
    """How a bound of the model is written where people read it.

        model = size (value - zero)^exponent

    A multiplier on a predicted efficiency is shown as that efficiency (`size` is one over the predicted one), one on a
    specific power as the mass that it leaves (`exponent` -1, so that "at least" becomes "at most").
    """

    unit: str
    """That is written."""
    size: float = 1.0
    exponent: float = 1.0
    zero: float = 0.0
    """In the unit that is written."""

    def value(self, bound: float) -> float:
        """The value that is written for a bound of the model.

        >>> round(Shown("kg", 2.0, -1.0, 0.5).value(0.8), 12)
        3.0
        """
        return float(self.zero + (bound / self.size) ** (1.0 / self.exponent))

    def bound(self, value: float) -> float:
        """The bound of the model behind a value that is written."""
        return float(self.size * (value - self.zero) ** self.exponent)

    def side(self, side: Side) -> Side:
        """The side on which the written value bounds."""
        if self.exponent > 0.0:
            return side
        return "at most" if side == "at least" else "at least"


@dataclass(frozen=True)
class Source:
    """One batch of runs behind a requirement: where the dataset lies, its hash, the rows used and theirs, how it
    was drawn."""

    dataset: str
    """Folder of the dataset."""
    digest: str
    """Hash of the dataset."""
    rows: str
    """Rows that were used, as ranges."""
    rows_digest: str
    """Hash of those rows."""
    seed: int
    """Of the draws."""
    version: str
    """Of the model."""
    design: dict[str, float]
    """Design inputs by name, in their units."""


@dataclass(frozen=True)
class Statement(Readable):
    """One requirement, ready for a requirements tool.

    `text` is the whole sentence with its operating point and conditions; `value` in `unit`, on `input` (or on the
    output of that name, where a limit is required); `margin` in the same unit, between the required and the least
    demanding value (NaN: there is none); `probability` that the limits are then met, with `interval` from `runs`
    fresh true runs; `conditions` and `limits` say exactly under what and of what; `evidence` leads back to the runs.
    """

    identifier: str
    """By which it is traced."""
    text: str
    input: str
    side: Side
    """Whether at least or at most the value is required."""
    value: float
    unit: str
    margin: float
    probability: float
    interval: tuple[float, float]
    wanted: float
    """Probability, 0 to 1."""
    runs: int
    rationale: str
    """Why it is required."""
    scenario: str
    """Under which it was found."""
    mode: str
    """How the design answers a sample: fixed, or optimised anew."""
    conditions: tuple[dict[str, Any], ...]
    limits: tuple[dict[str, Any], ...]
    evidence: tuple[Source, ...]
    size: float = 1.0
    """As of `Shown`."""
    exponent: float = 1.0
    """As of `Shown`."""
    zero: float = 0.0
    """How `value` is written for the bound of the model, in whose unit `conditions` and `limits` stand: see `Shown`."""
    attributes: Attributes = NONE_GIVEN
    """What a requirements tool keeps of it."""

    def __post_init__(self) -> None:
        if " shall " not in f" {self.text} ":
            raise ValueError(f"requirement {self.identifier!r} has no 'shall' in its text: {self.text!r}")

    @property
    def bound(self) -> float:
        """The value in the unit of the model."""
        return Shown(self.unit, self.size, self.exponent, self.zero).bound(self.value)

    @property
    def bound_side(self) -> Side:
        """On which side of `bound` the model's quantity must lie."""
        return Shown(self.unit, exponent=self.exponent).side(self.side)

    def __str__(self) -> str:
        low, high = self.interval
        met = f"{self.probability:.3g} [{low:.3g}, {high:.3g}] from {self.runs} runs, wanted {self.wanted:g}"
        margin = (
            "none against a least demanding value"
            if np.isnan(self.margin)
            else f"{self.margin:.3g}{suffix(self.unit)} to the least demanding value"
        )
        return f"{self.identifier}: {self.text}\n  margin: {margin}\n  limits met: {met}\n  {self.rationale}"


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
    shown: Shown | None = None,
    attributes: Attributes | None = None,
) -> Statement:
    """The statement of one `requirement` of confirmation number `item`, or of one of its limits on an output.

    `text` may hold ``{value}``, with ``{unit}`` where there is one; it must say "shall", the operating point and the
    conditions.
    `shown` says how value and margin are written; by default in the unit of the model.  The status of `attributes` is
    that of the fresh runs.
    `datasets` names where each batch of the confirmations is kept, in their order.  What the fresh runs say of the
    wanted probability closes the rationale.

    Parameters
    ----------
    confirmations : Confirmations
        Claims with their fresh runs.
    item : int
        Number of the confirmation.
    identifier : str
        Of the statement, unique in its set.
    text : str
        With ``{value}`` and ``{unit}``; says "shall".
    requirement : Requirement or Limit
        What is stated, of those that the claim holds.
    margin : float
        What remains, in the unit of the model.
    rationale : str
        Why it is required.
    datasets : sequence of str
        Where each batch of the confirmations is kept, in their order.
    scenario : str
        Under which it holds.
    shown : optional
        How value and margin are written; in the unit of the model by default.
    attributes : Attributes, optional
        How it is verified, and where it comes from.

    Returns
    -------
    Statement

    Raises
    ------
    ValueError
        For a claim that does not stand or whose fresh runs fall short of the wanted probability, for a requirement that
        the claim does not hold, for a text without "shall", or with a value without its unit.
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
    shown = shown or Shown("-" if (plain := confirmed.claimed.units.get(name, "-")) in ("", "1") else plain)
    side: Side = "at least" if np.isfinite(requirement.low) else "at most"
    bound = requirement.low if side == "at least" else requirement.high
    value = shown.value(bound)
    unit = shown.unit
    _require_unit(identifier, text, unit)
    given = attributes or NONE_GIVEN
    met = confirmed.fresh.answer == "met"
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
        side=shown.side(side),
        value=value,
        unit=unit,
        margin=_shown_margin(shown, bound, side, float(margin)),
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
        size=shown.size,
        exponent=shown.exponent,
        zero=shown.zero,
        attributes=replace(given, status="confirmed", owner="", due="")
        if met
        else replace(given, status="TBC"),
    )


def _require_unit(identifier: str, text: str, unit: str) -> None:
    """Refuse a sentence whose number would stand without its unit: neither ``{unit}`` nor the unit follows it."""
    if "{value}" not in text or "{unit}" in text or not suffix(unit):
        return
    if not text.partition("{value}")[2].lstrip().startswith(unit):
        raise ValueError(
            f"{identifier}: '{{value}}' would stand without its unit, {unit}; write '{{value}} {{unit}}'"
        )


def _shown_margin(shown: Shown, bound: float, side: Side, margin: float) -> float:
    """A margin of the model as it is written: positive where the bound is stricter than needed."""
    sense = 1.0 if side == "at least" else -1.0
    least = shown.value(bound - sense * margin) if np.isfinite(margin) else np.nan
    return (1.0 if shown.side(side) == "at least" else -1.0) * (shown.value(bound) - least)


def _verdict_words(fresh: Verdict) -> str:
    said = "show that" if fresh.answer == "met" else "leave open whether"
    return f"Fresh runs {said} the compliance that is wanted of the whole set, {fresh.wanted:g}, is reached."


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
    """What `_ranges` wrote.

    Parameters
    ----------
    ranges : str
        Such as "0-599, 604".

    Returns
    -------
    ndarray of int (n,)
        Row numbers.

    Raises
    ------
    ValueError
        For anything that was not written so, and for more than `_MOST_ROWS` rows.

    Examples
    --------
    >>> rows_of("3-5, 9"), rows_of("")
    (array([3, 4, 5, 9]), array([], dtype=int64))
    """
    if not _RANGES.fullmatch(ranges):
        raise ValueError(f"{ranges!r:.60} are no rows; they are written as '0-599, 604'")
    ends = [[int(e) for e in piece.split("-")] for piece in ranges.split(", ") if piece]
    if any(e[0] > e[-1] for e in ends) or sum(e[-1] - e[0] + 1 for e in ends) > _MOST_ROWS:
        raise ValueError(f"{ranges!r:.60} are no rows of a dataset: descending, or more than {_MOST_ROWS}")
    return np.concatenate([np.arange(e[0], e[-1] + 1) for e in ends]) if ends else np.empty(0, dtype=np.int64)


_RANGES = re.compile(r"(\d{1,12}(-\d{1,12})?(, \d{1,12}(-\d{1,12})?)*)?")
_MOST_ROWS = 10_000_000
