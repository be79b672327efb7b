"""Centrifugal pumps: similarity, suction, choice of speed, efficiency from losses, and mass.

Heads are specific work, pressure rise over density in J/kg (g times the head in metres), and suction is net
positive suction energy in J/kg, so that no formula needs gravity.  `head` and `specific_speed_metric` give
the units of the trade.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import STANDARD_GRAVITY, FloatArray, Numeric, positive, required_or_predicted

WITHOUT_INDUCER = 3.0
"""Dimensionless suction specific speed of a plain impeller eye: 2.5 to 3.5 (NASA SP-8109, section on
suction performance).
"""
WITH_INDUCER = 7.5
"""Dimensionless suction specific speed with an inducer: 7 to 9 (NASA SP-8052)."""
METRIC_SPECIFIC_SPEED = 60.0 / (2.0 * np.pi) * STANDARD_GRAVITY**0.75
"""n_q [1/min, m3/s, m] of a dimensionless specific speed of one: 52.92."""


@dataclass(frozen=True)
class Pump(quantity.Specification):
    """One centrifugal pump; the speed, and so the size, follow from the duty (`design`).

    `required_specific_power` is a requirement: above zero it replaces the prediction, zero (or NaN in a column) means
    that there is none.  What is required of the efficiency stands in `SuppliedPump`, for each propellant.
    """

    stages: Annotated[Numeric, "-", (1.0, 12.0)] = 1.0
    """A real number: two or three lift a small pump out of very low specific speed."""
    suction_specific_speed: Annotated[Numeric, "-", (0.5, 15.0)] = 3.5
    """Dimensionless, at 3 % head loss: 2.5 to 3.5 without inducer, 7 to 9 with one."""
    suction_margin: Annotated[Numeric, "-", (1.0, 5.0)] = 1.5
    """Available over required suction energy, 1.2 to 2.5 (judgement)."""
    helium_saturation: Annotated[Numeric, "-", (1.0, 3.0)] = 1.2
    """Required suction energy with saturated over degassed liquid, 1.0 to 1.5 (judgement)."""
    maximum_speed: Annotated[Numeric, "rad/s", (10.0, 3e4)] = 40_000 * np.pi / 30
    """Bearings and motor; 40,000 1/min as flown with electric pumps, 57,000 tried by NASA Glenn in water."""
    best_specific_speed: Annotated[Numeric, "-", (0.1, 2.0)] = 0.8
    """Dimensionless, of a stage; where the loss model is flat at its best, n_q about 40."""
    tip_speed_limit: Annotated[Numeric, "m/s", (10.0, 700.0)] = 300.0
    """Shrouded metal impellers (judgement)."""
    efficiency_multiplier: Annotated[Numeric, "-", (0.2, 2.0)] = 1.0
    """On the prediction."""
    running_gap: Annotated[Numeric, "m", (0.0, 1e-3)] = 45e-6
    """Radial, at the eye ring, on top of 0.05 % of its diameter: what bearings in the propellant let the rotor wander
    does not shrink with it, so that small pumps leak more (judgement)."""
    vane_thickness: Annotated[Numeric, "m", (0.0, 0.01)] = 0.6e-3
    """What can be made (judgement)."""
    roughness: Annotated[Numeric, "m", (0.0, 1e-3)] = 6e-6
    """Equivalent sand grain of milled or printed and polished channels (judgement)."""
    minimum_shaft_diameter: Annotated[Numeric, "m", (0.0, 0.1)] = 6e-3
    """What bearings and seals can be had for (judgement)."""
    shaft_shear_stress: Annotated[Numeric, "Pa", (1e6, 1e9)] = 80e6
    """Steel at a margin for fatigue (judgement)."""
    bearing_shear_stress: Annotated[Numeric, "Pa", (0.0, 1e6)] = 5e3
    """Drag of bearings and shaft seal on the shaft's surface, one diameter long (judgement)."""
    specific_power_multiplier: Annotated[Numeric, "-", (0.05, 20.0)] = 1.0
    """On the prediction."""
    required_specific_power: Annotated[Numeric, "W/kg", (0.0, 1e6)] = 0.0
    """Shaft power over mass without installation, as required; zero if none."""
    fixed_mass: Annotated[Numeric, "kg", (0.0, 20.0)] = 0.2
    """Housing and bearings of the smallest pump (judgement)."""
    mass_at_reference_torque: Annotated[Numeric, "kg", (0.0, 20.0)] = 0.85
    """Of impeller, volute and shaft, see `mass` (judgement)."""
    reference_torque: Annotated[Numeric, "N m", (1e-3, 1e3)] = 1.0
    """Of that mass."""
    installation_mass: Annotated[Numeric, "kg", (0.0, 20.0)] = 0.3
    """Sensors and least bracket of one pump with its motor (judgement)."""
    installation_share: Annotated[Numeric, "-", (0.0, 2.0)] = 0.2
    """Bracket and flanges, of the pump's mass (judgement)."""


