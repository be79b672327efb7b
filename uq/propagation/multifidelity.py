"""The mean of a dear model from few of its runs and many of cheaper ones, without bias.

Pilot runs of all models on the same points give their covariance, and with it the runs of every group of models
(`uq.propagation.run_allocation`).  The estimate is made from runs that the pilot did not see: its weights are then
constants, so that it is unbiased whatever they are, and its variance is that of independent groups::

    mean = sum_k n_k (mean of weights_k' y_k),    variance = sum_k n_k s_k^2,    s_k^2 = Var(weights_k' y_k)

Its interval is Student's with the degrees of freedom of Welch and Satterthwaite, reaching further to the side to which
the estimate is skewed (Hall's transformation); a note warns of a tail of which the runs show too little.  Sources: see
`run_allocation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import skewed_reach, tail_note
from uq.core.estimate import CONFIDENCE, SEED, Estimate, require_confidence
from uq.core.model import answered, collect
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled, header, words
from uq.core.text import check_line
from uq.propagation.run_allocation import RunAllocation, allocate_runs
from uq.surrogates.base import Surrogate

PILOT = 64
_ROWS = 2**16
"""Rows at a time, to bound memory."""
MOST_RUNS = 10**9
"""Of one model: their outputs are held in memory."""
MOST_FAILED = 0.01
"""Share of failed runs, above which "given that the models work" is another question."""
TAIL = "the mean and its interval may be too small"
FEWEST_PILOT = 16
"""Runs of each model from which a covariance is learned, at least."""


@dataclass(frozen=True)
class Fidelity:
    """One of several models of the same quantity.

    Parameters
    ----------
    name : str
        In tables; one printable line.
    model : Problem or Surrogate
        With the output that is asked about; its inputs are among those of the first fidelity.
    cost : float
        Of one run, in the unit of the budget.
    """

    name: str
    model: Problem | Surrogate
    cost: float

    def __post_init__(self) -> None:
        check_line(self.name, "the name of a fidelity")
        if not (np.isfinite(self.cost) and self.cost > 0.0):
            raise ValueError(f"a run of {self.name!r} costs {self.cost:g}; a cost is positive and finite")


@dataclass(frozen=True)
class MultifidelityMean(Tabled):
    """A mean from several fidelities, with the runs it took."""

    output: str
    """Its name."""
    unit: str
    """Of the estimate."""
    estimate: Estimate
    """The mean with its interval."""
    names: tuple[str, ...]
    """Of the models, the one that is asked about first."""
    costs: FloatArray
    """(k,) of a run of each model, in any one unit."""
    correlations: FloatArray
    """(k, k) of the models' outputs, from the pilot."""
    allocation: RunAllocation
    """Runs of each group of models."""
    pilot: int
    """Runs of every model, by which the allocation was chosen."""
    failed: int
    """Points left out because a model failed there: the mean holds given that they work."""
    variance: float
    """Of the estimate, in the unit squared."""
    monte_carlo_variance: float
    """Of the mean of runs of the first model alone, at the cost of everything here, the pilot included."""
    notes: tuple[str, ...] = ()
    """Of tails that the runs hardly show."""

    @property
    def variance_ratio(self) -> float:
        """Variance over that of plain Monte Carlo at equal cost."""
        return self.variance / self.monte_carlo_variance

    def table(self) -> Table:
        """Each model with its cost, its correlation with the first, and its runs."""
        rows = tuple(
            (
                name,
                float(self.costs[k] / self.costs[0]),
                float(self.correlations[0, k]),
                float(self.allocation.runs_of(k)),
            )
            for k, name in enumerate(self.names)
        )
        return Table(
            "fidelities",
            f"Mean of {self.output}: {words(self.estimate)} {self.unit}".rstrip(),
            header("model | cost of a run | correlation with the first | runs"),
            rows,
            (
                f"{self.pilot} runs of every model before, to learn their covariance; they are paid for and not used "
                "again, so that the mean has no bias.",
                *(
                    [
                        f"{self.failed} points failed and are left out: the mean holds given that the models work."
                    ]
                    if self.failed
                    else []
                ),
                *self.notes,
                f"Variance {self.variance_ratio:.2g} of that of the first model alone at equal cost.",
            ),
        )


