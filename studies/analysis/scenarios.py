"""Switches of the programme, or of our ignorance, side by side: the same inputs, other values of the lander."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from studies.analysis.drivers import sized
from studies.analysis.placement import Workers, placed
from studies.case.case import Case
from uq.campaign.processes import spread
from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import clopper_pearson, mean_estimate, quantile_estimate
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, Estimate
from uq.propagation.propagate import propagate
from uq.report.terminal import Watch, silent


@dataclass(frozen=True)
class Scenario:
    """What the pump gains in one scenario: mean, 5 % quantile, chance of a gain, and the landers behind it."""

    title: str
    mean: Estimate
    low: Estimate
    chance: Estimate
    feasible: int
    samples: int


def gained(title: str, data: Dataset, output: str = "payload_gain") -> Scenario:
    """The scenario of some samples.

    Parameters
    ----------
    title : str
        Of the scenario.
    data : Dataset
        The sized landers.
    output : str, default 'payload_gain'
        Name of the gain.

    Returns
    -------
    Scenario
    """
    summary = propagate(data, outputs=[output], above={output: [0.0]})[output]
    return Scenario(
        title,
        summary.estimates["mean"],
        summary.estimates["quantile 0.05"],
        summary.estimates["above 0"],
        int(data.feasible.sum()),
        len(data),
    )


def of_gains(title: str, gain: FloatArray) -> Scenario:
    """The scenario of the gains of some samples, NaN where there is no design.

    Parameters
    ----------
    title : str
        Of the scenario.
    gain : ndarray (n,)
        kg; at least two are finite.

    Returns
    -------
    Scenario
    """
    known = gain[np.isfinite(gain)]
    positive = int((known > 0.0).sum())
    chance = positive / known.size
    return Scenario(
        title,
        mean_estimate(known),
        quantile_estimate(known, 0.05),
        Estimate(chance, *clopper_pearson(positive, known.size, CONFIDENCE)),
        known.size,
        gain.size,
    )


def side_by_side(
    case: Case,
    reference: Dataset,
    *,
    samples: int,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> dict[str, Scenario]:
    """The reference, the same with the engine unchanged and against the engine off the shelf, and every scenario of
    the case on the first points of the same plan (common random numbers).

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    reference : Dataset
        The case's own samples.
    samples : int
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
    dict of str to Scenario
        By name, the reference first.
    """
    found = {
        "reference": gained("as given", reference),
        "unchanged_engine": gained("same engine for both, off the shelf", reference, "unchanged_engine_gain"),
        "over_shelf": gained("against the engine off the shelf", reference, "payload_gain_over_shelf"),
    }
    watch("sizing scenarios", 0.0)
    place = placed(workers)
    # a scenario is one block: scenarios share the processes, unless a cluster does the work
    processes = place.processes if place.scheduler is None else 1
    asked = partial(_sized, case, samples, seed, 1 if processes > 1 else place, output)
    known = case.scenarios.items()
    for data, (name, other) in zip(spread(asked, case.scenarios, processes), known, strict=True):
        found[name] = gained(other.title, data)
        watch("sizing scenarios", (len(found) - 3) / len(case.scenarios))
    return found


def _sized(case: Case, samples: int, seed: int, workers: Workers, output: Path | None, name: str) -> Dataset:
    return sized(case, samples, scenario=name, seed=seed, workers=workers, output=output)
