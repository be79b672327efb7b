"""A design without margins meets its own lander exactly; with margins each realised one moves what physics says."""

import pickle

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.fixed_design import timeline
from models.fixed_design.flight import LIMITS, NO_MARGINS, OUTPUTS, FixedTrade, Margins, design, designs, fly
from models.lander import Lander, Status

ROUNDING = 1e-12
LANDER = Lander()
ARCHITECTURES = [pressure_fed, electric_pump]
MARGINS = Margins(
    specific_impulse=0.04,
    velocity=0.02,
    propellant=0.005,
    helium=0.20,
    band=20e3,
    soak=14.0,
    inlet_temperature=15.0,
    power=0.25,
    energy=0.10,
    battery_temperature=12.0,
    bus_sharing=0.5,
)


@pytest.fixture(scope="module")
def model():
    return FixedTrade(LANDER, MARGINS)


@pytest.fixture(scope="module")
def bare():
    """No margins: what would be built if everything were as required."""
    return {architecture: design(architecture, LANDER, NO_MARGINS) for architecture in ARCHITECTURES}


def column(model, name, values, others=None):
    values = np.asarray(values, dtype=np.float64)
    fixed = {key: np.full(len(values), value) for key, value in (others or {}).items()}
    return model({name: values, **fixed})


# Against the sizing.


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_design_without_margins_carries_what_the_sizing_says(bare, architecture):
    sizing = comparison.size(architecture, LANDER).sizing
    simulated = fly(bare[architecture], LANDER)
    for mine, theirs in (
        ("payload", sizing.payload),
        ("propulsion_mass", sizing.propulsion_mass),
        ("dry_mass", sizing.dry_mass),
        ("chamber_pressure", sizing.chamber_pressure),
        ("burn_time", sizing.burn_time),
    ):
        assert simulated[mine] == pytest.approx(theirs, rel=1e-9), mine
    assert simulated["status"] == Status.GOOD


def test_a_design_without_margins_is_short_of_nothing_and_long_of_nothing(bare):
    simulated = fly(bare[electric_pump], LANDER)
    load = sum(bare[electric_pump].loads)
    assert simulated["propellant_shortfall"] == pytest.approx(0.0, abs=ROUNDING * load)
    assert simulated["helium_shortfall"] == pytest.approx(0.0, abs=1e-9)
    assert simulated["tank_pressure_shortfall"] == pytest.approx(0.0, abs=1e-6)
    assert simulated["drive_power_shortfall"] == pytest.approx(0.0, abs=1e-6)
    # Of charge, power, temperature and one string the hardest rules the pack; windings run cooler than rated.
    sized = [simulated[f"{name}_shortfall"][0] for name in ("charge", "battery_power", "battery_temperature")]
    assert max(sized) <= 1e-6
    assert simulated["charge_shortfall"] > -1e-3 * simulated["electric_energy"]  # here energy rules
    assert -0.02 < simulated["electric_power_shortfall"] / simulated["electric_power"] < 0.0


def test_a_fuel_of_its_own_temperature_is_flown_as_it_was_designed():
    cool = quantity.substitute(LANDER, {"fuel_temperature_difference": -12.0})
    simulated = fly(design(electric_pump, cool, NO_MARGINS), cool)
    for name in ("propellant", "helium", "tank_pressure", "drive_power"):
        assert simulated[f"{name}_shortfall"] == pytest.approx(0.0, abs=1e-6), name
    assert fly(design(electric_pump, LANDER, NO_MARGINS), cool)["propellant_shortfall"] == pytest.approx(
        0.0, abs=1e-6
    )


def test_power_in_flight_is_that_of_the_march(bare):
    simulated = fly(bare[electric_pump], LANDER)
    marched = timeline.march(LANDER, comparison.size(electric_pump, LANDER).sizing).electric
    assert simulated["electric_power"] == pytest.approx(marched.peak_power, rel=2e-4)
    hottest = simulated["motor_temperature_shortfall"] + LANDER.motor.maximum_temperature
    assert hottest == pytest.approx(marched.highest_motor_temperature, abs=0.05)


