"""The thrust chamber against flown engines, and the laws its functions owe a search for the best design."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.components import thrust_chamber
from models.components.thrust_chamber import ThrustChamber
from models.properties.propellants import MON3_MMH
from models.quantity import STANDARD_GRAVITY

REFERENCE = Path(__file__).parents[2] / "reference"
CHAMBER = ThrustChamber()
EXACT = 1e-12


def sized(thrust, pressure, area, chamber=CHAMBER):
    delivered = thrust_chamber.performance(chamber, MON3_MMH, pressure, 1.65, area)
    return delivered, thrust_chamber.geometry(chamber, thrust, pressure, delivered.thrust_coefficient, area)


def test_the_throat_passes_the_flow_that_makes_the_thrust():
    delivered, geometry = sized(2200.0, 0.9e6, 150.0)
    flow = 0.9e6 * geometry.throat_area / delivered.characteristic_velocity
    assert flow * delivered.specific_impulse * STANDARD_GRAVITY == pytest.approx(2200.0, rel=EXACT)


def test_a_small_engine_is_short_in_chamber_and_head_too():
    """Surveyor's vernier of 0.46 kN was 0.34 m long; with chamber and head of a large engine it would be 0.49 m."""
    _, geometry = sized(462.0, 1.72e6, 85.0)
    assert geometry.length == pytest.approx(0.337, rel=0.17)
    assert geometry.length - geometry.nozzle_length < 0.5 * (CHAMBER.head_length + 0.75 / 4.0)


@pytest.mark.parametrize(
    ("engine", "thrust", "pressure", "area", "diameter", "length"),
    [
        # Apollo lunar module descent engine (Wikipedia): 59 in, 85 in.
        ("LMDE", 46.7e3, 0.71e6, 47.5, 1.50, 2.16),
        # Ariane 5 upper stage (German Wikipedia, after EADS Astrium): exit with its stiffener, gimbal in the length.
        ("Aestus", 29.6e3, 1.1e6, 84.0, 1.32, 2.2),
        # The descent engine from Apollo 15 on: 0.38 m longer, 0.10 m wider.
        ("LMDE, Apollo 15", 46.7e3, 0.71e6, 53.6, 1.60, 2.54),
        # Apollo lunar module ascent engine (Smithsonian A19721168000, A19721346000).
        ("LMAE", 15.6e3, 0.83e6, 45.6, 0.826, 1.346),
        # Apollo's reaction control (Wikipedia).
        ("R-4D", 0.49e3, 0.693e6, 45.0, 0.152, 0.305),
    ],
)
def test_flown_engines_are_as_large_as_the_contour_says(engine, thrust, pressure, area, diameter, length):
    _, geometry = sized(thrust, pressure, area)
    assert geometry.exit_diameter == pytest.approx(diameter, rel=0.07), engine
    assert geometry.length == pytest.approx(length, rel=0.12), engine


@pytest.mark.parametrize(
    ("area", "start", "end"),
    [(5, 25.5, 12.5), (20, 30.5, 9.0), (50, 33.0, 7.5), (100, 34.5, 7.0), (400, 37.0, 5.8)],
)
def test_the_nozzle_surface_is_that_of_a_parabolic_bell(area, start, end):
    """Rao's parabola: arc of 0.382 r_t to the angle `start`, then a quadratic Bezier curve to the exit angle `end`."""
    start, end = np.radians(start), np.radians(end)
    exit_radius = np.sqrt(area)
    length = 0.8 * (exit_radius - 1.0) / np.tan(np.radians(15.0))
    x0, r0 = 0.382 * np.sin(start), 1.0 + 0.382 * (1.0 - np.cos(start))
    knee = ((exit_radius - np.tan(end) * length) - (r0 - np.tan(start) * x0)) / (np.tan(start) - np.tan(end))
    t = np.linspace(0.0, 1.0, 4001)
    blend = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2])
    x = np.array([x0, knee, length]) @ blend
    r = np.array([r0, r0 + np.tan(start) * (knee - x0), exit_radius]) @ blend
    surface = np.sum(np.pi * (r[1:] + r[:-1]) * np.hypot(np.diff(x), np.diff(r))) + 2 * np.pi * 0.382 * start
    geometry = thrust_chamber.geometry(CHAMBER, np.pi, 1.0, 1.0, float(area))
    assert geometry.throat_area == pytest.approx(np.pi, rel=EXACT)
    assert geometry.nozzle_length == pytest.approx(length, rel=EXACT)
    assert geometry.nozzle_surface == pytest.approx(surface, rel=0.02)


