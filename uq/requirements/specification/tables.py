"""A specification as tables: its requirements, and how each is verified."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uq.core.estimate import Estimate
from uq.core.table import Cell, Table, header, number
from uq.requirements.specification.entries import (
    CATEGORIES,
    METHODS,
    Entry,
    acceptance,
    as_written,
    permitted,
)
from uq.requirements.specification.statements import Statement

Item = Statement | Entry
EVIDENCE = "fresh runs of the requirement set: report, chapter Confirmation"
"""Of what is verified by the analysis itself."""
SIDES = {"at least": ">=", "at most": "<=", None: "="}


def requirements_table(items: Sequence[Item], *, name: str = "requirements", title: str) -> Table:
    """One requirement a row, with all that a reader needs to bid for it.

    The compliance is that of fresh runs under the whole set, with its interval; empty where no runs stand behind it.

    Parameters
    ----------
    items : sequence of Statement or Entry
        What the specification holds.
    name : str
        Name in the result.
    title : str
        Title of the table or package.

    Returns
    -------
    Table
    """
    rows: list[tuple[Cell, ...]] = []
    for s in items:
        a = s.attributes
        rows.append(
            (
                s.identifier,
                a.item,
                s.text,
                "" if np.isnan(s.value) else SIDES[s.side],
                _maybe(as_written(s.value)),
                unit_of(s),
                a.tolerance,
                a.status,
                a.owner,
                a.due,
                s.rationale,
                a.parent,
                a.category,
                a.heritage,
                a.origin,
                _maybe(as_written(a.predicted)),
                Estimate(s.probability, *s.interval) if isinstance(s, Statement) else None,
                float(s.runs) if isinstance(s, Statement) else None,
                _maybe(float(f"{s.margin:.2g}")) if isinstance(s, Statement) else None,
            )
        )
    columns = header(
        "identifier | item | requirement | sense | value | unit | tolerance | status | "
        "open point closed by | at the latest | rationale | parent | heritage | why that heritage | origin | "
        "today's estimate | compliance under the whole set | fresh runs | "
        "margin kept beyond the least demanding value"
    )
    notes = (
        "Shall: required; should: what the design was sized with; an offer states its own value. Status: confirmed by "
        "fresh runs; TBC, to be confirmed; TBD, to be determined: a template, not from this analysis.",
        "Unit -: a number without unit. Tolerance: of the required value itself; what a test may read is in the "
        "verification control document.",
        "Heritage: " + "; ".join(f"{k}, {words}" for k, words in CATEGORIES.items()) + ".",
    )
    return Table(name, title, columns, tuple(rows), notes)


def verification_table(items: Sequence[Item], *, name: str = "verification", title: str) -> Table:
    """The verification control document: how, where and when each requirement is verified, and what is accepted.

    Parameters
    ----------
    items : sequence of Statement or Entry
        What the specification holds.
    name : str
        Name in the result.
    title : str
        Title of the table or package.

    Returns
    -------
    Table
    """
    rows: list[tuple[Cell, ...]] = [
        (
            s.identifier,
            s.attributes.item,
            " + ".join(s.attributes.methods),
            s.attributes.level,
            s.attributes.stage,
            "" if np.isnan(s.value) else SIDES[s.side],
            _maybe(as_written(s.value)),
            *map(_maybe, permitted(as_written(s.value), s.side, s.attributes.band)),
            _maybe(s.attributes.accuracy),
            *accepted(s),
            unit_of(s),
            s.attributes.status,
            EVIDENCE if s.attributes.methods == ("A",) and s.attributes.status == "confirmed" else "",
            "",
        )
        for s in items
    ]
    columns = header(
        "identifier | item | method | level | stage | sense | required | permitted from | permitted to | "
        "uncertainty of the test, factor 2 | accepted as measured from | accepted as measured to | unit | status | "
        "evidence: document and paragraph | closed out"
    )
    notes = (
        "Method: " + "; ".join(f"{k}, {words}" for k, words in METHODS.items()) + ".",
        "Accepted as measured: what is permitted, with the test's uncertainty as guard band (JCGM 106:2012); a count "
        "and a review read without error. The last two columns are the supplier's.",
    )
    return Table(name, title, columns, tuple(rows), notes)


def _maybe(value: float) -> float | None:
    return None if np.isnan(value) else value


def unit_of(s: Item) -> str:
    """The unit of a requirement's value as a table writes it.

    Parameters
    ----------
    s : Statement or Entry
        One requirement.

    Returns
    -------
    str
        "-" for a number without unit; empty without a value.
    """
    return "" if np.isnan(s.value) else s.unit


def accepted(s: Item) -> tuple[float | None, float | None]:
    """What a test must read at least and at most: the written value and the test's uncertainty as guard band.

    Parameters
    ----------
    s : Statement or Entry
        One requirement.

    Returns
    -------
    tuple of float or None
        To four digits; None at an end that is not set, and where nothing is measured.
    """
    a = s.attributes
    low, high = acceptance(as_written(s.value), s.side, accuracy=a.accuracy, band=a.band)
    return _maybe(as_written(low)), _maybe(as_written(high))


def accepted_words(s: Item) -> str:
    """The readings that are accepted in one cell.

    Parameters
    ----------
    s : Statement or Entry
        One requirement.

    Returns
    -------
    str
        Such as ">= 0.68" or "1.03 to 1.05"; empty where nothing is measured.
    """
    low, high = accepted(s)
    share = s.attributes.probability
    of = "" if np.isnan(share) else f" with a probability of at least {share:.2f}"
    if low is not None and high is not None:
        return f"{number(low)} to {number(high)}{of}"
    if low is not None:
        return f">= {number(low)}{of}"
    return "" if high is None else f"<= {number(high)}{of}"
