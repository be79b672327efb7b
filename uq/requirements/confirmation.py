"""Fresh runs of the true model under what is claimed: does the claim stand?"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq import sampling
from uq.core.array_types import FloatArray, IntArray
from uq.core.dataset import Dataset, evaluate
from uq.core.dependence import scores
from uq.core.distributions import Normal
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.compliance import compliance
from uq.requirements.conditioning import chosen_design, conditioned, germ_bounds, satisfied, sized_at
from uq.requirements.question import Question
from uq.requirements.shared_sample import Rows, Sample
from uq.requirements.types import Condition, Requirement, Verdict, Verified, asked, check_kinds, tabled
from uq.sampling.plans import Plan

Run = Callable[[Problem, Plan], Dataset]
"""How the true model is run at the points of a plan (`uq.campaign.run` with its store, for example)."""


def in_process(problem: Problem, plan: Plan) -> Dataset:
    """Run the model here and now, with the plan's origin in the provenance.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    plan : Plan
        Points of the unit cube.

    Returns
    -------
    Dataset
    """
    data = evaluate(problem, problem.physical(plan.unit))
    provenance = {"scheme": plan.scheme, "seed": plan.seed, "version": problem.version}
    return Dataset(data.problem, data.x, data.y, data.status, provenance)


def digest(data: Dataset, rows: IntArray | None = None) -> str:
    """SHA-256 of inputs, outputs and status of a dataset, or of some of its rows: what evidence is known by.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    rows : ndarray of int, optional
        Rows that count; all where none are given.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    chosen = np.arange(len(data)) if rows is None else np.asarray(rows)
    sha = hashlib.sha256()
    for array in (data.x[chosen], data.y[chosen], data.status[chosen]):
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()


@dataclass(frozen=True)
class Evidence:
    """The true runs behind one confirmation: which rows of which batches."""

    batches: tuple[int, ...]
    """Numbers of the batches."""
    rows: tuple[IntArray, ...]
    """(r,) rows of each of them."""


@dataclass(frozen=True)
class Confirmation:
    """A claimed verdict and the fresh one, under the same limits and requirements."""

    claimed: Verdict
    """What the sample of the study says."""
    fresh: Verdict
    """What the fresh runs say."""
    runs: int
    """Fresh runs."""
    evidence: Evidence
    """Where these runs stand."""

    @property
    def distance(self) -> float:
        """How far the two probabilities differ, in joint half widths of their intervals (toward each other, added
        in quadrature): above one, they disagree at the level of confidence."""
        a, b = self.claimed.estimate, self.fresh.estimate
        low, high = (a, b) if a.value <= b.value else (b, a)
        joint = np.hypot(low.high - low.value, high.value - high.low)
        return float((high.value - low.value) / max(joint, 1e-12))


@dataclass(frozen=True)
class Confirmations(Tabled):
    """Every claim with its confirmation, and the true runs made for them: `batches`, each of one of `designs`."""

    items: tuple[Confirmation, ...]
    """One for each claim."""
    batches: tuple[Dataset, ...]
    designs: tuple[Mapping[str, float], ...] = ()
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    def stands(self, item: int) -> bool:
        """Whether one claim stands among all: the half widths stretched so that of true claims all stand together
        with the confidence that each has alone (Bonferroni)."""
        tail = 0.5 * (1.0 - self.items[item].fresh.confidence)
        return bool(self.items[item].distance <= special.ndtri(tail / len(self.items)) / special.ndtri(tail))

    @property
    def agrees(self) -> bool:
        """Whether every claim stands."""
        return all(self.stands(k) for k in range(len(self.items)))

    @property
    def runs(self) -> int:
        """True runs in all."""
        return sum(len(batch) for batch in self.batches)

    def table(self) -> Table:
        """The result as a table."""
        rows = [
            [
                "; ".join(r.text(c.claimed.units) for r in c.claimed.requirements) or "as designed today",
                str(c.claimed.estimate),
                str(c.fresh.estimate),
                str(c.runs),
                "stands" if self.stands(k) else "DOES NOT STAND",
            ]
            for k, c in enumerate(self.items)
        ]
        title = f"Confirmation by {self.runs} fresh runs{asked(self.mode)}"
        return tabled(title, ["under", "claimed", "confirmed", "runs", "claim"], rows)


