"""What a pump must do besides what fresh runs stand behind: flow, rise, efficiency, suction; from the fixed design
where the analysis gives it, else a template that is marked as not from this analysis."""

from __future__ import annotations

import numpy as np

from models.fixed_design.duty import BurnDuty
from models.quantity import BAR, ZERO_CELSIUS
from studies.presentation.names_and_units import counted
from studies.presentation.specification.drive import NOT_FROM_HERE, RPM, Drive, written
from studies.presentation.specification.pump_body_entries import body_entries
from studies.presentation.specification.requirement_wording import GROWTH_APART, offered_speed, rated
from studies.presentation.specification.step_words import short, signed, step_words
from studies.presentation.specification.verification import SUPPLIER
from uq.requirements import Entry


def pump_entries(d: Drive) -> list[Entry]:
    """All entries of a pump.

    Parameters
    ----------
    d : Drive
        One pump, its motor and inverter.

    Returns
    -------
    list of Entry
        In the order of the document.
    """
    return [*_hydraulic(d), *_part_loads(d), *_suction(d), *body_entries(d)]


def _hydraulic(d: Drive) -> list[Entry]:
    p, least, lowest = d.point, d.least, min(d.duty, key=lambda b: b.flow)
    point = rated(p)
    return [
        d.entry(
            "PUMP-FLOW",
            "pump",
            "flow",
            "The {item} shall pass {value} at its rated point.",
            1e3 * p.flow,
            "L/s",
            within=(0.02, 0.02),
            rationale=f"Protects thrust: all engines that one set feeds at full thrust burn "
            f"{1e3 * max(b.flow for b in d.duty):.4g} L/s; the design's margins are on top. "
            "Tolerance: judgement, within the trim of the mixture ratio by speed (ISO 9906 grade 2B: 8 %).",
            step="No cost of a step: another flow is another thrust, and another lander.",
        ),
        d.entry(
            "PUMP-RISE",
            "pump",
            "rise",
            "The {item} shall raise the total pressure by {value} from inlet to outlet "
            "flange at its rated flow and offered rated speed.",
            p.rise / BAR,
            "bar",
            within=(0.0, 0.03),
            rationale=f"Protects thrust: chamber ({d.specified.design.chamber_pressure / BAR:.4g} bar), injector, "
            f"lines and valves, less what the tank gives at the inlet ({p.inlet_pressure / BAR:.3g} bar). Tolerance: "
            "judgement, none below and what a trimmed impeller leaves above (ISO 9906 grade 1B: 3 %).",
            step=d.power_step("one per cent more rise"),
        ),
        d.entry(
            "PUMP-FLOW-LEAST",
            "pump",
            "flow",
            "The {item} shall run without instability at flows down to {value}.",
            1e3 * least.flow,
            "L/s",
            "at most",
            rationale="Protects the landing: one engine on the set at its least throttle, "
            f"{100 * least.throttle:.0f} %, {least.rise / BAR:.4g} bar: less cannot be commanded. The mission's lowest "
            f"mean is {1e3 * lowest.flow:.4g} L/s: {lowest.burn} burn, {counted(lowest.engines, 'engine')} at "
            f"{100 * lowest.throttle:.0f} %.",
            step="No cost of a step: the engine's throttle sets it.",
        ),
        d.entry(
            "PUMP-SPEED-LEAST",
            "pump",
            "speed",
            "The {item} shall run without instability at speeds down to {value}.",
            least.speed * RPM,
            "1/min",
            "at most",
            rationale=f"Protects the landing: at the {1e3 * least.flow:.4g} L/s of PUMP-FLOW-LEAST-{short(p)}.",
            step="No cost of a step: the engine's throttle sets it.",
        ),
        d.entry(
            "PUMP-SPEED",
            "pump",
            "speed",
            "The {item} should be rated for continuous running at {value}.",
            p.speed * RPM,
            "1/min",
            "at least",
            rationale="The speed of the rated point in this design: suction, size and motor follow from it.",
            step=f"No cost of a step of its own: a supplier may offer another that keeps PUMP-NPSH-{short(p)}, "
            f"PUMP-EFF-{short(p)} and the masses.",
        ),
        d.entry(
            "PUMP-EFF",
            "pump",
            "efficiency",
            f"The {{item}} should have an efficiency of at least {{value}} at {point}, at end of life.",
            p.efficiency,
            "-",
            "at least",
            rationale=f"Not in the set of requirements: what the design was sized with, at a shaft power of "
            f"{p.shaft_power / 1e3:.4g} kW.",
            step=step_words(d.efficiency_step, "0.01 less"),
        ),
        d.entry(
            "PUMP-MASS",
            "pump",
            "mass",
            "The {item} should weigh at most {value}, bracket, sensors and flanges included, "
            f"{GROWTH_APART}.",
            p.pump_mass,
            "kg",
            "at most",
            rationale="Not in the set of requirements: what the design was sized with.",
            step=d.mass_step("one per cent more", p.pump_mass, "pumps"),
        ),
    ]


