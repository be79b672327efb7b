"""Checks of a learned limit: further runs, some where the model predicts no failure, and their weighted count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.stats import qmc

from uq.core.array_types import FloatArray
from uq.reliability.kriging import Kriging
from uq.reliability.limit_state import LimitState

CAUTION = 1.5
"""Factor on the Kriging model's own standard deviation, which is too small at few points."""

INSIDE = 6
"""Runs of a round that are drawn from what the Kriging model says fails; the others come from a wide law."""

WIDE = (1.5, 2.0, 2.6, 3.2)
"""Spreads of the normal laws whose mixture is the wide law: runs within one standard deviation would say little about
what is rare."""

SURPRISE = 0.05
"""A check that falls to the side to which the Kriging model gave less than this is learned from."""

FARTHEST = 9.0
"""Germs beyond which no ring is asked: probability 1e-19."""


@dataclass(frozen=True)
class Round:
    """Checks u of a model that gave `mean` = E[pi], with their values of g: the first `INSIDE` drawn from pi phi, the
    others what was kept of `outside` draws of the wide law; `surprises` fell to the side that the model excluded."""

    model: Kriging
    """Whose excluded sides are checked."""
    mean: float
    outside: int
    u: FloatArray
    """(r, d) germs of the checks."""
    value: FloatArray
    """g at the checks."""
    surprises: int

    @staticmethod
    def run(
        g: LimitState,
        model: Kriging,
        mean: float,
        inside: FloatArray,
        wide: FloatArray,
        rng: np.random.Generator,
    ) -> Round:
        """Run the checks: those inside, and what is kept of the wide draws.

        Parameters
        ----------
        g : LimitState
            The limit state.
        model : Kriging
            Of asinh of the scaled margin.
        mean : float
            E[pi].
        inside : FloatArray
            Germs (`INSIDE`, d) drawn from pi phi.
        wide : FloatArray
            Germs (n, d) drawn from the wide law.
        rng : numpy.random.Generator
            The source of randomness.

        Returns
        -------
        Round
            The checks with their values.
        """
        kept = wide[rng.random(len(wide)) >= failure_chance(model, wide)]
        u = np.concatenate([inside, kept])
        value = g(u)
        return Round(model, mean, len(wide), u, value, surprises(model, u, value))


def failure_chance(model: Kriging, u: FloatArray) -> FloatArray:
    """pi (n,) of `uq.reliability.active_kriging.active_learning` at germs u (n, d).

    Parameters
    ----------
    model : Kriging
        Of asinh of the scaled margin.
    u : FloatArray
        Germs (n, d).

    Returns
    -------
    FloatArray
        Chances (n,) of failure.
    """
    mean, std = model.predict(u)
    return np.asarray(special.ndtr(-mean / np.maximum(CAUTION * std, 1e-12)))


def surprises(model: Kriging, u: FloatArray, value: FloatArray) -> int:
    """How many margins (n,) at germs u (n, d) fell to the side that the model excluded.

    Parameters
    ----------
    model : Kriging
        Of asinh of the scaled margin.
    u : FloatArray
        Germs (n, d).
    value : FloatArray
        Margins (n,) there.

    Returns
    -------
    int
        How many.
    """
    chance = failure_chance(model, u)
    return int(np.where(value <= 0.0, chance < SURPRISE, chance > 1.0 - SURPRISE).sum())


def ring(d: int, probability: float, rng: np.random.Generator) -> FloatArray:
    """Germs (2 d, d) both ways along d square directions, turned at random, so far out that every half-space of at
    least the probability holds one of them::

        R = sqrt(d) beta,   beta = -Phi^-1(probability)

    for a half-space's unit normal has a component of at least 1 / sqrt(d) along one of the directions.

    Parameters
    ----------
    d : int
        Number of germs.
    probability : float
        Of failure.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    FloatArray
        Germs (2 d, d).
    """
    turned = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return ring_radius(d, probability) * np.concatenate([turned, -turned])


def ring_radius(d: int, probability: float) -> float:
    """R of `ring`, at most `FARTHEST`.

    Parameters
    ----------
    d : int
        Number of germs.
    probability : float
        Of failure.

    Returns
    -------
    float
        Distance from the origin, in germs.
    """
    beta = max(float(-special.ndtri(min(max(probability, 1e-300), 0.5))), 1.0)
    return float(min(np.sqrt(d) * beta, FARTHEST))


def drawn(rounds: Sequence[Round], u: FloatArray) -> FloatArray:
    """r of `uq.reliability.active_kriging.active_learning` (n,) at germs u (n, d): how densely all rounds have drawn
    there.

    Parameters
    ----------
    rounds : sequence of Round
        All rounds so far.
    u : FloatArray
        Germs (n, d).

    Returns
    -------
    FloatArray
        Density r (n,) of all draws, by that of the standard normal law.
    """
    wide = density(u)
    total = np.zeros(len(u))
    models = {id(r.model): r for r in rounds}
    for key, one in models.items():
        same = [r for r in rounds if id(r.model) == key]
        chance = failure_chance(one.model, u)
        total += len(same) * INSIDE * chance / one.mean
        total += sum(r.outside for r in same) * (1.0 - chance) * wide
    return total


