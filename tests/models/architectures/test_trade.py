"""The two architectures: budgets that add up, best designs that are best, and the laws that a correct model obeys."""

import dataclasses
import itertools
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, off_the_shelf, pressure_fed, shared
from models.architectures.budget import POWER_DRIVE_ITEMS, PROPULSION_ITEMS
from models.components import pressurisation, pump, reaction_control, tank
from models.fixed_design import timeline
from models.flight.mission import Flight
from models.lander import Lander, Status
from models.properties import propellants
from models.properties.propellants import LOX_LCH4, PerPropellant

EXACT = 1e-9
SEARCH = 5e-3
"""kg; what the searches leave of the payload (their tolerance is 1e-3 in the predicted gain)."""

MEDIUM = Lander()
LARGE = Lander(launch_mass=6000.0, payload=650.0, platform_mass=1043.0, thrust=15e3)
DRIVES = ("pump.efficiency_multiplier", "motor.efficiency_multiplier", "inverter.efficiency_multiplier")


def payload(architecture, lander):
    return comparison.size(architecture, lander).sizing.payload


def spread(rows, seed=0):
    rng = np.random.default_rng(seed)
    return quantity.substitute(
        MEDIUM,
        {
            "thrust_chamber.efficiency": rng.normal(0.917, 0.02, rows),
            "pump.efficiency_multiplier": rng.uniform(0.8, 1.2, rows),
            "battery.specific_energy": rng.uniform(90, 170, rows) * quantity.WATT_HOUR,
            "tank.pressure_slope": rng.uniform(1.0e-5, 2.05e-5, rows),
            "propellant_temperature": rng.uniform(280.0, 305.0, rows),
        },
    )


@pytest.fixture(scope="module")
def sized():
    lander = spread(24)
    return {a: comparison.size(a, lander) for a in (pressure_fed, electric_pump)}


def test_budgets_add_up_to_the_last_gram(sized):
    for best in sized.values():
        sizing = best.sizing
        assert tuple(sizing.masses) == PROPULSION_ITEMS
        total = sum(sizing.masses.values()) + sizing.payload + MEDIUM.platform_mass
        np.testing.assert_allclose(total, sizing.launch_mass, rtol=EXACT)
        assert (sizing.status == Status.GOOD).all()


def test_pressure_fed_has_no_drives_and_draws_no_power(sized):
    sizing = sized[pressure_fed].sizing
    assert all((sizing.masses[item] == 0.0).all() for item in POWER_DRIVE_ITEMS | {"pump plumbing"})
    assert (sizing.electric_power == 0.0).all()
    assert (sizing.electric_energy == 0.0).all()


@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_a_row_does_not_depend_on_its_neighbours(sized, architecture):
    lander = spread(24)
    few = quantity.take(lander, np.array([3, 17]))
    alone = comparison.size(architecture, few).sizing
    np.testing.assert_allclose(alone.payload, sized[architecture].sizing.payload[[3, 17]], rtol=1e-12)


