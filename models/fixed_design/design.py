"""The design that a programme fixes before it knows the realised lander: required values, margins, hardware built."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, TypeVar

import numpy as np

from models import quantity
from models.architectures import comparison, electric_pump, shared
from models.architectures.budget import Sizing
from models.components import battery, bus, thrust_chamber
from models.lander import Lander, Status, own_lander
from models.properties import helium
from models.quantity import STANDARD_GRAVITY, Numeric

T = TypeVar("T")


@dataclass(frozen=True)
class Margins(quantity.Specification):
    """What the design holds beyond its required values, for all that nobody can be required to deliver.

    Each is applied once, as a change of the design lander (`margined`) or of a rating, and is plain data.
    """

    specific_impulse: Annotated[float, "-", (0.0, 0.3)] = 0.0
    """Of the impulse predicted."""
    velocity: Annotated[float, "-", (0.0, 0.2)] = 0.0
    """Of the velocity increments, in addition to the lander's own reserve."""
    propellant: Annotated[float, "-", (0.0, 0.2)] = 0.0
    """Of the main propellant, loaded beyond residuals."""
    helium: Annotated[float, "-", (0.0, 1.0)] = 0.0
    """Of the helium predicted."""
    band: Annotated[float, "Pa", (0.0, 1e6)] = 0.0
    """Of the tanks' pressure beyond the regulator band."""
    soak: Annotated[float, "K", (0.0, 30.0)] = 0.0
    """Of the rise of full tanks before they are pressurised, and of pressurised ones."""
    inlet_temperature: Annotated[float, "K", (0.0, 30.0)] = 0.0
    """Of the propellant at the pump's inlet, for suction: a pump for 20 C is bought for 35 C."""
    power: Annotated[float, "-", (0.0, 2.0)] = 0.0
    """Of shaft, motor, inverter, harness and battery power."""
    energy: Annotated[float, "-", (0.0, 2.0)] = 0.0
    """Of the energy held by the battery."""
    battery_temperature: Annotated[float, "K", (0.0, 60.0)] = 0.0
    """Below the highest that the cells bear."""
    bus_sharing: Annotated[float, "-", (0.0, 1.0)] = 0.0
    """Of the bus battery's share that the design counts on, not relied upon."""


NO_MARGINS = Margins()
"""No margins: the design is exactly that of `comparison.size`."""


def margined(lander: Lander, margins: Margins) -> Lander:
    """The lander whose best design holds the margins: each a change of one leaf (ratings: of the leaves behind them).

    Required specific powers hold at the demand, not at the rating, so they are divided as the predicted ones are.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    margins : Margins
        Each a share by which a rating or load exceeds what the design needs.

    Returns
    -------
    Lander
        With the leaves that hold the margins.
    """
    more = 1.0 + margins.power
    return quantity.substitute(
        lander,
        {
            "thrust_chamber.efficiency": lander.thrust_chamber.efficiency * (1.0 - margins.specific_impulse),
            "mission.reserve_factor": lander.mission.reserve_factor + margins.velocity,
            "residuals.fraction": lander.residuals.fraction + margins.propellant,
            "pressurant.helium_multiplier": lander.pressurant.helium_multiplier * (1.0 + margins.helium),
            "tank.regulator_band": lander.tank.regulator_band + margins.band,
            "tank.soak_rise": lander.tank.soak_rise + margins.soak,
            "tank.pressurised_rise": lander.tank.pressurised_rise + margins.soak,
            "pump_inlet_heating": lander.pump_inlet_heating + margins.inlet_temperature,
            "power_limit": lander.power_limit / more,
            "energy_limit": lander.energy_limit / (1.0 + margins.energy),
            "motor.specific_torque": lander.motor.specific_torque / more,
            "motor.specific_power": lander.motor.specific_power / more,
            "motor.required_specific_power": lander.motor.required_specific_power / more,
            "inverter.specific_power": lander.inverter.specific_power / more,
            "inverter.required_specific_power": lander.inverter.required_specific_power / more,
            "battery.specific_power": lander.battery.specific_power / more,
            "battery.usable_multiplier": lander.battery.usable_multiplier / (1.0 + margins.energy),
            "battery.maximum_temperature": lander.battery.maximum_temperature - margins.battery_temperature,
            "battery.bus_share": lander.battery.bus_share * (1.0 - margins.bus_sharing),
        },
    )


