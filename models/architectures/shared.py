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
    blow_down,
    pressurant,
    pressurisation,
    reaction_control,
    residuals,
    shaft_seal,
    tank,
    thrust_chamber,
)
from models.components.blow_down import BlowDown
from models.components.pressurisation import Burn, Ullage
from models.flight import mission
from models.flight.mission import Flight
from models.lander import Lander
from models.properties import propellants
from models.properties.propellants import PerPropellant
from models.quantity import STANDARD_GRAVITY, FloatArray, Numeric


@dataclass(frozen=True)
class Liquids:
    """Properties of both propellants at the loading temperature (and of the oxidiser and fuel vapour), SI."""

    oxidiser_density: FloatArray
    """kg/m3."""
    fuel_density: FloatArray
    """kg/m3."""
    oxidiser_vapour_pressure: FloatArray
    """Pa."""
    fuel_vapour_pressure: FloatArray
    """Pa."""


def liquids(lander: Lander, temperature: Numeric) -> Liquids:
    """Densities (kg/m3) and vapour pressures (Pa) of both propellants, the oxidiser at `temperature` (K).

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    temperature : float or ndarray (n,)
        K of the oxidiser.

    Returns
    -------
    Liquids
    """
    pair = lander.propellants
    cold, warm = of_both(lander, temperature)
    return Liquids(
        propellants.density(pair.oxidiser, cold),
        propellants.density(pair.fuel, warm),
        propellants.vapour_pressure(pair.oxidiser, cold),
        propellants.vapour_pressure(pair.fuel, warm),
    )


def of_both(lander: Lander, temperature: Numeric) -> tuple[Numeric, Numeric]:
    """Temperatures of oxidiser and fuel in K where the oxidiser's is `temperature`.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    temperature : float or ndarray (n,)
        K of the oxidiser.

    Returns
    -------
    tuple of float or ndarray (n,)
        K of oxidiser and fuel.
    """
    return temperature, temperature + lander.fuel_temperature_difference


def liquid(lander: Lander) -> NDArray[np.bool_]:
    """Whether both propellants are liquids of known properties: as loaded, at a pump's inlet, in the hottest soak.

    Storables are at home at 5 to 35 C, LOX and LCH4 at one temperature from 92 to 120 K: both subcooled.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    ndarray of bool, () or (n,)
        True where all of their temperatures lie in the range of the properties.
    """
    loaded = lander.propellant_temperature
    known = [
        np.isfinite(propellants.density(each, own))
        for rise in (0.0, lander.pump_inlet_heating, lander.tank.soak_rise, lander.tank.pressurised_rise)
        for each, own in zip(
            (lander.propellants.oxidiser, lander.propellants.fuel),
            of_both(lander, loaded + rise),
            strict=True,
        )
    ]
    return np.asarray(np.logical_and.reduce(np.broadcast_arrays(*known)))


@dataclass(frozen=True)
class Contents:
    """One propellant as loaded, in the hottest soak of the full tank, and as warm as the pressurised tank becomes."""

    temperature: tuple[Numeric, Numeric, Numeric]
    """K."""
    density: tuple[FloatArray, FloatArray, FloatArray]
    """kg/m3."""
    vapour_pressure: tuple[FloatArray, FloatArray, FloatArray]
    """Pa."""


def contents(lander: Lander) -> PerPropellant[Contents]:
    """Of oxidiser and fuel tanks.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    PerPropellant[Contents]
    """
    rises = (0.0, lander.tank.soak_rise, lander.tank.pressurised_rise)
    states = [lander.propellant_temperature + rise for rise in rises]
    first, second, third = (liquids(lander, temperature) for temperature in states)
    oxidiser, fuel = zip(*(of_both(lander, temperature) for temperature in states), strict=True)
    return PerPropellant(
        Contents(
            oxidiser,
            (first.oxidiser_density, second.oxidiser_density, third.oxidiser_density),
            (
                first.oxidiser_vapour_pressure,
                second.oxidiser_vapour_pressure,
                third.oxidiser_vapour_pressure,
            ),
        ),
        Contents(
            fuel,
            (first.fuel_density, second.fuel_density, third.fuel_density),
            (first.fuel_vapour_pressure, second.fuel_vapour_pressure, third.fuel_vapour_pressure),
        ),
    )