def test_one_lander_of_floats_equals_the_same_lander_as_a_row():
    scalar = comparison.compare(MEDIUM)
    row = comparison.compare(quantity.substitute(MEDIUM, {"launch_mass": np.array([MEDIUM.launch_mass])}))
    for name, value in scalar.items():
        np.testing.assert_allclose(row[name], value, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_no_neighbouring_design_is_better(sized, architecture):
    best = sized[architecture]
    here = np.exp(best.design)
    for direction in np.vstack([np.eye(here.shape[1]), -np.eye(here.shape[1])]):
        moved = here * np.exp(0.02 * direction)
        lower = np.array([architecture.BRANCHES[b].lower for b in best.branch])
        upper = np.array([architecture.BRANCHES[b].upper for b in best.branch])
        there = comparison.evaluate(
            architecture, best.lander, best.sizing.launch_mass, np.clip(moved, lower, upper)
        )
        assert np.nanmax(there.payload - best.sizing.payload) < SEARCH


def test_faster_or_slower_pumps_do_not_help():
    """The closed form of the pump's speed is as good as a search over it, to 0.3 kg."""
    reference = payload(electric_pump, MEDIUM)
    for factor in (0.8, 0.9, 1.1):
        ratio = factor ** (4.0 / 3.0)
        margin = MEDIUM.pump.suction_margin / ratio if factor < 1.0 else MEDIUM.pump.suction_margin
        slower = quantity.substitute(
            MEDIUM,
            {
                "pump.maximum_speed": MEDIUM.pump.maximum_speed * factor,
                "pump.best_specific_speed": MEDIUM.pump.best_specific_speed * factor,
            },
        )
        assert margin > 0.0
        assert payload(electric_pump, slower) < reference + 0.3


@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_the_wet_mass_lands_the_payload_that_was_asked(sized, architecture):
    best = sized[architecture]
    wanted = np.full(24, 230.0)
    found = comparison.launch_mass_for(architecture, best, wanted)
    np.testing.assert_allclose(found.sizing.payload, wanted, atol=1e-10 * 2700.0)
    # At the launch mass it started from, the closure gives that mass back.
    back = comparison.launch_mass_for(architecture, best, best.sizing.payload)
    np.testing.assert_allclose(back.sizing.launch_mass, best.sizing.launch_mass, atol=5 * SEARCH)


@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_the_wet_mass_carries_the_helium_of_its_own_march(sized, architecture):
    found = comparison.launch_mass_for(architecture, sized[architecture], np.full(24, 350.0)).sizing
    assert (np.abs(found.launch_mass - 2700.0) > 40.0).any()
    storage = found.storage
    marched = pressurisation.supply(
        storage.burns, storage.ullage, MEDIUM.pressurant, temperature=spread(24).propellant_temperature
    )
    np.testing.assert_allclose(storage.helium, marched.helium_mass, rtol=1e-4)


def test_electric_energy_exceeds_hydraulic_energy(sized):
    """Law 1: what the battery gives is more than flow times pressure rise over density."""
    best = sized[electric_pump].sizing
    chain = np.maximum(
        best.drives.rated.oxidiser.pump.efficiency, best.drives.rated.fuel.pump.efficiency
    ) * np.maximum(best.drives.rated.oxidiser.motor.efficiency, best.drives.rated.fuel.motor.efficiency)
    assert (chain < 1.0).all()
    assert (chain > 0.2).all()
    flow = MEDIUM.thrust / (9.80665 * best.specific_impulse)
    ratio = MEDIUM.mixture_ratio / (1.0 + MEDIUM.mixture_ratio)
    hydraulic = flow * (
        ratio * best.drives.rated.oxidiser.rise / 1440.0 + (1 - ratio) * best.drives.rated.fuel.rise / 880.0
    )
    assert (best.electric_power > hydraulic / chain).all()


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        *((name, (0.9, 0.95, 1.0, 1.04)) for name in (*DRIVES, "battery.specific_energy")),
        (
            "battery.maximum_temperature",
            (0.91, 0.93, 0.95, 0.97),
        ),  # where temperature rules the pack, not energy
    ],
)
def test_better_drives_help_the_pump_and_leave_pressure_fed_alone(name, factors):
    """Law 4."""
    nominal = quantity.flatten(MEDIUM)[name]
    lander = quantity.substitute(MEDIUM, {name: nominal * np.array(factors)})
    assert (np.diff(payload(electric_pump, lander)) > 0.0).all()
    assert np.ptp(payload(pressure_fed, lander)) < EXACT * 2700.0


def test_warm_oxidiser_asks_for_more_tank_pressure():
    """Law 6: vapour pressure eats the suction, where the wall carries nothing for free."""
    lander = quantity.substitute(
        MEDIUM,
        {
            "propellant_temperature": np.array([280.0, 290.0, 300.0, 306.0]),
            "tank.minimum_gauge": 0.0,
        },
    )
    best = comparison.size(electric_pump, lander).sizing
    suction = best.drives.rated.oxidiser.suction_pressure
    assert (suction > 0.0).all()
    assert (np.diff(best.oxidiser_tank_pressure) > 0.5 * np.diff(suction)).all()
    assert (np.diff(best.oxidiser_tank_pressure) > 0.0).all()


