"""Whether calibrations are right on average: ranks of simulated inputs among draws of their posteriors.

Draw inputs from the prior, simulate readings of them, calibrate: the rank of an input among L draws of its posterior
is uniform on 0 .. L, whatever the model, if and only if posterior and sampler are right on average.
Source: Talts et al. (2018), arXiv:1804.06788 (simulation-based calibration).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from uq.calibration.calibrate import DRAWS, MAX_STEPS, _asked, calibrate
from uq.calibration.forward import forward
from uq.calibration.measurement import Measurement, measurements_of
from uq.core.array_types import IntArray
from uq.core.estimate import SEED
from uq.core.model import Model
from uq.core.problem import Problem
from uq.core.table import Table, Tabled, header
from uq.surrogates.base import Surrogate

DRAWN = 63
"""Draws of each posterior among which an input has its rank: few enough to be independent, 64 ranks."""
BINS = 16


@dataclass(frozen=True)
class Ranks(Tabled):
    """Ranks of the inputs in simulated calibrations."""

    inputs: tuple[str, ...]
    """Names of the inputs, in the order of the ranks."""
    ranks: IntArray
    """(calibrations, d), 0 .. `DRAWN`."""

    def histogram(self, name: str) -> IntArray:
        """(`BINS`,) how often the rank of an input lay in each sixteenth."""
        ranks = self.ranks[:, self.inputs.index(name)]
        return np.histogram(ranks, bins=BINS, range=(-0.5, DRAWN + 0.5))[0]

    def p_value(self, name: str) -> float:
        """Chance of a histogram at least as uneven if ranks are uniform (chi-squared)."""
        return float(stats.chisquare(self.histogram(name)).pvalue)

    def table(self) -> Table:
        """Chance of each histogram, and its counts."""
        return Table(
            "rank-histograms",
            f"Ranks in {len(self.ranks)} simulated calibrations",
            header("input | p | counts"),
            tuple((n, self.p_value(n), " ".join(map(str, self.histogram(n)))) for n in self.inputs),
            ("Even counts say that posteriors are neither too narrow, too wide nor shifted.",),
        )


def rank_histograms(
    source: Problem | Surrogate | Model,
    measurements: Sequence[Measurement] | Any,
    *,
    problem: Problem | None = None,
    inputs: Sequence[str] | None = None,
    calibrations: int = 500,
    draws: int = DRAWS,
    seed: int = SEED,
    max_steps: int = MAX_STEPS,
) -> Ranks:
    """Simulate calibrations with measurements like these, and rank the inputs in their posteriors.

    Parameters
    ----------
    source, problem, draws, max_steps
        As of `calibrate`.
    measurements
        Quantities, settings and errors; the values are simulated.
    inputs : sequence of str, optional
        Whose ranks; by default all.
    calibrations : int
        How many are simulated.
    seed : int
        Of every random draw.

    Returns
    -------
    Ranks

    Raises
    ------
    ValueError
        As `calibrate`.

    References
    ----------
    Talts et al. (2018), arXiv:1804.06788.
    """
    prior, model = _asked(source, problem)
    given = measurements_of(measurements)
    predict = forward(prior, model, given)
    random = np.random.default_rng(seed)
    x = prior.physical(random.random((calibrations, prior.dimension)))
    root = np.linalg.cholesky(predict.covariance)
    y = predict(x) + random.standard_normal((calibrations, len(given))) @ root.T
    names = tuple(inputs or prior.input_names)
    columns = [prior.index(name) for name in names]
    ranks = np.empty((calibrations, len(names)), dtype=np.int64)
    for k in range(calibrations):
        read = [dataclasses.replace(one, value=float(v)) for one, v in zip(given, y[k], strict=True)]
        after = calibrate(source, read, problem=problem, draws=draws, seed=seed + 1 + k, max_steps=max_steps)
        some = random.choice(len(after.samples), DRAWN, replace=False)
        drawn = after.samples[some][:, columns]
        ties = (drawn == x[k, columns]).sum(
            axis=0
        )  # of discrete inputs: broken at random, or no rank is uniform
        ranks[k] = (drawn < x[k, columns]).sum(axis=0) + random.integers(0, ties + 1)
    return Ranks(names, ranks)
