"""The proposed requirements as sentences that fresh runs stand behind: one quantity of one item each, in absolute
units at its operating point; the ratio to the prediction, what it protects and what it is worth in the rationale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.architectures import comparison, electric_pump
from models.fixed_design.flight import FixedTrade
from models.fixed_design.operating_point import PumpPoint
from models.quantity import BAR, WATT_HOUR, ZERO_CELSIUS, substitute
from studies.analysis.fixed_problem import REQUIRED
from studies.analysis.requirement_set import Proposal
from studies.analysis.requirements import Requirements
from studies.analysis.single_requirements import EFFICIENCY
from studies.analysis.specified_design import stands
from studies.case.units import Unit
from studies.presentation.compliance import limit_words
from studies.presentation.names_and_units import input_words, output_unit, output_words
from studies.presentation.specification.system import SET, parent_of
from studies.presentation.specification.verification import attributes
from uq.requirements import Attributes, Limit, Requirement, Shown, Statement, statement
from uq.requirements.specification.entries import as_written

ORIGIN = "set of requirements, confirmed by fresh runs"
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
    more: str = ""
    """Of its rationale."""


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
    if proposal is None or not stands(requirements):
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
            rationale=_rationale(requirements, proposal, w),
            datasets=datasets,
            shown=w.shown,
            attributes=_attributes(requirements, w),
        )
        for w in _wordings(requirements, proposal)
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
    )


def _rationale(requirements: Requirements, proposal: Proposal, w: _Wording) -> str:
    """What the requirement protects, what it is worth, and how demanding it is."""
    words = [w.more] if w.more else []
    if isinstance(w.of, Limit):
        return " ".join(words)
    if (without := proposal.without.get(w.of.input)) is not None:
        lost = [a.value - b.value for a, b in zip(proposal.verdict.each, without.each, strict=True)]
        k = int(np.argmax(lost))
        if without.probability < proposal.verdict.interval[0]:
            words.append(
                f"Without it{_both(w)} {100 * without.probability:.0f} % of the realised landers comply instead of "
                f"{100 * proposal.verdict.probability:.0f} %."
            )
        else:
            words.append(f"Without it{_both(w)} compliance moves by less than its interval.")
        if lost[k] > 0.0:
            words.append(
                f"It protects most: {limit_words(without.limits[k])}, held by "
                f"{100 * without.each[k].value:.0f} % "
                f"without it and by {100 * proposal.verdict.each[k].value:.0f} % with it."
            )
    worth = requirements.margins.rates
    rate = next((r for r in worth.rates if r.nominal and r.input == w.of.input), None)
    if rate is not None and rate.at:
        unit = output_unit(worth.unit)
        words.append(
            f"One per cent{_both(w)} is worth {unit.step(0.01 * rate.at / rate.per * rate.mean.value):.2g} "
            f"{unit.symbol} of "
            f"{output_words(worth.output)} in the mean."
        )
    if not np.isnan(w.predicted):
        words.append(
            f"Today's estimate at this point is {w.predicted:.4g} {w.shown.unit.removesuffix('1')}".rstrip()
            + f" (required: {w.shown.value(w.of.value) / w.predicted:.3g} times it)."
        )
    prior = next((r.prior for r in proposal.allocation.requirements if r.input == w.of.input), None)
    if prior is not None:
        words.append(f"By today's knowledge a supplier meets it with a chance of {100 * prior:.0f} %.")
    return " ".join(words)


def _both(w: _Wording) -> str:
    """What is required of both drives by one input is also worth what both are worth."""
    return " (on both drives)" if w.identifier.endswith(("-OX", "-FU")) else ""


def _wordings(requirements: Requirements, proposal: Proposal) -> list[_Wording]:
    pumps = requirements.design.pumps(proposal.design)
    wordings: list[_Wording] = []
    for r in proposal.requirements:
        wordings += _of_input(requirements, proposal, r, pumps)
    where = "at the battery's main-bus terminals, house load excluded,"
    for limit in proposal.limits[len(requirements.design.limits.all) :]:
        if limit.output == "electric_power":
            text = (
                f"All pump drives together shall draw at most {{value}} {{unit}} {where} at full thrust, "
                "as a mean "
                "over 1 s, at the end of life."
            )
            more = f"{rating_words(requirements.design.built(proposal.design))}, rounded up. Spin-up: see SET-INRUSH."
            wordings.append(_Wording("SET-POWER", text, limit, Shown("kW", 1e3), SET, "set power", more=more))
        else:
            text = (
                f"All pump drives together shall draw at most {{value}} {{unit}} {where} over all burns "
                "and starts of "
                "the reference mission, at the end of life."
            )
            more = (
                "What the compliant landers under the set do not exceed, rounded up: what the battery and its "
                "recharge are held against."
            )
            wordings.append(
                _Wording(
                    "SET-ENERGY", text, limit, Shown("kWh", 1e3 * WATT_HOUR), SET, "set energy", more=more
                )
            )
    return wordings


def _of_input(
    requirements: Requirements, proposal: Proposal, r: Requirement, pumps: tuple[PumpPoint, ...]
) -> list[_Wording]:
    if r.input == EFFICIENCY:
        return [_efficiency(requirements, p, r) for p in pumps]
    if r.input == "pump.specific_power_multiplier":
        return [_mass(p, r, f"{p.liquid} pump", p.pump_mass, p.installation_mass) for p in pumps]
    if r.input == "motor.specific_power_multiplier":
        canned = float(np.ravel(requirements.case.baseline().motor.canned)[0]) > 0.5
        return [_mass(p, r, f"{p.liquid} motor", p.motor_mass, canned=canned) for p in pumps]
    if r.input == "inverter.specific_power_multiplier":
        return [_mass(p, r, f"{p.liquid} inverter", p.inverter_mass) for p in pumps]
    if r.input == "pump.suction_specific_speed":
        return [_suction(requirements, p, r) for p in pumps]
    median = _median(requirements, r)
    if r.input == "battery.specific_energy":
        usable = r.value / WATT_HOUR * _usable(requirements, proposal)
        return [
            _Wording(
                "BATTERY-ENERGY",
                "The battery pack shall store at least {value} {unit} of pack mass when new.",
                r,
                Shown("Wh/kg", WATT_HOUR),
                "battery",
                "specific energy",
                median / WATT_HOUR,
                f"Of it {usable:.3g} Wh/kg are usable in the design: rate, cold, depth and age taken off.",
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
            )
        ]
    return [_other(requirements, r, median)]


def _other(requirements: Requirements, r: Requirement, median: float) -> _Wording:
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
        Shown(unit.symbol or "1", unit.size),
        "system",
        "test",
        unit.step(median),
    )


def short(p: PumpPoint) -> str:
    """OX or FU, as identifiers end.

    Parameters
    ----------
    p : PumpPoint
        Operating point of one pump.

    Returns
    -------
    str
        Two letters.
    """
    return p.liquid[:2].upper()


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
    if built.electric_pump.drives.power_rating >= float(np.ravel(built.lander.power_limit)[0]):
        return f"{words}: the case's electric power limit"
    margin = built.electric_pump.margins.power
    drawn = built.electric_pump.drives.power_rating / (1.0 + margin)
    return (
        f"{words}: what all drives draw at rated flow and the hottest inlet, harness included, {drawn / 1e3:.4g} kW, "
        f"with a margin of {100 * margin:.4g} %"
    )


def _efficiency(requirements: Requirements, p: PumpPoint, r: Requirement) -> _Wording:
    return _Wording(
        f"PUMP-EFF-{short(p)}",
        f"The {p.liquid} pump shall have an efficiency of at least {{value}} at {rated(p)}, at end of life.",
        r,
        Shown("1", r.value / p.efficiency),
        f"{p.liquid} pump",
        "efficiency",
        # the ratio that is expected today is not one
        p.efficiency / r.value * _median(requirements, r),
    )


def _mass(
    p: PumpPoint, r: Requirement, item: str, mass: float, fixed: float = 0.0, *, canned: bool = True
) -> _Wording:
    kind = item.rsplit(" ", 1)[-1]
    included = {
        "pump": "bracket, sensors and flanges included",
        "motor": motor_included(canned),
        "inverter": "filters and connectors included",
    }[kind]
    return _Wording(
        f"{kind.upper()}-MASS-{short(p)}",
        f"The {item} shall weigh at most {{value}} {{unit}}, {included}, {GROWTH_APART}.",
        r,
        Shown("kg", r.value * (mass - fixed), -1.0, fixed),
        item,
        "mass",
        fixed + r.value * (mass - fixed),
    )


def _suction(requirements: Requirements, p: PumpPoint, r: Requirement) -> _Wording:
    return _Wording(
        f"PUMP-NPSH-{short(p)}",
        f"The {p.liquid} pump shall need a net positive suction head of at most {{value}} {{unit}} at "
        f"{rated(p)} and "
        f"{as_written(p.speed * 30.0 / np.pi):.0f} 1/min, at 3 % head loss and with helium-saturated propellant.",
        r,
        Shown("m", r.value * p.suction**0.75, -0.75),
        f"{p.liquid} pump",
        "suction",
        p.suction * (r.value / _median(requirements, r)) ** (4.0 / 3.0),
        f"Available: {p.available:.3g} m at the hottest inlet, {p.hottest_inlet - ZERO_CELSIUS:.1f} degC.",
    )


def _median(requirements: Requirements, r: Requirement) -> float:
    """Of today's knowledge of an input."""
    return float(next(i for i in requirements.case.inputs if i.name == r.input).distribution.ppf(0.5))


def _usable(requirements: Requirements, proposal: Proposal) -> float:
    """Usable over stored energy of the battery at the required values: rate, cold, depth, age together."""
    true = {n.removeprefix(REQUIRED): v for n, v in proposal.design.items()}
    best = comparison.size(electric_pump, substitute(requirements.case.baseline(), true))
    assert best.sizing.drives is not None
    return float(np.ravel(best.sizing.drives.usable_factor)[0])
