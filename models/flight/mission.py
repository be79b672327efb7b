"""The sequence of burns from separation to touchdown: what each consumes, how long it lasts, at what throttle.

At a given launch mass and specific impulse everything here is explicit: no iteration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.flight import descent
from models.properties import combustion
from models.quantity import STANDARD_GRAVITY, FloatArray, Numeric

BURNS = ("transfer", "insertion", "trim", "braking", "terminal")
"""The burns in their order: corrections on the way, lunar orbit insertion, orbit trim and descent orbit insertion,
powered braking from perilune to the gate, terminal descent with diverts and hover."""

HOUR = 3600.0


@dataclass(frozen=True)
class Mission(quantity.Specification):
    """What must be flown.  Velocity increments are nominal; `reserve_factor` multiplies each of them."""

    transfer: Annotated[Numeric, "m/s", (0.0, 2000.0)] = 60.0
    """Corrections before insertion."""
    insertion: Annotated[Numeric, "m/s", (100.0, 2000.0)] = 850.0
    """Into low lunar orbit; 811 m/s impulsive from an excess of 0.8 km/s."""
    trim: Annotated[Numeric, "m/s", (0.0, 500.0)] = 50.0
    """Of the orbit, with descent orbit insertion (19.5 m/s from 100 km)."""
    perilune: Annotated[Numeric, "m", (10e3, 30e3)] = 15e3
    """Altitude of the descent orbit's lowest point, where braking begins."""
    apolune: Annotated[Numeric, "m", (10e3, 1.5e6)] = 100e3
    """Altitude of its highest point: that of the parking orbit, circular or elliptic; at least the perilune's."""
    divert: Annotated[Numeric, "m/s", (0.0, 500.0)] = 100.0
    """Approach, diverts and navigation after braking, in addition to the hover and `divert_distance`."""
    divert_distance: Annotated[Numeric, "m", (0.0, 5e3)] = 0.0
    """Sideways, to another landing site, see `divert_velocity`."""
    divert_height: Annotated[Numeric, "m", (10.0, 5e3)] = 500.0
    """Above the ground, where that divert begins."""
    hover: Annotated[Numeric, "s", (5.0, 300.0)] = 60.0
    """From the gate to touchdown, gravity loss included."""
    reserve_factor: Annotated[Numeric, "-", (1.0, 1.3)] = 1.05
    """On every velocity increment; 1.02 to 1.10."""
    coast_before_descent: Annotated[Numeric, "s", (0.0, 1e8)] = 24.0 * HOUR
    """Time in orbit between insertion and descent, in which the battery may be recharged."""

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.perilune, self.apolune
        if np.ndim(low) == np.ndim(high) == 0 and high < low:
            raise ValueError(
                f"mission.apolune = {high:g} m lies below mission.perilune = {low:g} m: raise the apolune (equal to "
                "the perilune the orbit is circular) or lower the perilune"
            )


@dataclass(frozen=True)
class Flight:
    """The burns; arrays are (burns, n) in the order of `BURNS`, others (n,)."""

    propellant: FloatArray
    """kg through the main engines and the thrusters."""
    main_propellant: FloatArray
    """kg through the main engines alone."""
    duration: FloatArray
    """s of burning."""
    flow: FloatArray
    """Main flow over that of all engines at full thrust (a time mean where engines pulse)."""
    throttle: FloatArray
    """Thrust of a running engine over its full thrust."""
    running: FloatArray
    """Share of the engines' time that they run: engines on times duty."""
    duty: FloatArray
    """Share of the time that running engines run: below 1 they pulse."""
    delta_velocity: FloatArray
    """m/s including reserve."""
    start_mass: FloatArray
    """kg at ignition."""
    thrust_to_weight: FloatArray
    """Thrust over lunar surface weight at the start of braking."""
    landed_mass: FloatArray
    """kg at touchdown, with all that is left in the tanks."""
    acceleration: FloatArray
    """m/s2 at first ignition, full thrust and full tanks: where the liquid's head counts most."""


