"""Along a sweep of any uncertain input, the best designs change smoothly: what surrogates and optimisers rest on."""

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.components import battery
from models.lander import Status
from studies.case.case import load

CASE = load("medium")
POINTS, WINDOW = 201, 7
OF_WET_MASS = 1e-6
GAIN = 0.02
"""kg, of payload gain."""
ACROSS = 0.05
"""kg, what a local cubic may miss where a window holds two active sets: masses are continuous, slopes are not."""


def roughness(values):
    """Largest deviation of each window of neighbours from its own cubic."""
    windows = np.lib.stride_tricks.sliding_window_view(values, WINDOW).T
    basis = np.vander(np.linspace(-1.0, 1.0, WINDOW), 4)
    return np.abs(windows - basis @ np.linalg.lstsq(basis, windows, rcond=None)[0]).max(axis=0)


def active_set(architecture, best, lander):
    """(n, k): branch, bounds that hold, engines off in hover, and with pumps what rules the battery."""
    lower, upper = (
        np.log([getattr(architecture.BRANCHES[k], side) for k in best.branch]) for side in ("lower", "upper")
    )
    sizing = best.sizing
    marks = [
        best.branch,
        *(best.design < lower + 1e-9).T,
        *(best.design > upper - 1e-9).T,
        np.isclose(sizing.propulsion.flight.throttle[-1], lander.thrust_chamber.minimum_throttle, atol=1e-9),
    ]
    if architecture is electric_pump:
        pack = battery.sizing(
            sizing.drives.stored_energy,
            sizing.drives.mean_power,
            sizing.electric_power,
            sizing.drives.terminal_power,
            lander.harness.bus_voltage,
            lander.battery,
        )
        rules = (pack.by_energy, pack.by_power, pack.by_sag, pack.by_temperature, pack.by_string)
        marks.append(np.argmax(np.stack([np.broadcast_to(rule, (POINTS,)) for rule in rules]), axis=0))
    return np.stack(marks, axis=1).astype(np.float64)


@pytest.mark.slow
@pytest.mark.parametrize("name", [each.name for each in CASE.inputs])
def test_payloads_follow_a_local_cubic_within_one_active_set_and_are_continuous_across(name):
    law = next(each.distribution for each in CASE.inputs if each.name == name)
    # Even steps of the logarithm where a law spans more than a factor of three.
    low, high = float(law.ppf(0.01)), float(law.ppf(0.99))
    values = (
        np.geomspace(low, high, POINTS) if low > 0.0 and high > 3.0 * low else np.linspace(low, high, POINTS)
    )
    lander = quantity.substitute(CASE.baseline(), {name: values})
    payloads, sets = [], []
    for architecture in (pressure_fed, electric_pump):
        best = comparison.size(architecture, lander)
        assert (best.sizing.status == Status.GOOD).all()
        payloads.append(best.sizing.payload)
        sets.append(active_set(architecture, best, lander))
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate(sets, axis=1), WINDOW, axis=0)
    one = (np.ptp(windows, axis=2) == 0.0).all(axis=1)
    assert one.sum() > POINTS // 2
    gain = roughness(payloads[1] - payloads[0])
    assert max(roughness(each)[one].max() for each in payloads) < OF_WET_MASS * CASE.lander.launch_mass
    assert gain[one].max() < GAIN
    assert gain.max() < ACROSS
