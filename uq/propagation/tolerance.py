"""What samples alone guarantee: tolerance bounds from order statistics, and densities with exact intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, require_confidence
from uq.core.repeatable import one_thread
from uq.core.table import Readable
from uq.propagation.drawn_rows import require_rows_of_the_laws
from uq.propagation.propagate import few_events, good_values
from uq.sampling.structure import require_independent_rows, structure_of


@dataclass(frozen=True)
class Tolerance(Readable):
    """Bounds of an output that hold `coverage` of its law with at least `confidence`, from the order statistics."""

    output: str
    """Name of the output."""
    low: float
    """Minus infinity where only the upper side is bounded."""
    high: float
    """Infinity where only the lower side is bounded."""
    coverage: float
    confidence: float
    samples: int
    """Behind the bounds."""

    def __str__(self) -> str:
        return (
            f"{self.output}: {self.coverage:.0%} lie in [{self.low:.6g}, {self.high:.6g}] "
            f"with {self.confidence:.2%} confidence ({self.samples} samples)"
        )


def wilks_runs(coverage: float = 0.95, confidence: float = 0.95, *, dropped: int = 1) -> int:
    """Runs after which `dropped` extreme values, from both ends together, leave `coverage` with `confidence`.

    The probability between two order statistics that leave out r of n + 1 gaps is Beta(n + 1 - r, r), so the
    smallest n with ``I_{1 - coverage}(r, n + 1 - r) >= confidence`` is wanted: one-sided bounds leave out r = 1
    gap, two-sided ones r = 2.

    Parameters
    ----------
    coverage : float
        Share of the law that the bound shall hold.
    confidence : float
        That it does.
    dropped : int
        Rank of the bound from the end: 1 is the largest value.

    Returns
    -------
    int
        Runs that are needed.

    Raises
    ------
    ValueError
        For a probability outside (0, 1), or a rank below 1.

    References
    ----------
    Wilks (1941), doi:10.1214/aoms/1177731788.

    Examples
    --------
    >>> wilks_runs(0.95, 0.95), wilks_runs(0.95, 0.95, dropped=2)
    (59, 93)
    """
    if not (0.0 < coverage < 1.0 and 0.0 < confidence < 1.0) or dropped < 1:
        raise ValueError("coverage and confidence are probabilities between 0 and 1, dropped at least 1")
    n = dropped
    while special.betainc(dropped, n + 1 - dropped, 1.0 - coverage) < confidence:
        n += 1
    return n


@one_thread()
def tolerance(
    data: Dataset,
    output: str,
    *,
    side: Literal["both", "upper", "lower"] = "both",
    coverage: float = 0.95,
    confidence: float = 0.95,
) -> Tolerance:
    """The tightest order statistics that hold `coverage` of an output with `confidence`, without any assumption.

    Samples must be independent (a Monte Carlo plan); on others coverage is only approximate.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    output : str
        Name of one output.
    side : Literal[both, upper, lower], default 'both'
        Whether both ends are bounded, or one.
    coverage : float, default 0.95
        Share of the output's law that lies within.
    confidence : float, default 0.95
        That at least this share does.

    Returns
    -------
    Tolerance

    Raises
    ------
    ValueError
        For failed rows, which have no value to bound, for rows that share inputs in blocks, and for fewer runs
        than `wilks_runs` asks.

    References
    ----------
    Wilks (1941), doi:10.1214/aoms/1177731788.
    """
    data.require_no_failures(": a tolerance bound cannot leave them out")
    require_independent_rows(data.problem, data.x, "a tolerance bound")
    require_rows_of_the_laws(data)
    y = np.sort(good_values(data, output))
    n, ends = len(y), 2 if side == "both" else 1
    need = wilks_runs(coverage, confidence, dropped=ends)
    if n < need:
        raise ValueError(f"{n} runs are too few for a {coverage:.0%}/{confidence:.0%} bound; run {need}")
    dropped = ends
    while special.betainc(dropped + ends, n + 1 - dropped - ends, 1.0 - coverage) >= confidence:
        dropped += ends
    rank = dropped // ends
    low = -np.inf if side == "upper" else float(y[rank - 1])
    high = np.inf if side == "lower" else float(y[n - rank])
    reached = float(special.betainc(dropped, n + 1 - dropped, 1.0 - coverage))
    return Tolerance(output, low, high, coverage, reached, n)


@dataclass(frozen=True)
class Density(Readable):
    """Probability density of an output in the bins between `edges` (b + 1,): `density` (b,), `interval` (b, 2).

    Of `samples`, `failed` rows have no output and are left out: it is the density given that the model works.
    """

    output: str
    """Name of the output."""
    edges: FloatArray
    density: FloatArray
    interval: FloatArray
    confidence: float
    """Of the intervals, between 0 and 1."""
    samples: int
    failed: int

    def __str__(self) -> str:
        head = f"{self.output}: density ({self.confidence:.0%} intervals, {self.samples} samples, {self.failed} failed)"
        rows = [
            f"[{left:11.5g}, {right:11.5g}] {value:11.5g} [{low:.5g}, {high:.5g}]"
            for left, right, value, (low, high) in zip(
                self.edges, self.edges[1:], self.density, self.interval, strict=False
            )
        ]
        return "\n".join([head, *rows])


@one_thread()
def density(data: Dataset, output: str, *, bins: int = 0, confidence: float = CONFIDENCE) -> Density:
    """Mean density of an output in equal bins, with the exact binomial interval of each bin.

    By default the bins are Freedman & Diaconis' (1981), 2 (q75 - q25) n^(-1/3) wide. Failed rows are left out and
    counted; rows that share inputs in blocks count as if all of a block agreed.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    output : str
        Name of one output.
    bins : int, default 0
        How many; 0 for Freedman & Diaconis'.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.

    Returns
    -------
    Density

    Raises
    ------
    ValueError
        For a constant output, and as `good_values`.

    References
    ----------
    Freedman & Diaconis (1981), doi:10.1007/BF01025868.
    """
    require_confidence(confidence)
    y = good_values(data, output)
    if np.ptp(y) == 0.0:
        raise ValueError(f"output {output!r} is constant at {y[0]:g}: it has no density")
    if bins < 1:
        width = 2.0 * float(np.subtract(*np.quantile(y, [0.75, 0.25]))) * len(y) ** (-1.0 / 3.0)
        bins = int(np.clip(np.ceil(np.ptp(y) / width), 1, len(y))) if width > 0.0 else 1
    counts, edges = np.histogram(y, bins=bins)
    width = float(edges[1] - edges[0])
    block = int(np.bincount(structure_of(data.problem, data.x).block[data.feasible]).max())
    interval = np.array([few_events(int(c), len(y), block, confidence) for c in counts]) / width
    failed = len(data) - len(y)
    return Density(output, edges, counts / (len(y) * width), interval, confidence, len(data), failed)
