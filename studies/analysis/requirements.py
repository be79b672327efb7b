"""What must be required, on frozen designs: compliance, loosest values, frontier, exchange rates, confirmation."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.fixed_design.flight import FrozenTrade, Margins
from models.fixed_design.operating_point import PumpPoint, points
from models.quantity import substitute
from studies.analysis import fixed_problem
from studies.analysis.drivers import Drivers
from studies.analysis.fixed_problem import POWER_LIMIT, REQUIRED, Asked, Flown
from studies.analysis.growth_allowances import Growth, growths, waterfalls
from studies.analysis.requirement_set import Proposal, most, propose
from studies.analysis.sizing import Budgets
from studies.case.case import Case
from uq.campaign.runner import CampaignError
from uq.core.dataset import Dataset, write_atomically
from uq.core.model_version import model_version
from uq.core.problem import Problem
from uq.report.terminal import Watch, silent
from uq.requirements import (
    Axis,
    Confirmation,
    Confirmations,
    ExchangeRates,
    Frontier,
    Information,
    Levying,
    Limit,
    Loosest,
    Requirement,
    Rows,
    Sample,
    Verdict,
    Verified,
    Waterfall,
    compliance,
    confirm,
    draw,
    exchange_rates,
    frontier,
    information,
    loosest,
)
from uq.requirements.conditioning import sized_at
from uq.requirements.exchange import NOMINAL
from uq.requirements.sweep import levels
from uq.requirements.threshold import LADDER

EFFICIENCY = "pump.efficiency_multiplier"
CONFIDENCE = 0.9
"""Of every interval of the study."""
MARGIN_SCALES = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Of all margins together, tried for the set that complies most often."""
LEVELS = np.array([0.02, 0.16, 0.5, 0.84, 0.98])
"""Quantiles of the pump's efficiency at which the frontier is drawn."""
FINE = 1024
"""With fewer samples every other margin, level and power limit is tried: the intervals are wider than the steps."""
POWER_SHARES = np.array([0.4, 0.55, 0.7, 0.85, 1.0, 1.2])
"""Electric power limits that are tried, as shares of the power of the best design without a limit."""
PROBABILITIES = (0.5, 0.8, 0.9)
"""Of the lines of the frontier."""
EVIDENCE = "evidence.json"
"""Beside the evidence: what else it takes to run it again."""
TEST = 0.25
"""Accuracy of a supplier's test, as a share of today's standard deviation of what it measures (judgement)."""
CONFIRMED = 600
"""Fresh runs behind every claim, at least."""