@dataclass(frozen=True)
class SuppliedPump(quantity.Specification):
    """What is required of one propellant's pump: an efficiency in place of law and residual.

    It holds at the rated point at which the design ends.  At part load the map follows from there.  While that point is
    sought, the value follows the law from the point for which it was required
    (`models.architectures.required_efficiency`).
    """

    required_efficiency: Annotated[Numeric, "-", (0.0, 0.95)] = 0.0
    """At the rated point; zero (or NaN in a column) if none."""
    law_efficiency: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    """What the law gives at the point for which the value was required; zero: it holds wherever the pump is rated."""
    efficiency_multiplier: Annotated[Numeric, "-", (0.0, 2.0)] = 0.0
    """On the law, of this propellant's pump alone; zero: that of both pumps."""
    specific_power_multiplier: Annotated[Numeric, "-", (0.0, 20.0)] = 0.0
    """On the law, of this propellant's pump alone; zero: that of both pumps."""


AS_PREDICTED = SuppliedPump()
"""Nothing is required."""


def of_propellant(pump: Pump, supplied: SuppliedPump) -> Pump:
    """The pump of one propellant: with its own multipliers where it has any.

    Parameters
    ----------
    pump : Pump
        Of both propellants.
    supplied : SuppliedPump
        What is known of the one alone.

    Returns
    -------
    Pump

    Examples
    --------
    >>> of_propellant(Pump(), SuppliedPump(efficiency_multiplier=0.8)).efficiency_multiplier
    0.8
    >>> of_propellant(Pump(efficiency_multiplier=0.9), AS_PREDICTED).efficiency_multiplier
    0.9
    """
    own = {
        name: required_or_predicted(value, getattr(pump, name)) if np.ndim(value) else value
        for name in ("efficiency_multiplier", "specific_power_multiplier")
        if np.any(np.asarray(value := getattr(supplied, name)) > 0.0)
    }
    return replace(pump, **own) if own else pump


HIGHEST_EFFICIENCY = 0.99
"""Of a required value that follows the law away from its point."""


@dataclass(frozen=True)
class Losses:
    """Where the shaft power goes, each as a share of the useful hydraulic power, and the geometry behind
    it.
    """

    hydraulic_efficiency: FloatArray
    """Useful over ideal head, 0 to 1."""
    leakage: FloatArray
    """Flow through ring and thrust balance over the useful flow."""
    disc_friction: FloatArray
    """Over the useful power."""
    mechanical: FloatArray
    """Bearings and seal, over the useful power."""
    efficiency: FloatArray
    """Hydraulic over shaft power."""
    diameter: FloatArray
    """m, of the impeller."""
    tip_speed: FloatArray
    """m/s."""


@dataclass(frozen=True)
class Design:
    """A pump sized for its duty: what `design` chose and what it costs."""

    speed: FloatArray
    """rad/s."""
    specific_speed: FloatArray
    """Dimensionless, of a stage."""
    predicted_efficiency: FloatArray
    """Of the law, before a requirement."""
    efficiency: FloatArray
    """Required where it is, else predicted."""
    shaft_power: FloatArray
    """W."""
    torque: FloatArray
    """N m."""
    diameter: FloatArray
    """m, of the impeller."""
    tip_speed: FloatArray
    """m/s."""
    required_suction_energy: FloatArray
    """J/kg, without margin."""
    mass: FloatArray
    """kg, installation included."""


