"""Permanent-magnet motors, dry or flooded (canned): mass by torque and power, losses, efficiency, a thermal
node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import ZERO_CELSIUS, FloatArray, Numeric, positive, required_or_predicted

COPPER_COEFFICIENT = 0.00393
"""1/K: rise of copper's resistance with temperature, relative to 20 C (IEC 60028)."""


@dataclass(frozen=True)
class Motor(quantity.Specification):
    """One motor on the pump's shaft.

    Required values above zero replace the predictions; zero means that there is none.  A canned motor has rotor and
    bearings in the propellant and leaks nothing; its can costs `can_loss` of the rated power, `can_mass` of the dry
    mass, and the drag of the flooded gap.  A dry one pays for a `shaft_seal` instead.
    """

    efficiency_multiplier: Annotated[Numeric, "-", (0.5, 1.5)] = 1.0
    """On the prediction."""
    required_efficiency: Annotated[Numeric, "-", (0.0, 0.99)] = 0.0
    """At rated point and rated temperature, as required; zero if none."""
    specific_power_multiplier: Annotated[Numeric, "-", (0.05, 20.0)] = 1.0
    """On the prediction."""
    required_specific_power: Annotated[Numeric, "W/kg", (0.0, 1e6)] = 0.0
    """Rated shaft power over mass, can included, as required; zero if none."""
    canned: Annotated[Numeric, "-", (0.0, 1.0)] = 1.0
    """1: rotor and bearings in the propellant, hermetic; 0: dry behind a shaft seal (a scenario)."""
    fixed_mass: Annotated[Numeric, "kg", (0.0, 20.0)] = 0.25
    """Bearings, shaft, connector of the smallest motor: hobby motors of 0.4 kW weigh 0.1 to 0.18 kg without housing and
    cooling, two canned ones of 0.4 kW 0.95 kg together (Lee et al. 2021); judgement."""
    specific_torque: Annotated[Numeric, "N m/kg", (0.1, 100.0)] = 4.0
    """Active parts; natural cooling 1 to 3, liquid-cooled 2 to 8 N m/kg (judgement)."""
    specific_power: Annotated[Numeric, "W/kg", (100.0, 1e5)] = 8e3
    """Housing and cooling, over the shaft power (judgement)."""
    can_mass: Annotated[Numeric, "-", (0.0, 2.0)] = 0.45
    """Share of the dry mass, 0.3 to 0.6 (judgement)."""
    can_loss: Annotated[Numeric, "-", (0.0, 0.3)] = 0.04
    """Eddy currents, share of the shaft power; with drag 5 to 15 % (judgement)."""
    gap_share: Annotated[Numeric, "-", (1e-3, 0.5)] = 0.05
    """Flooded gap over rotor radius."""
    dry_loss: Annotated[Numeric, "-", (0.0, 0.5)] = 0.12
    """Copper and iron, share of the shaft power at the reference power."""
    reference_power: Annotated[Numeric, "W", (1.0, 1e6)] = 1e3
    """Of `dry_loss`."""
    air_gap_stress: Annotated[Numeric, "Pa", (1e3, 2e5)] = 30e3
    """Mean shear at the air gap; liquid cooling allows 20 to 50 kPa (judgement)."""
    slenderness: Annotated[Numeric, "-", (0.5, 6.0)] = 2.5
    """Rotor length over diameter: slender rotors have less drag."""
    rated_temperature: Annotated[Numeric, "K", (150.0, 600.0)] = 100.0 + ZERO_CELSIUS
    """Of the windings, at which efficiencies are quoted; what they reach: `steady_temperature`."""
    maximum_temperature: Annotated[Numeric, "K", (200.0, 700.0)] = 160.0 + ZERO_CELSIUS
    """Insulation of class H less 20 K."""
    specific_heat: Annotated[Numeric, "J/(kg K)", (100.0, 2000.0)] = 450.0
    """Copper, iron and housing together (judgement)."""
    conductance: Annotated[Numeric, "W/K", (0.0, 1e4)] = 20.0
    """Winding to propellant of a motor of `conductance_torque`: 2 to 3 kW/(m2 K) over its surface (judgement)."""
    conductance_torque: Annotated[Numeric, "N m", (1e-3, 1e3)] = 1.0
    """Of that conductance; others by their surface."""


