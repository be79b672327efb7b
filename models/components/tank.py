"""Propellant tanks: volume, shape, pressure they must stand, mass with its floor.

Three cases ask for pressure, and the largest rules: operation with the regulator's band; the full tank at the pressure
of the pad in its hottest soak, before it is pressurised; the pressurised tank that warms a little in the coast after
the first burn, at the ullage that it then has.  Landers fly so: tanks are launched at pad pressure and pressurised
shortly before the first burn of the main engines (Apollo's lunar module opened its helium by explosive valves;
Peregrine took the same step).

All functions speak of one tank; multiply by `Tank.number`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import BAR, FloatArray, Numeric
from models.smooth import WIDTH, smooth_maximum


@dataclass(frozen=True)
class Tank(quantity.Specification):
    """The tanks of one propellant, all alike.  Defaults: Ti-6Al-4V with a propellant management device."""

    number: Annotated[Numeric, "-", (1.0, 64.0)] = 2.0
    """Tanks of this propellant."""
    least_hot_ullage: Annotated[Numeric, "-", (0.005, 0.3)] = 0.03
    """Least gas share of a full tank in its hottest soak (a loading rule, judgement); a design may take more."""
    elongation: Annotated[Numeric, "-", (0.0, 5.0)] = 0.0
    """Length of the cylinder over the diameter; 0 is a sphere."""
    minimum_gauge: Annotated[Numeric, "m", (0.0, 0.01)] = 0.62e-3
    """Least wall; 0.5 to 0.8 mm (judgement; a maker calls 0.7 mm thin for a titanium liner)."""
    material_density: Annotated[Numeric, "kg/m3", (500.0, 20e3)] = 4430.0
    """Ti-6Al-4V."""
    launch_load_factor: Annotated[Numeric, "-", (0.0, 1.0)] = 0.10
    """Addition to the shell at minimum gauge for buckling, baffles and skirt; 0.05 to 0.20 (judgement)."""
    pressure_slope: Annotated[Numeric, "kg/J", (0.0, 1e-4)] = 1.4e-5
    """Shell mass per p V of a sphere where pressure rules; uniform 1.0e-5 to 2.25e-5, an uncertainty of structure."""
    overwrap_factor: Annotated[Numeric, "-", (0.3, 1.0)] = 1.0
    """Pressure-carrying mass over that of the metal; 1 metal, 0.65 to 0.80 composite overwrap (a scenario)."""
    fixed_mass: Annotated[Numeric, "kg", (0.0, 100.0)] = 4.5
    """Management device, bosses, mounts that every tank has; normal 4.5, 2.0 above 1.5 (intercept of the catalogue).  A
    tank with a trap in place of a device, settled before each start, has about 1.5 (ArianeGroup's T 11/0)."""
    catalogue_slope: Annotated[Numeric, "kg/J", (0.0, 1e-4)] = 2.25e-5
    """Mass per p V of the catalogue about that intercept; 2.25e-5 +- 0.25e-5 (fit to 19 titanium tanks)."""
    catalogue_pressure: Annotated[Numeric, "Pa", (0.0, 1e8)] = 19.5 * BAR
    """Median pressure of the catalogue."""
    mass_multiplier: Annotated[Numeric, "-", (0.1, 5.0)] = 1.0
    """Residual of the catalogue about the model; log-normal, median 1, factor 1.2."""
    regulator_band: Annotated[Numeric, "Pa", (0.0, 1e7)] = 60e3
    """Regulator band, lock-up and relief above the operating pressure; absolute, uniform 30 to 70 kPa (judgement)."""
    pad_helium_pressure: Annotated[Numeric, "Pa", (0.0, 2e6)] = 0.15e6
    """Of the blanket over the loaded propellant, besides its vapour; 0.1 to 0.25 MPa (judgement)."""
    soak_rise: Annotated[Numeric, "K", (0.0, 60.0)] = 17.5
    """Of the full tank before it is pressurised, hottest over loading; 10 to 25 K (judgement)."""
    pressurised_rise: Annotated[Numeric, "K", (0.0, 60.0)] = 5.0
    """Of the pressurised tank over loading, which thermal control holds; 0 to 10 K (judgement)."""


def volume(propellant_mass: Numeric, density: Numeric, ullage_fraction: Numeric, tank: Tank) -> Numeric:
    """Inner volume in m3 of one tank for a propellant's whole `propellant_mass` (kg) at loading `density` (kg/m3).

        V = m / (rho N (1 - u)),     u = `ullage_fraction`

    Parameters
    ----------
    propellant_mass : float or ndarray (n,)
        m, kg in all tanks of the propellant.
    density : float or ndarray (n,)
        rho, kg/m3 as loaded.
    ullage_fraction : float or ndarray (n,)
        u, gas share of the volume as loaded.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.

    Returns
    -------
    float or ndarray (n,)
        m3, of one tank.

    Examples
    --------
    >>> round(volume(1032.0, 1434.5, 0.08, Tank(number=2)), 4)
    0.391
    """
    return propellant_mass / (density * tank.number * (1.0 - ullage_fraction))


@dataclass(frozen=True)
class Shape:
    """A sphere, or a capsule: cylinder between hemispheres; m and m2."""

    diameter: Numeric
    """m."""
    length: Numeric
    """m, end to end."""
    area: Numeric
    """m2."""


def shape(volume: Numeric, tank: Tank) -> Shape:
    """Inner measures of a tank of `volume` (m3): V = pi d^3 (1/6 + e/4), area pi d^2 (1 + e), e the elongation.

    Parameters
    ----------
    volume : float or ndarray (n,)
        Inner, of one tank, m3.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.

    Returns
    -------
    Shape

    Examples
    --------
    >>> round(shape(0.3, Tank()).diameter, 4)
    0.8306
    """
    diameter = (volume / (np.pi * (1.0 / 6.0 + tank.elongation / 4.0))) ** (1.0 / 3.0)
    return Shape(diameter, diameter * (1.0 + tank.elongation), np.pi * diameter**2 * (1.0 + tank.elongation))


def hydrostatic_pressure(density: Numeric, acceleration: Numeric, head: Numeric) -> Numeric:
    """rho a h in Pa: `density` kg/m3, `acceleration` m/s2 along the tank, liquid `head` m above the point.

    Parameters
    ----------
    density : float or ndarray (n,)
        rho of the liquid, kg/m3.
    acceleration : float or ndarray (n,)
        a along the tank, m/s2.
    head : float or ndarray (n,)
        h of liquid above the point, m.

    Returns
    -------
    float or ndarray (n,)
        Pa.
    """
    return density * acceleration * head


def gauge_shell_mass(volume: Numeric, tank: Tank) -> Numeric:
    """Shell of one tank at minimum gauge in kg: area * gauge * density * (1 + launch load factor).

    Parameters
    ----------
    volume : float or ndarray (n,)
        Inner, of one tank, m3.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.

    Returns
    -------
    float or ndarray (n,)
        kg.

    Examples
    --------
    >>> round(gauge_shell_mass(0.3, Tank(minimum_gauge=0.6e-3, launch_load_factor=0.0)), 2)
    5.76
    """
    thickness = tank.minimum_gauge * (1.0 + tank.launch_load_factor)
    return shape(volume, tank).area * thickness * tank.material_density


def membrane_mass(volume: Numeric, pressure: Numeric, tank: Tank) -> Numeric:
    """Shell in kg that carries `pressure` (maximum expected, Pa; the burst factor is in the slope), of one tank.

        k p V f (1 + e' / 3),   e' = share of the volume in the cylinder = 3 e / (2 + 3 e)

    k is `pressure_slope`, f the overwrap factor, e the elongation.  The membrane of a cylinder weighs 4/3 of that of
    a sphere at equal p V and stress.  A Ti-6Al-4V sphere, 3/2 * 1.5 rho/sigma at 900 MPa, has k = 1.1e-5 kg/J; weld
    lands and the catalogue bring 1.0e-5 to 2.25e-5.

    Parameters
    ----------
    volume : float or ndarray (n,)
        Inner, of one tank, m3.
    pressure : float or ndarray (n,)
        p, maximum expected operating pressure, Pa.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    cylinder = 3.0 * tank.elongation / (2.0 + 3.0 * tank.elongation)
    return tank.pressure_slope * tank.overwrap_factor * pressure * volume * (1.0 + cylinder / 3.0)


def floor_mass(volume: Numeric, tank: Tank) -> Numeric:
    """What one tank weighs besides its shell (kg): management device, bosses, mounts, at any pressure.

        m_0 + (k_c - k) p_c V

    The catalogue holds pressures from 17.5 to 25 bar only: it says what a tank weighs there (m_0 + k_c p_c V), not how
    mass splits between pressure and size.  Whatever part k of its slope is believed to be pressure, the rest is size;
    so a sampled `pressure_slope` leaves the catalogue's tanks where they are and moves the low-pressure ones.

    Parameters
    ----------
    volume : float or ndarray (n,)
        Inner, of one tank, m3.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return tank.fixed_mass + (tank.catalogue_slope - tank.pressure_slope) * tank.catalogue_pressure * volume


def mass(volume: Numeric, maximum_pressure: Numeric, tank: Tank, *, width: float = WIDTH) -> FloatArray:
    """Mass in kg of one tank of `volume` (m3) for `maximum_pressure` (maximum expected operating pressure, Pa).

        multiplier * (floor + smooth maximum(shell at minimum gauge, membrane))

    `width` is that of the blend between the two (`smooth.smooth_maximum`).  Against ten catalogue tanks of 165 to
    1108 L and 18.6 to 24.6 bar: bias -8 to +3 %, rms 14 to 16 %, whatever slope and gauge.  Below 17 bar it
    extrapolates: no catalogue holds such tanks, and the floor is the leading uncertainty.  NaN where the pressure is.

    Parameters
    ----------
    volume : float or ndarray (n,)
        Inner, of one tank, m3.
    maximum_pressure : float or ndarray (n,)
        Maximum expected operating pressure, Pa.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.
    width : float, default WIDTH
        Relative excess of the blend where both regimes are equal.

    Returns
    -------
    ndarray (n,)
        kg, of one tank.

    References
    ----------
    ArianeGroup and MT Aerospace, data sheets of titanium tanks with management device, 165 to 1108 L and 18.6 to
    24.6 bar; the split between floor and shell is judgement.

    Examples
    --------
    >>> tank = Tank()
    >>> [round(float(mass(0.3, pressure, tank)), 1) for pressure in (4e5, 8e5, 20e5)]
    [16.0, 16.0, 17.9]
    """
    shell = smooth_maximum(
        gauge_shell_mass(volume, tank), membrane_mass(volume, maximum_pressure, tank), width=width
    )
    return tank.mass_multiplier * (floor_mass(volume, tank) + shell)


def wall(volume: Numeric, maximum_pressure: Numeric, tank: Tank) -> FloatArray:
    """Mean wall in m that the shell of `mass` amounts to, launch loads and lands smeared over the area.

    Parameters
    ----------
    volume : float or ndarray (n,)
        Inner, of one tank, m3.
    maximum_pressure : float or ndarray (n,)
        Maximum expected operating pressure, Pa.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.

    Returns
    -------
    ndarray (n,)
        m.
    """
    shell = smooth_maximum(gauge_shell_mass(volume, tank), membrane_mass(volume, maximum_pressure, tank))
    return shell / (shape(volume, tank).area * tank.material_density)


def soak_ullage(ullage_fraction: Numeric, density: Numeric, soak_density: Numeric) -> Numeric:
    """Gas share of a closed rigid tank whose liquid warmed from `density` to `soak_density`; below 0 liquid-full.

    Parameters
    ----------
    ullage_fraction : float or ndarray (n,)
        u, gas share of the volume as loaded.
    density : float or ndarray (n,)
        kg/m3 of the liquid at lock-up.
    soak_density : float or ndarray (n,)
        kg/m3 of the liquid as warm as the soak makes it.

    Returns
    -------
    float or ndarray (n,)
        Share of the volume, 0 to 1; below 0 the tank is liquid-full.
    """
    return 1.0 - (1.0 - ullage_fraction) * density / soak_density


def soak_pressure(
    pressure: Numeric,
    ullage_fraction: Numeric,
    *,
    temperature: Numeric,
    soak_temperature: Numeric,
    density: Numeric,
    soak_density: Numeric,
    vapour_pressure: Numeric,
    soak_vapour_pressure: Numeric,
) -> FloatArray:
    """Pressure in Pa of a locked tank that warmed: the liquid swells, the helium is squeezed, vapour adds.

        p_s = (p - p_v) (u / u_s) (T_s / T) + p_v,s,      u_s = 1 - (1 - u) rho / rho_s

    Ideal helium, none of it dissolving (both err on the safe side by a few per cent), rigid tank. NaN where the tank is
    liquid-full or the liquid boils at lock-up.

    Parameters
    ----------
    pressure : float or ndarray (n,)
        p at lock-up, Pa.
    ullage_fraction : float or ndarray (n,)
        u at lock-up, gas share of the volume.
    temperature, soak_temperature : float or ndarray (n,)
        T at lock-up and T_s after the soak, K.
    density, soak_density : float or ndarray (n,)
        rho of the liquid at lock-up and rho_s after the soak, kg/m3.
    vapour_pressure, soak_vapour_pressure : float or ndarray (n,)
        p_v at lock-up and p_v,s after the soak, Pa.

    Returns
    -------
    ndarray (n,)
        Pa; NaN where the tank is liquid-full or the liquid boils at lock-up.

    Examples
    --------
    >>> mon3 = dict(density=1434.9, soak_density=1361.7, vapour_pressure=117e3, soak_vapour_pressure=426e3)
    >>> locked = dict(temperature=293.15, soak_temperature=323.15)
    >>> [round(float(soak_pressure(0.35e6, u, **locked, **mon3)) / 1e6, 2) for u in (0.12, 0.08, 0.05)]
    [0.85, 1.1, nan]
    """
    left = soak_ullage(ullage_fraction, density, soak_density)
    helium = np.asarray(pressure) - vapour_pressure
    valid = (left > 0.0) & (helium >= 0.0)
    squeeze = ullage_fraction / np.where(valid, left, np.nan) * soak_temperature / temperature
    return (helium * squeeze + soak_vapour_pressure)[()]


def loaded_ullage(hot_ullage: Numeric, density: Numeric, soak_density: Numeric) -> Numeric:
    """Gas share as loaded at `density` (kg/m3) that leaves `hot_ullage` at `soak_density`: inverse of `soak_ullage`.

    Parameters
    ----------
    hot_ullage : float or ndarray (n,)
        Gas share that must be left when warm; a tank of gas alone, from 1 on, holds no liquid and gives NaN.
    density : float or ndarray (n,)
        kg/m3 of the liquid as loaded.
    soak_density : float or ndarray (n,)
        kg/m3 of the liquid as warm as the soak makes it.

    Returns
    -------
    float or ndarray (n,)
        Gas share of the volume as loaded.

    Examples
    --------
    >>> round(float(loaded_ullage(0.03, 1434.8, 1393.0)), 3)
    0.058
    """
    liquid = 1.0 - np.asarray(hot_ullage, dtype=np.float64)
    return 1.0 - np.where(liquid > 0.0, liquid, np.nan)[()] * soak_density / density


def burnt_ullage(ullage_fraction: Numeric, propellant_share: Numeric) -> Numeric:
    """Gas share of a tank of `ullage_fraction` when a `propellant_share` of its load has been burnt.

    Parameters
    ----------
    ullage_fraction : float or ndarray (n,)
        u, gas share of the volume as loaded.
    propellant_share : float or ndarray (n,)
        Part of the load that has been burnt, 0 to 1.

    Returns
    -------
    float or ndarray (n,)
        Gas share of the volume.

    Examples
    --------
    >>> round(burnt_ullage(0.06, 0.25), 3)
    0.295
    """
    return 1.0 - (1.0 - ullage_fraction) * (1.0 - propellant_share)


def maximum_pressure(
    operating_pressure: Numeric,
    soak_pressure: Numeric,
    pressurised_pressure: Numeric,
    tank: Tank,
    *,
    width: float = WIDTH,
) -> FloatArray:
    """Pressure in Pa that the tank is sized for: smooth maximum of operation with its band, and of both soaks.

        max(p_operating + band, p_pad soaked, p_pressurised warmed)

    Add `hydrostatic_pressure` to the operating pressure where it counts.  NaN where a soak is.

    Parameters
    ----------
    operating_pressure : float or ndarray (n,)
        Highest of regulated operation without the regulator's band, Pa.
    soak_pressure : float or ndarray (n,)
        Of a tank locked on the pad and warmed, Pa.
    pressurised_pressure : float or ndarray (n,)
        Of a pressurised tank warmed in flight, Pa.
    tank : Tank
        Material, form and coefficients of one propellant's tanks.
    width : float, default WIDTH
        Relative excess of the blend where both regimes are equal.

    Returns
    -------
    ndarray (n,)
        Pa; NaN where a soak is.

    Examples
    --------
    >>> round(float(maximum_pressure(0.45e6, 0.30e6, 0.35e6, Tank(regulator_band=50e3))) / 1e6, 3)
    0.502
    """
    pressurised = smooth_maximum(operating_pressure + tank.regulator_band, pressurised_pressure, width=width)
    return smooth_maximum(pressurised, soak_pressure, width=width)
