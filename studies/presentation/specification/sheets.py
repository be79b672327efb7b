"""Specification sheets: one page for each pump with its motor and inverter, all values those of the requirements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.quantity import BAR, ZERO_CELSIUS, first_value
from studies.analysis.accounts.heritage import heritage
from studies.analysis.specified_design import SpecifiedDesign
from studies.presentation.specification.document import Item
from studies.presentation.specification.drive import RPM, Drive
from studies.presentation.specification.step_words import short
from uq.core.table import Cell, Table, header
from uq.report.document import Section
from uq.requirements.specification.entries import as_written
from uq.requirements.specification.tables import SIDES, accepted_words, unit_of

LINES = (
    ("rated flow", "PUMP-FLOW"),
    ("rise of total pressure", "PUMP-RISE"),
    ("pump efficiency, rated", "PUMP-EFF"),
    ("speed, rated", "PUMP-SPEED"),
    ("least speed", "PUMP-SPEED-LEAST"),
    ("least flow", "PUMP-FLOW-LEAST"),
    ("suction head needed, rated", "PUMP-NPSH"),
    ("suction head available, rated, hottest", "PUMP-NPSH-GIVEN"),
    ("inlet pressure, least", "PUMP-INLET-LEAST"),
    ("inlet pressure, highest", "PUMP-INLET-MOST"),
    ("inlet temperature, highest", "PUMP-INLET-HOT"),
    ("gas ingestion", "PUMP-GAS"),
    ("gas ingestion, for how long", "PUMP-GAS-DURATION"),
    ("recovery after gas", "PUMP-GAS-RECOVERY"),
    ("dry run", "PUMP-DRY"),
    ("pump mass", "PUMP-MASS"),
    ("motor mass", "MOTOR-MASS"),
    ("inverter mass", "INVERTER-MASS"),
    ("diameter of pump and motor", "PUMP-ENVELOPE-DIAMETER"),
    ("length of pump and motor", "PUMP-ENVELOPE-LENGTH"),
    ("volume of the inverter", "INVERTER-ENVELOPE"),
    ("motor rating at the shaft", "MOTOR-RATING"),
    ("motor efficiency, rated", "MOTOR-EFF"),
    ("windings, highest", "MOTOR-TEMP"),
    ("soak after shut-down", "MOTOR-SOAK"),
    ("soak, for how long", "MOTOR-SOAK-DURATION"),
    ("inverter rating, output", "INVERTER-RATING"),
    ("inverter efficiency, rated", "INVERTER-EFF"),
    ("inverter heat, rated", "INVERTER-HEAT"),
    ("base plate, highest", "SET-BASE-PLATE"),
    ("inverter input, rated", "DRIVE-INPUT"),
    ("inverter input current, rated", "DRIVE-CURRENT"),
    ("inverter input current, cables", "DRIVE-CURRENT-RATING"),
    ("bus voltage, least", "SET-VOLTAGE-LEAST"),
    ("bus voltage, most", "SET-VOLTAGE-MOST"),
    ("inrush of all drives", "SET-INRUSH"),
    ("inrush, for how long", "SET-INRUSH-DURATION"),
    ("spin-up", "PUMP-SPIN-UP"),
    ("operating pressure, highest", "PUMP-MEOP"),
    ("proof pressure", "PUMP-PROOF"),
    ("burst pressure", "PUMP-BURST"),
    ("sealing", "PUMP-SEALING"),
    ("external leakage", "PUMP-LEAK"),
    ("external leakage at proof", "PUMP-LEAK-PROOF"),
    ("propellant compatibility", "PUMP-WETTED"),
    ("running time in flight", "PUMP-LIFE"),
    ("starts in flight", "PUMP-STARTS"),
    ("life on the ground", "PUMP-LIFE-GROUND"),
    ("starts on the ground", "PUMP-STARTS-GROUND"),
    ("wear from acceptance to end of life", "PUMP-WEAR"),
    ("bearings", "MOTOR-BEARINGS"),
    ("critical speeds", "MOTOR-CRITICAL-SPEED"),
    ("insulation", "MOTOR-INSULATION"),
    ("test medium", "SET-TEST-MEDIUM"),
    ("cleanliness", "SET-CLEANLINESS"),
    ("mounting", "SET-MOUNTING"),
    ("random vibration", "PUMP-VIBRATION"),
    ("static acceleration", "PUMP-STATIC"),
    ("shock", "PUMP-SHOCK"),
    ("electromagnetic compatibility", "INVERTER-EMC"),
)
"""What a sheet says, by requirement; part loads follow the rated efficiency."""


def lines(drive: Drive) -> list[tuple[str, str]]:
    """Words and identifiers of the lines of one sheet.

    Parameters
    ----------
    drive : Drive
        One pump, its motor and inverter.

    Returns
    -------
    list of tuple of str
        Words and identifier.
    """
    loads = [
        (f"pump efficiency, {burn.burn} burn", f"PUMP-EFF-{name}") for name, burn in drive.part_loads.items()
    ]
    return [*LINES[:3], *loads, *LINES[3:]]


def sheet_table(specified: SpecifiedDesign, k: int, items: Sequence[Item]) -> Table:
    """The requirements of one pump, motor and inverter, a line each.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.
    k : int
        Index of the pump: oxidiser, fuel.
    items : sequence of Item
        Every requirement and entry of the specification.

    Returns
    -------
    Table
    """
    drive = Drive(specified, k, "")
    known = {s.identifier: s for s in items}
    rows: list[tuple[Cell, ...]] = []
    for words, name in lines(drive):
        s = known.get(f"{name}-{short(drive.point)}") or known.get(name)
        if s is None:
            continue
        none = np.isnan(s.value)
        rows.append(
            (
                words,
                "" if none else SIDES[s.side],
                None if none else as_written(s.value),
                unit_of(s),
                s.attributes.tolerance,
                accepted_words(s),
                " + ".join(s.attributes.methods),
                s.attributes.status,
                s.identifier,
            )
        )
    columns = header(
        "quantity | sense | required | unit | tolerance | accepted as measured | verified by | "
        "status | requirement"
    )
    p = drive.point
    notes = (
        f"Item: {p.liquid} pump for {drive.propellant} with {drive.built_as} and inverter, {drive.pieces:.0f} on the "
        "lander, for "
        f"{specified.design.engines:.0f} engines. Heritage: {_heritage(drive)}. Mass growth allowance "
        f"{100 * specified.growth('pumps'):.0f} % on top.",
        "A line without a value is a template (TBD) or a choice of design; the sentence stands in requirements.xlsx.",
    )
    return Table(
        f"sheet-{p.liquid}", f"{p.liquid.capitalize()} pump: requirements", columns, tuple(rows), notes
    )


def _heritage(drive: Drive) -> str:
    """Categories of pump, motor and inverter."""
    items = ("pump", "motor", "inverter")
    known = [(item, heritage(item, canned=drive.canned)) for item in items]
    return ", ".join(f"{item} {of.category}" for item, of in known if of is not None)


def duty_table(specified: SpecifiedDesign, k: int) -> Table:
    """What one pump does at its rated point and in each burn.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.
    k : int
        Index of the pump: oxidiser, fuel.

    Returns
    -------
    Table
    """
    p, duty, built = specified.pumps[k], specified.duties[k], specified.design.drives
    assert built is not None
    rated: tuple[Cell, ...] = (
        "rated point",
        None,
        100.0,
        specified.design.engines / built.sets,
        1e3 * p.flow,
        p.rise / BAR,
        as_written(p.speed * RPM),
        p.efficiency,
        p.shaft_power / 1e3,
        p.drive_power / 1e3,
        p.inlet_pressure / BAR,
        p.hottest_inlet - ZERO_CELSIUS,
        p.available,
        p.suction,
        p.winding_temperature - ZERO_CELSIUS,
    )
    rows: list[tuple[Cell, ...]] = [rated] + [
        (
            b.burn,
            b.duration * b.running,
            100.0 * b.throttle,
            b.engines,
            1e3 * b.flow,
            b.rise / BAR,
            as_written(b.speed * RPM),
            b.efficiency,
            b.shaft_power / 1e3,
            b.drive_power / 1e3,
            b.inlet_pressure / BAR,
            b.inlet_temperature - ZERO_CELSIUS,
            b.available,
            b.required,
            b.winding_temperature - ZERO_CELSIUS,
        )
        for b in duty
    ]
    columns = header(
        "point or burn | running [s]:0 | throttle [%]:0 | engines fed:0 | flow [L/s]:3 | rise [bar]:1 | "
        "speed [1/min]:0 | efficiency:3 | shaft power [kW]:2 | inverter input [kW]:2 | "
        "inlet pressure [bar]:1 | inlet [degC]:0 | suction head available [m]:1 | needed [m]:1 | "
        "windings [degC]:0"
    )
    time = sum(b.duration * b.running for b in duty)
    turns = sum(b.revolutions for b in duty)
    starts = first_value(specified.lander.residuals.starts)
    notes = (
        f"Together {time:.0f} s, {1e3 * round(turns / 1e3):.0f} revolutions, {starts:.0f} starts. "
        "The duty is that of the design at its required values and best estimates else; the rated point holds the "
        "design's margins on top, and its suction heads and inlet are those of the hottest propellant. "
        "Engines fed: by a running set; where fewer than all hold the lander, whole ones (the energy was counted with "
        "their mean). Windings: at the end of the burn, from the inlet's temperature at its beginning.",
    )
    return Table(
        f"duty-{p.liquid}",
        f"{p.liquid.capitalize()} pump: duty over the mission",
        columns,
        tuple(rows),
        notes,
    )


def on_a_sheet(specified: SpecifiedDesign) -> set[str]:
    """Identifiers of the requirements on a pump, motor or inverter that its sheet holds.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.

    Returns
    -------
    set of str
        Identifiers.
    """
    drives = [Drive(specified, k, "") for k in range(len(specified.pumps))]
    return {f"{name}-{short(drive.point)}" for drive in drives for _, name in lines(drive)}


def sheet_sections(specified: SpecifiedDesign, items: Sequence[Item]) -> tuple[Section, ...]:
    """One section, a page, for each pump.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.
    items : sequence of Item
        Every requirement and entry of the specification.

    Returns
    -------
    tuple of Section
        Oxidiser, fuel.
    """
    return tuple(
        Section(
            f"Specification sheet: {p.liquid} pump",
            (),
            (sheet_table(specified, k, items), duty_table(specified, k)),
            alone=True,
        )
        for k, p in enumerate(specified.pumps)
    )
