"""A test report beside a case: what it says of the inputs, what the report says of it, and what is refused."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from models.components import pump_off_design
from studies.analysis.accounts.value_of_tests import values_of_tests
from studies.case.case import Case, from_chain, load
from studies.case.readings_file import with_readings
from studies.case.toml_file import CaseError
from studies.presentation.margins import inputs_section
from uq.core.table import Table

HEADER = (
    "quantity,flow [L/s],rise [bar],speed [rpm],rated flow [L/s],rated rise [bar],value,standard deviation,"
    "systematic,unit\n"
)
RATED = "pump.efficiency,0.80,14,25000,,,0.52,0.010,0.01,1\n"
PART = "pump.efficiency,0.60,16,25000,0.80,14,0.49,0.012,0.01,1\n"
MASS = "pump.mass,0.80,14,25000,,,1.4,0.02,,kg\n"
MULTIPLIER = "pump.efficiency_multiplier"
SMALL = 32


def read(folder: Path, text: str, name: str = "test.csv", case: str = "series3") -> Case:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return with_readings(load(case), path)


def test_a_table_of_readings_updates_the_inputs_of_the_default_lander(tmp_path: Path) -> None:
    case = read(tmp_path, HEADER + RATED + PART + MASS)
    assert case.learned is not None
    assert case.learned.changed == (
        MULTIPLIER,
        *(f"{part}.specific_power_multiplier" for part in ("pump", "motor", "inverter")),
    )
    assert case.learned.shrinkage(MULTIPLIER) > 0.95
    assert case.before().inputs == load("series3").inputs
    first, second = (m.value for m in case.learned.measurements[:2])
    interval = case.learned.law_interval(MULTIPLIER)
    assert interval.low < min(first, second)
    assert max(first, second) < interval.high


def test_a_reading_away_from_the_rated_point_follows_the_pumps_map(tmp_path: Path) -> None:
    ratio = float(np.ravel(pump_off_design.efficiency_ratio(0.75, 16.0 / 14.0))[0])
    away = (
        f"pump.efficiency,0.60,16,25000,0.80,14,{0.52 * ratio:.9f},{0.01 * ratio:.9f},{0.01 * ratio:.9f},1\n"
    )
    a, b = (read(tmp_path, HEADER + row).learned for row in (RATED, away))
    assert a is not None
    assert b is not None
    assert a.measurements[0].value == pytest.approx(b.measurements[0].value, rel=1e-7)
    assert a.measurements[0].std == pytest.approx(b.measurements[0].std, rel=1e-6)


def test_the_case_with_its_readings_is_rebuilt_from_its_files(tmp_path: Path) -> None:
    case = read(tmp_path, HEADER + RATED)
    again = from_chain(case.chain, "the folder")
    assert again.inputs == case.inputs
    assert again.text == case.text


def test_csv_and_toml_say_the_same(tmp_path: Path) -> None:
    toml = (
        '[[measurements]]\nquantity = "pump.efficiency"\nvalue = "0.52"\nstandard_deviation = "1 %"\n'
        'systematic = "0.01"\nat = { flow = "0.8 L/s", rise = "14 bar", speed = "25000 rpm" }\nsource = "x"\n'
    )
    assert read(tmp_path, HEADER + RATED).inputs == read(tmp_path, toml, "test.toml").inputs


def test_an_input_of_the_case_may_be_read_itself(tmp_path: Path) -> None:
    case = read(tmp_path, "quantity,value,standard deviation,unit\nbattery.specific_energy,150,2,Wh/kg\n")
    assert case.learned is not None
    assert case.unit("battery.specific_energy").estimate(
        case.learned.law_interval("battery.specific_energy")
    ).value == pytest.approx(149.8, abs=0.5)
    assert "battery.specific_power" in case.learned.changed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (HEADER, "holds no readings"),
        (
            HEADER.replace("standard deviation,", "") + RATED.replace("0.010,", ""),
            "lacks the column 'standard deviation'",
        ),
        (HEADER.replace("flow [L/s],rise", "flow,rise") + RATED, "has no unit"),
        (HEADER.replace("quantity", "kwantity") + RATED, "did you mean 'quantity'"),
        (HEADER + RATED.replace("0.010", "0"), "must be positive"),
        (HEADER + RATED.replace("0.010", ""), "has no standard deviation"),
        (HEADER + RATED.replace("0.52", "52"), "efficiency below 1"),
        (HEADER + RATED.replace("25000", ""), "lacks speed"),
        (HEADER + RATED.replace("pump.efficiency", "pump.eficiency"), "did you mean 'pump.efficiency'"),
        (HEADER + RATED.replace("0.52,0.010,0.01", "0.95,0.001,"), "the prior excludes the measurements"),
        (HEADER + RATED + "pump.efficiency,1\n", "has 2 cells"),
    ],
)
def test_a_wrong_report_is_answered_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CaseError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert words in message, message
    assert "test.csv" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "required_anew", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["as required", "required anew"]
)
def test_the_report_says_what_the_test_changed_and_why(
    case: Case, finished, required_anew: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studies import pump_requirements
    from studies.analysis.accounts import measured

    asked: list[Case] = []

    def as_required(drivers, *args, **options):
        """What the finished study requires, of which two thirds of the time would be made again."""
        asked.append(drivers.case)
        return finished[2]

    if not required_anew:
        for module in (pump_requirements, measured):
            monkeypatch.setattr(module, "find", as_required)
    path = tmp_path / "test.csv"
    path.write_text(HEADER + RATED + MASS, encoding="utf-8")
    learned = with_readings(load("series3"), path)
    small = dataclasses.replace(
        case, inputs=learned.inputs, correlation=learned.correlation, learned=learned.learned, scenarios={}
    )
    report, _ = pump_requirements.reported(small, samples=SMALL, confirm=16)
    assert report.brief.lines[0][0] == "What the test changed"
    section = report.sections[0]
    text = " ".join(section.text)
    assert "Pump efficiency relative to prediction: 0.97 [0.69, 1.20] before" in text
    assert "follows what it correlates with" in text
    assert "The mean payload gain goes from" in text
    assert "recommended concept" in text
    names = {part.name for part in section.parts}
    assert {"inputs-before-after", "answer-before-after", "requirements-before-after", "readings"} <= names
    answer = next(p for p in section.parts if p.name == "answer-before-after")
    assert answer.rows[0][2] != answer.rows[0][3]
    if not required_anew:
        now, before = asked
        assert [i.name for i in now.inputs] == [i.name for i in before.inputs]
        assert before.inputs == case.inputs != now.inputs


def test_perfect_tests_are_worth_more_than_poor_ones(case: Case) -> None:
    test = case.tests["engine_impulse"]
    sharp, poor = (
        dataclasses.replace(case.tests["low_pressure_tank"], readings={n: s * f for n, s in r.items()})
        for r, f in (
            (case.tests["low_pressure_tank"].readings, 0.2),
            (case.tests["low_pressure_tank"].readings, 30.0),
        )
    )
    few = dataclasses.replace(case, tests={"sharp": sharp, "poor": poor, "impulse": test})
    found = values_of_tests(few, samples=64, outcomes=64, seed=1)
    worth = {one.name: one for one in found.tests}
    assert worth["sharp"].value.value > worth["poor"].value.value
    assert worth["poor"].value.value < 0.2
    assert found.perfect.value > worth["sharp"].value.value
    assert found.tests[0].confirmed is not None
    assert found.wanted < case.wanted_probability  # out of reach
    assert {"pump.efficiency_multiplier", "motor.specific_power_multiplier"} <= set(found.required)
    assert set(found.required) <= {i.name for i in case.inputs if i.role == "requirement"}
    assert all(set(one.required) <= set(found.required) - set(one.test.inputs) for one in found.tests)
    tank, blunt = worth["sharp"].required, worth["poor"].required
    assert tank["pump.efficiency_multiplier"].value > 3.0 * blunt["pump.efficiency_multiplier"].value
    assert found.tests[0].confirmed.high > 0.0


def test_every_study_says_which_laws_the_readings_updated(tmp_path: Path) -> None:
    table = inputs_section(read(tmp_path, HEADER + RATED)).parts[0]
    assert isinstance(table, Table)
    sources = [str(row[-1]) for row in table.rows if "pump efficiency" in str(row[0])]
    assert any(source.startswith("updated by ") for source in sources), sources
    plain = inputs_section(load("series3")).parts[0]
    assert isinstance(plain, Table)
    assert not any(str(row[-1]).startswith("updated by ") for row in plain.rows)
