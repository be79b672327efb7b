"""Inverters: efficiency over load, filters, requirements."""

import numpy as np
import pytest

from models.components import inverter
from models.components.inverter import Inverter

EXACT = 1e-12


def test_efficiency_lies_in_the_published_range_from_half_a_kilowatt_to_ten() -> None:
    rated = np.geomspace(500.0, 10e3, 20)
    efficiency = inverter.rated_efficiency(rated, Inverter())
    assert np.all((efficiency > 0.90) & (efficiency < 0.98))
    assert np.all(np.diff(efficiency) > 0)


def test_efficiency_over_load_peaks_where_standing_meets_conduction() -> None:
    # Losses a + b x + c x^2 over x are least at x = sqrt(a/c).
    spec = Inverter(standing_power=0.0)
    load = np.linspace(0.05, 1.2, 2000)
    peak = load[np.argmax(inverter.efficiency(load * 5e3, 5e3, spec))]
    assert peak == pytest.approx(np.sqrt(spec.standing_loss / spec.conduction_loss), abs=1e-3)


def test_nothing_out_still_costs_the_standing_loss() -> None:
    assert inverter.loss(0.0, 5e3, Inverter()) == pytest.approx(0.008 * 5e3 + 10.0, rel=EXACT)
    assert inverter.efficiency(0.0, 5e3, Inverter()) == 0.0


def test_losses_at_rated_output_are_those_of_the_required_efficiency() -> None:
    spec = Inverter(required_efficiency=0.97)
    assert inverter.efficiency(5e3, 5e3, spec) == pytest.approx(0.97, rel=EXACT)


def test_small_units_are_mostly_filter_and_large_ones_reach_their_specific_power() -> None:
    power = np.array([100.0, 1e3, 10e3, 1e8])
    specific = power / inverter.mass(power, Inverter())
    assert np.all(np.diff(specific) > 0)
    assert 2e3 < specific[2] < 6e3
    assert specific[3] == pytest.approx(4e3, rel=0.01)


def test_a_required_specific_power_includes_all() -> None:
    assert inverter.mass(3e3, Inverter(required_specific_power=3e3)) == pytest.approx(1.0, rel=EXACT)
    assert inverter.mass(3e3, Inverter(specific_power_multiplier=2.0)) == pytest.approx(
        0.5 * inverter.mass(3e3, Inverter()), rel=EXACT
    )
