"""The coefficients of one output of a chaos expansion, their uncertainty, and what every row is missed by when left
out.

Two estimates share the work: the expansion shrunken by its learned prior (`uq.surrogates.polynomial_chaos.prior`)
and, where few terms may say all, a sparse one (`uq.surrogates.polynomial_chaos.least_angle`); their shares are those
of smallest cross-validated error.

Sources: Breiman (1996), doi:10.1007/BF00117832 (shares); Barber et al. (2021), doi:10.1214/20-AOS1965, and Papadopoulos
et al. (2008) (intervals from left-out residuals, scaled by the local deviation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.sampling.structure import Structure
from uq.surrogates.base import least_deviation
from uq.surrogates.polynomial_chaos import index_sets, least_angle
from uq.surrogates.polynomial_chaos import prior as shrinkage
from uq.surrogates.polynomial_chaos.basis import Basis

FOLDS = 5
CANDIDATES = 1000
"""At least this many terms are weighed for each output, and two for each row."""

LEVEL = 0.9
"""Intervals mean +- 1.645 std are calibrated to hold this share of fresh points."""
_HALF_WIDTH = 1.6448536269514722

_NEGLIGIBLE = 0.02
"""Share of the squared error that the terms left out may hold, be it the mean or that of a typical row: a few rows in
the tails of their laws may err by a hundred times what the others do, which the terms left out would then decide."""

_PROMISING = 3.0
"""A sparse rival is tried where its (too hopeful) error is below this many times that of the shrunken expansion."""

_DIRECTIONS = 32
"""Directions of largest uncertainty that a prediction's local standard deviation follows."""

_TERMS_A_ROW = 4
"""All terms of second degree are offered to the sparse rival where they are at most so many times the rows."""

_MAX_TERMS = 400
"""Terms of a sparse estimate, at most (and at most four for five rows)."""

_CHANCE_ROWS = 3
"""Rows of which half of that growth is chance."""

_LEVELS = (0.8, 0.85, 0.9, 0.95)
"""Around `LEVEL`: the quantile of 40 rows scatters by an eighth, and each of these says some of it."""

_QUANTILE_ROWS = 100
"""Rows from which the growth of the 90 % quantile of errors by learning counts by half: of fewer it is chance, and the
larger of it and one would widen every interval (*judgement*)."""

_AGAIN = 6
"""Evidence evaluations that move a prior learned from all rows to that of a part of them."""


@dataclass(frozen=True)
class Coefficients:
    """One output: `indices` (P, d) of the terms that matter, the constant first, their `coefficients` (P,) and those
    without each fold (K, P); `uncertainty` (P, r) and `floor`, whose sum of squares is the variance of a prediction;
    left-out `residuals` (n,); `prior` the parameters of the prior; `share` of the sparse estimate."""

    indices: IntArray
    coefficients: FloatArray
    folds: FloatArray
    """(k, P) coefficients without each fold."""
    uncertainty: FloatArray
    floor: float
    residuals: FloatArray
    prior: FloatArray
    share: float