def required_pressure(
    specification: tank.Tank,
    within: Contents,
    *,
    pressure: Numeric,
    head: Numeric,
    ullage: Numeric,
    first_share: Numeric,
    start_pressure: Numeric | None = None,
) -> FloatArray:
    """Pressure in Pa that a tank must stand: the largest of its three cases (`models.components.tank`).

    Parameters
    ----------
    specification : tank.Tank
        Material, form and coefficients of the tank.
    within : Contents
        Temperatures, densities and vapour pressures of its liquid as loaded and after the soaks.
    pressure : float or ndarray (n,)
        Operating, Pa.
    head : float or ndarray (n,)
        Pressure of the liquid's column under the engines' acceleration, Pa.
    ullage : float or ndarray (n,)
        Gas share of the volume as loaded.
    first_share : float or ndarray (n,)
        Of the propellant, what the first burn takes: the pressurised tank coasts after it.
    start_pressure : float or ndarray (n,), optional
        Pa, of a tank that blows down, which is loaded with its gas on the pad and has no regulator; None of one
        that is regulated.

    Returns
    -------
    ndarray (n,)
        Pa.
    """

    def soaked(start: Numeric, gas: Numeric, hot: int) -> FloatArray:
        return tank.soak_pressure(
            start,
            gas,
            temperature=within.temperature[0],
            soak_temperature=within.temperature[hot],
            density=within.density[0],
            soak_density=within.density[hot],
            vapour_pressure=within.vapour_pressure[0],
            soak_vapour_pressure=within.vapour_pressure[hot],
        )

    if start_pressure is not None:
        unregulated = dataclasses.replace(specification, regulator_band=0.0)
        hot = soaked(start_pressure, ullage, 1)
        return tank.maximum_pressure(start_pressure + head, hot, start_pressure, unregulated)
    return tank.maximum_pressure(
        pressure + head,
        soaked(specification.pad_helium_pressure + within.vapour_pressure[0], ullage, 1),
        soaked(pressure, tank.burnt_ullage(ullage, first_share), 2),
        specification,
    )


def first_share(burnt: FloatArray, loaded: Numeric) -> FloatArray:
    """Of the propellant `loaded` (kg, both together), what the first burn takes; `burnt` (burns, ...) kg.

    Parameters
    ----------
    burnt : ndarray (burns, ...)
        kg of both propellants in each burn.
    loaded : float or ndarray (n,)
        kg of both propellants.

    Returns
    -------
    ndarray (n,)
        Share of the load.
    """
    return np.asarray(burnt[0] / loaded)


@dataclass(frozen=True)
class Propulsion:
    """Engines, flight and loads at one chamber pressure and area ratio."""

    specific_impulse: FloatArray
    """s, delivered in vacuum at full thrust."""
    engine_mass: FloatArray
    """All main engines, kg."""
    engine_length: FloatArray
    """m from gimbal to exit."""
    exit_diameter: FloatArray
    """m."""
    flight: Flight
    """Burns and masses."""
    main_propellant: FloatArray
    """Burnt in the main engines, kg."""
    thruster_propellant: FloatArray
    """kg through the thrusters."""
    residual: FloatArray
    """kg that stay in tanks and lines."""
    start_loss: FloatArray
    """kg that starts take without moving the lander."""
    oxidiser: FloatArray
    """Loaded, kg."""
    fuel: FloatArray
    """kg in the main tanks."""
    thruster_load: FloatArray
    """Loaded in the thrusters' own tanks, kg; zero where the main tanks feed them."""


def from_main_tanks(lander: Lander, flight: Flight, *, pumped: bool) -> FloatArray:
    """kg that leaves the main tanks in each burn, (burns, ...): thrusters may have tanks of their own.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    flight : Flight
        The burns, their flows and propellant.
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    ndarray (burns, ...)
        kg.
    """
    own = reaction_control.own_tanks(lander.reaction_control, pumped=pumped)
    return flight.main_propellant if own else flight.propellant


