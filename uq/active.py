"""Failure probabilities in few dimensions by active learning: a Kriging model asks for runs where its sign is in doubt.

What it learns only steers the sampling; the estimate itself is corrected by runs of the model, and stays unbiased
where the Kriging model is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, special
from scipy.stats import qmc

from uq.limit_state import Estimate, LimitState

FloatArray = NDArray[np.float64]

SPREADS = (1.0, 1.5, 2.0, 2.6, 3.2)
"""Standard deviations of the normal laws whose mixture is searched for failure: out to a few 1e-7 and beyond."""

CANDIDATES = 4000
"""Candidates of each spread while learning; ten times as many for the last answer."""

DOUBT = 0.03
"""Learning ends once the failure probability in doubt is this share of the estimate."""

CAUTION = 1.5
"""Factor on the Kriging model's own standard deviation, which is too small at few points."""

NEVER = 1e-8
"""Failure less probable than this is not looked for any further."""

CHECKS = 40
"""Runs of a round of correction."""


@dataclass(frozen=True)
class _Kriging:
    """Ordinary Kriging of values y at germs x: Matern 5/2 of scaled distance, maximum likelihood, a tiny nugget."""

    x: FloatArray
    scales: FloatArray
    root: FloatArray
    weights: FloatArray
    mean: float
    variance: float

    @staticmethod
    def fit(x: FloatArray, y: FloatArray, scales: FloatArray, learn: bool) -> _Kriging:
        if learn:
            start = np.log(scales)

            def loss(log_scales: FloatArray) -> float:
                try:
                    return _likelihood(x, y, np.exp(log_scales))[0]
                except linalg.LinAlgError:
                    return 1e25

            bounds = [(np.log(0.3), np.log(60.0))] * x.shape[1]
            found = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 15})
            scales = np.exp(found.x)
        _, root, weights, mean, variance = _likelihood(x, y, scales)
        return _Kriging(x, scales, root, weights, mean, variance)

    def predict(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        mean, std = np.empty(len(u)), np.empty(len(u))
        for start in range(0, len(u), 10_000):
            rows = slice(start, start + 10_000)
            k = _matern(u[rows] / self.scales, self.x / self.scales)
            mean[rows] = self.mean + k @ self.weights
            half = linalg.solve_triangular(self.root, k.T, lower=True, check_finite=False)
            std[rows] = np.sqrt(np.maximum(self.variance * (1.0 - (half * half).sum(axis=0)), 0.0))
        return mean, std


def _matern(a: FloatArray, b: FloatArray) -> FloatArray:
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2.0 * (a @ b.T)
    r = np.sqrt(5.0 * np.maximum(squares, 0.0))
    return np.asarray((1.0 + r + r * r / 3.0) * np.exp(-r))


def _likelihood(
    x: FloatArray, y: FloatArray, scales: FloatArray
) -> tuple[float, FloatArray, FloatArray, float, float]:
    """Negative log likelihood with mean and variance profiled out, and what prediction needs."""
    n = len(x)
    scaled = x / scales
    root = linalg.cholesky(_matern(scaled, scaled) + 1e-8 * np.eye(n), lower=True, check_finite=False)
    ones = linalg.solve_triangular(root, np.ones(n), lower=True, check_finite=False)
    half = linalg.solve_triangular(root, y, lower=True, check_finite=False)
    mean = float(ones @ half / (ones @ ones))
    rest = half - mean * ones
    variance = max(float(rest @ rest) / n, 1e-300)
    weights = linalg.solve_triangular(root, rest, lower=True, trans=1, check_finite=False)
    return float(0.5 * n * np.log(variance) + np.log(np.diag(root)).sum()), root, weights, mean, variance


def active_learning(g: LimitState, *, seed: int, target: float = 0.1, most: int = 400) -> Estimate:
    """Learn the sign of g by Kriging, then correct: ``p = E[pi] E_h[1(g <= 0) / pi]``, h proportional to pi phi.

    pi(u) = Phi(-m / (CAUTION s)) is the chance of failure by the Kriging mean m and standard deviation s of
    asinh(g / scale).  Runs go where w min(pi, 1 - pi) is large, w the importance weight of a candidate.  E[pi] costs
    no run; its partner is the mean of runs drawn from h, and each surprise among them is learned from.
    Source: Echard, Gayton & Lemaire (2011), doi:10.1016/j.strusafe.2011.01.002; Dubourg, Sudret & Deheeger (2013),
    doi:10.1016/j.probengmech.2013.02.002.
    """
    start, d = g.runs, g.dimension
    rng = np.random.default_rng(seed)
    x = _first_points(d, rng)
    first = len(x)
    y = g(x)
    scale = max(float(np.median(np.abs(y))), 1e-300)
    scales, learned = np.full(d, 3.0), 0
    p = variation = np.nan
    settled = 0
    while g.runs - start < most:
        learn = len(x) >= 1.15 * learned
        learned = len(x) if learn else learned
        try:
            model = _Kriging.fit(x, np.arcsinh(y / scale), scales, learn)
        except linalg.LinAlgError:
            break
        scales = model.scales
        u, weights = _population(d, CANDIDATES, rng)
        chance = _chance(model, u)
        p = float(weights @ chance)
        doubt = weights * np.minimum(chance, 1.0 - chance)
        if p < NEVER and len(x) > 3 * first:
            return Estimate(
                "active learning", 0.0, np.nan, g.runs - start, False, f"below {NEVER:g}: nothing found"
            )
        settled = settled + 1 if doubt.sum() < DOUBT * p else 0
        if settled < 2:
            if settled == 0:
                new = _where_in_doubt(u, doubt, x, max(2 + d, len(x) // 8))
                x, y = np.concatenate([x, new]), np.concatenate([y, g(new)])
            continue
        u, weights = _population(d, 10 * CANDIDATES, rng)
        chance = _chance(model, u)
        p = float(weights @ chance)
        spread = float(np.sqrt(np.sum((weights * chance) ** 2))) / p
        checks: list[float] = []
        seen = []
        while g.runs - start < most:
            rows = rng.choice(len(u), CHECKS, p=weights * chance / p)
            value = g(u[rows])
            checks += np.where(value <= 0.0, 1.0 / chance[rows], 0.0).tolist()
            seen.append((u[rows], value))
            factor = float(np.mean(checks))
            scatter = max(float(np.std(checks, ddof=1)), 0.1) / np.sqrt(len(checks))
            variation = float(np.hypot(scatter / max(factor, 1e-300), spread))
            if variation <= 0.7 * target:
                why = f"{len(checks)} runs confirm the learned region by a factor of {factor:.3f}"
                return Estimate("active learning", p * factor, variation, g.runs - start, True, why)
            if np.std(checks, ddof=1) > 0.6 or len(checks) >= 4 * CHECKS:
                break
        x, y = _with_new(x, y, seen)
        settled = 0
    why = "the failure region was not learned within the runs allowed"
    return Estimate("active learning", p, variation, g.runs - start, False, why)


def _first_points(d: int, rng: np.random.Generator) -> FloatArray:
    """The centre, and a net of points spread over a ball of radius 5."""
    n = 8 + 4 * d
    unit = qmc.Sobol(d, scramble=True, rng=rng).random_base2(int(np.ceil(np.log2(n))))[:n]
    germs = special.ndtri(np.clip(unit, 1e-9, 1.0 - 1e-9))
    radius = np.linalg.norm(germs, axis=1, keepdims=True)
    uniform = special.gammainc(0.5 * d, 0.5 * radius**2) ** (1.0 / d)
    return np.concatenate([np.zeros((1, d)), 5.0 * germs / radius * uniform])


def _population(d: int, n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Candidates from a mixture of spreads, and their weights, such that weights @ f is the mean of f."""
    spread = np.repeat(SPREADS, n)
    u = rng.standard_normal((len(spread), d)) * spread[:, None]
    square = 0.5 * (u * u).sum(axis=1)
    density = np.mean([np.exp(square * (1.0 - 1.0 / s**2)) / s**d for s in SPREADS], axis=0)
    return u, 1.0 / (density * len(spread))


def _chance(model: _Kriging, u: FloatArray) -> FloatArray:
    mean, std = model.predict(u)
    return np.asarray(special.ndtr(-mean / np.maximum(CAUTION * std, 1e-12)))


def _where_in_doubt(u: FloatArray, doubt: FloatArray, x: FloatArray, n: int) -> FloatArray:
    """n candidates with the most probability in doubt, kept apart from each other and from the runs."""
    best = np.argsort(-doubt)[:2000]
    u, doubt = u[best], doubt[best].copy()
    chosen = []
    distance = np.sqrt(((u[:, None] - x[None]) ** 2).sum(axis=2).min(axis=1))
    for _ in range(n):
        k = int(np.argmax(doubt * np.minimum(distance, 1.0) ** 2))
        chosen.append(u[k])
        distance = np.minimum(distance, np.sqrt(((u - u[k]) ** 2).sum(axis=1)))
    return np.array(chosen)


def _with_new(
    x: FloatArray, y: FloatArray, seen: list[tuple[FloatArray, FloatArray]]
) -> tuple[FloatArray, FloatArray]:
    """The runs with those of the correction that are not too close to others to be factorised."""
    for points, values in seen:
        for u, value in zip(points, values, strict=True):
            if ((x - u) ** 2).sum(axis=1).min() > 1e-4:
                x, y = np.concatenate([x, u[None]]), np.append(y, value)
    return x, y
