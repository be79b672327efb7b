"""Other people's polynomial chaos, set up as an expert would: a search over degree and truncation, sparse selection.

OpenTURNS: least angles with corrected leave-one-out for each hyperbolic norm and degree, the best of all.  chaospy
with scikit-learn: orthogonal matching pursuit and lasso by five-fold cross-validation, the least corrected
leave-one-out error of all.  Both stop a ladder of degrees after two rises and begin no further fit after `budget`
seconds of their process.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.functions import Function
from uq.core.distributions import (
    Beta,
    Gumbel,
    LogNormal,
    Normal,
    Triangular,
    TruncatedGumbel,
    TruncatedNormal,
    Uniform,
)
from uq.surrogates.polynomial_chaos.index_sets import count

FloatArray = NDArray[np.float64]
Predict = Callable[[FloatArray], FloatArray]

NORMS = (1.0, 0.5, 0.75)


def degrees(dimension: int, n: int, norm: float) -> Iterator[int]:
    """Degrees whose basis stays within what a fit of n rows can use and a peer can hold."""
    most = 1300 if n >= 1000 else 2000 if n >= 200 else 15 * n
    for degree in range(1, 15 if dimension > 5 else 21):
        if degree > 1 and count(dimension, degree, norm, 99) > most:
            return
        yield degree


def openturns(function: Function, x: FloatArray, y: FloatArray, budget: float) -> Predict:
    import openturns as ot

    ot.Log.Show(ot.Log.NONE)
    ot.ResourceMap.Set("LeastSquaresMetaModelSelection-DecompositionMethod", "Cholesky")
    laws = [openturns_law(ot, law) for law in function.laws]
    polynomials = ot.PolynomialFamilyCollection(
        [ot.StandardDistributionPolynomialFactory(law) for law in laws]
    )
    joint, sample = ot.JointDistribution(laws), (ot.Sample(x), ot.Sample(y[:, None]))
    best, started = (math.inf, None), time.process_time()
    for norm in NORMS:
        previous, rises = math.inf, 0
        for degree in degrees(len(laws), len(y), norm):
            if time.process_time() - started > budget or rises >= 2:
                break
            order = (
                ot.LinearEnumerateFunction(len(laws))
                if norm == 1.0
                else ot.HyperbolicAnisotropicEnumerateFunction(len(laws), norm)
            )
            basis = ot.OrthogonalProductPolynomialFactory(polynomials, order)
            size = order.getBasisSizeFromTotalDegree(degree)
            if size > 2500:
                break
            selection = ot.LeastSquaresMetaModelSelectionFactory(ot.LARS(), ot.CorrectedLeaveOneOut())
            algorithm = ot.FunctionalChaosAlgorithm(
                *sample, joint, ot.FixedStrategy(basis, size), ot.LeastSquaresStrategy(selection)
            )
            algorithm.run()
            result = algorithm.getResult()
            history = np.array(result.getErrorHistory()).ravel()
            error = float(history[history > 0.0].min(initial=math.inf))
            if best[1] is None or error < best[0]:
                best = error, result
            rises = rises + 1 if error > previous else 0
            previous = error
    model = best[1].getMetaModel()
    return lambda points: np.array(model(ot.Sample(points))).ravel()


def openturns_law(ot, law):
    match law:
        case Uniform(low, high):
            return ot.Uniform(low, high)
        case Normal(mean, std):
            return ot.Normal(mean, std)
        case LogNormal(median, factor):
            return ot.LogNormal(math.log(median), math.log(factor), 0.0)
        case Triangular(low, mode, high):
            return ot.Triangular(low, mode, high)
        case Gumbel(location, scale):
            return ot.Gumbel(scale, location)
        case TruncatedGumbel(location, scale, low, high):
            return ot.TruncatedDistribution(ot.Gumbel(scale, location), low, high)
        case TruncatedNormal(location, scale, low, math.inf):
            side = ot.TruncatedDistribution.LOWER
            return ot.TruncatedDistribution(ot.Normal(location, scale), low, side)
        case TruncatedNormal(location, scale, low, high):
            return ot.TruncatedNormal(location, scale, low, high)
        case Beta(a, b, low, high):
            return ot.Beta(a, b, low, high)
    raise TypeError(law)


def chaospy(function: Function, x: FloatArray, y: FloatArray, budget: float) -> Predict:
    import chaospy as cp
    from sklearn import linear_model

    warnings.simplefilter("ignore")
    laws, shift, scale = zip(*(_chaospy_law(cp, law) for law in function.laws), strict=True)
    joint, t, n = cp.J(*laws), (x - np.array(shift)) / np.array(scale), len(y)
    best, started = (math.inf, None, None), time.process_time()
    for norm in NORMS:
        previous, rises = math.inf, 0
        for degree in degrees(len(laws), n, norm):
            if time.process_time() - started > budget or rises >= 2:
                break
            terms = cp.generate_expansion(degree, joint, cross_truncation=norm, normed=True)
            matrix = np.asarray(terms(*t.T)).T
            p = matrix.shape[1]
            supports = [np.arange(p)] if p <= n / 3 else []
            for model in (
                linear_model.OrthogonalMatchingPursuitCV(
                    fit_intercept=False, cv=5, max_iter=max(1, min(n // 2, p - 1))
                ),
                linear_model.LassoLarsCV(fit_intercept=False, cv=5, max_iter=min(n, 300)),
            ):
                try:
                    model.fit(matrix, y)
                except ValueError:
                    continue
                supports.append(np.union1d([0], np.flatnonzero(model.coef_)).astype(int))
            lowest = math.inf
            for support in supports:
                error = corrected_leave_one_out(matrix[:, support], y)
                lowest = min(lowest, error)
                if best[1] is None or error < best[0]:
                    best = error, terms[support], matrix[:, support]
            rises = rises + 1 if lowest > previous else 0
            previous = lowest
    fitted = cp.fit_regression(best[1], t.T, y)
    return lambda points: np.asarray(fitted(*((points - np.array(shift)) / np.array(scale)).T))


def _chaospy_law(cp, law):
    """A standardised law, and the shift and scale to it: chaospy's monomials lose digits far from zero."""
    match law:
        case Uniform(low, high):
            return cp.Uniform(-1.0, 1.0), 0.5 * (low + high), 0.5 * (high - low)
        case Normal(mean, std):
            return cp.Normal(0.0, 1.0), mean, std
        case LogNormal(median, factor):
            return cp.LogNormal(0.0, math.log(factor)), 0.0, median
        case Triangular(low, mode, high):
            middle, half = 0.5 * (low + high), 0.5 * (high - low)
            return cp.Triangle(-1.0, (mode - middle) / half, 1.0), middle, half
        case TruncatedNormal(location, scale, low, high):
            ends = (low - location) / scale, (high - location) / scale
            return cp.TruncNormal(lower=ends[0], upper=ends[1], mu=0.0, sigma=1.0), location, scale
        case Beta(a, b, low, high):
            return cp.Beta(a, b, -1.0, 1.0), 0.5 * (low + high), 0.5 * (high - low)
    raise TypeError(law)


def corrected_leave_one_out(matrix: FloatArray, y: FloatArray) -> float:
    """Relative leave-one-out error of least squares with the correction of Chapelle et al. (2002)."""
    n, p = matrix.shape
    if p >= n - 1:
        return math.inf
    q, r = np.linalg.qr(matrix)
    leverage = np.einsum("ij,ij->i", q, q)
    try:
        inverse = np.linalg.inv(r)
    except np.linalg.LinAlgError:
        return math.inf
    if leverage.max() > 1.0 - 1e-9:
        return math.inf
    residual = (y - q @ (q.T @ y)) / (1.0 - leverage)
    return float(n / (n - p) * (1.0 + np.sum(inverse**2)) * np.mean(residual**2) / np.var(y))
