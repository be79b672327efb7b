"""What a per cent of a drive's quantity is worth, against what the masses of the design say by themselves."""

import numpy as np
import pytest

from models.architectures import electric_pump
from models.components.structure import growth_fraction
from models.fixed_design.design import designs
from models.fixed_design.flight import FixedTrade, simulate
from models.fixed_design.operating_point import points
from models.lander import Lander
from models.quantity import stacked, substitute
from studies.analysis.accounts import worth
from studies.analysis.accounts.worth import (
    FUEL,
    MOTORS_AND_INVERTERS,
    OXIDISER,
    POWER,
    PUMPS,
    worth_of_a_percent,
)

CURVATURE = 0.03
"""Relative: of a central difference over one per cent, and of the best design that moves with it."""


@pytest.fixture(scope="module")
def trade() -> FixedTrade:
    return FixedTrade(Lander())


@pytest.fixture(scope="module")
def found(trade: FixedTrade) -> dict[str, float]:
    return dict(worth_of_a_percent(trade, points(trade, trade.lander)))


def test_a_per_cent_of_mass_is_worth_the_kilograms_with_their_growth(
    trade: FixedTrade, found: dict[str, float]
) -> None:
    masses = simulate(trade.electric_pump, trade.lander).sizing.masses

    def grown(*items: str) -> float:
        return sum(
            float(masses[item][0]) * (1.0 + float(growth_fraction(trade.lander.growth, item)))
            for item in items
        )

    assert found[PUMPS] == pytest.approx(0.01 * grown("pumps"), rel=0.01)
    # heavier motors and inverters take up heat, and spare a few per cent of themselves
    ratio = found[MOTORS_AND_INVERTERS] / (0.01 * grown("motors", "inverters"))
    assert 0.9 < ratio < 1.0


def test_both_efficiencies_together_are_worth_the_sum_of_each(
    trade: FixedTrade, found: dict[str, float]
) -> None:
    drives = points(trade, trade.lander)
    landers = [
        substitute(trade.lander, {f"{p.liquid}_pump.required_efficiency": f * p.efficiency for p in drives})
        for f in (0.99, 1.01)
    ]
    built = designs(electric_pump, stacked(landers), trade.margins)
    less, more = (
        float(np.ravel(simulate(one, lander).columns["payload"])[0])
        for one, lander in zip(built, landers, strict=True)
    )
    together = 0.5 * (more - less)
    assert found[OXIDISER] + found[FUEL] == pytest.approx(together, rel=CURVATURE)


def test_an_efficiency_at_the_end_of_its_range_is_moved_to_the_worse_side_alone(trade: FixedTrade) -> None:
    lander = substitute(trade.lander, {"inverter.required_efficiency": 0.995})
    ends = worth._moves(lander, points(trade, trade.lander))[POWER]
    assert list(ends) == pytest.approx([1.0, 1.01])
    for leaves in ends.values():
        substitute(lander, leaves)  # raises for what is out of its range
