"""What a motor and its inverter must be and do besides what fresh runs stand behind."""

from __future__ import annotations

from models.quantity import ZERO_CELSIUS
from studies.presentation.specification.drive import NOT_FROM_HERE, RPM, Drive
from studies.presentation.specification.requirement_wording import GROWTH_APART
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
            f"The {{item}} shall be rated for a shaft power of {{value}} at "
            f"{p.speed * RPM:.0f} 1/min for {longest.duration:.0f} s.",
            p.shaft_rating / 1e3,
            "kW",
            "at least",
            rationale=f"Shaft power of the pump at the hottest inlet, {p.pump_power / 1e3:.4g} kW, with a "
            "margin of "
            f"{100 * margin:.0f} %; {p.shaft_power / 1e3:.4g} kW at the rated point. Longest burn: "
            f"{longest.burn}.",
        ),
        d.entry(
            "MOTOR-EFF",
            "motor",
            "efficiency",
            "The {item} should have an efficiency of at least {value} (shaft power over "
            f"power at its terminals) at {p.shaft_power / 1e3:.4g} kW and {p.speed * RPM:.0f} 1/min.",
            p.motor_efficiency,
            "",
            "at least",
            rationale="What power and energy of the set were counted with: can, drag in the propellant "
            "and windings as "
            f"warm as the longest burn makes them, {p.winding_temperature - ZERO_CELSIUS:.0f} degC.",
        ),
        d.entry(
            "MOTOR-MASS",
            "motor",
            "mass",
            f"The {{item}} should weigh at most {{value}}, can and connector included, {GROWTH_APART}.",
            p.motor_mass,
            "kg",
            "at most",
            rationale="Not in the set of requirements: what the design was sized with.",
        ),
        d.entry(
            "MOTOR-TEMP",
            "motor",
            "temperature",
            "The windings of the {item} shall bear {value}.",
            p.maximum_winding_temperature - ZERO_CELSIUS,
            "degC",
            "at least",
            rationale="Reached in the design: "
            f"{max(b.winding_temperature for b in d.duty) - ZERO_CELSIUS:.0f} degC, without "
            "the soak after shut-down.",
        ),
        d.entry(
            "MOTOR-SOAK",
            "motor",
            "test",
            "The {item} shall bear a soak of TBD degC for TBD s after shut-down, and start again.",
            origin=NOT_FROM_HERE,
            rationale="Heat of engine and windings flows into a pump that stands still.",
        ),
        d.entry(
            "MOTOR-BEARINGS",
            "motor",
            "design and test",
            f"The bearings of the {{item}} shall run in {d.propellant} for its "
            "life without other lubricant (TBD: type, load, wear).",
            origin=NOT_FROM_HERE,
            rationale="The rotor runs in the propellant." if d.canned else "The shaft carries the pump.",
        ),
    ]


def _inverter(d: Drive) -> list[Entry]:
    p = d.point
    return [
        d.entry(
            "INVERTER-RATING",
            "inverter",
            "power",
            "The {item} shall be rated for an output of {value}.",
            p.inverter_rating / 1e3,
            "kW",
            "at least",
            rationale="Power at the motor's terminals with the margin of its rating; "
            f"{p.motor_power / 1e3:.4g} kW at the "
            "rated point.",
        ),
        d.entry(
            "INVERTER-EFF",
            "inverter",
            "efficiency",
            "The {item} should have an efficiency of at least {value} (output over "
            f"input) at an output of {p.motor_power / 1e3:.4g} kW.",
            p.inverter_efficiency,
            "",
            "at least",
            rationale="What power and energy of the set were counted with.",
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
        ),
        d.entry(
            "DRIVE-INPUT",
            "inverter",
            "power",
            "The {item} should draw at most {value} with the pump at its rated point.",
            p.drive_power / 1e3,
            "kW",
            "at most",
            rationale=f"Shaft power {p.shaft_power / 1e3:.4g} kW over the efficiencies of motor "
            f"{p.motor_efficiency:.4g} and "
            f"inverter {p.inverter_efficiency:.4g}.",
        ),
        d.entry(
            "INVERTER-EMC",
            "inverter",
            "test",
            "The {item} shall meet TBD limits of conducted and radiated emission and susceptibility.",
            origin=NOT_FROM_HERE,
            rationale="Kilowatts switched near the lander's receivers.",
        ),
    ]
