"""What one unit of each requirement is worth: in the mean, in a quantile, and in compliance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.estimate import Estimate, check_probability
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.probability import passing, share
from uq.requirements.question import Question
from uq.requirements.shared_sample import Rows, Sample
from uq.requirements.types import Limit, Verified, asked, check_kind, suffix, tabled
from uq.surrogates.evaluate import COMMON

BATCHES = 16

NOMINAL = (0.1587, 0.8413)
"""The nominal rate spans one standard deviation to either side of the median (as levels of the prior law)."""


@dataclass(frozen=True)
class Rate:
    """Change of an output's mean and quantile and of compliance per `per` units of one input, about `at`,
    as the chord between two verified values."""

    input: str
    """Name of the input."""
    unit: str
    """Of the input."""
    per: float
    at: float
    span: tuple[float, float]
    """The two values that are compared."""
    nominal: bool
    """Whether they lie about the nominal point, or are the ends of the range."""
    mean: Estimate
    """Change of the output's mean, in its unit."""
    quantile: Estimate
    """Change of the output's quantile, in its unit."""
    compliance: Estimate | None
    """Change of the compliance; None where no limits were given."""


@dataclass(frozen=True)
class ExchangeRates(Tabled):
    """Exchange rates of several inputs in one output: at the nominal point and over the range of each."""

    output: str
    """Name of the output."""
    unit: str
    """Of the output."""
    level: float
    """Of the quantile, between 0 and 1."""
    rates: tuple[Rate, ...]
    """Of the inputs, nominal and over their ranges."""
    confidence: float
    """Of the intervals, between 0 and 1."""
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    def nominal(self, name: str) -> Rate:
        """The nominal rate of input `name`."""
        return next(r for r in self.rates if r.nominal and r.input == name)

    def table(self) -> Table:
        """The result as a table."""
        header = [
            "input",
            "per",
            "about",
            f"mean{suffix(self.unit)}",
            f"{self.level:.0%} quantile",
            "compliance",
        ]
        rows = [
            [
                r.input if r.nominal else f"  {r.input}",
                f"{r.per:g}{suffix(r.unit)}",
                f"{r.at:.5g}{' (nominal)' if r.nominal else ''}",
                str(r.mean),
                str(r.quantile),
                "" if r.compliance is None else str(r.compliance),
            ]
            for r in self.rates
        ]
        return tabled(f"Exchange rates of {self.output}{asked(self.mode)}", header, rows)


@one_thread()
def exchange_rates(
    question: Question,
    output: str,
    *,
    inputs: Sequence[str],
    per: Mapping[str, float] | None = None,
    level: float = 0.95,
    designs: Mapping[str, str] | None = None,
    spans: Mapping[str, tuple[float, float]] | None = None,
    steps: int = 4,
    rows: int = 2048,
) -> ExchangeRates:
    """What one unit of each input is worth in the mean and a quantile of an output, and in compliance.

        d E[Y | X_j = r] / dr,   d q_level[Y | X_j = r] / dr,   d P(limits met | X_j = r) / dr

    Chords between verified values on the same germs: the nominal one over one standard deviation to either side
    of the median (exact for a quadratic), then `steps` over the 5 % to 95 % range. Inputs that depend on X_j
    follow it. Failed rows leave mean and quantile, and count as failures of compliance. Intervals: spread over 16
    batches (sectioning), and the surrogate's common error (`COMMON`) at both ends, taken as independent of each other.

    Parameters
    ----------
    question : Question
        Sample, confidence, what is given, and the limits (none: no rates of compliance).
    output : str
        Y.
    inputs : sequence of str
        Each X_j.
    per : mapping of str to float, optional
        Units of each input that its rate is given for (0.01: one point of efficiency); one by default.
    level : float
        Of the quantile.
    designs : mapping of str to str, optional
        Input -> design input that is sized at its verified value.
    spans : mapping of str to (float, float), optional
        Ends of the chord for inputs whose law is no guide (design inputs: what a programme chooses); they have no
        others.
    steps : int
        Chords over the range of each input.
    rows : int
        Points of the sample that are moved for each verified value.

    Returns
    -------
    ExchangeRates
        The nominal rate of each input, and its rates over the range.

    Raises
    ------
    KeyError
        For unknown names.
    ValueError
        For contradictory requirements, and for a nominal chord without length (the law of an input with few values
        may have both ends on one: give `spans`).

    References
    ----------
    Asmussen & Glynn (2007), Stochastic Simulation, III.5 (sectioning).
    """
    check_kind(question, Question, "a Question(sample, limits)")
    check_probability("level", level)
    sample, limits, given, confidence = question.sample, question.limits, question.given, question.confidence
    column = sample.problem.output_index(output)
    found = []
    for name in inputs:
        law = sample.problem.inputs[sample.problem.index(name)].distribution
        span = (spans or {}).get(name)
        points = np.array(span or [*law.ppf(NOMINAL), *law.ppf(np.linspace(0.05, 0.95, steps + 1))])
        if points[0] == points[1]:
            raise ValueError(
                f"both ends of the chord of {name!r} lie on one value of its law; give `spans` for it"
            )
        chords = [(0, 1), *[(k, k + 1) for k in range(2, len(points) - 1) if points[k] != points[k + 1]]]
        scale = (per or {}).get(name, 1.0)
        design = (designs or {}).get(name, "")
        verified = [(*given, Verified(name, float(v), 0.0, design)) for v in points]
        statistics = [
            _statistics(moved, column, sample, limits, level) for moved in sample.moved_each(verified, rows)
        ]
        for a, b in chords:
            step = (points[b] - points[a]) / scale
            mean, quantile, passed = (
                _chord(statistics[a][s], statistics[b][s], step, confidence) for s in range(3)
            )
            found.append(
                Rate(
                    input=name,
                    unit=sample.units[name],
                    per=scale,
                    at=float(law.ppf(0.5))
                    if a == 0 and span is None
                    else float(0.5 * (points[a] + points[b])),
                    span=(float(points[a]), float(points[b])),
                    nominal=a == 0,
                    mean=mean,
                    quantile=quantile,
                    compliance=passed if limits else None,
                )
            )
    return ExchangeRates(output, sample.units[output], level, tuple(found), confidence, sample.mode)


