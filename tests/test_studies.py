"""Every study answers its question twice with the same words, figures and tables."""

import importlib
import json

import pytest

from studies import cli
from studies.case import Case, load
from uq.report.page import page
from uq.surrogates.archive import load_surrogate

SAMPLES = 64


@pytest.fixture(scope="module")
def case() -> Case:
    """The large lander with two of its scenarios."""
    import dataclasses

    whole = load("large")
    few = {name: whole.scenarios[name] for name in list(whole.scenarios)[:2]}
    return dataclasses.replace(whole, scenarios=few)


@pytest.mark.parametrize("name", cli.studies())
def test_a_study_gives_the_same_report_twice_whatever_the_workers_and_the_folder(
    name: str, case: Case, tmp_path
) -> None:
    module = importlib.import_module(f"studies.{name.replace('-', '_')}")
    first = module.run(case, samples=SAMPLES, seed=3, output=tmp_path / "out")
    second = module.run(case, samples=SAMPLES, seed=3, workers=2)
    assert first == second
    assert first.study == name
    assert first.answer
    text = page(first)
    for line in first.answer:
        assert line
    assert text.startswith("<!doctype html>")
    assert all(figure.alt for figure in first.figures)
    assert len({t.name for t in first.tables}) == len(first.tables)
    assert len({f.name for f in first.figures}) == len(first.figures)


def test_the_main_study_resumes_from_its_folder_and_leaves_data_and_surrogates(
    case: Case, tmp_path, capsys
) -> None:
    from studies import pump_requirements
    from uq.dataset import Dataset

    seen: list[str] = []
    first = pump_requirements.run(case, samples=SAMPLES, output=tmp_path)
    again = pump_requirements.run(
        case, samples=SAMPLES, output=tmp_path, watch=lambda stage, done: seen.append(stage)
    )
    assert again == first
    data = Dataset.load(tmp_path / "samples")
    assert len(data) == SAMPLES
    surrogate = load_surrogate(tmp_path / "surrogates.bin")
    assert "payload_gain" in surrogate.problem.output_names
    assert capsys.readouterr().out == ""
    assert json.dumps(list(first.answer))


def test_the_published_cases_are_met_line_by_line() -> None:
    from studies.published import lines

    for line in lines():
        assert line.met, line


def test_a_lander_without_drives_need_not_be_designed_again_when_only_drives_differ(case: Case) -> None:
    import numpy as np

    from models import quantity
    from models.frozen import FrozenTrade, Margins
    from studies.flown import FREE, REQUIRED, problem

    truth, best = problem(case, Margins())
    asked = {**best, REQUIRED + "pump.efficiency_multiplier": 1.1, "power_limit": 12e3}
    short_cut = truth.model.trade(asked)
    leaves = {name.removeprefix(REQUIRED): value for name, value in asked.items()}
    in_full = FrozenTrade(quantity.substitute(case.baseline(), leaves), Margins())
    assert short_cut.pressure_fed == in_full.pressure_fed
    assert short_cut.electric_pump == in_full.electric_pump
    columns = {i.name: np.full(3, float(i.distribution.ppf(0.5))) for i in case.inputs}
    one, other = short_cut(columns), in_full(columns)
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in other)
    assert best["power_limit"] == FREE


def test_requirements_of_the_main_study_lead_back_to_their_runs(case: Case, tmp_path) -> None:
    from studies import pump_requirements
    from uq.dataset import Dataset
    from uq.requirements import check, read

    pump_requirements.run(case, samples=SAMPLES, output=tmp_path)
    told = read((tmp_path / "requirements.json").read_text(encoding="utf-8"))
    found = check(told, lambda name: Dataset.load(tmp_path / name))
    assert told
    assert found.holds, str(found)
