"""Liquid propellants: saturated-liquid properties over temperature, and the pairs that engines burn.

Every property is a polynomial fitted to a public source by ``models/properties/tables/fit_liquids.py``:

    density       = sum c_k x^k,        x = T / T_ref - 1          kg/m3
    specific heat = sum c_k x^k                                     J/(kg K)
    ln(vapour pressure / Pa)  = sum c_k z^k,   z = T_ref / T - 1
    ln(viscosity / (Pa s))    = sum c_k z^k

with T_ref = 300 K (storables) or 100 K (cryogenics).  Source of the storables: the saturation curves of rocketprops
0.1.10 (specific gravity over 1000 kg/m3), of the cryogenics: the reference equations of state in CoolProp
(Schmidt and Wagner 1985 for oxygen, Setzmann and Wagner 1991 for methane).  The residuals next to the coefficients
are the largest of each fit; the sources themselves differ by about 0.3 % in density, 3 % in vapour pressure and
5 % in viscosity (judgement).  Liquids are taken at saturation: at 2 MPa MON-3 is 0.15 % denser (judgement).

Temperatures are floats or arrays; outside the liquid's range, and for NaN, the result is NaN.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from models.quantity import FloatArray, Numeric

Coefficients = tuple[float, ...]

T = TypeVar("T")


@dataclass(frozen=True)
class PerPropellant(Generic[T]):
    """The same thing of the oxidiser and of the fuel.

    >>> [name for name in PerPropellant("MON-3", "MMH")]
    ['MON-3', 'MMH']
    """

    oxidiser: T
    """Of the oxidiser."""
    fuel: T
    """Of the fuel."""

    def __iter__(self) -> Iterator[T]:
        return iter((self.oxidiser, self.fuel))


@dataclass(frozen=True)
class Liquid:
    """A saturated liquid: coefficients by rising power, and the temperatures (K) between which they hold."""

    name: str
    """As in a case file."""
    molar_mass: float
    """kg/mol; of the vapour over the liquid."""
    reference_temperature: float
    """K; the scale of temperature in all polynomials."""
    low: float
    """K."""
    high: float
    """K."""
    density: Coefficients
    """Of kg/m3."""
    vapour_pressure: Coefficients
    """Of the logarithm of Pa."""
    viscosity: Coefficients
    """Of the logarithm of Pa s."""
    specific_heat: Coefficients
    """Of J/(kg K)."""


MON3 = Liquid(
    name="MON-3",
    molar_mass=90.562e-3,
    reference_temperature=300.0,
    low=262.0,
    high=345.0,
    density=(1418.849, -710.0063, -362.3207, -959.5965, 5779.822),  # 0.04 %
    vapour_pressure=(11.98596, -13.52727, 1.103142, -2.94704),  # 0.34 %
    viscosity=(-7.888968, 3.678592, -2.987195, 6.840009, -21.36012),  # 0.10 %
    specific_heat=(1699.635, 857.9337, 1261.607, 6953.469, 55412.79),  # 0.06 %
)

MON25 = Liquid(
    name="MON-25",
    molar_mass=81.187e-3,
    reference_temperature=300.0,
    low=220.0,
    high=320.0,
    density=(1373.973, -708.4554, -394.4968, -342.3011, -234.9568),  # 0.003 %
    vapour_pressure=(13.24927, -12.33145, -1.505888, 0.02948369),  # 0.01 %
    viscosity=(-7.809964, 3.768721, -1.604795, 0.6623393, -0.4732169),  # 0.32 %
    specific_heat=(1978.513, 777.2823, 2318.454, 4552.214, 7293.958),  # 0.01 %
)
"""25 % NO by mass: it freezes at -55 to -57 C (Wright 1977, AFRPL-TR-76-76; rocketprops) where MON-3 does at -15 C, and
its vapour pressure is 3.6 times as high at 20 C.  Above 320 K it stands at 12 bar: no lander's tank is built for it."""