@dataclass(frozen=True)
class Losses:
    """Rated losses, each as a share of the rated shaft power."""

    copper: FloatArray
    """At the rated temperature of the windings."""
    iron: FloatArray
    """With bearings."""
    can: FloatArray
    """Eddy currents."""
    windage: FloatArray
    """Of the rotor in the flooded gap."""


@dataclass(frozen=True)
class Design:
    """A motor sized for its rated shaft power and speed."""

    shaft_power: FloatArray
    """W."""
    speed: FloatArray
    """rad/s, of the shaft."""
    torque: FloatArray
    """N m."""
    losses: Losses
    """At the rated point."""
    predicted_efficiency: FloatArray
    """Of the law, before a requirement."""
    efficiency: FloatArray
    """Required where it is, else predicted."""
    electric_power: FloatArray
    """W from the inverter."""
    mass: FloatArray
    """kg."""


def mass(shaft_power: Numeric, speed: Numeric, motor: Motor) -> FloatArray:
    """m = (1 + can) (m_0 + T/tau + P/delta), kg: fixed parts, torque (air gap and iron), power (cooling), T
    = P/omega.

    Judgement on published points: 0.4 kW at 57,000 1/min, wet: 0.87 kW/kg (a 500 N engine's pump motor
    0.875); 5 kW at 30,000, wet: 2.7 kW/kg (general aviation 2 to 4, hobby 6.6 dry and air-cooled); 286 kW
    at 27,000, dry: 4.7 kW/kg (Kwak, Kwon and Choi 2018: 5.3).

    Parameters
    ----------
    shaft_power : float or ndarray (n,)
        W, at the rated point.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    motor : Motor
        Coefficients, requirements and multipliers of the motor.

    Returns
    -------
    ndarray (n,)
        kg.

    References
    ----------
    Kwak, Kwon and Choi (2018), doi:10.1016/j.ast.2018.02.033, and published points as above.

    Examples
    --------
    >>> dry = Motor(canned=0.0)
    >>> [round(float(P / mass(P, n * np.pi / 30, dry)) / 1e3, 2) for P, n in [(700.0, 4e4), (5e3, 3e4), (286e3, 27e3)]]
    [1.85, 3.93, 4.67]
    """
    torque = shaft_power / positive(speed)
    dry = motor.fixed_mass + torque / motor.specific_torque + shaft_power / motor.specific_power
    predicted = (1.0 + motor.canned * motor.can_mass) * dry / motor.specific_power_multiplier
    return required_or_predicted(shaft_power / positive(motor.required_specific_power), predicted)


