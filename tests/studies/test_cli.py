"""The command line as a user meets it: answers, exit codes, and one line for every mistake."""

import errno
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from studies import cli
from studies.running import exit_codes
from studies.running.output_folder import FolderError, claim, finish
from uq.core.storage.reading import DamagedFile


def ran(*arguments: str, capsys) -> tuple[int, str, str]:
    code = cli._guarded(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_list_names_every_study_with_its_question_and_every_lander(capsys) -> None:
    code, out, _ = ran("list", capsys=capsys)
    assert code == exit_codes.DONE
    for name, question in cli.studies().items():
        assert name in out
        assert question.endswith("?")
    for name in ("small", "medium", "series3", "large", "check"):
        assert name in out


def test_list_as_json_is_json(capsys) -> None:
    _, out, _ = ran("list", "--json", capsys=capsys)
    assert set(json.loads(out)) == {"studies", "cases"}


def test_size_shows_both_budgets_side_by_side_with_units(capsys) -> None:
    code, out, err = ran("size", "--case", "small", capsys=capsys)
    assert (code, err) == (exit_codes.DONE, "")
    for part in (
        "pressure-fed [kg]",
        "electric pump [kg]",
        "battery, whole cells",
        "Payload gain",
        "payload",
    ):
        assert part in out
    shares = {line.split("  ")[0].strip(): line.split()[-1] for line in out.splitlines() if line.strip()}
    assert (shares["engines"], shares["motors"], shares["harness"]) == (
        "8",
        "28",
        "30",
    )  # % of growth, by item


def test_size_says_that_nothing_was_decided_or_what_was(capsys) -> None:
    _, out, _ = ran("size", "--case", "small", capsys=capsys)
    assert "Concepts: both as the case has them. `run pump-requirements` compares the best ones" in out
    _, out, _ = ran("size", "--case", "small", "--concept", "pump_sets=shared", capsys=capsys)
    assert (
        "Concept, pressure-fed: as the case has it (pump_sets = shared is for the electric-pump lander alone)"
        in out
    )
    assert "Concept, electric-pump: one pump set for all engines" in out


def test_size_as_json_is_in_si_units_and_its_masses_add_up(capsys) -> None:
    code, out, _ = ran(
        "size", "--case", "small", "--set", "battery.specific_energy=150 Wh/kg", "--json", capsys=capsys
    )
    found = json.loads(out)
    assert code == exit_codes.DONE
    for name in ("pressure_fed", "electric_pump"):
        one = found[name]
        assert sum(one["masses"].values()) == pytest.approx(one["propulsion_mass"])
        assert 5e5 < one["chamber_pressure"] < 1e7
    assert found["payload_gain"] == pytest.approx(
        found["electric_pump"]["payload"] - found["pressure_fed"]["payload"]
    )


def test_a_lander_without_a_design_says_so_instead_of_a_gain(capsys) -> None:
    code, out, _ = ran("size", "--set", "launch_mass=500 kg", capsys=capsys)
    assert code == exit_codes.DONE
    assert "nan" not in out
    assert (
        "no design was found (pressure-fed: cannot land; electric pump: cannot land): thrust is 14 of the"
        in out
    )
    assert "not 1 to 6; lower thrust or raise launch_mass" in out
    code, out, _ = ran("size", "--set", "reaction_control.landing_thrust=1 N", capsys=capsys)
    assert code == exit_codes.DONE
    assert "reaction_control.landing_thrust = 1 N may not hold it; raise it" in out


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (
            ("engines_out=3",),
            "engines_out = 3 of engines = 3 leaves less thrust than weight; lower engines_out",
        ),
        (
            ("mixture_ratio=9", "least_mixture_ratio=0", "most_mixture_ratio=0"),
            "mixture_ratio = 9 is outside 1.3 to 2.4, where MON-3/MMH is known",
        ),
        (
            ("propellant_temperature=60 degC",),
            "propellant_temperature of 333 K, 18 K more in the soak, leaves that",
        ),
    ],
)
def test_values_that_leave_no_design_are_named(settings, key, capsys) -> None:
    _, out, _ = ran("size", *[part for one in settings for part in ("--set", one)], capsys=capsys)
    assert key in " ".join(out.split())


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        (("tank.least_hot_ullage=0.1", "ullage_ratio=11"), "= 11 times tank.least_hot_ullage = 0.1"),
        (("pump_sets=1.5",), "pump_sets = 1.5 counts things"),
        (("engines_out=0.5",), "engines_out = 0.5 counts things"),
    ],
)
def test_tanks_of_gas_alone_and_parts_of_an_engine_are_refused_in_a_line(settings, remedy, capsys) -> None:
    code, _, err = ran("size", *[part for one in settings for part in ("--set", one)], capsys=capsys)
    assert code == exit_codes.WRONG_USE
    assert remedy in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (("power_limit=0.5 kW",), "electric pump: power limited"),
        (("platform_mass=2 t",), "nothing is left for payload"),
        (("tank.least_hot_ullage=0.1", "ullage_ratio=9"), "lower tank.least_hot_ullage or the ullage_ratio"),
    ],
)
def test_where_a_limit_is_broken_no_gain_is_given(settings, reason, capsys) -> None:
    code, out, _ = ran("size", *[part for one in settings for part in ("--set", one)], capsys=capsys)
    assert code == exit_codes.DONE
    assert "Payload gain of" not in out
    assert reason in out
    _, out, _ = ran("size", *[p for one in settings for p in ("--set", one)], "--json", capsys=capsys)
    assert json.loads(out)["payload_gain"] is None


