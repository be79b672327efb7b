"""Text that strangers wrote: made printable once, at the door by which it enters."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

_LONGEST = 600


def one_line(text: object, longest: int = _LONGEST) -> str:
    r"""`text` as one printable line of at most `longest` characters.

    White space becomes single spaces; what does not print (control characters, halves of characters, changes of the
    direction of writing) becomes its escape, so that the line can be encoded, stored and shown anywhere.

    Parameters
    ----------
    text : object
        Anything that has a text.
    longest : int, default _LONGEST
        Characters.

    Returns
    -------
    str
        One printable line.

    Examples
    --------
    >>> one_line("a\n# b\x1b[2J" + chr(0xdcff))
    'a # b\\x1b[2J\\udcff'
    """
    try:
        words = " ".join(str(text)[: 4 * longest].split())
    except Exception:
        words = f"a {type(text).__name__} that cannot be shown"
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in words)
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def check_line(text: object, what: str, longest: int = 2000) -> None:
    """Check that `text` is one printable line of at most `longest` characters.

    Parameters
    ----------
    text : object
        What the user gave.
    what : str
        What it is, for the message.
    longest : int, default 2000
        Characters.

    Raises
    ------
    ValueError
        Unless it is one printable line of at most so many characters.
    """
    if not isinstance(text, str):
        raise ValueError(f"{what} is {type(text).__name__}, expected text")
    if len(text) > longest:
        raise ValueError(f"{what} has {len(text)} characters, more than {longest}: {one_line(text, 60)!r}")
    wrong = next((c for c in text if not (c.isprintable() or unicodedata.category(c) == "Zs")), None)
    if wrong is not None:
        raise ValueError(
            f"{what} holds {wrong!a}, which does not print; write it as one line of text: {one_line(text, 60)!r}"
        )


class RepeatedKey(ValueError):
    """A JSON record that says the same key twice."""


def json_of(text: str, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """What a JSON text says.

    Parameters
    ----------
    text : str
        JSON.
    parse_constant : callable, optional
        Of NaN and infinities, as `json.loads` takes it.

    Returns
    -------
    Any
        Mappings, lists, numbers and texts.

    Raises
    ------
    ValueError
        For what is no JSON, and for a record with the same key twice, of which the last would win without a word.
    """
    return json.loads(text, object_pairs_hook=_record, parse_constant=parse_constant)


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKey(
            f"the key {next(k for k in keys if keys.count(k) > 1)[:60]!r} stands twice in a record"
        )
    return found
