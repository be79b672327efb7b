"""Lithium-ion packs: open-circuit voltage and resistance, constant power, the sizing law, the transient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import WATT_HOUR, ZERO_CELSIUS, FloatArray, Numeric, positive
from models.smooth import smooth_maximum


@dataclass(frozen=True)
class Battery(quantity.Specification):
    """A pack of high-power 21700 cells (4.0 Ah, 70 g, 35 to 45 A, 10 to 15 mohm AC: Tenpower INR21700-40TG,
    BAK D40JH).

    `specific_energy` and `specific_power` are those of the pack at the beginning of life (C/5 and 90 s):
    cells 206 Wh/kg and 1.5 to 1.8 kW/kg, packs 0.60 to 0.75 of that.  `resistance_multiplier` covers direct
    against alternating current and ageing, `health` the capacity that is left, `depth` the window of charge
    that may be used.
    """

    specific_energy: Annotated[Numeric, "J/kg", (1e4, 5e6)] = 130 * WATT_HOUR
    """Pack at beginning of life, C/5, 25 C; 90 to 175 Wh/kg."""
    specific_power: Annotated[Numeric, "W/kg", (50.0, 5e4)] = 1.2e3
    """Pack, 90 s; 0.6 to 2.5 kW/kg."""
    usable_multiplier: Annotated[Numeric, "-", (0.3, 2.0)] = 1.0
    """On the predicted usable energy."""
    health: Annotated[Numeric, "-", (0.3, 1.0)] = 0.93
    """Capacity left at landing over that at beginning of life."""
    depth: Annotated[Numeric, "-", (0.05, 1.0)] = 0.80
    """Window of charge that may be used, 0.70 to 0.90; what is left of it is the battery's reserve."""
    least_depth: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    most_depth: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    """Where above `least_depth`, the window is a design variable, between the two."""
    temperature: Annotated[Numeric, "K", (230.0, 340.0)] = 20.0 + ZERO_CELSIUS
    """At the start of discharge; heaters hold it."""
    maximum_temperature: Annotated[Numeric, "K", (250.0, 400.0)] = 60.0 + ZERO_CELSIUS
    """Of the cells at the end of discharge; their data sheets cut off at 80 C."""
    bus_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    """Of the bus battery, lent to the pumps."""
    charge_efficiency: Annotated[Numeric, "-", (0.1, 1.0)] = 0.95
    """Stored over drawn in recharge (judgement)."""
    cell_voltage: Annotated[Numeric, "V", (0.5, 6.0)] = 3.692
    """Mean open-circuit voltage over charge."""
    cell_cutoff_voltage: Annotated[Numeric, "V", (0.5, 5.0)] = 2.5
    """Under load."""
    cell_capacity: Annotated[Numeric, "A s", (10.0, 1e7)] = 4.0 * 3600
    """4.0 Ah (data sheets named above)."""
    cell_mass: Annotated[Numeric, "kg", (1e-3, 50.0)] = 0.070
    """Data sheets named above."""
    cell_resistance: Annotated[Numeric, "V/A", (0.0, 1.0)] = 15e-3
    """At 25 C and high charge, alternating current."""
    resistance_multiplier: Annotated[Numeric, "-", (0.1, 10.0)] = 1.3
    """Direct against alternating current, and age: 1.0 to 2.0."""
    activation_temperature: Annotated[Numeric, "K", (0.0, 2e4)] = 2400.0
    """Of the resistance (judgement: 20 kJ/mol)."""
    specific_heat: Annotated[Numeric, "J/(kg K)", (100.0, 5000.0)] = 950.0
    """Of the cells; 900 to 1000 (judgement)."""
    casing_specific_heat: Annotated[Numeric, "J/(kg K)", (0.0, 5000.0)] = 880.0
    """Of all else in the pack, aluminium for the most part, which warms with the cells."""

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.least_depth, self.most_depth
        if np.ndim(low) == np.ndim(high) == 0 and 0.0 < high < low:
            raise ValueError(
                f"battery.most_depth = {high:g} is below battery.least_depth = {low:g}: no design lies between; "
                "swap them"
            )


