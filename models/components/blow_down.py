"""Tanks that blow down: gas loaded once, no bottles and no regulators, so that pressure falls through the burns.

Within a burn the ullage grows at a constant rate and takes heat from wall and liquid; in a coast it recovers all.  With
V its volume over that at the end, T its temperature and theta = T V^(2/3):

    d theta / dt = k V (T_0 V^(2/3) - theta),     k = h A / (m c_v),     p V / T = constant

where A goes with V.  Each step is the exact solution for a target that is linear in time and V of mid-step in k V, so
that an adiabatic burn and one that is very slow are exact.  Ideal helium: below 6 MPa it is within 2 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.components.pressurant import Pressurant
from models.components.pressurisation import Burn, Ullage
from models.properties import helium
from models.quantity import FloatArray, Numeric

STEPS = 8
"""Steps a burn: pressures right to 1e-4."""


@dataclass(frozen=True)
class BlowDown:
    """What the gas does in all tanks taken together; floats or (n,), histories with burns and steps before them."""

    gas: FloatArray
    """kg of helium in the ullage."""
    cooling: FloatArray
    """Temperature at the end of the last burn over that as loaded."""
    pressure: FloatArray
    """Helium's over that at the end of the last burn, (burns, steps + 1, ...)."""
    temperature: FloatArray
    """K, (burns, steps + 1, ...)."""


def march(
    burns: Sequence[Burn],
    ullage: Ullage,
    pressurant: Pressurant,
    *,
    temperature: Numeric,
    steps: int = STEPS,
) -> BlowDown:
    """Gas that ends the last burn at the helium pressure of `ullage`, from `temperature` (K) everywhere.

    Parameters
    ----------
    burns : sequence of Burn
        As `pressurisation.march` has them.
    ullage : Ullage
        Its `helium_pressure` (Pa) is the least, at the end.
    pressurant : Pressurant
        `ullage_conductance` counts.
    temperature : float or ndarray (n,)
        K, as loaded.
    steps : int
        Of each burn.

    Returns
    -------
    BlowDown

    Raises
    ------
    ValueError
        Without burns.

    Examples
    --------
    >>> ullage = Ullage(helium_pressure=0.2e6, initial_volume=0.4, tank_volume=1.4, tank_area=8.5)
    >>> found = march([Burn(450.0, 1.0)], ullage, Pressurant(), temperature=293.15)
    >>> round(float(found.pressure[0, 0]), 2), round(float(found.cooling), 3)
    (3.59, 0.975)
    """
    if not burns:
        raise ValueError("burns is empty: tanks blow down through at least one burn")
    final = ullage.initial_volume + sum(burn.volume for burn in burns)
    film = pressurant.ullage_conductance * ullage.tank_area / ullage.tank_volume * final
    end = ullage.helium_pressure * final
    start = np.asarray(temperature + 0.0 * (end + film))

    def through(gas: FloatArray) -> tuple[list[FloatArray], list[FloatArray]]:
        """Volumes over the last and temperatures in K, of each burn."""
        rate = film / (gas * 1.5 * helium.GAS_CONSTANT)
        volume, warmth = start * 0.0 + ullage.initial_volume / final, start
        volumes, temperatures = [], []
        for burn in burns:
            step, grown = burn.duration / steps, burn.volume / final / steps
            theta = warmth * np.cbrt(volume) ** 2
            target = start * np.cbrt(volume) ** 2
            now, heat = [volume], [warmth]
            for _ in range(steps):
                pull = np.maximum(rate * (volume + 0.5 * grown) * step, 1e-300)
                volume = volume + grown
                before, target = target, start * np.cbrt(volume) ** 2
                slope = (target - before) * -np.expm1(-pull) / pull
                theta = target + (theta - before) * np.exp(-pull) - slope
                now.append(volume)
                heat.append(theta / np.cbrt(volume) ** 2)
            warmth = start if burn.coast else heat[-1]
            volumes.append(np.stack(now))
            temperatures.append(np.stack(heat))
        return volumes, temperatures

    def needed(temperatures: list[FloatArray]) -> FloatArray:
        return np.asarray(end / (helium.GAS_CONSTANT * temperatures[-1][-1]))

    # each pass leaves a tenth of the error before it; two extrapolated leave a thousandth, the last a tenth of that
    first = np.asarray(end / (helium.GAS_CONSTANT * start))
    second = needed(through(first)[1])
    third = needed(through(second)[1])
    bend = third - 2.0 * second + first
    flat = np.abs(bend) < 1e-12 * np.abs(first)
    gas = third - np.where(flat, 0.0, (third - second) ** 2 / np.where(flat, 1.0, bend))
    volumes, temperatures = through(gas)
    gas = needed(temperatures)
    last = temperatures[-1][-1]
    warm = np.stack(temperatures)
    return BlowDown(gas, np.asarray(last / start), warm / last / np.stack(volumes), warm)