def _three_quarters(value: FloatArray) -> FloatArray:
    """value^(3/4) by two square roots: a fraction of the time of a power, and pumps are designed often."""
    root = np.sqrt(value)
    return np.asarray(root * np.sqrt(root))


# Similarity


def head(pressure_rise: Numeric, density: Numeric) -> Numeric:
    """H = dp / (rho g0), m: the head of the trade, for display; pressure rise in Pa, density in kg/m3.

    Parameters
    ----------
    pressure_rise : float or ndarray (n,)
        Pa, from inlet to discharge.
    density : float or ndarray (n,)
        kg/m3 of the liquid at the pump's inlet.

    Returns
    -------
    float or ndarray (n,)
        m.
    """
    return pressure_rise / (density * STANDARD_GRAVITY)


def specific_speed(speed: Numeric, flow: Numeric, specific_work: Numeric) -> FloatArray:
    """Omega_s = omega sqrt(Q) / Y^(3/4), dimensionless, of one stage with specific work Y = dp/rho = gH.

    NaN where flow or work is not positive.

    Parameters
    ----------
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    specific_work : float or ndarray (n,)
        Y of one stage, J/kg.

    Returns
    -------
    ndarray (n,)
        Dimensionless.

    Examples
    --------
    >>> round(float(specific_speed(40_000 * np.pi / 30, 4.10e-3 / 60, 289.8 * STANDARD_GRAVITY)), 3)
    0.089
    """
    return np.asarray(speed * np.sqrt(positive(flow)) / _three_quarters(positive(specific_work)))


def specific_speed_metric(dimensionless: Numeric) -> Numeric:
    """n_q = n sqrt(Q) / H^(3/4) in 1/min, m3/s and m, from the dimensionless specific speed: 52.92
    Omega_s.

    Parameters
    ----------
    dimensionless : float or ndarray (n,)
        Omega_s.

    Returns
    -------
    float or ndarray (n,)
        n_q, 1/min with m3/s and m.
    """
    return METRIC_SPECIFIC_SPEED * dimensionless


def suction_specific_speed(speed: Numeric, flow: Numeric, suction_energy: Numeric) -> FloatArray:
    """Omega_ss = omega sqrt(Q) / Y_s^(3/4), dimensionless; Y_s = (p_inlet - p_vapour) / rho in J/kg (g
    times NPSH).

    Parameters
    ----------
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    suction_energy : float or ndarray (n,)
        Net positive suction energy (p_inlet - p_vapour)/rho, J/kg.

    Returns
    -------
    ndarray (n,)
        Dimensionless.
    """
    return specific_speed(speed, flow, suction_energy)


# Suction and the choice of speed


def required_suction_energy(speed: Numeric, flow: Numeric, pump: Pump) -> FloatArray:
    """Y_s = k_He (omega sqrt(Q) / Omega_ss)^(4/3), J/kg: 3 % head loss with helium-saturated liquid, no
    margin.

    Divided by g0 it is the NPSH of the data sheet.  The helium saturation factor k_He = 1.0 to 1.5 is
    judgement.

    Parameters
    ----------
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    pump : Pump
        Coefficients, requirements and multipliers of the pump.

    Returns
    -------
    ndarray (n,)
        J/kg.
    """
    ratio = np.cbrt(speed * np.sqrt(positive(flow)) / pump.suction_specific_speed)
    return np.asarray(pump.helium_saturation * (ratio**2) ** 2)


def suction_limited_speed(flow: Numeric, suction_energy: Numeric, pump: Pump) -> FloatArray:
    """The speed at which margin times required suction energy equals what is available, rad/s.

    omega = Omega_ss (Y_s / (margin k_He))^(3/4) / sqrt(Q).  NaN where nothing is available (pressure below
    vapour).

    Parameters
    ----------
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    suction_energy : float or ndarray (n,)
        Net positive suction energy (p_inlet - p_vapour)/rho, J/kg.
    pump : Pump
        Coefficients, requirements and multipliers of the pump.

    Returns
    -------
    ndarray (n,)
        rad/s; NaN where nothing is available.

    Examples
    --------
    >>> vapour = np.array([0.96e5, 2.84e5, 3.2e5])  # MON at 20 C, 40 C, 45 C
    >>> (suction_limited_speed(1e-4, (3e5 - vapour) / 1435, Pump()) * 30 / np.pi).round()
    array([88546., 13123.,    nan])
    """
    available = positive(suction_energy) / (pump.suction_margin * pump.helium_saturation)
    return np.asarray(pump.suction_specific_speed * _three_quarters(available) / np.sqrt(positive(flow)))


