"""The files and libraries that a model's modules rest on, each with what identifies its content."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

INSTRUMENT = __name__.partition(".")[0]
"""This package measures the model; of it count the modules of the model's own objects, and of surrogates."""

_FORMULAS = f"{INSTRUMENT}.surrogates."

_CODE, _IGNORED = {".py", ".pyc", ".pyi"}, {"__pycache__"}


def sources(starts: Iterable[str]) -> list[str]:
    """One line for each file and library that the modules `starts` rest on, sorted."""
    lines: set[str] = set()
    waiting, seen = sorted(set(starts)), set()
    own = set(waiting)
    packages: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        top = name.partition(".")[0]
        foreign = top == INSTRUMENT and name not in own and not name.startswith(_FORMULAS)
        if name in seen or top in sys.stdlib_module_names or foreign:
            continue
        seen.add(name)
        path = _file(name) if is_local(top) else None
        if path is None:
            if not is_local(top):
                lines.add(f"library {top} {_library(top)}")
            continue
        content = path.read_bytes()
        lines.add(f"module {name} {hashlib.sha256(content).hexdigest()}")
        if path.suffix == ".py":
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            if package and (home := _file(top)) is not None and home.name == "__init__.py":
                packages[top] = home.parent
            waiting.extend(_imports(content, package))
    for top, home in packages.items():
        if top == INSTRUMENT:
            continue
        for file in sorted(home.rglob("*")):
            if file.is_file() and file.suffix not in _CODE and not _IGNORED & set(file.parts):
                lines.add(
                    f"data {top}/{file.relative_to(home).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}"
                )
    return sorted(lines)


def _file(name: str) -> Path | None:
    """Where a module's source lies, or None for one without (built in, frozen, typed at a prompt)."""
    module = sys.modules.get(name)
    origin = getattr(module, "__file__", None)
    if module is None:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return None
        origin = spec.origin if spec is not None and spec.has_location else None
    return Path(origin) if origin and Path(origin).is_file() else None


def is_local(top: str) -> bool:
    """Whether a top-level module is source of the user's own, rather than an installed library or none at all."""
    path = _file(top)
    if path is None:
        module = sys.modules.get(top)
        return module is not None and hasattr(module, "__path__")  # a folder without __init__.py
    return path.suffix == ".py" and not {"site-packages", "dist-packages"} & set(path.parts)


def _library(top: str) -> str:
    module = sys.modules.get(top)
    stated = getattr(module, "__version__", None)
    if isinstance(stated, str):
        return stated
    import importlib.metadata  # 25 ms, which every worker would pay

    try:
        return importlib.metadata.version(top)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _imports(content: bytes, package: str) -> list[str]:
    """Absolute names of the modules that a source file imports, anywhere in it."""
    found: list[str] = []
    waiting: list[ast.AST] = [ast.parse(content)]
    while waiting:
        node = waiting.pop()
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):  # statements alone import
            waiting += getattr(node, part, [])
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            found.append(base)
            # `from package import module` names a module only if there is one of that name
            if is_local(base.partition(".")[0]):
                found += [f"{base}.{a.name}" for a in node.names if _file(f"{base}.{a.name}")]
    parents = [n.rpartition(".")[0] for n in found if "." in n]
    return [*found, *parents]
