"""The requirements in the report: sentences, what else the drives must be, their sheets, and the whole design."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from studies.analysis.requirements import Requirements
from studies.analysis.specified_design import specified_design
from studies.presentation.names_and_units import percent
from studies.presentation.specification.document import Item, specification
from studies.presentation.specification.lander_tables import lander_table, mass_budget
from studies.presentation.specification.sheets import on_a_sheet, sheet_sections
from uq.core.estimate import Estimate
from uq.core.table import Column, Table, header
from uq.report.document import Section
from uq.requirements import Statement
from uq.requirements.specification.entries import as_written
from uq.requirements.specification.tables import accepted_words, unit_of


def sections(requirements: Requirements) -> tuple[Section, ...]:
    """The requirements, a specification sheet for each pump, and the design that both belong to.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    tuple of Section
        In the order of the report.
    """
    items = specification(requirements)
    specified = specified_design(requirements)
    elsewhere = set() if specified is None else on_a_sheet(specified)
    found = [_requirements(requirements, items, elsewhere)]
    if specified is not None:
        found += sheet_sections(specified, items)
        parts = (lander_table(specified), mass_budget(specified).table)
        found.append(Section("The design that the requirements belong to", (), parts))
    return tuple(found)


def _requirements(requirements: Requirements, items: Sequence[Item], elsewhere: Set[str]) -> Section:
    text = [f"As designed today, {percent(requirements.compliance.joint.estimate)} comply in everything."]
    statements = [s for s in items if isinstance(s, Statement)]
    if statements:
        one = statements[0]
        text.append(
            f"Under the whole set {percent(Estimate(one.probability, *one.interval))} of {one.runs} fresh "
            "runs comply; "
            f"a compliance of {one.wanted:.2f} is wanted of it.{_out_of_reach(requirements)}"
        )
    else:
        text.append(none_required(requirements))
    return Section("Requirements", tuple(text), tuple(_tables(statements, items, elsewhere)))


def _out_of_reach(requirements: Requirements) -> str:
    """Why less is wanted of the set than of the system, where that is so."""
    proposal, system = requirements.proposal, requirements.case.wanted_probability
    if proposal is None or proposal.goal >= system or proposal.hardest is None:
        return ""
    return (
        f" The system asks for {system:.2f}, which requirements on the drives cannot reach: the most that suppliers "
        f"deliver gives {percent(proposal.hardest.estimate)}."
    )


def none_required(requirements: Requirements) -> str:
    """Why fresh runs stand behind no requirement.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    str
        One sentence.
    """
    fresh = requirements.confirmed("proposal")
    if requirements.proposal is None or fresh is None:
        return "Nothing is required: see the least demanding set."
    if requirements.fresh.stands("proposal"):
        return (
            f"Under the least demanding set {percent(fresh.fresh.estimate)} of {fresh.runs} fresh runs comply, "
            f"short of {100 * requirements.proposal.goal:.0f} %: "
            "nothing is required on it. More samples find it better."
        )
    return "Fresh runs contradict the claim; nothing is required on it."


def _tables(statements: Sequence[Statement], items: Sequence[Item], elsewhere: Set[str]) -> list[Table]:
    """What fresh runs stand behind, and all else that no sheet holds."""
    tables = []
    if statements:
        rows = tuple(
            (
                s.identifier,
                s.text,
                as_written(s.value),
                unit_of(s),
                accepted_words(s),
                s.attributes.status,
                s.rationale.partition(" Fresh runs ")[0],
            )
            for s in statements
        )
        columns = ("identifier", "requirement", "value", "unit", "accepted as measured", "status")
        tables.append(
            Table(
                "requirements",
                "Requirements that fresh runs stand behind",
                (*map(Column, columns), Column("rationale")),
                rows,
                (
                    "Accepted as measured: with the uncertainty of the test as guard band. With parent, "
                    "heritage, "
                    "verification and evidence in requirements.xlsx, .reqif, .sysml, .csv, .json and .md; "
                    "`lander-uq trace` leads a sentence back to its runs.",
                ),
            )
        )
    others = [s for s in items if not isinstance(s, Statement) and s.identifier not in elsewhere]
    tables.append(
        Table(
            "functional-requirements",
            "Requirements of the system, and of all drives together",
            header("identifier | requirement | value | unit | status | origin"),
            tuple(
                (
                    s.identifier,
                    s.text,
                    None if np.isnan(s.value) else as_written(s.value),
                    unit_of(s),
                    s.attributes.status,
                    s.attributes.origin,
                )
                for s in others
            ),
            (
                "Shall: required; should: what the design was sized with and nobody must deliver. TBC: "
                "to be confirmed; "
                "TBD: a template that is to be filled in, not from this analysis.",
            ),
        )
    )
    return tables