def best_speed(flow: Numeric, specific_work: Numeric, suction_energy: Numeric, pump: Pump) -> FloatArray:
    """Smooth minimum of the suction limit, the rotational limit and the speed of best specific speed,
    rad/s.

    omega = (sum_i omega_i^-8)^(-1/8): at most 13 % below the lowest where all three meet, and within 0.1 %
    of it where the others are 2.2 times higher.  Specific work is that of the whole pump; each stage has
    its share.

    Parameters
    ----------
    flow : float or ndarray (n,)
        m3/s at rated thrust, through one pump.
    specific_work : float or ndarray (n,)
        Y = dp/rho of all stages, J/kg.
    suction_energy : float or ndarray (n,)
        Net positive suction energy (p_inlet - p_vapour)/rho, J/kg.
    pump : Pump
        Coefficients, requirements and multipliers of the pump.

    Returns
    -------
    ndarray (n,)
        rad/s.
    """
    per_stage = positive(specific_work) / pump.stages
    suction = suction_limited_speed(flow, suction_energy, pump)
    best = pump.best_specific_speed * _three_quarters(per_stage) / np.sqrt(positive(flow))
    highest = np.asarray(pump.maximum_speed)
    lowest = np.minimum(np.minimum(suction, best), highest)  # for scale: an eighth power must not overflow
    total = sum((((lowest / limit) ** 2) ** 2) ** 2 for limit in (suction, best, highest))
    return np.asarray(lowest / np.sqrt(np.sqrt(np.sqrt(total))))


# Efficiency


def losses(
    flow: Numeric, specific_work: Numeric, speed: Numeric, density: Numeric, viscosity: Numeric, pump: Pump
) -> Losses:
    """Efficiency at the design point from the four losses.

    With, for each stage, Y = specific work / stages, Omega = omega sqrt(Q)/Y^0.75 and n_q = 52.9 Omega::

        psi = Y/u2^2 = 0.605 exp(-0.0077 n_q)                 head coefficient; u2 tip speed, r2 = u2/omega
        b2/d2 = 0.017 + 0.00262 n_q - 8e-6 n_q^2              outlet width
        eta_h = 1/(1 + 0.15 + 2.5 t/d2 + 0.6 c_f d2/b2 + 0.20 log10(Omega/Omega_best)^2)
        c_f = 0.136 / (-log10(0.2 roughness/r2 + 12.5/Re))^2.15,  Re = u2 r2/nu
        leakage = 0.6 pi d_r s sqrt(1.5 Y) / Q                eye ring and thrust balance, s = gap + 0.0005 d_r
        disc = C_m / (2 psi^2.5 Omega^2), C_m = 0.102 (s/r)^0.1/Re^0.2 + 2 pi/((s/r) Re), s/r = 0.05
        d_r = 1.15 (d_s^3 + 8 Q/(0.25 pi omega))^(1/3),  d_s^3 = d_min^3 + 16 T/(pi tau_shaft)
        mechanical = 0.01 + pi/2 d_s^3 tau omega / (rho Y Q stages)
        1/eta = (1 + leakage)/eta_h + disc + mechanical

    Eye for best suction, ring and shaft diameters, the weights of the hydraulic terms and of the bearings: judgement,
    calibrated to the middle of the ranges of the tests, of which none is a measurement: charts by specific speed, and
    assumptions of published designs. No measured efficiency of a small pump for storables was found. Range: n_q 3 to
    60, Re above 1e4; NaN where the tip speed passes its limit.

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
        Coefficients, requirements and multipliers of the pump.

    Returns
    -------
    Losses

    References
    ----------
    Guelich, Centrifugal Pumps, 3rd ed., chapters 3 and 7: head coefficient, width, friction factor.
    Daily and Nece, J. Basic Eng. 82 (1960), regimes IV and I: disc friction.  Range: n_q 3 to 60, Re above 1e4.
    """
    flow, stage_work = positive(flow), positive(specific_work) / pump.stages
    density, viscosity = positive(density), positive(viscosity)
    omega = np.asarray(speed * np.sqrt(flow) / _three_quarters(stage_work))
    metric = METRIC_SPECIFIC_SPEED * omega
    head_coefficient = 0.605 * np.exp(-0.0077 * metric)
    tip_speed = np.sqrt(stage_work / head_coefficient)
    radius = tip_speed / speed
    reynolds = tip_speed * radius * density / viscosity

    width = 0.017 + metric * (0.00262 - 8e-6 * metric)
    friction = 0.136 / positive(-np.log10(0.2 * pump.roughness / radius + 12.5 / reynolds)) ** 2.15
    mismatch = np.log10(omega / pump.best_specific_speed)
    hydraulic_efficiency = 1.0 / (
        1.15 + 2.5 * pump.vane_thickness / (2.0 * radius) + 0.6 * friction / width + 0.2 * mismatch**2
    )

    torque = density * specific_work * flow / (hydraulic_efficiency * speed)
    shaft_cubed = pump.minimum_shaft_diameter**3 + 16.0 * torque / (np.pi * pump.shaft_shear_stress)
    eye = np.cbrt(shaft_cubed + 8.0 * flow / (np.pi * 0.25 * speed))
    ring = 1.15 * eye
    gap = pump.running_gap + 5e-4 * ring
    leakage = 0.6 * np.pi * ring * gap * np.sqrt(1.5 * stage_work) / flow

    side_room = 0.05
    moment = 0.102 * side_room**0.1 / reynolds**0.2 + 2.0 * np.pi / (side_room * reynolds)
    disc = moment / (2.0 * head_coefficient**2 * np.sqrt(head_coefficient) * omega**2)
    bearing = 0.5 * np.pi * shaft_cubed * pump.bearing_shear_stress * speed
    mechanical = 0.01 + bearing / (density * specific_work * flow)

    inside = np.where(tip_speed <= pump.tip_speed_limit, 1.0, np.nan)
    return Losses(
        hydraulic_efficiency=hydraulic_efficiency,
        leakage=leakage,
        disc_friction=disc,
        mechanical=mechanical,
        efficiency=inside / ((1.0 + leakage) / hydraulic_efficiency + disc + mechanical),
        diameter=2.0 * radius,
        tip_speed=tip_speed,
    )