BLEND = 0.01
"""Relative excess where the pack that pumps need is just what the bus lends them: best designs like to stand on that
edge, and a search needs it blunt (judgement: nobody sizes two needs of one pack to the gram)."""

USED = 3
"""Passes to the window that a pack of highest temperature uses: each leaves a tenth of the error, the last a gram."""


@dataclass(frozen=True)
class Sizing:
    """Pack mass, what each limit alone would ask for, and what the pack then does (all of the bare pack,
    kg).
    """

    mass: FloatArray
    """kg, the largest of those that follow."""
    by_energy: FloatArray
    """kg that the energy asks for."""
    by_power: FloatArray
    """kg that the highest power asks for."""
    by_sag: FloatArray
    """kg at which the loaded voltage stays above its cut-off."""
    by_temperature: FloatArray
    """kg at which the cells stay below their highest temperature."""
    by_string: FloatArray
    """kg of one whole string of cells."""
    usable_factor: FloatArray
    """Energy at the terminals over specific energy times mass."""
    voltage_efficiency: FloatArray
    """Energy at the terminals over that in the cells."""
    temperature_rise: FloatArray
    """K over the burns."""


@dataclass(frozen=True)
class State:
    """A pack under load: voltages per cell, current per cell, and the right-hand sides of charge and
    temperature.
    """

    voltage: FloatArray
    """V per cell under load."""
    current: FloatArray
    """A per cell."""
    heat: FloatArray
    """W of the whole pack."""
    charge_rate: FloatArray
    """1/s."""
    temperature_rate: FloatArray
    """K/s."""


def open_circuit_voltage(charge: Numeric, battery: Battery) -> Numeric:
    """OCV(s) = V_mean (0.8848 + 0.2492 s - 0.1983 exp(-22.10 s)), V per cell; s in [0, 1].

    Fitted to the difference of the electrode potentials of the LG M50 21700 (Chen et al., J. Electrochem.
    Soc. 167 (2020) 080534, stoichiometries 0.0279 to 0.9014 and 0.9084 to 0.2661): rms 14 mV, at most 27 mV
    above s = 0.05.  V_mean = 3.692 V is its mean over charge, so that capacity times V_mean is the energy.

    Parameters
    ----------
    charge : float or ndarray (n,)
        s, 0 empty to 1 full.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    float or ndarray (n,)
        V.

    References
    ----------
    Chen et al., J. Electrochem. Soc. 167 (2020) 080534, LG M50 21700: difference of the electrode potentials; the
    fit holds above s = 0.05.

    Examples
    --------
    >>> [round(float(open_circuit_voltage(s, Battery())), 2) for s in (0.0, 0.1, 0.5, 1.0)]
    [2.53, 3.28, 3.73, 4.19]
    """
    return battery.cell_voltage * (0.8848 + 0.2492 * charge - 0.1983 * np.exp(-22.10 * np.asarray(charge)))


def resistance(charge: Numeric, temperature: Numeric, battery: Battery) -> Numeric:
    """R(s, T) = R_0 k exp(B (1/T - 1/298.15)) (1 + 0.8 exp(-s/0.1)), V/A per cell; temperature in K.

    B = 2400 K (20 kJ/mol): 2.1 times at 0 C, 4.2 times at -20 C.  R rises below 30 % charge
    (characterisation of an INR21700-50G, Batteries 11 (2025) 313, shows both).  k is direct against
    alternating current and age, 1.0 to 2.0.  The numbers are judgement.

    Parameters
    ----------
    charge : float or ndarray (n,)
        s, 0 empty to 1 full.
    temperature : float or ndarray (n,)
        K of the cells.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    float or ndarray (n,)
        V/A.

    References
    ----------
    Characterisation of an INR21700-50G, Batteries 11 (2025) 313, for the form; the numbers are judgement.

    Examples
    --------
    >>> round(float(resistance(0.5, 273.15, Battery()) / resistance(0.5, 298.15, Battery())), 2)
    2.09
    """
    cold = np.exp(battery.activation_temperature * (1.0 / np.asarray(temperature) - 1.0 / 298.15))
    low = 1.0 + 0.8 * np.exp(-10.0 * np.asarray(charge))
    return battery.cell_resistance * battery.resistance_multiplier * cold * low


