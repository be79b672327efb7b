"""The front door: every public name is there, typed, and quick to reach."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import uq

ROOT = Path(__file__).parent.parent
SCRIPT = Path(__file__).with_name("typed_user_script.py")


def test_every_public_name_is_there_and_listed() -> None:
    for name in uq.__all__:
        assert getattr(uq, name) is not None
    assert dir(uq) == sorted(uq.__all__)
    with pytest.raises(AttributeError, match="no attribute 'sobol'"):
        _ = uq.sobol


def test_plans_and_analyses_never_share_a_name() -> None:
    from uq import sampling
    from uq.sensitivity import given_data, morris_dgsm, shapley_kucherenko, sobol

    analyses = {
        name
        for module in (sobol, shapley_kucherenko, given_data, morris_dgsm)
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    }
    assert {"sobol_indices", "shapley_effects", "kucherenko_indices"} <= analyses
    assert not analyses & set(vars(sampling))


AS_INSTALLED = ("--config-file", "pyproject.toml", "--follow-imports", "silent")
"""How a checker sees a package that a user has installed: its types, not its own errors, whatever the cache holds."""


def test_a_type_checker_knows_what_a_user_script_holds() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *AS_INSTALLED, str(SCRIPT)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert found.returncode == 0, found.stdout
    assert re.findall(r'Revealed type is "([^"]*)"', found.stdout.replace("builtins.", "")) == [
        "uq.core.problem.Problem",
        "uq.core.dataset.Dataset",
        "uq.surrogates.polynomial_chaos.expansion.PolynomialChaos",
        "numpy.ndarray[tuple[Any, ...], numpy.dtype[numpy.float64]]",
        "uq.core.results.Indices",
        "uq.core.estimate.Estimate",
        "str",
    ]


@pytest.mark.parametrize(
    ("command", "seconds"),
    [(["-c", "import uq"], 0.2), (["-m", "studies.cli", "--help"], 0.3)],
    ids=["import uq", "lander-uq --help"],
)
def test_the_start_is_quick(command: list[str], seconds: float) -> None:
    """Processor time, for others may hold the processor: the start of Python itself (20 ms) counts, too."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    times = []
    for _ in range(3):
        before = spent()
        subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
        times.append(spent() - before)
    assert min(times) < seconds, times


def test_the_package_says_that_it_is_typed_and_of_which_version() -> None:
    assert Path(uq.__file__).with_name("py.typed").exists()
    assert re.fullmatch(r"\d+\.\d+\.\d+", uq.__version__)


def test_the_page_on_ones_own_model_needs_no_other_import_of_ours() -> None:
    page = (ROOT / "docs" / "your_own_model.md").read_text(encoding="utf-8")
    assert re.findall(r"^(?:>>>|\.\.\.) .*\b(?:import uq|from uq)\b.*$", page, re.MULTILINE) == [
        ">>> import uq"
    ]
