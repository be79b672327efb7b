"""What any correct model of these landers obeys, each law over the domain in which it holds, stated beside it.

Laws 1 to 16 in the order of the list that the project started from.  Law 8 (the pump's best chamber pressure exceeds
the pressure-fed one's) is none: see `test_the_best_chamber_pressures_are_results`.
"""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.components import (
    battery,
    drive,
    feed_line,
    inverter,
    motor,
    pressurant,
    pressurisation,
    pump,
    pump_off_design,
    tank,
)
from models.components.battery import Battery
from models.components.feed_line import FeedLine
from models.components.inverter import Inverter
from models.components.motor import Motor
from models.components.pressurant import Pressurant
from models.components.pressurisation import Burn, Ullage
from models.components.pump import Pump
from models.components.reaction_control import ReactionControl, ThrusterOption
from models.components.tank import Tank
from models.flight import descent
from models.lander import Lander, Status
from models.properties import combustion, helium, propellants
from models.properties.propellants import MON3_MMH, PerPropellant
from models.quantity import BAR, WATT_HOUR, ZERO_CELSIUS
from studies.case import load

ROUNDING = 1e-12
SEARCH = 5e-3
"""kg; what the searches leave of the payload."""
LARGE = Lander(launch_mass=6000.0, payload=650.0, platform_mass=1043.0, thrust=15e3)
EXAMPLES = settings(max_examples=40)


def payload(architecture, lander):
    sizing = comparison.size(architecture, lander).sizing
    assert (sizing.status == Status.GOOD).all()
    return sizing.payload


def gain(lander):
    return payload(electric_pump, lander) - payload(pressure_fed, lander)


# 1. Domain: all duties at which the chain turns.
@given(
    flow=st.floats(5e-5, 5e-3),
    rise=st.floats(0.5e6, 6e6),
    suction=st.floats(0.5e5, 6e5),
    density=st.floats(800.0, 1450.0),
)
@EXAMPLES
def test_1_no_link_of_the_chain_gives_more_than_it_takes(flow, rise, suction, density):
    pumped = pump.design(flow, rise, density, 1e-3, suction, Pump())
    driven = motor.design(pumped.shaft_power, pumped.speed, density, 1e-3, Motor())
    electric = driven.electric_power / inverter.rated_efficiency(driven.electric_power, Inverter())
    assert flow * rise < pumped.shaft_power < driven.electric_power < electric


# 2. Domain: packs above one string of cells; the two regimes meet in one of sag or heat.
@given(power=st.floats(2e3, 2e4), specific=st.floats(0.3e3, 1.0e3))
@EXAMPLES
def test_2_battery_mass_is_flat_in_short_burns_and_linear_in_long_ones(power, specific):
    duration = np.array([10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 2560.0, 5120.0, 10240.0])
    pack = battery.sizing(power * duration, power, power, 0.3 * power, 50.0, Battery(specific_power=specific))
    assert (np.diff(pack.mass) >= -ROUNDING * pack.mass[1:]).all()
    assert pack.mass[0] == pytest.approx(power / specific, rel=ROUNDING)
    assert pack.mass[1] == pytest.approx(pack.mass[0], rel=ROUNDING)
    assert pack.mass[-1] / pack.mass[-2] == pytest.approx(2.0, rel=0.01)


# 3. Domain: where a joule of battery weighs less than a joule of pressure, at fixed thrust.
def test_3_longer_burns_favour_the_pump_where_its_energy_is_lighter_than_pressure():
    # Drives do not change with burn time; what changes is tanks, helium and bottles against battery.
    lander = quantity.substitute(LARGE, {"mission.insertion": np.array([700.0, 800.0, 900.0])})
    # One design for all, for the best tank pressure moves with the burn and the battery with it.
    bests = [(a, comparison.size(a, LARGE)) for a in (electric_pump, pressure_fed)]
    pumped, fed = (
        comparison.evaluate(a, lander, np.full(3, LARGE.launch_mass), np.tile(np.exp(best.design), (3, 1)))
        for a, best in bests
    )
    stored = np.diff(pumped.masses["battery"]) / np.diff(pumped.drives.stored_energy)
    assert (stored < 1.2e-5).all()  # kg/J, less than pressure's marginal cost
    assert (np.diff(pumped.payload - fed.payload) > 0.0).all()


