"""What a pump must be besides what fresh runs stand behind: pressures, sealing, envelope, loads, life and starts."""

from __future__ import annotations

from models.fixed_design.operating_point import SHUT_OFF
from models.quantity import BAR, first_value
from studies.presentation.specification.drive import ALLOCATED, BURST, CASE, NOT_FROM_HERE, PROOF, Drive
from studies.presentation.specification.step_words import step_words
from studies.presentation.specification.verification import SUPPLIER
from uq.requirements import Entry

NO_MASS_LAW = "No cost of a step is known: the law of the pump's mass holds no pressure; a bid states it."
NO_ENVELOPE = "No cost of a step: no mass of this analysis depends on it."


def body_entries(d: Drive) -> list[Entry]:
    """Housing, envelope, loads, life.

    Parameters
    ----------
    d : Drive
        One pump, its motor and inverter.

    Returns
    -------
    list of Entry
        In the order of the document.
    """
    return [*_housing(d), *_life(d)]


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
            step=NO_MASS_LAW,
        ),
        d.entry(
            "PUMP-PROOF",
            "pump",
            "pressure",
            "The {item} shall bear a proof pressure of {value} without yield.",
            PROOF * highest,
            "bar",
            "at least",
            rationale=f"{PROOF:g} times PUMP-MEOP (judgement, see ECSS-E-ST-32-02C).",
            step=NO_MASS_LAW,
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
            step=NO_MASS_LAW,
            parent="PUMP-MEOP",
        ),
        d.entry(
            "PUMP-SEALING",
            "pump",
            "design and test",
            leak,
            rationale="What the drives were sized with.",
            step="No step: dry and canned motors are two designs, of which the study takes the better.",
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
            "PUMP-LEAK-PROOF",
            "pump",
            "test",
            "The {item} shall leak at most TBD scc/s of helium to the outside at the pressure of PUMP-PROOF.",
            origin=NOT_FROM_HERE,
            rationale="What the proof test shows besides yield.",
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
            step=NO_ENVELOPE,
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
            step=NO_ENVELOPE,
        ),
        d.entry(
            "PUMP-VIBRATION",
            "pump",
            "test",
            "The {item} with its motor shall bear the random vibration of TBD.",
            origin=NOT_FROM_HERE,
            rationale="Of the launcher, not in this analysis.",
        ),
        d.entry(
            "PUMP-STATIC",
            "pump",
            "test",
            "The {item} with its motor shall bear a static acceleration of TBD g.",
            origin=NOT_FROM_HERE,
            rationale="Of launch and touch-down, not in this analysis.",
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
            "For the ground see PUMP-LIFE-GROUND. The clock of a life test reads to 1 s (judgement).",
            step="No cost of a step: the mission sets it.",
        ),
        d.entry(
            "PUMP-STARTS",
            "pump",
            "starts",
            "The {item} with its motor shall start at least {value} times in flight.",
            first_value(lander.residuals.starts),
            "-",
            "at least",
            rationale="Ignitions of the mission. For the ground see PUMP-STARTS-GROUND. A count reads without error.",
            step="No cost of a step: the mission sets it.",
            origin=CASE,
        ),
        d.entry(
            "PUMP-WEAR",
            "pump",
            "test",
            "The {item} shall lose at most TBD of its efficiency from acceptance to the end of life.",
            origin=NOT_FROM_HERE,
            rationale="A new unit is accepted at the end-of-life efficiency, the guard band of its test and this "
            "allowance on top; the accepted readings hold the guard band alone until it is set.",
            owner=SUPPLIER,
        ),
        d.entry(
            "PUMP-LIFE-GROUND",
            "pump",
            "life",
            "The {item} with its motor shall be qualified for TBD times the running time of PUMP-LIFE.",
            origin=NOT_FROM_HERE,
            rationale="Acceptance and integration wear the flight unit, and one unit shows little of the scatter.",
        ),
        d.entry(
            "PUMP-STARTS-GROUND",
            "pump",
            "starts",
            "The {item} with its motor shall be qualified for TBD times the starts of PUMP-STARTS.",
            origin=NOT_FROM_HERE,
            rationale="As PUMP-LIFE-GROUND, of what wears in a start.",
        ),
        d.entry(
            "PUMP-SPIN-UP",
            "pump",
            "duration",
            "The {item} shall reach its rated point within {value} of the command, priming included.",
            first_value(lander.residuals.spin_up_duration),
            "s",
            "at most",
            rationale="The energy of a start was counted with it. A record of pressure reads to 0.05 s (judgement).",
            step=step_words(d.specified.steps.get("residuals.spin_up_duration"), "1 s more in each start"),
            origin=CASE,
        ),
    ]
