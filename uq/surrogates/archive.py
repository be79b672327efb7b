"""One file a surrogate: a JSON record and raw arrays, checked on every load.  Nothing in it is ever executed.

Layout (all integers little-endian)::

    8 bytes   magic "UQSURR01"
    8 bytes   length of the header
    header    JSON: format, surrogate, problem, record, card, and for each array its name, type and shape, or the name
              of an earlier one of the same bytes
    arrays    C-contiguous, in the header's order, with nothing between them
    32 bytes  SHA-256 of all that stands before

There are no file names, no compression and no objects in this layout, hence nothing to traverse, inflate or unpickle;
the size of the file follows from its header, and a file of another size is refused before an array is made.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from uq.core.dataset import describe, write_atomically
from uq.core.problem import Problem
from uq.core.storage.reading import read_whole
from uq.core.text import json_of

MAGIC = b"UQSURR01"
FORMAT = 1
_TYPES = {"<f8": np.dtype("<f8"), "<i8": np.dtype("<i8")}
LARGEST_ARCHIVE = 2_000_000_000
"""Bytes of a file of a surrogate."""
_LARGEST_HEADER = 2**26
_HASH = 32
_LARGEST = 1e100

KINDS = ("PolynomialChaos", "GaussianProcess", "Composite", "Switched", "FieldSurrogate")
"""The surrogates that a file may hold, by the names of their classes."""


class Archived(Protocol):
    """What can be written: a problem, and plain data with it."""

    @property
    def problem(self) -> Problem:
        """The inputs and outputs."""

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """A JSON-able record and named arrays."""


def save_surrogate(
    surrogate: Archived, path: str | os.PathLike[str], *, card: Mapping[str, Any] | None = None
) -> None:
    """Write a surrogate, and a card that says what it is worth, to one file, atomically.

    Parameters
    ----------
    surrogate : Archived
        A fitted surrogate.
    path : str | os.PathLike[str]
        Of the file.
    card : Mapping[str, Any], optional
        What the surrogate is worth, plain data; none where it is not given.

    Raises
    ------
    TypeError
        For a surrogate that this module does not know.
    ValueError
        For arrays that are not finite.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    body = pack(surrogate, card=card)
    write_atomically(Path(path), lambda file: file.write(body))


def load_card(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The card that travels with a saved surrogate (empty if there is none).

    Parameters
    ----------
    path : str | os.PathLike[str]
        Of the file.

    Returns
    -------
    dict
        The card; empty if there is none.

    Raises
    ------
    ValueError
        As `opened`.
    """
    return dict(opened(read_whole(path, largest=LARGEST_ARCHIVE), str(path))[0]["card"])


def pack(surrogate: Archived, *, card: Mapping[str, Any] | None = None) -> bytes:
    """The bytes of the file.

    Parameters
    ----------
    surrogate : Archived
        A fitted surrogate.
    card : Mapping[str, Any], optional
        What the surrogate is worth, plain data; none where it is not given.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    TypeError
        For a surrogate that this module does not know.
    """
    name = type(surrogate).__name__
    if name not in KINDS:
        raise TypeError(f"{name} cannot be saved; known: {', '.join(sorted(KINDS))}")
    record, arrays = surrogate.arrays()
    parts: list[bytes] = []
    listed: list[dict[str, Any]] = []
    earlier: dict[tuple[str, tuple[int, ...], bytes], str] = {}
    for key, array in arrays.items():
        code = "<i8" if array.dtype.kind in "iub" else "<f8"
        plain = np.asarray(array).astype(_TYPES[code], order="C")
        if not _sound(plain):
            raise ValueError(
                f"array {key!r} of the surrogate is not finite, or beyond 1e100; it cannot be saved"
            )
        content = plain.tobytes()
        entry: dict[str, Any] = {"name": key, "type": code, "shape": list(plain.shape)}
        twin = earlier.setdefault((code, plain.shape, content), key)
        if twin == key:
            parts.append(content)
        listed.append(entry if twin == key else entry | {"same_as": twin})
    header = json.dumps(
        {
            "format": FORMAT,
            "surrogate": name,
            "problem": describe(surrogate.problem),
            "record": record,
            "card": dict(card or {}),
            "arrays": listed,
        },
        allow_nan=False,
    ).encode()
    body = b"".join([MAGIC, len(header).to_bytes(8, "little"), header, *parts])
    return body + hashlib.sha256(body).digest()


def _sound(array: NDArray[Any]) -> bool:
    """Whether all numbers are finite, and so far from the largest that their squares are, too."""
    return bool((np.abs(array.astype(np.float64)) <= _LARGEST).all())


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def opened(body: bytes, source: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of the bytes of a file, checked.

    Parameters
    ----------
    body : bytes
        A whole file.
    source : str
        Where the bytes come from, for messages.

    Returns
    -------
    tuple of dict
        Header, and arrays by name.

    Raises
    ------
    ValueError
        For anything that `pack` did not write.
    """

    def require(condition: bool, reason: str) -> None:
        if not condition:
            raise ValueError(f"{source}: {reason}")

    require(len(body) >= len(MAGIC) + 8 + _HASH, "too short to be a saved surrogate")
    require(body[:6] == MAGIC[:6], "not a saved surrogate")
    require(body[:8] == MAGIC, "saved by a newer version of this library; update it")
    require(
        hashlib.sha256(body[:-_HASH]).digest() == body[-_HASH:], "damaged or truncated (its hash differs)"
    )
    length = int.from_bytes(body[8:16], "little")
    require(length <= min(_LARGEST_HEADER, len(body) - 16 - _HASH), "its header is longer than the file")
    try:
        header = json_of(body[16 : 16 + length].decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{source}: its header is not JSON") from error
    members = {"format": int, "surrogate": str, "problem": dict, "record": dict, "card": dict, "arrays": list}
    require(
        isinstance(header, dict)
        and set(header) == set(members)
        and all(isinstance(header[k], t) for k, t in members.items()),
        f"its header must hold {', '.join(members)}",
    )
    require(header["format"] == FORMAT, f"its format is {header['format']}, this library reads {FORMAT}")
    arrays: dict[str, NDArray[Any]] = {}
    offset = 16 + length
    for item in header["arrays"]:
        require(
            isinstance(item, dict)
            and set(item) in ({"name", "type", "shape"}, {"name", "type", "shape", "same_as"})
            and isinstance(item["name"], str)
            and item["name"] not in arrays
            and item["type"] in _TYPES
            and isinstance(item["shape"], list)
            and len(item["shape"]) <= 4
            and all(type(s) is int and 0 <= s < 2**40 for s in item["shape"]),
            "its list of arrays is malformed",
        )
        if "same_as" in item:
            twin = arrays.get(item["same_as"]) if isinstance(item["same_as"], str) else None
            require(
                twin is not None and twin.dtype == _TYPES[item["type"]] and list(twin.shape) == item["shape"],
                f"array {item['name']!r} repeats one that is not there",
            )
            arrays[item["name"]] = arrays[item["same_as"]]
            continue
        size = 8 * math.prod(item["shape"])
        require(offset + size <= len(body) - _HASH, f"array {item['name']!r} reaches past the end")
        array = np.frombuffer(body, _TYPES[item["type"]], size // 8, offset).reshape(item["shape"])
        require(_sound(array), f"array {item['name']!r} is not finite, or beyond 1e100")
        arrays[item["name"]] = array
        offset += size
    require(offset == len(body) - _HASH, "bytes stand after its last array")
    return header, arrays