# 4. Domain: specific powers everywhere; depth and capacity where energy rules the pack (here cells of low resistance).
@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("pump.specific_power_multiplier", (0.5, 1.0, 2.0)),
        ("motor.specific_power_multiplier", (0.5, 1.0, 2.0)),
        ("inverter.specific_power_multiplier", (0.5, 1.0, 2.0)),
        ("battery.depth", (0.9, 1.0, 1.1)),
        ("battery.specific_power", (0.2, 0.5, 1.0)),
        ("battery.health", (0.9, 1.0, 1.07)),
    ],
)
def test_4_lighter_drives_and_fuller_batteries_help_the_pump_and_leave_pressure_fed_alone(name, factors):
    ruled = {"battery.resistance_multiplier": 1.0, "battery.maximum_temperature": 360.0}
    nominal = quantity.flatten(LARGE)[name]
    lander = quantity.substitute(LARGE, {**ruled, name: nominal * np.array(factors)})
    assert (np.diff(payload(electric_pump, lander)) > -SEARCH).all()
    assert np.ptp(payload(electric_pump, lander)) > 1.0
    assert np.ptp(payload(pressure_fed, lander)) < SEARCH


# 4. Domain: packs that heat rules. What is permitted and not used costs nothing; the search leaves grams.
def test_4_a_deeper_permitted_discharge_costs_nothing_where_heat_rules_the_pack():
    cool = {"battery.maximum_temperature": LARGE.battery.temperature + 20.0}
    depths = quantity.substitute(
        LARGE, cool | {"battery.depth": LARGE.battery.depth * np.array([0.9, 0.95, 1.0])}
    )
    best = comparison.size(electric_pump, depths).sizing
    assert (best.drives.battery_temperature_rise > 19.9).all()  # of the 20 K allowed
    assert np.ptp(best.payload) < SEARCH


# 5. Domain: the tank alone; bottle and helium are linear from zero on.
@given(volume=st.floats(0.1, 1.0), low=st.floats(0.05, 0.8), high=st.floats(1.3, 5.0))
@EXAMPLES
def test_5_the_tank_is_flat_below_gauge_linear_above_and_never_vanishes(volume, low, high):
    gauge = tank.gauge_shell_mass(volume, Tank()) / tank.membrane_mass(volume, 1.0, Tank())
    floor = tank.mass(volume, 0.0, Tank())
    assert floor > Tank().fixed_mass
    assert tank.mass(volume, low * gauge, Tank()) == pytest.approx(floor, rel=2e-3)  # the blend's width
    rise = tank.mass(volume, 2.0 * high * gauge, Tank()) - tank.mass(volume, high * gauge, Tank())
    assert rise == pytest.approx(tank.membrane_mass(volume, high * gauge, Tank()), rel=5e-3)
    helium_mass = pressurant.supply_quasi_steady(
        volume, np.array([0.2e6, 0.4e6]), Pressurant(), temperature=293.15
    ).helium_mass
    assert helium_mass[1] == pytest.approx(
        2.0 * helium_mass[0], rel=0.01
    )  # a real gas is linear to a per cent


# 6. Domain: wherever there is a design. MON-3 at 40 C boils at 0.284 MPa.
@given(celsius=st.floats(0.0, 40.0), warmer=st.floats(1.0, 5.0), speed=st.floats(1e3, 4e3))
@EXAMPLES
def test_6_the_least_tank_pressure_covers_vapour_suction_and_lines_and_rises_with_temperature(
    celsius, warmer, speed
):
    def least(temperature):
        oxidiser = MON3_MMH.oxidiser
        density = propellants.density(oxidiser, temperature)
        flow = 0.7 / density
        suction = pump.required_suction_energy(speed, flow, Pump()) * density
        vapour = propellants.vapour_pressure(oxidiser, temperature)
        return vapour, vapour + suction + feed_line.suction_pressure_drop(FeedLine())

    vapour, here = least(ZERO_CELSIUS + celsius)
    assert here > vapour + feed_line.suction_pressure_drop(FeedLine())
    assert least(ZERO_CELSIUS + celsius + warmer)[1] > here


