"""Failure probabilities in few dimensions by active learning: a Kriging model asks for runs where its sign is
uncertain.

What it learns only steers the sampling: the estimate itself is a weighted count of failures among further runs of the
model, some of them drawn where the Kriging model predicts that nothing fails.  What it has wrong is counted wherever
such runs meet it; a region of failure that none of them met is not, and the answer says how large that could be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize, special
from scipy.stats import qmc

from uq.core.array_types import FloatArray
from uq.core.results import FailureProbability
from uq.reliability.limit_state import LimitState, OutOfRuns

SPREADS = (1.0, 1.5, 2.0, 2.6, 3.2)
"""Standard deviations of the normal laws whose mixture is searched for failure: out to a few 1e-7 and beyond."""

CANDIDATES = 4000
"""Candidates of each spread while learning; ten times as many for the last answer."""

UNCERTAINTY = 0.03
"""Learning ends once the failure probability that is uncertain is this share of the estimate."""

CAUTION = 1.5
"""Factor on the Kriging model's own standard deviation, which is too small at few points."""

NEVER = 1e-8
"""Failure less probable than this is not looked for any further."""

INSIDE, OUTSIDE = 8, 32
"""Runs of a round of checks: drawn from what the Kriging model says fails, and from a wide law where it says safe."""

LEAST_OUTSIDE = 160
"""Draws of the wide law before an answer is trusted (*judgement*: what the best peer spends where it needs least)."""

WIDE = SPREADS[1:]
"""Spreads of the wide law: runs within one standard deviation would say little about what is rare."""

SURPRISE = 0.05
"""A check that falls to the side to which the Kriging model gave less than this is learned from."""


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


def active_learning(
    g: LimitState, *, seed: int, target: float = 0.1, max_runs: int = 400
) -> FailureProbability:
    """Learn the sign of g by Kriging, then count failures among checks, by what all rounds of checks had drawn::

        p = sum_i 1(g(u_i) <= 0) / r(u_i),   r = sum_k a_k pi_k / E[pi_k] + b_k (1 - pi_k) m / phi

    pi_k(u) = Phi(-m / (CAUTION s)) is the chance of failure by the Kriging mean m and standard deviation s of
    asinh(g / scale) as they stood in round k; a_k runs are drawn from pi_k phi / E[pi_k], and b_k from the normal
    mixture m of the spreads `WIDE`, each kept with the chance 1 - pi_k.  Runs to learn from go where w min(pi, 1 - pi)
    is large, w the importance weight of a candidate.  A surprise among the checks is learned from and checked again;
    no round is left out of the sum, nor out of the variation.

    The sum is unbiased for given pi_k, and consistent as they learn.  A region of failure that no check met adds
    nothing to it: `why` says how probable such a region can be, by the density of the wide law there.
    Source: Echard, Gayton & Lemaire (2011), doi:10.1016/j.strusafe.2011.01.002; Dubourg, Sudret & Deheeger (2013),
    doi:10.1016/j.probengmech.2013.02.002; the sum over rounds: Cornuet, Marin, Mira & Robert (2012),
    doi:10.1111/j.1467-9469.2011.00756.x; draws from a wide law: Hesterberg (1995),
    doi:10.1080/00401706.1995.10484303.
    """
    start = g.runs
    try:
        with g.within(max_runs):
            return _learned(g, seed, target, max_runs)
    except OutOfRuns:
        why = "the failure region was not learned within the runs allowed"
        return FailureProbability("active learning", np.nan, np.nan, g.runs - start, False, why)


