"""How far a conclusion hangs on the law of an input: the rows at hand, weighted to a law near it, without new runs.

Of all laws with another mean (or variance) of input x_j, the nearest to the stated one, by Kullback-Leibler divergence,
is its exponential tilt; a row weighs by the ratio of the two densities::

    w(x) = exp(a t + b t^2 - A),   E[w] = 1,   E[w t] = k   or   E[w t] = 0, E[w t^2] = r^2

with t the standardised value of x_j where its law is bounded, else its standard normal germ: there a tilt of the value
need not exist (no lognormal law has one to a larger mean), and of a normal law germ and standardised value are the
same.  Inputs that depend on x_j follow it, for the nearest joint law is this one.

Sources: Lemaitre, Sergienko, Arnaud, Bousquet, Gamboa & Iooss (2015), doi:10.1080/00949655.2013.873039; in the germ:
Gauchy, Stenger, Sueur & Iooss (2022), doi:10.1080/00401706.2021.1905072.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import wilson
from uq.core.dataset import Dataset
from uq.core.distributions import Distribution
from uq.core.estimate import CONFIDENCE, Estimate, require_confidence
from uq.core.repeatable import one_thread
from uq.core.table import Cell, Column, Table, Tabled
from uq.propagation.drawn_rows import require_drawn_rows
from uq.propagation.propagate import good_values

LEAST_EFFECTIVE = 30.0
"""Effective rows below which weighted rows say nothing: their own weights hide what is not among them."""
LEAST_SEEN = 0.8
"""Of a wider law between the least and the largest row: weights say nothing of what lies beyond (judgement)."""

_NODES = 8192
_STEPS = 60
_SMALLEST = 2.0**-54


@dataclass(frozen=True)
class Perturbation:
    """What an output becomes where the law of one input is another.

    `mean` and `chance` (of more than the threshold) under that law, `mean_change` and `chance_change` against the
    stated one on the same rows; all NaN where `reason` says why there is no answer.
    """

    input: str
    """Name of the input."""
    change: str
    """In words: what about the law is another."""
    mean: Estimate
    chance: Estimate
    mean_change: Estimate
    chance_change: Estimate
    effective: float
    """Effective rows, ``(sum w)^2 / sum w^2``."""
    reason: str = ""


@dataclass(frozen=True)
class LawRobustness(Tabled):
    """An output under the stated laws and under laws near them, one input at a time."""

    output: str
    """Its name."""
    unit: str
    """Of mean and threshold."""
    threshold: float
    """That `chance` is the probability of exceeding."""
    mean: Estimate
    """Under the stated laws."""
    chance: Estimate
    """Under the stated laws."""
    perturbations: tuple[Perturbation, ...]
    """One law at a time."""
    rows: int
    """Runs behind all of them."""
    failed: int
    """Runs left out."""

    def foremost(self) -> Perturbation:
        """The perturbation that moves the chance furthest (the mean, where no chance moves)."""
        known = [p for p in self.perturbations if not p.reason]
        return max(known, key=lambda p: (abs(p.chance_change.value), abs(p.mean_change.value)))

    def table(self) -> Table:
        """Each perturbed law with mean, chance and effective rows; in words why there is none."""
        rows: list[tuple[Cell, ...]] = [
            ("as stated", "", self.mean, self.chance, None, None, float(self.rows), "")
        ]
        for p in self.perturbations:
            values = (p.mean, p.chance, p.mean_change, p.chance_change)
            cells: list[Cell] = [None] * 4 if p.reason else list(values)
            rows.append((p.input, p.change, *cells, float(round(p.effective)), p.reason))
        chance = f"chance of more than {self.threshold:g}"
        heads = (
            "input",
            "law",
            "mean",
            chance,
            "change of mean",
            "change of chance",
            "effective rows",
            "remark",
        )
        return Table(
            "perturbed-laws",
            f"{self.output} where the law of one input is another",
            tuple(Column(h, self.unit if "mean" in h and self.unit != "1" else "") for h in heads),
            tuple(rows),
            (f"{self.rows} rows, weighted; {self.failed} that failed are left out.",),
        )


@one_thread()
def perturbed(
    data: Dataset,
    output: str,
    *,
    threshold: float = 0.0,
    inputs: Sequence[str] | None = None,
    shifts: Sequence[float] = (-1.0, 1.0),
    factors: Sequence[float] = (),
    confidence: float = CONFIDENCE,
) -> LawRobustness:
    """Mean of an output, and the chance that it exceeds a threshold, were the law of one input another.

    Weighted means ``m = sum w y / sum w`` of the rows at hand, whose interval holds what the weights add: the standard
    error is that of ``w (y - m)``, Student's with one degree of freedom less than there are effective rows, and
    Wilson's for the chance.  Rows of a quasi-random plan are judged as random, and intervals are as wide.

    Parameters
    ----------
    data : Dataset
        Rows (n,) drawn from the laws of its problem.
    output : str
        Its name.
    threshold : float, default 0
        Whose exceedance is asked for, in the output's unit.
    inputs : sequence of str, optional
        Whose laws are changed, one at a time; all by default.
    shifts : sequence of float
        Change of the mean in standard deviations (of the germ where the law is unbounded).
    factors : sequence of float
        On the standard deviation, the mean kept.
    confidence : float
        Of every interval.

    Returns
    -------
    LawRobustness

    Raises
    ------
    ValueError
        If no law has an answer: its mean would lie outside the support, or too few rows carry the weight; for rows that
        share inputs, as those of trajectories and pick-freeze plans do, or that do not follow the laws.
    KeyError
        For an unknown input or output.

    References
    ----------
    Lemaitre et al. (2015), doi:10.1080/00949655.2013.873039; effective rows: Kong (1992), "A note on importance
    sampling using standardized weights", University of Chicago.

    Examples
    --------
    >>> from uq.core.dataset import evaluate
    >>> from uq.core.distributions import Normal
    >>> from uq.core.problem import Input, Output, Problem
    >>> from uq.sampling.plans import sobol_sequence
    >>> linear = Problem((Input("x", "1", Normal(1.0, 2.0)),), (Output("y"),), lambda c: {"y": 3.0 * c["x"]})
    >>> rows = evaluate(linear, linear.physical(sobol_sequence(4096, 1, seed=1).unit))
    >>> round(perturbed(rows, "y", shifts=[1.0]).perturbations[0].mean.value, 1)
    9.0
    """
    require_confidence(confidence)
    require_drawn_rows(data)
    y = good_values(data, output)
    if not np.isfinite(threshold):
        raise ValueError(f"the threshold of {output!r} is {threshold:g}; give a finite number")
    _check_changes(shifts, factors)
    names = data.problem.input_names if inputs is None else tuple(inputs)
    if not names:
        raise ValueError("no input is named whose law is changed; leave inputs out for all of them")
    x = data.x[data.feasible]
    moves = [(k, 1.0) for k in shifts] + [(0.0, r) for r in factors]
    found = []
    for name in names:
        j = data.problem.index(name)
        law = data.problem.distributions[j]
        for shift, factor in moves:
            weight = _weights(law, x[:, j], shift, factor)
            found.append(_perturbation(name, shift, factor, weight, y, threshold, confidence))
    if not any(not p.reason for p in found):
        first = found[0]
        raise ValueError(f"{first.input!r} with {first.change}: {first.reason}")
    same, beyond = np.ones(len(y)), (y > threshold).astype(np.float64)
    mean, chance = _mean(same, y, confidence), _chance(same, beyond, confidence)
    unit = data.problem.outputs[data.problem.output_index(output)].unit
    return LawRobustness(output, unit, threshold, mean, chance, tuple(found), len(y), len(data) - len(y))


def _check_changes(shifts: Sequence[float], factors: Sequence[float]) -> None:
    if not len(shifts) and not len(factors):
        raise ValueError("no change of a law is asked for; give shifts (in standard deviations) or factors")
    if not all(np.isfinite(k) and k != 0.0 for k in shifts):
        raise ValueError(f"shifts are finite numbers of standard deviations other than 0, got {list(shifts)}")
    if not all(np.isfinite(r) and r > 0.0 and r != 1.0 for r in factors):
        raise ValueError(
            f"factors on a standard deviation are positive numbers other than 1, got {list(factors)}"
        )


def _weights(law: Distribution, x: FloatArray, shift: float, factor: float) -> FloatArray | str:
    """Ratios of the densities (n,) of the perturbed law and of the stated one; a sentence where there is none."""
    low, high = law.support
    if not (np.isfinite(low) and np.isfinite(high)):
        z = special.ndtri(np.clip(law.mid_cdf(x), _SMALLEST, 1.0 - _SMALLEST))
        seen = special.ndtr((z.max() - shift) / factor) - special.ndtr((z.min() - shift) / factor)
        if factor > 1.0 and seen < LEAST_SEEN:
            return f"{len(x)} rows reach {seen:.0%} of this law; give more rows, or change the law less"
        b = 0.5 * (1.0 - factor**-2)
        log = shift * z - 0.5 * shift**2 + b * z**2 - np.log(factor)
        far = bool(np.abs(log).max(initial=0.0) > 300.0)  # only ratios of weights count, and all would vanish
        return np.asarray(np.exp(log - log.max() if far else log))
    mean, std = law.moments()
    target = mean + shift * std
    if not low < target < high:
        return f"its mean would be {target:.4g}, outside the support of the law, {low:.4g} to {high:.4g}; shift it less"
    if factor != 1.0 and factor**2 * std**2 >= (high - target) * (target - low):
        return f"no law between {low:.4g} and {high:.4g} has this mean and {factor:g} times the standard deviation"
    nodes = (law.ppf((np.arange(_NODES) + 0.5) / _NODES) - mean) / std
    powers = 1 if factor == 1.0 else 2
    tilt = _tilt(nodes, np.array([shift, factor**2][:powers]))
    if tilt is None:
        return "no exponential tilt of the law gets there; change it less"
    t = (x - mean) / std
    return np.asarray(np.exp(sum(a * t ** (i + 1) for i, a in enumerate(tilt[:-1])) - tilt[-1]))


def _tilt(nodes: FloatArray, wanted: FloatArray) -> FloatArray | None:
    """Coefficients of t (and t^2) and the log of the normalisation at which the tilted nodes have the `wanted` moments:
    Newton's steps, halved until the convex dual ``A(a) - a . wanted`` rises by no more than rounding."""
    features = np.stack([nodes ** (i + 1) for i in range(len(wanted))])
    a = np.zeros(len(wanted))

    def dual(at: FloatArray) -> float:
        return float(special.logsumexp(at @ features) - np.log(nodes.size) - at @ wanted)

    for _ in range(_STEPS):
        p = special.softmax(a @ features)
        mean = features @ p
        if np.abs(mean - wanted).max() < 1e-10:
            return np.append(a, special.logsumexp(a @ features) - np.log(nodes.size))
        centred = features - mean[:, None]
        step = np.linalg.lstsq((centred * p) @ centred.T, wanted - mean, rcond=None)[0]
        size = 1.0
        while dual(a + size * step) > dual(a) + 1e-13 and size > 1e-9:
            size *= 0.5
        a = a + size * step
    return None


