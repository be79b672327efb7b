"""Rare events: the probability that an output passes a limit, by whichever method can be trusted, which is said."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Literal

import numpy as np
from scipy import special

from uq.core.confidence_intervals import clopper_pearson
from uq.core.estimate import CONFIDENCE, SEED, check_probability, require_confidence
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.results import FailureProbability, Rare
from uq.reliability.active_kriging import SEARCHED_FIRST, active_learning
from uq.reliability.design_point import DesignPoint, design_points, first_order, met_elsewhere
from uq.reliability.failure_event import dependence_of, design_points_of, learned_margin, second_order_of
from uq.reliability.importance_sampling import BATCH, importance_sampling
from uq.reliability.limit_state import HasBounds, LimitState
from uq.reliability.line_sampling import line_sampling
from uq.reliability.monte_carlo import monte_carlo
from uq.reliability.subset_simulation import subset_simulation
from uq.surrogates.base import Surrogate

FEW_DIMENSIONS = 10
"""Up to so many inputs a design point costs less than lines, and a Kriging model learns what it leaves open."""

FEWEST_RUNS = 100
"""Fewer can neither learn a limit nor bound a probability by plain samples below 3 %."""

FREQUENT = 0.1
"""From this, plain samples are cheap enough."""

FIRST_SAMPLES = 32
"""Plain samples that say whether failure is frequent."""


@one_thread()
def failure_probability(
    source: Problem | Surrogate,
    output: str,
    *,
    below: float | None = None,
    above: float | None = None,
    target: float = 0.1,
    max_runs: int = 50_000,
    search_runs: int | None = None,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Rare:
    """Probability that `output` is at most `below`, or at least `above`, to a coefficient of variation of `target`.

    No single method is right everywhere, so they are tried, cheap ones first, until one passes its own checks:

    1. up to 10 inputs: design points from several starts (`uq.reliability.design_point`), and from them a Kriging model
       that is learned where its sign is uncertain and checked by further runs (`uq.reliability.active_kriging`).  Up
       to three inputs the model is learned first, from the draws that look for other regions: it then costs less than
       a design point, which is searched on the model learned.  If a polynomial or Kriging predicts the value of each
       such run from the others, these runs are all that is needed (`uq.reliability.response_surface`).
    2. importance sampling around the design points (`uq.reliability.importance_sampling`), trusted if the sample bears
       out the linear picture.
    3. line sampling (`uq.reliability.line_sampling`), first where there are more than 10 inputs.  Neither this nor 2 is
       tried where a run failed far from all design points: they would miss its region.
    4. subset simulation (`uq.reliability.subset_simulation`).
    5. Monte Carlo: at once where failure is frequent (10 % or more), and last with what runs are left, unless subset
       simulation has met failures: at least its interval is exact.

    Where 1 answers, a second-order probability on the learned margin (`uq.reliability.sorm`) is given with it, at no
    run.
    If none is trusted, the answer with the least variation is kept.  A run in which the model raises, says that it
    failed or is not finite is neither failure nor success of the limit: `failed_runs` counts such runs, and the
    interval reaches up by their probability.  Intervals hold what was met: no method can exclude a region that it never
    met.  Through a Surrogate its own error is not included.

    Parameters
    ----------
    source : Problem or Surrogate
        The model that is run, or a surrogate.
    output : str
        Whose limit is asked about.
    below, above : float, optional
        The limit, in the unit of the output; one of the two.
    target : float
        Wanted coefficient of variation.
    max_runs : int
        Upper bound on model runs, at least 100.
    search_runs : int, optional
        Draws of a wide law that look for regions of failure of which nothing else tells, before an answer of 1 is
        trusted (None: 16 for each input but the first, at most 64, fewer if all values come out as predicted); `why`
        says what they would have met.
    confidence : float
        Of the interval.
    seed : int
        Of every random choice.

    Returns
    -------
    Rare
        The probability with its interval, and every method that was tried.

    Raises
    ------
    ValueError
        As `uq.reliability.limit_state.LimitState.of` does; for a budget too small for any method; if the model gives no
        answer where all inputs have their medians.

    Examples
    --------
    >>> from uq import Input, Normal, Output, Problem, failure_probability
    >>> inputs = (Input("load", "N", Normal(0.0, 1.0)), Input("strength", "N", Normal(4.0, 1.0)))
    >>> problem = Problem(inputs, (Output("margin"),), lambda c: {"margin": c["strength"] - c["load"]})
    >>> found = failure_probability(problem, "margin", below=0.0)
    >>> abs(found.probability / 0.002339 - 1.0) < 0.1, found.trusted, found.runs < 60
    (True, True, True)
    """
    g = LimitState.of(source, output, below=below, above=above)
    return _answered(source, output, g, target, max_runs, search_runs, confidence, seed)


@one_thread()
def system_failure_probability(
    source: Problem | Surrogate,
    limits: Sequence[HasBounds],
    *,
    fails: Literal["any", "all"] = "any",
    target: float = 0.1,
    max_runs: int = 50_000,
    search_runs: int | None = None,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Rare:
    """Probability that one of several limits is broken (``fails="any"``, a series system), or that all are (parallel).

    As `failure_probability`; each limit of a series system has a search for design points of its own.

    Parameters
    ----------
    source : Problem or Surrogate
        The model that is run, or a surrogate.
    limits : sequence of Limit
        Such as ``[uq.Limit("mass", high=900.0), uq.Limit("margin", low=0.0)]``.
    fails : {"any", "all"}
        Whether one broken limit is a failure, or only all.
    target, max_runs, search_runs, confidence, seed
        As `failure_probability`.

    Returns
    -------
    Rare
        The probability with its interval, and every method that was tried.

    Raises
    ------
    ValueError
        As `failure_probability`, and `uq.reliability.limit_state.LimitState.system`, such as without limits.
    """
    g = LimitState.system(source, limits, fails)
    return _answered(
        source, f"{fails} of {g.count} limits", g, target, max_runs, search_runs, confidence, seed
    )


def _answered(
    source: Problem | Surrogate,
    name: str,
    g: LimitState,
    target: float,
    max_runs: int,
    search_runs: int | None,
    confidence: float,
    seed: int,
) -> Rare:
    check_probability("target", target)
    require_confidence(confidence)
    for option, count in (("max_runs", max_runs), ("search_runs", search_runs or 0), ("seed", seed)):
        if not isinstance(count, Real) or not float(count).is_integer():
            raise ValueError(f"{option} is a whole number, got {count!r}")
    if seed < 0:
        raise ValueError(f"a seed is a whole number from 0, got {seed}")
    if max_runs < FEWEST_RUNS:
        raise ValueError(
            f"{max_runs} runs are too few for any method to find or exclude a rare event: allow {FEWEST_RUNS} or more"
        )
    if search_runs is not None and not 0 <= search_runs < max_runs:
        raise ValueError(f"search_runs lies between 0 and max_runs {max_runs}, got {search_runs}")
    problem = source if isinstance(source, Problem) else source.problem
    with g.within(max_runs):
        tried, points = _tried(g, target, search_runs, seed)
    best = _best_supported(tried)
    dependence = np.full(g.dimension, np.nan)
    if best.trusted and (margin := learned_margin(g, best.method)) is not None:
        points = points or design_points_of(margin, g.dimension)
        dependence = dependence_of(margin, points, g.dimension, seed)
        if points:
            tried.append(second_order_of(margin, points, g.dimension))
    low, high = _interval(best, confidence)
    importance = points[0].importance if points else np.full(g.dimension, np.nan)
    disputed = any(_disputes(other, best) for other in tried)
    known = best.unknown <= target * best.probability
    return Rare(
        output=name,
        probability=best.probability,
        variation=best.variation,
        interval=(low, min(high + best.unknown, 1.0)),
        runs=g.runs,
        method=best.method,
        trusted=best.trusted and known and not disputed,
        tried=tuple(tried),
        confidence=confidence,
        failed_runs=g.failed,
        inputs=problem.input_names,
        importance=importance,
        dependence=dependence,
        design_points=np.array([point.u for point in points]).reshape(len(points), g.dimension),
    )


def _tried(
    g: LimitState, target: float, search_runs: int | None, seed: int
) -> tuple[list[FailureProbability], tuple[DesignPoint, ...]]:
    """Answers in the order of the methods, the last trusted if any is, and the design points."""
    tried: list[FailureProbability] = []
    points: tuple[DesignPoint, ...] = ()
    few = g.dimension <= FEW_DIMENSIONS

    def learned() -> FailureProbability:
        # what is left must do for plain samples, which at least bound the probability
        most = min(int(0.7 * g.left), 200 + 60 * g.dimension + (search_runs or 0))
        return active_learning(
            g, seed=seed, target=target, max_runs=most, points=points, least_outside=search_runs
        )

    before, frequent = g.runs, not g.centre() > 0.0
    first = g.dimension <= SEARCHED_FIRST and not frequent
    if first:
        tried.append(learned())
        if tried[0].trusted:
            return tried, points
        before = g.runs
    if few and not frequent:
        points = design_points(g)
        if points:
            tried.append(first_order(points, g.runs - before))
            frequent = tried[-1].probability >= FREQUENT
    if (frequent or not few) and g.left >= FIRST_SAMPLES:
        share = monte_carlo(g, FIRST_SAMPLES, seed=seed, target=target).probability
        if share >= FREQUENT:
            n = int(min(g.left, np.ceil(1.5 / (share * target**2))))
            tried.append(monte_carlo(g, n, seed=seed + 1, target=target))
    if _open(tried) and few and not first:
        tried.append(learned())
    # what failed elsewhere is of a region that neither of the next two would see
    one_picture = not few or met_elsewhere(g, points) == 0
    if _open(tried) and points and one_picture and g.left >= BATCH:
        most = int(min(g.left, 2000))
        tried.append(importance_sampling(g, points, seed=seed, target=target, max_runs=most))
    if _open(tried) and one_picture and g.left > 3 * g.dimension + 200 and g.centre() > 0.0:
        most, point = int(min(g.left, 5000)), points[0] if len(points) == 1 else None
        tried.append(line_sampling(g, seed=seed, target=target, max_runs=most, point=point))
    if _open(tried) and g.left > 5000:
        tried.append(subset_simulation(g, seed=seed, target=target, max_runs=int(g.left)))
    met = bool(tried) and tried[-1].method == "subset simulation" and tried[-1].probability > 0.0
    if _open(tried) and not met and g.left >= 1:
        n = int(min(g.left, np.ceil(3.0 / target**2) * 100))
        tried.append(monte_carlo(g, n, seed=seed + 2, target=target))
    return tried, points


def _open(tried: Sequence[FailureProbability]) -> bool:
    return not any(one.trusted for one in tried)


def _best_supported(tried: Sequence[FailureProbability]) -> FailureProbability:
    """The trusted answer; else the one of least variation; else what plain samples say, even if they met nothing."""
    trusted = [one for one in tried if one.trusted]
    numbers = [one for one in tried if np.isfinite(one.variation) and one.probability > 0.0]
    if trusted or numbers:
        return min(trusted or numbers, key=lambda one: one.variation)
    return next((one for one in reversed(tried) if one.method == "Monte Carlo"), tried[-1])


def _disputes(other: FailureProbability, best: FailureProbability) -> bool:
    """Whether another answer with a variation of its own lies above the best by more than three standard errors of
    both: failures that were met cannot be argued away."""
    if other is best or not (np.isfinite(other.variation) and other.probability > best.probability):
        return False
    errors = float(np.hypot(other.error, best.error)) if np.isfinite(best.variation) else other.error
    return bool(other.probability - best.probability > 3.0 * errors)


def _interval(best: FailureProbability, confidence: float) -> tuple[float, float]:
    """Exact for plain samples; lognormal for others; anything where there is no number."""
    if best.method == "Monte Carlo":
        low, high = clopper_pearson(round(best.probability * best.runs), best.runs, confidence)
        return float(low), float(high)
    if not np.isfinite(best.variation):
        return 0.0, 1.0
    reach = float(special.ndtri(0.5 + 0.5 * confidence) * np.sqrt(np.log1p(best.variation**2)))
    return float(best.probability * np.exp(-reach)), float(min(best.probability * np.exp(reach), 1.0))
