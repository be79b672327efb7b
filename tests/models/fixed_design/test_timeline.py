"""The march against an independent integrator, against the sizing laws, and against its own refinement."""

import dataclasses

import numpy as np
import pytest
from integrated import TOLERANCES, bottle_volume, braking_velocity
from scipy.integrate import solve_ivp

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed, shared, thruster_feed
from models.components import battery, harness, inverter, motor, pressurant, residuals, tank
from models.components.reaction_control import ThrusterOption
from models.fixed_design import timeline
from models.flight import descent
from models.flight.mission import BURNS
from models.lander import Lander, Status
from models.properties import helium
from models.quantity import STANDARD_GRAVITY

ROUNDING = 1e-12
RUNGE_KUTTA = 3e-6
"""Twenty-four steps of fourth order a burn."""

LANDER = Lander()


@pytest.fixture(scope="module")
def pump():
    return comparison.size(electric_pump, LANDER).sizing


@pytest.fixture(scope="module")
def pressure():
    return comparison.size(pressure_fed, LANDER).sizing


@pytest.fixture(scope="module")
def history(pump):
    return timeline.march(LANDER, pump)


def numbers(value):
    return float(np.asarray(value).reshape(-1)[0])


# A second opinion on masses: scalars, scipy's integrator, shooting and bisection instead of tables and fixed steps.


def test_an_independent_integrator_finds_the_same_masses(pump):
    lander = LANDER
    impulse, share = numbers(pump.specific_impulse), lander.reaction_control.propellant_share
    exhaust = STANDARD_GRAVITY * ((1.0 - share) * impulse + share * lander.reaction_control.specific_impulse)
    mass, used = lander.launch_mass, []
    for velocity in (lander.mission.transfer, lander.mission.insertion, lander.mission.trim):
        used.append(mass * -np.expm1(-lander.mission.reserve_factor * velocity / exhaust))
        mass -= used[-1]
    velocity = braking_velocity(lander.thrust / (mass * descent.LUNAR_GRAVITY), exhaust)
    used.append(mass * -np.expm1(-lander.mission.reserve_factor * velocity / exhaust))
    mass -= used[-1]
    weight = mass * descent.LUNAR_GRAVITY / lander.thrust
    throttle = weight / max(min(weight / lander.thrust_chamber.minimum_throttle, 1.0), 1.0 / lander.engines)
    efficiency = 1.0 + lander.thrust_chamber.throttle_loss * np.log2(throttle)
    velocity = lander.mission.divert + descent.LUNAR_GRAVITY * lander.mission.hover
    used.append(mass * -np.expm1(-lander.mission.reserve_factor * velocity / (exhaust * efficiency)))

    main = (1.0 - share) * sum(used)
    assert numbers(pump.masses["main propellant"]) == pytest.approx(main, rel=1e-5)
    loaded = main + residuals.residual_mass(main, lander.residuals, pumped=True)
    apart = share * sum(used) * (1.0 + lander.residuals.fraction)
    separate = thruster_feed.size(lander, apart, pumped=True)
    loaded += residuals.start_losses(
        lander.thrust / (STANDARD_GRAVITY * impulse),
        lander.launch_mass,
        STANDARD_GRAVITY * lander.reaction_control.specific_impulse,
        lander.residuals,
    )

    bottles, start = lander.pressurant, lander.propellant_temperature
    burns = [
        dataclasses.replace(burn, duration=numbers(burn.duration), volume=numbers(burn.volume))
        for burn in pump.storage.burns
    ]
    ullage = dataclasses.replace(
        pump.storage.ullage, **{k: numbers(v) for k, v in vars(pump.storage.ullage).items()}
    )
    full = float(helium.density(bottles.bottle_pressure, start))
    vessel = bottle_volume(numbers(pump.storage.helium) / full, burns, ullage, bottles, start)
    gas = vessel * full
    assert numbers(pump.storage.helium) == pytest.approx(gas, rel=2e-4)
    gas += float(separate.helium)
    assert numbers(pump.masses["thruster feed"]) == pytest.approx(float(separate.mass), rel=1e-5)
    assert numbers(pump.masses["bottles"]) == pytest.approx(pressurant.bottle_mass(vessel, bottles), rel=2e-4)

    liquids = shared.liquids(lander, start)
    ratio = lander.mixture_ratio / (1.0 + lander.mixture_ratio)
    shells, stored = 0.0, pump.storage
    for part, density, gas_share, built in (
        (ratio, liquids.oxidiser_density, stored.oxidiser_ullage, stored.oxidiser_maximum_pressure),
        (1.0 - ratio, liquids.fuel_density, stored.fuel_ullage, stored.fuel_maximum_pressure),
    ):
        volume = tank.volume(loaded * part, density, numbers(gas_share), lander.tank)
        shells += lander.tank.number * float(tank.mass(volume, numbers(built), lander.tank))
    for volume in (pump.storage.oxidiser_tank_volume, pump.storage.fuel_tank_volume):
        shells += float(residuals.sumps(lander.tank.number, numbers(volume), lander.residuals))
    assert numbers(pump.masses["tanks"]) == pytest.approx(shells, rel=2e-4)

    # Everything else follows from these by algebra: the payload is right to 2e-4 of each.
    others = sum(
        numbers(mass)
        for item, mass in pump.masses.items()
        if item not in {"main propellant", "thruster propellant", "helium", "bottles", "tanks", "growth"}
    )
    grown = numbers(pump.masses["growth"])
    payload = lander.launch_mass - lander.platform_mass - others - grown - sum(used) - gas - shells
    payload -= float(pressurant.bottle_mass(vessel, bottles))
    assert numbers(pump.payload) == pytest.approx(payload, abs=0.05)


