"""Models of one sample at a time: any Python function, and any program that reads a file and writes one.

Both are called sample by sample (``block = 1``), so that each has its own time limit and its own failure.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.model import Columns
from uq.core.storage.reading import read_record, read_whole
from uq.core.text import one_line

_SAID = 400
"""Bytes of the end of what a program said that are quoted when it fails."""


@dataclass(frozen=True)
class Single:
    """A model of a function that takes one sample, as keyword-free mapping of floats, and returns its outputs.

    >>> model = Single(lambda sample: {"area": sample["width"] * sample["height"]})
    >>> model({"width": np.array([1.0, 2.0]), "height": np.array([3.0, 4.0])})
    {'area': array([3., 8.])}
    """

    function: Callable[[Mapping[str, float]], Mapping[str, float]]
    """Inputs by name to outputs by name, of one sample."""
    block: int = field(default=1, init=False)
    """Samples of a block."""

    def one(self, sample: Mapping[str, float]) -> Mapping[str, float]:
        """The outputs of one sample."""
        return self.function(sample)

    def __call__(self, columns: Columns) -> Columns:
        """Named columns (n,) to named columns (n,), one call of the function for each row."""
        return _rows(self.one, columns)


@dataclass(frozen=True)
class Program:
    """A model of a program on the command line: ``{inputs}`` and ``{outputs}`` in `command` stand for its two files.

    Each sample runs in a folder of its own, in which `files` are copied.  The files are JSON objects, or CSV with
    one header and one row where their names end in ``.csv``.  A non-zero exit, missing outputs or values that are
    no numbers fail the sample, with the end of what the program said; the time limit of the campaign ends the program
    and whatever it has started.  `stated_version` is part of the campaign's key; empty means the hash of the command
    and of every file that it names.
    """

    command: tuple[str, ...]
    inputs: str = "inputs.json"
    """Name of the file that the program reads."""
    outputs: str = "outputs.json"
    """Name of the file that the program writes."""
    files: tuple[str, ...] = ()
    stated_version: str = ""
    block: int = field(default=1, init=False)
    """Samples of a block."""
    _words: tuple[str, ...] = field(default=(), init=False, repr=False)
    """The command with absolute paths: a sample runs in a folder of its own, wherever its worker stands."""

    def __post_init__(self) -> None:
        if isinstance(self.command, str):
            raise ValueError(f"command is a tuple of words, such as {tuple(self.command.split())!r}")
        object.__setattr__(self, "command", tuple(map(str, self.command)))
        object.__setattr__(self, "_words", tuple(_absolute(word) for word in self.command))
        object.__setattr__(self, "files", tuple(str(Path(f).resolve()) for f in self.files))
        if not self.command or shutil.which(self.command[0]) is None:
            raise ValueError(
                f"no program {self.command[0]!r} on this machine" if self.command else "no command"
            )
        missing = [f for f in self.files if not _is_file(f)]
        if missing:
            raise ValueError(f"no file {missing[0]!r}")
        for name in (self.inputs, self.outputs):
            if Path(name).suffix not in (".json", ".csv") or Path(name).name != name:
                raise ValueError(f"{name!r} must be the bare name of a .json or .csv file")

    @property
    def version(self) -> str:
        """What identifies the program in the key of a campaign."""
        if self.stated_version:
            return self.stated_version
        state = hashlib.blake2b(digest_size=12)
        state.update(repr((self.command, self.inputs, self.outputs)).encode())
        for name in (shutil.which(self._words[0]) or "", *self._words[1:], *self.files):
            if _is_file(name):
                state.update(Path(name).read_bytes())
        return state.hexdigest()

    def __call__(self, columns: Columns) -> Columns:
        """Named columns (n,) to named columns (n,), one run of the program for each row."""
        return _rows(self.one, columns)

    def one(self, sample: Mapping[str, float]) -> Mapping[str, float]:
        """The outputs of one sample.  Raises RuntimeError or ValueError if the program fails."""
        with tempfile.TemporaryDirectory(prefix="sample-") as name:
            folder = Path(name)
            for file in self.files:
                shutil.copy(file, folder)
            _write(folder / self.inputs, sample)
            places = {"{inputs}": str(folder / self.inputs), "{outputs}": str(folder / self.outputs)}
            command = [_fill(word, places) for word in self._words]
            # into a file: a pipe ends with the last process that holds it, such as a child left in the background
            with tempfile.TemporaryFile() as output:
                run = subprocess.run(
                    command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
                )
                output.seek(max(0, output.seek(0, os.SEEK_END) - _SAID))
                said = output.read(_SAID).decode(errors="replace").strip()
            if run.returncode:
                raise RuntimeError(f"exit {run.returncode}: {said}")
            if not (folder / self.outputs).exists():
                raise RuntimeError(f"the program wrote no {self.outputs}: {said}")
            return _read(folder / self.outputs)


def _rows(
    one: Callable[[Mapping[str, float]], Mapping[str, float]], columns: Columns
) -> dict[str, FloatArray]:
    rows = zip(*(c.tolist() for c in columns.values()), strict=True)
    results = [one(dict(zip(columns, row, strict=True))) for row in rows]
    different = [r for r in results if r.keys() != results[0].keys()]
    if different:
        raise ValueError(
            f"outputs differ from sample to sample: {sorted(different[0])}, {sorted(results[0])}"
        )
    return {name: np.array([r[name] for r in results]) for name in results[0]}


def _absolute(word: str) -> str:
    return str(Path(word).resolve()) if _is_file(word) else word


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):  # a word of the command that no file can be named
        return False


def _fill(word: str, places: Mapping[str, str]) -> str:
    for place, path in places.items():
        word = word.replace(place, path)
    return word


def _write(path: Path, sample: Mapping[str, float]) -> None:
    if path.suffix == ".json":
        path.write_text(json.dumps(dict(sample)))
        return
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([list(sample), [repr(v) for v in sample.values()]])


def _read(path: Path) -> dict[str, float]:
    if path.suffix == ".json":
        record = read_record(path, "expected one JSON object of numbers")
        return {k: _number(k, v) for k, v in record.items()}
    rows = [r for r in csv.reader(read_whole(path).decode().splitlines()) if r]
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        raise ValueError(f"{path.name} must hold one header and one row")
    names = [k.strip() for k in rows[0]]
    if len(set(names)) < len(names):
        raise ValueError(f"{path.name} has a column twice: {one_line(names, 80)}")
    return {k.strip(): _number(k, v) for k, v in zip(*rows, strict=True)}


def _number(name: str, value: object) -> float:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
    elif isinstance(value, (int, float)):
        return float(value)
    elif value is None:
        return float("nan")
    raise ValueError(f"output {name!r} is {value!r}, expected a number")
