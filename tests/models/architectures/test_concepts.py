"""A batch of concepts, limits and samples is its rows, each at its own best design."""

import dataclasses

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.architectures.concepts import Concept, descent_weight, size_concepts
from models.components.reaction_control import ThrusterOption
from models.lander import Lander

LANDER = Lander()
SAMPLES = {
    "tank.mass_multiplier": np.array([0.9, 1.0, 1.2]),
    "pump.efficiency_multiplier": np.array([1.1, 1.0, 0.8]),
}


def with_option(option: ThrusterOption) -> Lander:
    control = dataclasses.replace(LANDER.reaction_control, option=option)
    return dataclasses.replace(LANDER, reaction_control=control)


CONCEPTS = [
    Concept("electric_pump", {"engines": "three"}, LANDER),
    Concept("pressure_fed", {"engines": "three"}, LANDER),
    Concept("electric_pump", {"engines": "one"}, dataclasses.replace(LANDER, engines=1.0)),
    Concept("electric_pump", {"thrusters": "low"}, with_option(ThrusterOption.LOW_PRESSURE)),
]


def test_every_row_is_what_it_would_be_alone():
    sized = size_concepts(CONCEPTS, power_limits=[4e3, np.inf], samples=SAMPLES)
    assert sized["payload"].shape == (4, 2, 3)
    for c, concept in enumerate(CONCEPTS):
        module = {"electric_pump": electric_pump, "pressure_fed": pressure_fed}[concept.architecture]
        for k, limit in enumerate((4e3, np.inf)):
            alone = quantity.substitute(concept.lander, {**SAMPLES, "power_limit": np.full(3, limit)})
            payload = comparison.size(module, alone).sizing.payload
            np.testing.assert_allclose(sized["payload"][c, k], payload, rtol=0, atol=1e-9)


def test_a_power_limit_costs_payload_and_is_kept():
    pumps = [0, 2, 3]
    limit = 0.9 * float(size_concepts(CONCEPTS)["electric_power"][pumps].min())
    sized = size_concepts(CONCEPTS, power_limits=[limit, np.inf])
    assert (sized["electric_power"][pumps, 0] <= limit * (1 + 1e-5)).all()
    assert (sized["payload"][pumps, 0] < sized["payload"][pumps, 1]).all()
    assert (sized["electric_power"][1] == 0.0).all()
    np.testing.assert_array_equal(sized["payload"][1, 0], sized["payload"][1, 1])


def test_a_limit_that_no_design_keeps_is_a_status_and_no_number():
    sized = size_concepts(CONCEPTS[:1], power_limits=[0.1])
    assert np.isnan(sized["payload"]).all()
    assert (sized.status != 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"power_limits": []}, "at least one concept"),
        ({"power_limits": [0.0]}, "a power limit is positive"),
        ({"samples": {"payload": np.ones(2), "thrust": np.ones(3)}}, "columns of one length"),
    ],
)
def test_wrong_use_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        size_concepts(CONCEPTS, **options)


def test_a_lander_that_lands_on_thrusters_leaves_its_neighbours_on_their_engines():
    on_thrusters = quantity.substitute(LANDER, {"reaction_control.landing_thrust": 3.0 * 1.62 * 1200.0})
    mixed = size_concepts([Concept("electric_pump", {}, LANDER), Concept("electric_pump", {}, on_thrusters)])
    alone = comparison.size(electric_pump, LANDER).sizing
    np.testing.assert_allclose(mixed["payload"][0, 0], alone.payload, rtol=0, atol=1e-9)
    assert np.isfinite(mixed["payload"][1, 0, 0])
    assert mixed["payload"][1, 0, 0] != mixed["payload"][0, 0, 0]


def test_what_a_concept_decides_is_not_drawn_again():
    decided = quantity.substitute(LANDER, {"tank.fixed_mass": 1.5})
    concepts = [
        Concept("electric_pump", {"tanks": "trap"}, decided, decided=frozenset({"tank.fixed_mass"})),
        Concept("electric_pump", {"tanks": "device"}, LANDER),
    ]
    drawn = {"tank.fixed_mass": np.array([4.5])}
    sized = size_concepts(concepts, samples=drawn)
    alone = comparison.size(electric_pump, decided).sizing.payload
    np.testing.assert_allclose(sized["payload"][0, 0], alone, rtol=0, atol=1e-9)
    assert sized["payload"][0, 0, 0] > sized["payload"][1, 0, 0] + 5.0


def test_a_thrust_that_is_free_carries_more_than_any_that_is_given_and_keeps_to_its_bounds():
    weight = descent_weight(LANDER)
    given = [
        Concept("electric_pump", {}, quantity.substitute(LANDER, {"thrust": ratio * weight}))
        for ratio in (1.6, 2.0, 2.4)
    ]
    bounds = {"least_thrust": 1.5 * weight, "most_thrust": 3.0 * weight}
    free = Concept("electric_pump", {}, quantity.substitute(LANDER, bounds))
    sized = size_concepts([*given, free], power_limits=[2.5e3, np.inf])
    best = np.nan_to_num(sized["payload"][:3, :, 0], nan=-np.inf).max(axis=0)
    assert (sized["payload"][3, :, 0] > best - 0.01).all()
    ratio = sized["thrust"][3, :, 0] / weight
    assert ((ratio >= 1.5 * (1 - 1e-9)) & (ratio <= 3.0 * (1 + 1e-9))).all()


def test_an_energy_limit_is_kept_costs_payload_and_is_named_where_none_keeps_it():
    free = size_concepts(CONCEPTS[:1])
    limit = 0.8 * float(free["electric_energy"][0, 0, 0])
    sized = size_concepts(CONCEPTS[:1], power_limits=[np.inf, np.inf], energy_limits=[limit, 1e3])
    assert sized["electric_energy"][0, 0, 0] <= limit * (1 + 1e-5)
    assert sized["payload"][0, 0, 0] < free["payload"][0, 0, 0]
    assert np.isnan(sized["payload"][0, 1, 0])


def test_the_least_launch_mass_for_a_payload_lands_it():
    closed = size_concepts(CONCEPTS[:2], payload=250.0)
    np.testing.assert_allclose(closed["payload"][:, 0, 0], 250.0, rtol=0, atol=1e-6)
    for c, concept in enumerate(CONCEPTS[:2]):
        mass = float(closed["launch_mass"][c, 0, 0])
        again = size_concepts(
            [dataclasses.replace(concept, lander=quantity.substitute(concept.lander, {"launch_mass": mass}))]
        )
        np.testing.assert_allclose(again["payload"][0, 0, 0], 250.0, rtol=0, atol=0.02)
