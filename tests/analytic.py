"""Problems whose answers are known exactly: function, inputs, and closed forms with their derivation or source.

Closed shares are ``closed_u = Var(E[Y | X_u]) / Var(Y)``; from those of all subsets u of the inputs follow first-order
and total indices and Shapley effects, with or without dependence.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, special, stats

from uq.core.distributions import LogNormal, Normal, Uniform
from uq.core.problem import Columns, Input, Output, Problem

FloatArray = NDArray[np.float64]
Closed = Callable[[Sequence[int]], float]


@dataclass(frozen=True)
class Known:
    """A problem with the output "y", its exact mean and std, and its exact closed shares."""

    problem: Problem
    mean: float
    std: float
    closed: Closed

    @property
    def first(self) -> FloatArray:
        return np.array([self.closed([j]) for j in range(self.problem.dimension)])

    @property
    def total(self) -> FloatArray:
        d = self.problem.dimension
        return np.array([1.0 - self.closed([k for k in range(d) if k != j]) for j in range(d)])

    @property
    def second(self) -> FloatArray:
        d, first = self.problem.dimension, self.first
        pairs = np.zeros((d, d))
        for j, k in itertools.combinations(range(d), 2):
            pairs[j, k] = pairs[k, j] = self.closed([j, k]) - first[j] - first[k]
        return pairs

    @property
    def shapley(self) -> FloatArray:
        """Shapley (1953): the gain of each input, averaged over the orders in which inputs become known."""
        d = self.problem.dimension
        closed = {u: self.closed(u) for k in range(d + 1) for u in itertools.combinations(range(d), k)}
        effects = np.zeros(d)
        for u, value in closed.items():
            for j in set(range(d)) - set(u):
                gain = closed[tuple(sorted((*u, j)))] - value
                effects[j] += gain / (d * math.comb(d - 1, len(u)))
        return effects


def names(d: int) -> tuple[str, ...]:
    return tuple(f"x{j}" for j in range(1, d + 1))


def matrix(columns: Columns) -> FloatArray:
    return np.stack(list(columns.values()), axis=1)


def problem(laws: Sequence, function: Callable[[FloatArray], FloatArray], correlation=None) -> Problem:
    inputs = tuple(Input(name, "1", law) for name, law in zip(names(len(laws)), laws, strict=True))
    return Problem(inputs, (Output("y"),), lambda c: {"y": function(matrix(c))}, correlation, version="exact")


def ishigami(a: float = 7.0, b: float = 0.1) -> Known:
    """Ishigami & Homma (1990), doi:10.1109/ISUMA.1990.151285: y = sin x1 + a sin^2 x2 + b x3^4 sin x1.

    Partial variances by integration over U(-pi, pi)^3: V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8,
    V13 = 8 b^2 pi^8 / 225, all others zero.
    """
    v1, v2 = 0.5 * (1.0 + b * np.pi**4 / 5.0) ** 2, a**2 / 8.0
    v13 = 8.0 * b**2 * np.pi**8 / 225.0
    v = v1 + v2 + v13

    def closed(u: Sequence[int]) -> float:
        return float((0 in u) * v1 + (1 in u) * v2 + (0 in u and 2 in u) * v13) / v

    def y(x: FloatArray) -> FloatArray:
        return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])

    return Known(problem([Uniform(-np.pi, np.pi)] * 3, y), a / 2.0, float(np.sqrt(v)), closed)


def sobol_g(a: Sequence[float] = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)) -> Known:
    """Saltelli & Sobol' (1995): y = prod (|4 x_j - 2| + a_j) / (1 + a_j), factors of mean 1 and variance
    V_j = 1 / (3 (1 + a_j)^2), so that Var(E[Y | X_u]) = prod_u (1 + V_j) - 1."""
    weights = np.asarray(a)
    parts = 1.0 / (3.0 * (1.0 + weights) ** 2)
    v = float(np.prod(1.0 + parts) - 1.0)

    def closed(u: Sequence[int]) -> float:
        return float(np.prod(1.0 + parts[list(u)]) - 1.0) / v

    def y(x: FloatArray) -> FloatArray:
        return np.prod((np.abs(4.0 * x - 2.0) + weights) / (1.0 + weights), axis=1)

    return Known(problem([Uniform(0.0, 1.0)] * len(weights), y), 1.0, math.sqrt(v), closed)


def _explained(weights: FloatArray, correlation: FloatArray) -> Closed:
    """Variance of E[weights . w | w_u] for w ~ N(0, R): c' R_uu^-1 c with c = (R weights)_u."""

    def variance(u: Sequence[int]) -> float:
        if not len(u):
            return 0.0
        c = (correlation @ weights)[list(u)]
        return float(c @ np.linalg.solve(correlation[np.ix_(u, u)], c))

    return variance


