"""What fixed designs comply with under any set of requirements: many sets are simulated, a surrogate answers between.

Of every input that can be required two numbers decide.  With F its law, r the required value and g = Phi^-1(F(r))::

    design    g                  what the design is sized at; 0, the median, where nothing is required
    supplier  phi(g) / Phi(-g)   where the inputs of suppliers that reach r lie on average; 0 where nothing is required

Both are germs, so that compliance, as Phi^-1, is nearly linear in them.  The last number is the electric power limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studies.analysis.fixed_problem import POWER_LIMIT, REQUIRED, knowing
from studies.analysis.requirement_set import REACH, lever
from uq.core.confidence_intervals import wilson
from uq.core.dataset import Dataset
from uq.core.distributions import Normal, Uniform
from uq.core.estimate import Estimate
from uq.core.problem import Input, Output, Problem
from uq.requirements import Limit, Rows, Sample, Verified
from uq.requirements.probability import passing
from uq.requirements.types import Condition
from uq.sampling.plans import sobol_sequence
from uq.surrogates.base import HALF_WIDTH
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.gaussian_process.kernels import RATIONAL

COMPLIES, GAINS, GAIN = "complies", "gains", "gain"
"""All limits met; payload gained; mean payload gain in kg."""
SHARES = (COMPLIES, GAINS)
OUTPUTS = (COMPLIES, GAINS, GAIN)
RANGE = (0.01, 0.5 * (1.0 + REACH))
"""Quantiles between which values are required in the sets: past what suppliers are expected to reach."""
POWERS = (0.45, 1.2)
"""Power limits of the sets, over the rating of today's design."""
SETS, ROWS = 256, 256
"""Sets that are simulated, each with so many realised landers; a quarter and half of them with few samples."""
NORMAL = Normal(0.0, 1.0)
FEWEST = 24
"""Sets with a design below which nothing is learned."""


@dataclass(frozen=True)
class SetSurrogate:
    """Compliance, chance and mean of the payload gain of fixed designs, over what is required of the drives."""

    names: tuple[str, ...]
    """Inputs that can be required, in the order of the features."""
    power: float
    """W: rating of today's design, which power limits are relative to."""
    surrogate: GaussianProcess | None
    """Of the `OUTPUTS` that differ between the sets, those of `SHARES` as Phi^-1; None if none does."""
    q2: Mapping[str, float]
    """By output: share of the variance over the sets explained where they were left out."""
    sets: int
    rows: int

    @property
    def outputs(self) -> tuple[str, ...]:
        """What is answered."""
        return () if self.surrogate is None else self.surrogate.problem.output_names

    def predict(self, germs: Mapping[str, float], power_limit: float | None = None) -> dict[str, Estimate]:
        """What a fixed design does under a set.

        Parameters
        ----------
        germs : mapping of str to float
            Of the required values, Phi^-1(F(r)), by input; nothing is required of the others.
        power_limit : float, optional
            W; none by default.

        Returns
        -------
        dict of str to Estimate
            By output, with 90 % intervals.
        """
        if self.surrogate is None:
            return {}
        limit = POWERS[1] if power_limit is None else min(power_limit / self.power, POWERS[1])
        prediction = self.surrogate.predict([[*features(self.names, germs), limit]])
        found = {}
        for name, mean, std in zip(self.outputs, prediction.mean[0], prediction.std[0], strict=True):
            ends = np.array([mean, mean - HALF_WIDTH * std, mean + HALF_WIDTH * std])
            found[name] = Estimate(*map(float, NORMAL.cdf(ends) if name in SHARES else ends))
        return found


def features(names: Sequence[str], germs: Mapping[str, float]) -> list[float]:
    """Design and supplier germ of each input.

    Parameters
    ----------
    names : sequence of str
        Inputs that can be required.
    germs : mapping of str to float
        Of the required values; nothing is required of the others.

    Returns
    -------
    list of float
        Two numbers for each name.
    """
    found: list[float] = []
    for name in names:
        if name not in germs:
            found += [0.0, 0.0]
            continue
        g = germs[name]
        found += [g, float(np.exp(-0.5 * g * g) / np.sqrt(2.0 * np.pi) / NORMAL.cdf(-g))]
    return found


