"""A polynomial or a Kriging model of the first runs: where it predicts values, not signs alone, few runs do.

A run whose sign comes out as predicted is worth one bit.  A run whose value comes out as predicted, to a small part of
itself, says that the margin is as smooth as the model there.  So where a model predicts each run from all others, the
runs that look for other regions of failure give the probability, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy import linalg, special
from scipy.stats import qmc

from uq.core.array_types import FloatArray
from uq.core.results import FailureProbability
from uq.reliability.checks import CAUTION, density, ring, ring_radius, where_uncertain, wide_draws
from uq.reliability.kriging import Kriging
from uq.reliability.limit_state import LimitState
from uq.reliability.mixture import Component, population, regions

MOST_DEGREE = 4
"""Of a polynomial."""

FREE = 3
"""Runs more than terms, at least, for left-out residuals to say how well a polynomial predicts."""

CANDIDATES = 8000
"""Of each law of the mixture in which the polynomial is counted."""

SPREADS = (1.0, 1.5, 2.0, 2.6, 3.2)
"""Standard deviations of the normal laws whose mixture is searched for failure: out to a few 1e-7 and beyond."""

FIRST_RING = 0.005
"""The first ring holds a point of every half-space of this probability; a further one is asked for rarer failures."""

FAINT = 0.6
"""Above this variation a model does not know how far out failure lies (*judgement*)."""

PREDICTED = 0.07
"""Left-out error (root mean square of asinh of the scaled margin) up to which a Kriging model predicts values
(*judgement*)."""

HELPFUL = 0.2
"""Left-out error up to which a Kriging model may say where further runs tell most (*judgement*)."""

AIM = 0.6
"""Share of the wanted variation that a Kriging model must reach: its own is too small at few points (*judgement*)."""

NEVER = 1e-12
"""Failure less probable than this is not looked for any further."""


@dataclass(frozen=True)
class Polynomial:
    """Weighted least squares of margins over germs, with the residuals that each run leaves when it is left out::

        w_i = 1 / (1 + (g_i / scale)^2),   s^2 = mean of w_i (g_i - g_hat_-i(u_i))^2
        std(u)^2 = t^2 s^2 (1 / w(g_hat(u)) + h(u))

    h is the leverage of u, and t the ratio of the 95 % quantiles of Student's and the normal law at the free runs.
    """

    degree: int
    """Total degree."""
    weights: FloatArray
    """(terms,) coefficients."""
    root: FloatArray
    """(terms, terms) upper triangular, of the weighted terms."""
    scale: float
    """Of margins: the median of the runs."""
    error: float
    """t s, in `scale`."""

    @staticmethod
    def fit(u: FloatArray, y: FloatArray) -> Polynomial | None:
        """The degree of least left-out error through margins y (n,) at germs u (n, d), if runs are left to tell it."""
        scale = max(float(np.median(np.abs(y))), 1e-300)
        y = y / scale
        half = 1.0 / np.sqrt(1.0 + y * y)
        best: Polynomial | None = None
        for degree in range(1, MOST_DEGREE + 1):
            terms = _terms(u, degree)
            free = len(u) - terms.shape[1]
            if free < FREE:
                break
            q, root = np.linalg.qr(terms * half[:, None])
            if np.abs(np.diag(root)).min() < 1e-9:
                break
            leverage = (q * q).sum(axis=1)
            inside = q.T @ (half * y)
            left_out = (half * y - q @ inside) / np.maximum(1.0 - leverage, 1e-9)
            t = float(special.stdtrit(free, 0.95) / special.ndtri(0.95))
            error = t * float(np.sqrt(np.mean(left_out**2)))
            if best is None or error < best.error:
                best = Polynomial(degree, linalg.solve_triangular(root, inside), root, scale, error)
        return best

    def predict(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation (n,) at germs u (n, d), in `scale`."""
        terms = _terms(u, self.degree)
        mean = terms @ self.weights
        half = linalg.solve_triangular(self.root, terms.T, trans=1, check_finite=False)
        std = self.error * np.sqrt(1.0 + mean * mean + (half * half).sum(axis=0))
        return mean, std


def _terms(u: FloatArray, degree: int) -> FloatArray:
    """Monomials (n, terms) of germs (n, d) over 3, up to a total degree."""
    v = u / 3.0
    columns = [np.ones(len(u))]
    for order in range(1, degree + 1):
        for which in combinations_with_replacement(range(u.shape[1]), order):
            columns.append(np.prod(v[:, which], axis=1))
    return np.stack(columns, axis=1)


