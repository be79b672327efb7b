"""Harness: copper by current density, loss by load, converter above its threshold."""

import numpy as np
import pytest

from models.components import harness
from models.components.harness import Harness

EXACT = 1e-12


def test_cable_mass_and_loss_follow_from_the_same_cross_section() -> None:
    # m = k rho 2L A and P = I^2 rho_e 2L / A with A = I/J
    spec = Harness(cable_factor=1.0)
    area = 5e3 / 50.0 / 5e6
    assert harness.cable_mass(5e3, spec) == pytest.approx(8960 * 2 * 2.5 * area, rel=EXACT)
    assert harness.loss(5e3, 5e3, spec) == pytest.approx(100.0**2 * 1.99e-8 * 5.0 / area, rel=EXACT)


def test_rated_loss_is_half_to_two_per_cent_on_buses_of_28_to_100_volts() -> None:
    volts = np.array([28.0, 50.0, 100.0])
    share = np.asarray(harness.loss(3e3, 3e3, Harness(bus_voltage=volts)) / 3e3)
    assert np.all((share >= 0.004) & (share <= 0.02))
    assert share * volts == pytest.approx(share[0] * 28.0, rel=EXACT)


def test_cable_loss_goes_with_load_squared() -> None:
    assert harness.loss(1e3, 4e3, Harness()) == pytest.approx(
        harness.loss(4e3, 4e3, Harness()) / 16, rel=EXACT
    )


def test_only_the_charger_is_converted_where_the_pack_feeds_the_drives() -> None:
    power = np.array([500.0, 1.5e3, 3.5e3])
    plain = harness.converter_mass(power, 250.0, Harness())
    raised = harness.converter_mass(power, 250.0, Harness(converted_share=1.0))
    assert plain == pytest.approx(0.45e-3 * 250.0, rel=EXACT)
    assert raised - plain == pytest.approx(0.45e-3 * power, rel=EXACT)


def test_the_harness_is_a_few_per_cent_to_a_few_kilograms() -> None:
    # review: bus, converter, isolation and filters together 2 to 8 kg; isolation and filters are the inverter's
    assert 1.0 < harness.mass(5e3, 250.0, 2.0, Harness()) < 8.0