def counted(rounds: Sequence[Round]) -> tuple[float, float]:
    """The sum of `uq.reliability.active_kriging.active_learning` over all checks, and its coefficient of variation:
    runs drawn from pi_k phi are a stratum for each model, runs of the wide law that fail are counts.

    Parameters
    ----------
    rounds : sequence of Round
        All rounds so far.

    Returns
    -------
    p : float
        The sum.
    variation : float
        Its coefficient of variation.
    """
    u = np.concatenate([r.u for r in rounds])
    each = np.where(np.concatenate([r.value for r in rounds]) <= 0.0, 1.0 / drawn(rounds, u), 0.0)
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


def unknown(rounds: Sequence[Round]) -> float:
    """The probability of germs where the model failed to run, by the same sum.

    Parameters
    ----------
    rounds : sequence of Round
        All rounds so far.

    Returns
    -------
    float
        The probability.
    """
    lost = [r.u[np.isnan(r.value)] for r in rounds]
    u = np.concatenate(lost) if lost else np.empty((0, 1))
    return float((1.0 / drawn(rounds, u)).sum()) if len(u) else 0.0


def reach(rounds: Sequence[Round], p: float, searched: int, met: int) -> str:
    """What the checks can say, if `searched` draws of the wide law before them met `met` failures: a region that holds
    a share 3 / n of the wide law is met by n draws with 95 %.

    It is the reach of the answer: the variation, hence `uq.core.results.Rare.interval`, and `trusted` hold for the
    regions met.  The density of the wide law is that at the failures met: of a region further out it says nothing.

    Parameters
    ----------
    rounds : sequence of Round
        All rounds so far.
    p : float
        The answer.
    searched : int
        Draws of the wide law before learning.
    met : int
        Failures among them.

    Returns
    -------
    str
        Runs, failures met, and what they exclude.
    """
    u = np.concatenate([r.u[r.value <= 0.0] for r in rounds])
    n = searched + sum(r.outside for r in rounds)
    outside = met + sum(int((r.value[INSIDE:] <= 0.0).sum()) for r in rounds)
    unseen = 3.0 / (n * float(np.median(density(u))))
    head = f"{INSIDE * len(rounds)} runs check the learned region; {n} draws elsewhere met {outside} failures"
    if unseen > p:
        return f"{head}: too few to exclude a further region as probable as this"
    return (
        f"{head}: a further region, as far out, above {unseen:.1g} ({unseen / p:.0%} of the answer) would have been "
        "met (95 %)"
    )


def density(u: FloatArray) -> FloatArray:
    """Density (n,) of the wide law at u (n, d), by that of the standard normal law.

    Parameters
    ----------
    u : FloatArray
        Germs (n, d).

    Returns
    -------
    FloatArray
        Densities (n,).
    """
    square = 0.5 * (u * u).sum(axis=1)
    return np.asarray(np.mean([np.exp(square * (1.0 - 1.0 / s**2)) / s ** u.shape[1] for s in WIDE], axis=0))


def wide_draws(net: qmc.Sobol, n: int) -> FloatArray:
    """The next n points of a net, spread by the mixture of `WIDE`: its first coordinate chooses the spread.

    Parameters
    ----------
    net : scipy.stats.qmc.Sobol
        In d + 1 dimensions.
    n : int
        Number of draws.

    Returns
    -------
    FloatArray
        Germs (n, d).
    """
    unit = np.clip(net.random(n), 1e-9, 1.0 - 1e-9)
    spread = np.array(WIDE)[(unit[:, 0] * len(WIDE)).astype(int)]
    return np.asarray(special.ndtri(unit[:, 1:]) * spread[:, None])


def where_uncertain(u: FloatArray, uncertainty: FloatArray, x: FloatArray, n: int) -> FloatArray:
    """Candidates with the most probability that is uncertain, kept apart from each other and from the runs.

    Parameters
    ----------
    u : FloatArray
        Candidates (k, d), in germs.
    uncertainty : FloatArray
        Probability (k,) that is uncertain at each.
    x : FloatArray
        Germs (m, d) of the runs.
    n : int
        How many.

    Returns
    -------
    FloatArray
        Germs (n, d).
    """
    best = np.argsort(-uncertainty)[:2000]
    u, uncertainty = u[best], uncertainty[best].copy()
    chosen = []
    distance = np.sqrt(((u[:, None] - x[None]) ** 2).sum(axis=2).min(axis=1))
    for _ in range(n):
        k = int(np.argmax(uncertainty * np.minimum(distance, 1.0) ** 2))
        chosen.append(u[k])
        distance = np.minimum(distance, np.sqrt(((u - u[k]) ** 2).sum(axis=1)))
    return np.array(chosen)
