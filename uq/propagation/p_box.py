"""What is not known apart from what scatters: a family of distributions of an output, one for each state of knowledge.

Inputs that are lack of knowledge (e: one true value, nobody knows it) are held while the others (a) scatter; each e
gives a distribution function ``F_e(y) = P(Y <= y | e)``, and the family lies in a probability box::

    lower(y) = min_e F_e(y) <= F_e(y) <= upper(y) = max_e F_e(y)

e ranges over the central part of its laws, point by point of a low-discrepancy design, and over the two corners of that
range to which the mean of the output rises and falls: of a model that is monotone in each e the box is then exact,
of another one the envelope of the design, from inside.

Sources: Ferson, Kreinovich, Ginzburg, Myers & Sentz (2003), "Constructing probability boxes and Dempster-Shafer
structures", SAND2002-4015; nested sampling: Helton (1997), doi:10.1080/00949659708811803.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import student
from uq.core.dataset import evaluate
from uq.core.dependence import ties
from uq.core.estimate import CONFIDENCE, SEED, Estimate, check_probability, require_confidence
from uq.core.problem import SMALLEST_PROBABILITY, Problem
from uq.core.repeatable import one_thread
from uq.core.table import Cell, Column, Table, Tabled
from uq.sampling.plans import scrambles, sobol_sequence
from uq.surrogates.base import Surrogate
from uq.surrogates.evaluate import require_surrogate

LEVELS = 201
"""Values at which the envelope is kept."""

MOST_RUNS = 10**8
"""Of all points: their outputs are held in memory."""

DECIDED = 0.9
"""Chance from which on scatter no longer decides."""

_REPLICATES = 8
_AT_ONCE = 65536


@dataclass(frozen=True)
class PBox(Tabled):
    """Envelope of the distributions of an output over lack of knowledge, and the ranges of its mean and chance."""

    output: str
    """Name of the output."""
    unit: str
    """Of the output."""
    threshold: float
    """In the output's unit."""
    epistemic: tuple[str, ...]
    """Inputs that are not known."""
    aleatory: tuple[str, ...]
    """Inputs that vary."""
    coverage: float
    """Share of the law of each epistemic input, in its middle, over which it ranges."""
    values: FloatArray
    """(m,) at which the envelope stands."""
    lower: FloatArray
    """(m,) least distribution function."""
    upper: FloatArray
    """(m,) largest distribution function."""
    mean: tuple[Estimate, Estimate]
    """Least and largest mean."""
    chance: tuple[Estimate, Estimate]
    """Least and largest chance of more than the threshold."""
    at: tuple[dict[str, float], dict[str, float]]
    """Values of the epistemic inputs at which the chance is least, and largest: where a stand-in is to be confirmed."""
    chances: FloatArray
    """(points,) chance at each point of the design, the two corners apart."""
    means: FloatArray
    """(points,) mean at each point of the design."""
    samples: int
    """Of the scatter, at each point."""
    failed: int
    """Runs that failed, of all points; left out."""

    @property
    def average(self) -> float:
        """Chance over lack of knowledge and scatter together, knowledge weighted by its laws in their ranges."""
        return float(self.chances.mean())

    def shares(self) -> tuple[float, float, float]:
        """Share of the states of knowledge at which the threshold is exceeded with a chance of at least `DECIDED`,
        missed with as much, and left to scatter."""
        exceeded = float(np.mean(self.chances >= DECIDED))
        missed = float(np.mean(self.chances <= 1.0 - DECIDED))
        return exceeded, missed, 1.0 - exceeded - missed

    def table(self) -> Table:
        """Ranges over lack of knowledge."""
        chance = f"chance of more than {self.threshold:g}"
        quantiles = np.quantile(self.means, (0.05, 0.95)), np.quantile(self.chances, (0.05, 0.95))
        rows: tuple[tuple[Cell, ...], ...] = (
            ("mean", self.unit, self.mean[0], *map(float, quantiles[0]), self.mean[1]),
            (chance, "1", self.chance[0], *map(float, quantiles[1]), self.chance[1]),
        )
        wide = f"the central {100 * self.coverage:.0f} % of its law"
        return Table(
            "probability-box",
            f"{self.output} over lack of knowledge",
            tuple(
                Column(h) for h in ("", "unit", "least", "5 % of knowledge", "95 % of knowledge", "largest")
            ),
            rows,
            (
                f"{len(self.epistemic)} inputs are lack of knowledge, each over {wide}; {len(self.aleatory)} scatter.",
                f"{len(self.chances)} states of knowledge and two corners, each with {self.samples} runs.",
            ),
        )