def response_surface(
    g: LimitState,
    net: qmc.Sobol,
    rng: np.random.Generator,
    *,
    target: float,
    draws: int,
    all_draws: bool,
) -> tuple[FailureProbability | None, Search]:
    """Draws of the wide law and rings, until a model of them gives the probability to the variation wanted.

    The first ring holds a point of every half-space of probability `FIRST_RING`; another is asked where failure turns
    out rarer, and none is trusted before.  A polynomial is tried first, then Kriging, which must predict each run from
    all others to `PREDICTED`; where it nearly does, half of the further runs go where its sign is uncertain.  The
    variation is half of what the probability moves by between one standard deviation of the model above and below, its
    errors taken as one: it is no less than if they were independent.

    Parameters
    ----------
    g : LimitState
        The limit state.
    net : scipy.stats.qmc.Sobol
        In d + 1 dimensions: where the draws come from.
    rng : numpy.random.Generator
        The source of randomness.
    target : float
        Wanted coefficient of variation.
    draws : int
        Of the wide law, at most; some more where a polynomial of the highest degree needs them.
    all_draws : bool
        Whether all are made before an answer is trusted.

    Returns
    -------
    found : FailureProbability or None
        None where no model is good enough, or a run failed.
    search : Search
        What was made.
    """
    start, d = g.runs, g.dimension
    g.centre()
    g(ring(d, FIRST_RING, rng))
    search = Search(0, 0, ring_radius(d, FIRST_RING))
    most = max(draws, len(_terms(np.zeros((1, d)), MOST_DEGREE)[0]) + FREE - 1 - 2 * d)
    fitted: Fitted | None = None
    while search.drawn < most and not g.failed:
        n = min(4 if d < 3 else 8, most - search.drawn)
        if fitted is not None and fitted.error < HELPFUL:
            g(_uncertain(fitted, g, n - n // 2, rng))
            n = max(n // 2, 1)
        failures = int((g(wide_draws(net, n)) <= 0.0).sum())
        search = Search(search.drawn + n, search.met + failures, search.radius)
        if all_draws and search.drawn < draws:
            continue
        for fit in (Fitted.polynomial, Fitted.kriging):
            fitted = fit(g)
            if fitted is None:
                continue
            p, variation, u = fitted.count(d, rng)
            if p > NEVER and variation < FAINT and not search.covers(d, p):
                g(ring(d, p, rng))
                search = Search(search.drawn, search.met, ring_radius(d, p))
                fitted = fit(g) or fitted
                p, variation, u = fitted.count(d, rng)
            if p > NEVER and variation <= fitted.aim * target and search.covers(d, p) and not g.failed:
                if isinstance(fitted.model, Kriging):  # which smooths a kink: an error that no draw scatters
                    variation = max(variation, fitted.aim * target)
                why = f"{fitted.words}; {search.reach(u, p)}"
                return FailureProbability("response surface", p, variation, g.runs - start, True, why), search
    return None, search


@dataclass(frozen=True)
class Search:
    """What has looked for other regions."""

    drawn: int
    """Runs of the wide law."""
    met: int
    """Failures among them."""
    radius: float
    """Of the largest ring, in germs."""

    def covers(self, d: int, p: float) -> bool:
        """Whether a ring holds a point of nearly every half-space of d germs of probability p."""
        return ring_radius(d, p) <= 1.1 * self.radius

    def reach(self, failing: FloatArray, p: float) -> str:
        """What the draws exclude, as `uq.reliability.checks.reach`, in words."""
        unseen = 3.0 / (self.drawn * float(np.median(density(failing))))
        head = f"{self.drawn} draws elsewhere met {self.met} failures"
        return head + (
            f": a further region, as far out, above {unseen:.1g} would have been met (95 %)"
            if unseen <= p
            else ": too few to exclude a further region as probable as this"
        )


@dataclass(frozen=True)
class Fitted:
    """A model of the margin."""

    model: Polynomial | Kriging
    """Polynomial of the scaled margin, or Kriging of its asinh."""
    caution: float
    """Factor on its standard deviation."""
    error: float
    """Of each run, predicted from all others."""
    aim: float
    """Share of the wanted variation that it must reach."""
    words: str
    """What it is, and its error."""

    @staticmethod
    def polynomial(g: LimitState) -> Fitted | None:
        """Through all runs, if there are enough."""
        found = Polynomial.fit(*g.remembered)
        if found is None:
            return None
        words = f"a polynomial of degree {found.degree} predicts the margin of"
        return Fitted(found, 1.0, found.error, 1.0, _said(words, len(g.remembered[0]), found.error))

    @staticmethod
    def kriging(g: LimitState) -> Fitted | None:
        """Through all runs, unless two of them are one."""
        u, y = g.remembered
        try:
            found = Kriging.turned(u, np.arcsinh(y / max(float(np.median(np.abs(y))), 1e-300)), None, u)
        except linalg.LinAlgError:
            return None
        error = float(np.sqrt(np.mean(found.left_out() ** 2)))
        aim = AIM if error <= PREDICTED else 0.0
        return Fitted(found, CAUTION, error, aim, _said("Kriging predicts the margin of", len(u), error))

    def count(self, d: int, rng: np.random.Generator) -> tuple[float, float, FloatArray]:
        """The probability that the model is at most zero, its coefficient of variation, and germs (n, d) that fail."""
        laws, n = [Component.wide(d, spread) for spread in SPREADS], CANDIDATES // 8
        while True:
            u, weights = population(laws, n, rng)
            mean, std = self.model.predict(u)
            less, p, more = (float(weights @ (mean <= k * self.caution * std)) for k in (-1.0, 0.0, 1.0))
            failing = weights * (mean <= 0.0)
            moved = 0.5 * (more - less) / max(p, 1e-300)
            if n == CANDIDATES or not p > 0.0 or moved > 2.0 * FAINT:
                spread = float(np.sqrt(failing @ failing)) / max(p, 1e-300)
                return p, float(np.hypot(moved, spread)) if p > 0.0 else np.inf, u[mean <= 0.0]
            laws, n = [*laws, *regions(u, failing)], CANDIDATES


def _said(words: str, n: int, error: float) -> str:
    return f"{words} {n} runs, each left out in turn, to {error:.1g} of itself or of their median"


def _uncertain(fitted: Fitted, g: LimitState, n: int, rng: np.random.Generator) -> FloatArray:
    """Germs (n, d) where the sign of the model is uncertain."""
    u, weights = population([Component.wide(g.dimension, s) for s in SPREADS], CANDIDATES // 4, rng)
    mean, std = fitted.model.predict(u)
    chance = special.ndtr(-np.abs(mean) / np.maximum(fitted.caution * std, 1e-12))
    return where_uncertain(u, weights * chance, g.remembered[0], n)
