"""From a requirement's sentence back to its samples, seeds and the version of the code, run again and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.fixed_design.design import Margins
from models.fixed_design.operating_point import PumpPoint, points
from models.quantity import substitute
from studies.analysis.concepts.choice import with_taken
from studies.analysis.confirmation import EVIDENCE
from studies.analysis.fixed_problem import REQUIRED, model_of, problem
from studies.case.case import Case, Taken, from_chain
from studies.running.output_folder import FolderError, hashes, manifest_of
from uq.core.dataset import Dataset, evaluate
from uq.core.problem import nearest
from uq.core.storage.atomic_files import MANIFEST
from uq.core.storage.reading import DamagedFile, field, read_record, read_whole
from uq.core.text import one_line
from uq.requirements import Check, Statement, check, read

EQUAL = 1e-9
"""Relative difference at which a value that was run again is another one: another processor rounds otherwise."""


ABSOLUTE = {
    "PUMP-EFF": "efficiency",
    "PUMP-MASS": "pump_mass",
    "MOTOR-MASS": "motor_mass",
    "INVERTER-MASS": "inverter_mass",
    "PUMP-NPSH": "suction",
}
"""Identifiers without their drive, and the field of `PumpPoint` whose value they state."""
REQUIREMENTS = "requirements.json"
AGAIN = "run the study again in another --output"


@dataclass(frozen=True)
class FolderCheck:
    """Files of the evidence that were compared with the run's hashes, and those that changed, in it and outside."""

    checked: int
    changed: tuple[str, ...]
    outside: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """One requirement: its sentence, the check of it against its evidence, and what running the evidence again gave."""

    statement: Statement
    check: Check
    rerun: int
    """Rows that were run again."""
    differ: int
    """Of them, rows whose outputs or status are others today."""
    version: str
    """Of the model today."""
    folder: FolderCheck
    """What became of the folder's files since the run."""

    @property
    def holds(self) -> bool:
        """Whether the sentence follows from its runs, and today's model still gives them."""
        return self.check.holds and self.differ == 0 and not self.folder.changed

    @property
    def lines(self) -> tuple[str, ...]:
        """What was found, in words."""
        s = self.statement
        lines = [f"{s.identifier}: {s.text}"]
        lines.append(
            f"{s.probability:.4f} [{s.interval[0]:.4f}, {s.interval[1]:.4f}] of {s.runs} fresh runs under "
            + "; ".join(_record(r) for r in s.conditions)
        )
        lines += [f"evidence: {source}" for source in self.check.sources]
        lines += [f"FAULT: {fault}" for fault in self.check.faults]
        lines += [f"FAULT: {name} is not the file that this run wrote" for name in self.folder.changed]
        recorded = {e.version for e in s.evidence}
        if recorded != {self.version}:
            lines.append(
                f"code: the runs are of version {', '.join(sorted(v[:12] for v in recorded))}, today's is "
                f"{self.version[:12]}"
            )
        else:
            lines.append(f"code: version {self.version[:12]}, today's")
        lines.append(
            f"run again: {self.rerun} rows, {self.differ} differ"
            if self.rerun
            else "run again: no row, so that today's model is not asked"
        )
        lines.append(
            "checked: value, sentence, limits, required set, rows, probability, case, and the hashes of "
            f"{self.folder.checked} files of the evidence"
        )
        lines += [f"not evidence, but changed since the run: {name}" for name in self.folder.outside]
        lines.append(
            "not looked at: what the other files say (report, tables, figures, explorer, surrogates, samples); nothing "
            "is signed, so whoever rewrites all files together is not found"
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


def trace(folder: Path, identifier: str | None = None, *, rows: int | None = None) -> tuple[Trace, ...]:
    """Trace a requirement of a finished `pump-requirements` folder, or all of them.

    Hashes of the datasets and of the rows, the required conditions in every row, and the probability counted anew
    (`uq.requirements.check`); then rows of the evidence are run again by today's model and compared.

    Parameters
    ----------
    folder : Path
        Of a finished pump-requirements run.
    identifier : str, optional
        Of one requirement; all where none is given.
    rows : int, optional
        First rows of the evidence that are run again; all where not given.

    Returns
    -------
    tuple of Trace
        One for each requirement.

    Raises
    ------
    FolderError
        For a folder without requirements, or an unknown identifier.
    """
    path = folder / REQUIREMENTS
    if not all((folder / name).is_file() for name in (path.name, MANIFEST)):
        raise FolderError(
            f"{folder} holds no requirements; give the folder of a finished pump-requirements run"
        )
    manifest = manifest_of(folder)
    since = since_run(folder, manifest)
    try:
        statements = read(read_whole(path).decode("utf-8"))
    except ValueError as error:
        raise DamagedFile(f"{path} is damaged ({one_line(error, 200)}); {AGAIN}") from None
    if not statements and since.changed:
        raise DamagedFile(f"{path} is not the file that this run wrote, and requires nothing; {AGAIN}")
    if identifier is not None:
        known = [s.identifier for s in statements]
        if identifier not in known:
            names = ", ".join(known) or "none: nothing is required there"
            raise FolderError(
                f"no requirement {identifier!r} in {folder}{nearest(identifier, known)}; it holds {names}"
            )
        statements = tuple(s for s in statements if s.identifier == identifier)
    checks = check(statements, lambda name: Dataset.load(folder / name)).items
    again = _Again(folder, rows, manifest)
    checks = tuple(
        replace(c, faults=(*c.faults, *again.absolute(s))) for s, c in zip(statements, checks, strict=True)
    )
    return tuple(_traced(s, c, again, since) for s, c in zip(statements, checks, strict=True))


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


def _traced(statement: Statement, found: Check, again: _Again, since: FolderCheck) -> Trace:
    results = [again(e.dataset, e.design) for e in statement.evidence]
    return Trace(
        statement,
        found,
        sum(r[0] for r in results),
        sum(r[1] for r in results),
        results[0][2] if results else "",
        since,
    )


class _Again:
    """Runs the rows of a dataset again, each dataset once."""

    def __init__(self, folder: Path, rows: int | None, manifest: Mapping[str, Any]) -> None:
        self.folder, self.rows = folder, rows
        case = _case(folder, manifest)
        path = folder / EVIDENCE
        try:
            record = read_record(path, AGAIN)
            margins = field(record, "margins", dict, path, AGAIN)
            concepts = field(record, "concepts", dict, path, AGAIN)
        except FileNotFoundError:
            raise DamagedFile(f"{path} is missing; {AGAIN}") from None
        try:
            self.margins = Margins(**margins)
            taken = {name: Taken(**one) for name, one in concepts.items()}
            self.case = with_taken(case, taken)
        except (AttributeError, TypeError, ValueError) as error:
            raise DamagedFile(f"{path} is damaged ({one_line(error, 200)}); {AGAIN}") from None
        self.done: dict[str, tuple[int, int, str]] = {}
        self.drives: dict[tuple[tuple[str, float], ...], tuple[PumpPoint, ...]] = {}

    def __call__(self, name: str, design: dict[str, float]) -> tuple[int, int, str]:
        if name not in self.done:
            self.done[name] = self._run(name, design)
        return self.done[name]

    def absolute(self, statement: Statement) -> tuple[str, ...]:
        """Where the value of a drive is not that of the design that its evidence was simulated with."""
        quantity, _, liquid = statement.identifier.rpartition("-")
        if quantity not in ABSOLUTE or not statement.evidence:
            return ()
        design = statement.evidence[0].design
        key = tuple(sorted(design.items()))
        if key not in self.drives:
            fixed, best = problem(self.case, self.margins)
            model = model_of(fixed)
            trade = model.trade({n: v for n, v in {**best, **design}.items() if n in model.design_inputs})
            required = {
                n.removeprefix(REQUIRED): v for n, v in design.items() if n in best and n.startswith(REQUIRED)
            }
            self.drives[key] = () if trade is None else points(trade, substitute(trade.lander, required))
        for point in self.drives[key]:
            built = float(getattr(point, ABSOLUTE[quantity]))
            if point.liquid[:2].upper() == liquid and abs(built - statement.value) > EQUAL * abs(built):
                return (f"{statement.value:.4g} is stated, the design that was simulated has {built:.4g}",)
        return ()

    def _run(self, name: str, design: dict[str, float]) -> tuple[int, int, str]:
        fixed, best = problem(self.case, self.margins)
        fixed = fixed.fix({**best, **design})
        try:
            kept = Dataset.load(self.folder / name)
        except (OSError, KeyError, ValueError, RuntimeError):
            return 0, 0, fixed.version
        some = kept.where(np.arange(len(kept))[: self.rows])
        names: Sequence[str] = fixed.input_names
        new = evaluate(fixed, np.stack([some[n] for n in names], axis=1))
        same = np.isclose(new.y, some.y, rtol=EQUAL, atol=EQUAL, equal_nan=True).all(axis=1)
        same &= new.status == some.status
        return len(some), int((~same).sum()), fixed.version


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


def _case(folder: Path, manifest: Mapping[str, Any]) -> Case:
    return from_chain(files_of_case(folder, manifest), f"the case of {folder}")