def pressure_fed_engines():
    with (REFERENCE / "storable_engines.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            thrust, pressure = float(row["F_kN"]) * 1e3, float(row["Pc_MPa"]) * 1e6
            # Model 8250 is listed with its tanks.
            if pressure < 1.5e6 and thrust < 50e3 and row["mass_kg"] and row["name"] != "Model 8250":
                yield thrust, pressure, float(row["eps"]), float(row["mass_kg"])
    yield 29.6e3, 1.1e6, 84.0, 111.0  # Aestus


def test_the_mass_law_follows_flown_pressure_fed_engines_without_bias():
    thrust, pressure, area, mass = np.array(list(pressure_fed_engines())).T
    assert len(mass) == 19
    _, geometry = sized(thrust, pressure, area)
    # Cooling is the flown engine's own, whatever its pressure: compare with the radiation-cooled law.
    found = thrust_chamber.mass(CHAMBER, thrust, np.minimum(pressure, 1.2e6), geometry.nozzle_surface)
    error = np.log(found / mass)
    assert abs(error.mean()) < 0.05
    assert error.std() < 0.27
    lander = thrust < 30e3
    assert np.sqrt(np.mean(error[lander] ** 2)) < 0.30


def test_higher_chamber_pressure_makes_a_lighter_and_shorter_nozzle():
    pressure = np.linspace(0.5e6, 5e6, 50)
    _, geometry = sized(2200.0, pressure, 150.0)
    assert np.all(np.diff(geometry.nozzle_surface) < 0.0)
    assert np.all(np.diff(geometry.length) < 0.0)


def test_at_given_exit_diameter_a_doubling_of_pressure_gives_five_to_six_seconds_of_area_ratio():
    flat = replace(CHAMBER, efficiency_slope=0.0)
    low, low_geometry = sized(2200.0, 0.7e6, 100.0, flat)
    high, high_geometry = sized(2200.0, 1.4e6, 200.0, replace(flat, film_cooling_loss=0.0))
    assert high_geometry.exit_diameter == pytest.approx(low_geometry.exit_diameter, rel=0.02)
    assert 4.5 < high.specific_impulse - low.specific_impulse < 6.5


def test_cooling_costs_nothing_below_the_limit_and_the_linear_law_above_it():
    drop = thrust_chamber.cooling_pressure_drop(CHAMBER, np.array([0.9e6, 1.2e6, 1.4e6, 2e6, 5e6]))
    np.testing.assert_allclose(drop, [0.0, 0.0, 0.15e6, 0.30e6, 1.05e6], rtol=EXACT, atol=1e-6)


def test_a_regenerative_chamber_is_heavier_by_its_jacket():
    cold, hot = (thrust_chamber.mass(CHAMBER, 5000.0, pascal, 0.0) for pascal in (1.2e6, 1.4e6))
    assert hot - cold == pytest.approx(0.22 * CHAMBER.mass_per_thrust * 5000.0, rel=EXACT)


def test_a_small_engine_hardly_closes_regeneratively_and_a_large_one_does():
    assert thrust_chamber.regenerative_shortfall(CHAMBER, 500.0, 2e6) > 0.99
    assert thrust_chamber.regenerative_shortfall(CHAMBER, 2000.0, 2e6) == pytest.approx(0.5, rel=EXACT)
    assert thrust_chamber.regenerative_shortfall(CHAMBER, 6000.0, 2e6) < 0.02
    assert thrust_chamber.regenerative_shortfall(CHAMBER, 500.0, 1.2e6) == 0.0


@pytest.mark.parametrize(
    "function",
    [
        lambda p: thrust_chamber.performance(CHAMBER, MON3_MMH, p, 1.65, 150.0).specific_impulse / 300.0,
        lambda p: thrust_chamber.regenerative_fraction(CHAMBER, p),
        lambda p: thrust_chamber.cooling_pressure_drop(CHAMBER, p) / 1e6,
        lambda p: thrust_chamber.mass(CHAMBER, 5000.0, p, 1.0) / 20.0,
    ],
    ids=["impulse", "regenerative fraction", "cooling drop", "mass"],
)
def test_functions_of_chamber_pressure_have_continuous_second_derivatives(function):
    pressure = np.linspace(1.0e6, 1.7e6, 14001)
    curvature = np.diff(function(pressure), 2) / (pressure[1] - pressure[0]) ** 2
    # Nowhere does the curvature jump: neighbours differ by far less than its range.
    assert np.max(np.abs(np.diff(curvature))) < 0.02 * np.ptp(curvature)


def test_vector_equals_scalar_for_a_whole_engine():
    thrust, pressure, area = np.array([450.0, 5000.0]), np.array([0.9e6, 2.5e6]), np.array([120.0, 250.0])
    _, together = sized(thrust, pressure, area)
    mass = thrust_chamber.mass(CHAMBER, thrust, pressure, together.nozzle_surface)
    for row in range(2):
        _, alone = sized(float(thrust[row]), float(pressure[row]), float(area[row]))
        assert together.length[row] == pytest.approx(float(alone.length), rel=EXACT)
        assert mass[row] == pytest.approx(
            float(thrust_chamber.mass(CHAMBER, thrust[row], pressure[row], alone.nozzle_surface)), rel=EXACT
        )


@pytest.mark.parametrize("bad", [-1.0, 0.0, np.nan, np.inf, 1e12])
def test_impossible_operating_points_are_nan_or_finite_and_never_a_warning(bad):
    good = np.array([2200.0, 1e6, 150.0])
    for place in range(3):
        point = np.tile(good, (2, 1))
        point[1, place] = bad
        delivered, geometry = sized(*point.T)
        engine = thrust_chamber.mass(CHAMBER, *point.T[:2], geometry.nozzle_surface)
        assert np.isfinite(engine[0])
        if place or not bad > 1.0:
            assert np.isnan(engine[1])
        assert np.isfinite(delivered.specific_impulse[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [("efficiency", 1.2), ("fixed_mass", -1.0), ("minimum_throttle", 0.0), ("mass_scatter", -1.0)],
)
def test_a_nonsensical_chamber_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=field):
        ThrustChamber(**{field: value})
