"""Outputs that jump where one regime gives way to another."""

import functools

import numpy as np
import pytest
from surrogate_problems import WAVY, fresh, sampled, wavy

from uq.core.problem import Columns, Output, Problem
from uq.surrogates.archive import save_surrogate
from uq.surrogates.composite import Switched
from uq.surrogates.loading import load_surrogate
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

DERIVATIVE = 1e-6
"""Relative error of central differences."""


def jumping(columns: Columns) -> Columns:
    """One engine where the first is better, another elsewhere: thrust is continuous, power is not."""
    better = columns["a"] + 0.5 * columns["b"] - 0.3
    y = wavy(columns)
    return {"power": np.where(better > 0.0, 6.0 + y["wavy"], 0.5 * y["linear"]), "better": better}


JUMPING = Problem(WAVY.inputs, (Output("power", "W"), Output("better", "kg")), jumping, version="jumping 1")
switched = functools.partial(Switched.fit, switch="better", fit=PolynomialChaos.fit)


@functools.cache
def learned() -> Switched:
    return switched(sampled(JUMPING, 200))


def missed(surrogate) -> float:
    """Share of variance that is not explained at fresh points."""
    data = fresh(JUMPING)
    return float(np.mean((surrogate.mean(data.x)[:, 0] - data["power"]) ** 2) / data["power"].var())


def test_a_jump_is_learnt_where_one_expansion_cannot():
    assert missed(learned()) < 0.01
    assert missed(PolynomialChaos.fit(sampled(JUMPING, 200), outputs=["power"])) > 0.02


def test_left_out_residuals_tell_the_error_at_fresh_points():
    estimated = float(np.mean(learned().residuals ** 2) / sampled(JUMPING, 200)["power"].var())
    assert missed(learned()) / 4.0 < estimated < 4.0 * missed(learned()) + 1e-4


def test_nine_in_ten_fresh_points_lie_in_their_interval():
    data = fresh(JUMPING)
    found = learned().predict(data.x)
    inside = np.abs(found.mean[:, 0] - data["power"]) <= 1.6448536 * found.std[:, 0]
    assert inside.mean() > 0.87
    assert found.mean == pytest.approx(learned().mean(data.x), rel=1e-12)


def test_the_gradient_is_that_of_the_mean_even_across_the_jump():
    data = fresh(JUMPING, 200)
    x = data.x[np.argsort(np.abs(data["better"]))[:50]]
    step = DERIVATIVE * data.x.std(axis=0)
    slope = learned().gradient(x)[:, 0]
    for j in range(x.shape[1]):
        ahead, behind = x.copy(), x.copy()
        ahead[:, j] += step[j]
        behind[:, j] -= step[j]
        wanted = (learned().mean(ahead) - learned().mean(behind))[:, 0] / (2.0 * step[j])
        assert slope[:, j] == pytest.approx(wanted, rel=1e-5, abs=1e-5 * np.abs(wanted).max())


def test_a_round_trip_through_a_file_changes_no_bit(tmp_path):
    save_surrogate(learned(), tmp_path / "jump.bin")
    again = load_surrogate(tmp_path / "jump.bin")
    x = fresh(JUMPING, 100).x
    assert np.array_equal(again.predict(x).mean, learned().predict(x).mean)
    assert np.array_equal(again.predict(x).std, learned().predict(x).std)
    assert np.array_equal(again.residuals, learned().residuals)


def test_a_regime_of_too_few_rows_is_refused():
    data = sampled(JUMPING, 60)
    few = np.flatnonzero(data["better"] > 0.0)[:3]
    with pytest.raises(ValueError, match="at least 5 are needed"):
        switched(data.where(np.sort(np.r_[np.flatnonzero(data["better"] <= 0.0), few])))