def test_the_tank_does_not_vanish_with_its_pressure():
    """Law 5: below the minimum gauge a lower pressure saves no shell, and the floor remains."""
    pressures = np.array([1.5e5, 2.5e5, 3.5e5])
    cool = quantity.substitute(MEDIUM, {"propellant_temperature": 278.15})
    flown = shared.fly(cool, 2700.0, 12e5, 50.0, pumped=True)
    of_both, ullages = PerPropellant(pressures, pressures), PerPropellant(2.0, 2.0)
    tanks = shared.store(cool, flown, of_both, ullages, pumped=True).tanks
    assert (tanks > 4 * cool.tank.fixed_mass).all()
    assert np.ptp(tanks) < 0.05  # what the blend of gauge and membrane leaves


def test_the_pump_gains_more_on_larger_landers():
    """Law 12, in kilograms for a given number of engines."""
    gains = [payload(electric_pump, lander) - payload(pressure_fed, lander) for lander in (MEDIUM, LARGE)]
    assert gains[1] > gains[0]


def test_a_spare_drive_on_every_line_costs_its_weight():
    """Law 15: redundancy adds drives, not energy."""
    one = comparison.size(electric_pump, MEDIUM).sizing
    two = comparison.size(electric_pump, dataclasses.replace(MEDIUM, spares_per_set=1.0)).sizing
    drives = sum(one.masses[i] for i in ("pumps", "motors", "inverters"))
    assert 1.0 * drives < one.payload - two.payload < 2.2 * drives + 30.0


def test_a_power_limit_is_kept_and_costs_payload():
    free = comparison.size(electric_pump, MEDIUM).sizing
    limits = free.electric_power * np.array([0.75, 0.85, 0.95, 2.0])
    kept = comparison.size(electric_pump, quantity.substitute(MEDIUM, {"power_limit": limits})).sizing
    assert (kept.status == Status.GOOD).all()
    assert (kept.electric_power <= limits * (1 + 1e-5)).all()
    assert (np.diff(kept.payload[:3]) > 0.0).all()
    assert kept.payload[3] == pytest.approx(free.payload[0], abs=SEARCH)


def test_what_cannot_be_has_a_status_and_no_numbers():
    lander = quantity.substitute(
        MEDIUM,
        {
            "thrust": np.array([6600.0, 3000.0, 6600.0, 6600.0]),
            "power_limit": np.array([np.inf, np.inf, 300.0, np.inf]),
            "mixture_ratio": np.array([1.65, 1.65, 1.65, -1.0]),
        },
    )
    columns = comparison.compare(lander)
    assert columns["status"].tolist() == [
        Status.GOOD,
        Status.CANNOT_LAND,
        Status.POWER_LIMITED,
        Status.OUT_OF_RANGE,
    ]
    assert np.isfinite(columns["payload_gain"][0])
    assert np.isnan(columns["payload_gain"][1:]).all()


def test_windings_beyond_their_temperature_are_a_status_and_change_no_design():
    limits = np.array([300.0, 500.0])
    sizing = comparison.size(
        electric_pump, quantity.substitute(MEDIUM, {"motor.maximum_temperature": limits})
    ).sizing
    assert sizing.status.tolist() == [Status.TOO_HOT, Status.GOOD]
    assert sizing.payload[0] == sizing.payload[1]


METHANE = dataclasses.replace(
    quantity.substitute(
        LARGE,
        {
            "mixture_ratio": 3.2,
            "propellant_temperature": 95.0,
            "tank.soak_rise": 4.0,
            "tank.pressurised_rise": 1.0,
            "pump_inlet_heating": 2.0,
        },
    ),
    propellants=LOX_LCH4,
)
"""Oxygen and methane, both subcooled to one temperature, helium as cold as they are."""


