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
from uq.surrogates import shrinkage
from uq.surrogates.base import Prediction, Surrogate, training_rows
from uq.surrogates.basis import Basis, Expansion

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FOLDS = 5
CANDIDATES = 1000
"""At most this many terms are weighed for each output."""

_NEGLIGIBLE = 0.02
"""Share of the squared error that the terms left out may hold."""


@dataclass(frozen=True)
class PolynomialChaos(Surrogate):
    """A fitted expansion.

    `indices` (P, d) degrees of the terms, the constant first; `coefficients` (P, m); `folds` (K, P, m) coefficients
    learned without each fold of the data, selection and all; `residuals` (n, m) what each training row is missed by
    when it is left out; `fold` (n,) the fold of each row; `x` (n, d), `y` (n, m) the training rows.
    """

    problem: Problem
    basis: Basis
    indices: IntArray
    coefficients: FloatArray
    folds: FloatArray
    residuals: FloatArray
    fold: IntArray
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
        coefficients = np.stack([_spread(one, indices, one.coefficients) for one in learned], axis=1)
        folds = np.stack(
            [np.stack([_spread(one, indices, one.folds[f]) for one in learned], axis=1) for f in range(FOLDS)]
        )
        residuals = np.stack([one.residuals for one in learned], axis=1)
        return cls(reduced, basis, indices, coefficients, folds, residuals, fold, x, y)

    # -- prediction -------------------------------------------------------------------------------------------

    @cached_property
    def _mean(self) -> Expansion:
        return Expansion(self.basis, self.indices, self.coefficients)

    @cached_property
    def _all(self) -> Expansion:
        """The mean and the K fold predictions of all outputs, side by side."""
        together = np.concatenate([self.coefficients[None], self.folds])
        return Expansion(self.basis, self.indices, together.transpose(1, 0, 2).reshape(len(self.indices), -1))

    def predict(self, x: ArrayLike) -> Prediction:
        """(n, d) physical inputs -> mean and standard deviation of the prediction error, both (n, m).

        The variance is that of CV+: mean over the training rows i of r_i^2 + (y_{-i}(x) - y(x))^2, with y_{-i} the
        prediction learned without the fold of i.
        """
        rows = self._rows(x)
        values = self._all.evaluate(rows).reshape(len(rows), 1 + len(self.folds), -1)
        mean = values[:, 0]
        share = np.bincount(self.fold, minlength=len(self.folds)) / len(self.fold)
        spread = np.einsum("nkm,k->nm", (values[:, 1:] - mean[:, None]) ** 2, share)
        return Prediction(mean, np.sqrt(np.mean(self.residuals**2, axis=0) + spread))

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
            "residuals": self.residuals,
            "fold": self.fold,
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
            arrays["residuals"],
            arrays["fold"],
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
    residuals: FloatArray


def _learn(basis: Basis, psi: FloatArray, x: FloatArray, y: FloatArray, fold: IntArray) -> _Learned:
    """One output: prior, posterior, the terms that matter, and the same again without each fold."""
    centre, spread = float(y.mean()), float(y.std())
    z = (y - centre) / spread
    prior = shrinkage.learn(psi, z, basis.limits)
    posterior = shrinkage.condition(psi, z, prior)
    candidates, variance = shrinkage.likely(prior, CANDIDATES)
    matrix = basis.matrix(x, candidates)
    c = variance * (posterior.dual @ matrix)
    kept = _largest(c, _NEGLIGIBLE * float(np.mean(posterior.residuals**2)))
    indices, matrix, variance = candidates[kept], matrix[:, kept], variance[kept]
    folds, missed, fixed = [], np.empty_like(z), np.empty_like(z)
    for f in range(int(fold.max()) + 1):
        test, train = fold == f, fold != f
        own = shrinkage.learn(psi[:, :, train], z[train], basis.limits, start=prior.parameters, evaluations=8)
        without = shrinkage.condition(psi[:, :, train], z[train], own)
        folds.append(shrinkage.variances(own, indices) * (without.dual @ matrix[train]))
        missed[test] = z[test] - matrix[test] @ folds[-1]
        block = posterior.inverse[np.ix_(test, test)]
        fixed[test] = np.linalg.solve(block, posterior.dual[test])
    # what learning the prior adds to the error is measured in folds; leave-one-out has the right number of rows
    inflation = max(float(np.sqrt(np.mean(missed**2) / np.mean(fixed**2))), 1.0)

    def unscaled(coefficients: FloatArray) -> FloatArray:
        result = spread * coefficients
        result[..., 0] += centre
        return result

    return _Learned(
        indices, unscaled(c[kept]), unscaled(np.array(folds)), spread * inflation * posterior.residuals
    )


def _largest(c: FloatArray, negligible: float) -> IntArray:
    """The constant and the largest coefficients, such that the squares of the others sum to at most `negligible`."""
    order = 1 + np.argsort(-np.abs(c[1:]), kind="stable")
    tail = np.cumsum((c[order] ** 2)[::-1])[::-1]
    return np.concatenate([[0], np.sort(order[tail > negligible])])


def _spread(one: _Learned, indices: IntArray, coefficients: FloatArray) -> FloatArray:
    """Coefficients of one output on the terms of all."""
    position = {row.tobytes(): i for i, row in enumerate(indices)}
    result = np.zeros(len(indices))
    result[[position[row.tobytes()] for row in one.indices]] = coefficients
    return result


def _sobol(indices: IntArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    square = np.where(indices.any(axis=1), c**2, 0.0)
    active = indices > 0
    alone = active & (active.sum(axis=1) == 1)[:, None]
    return square @ alone / square.sum(), square @ active / square.sum()
