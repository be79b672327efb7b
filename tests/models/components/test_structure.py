"""Legs, supports and the allowance for growth."""

import dataclasses

import numpy as np
import pytest

from models.components import structure
from models.components.structure import ALLOWANCES, Growth, Maturity, Structure

EXACT = 1e-12


@pytest.mark.parametrize("slope", [0.01, 0.05])
def test_legs_cost_their_slope_beyond_what_they_clear_and_nothing_short_of_it(slope):
    legs = Structure(leg_slope=slope, cleared_length=1.0, crushed_length=10.0)
    masses = [float(structure.leg_mass(legs, landed=1000.0, engine_length=m)) for m in (0.3, 0.7, 1.5, 1.6)]
    assert masses[3] - masses[2] == pytest.approx(
        100.0 * slope, rel=0.06
    )  # saturation and the rounded corner
    assert masses[0] == pytest.approx(0.0, abs=1000.0 * slope * 2e-3)
    assert masses[1] == pytest.approx(0.0, abs=1000.0 * slope * 0.01)


def test_legs_are_never_a_credit_and_saturate_where_a_skirt_is_let_crush():
    legs = Structure(leg_slope=0.03, cleared_length=1.0, crushed_length=0.5)
    mass = structure.leg_mass(legs, landed=1000.0, engine_length=np.linspace(0.1, 8.0, 200))
    assert (mass >= 0.0).all()
    assert (np.diff(mass) >= 0.0).all()
    assert mass[-1] == pytest.approx(0.03 * 1000.0 * 0.5, rel=1e-5)


# Apollo: gear of 204 kg, 2.8 % of the landed mass; from Apollo 15 on 0.38 m more nozzle on the same legs.
def test_the_longer_engine_of_apollo_costs_less_than_a_third_of_its_gear():
    legs = Structure(cleared_length=2.16, reference_mass=7290.0)
    mass = [float(structure.leg_mass(legs, landed=7290.0, engine_length=m)) for m in (2.16, 2.54)]
    assert 0.0 < mass[1] - mass[0] < 204.0 / 3.0


def test_what_legs_clear_grows_with_the_cube_root_of_what_lands():
    # Surveyor landed 0.294 t over verniers of 0.337 m, Apollo's lunar module 7.29 t over 2.16 m: least and longest.
    for landed, length, scale in ((294.0, 0.337, 0.51), (7290.0, 2.16, 1.11)):
        legs = Structure(cleared_length=scale)
        just, further = (
            float(structure.leg_mass(legs, landed=landed, engine_length=x * length)) for x in (1.0, 1.2)
        )
        assert just < 0.2 * further


def test_supporting_mass_is_supports_and_legs():
    found = structure.supporting_mass(Structure(), loaded=1500.0, landed=1000.0, engine_length=1.2)
    legs = structure.leg_mass(Structure(), landed=1000.0, engine_length=1.2)
    assert found - legs == pytest.approx(0.02 * 1500, rel=EXACT)


def test_allowances_fall_as_designs_mature():
    for shares in ALLOWANCES.values():
        assert list(shares) == sorted(shares, reverse=True)
        assert len(shares) == len(Maturity)


def test_unknown_categories_and_items_are_answered_with_the_nearest():
    with pytest.raises(KeyError, match="did you mean 'battery'"):
        structure.allowance("batery", Maturity.LAYOUT)
    with pytest.raises(KeyError, match="did you mean 'engines'"):
        structure.growth_fraction(Growth(), "engine")


def test_heritage_grows_by_the_same_rule_in_both_architectures_and_new_drives_by_more():
    growth = Growth()
    heritage = {
        structure.growth_fraction(growth, item) for item in ("engines", "tanks", "bottles", "pump plumbing")
    }
    assert heritage == {structure.allowance("propulsion", Maturity.PRE_RELEASE)}
    assert structure.growth_fraction(growth, "pumps") > max(heritage)
    doubled = dataclasses.replace(growth, drive=0.5)
    assert structure.growth_fraction(doubled, "inverters") == 0.5
