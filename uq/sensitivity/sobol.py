"""Which inputs drive an output: Sobol' indices from pick-freeze plans or through a surrogate, with honest intervals.

For independent inputs and u a set of inputs (one input, or a group)::

    first_u = Var(E[Y | X_u]) / Var(Y)             what knowing X_u would remove
    total_u = E[Var(Y | X_~u)] / Var(Y)            what not knowing X_u alone would leave

Source: Sobol' (1993); Homma & Saltelli (1996), doi:10.1016/0951-8320(96)00002-6.  Dependent inputs:
`uq.sensitivity.shapley_kucherenko`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.results import Indices, Interactions
from uq.sampling.pick_freeze import block_size, columns_of_groups, pick_freeze
from uq.sensitivity.pick_freeze_estimators import (
    Ratio,
    bounds,
    difference_share,
    product_share,
    require_usable,
    widen,
)
from uq.surrogates.base import Surrogate
from uq.surrogates.composite import Composite
from uq.surrogates.evaluate import means, require_surrogate, residual_squares, rows_learned_from, through_note
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

Groups = Mapping[str, Sequence[str]]

BLOCKS = 16
"""Consecutive blocks into which one scramble is cut.  They repel each other, so that their spread, taken as that of
independent replicates, bounds its error: on functions of 2 to 20 inputs 90 % intervals hold 93 to 98 times in 100, and
are as wide as those of 8 independent replicates, whose error is two to three times as large."""


@dataclass(frozen=True)
class _Runs:
    """Outputs y (n, blocks, m) of a pick-freeze plan, checked, with what the analyses must know of it."""

    names: tuple[str, ...]
    y: FloatArray
    second_order: bool
    replicates: int
    residual: FloatArray  # (m,) mean squared error of the surrogate that made y; zero for a model's own runs
    learned_from: int
    notes: tuple[str, ...]

    def interval(self, ratio: Ratio, k: int, scale: float, confidence: float) -> FloatArray:
        """Of a share of output k, whose variance is `scale`: of the runs, widened by the surrogate's error."""
        interval, share = bounds(ratio, self.replicates, confidence), self.residual[k] / scale
        return widen(ratio.value, interval, share, self.learned_from, confidence)

    def account(self, k: int, notes: tuple[str, ...]) -> tuple[int, tuple[str, ...], int]:
        """Runs, notes and the rows that the surrogate of output k learned from, 0 without one."""
        return self.runs, self.notes + notes, self.learned_from if self.residual[k] > 0.0 else 0

    @property
    def runs(self) -> int:
        return self.y.shape[0] * self.y.shape[1]


@one_thread()
def sobol_indices(
    source: Dataset | Surrogate,
    *,
    outputs: Sequence[str] | None = None,
    groups: Groups | None = None,
    confidence: float = CONFIDENCE,
    base: int = 8192,
    replicates: int = 1,
    seed: int = SEED,
    learned_from: int | None = None,
) -> dict[str, Indices]:
    """First-order and total Sobol' indices of independent inputs, for each output, with intervals.

    `source` is the Dataset of a pick-freeze plan (`pick_freeze`, `uq.sampling.saltelli`), or a Surrogate.  A chaos
    expansion gives the closed form of its coefficients (`PolynomialChaos.sobol_indices`); through any other, `base`
    points in `replicates` scrambles are drawn from `seed`.  Estimators, with a, b, c_j the centred
    outputs at A, B, AB_j::

        first_j = <b c_j - k a b> / <(b^2 + c_j^2) / 2>         Janon et al. (2014), doi:10.1051/ps/2013040
        total_j = <(a - c_j)^2 / 2 - k' z> / <(a^2 + c_j^2) / 2>      Jansen (1999)

    where the control variates a b and z (products and contrasts of zero mean) take the least-squares weights.
    Intervals are Student's over the replicates (over the rows of a plain Monte Carlo plan), or, of one scramble,
    over its blocks (as wide as of random rows).  Through a surrogate of
    residual share delta = <std^2> / Var(Y), they are widened as `uq.sensitivity.pick_freeze_estimators.widen` states,
    `learned_from` being the number of training rows (that which the surrogate knows of itself, unless stated).

    Parameters
    ----------
    source : Dataset or Surrogate
        Rows of a plan that fits the question, or a surrogate that is sampled.
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

    Raises
    ------
    ValueError
        With the remedy, for dependent inputs, rows that are not a pick-freeze plan, failed rows (see `complete`,
        `impute`, `as_failures` in `uq.surrogates.derived_outputs`), a constant output, or overlapping groups.
    """
    require_confidence(confidence)
    asked = _outputs(source, outputs)
    _sets(source.problem, groups)
    results = {
        output: part.sobol_indices(output, groups=groups, confidence=confidence)
        for output, part in _expansions(source, asked).items()
    }
    sampled = tuple(output for output in asked if output not in results)
    if not sampled:
        return results
    runs = _collect(source, sampled, groups, False, base, replicates, seed, learned_from)
    for k, output in enumerate(sampled):
        first, total, scale, notes = _first_and_total(runs, k, output)
        results[output] = Indices(
            output,
            runs.names,
            first.value,
            total.value,
            runs.interval(first, k, scale, confidence),
            runs.interval(total, k, scale, confidence),
            confidence,
            *runs.account(k, notes),
        )
    return {output: results[output] for output in asked}


