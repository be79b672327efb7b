"""Motors: losses add up, part load, published specific powers, and the thermal node against its closed form."""

import numpy as np
import pytest

from models.components import motor
from models.components.motor import Motor

EXACT = 1e-12
RPM = np.pi / 30
DRY = Motor(canned=0.0)
MMH = (880.0, 0.85e-3)


@pytest.mark.parametrize(
    ("power", "rpm", "low", "high"),
    # published: 0.78 to 0.92 at 1 to 10 kW, 0.95 above 100 kW (Kwak, Kwon and Choi 2018)
    [(1e3, 40_000, 0.78, 0.92), (10e3, 30_000, 0.78, 0.93), (286e3, 27_000, 0.94, 0.97)],
)
def test_dry_motors_have_published_efficiencies(power: float, rpm: float, low: float, high: float) -> None:
    assert low < motor.design(power, rpm * RPM, *MMH, DRY).efficiency < high


def test_a_flooded_motor_loses_five_to_fifteen_per_cent_more() -> None:
    power = np.array([500.0, 1e3, 2e3, 5e3, 10e3])
    dry = motor.design(power, 40_000 * RPM, *MMH, DRY)
    wet = motor.design(power, 40_000 * RPM, *MMH, Motor())
    lost = 1.0 / wet.efficiency - 1.0 / dry.efficiency
    assert np.all((lost > 0.05) & (lost < 0.15))
    assert np.all(wet.mass == pytest.approx(1.45 * dry.mass, rel=EXACT))


@pytest.mark.parametrize(
    ("power", "rpm", "spec", "published"),
    # the two motors of a 500 N engine, 829 W together, 0.875 kW/kg (Lee et al. 2021); general aviation 2 to 4;
    # Kwak 5.3: within a factor of 1.6
    [(415.0, 57_940, Motor(), 875.0), (5e3, 30_000, DRY, 3e3), (286e3, 27_000, DRY, 5.3e3)],
)
def test_specific_power_follows_the_published_points(
    power: float, rpm: float, spec: Motor, published: float
) -> None:
    assert power / motor.mass(power, rpm * RPM, spec) == pytest.approx(published, rel=0.4)


def test_losses_at_the_rated_point_are_those_of_the_rated_efficiency() -> None:
    for spec in (Motor(), Motor(required_efficiency=0.9), Motor(efficiency_multiplier=1.05)):
        rated = motor.design(3e3, 3500.0, *MMH, spec)
        lost = motor.loss(rated, 1.0, 1.0, spec.rated_temperature, spec)
        assert lost == pytest.approx(rated.electric_power - 3e3, rel=1e-10)


def test_a_standing_motor_loses_nothing_and_a_cold_one_less() -> None:
    rated = motor.design(3e3, 3500.0, *MMH, Motor())
    assert motor.loss(rated, 0.0, 0.0, 300.0, Motor()) == 0.0
    hot, cold = motor.loss(rated, 1.0, 1.0, np.array([400.0, 300.0]), Motor())
    assert hot > cold > 0


def test_the_thermal_node_relaxes_to_loss_over_conductance() -> None:
    # dT/dt = (P - G (T - T0))/(m c): equilibrium at T0 + P/G, rate from T0 is P/(m c).
    spec = Motor()
    rated = motor.design(3e3, 3000.0, *MMH, spec)
    warm = 290.0 + 200.0 / motor.cooling(rated.torque, spec)
    assert motor.temperature_rate(200.0, warm, 290.0, rated, spec) == pytest.approx(0.0, abs=EXACT)
    capacity = rated.mass * spec.specific_heat
    assert motor.temperature_rate(200.0, 290.0, 290.0, rated, spec) == pytest.approx(
        200.0 / capacity, rel=EXACT
    )


def test_cooling_grows_with_the_motors_surface() -> None:
    # Eight times the torque at equal shear: twice the rotor's length and diameter, four times the surface.
    small, large = (motor.cooling(torque, Motor()) for torque in (0.3, 2.4))
    assert large / small == pytest.approx(4.0, rel=EXACT)
    # So that a shared set's motor runs no hotter than the same duty at an eighth of its size by more than its losses.
    warmth = [
        float(motor.steady_temperature(motor.design(p, 3000.0, *MMH, Motor()), 298.0, Motor()))
        for p in (1e3, 8e3)
    ]
    assert max(warmth) < 298.0 + 60.0


def test_requirements_replace_predictions() -> None:
    spec = Motor(required_efficiency=0.9, required_specific_power=2e3)
    design = motor.design(4e3, 3000.0, *MMH, spec)
    assert design.efficiency == 0.9
    assert design.mass == pytest.approx(2.0, rel=EXACT)
    assert design.predicted_efficiency == motor.design(4e3, 3000.0, *MMH, Motor()).efficiency


def test_one_value_equals_a_row_of_many() -> None:
    power, speed = np.array([400.0, 1e3, 9e3]), np.array([4000.0, 3500.0, 2500.0])
    many = motor.design(power, speed, *MMH, Motor())
    for row in range(3):
        one = motor.design(float(power[row]), float(speed[row]), *MMH, Motor())
        assert one.mass == many.mass[row]
        assert one.efficiency == many.efficiency[row]


def test_no_power_is_no_efficiency_and_no_warning() -> None:
    assert np.isnan(motor.design(np.array([0.0, np.nan]), 3000.0, *MMH, Motor()).efficiency).all()


def test_windings_settle_where_the_flow_carries_off_the_losses():
    spec = Motor()
    rated = motor.design(np.array([0.8e3, 3e3, 6e3]), 3000.0, 880.0, 0.8e-3, spec)
    settled = motor.steady_temperature(rated, 298.0, spec)
    lost = motor.loss(rated, 1.0, 1.0, settled, spec)
    assert lost == pytest.approx(motor.cooling(rated.torque, spec) * (settled - 298.0), rel=1e-12)
    rate = motor.temperature_rate(lost, settled, 298.0, rated, spec)
    assert rate == pytest.approx(0.0, abs=1e-9)
    runaway = motor.design(50e3, 3000.0, 880.0, 0.8e-3, Motor(conductance=0.5))
    assert np.isnan(motor.steady_temperature(runaway, 298.0, Motor(conductance=0.5)))
