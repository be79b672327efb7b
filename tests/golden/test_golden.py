"""Approved reports: what counts as a difference.  `tests/studies/test_studies.py` compares the studies with them.

Where a change means to alter one: ``python -m tests.golden --renew``, read the diff of ``tests/golden/*.md``, and
commit it with the change.
"""

from studies.running.catalogue import studies
from tests.golden import reports


def test_every_study_has_an_approved_report() -> None:
    assert set(studies()) == set(reports.SAMPLES)
    assert {path.stem for path in reports.FOLDER.glob("*.md")} == set(reports.REPORTS)


def test_a_number_that_moves_by_more_than_its_third_digit_is_a_difference_and_rounding_is_none() -> None:
    assert reports.differences("gain 10.5 kg", "gain 10.6 kg") == []
    assert reports.differences("gain 10.5 kg", "gain 10.7 kg")
    assert reports.differences("gain 10.5 kg", "loss 10.5 kg")
    assert reports.differences("gain 10.5 kg", "gain 10.5 kg\nand more")
