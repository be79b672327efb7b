"""Case files: what ships loads and makes sense; what is wrong is told in one line, with the place and the remedy."""

import json
import os
import re
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

import uq
from models import quantity
from models.lander import Lander, Status
from studies import what_if_we_test
from studies.analysis.drivers import Unanswerable
from studies.analysis.sizing import budgets
from studies.case.case import COUNTS, Case, from_chain, load, shipped
from studies.case.distribution import LAWS
from studies.case.schema import schema
from studies.case.toml_file import CaseError
from studies.case.units import to_si
from uq.core.distributions import from_dict

VALID = """
name = "mine"
title = "My lander"
extends = "technology.toml"

[lander]
launch_mass = { value = "1250 kg", source = "judgement" }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def wrong(folder: Path, text: str) -> str:
    with pytest.raises(CaseError) as caught:
        load(written(folder, text))
    message = str(caught.value)
    assert "\n" not in message
    assert "mine.toml" in message
    return message


def correlated(case: Case) -> dict[frozenset[str], float]:
    assert case.correlation is not None
    return {
        frozenset((case.inputs[i].name, case.inputs[j].name)): float(case.correlation[i, j])
        for i, j in zip(*np.nonzero(np.triu(case.correlation, 1)), strict=True)
    }


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_case_loads_with_a_source_for_every_value_and_input(name: str) -> None:
    case = load(name)
    assert case.name == name
    assert all(len(source) > 3 for source in case.sources.values())
    assert all(len(i.source) > 3 for i in case.inputs)
    roles = {i.role for i in case.inputs}
    assert {"requirement", "uncertain"} <= roles
    assert case.scenarios
    assert "payload_gain" in case.limits


@pytest.mark.parametrize("name", shipped())
def test_multipliers_on_predictions_have_a_median_of_one(name: str) -> None:
    for i in load(name).inputs:
        if i.name.endswith("_multiplier") and i.name not in {
            "battery.resistance_multiplier",
            "pressurant.helium_multiplier",
        }:
            assert float(i.distribution.ppf(0.5)) == pytest.approx(1.0, abs=0.03), i.name


def test_a_case_of_ones_own_extends_the_shipped_uncertainties(tmp_path: Path) -> None:
    case = load(written(tmp_path, VALID))
    assert case.lander.launch_mass == 1250.0
    assert len(case.inputs) == len(load("small").inputs)
    assert "technology.toml" in case.text


def test_an_input_given_anew_keeps_its_name_in_words(tmp_path: Path) -> None:
    name, anew = (
        "battery.specific_energy",
        """
