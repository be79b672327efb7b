"""Helium marched through the burns: bottle gas, bottle wall and ullage, each with its temperature.

Within a burn liquid leaves at a constant rate and the regulator holds the ullage at constant pressure; in the coast
after it a share of the temperature differences recovers.  With m the gas left in the bottle and V the gas volume:

    bottle gas    m c_v dT/dt  = U (T_w - T) - (T / rho) (dp/dT)_rho F        F kg/s leave, real gas
    bottle wall   C dT_w/dt    = -U (T_w - T)
    ullage        (T_in + b p / R) dm_u/dt = p V' / R - H (T_0 - T_u) / c_p,   T_u = p (V / m_u - b) / R
    demand        F            = (1 + x) dm_u/dt

T_in is the temperature that the bottle's enthalpy has at the tanks' pressure (helium warms on throttling), x the share
that dissolves, H the conductance between ullage and the wall and liquid, which keep T_0.  The third line is the
enthalpy balance of the ullage at constant pressure, d(m_u c_p T_u) = c_p T_in dm_u + heat, for a gas of constant
covolume b, which helium is below 3 MPa: 1 / rho_u = R T_u / p + b.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models import helium
from models.components.pressurant import ADIABATIC_RATIO, Pressurant, Supply, bottle_mass, isothermal_limit
from models.quantity import FloatArray, Numeric

SPECIFIC_HEAT = 2.5 * helium.GAS_CONSTANT
"""J/(kg K), of helium at constant pressure in the ullage; the real one differs by less than 0.3 % below 2 MPa."""
SPHERE_AREA = (36.0 * np.pi) ** (1.0 / 3.0)
"""Area of a sphere over its volume to the 2/3."""
STEPS = 12
"""Steps a burn: bottle volume right to 1e-5, where gas and wall exchange fast (long burns, small bottles) to 3e-4."""
MARCHES = 3
"""Marches to find a bottle volume from the correlation's: right to 1e-4."""
FIRST_EXCESS = 1.06
"""Over the correlation's bottle, for the first march: beyond the correlation's worst error, so that none runs dry."""
FIRST_EXPONENT = 1.7
"""Of pressure over density, for the first correction: steep, so that it falls short of emptying the bottle."""


@dataclass(frozen=True)
class Burn:
    """One burn; floats or (n,)."""

    duration: Numeric
    """s."""
    volume: Numeric
    """m3 of liquid that leaves all tanks together."""


@dataclass(frozen=True)
class Ullage:
    """The tanks that the bottles pressurise, taken together; floats or (n,)."""

    helium_pressure: Numeric
    """Pa: the tanks' less the vapour's (`pressurant.partial_pressure`), weighted by volume."""
    initial_volume: Numeric
    """m3 of gas before the first burn, above zero, pressurised slowly from the bottles."""
    tank_volume: Numeric
    """m3, all tanks."""
    tank_area: Numeric
    """m2, all tanks."""


@dataclass(frozen=True)
class History:
    """Bottle and ullage through every burn: (burns, steps + 1) or (burns, steps + 1, n)."""

    time: FloatArray
    """s from the ignition of each burn."""
    bottle_pressure: FloatArray
    """Pa."""
    bottle_temperature: FloatArray
    """K, of the gas."""
    wall_temperature: FloatArray
    """K, of the bottle."""
    ullage_temperature: FloatArray
    """K."""
    delivered: FloatArray
    """kg of helium that have left the bottles."""


