"""Designs that cannot be: refused with their name where someone asked for them, a status where physics says no."""

import dataclasses

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.components import tank
from models.lander import Lander, Status
from models.properties.propellants import MON25_MMH

MEDIUM = Lander()


@pytest.mark.parametrize(
    ("fixed", "error", "words"),
    [
        (
            {"fuel_ullage_ratio": 0.8},
            ValueError,
            "fuel_ullage_ratio = 0.8 is below 1, less gas than tank.least_hot_ullage",
        ),
        ({"chamber_pressure": -1e6}, ValueError, "chamber_pressure = -1e"),
        ({"area": 50.0}, KeyError, "no design variable 'area'; did you mean 'area_ratio'"),
    ],
)
def test_fixed_values_that_cannot_be_are_refused_with_their_names(fixed, error, words):
    with pytest.raises(error, match=words):
        comparison.size(pressure_fed, MEDIUM, fixed=fixed)


def test_a_tank_of_gas_alone_holds_no_liquid():
    assert np.isnan(tank.loaded_ullage(1.0, 1434.8, 1393.0))
    full = comparison.size(pressure_fed, MEDIUM, fixed={"fuel_ullage_ratio": 40.0}).sizing
    assert full.status.tolist() == [Status.TANK_LIMITED]
    assert np.isnan(full.payload).all()


def test_an_engine_too_small_for_a_jacket_says_so_and_a_radiation_cooled_one_is_found():
    small = quantity.substitute(MEDIUM, {"engines": 6.0, "thrust": 6600.0})
    jacket = comparison.size(electric_pump, small, only_branch=1).sizing
    assert jacket.status.tolist() == [Status.JACKET_LIMITED]
    both = comparison.size(electric_pump, small)
    assert both.sizing.status.tolist() == [Status.GOOD]
    assert both.branch.tolist() == [0]
    assert comparison.size(electric_pump, MEDIUM, only_branch=1).sizing.status.tolist() == [Status.GOOD]


def test_pumps_of_a_propellant_that_boils_hard_start_from_a_tank_that_gives_them_suction():
    warm = dataclasses.replace(MEDIUM, propellants=MON25_MMH)
    best = comparison.size(electric_pump, warm).sizing
    assert best.status.tolist() == [Status.GOOD]
    assert best.oxidiser_tank_pressure[0] > 5.5e5, "its vapour alone is 5 bar at the inlet"