def test_6_at_forty_degrees_the_tank_holds_more_than_three_and_a_half_bar():
    hot = quantity.substitute(LARGE, {"propellant_temperature": ZERO_CELSIUS + 35.0})
    assert hot.pump_inlet_heating == 5.0
    assert comparison.size(electric_pump, hot).sizing.oxidiser_tank_pressure > 3.5 * BAR


# 7. Domain: burns of 200 s and more, whose helium comes from bottles of 24 to 33 MPa.
@given(
    pressure=st.floats(0.2e6, 1.9e6),
    duration=st.floats(200.0, 800.0),
    share=st.floats(0.1, 0.9),
    bottle=st.floats(24e6, 33e6),
)
@settings(max_examples=15)
def test_7_helium_lies_between_the_isothermal_and_the_adiabatic_need(pressure, duration, share, bottle):
    tanks = Ullage(helium_pressure=pressure, initial_volume=0.06, tank_volume=0.86, tank_area=6.0)
    burns = [Burn(duration, 0.8 * share), Burn(duration, 0.8 * (1.0 - share))]
    spec = Pressurant(bottle_pressure=bottle)
    found = pressurisation.supply(burns, tanks, spec, temperature=293.15).helium_mass
    least, most = (
        limit(0.86, pressure, spec, temperature=293.15).helium_mass
        for limit in (pressurant.isothermal_limit, pressurant.adiabatic_limit)
    )
    assert least < found < most


def test_7_a_real_bottle_at_thirty_megapascals_is_a_seventh_larger_than_an_ideal_one():
    real = float(helium.density(30e6, 293.15))
    assert 30e6 / (helium.GAS_CONSTANT * 293.15) / real == pytest.approx(1.14, abs=5e-3)


# 8. No law: cheap pressure in the tank or dear energy in the battery turn it round.
def test_8_the_best_chamber_pressures_are_results():
    dear = quantity.substitute(LARGE, {"battery.specific_energy": 40.0 * WATT_HOUR})
    fed = comparison.size(pressure_fed, LARGE).sizing.chamber_pressure
    nominal, poor = (comparison.size(electric_pump, x).sizing.chamber_pressure for x in (LARGE, dear))
    assert nominal > fed
    assert poor < nominal


# 9. Domain: the usual mixture ratio. At fixed exit diameter a doubling of pressure doubles the area ratio: 5 to 6 s.
@given(area=st.floats(60.0, 300.0))
@EXAMPLES
def test_9_equilibrium_impulse_hardly_gains_by_pressure_at_fixed_area_ratio(area):
    pressures = np.array([0.7e6, 1.4e6, 2.8e6, 5.0e6])
    impulse = combustion.ideal(MON3_MMH, pressures, 1.65, area).specific_impulse
    assert (np.diff(impulse) > 0.0).all()
    assert impulse[-1] / impulse[0] - 1.0 < 0.002


@given(pressure=st.floats(0.9e6, 3e6), area=st.floats(100.0, 180.0))
@EXAMPLES
def test_9_at_fixed_exit_diameter_a_doubling_of_pressure_gains_five_seconds(pressure, area):
    one, two = (combustion.ideal(MON3_MMH, k * pressure, 1.65, k * area).specific_impulse for k in (1.0, 2.0))
    assert 5.0 < two - one < 6.5


# 10. Domain: exhaust velocity 2.3 to 3.8 km/s; falling up to a thrust to weight of 3 (above, an ignition later than
# perilune would be cheaper).
@given(ratio=st.floats(1.0, 2.9), step=st.floats(0.01, 0.1), exhaust=st.floats(2400.0, 3700.0))
@EXAMPLES
def test_10_braking_costs_more_than_the_impulse_and_less_with_more_thrust(ratio, step, exhaust):
    more, less = (float(descent.braking(r, exhaust).delta_velocity) for r in (ratio, ratio + step))
    # From 15 x 100 km: what the descent orbit costs has been spent.
    assert more > 1692.34
    assert more > less


