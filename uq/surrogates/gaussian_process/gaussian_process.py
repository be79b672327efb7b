"""Gaussian process regression (Kriging): a model as the likeliest smooth function through its samples.

Each output has its own process (`uq.surrogates.gaussian_process.conditioning`), whose kernel
(`uq.surrogates.gaussian_process.kernels`) and parameters are learnt from the data
(`uq.surrogates.gaussian_process.likelihood`), in inputs standardised as those of polynomial chaos are: value, or
logarithm where the law is lognormal, less its mean, over its standard deviation.

Source: Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning*; Schoebi, Sudret & Wiart (2015),
doi:10.1615/Int.J.UncertaintyQuantification.2015012467 (chaos trends: PC-Kriging).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset, points_of
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.sampling.plans import sobol_sequence
from uq.sampling.structure import Structure, structure_of
from uq.surrogates.base import Prediction, Surrogate, training_rows
from uq.surrogates.gaussian_process.conditioning import Process, conditioned
from uq.surrogates.gaussian_process.kernels import (
    ANOVA_MATERN_5_2,
    ANOVA_RATIONAL,
    KERNELS,
    MATERN_3_2,
    MATERN_5_2,
    RATIONAL,
    Kernel,
)
from uq.surrogates.gaussian_process.likelihood import Learned, learn
from uq.surrogates.polynomial_chaos.basis import Basis, Expansion
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

_ROWS_AT_ONCE = 512
_FEWEST_LEARNING_ROWS = 50
_FEWEST_TERMS, _ROWS_A_TERM = 3, 10
_LARGEST_DEGREE = 20
_LARGEST_PARAMETER = 50.0
_LARGEST_WIDENING = 1e6
_LARGEST_REPAIR = 1e-3
_DRAWN = 0.8
"""Of what random rows cover of an input's law between their extremes: those that cover less leave out a part of it
(*judgement*)."""
_LAW_POINTS = 1024
"""Points of the inputs' laws at which processes of parts of the rows are compared."""


