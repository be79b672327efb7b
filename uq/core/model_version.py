"""What a model is, as a hash: its source, its values, its tables, and its libraries' versions.

A stored sample may be reused only if the model that made it is the model at hand.  A model may state its own
``version``; otherwise it is what would change its results: the source of the modules that it was defined in and
of those that they import (standard library and installed packages excepted, which count by their versions), the
data files of their packages, and every value that the model carries (fields, closures, arrays).
What is typed into a script or a notebook counts by its code and the globals that this names.
Imports by computed names are not seen.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import dis
import functools
import hashlib
import importlib.util
import pickle
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import numpy as np

_INSTRUMENT = __name__.partition(".")[0]
"""This package measures the model; of it count the modules of the model's own objects, and of surrogates."""

_FORMULAS = f"{_INSTRUMENT}.surrogates."

_CODE, _IGNORED = {".py", ".pyc", ".pyi"}, {"__pycache__"}


def model_version(model: Callable[..., Any], version: str = "") -> str:
    """`version` if given, else the model's own ``version``, else the hash described above (24 hex digits)."""
    stated = version or getattr(model, "version", "")
    if isinstance(stated, str) and stated:
        return stated
    state = hashlib.blake2b(digest_size=12)
    modules: set[str] = set()
    _add_value(state.update, modules, model, ())
    for line in _sources(modules):
        state.update(line.encode())
    return state.hexdigest()


def _add_value(add: Callable[[bytes], Any], modules: set[str], value: Any, above: tuple[int, ...]) -> None:
    """Feed `value` to a hash, and the modules that define its behaviour to `modules`."""
    if id(value) in above:
        add(b"<cycle>")
        return
    inner = (*above, id(value))
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        add(f"{type(value).__name__}:{value!r};".encode())
    elif isinstance(value, np.ndarray) and value.dtype != object:
        add(f"array:{value.dtype}{value.shape};".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, np.generic):
        add(f"{value.dtype}:{value!r};".encode())
    elif isinstance(value, Mapping):
        add(b"{")
        for key, item in value.items():
            _add_value(add, modules, key, inner)
            _add_value(add, modules, item, inner)
        add(b"}")
    elif isinstance(value, (set, frozenset)):
        add(repr(sorted(map(repr, value))).encode())
    elif isinstance(value, (list, tuple)):
        add(b"(")
        for item in value:
            _add_value(add, modules, item, inner)
        add(b")")
    elif isinstance(value, types.FunctionType):
        add(f"{value.__module__}.{value.__qualname__};".encode())
        _add_value(add, modules, [c.cell_contents for c in value.__closure__ or ()], inner)
        _add_value(add, modules, [value.__defaults__, value.__kwdefaults__], inner)
        if value.__module__ == "__main__":
            _add_code(add, modules, value.__code__, value.__globals__, inner)
        else:
            modules.add(value.__module__)
    elif isinstance(value, type):
        add(f"{value.__module__}.{value.__qualname__};".encode())
        if value.__module__ == "__main__":
            members = [m for _, m in sorted(vars(value).items()) if isinstance(m, types.FunctionType)]
            _add_value(add, modules, [members, list(value.__bases__)], inner)
        else:
            modules.add(value.__module__)
    elif isinstance(value, types.MethodType):
        _add_value(add, modules, [value.__func__, value.__self__], inner)
    elif isinstance(value, functools.partial):
        _add_value(add, modules, [value.func, value.args, value.keywords], inner)
    elif isinstance(value, types.ModuleType):
        modules.add(value.__name__)
        add(value.__name__.encode())
    elif isinstance(value, (types.BuiltinFunctionType, np.ufunc)):
        add(repr(getattr(value, "__qualname__", value)).encode())
    else:
        _add_value(add, modules, type(value), inner)
        if isinstance(value, Path):
            add(str(value).encode())
        elif dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                add(field.name.encode())
                _add_value(add, modules, getattr(value, field.name), inner)
        elif hasattr(value, "__dict__"):
            _add_value(add, modules, vars(value), inner)
        else:
            with contextlib.suppress(
                Exception
            ):  # a lock or an open file: no value that could change a result
                add(pickle.dumps(value, protocol=4))


def _add_code(
    add: Callable[[bytes], Any],
    modules: set[str],
    code: types.CodeType,
    known: Mapping[str, Any],
    above: tuple[int, ...],
) -> None:
    """Feed the code of a function without a module to a hash, with the globals that it names."""
    add(code.co_code + repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _add_code(add, modules, constant, known, above)
        else:
            _add_value(add, modules, constant, above)
    # names of attributes are in `co_names` too, and may be those of globals that this code never sees
    loaded = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    for name in code.co_names:
        if name in loaded and name in known:
            _add_value(add, modules, known[name], above)


def _sources(starts: Iterable[str]) -> list[str]:
    """One line for each file and library that the modules `starts` rest on, sorted."""
    lines: set[str] = set()
    waiting, seen = sorted(set(starts)), set()
    own = set(waiting)
    packages: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        top = name.partition(".")[0]
        foreign = top == _INSTRUMENT and name not in own and not name.startswith(_FORMULAS)
        if name in seen or top in sys.stdlib_module_names or foreign:
            continue
        seen.add(name)
        path = _file(name) if _is_local(top) else None
        if path is None:
            if not _is_local(top):
                lines.add(f"library {top} {_library(top)}")
            continue
        content = path.read_bytes()
        lines.add(f"module {name} {hashlib.sha256(content).hexdigest()}")
        if path.suffix == ".py":
            _check_loaded(name, path, content)
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            if package and (home := _file(top)) is not None and home.name == "__init__.py":
                packages[top] = home.parent
            waiting.extend(_imports(content, package))
    for top, home in packages.items():
        if top == _INSTRUMENT:
            continue
        for file in sorted(home.rglob("*")):
            if file.is_file() and file.suffix not in _CODE and not _IGNORED & set(file.parts):
                lines.add(
                    f"data {top}/{file.relative_to(home).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}"
                )
    return sorted(lines)


def _check_loaded(name: str, path: Path, content: bytes) -> None:
    """Raise RuntimeError if a module has changed on disk since it was imported: its hash would be that of formulas
    which do not run."""
    module = sys.modules.get(name)
    if module is None or type(getattr(module, "__loader__", None)) is not SourceFileLoader:
        return  # one that rewrites what it reads, as pytest does with assertions, cannot be compared
    written: dict[str, types.CodeType] = {}
    waiting = [compile(content, str(path), "exec", dont_inherit=True)]
    while waiting:
        inner = [c for c in waiting.pop().co_consts if isinstance(c, types.CodeType)]
        written.update((c.co_qualname, c) for c in inner)
        waiting += inner
    for value in vars(module).values():
        code = getattr(value, "__code__", None)
        if not isinstance(code, types.CodeType) or code.co_filename != module.__file__:
            continue
        now = written.get(code.co_qualname)
        if now is None or now.co_code != code.co_code or _constants(now) != _constants(code):
            raise RuntimeError(
                f"{path} has changed since it was imported; start the interpreter anew, so that results are "
                "stored with the formulas that made them"
            )


def _constants(code: types.CodeType) -> str:
    return repr([c for c in code.co_consts if not isinstance(c, types.CodeType)])


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


def _is_local(top: str) -> bool:
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
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            found.append(base)
            # `from package import module` names a module only if there is one of that name
            if _is_local(base.partition(".")[0]):
                found += [f"{base}.{a.name}" for a in node.names if _file(f"{base}.{a.name}")]
    parents = [n.rpartition(".")[0] for n in found if "." in n]
    return [*found, *parents]
