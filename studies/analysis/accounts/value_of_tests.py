"""What a test would be worth before the concept is chosen: by simulation of its outcomes.

A world x is drawn from the inputs' laws, the test is read in it, the laws are updated, and the concept of the largest
mean payload under them is chosen (preposterior analysis)::

    value          E[max_k E(u_k | y)] - max_k E(u_k)        u_k payload of concept k, y readings
    right choice   P(no concept is better in x by more than can be distinguished)

Requirement values follow from the updated laws too. All inputs that are required stand at values r_j = F_j^-1(q), the
same quantile q of each law of today (of 1 - q where less is better); what is required is the least demanding q at which
the best pump concept carries more than the best pressure-fed one with the wanted probability.  What a test reads is no
longer required: it follows its updated law, and the others are required anew.

Means are over common points of the updated laws through surrogates of each concept.  For the best tests what the
choices earn is confirmed by runs v of the model in the same worlds: E(u_k - u_k* | y) + [v_k - v_k*](x)
- [u_k - u_k*](x) has the true mean and, where surrogates are good, hardly more scatter.

Source: Raiffa & Schlaifer (1961), *Applied Statistical Decision Theory*.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models import quantity
from models.architectures.concepts import Concept, size_concepts
from studies.analysis.concepts.choice import CONFIDENCE, LOW, best_of_each
from studies.analysis.placement import Workers, placed
from studies.case.case import Case
from studies.case.readings import LOGARITHM, PossibleTest, as_problem
from uq import sampling
from uq.calibration import calibrate
from uq.campaign.processes import spread
from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.confidence_intervals import mean_estimate, wilson
from uq.core.dataset import Dataset
from uq.core.distributions import Normal
from uq.core.estimate import Estimate
from uq.core.problem import Output, Problem
from uq.report.terminal import Watch, silent
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

CONCEPTS = (6, 2)
"""Of the pump and pressure-fed concepts of most payload at the medians, those that compete."""
POINTS = 1024
"""Of each updated law."""
DRAWS = 1000
CONFIRMED = 3
LEVELS = np.linspace(-2.3, 2.3, 13)
"""Germs of q, 1 to 99 %, between which the required one is interpolated."""
ROUNDING = 1e-9
NORMAL = Normal(0.0, 1.0)
LESS = (0.8, 0.7, 0.6, 0.5)
"""Probabilities of a gain that requirements are asked for where those wanted are out of reach."""
FEW = 512
"""Points of the updated laws at each level."""
SAME = 1.0
"""kg of payload that cannot be distinguished (*judgement*: a tenth of what margins and residuals leave open)."""


@dataclass(frozen=True)
class ValueOfTest:
    """One test: what knowing its outcome is worth."""

    name: str
    test: PossibleTest
    value: Estimate
    """kg of payload by choosing after it."""
    right: Estimate
    """Chance that the concept chosen after it is the best of its world."""
    changes: Estimate
    """Chance that another concept is chosen."""
    low: Estimate
    """Mean change of the payload that the chosen concept reaches with 90 %, kg."""
    required: Mapping[str, Estimate]
    """By input that is not read: mean distance by which its required value moves, where there is a set before and
    after."""
    eased: Estimate
    """Mean change of q, where there is a set before and after: below 0, less is required."""
    found: Estimate
    """Chance that there is a set after it."""
    chosen: IntArray
    """(s,) the concept after each outcome."""
    earned: FloatArray
    """(s,) what it is expected to carry, by then, over what is best without the test, kg."""
    without: int
    """Concept that is best without the test, in the mean over the outcomes."""
    confirmed: Estimate | None = None
    """kg that the choices earn in true runs of their worlds."""

    @property
    def per_price(self) -> float:
        """kg a million euro."""
        return self.value.value / self.test.price


@dataclass(frozen=True)
class ValuesOfTests:
    """All tests of a case, the most valuable first."""

    case: Case
    concepts: tuple[Concept, ...]
    today: int
    """The concept chosen without a test."""
    mean: FloatArray
    """(c,) mean payload today, kg."""
    right: Estimate
    """Chance that it is the best of its world."""
    perfect: Estimate
    """kg by knowing everything."""
    low: float
    """kg that the concept of today reaches with 90 %."""
    wanted: float
    """Probability of a gain that requirements are asked for: the wanted one, or the next lower within reach."""
    quantile: float
    """q of the set of requirements, today; NaN where no set reaches the wanted probability."""
    required: Mapping[str, float]
    """Its values by input."""
    tests: tuple[ValueOfTest, ...]
    missed: float
    """kg, root mean square: the most that surrogates miss of a difference between two concepts in fresh worlds."""


@dataclass(frozen=True)
class _Payloads:
    """Surrogates of the payload of every concept, and what is asked of them."""

    problem: Problem
    surrogate: PolynomialChaos
    """Of the first concept's payload, and of what the others carry more: differences, which decide, vary little."""
    pumps: tuple[int, ...]
    pressures: tuple[int, ...]
    unit: FloatArray
    levers: tuple[tuple[int, float], ...]
    """Columns of inputs that can be required, and whether more is better (1) or less (-1)."""
    wanted: float
    """Probability of a gain."""

    def mean(self, x: FloatArray) -> FloatArray:
        """(n, c) payloads at points x (n, d)."""
        y = self.surrogate.mean(x)
        y[:, 1:] += y[:, :1]
        return y

    def at(self, problem: Problem) -> tuple[FloatArray, FloatArray]:
        """Common points x (n, d) of some laws, and payloads (n, c)."""
        x = problem.physical(self.unit)
        return x, self.mean(x)

    @property
    def lever_names(self) -> tuple[str, ...]:
        """Inputs that can be required."""
        return tuple(self.problem.input_names[j] for j, _ in self.levers)

    def values(self, level: float) -> FloatArray:
        """(r,) required values at a germ of q."""
        laws = self.problem.distributions
        return np.array(
            [float(laws[j].at_normal(np.array([side * level]))[0]) for j, side in self.levers],
            dtype=np.float64,
        )

    def required(self, x: FloatArray, read: Sequence[str] = ()) -> float:
        """The least demanding germ of q at which the best pump concept carries more than the best pressure-fed one with
        the wanted probability, over points x (n, d); NaN where none does, or nothing has to be required. What was
        `read` stays as it is in x."""
        left = [r for r, name in enumerate(self.lever_names) if name not in read]
        columns = [self.levers[r][0] for r in left]
        if not left or not self.pumps or not self.pressures:
            return float("nan")
        some = x[:FEW]
        chances = []
        for level in LEVELS:
            at = some.copy()
            at[:, columns] = self.values(level)[left]
            y = self.mean(at)
            pump, pressure = (
                max(kind, key=lambda k: y[:, k].mean()) for kind in (self.pumps, self.pressures)
            )
            chances.append(float(np.mean(y[:, pump] > y[:, pressure])))
        chance = np.maximum.accumulate(chances)  # more demanded gains no less; points are few
        reached = np.flatnonzero(chance >= self.wanted)
        if not len(reached) or reached[0] == 0:
            return float("nan")
        k = int(reached[0])
        share = (self.wanted - chance[k - 1]) / (chance[k] - chance[k - 1])
        return float(LEVELS[k - 1] + share * (LEVELS[k] - LEVELS[k - 1]))


