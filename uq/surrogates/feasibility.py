"""Which inputs make the model fail: the probability that a run would be feasible, learnt from runs of every status.

    log(p / (1 - p)) = w' psi(z)

psi: all orthonormal polynomials of total degree at most 2 in the germs of chaos (constant, linear, squares, products);
w: penalised maximum likelihood, the penalty chosen by cross-validated log loss.

Source: McCullagh & Nelder (1989), *Generalized Linear Models*, ch. 4; fitted by scikit-learn's LogisticRegression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset, points_of
from uq.core.estimate import SEED
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.surrogates.polynomial_chaos.basis import Basis
from uq.surrogates.polynomial_chaos.index_sets import hyperbolic

_FEWEST = 10
"""With fewer rows of either kind, nothing but their share is learnt.  Judgement."""


@dataclass(frozen=True)
class Feasibility:
    """The probability that a run of the model is feasible.

    `weights` (P,) of the terms `indices` (P, d); a single constant where fewer than ten rows failed or passed.
    `log_loss` is cross-validated, in nats a row; `base_log_loss` is that of the share of feasible rows alone.
    """

    problem: Problem
    """Inputs with their laws, and outputs."""
    basis: Basis
    """Orthonormal polynomials of each input."""
    indices: IntArray
    weights: FloatArray
    rows: int
    """That it learned from."""
    infeasible: int
    """Rows that failed, of those it learned from."""
    log_loss: float
    base_log_loss: float

    @classmethod
    @one_thread()
    def fit(cls, data: Dataset, *, folds: int = 5, seed: int = SEED) -> Self:
        """Learn from all rows of `data`, feasible or not, whose inputs are finite.

        Raises ValueError if no row, or none that is feasible, is given.
        """
        problem, x = data.problem, data.x
        finite = np.isfinite(x).all(axis=1)
        x, good = x[finite], data.feasible[finite]
        n, passed = len(x), int(good.sum())
        if not passed:
            raise ValueError(f"none of {n} rows is feasible; look at why they fail: {data.counts()}")
        basis = Basis.of(problem.distributions, 2)
        basis.require_defined(x, problem.input_names)
        share = (passed + 1.0) / (n + 2.0)  # Laplace's rule: no sample proves certainty
        base = float(-(passed * np.log(share) + (n - passed) * np.log1p(-share)) / n)
        constant = hyperbolic(problem.dimension, 0)
        if min(passed, n - passed) < _FEWEST:
            return cls(problem, basis, constant, np.array([special.logit(share)]), n, n - passed, base, base)
        indices = hyperbolic(problem.dimension, 2)
        indices = indices[(indices <= basis.limits).all(axis=1)]
        from uq.surrogates.scikit_learn import penalised_logistic  # 1 s to import

        weights, loss = penalised_logistic(basis.matrix(x, indices)[:, 1:], good, folds, seed)
        if loss >= base:
            return cls(problem, basis, constant, np.array([special.logit(share)]), n, n - passed, base, base)
        return cls(problem, basis, indices, weights, n, n - passed, loss, base)

    def probability(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> (n,) probability that the run is feasible."""
        rows = points_of(self.problem, x)
        self.basis.require_defined(rows, self.problem.input_names)
        return special.expit(self.basis.matrix(rows, self.indices) @ self.weights)