def test_a_design_without_margins_never_carries_less_than_a_design_that_is_not_short(model):
    rng = np.random.default_rng(7)
    n = 24
    realised = {
        "thrust_chamber.efficiency": rng.normal(0.917, 0.012, n),
        "pump.efficiency_multiplier": rng.normal(1.0, 0.1, n),
        "battery.specific_energy": rng.uniform(3.3e5, 6e5, n),
        "tank.fixed_mass": rng.uniform(3.0, 9.0, n),
        "propellant_temperature": rng.uniform(285.0, 300.0, n),
    }
    simulated = model(realised)
    lander = quantity.substitute(LANDER, realised)
    for name, architecture in (("pressure_fed", pressure_fed), ("electric_pump", electric_pump)):
        best = comparison.size(architecture, lander).sizing
        good = simulated[f"{name}.status"] == Status.GOOD
        assert good.sum() >= n / 2
        assert np.all(best.payload[good] > simulated[f"{name}.payload"][good])


# What each realised moves.


def rises(values):
    return bool(np.all(np.diff(values) > 0.0))


@pytest.mark.parametrize(
    ("leaf", "worse", "short"),
    [
        ("pump.efficiency_multiplier", (1.0, 0.8, 0.6), "electric_pump.charge_shortfall"),
        ("pump.efficiency_multiplier", (1.0, 0.8, 0.6), "electric_pump.electric_power_shortfall"),
        ("pump.efficiency_multiplier", (1.0, 0.8, 0.6), "electric_pump.drive_power_shortfall"),
        ("pump.efficiency_multiplier", (1.0, 0.8, 0.6), "electric_pump.battery_temperature_shortfall"),
        ("motor.efficiency_multiplier", (1.0, 0.9, 0.8), "electric_pump.motor_temperature_shortfall"),
        ("inverter.efficiency_multiplier", (1.0, 0.9, 0.8), "electric_pump.electric_power_shortfall"),
        ("battery.health", (0.93, 0.8, 0.6), "electric_pump.charge_shortfall"),
        ("battery.specific_power", (600.0, 450.0, 300.0), "electric_pump.battery_power_shortfall"),
        ("battery.resistance_multiplier", (1.3, 2.0, 3.0), "electric_pump.battery_temperature_shortfall"),
        ("thrust_chamber.efficiency", (0.917, 0.893, 0.863), "electric_pump.propellant_shortfall"),
        ("thrust_chamber.efficiency", (0.917, 0.893, 0.863), "pressure_fed.propellant_shortfall"),
        ("mission.reserve_factor", (1.05, 1.08, 1.12), "electric_pump.propellant_shortfall"),
        ("residuals.fraction", (0.02, 0.03, 0.06), "pressure_fed.propellant_shortfall"),
        ("feed_line.pressure_drop", (2e5, 3e5, 6e5), "pressure_fed.propellant_shortfall"),
        ("feed_line.pressure_drop", (2e5, 3e5, 6e5), "electric_pump.drive_power_shortfall"),
        ("propellant_temperature", (293.0, 303.0, 318.0), "electric_pump.suction_shortfall"),
        ("pump.suction_specific_speed", (3.5, 2.5, 1.2), "electric_pump.suction_shortfall"),
        ("pump.helium_saturation", (1.0, 1.5, 2.5), "electric_pump.suction_shortfall"),
        ("pressurant.helium_multiplier", (1.0, 1.2, 1.5), "pressure_fed.helium_shortfall"),
        ("tank.pressurised_rise", (5.0, 15.0, 25.0), "pressure_fed.tank_pressure_shortfall"),
        ("tank.soak_rise", (17.5, 25.0, 30.0), "electric_pump.tank_pressure_shortfall"),
        ("bus.recharge", (1.0, 0.5, 0.0), "electric_pump.charge_shortfall"),
    ],
)
def test_what_is_worse_is_shorter(model, leaf, worse, short):
    others = {"bus.surplus": 8.0} if leaf == "bus.recharge" else None
    assert rises(column(model, leaf, worse, others)[short])