def fly(
    lander: Lander, launch_mass: Numeric, chamber_pressure: Numeric, area_ratio: Numeric, *, pumped: bool
) -> Propulsion:
    """Size the engines for a chamber pressure (Pa) and area ratio, and fly the mission from `launch_mass` (kg).

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    launch_mass : float or ndarray (n,)
        kg at separation from the launcher.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    Propulsion
    """
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
    engine = np.where(thrust_chamber.jacket_closes(chamber, thrust, chamber_pressure), engine, np.nan)
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
        braking_thrust=lander.reaction_control.braking_thrust,
        landing_thrust=lander.reaction_control.landing_thrust,
    )
    main = flight.main_propellant.sum(axis=0)
    thruster = flight.propellant.sum(axis=0) - main
    left = residuals.residual_mass(thruster, lander.residuals, pumped=False)  # in whichever tanks it is
    residual = residuals.residual_mass(main, lander.residuals, pumped=pumped) + left
    start = start_losses(lander, flight, pumped=pumped)
    own = reaction_control.own_tanks(lander.reaction_control, pumped=pumped)
    apart = thruster + left if own else 0.0 * thruster
    loaded = main + thruster + residual + start - apart
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
        thruster_load=np.asarray(apart),
    )


def seals(lander: Lander) -> Numeric:
    """Shaft seals of all pumps that run: two for each set of dry motors.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    float or ndarray (n,)
        Number; 0 where motors are canned.
    """
    return 2.0 * lander.pump_sets * (1.0 - lander.motor.canned)