def _levers(
    surrogate: PolynomialChaos,
    problem: Problem,
    pumps: tuple[int, ...],
    pressures: tuple[int, ...],
    x: FloatArray,
) -> tuple[tuple[int, float], ...]:
    """Inputs that can be required and between 10 and 90 % of their law move the mean gain by what can be resolved, with
    whether more of each is better for pumps (1) or less (-1)."""
    found = []
    for j, one in enumerate(problem.inputs):
        if one.role != "requirement":
            continue
        gain = []
        for q in (0.1, 0.9):
            at = x.copy()
            at[:, j] = one.distribution.ppf(q)
            y = surrogate.mean(at)
            y[:, 1:] += y[:, :1]
            mean = y.mean(axis=0)
            gain.append(mean[list(pumps)].max() - mean[list(pressures)].max())
        if abs(gain[1] - gain[0]) >= SAME:
            found.append((j, 1.0 if gain[1] > gain[0] else -1.0))
    return tuple(found)


def values_of_tests(
    case: Case,
    *,
    samples: int,
    outcomes: int,
    seed: int,
    workers: Workers = 1,
    watch: Watch = silent,
) -> ValuesOfTests:
    """Simulate every test of the case.

    Parameters
    ----------
    case : Case
        With its tests.
    samples : int
        Worlds in which every concept is sized, for surrogates to learn from.
    outcomes : int
        Of each test; as many fresh worlds are sized for them.
    seed : int
        Of every random draw.
    workers : int or Placement
        Processes.
    watch : callable
        Is called with each stage and the share that is done.

    Returns
    -------
    ValuesOfTests
    """
    concepts = _shortlist(case, workers, watch)
    prior = case.uncertain
    plan = sampling.sobol_sequence(samples, prior.dimension, seed=seed)
    x = prior.physical(plan.unit)
    y = _sized(case, concepts, x, workers, watch, "sizing concepts")
    worlds = prior.physical(np.random.default_rng(seed).random((outcomes, prior.dimension)))
    realised = _sized(case, concepts, worlds, workers, watch, "sizing worlds")
    own = _distinct(y)
    concepts, y, realised = tuple(concepts[k] for k in own), y[:, own], realised[:, own]
    watch("learning surrogates", float("nan"))
    names = [f"concept {k}" for k in range(len(concepts))]
    asked = dataclasses.replace(prior, outputs=tuple(Output(name, "kg") for name in names))
    status = np.where(np.isfinite(y).all(axis=1), 0, 1)
    apart = np.column_stack([y[:, 0], y[:, 1:] - y[:, :1]])
    surrogate = PolynomialChaos.fit(Dataset.from_arrays(x, apart, problem=asked, status=status))
    kinds = [c.architecture for c in concepts]
    pumps = tuple(k for k, kind in enumerate(kinds) if kind == "electric_pump")
    pressures = tuple(k for k, kind in enumerate(kinds) if kind == "pressure_fed")
    unit = sampling.sobol_sequence(POINTS, prior.dimension, seed=seed + 1).unit
    both = bool(pumps and pressures)
    levers = _levers(surrogate, prior, pumps, pressures, prior.physical(unit[:FEW])) if both else ()
    payloads = _Payloads(prior, surrogate, pumps, pressures, unit, levers, case.wanted_probability)
    points, payload = payloads.at(prior)
    mean = payload.mean(axis=0)
    today = int(np.argmax(mean))
    least = float("nan")
    for wanted in (case.wanted_probability, *(w for w in LESS if w < case.wanted_probability)):
        payloads = dataclasses.replace(payloads, wanted=wanted)
        least = payloads.required(points)
        if np.isfinite(least):
            break
    low = float(np.quantile(payload[:, today], LOW))
    found = []
    for k, (name, test) in enumerate(case.tests.items()):  # the same errors of reading for all
        watch("simulating tests", k / len(case.tests))
        found.append(_simulated(name, test, case, payloads, worlds, realised, today, low, least, seed + 2))
    found.sort(key=lambda one: -one.value.value)
    good, stand_in = np.isfinite(realised).all(axis=1), payloads.mean(worlds)
    found = [
        dataclasses.replace(one, confirmed=_confirmed(one, realised - stand_in)) if k < CONFIRMED else one
        for k, one in enumerate(found)
    ]
    wrong = (stand_in - realised)[good]
    missed = np.sqrt(((wrong[:, 1:] - wrong[:, :1]) ** 2).mean(axis=0))
    return ValuesOfTests(
        case,
        concepts,
        today,
        mean,
        _share(_right(realised, np.full(len(realised), today))),
        mean_estimate(np.nanmax(realised[good], axis=1) - realised[good, today], confidence=CONFIDENCE),
        low,
        payloads.wanted,
        float(NORMAL.cdf(least)),
        dict(zip(payloads.lever_names, payloads.values(least).tolist(), strict=True)),
        tuple(found),
        float(missed.max(initial=0.0)),
    )


