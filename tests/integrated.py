"""Helium and braking once more, integrated by scipy's `solve_ivp` in plain Python floats: what the marches are held to.

Nothing here knows of tables, correlations or fixed steps.  Shared with the models are constants, the coefficients of
helium's equation of state, and the law of a bottle's mass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from scipy.integrate import solve_ivp
from scipy.optimize import brentq, root

from models.components import pressurant
from models.components.pressurant import Pressurant
from models.components.pressurisation import SPECIFIC_HEAT, SPHERE_AREA, Burn, Ullage
from models.flight import descent
from models.properties import helium

TOLERANCES: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-12, "method": "DOP853"}
GAS = helium.GAS_CONSTANT
COEFFICIENTS = [tuple(row) for row in helium._COEFFICIENTS.tolist()]
ORIGIN = helium._ENERGY_ORIGIN


def helium_state(density: float, temperature: float) -> tuple[float, float, float, float]:
    """Pressure (Pa), internal energy (J/kg), c_v (J/(kg K)) and (dp/dT)_rho (Pa/K): `helium.state` of floats."""
    x, root_tau = density / 100.0, math.sqrt(100.0 / temperature)
    compression = energy = heat = warming = 0.0
    for order, row in enumerate(COEFFICIENTS, start=1):
        value = first = second = 0.0
        for k, coefficient in enumerate(row):
            term = coefficient * root_tau**k
            value += term
            first += 0.5 * k * term
            second += 0.5 * k * (0.5 * k - 1.0) * term
        power = x**order
        compression += order * power * value
        energy += power * first
        heat += power * second
        warming += order * power * first
    return (
        density * GAS * temperature * (1.0 + compression),
        ORIGIN + GAS * temperature * (1.5 + energy),
        GAS * (1.5 - heat),
        density * GAS * (1.0 + compression - warming),
    )


def helium_density(pressure: float, temperature: float) -> float:
    """kg/m3, by bisection and secants."""
    ideal = pressure / (GAS * temperature)
    return float(
        brentq(
            lambda rho: helium_state(rho, temperature)[0] - pressure,
            0.5 * ideal,
            1.2 * ideal,
            xtol=1e-13,
            rtol=1e-14,
        )
    )


def end_pressure(
    vessel: float, burns: Sequence[Burn], ullage: Ullage, bottles: Pressurant, start: float
) -> float:
    """Pa left in bottles of `vessel` (m3) after the last burn; K `start` everywhere, each coast ends at rest.

    The equations are those of `models.components.pressurisation`.  ValueError where the bottle runs dry.
    """
    more = 1.0 + bottles.dissolved_share
    held = ullage.helium_pressure
    full = helium_density(bottles.bottle_pressure, start)
    gas_density = helium_density(held, start)
    pressure, internal_energy, _, _ = helium_state(gas_density, start)
    enthalpy = internal_energy + pressure / gas_density
    covolume = 1.0 / gas_density - GAS * start / held
    film = bottles.ullage_conductance * ullage.tank_area / ullage.tank_volume
    capacity = float(pressurant.bottle_mass(vessel, bottles)) * bottles.wall_specific_heat
    conductance = (
        bottles.bottle_conductance
        * SPHERE_AREA
        * float(pressurant.bottle_number(vessel, bottles)) ** (1 / 3)
        * vessel ** (2 / 3)
    )
    gas_volume = expelled = ullage.initial_volume
    delivered = more * gas_volume * gas_density
    gas = wall = start
    left = start
    for burn in burns:
        expelled += burn.volume
        flow = (expelled - gas_volume) / burn.duration

        def rates(time: float, state: Any, begun: float = gas_volume, flow: float = flow) -> list[float]:
            left, gas, wall = map(float, state)
            volume = begun + flow * time
            rho = full - left / vessel
            pressure, internal_energy, cv, slope = helium_state(rho, gas)
            inflow = start + (internal_energy + pressure / rho - enthalpy) / SPECIFIC_HEAT
            warmth = held / GAS * (volume * more / left - covolume)
            heat = film * volume * (start - warmth) / SPECIFIC_HEAT
            demand = more * (held / GAS * flow - heat) / (inflow + held / GAS * covolume)
            exchange = conductance * (wall - gas)
            cooling = (exchange - gas / rho * slope * demand) / (rho * vessel * cv)
            return [demand, cooling, -exchange / capacity]

        done = solve_ivp(rates, (0.0, burn.duration), [delivered, gas, wall], **TOLERANCES)
        delivered, gas, wall = done.y[:, -1].tolist()
        left = gas
        gas_volume += flow * burn.duration
        if burn.coast:
            gas = wall = start
            warmth = held / GAS * (gas_volume * more / delivered - covolume)
            gas_volume += (start - warmth) * delivered / more * GAS / held
    return helium_state(full - delivered / vessel, left)[0]


def bottle_volume(
    near: float, burns: Sequence[Burn], ullage: Ullage, bottles: Pressurant, start: float
) -> float:
    """m3 of bottles that end at their least pressure, within some per cent of `near`; arguments as `end_pressure`."""

    def excess(vessel: float) -> float:
        return math.log(end_pressure(vessel, burns, ullage, bottles, start) / bottles.end_pressure)

    # Downwards from a bottle that is too large: one far too small runs dry, and its equations end.
    high = 1.02 * near
    while excess(high) < 0.0:
        high *= 1.03
    low = high / 1.03
    while excess(low) > 0.0:
        low /= 1.03
    return float(brentq(excess, low, high, xtol=1e-14, rtol=1e-10))


def braking_velocity(
    thrust_to_weight: float, exhaust: float, perilune: float = 15e3, apolune: float = 100e3
) -> float:
    """m/s of braking under linear-tangent steering (`descent.braking`), by shooting on offset, rate and duration."""
    gravity, radius = descent.GRAVITATIONAL_PARAMETER, descent.MOON_RADIUS
    thrust = thrust_to_weight * descent.LUNAR_GRAVITY

    def landing(unknowns: Any) -> list[float]:
        offset, rate, duration = map(float, unknowns)

        def rates(time: float, state: Any) -> list[float]:
            height, up, along = map(float, state)
            tangent = offset + rate * time
            pull = thrust / (1.0 - thrust * time * duration / exhaust) / math.hypot(1.0, tangent)
            r = radius + height
            return [
                duration * up,
                duration * ((along**2 - gravity / r) / r + pull * tangent),
                duration * (-up * along / r - pull),
            ]

        begin = [perilune, 0.0, descent.orbit_speed(perilune, perilune, apolune)]
        height, up, along = solve_ivp(rates, (0.0, 1.0), begin, **TOLERANCES).y[:, -1].tolist()
        return [height / 1e4, up / 1e2, along / 1e2]

    guess = exhaust / thrust * (1.0 - math.exp(-1770.0 / exhaust))
    found = root(landing, [0.0, 0.6, guess], tol=1e-11)
    if not found.success:
        raise ArithmeticError(f"no landing at {thrust_to_weight:g} times the weight: {found.message}")
    return float(-exhaust * math.log(1.0 - thrust * found.x[2] / exhaust))
