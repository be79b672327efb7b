"""Helium marched through the burns: bottle gas, bottle wall and ullage, each with its temperature.

Within a burn liquid leaves at a constant rate and the regulator holds the ullage at constant pressure; in the coast
after it, if there is one, a share of the temperature differences recovers.  With m the gas left in the bottle and V
the gas volume:

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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.components.pressurant import (
    ADIABATIC_RATIO,
    Pressurant,
    Supply,
    bottle_mass,
    bottle_number,
    isothermal_limit,
)
from models.properties import helium
from models.quantity import FloatArray, Numeric

SPECIFIC_HEAT = 2.5 * helium.GAS_CONSTANT
"""J/(kg K), of helium at constant pressure in the ullage; the real one differs by less than 0.3 % below 2 MPa."""
SPHERE_AREA = (36.0 * np.pi) ** (1.0 / 3.0)
"""Area of a sphere over its volume to the 2/3."""
STEPS = 12
"""Steps a burn: bottle volume right to 1e-5, where gas and wall exchange fast (long burns, small bottles) to 3e-4."""
MARCHES = 4
"""Marches to find a bottle volume from the correlation's: right to 1e-5."""
MARCHES_NEAR = 2
"""Marches from a bottle volume known within half a per cent: right to 5e-5, grams of launch mass."""
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
    coast: bool = True
    """Whether a coast follows, in which temperatures recover."""
    steps: int = STEPS
    """Steps in which the search for a bottle marches it: few for a short burn from a full bottle."""


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


@dataclass(frozen=True)
class _Gas:
    """What stays the same through all burns; (n,)."""

    start: FloatArray
    """K, of everything."""
    full: FloatArray
    """kg/m3, of the loaded bottles."""
    vessel: FloatArray
    """m3."""
    capacity: FloatArray
    """J/K, of the wall."""
    conductance: FloatArray
    """W/K, gas to wall."""
    film: FloatArray
    """W/(m3 K), ullage to its surroundings; wetted area in proportion to the gas."""
    ullage_density: FloatArray
    """kg/m3, as first filled."""
    enthalpy: FloatArray
    """J/kg, of the ullage as first filled."""
    covolume: FloatArray
    """m3/kg."""
    filling: FloatArray
    """p / R, kg K/m3, of the ullage."""
    more: Numeric
    """Helium that leaves the bottles over that in the ullage: a share dissolves."""

    def warmth(self, gas_volume: FloatArray, delivered: FloatArray) -> FloatArray:
        """Temperature of the ullage, K."""
        return self.filling * (gas_volume * self.more / delivered - self.covolume)

    def rates(self, gas_volume: FloatArray, flow: FloatArray, state: FloatArray) -> FloatArray:
        """Of delivered mass (kg/s), gas and wall temperature (K/s)."""
        delivered, gas, wall = state
        rho = self.full - delivered / self.vessel
        bottle = helium.state(rho, gas)
        inflow = self.start + (bottle.internal_energy + bottle.pressure / rho - self.enthalpy) / SPECIFIC_HEAT
        heat = self.film * gas_volume * (self.start - self.warmth(gas_volume, delivered))
        demand = self.filling * flow - heat / SPECIFIC_HEAT
        demand = self.more * demand / (inflow + self.filling * self.covolume)
        exchange = self.conductance * (wall - gas)
        cooling = (exchange - gas / rho * bottle.warming * demand) / (rho * self.vessel * bottle.cv)
        found = np.empty_like(state)
        found[0], found[1], found[2] = demand, cooling, -exchange / self.capacity
        return found


def _gas(
    bottle_volume: Numeric,
    burns: Sequence[Burn],
    ullage: Ullage,
    pressurant: Pressurant,
    temperature: Numeric,
    recovery: Numeric,
) -> _Gas:
    values = [value for spec in (ullage, pressurant, *burns) for value in vars(spec).values()]
    rows = np.zeros(np.broadcast_shapes(*map(np.shape, (bottle_volume, temperature, recovery, *values))))
    start, vessel = rows + temperature, rows + bottle_volume
    area = SPHERE_AREA * bottle_number(vessel, pressurant) ** (1.0 / 3.0) * vessel ** (2.0 / 3.0)
    density = helium.density(ullage.helium_pressure, start)
    return _Gas(
        start=start,
        full=helium.density(pressurant.bottle_pressure, start),
        vessel=vessel,
        capacity=np.asarray(bottle_mass(vessel, pressurant) * pressurant.wall_specific_heat),
        conductance=pressurant.bottle_conductance * area,
        film=np.asarray(pressurant.ullage_conductance * ullage.tank_area / ullage.tank_volume),
        ullage_density=density,
        enthalpy=helium.enthalpy(density, start),
        covolume=1.0 / density - helium.GAS_CONSTANT * start / ullage.helium_pressure,
        filling=np.asarray(ullage.helium_pressure / helium.GAS_CONSTANT),
        more=1.0 + pressurant.dissolved_share,
    )


