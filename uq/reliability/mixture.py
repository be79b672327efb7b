"""Normal mixtures from which rare germs are drawn, and their density by that of the standard normal law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from uq.core.array_types import FloatArray
from uq.reliability.design_point import CONE

MOST = 6
"""Regions of failure that a mixture follows."""


@dataclass(frozen=True)
class Component:
    """A normal law of germs: mean (d,), root (d, d) lower triangular of its covariance."""

    mean: FloatArray
    """(d,) germs."""
    root: FloatArray
    """(d, d) lower triangular: root root' is the covariance."""

    @staticmethod
    def wide(d: int, spread: float) -> Component:
        """Around the origin, with `spread` standard deviations."""
        return Component(np.zeros(d), spread * np.eye(d))

    @staticmethod
    def at(centre: FloatArray) -> Component:
        """The standard normal law moved to `centre`."""
        return Component(centre, np.eye(len(centre)))

    def draw(self, normal: FloatArray) -> FloatArray:
        """Its germs (n, d) from standard normal ones."""
        return self.mean + normal @ self.root.T

    def ratio(self, u: FloatArray) -> FloatArray:
        """Its density (n,) at germs (n, d), by that of the standard normal law."""
        z = linalg.solve_triangular(self.root, (u - self.mean).T, lower=True, check_finite=False)
        logarithm = 0.5 * (u * u).sum(axis=1) - 0.5 * (z * z).sum(axis=0)
        return np.asarray(np.exp(np.minimum(logarithm - np.log(np.diag(self.root)).sum(), 700.0)))


def ratio(components: Sequence[Component], u: FloatArray) -> FloatArray:
    """Density of the equal mixture over that of the standard normal law.

    Parameters
    ----------
    components : sequence of Component
        Normal laws of germs.
    u : ndarray (n, d)
        Germs.

    Returns
    -------
    ndarray (n,)
        Density over that of the standard normal law.
    """
    return np.asarray(np.mean([c.ratio(u) for c in components], axis=0))


def population(
    components: Sequence[Component], n: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """n germs of each component, and weights such that weights @ f is the mean of f over the standard normal law.

    Parameters
    ----------
    components : sequence of Component
        Normal laws of germs.
    n : int
        Germs of each component.
    rng : np.random.Generator
        Generator of the draws.

    Returns
    -------
    tuple of ndarray
        Germs (n k, d) and weights (n k,)
    """
    d = len(components[0].mean)
    u = np.concatenate([c.draw(rng.standard_normal((n, d))) for c in components])
    return u, 1.0 / (ratio(components, u) * len(u))


def regions(u: FloatArray, mass: FloatArray) -> list[Component]:
    """Components that follow the mass (n,) of germs u (n, d): for each cone of directions its mean and covariance.

    Cones are opened at the likeliest germ that is in none, until less than 1 % of the mass is left.

    Parameters
    ----------
    u : ndarray (n, d)
        Germs that failed.
    mass : ndarray (n,)
        Their weights.

    Returns
    -------
    list of Component
        One for each cone.
    """
    d = u.shape[1]
    found: list[Component] = []
    length = np.linalg.norm(u, axis=1)
    unit = u / np.maximum(length, 1e-300)[:, None]
    left = mass.copy()
    total = float(mass.sum())
    while len(found) < MOST and left.sum() > 0.01 * total:
        heavy = left > 1e-3 * left.max()
        axis = unit[int(np.argmin(np.where(heavy, length, np.inf)))]
        cone = (unit @ axis > CONE) & (left > 0.0)
        w = left[cone] / left[cone].sum()
        left[cone] = 0.0
        size = 1.0 / float(w @ w)
        mean = w @ u[cone]
        covariance = (u[cone] - mean).T @ ((u[cone] - mean) * w[:, None])
        # as far as few germs know it; widened, because the tails of a proposal must not be thinner than failure's
        trust = size / (size + 3.0 * d)
        covariance = 1.3 * (trust * covariance + (1.0 - trust) * np.eye(d)) + 0.02 * np.eye(d)
        found.append(Component(mean, np.linalg.cholesky(covariance)))
    return found