def test_an_independent_integrator_finds_the_same_charge_and_temperatures(pump, history):
    lander, electric = LANDER, history.electric
    lines = pump.drives.rated
    inlet = lander.propellant_temperature + lander.pump_inlet_heating
    rated = lander.pump_sets * sum(numbers(line.bus_power) for line in lines)
    cells = numbers(electric.cells)
    mass = cells * lander.battery.cell_capacity * lander.battery.cell_voltage / lander.battery.specific_energy

    def terminals(windings):
        total = 0.0
        for line, temperature in zip(lines, windings, strict=True):
            output = line.motor.shaft_power + motor.loss(line.motor, 1.0, 1.0, temperature, lander.motor)
            total += lander.pump_sets * numbers(
                output + inverter.loss(output, line.motor.electric_power, lander.inverter)
            )
        return total + float(harness.loss(total, rated, lander.harness))

    def rates(time, state):
        power = terminals(state[2:4])
        cell = battery.state(state[0], state[1], power, mass, lander.battery)
        warming = [
            numbers(
                motor.temperature_rate(
                    motor.loss(line.motor, 1.0, 1.0, temperature, lander.motor),
                    temperature,
                    inlet,
                    line.motor,
                    lander.motor,
                )
            )
            for line, temperature in zip(lines, state[2:4], strict=True)
        ]
        return [float(cell.charge_rate), float(cell.temperature_rate), *warming, power]

    for burn in (1, 3):
        names = (
            "charge",
            "battery_temperature",
            "oxidiser_motor_temperature",
            "fuel_motor_temperature",
            "energy",
        )
        first = [numbers(getattr(electric, name)[burn, 0]) for name in names]
        last = [numbers(getattr(electric, name)[burn, -1]) for name in names]
        duration = numbers(history.time[burn, -1])
        end = solve_ivp(rates, (0.0, duration), first, **TOLERANCES).y[:, -1]
        assert last == pytest.approx(end, rel=RUNGE_KUTTA)


def test_four_times_the_steps_change_nothing(pump, history):
    fine = timeline.march(LANDER, pump, steps=4 * timeline.STEPS)
    for name in (
        "lowest_charge",
        "lowest_cell_voltage",
        "total_energy",
        "peak_power",
        "highest_battery_temperature",
        "highest_motor_temperature",
    ):
        assert getattr(history.electric, name) == pytest.approx(getattr(fine.electric, name), rel=RUNGE_KUTTA)
    assert history.bottle_pressure == pytest.approx(fine.bottle_pressure[:, ::4], rel=1e-5)
    assert history.ullage_temperature == pytest.approx(fine.ullage_temperature[:, ::4], rel=1e-5)


# The laws' promises.


def test_bottles_end_at_the_pressure_that_their_sizing_promised(pump, pressure, history):
    # The end, not the lowest: between braking and terminal descent there is no coast, and where the last burn draws
    # little its warm wall can raise the bottle's pressure again.
    assert timeline.check(LANDER, pump, history).bottle_pressure == pytest.approx(0.0, abs=3e-4)
    end = timeline.march(LANDER, pressure).bottle_pressure[-1, -1]
    assert end == pytest.approx(LANDER.pressurant.end_pressure, rel=2e-3)


