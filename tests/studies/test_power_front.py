"""What the pump carries under a limit on its power."""

import numpy as np
import pytest

from studies.analysis import power_front as analysis
from studies.analysis.power_front import power_front
from studies.case import load

RELATIVE = 1e-4
"""Of a payload: two searches of one optimum."""


def test_the_payload_rises_with_the_power_that_the_pump_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "DRAWS", 2)
    front = power_front(load("series3"))
    assert np.all(np.diff(front.power) > -1.0)
    assert np.all(np.diff(front.payload) > -RELATIVE * front.payload[0])
    assert np.all(front.low <= front.high)
