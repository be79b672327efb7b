"""What uses the margin of each limit up, and whether the field's usual allowances for growth would have held it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.architectures.budget import Sizing
from models.quantity import first_value
from uq.core.confidence_intervals import wilson
from uq.core.estimate import Estimate
from uq.requirements import Limit, Question, Sample, Waterfall, waterfall
from uq.requirements.exchange import weighted_quantile

EQUIPMENT, SYSTEM = 0.20, 0.20
"""Growth held for equipment that is yet to be developed, and on top of it for the system (ESA, Margin philosophy for
science assessment studies, SRE-PA/2011.097)."""
GROWING = ("power_drive_mass", "electric_power", "electric_energy", "dry_mass")
"""Of the electric pump: what a budget holds allowances for."""
DRIVERS = 7
"""Named drivers of a waterfall; all others are one step."""


@dataclass(frozen=True)
class Growth:
    """From the best estimate of an output of the electric pump to the quantile that the wanted probability asks for."""

    output: str
    unit: str
    best: float
    """At the medians, at the best design for these values, without margins."""
    built: float
    """Mean over the realised landers of the fixed design, margins included."""
    quantile: Estimate
    needed: Estimate
    """Growth over the best estimate, as a share of it."""

    @property
    def verdict(self) -> str:
        """Whether the usual allowances hold."""
        both = (1.0 + EQUIPMENT) * (1.0 + SYSTEM) - 1.0
        if self.needed.low > both:
            return "too small, both together"
        if self.needed.low > EQUIPMENT:
            return "equipment's too small, with the system's enough"
        if self.needed.high < 0.5 * EQUIPMENT:
            return "wasteful"
        return "enough"


def growths(sample: Sample, sizing: Sizing, *, level: float, confidence: float) -> tuple[Growth, ...]:
    """The growth of what the electric pump weighs, draws and stores, over the realised landers of `sample`.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    sizing : Sizing
        The budget at the medians.
    level : float
        Probability of the quantile that an allowance must hold.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    tuple of Growth
        By quantity.
    """
    found = []
    for name in GROWING:
        summary = over_landers(sample, name, level=level, confidence=confidence)
        if summary is None:
            continue
        mean, quantile = summary
        best, output = first_value(getattr(sizing, name)), _output(sample, name)
        found.append(
            Growth(output, sample.units[output], best, mean, quantile, quantile.scaled(1.0 / best, -1.0))
        )
    return tuple(found)


def over_landers(
    sample: Sample, name: str, *, level: float, confidence: float
) -> tuple[float, Estimate] | None:
    """Mean and quantile of an output of the electric pump over all realised landers that fly; None where none does.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    name : str
        One of `GROWING`.
    level : float
        Probability of the quantile.
    confidence : float
        Of its interval, between 0 and 1.

    Returns
    -------
    tuple of float and Estimate, or None
    """
    rows = sample.rows
    y = rows.mean[:, sample.problem.output_index(_output(sample, name))]
    good = (rows.feasible > 0.5) & np.isfinite(y)
    if not good.any():
        return None
    weight = rows.weight[good] / rows.weight[good].sum()
    low, high = wilson(level, rows.effective, confidence)
    at, lowest, highest = (weighted_quantile(y[good], weight, p) for p in (level, low, high))
    return float(weight @ y[good]), Estimate(at, lowest, highest, confidence)


def _output(sample: Sample, name: str) -> str:
    return name if name in sample.problem.output_names else f"electric_pump.{name}"


def waterfalls(
    sample: Sample, limits: Sequence[Limit], *, level: float, confidence: float
) -> tuple[Waterfall, ...]:
    """For each limit the steps from nominal to the quantile toward it, over the foremost drivers over the realised
    landers of `sample`; a limited output that does not vary has none.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    limits : sequence of Limit
        On outputs.
    level : float
        Probability of the quantile that an allowance must hold.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    tuple of Waterfall
        One for each limit whose output varies.
    """
    return tuple(
        waterfall(
            Question(sample, confidence=confidence),
            limit,
            drivers=foremost(sample, limit.output),
            level=level,
            orders=32,
            rows=2048,
        )
        for limit in limits
        if _varies(sample, limit.output)
    )


def _varies(sample: Sample, output: str) -> bool:
    y = sample.rows.mean[sample.rows.feasible > 0.5, sample.problem.output_index(output)]
    y = y[np.isfinite(y)]
    return bool(len(y) > 1 and np.ptp(y) > 1e-9 * max(float(np.abs(y).max()), 1e-300))


def foremost(sample: Sample, output: str, count: int = DRIVERS) -> list[str]:
    """The inputs whose ranks follow the output's most closely (Spearman), in order.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    output : str
        Name of one output.
    count : int, default DRIVERS
        Inputs.

    Returns
    -------
    list of str
        The foremost first.
    """
    good = sample.rows.feasible > 0.5
    y = _ranks(sample.rows.mean[good, sample.problem.output_index(output)])
    found = {
        i.name: abs(float(_ranks(sample.rows.x[good, j]) @ y))
        for j, i in enumerate(sample.problem.inputs)
        if i.role != "design"
    }
    return sorted(found, key=lambda name: -found[name])[:count]


def _ranks(values: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks - ranks.mean()
