"""Learning a process's parameters: the restricted likelihood with weak priors, and what learning adds to the error.

    -log posterior = (n - q)/2 log s^2 + 1/2 log |K| + 1/2 log |H' K^-1 H| + 1/2 sum_p ((p - centre_p) / deviation_p)^2
    d/dp           = 1/2 tr((P - a a' / s^2) dK/dp) + (p - centre_p) / deviation_p^2

with the process's variance s^2 profiled out (symbols as in `uq.surrogates.gaussian_process.conditioning`).  One
Cholesky factor, one inverse and one pass over the pairs of points give the value and all derivatives.

Sources: Patterson & Thompson (1971), doi:10.1093/biomet/58.3.545 (restricted likelihood); Rasmussen & Williams (2006),
section 5.4 (gradient).  Priors: judgement, set on test functions of 3 to 20 inputs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from uq.core.array_types import FloatArray
from uq.surrogates.base import LEVEL
from uq.surrogates.gaussian_process.conditioning import Process, conditioned
from uq.surrogates.gaussian_process.kernels import MATERN_5_2, Kernel, Pairs

_LENGTHS = (float(np.log(0.05)), float(np.log(2e4)))
_SHARES = (-12.0, 8.0)
_NUGGETS = (float(np.log(1e-12)), 0.0)
_FIRST_NUGGET = float(np.log(1e-5))
_SCALES = (0.3, 1.0, 3.0)
"""Searches start from the best of these multiples of the prior's lengths."""
_SCOUTS = 150
"""Rows on which all kernels are tried."""
_EVALUATIONS = 120
_POLISH = 60
_OTHER, _DEARER = 0.07, 0.15
"""By what share of their error other kernels must beat Matern 5/2 at 100 rows: radial ones, and the others."""
_FOLDS = 5
_JUDGES = 200
_REFITS = 15
_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Learned:
    """A mode of the posterior: minus its logarithm, the kernel, the point (parameters, log nugget), and how much wider
    intervals must be than left-out errors of the same rows say (1 if not known); `disagreement` (0 if not known) as in
    `uq.surrogates.gaussian_process.conditioning.Process`."""

    value: float
    """Minus the logarithm of the posterior at the mode."""
    kernel: Kernel
    """With its structure and profile."""
    point: FloatArray
    """Parameters and the logarithm of the nugget, at the mode."""
    optimism: float = 1.0
    """Factor (at least 1) by which left-out errors grow."""
    disagreement: float = 0.0

    @property
    def radial(self) -> bool:
        """Whether the kernel is radial."""
        return self.kernel.structure == "radial"

    @property
    def parameters(self) -> FloatArray:
        """The kernel's parameters."""
        return self.point[:-1]

    @property
    def nugget(self) -> float:
        """The nugget, relative to the process's variance."""
        return float(np.exp(self.point[-1]))


def learn(
    kernels: Sequence[Kernel],
    x: FloatArray,
    trend: FloatArray,
    y: FloatArray,
    nugget: float | None,
    law: tuple[FloatArray, FloatArray],
) -> Learned:
    """The best kernel and its likeliest parameters for some rows.

    All kernels are tried on the first rows.  The radial ones, which are cheap, go on, and the likeliest of the others
    if it is likelier than they are; where there are more rows, of the radial ones only that which predicts those best.
    Of these the one of smallest error on folds that took no part in learning wins: likelihoods alone flatter a kernel
    with more parameters.  Others must win over Matern 5/2 by a few per cent (folds of few rows err by more), those that
    are not radial by more, for they cost ten times as much to evaluate.

    Parameters
    ----------
    kernels : sequence of Kernel
        Candidates.
    x : ndarray (n, d)
        Scaled training points.
    trend : ndarray (n, q)
        Columns of the trend there.
    y : ndarray (n,)
        The output at these points.
    nugget : float or None
        Variance of noise over that of the process; learned where it is None.
    law : tuple of ndarray
        Points (k, d) and trend (k, q) over the laws of the inputs, at which processes of parts of the rows are
        compared.

    Returns
    -------
    Learned
    """
    few = slice(0, _SCOUTS)
    scouts = Pairs.of(x[few])
    found = [_mode(kernel, scouts, trend[few], y[few], nugget) for kernel in kernels]
    likeliest = min(found, key=lambda f: f.value)
    finalists = [f for f in found if f.radial]
    if len(x) > _SCOUTS and finalists:
        finalists = [min(finalists, key=lambda f: _handicap(f, len(x)) * _error_on_the_rest(f, x, trend, y))]
    if not likeliest.radial:
        finalists.append(likeliest)
    if len(x) > _SCOUTS:
        pairs = Pairs.of(x)
        finalists = [_mode(f.kernel, pairs, trend, y, nugget, f.point, _POLISH) for f in finalists]
    judged = [_judged(f, x, trend, y, nugget, law) for f in finalists]
    return min(judged, key=lambda one: _handicap(one[1], len(x)) * one[0])[1]