def _perturbation(
    name: str,
    shift: float,
    factor: float,
    weight: FloatArray | str,
    y: FloatArray,
    threshold: float,
    confidence: float,
) -> Perturbation:
    change = (
        f"mean {shift:+g} standard deviation{'s' * (abs(shift) != 1.0)}"
        if factor == 1.0
        else f"standard deviation x {factor:g}"
    )
    none = Estimate(np.nan, np.nan, np.nan, confidence)
    if isinstance(weight, str):
        return Perturbation(name, change, none, none, none, none, 0.0, weight)
    effective = effective_rows(weight)
    if effective < LEAST_EFFECTIVE:
        reason = (
            f"{len(y)} rows count as {effective:.0f} under this law, fewer than {LEAST_EFFECTIVE:.0f}; "
            "give more rows, or change the law less"
        )
        return Perturbation(name, change, none, none, none, none, effective, reason)
    beyond = (y > threshold).astype(np.float64)
    return Perturbation(
        name,
        change,
        _mean(weight, y, confidence),
        _chance(weight, beyond, confidence),
        _change(weight, y, confidence),
        _change(weight, beyond, confidence),
        effective,
    )


def effective_rows(weight: FloatArray) -> float:
    """``(sum w)^2 / sum w^2``: as many rows of equal weight have the variance of a mean of weighted ones.

    Parameters
    ----------
    weight : ndarray (n,)
        Weights of the rows.

    Returns
    -------
    float

    References
    ----------
    Kong (1992), "A note on importance sampling using standardized weights", University of Chicago.

    Examples
    --------
    >>> float(effective_rows(np.array([1.0, 1.0, 0.0])))
    2.0
    """
    return float(weight.sum() ** 2 / (weight**2).sum())


