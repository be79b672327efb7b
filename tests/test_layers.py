"""Who may import whom: the wings of the house, one door a library, and the order inside each package."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STANDARD = set(sys.stdlib_module_names)

ALLOWED = {
    "models": {"numpy", "scipy", "models"},
    "uq": {"numpy", "scipy", "uq"},
    "studies": {"numpy", "uq", "models", "studies"},
}

DOORS = {
    # library: the only files that may import it
    "SALib": {"uq/sampling/curves.py", "uq/sensitivity/salib.py"},
    "chaospy": {"uq/io/chaospy.py"},
    "sklearn": {"uq/surrogates/feasibility.py", "uq/surrogates/sklearn_regressor.py"},
    "joblib": {"uq/campaign/processes.py"},
    "distributed": {"uq/campaign/dask.py"},
    "pandas": {"uq/io/tables.py"},
    "pyarrow": {"uq/io/tables.py"},
    "threadpoolctl": {"uq/campaign/evaluation.py"},
    "matplotlib": {"uq/report/figures.py"},
    "rich": {"uq/campaign/progress_bar.py", "uq/report/terminal.py"},
    "jinja2": {"uq/report/rendering.py"},
    "typer": {"studies/cli.py"},
    "pydantic": {"studies/case/schema.py"},
    "pint": {"studies/case/units.py"},
    "openmdao": {"uq/optimization/openmdao.py"},
    "pymoo": {"uq/optimization/pymoo.py"},
}


def sources(package: str) -> list[Path]:
    return sorted(p for p in (ROOT / package).rglob("*.py") if "tables" not in p.parts)


def imported(path: Path) -> set[str]:
    """Top-level names of every module that a file imports, at any depth, TYPE_CHECKING included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - STANDARD


@pytest.mark.parametrize("package", ALLOWED)
def test_each_package_imports_only_what_its_layer_may(package: str) -> None:
    for path in sources(package):
        name = path.relative_to(ROOT).as_posix()
        doors = {library for library, files in DOORS.items() if name in files}
        beyond = imported(path) - ALLOWED[package] - doors
        assert not beyond, f"{name} imports {sorted(beyond)}"


def test_every_door_exists_or_its_library_is_not_used() -> None:
    for library, files in DOORS.items():
        used = {
            path.relative_to(ROOT).as_posix()
            for package in ALLOWED
            for path in sources(package)
            if library in imported(path)
        }
        assert used <= files, f"{library} enters through {sorted(used - files)}"