def _march(
    gas: _Gas, burns: Sequence[Burn], ullage: Ullage, recovery: Numeric, steps: Sequence[int]
) -> Iterator[tuple[FloatArray, list[FloatArray], list[FloatArray]]]:
    """Of each burn: its step (s); after each step the state (kg delivered, K of gas and wall) and gas volume (m3)."""
    gas_volume = 0.0 * gas.start + ullage.initial_volume
    liquid_left = gas_volume
    state = np.stack([gas.more * gas_volume * gas.ullage_density, gas.start, gas.start])
    for burn, number in zip(burns, steps, strict=True):
        liquid_left = liquid_left + burn.volume
        flow = np.maximum(liquid_left - gas_volume, 0.0) / burn.duration
        step = 0.0 * gas.start + burn.duration / number
        states, volumes = [state], [gas_volume]
        for i in range(number):
            begin, middle, end = (gas_volume + (i + share) * step * flow for share in (0.0, 0.5, 1.0))
            k1 = gas.rates(begin, flow, state)
            k2 = gas.rates(middle, flow, state + step / 2.0 * k1)
            k3 = gas.rates(middle, flow, state + step / 2.0 * k2)
            k4 = gas.rates(end, flow, state + step * k3)
            state = state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
            states.append(state)
            volumes.append(end)
        yield step, states, volumes
        # The ullage warms at constant mass; what that adds to its volume at regulated pressure, the next burn saves.
        part = recovery if burn.coast else 0.0
        warmed = part * (gas.start - gas.warmth(end, state[0]))
        gas_volume = end + warmed / gas.filling * state[0] / gas.more
        state = np.stack([state[0], *(state[1:] + part * (gas.start - state[1:]))])


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

    Runge-Kutta of fourth order, `steps` equal steps a burn. A bottle that is too small gives NaN from where it runs dry
    or leaves the range of the helium (80 K).

    Parameters
    ----------
    bottle_volume : float or ndarray (n,)
        m3, all bottles together.
    burns : sequence of Burn
        In the order of the mission.
    ullage : Ullage
        Helium pressure, volumes and area of the tanks taken together.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.
    temperature : float or ndarray (n,)
        K of bottle, wall and ullage before the first burn, 200 to 340.
    recovery : float or ndarray (n,), default 1.0
        Share of every temperature difference that the coast after a burn makes good: 1 for hours, 0 for none.
    steps : int, default STEPS
        Equal steps of each burn.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        Without burns.
    """
    if not burns:
        raise ValueError("burns is empty: helium is marched through at least one burn")
    gas = _gas(bottle_volume, burns, ullage, pressurant, temperature, recovery)
    marched = list(_march(gas, burns, ullage, recovery, [steps] * len(burns)))
    delivered, bottle, wall = np.moveaxis(np.stack([np.stack(states) for _, states, _ in marched]), 2, 0)
    volumes = np.stack([np.stack(volumes) for _, _, volumes in marched])
    return History(
        time=np.stack([np.multiply.outer(np.arange(steps + 1), step) for step, _, _ in marched]),
        bottle_pressure=helium.pressure(gas.full - delivered / gas.vessel, bottle),
        bottle_temperature=bottle,
        wall_temperature=wall,
        ullage_temperature=gas.warmth(volumes, delivered),
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
    steps: Sequence[int] | None = None,
    near: Numeric | None = None,
) -> Supply:
    """Bottles that end the last burn exactly at `pressurant.end_pressure`, and the helium in them.

        V_B = delivered / (rho(p_0, T_0) - rho(p_end, T_end))

    solved by a secant of ln p over ln rho, which is almost straight, from the correlation's bottle: always `MARCHES`
    marches, so the result is as smooth as the march. NaN where the limits are.

    Parameters
    ----------
    burns : sequence of Burn
        In the order of the mission.
    ullage : Ullage
        Helium pressure, volumes and area of the tanks taken together.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.
    temperature : float or ndarray (n,)
        K of bottle, wall and ullage before the first burn, 200 to 340.
    recovery : float or ndarray (n,), default 1.0
        Share of every temperature difference that the coast after a burn makes good: 1 for hours, 0 for none.
    steps : sequence of int, optional
        Steps of each burn; the burn's own where they are not given.
    near : float or ndarray (n,), optional
        Supply over that of `supply_estimated` where it is known within half a per cent: `MARCHES_NEAR` marches
        are enough from there.

    Returns
    -------
    Supply

    Raises
    ------
    ValueError
        Without burns.

    Examples
    --------
    >>> ullage = Ullage(helium_pressure=0.3e6, initial_volume=0.0001, tank_volume=1.08, tank_area=8.5)
    >>> found = supply([Burn(450.0, 1.0)], ullage, Pressurant(), temperature=293.15)
    >>> round(float(found.bottle_volume) * 1e3, 1)
    13.0
    """
    if not burns:
        raise ValueError("burns is empty: helium is marched through at least one burn")
    estimate = supply_estimated(burns, ullage, pressurant, temperature=temperature)
    number = [burn.steps for burn in burns] if steps is None else steps
    full = helium.density(pressurant.bottle_pressure, temperature)
    start = np.minimum(
        (FIRST_EXCESS if near is None else near) * estimate.bottle_volume / pressurant.helium_multiplier,
        ADIABATIC_RATIO * _isothermal(burns, ullage, pressurant, temperature).bottle_volume,
    )

    def final(bottle_volume: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Delivered mass, logarithm of the density left, logarithm of the pressure left over that wanted."""
        gas = _gas(bottle_volume, burns, ullage, pressurant, temperature, recovery)
        *_, (_, states, _) = _march(gas, burns, ullage, recovery, number)
        delivered, warm, _ = states[-1]
        left = gas.full - delivered / gas.vessel
        return delivered, np.log(left), np.log(helium.pressure(left, warm) / pressurant.end_pressure)

    delivered, density, excess = final(start)
    exponent: FloatArray | float = FIRST_EXPONENT
    for _ in range((MARCHES if near is None else MARCHES_NEAR) - 1):
        before = density, excess
        delivered, density, excess = final(delivered / (full - np.exp(density - excess / exponent)))
        change = density - before[0]
        converged = np.abs(change) < 1e-7
        exponent = np.where(converged, exponent, (excess - before[1]) / np.where(converged, 1.0, change))
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
    """Where a marched supply lies between the limits: the `real_share` that `supply_quasi_steady` would need.

    Parameters
    ----------
    marched : Supply
        What `supply` gave for the same burns.
    burns : sequence of Burn
        In the order of the mission.
    ullage : Ullage
        Helium pressure, volumes and area of the tanks taken together.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.
    temperature : float or ndarray (n,)
        K of bottle, wall and ullage before the first burn, 200 to 340.

    Returns
    -------
    ndarray (n,)
        0 isothermal to 1 adiabatic.
    """
    least = _isothermal(burns, ullage, pressurant, temperature)
    ratio = marched.bottle_volume / (pressurant.helium_multiplier * least.bottle_volume)
    return np.log(ratio) / np.log(ADIABATIC_RATIO)


