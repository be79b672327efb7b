"""requirements.xlsx: what goes to a supplier, one sheet a document, with formulas where they help."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from studies.analysis.requirements import Requirements
from studies.analysis.specified_design import SpecifiedDesign, specified_design
from studies.presentation.specification.document import Item
from studies.presentation.specification.lander_tables import lander_table, mass_budget
from studies.presentation.specification.scope import propellant_table, scope_table
from studies.presentation.specification.sheets import duty_table, sheet_table
from uq.core.table import Cell, Table, header
from uq.report.spreadsheet import Formula, Sheet, address, workbook
from uq.requirements import Shown, Statement, requirements_table, verification_table
from uq.requirements.specification.entries import as_written
from uq.requirements.specification.tables import accepted, unit_of

LOW, HIGH = 0.05, 0.95
"""Quantiles that are called minimum and maximum."""


def requirements_workbook(requirements: Requirements, items: Sequence[Item]) -> bytes:
    """The bytes of the workbook.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.
    items : sequence of Item
        Every requirement and entry of the specification.

    Returns
    -------
    bytes
        An xlsx file.
    """
    title = requirements.case.title
    specified = specified_design(requirements)
    sheets: list[Table | Sheet] = [
        scope_table(requirements, specified, items),
        _for_a_bidder(requirements_table(items, title=f"Requirements on the pump drives: {title}")),
        _verification(items, title),
        parameters(requirements, items),
    ]
    if specified is not None:
        sheets += [
            *_pumps(specified, items),
            propellant_table(specified),
            lander_table(specified),
            mass_budget(specified),
        ]
    return workbook(sheets, title=f"Requirements on the pump drives: {title}")


EVIDENCE_COLUMNS = (
    "compliance under the whole set",
    "fresh runs",
    "margin kept beyond the least demanding value",
)
"""What the lander prime reads: in the report, and the sheet parameters."""


def _for_a_bidder(table: Table) -> Table:
    kept = [k for k, column in enumerate(table.columns) if column.name not in EVIDENCE_COLUMNS]
    return dataclasses.replace(
        table,
        columns=tuple(table.columns[k] for k in kept),
        rows=tuple(tuple(row[k] for k in kept) for row in table.rows),
    )


def _pumps(specified: SpecifiedDesign, items: Sequence[Item]) -> list[Sheet]:
    """One sheet, a page, for each pump: its requirements, and its duty below."""
    return [
        Sheet(sheet_table(specified, k, items), below=(duty_table(specified, k),))
        for k in range(len(specified.pumps))
    ]


def _verification(items: Sequence[Item], title: str) -> Sheet:
    """The verification control document; what is accepted follows from value and uncertainty by formula."""
    table = verification_table(
        items, name="verification control", title=f"Verification control document: {title}"
    )
    heads = [column.name for column in table.columns]
    uncertainty = next(k for k, name in enumerate(heads) if name.startswith("uncertainty"))
    formulas = {}
    for i, s in enumerate(items):
        for end, sign, reading in zip(("from", "to"), "+-", accepted(s), strict=True):
            if reading is not None:
                at, permitted = heads.index(f"accepted as measured {end}"), heads.index(f"permitted {end}")
                exact = table.rows[i][permitted], table.rows[i][uncertainty]
                assert isinstance(exact[0], float)
                assert isinstance(exact[1], float)
                formulas[i, at] = Formula(
                    f"={address(i, permitted)}{sign}{address(i, uncertainty)}",
                    exact[0] + exact[1] * (1.0 if sign == "+" else -1.0),
                )
    return Sheet(table, formulas)


def parameters(requirements: Requirements, items: Sequence[Item]) -> Sheet:
    """What fresh runs stand behind: today's minimum, best estimate and maximum, the required value, and the margin.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.
    items : sequence of Item
        Every requirement and entry of the specification.

    Returns
    -------
    Sheet
    """
    laws = {i.name: i.distribution for i in requirements.case.inputs}
    rows: list[tuple[Cell, ...]] = []
    formulas: dict[tuple[int, int], Formula] = {}
    for s in items:
        if not isinstance(s, Statement):
            continue
        low: float | None = None
        high: float | None = None
        if s.input in laws:
            today = np.asarray(laws[s.input].ppf(np.array([LOW, 0.5, HIGH])))
            shown = Shown(s.unit, s.size, s.exponent, s.zero)
            low, best, high = sorted(as_written(shown.value(float(v))) for v in today)
        else:  # of all drives together: in this design, of which no law is given
            best = as_written(s.attributes.predicted)
        value = as_written(s.value)
        margin = best - value if s.side == "at least" else value - best
        i = len(rows)
        rows.append(
            (
                s.identifier,
                s.attributes.item,
                low,
                best,
                high,
                value,
                unit_of(s),
                margin,
                100.0 * margin / best,
                None if np.isnan(s.margin) else float(f"{s.margin:.2g}"),
            )
        )
        of, required = address(i, 3), address(i, 5)
        first, second = (of, required) if s.side == "at least" else (required, of)
        formulas[i, 7] = Formula(f"={first}-{second}", margin)
        formulas[i, 8] = Formula(f"=100*{address(i, 7)}/{of}", 100.0 * margin / best)
    table = Table(
        "parameters",
        "Parameters: today's knowledge and what is required",
        header(
            "requirement | item | minimum | best estimate | maximum | required | unit | "
            "best estimate's margin:3 | of the best estimate [%]:1 | "
            "kept beyond the least demanding value"
        ),
        tuple(rows),
        (
            f"Minimum and maximum: quantiles of {LOW:g} and {HIGH:g} of today's knowledge, at the operating point of "
            "the requirement. Power and energy of all drives: in the design of the requirements with its drives as "
            "predicted today, power at the rated points; a sum of several items has no quantiles here. "
            "A negative margin asks more than is expected today.",
        ),
    )
    return Sheet(table, formulas)
