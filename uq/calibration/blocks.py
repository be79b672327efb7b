"""The posterior of the standard normal germs, block by block: in closed form, by quadrature, or by chains.

Prior z ~ N(0, I), readings y = g(z) + e, e ~ N(0, C)::

    -2 log p(z | y) = |z|^2 + (y - g)' C^-1 (y - g) + const

Germs that no reading joins fall apart into blocks.  A block through which g is a straight line is solved exactly
(`uq.calibration.gaussian`), one of a single germ by quadrature, any other by ensembles of walkers that begin at draws
which were weighted by the density.  Whether g is straight is tried at points over the prior and over the posterior.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

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
JUMP = 0.01
"""Change of the density from one point of the grid to the next, of its largest, at which the cell is halved."""
BISECTIONS = 50
"""Of a cell of the grid: a jump lies between neighbouring numbers then."""
LARGE = 1e300
NARROWED = 4
"""Times that the grid of a single germ is laid again over what holds its probability."""
LOST = 80.0
"""-2 log of the density, over its least, beyond which a germ holds nothing."""
TRIED = 400
"""Points over the prior, and as many over the posterior, at which a straight line must hold."""
EXCLUDED = 1e-6
"""Data that have less chance than this under the prior are excluded by it (*judgement*)."""
STARTS = 4096
NEWTON_STEPS = 20


@dataclass(frozen=True)
class Gaussian:
    """Germs that are normal after the measurements, exactly."""

    mean: FloatArray
    """(k,)"""
    covariance: FloatArray
    """(k, k)"""

    def draw(self, count: int, random: np.random.Generator) -> FloatArray:
        """(count, g) draws."""
        root = np.linalg.cholesky(self.covariance)
        return self.mean + random.standard_normal((count, len(self.mean))) @ root.T


@dataclass(frozen=True)
class OneGerm:
    """A single germ with its distribution function on a grid."""

    z: FloatArray
    """Grid, rising."""
    cdf: FloatArray
    """At the grid."""

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
    """Draws and their diagnostics."""

    def draw(self, count: int, random: np.random.Generator) -> FloatArray:
        """(count, g): the draws themselves, in a random order so that blocks do not go together."""
        return random.permutation(self.chains.draws)[:count]


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
) -> Gaussian | OneGerm | Sampled:
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
        Readings of the block, for messages.

    Returns
    -------
    Gaussian, OneGerm or Sampled

    Raises
    ------
    ValueError
        For readings that the prior excludes.
    NotConverged
        For chains that do not converge; a ValueError.
    """
    straight = straight_block(predict, germs, values, errors, seed)
    if straight is not None:
        block, _ = straight
        at = block.mean[None]
        require_possible(float(misfit(predict(at), values, errors)[0] + (at**2).sum()), len(values), names)
        return block

    def distance(z: FloatArray) -> FloatArray:
        """(n,) -2 log of the density; infinite where the model fails."""
        return misfit(predict(z), values, errors) + (z**2).sum(axis=1)

    if germs == 1:
        return one_germ(distance, len(values), names)
    return sampled_block(
        distance, [predict], germs, values, errors, draws=draws, seed=seed, max_steps=max_steps, names=names
    )


def misfit(predicted: FloatArray, values: FloatArray, errors: FloatArray) -> FloatArray:
    """(y - g)' C^-1 (y - g) of predictions.

    Parameters
    ----------
    predicted : ndarray (n, m)
        g.
    values : ndarray (m,)
        y, the readings.
    errors : ndarray (m, m)
        C, their covariance.

    Returns
    -------
    ndarray (n,)
        Infinite where the model fails.
    """
    found = (_residuals(predicted, values, errors) ** 2).sum(axis=1)
    return np.where(np.isfinite(found), found, np.inf)


def _residuals(predicted: FloatArray, values: FloatArray, errors: FloatArray) -> FloatArray:
    """(n, m) independent, of unit variance."""
    return np.asarray(np.linalg.solve(np.linalg.cholesky(errors), (values - predicted).T).T)