@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_subcooled_oxygen_and_methane_land_too(architecture):
    sizing = comparison.size(architecture, METHANE).sizing
    assert (sizing.status == Status.GOOD).all()
    assert (sizing.specific_impulse > 330.0).all()
    assert (sizing.payload > payload(architecture, LARGE)).all()


def test_methane_may_be_kept_warmer_than_oxygen():
    """At its own boiling point the fuel is lighter, thinner and asks for more suction; oxygen stays as it was."""
    warmer = quantity.substitute(METHANE, {"fuel_temperature_difference": np.array([0.0, 15.0])})
    sizing = comparison.size(electric_pump, warmer).sizing
    assert (sizing.status == Status.GOOD).all()
    alike = comparison.size(electric_pump, METHANE).sizing
    assert sizing.payload[0] == pytest.approx(float(alike.payload[0]), rel=EXACT)
    volume = sizing.storage.fuel_tank_volume / (sizing.masses["main propellant"] / METHANE.tank.number)
    density = [float(propellants.density(LOX_LCH4.fuel, t)) for t in (95.0, 110.0)]
    assert volume[1] / volume[0] == pytest.approx(
        density[0] / density[1], rel=0.02
    )  # loads and ullage differ a little
    windings = sizing.drives.rated.fuel.winding_temperature
    assert windings[1] - windings[0] == pytest.approx(15.0, abs=3.0)
    assert (timeline.march(warmer, sizing).status == Status.GOOD).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("propellant_temperature", 293.0),
        ("tank.soak_rise", 28.0),
        ("pump_inlet_heating", 29.0),
        ("fuel_temperature_difference", -15.0),
        ("mixture_ratio", 1.65),
    ],
)
def test_propellants_that_would_not_be_liquid_or_not_in_the_tables_are_out_of_range(name, value):
    sizing = comparison.size(electric_pump, quantity.substitute(METHANE, {name: value})).sizing
    assert sizing.status.tolist() == [Status.OUT_OF_RANGE]


def test_a_free_thrust_finds_its_own_best_in_both_architectures():
    # Two engines: a jacket closes above 2 kN each, well below the best thrust.
    pair = quantity.substitute(MEDIUM, {"engines": 2.0})
    roomy = quantity.substitute(
        pair, {"payload": np.array([290.0, 310.0]), "least_thrust": 4e3, "most_thrust": 13e3}
    )
    for architecture in (pressure_fed, electric_pump):
        best = comparison.size(architecture, roomy)
        thrust = best.sizing.thrust
        assert (best.sizing.status == Status.GOOD).all()
        assert ((thrust > 4.1e3) & (thrust < 12.9e3)).all()
        np.testing.assert_allclose(best.lander.thrust, thrust)
        for factor in (0.97, 1.0, 1.03):
            given = quantity.substitute(pair, {"thrust": factor * float(thrust[0])})
            assert payload(architecture, given) < best.sizing.payload[0] + SEARCH
        assert best.sizing.payload[0] > payload(architecture, pair) - SEARCH
        closed = comparison.launch_mass_for(architecture, best, roomy.payload)
        np.testing.assert_allclose(closed.sizing.payload, roomy.payload, atol=1e-10 * 2700.0)
        assert closed.lander.thrust[1] > closed.lander.thrust[0]


def test_a_row_of_free_thrust_does_not_depend_on_its_neighbours():
    thrust = np.array([3e3, 5e3, 6.6e3, 9e3, 20e3])
    lander = quantity.substitute(MEDIUM, {"thrust": thrust, "least_thrust": 4e3, "most_thrust": 13e3})
    for architecture in (pressure_fed, electric_pump):
        together = comparison.size(architecture, lander).sizing
        for row in (0, 3):
            alone = comparison.size(architecture, quantity.take(lander, np.array([row]))).sizing
            assert alone.payload[0] == together.payload[row]
            assert alone.thrust[0] == together.thrust[row]


