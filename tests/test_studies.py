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