def test_a_limit_of_the_case_that_the_design_breaks_leaves_no_gain(tmp_path: Path, capsys) -> None:
    path = tmp_path / "limited.toml"
    path.write_text(
        'name = "limited"\ntitle = "Limited"\nextends = "series3.toml"\n'
        '[limits.electric_power]\nat_most = "3 kW"\nsource = "judgement"\n',
        encoding="utf-8",
    )
    _, out, _ = ran("size", "--case", str(path), capsys=capsys)
    assert "a limit of the case is broken: electric power at full thrust is" in out
    assert "the case allows at most 3 kW" in out


def test_limits_that_a_design_stands_on_are_said(capsys) -> None:
    _, out, _ = ran("size", "--set", "power_limit=3 kW", capsys=capsys)
    for part in ("its limit of 3 kW", "near the highest speed allowed", "of the 40 K that the cells bear"):
        assert part in out


def test_a_new_case_closes_at_its_payload_and_is_never_overwritten(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = ran("new", "mine", capsys=capsys)
    assert (code, err) == (exit_codes.DONE, "")
    assert "lander-uq size --case mine.toml" in out
    code, out, _ = ran("size", "--case", "mine.toml", "--json", capsys=capsys)
    assert json.loads(out)["pressure_fed"]["payload"] == pytest.approx(250.0, abs=0.5)
    text = (tmp_path / "mine.toml").read_text()
    code, _, err = ran("new", "mine", capsys=capsys)
    assert (code, err.count("\n")) == (exit_codes.WRONG_USE, 1)
    assert (tmp_path / "mine.toml").read_text() == text


def test_close_finds_the_platform_of_the_payload_and_histories_are_written(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "h"
    code, out, _ = ran(
        *("size", "--set", "payload=280 kg", "--close", "--json", "--concept", "engines=one", "--history"),
        str(folder),
        capsys=capsys,
    )
    found = json.loads(out)
    assert code == exit_codes.DONE
    assert found["concept"] == {"engines": "one"}
    assert found["pressure_fed"]["payload"] == pytest.approx(280.0, abs=1e-3)
    names = {
        f"histories-{one}.{kind}" for one in ("pressure-fed", "electric-pump") for kind in ("csv", "svg")
    }
    assert {path.name for path in folder.iterdir()} == names
    assert "state of charge" in (folder / "histories-electric-pump.csv").read_text().splitlines()[0]


def test_units_change_the_numbers_and_not_the_lander(capsys) -> None:
    shown = {}
    for system in ("field", "si", "imperial"):
        _, out, _ = ran("size", "--case", "small", "--units", system, capsys=capsys)
        row = next(line.split() for line in out.splitlines() if line.strip().startswith("chamber pressure"))
        shown[row[2]] = float(row[3])
    assert shown["Pa"] == pytest.approx(1e5 * shown["bar"], rel=5e-3)
    assert shown["psi"] == pytest.approx(14.5038 * shown["bar"], rel=5e-3)


def test_the_first_page_of_a_run_is_printed_in_the_units_asked_for(monkeypatch, capsys, tmp_path) -> None:
    from studies.running import session
    from uq.core.table import Column, Table
    from uq.report.document import Brief, Report

    table = Table(
        "brief",
        "Quantities",
        (Column("quantity"), Column("required"), Column("worth", "kg per %", digits=2)),
        (("pump at 1.1 L/s, 22 bar", "\N{LESS-THAN OR EQUAL TO} 14.3 kg", 0.3),),
    )
    lines = (
        ("Break-even", "2.3 \N{EN DASH} 2.5 t launch mass"),
        ("Windings", "up to 20 degC, 78 % of landers"),
    )
    report = Report("s", "Title", "Why?", Brief("+13.1 kg payload.", "pays", (), table, lines), ())
    case = SimpleNamespace(name="c")
    monkeypatch.setattr(session, "carried_out", lambda *_, **__: (case, report, tmp_path / "report.html"))

    def printed(system: str) -> str:
        code, out, _ = ran("run", "validation", "--units", system, capsys=capsys)
        assert code == exit_codes.DONE
        return " ".join(out.split())

    for words in ("+28.9 lb payload", "17 gpm, 320 psi", "31.5 lb", "[lb per %]", "0.66"):
        assert words in printed("imperial")
    for words in ("5100 \N{EN DASH} 5500 lb launch mass", "68 degF, 78 % of landers"):
        assert words in printed("imperial")
    for words in ("+13.1 kg payload", "0.0011 m3/s, 2200000 Pa", "2300 \N{EN DASH} 2500 kg", "293 K"):
        assert words in printed("si")
    assert "1.1 L/s, 22 bar" in printed("field")


def test_the_tables_and_the_answer_of_an_offer_are_printed_in_the_units_asked_for(capsys) -> None:
    from studies.analysis.accounts.offer import Judged, Outcome
    from studies.running import offer
    from studies.running.unit_systems import System
    from uq.core.estimate import Estimate

    def outcome(payload: float) -> Outcome:
        return Outcome(compliance=Estimate(0.9, 0.88, 0.92), payload=payload, gain=10.0)

    found = Judged(answers=(), values={}, today=outcome(300.0), offered=outcome(310.0), terms=())
    offer.shown(found, System.imperial)
    out = " ".join(capsys.readouterr().out.split())
    assert "payload [lb]" in out
    assert "683.4" in out
    assert "carries 22.0 lb more" in out


def test_without_arguments_a_help_is_printed_line_by_line(capsys) -> None:
    code, out, err = ran(capsys=capsys)
    assert (code, err) == (exit_codes.WRONG_USE, "")
    assert out.count("\n") > 15
    assert "lander-uq new NAME" in " ".join(out.split())


def test_names_that_can_be_set_are_completed() -> None:
    assert ("payload=", "kg in 0 to 1e+06") in cli._complete_setting("pay")
    assert cli._complete_setting("payload=3") == []


def test_a_warning_or_note_of_the_library_is_one_line_without_a_path(monkeypatch, capsys) -> None:
    import logging
    import warnings

    def warn() -> dict[str, str]:
        warnings.warn("steep,\nand said so", stacklevel=1)
        logging.getLogger("uq").warning("damaged, and computed again")
        return {}

    monkeypatch.setattr(cli, "studies", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        _, _, err = ran("list", capsys=capsys)
    assert err == "lander-uq: warning: steep, and said so\nlander-uq: damaged, and computed again\n"


def test_a_setting_of_a_run_takes_the_place_of_the_case_and_of_its_input() -> None:
    from studies.case.case import from_chain, load
    from studies.case.settings import with_settings

    case = load("series3")
    other = with_settings(
        case, {"launch_mass": "4 t", "pump.efficiency": "0.6", "propellant_temperature": "10 degC"}
    )
    assert other.lander.launch_mass == 4000.0
    assert other.lander.oxidiser_pump.required_efficiency == other.lander.fuel_pump.required_efficiency == 0.6
    gone = {"propellant_temperature", "pump.efficiency_multiplier"}
    assert {i.name for i in case.inputs} - {i.name for i in other.inputs} == gone
    assert from_chain(other.chain, "again").lander == other.lander
    assert with_settings(case, {}) is case


def test_too_few_landers_or_inputs_are_told_in_one_line(tmp_path: Path, capsys) -> None:
    code, _, err = ran(
        "run", "mass-drivers", "--samples", "3", "--output", str(tmp_path / "few"), "-q", capsys=capsys
    )
    assert (code, err.count("\n")) == (exit_codes.WRONG_USE, 1)
    assert "too few" in err
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "own"\ntitle = "Own"\n[lander]\nlaunch_mass = { value = "2700 kg", source = "judgement" }\n'
        '[inputs."battery.specific_energy"]\n'
        'distribution = { law = "Uniform", low = 120, high = 180 }\nunit = "Wh/kg"\nsource = "judgement"\n',
        encoding="utf-8",
    )
    code, _, err = ran(
        *(
            "run",
            "mass-drivers",
            "--case",
            str(own),
            "--samples",
            "16",
            "--output",
            str(tmp_path / "own"),
            "-q",
        ),
        capsys=capsys,
    )
    assert (code, err.count("\n")) == (exit_codes.WRONG_USE, 1)
    assert "technology.toml" in err


def test_a_required_pump_efficiency_replaces_the_prediction(capsys) -> None:
    _, out, _ = ran("size", "--case", "small", "--set", "pump.efficiency=0.5", "--json", capsys=capsys)
    drives = json.loads(out)["electric_pump"]["drives"]
    assert drives["oxidiser pump efficiency"] == pytest.approx(0.5)
    assert drives["fuel pump efficiency"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (("run", "pump-requirement"), exit_codes.WRONG_USE, ("no study", "did you mean 'pump-requirements'")),
        (("run", "pump-requirements", "--samples", "0"), exit_codes.WRONG_USE, ("--samples", "at least 1")),
        (("run", "pump-requirements", "--samples", "-3"), exit_codes.WRONG_USE, ("--samples", "at least 1")),
        (("run", "pump-requirements", "--samples", "many"), exit_codes.WRONG_USE, ("--samples", "integer")),
        (("run", "pump-requirements", "--workers", "0"), exit_codes.WRONG_USE, ("--workers",)),
        (("run", "pump-requirements", "--seed", "-1"), exit_codes.WRONG_USE, ("--seed",)),
        (("run", "pump-requirements", "--case", "larg"), exit_codes.INVALID_CASE, ("did you mean 'large'",)),
        (("run",), exit_codes.WRONG_USE, ("STUDY",)),
        (("runn",), exit_codes.WRONG_USE, ("runn",)),
        (("size", "--cse", "small"), exit_codes.WRONG_USE, ("--cse",)),
        (("size", "--set", "pump.eficiency=0.5"), exit_codes.WRONG_USE, ("did you mean 'pump.efficiency'",)),
        (("size", "--set", "pump.efficiency"), exit_codes.WRONG_USE, ("name=value",)),
        (
            ("size", "--set", "pump.efficiency=2"),
            exit_codes.WRONG_USE,
            ("pump.efficiency = 2 is outside [0, 0.95]",),
        ),
        (("size", "--set", "power_limit=3 kg"), exit_codes.WRONG_USE, ("cannot be converted to W",)),
        (("size", "--set", "power_limit=much"), exit_codes.WRONG_USE, ("power_limit",)),
        (("size", "--set", "wet_mass=3 t"), exit_codes.WRONG_USE, ("did you mean 'launch_mass'",)),
        (
            ("size", "--set", "chamber_presure=3 bar"),
            exit_codes.WRONG_USE,
            ("did you mean 'chamber_pressure'",),
        ),
        (("size", "--set", "lander.wet_mass=3 t"), exit_codes.WRONG_USE, ("did you mean 'launch_mass'",)),
        (("size", "--set", "thrust=7 kN", "--set", "thrust=8 kN"), exit_codes.WRONG_USE, ("is set twice",)),
        (("size", "my.toml"), exit_codes.WRONG_USE, ("my.toml", "--case FILE")),
        (("size", "--concept", "engine=one"), exit_codes.WRONG_USE, ("did you mean 'engines'",)),
        (("size", "--concept", "engines=ten"), exit_codes.WRONG_USE, ("no option 'ten'",)),
        (("size", "--concept", "engines=one,engines=two"), exit_codes.WRONG_USE, ("'engines' twice",)),
        (("size", "--concept", "engines=one,"), exit_codes.WRONG_USE, ("decision=option",)),
        (("size", "--concept", "engines"), exit_codes.WRONG_USE, ("decision=option",)),
        (("size", "--units", "cgs"), exit_codes.WRONG_USE, ("field, si, imperial",)),
        (("size", "--close", "--set", "payload=2 t"), exit_codes.WRONG_USE, ("lower payload",)),
        (("run", "mass-drivers", "--concept", "engines=one"), exit_codes.WRONG_USE, ("leave it out",)),
        (
            ("run", "resource-optimization", "--concept", "engines=ten"),
            exit_codes.WRONG_USE,
            ("--concept", "no option 'ten'"),
        ),
        (("run", "mass-drivers", "--set", "wet_mass=3 t"), exit_codes.WRONG_USE, ("--set", "'launch_mass'")),
        (
            ("run", "mass-drivers", "--set", "platform_mass=2 t"),
            exit_codes.INVALID_CASE,
            ("platform_mass", "nothing is left for payload", "--close"),
        ),
        (("new", "../mine"), exit_codes.WRONG_USE, ("letters and digits",)),
        (("size", "--case", "nowhere.toml"), exit_codes.INVALID_CASE, ("no such file",)),
        (("run", "break-even", "--confirm", "600"), exit_codes.WRONG_USE, ("--confirm", "pump-requirements")),
        (("run", "pump-requirements", "--confirm", "0"), exit_codes.WRONG_USE, ("--confirm", "at least 1")),
        (("run", "mass-drivers", "--case", "all"), exit_codes.WRONG_USE, ("--case all", "pump-requirements")),
        (("trace", "--folder", "nowhere"), exit_codes.WRONG_USE, ("nowhere", "no requirements")),
    ],
)
def test_every_mistake_costs_one_line_and_its_exit_code(arguments, code, parts, capsys) -> None:
    found, out, err = ran(*arguments, capsys=capsys)
    assert found == code
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for part in parts:
        assert part in err


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--samples", "9" * 20), "at most"),
        (("--samples", "3000000000"), "at most"),
        (("--confirm", "3000000000"), "at most"),
        (("--workers", "100000"), "at most"),
        (("--seed", "9" * 30), "below 2^63"),
        (("--output", "x" * 500), "another --output"),
    ],
)
def test_a_number_or_a_name_beyond_all_measure_is_refused(
    options, part, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = ran("run", "pump-requirements", *options, capsys=capsys)
    assert (code, out, err.count("\n")) == (exit_codes.WRONG_USE, "", 1)
    assert part in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "out/samples/part"),
        PermissionError(errno.EACCES, "Permission denied", "out/tables"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "out/tables/a.csv"),
        MemoryError(),
    ],
)
def test_a_full_disk_a_shut_folder_and_a_full_memory_say_what_to_do(error, monkeypatch, capsys) -> None:
    def fail() -> dict[str, str]:
        raise error

    monkeypatch.setattr(cli, "studies", fail)
    code, _, err = ran("list", capsys=capsys)
    assert (code, err.count("\n")) == (exit_codes.WRONG_USE, 1)
    assert "give" in err
    assert "internal" not in err
    assert getattr(error, "filename", None) is None or error.filename in err


