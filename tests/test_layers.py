"""Who may import whom: the wings of the house, one door a library, and the order of the rooms inside each package.

All imports are read from the source, those in functions and under ``TYPE_CHECKING`` too.  A room is a folder or file
that stands directly in a package; an arrow is an ordered pair of folders, at any depth, of which a file of the first
imports something of the second, however often (the front door ``uq/__init__.py``, which opens into every room, apart).
"""

import ast
import re
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.docstrings import faults, functions_of_the_house

ROOT = Path(__file__).parent.parent
STANDARD = set(sys.stdlib_module_names)

ALLOWED = {
    "models": {"numpy", "scipy", "models"},
    "uq": {"numpy", "scipy", "uq"},
    "studies": {"numpy", "uq", "models", "studies"},
}

DOORS = {
    # library: the only file that may import it
    "SALib": "uq/sampling/salib_door.py",
    "chaospy": "uq/sampling/quadrature.py",
    "sklearn": "uq/surrogates/scikit_learn.py",
    "joblib": "uq/campaign/processes.py",
    "distributed": "uq/campaign/dask.py",
    "pandas": "uq/io/tables.py",
    "pyarrow": "uq/io/tables.py",
    "emcee": "uq/calibration/ensemble.py",
    "threadpoolctl": "uq/core/repeatable.py",
    "matplotlib": "uq/report/canvas.py",
    "rich": "uq/report/terminal.py",
    "jinja2": "uq/report/rendering.py",
    "xlsxwriter": "uq/report/spreadsheet.py",
    "typer": "studies/cli.py",
    "pydantic": "studies/case/schema.py",
    "pint": "studies/case/units.py",
    "pyvinecopulib": "uq/core/copulas/vine.py",
    "openmdao": "uq/optimization/openmdao.py",
    "pymoo": "uq/optimization/pymoo.py",
}

FLOORS = {
    # from the ground up; a room imports from lower floors only, so rooms on one floor do not know each other
    "uq": (
        ("core",),
        ("sampling",),
        ("campaign",),
        ("surrogates",),
        ("propagation", "sensitivity", "reliability", "calibration"),
        ("requirements",),
        ("optimization",),
        ("one_call",),
    ),
    "models": (
        ("quantity",),
        ("smooth", "exponential", "batched_newton"),
        ("properties",),
        ("components",),
        ("flight",),
        ("lander",),
        ("architectures",),
        ("fixed_design",),
    ),
    "studies": (("case",), ("analysis",), ("presentation",), ("running",)),
}

CORE_ONLY = {"uq.io", "uq.report"}

TEXTS = {".py", ".pyi", ".js", ".html", ".css", ".toml", ".txt"}

MOST_ARROWS = 60
MOST_FILES = 16
ONE_FILE_A_THING = {"models/components"}


def sources(package: str) -> list[Path]:
    """Every file of a package, without the generators of the tables that ship."""
    return sorted(p for p in (ROOT / package).rglob("*.py") if "tables" not in p.parts)


@cache
def imported(path: Path) -> frozenset[tuple[str, str]]:
    """What a file imports, at any depth: (a, "") for ``import a`` and ``import_module("a")``, (a, b) for ``from a
    import b``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            found |= {(str(node.module), alias.name) for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = ast.unparse(node.args[0]).lstrip("f")
            if name.startswith(("'", '"')):
                found.add((name.strip("'\""), ""))
    return frozenset(found)


def libraries(path: Path) -> set[str]:
    """Top-level names of the packages that a file imports, the standard library apart."""
    return {source.split(".")[0] for source, _ in imported(path)} - STANDARD


def module(path: Path) -> str:
    """The name under which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def graph() -> dict[str, set[str]]:
    """Each module of the house with those that it imports.  ``from a import b`` is an import of the module ``a.b``
    where there is one, else of ``a``."""
    files = {module(path): path for package in ALLOWED for path in sources(package)}
    found: dict[str, set[str]] = {}
    for name, path in files.items():
        inner = {(source, f"{source}.{one}") for source, one in imported(path)}
        found[name] = {one if one in files else source for source, one in inner} & files.keys()
    return found


def room(name: str) -> str:
    """The room of a module: ``uq.core`` of ``uq.core.problem``."""
    return ".".join(name.split(".")[:2])


def arrows(package: str) -> dict[tuple[str, str], str]:
    """Pairs of rooms of a package of which the first imports the second, each with an example."""
    return {
        (room(name), room(other)): f"{name} imports {other}"
        for name, others in graph().items()
        for other in sorted(others)
        if name != package and name.startswith(f"{package}.") and other.startswith(f"{package}.")
        if room(name) != room(other)
    }


@pytest.mark.parametrize("package", ALLOWED)
def test_each_package_imports_only_what_its_layer_may(package: str) -> None:
    for path in sources(package):
        name = path.relative_to(ROOT).as_posix()
        doors = {library for library, door in DOORS.items() if name == door}
        beyond = libraries(path) - ALLOWED[package] - doors
        assert not beyond, f"{name} imports {sorted(beyond)}"