@dataclass(frozen=True)
class Demands:
    """All that is said of frozen designs of one case."""

    case: Case
    truth: Problem
    best: dict[str, float]
    scale: float
    scales: dict[float, tuple[Verdict, Verdict]]
    """By scale of all margins: no shortfall of the hardware, and all limits."""
    sample: Sample
    asked: Asked
    gain: Verdict
    """The case's own limits, where flights can be judged by any."""
    holds: Verdict
    """No shortfall of the hardware."""
    joint: Verdict
    """Both."""
    adaptive: Verdict | None
    """Limits that only a lander at its own best design can be judged by."""
    loosest: dict[str, Loosest]
    """By input: the least that suffices alone for all limits."""
    limited: dict[float, Verdict]
    """By electric power limit in W: compliance of the design under that limit."""
    frontier: Frontier | None
    rates: ExchangeRates
    steps: tuple[Waterfall, ...]
    growths: tuple[Growth, ...]
    knowing: Information
    proposal: Proposal | None
    claims: tuple[str, ...]
    """Names of what is confirmed, in the order of the confirmations."""
    confirmations: Confirmations

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Everything that flights must hold."""
        return self.asked.flown

    @property
    def levied(self) -> dict[str, Levying]:
        """By input: compliance over its required value, alone."""
        return {name: one.curve for name, one in self.loosest.items()}

    def confirmed(self, claim: str) -> Confirmation | None:
        """The fresh runs behind a claim, if it was put to them."""
        return self.confirmations.items[self.claims.index(claim)] if claim in self.claims else None

    def built(self, asked: Mapping[str, float] | None = None) -> FrozenTrade:
        """The design at today's best estimates, or at other values of some design inputs."""
        made = _model(self.truth).trade({**self.best, **(asked or {})})
        if made is None:
            raise ValueError(f"no design at {asked}")
        return made

    def pumps(self, multiplier: float = 1.0) -> tuple[PumpPoint, ...]:
        """Both pumps of the design at a required efficiency over prediction, at their rated point."""
        return self.hardware({REQUIRED + EFFICIENCY: multiplier})

    def hardware(self, asked: Mapping[str, float]) -> tuple[PumpPoint, ...]:
        """Both drives of the design at some required values, where these are the truth; none without a design."""
        made = _model(self.truth).trade({**self.best, **asked})
        if made is None:
            return ()
        true = {n.removeprefix(REQUIRED): v for n, v in asked.items() if n.startswith(REQUIRED)}
        return points(made, substitute(made.lander, true))

    def power(self) -> float:
        """Electric power in W of the best design without limit, with its margin."""
        return _rating(self.built())

    def line(self) -> int:
        """The line of the frontier that is put to fresh runs: the highest probability that any point reaches."""
        assert self.frontier is not None
        reached = [p for p in range(len(PROBABILITIES)) if self.on_line(p)]
        return max(reached, default=0)

    def on_line(self, line: int) -> tuple[int, ...]:
        """The points of a line that exist and that physics reaches."""
        grid = self.frontier
        assert grid is not None
        reached = grid.reachable.all(axis=1) & np.isfinite(grid.lines[line])
        return tuple(map(int, np.flatnonzero(reached)))

    def tightest_power(self) -> float:
        """The smallest electric power limit tried, in W, that reaches the wanted probability, or where none does that
        costs nothing beside no limit at all."""
        free = max(v.probability for v in self.limited.values())
        enough = min(self.joint.wanted, max(free - 0.02, 0.9 * free))
        return min(at for at, v in self.limited.items() if v.probability >= enough)


def _model(truth: Problem) -> Flown:
    assert isinstance(truth.model, Flown)
    return truth.model


def _rating(built: FrozenTrade) -> float:
    assert built.electric_pump.drives is not None
    return built.electric_pump.drives.power_rating


def scaled_margins(scale: float) -> Margins:
    """All margins times `scale`, those that are shares of what is shared at most one."""
    values = {f.name: scale * getattr(fixed_problem.MARGINS, f.name) for f in dataclasses.fields(Margins)}
    values["bus_sharing"] = min(values["bus_sharing"], 1.0)
    return Margins(**values)


