"""What uses a margin up: from the nominal value of an output through each driver's share to its quantile and
limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq import sampling
from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import wilson
from uq.core.dependence import dependent_germs, joined
from uq.core.estimate import SEED, Estimate, check_probability
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.conditioning import germ_bounds, scattered, sized_at
from uq.requirements.exchange import weighted_quantile
from uq.requirements.question import Question
from uq.requirements.shared_sample import Sample, ask_mean
from uq.requirements.types import Condition, Limit, Verified, asked, check_kind, check_limits, suffix, tabled
from uq.surrogates.evaluate import COMMON


@dataclass(frozen=True)
class Share:
    """What one driver, or a group of them, adds between the mean and the quantile of an output."""

    name: str
    """Of the driver."""
    effect: Estimate
    """Shapley effect, its share of the output's variance."""
    amount: Estimate
    """Its part of the way from mean to quantile, in the output's unit."""


@dataclass(frozen=True)
class Waterfall(Tabled):
    """From the nominal value of an output through mean growth and each driver's share to its quantile and its
    limit.

    ``nominal + growth + sum(amounts) = quantile`` exactly; ``margin`` is what is left to the limit (negative:
    exceeded). `needed` is the growth allowance that the quantile asks for, as a share of the nominal value (NaN where
    that is zero), and `advice` compares the usual one.
    """

    limit: Limit
    """On the output."""
    unit: str
    """Of the output."""
    level: float
    """Probability of the quantile."""
    nominal: float
    """In the output's unit."""
    growth: Estimate
    """Mean less nominal value, in the output's unit."""
    shares: tuple[Share, ...]
    """Of the drivers, the largest first."""
    quantile: Estimate
    """In the output's unit."""
    margin: Estimate
    needed: Estimate
    advice: str
    mode: str = ""
    """Word of the sample for titles."""

    def table(self) -> Table:
        """The result as a table."""
        rows = [
            ["nominal (medians)", f"{self.nominal:.5g}", ""],
            ["mean growth", str(self.growth), ""],
        ]
        rows += [[s.name, str(s.amount), f"{s.effect.value:.1%}"] for s in self.shares]
        rows += [[f"{self.level:.0%} quantile", str(self.quantile), ""]]
        rows += [
            ["limit", self.limit.text({self.limit.output: self.unit}), ""],
            ["margin left", str(self.margin), ""],
        ]
        title = f"Waterfall of {self.limit.output}{suffix(self.unit)}{asked(self.mode)}"
        needed = self.needed
        notes = [
            "growth allowance needed: none can be given as a share of a nominal value of zero"
            if np.isnan(needed.value)
            else f"growth allowance needed: {needed.value:.1%} [{needed.low:.1%}, {needed.high:.1%}]"
        ]
        return tabled(
            title,
            ["step", "amount", "share of variance"],
            rows,
            [*notes, *([self.advice] if self.advice else [])],
        )