def require_possible(least: float, readings: int, names: str) -> None:
    """Refuse readings from which even the likeliest inputs are farther than chance allows.

    For normal inputs and straight lines the least of |z|^2 + misfit has a chi-squared law of as many degrees as there
    are readings; for others nearly so.

    Parameters
    ----------
    least : float
        Of |z|^2 + misfit.
    readings : int
        How many.
    names : str
        Of the readings.

    Raises
    ------
    ValueError
        If they have less chance than `EXCLUDED`.
    """
    if not float(stats.chi2.sf(least, readings)) >= EXCLUDED:
        raise ValueError(
            f"the prior excludes the measurements of {names}, or they contradict each other: such readings have less "
            f"than {EXCLUDED:g} of chance; check their values, units and uncertainties, or widen the "
            "laws of the inputs that they depend on"
        )


def straight_block(
    predict: Map, germs: int, values: FloatArray, errors: FloatArray, seed: int
) -> tuple[Gaussian, float] | None:
    """The posterior of germs that are read through a straight line.

    Parameters
    ----------
    predict : Map
        Germs (n, g) to predicted readings (n, m)
    germs : int
        g.
    values : ndarray (m,)
        The readings.
    errors : ndarray (m, m)
        Their covariance.
    seed : int
        Of the points at which the line is tried.

    Returns
    -------
    tuple of Gaussian and float, or None
        With the logarithm of the density of the readings before they were known; None where there is no line.
    """
    random = np.random.default_rng(seed)
    scale = np.sqrt(np.diag(errors))

    def on_line(z: FloatArray, y: FloatArray) -> bool:
        size = np.maximum(scale, np.abs(y).max(axis=0) * 1e-6)  # rounding of large readings is no curve
        return bool((np.abs(offset + z @ slope.T - y) <= STRAIGHT * size).all())

    z = np.clip(random.standard_normal((TRIED + 4 * germs, germs)) * 2.0, -5.0, 5.0)
    y = predict(z)
    if not np.isfinite(y).all():
        return None
    found = np.linalg.lstsq(np.hstack([np.ones((len(z), 1)), z]), y, rcond=None)[0]
    offset, slope = found[0], found[1:].T
    if not on_line(z, y):
        return None
    mean, covariance = gaussian_posterior(
        np.zeros(germs), np.eye(germs), operator=slope, values=values - offset, errors=errors
    )
    block = Gaussian(mean, covariance)
    z = block.draw(TRIED, random)
    if not on_line(z, predict(z)):
        return None
    return block, float(stats.multivariate_normal(offset, slope @ slope.T + errors).logpdf(values))


def one_germ(distance: Map, readings: int, names: str) -> OneGerm:
    """The posterior of a single germ by Simpson's rule between the jumps of its density.

    Parameters
    ----------
    distance : Map
        Germs (n, 1) to -2 log of the density (n,)
    readings : int
        How many.
    names : str
        Of the readings, for messages.

    Returns
    -------
    OneGerm

    Raises
    ------
    ValueError
        For readings that the prior excludes.
    """
    z = np.linspace(-FARTHEST, FARTHEST, GRID)
    for _ in range(NARROWED):
        far = distance(z[:, None])
        if not np.isfinite(far).any():
            break
        kept = np.flatnonzero(far <= far.min() + LOST)
        low, high = max(kept[0] - 1, 0), min(kept[-1] + 1, GRID - 1)
        z = np.linspace(z[low], z[high], GRID)
    far = distance(z[:, None])
    for _ in range(BISECTIONS):
        density = np.exp(-0.5 * (far - min(far.min(), LARGE)))
        middle = 0.5 * (z[:-1] + z[1:])
        jumps = (np.abs(np.diff(density)) > JUMP) & (middle > z[:-1]) & (middle < z[1:])
        if not jumps.any():
            break
        place = np.flatnonzero(jumps) + 1
        z, far = np.insert(z, place, middle[jumps]), np.insert(far, place, distance(middle[jumps][:, None]))
    require_possible(float(far.min()), readings, names)
    middle = 0.5 * (z[:-1] + z[1:])
    half = distance(middle[:, None])
    least = min(float(far.min()), float(half.min()))
    f, g, width = np.exp(-0.5 * (far - least)), np.exp(-0.5 * (half - least)), np.diff(z)
    cells = width / 6.0 * (f[:-1] + 4.0 * g + f[1:])
    before = np.concatenate([[0.0], np.cumsum(cells)])
    within = before[:-1] + width / 24.0 * (5.0 * f[:-1] + 8.0 * g - f[1:])
    z = np.insert(z, np.arange(1, len(z)), middle)
    cdf = np.maximum.accumulate(np.insert(before, np.arange(1, len(before)), within))
    return OneGerm(z, cdf / cdf[-1])