@pytest.mark.parametrize("scale", [0.6, 1.0, 1.6])
def test_the_sizing_law_of_the_battery_holds_in_time(scale):
    """All burns on one charge, adiabatic, windings as warm as long burns make them: what the law assumes."""
    lander = quantity.substitute(
        LANDER, {"bus.recharge": 0.0, "battery.resistance_multiplier": scale * 1.3, "residuals.starts": 5.0}
    )
    sizing = comparison.size(electric_pump, lander).sizing
    found = timeline.check(lander, sizing, timeline.march(lander, sizing, recovery=0.0))
    assert found.energy == pytest.approx(0.0, abs=1e-3)
    assert found.charge == pytest.approx(0.0, abs=3e-3)
    rise = sizing.drives.battery_temperature_rise
    assert found.battery_temperature == pytest.approx(0.0, abs=0.05 * float(rise[0]))


def test_an_engine_out_draws_in_the_march_what_the_sizing_promised():
    lander = dataclasses.replace(LANDER, engines_out=1.0)
    sizing = comparison.size(electric_pump, lander).sizing
    marched = timeline.march(lander, sizing)
    assert marched.running[3, 0, 0] == pytest.approx(2.0 / 3.0)
    assert timeline.check(lander, sizing, marched).energy == pytest.approx(0.0, abs=3e-3)


def test_accumulators_draw_their_charge_in_the_march_as_in_the_sizing():
    thrusters = dataclasses.replace(LANDER.reaction_control, option=ThrusterOption.ACCUMULATORS)
    lander = dataclasses.replace(LANDER, reaction_control=thrusters)
    sizing = comparison.size(electric_pump, lander).sizing
    found = timeline.check(lander, sizing, timeline.march(lander, sizing))
    assert found.energy == pytest.approx(0.0, abs=2e-3)
    assert found.charge == pytest.approx(0.0, abs=1e-2)


def test_the_laws_promise_no_more_than_the_march_keeps(pump, history):
    found = timeline.check(LANDER, pump, history)
    assert np.all((found.energy > 0.0) & (found.energy < 0.002))
    assert np.all((found.charge < 0.0) & (found.charge > -0.01))
    assert np.all(found.battery_temperature > 0.0)
    assert np.all(history.electric.lowest_charge > 1.0 - LANDER.battery.depth)


# Balances and shapes.


def test_what_flows_is_what_is_budgeted(pump, history):
    flow = history.oxidiser_flow + history.fuel_flow
    burnt = (flow[:, 0] * history.time[:, -1]).sum(axis=0)
    assert burnt == pytest.approx(pump.masses["main propellant"], rel=ROUNDING)
    assert history.mass[0, 0] == pytest.approx(LANDER.launch_mass, rel=ROUNDING)
    assert history.mass[-1, -1] == pytest.approx(pump.propulsion.flight.landed_mass, rel=ROUNDING)


def test_energy_is_the_integral_of_power_and_starts(history):
    electric = history.electric
    simpson = np.ones(timeline.STEPS + 1)
    simpson[1:-1:2], simpson[2:-1:2] = 4.0, 2.0
    weights = simpson[:, None] * (history.time[:, -1] / (3.0 * timeline.STEPS))[:, None]
    area = (electric.power * weights).sum(axis=(0, 1))
    full = electric.power[1, -1]  # windings warm, as the law has them
    starts = LANDER.residuals.starts * LANDER.residuals.spin_up_duration * full
    assert electric.total_energy == pytest.approx(area + starts, rel=1e-5)


def test_the_lander_brakes_to_rest_and_hovers_at_part_power(history):
    assert history.braking.altitude[-1] == pytest.approx(0.0, abs=0.5)
    assert history.braking.vertical_speed[-1] == pytest.approx(0.0, abs=0.01)
    assert history.time.shape == (len(BURNS), timeline.STEPS + 1, 1)
    assert np.all(history.throttle[:4] == 1.0)
    assert np.all(history.throttle[4] < 0.6)
    assert np.all(history.electric.power[4] < 0.3 * history.electric.power[3])


def test_a_row_does_not_depend_on_its_neighbours():
    many = quantity.substitute(LANDER, {"battery.temperature": np.array([285.0, 293.0, 300.0])})
    one = quantity.take(many, np.array([1]))
    sizing = comparison.size(electric_pump, many).sizing
    alone = comparison.size(electric_pump, one).sizing
    a, b = timeline.march(many, sizing).electric, timeline.march(one, alone).electric
    assert a.charge[..., 1] == pytest.approx(b.charge[..., 0], rel=1e-9)


def test_pressure_fed_has_no_electric_history_and_says_so(pressure):
    history = timeline.march(LANDER, pressure)
    assert history.electric is None
    assert np.all(history.status == Status.GOOD)
    # In the slow terminal descent the walls warm the gas faster than it expands, at first.
    assert np.all(np.diff(history.bottle_pressure[:-1], axis=1) < 0.0)
    assert history.bottle_pressure[-1, -1] < history.bottle_pressure[-1, 0]
    assert np.all(history.oxidiser_tank_pressure > history.chamber_pressure)
    with pytest.raises(ValueError, match="pressure-fed"):
        timeline.check(LANDER, pressure, history)


