"""Powered descent: impulsive references, the published optimum, an independent integrator, limits."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from models.flight import descent
from models.flight.descent import GRAVITATIONAL_PARAMETER, MOON_RADIUS, braking, trajectory
from models.properties.tables.generate_descent import solve

ISP = 9.80665
EXACT = 1e-12


# Vis-viva between circular 100 km, 15 x 100 km and the surface, to the digits printed.
@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (descent.circular_speed(100e3), 1633.50),
        (descent.descent_orbit_insertion(100e3, 15e3), 19.46),
        (descent.descent_orbit_insertion(100e3, 0.0), 23.01),
        (descent.orbit_speed(0.0, 0.0, 100e3), 1703.19),
        (descent.impulsive_landing(100e3), 1726.20),
        (descent.orbit_speed(15e3, 15e3, 100e3), 1692.34),
    ],
)
def test_impulsive_references_are_those_of_two_body_mechanics(value, printed):
    assert value == pytest.approx(printed, abs=0.006)


# Direct collocation (CasADi, IPOPT), 30 to 120 intervals, printed to 0.1 m/s.
@pytest.mark.parametrize(
    ("ratio", "isp", "optimum"),
    [(1.2, 320, 1878.4), (2.0, 320, 1770.7), (3.0, 320, 1745.4), (2.0, 280, 1764.8), (2.0, 340, 1773.3)],
)
def test_braking_costs_at_most_three_per_cent_more_than_the_collocated_optimum_and_never_less(
    ratio, isp, optimum
):
    velocity = braking(ratio, isp * ISP).delta_velocity
    assert optimum - 0.06 <= velocity <= 1.03 * optimum


def test_braking_lies_above_the_pontryagin_optimum_by_less_than_a_third_of_a_permille():
    ratio = np.array([1.0, 1.1, 1.5, 2.0, 3.0, 4.5, 6.0, 1.0, 6.0])
    exhaust = np.array([3138.0, 2300, 2900, 3800, 3138, 3138, 3800, 3800, 2300])
    optimum = solve(ratio, exhaust, optimal=True, steps=60)[0]
    excess = braking(ratio, exhaust).delta_velocity / optimum - 1
    assert np.all(excess > 0)
    assert np.all(excess < 3.3e-4)


def test_burn_times_and_mass_ratios_are_the_published_ones():
    phase = braking(np.array([1.2, 2.0, 3.0]), 320 * ISP)
    assert phase.duration == pytest.approx([725.2, 416.6, 274.7], abs=0.15)
    assert phase.mass_ratio == pytest.approx([0.550, 0.5688, 0.573], abs=5e-4)


@pytest.mark.parametrize(
    ("ratio", "exhaust", "perilune", "apolune"),
    [
        (1.03, 2750.0, 15e3, 100e3),
        (1.8, 3050.0, 15e3, 100e3),
        (5.7, 3600.0, 15e3, 100e3),
        (2.0, 3100.0, 20e3, 20e3),  # circular
        (1.5, 3000.0, 12e3, 900e3),
        (3.0, 3300.0, 27e3, 250e3),
    ],
)
def test_an_independent_integrator_lands_softly_with_the_tabulated_steering(
    ratio, exhaust, perilune, apolune
):
    orbit = {"perilune": perilune, "apolune": apolune}
    phase, path = braking(ratio, exhaust, **orbit), trajectory(ratio, exhaust, **orbit, steps=400)
    tangent = np.tan(path.pitch)
    rate = (tangent[-1] - tangent[0]) / path.time[-1]
    acceleration = ratio * GRAVITATIONAL_PARAMETER / MOON_RADIUS**2

    def cartesian(time, state):
        position, velocity, mass = state[:2], state[2:4], state[4]
        radius = np.hypot(*position)
        up = position / radius
        along = np.array([up[1], -up[0]])
        pitch = np.arctan(tangent[0] + rate * time)
        thrust = acceleration / mass * (np.sin(pitch) * up - np.cos(pitch) * along)
        return [*velocity, *(thrust - GRAVITATIONAL_PARAMETER / radius**2 * up), -acceleration / exhaust]

    start = [0.0, MOON_RADIUS + perilune, descent.orbit_speed(perilune, perilune, apolune), 0.0, 1.0]
    end = solve_ivp(cartesian, (0, phase.duration), start, method="DOP853", rtol=1e-12, atol=1e-9).y[:, -1]
    assert np.hypot(*end[:2]) - MOON_RADIUS == pytest.approx(0, abs=0.01)
    assert np.hypot(*end[2:4]) == pytest.approx(0, abs=1e-4)
    assert -exhaust * np.log(end[4]) == pytest.approx(phase.delta_velocity, rel=1e-9)


def test_the_trajectory_stays_above_ground_and_ends_at_rest_over_the_whole_table():
    ratio, exhaust = (
        grid.ravel() for grid in np.meshgrid(np.geomspace(1, 6, 12), np.linspace(2300, 3800, 5))
    )
    path = trajectory(ratio, exhaust)
    assert np.all(path.altitude[:-1] > 0)
    assert path.altitude[-1] == pytest.approx(0, abs=1e-3)
    assert path.vertical_speed[-1] == pytest.approx(0, abs=1e-5)
    assert path.horizontal_speed[-1] == pytest.approx(0, abs=1e-5)
    assert path.mass[-1] == pytest.approx(braking(ratio, exhaust).mass_ratio, rel=EXACT)


def test_the_error_of_the_march_falls_with_the_fourth_power_of_the_step():
    errors = [abs(trajectory(1.8, 3100.0, steps=n).altitude[-1]) for n in (15, 30)]
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.3)


def test_braking_is_never_cheaper_than_the_impulse_and_falls_with_thrust_up_to_three():
    velocity = braking(np.linspace(1.0, 3.0, 41), 3138.0).delta_velocity
    assert np.all(np.diff(velocity) < 0)
    assert np.all(velocity > descent.impulsive_landing(100e3))


def test_vector_equals_scalar_to_the_last_bit():
    ratio = np.array([1.2, 2.0, 5.0])
    many = braking(ratio, 3000.0)
    for i, one in enumerate(braking(float(r), 3000.0) for r in ratio):
        assert many.delta_velocity[i] == one.delta_velocity
        assert many.duration[i] == one.duration


def test_outside_the_table_the_answer_is_not_a_number():
    phase = braking(np.array([0.99, 6.01, 2.0, 2.0, np.nan]), np.array([3000, 3000, 2299, 3801, 3000.0]))
    assert np.all(np.isnan(phase.delta_velocity))
    assert np.all(np.isnan(phase.duration))


def test_braking_costs_more_from_a_higher_apolune_and_from_a_higher_perilune():
    far = braking(2.0, 3100.0, apolune=np.array([50e3, 100e3, 500e3, 1400e3])).delta_velocity
    assert np.all(np.diff(far) > 0)
    # What is faster at perilune must be braked: at least the difference in speed, and hardly more.
    faster = np.diff(descent.orbit_speed(15e3, 15e3, np.array([50e3, 100e3, 500e3, 1400e3])))
    assert np.diff(far) == pytest.approx(faster, rel=0.15)
    assert np.all(np.diff(braking(2.0, 3100.0, perilune=np.array([10e3, 15e3, 29e3])).delta_velocity) > 0)


def test_an_orbit_below_its_own_perilune_or_outside_the_table_is_not_a_number():
    phase = braking(
        2.0, 3000.0, perilune=np.array([15e3, 9e3, 31e3, 15e3]), apolune=np.array([10e3, 100e3, 100e3, 3e6])
    )
    assert np.all(np.isnan(phase.delta_velocity))


def test_a_batch_of_orbits_is_its_rows():
    low, high = np.array([12e3, 15e3, 25e3]), np.array([60e3, 100e3, 800e3])
    many = braking(2.0, 3000.0, perilune=low, apolune=high).delta_velocity
    each = [
        float(braking(2.0, 3000.0, perilune=a, apolune=b).delta_velocity)
        for a, b in zip(low, high, strict=True)
    ]
    assert many == pytest.approx(each, rel=EXACT)


def test_the_soft_landing_at_constant_mass_is_fall_and_brake():
    height, ratio = 80.0, 1.7
    found = descent.soft_landing(height, 0.0, ratio, 1e6)  # of which next to nothing is burnt
    total = np.sqrt(2 * height * ratio / (descent.LUNAR_GRAVITY * (ratio - 1)))
    assert found.fall + found.burn == pytest.approx(total, rel=1e-4)
    assert found.fall == pytest.approx(total * (ratio - 1) / ratio, rel=1e-4)


@pytest.mark.parametrize("start", [(0.0, 1.5), (20.0, 1.3), (40.0, 2.0)])
def test_the_soft_landing_meets_the_ground_at_rest_and_a_lower_thrust_leaves_less_mass(start):
    speed, ratio = start
    height, exhaust = 1000.0, 3000.0
    found = descent.soft_landing(height, speed, ratio, exhaust)

    def landed(fall: float, share: float) -> tuple[float, float]:
        """Height where the lander stops, and mass left, at `share` of full thrust after `fall`."""
        steps, mass = 4000, 1.0
        high = height - speed * fall - descent.LUNAR_GRAVITY * fall**2 / 2
        down = speed + descent.LUNAR_GRAVITY * fall
        flow = share * ratio * descent.LUNAR_GRAVITY / exhaust
        step = 2.0 * found.burn / steps / share
        for _ in range(steps):
            gained = -exhaust * np.log(1 - flow * step / mass) - descent.LUNAR_GRAVITY * step
            if gained > down:
                break
            high -= (down - gained / 2) * step
            down, mass = down - gained, mass - flow * step
        return high, mass

    assert landed(float(found.fall), 1.0)[0] == pytest.approx(0.0, abs=0.1)
    assert landed(float(found.fall), 1.0)[1] == pytest.approx(float(found.mass_ratio), abs=1e-4)
    early = descent.soft_landing(height, speed, 0.9 * ratio, exhaust)
    assert early.mass_ratio < found.mass_ratio
    assert landed(float(early.fall), 0.9)[1] == pytest.approx(float(early.mass_ratio), abs=1e-4)


def test_a_landing_that_begins_too_low_or_too_weak_is_no_number():
    found = descent.soft_landing(
        np.array([100.0, 1.0, 100.0]), np.array([0.0, 50.0, 0.0]), [2.0, 2.0, 1.0], 3e3
    )
    assert np.isfinite(found.mass_ratio).tolist() == [True, False, False]


@pytest.mark.parametrize("minimum", [0.25, 0.45, 1.0])
def test_hover_holds_exactly_the_weight_with_the_fewest_engines_or_says_that_it_cannot(minimum):
    weight, thrust, engines = np.array([150.0, 500.0, 1700.0, 5000.0, 7000.0]), 6600.0, 3.0
    held = descent.hover(weight, thrust, minimum, engines)
    lift = held.throttle * held.duty * held.engines * thrust
    assert lift[:4] == pytest.approx(weight[:4], rel=EXACT)
    assert np.isnan(held.throttle[4])
    assert np.all(held.throttle[:4] >= minimum)
    assert np.all((held.engines >= 1.0 / engines * (1.0 - EXACT)) & (held.engines <= 1.0))
    # Engines are off only where all together could not throttle so deep, and pulse only where one alone could not.
    assert np.array_equal(held.engines[:4] < 1.0, weight[:4] < minimum * thrust)
    pulses = held.duty[:4] < 1.0 - EXACT
    assert np.array_equal(pulses, weight[:4] < minimum * thrust / engines * (1.0 - EXACT))
