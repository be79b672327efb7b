"""Heat of the drives: into the fuel, the rest into a sink."""

import numpy as np
import pytest

from models.components import thermal
from models.components.thermal import Thermal

EXACT = 1e-12


def test_the_fuel_warms_by_heat_over_heat_capacity_rate() -> None:
    assert thermal.fuel_temperature_rise(1e3, 0.2, 2900.0, Thermal(fuel_share=1.0)) == pytest.approx(
        1e3 / 580.0, rel=EXACT
    )


def test_no_flow_or_too_little_is_infeasible() -> None:
    rise = thermal.fuel_temperature_rise(1e3, np.array([0.2, 0.01, 0.0]), 2900.0, Thermal())
    assert np.isfinite(rise).tolist() == [True, False, False]


def test_all_heat_into_the_fuel_leaves_straps_only() -> None:
    assert thermal.mass(1e6, Thermal(fuel_share=1.0)) == pytest.approx(Thermal().fixed_mass, rel=EXACT)


def test_a_phase_change_sink_is_several_times_lighter_than_aluminium() -> None:
    ratio = thermal.sink_mass_aluminium(1e6, Thermal()) / thermal.sink_mass_phase_change(1e6, Thermal())
    assert ratio == pytest.approx(175.0 / 17.5 / 1.3, rel=EXACT)
