"""Polynomial chaos: a model as a sum of orthonormal polynomials of its inputs, with the error of every prediction.

    y(x) = sum_alpha c_alpha Psi_alpha(x),    E[Psi_alpha Psi_beta] = 1 if alpha = beta else 0

so mean, variance and Sobol' indices are sums of squared coefficients.  The coefficients are estimated under a prior
learned from the data (`uq.surrogates.shrinkage`); terms whose squared coefficients together stay below a few
hundredths of the squared error are left out.

Sources: Ghanem & Spanos, *Stochastic Finite Elements*, 1991; Sudret (2008), doi:10.1016/j.ress.2007.04.002 (indices);
Barber et al. (2021), doi:10.1214/20-AOS1965 (CV+ intervals).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.dataset import Dataset
from uq.problem import Problem
from uq.surrogates import shrinkage, sparse
from uq.surrogates.base import Prediction, Surrogate, training_rows
from uq.surrogates.basis import Basis, Expansion

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FOLDS = 5
CANDIDATES = 1000
"""At least this many terms are weighed for each output, and two for each row."""

LEVEL = 0.9
"""Intervals mean +- 1.645 std are calibrated to hold this share of fresh points."""
_HALF_WIDTH = 1.6448536269514722

_NEGLIGIBLE = 0.02
"""Share of the squared error that the terms left out may hold."""

_PROMISING = 3.0
"""A sparse rival is tried where its (too hopeful) error is below this many times that of the shrunken expansion."""

_DIRECTIONS = 32
"""Directions of largest doubt that a prediction's local standard deviation follows."""


