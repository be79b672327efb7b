"""A required efficiency is one thing, whether it is given as such or as a residual of the prediction."""

import dataclasses

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, required_efficiency
from models.architectures.budget import Drives, Sizing
from models.fixed_design import design
from models.fixed_design.flight import FixedTrade
from models.fixed_design.operating_point import points
from models.lander import Lander, Status
from studies.case import load

LANDER = dataclasses.replace(Lander(), launch_mass=3500.0, thrust=7000.0, engines=1.0, platform_mass=750.0)
AGREED = 1e-4
"""Of a design whose residual is found to one part in ten thousand."""


def drives(sizing: Sizing) -> Drives:
    assert sizing.drives is not None
    return sizing.drives


def test_a_required_efficiency_holds_at_the_best_design_and_costs_more_at_a_harder_point() -> None:
    residual = 1.15
    by_residual = comparison.size(
        electric_pump, quantity.substitute(LANDER, {"pump.efficiency_multiplier": residual})
    ).sizing
    values = [float(each.pump.efficiency[0]) for each in drives(by_residual).rated]
    required = quantity.substitute(
        LANDER, {"oxidiser_pump.required_efficiency": values[0], "fuel_pump.required_efficiency": values[1]}
    )
    best = comparison.size(electric_pump, required)
    assert [float(each.pump.efficiency[0]) for each in drives(best.sizing).rated] == values
    for name in ("payload", "electric_power", "chamber_pressure", "fuel_tank_pressure", "area_ratio"):
        assert getattr(best.sizing, name) == pytest.approx(getattr(by_residual, name), rel=10 * AGREED), name
    predicted = [float(each.pump.predicted_efficiency[0]) for each in drives(best.sizing).rated]
    assert np.divide(values, predicted) == pytest.approx(residual, rel=AGREED)
    assert best.lander.oxidiser_pump == required.oxidiser_pump


def test_rows_with_and_without_a_required_efficiency_do_not_depend_on_each_other() -> None:
    rows = np.array([0.0, 0.6, 0.8])
    together = comparison.size(
        electric_pump, quantity.substitute(LANDER, {"fuel_pump.required_efficiency": rows})
    ).sizing
    for k, value in enumerate(rows):
        alone = comparison.size(
            electric_pump, quantity.substitute(LANDER, {"fuel_pump.required_efficiency": float(value)})
        ).sizing
        assert together.payload[k] == alone.payload[0]
        assert drives(together).rated.oxidiser.pump.efficiency[k] == pytest.approx(
            drives(together).rated.oxidiser.pump.predicted_efficiency[k], rel=1e-12
        )


@pytest.mark.parametrize(("factor", "left"), [(1.0 + 1e-5, 1e-5), (1.005, 0.005), (1.1, 0.1)])
def test_searches_that_do_not_agree_say_by_how_much(monkeypatch, factor: float, left: float) -> None:
    calls: list[int] = []

    def turns(*_: object) -> list[np.ndarray]:
        calls.append(1)
        return [np.array([0.6, 0.6 * factor ** (len(calls) % 2)])] * 2

    monkeypatch.setattr(required_efficiency, "_law", turns)
    rows = quantity.substitute(LANDER, {"fuel_pump.required_efficiency": np.array([0.6, 0.8])})
    result, moved = required_efficiency.reached(lambda own: ("design", None), rows)  # type: ignore[arg-type, return-value]
    assert result == "design"
    assert len(calls) == (2 if left < required_efficiency.AGREEMENT else required_efficiency.SEARCHES)
    assert moved == pytest.approx([0.0, left], rel=0.1)


@pytest.mark.parametrize(("moved", "status"), [(0.01, Status.GOOD), (0.05, Status.NOT_CONVERGED)])
def test_a_row_whose_searches_wander_has_not_converged(monkeypatch, moved: float, status: Status) -> None:
    def reached(search, lander, begin):
        return search(lander)[0], np.array([moved])

    monkeypatch.setattr(required_efficiency, "reached", reached)
    required = quantity.substitute(LANDER, {"fuel_pump.required_efficiency": 0.7})
    best = comparison.size(electric_pump, required, marched=False)
    assert best.sizing.status.tolist() == [status]
    assert best.disagreement.tolist() == [moved]


def test_a_launch_mass_is_closed_at_the_required_efficiency() -> None:
    required = quantity.substitute(LANDER, {"fuel_pump.required_efficiency": 0.7})
    best = comparison.size(electric_pump, required)
    closed = comparison.launch_mass_for(electric_pump, best, best.sizing.payload)
    assert closed.sizing.launch_mass == pytest.approx(LANDER.launch_mass, rel=1e-6)
    assert float(drives(closed.sizing).rated.fuel.pump.efficiency[0]) == 0.7


def test_what_a_study_requires_of_both_pumps_is_what_the_command_line_sets() -> None:
    baseline = load("series3").baseline()

    def built(lander: Lander) -> FixedTrade:
        fixed = design.design(electric_pump, lander)
        return FixedTrade(lander, design.NO_MARGINS, (fixed, fixed))

    study = built(quantity.substitute(baseline, {"pump.efficiency_multiplier": 1.1}))
    pumps = points(study, study.lander)
    given = {f"{p.liquid}_pump.required_efficiency": p.efficiency for p in pumps}
    line = built(quantity.substitute(baseline, given))
    for required, p in zip(points(line, line.lander), pumps, strict=True):
        assert required.efficiency == p.efficiency
        assert (required.flow, required.rise, required.shaft_rating) == pytest.approx(
            (p.flow, p.rise, p.shaft_rating), rel=10 * AGREED
        )
