"""The durable home of a campaign's samples: a folder of parts and a manifest.

Every part is a Parquet file (`uq.core.storage.parquet`) with the columns ``sample`` (row of the plan), the inputs,
the outputs, ``status`` and ``message``; ``SELECT * FROM 'folder/*.parquet'`` opens them all in DuckDB. A part is
written under another name, made durable and renamed, and carries the digest of its bytes in its name, so that it is
either absent, whole, or known to be damaged; damage stays within it. `MANIFEST` (`uq.core.storage.atomic_files`)
holds the problem, the plan, the versions and the key.

Part files were chosen over SQLite in WAL mode by measurement (``tests/benchmarks/campaigns.py``): a million samples of
35 columns are written and read seven times faster, nothing depends on shared memory between hosts, and one
flipped bit costs one part, never the file.  (One sample at a time, SQLite is faster: 2 ms against 5 ms.)
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.storage import parquet
from uq.core.storage.atomic_files import StoreError, digest, write_atomically, writing
from uq.core.storage.reading import read_whole
from uq.core.text import one_line

_LOG = logging.getLogger("uq")
_PART = re.compile(r"samples-\d{9,}-\d{6,}-[0-9a-f]{24}\.parquet")

PART_ROWS = 16_384
"""Small parts are merged into parts of at most this many rows."""

LARGEST_PART = 2_000_000_000
"""Bytes of a part: `PART_ROWS` of many columns, with messages."""

MANY_PARTS = 256
"""Merging begins when this many small parts lie in the folder."""


@dataclass(frozen=True)
class Samples:
    """Finished rows of a plan: index (r,) ascending, x (r, d), y (r, m), status (r,), and messages of failed ones."""

    index: IntArray
    """(r,) numbers in the plan, ascending."""
    x: FloatArray
    """(r, d) inputs in physical units."""
    y: FloatArray
    """(r, m) outputs in physical units."""
    status: IntArray
    """(r,) 0 is good."""
    messages: Mapping[int, str]
    """Why a sample failed, by its number in the plan."""

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True)
class Part:
    """One readable file of a store."""

    path: Path
    """Of the file."""
    key: str
    """Of the problem and its model's version."""
    points: str
    """Hash of the plan's points."""
    samples: Samples
    """What the file holds."""


def rows(index: IntArray) -> IntArray | slice:
    """An index that is cheaper where the rows follow each other.

    Parameters
    ----------
    index : ndarray of int (n,)
        Rising.

    Returns
    -------
    ndarray of int (n,) or slice
        The same rows.
    """
    if not len(index) or (np.diff(index) != 1).any():
        return index
    return slice(int(index[0]), int(index[-1]) + 1)


def points_of(unit: FloatArray, index: IntArray) -> str:
    """The digest of some rows of a plan, which ties a part to the points it was computed for.

    Parameters
    ----------
    unit : ndarray (n, d)
        Points of the unit cube.
    index : ndarray of int (k,)
        Rows of the plan.

    Returns
    -------
    str
        24 hexadecimal digits.
    """
    return digest(np.ascontiguousarray(unit[rows(index)]).data.cast("B"))


def write_part(
    folder: Path, names: Sequence[str], samples: Samples, *, key: str = "", points: str = ""
) -> Path:
    """Append `samples` as one durable part; `names` are those of the inputs and outputs in their order.

    Parameters
    ----------
    folder : Path
        Of the store.
    names : sequence of str
        Of inputs and outputs, in their order.
    samples : Samples
        Rows of the plan with their results.
    key : str, default ''
        Of the campaign: what the results depend on.
    points : str, default ''
        Digest of the points, from `points_of`.

    Returns
    -------
    Path
        Of the new file.

    Raises
    ------
    StoreError
        If the disk is full or may not be written.
    """
    columns: dict[str, parquet.Column] = {"sample": np.ascontiguousarray(samples.index, dtype=np.int64)}
    for k, name in enumerate(names):
        j = k - samples.x.shape[1]
        columns[name] = np.ascontiguousarray(samples.x[:, k] if j < 0 else samples.y[:, j])
    columns["status"] = np.ascontiguousarray(samples.status, dtype=np.int64)
    said = samples.messages
    columns["message"] = [said.get(int(i), "") for i in samples.index] if said else [""] * len(samples)
    data = parquet.dump(columns, {"key": key, "points": points})
    first, count = int(samples.index[0]), len(samples)
    if not folder.is_dir():
        raise StoreError(f"{folder} was removed while its campaign ran; run the same call again")
    path = folder / f"samples-{first:09d}-{count:06d}-{digest(data)}.parquet"
    with writing(folder):
        write_atomically(path, lambda f: f.write(data))
    return path


