"""Polynomial chaos: a model as a sum of orthonormal polynomials of its inputs, with the error of every prediction.

    y(x) = sum_alpha c_alpha Psi_alpha(x),    E[Psi_alpha Psi_beta] = 1 if alpha = beta else 0

so mean, variance and Sobol' indices are sums of squared coefficients.  How the coefficients are learned, and the few
hundred terms that matter chosen, is described in `uq.surrogates.polynomial_chaos.coefficients`; the polynomials in
`uq.surrogates.polynomial_chaos.basis`.

Dependent inputs: the polynomials stay orthonormal under the product of the marginals, which dominates a Gaussian
copula.  That predicts better than polynomials of independent germs (half to a quarter of the squared error on a beam of
20 dependent inputs), for the model stays as smooth and as additive as it was; but moments and indices are then no
sums of squares, and asking for them raises.

Sources: Ghanem & Spanos, *Stochastic Finite Elements*, 1991; Sudret (2008), doi:10.1016/j.ress.2007.04.002 (indices);
Soize & Ghanem (2004), doi:10.1137/S1064827503424505 (dependent inputs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset, points_of
from uq.core.estimate import CONFIDENCE, SEED, require_confidence
from uq.core.model import real_numbers
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.sampling.structure import Structure, structure_of
from uq.surrogates.base import Prediction, Surrogate, require_own_variation, training_rows
from uq.surrogates.polynomial_chaos import coefficients as estimation
from uq.surrogates.polynomial_chaos import indices as variance_shares
from uq.surrogates.polynomial_chaos.basis import Basis, Expansion

if TYPE_CHECKING:
    from uq.core.results import Indices, Interactions


_TOGETHER = 1e-8
"""Inputs whose standardised columns have a singular value this small (of 1) do not vary on their own."""


@dataclass(frozen=True)
class PolynomialChaos(Surrogate):
    """A fitted expansion.

    `indices` (P, d) degrees of the terms, the constant first; `coefficients` (P, m); `folds` (K, P, m) coefficients
    learned without each fold of the data, selection and all; `uncertainty` (P, r, m) and `floor` (m,) with the
    variance of a prediction sum_r (sum_alpha Psi_alpha uncertainty_alpha,r)^2 + floor; `residuals` (n, m) what each
    training row is missed by when it is left out; `prior` (3 d + 2, m) and `share` (m,) how the estimate was made;
    `x` (n, d), `y` (n, m) the training rows, `weights` (n,) their weights, of mean 1.
    """

    problem: Problem
    """Inputs with their laws, and outputs."""
    basis: Basis
    """Orthonormal polynomials of each input."""
    indices: IntArray
    coefficients: FloatArray
    folds: FloatArray
    uncertainty: FloatArray
    floor: FloatArray
    residuals: FloatArray
    prior: FloatArray
    share: FloatArray
    x: FloatArray
    y: FloatArray
    weights: FloatArray

    @classmethod
    @one_thread()
    def fit(
        cls,
        data: Dataset,
        *,
        outputs: Sequence[str] | None = None,
        weights: ArrayLike | None = None,
        degree: int | None = None,
        seed: int = SEED,
    ) -> PolynomialChaos:
        """Learn an expansion of each of `outputs` (all by default) from the feasible rows of `data`.

        `weights` (rows of `data`,) are those of least squares: inverse variances of the rows' errors but for a common
        factor, by default equal.  They steer how far the expansion may miss each row, what counts when it is left out,
        and with that which terms enter.  `degree` bounds the degree in each input (by default 6 to 20, fewer for more
        inputs); which terms enter is learned.  `seed` deals the rows to the folds.  Raises ValueError, with the remedy,
        as `training_rows` does, for rows outside a logarithmic law, for inputs that do not vary or not on their own,
        for a degree asked for that the values of an input cannot carry, and for weights that are not one positive
        number for each row.
        """
        reduced, x, y = training_rows(data, outputs)
        if degree is not None:
            _require_degree(degree)
        basis = Basis.of(reduced.distributions, int(degree or _degree(reduced.dimension)))
        basis.require_defined(x, reduced.input_names)
        require_own_variation(reduced, basis.germ(x).T, _TOGETHER, _TOGETHER)
        psi = estimation.univariate(basis, x)
        weighing = _weights(weights, data, reduced, x)
        found = structure_of(reduced, x)
        if degree is not None:
            _require_carried(int(degree), reduced, basis, found)
        each = [estimation.estimate(basis, psi, x, column, found, weighing, seed) for column in y.T]
        terms = np.unique(np.concatenate([one.indices for one in each]), axis=0)
        return cls(
            problem=reduced,
            basis=basis,
            indices=terms,
            coefficients=np.stack([_spread(one.indices, one.coefficients, terms) for one in each], axis=-1),
            folds=np.stack([_spread(one.indices, one.folds.T, terms).T for one in each], axis=-1),
            uncertainty=np.stack([_spread(one.indices, one.uncertainty, terms) for one in each], axis=-1),
            floor=np.array([one.floor for one in each]),
            residuals=np.stack([one.residuals for one in each], axis=-1),
            prior=np.stack([one.prior for one in each], axis=-1),
            share=np.array([one.share for one in each]),
            x=x,
            y=y,
            weights=weighing,
        )

    # -- prediction -------------------------------------------------------------------------------------------

    @cached_property
    def _mean(self) -> Expansion:
        return Expansion(self.basis, self.indices, self.coefficients)

    @cached_property
    def _with_uncertainty(self) -> Expansion:
        """The means and the directions of uncertainty of all outputs, side by side."""
        p = len(self.indices)
        return Expansion(
            self.basis, self.indices, np.hstack([self.coefficients, self.uncertainty.reshape(p, -1)])
        )

    @cached_property
    def _with_slopes(self) -> Expansion:
        """The means and their derivatives by the germs, side by side."""
        return self._mean.joined_with(self._mean.gradient)

    def predict(self, x: ArrayLike) -> Prediction:
        """(n, d) physical inputs -> mean and standard deviation of the prediction error, both (n, m).

        The standard deviation is that of the posterior, scaled once for each output so that mean +- 1.645 std holds
        90 % of the training rows when they are left out, selection and all.
        """
        values = self._with_uncertainty.evaluate(self._rows(x))
        m = self.coefficients.shape[1]
        uncertainty = values[:, m:].reshape(len(values), -1, m)
        return Prediction(
            values[:, :m].copy(), np.sqrt(np.einsum("nrm,nrm->nm", uncertainty, uncertainty) + self.floor)
        )

    def mean(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> predicted means (n, m), without their error: the fast path."""
        return self._mean.evaluate(self._rows(x))

    def gradient(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> (n, m, d) derivatives of the mean."""
        return self.mean_and_gradient(x)[1]

    def mean_and_gradient(self, x: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """(n, d) physical inputs -> means (n, m) and their derivatives (n, m, d), at the cost of one of them."""
        rows = self._rows(x)
        values = self._with_slopes.evaluate(rows)
        m = self.coefficients.shape[1]
        slopes = values[:, m:].reshape(len(rows), m, -1)
        slopes *= self.basis.slope(rows)[:, None, :]
        return values[:, :m], slopes

    def hessian(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> (n, m, d, d) second derivatives of the mean."""
        rows = self._rows(x)
        n, d = rows.shape
        first = self._mean.gradient.evaluate(rows).reshape(n, -1, d)
        second = self._mean.gradient.gradient.evaluate(rows).reshape(n, -1, d, d)
        slope = self.basis.slope(rows)
        second *= slope[:, None, :, None] * slope[:, None, None, :]
        axes = np.arange(d)
        second[:, :, axes, axes] += first * self.basis.curvature(rows)[:, None, :]
        return second

    def _disagreement(self, x: FloatArray) -> FloatArray:
        k, p, m = self.folds.shape
        moved = self.folds - self.coefficients
        values = Expansion(self.basis, self.indices, moved.transpose(1, 0, 2).reshape(p, k * m)).evaluate(x)
        return np.sqrt(np.mean(values.reshape(len(x), k, m) ** 2, axis=(0, 1)))

    def _rows(self, x: ArrayLike) -> FloatArray:
        rows = points_of(self.problem, x)
        self.basis.require_defined(rows, self.problem.input_names)
        return rows

    # -- moments and indices ----------------------------------------------------------------------------------

    def moments(self, output: str) -> tuple[float, float]:
        """Mean and standard deviation of an output, from the coefficients.  Raises for dependent inputs."""
        self._require_independent("moments")
        c = self.coefficients[:, self.problem.output_index(output)]
        constant = ~self.indices.any(axis=1)
        return float(c[constant].sum()), float(np.sqrt(np.sum(c[~constant] ** 2)))

    @one_thread()
    def sobol_indices(
        self,
        output: str,
        *,
        groups: Mapping[str, Sequence[str]] | None = None,
        resamples: int = 0,
        seed: int = SEED,
        confidence: float = CONFIDENCE,
    ) -> Indices:
        """First-order and total Sobol' indices of an output, of each input or of each of `groups` of inputs.

        The intervals come from the expansions learned without each fold (jackknife) or, with `resamples` of at least
        two, from as many bootstrap resamples; prior and support are learned anew in either.  What the expansion does
        not explain of the left-out rows, a share u of the variance, could belong anywhere: spread evenly as pairs of d
        inputs it widens totals by 2 u / d and first orders by u / d on both sides (*judgement*).  Raises for
        dependent inputs.
        """
        from uq.core.results import Indices

        require_confidence(confidence)
        self._require_independent("Sobol' indices")
        names = tuple(groups) if groups else self.problem.input_names
        members = groups or {name: (name,) for name in names}
        sets = [[self.problem.index(member) for member in members[name]] for name in names]
        c, around = self._replicates(output, resamples, seed)
        first, total = variance_shares.first_and_total(self.indices, c, sets)
        terms, replicates = around
        first_again, total_again = variance_shares.first_and_total(terms, replicates, sets)
        bounds = variance_shares.resampled if resamples else variance_shares.jackknife
        slack = self._unexplained(output) / len(names) * np.array([-1.0, 1.0])
        return Indices(
            output=output,
            inputs=names,
            first=first,
            total=total,
            first_interval=bounds(first, first_again, confidence) + slack,
            total_interval=bounds(total, total_again, confidence) + 2.0 * slack,
            confidence=confidence,
            runs=len(self.x),
            notes=("from the coefficients of a chaos expansion",),
            learned_from=len(self.x),
        )

    @one_thread()
    def second_order_indices(
        self, output: str, *, resamples: int = 0, seed: int = SEED, confidence: float = CONFIDENCE
    ) -> Interactions:
        """Second-order Sobol' indices of an output for each pair of inputs; arguments as in `sobol_indices`.

        Intervals as there: what the expansion does not explain widens those of pairs by u / d on both sides, as it does
        first orders (*judgement*).
        """
        from uq.core.results import Interactions

        require_confidence(confidence)
        self._require_independent("Sobol' indices")
        c, (terms, replicates) = self._replicates(output, resamples, seed)
        second = variance_shares.second(self.indices, c)
        bounds = variance_shares.resampled if resamples else variance_shares.jackknife
        d = self.problem.dimension
        slack = self._unexplained(output) / d * (1.0 - np.eye(d))[:, :, None] * np.array([-1.0, 1.0])
        return Interactions(
            output=output,
            inputs=self.problem.input_names,
            second=second,
            interval=bounds(second, variance_shares.second(terms, replicates), confidence) + slack,
            confidence=confidence,
            runs=len(self.x),
            notes=("from the coefficients of a chaos expansion",),
            learned_from=len(self.x),
        )

    def _unexplained(self, output: str) -> float:
        """Mean square of the left-out residuals of an output as a share of its variance, at most 1."""
        k = self.problem.output_index(output)
        return min(float(np.mean(self.residuals[:, k] ** 2) / self.y[:, k].var()), 1.0)

    def _replicates(
        self, output: str, resamples: int, seed: int
    ) -> tuple[FloatArray, tuple[IntArray, FloatArray]]:
        """The coefficients of an output, and terms with coefficients learned again from parts of the data."""
        k = self.problem.output_index(output)
        if resamples == 1 or resamples < 0:
            raise ValueError(
                f"an interval needs at least two resamples (or 0 for the folds), got {resamples}"
            )
        if not resamples:
            return self.coefficients[:, k], (self.indices, self.folds[:, :, k])
        again = estimation.bootstrap(
            self.basis,
            self.x,
            self.y[:, k],
            self.prior[:, k],
            float(self.share[k]),
            self.weights,
            estimation.limits(self.basis, structure_of(self.problem, self.x)),
            resamples=resamples,
            seed=seed,
        )
        return self.coefficients[:, k], again

    def _require_independent(self, what: str) -> None:
        if self.problem.dependent:
            raise ValueError(
                f"{what} from coefficients need independent inputs; give this surrogate to uq.shapley_effects, "
                "uq.kucherenko_indices or uq.propagate instead"
            )

    # -- storage ----------------------------------------------------------------------------------------------

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """An empty record, and everything but the problem as named arrays."""
        b = self.basis
        basis = zip(_BASIS, (b.logarithmic.astype(np.int64), b.shift, b.scale, b.a, b.b), strict=True)
        return {}, {**dict(basis), **{name: getattr(self, name) for name in _STORED}}

    @classmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> PolynomialChaos:
        """The surrogate that `arrays` described.  Raises ValueError for arrays that do not belong together."""
        wanted = {*_BASIS, *_STORED}
        if set(arrays) != wanted:
            raise ValueError(f"a chaos expansion has the arrays {', '.join(sorted(wanted))}")
        basis = Basis(arrays["logarithmic"] > 0, *(arrays[name] for name in _BASIS[1:]))
        d, m, p, n = problem.dimension, len(problem.outputs), len(arrays["indices"]), len(arrays["x"])
        shapes = {
            "logarithmic": (d,),
            "shift": (d,),
            "scale": (d,),
            "recurrence_a": (d, basis.degree + 1),
            "recurrence_b": (d, basis.degree + 1),
            "indices": (p, d),
            "coefficients": (p, m),
            "folds": (len(arrays["folds"]), p, m),
            "uncertainty": (p, arrays["uncertainty"].shape[1] if arrays["uncertainty"].ndim == 3 else 0, m),
            "floor": (m,),
            "residuals": (n, m),
            "prior": (3 * d + 2, m),
            "share": (m,),
            "x": (n, d),
            "y": (n, m),
            "weights": (n,),
        }
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise ValueError(f"{name} has shape {arrays[name].shape}, expected {shape}")
        if not (basis.scale > 0.0).all():
            raise ValueError("a scale of the basis is not positive")
        degrees = arrays["indices"]
        if degrees.dtype != np.int64 or not p or degrees.min() < 0 or (degrees > basis.limits).any():
            raise ValueError("the degrees of the terms are not those of the basis")
        return cls(problem, basis, *(arrays[name] for name in _STORED))


_BASIS = ("logarithmic", "shift", "scale", "recurrence_a", "recurrence_b")
_STORED = tuple(field.name for field in fields(PolynomialChaos))[2:]


_HIGHEST_DEGREE = 150
"""Polynomials of a normal law overflow beyond 180."""


def _degree(dimension: int) -> int:
    """Degrees that the kernel holds at no great cost: 20 up to 4 inputs, 6 from 14 on.

    >>> [_degree(dimension) for dimension in (1, 4, 5, 14, 40)]
    [20, 20, 16, 6, 6]
    """
    return int(np.clip(84 // dimension, 6, 20))


def _require_degree(degree: int) -> None:
    """Refuse a degree that is none, or whose polynomials overflow."""
    if not isinstance(degree, Real) or not degree >= 1 or not float(degree).is_integer():
        raise ValueError(f"degree is a whole number from 1, got {degree!r}; leave it out to have it chosen")
    if degree > _HIGHEST_DEGREE:
        raise ValueError(
            f"degrees go up to {_HIGHEST_DEGREE}, got {degree}; ask for less, or leave it out to have it chosen"
        )


def _require_carried(degree: int, problem: Problem, basis: Basis, found: Structure) -> None:
    """Refuse a degree asked for that the rows cannot tell from a lower one: k values carry degrees below k."""
    for name, values, highest in zip(problem.input_names, found.values, basis.limits, strict=True):
        if values <= highest:
            raise ValueError(
                f"degree {degree} needs {highest + 1} different values of input {name!r}, the rows have {values}; "
                f"ask for degree {values - 1}, leave it out to have it chosen, or sample more values"
            )


def _weights(weights: ArrayLike | None, data: Dataset, problem: Problem, x: FloatArray) -> FloatArray:
    """(n,) weights of the training rows x, of mean 1, from those of all rows of the data; repeated rows add theirs."""
    if weights is None:
        return np.ones(len(x))
    given = real_numbers(weights, "weights")
    if given.shape != (len(data),) or not (np.isfinite(given).all() and (given > 0.0).all()):
        raise ValueError(f"weights must be one positive number for each of the {len(data)} rows")
    total: dict[bytes, float] = {}
    rows = np.stack([data[name] for name in problem.input_names], axis=1)
    for row, weight in zip(rows, given, strict=True):
        total[row.tobytes()] = total.get(row.tobytes(), 0.0) + float(weight)
    found = np.array([total[row.tobytes()] for row in x])
    return found / found.mean()


def _spread(own: IntArray, values: FloatArray, terms: IntArray) -> FloatArray:
    """Rows of `values` that belong to the terms `own` on the terms of all outputs, zero elsewhere."""
    position = {row.tobytes(): i for i, row in enumerate(terms)}
    result = np.zeros((len(terms), *values.shape[1:]))
    result[[position[row.tobytes()] for row in own]] = values
    return result