def current(power: Numeric, voltage: Numeric, resistance: Numeric) -> FloatArray:
    """I = (V - sqrt(V^2 - 4 R P)) / 2R, A: what a cell of open-circuit voltage V and resistance R gives at
    its terminals.

    Written 2P/(V + sqrt(V^2 - 4RP)), which holds at R = 0.  Negative power charges.  NaN beyond V^2/4R:
    that is infeasible.

    Parameters
    ----------
    power : float or ndarray (n,)
        P at the terminals of one cell, W; negative charges.
    voltage : float or ndarray (n,)
        V, open-circuit, of one cell.
    resistance : float or ndarray (n,)
        R of one cell, V/A.

    Returns
    -------
    ndarray (n,)
        A.

    Examples
    --------
    >>> round(float(current(100.0, 3.7, 15e-3)), 3), float(current(229.0, 3.7, 15e-3))
    (30.897, nan)
    """
    under = np.asarray(voltage) ** 2 - 4.0 * np.asarray(resistance) * power
    return np.asarray(2.0 * power / (voltage + np.sqrt(np.where(under >= 0.0, under, np.nan))))


def cells(mass: Numeric, battery: Battery) -> Numeric:
    """Number of cells in a pack, a real number: pack energy over cell energy, N = m e_b / (Q V_mean).

    Parameters
    ----------
    mass : float or ndarray (n,)
        Of the bare pack, kg.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    float or ndarray (n,)
        A real number.
    """
    return mass * battery.specific_energy / (battery.cell_capacity * battery.cell_voltage)


def heat_capacity(battery: Battery) -> Numeric:
    """J/K of the pack for each of its cells: the cell's, and that of its share of the casing.

        C = m_cell c_cell + max(Q V_mean / e_b - m_cell, 0) c_casing

    Parameters
    ----------
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    float or ndarray (n,)
        J/K, for each cell.

    Examples
    --------
    >>> round(float(heat_capacity(Battery())), 1)
    104.9
    """
    casing = battery.cell_capacity * battery.cell_voltage / battery.specific_energy - battery.cell_mass
    return battery.cell_mass * battery.specific_heat + np.maximum(casing, 0.0) * battery.casing_specific_heat


def pack(mass: Numeric, bus_voltage: Numeric, battery: Battery) -> tuple[Numeric, Numeric]:
    """Cells in series and in parallel, real numbers: series = bus voltage / V_mean, parallel = cells /
    series.

    Parameters
    ----------
    mass : float or ndarray (n,)
        Of the bare pack, kg.
    bus_voltage : float or ndarray (n,)
        V at the drives.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    tuple[Numeric, Numeric]
        Cells in series and strings in parallel.
    """
    series = bus_voltage / battery.cell_voltage
    return series, cells(mass, battery) / series


def rounded_pack(mass: float, bus_voltage: float, battery: Battery) -> tuple[int, int]:
    """Whole cells in series (nearest) and in parallel (upwards), to show.

    Parameters
    ----------
    mass : float
        Of the bare pack, kg.
    bus_voltage : float
        V at the drives.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    tuple[int, int]
        Cells in series and strings in parallel.

    Examples
    --------
    >>> rounded_pack(12.0, 50.0, Battery())
    (14, 8)
    """
    series = max(1, round(float(bus_voltage / battery.cell_voltage)))
    return series, max(1, int(np.ceil(float(cells(mass, battery)) / series - 1e-9)))