def linear_gaussian(weights: Sequence[float], correlation: FloatArray | None = None) -> Known:
    """y = weights . x, x ~ N(0, R): conditional means are linear, so closed_u is the explained variance."""
    w = np.asarray(weights, dtype=np.float64)
    r = np.eye(len(w)) if correlation is None else np.asarray(correlation)
    v, explained = float(w @ r @ w), _explained(w, r)
    laws = [Normal(0.0, 1.0)] * len(w)
    return Known(problem(laws, lambda x: x @ w, correlation), 0.0, math.sqrt(v), lambda u: explained(u) / v)


def lognormal_product(weights: Sequence[float], correlation: FloatArray | None = None) -> Known:
    """y = prod x_j with log x_j = weights_j w_j, w ~ N(0, R): E[Y | X_u] is lognormal too, with explained log
    variance c_u, so that closed_u = (exp c_u - 1) / (exp s^2 - 1) with s^2 the variance of log y."""
    w = np.asarray(weights, dtype=np.float64)
    r = np.eye(len(w)) if correlation is None else np.asarray(correlation)
    s2, explained = float(w @ r @ w), _explained(w, r)
    laws = [LogNormal(1.0, math.exp(s)) for s in w]

    def closed(u: Sequence[int]) -> float:
        return math.expm1(explained(u)) / math.expm1(s2)

    mean = math.exp(0.5 * s2)
    return Known(
        problem(laws, lambda x: np.prod(x, axis=1), correlation),
        mean,
        mean * math.sqrt(math.expm1(s2)),
        closed,
    )


def gaussian_product(rho: float) -> Known:
    """y = x1 x2, standard normal with correlation rho.

    E[Y] = rho, Var(Y) = 1 + rho^2; E[Y | x1] = rho x1^2 has variance 2 rho^2.
    """

    def closed(u: Sequence[int]) -> float:
        return {0: 0.0, 1: 2.0 * rho**2 / (1.0 + rho**2), 2: 1.0}[len(u)]

    laws = [Normal(0.0, 1.0)] * 2
    r = np.array([[1.0, rho], [rho, 1.0]])
    known = problem(laws, lambda x: x[:, 0] * x[:, 1], r if rho else None)
    return Known(known, rho, math.sqrt(1.0 + rho**2), closed)


def threshold(weights: Sequence[float], limit: float) -> Known:
    """y = 1 where weights . x > limit, x ~ N(0, 1): with e = explained share of u, two draws that share x_u are
    bivariate normal of correlation e, so that closed_u = (P(both above) - p^2) / (p (1 - p))."""
    w = np.asarray(weights, dtype=np.float64)
    s = float(np.linalg.norm(w))
    p = float(special.ndtr(-limit / s))
    explained = _explained(w, np.eye(len(w)))

    def closed(u: Sequence[int]) -> float:
        share = explained(u) / s**2
        if share >= 1.0 - 1e-12:
            return 1.0
        both = stats.multivariate_normal([0.0, 0.0], [[1.0, share], [share, 1.0]]).cdf([-limit / s] * 2)
        return float(both - p**2) / (p * (1.0 - p))

    known = problem([Normal(0.0, 1.0)] * len(w), lambda x: (x @ w > limit).astype(np.float64))
    return Known(known, p, math.sqrt(p * (1.0 - p)), closed)


CORRELATED = np.eye(6)
"""A correlation of six inputs whose Shapley effects differ from the independent ones by up to 0.24."""
for _i, _j, _r in ((0, 1, 0.5), (1, 2, 0.3), (3, 4, -0.6), (4, 5, 0.7), (2, 5, 0.2)):
    CORRELATED[_i, _j] = CORRELATED[_j, _i] = _r