def _shortlist(case: Case, workers: Workers, watch: Watch) -> tuple[Concept, ...]:
    best = best_of_each(case, workers=workers, watch=watch)
    found: list[Concept] = []
    for architecture, count in zip(("electric_pump", "pressure_fed"), CONCEPTS, strict=True):
        if architecture not in best:
            continue
        sized = best[architecture][0]
        payload = np.nan_to_num(sized["payload"][:, 0, 0], nan=-np.inf)
        found += [sized.concepts[c] for c in np.argsort(-payload, kind="stable")[:count]]
    return tuple(found)


def _distinct(y: FloatArray) -> list[int]:
    """Columns of y (n, c) whose payload differs from that of every earlier one by what can be distinguished."""
    kept: list[int] = []
    for k in range(y.shape[1]):
        apart = [np.abs(y[:, k] - y[:, j]) for j in kept]
        if all(np.nanmax(a) > 1e-6 for a in apart if np.isfinite(a).any()):
            kept.append(k)
    return kept


def _sized(
    case: Case, concepts: Sequence[Concept], x: FloatArray, workers: Workers, watch: Watch, stage: str
) -> FloatArray:
    """(n, c) payload of every concept in the worlds x (n, d); NaN where it has no design there."""
    each = partial(spread, workers=placed(workers).processes)
    drawn = {i.name: x[:, j] for j, i in enumerate(case.inputs)}
    given = quantity.flatten(case.lander)
    groups: dict[frozenset[str], list[int]] = {}
    for k, concept in enumerate(concepts):  # what a concept decides replaces the draw of that leaf
        own = quantity.flatten(concept.lander)
        groups.setdefault(frozenset(n for n in drawn if own[n] == given[n]), []).append(k)
    found = np.empty((len(x), len(concepts)))
    for done, (names, rows) in enumerate(groups.items()):
        watch(stage, done / len(groups))
        free = {name: drawn[name] for name in sorted(names)}
        found[:, rows] = size_concepts([concepts[k] for k in rows], samples=free, each=each)["payload"][
            :, 0
        ].T
    return found


