"""Helium against the reference equation of state, and its properties against each other."""

import numpy as np
import pytest

from models.properties import helium

BOTTLE = {"bottle_pressure": 31e6, "end_pressure": 2.5e6, "temperature": 293.15}
STATES = np.meshgrid(np.linspace(90.0, 400.0, 9), np.geomspace(0.1, 100.0, 9))


@pytest.mark.parametrize(
    ("pressure", "temperature", "published"),
    [(30e6, 293.15, 43.166), (31e6, 293.15, 44.427), (27.6e6, 300.0, 39.296)],
)
def test_densities_are_those_of_the_reference_equation(pressure, temperature, published):
    assert helium.density(pressure, temperature) == pytest.approx(published, rel=1e-3)


def test_isentropic_expansion_from_a_full_bottle():
    entropy = helium.entropy(helium.density(31e6, 293.15), 293.15)
    cold = helium.temperature_isentropic(10e6, entropy, 200.0)
    assert cold == pytest.approx(187.38, rel=2e-3)
    assert helium.density(10e6, cold) == pytest.approx(23.844, rel=2e-3)


def test_helium_warms_when_throttled():
    enthalpy = helium.enthalpy(helium.density(24e6, 293.15), 293.15)
    assert helium.temperature_isenthalpic(2e6, enthalpy, 293.15) == pytest.approx(306.7, abs=0.3)


def test_isothermal_limit_of_expulsion():
    found = helium.expel_isothermal(1.0, 0.3e6, **BOTTLE)
    assert found.bottle_volume == pytest.approx(12.19e-3, rel=5e-3)
    assert found.helium_mass == pytest.approx(0.541, rel=5e-3)


def test_adiabatic_limit_of_expulsion():
    found = helium.expel_adiabatic(1.0, 0.3e6, **BOTTLE)
    assert found.bottle_volume == pytest.approx(20.02e-3, rel=1e-2)
    assert found.helium_mass == pytest.approx(0.890, rel=1e-2)
    assert found.bottle_temperature == pytest.approx(107.9, rel=1e-2)
    assert found.ullage_temperature == pytest.approx(214.0, rel=1e-2)


def test_adiabatic_expulsion_conserves_mass_and_energy():
    found = helium.expel_adiabatic(1.0, 0.3e6, **BOTTLE)
    full, left = helium.density(31e6, 293.15), helium.density(2.5e6, found.bottle_temperature)
    ullage = helium.density(0.3e6, found.ullage_temperature)
    assert found.bottle_volume * (full - left) == pytest.approx(ullage * 1.0, rel=1e-9)
    before = found.helium_mass * helium.internal_energy(full, 293.15)
    after = found.bottle_volume * left * helium.internal_energy(left, found.bottle_temperature)
    after += ullage * helium.internal_energy(ullage, found.ullage_temperature) + 0.3e6 * 1.0
    assert before == pytest.approx(after, rel=1e-9)


def test_more_helium_is_needed_as_less_heat_is_exchanged_over_all_ends():
    end = np.linspace(0.5e6, 10e6, 20)
    keywords = BOTTLE | {"end_pressure": end}
    warm, cold = (
        helium.expel_isothermal(1.0, 0.3e6, **keywords),
        helium.expel_adiabatic(1.0, 0.3e6, **keywords),
    )
    assert np.all(cold.bottle_volume > warm.bottle_volume)
    assert np.all(np.diff(warm.bottle_volume) > 0.0)


def test_specific_heat_and_entropy_are_derivatives_of_the_same_potential():
    temperature, density = STATES
    step = 1e-2
    upper, lower = temperature + step, temperature - step
    energy = helium.internal_energy(density, upper) - helium.internal_energy(density, lower)
    np.testing.assert_allclose(energy / (2 * step), helium.cv(density, temperature), rtol=1e-6)
    entropy = helium.entropy(density, upper) - helium.entropy(density, lower)
    np.testing.assert_allclose(entropy / (2 * step), helium.cv(density, temperature) / temperature, rtol=1e-6)


