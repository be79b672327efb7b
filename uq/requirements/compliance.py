"""Do the limits hold?  The chance that they do, with its interval, as designed today or under requirements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uq.core.repeatable import one_thread
from uq.requirements.probability import passing, share
from uq.requirements.question import Question
from uq.requirements.shared_sample import Rows, Sample
from uq.requirements.types import Limit, Verdict, check_kind, suffix


@one_thread()
def compliance(question: Question) -> Verdict:
    """P(all limits met | given), with its interval and that of every limit alone.

    The estimate is the weighted mean of the chance of each row to meet the limits; failed rows count as failures.
    The interval is `share`'s: Wilson's, widened by the surrogate's error.  Valid for any model; judgement: the
    common share of the surrogate's error.

    Parameters
    ----------
    question : Question
        Sample, limits, wanted probability, confidence, and what is given.

    Returns
    -------
    Verdict
        Met, not met or undecided, with the probabilities.

    Raises
    ------
    KeyError
        For an unknown input in what is given.
    ValueError
        For no limit, or contradictory requirements.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    question.require_limits()
    sample, limits, rows = question.sample, question.limits, question.rows
    joint, each = share(rows.weight, passing(rows, limits, sample.problem), len(limits), question.confidence)
    return Verdict(
        limits=tuple(limits),
        requirements=tuple(question.given),
        probability=joint.value,
        interval=(joint.low, joint.high),
        wanted=question.wanted,
        each=each,
        infeasible=max(0.0, float(1.0 - rows.weight @ rows.feasible)),
        samples=rows.effective,
        confidence=question.confidence,
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