def divert_velocity(distance: Numeric, height: Numeric) -> FloatArray:
    """Velocity increment in m/s of a divert sideways by `distance` (m) on the way down from `height` (m).

        dv = t (sqrt(g^2 + a^2) - g),   a = 4 d / t^2,   t = 2 sqrt(h / g)

    The lander accelerates sideways over half of the descent and brakes over the other half, its thrust tilted; what
    carries its weight meanwhile is the hover's.  t is the descent from rest to rest under twice the weight
    (`descent.soft_landing` at constant mass): a divert that begins low is dear.

    Parameters
    ----------
    distance : float or ndarray (n,)
        d sideways, m.
    height : float or ndarray (n,)
        h above the ground where the divert begins, m.

    Returns
    -------
    ndarray (n,)
        m/s.

    Examples
    --------
    >>> [round(float(divert_velocity(300.0, height)), 1) for height in (100.0, 500.0, 1000.0)]
    [55.1, 9.5, 3.5]
    """
    time = 2.0 * np.sqrt(np.asarray(height) / descent.LUNAR_GRAVITY)
    sideways = 4.0 * np.asarray(distance) / time**2
    return np.asarray(time * (np.hypot(descent.LUNAR_GRAVITY, sideways) - descent.LUNAR_GRAVITY))[()]