def supply_estimated(
    burns: Sequence[Burn], ullage: Ullage, pressurant: Pressurant, *, temperature: Numeric
) -> Supply:
    """`supply` without the march, a hundred times as fast: for the inside of a design search.

        V_B = V_iso R^s
        s = 3.01 f^1.21 (p_end/p_0)^0.40 / (1 + 1.86 N_B^0.755 C_B^0.483) + 0.308 f^1.82 / (1 + 0.40 N_U^1.67)

    f    share of all gas volume that the last burn fills, with those before it that no coast parts from it
    N_B  U t / (m c_v), C_B  C / (m c_v): exchange in the last burn and wall, over the gas of the isothermal bottle
    N_U  0.4 H T t / (p V): exchange of the ullage in the last burn over its gas
    Fitted to 2500 marches of two burns with full recovery between (0.2 to 2.2 MPa, 200 to 800 s, 0.05 to 3 m3, bottles
    of 24 to 33 MPa, conductances over their ranges): s within 0.015 rms and 0.1 at most, the volume within 0.7 % rms.

    Parameters
    ----------
    burns : sequence of Burn
        In the order of the mission.
    ullage : Ullage
        Helium pressure, volumes and area of the tanks taken together.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.
    temperature : float or ndarray (n,)
        K of bottle, wall and ullage before the first burn, 200 to 340.

    Returns
    -------
    Supply
    """
    least = _isothermal(burns, ullage, pressurant, temperature)
    first = max((k + 1 for k, burn in enumerate(burns[:-1]) if burn.coast), default=0)
    last = Burn(sum(burn.duration for burn in burns[first:]), sum(burn.volume for burn in burns[first:]))
    gas = least.helium_mass * 1.5 * helium.GAS_CONSTANT
    number = bottle_number(least.bottle_volume, pressurant)
    area = SPHERE_AREA * number ** (1.0 / 3.0) * least.bottle_volume ** (2.0 / 3.0)
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
