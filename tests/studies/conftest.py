"""The main study of a lander, run once for all tests that look at what it leaves."""

import pytest
from small_study import content

from studies.case.case import Case
from tests.golden import reports


@pytest.fixture(scope="session")
def case() -> Case:
    """Of the approved reports."""
    return reports.case()


@pytest.fixture(scope="session")
def finished(case: Case, tmp_path_factory):
    """The main study of the Series 3 lander in a folder: the folder, its report, and what it says of fixed designs."""
    from studies.presentation.specification import files
    from studies.running.output_folder import claim, finish

    folder = tmp_path_factory.mktemp("study") / "out"
    begun = claim(folder, study="pump-requirements", case=case, seed=reports.SEED)
    report, requirements = reports.reported(folder)
    files.keep(content(requirements), folder)
    finish(begun, report)
    return folder, report, requirements