def test_every_library_has_one_door_and_works_behind_it() -> None:
    for library, door in DOORS.items():
        used = {
            path.relative_to(ROOT).as_posix()
            for package in ALLOWED
            for path in sources(package)
            if library in libraries(path)
        }
        assert used == {door}, f"{library} enters through {sorted(used)}"


def test_no_module_imports_itself_through_others() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_a_circle_that_is_hidden_in_a_function_or_from_the_interpreter_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "hidden.py"
    source.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import uq.core.problem\n"
        "def late():\n    from uq.core import dataset\n    importlib.import_module(f'SALib.{dataset}')\n"
    )
    assert {("uq.core.problem", ""), ("uq.core", "dataset")} <= imported(source)
    assert "SALib" in libraries(source)


@pytest.mark.parametrize("package", FLOORS)
def test_rooms_import_from_lower_floors_only(package: str) -> None:
    floor = {f"{package}.{name}": k for k, names in enumerate(FLOORS[package]) for name in names}
    top = len(FLOORS[package])
    for (upper, lower), example in arrows(package).items():
        if upper in CORE_ONLY:
            assert lower == "uq.core", example
        else:
            assert lower not in CORE_ONLY, example
            assert floor.get(lower, top) < floor.get(upper, top), example


def test_nothing_inside_enters_by_the_front_door() -> None:
    for name, others in graph().items():
        assert "uq" not in others or not name.startswith("uq."), f"{name} imports uq itself"


@pytest.mark.parametrize("package", ["uq", "models"])
def test_every_room_has_a_floor(package: str) -> None:
    rooms = {room(name) for name in graph() if name.startswith(f"{package}.")}
    known = {f"{package}.{name}" for names in FLOORS[package] for name in names}
    assert rooms - CORE_ONLY == known


def test_few_arrows_join_the_folders_of_uq() -> None:
    folder = {module(path): path.parent for path in sources("uq")}
    found = {
        (folder[name], folder[other])
        for name, others in graph().items()
        for other in others
        if name in folder and name.count(".") > 1 and other in folder and folder[name] != folder[other]
    }
    assert len(found) <= MOST_ARROWS, f"{len(found)} arrows"


def test_no_folder_holds_more_files_than_one_reads_at_a_glance() -> None:
    for package in ALLOWED:
        folders = {path.parent for path in sources(package)}
        for folder in folders:
            name = folder.relative_to(ROOT).as_posix()
            count = len(list(folder.glob("*.py")))
            assert count <= MOST_FILES or name in ONE_FILE_A_THING, f"{name} holds {count} files"


def test_every_public_function_says_what_goes_in_and_what_comes_out() -> None:
    unsaid = {name: faults(node) for name, node in functions_of_the_house().items()}
    assert {name: found for name, found in unsaid.items() if found} == {}


def test_the_words_are_those_of_the_field() -> None:
    """HOUSE: nobody who knows the field needs a glossary; the words that once stood here in their place."""
    dialect = re.compile(
        r"\b(levy|levied|loosest|hindsight|truth|told|doubts?|beside|our fault)\b", re.IGNORECASE
    )
    texts = [p for package in ALLOWED for p in (ROOT / package).rglob("*") if p.suffix in TEXTS]
    found = {
        f"{path.relative_to(ROOT)}:{k}": line.strip()
        for path in [*texts, *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
        for k, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if dialect.search(line)
    }
    assert found == {}


def test_the_page_of_the_house_names_rooms_and_files_that_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    drawing = (ROOT / "docs" / "rooms.svg").read_text("utf-8")
    named = re.findall(r"`((?:uq|models|studies|tests)/[\w/.]+)`", page)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []
    rooms = [p.name for wing in ("uq", "models", "studies") for p in (ROOT / wing).iterdir() if p.is_dir()]
    rooms = [room for room in rooms if room not in ("cases", "__pycache__")]
    assert [room for room in rooms if f">{room}<" not in drawing] == []


def test_every_field_of_a_public_result_says_its_unit_or_meaning() -> None:
    """By a line of its own, or where the docstring of its class names it."""
    unsaid = []
    for path in [*sources("uq"), *sources("models")]:
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
                continue
            if not any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
                continue
            text = ast.get_docstring(node) or ""
            for field, after in zip(node.body, [*node.body[1:], None], strict=True):
                if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                    continue
                name, kind = field.target.id, ast.unparse(field.annotation)
                said = re.search(
                    rf"`{name}`|`{name}\[|^\s*([\w, ]+, )?{name}(, [\w, ]+)?( :.*)?$", text, re.M
                )
                own = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                if not (said or own or name.startswith("_") or "ClassVar" in kind or "Annotated" in kind):
                    unsaid.append(f"{path.relative_to(ROOT)}: {node.name}.{name}")
    assert unsaid == []
