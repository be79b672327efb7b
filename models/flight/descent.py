"""Powered descent to the Moon: impulsive references, braking under linear-tangent guidance, landing under throttle.

The lander brakes with constant thrust from the perilune of its descent orbit (15 x 100 km by default) to rest at the
terminal gate, then descends and hovers upright.  The gate counts as the surface (its 30 to 100 m are nothing against
15 km), so braking compares directly with the optimum from perilune to the ground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray

from models.quantity import FloatArray, Numeric

GRAVITATIONAL_PARAMETER = 4.9028e12
"""m3/s2, of the Moon."""
MOON_RADIUS = 1737.4e3
"""m, mean."""
LUNAR_GRAVITY = GRAVITATIONAL_PARAMETER / MOON_RADIUS**2
"""m/s2 at the surface, 1.6242."""
PERILUNE = (10e3, 30e3)
"""m, range of the braking table: altitude of the perilune, where braking begins."""
SPEED_RATIO = (1.0, 1.3)
"""Range of the braking table: square of the speed at perilune over that of a circular orbit there, 2 r_a / (r_a + r_p)
with the radii of apolune and perilune; 1.3 is an apolune of 1,500 km."""
THRUST_TO_WEIGHT = (1.0, 6.0)
"""Range of the braking table: thrust over lunar weight at ignition."""
EXHAUST_VELOCITY = (2300.0, 3800.0)
"""m/s, range of the braking table."""


def circular_speed(altitude: Numeric) -> Numeric:
    """Speed on a circular lunar orbit, sqrt(mu / r), in m/s; `altitude` in m.  Exact for two bodies.

    Parameters
    ----------
    altitude : float or ndarray (n,)
        m above the mean radius.

    Returns
    -------
    float or ndarray (n,)
        m/s.

    Examples
    --------
    >>> round(circular_speed(100e3), 2)
    1633.5
    """
    return (GRAVITATIONAL_PARAMETER / (MOON_RADIUS + altitude)) ** 0.5


def orbit_speed(altitude: Numeric, perilune: Numeric, apolune: Numeric) -> Numeric:
    """Speed at `altitude` on an orbit between two altitudes (m): sqrt(mu (2/r - 1/a)) in m/s.

    Parameters
    ----------
    altitude : float or ndarray (n,)
        m above the mean radius.
    perilune : float or ndarray (n,)
        Altitude of the descent orbit, m (`PERILUNE`, `SPEED_RATIO`)
    apolune : float or ndarray (n,)
        Altitude of the descent orbit, m (`PERILUNE`, `SPEED_RATIO`)

    Returns
    -------
    float or ndarray (n,)
        m/s.

    Examples
    --------
    >>> round(orbit_speed(15e3, 15e3, 100e3), 2)
    1692.34
    """
    axis = MOON_RADIUS + (perilune + apolune) / 2
    return (GRAVITATIONAL_PARAMETER * (2 / (MOON_RADIUS + altitude) - 1 / axis)) ** 0.5


def speed_ratio_squared(perilune: Numeric, apolune: Numeric) -> Numeric:
    """Square of the speed at `perilune` over that of a circular orbit there (altitudes in m): 2 r_a / (r_a + r_p).

    Parameters
    ----------
    perilune, apolune : float or ndarray (n,)
        Altitude, m.

    Returns
    -------
    float or ndarray (n,)
        At least 1.

    Examples
    --------
    >>> round(speed_ratio_squared(15e3, 100e3), 5), speed_ratio_squared(100e3, 100e3)
    (1.02368, 1.0)
    """
    return 2.0 * (MOON_RADIUS + apolune) / (2.0 * MOON_RADIUS + perilune + apolune)


def descent_orbit_insertion(altitude: Numeric, perilune: Numeric) -> Numeric:
    """Impulse in m/s that lowers the perilune of a circular orbit at `altitude` to `perilune` (both m).

    Parameters
    ----------
    altitude : float or ndarray (n,)
        Of the circular orbit, m.
    perilune : float or ndarray (n,)
        Altitude of the lowered perilune, m.

    Returns
    -------
    float or ndarray (n,)
        m/s.

    Examples
    --------
    >>> round(descent_orbit_insertion(100e3, 15e3), 2)
    19.46
    """
    return circular_speed(altitude) - orbit_speed(altitude, perilune, altitude)


def impulsive_landing(altitude: Numeric) -> Numeric:
    """Hohmann transfer from a circular orbit at `altitude` (m) to rest on the surface, in m/s: the lower bound.

    Parameters
    ----------
    altitude : float or ndarray (n,)
        Of the circular orbit, m.

    Returns
    -------
    float or ndarray (n,)
        m/s.

    Examples
    --------
    >>> round(impulsive_landing(100e3), 2)
    1726.2
    """
    return descent_orbit_insertion(altitude, 0.0) + orbit_speed(0.0, 0.0, altitude)


@dataclass(frozen=True)
class Braking:
    """What the braking phase costs; every field a float or (n,), NaN outside the table."""

    delta_velocity: Numeric
    """m/s."""
    duration: Numeric
    """s at full braking thrust."""
    mass_ratio: Numeric
    """Mass at the gate over mass at ignition."""


@cache
def _table(name: str) -> FloatArray:
    with files("models.properties.tables").joinpath("descent.npz").open("rb") as file:
        return np.load(file)[name]


def _of_orbit(name: str, perilune: Numeric, apolune: Numeric) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Coefficients (20, 9, 1 or n) over thrust to weight and exhaust velocity, and where the orbit is in the table."""
    altitude, top = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, float)) for x in (perilune, apolune)))
    square = np.asarray(speed_ratio_squared(altitude, top))
    edge = 1e-12
    inside = (altitude >= PERILUNE[0]) & (altitude <= PERILUNE[1])
    inside &= (square >= SPEED_RATIO[0] - edge) & (square <= SPEED_RATIO[1])
    if altitude.size > 1 and (altitude == altitude[0]).all() and (top == top[0]).all():
        altitude, square = altitude[:1], square[:1]
    table = _table(name)
    first = chebyshev.chebvander(_scaled(np.clip(altitude, *PERILUNE), *PERILUNE), table.shape[2] - 1)
    second = chebyshev.chebvander(_scaled(np.clip(square, *SPEED_RATIO), *SPEED_RATIO), table.shape[3] - 1)
    basis = (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)
    whole = table.reshape(table.shape[0] * table.shape[1], -1) @ basis.T
    return whole.reshape(*table.shape[:2], -1), inside