def test_sampled_bounds_of_thrust_are_refused():
    lander = quantity.substitute(MEDIUM, {"least_thrust": 4e3, "most_thrust": np.array([13e3, 14e3])})
    with pytest.raises(ValueError, match="most_thrust holds 2 values"):
        comparison.size(pressure_fed, lander)


def test_a_thrust_without_room_is_the_given_one():
    for low, high in ((0.0, 0.0), (7e3, 7e3)):
        given = quantity.substitute(MEDIUM, {"least_thrust": low, "most_thrust": high})
        assert comparison.size(pressure_fed, given).sizing.thrust == MEDIUM.thrust


def test_bounds_of_thrust_that_leave_nothing_are_refused_with_both_names():
    with pytest.raises(ValueError, match=r"most_thrust = 7000 N is below least_thrust = 9000 N"):
        quantity.substitute(MEDIUM, {"least_thrust": 9e3, "most_thrust": 7e3})


def test_landing_without_one_of_three_engines_costs_gravity_losses_in_both():
    out = dataclasses.replace(LARGE, engines_out=1.0)
    for architecture in (pressure_fed, electric_pump):
        whole, less = (comparison.size(architecture, lander).sizing for lander in (LARGE, out))
        ratio = less.propulsion.flight.thrust_to_weight / whole.propulsion.flight.thrust_to_weight
        assert ratio == pytest.approx(2.0 / 3.0, rel=0.02)
        descents = [one.propulsion.flight.duration[3:].sum(axis=0) for one in (less, whole)]
        assert descents[0] > 1.4 * descents[1]
        assert 10.0 < whole.payload - less.payload < 0.02 * LARGE.launch_mass
    none = dataclasses.replace(LARGE, engines=1.0, engines_out=1.0)
    assert comparison.size(pressure_fed, none).sizing.status == Status.CANNOT_LAND


def test_every_output_has_a_unit_and_every_unit_an_output():
    assert set(comparison.compare(MEDIUM)) == {*comparison.OUTPUTS, "status"}


def test_the_unchanged_engine_gains_no_specific_impulse():
    fixed = {
        "chamber_pressure": off_the_shelf.CHAMBER_PRESSURE,
        "area_ratio": off_the_shelf.AREA_RATIO,
    }
    pumped = comparison.size(electric_pump, MEDIUM, fixed=fixed).sizing
    shelf = comparison.size(off_the_shelf, MEDIUM).sizing
    np.testing.assert_allclose(pumped.specific_impulse, shelf.specific_impulse, rtol=EXACT)
    assert (pumped.masses["tanks"] < shelf.masses["tanks"]).all()


def test_an_engine_off_the_shelf_leaves_all_other_variables_to_the_search():
    engine = {"chamber_pressure", "area_ratio"}
    assert set(off_the_shelf.DESIGN) == set(pressure_fed.DESIGN) - engine
    best = comparison.size(off_the_shelf, MEDIUM)
    for k, variable in enumerate(off_the_shelf.DESIGN):
        design = np.exp(best.design)
        design[:, k] *= 1.5
        beside = comparison.evaluate(off_the_shelf, best.lander, best.sizing.launch_mass, design)
        assert (beside.payload < best.sizing.payload - SEARCH).all(), variable


@pytest.mark.parametrize("architecture", [off_the_shelf, electric_pump])
def test_where_every_design_variable_is_held_the_one_design_is_sized(architecture):
    best = comparison.size(architecture, MEDIUM)
    (found,) = np.exp(best.design[:1])
    held = comparison.size(architecture, MEDIUM, fixed=dict(zip(architecture.DESIGN, found, strict=True)))
    assert held.design.shape == (1, 0)
    assert held.sizing.status.tolist() == [Status.GOOD]
    np.testing.assert_allclose(held.sizing.payload, best.sizing.payload, atol=SEARCH)


