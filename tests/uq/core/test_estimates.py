"""One way to read value and interval, whatever the question was."""

import numpy as np
import pytest

import uq
from uq.sensitivity.given_data import first_order

CONFIDENCE = 0.8


def model(c):
    return {"y": c["a"] + 2.0 * c["b"] + c["a"] * c["b"]}


PROBLEM = uq.Problem(
    (uq.Input("a", "m", uq.Normal(0.0, 1.0)), uq.Input("b", "m", uq.Normal(0.0, 1.0))),
    (uq.Output("y"),),
    model,
)


@pytest.fixture(scope="module")
def results():
    data = uq.campaign.run(PROBLEM, uq.saltelli(256, 2, seed=1))
    random = uq.campaign.run(PROBLEM, uq.monte_carlo(512, 2, seed=1))
    surrogate = uq.PolynomialChaos.fit(random)
    sample = uq.requirements.draw(PROBLEM, 512)
    question = uq.Question(sample, [uq.Limit("y", high=3.0)], confidence=CONFIDENCE)
    return {
        "indices": uq.sobol_indices(data, confidence=CONFIDENCE)["y"],
        "interactions": uq.second_order_indices(surrogate, confidence=CONFIDENCE)["y"],
        "effects": uq.shapley_effects(surrogate, confidence=CONFIDENCE)["y"],
        "summary": uq.propagate(random, above={"y": [3.0]}, confidence=CONFIDENCE)["y"],
        "rare": uq.failure_probability(PROBLEM, "y", above=7.0, confidence=CONFIDENCE),
        "verdict": uq.requirements.compliance(question),
        "measure": first_order(random, confidence=CONFIDENCE)["y"],
    }


KEYS = {
    "indices": {"first a", "first b", "total a", "total b"},
    "interactions": {"a x b"},
    "effects": {"a", "b"},
    "summary": {"mean", "std", "quantile 0.05", "quantile 0.5", "quantile 0.95", "above 3"},
    "rare": {"probability"},
    "verdict": {"all limits", "y <= 3"},
    "measure": {"a", "b"},
}


@pytest.mark.parametrize("kind", KEYS)
def test_every_result_gives_its_estimates_with_the_confidence_that_was_asked_for(results, kind):
    found = results[kind].estimates
    assert set(found) >= KEYS[kind]
    for estimate in found.values():
        assert estimate.confidence == CONFIDENCE
        assert estimate.low <= estimate.value <= estimate.high


def test_an_estimate_in_another_unit_keeps_its_confidence_and_the_order_of_its_ends():
    estimate = uq.Estimate(300.0, 290.0, 320.0, 0.8)
    assert estimate.scaled(1.0, -273.0) == uq.Estimate(27.0, 17.0, 47.0, 0.8)
    assert estimate.scaled(-1.0) == uq.Estimate(-300.0, -320.0, -290.0, 0.8)
    assert np.isnan(uq.Estimate(1.0, np.nan, np.nan).scaled(2.0).low)


def test_indices_of_no_stated_runs_say_none() -> None:
    one = np.ones(1)
    found = uq.Indices("y", ("a",), one, one, np.ones((1, 2)), np.ones((1, 2)))
    assert found.runs == 0
    assert "0 runs" in str(found)