N2O4 = Liquid(
    name="N2O4",
    molar_mass=92.011e-3,
    reference_temperature=300.0,
    low=264.0,
    high=345.0,
    density=(1425.92, -703.235, -358.0938, -1308.802, 10678.79),  # 0.06 %
    vapour_pressure=(11.78663, -13.95878, 2.992258, 4.162787),  # 0.04 %
    viscosity=(-7.860181, 3.725245, -3.31406, 5.700601, -23.0388),  # 0.11 %
    specific_heat=(1591.545, 1008.683, 1092.335, 8442.049, 67381.17),  # 0.16 %
)

MMH = Liquid(
    name="MMH",
    molar_mass=46.0724e-3,
    reference_temperature=300.0,
    low=250.0,
    high=370.0,
    density=(873.3776, -284.3404, -60.01455, -34.94305, -27.89926),  # 0.002 %
    vapour_pressure=(8.903102, -16.29205, -4.296725, 0.2186351),  # 0.05 %
    viscosity=(-7.208586, 5.422214, 2.868537, 1.30074, 25.62426),  # 2.05 %
    specific_heat=(2938.618, 404.8385, 119.3389, 843.4017, -1819.106),  # 0.03 %
)

HYDRAZINE = Liquid(
    name="N2H4",
    molar_mass=32.0453e-3,
    reference_temperature=300.0,
    low=276.0,
    high=370.0,
    density=(1004.11, -262.1928, -48.63426, -21.72001, -14.54419),  # 0.001 %
    vapour_pressure=(7.641521, -17.6458, -1.6762, 0.8261892),  # 0.10 %
    viscosity=(-6.989856, 4.735335, -1.737675, 1.279547, -1.310813),  # 0.01 %
    specific_heat=(3106.325, 773.3895, 381.1011, -4366.737, 11493.89),  # 0.01 %
)

LOX = Liquid(
    name="LOX",
    molar_mass=31.9988e-3,
    reference_temperature=100.0,
    low=60.0,
    high=120.0,
    density=(1090.9, -530.3434, -209.9867, -276.9911, -200.2287),  # 0.004 %
    vapour_pressure=(12.44605, -8.407662, -0.4767702, -0.1509552),  # 0.30 %
    viscosity=(-8.787833, 2.374136, -1.371013, 2.271947, -1.606867),  # 0.31 %
    specific_heat=(1736.683, 522.3482, 1644.673, 2090.138, 709.9542),  # 0.12 %
)

LCH4 = Liquid(
    name="LCH4",
    molar_mass=16.0428e-3,
    reference_temperature=100.0,
    low=92.0,
    high=150.0,
    density=(438.8903, -137.8802, -31.28926, -11.25225, -44.93363),  # 0.004 %
    vapour_pressure=(10.44555, -10.42406, -0.9088191, -0.933372),  # 0.09 %
    viscosity=(-8.767761, 2.730079, -0.09359329, -0.5466524, -7.857408),  # 0.11 %
    specific_heat=(3408.091, 524.8793, 945.8858, -1033.0, 4290.919),  # 0.03 %
)


@dataclass(frozen=True)
class Propellants:
    """Oxidiser and fuel, the combustion table that belongs to them, and the mixture ratios it spans."""

    name: str
    """As in a case file."""
    oxidiser: Liquid
    """Properties of the liquid."""
    fuel: Liquid
    """Properties of the liquid."""
    table: str
    """Name of the combustion table."""
    mixture_ratio: tuple[float, float]
    """Oxidiser to fuel by mass, lowest and highest."""
    reference_mixture_ratio: float
    """Of the engines to which the efficiency is fitted, or, where there are none, as far below stoichiometry."""


MON3_MMH = Propellants("MON-3/MMH", MON3, MMH, "mon3_mmh", (1.3, 2.4), 1.65)
MON25_MMH = Propellants("MON-25/MMH", MON25, MMH, "mon25_mmh", (1.4, 2.5), 1.75)
"""The fuel's fits end at 250 K: what is colder has no known properties here, though MON-25 is made for 233 K."""
MON3_N2H4 = Propellants("MON-3/N2H4", MON3, HYDRAZINE, "mon3_n2h4", (0.6, 1.35), 1.0)
LOX_LCH4 = Propellants("LOX/LCH4", LOX, LCH4, "lox_lch4", (2.4, 3.8), 3.2)


