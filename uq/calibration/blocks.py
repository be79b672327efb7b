"""The posterior of the standard normal germs, block by block: in closed form, by quadrature, or by chains.

Prior z ~ N(0, I), readings y = g(z) + e, e ~ N(0, C)::

    -2 log p(z | y) = |z|^2 + (y - g)' C^-1 (y - g) + const

Germs that no reading joins fall apart into blocks.  A block through which g is a straight line is solved exactly
(`uq.calibration.gaussian`), one of a single germ by quadrature, any other by ensembles of walkers that begin at draws
which were weighted by the density.  Whether g is straight is tried at points over the whole prior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import integrate, special, stats

from uq.calibration.ensemble import ENSEMBLES, Chains, sampled, walkers
from uq.calibration.gaussian import gaussian_posterior
from uq.core.array_types import FloatArray

Map = Callable[[FloatArray], FloatArray]
"""(n, g) germs -> (n, m) predicted readings."""

STRAIGHT = 1e-9
"""Share of a reading's standard deviation by which a straight line may be missed."""
FARTHEST = 8.2
"""Germs beyond this have a probability below 1e-15."""
GRID = 2001
NARROWED = 4
"""Times that the grid of a single germ is laid again over what holds its probability."""
LOST = 80.0
"""-2 log of the density, over its least, beyond which a germ holds nothing."""
EXCLUDED = 1e-6
"""Data that have less chance than this under the prior are excluded by it (*judgement*)."""
STARTS = 4096
NEWTON_STEPS = 20


@dataclass(frozen=True)
class Gaussian:
    """Germs that are normal after the measurements, exactly."""

    mean: FloatArray
    covariance: FloatArray

    def draw(self, count: int, random: np.random.Generator) -> FloatArray:
        """(count, g) draws."""
        root = np.linalg.cholesky(self.covariance)
        return self.mean + random.standard_normal((count, len(self.mean))) @ root.T