@dataclass(frozen=True)
class GaussianProcess(Surrogate):
    """Gaussian processes of the outputs of a problem, one each, on common training rows.

    Standard deviations are those of the error on a fresh run of the model, nugget included.  They are widened so that
    90 % intervals held nine in ten training values when those were left out, kernel parameters and all.

    `x` (n, d) and `y` (n, m) are the training rows, `train` (n, d) their standardised inputs, `trends` the
    multi-indices (q, d) of the trend's terms.
    """

    problem: Problem
    """Inputs with their laws, and outputs."""
    basis: Basis
    """Orthonormal polynomials of each input."""
    x: FloatArray
    y: FloatArray
    train: FloatArray
    trends: tuple[IntArray, ...]
    processes: tuple[Process, ...]
    """One for each output."""

    @classmethod
    @one_thread()
    def fit(
        cls,
        data: Dataset,
        *,
        outputs: Sequence[str] | None = None,
        kernels: Sequence[Kernel] = (RATIONAL, MATERN_5_2, MATERN_3_2, ANOVA_RATIONAL, ANOVA_MATERN_5_2),
        trend: IntArray | Mapping[str, IntArray] | None = None,
        nugget: float | None = None,
        learning_rows: int = 400,
        workers: int = 1,
    ) -> Self:
        """Fit each of `outputs` (all by default) with the best of `kernels` (see `likelihood.learn`).

        `trend`: multi-indices (q, d) of chaos terms, for all outputs or by name; constant by default (see
        `linear_trend`, `chaos_trend`).  `nugget`, relative to the process's variance, is estimated unless given.
        Parameters are learnt on at most `learning_rows` rows, drawn evenly, of near duplicates one; predictions use
        all rows.  Fitting costs
        about 100 likelihoods of O(learning_rows^3) and one factor of O(n^3) an output.  `workers` threads share the
        outputs; the result does not depend on them.

        Raises ValueError for too few or contradicting rows, a constant output, a trend that the rows cannot carry, no
        kernel, fewer than 50 `learning_rows`, or a nugget outside (0, 1].
        """
        if not kernels:
            raise ValueError("give at least one kernel")
        if nugget is not None and not 0.0 < nugget <= 1.0:
            raise ValueError(f"nugget is relative to the variance, in (0, 1]; got {nugget}")
        if learning_rows < _FEWEST_LEARNING_ROWS:
            raise ValueError(f"learning_rows must be at least {_FEWEST_LEARNING_ROWS}, got {learning_rows}")
        reduced, x, y = training_rows(data, outputs)
        trends = tuple(_trend(trend, name, reduced.dimension) for name in reduced.output_names)
        terms = max(len(t) for t in trends)
        if len(x) < terms + 3:
            raise ValueError(
                f"{len(x)} rows cannot carry a trend of {terms} terms; take fewer terms or more rows"
            )
        basis = _basis(reduced, trends)
        train = np.ascontiguousarray(basis.germ(x).T)
        found = structure_of(reduced, x)
        law = reduced.physical(sobol_sequence(_LAW_POINTS, reduced.dimension, seed=1).unit)
        far = np.ascontiguousarray(basis.germ(law).T)
        ends = x.min(axis=0), x.max(axis=0)
        drawn = ((law >= ends[0]) & (law <= ends[1])).mean(axis=0)
        partial = bool((drawn < _DRAWN * (len(x) - 1) / (len(x) + 1)).any())
        few = np.random.default_rng(1).permutation(found.distinct_rows())[:learning_rows]

        def one(k: int) -> Process:
            h = basis.matrix(x, trends[k])
            target = (y[few, k] - y[:, k].mean()) / y[:, k].std()
            best = learn(kernels, train[few], h[few], target, nugget, (far, basis.matrix(law, trends[k])))
            return _final(best, train, h, y[:, k], found, partial)

        with ThreadPoolExecutor(max(1, workers)) as pool:
            processes = tuple(pool.map(one, range(y.shape[1])))
        return cls(reduced, basis, x, y, train, trends, processes)

    @one_thread()
    def predict(self, x: ArrayLike) -> Prediction:
        rows = self._rows(x)
        mean = np.empty((len(rows), len(self.processes)))
        std = np.empty_like(mean)
        for place, process, z, h in self._blocks(rows):
            mean[place], std[place] = process.predict(z, h, self.train)
        return Prediction(mean, std)

    def mean(self, x: ArrayLike) -> FloatArray:
        rows = self._rows(x)
        out = np.empty((len(rows), len(self.processes)))
        for place, process, z, h in self._blocks(rows):
            out[place] = process.mean(z, h, self.train)
        return out

    def _blocks(
        self, rows: FloatArray
    ) -> Iterator[tuple[tuple[slice, int], Process, FloatArray, FloatArray]]:
        """By block of rows and output: where its values go, its process, germs and trend."""
        for i in range(0, len(rows), _ROWS_AT_ONCE):
            block = slice(i, i + _ROWS_AT_ONCE)
            z = self.basis.germ(rows[block]).T
            for k, (process, indices) in enumerate(zip(self.processes, self.trends, strict=True)):
                yield (block, k), process, z, self.basis.matrix(rows[block], indices)

    def gradient(self, x: ArrayLike) -> FloatArray:
        rows = self._rows(x)
        z = self.basis.germ(rows).T
        out = np.empty((len(rows), len(self.processes), self.problem.dimension))
        for k, (process, indices) in enumerate(zip(self.processes, self.trends, strict=True)):
            out[:, k] = process.gradient(z, self.train)
            if len(indices) > 1:
                trend = Expansion(self.basis, indices, process.spread * process.beta[:, None])
                out[:, k] += trend.gradient.evaluate(rows)
        return out * self.basis.slope(rows)[:, None, :]

    @one_thread()
    def sample(self, x: ArrayLike, count: int, *, seed: int) -> FloatArray:
        """`count` joint draws of the outputs at the rows of x (n, d): (count, n, m).  Costs O(n^3) for each output."""
        rows = self._rows(x)
        z = self.basis.germ(rows).T
        random = np.random.default_rng(seed)
        draws = np.empty((count, len(rows), len(self.processes)))
        for k, (process, indices) in enumerate(zip(self.processes, self.trends, strict=True)):
            h = self.basis.matrix(rows, indices)
            values, vectors = linalg.eigh(process.covariance(z, h, self.train))
            root = vectors * np.sqrt(np.maximum(values, 0.0))
            normal = random.standard_normal((count, len(rows)))
            draws[:, :, k] = process.mean(z, h, self.train) + normal @ root.T
        return draws

    @property
    def residuals(self) -> FloatArray:  # type: ignore[override]
        """(n, m) what each training row is missed by when it is left out, times what learning hides."""
        return np.stack([p.left_out * p.optimism for p in self.processes], axis=1)

    def _disagreement(self, x: FloatArray) -> FloatArray:
        return np.array([p.spread * p.disagreement for p in self.processes])

    def left_out(self) -> Prediction:
        """Prediction of each training row by all the others, parameters kept: both (n, m)."""
        residuals = np.stack([p.left_out for p in self.processes], axis=1)
        return Prediction(self.y - residuals, np.stack([p.left_out_std for p in self.processes], axis=1))

    def _rows(self, x: ArrayLike) -> FloatArray:
        rows = points_of(self.problem, x)
        self.basis.require_defined(rows, self.problem.input_names)
        return rows

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        record = {
            "kernels": [p.kernel.name for p in self.processes],
            "nuggets": [p.nugget for p in self.processes],
            "optimisms": [p.optimism for p in self.processes],
            "widenings": [p.widening for p in self.processes],
            "disagreements": [p.disagreement for p in self.processes],
        }
        arrays: dict[str, NDArray[Any]] = {"x": self.x, "y": self.y}
        for k, process in enumerate(self.processes):
            arrays[f"parameters {k}"] = process.parameters
            arrays[f"trend {k}"] = self.trends[k]
        return record, arrays

    @classmethod
    @one_thread()
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        x, y = arrays["x"], arrays["y"]
        n, d, m = len(x), problem.dimension, len(problem.outputs)
        if x.shape != (n, d) or y.shape != (n, m):
            raise ValueError(f"training rows of shapes {x.shape} and {y.shape} for {d} inputs, {m} outputs")
        trends = tuple(_trend(arrays[f"trend {k}"], "", d) for k in range(m))
        basis = _basis(problem, trends)
        basis.require_defined(x, problem.input_names)
        train = np.ascontiguousarray(basis.germ(x).T)
        known = {kernel.name: kernel for kernel in KERNELS}
        found = structure_of(problem, x)
        processes = []
        for k in range(m):
            kernel, parameters = known[record["kernels"][k]], arrays[f"parameters {k}"]
            nugget, widening = float(record["nuggets"][k]), float(record["widenings"][k])
            optimism = float(record["optimisms"][k])
            if parameters.shape != (kernel.size(d),) or np.abs(parameters).max() > _LARGEST_PARAMETER:
                raise ValueError(f"parameters {k} do not fit the kernel {kernel.name}")
            if not (0.0 < nugget <= 1.0 and 0.0 < widening < _LARGEST_WIDENING and optimism >= 1.0):
                raise ValueError(
                    f"nugget {nugget}, widening {widening} or optimism {optimism} is out of range"
                )
            h = basis.matrix(x, trends[k])
            processes.append(
                conditioned(
                    kernel,
                    parameters,
                    nugget,
                    train,
                    h,
                    y[:, k],
                    optimism=optimism,
                    widening=widening,
                    disagreement=float(record["disagreements"][k]),
                    partitions=found.partitions(),
                    unseen=found.unseen,
                )
            )
        return cls(problem, basis, x, y, train, trends, tuple(processes))


