"""The whole specification: system, drives and set, each requirement once, in the order in which a reader needs them."""

from __future__ import annotations

import numpy as np

from models.components import battery
from models.fixed_design.flight import FixedTrade
from models.fixed_design.operating_point import set_power
from models.quantity import ZERO_CELSIUS, first_value
from studies.analysis.requirements import Requirements
from studies.analysis.specified_design import SpecifiedDesign, specified_design
from studies.presentation.names_and_units import counted
from studies.presentation.specification.drive import ESTIMATE, FIXED, NOT_FROM_HERE, Drive, written
from studies.presentation.specification.motor_entries import motor_entries
from studies.presentation.specification.pump_entries import pump_entries
from studies.presentation.specification.requirement_wording import (
    energy_words,
    rating_words,
    sentences,
    set_energy_step,
    set_power_step,
)
from studies.presentation.specification.system import SET, WORKS, parent_of, system_entries
from studies.presentation.specification.verification import SUPPLIER, attributes
from uq.requirements import Entry, Statement
from uq.requirements.types import Side

Item = Statement | Entry


def specification(requirements: Requirements) -> tuple[Item, ...]:
    """Every requirement of the case: those of the system, those that fresh runs stand behind, then those of the fixed
    design and the templates.  What fresh runs stand behind is not said a second time.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    tuple of Item
        In the order of the document.
    """
    statements = sentences(requirements)
    entries = list(system_entries(requirements))
    specified = specified_design(requirements)
    if specified is not None:
        parent = parent_of(requirements)
        for k in range(len(specified.pumps)):
            drive = Drive(specified, k, parent)
            entries += [*pump_entries(drive), *motor_entries(drive)]
        built = requirements.design.built(requirements.chosen)
        assert built is not None  # a specified design is one of its two
        entries += _set_entries(specified, built, parent)
    held = {s.identifier for s in statements}
    system = [e for e in entries if not e.attributes.parent]
    return (*system, *statements, *(e for e in entries if e.attributes.parent and e.identifier not in held))


