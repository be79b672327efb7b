"""What an offer of hardware is worth against a finished study: requirement by requirement, and simulated as a whole.

The offer's measurements replace the predictions of the study's case (`studies.case.hardware`); the design is fixed at
its medians with the study's margins, and realised landers are simulated with it: true runs, no surrogate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.fixed_design.design import Margins
from studies.analysis import fixed_problem
from studies.analysis.accounts.offer_rows import Answer, Item, Sheets, answer, standing
from studies.analysis.fixed_problem import POWER_LIMIT, REQUIRED
from studies.case.case import Case
from studies.case.toml_file import CaseError
from uq import sampling
from uq.core.confidence_intervals import wilson
from uq.core.dataset import evaluate
from uq.core.distributions import LogNormal, Uniform
from uq.core.estimate import Estimate
from uq.core.problem import Problem, nearest
from uq.requirements import Statement, draw


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
    another_model: bool = False
    """Whether the study's runs are of another version of the model, so that `today` need not be the report's."""


def judged(
    case: Case, offer: Case, margins: Margins, items: Sequence[Item], *, runs: int, seed: int
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
    items : sequence of Statement or Entry
        The study's requirements.
    runs : int
        Realised landers: as many as the study's, and with its seed, so that today's compliance is the report's where
        the model is the one that the study ran.
    seed : int
        Of every random draw; the same seed gives the same result.

    Returns
    -------
    Judged
    """
    statements = [s for s in items if isinstance(s, Statement)]
    powers = [float(c["value"]) for s in statements for c in s.conditions if c["name"] == POWER_LIMIT]
    limit = {POWER_LIMIT: min(powers)} if powers else {}
    offered, outputs = _simulated(offer, margins, limit, {}, runs, seed)
    sheets = Sheets(offer, {s.identifier: s for s in items})
    if strange := offer.offered.keys() - sheets.items.keys():
        raise CaseError(
            f"offered.{min(strange)}: is no requirement of the study{nearest(min(strange), sheets.items)}"
        )
    in_the_set = _in_the_set(case, offer, margins, limit | _required(statements), runs, seed)
    answers = tuple(_answer(case, offer, one, sheets, outputs, in_the_set) for one in items)
    terms, done = [], set()
    for one in answers:
        if not isinstance(one.item, Statement):
            continue
        condition = _condition(one.item)
        if one.standing == "met" or condition is None or condition["name"] in done:
            continue
        done.add(condition["name"])
        low, high = condition.get("low"), condition.get("high")
        reached = {
            name: (low, high) for name in _own(condition["name"]) if name in {i.name for i in offer.inputs}
        }
        if reached:
            better = _brought(offer, reached)
            terms.append(
                Term(statement=one.item, outcome=_simulated(better, margins, limit, reached, runs, seed)[0])
            )
    terms.sort(key=lambda term: -term.outcome.compliance.value)
    laws = {i.name: i.distribution for i in case.inputs}
    measured = [i for i in offer.inputs if i.name in laws and i.distribution != laws[i.name]]
    return Judged(
        answers=answers,
        values={i.name: float(i.distribution.ppf(0.5)) for i in measured},
        today=_simulated(case, margins, {}, {}, runs, seed)[0],
        offered=offered,
        terms=tuple(terms),
        another_model=of_another_model(statements, fixed_problem.problem(case, margins)[0].version),
    )


def of_another_model(statements: Sequence[Statement], version: str) -> bool:
    """Whether the runs behind some statements are of another version of the model.

    Parameters
    ----------
    statements : sequence of Statement
        Of a study.
    version : str
        Of a problem of today; what follows a bar is the design, not the model.

    Returns
    -------
    bool
    """
    model = version.partition("|")[0]
    return any(e.version.partition("|")[0] != model for s in statements for e in s.evidence)


def _required(statements: Sequence[Statement]) -> dict[str, float]:
    """Values of the design inputs at which the required set is fixed."""
    found = {}
    for c in (c for s in statements for c in s.conditions if c["design"] and "value" not in c):
        found[str(c["design"])] = float(c["high"] if c["low"] is None else c["low"])
    return found


def _in_the_set(
    case: Case, offer: Case, margins: Margins, chosen: Mapping[str, float], runs: int, seed: int
) -> Mapping[str, np.ndarray]:
    """Outputs of the design that the study's requirements belong to, with the offered hardware in it."""
    problem, best = fixed_problem.problem(case, margins)
    trade = fixed_problem.model_of(problem).trade({**best, **chosen})
    if trade is None:
        return {}
    uncertain = offer.uncertain
    x = uncertain.physical(sampling.sobol_sequence(runs, uncertain.dimension, seed=seed).unit)
    return dict(trade({name: x[:, j] for j, name in enumerate(uncertain.input_names)}))


