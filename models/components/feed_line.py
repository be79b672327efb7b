"""Feed lines from tank to chamber: pressure budget at any throttle, injector, and the mass of the pump's plumbing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class FeedLine(quantity.Specification):
    """Lines, valves, trim orifice and injector of one propellant, and what a pump pair adds in mass."""

    pressure_drop: Annotated[Numeric, "Pa", (0.0, 1e7)] = 300e3
    """Line, valves and trim at rated flow; 150 to 500 kPa, for both architectures (judgement)."""
    suction_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.1
    """Part of it that lies upstream of a pump (judgement: line and filter, no trim)."""
    injector_fraction: Annotated[Numeric, "-", (0.0, 1.0)] = 0.20
    """Injector pressure drop over chamber pressure at rated flow; 0.15 to 0.25 (Huzel and Huang)."""
    injector_exponent: Annotated[Numeric, "-", (0.0, 2.0)] = 2.0
    """Power of throttle in that drop: 2 fixed orifices, 1 a pintle that keeps drop over chamber pressure."""
    reference_flow: Annotated[Numeric, "kg/s", (1e-3, 1e3)] = 0.7
    """Of both propellants together, for which the masses below are given: an engine of 2.2 kN."""
    pump_valves_mass: Annotated[Numeric, "kg", (0.0, 50.0)] = 3.5
    """Prevalves, check and bypass valves of a pump set at the reference flow; 1.5 to 6 kg (judgement)."""
    manifold_branch_mass: Annotated[Numeric, "kg", (0.0, 50.0)] = 1.0
    """Lines and fittings of both propellants to one more engine at the reference flow: 2 m of steel tube of 0.9 mm at
    5 m/s weigh 0.4 kg; 0.4 to 2 kg with fittings and brackets (judgement)."""
    surge_mass: Annotated[Numeric, "kg", (0.0, 50.0)] = 2.0
    """Pogo and surge suppression of the pump-fed system; 1 to 3 kg (judgement)."""


def line_pressure_drop(
    rated_drop: Numeric, throttle: Numeric, *, density_ratio: Numeric = 1.0, exponent: Numeric = 2.0
) -> Numeric:
    """Pressure drop in Pa at `throttle` (mass flow over rated): dp = dp_rated f^2 / (rho / rho_rated).

    Turbulent, fixed geometry: proportional to mass flow squared over density.  `density_ratio` is rho / rho_rated;
    `exponent` below 2 stands for a valve or pintle that opens as the flow falls (1 keeps its velocity).

    Parameters
    ----------
    rated_drop : float or ndarray (n,)
        Pa, at full flow.
    throttle : float or ndarray (n,)
        Mass flow over that at full thrust, 0 to 1.
    density_ratio : float or ndarray (n,), default 1.0
        rho over that at which the rated drop was given.
    exponent : float or ndarray (n,), default 2.0
        Power of throttle: 2 for fixed geometry, below for a valve or pintle that opens as the flow falls.

    Returns
    -------
    float or ndarray (n,)
        Pa.

    Examples
    --------
    >>> line_pressure_drop(300e3, 0.5)
    75000.0
    """
    return rated_drop * throttle**exponent / density_ratio


def injector_pressure_drop(
    chamber_pressure: Numeric, throttle: Numeric, line: FeedLine, *, density_ratio: Numeric = 1.0
) -> Numeric:
    """Drop in Pa over the injector at `throttle`, x p_c f^n / (rho / rho_rated); `chamber_pressure` (Pa) is the rated.

    Parameters
    ----------
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    throttle : float or ndarray (n,)
        Mass flow over that at full thrust, 0 to 1.
    line : FeedLine
        Drops, injector and masses of one propellant's feed line.
    density_ratio : float or ndarray (n,), default 1.0
        rho over that at which the rated drop was given.

    Returns
    -------
    float or ndarray (n,)
        Pa.

    Examples
    --------
    >>> injector_pressure_drop(1e6, 0.5, FeedLine()), injector_pressure_drop(1e6, 0.5, FeedLine(injector_exponent=1.0))
    (50000.0, 100000.0)
    """
    return line_pressure_drop(
        line.injector_fraction * chamber_pressure,
        throttle,
        density_ratio=density_ratio,
        exponent=line.injector_exponent,
    )


def injector_stiffness(throttle: Numeric, line: FeedLine) -> FloatArray:
    """Injector drop over the chamber pressure of the moment, x f^(n - 1): fixed orifices lose it, a pintle does not.

    Below about 0.10 to 0.12 an engine chugs . NaN without throttle.

    Parameters
    ----------
    throttle : float or ndarray (n,)
        Mass flow over that at full thrust, 0 to 1.
    line : FeedLine
        Drops, injector and masses of one propellant's feed line.

    Returns
    -------
    ndarray (n,)
        Drop over chamber pressure; NaN without throttle.

    References
    ----------
    Huzel and Huang, NASA SP-125: below 0.10 to 0.12 an engine chugs.

    Examples
    --------
    >>> float(injector_stiffness(0.25, FeedLine())), float(injector_stiffness(0.25, FeedLine(injector_exponent=1.0)))
    (0.05, 0.2)
    """
    part = np.where(np.asarray(throttle) > 0.0, throttle, np.nan)
    return np.asarray(line.injector_fraction * part**line.injector_exponent / part)


def inlet_pressure(
    chamber_pressure: Numeric, line: FeedLine, *, throttle: Numeric = 1.0, cooling_drop: Numeric = 0.0
) -> Numeric:
    """Pressure in Pa that the feed must deliver upstream of lines and injector, at `throttle`.

        p = f p_c + f^2 (dp_line + dp_cooling) + f^n x p_c

    f is throttle, x the injector fraction, n its exponent. For the pressure-fed engine this is the tank's pressure; a
    pump's discharge is lower by the drop upstream of it (`suction_pressure_drop`).

    Parameters
    ----------
    chamber_pressure : float or ndarray (n,)
        p_c, Pa at full thrust.
    line : FeedLine
        Drops, injector and masses of one propellant's feed line.
    throttle : float or ndarray (n,), default 1.0
        Mass flow over that at full thrust, 0 to 1.
    cooling_drop : float or ndarray (n,), default 0.0
        dp of the cooling jacket at full thrust, Pa; 0 for the propellant that does not cool.

    Returns
    -------
    float or ndarray (n,)
        Pa.

    Examples
    --------
    >>> inlet_pressure(0.9e6, FeedLine())
    1380000.0
    """
    injector = line.injector_fraction * throttle ** (line.injector_exponent - 1.0)
    return throttle * (chamber_pressure * (1.0 + injector) + throttle * (line.pressure_drop + cooling_drop))


def suction_pressure_drop(line: FeedLine, *, throttle: Numeric = 1.0) -> Numeric:
    """Part in Pa of the line's drop that lies between tank and pump at `throttle`.

    Parameters
    ----------
    line : FeedLine
        Drops, injector and masses of one propellant's feed line.
    throttle : float or ndarray (n,), default 1.0
        Mass flow over that at full thrust, 0 to 1.

    Returns
    -------
    float or ndarray (n,)
        Pa.
    """
    return line.suction_share * line_pressure_drop(line.pressure_drop, throttle)


def pump_rise(
    chamber_pressure: Numeric,
    tank_pressure: Numeric,
    line: FeedLine,
    *,
    throttle: Numeric = 1.0,
    cooling_drop: Numeric = 0.0,
    hydrostatic: Numeric = 0.0,
) -> Numeric:
    """Pressure rise in Pa that a pump between this tank and chamber gives at `throttle`; negative: none is needed.

        rise = inlet_pressure - tank_pressure - hydrostatic

    Parameters
    ----------
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    tank_pressure : float or ndarray (n,)
        Pa, at the liquid's outlet.
    line : FeedLine
        Drops, injector and masses of one propellant's feed line.
    throttle : float or ndarray (n,), default 1.0
        Mass flow over that at full thrust, 0 to 1.
    cooling_drop : float or ndarray (n,), default 0.0
        dp of the cooling jacket at full thrust, Pa; 0 for the propellant that does not cool.
    hydrostatic : float or ndarray (n,), default 0.0
        Pressure of the liquid's column at the inlet, Pa.

    Returns
    -------
    float or ndarray (n,)
        Pa; negative where no pump is needed.

    Examples
    --------
    >>> round(pump_rise(2.0e6, 0.4e6, FeedLine()))
    2300000
    """
    needed = inlet_pressure(chamber_pressure, line, throttle=throttle, cooling_drop=cooling_drop)
    return needed - tank_pressure - hydrostatic


def chamber_pressure(tank_pressure: Numeric, line: FeedLine, *, cooling_drop: Numeric = 0.0) -> FloatArray:
    """Rated chamber pressure in Pa that `tank_pressure` (Pa) can feed: the inverse of `inlet_pressure` at full flow.

    NaN where the tank's pressure does not even cover the line.

    Parameters
    ----------
    tank_pressure : float or ndarray (n,)
        Pa, at the liquid's outlet.
    line : FeedLine
        Drops, injector and masses of one propellant's feed line.
    cooling_drop : float or ndarray (n,), default 0.0
        dp of the cooling jacket at full thrust, Pa; 0 for the propellant that does not cool.

    Returns
    -------
    ndarray (n,)
        Pa.

    Examples
    --------
    >>> round(float(chamber_pressure(1.38e6, FeedLine())))
    900000
    """
    available = np.asarray(tank_pressure - line.pressure_drop - cooling_drop)
    return (np.where(available > 0.0, available, np.nan) / (1.0 + line.injector_fraction))[()]


def pump_plumbing_mass(
    pump_sets: Numeric, flow: Numeric, engines: Numeric, line: FeedLine, *, spares: Numeric = 0.0
) -> FloatArray:
    """Mass in kg that pumps add to the plumbing: suppression of surge and pogo once, valves of every set, a manifold.

        m = m_surge + S (1 + z) m_valves sqrt(m_dot/S / m_dot_1) + (N - S) m_branch sqrt(m_dot/N / m_dot_1)

    Bores, and with them the mass of lines and valves of one least wall, go with the root of the flow (judgement).

    Parameters
    ----------
    pump_sets : float or ndarray (n,)
        S, that run.
    flow : float or ndarray (n,)
        m_dot, kg/s of both propellants of all engines.
    engines : float or ndarray (n,)
        N; where there are more than sets, a set feeds several.
    line : FeedLine
        Drops, injector and masses of one propellant's feed line.
    spares : float or ndarray (n,), default 0.0
        z, cold sets for each that runs: with valves of their own.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> [round(float(pump_plumbing_mass(sets, 2.1, 3.0, FeedLine())), 2) for sets in (3.0, 1.0)]
    [12.5, 10.06]
    """
    of_set = np.sqrt(flow / pump_sets / line.reference_flow)
    of_engine = np.sqrt(flow / engines / line.reference_flow)
    return np.asarray(
        line.surge_mass
        + pump_sets * (1.0 + spares) * line.pump_valves_mass * of_set
        + (engines - pump_sets) * line.manifold_branch_mass * of_engine
    )
