"""Helium pressurisation: bottles, the helium they must hold, regulators.

The least helium is that of a bottle and an ullage at constant temperature, the most that of both adiabatic
(`helium.expel_isothermal`, `helium.expel_adiabatic`); every burn lies between.  `pressurisation` marches it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.properties import helium
from models.quantity import BAR, FloatArray, Numeric
from models.smooth import smooth_maximum

LITRE_AT_CATALOGUE = 310.0 * BAR * 1e-3
"""J in a litre at the pressure of the catalogue."""
ADIABATIC_RATIO = 1.644
"""Adiabatic over isothermal bottle volume: 1.636 to 1.651 over 273 to 313 K, 24 to 34 MPa down to 2.5 to 4 MPa."""


@dataclass(frozen=True)
class Pressurant(quantity.Specification):
    """Helium bottles, what they feed, and the hardware between."""

    bottle_pressure: Annotated[Numeric, "Pa", (1e6, 36e6)] = 31e6
    """Loaded, at the loading temperature."""
    end_pressure: Annotated[Numeric, "Pa", (1e4, 2e7)] = 2.5e6
    """Left in the bottle when the regulator drops out; at least the tank's plus about 1 MPa."""
    bottle_largest_volume: Annotated[Numeric, "m3", (1e-4, 10.0)] = 0.120
    """Of one bottle: the largest of the catalogue.  Their number follows from the need."""
    bottle_fixed_mass: Annotated[Numeric, "kg", (0.0, 50.0)] = 5.7
    """Of each bottle, whatever its volume: bosses, liner, mounts (fit to the catalogue)."""
    bottle_slope: Annotated[Numeric, "kg/J", (0.0, 1e-4)] = 0.107 / LITRE_AT_CATALOGUE
    """Mass per p V on top: 0.107 kg a litre at 310 bar (fit to the catalogue)."""
    bottle_mass_multiplier: Annotated[Numeric, "-", (0.3, 3.0)] = 1.0
    """Residual of the catalogue about that law, 0.9 to 1.1; the best bottle tested, 230 kJ/kg, has 0.76."""
    wall_specific_heat: Annotated[Numeric, "J/(kg K)", (0.0, 1e4)] = 900.0
    """Of the bottle's liner and overwrap; they cool with the gas (carbon epoxy 900 to 1000, titanium 520)."""
    bottle_conductance: Annotated[Numeric, "W/(m2 K)", (0.0, 1e4)] = 60.0
    """Gas to mean wall; 30 to 150 (judgement: 0.1 Ra^(1/3) gives 100 to 280 in the gas, the overwrap about 150)."""
    ullage_conductance: Annotated[Numeric, "W/(m2 K)", (0.0, 1e4)] = 8.0
    """Ullage to wall and liquid; 3 to 20 (judgement, the same correlation at 0.3 to 2 MPa and lunar acceleration)."""
    vapour_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.65
    """Propellant vapour in the ullage over saturation; 0.3 to 1 (judgement)."""
    dissolved_share: Annotated[Numeric, "-", (0.0, 0.5)] = 0.02
    """Helium that dissolves in the propellants over that in the ullage; 0.01 to 0.04 (judgement)."""
    helium_multiplier: Annotated[Numeric, "-", (0.5, 3.0)] = 1.0
    """Residual on the predicted helium, median 1; helium heated at the engine is a scenario of about 0.8."""
    hardware_mass: Annotated[Numeric, "kg", (0.0, 50.0)] = 5.0
    """Regulators, latch and check valves, burst discs, filters of both strings, one a propellant, at
    `hardware_power`; 3 to 8 kg (judgement); others by `hardware`."""
    hardware_power: Annotated[Numeric, "W", (1.0, 1e6)] = 2.5e3
    """Of the gas at that mass: three engines of 2.3 kN behind tanks of 12 bar."""
    blow_down: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    """1: tanks blow down from gas loaded once, without bottles and regulators (`components.blow_down`), and what they
    end at is what their engines or pumps get; 0: regulated.  Below a half counts as regulated."""
    blow_down_hardware_mass: Annotated[Numeric, "kg", (0.0, 50.0)] = 1.5
    """Fill and drain valves, isolation and transducers that are left then, whatever the flow; 1 to 3 kg (judgement)."""
    real_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.38
    """Where the real burn lies between isothermal (0) and adiabatic (1): 0.38 is a multiplier of 1.25."""


