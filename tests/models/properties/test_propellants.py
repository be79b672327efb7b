"""Liquids against published values, and the behaviour every property owes its callers."""

import numpy as np
import pytest

from models.properties import propellants
from models.properties.propellants import HYDRAZINE, LCH4, LOX, MMH, MON3, MON25, N2O4

EXACT = 1e-12
LIQUIDS = (MON3, MON25, N2O4, MMH, HYDRAZINE, LOX, LCH4)
PROPERTIES = (
    propellants.density,
    propellants.vapour_pressure,
    propellants.viscosity,
    propellants.specific_heat,
    propellants.expansion,
)


@pytest.mark.parametrize(
    ("liquid", "published"),
    [(MON3, 1434.5), (MON25, 1389.9), (MMH, 879.8), (N2O4, 1441.5), (HYDRAZINE, 1010.1)],
)
def test_densities_at_20_celsius_are_those_of_rocketprops(liquid, published):
    # The fit's own residual, 0.05 %, is wider than the printed digit.
    assert propellants.density(liquid, 293.15) == pytest.approx(published, rel=5e-4)


@pytest.mark.parametrize(
    ("liquid", "kelvin", "published"),
    [
        (N2O4, 293.15, 95e3),
        (N2O4, 313.15, 237e3),
        (MON3, 293.15, 117e3),
        (MON3, 313.15, 284e3),
        (MON25, 293.15, 425e3),
    ],
)
def test_vapour_pressures_of_the_oxidisers_are_those_of_rocketprops(liquid, kelvin, published):
    assert propellants.vapour_pressure(liquid, kelvin) == pytest.approx(published, rel=7e-3)


@pytest.mark.parametrize(
    ("liquid", "boiling_point", "tolerance"),
    [
        (N2O4, 294.3, 0.02),  # Giauque and Kemp, J. Chem. Phys. 6 (1938) 40: 294.25 K
        (MON25, 263.75, 0.002),  # rocketprops: -9.4 C
        (MMH, 360.7, 0.02),  # Aston et al., J. Am. Chem. Soc. 73 (1951) 1937
        (LOX, 90.19, 0.004),
        (LCH4, 111.67, 0.002),
    ],
)
def test_liquids_boil_at_one_atmosphere_where_the_handbooks_say(liquid, boiling_point, tolerance):
    assert propellants.vapour_pressure(liquid, boiling_point) == pytest.approx(101325.0, rel=tolerance)


@pytest.mark.parametrize(
    ("liquid", "fluid"), [(LOX, "Oxygen"), (LCH4, "Methane")], ids=lambda value: getattr(value, "name", value)
)
def test_cryogenic_liquids_follow_the_reference_equations_of_state(liquid, fluid):
    saturated = pytest.importorskip("CoolProp.CoolProp").PropsSI
    kelvin = np.linspace(liquid.low, liquid.high, 17)
    for function, key, tolerance in (
        (propellants.density, "D", 1e-4),
        (propellants.vapour_pressure, "P", 4e-3),
        (propellants.viscosity, "V", 4e-3),
        (propellants.specific_heat, "C", 2e-3),
    ):
        published = np.array([saturated(key, "T", t, "Q", 0, fluid) for t in kelvin])
        np.testing.assert_allclose(function(liquid, kelvin), published, rtol=tolerance)


@pytest.mark.parametrize("liquid", LIQUIDS, ids=lambda liquid: liquid.name)
def test_warmer_liquids_are_lighter_thinner_and_boil_harder(liquid):
    kelvin = np.linspace(liquid.low, liquid.high, 201)
    assert np.all(np.diff(propellants.density(liquid, kelvin)) < 0.0)
    assert np.all(np.diff(propellants.viscosity(liquid, kelvin)) < 0.0)
    assert np.all(np.diff(propellants.vapour_pressure(liquid, kelvin)) > 0.0)


@pytest.mark.parametrize("liquid", LIQUIDS, ids=lambda liquid: liquid.name)
def test_expansion_is_the_slope_of_density(liquid):
    kelvin = np.linspace(liquid.low + 1.0, liquid.high - 1.0, 7)
    step = 1e-3
    slope = (propellants.density(liquid, kelvin + step) - propellants.density(liquid, kelvin - step)) / (
        2.0 * step
    )
    np.testing.assert_allclose(
        propellants.expansion(liquid, kelvin), -slope / propellants.density(liquid, kelvin), rtol=1e-6
    )


@pytest.mark.parametrize("function", PROPERTIES, ids=lambda function: function.__name__)
@pytest.mark.parametrize("liquid", LIQUIDS, ids=lambda liquid: liquid.name)
def test_vector_equals_scalar_and_outside_the_range_is_nan(function, liquid):
    kelvin = np.array(
        [liquid.low - 1.0, liquid.low, 0.5 * (liquid.low + liquid.high), liquid.high + 1.0, np.nan]
    )
    found = function(liquid, kelvin)
    assert np.isnan(found[[0, 3, 4]]).all()
    for value, temperature in zip(found[1:3], kelvin[1:3], strict=True):
        assert value == pytest.approx(float(function(liquid, float(temperature))), rel=EXACT)


def test_a_locked_tank_of_mon_3_with_five_per_cent_ullage_is_nearly_liquid_full_at_50_celsius():
    growth = propellants.density(MON3, 293.15) / propellants.density(MON3, 323.15)
    assert 1.05 < growth < 1.06