@dataclass(frozen=True)
class FixedLine:
    """One drive as built: pump, motor and inverter of one propellant of one pump set."""

    flow: float
    """m3/s, rated."""
    work: float
    """J/kg of the pump at its rated point."""
    speed: float
    """rad/s, rated."""
    pump_power: float
    """W at the shaft for which the pump was sized: its mass follows."""
    shaft_rating: float
    """W at the shaft, with the power margin: motor and shaft."""
    inverter_rating: float
    """W of inverter output, with the power margin."""


@dataclass(frozen=True)
class FixedDrives:
    """All that electric pumps add, as built."""

    lines: tuple[FixedLine, FixedLine]
    """Oxidiser, fuel."""
    sets: float
    """Pump sets that run."""
    spares_per_set: float
    """Pumps with their motors that stand by in each set."""
    power_rating: float
    """W of all pumps at the battery's main bus: harness and converter, and the allocation that is to be kept."""
    cells: float
    """In the pumps' own battery."""
    depth: float
    """Window of charge that may be used."""
    bus_cells: float
    """In the bus battery, of which a share may be lent."""
    inverter_heat: float
    """W for which the cold plates were sized."""
    sink_energy: float
    """J for which the sinks were sized."""


@dataclass(frozen=True)
class FixedDesign:
    """A lander's propulsion as built: scalars, SI, plain data."""

    launch_mass: float
    """kg."""
    thrust: float
    """N of all engines at the rated point."""
    engines: float
    """Number."""
    mixture_ratio: float
    """Oxidiser over fuel, by mass."""
    chamber_pressure: float
    """Pa at the rated point."""
    area_ratio: float
    """Nozzle exit over throat."""
    throat_area: float
    """m2, one engine."""
    nozzle_surface: float
    """m2, one engine."""
    engine_length: float
    """m."""
    exit_diameter: float
    """m."""
    characteristic_velocity: float
    """m/s at the rated point."""
    flow: float
    """kg/s of one engine at the rated point."""
    tank_number: float
    """Of each propellant."""
    tank_pressures: tuple[float, float]
    """Pa, regulated, or what they blow down to: oxidiser, fuel."""
    tank_volumes: tuple[float, float]
    """m3 of one tank: oxidiser, fuel."""
    maximum_pressures: tuple[float, float]
    """Pa for which the tanks were built: oxidiser, fuel."""
    loads: tuple[float, float]
    """kg in the main tanks: oxidiser, fuel."""
    thruster_load: float
    """kg in the thrusters' own tanks; 0 where the main tanks feed them."""
    bottle_volume: float
    """m3, all together."""
    helium: float
    """kg loaded."""
    helium_correction: float
    """Marched helium of the design over the correlation's."""
    landed_mass: float
    """kg for which the legs were built."""
    margins: Margins
    """With which it was sized."""
    drives: FixedDrives | None
    """None: pressure-fed."""


def design(architecture: ModuleType, lander: Lander, margins: Margins | None = None) -> FixedDesign:
    """The best design of `architecture` (`pressure_fed` or `electric_pump`) at the values of `lander`, with `margins`.

    A scalar lander whose leaves hold the required values.

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    lander : Lander
        Scalar, its leaves at the required values.
    margins : Margins, optional
        Of the design's ratings and loads; none where they are not given.

    Returns
    -------
    FixedDesign

    Raises
    ------
    ValueError
        Where the lander has no design, with the status that says why.
    """
    found = designs(architecture, lander, margins)[0]
    if isinstance(found, Status):
        raise ValueError(
            f"no fixed design: {architecture.__name__.rpartition('.')[2]} at the required values and margins is "
            f"{found.name.lower().replace('_', ' ')}; relax a required value or a margin"
        )
    return found