def sizing(
    energy: Numeric,
    mean_power: Numeric,
    peak_power: Numeric,
    end_power: Numeric,
    bus_voltage: Numeric,
    battery: Battery,
) -> Sizing:
    """Pack mass from whichever of energy, power, sag, temperature or one whole string rules.

    Over a window of charge from s to 1, with V its mean open-circuit voltage and R its mean resistance at the mean
    temperature of an adiabatic pack, T + rise/2::

        A     = E / (e_b health depth V/V_mean multiplier)          lossless mass
        kappa = R Q V_mean / (V^2 e_b)                              kg/W: R P / V^2 of a cell is kappa P / m
        eta_V = (1 + sqrt(1 - 4 kappa P/m)) / 2                     at constant power; 1/eta_V - 1 is heat
        by energy       m eta_V = A    =>  m = A^2 / (A - kappa P), and 4 kappa P where A < 2 kappa P
        by power        m = P_peak / p_b
        by sag          m = P Q V_mean / (e_b p),  p = V_cut (OCV - V_cut) / R: loaded voltage at cut-off, at the
                        start of discharge (P_peak) and at its end (P_end), both at T (no credit for heat)
        by temperature  E (1/eta_V - 1) = m C (T_max - T)  =>  m = kappa P / (d (1 - d)),
                        d^2 = kappa P C (T_max - T) / E, C = `heat_capacity` by mass; 4 kappa P where d > 1/2
        by string       m of one string of bus voltage / V_mean cells

    Energy fills the window that is permitted, s = s_e = 1 - depth.  Heat counts over the window that is used,
    (1 - s) V(s) = depth V(s_e) A / (m eta_V): where something else rules the pack, a deeper permission costs nothing.
    Sag at the end is asked where the permitted window ends.

    Parameters
    ----------
    energy : float or ndarray (n,)
        E at the pack's terminals that is stored before the first burn, J.
    mean_power : float or ndarray (n,)
        P that the energy feels, int P^2 dt / int P dt, W at the terminals.
    peak_power : float or ndarray (n,)
        Highest, W.
    end_power : float or ndarray (n,)
        Highest near the end of discharge, where the voltage is lowest, W.
    bus_voltage : float or ndarray (n,)
        V at the drives.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    Sizing

    Examples
    --------
    Cold resistance heats the pack, and heat lowers the resistance: six Newton steps on the rise.  Marched with
    `state`, a pack that energy sizes ends within 0.003 of s_e.  NaN where the window ends below the cut-off voltage
    or the pack starts hotter than allowed.  Long burns are sized by energy, short ones by power:

    >>> packs = [sizing(3e3 * t, 3e3, 3e3, 1e3, 50.0, Battery()) for t in (30.0, 60.0, 900.0, 1800.0)]
    >>> [round(float(pack.mass), 2) for pack in packs]
    [2.5, 2.5, 7.92, 15.46]
    >>> [bool(pack.by_energy > pack.by_power) for pack in packs]
    [False, False, True, True]
    """
    energy, mean_power = positive(energy), positive(mean_power)
    depth = np.asarray(battery.depth)
    window, weight = window_voltage(depth, battery), window_resistance(depth)
    cell_energy = battery.cell_capacity * battery.cell_voltage
    usable = battery.health * battery.depth * window / battery.cell_voltage * battery.usable_multiplier
    lossless = energy / (battery.specific_energy * usable)
    capacity = heat_capacity(battery) * battery.specific_energy / cell_energy
    allowed = positive(battery.maximum_temperature - battery.temperature)

    def load(temperature: Numeric, voltage: Numeric, weight: Numeric) -> FloatArray:
        """kappa P, kg, at a mean temperature over a window of charge."""
        ohm = resistance(1e9, temperature, battery) * weight
        return np.asarray(ohm * cell_energy / (voltage**2 * battery.specific_energy) * mean_power)

    def used(share: Numeric, voltage: Numeric) -> tuple[Numeric, Numeric]:
        """Means over the window that `share` = A / (m eta_V) of the permitted charge times its voltage takes."""
        taken = depth * np.minimum(share * window / voltage, 1.0)
        return window_voltage(taken, battery), window_resistance(taken)

    def sag(power: Numeric, charge: Numeric) -> Numeric:
        """kg at which a cell at `charge` and the starting temperature is loaded down to its cut-off voltage."""
        headroom = positive(open_circuit_voltage(charge, battery) - battery.cell_cutoff_voltage)
        ohm = resistance(charge, battery.temperature, battery)
        return power * cell_energy * ohm / (battery.specific_energy * battery.cell_cutoff_voltage * headroom)

    by_power = peak_power / np.asarray(battery.specific_power)
    by_string = (bus_voltage / battery.cell_voltage) * cell_energy / np.asarray(battery.specific_energy)
    by_sag = np.maximum(sag(peak_power, 1.0), sag(end_power, 1.0 - depth))
    voltage, heavier = window, weight
    for _ in range(USED):
        hottest = load(battery.temperature + 0.5 * allowed, voltage, heavier)
        heat_share = np.sqrt(hottest * capacity * allowed / energy)
        by_temperature = np.where(
            heat_share < 0.5,
            np.sqrt(hottest * energy / (capacity * allowed)) / (1.0 - np.minimum(heat_share, 0.5)),
            4.0 * hottest,
        )
        share = lossless / np.maximum(by_temperature, 1e-9) + lossless * capacity * allowed / energy
        voltage, heavier = used(share, voltage)
    floor = np.maximum(np.maximum(by_power, by_string), np.maximum(by_sag, by_temperature))

    rise = np.zeros_like(by_temperature)
    for _ in range(6):
        lost = load(battery.temperature + 0.5 * rise, window, weight)
        by_energy = np.where(
            lossless > 2.0 * lost, lossless**2 / np.maximum(lossless - lost, 0.5 * lossless), 4.0 * lost
        )
        chosen = np.maximum(floor, by_energy)
        heating = lost * (heavier / weight) * (window / voltage) ** 2
        voltage_efficiency = 0.5 * (1.0 + np.sqrt(np.maximum(1.0 - 4.0 * heating / chosen, 0.0)))
        new = energy * (1.0 / voltage_efficiency - 1.0) / (chosen * capacity)
        slope = 0.5 * battery.activation_temperature / (battery.temperature + 0.5 * rise) ** 2 * new
        rise = np.minimum(rise + (new - rise) / (1.0 + slope), allowed)
        voltage, heavier = used(lossless / (chosen * voltage_efficiency), voltage)
    return Sizing(
        mass=chosen,
        by_energy=by_energy,
        by_power=by_power,
        by_sag=by_sag,
        by_temperature=by_temperature,
        by_string=by_string,
        usable_factor=usable * voltage_efficiency,
        voltage_efficiency=voltage_efficiency,
        temperature_rise=rise,
    )


