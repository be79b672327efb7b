"""Thruster feeds: four scenarios, costing only what the thin tanks cause."""

import pytest

from models.components.reaction_control import (
    ReactionControl,
    ThrusterOption,
    charging_energy,
    effect,
    own_tanks,
)


@pytest.mark.parametrize("option", list(ThrusterOption))
def test_thick_tanks_feed_bipropellant_thrusters_for_nothing(option):
    control = ReactionControl(option=option)
    found = effect(control, pumped=False)
    assert found.specific_mass == 0
    if option is ThrusterOption.MONOPROPELLANT:
        assert found == effect(control, pumped=True)
        assert own_tanks(control, pumped=False)
    else:
        assert found.specific_impulse == ReactionControl().specific_impulse
        assert not own_tanks(control, pumped=False)


# Published: +1 to 3 kg per t at launch for accumulators, -5 to -15 s at low pressure.
def test_each_option_costs_the_pumped_lander_what_was_published():
    def difference(option):
        control = ReactionControl(option=option)
        pumped, fed = effect(control, pumped=True), effect(control, pumped=False)
        return 1e3 * (
            pumped.specific_mass - fed.specific_mass
        ), pumped.specific_impulse - fed.specific_impulse

    assert difference(ThrusterOption.MONOPROPELLANT) == (0, 0)
    assert difference(ThrusterOption.SEPARATE_TANKS) == (0, 0)
    mass, impulse = difference(ThrusterOption.ACCUMULATORS)
    assert 1 <= mass <= 3
    assert impulse == 0
    mass, impulse = difference(ThrusterOption.LOW_PRESSURE)
    assert mass == 0
    assert -15 <= impulse <= -5


def test_only_accumulators_take_energy_and_a_bypass_adds_its_share():
    for option in ThrusterOption:
        control = ReactionControl(option=option, accumulators_excess=0.4)
        wanted = 1.4 * 50.0 * 3e3 if option is ThrusterOption.ACCUMULATORS else 0.0
        assert charging_energy(50.0, 3e3, control) == pytest.approx(wanted, rel=1e-12)