def test_10_a_larger_thrust_takes_power_in_proportion():
    one, two = (
        electric_pump.rated_drives(
            dataclasses.replace(LARGE, thrust=f, engines=f / 5e3, pump_sets=f / 5e3),
            318.0,
            15e5,
            PerPropellant(4.5e5, 4.5e5),
        )
        for f in (15e3, 30e3)
    )
    for line, other in zip(one, two, strict=True):
        assert other.bus_power == pytest.approx(float(line.bus_power), rel=ROUNDING)  # each, of twice as many


# 11. Domain: fixed orifices, pumps throttled by speed, tanks far below the chamber (pintle: about 1, bypass: 0).
@given(throttle=st.floats(0.5, 0.95), chamber=st.floats(1.5e6, 6e6))
@EXAMPLES
def test_11_pump_power_falls_with_the_second_to_third_power_of_throttle(throttle, chamber):
    def shaft(part):
        rise = feed_line.pump_rise(chamber, 0.2e6, FeedLine(), throttle=part)
        return float(
            pump_off_design.power_ratio(part, rise / feed_line.pump_rise(chamber, 0.2e6, FeedLine()))
        )

    exponent = np.log(shaft(throttle) / shaft(1.02 * throttle)) / -np.log(1.02)
    assert 2.0 < exponent < 3.0


def test_11_at_rest_only_the_controllers_draw_power():
    line, _ = electric_pump.rated_drives(LARGE, 318.0, 15e5, PerPropellant(4.5e5, 4.5e5))
    idle = drive.part_load_power(line, 0.0, 0.0, 300.0, LARGE.motor, LARGE.inverter)
    standing = inverter.loss(0.0, line.motor.electric_power, LARGE.inverter)
    assert idle == pytest.approx(float(standing), rel=1e-9)


# 12. Domain: one lander enlarged with all that belongs to it, at an equal number of engines and of pump sets.
@pytest.mark.parametrize("engines", [1.0, 3.0])
def test_12_at_equal_number_of_pump_sets_the_gain_grows_from_one_tonne_to_twelve(engines):
    mass = np.array([1.0, 1.5, 2.0, 2.7, 3.5, 4.5, 6.0, 8.0, 10.0, 12.0]) * 1e3
    whole = load("series3").baseline()
    scale = mass / whole.launch_mass
    lander = quantity.substitute(
        whole,
        {
            "engines": engines,
            "pump_sets": 1.0,
            "launch_mass": mass,
            "thrust": whole.thrust * scale,
            "platform_mass": whole.platform_mass * scale,
        },
    )
    pumped, fed = (comparison.size(a, lander).sizing for a in (electric_pump, pressure_fed))
    assert (pumped.status == Status.GOOD).all()
    assert (np.diff(pumped.payload - fed.payload) > 0.0).all()


# 13. Domain: the same thruster option in both, the same engine, residuals and starts aside.
ALIKE = dataclasses.replace(
    quantity.substitute(
        LARGE,
        {
            "residuals.pump_difference": 0.0,
            "residuals.start_duration": 0.0,
            "residuals.settling_velocity": 0.0,
            "residuals.sump_mass": 0.0,
        },
    ),
    reaction_control=ReactionControl(option=ThrusterOption.MONOPROPELLANT),
)


def test_13_without_a_rise_the_pump_is_the_pressure_fed_lander_with_idle_hardware():
    design = (9e5, 45.0)
    inlet = float(feed_line.inlet_pressure(design[0], ALIKE.feed_line))
    fed = pressure_fed.evaluate(ALIKE, np.array([6000.0]), *design, 2.0, 2.0)
    pumped = electric_pump.evaluate(ALIKE, np.array([6000.0]), *design, *[inlet - 1.0] * 2, 2.0, 2.0)
    idle = {"pump plumbing", "pumps", "motors", "inverters", "battery", "harness", "drive thermal control"}
    for item, mass in fed.masses.items():
        if item not in idle | {"growth"}:
            assert pumped.masses[item] == pytest.approx(mass, rel=1e-5), item
    carried = sum(pumped.masses[item] for item in idle) + pumped.masses["growth"] - fed.masses["growth"]
    assert fed.payload - pumped.payload == pytest.approx(carried, abs=0.02)
    assert pumped.electric_power < 0.01 * comparison.size(electric_pump, LARGE).sizing.electric_power


