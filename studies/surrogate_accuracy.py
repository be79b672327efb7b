"""How accurate are the surrogates of the sizing model, and how many sized landers do they need?

Each output is learned from growing shares of the samples and judged on the rest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models import quantity
from models.architectures import fidelities
from models.lander import Lander
from models.quantity import FloatArray
from studies.analysis import histories
from studies.analysis.drivers import require_answerable, sized
from studies.analysis.placement import Workers
from studies.analysis.surrogates import learn
from studies.case.case import Case, problem
from studies.presentation.drawings.field_histories import TITLE, histories_section
from studies.presentation.names_and_units import output_words
from studies.presentation.provenance import provenance
from studies.presentation.sized_landers import surrogates_section
from uq.core.estimate import Estimate
from uq.core.problem import Output
from uq.core.table import Cell, Table, header, words
from uq.propagation.multifidelity import FEWEST_PILOT, Fidelity, multifidelity_mean
from uq.report import curve_figures
from uq.report.document import Brief, Report, Section
from uq.report.terminal import Watch, silent
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import learning_curve

JUDGED = ("payload_gain", "electric_pump.payload", "electric_power")

FIDELITIES = (
    "each lander at its best designs, gas marched",
    "each lander at its best designs, gas by the correlation of its march",
    "every lander at the best designs of the median one",
)

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
        header("output | landers learned from | share explained"),
        tuple(rows),
    )
    drawn = curve_figures.curves(
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
        sections=(
            Section("Learning curves", (), (drawn, table)),
            surrogates_section(learned),
            fidelities_section(case, samples=samples, seed=seed, watch=watch),
            _histories_section(case, samples=samples, seed=seed, watch=watch),
        ),
        provenance=provenance(case, data, samples=samples, seed=seed),
    )


def fidelities_section(case: Case, *, samples: int, seed: int, watch: Watch = silent) -> Section:
    """The mean payload gain for the price of `samples` landers, most of them sized by cheaper models.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int
        Landers whose price all runs together may cost.
    seed : int
        Of every random draw.
    watch : Watch, default silent
        Gets the name of the stage.

    Returns
    -------
    Section
        A table of the models, or in one sentence why they cannot be combined.
    """
    watch("combining fidelities", float("nan"))
    whole = problem(case, samples=samples)
    title = "Mean payload gain from searched designs and from cheaper models"
    try:
        functions: tuple[Callable[[Lander], dict[str, FloatArray]], ...] = (
            fidelities.marched,
            fidelities.by_correlation,
            fidelities.OneDesign(case.baseline()),
        )
        found = multifidelity_mean(
            [
                Fidelity(
                    name,
                    dataclasses.replace(
                        whole,
                        outputs=(Output("payload_gain", "kg"),),
                        model=quantity.columnar(function, case.lander),
                    ),
                    cost,
                )
                for name, function, cost in zip(FIDELITIES, functions, fidelities.COSTS, strict=True)
            ],
            "payload_gain",
            budget=float(samples),
            pilot=max(FEWEST_PILOT, samples // 20),
            seed=seed,
        )
    except ValueError as error:
        return Section(title, (f"Not for this lander: {error}.",))
    ratio = found.variance_ratio
    return Section(
        title,
        (
            f"For the price of {samples} landers the mean payload gain is {words(found.estimate)} kg; runs of the "
            f"first model alone would have {1.0 / ratio:.1f} times the variance. The cheaper models are wrong by "
            "themselves; how they differ from the first is learned from runs of both on the same landers.",
        ),
        (found.table(),),
    )


def _histories_section(case: Case, *, samples: int, seed: int, watch: Watch) -> Section:
    """Whole histories of power and charge, or in one sentence why there are none."""
    watch("learning histories", float("nan"))
    try:
        found = histories.marches(case, min(histories.MARCHED[0] * samples, histories.MARCHED[1]), seed=seed)
        learned = {name: histories.learned(found, name) for name in histories.HISTORIES}
    except ValueError as error:
        return Section(TITLE, (f"Not for this lander: {error}.",))
    return histories_section(case, found, learned)