def test_a_pack_asked_beyond_its_reach_is_a_status_and_not_a_warning(pump):
    weak = quantity.substitute(LANDER, {"battery.resistance_multiplier": 9.0})
    assert timeline.march(weak, pump).status == Status.BATTERY_LIMITED


def test_hot_windings_are_a_status(pump):
    hot = quantity.substitute(LANDER, {"motor.maximum_temperature": 302.0})
    assert timeline.march(hot, pump).status == Status.TOO_HOT


def test_rows_without_a_design_stay_without_a_history():
    heavy = quantity.substitute(LANDER, {"launch_mass": np.array([2700.0, 9000.0])})
    sizing = comparison.size(electric_pump, heavy).sizing
    history = timeline.march(heavy, sizing)
    assert history.status.tolist() == [Status.GOOD, Status.CANNOT_LAND]
    assert np.all(np.isnan(history.electric.charge[-1, -1, 1]))


def test_a_timeline_needs_two_steps(pump):
    with pytest.raises(ValueError, match="two steps"):
        timeline.march(LANDER, pump, steps=1)


# The inverters' node.


def test_inverters_warm_towards_their_plate_as_the_closed_form_says(pump, history):
    """Heat is all but constant in the insertion: T_fuel + Q/G (1 - exp(-G t / C)), from the fuel's temperature on."""
    drives, own = pump.drives, LANDER.thermal
    running = sum(inverter.mass(each.motor.electric_power, LANDER.inverter) for each in drives.rated)
    capacity = running * own.inverter_specific_heat + drives.sink_energy / own.allowed_rise
    conductance = own.fuel_share * drives.inverter_heat / own.allowed_rise
    grown = -np.expm1(-conductance * history.time[1] / capacity)
    rise = history.electric.inverter_temperature[1] - history.electric.inverter_temperature[1, 0]
    promised = drives.inverter_heat / conductance * grown
    # Windings warm within the burn, and so does the loss of their inverter: less than the rated one at first.
    assert rise[1:] == pytest.approx(promised[1:], rel=0.03)
    assert np.all(rise <= promised + 1e-9)


@pytest.mark.parametrize("share", [0.1, 0.4, 0.8, 0.95])
def test_plates_own_capacity_and_sink_keep_inverters_within_their_rise(share):
    lander = quantity.substitute(LANDER, {"thermal.fuel_share": share})
    sizing = comparison.size(electric_pump, lander).sizing
    history = timeline.march(lander, sizing)
    left = timeline.check(lander, sizing, history).inverter_temperature
    assert history.status.tolist() == [Status.GOOD]
    assert np.all(left > -0.5), "the law's promise"
    if sizing.drives.sink_energy[0] > 2e4:
        assert left[0] < 8.0, "the law takes the terminal descent, at part load, for full thrust"


def test_without_a_sink_inverters_that_no_fuel_cools_are_too_hot():
    lander = quantity.substitute(LANDER, {"thermal.fuel_share": 0.1})
    sizing = comparison.size(electric_pump, lander).sizing
    bare = dataclasses.replace(
        sizing, drives=dataclasses.replace(sizing.drives, sink_energy=0.0 * sizing.drives.sink_energy)
    )
    assert timeline.march(lander, bare).status.tolist() == [Status.TOO_HOT]


def test_windings_that_follow_at_once_cannot_make_the_march_unstable(pump):
    quick = quantity.substitute(LANDER, {"motor.specific_heat": 100.0})
    electric = timeline.march(quick, pump).electric
    for found, each in zip(
        (electric.oxidiser_motor_temperature, electric.fuel_motor_temperature), pump.drives.rated, strict=True
    ):
        assert found[1, 12:, 0] == pytest.approx(float(each.winding_temperature[0]), rel=1e-9)


@pytest.mark.parametrize("steps", [2, 5])
def test_few_points_are_those_of_a_fine_march(pump, steps):
    few, fine = (timeline.march(LANDER, pump, steps=k) for k in (steps, 60))
    for name in ("charge", "energy", "battery_temperature", "inverter_temperature", "fuel_motor_temperature"):
        wanted = getattr(fine.electric, name)[:, :: 60 // steps]
        assert getattr(few.electric, name) == pytest.approx(wanted, rel=RUNGE_KUTTA), name
    assert few.bottle_pressure == pytest.approx(fine.bottle_pressure[:, :: 60 // steps], rel=RUNGE_KUTTA)
    assert len(few.braking.altitude) == few.time.shape[1] == steps + 1
