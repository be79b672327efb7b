"""Parts are whole, or known not to be; a store belongs to one campaign, and to one process at a time."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from uq import campaign
from uq.core.distributions import Uniform
from uq.core.model import Columns
from uq.core.problem import Input, Output, Problem
from uq.core.storage import atomic_files, parquet, store
from uq.core.storage.atomic_files import StoreError, write_atomically, writing
from uq.core.storage.store import Part, Samples
from uq.sampling.plans import sobol_sequence

NAMES = ("a.b", "c", "y")


def some(first: int, count: int, seed: int = 0) -> Samples:
    random = np.random.default_rng(seed + first)
    index = np.arange(first, first + count)
    status = np.where(index % 7 == 3, -2, 0).astype(np.int64)
    messages = {int(i): f"déjà vu {i}" for i in index[status < 0]}
    return Samples(index, random.random((count, 2)), random.random((count, 1)), status, messages)


def equal(a: Samples, b: Samples) -> bool:
    arrays = ("index", "x", "y", "status")
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for n in arrays) and a.messages == b.messages


def test_parquet_reads_back_what_it_wrote() -> None:
    columns = {
        "whole": np.array([-(2**63), -1, 0, 2**63 - 1]),
        "real": np.array([np.nan, -np.inf, 5e-324, 0.1]),
        "text": ["", "a", "ü" * 300, "\n"],
    }
    back, notes = parquet.parse(parquet.dump(columns, {"key": "k", "empty": ""}))
    assert back["whole"].tobytes() == columns["whole"].tobytes()
    assert back["real"].tobytes() == columns["real"].tobytes()
    assert back["text"] == columns["text"]
    assert notes == {"key": "k", "empty": ""}


def test_parquet_of_many_columns_is_read_by_others(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow.parquet")
    columns = {f"c{k}": np.random.default_rng(k).random(1000) for k in range(40)}
    columns["text"] = [str(k) for k in range(1000)]
    (tmp_path / "a.parquet").write_bytes(parquet.dump(columns, {"key": "k"}))
    table = arrow.read_table(tmp_path / "a.parquet")
    assert table.schema.metadata == {b"key": b"k"}
    assert all(np.array_equal(table[n].to_numpy(), columns[n]) for n in columns)


def test_other_files_are_not_taken_for_parts() -> None:
    for data in (b"", b"PAR1PAR1", b"PAR1" + b"\0" * 8 + b"PAR1", b"a,b\n1,2\n" * 9):
        with pytest.raises((ValueError, KeyError, IndexError)):
            parquet.parse(data)


def test_a_part_comes_back_as_it_was_written(tmp_path: Path) -> None:
    samples = some(10, 50)
    path = store.write_part(tmp_path, NAMES, samples, key="k", points="p")
    part = store.read_part(path, NAMES, 2)
    assert equal(part.samples, samples)
    assert (part.key, part.points) == ("k", "p")


def test_only_rows_that_follow_each_other_are_a_slice() -> None:
    assert store.rows(np.arange(3, 8)) == slice(3, 8)
    for index in ([7, 5, 9], [4, 3], [2, 2, 4], [1, 3]):
        assert np.array_equal(np.arange(20)[store.rows(np.array(index))], index)


def test_every_flipped_bit_and_every_truncation_is_noticed(tmp_path: Path) -> None:
    path = store.write_part(tmp_path, NAMES, some(0, 30))
    data = path.read_bytes()
    random = np.random.default_rng(1)
    for _ in range(300):
        spoilt = bytearray(data)
        spoilt[random.integers(len(data))] ^= 1 << random.integers(8)
        path.write_bytes(bytes(spoilt))
        assert list(store.read_parts(tmp_path, NAMES, 2)) == [path]
        path.write_bytes(data[: random.integers(len(data))])
        assert list(store.read_parts(tmp_path, NAMES, 2)) == [path]
    path.write_bytes(data)
    assert isinstance(next(store.read_parts(tmp_path, NAMES, 2)), Part)


def test_merging_keeps_every_sample(tmp_path: Path) -> None:
    unit = np.random.default_rng(0).random((3000, 2))
    pieces = [some(first, 10) for first in range(0, 3000, 10)]
    for piece in pieces:
        store.write_part(tmp_path, NAMES, piece, key="k", points=store.points_of(unit, piece.index))
    store.merge(tmp_path, NAMES, 2, key="k", unit=unit)
    assert len(list(store.parts_in(tmp_path))) == 1
    taken = store.take(tmp_path, NAMES, 2, key="k", unit=unit, physical=lambda u: u)
    assert equal(store.join(list(taken)), store.join(pieces))


def test_merging_interrupted_at_any_write_loses_nothing(tmp_path: Path, monkeypatch) -> None:
    unit = np.random.default_rng(0).random((3000, 2))
    pieces = [some(first, 10) for first in range(0, 3000, 10)]
    for piece in pieces:
        store.write_part(tmp_path, NAMES, piece, key="k", points=store.points_of(unit, piece.index))
    unlink, left = Path.unlink, iter(range(100))

    def fail_at_last(path: Path, missing_ok: bool = False) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", fail_at_last)
    with pytest.raises(KeyboardInterrupt):
        store.merge(tmp_path, NAMES, 2, key="k", unit=unit)
    monkeypatch.undo()
    taken = store.take(tmp_path, NAMES, 2, key="k", unit=unit, physical=lambda u: u)
    assert equal(store.join(list(taken)), store.join(pieces))
    assert (
        sum(map(store.rows_of, store.parts_in(tmp_path))) == 3000
    )  # whoever reads the files meets no row twice


def test_merging_leaves_a_damaged_part_to_be_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    unit = np.random.default_rng(0).random((3000, 2))
    pieces = [some(first, 10) for first in range(0, 3000, 10)]
    paths = [
        store.write_part(tmp_path, NAMES, p, key="k", points=store.points_of(unit, p.index)) for p in pieces
    ]
    data = bytearray(paths[7].read_bytes())
    data[200] ^= 1
    paths[7].write_bytes(data)
    store.merge(tmp_path, NAMES, 2, key="k", unit=unit)
    assert len(store.parts_in(tmp_path)) == 2
    taken = list(store.take(tmp_path, NAMES, 2, key="k", unit=unit, physical=lambda u: u))
    assert caplog.messages == [
        f"damaged, and computed again: {path.name} (10 samples) in {tmp_path}" for path in paths[7:8]
    ]
    assert equal(store.join(taken), store.join(pieces[:7] + pieces[8:]))


def test_leaving_samples_interrupted_at_any_moment_take_no_other_with_them(
    tmp_path: Path, monkeypatch
) -> None:
    unit = np.random.default_rng(0).random((40, 2))
    whole = some(0, 40)
    store.write_part(tmp_path, NAMES, whole, key="k", points=store.points_of(unit, whole.index))

    def take(**options: object) -> Samples:
        return store.join(
            list(store.take(tmp_path, NAMES, 2, key="k", unit=unit, physical=lambda u: u, **options))
        )

    def killed(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".parquet":
            raise KeyboardInterrupt

    for outcome, expected in (({}, whole), ({"without": (-2,)}, store.pick(whole, whole.status == 0))):
        monkeypatch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            take(without=(-2,))
        monkeypatch.undo()
        assert len(store.parts_in(tmp_path)) == 2
        assert equal(take(**outcome), expected)
        assert [store.rows_of(p) for p in store.parts_in(tmp_path)] == [len(expected)]
        assert equal(take(), expected)


def test_a_manifest_with_a_changed_digit_is_noticed(tmp_path: Path) -> None:
    atomic_files.write_manifest(tmp_path, {"value": 1.25})
    assert atomic_files.read_manifest(tmp_path) == {"value": 1.25}
    path = tmp_path / atomic_files.MANIFEST
    path.write_text("[1.25]")
    with pytest.raises(StoreError, match="damaged"):
        atomic_files.read_manifest(tmp_path)
    atomic_files.write_manifest(tmp_path, {"value": 1.25})
    path.write_text(path.read_text().replace("1.25", "1.35"))
    with pytest.raises(StoreError, match="damaged"):
        atomic_files.read_manifest(tmp_path)


def test_a_manifest_takes_numbers_of_numpy_and_no_objects(tmp_path: Path) -> None:
    atomic_files.write_manifest(tmp_path, {"seed": np.int64(3), "pairs": np.eye(2), "share": np.float64(0.1)})
    assert atomic_files.read_manifest(tmp_path) == {
        "seed": 3,
        "pairs": [[1.0, 0.0], [0.0, 1.0]],
        "share": 0.1,
    }
    with pytest.raises(TypeError, match="not plain data"):
        atomic_files.write_manifest(tmp_path, {"model": object()})


def test_a_store_has_one_holder_and_outlives_its_death(tmp_path: Path) -> None:
    code = f"""
