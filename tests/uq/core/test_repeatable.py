"""Models that say something else of the same rows when they are asked again are refused, whatever they draw from."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

import uq
from uq import Input, Output, Problem, Uniform
from uq.calibration import Measurement, calibrate
from uq.core import repeatable
from uq.reliability.failure_probability import failure_probability

HELD = np.random.default_rng(1)


def of(model) -> Problem:
    return Problem((Input("a", "1", Uniform(0.0, 1.0)),), (Output("y"),), model)


def shared(columns):
    return {"y": columns["a"] + np.random.normal(size=len(columns["a"]))}  # noqa: NPY002


def standard(columns):
    return {"y": columns["a"] + random.random()}


def unseeded(columns):
    return {"y": columns["a"] + np.random.default_rng().normal(size=len(columns["a"]))}


def held(columns):
    return {"y": columns["a"] + 1e-6 * HELD.normal(size=len(columns["a"]))}


def rarely(columns):
    """Draws in one of a thousand rows."""
    wild = columns["a"] > 0.999
    return {"y": np.where(wild, np.random.random() if wild.any() else 0.0, columns["a"])}  # noqa: NPY002


def seeded_anew(columns):
    np.random.seed(1)  # noqa: NPY002
    return {"y": columns["a"] + np.random.normal(size=len(columns["a"]))}  # noqa: NPY002


RANDOM = (shared, standard, unseeded, held)


@pytest.mark.parametrize("model", RANDOM)
@pytest.mark.parametrize("rows", [10, 1000])
def test_a_campaign_refuses_a_model_that_draws(model, rows):
    with pytest.raises(ValueError, match=r"not repeatable.*an input with a law"):
        uq.campaign.run(of(model), uq.monte_carlo(rows, 1, seed=1))


def test_draws_in_another_process_are_seen_there():
    with pytest.raises(ValueError, match="not repeatable"):
        uq.campaign.run(of(unseeded), uq.monte_carlo(64, 1, seed=1), time_limit=60.0)


def test_a_draw_in_one_of_a_thousand_rows_is_seen_by_the_state_of_the_generator():
    unit = 0.9 * uq.monte_carlo(1000, 1, seed=1).unit
    unit[700] = 0.9999  # in the third block; the first one is repeated in any case
    plan = uq.Plan(unit, "given", 1)
    with pytest.raises(ValueError, match="not repeatable"):
        uq.campaign.run(of(rarely), plan)


@pytest.mark.parametrize("model", RANDOM)
def test_other_callers_of_a_model_refuse_it_too(model):
    problem = of(model)
    for ask in (
        lambda: uq.evaluate(problem, [[0.2], [0.7]]),
        lambda: uq.requirements.draw(problem, 64),
        lambda: failure_probability(problem, "y", above=0.9, max_runs=1000),
        lambda: calibrate(problem, [Measurement("y", 0.5, 0.1)]),
    ):
        with pytest.raises(ValueError, match="not repeatable"):
            ask()


def test_a_model_that_is_seeded_in_each_call_is_repeatable():
    data = uq.campaign.run(of(seeded_anew), uq.monte_carlo(300, 1, seed=1))
    assert data.counts() == {"good": 300}
    assert len(uq.evaluate(of(seeded_anew), data.x)) == 300


def test_whoever_else_draws_in_the_meantime_is_not_mistaken_for_the_model():
    def disturbed(columns):
        other = threading.Thread(target=random.random)  # such as the loop of an open notebook
        other.start()
        other.join()
        return {"y": columns["a"]}

    assert uq.campaign.run(of(disturbed), uq.monte_carlo(64, 1, seed=1)).counts() == {"good": 64}


def test_a_slow_call_is_not_repeated_unless_a_shared_generator_was_drawn_from(monkeypatch):
    monkeypatch.setattr(repeatable, "QUICK", 0.0)
    calls = []

    def slow(columns):
        calls.append(len(columns["a"]))
        return {"y": columns["a"]}

    uq.campaign.run(of(slow), uq.monte_carlo(64, 1, seed=1))
    uq.evaluate(of(slow), [[0.5], [0.6]])
    assert calls == [256, 2]
    with pytest.raises(ValueError, match="not repeatable"):
        uq.campaign.run(of(shared), uq.monte_carlo(64, 1, seed=1))


def test_sums_in_another_order_and_failures_that_come_and_go_are_no_contradiction():
    y, good = np.array([[0.1], [1.0], [np.nan]]), np.array([0, 0, -1])
    assert not repeatable.contradiction((y, good), (y * (1.0 + 1e-13), good))
    assert not repeatable.contradiction((y, good), (y, np.array([0, -2, -1])))
    assert repeatable.contradiction((y, good), (y, np.array([0, 3, -1])))
    assert repeatable.contradiction((y, good), (y + 1e-6, good))
    far = 1e12 + y
    assert repeatable.contradiction((far, good), (far + 2.0, good))
