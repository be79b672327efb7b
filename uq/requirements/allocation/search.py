"""The search for thresholds of several requirements: compliance and demand with their gradients, and their
least."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special

from uq import sampling
from uq.core.array_types import FloatArray
from uq.core.estimate import SEED
from uq.core.problem import Input
from uq.requirements.allocation.surface import Surface, learned
from uq.requirements.conditioning import prior
from uq.requirements.probability import all_but_one, chance, passing
from uq.requirements.question import Question
from uq.requirements.shared_sample import Rows, Sample, ask, ask_slopes
from uq.requirements.sweep import RAREST_VALUE
from uq.requirements.types import Condition, Lever, Limit

Cost = Callable[[Mapping[str, float]], float]
"""Required values by name -> cost of the set, in any unit; smooth and rising with demand."""

LOOSE, TIGHT = -3.0, float(-special.ndtri(RAREST_VALUE))
"""Range of a requirement in germs: from nothing asked to what one supplier in 512 meets."""

DESIGNED = -1.5
"""Least demanding threshold of a requirement that a design is sized at: one that 93 % of the suppliers meet; below, a
design only grows heavier for suppliers who are not there (judgement)."""

DEMAND_ROWS = 512
"""Points of the quasi-random integral of the chance that suppliers meet a set."""

TOGETHER = 2.0**14
"""A set that fewer suppliers than one in this many meet is not sought (judgement)."""

SMOOTH = 0.1
"""Pass and fail are blended over this share of an output's standard deviation while searching (removed at the
end)."""


@dataclass(frozen=True)
class Point:
    """Compliance and demand at one set of thresholds, with their gradients (k,)."""

    compliance: float
    """Probability, blended where the sample is thin."""
    slope: FloatArray
    """(k,) of the compliance."""
    demand: float
    """What is minimised."""
    demand_slope: FloatArray
    """(k,)"""

    @property
    def bounded(self) -> float:
        return float(np.clip(self.compliance, 1e-9, 1.0 - 1e-9))


@dataclass(frozen=True)
class Search:
    """The optimisation in germ thresholds t (k,): X_j is required beyond its quantile at Phi(t_j)."""

    question: Question
    """With the wanted probability."""
    levers: tuple[Lever, ...]
    """Of the k inputs."""
    cost: Cost | None
    """Of the user; None: minus the logarithm of the prior probability."""
    rows: int
    """Of the sample that are asked."""
    surface: Surface | None = None
    """Learned compliance; None: the sample's own."""
    dropped: tuple[str, ...] = ()
    """Inputs on which nothing is required after all."""

    @property
    def sample(self) -> Sample:
        """What compliance is judged on."""
        return self.question.sample

    @property
    def limits(self) -> Sequence[Limit]:
        """What must hold."""
        return self.question.limits

    @property
    def sizes(self) -> bool:
        """Whether a design is sized at a required value, so that every set asks for one of its own."""
        return any(lever.design for lever in self.levers)

    def _input(self, k: int) -> Input:
        problem = self.sample.problem
        return problem.inputs[problem.index(self.levers[k].input)]

    def value(self, k: int, t: float) -> float:
        """Required value at threshold t."""
        return float(
            self._input(k).distribution.ppf(special.ndtr(t if self.levers[k].side == "at least" else -t))
        )

    def germ(self, k: int) -> float:
        """Threshold of the most demanding reachable value, at most what one supplier in 512 meets."""
        end = self.levers[k].end
        if np.isinf(end):
            return TIGHT
        t = float(special.ndtri(np.clip(self._input(k).distribution.cdf(end), 1e-4, 1.0 - 1e-4)))
        return float(np.clip(t if self.levers[k].side == "at least" else -t, LOOSE + 0.1, TIGHT))

    def possible(self, top: FloatArray) -> FloatArray:
        """The most demanding thresholds, drawn together until at least one in `TOGETHER` suppliers meets them
        all."""
        for _ in range(40):
            try:
                if self.points(top)[1].mean() >= 1.0 / TOGETHER:
                    return top
            except ValueError:
                pass  # rarer than can be sampled
            top = LOOSE + 0.95 * (top - LOOSE)
        return top

    def conditions(self, t: FloatArray) -> tuple[Condition, ...]:
        """Requirements at thresholds t; a least demanding threshold requires nothing unless a design is sized at it."""
        return tuple(
            lever.at(self.value(k, t[k]))
            for k, lever in enumerate(self.levers)
            if lever.input not in self.dropped and (t[k] > LOOSE + 0.05 or lever.design)
        )

    def _all(self, t: FloatArray) -> tuple[Condition, ...]:
        return (
            *self.question.given,
            *[
                lever.at(self.value(k, t[k]))
                for k, lever in enumerate(self.levers)
                if lever.input not in self.dropped
            ],
        )

    def points(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Physical points (n, d) and raw weights (n,) under thresholds t."""
        return self.sample.points(self._all(t), self.rows)

    def at(self, t: FloatArray, *, slopes: bool = True) -> Point:
        """Blended compliance and demand at thresholds t, with their gradients (zeros if not asked for)."""
        if self.surface is not None:
            total, slope = self.surface.at(t)
            return Point(total, slope, *self.demand(t))
        problem, model = self.sample.problem, self.sample.model
        x, raw = self.points(t)
        mean, std, good = ask(model, x)
        if self.sample.feasibility is not None:
            good = good * self.sample.feasibility(x)
        weight = raw / raw.sum()
        columns = [problem.output_index(limit.output) for limit in self.limits]
        mean = np.where(np.isfinite(mean), mean, 1e300)[:, columns]
        blend = SMOOTH * self._spread(columns)
        spread = np.sqrt(np.where(np.isfinite(std), std, 0.0)[:, columns] ** 2 + blend**2)
        each, density = (
            np.stack([f(mean[:, k], spread[:, k], limit) for k, limit in enumerate(self.limits)], axis=1)
            for f in (chance, _slope)
        )
        joint = good * np.prod(each, axis=1)
        total = float(weight @ joint)
        if not slopes:
            return Point(total, np.zeros(len(t)), np.nan, np.zeros(len(t)))
        # what one unit of each limited output is worth in each row
        worth = all_but_one(each)
        worth *= density * good[:, None]
        tangent = ask_slopes(model, x)
        step = 1e-5 if tangent is not None else 1e-2
        slope, lost = np.empty(len(t)), np.empty(len(t))
        for k, e in enumerate(step * np.eye(len(t))):
            ahead, raw_ahead = self.points(t + e)
            if tangent is not None:
                move = np.einsum("nmd,nd->nm", tangent[:, columns], (ahead - x) / step)
                change = (raw_ahead - raw) / step
            else:
                behind, raw_behind = self.points(t - e)
                up, down = (ask(model, points)[0][:, columns] for points in (ahead, behind))
                move = np.nan_to_num((up - down) / (2.0 * step))
                change = (raw_ahead - raw_behind) / (2.0 * step)
            slope[k] = weight @ np.sum(worth * move, axis=1) + change @ (joint - total) / raw.sum()
            lost[k] = -change.sum() / raw.sum()
        if self.cost is None:
            return Point(total, slope, float(-np.log(raw.mean())), lost)
        lost = np.array([(self.priced(t + e) - self.priced(t - e)) / 2e-4 for e in 1e-4 * np.eye(len(t))])
        return Point(total, slope, self.priced(t), lost)

    def demand(self, t: FloatArray) -> tuple[float, FloatArray]:
        """Demand at thresholds t and its gradient, without asking the model."""
        step = 1e-3

        unit = self.sample.unit[: min(self.rows, DEMAND_ROWS)]

        def asked(at: FloatArray) -> float:
            if self.cost is not None:
                return self.priced(at)
            return float(-np.log(prior(self.sample.problem, unit, self._all(at))))

        slope = [(asked(t + e) - asked(t - e)) / (2.0 * step) for e in step * np.eye(len(t))]
        return asked(t), np.array(slope)

    def tried(self, sets: FloatArray) -> FloatArray:
        """Compliance (m,) at sets of thresholds (m, k), the model asked about all of them at once."""
        found = self.sample.moved_each([self._all(t) for t in sets], self.rows)
        problem = self.sample.problem
        return np.array([rows.weight @ passing(rows, self.limits, problem)[:, 0] for rows in found])

    def learned(self, target: float, top: FloatArray, *, sets: int, seed: int = SEED) -> Search:
        """The same search on a `Surface`: learned from sets over the whole range, then from more about its optimum."""
        floor = np.minimum(DESIGNED, top - 0.1)
        unit = sampling.sobol_sequence(sets, len(top), seed=seed).unit
        tried = floor + unit[: 2 * sets // 3] * (top - floor)
        found = self.tried(tried)
        search = dataclasses.replace(self, surface=learned(tried, found, self.rows, target))
        best = search.least(target, top, search.diagonal(target, top))
        low, high = np.maximum(best - 0.7, floor), np.minimum(best + 0.7, top)
        near = low + unit[2 * sets // 3 :] * (high - low)
        tried, found = np.vstack([tried, near]), np.concatenate([found, self.tried(near)])
        return dataclasses.replace(self, surface=learned(tried, found, self.rows, target))

    def priced(self, t: FloatArray) -> float:
        """The user's cost at thresholds t."""
        assert self.cost is not None
        return float(self.cost({lever.input: self.value(k, t[k]) for k, lever in enumerate(self.levers)}))

    def _spread(self, columns: Sequence[int]) -> FloatArray:
        rows: Rows = self.sample.rows
        return np.array([max(float(np.nanstd(rows.mean[:, c])), 1e-300) for c in columns])

    def diagonal(self, target: float, top: FloatArray) -> FloatArray:
        """A first set: all requirements at the same share of their range, just complying."""
        loose = LOOSE if self.surface is None else DESIGNED
        share = 0.0, 1.0
        for _ in range(6):
            middle = 0.5 * sum(share)
            suffices = self.at(loose + middle * (top - loose), slopes=False).compliance >= target
            share = (share[0], middle) if suffices else (middle, share[1])
        return loose + share[1] * (top - loose)

    def least(self, target: float, top: FloatArray, start: FloatArray, *, iterations: int = 40) -> FloatArray:
        """Least demanding thresholds whose blended compliance reaches the target."""
        known: dict[bytes, Point] = {}

        def at(t: FloatArray) -> Point:
            if t.tobytes() not in known:
                known[t.tobytes()] = self.at(t)
            return known[t.tobytes()]

        def excess(t: FloatArray) -> float:
            return float(special.logit(at(t).bounded) - special.logit(target))

        complies: Any = {
            "type": "ineq",
            "fun": excess,
            "jac": lambda t: at(t).slope / (at(t).bounded * (1.0 - at(t).bounded)),
        }
        search: Any = optimize.minimize
        found = search(
            lambda t: at(t).demand,
            start,
            jac=lambda t: at(t).demand_slope,
            method="SLSQP",
            bounds=[(LOOSE if self.surface is None else DESIGNED, float(end)) for end in top],
            constraints=complies,
            options={"maxiter": iterations},
            tol=1e-5,
        )
        good = bool(np.all(np.isfinite(found.x))) and excess(found.x) > -1e-2
        return np.asarray(found.x) if good else start


def _slope(mean: FloatArray, spread: FloatArray, limit: Limit) -> FloatArray:
    """d/dmean of `chance`: (phi((low - mean)/s) - phi((high - mean)/s)) / s."""

    def phi(bound: float) -> FloatArray:
        return np.exp(-0.5 * np.minimum(((bound - mean) / spread) ** 2, 1e3))

    return (phi(limit.low) - phi(limit.high)) / (spread * np.sqrt(2.0 * np.pi))
