"""Compliance of the fixed design at today's best estimates, and limits in words."""

from __future__ import annotations

import numpy as np

from models.architectures import comparison
from models.fixed_design import flight
from studies.analysis.requirements import Requirements
from studies.presentation.names_and_units import output_unit, output_words
from uq.core.table import Cell, Table, header
from uq.report.document import Figure, Section
from uq.requirements import Limit

UNITS = {**comparison.OUTPUTS, **flight.OUTPUTS}
"""Unit of every output that a case can limit."""
SHORTFALLS = {
    "tank_pressure": "tank pressure within what the tank was built for",
    "drive_power": "shaft power within the drives' rating",
    "electric_power": "electric power within the bus's rating",
    "battery_power": "battery power at its cut-off voltage",
    "battery_temperature": "battery temperature within its limit",
    "motor_temperature": "motor temperature within its limit",
}


def compliance_section(requirements: Requirements) -> Section:
    """Does the design comply, and what margins does it need?

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    today = requirements.compliance
    each = {limit_words(limit): p for limit, p in zip(today.joint.limits, today.joint.each, strict=True)}
    rows: list[tuple[Cell, ...]] = list(each.items())
    rows += [
        ("no shortfall at all", today.hardware.estimate),
        ("all of these", today.joint.estimate),
    ]
    extremes = [
        f"{limit_words(limit)}: {note.partition(' is ')[2]}."
        for limit in requirements.design.limits.fixed
        for note in today.joint.notes
        if note.startswith(limit.text(today.joint.units))
    ]
    landers = len(requirements.design.sample)
    table = Table(
        "compliance",
        "Compliance of the design at today's best estimates, with its margins",
        header("limit | probability"),
        tuple(rows),
        (
            f"Wanted {100 * today.joint.wanted:.0f} %: {today.joint.answer}. Brackets: 90 % intervals, from "
            f"{landers} realised landers of the fixed design; {today.joint.infeasible * landers:.0f} of them could not "
            "fly and count as failures.",
            *extremes,
        ),
    )
    parts: list[Table | Figure] = [table]
    text = [
        "From here on no sample is re-optimised. Tanks, chamber, drives and battery are fixed at the required values "
        "(or today's best estimates) with margins; then the uncertain inputs are sampled, and each realised lander is "
        "simulated. A shortfall of propellant, helium, charge, power, suction or temperature is a failure, and so is a "
        "limit of the case that is not kept. The pressure-fed lander that it is compared with is fixed in the same way."
    ]
    if not requirements.design.limits.fixed:
        text.append("No limit of the case can be judged on a fixed design: all of these are its hardware's.")
    if today.reoptimised is not None:
        parts.append(
            Table(
                "re-optimised-compliance",
                "Limits that only landers at their own best design can be judged by",
                header("limit | probability"),
                (
                    *(
                        (limit_words(limit), p)
                        for limit, p in zip(
                            today.reoptimised.limits,
                            today.reoptimised.each,
                            strict=True,
                        )
                    ),
                    ("all of these", today.reoptimised.estimate),
                ),
                (
                    f"Re-optimised per sample, and so too favourable: {today.reoptimised.answer} for "
                    f"{100 * today.reoptimised.wanted:.0f} %. A fixed design has one launch mass and one engine; these "
                    "limits compare it with another, so that they stand apart from compliance and from everything that "
                    "is required below.",
                ),
            )
        )
    scales = Table(
        "margin-scales",
        "What the margins buy",
        header("all margins times | no shortfall | all limits"),
        tuple(
            (f"{scale:g}", *([v.estimate for v in pair] if pair[0].infeasible < 1.0 else ["no design"] * 2))
            for scale, pair in today.by_margin_scale.items()
        ),
        (
            f"The common factor {requirements.design.margin_scale:g} complies most often. From here on each margin "
            "has its own best value (table of margins), with which landers comply no less often.",
        ),
    )
    return Section("Fixed design: does one at today's best estimates comply?", tuple(text), (*parts, scales))


def limit_words(limit: Limit) -> str:
    """A limit in plain words and the units that engineers read.

    Parameters
    ----------
    limit : Limit
        On one output.

    Returns
    -------
    str
        Such as "payload at least 300 kg".
    """
    unit = output_unit(UNITS.get(limit.output, ""))
    short = limit.output.removeprefix("electric_pump.").removesuffix("_shortfall")
    if limit.output.endswith("_shortfall"):
        return SHORTFALLS.get(short, f"enough {short.replace('_', ' ')}")
    low = f"at least {unit.shown(limit.low):.4g} {unit.symbol}".strip() if np.isfinite(limit.low) else ""
    high = f"at most {unit.shown(limit.high):.4g} {unit.symbol}".strip() if np.isfinite(limit.high) else ""
    return f"{output_words(limit.output)} {' and '.join(filter(None, (low, high)))}"