def _error(influence: FloatArray) -> float:
    n = len(influence)
    return float(np.sqrt((influence**2).sum() / (n - 1) / n))


def _influence(weight: FloatArray, y: FloatArray) -> tuple[float, FloatArray]:
    """A weighted mean, and how far each row (n,) moves it."""
    mean = float(weight @ y / weight.sum())
    return mean, weight * (y - mean) / weight.mean()


def _interval(value: float, error: float, effective: float, confidence: float) -> Estimate:
    half = float(special.stdtrit(effective - 1.0, 0.5 + 0.5 * confidence)) * error
    return Estimate(value, value - half, value + half, confidence)


def _mean(weight: FloatArray, y: FloatArray, confidence: float) -> Estimate:
    mean, influence = _influence(weight, y)
    return _interval(mean, _error(influence), effective_rows(weight), confidence)


def _change(weight: FloatArray, y: FloatArray, confidence: float) -> Estimate:
    mean, influence = _influence(weight, y)
    error = _error(influence - (y - y.mean()))
    return _interval(mean - float(y.mean()), error, effective_rows(weight), confidence)


def _chance(weight: FloatArray, beyond: FloatArray, confidence: float) -> Estimate:
    p, influence = _influence(weight, beyond)
    if beyond.min() == beyond.max():  # none or all: no spread says how well that is known
        p, rows = float(beyond[0]), effective_rows(weight)
    else:
        rows = p * (1.0 - p) / _error(influence) ** 2
    low, high = wilson(p, rows, confidence)
    return Estimate(p, low, high, confidence)
