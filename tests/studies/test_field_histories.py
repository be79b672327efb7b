"""Landers marched as fields: one design, one pack, common instants."""

import numpy as np
import pytest

from models.fixed_design.timeline import STEPS
from models.flight.mission import BURNS
from studies.analysis import histories
from studies.case import load


@pytest.fixture(scope="module")
def found():
    return histories.marches(load("series3"), 48, seed=1)


def test_every_history_stands_on_the_common_instants(found):
    instants = histories.fractions()
    assert len(instants) == len(BURNS) * (STEPS + 1)
    assert (np.diff(instants) > 0.0).all()
    assert all(values.shape == (48, len(instants)) for values in found.histories.values())


def test_a_pack_that_is_bought_once_leaves_less_charge_where_less_energy_is_stored(found):
    good = found.data.feasible
    assert good.mean() > 0.9
    left = found.histories["state of charge"][good, -1]
    energy = found.data["battery.specific_energy"][good]
    drawn = found.data["energy"][good]
    assert np.corrcoef(left, energy / drawn)[0, 1] > 0.7
    assert np.isfinite(found.histories["electric power"][good]).all()


def test_less_efficient_pumps_draw_more_power(found):
    good = found.data.feasible
    first = found.histories["electric power"][good, 0]
    assert np.corrcoef(first, found.data["pump.efficiency_multiplier"][good])[0, 1] < -0.7
