"""What an installation needs is declared, and what is declared is used."""

import fnmatch
import re
import tomllib
from pathlib import Path

import pytest
from test_layers import ALLOWED, DOORS, libraries, sources

ROOT = Path(__file__).parent.parent
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = {"scikit-learn": "sklearn"}
"""Libraries whose module has another name."""


def mandatory() -> set[str]:
    names = {re.split(r"[><=\[ ]", line)[0] for line in DECLARED["project"]["dependencies"]}
    return {MODULES.get(name, name) for name in names}


def used() -> set[str]:
    return set().union(*(libraries(path) for package in ALLOWED for path in sources(package)))


def test_every_mandatory_library_is_imported_by_a_file() -> None:
    assert mandatory() - used() == set()


def test_every_library_that_is_imported_is_declared() -> None:
    extras = " ".join(
        line for group in DECLARED["project"]["optional-dependencies"].values() for line in group
    )
    beyond = used() - mandatory() - set(ALLOWED)
    assert {name for name in beyond if name not in extras} == set()


@pytest.mark.parametrize("library", DOORS)
def test_every_door_leads_somewhere(library: str) -> None:
    assert library in libraries(ROOT / DOORS[library]), f"{DOORS[library]} does not import {library}"


@pytest.mark.parametrize("package", ALLOWED)
def test_an_installation_carries_every_file_that_is_not_python(package: str) -> None:
    patterns = DECLARED["tool"]["setuptools"]["package-data"][package]
    files = [
        path.relative_to(ROOT / package).as_posix()
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert files
    assert [name for name in files if not any(fnmatch.fnmatch(name, p) for p in patterns)] == []
    for pattern in patterns:
        assert any(fnmatch.fnmatch(name, pattern) for name in files), f"{pattern} names no file"