WEIGHTS = (1.0, 1.5, -1.0, 0.5, 2.0, 0.0)


# -- rare events: the output "y" fails at or below zero ---------------------------------------------------------


@dataclass(frozen=True)
class Rare:
    """A problem with the output "margin" that fails at or below zero, and its failure probability."""

    problem: Problem
    probability: float


def _rare(laws: Sequence, function: Callable[[FloatArray], FloatArray], probability: float) -> Rare:
    inputs = tuple(Input(name, "1", law) for name, law in zip(names(len(laws)), laws, strict=True))
    model = Problem(inputs, (Output("margin"),), lambda c: {"margin": function(matrix(c))}, version="exact")
    return Rare(model, probability)


def four_branch(probability: float) -> Rare:
    """Series system of two parabolas and two planes (Waarts 2000; Schueremans & Van Gemert 2005,
    doi:10.1016/j.strusafe.2004.11.001), shifted to the wanted probability.

    With a = (x1 + x2) / sqrt 2, b = (x1 - x2) / sqrt 2 independent N(0, 1), failure given b is
    |a| >= 3 + t + 0.2 b^2 or |b| >= B = (7 / sqrt 2 + t) / sqrt 2; one dimension remains to integrate.
    """

    def failure(t: float) -> float:
        edge = (7.0 / math.sqrt(2.0) + t) / math.sqrt(2.0)

        def inside(b: float) -> float:
            return float(stats.norm.pdf(b) * 2.0 * special.ndtr(-(3.0 + t + 0.2 * b * b)))

        parabolas = integrate.quad(inside, -edge, edge, epsabs=1e-16, epsrel=1e-12)[0]
        return 2.0 * float(special.ndtr(-edge)) + parabolas

    shift = _root(lambda t: math.log(failure(t) / probability), -1.5, 3.0)

    def margin(x: FloatArray) -> FloatArray:
        a, b = (x[:, 0] + x[:, 1]) / np.sqrt(2.0), (x[:, 0] - x[:, 1]) / np.sqrt(2.0)
        parabola = 3.0 + 0.2 * b * b - np.abs(a)
        plane = 7.0 / np.sqrt(2.0) - np.sqrt(2.0) * np.abs(b)
        return np.minimum(parabola, plane) + shift

    return _rare([Normal(0.0, 1.0)] * 2, margin, probability)


def resistance_and_load(probability: float) -> Rare:
    """R - S with lognormal R and S: log R - log S is normal, so that the reliability index is exact."""
    beta = -float(special.ndtri(probability))
    a, b = 0.1, 0.15
    laws = [LogNormal(math.exp(math.hypot(a, b) * beta), math.exp(a)), LogNormal(1.0, math.exp(b))]
    return _rare(laws, lambda x: x[:, 0] - x[:, 1], probability)


def linear(probability: float, dimension: int = 100) -> Rare:
    """beta sqrt(d) - sum of d standard normals: probability Phi(-beta)."""
    beta = -float(special.ndtri(probability))
    laws = [Normal(0.0, 1.0)] * dimension
    return _rare(laws, lambda x: beta * math.sqrt(dimension) - x.sum(axis=1), probability)


def lognormal_sum(probability: float, dimension: int = 100, variation: float = 0.2) -> Rare:
    """c - sum of d lognormals of mean 1: the law of the sum by convolution on a grid (FFT, 2^21 cells)."""
    s = math.sqrt(math.log1p(variation**2))
    cells = 2**21
    width = dimension * 3.0 / cells
    edges = (np.arange(cells) + 0.5) * width
    with np.errstate(divide="ignore"):
        cdf = special.ndtr((np.log(edges) + 0.5 * s * s) / s)
    mass = np.diff(cdf, prepend=0.0)
    total = np.fft.irfft(np.fft.rfft(mass) ** dimension, cells)
    above = np.cumsum(total[::-1])[::-1]
    index = int(np.searchsorted(-above, -probability))
    limit = (index - 0.5) * width
    law = LogNormal(math.exp(-0.5 * s * s), math.exp(s))
    return _rare([law] * dimension, lambda x: limit - x.sum(axis=1), float(above[index]))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-13))
