"""What a supplier reads first: what to build, what to bid, how it is accepted, and what words mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from models.architectures.shared import liquids
from models.properties import propellants
from models.quantity import BAR, STANDARD_GRAVITY, ZERO_CELSIUS, first_value
from studies.analysis.requirements import Requirements
from studies.analysis.specified_design import SpecifiedDesign
from studies.presentation.specification.document import Item
from studies.presentation.specification.drive import Drive
from studies.presentation.specification.verification import SUPPLIER
from uq.core.estimate import CONFIDENCE
from uq.core.table import Cell, Table, header
from uq.requirements import Statement


def scope_table(
    requirements: Requirements, specified: SpecifiedDesign | None, items: Sequence[Item]
) -> Table:
    """The first page of the workbook.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.
    specified : SpecifiedDesign or None
        The fixed design that the requirements belong to.
    items : sequence of Item
        Every requirement and entry of the specification.

    Returns
    -------
    Table
        Subject and what is to be known of it.
    """
    status = Counter(s.attributes.status for s in items)
    binding = sum(" shall " in s.text for s in items)
    rows: list[tuple[Cell, ...]] = [
        (
            "purpose",
            f"Requirements on the electric pump drives of a lander, for bids: {requirements.case.title}.",
        ),
    ]
    if specified is not None:
        rows += [("to be built for each lander", words) for words in _to_be_built(specified)]
    rows += [
        (
            "models",
            "Number of development, qualification, flight and spare models, and their delivery: TBD by the lander "
            "prime with the call; not from this analysis.",
        ),
        (
            "what binds",
            f"{binding} sentences say shall: they are required. {len(items) - binding} say should: what the lander's "
            "design was sized with; a bid states its own value. Where two sheets seem to differ, the sheet "
            "requirements holds.",
        ),
        (
            "what a bid states",
            "For each line of the sheets sheet-oxidiser and sheet-fuel: the offered value, its uncertainty, and "
            "whether it is measured, analysed or estimated; for each deviation the value that can be met. "
            f"{_named(items)} `lander-uq offer` judges such a bid.",
        ),
        (
            "how it is verified",
            "Method, level, stage and the reading at which a requirement is accepted stand in the sheet verification "
            "control; the guard band is the expanded uncertainty (factor 2) of the test, to be agreed with the bench.",
        ),
        (
            "open points",
            f"{status['confirmed']} requirements are confirmed, {status['TBC']} to be confirmed (TBC), "
            f"{status['TBD']} to be determined (TBD); who closes each, and by which review, stands in its row. "
            "Calendar dates are the programme's.",
        ),
    ]
    statements = [s for s in items if isinstance(s, Statement)]
    if statements:
        one = statements[0]
        rows.append(
            (
                "what stands behind it",
                f"Compliance under all requirements of the set: {one.probability:.2f}, with a confidence of "
                f"{CONFIDENCE:g} between {one.interval[0]:.2f} and {one.interval[1]:.2f}, from {one.runs} fresh runs; "
                f"wanted of the set {one.wanted:.2f}. Today's knowledge of such drives, and the margin to it, stand in "
                "the sheet parameters.",
            )
        )
    rows += [
        (
            "rated point",
            "Flow, rise and speed for which pump, motor and inverter are built; the duty over the mission lies below "
            "it by the design's margins (on the same sheet, below the requirements).",
        ),
        (
            "flow, rise, head",
            "Volume flow at the inlet; rise of total pressure from inlet to outlet flange; head is rise over density "
            "and standard gravity (sheet propellants).",
        ),
        (
            "efficiency",
            "Of a pump: flow times rise over shaft power, internal leakage included. Of a motor: shaft power over "
            "power at its terminals. Of an inverter: output over input.",
        ),
        (
            "end of life",
            "After PUMP-LIFE and PUMP-STARTS in flight, and what PUMP-LIFE-GROUND asks before. What holds at end of "
            "life is accepted on a new unit at the accepted reading and the allowance of PUMP-WEAR on top (TBD: until "
            "it is set, at the accepted reading of a unit after the life test).",
        ),
        (
            "mass",
            "Of one item, dry, with what its sentence names; without growth allowance, which the lander prime holds.",
        ),
        (
            "probabilities",
            "Compliance: share of realised landers that meet all limits. Wanted probability: the compliance that is "
            f"asked for, {requirements.case.wanted_probability:.2f} of the system. Confidence: of an interval, always "
            f"{CONFIDENCE:g}. Probability of delivery: that a supplier meets a requirement by today's knowledge. "
            "Quantiles: minimum and maximum of the sheet parameters. No number of one stands for another.",
        ),
        (
            "units",
            "SI, with bar (0.1 MPa; pressures are absolute), L/s, 1/min, degC, kWh. "
            "Values are meant to the digits shown.",
        ),
        (
            "standards",
            "Written after ECSS-E-ST-10-06C (requirements) and ECSS-E-ST-10-02C (verification, heritage A to D); guard "
            "bands after JCGM 106:2012. Factors of proof and burst are judgement, to be agreed against "
            "ECSS-E-ST-32-02C.",
        ),
    ]
    return Table("scope", f"Scope: {requirements.case.title}", header("subject | what it is"), tuple(rows))


def _to_be_built(specified: SpecifiedDesign) -> list[str]:
    built = specified.design.drives
    assert built is not None
    number = built.sets * (1.0 + built.spares_per_set)
    return [
        f"{number:.0f} x {p.liquid} pump for {drive.propellant}, {drive.built_as}, with its motor and inverter."
        for p, drive in ((p, Drive(specified, k, "")) for k, p in enumerate(specified.pumps))
    ]


def _named(items: Sequence[Item]) -> str:
    """What a supplier determines, in words."""
    families = dict.fromkeys(
        s.identifier.removesuffix("-OX").removesuffix("-FU") for s in items if s.attributes.owner == SUPPLIER
    )
    return f"It proposes values for {', '.join(families)}." if families else ""


def propellant_table(specified: SpecifiedDesign) -> Table:
    """Density, vapour pressure and viscosity at the inlet of each pump, and the rated rise as head.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.

    Returns
    -------
    Table
    """
    lander = specified.lander
    pair = lander.propellants
    difference = first_value(lander.fuel_temperature_difference)
    rows: list[tuple[Cell, ...]] = []
    for k, p in enumerate(specified.pumps):
        for words, temperature in (("rated point", p.inlet_temperature), ("hottest inlet", p.hottest_inlet)):
            of = liquids(lander, temperature - k * difference)
            density = first_value((of.oxidiser_density, of.fuel_density)[k])
            vapour = first_value((of.oxidiser_vapour_pressure, of.fuel_vapour_pressure)[k])
            liquid = (pair.oxidiser, pair.fuel)[k]
            rows.append(
                (
                    liquid.name,
                    words,
                    temperature - ZERO_CELSIUS,
                    density,
                    vapour / BAR,
                    1e3 * first_value(propellants.viscosity(liquid, temperature)),
                    p.head,
                    p.head * STANDARD_GRAVITY * density / BAR,
                )
            )
    columns = header(
        "propellant | at | temperature [degC]:1 | density [kg/m3]:0 | vapour pressure [bar] | "
        "viscosity [mPa s] | rated head [m]:1 | rise of that head [bar]"
    )
    note = (
        "The pump is built for flow and head: at the hottest inlet the same head is a lower rise, less power."
    )
    return Table("propellants", "Propellants at the inlets of the pumps", columns, tuple(rows), (note,))
