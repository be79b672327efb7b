"""Tanks, helium and battery coolant of Kwak, Kwon and Choi (2018), Performance assessment of electrically driven
pump-fed LOX/kerosene cycle rocket engine: Comparison with gas generator cycle, Aerosp. Sci. Technol. 77, 67-82,
doi:10.1016/j.ast.2018.02.033: simple rivals of the project's own components, with which the published case is composed.

LOX/kerosene at 100 kN and 10 MPa: nothing here is for low-pressure lander tanks.
"""

from __future__ import annotations

import numpy as np

from models.quantity import FloatArray, Numeric


def sphere_radius(volume: Numeric) -> Numeric:
    """r = (3 V / 4 pi)^(1/3), m.

    Parameters
    ----------
    volume : float or ndarray (n,)
        m3, of the whole tank.

    Returns
    -------
    float or ndarray (n,)
        m.
    """
    return (3.0 * volume / (4.0 * np.pi)) ** (1.0 / 3.0)


def liquid_height(volume: Numeric, ullage_factor: Numeric) -> FloatArray:
    """Height of liquid in a sphere of `volume` m3, m; ullage_factor is that volume over the liquid's.

    The cap of height c above it holds pi c^2 (3r - c)/3 = V (1 - 1/k); in z = c/r that is z^2 (3 - z) = 4
    (1 - 1/k), whose root in [0, 2] is z = 1 + 2 cos((arccos(1 - 2 (1 - 1/k)) - 2 pi)/3).

    Parameters
    ----------
    volume : float or ndarray (n,)
        m3, of the whole tank.
    ullage_factor : float or ndarray (n,)
        k, tank volume over liquid volume, above 1.

    Returns
    -------
    ndarray (n,)
        m above the bottom of the sphere.

    Examples
    --------
    >>> round(float(liquid_height(4.0 / 3.0 * np.pi, 2.0)), 12)
    1.0
    """
    empty = 1.0 - 1.0 / np.asarray(ullage_factor)
    depth = 1.0 + 2.0 * np.cos((np.arccos(1.0 - 2.0 * empty) + 4.0 * np.pi) / 3.0)
    return np.asarray(sphere_radius(volume) * (2.0 - depth))


def sphere_mass(
    volume: Numeric, pressure: Numeric, density: Numeric, stress: Numeric, factor: Numeric
) -> Numeric:
    """m = 3/2 k rho p V / sigma, kg: a membrane sphere.

    Parameters
    ----------
    volume : float or ndarray (n,)
        m3, of the whole tank.
    pressure : float or ndarray (n,)
        Design pressure, Pa.
    density : float or ndarray (n,)
        Of the wall's material, kg/m3.
    stress : float or ndarray (n,)
        Allowable, Pa.
    factor : float or ndarray (n,)
        k, of bosses, welds and fittings.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return 1.5 * factor * density * pressure * volume / stress


def tank_pressure(
    pressure: Numeric, liquid_density: Numeric, acceleration: Numeric, volume: Numeric, ullage_factor: Numeric
) -> Numeric:
    """p + rho a (h - r/2), Pa: design pressure under acceleration, h the liquid's height.

    Parameters
    ----------
    pressure : float or ndarray (n,)
        Ullage pressure, Pa.
    liquid_density : float or ndarray (n,)
        kg/m3.
    acceleration : float or ndarray (n,)
        m/s2, along the tank.
    volume : float or ndarray (n,)
        m3, of the whole tank.
    ullage_factor : float or ndarray (n,)
        k, tank volume over liquid volume, above 1.

    Returns
    -------
    float or ndarray (n,)
        Pa.
    """
    return pressure + liquid_density * acceleration * (
        liquid_height(volume, ullage_factor) - 0.5 * sphere_radius(volume)
    )


def helium_mass(
    energy: Numeric,
    pressure: Numeric,
    end_pressure: Numeric,
    temperature: Numeric,
    *,
    gas_constant: Numeric,
    heat_ratio: Numeric,
    factor: Numeric,
) -> Numeric:
    """m = k gamma / (R T_0) sum(p V) / (1 - p_end/p_0), kg: adiabatic bottle, ideal gas; energy = sum of p
    V over the tanks, J.

    Parameters
    ----------
    energy : float or ndarray (n,)
        Sum of p V over the tanks, J.
    pressure : float or ndarray (n,)
        In the bottle as loaded, Pa.
    end_pressure : float or ndarray (n,)
        Left in the bottle, Pa.
    temperature : float or ndarray (n,)
        K, as loaded.
    gas_constant : float or ndarray (n,)
        R, J/(kg K)
    heat_ratio : float or ndarray (n,)
        gamma, ratio of specific heats.
    factor : float or ndarray (n,)
        k, of reserve.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return factor * heat_ratio * energy / (gas_constant * temperature * (1.0 - end_pressure / pressure))


def coolant_flow(
    power: Numeric, energy_efficiency: Numeric, specific_heat: Numeric, temperature_rise: Numeric
) -> Numeric:
    """m_dot = P (1 - eta_E) / (c dT), kg/s: fuel recirculated to cool the battery, which the fuel pump must
    also pump.

    Parameters
    ----------
    power : float or ndarray (n,)
        P, W at the battery's terminals.
    energy_efficiency : float or ndarray (n,)
        eta_E, energy at the terminals over energy in the cells.
    specific_heat : float or ndarray (n,)
        c of the fuel, J/(kg K)
    temperature_rise : float or ndarray (n,)
        dT that the fuel may warm, K.

    Returns
    -------
    float or ndarray (n,)
        kg/s.
    """
    return power * (1.0 - energy_efficiency) / (specific_heat * temperature_rise)
