"""The requirements of the system from which those of the drives follow: the limits of the case, and that nothing runs
short."""

from __future__ import annotations

import numpy as np

from models.fixed_design.flight import simulate
from models.quantity import first_value, substitute
from studies.analysis.fixed_problem import REQUIRED
from studies.analysis.requirements import Requirements
from studies.presentation.names_and_units import output_unit, output_words
from studies.presentation.specification.verification import attributes
from uq.requirements import Entry, Limit
from uq.requirements.specification.entries import Status

SET = "pump drives"
"""Pumps, motors and inverters of all sets together."""
WORKS = "SYS-WORKS"
"""Identifier of the requirement that nothing runs short."""


def parent_of(requirements: Requirements) -> str:
    """The requirement that those of the drives serve: the first limit of the case, else that nothing runs short.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    str
        Its identifier.
    """
    return system_entries(requirements)[0].identifier


def _identifier(limit: Limit) -> str:
    return "SYS-" + limit.output.replace(".", "-").replace("_", "-").upper()


def _payloads(requirements: Requirements) -> str:
    """What both designs carry with the same margins, so that the payload in a rationale is not taken for another."""
    built = requirements.design.built(requirements.chosen)
    if built is None:
        return ""
    realised = {n.removeprefix(REQUIRED): v for n, v in requirements.chosen.items() if n.startswith(REQUIRED)}
    lander = substitute(built.lander, realised)
    pumped, fed = (
        first_value(simulate(one, lander).columns["payload"])
        for one in (built.electric_pump, built.pressure_fed)
    )
    return (
        f" The payload in the rationales, {pumped:.0f} kg, is that of the design of these requirements with all its "
        f"margins; the pressure-fed lander with the same margins carries {fed:.0f} kg, best designs without margins "
        "more."
    )


def system_entries(requirements: Requirements) -> tuple[Entry, ...]:
    """One entry for each end of each limit of the case, and one that no lander runs short of anything.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    tuple of Entry
        The limits in the order of the case.
    """
    wanted = requirements.case.wanted_probability
    share = f"with a probability of {wanted:.2f}"
    # given by the case, and open as long as fresh runs do not show that a set of requirements reaches it
    proposal, fresh = requirements.proposal, requirements.confirmed("proposal")
    reached = (
        proposal is not None
        and proposal.goal >= wanted
        and requirements.stands
        and fresh is not None
        and fresh.fresh.answer == "met"
    )
    status: Status = "confirmed" if reached else "TBC"
    payloads = _payloads(requirements)
    entries = []
    for limit in (*requirements.design.limits.fixed, *requirements.design.limits.reoptimised):
        unit = output_unit(requirements.compliance.joint.units.get(limit.output, ""))
        for side, end in (("at least", limit.low), ("at most", limit.high)):
            if not np.isfinite(end):
                continue
            value = unit.shown(end)
            entries.append(
                Entry(
                    identifier=_identifier(limit)
                    + ("" if np.isinf(limit.low) or np.isinf(limit.high) else f"-{side[3:].upper()}"),
                    text=f"The {output_words(limit.output)} shall be {side} {value:.4g} {unit.symbol}".rstrip()
                    + f" {share}.",
                    value=value,
                    unit=unit.symbol,
                    side=side,  # type: ignore[arg-type]
                    rationale=f"Given by the case: what the mission asks of electric pumps.{payloads}",
                    attributes=attributes(
                        "lander", "system", value, parent="", origin="case", status=status, probability=wanted
                    ),
                )
            )
    entries.append(
        Entry(
            identifier=WORKS,
            text=(
                "The electric-pump lander as built shall run short of nothing in the reference mission (propellant, "
                "helium, tank pressure, suction, power, charge, temperature) with a probability of at least "
                f"{wanted:.2f}."
            ),
            value=wanted,
            unit="-",
            side="at least",
            rationale="A lander that runs short of one of these does not land, whatever it weighs.",
            attributes=attributes("lander", "system", wanted, parent="", origin="case", status=status),
        )
    )
    return tuple(entries)
