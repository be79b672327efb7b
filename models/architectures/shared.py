"""What both architectures share: engines, flight, propellant loads, tanks and helium.

The same engine, the same scatter, the same tanks: the two architectures differ only in what their own modules add.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.components import (
    pressurant,
    pressurisation,
    reaction_control,
    residuals,
    tank,
    thrust_chamber,
)
from models.components.pressurisation import Burn, Ullage
from models.flight import mission
from models.flight.mission import Flight
from models.lander import Lander
from models.properties import propellants
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Liquids:
    """Properties of both propellants at the loading temperature (and of the oxidiser and fuel vapour), SI."""

    oxidiser_density: FloatArray
    fuel_density: FloatArray
    oxidiser_vapour_pressure: FloatArray
    fuel_vapour_pressure: FloatArray


def liquids(lander: Lander, temperature: Numeric) -> Liquids:
    """Densities (kg/m3) and vapour pressures (Pa) of both propellants, the oxidiser at `temperature` (K)."""
    pair = lander.propellants
    cold, warm = of_both(lander, temperature)
    return Liquids(
        propellants.density(pair.oxidiser, cold),
        propellants.density(pair.fuel, warm),
        propellants.vapour_pressure(pair.oxidiser, cold),
        propellants.vapour_pressure(pair.fuel, warm),
    )


def of_both(lander: Lander, temperature: Numeric) -> tuple[Numeric, Numeric]:
    """Temperatures of oxidiser and fuel in K where the oxidiser's is `temperature`."""
    return temperature, temperature + lander.fuel_temperature_difference


def liquid(lander: Lander) -> NDArray[np.bool_]:
    """Whether both propellants are liquids of known properties: as loaded, at a pump's inlet, in the hottest soak.

    Storables are at home at 5 to 35 C, LOX and LCH4 at one temperature from 92 to 120 K: both subcooled.
    """
    inlet = lander.propellant_temperature + lander.pump_inlet_heating
    known = [
        np.isfinite(propellants.density(each, own))
        for temperature in (lander.propellant_temperature, inlet, lander.tank.soak_temperature)
        for each, own in zip(
            (lander.propellants.oxidiser, lander.propellants.fuel), of_both(lander, temperature), strict=True
        )
    ]
    return np.asarray(np.logical_and.reduce(np.broadcast_arrays(*known)))


@dataclass(frozen=True)
class Propulsion:
    """Engines, flight and loads at one chamber pressure and area ratio."""

    specific_impulse: FloatArray
    engine_mass: FloatArray
    """All main engines, kg."""
    engine_length: FloatArray
    exit_diameter: FloatArray
    flight: Flight
    main_propellant: FloatArray
    """Burnt in the main engines, kg."""
    thruster_propellant: FloatArray
    residual: FloatArray
    start_loss: FloatArray
    oxidiser: FloatArray
    """Loaded, kg."""
    fuel: FloatArray


