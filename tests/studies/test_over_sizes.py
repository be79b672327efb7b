"""Where the pump begins to pay over launch mass: the best concepts of every size, in common draws."""

from dataclasses import replace

import numpy as np
import pytest

from models.architectures.concepts import size_concepts
from studies.analysis.concepts import over_sizes
from studies.analysis.concepts.choice import best_of_each
from studies.analysis.concepts.fronts import ROUGH, medians
from studies.analysis.concepts.over_sizes import (
    SizedLanders,
    SizeSweep,
    best_of_layouts,
    for_lander,
    of_size,
    shortlist,
)
from studies.case.case import Case
from studies.presentation.brief import break_even_words
from tests.golden import reports


@pytest.fixture
def case() -> Case:
    """The Series 3 lander with the decisions of a layout."""
    whole = reports.case()
    some = {name: whole.decisions.decisions[name] for name in over_sizes.LAYOUT}
    return replace(whole, decisions=replace(whole.decisions, decisions=some))


def sweep(*gains: float) -> SizeSweep:
    """Landers of 1, 2, ... t with these mean gains."""
    draws = np.array([-2.0, 0.0, 2.0])
    return SizeSweep(
        tuple(SizedLanders(1e3 * (k + 1), {}, gain + draws, draws) for k, gain in enumerate(gains))
    )


def test_the_break_even_size_is_where_the_mean_gain_changes_its_sign_and_its_interval_where_its_ends_do() -> (
    None
):
    found = sweep(-10.0, -4.0, 4.0, 12.0)
    half = found.landers[0].mean.high - found.landers[0].mean.value
    at = found.break_even
    assert (at.value, at.low, at.high) == pytest.approx(
        (2500.0, 2500.0 - half * 125.0, 2500.0 + half * 125.0)
    )
    assert (
        break_even_words(found)
        == f"from 2.5 t of launch mass on ({at.low / 1e3:.1f} to {at.high / 1e3:.1f} t)"
    )


def test_a_pump_that_gains_at_every_size_has_its_break_even_below_and_one_that_never_does_beyond() -> None:
    assert sweep(3.0, 4.0).break_even.value == 0.0
    assert break_even_words(sweep(3.0, 4.0)) == "at every size from 1 to 2 t of launch mass"
    assert np.isinf(sweep(-3.0, -2.5).break_even.value)
    assert break_even_words(sweep(-3.0, -2.5)) == "beyond 2 t of launch mass, if at all"


def test_the_break_even_size_is_the_last_change_of_sign() -> None:
    assert sweep(1.0, -1.0, 1.0).break_even.value == pytest.approx(2500.0)


def test_sizes_without_a_design_say_nothing_of_the_break_even() -> None:
    found = sweep(-4.0, np.nan, 4.0)
    assert found.break_even.value == pytest.approx(2000.0)


def test_at_another_size_the_best_concept_is_the_best_of_all(case) -> None:
    known = shortlist(best_of_each(case))
    scaled = for_lander(case, of_size(case.lander, 7e3))
    for name, (found, row) in best_of_layouts(scaled, known).items():
        whole = size_concepts(scaled.decisions.concepts(name), samples=medians(case))
        assert found["payload"][row, 0, 0] == pytest.approx(np.nanmax(whole["payload"]), abs=2.0 * ROUGH)
        layouts = [tuple(c.options.get(n) for n in over_sizes.LAYOUT) for c in found.concepts]
        assert len(set(layouts)) == len(layouts)