def window_voltage(depth: Numeric, battery: Battery) -> Numeric:
    """Mean open-circuit voltage between charge 1 - `depth` and 1, V: the integral of `open_circuit_voltage`.

    Parameters
    ----------
    depth : float or ndarray (n,)
        Share of the charge that the window takes from full.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    float or ndarray (n,)
        V per cell.
    """
    end = 1.0 - np.asarray(depth)
    drop = 0.1983 / 22.10 * (np.exp(-22.10 * end) - np.exp(-22.10)) / depth
    return battery.cell_voltage * (0.8848 + 0.1246 * (1.0 + end) - drop)


def window_resistance(depth: Numeric) -> Numeric:
    """Mean resistance between charge 1 - `depth` and 1 over that of a full cell: the integral of `resistance`.

    Parameters
    ----------
    depth : float or ndarray (n,)
        Share of the charge that the window takes from full.

    Returns
    -------
    float or ndarray (n,)
        Over the resistance of a full cell.
    """
    end = 1.0 - np.asarray(depth)
    return 1.0 + 0.08 * (np.exp(-10.0 * end) - np.exp(-10.0)) / depth


def mass_kwak(
    power: Numeric, duration: Numeric, specific_power: Numeric, specific_energy: Numeric, pack_factor: Numeric
) -> FloatArray:
    """m = k P max(1/delta_P, t/(delta_E eta_E)), kg, eta_E = min(0.093 ln t + 0.3301, 0.99), t in s.

    Parameters
    ----------
    power : float or ndarray (n,)
        P at the terminals, W.
    duration : float or ndarray (n,)
        t of discharge, s.
    specific_power : float or ndarray (n,)
        delta_P of the cell, W/kg.
    specific_energy : float or ndarray (n,)
        delta_E of the cell, J/kg.
    pack_factor : float or ndarray (n,)
        k, pack over cells; 1.2 in the source.

    Returns
    -------
    ndarray (n,)
        kg.

    References
    ----------
    Kwak, Kwon and Choi (2018), doi:10.1016/j.ast.2018.02.033.  Range: 10 s to 1200 s.
    """
    return np.asarray(
        pack_factor
        * power
        * np.maximum(1.0 / specific_power, duration / (specific_energy * energy_efficiency_kwak(duration)))
    )