def _learned(g: LimitState, seed: int, target: float, max_runs: int) -> FailureProbability:
    start, d = g.runs, g.dimension
    rng = np.random.default_rng(seed)
    net = qmc.Sobol(d + 1, scramble=True, rng=rng)
    x = _first_points(d, rng)
    first = len(x)
    y = g(x)
    scale = max(float(np.median(np.abs(y))), 1e-300)
    scales, learned = np.full(d, 3.0), 0
    p = variation = np.nan
    rounds: list[_Round] = []
    converged = 0
    while g.runs - start < max_runs:
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
        uncertainty = weights * np.minimum(chance, 1.0 - chance)
        if p < NEVER and len(x) > 3 * first:
            return FailureProbability(
                "active learning", 0.0, np.nan, g.runs - start, False, f"below {NEVER:g}: nothing found"
            )
        converged = converged + 1 if uncertainty.sum() < UNCERTAINTY * p else 0
        if converged < 2:
            if converged == 0:
                new = _where_uncertain(u, uncertainty, x, int(min(max(2 + d, len(x) // 8), g.left)))
                x, y = np.concatenate([x, new]), np.concatenate([y, g(new)])
            continue
        u, weights = _population(d, 10 * CANDIDATES, rng)
        chance = _chance(model, u)
        mean = float(weights @ chance)
        spread = float(np.sqrt(np.sum((weights * chance) ** 2))) / mean
        while g.left >= INSIDE + OUTSIDE:
            inside = u[rng.choice(len(u), INSIDE, p=weights * chance / mean)]
            rounds.append(_Round.run(g, model, mean, inside, _wide(net, OUTSIDE), rng))
            x, y = _with_new(x, y, rounds[-1])
            p, scatter = _counted(rounds)
            variation = float(np.hypot(scatter, spread))
            if rounds[-1].surprises or variation > 3.0 * target:
                break
            if len(rounds) * OUTSIDE >= LEAST_OUTSIDE and variation <= 0.7 * target:
                return FailureProbability(
                    "active learning", p, variation, g.runs - start, True, _checked(rounds, p)
                )
        else:
            break
        converged = 0
    why = "the failure region was not learned within the runs allowed"
    return FailureProbability("active learning", p, variation, g.runs - start, False, why)


@dataclass(frozen=True)
class _Round:
    """Checks u of a model that gave `mean` = E[pi], with their values of g: the first `INSIDE` drawn from pi phi, the
    others what was kept of `OUTSIDE` draws of the wide law; `surprises` fell to the side that the model excluded."""

    model: _Kriging
    mean: float
    u: FloatArray
    value: FloatArray
    surprises: int

    @staticmethod
    def run(
        g: LimitState,
        model: _Kriging,
        mean: float,
        inside: FloatArray,
        wide: FloatArray,
        rng: np.random.Generator,
    ) -> _Round:
        kept = wide[rng.random(len(wide)) >= _chance(model, wide)]
        u = np.concatenate([inside, kept])
        value, chance = g(u), _chance(model, u)
        wrong = np.where(value <= 0.0, chance < SURPRISE, chance > 1.0 - SURPRISE)
        return _Round(model, mean, u, value, int(wrong.sum()))


def _counted(rounds: list[_Round]) -> tuple[float, float]:
    """The sum of `active_learning` over all checks, and its coefficient of variation: runs drawn from pi_k phi are a
    stratum for each model, runs of the wide law that fail are counts."""
    u = np.concatenate([r.u for r in rounds])
    drawn = np.zeros(len(u))
    wide = _density(u, WIDE)
    for r in rounds:
        chance = _chance(r.model, u)
        drawn += INSIDE * chance / r.mean + OUTSIDE * (1.0 - chance) * wide
    each = np.where(np.concatenate([r.value for r in rounds]) <= 0.0, 1.0 / drawn, 0.0)
    p = float(each.sum())
    parts = np.split(each, np.cumsum([len(r.u) for r in rounds])[:-1])
    outside = np.concatenate([part[INSIDE:] for part in parts])
    variance = float(outside @ outside)  # of counts of rare events
    for model in {id(r.model) for r in rounds}:
        inside = np.concatenate(
            [q[:INSIDE] for r, q in zip(rounds, parts, strict=True) if id(r.model) == model]
        )
        least = 0.1 * float(inside.mean())  # so few runs may all agree by luck
        variance += len(inside) * max(float(inside.std(ddof=1)), least) ** 2
    return p, float(np.sqrt(variance)) / max(p, 1e-300)


def _checked(rounds: list[_Round], p: float) -> str:
    """What the checks can say: a region that holds a share 3 / n of the wide law is met by n draws with 95 %.

    It is the reach of the answer: the variation, hence `uq.reliability.Rare.interval`, and `trusted` hold for the
    regions met.  The density of the wide law is that at the failures met: of a region further out it says nothing.
    """
    u = np.concatenate([r.u[r.value <= 0.0] for r in rounds])
    n = OUTSIDE * len(rounds)
    outside = sum(int((r.value[INSIDE:] <= 0.0).sum()) for r in rounds)
    unseen = 3.0 / (n * float(np.median(_density(u, WIDE))))
    return (
        f"{INSIDE * len(rounds)} runs check the learned region; {n} draws elsewhere met {outside} failures: a further "
        f"region, as far out, above {unseen:.1g} ({unseen / p:.0%} of the answer) would have been met (95 %)"
    )


def _first_points(d: int, rng: np.random.Generator) -> FloatArray:
    """The centre, and a net of points spread over a ball of radius 5."""
    n = 8 + 4 * d
    unit = qmc.Sobol(d, scramble=True, rng=rng).random_base2(int(np.ceil(np.log2(n))))[:n]
    germs = special.ndtri(np.clip(unit, 1e-9, 1.0 - 1e-9))
    radius = np.linalg.norm(germs, axis=1, keepdims=True)
    uniform = special.gammainc(0.5 * d, 0.5 * radius**2) ** (1.0 / d)
    return np.concatenate([np.zeros((1, d)), 5.0 * germs / radius * uniform])


def _density(u: FloatArray, spreads: tuple[float, ...]) -> FloatArray:
    """Density (n,) of the mixture of normal laws of these spreads at u (n, d), by that of the standard normal law."""
    square = 0.5 * (u * u).sum(axis=1)
    return np.asarray(
        np.mean([np.exp(square * (1.0 - 1.0 / s**2)) / s ** u.shape[1] for s in spreads], axis=0)
    )


def _wide(net: qmc.Sobol, n: int) -> FloatArray:
    """The next n points of a net, spread by the mixture of `WIDE`: its first coordinate chooses the spread."""
    unit = np.clip(net.random(n), 1e-9, 1.0 - 1e-9)
    spread = np.array(WIDE)[(unit[:, 0] * len(WIDE)).astype(int)]
    return np.asarray(special.ndtri(unit[:, 1:]) * spread[:, None])


def _population(d: int, n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Candidates from a mixture of spreads, and their weights, such that weights @ f is the mean of f."""
    spread = np.repeat(SPREADS, n)
    u = rng.standard_normal((len(spread), d)) * spread[:, None]
    return u, 1.0 / (_density(u, SPREADS) * len(spread))


def _chance(model: _Kriging, u: FloatArray) -> FloatArray:
    mean, std = model.predict(u)
    return np.asarray(special.ndtr(-mean / np.maximum(CAUTION * std, 1e-12)))


def _where_uncertain(u: FloatArray, uncertainty: FloatArray, x: FloatArray, n: int) -> FloatArray:
    """n candidates with the most probability that is uncertain, kept apart from each other and from the runs."""
    best = np.argsort(-uncertainty)[:2000]
    u, uncertainty = u[best], uncertainty[best].copy()
    chosen = []
    distance = np.sqrt(((u[:, None] - x[None]) ** 2).sum(axis=2).min(axis=1))
    for _ in range(n):
        k = int(np.argmax(uncertainty * np.minimum(distance, 1.0) ** 2))
        chosen.append(u[k])
        distance = np.minimum(distance, np.sqrt(((u - u[k]) ** 2).sum(axis=1)))
    return np.array(chosen)


def _with_new(x: FloatArray, y: FloatArray, checks: _Round) -> tuple[FloatArray, FloatArray]:
    """The runs with those of the checks that are not too close to others to be factorised."""
    for u, value in zip(checks.u, checks.value, strict=True):
        if ((x - u) ** 2).sum(axis=1).min() > 1e-4:
            x, y = np.concatenate([x, u[None]]), np.append(y, value)
    return x, y