def test_pressure_obeys_maxwell_and_cp_the_definition():
    temperature, density = STATES
    step = 1e-2
    thermal = helium.pressure(density, temperature + step) - helium.pressure(density, temperature - step)
    thermal /= 2 * step
    up, down = density * (1 + 1e-5), density * (1 - 1e-5)
    entropy = (helium.entropy(up, temperature) - helium.entropy(down, temperature)) / (up - down)
    np.testing.assert_allclose(-(density**2) * entropy, thermal, rtol=1e-6)
    stiffness = (helium.pressure(up, temperature) - helium.pressure(down, temperature)) / (up - down)
    expected = helium.cv(density, temperature) + temperature * thermal**2 / (density**2 * stiffness)
    np.testing.assert_allclose(helium.cp(density, temperature), expected, rtol=1e-6)


def test_density_inverts_pressure():
    temperature, pressure = np.meshgrid(np.linspace(90.0, 400.0, 32), np.geomspace(1e4, 35e6, 33))
    found = helium.pressure(helium.density(pressure, temperature), temperature)
    np.testing.assert_allclose(found, pressure, rtol=1e-12)


def test_everything_agrees_with_the_reference_equation_from_90_to_400_kelvin_and_to_35_megapascal():
    coolprop = pytest.importorskip("CoolProp")
    state = coolprop.AbstractState("HEOS", "Helium")
    for temperature in np.linspace(90.0, 400.0, 11):
        for pressure in np.geomspace(0.1e6, 35e6, 12):
            state.update(coolprop.PT_INPUTS, pressure, temperature)
            density = helium.density(pressure, temperature)
            scale = helium.GAS_CONSTANT * temperature
            assert density == pytest.approx(state.rhomass(), rel=2e-4)
            assert helium.internal_energy(density, temperature) == pytest.approx(
                state.umass(), abs=4e-4 * scale
            )
            assert helium.enthalpy(density, temperature) == pytest.approx(state.hmass(), abs=6e-4 * scale)
            assert helium.entropy(density, temperature) == pytest.approx(
                state.smass(), abs=5e-4 * helium.GAS_CONSTANT
            )
            assert helium.cv(density, temperature) == pytest.approx(state.cvmass(), rel=1e-3)
            assert helium.cp(density, temperature) == pytest.approx(state.cpmass(), rel=1.5e-3)


def test_a_bottle_without_heat_may_end_near_50_kelvin():
    coolprop = pytest.importorskip("CoolProp")
    state = coolprop.AbstractState("HEOS", "Helium")
    for temperature in (42.0, 50.0, 70.0):
        for pressure in (0.3e6, 1e6, 7e6):
            state.update(coolprop.PT_INPUTS, pressure, temperature)
            assert helium.density(pressure, temperature) == pytest.approx(state.rhomass(), rel=2e-4)
            assert helium.entropy(state.rhomass(), temperature) == pytest.approx(
                state.smass(), abs=5e-4 * helium.GAS_CONSTANT
            )


def test_vector_equals_scalar_and_nonsense_is_nan():
    pressure, temperature = (
        np.array([1e6, 30e6, -1.0, 1e6, np.nan]),
        np.array([300.0, 100.0, 300.0, 20.0, 300.0]),
    )
    found = helium.density(pressure, temperature)
    assert np.isnan(found[2:]).all()
    assert found[1] == pytest.approx(float(helium.density(30e6, 100.0)), rel=1e-14)
    expelled = helium.expel_adiabatic(np.array([1.0, np.nan]), 0.3e6, **BOTTLE).helium_mass
    assert np.isfinite(expelled[0])
    assert np.isnan(expelled[1])
    hopeless = helium.expel_isothermal(
        1.0, 0.3e6, bottle_pressure=2e6, end_pressure=2.5e6, temperature=293.15
    )
    assert np.isnan(hopeless.bottle_volume)


def test_the_state_gives_what_the_single_properties_give_and_the_slopes_of_pressure():
    temperature, density = STATES
    found = helium.state(density, temperature)
    np.testing.assert_allclose(found.pressure, helium.pressure(density, temperature), rtol=1e-14)
    np.testing.assert_allclose(
        found.internal_energy, helium.internal_energy(density, temperature), rtol=1e-14
    )
    np.testing.assert_allclose(found.cv, helium.cv(density, temperature), rtol=1e-14)
    step = 1e-2
    warmer, colder = (helium.pressure(density, temperature + side * step) for side in (1.0, -1.0))
    np.testing.assert_allclose(found.warming, (warmer - colder) / (2 * step), rtol=1e-6)
    denser, thinner = (helium.pressure(density * (1 + side * 1e-5), temperature) for side in (1.0, -1.0))
    np.testing.assert_allclose(found.stiffness, (denser - thinner) / (2e-5 * density), rtol=1e-6)
