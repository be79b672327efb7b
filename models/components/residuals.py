"""Propellant that is loaded and never burns: residuals, starts, settling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Residuals(quantity.Specification):
    """Shares of the propellant that stay, for both feeds, what each start of a pump costs, and its sumps."""

    fraction: Annotated[Numeric, "-", (0.0, 0.2)] = 0.020
    """Outage 0.005 to 0.015, trapped 0.005, vapour: 0.015 to 0.03 of what tanks hold for engines and thrusters alike
    (judgement)."""
    pump_difference: Annotated[Numeric, "-", (-0.05, 0.05)] = 0.001
    """Added with pumps: manifold 0.002 to 0.006, suction in the last seconds 0.001 to 0.005, bleed, less what mixture
    trim by two speeds saves, 0.003 to 0.010; together -0.006 to 0.008 (judgement)."""
    starts: Annotated[Numeric, "-", (1.0, 200.0)] = 15.0
    """Ignitions of the main engines in the mission; 10 to 30."""
    start_duration: Annotated[Numeric, "s", (0.0, 2.0)] = 0.06
    """Of full flow that one start with pumps bleeds or recirculates: 0.02 to 0.2 (judgement; a gas generator takes 0.7
    to 0.9 in a start, part of which pushes)."""
    spin_up_duration: Annotated[Numeric, "s", (0.0, 60.0)] = 4.0
    """Of full power that priming and spin-up of one start take: 2 to 8 (judgement)."""
    settling_velocity: Annotated[Numeric, "m/s", (0.0, 20.0)] = 0.5
    """Of settling burns that pumps need beyond what thrusters do anyway, whole mission: tanks hold their liquid by
    devices of their own in both architectures; 0 to 1.5 (judgement)."""
    trap_settling_velocity: Annotated[Numeric, "m/s", (0.0, 20.0)] = 0.0
    """Of settling burns before every start where tanks have a trap in place of a management device, whole mission and
    either architecture: 1 to 3 for 15 starts of 5 to 10 s at 0.02 m/s2 (judgement); 0 with a device."""
    sump_mass: Annotated[Numeric, "kg", (0.0, 10.0)] = 0.5
    """Sump that a pump needs in a tank of `sump_volume` beyond its device or trap; 0.2 to 1 (judgement)."""
    sump_volume: Annotated[Numeric, "m3", (1e-3, 10.0)] = 0.25
    """Of that mass."""


def residual_mass(propellant: Numeric, residuals: Residuals, *, pumped: bool) -> Numeric:
    """What stays in tanks and lines, kg: (x + dx) m, shares of the propellant m (kg) that is burnt, dx behind pumps.

    Parameters
    ----------
    propellant : float or ndarray (n,)
        kg of the main engines or of the thrusters.
    residuals : Residuals
        Shares and durations of what is loaded and not burnt.
    pumped : bool
        Whether pumps feed what burns it.

    Returns
    -------
    float or ndarray (n,)
        kg.

    Examples
    --------
    >>> [round(residual_mass(500.0, Residuals(), pumped=pumped), 3) for pumped in (False, True)]
    [10.0, 10.5]
    """
    return propellant * (residuals.fraction + (residuals.pump_difference if pumped else 0.0))


def start_losses(
    flow: Numeric, launch_mass: Numeric, exhaust_velocity: Numeric, residuals: Residuals
) -> Numeric:
    """Propellant that the starts of pumps and their settling burns use without moving the lander, kg.

        n t_1 m_dot + m dv / v

    Parameters
    ----------
    flow : float or ndarray (n,)
        m_dot, kg/s of all engines at full thrust.
    launch_mass : float or ndarray (n,)
        m, kg.
    exhaust_velocity : float or ndarray (n,)
        v, m/s of the thrusters that settle.
    residuals : Residuals
        Starts n, each of t_1 of full flow, and the settling velocity dv.

    Returns
    -------
    float or ndarray (n,)
        kg.

    Examples
    --------
    >>> round(start_losses(2.1, 2700.0, 2800.0, Residuals()), 2)
    2.37
    """
    starting = residuals.starts * residuals.start_duration * flow
    return starting + launch_mass * residuals.settling_velocity / exhaust_velocity


def sumps(tanks: Numeric, volume: Numeric, residuals: Residuals) -> FloatArray:
    """Mass in kg of the sumps of `tanks` of `volume` (m3) each: n m_1 (V/V_1)^(2/3), as surfaces grow.

    Parameters
    ----------
    tanks : float or ndarray (n,)
        Number of tanks that feed pumps.
    volume : float or ndarray (n,)
        m3 of each.
    residuals : Residuals
        Shares and durations of what is loaded and not burnt.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> round(float(sumps(4.0, 0.25, Residuals())), 2)
    2.0
    """
    return np.asarray(tanks * residuals.sump_mass * np.cbrt((volume / residuals.sump_volume) ** 2))
