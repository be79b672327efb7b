"""The requirement on the pump as sentences for a requirements tool, with operating point, margin and evidence."""

from __future__ import annotations

from pathlib import Path

from models.quantity import BAR, ZERO_CELSIUS
from studies.demands import EFFICIENCY, Demands
from studies.wording import percent
from uq.estimate import Estimate
from uq.report.document import Column, Section, Table
from uq.requirements import Statement, statement, write

CLAIM = 2
"""Place of the claim under the proposed efficiency among the confirmations."""


def sentences(found: Demands) -> tuple[Statement, ...]:
    """One sentence a pump; none where the confirmation contradicts the claim, or efficiency is not an input."""
    required = found.required
    if required is None or not found.confirmations.stands(CLAIM):
        return ()
    least = found.loosest["joint"]
    celsius = float(found.case.baseline().propellant_temperature) - ZERO_CELSIUS
    goal = "" if least.status == "found" else f" It alone does not reach {100 * found.joint.wanted:.0f} %."
    datasets = [f"evidence-{k}" for k in range(len(found.confirmations.batches))]
    return tuple(
        statement(
            found.confirmations,
            CLAIM,
            identifier=f"PUMP-EFF-{pump.liquid[:2].upper()}",
            text=(
                f"The {pump.liquid} pump shall have an efficiency of at least {pump.efficiency:.3f} ({{value}} of the "
                f"predicted one), flow times rise of total pressure over shaft power, flange to flange, internal "
                f"leakage, thrust balance and can or seal losses included, at {1e3 * pump.flow:.3g} L/s and a rise of "
                f"{pump.rise / BAR:.3g} bar (100 % thrust, rated mixture ratio), propellant at {celsius:.0f} degC, at "
                f"the specified minimum suction pressure, at end of life, measurement uncertainty included."
            ),
            requirement=required,
            margin=required.low - least.value.value,
            rationale=f"The design sized at it gains payload and is short of nothing more often.{goal}",
            datasets=datasets,
        )
        for pump in found.pumps(required.low)
    )


def keep(found: Demands, folder: Path) -> None:
    """requirements.json, .csv and .md beside the evidence."""
    write(sentences(found), folder)


def section(found: Demands) -> Section:
    """The sentences as a table."""
    told = sentences(found)
    table = Table(
        "requirements",
        "Requirements",
        (
            Column("identifier"),
            Column("the requirement"),
            Column("of the prediction", decimals=3),
            Column("compliance under it"),
            Column("fresh runs"),
            Column("rationale"),
        ),
        tuple(
            (s.identifier, s.text, s.value, Estimate(s.probability, *s.interval), float(s.runs), s.rationale)
            for s in told
        ),
        ("As a file for requirements tools, with the rows of the evidence: requirements.json.",),
    )
    words = f"As designed today, {percent(found.joint.estimate)} comply in everything."
    if EFFICIENCY not in found.levied:
        return Section("Requirements", (words, "The case does not let the pump's efficiency be required."))
    if not told:
        return Section("Requirements", (words, "Fresh runs contradict the claim; nothing is required on it."))
    return Section("Requirements", (words,), (table,))