@np.errstate(
    invalid="ignore", divide="ignore", over="ignore"
)  # a bottle that runs dry is data, not a warning
def march(
    bottle_volume: Numeric,
    burns: Sequence[Burn],
    ullage: Ullage,
    pressurant: Pressurant,
    *,
    temperature: Numeric,
    recovery: Numeric = 1.0,
    steps: int = STEPS,
) -> History:
    """Bottles of `bottle_volume` (m3 together) through `burns`, from `temperature` (K) everywhere.

    Runge-Kutta of fourth order, `steps` equal steps a burn.  `recovery` is the share of every temperature difference
    that the coast after a burn makes good: 1 for hours, 0 for none.  A bottle that is too small gives NaN from where it
    runs dry or leaves the range of the helium (80 K).  Raises ValueError without burns.
    """
    if not burns:
        raise ValueError("burns is empty: helium is marched through at least one burn")
    values = [value for spec in (ullage, pressurant, *burns) for value in vars(spec).values()]
    rows = np.zeros(np.broadcast_shapes(*map(np.shape, (bottle_volume, temperature, recovery, *values))))
    start = rows + temperature
    full = helium.density(pressurant.bottle_pressure, start)
    vessel = rows + bottle_volume
    capacity = bottle_mass(vessel, pressurant) * pressurant.wall_specific_heat
    area = SPHERE_AREA * pressurant.bottle_number ** (1.0 / 3.0) * vessel ** (2.0 / 3.0)
    conductance = pressurant.bottle_conductance * area
    # Wetted area in proportion to the gas.
    film = pressurant.ullage_conductance * ullage.tank_area / ullage.tank_volume
    ullage_density = helium.density(ullage.helium_pressure, start)
    enthalpy = helium.enthalpy(ullage_density, start)
    covolume = 1.0 / ullage_density - helium.GAS_CONSTANT * start / ullage.helium_pressure
    more = 1.0 + pressurant.dissolved_share
    filling = ullage.helium_pressure / helium.GAS_CONSTANT

    def warmth(gas_volume: FloatArray, delivered: FloatArray) -> FloatArray:
        return filling * (gas_volume * more / delivered - covolume)

    def rates(gas_volume: FloatArray, flow: FloatArray, state: FloatArray) -> FloatArray:
        delivered, gas, wall = state
        rho = full - delivered / vessel
        bottle = helium.state(rho, gas)
        inflow = start + (bottle.internal_energy + bottle.pressure / rho - enthalpy) / SPECIFIC_HEAT
        heat = film * gas_volume * (start - warmth(gas_volume, delivered))
        demand = more * (filling * flow - heat / SPECIFIC_HEAT) / (inflow + filling * covolume)
        exchange = conductance * (wall - gas)
        cooling = (exchange - gas / rho * bottle.warming * demand) / (rho * vessel * bottle.cv)
        return np.stack([demand, cooling, -exchange / capacity])

    gas_volume = rows + ullage.initial_volume
    liquid_left = gas_volume
    state = np.stack([more * gas_volume * ullage_density, start, start])
    times, records, ullages = [], [], []
    for burn in burns:
        liquid_left = liquid_left + burn.volume
        flow = np.maximum(liquid_left - gas_volume, 0.0) / burn.duration
        step = rows + burn.duration / steps
        states, volumes = [state], [gas_volume]
        for i in range(steps):
            begin, middle, end = (gas_volume + (i + part) * step * flow for part in (0.0, 0.5, 1.0))
            k1 = rates(begin, flow, state)
            k2 = rates(middle, flow, state + step / 2.0 * k1)
            k3 = rates(middle, flow, state + step / 2.0 * k2)
            k4 = rates(end, flow, state + step * k3)
            state = state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
            states.append(state)
            volumes.append(end)
        times.append(np.multiply.outer(np.arange(steps + 1), step))
        records.append(np.stack(states))
        ullages.append(warmth(np.stack(volumes), records[-1][:, 0]))
        # The ullage warms at constant mass; what that adds to its volume at regulated pressure, the next burn saves.
        regained = recovery * (start - ullages[-1][-1])
        gas_volume = end + regained / filling * state[0] / more
        state = np.stack([state[0], *(state[1:] + recovery * (start - state[1:]))])
    delivered, gas, wall = np.moveaxis(np.stack(records), 2, 0)
    return History(
        time=np.stack(times),
        bottle_pressure=helium.pressure(full - delivered / vessel, gas),
        bottle_temperature=gas,
        wall_temperature=wall,
        ullage_temperature=np.stack(ullages),
        delivered=delivered,
    )