@one_thread()
def multifidelity_mean(
    fidelities: Sequence[Fidelity],
    output: str,
    *,
    budget: float,
    pilot: int = PILOT,
    seed: int = SEED,
    confidence: float = CONFIDENCE,
) -> MultifidelityMean:
    """The mean of an output of the first fidelity, from runs of all.

    Parameters
    ----------
    fidelities : sequence of Fidelity
        The model whose mean is wanted, then cheaper ones in any order; the laws of the inputs are the first one's.
    output : str
        That all of them have.
    budget : float
        What all runs may cost together, the pilot included, in the unit of the fidelities' costs.
    pilot : int
        Runs of every model from which their covariance is learned.
    seed : int
        Of every random draw.
    confidence : float
        Of the interval.

    Returns
    -------
    MultifidelityMean

    Raises
    ------
    ValueError
        For fidelities that disagree in inputs or output, more than 1 % failed points, a pilot of fewer than 16 runs, or
        a budget that does not pay for the pilot and some runs more, or that pays for more than `MOST_RUNS`.

    References
    ----------
    Schaden & Ullmann (2020), doi:10.1137/19M1263534.

    Examples
    --------
    >>> from uq.core.distributions import Uniform
    >>> from uq.core.problem import Input, Output
    >>> def power(k):
    ...     return Problem((Input("x", "1", Uniform(0.0, 1.0)),), (Output("y", "1"),), lambda c: {"y": c["x"] ** k})
    >>> found = multifidelity_mean(
    ...     [Fidelity("x^5", power(5), 1.0), Fidelity("x^4", power(4), 0.01)], "y", budget=1000.0
    ... )
    >>> found.estimate.holds(1.0 / 6.0), bool(found.variance_ratio < 0.2)
    (True, True)
    """
    require_confidence(confidence)
    first, columns = _checked(fidelities, output)
    if pilot < FEWEST_PILOT:
        raise ValueError(f"a pilot of {pilot} runs tells no covariance; give {FEWEST_PILOT} or more")
    costs = np.array([one.cost for one in fidelities], dtype=np.float64)
    left = budget - pilot * float(costs.sum())
    if not left > 0.0:
        raise ValueError(
            f"a budget of {budget:g} does not pay for {pilot} pilot runs of every model, which cost "
            f"{pilot * costs.sum():g}; give more, or a smaller pilot"
        )
    if MOST_RUNS * float(costs.min()) < left < np.inf:
        raise ValueError(
            f"a budget of {budget:g} pays for more than {MOST_RUNS:g} runs of the cheapest model; give less"
        )
    random = np.random.default_rng(seed)

    failures = []

    def run(group: Sequence[int], n: int) -> FloatArray:
        x = first.physical(random.random((n, first.dimension)))
        y = np.column_stack([_output(fidelities[k], output, x[:, columns[k]]) for k in group])
        good = np.isfinite(y).all(axis=1)
        failures.append(n - int(good.sum()))
        if failures[-1] > max(1.0, MOST_FAILED * n):
            worst = fidelities[group[int(np.argmin(np.isfinite(y).sum(axis=0)))]].name
            raise ValueError(
                f"{failures[-1]} of {n} points failed, most of them by {worst!r}: the fidelities must work where the "
                "inputs' laws lead; narrow the laws"
            )
        return y[good]

    learned = run(range(len(fidelities)), pilot)
    covariance = np.atleast_2d(np.cov(learned, rowvar=False))
    if not (np.diag(covariance) > 0.0).all():
        still = fidelities[int(np.argmin(np.diag(covariance)))].name
        raise ValueError(
            f"{output!r} of {still!r} does not vary over the pilot: it tells nothing of the others"
        )
    allocation = allocate_runs(covariance, costs, left)

    centre = learned.mean(axis=0)  # large means would multiply what rounding leaves of weights that cancel
    mean, third, parts, freedom, spread = 0.0, 0.0, [], [], [learned[:, 0]]
    largest = (0.0, 0)
    for group, n, weight in zip(allocation.groups, allocation.runs, allocation.weights, strict=True):
        blocks = []
        for start in range(0, int(n), _ROWS):
            y = run(group, min(_ROWS, int(n) - start))
            blocks.append((y - centre[list(group)]) @ weight)
            if group[0] == 0:
                spread.append(y[:, 0])
        values = np.concatenate(blocks)
        if len(values) < 2:
            raise ValueError(
                f"{len(values)} of {int(n)} runs of {' and '.join(repr(fidelities[k].name) for k in group)} worked: "
                "they have no variance; give a larger budget"
            )
        mean += float(n * values.mean())
        parts.append(n * n / len(values) * float(values.var(ddof=1)))
        deviations = values - values.mean()
        third += n * (n / len(values)) ** 2 * float(np.mean(deviations**3))
        largest = max(largest, ((n / len(values)) ** 2 * float((deviations**2).max()), len(values)))
        freedom.append(len(values) - 1)
    variance = float(sum(parts))
    degrees = variance**2 / sum(p * p / f for p, f in zip(parts, freedom, strict=True)) if variance else 1.0
    error = variance**0.5
    half = float(special.stdtrit(degrees, 0.5 + 0.5 * confidence))
    below, above = skewed_reach(half, third / error**3 if error else 0.0)
    return MultifidelityMean(
        output,
        first.outputs[first.output_index(output)].unit,
        Estimate(
            float(centre[0]) + mean,
            float(centre[0]) + mean - error * below,
            float(centre[0]) + mean + error * above,
            confidence,
        ),
        tuple(one.name for one in fidelities),
        costs,
        np.atleast_2d(np.asarray(np.corrcoef(learned, rowvar=False))),
        allocation,
        pilot,
        sum(failures),
        variance,
        float(np.concatenate(spread).var(ddof=1)) * costs[0] / (allocation.cost + budget - left),
        tail_note(largest[0], variance, largest[1], TAIL),
    )