def mass_kwak(shaft_power: Numeric, specific_power: Numeric) -> Numeric:
    """m = P/delta_m, kg, of the pump's shaft power; 5.3 kW/kg (Kwak, Kwon and Choi 2018).

    Parameters
    ----------
    shaft_power : float or ndarray (n,)
        W, at the rated point.
    specific_power : float or ndarray (n,)
        delta_m, W/kg.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return shaft_power / specific_power


def rotor_radius(shaft_power: Numeric, speed: Numeric, motor: Motor) -> FloatArray:
    """r = (T / (4 pi lambda sigma))^(1/3), m: mean shear sigma at the air gap of a rotor of length 2 lambda r.

    Parameters
    ----------
    shaft_power : float or ndarray (n,)
        W, at the rated point.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    motor : Motor
        For `slenderness` and `air_gap_stress`.

    Returns
    -------
    ndarray (n,)
        m.

    Examples
    --------
    >>> round(1e3 * float(rotor_radius(5e3, 3000.0, Motor())), 1)  # mm
    12.1
    """
    torque = shaft_power / positive(speed)
    return np.asarray((torque / (4.0 * np.pi * motor.slenderness * motor.air_gap_stress)) ** (1 / 3))


def losses(
    shaft_power: Numeric, speed: Numeric, density: Numeric, viscosity: Numeric, motor: Motor
) -> Losses:
    """Rated losses as shares of the shaft power.

    Dry: x = 0.12 (P / 1 kW)^-0.2, 55 % copper and 45 % iron with bearings, so that efficiency is 0.88 at 1
    kW, 0.92 at 10 kW and 0.955 at 100 kW (published 0.78 to 0.92 at 1 to 10 kW, 0.95 above 100 kW; the
    split is judgement).  Wet: eddy currents in the can, and the drag of a rotor of radius r and length l =
    2 lambda r in liquid (density kg/m3, viscosity Pa s)::

        r = (T / (4 pi lambda sigma))^(1/3)                 air-gap shear stress sigma: T = 2 sigma pi r^2 l
        P_w = 1/2 pi C rho omega^3 r^4 l,  C = 0.065 (t/r)^0.3 Re^-0.2,  Re = omega r t/nu

    `gap_share` is t/r.

    Parameters
    ----------
    shaft_power : float or ndarray (n,)
        W, at the rated point.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    density : float or ndarray (n,)
        kg/m3 of the liquid at the pump's inlet.
    viscosity : float or ndarray (n,)
        Dynamic, Pa s, at the inlet.
    motor : Motor
        Coefficients, requirements and multipliers of the motor.

    Returns
    -------
    Losses

    References
    ----------
    Bilgen and Boulos, J. Fluids Eng. 95 (1973), drag of a rotor in a gap, Re > 1e4; the split of copper and iron is
    judgement.
    """
    power, speed = positive(shaft_power), positive(speed)
    density, viscosity = positive(density), positive(viscosity)
    dry = motor.dry_loss * (power / motor.reference_power) ** -0.2
    radius = rotor_radius(power, speed, motor)
    gap = motor.gap_share
    reynolds = speed * radius**2 * gap * density / viscosity
    drag = motor.canned * 0.065 * gap**0.3 * reynolds**-0.2
    windage = np.pi * drag * density * speed**3 * radius**5 * motor.slenderness / power
    return Losses(
        copper=0.55 * dry, iron=0.45 * dry, can=motor.canned * motor.can_loss + 0.0 * dry, windage=windage
    )


def design(
    shaft_power: Numeric, speed: Numeric, density: Numeric, viscosity: Numeric, motor: Motor
) -> Design:
    """Size the motor for rated shaft power in W and speed in rad/s, flooded by liquid of density kg/m3,
    viscosity Pa s.

    eta = multiplier / (1 + sum of losses), NaN at one or above.

    Parameters
    ----------
    shaft_power : float or ndarray (n,)
        W, at the rated point.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    density : float or ndarray (n,)
        kg/m3 of the liquid at the pump's inlet.
    viscosity : float or ndarray (n,)
        Dynamic, Pa s, at the inlet.
    motor : Motor
        Coefficients, requirements and multipliers of the motor.

    Returns
    -------
    Design

    Examples
    --------
    >>> round(float(design(5e3, 3141.6, 880, 0.8e-3, Motor()).efficiency), 2)
    0.86
    """
    parts = losses(shaft_power, speed, density, viscosity, motor)
    predicted = motor.efficiency_multiplier / (1.0 + parts.copper + parts.iron + parts.can + parts.windage)
    predicted = np.where(predicted < 1.0, predicted, np.nan)
    chosen = required_or_predicted(motor.required_efficiency, predicted)
    return Design(
        shaft_power=np.asarray(shaft_power),
        speed=np.asarray(speed),
        torque=np.asarray(shaft_power / positive(speed)),
        losses=parts,
        predicted_efficiency=predicted,
        efficiency=chosen,
        electric_power=shaft_power / chosen,
        mass=mass(shaft_power, speed, motor),
    )


def loss(
    rated: Design, torque_ratio: Numeric, speed_ratio: Numeric, temperature: Numeric, motor: Motor
) -> FloatArray:
    """Losses in W at part load and winding temperature K: torque t and speed s over the rated ones.

        L = k (copper t^2 (1 + a (T - 20 C)) / (1 + a (T_r - 20 C)) + iron s^1.5 + can s^2 + windage s^2.8)

    with the rated shares of `losses` and a of copper; the exponents of iron and windage are judgement. Copper goes
    with torque squared and its resistance, iron with speed^1.5, can with speed^2, windage with speed^2.8; all are
    scaled so that the rated point at rated temperature has exactly the design's efficiency (predicted or required).

    Parameters
    ----------
    rated : Design
        The motor as sized.
    torque_ratio : float or ndarray (n,)
        t, torque over the rated.
    speed_ratio : float or ndarray (n,)
        s, speed over the rated.
    temperature : float or ndarray (n,)
        K of the windings.
    motor : Motor
        Coefficients, requirements and multipliers of the motor.

    Returns
    -------
    ndarray (n,)
        W.
    """
    parts = rated.losses
    rated_sum = parts.copper + parts.iron + parts.can + parts.windage
    scale = rated.shaft_power * (1.0 / rated.efficiency - 1.0) / rated_sum
    hot = 1.0 + COPPER_COEFFICIENT * (temperature - (20.0 + ZERO_CELSIUS))
    rated_hot = 1.0 + COPPER_COEFFICIENT * (motor.rated_temperature - (20.0 + ZERO_CELSIUS))
    s = np.abs(speed_ratio)
    return np.asarray(
        scale
        * (
            parts.copper * torque_ratio**2 * hot / rated_hot
            + parts.iron * s**1.5
            + parts.can * s**2
            + parts.windage * s**2.8
        )
    )


def cooling(torque: Numeric, motor: Motor) -> FloatArray:
    """G = G_1 (T/T_1)^(2/3), W/K, winding to propellant: a motor's surface grows so with its rated torque (N m).

    Parameters
    ----------
    torque : float or ndarray (n,)
        At the rated point, N m.
    motor : Motor
        Coefficients, requirements and multipliers of the motor.

    Returns
    -------
    ndarray (n,)
        W/K.

    Examples
    --------
    >>> [round(float(cooling(torque, Motor())), 1) for torque in (0.2, 1.0, 5.0)]
    [6.8, 20.0, 58.5]
    """
    return np.asarray(motor.conductance * np.cbrt((torque / motor.conductance_torque) ** 2))


def steady_temperature(rated: Design, propellant_temperature: Numeric, motor: Motor) -> FloatArray:
    """Winding temperature in K at which the flow carries off what full load loses: where long burns end.

        L(T) = L_r + k (T - T_r),   k = L_copper alpha / (1 + alpha (T_r - 20 C))
        L(T) = G (T - T_p)   =>   T = T_p + (L_r + k (T_p - T_r)) / (G - k)

    L_r W at the rated temperature T_r (`loss`), T_p K of the propellant around it, G W/K the conductance between them,
    alpha 1/K of copper.  The time constant is m c / (G - k), under a minute: long burns end there, short ones below.
    NaN where copper's losses grow faster with temperature than the flow's cooling.

    Parameters
    ----------
    rated : Design
        The motor as sized.
    propellant_temperature : float or ndarray (n,)
        K of the propellant around the motor.
    motor : Motor
        Coefficients, requirements and multipliers of the motor.

    Returns
    -------
    ndarray (n,)
        K.

    Examples
    --------
    >>> rated = design(5e3, 3141.6, 880, 0.8e-3, Motor())
    >>> round(float(steady_temperature(rated, 298.15, Motor())) - ZERO_CELSIUS, 1)
    53.7
    """
    parts = rated.losses
    lost = rated.shaft_power * (1.0 / rated.efficiency - 1.0)
    copper = parts.copper / (parts.copper + parts.iron + parts.can + parts.windage)
    growth = 1.0 + COPPER_COEFFICIENT * (motor.rated_temperature - (20.0 + ZERO_CELSIUS))
    slope = lost * copper * COPPER_COEFFICIENT / growth
    cold = lost + slope * (propellant_temperature - motor.rated_temperature)
    return np.asarray(propellant_temperature + cold / positive(cooling(rated.torque, motor) - slope))


def temperature_rate(
    loss: Numeric, temperature: Numeric, propellant_temperature: Numeric, rated: Design, motor: Motor
) -> FloatArray:
    """dT/dt = (loss - G (T - T_propellant)) / (m c), K/s: one node, conductance G to the flow through the
    motor (`cooling`).

    Parameters
    ----------
    loss : float or ndarray (n,)
        W, at this moment.
    temperature : float or ndarray (n,)
        K of the windings.
    propellant_temperature : float or ndarray (n,)
        K of the propellant around the motor.
    rated : Design
        The motor as sized.
    motor : Motor
        Coefficients, requirements and multipliers of the motor.

    Returns
    -------
    ndarray (n,)
        K/s.
    """
    carried = cooling(rated.torque, motor) * (temperature - propellant_temperature)
    return np.asarray((loss - carried) / (rated.mass * motor.specific_heat))
