"""Where the heat of the drives goes: motors into the propellant that floods them, inverters through a cold plate into
the fuel, into their own heat capacity, and what is left into a sink.

An inverter that loses Q and gives G (T - T_fuel) to the fuel warms as one node of capacity C:

    T - T_fuel = (Q/G) (1 - exp(-G t/C))

The plate is made so that at the rise that is allowed a share s of the heat passes: G = s Q / dT.  Then the rise stays
below dT for C >= Q t s / (-ln(1 - s) dT), and a sink is bought for what inverters do not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric
from models.smooth import smooth_maximum


@dataclass(frozen=True)
class Thermal(quantity.Specification):
    """Cooling of the inverters; motors are cooled by what floods them (`motor.cooling`)."""

    fuel_share: Annotated[Numeric, "-", (0.0, 0.999)] = 0.8
    """Of the inverters' heat that their cold plates pass to the fuel at the allowed rise (judgement)."""
    allowed_rise: Annotated[Numeric, "K", (1.0, 150.0)] = 40.0
    """Of the inverters' base above the fuel: 25 to 65 C (judgement)."""
    inverter_specific_heat: Annotated[Numeric, "J/(kg K)", (100.0, 2000.0)] = 800.0
    """Boards, copper and aluminium housing together (judgement)."""
    fuel_temperature_limit: Annotated[Numeric, "K", (0.0, 100.0)] = 15.0
    """Rise of the fuel that drives may cause: beyond, it nears cavitation (judgement)."""
    sink_specific_heat: Annotated[Numeric, "J/(kg K)", (100.0, 5000.0)] = 900.0
    """Aluminium."""
    phase_change_heat: Annotated[Numeric, "J/kg", (1e3, 1e6)] = 175e3
    """Paraffin, 150 to 200 kJ/kg."""
    phase_change_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.5
    """Of the sink."""
    container_factor: Annotated[Numeric, "-", (1.0, 3.0)] = 1.3
    """Filled container over filling (judgement)."""
    fixed_mass: Annotated[Numeric, "kg", (0.0, 20.0)] = 0.3
    """Straps and thermal paths (judgement)."""
    plate_mass: Annotated[Numeric, "kg/W", (0.0, 0.1)] = 1e-3
    """Cold plates over the heat that inverters lose (judgement: 0.5 to 2 kg/kW)."""


def fuel_temperature_rise(
    heat_rate: Numeric, flow: Numeric, specific_heat: Numeric, thermal: Thermal
) -> FloatArray:
    """dT = share Q / (m_dot c_p), K: 1 to 3 K at the rated point.

    NaN above the limit (hot fuel cavitates and decomposes) or without flow.

    Parameters
    ----------
    heat_rate : float or ndarray (n,)
        Q, W of all running inverters at full thrust.
    flow : float or ndarray (n,)
        m_dot of the fuel, kg/s.
    specific_heat : float or ndarray (n,)
        c_p of the fuel, J/(kg K)
    thermal : Thermal
        Coefficients of cold plates, straps and sink.

    Returns
    -------
    ndarray (n,)
        K.

    Examples
    --------
    >>> round(float(fuel_temperature_rise(1200.0, 0.29, 2930.0, Thermal())), 2)
    1.13
    """
    rise = thermal.fuel_share * heat_rate / (np.where(np.asarray(flow) > 0.0, flow, np.nan) * specific_heat)
    return np.where(rise <= thermal.fuel_temperature_limit, rise, np.nan)


def excess(heat_rate: Numeric, duration: Numeric, inverters: Numeric, thermal: Thermal) -> FloatArray:
    """Heat in J that neither the fuel nor the inverters' own capacity takes in the longest burn.

        max(Q t s / -ln(1 - s), m c dT) - m c dT,   smooth

    Parameters
    ----------
    heat_rate : float or ndarray (n,)
        Q, W of all running inverters at full thrust.
    duration : float or ndarray (n,)
        t of the longest burn, s.
    inverters : float or ndarray (n,)
        m of those that run, kg.
    thermal : Thermal
        Share s to the fuel, allowed rise dT, specific heat c.

    Returns
    -------
    ndarray (n,)
        J.

    Examples
    --------
    >>> [round(float(excess(660.0, 500.0, mass, Thermal())) / 1e3) for mass in (0.0, 3.0, 8.0)]
    [164, 68, 0]
    """
    share = np.maximum(thermal.fuel_share, 1e-9)
    stored = heat_rate * duration * share / -np.log1p(-share)
    own = inverters * thermal.inverter_specific_heat * thermal.allowed_rise
    return smooth_maximum(stored, own) - own


