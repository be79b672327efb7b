"""Theoretical performance against direct equilibrium calls, delivered performance against flown engines."""

import csv
from pathlib import Path

import numpy as np
import pytest

from models.properties import combustion
from models.properties.propellants import LOX_LCH4, MON3_MMH, MON3_N2H4, MON25_MMH
from models.quantity import STANDARD_GRAVITY

REFERENCE = Path(__file__).parents[2] / "reference"
PAIRS = {pair.table: pair for pair in (MON3_MMH, MON25_MMH, MON3_N2H4, LOX_LCH4)}
INTERPOLATION = 3e-5
"""Allowed of specific impulse: half a kilogram a tonne is 5e-4."""


def read(name):
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    (
        "pair",
        "ratio",
        "megapascal",
        "equilibrium",
        "frozen_chamber",
        "frozen_throat",
        "velocity",
        "temperature",
    ),
    [
        (MON3_MMH, 1.65, 0.7, 345.17, 326.52, 332.90, 1738.2, 3032),
        (MON3_MMH, 1.65, 1.0, 345.27, 328.03, 334.03, 1741.8, 3059),
        (MON3_MMH, 1.65, 2.0, 345.45, 330.75, 336.00, 1747.9, 3110),
        (MON3_MMH, 1.65, 5.0, 345.63, 333.91, 338.15, 1754.1, 3170),
        (MON3_N2H4, 1.00, 1.0, 347.02, 335.45, 340.67, 1777.7, 2950),
    ],
)
def test_performance_at_area_ratio_150_is_that_of_nasas_cea(
    pair, ratio, megapascal, equilibrium, frozen_chamber, frozen_throat, velocity, temperature
):
    found = combustion.ideal(pair, megapascal * 1e6, ratio, 150.0)
    # cea, RocketCEA and Cantera differ by 0.15 % through heats of formation; the tables are cea's.
    assert found.specific_impulse == pytest.approx(equilibrium, rel=5e-5)
    assert found.specific_impulse_frozen_chamber == pytest.approx(frozen_chamber, rel=5e-5)
    assert found.specific_impulse_frozen_throat == pytest.approx(frozen_throat, rel=5e-5)
    assert found.characteristic_velocity == pytest.approx(velocity, rel=5e-5)
    assert found.chamber_temperature == pytest.approx(temperature, rel=3e-4)


def assert_rows(pair, rows):
    found = combustion.ideal(pair, *rows[:, :3].T)
    for values, reference, tolerance in (
        (found.specific_impulse * STANDARD_GRAVITY, rows[:, 3], INTERPOLATION),
        (found.specific_impulse_frozen_chamber * STANDARD_GRAVITY, rows[:, 4], INTERPOLATION),
        (found.specific_impulse_frozen_throat * STANDARD_GRAVITY, rows[:, 5], INTERPOLATION),
        (found.characteristic_velocity, rows[:, 6], INTERPOLATION),
        (found.chamber_temperature, rows[:, 7], INTERPOLATION),
        (found.gamma, rows[:, 8], INTERPOLATION),
    ):
        np.testing.assert_allclose(values, reference, rtol=tolerance)


@pytest.mark.parametrize("table", PAIRS)
def test_tables_interpolate_stored_equilibrium_calls(table):
    rows = [list(row.values())[1:] for row in read("combustion_points.csv") if row["table"] == table]
    assert len(rows) == 12
    assert_rows(PAIRS[table], np.array(rows, dtype=float))


@pytest.mark.slow
@pytest.mark.parametrize("table", PAIRS)
def test_tables_interpolate_live_equilibrium_calls(table):
    pytest.importorskip("cea")
    from models.properties.tables import generate_combustion

    pair = next(pair for pair in generate_combustion.PAIRS if pair.table == table)
    assert_rows(PAIRS[table], np.array(generate_combustion.points(pair, 150, 7)))


def test_the_equilibrium_gain_of_chamber_pressure_is_small_and_the_frozen_one_is_not():
    low, high = (combustion.ideal(MON3_MMH, pascal, 1.65, 150.0) for pascal in (0.7e6, 5e6))
    assert high.specific_impulse / low.specific_impulse - 1 == pytest.approx(0.0013, abs=5e-5)
    gain = high.specific_impulse_frozen_chamber / low.specific_impulse_frozen_chamber - 1
    assert gain == pytest.approx(0.023, abs=5e-4)


