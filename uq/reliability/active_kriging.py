"""Failure probabilities by active learning: a Kriging model asks for runs where its sign is uncertain.

What it learns only steers the sampling: the estimate itself is a weighted count of failures among further runs of the
model, some of them drawn where the Kriging model predicts that nothing fails.  What it has wrong is counted wherever
such runs meet it; a region of failure that none of them met is not, and the answer says how large that could be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, special
from scipy.stats import qmc

from uq.core.array_types import FloatArray
from uq.core.linear_algebra import one_thread
from uq.core.results import FailureProbability
from uq.reliability.design_point import DesignPoint
from uq.reliability.kriging import Kriging
from uq.reliability.limit_state import LimitState, OutOfRuns
from uq.reliability.mixture import Component, population, regions

SPREADS = (1.0, 1.5, 2.0, 2.6, 3.2)
"""Standard deviations of the normal laws whose mixture is searched for failure: out to a few 1e-7 and beyond."""

CANDIDATES = 2000
"""Candidates of each component while learning; four times as many for the last answer."""

UNCERTAINTY = 0.03
"""Learning ends once the failure probability that is uncertain is this share of the estimate."""

CAUTION = 1.5
"""Factor on the Kriging model's own standard deviation, which is too small at few points."""

NEVER = 1e-12
"""Failure less probable than this is not looked for any further."""

INSIDE, OUTSIDE = 6, 16
"""Runs of a round of checks: drawn from what the Kriging model says fails, and from a wide law where it says safe."""

MOST_OUTSIDE = 64
"""Draws of the wide law before an answer is trusted: 16 for each dimension but the first, at most so many
(*judgement*); then 4 a round."""

AIM = 0.6
"""Share of the wanted variation that checks must reach, since their own variation is an estimate from few."""

WIDE = SPREADS[1:]
"""Spreads of the wide law: runs within one standard deviation would say little about what is rare."""

SURPRISE = 0.05
"""A check that falls to the side to which the Kriging model gave less than this is learned from."""

HOPELESS = 0.7
"""If after 50 runs a dimension more than this share of the estimate is still uncertain, nothing is being learned."""

MOST_LEARNED = 1200
"""Runs that a Kriging model is learned from: its work grows with their cube."""


@one_thread()
def active_learning(
    g: LimitState,
    *,
    seed: int,
    target: float = 0.1,
    max_runs: float = 400,
    points: Sequence[DesignPoint] = (),
    least_outside: int | None = None,
) -> FailureProbability:
    """Learn the sign of g by Kriging, then count failures among checks, by what all rounds of checks had drawn::

        p = sum_i 1(g(u_i) <= 0) / r(u_i),   r = sum_k a_k pi_k / E[pi_k] + b_k (1 - pi_k) m / phi

    pi_k(u) = Phi(-m / (CAUTION s)) is the chance of failure by the Kriging mean m and standard deviation s of
    asinh(g / scale) as they stood in round k; a_k runs are drawn from pi_k phi / E[pi_k], and b_k from the normal
    mixture m of the spreads `WIDE`, each kept with the chance 1 - pi_k.  Runs to learn from go where w min(pi, 1 - pi)
    is large, w the importance weight of a candidate; candidates come from wide laws, from around the design `points`,
    and from where the model sees failure.  A surprise among the checks is learned from and checked again; no round is
    left out of the sum, nor out of the variation.  All runs that g remembers are learned from.

    The sum is unbiased for given pi_k, and consistent as they learn.  A region of failure that no check met adds
    nothing to it: `why` says how probable such a region can be, by the density of the wide law there.

    Parameters
    ----------
    g : LimitState
        Limit state: a function of germs (n, d) to values (n,), failure below zero.
    seed : int
        Of every random choice; the same seed gives the same result.
    target : float, default 0.1
        Wanted coefficient of variation.
    max_runs : float, default 400
        At most so many runs of the limit state.
    points : sequence of DesignPoint, default ()
        Design points around which candidates are drawn, too.
    least_outside : int, optional
        Draws of the wide law before an answer is trusted; by the dimension where it is not given.

    Returns
    -------
    FailureProbability

    References
    ----------
    Echard, Gayton & Lemaire (2011), doi:10.1016/j.strusafe.2011.01.002; Dubourg, Sudret & Deheeger (2013),
    doi:10.1016/j.probengmech.2013.02.002; the sum over rounds: Cornuet, Marin, Mira & Robert (2012),
    doi:10.1111/j.1467-9469.2011.00756.x; draws from a wide law: Hesterberg (1995),
    doi:10.1080/00401706.1995.10484303.
    """
    start = g.runs
    try:
        with g.within(max_runs):
            outside = int(np.clip(16 * (g.dimension - 1), 16, MOST_OUTSIDE))
            return _learned(g, seed, target, points, outside if least_outside is None else least_outside)
    except OutOfRuns:
        why = "the failure region was not learned within the runs allowed"
        return FailureProbability("active learning", np.nan, np.nan, g.runs - start, False, why)


