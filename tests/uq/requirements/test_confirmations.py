"""Claims that are judged together: each one alone is judged more mildly (Bonferroni)."""

import numpy as np
import pytest
from scipy.stats import norm

from uq.requirements import Confirmation, Confirmations, Limit, Verdict
from uq.requirements.confirmation import Evidence

HALF_WIDTH = 0.02


def verdict(probability):
    """A verdict with a confidence of 90 % and a half width of 0.02."""
    interval = (probability - HALF_WIDTH, probability + HALF_WIDTH)
    return Verdict((Limit("y", low=0.0),), (), probability, interval, 0.9)


def claims(*distances):
    """Claims whose fresh probability lies so many joint half widths below what was claimed."""
    joint = np.hypot(HALF_WIDTH, HALF_WIDTH)
    return Confirmations(
        tuple(
            Confirmation(verdict(0.8), verdict(0.8 - distance * joint), 1000, Evidence((0,), (np.arange(1),)))
            for distance in distances
        ),
        (),
    )


def test_one_claim_stands_up_to_its_joint_half_width() -> None:
    assert claims(0.99).stands(0)
    assert not claims(1.01).stands(0)


def test_among_many_claims_each_may_differ_further_so_that_all_stand_together_as_often_as_one_alone() -> None:
    confidence = claims(0.0).items[0].fresh.confidence
    alone = norm.ppf(1.0 - 0.5 * (1.0 - confidence))
    for count in (2, 10):
        stretched = norm.ppf(1.0 - 0.5 * (1.0 - confidence) / count) / alone
        assert stretched > 1.1
        just, past = claims(*[0.999 * stretched] * count), claims(*[1.001 * stretched] * count)
        assert just.agrees
        assert not any(past.stands(k) for k in range(count))


def test_a_distance_counts_joint_half_widths() -> None:
    assert claims(1.5).items[0].distance == pytest.approx(1.5)
