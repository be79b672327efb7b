"""Tanks that blow down: limits, an integrator that shares nothing with the march, and what a lander makes of them."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.components import blow_down
from models.components.pressurant import Pressurant
from models.components.pressurisation import Burn, Ullage
from models.fixed_design import design, flight, timeline
from models.lander import Lander, Status
from models.properties import helium

EXACT = 1e-12
STEPS = 2e-4
"""Error of eight steps a burn."""
ULLAGE = Ullage(helium_pressure=0.2e6, initial_volume=0.4, tank_volume=1.4, tank_area=8.5)
BURNS = [
    Burn(100.0, 0.15),
    Burn(300.0, 0.35),
    Burn(50.0, 0.02),
    Burn(400.0, 0.4, coast=False),
    Burn(100.0, 0.08),
]


def test_without_exchange_one_burn_is_adiabatic():
    found = blow_down.march(
        [Burn(450.0, 1.0)], ULLAGE, Pressurant(ullage_conductance=0.0), temperature=293.15
    )
    assert found.cooling == pytest.approx((0.4 / 1.4) ** (2.0 / 3.0), rel=EXACT)
    assert found.pressure[0, 0] == pytest.approx((1.4 / 0.4) ** (5.0 / 3.0), rel=EXACT)


def test_a_slow_burn_is_isothermal():
    found = blow_down.march([Burn(1e7, 1.0)], ULLAGE, Pressurant(), temperature=293.15)
    assert found.pressure[0, 0] == pytest.approx(3.5, rel=1e-3)
    assert found.gas == pytest.approx(0.2e6 * 1.4 / (helium.GAS_CONSTANT * 293.15), rel=1e-3)


def test_the_march_is_that_of_an_integrator():
    spec = Pressurant()
    found = blow_down.march(BURNS, ULLAGE, spec, temperature=293.15)
    volume, warmth = 0.4, 293.15
    for burn in BURNS:
        flow, start = burn.volume / burn.duration, volume

        def rate(t, y, flow=flow, start=start):
            v = start + flow * t
            heat = spec.ullage_conductance * 8.5 / 1.4 * v * (293.15 - y[0])
            capacity = 1.5 * helium.GAS_CONSTANT * float(found.gas)
            return [heat / capacity - 2.0 / 3.0 * y[0] * flow / v]

        end = solve_ivp(rate, (0.0, burn.duration), [warmth], rtol=1e-10, atol=1e-9).y[0, -1]
        volume += burn.volume
        warmth = 293.15 if burn.coast else end
    pressure = float(found.gas) * helium.GAS_CONSTANT * end / volume
    assert pressure == pytest.approx(0.2e6, rel=STEPS)


def test_without_burns_there_is_nothing_to_march():
    with pytest.raises(ValueError, match="at least one burn"):
        blow_down.march([], ULLAGE, Pressurant(), temperature=293.15)


@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_a_lander_that_blows_down_has_thick_tanks_no_bottles_and_a_design_that_flies(architecture):
    regulated = comparison.size(architecture, Lander()).sizing
    lander = quantity.substitute(Lander(), {"pressurant.blow_down": 1.0})
    sizing = comparison.size(architecture, lander).sizing
    assert sizing.status[0] == Status.GOOD
    assert sizing.masses["bottles"][0] == 0.0
    assert sizing.masses["tanks"][0] > regulated.masses["tanks"][0]
    assert sizing.masses["pressurant hardware"][0] < regulated.masses["pressurant hardware"][0]
    history = timeline.march(lander, sizing)
    assert history.status[0] == Status.GOOD
    assert (np.diff(history.oxidiser_tank_pressure[:4, :, 0], axis=1) < 0.0).all()
    # in the slow terminal descent the gas may warm faster than it grows
    assert history.oxidiser_tank_pressure[-1, -1, 0] == pytest.approx(
        sizing.oxidiser_tank_pressure[0], rel=1e-9
    )
    assert history.fuel_tank_pressure[-1, -1, 0] == pytest.approx(sizing.fuel_tank_pressure[0], rel=1e-9)
    assert history.oxidiser_tank_pressure.max() < sizing.storage.oxidiser_maximum_pressure[0]
    flown = flight.fly(design.design(architecture, lander), lander)
    assert flown["status"][0] == Status.GOOD
    assert flown["payload"][0] == pytest.approx(sizing.payload[0], abs=1e-6)


def test_less_helium_than_needed_is_a_shortfall():
    lander = quantity.substitute(Lander(), {"pressurant.blow_down": 1.0})
    built = design.design(electric_pump, lander)
    colder = quantity.substitute(lander, {"pressurant.ullage_conductance": 3.0})
    assert flight.fly(built, colder)["helium_shortfall"][0] > 0.0


def test_rows_of_one_batch_may_be_regulated_or_not():
    mixed = quantity.substitute(Lander(), {"pressurant.blow_down": np.array([0.0, 1.0])})
    both = comparison.size(electric_pump, mixed).sizing.payload
    for k, value in enumerate((0.0, 1.0)):
        alone = comparison.size(electric_pump, quantity.substitute(Lander(), {"pressurant.blow_down": value}))
        assert both[k] == pytest.approx(alone.sizing.payload[0], abs=0.02)  # kg, two searches


def test_each_propellant_blows_down_from_a_gas_share_and_to_a_pressure_of_its_own():
    lander = quantity.substitute(Lander(), {"pressurant.blow_down": 1.0})
    best = comparison.size(electric_pump, lander).sizing
    oxidiser, fuel = best.storage.blown_down.start_pressures
    assert best.fuel_tank_pressure[0] < 0.7 * best.oxidiser_tank_pressure[0], "MMH hardly boils"
    ratios = oxidiser[0] / best.oxidiser_tank_pressure[0], fuel[0] / best.fuel_tank_pressure[0]
    assert ratios[1] > 1.1 * ratios[0], "less gas is loaded over the fuel"
    same = comparison.evaluate(
        electric_pump,
        lander,
        best.launch_mass,
        np.array([[best.chamber_pressure[0], best.area_ratio[0], *[2.4e5] * 2, *[5.5] * 2]]),
    )
    assert best.payload[0] > same.payload[0] + 2.0
