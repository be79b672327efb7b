"""What feeds thrusters from tanks of their own, by the laws of tanks, bottles and helium for what they burn.

Bipropellant at a pressure that thin main tanks do not have: a tank of each propellant, filled from the lander's bottles
through a regulator.  Monopropellant, in either architecture: hydrazine that blows down.  Propellant in tanks of its own
is not in the main tanks.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from models.architectures import shared
from models.components import pressurant, reaction_control, tank
from models.components.reaction_control import ThrusterOption
from models.lander import Lander
from models.properties import propellants
from models.properties.propellants import HYDRAZINE
from models.quantity import STANDARD_GRAVITY, ZERO_CELSIUS, FloatArray, Numeric

GAS_CONSTANT = 2077.1
"""J/(kg K), helium."""
HYDRAZINE_TEMPERATURE = ZERO_CELSIUS + 20.0
"""K: heaters hold it, whatever the main propellants."""


@dataclass(frozen=True)
class ThrusterFeed:
    """Hardware and gas of thrusters' own tanks, kg."""

    mass: FloatArray
    """kg of tanks, valves and what they add to bottles."""
    helium: FloatArray
    """kg."""


def small_tank(volume: Numeric, pressure: Numeric, lander: Lander) -> FloatArray:
    """One tank of `volume` (m3) at `pressure` (Pa), kg: the tank law, with fixed parts that shrink with its length.

    Fixed parts of the catalogue's median volume V_1 go with (V/V_1)^(1/3): judgement, for 58 to 104 L weigh 7 to 8.5 kg
    (ArianeGroup, MT Aerospace) and tanks of 6 L under 2 kg.

    Parameters
    ----------
    volume : float or ndarray (n,)
        m3.
    pressure : float or ndarray (n,)
        Maximum expected operating pressure, Pa.
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    ndarray (n,)
        kg.
    """
    control = lander.reaction_control
    scaled = dataclasses.replace(
        lander.tank,
        number=1.0,
        fixed_mass=lander.tank.fixed_mass * np.cbrt(np.asarray(volume) / control.tank_reference_volume),
    )
    return np.asarray(tank.mass(volume, pressure + lander.tank.regulator_band, scaled))


def highest_flow(lander: Lander, *, pumped: bool) -> Numeric:
    """kg/s of all thrusters at most: with their share of the thrust while main engines burn, or braking, or landing.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    float or ndarray (n,)
        kg/s.
    """
    control = lander.reaction_control
    thrust = np.maximum(control.propellant_share * lander.thrust, control.braking_thrust)
    impulse = reaction_control.effect(control, pumped=pumped).specific_impulse
    return np.asarray(np.maximum(thrust, control.landing_thrust) / (STANDARD_GRAVITY * impulse))


def size(lander: Lander, load: Numeric, *, pumped: bool) -> ThrusterFeed:
    """Tanks, valves and gas for `load` (kg) of thruster propellant in tanks of its own; nothing without any.

    Bipropellant at the thrusters' feed pressure, behind regulators and valves by the law of the main tanks' for the gas
    that they pass (`pressurant.hardware`): helium leaves the bottles slowly, over the whole mission, and
    isothermally; bottles weigh their slope more, for the lander has some anyway.  Monopropellant: the ullage of a
    blow-down by the ratio B is 1/B of the tank.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    load : float or ndarray (n,)
        kg in tanks of the thrusters' own; 0 where the main tanks feed them.
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    ThrusterFeed
    """
    control = lander.reaction_control
    load = np.asarray(load)
    if not reaction_control.own_tanks(control, pumped=pumped):
        return ThrusterFeed(0.0 * load, 0.0 * load)
    temperature = lander.propellant_temperature
    if control.option is ThrusterOption.MONOPROPELLANT:
        density = propellants.density(HYDRAZINE, HYDRAZINE_TEMPERATURE)
        volume = load / (density * (1.0 - 1.0 / control.blow_down_ratio))
        pressure = control.feed_pressure * control.blow_down_pressure_ratio
        gas = pressure * volume / control.blow_down_ratio / (GAS_CONSTANT * HYDRAZINE_TEMPERATURE)
        valves = np.where(load > 0.0, lander.pressurant.blow_down_hardware_mass, 0.0)
        return ThrusterFeed(valves + small_tank(volume, pressure, lander), np.asarray(gas))
    ratio = lander.mixture_ratio / (1.0 + lander.mixture_ratio)
    pair, temperatures = (
        lander.propellants,
        (temperature, temperature + lander.fuel_temperature_difference),
    )
    full = 1.0 - control.tank_ullage
    specific_volumes = [
        share / propellants.density(liquid, own)
        for share, liquid, own in zip(
            (ratio, 1.0 - ratio), (pair.oxidiser, pair.fuel), temperatures, strict=True
        )
    ]
    volumes = [load * each / full for each in specific_volumes]
    power = control.feed_pressure * highest_flow(lander, pumped=pumped) * sum(specific_volumes)
    hardware = np.where(load > 0.0, pressurant.hardware(power, lander.pressurant), 0.0)
    supply = pressurant.isothermal_limit(
        sum(volumes), control.feed_pressure, lander.pressurant, temperature=temperature
    )
    bottles = (
        lander.pressurant.bottle_mass_multiplier
        * lander.pressurant.bottle_slope
        * lander.pressurant.bottle_pressure
        * supply.bottle_volume
    )
    if np.any(shared.blows_down(lander)):  # there are no bottles to enlarge: these are their own
        alone = pressurant.bottle_mass(supply.bottle_volume, lander.pressurant)
        bottles = shared.regulated_or_not(lander, bottles, alone)
    tanks = sum(small_tank(volume, control.feed_pressure, lander) for volume in volumes)
    return ThrusterFeed(np.asarray(hardware + tanks + bottles), np.asarray(supply.helium_mass))