def efficiency(
    flow: Numeric, specific_work: Numeric, speed: Numeric, density: Numeric, viscosity: Numeric, pump: Pump
) -> FloatArray:
    """Predicted efficiency at the design point times its multiplier: `losses` explains it.  NaN at one or
    above.

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
        Coefficients, requirements and multipliers of the pump.

    Returns
    -------
    ndarray (n,)
        Hydraulic over shaft power.
    """
    predicted = (
        losses(flow, specific_work, speed, density, viscosity, pump).efficiency * pump.efficiency_multiplier
    )
    return np.where(predicted < 1.0, predicted, np.nan)


def achievable_efficiency(
    flow: Numeric,
    pressure_rise: Numeric,
    density: Numeric,
    viscosity: Numeric,
    suction_pressure: Numeric,
    pump: Pump,
) -> FloatArray:
    """What physics predicts at the best speed under the suction limit: a requirement above it is beyond
    physics.

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

    Returns
    -------
    ndarray (n,)
        Hydraulic over shaft power.
    """
    work = pressure_rise / positive(density)
    speed = best_speed(flow, work, suction_pressure / positive(density), pump)
    return efficiency(flow, work, speed, density, viscosity, pump)


# Mass


def mass(shaft_power: Numeric, speed: Numeric, pump: Pump) -> FloatArray:
    """m = m_0 + stage factor m_1 (T/T_1)^0.6, kg, over the multiplier of specific power; plus the
    installation.

    T = P/omega.  The stage factor is 1 + 0.2 (stages - 1), judgement.  With m_0 = 0.2 kg and m_1 = 0.85 kg
    at 1 N m: 1 kW at 40,000 1/min 1.8 kW/kg, 5 kW at 30,000 3.8 kW/kg (judgement: 1 to 4), 286 kW at 27,000
    19 kW/kg (Kwak, Kwon and Choi, Aerospace Sci. Technol. 2018: 15 to 20).  A required specific power
    replaces the law; the installation is m_i + x m on top (bracket, flanges, sensors; valves are plumbing).

    Parameters
    ----------
    shaft_power : float or ndarray (n,)
        W, at the rated point.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    pump : Pump
        Coefficients, requirements and multipliers of the pump.

    Returns
    -------
    ndarray (n,)
        kg, installation included.

    Examples
    --------
    >>> bare = Pump(installation_mass=0.0, installation_share=0.0)
    >>> [round(float(mass(P, n * np.pi / 30, bare)), 2) for P, n in [(1e3, 4e4), (286e3, 27e3)]]
    [0.56, 13.76]
    """
    torque = shaft_power / speed
    law = (
        pump.fixed_mass
        + pump.mass_at_reference_torque
        * (1.0 + 0.2 * (pump.stages - 1.0))
        * (torque / pump.reference_torque) ** 0.6
    )
    chosen = required_or_predicted(
        shaft_power / positive(pump.required_specific_power), law / pump.specific_power_multiplier
    )
    return np.asarray((1.0 + pump.installation_share) * chosen + pump.installation_mass)


