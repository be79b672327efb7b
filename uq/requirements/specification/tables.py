"""A specification as tables: its requirements, and how each is verified."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table
from uq.requirements.specification.entries import CATEGORIES, METHODS, Entry, acceptance
from uq.requirements.specification.statements import Statement

Item = Statement | Entry
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
                _maybe(s.value),
                _unit(s.unit),
                a.tolerance,
                a.status,
                s.rationale,
                a.parent,
                a.category,
                a.origin,
                _maybe(a.predicted),
                Estimate(s.probability, *s.interval) if isinstance(s, Statement) else None,
                float(s.runs) if isinstance(s, Statement) else None,
                _maybe(s.margin) if isinstance(s, Statement) else None,
            )
        )
    columns = (
        Column("identifier"),
        Column("item"),
        Column("requirement"),
        Column("sense"),
        Column("value"),
        Column("unit"),
        Column("tolerance"),
        Column("status"),
        Column("rationale"),
        Column("parent"),
        Column("heritage"),
        Column("origin"),
        Column("today's estimate"),
        Column("compliance under the whole set"),
        Column("fresh runs"),
        Column("margin kept beyond the least demanding value"),
    )
    notes = (
        "Shall: required; should: recommended. Status: confirmed; TBC, to be confirmed; TBD, to be determined.",
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
            _maybe(s.value),
            _maybe(s.attributes.accuracy),
            _maybe(acceptance(s.value, s.side, accuracy=s.attributes.accuracy)),
            _unit(s.unit),
            s.attributes.status,
            "",
            "",
        )
        for s in items
    ]
    columns = (
        Column("identifier"),
        Column("item"),
        Column("method"),
        Column("level"),
        Column("stage"),
        Column("sense"),
        Column("required"),
        Column("uncertainty of the test, factor 2"),
        Column("accepted as measured"),
        Column("unit"),
        Column("status"),
        Column("evidence: document and paragraph"),
        Column("closed out"),
    )
    notes = (
        "Method: " + "; ".join(f"{k}, {words}" for k, words in METHODS.items()) + ".",
        "Accepted as measured: the required value with the test's uncertainty as guard band (JCGM 106:2012). "
        "The last two columns are the supplier's.",
    )
    return Table(name, title, columns, tuple(rows), notes)


def _maybe(value: float) -> float | None:
    return None if np.isnan(value) else value


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit
