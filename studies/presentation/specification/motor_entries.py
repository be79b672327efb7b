"""What a motor and its inverter must be and do besides what fresh runs stand behind."""

from __future__ import annotations

from models.components import envelope
from models.quantity import ZERO_CELSIUS
from studies.presentation.specification.drive import ALLOCATED, CASE, NOT_FROM_HERE, Drive, written
from studies.presentation.specification.requirement_wording import (
    GROWTH_APART,
    motor_included,
    offered_speed,
    rated,
)
from studies.presentation.specification.step_words import short
from studies.presentation.specification.verification import SUPPLIER
from uq.requirements import Entry


def motor_entries(d: Drive) -> list[Entry]:
    """All entries of a motor and its inverter.

    Parameters
    ----------
    d : Drive
        One pump, its motor and inverter.

    Returns
    -------
    list of Entry
        In the order of the document.
    """
    return [*_motor(d), *_inverter(d)]


def _motor(d: Drive) -> list[Entry]:
    p, longest = d.point, max(d.duty, key=lambda b: b.duration)
    margin = d.specified.design.margins.power
    return [
        d.entry(
            "MOTOR-RATING",
            "motor",
            "power",
            f"The {{item}} shall be rated for a shaft power of {{value}} at {offered_speed(p)} for "
            f"{longest.duration:.0f} s.",
            p.shaft_rating / 1e3,
            "kW",
            "at least",
            rationale=f"Shaft power of the pump at the hottest inlet, {written(p.pump_power / 1e3)} kW, with a margin "
            f"of {100 * margin:.4g} %; in denser propellant, at the rated point, {written(p.shaft_power / 1e3)} kW. "
            f"Longest burn: {longest.burn}.",
            step=d.mass_step("one per cent more rating", p.motor_mass, "motors"),
        ),
        d.entry(
            "MOTOR-EFF",
            "motor",
            "efficiency",
            "The {item} should have an efficiency of at least {value} (shaft power over "
            f"power at its terminals) at {p.shaft_power / 1e3:.4g} kW and {offered_speed(p)}.",
            p.motor_efficiency,
            "-",
            "at least",
            rationale="What power and energy of the set were counted with: "
            f"{'can, drag in the propellant and ' if d.canned else ''}windings as warm as the longest burn makes "
            f"them, {p.winding_temperature - ZERO_CELSIUS:.0f} degC.",
            step=d.power_step("one per cent less efficiency"),
            parent="DRIVE-INPUT",
        ),
        d.entry(
            "MOTOR-MASS",
            "motor",
            "mass",
            f"The {{item}} should weigh at most {{value}}, {motor_included(d.canned)}, {GROWTH_APART}.",
            p.motor_mass,
            "kg",
            "at most",
            rationale="Not in the set of requirements: what the design was sized with.",
            step=d.mass_step("one per cent more", p.motor_mass, "motors"),
        ),
        d.entry(
            "MOTOR-TEMP",
            "motor",
            "temperature",
            "The windings of the {item} shall bear {value}.",
            p.maximum_winding_temperature - ZERO_CELSIUS,
            "degC",
            "at least",
            rationale="What the design lets its windings reach; in the duty of the best estimates they reach "
            f"{max(b.winding_temperature for b in d.duty) - ZERO_CELSIUS:.0f} degC, without the soak after shut-down.",
            step="No cost of a step: the windings stay below it, so that no mass follows from it.",
        ),
        d.entry(
            "MOTOR-SOAK",
            "motor",
            "test",
            "The {item} shall start again after a soak at TBD degC that follows a shut-down.",
            origin=NOT_FROM_HERE,
            rationale="Heat of engine and windings flows into a pump that stands still.",
        ),
        d.entry(
            "MOTOR-SOAK-DURATION",
            "motor",
            "test",
            "The {item} shall start again after a soak of TBD s at the temperature of MOTOR-SOAK.",
            origin=NOT_FROM_HERE,
            rationale="The coasts between burns.",
        ),
        d.entry(
            "MOTOR-INSULATION",
            "motor",
            "test",
            "The insulation of the {item} shall bear a test voltage of TBD V.",
            origin=NOT_FROM_HERE,
            rationale="At SET-VOLTAGE-MOST and the inverter's transients, in vacuum and through the critical pressure.",
        ),
        d.entry(
            "MOTOR-CRITICAL-SPEED",
            "motor",
            "test",
            "The shaft of the {item} with its pump shall have no critical speed nearer than TBD % to a speed at which "
            "it runs.",
            origin=NOT_FROM_HERE,
            rationale="It runs from PUMP-SPEED-LEAST to PUMP-SPEED; no dynamics of rotors is in this analysis.",
            owner=SUPPLIER,
        ),
        d.entry(
            "MOTOR-BEARINGS",
            "motor",
            "design and test",
            f"The bearings of the {{item}} shall run {_where(d)} to the end of life.",
            rationale="The rotor runs in the propellant."
            if d.canned
            else "The motor lies behind the shaft seal.",
            step="No step: type, lubrication and load of the bearings are the supplier's, stated in a bid.",
            origin=CASE,
            owner=SUPPLIER,
        ),
    ]


