"""What a pump must be and do besides what fresh runs stand behind: from the fixed design where the analysis gives it,
else a template that is marked as not from this analysis."""

from __future__ import annotations

import numpy as np

from models.fixed_design.operating_point import SHUT_OFF
from models.quantity import BAR, ZERO_CELSIUS
from studies.presentation.names_and_units import counted
from studies.presentation.specification.drive import (
    ALLOCATED,
    BURST,
    CASE,
    NOT_FROM_HERE,
    PROOF,
    RPM,
    Drive,
    written,
)
from studies.presentation.specification.requirement_wording import GROWTH_APART, rated
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
    return [*_hydraulic(d), *_suction(d), *_housing(d), *_life(d)]


def _hydraulic(d: Drive) -> list[Entry]:
    p, least, lowest = d.point, d.least, min(d.duty, key=lambda b: b.flow)
    point = rated(p)
    entries = [
        d.entry(
            "PUMP-FLOW",
            "pump",
            "flow",
            "The {item} shall pass {value} at its rated point.",
            1e3 * p.flow,
            "L/s",
            tolerance="+-2 %",
            rationale="Full thrust of the engines that one set feeds, with the design's margin.",
        ),
        d.entry(
            "PUMP-RISE",
            "pump",
            "rise",
            "The {item} shall raise the total pressure by {value} from inlet to outlet "
            "flange at its rated flow and rated speed.",
            p.rise / BAR,
            "bar",
            tolerance="-0 %, +3 %",
            rationale="Chamber, injector, lines and valves less what the tank gives.",
        ),
        d.entry(
            "PUMP-SHAFT",
            "pump",
            "power",
            f"The {{item}} shall take at most {{value}} of shaft power at {point}.",
            p.shaft_power / 1e3,
            "kW",
            "at most",
            rationale=f"Flow times rise over the efficiency of {p.efficiency:.4g}: {1e3 * p.flow:.4g} L/s x "
            f"{p.rise / BAR:.4g} bar.",
        ),
        d.entry(
            "PUMP-FLOW-LEAST",
            "pump",
            "flow",
            "The {item} shall run without instability at flows down to {value}.",
            1e3 * least.flow,
            "L/s",
            "at most",
            rationale="One engine on the set at its least throttle, "
            f"{100 * least.throttle:.0f} %, {least.rise / BAR:.4g} bar: less cannot be commanded. The mission's lowest "
            f"mean is {1e3 * lowest.flow:.4g} L/s: {lowest.burn} burn, {counted(lowest.engines, 'engine')} at "
            f"{100 * lowest.throttle:.0f} %.",
        ),
        d.entry(
            "PUMP-SPEED-LEAST",
            "pump",
            "speed",
            "The {item} shall run without instability at speeds down to {value}.",
            least.speed * RPM,
            "1/min",
            "at most",
            rationale="At the least flow: see PUMP-FLOW-LEAST.",
        ),
        d.entry(
            "PUMP-SPEED",
            "pump",
            "speed",
            "The {item} should be rated for continuous running at {value}.",
            p.speed * RPM,
            "1/min",
            "at least",
            rationale="The speed of the rated point in this design: suction, size and motor follow from it. "
            "A supplier may offer another that keeps PUMP-NPSH, PUMP-EFF and the masses.",
        ),
        d.entry(
            "PUMP-EFF",
            "pump",
            "efficiency",
            f"The {{item}} should have an efficiency of at least {{value}} at {point}, at end of life.",
            p.efficiency,
            "",
            "at least",
            rationale="Not in the set of requirements: what the design was sized with.",
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
        ),
    ]
    for load in p.throttled:
        share = 100 * load.share
        entries.append(
            d.entry(
                f"PUMP-EFF-{share:.0f}",
                "pump",
                "efficiency",
                f"The {{item}} shall have an efficiency of at least {{value}} at {share:.0f} % thrust "
                f"({1e3 * load.flow:.4g} L/s, {load.rise / BAR:.4g} bar), at end of life.",
                load.efficiency,
                "",
                "at least",
                rationale=f"The rated efficiency on the pump's characteristic: {written(load.speed * RPM)} 1/min, "
                f"{load.shaft_power / 1e3:.4g} kW at the shaft.",
            )
        )
    return entries


def _suction(d: Drive) -> list[Entry]:
    p = d.point
    hot = p.hottest_inlet - ZERO_CELSIUS
    return [
        d.entry(
            "PUMP-NPSH",
            "pump",
            "suction",
            f"The {{item}} shall need a net positive suction head of at most {{value}} at "
            f"{rated(p)} and {written(p.speed * RPM)} 1/min, at 3 % head loss and with helium-saturated propellant.",
            p.suction,
            "m",
            "at most",
            rationale=f"Available: {p.available:.3g} m at rated flow and the hottest inlet, {hot:.1f} degC.",
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
        ),
        d.entry(
            "PUMP-GAS",
            "pump",
            "test",
            "The {item} shall keep pumping while it ingests TBD % of gas by volume for TBD s.",
            origin=NOT_FROM_HERE,
            rationale="Bubbles after a coast and the last seconds of a tank.",
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
            "The {item} shall survive TBD s of running dry at TBD 1/min without damage.",
            origin=NOT_FROM_HERE,
            rationale="A start before priming, or an emptied tank.",
            owner=SUPPLIER,
        ),
    ]


