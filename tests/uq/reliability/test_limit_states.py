"""Public limit states against references by quadrature, within the model runs that papers publish."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import limit_states
from uq import failure_probability

MOST_RUNS = {
    "hat": 39,
    "cantilever": 27,
    "pipe crack": 10.5,
    "hypersphere": 18,
    "convex domain": 12,
    "undamped oscillator, force 0.6": 1500,
    "undamped oscillator, force 0.45": 1500,
    "damped oscillator, strength 15": 1100,
    "damped oscillator, strength 21.5": 750,
    "damped oscillator, strength 27.5": 700,
}


def case(name: str) -> limit_states.LimitCase:
    return next(c for c in limit_states.literature() + limit_states.tno() if c.name == name)


def test_references_agree_with_closed_forms():
    assert limit_states.reference("R-S") == pytest.approx(0.0786496035, rel=1e-6)
    assert limit_states.reference("RP28") == pytest.approx(1.4532e-7, rel=1e-3)
    assert limit_states.reference("RP110") == pytest.approx(3.1958e-5, rel=1e-4)


def test_a_pulse_on_a_spring_takes_a_tenth_of_the_runs_of_importance_sampling():
    one = case("undamped oscillator, force 0.6")
    found = failure_probability(one.problem, "margin", below=0.0, seed=3)
    assert found.trusted
    assert found.probability == pytest.approx(limit_states.reference(one.name), rel=0.3)
    assert found.runs <= 400
    assert found.importance.sum() == pytest.approx(1.0)
    assert (
        found.inputs[int(np.argmax(found.importance))] == "x4"
    )  # the displacement at which the spring yields


@pytest.mark.parametrize("name", ["hat", "cantilever", "pipe crack", "hypersphere", "convex domain"])
def test_smooth_margins_of_two_inputs_take_no_more_than_half_again_the_published_runs(name):
    one = case(name)
    found = failure_probability(one.problem, "margin", below=0.0, seed=7)
    assert found.trusted
    assert found.method == "response surface"
    assert found.probability == pytest.approx(limit_states.reference(name), rel=0.1)
    assert found.interval[0] <= limit_states.reference(name) <= found.interval[1]
    assert found.runs <= MOST_RUNS[name]


@pytest.mark.slow
def test_a_jump_in_one_variable_is_right_or_said_not_to_be_trusted():
    one = case("RP77")
    found = failure_probability(one.problem, "margin", below=0.0, max_runs=3000)
    ratio = found.probability / limit_states.reference(one.name)
    assert not found.trusted or 0.7 < ratio < 1.4
    assert found.runs <= 3000


@pytest.mark.slow
@pytest.mark.parametrize("name", MOST_RUNS)
def test_ten_seeds_stay_within_ten_percent_with_the_runs_that_were_set(name):
    one = case(name)
    found = [failure_probability(one.problem, "margin", below=0.0, seed=seed) for seed in range(1, 11)]
    ratio = np.array([f.probability for f in found]) / limit_states.reference(name)
    assert np.sqrt(np.mean((ratio - 1.0) ** 2)) <= 0.1
    assert np.mean([f.runs for f in found]) <= MOST_RUNS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RP53", "RP57", "RP110"])
def test_a_limit_with_hidden_parts_is_never_trusted_while_wrong(name):
    """A toothed boundary, three branches, and a cliff behind a slope: seeds on which nothing was tuned."""
    one = case(name)
    for seed in range(2001, 2013):
        found = failure_probability(one.problem, "margin", below=0.0, seed=seed)
        ratio = found.probability / limit_states.reference(name)
        assert not found.trusted or 0.75 < ratio < 1.33, f"{seed}: {ratio:.2f}\n{found}"
