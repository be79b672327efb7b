"""Which propulsion system is the lightest for the least electric power, and how certain is that?

Every concept that the case's decisions make is sized at its own best design under a range of power limits; the best
ones of both architectures then over all uncertain inputs, in common draws.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from studies.analysis import sizing
from studies.analysis.concepts import choice as analysis
from studies.analysis.concepts.fronts import designed, screened, unlimited
from studies.analysis.drivers import Unanswerable
from studies.analysis.placement import Workers
from studies.case.case import Case
from studies.presentation import concepts, fronts
from studies.presentation.drawings.whole_design import design_section
from studies.presentation.provenance import provenance
from uq.core.storage.atomic_files import write_atomically
from uq.report.document import Report, Section
from uq.report.terminal import Watch, silent

LEAST_SAMPLES = 40
"""Fewer draws tell nothing of what learning is worth."""


def run(
    case: Case,
    *,
    samples: int = 256,
    seed: int = 1,
    workers: Workers = 1,
    concept: Mapping[str, str] | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size every concept at every power, the best ones over `samples` draws, and say which to build.

    The report depends on the case, `samples` and `seed` only.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int, default 256
        Draws of the uncertain inputs for the best concepts.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    concept : mapping of str to str, optional
        Option by decision that is taken already.
    output : Path, optional
        Folder that keeps samples (a run continues there) and surrogates; nothing is kept without one.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Report
        Brief, chapters and tables.

    Raises
    ------
    Unanswerable
        For too few samples.
    """
    if samples < LEAST_SAMPLES:
        raise Unanswerable(
            f"{samples} draws tell too little of concepts; give --samples {LEAST_SAMPLES} or more"
        )
    screen = screened(case, chosen=concept, workers=workers, watch=watch)
    uncertain = analysis.under_uncertainty(
        case, screen, samples=samples, seed=seed, workers=workers, watch=watch
    )
    watch("designing the front", 0.0)
    designs = {
        (goal, resource): designed(
            case,
            (*front.points, front.pressure),
            payload=float(case.lander.payload) if goal == "launch_mass" else None,
        )
        for (goal, resource), front in screen.fronts.items()
    }
    best = designed(case, [unlimited(uncertain.concepts[k]) for k in (uncertain.pressure, uncertain.pump)])
    budgets = sizing.Budgets(
        best[1].lander, {"pressure_fed": best[0].sizing, "electric_pump": best[1].sizing}
    )
    pressure, pump = best
    watch("writing the report", float("nan"))
    if output is not None:
        records = fronts.records(case, screen, designs)
        output.mkdir(parents=True, exist_ok=True)
        for name, text in (
            ("front.json", json.dumps(records, indent=1)),
            ("front.csv", fronts.to_csv(records)),
        ):
            write_atomically(output / name, partial(_put, text.encode("utf-8")))
    return Report(
        study="resource-optimization",
        title=f"Resource optimisation: {case.title}",
        question="Which propulsion system is the lightest for the least electric power, and how certain is that?",
        brief=concepts.brief(case, screen, uncertain),
        sections=(
            fronts.fronts_section(case, screen, designs),
            concepts.choice_section(case, uncertain),
            concepts.decisions_section(case, screen, uncertain),
            Section(
                "Budgets of the best concept of each architecture",
                ("Every uncertain input at its median, no power limit.", budgets.answer + "."),
                sizing.tables(budgets),
            ),
            design_section(
                "The best electric-pump lander: flow sheet and histories",
                f"{concepts.title(case, uncertain.concepts[uncertain.pump])}; every uncertain input at its median.",
                pressure=pressure,
                pump=pump,
            ),
        ),
        provenance=provenance(case, None, samples=samples, seed=seed),
    )


def _put(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)
