"""What a model's code rests on: files and libraries, with what identifies their content, and globals."""

from __future__ import annotations

import ast
import contextlib
import dis
import functools
import hashlib
import importlib
import importlib.util
import sys
import threading
import types
from collections.abc import Iterable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple

INSTRUMENT = __name__.partition(".")[0]
"""This package measures the model; of it count the modules of the model's own objects, and of surrogates."""

_FORMULAS = f"{INSTRUMENT}.surrogates."

_GLOBAL, _NAME, _IMPORT = (dis.opmap[name] for name in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME"))

_PARSING = threading.Lock()
"""CPython counts the depth of a syntax tree once for all threads (gh-106905): two that parse at once can raise."""

_ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "expandvars"}
"""What reads them."""

_CODE, _IGNORED = {".py", ".pyc", ".pyi"}, {"__pycache__"}


def sources(starts: Iterable[str]) -> list[str]:
    """One line for each file and library that the modules `starts` rest on, sorted.

    Parameters
    ----------
    starts : iterable of str
        Names of modules.

    Returns
    -------
    list of str
        Sorted.
    """
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
    """Whether a top-level module is source of the user's own, rather than an installed library or none at all.

    Parameters
    ----------
    top : str
        Its name, without dots.

    Returns
    -------
    bool
        False for libraries, and where there is no such module.
    """
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
    with _PARSING:
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


@functools.cache
def is_own(module: str) -> bool:
    """Whether a module is the user's own, so that its code counts and not a version of it.

    Parameters
    ----------
    module : str
        Its dotted name.

    Returns
    -------
    bool
        False for the standard library and installed packages.
    """
    top = module.partition(".")[0]
    return top == "__main__" or (top not in sys.stdlib_module_names and top != INSTRUMENT and is_local(top))


def is_rewritten(module: str) -> bool:
    """Whether a module's code is not that of its source, as where pytest rewrites assertions: it says nothing.

    Parameters
    ----------
    module : str
        Its dotted name.

    Returns
    -------
    bool
        True where code and source differ.
    """
    loader = getattr(sys.modules.get(module), "__loader__", None)
    return module != "__main__" and loader is not None and type(loader) is not SourceFileLoader


class Named(NamedTuple):
    """What a function's code, and the code within it, names."""

    known: dict[str, Any]
    """Its globals."""
    names: set[str]
    """Read as globals."""
    attributes: set[str]
    """Read of anything, globals among them."""
    imported: set[str]
    """Modules."""
    texts: set[str]
    """Constants, by which `getattr` and `os.environ` may read."""

    @property
    def all_globals(self) -> bool:
        """Whether it asks for its globals as a whole, so that nobody can tell which it reads."""
        return "globals" in self.names - self.known.keys()

    @property
    def environment(self) -> bool:
        """Whether it reads the environment by one of the usual names."""
        return bool(_ENVIRONMENT & self.attributes)


def named_in(function: types.FunctionType) -> Named:
    """What the code of a function names.

    Parameters
    ----------
    function : types.FunctionType
        Of Python, not of C.

    Returns
    -------
    Named
    """
    names, attributes, imported, texts = set[str](), set[str](), set[str](), set[str]()
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        texts.update(c for c in code.co_consts if isinstance(c, str))
        attributes.update(code.co_names)
        # not all of `co_names`: an attribute may bear the name of a global, which does not travel with a script's code
        extended = 0
        for step, argument in zip(code.co_code[::2], code.co_code[1::2], strict=True):
            argument |= extended
            extended = argument << 8 if step == dis.EXTENDED_ARG else 0
            if step == _GLOBAL:
                names.add(code.co_names[argument >> 1])  # its last bit says whether it is called
            elif step == _IMPORT:
                imported.add(code.co_names[argument])
            elif step == _NAME:
                names.add(code.co_names[argument])
    return Named(function.__globals__, names, attributes, imported, texts)


def globals_of(named: Named) -> Iterator[tuple[str, Any]]:
    """The globals that a function's code reads, and what it reads of modules of the user's own.

    Parameters
    ----------
    named : Named
        By the function.

    Returns
    -------
    iterator of tuple
        Name and value.
    """
    known, names, attributes, imported, texts = named
    if "getattr" in names:
        attributes = attributes | texts
    for name in sorted(names & known.keys()):
        if isinstance(known[name], types.ModuleType):
            yield from _members(name, known[name], attributes, ())
        else:
            yield name, known[name]
    package = str(known.get("__package__") or "")
    parents = [package[:k] for k, c in enumerate(package + ".") if c == "."] if package else []
    for name in sorted({*imported, *(f"{p}.{n}" for p in parents for n in imported)}):
        if is_own(name):
            with contextlib.suppress(Exception):  # the call will say so
                yield from _members(name, importlib.import_module(name), attributes, ())


def _members(
    name: str, module: types.ModuleType, attributes: set[str], above: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    yield name, module
    if not is_own(module.__name__) or module.__name__ in above:
        return
    for word in sorted(attributes & vars(module).keys()):
        value = vars(module)[word]
        if isinstance(value, types.ModuleType):
            yield from _members(f"{name}.{word}", value, attributes, (*above, module.__name__))
        else:
            yield f"{name}.{word}", value