def sampled_block(
    distance: Map,
    predicts: Sequence[Map],
    germs: int,
    values: FloatArray,
    errors: FloatArray,
    *,
    draws: int,
    seed: int,
    max_steps: int,
    names: str,
) -> Sampled:
    """The posterior of germs by chains.

    Parameters
    ----------
    distance : Map
        Germs (n, g) to -2 log of the density (n,)
    predicts : sequence of Map
        Germs (n, g) to predicted readings (n, m), each with a mode near which walkers begin.
    germs : int
        g.
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
        Of the readings, for messages.

    Returns
    -------
    Sampled

    Raises
    ------
    ValueError
        For readings that the prior excludes.
    NotConverged
        For chains that do not converge; a ValueError.
    """
    residuals = [lambda z, p=predict: _residuals(p(z), values, errors) for predict in predicts]
    start, least = _starts(residuals, distance, germs, seed)
    require_possible(least, len(values), names)
    return Sampled(sampled(lambda z: -0.5 * distance(z), start, draws=draws, seed=seed, max_steps=max_steps))


def _starts(residuals: Sequence[Map], distance: Map, germs: int, seed: int) -> tuple[FloatArray, float]:
    """Where walkers begin, and the least distance found.

    Draws of the prior and of a normal law about each mode, twice as wide as the curvature there says, are kept with
    probabilities that make them draws of the posterior (sampling importance resampling, without replacement).
    """
    random = np.random.default_rng(seed)
    prior = random.standard_normal((STARTS, germs))
    modes = [_mode(one, prior) for one in residuals]
    near = [mode + 2.0 * random.standard_normal((STARTS, germs)) @ root.T for mode, root in modes]
    points = np.vstack([prior, *near])
    far = distance(points)
    proposal = -0.5 * (points**2).sum(axis=1)
    for mode, root in modes:
        log_near = -0.125 * (((points - mode) @ np.linalg.inv(root).T) ** 2).sum(axis=1)
        proposal = np.logaddexp(proposal, log_near - np.log(2.0**germs * abs(np.linalg.det(root))))
    weight = -0.5 * far - proposal
    # Gumbel's trick: the largest of log weight plus noise are a weighted draw without replacement
    keys = weight + random.gumbel(size=len(weight))
    chosen = np.argsort(-np.where(np.isfinite(far), keys, -np.inf))[: ENSEMBLES * walkers(germs)]
    return random.permutation(points[chosen]), float(
        min(far.min(), *(distance(m[None])[0] for m, _ in modes))
    )


def _mode(residuals: Map, prior: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Germs of the largest density by damped Gauss-Newton steps from the best of the `prior`, and a root (g, g) of
    their covariance there."""

    def distance(z: FloatArray) -> FloatArray:
        found = (residuals(z) ** 2).sum(axis=1) + (z**2).sum(axis=1)
        return np.where(np.isfinite(found), found, np.inf)

    germs = prior.shape[1]
    z = prior[np.argsort(distance(prior))[0]]
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
