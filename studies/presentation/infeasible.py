"""The landers that have no design: how many, why, which inputs bring them about, and a map."""

from __future__ import annotations

import numpy as np

from studies.case.case import Case
from studies.presentation.names_and_units import input_words, percent
from uq.campaign.failure_counts import Failures, failures
from uq.core.dataset import Dataset
from uq.core.estimate import Estimate
from uq.core.table import Cell, Table, header
from uq.report import curve_figures
from uq.report.document import Figure
from uq.surrogates.feasibility import Feasibility

FEWEST = 20
"""Landers of either kind below which a map would show chance."""

DISTINGUISHING = 0.01
"""Probability by chance below which an input is said to bring failures about."""

POINTS = 41


def infeasible_landers(case: Case, data: Dataset) -> tuple[tuple[str, ...], tuple[Table | Figure, ...]]:
    """Sentences on the failed landers of a campaign, and what shows them; nothing where all have a design.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    data : Dataset
        Of a campaign, the failed rows among them.

    Returns
    -------
    tuple
        Sentences, tables and figures.
    """
    found = failures(data)
    if not found.counts:
        return (), ()
    distinguishing = [c for c in found.clusters if c.probability < DISTINGUISHING]
    why = ", ".join(f"{number} {status}" for status, number in found.counts.items())
    text = [
        f"For {sum(found.counts.values())} of {len(data)} landers ({percent(Estimate(found.share, *found.interval))}) "
        f"no design was found ({why}). "
        "They are left out above; in compliance they count as failures.",
        "They lie apart in " + ", ".join(input_words(case, c.input) for c in distinguishing) + "."
        if distinguishing
        else "They are spread over the inputs as chance would have it.",
    ]
    parts: list[Table | Figure] = [_table(case, found)] if distinguishing else []
    failed = sum(found.counts.values())
    if distinguishing and min(failed, len(data) - failed) >= FEWEST:
        drawn = _map(case, data, found)
        parts += [drawn] if drawn is not None else []
    return tuple(text), tuple(parts)


def _table(case: Case, found: Failures) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for cluster in (c for c in found.clusters if c.probability < DISTINGUISHING):
        unit = case.unit(cluster.input)
        low, high = unit.shown(cluster.low), unit.shown(cluster.high)
        rows.append(
            (input_words(case, cluster.input), low, high, unit.symbol, cluster.distance, cluster.probability)
        )
    return Table(
        "infeasible",
        "Inputs in which failed landers differ from the others",
        header("input | 90 % of the failed from | to | unit | distance of the laws | probability by chance"),
        tuple(rows),
        (
            "Distance: Kolmogorov and Smirnov's between failed and other landers; chance: on any of the inputs.",
        ),
    )


def _map(case: Case, data: Dataset, found: Failures) -> Figure | None:
    """The probability of a design over the two foremost inputs, all others as sampled; None if nothing was learnt."""
    learned = Feasibility.fit(data)
    if not learned.log_loss < learned.base_log_loss:
        return None
    names = [c.input for c in found.clusters[:2]]
    first, second = (data.problem.index(name) for name in names)
    axes = [np.quantile(data[name], np.linspace(0.005, 0.995, POINTS)[[0, -1]]) for name in names]
    x, y = (np.linspace(low, high, POINTS) for low, high in axes)
    others = data.x[np.linspace(0, len(data) - 1, min(64, len(data))).astype(int)]
    values = np.empty((POINTS, POINTS))
    for i, a in enumerate(x):
        rows = np.tile(others, (POINTS, 1))
        rows[:, first], rows[:, second] = a, np.repeat(y, len(others))
        values[i] = learned.probability(rows).reshape(POINTS, -1).mean(axis=1)
    labels, shown = [], []
    for name, axis in zip(names, (x, y), strict=True):
        unit = case.unit(name)
        labels.append(f"{input_words(case, name)}{', ' + unit.symbol if unit.symbol else ''}")
        shown.append((axis - unit.zero) / unit.size)
    return curve_figures.field(
        "infeasible",
        "Probability that a lander has a design",
        shown[0],
        shown[1],
        values,
        labels=(labels[0], labels[1], "probability of a design"),
        levels=(0.1, 0.5, 0.9),
        alt=f"A map over {labels[0]} and {labels[1]}: the probability of a design runs from {values.min():.0%} to "
        f"{values.max():.0%}.",
    )
