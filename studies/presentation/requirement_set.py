"""The proposed set of requirements in words and tables: its values, what is active in it, and its margins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.fixed_design.operating_point import PumpPoint
from studies.analysis.growth_allowances import EQUIPMENT
from studies.analysis.requirement_set import USUAL
from studies.analysis.requirements import Requirements
from studies.case.case import Case
from studies.presentation.compliance import limit_words
from studies.presentation.drive_words import drive_name, drive_words
from studies.presentation.names_and_units import input_words, percent, to_digits
from uq.core.table import Cell, Table, header
from uq.report.document import Figure, Section
from uq.requirements import Requirement

STATES = {
    "active": "active",
    "inactive": "inactive: nothing need be required",
    "at the end of physics": "as much as suppliers reach",
    "at its least demanding": "nearly every supplier meets it",
}


def proposal_section(requirements: Requirements) -> Section:
    """The least demanding set, what is active in it, and the margins of each of its requirements.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    title = "Fixed design: the least demanding set of requirements"
    words = proposal_words(requirements)
    text = [f"{words[0].upper()}{words[1:]}"]
    proposal = requirements.proposal
    if proposal is None or not proposal.requirements:
        return Section(title, tuple(text))
    case = requirements.case
    chosen = {r.input: r.value for r in proposal.requirements}
    rows: list[tuple[Cell, ...]] = []
    for one in proposal.allocation.requirements:
        unit = case.unit(one.input)
        least = unit.estimate(one.value)
        rows.append(
            (
                input_words(case, one.input),
                "none" if one.input not in chosen else least,
                None if one.input not in chosen else unit.shown(chosen[one.input]),
                unit.symbol,
                STATES[one.state],
                one.prior,
                one.price if np.isfinite(one.price) else None,
            )
        )
    allocated = Table(
        "allocation",
        f"The least demanding set for {100 * proposal.goal:.0f} %",
        header(
            "requirement on | least demanding value | proposed, in round numbers:3g | unit | state | "
            "chance that it is met today:2 | demand of one point of compliance:2"
        ),
        tuple(rows),
        (
            "Demand: minus the logarithm of the chance that suppliers meet the whole set, their dependence included: "
            f"{proposal.allocation.demand:.3g}, a chance of {proposal.allocation.prior:.2g}. Where the set is least "
            "demanding, a point of compliance costs the same demand by every active requirement: prices differ by "
            f"{100 * proposal.allocation.unequal:.0f} %.",
            _active_words(requirements),
        ),
    )
    parts: list[Table | Figure] = [allocated]
    if proposal.margins is not None:
        parts.append(_margins_table(requirements))
    return Section(title, tuple(text), tuple(parts))


def proposal_words(requirements: Requirements) -> str:
    """The proposed set in one sentence, or why there is none.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    str
        One sentence.
    """
    joint = requirements.compliance.joint
    proposal, wanted = requirements.proposal, joint.wanted
    if joint.probability >= wanted and (proposal is None or not proposal.requirements):
        return f"{percent(joint.estimate)} comply, {100 * wanted:.0f} % are wanted: nothing need be required."
    if proposal is None:
        return (
            "none of the requirements that the case allows moves compliance by more than its interval; what "
            f"decides lies elsewhere. Met least often: {_worst(requirements)}."
        )
    if proposal.hardest is not None and not proposal.requirements:
        return (
            f"no set of requirements is worth proposing: even the most that suppliers reach in everything gives "
            f"{percent(proposal.hardest.estimate)}, {100 * wanted:.0f} % are wanted. "
            f"Met least often: {_worst(requirements)}."
        )
    if not proposal.requirements:
        return f"{100 * proposal.goal:.0f} % is reached without any requirement."
    confirmation = requirements.confirmed("proposal")
    fresh = (
        ""
        if confirmation is None
        else (f"; {confirmation.runs} fresh runs say {percent(confirmation.fresh.estimate)}")
    )
    aim = (
        f" (it was searched for {100 * proposal.allocation.wanted:.0f} %, so that fresh runs confirm it "
        "although they scatter)"
        if proposal.allocation.wanted > proposal.goal
        else ""
    )
    pumps = requirements.design.pumps(proposal.design)
    set_words = ", ".join(_requirement_words(requirements.case, r, pumps) for r in proposal.requirements)
    electric = ", ".join(
        limit_words(limit) for limit in proposal.limits[len(requirements.design.limits.all) :]
    )
    set_words += f" ({electric})" if electric else ""
    lower = (
        ""
        if proposal.goal == wanted
        else (
            f" ({100 * wanted:.0f} % are out of reach: the most that suppliers reach gives "
            f"{percent(proposal.hardest.estimate) if proposal.hardest is not None else 'less'})"
        )
    )
    return (
        f"for {100 * proposal.goal:.0f} %{lower} the least demanding set is {set_words}; the chance that "
        f"suppliers meet it is {100 * proposal.allocation.prior:.0f} %. "
        f"{percent(proposal.verdict.estimate)} comply under it{fresh}{aim}."
    )


