"""Problems whose requirements are known exactly.

Each class holds a problem and the exact answers, with their derivation.  phi and Phi are the standard normal
density and distribution function.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import integrate, optimize, special, stats

from uq.core.distributions import Normal, Uniform
from uq.core.problem import Columns, Input, Output, Problem
from uq.surrogates.base import Prediction, Surrogate

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """Y = b + sum_j a_j X_j, X multivariate normal with means m, standard deviations s and correlation R.

    Y is normal with mean mu = b + a.m and variance v = c' R c, c_j = a_j s_j.  With t = corr(X_j, Y) =
    (R c)_j / sqrt(v), the pair (X_j, Y) is bivariate normal, so

        P(Y >= g | X_j >= r) = Phi2((mu - g)/sqrt v, (m_j - r)/s_j; t) / Phi((m_j - r)/s_j),

    Phi2 being the standard bivariate normal distribution function with correlation t: P(Y >= g, X_j >= r) is a
    lower orthant of the reflected pair.  Given X_j = x,  Y is normal with mean mu + t sqrt(v) (x - m_j)/s_j and
    variance v (1 - t^2): one unit of X_j is worth t sqrt(v)/s_j, in the mean and in every quantile (Anderson 1984,
    section 2.5).
    """

    slopes: tuple[float, ...] = (2.0, 1.0, -1.5)
    means: tuple[float, ...] = (10.0, 5.0, 3.0)
    stds: tuple[float, ...] = (1.0, 2.0, 0.5)
    correlation: tuple[tuple[float, ...], ...] = ((1.0, 0.5, 0.0), (0.5, 1.0, -0.3), (0.0, -0.3, 1.0))
    offset: float = 0.0

    @property
    def problem(self) -> Problem:
        return Problem(
            inputs=tuple(
                Input(f"x{j}", "kg", Normal(m, s), role="requirement")
                for j, (m, s) in enumerate(zip(self.means, self.stds, strict=True))
            ),
            outputs=(Output("y", "kg"),),
            model=self.model,
            correlation=np.array(self.correlation),
            version="1",
        )

    def model(self, columns: Columns) -> Columns:
        y = self.offset + sum(a * columns[f"x{j}"] for j, a in enumerate(self.slopes))
        return {"y": np.asarray(y)}

    def sized(self) -> Problem:
        """The same with hardware sized for x0 and x1: short where the truth is less than what it is sized at, and
        without influence on Y, so that requirements that the design is sized at have the answers of the plain
        problem."""
        plain = self.problem
        chosen = [Input(f"sized.x{j}", "kg", Uniform(0.0, 20.0), role="design") for j in (0, 1)]
        correlation = np.eye(5)
        correlation[:3, :3] = self.correlation

        def model(columns: Columns) -> Columns:
            return self.model(columns) | {
                f"short.x{j}": columns[f"sized.x{j}"] - columns[f"x{j}"] for j in (0, 1)
            }

        outputs = (*plain.outputs, Output("short.x0", "kg"), Output("short.x1", "kg"))
        return Problem((*plain.inputs, *chosen), outputs, model, correlation, version="1")

    @property
    def mean(self) -> float:
        return float(self.offset + np.dot(self.slopes, self.means))

    @property
    def _weighted(self) -> FloatArray:
        return np.array(self.slopes) * np.array(self.stds)

    @property
    def std(self) -> float:
        c = self._weighted
        return float(np.sqrt(c @ np.array(self.correlation) @ c))

    def tie(self, j: int) -> float:
        """corr(X_j, Y)."""
        return float((np.array(self.correlation) @ self._weighted)[j] / self.std)

    def compliance(self, g: float, j: int, r: float) -> float:
        """P(Y >= g | X_j >= r)."""
        t = self.tie(j)
        a, b = (self.mean - g) / self.std, (self.means[j] - r) / self.stds[j]
        both = stats.multivariate_normal.cdf([a, b], cov=[[1.0, t], [t, 1.0]])
        return float(both / special.ndtr(b))

    def threshold(self, g: float, j: int, wanted: float) -> float:
        """Smallest r with P(Y >= g | X_j >= r) = wanted (tie positive: compliance rises with r)."""
        low, high = self.means[j] - 6 * self.stds[j], self.means[j] + 3 * self.stds[j]
        return float(optimize.brentq(lambda r: self.compliance(g, j, r) - wanted, low, high))

    def verified(self, g: float, j: int, value: float, error: float) -> float:
        """P(Y >= g) with X_j replaced by N(value, error) and the others given X_j: Y is normal with mean mu + k
        (value - m_j) and variance v (1 - t^2) + (k error)^2, k = t sqrt(v) / s_j."""
        t = self.tie(j)
        k = t * self.std / self.stds[j]
        mean = self.mean + k * (value - self.means[j])
        return float(special.ndtr((mean - g) / np.sqrt(self.std**2 * (1 - t * t) + (k * error) ** 2)))

    def rate(self, j: int) -> float:
        """d E[Y | X_j = x] / dx."""
        return self.tie(j) * self.std / self.stds[j]


@dataclass(frozen=True)
class QuadraticMass:
    """A mass m = c + k / e (energy through an efficiency e uniform on [low, high]) linearised to second order:
    m = c - k1 (e - e0) + k2 (e - e0)^2 plus noise N(0, s), independent, with e uniform on e0 +- h.

    E[m | e] = c - k1 d + k2 d^2, so the worth of efficiency is -k1 + 2 k2 d; P(m <= M | e >= r) is the average over
    d in [r - e0, h] of Phi((M - E[m | e]) / s), by quadrature.
    """

    c: float = 100.0
    k1: float = 200.0
    k2: float = 300.0
    centre: float = 0.5
    half: float = 0.1
    noise: float = 4.0

    @property
    def problem(self) -> Problem:
        return Problem(
            inputs=(
                Input(
                    "efficiency",
                    "1",
                    Uniform(self.centre - self.half, self.centre + self.half),
                    role="requirement",
                ),
                Input("growth", "kg", Normal(0.0, self.noise)),
            ),
            outputs=(Output("mass", "kg"),),
            model=self.model,
            version="1",
        )

    def model(self, columns: Columns) -> Columns:
        return {"mass": self.given(columns["efficiency"]) + columns["growth"]}

    def given(self, e: FloatArray | float) -> FloatArray:
        """E[m | e]."""
        d = np.asarray(e) - self.centre
        return self.c - self.k1 * d + self.k2 * d * d

    def rate(self, e: float) -> float:
        """d E[m | e] / de."""
        return -self.k1 + 2.0 * self.k2 * (e - self.centre)

    def compliance(self, most: float, r: float) -> float:
        """P(m <= most | e >= r)."""
        top = self.centre + self.half
        total, _ = integrate.quad(lambda e: special.ndtr((most - self.given(e)) / self.noise), r, top)
        return float(total / (top - r))

    def threshold(self, most: float, wanted: float) -> float:
        """Smallest r with P(m <= most | e >= r) = wanted."""
        low, high = self.centre - self.half, self.centre + self.half
        return float(optimize.brentq(lambda r: self.compliance(most, r) - wanted, low, high - 1e-6))


def orthant(b: FloatArray, matrix: FloatArray) -> float:
    """P(Z_1 <= b_1, Z_2 <= b_2, Z_3 <= b_3) of standard normals with a correlation matrix.

    With Z = L e the inner probability is Phi((b_3 - L_31 e_1 - L_32 e_2)/L_33), left to two nested Gauss-Legendre
    rules of 80 points on [-8, b_1] and [-8, (b_2 - L_21 e_1)/L_22].
    """
    node, weight = np.polynomial.legendre.leggauss(80)
    L = np.linalg.cholesky(matrix)

    def rule(top: FloatArray) -> tuple[FloatArray, FloatArray]:
        half = 0.5 * (np.maximum(top, -8.0) + 8.0)[..., None]
        z = -8.0 + half * (1.0 + node)
        return z, half * weight * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)

    e1, w1 = rule(np.asarray(min(b[0], 8.0)))
    e2, w2 = rule(np.minimum((b[1] - L[1, 0] * e1) / L[1, 1], 8.0))
    last = special.ndtr((b[2] - L[2, 0] * e1[:, None] - L[2, 1] * e2) / L[2, 2])
    return float(np.sum(w1[:, None] * w2 * last))


def linear_allocation(
    problem: Linear, g: float, names: tuple[int, int], wanted: float
) -> tuple[FloatArray, float]:
    """Least demanding thresholds r and their demand -log P(X_j >= r_j, both j) for P(Y >= g | both) >= wanted.

    With reflected standard germs, P(X_j >= r_j, both) is the bivariate normal distribution function at b_j = (m_j
    - r_j)/s_j with the inputs' correlation, and Y >= g adds one coordinate (mu - g)/sqrt v with correlations t_j.
    The second threshold is solved for on the boundary of compliance, and the first minimised along it.
    """
    j = list(names)
    matrix = np.array(problem.correlation)[np.ix_(j, j)]
    tie = np.array([problem.tie(k) for k in j])
    joint = np.block([[matrix, tie[:, None]], [tie[None, :], np.ones((1, 1))]])
    apart = np.block([[matrix, np.zeros((2, 1))], [np.zeros((1, 2)), np.ones((1, 1))]])
    top = (problem.mean - g) / problem.std

    def prior(b: FloatArray) -> float:
        return orthant(np.array([*b, 8.0]), apart)

    def boundary(first: float) -> FloatArray:
        def miss(last: float) -> float:
            return orthant(np.array([first, last, top]), joint) / prior(np.array([first, last])) - wanted

        if miss(6.0) >= 0.0:
            return np.array([first, 6.0])
        return np.array([first, optimize.brentq(miss, -3.0, 6.0, xtol=1e-9)])

    def demand(first: float) -> float:
        return float(-np.log(prior(boundary(first))))

    found = optimize.minimize_scalar(demand, bounds=(-1.5, 6.0), method="bounded", options={"xatol": 1e-5})
    b = boundary(float(found.x))
    return np.array(problem.means)[j] - b * np.array(problem.stds)[j], float(found.fun)


def linear_shapley(problem: Linear) -> FloatArray:
    """Shapley effects of a dependent linear Gaussian model, by their definition over all orders.

    What knowing X_S explains is v(S) = t_S' R_SS^-1 t_S, the squared multiple correlation with t_j = corr(X_j, Y);
    the effect of j is the mean over orders of v(S with j) - v(S).  Source: Owen & Prieur (2017), section 4.
    """
    d = len(problem.slopes)
    R, t = np.array(problem.correlation), np.array([problem.tie(j) for j in range(d)])

    def explained(known: tuple[int, ...]) -> float:
        s = list(known)
        return float(t[s] @ np.linalg.solve(R[np.ix_(s, s)], t[s])) if s else 0.0

    effect = np.zeros(d)
    orders = list(itertools.permutations(range(d)))
    for order in orders:
        for k, j in enumerate(order):
            effect[j] += (explained(order[: k + 1]) - explained(order[:k])) / len(orders)
    return effect


def linear_information(problem: Linear, threshold: float, j: int, error: float) -> tuple[float, float, float]:
    """Standard deviation of Y after a test of X_j with `error`, chance of the wrong choice, and gain from choosing
    late.

    Given m = X_j + e the mean of Y is normal about mu with variance q v, q = t^2 s^2/(s^2 + error^2), and Y about
    it with variance (1 - q) v.  Wrong: E Phi(-|M - threshold| / sqrt((1-q) v)), M ~ N(mu, q v).  Gain: E max(M -
    threshold, 0) - max(mu - threshold, 0), and E max(N(a, b^2), 0) = a Phi(a/b) + b phi(a/b).
    """
    s = problem.stds[j]
    q = problem.tie(j) ** 2 * s**2 / (s**2 + error**2)
    a, b, rest = problem.mean - threshold, problem.std * np.sqrt(q), problem.std * np.sqrt(1.0 - q)
    wrong, _ = integrate.quad(
        lambda z: stats.norm.pdf(z) * special.ndtr(-abs(a + b * z) / rest), -9, 9, points=[-a / b], limit=200
    )
    gain = a * special.ndtr(a / b) + b * stats.norm.pdf(a / b) - max(a, 0.0)
    return float(rest), float(wrong), float(gain)


@dataclass(frozen=True)
class Shifted(Surrogate):
    """A surrogate of a linear model that is wrong by a constant `shift` and states the standard error `error`."""

    problem: Problem
    linear: Linear
    shift: float
    error: float

    @classmethod
    def of(cls, linear: Linear, shift: float, error: float) -> Shifted:
        return cls(linear.problem, linear, shift, error)

    def predict(self, x: ArrayLike) -> Prediction:
        y = self.linear.offset + np.asarray(x) @ np.array(self.linear.slopes) + self.shift
        return Prediction(y[:, None], np.full((len(y), 1), self.error))

    def gradient(self, x: ArrayLike) -> FloatArray:
        return np.broadcast_to(np.array(self.linear.slopes), (len(np.asarray(x)), 1, len(self.linear.slopes)))

    def arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"shift": self.shift, "error": self.error}, {}

    @classmethod
    def from_arrays(
        cls, problem: Problem, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> Shifted:
        return cls.of(Linear(), record["shift"], record["error"])


@dataclass(frozen=True)
class Product:
    """Y = X_0 X_1, independent normals far from zero: given X_0 = x, Y is N(x m_1, (x s_1)^2), so that one unit of
    X_0 is worth m_1 in the mean and m_1 + z s_1 in the quantile of level Phi(z), at every x."""

    means: tuple[float, float] = (10.0, 5.0)
    stds: tuple[float, float] = (1.0, 0.8)

    @property
    def problem(self) -> Problem:
        inputs = [
            Input(f"x{j}", "1", Normal(m, s))
            for j, (m, s) in enumerate(zip(self.means, self.stds, strict=True))
        ]
        return Problem(tuple(inputs), (Output("y", "kg"),), lambda c: {"y": c["x0"] * c["x1"]}, version="1")

    def quantile_rate(self, level: float) -> float:
        """d q_level[Y | X_0 = x] / dx."""
        return float(self.means[1] + special.ndtri(level) * self.stds[1])
