"""Where a surrogate may be trusted: the domain that it was trained in.

A point lies outside the domain if any of three holds, with germs z = Phi^-1(u) of the point's independent
probabilities u (see `uq.core.problem`; of inputs held within their 1e-5 and 1 - 1e-5 quantiles), standard normal
under the laws::

    beyond    an input is outside its trained range (see `uq.core.bounds.trained_range`)
    far       z'z > R,  R the larger of the chi-square quantile of d degrees at 99.5 % and t^2 + d - 1, t = Phi^-1(1e-5)
    apart     n/(n+1) (z - m)' S^-1 (z - m) > T max(1, R / C),  T = (n^2 - 1) d / (n (n - d)) F quantile of (d, n - d)
              at 99.9 %, C the chi-square quantile at 99.9 %, m, S mean and covariance of the n training germs

R leaves a single input at the end of its range inside, be the others as usual.  The last rule sees training rows that
cover less than the laws do.  A fresh point of the problem is flagged with a probability of at most 2d 1e-5 + 0.005 +
0.001, below one in a hundred up to 200 inputs.

Source: Hotelling's T^2 of a new observation, Anderson (2003), *An Introduction to Multivariate Statistical Analysis*,
section 5.2.  The three levels: judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from uq.core.array_types import BoolArray, FloatArray
from uq.core.bounds import trained_range
from uq.core.dataset import points_of
from uq.core.problem import SMALLEST_PROBABILITY, Problem, units_of
from uq.surrogates.base import Surrogate

_TAIL = 1e-5
_FAR = 0.995
_APART = 0.999


@dataclass(frozen=True)
class Flags:
    """Which points lie outside, and by which rule: `beyond` (n, d) for each input, `far` (n,), `apart` (n,)."""

    beyond: BoolArray
    far: BoolArray
    apart: BoolArray

    @property
    def outside(self) -> BoolArray:
        """(n,): flagged by any rule."""
        return self.beyond.any(axis=1) | self.far | self.apart


@dataclass(frozen=True)
class Domain:
    """The domain of training rows x (n, d) of a problem: ranges `low`, `high` (d,), the largest germ radius squared,
    and the training germs' `centre` (d,), whitening matrix `inverse_root` (d, d) and largest distance squared (infinite
    where there are too few rows to tell)."""

    problem: Problem
    """Inputs with their laws."""
    low: FloatArray
    high: FloatArray
    radius: float
    """Largest germ radius squared of the training rows."""
    centre: FloatArray
    inverse_root: FloatArray
    distance: float
    """Largest whitened distance squared of the training rows; infinite where they are too few."""

    @classmethod
    def of(cls, problem: Problem, x: ArrayLike) -> Self:
        """The domain of training rows x (n, d)."""
        z = _germs(problem, points_of(problem, x))
        n, d = z.shape
        low, high = np.array([trained_range(law) for law in problem.distributions]).T
        radius = max(float(special.chdtri(d, 1.0 - _FAR)), float(special.ndtri(_TAIL)) ** 2 + d - 1.0)
        centre, inverse_root, distance = z.mean(axis=0), np.eye(d), np.inf
        if n > 2 * d:
            root, failed = linalg.lapack.dpotrf(np.atleast_2d(np.cov(z, rowvar=False)), lower=1, clean=1)
            if not failed:
                inverse_root = linalg.solve_triangular(root, np.eye(d), lower=True)
                distance = float((n**2 - 1) * d / (n * (n - d)) * special.fdtri(d, n - d, _APART))
                distance *= max(1.0, radius / float(special.chdtri(d, 1.0 - _APART)))
        return cls(problem, low, high, radius, centre, inverse_root, distance)

    @classmethod
    def of_surrogate(cls, surrogate: Surrogate) -> Self:
        """The domain of a surrogate's training rows."""
        return cls.of(surrogate.problem, surrogate.x)

    def flags(self, x: ArrayLike) -> Flags:
        """Which of the points x (n, d) lie outside, and why.  A point that is not finite lies outside."""
        rows = points_of(self.problem, x)
        beyond = np.logical_not((rows >= self.low) & (rows <= self.high))
        within = np.where(np.isnan(rows), 0.5 * (self.low + self.high), np.clip(rows, self.low, self.high))
        z = _germs(self.problem, within)
        w = (z - self.centre) @ self.inverse_root.T
        far = np.greater(np.einsum("ij,ij->i", z, z), self.radius * (1.0 + 1e-9))  # an end itself lies inside
        apart = np.greater(np.einsum("ij,ij->i", w, w), self.distance)
        return Flags(beyond, far, apart)

    def outside(self, x: ArrayLike) -> BoolArray:
        """(n, d) -> (n,): whether a prediction at the point would be an extrapolation."""
        return self.flags(x).outside


def _germs(problem: Problem, x: FloatArray) -> FloatArray:
    """(n, d) physical inputs -> independent standard normal germs, of inputs held within their 1e-5 quantiles."""
    ends = np.array(
        [law.ppf(np.array([_TAIL, 1.0 - _TAIL])) for law in problem.distributions], dtype=np.float64
    )
    u = problem.unit(np.clip(x, ends[:, 0], ends[:, 1]))
    return special.ndtri(np.clip(u, SMALLEST_PROBABILITY, 1.0 - 2.0**-53))


def require_same(ours: Problem, theirs: Problem) -> None:
    """Hold a model to a surrogate's inputs in their order, its outputs and its units.

    Parameters
    ----------
    ours : Problem
        Of the surrogate.
    theirs : Problem
        Of the model.

    Raises
    ------
    ValueError
        Where they differ, saying in what.
    """
    if ours.input_names != theirs.input_names:
        raise ValueError(
            f"the surrogate has the inputs {ours.input_names}, the true model {theirs.input_names}"
        )
    units = units_of(theirs)
    for name, unit in units_of(ours).items():
        if name not in units:
            raise ValueError(f"the surrogate has the output {name!r}, which the true model does not give")
        if units[name] != unit:
            raise ValueError(f"the surrogate has {name!r} in {unit!r}, the true model in {units[name]!r}")