@dataclass(frozen=True)
class _Batch:
    conditions: tuple[Condition, ...]
    design: Mapping[str, float]
    data: Dataset


@one_thread()
def confirm(
    true_model: Problem,
    claims: Sequence[Verdict],
    *,
    rows: int = 600,
    shared: int | None = None,
    seed: int = 1001,
    design: Mapping[str, float] | None = None,
    run: Run = in_process,
    mode: str = "",
) -> Confirmations:
    """Each claimed verdict judged again on fresh runs under its requirements, with the confidence of the claim.

    Runs are shared: a batch drawn under looser requirements of the same design serves every stricter claim by
    those of its rows that satisfy it; what is missing is drawn under the claim itself (points of `conditioned`,
    thinned by their weights, so that all runs count alike).  Points are independent (Monte Carlo) of those that any
    surrogate learned from, so the intervals are Wilson's.

    Parameters
    ----------
    true_model : Problem
        The model itself, not a surrogate.
    claims : sequence of Verdict
        What is to be confirmed.
    rows : int
        Fresh runs behind each claim, at least.
    shared : int, optional
        Runs without requirements that come first.
    seed : int
        Of the points.
    design : mapping of str to float, optional
        Values of the design inputs; their medians by default.
    run : callable
        How the model is run at the points of a plan.
    mode : str
        A word for titles; it changes no number.

    Returns
    -------
    Confirmations
        Each claim with its fresh verdict, and the runs.

    Raises
    ------
    ValueError
        For a problem without a model, contradictory requirements, or a `design` or `mode` that `draw` refuses.
    """
    claims = check_kinds(claims, Verdict, "Verdict, such as compliance gives")
    held = chosen_design(true_model, design, mode)
    batches: list[_Batch] = []
    if shared:
        batches.append(_run(true_model, (), held, shared, seed, run))
    order = sorted(range(len(claims)), key=lambda k: -_prior(true_model, claims[k].requirements))
    items: dict[int, Confirmation] = {}
    for k in order:
        claim = claims[k]
        found = [_serving(true_model, batch, claim.requirements, held) for batch in batches]
        missing = rows - sum(len(f) for f in found)
        if missing > 0:
            batches.append(_run(true_model, claim.requirements, held, missing, seed + 1 + len(batches), run))
            found.append(np.arange(len(batches[-1].data)))
        used = [(b, f) for b, f in enumerate(found) if len(f)]
        runs = [batches[b].data.where(f) for b, f in used]
        fresh = _judged(true_model, runs, claim, held, mode)
        evidence = Evidence(tuple(b for b, _ in used), tuple(f for _, f in used))
        items[k] = Confirmation(claim, fresh, sum(len(f) for _, f in used), evidence)
    return Confirmations(
        items=tuple(items[k] for k in range(len(claims))),
        batches=tuple(batch.data for batch in batches),
        designs=tuple(batch.design for batch in batches),
        mode=mode,
    )


def _prior(true_model: Problem, conditions: Sequence[Condition]) -> float:
    """Chance that the conditions hold, for the order of the claims."""
    _, weight = conditioned(
        true_model, sampling.sobol_sequence(512, true_model.dimension, seed=1).unit, conditions
    )
    return float(weight.mean())