def _interpolate(
    name: str,
    thrust_to_weight: ArrayLike,
    exhaust_velocity: ArrayLike,
    perilune: Numeric = 15e3,
    apolune: Numeric = 100e3,
) -> FloatArray:
    thrust, exhaust = np.broadcast_arrays(
        np.asarray(thrust_to_weight, dtype=np.float64), np.asarray(exhaust_velocity, dtype=np.float64)
    )
    inside = (thrust >= THRUST_TO_WEIGHT[0]) & (thrust <= THRUST_TO_WEIGHT[1])
    inside &= (exhaust >= EXHAUST_VELOCITY[0]) & (exhaust <= EXHAUST_VELOCITY[1])
    x = _scaled(np.log(np.where(inside, thrust, 2.0)), *np.log(THRUST_TO_WEIGHT))
    y = _scaled(1 / np.where(inside, exhaust, 3000.0), *(1 / np.array(EXHAUST_VELOCITY)))
    table, known = _of_orbit(name, perilune, apolune)
    value = chebyshev.chebval(y, chebyshev.chebval(x, table, tensor=False), tensor=False)
    value = np.where(inside & known, value, np.nan)
    shape = np.broadcast_shapes(np.shape(thrust), np.shape(perilune), np.shape(apolune))
    return np.asarray(value.reshape(shape), dtype=np.float64)[()]


def _scaled(value: FloatArray, low: float, high: float) -> FloatArray:
    return (2 * value - low - high) / (high - low)


