"""Few runs of a model and many of its surrogate together: the precision of the many, without their bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import clopper_pearson, std_interval, tail_note
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.repeatable import one_thread
from uq.core.results import Interval, Summary, above_name
from uq.propagation.drawn_rows import require_rows_of_the_laws
from uq.propagation.propagate import good_values
from uq.propagation.streaming import FEW
from uq.sampling.structure import require_independent_rows
from uq.surrogates.base import Surrogate
from uq.surrogates.evaluate import means, require_surrogate


@one_thread()
def corrected(
    data: Dataset,
    surrogate: Surrogate,
    *,
    outputs: Sequence[str] | None = None,
    above: Mapping[str, Sequence[float]] | None = None,
    confidence: float = CONFIDENCE,
    samples: int = 2**16,
    seed: int = SEED,
) -> dict[str, Summary]:
    """Means and exceedance probabilities of the *model*, from few of its runs and many of its surrogate's.

    The surrogate g is a control variate with a known mean: with weights a_i learned without row i::

        mean = < y_i - a_i (g(x_i) - E[g]) >

    which is unbiased whatever the surrogate's error, as long as `data` were drawn at random and did not train it.
    Probabilities do the same with the indicators y > t and g > t, clipped to [0, 1]; their interval reaches at least as
    far as the rows where the two disagree allow (Clopper & Pearson; three in n where none does).  E[g] comes
    from `samples` points, its error is part of the interval.  Quantiles stay empty and `std` is the samples' own.

    Parameters
    ----------
    data : Dataset
        Random rows that did not train the surrogate.
    surrogate : Surrogate
        A fitted one.
    outputs : sequence of str, optional
        Names of the outputs that are asked about; all by default.
    above : mapping of str to sequence of float, optional
        Thresholds of each output, in its unit, whose exceedance is asked for.
    confidence : float
        Of every interval.
    samples : int
        Points at which the surrogate is sampled.
    seed : int
        Of every random choice.

    Returns
    -------
    dict of str to Summary

    Raises
    ------
    ValueError
        For failed rows, fewer than 10 rows, dependent rows, or rows that were not drawn at random.

    References
    ----------
    Glasserman (2003), section 4.1; Avramidis & Wilson (1993), Oper. Res. Lett. 14, 187-198.
    """
    require_surrogate(surrogate)
    require_confidence(confidence)
    names = tuple(outputs) if outputs is not None else surrogate.problem.output_names
    data.require_no_failures(": leave them out by uq.surrogates.derived_outputs.complete, and say so")
    require_independent_rows(data.problem, data.x, "a control variate")
    require_rows_of_the_laws(data)
    if len(data) < 10:
        raise ValueError(f"{len(data)} runs teach no weight; run at least 10")
    columns = [data.problem.index(n) for n in surrogate.problem.input_names]
    here = surrogate.mean(data.x[:, columns])
    plan = np.random.default_rng(seed).random((samples, surrogate.problem.dimension))
    there = means(surrogate, surrogate.problem.physical(plan), range(len(surrogate.problem.outputs)))
    results = {}
    for name in names:
        j, y = surrogate.problem.output_index(name), good_values(data, name)
        mean, intervals = 0.0, {}
        mean, intervals["mean"] = _control(y, here[:, j], there[:, j], confidence)
        squares = (y - y.mean()) ** 2
        intervals["std"] = std_interval(y.var(ddof=1), squares - squares.mean(), y - y.mean(), confidence)
        exceedance = {}
        for t in (above or {}).get(name, ()):
            indicators = _above(y, t), _above(here[:, j], t), _above(there[:, j], t)
            exceedance[t], intervals[above_name(t)] = _indicated(*indicators, confidence)
        note = f"{len(y)} runs of the model corrected by {samples} of its surrogate, without bias"
        tail = tail_note(float(squares.max()), float(squares.sum()), len(y))
        results[name] = Summary(
            name, mean, float(y.std(ddof=1)), {}, intervals, exceedance, confidence, len(y), 0, (note, *tail)
        )
    return results


def _control(y: FloatArray, here: FloatArray, there: FloatArray, confidence: float) -> tuple[float, Interval]:
    """Mean of y by the control `here`, whose mean `there` tells, and its Student interval."""
    n, known = len(y), float(there.mean())
    g, centred = here - here.mean(), y - y.mean()
    products, squares = g * centred, g * g
    shrink = n / (n - 1.0)  # what a row adds to a covariance, around the mean of all
    rest = squares.sum() - shrink * squares
    weight = np.where(rest > 0.0, (products.sum() - shrink * products) / np.where(rest > 0.0, rest, 1.0), 0.0)
    values = y - weight * (here - known)
    variance = float(values.var(ddof=1)) / n + float(weight.mean()) ** 2 * float(there.var()) / len(there)
    half = float(special.stdtrit(n - 1, 0.5 + 0.5 * confidence) * np.sqrt(variance))
    mean = float(values.mean())
    return mean, (mean - half, mean + half)


def _indicated(
    y: FloatArray, here: FloatArray, there: FloatArray, confidence: float
) -> tuple[float, Interval]:
    """`_control` of indicators: P(y) = P(g) + P(y and not g) - P(g and not y), whose last terms few rows tell badly.

    Each has the interval of its count, at half of what `confidence` leaves: certainty is not learned from agreement.
    """
    n, known = len(y), float(there.mean())
    p, (low, high) = _control(y, here, there, confidence)
    each = 0.5 + 0.5 * confidence
    more, less = (clopper_pearson(int(np.count_nonzero(rows)), n, each) for rows in ((y > here), (y < here)))
    if min(np.count_nonzero(y > here), np.count_nonzero(y < here)) < FEW:
        low, high = min(low, known + more[0] - less[1]), max(high, known + more[1] - less[0])
    p = float(np.clip(p, 0.0, 1.0))
    return p, (min(max(low, 0.0), p), max(min(high, 1.0), p))


def _above(values: FloatArray, threshold: float) -> FloatArray:
    return (values > threshold).astype(np.float64)
