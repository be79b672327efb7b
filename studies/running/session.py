"""One run of a study from the command line: its options checked, its folder claimed, its report written."""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from dataclasses import dataclass
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
        if self.seed < 0:
            raise UsageError(f"--seed must not be negative, got {self.seed}")
        if self.seed >= 2**63:
            raise UsageError(f"--seed must be below 2^63, got {self.seed}")

    @property
    def processes(self) -> int:
        """Processes on this machine."""
        return 1 if self.serial else self.workers or min(4, os.cpu_count() or 1)


def carried_out(order: Order, module: ModuleType, *, quiet: bool) -> tuple[Case, Report, Path]:
    """The case, the report and the path of its page, after running the study `module` as ordered.

    Raises Stopped on Ctrl-C: the same command resumes.
    """
    from studies.case.case import load
    from studies.presentation import several_landers
    from studies.running.output_folder import claim, finish
    from studies.running.workers import opened
    from uq.report.terminal import progress

    default = inspect.signature(module.run).parameters["samples"].default
    options: dict[str, Any] = {"samples": default if order.samples is None else order.samples}
    if order.confirm is not None:
        options["confirm"] = order.confirm
    every = order.case == EVERY_CASE
    landers = [load(name) for name in (several_landers.REFERENCE if every else (order.case,))]
    case = several_landers.whole(landers) if every else landers[0]
    folder = order.output or Path("results") / f"{order.study}-{case.name}"
    claimed = claim(folder, study=order.study, case=case, seed=order.seed, options=options)
    try:
        with (
            opened(order.processes, order.scheduler, own_cluster=order.dask) as placement,
            progress(wanted=not quiet) as watch,
        ):
            if every:
                report = _side_by_side(landers, order, module, folder, options, placement, watch)
            else:
                report = module.run(
                    case, seed=order.seed, workers=placement, output=folder, watch=watch, **options
                )
            return case, report, finish(claimed, report)
    except KeyboardInterrupt as stop:
        raise Stopped(str(stop) or f"interrupted; the same command resumes in {folder}") from None


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
    from studies.running.output_folder import claim, finish

    reports = {}
    for lander in landers:
        own = folder / lander.name
        claimed = claim(own, study=order.study, case=lander, seed=order.seed, options=options)
        reports[lander.name] = module.reported(
            lander, seed=order.seed, workers=placement, output=own, watch=watch, **options
        )
        finish(claimed, reports[lander.name][0])
    return several_landers.together(reports)
