"""Files that are read back: regular ones only, of bounded size and depth, and damage is reported in one line."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uq.core.text import RepeatedKey, json_of

LARGEST = 256_000_000
"""Bytes of a file that is read whole, unless its reader says otherwise."""


class DamagedFile(ValueError):
    """A file that is not what was written there; the message names it, and says how to make it again."""


def read_whole(path: str | os.PathLike[str], *, largest: int | None = LARGEST) -> bytes:
    """The bytes of a regular file of at most `largest` bytes, of any number for None.

    Parameters
    ----------
    path : str | os.PathLike[str]
        Of the file.
    largest : int or None, default LARGEST
        Bytes beyond which a file is refused.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    OSError
        As `open`.
    DamagedFile
        For a longer file or what is no file (a pipe would be waited for)
    """
    if os.path.isdir(path):
        raise DamagedFile(f"{str(path)[:200]} is a folder, expected a file")
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise DamagedFile(f"{str(path)[:200]} is no regular file")
        content = file.read() if largest is None else file.read(largest + 1)
    if largest is not None and len(content) > largest:
        raise DamagedFile(f"{str(path)[:200]} has more than {largest / 1e6:g} MB")
    return content


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_record(path: str | os.PathLike[str], remedy: str, *, largest: int = LARGEST) -> dict[str, Any]:
    """The JSON object of a file.

    Parameters
    ----------
    path : str | os.PathLike[str]
        Of the file.
    remedy : str
        What the user can do, for the message.
    largest : int, default LARGEST
        Bytes beyond which a file is refused.

    Returns
    -------
    dict
        The JSON object.

    Raises
    ------
    OSError
        As `open`.
    DamagedFile
        For anything but a JSON object.
    """
    name = str(path)[:200]
    try:
        record = json_of(read_whole(path, largest=largest).decode("utf-8"))
    except (RecursionError, ValueError) as error:
        what = "" if not isinstance(error, DamagedFile | RepeatedKey) else f" ({error})"
        raise DamagedFile(f"{name} is damaged{what}; {remedy}") from None
    if not isinstance(record, dict):
        raise DamagedFile(f"{name} is damaged: it holds no record; {remedy}")
    return record


def field(
    record: Mapping[str, Any], name: str, kind: type | tuple[type, ...], where: Path, remedy: str
) -> Any:
    """A field of a record of the file `where`.

    Parameters
    ----------
    record : Mapping[str, Any]
        Plain data, as read from JSON.
    name : str
        Of the field.
    kind : type | tuple[type, ...]
        Its type or types.
    where : Path
        The file, for the message.
    remedy : str
        What the user can do, for the message.

    Returns
    -------
    Any
        The field's value.

    Raises
    ------
    DamagedFile
        Where it is missing or of another kind.
    """
    value = record.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise DamagedFile(f"{str(where)[:200]} is damaged: its {name} is {value!r:.40}; {remedy}")
    return value
