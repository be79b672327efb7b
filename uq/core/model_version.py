"""What a model is, as a hash: its state, its code, its source, its tables, and its libraries' versions.

A stored sample may be reused only if the model that made it is the model at hand.  A model may state its own
``version``; otherwise it is what would change its results:

- its *state*: every value that it carries, as its pickle would carry it (attributes, slots, closures, arrays, tables,
  extension objects).  So ``__getstate__`` says what does not count, as it says what is not sent to other processes;
- its *code*, as it runs: of every function and class of the user's own that the state or other code names, with the
  globals that it reads and the members of classes;
- the *source* of the modules of these and of those that they import, and the data files of their packages
  (`uq.core.model_source`); standard library and installed packages count by their versions.

- what it reads of its *surroundings*: variables of the environment that its code names, the context of `decimal` where
  it counts by that, floating-point errors that numpy raises instead of giving NaN.

What cannot be read so is refused by name, never passed over.  Not seen: imports and variables of the environment by
computed names, text that is run by `eval`, the locale, the time, and files that a model opens by a name that is plain
text (a `Path` counts by its name and the content of its file).

A module that is edited after its import gives a key of its own, since code and source then differ as in no fresh
process: its results are found by no other version.
"""

from __future__ import annotations

import contextlib
import copyreg
import decimal
import enum
import functools
import hashlib
import importlib
import os
import pickle
import re
import sys
import threading
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from uq.core.model_source import (
    globals_of,
    is_own,
    is_rewritten,
    named_in,
    sources,
)

_SILENT = re.compile(
    r"__(dict|weakref|module|doc|annotations|annotate_func|annotations_cache|qualname|firstlineno|static_attributes"
    r"|abstractmethods|parameters|orig_bases|slots|match_args|slotnames|dataclass_fields|dataclass_params)__|_abc_impl"
)
"""Members of a class that change no result, or follow from others."""

_ENVIRONMENT = (os.environ, os.getenv, os.path.expandvars)
"""Known by whatever name."""

_VARIABLE = re.compile(r"\w+")
"""Names of variables of the environment."""

_LOCKS = (type(threading.Lock()), type(threading.RLock()))
"""No value of theirs could change a result."""

_OF_ARRAYS = {*vars(np.ma.array(0.0)), "_mmap", "filename", "offset", "mode"}
"""Attributes of numpy's own kinds of arrays: of masked ones, and of those that lie in a file."""

_PICKLES_OF_ARRAYS = (np.ndarray.__reduce__, np.ma.MaskedArray.__reduce__)

_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType, types.WrapperDescriptorType)

_REMEDY = "state Problem(version=...), or leave it out of the model's state by __getstate__"

_UNREAD = "rewritten code of "

_DEPTH, _PARTS = 3, 400
"""Attributes are distinguished by name to this depth, and so many at most."""


def model_version(
    model: Callable[..., Any], version: str = "", *, sent: Collection[str] | None = None
) -> str:
    """`version` if given, else the model's own ``version``, else the hash described above (24 hex digits).

    Parameters
    ----------
    model : Callable[..., Any]
        A function from named columns to named columns.
    version : str, default ''
        Stated by the user; the model's own, or its hash, where it is empty.
    sent : collection of str, optional
        Modules that the process which the model was sent to does not read; None at home.

    Returns
    -------
    str
        The stated version, or 24 hex digits.

    Raises
    ------
    ValueError
        For a model that holds what cannot be read; the message names it, and the way out.
    """
    return _digest_of(model_parts(model, version, sent=sent))


def model_parts(
    model: Callable[..., Any], version: str = "", *, sent: Collection[str] | None = None
) -> dict[str, str]:
    """What the version of a model consists of, by name: attributes, globals, files, libraries, and all of its state.

    In a process that the model was `sent` to: the `unread` modules of home.  A function that is defined within
    another, or a lambda, comes without the module that it was defined in, which is loaded then.

    Parameters
    ----------
    model : Callable[..., Any]
        A function from named columns to named columns.
    version : str, default ''
        Stated by the user; the model's own, or its hash, where it is empty.
    sent : collection of str, optional
        Modules that the process which the model was sent to does not read; None at home.

    Returns
    -------
    dict of str to str
        Digest by part.

    Raises
    ------
    ValueError
        As `model_version`.
    """
    stated = version or getattr(model, "version", "")
    if isinstance(stated, str) and stated:
        return {"version": stated}
    reader = _Reader(sent)
    try:
        own = reader.read(model, getattr(model, "__name__", type(model).__name__))
        state = _hash(own, *sorted(reader.globals()))
        state = _hash(state, *reader.surroundings())
    except RecursionError:
        raise ValueError(
            f"the model is nested too deeply to be distinguished from others; {_REMEDY}"
        ) from None
    files = {" ".join(words): content for *words, content in map(str.split, sources(reader.modules))}
    return {**reader.parts, **files, "": state.hex()}


