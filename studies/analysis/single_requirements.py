"""One requirement at a time, the others at today's best estimates: least demanding values, power limits, frontier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.analysis.fixed_problem import POWER_LIMIT, REQUIRED
from studies.analysis.requirement_set import lever
from uq.core.problem import Problem
from uq.report.terminal import Watch
from uq.requirements import (
    Axis,
    Frontier,
    Question,
    Sample,
    Sweep,
    Threshold,
    Verdict,
    Verified,
    compliance,
    frontier,
    threshold,
)
from uq.requirements.exchange import NOMINAL
from uq.requirements.sweep import levels
from uq.requirements.threshold import LADDER

EFFICIENCY = "pump.efficiency_multiplier"
LEVELS = np.array([0.02, 0.16, 0.5, 0.84, 0.98])
"""Quantiles of the pump's efficiency at which the frontier is drawn."""
POWER_SHARES = np.array([0.4, 0.55, 0.7, 0.85, 1.0, 1.2])
"""Electric power limits that are tried, as shares of the power of the best design without a limit."""
PROBABILITIES = (0.5, 0.8, 0.9)
"""Of the lines of the frontier."""


@dataclass(frozen=True, kw_only=True)
class SingleRequirements:
    """What each requirement and each electric power limit does by itself."""

    thresholds: dict[str, Threshold]
    """By input: the least demanding value that suffices alone for all limits."""
    power_limits: dict[float, Verdict]
    """By electric power limit in W: compliance of the design under that limit."""
    frontier: Frontier | None
    """Over required pump efficiency and power limit, where the efficiency can be required."""

    @property
    def curves(self) -> dict[str, Sweep]:
        """By input: compliance over its required value."""
        return {name: threshold.curve for name, threshold in self.thresholds.items()}

    @property
    def confirmed_line(self) -> int:
        """The line of the frontier that is put to fresh runs: the highest probability that any point reaches."""
        reached = [p for p in range(len(PROBABILITIES)) if self.on_line(p)]
        return max(reached, default=0)

    def on_line(self, line: int) -> tuple[int, ...]:
        """The points of a line that exist and that physics reaches."""
        assert self.frontier is not None
        reached = self.frontier.reachable.all(axis=1) & np.isfinite(self.frontier.lines[line])
        return tuple(map(int, np.flatnonzero(reached)))

    @property
    def tightest_power(self) -> float:
        """The smallest electric power limit tried, in W, that reaches the wanted probability, or where none does that
        costs nothing compared with no limit at all."""
        wanted = next(iter(self.power_limits.values())).wanted
        largest = max(v.probability for v in self.power_limits.values())
        least = min(wanted, max(largest - 0.02, 0.9 * largest))
        return min(at for at, v in self.power_limits.items() if v.probability >= least)


def candidates(
    sample: Sample, names: Sequence[str], powers: Sequence[float], efficiencies: Sequence[float]
) -> list[dict[str, float]]:
    """The design inputs of every design that `single_requirements` and the exchange rates ask for.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    names : sequence of str
        Inputs that can be required.
    powers : sequence of float
        Limits on electric power, W.
    efficiencies : sequence of float
        Required efficiencies over the predicted ones.

    Returns
    -------
    list of dict
        Values of design inputs, a mapping for each design.
    """
    sets = [{POWER_LIMIT: at} for at in powers]
    sets += [{POWER_LIMIT: p, REQUIRED + EFFICIENCY: e} for p in powers for e in efficiencies]
    for name in names:
        values = levels(sample, lever(sample, name), count=LADDER)
        at = [*values, *quantiles(sample.problem, name, np.array([*NOMINAL, 0.05, 0.95]))]
        sets += [{REQUIRED + name: float(value)} for value in at]
    return sets


def single_requirements(
    question: Question,
    *,
    names: Sequence[str],
    powers: Sequence[float],
    efficiencies: Sequence[float],
    watch: Watch,
) -> SingleRequirements:
    """Each of `names` required alone, each of `powers` (W) as a limit alone, and pairs of efficiency and power.

    Parameters
    ----------
    question : Question
        Sample, limits, wanted probability, confidence and what is given.
    names : sequence of str
        Inputs that can be required.
    powers : sequence of float
        Limits on electric power, W.
    efficiencies : sequence of float
        Required efficiencies over the predicted ones.
    watch : Watch
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    SingleRequirements
    """
    thresholds = {}
    for k, name in enumerate(names):
        watch("requiring one input at a time", k / len(names))
        thresholds[name] = threshold(question, lever(question.sample, name))
    watch("limiting the electric power", float("nan"))
    limited = {at: compliance(question.under(Verified(POWER_LIMIT, at))) for at in powers}
    grid = None
    if efficiencies:
        watch("the frontier", float("nan"))
        efficiency = lever(question.sample, EFFICIENCY)
        grid = frontier(
            question,
            first=Axis(
                EFFICIENCY,
                "at least",
                tuple(efficiencies),
                design=efficiency.design,
                reachable=efficiency.reachable,
            ),
            second=Axis(POWER_LIMIT, "at most", tuple(powers)),
            probabilities=PROBABILITIES,
        )
    return SingleRequirements(thresholds=thresholds, power_limits=limited, frontier=grid)


def quantiles(problem: Problem, name: str, at: np.ndarray) -> tuple[float, ...]:
    """Quantiles of an input.

    Parameters
    ----------
    problem : Problem
        Of the fixed designs of a case.
    name : str
        Of the input.
    at : ndarray (k,)
        Probabilities.

    Returns
    -------
    tuple of float
        In the input's unit.
    """
    return tuple(map(float, problem.inputs[problem.index(name)].distribution.ppf(at)))