import sys, time
sys.path.insert(0, {os.getcwd()!r})
from pathlib import Path
from uq.core.storage import atomic_files
with atomic_files.lock(Path({str(tmp_path)!r})):
    print("held", flush=True)
    time.sleep(100)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match=f"in use by process {holder.pid}"), atomic_files.lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with atomic_files.lock(tmp_path):
            pass


def test_leftovers_of_a_broken_write_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".samples-0.1234.part").write_bytes(b"half")
    with atomic_files.lock(tmp_path):
        assert not list(tmp_path.glob(".*.part"))


def test_a_strangers_files_stay_whatever_they_are_called(tmp_path: Path) -> None:
    theirs = [tmp_path / name for name in ("samples-2024-01.parquet", "samples-old.parquet", ".draft.part")]
    for path in theirs:
        path.write_bytes(b"mine")
    with atomic_files.lock(tmp_path):
        store.write_part(tmp_path, NAMES, some(0, 4))
        assert [type(part) for part in store.read_parts(tmp_path, NAMES, 2)] == [Part]
    assert all(path.read_bytes() == b"mine" for path in theirs)


def test_a_file_in_the_place_of_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match="cannot write"), atomic_files.lock(tmp_path / "store"):
        pass


def test_a_full_disk_is_told_with_the_file_that_it_did_not_take(tmp_path: Path) -> None:
    def full(file: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as write(2) says it, without a name

    with pytest.raises(OSError, match=r"page\.html"):
        write_atomically(tmp_path / "page.html", full)
    said = r"cannot write to .*part: No space left.*nothing already finished"
    with pytest.raises(StoreError, match=said), writing(tmp_path):
        write_atomically(tmp_path / "part", full)
    assert not list(tmp_path.iterdir())


def test_a_store_that_is_removed_while_its_campaign_runs_stops_it_in_one_line(tmp_path: Path) -> None:
    def removing(columns: Columns) -> Columns:
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        return {"y": columns["x"]}

    problem = Problem((Input("x", "1", Uniform(0.0, 1.0)),), (Output("y"),), removing, version="1")
    with pytest.raises(
        StoreError, match=r"store was removed while its campaign ran; run the same call again"
    ):
        campaign.run(problem, sobol_sequence(8, 1, seed=1), store=tmp_path / "store")
    again = dataclasses.replace(problem, model=lambda c: {"y": c["x"]})
    assert len(campaign.run(again, sobol_sequence(8, 1, seed=1), store=tmp_path / "store")) == 8