@dataclass(frozen=True)
class OneGerm:
    """A single germ with its distribution function on a grid."""

    z: FloatArray
    cdf: FloatArray

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Quantiles (n,)."""
        rising = np.concatenate([[True], np.diff(self.cdf) > 0.0])
        return np.interp(probability, self.cdf[rising], self.z[rising])

    def draw(self, count: int, random: np.random.Generator) -> FloatArray:
        """(count, 1) draws."""
        return self.quantile(random.random(count))[:, None]


@dataclass(frozen=True)
class Sampled:
    """Germs as chains drew them."""

    chains: Chains

    def draw(self, count: int, random: np.random.Generator) -> FloatArray:
        """(count, g): the draws themselves, in a random order so that blocks do not go together."""
        return random.permutation(self.chains.draws)[:count]


Block = Gaussian | OneGerm | Sampled


def solved(
    predict: Map,
    germs: int,
    values: FloatArray,
    errors: FloatArray,
    *,
    draws: int,
    seed: int,
    max_steps: int,
    names: str,
) -> Block:
    """The posterior of one block of germs.

    Parameters
    ----------
    predict : Map
        Germs (n, g) to predicted readings (n, m)
    germs : int
        g, in the block.
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
        Inputs of the block, for messages.

    Returns
    -------
    Block

    Raises
    ------
    ValueError
        For readings that the prior excludes.
    NotConverged
        For chains that do not converge; a ValueError.
    """
    root = np.linalg.cholesky(errors)

    def residuals(z: FloatArray) -> FloatArray:
        """(n, m) independent, of unit variance."""
        return np.linalg.solve(root, (values - predict(z)).T).T

    def distance(z: FloatArray) -> FloatArray:
        """(n,) -2 log of the density; infinite where the model fails."""
        misfit = (residuals(z) ** 2).sum(axis=1)
        return np.where(np.isfinite(misfit), (z**2).sum(axis=1) + misfit, np.inf)

    line = _line(predict, germs, np.sqrt(np.diag(errors)), seed)
    if line is not None:
        offset, slope = line
        mean, covariance = gaussian_posterior(
            np.zeros(germs), np.eye(germs), operator=slope, values=values - offset, errors=errors
        )
        _require_possible(float(distance(mean[None])[0]), len(values), names)
        return Gaussian(mean, covariance)
    if germs == 1:
        return _one_germ(distance, len(values), names)
    start, least = _starts(residuals, distance, germs, seed)
    _require_possible(least, len(values), names)
    chains = sampled(lambda z: -0.5 * distance(z), start, draws=draws, seed=seed, max_steps=max_steps)
    return Sampled(chains)


def _require_possible(least: float, readings: int, names: str) -> None:
    """Raise ValueError where even the likeliest inputs are farther from prior and readings than chance allows.

    For normal inputs and straight lines the least of |z|^2 + misfit has a chi-squared law of as many degrees as there
    are readings; for others nearly so.
    """
    if not float(stats.chi2.sf(least, readings)) >= EXCLUDED:
        raise ValueError(
            f"the prior excludes the measurements of {names}: such readings have less than {EXCLUDED:g} of chance; "
            "check their values, units and uncertainties, or widen the laws of the inputs that they depend on"
        )


def _line(predict: Map, germs: int, scale: FloatArray, seed: int) -> tuple[FloatArray, FloatArray] | None:
    """Offset (m,) and slope (m, g) of predictions that are a straight line of the germs, or None."""
    random = np.random.default_rng(seed)
    z = np.clip(random.standard_normal((8 + 4 * germs, germs)) * 2.0, -5.0, 5.0)
    design = np.hstack([np.ones((len(z), 1)), z])
    y = predict(z)
    if not np.isfinite(y).all():
        return None
    found = np.linalg.lstsq(design, y, rcond=None)[0]
    size = np.maximum(scale, np.abs(y).max(axis=0) * 1e-6)  # rounding of large readings is no curve
    if not (np.abs(design @ found - y) <= STRAIGHT * size).all():
        return None
    return np.asarray(found[0]), np.asarray(found[1:]).T


def _one_germ(distance: Map, readings: int, names: str) -> OneGerm:
    z = np.linspace(-FARTHEST, FARTHEST, GRID)
    for _ in range(NARROWED):
        far = distance(z[:, None])
        if not np.isfinite(far).any():
            break
        kept = np.flatnonzero(far <= far.min() + LOST)
        low, high = max(kept[0] - 1, 0), min(kept[-1] + 1, GRID - 1)
        z = np.linspace(z[low], z[high], GRID)
    far = distance(z[:, None])
    _require_possible(float(far.min()), readings, names)
    density = np.exp(-0.5 * (far - far.min()))
    cdf = integrate.cumulative_simpson(density, x=z, initial=0.0)
    return OneGerm(z, np.maximum.accumulate(cdf / cdf[-1]))


def _starts(residuals: Map, distance: Map, germs: int, seed: int) -> tuple[FloatArray, float]:
    """Where walkers begin, and the least distance found.

    Draws of the prior and of a normal law about the mode, twice as wide as the curvature there says, are kept with
    probabilities that make them draws of the posterior (sampling importance resampling, without replacement).
    """
    random = np.random.default_rng(seed)
    prior = random.standard_normal((STARTS, germs))
    mode, root = _mode(residuals, distance, prior[np.argsort(distance(prior))[0]], germs)
    near = mode + 2.0 * random.standard_normal((STARTS, germs)) @ root.T
    points = np.vstack([prior, near])
    far = distance(points)
    inverse = np.linalg.inv(root)
    log_near = -0.125 * (((points - mode) @ inverse.T) ** 2).sum(axis=1) - np.log(
        2.0**germs * abs(np.linalg.det(root))
    )
    proposal = np.logaddexp(-0.5 * (points**2).sum(axis=1), log_near)
    weight = -0.5 * far - proposal
    # Gumbel's trick: the largest of log weight plus noise are a weighted draw without replacement
    keys = weight + random.gumbel(size=len(weight))
    chosen = np.argsort(-np.where(np.isfinite(far), keys, -np.inf))[: ENSEMBLES * walkers(germs)]
    return random.permutation(points[chosen]), float(min(far.min(), distance(mode[None])[0]))


def _mode(residuals: Map, distance: Map, z: FloatArray, germs: int) -> tuple[FloatArray, FloatArray]:
    """Germs of the largest density by damped Gauss-Newton steps, and a root (g, g) of their covariance there."""
    step, damping, jacobian = 1e-4, 1e-3, np.zeros((1, germs))
    here = float(distance(z[None])[0])
    for _ in range(NEWTON_STEPS):
        moved = residuals(np.vstack([z, z + step * np.eye(germs), z - step * np.eye(germs)]))
        if not np.isfinite(moved).all():
            break
        r = moved[0]
        jacobian = (moved[1 : germs + 1] - moved[germs + 1 :]).T / (2.0 * step)
        gradient = z + jacobian.T @ r
        hessian = np.eye(germs) + jacobian.T @ jacobian
        trial = z - np.linalg.solve(hessian + damping * np.diag(np.diag(hessian)), gradient)
        there = float(distance(trial[None])[0])
        if there < here:
            done = here - there < 1e-8
            z, here, damping = trial, there, damping / 10.0
            if done:
                break
        else:
            damping *= 10.0
    curvature = np.eye(germs) + jacobian.T @ jacobian
    return z, np.linalg.cholesky(np.linalg.inv(curvature))


def normal_scores(columns: FloatArray) -> FloatArray:
    """Standard normal scores of the ranks of each column.

    Parameters
    ----------
    columns : ndarray (n, k)
        Values.

    Returns
    -------
    ndarray (n, k)
        Scores, each column by itself.
    """
    ranks = stats.rankdata(columns, axis=0)
    return np.asarray(special.ndtri((ranks - 0.5) / len(columns)))
