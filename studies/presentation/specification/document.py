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
from studies.presentation.specification.step_words import signed
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
    cutoff = first_value(lander.battery.cell_cutoff_voltage)
    pack_mass = specified.masses["battery"]
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
            identifier=name if name.startswith("BATTERY-") else f"SET-{name}",
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
    cell_energy = first_value(lander.battery.cell_capacity * lander.battery.cell_voltage)
    lent = first_value(lander.battery.bus_share) * drives.bus_cells * cell_energy
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
            "BATTERY-STORED",
            "stored energy",
            "The battery pack should store at least {value} when new.",
            pack_mass * first_value(lander.battery.specific_energy) / 3600.0,
            "Wh",
            "at least",
            item="battery",
            rationale="Pack mass times its specific energy. The drives draw more over the mission (SET-ENERGY): "
            f"it is recharged between burns. The model takes {series} cells in series and as many strings as the "
            "energy asks; the size of a cell is the supplier's.",
            step=set_energy_step(specified),
        ),
        entry(
            "BATTERY-MASS",
            "mass",
            "The battery pack should weigh at most {value}, casing and connectors included, the programme's growth "
            "allowance excluded.",
            pack_mass,
            "kg",
            "at most",
            item="battery",
            rationale="What the design was sized with.",
            step=f"A step, one per cent more: {signed(-0.01 * pack_mass * (1.0 + specified.growth('battery')))} kg of "
            "payload, its growth in it.",
        ),
        entry(
            "BATTERY-DRAW",
            "battery power",
            f"The battery pack{' with BATTERY-LENT' if lent > 0.0 else ''} should deliver at least {{value}} at "
            "SET-VOLTAGE-LEAST when full thrust ends.",
            specified.column("electric_power") / 1e3,
            "kW",
            "at least",
            item="battery",
            rationale="What all drives draw in flight at full thrust, house load excluded: "
            f"{written(specified.column('electric_power') / (series * cutoff))} A at that voltage.",
            step=set_power_step(specified),
        ),
        *(
            [
                entry(
                    "BATTERY-LENT",
                    "available",
                    "The lander shall lend the pump drives {value} of the bus battery's stored energy.",
                    lent / 3600.0,
                    "Wh",
                    "at least",
                    item="lander",
                    rationale=f"{100.0 * first_value(lander.battery.bus_share):.3g} % of the bus battery, of the case: "
                    "its cells carry the current of the drives in parallel with the pack.",
                    step="No cost of a step: the bus battery is sized for the house load.",
                )
            ]
            if lent > 0.0
            else []
        ),
        entry(
            "VOLTAGE-LEAST",
            "voltage",
            "All pump drives shall meet their requirements at a bus voltage down to {value}.",
            series * cutoff,
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
            "TEST-MEDIUM",
            "test",
            "All pump drives shall be accepted in a test with TBD as the medium.",
            origin=NOT_FROM_HERE,
            rationale="Water or propellant simulant: density, vapour pressure and viscosity of the propellants "
            "stand in the sheet propellants, by which readings are brought to the rated point.",
        ),
        entry(
            "CLEANLINESS",
            "design and test",
            "All pump drives shall be delivered clean to TBD.",
            origin=NOT_FROM_HERE,
            rationale="Of the lander's propellant system.",
        ),
        entry(
            "MOUNTING",
            "design",
            "All pump drives shall be mounted by TBD.",
            origin=NOT_FROM_HERE,
            rationale="Of the lander's interface control document: points, loads and stiffness of the structure.",
        ),
        entry(
            "BASE-PLATE",
            "test",
            "All inverters shall meet their requirements with a base plate of up to TBD degC.",
            item="inverters",
            origin=NOT_FROM_HERE,
            rationale="The plate stores an inverter's heat during a burn (INVERTER-HEAT) and gives it off after.",
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
