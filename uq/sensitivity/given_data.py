"""What any samples tell without moments and without a special plan: ranks, conditional laws, and regions of success.

These measures take dependent inputs as they come: an input that travels with another shares what the other does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import BoolArray, FloatArray
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, Estimate, estimates, require_confidence
from uq.core.repeatable import one_thread
from uq.core.results import verdict
from uq.core.table import Readable
from uq.sampling.coverage import unseen_parts
from uq.sampling.structure import dependent_inputs, structure_of
from uq.sensitivity.pick_freeze_estimators import require_usable
from uq.surrogates.derived_outputs import within

GROUPS = 16
SHUFFLES = 99


@dataclass(frozen=True)
class Measure(Readable):
    """One measure of dependence for each input of an output: `value` (d,), `interval` (d, 2) at `confidence`.

    `null` (d,) is the value that an input without influence exceeds in 5 % of the cases, by shuffling (zero where
    the measure needs none).
    """

    name: str
    """Of the measure, in words."""
    output: str
    """Name of the output."""
    inputs: tuple[str, ...]
    """Names, in the order of the columns."""
    value: FloatArray
    interval: FloatArray
    null: FloatArray
    confidence: float = CONFIDENCE
    runs: int = 0
    """Rows behind it."""
    notes: tuple[str, ...] = ()
    """Sentences on what changes its meaning or trust."""

    @property
    def estimates(self) -> dict[str, Estimate]:
        """By input."""
        return dict(zip(self.inputs, estimates(self.value, self.interval, self.confidence), strict=True))

    def verdicts(self) -> tuple[str, ...]:
        """One plain sentence for each input."""
        return tuple(
            f"{n}: "
            + (
                verdict(v, i, self.runs)
                if not self.null.any()
                else f"matters: {v:.2g} [{i[0]:.2g}, {i[1]:.2g}]"
                if v > o
                else f"cannot be distinguished from no influence ({v:.2g}, shuffled inputs reach {o:.2g})"
            )
            for n, v, i, o in zip(self.inputs, self.value, self.interval, self.null, strict=True)
        )

    def __str__(self) -> str:
        head = f"{self.output}: {self.name} ({self.confidence:.0%} intervals, {self.runs} runs)"
        return "\n".join([head, *self.verdicts(), *self.notes])


@one_thread()
def first_order(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Measure]:
    """First-order indices from any samples: with y in the order of x_j and centred, ``<y_i z_i> / <y_i^2>``.

    z_i is the line through the two neighbours of row i in x_j, at x_i (the only neighbour, at the ends): they share
    x_j with it and little else. The source takes one neighbour; the line leaves a third to a half of its bias, which
    is made where the outermost points lie apart. With dependent inputs this is Kucherenko's first-order index.
    Intervals are from `GROUPS` random groups.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    dict of str to Measure
        By output.

    Raises
    ------
    ValueError
        For failed rows, fewer than 10 rows a group, or outputs of which no share of variance can be taken.

    References
    ----------
    Gamboa, Gremaud, Klein & Lagnoux (2022), doi:10.3150/21-BEJ1421.
    """
    return _ranked(data, outputs, confidence, seed, "first-order indices", _neighbours)


@one_thread()
def rank_dependence(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, Measure]:
    """Chatterjee's coefficient of rows in the order of x_j, ``1 - n sum |r_{i+1} - r_i| / (2 sum l_i (n - l_i))``,
    with r_i how many outputs are at most y_i, and l_i how many are at least y_i; ties of x_j are broken at random.

    Without ties of y it is ``1 - 3 sum |r_{i+1} - r_i| / (n^2 - 1)``. Zero if and only if y does not depend on x_j,
    and one if it is a function of x_j alone; it estimates the Cramer-von Mises index, the first-order index of the
    indicators of y averaged over all thresholds.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    dict of str to Measure
        By output.

    Raises
    ------
    ValueError
        As `first_order`.

    References
    ----------
    Chatterjee (2021), doi:10.1080/01621459.2020.1758115; Gamboa, Klein & Lagnoux (2018), doi:10.1137/15M1025621.
    """
    return _ranked(data, outputs, confidence, seed, "rank dependence", _chatterjee)


def _neighbours(x: FloatArray, y: FloatArray) -> float:
    """Rows come in random order, which breaks ties of x."""
    order = np.argsort(x, kind="stable")
    along, place = y[order] - y.mean(), x[order]
    gap = place[2:] - place[:-2]
    weight = np.where(gap > 0.0, (place[1:-1] - place[:-2]) / np.where(gap > 0.0, gap, 1.0), 0.5)
    between = along[:-2] + weight * (along[2:] - along[:-2])
    near = np.concatenate([along[1:2], between, along[-2:-1]])
    return float(np.mean(along * near) / np.mean(along * along))


def _chatterjee(x: FloatArray, y: FloatArray) -> float:
    """Rows come in random order, which breaks ties of x."""
    n, ordered = len(y), np.sort(y)
    at_most = np.searchsorted(ordered, y, side="right")
    at_least = (n - np.searchsorted(ordered, y, side="left")).astype(np.float64)
    steps = np.abs(np.diff(at_most[np.argsort(x, kind="stable")])).sum()
    return float(1.0 - n * steps / (2.0 * np.sum(at_least * (n - at_least))))


def _ranked(  # type: ignore[no-untyped-def]
    data: Dataset, outputs: Sequence[str] | None, confidence: float, seed: int, name: str, measure
) -> dict[str, Measure]:
    require_confidence(confidence)
    data, shared = independent_rows(data)
    data = data.where(np.random.default_rng(seed).permutation(len(data)))  # breaks ties at random
    groups = np.arange(len(data) // GROUPS * GROUPS).reshape(-1, GROUPS).T
    results = {}
    for output in outputs if outputs is not None else data.problem.output_names:
        y, notes = usable_values(data, output, 10 * GROUPS)
        notes += shared
        value = np.array([measure(data.x[:, j], y) for j in range(data.problem.dimension)])
        parts = np.array(
            [[measure(data.x[g, j], y[g]) for j in range(data.problem.dimension)] for g in groups]
        )
        half = (
            special.stdtrit(GROUPS - 1, 0.5 + 0.5 * confidence) * parts.std(axis=0, ddof=1) / np.sqrt(GROUPS)
        )
        interval = np.stack([value - half, value + half], axis=1)
        null = np.zeros(len(value))
        inputs = data.problem.input_names
        results[output] = Measure(name, output, inputs, value, interval, null, confidence, len(y), notes)
    return results


@one_thread()
def regional(
    data: Dataset,
    output: str,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Measure:
    """Kolmogorov-Smirnov distance of each input between the samples with ``low <= output <= high`` and the others.

    Which inputs, by their values, decide whether a limit is met. Failed rows meet nothing. The null is the
    Bonferroni level of all inputs, 5 % together, by Kolmogorov's law; lower ends are below by the distance that
    chance alone makes.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    output : str
        Name of one output.
    low, high : float, optional
        Ends of the region, in the output's unit.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    Measure

    References
    ----------
    Hornberger & Spear (1981); Saltelli et al. (2008), *Global Sensitivity Analysis: The Primer*, section 5.2.
    """
    require_confidence(confidence)
    data, shared = independent_rows(data)
    met = within(data, output, low, high)
    yes, no = int(met.sum()), int((~met).sum())
    if min(yes, no) < 10:
        raise ValueError(f"{yes} samples meet the limit and {no} do not; at least 10 of each are needed")
    rng = np.random.default_rng(seed)
    d = data.problem.dimension
    value = np.array([_between(data.x[:, j], met) for j in range(d)])
    resampled = []
    for _ in range(SHUFFLES):
        rows = np.concatenate([rng.choice(np.flatnonzero(met), yes), rng.choice(np.flatnonzero(~met), no)])
        resampled.append([_between(data.x[rows, j], met[rows]) for j in range(d)])
    half = special.ndtri(0.5 + 0.5 * confidence) * np.std(resampled, axis=0, ddof=1)
    scale = np.sqrt((yes + no) / (yes * no))
    noise = (
        np.sqrt(0.5 * np.pi) * np.log(2.0) * scale
    )  # the mean distance of two samples of one law, by Kolmogorov's
    interval = np.stack([np.maximum(value - noise - half, 0.0), np.minimum(value + half, 1.0)], axis=1)
    level = special.kolmogi(0.05 / d) * scale
    failed = int(np.count_nonzero(~data.feasible))
    notes = (f"{yes} samples meet the limit, {no} do not, of these {failed} failed", *shared)
    inputs = data.problem.input_names
    name = "distance of the inputs that meet the limit"
    return Measure(name, output, inputs, value, interval, np.full(d, level), confidence, len(data), notes)


def _between(x: FloatArray, met: BoolArray) -> float:
    order = np.argsort(x, kind="stable")
    along, ordered = met[order], x[order]
    gap = np.abs(np.cumsum(along) / along.sum() - np.cumsum(~along) / (~along).sum())
    last = np.append(ordered[1:] > ordered[:-1], True)  # ties count once, at their last
    return float(gap[last].max())


def independent_rows(data: Dataset) -> tuple[Dataset, tuple[str, ...]]:
    """One row of each block of rows that share columns, and notes if that leaves rows out, or if inputs depend on each
    other in the rows which do not in the problem.

    Neighbours in one input would else be rows of one base point, which share the other inputs too.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.

    Returns
    -------
    tuple of Dataset and tuple of str
        The rows that are kept, and notes.

    Raises
    ------
    ValueError
        For rows that all vary one input of the same base point.
    """
    found = structure_of(data.problem, data.x)
    if found.one_at_a_time:
        raise ValueError(
            "the rows vary one input at a time around one base point, so no share of the variance can be had from "
            "them; draw a plan that varies all inputs, uq.sampling.latin_hypercube for example"
        )
    notes: tuple[str, ...] = ()
    if not found.independent:
        notes = (
            f"{len(data)} rows in {found.blocks} blocks that share inputs: one row of each block is used",
        )
        data = data.where(found.first_rows())
    together = dependent_inputs(data.problem, data.x)
    if together:
        notes += (f"{together} depend on each other in these rows: what one does counts for the others too",)
    return data, (*notes, *unseen_parts(data.problem, data.x))


def usable_values(data: Dataset, output: str, least: int) -> tuple[FloatArray, tuple[str, ...]]:
    """An output (n,) and notes on what is odd about it.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    output : str
        Name of one output.
    least : int
        Rows that the analysis needs.

    Returns
    -------
    tuple of ndarray (n,) and tuple of str
        Values and notes.

    Raises
    ------
    ValueError
        For failed rows, or fewer than `least`.
    """
    data.require_no_failures(
        "; leave them out by complete(data), fill them by impute(data, surrogate), or ask about them by "
        "as_failures(data), all of uq.surrogates.derived_outputs"
    )
    if len(data) < least:
        raise ValueError(f"{len(data)} independent rows are too few; at least {least} are needed")
    y = data[output]
    return y, require_usable(y, output)