def unread(parts: Mapping[str, str]) -> tuple[str, ...]:
    """The modules whose code, as it runs at home, was not read, because it is not that of their source.

    Parameters
    ----------
    parts : Mapping[str, str]
        What the version of a model consists of, by name.

    Returns
    -------
    tuple of str
        Dotted names.
    """
    return tuple(name.removeprefix(_UNREAD) for name in parts if name.startswith(_UNREAD))


def version_of(parts: Mapping[str, str]) -> str:
    """The version that some parts make.

    Parameters
    ----------
    parts : Mapping[str, str]
        What the version of a model consists of, by name.

    Returns
    -------
    str
        24 hex digits.
    """
    return _digest_of(parts)


def _digest_of(parts: Mapping[str, str]) -> str:
    if parts.keys() == {"version"}:
        return parts["version"]
    text = "".join(f"{name}={parts[name]};" for name in sorted(parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def differing(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """In words, which parts of two models differ, the most particular first; empty where nothing says so.

    Parameters
    ----------
    old, new : mapping of str to str
        Parts of the two models.

    Returns
    -------
    str
        Such as "its attribute gain"; empty where nothing differs.
    """
    names = sorted({n for n in {**old, **new} if n and old.get(n) != new.get(n)})
    # where an attribute of an attribute differs, both do
    names = [n for n in names if not any(o.startswith((f"{n}.", f"{n}[")) for o in names)]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


class _Reader:
    """Turns values into digests, and notes the modules that define their behaviour, and the digests of named parts.

    Each object is read once; where it is met again, within itself or elsewhere, its first digest stands.
    """

    def __init__(self, sent: Collection[str] | None = None) -> None:
        self._sent = sent
        self.modules: set[str] = set()
        self.parts: dict[str, str] = {}
        self._known: dict[int, bytes] = {}
        self._texts: set[str] = set()
        """Constants in code: by some of them it may read the environment."""
        self._environment = False
        """Whether anything reads it."""
        self._waiting: list[types.FunctionType] = []
        """Functions whose globals are still to be read: code that calls code is deeper than the stack."""
        self._held: list[Any] = []
        """Keeps what is read alive: numbers of objects are used anew when they are gone."""

    def read(self, value: Any, path: str) -> bytes:
        """The digest of a value that stands at `path`."""
        kind = type(value)
        if value is None or kind in (bool, float, complex):
            return f"{kind.__name__}:{value!r};".encode()
        if kind is int:
            return f"int:{value:x};".encode()
        if kind is str:
            return _hash(b"str", value.encode("utf-8", "surrogatepass"))
        if kind in (bytes, bytearray):
            return _hash(kind.__name__.encode(), value)
        if id(value) in self._known:
            return self._known[id(value)]
        self._held.append(value)
        self._known[id(value)] = b"<cycle>"
        found = self._known[id(value)] = _hash(kind.__name__.encode(), *self._pieces(value, path))
        return found

    def _named(self, value: Any, path: str) -> bytes:
        found = self.read(value, path)
        listed = not isinstance(value, (types.FunctionType, types.ModuleType, type))
        if listed and path.rpartition(": ")[2].count(".") < _DEPTH and len(self.parts) < _PARTS:
            self.parts[path] = _hash(found).hex()[:12]
        return found

    def _pieces(self, value: Any, path: str) -> Iterator[bytes]:
        kind = type(value)
        if isinstance(value, (np.ndarray, enum.Enum)) and hasattr(value, "__dict__"):
            yield from self._set_on(value, path)
        if isinstance(value, np.ndarray) and value.dtype.metadata:
            yield self.read(dict(value.dtype.metadata), path)
        if kind is np.ndarray and value.dtype != object and value.dtype.names is None:
            yield f"{value.dtype.str}{value.shape}".encode()
            yield np.ascontiguousarray(value).tobytes()
        elif isinstance(value, np.ma.MaskedArray):  # its pickle depends on whether its filling was asked for
            yield self.read((kind, value.data, np.ma.getmaskarray(value), value.fill_value), path)
        elif kind in (dict, types.MappingProxyType):
            for key, item in value.items():
                yield self.read(key, f"a key of {path}")
                yield self.read(item, f"{path}[{key!r:.40}]")
        elif kind in (set, frozenset):
            yield from sorted(self.read(item, f"an element of {path}") for item in value)
        elif kind in (list, tuple):
            for k, item in enumerate(value):
                yield self.read(item, f"{path}[{k}]")
        elif any(value is one for one in _ENVIRONMENT):  # of it counts what code names
            self._environment = True
        elif kind is types.FunctionType:
            yield from self._function(value)
        elif isinstance(value, type):
            yield from self._class(value)
        elif kind is types.MethodType:
            yield self.read(value.__func__, path)
            yield self.read(value.__self__, path)
        elif kind is types.ModuleType:
            self.modules.add(value.__name__)
            yield value.__name__.encode()
        elif kind is types.CodeType:
            yield from self._code(value, path)
        elif kind in (staticmethod, classmethod):
            yield self.read(value.__func__, path)
        elif kind is property:
            yield self.read((value.fget, value.fset), path)
        elif kind is functools.cached_property:
            yield self.read(value.func, path)
        elif kind is types.CellType:
            yield self.read(value.cell_contents, path)
        elif kind not in _LOCKS and kind not in _DESCRIPTORS:
            yield from self._reduced(value, path)

    def _set_on(self, value: Any, path: str) -> Iterator[bytes]:
        """Attributes that were set on an array of a subclass or on a member of an enumeration: no pickle holds them.

        A subclass with a pickle of its own has said what counts.
        """
        if isinstance(value, np.ndarray) and type(value).__reduce__ not in _PICKLES_OF_ARRAYS:
            return
        for name, item in sorted(vars(value).items()):
            lazy = isinstance(getattr(type(value), name, None), functools.cached_property)
            if not (name in _OF_ARRAYS or lazy or (isinstance(value, enum.Enum) and name.startswith("_"))):
                yield name.encode()
                yield self._named(item, f"{path}.{name}")

    def _reduced(self, value: Any, path: str) -> Iterator[bytes]:
        """Any other object: what its pickle consists of."""
        kind = type(value)
        yield self.read(kind, path)
        if isinstance(value, Path) and value.is_file():
            yield hashlib.blake2b(value.read_bytes(), digest_size=16).digest()
        try:
            by_type: Any = copyreg.dispatch_table.get(kind)
            reduced: Any = value.__reduce_ex__(4) if by_type is None else by_type(value)
        except RecursionError:
            raise
        except Exception as error:
            raise ValueError(
                f"{path} ({kind.__module__}.{kind.__qualname__}) cannot be read, so that a change of it would go "
                f"unseen ({type(error).__name__}: {str(error)[:200]}); {_REMEDY}"
            ) from None
        if isinstance(reduced, str):
            yield from self._by_name(value, reduced, path)
            return
        pieces: list[Any] = [*reduced, None, None, None]
        make, arguments, state, items, pairs = pieces[:5]
        yield self.read(make, path)
        yield self.read(arguments, path)
        # what is derived from the rest when first asked for, and scipy's generators, which laws share, are no state
        for part in state if isinstance(state, tuple) and len(state) == 2 else (state,):
            if not isinstance(part, dict):
                if part is not None:  # nor is an empty dictionary anything
                    yield self.read(part, path)
                continue
            for name, item in part.items():
                lazy = isinstance(getattr(kind, str(name), None), functools.cached_property)
                if not lazy and not (name == "_random_state" and kind.__module__.startswith("scipy.stats.")):
                    yield self.read(name, path)
                    yield self._named(item, f"{path}.{name}")
        for k, item in enumerate(items or ()):
            yield self.read(item, f"{path}[{k}]")
        for key, item in pairs or ():
            yield self.read(key, f"a key of {path}")
            yield self.read(item, f"{path}[{key!r:.40}]")

    def _by_name(self, value: Any, name: str, path: str) -> Iterator[bytes]:
        """An object whose pickle is the name of a global."""
        module = pickle.whichmodule(value, name)  # type: ignore[attr-defined]
        found: Any = sys.modules.get(module)
        for word in name.split("."):
            found = getattr(found, word, None)
        inner = getattr(value, "__wrapped__", None)
        if found is not value and inner is None:
            kind = type(value)
            raise ValueError(
                f"{path} ({kind.__module__}.{kind.__qualname__} {name!r}) cannot be read: it is known by a name that "
                f"does not lead to it; {_REMEDY}"
            )
        yield f"{module}.{name}".encode()
        self.modules.add(module)
        if inner is not None:
            yield self.read(inner, path)

    # -- code ------------------------------------------------------------------------------------------------------

    def _function(self, value: types.FunctionType) -> Iterator[bytes]:
        name = value.__qualname__
        module = value.__module__ or ""
        yield f"{module}.{name}".encode()
        home = str(value.__globals__.get("__name__", ""))  # of a wrapper, not the module of what it wraps
        if self._sent is not None:
            for missing in {module, home} - {"", "__main__"} - sys.modules.keys():
                with contextlib.suppress(Exception):  # then the versions differ, which is said
                    importlib.import_module(missing)
        self.modules.update({module, home} & sys.modules.keys() - {"__main__"})
        foreign = home in sys.modules and not is_own(home)
        made = value.__code__.co_filename.startswith("<")
        if foreign and not made and "<locals>" not in value.__code__.co_qualname:
            return  # its library's version, or its module's source, says all
        yield from self._carried(value)
        rewritten = is_rewritten(home) if self._sent is None else home in self._sent
        if rewritten and not foreign:
            self.parts[f"{_UNREAD}{home}"] = ""
        else:
            yield self.read(value.__code__, f"the code of {name}")
        if not foreign:
            self._waiting.append(value)

    def globals(self) -> Iterator[bytes]:
        """A digest of what each function that was read so far, or is read thereby, reads of the globals."""
        while self._waiting:
            function = self._waiting.pop()
            code = named_in(function)
            if code.all_globals:
                raise ValueError(
                    f"{function.__qualname__} calls globals(), so that nobody can tell what it reads; name what it "
                    f"reads, or {_REMEDY}"
                )
            self._texts |= code.texts
            self._environment |= code.environment
            named = [(w.encode(), self._named(v, f"the global {w}")) for w, v in globals_of(code)]
            yield _hash(f"{function.__module__}.{function.__qualname__}".encode(), *sum(named, ()))

    def surroundings(self) -> Iterator[bytes]:
        """A digest of what of the surroundings can change the results of what was read so far."""
        named = sorted(filter(_VARIABLE.fullmatch, self._texts)) if self._environment else []
        found: dict[str, Any] = {f"the environment variable {word}": os.environ.get(word) for word in named}
        if "decimal" in self.modules:
            context = decimal.getcontext()
            found["the context of decimal"] = (
                *(
                    getattr(context, word)
                    for word in ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
                ),
                *sorted(signal.__name__ for signal, raises in context.traps.items() if raises),
            )
        raising = [kind for kind, way in np.geterr().items() if way in ("raise", "call")]
        if raising:
            found["numpy.errstate"] = raising
        for name, value in found.items():
            yield name.encode()
            yield self._named(value, name)

    def _carried(self, value: types.FunctionType) -> Iterator[bytes]:
        name = value.__qualname__
        for word, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
            try:
                item = cell.cell_contents
            except ValueError:  # not yet bound
                continue
            yield word.encode()
            yield self._named(item, f"{name}: {word}")
        for default in (value.__defaults__, value.__kwdefaults__):
            yield b"-" if default is None else self._named(default, f"the defaults of {name}")
        for word, item in value.__dict__.items():
            yield word.encode()
            yield self._named(item, f"{name}.{word}")

    def _code(self, code: types.CodeType, path: str) -> Iterator[bytes]:
        yield code.co_code
        yield code.co_exceptiontable
        yield repr((code.co_names, code.co_argcount, code.co_kwonlyargcount, code.co_flags)).encode()
        for constant in code.co_consts:
            yield self.read(constant, path)

    def _class(self, value: type) -> Iterator[bytes]:
        name = (
            value.__name__
        )  # a class typed into a function loses its qualified name on its way to other processes
        yield f"{value.__module__}.{name}".encode()
        if value.__module__ in sys.modules and value.__module__ != "__main__":
            self.modules.add(value.__module__)
            if not is_own(value.__module__):
                return
        for base in (*value.__bases__, *([] if type(value) is type else [type(value)])):
            yield self.read(base, name)
        for word, member in sorted(vars(value).items()):
            if not _SILENT.fullmatch(word) and not (
                word == "__hash__" and member is None
            ):  # of classes that compare
                yield word.encode()
                yield self._named(member, f"{name}.{word}")


def _hash(*pieces: bytes) -> bytes:
    state = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        state.update(len(piece).to_bytes(8, "little"))
        state.update(piece)
    return state.digest()
