"""What each margin of a fixed design buys in compliance and costs in payload.

All variants of a design differ in their margins only: they are designed in one search and simulated on the same
realised landers, so that differences are paired and free of most of the scatter.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from models import quantity
from models.architectures import electric_pump, pressure_fed
from models.fixed_design.design import Margins, designs_with
from models.fixed_design.flight import FixedTrade
from models.lander import Lander, Status
from studies.analysis.fixed_problem import REQUIRED, CaseLimits, model_of
from studies.case.case import Case
from uq.core.array_types import FloatArray
from uq.core.estimate import Estimate
from uq.requirements import Sample

ROWS = 1024
"""Realised landers on which variants are compared."""


@dataclass(frozen=True, kw_only=True)
class MarginEffect:
    """One margin of the design, what it buys and what it costs, the others as they are."""

    name: str
    given: float
    """Of the case, SI."""
    used: float
    """Of the design that complies most often."""
    compliance: Estimate
    """Compliance with it less that without it."""
    payload: Estimate
    """kg of the pump-fed lander's payload with it less without, mean over realised landers."""
    gain: Estimate
    """The same of the payload gain: both architectures hold the margins that both have."""


def names() -> tuple[str, ...]:
    """Every margin.

    Returns
    -------
    tuple of str
        Fields of `Margins`.
    """
    return tuple(field.name for field in dataclasses.fields(Margins))


def scaled(case: Case, scale: float) -> Margins:
    """All margins of a case times `scale` but those that it holds, each at most what makes sense.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    scale : float
        0 for none, 1 for the case's own.

    Returns
    -------
    Margins
    """
    return Margins(
        **{
            name: value
            if name in case.held_margins
            else min(scale * value, quantity.units(case.margins)[name].high)
            for name, value in vars(case.margins).items()
        }
    )


@dataclass(frozen=True)
class _Outcome:
    """One variant on the rows: whether all limits hold, and kg; NaN without a design."""

    complies: FloatArray
    payload: FloatArray
    gain: FloatArray


def effects(
    case: Case, sample: Sample, margins: Margins, limits: CaseLimits, *, confidence: float
) -> tuple[MarginEffect, ...]:
    """What each margin that is not zero buys and costs, against the same design without it.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    sample : Sample
        Realised landers with the model's answer.
    margins : Margins
        Of the fixed design's ratings and loads.
    limits : CaseLimits
        Of the case on the outputs.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    tuple of MarginEffect
        One for each margin above zero.
    """
    own = [name for name in names() if getattr(margins, name) > 0.0]
    current, *without = _outcomes(
        sample, [margins, *(dataclasses.replace(margins, **{name: 0.0}) for name in own)], limits
    )
    return tuple(
        MarginEffect(
            name=name,
            given=getattr(case.margins, name),
            used=getattr(margins, name),
            compliance=_paired(current.complies, one.complies, confidence),
            payload=_paired(current.payload, one.payload, confidence),
            gain=_paired(current.gain, one.gain, confidence),
        )
        for name, one in zip(own, without, strict=True)
    )


def _paired(first: FloatArray, second: FloatArray, confidence: float) -> Estimate:
    """Mean of the differences where both are known, with its normal interval."""
    difference = (first - second)[np.isfinite(first) & np.isfinite(second)]
    if difference.size < 2:
        return Estimate(np.nan, np.nan, np.nan)
    mean = float(difference.mean())
    half = (
        NormalDist().inv_cdf(0.5 + 0.5 * confidence)
        * float(difference.std(ddof=1))
        / math.sqrt(difference.size)
    )
    return Estimate(mean, mean - half, mean + half)


def _outcomes(sample: Sample, variants: Sequence[Margins], limits: CaseLimits) -> list[_Outcome]:
    """Each variant of the sample's design on its first rows."""
    problem = sample.problem
    columns = {i.name: sample.rows.x[:ROWS, j] for j, i in enumerate(problem.inputs) if i.role != "design"}
    lander = required_lander(sample)
    pumped = designs_with(electric_pump, lander, variants)
    fed = designs_with(pressure_fed, lander, variants)
    n = len(next(iter(columns.values())))
    found = []
    for margins, a, b in zip(variants, fed, pumped, strict=True):
        if isinstance(a, Status) or isinstance(b, Status):
            found.append(_Outcome(np.zeros(n), np.full(n, np.nan), np.full(n, np.nan)))
            continue
        found.append(_outcome(FixedTrade(lander, margins, (a, b)), columns, limits))
    return found


def _outcome(trade: FixedTrade, columns: Mapping[str, FloatArray], limits: CaseLimits) -> _Outcome:
    simulated = trade(columns)
    alive = np.asarray(simulated["status"]) == 0.0
    within = {
        limit: alive & (limit.low <= simulated[limit.output]) & (simulated[limit.output] <= limit.high)
        for limit in limits.all
    }
    complies = np.all([alive, *within.values()], axis=0).astype(np.float64)
    return _Outcome(complies, simulated["electric_pump.payload"], simulated["payload_gain"])


def required_lander(sample: Sample) -> Lander:
    """The lander that the sample's design was made for.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.

    Returns
    -------
    Lander
    """
    required = {name.removeprefix(REQUIRED): value for name, value in sample.design.items()}
    return quantity.substitute(model_of(sample.problem).lander, required)