def _simulated(
    name: str,
    test: PossibleTest,
    case: Case,
    payloads: _Payloads,
    worlds: FloatArray,
    realised: FloatArray,
    today: int,
    low: float,
    least: float,
    seed: int,
) -> ValueOfTest:
    logarithms = [q.removeprefix(LOGARITHM) for q in test.readings if q.startswith(LOGARITHM)]
    asked = as_problem(case.uncertain, logarithms)
    random = np.random.default_rng(seed)
    noise = random.standard_normal((len(worlds), len(test.readings)))
    means, lows, levels = [], [], []
    for k, world in enumerate(worlds):
        values: Mapping[str, float] = dict(zip(asked.input_names, map(float, world), strict=True))
        after = calibrate(asked, test.measurements(values, noise[k]), draws=DRAWS, seed=seed)
        x, payload = payloads.at(after.problem)
        means.append(payload.mean(axis=0))
        lows.append(float(np.quantile(payload[:, int(np.argmax(means[-1]))], LOW)))
        levels.append(payloads.required(x, test.inputs))
    expected, after_test = np.array(means), np.array(levels)
    chosen = expected.argmax(axis=1)
    without = int(np.argmax(expected.mean(axis=0)))
    known = np.isfinite(after_test) & np.isfinite(least)
    before = payloads.values(least)
    moved = np.array([np.abs(payloads.values(level) - before) for level in after_test[known]]).reshape(
        -1, len(before)
    )
    moved = np.where(moved < ROUNDING * np.abs(before), 0.0, moved)
    return ValueOfTest(
        name=name,
        test=test,
        value=_positive(mean_estimate(expected.max(axis=1) - expected[:, without], confidence=CONFIDENCE)),
        right=_share(_right(realised, chosen)),
        changes=_share(chosen != today),
        low=mean_estimate(np.array(lows) - low, confidence=CONFIDENCE),
        required={
            name: _mean(moved[:, r])
            for r, name in enumerate(payloads.lever_names)
            if known.sum() > 1 and name not in test.inputs
        },
        eased=_mean(NORMAL.cdf(after_test[known]) - NORMAL.cdf(least)),
        found=_share(np.isfinite(after_test)),
        chosen=chosen,
        earned=expected.max(axis=1) - expected[:, without],
        without=without,
    )


def _right(realised: FloatArray, chosen: IntArray) -> BoolArray:
    """(s,) whether no concept is better in a world than the one chosen by more than `SAME`."""
    known = np.nan_to_num(realised, nan=-np.inf)
    return np.asarray(known[np.arange(len(chosen)), chosen] >= known.max(axis=1) - SAME)


def _confirmed(one: ValueOfTest, missed: FloatArray) -> Estimate:
    """The value by true runs: what surrogates expect, and what they miss (s, c) of both concepts in each world."""
    wrong = missed[np.arange(len(one.chosen)), one.chosen] - missed[:, one.without]
    corrected = one.earned + wrong
    return mean_estimate(corrected[np.isfinite(corrected)], confidence=CONFIDENCE)


def _mean(values: FloatArray) -> Estimate:
    """NaN of fewer than two."""
    if len(values) < 2:
        return Estimate(float("nan"), float("nan"), float("nan"), CONFIDENCE)
    return mean_estimate(values, confidence=CONFIDENCE)


def _share(rows: np.ndarray) -> Estimate:
    share = float(np.mean(rows))
    return Estimate(share, *wilson(share, len(rows), CONFIDENCE), CONFIDENCE)


def _positive(estimate: Estimate) -> Estimate:
    return dataclasses.replace(estimate, low=max(estimate.low, 0.0))
