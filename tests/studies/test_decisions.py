"""Decisions of a case: what each option means, what excludes what, and the line that says what is wrong."""

from pathlib import Path

import pytest

from models.architectures import off_the_shelf
from models.components.reaction_control import ThrusterOption
from studies.case import load
from studies.case.toml_file import CaseError

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
    assert shelf.search == {"architecture": off_the_shelf}
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
        ({"recharge": "none"}, "decision 'recharge' is none of the pressure fed architecture"),
        ({"chamber": "regenerative"}, "of the pressure fed architecture has no option 'regenerative'"),
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


def test_a_case_with_a_concept_has_its_leaves_in_the_lander_and_in_every_scenario_and_draws_them_no_more():
    from studies.analysis.concepts import with_concept

    whole = load("series3")
    case = with_concept(whole, {"engines": "two", "thrusters": "low_pressure", "tanks": "overwrapped"})
    assert case.lander.engines == 2.0
    assert case.lander.reaction_control.option is ThrusterOption.LOW_PRESSURE
    assert case.lander.tank.overwrap_factor == 0.72
    assert "tank.overwrap_factor" not in {i.name for i in case.inputs}
    spare = case.scenarios["a_pump_set_for_each_engine_with_spares"].lander
    assert (spare.tank.overwrap_factor, spare.spares_per_set) == (0.72, 1.0)
    assert spare.reaction_control.option is ThrusterOption.LOW_PRESSURE


def test_the_chamber_is_no_decision_where_both_architectures_are_compared():
    from studies.analysis.concepts import with_concept

    with pytest.raises(CaseError, match="leave the decision out"):
        with_concept(load("series3"), {"chamber": "regenerative"})
