"""Intervals of means and standard deviations against laws whose groups are skewed, heavy-tailed, or two values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from uq.core.confidence_intervals import group_errors, skewed, std_interval, student, tail_note

S = 0.8
LAWS = {
    "uniform": (lambda r, n: r.random(n), 1.0 / np.sqrt(12.0)),
    "normal": (lambda r, n: r.standard_normal(n), 1.0),
    "exponential": (lambda r, n: r.exponential(size=n), 1.0),
    "lognormal": (
        lambda r, n: np.exp(S * r.standard_normal(n)),
        np.sqrt(np.exp(S**2) * np.expm1(S**2)),
    ),
    "Student, 5 degrees": (lambda r, n: r.standard_t(5, n), np.sqrt(5.0 / 3.0)),
}


def std_covered(draw, exact: float, n: int, groups: int, repeats: int) -> float:
    rng, hits = np.random.default_rng(1), 0
    for _ in range(repeats):
        y = draw(rng, n)
        member = np.repeat(np.arange(groups), n // groups)
        e, squares = y - y.mean(), (y - y.mean()) ** 2
        low, high = std_interval(
            y.var(ddof=1), group_errors(squares - squares.mean(), member), group_errors(e, member), 0.9
        )
        hits += low <= exact <= high
    return hits / repeats


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("groups", [32, 1024])
def test_ninety_percent_intervals_of_a_standard_deviation_cover_ninety_percent(name, groups):
    """2,000 repeats, standard error 0.7 %: no allowance is made for it."""
    draw, exact = LAWS[name]
    assert 0.87 <= std_covered(draw, exact, 1024, groups, 2000) <= 0.93


def test_two_equally_likely_values_have_a_standard_deviation_without_error_of_first_order():
    assert std_covered(lambda r, n: (r.random(n) < 0.5) * 1.0, 0.5, 1024, 1024, 500) >= 0.87


def test_an_interval_reaches_further_where_the_squares_do():
    errors = np.random.default_rng(2).exponential(size=64)
    below, above = skewed(errors, 0.9)
    assert above > 1.2 * below > 0.0
    mirrored = skewed(-errors, 0.9)
    assert mirrored == (student(errors, 0.9),) * 2


def test_student_s_interval_of_normal_groups_has_nearly_its_textbook_width():
    rng = np.random.default_rng(3)
    ratio = []
    for _ in range(200):
        e = rng.standard_normal(16)
        ratio.append(student(e, 0.9) / (special.stdtrit(15, 0.95) * e.std(ddof=1) / 4.0))
    assert min(ratio) >= 1.0 - 1e-12
    assert np.mean(ratio) < 1.02


def test_groups_that_lost_rows_weigh_as_much_as_the_rows_they_kept():
    rows = np.array([1.0, -1.0, 2.0, 0.0, -2.0])
    errors = group_errors(rows, np.array([0, 0, 1, 1, 2]))
    assert errors.mean() == pytest.approx(rows.mean(), abs=1e-15)
    assert errors == pytest.approx([0.0, 1.2, -1.2])


def test_a_tail_that_one_row_makes_is_told_and_a_normal_one_is_not():
    rng = np.random.default_rng(4)

    def found(draw, n):
        squares = (lambda y: (y - y.mean()) ** 2)(draw(n))
        return bool(tail_note(squares.max(), squares.sum(), n))

    for n in (16, 64, 1024):
        assert np.mean([found(rng.standard_normal, n) for _ in range(300)]) < 0.1
        assert np.mean([found(lambda k: np.exp(1.5 * rng.standard_normal(k)), n) for _ in range(300)]) > 0.7
    assert tail_note(0.0, 0.0, 10) == ()


def test_three_groups_are_enough_to_lean():
    below, above = skewed(np.array([-1.0, -1.0, 2.0]), 0.9)
    assert below < above
    below, above = skewed(np.array([-1.0, 1.0]), 0.9)
    assert below == above
