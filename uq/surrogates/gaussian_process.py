"""Gaussian process regression (Kriging): anisotropic kernels, polynomial trends, intervals checked by leave-one-out.

Model of one output, in inputs z standardised by their marginals and an output standardised by the data::

    y(z) = h(z)' beta + s Z(z),    cov Z = k + nugget,    P = K^-1 - K^-1 H (H' K^-1 H)^-1 H' K^-1

    mean      h' beta + k' a,                      a = P y
    variance  s^2 (1 + nugget - k' K^-1 k + u' (H' K^-1 H)^-1 u),    u = h - H' K^-1 k
    left out  y_i - y_-i = a_i / P_ii,  with variance s^2 / P_ii

Lengths, shares and nugget maximise the restricted likelihood, with s^2 profiled out, times weak priors.

Sources: Rasmussen & Williams (2006), ch. 2, 5; Dubrule (1983), doi:10.1007/BF01033232 (left-out residuals);
Patterson & Thompson (1971), doi:10.1093/biomet/58.3.545 (restricted likelihood); Schoebi, Sudret & Wiart (2015),
doi:10.1615/Int.J.UncertaintyQuantification.2015012467 (chaos trends).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize

from uq.dataset import Dataset
from uq.problem import Problem
from uq.surrogates.base import Prediction, Surrogate, training_rows
from uq.surrogates.kernels import (
    ANOVA_MATERN_5_2,
    ANOVA_SQUARED_EXPONENTIAL,
    KERNELS,
    MATERN_5_2,
    SQUARED_EXPONENTIAL,
    Kernel,
    Pairs,
)

FloatArray = NDArray[np.float64]
Powers = NDArray[np.int64]

LEVEL = 0.9
"""Intervals mean +- 1.645 std are calibrated to hold this share of fresh points."""
_HALF_WIDTH = 1.6448536269514722

_LENGTHS = np.log([0.05, 300.0])
_SHARES = (-12.0, 8.0)
_NUGGETS = np.log([1e-11, 1.0])
_FIRST_NUGGET = np.log(1e-5)
_ROWS_AT_ONCE = 2048


@dataclass(frozen=True)
class Process:
    """One output's process, conditioned on its training points (symbols above)."""

    kernel: Kernel
    parameters: FloatArray
    nugget: float
    powers: Powers
    center: float
    spread: float
    widening: float
    beta: FloatArray
    weights: FloatArray
    scale: float
    root: FloatArray
    trend_projection: FloatArray
    trend_root: FloatArray
    left_out: FloatArray
    left_out_std: FloatArray

    def mean(self, z: FloatArray, train: FloatArray) -> FloatArray:
        """Predicted output (n,) at z."""
        k = self.kernel.matrix(z, train, self.parameters)
        return self.center + self.spread * (_monomials(z, self.powers) @ self.beta + k @ self.weights)

    def predict(self, z: FloatArray, train: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Predicted output and its standard deviation, both (n,), at z."""
        k = self.kernel.matrix(z, train, self.parameters)
        h = _monomials(z, self.powers)
        mean = h @ self.beta + k @ self.weights
        v = linalg.solve_triangular(self.root, k.T, lower=True, check_finite=False)
        u = linalg.solve_triangular(
            self.trend_root, (h - v.T @ self.trend_projection).T, lower=True, check_finite=False
        )
        variance = 1.0 + self.nugget - np.einsum("ij,ij->j", v, v) + np.einsum("ij,ij->j", u, u)
        std = self.widening * self.scale * np.sqrt(np.maximum(variance, self.nugget))
        return self.center + self.spread * mean, self.spread * std

    def gradient(self, z: FloatArray, train: FloatArray) -> FloatArray:
        """Derivative (n, d) of the mean by z."""
        return self.spread * (
            _monomial_gradient(z, self.powers, self.beta)
            + self.kernel.gradient(z, train, self.parameters, self.weights)
        )


@dataclass(frozen=True)
class GaussianProcess(Surrogate):
    """Gaussian processes of the outputs of a problem, one each, on common training points.

    Standard deviations are those of the prediction error on fresh points, widened so that 90 % intervals held nine
    in ten left-out residuals of training.
    """

    problem: Problem
    train: FloatArray
    values: FloatArray
    processes: tuple[Process, ...]

    @classmethod
    def fit(
        cls,
        data: Dataset,
        problem: Problem,
        *,
        outputs: Sequence[str] | None = None,
        kernels: Sequence[Kernel] = (
            SQUARED_EXPONENTIAL,
            MATERN_5_2,
            ANOVA_SQUARED_EXPONENTIAL,
            ANOVA_MATERN_5_2,
        ),
        degree: int = 0,
        nugget: float | None = None,
        learning_rows: int = 400,
        workers: int = 1,
    ) -> Self:
        """Fit each of `outputs` (all by default) with that of `kernels` of highest posterior probability.

        `degree` 0 is a constant trend, 1 a linear one.  `nugget`, relative to the process variance, is estimated
        unless given.  Lengths are learnt on at most `learning_rows` rows, predictions use all of them: fitting costs
        O(learning_rows^3) per likelihood and O(n^3) once.  Outputs are fitted in `workers` threads.

        Raises ValueError for too few or contradicting rows, constant outputs, an unknown trend, no kernel.
        """
        if not kernels:
            raise ValueError("give at least one kernel")
        if nugget is not None and not 0.0 < nugget <= 1.0:
            raise ValueError(f"nugget is relative to the variance, in (0, 1]; got {nugget}")
        reduced, x, y = training_rows(data, problem, outputs)
        train = standardized(reduced, x)
        powers = polynomial_powers(reduced.dimension, degree)
        if len(x) < len(powers) + 3:
            raise ValueError(f"{len(x)} rows cannot carry a trend of {len(powers)} terms; lower the degree")
        learning = np.random.default_rng(1).permutation(len(x))[:learning_rows]
        pairs = Pairs.of(train[learning])

        def one(k: int) -> Process:
            center, spread = float(y[:, k].mean()), float(y[:, k].std())
            target = (y[:, k] - center) / spread
            best = min(
                (_learn(kernel, pairs, target[learning], powers, nugget) for kernel in kernels),
                key=lambda found: found[0],
            )
            return conditioned(best[1], best[2], best[3], powers, train, y[:, k])

        with ThreadPoolExecutor(max(1, workers)) as pool:
            processes = tuple(pool.map(one, range(y.shape[1])))
        return cls(reduced, train, y, processes)

    def predict(self, x: ArrayLike) -> Prediction:
        z = standardized(self.problem, x)
        mean = np.empty((len(z), len(self.processes)))
        std = np.empty_like(mean)
        for i in range(0, len(z), _ROWS_AT_ONCE):
            rows = slice(i, i + _ROWS_AT_ONCE)
            for k, process in enumerate(self.processes):
                mean[rows, k], std[rows, k] = process.predict(z[rows], self.train)
        return Prediction(mean, std)

    def mean(self, x: ArrayLike) -> FloatArray:
        z = standardized(self.problem, x)
        out = np.empty((len(z), len(self.processes)))
        for i in range(0, len(z), _ROWS_AT_ONCE):
            rows = slice(i, i + _ROWS_AT_ONCE)
            for k, process in enumerate(self.processes):
                out[rows, k] = process.mean(z[rows], self.train)
        return out

    def gradient(self, x: ArrayLike) -> FloatArray:
        z = standardized(self.problem, x)
        slopes = np.stack([p.gradient(z, self.train) for p in self.processes], axis=1)
        return slopes / _moments(self.problem)[1]

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        record = {
            "kernels": [p.kernel.name for p in self.processes],
            "nuggets": [p.nugget for p in self.processes],
            "widenings": [p.widening for p in self.processes],
        }
        arrays: dict[str, NDArray[Any]] = {"train": self.train, "values": self.values}
        for k, process in enumerate(self.processes):
            arrays[f"parameters{k}"] = process.parameters
            arrays[f"powers{k}"] = process.powers
        return record, arrays

    @classmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        known = {kernel.name: kernel for kernel in KERNELS}
        train, values = arrays["train"], arrays["values"]
        processes = tuple(
            conditioned(
                known[record["kernels"][k]],
                arrays[f"parameters{k}"],
                float(record["nuggets"][k]),
                arrays[f"powers{k}"],
                train,
                values[:, k],
                widening=float(record["widenings"][k]),
            )
            for k in range(len(problem.outputs))
        )
        return cls(problem, train, values, processes)


def standardized(problem: Problem, x: ArrayLike) -> FloatArray:
    """(n, d) physical inputs less their means, over their standard deviations."""
    rows = np.asarray(x, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != problem.dimension:
        raise ValueError(f"expected points of shape (n, {problem.dimension}), got {rows.shape}")
    mean, std = _moments(problem)
    return (rows - mean) / std


def _moments(problem: Problem) -> tuple[FloatArray, FloatArray]:
    moments = np.array([law.moments() for law in problem.distributions])
    return moments[:, 0], np.where(moments[:, 1] > 0.0, moments[:, 1], 1.0)


def polynomial_powers(dimension: int, degree: int) -> Powers:
    """Exponents (q, d) of a constant (degree 0) or linear (degree 1) trend.  Raises ValueError for others."""
    if degree not in (0, 1):
        raise ValueError(f"a trend is constant (degree 0) or linear (1), got {degree}")
    constant = np.zeros((1, dimension), dtype=np.int64)
    return constant if degree == 0 else np.vstack([constant, np.eye(dimension, dtype=np.int64)])


def _monomials(z: FloatArray, powers: Powers) -> FloatArray:
    return np.prod(z[:, None, :] ** powers, axis=2)


def _monomial_gradient(z: FloatArray, powers: Powers, beta: FloatArray) -> FloatArray:
    out = np.zeros_like(z)
    for j in np.flatnonzero(powers.any(axis=0)):
        lowered = powers.copy()
        lowered[:, j] = np.maximum(lowered[:, j] - 1, 0)
        out[:, j] = _monomials(z, lowered) @ (beta * powers[:, j])
    return out


# -- learning -----------------------------------------------------------------------------------------------------


def _prior(kernel: Kernel, dimension: int) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation of the log parameters and the log nugget.  Judgement: lengths grow with sqrt(d), as the
    distance of two points does; inputs of an anova kernel act alone until the data say otherwise."""
    anova = kernel.structure == "anova"
    length = np.log(3.0 if anova else 1.5 * np.sqrt(dimension))
    shares = dimension if anova else 0
    mean = np.concatenate([np.full(dimension, length), np.full(shares, -1.0), [np.log(1e-6)]])
    deviation = np.concatenate([np.full(dimension, 1.5), np.full(shares, 2.0), [8.0]])
    return mean, deviation


def _learn(
    kernel: Kernel, pairs: Pairs, y: FloatArray, powers: Powers, nugget: float | None
) -> tuple[float, Kernel, FloatArray, float]:
    """The posterior's mode: minus its logarithm, the kernel, its parameters and the nugget."""
    d = pairs.x.shape[1]
    trend = _monomials(pairs.x, powers)
    mean, deviation = _prior(kernel, d)
    nuggets = _NUGGETS if nugget is None else np.log([nugget, nugget])
    bounds = [tuple(_LENGTHS)] * d + [_SHARES] * (len(mean) - d - 1) + [tuple(nuggets)]
    start = mean.copy()
    start[-1] = np.clip(_FIRST_NUGGET, *nuggets)
    found = optimize.minimize(
        _objective,
        start,
        args=(kernel, pairs, y, trend, mean, deviation),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 200, "ftol": 1e-8},
    )
    return float(found.fun), kernel, found.x[:-1], float(np.exp(found.x[-1]))


