"""Functions of one sample, and programs on the command line, as models."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

import campaign_models as models
import numpy as np
import pytest
from campaign_models import problem

from uq import campaign
from uq.campaign.external_programs import Program, Single
from uq.core.dataset import INVALID, RAISED, TIMED_OUT
from uq.sampling.plans import sobol_sequence

JSON_SCRIPT = """
import json, sys, time
sample = json.load(open(sys.argv[1]))
if sample["x4"] < 0.1: sys.exit("too small")
if sample["x4"] < 0.2: time.sleep(1000)
if sample["x4"] < 0.3: json.dump({"a": "many", "b": 1}, open(sys.argv[2], "w")); sys.exit()
if sample["x4"] < 0.4: sys.exit()
print("a program that talks")
json.dump({"a": sample["x0"] * sample["x1"], "b": sample["x2"] ** 2}, open(sys.argv[2], "w"))
"""

CSV_SCRIPT = """
import csv
names, values = csv.reader(open("in.csv"))
sample = dict(zip(names, map(float, values)))
open("out.csv", "w").write("a, b\\n%r, %r\\n" % (sample["x0"] * sample["x1"], sample["x2"] ** 2))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(JSON_SCRIPT)
    return path


def test_single_samples_and_vectors_agree() -> None:
    plan = sobol_sequence(40, 5, seed=1)
    data = campaign.run(problem(Single(models.one)), plan)
    assert np.array_equal(data["a"], data["x0"] * data["x1"])
    assert campaign.key(data.problem) != campaign.key(problem(models.smooth))


def test_a_program_reads_and_writes_json(script: Path) -> None:
    plan = sobol_sequence(24, 5, seed=1)
    model = Program((sys.executable, str(script), "{inputs}", "{outputs}"))
    data = campaign.run(problem(model), plan, workers=2, time_limit=4.0, max_failures=1.0)
    x4 = data["x4"]
    expected = np.select([x4 < 0.1, x4 < 0.2, x4 < 0.3, x4 < 0.4], [RAISED, TIMED_OUT, RAISED, RAISED], 0)
    assert set(expected) == {0, RAISED, TIMED_OUT}
    assert np.array_equal(data.status, expected)
    good = data.feasible
    assert np.array_equal(data["a"][good], (data["x0"] * data["x1"])[good])
    assert INVALID not in data.status


def test_a_program_reads_and_writes_csv_in_its_own_folder(script: Path) -> None:
    script.write_text(CSV_SCRIPT)
    model = Program((sys.executable, "script.py"), inputs="in.csv", outputs="out.csv", files=(str(script),))
    data = campaign.run(problem(model), sobol_sequence(4, 5, seed=1))
    assert np.array_equal(data["a"], data["x0"] * data["x1"])
    assert np.array_equal(data["b"], data["x2"] ** 2)


def test_a_failing_program_is_quoted(script: Path, tmp_path: Path) -> None:
    model = Program((sys.executable, str(script), "{inputs}", "{outputs}"))
    sample = {f"x{j}": 0.05 for j in range(5)}
    with pytest.raises(RuntimeError, match="exit 1: too small"):
        model({name: np.array([value]) for name, value in sample.items()})


def test_a_program_that_outlives_its_time_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    model = Program(("sh", "-c", f"(sleep 3; touch {mark}) & sleep 1000"))
    data = campaign.run(problem(model), sobol_sequence(1, 5, seed=1), time_limit=0.5, max_failures=1.0)
    assert data.status[0] == TIMED_OUT
    time.sleep(4.0)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"command": ()}, "no command"),
        ({"command": "sh run.sh"}, r"a tuple of words, such as \('sh', 'run.sh'\)"),
        ({"command": ("no-such-program",)}, "no program 'no-such-program'"),
        ({"command": ("sh",), "files": ("no/such/file",)}, "no file"),
        ({"command": ("sh",), "outputs": "out.xml"}, r"\.json or \.csv"),
    ],
)
def test_a_program_is_checked_before_it_runs(options, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Program(**options)


def test_single_results_that_are_none_are_found_among_the_good() -> None:
    def odd(sample):
        bad = {0: "text", 1: 1j, 2: None, 3: [1.0, 2.0]}
        k = int(sample["x4"] * 8)
        return {"a": bad.get(k, sample["x0"]), "b": 1.0} if k != 4 else {"a": 1.0}

    data = campaign.run(problem(Single(odd)), sobol_sequence(64, 5, seed=1), max_failures=1.0)
    wrong = data["x4"] * 8 < 5.0
    assert np.array_equal(data.status, np.where(wrong, INVALID, 0))
    assert np.array_equal(data["a"][~wrong], data["x0"][~wrong])


def test_a_function_that_returns_no_columns_is_told_so() -> None:
    data = campaign.run(problem(Single(models.bare_number)), sobol_sequence(8, 5, seed=1), max_failures=1.0)
    assert (data.status == INVALID).all()
    assert data.provenance["failures"] == {"the model returned float, expected named columns": 8}


def test_a_sample_that_reports_its_failure_is_heard_beside_any_other() -> None:
    def reporting(sample):
        return {"a": 99.0, "b": 1.0, "status": 3} if sample["x4"] > 0.5 else {"a": 1.0, "b": 1.0}

    asked = dataclasses.replace(problem(Single(reporting)), statuses={3: "too hot"})
    data = campaign.run(asked, sobol_sequence(64, 5, seed=1), max_failures=1.0)
    assert np.array_equal(data.status, np.where(data["x4"] > 0.5, 3, 0))
