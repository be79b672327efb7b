"""`lander-uq offer FILE --study FOLDER`: hardware from a data sheet against a finished study's requirements."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.fixed_design.design import Margins
from studies.analysis.accounts.offer import Judged, Outcome, judged
from studies.analysis.accounts.offer_rows import PRIMES, Item
from studies.analysis.accounts.set_surrogate import COMPLIES, GAIN
from studies.analysis.concepts.choice import with_taken
from studies.analysis.confirmation import EVIDENCE
from studies.analysis.requirements import realised_landers
from studies.case.case import Taken, from_chain
from studies.case.toml_file import CaseError, chain, merged
from studies.presentation.explorer_page import FILE as EXPLORER
from studies.running.output_folder import FolderError, manifest_of
from studies.running.trace import AGAIN, REQUIREMENTS, files_of_case, since_run
from studies.running.unit_systems import System, in_system, words_in_system
from uq.core.dataset import Dataset, write_atomically
from uq.core.estimate import Estimate
from uq.core.storage.atomic_files import MANIFEST
from uq.core.storage.reading import DamagedFile, field, read_record, read_whole
from uq.core.table import Cell, Table, header, number
from uq.core.text import one_line
from uq.report.explorer import Preset, with_preset
from uq.report.terminal import show
from uq.requirements import Entry, Statement, check, read, read_entries
from uq.requirements.specification.tables import SIDES

SECTIONS = {"hardware", "offered"}
"""What an offer may hold."""
DUTY = ("PUMP-FLOW-", "PUMP-RISE-")
"""Requirements without which a pump is of another duty."""


def offer(file: Path, folder: Path) -> Judged:
    """Judge the offer of a file against a finished pump-requirements folder.

    Parameters
    ----------
    file : Path
        The offer, TOML.
    folder : Path
        Of a finished pump-requirements run.

    Returns
    -------
    Judged

    Raises
    ------
    CaseError
        For a wrong offer.
    FolderError
        For a folder without requirements.
    DamagedFile
        For a damaged folder.
    """
    if not all((folder / name).is_file() for name in (REQUIREMENTS, MANIFEST, EVIDENCE)):
        raise FolderError(
            f"{folder} holds no requirements; give the folder of a finished pump-requirements run"
        )
    own = chain(file)
    given = merged(own)
    if strange := given.keys() - SECTIONS:
        raise CaseError(
            f"{file}: {min(strange)}: does not belong in an offer, which holds [hardware.pump] and its like, and "
            "[offered]"
        )
    if not given.get("hardware"):
        raise CaseError(
            f"{file}: hardware: is missing; an offer holds [hardware.pump], [hardware.motor], [hardware.inverter] or "
            "[hardware.battery] with points, uncertainty and source"
        )
    manifest = manifest_of(folder)
    files = files_of_case(folder, manifest)
    if changed := since_run(folder, manifest).changed:
        raise DamagedFile(f"{folder / changed[0]} is not the file that this run wrote; {AGAIN}")
    path = folder / EVIDENCE
    try:
        record = read_record(path, AGAIN)
        margins = Margins(**field(record, "margins", dict, path, AGAIN))
        taken = {name: Taken(**one) for name, one in field(record, "concepts", dict, path, AGAIN).items()}
        text = read_whole(folder / REQUIREMENTS).decode("utf-8")
        statements = read(text)
        items = in_order(statements, read_entries(text))
    except (TypeError, ValueError) as error:
        raise DamagedFile(f"{folder} is damaged ({one_line(error, 200)}); {AGAIN}") from None
    for found in check(statements, lambda name: Dataset.load(folder / name)).items:
        if not found.holds:
            raise DamagedFile(
                f"{folder}: {found.identifier} does not follow from its runs: {one_line(found.faults[0], 200)}; see "
                "lander-uq trace"
            )
    manifest, where = manifest_of(folder), folder / MANIFEST
    case = from_chain(files, f"the case of {folder}")
    offered = from_chain((*own, *files), file)
    # the study's own concepts: an offer changes none
    case, offered = with_taken(case, taken), with_taken(offered, taken)
    samples = field(field(manifest, "provenance", dict, where, AGAIN), "samples", str, where, AGAIN)
    try:
        return judged(
            case,
            offered,
            margins,
            items,
            runs=realised_landers(int(samples)),
            seed=field(manifest, "seed", int, where, AGAIN),
        )
    except ValueError as error:  # what an offer states is read against the requirements
        raise CaseError(f"{file}: {one_line(error)}") from None


def in_order(statements: Sequence[Statement], entries: Sequence[Entry]) -> tuple[Item, ...]:
    """Requirements as the document has them: those of the system, those that runs stand behind, all others.

    Parameters
    ----------
    statements : sequence of Statement
        With runs behind them.
    entries : sequence of Entry
        Without.

    Returns
    -------
    tuple of Statement or Entry
    """
    system = [e for e in entries if not e.attributes.parent]
    return (*system, *statements, *(e for e in entries if e.attributes.parent))


def explore(found: Judged, folder: Path, file: Path) -> None:
    """Write the study's explorer with the offer as a set.

    Parameters
    ----------
    found : Judged
        The offer, judged.
    folder : Path
        Of the study.
    file : Path
        Of the page that is written.

    Raises
    ------
    FolderError
        Where the study has no explorer, or one of another version.
    """
    page = folder / EXPLORER
    if not page.is_file():
        raise FolderError(f"{folder} holds no {EXPLORER}; {AGAIN}")
    one = found.offered
    gain = Estimate(one.gain, one.gain, one.gain)
    preset = Preset(
        "An offer",
        "realised landers with the offered hardware, as lander-uq offer has them",
        {name: ("exactly", value) for name, value in found.values.items()},
        {COMPLIES: one.compliance, GAIN: gain},
    )
    try:
        text = with_preset(read_whole(page).decode("utf-8"), preset)
    except ValueError as error:
        raise FolderError(f"{page}: {error}") from None
    write_atomically(file, lambda stream: stream.write(text.encode("utf-8")))


def record(found: Judged) -> dict[str, Any]:
    """Everything as plain data, SI.

    Parameters
    ----------
    found : Judged
        What is shown.

    Returns
    -------
    dict
        As JSON takes it.
    """

    def outcome(one: Outcome) -> dict[str, Any]:
        c = one.compliance
        return {"compliance": [c.value, c.low, c.high], "payload": one.payload, "payload_gain": one.gain}

    return {
        "requirements": [
            {
                "identifier": a.item.identifier,
                "standing": a.standing,
                "chance": a.chance,
                "offered": a.offered,
                "missing": a.missing,
                "text": a.item.text,
            }
            for a in found.answers
        ],
        "today": outcome(found.today),
        "another_model": found.another_model,
        "offered": outcome(found.offered),
        "negotiate": [{"identifier": t.statement.identifier, **outcome(t.outcome)} for t in found.terms],
    }


def tables(found: Judged) -> tuple[Table, ...]:
    """Requirement by requirement, the lander with this hardware, and what to negotiate.

    Parameters
    ----------
    found : Judged
        What is shown.

    Returns
    -------
    tuple of Table
        In the order in which they are shown.
    """
    answers: list[tuple[Cell, ...]] = [
        (
            a.item.identifier,
            ""
            if np.isnan(a.item.value)
            else f"{SIDES[a.item.side]} {number(a.item.value)} {a.item.unit}".removesuffix(" -"),
            a.offered,
            a.standing,
            None if a.chance is None else 100.0 * a.chance,
            a.missing,
        )
        for a in found.answers
    ]
    rows: list[tuple[Cell, ...]] = [_row("today's best estimates", found.today, found.today)]
    rows.append(_row("with this offer", found.offered, found.today))
    rows += [
        _row(f"with this offer, if it met {t.statement.identifier}", t.outcome, found.today)
        for t in found.terms
    ]
    return (
        Table(
            "offer",
            "The offer, requirement by requirement",
            header("requirement | required | offered | standing | chance [%]:0 | what an open one lacks"),
            tuple(answers),
            (
                "Chance: of the offered values, their uncertainty included; at the duty that is required, and at no "
                "other. Met from 95 % on, missed up to 5 %; open between, and where something lacks.",
            ),
        ),
        Table(
            "offer-outcome",
            "The fixed design with this hardware, simulated",
            header("design | compliance [%] | payload [kg]:1 | against today [kg]:1 | payload gain [kg]:1"),
            tuple(rows),
        ),
    )


def _row(title: str, one: Outcome, today: Outcome) -> tuple[Cell, ...]:
    c = one.compliance
    return (
        title,
        Estimate(100.0 * c.value, 100.0 * c.low, 100.0 * c.high),
        one.payload,
        one.payload - today.payload,
        one.gain,
    )


def answer(found: Judged) -> str:
    """The offer in one sentence, and what to negotiate first.

    Parameters
    ----------
    found : Judged
        What is shown.

    Returns
    -------
    str
        One or two sentences.
    """
    counts = {s: sum(a.standing == s for a in found.answers) for s in ("met", "missed", "open")}
    c, cost = found.offered.compliance, found.offered.payload - found.today.payload
    primes = sum(a.missing == PRIMES for a in found.answers)
    asked = (
        f"{counts['met']} requirements met, {counts['missed']} missed, {counts['open']} open ({primes} of them "
        f"{PRIMES})"
        if found.answers
        else "The study requires nothing"
    )
    words = (
        f"{asked}; {100 * c.value:.0f} % "
        f"({100 * c.low:.0f} to {100 * c.high:.0f} %) comply with this hardware, and it carries {abs(cost):.1f} kg "
        f"{'more' if cost >= 0.0 else 'less'} than today's best estimates"
    )
    if any(a.standing == "missed" and a.item.identifier.startswith(DUTY) for a in found.answers):
        words += "; flow or rise are missed: the simulation takes a pump of that quality at the required duty"
    if found.terms and found.terms[0].outcome.compliance.value > c.value:
        first = found.terms[0]
        words += (
            f"; negotiate {first.statement.identifier} first: met, {100 * first.outcome.compliance.value:.0f} % comply "
            f"and {first.outcome.payload - found.offered.payload:+.1f} kg"
        )
    if found.another_model:
        words += (
            f"; the study ran another version of the model, with which today's compliance need not be the "
            f"{100 * found.today.compliance.value:.1f} % of this one: run it again"
        )
    return words + "."


def shown(found: Judged, system: System) -> None:
    """Print tables and answer.

    Parameters
    ----------
    found : Judged
        What is shown.
    system : System
        Of units.
    """
    for table in tables(found):
        show(in_system(table, system), sys.stdout)
    print(words_in_system(answer(found), system))