@pytest.mark.parametrize(
    ("leaf", "worse", "status"),
    [
        ("pump.efficiency_multiplier", 0.7, Status.SHORT_OF_POWER),
        ("battery.maximum_temperature", 310.0, Status.TOO_HOT),
        ("battery.health", 0.4, Status.SHORT_OF_CHARGE),
        ("thrust_chamber.efficiency", 0.85, Status.SHORT_OF_PROPELLANT),
        ("pressurant.helium_multiplier", 2.0, Status.SHORT_OF_HELIUM),
        ("pump.suction_specific_speed", 0.5, Status.SHORT_OF_SUCTION),
        ("tank.regulator_band", 9e5, Status.OVERPRESSURED),
    ],
)
def test_the_first_shortfall_has_a_name(model, leaf, worse, status):
    found = column(model, leaf, [quantity.flatten(LANDER)[leaf], worse])
    assert found["electric_pump.status"].tolist() == [Status.GOOD, status]
    assert found["status"].tolist() == [0.0, 0.0]
    assert np.all(np.isfinite(found["payload_gain"]))


@pytest.mark.parametrize(
    ("leaf", "heavier"),
    [
        ("tank.fixed_mass", (4.0, 6.0, 9.0)),
        ("tank.mass_multiplier", (0.9, 1.0, 1.2)),
        ("thrust_chamber.mass_scatter", (0.8, 1.0, 1.3)),
        ("growth.drive", (0.1, 0.25, 0.5)),
        ("pump.specific_power_multiplier", (2.0, 1.0, 0.5)),
        ("motor.specific_power_multiplier", (2.0, 1.0, 0.5)),
        ("inverter.specific_power_multiplier", (2.0, 1.0, 0.5)),
        ("battery.specific_energy", (6e5, 4.7e5, 3.2e5)),
        ("pressurant.bottle_mass_multiplier", (0.8, 1.0, 1.2)),
    ],
)
def test_heavier_hardware_carries_less_and_runs_as_well(model, leaf, heavier):
    found = column(model, leaf, heavier)
    assert rises(-found["electric_pump.payload"])
    as_well = {"suction_shortfall", "charge_shortfall", "electric_power_shortfall", "propellant_shortfall"}
    if leaf == "battery.specific_energy":
        as_well -= {"charge_shortfall"}  # a heavier casing keeps the cells cooler, and cooler cells lose more
    for name in as_well:
        # Heavier motors warm more slowly, which saves copper loss: some 100 J of 2 MJ.
        assert np.ptp(found[f"electric_pump.{name}"]) < 5e-4 * np.abs(found[f"electric_pump.{name}"]).max()


def test_a_pressure_fed_engine_loses_thrust_where_the_pump_spends_power(model):
    found = column(model, "feed_line.pressure_drop", [3e5, 5e5])
    assert found["pressure_fed.thrust_to_weight"][1] < 0.97 * found["pressure_fed.thrust_to_weight"][0]
    assert found["electric_pump.thrust_to_weight"][1] == pytest.approx(
        found["electric_pump.thrust_to_weight"][0], rel=1e-3
    )
    assert found["electric_power"][1] > 1.1 * found["electric_power"][0]


def test_the_budget_is_the_launch_mass(model):
    found = model({"thrust_chamber.efficiency": np.array([0.9, 0.93])})
    for name in ("pressure_fed", "electric_pump"):
        total = found[f"{name}.payload"] + found[f"{name}.propulsion_mass"] + LANDER.platform_mass
        assert total == pytest.approx(np.full(2, LANDER.launch_mass), rel=ROUNDING)


