"""How large each coefficient of a chaos expansion is expected to be, learned from the data.

The coefficients get independent normal priors whose variances are products over the inputs,

    w_alpha = s prod_j lambda_{j, alpha_j},    lambda_{j, 0} = 1,
    log lambda_{j, k} = (o_j if k odd, e_j if k even) + (k - 1 or 2) r_j,

so that each input has its own weight, its own decay with degree and its own symmetry, and interactions are as large
as their inputs suggest.  s, o, e, r and the noise are those of largest evidence (with weak normal priors of their
own: judgement), the coefficients those of largest posterior density: ridge regression with the right penalty for
every term.  All terms up to degree p in every input, (p + 1)^d of them, take part through their kernel

    K(x, x') = s prod_j (1 + sum_k lambda_{j, k} psi_{j, k}(x_j) psi_{j, k}(x'_j)),

and only the terms that matter are ever written down.

Sources: MacKay (1992), doi:10.1162/neco.1992.4.3.415 (evidence); Rasmussen & Williams, *Gaussian Processes for Machine
Learning*, 2006, sections 2.7 and 5.4 (weights and leave-one-out in closed form); Durrande et al. (2013),
doi:10.1016/j.jmva.2012.08.016 (kernels of products of zero-mean parts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from uq.core.array_types import BoolArray, FloatArray, IntArray

CONSTANT = 100.0
"""Prior variance of the mean, in variances of the output: as good as unknown."""

_JITTER = 1e-13
"""Noise relative to the mean prior variance that rounding needs."""

_ROWS = 16

_ENOUGH = 400
"""Rows from which a prior is learned before the others polish it, in so many evaluations of the evidence:"""
_POLISH = 12

_CENTRE = (-3.0, -5.0, -2.0)
_SPREAD = (3.0, 3.0, 1.0)
_BOUNDS = ((-16.0, 6.0), (-16.0, 6.0), (-8.0, -0.05))
_START = (-2.0, -4.0, -2.0)


@dataclass(frozen=True)
class Shrinkage:
    """The prior: `weight` (d, p + 1) the lambda, `scale` s, `noise` its variance, `parameters` the logarithms that
    the search moves."""

    weight: FloatArray
    scale: float
    noise: float
    parameters: FloatArray


@dataclass(frozen=True)
class Posterior:
    """What the data say of P terms: `coefficients` (P,); leave-one-out `residuals` (n,) and what the prior expects
    of them, `deviations` (n,); `explained` (P, n) with posterior covariance W^1/2 (1 - explained explained') W^1/2;
    `inverse` (n, n) of the covariance of the data, and `dual` = `inverse` y."""

    coefficients: FloatArray
    residuals: FloatArray
    deviations: FloatArray
    explained: FloatArray
    inverse: FloatArray
    dual: FloatArray

    def without(self, rows: BoolArray) -> FloatArray:
        """Residuals of `rows` when they are left out together, under the same prior:
        r_B = ([K^-1]_BB)^-1 [K^-1 y]_B."""
        return linalg.solve(self.inverse[np.ix_(rows, rows)], self.dual[rows], assume_a="pos")

    def together(self, rows: BoolArray) -> tuple[FloatArray, FloatArray]:
        """`without`, and what the prior expects of these residuals: their deviations, the roots of the diagonal of
        ([K^-1]_BB)^-1."""
        covariance = linalg.inv(self.inverse[np.ix_(rows, rows)])
        return covariance @ self.dual[rows], np.sqrt(np.maximum(np.diag(covariance), 0.0))


def _features(degree: int) -> FloatArray:
    """(3, p): how log lambda_k depends on the three parameters of an input."""
    k = np.arange(1, degree + 1)
    odd = k % 2 == 1
    return np.stack([odd, ~odd, k - np.where(odd, 1, 2)]).astype(np.float64)


def unpack(parameters: FloatArray, limits: IntArray, degree: int) -> Shrinkage:
    """The prior of given parameters.

    Parameters
    ----------
    parameters : ndarray (3 d + 2,)
        o, e, r of all inputs, log s, log noise.
    limits : ndarray of int (d,)
        Largest degree of each input.
    degree : int
        Highest of the univariate polynomials.

    Returns
    -------
    Shrinkage
    """
    d = len(limits)
    log = parameters[: 3 * d].reshape(3, d).T @ _features(degree)
    weight = np.ones((d, degree + 1))
    weight[:, 1:] = np.exp(log) * (np.arange(1, degree + 1) <= limits[:, None])
    return Shrinkage(weight, float(np.exp(parameters[-2])), float(np.exp(parameters[-1])), parameters)


def _kernel(psi: FloatArray, prior: Shrinkage) -> FloatArray:
    """(n, n) prior covariance without noise and without the mean's own."""
    d, n = psi.shape[0], psi.shape[2]
    weighted = psi * prior.weight[:, 1:, None]
    kernel = np.empty((n, n))
    for start in range(0, n, _ROWS):
        stop = min(start + _ROWS, n)
        block = np.matmul(weighted[:, :, start:stop].transpose(0, 2, 1), psi[:, :, start:])
        block += 1.0
        product = block[0]
        for j in range(1, d):
            product *= block[j]
        kernel[start:stop, start:] = product
        kernel[stop:, start:stop] = product[:, stop - start :].T
    kernel *= prior.scale
    return kernel


def _covariance(kernel: FloatArray, noise: float | FloatArray) -> FloatArray:
    covariance = kernel + CONSTANT
    covariance[np.diag_indices(len(kernel))] += noise + _JITTER * float(np.trace(kernel)) / len(kernel)
    return covariance


def _inverse(factor: FloatArray) -> FloatArray:
    """The inverse of a matrix from its lower Cholesky factor."""
    inverse, _ = linalg.lapack.dpotri(factor, lower=1)  # its lower triangle, below the zeros of the factor
    diagonal = np.diag(inverse).copy()
    inverse = inverse + inverse.T
    np.fill_diagonal(inverse, diagonal)
    return inverse


def _objective(
    parameters: FloatArray,
    psi: FloatArray,
    y: FloatArray,
    limits: IntArray,
    weights: FloatArray | float = 1.0,
) -> tuple[float, FloatArray]:
    """Minus the log evidence plus the priors of the parameters, and its gradient."""
    d, p, n = psi.shape
    prior = unpack(parameters, limits, p)
    kernel = _kernel(psi, prior)
    try:
        factor = linalg.cholesky(_covariance(kernel, prior.noise / weights), lower=True, check_finite=False)
    except linalg.LinAlgError:
        return 1e25, np.zeros_like(parameters)
    inverse = _inverse(factor)
    dual = inverse @ y
    value = 0.5 * float(y @ dual) + float(np.log(np.diag(factor)).sum())
    sensitivity = 0.5 * (inverse - np.outer(dual, dual))
    gradient = np.zeros_like(parameters)
    jitter = _JITTER * float(np.trace(sensitivity)) * float(np.trace(kernel)) / n
    gradient[-2] = float(np.sum(sensitivity * kernel)) + jitter
    gradient[-1] = float(np.sum(np.diag(sensitivity) / weights)) * prior.noise
    by_weight = _weight_gradient(psi, prior, sensitivity)
    gradient[: 3 * d] = (by_weight * prior.weight[:, 1:] @ _features(p).T).T.ravel()
    offset = (parameters[: 3 * d].reshape(3, d) - np.array(_CENTRE)[:, None]) / np.array(_SPREAD)[:, None]
    value += 0.5 * float(np.sum(offset**2))
    gradient[: 3 * d] += (offset / np.array(_SPREAD)[:, None]).ravel()
    return value, gradient


def _weight_gradient(psi: FloatArray, prior: Shrinkage, sensitivity: FloatArray) -> FloatArray:
    """(d, p) derivatives of sum(sensitivity * kernel) by each lambda."""
    d, p, n = psi.shape
    weighted = psi * prior.weight[:, 1:, None]
    transposed = np.ascontiguousarray(psi.transpose(0, 2, 1))
    result = np.zeros((d, p))
    for start in range(0, n, _ROWS):
        stop = min(start + _ROWS, n)
        block = np.matmul(weighted[:, :, start:stop].transpose(0, 2, 1), psi[:, :, start:])
        block += 1.0
        others = np.empty_like(block)
        others[0] = prior.scale * sensitivity[start:stop, start:]
        others[0, :, stop - start :] *= 2.0  # the other triangle
        for j in range(1, d):
            np.multiply(others[j - 1], block[j - 1], out=others[j])
        after = block[-1]
        for j in range(d - 2, -1, -1):
            others[j] *= after
            if j:
                after *= block[j]
        partial = np.matmul(others, transposed[:, start:])
        result += np.einsum("djp,djp->dp", partial, transposed[:, start:stop])
    return result


def learn(
    psi: FloatArray,
    y: FloatArray,
    limits: IntArray,
    *,
    weights: FloatArray | float = 1.0,
    start: FloatArray | None = None,
    evaluations: int = 40,
) -> Shrinkage:
    """The prior of largest evidence.

    Parameters
    ----------
    psi : ndarray (d, p, n)
        Values of the univariate polynomials of degree 1 to p.
    y : ndarray (n,)
        The output, of mean 0 and standard deviation 1.
    limits : ndarray of int (d,)
        Largest degree of each input.
    weights : ndarray (n,) or float, default 1.0
        Of the rows, whose noise is the prior's over theirs.
    start : ndarray (3 d + 2,), optional
        Parameters to begin from.
    evaluations : int, default 40
        Of the evidence, at most.

    Returns
    -------
    Shrinkage
    """
    d, p, n = psi.shape
    if start is None and n > _ENOUGH:
        some = np.linspace(0, n - 1, _ENOUGH).astype(np.int64)
        few = weights[some] if isinstance(weights, np.ndarray) else weights
        start = learn(psi[:, :, some], y[some], limits, weights=few, evaluations=evaluations).parameters
        evaluations = _POLISH
    if start is None:
        start = np.concatenate([np.full(d, v) for v in _START] + [np.array([1.0, np.log(1e-3)])])
    bounds = [b for b in _BOUNDS for _ in range(d)] + [(-8.0, 12.0), (np.log(1e-10), 0.0)]
    found = optimize.minimize(
        _objective,
        start,
        args=(psi, y, limits, weights),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxfun": evaluations, "maxiter": evaluations, "maxcor": 20, "ftol": 1e-5},
    )
    return unpack(found.x, limits, p)


def condition(
    matrix: FloatArray, y: FloatArray, variance: FloatArray, noise: float | FloatArray
) -> Posterior:
    """What the data say of the terms in `matrix` (n, P) with prior `variance` (P,) and `noise` (of each row, or all).

    The Cholesky factor R of the covariance K = A W A' + noise comes from a QR factorisation of [W^1/2 A'; noise^1/2],
    so that only the square root of the condition of K is felt.

    Parameters
    ----------
    matrix : ndarray (n, P)
        Terms at the rows.
    y : ndarray (n,)
        The output.
    variance : ndarray (P,)
        Prior of the coefficients.
    noise : float or ndarray (n,)
        Variance of each row, or of all.

    Returns
    -------
    Posterior
    """
    n, p = matrix.shape
    root = np.sqrt(variance)
    stacked = np.concatenate([(matrix * root).T, np.diag(np.full(n, np.sqrt(noise)))])
    q, r = linalg.qr(stacked, mode="economic", overwrite_a=True, check_finite=False)
    backward = linalg.solve_triangular(r, y, trans="T", check_finite=False)
    inverse_root = linalg.solve_triangular(r, np.eye(n), check_finite=False)
    dual = inverse_root @ backward
    inverse = inverse_root @ inverse_root.T
    precision = np.diag(inverse)
    return Posterior(
        coefficients=root * (q[:p] @ backward),
        residuals=dual / precision,
        deviations=1.0 / np.sqrt(precision),
        explained=q[:p],
        inverse=inverse,
        dual=dual,
    )


def likely(prior: Shrinkage, max_terms: int) -> tuple[IntArray, FloatArray]:
    """The about `max_terms` (never more) multi-indices (P, d) of largest prior variance, the constant first and then in
    falling order, and their variances (P,).

    Parameters
    ----------
    prior : Shrinkage
        Variances of terms by input and degree.
    max_terms : int
        Never more than so many.

    Returns
    -------
    tuple of ndarray
        Multi-indices (P, d) and variances (P,)
    """
    with np.errstate(divide="ignore"):
        log = np.log(prior.weight)
    high = float(np.maximum(log.max(axis=1), 0.0).sum()) + 1e-9
    low = high - 1.0
    best = _above(log, low, max_terms)
    while best is not None and low > -60.0:
        high, low = low, low - 2.0 * (high - low)
        wider = _above(log, low, max_terms)
        if wider is None:
            break
        best = wider
    for _ in range(8):
        middle = 0.5 * (low + high)
        trial = _above(log, middle, max_terms)
        if trial is None:
            low = middle
        else:
            high, best = middle, trial
            if len(trial[0]) > 0.8 * max_terms:
                break
    indices = best[0] if best is not None else np.zeros((0, len(log)), dtype=np.int64)
    indices = np.concatenate([np.zeros((1, len(log)), dtype=np.int64), indices[indices.any(axis=1)]])
    variance = variances(prior, indices)
    order = np.concatenate([[0], 1 + np.argsort(-variance[1:], kind="stable")])
    return indices[order], variance[order]


def variances(prior: Shrinkage, indices: IntArray) -> FloatArray:
    """Prior variances of the terms (P, d), the constant's among them.

    Parameters
    ----------
    prior : Shrinkage
        Variances of terms by input and degree.
    indices : ndarray of int (P, d)
        Multi-indices of the terms.

    Returns
    -------
    ndarray (P,)
        The constant's among them.
    """
    inputs = np.arange(indices.shape[1])
    result = prior.scale * prior.weight[inputs, indices].prod(axis=1)
    return np.where(indices.any(axis=1), result, prior.scale + CONSTANT)


def _above(log: FloatArray, threshold: float, max_terms: int) -> tuple[IntArray, FloatArray] | None:
    """Multi-indices whose log variance exceeds `threshold`, or None where they are more than `max_terms`."""
    gain = np.maximum(log.max(axis=1), 0.0)
    rest = np.concatenate([np.cumsum(gain[::-1])[::-1][1:], [0.0]])
    indices, weights = np.zeros((1, len(log)), dtype=np.int64), np.zeros(1)
    for j, row in enumerate(log):
        total = weights[:, None] + row
        rows, degrees = np.nonzero(total + rest[j] >= threshold)
        if len(rows) > 20 * max_terms:
            return None
        indices = indices[rows]
        indices[:, j] = degrees
        weights = total[rows, degrees]
    return None if len(indices) > max_terms else (indices, weights)