def test_a_case_without_uncertain_inputs_and_a_sweep_of_one_lander_are_refused(
    tmp_path: Path, capsys
) -> None:
    path = tmp_path / "fixed.toml"
    path.write_text(
        'name = "fixed"\ntitle = "Fixed"\n[lander]\nlaunch_mass = { value = "2700 kg", source = "judgement" }\n',
        encoding="utf-8",
    )
    for study in ("mass-drivers", "break-even", "surrogate-accuracy"):
        code, _, err = ran(
            "run", study, "--case", str(path), "-q", "--output", str(tmp_path / study), capsys=capsys
        )
        assert (code, err.count("\n")) == (exit_codes.INVALID_CASE, 1)
        assert "no uncertain inputs" in err
    code, _, err = ran(
        "run", "break-even", "--samples", "1", "-q", "--output", str(tmp_path / "one"), capsys=capsys
    )
    assert (code, err.count("\n")) == (exit_codes.WRONG_USE, 1)
    assert "--samples 2" in err


def test_a_fault_of_ours_is_one_line_with_its_own_exit_code(monkeypatch, capsys) -> None:
    monkeypatch.delenv("LANDER_UQ_DEBUG", raising=False)
    monkeypatch.setattr(cli, "studies", lambda: 1 / 0)
    code, _, err = ran("list", capsys=capsys)
    assert code == exit_codes.INTERNAL_ERROR
    assert err.count("\n") == 1
    assert "ZeroDivisionError" in err


