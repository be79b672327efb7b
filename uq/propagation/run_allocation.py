"""How many runs each group of models should get for the least variance of one mean: the best linear unbiased estimator.

A group k is a set of models that are run on the same random points, n_k of them, at c_k for all its models together.
With C_k the covariance of its outputs and R_k the rows of the identity that pick them, the means mu of all models have
the information and the best linear unbiased estimator::

    Psi = sum_k n_k R_k' C_k^-1 R_k,    mu = Psi^-1 sum_k n_k R_k' C_k^-1 (mean of group k),    Var(mu_0) = e' Psi^-1 e

Every control variate between the same runs, multifidelity Monte Carlo (MFMC) and the approximate control variates
(ACV) among them, is linear and unbiased, so that none has a smaller variance.  The runs for a budget minimise a convex
function of the shares w_k = n_k c_k / budget, a c-optimal design, which the multiplicative algorithm climbs::

    w_k <- w_k sqrt(u' M_k u),  normalised,    M_k = R_k' C_k^-1 R_k / c_k,    u = (sum_k w_k M_k)^-1 e

Sources: Schaden & Ullmann (2020), SIAM/ASA J. Uncertainty Quantification 8, 601-635 (the estimator); Fellman (1974) and
Yu (2010), Ann. Statist. 38, 1593-1606 (the algorithm); Gorodetsky et al. (2020), J. Comput. Phys. 408 (ACV);
Peherstorfer, Willcox & Gunzburger (2016), SIAM J. Sci. Comput. 38, A3163-A3194 (MFMC).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.model import real_numbers

MOST_MODELS = 10
"""1,023 groups."""
_STEPS = 20_000
_CONVERGED = 1e-6
_FEWEST = 2
"""Runs of a group: one has no variance."""
_FEWEST_FIRST = 8
"""Runs of the dearest group, as far as the budget goes: fewer give no interval."""
_MOST_RUNS = 1e15
_NO_COVARIANCE = 1e-9
"""Of the correlations: no eigenvalue of them may lie so far below zero."""
_RIDGE = 1e-12
"""Of the correlations: models that agree to the last digits have no inverse."""


@dataclass(frozen=True)
class RunAllocation:
    """Runs of each group of models.

    `groups` holds the columns of models in each group, `runs` how often each is run, `weights` what one run of the
    group adds to the estimate, per model: the estimate is sum_k sum_i weights_k' y_ki.
    """

    groups: tuple[tuple[int, ...], ...]
    runs: IntArray
    weights: tuple[FloatArray, ...]
    cost: float
    """Of all runs, in the unit of the costs."""
    variance: float
    """Of the mean of the first model, by the covariance that was given."""

    def runs_of(self, model: int) -> int:
        """Runs of one model over all groups."""
        return int(sum(n for group, n in zip(self.groups, self.runs, strict=True) if model in group))


def allocate_runs(
    covariance: FloatArray, costs: Sequence[float] | FloatArray, budget: float
) -> RunAllocation:
    """Runs of all groups of models for the least variance of the mean of the first model.

    Parameters
    ----------
    covariance : ndarray (k, k)
        Of the models' outputs on the same points; the first model is the one whose mean is wanted.
    costs : sequence of float (k,)
        Of one run of each model, in any unit.
    budget : float
        What all runs may cost together, in that unit; never exceeded.

    Returns
    -------
    RunAllocation

    Raises
    ------
    ValueError
        For a covariance that is none, costs that are not positive, more than ten models, or a budget that does not
        buy two runs of the first model.

    Examples
    --------
    A model and one at a hundredth of its cost with a correlation of 0.99:

    >>> plan = allocate_runs(np.array([[1.0, 0.99], [0.99, 1.0]]), [1.0, 0.01], 1000.0)
    >>> plan.groups, plan.variance * 1000.0 < 0.06
    (((1,), (0, 1)), True)
    """
    covariance, price = _checked(covariance, costs, budget)
    k = len(price)
    groups = [group for size in range(1, k + 1) for group in combinations(range(k), size)]
    cost = np.array([price[list(group)].sum() for group in groups])
    information = np.stack([_information(covariance, group) for group in groups])
    share = _shares(information / cost[:, None, None])
    runs = _rounded(share, cost, np.array([0 in group for group in groups]), budget)
    if not runs.any():
        raise ValueError(
            f"a budget of {budget:g} does not buy {_FEWEST} runs of the first model, which cost {price[0]:g} each"
        )
    _spend(cost, runs, budget)
    used = [g for g in range(len(groups)) if runs[g]]
    u, variance = _solved(information[used], runs[used])
    telling = np.flatnonzero(u)
    if len(telling) < len({model for g in used for model in groups[g]}):
        return _of_some(covariance, price, budget, telling)
    return RunAllocation(
        tuple(groups[g] for g in used),
        runs[used],
        tuple(
            np.asarray(np.linalg.solve(_ridged(covariance[np.ix_(groups[g], groups[g])]), u[list(groups[g])]))
            for g in used
        ),
        float(cost[used] @ runs[used]),
        variance,
    )


def _of_some(covariance: FloatArray, price: FloatArray, budget: float, models: IntArray) -> RunAllocation:
    """Without the models whose runs tell nothing of the first: rounding took the few runs that joined them to it."""
    found = allocate_runs(covariance[np.ix_(models, models)], price[models], budget)
    groups = tuple(tuple(int(models[k]) for k in group) for group in found.groups)
    return dataclasses.replace(found, groups=groups)


def _rounded(share: FloatArray, cost: FloatArray, has_first: BoolArray, budget: float) -> IntArray:
    """Whole runs for the shares; where these leave the first model too few, eight of its best group come first."""
    runs = np.floor(share * budget / cost + 1e-9).astype(np.intp)
    best = int(np.where(has_first, share, -1.0).argmax())
    least = min(_FEWEST_FIRST, int(budget / cost[best] + 1e-9))
    if runs[best] < least and least >= _FEWEST:
        rest = np.where(np.arange(len(share)) == best, 0.0, share)
        left = budget - least * cost[best]
        runs = np.floor(rest / max(rest.sum(), 1e-300) * left / cost + 1e-9).astype(np.intp)
        runs[best] = least
    runs[runs < _FEWEST] = 0
    if not runs[has_first].any():
        runs[:] = 0
        alone = int(np.where(has_first, cost, np.inf).argmin())
        runs[alone] = int(budget / cost[alone] + 1e-9)
        runs[runs < _FEWEST] = 0
    return runs


def _checked(
    covariance: FloatArray, costs: Sequence[float] | FloatArray, budget: float
) -> tuple[FloatArray, FloatArray]:
    covariance, price = real_numbers(covariance, "the covariance"), real_numbers(costs, "costs")
    if price.ndim != 1:
        raise ValueError(f"costs have shape {price.shape}; give one for each model")
    k = len(price)
    if covariance.shape != (k, k):
        raise ValueError(f"a covariance of shape {covariance.shape} does not belong to {k} costs")
    if not 1 <= k <= MOST_MODELS:
        raise ValueError(f"{k} models; give between 1 and {MOST_MODELS}")
    if not (np.isfinite(covariance).all() and np.allclose(covariance, covariance.T)):
        raise ValueError("the covariance is not symmetric and finite")
    if not (np.diag(covariance) > 0.0).all():
        raise ValueError("a model's output does not vary: there is nothing to combine")
    scale = np.sqrt(np.diag(covariance))
    if np.linalg.eigvalsh(covariance / np.outer(scale, scale)).min() < -_NO_COVARIANCE:
        raise ValueError(
            "the covariance belongs to no outputs: a sum of them would have a negative variance; take all of it from "
            "runs of all models on the same points"
        )
    if not (np.isfinite(price).all() and (price > 0.0).all()):
        raise ValueError(f"costs are {price.tolist()}; each must be positive and finite")
    if not (np.isfinite(budget) and budget > 0.0):
        raise ValueError(f"the budget is {budget:g}; it must be positive and finite")
    if budget / price.min() > _MOST_RUNS:
        raise ValueError(
            f"a budget of {budget:g} buys more than {_MOST_RUNS:g} runs of the cheapest model, past counting; give less"
        )
    return covariance, price


def _ridged(covariance: FloatArray) -> FloatArray:
    return covariance + _RIDGE * np.diag(np.diag(covariance))


def _information(covariance: FloatArray, group: tuple[int, ...]) -> FloatArray:
    """(k, k) of one run of a group."""
    whole = np.zeros_like(covariance)
    whole[np.ix_(group, group)] = np.linalg.inv(_ridged(covariance[np.ix_(group, group)]))
    return whole


def _shares(information: FloatArray) -> FloatArray:
    """The c-optimal shares of the budget over groups, (g,), from the information that one unit of cost buys."""
    share = np.full(len(information), 1.0 / len(information))
    first = np.zeros(information.shape[1])
    first[0] = 1.0
    for _ in range(_STEPS):
        u = np.linalg.solve(np.einsum("g,gij->ij", share, information), first)
        slope = np.einsum("i,gij,j->g", u, information, u)
        if slope.max() <= (1.0 + _CONVERGED) * u[0]:
            break
        share = share * np.sqrt(slope)
        share /= share.sum()
        share = np.maximum(share, 1e-14)
    return share


def _solved(information: FloatArray, runs: IntArray) -> tuple[FloatArray, float]:
    """Psi^-1 e over the models that are run, zero for the others, and the variance of the first mean."""
    psi = np.einsum("g,gij->ij", runs.astype(np.float64), information)
    used = np.flatnonzero(np.diag(psi) > 0.0)
    u = np.zeros(len(psi))
    first = (used == 0).astype(np.float64)
    u[used] = np.linalg.solve(psi[np.ix_(used, used)], first)
    return u, float(u[0])


def _spend(cost: FloatArray, runs: IntArray, budget: float) -> None:
    """What rounding left of the budget goes to the groups in use, the dearest first."""
    for g in sorted(np.flatnonzero(runs), key=lambda g: -cost[g]):
        runs[g] += int((budget - cost @ runs) / cost[g] + 1e-9)