def _basis(problem: Problem, trends: Sequence[IntArray]) -> Basis:
    return Basis.of(problem.distributions, max(1, *(int(t.max()) for t in trends)))


def _trend(trend: IntArray | Mapping[str, IntArray] | None, output: str, dimension: int) -> IntArray:
    """The multi-indices of one output's trend, checked."""
    if trend is None:
        return np.zeros((1, dimension), dtype=np.int64)
    if isinstance(trend, Mapping) and output not in trend:
        raise ValueError(f"no trend for output {output!r}")
    indices = np.asarray(trend[output] if isinstance(trend, Mapping) else trend)
    if indices.ndim != 2 or indices.shape[1] != dimension or not len(indices) or indices.dtype.kind != "i":
        raise ValueError(
            f"a trend is integer multi-indices of shape (terms, {dimension}), got {indices.shape}"
        )
    if indices.min() < 0 or indices.max() > _LARGEST_DEGREE:
        raise ValueError(f"the degrees of a trend lie in 0 .. {_LARGEST_DEGREE}")
    if len(np.unique(indices, axis=0)) < len(indices):
        raise ValueError("a term of the trend is listed twice")
    return indices.astype(np.int64)


def _final(
    best: Learned, train: FloatArray, h: FloatArray, y: FloatArray, found: Structure, partial: bool
) -> Process:
    """The process on all rows.  More rows than the parameters were learnt on may need a larger nugget."""
    nugget = best.nugget
    while True:
        try:
            return conditioned(
                best.kernel,
                best.parameters,
                nugget,
                train,
                h,
                y,
                optimism=best.optimism,
                disagreement=best.disagreement,
                partitions=found.partitions(),
                unseen=found.unseen,
                partial=partial,
            )
        except ValueError:
            if nugget > _LARGEST_REPAIR:
                raise
            nugget *= 10.0