def _objective(
    point: FloatArray,
    kernel: Kernel,
    pairs: Pairs,
    y: FloatArray,
    trend: FloatArray,
    mean: FloatArray,
    deviation: FloatArray,
) -> tuple[float, FloatArray]:
    """Minus the logarithm of the restricted posterior, and its gradient::

    (n - q)/2 log s^2 + 1/2 log |K| + 1/2 log |H' K^-1 H| + 1/2 |(p - mean) / deviation|^2
    d/dp = 1/2 tr((P - a a' / s^2) dK/dp),    s^2 = y' a / (n - q)
    """
    n, q = trend.shape
    nugget = np.exp(point[-1])
    matrix, pull = kernel.training(pairs, point[:-1])
    matrix[np.diag_indices(n)] += nugget
    root, failed = linalg.lapack.dpotrf(matrix, lower=1, clean=1)
    if failed:
        return 1e10, np.zeros_like(point)
    half = linalg.solve_triangular(root, np.column_stack([trend, y]), lower=True, check_finite=False)
    basis, triangle = np.linalg.qr(half[:, :q])
    rest = half[:, q] - basis @ (basis.T @ half[:, q])
    variance = float(rest @ rest) / (n - q)
    a = linalg.solve_triangular(root, rest, lower=True, trans=1, check_finite=False)
    taken = linalg.solve_triangular(root, basis, lower=True, trans=1, check_finite=False)
    inverse = linalg.lapack.dpotri(root, lower=1)[0]
    weights = np.tril(inverse) + np.tril(inverse, -1).T
    weights -= (
        np.column_stack([taken, a / np.sqrt(variance)]) @ np.column_stack([taken, a / np.sqrt(variance)]).T
    )
    offset = (point - mean) / deviation
    value = (
        0.5 * (n - q) * np.log(variance)
        + np.log(np.diag(root)).sum()
        + np.log(np.abs(np.diag(triangle))).sum()
        + 0.5 * offset @ offset
    )
    slope = 0.5 * np.append(pull(weights), np.trace(weights) * nugget) + offset / deviation
    return float(value), slope