def start_losses(lander: Lander, flight: Flight, *, pumped: bool) -> Numeric:
    """Propellant in kg that starts take without moving the lander: settling above traps, in either architecture, and
    the starts of pumps, their settling burns and what leaks past seals.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    flight : Flight
        The burns, their flows and propellant.
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    thrusters = reaction_control.effect(lander.reaction_control, pumped=pumped)
    exhaust = STANDARD_GRAVITY * thrusters.specific_impulse
    settled = flight.start_mass[0] * lander.residuals.trap_settling_velocity / exhaust
    if not pumped:
        return settled
    leaked = shaft_seal.leaked(seals(lander), flight.duration.sum(axis=0), lander.shaft_seal)
    flow = flight.main_propellant[1] / (flight.flow[1] * flight.duration[1])
    return settled + residuals.start_losses(flow, flight.start_mass[0], exhaust, lander.residuals) + leaked


@dataclass(frozen=True)
class Storage:
    """Tanks and pressurisation of both propellants."""

    tanks: Numeric
    """kg, all tanks."""
    bottles: Numeric
    """kg of all bottles."""
    helium: Numeric
    """kg loaded."""
    hardware: Numeric
    """kg of regulators, valves and filters between bottles and tanks."""
    oxidiser_tank_volume: Numeric
    """m3, one tank."""
    fuel_tank_volume: Numeric
    """m3 of one tank."""
    oxidiser_maximum_pressure: Numeric
    """Pa, of the case that asks for most (`required_pressure`)."""
    fuel_maximum_pressure: Numeric
    """Pa for which a fuel tank is built."""
    oxidiser_ullage: Numeric
    """Gas share as loaded."""
    fuel_ullage: Numeric
    """Gas share of a fuel tank as loaded."""
    burns: Sequence[Burn]
    """What leaves the tanks when, for the march of the helium."""
    ullage: Ullage
    """The main tanks as the helium sees them."""
    blown_down: BlownDown | None = None
    """The gas of tanks that blow down; None where all are regulated."""


def blows_down(lander: Lander) -> NDArray[np.bool_]:
    """Whether the main tanks blow down; () or (n,).

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    ndarray of bool, () or (n,)
        True where tanks blow down.
    """
    return np.asarray(lander.pressurant.blow_down) >= 0.5


ROOM_TO_BLOW_DOWN = 6.0
"""Gas share over the least one from which a search of tanks that blow down starts; regulated ones start at it."""


def regulated_or_not(lander: Lander, regulated: Numeric, blown_down: Numeric) -> FloatArray:
    """The one value where tanks are regulated, the other where they blow down.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    regulated, blown_down : float or ndarray (n,)
        Any quantity, in one unit.

    Returns
    -------
    ndarray (n,)
        In that unit.
    """
    return np.where(blows_down(lander), blown_down, regulated)[()]


def hardware(lander: Lander, load: Numeric, flow: Numeric, filled: Numeric) -> FloatArray:
    """kg between bottles and tanks, for gas that fills tanks of `load` (kg) at the rate at which engines empty them.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    load : float or ndarray (n,)
        kg in the main tanks.
    flow : float or ndarray (n,)
        Of all engines at full thrust, kg/s.
    filled : float or ndarray (n,)
        Sum over all tanks of volume and the pressure for which they are built, J.

    Returns
    -------
    ndarray (n,)
        kg.
    """
    return regulated_or_not(
        lander,
        pressurant.hardware(filled * flow / load, lander.pressurant),
        lander.pressurant.blow_down_hardware_mass,
    )


def store(
    lander: Lander,
    propulsion: Propulsion,
    pressures: PerPropellant[Numeric],
    ullage_ratios: PerPropellant[Numeric],
    *,
    pumped: bool,
) -> Storage:
    """Tanks, helium and bottles for the loads at the operating pressures (Pa) of the two kinds of tank.

    Each liquid's own swelling makes its ullage as loaded of its ratio.

    Helium by the correlation of its march (`pressurisation.supply_estimated`); `comparison.size` brings it to the
    march.  Where tanks blow down (`Pressurant.blow_down`), the pressures are those at the end of the last burn.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    propulsion : Propulsion
        Engines and the mission flown with them.
    pressures : PerPropellant of float or ndarray (n,)
        Operating pressure of the two kinds of tank, Pa.
    ullage_ratios : PerPropellant of float or ndarray (n,)
        Gas share of the full tanks in their hottest soak over the least one allowed, at least 1.
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    Storage
    """
    specification = lander.tank
    number = specification.number
    burnt = from_main_tanks(lander, propulsion.flight, pumped=pumped)
    share = first_share(burnt, propulsion.oxidiser + propulsion.fuel)
    within = contents(lander)
    oxidiser, fuel = (
        _geometry(specification, each, load, specification.least_hot_ullage * ullage_ratio)
        for each, load, ullage_ratio in zip(
            within, (propulsion.oxidiser, propulsion.fuel), ullage_ratios, strict=True
        )
    )
    gas = PerPropellant(
        *(
            pressurant.partial_pressure(pressure, each.vapour_pressure[0], lander.pressurant)
            for pressure, each in zip(pressures, within, strict=True)
        )
    )
    ullages = PerPropellant(
        *(
            Ullage(pressure, number * each.ullage * each.volume, number * each.volume, number * each.area)
            for pressure, each in zip(gas, (oxidiser, fuel), strict=True)
        )
    )
    ullage = taken_together(*ullages)
    ratio = lander.mixture_ratio / (1.0 + lander.mixture_ratio)
    volumes = PerPropellant(ratio / within.oxidiser.density[0], (1.0 - ratio) / within.fuel.density[0])
    burns = gas_burns(propulsion.flight, burnt, sum(volumes))
    supply = pressurisation.supply_estimated(
        burns, ullage, lander.pressurant, temperature=lander.propellant_temperature
    )
    helium, bottles = supply.helium_mass, pressurant.bottle_mass(supply.bottle_volume, lander.pressurant)
    heads = PerPropellant(
        *(
            tank.hydrostatic_pressure(each.density[0], propulsion.flight.acceleration, vessel.length)
            for each, vessel in zip(within, (oxidiser, fuel), strict=True)
        )
    )
    oxidiser_maximum, fuel_maximum = (
        required_pressure(
            specification, each, pressure=pressure, head=head, ullage=vessel.ullage, first_share=share
        )
        for each, pressure, head, vessel in zip(within, pressures, heads, (oxidiser, fuel), strict=True)
    )
    blown: BlownDown | None = None
    if np.any(blows_down(lander)):
        spent = burnt.sum(axis=0) / (propulsion.oxidiser + propulsion.fuel)
        blown = blown_down(
            lander,
            PerPropellant(*(gas_burns(propulsion.flight, burnt, own) for own in volumes)),
            ullages,
            pressures,
            spent,
        )
        oxidiser_maximum, fuel_maximum = (
            regulated_or_not(
                lander,
                regulated,
                required_pressure(
                    specification,
                    each,
                    pressure=pressure,
                    head=head,
                    ullage=vessel.ullage,
                    first_share=share,
                    start_pressure=first,
                ),
            )
            for regulated, each, pressure, head, vessel, first in zip(
                (oxidiser_maximum, fuel_maximum),
                within,
                pressures,
                heads,
                (oxidiser, fuel),
                blown.start_pressures,
                strict=True,
            )
        )
        helium = regulated_or_not(lander, helium, blown.helium)
        bottles = regulated_or_not(lander, bottles, 0.0)
    return Storage(
        number
        * (
            tank.mass(oxidiser.volume, oxidiser_maximum, specification)
            + tank.mass(fuel.volume, fuel_maximum, specification)
        ),
        bottles,
        helium,
        hardware(
            lander,
            propulsion.oxidiser + propulsion.fuel,
            lander.thrust / (STANDARD_GRAVITY * propulsion.specific_impulse),
            number * (oxidiser.volume * oxidiser_maximum + fuel.volume * fuel_maximum),
        ),
        oxidiser.volume,
        fuel.volume,
        oxidiser_maximum,
        fuel_maximum,
        oxidiser.ullage,
        fuel.ullage,
        burns,
        ullage,
        blown,
    )


def taken_together(oxidiser: Ullage, fuel: Ullage) -> Ullage:
    """The tanks of both propellants as one, at the mean by volume of their helium pressures: the gas is as much.

    Parameters
    ----------
    oxidiser, fuel : Ullage
        Of each propellant's tanks.

    Returns
    -------
    Ullage
    """
    total = oxidiser.tank_volume + fuel.tank_volume
    return Ullage(
        helium_pressure=(
            oxidiser.tank_volume * oxidiser.helium_pressure + fuel.tank_volume * fuel.helium_pressure
        )
        / total,
        initial_volume=oxidiser.initial_volume + fuel.initial_volume,
        tank_volume=total,
        tank_area=oxidiser.tank_area + fuel.tank_area,
    )


GAS_STEPS = dict(zip(mission.BURNS, (3, 6, 2, 20, 14), strict=True))
"""Steps in which the gas is marched through the burns: most where the bottle is nearly empty and reacts fast.