def _handicap(found: Learned, n: int) -> float:
    """What the error of a kernel on n rows is multiplied by before it is compared with that of Matern 5/2."""
    excess = 0.0 if found.kernel is MATERN_5_2 else _OTHER if found.radial else _DEARER
    return 1.0 + excess * (100.0 / n) ** 0.5


def _error_on_the_rest(found: Learned, x: FloatArray, trend: FloatArray, y: FloatArray) -> float:
    """The mean squared left-out error of the rows from which a scout has not learned (infinite without a factor)."""
    try:
        process = _conditioned(found, x, trend, y)
    except ValueError:
        return np.inf
    return float(np.mean(process.left_out[_SCOUTS:] ** 2))


def _judged(
    found: Learned,
    x: FloatArray,
    trend: FloatArray,
    y: FloatArray,
    nugget: float | None,
    law: tuple[FloatArray, FloatArray],
) -> tuple[float, Learned]:
    """The mean squared error on folds that took no part in learning; and how much larger standardised errors are there
    than left-out ones of the parameters learnt from all rows (the ratio of 90 % quantiles, at least 1).

    Left-out errors alone mislead both ways: the row took part in learning, and all neighbours of the hole that it
    leaves remain.  Folds of some 200 rows are enough."""
    fold = np.arange(len(x)) % _FOLDS
    size = np.bincount(fold)
    residuals, standardised = np.full(len(x), np.nan), np.full(len(x), np.nan)
    process, moved = _conditioned(found, x, trend, y), []
    whole = process.mean(*law, x)
    for f in np.flatnonzero(np.cumsum(size) - size < _JUDGES):
        held, used = fold == f, fold != f
        if used.sum() < trend.shape[1] + 2:
            return float(np.mean(process.left_out**2)), found
        again = _mode(found.kernel, Pairs.of(x[used]), trend[used], y[used], nugget, found.point, _REFITS)
        part = _conditioned(again, x[used], trend[used], y[used])
        mean, std = part.predict(x[held], trend[held], x[used])
        moved.append(np.mean((part.mean(*law, x[used]) - whole) ** 2))
        residuals[held] = y[held] - mean
        standardised[held] = np.abs(residuals[held]) / std
    left_out = float(np.quantile(np.abs(process.left_out) / process.left_out_std, LEVEL))
    ratio = float(np.nanquantile(standardised, LEVEL)) / max(left_out, 1e-300)
    disagreement = float(np.sqrt(np.mean(moved)))
    return float(np.nanmean(residuals**2)), dataclasses.replace(
        found, optimism=max(1.0, ratio), disagreement=disagreement
    )


def _conditioned(found: Learned, x: FloatArray, trend: FloatArray, y: FloatArray) -> Process:
    return conditioned(found.kernel, found.parameters, found.nugget, x, trend, y, widening=1.0)