Statistics = tuple[float, FloatArray, float]
"""A statistic, the same over each batch, and the surrogate's standard error of it."""


def _statistics(
    rows: Rows, column: int, sample: Sample, limits: Sequence[Limit], level: float
) -> tuple[Statistics, Statistics, Statistics]:
    y, good = rows.mean[:, column], rows.feasible > 0.5
    weight = np.where(good & np.isfinite(y), rows.weight, 0.0)
    y = np.where(np.isfinite(y), y, 0.0)
    std = np.where(np.isfinite(rows.std[:, column]), rows.std[:, column], 0.0)
    error = COMMON * float(weight @ std / weight.sum())
    blocks = np.array_split(np.arange(len(y)), BATCHES)

    def over(statistic: Callable[[FloatArray, FloatArray], float]) -> tuple[float, FloatArray]:
        return float(statistic(y, weight)), np.array([statistic(y[b], weight[b]) for b in blocks])

    mean = (*over(lambda v, w: v @ w / w.sum()), error)
    tail = (*over(lambda v, w: weighted_quantile(v, w, level)), error)
    if not limits:
        return mean, tail, (0.0, np.zeros(BATCHES), 0.0)
    tally = passing(rows, limits, sample.problem)
    shift = 0.5 * np.diff((rows.weight @ tally[:, 1 + len(limits) :]).reshape(-1, 2), axis=1)
    passed = np.array([tally[b, 0] @ rows.weight[b] / rows.weight[b].sum() for b in blocks])
    return mean, tail, (float(tally[:, 0] @ rows.weight), passed, COMMON * float(np.sqrt(np.sum(shift**2))))


def _chord(start: Statistics, end: Statistics, step: float, confidence: float) -> Estimate:
    slope = (end[0] - start[0]) / step
    batch = (end[1] - start[1]) / step
    sampling = float(np.std(batch - slope)) / np.sqrt(BATCHES - 1)
    surrogate = float(np.hypot(start[2], end[2])) / abs(step)
    level = 0.5 * (1.0 + confidence)
    half = float(np.hypot(special.stdtrit(BATCHES - 1, level) * sampling, special.ndtri(level) * surrogate))
    half += 1e-9 * abs(float(slope))  # a linear model leaves nothing but rounding
    return Estimate(float(slope), float(slope) - half, float(slope) + half, confidence)


def weighted_quantile(y: FloatArray, weight: FloatArray, level: float) -> float:
    """The value below which the share `level` of the weight lies: linear between the mid-points of the steps.

    Parameters
    ----------
    y : ndarray (n,)
        Values.
    weight : ndarray (n,)
        Not negative; any sum.
    level : float
        Share, 0 to 1.

    Returns
    -------
    float
        In the unit of y.
    """
    order = np.argsort(y)
    steps = np.cumsum(weight[order])
    return float(np.interp(level * steps[-1], steps - 0.5 * weight[order], y[order]))


@dataclass(frozen=True)
class LimitRate:
    """Compliance gained by relaxing one bound of one limit by `per` units."""

    limit: str
    """In words."""
    unit: str
    """Of the limit."""
    per: float
    compliance: Estimate
    """Gained, as a probability."""


@dataclass(frozen=True)
class LimitRates(Tabled):
    """What relaxing each limit is worth."""

    rates: tuple[LimitRate, ...]
    """One for each bound."""
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    def table(self) -> Table:
        """The result as a table."""
        rows = [[r.limit, f"{r.per:g}{suffix(r.unit)}", str(r.compliance)] for r in self.rates]
        return tabled(
            f"Worth of relaxing a limit{asked(self.mode)}", ["limit", "by", "compliance gained"], rows
        )


@one_thread()
def limit_rates(question: Question, *, per: Mapping[str, float] | None = None) -> LimitRates:
    """P(all limits met) gained by relaxing each bound, the others as they are.

    A difference, not a derivative: a limit that is far from binding is worth nothing.  Interval: Wilson's of the
    rows that change sides, widened by those that the surrogate's common error would move.

    Parameters
    ----------
    question : Question
        Sample, limits, confidence, and what is given.
    per : mapping of str to float, optional
        By how much the bounds on each output are relaxed, in its unit; one by default.

    Returns
    -------
    LimitRates
        One rate for each bound.

    Raises
    ------
    ValueError
        For no limit, or contradictory requirements.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    question.require_limits()
    sample, limits, confidence = question.sample, question.limits, question.confidence
    rows = question.rows
    before = passing(rows, limits, sample.problem)
    found = []
    for k, limit in enumerate(limits):
        step = (per or {}).get(limit.output, 1.0)
        for low, high in ((limit.low - step, limit.high), (limit.low, limit.high + step)):
            if (low, high) == (limit.low, limit.high):
                continue
            eased = [*limits[:k], Limit(limit.output, low=low, high=high), *limits[k + 1 :]]
            tally = passing(rows, eased, sample.problem) - before
            gained, _ = share(rows.weight, tally, len(limits), confidence)
            found.append(LimitRate(limit.text(sample.units), sample.units[limit.output], step, gained))
    return LimitRates(tuple(found), sample.mode)