def read_part(path: Path, names: Sequence[str], inputs: int) -> Part:
    """One part, checked against the digest in its name.

    Parameters
    ----------
    path : Path
        Of the file.
    names : sequence of str
        Of inputs and outputs, in their order.
    inputs : int
        How many of the names are inputs.

    Returns
    -------
    Part

    Raises
    ------
    ValueError
        If it is damaged.
    """
    data = read_whole(path, largest=LARGEST_PART)
    if digest(data) != path.stem.rpartition("-")[2]:
        raise ValueError(f"{path.name} is damaged")
    columns, notes = parquet.parse(data)
    missing = [n for n in names if n not in columns]
    if missing:
        raise ValueError(f"{path.name} has no column {missing[0]!r}")
    values = np.empty((len(names), len(columns["sample"])))
    for k, name in enumerate(names):
        values[k] = columns[name]
    index = np.asarray(columns["sample"], dtype=np.int64)
    said = columns["message"]
    messages = {int(i): str(m) for i, m in zip(index, said, strict=True) if m} if any(said) else {}
    samples = Samples(
        index, values[:inputs].T, values[inputs:].T, np.asarray(columns["status"], dtype=np.int64), messages
    )
    return Part(path, notes["key"], notes["points"], samples)


def parts_in(folder: Path) -> list[Path]:
    """The parts of a store in the order of their samples; files of other names are not ours.

    Parameters
    ----------
    folder : Path
        Of the store.

    Returns
    -------
    list of Path
        In the order of their samples.
    """
    return sorted(path for path in folder.glob("samples-*.parquet") if _PART.fullmatch(path.name))


def read_parts(folder: Path, names: Sequence[str], inputs: int) -> Iterator[Part | Path]:
    """Every part of a store in the order of its samples; a damaged one comes as its bare path.

    A part may come twice if the campaign that owns the store merges parts meanwhile.

    Parameters
    ----------
    folder : Path
        Of the store.
    names : sequence of str
        Of inputs and outputs, in their order.
    inputs : int
        How many of the names are inputs.

    Returns
    -------
    iterator of Part or Path
        A damaged one as its bare path.
    """
    for path in parts_in(folder):
        try:
            yield _read(path, names, inputs)
        except FileNotFoundError:  # merged into another
            yield from read_parts(folder, names, inputs)
            return


def _read(path: Path, names: Sequence[str], inputs: int) -> Part | Path:
    try:
        return read_part(path, names, inputs)
    except (ValueError, KeyError, IndexError):
        return path


def rows_of(path: Path) -> int:
    """How many samples a part holds, by its name alone.

    Parameters
    ----------
    path : Path
        Of the file.

    Returns
    -------
    int
        Number of samples.
    """
    return int(path.stem.split("-")[2])