def _checked(fidelities: Sequence[Fidelity], output: str) -> tuple[Problem, list[list[int]]]:
    """The problem of the first model, and for each model the columns of its inputs there."""
    if not fidelities:
        raise ValueError("no fidelity is given; the first is the model whose mean is wanted")
    names = [one.name for one in fidelities]
    if len(set(names)) < len(names):
        raise ValueError(f"two fidelities have one name: {names}")
    first = _problem(fidelities[0])
    columns = []
    for one in fidelities:
        problem = _problem(one)
        strange = [n for n in problem.input_names if n not in first.input_names]
        if strange:
            raise ValueError(
                f"{one.name!r} needs the input {strange[0]!r}, which {names[0]!r} does not have: they must share inputs"
            )
        for mine in problem.inputs:
            unit = first.inputs[first.index(mine.name)].unit
            if mine.unit != unit:
                raise ValueError(
                    f"{one.name!r} takes {mine.name!r} in {mine.unit!r}, {names[0]!r} in {unit!r}: they must "
                    "share inputs"
                )
        if output not in problem.output_names:
            raise ValueError(
                f"{one.name!r} has no output {output!r}; it has {', '.join(problem.output_names[:6])}"
            )
        columns.append([first.index(n) for n in problem.input_names])
    return first, columns


def _problem(one: Fidelity) -> Problem:
    return one.model.problem if isinstance(one.model, Surrogate) else one.model


def _output(one: Fidelity, output: str, x: FloatArray) -> FloatArray:
    """(n,) of one model, not finite where it failed."""
    problem = _problem(one)
    k = problem.output_index(output)
    if isinstance(one.model, Surrogate):
        return np.asarray(one.model.mean(x)[:, k])
    if problem.model is None:
        raise ValueError(f"the fidelity {one.name!r} has no model; use with_model")
    y, status = collect(
        answered(problem.model, problem.columns(x)), problem.output_names, len(x)
    )  # no row is run twice
    return np.where(status == 0, y[:, k], np.nan)