A bottle that follows its wall within a third of a step makes the march unstable, and its row NaN: of the shipped cases
none does with conductances up to 150 W/(m2 K), the highest judged likely.
"""


def gas_burns(flight: Flight, burnt: FloatArray, specific_volume: Numeric) -> list[Burn]:
    """The burns as the helium sees them: braking and terminal descent follow each other without a coast.

    Parameters
    ----------
    flight : Flight
        The burns, their flows and propellant.
    burnt : ndarray (burns, ...)
        kg of both propellants in each burn.
    specific_volume : float or ndarray (n,)
        Of both together, m3/kg.

    Returns
    -------
    list of Burn
    """
    return [
        Burn(duration, propellant * specific_volume, coast=name != "braking", steps=steps)
        for (name, steps), duration, propellant in zip(GAS_STEPS.items(), flight.duration, burnt, strict=True)
    ]


@dataclass(frozen=True)
class BlownDown:
    """Main tanks that blow down."""

    helium: FloatArray
    """kg loaded in all of them, what dissolves included."""
    start_pressures: PerPropellant[FloatArray]
    """Pa, as loaded."""
    excess_pressures: PerPropellant[FloatArray]
    """Pa: mean of the tanks' pressure over each burn, (burns, ...), above what they end at; 0 where regulated."""
    burns: PerPropellant[Sequence[Burn]]
    """What leaves the tanks of each propellant."""
    ullages: PerPropellant[Ullage]
    """Of each propellant's tanks as the helium sees them."""


