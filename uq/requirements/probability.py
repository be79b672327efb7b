"""How much of a sample meets its limits, with an interval that counts sampling and the surrogate's error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import wilson
from uq.core.estimate import Estimate
from uq.core.problem import Problem
from uq.requirements.shared_sample import Rows
from uq.requirements.types import Limit
from uq.surrogates.evaluate import COMMON


def passing(rows: Rows, limits: Sequence[Limit], problem: Problem) -> FloatArray:
    """The chance of each row to meet all k limits, each limit, and all of them with the surrogate one standard error
    above and below at the output of each limit in turn.

    A prediction is N(mean, std): the chance to meet one limit is Phi((high - mean)/std) - Phi((low - mean)/std).

    Parameters
    ----------
    rows : Rows
        Points, weights and the model's answer.
    limits : sequence of Limit
        On outputs; all must hold.
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.

    Returns
    -------
    ndarray (n, 1 + 3 k)
        Joint, by limit, and joint with the surrogate below and above in turn.
    """
    each = np.empty((len(rows.weight), len(limits)))
    shifted = np.empty((len(rows.weight), len(limits), 2))
    for k, limit in enumerate(limits):
        column = problem.output_index(limit.output)
        mean, std = rows.mean[:, column], rows.std[:, column]
        each[:, k] = chance(mean, std, limit)
        for s, moved in enumerate((mean + std, mean - std)):
            shifted[:, k, s] = (moved >= limit.low) & (moved <= limit.high)
    shifted *= all_but_one(each)[:, :, None]
    answers = [np.prod(each, axis=1)[:, None], each, shifted.reshape(len(each), -1)]
    return rows.feasible[:, None] * np.hstack(answers)


def all_but_one(each: FloatArray) -> FloatArray:
    """Products of all the other factors of the row.

    Parameters
    ----------
    each : ndarray (n, k)
        Factors.

    Returns
    -------
    ndarray (n, k)
        Products.
    """
    one = np.ones((len(each), 1))
    before = np.cumprod(np.hstack([one, each[:, :-1]]), axis=1)
    after = np.cumprod(np.hstack([one, each[:, :0:-1]]), axis=1)[:, ::-1]
    return np.asarray(before * after, dtype=np.float64)


def chance(mean: FloatArray, std: FloatArray, limit: Limit) -> FloatArray:
    """Chance that N(mean, std) lies within the limit; a step where std is zero, zero where mean is NaN.

    Parameters
    ----------
    mean, std : ndarray (n,)
        Of the prediction.
    limit : Limit
        Its ends.

    Returns
    -------
    ndarray (n,)
        Probability.
    """
    certain = (mean >= limit.low) & (mean <= limit.high)
    uncertain = std > 0.0
    if not uncertain.any():
        return certain.astype(np.float64)
    scale = np.where(uncertain, std, 1.0)
    spread = special.ndtr((limit.high - mean) / scale) if np.isfinite(limit.high) else np.ones_like(mean)
    if np.isfinite(limit.low):
        spread = spread - special.ndtr((limit.low - mean) / scale)
    return np.where(uncertain, np.where(np.isnan(mean), 0.0, spread), certain)


def share(
    weight: FloatArray, tally: FloatArray, limits: int, confidence: float
) -> tuple[Estimate, tuple[Estimate, ...]]:
    """Joint compliance and that of each limit from weights (n,) and `passing` (n, 1 + 3k), with intervals.

    Wilson's interval at the effective size 1/n = 1/n_weights + v / (p (1 - p)), where v is the variance from the
    surrogate: the output of each limit shifted in all rows by `COMMON` standard errors, outputs independent.

    Parameters
    ----------
    weight : ndarray (n,)
        Of the rows, of sum 1.
    tally : ndarray (n, 1 + 3 k)
        As `passing` gives it.
    limits : int
        k.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    tuple of Estimate and tuple of Estimate
        Joint, and by limit.
    """
    seen = np.clip(weight @ tally, 0.0, 1.0)
    n = 1.0 / float(np.sum(weight**2))
    half = COMMON * 0.5 * (seen[1 + limits :: 2] - seen[2 + limits :: 2])
    joint = proportion(float(seen[0]), n, float(np.sum(half**2)), confidence)
    alone = half * seen[1 : 1 + limits] / max(float(seen[0]), 1e-6)  # without what the other limits take away
    each = tuple(proportion(float(seen[1 + k]), n, float(alone[k] ** 2), confidence) for k in range(limits))
    return joint, each


def proportion(p: float, n: float, variance: float, confidence: float) -> Estimate:
    """A proportion of n effective samples with a further `variance` from the surrogate, by Wilson's interval.

    Parameters
    ----------
    p : float
        The proportion.
    n : float
        Effective number of samples.
    variance : float
        Further, from the surrogate.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    Estimate
    """
    spread = max(p * (1.0 - p), 1e-12)
    return Estimate(p, *wilson(p, 1.0 / (1.0 / n + variance / spread), confidence), confidence)