def braking(
    thrust_to_weight: Numeric,
    exhaust_velocity: Numeric,
    *,
    perilune: Numeric = 15e3,
    apolune: Numeric = 100e3,
) -> Braking:
    """Velocity increment, duration and mass ratio of braking at constant thrust from perilune to the gate.

    Planar motion about a spherical Moon, thrust at the pitch angle tan(pitch) = a + b t above the local horizontal,
    constant mass flow:

        dr/dt = u,  du/dt = w^2/r - mu/r^2 + (T/m) sin(pitch),  dw/dt = -u w/r - (T/m) cos(pitch)

    a, b and the duration are such that altitude and both speeds vanish together
    (`models.properties.tables.generate_descent`). Only the velocity increment is interpolated; duration = (v_e / (g
    T/W)) (1 - m_f/m_0) with m_f/m_0 = exp(-delta_velocity / v_e) follows exactly.

    NaN outside the ranges below. Interpolation error below 1e-6 m/s; 0.02 to 0.6 m/s (at most 0.03 %) above the optimum
    (free-time minimum-propellant problem, engine always on). Above a ratio of about 3.5 an ignition later than perilune
    would be cheaper.

    Parameters
    ----------
    thrust_to_weight : float or ndarray (n,)
        Thrust over lunar surface weight at ignition, 1 to 6.
    exhaust_velocity : float or ndarray (n,)
        m/s, 2300 to 3800.
    perilune, apolune : float or ndarray (n,), optional
        Altitude of the descent orbit, circular or elliptic, m (`PERILUNE`, `SPEED_RATIO`)

    Returns
    -------
    Braking

    References
    ----------
    Linear-tangent steering: Perkins, Astronautica Acta 12 (1966), flown in the Space Shuttle's powered explicit
    guidance (McHenry et al., J. Astronautical Sciences 27, 1979).  The optimum: Lawden, Optimal Trajectories for
    Space Navigation (1963).

    Examples
    --------
    >>> round(float(braking(2.0, 320 * 9.80665).delta_velocity), 1)
    1770.8
    """
    velocity = _interpolate("velocity", thrust_to_weight, exhaust_velocity, perilune, apolune)
    mass_ratio = np.exp(-velocity / exhaust_velocity)
    duration = exhaust_velocity / (LUNAR_GRAVITY * thrust_to_weight) * (1 - mass_ratio)
    return Braking(velocity, duration, mass_ratio)


@dataclass(frozen=True)
class Trajectory:
    """Histories of the braking phase: (steps + 1,) or (steps + 1, n), on equal fractions of its duration."""

    time: FloatArray
    """s from ignition."""
    altitude: FloatArray
    """m above the gate."""
    downrange: FloatArray
    """m along the surface from below perilune."""
    vertical_speed: FloatArray
    """m/s, upwards positive."""
    horizontal_speed: FloatArray
    """m/s."""
    pitch: FloatArray
    """rad, thrust above the local horizontal."""
    mass: FloatArray
    """Fraction of the mass at ignition."""
    acceleration: FloatArray
    """m/s2, thrust over mass."""