[inputs."battery.specific_energy"]
distribution = { law = "Triangular", low = 120, mode = 150, high = 180 }
unit = "Wh/kg"
source = "offer of a supplier"
""",
    )
    case = load(written(tmp_path, VALID + anew))
    assert case.titles[name] == load("small").titles[name] != name
    assert load(written(tmp_path, VALID + anew + 'title = "our pack"')).titles[name] == "our pack"


def test_a_value_of_ones_own_fixes_a_leaf_that_the_extended_file_makes_uncertain(tmp_path: Path) -> None:
    fixed, small = (
        load(
            written(
                tmp_path,
                VALID
                + 'propellant_temperature = { value = "10 degC", source = "judgement" }\n'
                + '"tank.fixed_mass" = { value = "5 kg", source = "judgement" }\n',
            )
        ),
        load("small"),
    )
    assert quantity.flatten(fixed.baseline())["propellant_temperature"] == pytest.approx(283.15)
    assert {i.name for i in small.inputs} - {i.name for i in fixed.inputs} == {
        "propellant_temperature",
        "tank.fixed_mass",
    }
    assert correlated(fixed) == {
        pair: value for pair, value in correlated(small).items() if "tank.fixed_mass" not in pair
    }


def test_a_required_value_takes_the_place_of_the_residual_of_what_is_predicted(tmp_path: Path) -> None:
    def gone(*required: str) -> set[str]:
        lines = "".join(f'"{name}" = {{ value = "0.7", source = "judgement" }}\n' for name in required)
        return {i.name for i in load("small").inputs} - {
            i.name for i in load(written(tmp_path, VALID + lines)).inputs
        }

    assert gone("oxidiser_pump.required_efficiency") == set(), "the other pump is as predicted"
    assert gone("oxidiser_pump.required_efficiency", "fuel_pump.required_efficiency") == {
        "pump.efficiency_multiplier"
    }
    assert gone("motor.required_efficiency") == {"motor.efficiency_multiplier"}


def test_correlations_of_ones_own_join_those_of_the_extended_file(tmp_path: Path) -> None:
    own = "".join(
        f'[[correlations]]\nbetween = ["{a}", "{b}"]\nvalue = {value}\nsource = "judgement"\n'
        for a, b, value in (
            ("battery.specific_power", "battery.specific_energy", -0.2),  # theirs, the other way round
            ("tank.fixed_mass", "tank.mass_multiplier", 0.4),
        )
    )
    assert correlated(load(written(tmp_path, VALID + own))) == correlated(load("small")) | {
        frozenset({"battery.specific_power", "battery.specific_energy"}): -0.2,
        frozenset({"tank.fixed_mass", "tank.mass_multiplier"}): 0.4,
    }


MULTIPLIERS = (
    "motor.specific_power_multiplier",
    "inverter.specific_power_multiplier",
    "pump.specific_power_multiplier",
)


def copula(inputs: tuple[str, ...] = MULTIPLIERS, **keys: object) -> str:
    record = {"family": "clayton", "parameter": 2.0, "source": "judgement"} | keys
    return f"[[copulas]]\ninputs = {list(inputs)}\n" + "".join(
        f"{key} = {json.dumps(value)}\n" for key, value in record.items() if value is not None
    )


def test_a_copula_takes_the_place_of_the_correlations_of_its_inputs(tmp_path: Path) -> None:
    case = load(written(tmp_path, VALID + copula(family="student", parameter=4.0, correlation=0.5)))
    assert not any(pair <= set(MULTIPLIERS) for pair in correlated(case))
    (joined,) = case.uncertain.copulas
    assert [case.inputs[j].name for j in joined[0]] == list(MULTIPLIERS)
    assert joined[1].kendall(0, 2) == pytest.approx(1.0 / 3.0)
    drawn = case.uncertain.physical(uq.sobol_sequence(1024, case.uncertain.dimension, seed=1).unit)
    ranks = np.argsort(np.argsort(drawn[:, list(joined[0])], axis=0), axis=0)
    assert np.corrcoef(ranks[:, 0], ranks[:, 1])[0, 1] > 0.4


def test_what_is_fixed_leaves_its_copula(tmp_path: Path) -> None:
    fixed = VALID.replace(
        "[lander]", f'[lander]\n"{MULTIPLIERS[0]}" = {{ value = "1", source = "judgement" }}'
    )
    ((columns, left),) = load(written(tmp_path, fixed + copula())).uncertain.copulas
    assert (len(columns), left.dimension) == (2, 2)


def test_what_a_test_is_worth_is_not_asked_of_copulas(tmp_path: Path) -> None:
    with pytest.raises(Unanswerable, match="joins inputs by"):
        what_if_we_test.run(load(written(tmp_path, VALID + copula())), samples=64)


def test_inputs_that_are_turned_count_from_their_other_end(tmp_path: Path) -> None:
    two = ("thrust_chamber.efficiency", "battery.resistance_multiplier")
    case = load(written(tmp_path, VALID + copula(two, family="gumbel", turned=[two[0]])))
    assert case.uncertain.copulas[0][1].kendall(0, 1) == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            copula(("tank.fixed_mas", "tank.minimum_gauge")),
            ("copulas[0]", "no input 'tank.fixed_mas'", "tank.fixed_mass"),
        ),
        (copula(parameter=-1.0), ("copulas", "parameter")),
        (copula(family="frank"), ("copulas", "family")),
        (copula(family="gumbel"), ("copulas[0]", "joins two inputs")),
        (copula(MULTIPLIERS[:2], family="gumbel", parameter=0.5), ("copulas[0]", "1 or more")),
        (copula(family="student"), ("copulas[0]", "needs correlation")),
        (copula(correlation=0.5), ("copulas[0]", "belongs to a student copula")),
        (copula(turned=["tank.fixed_mass"]), ("copulas[0]", "none of its inputs")),
        (copula() + copula(MULTIPLIERS[:2]), ("copulas[1]", "joined twice")),
        (
            copula((*MULTIPLIERS[:2], "battery.specific_energy")),
            ("copulas[0]", "correlations too", "value = 0.0"),
        ),
        (copula(MULTIPLIERS[:1]), ("copulas", "inputs")),
        (copula(source=None), ("copulas", "source")),
    ],
)
def test_a_copula_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    message = wrong(tmp_path, VALID + text)
    for part in parts:
        assert part in message, message


def test_units_are_converted_at_the_edge(tmp_path: Path) -> None:
    assert to_si("150 Wh/kg", "J/kg", "x") == pytest.approx(540e3)
    assert to_si("20 degC", "K", "x") == pytest.approx(293.15)
    assert to_si("3 kW", "W", "x") == pytest.approx(3000.0)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("name = ", ("is not TOML",)),
        (VALID.split("[lander]", maxsplit=1)[0], ("lander", "describe no lander", "launch_mass")),
        (VALID + 'payload = { value = "-5 kg", source = "judgement" }\n', ("payload", "outside")),
        (VALID.replace("launch_mass", "wet_mass"), ("lander", "wet_mass", "did you mean 'launch_mass'")),
        (VALID + '[limits.gain]\nat_least = "0 kg"\n', ("limits", "did you mean 'payload_gain'")),
        (VALID.replace("launch_mass", "lauch_mass"), ("lauch_mass", "did you mean 'launch_mass'")),
        (VALID.replace("1250 kg", "1250 s"), ("lander.launch_mass", "cannot be converted to kg")),
        (VALID.replace("1250 kg", "heavy"), ("lander.launch_mass", "'heavy'")),
        (VALID.replace("1250 kg", "-5 kg"), ("launch_mass", "outside")),
        (VALID.replace('title = "My lander"', 'titel = "My lander"'), ("titel", "did you mean 'title'")),
        (VALID.replace("source =", "sources ="), ("sources", "is not a key here; did you mean 'source'")),
        (
            VALID.replace(', source = "judgement"', ""),
            ("lander.launch_mass.source", "every value needs its source"),
        ),
        *(
            (VALID + table + "wanted_probability = 0.8\n", ("wanted_probability", "above the first [table]"))
            for table in ("", '[limits.payload_gain]\nat_least = "0 kg"\n', '[scenarios.x]\ntitle = "x"\n')
        ),
        (
            VALID.replace('name = "mine"\n', "").replace("[lander]", '[lander]\nname = "mine"'),
            ("lander.name", "above the first [table]"),
        ),
        (VALID + 'mission.hover = { value = "60 s", source = "x" }\n', ('in quotes: "mission.hover" =',)),
        (VALID + '[inputs.mission.hover]\nunit = "s"\n', ('in quotes: [inputs."mission.hover"]',)),
        (
            VALID + '[limits.pressure_fed.payload]\nat_least = "0 kg"\n',
            ('in quotes: [limits."pressure_fed.payload"]',),
        ),
        (
            VALID + '[scenarios.x]\ntitle = "x"\nvalues = { mission.hover = "30 s" }\n',
            ("scenarios.x", 'in quotes: "mission.hover" ='),
        ),
        (VALID.replace("1250 kg", "1250"), ("lander.launch_mass", 'has no unit; write "1250 kg"')),
        (VALID + 'engines = { value = "3.5", source = "x" }\n', ("lander.engines", "whole number")),
        (
            VALID + '[scenarios.x]\ntitle = "x"\nvalues = { spares_per_set = "1.5" }\n',
            ("scenarios.x.spares_per_set", "whole number"),
        ),
        *(
            (
                VALID
                + '[inputs."battery.specific_energy"]\nunit = "Wh/kg"\nsource = "judgement"\n'
                + f"distribution = {{ {law} }}\n",
                ("inputs.battery.specific_energy", *told),
            )
            for law, told in (
                ('law = "Triangular", low = 180, mode = 150, high = 120', ("low=180",)),
                (
                    'law = "Uniform", low = 120, high = 20000',
                    ("Wh/kg leaves the range [2.77778, 1388.89] Wh/kg",),
                ),
                ('law = "triangular", low = 120, mode = 150, high = 180', ("did you mean 'Triangular'",)),
                ('law = "pert", low = 120, mode = 150, high = 180', ("did you mean 'PERT'",)),
                (
                    'law = "Mixture", parts = [{ law = "Uniform" }], weights = [1.0]',
                    ("parts", "in Python only"),
                ),
            )
        ),
        (
            VALID
            + '[inputs.payload]\nunit = "kg"\nsource = "judgement"\nrole = "required"\n'
            + 'distribution = { law = "Uniform", low = 1, high = 5 }\n',
            ("inputs.payload.role", "'requirement' (a supplier can be held to it)", "not 'required'"),
        ),
        (
            VALID + '[limits.payload_gian]\nat_least = "0 kg"\n',
            ("payload_gian", "did you mean 'payload_gain'"),
        ),
        (VALID + "[limits.payload_gain]\n", ("limits.payload_gain", "at_least or at_most")),
        (
            VALID
            + '[inputs.payload]\nunit = "kg"\nsource = "judgement"\n'
            + 'distribution = { law = "Uniform", low = 5, high = 1 }\n',
            ("inputs.payload",),
        ),
        (
            VALID
            + '[inputs.payload]\nunit = "kg"\nsource = "judgement"\n'
            + 'distribution = { law = "Unifrom", low = 1, high = 5 }\n',
            ("inputs.payload", "Unifrom"),
        ),
        (
            VALID
            + '[inputs.payload]\nunit = "kg"\nsource = "judgement"\n'
            + 'distribution = { law = "Discrete", values = [1, 2], weights = [0.5, 0.6] }\n',
            ("inputs.payload", "sum"),
        ),
        (
            VALID
            + '[inputs.payload]\nunit = "s"\nsource = "judgement"\n'
            + 'distribution = { law = "Uniform", low = 1, high = 5 }\n',
            ("inputs.payload", "cannot be converted to kg"),
        ),
        (
            VALID
            + '[[correlations]]\nbetween = ["tank.fixed_mass", "tank.fixed_mas"]\nvalue = 0.5\nsource = "x"\n',
            ("tank.fixed_mas", "did you mean"),
        ),
        (
            VALID
            + "".join(
                f'[[correlations]]\nbetween = ["{a}", "{b}"]\nvalue = {v}\nsource = "x"\n'
                for a, b, v in (
                    ("tank.fixed_mass", "tank.minimum_gauge", 0.95),
                    ("tank.minimum_gauge", "tank.pressure_slope", 0.95),
                    ("tank.fixed_mass", "tank.pressure_slope", -0.95),
                )
            ),
            ("not positive definite",),
        ),
        (
            VALID
            + '[inputs.launch_mass]\nunit = "kg"\nsource = "judgement"\n'
            + 'distribution = { law = "Uniform", low = 1200, high = 1300 }\n',
            ("inputs.launch_mass", "in [lander] too"),
        ),
        (
            VALID
            + '[scenarios.low]\ntitle = "an orbit that is none"\nvalues = { "mission.perilune" = "20 km", '
            + '"mission.apolune" = "15 km" }\n',
            ("mission.apolune", "below mission.perilune"),
        ),
        (
            VALID
            + '[scenarios.low]\ntitle = "below the surface"\nvalues = { "mission.perilune" = "-5 km" }\n',
            ("perilune", "-5"),
        ),
        (
            VALID + '[scenarios.full]\ntitle = "no gas"\nvalues = { "tank.least_hot_ullage" = "0" }\n',
            ("least_hot_ullage",),
        ),
        (
            VALID
            + '[scenarios.none]\ntitle = "no thrust"\nvalues = { least_thrust = "9 kN", most_thrust = "3 kN" }\n',
            ("most_thrust", "below least_thrust"),
        ),
        (
            VALID
            + '[scenarios.lean]\ntitle = "lean"\n'
            + 'values = { least_mixture_ratio = "1.6", most_mixture_ratio = "2.9" }\n',
            ("most_mixture_ratio = 2.9", "1.3 to 2.4"),
        ),
        (
            VALID + '[scenarios.sets]\ntitle = "sets"\nvalues = { pump_sets = "5" }\n',
            ("pump_sets = 5", "engines"),
        ),
        (
            VALID.replace(
                "[lander]",
                'thrusters = "accumulators"\n[lander]\n"reaction_control.propellant_share" = '
                '{ value = "0", source = "judgement" }',
            ),
            ("thrusters", "has none", "reaction_control.propellant_share"),
        ),
        (
            VALID.replace("[lander]", 'propellants = "LOX/LCH4"\nthrusters = "low_pressure"\n[lander]'),
            ("thrusters", "manifold", "boils", "separate_tanks"),
        ),
        (
            VALID + '"tank.least_hot_ullage" = { value = "40 %", source = "judgement" }\n',
            ("lander.tank.least_hot_ullage", "'40 %' is outside [0.005, 0.3]"),
        ),
        (
            VALID + '"mission.perilune" = { value = "-3 km", source = "judgement" }\n',
            ("lander.mission.perilune", "'-3 km' is outside [10000, 30000] m"),
        ),
        (
            VALID
            + '"motor.required_efficiency" = { value = "0.9", source = "judgement" }\n'
            + '[inputs."motor.efficiency_multiplier"]\nunit = "1"\nsource = "judgement"\n'
            + 'distribution = { law = "Uniform", low = 0.9, high = 1.1 }\n',
            ("inputs.motor.efficiency_multiplier", "the required value in [lander] takes its place"),
        ),
        (VALID.replace("technology.toml", "../technology.toml"), ("extends",)),
        (VALID.replace("technology.toml", "mine.toml"), ("extends itself",)),
        (VALID.replace("technology.toml", "smal.toml"), ("extends", "did you mean 'small.toml'")),
        (VALID.replace("technology.toml", "a\\u0000b"), ("extends",)),
        ("", ("name", "is missing")),
        (VALID.replace('name = "mine"\n', ""), ("name", "is missing", "its own")),
        (VALID + '[scenarios.a]\ntitle = "x"\n', ("scenarios.a", "changes nothing", "give values")),
        (VALID.replace('"My lander"', "3"), ("title", "text in quotes, not 3")),
        (
            VALID.replace("[lander]", "wanted_probability = 90\n[lander]"),
            ("wanted_probability", "0.9 for 90 %"),
        ),
        (VALID + "[hardware.pmp]\n", ("hardware.pmp:", "known: pump")),
        (VALID + '[margins]\npower = { value = "10 kg", source = "x" }\n', ("margins.power", '"10 %"')),
        (VALID + '[[copulas]]\nfamily = "Student"\nbetween = []\n', ("between", "known: inputs")),
        (VALID + "deep = " + "[" * 5000 + "]" * 5000, ("nested too deeply",)),
        (VALID + "#" * 4_000_000, ("1 MB",)),
        (VALID.replace('"mine"', '"../mine"'), ("name", "letters and digits")),
        (VALID.replace("My lander", "My\\u001b[31m lander"), ("title", "control characters")),
        (VALID + '[scenarios."../x"]\ntitle = "x"\n', ("scenarios", "letters and digits")),
        (VALID.replace('"1250 kg"', "1250"), ("lander.launch_mass", 'write "1250 kg"')),
        (VALID.replace("1250 kg", "1250 9**9**9**9**9"), ("lander.launch_mass", "not a number with a unit")),
        (VALID.replace("1250 kg", "1250 kg" + 9 * "\u2079"), ("lander.launch_mass",)),
        (VALID.replace("[lander]", "wanted_probability = true\n[lander]"), ("wanted_probability", "number")),
        (
            VALID
            + '[inputs.payload]\nunit = "kg"\nsource = "judgement"\n'
            + 'distribution = { law = "Uniform", low = 40, high = 40.0000001 }\n',
            ("inputs.payload", "one number", "[lander]"),
        ),
        (VALID.split("[lander]", maxsplit=1)[0] + 'lander = "light"\n', ("lander", "must be a table")),
        *(
            (
                VALID
                + '[inputs.payload]\nunit = "kg"\nsource = "judgement"\n'
                + f'distribution = {{ law = "Uniform", low = {low}, high = 5 }}\n',
                ("inputs.payload", "distribution", told),
            )
            for low, told in (('"1"', "without quotes"), ("false", "number"), ("[1]", "one number"))
        ),
        (
            VALID
            + "".join(
                '[[correlations]]\nbetween = ["tank.fixed_mass", "tank.minimum_gauge"]\n'
                + f'value = {v}\nsource = "x"\n'
                for v in (0.1, 0.9)
            ),
            ("correlations", "given twice"),
        ),
    ],
)
def test_a_wrong_case_is_refused_in_one_line_that_names_the_place(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    message = wrong(tmp_path, text)
    for part in parts:
        assert part in message, message


def test_a_case_that_extends_a_lander_gets_what_the_lander_extends(tmp_path: Path) -> None:
    case, small = (
        load(written(tmp_path, VALID.replace("technology.toml", "small.toml").replace("1250", "1300"))),
        load("small"),
    )
    assert [i.name for i in case.inputs] == [i.name for i in small.inputs]
    assert (case.lander.launch_mass, case.lander.thrust) == (1300.0, small.lander.thrust)
    assert [name for name, _ in case.chain] == ["mine.toml", "small.toml", "technology.toml"]
    assert from_chain(case.chain, "a copy").inputs == case.inputs


def test_a_case_that_extends_a_file_called_case_keeps_both(tmp_path: Path) -> None:
    base = tmp_path / "case.toml"
    base.write_text(VALID.replace("1250", "1310"))
    mine = tmp_path / "mine.toml"
    mine.write_text(
        f'extends = "{base.name}"\nname = "mine"\ntitle = "mine"\n# a note, which the case extends --\n'
    )
    case = load(mine)
    assert [name for name, _ in case.chain] == ["mine.toml", "case.toml", "technology.toml"]
    again = from_chain(case.chain, "a copy")
    assert (again.name, again.lander.launch_mass) == ("mine", 1310.0) == (case.name, case.lander.launch_mass)


def test_what_is_no_case_file_is_refused_in_one_short_line_at_once(tmp_path: Path) -> None:
    key = "a" + ".a" * 20_000
    for k in range(1500):
        (tmp_path / f"{k}.toml").write_text(f'extends = "{k + 1}.toml"\nname = "a"\ntitle = "a"\n')
    os.mkfifo(tmp_path / "pipe.toml")
    values = ", ".join(["1e9"] * 90_000)
    law = f'[inputs."battery.specific_energy"]\ndistribution = {{ law = "Empirical", values = [{values}] }}\n'
    for name, text in {
        "key.toml": f"{key} = 1",
        "table.toml": f"x = {{{key} = 1}}",
        "quoted.toml": '"a".' * 20_000 + "b = 1",
        "lists.toml": "x = " + "[" * 100_000,
        "deep.toml": "x = " + "[" * 40 + "]" * 40,
        "number.toml": "x = " + "9" * 10_000,
        "large.toml": "#" * 2_000_000,
        "values.toml": f'{VALID}\n{law}unit = "Wh/kg"\nsource = "test"\n',
    }.items():
        (tmp_path / name).write_text(text)
    for name in ("key", "table", "quoted", "lists", "deep", "number", "large", "values", "pipe", "0"):
        began = time.perf_counter()
        with pytest.raises(CaseError) as refused:
            load(tmp_path / f"{name}.toml")
        assert time.perf_counter() - began < 2.0, name
        assert len(str(refused.value)) < 1000, name
        assert str(refused.value).isprintable(), name


@pytest.mark.parametrize("text", ["a\\n# b", "a\\u001b[2J", "a\\u2028b", "\\u202egnp"])
@pytest.mark.parametrize("key", ["source", "title", "unit"])
def test_texts_of_a_case_are_one_printable_line(key: str, text: str, tmp_path: Path) -> None:
    entry = {"unit": "Wh/kg", "source": "a test", "title": "energy"} | {key: text}
    lines = "\n".join(f'{k} = "{v}"' for k, v in entry.items())
    law = 'distribution = { law = "Uniform", low = 100, high = 150 }'
    path = written(tmp_path, f'{VALID}\n[inputs."battery.specific_energy"]\n{law}\n{lines}\n')
    with pytest.raises(CaseError, match="one line without control characters"):
        load(path)


def test_marks_and_line_ends_of_other_editors_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + VALID.replace("\n", "\r\n").encode())
    assert load(path).text == load(written(tmp_path / ".", VALID)).text


@pytest.mark.parametrize("where", ["mine.toml/x.toml", "x" * 5000, "x" * 5000 + ".toml", "a\0.toml", ""])
def test_a_path_that_cannot_be_read_is_no_fault_of_ours(tmp_path: Path, where: str) -> None:
    written(tmp_path, VALID)
    with pytest.raises(CaseError) as caught:
        load(f"{tmp_path}/{where}")
    assert len(str(caught.value)) < 600


def test_the_page_shows_every_law_as_it_can_be_written(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/your_own_lander.md").read_text("utf-8")
    laws = re.findall(r"^\| `(\{ law = .*?\})`", page, re.MULTILINE)
    for law in laws:
        text = f'[inputs.platform_mass]\nunit = "kg"\nsource = "judgement"\ndistribution = {law}\n'
        (given,) = (i for i in load(written(tmp_path, VALID + text)).inputs if i.name == "platform_mass")
        assert given.distribution.to_dict()["law"] in law
    assert [tomllib.loads(f"d = {law}")["d"]["law"] for law in laws] == list(LAWS)


def test_the_scenarios_decisions_offers_and_propellants_of_the_page_can_be_written(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/your_own_lander.md").read_text("utf-8")
    choices, offer, _ = re.findall(r"(?s)```toml\n(.*?)```", page)
    case = load(written(tmp_path, VALID + choices))
    assert case.scenarios["short_hover"].sets == {"mission.hover", "mission.divert"}
    orbits = case.decisions.of("pressure_fed")["descent_orbit"].options
    assert [option.values["mission.apolune"] for option in orbits.values()] == [15e3, 100e3]
    offered = load(written(tmp_path, VALID + offer)).hardware
    assert set(offered) == {"pump.efficiency_multiplier", "pump.specific_power_multiplier"}
    known = schema()["properties"]
    assert all(f'`"{name}"`' in page for name in (*known["propellants"]["enum"], *known["thrusters"]["enum"]))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("MON-3/N2H4", {"mixture_ratio": "1.0"}),
        (
            "LOX/LCH4",
            {"mixture_ratio": "3.2", "propellant_temperature": "95 K", "tank.soak_rise": "10 delta_degC"},
        ),
    ],
)
def test_other_propellants_need_what_the_page_says(tmp_path: Path, name: str, values: dict[str, str]) -> None:
    plain = VALID.replace("[lander]", f'propellants = "{name}"\n[lander]').replace("1250", "3000")
    given = "".join(f'"{leaf}" = {{ value = "{v}", source = "judgement" }}\n' for leaf, v in values.items())
    without, found = (
        [
            int(sizing.status.item())
            for sizing in budgets(load(written(tmp_path, text)).baseline()).sizings.values()
        ]
        for text in (plain, plain + given)
    )
    assert without == [Status.OUT_OF_RANGE] * 2
    assert found == [Status.GOOD] * 2


def test_laws_and_counts_are_those_of_distributions_and_lander() -> None:
    with pytest.raises(ValueError, match="known: ") as caught:
        from_dict({"law": "none"})
    assert set(str(caught.value).split("known: ")[1].split(", ")) - set(LAWS) == {"Mixture", "ScipyLaw"}
    assert quantity.units(Lander()).keys() >= COUNTS


def test_an_unknown_case_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(CaseError, match="did you mean 'medium'"):
        load("medum")
    with pytest.raises(CaseError, match="no such file"):
        load("nowhere.toml")


def test_the_schema_names_every_section_of_a_case_file() -> None:
    assert {"lander", "inputs", "correlations", "limits", "scenarios"} <= set(schema()["properties"])


def test_the_schema_tells_unit_range_and_default_of_a_leaf_and_the_unit_of_an_output() -> None:
    known = schema()["properties"]
    assert known["lander"]["properties"]["thrust"]["description"] == "N, 50 to 1e+06, default 6600"
    assert known["lander"]["properties"]["power_limit"]["description"] == "W, 1 to inf, default inf"
    assert known["limits"]["properties"]["payload_gain"]["description"] == "kg"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_schema_completes_every_name_that_a_case_uses(name: str) -> None:
    known = schema()["properties"]
    record = tomllib.loads(shipped()[name].read_text())
    for section in ("lander", "inputs", "limits"):
        assert record.get(section, {}).keys() <= known[section]["properties"].keys()
    assert record.get("propellants", "MON-3/MMH") in known["propellants"]["enum"]


def test_the_median_lander_of_a_case_stands_at_the_medians_of_its_inputs() -> None:
    case = load("small")
    leaves = quantity.flatten(case.baseline())
    for i in case.inputs:
        assert leaves[i.name] == pytest.approx(float(np.asarray(i.distribution.ppf(0.5))))


def test_an_offset_moves_the_places_of_a_law_and_not_its_widths() -> None:
    from studies.case.distribution import distribution

    law = distribution({"law": "Normal", "mean": 20.0, "std": 5.0}, 1.0, 273.15, "inputs.temperature")
    assert law == from_dict({"law": "Normal", "mean": 293.15, "std": 5.0})
    fahrenheit = distribution(
        {"law": "Normal", "mean": 68.0, "std": 9.0}, 5.0 / 9.0, 459.67 * 5.0 / 9.0, "inputs.t"
    )
    assert fahrenheit.ppf(0.5) == pytest.approx(293.15)
    assert fahrenheit.std == pytest.approx(5.0)


def test_a_standard_deviation_in_degrees_celsius_is_one_in_kelvin(tmp_path: Path) -> None:
    law = "\n".join(
        (
            "[inputs.propellant_temperature]",
            'distribution = { law = "Normal", mean = 20, std = 5 }',
            'unit = "degC"',
            'source = "judgement"',
        )
    )
    case = load(written(tmp_path, f"{VALID}\n{law}"))
    (temperature,) = (i for i in case.inputs if i.name == "propellant_temperature")
    low, middle, high = (
        float(temperature.distribution.ppf(p)) for p in (0.15865525393145707, 0.5, 0.8413447460685429)
    )
    assert (low, middle, high) == pytest.approx((288.15, 293.15, 298.15))
