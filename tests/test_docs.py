"""The documentation: its examples run, its links lead somewhere, and the site builds without a network."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
RUN_ELSEWHERE = {"optimisers", "your_own_model"}
"""Beside the tests of what they show."""
EXAMPLES = [path for path in PAGES if ">>> " in path.read_text("utf-8") and path.stem not in RUN_ELSEWHERE]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_of_a_page_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(path), module_relative=False, optionflags=FLAGS)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.md"], ids=lambda path: path.stem)
def test_the_links_of_a_page_lead_to_files_that_exist(path: Path) -> None:
    generated = {"reference/index.rst"}
    prose = re.sub(r"(?ms)^```.*?^```", "", path.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose):
        if "://" not in target and target not in generated:
            assert (path.parent / target).exists(), target


def test_every_page_is_one_click_from_the_readme_and_from_the_first_page() -> None:
    pages = {f"{path.stem}.md" for path in PAGES} - {"index.md"}
    pages |= {f"notebooks/{path.name}" for path in DOCS.glob("notebooks/*.ipynb")}
    readme, first = (ROOT / "README.md").read_text("utf-8"), (DOCS / "index.md").read_text("utf-8")
    assert {page for page in pages if f"](docs/{page})" not in readme} == set()
    assert {page for page in pages if f"]({page})" not in first} == set()