@one_thread()
def second_order_indices(
    source: Dataset | Surrogate,
    *,
    outputs: Sequence[str] | None = None,
    groups: Groups | None = None,
    confidence: float = CONFIDENCE,
    base: int = 8192,
    replicates: int = 1,
    seed: int = SEED,
    learned_from: int | None = None,
) -> dict[str, Interactions]:
    """Second-order Sobol' indices: what knowing two inputs removes beyond what each removes alone.

    ``second_jk = closed_jk - first_j - first_k``, and closed_jk is the covariance of the outputs at AB_j and BA_k,
    which share exactly columns j and k (Saltelli 2002, doi:10.1016/S0010-4655(02)00280-1).  Arguments, intervals
    and errors as in `sobol_indices`; a Dataset must come from a plan with ``second_order=True``.

    Parameters
    ----------
    source : Dataset or Surrogate
        Rows of a plan that fits the question, or a surrogate that is sampled.
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
    dict of str to Interactions
    """
    require_confidence(confidence)
    asked = _outputs(source, outputs)
    _sets(source.problem, groups)
    results = {
        output: part.second_order_indices(output, confidence=confidence)
        for output, part in (_expansions(source, asked) if groups is None else {}).items()
    }
    sampled = tuple(output for output in asked if output not in results)
    if not sampled:
        return results
    runs = _collect(source, sampled, groups, True, base, replicates, seed, learned_from)
    g = len(runs.names)
    for k, output in enumerate(sampled):
        first, _, scale, notes = _first_and_total(runs, k, output)
        y = runs.y[:, :, k] - runs.y[:, :, k].mean()
        ab, ba = y[:, 1 : g + 1], y[:, g + 1 : 2 * g + 1]
        second, interval = np.zeros((g, g)), np.zeros((g, g, 2))
        for i, j in itertools.combinations(range(g), 2):
            pair = product_share(ab[:, i], ba[:, j], ba[:, i]).plus(
                product_share(ab[:, j], ba[:, i], ba[:, j])
            )
            pair = pair.scaled(0.5).plus(first.column(i).plus(first.column(j)).scaled(-1.0))
            second[i, j] = second[j, i] = pair.value[0]
            interval[i, j] = interval[j, i] = runs.interval(pair, k, scale, confidence)[0]
        results[output] = Interactions(
            output, runs.names, second, interval, confidence, *runs.account(k, notes)
        )
    return {output: results[output] for output in asked}


def _expansions(source: Dataset | Surrogate, outputs: Sequence[str]) -> dict[str, PolynomialChaos]:
    """The chaos expansions among a source's parts by output; their indices are sums of squares."""
    parts = source.parts if isinstance(source, Composite) else (source,)
    return {
        name: part
        for name in outputs
        for part in parts
        if isinstance(part, PolynomialChaos) and name in part.problem.output_names
    }


def _outputs(source: Dataset | Surrogate, outputs: Sequence[str] | None) -> tuple[str, ...]:
    if not isinstance(source, Dataset):
        require_surrogate(source)
    names = tuple(outputs) if outputs is not None else source.problem.output_names
    for name in names:
        source.problem.output_index(name)
    return names


def _first_and_total(runs: _Runs, k: int, output: str) -> tuple[Ratio, Ratio, float, tuple[str, ...]]:
    """Indices of one output, its variance, and what is odd about it."""
    raw, g = runs.y[:, :, k], len(runs.names)
    notes = require_usable(raw, output)
    y = raw - raw.mean()
    a, b = y[:, 0], y[:, -1]
    first, total = [], []
    for j in range(g):
        c = y[:, 1 + j]
        s, t = product_share(b, c, a), difference_share(a, c, b)
        if runs.second_order:
            e = y[:, 1 + g + j]
            s = s.plus(product_share(a, e, b)).scaled(0.5)
            t = t.plus(difference_share(b, e, a)).scaled(0.5)
        first.append(s)
        total.append(t)
    return Ratio.stack(first), Ratio.stack(total), float(0.5 * (a @ a + b @ b) / len(a)), notes


