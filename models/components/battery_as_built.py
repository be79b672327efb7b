"""What a given pack of cells does for given burns: the sizing law of `battery.sizing` read from the other side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.components import battery
from models.components.battery import Battery
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Held:
    """What a pack gives; floats or (n,)."""

    energy: FloatArray
    """J at its terminals within its window of charge."""
    temperature: FloatArray
    """K at the end of the burns asked for, adiabatic."""
    voltage_efficiency: FloatArray
    """Energy at the terminals over that in the cells."""


def cell_energy(specification: Battery) -> Numeric:
    """Q V_mean, J: capacity times mean open-circuit voltage of one cell.

    Parameters
    ----------
    specification : Battery
        Cell, window of charge and health of the pack.

    Returns
    -------
    float or ndarray (n,)
        J.
    """
    return specification.cell_capacity * specification.cell_voltage


def held(
    cells: Numeric,
    energy: Numeric,
    mean_power: Numeric,
    specification: Battery,
    *,
    depth: Numeric | None = None,
) -> Held:
    """What `cells` cells hold between charge 1 and 1 - `depth` (the specification's own if None).

    With N cells, V and R the means of open-circuit voltage and resistance over a window, R at T + rise/2:

        eta_V = (1 + sqrt(1 - 4 R P / (N V^2))) / 2          one half where the pack cannot give the power at all
        energy = N Q health depth multiplier V eta_V,   rise = E (1/eta_V - 1) / (N C)

    Energy is that of the whole window; heat that of the part of it which `energy` takes, at most all.
    `battery.sizing` with these numbers asks for exactly these cells.

    Parameters
    ----------
    cells : float or ndarray (n,)
        N, a real number.
    energy : float or ndarray (n,)
        E wanted over the burns, J: it heats the pack.
    mean_power : float or ndarray (n,)
        P at the terminals, int P^2 dt / int P dt, W.
    specification : Battery
        Cell, window of charge and health of the pack.
    depth : float or ndarray (n,), optional
        Of the window of charge; the specification's own where it is not given.

    Returns
    -------
    Held

    Examples
    --------
    >>> specification = Battery()
    >>> sized = battery.sizing(2e6, 3e3, 3e3, 1e3, 50.0, specification)
    >>> own = held(battery.cells(sized.by_energy, specification), 2e6, 3e3, specification)
    >>> round(float(own.energy) / 2e6, 4)
    1.0
    """
    window = np.asarray(specification.depth if depth is None else depth)
    start = specification.temperature
    charge = cells * specification.health * specification.usable_multiplier * specification.cell_capacity
    capacity = cells * battery.heat_capacity(specification)

    def efficiency(rise: Numeric, depth: Numeric) -> FloatArray:
        voltage = battery.window_voltage(depth, specification)
        hot = battery.window_resistance(depth) * battery.resistance(1e9, start + 0.5 * rise, specification)
        under = 1.0 - 4.0 * hot * mean_power / (cells * voltage**2)
        return np.asarray(0.5 * (1.0 + np.sqrt(np.maximum(under, 0.0))))

    used: Numeric = window
    rise = 0.0 * (energy * efficiency(0.0, window))
    for _ in range(6):
        found = efficiency(rise, used)
        new = energy * (1.0 / found - 1.0) / capacity
        slope = 0.5 * specification.activation_temperature / (start + 0.5 * rise) ** 2 * new
        rise = rise + (new - rise) / (1.0 + slope)
        used = np.minimum(energy / (charge * battery.window_voltage(used, specification) * found), window)
    return Held(
        energy=np.asarray(
            charge * window * battery.window_voltage(window, specification) * efficiency(rise, window)
        ),
        temperature=np.asarray(start + rise),
        voltage_efficiency=efficiency(rise, used),
    )


def charge_left(cells: Numeric, energy: Numeric, mean_power: Numeric, specification: Battery) -> FloatArray:
    """Charge after `energy` (J), where `held` over the window down to it holds just that; below 0: not held at all.

    Energy over depth is almost straight: five secants through the origin leave less than 1e-6.

    Parameters
    ----------
    cells : float or ndarray (n,)
        N, a real number.
    energy : float or ndarray (n,)
        E taken at the terminals over the burns, J.
    mean_power : float or ndarray (n,)
        P at the terminals, int P^2 dt / int P dt, W.
    specification : Battery
        Cell, window of charge and health of the pack.

    Returns
    -------
    ndarray (n,)
        Charge, 1 when full.
    """
    depth = np.asarray(specification.depth) + 0.0 * energy
    for _ in range(5):
        depth = depth * energy / held(cells, energy, mean_power, specification, depth=depth).energy
        depth = np.minimum(depth, 1.0)
    full = held(cells, energy, mean_power, specification, depth=1.0).energy
    return np.asarray(np.where(energy <= full, 1.0 - depth, 1.0 - energy / full))


def power_shortfall(
    cells: Numeric, peak_power: Numeric, end_power: Numeric, specification: Battery
) -> FloatArray:
    """W asked for beyond what a pack allows, `peak_power` when full, `end_power` at its lowest charge; else negative.

    rated: specific power times mass;   sag: N V_cut (OCV - V_cut) / R at the starting temperature

    Parameters
    ----------
    cells : float or ndarray (n,)
        N, a real number.
    peak_power : float or ndarray (n,)
        W at the start of discharge.
    end_power : float or ndarray (n,)
        W at the lowest charge of the window.
    specification : Battery
        Cell, window of charge and health of the pack.

    Returns
    -------
    ndarray (n,)
        W.
    """
    mass = cells * cell_energy(specification) / specification.specific_energy

    def sag(charge: Numeric) -> Numeric:
        headroom = battery.open_circuit_voltage(charge, specification) - specification.cell_cutoff_voltage
        ohm = battery.resistance(charge, specification.temperature, specification)
        return cells * specification.cell_cutoff_voltage * headroom / ohm

    at_start = peak_power - np.minimum(specification.specific_power * mass, sag(1.0))
    return np.maximum(at_start, end_power - sag(1.0 - np.asarray(specification.depth)))
