"""The rated points and the duty of a fixed design's drives belong to each other and to what the design draws."""

import numpy as np
import pytest

from models.components import harness
from models.fixed_design.duty import _whole_engines, duties, least_duties
from models.fixed_design.flight import FixedTrade, Margins, simulate
from models.fixed_design.operating_point import points
from models.lander import Lander
from models.properties import propellants
from models.quantity import substitute

MARGINS = Margins(specific_impulse=0.02, power=0.25, inlet_temperature=10.0)
EXACT = 1e-9
"""Relative: algebra and rounding."""


@pytest.fixture(scope="module", params=[1.0, 3.0], ids=["one set", "a set for each engine"])
def trade(request):
    return FixedTrade(substitute(Lander(), {"pump_sets": request.param}), MARGINS)


def test_flow_times_rise_over_the_efficiencies_is_each_power_of_the_chain(trade):
    for p in points(trade, trade.lander):
        assert p.flow * p.rise / p.efficiency == pytest.approx(p.shaft_power, rel=EXACT)
        assert p.drive_power * p.inverter_efficiency * p.motor_efficiency == pytest.approx(
            p.shaft_power, rel=EXACT
        )
        assert p.shaft_rating > p.shaft_power
        assert p.winding_temperature < p.maximum_winding_temperature
        assert p.available > p.suction


def test_the_drives_at_full_thrust_draw_the_electric_power_of_the_design(trade):
    built = trade.electric_pump.drives
    oxidiser, fuel = duties(trade.electric_pump, trade.lander)
    longest = max(range(5), key=lambda k: oxidiser[k].duration)
    together = built.sets * (oxidiser[longest].drive_power + fuel[longest].drive_power)
    at_bus = together + harness.loss(together, built.power_rating, trade.lander.harness)
    drawn = simulate(trade.electric_pump, trade.lander).columns["electric_power"]
    assert float(at_bus) == pytest.approx(float(drawn[0]), rel=EXACT)


def test_the_pumps_pass_the_propellant_that_the_engines_burn(trade):
    lander, design = trade.lander, trade.electric_pump
    pumped = 0.0
    for k, (liquid, burns) in enumerate(
        zip((lander.propellants.oxidiser, lander.propellants.fuel), duties(design, lander), strict=True)
    ):
        density = propellants.density(liquid, burns[k].inlet_temperature)
        pumped += sum(design.drives.sets * b.flow * b.duration * b.running * float(density) for b in burns)
    burnt = simulate(design, lander).flight.main_propellant.sum(axis=0)
    assert pumped == pytest.approx(float(burnt[0]), rel=1e-6)


def test_a_burn_has_its_shaft_power_suction_and_revolutions(trade):
    for burns in duties(trade.electric_pump, trade.lander):
        assert np.isclose(
            sum(b.revolutions for b in burns),
            sum(b.speed * b.duration * b.running for b in burns) / (2 * np.pi),
        )
        for b in burns:
            assert b.flow * b.rise / b.efficiency == pytest.approx(b.shaft_power, rel=EXACT)
            assert b.available > b.required > 0.0
            assert b.drive_power > b.shaft_power


def test_engines_are_whole_in_every_burn_and_none_is_asked_for_less_than_the_least(trade):
    for burns, least in zip(
        duties(trade.electric_pump, trade.lander),
        least_duties(trade.electric_pump, trade.lander),
        strict=True,
    ):
        assert all(b.engines == round(b.engines) >= 1.0 for b in burns)
        throttle = float(trade.lander.thrust_chamber.minimum_throttle)
        full = burns[0].flow / burns[0].engines
        assert least.flow == pytest.approx(throttle * full, rel=EXACT)
        assert all(b.flow >= least.flow * (1.0 - EXACT) for b in burns)
        assert least.speed <= min(b.speed for b in burns) * (1.0 + EXACT)


@pytest.mark.parametrize(
    ("engines", "throttle", "found"),
    [
        (2.0, 1.0, (2.0, 1.0, 1.0)),
        (1.5, 0.4, (1.0, 0.6, 1.0)),
        (1.5, 0.8, (2.0, 0.8, 0.75)),
        (0.999999999999, 0.4, (1.0, 0.4, 1.0)),
    ],
)
def test_the_next_lower_number_of_engines_is_throttled_less_and_the_next_higher_one_pulses(
    engines, throttle, found
):
    assert _whole_engines(engines, throttle) == pytest.approx(found, rel=EXACT)


def test_a_pressure_fed_design_has_no_duty(trade):
    with pytest.raises(ValueError, match="pressure-fed"):
        duties(trade.pressure_fed, trade.lander)