def _part_loads(d: Drive) -> list[Entry]:
    """The efficiency in each burn at part load: at the flow and rise that the mission asks for."""
    return [
        d.entry(
            f"PUMP-EFF-{name}",
            "pump",
            "efficiency",
            f"The {{item}} shall have an efficiency of at least {{value}} in the {burn.burn} burn "
            f"({1e3 * burn.flow:.4g} L/s, {burn.rise / BAR:.4g} bar), at end of life.",
            # to the digits of its test, and no more than the duty needs
            float(np.floor(100.0 * burn.efficiency) / 100.0),
            "-",
            "at least",
            rationale=f"{counted(burn.engines, 'engine').capitalize()} of the set at {100 * burn.throttle:.0f} % for "
            f"{burn.duration * burn.running:.0f} s; {written(burn.speed * RPM)} 1/min, {burn.shaft_power / 1e3:.4g} kW "
            f"at the shaft and an efficiency of {burn.efficiency:.4g}: where the rated pump's characteristic leads. "
            "Protects the battery's energy: the burn takes "
            f"{100 * burn.energy / d.energy:.0f} % of what this drive draws.",
            step=_part_load_step(d, burn),
        )
        for name, burn in d.part_loads.items()
    ]


def _part_load_step(d: Drive, burn: BurnDuty) -> str:
    step = d.efficiency_step
    if step is None or np.isnan(step.payload):
        return ""
    share = burn.energy / d.energy * d.point.efficiency / burn.efficiency
    return (
        f"A step, 0.01 less in this burn alone: {signed(share * step.payload)} kg of payload at most, its share of "
        f"what a step of PUMP-EFF-{short(d.point)} is worth."
    )


def _suction(d: Drive) -> list[Entry]:
    p = d.point
    hot = p.hottest_inlet - ZERO_CELSIUS
    steps, end = d.specified.steps, short(p)
    return [
        d.entry(
            "PUMP-NPSH",
            "pump",
            "suction",
            f"The {{item}} shall need a net positive suction head of at most {{value}} at "
            f"{rated(p)} and {offered_speed(p)}, at 3 % head loss and with helium-saturated propellant.",
            p.suction,
            "m",
            "at most",
            rationale=f"Protects the pump from cavitation: {p.available:.3g} m are available (PUMP-NPSH-GIVEN-{end}).",
            step=step_words(steps.get("pump.suction_specific_speed"), "5 % more of both pumps"),
        ),
        d.entry(
            "PUMP-NPSH-GIVEN",
            "pump",
            "available",
            f"The lander shall give the {{item}} a net positive suction head of {{value}} at rated flow and an inlet "
            f"of {hot:.1f} degC.",
            p.available,
            "m",
            "at least",
            rationale=f"Inlet pressure of {p.inlet_pressure / BAR:.3g} bar less the vapour pressure of the hottest "
            "inlet. In the burns of the mission: "
            + ", ".join(f"{b.burn} {b.available:.3g} m (needed {b.required:.3g} m)" for b in d.duty)
            + ".",
            step=f"No cost of a step of its own: see PUMP-NPSH-{end}.",
            whose="lander",
        ),
        d.entry(
            "PUMP-INLET-HOT",
            "pump",
            "temperature",
            "The {item} shall meet its requirements with propellant of up to {value} at its inlet.",
            hot,
            "degC",
            "at least",
            rationale="Propellant as loaded, its heating on the way to the pump and the design's margin.",
            step=step_words(steps.get("pump_inlet_heating"), "1 K hotter at both pumps"),
        ),
        d.entry(
            "PUMP-INLET-LEAST",
            "pump",
            "pressure",
            "The {item} shall meet its requirements at an inlet pressure (total, absolute) down to {value}.",
            p.inlet_pressure / BAR,
            "bar",
            "at most",
            rationale="Tank pressure less the drop of the suction line at rated flow.",
            step="No cost of a step to first order: the tank pressure is at its best value in this design.",
        ),
        d.entry(
            "PUMP-INLET-MOST",
            "pump",
            "pressure",
            "The {item} shall meet its requirements at an inlet pressure (total, absolute) up to {value}.",
            d.specified.design.maximum_pressures[d.k] / BAR,
            "bar",
            "at least",
            rationale="The highest pressure of its tank: regulator at its band's end, and full tanks in soak.",
            step="No cost of a step: no mass of a pump depends on it here.",
        ),
        d.entry(
            "PUMP-GAS",
            "pump",
            "test",
            "The {item} shall keep pumping with TBD % of gas by volume at its inlet.",
            origin=NOT_FROM_HERE,
            rationale="Bubbles after a coast and the last seconds of a tank.",
        ),
        d.entry(
            "PUMP-GAS-DURATION",
            "pump",
            "test",
            "The {item} shall keep pumping for TBD s with the gas of PUMP-GAS at its inlet.",
            origin=NOT_FROM_HERE,
            rationale="As long as a bubble lasts.",
        ),
        d.entry(
            "PUMP-GAS-RECOVERY",
            "pump",
            "test",
            "The {item} shall recover its rated head within TBD s after it has ingested the gas of PUMP-GAS.",
            origin=NOT_FROM_HERE,
            rationale="The engines burn on through a bubble.",
            owner=SUPPLIER,
        ),
        d.entry(
            "PUMP-DRY",
            "pump",
            "test",
            "The {item} shall survive TBD s of running dry at the speed of PUMP-SPEED without damage.",
            origin=NOT_FROM_HERE,
            rationale="A start before priming, or an emptied tank.",
            owner=SUPPLIER,
        ),
    ]
