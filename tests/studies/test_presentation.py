"""Tables and sentences from results that were made by hand: every number on the page is traced to its field."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from models.fixed_design.operating_point import PumpPoint
from studies.analysis.drivers import Drivers
from studies.analysis.scenarios import Scenario
from studies.analysis.single_requirements import EFFICIENCY
from studies.case import load
from studies.case.units import Unit
from studies.presentation import brief, margins, sized_landers
from studies.presentation.compliance import limit_words
from studies.presentation.drive_words import drive_values, drive_words, efficiency_words
from studies.presentation.names_and_units import output_unit, output_words, percent
from uq.core.estimate import Estimate
from uq.requirements import Limit

PUMP = PumpPoint(
    liquid="oxidiser",
    efficiency=0.72,
    flow=0.79e-3,
    rise=14e5,
    speed=2600.0,
    head=100.0,
    suction=8.0,
    available=12.0,
    inlet_temperature=298.0,
    hottest_inlet=308.0,
    inlet_pressure=3e5,
    pump_power=1500.0,
    shaft_rating=2000.0,
    inverter_rating=2300.0,
    motor_efficiency=0.84,
    inverter_efficiency=0.94,
    winding_temperature=340.0,
    maximum_winding_temperature=433.0,
    diameter=0.04,
    pump_mass=2.0,
    installation_mass=0.3,
    motor_mass=1.6,
    inverter_mass=1.5,
)
FUEL = dataclasses.replace(PUMP, liquid="fuel", efficiency=0.60, pump_mass=3.0)


def test_a_required_efficiency_stands_beside_todays_estimate_of_each_pump() -> None:
    assert drive_words((PUMP, FUEL), EFFICIENCY, 1.2, today=0.9) == (
        "0.72 (today 0.54; oxidiser, 0.79 L/s, 14 bar) and 0.60 (today 0.45; fuel, 0.79 L/s, 14 bar)"
    )
    assert efficiency_words((FUEL,)) == "0.60 (fuel, 0.79 L/s, 14 bar)"


@pytest.mark.parametrize(
    ("name", "specific_power"),
    [
        ("pump.specific_power_multiplier", 1500.0 / 2.0),
        ("motor.specific_power_multiplier", 2000.0 / 1.6),
        ("inverter.specific_power_multiplier", 2300.0 / 1.5),
    ],
)
def test_a_required_specific_power_is_rating_over_mass_and_its_ratio_to_predicted(
    name: str, specific_power: float
) -> None:
    (value,) = drive_values((PUMP,), name, 0.5)
    assert (value.required, value.predicted) == pytest.approx((specific_power, 2.0 * specific_power))
    assert f"{specific_power / 1e3:.2g} kW/kg (today" in str(drive_words((PUMP,), name, 0.5, today=1.0))


def test_an_input_that_multiplies_no_prediction_of_a_drive_has_no_drive_words() -> None:
    assert drive_words((PUMP,), "battery.specific_energy", 1.0, today=1.0) is None
    assert drive_words((), EFFICIENCY, 1.0, today=1.0) is None


def test_limits_read_in_the_units_of_engineers() -> None:
    assert limit_words(Limit("electric_power", high=15e3)) == "electric power at full thrust at most 15 kW"
    assert limit_words(Limit("payload_gain", low=-5.0)) == "payload gain at least -5 kg"
    assert limit_words(Limit("electric_pump.motor_temperature_shortfall", high=0.0)) == (
        "motor temperature within its limit"
    )


def test_a_unit_with_an_offset_shows_values_steps_and_intervals() -> None:
    celsius = Unit("degC", 1.0, 273.15)
    assert celsius.shown(293.15) == pytest.approx(20.0)
    assert celsius.step(5.0) == 5.0
    shown = celsius.estimate(Estimate(293.15, 288.15, 303.15))
    assert (shown.value, shown.low, shown.high) == pytest.approx((20.0, 15.0, 30.0))
    assert output_unit("J").shown(3.6e6) == pytest.approx(1.0)
    assert output_words("electric_pump.dry_mass") == "electric pump: propulsion dry mass"
    assert percent(Estimate(0.005, 0.001, 0.0124)) == "0.5 % (0.1 to 1 %)"


def test_the_table_of_inputs_holds_quantiles_in_the_units_of_the_case() -> None:
    case = load("large")
    (table, _) = margins.inputs_section(case).parts
    rows = {row[0]: row for row in table.rows}
    (temperature,) = (i for i in case.inputs if i.name == "propellant_temperature")
    row = rows[case.titles[temperature.name]]
    unit = case.unit(temperature.name)
    assert row[2] == unit.symbol
    assert row[4:7] == tuple(unit.shown(float(temperature.distribution.ppf(p))) for p in (0.05, 0.5, 0.95))
    assert len(rows) == len(case.inputs)


def test_an_input_without_an_effect_of_its_own_moves_nothing_and_does_not_decide() -> None:
    shares = {"own": Estimate(0.1, 0.05, 0.2), "tied": Estimate(0.2, 0.1, 0.3)}
    totals = {"total own": Estimate(0.09, 0.05, 0.2), "total tied": Estimate(0.001, 0.0, 0.01)}
    gradient = np.broadcast_to([[[-1.0, 0.0]]], (4, 1, 2))
    surrogate = SimpleNamespace(
        gradient=lambda x: gradient,
        problem=SimpleNamespace(output_index=lambda name: 0, input_names=("own", "tied")),
    )
    found = Drivers(
        case=SimpleNamespace(titles={"own": "its own", "tied": "tied to it"}),
        data=SimpleNamespace(x=np.ones((4, 2)) * np.arange(4)[:, None]),
        summaries={},
        learned=SimpleNamespace(test=SimpleNamespace(x=np.zeros((4, 2))), surrogate=surrogate),
        shares={"payload_gain": shares},
        indices={"payload_gain": SimpleNamespace(estimates=totals)},
        reference=None,
    )
    assert found.foremost("payload_gain", 1) == ["tied"]
    assert [found.moves("payload_gain", name) for name in ("own", "tied")] == [True, False]
    assert brief._decides(found) == "hurts: its own"


def test_scenarios_stand_in_the_table_as_they_are() -> None:
    mean, low, chance = Estimate(10.0, 8.0, 12.0), Estimate(-5.0, -7.0, -3.0), Estimate(0.6, 0.5, 0.7)
    section = sized_landers.scenarios_section({"one": Scenario("first", mean, low, chance, 30, 32)})
    (table,) = (part for part in section.parts if hasattr(part, "rows"))
    assert table.rows == (("first", mean, low, chance, 30.0, 32.0),)
    (drawn,) = (part for part in section.parts if hasattr(part, "svg"))
    assert "first: 10 kg, 60%" in drawn.alt


def test_the_confirmation_says_of_each_claim_whether_it_stands() -> None:
    def verdict(p: float) -> SimpleNamespace:
        return SimpleNamespace(estimate=Estimate(p, p - 0.02, p + 0.02), requirements=())

    items = [SimpleNamespace(claimed=verdict(0.8), fresh=verdict(p), runs=600) for p in (0.79, 0.6)]
    confirmations = SimpleNamespace(items=items, stands=lambda k: k == 0)
    requirements = SimpleNamespace(
        case=load("large"), fresh=SimpleNamespace(claims=("joint", "gain"), confirmations=confirmations)
    )
    (table,) = margins.confirmation_section(requirements).parts
    assert [row[-1] for row in table.rows] == ["stands", "falls"]
    assert [row[0] for row in table.rows] == ["all limits", "the case's own limits"]
    assert [row[3].value for row in table.rows] == [0.79, 0.6]
    assert all(row[1] == "today's best estimates" and np.isclose(row[4], 600) for row in table.rows)
