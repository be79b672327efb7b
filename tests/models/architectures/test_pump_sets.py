"""Pump sets as an architecture: one for all engines, one for each, with or without a cold spare."""

import dataclasses

import numpy as np
import pytest

from models.architectures import comparison, electric_pump
from models.fixed_design import timeline
from models.fixed_design.flight import NO_MARGINS, design, fly
from models.flight import mission
from models.lander import Lander, Status

EXACT = 1e-12
SETS = (1.0, 2.0, 3.0)
LANDER = Lander(launch_mass=2700.0, engines=3.0)


def flown(*, throttle=0.45, engines_out=0.0):
    return mission.fly(
        LANDER.mission,
        launch_mass=2700.0,
        thrust=6600.0,
        specific_impulse=318.0,
        thruster_share=0.06,
        thruster_specific_impulse=285.0,
        minimum_throttle=throttle,
        engines=3.0,
        throttling_loss=0.02,
        engines_out=engines_out,
    )


@pytest.mark.parametrize("sets", SETS)
@pytest.mark.parametrize("throttle", [0.2, 0.45, 0.9])
@pytest.mark.parametrize("engines_out", [0.0, 1.0])
def test_running_sets_pass_what_running_engines_burn(sets, throttle, engines_out):
    flight = flown(throttle=throttle, engines_out=engines_out)
    for burn in (3, 4):
        duty = electric_pump.duty(flight, burn, pump_sets=sets, engines=3.0)
        passed = duty.sets * duty.flow / sets
        assert passed == pytest.approx(float(flight.flow[burn]), rel=EXACT)
        assert duty.flow <= 1.0 + EXACT


def test_a_set_of_each_engine_runs_as_its_engine_does():
    flight = flown(throttle=0.6)
    assert flight.running[-1] < 1.0
    duty = electric_pump.duty(flight, 4, pump_sets=3.0, engines=3.0)
    assert duty.sets == pytest.approx(3.0 * float(flight.running[-1]), rel=EXACT)
    assert duty.flow == pytest.approx(float(duty.throttle), rel=EXACT)


def test_a_shared_set_throttles_where_engines_are_shut_off():
    flight = flown(throttle=0.6)
    own, common = (electric_pump.duty(flight, 4, pump_sets=sets, engines=3.0) for sets in (3.0, 1.0))
    assert common.flow < own.flow
    assert common.throttle == own.throttle


def at_one_design(**changes):
    """The budget at the best design of the plain lander, whatever changes."""
    best = comparison.size(electric_pump, LANDER)
    lander = dataclasses.replace(best.lander, **changes)
    return comparison.evaluate(electric_pump, lander, best.sizing.launch_mass, np.exp(best.design))


def test_one_large_set_is_lighter_and_more_efficient_than_three_small_ones():
    one, three = at_one_design(pump_sets=1.0), at_one_design(pump_sets=3.0)
    for item in ("pumps", "motors", "inverters", "battery"):
        assert one.masses[item] < three.masses[item], item
    for large, small in zip(one.drives.rated, three.drives.rated, strict=True):
        assert large.pump.efficiency > small.pump.efficiency
    assert one.payload > three.payload


def test_a_cold_spare_weighs_as_much_as_what_it_spares():
    plain, spared = at_one_design(), at_one_design(spares_per_set=1.0)
    for item in ("pumps", "motors", "inverters"):
        assert spared.masses[item] == pytest.approx(2.0 * plain.masses[item], rel=EXACT), item
    assert spared.payload < plain.payload
    assert spared.electric_power == pytest.approx(plain.electric_power, rel=EXACT)


@pytest.mark.parametrize("sets", SETS)
@pytest.mark.parametrize("engines_out", [0.0, 1.0])
def test_a_fixed_design_meets_its_own_sizing_with_any_number_of_sets(sets, engines_out):
    lander = dataclasses.replace(LANDER, pump_sets=sets, engines_out=engines_out, spares_per_set=1.0)
    best = comparison.size(electric_pump, lander).sizing
    again = fly(design(electric_pump, lander, NO_MARGINS), lander)
    assert again["payload"] == pytest.approx(best.payload, rel=1e-9)
    # Fixed drives run through long burns instead of settling: a little less power, at most what the copper warms.
    assert again["electric_power"] == pytest.approx(best.electric_power, rel=0.02)


@pytest.mark.parametrize("sets", SETS)
@pytest.mark.parametrize("engines_out", [0.0, 1.0])
def test_the_march_finds_the_energy_that_the_laws_promised(sets, engines_out):
    lander = dataclasses.replace(LANDER, pump_sets=sets, engines_out=engines_out)
    best = comparison.size(electric_pump, lander)
    found = timeline.check(lander, best.sizing, timeline.march(lander, best.sizing))
    assert abs(found.energy) < 0.02
    assert abs(found.charge) < 0.02


def test_more_sets_than_engines_are_refused_in_one_line():
    with pytest.raises(
        ValueError, match=r"pump_sets = 4 is more than engines = 3: .*lower pump_sets"
    ) as error:
        Lander(engines=3.0, pump_sets=4.0)
    assert "\n" not in str(error.value)
    many = comparison.size(electric_pump, Lander(engines=3.0, pump_sets=np.array([1.0, 3.0, 4.0])))
    assert [Status(code).name for code in many.sizing.status] == ["GOOD", "GOOD", "OUT_OF_RANGE"]
