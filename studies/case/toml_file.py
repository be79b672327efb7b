"""The text of a case: a TOML file, joined with the files that it extends."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from studies.case.required_values import replaced
from uq.core.problem import nearest
from uq.core.storage.reading import DamagedFile, read_whole
from uq.core.text import one_line


class CaseError(ValueError):
    """A case file that cannot be used: one line that says what is wrong, where, and what to do."""


LARGEST = 1_000_000
"""Bytes of a case file; ours have 15 thousand."""

DEEPEST = 12
"""Levels of tables and lists in a case file; ours have five."""

LONGEST_CHAIN = 8
"""Files that extend each other."""

Chain = tuple[tuple[str, str], ...]
"""Name and text of a case file and of those that it extends, each by the one before it."""


def _text(path: Traversable | Path) -> str:
    try:
        content = read_whole(path, largest=LARGEST) if isinstance(path, Path) else path.read_bytes()
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except DamagedFile:
        pass
    except FileNotFoundError:
        raise CaseError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise CaseError(f"{path}: is a folder, not a case file") from None
    except OSError as error:
        raise CaseError(f"{str(path)[:200]}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CaseError(f"{path}: is not TOML: {error}") from None
    except ValueError as error:  # a null character in the path
        raise CaseError(f"{path}: {error}") from None
    raise CaseError(
        f"{path}: is no regular file of at most {LARGEST / 1e6:g} MB; it is not a case file"
    ) from None


def _parsed(text: str, path: object) -> dict[str, Any]:
    if _DOTTED.search(text):
        raise CaseError(f"{path}: is nested too deeply for a case file")
    try:
        record = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{path}: is not TOML: {one_line(error)}") from None
    except RecursionError:
        raise CaseError(f"{path}: is nested too deeply for a case file") from None
    except ValueError:  # an integer of thousands of digits
        raise CaseError(f"{path}: holds a number of more digits than any quantity has") from None
    if _depth(record) > DEEPEST:
        raise CaseError(f"{path}: is nested too deeply for a case file")
    return record


_DOTTED = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
"""A dotted key of thousands of parts takes the parser minutes, and nests as deeply."""


def _depth(record: Any) -> int:
    level, depth = [record], 0
    while level and depth <= DEEPEST:
        parts = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, (dict, list))]
        level, depth = [item for part in parts for item in part], depth + 1
    return depth


def chain(path: Traversable | Path) -> Chain:
    """A case file and those that it extends.

    Parameters
    ----------
    path : Traversable | Path
        Of the first file.

    Returns
    -------
    tuple
        Name and text of each file.

    Raises
    ------
    CaseError
        For what cannot be read, with the path.
    """
    found: list[tuple[str, str]] = []
    above: list[str] = []
    while True:
        if str(path) in above:
            raise CaseError(f"{path}: extends: the file extends itself; name another one")
        if len(found) == LONGEST_CHAIN:
            raise CaseError(f"{path}: is file number {LONGEST_CHAIN + 1} of a chain of `extends`; join some")
        text = _text(path)
        found.append((path.name, text))
        above.append(str(path))
        parent = _parsed(text, path).get("extends")
        if not isinstance(parent, str):
            return tuple(found)
        path = _beside(path, parent)


def names_itself(files: Chain) -> bool:
    """Whether the first file of a chain has a name of its own, which that of a file that it extends does not replace.

    Parameters
    ----------
    files : Chain
        A case file and those that it extends, with their texts.

    Returns
    -------
    bool
    """
    name, text = files[0]
    return "name" in _parsed(text, name)


def merged(files: Chain) -> dict[str, Any]:
    """What the first file of a chain says over what the files say that it extends.

    Parameters
    ----------
    files : Chain
        A case file and those that it extends, with their texts.

    Returns
    -------
    dict
        One record.
    """
    record: dict[str, Any] = {}
    for name, text in reversed(files):
        own = _parsed(text, name)
        if both := _section(own, "lander").keys() & _section(own, "inputs").keys():
            raise CaseError(
                f"{name}: inputs.{min(both)}: stands in [lander] too; keep the value there or the distribution here"
            )
        if both := replaced(_section(own, "lander")) & _section(own, "inputs").keys():
            raise CaseError(
                f"{name}: inputs.{min(both)}: the required value in [lander] takes its place; keep one of them"
            )
        record = _merge(record, own) if record else own
    return record


def joined(files: Chain) -> str:
    """The files of a chain one below the other, to be read by a person.

    Parameters
    ----------
    files : Chain
        A case file and those that it extends, with their texts.

    Returns
    -------
    str
        Their texts.
    """
    first, *others = files
    return first[1] + "".join(f"\n# -- {name}, which the case extends --\n{text}" for name, text in others)


def _beside(path: Traversable | Path, name: str) -> Traversable | Path:
    if not name or Path(name).name != name or not name.isprintable():
        raise CaseError(
            f"{path}: extends: {name!r} must be the name of a file next to the case, or of a shipped one"
        )
    near, ours = Path(str(path)).parent / name, files("studies").joinpath("cases").joinpath(name)
    if not near.is_file() and not ours.is_file():
        others = [p.name for p in files("studies").joinpath("cases").iterdir() if p.name.endswith(".toml")]
        raise CaseError(f"{path}: extends: no file {name!r} next to the case{nearest(name, others)}")
    return near if near.is_file() else ours


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """`own` over `base`, entry by entry; a value of its own takes the place of an input and of its correlations, a
    copula that of the correlations of its inputs."""
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = {**base[key], **value} if both else value
    # An input that is given anew keeps its name in words.
    named = {name: entry.get("title", "") for name, entry in _tables(base.get("inputs"))}
    for name, entry in _tables(own.get("inputs")):
        if named.get(name):
            merged["inputs"][name] = {"title": named[name], **entry}
    inputs = _section(merged, "inputs")
    if fixed := inputs.keys() & _section(own, "lander").keys():
        merged["inputs"] = {name: entry for name, entry in inputs.items() if name not in fixed}
    if all(isinstance(record.get("measurements"), list) for record in (base, own)):
        merged["measurements"] = [
            *base["measurements"],
            *own["measurements"],
        ]  # what was learned stays learned
    inherited, added = (record.get("correlations", []) for record in (base, own))
    if isinstance(inherited, list) and isinstance(added, list):
        own_pairs = {_pair(entry) for entry in added}
        copulas = own.get("copulas", [])
        together = [_joined(entry) for entry in copulas] if isinstance(copulas, list) else []
        kept = [
            entry
            for entry in inherited
            if _pair(entry) not in own_pairs
            and not _pair(entry) & fixed
            and not any(_pair(entry) <= some for some in together)
        ]
        merged["correlations"] = added + kept
    if all(isinstance(record.get("copulas"), list) for record in (base, own)):
        merged["copulas"] = [*own["copulas"], *base["copulas"]]
    return merged


def _section(record: dict[str, Any], name: str) -> dict[str, Any]:
    section = record.get(name)
    return section if isinstance(section, dict) else {}


def _pair(entry: Any) -> frozenset[str]:
    """The two inputs of a correlation, in either order."""
    between = entry.get("between") if isinstance(entry, dict) else None
    return frozenset(map(str, between)) if isinstance(between, list) else frozenset()


def _joined(entry: Any) -> frozenset[str]:
    """The inputs of a copula."""
    inputs = entry.get("inputs") if isinstance(entry, dict) else None
    return frozenset(map(str, inputs)) if isinstance(inputs, list) else frozenset()


def _tables(section: Any) -> list[tuple[str, dict[str, Any]]]:
    entries = section.items() if isinstance(section, dict) else ()
    return [(name, entry) for name, entry in entries if isinstance(entry, dict)]