def trajectory(
    thrust_to_weight: Numeric,
    exhaust_velocity: Numeric,
    *,
    perilune: Numeric = 15e3,
    apolune: Numeric = 100e3,
    steps: int = 150,
) -> Trajectory:
    """March `braking` with the classical Runge-Kutta scheme of fourth order in `steps` equal steps.

    Equations and limits as in `braking`; rows outside are NaN. At 150 steps the end lies within 0.1 mm and 1e-6 m/s of
    the exact one, at 30 within 0.1 m. Mass is exact (linear in time).

    Parameters
    ----------
    thrust_to_weight : float or ndarray (n,)
        Thrust over lunar surface weight at ignition, 1 to 6.
    exhaust_velocity : float or ndarray (n,)
        m/s, 2300 to 3800.
    perilune, apolune : float or ndarray (n,), optional
        Altitude of the descent orbit, m.
    steps : int, default 150
        Equal steps in time.

    Returns
    -------
    Trajectory

    Raises
    ------
    ValueError
        Below one step.
    """
    if steps < 1:
        raise ValueError(f"steps = {steps}: a trajectory needs at least one step")
    phase = braking(thrust_to_weight, exhaust_velocity, perilune=perilune, apolune=apolune)
    offset = _interpolate("offset", thrust_to_weight, exhaust_velocity, perilune, apolune)
    rate = _interpolate("rate", thrust_to_weight, exhaust_velocity, perilune, apolune)
    initial = LUNAR_GRAVITY * np.asarray(thrust_to_weight, dtype=np.float64) + 0 * offset
    step = np.asarray(phase.duration) / steps

    def steering(time: FloatArray) -> tuple[FloatArray, FloatArray]:
        return offset + rate * time, initial / (1 - initial * time / exhaust_velocity)

    def rates(time: FloatArray, state: FloatArray) -> FloatArray:
        radius, vertical, horizontal, _ = state
        tangent, thrust = steering(time)
        along = thrust / np.sqrt(1 + tangent**2)
        return np.stack(
            [
                vertical,
                (horizontal**2 - GRAVITATIONAL_PARAMETER / radius) / radius + along * tangent,
                -vertical * horizontal / radius - along,
                MOON_RADIUS * horizontal / radius,
            ]
        )

    zero = 0 * initial
    begin = MOON_RADIUS + perilune
    state = np.stack([zero + begin, zero, zero + orbit_speed(perilune, perilune, apolune), zero])
    history = [state]
    for i in range(steps):
        time = i * step
        k1 = rates(time, state)
        k2 = rates(time + step / 2, state + step / 2 * k1)
        k3 = rates(time + step / 2, state + step / 2 * k2)
        k4 = rates(time + step, state + step * k3)
        state = state + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        history.append(state)
    radius, vertical, horizontal, downrange = np.moveaxis(np.stack(history), 1, 0)
    times = np.multiply.outer(np.arange(steps + 1), step)
    tangent, thrust = steering(times)
    return Trajectory(
        time=times,
        altitude=radius - MOON_RADIUS,
        downrange=downrange,
        vertical_speed=vertical,
        horizontal_speed=horizontal,
        pitch=np.arctan(tangent),
        mass=initial / thrust,
        acceleration=thrust,
    )


def hover_delta_velocity(duration: Numeric) -> Numeric:
    """Velocity increment in m/s of an upright descent from rest at the gate to rest on the ground, g t.

    Exact whatever the profile, while the thrust points up: the impulse per mass over a `duration` (s) that begins and
    ends at rest is g t.  Horizontal corrections are not in it.

    Parameters
    ----------
    duration : float or ndarray (n,)
        s from rest at the gate to rest on the ground.

    Returns
    -------
    float or ndarray (n,)
        m/s.

    Examples
    --------
    >>> round(hover_delta_velocity(60.0), 1)
    97.5
    """
    return LUNAR_GRAVITY * duration


@dataclass(frozen=True)
class SoftLanding:
    """Fall, then full thrust; every field a float or (n,), NaN where the ground comes first."""

    fall: FloatArray
    """s of free fall."""
    burn: FloatArray
    """s of full thrust."""
    mass_ratio: FloatArray
    """Mass on the ground over mass at the start."""


