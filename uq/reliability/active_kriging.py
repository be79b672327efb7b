"""Failure probabilities by active learning: a Kriging model asks for runs where its sign is uncertain.

What it learns only steers the sampling: the estimate itself is a weighted count of failures among further runs of the
model, some of them drawn where the Kriging model predicts that nothing fails.  What it has wrong is counted wherever
such runs meet it; a region of failure that none of them met is not, and the answer says how large that could be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import linalg, special
from scipy.stats import qmc

from uq.core.array_types import FloatArray
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability
from uq.reliability.checks import (
    INSIDE,
    Round,
    counted,
    failure_chance,
    reach,
    ring,
    ring_radius,
    surprises,
    unknown,
    where_uncertain,
    wide_draws,
)
from uq.reliability.design_point import DesignPoint
from uq.reliability.kriging import Kriging
from uq.reliability.limit_state import LimitState, OutOfRuns
from uq.reliability.mixture import Component, population, regions
from uq.reliability.response_surface import NEVER, SPREADS, Search, response_surface

CANDIDATES = 2000
"""Candidates of each component while learning; four times as many for the last answer."""

UNCERTAINTY = 0.02
"""Learning ends once the failure probability that is uncertain is this share of the estimate."""

OUTSIDE = 16
"""Draws of a wide law of a round of checks."""

SEARCHED_FIRST = 3
"""Up to so many dimensions the wide law is drawn before anything is learned: its runs are what learning starts from."""

MOST_OUTSIDE = 64
"""Draws of the wide law before an answer is trusted: 16 for each dimension but the first, at most so many
(*judgement*); then 4 a round."""

AIM = 0.6
"""Share of the wanted variation that checks must reach, since their own variation is an estimate from few."""

HOPELESS = 0.7
"""If after 50 runs a dimension more than this share of the estimate is still uncertain, nothing is being learned."""

PLAIN = 0.3
"""Learning that has cost this share of the plain samples that would do is given up: failure is frequent."""

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

    Up to `SEARCHED_FIRST` dimensions the draws that look for other regions come first, and learning starts from them:
    they exclude as much as draws made later, and no net of points nor a search for design points is paid besides.
    Before the first check a ring (`uq.reliability.checks.ring`) is asked that no half-space as probable as the answer
    can evade.  If a model predicts the values of these runs, nothing is left to learn, and the answer is that of
    `uq.reliability.response_surface.response_surface`.

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
            return _learned(g, seed, target, points, least_outside)
    except OutOfRuns:
        why = "the failure region was not learned within the runs allowed"
        return FailureProbability("active learning", np.nan, np.nan, g.runs - start, False, why)


def _learned(
    g: LimitState, seed: int, target: float, points: Sequence[DesignPoint], asked_outside: int | None
) -> FailureProbability:
    start, d = g.runs, g.dimension
    rng = np.random.default_rng(seed)
    net = qmc.Sobol(d + 1, scramble=True, rng=rng)
    search = Search(0, 0, 0.0)
    least_outside = int(np.clip(16 * (d - 1), 16, MOST_OUTSIDE)) if asked_outside is None else asked_outside
    if d <= SEARCHED_FIRST and least_outside >= 4 * d:
        found, search = response_surface(
            g, net, rng, target=target, draws=least_outside, all_draws=asked_outside is not None
        )
        if found is not None:
            return found
    else:
        g(_first_points(d, len(points), rng))
    laws = [Component.wide(d, s) for s in SPREADS] + [Component.at(point.u) for point in points]
    followed: list[Component] = []
    model: Kriging | None = None
    around, learned = np.empty((0, d)), 0
    rounds: list[Round] = []
    p = variation = np.nan
    converged, empty = 0, 0

    def result(p: float, variation: float, trusted: bool, why: str) -> FailureProbability:
        return FailureProbability(
            "active learning", p, variation, g.runs - start, trusted, why, unknown(rounds)
        )

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
        chance = failure_chance(model, u)
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
        if g.runs - start > PLAIN / (max(expected, NEVER) * target**2):
            break
        converged = converged + 1 if uncertainty.sum() < _enough(d) * expected else 0
        if converged < 2:
            if converged == 0:
                n = int(min(max(1 + d, len(x) // 8), g.left))
                g(where_uncertain(u, uncertainty, x, n))
            continue
        u, weights = population([*laws, *followed], 4 * CANDIDATES, rng)
        chance = failure_chance(model, u)
        mean = float(weights @ chance)
        spread = float(np.sqrt(np.sum((weights * chance) ** 2))) / mean
        if d <= SEARCHED_FIRST and not search.covers(d, mean):
            far = ring(d, mean, rng)
            search = replace(search, radius=ring_radius(d, mean))
            if surprises(model, far, g(far)):
                converged = 0
                continue
        while g.left >= INSIDE + 4:
            inside = u[rng.choice(len(u), INSIDE, p=weights * chance / mean)]
            drawn = search.drawn + sum(r.outside for r in rounds)
            wide = wide_draws(net, OUTSIDE if drawn < least_outside else 4)
            rounds.append(Round.run(g, model, mean, inside, wide, rng))
            p, scatter = counted(rounds)
            variation = float(np.hypot(scatter, spread))
            if rounds[-1].surprises or variation > 3.0 * target:
                break
            if drawn + len(wide) >= least_outside and variation <= AIM * target:
                # where the limit is never quite learned, few checks agree by luck: they ended as soon as they did
                claimed = variation if d <= SEARCHED_FIRST else max(variation, AIM * target)
                return result(p, claimed, True, reach(rounds, p, search.drawn, search.met))
        else:
            break
        converged = 0
    return result(p, variation, False, "the failure region was not learned within the runs allowed")


def learnable(g: LimitState) -> tuple[FloatArray, FloatArray]:
    """The runs that a Kriging model can be learned from.

    Parameters
    ----------
    g : LimitState
        The limit state, with its runs.

    Returns
    -------
    u : FloatArray
        Germs (n, d), no two too close for the covariance to be factorised, at most `MOST_LEARNED`.
    value : FloatArray
        Margins (n,) there.
    """
    u, value = g.remembered
    return _apart(u[:MOST_LEARNED], value[:MOST_LEARNED])


def _enough(d: int) -> float:
    """The share of the estimate that may be uncertain when checks begin.

    In few dimensions the limit itself is learned.  In more it never quite is: there the checks, which are learned from
    too, measure what is left.
    """
    return UNCERTAINTY if d <= 3 else 0.2


def _first_points(d: int, known: int, rng: np.random.Generator) -> FloatArray:
    """The centre, and a net of points spread over a ball of radius 5: fewer if design points were searched."""
    n = 8 + 4 * d if not known else 2 * d
    unit = qmc.Sobol(d, scramble=True, rng=rng).random_base2(int(np.ceil(np.log2(n))))[:n]
    germs = special.ndtri(np.clip(unit, 1e-9, 1.0 - 1e-9))
    radius = np.linalg.norm(germs, axis=1, keepdims=True)
    uniform = special.gammainc(0.5 * d, 0.5 * radius**2) ** (1.0 / d)
    ball = 5.0 * germs / radius * uniform
    return ball if known else np.concatenate([np.zeros((1, d)), ball])


def _apart(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Runs without those too close to an earlier one for the covariance to be factorised."""
    squares = (x * x).sum(axis=1)
    near = squares[:, None] + squares - 2.0 * (x @ x.T) < 1e-4
    kept: list[int] = []
    for i in range(len(x)):
        if not near[i, kept].any():
            kept.append(i)
    return x[kept], y[kept]
