"""Landers without a design are counted, explained and drawn."""

import dataclasses

import numpy as np
import pytest

from studies.case.case import Case, load, problem
from studies.presentation import infeasible
from uq.core.dataset import Dataset
from uq.sampling.plans import sobol_sequence


@pytest.fixture(scope="module")
def case() -> Case:
    return load("large")


def sized(case: Case, failed) -> Dataset:
    """Landers of the case, of which those fail that `failed` names by their inputs' unit coordinates (n, d)."""
    asked = problem(case)
    independent = dataclasses.replace(asked, correlation=None)
    unit = sobol_sequence(1024, asked.dimension, seed=1).unit
    x = independent.physical(unit)
    y = np.where(failed(unit)[:, None], np.nan, np.ones((len(x), len(asked.outputs))))
    return Dataset.from_arrays(x, y, problem=asked)


def test_nothing_is_said_where_every_lander_has_a_design(case: Case) -> None:
    assert infeasible.infeasible_landers(case, sized(case, lambda u: u[:, 0] > 2.0)) == ((), ())


def test_failures_by_chance_are_counted_and_not_explained(case: Case) -> None:
    random = np.random.default_rng(1).random(1024)
    text, parts = infeasible.infeasible_landers(case, sized(case, lambda u: random < 0.05))
    assert "5 %" in text[0]
    assert "as chance would have it" in text[1]
    assert parts == ()


def test_the_inputs_that_bring_failures_are_named_and_drawn(case: Case) -> None:
    text, parts = infeasible.infeasible_landers(case, sized(case, lambda u: u[:, 3] + u[:, 5] > 1.5))
    names = [case.titles.get(problem(case).input_names[j]) for j in (3, 5)]
    table, drawn = parts
    assert {row[0] for row in table.rows[:2]} == set(names)
    assert all(name in text[1] for name in names)
    assert drawn.alt.startswith("A map over")
    assert "<svg" in drawn.svg
