"""The fronts of resource-optimization: the same on any number of workers, and never looser than the case."""

import dataclasses

import numpy as np
import pytest

from models.architectures.concepts import Concept, size_concepts
from models.lander import Lander
from studies.analysis.concepts import fronts
from studies.analysis.concepts.choice import under_uncertainty
from studies.case import load

FEW = {
    "engines": "two",
    "thrusters": "monopropellant",
    "chamber": "radiation_cooled",
    "tanks": "titanium",
    "pressurant": "regulated",
    "recharge": "none",
    "motors": "canned",
    "landing": "main_engines",
}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_front_on_any_number_of_workers(monkeypatch):
    monkeypatch.setattr(fronts, "ENERGY_LEVELS", 1)
    case = load("medium")
    serial, two = (fronts.screened(case, chosen=FEW, levels=2, workers=workers) for workers in (1, 2))
    for key, front in serial.fronts.items():
        assert front.points == two.fronts[key].points  # prices of neighbours, too
        assert front.knee == two.fronts[key].knee
    first, second = (
        under_uncertainty(case, serial, samples=40, seed=1, workers=workers, each_of=2) for workers in (1, 2)
    )
    np.testing.assert_array_equal(first.payload, second.payload)
    assert first.choice == second.choice


def test_a_level_of_power_loosens_no_limit_of_the_lander():
    concept = Concept("electric_pump", {}, Lander(power_limit=4e3))
    sized = size_concepts([concept], power_limits=[3e3, np.inf])
    assert sized["electric_power"][0, :, 0] == pytest.approx([3e3, 4e3], rel=1e-4)


def test_the_price_of_a_point_is_what_the_way_to_the_next_one_buys_and_the_last_has_none():
    sized = size_concepts([Concept("electric_pump", {}, Lander())], power_limits=[3e3, 4e3, np.inf])
    pressure = dataclasses.replace(fronts.unlimited(sized.concepts[0]), payload=230.0)
    front = fronts._front(sized, "payload", "power", pressure)
    one, two, three = front.points
    assert one.price == pytest.approx((two.payload - one.payload) / (two.power - one.power))
    assert [one.price, two.price] == pytest.approx([front.slope(0), front.slope(1)])
    assert np.isnan(three.price)


def test_a_front_of_one_point_is_its_own_knee_without_a_price():
    sized = size_concepts([Concept("electric_pump", {}, Lander())])
    front = fronts._front(sized, "payload", "power", fronts.unlimited(sized.concepts[0]))
    (point,) = front.points
    assert front.knee == 0
    assert np.isnan(point.price)
    assert front.slope(0) == front.slope(-1) == 0.0
