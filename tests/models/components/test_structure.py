"""Legs, supports and the allowance for growth."""

import dataclasses

import pytest

from models.components import structure
from models.components.structure import ALLOWANCES, Growth, Maturity, Structure

EXACT = 1e-12


# Legs cost 1 to 2 % of landed mass for 0.1 m of engine length.
@pytest.mark.parametrize(("slope", "share"), [(0.10, 0.01), (0.20, 0.02)])
def test_legs_cost_one_to_two_per_cent_of_landed_mass_for_a_tenth_of_a_metre(slope, share):
    legs = Structure(leg_slope=slope, reference_length=0.8)
    assert structure.leg_mass(legs, landed=1025.0, engine_length=0.9) == pytest.approx(
        share * 1025, rel=EXACT
    )
    assert structure.leg_mass(legs, landed=1025.0, engine_length=0.7) == pytest.approx(
        -share * 1025, rel=EXACT
    )


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
