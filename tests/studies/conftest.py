"""The main study of a lander, run once for all tests that look at what it leaves."""

import dataclasses

import pytest
from small_study import HOSTILE, SAMPLES, content

from studies.case.case import Case, load


@pytest.fixture(scope="session")
def case() -> Case:
    """The Series 3 lander with two of its scenarios, one decision, and a title that wants to be a script."""
    whole = load("series3")
    few = {name: whole.scenarios[name] for name in list(whole.scenarios)[:2]}
    options = dict(list(whole.decisions.decisions["engines"].options.items())[:2])
    engines = dataclasses.replace(whole.decisions.decisions["engines"], options=options)
    decisions = dataclasses.replace(whole.decisions, decisions={"engines": engines})
    return dataclasses.replace(whole, title=f"{whole.title} {HOSTILE}", scenarios=few, decisions=decisions)


@pytest.fixture(scope="session")
def finished(case: Case, tmp_path_factory):
    """The main study of the Series 3 lander in a folder: the folder, its report, and what it says of frozen designs."""
    from studies import pump_requirements
    from studies.presentation.specification import files
    from studies.running.output_folder import claim, finish

    folder = tmp_path_factory.mktemp("study") / "out"
    begun = claim(folder, study="pump-requirements", case=case, seed=1)
    report, requirements = pump_requirements.reported(case, samples=SAMPLES, output=folder)
    files.keep(content(requirements), folder)
    finish(begun, report)
    return folder, report, requirements