def conditioned(
    kernel: Kernel,
    parameters: FloatArray,
    nugget: float,
    powers: Powers,
    train: FloatArray,
    values: FloatArray,
    *,
    widening: float | None = None,
) -> Process:
    """The process of given parameters on training points (n, d) and values (n,).

    Raises ValueError if the covariance is not positive definite at this nugget."""
    n, q = len(train), len(powers)
    center, spread = float(values.mean()), float(values.std())
    y = (values - center) / spread
    matrix = kernel.matrix(train, train, parameters)
    matrix[np.diag_indices(n)] = 1.0 + nugget
    root, failed = linalg.lapack.dpotrf(matrix, lower=1, clean=1)
    while failed and widening is None:  # more rows than the lengths were learnt on can need a larger nugget
        nugget *= 10.0
        matrix[np.diag_indices(n)] = 1.0 + nugget
        root, failed = linalg.lapack.dpotrf(matrix, lower=1, clean=1)
    if failed:
        raise ValueError(
            "the covariance is not positive definite: the stored parameters do not fit the points"
        )
    trend = _monomials(train, powers)
    half = linalg.solve_triangular(root, np.column_stack([trend, y]), lower=True, check_finite=False)
    basis, triangle = np.linalg.qr(half[:, :q])
    beta = linalg.solve_triangular(triangle, basis.T @ half[:, q])
    rest = half[:, q] - half[:, :q] @ beta
    scale = float(np.sqrt(rest @ rest / (n - q)))
    a = linalg.solve_triangular(root, rest, lower=True, trans=1, check_finite=False)
    inverse_root = linalg.lapack.dtrtri(root, lower=1)[0]
    precision = np.einsum("ij,ij->j", inverse_root, inverse_root) - np.einsum(
        "ij,ij->i", inverse_root.T @ basis, inverse_root.T @ basis
    )
    left_out = a / precision
    left_out_std = scale / np.sqrt(precision)
    if widening is None:
        rank = min(1.0, LEVEL * (1.0 + 1.0 / n))
        widening = float(np.quantile(np.abs(left_out) / left_out_std, rank, method="higher")) / _HALF_WIDTH
    return Process(
        kernel=kernel,
        parameters=parameters,
        nugget=nugget,
        powers=powers,
        center=center,
        spread=spread,
        widening=widening,
        beta=beta,
        weights=a,
        scale=scale,
        root=root,
        trend_projection=half[:, :q],
        trend_root=np.ascontiguousarray(triangle.T),
        left_out=spread * left_out,
        left_out_std=spread * widening * left_out_std,
    )