def test_an_interruption_says_how_to_go_on(monkeypatch, capsys) -> None:
    def stop() -> dict[str, str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "studies", stop)
    code, _, err = ran("list", capsys=capsys)
    assert code == exit_codes.INTERRUPTED
    assert "resume" in err


def test_too_many_failed_samples_have_their_own_exit_code(monkeypatch, capsys) -> None:
    from uq.campaign.runner import CampaignError

    def fail() -> dict[str, str]:
        raise CampaignError("too few of the landers have a design")

    monkeypatch.setattr(cli, "studies", fail)
    assert ran("list", capsys=capsys)[0] == exit_codes.TOO_MANY_FAILURES


def test_a_folder_with_the_results_of_another_study_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    from studies.case.case import load

    case = load("small")
    claim(tmp_path, study="pump-requirements", case=case, seed=1)
    before = (tmp_path / "manifest.json").read_bytes()
    with pytest.raises(FolderError, match="holds results of pump-requirements"):
        claim(tmp_path, study="mass-drivers", case=case, seed=1)
    with pytest.raises(FolderError, match="for the case small"):
        claim(tmp_path, study="pump-requirements", case=load("large"), seed=1)
    assert (tmp_path / "manifest.json").read_bytes() == before
    claim(tmp_path, study="pump-requirements", case=case, seed=1)