def fly(
    lander: Lander, launch_mass: Numeric, chamber_pressure: Numeric, area_ratio: Numeric, *, pumped: bool
) -> Propulsion:
    """Size the engines for a chamber pressure (Pa) and area ratio, and fly the mission from `launch_mass` (kg)."""
    chamber = lander.thrust_chamber
    performance = thrust_chamber.performance(
        chamber, lander.propellants, chamber_pressure, lander.mixture_ratio, area_ratio
    )
    thrust = lander.thrust / lander.engines
    geometry = thrust_chamber.geometry(
        chamber, thrust, chamber_pressure, performance.thrust_coefficient, area_ratio
    )
    engine = thrust_chamber.mass(chamber, thrust, chamber_pressure, geometry.nozzle_surface)
    # A jacket that an engine so small can hardly close is no design: only the radiation-cooled branch is left.
    closes = thrust_chamber.regenerative_shortfall(chamber, thrust, chamber_pressure) < 0.5
    engine = np.where(closes, engine, np.nan)
    thrusters = reaction_control.effect(lander.reaction_control, pumped=pumped)
    flight = mission.fly(
        lander.mission,
        launch_mass=launch_mass,
        thrust=lander.thrust,
        specific_impulse=performance.specific_impulse,
        thruster_share=lander.reaction_control.propellant_share,
        thruster_specific_impulse=thrusters.specific_impulse,
        minimum_throttle=chamber.minimum_throttle,
        engines=lander.engines,
        throttling_loss=chamber.throttle_loss,
        engines_out=lander.engines_out,
    )
    main = flight.main_propellant.sum(axis=0)
    thruster = flight.propellant.sum(axis=0) - main
    residual = residuals.residual_mass(main, lander.residuals, pumped=pumped)
    start = residuals.start_losses(lander.residuals) if pumped else 0.0
    loaded = main + thruster + residual + start
    ratio = lander.mixture_ratio
    return Propulsion(
        specific_impulse=performance.specific_impulse,
        engine_mass=engine * lander.engines,
        engine_length=geometry.length,
        exit_diameter=geometry.exit_diameter,
        flight=flight,
        main_propellant=main,
        thruster_propellant=thruster,
        residual=np.asarray(residual),
        start_loss=np.asarray(start + 0.0 * main),
        oxidiser=loaded * ratio / (1.0 + ratio),
        fuel=loaded / (1.0 + ratio),
    )


def soaking_to(lander: Lander, oxidiser_pressure: Numeric, soak_pressure: Numeric) -> Lander:
    """The lander with just the ullage that lets its locked oxidiser tanks soak to `soak_pressure` (Pa), no further.

    The pressure that a tank must stand is a better design variable than its ullage: the wall's gauge rules below
    one pressure, whatever the operating pressure.
    """
    cold = liquids(lander, lander.propellant_temperature)
    hot = liquids(lander, lander.tank.soak_temperature)
    share = tank.ullage_for_soak(
        oxidiser_pressure,
        soak_pressure,
        temperature=lander.propellant_temperature,
        soak_temperature=lander.tank.soak_temperature,
        density=cold.oxidiser_density,
        soak_density=hot.oxidiser_density,
        vapour_pressure=cold.oxidiser_vapour_pressure,
        soak_vapour_pressure=hot.oxidiser_vapour_pressure,
    )
    return dataclasses.replace(
        lander, tank=dataclasses.replace(lander.tank, ullage_fraction=np.asarray(share))
    )


@dataclass(frozen=True)
class Storage:
    """Tanks and pressurisation of both propellants."""

    tanks: Numeric
    """kg, all tanks."""
    bottles: Numeric
    helium: Numeric
    oxidiser_tank_volume: Numeric
    """m3, one tank."""
    fuel_tank_volume: Numeric
    oxidiser_maximum_pressure: Numeric
    """Pa, with band or soak."""
    fuel_maximum_pressure: Numeric
    ullage_fraction: Numeric
    """Of the tanks' volume, as loaded."""
    burns: Sequence[Burn]
    """What leaves the tanks when, for the march of the helium."""
    ullage: Ullage


