"""How many samples of a campaign failed, why, and where in the space of the inputs they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import BoolArray
from uq.core.dataset import Dataset
from uq.core.table import Readable


@dataclass(frozen=True)
class Cluster:
    """Where failed samples lie along one input.

    `distance` is that of Kolmogorov and Smirnov between failed and good samples, `probability` how often chance alone
    would give as much on any of the inputs, `low` and `high` the range of the middle 90 % of the failed samples.
    """

    input: str
    """Name of the input."""
    distance: float
    probability: float
    low: float
    high: float


@dataclass(frozen=True)
class Failures(Readable):
    """Counts by status, the share of failed samples with its 95 % interval, and clusters, strongest first."""

    samples: int
    """All samples."""
    counts: dict[str, int]
    """Samples by the name of their status."""
    share: float
    """Failed samples over all, 0 to 1."""
    interval: tuple[float, float]
    """Of the share, at 95 %."""
    clusters: tuple[Cluster, ...]
    """Inputs along which failures lie together, strongest first."""
    message: str = ""
    """The most frequent one of the campaign, where it is known."""

    def __str__(self) -> str:
        failed = sum(self.counts.values())
        lines = [
            f"{failed} of {self.samples} samples failed "
            f"({self.share:.2%}, 95 % interval {self.interval[0]:.2%} to {self.interval[1]:.2%})"
        ]
        lines += [f"  {name}: {count}" for name, count in self.counts.items()]
        lines += [f"  most often: {self.message}"] if failed and self.message else []
        telling = [c for c in self.clusters if c.probability < 0.01]
        lines += [
            f"  clustered in {c.input}: 90 % of them in {c.low:.4g} to {c.high:.4g} (distance {c.distance:.2f})"
            for c in telling
        ]
        if failed and not telling:
            lines.append("  spread over the inputs as chance would have it")
        return "\n".join(lines)


def failures(data: Dataset, rows: BoolArray | None = None) -> Failures:
    """Count the failed samples and say which inputs tell them from the others.

    `rows` (n,) marks what counts as failed; None means every status other than 0.  For each input the two-sample
    distance D = max |F_failed - F_good| is compared with its asymptotic law (Smirnov 1948), times the number of
    inputs (Bonferroni); the interval of the share is that of Clopper and Pearson (1934).

    Parameters
    ----------
    data : Dataset
        All rows, those that failed too.
    rows : ndarray of bool (n,), optional
        What counts as failed; by default every status other than 0.

    Returns
    -------
    Failures

    Raises
    ------
    ValueError
        For an empty dataset.
    """
    if not len(data):
        raise ValueError("an empty dataset has no failures to speak of")
    failed = ~data.feasible if rows is None else np.asarray(rows, dtype=bool)
    k, n = int(failed.sum()), len(data)
    low = 0.0 if k == 0 else float(special.betaincinv(k, n - k + 1, 0.025))
    high = 1.0 if k == n else float(special.betaincinv(k + 1, n - k, 0.975))
    clusters = []
    if 0 < k < n:
        for name in data.problem.input_names:
            bad, good = np.sort(data[name][failed]), np.sort(data[name][~failed])
            points = np.concatenate([bad, good])
            steps = [np.searchsorted(s, points, side="right") / len(s) for s in (bad, good)]
            distance = float(np.abs(steps[0] - steps[1]).max())
            chance = float(special.kolmogorov(distance * np.sqrt(k * (n - k) / n)))
            edges = np.quantile(bad, [0.05, 0.95])
            probability = min(1.0, chance * data.problem.dimension)
            clusters.append(Cluster(name, distance, probability, float(edges[0]), float(edges[1])))
    return Failures(
        n,
        data.where(failed).counts() if k else {},
        k / n,
        (low, high),
        tuple(sorted(clusters, key=lambda c: -c.distance)),
        data.failure,
    )
