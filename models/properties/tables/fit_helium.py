"""Fit the residual Helmholtz energy of `models.properties.helium` to CoolProp and print coefficients and residuals.

    python -m models.properties.tables.fit_helium

Least squares on compressibility, residual internal energy and residual isochoric heat at once, over 85 to 420 K and
0.02 to 36 MPa, and over 40 to 85 K up to 8 MPa, where bottles end that exchange no heat.  Reference: the helium
equation of state of Ortiz Vega et al. as CoolProp ships it.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOLAR_MASS = 4.002602e-3
GAS_CONSTANT = 8.314462618 / MOLAR_MASS
ORDERS, POWERS = range(1, 6), range(6)


def reference() -> dict[str, FloatArray]:
    """Temperature, density, compressibility, residual energy and residual isochoric heat on a grid.

    Returns
    -------
    dict of str to ndarray
        By the name of the property.
    """
    coolprop = import_module("CoolProp")
    state = coolprop.AbstractState("HEOS", "Helium")
    state.update(coolprop.DmassT_INPUTS, 1e-6, 300.0)
    energy_origin = state.umass() - 1.5 * GAS_CONSTANT * 300.0
    entropy_origin = state.smass() - GAS_CONSTANT * (1.5 * np.log(300.0) - np.log(1e-6))
    print(f"ENERGY_ORIGIN, ENTROPY_ORIGIN = {energy_origin:.8g}, {entropy_origin:.8g}")
    rows = []
    warm = [
        (kelvin, pascal)
        for kelvin in np.linspace(85.0, 420.0, 60)
        for pascal in np.concatenate([np.geomspace(2e4, 36e6, 24), np.linspace(5e6, 36e6, 20)])
    ]
    cold = [
        (kelvin, pascal)
        for kelvin in np.linspace(40.0, 85.0, 16)
        for pascal in np.concatenate([np.geomspace(2e4, 8e6, 24), np.linspace(1e6, 8e6, 8)])
    ]
    for kelvin, pascal in warm + cold:
        state.update(coolprop.PT_INPUTS, pascal, kelvin)
        density, scale = state.rhomass(), GAS_CONSTANT * kelvin
        rows.append(
            (
                kelvin,
                density,
                pascal / (density * scale),
                (state.umass() - energy_origin) / scale - 1.5,
                state.cvmass() / GAS_CONSTANT - 1.5,
            )
        )
    return dict(zip(("temperature", "density", "z", "u", "cv"), np.array(rows).T, strict=True))


def main() -> None:
    """Print the coefficients by order of density (rows) and power of sqrt(100 K / T), and the largest residuals."""
    data = reference()
    x, tau = data["density"] / 100.0, 100.0 / data["temperature"]
    terms = [(i, k / 2.0) for i in ORDERS for k in POWERS]
    z = np.stack([i * x**i * tau**k for i, k in terms], axis=1)
    u = np.stack([k * x**i * tau**k for i, k in terms], axis=1)
    cv = np.stack([-k * (k - 1.0) * x**i * tau**k for i, k in terms], axis=1)
    left = np.concatenate([z / data["z"][:, None], 0.3 * u, 0.1 * cv])
    right = np.concatenate([1.0 - 1.0 / data["z"], 0.3 * data["u"], 0.1 * data["cv"]])
    found = np.linalg.lstsq(left, right, rcond=None)[0]
    for row in found.reshape(len(ORDERS), len(POWERS)):
        print("    (" + ", ".join(f"{c:.9g}" for c in row) + "),")
    print(f"Z {np.max(np.abs((1.0 + z @ found) / data['z'] - 1.0)):.1e} relative")
    print(f"u {np.max(np.abs(u @ found - data['u'])):.1e} R T")
    print(f"cv {np.max(np.abs(cv @ found - data['cv'])):.1e} R")


if __name__ == "__main__":
    main()