def fly(
    mission: Mission,
    *,
    launch_mass: Numeric,
    thrust: Numeric,
    specific_impulse: Numeric,
    thruster_share: Numeric,
    thruster_specific_impulse: Numeric,
    minimum_throttle: Numeric,
    engines: Numeric,
    throttling_loss: Numeric,
    engines_out: Numeric = 0.0,
    braking_thrust: Numeric = 0.0,
    landing_thrust: Numeric = 0.0,
) -> Flight:
    """Fly all burns from `launch_mass` (kg) with `thrust` (N, all engines, vacuum) at `specific_impulse` (s).

    Each burn k costs m_k = m (1 - exp(-dv_k / v)), with the exhaust velocity of the mixture of main engines and
    thrusters, v = g0 [(1 - s) I_main + s I_thruster], s the thrusters' share of the propellant.  Braking comes from
    `models.flight.descent`; the terminal descent costs its diverts plus gravity times its duration, at the throttle
    that carries the landed weight (`descent.hover`).  With `engines_out` both are flown by the others alone.

    Thrusters that help in braking (`braking_thrust` F_b, N) add to thrust and flow,

        v_b = (T + F_b) / (T/v + F_b/v_t),   v_t = g0 I_thruster

    and with a `landing_thrust` (N, above zero) they fly the terminal descent alone, the main engines off: their mean
    thrust is the weight.  Rows that cannot brake (thrust to weight outside the table), or whose landing thrust does not
    hold their weight, are NaN.

    Parameters
    ----------
    mission : Mission
        Velocity increments, orbits, reserve and terminal descent.
    launch_mass : float or ndarray (n,)
        kg at separation from the launcher.
    thrust : float or ndarray (n,)
        N in vacuum, all main engines.
    specific_impulse : float or ndarray (n,)
        s in vacuum, of the main engines at full thrust.
    thruster_share : float or ndarray (n,)
        s, the thrusters' share of the propellant in every burn.
    thruster_specific_impulse : float or ndarray (n,)
        s.
    minimum_throttle : float or ndarray (n,)
        Of each main engine, 0 to 1.
    engines : float or ndarray (n,)
        N, main engines.
    throttling_loss : float or ndarray (n,)
        Share of specific impulse lost for each halving of thrust.
    engines_out : float or ndarray (n,), default 0.0
        Engines without which powered descent is flown.
    braking_thrust : float or ndarray (n,), default 0.0
        F_b of thrusters that help in braking, N.
    landing_thrust : float or ndarray (n,), default 0.0
        Of thrusters that fly the terminal descent alone, N; 0 where main engines land.

    Returns
    -------
    Flight
    """
    shape = np.broadcast_shapes(
        *(
            np.shape(v)
            for v in (launch_mass, thrust, specific_impulse, thruster_share, mission.reserve_factor)
        )
    )
    mass = np.broadcast_to(np.asarray(launch_mass, dtype=np.float64), shape)
    exhaust = STANDARD_GRAVITY * (
        (1.0 - thruster_share) * specific_impulse + thruster_share * thruster_specific_impulse
    )
    full_flow = thrust / (STANDARD_GRAVITY * specific_impulse)
    thruster_exhaust = STANDARD_GRAVITY * thruster_specific_impulse
    main_share = 1.0 - thruster_share
    whole = np.ones(shape)

    records: list[tuple[FloatArray, ...]] = []

    def burn(
        velocity: Numeric,
        efficiency: Numeric,
        throttle: Numeric,
        running: Numeric,
        duty: Numeric = 1.0,
        help_thrust: Numeric = 0.0,
    ) -> None:
        nonlocal mass
        velocity = velocity * mission.reserve_factor * whole
        own_flow, help_flow = running * thrust / exhaust, help_thrust / thruster_exhaust
        speed = (running * thrust + help_thrust) / (own_flow + help_flow)
        consumed = mass * -np.expm1(-velocity / (speed * efficiency))
        flow = throttle / efficiency * running * whole
        main = main_share * own_flow / (own_flow + help_flow) * consumed
        duration = main / (full_flow * flow)
        records.append(
            (consumed, main, duration, flow, throttle * whole, running * whole, duty * whole, velocity, mass)
        )
        mass = mass - consumed

    for velocity in (mission.transfer, mission.insertion, mission.trim):
        burn(velocity, 1.0, 1.0, 1.0)
    left = 1.0 - engines_out / np.asarray(engines)
    together = left * thrust + braking_thrust
    thrust_to_weight = together / (mass * descent.LUNAR_GRAVITY)
    braking = descent.braking(
        thrust_to_weight,
        together / (left * thrust / exhaust + braking_thrust / thruster_exhaust),
        perilune=mission.perilune,
        apolune=mission.apolune,
    )
    burn(braking.delta_velocity, 1.0, 1.0, left, help_thrust=braking_thrust)

    weight = mass * descent.LUNAR_GRAVITY
    velocity = mission.divert + descent.hover_delta_velocity(mission.hover)
    velocity = velocity + divert_velocity(mission.divert_distance, mission.divert_height)
    if np.any(landing_thrust):
        records.append(
            _landing_on_thrusters(
                mass, weight, velocity * mission.reserve_factor * whole, thruster_exhaust, landing_thrust
            )
        )
        mass = mass - records[-1][0]
    else:
        held = descent.hover(weight, left * thrust, minimum_throttle, left * engines)
        efficiency = combustion.throttled(held.throttle, loss=throttling_loss)
        burn(velocity, efficiency, held.throttle, left * held.engines * held.duty, held.duty)
    stacked = [np.stack(column) for column in zip(*records, strict=True)]
    return Flight(*stacked, thrust_to_weight * whole, mass, thrust / launch_mass * whole)  # type: ignore[call-arg]


def _landing_on_thrusters(
    mass: FloatArray, weight: FloatArray, velocity: FloatArray, exhaust: Numeric, thrust: Numeric
) -> tuple[FloatArray, ...]:
    """The record of a terminal descent with the main engines off; NaN where `thrust` does not hold the weight."""
    none = 0.0 * mass
    consumed = np.where(thrust >= weight, mass * -np.expm1(-velocity / exhaust), np.nan)
    return consumed, none, consumed * exhaust / weight, none, none, none, none + 1.0, velocity, mass


def describe(flight: Flight) -> Mapping[str, FloatArray]:
    """Duration (s) and propellant (kg) of each burn by name, for tables.

    Parameters
    ----------
    flight : Flight
        The burns, their flows and propellant.

    Returns
    -------
    mapping of str to ndarray (n,)
        Such as "duration of braking" (s) and "propellant of braking" (kg)
    """
    return {
        f"{kind} {name}": getattr(flight, field)[k]
        for kind, field in (("duration of", "duration"), ("propellant of", "propellant"))
        for k, name in enumerate(BURNS)
    }