def _run(
    true_model: Problem,
    conditions: Sequence[Condition],
    design: Mapping[str, float],
    rows: int,
    seed: int,
    run: Run,
) -> _Batch:
    """Fresh runs under the conditions: points drawn until `rows` of them are kept, each with a chance equal to its
    weight."""
    rng = np.random.default_rng([seed, 17])
    errors = {v.input: v for v in conditions if isinstance(v, Verified) and v.error}
    kept: list[FloatArray] = []
    count, largest = 0, 0.0
    while count < rows:
        points = sampling.monte_carlo(
            max(2 * rows, 256), true_model.dimension, seed=seed + 7919 * (len(kept) + 1)
        ).unit
        unit, weight = conditioned(true_model, points, conditions)
        largest = max(largest, float(_heaviest(true_model, conditions, weight)))
        unit = _measured(true_model, unit, points, errors)
        taken = unit[rng.random(len(unit)) * largest < weight]
        kept.append(taken)
        count += len(taken)
    sized = sized_at(design, conditions)
    problem = true_model
    if errors:
        laws = {name: Normal(v.value, v.error) for name, v in errors.items()}
        problem = true_model.replace(laws).without_dependence()
    problem = problem.fix(sized) if sized else problem
    columns = [j for j, name in enumerate(true_model.input_names) if name not in sized]
    unit = np.vstack(kept)[:rows]
    return _Batch(
        tuple(conditions), sized, run(problem, Plan(unit[:, columns], "monte_carlo under requirements", seed))
    )


def _measured(
    true_model: Problem, unit: FloatArray, points: FloatArray, errors: Mapping[str, Verified]
) -> FloatArray:
    """Conditioned points (n, d) as they are without dependence, so that inputs measured with an error may have the
    law of the measurement: their own `points` stay.  The points themselves where nothing is measured."""
    if not errors:
        return unit
    unit = scores(true_model, unit)
    columns = [true_model.index(name) for name in errors]
    apart = unit.copy()
    apart[:, columns] = points[:, columns]
    return apart


def _heaviest(true_model: Problem, conditions: Sequence[Condition], weight: FloatArray) -> float:
    """An upper bound of the weights: that of a dependent pair is at most the weakest truncation's mass."""
    if np.ptp(weight) <= 1e-12 * weight.max():
        return float(weight.max())
    masses = [
        special.ndtr(high) - special.ndtr(low) for low, high in germ_bounds(true_model, conditions).values()
    ]
    # the first truncation has its exact mass, those after it at most one
    return float(masses[0]) if not any(isinstance(condition, Verified) for condition in conditions) else 1.0


def _serving(
    true_model: Problem, batch: _Batch, conditions: Sequence[Condition], design: Mapping[str, float]
) -> IntArray:
    """Rows of a batch that are a fair sample under `conditions`: those that satisfy them, if the batch was drawn under
    no more."""
    none = np.empty(0, dtype=np.int64)
    if dict(batch.design) != sized_at(design, conditions):
        return none
    if {v for v in batch.conditions if isinstance(v, Verified)} != {
        v for v in conditions if isinstance(v, Verified)
    }:
        return none
    wider, wanted = germ_bounds(true_model, batch.conditions), germ_bounds(true_model, conditions)
    for j, (low, high) in wider.items():
        if j not in wanted or wanted[j][0] < low or wanted[j][1] > high:
            return none
    mine = [condition for condition in conditions if isinstance(condition, Requirement)]
    return np.flatnonzero(satisfied(batch.data.problem, batch.data.x, mine) > 0.0)


def _judged(
    true_model: Problem,
    runs: Sequence[Dataset],
    claim: Verdict,
    design: Mapping[str, float],
    mode: str,
) -> Verdict:
    """The verdict of the runs alone, all counting alike."""
    n = sum(len(r) for r in runs)
    y = np.vstack([r.y for r in runs])
    good = np.concatenate([r.feasible for r in runs]).astype(np.float64)
    x = np.empty((n, true_model.dimension))
    for j, name in enumerate(true_model.input_names):
        fixed = sized_at(design, claim.requirements).get(name)
        x[:, j] = np.concatenate([r[name] for r in runs]) if fixed is None else fixed
    rows = Rows(x, y, np.zeros_like(y), good, np.full(n, 1.0 / n), 1.0)
    bare = Sample(true_model, np.empty((0, true_model.dimension)), rows, dict(design), None, mode)
    verdict = compliance(Question(bare, claim.limits, wanted=claim.wanted, confidence=claim.confidence))
    return dataclasses.replace(verdict, requirements=claim.requirements)