def linear_trend(dimension: int) -> IntArray:
    """The constant and every input: (d + 1, d) multi-indices.

    Parameters
    ----------
    dimension : int
        d, number of inputs.

    Returns
    -------
    ndarray of int (d + 1, d)
        Multi-indices.
    """
    return np.vstack([np.zeros((1, dimension)), np.eye(dimension)]).astype(np.int64)


def chaos_trend(chaos: PolynomialChaos, terms: int = 30) -> dict[str, IntArray]:
    """The constant and the largest terms of each output's expansion, as trends of PC-Kriging.

    Parameters
    ----------
    chaos : PolynomialChaos
        The expansion.
    terms : int, default 30
        Of each output, at most.

    Returns
    -------
    dict of str to ndarray of int (k, d)
        Multi-indices by output.
    """
    found = {}
    for k, name in enumerate(chaos.problem.output_names):
        size = np.where(chaos.indices.any(axis=1), np.abs(chaos.coefficients[:, k]), np.inf)
        largest = np.argsort(-size, kind="stable")[: max(1, terms)]
        found[name] = chaos.indices[largest[size[largest] > 0.0]]
    return found


def chaos_kriging(
    data: Dataset, *, outputs: Sequence[str] | None = None, workers: int = 1
) -> GaussianProcess:
    """PC-Kriging: processes around the largest terms of a chaos expansion, one for ten rows.

    It gains where a smooth trend carries a rough rest (kinks, products of absolute values), and little elsewhere.
    Which terms enter is learnt from all rows, so its left-out errors are somewhat too small.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    workers : int, default 1
        Local processes; 1 works in this one.

    Returns
    -------
    GaussianProcess

    References
    ----------
    Schoebi, Sudret & Wiart (2015), doi:10.1615/Int.J.UncertaintyQuantification.2015012467.
    """
    chaos = PolynomialChaos.fit(data, outputs=outputs)
    terms = max(_FEWEST_TERMS, len(chaos.x) // _ROWS_A_TERM)
    return GaussianProcess.fit(data, outputs=outputs, trend=chaos_trend(chaos, terms), workers=workers)
