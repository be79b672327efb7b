"""Rivals of the centrifugal pump at very low specific speed: the partial-emission (Barske) pump and the
gear pump.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.components.pump import METRIC_SPECIFIC_SPEED, Pump, best_speed, efficiency, specific_speed
from models.quantity import FloatArray, Numeric, positive


def efficiency_barske(
    flow: Numeric, specific_work: Numeric, speed: Numeric, density: Numeric, viscosity: Numeric, pump: Pump
) -> FloatArray:
    """Efficiency of a single-stage partial-emission pump: open radial blades, one diffuser throat, no wear
    rings.

    With Omega the dimensionless specific speed, psi = Y/u2^2 = 0.7 (a forced vortex gives 0.5, the conical
    diffuser returns 40 % of the exit's dynamic head) and Re = u2 r2/nu::

        1/eta = 1/0.58 + C_m / (2 psi^2.5 Omega^2) + bearing share,   C_m = 0.076 / Re^0.2

    There is no leakage to pay for, so it holds its own where flow is small; its mixing loss stays, so it never passes
    0.5 by much. Head: Barske, Proc. IMechE 174 (1960). The 0.58 and the drag of the open rotor (Daily and Nece, both
    sides) are judgement on peak values of 0.3 to 0.5 at n_q 2 to 10. The multiplier of `pump` applies. NaN for no flow
    or work.

    Parameters
    ----------
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    specific_work : float or ndarray (n,)
        Y = dp/rho of all stages, J/kg.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    density : float or ndarray (n,)
        kg/m3 of the liquid at the pump's inlet.
    viscosity : float or ndarray (n,)
        Dynamic, Pa s, at the inlet.
    pump : Pump
        Its multiplier, shaft diameter and bearing drag count.

    Returns
    -------
    ndarray (n,)
        Hydraulic over shaft power.

    References
    ----------
    Barske, Proc. IMechE 174 (1960), head; Daily and Nece (1960), drag of the open rotor.  Range: n_q 1.5 to 12.

    Examples
    --------
    >>> slow = (6.83e-5, 2.5e6 / 880, 25_000 * np.pi / 30, 880.0, 0.85e-3, Pump())  # 500 N at 25,000 1/min: n_q 3
    >>> fast = (6.0e-4, 2.0e6 / 880, 40_000 * np.pi / 30, 880.0, 0.85e-3, Pump())  # 4.4 kN at 40,000: n_q 17
    >>> from models.components.pump import efficiency
    >>> [bool(efficiency_barske(*duty) > efficiency(*duty)) for duty in (slow, fast)]
    [True, False]
    """
    flow, specific_work, speed = positive(flow), positive(specific_work), positive(speed)
    density, viscosity = positive(density), positive(viscosity)
    omega = specific_speed(speed, flow, specific_work)
    head_coefficient = 0.7
    tip_speed = np.sqrt(specific_work / head_coefficient)
    reynolds = tip_speed**2 / speed * density / viscosity
    drag = 0.076 * reynolds**-0.2 / (2.0 * head_coefficient**2.5 * omega**2)
    bearing = 0.5 * np.pi * np.asarray(pump.minimum_shaft_diameter) ** 3 * pump.bearing_shear_stress * speed
    predicted = pump.efficiency_multiplier / (
        1.0 / 0.58 + drag + 0.01 + bearing / (density * specific_work * flow)
    )
    return np.where(predicted < 1.0, predicted, np.nan)


@dataclass(frozen=True)
class GearPump(quantity.Specification):
    """An external gear pump with integral motor, of the class demonstrated for spacecraft (0.1 to 0.5 L/min
    and up).
    """

    speed: Annotated[Numeric, "rad/s", (1.0, 5e3)] = 8_000 * np.pi / 30
    """8,000 1/min: faster, teeth starve (judgement)."""
    slip: Annotated[Numeric, "-", (0.0, 1e-5)] = 4e-8
    """C_s of `efficiency_gear`: leakage over displacement, times viscosity and speed over pressure (judgement)."""
    viscous_drag: Annotated[Numeric, "-", (0.0, 1e8)] = 1e5
    """C_d of `efficiency_gear` (judgement)."""
    friction: Annotated[Numeric, "-", (0.0, 2.0)] = 0.25
    """C_f of `efficiency_gear`: dry friction (judgement)."""
    efficiency_multiplier: Annotated[Numeric, "-", (0.2, 2.0)] = 1.0
    """On the prediction."""
    fixed_mass: Annotated[Numeric, "kg", (0.0, 20.0)] = 0.5
    """Housing and bearings of the smallest pump (judgement)."""
    specific_displacement_mass: Annotated[Numeric, "kg/m3", (1e3, 1e8)] = 4e5
    """Body over displacement for each radian (judgement)."""


def efficiency_gear(pressure_rise: Numeric, viscosity: Numeric, pump: GearPump) -> FloatArray:
    """eta = (1 - C_s dp/(mu omega)) / (1 + C_d mu omega/dp + C_f): slip, viscous drag, dry friction.

    Coefficients are judgement: propellants are thin and lubricate badly.  No specific speed enters: it pumps 500 N as
    well as 5 kN.  NaN where all the flow slips back.

    Parameters
    ----------
    pressure_rise : float or ndarray (n,)
        Pa, from inlet to discharge.
    viscosity : float or ndarray (n,)
        Dynamic, Pa s, at the inlet.
    pump : GearPump
        Slip, drag, friction and multiplier of the gear pump.

    Returns
    -------
    ndarray (n,)
        Hydraulic over shaft power.

    References
    ----------
    Wilson, Rotary-pump theory, Trans. ASME 68 (1946).

    Examples
    --------
    >>> [round(float(efficiency_gear(2.0e6, viscosity, GearPump())), 2) for viscosity in (0.85e-3, 0.42e-3)]
    [0.69, 0.61]
    """
    loading = positive(pressure_rise) / (positive(viscosity) * pump.speed)
    volumetric = 1.0 - pump.slip * loading
    predicted = pump.efficiency_multiplier * volumetric / (1.0 + pump.viscous_drag / loading + pump.friction)
    return np.where((volumetric > 0.0) & (predicted < 1.0), predicted, np.nan)


def mass_gear(flow: Numeric, pressure_rise: Numeric, viscosity: Numeric, pump: GearPump) -> FloatArray:
    """m = m_0 + k Q / (omega eta_v), kg: displacement per radian times a body mass; judgement.

    Positive displacement at 8,000 1/min is heavy where a rotor at 40,000 is not.

    Parameters
    ----------
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    pressure_rise : float or ndarray (n,)
        Pa, from inlet to discharge.
    viscosity : float or ndarray (n,)
        Dynamic, Pa s, at the inlet.
    pump : GearPump
        Speed, slip and masses of the gear pump.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> [round(float(mass_gear(flow, 2.0e6, 0.85e-3, GearPump())), 2) for flow in (6.8e-5, 6.8e-4)]
    [0.54, 0.87]
    """
    volumetric = 1.0 - pump.slip * pressure_rise / (positive(viscosity) * pump.speed)
    displacement = flow / (pump.speed * np.where(volumetric > 0.0, volumetric, np.nan))
    return np.asarray(pump.fixed_mass + pump.specific_displacement_mass * displacement)


BARSKE_RANGE = 1.5, 12.0
"""Metric specific speeds at which partial emission has been tried."""


@dataclass(frozen=True)
class Rivals:
    """What each type of pump attains on one duty, at its own speed."""

    specific_speed: FloatArray
    """Metric, of the centrifugal pump and of the partial-emission pump."""
    centrifugal: FloatArray
    """Efficiency."""
    partial_emission: FloatArray
    """Efficiency; NaN outside `BARSKE_RANGE`."""
    gear: FloatArray
    """Efficiency; NaN where all the flow slips back."""
    gear_mass: FloatArray
    """kg, of the gear pump; that of the others is `pump.mass`."""


def rivals(
    flow: Numeric,
    pressure_rise: Numeric,
    density: Numeric,
    viscosity: Numeric,
    suction_pressure: Numeric,
    pump: Pump,
    gear: GearPump | None = None,
) -> Rivals:
    """Efficiency of the three types on one duty.

    Rotors turn at the speed that suction and bearings allow (`pump.best_speed`); the gear pump at its own.  To be shown
    next to a design, not to switch it: the sizing stays with the centrifugal pump, so that it stays smooth.

    Parameters
    ----------
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    pressure_rise : float or ndarray (n,)
        Pa, from inlet to discharge.
    density : float or ndarray (n,)
        kg/m3 of the liquid at the pump's inlet.
    viscosity : float or ndarray (n,)
        Dynamic, Pa s, at the inlet.
    suction_pressure : float or ndarray (n,)
        Pa, net positive: inlet total pressure less vapour pressure.
    pump : Pump
        Coefficients, requirements and multipliers of the pump.
    gear : GearPump, optional
        The gear pump; that of the defaults where none is given.

    Returns
    -------
    Rivals

    Examples
    --------
    >>> found = rivals(6.8e-5, 2.5e6, 880.0, 0.85e-3, 2.5e5, Pump())  # 500 N
    >>> [round(float(x), 2) for x in (found.specific_speed, found.centrifugal, found.partial_emission, found.gear)]
    [4.7, 0.26, 0.4, 0.67]
    """
    work = pressure_rise / positive(density)
    speed = best_speed(flow, work, suction_pressure / positive(density), pump)
    metric = METRIC_SPECIFIC_SPEED * specific_speed(speed, flow, work / pump.stages)
    low, high = BARSKE_RANGE
    barske = efficiency_barske(flow, work, speed, density, viscosity, pump)
    toothed = GearPump() if gear is None else gear
    return Rivals(
        specific_speed=metric,
        centrifugal=efficiency(flow, work, speed, density, viscosity, pump),
        partial_emission=np.where((metric >= low) & (metric <= high), barske, np.nan),
        gear=efficiency_gear(pressure_rise, viscosity, toothed),
        gear_mass=mass_gear(flow, pressure_rise, viscosity, toothed),
    )
