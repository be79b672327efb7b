"""The text of a case: a TOML file, joined with the files that it extends."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from uq.core.problem import nearest


class CaseError(ValueError):
    """A case file that cannot be used: one line that says what is wrong, where, and what to do."""


LARGEST = 4_000_000
"""Bytes of a case file; ours have 15 thousand."""


def _read(path: Traversable | Path) -> tuple[dict[str, Any], str]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise CaseError(f"{path}: has more than {LARGEST / 1e6:.0f} MB; it is not a case file")
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return tomllib.loads(text), text
    except FileNotFoundError:
        raise CaseError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise CaseError(f"{path}: is a folder, not a case file") from None
    except OSError as error:
        raise CaseError(f"{str(path)[:200]}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: is not TOML: {error}") from None
    except RecursionError:
        raise CaseError(f"{path}: is nested too deeply for a case file") from None
    except ValueError as error:  # a null character in the path, an integer of thousands of digits
        raise CaseError(f"{path}: {error}") from None


def extended(path: Traversable | Path, below: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """What a file says over what the files say that it extends, and the texts of all, its own first."""
    if str(path) in below:
        raise CaseError(f"{path}: extends: the file extends itself; name another one")
    record, text = _read(path)
    if both := _section(record, "lander").keys() & _section(record, "inputs").keys():
        raise CaseError(
            f"{path}: inputs.{min(both)}: stands in [lander] too; keep the value there or the distribution here"
        )
    parent = record.get("extends")
    if not isinstance(parent, str):
        return record, text
    base, above = extended(_beside(path, parent), (*below, str(path)))
    return _merge(base, record), f"{text}{MARK}{parent}{MARK_END}{above}"


def _beside(path: Traversable | Path, name: str) -> Traversable | Path:
    if not name or Path(name).name != name or not name.isprintable():
        raise CaseError(
            f"{path}: extends: {name!r} must be the name of a file beside the case, or of a shipped one"
        )
    near, ours = Path(str(path)).parent / name, files("studies").joinpath("cases").joinpath(name)
    if not near.is_file() and not ours.is_file():
        others = [p.name for p in files("studies").joinpath("cases").iterdir() if p.name.endswith(".toml")]
        raise CaseError(f"{path}: extends: no file {name!r} beside the case{nearest(name, others)}")
    return near if near.is_file() else ours


MARK, MARK_END = "\n# -- ", ", which the case extends --\n"


def parted(text: str) -> dict[str, str]:
    """The files that a case's `text` was joined from, by name; its own, ``case.toml``, first.  Raises CaseError for
    a name that leads elsewhere.

    >>> parted(f'extends = "a.toml"{MARK}a.toml{MARK_END}name = "a"')
    {'case.toml': 'extends = "a.toml"', 'a.toml': 'name = "a"'}
    """
    found, name = dict[str, str](), "case.toml"
    while (end := text.find(MARK_END)) >= 0:
        start = text.rindex(MARK, 0, end)
        found[name], name, text = text[:start], text[start + len(MARK) : end], text[end + len(MARK_END) :]
        if Path(name).name != name:
            raise CaseError(f"case.toml: extends: {name!r:.200} must be the name of a file beside the case")
    return {**found, name: text}


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """`own` over `base`, entry by entry; a value of its own takes the place of an input, and of its correlations."""
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
    inherited, added = (record.get("correlations", []) for record in (base, own))
    if isinstance(inherited, list) and isinstance(added, list):
        own_pairs = {_pair(entry) for entry in added}
        kept = [entry for entry in inherited if _pair(entry) not in own_pairs and not _pair(entry) & fixed]
        merged["correlations"] = added + kept
    return merged


def _section(record: dict[str, Any], name: str) -> dict[str, Any]:
    section = record.get(name)
    return section if isinstance(section, dict) else {}


def _pair(entry: Any) -> frozenset[str]:
    """The two inputs of a correlation, in either order."""
    between = entry.get("between") if isinstance(entry, dict) else None
    return frozenset(map(str, between)) if isinstance(between, list) else frozenset()


def _tables(section: Any) -> list[tuple[str, dict[str, Any]]]:
    entries = section.items() if isinstance(section, dict) else ()
    return [(name, entry) for name, entry in entries if isinstance(entry, dict)]