def _inside(liquid: Liquid, temperature: Numeric) -> FloatArray:
    """The temperature where the liquid's fits hold, else NaN."""
    kelvin = np.asarray(temperature, dtype=np.float64)
    return np.where((kelvin >= liquid.low) & (kelvin <= liquid.high), kelvin, np.nan)


def _polynomial(coefficients: Coefficients, x: FloatArray) -> FloatArray:
    """sum c_k x^k by Horner's rule; a scalar for a scalar."""
    result = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result = result * x + coefficient
    return result[()]


def density(liquid: Liquid, temperature: Numeric) -> FloatArray:
    """Density of the saturated liquid (kg/m3) at `temperature` (K).

    Parameters
    ----------
    liquid : Liquid
        Polynomials of one propellant.
    temperature : float or ndarray (n,)
        K; NaN outside the range of the liquid's polynomials.

    Returns
    -------
    ndarray (n,)
        kg/m3.

    Examples
    --------
    >>> round(float(density(MON3, 293.15)), 1), round(float(density(MMH, 293.15)), 1)
    (1434.9, 879.8)
    """
    return _polynomial(liquid.density, _inside(liquid, temperature) / liquid.reference_temperature - 1.0)


def expansion(liquid: Liquid, temperature: Numeric) -> FloatArray:
    """Volumetric thermal expansion -d(ln density)/dT (1/K) of the saturated liquid at `temperature` (K).

    Parameters
    ----------
    liquid : Liquid
        Polynomials of one propellant.
    temperature : float or ndarray (n,)
        K; NaN outside the range of the liquid's polynomials.

    Returns
    -------
    ndarray (n,)
        1/K.
    """
    x = _inside(liquid, temperature) / liquid.reference_temperature - 1.0
    slope = tuple(power * c for power, c in enumerate(liquid.density))[1:]
    return -_polynomial(slope, x) / (_polynomial(liquid.density, x) * liquid.reference_temperature)


def vapour_pressure(liquid: Liquid, temperature: Numeric) -> FloatArray:
    """Vapour pressure (Pa) at `temperature` (K).

    For MON-3 the equilibrium pressure of N2O4 with 3 % NO over the liquid.

    Parameters
    ----------
    liquid : Liquid
        Polynomials of one propellant.
    temperature : float or ndarray (n,)
        K; NaN outside the range of the liquid's polynomials.

    Returns
    -------
    ndarray (n,)
        Pa.

    Examples
    --------
    >>> [round(float(vapour_pressure(MON3, kelvin)) / 1e3) for kelvin in (293.15, 313.15)]
    [117, 284]
    """
    inverse = liquid.reference_temperature / _inside(liquid, temperature) - 1.0
    return np.exp(_polynomial(liquid.vapour_pressure, inverse))


def viscosity(liquid: Liquid, temperature: Numeric) -> FloatArray:
    """Dynamic viscosity (Pa s) of the saturated liquid at `temperature` (K).

    Parameters
    ----------
    liquid : Liquid
        Polynomials of one propellant.
    temperature : float or ndarray (n,)
        K; NaN outside the range of the liquid's polynomials.

    Returns
    -------
    ndarray (n,)
        Pa s.
    """
    inverse = liquid.reference_temperature / _inside(liquid, temperature) - 1.0
    return np.exp(_polynomial(liquid.viscosity, inverse))


def specific_heat(liquid: Liquid, temperature: Numeric) -> FloatArray:
    """Specific heat (J/(kg K)) of the saturated liquid at `temperature` (K).

    Parameters
    ----------
    liquid : Liquid
        Polynomials of one propellant.
    temperature : float or ndarray (n,)
        K; NaN outside the range of the liquid's polynomials.

    Returns
    -------
    ndarray (n,)
        J/(kg K)
    """
    return _polynomial(
        liquid.specific_heat, _inside(liquid, temperature) / liquid.reference_temperature - 1.0
    )