def mass_kwak(shaft_power: Numeric, specific_power: Numeric) -> Numeric:
    """m = P / delta_p, kg; 20 kW/kg (oxidiser) and 15 kW/kg (fuel) at 100 kN thrust (Kwak, Kwon and Choi
    2018).

    Parameters
    ----------
    shaft_power : float or ndarray (n,)
        W, at the rated point.
    specific_power : float or ndarray (n,)
        delta_p, W/kg.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return shaft_power / specific_power


def _required(law: FloatArray, supplied: SuppliedPump) -> Numeric:
    """The required efficiency where the law gives `law`."""
    if not np.any(supplied.law_efficiency):
        return supplied.required_efficiency
    there = np.where(np.asarray(supplied.law_efficiency) > 0.0, supplied.law_efficiency, law)
    return np.minimum(supplied.required_efficiency * law / there, HIGHEST_EFFICIENCY)


def design(
    flow: Numeric,
    pressure_rise: Numeric,
    density: Numeric,
    viscosity: Numeric,
    suction_pressure: Numeric,
    pump: Pump,
    *,
    speed_fraction: Numeric = 1.0,
    supplied: SuppliedPump = AS_PREDICTED,
) -> Design:
    """Size the pump for a rated duty: `speed_fraction` of the best speed, predicted or required efficiency,
    power, mass.

    Shaft power P = Q dp / eta. NaN where nothing turns: no suction pressure, tip speed past its limit.

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
    speed_fraction : float or ndarray (n,), default 1.0
        Of the best speed (`best_speed`)
    supplied : SuppliedPump
        What is required of this propellant's pump; by default nothing.

    Returns
    -------
    Design

    Examples
    --------
    >>> small = design(6.8e-5, 2.5e6, 880, 0.85e-3, 2.5e5, Pump())
    >>> round(float(small.efficiency), 2), round(float(small.diameter) * 1e3)
    (0.26, 33)
    >>> half = SuppliedPump(required_efficiency=0.5)
    >>> float(design(6.8e-5, 2.5e6, 880, 0.85e-3, 2.5e5, Pump(), supplied=half).efficiency)
    0.5
    """
    pump = of_propellant(pump, supplied)
    flow, pressure_rise, density = positive(flow), positive(pressure_rise), positive(density)
    work = pressure_rise / density
    speed = speed_fraction * best_speed(flow, work, suction_pressure / density, pump)
    parts = losses(flow, work, speed, density, viscosity, pump)
    predicted = parts.efficiency * pump.efficiency_multiplier
    predicted = np.where(predicted < 1.0, predicted, np.nan)
    chosen = required_or_predicted(_required(parts.efficiency, supplied), predicted)
    power = flow * pressure_rise / chosen
    return Design(
        speed=speed,
        specific_speed=specific_speed(speed, flow, work / pump.stages),
        predicted_efficiency=predicted,
        efficiency=chosen,
        shaft_power=power,
        torque=power / speed,
        diameter=parts.diameter,
        tip_speed=parts.tip_speed,
        required_suction_energy=required_suction_energy(speed, flow, pump),
        mass=mass(power, speed, pump),
    )