def learn_sets(
    sample: Sample, names: Sequence[str], limits: Sequence[Limit], power: float, *, few: bool, seed: int
) -> SetSurrogate:
    """Simulate sets of requirements on the inputs `names`, half of them open in each, and learn between them.

    Parameters
    ----------
    sample : Sample
        Of the fixed-design problem, on whose first points every set is simulated.
    names : sequence of str
        Inputs that can be required.
    limits : sequence of Limit
        All that must hold.
    power : float
        W, rating of today's design.
    few : bool
        A quarter of the sets and half of the landers.
    seed : int
        Of the plan of the sets.

    Returns
    -------
    SetSurrogate
        Without a surrogate where no output differs between the sets.
    """
    sets, rows = (SETS // 4, ROWS // 2) if few else (SETS, ROWS)
    laws = {i.name: i.distribution for i in sample.problem.inputs}
    points, conditions = [], []
    for unit in sobol_sequence(sets, 2 * len(names) + 1, seed=seed).unit:
        germs: dict[str, float] = {}
        given: list[Condition] = []
        for name, asked, at in zip(names, unit[0:-1:2], unit[1:-1:2], strict=True):
            if asked < 0.5:
                value = float(laws[name].ppf(RANGE[0] + at * (RANGE[1] - RANGE[0])))
                germs[name] = germ(float(laws[name].cdf(value)))
                given.append(lever(sample, name).at(value))
        share = float(POWERS[0] + unit[-1] * (POWERS[1] - POWERS[0]))
        points.append([*features(names, germs), share])
        conditions.append([*given, Verified(POWER_LIMIT, share * power)])
    sample = knowing(sample, [_design(given) for given in conditions])
    x = np.array(points)
    y = np.array([_answers(one, sample.problem, limits) for one in sample.moved_each(conditions, rows)])
    for k, name in enumerate(OUTPUTS):
        if name in SHARES:
            y[:, k] = NORMAL.ppf(np.clip(y[:, k], 0.5 / rows, 1.0 - 0.5 / rows))
    good = np.isfinite(y).all(axis=1)
    x, y = x[good], y[good]
    varied = [k for k in range(len(OUTPUTS)) if len(y) >= FEWEST and np.ptp(y[:, k]) > 1e-9]
    if not varied:
        return SetSurrogate(tuple(names), power, None, {}, int(good.sum()), rows)
    problem = _problem(names, [OUTPUTS[k] for k in varied])
    learned = GaussianProcess.fit(Dataset.from_arrays(x, y[:, varied], problem=problem), kernels=(RATIONAL,))
    unexplained = np.mean(learned.residuals**2, axis=0) / y[:, varied].var(axis=0)
    q2 = {OUTPUTS[k]: float(1.0 - rest) for k, rest in zip(varied, unexplained, strict=True)}
    return SetSurrogate(tuple(names), power, learned, q2, len(x), rows)


def germ(probability: float) -> float:
    """Phi^-1, between the ends that a slider reaches.

    Parameters
    ----------
    probability : float
        That the input lies below a value.

    Returns
    -------
    float
    """
    return float(NORMAL.ppf(np.clip(probability, 1e-4, 1.0 - 1e-4)))


def _design(given: Sequence[Condition]) -> dict[str, float]:
    """The design inputs that conditions set."""
    return {(one.input if isinstance(one, Verified) else REQUIRED + one.input): one.value for one in given}


def _problem(names: Sequence[str], outputs: Sequence[str]) -> Problem:
    ends = [germ(p) for p in RANGE]
    far = features(["x"], {"x": ends[1]})[1]
    inputs = []
    for name in names:
        inputs += [
            Input(f"design {name}", "1", Uniform(*ends)),
            Input(f"supplier {name}", "1", Uniform(0.0, far)),
        ]
    inputs.append(Input(POWER_LIMIT, "1", Uniform(*POWERS)))
    return Problem(tuple(inputs), tuple(Output(name, "1") for name in outputs), version="1")


def _answers(rows: Rows, problem: Problem, limits: Sequence[Limit]) -> list[float]:
    one = simulated(rows, problem, limits)
    return [one[name].value for name in OUTPUTS]


def simulated(rows: Rows, problem: Problem, limits: Sequence[Limit]) -> dict[str, Estimate]:
    """`OUTPUTS` of simulated landers.

    Parameters
    ----------
    rows : Rows
        Weighted landers of one fixed design.
    problem : Problem
        Which they answer.
    limits : sequence of Limit
        All that must hold.

    Returns
    -------
    dict of str to Estimate
        With 90 % intervals; the mean is of those that fly, NaN where none does.
    """
    met = float(rows.weight @ passing(rows, limits, problem)[:, 0])
    good = (rows.feasible > 0.5) & (rows.weight > 0.0)
    gain = rows.mean[:, problem.output_index("payload_gain")]
    above = float(rows.weight[good] @ (gain[good] > 0.0))
    found = {
        name: Estimate(p, *wilson(min(p, 1.0), rows.effective, 0.9))
        for name, p in ((COMPLIES, met), (GAINS, above))
    }
    if not good.any():
        return found | {GAIN: Estimate(np.nan, np.nan, np.nan)}
    weight = rows.weight[good] / rows.weight[good].sum()
    mean = float(weight @ gain[good])
    half = HALF_WIDTH * float(np.sqrt(weight**2 @ (gain[good] - mean) ** 2))
    return found | {GAIN: Estimate(mean, mean - half, mean + half)}


def rows_under(sample: Sample, given: Sequence[Condition]) -> Rows:
    """The landers of a design that is sized at what is given.

    Parameters
    ----------
    sample : Sample
        Of the fixed-design problem.
    given : sequence of Requirement or Verified
        The set.

    Returns
    -------
    Rows
    """
    return knowing(sample, [_design(given)]).under(given) if given else sample.rows