@dataclass(frozen=True)
class Supply:
    """What a pressurised system must carry; floats or (n,)."""

    helium_mass: FloatArray
    """kg loaded, the rest that stays in the bottles included."""
    bottle_volume: FloatArray
    """m3, all bottles together."""


def partial_pressure(tank_pressure: Numeric, vapour_pressure: Numeric, pressurant: Pressurant) -> FloatArray:
    """Helium's part in Pa of the ullage's pressure, p - x p_v: `vapour_pressure` at the liquid's temperature, Pa.

    x is `vapour_share`.  NaN where the propellant would boil.  Where tanks differ, weight them by volume.

    Parameters
    ----------
    tank_pressure : float or ndarray (n,)
        p, Pa.
    vapour_pressure : float or ndarray (n,)
        p_v at the liquid's temperature, Pa.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.

    Returns
    -------
    ndarray (n,)
        Pa; NaN where the propellant would boil.

    Examples
    --------
    >>> round(float(partial_pressure(0.35e6, 117e3, Pressurant())) / 1e3)
    274
    """
    helium_part = np.asarray(tank_pressure - pressurant.vapour_share * vapour_pressure)
    return np.where((helium_part > 0.0) & (tank_pressure >= vapour_pressure), helium_part, np.nan)[()]


def supply_quasi_steady(
    pressurised_volume: Numeric, helium_pressure: Numeric, pressurant: Pressurant, *, temperature: Numeric
) -> Supply:
    """Helium and bottles by interpolation between the isothermal and the adiabatic limit.

        V_B = V_iso R^s,   R = `ADIABATIC_RATIO`,   s = `real_share`

    V_iso includes what dissolves.  s = 0.38 gives 1.2 times the least.  `pressurisation` marches the burns and says
    what s they amount to.  NaN where the bottle cannot reach its end pressure.

    Parameters
    ----------
    pressurised_volume : float or ndarray (n,)
        m3 filled with helium by the end, all tanks: with the initial ullage, if that is loaded from bottles.
    helium_pressure : float or ndarray (n,)
        Pa, constant: the tank's less the vapour's (`partial_pressure`)
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.
    temperature : float or ndarray (n,)
        K, of bottle and tank at the start, 200 to 340.

    Returns
    -------
    Supply

    Examples
    --------
    >>> found = supply_quasi_steady(1.0, 0.3e6, Pressurant(dissolved_share=0.0), temperature=293.15)
    >>> round(float(found.bottle_volume) * 1e3, 1), round(float(found.helium_mass), 3)
    (14.7, 0.654)
    """
    least = isothermal_limit(pressurised_volume, helium_pressure, pressurant, temperature=temperature)
    scale = pressurant.helium_multiplier * ADIABATIC_RATIO**pressurant.real_share
    return Supply(least.helium_mass * scale, least.bottle_volume * scale)


def isothermal_limit(
    pressurised_volume: Numeric, helium_pressure: Numeric, pressurant: Pressurant, *, temperature: Numeric
) -> Supply:
    """The least supply, dissolved helium included.

    NaN where the bottle would end below the helium's pressure in the tank.

    Parameters
    ----------
    pressurised_volume : float or ndarray (n,)
        m3 filled with helium by the end, all tanks: with the initial ullage, if that is loaded from bottles.
    helium_pressure : float or ndarray (n,)
        Pa, constant: the tank's less the vapour's (`partial_pressure`)
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.
    temperature : float or ndarray (n,)
        K, of bottle and tank at the start, 200 to 340.

    Returns
    -------
    Supply
    """
    return _limit(helium.expel_isothermal, pressurised_volume, helium_pressure, pressurant, temperature)


