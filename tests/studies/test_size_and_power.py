"""Where the pump begins to pay over launch mass, and what it carries under a limit on its power."""

import dataclasses

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from studies.analysis import size_and_power
from studies.analysis.size_and_power import SizeSweep, of_size, power_front, sweep_sizes
from studies.case import load
from uq.core.estimate import Estimate

RELATIVE = 1e-4
"""Of a payload: two searches of one optimum."""


def sweep(*gains: float) -> SizeSweep:
    return SizeSweep(
        np.arange(1.0, 1.0 + len(gains)) * 1e3, tuple(Estimate(g, g - 2.0, g + 2.0) for g in gains)
    )


def test_the_break_even_size_is_where_the_mean_gain_changes_its_sign_and_its_interval_where_its_ends_do() -> (
    None
):
    at = sweep(-10.0, -4.0, 4.0, 12.0).break_even
    assert (at.value, at.low, at.high) == pytest.approx((2500.0, 2250.0, 2750.0))


def test_a_pump_that_gains_at_every_size_has_its_break_even_below_and_one_that_never_does_beyond() -> None:
    assert sweep(3.0, 4.0).break_even.value == 0.0
    assert np.isinf(sweep(-3.0, -2.5).break_even.value)


def test_the_break_even_size_is_the_last_change_of_sign() -> None:
    assert sweep(1.0, -1.0, 1.0).break_even.value == pytest.approx(2500.0)


def test_a_sweep_of_sizes_is_the_mean_gain_of_each_scaled_lander(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size_and_power, "SIZES", (3.5e3, 7e3))
    monkeypatch.setattr(size_and_power, "DRAWS", 2)
    whole = load("series3")
    case = dataclasses.replace(whole, lander=whole.baseline(), inputs=whole.inputs[:1], correlation=None)
    found = sweep_sizes(case)
    single = size_and_power._draws(case, 1)
    lander = dataclasses.replace(of_size(case.lander, 7e3))
    gains = []
    for k in range(2):
        one = quantity.substitute(lander, {name: float(column[k]) for name, column in single.items()})
        a, b = (comparison.size(module, one).sizing.payload for module in (pressure_fed, electric_pump))
        gains.append(float(np.ravel(b)[0] - np.ravel(a)[0]))
    assert found.gains[1].value == pytest.approx(np.mean(gains), abs=RELATIVE * 600.0)


def test_the_payload_rises_with_the_power_that_the_pump_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size_and_power, "DRAWS", 2)
    front = power_front(load("series3"))
    assert np.all(np.diff(front.power) > -1.0)
    assert np.all(np.diff(front.payload) > -RELATIVE * front.payload[0])
    assert np.all(front.low <= front.high)
