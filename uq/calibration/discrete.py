"""The posterior of germs some of which are of discrete inputs: a sum over their values, not a walk across the steps.

With k a combination of values, P_k its prior probability and z the other germs of the block::

    p(k, z | y) ~ P_k N(z; 0, I) L(y | k, z),      P(k | y) = P_k E_k / sum_j P_j E_j,   E_k = int N(z) L(y | k, z) dz

Where the readings are straight lines of z for every k, E_k = N(y; g_k(0), S_k S_k' + C) with the slopes S_k, and z is a
mixture of normal laws.  Otherwise z has the density sum_k p(k, z | y), smooth again, and k follows from z.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import integrate, special

from uq.calibration.blocks import (
    Gaussian,
    Map,
    OneGerm,
    Sampled,
    misfit,
    one_germ,
    require_possible,
    sampled_block,
    straight_block,
)
from uq.core.array_types import FloatArray, IntArray
from uq.core.distributions import Distribution

MOST = 1000
"""Combinations of values that are summed over."""


@dataclass(frozen=True)
class Steps:
    """The values of the discrete inputs of a block, all combinations."""

    places: tuple[int, ...]
    """(s,) which germs of the block are theirs."""
    values: FloatArray
    """(K, s) of the inputs."""
    low: FloatArray
    """(k,) lower ends of the steps of probability, 0 to 1."""
    high: FloatArray
    """(K, s) probabilities between which the step of each value lies."""

    @property
    def middle(self) -> FloatArray:
        """(K, s) germs that stand for the values."""
        return np.asarray(special.ndtri(0.5 * (self.low + self.high)))

    @property
    def log_prior(self) -> FloatArray:
        """(K,) logarithm of the probabilities before the readings."""
        return np.asarray(np.log(self.high - self.low).sum(axis=1))


@dataclass(frozen=True)
class Summed:
    """Germs with those of discrete inputs among them."""

    steps: Steps
    """The values of the discrete inputs."""
    weights: FloatArray
    """(K,) probability of each combination of values after the readings."""
    others: tuple[int, ...]
    """Places of the other germs in the block."""
    parts: tuple[Gaussian, ...]
    """(K,) of the other germs under each combination; none where there are no others, or where they are no lines."""
    rest: OneGerm | Sampled | None
    """Of the other germs over all combinations."""
    log_joint: Map | None
    """Other germs (n, g) to (n, K), up to a constant for each."""

    def probabilities(self, place: int) -> dict[float, float]:
        """Probability of every value of the input at a place of the block, after the readings."""
        column = self.steps.values[:, self.steps.places.index(place)]
        return {value: float(self.weights[column == value].sum()) for value in np.unique(column).tolist()}

    def draw(self, count: int, random: np.random.Generator) -> FloatArray:
        """(count, g) draws; the germ of a discrete input lies anywhere in the step of its value."""
        z = np.empty((count, len(self.steps.places) + len(self.others)))
        if self.rest is None:
            chosen = random.choice(len(self.weights), size=count, p=self.weights)
            for k in np.unique(chosen) if self.parts else ():
                mine = np.flatnonzero(chosen == k)
                z[mine[:, None], list(self.others)] = self.parts[k].draw(len(mine), random)
        else:
            assert self.log_joint is not None
            other = self.rest.draw(count, random)
            z[:, self.others] = other
            passed = np.cumsum(_shares(self.log_joint(other)), axis=1)
            chosen = (random.random((count, 1)) * passed[:, -1:] > passed[:, :-1]).sum(axis=1)
        low, high = self.steps.low[chosen], self.steps.high[chosen]
        inside = low + (high - low) * np.clip(random.random(low.shape), 1e-9, 1.0 - 1e-9)
        z[:, self.steps.places] = special.ndtri(inside)
        return z


Block = Gaussian | OneGerm | Sampled | Summed
"""Germs that are updated together."""


def steps_of(laws: Sequence[Distribution], names: str) -> Steps | None:
    """The values of the discrete laws among those of the inputs of a block.

    Parameters
    ----------
    laws : sequence of Distribution
        In the order of the block's germs.
    names : str
        Of the readings, for the message.

    Returns
    -------
    Steps or None
        None where no law is discrete.

    Raises
    ------
    ValueError
        For more combinations of values than `MOST`.
    """
    values = {k: found for k, law in enumerate(laws) if (found := law.separate_values) is not None}
    if not values:
        return None
    count = int(np.prod([len(v) for v in values.values()], dtype=np.float64))
    if count > MOST:
        raise ValueError(
            f"the measurements of {names} depend on discrete inputs of {count} combinations of values, more than the "
            f"{MOST} that can be summed over: fix some of these inputs, or read quantities that depend on fewer"
        )
    edges = {(k, v): laws[k].step(v) or (0.0, 0.0) for k, found in values.items() for v in found}
    rows = list(itertools.product(*values.values()))
    at = np.array([[edges[k, v] for k, v in zip(values, row, strict=True)] for row in rows])
    return Steps(tuple(values), np.array(rows), at[..., 0], at[..., 1])


def summed(
    predict: Map,
    germs: int,
    steps: Steps,
    values: FloatArray,
    errors: FloatArray,
    *,
    draws: int,
    seed: int,
    max_steps: int,
    names: str,
) -> Summed:
    """The posterior of one block of germs with discrete inputs that depend on no other input.

    Parameters
    ----------
    predict : Map
        Germs (n, g) to predicted readings (n, m)
    germs : int
        g, in the block.
    steps : Steps
        Of the discrete inputs.
    values : ndarray (m,)
        The readings.
    errors : ndarray (m, m)
        Their covariance.
    draws : int
        How many are wanted.
    seed : int
        Of all random numbers.
    max_steps : int
        Steps of each walker after which it is given up.
    names : str
        Readings of the block, for messages.

    Returns
    -------
    Summed

    Raises
    ------
    ValueError
        For readings that the prior excludes.
    NotConverged
        For chains that do not converge; a ValueError.
    """
    others = tuple(k for k in range(germs) if k not in steps.places)
    middle, log_prior, g, m = steps.middle, steps.log_prior, len(others), len(values)
    chance = -2.0 * (log_prior - log_prior.max())

    def under(k: int) -> Map:
        """Predictions (n, m) at other germs (n, g) with the combination k of values."""

        def of_others(z: FloatArray) -> FloatArray:
            whole = np.empty((len(z), germs))
            whole[:, others] = z
            whole[:, steps.places] = middle[k]
            return predict(whole)

        return of_others

    each = [under(k) for k in range(len(middle))]

    def distances(z: FloatArray) -> FloatArray:
        """(n, K) -2 log of the density, of each combination by itself."""
        whole = np.empty((len(middle), len(z), germs))
        whole[:, :, others] = z
        whole[:, :, steps.places] = middle[:, None, :]
        far = misfit(predict(whole.reshape(-1, germs)), values, errors).reshape(len(middle), len(z))
        return np.asarray(far.T + (z**2).sum(axis=1)[:, None] + chance)

    if not others:
        far = distances(np.zeros((1, 0)))[0]
        require_possible(float(far.min()), m, names)
        return Summed(steps, special.softmax(-0.5 * far), others, (), None, None)
    straight = [straight_block(one, g, values, errors, seed) for one in each]
    known = [found for found in straight if found is not None]
    if len(known) == len(each):
        least = min(float(distances(part.mean[None])[0, k]) for k, (part, _) in enumerate(known))
        require_possible(least, m, names)
        weights = special.softmax(log_prior + np.array([evidence for _, evidence in known]))
        return Summed(steps, weights, others, tuple(part for part, _ in known), None, None)

    def log_joint(z: FloatArray) -> FloatArray:
        return -0.5 * distances(z)

    def distance(z: FloatArray) -> FloatArray:
        """(n,) -2 log of the density over all combinations."""
        return np.asarray(-2.0 * np.logaddexp.reduce(log_joint(z), axis=1))

    random = np.random.default_rng(seed)
    if g == 1:
        single = one_germ(distance, m, names)
        joint = log_joint(single.z[:, None])
        masses = integrate.trapezoid(np.exp(joint - joint.max()), single.z, axis=0)
        return Summed(steps, masses / masses.sum(), others, (), single, log_joint)
    nearest = _likeliest(distances(random.standard_normal((200, g))))
    chains = sampled_block(
        distance,
        [each[k] for k in nearest],
        g,
        values,
        errors,
        draws=draws,
        seed=seed,
        max_steps=max_steps,
        names=names,
    )
    return Summed(steps, _mean_weights(log_joint, chains.chains.draws), others, (), chains, log_joint)


def _mean_weights(log_joint: Map, z: FloatArray) -> FloatArray:
    """(K,) probabilities of the combinations, averaged over the other germs."""
    pieces = np.array_split(z, max(1, len(z) // 500))
    found = np.sum([_shares(log_joint(piece)).sum(axis=0) for piece in pieces], axis=0)
    return np.asarray(found / found.sum())


def _shares(log_joint: FloatArray) -> FloatArray:
    """(n, K) probabilities of the combinations at each row; even where the model fails with all."""
    largest = log_joint.max(axis=1, keepdims=True)
    return np.asarray(special.softmax(log_joint - np.where(np.isfinite(largest), largest, 0.0), axis=1))


def _likeliest(far: FloatArray) -> IntArray:
    """The combinations, eight at most, that come nearest to the readings: walkers begin at the modes of these."""
    return np.argsort(far.min(axis=0))[:8]