def _housing(d: Drive) -> list[Entry]:
    p, design = d.point, d.specified.design
    highest = (design.maximum_pressures[d.k] + SHUT_OFF * p.rise) / BAR
    leak = (
        "The {item} shall be hermetic: no dynamic seal between propellant and the outside."
        if d.canned
        else "The {item} shall have a shaft seal with a purged drain between propellant and motor."
    )
    return [
        d.entry(
            "PUMP-MEOP",
            "pump",
            "design",
            "The {item} shall be designed for a maximum expected operating pressure of at least {value}.",
            highest,
            "bar",
            "at least",
            rationale=f"Highest pressure of its tank, {design.maximum_pressures[d.k] / BAR:.4g} bar, and "
            f"the rise at shut-off and rated speed, {SHUT_OFF:g} times the rated {p.rise / BAR:.4g} bar; pressure "
            "waves of valves are not in it.",
        ),
        d.entry(
            "PUMP-PROOF",
            "pump",
            "pressure",
            "The {item} shall bear a proof pressure of {value} without leak or yield.",
            PROOF * highest,
            "bar",
            "at least",
            rationale=f"{PROOF:g} times PUMP-MEOP (judgement, see ECSS-E-ST-32-02C).",
            parent="PUMP-MEOP",
        ),
        d.entry(
            "PUMP-BURST",
            "pump",
            "strength",
            "The {item} shall bear a burst pressure of {value} without rupture.",
            BURST * highest,
            "bar",
            "at least",
            rationale=f"{BURST:g} times PUMP-MEOP (judgement, see ECSS-E-ST-32-02C).",
            parent="PUMP-MEOP",
        ),
        d.entry(
            "PUMP-SEALING",
            "pump",
            "design and test",
            leak,
            rationale="What the drives were sized with.",
            origin=CASE,
        ),
        d.entry(
            "PUMP-LEAK",
            "pump",
            "test",
            "The {item} shall leak at most TBD scc/s of helium to the outside at PUMP-MEOP.",
            origin=NOT_FROM_HERE,
            rationale="Toxic propellant on the ground, loss in flight.",
            owner=SUPPLIER,
        ),
        d.entry(
            "PUMP-WETTED",
            "pump",
            "inspection",
            f"All wetted parts of the {{item}} shall be compatible with {d.propellant} for TBD days of exposure.",
            origin=NOT_FROM_HERE,
            rationale="The propellant is that of the case; the time from loading to landing is not in it.",
        ),
        d.entry(
            "PUMP-ENVELOPE-DIAMETER",
            "pump",
            "envelope",
            "The {item} with its motor shall fit into a cylinder of {value} in diameter, flanges and connectors "
            "excluded.",
            d.envelope_diameter,
            "mm",
            "at most",
            rationale=f"Interface allocation (judgement): {ALLOCATED:g} times what an impeller of "
            f"{1e3 * p.diameter:.0f} mm with its volute, or the motor in its housing, measures in this design, to "
            "the next 5 mm. The bid states its own.",
        ),
        d.entry(
            "PUMP-ENVELOPE-LENGTH",
            "pump",
            "envelope",
            "The {item} with its motor shall fit into a cylinder of {value} in length, flanges and connectors "
            "excluded.",
            d.envelope_length,
            "mm",
            "at most",
            rationale=f"Interface allocation (judgement): {ALLOCATED:g} times pump, rotor and winding heads on one "
            "shaft in this design, to the next 5 mm. The bid states its own.",
        ),
        d.entry(
            "PUMP-LOADS",
            "pump",
            "test",
            "The {item} with its motor shall bear the vibration and static loads of TBD.",
            origin=NOT_FROM_HERE,
            rationale="Of launcher and landing, not in this analysis.",
        ),
        d.entry(
            "PUMP-SHOCK",
            "pump",
            "test",
            "The {item} with its motor shall bear the shock spectrum of TBD.",
            origin=NOT_FROM_HERE,
            rationale="Of separation and pyrotechnic valves, not in this analysis.",
        ),
    ]


def _life(d: Drive) -> list[Entry]:
    lander = d.specified.lander
    turns = sum(b.revolutions for b in d.duty)
    time = sum(b.duration * b.running for b in d.duty)
    return [
        d.entry(
            "PUMP-LIFE",
            "pump",
            "life",
            "The {item} with its motor shall run for at least {value} in flight.",
            time,
            "s",
            "at least",
            rationale=f"All burns of the mission together: {1e3 * round(turns / 1e3):.0f} revolutions. "
            "For the ground see PUMP-LIFE-GROUND.",
        ),
        d.entry(
            "PUMP-STARTS",
            "pump",
            "life",
            "The {item} with its motor shall start at least {value} times in flight.",
            float(np.ravel(lander.residuals.starts)[0]),
            "",
            "at least",
            rationale="Ignitions of the mission. For the ground see PUMP-LIFE-GROUND.",
            origin=CASE,
        ),
        d.entry(
            "PUMP-LIFE-GROUND",
            "pump",
            "life",
            "The {item} with its motor shall be qualified for TBD times PUMP-LIFE and PUMP-STARTS.",
            origin=NOT_FROM_HERE,
            rationale="Acceptance and integration wear the flight unit, and one unit shows little of the scatter.",
        ),
        d.entry(
            "PUMP-SPIN-UP",
            "pump",
            "test",
            "The {item} shall reach its rated point within {value} of the command, priming included.",
            float(np.ravel(lander.residuals.spin_up_duration)[0]),
            "s",
            "at most",
            rationale="The energy of a start was counted with it.",
            origin=CASE,
        ),
    ]
