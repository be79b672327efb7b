"""What strangers' models bring with them: text, numbers, paths, children, crashes, limits of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from uq import Dataset, Input, Output, Problem, Uniform, campaign
from uq.campaign import processes
from uq.campaign.executors import WorkerError
from uq.campaign.external_programs import Program
from uq.core.dataset import INVALID, LOST, RAISED, evaluate
from uq.core.model import Columns
from uq.core.storage.store import read_parts
from uq.sampling.plans import Plan, sobol_sequence

ROOT = str(Path(__file__).parents[3])


def problem(model: Any, version: str = "1") -> Problem:
    return Problem((Input("x", "m", Uniform(0.0, 1.0)),), (Output("y", "m"),), model, version=version)


def shouting(columns: Columns) -> Columns:
    if (columns["x"] > 0.9).any():
        raise ValueError("\udcff\x1b[2J\n# no heading\u2028" + "long " * 10_000)
    return {"y": columns["x"]}


def test_a_row_that_raises_unprintable_text_is_raised_and_its_message_is_one_safe_line(
    tmp_path: Path,
) -> None:
    plan = sobol_sequence(64, 1, seed=1)
    data = campaign.run(problem(shouting), plan, store=tmp_path)
    again = campaign.run(problem(shouting), plan, store=tmp_path)
    guilty = data["x"] > 0.9
    assert (data.status[guilty] == RAISED).all()
    assert data.feasible[~guilty].all()
    assert np.array_equal(again.status, data.status)
    for message in data.provenance["failures"]:
        assert message.isprintable()
        assert len(message) < 700
        assert r"\udcff\x1b[2J # no heading" in message


def large_status(columns: Columns) -> Columns:
    return {"y": columns["x"], "status": np.full(len(columns["x"]), 2**63, dtype=np.uint64)}


def test_a_status_beyond_what_one_can_be_is_no_result_and_no_negative_status() -> None:
    data = campaign.run(problem(large_status), sobol_sequence(8, 1, seed=1), max_failures=1.0)
    assert (data.status == INVALID).all()
    with pytest.raises(ValueError, match="beyond what a status can be"):
        Dataset.from_arrays(
            [[0.5]], [[1.0]], problem=problem(None), status=np.array([2**63], dtype=np.uint64)
        )
    with pytest.raises(ValueError, match="expected whole numbers"):
        Dataset.from_arrays([[0.5]], [[1.0]], problem=problem(None), status=[0.5])


def clipping(columns: Columns) -> Columns:
    np.clip(columns["x"], 0.25, 0.75, out=columns["x"])
    return {"y": columns["x"]}


def test_a_model_that_writes_into_its_columns_changes_nobody_s_inputs(tmp_path: Path) -> None:
    given = np.array([[0.1], [0.5], [0.9]])
    data = evaluate(problem(clipping), given)
    assert given.ravel().tolist() == [0.1, 0.5, 0.9] == data["x"].tolist()
    assert data["y"].tolist() == [0.25, 0.5, 0.75]
    run = campaign.run(problem(clipping), Plan(given, "given", 1), store=tmp_path)
    assert run["x"].tolist() == [0.1, 0.5, 0.9] == Dataset.load(tmp_path)["x"].tolist()


def test_arrays_that_come_in_stay_their_owner_s() -> None:
    x, y, status, unit = np.array([[0.5]]), np.array([[1.0]]), np.zeros(1, dtype=np.int64), np.array([[0.5]])
    data, plan = Dataset(problem(None), x, y, status), Plan(unit, "given", 1)
    for array in (x, y, status, unit):
        array[:] = 0  # neither frozen for their owner nor shared
    assert (data.x[0, 0], data.y[0, 0], plan.unit[0, 0]) == (0.5, 1.0, 0.5)
    with pytest.raises(ValueError, match="read-only"):
        data["x"][0] = 2.0


def slow_and_raising(columns: Columns) -> Columns:
    time.sleep(0.05)
    if (columns["x"] < 0.3).any():
        raise ValueError("too small")
    return {"y": columns["x"]}


slow_and_raising.block = 64  # type: ignore[attr-defined]


def test_the_search_for_guilty_rows_condemns_no_innocent_row_by_its_own_length() -> None:
    """Some fifty calls of 0.05 s, each within its limit of 1 s."""
    data = campaign.run(problem(slow_and_raising), sobol_sequence(64, 1, seed=1), time_limit=1.0)
    assert (data.status == np.where(data["x"] < 0.3, RAISED, 0)).all()


def wandering(columns: Columns) -> Columns:
    os.chdir("/")
    return {"y": columns["x"]}


def test_a_relative_store_stays_where_it_was_when_a_model_changes_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    campaign.run(problem(wandering), sobol_sequence(600, 1, seed=1), store="store")
    assert len(Dataset.load(tmp_path / "store")) == 600


def test_a_program_named_by_a_relative_path_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "double.py").write_text(
        "import json, sys\njson.dump({'y': 2 * json.load(open(sys.argv[1]))['x']}, open(sys.argv[2], 'w'))"
    )
    monkeypatch.chdir(tmp_path)
    program = Program((sys.executable, "double.py", "{inputs}", "{outputs}"))
    version = program.version
    monkeypatch.chdir("/")
    assert program.one({"x": 2.0}) == {"y": 4.0}
    assert program.version == version


def test_a_program_ends_with_its_own_end_whatever_it_leaves_behind() -> None:
    script = (
        "import subprocess, json, sys; subprocess.Popen(['sleep', '5']); "
        "json.dump({'y': 1.0}, open(sys.argv[1], 'w'))"
    )
    program = Program((sys.executable, "-c", script, "{outputs}"))
    data = campaign.run(problem(program), sobol_sequence(2, 1, seed=1), time_limit=3.0)
    assert data.feasible.all()


CRASH = """
import ctypes
from uq import Input, Output, Problem, Uniform, campaign
from uq.sampling.plans import sobol_sequence
def model(c):
    if (c["x"] > 0.98).any():
        ctypes.string_at(0)
    return {"y": c["x"]}