def _collect(
    source: Dataset | Surrogate,
    outputs: Sequence[str] | None,
    groups: Groups | None,
    second_order: bool,
    base: int,
    replicates: int,
    seed: int,
    learned_from: int | None,
) -> _Runs:
    problem = source.problem
    sets = _sets(problem, groups)
    names = tuple(groups) if groups is not None else problem.input_names
    if isinstance(source, Dataset):
        return _from_data(source, _outputs(source, outputs), names, sets, groups is not None, second_order)
    plan = pick_freeze(
        base, problem.dimension, seed=seed, replicates=replicates, second_order=second_order, groups=sets
    )
    index = [problem.output_index(name) for name in _outputs(source, outputs)]
    x = problem.physical(plan.unit)
    y = means(source, x, index)
    blocks = (2 if second_order else 1) * len(sets) + 2
    residual, rows = residual_squares(source, x[::blocks], index), rows_learned_from(source, learned_from)
    return _Runs(
        names,
        y.reshape(base, blocks, -1),
        second_order,
        _blocks(replicates, base),
        residual,
        rows,
        through_note(residual, source, learned_from),
    )


def _sets(problem: Problem, groups: Groups | None) -> tuple[tuple[int, ...], ...]:
    """The columns of each group, or of each input.  Raises ValueError for correlated inputs and overlapping groups."""
    if problem.dependent:
        raise ValueError(
            "the inputs are correlated; Sobol' indices assume independence: "
            "use uq.shapley_effects or uq.kucherenko_indices through a surrogate"
        )
    return columns_of_groups(problem.input_names, groups)


def _blocks(replicates: int, base: int) -> int:
    """How many groups of base points an interval rests on: the replicates, or the blocks of the only one."""
    return replicates if replicates > 1 else min(BLOCKS, base)


def pick_freeze_runs(data: Dataset, outputs: Sequence[str]) -> FloatArray:
    """Outputs y (n, d + 2 or 2 d + 2, m) of rows A, AB_1 .. AB_d, (BA_1 .. BA_d,) B of single inputs.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str
        m names.

    Returns
    -------
    ndarray (n, d + 2 or 2 d + 2, m)
        Outputs of each base point.

    Raises
    ------
    ValueError
        As `sobol_indices`: for rows that are not those of such a plan, for failed rows and correlated inputs.
    """
    return _collect(data, outputs, None, False, 0, 0, 0, None).y


def _from_data(
    data: Dataset,
    outputs: tuple[str, ...],
    names: tuple[str, ...],
    sets: tuple[tuple[int, ...], ...],
    grouped: bool,
    second_order: bool,
) -> _Runs:
    d, g, n = data.problem.dimension, len(sets), len(data)
    details = data.details
    saved = details.get("groups")
    if not grouped and saved is not None and [list(s) for s in saved] != [list(s) for s in sets]:
        raise ValueError("the plan was drawn for groups; name them: groups={'name': [inputs], ...}")
    blocks = block_size(data.x, sets)
    if second_order and blocks != 2 * g + 2:
        raise ValueError(
            "second-order indices need the rows of a plan with second_order=True: "
            f"uq.pick_freeze(n, {d}, seed=..., second_order=True)"
        )
    if not blocks:
        raise ValueError(
            f"the {n} rows (scheme {details.get('scheme', 'unknown')!r}) are not those of a pick-freeze plan of "
            f"{g} {'groups' if grouped else 'inputs'}, in its order; draw one with "
            f"uq.pick_freeze(n, {d}, seed=...), or fit a surrogate to these data and pass that"
        )
    data.require_no_failures(
        f" ({', '.join(f'{k}: {v}' for k, v in data.counts().items())}); choose: "
        "complete(data) leaves out the base points they touch, impute(data, surrogate) fills them in, "
        "as_failures(data) asks what drives the failures (all of uq.surrogates.derived_outputs)"
    )
    base = n // blocks
    replicates = _blocks(int(details.get("replicates", 1)), base)
    notes: tuple[str, ...] = tuple(details.get("policy", ()))
    if replicates != details.get("replicates"):
        notes += ("one scramble: intervals are as wide as of random rows, from its blocks",)
    if base % replicates:
        replicates = base  # rows left out: what remains is judged as if drawn at random
    if base < 8:
        raise ValueError(f"{base} base points give no interval; draw at least 8, better 1024")
    y = np.stack([data[name] for name in outputs], axis=1).reshape(base, blocks, len(outputs))
    return _Runs(names, y, blocks == 2 * g + 2, replicates, np.zeros(len(outputs)), 1, notes)
