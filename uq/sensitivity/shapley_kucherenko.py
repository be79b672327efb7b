"""Which inputs drive an output when the inputs depend on each other, through a cheap surrogate.

Dependent inputs share credit.  Kucherenko's indices are the first-order and total indices with conditional laws; the
total of an input that others tell is small, and may lie below its first-order index.  Shapley effects share the
variance out: none is negative, and they sum to one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray, IntArray
from uq.core.dependence import dependent_germs, joined, redrawn
from uq.core.estimate import CONFIDENCE, SEED, Estimate, estimates, require_confidence
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.results import Indices, interval_rows, verdict
from uq.core.table import Table, Tabled, header
from uq.sampling.pick_freeze import columns_of_groups
from uq.sampling.plans import scrambles
from uq.sensitivity.pick_freeze_estimators import (
    Ratio,
    bounds,
    difference_share,
    product_share,
    require_usable,
    shares,
    widen,
)
from uq.sensitivity.sobol import Groups
from uq.surrogates.base import Surrogate
from uq.surrogates.evaluate import means, require_surrogate, residual_squares, rows_learned_from, through_note

ROWS_PER_ORDER = 8
"""Points that share one random order of the inputs: enough to spare factorisations, few enough for many orders."""


ALL_SUBSETS = 6
"""Up to so many inputs, all 2^g sets of known inputs are visited: no noise of random orders."""


@dataclass(frozen=True)
class Effects(Tabled):
    """Shapley effects of one output: `effects` (d,) that sum to one, `interval` (d, 2) at `confidence`.

    The rest as in `uq.sensitivity.Indices`.
    """

    output: str
    """Name of the output."""
    inputs: tuple[str, ...]
    """Names of the inputs, in the order of the arrays."""
    effects: FloatArray
    interval: FloatArray
    confidence: float = CONFIDENCE
    runs: int = 0
    """Evaluations behind the effects."""
    notes: tuple[str, ...] = ()
    """What changes their meaning."""
    learned_from: int = 0
    """Rows that a surrogate behind them learned from; 0 for the model itself."""

    def verdicts(self) -> tuple[str, ...]:
        """One plain sentence for each input."""
        return tuple(
            f"{name}: {verdict(self.effects[j], self.interval[j], self.runs, self.learned_from)}"
            for j, name in enumerate(self.inputs)
        )

    def __str__(self) -> str:
        head = f"{self.output}: Shapley effects ({self.confidence:.0%} intervals, {self.runs} runs)"
        return "\n".join(
            [head, *interval_rows(self.inputs, {"": (self.effects, self.interval)}), *self.notes]
        )

    @property
    def estimates(self) -> dict[str, Estimate]:
        """By input."""
        return dict(zip(self.inputs, estimates(self.effects, self.interval, self.confidence), strict=True))

    def table(self) -> Table:
        """The effects with their intervals, largest first."""
        shares = tuple(self.estimates.values())
        return Table(
            "effects",
            f"Shapley effects of {self.output} ({self.confidence:.0%} intervals, {self.runs} runs)",
            header("input | share of the variance"),
            tuple((self.inputs[j], shares[j]) for j in np.argsort(-self.effects, kind="stable")),
            self.notes,
        )


@one_thread()
def kucherenko_indices(
    surrogate: Surrogate,
    *,
    outputs: Sequence[str] | None = None,
    groups: Groups | None = None,
    confidence: float = CONFIDENCE,
    base: int = 8192,
    replicates: int = 8,
    seed: int = SEED,
    learned_from: int | None = None,
) -> dict[str, Indices]:
    """First-order and total indices of dependent inputs, for each output.

    For germs w, w' ~ N(0, R) independent and a set u of inputs, the germ that keeps w_u and redraws the others from
    their conditional law is (Matheron's rule)::

        w^u = w' + R[:, u] R[u, u]^-1 (w_u - w'_u)

    first_u is the covariance share of f(w) and f(w^u), total_u the half mean square of f(w) - f(w^~u) over the
    variance.  With R = 1 these are `uq.sensitivity.sobol`'s estimators; intervals and arguments are too.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted one.
    outputs : sequence of str, optional
        Names of the outputs that are asked about; all by default.
    groups : mapping of str to sequence of str, optional
        Inputs that are taken together, by the name of their group; by default each by itself.
    confidence : float
        Of every interval.
    base : int
        Points of the pick-freeze plan through a surrogate, a power of two.
    replicates : int
        Independent scrambles, whose spread gives the intervals.
    seed : int
        Of every random choice.
    learned_from : int, optional
        Training rows of the surrogate; by default those that it knows of itself.

    Returns
    -------
    dict of str to Indices

    References
    ----------
    Kucherenko, Tarantola & Annoni (2012), doi:10.1016/j.cpc.2011.12.020.
    """
    require_surrogate(surrogate)
    require_confidence(confidence)
    names, sets = _sets(surrogate, groups)
    d = surrogate.problem.dimension
    problem = surrogate.problem
    germs = _germs(2 * d, base, replicates, seed)
    w, other = (dependent_germs(problem, part, range(d)) for part in (germs[:, :d], germs[:, d:]))
    evaluate, rows = _Evaluation(surrogate, outputs), rows_learned_from(surrogate, learned_from)
    top, bottom = evaluate(w), evaluate(other)
    kept = [
        (evaluate(redrawn(problem, w, other, u)), evaluate(redrawn(problem, w, other, _rest(u, d))))
        for u in sets
    ]
    runs = base * (2 * len(sets) + 2)
    results = {}
    for k, output in enumerate(evaluate.names):
        notes = (
            *through_note(evaluate.residual, surrogate, learned_from),
            *require_usable(top[:, k], output),
        )
        mean = 0.5 * (top[:, k].mean() + bottom[:, k].mean())
        b, a = top[:, k] - mean, bottom[:, k] - mean
        first = Ratio.stack([product_share(b, c[:, k] - mean, a) for c, _ in kept])
        total = Ratio.stack([difference_share(b, c[:, k] - mean, a) for _, c in kept])
        share = evaluate.residual[k] / float(b @ b / len(b))
        by_first, by_total = (
            widen(r.value, bounds(r, replicates, confidence), share, rows, confidence) for r in (first, total)
        )
        results[output] = Indices(
            output,
            names,
            first.value,
            total.value,
            by_first,
            by_total,
            confidence,
            runs,
            notes,
            rows if share > 0.0 else 0,
        )
    return results


@one_thread()
def shapley_effects(
    surrogate: Surrogate,
    *,
    outputs: Sequence[str] | None = None,
    groups: Groups | None = None,
    confidence: float = CONFIDENCE,
    base: int = 8192,
    replicates: int = 8,
    seed: int = SEED,
    learned_from: int | None = None,
) -> dict[str, Effects]:
    """Shapley effects of independent or dependent inputs, for each output; they sum to one.

    ``effect_j`` is the mean, over the orders in which inputs may become known, of the share of variance that
    knowing x_j removes beyond those known before.  For an order p, germs in that order are ``w = L z`` with
    ``L L' = R[p, p]``; replacing the last d - k entries of z by those of z' redraws what is unknown after k steps
    from its conditional law.  With f_k the output there (f_0 independent of f_d), the k-th input of the order earns

        <(f_k - f_{k-1}) (f_d - (f_k + f_{k-1}) / 2)> / Var(Y).

    Up to `ALL_SUBSETS` inputs or groups, every set of known inputs is visited at every point; beyond, random orders and
    their reversals, `ROWS_PER_ORDER` points each.  Intervals as in `uq.sensitivity.sobol`.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted one.
    outputs : sequence of str, optional
        Names of the outputs that are asked about; all by default.
    groups : mapping of str to sequence of str, optional
        Inputs that are taken together, by the name of their group; by default each by itself.
    confidence : float
        Of every interval.
    base : int
        Points of the pick-freeze plan through a surrogate, a power of two.
    replicates : int
        Independent scrambles, whose spread gives the intervals.
    seed : int
        Of every random choice.
    learned_from : int, optional
        Training rows of the surrogate; by default those that it knows of itself.

    Returns
    -------
    dict of str to Effects

    Raises
    ------
    TypeError
        For what is no surrogate.
    ValueError
        For groups that overlap or leave an input out, fewer than 2 `replicates`, a `base` that they do not divide into
        powers of two, outputs that are constant or not finite.

    References
    ----------
    Song, Nelson & Staum (2016), doi:10.1137/15M1048070; Goda (2021), doi:10.1016/j.ress.2020.107273.
    """
    require_surrogate(surrogate)
    require_confidence(confidence)
    names, sets = _sets(surrogate, groups)
    covered = sorted(j for u in sets for j in u)
    if covered != list(range(surrogate.problem.dimension)):
        raise ValueError("Shapley effects share out the whole variance: put every input into a group")
    g = len(sets)
    problem = surrogate.problem
    germs = _germs(2 * problem.dimension, base, replicates, seed)
    evaluate, rows = _Evaluation(surrogate, outputs), rows_learned_from(surrogate, learned_from)
    if g <= ALL_SUBSETS:
        runs = base * 2**g
        gains, first, last = _gains_of_subsets(germs, sets, problem, evaluate)
    else:
        runs = base * (g + 1)
        rng = np.random.default_rng([seed, 1])
        parts = [
            _gains_of_orders(piece, sets, problem, evaluate, rng) for piece in np.split(germs, replicates)
        ]
        gains, first, last = (np.concatenate(part) for part in zip(*parts, strict=True))
    results = {}
    for k, output in enumerate(evaluate.names):
        ends = np.stack([first[:, k], last[:, k]])
        notes = (*through_note(evaluate.residual, surrogate, learned_from), *require_usable(ends, output))
        bottom, top = (ends - ends.mean())[:, :, None]
        power = 0.5 * (top**2 + bottom**2)[:, 0]
        ratio = shares(gains[:, :, k], power, (top * bottom, top**2 - bottom**2, top - bottom))
        ratio = ratio.scaled(1.0 / ratio.value.sum())
        share = evaluate.residual[k] / float(power.mean())
        interval = widen(ratio.value, bounds(ratio, replicates, confidence), share, rows, confidence)
        results[output] = Effects(
            output, names, ratio.value, interval, confidence, runs, notes, rows if share > 0.0 else 0
        )
    return results


def _gains_of_subsets(
    germs: FloatArray, sets: Sequence[Sequence[int]], problem: Problem, evaluate: _Evaluation
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gains (n, g, m) of each input, weighted over all sets u known before: |u|! (g - |u| - 1)! / g!."""
    g, d = len(sets), problem.dimension
    w, other = (dependent_germs(problem, part, range(d)) for part in (germs[:, :d], germs[:, d:]))
    y = []
    for known in range(2**g):
        columns = [j for k in range(g) if known >> k & 1 for j in sets[k]]
        y.append(evaluate(redrawn(problem, w, other, columns)))
    first, last = y[0], y[-1]
    gains = np.zeros((len(w), g, first.shape[1]))
    for known in range(2**g):
        weight = 1.0 / (g * math.comb(g - 1, known.bit_count())) if known != 2**g - 1 else 0.0
        for k in range(g):
            if not known >> k & 1:
                gains[:, k] += weight * _gain(y[known], y[known | 1 << k], last)
    return gains, first, last