def _requirement_words(case: Case, r: Requirement, pumps: Sequence[PumpPoint]) -> str:
    median = float(next(i for i in case.inputs if i.name == r.input).distribution.ppf(0.5))
    drives = drive_words(pumps, r.input, r.value, today=median)
    if drives is None:
        return f"{input_words(case, r.input)} at least {required_words(case, r.input, r.value)}"
    return f"{drive_name(r.input)} at least {drives}"


def _worst(requirements: Requirements) -> str:
    """The limit that fails most often today, with its chance."""
    each = requirements.compliance.joint.each
    k = int(np.argmin([p.value for p in each]))
    return f"{limit_words(requirements.compliance.joint.limits[k])}, {percent(each[k])}"


def required_words(case: Case, name: str, value: float) -> str:
    """A required value in the case's unit.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    name : str
        Of the input.
    value : float
        SI.

    Returns
    -------
    str
        Number and unit.
    """
    return case.unit(name).words(value)


def _active_words(requirements: Requirements) -> str:
    assert requirements.proposal is not None
    allocation = requirements.proposal.allocation
    named = {True: [], False: []}  # type: dict[bool, list[str]]
    for limit, active in zip(allocation.verdict.limits, allocation.active_limits, strict=True):
        named[active].append(limit_words(limit))
    return (
        f"Active limits: {'; '.join(named[True]) or 'none'}. Inactive: {'; '.join(named[False]) or 'none'}."
    )


def _margins_table(requirements: Requirements) -> Table:
    assert requirements.proposal is not None
    assert requirements.proposal.margins is not None
    rows: list[tuple[Cell, ...]] = []
    for m in requirements.proposal.margins.margins:
        unit = requirements.case.unit(m.input)

        value = m.threshold.value
        states = {"met without it": "none needed", "unreachable": "none in reach"}
        least: Cell = states.get(m.threshold.status) or unit.estimate(value)
        sense = 1.0 if m.side == "at least" else -1.0
        kept = None if np.isnan(m.programme) else value.scaled(-sense, sense * m.required)
        rows.append(
            (
                input_words(requirements.case, m.input),
                unit.symbol,
                to_digits(unit.shown(m.best)),
                to_digits(unit.shown(m.required)),
                least,
                to_digits(unit.step(m.supplier), 2),
                100.0 * m.supplier / abs(m.best),
                None if kept is None else kept.scaled(unit.step(1.0)),
                None if kept is None else kept.scaled(100.0 / abs(m.best)),
                m.advice.split(": ")[-1] if ": " in m.advice else m.advice,
            )
        )
    return Table(
        "requirement-margins",
        "Margins: today's best estimate, the requirement, and the least demanding value given all the others",
        header(
            "requirement on | unit | best estimate | required at least | least demanding value | "
            "best estimate less required | best estimate less required [%]:1 | "
            "required less least demanding | required less least demanding [%]:1 | "
            "the usual allowance instead"
        ),
        tuple(rows),
        (
            "Per cent of the best estimate. A negative first margin asks more of a supplier than is expected today; "
            "the second is the margin that the programme keeps. None needed: with all the others at their "
            "values, which were rounded to the safe side, this one could go; not several of them at once.",
            f"The usual allowance: {100 * EQUIPMENT:.0f} % growth in mass and power of equipment that is yet to "
            f"be developed (ESA margin philosophy), which would require {100 * USUAL:.0f} % below the best estimate.",
        ),
    )
