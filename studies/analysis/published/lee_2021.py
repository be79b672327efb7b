"""Electric pumps of a 500 N engine on LOX and RP-1 as Lee et al. (2021) size them: the published case V11.

The printed figures compose in part only, so what each is made of is a function of its own: the pumps' power with or
without the propellant's margin in the flow, and the power unit in two readings that differ in the inverter's specific
power (0.65 or 60 kW/kg) and in which efficiencies the battery sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """What the paper prints of the power unit; SI units, efficiencies as shares."""

    pump_efficiency: float = 0.66
    motor_efficiency: float = 0.87
    inverter_efficiency: float = 0.85
    battery_efficiency: float = 0.925
    motor_power: float = 875.0
    """W/kg."""
    battery_power: float = 650.0
    """W/kg."""
    battery_energy: float = 325.0 * 3600.0
    """J/kg."""
    structure: float = 1.2
    """Factor on the battery."""


def pump_power(
    flow: float, ratio: float, rise: float, densities: Sequence[float], unit: Unit, *, margin: float = 0.0
) -> float:
    """P = (1 + margin) m_dot (r / rho_o + 1 / rho_f) dp / ((1 + r) eta), W of both pumps together.

    Parameters
    ----------
    flow : float
        m_dot of the engine, kg/s.
    ratio : float
        r, oxidiser over fuel.
    rise : float
        dp of both pumps, Pa: twice the chamber's pressure over the tank's.
    densities : sequence of float
        Of oxidiser and fuel, kg/m3; not printed.
    unit : Unit
        Efficiency of the pumps.
    margin : float, default 0.0
        Share of the flow beyond what the engine burns; 0.1 is the printed margin of propellant.

    Returns
    -------
    float
        W.

    Examples
    --------
    >>> [round(pump_power(0.150, 2.6, 3.34e6, (1141.0, 806.0), Unit(), margin=m)) for m in (0.0, 0.1)]
    [742, 816]
    """
    oxidiser, fuel = densities
    volume = flow * (ratio / oxidiser + 1.0 / fuel) / (1.0 + ratio)
    return (1.0 + margin) * volume * rise / unit.pump_efficiency


def motors(power: float, unit: Unit) -> float:
    """Mass in kg of the motors for `power` (W) at their shafts.

    Parameters
    ----------
    power : float
        P of both pumps at their shafts, W.
    unit : Unit
        What the paper prints.

    Returns
    -------
    float
        kg.

    Examples
    --------
    >>> round(motors(829.0, Unit()), 2)
    0.95
    """
    return power / unit.motor_power


def inverters(power: float, specific_power: float, unit: Unit) -> float:
    """Mass in kg of inverters of `specific_power` (W/kg) for motors of `power` (W) at their shafts.

    Parameters
    ----------
    power : float
        P of both pumps at their shafts, W.
    specific_power : float
        W/kg: 650 or 60e3.
    unit : Unit
        What the paper prints.

    Returns
    -------
    float
        kg.

    Examples
    --------
    >>> [round(inverters(829.0, specific, Unit()), 3) for specific in (650.0, 60e3)]
    [1.466, 0.016]
    """
    return power / unit.motor_efficiency / specific_power


def battery_by_power(power: float, unit: Unit) -> float:
    """Mass in kg that the reading with inverters of 0.65 kW/kg asks for by power: k P / (eta_m eta_i^2 delta_P).

    The printed figure needs the inverter's efficiency twice.

    Parameters
    ----------
    power : float
        P of both pumps at their shafts, W.
    unit : Unit
        What the paper prints.

    Returns
    -------
    float
        kg.

    Examples
    --------
    >>> round(battery_by_power(829.0, Unit()), 2)
    2.43
    """
    drawn = power / (unit.motor_efficiency * unit.inverter_efficiency**2)
    return unit.structure * drawn / unit.battery_power


def battery_by_energy(power: float, duration: float, unit: Unit) -> float:
    """Mass in kg that it asks for by the energy of `duration` (s): k P t / (eta_m eta_i^2 eta_b delta_E).

    Parameters
    ----------
    power : float
        P of both pumps at their shafts, W.
    duration : float
        t of the burn, s.
    unit : Unit
        What the paper prints.

    Returns
    -------
    float
        kg.

    Examples
    --------
    >>> round(battery_by_energy(829.0, 600.0, Unit()), 2)
    0.88
    """
    drawn = power * duration / (unit.motor_efficiency * unit.inverter_efficiency**2 * unit.battery_efficiency)
    return unit.structure * drawn / unit.battery_energy


def power_unit(power: float, unit: Unit) -> float:
    """Mass in kg of motors, inverters of 60 kW/kg and battery in the other reading, without structure.

        m = P / delta_m + P / (eta_m delta_i) + P / (eta_i eta_b delta_P)

    The battery is sized for the shafts' power over the inverter's and its own efficiency, the motor's left out.

    Parameters
    ----------
    power : float
        P of both pumps at their shafts, W.
    unit : Unit
        What the paper prints.

    Returns
    -------
    float
        kg.

    Examples
    --------
    >>> round(power_unit(829.0, Unit()), 3)
    2.585
    """
    drawn = power / (unit.inverter_efficiency * unit.battery_efficiency)
    return motors(power, unit) + inverters(power, 60e3, unit) + drawn / unit.battery_power