def _set_entries(specified: SpecifiedDesign, built: FixedTrade, parent: str) -> list[Entry]:
    lander = specified.lander
    series = specified.pack[0]
    full = series * first_value(battery.open_circuit_voltage(1.0, lander.battery))
    origin = FIXED if specified.required else ESTIMATE

    def entry(
        name: str,
        kind: str,
        text: str,
        value: float = np.nan,
        unit: str = "",
        side: Side | None = None,
        *,
        rationale: str,
        step: str = "",
        item: str = SET,
        origin: str = origin,
        owner: str = "",
    ) -> Entry:
        template = origin == NOT_FROM_HERE
        limits = {"at least": "not below", "at most": "not above"}
        return Entry(
            identifier=f"SET-{name}",
            text=text.format(value=f"{written(value)} {unit}"),
            value=float(written(value)),
            unit=unit,
            side=side,
            rationale=f"{rationale} {step}".strip(),
            attributes=attributes(
                item,
                kind,
                value,
                parent=parent if kind.startswith("set ") else WORKS,
                origin=origin,
                status="TBD" if template else "TBC",
                tolerance=limits[side] if side else "",
                owner=owner,
                canned=specified.canned,
            ),
        )

    drives, margins = specified.design.drives, specified.design.margins
    assert drives is not None
    return [
        entry(
            "POWER",
            "set power",
            "All pump drives together should draw at most {value} at the battery's main-bus terminals at full "
            "thrust, house load excluded, as a mean over 1 s.",
            drives.power_rating / 1e3,
            "kW",
            "at most",
            rationale=f"Not in a set of requirements. {rating_words(built)}.",
            step=set_power_step(specified),
        ),
        entry(
            "DRAW",
            "set power",
            "All pump drives together should draw at most {value} at the battery's main-bus terminals with every pump "
            "at the nominal flow and rise of its rated point, house load excluded, as a mean over 1 s.",
            set_power(specified.pumps, built) / 1e3,
            "kW",
            "at most",
            rationale="DRIVE-INPUT of all drives and what the harness loses; in the hottest propellant less, for which "
            "SET-POWER was counted. Nominal: SET-POWER is the rating, with its margin.",
            step=set_power_step(specified),
        ),
        entry(
            "ENERGY",
            "set energy",
            "All pump drives together should draw at most {value} at the battery's main-bus terminals "
            "over all burns and "
            "starts of the reference mission.",
            (1.0 + margins.energy) * specified.column("electric_energy") / 3.6e6,
            "kWh",
            "at most",
            rationale=f"Not in a set of requirements. {energy_words(specified)}",
            step=set_energy_step(specified),
        ),
        entry(
            "VOLTAGE-LEAST",
            "voltage",
            "All pump drives shall meet their requirements at a bus voltage down to {value}.",
            series * first_value(lander.battery.cell_cutoff_voltage),
            "V",
            "at most",
            rationale=f"All {series} cells in series at their cut-off voltage.",
            step="No cost of a step: the number of cells in series sets it.",
        ),
        entry(
            "VOLTAGE-MOST",
            "voltage",
            "All pump drives shall meet their requirements at a bus voltage up to {value}.",
            full,
            "V",
            "at least",
            rationale=f"All {series} cells in series full and without load.",
            step="No cost of a step: the number of cells in series sets it.",
        ),
        entry(
            "INRUSH",
            "test",
            "All pump drives together shall draw at most TBD kW while they spin up.",
            origin=NOT_FROM_HERE,
            rationale="The energy of a start was counted as "
            f"{first_value(lander.residuals.spin_up_duration):.3g} s of full power; its peak was not simulated.",
            owner=SUPPLIER,
        ),
        entry(
            "INRUSH-DURATION",
            "test",
            "All pump drives together shall draw more than SET-POWER for at most TBD s in a start.",
            origin=NOT_FROM_HERE,
            rationale="What fuses and bus bear for so long.",
            owner=SUPPLIER,
        ),
        entry(
            "THRUST",
            "test",
            "All pump drives shall hold the thrust within TBD % of a constant command.",
            origin=NOT_FROM_HERE,
            rationale="The speeds of both pumps command the thrust.",
        ),
        entry(
            "THRUST-BANDWIDTH",
            "test",
            "All pump drives shall follow a command of thrust up to TBD Hz.",
            origin=NOT_FROM_HERE,
            rationale="What guidance asks for in the landing.",
        ),
        entry(
            "MIXTURE",
            "test",
            "All pump drives shall hold the mixture ratio within TBD % of command.",
            origin=NOT_FROM_HERE,
            rationale="The speeds of both pumps command the mixture ratio; what is out of it stays in the tanks.",
        ),
        entry(
            "COLD",
            "test",
            "All pump drives shall start with hardware from TBD degC on.",
            origin=NOT_FROM_HERE,
            rationale="The coldest hardware after a coast was not simulated.",
        ),
        entry(
            "COLD-PROPELLANT",
            "test",
            "All pump drives shall start with propellant from TBD degC on.",
            origin=NOT_FROM_HERE,
            rationale=f"Propellant is loaded at {first_value(lander.propellant_temperature) - ZERO_CELSIUS:.0f} degC.",
        ),
        entry(
            "DEBRIS",
            "design and test",
            "All pump drives shall run with particles of up to TBD um in the propellant.",
            origin=NOT_FROM_HERE,
            rationale="Filters and gaps are to be agreed.",
        ),
        *(
            entry(
                name,
                "design",
                f"All pump drives shall have the {what} of TBD.",
                origin=NOT_FROM_HERE,
                rationale="Of the lander's interface control document.",
            )
            for name, what in (
                ("FLANGES", "flanges"),
                ("CONNECTORS", "electrical connectors"),
                ("TELEMETRY", "telemetry"),
                ("COMMANDS", "commands"),
            )
        ),
        entry(
            "FAILURE",
            "design and test",
            "The failure of one drive shall damage no other (containment: TBD).",
            origin=NOT_FROM_HERE,
            rationale=f"The design has {counted(drives.sets, 'pump set')} and "
            f"{counted(drives.sets * drives.spares_per_set, 'spare')}.",
        ),
        entry(
            "DOSE",
            "design and test",
            "All inverters shall bear a total ionising dose of TBD krad.",
            item="inverters",
            origin=NOT_FROM_HERE,
            rationale="Of the mission's environment.",
        ),
        entry(
            "LATCH-UP",
            "design and test",
            "All inverters shall suffer no destructive single-event effect up to TBD MeV cm2/mg.",
            item="inverters",
            origin=NOT_FROM_HERE,
            rationale="Of the mission's environment.",
        ),
    ]
