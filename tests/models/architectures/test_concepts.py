"""A batch of concepts, limits and samples is its rows, each at its own best design."""

import dataclasses

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.architectures.concepts import Concept, size_concepts
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
    sized = size_concepts(CONCEPTS[:1], power_limits=[100.0])
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