def store(
    lander: Lander, propulsion: Propulsion, oxidiser_pressure: Numeric, fuel_pressure: Numeric
) -> Storage:
    """Tanks, helium and bottles for the loads at the operating pressures (Pa) of the two kinds of tank.

    Helium by the correlation of its march (`pressurisation.supply_estimated`); `comparison.size` brings it to the
    march.
    """
    specification = lander.tank
    loading = lander.propellant_temperature
    cold = liquids(lander, loading)
    hot = liquids(lander, specification.soak_temperature)
    loaded, soaked = of_both(lander, loading), of_both(lander, specification.soak_temperature)
    oxidiser = _tank(
        lander,
        (loaded[0], soaked[0]),
        propulsion.oxidiser,
        oxidiser_pressure,
        propulsion.flight.acceleration,
        (cold.oxidiser_density, hot.oxidiser_density),
        (cold.oxidiser_vapour_pressure, hot.oxidiser_vapour_pressure),
    )
    fuel = _tank(
        lander,
        (loaded[1], soaked[1]),
        propulsion.fuel,
        fuel_pressure,
        propulsion.flight.acceleration,
        (cold.fuel_density, hot.fuel_density),
        (cold.fuel_vapour_pressure, hot.fuel_vapour_pressure),
    )
    number = specification.number
    total = number * (oxidiser.volume + fuel.volume)
    helium_pressure = (
        number * (oxidiser.volume * oxidiser.helium_pressure + fuel.volume * fuel.helium_pressure) / total
    )
    ullage = Ullage(
        helium_pressure=helium_pressure,
        initial_volume=specification.ullage_fraction * total,
        tank_volume=total,
        tank_area=number * (oxidiser.area + fuel.area),
    )
    ratio = lander.mixture_ratio / (1.0 + lander.mixture_ratio)
    specific_volume = ratio / cold.oxidiser_density + (1.0 - ratio) / cold.fuel_density
    flight = propulsion.flight
    burns = gas_burns(flight, specific_volume)
    supply = pressurisation.supply_estimated(burns, ullage, lander.pressurant, temperature=loading)
    return Storage(
        number * (oxidiser.mass + fuel.mass),
        pressurant.bottle_mass(supply.bottle_volume, lander.pressurant),
        supply.helium_mass,
        oxidiser.volume,
        fuel.volume,
        oxidiser.maximum_pressure,
        fuel.maximum_pressure,
        specification.ullage_fraction,
        burns,
        ullage,
    )


GAS_STEPS = dict(zip(mission.BURNS, (3, 6, 2, 20, 14), strict=True))
"""Steps in which the gas is marched through the burns: most where the bottle is nearly empty and reacts fast.

A bottle that follows its wall within a third of a step makes the march unstable, and its row NaN: of the shipped cases
none does with conductances up to 150 W/(m2 K), the highest judged likely.
"""


def gas_burns(flight: Flight, specific_volume: Numeric) -> list[Burn]:
    """The burns as the helium sees them, propellant of `specific_volume` (m3/kg): braking and terminal descent follow
    each other without a coast."""
    return [
        Burn(duration, propellant * specific_volume, coast=name != "braking", steps=steps)
        for (name, steps), duration, propellant in zip(
            GAS_STEPS.items(), flight.duration, flight.propellant, strict=True
        )
    ]


@dataclass(frozen=True)
class _Vessel:
    volume: Numeric
    area: Numeric
    mass: Numeric
    maximum_pressure: Numeric
    helium_pressure: Numeric


def _tank(
    lander: Lander,
    temperatures: tuple[Numeric, Numeric],
    load: Numeric,
    pressure: Numeric,
    acceleration: Numeric,
    densities: tuple[Numeric, Numeric],
    vapour_pressures: tuple[Numeric, Numeric],
) -> _Vessel:
    """One tank of a propellant: `load` kg in all of its tanks; K and properties at loading and at soak."""
    specification = lander.tank
    volume = tank.volume(load, densities[0], specification)
    shape = tank.shape(volume, specification)
    head = tank.hydrostatic_pressure(densities[0], acceleration, shape.length)
    soak = tank.soak_pressure(
        pressure,
        specification.ullage_fraction,
        temperature=temperatures[0],
        soak_temperature=temperatures[1],
        density=densities[0],
        soak_density=densities[1],
        vapour_pressure=vapour_pressures[0],
        soak_vapour_pressure=vapour_pressures[1],
    )
    maximum = tank.maximum_pressure(pressure + head, soak, specification)
    return _Vessel(
        volume,
        shape.area,
        tank.mass(volume, maximum, specification),
        maximum,
        pressurant.partial_pressure(pressure, vapour_pressures[0], lander.pressurant),
    )


def helium_correction(lander: Lander, storage: Storage, near: Numeric | None = None) -> FloatArray:
    """Marched over estimated helium of a design, (n,): what brings the search's correlation to the march there.
    `near` is that of a design close by."""
    marched = pressurisation.supply(
        storage.burns, storage.ullage, lander.pressurant, temperature=lander.propellant_temperature, near=near
    )
    return np.asarray(marched.helium_mass / storage.helium)
