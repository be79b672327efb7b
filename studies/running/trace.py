"""From a requirement's sentence back to the case, the seed and the code that made it: found again and compared.

Nothing that lies in a folder vouches for anything else in it, for whoever can write one file can write all.  What
vouches is the code: the case, the concepts that were taken, a seed and two numbers of runs make every requirement
(`studies.analysis.requirements.requirements_of`), its words and its fresh runs.  So these are made again, which takes
as long as that part of the study did, and compared word for word and row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.fixed_design.design import Margins
from studies.analysis.concepts.choice import with_taken
from studies.analysis.confirmation import EVIDENCE, Origin
from studies.analysis.requirements import Requirements, requirements_of
from studies.case.case import Case, Taken, from_chain
from studies.presentation.specification.document import Item, specification
from studies.running.output_folder import FolderError, hashes, manifest_of
from studies.running.session import MAX_SAMPLES
from uq.core.dataset import Dataset
from uq.core.problem import nearest
from uq.core.storage.atomic_files import MANIFEST
from uq.core.storage.reading import DamagedFile, field, read_record, read_whole
from uq.core.text import one_line
from uq.requirements import Check, Statement, check, read
from uq.requirements.specification.files import read_entries

EQUAL = 1e-9
"""Relative difference at which a number that was found again is another one: another processor rounds otherwise."""
REQUIREMENTS = "requirements.json"
AGAIN = "run the study again in another --output"
_CHECKED_APART = ("digest", "rows_digest", "version")
"""Of the evidence: hashes are of the last bit of the rows that lie in the folder, and the version has its own line."""


@dataclass(frozen=True)
class FolderCheck:
    """Files of the evidence that were compared with the run's hashes, and those that changed, in it and outside."""

    checked: int
    changed: tuple[str, ...]
    outside: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """One requirement: its sentence, the check of it against its evidence, and what finding it again gave."""

    statement: Item
    check: Check
    rerun: int
    """Rows that were run again."""
    differ: int
    """Of them, rows whose outputs or status are others today."""
    version: str
    """Of the model today."""
    found_by: str
    """What it was found again from, in words."""
    folder: FolderCheck
    """What became of the folder's files since the run."""

    @property
    def holds(self) -> bool:
        """Whether the sentence follows from its runs, and today's code still finds both."""
        return self.check.holds and self.differ == 0 and not self.folder.changed

    @property
    def lines(self) -> tuple[str, ...]:
        """What was found, in words."""
        s = self.statement
        lines = [f"{s.identifier}: {s.text}"]
        if isinstance(s, Statement):
            lines.append(
                f"{s.probability:.4f} [{s.interval[0]:.4f}, {s.interval[1]:.4f}] of {s.runs} fresh runs under "
                + "; ".join(_record(r) for r in s.conditions)
            )
        lines += [f"evidence: {source}" for source in self.check.sources]
        lines += [f"FAULT: {fault}" for fault in self.check.faults]
        lines += [f"FAULT: {name} is not the file that this run wrote" for name in self.folder.changed]
        recorded = {e.version for e in s.evidence} if isinstance(s, Statement) else {self.version}
        if recorded != {self.version}:
            lines.append(
                f"code: the runs are of version {', '.join(sorted(v[:12] for v in recorded))}, today's is "
                f"{self.version[:12]}"
            )
        else:
            lines.append(f"code: version {self.version[:12]}, today's")
        lines.append(f"found again from {self.found_by}: {self.rerun} fresh runs, {self.differ} differ")
        lines.append(
            "checked: every word and number of the requirement, that none is missing, its rows, its evidence, the "
            f"margins of the design, and the hashes of {self.folder.checked} files of the evidence"
        )
        lines += [f"not evidence, but changed since the run: {name}" for name in self.folder.outside]
        lines.append(
            "not looked at: whether the case, and the concepts that were taken, are those that were agreed (read "
            "case.toml); what the other files say (the requirements as csv, md, xlsx, reqif and sysml, report, tables, "
            "figures, explorer, surrogates, samples)"
        )
        lines.append("holds" if self.holds else "DOES NOT HOLD")
        return tuple(lines)


def _record(condition: Mapping[str, Any]) -> str:
    name = condition["name"]
    if "value" in condition:
        return f"{name} = {condition['value']:.6g}"
    if condition["low"] is not None:
        return f"{name} >= {condition['low']:.6g}"
    return f"{name} <= {condition['high']:.6g}"