@dataclass(frozen=True)
class PolynomialChaos(Surrogate):
    """A fitted expansion.

    `indices` (P, d) degrees of the terms, the constant first; `coefficients` (P, m); `folds` (K, P, m) coefficients
    learned without each fold of the data, selection and all; `doubt` (P, r, m) with the variance of a prediction
    sum_r (sum_alpha Psi_alpha doubt_alpha,r)^2 + `floor` (m,); `residuals` (n, m) what each training row is missed by
    when it is left out; `x` (n, d), `y` (n, m) the training rows.
    """

    problem: Problem
    basis: Basis
    indices: IntArray
    coefficients: FloatArray
    folds: FloatArray
    doubt: FloatArray
    floor: FloatArray
    residuals: FloatArray
    x: FloatArray
    y: FloatArray

    @classmethod
    def fit(
        cls,
        data: Dataset,
        problem: Problem,
        outputs: Sequence[str] | None = None,
        *,
        degree: int | None = None,
        seed: int = 1,
    ) -> PolynomialChaos:
        """Learn an expansion of each of `outputs` (all by default) from the feasible rows of `data`.

        `degree` bounds the degree in each input (by default 6 to 20, fewer for more inputs); which terms enter is
        learned.  `seed` deals the rows to the folds.  Raises ValueError as `training_rows` does.
        """
        reduced, x, y = training_rows(data, problem, outputs)
        basis = Basis.of(reduced.distributions, degree or _degree(reduced.dimension))
        psi = np.ascontiguousarray(basis.univariate(basis.germ(x), basis.degree)[1:].transpose(1, 0, 2))
        fold = np.random.default_rng(seed).permutation(len(x)) % FOLDS
        learned = [_learn(basis, psi, x, y[:, k], fold) for k in range(y.shape[1])]
        indices = np.unique(np.concatenate([one.indices for one in learned]), axis=0)
        return cls(
            reduced,
            basis,
            indices,
            np.stack([_spread(one.indices, one.coefficients, indices) for one in learned], axis=-1),
            np.stack([_spread(one.indices, one.folds.T, indices).T for one in learned], axis=-1),
            np.stack([_spread(one.indices, one.doubt, indices) for one in learned], axis=-1),
            np.array([one.floor for one in learned]),
            np.stack([one.residuals for one in learned], axis=-1),
            x,
            y,
        )

    # -- prediction -------------------------------------------------------------------------------------------

    @cached_property
    def _mean(self) -> Expansion:
        return Expansion(self.basis, self.indices, self.coefficients)

    @cached_property
    def _both(self) -> Expansion:
        """The means and the directions of doubt of all outputs, side by side."""
        p = len(self.indices)
        return Expansion(self.basis, self.indices, np.hstack([self.coefficients, self.doubt.reshape(p, -1)]))

    def predict(self, x: ArrayLike) -> Prediction:
        """(n, d) physical inputs -> mean and standard deviation of the prediction error, both (n, m).

        The standard deviation is that of the posterior, scaled once for each output so that mean +- 1.645 std holds
        90 % of the training rows when they are left out, selection and all.
        """
        values = self._both.evaluate(self._rows(x))
        m = self.coefficients.shape[1]
        doubt = values[:, m:].reshape(len(values), -1, m)
        return Prediction(values[:, :m], np.sqrt(np.einsum("nrm,nrm->nm", doubt, doubt) + self.floor))

    def mean(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> predicted means (n, m), without their error: the fast path."""
        return self._mean.evaluate(self._rows(x))

    def gradient(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> (n, m, d) derivatives of the mean."""
        rows = self._rows(x)
        by_germ = self._mean.gradient.evaluate(rows).reshape(len(rows), -1, self.problem.dimension)
        return by_germ * self.basis.slope(rows)[:, None, :]

    def _rows(self, x: ArrayLike) -> FloatArray:
        rows = np.asarray(x, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.problem.dimension:
            raise ValueError(f"expected points of shape (n, {self.problem.dimension}), got {rows.shape}")
        return rows

    # -- moments and indices ----------------------------------------------------------------------------------

    def moments(self, output: str) -> tuple[float, float]:
        """Mean and standard deviation of an output, from the coefficients."""
        self._independent("moments")
        c = self.coefficients[:, self.problem.output_index(output)]
        constant = ~self.indices.any(axis=1)
        return float(c[constant].sum()), float(np.sqrt(np.sum(c[~constant] ** 2)))

    def sobol_arrays(self, output: str) -> tuple[FloatArray, FloatArray]:
        """First-order and total Sobol' indices (d,) of an output, from the coefficients."""
        self._independent("Sobol' indices")
        return _sobol(self.indices, self.coefficients[:, self.problem.output_index(output)])

    def _independent(self, what: str) -> None:
        if self.problem.correlation is not None:
            raise ValueError(
                f"{what} from coefficients need independent inputs; sample the surrogate with the analyses of "
                "uq.sensitivity and uq.propagation instead"
            )

    # -- storage ----------------------------------------------------------------------------------------------

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """An empty record, and everything but the problem as named arrays."""
        return {}, {
            "logarithmic": self.basis.logarithmic.astype(np.int64),
            "shift": self.basis.shift,
            "scale": self.basis.scale,
            "recurrence_a": self.basis.a,
            "recurrence_b": self.basis.b,
            "indices": self.indices,
            "coefficients": self.coefficients,
            "folds": self.folds,
            "doubt": self.doubt,
            "floor": self.floor,
            "residuals": self.residuals,
            "x": self.x,
            "y": self.y,
        }

    @classmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> PolynomialChaos:
        """The surrogate that `arrays` described."""
        basis = Basis(
            arrays["logarithmic"] > 0,
            arrays["shift"],
            arrays["scale"],
            arrays["recurrence_a"],
            arrays["recurrence_b"],
        )
        return cls(
            problem,
            basis,
            arrays["indices"],
            arrays["coefficients"],
            arrays["folds"],
            arrays["doubt"],
            arrays["floor"],
            arrays["residuals"],
            arrays["x"],
            arrays["y"],
        )


def _degree(dimension: int) -> int:
    """Degrees that the kernel holds at no great cost: 20 up to 4 inputs, 6 from 14 on."""
    return int(np.clip(84 // dimension, 6, 20))


@dataclass(frozen=True)
class _Learned:
    indices: IntArray
    coefficients: FloatArray
    folds: FloatArray
    doubt: FloatArray
    floor: float
    residuals: FloatArray


def _learn(basis: Basis, psi: FloatArray, x: FloatArray, y: FloatArray, fold: IntArray) -> _Learned:
    """One output: the prior, the coefficients under it, a sparse rival where one is promising, and all that again
    without each fold."""
    centre, spread = float(y.mean()), float(y.std())
    z = (y - centre) / spread
    prior = shrinkage.learn(psi, z, basis.limits)
    indices, variance = shrinkage.likely(prior, max(CANDIDATES, 2 * len(z)))
    matrix = basis.matrix(x, indices)
    posterior = shrinkage.condition(matrix, z, variance, prior.noise)
    rival = sparse.least_angles(matrix[:, : 2 * len(z)], z, int(0.8 * len(z)))
    promising = rival.error < _PROMISING * float(np.mean(posterior.residuals**2))
    shrunken, chosen = np.zeros((2, 1 + FOLDS, len(indices)))
    shrunken[0], chosen[0, : len(rival.coefficients)] = posterior.coefficients, rival.coefficients
    again, fixed = np.zeros((2, len(z))), np.zeros((2, len(z)))
    for f in range(FOLDS):
        test, train = fold == f, fold != f
        own = shrinkage.learn(psi[:, :, train], z[train], basis.limits, start=prior.parameters, evaluations=6)
        own_variance = shrinkage.variances(own, indices)
        without = shrinkage.condition(matrix[train], z[train], own_variance, own.noise)
        shrunken[1 + f] = without.coefficients
        again[0, test] = z[test] - matrix[test] @ without.coefficients
        fixed[0, test] = posterior.without(test)
        if promising:
            order = np.concatenate([[0], 1 + np.argsort(-own_variance[1:], kind="stable")])[: 2 * train.sum()]
            found = sparse.least_angles(matrix[np.ix_(train, order)], z[train], int(0.8 * train.sum()))
            chosen[1 + f, order] = found.coefficients
            again[1, test] = z[test] - matrix[test] @ chosen[1 + f]
            fixed[1, test] = rival.without(test)
    share = _share(again) if promising else 0.0
    c = (1.0 - share) * shrunken + share * chosen
    weights = np.array([1.0 - share, share])
    # what learning prior and support adds to the error is seen in folds; leave-one-out has the right number of rows
    inflation = max(float(np.sqrt(np.mean((weights @ again) ** 2) / np.mean((weights @ fixed) ** 2))), 1.0)
    residuals = inflation * (weights @ np.stack([posterior.residuals, rival.residuals]))
    scale = float(np.quantile(np.abs(residuals) / posterior.deviations, LEVEL)) / _HALF_WIDTH
    kept = _largest(np.abs(c).max(axis=0), _NEGLIGIBLE * float(np.mean(residuals**2)))
    doubt, floor = _doubt(posterior, variance, kept, prior.noise)
    result = spread * c[:, kept]
    result[:, 0] += centre
    return _Learned(
        indices[kept],
        result[0],
        result[1:],
        spread * scale * doubt,
        (spread * scale) ** 2 * floor,
        spread * residuals,
    )


def _share(residuals: FloatArray) -> float:
    """The share s in [0, 1] of the second predictor for which (1 - s) r_1 + s r_2 is smallest."""
    first, second = residuals
    difference = first - second
    square = float(difference @ difference)
    return float(np.clip(first @ difference / square, 0.0, 1.0)) if square > 0.0 else 0.0


def _doubt(
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


def _spread(own: IntArray, values: FloatArray, indices: IntArray) -> FloatArray:
    """Rows of `values` that belong to the terms `own` on the terms of all, zero elsewhere."""
    position = {row.tobytes(): i for i, row in enumerate(indices)}
    result = np.zeros((len(indices), *values.shape[1:]))
    result[[position[row.tobytes()] for row in own]] = values
    return result


def _sobol(indices: IntArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    square = np.where(indices.any(axis=1), c**2, 0.0)
    active = indices > 0
    alone = active & (active.sum(axis=1) == 1)[:, None]
    return square @ alone / square.sum(), square @ active / square.sum()