def test_nitric_oxide_moves_the_best_mixture_and_hardly_the_impulse():
    """A kilogram of MON-25 brings 6 % less oxygen than one of N2O4, so the same stoichiometry needs more of it."""
    ratios = np.linspace(1.4, 2.4, 401)
    best = []
    for pair in (MON3_MMH, MON25_MMH):
        impulse = combustion.ideal(pair, 1e6, ratios, 150.0).specific_impulse_frozen_throat
        best.append((ratios[np.argmax(impulse)], impulse.max()))
    (ratio, impulse), (richer, other) = best
    oxygen = 0.25 / 30.006 + 4.0 * 0.75 / 92.011, 4.0 / 92.011  # mol of atoms in a gram
    assert richer / ratio == pytest.approx(oxygen[1] / oxygen[0], rel=0.03)
    assert other == pytest.approx(impulse, rel=5e-3)


@pytest.mark.parametrize("axis", range(3))
def test_impulse_is_twice_continuously_differentiable_across_the_nodes(axis):
    point = np.array([np.log(0.9e6), 1.7, np.log(120.0)])
    table = combustion._table("mon3_mmh")
    place = np.round((point - table.origin) / table.step)
    step = 0.02 * table.step[axis]

    def impulse(offset):
        moved = table.origin + place * table.step
        moved[axis] += offset * step
        return combustion.ideal(MON3_MMH, np.exp(moved[0]), moved[1], np.exp(moved[2])).specific_impulse

    left, right = ((impulse(2 * side) - 2 * impulse(side) + impulse(0)) / step**2 for side in (-1, 1))
    beside = (impulse(4) - 2 * impulse(3) + impulse(2)) / step**2
    # Across the node the second derivative moves no more than along one cell: it bends, it does not jump.
    assert abs(right - left) <= 3 * abs(beside - right) + 1e-5 * impulse(0)


def test_vector_equals_scalar():
    pressure = np.geomspace(0.2e6, 12e6, 7)
    ratio, area = np.linspace(1.3, 2.4, 7), np.geomspace(5.0, 400.0, 7)
    found = combustion.ideal(MON3_MMH, pressure, ratio, area)
    for row in range(7):
        alone = combustion.ideal(MON3_MMH, float(pressure[row]), float(ratio[row]), float(area[row]))
        assert found.specific_impulse[row] == pytest.approx(float(alone.specific_impulse), rel=1e-14)
        assert found.characteristic_velocity[row] == pytest.approx(
            float(alone.characteristic_velocity), rel=1e-14
        )
    grid = combustion.ideal(MON3_MMH, pressure[:, None], 1.65, area[None, :])
    assert grid.gamma.shape == (7, 7)


@pytest.mark.parametrize(
    ("pressure", "ratio", "area"),
    [
        (0.19e6, 1.65, 100.0),
        (13e6, 1.65, 100.0),
        (1e6, 1.2, 100.0),
        (1e6, 1.65, 401.0),
        (-1.0, 1.65, 100.0),
        (np.nan, 1.65, 100.0),
        (np.inf, 1.65, 100.0),
        (1e6, np.nan, 100.0),
        (1e6, 1.65, 0.0),
    ],
)
def test_outside_the_table_is_nan_for_that_row_only(pressure, ratio, area):
    found = combustion.ideal(
        MON3_MMH, np.array([1e6, pressure]), np.array([1.65, ratio]), np.array([150.0, area])
    )
    assert np.isfinite(found.specific_impulse[0])
    assert np.isnan(found.specific_impulse[1])
    assert np.isnan(found.characteristic_velocity[1])


