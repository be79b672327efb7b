"""Generate `descent.npz`: linear-tangent guidance of the braking phase, solved by shooting.

Run ``python -m models.properties.tables.generate_descent`` from the repository.  It needs numpy only and takes some
minutes.

Unknowns: the tangent's offset a and rate b, tan(pitch) = a + b t, and the duration t_f.  Conditions: altitude and both
speeds vanish at t_f.  Newton's method, from the known solution at a thrust-to-weight ratio of 2 from 15 x 100 km, along
a ray to every node of a Chebyshev grid in (ln of thrust to weight, 1 / exhaust velocity, altitude of the perilune,
square of the speed there over that of a circular orbit).  Stored: Chebyshev coefficients of the velocity increment, of
a and of b.  The same shooting with the costates of the free-time minimum-propellant problem (Pontryagin) gives the
optimum that the tests compare with.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from models.flight.descent import (
    EXHAUST_VELOCITY,
    GRAVITATIONAL_PARAMETER,
    MOON_RADIUS,
    PERILUNE,
    SPEED_RATIO,
    THRUST_TO_WEIGHT,
    speed_ratio_squared,
)

FloatArray = NDArray[np.float64]
Rates = Callable[[float, FloatArray], FloatArray]

SPEED = float(np.sqrt(GRAVITATIONAL_PARAMETER / MOON_RADIUS))
TIME = MOON_RADIUS / SPEED
NODES = (20, 9, 8, 9)
# A solution by hand-fed shooting at thrust to weight 2 and 320 s, from which all others are continued.
START = (2.0, 320 * 9.80665, (-0.0635, 1.4292, 416.59 / TIME))
START_ORBIT = (15e3, float(speed_ratio_squared(15e3, 100e3)))
# The same for the optimum: costates of radial and horizontal speed come last, relative to that of altitude.
START_OPTIMUM = (2.0, 320 * 9.80665, (-2.0081, -0.0332, 416.57 / TIME))


def _motion(
    state: FloatArray, acceleration: FloatArray, sine: FloatArray, cosine: FloatArray
) -> list[FloatArray]:
    radius, vertical, horizontal = state[:3]
    return [
        vertical,
        horizontal**2 / radius - radius**-2 + acceleration * sine,
        -vertical * horizontal / radius - acceleration * cosine,
    ]


def _final(
    unknowns: FloatArray,
    thrust: FloatArray,
    exhaust: FloatArray,
    orbit: tuple[FloatArray, FloatArray],
    steps: int,
    optimal: bool,
) -> FloatArray:
    """(3, n) altitude and speeds at the end, in units of the Moon's radius and its circular speed."""
    first, second, duration = unknowns
    step = duration / steps

    def rates(time: FloatArray, state: FloatArray) -> FloatArray:
        acceleration = thrust / (1 - thrust * time / exhaust)
        if not optimal:
            tangent = first + second * time
            cosine = 1 / np.sqrt(1 + tangent**2)
            return np.array(_motion(state, acceleration, tangent * cosine, cosine))
        radius, vertical, horizontal, p_radius, p_vertical, p_horizontal = state
        norm = np.hypot(p_vertical, p_horizontal)
        return np.array(
            [
                *_motion(state, acceleration, p_vertical / norm, -p_horizontal / norm),
                p_vertical * ((horizontal / radius) ** 2 - 2 / radius**3)
                - p_horizontal * vertical * horizontal / radius**2,
                -p_radius + p_horizontal * horizontal / radius,
                (p_horizontal * vertical - 2 * p_vertical * horizontal) / radius,
            ]
        )

    rows = np.ones_like(duration)
    begin = 1 + orbit[0] / MOON_RADIUS
    state = np.array([begin * rows, 0 * rows, np.sqrt(orbit[1] / begin) * rows])
    if optimal:
        state = np.vstack([state, [first, second, -rows]])
    for i in range(steps):
        time = i * step
        k1 = rates(time, state)
        k2 = rates(time + step / 2, state + step / 2 * k1)
        k3 = rates(time + step / 2, state + step / 2 * k2)
        k4 = rates(time + step, state + step * k3)
        state = state + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.array([state[0] - 1, state[1], state[2]])


