"""Thrusters from tanks of their own: sized by the laws of tanks, bottles and helium, and not in the main tanks."""

import dataclasses

import numpy as np
import pytest

from models.architectures import comparison, electric_pump, pressure_fed, shared, thruster_feed
from models.components import pressurant, tank
from models.components.reaction_control import ReactionControl, ThrusterOption
from models.fixed_design.flight import NO_MARGINS, design, fly
from models.lander import Lander

EXACT = 1e-12


def lander(option):
    return Lander(reaction_control=ReactionControl(option=option))


@pytest.mark.parametrize("option", list(ThrusterOption))
@pytest.mark.parametrize("pumped", [False, True])
def test_all_that_is_burnt_or_left_is_loaded_once(option, pumped):
    flown = shared.fly(lander(option), 2700.0, 12e5, 60.0, pumped=pumped)
    loaded = flown.oxidiser + flown.fuel + flown.thruster_load
    used = flown.main_propellant + flown.thruster_propellant + flown.residual + flown.start_loss
    assert loaded == pytest.approx(used, rel=EXACT)
    own = option is ThrusterOption.MONOPROPELLANT or (pumped and option is ThrusterOption.SEPARATE_TANKS)
    assert (flown.thruster_load > 0.0) == own


@pytest.mark.parametrize("option", list(ThrusterOption))
@pytest.mark.parametrize("pumped", [False, True])
def test_thrusters_leave_their_share_behind_in_whichever_tanks_they_draw_from(option, pumped):
    spec = lander(option).residuals
    flown = shared.fly(lander(option), 2700.0, 12e5, 60.0, pumped=pumped)
    main = spec.fraction + (spec.pump_difference if pumped else 0.0)
    expected = flown.main_propellant * main + flown.thruster_propellant * spec.fraction
    assert flown.residual == pytest.approx(expected, rel=EXACT)


def test_more_propellant_needs_heavier_tanks_and_none_needs_none():
    spec = lander(ThrusterOption.SEPARATE_TANKS)
    loads = np.array([0.0, 20.0, 60.0, 200.0, 600.0])
    found = thruster_feed.size(spec, loads, pumped=True)
    assert found.mass[0] == pytest.approx(0.0, abs=1e-9)
    assert (np.diff(found.mass) > 0.0).all()
    assert (np.diff(found.mass[1:] / loads[1:]) < 0.0).all()  # fixed parts weigh less
    helium = found.helium[1:] / loads[1:]
    assert helium == pytest.approx(helium[0], rel=1e-6)


def test_regulators_of_thrusters_follow_the_gas_that_they_pass_as_those_of_the_main_tanks_do():
    spec = lander(ThrusterOption.SEPARATE_TANKS)
    landing = dataclasses.replace(
        spec, reaction_control=dataclasses.replace(spec.reaction_control, landing_thrust=3300.0)
    )
    small, large = (float(thruster_feed.size(each, 60.0, pumped=True).mass) for each in (spec, landing))
    ratio = 3300.0 / (spec.reaction_control.propellant_share * spec.thrust)
    flow = float(thruster_feed.highest_flow(spec, pumped=True))
    assert float(thruster_feed.highest_flow(landing, pumped=True)) == pytest.approx(ratio * flow, rel=EXACT)
    liquids = shared.liquids(spec, spec.propellant_temperature)
    oxidiser = spec.mixture_ratio / (1.0 + spec.mixture_ratio)
    volume = flow * (oxidiser / liquids.oxidiser_density + (1.0 - oxidiser) / liquids.fuel_density)
    powers = (spec.reaction_control.feed_pressure * volume * share for share in (1.0, ratio))
    less, more = (float(pressurant.hardware(power, spec.pressurant)) for power in powers)
    assert large - small == pytest.approx(more - less, rel=1e-9)


def test_small_tanks_lie_near_the_catalogues_smallest_and_meet_it_at_its_median():
    spec = lander(ThrusterOption.SEPARATE_TANKS)
    at = {litres: float(thruster_feed.small_tank(litres * 1e-3, 24e5, spec)) for litres in (58.0, 104.0)}
    assert at[58.0] == pytest.approx(8.5, rel=0.35)  # ArianeGroup BT 01/0, with a bladder
    assert at[104.0] == pytest.approx(7.5, rel=0.35)  # OST 31/0 6.85 kg, PTD-96 8.2 kg
    median = spec.reaction_control.tank_reference_volume
    whole = tank.mass(median, 24e5 + spec.tank.regulator_band, spec.tank)
    assert float(thruster_feed.small_tank(median, 24e5, spec)) == pytest.approx(float(whole), rel=EXACT)


def test_monopropellant_weighs_the_same_in_both():
    spec = lander(ThrusterOption.MONOPROPELLANT)
    one, other = (thruster_feed.size(spec, 60.0, pumped=pumped) for pumped in (False, True))
    assert one.mass == other.mass > 5.0
    assert one.helium == other.helium > 0.0


@pytest.mark.parametrize("option", [ThrusterOption.SEPARATE_TANKS, ThrusterOption.MONOPROPELLANT])
@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_a_fixed_design_carries_its_thruster_tanks(option, architecture):
    spec = lander(option)
    best = comparison.size(architecture, spec).sizing
    built = design(architecture, spec, NO_MARGINS)
    flown = fly(built, spec)
    assert flown["payload"] == pytest.approx(best.payload, rel=1e-9)
    for name in ("propellant_shortfall", "thruster_propellant_shortfall"):
        assert flown[name] == pytest.approx(0.0, abs=1e-6)
    # More thruster propellant than was loaded in its own tanks is a shortfall, whatever the main tanks hold.
    if built.thruster_load:
        control = dataclasses.replace(spec.reaction_control, propellant_share=0.08)
        more = fly(built, dataclasses.replace(spec, reaction_control=control))
        assert more["thruster_propellant_shortfall"] > 5.0
        assert more["propellant_shortfall"] < 0.0
