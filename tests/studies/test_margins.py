"""Margins of the fixed design: keys of the case, what each buys and costs, and the allowances of the standards."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from models.architectures import electric_pump, pressure_fed
from models.fixed_design.design import Margins, design, designs_with
from models.fixed_design.flight import simulate
from models.lander import Lander
from models.quantity import substitute, units
from studies.analysis import fixed_problem
from studies.analysis.accounts.margin_allocation import PUMPS_ALONE, TOGETHER, allocated
from studies.analysis.accounts.margin_effects import MarginEffect, effects, required_lander, scaled
from studies.analysis.accounts.standards import AMES, ESA, GODDARD, standards
from studies.analysis.fixed_problem import model_of
from studies.analysis.growth_allowances import growths
from studies.case.case import Case, load
from studies.case.toml_file import CaseError
from studies.presentation.accounts.margin_tables import allowance_tables, neither_buys_nor_costs
from uq.core.estimate import Estimate
from uq.requirements import Question, Sample, compliance, draw

EXACT = 1e-12
TEXT = 'name = "mine"\ntitle = "Mine"\nextends = "series3.toml"\n'


@pytest.fixture(scope="module")
def case() -> Case:
    return load("series3")


@pytest.fixture(scope="module")
def sample(case: Case) -> Sample:
    problem, best = fixed_problem.problem(case, case.margins)
    known = dataclasses.replace(problem, model=model_of(problem).knowing([best]))
    return draw(known, 128, seed=1, design=best, mode="fixed")


def test_margins_of_a_case_take_the_place_of_the_shipped_ones_and_may_be_held(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT + '[margins]\npower = { value = "10 %", source = "offer", held = true }\n')
    case = load(path)
    assert case.margins == dataclasses.replace(load("series3").margins, power=0.1)
    assert (case.margin_sources["power"], case.held_margins) == ("offer", {"power"})
    assert scaled(case, 2.0).power == 0.1
    assert scaled(case, 2.0).helium == pytest.approx(2.0 * case.margins.helium)
    assert scaled(case, 3.0).bus_sharing == 1.0


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('powr = { value = "10 %", source = "x" }', ("margins", "did you mean 'power'")),
        ('power = { value = "3 kg", source = "x" }', ("margins.power", "has a unit, and this has none")),
        ('power = { value = "300 %", source = "x" }', ("margins.power", "outside [0, 2]")),
        ('power = { value = "10 %" }', ("margins.power.source", "needs its source")),
        ('power = { value = "10 %", source = "x", held = 1 }', ("margins.power.held",)),
    ],
)
def test_a_wrong_margin_is_answered_with_its_key(tmp_path: Path, line: str, parts: tuple[str, ...]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT + f"[margins]\n{line}\n")
    with pytest.raises(CaseError) as caught:
        load(path)
    for part in ("mine.toml", *parts):
        assert part in str(caught.value)


def test_designs_that_differ_in_margins_only_are_those_made_alone() -> None:
    several = [Margins(), Margins(power=0.3), Margins(helium=0.2, soak=5.0)]
    for margins, made in zip(several, designs_with(electric_pump, Lander(), several), strict=True):
        assert made == design(electric_pump, Lander(), margins)


def test_what_a_margin_buys_is_the_difference_of_two_compliances(case: Case, sample: Sample) -> None:
    limits = fixed_problem.limits(case)
    found = {e.name: e for e in effects(case, sample, case.margins, limits, confidence=0.9)}
    problem, best = fixed_problem.problem(case, dataclasses.replace(case.margins, soak=0.0))
    without = draw(problem, 128, seed=1, design=best, mode="fixed")
    with_, less = (compliance(Question(s, limits.all)).probability for s in (sample, without))
    assert found["soak"].compliance.value == pytest.approx(with_ - less, abs=EXACT)
    assert found["soak"].compliance.value > 0.0
    assert found["velocity"].payload.high < 0.0
    assert set(found) == {name for name, value in vars(case.margins).items() if value > 0.0}


def test_margins_at_their_own_best_cost_less_payload_and_comply_no_less_often(
    case: Case, sample: Sample
) -> None:
    limits = fixed_problem.limits(case)
    free = ("specific_impulse", "battery_temperature", "power")
    case = dataclasses.replace(case, held_margins=frozenset(vars(case.margins)) - set(free))
    start = dataclasses.replace(case.margins, **{name: 1.5 * getattr(case.margins, name) for name in free})
    problem, best = fixed_problem.problem(case, start)
    before = draw(problem, 128, seed=1, design=best, mode="fixed")
    moved, price = allocated(case, before, start, limits, levels=(0.0, 1.0, 1.5), prices=(7.0,), sweeps=1)
    assert price > 0.0
    problem, best = fixed_problem.problem(case, moved)
    after = draw(problem, 128, seed=1, design=best, mode="fixed")
    compliances = [compliance(Question(one, limits.all)).probability for one in (before, after)]
    payloads = [
        float(one.rows.mean[:, one.problem.output_index("electric_pump.payload")].mean())
        for one in (before, after)
    ]
    assert compliances[1] >= compliances[0]
    assert payloads[1] > payloads[0]
    assert len({round(getattr(moved, name) / getattr(case.margins, name), 6) for name in free}) > 1
    assert vars(moved) | dict.fromkeys(free) == vars(start) | dict.fromkeys(free)
    for effect in effects(case, after, moved, limits, confidence=0.9):  # none that lowers compliance is held
        assert effect.compliance.high >= 0.0, effect
    held = dataclasses.replace(case, held_margins=frozenset(vars(case.margins)))
    assert allocated(held, before, start, limits)[0] == start


def test_margins_of_the_pumps_alone_leave_the_pressure_fed_lander_as_it_is() -> None:
    highest = {name: leaf.high for name, leaf in units(Margins()).items()}
    assert sorted(name for some in TOGETHER for name in some) == sorted(highest)
    alone = Margins(**{name: 0.5 * highest[name] for name in PUMPS_ALONE})
    plain, margined = designs_with(pressure_fed, Lander(), [Margins(), alone])
    assert dataclasses.replace(margined, margins=Margins()) == plain
    for name in set(vars(Margins())) - PUMPS_ALONE:
        (other,) = designs_with(pressure_fed, Lander(), [Margins(**{name: 0.1 * highest[name]})])
        assert dataclasses.replace(other, margins=Margins()) != plain, name


def test_allowances_of_the_standards_are_their_percentages_of_the_lines(case: Case, sample: Sample) -> None:
    trade = model_of(sample.problem).trade(sample.design)
    assert trade is not None
    found = standards(sample, trade, level=0.9, confidence=0.9)
    by = {line.item: line for line in found.lines}
    assert by["pumps"].predicted == pytest.approx(1.2 * by["pumps"].basic)
    assert by["bottles"].predicted == pytest.approx(1.05 * by["bottles"].basic)
    esa = next(w for w in found.wholes if w.standard == ESA)
    assert esa.allowable == pytest.approx(1.2 * sum(line.predicted for line in found.lines))
    assert sum(line.allowable[ESA] for line in found.lines) == pytest.approx(esa.allowable)
    pumps = by["pumps"]
    assert {name: mass / pumps.basic for name, mass in pumps.allowable.items()} == pytest.approx(
        {ESA: 1.44, GODDARD: 1.15, AMES: 1.30}
    )
    table = allowance_tables(found)[0]
    row = dict(
        zip(
            [c.name for c in table.columns],
            next(r for r in table.rows if r[0] == "pumps"),
            strict=True,
        )
    )
    line_by_line = ("basic mass", "growth allowance", "predicted", "margin", "allowable, ESA")
    assert [row[name] for name in line_by_line] == pytest.approx(
        [pumps.basic, 20.0, 1.2 * pumps.basic, 20.0, 1.44 * pumps.basic], rel=5e-3
    )
    assert (row["allowable, Goddard"], row["allowable, Ames"]) == pytest.approx(
        (1.15 * pumps.basic, 1.3 * pumps.basic), rel=5e-3
    )
    margins = {
        s: [w.margin for w in found.wholes if (w.standard, w.quantity) == (s, "dry_mass")]
        for s in (GODDARD, AMES)
    }
    assert margins == {GODDARD: [0.15, 0.10, 0.05, 0.02], AMES: [0.30, 0.20, 0.15, 0.05]}
    power = [w for w in found.wholes if w.quantity == "electric_power"]
    assert [w.margin for w in power] == [0.25, 0.20, 0.15, 0.10, 0.05]
    nominal = simulate(trade.electric_pump, trade.lander).sizing
    usual = {g.output: g.quantile for g in growths(sample, nominal, level=0.9, confidence=0.9)}
    assert all(w.quantile == usual["electric_power"] for w in power)  # one number in both tables
    assert esa.quantile == usual["electric_pump.dry_mass"]
    velocity = next(s for s in found.shares if s.what == "velocity increments")
    reserve = sample.rows.x[:, sample.problem.input_names.index("mission.reserve_factor")] - 1.0
    assert velocity.needed is not None
    assert velocity.needed.value == pytest.approx(float(np.quantile(reserve, 0.9)))
    assert required_lander(sample) == trade.lander


def test_margins_that_are_not_shown_to_buy_or_that_cost_nothing_are_named() -> None:
    def effect(name: str, bought: float, kept: float) -> MarginEffect:
        known = (Estimate(v, v - 0.01, v + 0.01) for v in (bought, kept, kept))
        compliance, payload, gain = known
        return MarginEffect(name=name, given=1.0, used=1.0, compliance=compliance, payload=payload, gain=gain)

    ordinary = effect("power", 0.2, -3.0)
    assert neither_buys_nor_costs([ordinary]) == ()
    idle, free = neither_buys_nor_costs(
        [ordinary, effect("battery_temperature", 0.008, -1.2), effect("energy", 0.016, 0.8)]
    )
    assert "zero: battery below its highest temperature." in idle
    assert "no payload: energy held by the battery." in free


def test_a_lander_without_thruster_propellant_needs_no_allowance_of_it(sample: Sample) -> None:
    trade = model_of(sample.problem).trade(sample.design)
    assert trade is not None
    none = substitute(trade.lander, {"reaction_control.propellant_share": 0.0})
    columns = ("reaction_control.propellant_share",)
    assert not {i.name for i in sample.problem.inputs} & set(columns)
    found = standards(sample, dataclasses.replace(trade, lander=none), level=0.9, confidence=0.9)
    control = next(s for s in found.shares if s.what == "attitude control propellant")
    assert (control.held, control.needed) == (None, None)
