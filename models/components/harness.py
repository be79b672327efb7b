"""Power harness and bus converter between the battery and the drives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Harness(quantity.Specification):
    """Copper from battery to drives and back, connectors, converters of the pack's charger and of another bus.

    Density and resistivity are those of copper at 60 C; `cable_factor` is insulation, shield and connectors
    over bare copper.
    """

    bus_voltage: Annotated[Numeric, "V", (12.0, 1000.0)] = 50.0
    """28 V for small drives, 50 to 100 V above 1.5 kW."""
    length: Annotated[Numeric, "m", (0.0, 50.0)] = 2.5
    """One way, battery to drive."""
    current_density: Annotated[Numeric, "A/m2", (1e5, 2e7)] = 5e6
    """Copper in vacuum, bundled (judgement)."""
    cable_factor: Annotated[Numeric, "-", (1.0, 4.0)] = 1.3
    """Insulation, shield and connectors over the conductor (judgement)."""
    conductor_density: Annotated[Numeric, "kg/m3", (1e3, 2e4)] = 8960.0
    """Copper."""
    resistivity: Annotated[Numeric, "V m/A", (1e-9, 1e-6)] = 1.99e-8
    """Copper at 60 C."""
    connector_mass: Annotated[Numeric, "kg", (0.0, 10.0)] = 0.1
    """Power and signal connectors of one drive (judgement); isolation and filter are the inverter's."""
    converted_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    """Of the drives' power that passes a converter: 0 where the pack stands at the drives' voltage, 1 where the drives
    hang on a bus of another (a scenario)."""
    converter_specific_mass: Annotated[Numeric, "kg/W", (0.0, 0.01)] = 0.45e-3
    """0.3 to 0.6 kg/kW (judgement)."""


def cable_mass(power: Numeric, harness: Harness) -> Numeric:
    """m = k rho 2 L I/J, kg, I = P/V: out and back at current density J.

    Parameters
    ----------
    power : float or ndarray (n,)
        P of all drives at full thrust, W.
    harness : Harness
        Coefficients of cable, connectors and converter.

    Returns
    -------
    float or ndarray (n,)
        kg.

    Examples
    --------
    >>> round(float(cable_mass(5e3, Harness())), 2)
    1.16
    """
    current = power / harness.bus_voltage
    return (
        harness.cable_factor
        * harness.conductor_density
        * 2.0
        * harness.length
        * current
        / harness.current_density
    )


def loss(power: Numeric, rated: Numeric, harness: Harness) -> Numeric:
    """P_loss = 2 L rho_e J I_r (P/P_r)^2, W: the cable that was sized for `rated` W carries `power` W (0.5
    to 2 % at rated).

    Parameters
    ----------
    power : float or ndarray (n,)
        P at this moment, W.
    rated : float or ndarray (n,)
        P_r that the cable was sized for, W.
    harness : Harness
        Coefficients of cable, connectors and converter.

    Returns
    -------
    float or ndarray (n,)
        W.

    Examples
    --------
    >>> round(float(loss(5e3, 5e3, Harness())) / 5e3, 4)
    0.01
    """
    rated_loss = (
        2.0
        * harness.length
        * harness.resistivity
        * harness.current_density
        * (rated / np.asarray(harness.bus_voltage))
    )
    return rated_loss * (power / np.where(np.asarray(rated) > 0.0, rated, np.nan)) ** 2


def converter_mass(power: Numeric, charger: Numeric, harness: Harness) -> Numeric:
    """m = s (P_charger + x P), kg: what charges the pack from the lander's bus, and the share x of the drives' power
    that passes a converter; both in W.

    Parameters
    ----------
    power : float or ndarray (n,)
        P of all drives at full thrust, W.
    charger : float or ndarray (n,)
        Power that charges the pack from the lander's bus, W.
    harness : Harness
        Coefficients of cable, connectors and converter.

    Returns
    -------
    float or ndarray (n,)
        kg.

    Examples
    --------
    >>> raised = Harness(converted_share=1.0)
    >>> [round(converter_mass(5e3, 250.0, spec), 3) for spec in (Harness(), raised)]
    [0.113, 2.362]
    """
    return harness.converter_specific_mass * (charger + harness.converted_share * power)


def mass(power: Numeric, charger: Numeric, units: Numeric, harness: Harness) -> FloatArray:
    """Cable for `power` (W), converter of charger (W) and bus, connectors of `units` drives, kg.

    Parameters
    ----------
    power : float or ndarray (n,)
        Of all drives at full thrust, W.
    charger : float or ndarray (n,)
        Power that charges the pack from the lander's bus, W.
    units : float or ndarray (n,)
        Number of drives, each with its connectors.
    harness : Harness
        Coefficients of cable, connectors and converter.

    Returns
    -------
    ndarray (n,)
        kg.
    """
    return np.asarray(
        cable_mass(power, harness) + converter_mass(power, charger, harness) + units * harness.connector_mass
    )
