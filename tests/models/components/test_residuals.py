"""What starts, settling and sumps cost a lander with pumps."""

import pytest

from models.components import residuals
from models.components.residuals import Residuals

EXACT = 1e-12


def test_a_start_costs_flow_and_settling_costs_momentum() -> None:
    spec = Residuals(starts=10.0, start_duration=0.1, settling_velocity=1.0)
    # 10 starts of 0.1 s at 2 kg/s; 1 m/s of 2800 kg at 2800 m/s.
    assert residuals.start_losses(2.0, 2800.0, 2800.0, spec) == pytest.approx(2.0 + 1.0, rel=EXACT)


def test_a_sump_grows_with_the_tanks_surface() -> None:
    small, large = (float(residuals.sumps(4.0, volume, Residuals())) for volume in (0.1, 0.8))
    assert large / small == pytest.approx(4.0, rel=EXACT)


def test_a_lander_of_half_the_size_loses_half_in_its_starts() -> None:
    whole, half = (residuals.start_losses(x * 4.0, x * 6000.0, 2800.0, Residuals()) for x in (1.0, 0.5))
    assert half == pytest.approx(0.5 * whole, rel=EXACT)
