"""One propellant's drive of a pump set: pump, motor and inverter on one duty, at full thrust and at part load."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.components import inverter, motor, pump, pump_off_design
from models.components.inverter import Inverter
from models.components.motor import Motor
from models.components.pump import AS_PREDICTED, Pump, SuppliedPump
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Drive:
    """A drive sized for full thrust; floats or (n,)."""

    pump: pump.Design
    """As sized for its duty."""
    motor: motor.Design
    """As sized for the pump's shaft."""
    bus_power: FloatArray
    """W at the inverter's input, windings as warm as a long burn makes them."""
    inverter_heat: FloatArray
    """W, of it what the inverter loses."""
    winding_temperature: FloatArray
    """K, of the motor at the end of a long burn."""
    flow: FloatArray
    """m3/s."""
    rise: FloatArray
    """Pa."""
    density: Numeric
    """kg/m3, at the inlet."""
    viscosity: Numeric
    """Pa s, at the inlet."""
    suction_pressure: Numeric
    """Pa, net positive."""


def design(
    pump_of: Pump,
    motor_of: Motor,
    inverter_of: Inverter,
    *,
    mass_flow: Numeric,
    pressure_rise: Numeric,
    density: Numeric,
    viscosity: Numeric,
    suction_pressure: Numeric,
    temperature: Numeric,
    supplied: SuppliedPump = AS_PREDICTED,
) -> Drive:
    """Size the drive of one propellant for its rated duty.

    Parameters
    ----------
    pump_of, motor_of, inverter_of : Pump, Motor, Inverter
        Coefficients, requirements and multipliers of the three.
    mass_flow : float or ndarray (n,)
        kg/s through one pump at full thrust.
    pressure_rise : float or ndarray (n,)
        Pa, from inlet to discharge.
    density, viscosity : float or ndarray (n,)
        kg/m3 and dynamic, Pa s, at the inlet.
    suction_pressure : float or ndarray (n,)
        Pa, net positive: inlet total pressure less vapour pressure.
    temperature : float or ndarray (n,)
        K of the propellant around the motor.
    supplied : SuppliedPump
        What is required of this propellant's pump; by default nothing.

    Returns
    -------
    Drive
    """
    flow = mass_flow / density
    chosen = pump.design(
        flow, pressure_rise, density, viscosity, suction_pressure, pump_of, supplied=supplied
    )
    driven = motor.design(chosen.shaft_power, chosen.speed, density, viscosity, motor_of)
    winding = motor.steady_temperature(driven, temperature, motor_of)
    terminal = driven.shaft_power + motor.loss(driven, 1.0, 1.0, winding, motor_of)
    heat = inverter.loss(terminal, driven.electric_power, inverter_of)
    return Drive(
        chosen,
        driven,
        np.asarray(terminal + heat),
        heat,
        winding,
        np.asarray(flow),
        np.asarray(pressure_rise),
        density,
        viscosity,
        suction_pressure,
    )


def part_load_power(
    rated: Drive,
    flow_ratio: Numeric,
    head_ratio: Numeric,
    temperature: Numeric,
    motor_of: Motor,
    inverter_of: Inverter,
) -> FloatArray:
    """Power in W at the inverter's input at part of the rated flow and head, windings at `temperature` (K).

    Parameters
    ----------
    rated : Drive
        The drive as sized for full thrust.
    flow_ratio : float or ndarray (n,)
        q, flow over rated flow.
    head_ratio : float or ndarray (n,)
        h, specific work over the rated one.
    temperature : float or ndarray (n,)
        K of the windings.
    motor_of, inverter_of : Motor, Inverter
        As in `design`.

    Returns
    -------
    ndarray (n,)
        W.
    """
    speed = pump_off_design.speed_ratio(flow_ratio, head_ratio)
    shaft = pump_off_design.power_ratio(flow_ratio, head_ratio)
    torque = shaft / np.maximum(speed, 1e-9)
    terminal = rated.motor.shaft_power * shaft + motor.loss(rated.motor, torque, speed, temperature, motor_of)
    return np.asarray(terminal + inverter.loss(terminal, rated.motor.electric_power, inverter_of))