def trace(folder: Path, identifier: str | None = None) -> tuple[Trace, ...]:
    """Trace a requirement of a finished `pump-requirements` folder, or all of them.

    Hashes of the datasets and of the rows, the required conditions in every row, and the probability counted anew
    (`uq.requirements.check`); then all requirements and their fresh runs are made again by today's code from the case,
    and compared.

    Parameters
    ----------
    folder : Path
        Of a finished pump-requirements run.
    identifier : str, optional
        Of one requirement; where none is given, all that fresh runs stand behind, and those without runs that are
        others than the study's.

    Returns
    -------
    tuple of Trace
        One for each requirement.

    Raises
    ------
    FolderError
        For a folder without requirements, or an unknown identifier.
    DamagedFile
        For files that are not as a study writes them.
    """
    path = folder / REQUIREMENTS
    if not all((folder / name).is_file() for name in (path.name, MANIFEST)):
        raise FolderError(
            f"{folder} holds no requirements; give the folder of a finished pump-requirements run"
        )
    manifest = manifest_of(folder)
    since = since_run(folder, manifest)
    try:
        text = read_whole(path).decode("utf-8")
        stated: tuple[Item, ...] = (*read(text), *read_entries(text))
    except ValueError as error:
        raise DamagedFile(f"{path} is damaged ({one_line(error, 200)}); {AGAIN}") from None
    if not any(isinstance(s, Statement) for s in stated) and since.changed:
        raise DamagedFile(f"{path} is not the file that this run wrote, and requires nothing; {AGAIN}")
    known = [s.identifier for s in stated]
    if identifier is not None and identifier not in known:
        names = ", ".join(known) or "none: nothing is required there"
        raise FolderError(
            f"no requirement {identifier!r} in {folder}{nearest(identifier, known)}; it holds {names}"
        )
    case, margins, origin = _asked(folder, manifest)
    found = requirements_of(case, **vars(origin))
    return tuple(
        one
        for one in _Compared(folder, stated, case, found, margins, origin, since).all()
        if one.statement.identifier == identifier
        or (identifier is None and (isinstance(one.statement, Statement) or not one.holds))
    )


def since_run(folder: Path, manifest: Mapping[str, Any]) -> FolderCheck:
    """What became of a folder's files since the run.

    Parameters
    ----------
    folder : Path
        Of a finished run.
    manifest : mapping
        The folder's own.

    Returns
    -------
    FolderCheck

    Raises
    ------
    DamagedFile
        For a manifest without hashes.
    """
    written = field(manifest, "sha256", dict, folder / MANIFEST, AGAIN)
    now = hashes(folder)
    differ = sorted(n for n in {*written, *now} if written.get(n) != now.get(n))
    ours = {n for n in written if _is_evidence(n)}
    return FolderCheck(
        len(ours),
        tuple(n for n in differ if _is_evidence(n)),
        tuple(n for n in differ if not _is_evidence(n)),
    )


def _is_evidence(name: str) -> bool:
    return name in (REQUIREMENTS, EVIDENCE, "case.toml") or name.startswith("evidence-")


def _asked(folder: Path, manifest: Mapping[str, Any]) -> tuple[Case, Margins, Origin]:
    """The case with the concepts that were taken, the margins that were found, and what was asked of the study."""
    case = from_chain(files_of_case(folder, manifest), f"the case of {folder}")
    path = folder / EVIDENCE
    try:
        record = read_record(path, AGAIN)
    except FileNotFoundError:
        raise DamagedFile(f"{path} is missing; {AGAIN}") from None
    try:
        margins = Margins(**field(record, "margins", dict, path, AGAIN))
        taken = {name: Taken(**one) for name, one in field(record, "concepts", dict, path, AGAIN).items()}
        origin = Origin(**field(record, "origin", dict, path, AGAIN))
        runs = (origin.samples, origin.seed, 1 if origin.confirmed is None else origin.confirmed)
        if not all(type(n) is int and n >= 0 for n in runs) or not all(
            0 < n <= MAX_SAMPLES for n in runs[::2]
        ):
            raise ValueError("its origin holds what is no number of runs")
        return with_taken(case, taken), margins, origin
    except (AttributeError, TypeError, ValueError) as error:
        raise DamagedFile(f"{path} is damaged ({one_line(error, 200)}); {AGAIN}") from None


