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
    return {"y": columns["a"] + np.random.normal()}  # noqa: NPY002


def seeded_by_place(columns):
    return {"y": columns["a"] + np.random.default_rng(1).normal(size=len(columns["a"]))}


def against_the_mean(columns):
    return {"y": columns["a"] - columns["a"].mean()}


def against_the_first(columns):
    return {"y": columns["a"] / columns["a"][0]}


def ranked(columns):
    return {"y": np.argsort(np.argsort(columns["a"])).astype(float)}


def summed(columns):
    return {"y": np.cumsum(columns["a"])}


def failing_together(columns):
    return {"y": columns["a"], "status": np.full(len(columns["a"]), int(len(columns["a"]) > 3))}


IN_COMPANY = (seeded_by_place, against_the_mean, against_the_first, ranked, summed, failing_together)


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


@pytest.mark.parametrize("model", IN_COMPANY)
def test_a_model_that_looks_at_a_row_among_the_others_of_its_call_is_refused(model):
    for ask in (
        lambda: uq.campaign.run(of(model), uq.monte_carlo(300, 1, seed=1)),
        lambda: uq.evaluate(of(model), uq.monte_carlo(20, 1, seed=1).unit),
    ):
        with pytest.raises(ValueError, match=r"depends on the other rows of its call.*uq\.Single"):
            ask()


def test_a_solver_that_ends_for_all_rows_at_once_and_a_model_of_blocks_are_taken():
    def newton(columns):
        """Square root, until the slowest row has six digits: others have more."""
        x = np.ones_like(columns["a"])
        while np.abs(x * x - columns["a"]).max() > 1e-6:
            x = 0.5 * (x + columns["a"] / x)
        return {"y": x}

    def of_blocks(columns):
        if len(columns["a"]) < 10:
            raise ValueError("takes ten rows or more")
        return {"y": columns["a"]}

    for model in (newton, of_blocks):
        assert uq.campaign.run(of(model), uq.monte_carlo(64, 1, seed=1)).counts() == {"good": 64}
        assert len(uq.evaluate(of(model), uq.monte_carlo(64, 1, seed=1).unit)) == 64


def test_a_campaign_asks_three_rows_more_once_to_see_it():
    asked = []

    def plain(columns):
        asked.append(len(columns["a"]))
        return {"y": columns["a"]}

    uq.campaign.run(of(plain), uq.monte_carlo(2048, 1, seed=1))
    assert sorted(asked) == [3, *[256] * 9]


def test_sums_in_another_order_and_failures_that_come_and_go_are_no_contradiction():
    y, good = np.array([[0.1], [1.0], [np.nan]]), np.array([0, 0, -1])
    assert not repeatable.contradiction((y, good), (y * (1.0 + 1e-13), good))
    assert not repeatable.contradiction((y, good), (y, np.array([0, -2, -1])))
    assert repeatable.contradiction((y, good), (y, np.array([0, 3, -1])))
    assert repeatable.contradiction((y, good), (y + 1e-6, good))
    far = 1e12 + y
    assert repeatable.contradiction((far, good), (far + 2.0, good))