def test_the_one_design_of_held_variables_is_none_beyond_a_limit():
    best = comparison.size(electric_pump, MEDIUM)
    (found,) = np.exp(best.design[:1])
    fixed = dict(zip(electric_pump.DESIGN, found, strict=True))
    lander = dataclasses.replace(MEDIUM, power_limit=0.9 * float(best.sizing.electric_power[0]))
    assert comparison.size(electric_pump, lander, fixed=fixed).sizing.status == Status.POWER_LIMITED


@pytest.mark.parametrize(
    "name",
    ["thrust_chamber.efficiency", "tank.minimum_gauge", "pump.efficiency_multiplier", "residuals.fraction"],
)
def test_payload_is_smooth_along_a_sweep(name):
    """Within one active set a local cubic follows the payload within 1e-6 of the wet mass."""
    nominal = quantity.flatten(MEDIUM)[name]
    # Above 0.26 some engines are off in hover; at it, another active set begins.
    lander = quantity.substitute(
        MEDIUM, {"thrust_chamber.minimum_throttle": 0.35, name: nominal * np.linspace(0.95, 1.05, 41)}
    )
    for architecture in (pressure_fed, electric_pump):
        best = comparison.size(architecture, lander)
        lower = np.log([architecture.BRANCHES[b].lower for b in best.branch])
        held = (best.design < lower + 1e-9).any(
            axis=1
        )  # chamber pressure on its lower bound: another active set
        active = np.lib.stride_tricks.sliding_window_view(best.branch + 10 * held, 9)
        one = np.ptp(active, axis=1) == 0
        assert one.sum() > 10
        window = np.lib.stride_tricks.sliding_window_view(best.sizing.payload, 9)[one]
        basis = np.vander(np.linspace(-1, 1, 9), 4)
        rough = window.T - basis @ np.linalg.lstsq(basis, window.T, rcond=None)[0]
        assert np.abs(rough).max() < 1e-6 * MEDIUM.launch_mass


def test_pumps_turn_within_what_their_suction_allows(sized):
    drives = sized[electric_pump].sizing.drives
    lander = sized[electric_pump].lander
    flow = MEDIUM.thrust / MEDIUM.engines / (9.80665 * sized[electric_pump].sizing.specific_impulse)
    flow = flow * MEDIUM.mixture_ratio / (1 + MEDIUM.mixture_ratio) / 1420.0
    limit = pump.suction_limited_speed(flow, drives.rated.oxidiser.suction_pressure / 1420.0, lander.pump)
    assert (drives.rated.oxidiser.pump.speed <= limit * 1.02).all()


def test_small_engines_stay_radiation_cooled():
    """Below 2 kN an engine hardly closes regeneratively: however good pumps are, the other branch is taken."""
    lander = quantity.substitute(
        LARGE,
        {
            "engines": np.array([3.0, 10.0]),
            "thrust_chamber.efficiency_slope": 0.02,
            "structure.leg_slope": 0.1,
        },
    )
    best = comparison.size(electric_pump, lander)
    assert best.branch.tolist() == [1, 0]
    assert best.sizing.chamber_pressure[1] < 1.4e6


def test_bottles_that_follow_their_wall_fast_are_marched_as_well():
    """Long hovers empty small bottles slowly: at the highest likely conductance the gas lags by seconds."""
    hover = np.array([60.0, 120.0, 180.0])
    lander = quantity.substitute(MEDIUM, {"pressurant.bottle_conductance": 150.0, "mission.hover": hover})
    sizing = comparison.size(electric_pump, lander).sizing
    assert (sizing.status == Status.GOOD).all()
    fine = pressurisation.supply(
        sizing.storage.burns,
        sizing.storage.ullage,
        lander.pressurant,
        temperature=lander.propellant_temperature,
        steps=[64] * 5,
    )
    np.testing.assert_allclose(sizing.storage.helium, fine.helium_mass, rtol=1e-5)


