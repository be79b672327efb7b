"""What both architectures share: engines, flight, propellant loads, tanks, helium, and the budget.

The same engine, the same scatter, the same tanks: the two architectures differ only in what their own modules add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models import mission, propellants
from models.components import pressurant, reaction_control, residuals, structure, tank, thrust_chamber
from models.lander import PROPULSION_ITEMS, Lander, Sizing, Status
from models.mission import Flight
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Liquids:
    """Properties of both propellants at the loading temperature (and of the oxidiser and fuel vapour), SI."""

    oxidiser_density: FloatArray
    fuel_density: FloatArray
    oxidiser_vapour_pressure: FloatArray
    fuel_vapour_pressure: FloatArray


def liquids(lander: Lander, temperature: Numeric) -> Liquids:
    """Densities (kg/m3) and vapour pressures (Pa) of both propellants at `temperature` (K)."""
    pair = lander.propellants
    return Liquids(
        propellants.density(pair.oxidiser, temperature),
        propellants.density(pair.fuel, temperature),
        propellants.vapour_pressure(pair.oxidiser, temperature),
        propellants.vapour_pressure(pair.fuel, temperature),
    )


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


def store(
    lander: Lander, propulsion: Propulsion, oxidiser_pressure: Numeric, fuel_pressure: Numeric
) -> Storage:
    """Tanks, helium and bottles for the loads at the operating pressures (Pa) of the two kinds of tank."""
    specification = lander.tank
    loading = lander.propellant_temperature
    cold = liquids(lander, loading)
    hot = liquids(lander, specification.soak_temperature)
    tanks: Numeric = 0.0
    volumes: list[Numeric] = []
    maxima: list[Numeric] = []
    pressurised: Numeric = 0.0
    work: Numeric = 0.0
    for load, pressure, density, soak_density, vapour, soak_vapour in (
        (
            propulsion.oxidiser,
            oxidiser_pressure,
            cold.oxidiser_density,
            hot.oxidiser_density,
            cold.oxidiser_vapour_pressure,
            hot.oxidiser_vapour_pressure,
        ),
        (
            propulsion.fuel,
            fuel_pressure,
            cold.fuel_density,
            hot.fuel_density,
            cold.fuel_vapour_pressure,
            hot.fuel_vapour_pressure,
        ),
    ):
        volume = tank.volume(load, density, specification)
        head = tank.hydrostatic_pressure(
            density, propulsion.flight.acceleration, tank.shape(volume, specification).length
        )
        soak = tank.soak_pressure(
            pressure,
            specification.ullage_fraction,
            temperature=loading,
            soak_temperature=specification.soak_temperature,
            density=density,
            soak_density=soak_density,
            vapour_pressure=vapour,
            soak_vapour_pressure=soak_vapour,
        )
        maximum = tank.maximum_pressure(pressure + head, soak, specification)
        tanks = tanks + specification.number * tank.mass(volume, maximum, specification)
        filled = specification.number * volume
        pressurised = pressurised + filled
        work = work + filled * pressure
        volumes.append(volume)
        maxima.append(maximum)
    supply = pressurant.supply_quasi_steady(
        pressurised, work / pressurised, lander.pressurant, temperature=loading
    )
    return Storage(
        np.asarray(tanks),
        np.asarray(pressurant.bottle_mass(supply.bottle_volume, lander.pressurant)),
        supply.helium_mass,
        *volumes,
        *maxima,
    )


@dataclass(frozen=True)
class Drives:
    """What electric pumps add: masses in kg, power in W, energy in J."""

    pumps: Numeric
    motors: Numeric
    inverters: Numeric
    battery: Numeric
    harness: Numeric
    thermal: Numeric
    plumbing: Numeric
    """Valves, pogo and surge suppression."""
    sumps: Numeric
    """Sumps or traps in the tanks."""
    power: Numeric
    """All pumps at the battery's main bus, full thrust."""
    energy: Numeric
    """Over all burns."""
    details: Mapping[str, Numeric]


def budget(
    lander: Lander,
    launch_mass: Numeric,
    propulsion: Propulsion,
    storage: Storage,
    chamber_pressure: Numeric,
    area_ratio: Numeric,
    tank_pressure: Numeric,
    *,
    drives: Drives | None,
) -> Sizing:
    """Add it all up: hardware, growth by the same rule on both sides, and the payload that is left (kg)."""
    whole = np.zeros(np.shape(propulsion.main_propellant))
    pumped = drives is not None
    landed = propulsion.flight.landed_mass
    hardware = {
        "engines": propulsion.engine_mass + whole,
        "tanks": storage.tanks + (drives.sumps if drives else 0.0),
        "bottles": storage.bottles,
        "pressurant hardware": lander.pressurant.hardware_mass + whole,
        "thruster feed": reaction_control.effect(lander.reaction_control, pumped=pumped).specific_mass
        * np.asarray(launch_mass)
        + whole,
        "structure share": structure.supporting_mass(
            lander.structure,
            loaded=propulsion.oxidiser + propulsion.fuel,
            landed=landed,
            engine_length=propulsion.engine_length,
        ),
        "pump plumbing": drives.plumbing if drives else whole,
        "pumps": drives.pumps if drives else whole,
        "motors": drives.motors if drives else whole,
        "inverters": drives.inverters if drives else whole,
        "battery": drives.battery if drives else whole,
        "harness": drives.harness if drives else whole,
        "drive thermal control": drives.thermal if drives else whole,
    }
    growth = sum(mass * structure.growth_fraction(lander.growth, item) for item, mass in hardware.items())
    masses = {
        "main propellant": propulsion.main_propellant,
        "thruster propellant": propulsion.thruster_propellant,
        "residuals": propulsion.residual,
        "start losses": propulsion.start_loss,
        "helium": storage.helium,
        **hardware,
        "growth": growth + whole,
    }
    total = sum(masses.values())
    payload = launch_mass - total - lander.platform_mass
    flight = propulsion.flight
    return Sizing(
        masses={item: np.asarray(masses[item]) for item in PROPULSION_ITEMS},
        launch_mass=np.asarray(launch_mass + whole),
        payload=np.asarray(payload),
        chamber_pressure=np.asarray(chamber_pressure + whole),
        area_ratio=np.asarray(area_ratio + whole),
        tank_pressure=np.asarray(tank_pressure + whole),
        specific_impulse=propulsion.specific_impulse,
        burn_time=flight.duration.sum(axis=0),
        electric_power=np.asarray(drives.power) if drives else whole,
        electric_energy=np.asarray(drives.energy) if drives else whole,
        status=np.where(np.isfinite(payload), Status.GOOD, Status.NOT_CONVERGED).astype(np.int64),
        details={
            "thrust to weight at descent": flight.thrust_to_weight,
            "landed mass": flight.landed_mass,
            "descent duration": flight.duration[3] + flight.duration[4],
            "insertion duration": flight.duration[1],
            "terminal throttle": flight.throttle[-1],
            "engine exit diameter": propulsion.exit_diameter,
            "engine length": propulsion.engine_length,
            "oxidiser tank volume": storage.oxidiser_tank_volume,
            "fuel tank volume": storage.fuel_tank_volume,
            "oxidiser tank maximum pressure": storage.oxidiser_maximum_pressure,
            "fuel tank maximum pressure": storage.fuel_maximum_pressure,
            **(drives.details if drives else {}),
        },
    )
