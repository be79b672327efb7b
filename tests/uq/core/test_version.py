"""A model's version changes with everything that can change its results, and with nothing else."""

from __future__ import annotations

import functools
import importlib
import subprocess
import sys
import threading
from pathlib import Path

import campaign_models as models
import numpy as np
import pytest

from uq.campaign.external_programs import Program, Single
from uq.core.model_version import model_version

ROOT = str(Path(__file__).parents[3])

FORMULA = '''"""A formula."""
import numpy as np
from . import helpers
def size(columns):
    return {"y": columns["x"] * helpers.FACTOR + np.load(helpers.TABLE)}
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two modules and a table, importable in this process and others."""
    home = tmp_path / "sizing_of_tests"
    (home / "tables").mkdir(parents=True)
    (home / "__init__.py").write_text("")
    (home / "formula.py").write_text(FORMULA)
    (home / "helpers.py").write_text("FACTOR = 2.0\nTABLE = 'table.npy'\n")
    (home / "unused.py").write_text("")
    np.save(home / "tables" / "table.npy", np.ones(3))
    monkeypatch.syspath_prepend(str(tmp_path))
    return home


def fresh(package: Path) -> str:
    """The version as a new process sees it."""
    code = (
        "from sizing_of_tests.formula import size\n"
        "from uq.core.model_version import model_version\nprint(model_version(size))"
    )
    environment = {"PYTHONPATH": f"{package.parent}:{ROOT}"}
    # no compiled files: one of the same second and the same length would be taken for the edited source
    run = subprocess.run(
        [sys.executable, "-B", "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return run.stdout.strip()


def test_source_imports_and_tables_count_and_other_files_do_not(package: Path) -> None:
    first = fresh(package)
    assert fresh(package) == first
    (package / "unused.py").write_text("1\n")
    assert fresh(package) == first
    seen = {first}
    for name, text in (
        ("formula.py", FORMULA.replace("+ ", "- ")),
        ("helpers.py", "FACTOR = 3.0\nTABLE = 't'\n"),
    ):
        (package / name).write_text(text)
        seen.add(fresh(package))
    np.save(package / "tables" / "table.npy", np.zeros(3))
    seen.add(fresh(package))
    assert len(seen) == 4


def test_a_module_edited_after_its_import_is_refused(package: Path) -> None:
    formula = importlib.import_module("sizing_of_tests.formula")
    model_version(formula.size)
    (package / "formula.py").write_text(FORMULA.replace("* helpers", "/ helpers"))
    with pytest.raises(RuntimeError, match="has changed since it was imported"):
        model_version(formula.size)


def test_values_that_a_model_carries_count() -> None:
    def closing(factor):
        return lambda columns: {"y": columns["x"] * factor}

    variants = [
        models.Slow(0.0),
        models.Slow(1.0),
        models.At((1.0,), "kill"),
        models.At((1.0 + 1e-15,), "kill"),
        functools.partial(closing, 1),
        functools.partial(closing, 2),
        closing(1.0),
        closing(2.0),
        closing(np.arange(3)),
        closing(np.arange(3.0)),
        closing({"a": 1}),
        Single(models.one),
        Single(models.one_of_many_fates),
        models.smooth,
    ]
    versions = [model_version(v) for v in variants]
    assert len(set(versions)) == len(versions)
    assert [model_version(v) for v in variants] == versions


def test_what_a_script_defines_counts_by_its_code() -> None:
    script = """
import threading
from uq.core.model_version import model_version
LOCK = threading.Lock()
def helper(x):
    return x {operator} FACTOR
FACTOR = {factor}
def model(columns):
    with LOCK:
        return {{"y": helper(columns["x"])}}
print(model_version(model))
"""
    seen = []
    for operator, factor in (("+", 1), ("+", 1), ("-", 1), ("+", 2)):
        code = script.format(operator=operator, factor=factor)
        run = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONPATH": ROOT}, check=True, capture_output=True, text=True
        )
        seen.append(run.stdout)
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


def test_a_script_s_model_has_the_same_version_in_another_process() -> None:
    """Attributes may bear the names of globals, which do not travel with the model."""
    script = """
from dataclasses import dataclass
from pickle import loads
from joblib.externals.loky.backend.reduction import dumps
from uq.core.model_version import model_version
def exponent():
    return "not that of the model"
@dataclass(frozen=True)
class Model:
    exponent: float
    def __call__(self, columns):
        return {"y": columns["x"] ** self.exponent}
sent, here = bytes(dumps(Model(2.0))), model_version(Model(2.0))
del Model, exponent
print(model_version(loads(sent)) == here)
"""
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, env={"PYTHONPATH": ROOT}, check=True, capture_output=True, text=True)
    assert run.stdout == "True\n"


def test_a_lock_in_a_closure_is_no_obstacle() -> None:
    lock = threading.Lock()
    assert model_version(lambda columns: columns if lock else {}) != ""


def test_a_stated_version_is_the_version() -> None:
    assert model_version(models.smooth, "1.2") == "1.2"
    program = Program((sys.executable, "{inputs}"), stated_version="7")
    assert model_version(program) == "7"


def test_a_program_counts_by_its_command_and_files(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("1")
    first = model_version(Program((sys.executable, str(script))))
    script.write_text("2")
    second = model_version(Program((sys.executable, str(script))))
    third = model_version(Program((sys.executable, str(script), "--fast")))
    assert len({first, second, third}) == 3
