"""Thrusters that help in braking, and that land with the main engines off; both architectures."""

import dataclasses

import numpy as np
import pytest

from models.architectures import comparison, electric_pump, pressure_fed
from models.components.reaction_control import ReactionControl
from models.fixed_design import timeline
from models.fixed_design.flight import NO_MARGINS, design, fly
from models.flight import descent, mission
from models.flight.mission import Mission
from models.lander import Lander, Status
from models.quantity import STANDARD_GRAVITY

EXACT = 1e-12
BOTH = [pressure_fed, electric_pump]


def flown(**changes):
    return mission.fly(
        Mission(),
        **{
            "launch_mass": 1500.0,
            "thrust": 1800.0,
            "specific_impulse": 315.0,
            "thruster_share": 0.0,
            "thruster_specific_impulse": 280.0,
            "minimum_throttle": 0.4,
            "engines": 1.0,
            "throttling_loss": 0.0,
            **changes,
        },
    )


def test_thrusters_add_to_thrust_and_flow_in_braking():
    flight = flown(braking_thrust=600.0)
    start = float(flight.start_mass[3])
    together = 2400.0
    assert flight.thrust_to_weight == pytest.approx(together / (start * descent.LUNAR_GRAVITY), rel=EXACT)
    speed = STANDARD_GRAVITY * together / (1800.0 / 315.0 + 600.0 / 280.0)
    nominal = descent.braking(flight.thrust_to_weight, speed).delta_velocity * Mission().reserve_factor
    assert flight.propellant[3] == pytest.approx(start * -np.expm1(-nominal / speed), rel=EXACT)
    # Both burn as long as each other: propellant over flow.
    main, helped = flight.main_propellant[3], flight.propellant[3] - flight.main_propellant[3]
    assert helped * STANDARD_GRAVITY * 280.0 / 600.0 == pytest.approx(float(flight.duration[3]), rel=EXACT)
    assert main * STANDARD_GRAVITY * 315.0 / 1800.0 == pytest.approx(float(flight.duration[3]), rel=EXACT)


def test_help_lands_what_the_main_engine_alone_cannot():
    assert np.isnan(flown(thrust=1200.0, minimum_throttle=0.3).landed_mass)
    assert np.isfinite(flown(thrust=1200.0, minimum_throttle=0.3, braking_thrust=1600.0).landed_mass)


def test_thrusters_land_alone_where_they_hold_the_weight():
    flight = flown(landing_thrust=2000.0)
    assert flight.main_propellant[4] == 0.0
    assert flight.flow[4] == flight.running[4] == flight.throttle[4] == 0.0
    velocity = Mission().reserve_factor * (Mission().divert + descent.LUNAR_GRAVITY * Mission().hover)
    left = 1.0 - flight.propellant[4] / flight.start_mass[4]
    assert left == pytest.approx(np.exp(-velocity / (STANDARD_GRAVITY * 280.0)), rel=EXACT)
    # Mean thrust is the weight.
    mean = flight.propellant[4] * STANDARD_GRAVITY * 280.0 / flight.duration[4]
    assert mean == pytest.approx(flight.start_mass[4] * descent.LUNAR_GRAVITY, rel=EXACT)
    assert np.isnan(flown(landing_thrust=500.0).landed_mass)


@pytest.mark.parametrize("architecture", BOTH)
@pytest.mark.parametrize("thrusters", [{"braking_thrust": 1200.0}, {"landing_thrust": 4000.0}])
def test_either_architecture_is_sized_and_fixed_with_thrusters_that_work(architecture, thrusters):
    lander = Lander(reaction_control=ReactionControl(**thrusters))
    plain = comparison.size(architecture, Lander()).sizing
    best = comparison.size(architecture, lander).sizing
    assert Status(int(best.status[0])) is Status.GOOD
    assert best.masses["thruster propellant"] > plain.masses["thruster propellant"] + 20.0
    assert best.masses["thruster feed"] > plain.masses["thruster feed"] + 10.0
    again = fly(design(architecture, lander, NO_MARGINS), lander)
    assert again["payload"] == pytest.approx(best.payload, rel=1e-9)
    history = timeline.march(lander, best)
    assert np.isfinite(history.mass).all()
    assert np.isfinite(history.chamber_pressure).all()


def test_pumps_rest_while_thrusters_land():
    lander = Lander(reaction_control=ReactionControl(landing_thrust=4000.0))
    best = comparison.size(electric_pump, lander).sizing
    assert best.drives.terminal_power == 0.0
    history = timeline.march(lander, best)
    assert np.isfinite(history.electric.power).all()
    assert np.abs(history.electric.power[4]).max() == 0.0
    assert timeline.check(lander, best, history).energy == pytest.approx(0.0, abs=3e-3)


def test_too_little_landing_thrust_cannot_land():
    lander = dataclasses.replace(Lander(), reaction_control=ReactionControl(landing_thrust=300.0))
    assert comparison.size(pressure_fed, lander).sizing.status == Status.CANNOT_LAND
