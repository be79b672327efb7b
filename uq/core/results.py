"""What analyses answer: frozen results that print themselves, each number with its interval."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.estimate import CONFIDENCE, Estimate, estimates
from uq.core.table import Readable, Table, Tabled, header

Interval = tuple[float, float]

NEGLIGIBLE = 0.01
"""An index whose whole interval lies below this is distinguished from zero, but hardly matters."""


@dataclass(frozen=True)
class Indices(Tabled):
    """First-order and total indices of one output, all dimensionless.

    `first`, `total` (d,) estimates, as they came (an estimate below zero is shown, with its interval);
    `first_interval`, `total_interval` (d, 2) bounds at `confidence`; `inputs` names of the d inputs or groups;
    `runs` the model (or surrogate) runs behind them; `notes` what changes their meaning or trust; `learned_from` the
    training rows of the surrogate whose error the intervals include (zero: none).
    """

    output: str
    """Name of the output."""
    inputs: tuple[str, ...]
    first: FloatArray
    total: FloatArray
    first_interval: FloatArray
    total_interval: FloatArray
    confidence: float = CONFIDENCE
    runs: int = 0
    notes: tuple[str, ...] = ()
    learned_from: int = 0

    def __post_init__(self) -> None:
        d = len(self.inputs)
        for name, array, shape in (
            ("first", self.first, (d,)),
            ("total", self.total, (d,)),
            ("first_interval", self.first_interval, (d, 2)),
            ("total_interval", self.total_interval, (d, 2)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, expected {shape}")

    @property
    def estimates(self) -> dict[str, Estimate]:
        """By "first x" and "total x" of each input x."""
        first = estimates(self.first, self.first_interval, self.confidence)
        total = estimates(self.total, self.total_interval, self.confidence)
        return {f"first {name}": e for name, e in zip(self.inputs, first, strict=True)} | {
            f"total {name}": e for name, e in zip(self.inputs, total, strict=True)
        }

    def verdicts(self) -> tuple[str, ...]:
        """One plain sentence for each input, judged by its total index."""
        return tuple(
            f"{name}: {verdict(self.total[j], self.total_interval[j], self.runs, self.learned_from)}"
            for j, name in enumerate(self.inputs)
        )

    def __str__(self) -> str:
        head = f"{self.output} ({self.confidence:.0%} intervals, {self.runs} runs)"
        first, total = (self.first, self.first_interval), (self.total, self.total_interval)
        return "\n".join([head, *interval_rows(self.inputs, {"first ": first, "total ": total}), *self.notes])

    def table(self) -> Table:
        """The indices with their intervals, largest total first."""
        found = self.estimates
        order = np.argsort(-self.total, kind="stable")
        return Table(
            "indices",
            f"Sobol' indices of {self.output} ({self.confidence:.0%} intervals, {self.runs} runs)",
            header("input | first-order | total"),
            tuple(
                (self.inputs[j], found[f"first {self.inputs[j]}"], found[f"total {self.inputs[j]}"])
                for j in order
            ),
            self.notes,
        )


@dataclass(frozen=True)
class Interactions(Readable):
    """Second-order indices of one output: `second` (d, d) symmetric with zero diagonal, `interval` (d, d, 2)."""

    output: str
    """Name of the output."""
    inputs: tuple[str, ...]
    """Names, in the order of the columns."""
    second: FloatArray
    interval: FloatArray
    confidence: float = CONFIDENCE
    """Of the intervals, between 0 and 1."""
    runs: int = 0
    """Model runs behind the indices."""
    notes: tuple[str, ...] = ()
    """Sentences on what changes its meaning or trust."""
    learned_from: int = 0
    """Training rows of the surrogate whose error the intervals include; 0 for none."""

    @property
    def estimates(self) -> dict[str, Estimate]:
        """By "x1 x x2" of each pair of inputs."""
        pairs = list(itertools.combinations(range(len(self.inputs)), 2))
        values = np.array([self.second[p] for p in pairs])
        intervals = np.array([self.interval[p] for p in pairs]).reshape(-1, 2)
        names = [f"{self.inputs[j]} x {self.inputs[k]}" for j, k in pairs]
        return dict(zip(names, estimates(values, intervals, self.confidence), strict=True))

    def __str__(self) -> str:
        head = f"{self.output}: interactions ({self.confidence:.0%} intervals, {self.runs} runs)"
        pairs = itertools.combinations(range(len(self.inputs)), 2)
        order = sorted(pairs, key=lambda p: -self.second[p])
        rows = [
            f"{self.inputs[j]} x {self.inputs[k]}: "
            f"{verdict(self.second[j, k], self.interval[j, k], self.runs, self.learned_from)}"
            for j, k in order
        ]
        return "\n".join([head, *rows, *self.notes])


def interval_rows(names: Sequence[str], columns: Mapping[str, tuple[FloatArray, FloatArray]]) -> list[str]:
    """A line for each of d names: of every column its label, estimates (d,) and intervals (d, 2).

    Parameters
    ----------
    names : sequence of str
        d names, one a line.
    columns : Mapping[str, tuple[FloatArray, FloatArray]]
        By label: estimates (d,) and intervals (d, 2)

    Returns
    -------
    list of str
        Aligned.

    Examples
    --------
    >>> interval_rows(["x1", "a"], {"first ": (np.array([0.5, 0.25]), np.array([[0.4, 0.6], [0.2, 0.3]]))})
    ['x1  first  0.5000 [ 0.4000,  0.6000]', 'a   first  0.2500 [ 0.2000,  0.3000]']
    """
    width = max(len(name) for name in names)
    return [
        f"{name:{width}s}"
        + "".join(
            f"  {label}{value[j]:7.4f} [{interval[j, 0]:7.4f}, {interval[j, 1]:7.4f}]"
            for label, (value, interval) in columns.items()
        )
        for j, name in enumerate(names)
    ]


def verdict(estimate: float, interval: FloatArray, runs: int, learned_from: int = 0) -> str:
    """An index in words: how much it matters, or what would distinguish it from zero.

    An interval that holds zero shrinks below the estimate after about runs * (half-width / estimate)^2 runs: the
    Monte Carlo rate, on which quasi-random plans improve.  The error of a surrogate does not shrink with its runs but
    with the rows `learned_from` (zero: no surrogate's error is in the interval).

    Parameters
    ----------
    estimate : float
        Of the index.
    interval : ndarray (2,)
        Its ends.
    runs : int
        Evaluations of the model.
    learned_from : int, default 0
        Rows that a surrogate was fitted to; zero where no surrogate's error is in the interval.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> verdict(0.12, np.array([0.11, 0.13]), 4096)
    'matters: 12 +- 1 %'
    >>> verdict(0.002, np.array([0.001, 0.003]), 4096)
    'hardly matters: 0.2 +- 0.1 %'
    >>> verdict(0.01, np.array([-0.01, 0.03]), 1000)
    'cannot be distinguished from zero (0.01, at most 0.03); about 3,000 more runs would'
    >>> verdict(0.01, np.array([-0.01, 0.03]), 1000, learned_from=60)
    'cannot be distinguished from zero (0.01, at most 0.03); a surrogate of more than 60 rows might'
    """
    low, high = float(interval[0]), float(interval[1])
    half = 0.5 * (high - low)
    if low > 0.0:
        word = "matters" if high >= NEGLIGIBLE else "hardly matters"
        return f"{word}: {100 * estimate:.3g} +- {100 * half:.2g} %"
    words = f"cannot be distinguished from zero ({estimate:.2g}, at most {max(high, 0.0):.2g})"
    if learned_from:
        return f"{words}; a surrogate of more than {learned_from} rows might"
    more = runs * ((half / estimate) ** 2 - 1.0) if estimate > 0.0 else 0.0
    return f"{words}; about {float(f'{more:.1g}'):,.0f} more runs would" if 0.0 < more < 1e12 else words


@dataclass(frozen=True)
class Summary(Tabled):
    """The law of one output: `mean`, `std`, `quantiles` {probability: value}, `exceedance` {threshold: probability}.

    `intervals` at `confidence` are named "mean", "std", "quantile 0.95", "above 100".  Of `samples`, `failed` rows
    have no output; they are left out, so that all holds given that the model works.
    """

    output: str
    """Name of the output."""
    mean: float
    std: float
    quantiles: Mapping[float, float]
    intervals: Mapping[str, Interval]
    exceedance: Mapping[float, float] = field(default_factory=dict)
    confidence: float = CONFIDENCE
    samples: int = 0
    failed: int = 0
    notes: tuple[str, ...] = ()
    """Sentences on what changes its meaning or trust."""

    def __str__(self) -> str:
        lines = [
            f"{name:16s} {value:12.6g} [{low:.6g}, {high:.6g}]"
            for name, value in self._values().items()
            for low, high in [self.intervals[name]]
        ]
        return "\n".join([self._head, *lines, *self.notes])

    def table(self) -> Table:
        """Each statistic with its interval."""
        rows = tuple(self.estimates.items())
        return Table("summary", self._head, header("statistic | value"), rows, self.notes)

    @property
    def estimates(self) -> dict[str, Estimate]:
        """By the name of each statistic: "mean", "std", "quantile 0.95", "above 100"."""
        return {
            name: Estimate(value, *self.intervals[name], self.confidence)
            for name, value in self._values().items()
        }

    @property
    def _head(self) -> str:
        return (
            f"{self.output} ({self.confidence:.0%} intervals, {self.samples} samples, {self.failed} failed)"
        )

    def _values(self) -> dict[str, float]:
        """Every statistic by the name of its interval."""
        rows = {"mean": self.mean, "std": self.std}
        rows |= {quantile_name(p): q for p, q in self.quantiles.items()}
        return rows | {above_name(t): p for t, p in self.exceedance.items()}


def quantile_name(probability: float) -> str:
    """The key of a quantile's interval.

    Parameters
    ----------
    probability : float
        Of the quantile, between 0 and 1.

    Returns
    -------
    str
        Such as "quantile 0.95".
    """
    return f"quantile {_digits(probability)}"


def above_name(threshold: float) -> str:
    """The key of an exceedance probability's interval.

    Parameters
    ----------
    threshold : float
        In the output's unit.

    Returns
    -------
    str
        Such as "above 300".
    """
    return f"above {_digits(threshold)}"


def _digits(number: float) -> str:
    """As few digits as tell a number from every other.

    >>> _digits(0.95), _digits(100.0), _digits(1e12 + 0.1)
    ('0.95', '100', '1000000000000.1')
    """
    return f"{number:g}" if float(f"{number:g}") == number else repr(float(number))


@dataclass(frozen=True)
class FailureProbability:
    """A failure probability by one method: `variation` is its coefficient of variation (NaN where it has none).

    `unknown` is the probability of the inputs at which the model failed to run, as far as the method met them: they
    count neither as failures of the limit nor as successes.
    """

    method: str
    """Name of the method."""
    probability: float
    """Of failure, 0 to 1."""
    variation: float
    runs: int
    """Of the model, for this method."""
    trusted: bool
    """Whether the method's own checks hold."""
    why: str
    """It is trusted or not, in words."""
    unknown: float = 0.0

    @property
    def error(self) -> float:
        """Standard error of the probability."""
        return self.probability * self.variation


@dataclass(frozen=True)
class Rare(Readable):
    """Probability of failure, `interval` at `confidence`, `variation` (coefficient of), all model `runs`.

    `method` gave the answer; `trusted` says whether its own checks hold, `tried` every method in its order, with why
    it was or was not believed.  Both `interval` and `trusted` hold for the regions of failure that were met: one that
    no run met is in neither.  The `why` of response surface and active learning tells their reach, how probable a
    further region must be for their draws to have met it (95 %); the other methods know no such bound.

    `failed_runs` counts the runs in which the model gave no answer.  `design_points` (k, d) are the likeliest ways to
    fail in independent standard normal germs, nearest first; `importance` (d,) the shares alpha^2 of the `inputs` in
    the variance of the margin made linear at the first, which sum to one (NaN without a design point).  Of dependent
    inputs an earlier one takes what it shares with a later one.  `dependence` (d,) are shares in the target HSIC, how
    far failure moves the law of each input (`uq.reliability.failure_event`), over all regions and of any shape; NaN
    unless response surface or active learning gave the answer.
    """

    output: str
    """Name of the output, or of the system."""
    probability: float
    """Of failure."""
    variation: float
    interval: tuple[float, float]
    runs: int
    method: str
    trusted: bool
    tried: tuple[FailureProbability, ...]
    confidence: float = CONFIDENCE
    failed_runs: int = 0
    inputs: tuple[str, ...] = ()
    importance: FloatArray = field(default_factory=lambda: np.empty(0))
    design_points: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    dependence: FloatArray = field(default_factory=lambda: np.empty(0))

    @property
    def estimates(self) -> dict[str, Estimate]:
        """The "probability" of failure."""
        return {"probability": Estimate(self.probability, *self.interval, self.confidence)}

    def __str__(self) -> str:
        state = "" if self.trusted else "NOT TO BE TRUSTED: "
        low, high = self.interval
        head = (
            f"{state}{self.output} fails with probability {self.probability:.3g} [{low:.2g}, {high:.2g}] "
            f"({self.confidence:.0%}), by {self.method}, {self.runs} runs"
        )
        lines = [
            f"  {e.method}: {e.probability:.3g} +- {e.variation:.0%}, {e.runs} runs: "
            f"{'trusted' if e.trusted else 'not trusted'}, {e.why}"
            for e in self.tried
        ]
        if self.failed_runs:
            lines.append(f"  the model gave no answer in {self.failed_runs} of {self.runs} runs")
        if len(self.design_points):
            order = np.argsort(-self.importance)[:5]
            shares = ", ".join(f"{self.inputs[j]} {self.importance[j]:.0%}" for j in order)
            lines.append(f"  importance at the design point: {shares}")
        if len(self.dependence) and np.isfinite(self.dependence).all():
            order = np.argsort(-self.dependence)[:5]
            shares = ", ".join(f"{self.inputs[j]} {self.dependence[j]:.0%}" for j in order)
            lines.append(f"  dependence of failure (target HSIC): {shares}")
        return "\n".join([head, *lines])
