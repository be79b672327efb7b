"""What a test changed: the same study on the inputs as they were known before, and what moved the mean gain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.architectures.concepts import Architecture, SizedConcepts
from studies.analysis import sizing
from studies.analysis.concepts.choice import best_of_each, with_concepts
from studies.analysis.drivers import Drivers, gather
from studies.analysis.placement import Workers
from studies.analysis.requirements import Requirements, find
from studies.case.case import Case
from uq.report.terminal import Watch, silent

Best = Mapping[Architecture, tuple[SizedConcepts, int]]
"""Concepts of each architecture, and the row of the best."""
FOLDER = "before"
"""In the folder of the study: the samples before the test."""


@dataclass(frozen=True)
class Known:
    """What a study says on one state of knowledge."""

    drivers: Drivers
    requirements: Requirements
    best: Best


def known_before(
    case: Case,
    *,
    samples: int,
    seed: int,
    workers: Workers = 1,
    confirm: int | None = None,
    concept: Mapping[str, str] | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> Known | None:
    """The study on the inputs before the case's readings, from the same draws; None where nothing was read.

    Parameters
    ----------
    case : Case
        With its readings.
    samples, seed, workers, confirm, concept, output, watch
        Those of the study.

    Returns
    -------
    Known or None
    """
    if case.learned is None:
        return None
    whole = case.before()
    folder = None if output is None else output / FOLDER

    def seen(stage: str, share: float) -> None:
        watch(f"before the test: {stage}", share)

    best = best_of_each(whole, chosen=concept, workers=workers, watch=seen)
    prior = with_concepts(whole, best)
    drivers = gather(prior, samples=samples, seed=seed, workers=workers, output=folder, watch=seen)
    requirements = find(
        drivers,
        sizing.budgets(prior.baseline()),
        samples=max(256, samples),
        seed=seed,
        confirmed=confirm,
        watch=seen,
    )
    return Known(drivers, requirements, best)


def moved_by(before: Drivers, case: Case, output: str = "payload_gain") -> dict[str, float]:
    """By input that changed: how far its new law alone moves the mean of an output, through the surrogate of before.

    Each sample keeps its quantile: x_j = F_after^-1(F_before(x_j)).

    Parameters
    ----------
    before : Drivers
        Samples and surrogate before the test.
    case : Case
        After it.
    output : str
        Whose mean.

    Returns
    -------
    dict
        In the output's unit, the largest first.
    """
    assert case.learned is not None
    surrogate = before.learned.surrogate
    column = surrogate.problem.output_index(output)
    names = before.data.problem.input_names
    x = before.data.x[before.data.feasible]
    base = float(surrogate.mean(x)[:, column].mean())
    found = {}
    for name in case.learned.changed:
        if name not in names:
            continue
        j = names.index(name)
        law, after = (p.distributions[p.index(name)] for p in (case.learned.prior, case.learned.problem))
        there = np.array(x)
        there[:, j] = after.ppf(np.clip(law.mid_cdf(x[:, j]), 1e-9, 1.0 - 1e-9))
        found[name] = float(surrogate.mean(there)[:, column].mean()) - base
    return dict(sorted(found.items(), key=lambda item: -abs(item[1])))