@dataclass(frozen=True)
class _Task:
    """What every estimate of one output shares: univariate values (d, p, n), candidate terms (P, d), their values
    (n, P), the standardised output (n,), the prior's parameters, the largest degrees and the rows' weights (n,)."""

    psi: FloatArray
    indices: IntArray
    matrix: FloatArray
    z: FloatArray
    start: FloatArray
    limits: IntArray
    weights: FloatArray

    def shrunken(self, rows: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Coefficients from some of the rows alone, prior and all, and the prior variances."""
        prior = shrinkage.learn(
            self.psi[:, :, rows],
            self.z[rows],
            self.limits,
            weights=self.weights[rows],
            start=self.start,
            evaluations=_AGAIN,
        )
        variance = shrinkage.variances(prior, self.indices)
        return shrinkage.condition(
            self.matrix[rows], self.z[rows], variance, prior.noise / self.weights[rows]
        ).coefficients, variance

    def sparse(self, rows: BoolArray, variance: FloatArray) -> tuple[least_angle.Selection, FloatArray]:
        """The sparse estimate from some of the rows alone, whose residuals are weighted, and its coefficients (P,).

        It is chosen among the terms that the prior of these rows prefers, or among all of second degree, whichever
        errs less: the prior expects interactions where inputs matter alone, and would never look at pure ones."""
        n, root = int(rows.sum()), np.sqrt(self.weights[rows])
        preferred = np.concatenate([[0], 1 + np.argsort(-variance[1:], kind="stable")])[: 2 * n]
        second = np.flatnonzero(self.indices.sum(axis=1) <= 2)
        offered = [preferred] if np.isin(second, preferred).all() else [preferred, second]
        found = [
            least_angle.least_angles(
                self.matrix[np.ix_(rows, terms)] * root[:, None], self.z[rows] * root, _term_limit(n)
            )
            for terms in offered
        ]
        best = min(range(len(found)), key=lambda k: found[k].error)
        coefficients = np.zeros(len(variance))
        coefficients[offered[best]] = found[best].coefficients
        return found[best], coefficients


def _with_second_degree(indices: IntArray, highest: IntArray, n: int) -> IntArray:
    """The terms (P, d) and, where n rows can tell them apart, all further ones of second degree."""
    d = len(highest)
    if index_sets.count(d, 2, 1.0, 2) > _TERMS_A_ROW * n:
        return indices
    second = index_sets.hyperbolic(d, 2)
    second = second[(second <= highest).all(axis=1)]
    known = {row.tobytes() for row in indices}
    further = [row for row in second if row.tobytes() not in known]
    return np.concatenate([indices, np.array(further, dtype=np.int64).reshape(-1, d)])


def _term_limit(n: int) -> int:
    return min(int(0.8 * n), _MAX_TERMS)


def univariate(basis: Basis, x: FloatArray) -> FloatArray:
    """Values of the polynomials of degree 1 to p.

    Parameters
    ----------
    basis : Basis
        Orthonormal polynomials of the inputs.
    x : ndarray (n, d)
        Points in physical units.

    Returns
    -------
    ndarray (d, p, n)
        At each row.
    """
    return np.ascontiguousarray(basis.univariate(x, basis.degree)[1:].transpose(1, 0, 2))


def limits(basis: Basis, found: Structure) -> IntArray:
    """The largest degree of each input: that of its law, and below the number of values that gridded rows have, on
    which higher degrees cannot be distinguished from lower ones.

    Parameters
    ----------
    basis : Basis
        Orthonormal polynomials of the inputs.
    found : Structure
        Which inputs lie on grids.

    Returns
    -------
    ndarray of int (d,)
        One for each input.
    """
    result = basis.limits.copy()
    for j in found.gridded:
        result[j] = min(result[j], found.values[j] - 1)
    return result


def estimate(
    basis: Basis,
    psi: FloatArray,
    x: FloatArray,
    y: FloatArray,
    found: Structure,
    weights: FloatArray,
    seed: int,
) -> Coefficients:
    """The expansion of one output.

    Rows of a block are left out together, and so are rows of one value of a gridded input, between whose values only
    such residuals tell the error: it is then the least that a prediction has.

    Parameters
    ----------
    basis : Basis
        Orthonormal polynomials of the inputs.
    psi : ndarray (d, p, n)
        Values of the univariate polynomials of degree 1 to p.
    x : ndarray (n, d)
        Points in physical units.
    y : ndarray (n,)
        The output at these points.
    found : Structure
        Blocks and grids of the rows.
    weights : ndarray (n,)
        Inverse of the share of each row of the noise, with mean 1.
    seed : int
        Deals the folds.

    Returns
    -------
    Coefficients
    """
    fold = found.dealt(np.random.default_rng(seed).permutation(found.blocks) % FOLDS)
    highest = limits(basis, found)
    centre, spread = float(np.average(y, weights=weights)), float(y.std())
    z = (y - centre) / spread
    root = np.sqrt(weights)
    prior = shrinkage.learn(psi, z, highest, weights=weights)
    indices, _ = shrinkage.likely(prior, max(CANDIDATES, 2 * len(z)))
    indices = _with_second_degree(indices, highest, len(z))
    variance = shrinkage.variances(prior, indices)
    task = _Task(psi, indices, basis.matrix(x, indices), z, prior.parameters, highest, weights)
    posterior = shrinkage.condition(task.matrix, z, variance, prior.noise / weights)
    rival, rival_coefficients = task.sparse(np.ones(len(z), dtype=bool), variance)
    promising = rival.error < _PROMISING * float(np.mean(weights * posterior.residuals**2))
    promising = promising and not found.gridded  # its error is blind to what lies between values
    coefficients = np.zeros((2, 1 + FOLDS, len(indices)))
    coefficients[0, 0], coefficients[1, 0] = posterior.coefficients, rival_coefficients
    again, fixed = np.zeros((2, len(z))), np.zeros((2, len(z)))
    for f in range(FOLDS):
        test = fold == f
        coefficients[0, 1 + f], own_variance = task.shrunken(~test)
        fixed[0, test] = posterior.without(test)
        if promising:
            coefficients[1, 1 + f] = task.sparse(~test, own_variance)[1]
            fixed[1, test] = rival.without(test) / root[test]
        again[:, test] = z[test] - coefficients[:, 1 + f] @ task.matrix[test].T
    share = _share(root * again) if promising else 0.0
    shares = np.array([1.0 - share, share])
    c = np.tensordot(shares, coefficients, axes=1)
    # what learning prior and support adds to the error is seen in folds; leave-one-out has the right number of rows
    relearned, kept_prior = (np.abs(root * (shares @ r)) for r in (again, fixed))
    growth = max(float(np.sqrt(np.mean(relearned**2) / np.mean(kept_prior**2))), 1.0)
    left_out = shares @ np.stack([posterior.residuals, rival.residuals / root])
    residuals = growth * left_out
    # few large errors make the mean square, intervals ask for the quantile; few rows hardly know it
    typical = max(float(np.quantile(relearned, LEVEL) / max(np.quantile(kept_prior, LEVEL), 1e-300)), 1.0)
    # steps are noise to polynomials, which learning follows and whose errors are bounded: their growth is not chance,
    # and lesser quantiles say nothing of the asked one
    steps = 2 * len(np.unique(y)) < len(y)
    if not steps:
        typical **= len(z) / (len(z) + _QUANTILE_ROWS)
        # a growth is at least 1, by chance too: of few rows the less (*judgement*, by published functions' coverage)
        typical *= len(z) / (len(z) + _CHANCE_ROWS)
    scale = typical * _widening(np.abs(left_out) / posterior.deviations, (LEVEL,) if steps else _LEVELS)
    least = 0.0
    if not found.plain:
        if not found.independent:
            residuals = shares @ again
        for partition in [] if found.independent else [fold]:
            scale = max(scale, growth * _left_out(posterior, partition)[1] / _HALF_WIDTH)
        for partition in found.left_out_values():
            left, held = _left_out(posterior, partition)
            scale = max(scale, growth * held / _HALF_WIDTH)
            residuals = np.where(np.abs(growth * left) > np.abs(residuals), growth * left, residuals)
            least = max(least_deviation(residuals), found.unseen)
    size = np.sqrt(np.mean(c**2, axis=0))
    usual = float(np.quantile(root * np.abs(residuals), LEVEL)) / _HALF_WIDTH
    kept = _largest(size, _NEGLIGIBLE * min(float(np.mean(weights * residuals**2)), usual**2))
    uncertainty, floor = _uncertainty(posterior, variance, kept, prior.noise)
    c = spread * c[:, kept]
    c[:, 0] += centre
    return Coefficients(
        indices=indices[kept],
        coefficients=c[0],
        folds=c[1:],
        uncertainty=spread * scale * uncertainty,
        floor=max((spread * scale) ** 2 * floor, (spread * least) ** 2),
        residuals=spread * residuals,
        prior=prior.parameters,
        share=share,
    )


def _widening(errors: FloatArray, levels: tuple[float, ...]) -> float:
    """What deviations are multiplied by so that intervals hold their share of left-out errors, in deviations (n,)::

    geometric mean over p in `levels` of quantile_p(errors) / Phi^-1((1 + p) / 2)
    """
    found = np.quantile(errors, levels) / special.ndtri(0.5 + 0.5 * np.array(levels))
    return float(np.exp(np.mean(np.log(np.maximum(found, 1e-300)))))


def _left_out(posterior: shrinkage.Posterior, partition: IntArray) -> tuple[FloatArray, float]:
    """Residuals (n,) of rows that are left out with all rows of their part, and the quantile of their size, in
    deviations that the prior expects."""
    left, deviations = np.empty(len(partition)), np.empty(len(partition))
    for part in range(int(partition.max()) + 1):
        rows = partition == part
        left[rows], deviations[rows] = posterior.together(rows)
    return left, float(np.quantile(np.abs(left) / np.maximum(deviations, 1e-300), LEVEL))


def bootstrap(
    basis: Basis,
    x: FloatArray,
    y: FloatArray,
    prior: FloatArray,
    share: float,
    weights: FloatArray,
    highest: IntArray,
    *,
    resamples: int,
    seed: int,
) -> tuple[IntArray, FloatArray]:
    """Candidate terms (P, d) and coefficients (resamples, P) learned from rows drawn with replacement, prior and
    support anew each time; a row drawn twice counts once, for a model without noise says nothing new twice.

    Parameters
    ----------
    basis : Basis
        Orthonormal polynomials of the inputs.
    x : ndarray (n, d)
        Points in physical units.
    y : ndarray (n,)
        The output at these points.
    prior : ndarray (3 d + 2,)
        Parameters of the prior (`shrinkage.unpack`)
    share : float
        Of the output's variance that is noise.
    weights : ndarray (n,)
        Inverse of the share of each row of the noise, with mean 1.
    highest : ndarray of int (d,)
        Largest degree of each input.
    resamples : int
        Of the rows.
    seed : int
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    tuple of ndarray
        Terms (P, d) and coefficients (resamples, P)
    """
    psi, z = univariate(basis, x), (y - np.average(y, weights=weights)) / y.std()
    indices, _ = shrinkage.likely(shrinkage.unpack(prior, highest, basis.degree), CANDIDATES)
    if share > 0.0:
        indices = _with_second_degree(indices, highest, len(z))
    task = _Task(psi, indices, basis.matrix(x, indices), z, prior, highest, weights)
    random, n = np.random.default_rng(seed), len(y)
    result = np.zeros((resamples, len(indices)))
    for r in range(resamples):
        rows = np.zeros(n, dtype=bool)
        rows[random.integers(n, size=n)] = True
        result[r], variance = task.shrunken(rows)
        if share > 0.0:
            result[r] = (1.0 - share) * result[r] + share * task.sparse(rows, variance)[1]
    return indices, result


def _share(residuals: FloatArray) -> float:
    """The share s in [0, 1] of the second predictor for which (1 - s) r_1 + s r_2 is smallest."""
    first, second = residuals
    difference = first - second
    square = float(difference @ difference)
    return float(np.clip(first @ difference / square, 0.0, 1.0)) if square > 0.0 else 0.0


def _uncertainty(
    posterior: shrinkage.Posterior, variance: FloatArray, kept: IntArray, noise: float
) -> tuple[FloatArray, float]:
    """The posterior covariance of the kept coefficients as its leading directions (P, r), and the mean variance of
    all the rest."""
    root = np.sqrt(variance)
    explained = posterior.explained[kept]
    covariance = (np.eye(len(kept)) - explained @ explained.T) * np.outer(root[kept], root[kept])
    values, vectors = np.linalg.eigh(covariance)
    leading = np.argsort(-values)[:_DIRECTIONS]
    size = np.sqrt(np.maximum(values[leading], 0.0))
    total = float(np.sum(variance * (1.0 - np.einsum("ij,ij->i", posterior.explained, posterior.explained))))
    directions = np.zeros((len(kept), _DIRECTIONS))
    directions[:, : len(leading)] = vectors[:, leading] * size
    return directions, max(total - float(size @ size), 0.0) + noise


def _largest(c: FloatArray, negligible: float) -> IntArray:
    """The constant and the largest coefficients, such that the squares of the others sum to at most `negligible`."""
    order = 1 + np.argsort(-c[1:], kind="stable")
    tail = np.cumsum((c[order] ** 2)[::-1])[::-1]
    return np.concatenate([[0], np.sort(order[tail > negligible])])
