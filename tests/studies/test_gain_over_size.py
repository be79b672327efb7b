"""Law 12: with as many pump sets, the pump gains more the larger the lander, at the medians of the shipped inputs."""

from pathlib import Path

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.lander import Status
from studies.case import case


@pytest.mark.parametrize("engines", [1.0, 3.0])
def test_the_gain_grows_with_size_from_1_to_12_t_at_one_pump_set(engines: float) -> None:
    large = case.load("large").baseline()
    mass = np.array([1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0]) * 1e3
    size = mass / float(large.launch_mass)
    scaled = {
        "launch_mass": mass,
        "thrust": size * large.thrust,
        "platform_mass": size * large.platform_mass,
        "bus.house_load": size * large.bus.house_load,
        "bus.surplus": size * large.bus.surplus,
        "engines": np.full(mass.size, engines),
    }
    fed, pumped = (
        comparison.size(architecture, quantity.substitute(large, scaled)).sizing
        for architecture in (pressure_fed, electric_pump)
    )
    assert (pumped.status == Status.GOOD).all()
    assert (np.diff(pumped.payload - fed.payload) > 0.0).all()


@pytest.mark.slow
def test_the_last_row_of_what_each_charge_changed_is_todays_gain() -> None:
    page = (Path(__file__).parents[2] / "docs" / "physics.md").read_text(encoding="utf-8")
    section = page.split("## What each charge changed")[1].split("\n\n")[2]
    told = [float(cell) for cell in section.strip().splitlines()[-1].split("|")[2:6]]
    for name, gain in zip(("small", "medium", "large", "check"), told, strict=True):
        lander = case.load(name).baseline()
        fed, pumped = (
            comparison.size(architecture, lander).sizing.payload[0]
            for architecture in (pressure_fed, electric_pump)
        )
        assert pumped - fed == pytest.approx(gain, abs=0.05 + 1e-3), name
