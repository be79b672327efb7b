"""Reaction control and landing thrusters: four ways to feed them, and what each costs when the main feed is pumped.

Small thrusters want 12 to 17 bar at their inlet.  Thick tanks give it for nothing; behind pumps it must come from
elsewhere, and the choice is a programme's, a scenario, never averaged over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric


class ThrusterOption(Enum):
    """How the thrusters are fed."""

    MONOPROPELLANT = "monopropellant blow-down in both architectures"
    SEPARATE_TANKS = "bipropellant from high-pressure tanks of their own, where the main tanks are thin"
    ACCUMULATORS = "bipropellant from accumulators that the pumps charge"
    LOW_PRESSURE = "bipropellant at the pressure of the thin tanks"


@dataclass(frozen=True)
class ReactionControl(quantity.Specification):
    """The thrusters of both architectures.  Values not marked otherwise: judgement."""

    option: ThrusterOption = ThrusterOption.SEPARATE_TANKS
    """Type of thruster, with its data."""
    propellant_share: Annotated[Numeric, "-", (0.0, 0.5)] = 0.06
    """Share of all propellant that the thrusters burn; 0.05 to 0.15."""
    specific_impulse: Annotated[Numeric, "s", (50.0, 450.0)] = 285.0
    """Bipropellant at 12 to 17 bar, pulsed and steady together."""
    monopropellant_specific_impulse: Annotated[Numeric, "s", (50.0, 450.0)] = 222.0
    """Hydrazine, mean over the blow-down."""
    braking_thrust: Annotated[Numeric, "N", (0.0, 1e6)] = 0.0
    """With which thrusters help the main engines through braking; 0: they do not."""
    landing_thrust: Annotated[Numeric, "N", (0.0, 1e6)] = 0.0
    """On which the terminal descent is flown with the main engines off; 0: it is flown on these."""
    thruster_mass: Annotated[Numeric, "kg/N", (0.0, 1.0)] = 0.01
    """Of thrusters that brake or land, beyond those that hold attitude: 1.9 kg for 200 N, 4.2 kg for 400 N."""
    feed_pressure: Annotated[Numeric, "Pa", (1e5, 5e6)] = 1.6e6
    """Of bipropellant tanks of their own; thrusters want 1.2 to 1.7 MPa."""
    blow_down_ratio: Annotated[Numeric, "-", (1.2, 20.0)] = 4.0
    """Ullage at the end of a monopropellant blow-down over that at its start; 3 to 5 is usual."""
    blow_down_pressure_ratio: Annotated[Numeric, "-", (0.5, 5.0)] = 1.4
    """Its first pressure over the feed pressure of bipropellant: 2.2 MPa, as hydrazine systems start."""
    tank_ullage: Annotated[Numeric, "-", (0.0, 0.5)] = 0.08
    """As loaded, of bipropellant tanks of their own."""
    tank_reference_volume: Annotated[Numeric, "m3", (1e-3, 10.0)] = 0.235
    """Median of the catalogue from which a tank's fixed mass comes."""
    accumulators_mass: Annotated[Numeric, "kg/kg", (0.0, 0.1)] = 2e-3
    """Accumulators, check valves and the control of their charge; 1 to 3 kg per t at launch."""
    accumulators_excess: Annotated[Numeric, "-", (0.0, 2.0)] = 0.25
    """Energy of pumps that pulse into accumulators with a bypass, beyond that of steady pumping; 0.10 to 0.40.  Over
    that range the payload gain of reference landers of up to 6 t moves by 0.05 to 0.15 kg, at 10 t by 0.9 kg, under
    that option alone; a constant, not an uncertain input, for that reason."""
    low_pressure_loss: Annotated[Numeric, "s", (0.0, 100.0)] = 10.0
    """Specific impulse lost at 3 to 5 bar; 5 to 15 s."""


@dataclass(frozen=True)
class Effect:
    """What the thrusters' feed comes to; floats or (n,)."""

    specific_impulse: Numeric
    """s, of the thrusters."""
    specific_mass: Numeric
    """kg of hardware per kg at launch, beyond thrusters that are fed from thick tanks, and beyond tanks of their own
    (`models.architectures.thruster_feed`)."""


def own_tanks(control: ReactionControl, *, pumped: bool) -> bool:
    """Whether the thrusters' propellant is in tanks of its own: monopropellant always, bipropellant where the main feed
    is `pumped` and it is so chosen.

    Parameters
    ----------
    control : ReactionControl
        The thrusters and how they are fed.
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    bool
        True where the thrusters do not draw from the main tanks.

    Examples
    --------
    >>> own_tanks(ReactionControl(), pumped=True), own_tanks(ReactionControl(), pumped=False)
    (True, False)
    """
    return control.option is ThrusterOption.MONOPROPELLANT or (
        pumped and control.option is ThrusterOption.SEPARATE_TANKS
    )


def effect(control: ReactionControl, *, pumped: bool) -> Effect:
    """Specific impulse and additional hardware of the thrusters in one architecture.

    Parameters
    ----------
    control : ReactionControl
        The thrusters and how they are fed.
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    Effect

    Examples
    --------
    >>> control = ReactionControl(option=ThrusterOption.LOW_PRESSURE)
    >>> [effect(control, pumped=pumped).specific_impulse for pumped in (False, True)]
    [285.0, 275.0]
    """
    if control.option is ThrusterOption.MONOPROPELLANT:
        return Effect(control.monopropellant_specific_impulse, 0.0)
    if pumped and control.option is ThrusterOption.ACCUMULATORS:
        return Effect(control.specific_impulse, control.accumulators_mass)
    if pumped and control.option is ThrusterOption.LOW_PRESSURE:
        return Effect(control.specific_impulse - control.low_pressure_loss, 0.0)
    return Effect(control.specific_impulse, 0.0)


def assisting_mass(control: ReactionControl) -> FloatArray:
    """Mass in kg of the thrusters that brake or land, the same ones: m_1 max(F_braking, F_landing).

    Parameters
    ----------
    control : ReactionControl
        The thrusters and how they are fed.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> round(float(assisting_mass(ReactionControl(braking_thrust=400.0, landing_thrust=1200.0))), 3)
    12.0
    """
    return control.thruster_mass * np.maximum(control.braking_thrust, control.landing_thrust)


def charging_energy(propellant: Numeric, specific_energy: Numeric, control: ReactionControl) -> Numeric:
    """Electric energy in J that the thrusters' `propellant` (kg) takes where main pumps charge accumulators, else 0.

        E = m e (1 + excess)

    The pumps' discharge pressure is about what accumulators of 12 to 17 bar need. The excess, of pumps that pulse, is
    judgement.

    Parameters
    ----------
    propellant : float or ndarray (n,)
        m of the thrusters over the mission, kg.
    specific_energy : float or ndarray (n,)
        e that the pumps take per kilogram of propellant at full thrust, J/kg.
    control : ReactionControl
        The thrusters and how they are fed.

    Returns
    -------
    float or ndarray (n,)
        J.

    Examples
    --------
    >>> [charging_energy(100.0, 4e3, ReactionControl(option=option)) for option in ThrusterOption]
    [0.0, 0.0, 500000.0, 0.0]
    """
    if control.option is not ThrusterOption.ACCUMULATORS:
        return 0.0 * propellant
    return propellant * specific_energy * (1.0 + control.accumulators_excess)