def designs(
    architecture: ModuleType, lander: Lander, margins: Margins | None = None
) -> tuple[FixedDesign | Status, ...]:
    """`design` for every row of a lander whose leaves hold (n,) sets of required values, in one search; the status of
    those that have none.  No row depends on its neighbours: each is what `design` gives for it alone.

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    margins : Margins, optional
        Of the design's ratings and loads; none where they are not given.

    Returns
    -------
    tuple of FixedDesign or Status
        One for each of the n rows.
    """
    margins = Margins() if margins is None else margins
    lander = own_lander(lander, pumped=architecture is electric_pump)
    n = quantity.rows(lander)
    best = comparison.size(architecture, margined(lander, margins))
    return tuple(
        status
        if (status := Status(int(best.sizing.status[k]))) is not Status.GOOD
        else _fixed(architecture, _single(lander, k), _row(best.sizing, k), _single(best.lander, k), margins)
        for k in range(n)
    )


def design_case(architecture: ModuleType, lander: Lander, margins: Margins) -> comparison.Best:
    """The budget that `design` is fixed from: the best design of a scalar lander that takes all its margins.

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    lander : Lander
        Scalar, its leaves at the required values.
    margins : Margins
        Of the design's ratings and loads.

    Returns
    -------
    Best
        Its chamber pressure, flows, tanks and loads are those of the fixed design.

    Examples
    --------
    >>> fixed = design(electric_pump, Lander(), Margins(specific_impulse=0.04))
    >>> case = design_case(electric_pump, Lander(), Margins(specific_impulse=0.04))
    >>> float(case.sizing.chamber_pressure[0]) == fixed.chamber_pressure
    True
    """
    own = own_lander(lander, pumped=architecture is electric_pump)
    return comparison.size(architecture, margined(own, margins))


def designs_with(
    architecture: ModuleType, lander: Lander, margins: Sequence[Margins]
) -> tuple[FixedDesign | Status, ...]:
    """`design` of one scalar lander with each of several sets of margins, in one search; the status of those that have
    none.

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    lander : Lander
        Scalar.
    margins : sequence of Margins
        One design for each.

    Returns
    -------
    tuple of FixedDesign or Status
        In the order of `margins`.
    """
    lander = own_lander(lander, pumped=architecture is electric_pump)
    best = comparison.size(architecture, quantity.stacked([margined(lander, each) for each in margins]))
    return tuple(
        status
        if (status := Status(int(best.sizing.status[k]))) is not Status.GOOD
        else _fixed(architecture, lander, _row(best.sizing, k), _single(best.lander, k), each)
        for k, each in enumerate(margins)
    )


def _single(lander: Lander, k: int) -> Lander:
    """The scalar lander of row k."""
    arrays = {
        name: float(value[k if len(value) > 1 else 0])
        for name, value in quantity.flatten(lander).items()
        if isinstance(value, np.ndarray)
    }
    return quantity.substitute(lander, arrays) if arrays else lander


def _row(tree: T, k: int) -> T:
    """Row k alone of a tree of results: the last axis of every array in it, as arrays of one."""
    if isinstance(tree, np.ndarray):
        return tree[..., k : k + 1] if tree.ndim and tree.shape[-1] > 1 else tree  # type: ignore[return-value]
    if dataclasses.is_dataclass(tree):
        own = {f.name: _row(getattr(tree, f.name), k) for f in dataclasses.fields(tree)}
        return dataclasses.replace(tree, **own)  # type: ignore[type-var]
    if isinstance(tree, Mapping):
        return {name: _row(value, k) for name, value in tree.items()}  # type: ignore[return-value]
    if isinstance(tree, list):
        return [_row(value, k) for value in tree]  # type: ignore[return-value]
    return tree


