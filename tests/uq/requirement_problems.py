"""Problems whose requirements are known exactly.

Each class holds a problem and the exact answers, with their derivation.  phi and Phi are the standard normal
density and distribution function.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, optimize, special, stats

from uq.distributions import Normal, Uniform
from uq.problem import Columns, Input, Output, Problem

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

    def loosest(self, g: float, j: int, wanted: float) -> float:
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

    def loosest(self, most: float, wanted: float) -> float:
        """Smallest r with P(m <= most | e >= r) = wanted."""
        low, high = self.centre - self.half, self.centre + self.half
        return float(optimize.brentq(lambda r: self.compliance(most, r) - wanted, low, high - 1e-6))