def _gains_of_orders(
    germs: FloatArray,
    sets: Sequence[Sequence[int]],
    problem: Problem,
    evaluate: _Evaluation,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gains (n, g, m) of each input along random orders."""
    n, g, d = len(germs), len(sets), problem.dimension
    each = min(ROWS_PER_ORDER, n)
    orders = rng.permuted(np.tile(np.arange(g), (n // each, 1)), axis=1)
    if len(orders) % 2 == 0:
        orders[1::2] = orders[::2, ::-1]
    y = [evaluate(w.reshape(n, d)) for w in _chain(germs.reshape(-1, each, 2 * d), orders, sets, problem)]
    along = np.stack([_gain(y[k], y[k + 1], y[-1]) for k in range(g)], axis=1)
    position = np.argsort(orders, axis=1).repeat(each, axis=0)
    return np.take_along_axis(along, position[:, :, None], axis=1), y[0], y[-1]


def _gain(before: FloatArray, after: FloatArray, last: FloatArray) -> FloatArray:
    return (after - before) * (last - 0.5 * (after + before))


class _Evaluation:
    """Means (n, m) of a surrogate at dependent germs; its mean squared prediction error, by the first rows it saw."""

    def __init__(self, surrogate: Surrogate, outputs: Sequence[str] | None) -> None:
        problem = surrogate.problem
        self.names = tuple(outputs) if outputs is not None else problem.output_names
        self._index = [problem.output_index(name) for name in self.names]
        self._surrogate = surrogate
        self._margins = problem.without_dependence()
        self.residual = np.full(len(self.names), np.nan)

    def __call__(self, w: FloatArray) -> FloatArray:
        x = self._margins.physical(special.ndtr(w))
        if np.isnan(self.residual).any():
            self.residual = residual_squares(self._surrogate, x, self._index)
        return means(self._surrogate, x, self._index)


def _sets(surrogate: Surrogate, groups: Groups | None) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    problem = surrogate.problem
    sets = columns_of_groups(problem.input_names, groups)
    _require_told_by_values(problem, sets)
    return problem.input_names if groups is None else tuple(groups), sets


def _require_told_by_values(problem: Problem, sets: Sequence[Sequence[int]]) -> None:
    """Raise ValueError for a discrete input on which one outside of its group depends: the germ, which is what stays
    known here, tells more of the others than the value does."""
    if not problem.dependent:
        return
    for j, law in enumerate(problem.distributions):
        tied = set(joined(problem, {j}))
        own = next((set(u) for u in sets if j in u), {j})
        if law.atoms and not tied <= own:
            names = ", ".join(repr(problem.input_names[k]) for k in sorted(tied - {j}))
            raise ValueError(
                f"input {problem.input_names[j]!r} takes separate values and is correlated, so that its value tells "
                f"less of {names} than its germ does: put them into one group"
            )


def _germs(dimension: int, base: int, replicates: int, seed: int) -> FloatArray:
    """(base, dimension) standard normal points in independent scrambles."""
    if replicates < 2:
        raise ValueError(f"intervals come from the spread of at least 2 replicates, got {replicates}")
    unit = scrambles(base, dimension, seed=seed, replicates=replicates).unit
    return special.ndtri(np.clip(unit, 2.0**-54, 1.0 - 2.0**-53))


def _rest(u: Sequence[int], d: int) -> list[int]:
    return [j for j in range(d) if j not in u]


def _chain(
    germs: FloatArray,
    orders: IntArray,
    sets: Sequence[Sequence[int]],
    problem: Problem,
) -> list[FloatArray]:
    """g + 1 arrays (orders, rows, d) of dependent germs in the inputs' own order: from nothing known to all known."""
    d, g = problem.dimension, len(sets)
    matrix = np.eye(d) if problem.correlation is None else problem.correlation
    columns = np.array([[j for k in order for j in sets[k]] for order in orders])
    sizes = np.array([len(u) for u in sets])
    known = np.concatenate([np.zeros((len(orders), 1), np.int64), np.cumsum(sizes[orders], axis=1)], axis=1)
    root = np.linalg.cholesky(matrix[columns[:, :, None], columns[:, None, :]])
    back = np.argsort(columns, axis=1)[:, None, :]
    parts = []
    for own, copula in problem.copulas:  # the same copula in each order in which its inputs come
        place = np.argsort(columns, axis=1)[:, own]
        for ranks in np.unique(np.argsort(place, axis=1), axis=0):
            some = np.flatnonzero((np.argsort(place, axis=1) == ranks).all(axis=1))
            part = copula.part(ranks.tolist())
            if part is not None:
                parts.append(([own[j] for j in ranks], part, some, place[np.ix_(some, ranks)]))
    z, other = germs[:, :, :d], germs[:, :, d:]
    chain = []
    for k in range(g + 1):
        mask = np.arange(d) < known[:, k, None]
        mixed = np.where(mask[:, None, :], z, other)
        w = np.take_along_axis(mixed @ root.transpose(0, 2, 1), back, axis=2)
        for at, copula, some, where in parts:
            unit = special.ndtr(np.take_along_axis(mixed[some], where[:, None, :], axis=2))
            v = copula.dependent(unit.reshape(-1, len(at))).reshape(unit.shape)
            w[np.ix_(some, np.arange(w.shape[1]), at)] = special.ndtri(v)
        chain.append(w)
    return chain