ENGINES = [
    {key: row[key] for key in ("name", "config_file")}
    | {
        key: float(row[key] or "nan")
        for key in (
            "F_kN",
            "Pc_MPa",
            "MR",
            "eps",
            "Isp_s",
            "Isp_CEA_eq_s",
            "estimated_flag",
            "frozen_over_eq",
        )
    }
    | {"propellant": row["propellant"]}
    for row in read("storable_engines.csv")
]
NEVER_FLEW = {"BAR-5-NMF"}
"""Left out of the calibration: a development engine, 13 % below every other, that never flew."""
OTHERS = [
    {
        "name": "S5.80",
        "Pc_MPa": 0.88,
        "eps": 153.8,
        "Isp_s": 302.0,
        "Isp_CEA_eq_s": 338.53,
        "frozen_over_eq": 0.9543,
    },
    {
        "name": "Aestus",
        "Pc_MPa": 1.1,
        "eps": 84.0,
        "Isp_s": 324.0,
        "Isp_CEA_eq_s": 346.86,
        "frozen_over_eq": 0.9287,
    },
]
"""The pressure-fed engines that flew of `hardware/engines.csv` whose pressure, mixture and area ratio are public and
that the other table lacks; equilibrium by NASA CEA as there."""


def regression(engines, *columns):
    """Ordinary least squares of efficiency: coefficients (constant first) and their standard errors."""
    left = np.column_stack([np.ones(len(engines)), *(column(engines) for column in columns)])
    right = efficiencies(engines)
    found, *_ = np.linalg.lstsq(left, right, rcond=None)
    residual = right - left @ found
    variance = residual @ residual / (len(right) - left.shape[1])
    return found, np.sqrt(np.diag(variance * np.linalg.inv(left.T @ left)))


def efficiencies(engines):
    return np.array([engine["Isp_s"] / engine["Isp_CEA_eq_s"] for engine in engines])


def freezing(engines):
    """What reaction rates leave of each engine's impulse, over what they leave of MON-3 and MMH at the reference."""
    area, frozen = (np.array([engine[key] for engine in engines]) for key in ("eps", "frozen_over_eq"))
    left = 1.0 - combustion.kinetic_loss(pressures(engines), area, frozen)
    return left / (1.0 - combustion.reference_kinetic_loss(MON3_MMH, pressures(engines)))


def pressures(engines):
    return np.array([engine["Pc_MPa"] for engine in engines]) * 1e6


def doublings(engines):
    return np.log2(pressures(engines) / combustion.REFERENCE_PRESSURE)


def doublings_of_thrust(engines):
    return np.log2([engine["F_kN"] for engine in engines])


def doublings_of_area_ratio(engines):
    return np.log2([engine["eps"] for engine in engines])


def test_the_slope_over_chamber_pressure_is_that_of_the_storable_engines():
    engines = [e for e in ENGINES if e["eps"] >= 20 and e["name"] not in NEVER_FLEW]
    assert len(engines) == 85
    found, error = regression(engines, doublings)
    assert found[1] == pytest.approx(0.0078, abs=5e-5)
    found, error = regression(engines, doublings, doublings_of_thrust, doublings_of_area_ratio)
    assert found[1] == pytest.approx(0.0065, abs=5e-5)
    assert error[1] == pytest.approx(0.0020, abs=5e-5)
    assert abs(found[2]) < error[2], "thrust has no effect, so the law has no term for small engines"
    assert (found[3], error[3]) == pytest.approx((0.0098, 0.0026), abs=5e-5), "no boundary layer is seen"


def test_engines_whose_data_are_no_estimates_leave_the_slope_in_doubt_but_within_its_prior():
    engines = [e for e in ENGINES if e["estimated_flag"] == 0 and e["name"] not in NEVER_FLEW]
    alone, alone_error = regression(engines, doublings)
    controlled, error = regression(engines, doublings, doublings_of_thrust, doublings_of_area_ratio)
    assert alone[1] == pytest.approx(0.0066, abs=5e-5)
    assert alone_error[1] == pytest.approx(0.0016, abs=5e-5)
    assert controlled[1] == pytest.approx(0.0020, abs=5e-5)
    assert error[1] == pytest.approx(0.0025, abs=5e-5)
    assert abs(controlled[1] - 0.0065) < 1.2 * 0.004, "the prior for landers, 0.0065 +- 0.004, covers both"