if __name__ == "__main__":
    p = Problem((Input("x", "1", Uniform(0, 1)),), (Output("y"),), model)
    campaign.run(p, sobol_sequence(64, 1, seed=1), workers=2, store=STORE)
"""


def test_a_row_that_crashes_the_interpreter_is_silent_and_the_store_says_how(tmp_path: Path) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASH.replace("STORE", repr(str(tmp_path / "store"))))
    run = subprocess.run(
        [sys.executable, str(script)], env={"PYTHONPATH": ROOT}, capture_output=True, text=True, check=True
    )
    assert run.stdout + run.stderr == ""
    parts = list(read_parts(tmp_path / "store", ("x", "y"), 1))
    messages = [m for p in parts for m in p.samples.messages.values()]  # type: ignore[union-attr]
    lost = sum(int((p.samples.status == LOST).sum()) for p in parts)  # type: ignore[union-attr]
    assert lost == len(messages) > 0
    assert all("SIGSEGV" in m and "in model" in m for m in messages)


def test_too_few_open_files_are_told_in_one_line_with_the_limit() -> None:
    code = CRASH.replace("STORE", "None").replace(
        "    campaign.run",
        "    import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (22, 22))\n    campaign.run",
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ROOT}, capture_output=True, text=True
    )
    assert run.stderr.count("Traceback") == 1
    assert "WorkerError: cannot start 2 processes here: this process may open 22 files" in run.stderr


def test_missing_semaphores_are_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(processes, "ProcessPoolExecutor", without)
    with pytest.raises(WorkerError, match=r"Permission denied; .*/dev/shm.*workers=1"):
        campaign.run(problem(wandering), sobol_sequence(8, 1, seed=1), workers=2)


def test_a_damaged_part_is_named_in_one_line_and_computed_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plan = sobol_sequence(8, 1, seed=1)
    before = campaign.run(problem(wandering), plan, store=tmp_path)
    part = next(tmp_path.glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-9])
    after = campaign.run(problem(wandering), plan, store=tmp_path)
    assert caplog.messages == [f"damaged, and computed again: {part.name} (8 samples) in {tmp_path}"]
    assert np.array_equal(before.y, after.y)


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2J", "a\u2028b", "\u202egnp"])
def test_names_units_and_sources_are_one_printable_line(text: str) -> None:
    for make in (
        lambda: Input(text, "m", Uniform(0, 1)),
        lambda: Input("x", text, Uniform(0, 1)),
        lambda: Input("x", "m", Uniform(0, 1), text),
        lambda: Output(text),
        lambda: Output("y", text),
    ):
        with pytest.raises(ValueError, match="does not print"):
            make()
