"""How much of a sample meets its limits, with an interval that counts sampling and the surrogate's error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uq.problem import Problem
from uq.requirements.sample import Rows
from uq.requirements.terms import Estimate, Limit, wilson

FloatArray = NDArray[np.float64]


def passing(rows: Rows, limits: Sequence[Limit], problem: Problem) -> FloatArray:
    """(n, 1 + k + 2k): the chance of each row to meet all k limits, each limit, and all of them with the surrogate
    one standard error above and below at the output of each limit in turn.

    A prediction is N(mean, std): the chance to meet one limit is Phi((high - mean)/std) - Phi((low - mean)/std).
    """
    each = np.empty((len(rows.weight), len(limits)))
    shifted = np.empty((len(rows.weight), len(limits), 2))
    for k, limit in enumerate(limits):
        column = problem.output_index(limit.output)
        mean, std = rows.mean[:, column], rows.std[:, column]
        each[:, k] = chance(mean, std, limit)
        for s, moved in enumerate((mean + std, mean - std)):
            shifted[:, k, s] = (moved >= limit.low) & (moved <= limit.high)
    for k in range(len(limits)):
        shifted[:, k] *= np.prod(np.delete(each, k, axis=1), axis=1)[:, None]
    answers = [np.prod(each, axis=1)[:, None], each, shifted.reshape(len(each), -1)]
    return rows.feasible[:, None] * np.hstack(answers)


def chance(mean: FloatArray, std: FloatArray, limit: Limit) -> FloatArray:
    """(n,) chance that N(mean, std) lies within the limit; a step where std is zero, zero where mean is NaN."""
    certain = (mean >= limit.low) & (mean <= limit.high)
    doubtful = std > 0.0
    if not doubtful.any():
        return certain.astype(np.float64)
    scale = np.where(doubtful, std, 1.0)
    spread = special.ndtr((limit.high - mean) / scale) - special.ndtr((limit.low - mean) / scale)
    return np.where(doubtful, np.nan_to_num(spread), certain)


def share(
    weight: FloatArray, tally: FloatArray, limits: int, confidence: float
) -> tuple[Estimate, tuple[Estimate, ...]]:
    """Joint compliance and that of each limit from weights (n,) and `passing` (n, 1 + 3k), with intervals.

    Wilson's interval at the effective size 1/n = 1/n_weights + v / (p (1 - p)), where v is the variance from the
    surrogate: its error at each output taken as one common shift of a standard error over all rows (conservative:
    errors that change sign from row to row largely cancel), outputs independent.
    """
    seen = np.clip(weight @ tally, 0.0, 1.0)
    n = 1.0 / float(np.sum(weight**2))
    half = 0.5 * (seen[1 + limits :: 2] - seen[2 + limits :: 2])
    joint = proportion(float(seen[0]), n, float(np.sum(half**2)), confidence)
    each = tuple(proportion(float(seen[1 + k]), n, float(half[k] ** 2), confidence) for k in range(limits))
    return joint, each


def proportion(p: float, n: float, variance: float, confidence: float) -> Estimate:
    """A proportion of n effective samples with a further `variance` from the surrogate, by Wilson's interval."""
    spread = max(p * (1.0 - p), 1e-12)
    return Estimate(p, *wilson(p, 1.0 / (1.0 / n + variance / spread), confidence))