@dataclass(frozen=True)
class _Compared:
    """What a folder states, and what was found again."""

    folder: Path
    stated: tuple[Item, ...]
    case: Case
    found: Requirements
    margins: Margins
    origin: Origin
    since: FolderCheck

    def all(self) -> Iterator[Trace]:
        """A trace of every requirement that is stated, then of those that are missing."""
        again = {item.identifier: item for item in specification(self.found)}
        seen: dict[str, int] = {}
        statements = [s for s in self.stated if isinstance(s, Statement)]
        checks = check(statements, lambda name: Dataset.load(self.folder / name)).items
        own = dict(zip(map(id, statements), checks, strict=True))
        for one in self.stated:
            seen[one.identifier] = seen.get(one.identifier, 0) + 1
            faults = [*_differences(one, again.get(one.identifier)), *self._of_design()]
            if seen[one.identifier] > 1:
                faults.append(f"{one.identifier} is stated twice")
            found = own.get(id(one), Check(one.identifier, (), np.nan, ()))
            yield self._traced(one, replace(found, faults=(*found.faults, *faults)))
        for identifier, item in again.items():
            if identifier not in seen:
                missing = "the study requires this, and the folder does not"
                yield self._traced(item, Check(identifier, (missing,), np.nan, ()))

    def _of_design(self) -> list[str]:
        """What is said of the design or the case, and is not that of which the set was found again."""
        case = self.folder / "case.toml"
        if not case.is_file() or read_whole(case).decode("utf-8", "replace") != self.case.text:
            others = ["case.toml is not the case of manifest.json, of which the set was found"]
        else:
            others = []
        return others + [
            f"the design has a margin {name} of {_short(now)}, {_short(stated)} is stated"
            for (name, stated), now in zip(
                vars(self.margins).items(), vars(self.found.design.margins).values(), strict=True
            )
            if not _same(stated, now)
        ]

    def _traced(self, item: Item, found: Check) -> Trace:
        sources = item.evidence if isinstance(item, Statement) else ()
        rows = [self._rows(name) for name in dict.fromkeys(s.dataset for s in sources)]
        o = self.origin
        return Trace(
            item,
            found,
            sum(n for n, _ in rows),
            sum(k for _, k in rows),
            self.found.design.sample.problem.version,
            f"the case, seed {o.seed}, {o.samples} realised landers",
            self.since,
        )

    def _rows(self, name: str) -> tuple[int, int]:
        """Rows of a dataset of the evidence, and how many of them were found to be others."""
        batches = self.found.fresh.confirmations.batches
        try:
            kept, new = Dataset.load(self.folder / name), batches[int(name.removeprefix("evidence-"))]
        except (OSError, KeyError, ValueError, RuntimeError, IndexError):
            return 0, 0  # which the check has said
        if (kept.x.shape, kept.y.shape) != (new.x.shape, new.y.shape):
            return len(kept), len(kept)
        same = kept.status == new.status
        for one, other in ((kept.x, new.x), (kept.y, new.y)):
            same &= np.isclose(other, one, rtol=EQUAL, atol=EQUAL, equal_nan=True).all(axis=1)
        return len(kept), int((~same).sum())


def _differences(stated: Item, again: Item | None) -> list[str]:
    """In sentences, every field of a requirement that is not as it was found again."""
    if type(again) is not type(stated):
        return ["the study requires no such thing"]
    assert again is not None
    one, other = _plain(stated), _plain(again)
    return [
        f"its {name} is {_short(one.get(name))}, the study says {_short(other.get(name))}"
        for name in {**one, **other}
        if not _same(one.get(name), other.get(name))
    ]


def _plain(item: Item) -> dict[str, Any]:
    record = asdict(item)
    record |= {f"attribute {name}": value for name, value in record.pop("attributes").items()}
    for source in record.get("evidence", ()):
        for name in _CHECKED_APART:
            source.pop(name)
    return record


def _same(one: Any, other: Any) -> bool:
    """Equal, numbers to `EQUAL`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(v, other[k]) for k, v in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return bool(np.isclose(one, other, rtol=EQUAL, atol=0.0, equal_nan=True))
    return bool(one == other)


def _short(value: Any) -> str:
    return one_line(f"{value:.6g}" if isinstance(value, float) else repr(value), 600)


def files_of_case(folder: Path, manifest: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Names and texts of the files of the case, as they stood when the study began.

    Parameters
    ----------
    folder : Path
        Of a finished run.
    manifest : mapping
        The folder's own.

    Returns
    -------
    tuple of (str, str)
        The case first, then what it extends.

    Raises
    ------
    DamagedFile
        For anything else in the manifest.
    """
    path = folder / MANIFEST
    files = field(manifest, "case_files", list, path, AGAIN)
    if not files or not all(
        isinstance(f, list) and len(f) == 2 and all(isinstance(text, str) for text in f) for f in files
    ):
        raise DamagedFile(f"{path} is damaged: its case_files are no names with texts; {AGAIN}")
    return tuple((name, text) for name, text in files)