def capacity(inverters: Numeric, sink_energy: Numeric, thermal: Thermal) -> FloatArray:
    """J/K of the node that the inverters and their sink are: m c + E / dT.

    A sink that melts takes its heat at one temperature; here it takes the same heat up to the allowed rise.

    Parameters
    ----------
    inverters : float or ndarray (n,)
        m, kg of those that run.
    sink_energy : float or ndarray (n,)
        E that the sink takes up to the allowed rise, J.
    thermal : Thermal
        Specific heat c, allowed rise dT.

    Returns
    -------
    ndarray (n,)
        J/K.
    """
    return np.asarray(inverters * thermal.inverter_specific_heat + sink_energy / thermal.allowed_rise)


def temperature_rate(
    heat_rate: Numeric, rise: Numeric, rated_heat: Numeric, capacity: Numeric, thermal: Thermal
) -> FloatArray:
    """d(T - T_fuel)/dt = (Q - G (T - T_fuel)) / C, K/s, with G = s Q_rated / dT of the cold plates as built.

    Parameters
    ----------
    heat_rate : float or ndarray (n,)
        Q that running inverters lose at this moment, W.
    rise : float or ndarray (n,)
        T - T_fuel, K.
    rated_heat : float or ndarray (n,)
        Q_rated at full thrust, for which the plates are made, W.
    capacity : float or ndarray (n,)
        C, `capacity`, J/K.
    thermal : Thermal
        Share s to the fuel, allowed rise dT.

    Returns
    -------
    ndarray (n,)
        K/s.

    Examples
    --------
    >>> at_the_limit = temperature_rate(660.0, 40.0, 660.0, 1e4, Thermal())
    >>> round(float(at_the_limit), 4)
    0.0132
    """
    carried = thermal.fuel_share * rated_heat / thermal.allowed_rise * rise
    return np.asarray((heat_rate - carried) / capacity)


def sink_mass_aluminium(energy: Numeric, thermal: Thermal) -> Numeric:
    """m = E / (c dT), kg: aluminium warmed by the allowed rise.

    Parameters
    ----------
    energy : float or ndarray (n,)
        E that the sink takes in the longest burn, J.
    thermal : Thermal
        Coefficients of cold plates, straps and sink.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return energy / (thermal.sink_specific_heat * thermal.allowed_rise)


def sink_mass_phase_change(energy: Numeric, thermal: Thermal) -> Numeric:
    """m = k E / h, kg, h = 150 to 200 kJ/kg (paraffin) and container k = 1.3 (judgement).

    Parameters
    ----------
    energy : float or ndarray (n,)
        E that the sink takes in the longest burn, J.
    thermal : Thermal
        Coefficients of cold plates, straps and sink.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return thermal.container_factor * energy / thermal.phase_change_heat


def mass(heat_rate: Numeric, energy: Numeric, thermal: Thermal) -> Numeric:
    """Straps, cold plates for `heat_rate` (W of inverters) and a sink for `energy` (J, `excess`), kg.

    Parameters
    ----------
    heat_rate : float or ndarray (n,)
        Q, W of all running inverters at full thrust.
    energy : float or ndarray (n,)
        That the sink takes in the longest burn, J (`excess`)
    thermal : Thermal
        Coefficients of cold plates, straps and sink.

    Returns
    -------
    float or ndarray (n,)
        kg.

    Examples
    --------
    All aluminium, half and half, all phase change:

    >>> [round(float(mass(660.0, 70e3, Thermal(phase_change_share=share))), 2) for share in (0.0, 0.5, 1.0)]
    [2.9, 2.19, 1.48]
    """
    share = thermal.phase_change_share
    return (
        thermal.fixed_mass
        + thermal.plate_mass * heat_rate
        + (1.0 - share) * sink_mass_aluminium(energy, thermal)
        + share * sink_mass_phase_change(energy, thermal)
    )