@pytest.mark.parametrize("manifest", ["", "[1]", "3", "\0"])
def test_a_damaged_manifest_is_refused(tmp_path: Path, manifest: str) -> None:
    from studies.case.case import load

    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(DamagedFile, match="damaged"):
        claim(tmp_path, study="validation", case=load("small"), seed=1)
    assert (tmp_path / "manifest.json").read_text() == manifest


def test_another_seed_is_refused_and_a_finished_manifest_stands_until_the_next_report(tmp_path: Path) -> None:
    from studies.case.case import load
    from uq.report.document import Brief, Report

    case, told = load("small"), Report("validation", "Title", "Why?", Brief("So."), (), {})
    finish(claim(tmp_path, study="validation", case=case, seed=1), told)
    before = (tmp_path / "manifest.json").read_bytes()
    with pytest.raises(FolderError, match="seed 1"):
        claim(tmp_path, study="validation", case=case, seed=2)
    again = claim(tmp_path, study="validation", case=case, seed=1, options={"samples": 64})
    assert (tmp_path / "manifest.json").read_bytes() == before
    finish(again, told)
    assert json.loads((tmp_path / "manifest.json").read_text())["options"] == {"samples": 64}


def test_another_number_of_samples_is_refused_before_anything_is_sized(tmp_path: Path) -> None:
    from studies.case.case import load

    claim(tmp_path, study="mass-drivers", case=load("small"), seed=1, options={"samples": 256})
    claim(tmp_path, study="mass-drivers", case=load("small"), seed=1, options={"samples": 256})
    with pytest.raises(FolderError, match="--samples 256"):
        claim(tmp_path, study="mass-drivers", case=load("small"), seed=1, options={"samples": 2048})