def test_13_with_perfect_drives_only_thin_tanks_and_motors_are_left():
    perfect = quantity.substitute(
        ALIKE,
        {
            "oxidiser_pump.required_efficiency": 0.95,
            "fuel_pump.required_efficiency": 0.95,
            "motor.required_efficiency": 0.99,
            "inverter.required_efficiency": 0.995,
            "pump.required_specific_power": 1e6,
            "motor.required_specific_power": 1e6,
            "inverter.required_specific_power": 1e6,
            "battery.specific_energy": 5e6,
            "battery.specific_power": 5e4,
        },
    )
    best = comparison.size(electric_pump, ALIKE)
    real, ideal = (
        comparison.evaluate(electric_pump, lander, best.sizing.launch_mass, np.exp(best.design))
        for lander in (best.lander, dataclasses.replace(perfect, tank=best.lander.tank))
    )
    assert ideal.masses["battery"] < 0.1 * real.masses["battery"]
    assert ideal.masses["motors"] + ideal.masses["inverters"] < 0.05
    assert ideal.masses["tanks"] == pytest.approx(real.masses["tanks"], rel=1e-9)
    assert comparison.size(electric_pump, perfect).sizing.payload > ideal.payload > real.payload
    assert ideal.payload > payload(pressure_fed, ALIKE)


# 14. Domain: below the specific speed of best efficiency, at fixed head and flow.
@given(flow=st.floats(1e-4, 1e-3), rise=st.floats(1e6, 4e6), speed=st.floats(1e3, 2e3))
@EXAMPLES
def test_14_doubling_the_speed_raises_efficiency_and_what_suction_it_takes(flow, rise, speed):
    slow, fast = (
        (
            pump.specific_speed(n, flow, rise / 1000.0),
            pump.efficiency(flow, rise / 1000.0, n, 1000.0, 1e-3, Pump()),
            pump.required_suction_energy(n, flow, Pump()),
        )
        for n in (speed, 2.0 * speed)
    )
    if fast[0] < Pump().best_specific_speed / 2.0:
        assert fast[1] > slow[1]
    assert fast[0] == pytest.approx(2.0 * slow[0], rel=1e-12)
    assert fast[2] == pytest.approx(2.0 ** (4.0 / 3.0) * slow[2], rel=1e-12)


# 15. Domain: batteries ruled by power, drives by mass per power, pressure's mass in proportion to time.
@given(power=st.floats(1e3, 2e4))
@EXAMPLES
def test_15_twice_the_drives_move_the_break_even_time_by_up_to_two(power):
    spec = Motor(fixed_mass=0.0, required_specific_power=1.5e3)
    drive = motor.mass(power, 3e3, spec) + inverter.mass(power, Inverter(required_specific_power=3e3))
    drive = drive + pump.mass(
        power, 3e3, Pump(required_specific_power=3e3, installation_mass=0.0, installation_share=0.0)
    )
    pack = power / Battery().specific_power
    cost_of_pressure = 1.2e-5 * 0.4 * power  # kg/s: of tank, bottle and helium, at a chain efficiency of 0.4

    def break_even(sets):
        return (sets * drive + pack) / cost_of_pressure

    assert 1.5 < break_even(2.0) / break_even(1.0) < 2.0


# 16. Domain: everywhere.
@given(voltage=st.floats(2.5, 4.2), ohm=st.floats(2e-3, 50e-3), over=st.floats(1e-6, 10.0))
@EXAMPLES
def test_16_beyond_the_matched_load_there_is_no_number(voltage, ohm, over):
    limit = voltage**2 / (4.0 * ohm)
    assert np.isnan(battery.current(limit * (1.0 + over), voltage, ohm))
    assert np.isfinite(battery.current(limit * (1.0 - 1e-9), voltage, ohm))


def test_16_a_cold_aged_pack_is_infeasible_or_heavier_never_a_clipped_number():
    sized = [
        battery.sizing(2e6, 4e3, 4e3, 2e3, 50.0, Battery(temperature=t, resistance_multiplier=3.0)).mass
        for t in (293.0, 263.0, 243.0)
    ]
    assert (np.diff(sized) > 0.0).all()
    below = Battery(depth=0.999, cell_cutoff_voltage=2.6)
    assert np.isnan(battery.sizing(2e6, 4e3, 4e3, 2e3, 50.0, below).mass)