def _fixed(
    architecture: ModuleType, lander: Lander, sizing: Sizing, chosen: Lander, margins: Margins
) -> FixedDesign:
    """The hardware of one best design; `chosen` is its lander with margins and best ullage, `lander` without."""
    pumped = architecture is electric_pump
    pressure, ratio = float(sizing.chamber_pressure[0]), float(sizing.area_ratio[0])
    propulsion_of = shared.fly(chosen, lander.launch_mass, pressure, ratio, pumped=pumped)
    delivered = thrust_chamber.performance(
        chosen.thrust_chamber, chosen.propellants, pressure, chosen.mixture_ratio, ratio
    )
    thrust = _scalar(chosen.thrust)
    each = thrust / float(lander.engines)
    shape = thrust_chamber.geometry(
        chosen.thrust_chamber, each, pressure, delivered.thrust_coefficient, ratio
    )
    storage = sizing.storage
    return FixedDesign(
        launch_mass=float(lander.launch_mass),
        thrust=thrust,
        engines=float(lander.engines),
        mixture_ratio=_scalar(chosen.mixture_ratio),
        chamber_pressure=pressure,
        area_ratio=ratio,
        throat_area=_scalar(shape.throat_area),
        nozzle_surface=_scalar(shape.nozzle_surface),
        engine_length=_scalar(shape.length),
        exit_diameter=_scalar(shape.exit_diameter),
        characteristic_velocity=_scalar(delivered.characteristic_velocity),
        flow=_scalar(each / (STANDARD_GRAVITY * delivered.specific_impulse)),
        tank_number=float(lander.tank.number),
        tank_pressures=(_scalar(sizing.oxidiser_tank_pressure), _scalar(sizing.fuel_tank_pressure)),
        tank_volumes=(_scalar(storage.oxidiser_tank_volume), _scalar(storage.fuel_tank_volume)),
        maximum_pressures=(
            _scalar(storage.oxidiser_maximum_pressure),
            _scalar(storage.fuel_maximum_pressure),
        ),
        loads=(_scalar(propulsion_of.oxidiser), _scalar(propulsion_of.fuel)),
        thruster_load=_scalar(propulsion_of.thruster_load),
        bottle_volume=0.0 if shared.blows_down(lander) else _bottle_volume(chosen, _scalar(storage.helium)),
        helium=_scalar(storage.helium),
        helium_correction=_scalar(chosen.pressurant.helium_multiplier)
        / (float(lander.pressurant.helium_multiplier) * (1.0 + margins.helium)),
        landed_mass=_scalar(propulsion_of.flight.landed_mass),
        margins=margins,
        drives=_drives(chosen, lander, sizing, margins) if pumped else None,
    )


def _scalar(value: Numeric) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def _bottle_volume(lander: Lander, helium_mass: float) -> float:
    full = helium.density(lander.pressurant.bottle_pressure, lander.propellant_temperature)
    return helium_mass / _scalar(full)


def _drives(chosen: Lander, lander: Lander, sizing: Sizing, margins: Margins) -> FixedDrives:
    """The drives of a best design with their ratings; `chosen` is the lander with its margins, `lander` without."""
    more = 1.0 + margins.power
    drives = sizing.drives
    assert drives is not None
    lines = [
        FixedLine(
            flow=_scalar(line.flow),
            work=_scalar(line.rise / line.density),
            speed=_scalar(line.pump.speed),
            pump_power=_scalar(line.pump.shaft_power),
            shaft_rating=_scalar(line.pump.shaft_power) * more,
            inverter_rating=_scalar(line.motor.electric_power) * more,
        )
        for line in drives.rated
    ]
    cells = chosen.battery
    own = bus.stored_energy(chosen.bus) / (cells.specific_energy * drives.usable_factor)
    power = _scalar(sizing.electric_power)
    return FixedDrives(
        lines=(lines[0], lines[1]),
        sets=float(lander.pump_sets),
        spares_per_set=float(lander.spares_per_set),
        power_rating=min(power * more, float(lander.power_limit)),
        cells=_scalar(battery.cells(sizing.masses["battery"], cells)),
        depth=_scalar(cells.depth),
        bus_cells=_scalar(battery.cells(own, cells)),
        inverter_heat=_scalar(drives.inverter_heat),
        sink_energy=_scalar(drives.sink_energy),
    )