def _where(d: Drive) -> str:
    return f"in {d.propellant} without other lubricant" if d.canned else "in vacuum"


def _inverter(d: Drive) -> list[Entry]:
    p, longest = d.point, max(d.duty, key=lambda b: b.duration)
    margin = d.specified.design.margins.power
    return [
        d.entry(
            "INVERTER-RATING",
            "inverter",
            "power",
            f"The {{item}} shall be rated for an output of {{value}} for {longest.duration:.0f} s.",
            p.inverter_rating / 1e3,
            "kW",
            "at least",
            rationale="Power at the motor's terminals at the hottest inlet, "
            f"{written(p.inverter_rating / (1.0 + margin) / 1e3)} kW, with a margin of {100 * margin:.4g} %; in denser "
            f"propellant, at the rated point, {written(p.motor_power / 1e3)} kW.",
            step=d.mass_step("one per cent more rating", p.inverter_mass, "inverters"),
        ),
        d.entry(
            "INVERTER-EFF",
            "inverter",
            "efficiency",
            "The {item} should have an efficiency of at least {value} (output over "
            f"input) at an output of {p.motor_power / 1e3:.4g} kW.",
            p.inverter_efficiency,
            "-",
            "at least",
            rationale="What power and energy of the set were counted with.",
            step=d.power_step("one per cent less efficiency"),
            parent="DRIVE-INPUT",
        ),
        d.entry(
            "INVERTER-HEAT",
            "inverter",
            "power",
            f"The {{item}} should give at most {{value}} of heat to its base plate at an output of "
            f"{p.motor_power / 1e3:.4g} kW.",
            p.motor_power / p.inverter_efficiency - p.motor_power,
            "W",
            "at most",
            rationale=f"What an efficiency of {p.inverter_efficiency:.4g} leaves.",
            step=f"No cost of a step of its own: see INVERTER-EFF-{short(p)}.",
        ),
        d.entry(
            "INVERTER-MASS",
            "inverter",
            "mass",
            f"The {{item}} should weigh at most {{value}}, filters and connectors included, {GROWTH_APART}.",
            p.inverter_mass,
            "kg",
            "at most",
            rationale="Not in the set of requirements: what the design was sized with.",
            step=d.mass_step("one per cent more", p.inverter_mass, "inverters"),
        ),
        d.entry(
            "DRIVE-INPUT",
            "inverter",
            "power",
            f"The {{item}} should draw at most {{value}} with the pump at the nominal flow and rise of {rated(p)}.",
            p.drive_power / 1e3,
            "kW",
            "at most",
            rationale=f"Shaft power {p.shaft_power / 1e3:.4g} kW over the efficiencies of motor "
            f"{p.motor_efficiency:.4g} and inverter {p.inverter_efficiency:.4g}. Within the tolerances of PUMP-FLOW "
            "and PUMP-RISE a pump draws as much more as its flow times rise: a reading is brought to the nominal "
            "point.",
            step=d.power_step("one per cent more"),
            parent="SET-POWER",
        ),
        d.entry(
            "DRIVE-CURRENT",
            "inverter",
            "power",
            "The {item} should draw at most {value} with the pump at its rated point and the bus at its least voltage.",
            p.drive_power / d.least_voltage,
            "A",
            "at most",
            rationale=f"DRIVE-INPUT, {written(p.drive_power / 1e3)} kW, over SET-VOLTAGE-LEAST, "
            f"{written(d.least_voltage)} V: nominal. Connectors and cables are built for DRIVE-CURRENT-RATING.",
            step=f"No cost of a step of its own: see DRIVE-INPUT-{short(p)}.",
            parent="SET-POWER",
        ),
        d.entry(
            "DRIVE-CURRENT-RATING",
            "inverter",
            "power",
            "The {item} should draw at most {value} at the output of INVERTER-RATING and the bus at its least "
            "voltage.",
            p.inverter_rating / p.inverter_efficiency / d.least_voltage,
            "A",
            "at most",
            rationale=f"{written(p.inverter_rating / 1e3)} kW over the inverter's efficiency of "
            f"{p.inverter_efficiency:.4g} and SET-VOLTAGE-LEAST, {written(d.least_voltage)} V: what connectors and "
            "cables carry.",
            step=f"No cost of a step of its own: see INVERTER-RATING-{short(p)}.",
            parent="SET-POWER",
        ),
        d.entry(
            "INVERTER-ENVELOPE",
            "inverter",
            "envelope",
            "The {item} shall take up a volume of at most {value}, connectors excluded.",
            ALLOCATED * 1e3 * float(envelope.inverter_volume(p.inverter_mass)),
            "L",
            "at most",
            rationale=f"Interface allocation (judgement): {ALLOCATED:g} times {written(p.inverter_mass)} kg, what the "
            f"design was sized with, at {envelope.PACKING:g} kg/m3. Its shape is the supplier's.",
            step="No cost of a step: no mass of this analysis depends on it.",
        ),
        d.entry(
            "INVERTER-EMC",
            "inverter",
            "test",
            "The {item} shall keep the limits of electromagnetic compatibility of TBD.",
            origin=NOT_FROM_HERE,
            rationale="Kilowatts switched near the lander's receivers.",
        ),
    ]