def _learned(
    g: LimitState, seed: int, target: float, points: Sequence[DesignPoint], least_outside: int
) -> FailureProbability:
    start, d = g.runs, g.dimension
    rng = np.random.default_rng(seed)
    net = qmc.Sobol(d + 1, scramble=True, rng=rng)
    g(_first_points(d, len(points), rng))
    laws = [Component.wide(d, s) for s in SPREADS] + [Component.at(point.u) for point in points]
    followed: list[Component] = []
    model: Kriging | None = None
    around, learned = np.empty((0, d)), 0
    rounds: list[_Round] = []
    p = variation = np.nan
    converged, empty = 0, 0

    def result(p: float, variation: float, trusted: bool, why: str) -> FailureProbability:
        unknown = _unknown(rounds)
        return FailureProbability("active learning", p, variation, g.runs - start, trusted, why, unknown)

    while g.left >= 1:
        x, y = _apart(*g.remembered)
        if len(x) < d + 2 or len(x) > MOST_LEARNED:
            break
        scale = max(float(np.median(np.abs(y))), 1e-300)
        learn = len(x) >= 1.15 * learned
        learned = len(x) if learn else learned
        try:
            if learn or model is None:
                model = Kriging.turned(x, np.arcsinh(y / scale), model, around)
            else:
                model = Kriging.fit(x, np.arcsinh(y / scale), model.basis, model.scales, False)
        except linalg.LinAlgError:
            break
        u, weights = population([*laws, *followed], CANDIDATES, rng)
        chance = _chance(model, u)
        followed = regions(u, weights * chance)
        expected = float(weights @ chance)
        uncertainty = weights * np.minimum(chance, 1.0 - chance)
        around = u[rng.choice(len(u), 500, p=weights * chance / expected)] if expected > 0.0 else u[:500]
        if expected < NEVER:
            empty += 1
            if empty > 3:
                return result(np.nan, np.nan, False, "no failure was met, nor is any expected")
        if uncertainty.sum() > HOPELESS * expected and len(x) > max(150, 50 * d):
            break
        converged = converged + 1 if uncertainty.sum() < _enough(d) * expected else 0
        if converged < 2:
            if converged == 0:
                n = int(min(max(1 + d, len(x) // 8), g.left))
                g(_where_uncertain(u, uncertainty, x, n))
            continue
        u, weights = population([*laws, *followed], 4 * CANDIDATES, rng)
        chance = _chance(model, u)
        mean = float(weights @ chance)
        spread = float(np.sqrt(np.sum((weights * chance) ** 2))) / mean
        while g.left >= INSIDE + OUTSIDE:
            inside = u[rng.choice(len(u), INSIDE, p=weights * chance / mean)]
            drawn = sum(r.outside for r in rounds)
            wide = _wide(net, OUTSIDE if drawn < least_outside else 4)
            rounds.append(_Round.run(g, model, mean, inside, wide, rng))
            p, scatter = _counted(rounds)
            variation = float(np.hypot(scatter, spread))
            if rounds[-1].surprises or variation > 3.0 * target:
                break
            if drawn + len(wide) >= least_outside and variation <= AIM * target:
                return result(p, variation, True, _checked(rounds, p))
        else:
            break
        converged = 0
    return result(p, variation, False, "the failure region was not learned within the runs allowed")


def _enough(d: int) -> float:
    """The share of the estimate that may be uncertain when checks begin.

    In few dimensions the limit itself is learned.  In more it never quite is: there the checks, which are learned from
    too, measure what is left.
    """
    return UNCERTAINTY if d <= 3 else 0.2


@dataclass(frozen=True)
class _Round:
    """Checks u of a model that gave `mean` = E[pi], with their values of g: the first `INSIDE` drawn from pi phi, the
    others what was kept of `outside` draws of the wide law; `surprises` fell to the side that the model excluded."""

    model: Kriging
    mean: float
    outside: int
    u: FloatArray
    value: FloatArray
    surprises: int

    @staticmethod
    def run(
        g: LimitState,
        model: Kriging,
        mean: float,
        inside: FloatArray,
        wide: FloatArray,
        rng: np.random.Generator,
    ) -> _Round:
        kept = wide[rng.random(len(wide)) >= _chance(model, wide)]
        u = np.concatenate([inside, kept])
        value, chance = g(u), _chance(model, u)
        wrong = np.where(value <= 0.0, chance < SURPRISE, chance > 1.0 - SURPRISE)
        return _Round(model, mean, len(wide), u, value, int(wrong.sum()))


def _drawn(rounds: list[_Round], u: FloatArray) -> FloatArray:
    """r of `active_learning` (n,) at germs u (n, d): how densely all rounds have drawn there."""
    wide = _density(u)
    drawn = np.zeros(len(u))
    models = {id(r.model): r for r in rounds}
    for key, one in models.items():
        same = [r for r in rounds if id(r.model) == key]
        chance = _chance(one.model, u)
        drawn += len(same) * INSIDE * chance / one.mean
        drawn += sum(r.outside for r in same) * (1.0 - chance) * wide
    return drawn


def _counted(rounds: list[_Round]) -> tuple[float, float]:
    """The sum of `active_learning` over all checks, and its coefficient of variation: runs drawn from pi_k phi are a
    stratum for each model, runs of the wide law that fail are counts."""
    u = np.concatenate([r.u for r in rounds])
    each = np.where(np.concatenate([r.value for r in rounds]) <= 0.0, 1.0 / _drawn(rounds, u), 0.0)
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


def _unknown(rounds: list[_Round]) -> float:
    """The probability of germs where the model failed to run, by the same sum."""
    lost = [r.u[np.isnan(r.value)] for r in rounds]
    u = np.concatenate(lost) if lost else np.empty((0, 1))
    return float((1.0 / _drawn(rounds, u)).sum()) if len(u) else 0.0


def _checked(rounds: list[_Round], p: float) -> str:
    """What the checks can say: a region that holds a share 3 / n of the wide law is met by n draws with 95 %.

    It is the reach of the answer: the variation, hence `uq.core.results.Rare.interval`, and `trusted` hold for the
    regions met.  The density of the wide law is that at the failures met: of a region further out it says nothing.
    """
    u = np.concatenate([r.u[r.value <= 0.0] for r in rounds])
    n = sum(r.outside for r in rounds)
    outside = sum(int((r.value[INSIDE:] <= 0.0).sum()) for r in rounds)
    unseen = 3.0 / (n * float(np.median(_density(u))))
    head = f"{INSIDE * len(rounds)} runs check the learned region; {n} draws elsewhere met {outside} failures"
    if unseen > p:
        return f"{head}: too few to exclude a further region as probable as this"
    return (
        f"{head}: a further region, as far out, above {unseen:.1g} ({unseen / p:.0%} of the answer) would have been "
        "met (95 %)"
    )


def _first_points(d: int, known: int, rng: np.random.Generator) -> FloatArray:
    """The centre, and a net of points spread over a ball of radius 5: fewer if design points were searched."""
    n = 8 + 4 * d if not known else 2 * d
    unit = qmc.Sobol(d, scramble=True, rng=rng).random_base2(int(np.ceil(np.log2(n))))[:n]
    germs = special.ndtri(np.clip(unit, 1e-9, 1.0 - 1e-9))
    radius = np.linalg.norm(germs, axis=1, keepdims=True)
    uniform = special.gammainc(0.5 * d, 0.5 * radius**2) ** (1.0 / d)
    ball = 5.0 * germs / radius * uniform
    return ball if known else np.concatenate([np.zeros((1, d)), ball])


def _density(u: FloatArray) -> FloatArray:
    """Density (n,) of the wide law at u (n, d), by that of the standard normal law."""
    square = 0.5 * (u * u).sum(axis=1)
    return np.asarray(np.mean([np.exp(square * (1.0 - 1.0 / s**2)) / s ** u.shape[1] for s in WIDE], axis=0))


def _wide(net: qmc.Sobol, n: int) -> FloatArray:
    """The next n points of a net, spread by the mixture of `WIDE`: its first coordinate chooses the spread."""
    unit = np.clip(net.random(n), 1e-9, 1.0 - 1e-9)
    spread = np.array(WIDE)[(unit[:, 0] * len(WIDE)).astype(int)]
    return np.asarray(special.ndtri(unit[:, 1:]) * spread[:, None])


def _chance(model: Kriging, u: FloatArray) -> FloatArray:
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


def _apart(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Runs without those too close to an earlier one for the covariance to be factorised."""
    squares = (x * x).sum(axis=1)
    near = squares[:, None] + squares - 2.0 * (x @ x.T) < 1e-4
    kept: list[int] = []
    for i in range(len(x)):
        if not near[i, kept].any():
            kept.append(i)
    return x[kept], y[kept]
