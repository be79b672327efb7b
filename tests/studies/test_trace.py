"""What `trace` says of a folder that was damaged, forged or changed after the study."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_study import content

from studies import cli
from studies.analysis.requirements import requirements_of
from studies.running import exit_codes
from studies.running.output_folder import FolderError
from studies.running.trace import trace
from uq.core.storage.atomic_files import read_manifest, write_manifest
from uq.core.storage.reading import DamagedFile


@pytest.fixture(autouse=True)
def found_again(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found again is what the finished study found: ten seconds less for every test but the slow one."""
    slow = request.node.get_closest_marker("slow") is not None
    found = content(request.getfixturevalue("finished")[2])

    def again(case: Any, **origin: Any) -> Any:
        return content(requirements_of(case, **origin)) if slow else found

    monkeypatch.setattr("studies.running.trace.requirements_of", again)


@pytest.fixture
def copy(finished: Any, tmp_path: Path) -> Path:
    shutil.copytree(finished[0], tmp_path / "copy")
    return tmp_path / "copy"


def rewritten(folder: Path, change: Callable[[dict[str, Any]], None], *, hashed: bool) -> None:
    """Change the requirements, and the hash of their file too where the forger knows of it."""
    path = folder / "requirements.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    if hashed:
        manifest = read_manifest(folder)
        manifest["sha256"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        write_manifest(folder, manifest)


def lowered(record: dict[str, Any]) -> None:
    for one in record["requirements"]:
        old = f"{one['value']:.4g}"
        one["value"] *= 0.7
        one["text"] = one["text"].replace(old, f"{one['value']:.4g}")


def without_limits(record: dict[str, Any]) -> None:
    for one in record["requirements"]:
        one["limits"] = []


def reworded(record: dict[str, Any]) -> None:
    for one in record["requirements"]:
        one["text"] = one["text"].replace(" shall ", " shall perhaps ")


def test_a_folder_as_it_was_written_holds_and_says_what_was_not_looked_at(finished: Any) -> None:
    found = trace(finished[0])
    assert found
    for one in found:
        assert one.holds, one.lines
        assert any(line.startswith("not looked at: ") for line in one.lines)
        assert one.folder.checked >= 4


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize("change", [lowered, without_limits])
def test_a_forged_value_or_limit_does_not_hold_even_with_its_hash(
    change: Callable[[dict[str, Any]], None], hashed: bool, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewritten(copy, change, hashed=hashed)
    assert cli._guarded(["trace", "--folder", str(copy)]) == exit_codes.DOES_NOT_HOLD
    out = capsys.readouterr().out
    assert "was simulated" in out if change is lowered else "no limit is named" in out
    assert f"its {'value' if change is lowered else 'limits'} is " in out
    assert "DOES NOT HOLD" in out


def test_an_absolute_value_forged_together_with_its_ratio_is_not_that_of_the_design(copy: Path) -> None:
    def relaxed(record: dict[str, Any]) -> None:
        for one in record["requirements"]:
            old = f"{one['value']:.4g}"
            one["value"] *= 0.9
            one["size"] /= 0.9 ** one["exponent"]
            one["zero"] *= 0.9
            one["text"] = one["text"].replace(old, f"{one['value']:.4g}")

    rewritten(copy, relaxed, hashed=True)
    found = {t.statement.identifier: t for t in trace(copy)}
    assert found
    absolute = [t for name, t in found.items() if name.endswith(("-OX", "-FU"))]
    assert absolute
    for one in absolute:
        assert not one.holds
        assert any(fault.startswith("its size is ") for fault in one.check.faults)


def fewer_conditions(one: dict[str, Any]) -> None:
    one["conditions"] = one["conditions"][:-1]


def fewer_conditions_and_inputs(one: dict[str, Any]) -> None:
    dropped = one["conditions"].pop()["design"]
    for source in one["evidence"]:
        del source["design"][dropped]


def another_liquid(one: dict[str, Any]) -> None:
    one["text"] = one["text"].replace("fuel pump", "hydrogen pump").replace("All pump", "All fuel pump")


def another_temperature(one: dict[str, Any]) -> None:
    one["text"] = one["text"].replace(" degC", "0 degC").replace("end of life", "beginning of life")


def set_to(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(one: dict[str, Any]) -> None:
        one[name] = value

    return change


def closed(one: dict[str, Any]) -> None:
    one["attributes"]["status"] = "TBC"
    one["attributes"]["accuracy"] = 1.0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (fewer_conditions, "its conditions is "),
        (fewer_conditions_and_inputs, "its conditions is "),
        (another_liquid, "its text is "),
        (another_temperature, "its text is "),
        (set_to("wanted", 0.5), "its wanted is 0.5, "),
        (set_to("margin", 0.123), "its margin is 0.123, "),
        (set_to("rationale", "Every supplier meets it."), "its rationale is 'Every supplier meets it.', "),
        (set_to("scenario", "test"), "its scenario is 'test', "),
        (set_to("identifier", "PUMP-NEW"), "the study requires no such thing"),
        (closed, "its attribute status is 'TBC', "),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_whatever_is_forged_in_a_requirement_with_its_hash_is_not_what_the_study_finds(
    change: Callable[[dict[str, Any]], None], named: str, copy: Path
) -> None:
    def forged(record: dict[str, Any]) -> None:
        change(next(r for r in record["requirements"] if r["identifier"] == "SET-POWER"))
        for one in record["requirements"]:
            if change is another_liquid:
                change(one)

    rewritten(copy, forged, hashed=True)
    one = next(t for t in trace(copy) if t.statement.identifier in ("SET-POWER", "PUMP-NEW"))
    assert not one.holds
    assert any(fault.startswith(named) for fault in one.check.faults), one.check.faults


def test_requirements_that_are_missing_doubled_or_without_runs_are_found_out(copy: Path) -> None:
    def forged(record: dict[str, Any]) -> None:
        kept = record["requirements"].pop(0)
        record["requirements"].append(dict(record["requirements"][0]))
        record["entries"][0]["value"] = 1.0
        forged.missing = kept["identifier"]  # type: ignore[attr-defined]

    rewritten(copy, forged, hashed=True)
    found = trace(copy)
    faults = {t.statement.identifier: t.check.faults for t in found if not t.holds}
    assert faults[forged.missing] == ("the study requires this, and the folder does not",)  # type: ignore[attr-defined]
    assert any("is stated twice" in fault for some in faults.values() for fault in some)
    assert any(fault.startswith("its value is 1, ") for some in faults.values() for fault in some)


def test_margins_that_the_design_does_not_hold_are_faults_of_every_requirement(copy: Path) -> None:
    path = copy / "evidence.json"
    record = json.loads(path.read_text())
    record["margins"]["power"] += 0.1
    path.write_text(json.dumps(record))
    for one in trace(copy):
        assert not one.holds
        assert any(fault.startswith("the design has a margin power of ") for fault in one.check.faults)


def test_a_case_that_is_shown_beside_another_that_is_used_is_a_fault(copy: Path) -> None:
    manifest = read_manifest(copy)
    text = (copy / "case.toml").read_text().replace("title", "# title", 1)
    (copy / "case.toml").write_text(text)
    manifest["sha256"]["case.toml"] = hashlib.sha256(text.encode()).hexdigest()
    write_manifest(copy, manifest)
    for one in trace(copy):
        assert not one.folder.changed
        assert "case.toml is not the case of manifest.json, of which the set was found" in one.check.faults


@pytest.mark.parametrize("origin", [{}, {"samples": 0}, {"samples": 64, "seed": 1, "confirmed": -1}, None])
def test_an_origin_that_is_none_is_damage(origin: Any, copy: Path) -> None:
    path = copy / "evidence.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"origin": origin}))
    with pytest.raises(DamagedFile, match=r"evidence\.json is damaged"):
        trace(copy)


@pytest.mark.slow
def test_the_whole_set_is_found_again_from_the_folder_alone(finished: Any) -> None:
    found = trace(finished[0])
    assert found
    for one in found:
        assert one.holds, one.lines
        assert one.rerun >= 600


def test_a_reworded_sentence_and_a_changed_case_do_not_belong_to_the_run(copy: Path) -> None:
    rewritten(copy, reworded, hashed=False)
    (copy / "case.toml").write_text((copy / "case.toml").read_text().replace("title", "subtitle", 1))
    for one in trace(copy):
        assert not one.holds
        assert {"case.toml", "requirements.json"} == set(one.folder.changed)


def test_changes_beside_the_evidence_are_named_and_change_nothing(copy: Path) -> None:
    (copy / "surrogates.bin").write_bytes(b"")
    for one in trace(copy):
        assert one.holds
        assert "not evidence, but changed since the run: surrogates.bin" in one.lines


@pytest.mark.parametrize("name", ["requirements.json", "evidence.json", "manifest.json"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b"\xff",
        b'{"format": 3, "requirements": [{}], "margins": {"power": "1"}}',
    ],
    ids=["empty", "cut", "list", "null", "deep", "bytes", "other types"],
)
def test_a_damaged_file_is_named_in_one_line_with_what_to_do(
    name: str, content: bytes, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / name).write_bytes(content)
    assert cli._guarded(["trace", "--folder", str(copy)]) == exit_codes.INVALID_CASE
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert name in err
    assert "damaged" in err
    assert "run the study again" in err


@pytest.mark.parametrize("rows", ["-5-3", "0-999999999999", "5-3", "1" * 5000, 7, None, "0-59; x"])
def test_rows_that_are_none_are_damage(rows: Any, copy: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        record["requirements"][0]["evidence"][0]["rows"] = rows

    rewritten(copy, change, hashed=True)
    with pytest.raises(DamagedFile, match=r"requirements\.json is damaged"):
        trace(copy)


@pytest.mark.parametrize("files", [[], [1], [["a"]], [["a", 1]], [["a", "b", "c"]], "a"])
@pytest.mark.parametrize("command", ["trace", "offer"])
def test_case_files_that_are_none_are_damage(
    command: str, files: Any, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_manifest(copy, {**read_manifest(copy), "case_files": files})
    assert _asked(command, copy) == exit_codes.INVALID_CASE
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "manifest.json is damaged: its case_files" in err


@pytest.mark.parametrize("name", ["requirements.json", "evidence.json"])
def test_an_offer_is_not_judged_by_files_that_the_run_did_not_write(
    name: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads((copy / name).read_text())
    key = "requirements" if name == "requirements.json" else "margins"
    record[key] = type(record[key])()
    (copy / name).write_text(json.dumps(record))
    assert _asked("offer", copy) == exit_codes.INVALID_CASE
    assert f"{name} is not the file that this run wrote" in capsys.readouterr().err


def test_no_offer_is_judged_by_a_requirement_that_does_not_follow_from_its_runs(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewritten(copy, lowered, hashed=True)
    assert _asked("offer", copy) == exit_codes.INVALID_CASE
    assert "does not follow from its runs" in capsys.readouterr().err


def test_requirements_that_were_taken_away_are_missed(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten(copy, lambda record: record.update(requirements=[]), hashed=False)
    assert _asked("trace", copy) == exit_codes.INVALID_CASE
    assert "requirements.json is not the file that this run wrote" in capsys.readouterr().err


def _asked(command: str, folder: Path) -> int:
    """The exit code of a command on a finished folder."""
    file = folder.parent / "offer.toml"
    file.write_text(
        '[hardware.inverter]\npoints = [{ power = "5 kW", efficiency = "0.96" }]\nuncertainty = "1 %"\nsource = "s"\n'
    )
    asked = ["offer", str(file), "--study", str(folder)]
    return cli._guarded(asked if command == "offer" else ["trace", "--folder", str(folder)])


def test_evidence_that_lies_elsewhere_is_not_opened(copy: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        record["requirements"][0]["evidence"][0]["dataset"] = "../copy/evidence-0"

    rewritten(copy, change, hashed=True)
    with pytest.raises(DamagedFile, match="lies elsewhere"):
        trace(copy)


def test_a_folder_that_was_removed_while_its_study_ran_can_be_used_again(tmp_path: Path) -> None:
    from studies.case.case import load
    from studies.running.output_folder import claim, finish
    from uq.report.document import Brief, Report

    claimed = claim(tmp_path / "out", study="break-even", case=load("check"), seed=1)
    shutil.rmtree(tmp_path / "out")
    (tmp_path / "out" / "samples").mkdir(parents=True)
    with pytest.raises(FolderError, match="was removed"):
        finish(claimed, Report("a", "b", "c", Brief("So."), ()))
    claim(tmp_path / "out", study="break-even", case=load("check"), seed=1)


@pytest.mark.parametrize("emptied", [False, True])
def test_a_study_whose_folder_was_removed_stops_at_its_next_sign_of_progress(
    emptied: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from studies import break_even

    folder, stages = tmp_path / "out", []

    def run(case: Any, *, seed: int, workers: Any, output: Path, watch: Any, samples: int = 4) -> Any:
        for stage in ("sizing", "learning", "writing"):
            stages.append(stage)
            watch(stage, 0.5)
            shutil.rmtree(output)
            if emptied:
                output.mkdir()
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(break_even, "run", run)
    command = ["run", "break-even", "--case", "check", "--output", str(folder), "--workers", "1", "-q"]
    assert cli._guarded(command) == exit_codes.WRONG_USE
    assert stages == ["sizing", "learning"]
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"{folder} was removed or emptied" in err
    assert folder.exists() == emptied  # and the same command may go on in it
    assert not emptied or (folder / "manifest.json").is_file()