# Margins.


@pytest.mark.parametrize(
    ("margin", "short"),
    [
        ("specific_impulse", "propellant_shortfall"),
        ("velocity", "propellant_shortfall"),
        ("propellant", "propellant_shortfall"),
        ("helium", "helium_shortfall"),
        ("band", "tank_pressure_shortfall"),
        ("soak", "tank_pressure_shortfall"),
        ("power", "drive_power_shortfall"),
        ("power", "electric_power_shortfall"),
        ("battery_temperature", "battery_temperature_shortfall"),
    ],
)
def test_a_margin_costs_payload_and_buys_what_it_is_for(bare, margin, short):
    value = {"band": 2e5, "soak": 10.0, "battery_temperature": 15.0}.get(margin, 0.1)
    changed = fly(design(electric_pump, LANDER, Margins(**{**vars(NO_MARGINS), margin: value})), LANDER)
    without = fly(bare[electric_pump], LANDER)
    assert changed["payload"] < without["payload"] + 1e-3
    assert changed[short] < without[short]


def test_where_energy_rules_the_pack_its_margin_is_charge_left():
    cool = quantity.substitute(LANDER, {"battery.maximum_temperature": 390.0, "bus.recharge": 0.0})
    without = fly(design(electric_pump, cool, NO_MARGINS), cool)
    held = fly(design(electric_pump, cool, Margins(**{**vars(NO_MARGINS), "energy": 0.2})), cool)
    # Windings cooler than rated leave about one per cent.
    assert -0.03 < without["charge_shortfall"] / without["electric_energy"] <= 0.0
    assert held["charge_shortfall"] / held["electric_energy"] < -0.19
    assert held["payload"] < without["payload"]


def test_a_levied_requirement_is_paid_in_drives_and_protects_against_its_own_truth(model):
    # of the same kind of engine: poorer pumps alone would choose the radiation-cooled one
    levied = {"pump.efficiency_multiplier": 0.8, "chamber_kind": 2.0}
    required = FixedTrade(quantity.substitute(LANDER, levied), MARGINS)
    worse = {"pump.efficiency_multiplier": np.array([0.8])}
    assert (
        required(worse)["electric_pump.electric_power_shortfall"] < -0.1 * required(worse)["electric_power"]
    )
    assert (
        model(worse)["electric_pump.electric_power_shortfall"]
        > required(worse)["electric_pump.electric_power_shortfall"]
    )
    assert required(worse)["power_drive_mass"] > model(worse)["power_drive_mass"]
    assert required(worse)["pressure_fed.payload"] == model(worse)["pressure_fed.payload"]


def test_the_power_limit_holds_with_its_margin():
    lander = quantity.substitute(LANDER, {"power_limit": 4500.0})
    built = design(electric_pump, lander, MARGINS)
    simulated = fly(built, lander)
    assert built.drives.power_rating <= 4500.0 * (1.0 + 1e-5)
    assert simulated["electric_power"] < 4500.0 / (1.0 + MARGINS.power) * 1.1
    assert simulated["electric_power_shortfall"] == pytest.approx(
        simulated["electric_power"] - built.drives.power_rating, rel=ROUNDING
    )


def test_margins_beyond_sense_are_refused():
    with pytest.raises(ValueError, match=r"Margins.power = -1"):
        Margins(power=-1.0)


def test_a_lander_without_a_design_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="cannot land"):
        FixedTrade(Lander(launch_mass=9000.0))


# As a model.


def test_every_output_has_a_unit_and_every_limit_is_an_output(model):
    found = model({"payload": np.array([300.0, 310.0])})
    assert set(found) == set(OUTPUTS) | {"status"}
    assert all(value.shape == (2,) and value.dtype == np.float64 for value in found.values())
    assert LIMITS
    assert set(LIMITS) < set(OUTPUTS)


