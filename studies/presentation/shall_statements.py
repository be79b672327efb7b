"""The proposed requirements as sentences for a requirements tool, with operating point, margin and evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.architectures import comparison, electric_pump
from models.fixed_design.operating_point import PumpPoint
from models.quantity import BAR, WATT_HOUR, ZERO_CELSIUS, substitute
from studies.analysis.fixed_problem import REQUIRED
from studies.analysis.requirement_set import Proposal
from studies.analysis.requirements import Requirements
from studies.analysis.single_requirements import EFFICIENCY
from studies.case.units import Unit
from studies.presentation.drive_words import DriveValue, drive_values
from studies.presentation.wording import input_words, percent
from uq.core.estimate import Estimate
from uq.core.table import Column, Table
from uq.report.document import Section
from uq.requirements import Limit, Requirement, Shown, Statement, statement, write

RATED = "at 100 % thrust and rated mixture ratio"
BUDGETED = "connectors included, the programme's growth allowance excluded"


@dataclass(frozen=True)
class _Wording:
    """One sentence: what is required of what, with ``{value}`` for the required number, in a unit of a size."""

    identifier: str
    text: str
    of: Requirement | Limit
    shown: tuple[str, float]


def sentences(requirements: Requirements) -> tuple[Statement, ...]:
    """One sentence for every proposed requirement (two where both pumps have their own figure), for electric power and
    for energy; none without a proposal, or where fresh runs contradict it or fall short of its goal."""
    proposal, fresh = requirements.proposal, requirements.confirmed("proposal")
    if proposal is None or fresh is None or not requirements.fresh.stands("proposal"):
        return ()
    if fresh.fresh.answer == "not met":
        return ()
    programme = {m.input: m.programme for m in (proposal.margins.margins if proposal.margins else ())}
    datasets = [f"evidence-{k}" for k in range(len(requirements.fresh.confirmations.batches))]
    short = (
        ""
        if proposal.goal == requirements.compliance.joint.wanted
        else f" The wanted {100 * requirements.compliance.joint.wanted:.0f} % are out of reach of requirements."
    )
    return tuple(
        statement(
            requirements.fresh.confirmations,
            requirements.fresh.claims.index("proposal"),
            identifier=w.identifier,
            text=w.text,
            requirement=w.of,
            margin=programme.get(w.of.input, np.nan) if isinstance(w.of, Requirement) else np.nan,
            rationale=(
                f"Part of the least demanding set for {100 * proposal.goal:.0f} %; by today's knowledge the chance "
                f"that suppliers meet it is {100 * proposal.allocation.prior:.0f} %.{short}"
            ),
            datasets=datasets,
            shown=Shown(*w.shown),
        )
        for w in _wordings(requirements, proposal)
    )


def _wordings(requirements: Requirements, proposal: Proposal) -> list[_Wording]:
    pumps = requirements.design.pumps(proposal.design)
    wordings: list[_Wording] = []
    for r in proposal.requirements:
        wordings += _of_input(requirements, proposal, r, pumps)
    battery = "at the battery's main-bus terminals, house load excluded"
    for limit in proposal.limits[len(requirements.design.limits.all) :]:
        if limit.output == "electric_power":
            text = (
                f"The electric power of all pumps together {battery}, shall not exceed {{value}} "
                f"{{unit}} at 100 % thrust, "
                f"worst mixture ratio, end of life, minimum voltage, 1 s mean; while pumps spin up at most "
                f"{1.3 * limit.high / 1e3:.3g} kW for 1 s."
            )
            wordings.append(_Wording("PUMP-POWER", text, limit, ("kW", 1e3)))
        else:
            text = (
                f"The electric energy of all pumps together {battery}, over the reference mission profile (all burns) "
                "shall not exceed {value} {unit} at minimum bus voltage and end of life."
            )
            wordings.append(_Wording("PUMP-ENERGY", text, limit, ("kWh", 1e3 * WATT_HOUR)))
    return wordings


def _of_input(
    requirements: Requirements, proposal: Proposal, r: Requirement, pumps: Sequence[PumpPoint]
) -> list[_Wording]:
    case = requirements.case
    unit = case.unit(r.input)
    if unit.zero != 0.0:  # a temperature: its value and its margins stand in kelvin
        unit = Unit(next(i.unit for i in case.inputs if i.name == r.input))
    shown = (unit.symbol or "1", unit.size)
    ratio = "{value} times the predicted one"
    celsius = float(case.baseline().propellant_temperature) - ZERO_CELSIUS
    if r.input == EFFICIENCY:
        return [_efficiency(e, r, shown, celsius) for e in drive_values(pumps, EFFICIENCY, r.value)]
    if r.input == "pump.specific_power_multiplier":
        each = _each(
            pumps, lambda p: f"{p.pump_mass:.2f} kg ({p.liquid}, {p.pump_power / 1e3:.3g} kW at the shaft)"
        )
        text = (
            f"The pumps of one pump set shall weigh at most {each}, bracket and {BUDGETED}: a specific power of "
            f"at least {ratio}, {RATED}."
        )
        return [_Wording("PUMP-MASS", text, r, shown)]
    if r.input == "motor.specific_power_multiplier":
        each = _each(pumps, lambda p: f"{p.motor_mass:.2f} kg ({p.liquid}, {_turning(p)})")
        text = (
            f"The motors of one pump set shall weigh at most {each}, {BUDGETED}: a specific power of at least "
            f"{ratio}, at their rating and for the longest burn."
        )
        return [_Wording("MOTOR-MASS", text, r, shown)]
    if r.input == "inverter.specific_power_multiplier":
        each = _each(
            pumps,
            lambda p: f"{p.inverter_mass:.2f} kg ({p.liquid}, {p.inverter_rating / 1e3:.3g} kW of output)",
        )
        text = (
            f"The inverters of one pump set shall weigh at most {each}, filters and {BUDGETED}: a specific "
            f"power of at least {ratio}, at minimum bus voltage."
        )
        return [_Wording("INVERTER-MASS", text, r, shown)]
    if r.input == "pump.suction_specific_speed":
        each = _each(pumps, lambda p: f"{p.suction:.2g} m ({p.liquid}, {1e3 * p.flow:.3g} L/s, {_speed(p)})")
        text = (
            "The pumps shall deliver rated flow with at most 3 % head loss at a net positive suction head of "
            f"{each}, helium-saturated, up to 35 degC: a suction specific speed of at least {{value}}."
        )
        return [_Wording("PUMP-SUCTION", text, r, shown)]
    if r.input == "battery.specific_energy":
        usable = r.value / WATT_HOUR * _usable(requirements, proposal)
        text = (
            f"The battery pack shall store at least {{value}} {{unit}} of pack mass when new, of which at "
            f"least {usable:.3g} Wh/kg shall be usable at the rate of the descent, at the coldest start, at "
            "end of life."
        )
        return [_Wording("BATTERY-ENERGY", text, r, shown)]
    if r.input == "battery.specific_power":
        text = (
            "The battery pack shall deliver at least {value} {unit} of pack mass for 90 s at its cut-off "
            "voltage, at the end of the descent's charge, cold, at end of life."
        )
        return [_Wording("BATTERY-POWER", text, r, shown)]
    number = "{value} {unit}" if unit.symbol else "{value}"
    text = (
        f"The {input_words(case, r.input)} shall be at least {number}, {RATED}, at end of life, "
        "measurement uncertainty included."
    )
    return [_Wording(r.input.replace(".", "-").replace("_", "-").upper(), text, r, shown)]


def _efficiency(efficiency: DriveValue, r: Requirement, shown: tuple[str, float], celsius: float) -> _Wording:
    p = efficiency.point
    part = " and ".join(f"{load.efficiency:.3f} at {100 * load.share:.0f} %" for load in p.throttled)
    text = (
        f"The {p.liquid} pump shall have an efficiency of at least {efficiency.required:.3f} (predicted "
        f"{efficiency.predicted:.3f}, ratio {{value}}), flow times rise of total pressure over shaft power, "
        "from inlet to outlet flange, internal leakage, thrust balance "
        f"and can or seal losses included, at {1e3 * p.flow:.3g} L/s and a rise of {p.rise / BAR:.3g} "
        f"bar ({RATED}), and of "
        f"at least {part} thrust, propellant at {celsius:.0f} degC, at a net positive suction head of "
        f"{p.suction:.2g} m, "
        "at end of life, measurement uncertainty included."
    )
    return _Wording(f"PUMP-EFF-{p.liquid[:2].upper()}", text, r, shown)


def _each(pumps: Sequence[PumpPoint], words: Callable[[PumpPoint], str]) -> str:
    return " and ".join(map(words, pumps))


def _speed(p: PumpPoint) -> str:
    return f"{p.speed * 30.0 / np.pi:.0f} 1/min"


def _turning(p: PumpPoint) -> str:
    return f"{p.shaft_rating / 1e3:.3g} kW at {_speed(p)}"


def _usable(requirements: Requirements, proposal: Proposal) -> float:
    """Usable over stored energy of the battery at the required values: rate, cold, depth, age together."""
    true = {n.removeprefix(REQUIRED): v for n, v in proposal.design.items()}
    best = comparison.size(electric_pump, substitute(requirements.case.baseline(), true))
    assert best.sizing.drives is not None
    return float(np.ravel(best.sizing.drives.usable_factor)[0])


def keep(requirements: Requirements, folder: Path) -> None:
    """requirements.json, .csv and .md beside the evidence."""
    write(sentences(requirements), folder)


def section(requirements: Requirements) -> Section:
    """The sentences as a table."""
    wordings = sentences(requirements)
    text = f"As designed today, {percent(requirements.compliance.joint.estimate)} comply in everything."
    if not wordings:
        fresh = requirements.confirmed("proposal")
        if requirements.proposal is None or fresh is None:
            why = "Nothing is required: see the least demanding set."
        elif requirements.fresh.stands("proposal"):
            why = (
                f"Under the least demanding set {percent(fresh.fresh.estimate)} of {fresh.runs} fresh runs comply, "
                f"short of {100 * requirements.proposal.goal:.0f} %: "
                "nothing is required on it. More samples find it better."
            )
        else:
            why = "Fresh runs contradict the claim; nothing is required on it."
        return Section("Requirements", (text, why))
    table = Table(
        "requirements",
        "Requirements",
        (
            Column("identifier"),
            Column("the requirement"),
            Column("value"),
            Column("unit"),
            Column("compliance under the set"),
            Column("fresh runs"),
            Column("rationale"),
        ),
        tuple(
            (
                s.identifier,
                s.text,
                s.value,
                s.unit if s.unit != "1" else "",
                Estimate(s.probability, *s.interval),
                float(s.runs),
                s.rationale,
            )
            for s in wordings
        ),
        (
            "The compliance, with its interval, is that of fresh runs under the whole set. As files "
            "for requirements tools, "
            "with the rows of the evidence: requirements.json, .csv, .md; `lander-uq trace` leads a "
            "sentence back to them.",
        ),
    )
    return Section("Requirements", (text,), (table,))
