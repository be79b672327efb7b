"""The folder of a study's results: who owns it, and what lies in it at the end.

``report.html`` and ``report.md``, ``tables/*.csv``, ``figures/*.svg``, ``manifest.json`` and ``case.toml``; the study
itself adds its dataset and its surrogates.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studies.case.case import Case
from uq.core.dataset import write_atomically
from uq.core.storage.atomic_files import (
    LOCK,
    MANIFEST,
    StoreError,
    read_manifest,
    remove_leftovers,
    versions,
    write_manifest,
)
from uq.core.storage.reading import DamagedFile
from uq.report.document import Report, page
from uq.report.markdown import report_markdown
from uq.report.spreadsheet import workbook
from uq.report.tables import to_csv
from uq.report.terminal import Watch


class FolderError(ValueError):
    """A folder that must not be written to, with the remedy."""


@dataclass(frozen=True)
class Claimed:
    """A folder that this run may write to, its manifest so far, and when it began."""

    folder: Path
    manifest: Mapping[str, Any]
    began: float


def claim(
    folder: Path, *, study: str, case: Case, seed: int, options: Mapping[str, Any] | None = None
) -> Claimed:
    """Take `folder` for one study of one case, or resume there.

    Parameters
    ----------
    folder : Path
        Of the study's output.
    study : str
        Its name on the command line.
    case : Case
        The lander, its inputs, limits and decisions.
    seed : int
        Of every random draw; the same seed gives the same result.
    options : Mapping[str, Any], optional
        What else the run was asked for, as in its manifest.

    Returns
    -------
    Claimed

    Raises
    ------
    FolderError
        For a folder with another study's, another case's, another seed's, another number of samples' or a
        stranger's files in it: nothing is overwritten.
    """
    try:
        return _claim(folder, study, case, seed, options)
    except OSError as error:
        raise FolderError(
            f"cannot write to {str(folder)[:200]}: {error.strerror}; give another --output"
        ) from None


def _claim(folder: Path, study: str, case: Case, seed: int, options: Mapping[str, Any] | None) -> Claimed:
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder} is a file; give --output a folder")
    found, kept = folder / MANIFEST, False
    digest = hashlib.sha256(case.text.encode()).hexdigest()
    if found.exists():
        before = manifest_of(folder)
        held = before.get("study"), before.get("case"), before.get("case_sha256")
        if held != (study, case.name, digest):
            what = f"results of {held[0]} for the case {held[1]}"
            changed = " as its file stood then" if held[:2] == (study, case.name) else ""
            raise FolderError(f"{folder} holds {what}{changed}; give another --output, or delete the folder")
        if before.get("seed") != seed:
            raise FolderError(
                f"{folder} holds results of seed {before.get('seed')}; give that --seed, or another --output"
            )
        asked = before.get("options")
        sampled, wanted = (
            o.get("samples") for o in (asked if isinstance(asked, dict) else {}, options or {})
        )
        if sampled is not None and sampled != wanted:
            raise FolderError(
                f"{folder} holds results of {sampled} samples; give --samples {sampled}, or another --output"
            )
        kept = before.get("state") == "finished"
    elif folder.exists() and any(folder.iterdir()):
        raise FolderError(f"{folder} holds files that are not a study's results; give another --output")
    manifest = {
        "study": study,
        "case": case.name,
        "case_sha256": digest,
        "case_files": [list(file) for file in case.chain],
        "seed": seed,
        "options": dict(options or {}),
        "state": "unfinished",
    }
    for part in (folder, folder / "tables", folder / "figures"):
        remove_leftovers(part)
    if not kept:  # a finished report keeps its manifest until the next one takes its place
        folder.mkdir(parents=True, exist_ok=True)
        write_manifest(folder, manifest)
        _write(folder / "case.toml", case.text)
    return Claimed(folder, manifest, time.time())


def require_there(claimed: Claimed) -> None:
    """The folder is still as it was claimed.

    Parameters
    ----------
    claimed : Claimed
        Of `claim`.

    Raises
    ------
    FolderError
        Where the folder was removed or emptied since.
    """
    folder = claimed.folder
    if (folder / MANIFEST).is_file():
        return
    if folder.is_dir():  # so that the same command may go on in what was made anew
        write_manifest(folder, claimed.manifest)
    raise FolderError(
        f"{folder} was removed or emptied while the study ran; the same command runs again what is lost"
    )


def watched(claimed: Claimed, watch: Watch) -> Watch:
    """The watch that ends a study at its next sign of progress where its folder was removed: there is no place left
    for what it would still find.

    Parameters
    ----------
    claimed : Claimed
        Of `claim`.
    watch : callable
        Shows the progress.

    Returns
    -------
    callable
        The same watch, which raises FolderError where the folder was removed or emptied.
    """

    def look(stage: str, done: float) -> None:
        require_there(claimed)
        watch(stage, done)

    return look


def finish(claimed: Claimed, report: Report) -> Path:
    """Write the report, its tables and figures, and the manifest; the path of the page.

    Parameters
    ----------
    claimed : Claimed
        The folder, as `claim` took it.
    report : Report
        Question, brief, chapters.

    Returns
    -------
    Path
        Of the page.
    """
    folder = claimed.folder
    require_there(claimed)
    written = {f"tables/{t.name}.csv": to_csv(t) for t in report.tables}
    written |= {f"figures/{f.name}.svg": f.svg for f in report.figures}
    stale = _earlier(folder) - written.keys()
    for part in ("tables", "figures"):
        (folder / part).mkdir(exist_ok=True)
        for path in (folder / part).iterdir():  # of an earlier report, which this one takes the place of
            if f"{part}/{path.name}" in stale:
                path.unlink()
    for name, text in written.items():
        _write(folder / name, text)
    if report.tables:
        book = workbook(report.tables, title=report.title)
        write_atomically(folder / "tables.xlsx", lambda file: file.write(book))
    _write(folder / "report.md", report_markdown(report))
    _write(folder / "report.html", page(report))
    ended = time.time()
    manifest = {
        **claimed.manifest,
        "state": "finished",
        "title": report.title,
        "verdict": report.brief.verdict,
        "answer": list(report.answer),
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claimed.began)),
        "seconds": round(ended - claimed.began, 1),
        "cores": os.cpu_count(),
        "versions": versions(),
        "provenance": dict(report.provenance),
        "written": sorted(written),
        "sha256": hashes(folder),
    }
    write_manifest(folder, manifest)
    return folder / "report.html"


def _earlier(folder: Path) -> set[str]:
    """Tables and figures of the last finished report."""
    return set(manifest_of(folder).get("written", ()))


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of a folder.

    Parameters
    ----------
    folder : Path
        Of the study's output.

    Returns
    -------
    dict
        Without the checksum.

    Raises
    ------
    DamagedFile
        For one that is not as it was written.
    """
    try:
        return read_manifest(folder)
    except StoreError:
        raise DamagedFile(
            f"{folder / MANIFEST} is damaged; give another --output, or delete the folder and run the study again"
        ) from None


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every regular file of a folder and those in it, by its path there, the manifest and locks apart.

    Parameters
    ----------
    folder : Path
        Of the study's output.

    Returns
    -------
    dict of str to str
        Hexadecimal digits by relative path.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and name != MANIFEST and path.name != LOCK:
            with open(path, "rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _write(path: Path, text: str) -> None:
    write_atomically(path, lambda file: file.write(text.encode("utf-8")))
