"""Which of several options to take when the world is uncertain, what that may cost, and what it pays to learn.

Every option is valued in the same n draws of the world, u_k = utility(option k | draw), to be large.  With
k* = argmax E[u_k] the recommended option::

    chance of being the best    P(u_k = max_j u_j)
    expected regret             E[max_j u_j - u_k]
    value of perfect knowledge  min_k of the expected regret = E[max_j u_j] - max_k E[u_k]
    value of learning x         E_x[max_k E[u_k | x]] - max_k E[u_k]

The last needs E[u_k | x]: a cubic in the standard normal score of x, fitted by least squares to the differences
u_k - u_k* (Strong, Oakley & Brennan 2014, doi:10.1177/0272989X13505910, with a polynomial in the place of a spline).
It is biased upwards by its own fitting noise, which the same fits to permuted draws measure and remove.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import mean_estimate, wilson
from uq.core.estimate import CONFIDENCE, SEED, Estimate, check_probability
from uq.core.model import real_numbers
from uq.core.repeatable import one_thread

DEGREE = 3
PERMUTATIONS = 16


@dataclass(frozen=True)
class Choice:
    """Options with their mean utility, chance of being the best and expected regret, each with its interval."""

    options: tuple[str, ...]
    """Names, in the order of the columns."""
    mean: tuple[Estimate, ...]
    """Mean utility of each option."""
    best: tuple[Estimate, ...]
    """Chance that the option is the best of all; ties are shared."""
    regret: tuple[Estimate, ...]
    """Expected loss against the best option of each draw, in the unit of the utility."""
    recommended: int
    """Row of the option of the largest mean utility."""
    runner_up: int | None
    """Column of the second best; None of a single option."""
    advantage: Estimate | None
    """Mean utility of the recommended option over that of the runner-up, of paired draws."""
    draws: int
    """Of the uncertain inputs."""

    @property
    def perfect_information(self) -> Estimate:
        """What knowing the world before choosing would be worth: the expected regret of the recommended option."""
        return self.regret[self.recommended]


@one_thread()
def choose_option(options: Sequence[str], utility: ArrayLike, *, confidence: float = CONFIDENCE) -> Choice:
    """The option of the largest mean utility, with what may be lost by it.

    Parameters
    ----------
    options : sequence of str (k,)
        Names.
    utility : array_like (k, n)
        Utility of each option in n common draws, to be large.  An option that fails in a draw (not finite) is the
        worst there: it counts as the least utility of that draw's other options less the spread of that draw, so that
        failing never pays; a draw in which all fail is left out.
    confidence : float
        Of every interval.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If shapes disagree, fewer than two draws are usable, or names repeat.
    """
    check_probability("confidence", confidence)
    u = _completed(options, utility)
    k, n = u.shape
    top = u.max(axis=0)
    wins = u == top
    shared = wins / wins.sum(axis=0)
    means = [mean_estimate(row, confidence=confidence) for row in u]
    order = np.argsort([-m.value for m in means], kind="stable")
    first, second = int(order[0]), int(order[1]) if k > 1 else None
    return Choice(
        options=tuple(options),
        mean=tuple(means),
        best=tuple(_share(row, confidence) for row in shared),
        regret=tuple(_positive(mean_estimate(top - row, confidence=confidence)) for row in u),
        recommended=first,
        runner_up=second,
        advantage=None if second is None else mean_estimate(u[first] - u[second], confidence=confidence),
        draws=n,
    )


@one_thread()
def value_of_learning(
    utility: ArrayLike,
    inputs: ArrayLike,
    *,
    names: Sequence[str],
    seed: int = SEED,
    confidence: float = CONFIDENCE,
) -> dict[str, Estimate]:
    """What it would be worth to learn each input exactly before choosing, in the unit of the utility.

    Parameters
    ----------
    utility : array_like (k, n)
        As of `choose_option`.
    inputs : array_like (n, d)
        The inputs of the same draws.
    names : sequence of str (d,)
        Their names.
    seed : int
        Of the permutations that measure the noise of the fit.
    confidence : float
        Of the intervals.

    Returns
    -------
    dict
        Name -> estimate, never below zero, largest first.

    Raises
    ------
    ValueError
        If shapes disagree or there are fewer than 10 draws a coefficient.
    """
    x = real_numbers(inputs, "inputs")
    options = [str(k) for k in range(len(np.asarray(utility)))]
    raw = real_numbers(utility, "the utility")
    if x.ndim != 2 or raw.ndim != 2 or len(x) != raw.shape[1] or x.shape[1] != len(names):
        raise ValueError(f"expected inputs ({raw.shape[-1]}, {len(names)}), got {x.shape}")
    usable = np.isfinite(raw).any(axis=0)
    u, x = _completed(options, raw), x[usable]
    n = len(x)
    if n < 10 * (DEGREE + 1):
        raise ValueError(f"learning needs at least {10 * (DEGREE + 1)} draws, got {n}")
    gains = u - u[np.argmax(u.mean(axis=1))]
    random = np.random.default_rng(seed)
    shuffles = [random.permutation(n) for _ in range(PERMUTATIONS)]
    found = {}
    for j, name in enumerate(names):
        score = special.ndtri((stats.rankdata(x[:, j]) - 0.5) / n)
        basis = np.linalg.qr(np.vander(score, DEGREE + 1))[0]
        noise = float(np.mean([_expected_best(basis, gains[:, order])[0] for order in shuffles]))
        value, error = _expected_best(basis, gains)
        z = float(special.ndtri(0.5 + 0.5 * confidence))
        centre = max(value - noise, 0.0)
        found[name] = Estimate(centre, max(centre - z * error, 0.0), centre + z * error, confidence)
    return dict(sorted(found.items(), key=lambda item: -item[1].value))


def _expected_best(basis: FloatArray, gains: FloatArray) -> tuple[float, float]:
    """Mean over draws of the largest fitted gain, and its standard error."""
    fitted = (gains @ basis) @ basis.T
    best = fitted.max(axis=0) - fitted[np.argmax(fitted.mean(axis=1))]
    return float(best.mean()), float(best.std(ddof=1) / np.sqrt(best.size))


def _completed(options: Sequence[str], utility: ArrayLike) -> FloatArray:
    u = real_numbers(utility, "the utility").copy()
    if u.ndim != 2 or len(u) != len(options):
        raise ValueError(
            f"expected a row of utilities for each of {len(options)} options, got shape {u.shape}"
        )
    if len(set(options)) < len(options):
        raise ValueError(f"an option is named twice: {', '.join(options)}")
    u = u[:, np.isfinite(u).any(axis=0)]
    if u.shape[1] < 2:
        raise ValueError(f"at least two draws in which some option succeeds are needed, got {u.shape[1]}")
    failed = ~np.isfinite(u)
    low, high = np.where(failed, np.inf, u).min(axis=0), np.where(failed, -np.inf, u).max(axis=0)
    return np.where(failed, low - (high - low), u)


def _positive(estimate: Estimate) -> Estimate:
    return replace(estimate, low=max(estimate.low, 0.0))


def _share(values: FloatArray, confidence: float) -> Estimate:
    share = float(values.mean())
    return Estimate(share, *wilson(share, values.size, confidence), confidence)