def energy_efficiency_kwak(duration: Numeric) -> FloatArray:
    """eta_E = min(0.093 ln t + 0.3301, 0.99): discharge efficiency over discharge time in s.

    Parameters
    ----------
    duration : float or ndarray (n,)
        t of discharge, s.

    Returns
    -------
    ndarray (n,)
        Energy at the terminals over energy in the cells.

    References
    ----------
    Kwak, Kwon and Choi (2018), doi:10.1016/j.ast.2018.02.033.  Range: 10 s to 1200 s.
    """
    return np.minimum(0.093 * np.log(duration) + 0.3301, 0.99)


# Between burns, and together with the bus


def stored_energy(burns: FloatArray, recharges: FloatArray) -> FloatArray:
    """The energy that must be in the pack before the first burn, J: the deepest deficit over the sequence.

    d_k = max(d_(k-1) - recharge_(k-1), 0) + burn_k; the result is the largest d_k.

    Parameters
    ----------
    burns : ndarray (k, ...)
        J at the terminals, one row a burn; trailing axes are samples.
    recharges : ndarray (k - 1, ...)
        J that the coast after each burn but the last brings, times `charge_efficiency`.

    Returns
    -------
    ndarray (...)
        J.

    Examples
    --------
    >>> float(stored_energy(np.array([5.0, 1.0, 8.0]), np.array([4.0, 1.0])))
    9.0
    """
    deficit = np.asarray(burns[0])
    deepest = deficit
    for burn, recharge in zip(burns[1:], recharges, strict=True):
        deficit = np.maximum(deficit - recharge, 0.0) + burn
        deepest = np.maximum(deepest, deficit)
    return np.asarray(deepest)


def dedicated_mass(mass: Numeric, bus_mass: Numeric, battery: Battery) -> FloatArray:
    """What the pumps add to a bus battery of `bus_mass` kg that flies anyway, kg: max(m - share m_bus, 0), blunt where
    the two are equal (`smooth_maximum`, by `BLEND` of the share).

    The share is judgement: cells that the house load can spare during the burns.

    Parameters
    ----------
    mass : float or ndarray (n,)
        m of the pack that the pumps need, kg.
    bus_mass : float or ndarray (n,)
        m_bus of the battery that is on board anyway, kg.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    ndarray (n,)
        kg.
    """
    lent = battery.bus_share * bus_mass
    return smooth_maximum(mass, lent, width=BLEND) - lent


# The transient


def state(charge: Numeric, temperature: Numeric, power: Numeric, mass: Numeric, battery: Battery) -> State:
    """Right-hand side of the pack at terminal power in W (negative charges), charge in [0, 1], temperature
    in K.

    ds/dt = -I/(health multiplier Q),  dT/dt = I^2 R / C: an adiabatic pack of `heat_capacity`.  NaN beyond
    V^2/4R.  Below the cut-off voltage the numbers go on: the caller compares `voltage` with `cell_cutoff_voltage`.

    Parameters
    ----------
    charge : float or ndarray (n,)
        s, 0 empty to 1 full.
    temperature : float or ndarray (n,)
        K of the cells.
    power : float or ndarray (n,)
        W at the pack's terminals; negative charges.
    mass : float or ndarray (n,)
        Of the bare pack, kg.
    battery : Battery
        Cell, pack and window of charge.

    Returns
    -------
    State
    """
    open_circuit = open_circuit_voltage(charge, battery)
    ohm = resistance(charge, temperature, battery)
    amperes = current(power / cells(positive(mass), battery), open_circuit, ohm)
    heat = amperes**2 * ohm
    return State(
        voltage=open_circuit - amperes * ohm,
        current=amperes,
        heat=heat * cells(mass, battery),
        charge_rate=-amperes / (battery.health * battery.usable_multiplier * battery.cell_capacity),
        temperature_rate=heat / heat_capacity(battery),
    )