@one_thread()
def p_box(
    source: Problem | Surrogate,
    output: str,
    *,
    epistemic: Sequence[str],
    threshold: float = 0.0,
    coverage: float = 0.9,
    points: int = 128,
    samples: int = 256,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> PBox:
    """Distributions of an output at each state of knowledge, over what scatters.

    Every point sees the same sample of the scatter, `_REPLICATES` scrambles of a Sobol' sequence, by whose spread
    (Student) the intervals of the extremes are found; a surrogate's error m +- k s widens them as if it had one sign
    everywhere, k the normal quantile of `confidence`.  What the design does not reach is in no interval.

    Parameters
    ----------
    source : Problem or Surrogate
        A problem with its model, or a stand-in for it.
    output : str
        Its name.
    epistemic : sequence of str
        Inputs that are lack of knowledge; all others scatter.
    threshold : float, default 0
        Whose exceedance is asked for, in the output's unit.
    coverage : float, default 0.9
        Share of the law of each epistemic input, in its middle, over which it ranges; dependent ones range in their
        independent germs.
    points : int, default 128
        Of the design over lack of knowledge.
    samples : int, default 256
        Of the scatter, at each point: 8 times a power of two.
    confidence : float
        Of every interval.
    seed : int
        Of every random choice.

    Returns
    -------
    PBox

    Raises
    ------
    ValueError
        If no input, or every one, is lack of knowledge; if an input of one kind depends on one of the other; for a
        `coverage` outside (0, 1); for a threshold that is not finite, and more than `MOST_RUNS` runs; if no run works
        at some point.
    KeyError
        For unknown names.

    References
    ----------
    Ferson et al. (2003), SAND2002-4015; Helton (1997), doi:10.1080/00949659708811803.

    Examples
    --------
    >>> from uq.core.distributions import Normal, Uniform
    >>> from uq.core.problem import Input, Output
    >>> inputs = Input("known_to_a_range", "1", Uniform(-1.0, 1.0)), Input("scatter", "1", Normal(0.0, 1.0))
    >>> total = Problem(inputs, (Output("y"),), lambda c: {"y": c["known_to_a_range"] + c["scatter"]})
    >>> box = p_box(total, "y", epistemic=["known_to_a_range"])
    >>> [round(e.value, 1) for e in box.mean], [round(e.value, 1) for e in box.chance]
    ([-0.9, 0.9], [0.2, 0.8])
    """
    require_confidence(confidence)
    check_probability("coverage", coverage)
    if not np.isfinite(threshold):
        raise ValueError(f"the threshold of {output!r} is {threshold:g}; give a finite number")
    if points * samples > MOST_RUNS:
        raise ValueError(f"{points} points of {samples} runs are more than {MOST_RUNS:g} runs; give fewer")
    if isinstance(source, Problem):
        problem = source
    else:
        require_surrogate(source)
        problem = source.problem
    problem.output_index(output)
    held = sorted({problem.index(name) for name in epistemic})
    free = [j for j in range(problem.dimension) if j not in held]
    _check_layers(problem, held, free)
    design = sobol_sequence(points, len(held), seed=seed).unit
    design = 0.5 * (1.0 - coverage) + coverage * design
    scatter = scrambles(samples, len(free), seed=seed + 1, replicates=_REPLICATES).unit
    k = float(special.ndtri(0.5 + 0.5 * confidence)) if isinstance(source, Surrogate) else 0.0

    y, error = _nested(source, problem, output, design, scatter, held, free)
    trend = _trend(design, np.nanmean(y, axis=1))
    ends = 0.5 + 0.5 * coverage * np.stack([-np.sign(trend), np.sign(trend)])
    corner, corner_error = _nested(source, problem, output, ends, scatter, held, free)
    y, error = np.concatenate([y, corner]), np.concatenate([error, corner_error])
    good = np.isfinite(y)
    if not good.any(axis=1).all():
        raise ValueError("no run works at some state of knowledge; narrow its range by a smaller coverage")
    centre = np.full((points + 2, problem.dimension), 0.5)
    centre[:, held] = np.concatenate([design, ends])
    known = problem.physical(centre)[:, held]
    means = np.nanmean(y, axis=1)
    chances = (y > threshold).sum(axis=1) / good.sum(axis=1)
    values = np.linspace(np.nanmin(y), np.nanmax(y), LEVELS)
    ordered = [np.sort(row[np.isfinite(row)]) for row in y]
    family = np.stack([np.searchsorted(row, values, side="right") / len(row) for row in ordered])

    # the mean decides between points of one chance: many have none, or all
    order = np.lexsort((means, chances))
    epistemic = [problem.input_names[j] for j in held]

    def mean_at(i: int) -> Estimate:
        bias = k * float(np.nanmean(error[i]))
        return _estimate(y[i], bias, bias, confidence)

    def chance_at(i: int) -> Estimate:
        below, above = (np.mean(y[i][good[i]] + s * k * error[i][good[i]] > threshold) for s in (-1.0, 1.0))
        beyond = np.where(good[i], (y[i] > threshold).astype(np.float64), np.nan)
        wide = _estimate(beyond, float(chances[i] - below), float(above - chances[i]), confidence)
        return Estimate(wide.value, max(wide.low, 0.0), min(wide.high, 1.0), confidence)

    return PBox(
        output,
        problem.outputs[problem.output_index(output)].unit,
        float(threshold),
        tuple(epistemic),
        tuple(problem.input_names[j] for j in free),
        coverage,
        values,
        family.min(axis=0),
        family.max(axis=0),
        (mean_at(int(means.argmin())), mean_at(int(means.argmax()))),
        (chance_at(order[0]), chance_at(order[-1])),
        (_named(epistemic, known[order[0]]), _named(epistemic, known[order[-1]])),
        chances[:points],
        means[:points],
        samples,
        int((~good).sum()),
    )


def _named(names: Sequence[str], values: FloatArray) -> dict[str, float]:
    return dict(zip(names, map(float, values), strict=True))


def _check_layers(problem: Problem, held: list[int], free: list[int]) -> None:
    if not held or not free:
        which = "no input" if not held else "every input"
        raise ValueError(
            f"{which} is lack of knowledge: there is no second layer; name some inputs as epistemic, and leave others, "
            "or ask uq.propagate"
        )
    across = ties(problem)[np.ix_(held, free)]
    if across.any():
        i, j = np.argwhere(across)[0]
        one, other = problem.input_names[held[i]], problem.input_names[free[j]]
        raise ValueError(
            f"{one!r}, lack of knowledge, and {other!r}, scatter, depend on each other; put both on one side"
        )


def _nested(
    source: Problem | Surrogate,
    problem: Problem,
    output: str,
    design: FloatArray,
    scatter: FloatArray,
    held: list[int],
    free: list[int],
) -> tuple[FloatArray, FloatArray]:
    """Outputs (points, samples) and the standard deviations of a surrogate's error; NaN for a run that failed."""
    unit = np.empty((len(design) * len(scatter), problem.dimension))
    unit[:, held] = np.repeat(design, len(scatter), axis=0)
    unit[:, free] = np.tile(scatter, (len(design), 1))
    column = problem.output_index(output)
    y, error = np.empty(len(unit)), np.zeros(len(unit))
    for start in range(0, len(unit), _AT_ONCE):
        block = slice(start, start + _AT_ONCE)
        x = problem.physical(unit[block])
        if isinstance(source, Problem):
            data = evaluate(source, x)
            y[block] = np.where(data.feasible, data.y[:, column], np.nan)
        else:
            predicted = source.predict(x)
            y[block], error[block] = predicted.mean[:, column], predicted.std[:, column]
    shape = len(design), len(scatter)
    return y.reshape(shape), error.reshape(shape)


def _trend(design: FloatArray, means: FloatArray) -> FloatArray:
    """Slopes (d,) of the mean over the germs of the epistemic inputs: to which corner it rises."""
    known = np.isfinite(means)
    z = special.ndtri(np.clip(design, SMALLEST_PROBABILITY, 1.0 - SMALLEST_PROBABILITY))[known]
    columns = np.column_stack([np.ones(len(z)), z])
    return np.asarray(np.linalg.lstsq(columns, means[known], rcond=None)[0][1:])


def _estimate(values: FloatArray, down: float, up: float, confidence: float) -> Estimate:
    """Mean of the scatter (samples,), with the spread of its replicates and the bias of a surrogate on either side."""
    mean = float(np.nanmean(values))
    groups = values.reshape(_REPLICATES, -1)
    worked = np.isfinite(groups).any(axis=1)
    errors = np.array([np.nanmean(g) for g in groups[worked]]) - mean
    half = student(errors, confidence) if len(errors) > 1 else np.nan
    return Estimate(mean, mean - down - half, mean + up + half, confidence)