def test_seals_of_dry_motors_cost_their_purge_leakage_and_drains_and_only_with_pumps():
    dry = quantity.substitute(MEDIUM, {"motor.canned": 0.0})
    tight = {"shaft_seal.leakage": 0.0, "shaft_seal.mass": 0.0, "shaft_seal.purge_helium": 0.0}
    free = quantity.substitute(dry, tight)
    purged = quantity.substitute(dry, tight | {"shaft_seal.purge_helium": 0.05})
    assert payload(electric_pump, free) - payload(electric_pump, purged) == pytest.approx(0.1, abs=SEARCH)
    assert payload(electric_pump, dry) < payload(electric_pump, purged) - 0.5
    assert payload(electric_pump, free) > payload(electric_pump, MEDIUM)  # no can
    assert payload(pressure_fed, dry) == payload(pressure_fed, MEDIUM)


def test_traps_cost_settling_in_both_architectures():
    trapped = quantity.substitute(MEDIUM, {"residuals.trap_settling_velocity": 2.0})
    for architecture in (pressure_fed, electric_pump):
        spent = payload(architecture, MEDIUM) - payload(architecture, trapped)
        assert MEDIUM.launch_mass * 2.0 / 2800.0 == pytest.approx(spent, rel=0.25)  # and what holds it


@pytest.mark.parametrize("leaf", ["tank.soak_rise", "tank.pressurised_rise"])
@pytest.mark.parametrize("architecture", [pressure_fed, off_the_shelf, electric_pump])
def test_hot_soaks_cost_payload(architecture, leaf):
    lander = quantity.substitute(MEDIUM, {leaf: np.array([18.0, 24.0, 30.0])})
    sizing = comparison.size(architecture, lander).sizing
    assert (sizing.status == Status.GOOD).all()
    assert (np.diff(sizing.payload) < 0.0).all()


def test_full_tanks_keep_their_least_gas_when_hottest_and_take_more_where_pressurised_ones_warm():
    """Each propellant swells its own way; a warmer coast is bought off with gas, not with wall."""
    lander = quantity.substitute(MEDIUM, {"tank.pressurised_rise": np.array([0.0, 25.0])})
    best = comparison.size(pressure_fed, lander)
    cold, hot = (
        shared.liquids(MEDIUM, MEDIUM.propellant_temperature + rise) for rise in (0.0, MEDIUM.tank.soak_rise)
    )
    for kind in ("oxidiser", "fuel"):
        left = tank.soak_ullage(
            getattr(best.sizing.storage, f"{kind}_ullage"),
            getattr(cold, f"{kind}_density"),
            getattr(hot, f"{kind}_density"),
        )
        assert left[0] == pytest.approx(MEDIUM.tank.least_hot_ullage, rel=1e-6)
        assert left[1] > 1.5 * MEDIUM.tank.least_hot_ullage
    assert (best.sizing.storage.oxidiser_ullage > best.sizing.storage.fuel_ullage).all()


def test_the_engine_off_the_shelf_has_the_best_ullage_around_it():
    warm = quantity.substitute(MEDIUM, {"tank.pressurised_rise": 20.0})
    best = comparison.size(off_the_shelf, warm)
    ratios = np.exp(best.design[0])
    assert (ratios > 1.05).all()
    for k, factor in itertools.product(range(2), (0.95, 1.05)):
        other = ratios * np.where(np.arange(2) == k, factor, 1.0)
        assert (
            off_the_shelf.evaluate(best.lander, MEDIUM.launch_mass, *other).payload < best.sizing.payload[0]
        )


def test_settling_above_traps_costs_the_momentum_of_the_lander_at_its_first_start() -> None:
    lander = quantity.substitute(Lander(), {"residuals.trap_settling_velocity": 0.5})
    flight = SimpleNamespace(start_mass=np.array([[3000.0], [2000.0]]))
    exhaust = (
        quantity.STANDARD_GRAVITY
        * reaction_control.effect(lander.reaction_control, pumped=False).specific_impulse
    )
    lost = shared.start_losses(lander, cast(Flight, flight), pumped=False)
    assert lost == pytest.approx(3000.0 * 0.5 / exhaust, rel=1e-12)
