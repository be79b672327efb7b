"""What an offer of hardware is worth against a finished study: requirement by requirement, and simulated as a whole.

The offer's measurements replace the predictions of the study's case (`studies.case.hardware`); the design is fixed at
its medians with the study's margins, and realised landers are simulated with it: true runs, no surrogate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.fixed_design.design import Margins
from studies.analysis import fixed_problem
from studies.analysis.fixed_problem import POWER_LIMIT, REQUIRED
from studies.case.case import Case
from uq.core.confidence_intervals import wilson
from uq.core.dataset import evaluate
from uq.core.estimate import Estimate
from uq.core.problem import Problem
from uq.requirements import Statement, draw

CONFIDENT = 0.95
"""Chance from which on a requirement is met, and below one less it, missed; between, it is open."""
Standing = Literal["met", "missed", "open"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One requirement against the offer."""

    statement: Statement
    chance: float | None
    """That the offered hardware meets it; None where the offer says nothing of it."""
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One design on realised landers."""

    compliance: Estimate
    payload: float
    """kg of the pump-fed lander, mean over those that fly."""
    gain: float
    """kg over the pressure-fed lander, mean."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A requirement to negotiate: what the offer would be worth if it met this one, too."""

    statement: Statement
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An offer judged."""

    answers: tuple[Answer, ...]
    values: Mapping[str, float]
    """By input: the median of what was measured, where the offer says other than the study's case."""
    today: Outcome
    """Without the offer, at the study's best estimates."""
    offered: Outcome
    terms: tuple[Term, ...]
    """The most valuable first."""


def judged(
    case: Case, offer: Case, margins: Margins, statements: Sequence[Statement], *, runs: int, seed: int
) -> Judged:
    """Judge an offer.

    Parameters
    ----------
    case : Case
        The study's.
    offer : Case
        The study's case with the hardware of the offer.
    margins : Margins
        Of the study's design.
    statements : sequence of Statement
        The study's requirements.
    runs : int
        Realised landers: as many as the study's, and with its seed, so that today's compliance is the report's.
    seed : int
        Of every random draw; the same seed gives the same result.

    Returns
    -------
    Judged
    """
    powers = [float(c["value"]) for s in statements for c in s.conditions if c["name"] == POWER_LIMIT]
    limit = {POWER_LIMIT: min(powers)} if powers else {}
    offered, outputs = _simulated(offer, margins, limit, {}, runs, seed)
    answers = tuple(_answer(offer, statement, outputs) for statement in statements)
    terms, done = [], set()
    for answer in answers:
        condition = _condition(answer.statement)
        if answer.standing == "met" or condition is None or condition["name"] in done:
            continue
        done.add(condition["name"])
        reached = {condition["name"]: (condition.get("low"), condition.get("high"))}
        terms.append(
            Term(
                statement=answer.statement, outcome=_simulated(offer, margins, limit, reached, runs, seed)[0]
            )
        )
    terms.sort(key=lambda term: -term.outcome.compliance.value)
    laws = {i.name: i.distribution for i in case.inputs}
    measured = [i for i in offer.inputs if i.distribution != laws.get(i.name)]
    return Judged(
        answers=answers,
        values={i.name: float(i.distribution.ppf(0.5)) for i in measured},
        today=_simulated(case, margins, {}, {}, runs, seed)[0],
        offered=offered,
        terms=tuple(terms),
    )


def _condition(statement: Statement) -> Mapping[str, Any] | None:
    """What was required of an input in the runs behind a statement."""
    return next((c for c in statement.conditions if c["name"] == statement.input and "value" not in c), None)


def _answer(offer: Case, statement: Statement, outputs: Mapping[str, np.ndarray]) -> Answer:
    condition = _condition(statement)
    law = next((i.distribution for i in offer.inputs if i.name == statement.input), None)
    name = "electric_power" if statement.input == POWER_LIMIT else statement.input
    chance = None
    if condition is not None and law is not None:
        low, high = condition.get("low"), condition.get("high")
        chance = 1.0 if high is None else float(law.cdf(high))
        chance -= 0.0 if low is None else float(law.cdf(low))
    elif name in outputs:
        value = outputs[name][np.isfinite(outputs[name])]
        kept = value <= statement.bound if statement.bound_side == "at most" else value >= statement.bound
        chance = float(np.mean(kept)) if value.size else None
    standing: Standing = "open"
    if chance is not None:
        standing = "met" if chance >= CONFIDENT else "missed" if chance <= 1.0 - CONFIDENT else "open"
    return Answer(statement=statement, chance=chance, standing=standing)


def _simulated(
    case: Case,
    margins: Margins,
    design: Mapping[str, float],
    reached: Mapping[str, tuple[float | None, float | None]],
    runs: int,
    seed: int,
) -> tuple[Outcome, dict[str, np.ndarray]]:
    """The design at the case's medians, with some inputs brought to what is required, on realised landers."""
    problem, best = fixed_problem.problem(case, margins)
    brought = {
        REQUIRED + name: float(
            np.clip(
                best[REQUIRED + name],
                low if low is not None else -np.inf,
                high if high is not None else np.inf,
            )
        )
        for name, (low, high) in reached.items()
        if REQUIRED + name in best
    }
    sample = draw(problem, runs, seed=seed, design={**best, **design, **brought})
    y, feasible = sample.rows.mean, sample.rows.feasible > 0.5
    if reached:
        x = np.array(sample.rows.x)
        for name, (low, high) in reached.items():
            j = problem.input_names.index(name)
            x[:, j] = np.clip(x[:, j], -np.inf if low is None else low, np.inf if high is None else high)
        again = evaluate(problem, x, anywhere=True)
        y, feasible = again.y, again.status == 0
    return _judged(case, problem, y, feasible)


def _judged(
    case: Case, problem: Problem, y: np.ndarray, feasible: np.ndarray
) -> tuple[Outcome, dict[str, np.ndarray]]:
    outputs = {name: y[:, k] for k, name in enumerate(problem.output_names)}
    good = np.array(feasible)
    for limit in fixed_problem.limits(case).all:
        value = outputs[limit.output]
        good &= (limit.low <= value) & (value <= limit.high)
    share = float(good.mean())
    low, high = wilson(share, float(len(good)), 0.9)

    def mean(name: str) -> float:
        value = outputs[name][feasible & np.isfinite(outputs[name])]
        return float(value.mean()) if value.size else float("nan")

    return (
        Outcome(
            compliance=Estimate(share, low, high),
            payload=mean("electric_pump.payload"),
            gain=mean("payload_gain"),
        ),
        outputs,
    )
