"""The proposed requirements as sentences that fresh runs stand behind: one quantity of one item each, in absolute
units at its operating point; the ratio to the prediction, what it protects and what it is worth in the rationale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.architectures import comparison, electric_pump
from models.fixed_design.flight import FixedTrade
from models.fixed_design.operating_point import PumpPoint, set_power
from models.quantity import BAR, WATT_HOUR, ZERO_CELSIUS, first_value, substitute
from studies.analysis.accounts.steps import EFFICIENCY_STEP, MASS_STEP, SUPPLIED
from studies.analysis.fixed_problem import REQUIRED
from studies.analysis.requirement_set import Proposal
from studies.analysis.requirements import Requirements
from studies.analysis.single_requirements import EFFICIENCY
from studies.analysis.specified_design import SpecifiedDesign, specified_design
from studies.case.units import Unit
from studies.presentation.names_and_units import input_words
from studies.presentation.specification.step_words import short, signed, step_words
from studies.presentation.specification.system import SET, parent_of
from studies.presentation.specification.verification import attributes
from uq.requirements import Attributes, Limit, Requirement, Shown, Statement, statement
from uq.requirements.specification.entries import as_written

ORIGIN = "set of requirements, put to fresh runs"
GROWTH_APART = "the programme's growth allowance excluded"


def motor_included(canned: bool) -> str:
    """What a motor's mass holds besides the motor.

    Parameters
    ----------
    canned : bool
        Whether rotor and bearings run in the propellant.

    Returns
    -------
    str
        Words for a sentence.
    """
    return "can and connector included" if canned else "connector included"


@dataclass(frozen=True)
class _Wording:
    """One sentence: what is required of what, with ``{value}`` and ``{unit}`` for the required number."""

    identifier: str
    text: str
    of: Requirement | Limit
    shown: Shown
    item: str
    kind: str
    predicted: float = np.nan
    protects: str = ""
    """The limit that it is held for."""
    step: str = ""
    """What a step of it costs."""


def sentences(requirements: Requirements) -> tuple[Statement, ...]:
    """One sentence for every quantity of every item in the proposed set, for electric power and for energy; none
    without a proposal, or where fresh runs contradict it or fall short of its goal.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    tuple of Statement
        In the order of the document.
    """
    proposal = requirements.proposal
    if proposal is None or not requirements.stands:
        return ()
    specified = specified_design(requirements)
    if specified is None:
        return ()
    programme = {m.input: m.programme for m in (proposal.margins.margins if proposal.margins else ())}
    datasets = [f"evidence-{k}" for k in range(len(requirements.fresh.confirmations.batches))]
    return tuple(
        statement(
            requirements.fresh.confirmations,
            requirements.fresh.claims.index("proposal"),
            identifier=w.identifier,
            text=w.text,
            requirement=w.of,
            margin=programme.get(w.of.input, np.nan) if isinstance(w.of, Requirement) else np.nan,
            rationale=_rationale(proposal, w),
            datasets=datasets,
            shown=w.shown,
            attributes=_attributes(requirements, w),
        )
        for w in _wordings(requirements, proposal, specified)
    )


def _attributes(requirements: Requirements, w: _Wording) -> Attributes:
    bound = w.of.low if np.isfinite(w.of.low) else w.of.high
    sign = w.shown.side("at least" if np.isfinite(w.of.low) else "at most")
    return attributes(
        w.item,
        w.kind,
        w.shown.value(bound),
        parent=parent_of(requirements),
        origin=ORIGIN,
        tolerance="not below" if sign == "at least" else "not above",
        predicted=w.predicted,
        canned=first_value(requirements.case.baseline().motor.canned) > 0.5,
    )


def _rationale(proposal: Proposal, w: _Wording) -> str:
    """What the requirement protects, what a step of it costs, and how demanding it is."""
    words = [w.protects, w.step]
    if not np.isnan(w.predicted):
        unit = "" if w.shown.unit == "-" else f" {w.shown.unit}"
        ratio = w.shown.value(w.of.low if np.isfinite(w.of.low) else w.of.high) / w.predicted
        words.append(
            f"Today's estimate at this point is {w.predicted:.4g}{unit} (required: {ratio:.3g} times it)."
        )
    prior = next(
        (
            r.prior
            for r in proposal.allocation.requirements
            if isinstance(w.of, Requirement) and r.input == w.of.input
        ),
        None,
    )
    if prior is not None:
        words.append(f"Probability of delivery by today's knowledge: {prior:.2f}.")
    return " ".join(filter(None, words))


def _wordings(requirements: Requirements, proposal: Proposal, specified: SpecifiedDesign) -> list[_Wording]:
    wordings: list[_Wording] = []
    for r in proposal.requirements:
        wordings += _of_input(requirements, specified, r)
    power, energy = _of_the_set_today(requirements, proposal)
    where = "at the battery's main-bus terminals, house load excluded,"
    for limit in proposal.limits[len(requirements.design.limits.all) :]:
        if limit.output == "electric_power":
            text = (
                f"All pump drives together shall draw at most {{value}} {{unit}}, the rating of harness and bus, "
                f"{where} as a mean over 1 s outside of starts, up to full thrust, at the end of life."
            )
            protects = (
                f"Protects harness and battery. {rating_words(requirements.design.built(proposal.design))}, rounded "
                "up: never to be exceeded. What they draw at their rated points is SET-DRAW. Spin-up: see "
                "SET-INRUSH."
            )
            wordings.append(
                _Wording(
                    "SET-POWER",
                    text,
                    limit,
                    Shown("kW", 1e3),
                    SET,
                    "set power",
                    power / 1e3,
                    protects,
                    step=set_power_step(specified),
                )
            )
        else:
            text = (
                f"All pump drives together shall draw at most {{value}} {{unit}} {where} over all burns and starts of "
                "the reference mission, at the end of life."
            )
            wordings.append(
                _Wording(
                    "SET-ENERGY",
                    text,
                    limit,
                    Shown("kWh", 1e3 * WATT_HOUR),
                    SET,
                    "set energy",
                    energy / (1e3 * WATT_HOUR),
                    f"Protects the battery's charge. {energy_words(specified)} What compliant landers "
                    "under the set draw at most, rounded up: it follows from the efficiencies and asks no more.",
                    step=set_energy_step(specified),
                )
            )
    return wordings


def _of_the_set_today(requirements: Requirements, proposal: Proposal) -> tuple[float, float]:
    """W of all drives at their rated points and J over the mission, in the design of the requirements with its drives
    as predicted today."""
    built = requirements.design.built(proposal.design)
    assert built is not None
    points, columns = requirements.design.predicted(proposal.design)
    return set_power(points, built), first_value(columns["electric_energy"])


def energy_words(specified: SpecifiedDesign) -> str:
    """What the battery was sized for, in one sentence.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.

    Returns
    -------
    str
    """
    series, strings = specified.pack
    margin = specified.design.margins.energy
    return (
        f"The battery of the design ({series} cells in series, {strings} strings) and its recharge between burns "
        f"are sized for {specified.column('electric_energy') / 3.6e6:.3g} kWh of all drives over all burns and starts, "
        f"with a margin of {100 * margin:.3g} %."
    )


def set_power_step(specified: SpecifiedDesign) -> str:
    """What one per cent of the power of all drives is worth: of the efficiency of both pumps.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.

    Returns
    -------
    str
        One sentence; empty without steps.
    """
    found = [specified.steps.get(leaf) for leaf in SUPPLIED]
    if not all(found):
        return ""
    kg = sum(
        one.payload * 0.01 * p.efficiency / EFFICIENCY_STEP
        for one, p in zip(found, specified.pumps, strict=True)
        if one
    )
    return (
        f"A step, one per cent more, is worth {signed(kg)} kg of payload at most: as one per cent of the efficiency of "
        "both pumps."
    )


def set_energy_step(specified: SpecifiedDesign) -> str:
    """What one per cent of the energy of all drives is worth: of the pumps' battery.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.

    Returns
    -------
    str
        One sentence.
    """
    kg = -0.01 * specified.masses["battery"] * (1.0 + specified.growth("battery"))
    return f"A step, one per cent more, is worth {signed(kg)} kg of payload at most: that much battery and its growth."


def _of_input(requirements: Requirements, specified: SpecifiedDesign, r: Requirement) -> list[_Wording]:
    pumps = specified.pumps
    if r.input == EFFICIENCY:
        return [_efficiency(requirements, specified, k, r) for k in range(len(pumps))]
    if r.input == "pump.specific_power_multiplier":
        return [_mass(specified, p, r, "pump", p.pump_mass, p.installation_mass) for p in pumps]
    if r.input == "motor.specific_power_multiplier":
        return [_mass(specified, p, r, "motor", p.motor_mass) for p in pumps]
    if r.input == "inverter.specific_power_multiplier":
        return [_mass(specified, p, r, "inverter", p.inverter_mass) for p in pumps]
    if r.input == "pump.suction_specific_speed":
        return [_suction(requirements, specified, p, r) for p in pumps]
    median = _median(requirements, r)
    step = step_words(specified.steps.get(r.input), "one per cent less")
    pack = (
        f"the pack weighs {specified.masses['battery']:.3g} kg in the design, whose payload is "
        f"{specified.column('payload'):.0f} kg"
    )
    if r.input == "battery.specific_energy":
        usable = r.value / WATT_HOUR * _usable(requirements)
        return [
            _Wording(
                "BATTERY-ENERGY",
                "The battery pack shall store at least {value} {unit} of pack mass when new.",
                r,
                Shown("Wh/kg", WATT_HOUR),
                "battery",
                "specific energy",
                median / WATT_HOUR,
                f"Protects payload and charge: {pack}. Of what is stored {usable:.3g} Wh/kg are usable: rate, cold, "
                "depth and age taken off.",
                step,
            )
        ]
    if r.input == "battery.specific_power":
        return [
            _Wording(
                "BATTERY-POWER",
                "The battery pack shall deliver at least {value} {unit} of pack mass for 90 s at its "
                "cut-off voltage, "
                "at the charge that the descent ends with, at its coldest and at end of life.",
                r,
                Shown("kW/kg", 1e3),
                "battery",
                "specific power",
                median / 1e3,
                f"Protects the bus's voltage at the end of the descent: {pack}.",
                step,
            )
        ]
    return [_other(requirements, r, median, step)]


def _other(requirements: Requirements, r: Requirement, median: float, step: str) -> _Wording:
    """An input that the case lets be required and that this page has no words of its own for."""
    case = requirements.case
    unit = case.unit(r.input)
    if unit.zero != 0.0:  # a temperature: its value and its margins stand in kelvin
        unit = Unit(next(i.unit for i in case.inputs if i.name == r.input))
    number = "{value} {unit}" if unit.symbol else "{value}"
    return _Wording(
        r.input.replace(".", "-").replace("_", "-").upper(),
        f"The {input_words(case, r.input)} shall be at least {number} at full thrust and at end of life.",
        r,
        Shown(unit.symbol or "-", unit.size),
        "system",
        "test",
        unit.step(median),
        "Protects what the design was sized with.",
        step,
    )


def rated(p: PumpPoint) -> str:
    """The rated point of a pump in words.

    Parameters
    ----------
    p : PumpPoint
        Operating point of one pump.

    Returns
    -------
    str
        Flow, rise and inlet.
    """
    return (
        f"its rated point ({1e3 * p.flow:.4g} L/s, {p.rise / BAR:.4g} bar, propellant at "
        f"{p.inlet_temperature - ZERO_CELSIUS:.0f} degC)"
    )


def offered_speed(p: PumpPoint) -> str:
    """The speed at which something is required of a pump or motor whose speed is the supplier's.

    Parameters
    ----------
    p : PumpPoint
        Operating point of one pump.

    Returns
    -------
    str
        With the speed of this design.
    """
    return f"the offered rated speed ({as_written(p.speed * 30.0 / np.pi):.0f} 1/min in this design)"


def rating_words(built: FixedTrade | None) -> str:
    """Where the rating of harness, battery and bus comes from.

    Parameters
    ----------
    built : FixedTrade or None
        Both designs at the required values.

    Returns
    -------
    str
        The beginning of a sentence.
    """
    words = "What harness, battery and the bus's allocation are rated for"
    if built is None or built.electric_pump.drives is None:
        return words
    if built.electric_pump.drives.power_rating >= first_value(built.lander.power_limit):
        return f"{words}: the case's electric power limit"
    margin = built.electric_pump.margins.power
    drawn = built.electric_pump.drives.power_rating / (1.0 + margin)
    return (
        f"{words}: what all drives draw at rated flow and the hottest, thinnest propellant, harness included, "
        f"{drawn / 1e3:.4g} kW, with a margin of {100 * margin:.4g} %"
    )


def _efficiency(requirements: Requirements, specified: SpecifiedDesign, k: int, r: Requirement) -> _Wording:
    p = specified.pumps[k]
    drawn = [sum(burn.energy for burn in duty) for duty in specified.duties]
    return _Wording(
        f"PUMP-EFF-{short(p)}",
        f"The {p.liquid} pump shall have an efficiency of at least {{value}} at {rated(p)}, at end of life.",
        r,
        Shown("-", r.value / p.efficiency),
        f"{p.liquid} pump",
        "efficiency",
        # the ratio that is expected today is not one
        p.efficiency / r.value * _median(requirements, r),
        f"Protects the battery's energy. {energy_words(specified)} This pump's drive takes "
        f"{100 * drawn[k] / sum(drawn):.0f} % of it, at a shaft power of {p.shaft_power / 1e3:.4g} kW.",
        step_words(specified.steps.get(SUPPLIED[k]), "0.01 less"),
    )


def _mass(
    specified: SpecifiedDesign, p: PumpPoint, r: Requirement, kind: str, mass: float, fixed: float = 0.0
) -> _Wording:
    included = {
        "pump": "bracket, sensors and flanges included",
        "motor": motor_included(specified.canned),
        "inverter": "filters and connectors included",
    }[kind]
    built = specified.design.drives
    assert built is not None
    number = built.sets * (1.0 + built.spares_per_set)
    whole = specified.masses[f"{kind}s"]
    return _Wording(
        f"{kind.upper()}-MASS-{short(p)}",
        f"The {p.liquid} {kind} shall weigh at most {{value}} {{unit}}, {included}, {GROWTH_APART}.",
        r,
        Shown("kg", r.value * (mass - fixed), -1.0, fixed),
        f"{p.liquid} {kind}",
        "mass",
        fixed + r.value * (mass - fixed),
        f"Protects the payload, {specified.column('payload'):.0f} kg in the design: {number * mass:.3g} kg of the "
        f"{whole:.3g} kg of all {kind}s in its mass budget are this item's.",
        step_words(specified.steps.get(f"mass of {kind}s"), f"{MASS_STEP:g} kg more"),
    )


def _suction(
    requirements: Requirements, specified: SpecifiedDesign, p: PumpPoint, r: Requirement
) -> _Wording:
    return _Wording(
        f"PUMP-NPSH-{short(p)}",
        f"The {p.liquid} pump shall need a net positive suction head of at most {{value}} {{unit}} at "
        f"{rated(p)} and {offered_speed(p)}, at 3 % head loss and with helium-saturated propellant.",
        r,
        Shown("m", r.value * p.suction**0.75, -0.75),
        f"{p.liquid} pump",
        "suction",
        p.suction * (r.value / _median(requirements, r)) ** (4.0 / 3.0),
        f"Protects the pump from cavitation: {p.available:.3g} m are available at the hottest inlet, "
        f"{p.hottest_inlet - ZERO_CELSIUS:.1f} degC (PUMP-NPSH-GIVEN-{short(p)}).",
        step_words(specified.steps.get("pump.suction_specific_speed"), "5 % more of both pumps"),
    )


def _median(requirements: Requirements, r: Requirement) -> float:
    """Of today's knowledge of an input."""
    return float(next(i for i in requirements.case.inputs if i.name == r.input).distribution.ppf(0.5))


def _usable(requirements: Requirements) -> float:
    """Usable over stored energy of the battery at the required values: rate, cold, depth, age together."""
    true = {n.removeprefix(REQUIRED): v for n, v in requirements.chosen.items()}
    best = comparison.size(electric_pump, substitute(requirements.case.baseline(), true))
    assert best.sizing.drives is not None
    return first_value(best.sizing.drives.usable_factor)