def merge(folder: Path, names: Sequence[str], inputs: int, *, key: str, unit: FloatArray) -> None:
    """Turn many small parts into few large ones, without a moment in which a sample is missing.

    A damaged part stays as it is, for `take` to find.

    Parameters
    ----------
    folder : Path
        Of the store.
    names : sequence of str
        Of inputs and outputs, in their order.
    inputs : int
        How many of the names are inputs.
    key : str
        Of the campaign: what its results depend on.
    unit : ndarray (n, d)
        Points of the unit cube.
    """
    small = [p for p in parts_in(folder) if rows_of(p) < PART_ROWS // 2]
    if len(small) < MANY_PARTS:
        return
    read = (_read(q, names, inputs) for q in small)
    ours = (p for p in read if isinstance(p, Part) and p.key == key)
    parts = [p for p in ours if p.samples.index[-1] < len(unit)]
    group: list[Part] = []
    for position, part in enumerate(parts):
        group.append(part)
        held = sum(len(p.samples) for p in group)
        if held >= PART_ROWS // 2 or position == len(parts) - 1:
            samples = join([p.samples for p in group])
            path = write_part(folder, names, samples, key=key, points=points_of(unit, samples.index))
            with writing(folder):
                for p in group:
                    if p.path != path:
                        p.path.unlink()
            group = []


def join(pieces: Sequence[Samples]) -> Samples:
    """Several samples as one, in the order of the plan, each row once.

    Parameters
    ----------
    pieces : sequence of Samples
        Possibly with rows in common.

    Returns
    -------
    Samples
        Each row once.
    """
    index = np.concatenate([p.index for p in pieces])
    index, first = np.unique(index, return_index=True)
    messages: dict[int, str] = {}
    for piece in pieces:
        messages.update(piece.messages)
    return Samples(
        index,
        np.concatenate([p.x for p in pieces])[first],
        np.concatenate([p.y for p in pieces])[first],
        np.concatenate([p.status for p in pieces])[first],
        messages,
    )


def most_frequent(messages: Mapping[int, str]) -> dict[str, int]:
    """The five messages that most failed samples have.

    Parameters
    ----------
    messages : mapping of int to str
        By the row of the plan.

    Returns
    -------
    dict of str to int
        Number of samples by message, the most frequent first.
    """
    return dict(Counter(messages.values()).most_common(5))


def pick(samples: Samples, rows: BoolArray) -> Samples:
    """Some rows of some samples.

    Parameters
    ----------
    samples : Samples
        Rows of the plan with their results.
    rows : ndarray of bool (n,)
        Which to keep.

    Returns
    -------
    Samples
    """
    index = samples.index[rows]
    kept = set(index.tolist()) if samples.messages else set()
    messages = {i: m for i, m in samples.messages.items() if i in kept}
    return Samples(index, samples.x[rows], samples.y[rows], samples.status[rows], messages)


def take(
    folder: Path,
    names: Sequence[str],
    inputs: int,
    *,
    key: str,
    unit: FloatArray,
    physical: Callable[[FloatArray], FloatArray],
    without: Collection[int] = (),
) -> Iterator[Samples]:
    """Every sound sample of this key that lies within the plan `unit`; damaged parts are dropped, and one line
    on the logger ``uq`` names them.

    Samples whose status is in `without` leave the store, and so do parts that a merge has written into a larger one
    before it was killed.

    Parameters
    ----------
    folder : Path
        Of the store.
    names : sequence of str
        Of inputs and outputs, in their order.
    inputs : int
        How many of the names are inputs.
    key : str
        Of the campaign: what its results depend on.
    unit : ndarray (n, d)
        Points of the unit cube.
    physical : Callable[[FloatArray], FloatArray]
        Points of the unit cube (k, d) to physical ones (k, d)
    without : collection of int, default ()
        Statuses of samples that leave the store.

    Returns
    -------
    iterator of Samples
        Part by part.

    Raises
    ------
    StoreError
        If a sound part belongs to other points: the plan neither extends nor begins that of the store.
    """
    dropped: list[str] = []
    held = np.zeros(len(unit), dtype=bool)
    rewritten: set[Path] = set()
    for path in sorted(parts_in(folder), key=rows_of, reverse=True):
        if path in rewritten:
            continue
        part = _read(path, names, inputs)
        if isinstance(part, Path):
            dropped.append(f"{path.name} ({rows_of(path)} samples)")
            path.unlink()
            continue
        samples = part.samples
        within = samples.index < len(unit)
        if within.all():
            same = part.points == points_of(unit, samples.index)
        else:  # the plan is shorter than that of the store
            samples = pick(samples, within)
            same = bool(np.allclose(samples.x, physical(unit[samples.index]), rtol=1e-9, atol=0.0))
        if part.key != key or not same:
            raise StoreError(
                f"{folder} holds samples of another plan (points differ in {part.path.name}); "
                "give this campaign a store of its own"
            )
        leaving = np.isin(samples.status, list(without))
        if leaving.any():
            if not within.all():
                raise StoreError(f"{folder} holds a longer plan; run that one to repeat samples")
            samples = pick(samples, ~leaving)
        known = bool(held[samples.index].all())
        if within.all() and (known or leaving.any()):
            if not known:
                points = points_of(unit, samples.index)
                rewritten.add(write_part(folder, names, samples, key=key, points=points))
            path.unlink()
        held[samples.index] = True
        yield samples
    if dropped:
        _LOG.warning(
            "%s",
            one_line(
                f"damaged, and computed again: {', '.join(dropped[:3])}"
                + (f" and {len(dropped) - 3} more parts" if len(dropped) > 3 else "")
                + f" in {folder}"
            ),
        )