def _own(name: str) -> tuple[str, ...]:
    """An input of both pumps, and the same of each pump where it has its own."""
    return (name, f"oxidiser_{name}", f"fuel_{name}") if name.startswith("pump.") else (name,)


def _brought(offer: Case, reached: Mapping[str, tuple[float | None, float | None]]) -> Case:
    """The offer with the pumps that it gives each alone brought to what is required."""
    inputs = []
    for i in offer.inputs:
        if i.name in reached:
            law, (low, high) = i.distribution, reached[i.name]
            if isinstance(law, LogNormal) and i.name.partition("_pump.")[1]:
                median = float(np.clip(law.median, low, high))
                i = replace(i, distribution=LogNormal(median, law.factor))
        inputs.append(i)
    return replace(offer, inputs=tuple(inputs))


def _condition(statement: Statement) -> Mapping[str, Any] | None:
    """What was required of an input in the runs behind a statement."""
    return next((c for c in statement.conditions if c["name"] == statement.input and "value" not in c), None)


def _answer(
    case: Case,
    offer: Case,
    item: Item,
    sheets: Sheets,
    outputs: Mapping[str, np.ndarray],
    in_the_set: Mapping[str, np.ndarray],
) -> Answer:
    """One requirement against the offer; power and energy of all drives in the design of the required set."""
    if item.identifier.startswith("SYS-"):
        return _of_the_system(case, item, outputs)
    if item.identifier in offer.offered or not isinstance(item, Statement):
        return answer(item, sheets, case.lander)
    name = "electric_power" if item.input == POWER_LIMIT else item.input
    if name in in_the_set:
        value = in_the_set[name][np.isfinite(in_the_set[name])]
        kept = value <= item.bound if item.bound_side == "at most" else value >= item.bound
        chance = float(np.mean(kept)) if value.size else 0.0
        words = f"{item.attributes.item} simulated with this hardware"
        return Answer(
            item=item, chance=chance, standing=standing(chance), offered=words, missing=_spans(chance)
        )
    condition = _condition(item)
    if condition is not None and name.startswith("battery.") and "battery" in offer.data_sheets:
        law = next((i.distribution for i in offer.inputs if i.name == name), None)
        if law is not None:
            low, high = condition.get("low"), condition.get("high")
            chance = (1.0 if high is None else float(law.cdf(high))) - (
                0.0 if low is None else float(law.cdf(low))
            )
            return Answer(
                item=item,
                chance=chance,
                standing=standing(chance),
                offered="data sheet",
                missing=_spans(chance),
            )
    return answer(item, sheets, case.lander)


def _spans(chance: float) -> str:
    return (
        "" if standing(chance) != "open" else "a better known value: its uncertainty spans what is permitted"
    )


def _of_the_system(case: Case, item: Item, outputs: Mapping[str, np.ndarray]) -> Answer:
    """A requirement on the lander as a whole: the share of the realised landers that hold its limits."""
    limits = fixed_problem.limits(case)
    name = item.identifier.removeprefix("SYS-").lower().replace("-", "_")
    own = [limit for limit in limits.fixed if name.startswith(limit.output.replace(".", "_"))]
    held = own or (list(limits.hardware) if item.identifier == "SYS-WORKS" else [])
    if not held:
        return Answer(item=item, missing="judged with each lander at its own best design")
    good = np.all([(o.low <= outputs[o.output]) & (outputs[o.output] <= o.high) for o in held], axis=0)
    share = float(good.mean())
    low, high = wilson(share, float(len(good)), 0.9)
    wanted = case.wanted_probability
    return Answer(
        item=item,
        chance=share,
        standing="met" if low >= wanted else "missed" if high < wanted else "open",
        offered=f"{share:.3f} of the landers with this hardware",
        missing=""
        if low >= wanted or high < wanted
        else "more realised landers: the interval holds what is wanted",
    )


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
    values = {**best, **design, **brought}
    sample = draw(_holding(problem, values), runs, seed=seed, design=values)
    y, feasible = sample.rows.mean, sample.rows.feasible > 0.5
    if reached:
        x = np.array(sample.rows.x)
        for name, (low, high) in reached.items():
            j = problem.input_names.index(name)
            x[:, j] = np.clip(x[:, j], -np.inf if low is None else low, np.inf if high is None else high)
        again = evaluate(problem, x, anywhere=True)
        y, feasible = again.y, again.status == 0
    return _judged(case, problem, y, feasible)


def _holding(problem: Problem, design: Mapping[str, float]) -> Problem:
    """The problem with laws of the design inputs that hold these values: an offer may go beyond the study's."""
    laws = {}
    for name, value in design.items():
        low, high = problem.inputs[problem.index(name)].distribution.support
        if not low <= value <= high:
            laws[name] = Uniform(min(low, value), max(high, value))
    return problem.replace(laws)


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
