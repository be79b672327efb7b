"""Heat of the drives: into the fuel and their own capacity, the rest into a sink."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from models.components import thermal
from models.components.thermal import Thermal

EXACT = 1e-12


def test_the_fuel_warms_by_heat_over_heat_capacity_rate() -> None:
    assert thermal.fuel_temperature_rise(1e3, 0.2, 2900.0, Thermal(fuel_share=0.8)) == pytest.approx(
        0.8 * 1e3 / 580.0, rel=EXACT
    )


def test_no_flow_or_too_little_is_infeasible() -> None:
    rise = thermal.fuel_temperature_rise(1e3, np.array([0.2, 0.01, 0.0]), 2900.0, Thermal())
    assert np.isfinite(rise).tolist() == [True, False, False]


def test_an_inverter_with_its_sink_ends_the_burn_at_the_rise_that_is_allowed() -> None:
    spec, rate, duration, inverters = Thermal(), 660.0, 500.0, 2.0
    sink = float(thermal.excess(rate, duration, inverters, spec))
    assert sink > 1e4
    capacity = inverters * spec.inverter_specific_heat + sink / spec.allowed_rise
    conductance = spec.fuel_share * rate / spec.allowed_rise
    found = solve_ivp(
        lambda _, rise: (rate - conductance * rise) / capacity, (0.0, duration), [0.0], rtol=1e-10, atol=1e-9
    )
    assert found.y[0, -1] == pytest.approx(spec.allowed_rise, rel=2e-3)  # the blend of the maximum


def test_inverters_that_store_their_heat_need_no_sink() -> None:
    ample = thermal.excess(660.0, 500.0, 20.0, Thermal())
    assert ample < 1e-3 * 660.0 * 500.0
    assert thermal.mass(660.0, 0.0, Thermal()) == pytest.approx(0.3 + 0.66, rel=EXACT)


def test_without_a_plate_all_heat_is_stored() -> None:
    alone = thermal.excess(660.0, 500.0, 0.0, Thermal(fuel_share=0.0))
    assert alone == pytest.approx(660.0 * 500.0, rel=1e-6)


def test_a_phase_change_sink_is_several_times_lighter_than_aluminium() -> None:
    ratio = thermal.sink_mass_aluminium(1e6, Thermal()) / thermal.sink_mass_phase_change(1e6, Thermal())
    assert ratio == pytest.approx(175.0 / 36.0 / 1.3, rel=EXACT)
