"""Do the limits hold?  The chance that they do, with its interval, as designed today or under requirements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uq.core.estimate import CONFIDENCE, check_probability
from uq.requirements.probability import passing, share
from uq.requirements.shared_sample import Rows, Sample
from uq.requirements.types import Condition, Limit, Verdict, check_limits, suffix


def compliance(
    sample: Sample,
    limits: Sequence[Limit],
    *,
    wanted: float = 0.95,
    given: Sequence[Condition] = (),
    confidence: float = CONFIDENCE,
) -> Verdict:
    """P(all limits met | given), with its interval and that of every limit alone.

    The estimate is the weighted mean of the chance of each row to meet the limits; failed rows count as failures.
    The interval is `share`'s: Wilson's, widened by the surrogate's error.  Valid for any model; judgement: the
    common share of the surrogate's error.  Raises KeyError for an unknown output or input, ValueError for no
    limit, for a probability outside (0, 1), for contradictory requirements.
    """
    check_probability("wanted", wanted)
    check_probability("confidence", confidence)
    check_limits(sample.problem, limits)
    rows = sample.under(given)
    joint, each = share(rows.weight, passing(rows, limits, sample.problem), len(limits), confidence)
    return Verdict(
        limits=tuple(limits),
        requirements=tuple(given),
        probability=joint.value,
        interval=(joint.low, joint.high),
        wanted=wanted,
        each=each,
        infeasible=float(1.0 - rows.weight @ rows.feasible),
        samples=rows.effective,
        confidence=confidence,
        mode=sample.mode,
        units=sample.units,
        notes=tuple(_extremes(sample, rows, limits)),
    )


def _extremes(sample: Sample, rows: Rows, limits: Sequence[Limit]) -> list[str]:
    """One sentence for every limit that no sample or every sample meets, with the nearest reachable value."""
    notes = []
    alive = (rows.weight > 0.0) & (rows.feasible > 0.0)
    if not alive.any():
        return ["no sample is feasible: the model fails everywhere under these requirements"]
    for limit in limits:
        y = rows.mean[alive, sample.problem.output_index(limit.output)]
        outside = np.maximum(np.maximum(limit.low - y, y - limit.high), 0.0)
        best = y[np.argmin(outside)]
        text, unit = limit.text(sample.units), suffix(sample.units[limit.output])
        if outside.min() > 0.0:
            notes.append(f"{text} is met by no sample; the nearest reached is {best:.6g}{unit}")
        elif outside.max() == 0.0:
            worst = y.min() if np.isfinite(limit.low) else y.max()
            notes.append(f"{text} is met by every feasible sample; the worst is {worst:.6g}{unit}")
    return notes