def test_the_default_reference_is_that_of_the_pressure_fed_engines_whose_data_are_no_estimates():
    """Area ratio 20 and more as for the slope, below 100 kN; Model 8250 of Agena has 12."""
    engines = OTHERS + [
        e
        for e in ENGINES
        if e["Pc_MPa"] < 1.5
        and e["F_kN"] < 100.0
        and e["eps"] >= 20
        and e["estimated_flag"] == 0
        and e["name"] not in NEVER_FLEW
    ]
    assert len(engines) == 16
    over = combustion.efficiency(pressures(engines), reference=0.0)
    assert (efficiencies(engines) - over).mean() == pytest.approx(0.9117, abs=5e-5), "over equilibrium alone"
    offset = efficiencies(engines) / freezing(engines) - over
    assert offset.mean() == pytest.approx(0.915, abs=5e-4)
    assert offset.std(ddof=1) == pytest.approx(0.0258, abs=5e-5)
    assert offset.std(ddof=1) * np.sqrt(1 + 1 / 16) == pytest.approx(0.0266, abs=5e-5), (
        "with the error of their mean"
    )
    flown = np.array([e["name"] != "Juno 6K Engine Block I" for e in engines])
    assert offset[flown].mean() == pytest.approx(0.9153, abs=5e-5), "the one that never flew hardly moves it"


def test_lean_aerozine_engines_deliver_less_of_equilibrium_as_reaction_rates_say():
    """Three engines of mixture ratio 1.6 and three of 2.0, pressure-fed: the only ones of one fuel at two mixtures."""
    lean, rich = (
        [
            engine
            for engine in ENGINES
            if engine["MR"] == ratio
            and ("A50" in engine["propellant"] or "Aerozine" in engine["propellant"])
            and engine["Pc_MPa"] < 1.5
            and engine["eps"] >= 40
            and engine["estimated_flag"] == 0
        ]
        for ratio in (2.0, 1.6)
    )
    assert (len(lean), len(rich)) == (3, 3)
    lost = efficiencies(lean).mean() / efficiencies(rich).mean() - 1.0
    spread = np.hypot(*(efficiencies(some).std(ddof=1) / np.sqrt(len(some)) for some in (lean, rich)))
    assert lost == pytest.approx(-0.0184, abs=1e-3)
    assert freezing(lean).mean() / freezing(rich).mean() - 1.0 == pytest.approx(lost, abs=spread)


def test_reaction_rates_move_the_best_mixture_below_that_of_equilibrium():
    ratio = np.linspace(1.5, 2.4, 901)
    best = combustion.ideal(MON3_MMH, 0.9e6, ratio, 100.0)
    held = combustion.delivered(MON3_MMH, 0.9e6, ratio, 100.0, efficiency=1.0).specific_impulse
    assert ratio[np.argmax(best.specific_impulse)] > 2.35
    assert ratio[np.argmax(held)] == pytest.approx(1.97, abs=0.05), "Aestus has 2.05"
    assert combustion.delivered(
        MON3_MMH, 0.9e6, 1.65, 75.0, efficiency=1.0
    ).specific_impulse == pytest.approx(
        float(combustion.ideal(MON3_MMH, 0.9e6, 1.65, 75.0).specific_impulse), rel=1e-5
    )


@pytest.mark.parametrize(
    ("megapascal", "ratio", "area", "throat", "impulse"),
    [
        (0.7, 1.65, 60.0, 0.030, 327.2),
        (0.9, 1.65, 120.0, 0.020, 333.9),
        (0.9, 1.90, 120.0, 0.020, 336.1),
        (2.3, 1.65, 300.0, 0.014, 343.3),
        (7.0, 1.80, 120.0, 0.020, 344.2),
    ],
)
def test_impulse_by_the_law_of_kinetics_is_that_of_the_network_it_is_fitted_to(
    megapascal, ratio, area, throat, impulse
):
    """RocketIsp 0.1.13's network of ODK at five points; throat radius, m, is in it and not in the law."""
    best = combustion.ideal(MON3_MMH, megapascal * 1e6, ratio, area)
    loss = combustion.kinetic_loss(
        megapascal * 1e6, area, best.specific_impulse_frozen_chamber / best.specific_impulse
    )
    assert best.specific_impulse * (1.0 - loss) == pytest.approx(impulse, rel=3.5e-3)