def blown_down(
    lander: Lander,
    burns: PerPropellant[Sequence[Burn]],
    ullages: PerPropellant[Ullage],
    pressures: PerPropellant[Numeric],
    spent: Numeric,
    *,
    loaded: Numeric | None = None,
) -> BlownDown:
    """The gas of tanks that end at `pressures` (Pa): each propellant's blow down by themselves.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    burns : PerPropellant of sequence of Burn
        What leaves the tanks of each propellant, in the order of the mission.
    ullages : PerPropellant[Ullage]
        Helium pressure at the end of the last burn, volumes and area of each propellant's tanks.
    pressures : PerPropellant[Numeric]
        Of oxidiser and fuel tanks at the end of the last burn, Pa.
    spent : float or ndarray (n,)
        Share of the load that the burns take.
    loaded : float or ndarray (n,), optional
        Helium in the tanks, kg, where it is not what is needed.

    Returns
    -------
    BlownDown
    """
    own = lander.pressurant
    found = march_blow_down(burns, ullages, lander)
    needs = own.helium_multiplier * (1.0 + own.dissolved_share) * found.gas
    need = needs.sum(axis=0)
    margin = own.helium_multiplier * (1.0 if loaded is None else loaded / need)
    mean = 0.5 * (found.pressure[:, 1:] + found.pressure[:, :-1]).mean(axis=1)

    def start(k: int, pressure: Numeric, ullage: Ullage) -> FloatArray:
        share = ullage.initial_volume / ullage.tank_volume
        grown = tank.burnt_ullage(share, spent) / share
        return np.asarray(pressure + ullage.helium_pressure * (margin * grown / found.cooling[k] - 1.0))

    def excess(k: int, ullage: Ullage) -> FloatArray:
        return regulated_or_not(lander, 0.0, ullage.helium_pressure * (mean[:, k] - 1.0))

    return BlownDown(
        need,
        PerPropellant(*(start(k, *own) for k, own in enumerate(zip(pressures, ullages, strict=True)))),
        PerPropellant(*(excess(k, ullage) for k, ullage in enumerate(ullages))),
        burns,
        ullages,
    )


def march_blow_down(
    burns: PerPropellant[Sequence[Burn]],
    ullages: PerPropellant[Ullage],
    lander: Lander,
    *,
    steps: int = blow_down.STEPS,
) -> BlowDown:
    """`blow_down.march` of both propellants' tanks at once: oxidiser and fuel are an axis (2, ...) of its results.

    Parameters
    ----------
    burns : PerPropellant of sequence of Burn
        What leaves the tanks of each propellant.
    ullages : PerPropellant[Ullage]
        Of each propellant's tanks.
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    steps : int
        Of each burn.

    Returns
    -------
    BlowDown
    """
    parts = [np.shape(value) for each in ullages for value in vars(each).values()]
    parts += [np.shape(burn.volume) for each in burns for burn in each]
    shape = np.broadcast_shapes(*parts, np.shape(lander.propellant_temperature))

    def both(oxidiser: Numeric, fuel: Numeric) -> FloatArray:
        return np.stack([np.broadcast_to(value, shape) for value in (oxidiser, fuel)])

    together = [
        dataclasses.replace(first, volume=both(first.volume, second.volume))
        for first, second in zip(*burns, strict=True)
    ]
    ullage = Ullage(
        **{name: both(*(getattr(each, name) for each in ullages)) for name in Ullage.__dataclass_fields__}
    )
    return blow_down.march(
        together, ullage, lander.pressurant, temperature=lander.propellant_temperature, steps=steps
    )


@dataclass(frozen=True)
class _Vessel:
    """One tank."""

    volume: Numeric
    ullage: Numeric
    area: Numeric
    length: Numeric


def _geometry(specification: tank.Tank, within: Contents, load: Numeric, hot_ullage: Numeric) -> _Vessel:
    """One tank of a propellant of which `load` kg are in all its tanks."""
    ullage = tank.loaded_ullage(hot_ullage, within.density[0], within.density[1])
    volume = tank.volume(load, within.density[0], ullage, specification)
    shape = tank.shape(volume, specification)
    return _Vessel(volume, ullage, shape.area, shape.length)


def helium_correction(lander: Lander, storage: Storage, near: Numeric | None = None) -> FloatArray:
    """Marched over estimated helium of a design, (n,): what brings the search's correlation to the march there.
    1 where tanks blow down: their gas is marched inside the search.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    storage : Storage
        Tanks, helium and bottles.
    near : float or ndarray (n,), optional
        Correction of a design close by.

    Returns
    -------
    ndarray (n,)
        Marched over estimated helium.
    """
    if np.all(blows_down(lander)):
        return np.ones(np.shape(storage.helium))
    marched = pressurisation.supply(
        storage.burns, storage.ullage, lander.pressurant, temperature=lander.propellant_temperature, near=near
    )
    return regulated_or_not(lander, marched.helium_mass / storage.helium, 1.0)
