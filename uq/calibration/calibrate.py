"""Bayesian updating of the inputs of a problem from measurements of them or of outputs.

In germs z (see `uq.core.problem`) the prior is standard normal whatever the laws of the inputs; inputs that were
measured come first in the order of dependence, so that all others follow from them as before::

    x_j = F_j^-1(Phi(w_j)),   w = L z,   L L' = correlation,   posterior of z in blocks (`uq.calibration.blocks`)

The posterior is a problem again: laws that stay normal or lognormal stay what they are, others become empirical.  A
Gaussian copula joins them, unless the draws ask for another (`uq.core.copulas.fitting`).  Source: Kennedy & O'Hagan
(2001), doi:10.1111/1467-9868.00294 (without discrepancy: give what the model misses as the systematic part of a group).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special
from scipy.sparse import csgraph

from uq.calibration.blocks import Gaussian, OneGerm, Sampled, solved
from uq.calibration.dependence import posterior_dependence
from uq.calibration.discrete import Block, Summed, steps_of, summed
from uq.calibration.forward import PROBES, Forward, forward
from uq.calibration.measurement import Measurement, measurements_of
from uq.calibration.posterior import Convergence, Posterior
from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.dependence import dependent_germs
from uq.core.distributions import Discrete, Distribution, Empirical, LogNormal, Mixture, Normal
from uq.core.estimate import CONFIDENCE, SEED, check_probability
from uq.core.model import Model
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.text import one_line
from uq.surrogates.base import Surrogate

DRAWS = 10_000
MAX_STEPS = 20_000
"""Of each walker."""

VALUES = 401
"""Of an empirical law."""
FEWEST_DRAWS, MOST_DRAWS = 1000, 10_000_000
UNTRAINED = 0.1
"""Share of the posterior beyond the rows that a surrogate was trained on, at which its word counts for nothing."""


@one_thread()
def calibrate(
    source: Problem | Surrogate | Model,
    measurements: Sequence[Measurement] | Any,
    *,
    problem: Problem | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    max_steps: int = MAX_STEPS,
    confidence: float = CONFIDENCE,
) -> Posterior:
    """Update the laws of inputs from measurements of inputs or outputs.

    Normal inputs that are read through a straight line have a closed form; a single input has quadrature; discrete
    inputs are summed over; anything else is sampled by two ensembles of walkers, through a surrogate if the model is
    not cheap.

    Parameters
    ----------
    source : Problem, Surrogate or model
        What predicts the outputs that were measured: a problem with a cheap model, a surrogate (whose claimed error is
        added to that of the readings), or a model of named columns.
    measurements : sequence of Measurement, data frame, mapping of columns, or rows
        See `measurements_of`.
    problem : Problem, optional
        The inputs as known before, where `source` is a surrogate of another problem or a model.
    draws : int
        Of the posterior, kept in `Posterior.samples`.
    seed : int
        Of every random draw.
    max_steps : int
        Of each walker of a chain, after which it is given up.
    confidence : float
        Of the intervals that are shown.

    Returns
    -------
    Posterior
        Its `problem` is one like any other.

    Raises
    ------
    KeyError
        For a quantity that is no input and no output.
    ValueError
        Without measurements; for missing columns, uncertainties that are not positive, readings that the prior
        excludes, chains that have not converged, discrete inputs that depend on others or have too many values, and
        a posterior beyond the rows of a surrogate.

    References
    ----------
    Kennedy & O'Hagan (2001), Bayesian calibration of computer models, doi:10.1111/1467-9868.00294.

    >>> from uq.core.distributions import Normal
    >>> from uq.core.problem import Input, Output
    >>> stiffness = Input("k", "N/m", Normal(100.0, 10.0))
    >>> prior = Problem((stiffness,), (Output("force", "N"),), lambda c: {"force": 0.1 * c["k"]})
    >>> after = calibrate(prior, [Measurement("force", 11.0, 1.0)])
    >>> [round(v, 3) for v in after.problem.inputs[0].distribution.moments()], after.exact
    ([105.0, 7.071], True)
    """
    check_probability("confidence", confidence)
    if not isinstance(draws, (int, np.integer)) or not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise ValueError(
            f"draws is {draws}; a posterior takes a whole number from {FEWEST_DRAWS} to {MOST_DRAWS}: fewer make no "
            "laws, more fill the memory"
        )
    if not isinstance(max_steps, (int, np.integer)) or not max_steps > 0:
        raise ValueError(f"max_steps is {max_steps}; a chain takes a whole number of steps")
    prior, model = _asked(source, problem)
    given = measurements_of(measurements)
    predict = forward(prior, model, given)
    random = np.random.default_rng(seed)
    needs = predict.dependence(random)
    while True:
        for one, row in zip(given, needs, strict=True):
            if not row.any():
                raise ValueError(
                    f"the measurement of {one.quantity!r} depends on no input, so that it tells nothing of them"
                )
        order, germs, root, linked = _ordered(prior, needs)
        _require_independent_steps(prior, order, germs, linked)
        blocks = _solved(predict, needs, order, germs, linked, draws=draws, seed=seed, max_steps=max_steps)
        z = random.standard_normal((draws, prior.dimension))
        for rows, block in blocks:
            z[:, rows] = block.draw(draws, random)
        w = dependent_germs(prior, z, order)
        samples = np.column_stack([law.at_normal(w[:, j]) for j, law in enumerate(prior.distributions)])
        # what depends on an input in few places is seen where the posterior lies, if not over the prior
        seen = needs | predict.dependence(random, samples[:: draws // PROBES])
        if np.array_equal(seen, needs):
            break
        needs = seen
    if isinstance(model, Surrogate):
        _require_inside(model, prior, samples)
    predicted = predict(samples)
    for array in (samples, predicted):
        array.setflags(write=False)
    touched = [k for k in range(prior.dimension) if any(linked[k, rows].any() for rows, _ in blocks)]
    laws = {
        prior.input_names[order[k]]: _law(
            prior.distributions[order[k]],
            np.where(linked[k], root[k], 0.0),
            linked[k],
            blocks,
            samples[:, order[k]],
        )
        for k in touched
    }
    correlation, copula = posterior_dependence(prior, order, root, linked, blocks, w)
    walked = [block.rest if isinstance(block, Summed) else block for _, block in blocks]
    chains = [block.chains for block in walked if isinstance(block, Sampled)]
    return Posterior(
        prior=prior,
        problem=dataclasses.replace(prior.replace(laws), correlation=correlation, copula=copula),
        samples=samples,
        measurements=given,
        predicted=predicted,
        changed=tuple(name for name in prior.input_names if name in laws),
        exact=all(isinstance(block, Gaussian) for _, block in blocks),
        convergence=Convergence(
            max(c.r_hat for c in chains),
            max(c.autocorrelation_time for c in chains),
            min(c.effective for c in chains),
            min(c.acceptance for c in chains),
            max(c.steps for c in chains),
        )
        if chains
        else None,
        confidence=confidence,
    )


def _require_inside(surrogate: Surrogate, prior: Problem, samples: FloatArray) -> None:
    """Raise ValueError where the posterior lies beyond the rows that the surrogate was trained on."""
    for j, name in enumerate(surrogate.problem.input_names):
        if name not in prior.input_names:
            continue
        column, x = samples[:, prior.index(name)], surrogate.x[:, j]
        low, high = float(x.min()), float(x.max())
        beyond = float(np.mean((column < low) | (column > high)))
        if beyond > UNTRAINED:
            raise ValueError(
                f"{beyond:.0%} of the posterior of {name!r} lie beyond {low:.4g} to {high:.4g}, where the surrogate "
                "was trained: train it there"
            )


def _asked(source: Problem | Surrogate | Model, problem: Problem | None) -> tuple[Problem, Model | None]:
    """The prior and what predicts."""
    if isinstance(source, Problem):
        return (problem or source), source.model
    if isinstance(source, Surrogate):
        return (problem or source.problem), source
    if not callable(source):
        raise TypeError(f"{source!r:.60} is no problem, surrogate or model")
    if problem is None:
        raise ValueError("a model alone says nothing of its inputs; give problem=")
    return problem, source


def _ordered(prior: Problem, needs: np.ndarray) -> tuple[IntArray, int, FloatArray, BoolArray]:
    """Order of the inputs, those that readings depend on first; how many these are; L in this order; and which germs
    each score follows from."""
    read = needs.any(axis=0)
    order = np.concatenate([np.flatnonzero(read), np.flatnonzero(~read)])
    correlation = np.eye(prior.dimension) if prior.correlation is None else prior.correlation
    root = np.linalg.cholesky(correlation[np.ix_(order, order)])
    root = np.where(np.abs(root) < 1e-14, 0.0, root)
    linked = root != 0.0
    for columns, _ in prior.copulas:
        rows = np.flatnonzero(np.isin(order, columns))
        linked[np.ix_(rows, rows)] = np.tri(len(rows), dtype=bool)
    return order, int(read.sum()), root, linked


def _solved(
    predict: Forward,
    needs: np.ndarray,
    order: IntArray,
    germs: int,
    linked: BoolArray,
    *,
    draws: int,
    seed: int,
    max_steps: int,
) -> list[tuple[IntArray, Block]]:
    """Blocks of germs with their posterior: germs that share a reading, or readings that share an error."""
    m = len(needs)
    reach = (needs[:, order].astype(float) @ linked)[:, :germs] > 0.0
    graph = np.zeros((m + germs, m + germs), dtype=bool)
    graph[:m, m:] = reach
    graph[:m, :m] = predict.covariance != 0.0
    count, label = csgraph.connected_components(graph, directed=False)
    laws = predict.problem.distributions
    found = []
    for c in range(count):
        readings, rows = np.flatnonzero(label[:m] == c), np.flatnonzero(label[m:] == c)

        def of_block(z: FloatArray, rows: IntArray = rows, readings: IntArray = readings) -> FloatArray:
            whole = np.zeros((len(z), len(order)))
            whole[:, rows] = z
            w = dependent_germs(predict.problem, whole, order)
            x = np.column_stack([law.at_normal(w[:, j]) for j, law in enumerate(laws)])
            return predict(x)[:, readings]

        names = one_line(
            ", ".join(dict.fromkeys(repr(predict.measurements[k].quantity) for k in readings)), 200
        )
        given = predict.values[readings], predict.covariance[np.ix_(readings, readings)]
        how: dict[str, Any] = {"draws": draws, "seed": seed, "max_steps": max_steps, "names": names}
        steps = steps_of([laws[order[k]] for k in rows], names)
        block: Block = (
            solved(of_block, len(rows), *given, **how)
            if steps is None
            else summed(of_block, len(rows), steps, *given, **how)
        )
        found.append((rows, block))
    return found


def _require_independent_steps(prior: Problem, order: IntArray, germs: int, linked: BoolArray) -> None:
    """Raise ValueError for a discrete input that a reading touches and that depends on another."""
    joined = (linked @ linked.T) & ~np.eye(len(order), dtype=bool)
    for k in np.flatnonzero(joined.any(axis=1)):
        touched = k < germs or joined[k, :germs].any() or linked[k, :germs].any()
        if touched and prior.distributions[order[k]].separate_values is not None:
            raise ValueError(
                f"input {prior.input_names[order[k]]!r} is discrete and depends on another: only the values of "
                "independent inputs can be summed over; leave it out of the correlation, or calibrate for each value"
            )


def _law(
    law: Distribution,
    weights: FloatArray,
    linked: BoolArray,
    blocks: Sequence[tuple[IntArray, Block]],
    drawn: FloatArray,
) -> Distribution:
    """The law of an input after the measurements: w = weights . z where these are all that it is linked to."""
    mine = [(rows, block) for rows, block in blocks if linked[rows].any()]
    linear = bool((linked == (weights != 0.0)).all())
    if law.separate_values is not None:
        ((rows, block),) = mine  # it depends on no other
        assert isinstance(block, Summed)
        found = block.probabilities(int(np.flatnonzero(weights[rows])[0]))
        return Discrete(tuple(found), tuple(found.values()))
    levels = np.linspace(0.0, 1.0, VALUES)
    inner = np.clip(levels, 0.5 / VALUES, 1.0 - 0.5 / VALUES)
    ends = np.array([1e-4, 1.0 - 1e-4])
    inner[[0, -1]] = ends
    if linear and all(isinstance(block, Gaussian) for _, block in mine):
        mean, variance, rest = 0.0, 0.0, weights.copy()
        for rows, block in mine:
            assert isinstance(block, Gaussian)
            mean += float(weights[rows] @ block.mean)
            variance += float(weights[rows] @ block.covariance @ weights[rows])
            rest[rows] = 0.0
        std = float(np.sqrt(variance + rest @ rest))
        if isinstance(law, Normal):
            return Normal(law.mean + law.std * mean, law.std * std)
        if isinstance(law, LogNormal):
            spread = np.log(law.factor)
            return LogNormal(law.median * float(np.exp(spread * mean)), float(np.exp(spread * std)))
        return _empirical(law.at_normal(mean + std * special.ndtri(inner)))
    if linear and len(mine) == 1 and isinstance(mine[0][1], OneGerm) and np.count_nonzero(weights) == 1:
        return _empirical(law.at_normal(mine[0][1].quantile(inner)))
    return _empirical(np.quantile(drawn, levels))


def _empirical(values: FloatArray) -> Distribution:
    """The law with these quantiles, evenly spaced in probability; a value that several of them share holds, by itself,
    what lies between them."""
    distinct, counts = np.unique(values, return_counts=True)
    if counts.max() == 1:
        return Empirical(tuple(distinct.tolist()))
    held = (counts - 1.0) / (len(values) - 1.0)
    atoms = held > 0.0
    apart = Discrete(tuple(distinct[atoms].tolist()), tuple((held[atoms] / held.sum()).tolist()))
    if len(distinct) == 1:
        return apart
    return Mixture((apart, Empirical(tuple(distinct.tolist()))), (float(held.sum()), 1.0 - float(held.sum())))
