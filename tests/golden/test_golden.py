"""What each study prints is what was approved.

Where a change means to alter it: ``python -m tests.golden --renew``, read the diff of ``tests/golden/*.md``, and commit
it with the change.
"""

import pytest

from studies.running.catalogue import studies
from tests.golden import reports

NAMES = tuple(reports.REPORTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_report_is_the_approved_one(name: str) -> None:
    lines = reports.differences(reports.path(name).read_text(encoding="utf-8"), reports.text(name))
    assert not lines, "\n".join(["renew: python -m tests.golden --renew", *lines[:60]])


def test_every_study_has_an_approved_report() -> None:
    assert set(studies()) <= set(NAMES)
    assert {path.stem for path in reports.FOLDER.glob("*.md")} == set(NAMES)


def test_a_number_that_moves_by_more_than_its_third_digit_is_a_difference_and_rounding_is_none() -> None:
    assert reports.differences("gain 10.5 kg", "gain 10.6 kg") == []
    assert reports.differences("gain 10.5 kg", "gain 10.7 kg")
    assert reports.differences("gain 10.5 kg", "loss 10.5 kg")
    assert reports.differences("gain 10.5 kg", "gain 10.5 kg\nand more")