@np.errstate(
    invalid="ignore", divide="ignore", over="ignore"
)  # a bottle that runs dry is data, not a warning
def supply(
    burns: Sequence[Burn],
    ullage: Ullage,
    pressurant: Pressurant,
    *,
    temperature: Numeric,
    recovery: Numeric = 1.0,
    steps: int = STEPS,
) -> Supply:
    """Bottles that end the last burn exactly at `pressurant.end_pressure`, and the helium in them.

        V_B = delivered / (rho(p_0, T_0) - rho(p_end, T_end))

    solved by a secant of ln p over ln rho, which is almost straight, from the correlation's bottle: always
    `MARCHES` marches, so the result is as smooth as the march.  Arguments as `march`.  NaN where the limits are.

    >>> ullage = Ullage(helium_pressure=0.3e6, initial_volume=0.0001, tank_volume=1.08, tank_area=8.5)
    >>> found = supply([Burn(450.0, 1.0)], ullage, Pressurant(), temperature=293.15)
    >>> round(float(found.bottle_volume) * 1e3, 1)
    13.0
    """
    estimate = supply_estimated(burns, ullage, pressurant, temperature=temperature)
    full = helium.density(pressurant.bottle_pressure, temperature)
    start = np.minimum(
        FIRST_EXCESS * estimate.bottle_volume / pressurant.helium_multiplier,
        ADIABATIC_RATIO * _isothermal(burns, ullage, pressurant, temperature).bottle_volume,
    )

    def final(bottle_volume: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Delivered mass, logarithm of the density left, logarithm of the pressure left over that wanted."""
        history = march(
            bottle_volume, burns, ullage, pressurant, temperature=temperature, recovery=recovery, steps=steps
        )
        delivered, pressure = history.delivered[-1, -1], history.bottle_pressure[-1, -1]
        return delivered, np.log(full - delivered / bottle_volume), np.log(pressure / pressurant.end_pressure)

    delivered, density, excess = final(start)
    exponent: FloatArray | float = FIRST_EXPONENT
    for _ in range(MARCHES - 1):
        before = density, excess
        delivered, density, excess = final(delivered / (full - np.exp(density - excess / exponent)))
        change = density - before[0]
        settled = np.abs(change) < 1e-7
        exponent = np.where(settled, exponent, (excess - before[1]) / np.where(settled, 1.0, change))
    volume = pressurant.helium_multiplier * delivered / (full - np.exp(density - excess / exponent))
    return Supply(full * volume, volume)


def _isothermal(
    burns: Sequence[Burn], ullage: Ullage, pressurant: Pressurant, temperature: Numeric
) -> Supply:
    filled = ullage.initial_volume + sum(burn.volume for burn in burns)
    return isothermal_limit(filled, ullage.helium_pressure, pressurant, temperature=temperature)


def real_share(
    marched: Supply, burns: Sequence[Burn], ullage: Ullage, pressurant: Pressurant, *, temperature: Numeric
) -> FloatArray:
    """Where a marched supply lies between the limits: the `real_share` that `supply_quasi_steady` would need."""
    least = _isothermal(burns, ullage, pressurant, temperature)
    ratio = marched.bottle_volume / (pressurant.helium_multiplier * least.bottle_volume)
    return np.log(ratio) / np.log(ADIABATIC_RATIO)


def supply_estimated(
    burns: Sequence[Burn], ullage: Ullage, pressurant: Pressurant, *, temperature: Numeric
) -> Supply:
    """`supply` without the march, a hundred times as fast: for the inside of a design search.

        V_B = V_iso R^s
        s = 3.01 f^1.21 (p_end/p_0)^0.40 / (1 + 1.86 N_B^0.755 C_B^0.483) + 0.308 f^1.82 / (1 + 0.40 N_U^1.67)

    f    share of all gas volume that the last burn fills
    N_B  U t / (m c_v), C_B  C / (m c_v): exchange in the last burn and wall, over the gas of the isothermal bottle
    N_U  0.4 H T t / (p V): exchange of the ullage in the last burn over its gas
    Fitted to 2500 marches of two burns with full recovery between (0.2 to 2.2 MPa, 200 to 800 s, 0.05 to 3 m3, bottles
    of 24 to 33 MPa, conductances over their ranges): s within 0.015 rms and 0.1 at most, the volume within 0.7 % rms.
    """
    least = _isothermal(burns, ullage, pressurant, temperature)
    last = burns[-1]
    gas = least.helium_mass * 1.5 * helium.GAS_CONSTANT
    area = SPHERE_AREA * pressurant.bottle_number ** (1.0 / 3.0) * least.bottle_volume ** (2.0 / 3.0)
    exchange = pressurant.bottle_conductance * area * last.duration / gas
    wall = bottle_mass(least.bottle_volume, pressurant) * pressurant.wall_specific_heat / gas
    film = pressurant.ullage_conductance * ullage.tank_area / ullage.tank_volume
    ullage_exchange = 0.4 * film * temperature * last.duration / ullage.helium_pressure
    part = last.volume / (ullage.initial_volume + sum(burn.volume for burn in burns))
    depth = pressurant.end_pressure / pressurant.bottle_pressure
    share = 3.01 * part**1.21 * depth**0.40 / (1.0 + 1.86 * exchange**0.755 * wall**0.483)
    share = share + 0.308 * part**1.82 / (1.0 + 0.40 * ullage_exchange**1.67)
    scale = pressurant.helium_multiplier * ADIABATIC_RATIO**share
    return Supply(least.helium_mass * scale, least.bottle_volume * scale)