def _prior(kernel: Kernel, dimension: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centre of the parameters and the log nugget, and their deviations below and above it.

    Lengths grow with sqrt(d), as the distance of two points does; inputs of an anova kernel act alone until the data
    say otherwise; to matter little (a long length) costs less than to matter much."""
    anova = kernel.structure == "anova"
    shares = dimension if anova else 0
    length = np.log(3.0 if anova else 1.5 * np.sqrt(dimension))
    centre = np.concatenate([np.full(dimension, length), np.full(shares, -1.0), [np.log(1e-6)]])
    below = np.concatenate([np.full(dimension, 1.5), np.full(shares, 2.0), [8.0]])
    above = np.concatenate([np.full(dimension, 5.0), np.full(shares, 2.0), [8.0]])
    return centre, below, above


def _mode(
    kernel: Kernel,
    pairs: Pairs,
    trend: FloatArray,
    y: FloatArray,
    nugget: float | None,
    start: FloatArray | None = None,
    evaluations: int = _EVALUATIONS,
) -> Learned:
    """The posterior's mode from `start`, or from the best of a few scales of the lengths."""
    d = pairs.x.shape[1]
    prior = _prior(kernel, d)
    nuggets = _NUGGETS if nugget is None else (float(np.log(nugget)),) * 2
    bounds = [_LENGTHS] * d + [_SHARES] * (len(prior[0]) - d - 1) + [nuggets]
    arguments = (kernel, pairs, trend, y, prior, kernel.scratch(pairs))
    if start is None:
        starts = []
        for factor in _SCALES:
            point = prior[0].copy()
            point[:d] += np.log(factor)
            point[-1] = np.clip(_FIRST_NUGGET, *nuggets)
            starts.append((_objective(point, *arguments)[0], factor, point))
        start = min(starts)[2]
    found = optimize.minimize(
        _objective,
        start,
        args=arguments,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxfun": evaluations, "ftol": _TOLERANCE},
    )
    return Learned(float(found.fun), kernel, found.x)


def _objective(
    point: FloatArray,
    kernel: Kernel,
    pairs: Pairs,
    trend: FloatArray,
    y: FloatArray,
    prior: tuple[FloatArray, FloatArray, FloatArray],
    scratch: FloatArray,
) -> tuple[float, FloatArray]:
    """Minus the logarithm of the posterior, and its gradient (equations above)."""
    n, q = trend.shape
    nugget = np.exp(point[-1])
    matrix, pull = kernel.training(pairs, point[:-1], scratch)
    matrix.flat[:: n + 1] += nugget
    # on and above the diagonal in C order is on and below it in Fortran's: everything is done in place
    root, failed = linalg.lapack.dpotrf(matrix.T, lower=1, clean=1, overwrite_a=1)
    if failed:
        return 1e10, np.zeros_like(point)
    half = linalg.lapack.dtrtrs(root, np.column_stack([trend, y]), lower=1)[0]
    basis, triangle = np.linalg.qr(half[:, :q])
    rest = half[:, q] - basis @ (basis.T @ half[:, q])
    variance = max(float(rest @ rest), 1e-300) / (n - q)
    sides = linalg.lapack.dtrtrs(root, np.column_stack([basis, rest / np.sqrt(variance)]), lower=1, trans=1)[
        0
    ]
    log_root = float(np.log(np.diag(root)).sum())
    inverse = linalg.lapack.dpotri(root, lower=1, overwrite_c=1)[0]
    inner = linalg.blas.dsyrk(-1.0, sides, 1.0, inverse, lower=1, overwrite_c=1).T
    centre, below, above = prior
    deviation = np.where(point < centre, below, above)
    offset = (point - centre) / deviation
    value = (
        0.5 * (n - q) * np.log(variance)
        + log_root
        + np.log(np.abs(np.diag(triangle))).sum()
        + 0.5 * offset @ offset
    )
    slope = 0.5 * np.append(pull(inner), np.trace(inner) * nugget) + offset / deviation
    return float(value), slope
