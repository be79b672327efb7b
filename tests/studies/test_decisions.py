"""Decisions of a case: what each option means, what excludes what, and the line that says what is wrong."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, off_the_shelf, pressure_fed
from models.architectures.concepts import size_concepts
from models.components.reaction_control import ThrusterOption
from models.fixed_design.flight import FixedTrade
from models.lander import Status, own_lander
from models.properties.propellants import LOX_LCH4
from studies.analysis.concepts.fronts import medians, require_designs
from studies.analysis.concepts.least_violated import least_violated
from studies.analysis.one_lander import asked
from studies.case import load
from studies.case.settings import held_variables
from studies.case.toml_file import CaseError
from uq.campaign.runner import CampaignError

HEAD = 'name = "own"\ntitle = "Own"\nextends = "large.toml"\n'


def case(tmp_path: Path, text: str, head: str = HEAD):
    path = tmp_path / "own.toml"
    path.write_text(head + text)
    return load(path)


def test_a_concept_takes_one_option_of_every_decision_of_its_architecture():
    decisions = load("large").decisions
    pumps = decisions.concepts("electric_pump")
    names = list(decisions.of("electric_pump"))
    assert all(list(concept.options) == names for concept in pumps)
    assert len({tuple(concept.options.values()) for concept in pumps}) == len(pumps)
    assert not any(c.options.get("chamber") == "regenerative" for c in decisions.concepts("pressure_fed"))


def test_an_option_sets_what_it_says():
    decisions = load("large").decisions
    concept = decisions.concept("electric_pump", {"engines": "four", "thrusters": "low_pressure"})
    assert concept.lander.engines == 4.0
    assert concept.lander.reaction_control.option is ThrusterOption.LOW_PRESSURE
    assert decisions.title(concept) == "four engines, thrusters at the tanks' pressure"
    each = decisions.concept("electric_pump", {"engines": "six", "pump_sets": "each"})
    assert each.lander.pump_sets == 6.0
    shelf = decisions.concept("pressure_fed", {"chamber": "off_the_shelf"})
    assert shelf.search == {"architecture": off_the_shelf, "fixed": {}}
    assert decisions.concept("electric_pump", {"chamber": "regenerative"}).search["only_branch"] == 1


def test_redundancy_removes_options_and_an_engine_may_fail(tmp_path):
    decisions = case(tmp_path, "[programme]\nsingle_fault_tolerant = true\n").decisions
    concepts = decisions.concepts("pressure_fed")
    assert all(concept.options["engines"] != "one" for concept in concepts)
    assert all(concept.lander.engines_out == 1.0 for concept in concepts)


def test_options_that_exclude_each_other_make_no_concept(tmp_path):
    text = '[[exclusions]]\nbetween = ["engines.six", "thrusters.accumulators"]\nreason = "no room"\n'
    concepts = case(tmp_path, text).decisions.concepts("electric_pump")
    assert concepts
    assert not any(
        c.options["engines"] == "six" and c.options["thrusters"] == "accumulators" for c in concepts
    )


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"engine": "one"}, "no decision 'engine'; did you mean 'engines'"),
        ({"engines": "threee"}, "has no option 'threee'; did you mean 'three'"),
        ({"recharge": "none"}, "decision 'recharge' is none of the pressure-fed architecture"),
        ({"chamber": "regenerative"}, "of the pressure-fed architecture has no option 'regenerative'"),
    ],
)
def test_a_wrong_choice_is_said(chosen, message):
    with pytest.raises(CaseError, match=message):
        load("large").decisions.concepts("pressure_fed", chosen)


def test_a_choice_that_is_excluded_says_why(tmp_path):
    text = '[[exclusions]]\nbetween = ["engines.six", "chamber.off_the_shelf"]\nreason = "no room for six"\n'
    with pytest.raises(CaseError, match="exclude each other: no room for six"):
        case(tmp_path, text).decisions.concepts(
            "pressure_fed", {"engines": "six", "chamber": "off_the_shelf"}
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[decisions.x]\ntitle = "x"\n[decisions.x.options]\na = { title = "a", values = { engine = "1" } }',
            "engine",
        ),
        ('[[exclusions]]\nbetween = ["engines.one", "engines.won"]\nreason = "r"', "no option 'engines.won'"),
        ('[decisions.x]\ntitle = "x"\noptions = {}', "decisions.x.options"),
    ],
)
def test_a_wrong_decision_is_said_with_its_key(tmp_path, text, message):
    with pytest.raises(CaseError, match=message):
        case(tmp_path, text)


FEW = {
    "landing": "main_engines",
    "recharge": "between_burns",
    "pressurant": "regulated",
    "pump_sets": "shared",
}
"""Decisions that leave a few dozen concepts."""


@pytest.fixture(scope="module")
def compared():
    """The Series 3 lander, its best concepts, and the case that compares them; traps are for pumps alone."""
    from studies.analysis.concepts.choice import best_of_each, with_concepts

    whole = load("series3")
    tanks = whole.decisions.decisions["tanks"]
    trap = dataclasses.replace(tanks.options["trap"], architectures=("electric_pump",))
    tanks = dataclasses.replace(tanks, options={**tanks.options, "trap": trap})
    known = {**whole.decisions.decisions, "tanks": tanks}
    whole = dataclasses.replace(whole, decisions=dataclasses.replace(whole.decisions, decisions=known))
    best = best_of_each(whole, chosen={**FEW, "motors": "dry"})
    return whole, best, with_concepts(whole, best)


def test_each_architecture_is_compared_at_its_own_best_concept(compared):
    _, best, case = compared
    for architecture, module in (("pressure_fed", pressure_fed), ("electric_pump", electric_pump)):
        sized, row = best[architecture]
        alone = comparison.size(module, case.baseline()).sizing
        np.testing.assert_allclose(alone.payload, sized["payload"][row, 0, 0], rtol=0, atol=0.03)
        np.testing.assert_allclose(alone.thrust, sized["thrust"][row, 0, 0], rtol=1e-12)
    options = {name: sized.concepts[row].options for name, (sized, row) in best.items()}
    assert options["pressure_fed"]["tanks"] != options["electric_pump"]["tanks"]


def test_what_one_architecture_decides_is_drawn_for_the_other_alone(compared):
    _, best, case = compared
    assert best["electric_pump"][0].concepts[best["electric_pump"][1]].options["tanks"] == "trap"
    assert "tank.fixed_mass" in {i.name for i in case.inputs}
    heavy = quantity.substitute(case.baseline(), {"tank.fixed_mass": 9.0})
    for pumped, fixed in ((True, 1.5), (False, 9.0)):
        assert own_lander(heavy, pumped=pumped).tank.fixed_mass == fixed
    light, laden = (
        comparison.compare(quantity.substitute(case.baseline(), {"tank.fixed_mass": mass}))
        for mass in (3.0, 9.0)
    )
    assert laden["electric_pump.payload"] == light["electric_pump.payload"]
    assert laden["pressure_fed.payload"] < light["pressure_fed.payload"] - 20.0


def test_a_fixed_design_without_margins_is_the_best_concept_and_carries_what_it_does(compared):
    _, _, case = compared
    lander = case.baseline()
    found = FixedTrade(lander)({"tank.fixed_mass": np.array([float(lander.tank.fixed_mass)])})
    for architecture, module in (("pressure_fed", pressure_fed), ("electric_pump", electric_pump)):
        alone = comparison.size(module, lander).sizing.payload
        np.testing.assert_allclose(found[f"{architecture}.payload"], alone, rtol=0, atol=0.05)


def test_a_scenario_keeps_what_it_sets_and_has_the_decisions_besides(compared):
    whole, _, case = compared
    spares = case.scenarios["a_pump_set_for_each_engine_with_spares"].lander
    assert spares.spares_per_set == 1.0
    assert spares.pump_sets == spares.engines == case.lander.engines
    assert spares.thrust == case.lander.thrust != whole.lander.thrust


@pytest.mark.parametrize(
    ("chamber", "expected"), [("radiation_cooled", (6.5e5, 13.5e5)), ("off_the_shelf", (9e5, 9e5))]
)
def test_a_chamber_that_is_chosen_is_that_of_the_study_in_both_architectures(chamber, expected):
    from studies.analysis.concepts.choice import best_of_each, with_concepts

    case = load("series3")
    few = {**FEW, "engines": "two", "thrusters": "low_pressure", "motors": "dry", "tanks": "trap"}
    best = best_of_each(case, chosen={**few, "chamber": chamber})
    lander = with_concepts(case, best).baseline()
    for name, (sized, row) in best.items():
        module = pressure_fed if name == "pressure_fed" else electric_pump
        found = comparison.size(module, lander).sizing
        assert float(found.payload[0]) == pytest.approx(float(sized["payload"][row, 0, 0]), abs=0.05)
        assert expected[0] * 0.999 <= float(np.ravel(found.chamber_pressure)[0]) <= expected[1] * 1.001


def test_size_holds_design_variables_and_searches_the_others():
    case = load("series3")
    free = asked(case, {}).bests
    held = {"electric_pump": {"chamber_pressure": 20e5, "fuel_tank_pressure": 6e5}}
    bests = asked(case, {"mixture_ratio": 1.6}, held=held).bests
    pump = bests["electric_pump"].sizing
    assert (float(pump.chamber_pressure[0]), float(pump.fuel_tank_pressure[0])) == pytest.approx((20e5, 6e5))
    for name in bests:
        assert float(bests[name].lander.mixture_ratio) == 1.6
        assert float(bests[name].sizing.payload[0]) < float(free[name].sizing.payload[0])
    # held where the search ended, it ends there again
    best = free["electric_pump"].sizing
    alike = {"electric_pump": {"chamber_pressure": float(best.chamber_pressure[0])}}
    again = asked(case, {}, held=alike).bests["electric_pump"].sizing
    assert float(again.payload[0]) == pytest.approx(float(best.payload[0]), abs=0.01)


def test_design_variables_beyond_their_range_or_of_an_engine_that_exists_are_refused():
    with pytest.raises(CaseError, match=r"30 bar is outside 6.5 to 14 bar.*electric_pump.chamber_pressure"):
        held_variables({"chamber_pressure": "30 bar"})
    with pytest.raises(CaseError, match="follows from its chamber pressure"):
        held_variables({"pressure_fed.tank_pressure": "9 bar"})
    with pytest.raises(CaseError, match=r"tank_pressure .* hold the same variable at two values"):
        held_variables({"tank_pressure": "9 bar", "electric_pump.fuel_tank_pressure": "8 bar"})
    with pytest.raises(CaseError, match="is that of the engine, which exists"):
        asked(
            load("series3"),
            {},
            chosen={"chamber": "off_the_shelf"},
            held={"electric_pump": {"area_ratio": 90.0}},
        )


def test_an_option_of_one_architecture_is_left_to_the_other_and_unknown_ones_are_refused():
    decisions = load("series3").decisions
    chosen = {"thrusters": "low_pressure", "engines": "two"}
    assert decisions.chosen_of("electric_pump", chosen) == chosen
    assert decisions.chosen_of("pressure_fed", chosen) == {"engines": "two"}
    with pytest.raises(CaseError, match="no option 'low_presure'; did you mean 'low_pressure'"):
        decisions.chosen_of("electric_pump", {"thrusters": "low_presure"})


def test_options_that_exclude_each_other_are_refused_where_one_concept_is_asked_for():
    decisions = load("series3").decisions
    with pytest.raises(
        CaseError, match="engines = one and pump_sets = each exclude each other: one engine has"
    ):
        decisions.concept("electric_pump", {"engines": "one", "pump_sets": "each"})


def test_size_takes_the_thrust_that_is_set_and_finds_its_own_where_a_concept_is_asked_for():
    from studies.analysis.one_lander import asked

    case = load("series3")

    def thrusts(values, chosen):
        bests = asked(case, values, chosen=chosen).bests.values()
        return [float(best.sizing.thrust[0]) for best in bests]

    assert thrusts({}, {}) == [float(case.lander.thrust)] * 2
    assert thrusts({"thrust": 8e3}, {"engines": "two"}) == [8e3] * 2
    free = thrusts({}, {"engines": "two"})
    assert free[0] != free[1]


def test_a_power_limit_below_the_house_load_is_refused_in_a_case_and_in_a_setting(tmp_path):
    given = '[lander]\npower_limit = { value = "100 W", source = "test" }\n'
    with pytest.raises(
        CaseError, match=r"power_limit = 100 W is below the house load of 350 W.*leave it out"
    ):
        case(tmp_path, given, HEAD.replace("large", "medium"))
    with pytest.raises(CaseError, match="power_limit = 100 W is below the house load"):
        asked(load("medium"), {"power_limit": 100.0})


def test_no_feasible_concept_names_the_least_violated_one_and_its_constraint(tmp_path):
    own = case(
        tmp_path,
        '[lander]\npower_limit = { value = "500 W", source = "test" }\n',
        HEAD.replace("large", "medium"),
    )
    chosen = {
        "engines": "two",
        "thrusters": "low_pressure",
        "chamber": "regenerative",
        "tanks": "trap",
        "pressurant": "regulated",
        "recharge": "none",
        "motors": "dry",
        "landing": "main_engines",
    }
    concepts = own.decisions.concepts("electric_pump", chosen)
    sized = size_concepts(concepts, samples=medians(own), tolerance=0.02)
    assert (sized.status == Status.POWER_LIMITED).all()
    found = least_violated(own, sized)
    assert found.words.endswith("allowed are 0.5 kW (power_limit)")
    with pytest.raises(
        CampaignError, match=r"least violated one, .*two engines.*electric power is .* --concept"
    ):
        require_designs(own, "electric-pump", sized)
    # the one that misses least: no other takes less
    others = [least_violated(own, size_concepts([c], samples=medians(own), tolerance=0.02)) for c in concepts]
    assert found.share == min(one.share for one in others)


def test_an_option_that_no_architecture_has_is_refused_with_all_that_are_known():
    with pytest.raises(CaseError, match="no option 'regenrative'; did you mean 'regenerative'"):
        load("large").decisions.chosen_of("pressure_fed", {"chamber": "regenrative"})


def test_no_concept_hangs_thrusters_on_a_manifold_in_which_propellants_boil():
    known = load("large")
    lander = dataclasses.replace(known.lander, propellants=LOX_LCH4)
    boiling = dataclasses.replace(known.decisions, lander=lander)
    fed = {c.options["thrusters"] for c in boiling.concepts("electric_pump", {**FEW, "engines": "two"})}
    assert fed == {"own_tanks", "monopropellant"}
    with pytest.raises(CaseError, match=r"thrusters = low_pressure hangs .* boils between pulses"):
        boiling.concepts("electric_pump", {"thrusters": "low_pressure"})


def test_thrusters_are_no_choice_of_a_lander_that_has_none():
    with pytest.raises(CaseError, match=r"propellant_share = 0; raise it or leave 'thrusters' out"):
        asked(load("check"), {}, chosen={"thrusters": "accumulators"})
