"""One run of a study from the command line: its options checked, its folder claimed, its report written."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from studies.running.exit_codes import Stopped, UsageError

if TYPE_CHECKING:
    from studies.analysis.placement import Placement
    from studies.case.case import Case
    from uq.report.document import Report
    from uq.report.terminal import Watch

EVERY_CASE = "all"
"""The reference landers, each in a folder of its own."""
MAIN_STUDY = "pump-requirements"
NO_LANDER = "validation"
"""The study of published cases."""
MAX_SAMPLES = 1_000_000
"""Landers of a study: their plan and outputs are held in memory."""
MAX_WORKERS = 8
"""Processes a core: more only take memory."""


@dataclass(frozen=True)
class Order:
    """What the user asked for: which study of which case, and how."""

    study: str
    case: str
    samples: int | None
    seed: int
    confirm: int | None
    workers: int | None
    serial: bool
    dask: bool
    scheduler: str | None
    output: Path | None
    settings: tuple[str, ...] = ()
    """Quantities set over the case, as ``name=value``."""
    concept: Mapping[str, str] = field(default_factory=dict)
    """Options of the case's decisions that are taken."""
    measured: Path | None = None
    """Readings of a test."""

    def check(self) -> None:
        """Raises UsageError for what cannot be carried out, before anything heavy is imported."""
        for option, value, largest in (
            ("--samples", self.samples, MAX_SAMPLES),
            ("--workers", self.workers, MAX_WORKERS * (os.cpu_count() or 1)),
            ("--confirm", self.confirm, MAX_SAMPLES),
        ):
            if value is not None and value < 1:
                raise UsageError(f"{option} must be at least 1, got {value}")
            if value is not None and value > largest:
                raise UsageError(f"{option} must be at most {largest} here, got {value}")
        for option, given in (
            ("--confirm", self.confirm is not None),
            (f"--case {EVERY_CASE}", self.case == EVERY_CASE),
        ):
            if given and self.study != MAIN_STUDY:
                raise UsageError(f"{option} is for {MAIN_STUDY}; leave it out for {self.study}")
        if self.measured is not None and self.study == NO_LANDER:
            raise UsageError(f"--measured updates the inputs of a lander; leave it out for {NO_LANDER}")
        if self.seed < 0:
            raise UsageError(f"--seed must not be negative, got {self.seed}")
        if self.seed >= 2**63:
            raise UsageError(f"--seed must be below 2^63, got {self.seed}")

    @property
    def processes(self) -> int:
        """Processes on this machine."""
        return 1 if self.serial else self.workers or min(4, os.cpu_count() or 1)


_LONGEST_DECISION = 200
"""Characters of a decision and its option."""


def decisions(texts: list[str] | None) -> dict[str, str]:
    """The options of ``engines=one,pump_sets=shared`` by decision.

    Parameters
    ----------
    texts : list of str or None
        As on the command line, one or several in each.

    Returns
    -------
    dict of str to str
        Option by decision.

    Raises
    ------
    UsageError
        For what is not written so, and for a decision that is taken twice.

    Examples
    --------
    >>> decisions(["engines=one,pump_sets=shared"])
    {'engines': 'one', 'pump_sets': 'shared'}
    """
    chosen: dict[str, str] = {}
    for text in [part for given in texts or [] for part in given.split(",")]:
        name, sign, option = (word.strip() for word in text.partition("="))
        if not sign or not name or not option or len(text) > _LONGEST_DECISION:
            raise UsageError(
                f"--concept {text[:_LONGEST_DECISION]!r}: write it as decision=option, e.g. "
                "engines=one,pump_sets=shared"
            )
        if chosen.get(name, option) != option:
            raise UsageError(
                f"--concept takes {name!r} twice, {chosen[name]!r} and {option!r}; give one of them"
            )
        chosen[name] = option
    return chosen


