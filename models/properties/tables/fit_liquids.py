"""Fit the polynomials of `models.properties.propellants` to public property libraries and print them with their
residuals.

    python -m models.properties.tables.fit_liquids

Storables: saturation curves of rocketprops 0.1.10 (specific gravity taken over water at 1000 kg/m3).
Cryogenics: saturated liquid of CoolProp's reference equations of state.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RANKINE = 1.0 / 1.8
PSI = 6894.757293
POISE = 0.1
BTU_PER_POUND_DEGREE = 4186.8

STORABLES = {
    "MON3": (262.0, 345.0),
    "MON25": (220.0, 320.0),
    "N2O4": (264.0, 345.0),
    "MMH": (250.0, 370.0),
    "N2H4": (276.0, 370.0),
}
CRYOGENS = {"Oxygen": (60.0, 120.0), "Methane": (92.0, 150.0)}
DEGREES = {"density": 4, "vapour_pressure": 3, "viscosity": 4, "specific_heat": 4}


def storable(name: str, temperature: FloatArray) -> dict[str, FloatArray]:
    """Saturated liquid by rocketprops.

    Parameters
    ----------
    name : str
        As in rocketprops, "MMH" say.
    temperature : ndarray (k,)
        K.

    Returns
    -------
    dict of str to ndarray (k,)
        Density, vapour pressure, viscosity and specific heat, SI.
    """
    liquid = import_module("rocketprops.rocket_prop").get_prop(name)

    def over(function: Callable[[float], float], unit: float) -> FloatArray:
        return np.array([function(kelvin / RANKINE) for kelvin in temperature]) * unit

    return {
        "density": over(liquid.SGLiqAtTdegR, 1000.0),
        "vapour_pressure": over(liquid.PvapAtTdegR, PSI),
        "viscosity": over(liquid.ViscAtTdegR, POISE),
        "specific_heat": over(liquid.CpAtTdegR, BTU_PER_POUND_DEGREE),
    }


def cryogen(name: str, temperature: FloatArray) -> dict[str, FloatArray]:
    """Saturated liquid by CoolProp.

    Parameters
    ----------
    name : str
        As in CoolProp, "Oxygen" say.
    temperature : ndarray (k,)
        K.

    Returns
    -------
    dict of str to ndarray (k,)
        Density, vapour pressure, viscosity and specific heat, SI.
    """
    saturated = import_module("CoolProp.CoolProp").PropsSI
    keys = {"density": "D", "vapour_pressure": "P", "viscosity": "V", "specific_heat": "C"}
    return {
        quantity: np.array([saturated(key, "T", kelvin, "Q", 0, name) for kelvin in temperature])
        for quantity, key in keys.items()
    }


def fit(
    quantity: str, temperature: FloatArray, value: FloatArray, reference: float
) -> tuple[FloatArray, float]:
    """Coefficients by rising power and the largest relative residual.

    Parameters
    ----------
    quantity : str
        Its name sets the degree, and whether its logarithm is fitted.
    temperature : ndarray (k,)
        K.
    value : ndarray (k,)
        SI.
    reference : float
        K, where the variable of the polynomial is zero.

    Returns
    -------
    tuple of ndarray and float
        Coefficients by rising power, and the largest relative residual.
    """
    logarithmic = quantity in ("vapour_pressure", "viscosity")
    x = reference / temperature - 1.0 if logarithmic else temperature / reference - 1.0
    y = np.log(value) if logarithmic else value
    found = np.polynomial.polynomial.polyfit(x, y, DEGREES[quantity])
    model = np.polynomial.polynomial.polyval(x, found)
    ratio = np.exp(model - y) if logarithmic else model / y
    return np.asarray(found, dtype=np.float64), float(np.max(np.abs(ratio - 1.0)))


def main() -> None:
    """Print every fit."""
    for reference, ranges, source in ((300.0, STORABLES, storable), (100.0, CRYOGENS, cryogen)):
        for name, (low, high) in ranges.items():
            temperature = np.linspace(low, high, 101)
            print(f"{name}  {low:g} to {high:g} K")
            for quantity, value in source(name, temperature).items():
                found, residual = fit(quantity, temperature, value, reference)
                print(f"    {quantity}=({', '.join(f'{c:.7g}' for c in found)}),  # {residual:.2%}")


if __name__ == "__main__":
    main()