def _newton(
    guess: FloatArray,
    thrust: FloatArray,
    exhaust: FloatArray,
    orbit: tuple[FloatArray, FloatArray],
    steps: int,
    optimal: bool,
) -> FloatArray:
    unknowns, small = guess, 1e-6
    for _ in range(15):
        defect = _final(unknowns, thrust, exhaust, orbit, steps, optimal)
        if np.abs(defect).max() < 1e-12:
            return unknowns
        columns = [
            _final(unknowns + small * unit[:, None], thrust, exhaust, orbit, steps, optimal) - defect
            for unit in np.eye(3)
        ]
        jacobian = np.moveaxis(np.array(columns) / small, (0, 1, 2), (2, 1, 0))
        change = np.linalg.solve(jacobian, -defect.T[..., None])[..., 0].T
        unknowns = unknowns + change * np.minimum(1, 0.15 / np.maximum(np.abs(change).max(axis=0), 1e-300))
    if np.abs(defect).max() > 1e-9:
        raise RuntimeError(f"the shooting did not converge: residual {np.abs(defect).max():.1e}")
    return unknowns


def solve(
    thrust_to_weight: FloatArray,
    exhaust_velocity: FloatArray,
    perilune: FloatArray | float = START_ORBIT[0],
    speed_ratio: FloatArray | float = START_ORBIT[1],
    *,
    optimal: bool = False,
    steps: int = 1500,
) -> FloatArray:
    """(3, n) velocity increment in m/s and the first two unknowns, for (n,) ratios and exhaust velocities in m/s, from
    a perilune (m) at a speed whose square over that of a circular orbit is `speed_ratio`.

    The unknowns are a and b of the tangent (1 and 1/s), or, for the optimum, the initial costates of altitude and of
    vertical speed relative to that of horizontal speed (in the scaled units above).

    Parameters
    ----------
    thrust_to_weight : ndarray (n,)
        Thrust over lunar surface weight at ignition.
    exhaust_velocity : ndarray (n,)
        m/s.
    perilune : float or ndarray (n,), optional
        Altitude, m.
    speed_ratio : float or ndarray (n,), optional
        Square of the speed at perilune over that of a circular orbit there.
    optimal : bool, default False
        The optimum by its costates rather than linear-tangent steering.
    steps : int, default 1500
        Of the Runge-Kutta march.

    Returns
    -------
    ndarray (3, n)
        Velocity increment (m/s) and the first two unknowns.
    """
    first, last = (START_OPTIMUM if optimal else START), (thrust_to_weight, exhaust_velocity / SPEED)
    rows = np.ones_like(thrust_to_weight)
    orbit = (perilune * rows, speed_ratio * rows)
    unknowns = np.array(first[2])[:, None] * np.ones_like(thrust_to_weight)
    previous = np.full_like(thrust_to_weight, first[0])
    for share in np.linspace(0, 1, 13):
        thrust = first[0] * (last[0] / first[0]) ** share
        exhaust = first[1] / SPEED + share * (last[1] - first[1] / SPEED)
        unknowns[2] *= previous / thrust
        if optimal:
            unknowns[0] *= thrust / previous
        else:
            unknowns[1] *= thrust / previous
        here = tuple(begin + share * (end - begin) for begin, end in zip(START_ORBIT, orbit, strict=True))
        unknowns = _newton(unknowns, thrust, exhaust, (here[0], here[1]), min(steps, 200), optimal)
        previous = thrust
    a, b, duration = _newton(unknowns, *last, orbit, steps, optimal)
    velocity = -exhaust_velocity * np.log1p(-thrust_to_weight * duration / last[1])
    return np.array([velocity, a, b if optimal else b / TIME])


def main() -> None:
    """Solve at the Chebyshev nodes and write the coefficients next to this file."""
    nodes = [np.cos(np.pi * (np.arange(n) + 0.5) / n) for n in NODES]
    limits = [
        tuple(map(float, pair))
        for pair in (np.log(THRUST_TO_WEIGHT), 1 / np.array(EXHAUST_VELOCITY), PERILUNE, SPEED_RATIO)
    ]
    grids = [(low + high) / 2 + (high - low) / 2 * x for x, (low, high) in zip(nodes, limits, strict=True)]
    logarithm, slowness, perilune, ratio = (grid.ravel() for grid in np.meshgrid(*grids, indexing="ij"))
    values = solve(np.exp(logarithm), 1 / slowness, perilune, ratio, steps=400).reshape(3, *NODES)
    transforms = [np.linalg.inv(chebyshev.chebvander(x, n - 1)) for x, n in zip(nodes, NODES, strict=True)]
    velocity, offset, rate = np.einsum("ai,bj,ck,dl,vijkl->vabcd", *transforms, values, optimize=True)
    np.savez(Path(__file__).with_name("descent.npz"), velocity=velocity, offset=offset, rate=rate)


if __name__ == "__main__":
    main()
