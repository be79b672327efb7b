"""Packs: the cell's circuit, the sizing law's regimes and its agreement with the marched cell, recharge, the bus."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from models.components import battery
from models.components.battery import Battery

EXACT = 1e-12


def chen(charge: np.ndarray) -> np.ndarray:
    """Open-circuit voltage of the LG M50 from its electrodes (Chen et al., J. Electrochem. Soc. 167 (2020) 080534)."""
    x, y = 0.0279 + charge * (0.9014 - 0.0279), 0.9084 + charge * (0.2661 - 0.9084)
    graphite = (
        1.9793 * np.exp(-39.3631 * x)
        + 0.2482
        - 0.0909 * np.tanh(29.8538 * (x - 0.1234))
        - 0.04478 * np.tanh(14.9159 * (x - 0.2769))
        - 0.0205 * np.tanh(30.4444 * (x - 0.6103))
    )
    oxide = (
        -0.8090 * y
        + 4.4875
        - 0.0428 * np.tanh(18.5138 * (y - 0.5542))
        - 17.7326 * np.tanh(15.7890 * (y - 0.3117))
        + 17.5842 * np.tanh(15.9308 * (y - 0.3120))
    )
    return oxide - graphite


def test_open_circuit_voltage_follows_the_published_cell() -> None:
    charge = np.linspace(0.0, 1.0, 201)
    error = battery.open_circuit_voltage(charge, Battery()) - chen(charge)
    assert np.sqrt(np.mean(error**2)) < 0.0145
    assert np.abs(error[charge >= 0.05]).max() < 0.0275


def test_capacity_times_mean_voltage_is_the_energy_of_a_cell() -> None:
    charge = (np.arange(20_000) + 0.5) / 20_000
    mean = np.mean(battery.open_circuit_voltage(charge, Battery()))
    assert mean == pytest.approx(Battery().cell_voltage, rel=5e-4)  # coefficients are given to four digits


def test_a_resistance_of_zero_gives_power_over_voltage() -> None:
    assert battery.current(50.0, 3.7, 0.0) == pytest.approx(50.0 / 3.7, rel=EXACT)


def test_charging_is_discharging_with_the_sign_turned() -> None:
    amperes = float(battery.current(-20.0, 3.7, 15e-3))
    assert amperes < 0
    assert (3.7 - amperes * 15e-3) * amperes == pytest.approx(-20.0, rel=EXACT)


def march(power: float, duration: float, mass: float, spec: Battery) -> tuple[float, float]:
    """Charge and temperature after constant power, integrated to 1e-9."""

    def rates(_: float, y: np.ndarray) -> list[float]:
        state = battery.state(float(y[0]), float(y[1]), power, mass, spec)
        return [float(state.charge_rate), float(state.temperature_rate)]

    end = solve_ivp(rates, (0.0, duration), [1.0, float(spec.temperature)], rtol=1e-9, atol=1e-9).y[:, -1]
    return float(end[0]), float(end[1])


@pytest.mark.parametrize("celsius", [5.0, 20.0, 30.0])
@pytest.mark.parametrize("duration", [900.0, 1800.0])
def test_a_pack_that_energy_sizes_ends_at_the_end_of_its_window(celsius: float, duration: float) -> None:
    spec = Battery(temperature=celsius + 273.15)
    pack = battery.sizing(3e3 * duration, 3e3, 3e3, 1e3, 50.0, spec)
    assert pack.mass == pack.by_energy
    charge, temperature = march(3e3, duration, float(pack.mass), spec)
    assert charge == pytest.approx(1.0 - spec.depth, abs=0.003)
    assert temperature - spec.temperature == pytest.approx(float(pack.temperature_rise), abs=1.0)


def test_a_pack_that_temperature_sizes_ends_no_hotter_than_allowed_and_not_far_below() -> None:
    spec = Battery()
    pack = battery.sizing(3e3 * 300.0, 3e3, 3e3, 1e3, 50.0, spec)
    assert pack.mass == pack.by_temperature
    _, temperature = march(3e3, 300.0, float(pack.mass), spec)
    assert spec.maximum_temperature - 6.0 < temperature < spec.maximum_temperature


def test_a_pack_that_sag_sizes_starts_at_its_cutoff_voltage() -> None:
    spec = Battery(temperature=253.15, depth=0.5)
    pack = battery.sizing(3e3 * 30.0, 3e3, 3e3, 1e3, 50.0, spec)
    assert pack.mass == pack.by_sag
    state = battery.state(1.0, 253.15, 3e3, pack.mass, spec)
    assert state.voltage == pytest.approx(spec.cell_cutoff_voltage, rel=1e-10)


def test_long_burns_are_energy_limited_and_short_ones_power_limited() -> None:
    duration = np.geomspace(10.0, 5000.0, 60)
    pack = battery.sizing(3e3 * duration, 3e3, 3e3, 1e3, 50.0, Battery(maximum_temperature=400.0))
    short, long = duration < 60, duration > 1000
    assert np.all(pack.mass[short] == pack.by_power)
    assert np.all(pack.mass[long] == pack.by_energy[long])
    growth = np.diff(np.log(pack.mass[long])) / np.diff(np.log(duration[long]))
    assert np.all((growth > 0.9) & (growth < 1.0))
    assert np.all(np.diff(pack.mass) >= 0)


def test_the_smallest_pack_is_one_string() -> None:
    pack = battery.sizing(1e3, 10.0, 10.0, 10.0, 100.0, Battery())
    assert pack.mass == pack.by_string
    series, parallel = battery.pack(pack.mass, 100.0, Battery())
    assert parallel == pytest.approx(1.0, rel=EXACT)
    assert series * Battery().cell_voltage == pytest.approx(100.0, rel=EXACT)


def test_the_usable_factor_lies_where_practice_puts_it() -> None:
    # 0.62 to 0.80 over rate, cold and age
    duration, celsius = np.meshgrid([450.0, 900.0, 1800.0], [0.0, 10.0, 20.0, 30.0])
    for age, depth in ((0.88, 0.75), (0.93, 0.80), (0.95, 0.85)):
        pack = battery.sizing(
            3e3 * duration.ravel(),
            3e3,
            3e3,
            1e3,
            50.0,
            Battery(temperature=celsius.ravel() + 273.15, health=age, depth=depth),
        )
        assert np.all((pack.usable_factor > 0.60) & (pack.usable_factor < 0.82))


def test_a_lossless_pack_weighs_energy_over_usable_energy() -> None:
    spec = Battery(cell_resistance=0.0)
    pack = battery.sizing(10e6, 3e3, 3e3, 1e3, 50.0, spec)
    assert pack.voltage_efficiency == 1.0
    assert pack.mass * spec.specific_energy * pack.usable_factor == pytest.approx(10e6, rel=EXACT)


def test_a_window_that_ends_below_cutoff_or_a_hot_start_is_infeasible() -> None:
    assert np.isnan(
        battery.sizing(1e6, 1e3, 1e3, 1e3, 50.0, Battery(depth=0.99, cell_cutoff_voltage=3.3)).mass
    )
    assert np.isnan(battery.sizing(1e6, 1e3, 1e3, 1e3, 50.0, Battery(temperature=335.0)).mass)


def test_mass_is_smooth_within_a_regime() -> None:
    energy = np.linspace(3e6, 6e6, 201)
    mass = np.asarray(battery.sizing(energy, 3e3, 3e3, 1e3, 50.0, Battery()).mass)
    centre = np.linspace(-1.0, 1.0, 201)
    assert np.abs(mass - np.polyval(np.polyfit(centre, mass, 5), centre)).max() < 1e-4


def test_recharge_carries_over_only_what_was_missing() -> None:
    burns = np.array([[5.0, 5.0], [1.0, 1.0], [8.0, 8.0]])
    recharges = np.array([[100.0, 0.0], [100.0, 0.0]])
    assert battery.stored_energy(burns, recharges) == pytest.approx([8.0, 14.0], rel=EXACT)


def test_the_bus_battery_carries_its_share() -> None:
    spec = Battery(bus_share=0.4)
    own = battery.dedicated_mass(np.array([10.0, 1.0, 2.0]), 5.0, spec)
    lent = 0.4 * 5.0
    assert (own >= [8.0, 0.0, 0.0]).all()
    assert own[:2] == pytest.approx(
        [8.0, 0.0], abs=battery.BLEND**2 * 5.0
    )  # far from where the two are equal
    assert own[2] == pytest.approx(battery.BLEND * lent, rel=1e-9)
    none = battery.dedicated_mass(np.array([10.0, 1.0]), 5.0, Battery(bus_share=0.0))
    assert none == pytest.approx([10.0, 1.0], abs=EXACT)


def test_the_rounded_pack_holds_at_least_the_energy() -> None:
    for mass in (1.7, 5.3, 12.0, 44.0):
        series, parallel = battery.rounded_pack(mass, 50.0, Battery())
        assert series * parallel >= 0.96 * battery.cells(mass, Battery())


def test_one_value_equals_a_row_of_many() -> None:
    energy, power = np.array([1e5, 2e6, 8e6]), np.array([4e3, 3e3, 2e3])
    many = battery.sizing(energy, power, power, 0.5 * power, 50.0, Battery())
    for row in range(3):
        one = battery.sizing(
            float(energy[row]), float(power[row]), float(power[row]), 0.5 * float(power[row]), 50.0, Battery()
        )
        assert one.mass == many.mass[row]


def test_better_cells_never_weigh_more() -> None:
    steps = np.linspace(0.0, 1.0, 20)
    for leaf, low, high in (
        ("specific_energy", 90 * 3600, 175 * 3600),
        ("specific_power", 600.0, 2500.0),
        ("health", 0.8, 1.0),
    ):
        for duration in (60.0, 600.0, 1800.0):
            spec = Battery(**{leaf: low + (high - low) * steps})
            mass = np.asarray(battery.sizing(3e3 * duration, 3e3, 3e3, 1e3, 50.0, spec).mass) + 0.0 * steps
            assert np.all(np.diff(mass) <= 1e-9), (leaf, duration)


def test_the_casing_warms_with_its_cells() -> None:
    # Per cell, 130 Wh/kg: 0.070 kg of cell, and 4 Ah x 3.692 V / 130 Wh/kg less that of casing.
    spec = Battery()
    casing = 4.0 * 3.692 / 130.0 - 0.070
    assert battery.heat_capacity(spec) == pytest.approx(0.070 * 950.0 + casing * 880.0, rel=EXACT)
    assert battery.heat_capacity(Battery(specific_energy=1e6)) == pytest.approx(0.070 * 950.0, rel=EXACT)


def test_health_sizes_a_pack_that_energy_rules() -> None:
    new, aged = (
        battery.sizing(5.4e6, 3e3, 3e3, 1e3, 50.0, Battery(health=health)).mass for health in (0.95, 0.85)
    )
    assert aged > new * 1.05


def test_a_battery_lends_nothing_unless_a_share_is_stated() -> None:
    assert Battery().bus_share == 0.0
