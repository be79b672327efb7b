"""The plainest Parquet file: required columns, plain encoding, no compression, one row group.

A campaign writes its samples in parts that pandas, DuckDB, polars and Spark read as they stand, and this module
spares it the 50 MB of a general library.  Files written by others are read by `uq.io.tables`, not here.

Source: Apache Parquet format 2.9, ``parquet.thrift`` (field numbers below are its), and the Thrift compact protocol.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray, IntArray

Column = FloatArray | IntArray | Sequence[str]

_MAGIC = b"PAR1"
_INT64, _DOUBLE, _BYTES = 2, 5, 6
_PLAIN, _RLE, _REQUIRED, _UTF8 = 0, 3, 0, 0

# Types of the compact protocol.
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12


def dump(columns: Mapping[str, Column], notes: Mapping[str, str]) -> bytes:
    """Columns of one length (float64, int64 or text), and notes of the footer, as the bytes of a Parquet file.

    Parameters
    ----------
    columns : Mapping[str, Column]
        By name, each (n,)
    notes : Mapping[str, str]
        Texts of the footer by key.

    Returns
    -------
    bytes
        A Parquet file.

    Raises
    ------
    ValueError
        For unequal lengths or another type.
    """
    lengths = {len(c) for c in columns.values()}
    if len(lengths) != 1:
        raise ValueError(f"columns have different lengths {sorted(lengths)}")
    rows = lengths.pop()
    body, at = [_MAGIC], len(_MAGIC)
    schema = [_structure((4, _BINARY, "schema"), (5, _I32, len(columns)))]
    chunks = []
    for name, column in columns.items():
        kind, values = _encode(name, column)
        page = _page(rows, len(values))
        start, size = at, len(page) + len(values)
        body += [page, values]
        at += size
        schema.append(_element(name, kind))
        metadata = _structure(
            (1, _I32, kind),
            (2, _LIST, (_I32, [_PLAIN, _RLE])),
            (3, _LIST, (_BINARY, [name])),
            (4, _I32, 0),
            (5, _I64, rows),
            (6, _I64, size),
            (7, _I64, size),
            (9, _I64, start),
        )
        chunks.append(_structure((2, _I64, start), (3, _STRUCT, metadata)))
    group = _structure((1, _LIST, (_STRUCT, chunks)), (2, _I64, at - len(_MAGIC)), (3, _I64, rows))
    pairs = [_structure((1, _BINARY, k), (2, _BINARY, v)) for k, v in notes.items()]
    footer = _structure(
        (1, _I32, 1),
        (2, _LIST, (_STRUCT, schema)),
        (3, _I64, rows),
        (4, _LIST, (_STRUCT, [group])),
        (5, _LIST, (_STRUCT, pairs)),
        (6, _BINARY, "lander-uq"),
    )
    return b"".join([*body, footer, struct.pack("<I", len(footer)), _MAGIC])


def parse(data: bytes) -> tuple[dict[str, Column], dict[str, str]]:
    """Columns and notes of what `dump` wrote.

    Parameters
    ----------
    data : bytes
        A whole file.

    Returns
    -------
    tuple of dict
        Columns and notes.

    Raises
    ------
    ValueError
        For what `dump` did not write.
    """
    if len(data) < 12 or data[:4] != _MAGIC or data[-4:] != _MAGIC:
        raise ValueError("not a Parquet file")
    (length,) = struct.unpack("<I", data[-8:-4])
    footer, _ = _read_structure(data, len(data) - 8 - length)
    if footer.get(6) != b"lander-uq":
        raise ValueError("a Parquet file of another program")
    rows = footer[3]
    columns: dict[str, Column] = {}
    for chunk in footer[4][0][1]:
        about = chunk[3]
        kind, name, end = about[1], about[3][0].decode(), about[9] + about[7]
        if kind == _BYTES:
            _, start = _read_structure(data, about[9])
            columns[name] = _decode_text(data, start, end, rows)
        else:
            raw = np.frombuffer(data, "<i8", rows, end - 8 * rows)
            columns[name] = raw.view(np.float64) if kind == _DOUBLE else raw.astype(np.int64, copy=False)
    return columns, {p[1].decode(): p[2].decode() for p in footer[5]}


@lru_cache(maxsize=64)
def _page(rows: int, size: int) -> bytes:
    """What stands before the values of a column."""
    values = _structure((1, _I32, rows), (2, _I32, _PLAIN), (3, _I32, _RLE), (4, _I32, _RLE))
    return _structure((1, _I32, 0), (2, _I32, size), (3, _I32, size), (5, _STRUCT, values))


@lru_cache(maxsize=4096)
def _element(name: str, kind: int) -> bytes:
    """A column in the schema."""
    text = [(6, _I32, _UTF8)] if kind == _BYTES else []
    return _structure((1, _I32, kind), (3, _I32, _REQUIRED), (4, _BINARY, name), *text)


def _encode(name: str, column: Column) -> tuple[int, bytes]:
    if isinstance(column, np.ndarray) and column.dtype == np.float64:
        return _DOUBLE, column.astype("<f8", copy=False).tobytes()
    if isinstance(column, np.ndarray) and column.dtype == np.int64:
        return _INT64, column.astype("<i8", copy=False).tobytes()
    if isinstance(column, np.ndarray):
        raise ValueError(f"column {name!r} holds {column.dtype}, expected float64, int64 or text")
    if not any(column):
        return _BYTES, bytes(4 * len(column))
    return _BYTES, b"".join(struct.pack("<I", len(b)) + b for b in (t.encode() for t in column))


def _decode_text(data: bytes, start: int, end: int, rows: int) -> list[str]:
    if end - start == 4 * rows:
        return [""] * rows
    texts, at = [], start
    for _ in range(rows):
        (length,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4 : at + 4 + length].decode())
        at += 4 + length
    return texts


# -- Thrift's compact protocol -------------------------------------------------------------------------------------


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _value(kind: int, value: Any) -> bytes:
    if kind in (_I32, _I64):
        return _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == _BINARY:
        raw = value.encode()
        return _varint(len(raw)) + raw
    if kind == _LIST:
        element, items = value
        count = len(items)
        head = bytes([count << 4 | element]) if count < 15 else bytes([0xF0 | element]) + _varint(count)
        return head + b"".join(_value(element, i) for i in items)
    return bytes(value)


def _structure(*fields: tuple[int, int, Any]) -> bytes:
    out, last = b"", 0
    for number, kind, value in fields:
        out += bytes([(number - last) << 4 | kind]) + _value(kind, value)
        last = number
    return out + b"\0"


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _read_value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in (_I32, _I64):
        raw, at = _read_varint(data, at)
        return (raw >> 1) ^ -(raw & 1), at
    if kind == _BINARY:
        length, at = _read_varint(data, at)
        return data[at : at + length], at + length
    if kind == _STRUCT:
        return _read_structure(data, at)
    if kind == _LIST:
        head = data[at]
        at += 1
        count, element = head >> 4, head & 0x0F
        if count == 15:
            count, at = _read_varint(data, at)
        items = []
        for _ in range(count):
            item, at = _read_value(data, at, element)
            items.append(item)
        return items, at
    raise ValueError(f"unexpected type {kind} in a Parquet footer")


def _read_structure(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    fields: dict[int, Any] = {}
    number = 0
    while data[at]:
        head = data[at]
        number += head >> 4
        fields[number], at = _read_value(data, at + 1, head & 0x0F)
    return fields, at + 1
