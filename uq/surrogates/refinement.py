"""Where the next runs of a model tell most: scores of points of the unit cube for `uq.sampling.refine`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.surrogates.base import Surrogate
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

Score = Callable[[FloatArray], FloatArray]


def uncertainty(surrogate: Surrogate, output: str) -> Score:
    """The standard deviation of the prediction: runs there lower the error everywhere.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    output : str
        Name of one output.

    Returns
    -------
    callable
        Points of the unit cube (k, d) to scores (k,)

    References
    ----------
    Sacks, Welch, Mitchell & Wynn (1989), doi:10.1214/ss/1177012413.
    """
    k = surrogate.problem.output_index(output)
    return lambda unit: surrogate.predict(surrogate.problem.physical(unit)).std[:, k]


def uncertainty_of_limit(surrogate: Surrogate, output: str, limit: float) -> Score:
    """Expected violation: E max(0, -sign(m - limit) (y - limit)) with y normal of mean m and deviation s, that is s
    (phi(t) - t Phi(-t)), t = |m - limit| / s: how far the true value may lie on the wrong side of a limit state.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    output : str
        Name of one output.
    limit : float
        In the output's unit.

    Returns
    -------
    callable
        Points of the unit cube (k, d) to scores (k,)

    References
    ----------
    Jones et al. (1998), doi:10.1023/A:1008306431147 (expected improvement), turned to a limit as in Bichon et al.
    (2008), doi:10.2514/1.34321.
    """
    k = surrogate.problem.output_index(output)

    def score(unit: FloatArray) -> FloatArray:
        prediction = surrogate.predict(surrogate.problem.physical(unit))
        s = np.maximum(prediction.std[:, k], 1e-300)
        t = np.abs(prediction.mean[:, k] - limit) / s
        return np.maximum(s * (np.exp(-0.5 * t * t) / np.sqrt(2.0 * np.pi) - t * special.ndtr(-t)), 0.0)

    return score


def uncertainty_of_total(surrogate: PolynomialChaos, output: str, inputs: Sequence[str]) -> Score:
    """How much a run at x would lower the standard deviation of the total Sobol' index T of `inputs` (one or a group).

    With posterior covariance C of the coefficients c, T = sum_A c^2 / V over the terms A that hold one of the
    inputs, V the sum over all, and g = dT/dc = 2 c (1_A - T) / V, a run lowers the variance g'C g of T by (g'C
    psi(x))^2 / (psi(x)'C psi(x) + e^2), e the error that the kept terms do not explain; the score is the root of
    that.

    Parameters
    ----------
    surrogate : PolynomialChaos
        A fitted surrogate.
    output : str
        Name of one output.
    inputs : sequence of str
        One name, or those of a group.

    Returns
    -------
    callable
        Points of the unit cube (k, d) to scores (k,)

    Raises
    ------
    ValueError
        For dependent inputs, whose indices are no sums of squares.
    KeyError
        For unknown names.

    References
    ----------
    MacKay (1992), doi:10.1162/neco.1992.4.4.590 (expected change of a quantity of interest).
    """
    problem, k = surrogate.problem, surrogate.problem.output_index(output)
    if problem.dependent:
        raise ValueError("indices from coefficients need independent inputs; refine by `uncertainty` instead")
    c, directions = surrogate.coefficients[:, k], surrogate.uncertainty[:, :, k]
    varying = surrogate.indices.any(axis=1)
    held = (surrogate.indices[:, [problem.index(name) for name in inputs]] > 0).any(axis=1)
    variance = float(np.sum(c[varying] ** 2))
    total = float(np.sum(c[held] ** 2)) / variance
    slope = 2.0 * c * (held - total * varying) / variance
    along = slope @ directions

    def score(unit: FloatArray) -> FloatArray:
        seen = surrogate.basis.matrix(problem.physical(unit), surrogate.indices) @ directions
        return np.abs(seen @ along) / np.sqrt(np.einsum("nr,nr->n", seen, seen) + surrogate.floor[k])

    return score
