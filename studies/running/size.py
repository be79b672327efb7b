"""`lander-uq size`: one lander's budgets, the limits it stands on, and its histories in a folder."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from models.architectures.comparison import OUTPUTS
from models.quantity import first_value
from studies.analysis import sizing
from studies.analysis.one_lander import Asked, asked
from studies.analysis.sizing import Budgets
from studies.case.case import Case, load
from studies.case.decisions import WORDS
from studies.case.settings import held_variables, in_si, pairs
from studies.case.toml_file import CaseError
from studies.presentation.drawings import histories
from studies.presentation.names_and_units import output_unit, output_words
from studies.running.exit_codes import UsageError
from studies.running.session import decisions
from studies.running.unit_systems import System, in_system, words_in_system
from uq.core.storage.atomic_files import write_atomically
from uq.report.tables import to_csv
from uq.report.terminal import show


@dataclass(frozen=True)
class Sized:
    """What `size` was asked for, and what it found."""

    case: Case
    settings: Mapping[str, str]
    asked: Asked
    closed: bool

    @property
    def broken(self) -> tuple[str, ...]:
        """Limits of the case that the designs do not keep; none is asked of settings that have no design."""
        return broken(self.case, self.asked.budgets) if self.asked.budgets.good else ()

    @property
    def answer(self) -> str:
        """The gain, or why none is given."""
        if self.broken:
            return f"No payload gain can be given, a limit of the case is broken: {'; '.join(self.broken)}"
        return self.asked.budgets.answer

    def record(self) -> dict[str, Any]:
        """Everything as plain data in SI units."""
        found = self.asked.budgets
        return {
            "case": self.case.name,
            "title": self.case.title,
            "set": dict(self.settings),
            "concept": dict(self.asked.concepts["electric_pump"].options),
            "platform_mass": float(found.lander.platform_mass),
            "limits_reached": list(self.asked.limits),
            "limits_broken": list(self.broken),
            **sizing.record(found),
            **({"payload_gain": None} if self.broken else {}),
        }

    def print(self, system: System) -> None:
        """The tables in a system of units, what was closed, the limits reached, and the answer."""
        found = self.asked.budgets

        def said(text: str) -> None:
            print(words_in_system(text, system))

        said(f"{self.case.title}: every input at its median, each architecture at its own best design")
        for line in self._concepts():
            print(line)
        for table in sizing.tables(found):
            show(in_system(table, system), sys.stdout)
        if self.closed:
            said(
                f"platform_mass = {float(found.lander.platform_mass):.1f} kg closes the pressure-fed lander at its "
                f"payload of {float(found.lander.payload):g} kg"
            )
        for line in self.asked.limits:
            said(f"Limit reached, {line}")
        said(self.answer)

    def _concepts(self) -> list[str]:
        """What was decided of each lander; that nothing was, where a study would choose and its answer be another."""
        concepts = self.asked.concepts
        taken = {a: self.case.decisions.title(c) for a, c in concepts.items()}
        if any(taken.values()):
            given = {pair: WORDS[a] for a, c in concepts.items() for pair in c.options.items()}
            lines = []
            for a, title in taken.items():
                others = [
                    f"{name} = {option} is for the {words} lander alone"
                    for (name, option), words in given.items()
                    if name not in concepts[a].options
                ]
                aside = f" ({'; '.join(others)})" if others else ""
                lines.append(f"Concept, {WORDS[a]}: {title or 'as the case has it'}{aside}")
            return lines
        if not self.case.decisions.decisions:
            return []
        return [
            "Concepts: both as the case has them. `run pump-requirements` compares the best ones instead; take a "
            "decision with --concept"
        ]


def broken(case: Case, found: Budgets) -> tuple[str, ...]:
    """Limits of the case on what one budget shows, other than its payload gain, that a design does not keep.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    found : Budgets
        Budgets of both architectures.

    Returns
    -------
    tuple of str
        One sentence a limit.
    """
    words = []
    for output, (low, high) in case.limits.items():
        architecture, _, name = output.rpartition(".")
        sizing = found.sizings[architecture or "electric_pump"]
        value = getattr(sizing, name, None)
        if name == "status" or value is None or low <= (one := first_value(value)) <= high:
            continue
        unit = output_unit(OUTPUTS[output])
        kind, bound = ("at least", low) if one < low else ("at most", high)
        words.append(
            f"{output_words(output)} is {unit.words(one)}, the case allows {kind} {unit.words(bound)}"
        )
    return tuple(words)


def size(case: str, settings: list[str] | None, concept: list[str] | None, *, close: bool) -> Sized:
    """Size one lander.

    Parameters
    ----------
    case : str
        Shipped name, or path of a TOML file.
    settings : list of str or None
        As on the command line.
    concept : list of str or None
        As on the command line.
    close : bool
        Find the platform mass at which the pressure-fed lander has room for the case's payload and no more.

    Returns
    -------
    Sized

    Raises
    ------
    UsageError
        For settings or decisions that are none.
    CaseError
        For the file.
    """
    chosen = load(case)
    try:
        given = pairs(settings or [])
        leaves, held = held_variables(given)
        values = in_si(chosen.baseline(), leaves)
    except CaseError as error:
        raise UsageError(f"--set: {error}") from None
    try:
        return Sized(
            chosen, given, asked(chosen, values, chosen=decisions(concept), held=held, close=close), close
        )
    except CaseError as error:
        raise UsageError(str(error)) from None


def write_histories(found: Sized, folder: Path) -> list[Path]:
    """Histories of both landers over all burns, a table and a figure each, in a folder.

    Parameters
    ----------
    found : Sized
        Both landers as sized.
    folder : Path
        Where the files are written.

    Returns
    -------
    list of Path
        Of the files.

    Raises
    ------
    UsageError
        Where neither has a design.
    """
    written = []
    for name, best in found.asked.bests.items():
        if int(best.sizing.status.ravel()[0]):
            continue
        lander = found.asked.concepts[name].lander
        marched = histories.history(best, lander)
        stem = f"histories-{name.replace('_', '-')}"
        texts = {
            f"{stem}.csv": to_csv(histories.history_table(best, lander, marched)),
            f"{stem}.svg": histories.history_figure(best, lander, marched).svg,
        }
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            write_atomically(folder / file, partial(_put, text.encode("utf-8")))
            written.append(folder / file)
    if not written:
        raise UsageError(
            "--history: neither lander has a design, so nothing burns; look at `lander-uq size` first"
        )
    return written


def _put(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)