@one_thread()
def waterfall(
    question: Question,
    limit: Limit,
    *,
    drivers: Sequence[str] | None = None,
    level: float = 0.95,
    allowance: float = np.nan,
    rows: int = 2048,
    orders: int = 32,
    seed: int = SEED,
) -> Waterfall:
    """The steps from the nominal value of a limited output to its quantile toward the limit.

    The step from mean to quantile is shared out as ``amount_j = Sh_j (quantile - mean)`` with the Shapley effects
    Sh_j of the variance, which add up to one also under dependence; exact for a linear Gaussian model, judgement
    elsewhere.  The sense is that of the limit: a quantile at `level` below a high bound, at 1 - level above a low one.

    Parameters
    ----------
    question : Question
        Sample, confidence, and what is given.
    limit : Limit
        The limit whose margin is used up.
    drivers : sequence of str, optional
        Inputs with a step of their own; those not named fall into "all others".
    level : float
        Of the quantile.
    allowance : float
        Growth that custom would hold, as a share of the nominal value, to be judged.
    rows, orders : int
        Of `variance_shares`.
    seed : int
        Of `variance_shares`.

    Returns
    -------
    Waterfall
        Nominal value, growth, shares, quantile and the margin left.

    Raises
    ------
    KeyError
        For an unknown driver or output.
    ValueError
        For a constant output, or a condition on an input that depends on others.

    References
    ----------
    Owen & Prieur (2017), doi:10.1137/16M1097717.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    check_probability("level", level)
    sample, given, confidence = question.sample, question.given, question.confidence
    check_limits(sample.problem, [limit])
    high = np.isfinite(limit.high)
    bound, side = (limit.high, level) if high else (limit.low, 1.0 - level)
    sampled = sample.under(given)
    column = sample.problem.output_index(limit.output)
    good = (sampled.feasible > 0.5) & np.isfinite(sampled.mean[:, column])
    y, weight = sampled.mean[good, column], sampled.weight[good] / sampled.weight[good].sum()
    error = COMMON * float(weight @ sampled.std[good, column])
    middle = _held(sample, np.zeros((1, sample.problem.dimension)), given)
    nominal = float(ask_mean(sample.model, middle)[0, column])
    z = float(special.ndtri(0.5 * (1.0 + confidence)))
    n = 1.0 / float(np.sum(weight**2))
    mean = float(weight @ y)
    half = z * float(np.hypot(np.sqrt(weight @ (y - mean) ** 2 / n), error))
    growth = Estimate(mean - nominal, mean - nominal - half, mean - nominal + half, confidence)
    value, ends = weighted_quantile(y, weight, side), wilson(side, n, confidence)
    around = [weighted_quantile(y, weight, e) for e in ends]
    below, above = (float(np.hypot(value - end, z * error)) for end in around)
    quantile = Estimate(value, value - below, value + above, confidence)
    names = tuple(drivers) if drivers is not None else _chosen(sample)
    effects = variance_shares(question, limit.output, drivers=names, rows=rows, orders=orders, seed=seed)
    step = value - mean
    shares = tuple(Share(name, e, e.scaled(step)) for name, e in effects.items())
    sign = 1.0 if high else -1.0
    left = sorted(sign * (bound - q) for q in (quantile.low, quantile.high))
    scale = sign / abs(nominal) if nominal else np.nan
    grown = sorted(scale * (q - nominal) for q in (quantile.low, quantile.high))
    needed = Estimate(scale * (value - nominal), grown[0], grown[1], confidence)
    return Waterfall(
        limit=limit,
        unit=sample.units[limit.output],
        level=level,
        nominal=nominal,
        growth=growth,
        shares=shares,
        quantile=quantile,
        margin=Estimate(sign * (bound - value), left[0], left[1], confidence),
        needed=needed,
        advice=_judged(allowance, needed),
        mode=sample.mode,
    )


def _judged(allowance: float, needed: Estimate) -> str:
    if np.isnan(allowance) or np.isnan(needed.value):
        return ""
    if allowance < needed.low:
        return f"the usual allowance of {allowance:.1%} is too small: {needed.value:.1%} is needed"
    if allowance > needed.high:
        return f"the usual allowance of {allowance:.1%} is wasteful: {needed.value:.1%} is needed"
    return f"the usual allowance of {allowance:.1%} fits what is needed"


def _chosen(sample: Sample) -> tuple[str, ...]:
    return tuple(i.name for i in sample.problem.inputs if i.role != "design")


OTHERS = "all others"


@one_thread()
def variance_shares(
    question: Question,
    output: str,
    *,
    drivers: Sequence[str],
    rows: int = 2048,
    orders: int = 32,
    seed: int = SEED,
) -> dict[str, Estimate]:
    """Share of the variance of an output that each driver explains, averaged over all orders of learning them.

    For an order p with germs w = L z there, f_k is the output when the first k groups keep z and the rest is drawn
    anew (z') from its conditional law; driver k of the order earns E[(f_k - f_{k-1}) (f_K - (f_k + f_{k-1})/2)].
    Orders are random, in pairs with their reversals, each on its own rows; the intervals come from the spread over
    the pairs.  Valid for conditions on inputs that no other depends on.

    Parameters
    ----------
    question : Question
        Sample, confidence, and what is given.
    output : str
        Whose variance is shared out.
    drivers : sequence of str
        Inputs with a share of their own; the rest share one, "all others".
    rows : int
        Runs of the model for each step, in all orders together.
    orders : int
        Random orders of learning.
    seed : int
        Of points and orders.

    Returns
    -------
    dict of str to Estimate
        Driver -> share; they add up to one.

    Raises
    ------
    KeyError
        For an unknown driver.
    ValueError
        For a constant output, or a condition on an input that depends on others.

    References
    ----------
    Song, Nelson & Staum (2016), doi:10.1137/15M1048070.
    Goda (2021), doi:10.1016/j.ress.2020.107273.
    """
    sample, given, confidence = question.sample, question.given, question.confidence
    problem = sample.problem
    _check_apart(problem, given)
    column = problem.output_index(output)
    named = [problem.index(name) for name in drivers]
    rest = [j for j in range(problem.dimension) if j not in named]
    groups = [*[[j] for j in named], *([rest] if rest else [])]
    names = [*drivers, *([OTHERS] if rest else [])]
    d, count = problem.dimension, len(groups)
    each = max(rows // orders, 2)
    germ = special.ndtri(
        np.clip(sampling.sobol_sequence(each * orders, 2 * d, seed=seed).unit, 1e-15, 1.0 - 1e-15)
    )
    rng = np.random.default_rng([seed, 2])
    pairs = [rng.permutation(count) for _ in range((orders + 1) // 2)]
    permutations = [p for pair in pairs for p in (pair, pair[::-1])][:orders]
    points = []
    for k, order in enumerate(permutations):
        block = germ[k * each : (k + 1) * each]
        columns = [j for g in order for j in groups[g]]
        known = np.cumsum([0, *[len(groups[g]) for g in order]])
        for kept in known:
            mixed = np.hstack([block[:, :kept], block[:, d + kept :]])
            points.append(dependent_germs(problem, mixed, columns))
    x = _held(sample, np.vstack(points), given)
    f = ask_mean(sample.model, x)[:, column].reshape(len(permutations), count + 1, each)
    usable = np.asarray(np.isfinite(f).all(axis=1, keepdims=True))
    f = np.where(usable, f, 0.0)
    f = np.where(usable, f - f.sum() / (usable.sum() * (count + 1)), 0.0)
    gain = (f[:, 1:] - f[:, :-1]) * (f[:, -1:] - 0.5 * (f[:, 1:] + f[:, :-1]))
    earned = np.empty((len(permutations), count))
    for k, order in enumerate(permutations):
        earned[k, order] = gain[k].sum(axis=1) / max(int(usable[k].sum()), 1)
    total = float(earned.sum(axis=1).mean())
    if not total > 0.0:
        raise ValueError(f"output {output!r} does not vary; there is nothing to share out")
    effect = earned.mean(axis=0) / total
    paired = earned[: len(earned) // 2 * 2].reshape(-1, 2, count).mean(axis=1)
    residual = (paired - effect * paired.sum(axis=1, keepdims=True)) / total
    student = special.stdtrit(len(paired) - 1, 0.5 * (1.0 + confidence))
    half = student * residual.std(axis=0, ddof=1) / np.sqrt(len(paired))
    return {
        name: Estimate(float(e), float(e - h), float(e + h), confidence)
        for name, e, h in zip(names, effect, half, strict=True)
    }


def _check_apart(problem: Problem, given: Sequence[Condition]) -> None:
    """Raise ValueError for a condition on an input that others depend on: what they follow then has no order of germs
    that could be kept and drawn anew one by one."""
    for condition in given:
        if len(joined(problem, {problem.index(condition.input)})) > 1:
            raise ValueError(
                f"{condition.input!r} depends on other inputs; shares of variance under a requirement on it "
                "are not known here: ask without it"
            )


def _held(sample: Sample, w: FloatArray, given: Sequence[Condition]) -> FloatArray:
    """Physical points of dependent germs w, required inputs drawn from their truncated law, the rest as
    in any sample."""
    problem, u = sample.problem, special.ndtr(w)
    for j, (low, high) in germ_bounds(problem, given).items():
        u[:, j] = special.ndtr(low) + (special.ndtr(high) - special.ndtr(low)) * u[:, j]
    x = np.stack([law.ppf(u[:, j]) for j, law in enumerate(problem.distributions)], axis=1)
    for condition in given:
        if isinstance(condition, Verified):
            j = problem.index(condition.input)
            x[:, j] = scattered(condition, special.ndtr(w[:, j]))
    for name, value in sized_at(sample.design, given).items():
        x[:, problem.index(name)] = value
    return x