def test_it_travels_and_stays_the_same(model):
    other = pickle.loads(pickle.dumps(model))
    assert other == model
    draws = {"pump.efficiency_multiplier": np.linspace(0.7, 1.2, 5)}
    for name, value in model(draws).items():
        assert np.array_equal(value, other(draws)[name]), name


def test_a_row_does_not_depend_on_its_neighbours(model):
    rng = np.random.default_rng(3)
    realised = {
        "thrust_chamber.efficiency": rng.normal(0.917, 0.02, 7),
        "propellant_temperature": rng.uniform(280.0, 305.0, 7),
        "battery.resistance_multiplier": rng.uniform(1.0, 2.0, 7),
    }
    together = model(realised)
    alone = model({name: value[3:4] for name, value in realised.items()})
    for name, value in together.items():
        assert value[3] == pytest.approx(alone[name][0], rel=ROUNDING, abs=1e-9), name


def test_a_truth_out_of_range_has_a_status_and_no_numbers(model):
    found = model({"thrust_chamber.efficiency": np.array([0.917, 2.0]), "launch_mass": np.full(2, 2700.0)})
    assert found["status"].tolist() == [Status.GOOD, Status.OUT_OF_RANGE]
    assert np.isnan(found["payload_gain"][1])


@pytest.mark.parametrize(
    ("leaf", "low", "high"),
    [
        ("pump.efficiency_multiplier", 0.6, 1.3),
        ("thrust_chamber.efficiency", 0.85, 0.96),
        ("propellant_temperature", 279.0, 308.0),
        ("feed_line.pressure_drop", 1.5e5, 5e5),
        ("battery.resistance_multiplier", 1.0, 2.0),
        ("tank.soak_rise", 10.0, 30.0),
        ("mission.reserve_factor", 1.02, 1.10),
    ],
)
def test_masses_are_smooth_along_every_truth(model, leaf, low, high):
    found = column(model, leaf, np.linspace(low, high, 201))
    for name in ("payload_gain", "electric_pump.payload", "pressure_fed.payload"):
        # Fourth differences of a cubic vanish.
        assert np.abs(np.diff(found[name], 4)).max() < 1e-6 * LANDER.launch_mass, name
    for name in (
        "electric_power",
        "electric_energy",
        "electric_pump.charge_shortfall",
        "electric_pump.propellant_shortfall",
    ):
        span = np.abs(found[name]).max()
        assert np.abs(np.diff(found[name], 2)).max() < 2e-3 * span, name


def test_designs_made_together_are_those_made_alone():
    efficiency = np.array([0.8, 1.0, 1.3])
    lander = Lander()
    many = quantity.substitute(lander, {"pump.efficiency_multiplier": efficiency})
    for value, made in zip(efficiency, designs(electric_pump, many, MARGINS), strict=True):
        alone = quantity.substitute(lander, {"pump.efficiency_multiplier": float(value)})
        assert made == design(electric_pump, alone, MARGINS)


def test_sets_without_a_design_do_not_take_the_others_with_them():
    many = quantity.substitute(Lander(), {"power_limit": np.array([1e9, 50.0])})
    good, none = designs(electric_pump, many)
    assert good == design(electric_pump, Lander(power_limit=1e9))
    assert isinstance(none, Status)
    assert none is not Status.GOOD


def test_the_launch_mass_for_a_payload_exceeds_the_design_exactly_where_that_payload_cannot_be_carried(model):
    scatter = np.linspace(0.7, 1.3, 9)
    found = model({"tank.mass_multiplier": scatter})
    for name in ("pressure_fed", "electric_pump"):
        wet, carried = found[f"{name}.wet_mass"], found[f"{name}.payload"]
        assert np.array_equal(wet <= model.lander.launch_mass, carried >= model.lander.payload)
        assert np.allclose(wet + carried, model.lander.launch_mass + model.lander.payload, rtol=1e-12)
