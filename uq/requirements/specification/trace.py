"""From a requirement's sentence back to its runs: is it still what they say?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.dataset import Dataset
from uq.core.table import Table, Tabled
from uq.requirements.confirmation import digest
from uq.requirements.specification.statements import Shown, Statement, rows_of
from uq.requirements.types import tabled


@dataclass(frozen=True)
class Check:
    """Whether a requirement's sentence still follows from its runs, and every way in which it does not."""

    identifier: str
    """Of the requirement."""
    faults: tuple[str, ...]
    """In sentences; none where it holds."""
    probability: float
    """Counted anew from the runs."""
    sources: tuple[str, ...]
    """Files that were read."""

    @property
    def holds(self) -> bool:
        """No fault was found."""
        return not self.faults


@dataclass(frozen=True)
class Checks(Tabled):
    """The check of every requirement."""

    items: tuple[Check, ...]
    """In the order of the requirements."""

    @property
    def holds(self) -> bool:
        """Every requirement was traced back to its runs."""
        return all(item.holds for item in self.items)

    def table(self) -> Table:
        """The result as a table."""
        rows = [
            [
                c.identifier,
                "holds" if c.holds else "FAULT: " + "; ".join(c.faults),
                f"{c.probability:.4f}",
                "; ".join(c.sources),
            ]
            for c in self.items
        ]
        return tabled(
            "Requirements traced to their runs", ["requirement", "trace", "probability", "runs"], rows
        )


def check(statements: Sequence[Statement], load: Callable[[str], Dataset], *, version: str = "") -> Checks:
    """Trace each requirement back: dataset by its name (`load`, e.g. ``Dataset.load``), hashes, rows, seed,
    version of the model, the required conditions in every row, and the probability counted anew.

    `version` is that of the model today; evidence of another version is a fault ("" does not ask).

    Parameters
    ----------
    statements : sequence of Statement
        What is traced.
    load : callable
        Name of a dataset -> Dataset.
    version : str
        Of the model today; "" does not ask.

    Returns
    -------
    Checks
    """
    return Checks(tuple(_checked(s, load, version) for s in statements))


def _checked(s: Statement, load: Callable[[str], Dataset], version: str) -> Check:
    faults: list[str] = []
    passed = runs = 0
    if not re.search(rf"(?<![\d.]){re.escape(f'{s.value:.4g}')}(?!\.?\d)", s.text):
        faults.append(f"the sentence does not name its value {s.value:.4g}")
    faults += _of_value(s)
    for source in s.evidence:
        try:
            data = load(source.dataset)
        except (OSError, KeyError, ValueError, RuntimeError) as error:
            faults.append(f"{source.dataset} cannot be read ({error})")
            continue
        if digest(data) != source.digest:
            faults.append(f"{source.dataset} is not the dataset of this evidence (other hash)")
            continue
        rows = rows_of(source.rows)
        if len(rows) and (rows[-1] >= len(data) or digest(data, rows) != source.rows_digest):
            faults.append(f"rows of {source.dataset} do not match their hash")
            continue
        if version and source.version != version:
            faults.append(
                f"{source.dataset} was run with version {source.version[:12]}, today's is {version[:12]}"
            )
        mine = data.where(rows)
        if not all(_within(mine, record, source.design) for record in s.conditions):
            faults.append(f"rows of {source.dataset} lie outside of what is required")
        passed += _passed(mine, s.limits)
        runs += len(mine)
    probability = passed / runs if runs else np.nan
    if runs != s.runs and not faults:
        faults.append(f"{runs} runs are found, {s.runs} are stated")
    if not faults and abs(probability - s.probability) > 1e-9:
        faults.append(f"the runs give {probability:.4f}, {s.probability:.4f} is stated")
    if not faults and not s.interval[0] <= probability <= s.interval[1]:
        faults.append("the stated interval does not hold the probability")
    sources = tuple(f"{e.dataset} [{e.rows}] seed {e.seed} version {e.version[:12]}" for e in s.evidence)
    return Check(s.identifier, tuple(faults), float(probability), sources)


def _of_value(s: Statement) -> list[str]:
    """Whether the value is the one under which, or of which, the probability was counted."""
    bounds = [b for b in (*s.conditions, *s.limits) if b["name"] == s.input]
    end = "low" if s.bound_side == "at least" else "high"
    simulated = [v for b in bounds if (v := b.get("value", b.get(end))) is not None]
    if not s.limits:
        return ["no limit is named, so that nothing would be met"]
    if any(abs(v - s.bound) <= 1e-9 * abs(s.bound) for v in simulated):
        return []
    shown = Shown(s.unit, s.size, s.exponent, s.zero)
    values = ", ".join(f"{shown.value(v):.4g}" for v in simulated) or "nothing"
    return [f"{s.input} {s.side} {s.value:.4g} {s.unit} is stated, {values} was simulated"]


def _within(data: Dataset, record: Mapping[str, Any], design: Mapping[str, float]) -> bool:
    sized = (
        record["value"] if "value" in record else record["high"] if record["low"] is None else record["low"]
    )
    for name in (record["design"], record["name"]):
        if name in design and design[name] != sized:
            return False
    if "value" in record:
        if record["name"] in design:
            return True
        if record["error"]:
            return True  # a measured value scatters about what was verified
        return bool(np.allclose(data[record["name"]], record["value"], rtol=1e-9))
    return bool(_bounded(data[record["name"]], record).all())


def _bounded(values: FloatArray, record: Mapping[str, Any]) -> BoolArray:
    low = -np.inf if record["low"] is None else record["low"]
    high = np.inf if record["high"] is None else record["high"]
    return (values >= low) & (values <= high)


def _passed(data: Dataset, limits: Sequence[Mapping[str, Any]]) -> int:
    good = data.feasible.copy()
    for record in limits:
        good &= _bounded(data[record["name"]], record)
    return int(good.sum())