def carried_out(order: Order, module: ModuleType, *, quiet: bool) -> tuple[Case, Report, Path]:
    """The case, the report and the path of its page, after running the study `module` as ordered.

    Parameters
    ----------
    order : Order
        What the command line asks for.
    module : ModuleType
        Of the study.
    quiet : bool
        Without progress.

    Returns
    -------
    tuple
        Case, report, path of the page.

    Raises
    ------
    Stopped
        On Ctrl-C: the same command resumes.
    """
    from studies.case.case import load
    from studies.presentation import several_landers
    from studies.running.output_folder import claim, finish, watched
    from studies.running.workers import opened
    from uq.report.terminal import progress

    parameters = inspect.signature(module.run).parameters
    default = parameters["samples"].default
    options: dict[str, Any] = {"samples": default if order.samples is None else order.samples}
    if order.confirm is not None:
        options["confirm"] = order.confirm
    every = order.case == EVERY_CASE
    landers = [
        _with_readings(_with_settings(load(name), order.settings), order.measured)
        for name in (several_landers.REFERENCE if every else (order.case,))
    ]
    if order.concept:
        if "concept" not in parameters:
            raise UsageError(
                f"--concept is not for {order.study}, which takes the lander as it is; leave it out"
            )
        _check_concept(landers, order.concept)
        options["concept"] = dict(order.concept)
    if order.study != NO_LANDER:
        for lander in landers:
            _check_payload(lander)
    case = several_landers.whole(landers) if every else landers[0]
    folder = order.output or Path("results") / f"{order.study}-{case.name}"
    claimed = claim(folder, study=order.study, case=case, seed=order.seed, options=options)
    try:
        with (
            opened(order.processes, order.scheduler, own_cluster=order.dask) as placement,
            progress(wanted=not quiet) as shown,
        ):
            watch = watched(claimed, shown)
            if every:
                report = _side_by_side(landers, order, module, folder, options, placement, watch)
            else:
                report = module.run(
                    case, seed=order.seed, workers=placement, output=folder, watch=watch, **options
                )
            return case, report, finish(claimed, report)
    except KeyboardInterrupt as stop:
        raise Stopped(str(stop) or f"interrupted; the same command resumes in {folder}") from None


def _with_settings(case: Case, settings: Sequence[str]) -> Case:
    from studies.case.settings import pairs, with_settings
    from studies.case.toml_file import CaseError

    try:
        return with_settings(case, pairs(settings))
    except CaseError as error:
        raise UsageError(str(error) if str(error).startswith("--set") else f"--set: {error}") from None


def _with_readings(case: Case, measured: Path | None) -> Case:
    from studies.case.readings_file import with_readings

    return case if measured is None else with_readings(case, measured)


def _check_payload(case: Case) -> None:
    """Raise CaseError for a lander that has a design and no room for payload: its gain would be one of nothing."""
    from studies.analysis.sizing import budgets
    from studies.case.toml_file import CaseError

    found = budgets(case.baseline())
    if found.empty:
        raise CaseError(f"case {case.name!r}: lander.platform_mass: {found.answer.partition(': ')[2]}")


def _check_concept(landers: Sequence[Case], concept: Mapping[str, str]) -> None:
    """Raise UsageError for decisions or options that no architecture of a lander has."""
    from studies.case.decisions import ARCHITECTURES
    from studies.case.toml_file import CaseError

    for case in landers:
        try:
            for architecture in ARCHITECTURES:
                case.decisions.concept(architecture, case.decisions.chosen_of(architecture, concept))
        except CaseError as error:
            raise UsageError(f"--concept: {error}") from None


def _side_by_side(
    landers: Sequence[Case],
    order: Order,
    module: ModuleType,
    folder: Path,
    options: dict[str, Any],
    placement: Placement,
    watch: Watch,
) -> Report:
    """Each lander in its own folder, and one report of all."""
    from studies.presentation import several_landers
    from studies.running.output_folder import claim, finish, watched

    reports = {}
    for lander in landers:
        own = folder / lander.name
        claimed = claim(own, study=order.study, case=lander, seed=order.seed, options=options)
        reports[lander.name] = module.reported(
            lander, seed=order.seed, workers=placement, output=own, watch=watched(claimed, watch), **options
        )
        finish(claimed, reports[lander.name][0])
    return several_landers.together(reports)