def demand(
    case: Case,
    found: Drivers,
    nominal: Budgets,
    *,
    samples: int,
    seed: int = 1,
    confirmed: int | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> Demands:
    """Ask everything of frozen designs; each on the same `samples` true flights, confirmed by fresh ones: `confirmed`
    behind every claim, a quarter of the samples and at least 600 by default.

    `nominal` holds the budgets at the medians.  Raises CaseError for limits that are none, CampaignError where the
    lander has no frozen design at any margins.
    """
    wanted, confidence = case.wanted_probability, CONFIDENCE
    asked = fixed_problem.limits(case)
    fine = 1 if samples >= FINE else 2
    drawn = {}
    for k, scale in enumerate(MARGIN_SCALES[::fine]):
        watch("choosing margins", k / len(MARGIN_SCALES))
        one, best = fixed_problem.problem(case, scaled_margins(scale))
        drawn[scale] = draw(one, samples, seed=seed, design=best, mode="frozen")
    scales = {
        scale: (
            compliance(one, asked.hardware, wanted=wanted, confidence=confidence),
            compliance(one, asked.flown, wanted=wanted, confidence=confidence),
        )
        for scale, one in drawn.items()
    }
    scale = max(scales, key=lambda s: scales[s][1].probability)
    truth, best = fixed_problem.problem(case, scaled_margins(scale))
    sample, (holds, joint) = drawn[scale], scales[scale]
    if joint.infeasible == 1.0:
        raise CampaignError(
            f"no lander of case {case.name!r} has a frozen design that flies at today's best estimates; look at one "
            "with `lander-uq size`"
        )

    def comply(limits: Sequence[Limit], *given: Requirement | Verified) -> Verdict:
        return compliance(sample, limits, wanted=wanted, given=given, confidence=confidence)

    gain = comply(asked.frozen) if asked.frozen else joint
    adaptive = None
    sized = _as_sample(found.data)
    if asked.adaptive:
        adaptive = compliance(sized, asked.adaptive, wanted=wanted, confidence=confidence)

    names = [i.name for i in case.inputs if i.role == "requirement"]
    watch("designing at required values", float("nan"))
    built = _model(truth).trade(best)
    assert built is not None
    powers = [float(share * _rating(built)) for share in POWER_SHARES[::fine]]
    efficiencies = _quantiles(truth, EFFICIENCY, LEVELS[::fine]) if EFFICIENCY in names else ()
    _design(truth, best, sample, names, powers, efficiencies)

    least = {}
    for k, name in enumerate(names):
        watch("levying requirements", k / len(names))
        least[name] = loosest(
            sample,
            asked.flown,
            of=name,
            wanted=wanted,
            design=REQUIRED + name,
            reachable=lambda columns, name=name: columns[name] <= most(sample, name),  # type: ignore[misc]
            confidence=confidence,
        )
    watch("limiting the electric power", float("nan"))
    limited = {at: comply(asked.flown, Verified(POWER_LIMIT, at)) for at in powers}
    grid = None
    if efficiencies:
        watch("the frontier", float("nan"))
        grid = frontier(
            sample,
            asked.flown,
            first=Axis(EFFICIENCY, "at least", efficiencies, design=REQUIRED + EFFICIENCY),
            second=Axis(POWER_LIMIT, "at most", tuple(powers)),
            probabilities=PROBABILITIES,
            reachable=lambda columns: columns[EFFICIENCY] <= most(sample, EFFICIENCY),
            confidence=confidence,
        )
    watch("exchange rates and margins", float("nan"))
    output_of = next((limit.output for limit in asked.frozen), "payload_gain")
    rates = exchange_rates(
        sample,
        output_of,
        inputs=[*names, POWER_LIMIT],
        spans={POWER_LIMIT: (powers[-3], powers[-2]) if fine == 1 else (powers[-2], powers[-1])},
        limits=asked.flown,
        level=0.05 if not asked.frozen or np.isfinite(asked.frozen[0].low) else 0.95,
        steps=1,
        per=_per(case, names),
        designs={name: REQUIRED + name for name in names},
        confidence=confidence,
    )
    steps = waterfalls(sample, asked.frozen, level=wanted, confidence=confidence)
    grown = growths(sample, nominal.sizings["electric_pump"], level=wanted, confidence=confidence)
    spread = {i.name: 0.5 * float(np.ptp(i.distribution.ppf(np.array(NOMINAL)))) for i in case.inputs}
    knowing = information(
        sized,
        "payload_gain",
        errors={name: [TEST * spread[name]] for name in names},
        confidence=confidence,
    )
    watch("the least demanding set", float("nan"))
    proposal = propose(case, sample, asked.flown, least, joint, confidence=confidence)

    bare = Demands(
        case, truth, best, scale, scales, sample, asked, gain, holds, joint, adaptive, least, limited, grid, rates,
        steps, grown, knowing, proposal, (), Confirmations((), ()),
    )  # fmt: skip
    watch("confirming with fresh runs", float("nan"))
    claims = _claims(bare)
    confirmations = confirm(
        dataclasses.replace(truth, version=model_version(_model(truth))),
        list(claims.values()),
        rows=confirmed or max(CONFIRMED, samples // 4),
        seed=seed + 1000,
        design=best,
        confidence=confidence,
        mode="frozen",
    )
    whole = dataclasses.replace(bare, claims=tuple(claims), confirmations=confirmations)
    if output is not None:
        for k in evidence(whole):
            confirmations.batches[k].save(output / f"evidence-{k}")
        record = json.dumps({"margin_scale": scale, "batches": evidence(whole)}) + "\n"
        write_atomically(output / EVIDENCE, lambda file: file.write(record.encode()))
    return whole


def evidence(found: Demands) -> tuple[int, ...]:
    """The batches of fresh runs that stay: behind today's compliance and behind the proposed requirements."""
    kept = (found.confirmed(claim) for claim in ("joint", "proposal"))
    return tuple(sorted({k for one in kept if one is not None for k in one.evidence.batches}))


def _claims(found: Demands) -> dict[str, Verdict]:
    """Every compliance that the answer rests on, by name, to be put to fresh runs."""
    claims = {"joint": found.joint}
    if found.asked.frozen:
        claims["gain"] = found.gain

    def under(*given: Requirement | Verified) -> Verdict:
        return compliance(
            found.sample, found.limits, wanted=found.joint.wanted, given=given, confidence=CONFIDENCE
        )

    for name, one in found.loosest.items():
        at = one.value.value if one.status == "found" else one.best_value
        if one.status != "met without it":
            claims[f"alone {name}"] = under(Requirement(name, low=float(at), design=REQUIRED + name))
    power = found.tightest_power()
    claims["power"] = found.limited[power]
    if found.frontier is not None:
        points = {a: found.frontier.point(found.line(), a)[1] for a in found.on_line(found.line())}
        _model(found.truth).trades([{**found.best, **sized_at(found.best, p)} for p in points.values()])
        for a, given in points.items():
            claims[f"frontier {a}"] = under(*given)
    if found.proposal is not None and found.proposal.requirements:
        claims["proposal"] = found.proposal.verdict
    return claims


def _quantiles(truth: Problem, name: str, at: np.ndarray) -> tuple[float, ...]:
    return tuple(map(float, truth.inputs[truth.index(name)].distribution.ppf(at)))


def _design(
    truth: Problem,
    best: Mapping[str, float],
    sample: Sample,
    names: Sequence[str],
    powers: Sequence[float],
    efficiencies: Sequence[float],
) -> None:
    """Make the designs that are asked about further on, together."""
    sets = [{POWER_LIMIT: at} for at in powers]
    sets += [{POWER_LIMIT: p, REQUIRED + EFFICIENCY: e} for p in powers for e in efficiencies]
    for name in names:
        values = levels(sample, name, "at least", count=LADDER)
        values = values[values <= most(sample, name)]
        at = [*values, *_quantiles(truth, name, np.array([*NOMINAL, 0.05, 0.95]))]
        sets += [{REQUIRED + name: float(value)} for value in at]
    _model(truth).trades([{**best, **one} for one in sets])


def _as_sample(data: Dataset) -> Sample:
    """Samples of the sizing model as they stand, to be asked without another run."""
    n = len(data)
    rows = Rows(
        data.x, data.y, np.zeros_like(data.y), data.feasible.astype(np.float64), np.full(n, 1.0 / n), 1.0
    )
    return Sample(data.problem, data.problem.unit(data.x), rows, mode="adaptive")


def _per(case: Case, names: list[str]) -> dict[str, float]:
    """Steps in which exchange rates are told: a tenth of the median, in round numbers."""
    laws = {i.name: i.distribution for i in case.inputs}
    return {name: float(f"{0.1 * laws[name].ppf(0.5):.0e}") for name in names} | {POWER_LIMIT: 1e3}
