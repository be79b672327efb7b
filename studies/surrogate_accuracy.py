"""How accurate are the surrogates of the sizing model, and how many sized landers do they need?

Each output is learned from growing shares of the samples and judged on the rest.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studies.analysis.drivers import require_answerable, sized
from studies.analysis.placement import Workers
from studies.analysis.surrogates import learn
from studies.case.case import Case
from studies.presentation.provenance import provenance
from studies.presentation.sized_landers import surrogates_section
from studies.presentation.wording import output_words
from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table
from uq.report import figures
from uq.report.document import Brief, Report, Section
from uq.report.terminal import Watch, silent
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import learning_curve

JUDGED = ("payload_gain", "electric_pump.payload", "electric_power")

LEAST_LANDERS = 40
"""With a design: the shortest of the curves learns from a fifth of them."""


def run(
    case: Case,
    *,
    samples: int = 640,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size `samples` landers and learn from a fifth, two fifths and four fifths of them.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int, default 640
        Landers that are sized.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
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
        If too few landers have a design.
    """
    data = sized(case, samples, seed=seed, workers=workers, output=output, watch=watch)
    require_answerable(case, data, LEAST_LANDERS)
    learned = learn(data, JUDGED, workers=workers, watch=watch)
    curves = []
    for k, name in enumerate(JUDGED):
        watch("learning from fewer", k / len(JUDGED))

        one = data.where(np.flatnonzero(data.feasible))
        curves.append(
            learning_curve(PolynomialChaos.fit, one, outputs=[name], shares=(0.2, 0.4, 0.8), seed=seed + 1)
        )
    rows: list[tuple[Cell, ...]] = [
        (output_words(name), float(n), float(1.0 - curve.unexplained[i, 0]))
        for name, curve in zip(JUDGED, curves, strict=True)
        for i, n in enumerate(curve.rows)
    ]
    needed = [curve.rows_for(name) for name, curve in zip(JUDGED, curves, strict=True)]
    table = Table(
        "learning",
        "Share of variance explained on landers that were not learned from",
        (Column("output"), Column("landers learned from"), Column("share explained")),
        tuple(rows),
    )
    drawn = figures.curves(
        "learning",
        "Share of variance left unexplained over landers learned from",
        {
            output_words(name): (
                curve.rows.astype(float),
                [Estimate(float(u), float(u), float(u)) for u in curve.unexplained[:, 0]],
            )
            for name, curve in zip(JUDGED, curves, strict=True)
        },
        labels=("landers learned from", "share unexplained"),
        threshold=0.01,
        alt="One falling curve for each output; dashed: one per cent.",
    )
    facts = tuple(
        (
            output_words(name).capitalize(),
            f"{100 * q:.2f} %; 99 % need "
            + (f"about {n:.0f} landers" if np.isfinite(n) and n < 1e6 else "more than any campaign here"),
        )
        for name, q, n in zip(JUDGED, learned.validation.q2, needed, strict=True)
    )
    return Report(
        study="surrogate-accuracy",
        title=f"Surrogate accuracy: {case.title}",
        question="How accurate are the surrogates, and how many sized landers do they need?",
        brief=Brief(f"Share of the variance explained after {learned.training} landers.", facts=facts),
        sections=(Section("Learning curves", (), (drawn, table)), surrogates_section(learned)),
        provenance=provenance(case, data, samples=samples, seed=seed),
    )
