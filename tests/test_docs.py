"""The documentation: its examples run, its links lead somewhere, and the site builds without a network."""

import doctest
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from first_screen import MOST_NUMBERS, MOST_WORDS, counted

from studies.cli import app
from studies.running.catalogue import studies

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


def test_todays_answer_of_the_default_lander_has_at_most_120_words_and_40_numbers() -> None:
    answer = (ROOT / "README.md").read_text("utf-8").partition("in full:")[2].partition("![")[0]
    words, numbers = counted(answer)
    assert 60 < words <= MOST_WORDS
    assert 20 < numbers <= MOST_NUMBERS
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 90


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


def test_the_readme_is_one_page_and_its_answer_is_what_the_headline_command_writes() -> None:
    import headline

    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 90
    found = headline.BLOCK.search(text)
    assert found is not None
    rows = [line for line in found[0].splitlines() if line.startswith("| ")]
    for name in headline.LANDERS:
        assert any(row.startswith(f"| {headline.load(name).title} | ") for row in rows), name
    assert all((DOCS / figure).exists() for figure in headline.FIGURES.values())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from a copy of the pages; warnings are errors."""
    for name in ("sphinx", "furo", "myst_parser"):
        pytest.importorskip(name, reason="needs the extra: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    ignored = shutil.ignore_patterns("reference", "__pycache__", ".ipynb_checkpoints")
    shutil.copytree(DOCS, folder / "docs", ignore=ignored)
    options = ["-q", "-W", "--keep-going", "-b", "html", "-D", f"source_root={ROOT}"]
    options += ["-D", "notebooks_run=0"]  # their own tests run them
    command = [sys.executable, "-m", "sphinx", *options, str(folder / "docs"), str(folder / "site")]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder / "site"


def test_the_site_asks_the_network_for_nothing(site: Path) -> None:
    fetched = re.compile(
        r"""<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=["']?(?:https?:)?//[^"'> ]+"""
    )
    for path in site.rglob("*.html"):
        assert fetched.findall(path.read_text("utf-8")) == [], path.name
    for path in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)[^;)]*//[^;)]*", path.read_text("utf-8")) == [], path.name


def test_the_site_holds_every_page_and_every_public_module(site: Path) -> None:
    pages = [
        path.relative_to(DOCS).with_suffix(".html") for path in (*PAGES, *DOCS.glob("notebooks/*.ipynb"))
    ]
    assert [page for page in pages if not (site / page).exists()] == []
    sources = [path for package in ("uq", "models", "studies") for path in (ROOT / package).rglob("*.py")]
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources if path.stem != "__init__"
    ]
    assert [name for name in names if not (site / "reference" / f"{name}.html").exists()] == []


def test_equations_are_drawn_by_the_browser_and_names_lead_to_the_reference(site: Path) -> None:
    theory = (site / "theory.html").read_text("utf-8")
    assert theory.count("<math") > 20
    assert "$" not in re.sub(r"(?s)<(script|style)\b.*?</\1>", "", theory)
    assert 'href="reference/uq.propagation.propagate.html#uq.propagation.propagate.propagate"' in theory
    assert 'href="reference/uq.sensitivity.sobol.html#uq.sensitivity.sobol.sobol_indices"' in theory
    assert "first_u = Var(E[Y | X_u])" in (site / "reference" / "uq.sensitivity.sobol.html").read_text(
        "utf-8"
    )


def notebook_site(folder: Path, *cells: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A site of one notebook with these cells of code."""
    for name in ("sphinx", "myst_parser", "nbclient", "ipykernel"):
        pytest.importorskip(name, reason="needs the extra: pip install '.[docs]'")
    import nbformat.v4 as v4

    pages = folder / "pages"
    pages.mkdir()
    notebook = v4.new_notebook(
        cells=[v4.new_markdown_cell("# A page"), *[v4.new_code_cell(cell) for cell in cells]],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    (pages / "index.ipynb").write_text(json.dumps(notebook))
    (pages / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(DOCS / '_extensions')!r})\n"
        "extensions = ['myst_parser', 'notebook_pages', 'source_reference']\n"
        f"source_packages, source_root = [], {str(folder)!r}\n"
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(pages), str(folder / "site")]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    return built, folder / "site" / "index.html"


def test_the_page_of_a_notebook_shows_what_its_cells_show(tmp_path: Path) -> None:
    table = "class T:\n    def _repr_html_(self): return '<table><tr><td>drawn</td></tr>\\n\\n</table>'\nT()"
    built, page = notebook_site(tmp_path, "print(6 * 7, '<b>')", table, "open('here', 'w').close()")
    assert built.returncode == 0, built.stderr
    text = page.read_text("utf-8")
    assert "42 &lt;b&gt;" in text
    assert "<td>drawn</td>" in text
    assert (tmp_path / "here").exists()


def test_a_notebook_that_fails_fails_the_site(tmp_path: Path) -> None:
    built, _ = notebook_site(tmp_path, "1 / 0")
    assert built.returncode != 0
    assert "ZeroDivisionError" in built.stderr


def test_the_tutorial_names_every_section_of_the_report_every_study_and_every_command() -> None:
    tutorial = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    report = (ROOT / "tests" / "golden" / "pump-requirements.md").read_text("utf-8")
    titles = [t.removeprefix("Fixed design: ") for t in re.findall(r"^## (.+)$", report, re.MULTILINE)]
    sheets = [t for t in titles if t.startswith("Specification sheet: ")]
    assert len(sheets) == 2
    for title in set(titles) - {*sheets, "Provenance"}:
        assert f"| {title[0].upper()}{title[1:]} |" in tutorial, title
    commands = [command.name or command.callback.__name__ for command in app.registered_commands]
    for command in [*commands, *(f"run {study}" for study in studies())]:
        assert f"lander-uq {command}" in tutorial, command