def test_the_loss_model_predicts_engines_of_families_it_has_not_seen():
    engines = [e for e in ENGINES if e["estimated_flag"] == 0 and e["name"] not in NEVER_FLEW]
    assert len(engines) == 60
    errors = []
    for family in sorted({e["config_file"] for e in engines}):
        seen = [e for e in engines if e["config_file"] != family]
        unseen = [e for e in engines if e["config_file"] == family]
        (reference, slope), _ = regression(seen, doublings)
        predicted = combustion.efficiency(
            pressures(unseen), reference=reference, slope=slope, film_cooling_loss=0.0
        )
        errors.extend(predicted / efficiencies(unseen) - 1.0)
    assert np.sqrt(np.mean(np.square(errors))) <= 0.025


@pytest.mark.parametrize(
    ("engine", "pair", "megapascal", "ratio", "area", "impulse"),
    [
        ("R-42DM", MON3_N2H4, 0.96, 1.00, 200, 327.0),
        ("LEROS-2b", MON3_MMH, 1.03, 1.65, 150, 319.5),
        ("AJ23-153", MON3_MMH, 2.41, 1.80, 136, 328.0),
        ("Aestus II", MON3_MMH, 6.00, 1.90, 300, 340.0),
        ("AJ10-190", MON3_MMH, 0.86, 1.65, 55, 316.0),
    ],
)
def test_flown_engines_deliver_what_the_calibrated_law_says(engine, pair, megapascal, ratio, area, impulse):
    efficiency = combustion.efficiency(megapascal * 1e6)
    found = combustion.delivered(pair, megapascal * 1e6, ratio, area, efficiency=efficiency)
    assert found.specific_impulse == pytest.approx(impulse, rel=0.03), engine


@pytest.mark.parametrize(
    ("engine", "megapascal", "efficiency"), [("LMDE", 0.71, 0.908), ("LMAE", 0.83, 0.927)]
)
def test_the_apollo_engines_lie_within_three_per_cent_of_the_law(engine, megapascal, efficiency):
    assert combustion.efficiency(megapascal * 1e6) == pytest.approx(efficiency, rel=0.03), engine


def test_efficiency_grows_by_its_slope_below_the_onset_of_film_cooling_and_by_less_above():
    low = combustion.efficiency(0.7e6) - combustion.efficiency(0.35e6)
    high = np.diff(combustion.efficiency(np.array([4e6, 8e6]), film_cooling_loss=0.0015))
    assert low == pytest.approx(0.0065, rel=0.01)
    assert high == pytest.approx(0.0065 - 0.0015, rel=0.01)
    assert combustion.efficiency(0.9e6) == pytest.approx(0.915, abs=3e-5)
    assert np.isnan(combustion.efficiency(-1.0))


def test_the_apollo_descent_engine_loses_26_seconds_at_a_tenth_of_its_thrust():
    assert 311.0 * combustion.throttled(0.1) == pytest.approx(285.0, abs=0.5)
    assert combustion.throttled(1.0) == 1.0
    assert np.isnan(combustion.throttled(0.0))


def test_impulse_is_thrust_coefficient_times_characteristic_velocity():
    best = combustion.ideal(MON3_MMH, 1e6, 1.65, 150.0)
    for share in (0.0, 0.5, 1.0):
        found = combustion.delivered(MON3_MMH, 1e6, 1.65, 150.0, efficiency=0.92, chamber_share=share)
        left = 0.92 * combustion.freezing(MON3_MMH, best, 1e6, 150.0)
        assert found.specific_impulse == pytest.approx(left * float(best.specific_impulse), rel=1e-14)
        exhaust = found.thrust_coefficient * found.characteristic_velocity
        assert exhaust == pytest.approx(float(found.specific_impulse) * STANDARD_GRAVITY, rel=1e-14)
        assert found.characteristic_velocity == pytest.approx(
            0.92**share * float(best.characteristic_velocity), rel=1e-14
        )