def adiabatic_limit(
    pressurised_volume: Numeric, helium_pressure: Numeric, pressurant: Pressurant, *, temperature: Numeric
) -> Supply:
    """The most supply; as `isothermal_limit`, and ten times as slow: `ADIABATIC_RATIO` is right to 0.5 %.

    Parameters
    ----------
    pressurised_volume : float or ndarray (n,)
        m3 filled with helium by the end, all tanks: with the initial ullage, if that is loaded from bottles.
    helium_pressure : float or ndarray (n,)
        Pa, constant: the tank's less the vapour's (`partial_pressure`)
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.
    temperature : float or ndarray (n,)
        K, of bottle and tank at the start, 200 to 340.

    Returns
    -------
    Supply
    """
    return _limit(helium.expel_adiabatic, pressurised_volume, helium_pressure, pressurant, temperature)


def _limit(
    expel: Callable[..., helium.Expulsion],
    pressurised_volume: Numeric,
    helium_pressure: Numeric,
    pressurant: Pressurant,
    temperature: Numeric,
) -> Supply:
    found = expel(
        pressurised_volume,
        np.where(np.asarray(helium_pressure) < pressurant.end_pressure, helium_pressure, np.nan),
        bottle_pressure=pressurant.bottle_pressure,
        end_pressure=pressurant.end_pressure,
        temperature=temperature,
    )
    more = 1.0 + pressurant.dissolved_share
    return Supply(found.helium_mass * more, found.bottle_volume * more)


def hardware(power: Numeric, pressurant: Pressurant) -> FloatArray:
    """Mass in kg of what lies between bottles and tanks, for gas that fills the tanks with `power` (W), p dV/dt.

        m = m_0 + (m_1 - m_0) sqrt(P / P_1)

    m_1 is `hardware_mass` at P_1, `hardware_power`; m_0 `blow_down_hardware_mass`, which does not depend on the flow.
    The mass flow of the gas goes with P at one temperature, and bores of regulators, valves and lines with its root, as
    those of the feed lines do (judgement).

    Parameters
    ----------
    power : float or ndarray (n,)
        P at full thrust, W.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> [round(float(hardware(power, Pressurant())), 2) for power in (0.0, 1e3, 2.5e3, 1e4)]
    [1.5, 3.71, 5.0, 8.5]
    """
    fixed = pressurant.blow_down_hardware_mass
    return np.asarray(
        fixed + (pressurant.hardware_mass - fixed) * np.sqrt(power / pressurant.hardware_power)
    )[()]


def bottle_number(bottle_volume: Numeric, pressurant: Pressurant) -> FloatArray:
    """Bottles that hold `bottle_volume` (m3, all together), none larger than `bottle_largest_volume`; a real number.

        max(1, 1/2 + V / V_max)

    rounded at its corner: the mean of the staircase that whole bottles make, for a search needs a smooth one.

    Parameters
    ----------
    bottle_volume : float or ndarray (n,)
        m3, all bottles together.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.

    Returns
    -------
    ndarray (n,)
        At least 1.

    Examples
    --------
    >>> [round(float(bottle_number(litres * 1e-3, Pressurant())), 1) for litres in (40.0, 213.0, 364.0)]
    [1.0, 2.3, 3.5]
    """
    return smooth_maximum(1.0, 0.5 + bottle_volume / pressurant.bottle_largest_volume)


def bottle_mass(bottle_volume: Numeric, pressurant: Pressurant) -> FloatArray:
    """Mass in kg of all bottles, composite-overwrapped, of `bottle_volume` (m3) together.

        m = multiplier (N m_0 + k p V)

    N is `bottle_number`, m_0 the fixed mass of one, k `bottle_slope`.  Against MT Aerospace's PVG series (310 bar, 40
    to 120 L, 9 to 18 kg): within 11 %, 6 % rms.  Below 40 L it extrapolates.

    Parameters
    ----------
    bottle_volume : float or ndarray (n,)
        m3, all bottles together.
    pressurant : Pressurant
        Bottles, gas and pressurisation hardware.

    Returns
    -------
    ndarray (n,)
        kg.

    References
    ----------
    MT Aerospace, data sheets of the PVG series (310 bar, 40 to 120 L).

    Examples
    --------
    >>> round(float(bottle_mass(0.070, Pressurant())), 1)
    13.7
    """
    scaled = pressurant.bottle_slope * pressurant.bottle_pressure * np.asarray(bottle_volume)
    fixed = bottle_number(bottle_volume, pressurant) * pressurant.bottle_fixed_mass
    return np.asarray(pressurant.bottle_mass_multiplier * (fixed + scaled))[()]
