"""Pressure budget from tank to chamber at every throttle."""

import numpy as np
import pytest

from models.components import feed_line
from models.components.feed_line import FeedLine

EXACT = 1e-12


# Catalogue engines: 0.75 to 1.0 MPa chambers want 1.5 to 1.7 MPa at the inlet of their valves.
def test_tank_pressures_are_those_that_catalogue_engines_ask_for():
    low, high = FeedLine(pressure_drop=300e3), FeedLine(pressure_drop=500e3, injector_fraction=0.25)
    assert 1.15e6 < feed_line.inlet_pressure(0.75e6, low) < 1.7e6
    assert 1.5e6 < feed_line.inlet_pressure(1.0e6, high) < 1.8e6


def test_chamber_pressure_inverts_the_budget():
    chamber = np.array([0.65e6, 0.9e6, 1.4e6])
    tank = feed_line.inlet_pressure(chamber, FeedLine(), cooling_drop=50e3)
    assert feed_line.chamber_pressure(tank, FeedLine(), cooling_drop=50e3) == pytest.approx(
        chamber, rel=EXACT
    )
    assert np.isnan(feed_line.chamber_pressure(0.25e6, FeedLine()))


def test_budget_adds_up_at_every_throttle():
    throttle = np.linspace(0.1, 1.0, 10)
    line = FeedLine()
    parts = (
        throttle * 1.1e6
        + feed_line.injector_pressure_drop(1.1e6, throttle, line)
        + feed_line.line_pressure_drop(line.pressure_drop, throttle)
        + feed_line.line_pressure_drop(80e3, throttle)
    )
    assert feed_line.inlet_pressure(1.1e6, line, throttle=throttle, cooling_drop=80e3) == pytest.approx(
        parts, rel=EXACT
    )


# Fixed orifice at 25 % flow: 6 % of its drop, a quarter of its share of chamber pressure.
def test_fixed_orifices_lose_their_authority_when_throttled():
    drop = feed_line.injector_pressure_drop(1e6, 0.25, FeedLine())
    assert drop / 0.2e6 == pytest.approx(0.0625, rel=EXACT)
    assert drop / (0.25 * 1e6) == pytest.approx(0.05, rel=EXACT)
    assert feed_line.line_pressure_drop(0.2e6, 0.25, exponent=1.0) == pytest.approx(0.05e6, rel=EXACT)


def test_a_pintle_keeps_the_stiffness_that_a_fixed_orifice_loses():
    orifice, pintle = FeedLine(), FeedLine(injector_exponent=1.0)
    assert feed_line.injector_stiffness(0.25, orifice) == pytest.approx(0.05, rel=EXACT)
    assert feed_line.injector_stiffness(0.25, pintle) == pytest.approx(0.20, rel=EXACT)
    for line in (orifice, pintle):
        drop = feed_line.injector_pressure_drop(1e6, 0.25, line)
        assert drop / 0.25e6 == pytest.approx(float(feed_line.injector_stiffness(0.25, line)), rel=EXACT)
        budget = 0.25e6 + drop + 0.0625 * line.pressure_drop
        assert feed_line.inlet_pressure(1e6, line, throttle=0.25) == pytest.approx(float(budget), rel=EXACT)
    assert np.isnan(feed_line.injector_stiffness(0.0, pintle))


def test_lighter_propellant_loses_more_at_the_same_mass_flow():
    assert feed_line.line_pressure_drop(300e3, 1.0, density_ratio=0.9) == pytest.approx(
        300e3 / 0.9, rel=EXACT
    )


# P ~ throttle^2..3 at fixed tank pressure and fixed orifices, where the tank gives little of the discharge.
def test_pump_power_falls_with_the_second_to_third_power_of_throttle():
    throttle = np.array([0.5, 1.0])
    power = throttle * feed_line.pump_rise(2.5e6, 0.3e6, FeedLine(), throttle=throttle)
    assert 2.0 < np.log(power[1] / power[0]) / np.log(2.0) < 3.0


def test_pump_rise_vanishes_where_the_tank_feeds_the_chamber_alone():
    tank = feed_line.inlet_pressure(0.9e6, FeedLine())
    assert feed_line.pump_rise(0.9e6, tank, FeedLine()) == pytest.approx(0.0, abs=1e-6)
    assert feed_line.pump_rise(0.9e6, tank, FeedLine(), hydrostatic=10e3) == pytest.approx(-10e3, rel=1e-9)


def test_plumbing_of_pumps_lies_in_its_published_range_for_one_pair():
    low, high = FeedLine(pump_valves_mass=1.5, surge_mass=1.0), FeedLine(pump_valves_mass=6.0, surge_mass=3.0)
    for line, mass in ((low, 2.5), (high, 9.0)):
        assert feed_line.pump_plumbing_mass(1.0, line.reference_flow, 1.0, line) == mass
    line = FeedLine()
    shared, own = (float(feed_line.pump_plumbing_mass(sets, 6.0, 3.0, line)) for sets in (1.0, 3.0))
    valves = line.pump_valves_mass * np.sqrt(6.0 / line.reference_flow)
    manifold = 2.0 * line.manifold_branch_mass * np.sqrt(2.0 / line.reference_flow)
    assert shared == pytest.approx(line.surge_mass + valves + manifold, rel=1e-12)
    assert own == pytest.approx(line.surge_mass + np.sqrt(3.0) * valves, rel=1e-12)
    spare = float(feed_line.pump_plumbing_mass(1.0, 6.0, 3.0, line, spares=1.0))
    assert spare == pytest.approx(shared + valves, rel=1e-12)