def soft_landing(
    height: Numeric, descent_speed: Numeric, thrust_to_weight: Numeric, exhaust_velocity: Numeric
) -> SoftLanding:
    """Vertical landing at least propellant: free fall, then full thrust to rest on the ground.

    Whatever the thrust does, an upright descent from the speed v_0 to rest in the time t takes v_0 + g t of velocity
    increment (`hover_delta_velocity` adds up the same), so that least propellant is least time, and that is to brake
    late and hard (Meditch 1964, by the maximum principle).  With q = 1 - k t_b the mass left by a burn of t_b,
    k = f g / c, f thrust over weight at the start and c the exhaust velocity,

        v_1 = -c ln q - g t_b                                                      speed at ignition
        (v_1^2 - v_0^2) / (2 g) + v_1 t_b + g t_b^2 / 2 - (c / k) (q ln q + 1 - q) = h

    whose left side rises with t_b; the root is bisected to rounding.  NaN where f <= 1, or where even ignition at once
    is too late.  A `mission.hover` below fall and burn together cannot be flown.

    Parameters
    ----------
    height : float or ndarray (n,)
        h at the start, m.
    descent_speed : float or ndarray (n,)
        v_0 downwards, m/s.
    thrust_to_weight : float or ndarray (n,)
        f, full thrust over lunar weight at the start.
    exhaust_velocity : float or ndarray (n,)
        c, m/s.

    Returns
    -------
    SoftLanding

    References
    ----------
    Meditch, On the problem of optimal thrust programming for a lunar soft landing, IEEE Trans. Automatic Control 9
    (1964) 477-484.

    Examples
    --------
    >>> found = soft_landing(100.0, 0.0, 2.0, 3100.0)
    >>> round(float(found.fall), 2), round(float(found.burn), 2), round(float(found.mass_ratio), 5)
    (7.86, 7.79, 0.99183)
    """
    height, speed, ratio, exhaust = np.broadcast_arrays(
        *(
            np.asarray(x, dtype=np.float64)
            for x in (height, descent_speed, thrust_to_weight, exhaust_velocity)
        )
    )
    rate = np.where(ratio > 1.0, ratio, np.nan) * LUNAR_GRAVITY / exhaust

    def ignition(burn: FloatArray) -> FloatArray:
        return np.asarray(-exhaust * np.log1p(-rate * burn) - LUNAR_GRAVITY * burn)

    def excess(burn: FloatArray) -> FloatArray:
        left, fast = 1.0 - rate * burn, ignition(burn)
        braked = fast * burn + LUNAR_GRAVITY * burn**2 / 2 - exhaust / rate * (left * np.log(left) + 1 - left)
        return np.asarray((fast**2 - speed**2) / (2 * LUNAR_GRAVITY) + braked - height)

    def bisected(too_long: Callable[[FloatArray], NDArray[np.bool_]]) -> FloatArray:
        low, high = 0.0 * rate, 1.0 / rate
        for _ in range(60):
            middle = 0.5 * (low + high)
            beyond = too_long(middle)
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        return np.asarray(low)

    at_once = bisected(lambda burn: ignition(burn) > speed)
    burn = bisected(lambda burn: (ignition(burn) > speed) & (excess(burn) > 0.0))
    burn = np.where(excess(at_once) <= 1e-9 * (height + speed**2 / LUNAR_GRAVITY), burn, np.nan)
    fall = (ignition(burn) - speed) / LUNAR_GRAVITY
    return SoftLanding(fall[()], burn[()], (1.0 - rate * burn)[()])


@dataclass(frozen=True)
class Hover:
    """How the engines hold a weight; every field a float or (n,)."""

    throttle: Numeric
    """Thrust over full thrust of an engine that runs; NaN where it cannot hold the weight."""
    duty: Numeric
    """Share of the time that it runs."""
    engines: Numeric
    """Share of the engines that run."""


def hover(weight: Numeric, thrust: Numeric, minimum_throttle: Numeric, engines: Numeric) -> Hover:
    """How `engines` of together `thrust` (N, full) hold a lunar `weight` (N), none below `minimum_throttle`.

    All at the throttle weight / thrust if they throttle that deep; else the fewest that can hold it, at their least
    throttle, a continuous number (whole engines in symmetric pairs come close); the last one pulses:

        running = weight / (thrust minimum), from 1 / engines to 1;   throttle = weight / (running thrust)
        duty    = throttle / minimum, where below 1

    NaN above full thrust.

    Parameters
    ----------
    weight : float or ndarray (n,)
        Lunar, N.
    thrust : float or ndarray (n,)
        Full, of all engines, N.
    minimum_throttle : float or ndarray (n,)
        Of each engine, 0 to 1.
    engines : float or ndarray (n,)
        N, main engines.

    Returns
    -------
    Hover

    Examples
    --------
    >>> [round(float(x), 3) for x in vars(hover(1700.0, 6600.0, 0.25, 3.0)).values()]  # throttle, duty, engines
    [0.258, 1.0, 1.0]
    >>> [round(float(x), 3) for x in vars(hover(1700.0, 6600.0, 0.45, 3.0)).values()]
    [0.45, 1.0, 0.572]
    >>> [round(float(x), 3) for x in vars(hover(700.0, 6600.0, 0.45, 3.0)).values()]
    [0.45, 0.707, 0.333]
    """
    ratio = weight / np.asarray(thrust)
    running = np.clip(ratio / np.maximum(minimum_throttle, 1e-3), 1.0 / engines, 1.0)
    throttle = ratio / running
    duty = np.minimum(throttle / minimum_throttle, 1.0)
    return Hover(np.where(throttle <= 1.0, np.maximum(throttle, minimum_throttle), np.nan), duty, running)