def test_tables_and_figures_of_an_earlier_report_do_not_stay_beside_the_new_one(tmp_path: Path) -> None:
    from studies.case.case import load
    from uq.core.table import Column, Table
    from uq.report.document import Brief, Report, Section

    def told(name: str) -> Report:
        table = Table(name, "T", (Column("a"),), (("x",),))
        return Report("validation", "Title", "Why?", Brief("So."), (Section("S", (), (table,)),), {})

    for name in ("first", "second"):
        finish(claim(tmp_path, study="validation", case=load("small"), seed=1), told(name))
        (tmp_path / "tables" / "mine.csv").write_text("of whoever looks at them")
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {"second.csv", "mine.csv"}


def test_a_folder_with_a_strangers_files_is_refused(tmp_path: Path) -> None:
    from studies.case.case import load

    (tmp_path / "thesis.docx").write_text("ten years of work")
    with pytest.raises(FolderError, match="not a study's results"):
        claim(tmp_path, study="validation", case=load("small"), seed=1)
    file = tmp_path / "thesis.docx"
    with pytest.raises(FolderError, match="is a file"):
        claim(file, study="validation", case=load("small"), seed=1)


def test_a_finished_folder_holds_page_tables_figures_case_and_manifest(tmp_path: Path) -> None:
    from studies.case.case import load
    from uq.core.table import Column, Table
    from uq.report.document import Brief, Figure, Report, Section

    table = Table("t", "T", (Column("a"),), (("x",),))
    drawn = Figure("f", "F", "seen", "<svg></svg>")
    report = Report(
        "validation", "Title", "Why?", Brief("So."), (Section("S", (), (table, drawn)),), {"seed": "1"}
    )
    begun = claim(tmp_path / "out", study="validation", case=load("small"), seed=1)
    page = finish(begun, report)
    assert page.read_text().startswith("<!doctype html>")
    for name in ("report.md", "tables/t.csv", "figures/f.svg", "case.toml"):
        assert (tmp_path / "out" / name).exists()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["state"] == "finished"
    assert manifest["versions"]["numpy"]
    assert manifest["seconds"] >= 0.0


def test_the_help_imports_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "matplotlib", "pandas", "jinja2", "studies.case")
    code = f"import sys, studies.cli; sys.exit(any(m in sys.modules for m in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
