"""What must be required of the drives of a fixed design: compliance, least demanding values, margins, confirmation.

`find` asks everything on one sample of realised landers, so that two answers differ by what was required and not by
chance, and puts every compliance that the answer rests on to fresh runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from models.fixed_design.flight import FixedTrade, Margins, simulate
from models.fixed_design.operating_point import PumpPoint, points
from models.lander import Lander
from models.quantity import Columns, substitute
from studies.analysis import fixed_problem
from studies.analysis.accounts import margin_allocation
from studies.analysis.accounts.margin_effects import MarginEffect, effects, scaled
from studies.analysis.accounts.set_surrogate import SetSurrogate, learn_sets
from studies.analysis.accounts.standards import Standards, standards
from studies.analysis.accounts.steps import Step, steps
from studies.analysis.confirmation import FreshRuns, Origin, fresh_runs
from studies.analysis.drivers import Drivers
from studies.analysis.fixed_problem import POWER_LIMIT, REQUIRED, CaseLimits, model_of
from studies.analysis.growth_allowances import Growth, growths, waterfalls
from studies.analysis.requirement_set import Proposal, propose
from studies.analysis.single_requirements import (
    EFFICIENCY,
    LEVELS,
    POWER_SHARES,
    SingleRequirements,
    candidates,
    quantiles,
    single_requirements,
)
from studies.analysis.sizing import Budgets
from studies.case.case import Case
from uq.campaign.runner import CampaignError
from uq.core.dataset import Dataset
from uq.report.terminal import Watch, silent
from uq.requirements import (
    Confirmation,
    ExchangeRates,
    Information,
    Limit,
    Question,
    Rows,
    Sample,
    Verdict,
    Waterfall,
    compliance,
    draw,
    exchange_rates,
    information,
)
from uq.requirements.exchange import NOMINAL

FIXED, REOPTIMISED = "fixed", "re-optimised"
"""Modes of a sample, in the titles of its results."""
CONFIDENCE = 0.9
"""Of every interval of the study."""
MARGIN_SCALES = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Of all margins together, tried for the set that complies most often."""
COARSE = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Levels of each margin where there are few samples."""
FINE = 1024
"""With fewer samples every other margin, level and power limit is tried: the intervals are wider than the steps."""
TEST = 0.25
"""Accuracy of a supplier's test, as a share of today's standard deviation of what it measures (judgement)."""
CONFIRMED = 600
"""Fresh runs behind every claim, at least."""


@dataclass(frozen=True, kw_only=True)
class FixedDesign:
    """The design at today's best estimates, what it must hold, and the sample of realised landers it is judged on."""

    case: Case
    margin_scale: float
    """Of all margins together: the common factor whose compliance each at its own best must reach."""
    margin_price: float
    """kg of payload for which a point of compliance is bought by margins; NaN where all hold the common factor."""
    margins: Margins
    """That the design holds."""
    limits: CaseLimits
    sample: Sample

    def built(self, chosen: Mapping[str, float] | None = None) -> FixedTrade | None:
        """The design at today's best estimates, or at other values of some design inputs; None where there is none."""
        return model_of(self.sample.problem).trade({**self.sample.design, **(chosen or {})})

    def pumps(self, chosen: Mapping[str, float] | None = None) -> tuple[PumpPoint, ...]:
        """Both drives of the design at some required values, where these are realised; none without a design."""
        trade = self.built(chosen)
        return () if trade is None else points(trade, _realised(trade, chosen or {}))

    def predicted(self, chosen: Mapping[str, float] | None = None) -> tuple[tuple[PumpPoint, ...], Columns]:
        """The design at some required values if its drives come out as predicted today: both drives at its operating
        point, and the columns of `models.fixed_design.flight`; nothing without a design."""
        trade = self.built(chosen)
        if trade is None:
            return (), {}
        lander = _realised(trade, self.sample.design)
        return points(trade, lander), simulate(trade.electric_pump, lander).columns

    def pumps_at(self, efficiency_multiplier: float) -> tuple[PumpPoint, ...]:
        """Both pumps at a required efficiency over the predicted one."""
        return self.pumps({REQUIRED + EFFICIENCY: efficiency_multiplier})

    @property
    def power(self) -> float:
        """Electric power in W of the best design without limit, with its margin."""
        trade = self.built()
        assert trade is not None
        assert trade.electric_pump.drives is not None
        return trade.electric_pump.drives.power_rating


@dataclass(frozen=True, kw_only=True)
class Compliance:
    """Compliance of the design at today's best estimates."""

    case_limits: Verdict
    """The case's own limits, where a fixed design can be judged by any; else the same as `joint`."""
    hardware: Verdict
    """No shortfall of the hardware."""
    joint: Verdict
    """Both."""
    reoptimised: Verdict | None
    """Limits that only a lander at its own best design can be judged by."""
    by_margin_scale: dict[float, tuple[Verdict, Verdict]]
    """By scale of all margins: no shortfall of the hardware, and all limits."""


@dataclass(frozen=True, kw_only=True)
class MarginAccounts:
    """What uses margins up, what a step of a requirement is worth, and what to measure next."""

    rates: ExchangeRates
    waterfalls: tuple[Waterfall, ...]
    growths: tuple[Growth, ...]
    effects: tuple[MarginEffect, ...]
    """Of each margin of the design."""
    standards: Standards
    information: Information


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """All that is required of the drives of one case, and what it rests on."""

    design: FixedDesign
    compliance: Compliance
    single: SingleRequirements
    proposal: Proposal | None
    fresh: FreshRuns

    @property
    def case(self) -> Case:
        """The case that is asked about."""
        return self.design.case

    @property
    def stands(self) -> bool:
        """Whether there is a proposed set whose claim fresh runs neither contradict nor find short of its goal."""
        fresh = self.confirmed("proposal")
        return (
            self.proposal is not None
            and fresh is not None
            and self.fresh.stands("proposal")
            and fresh.fresh.answer != "not met"
        )

    @property
    def chosen(self) -> Mapping[str, float]:
        """The values at which the specified design is fixed: those of the proposed set where it stands, else none."""
        return self.proposal.design if self.proposal is not None and self.stands else {}

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """What a step of each requirement costs, at the specified design."""
        required = self.proposal.requirements if self.proposal is not None and self.stands else ()
        return steps(
            self.design.sample,
            required,
            self.design.pumps(self.chosen),
            self.design.limits,
            confidence=CONFIDENCE,
        )

    def confirmed(self, claim: str) -> Confirmation | None:
        """The fresh runs behind a claim, if it was put to them."""
        return self.fresh.of(claim)


@dataclass(frozen=True, kw_only=True)
class RequirementsAndAccounts(Requirements):
    """The requirements, and what a study says of their margins."""

    margins: MarginAccounts


def find(
    drivers: Drivers,
    nominal: Budgets,
    *,
    samples: int,
    seed: int = 1,
    confirmed: int | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> RequirementsAndAccounts:
    """What must be required of a fixed design of the drivers' case, and what uses its margins up.

    Parameters
    ----------
    drivers : Drivers
        The same case with each sample at its own best design: for limits that no fixed design can be judged by,
        and for what to measure next.
    nominal : Budgets
        The budgets at the medians.
    samples, seed, confirmed, watch
        As `requirements_of`.
    output : Path, optional
        Folder in which the evidence is kept; nothing is kept without one.

    Returns
    -------
    RequirementsAndAccounts
        With the evidence of every claim.

    Raises
    ------
    CaseError
        For limits that are none.
    CampaignError
        Where the lander has no fixed design at any margins.
    """
    case = drivers.case
    found = requirements_of(case, samples=samples, seed=seed, confirmed=confirmed, watch=watch)
    if output is not None:
        origin = Origin(samples=samples, seed=seed, confirmed=confirmed)
        found.fresh.keep(output, found.design.margins, case.taken, origin)
    watch("exchange rates and margins", float("nan"))
    if found.design.limits.reoptimised:
        judged = _judged(case, _as_sample(drivers.data), found.design.limits.reoptimised)
        found = dataclasses.replace(
            found, compliance=dataclasses.replace(found.compliance, reoptimised=judged)
        )
    low, high = POWER_SHARES[[-3 if samples >= FINE else -4, -2]]  # neighbours among those that were tried
    power_step = float(low * found.design.power), float(high * found.design.power)
    return RequirementsAndAccounts(
        design=found.design,
        compliance=found.compliance,
        single=found.single,
        proposal=found.proposal,
        fresh=found.fresh,
        margins=_accounts(drivers, nominal, found.design, power_step),
    )


def requirements_of(
    case: Case, *, samples: int, seed: int = 1, confirmed: int | None = None, watch: Watch = silent
) -> Requirements:
    """What must be required of a fixed design of a case: nothing else than these arguments makes it, so that whoever
    has them finds the same again.

    Limits that only a lander at its own best design can be judged by are left out.

    Parameters
    ----------
    case : Case
        With the concepts that were taken.
    samples : int
        Realised landers that every design is judged on.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    confirmed : int, optional
        Fresh runs behind every claim; by default a quarter of the samples and at least 600.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Requirements
        With the evidence of every claim.

    Raises
    ------
    CaseError
        For limits that are none.
    CampaignError
        Where the lander has no fixed design at any margins.
    """
    wanted = case.wanted_probability
    step = 1 if samples >= FINE else 2
    design, today = _best_margins(case, samples, seed, MARGIN_SCALES[::step], watch)
    watch("designing at required values", float("nan"))
    names = [i.name for i in case.inputs if i.role == "requirement"]
    power_shares, levels = POWER_SHARES[::step], LEVELS[::step]
    powers = [float(share * design.power) for share in power_shares]
    efficiencies = quantiles(design.sample.problem, EFFICIENCY, levels) if EFFICIENCY in names else ()
    sample = fixed_problem.knowing(design.sample, candidates(design.sample, names, powers, efficiencies))
    design = dataclasses.replace(design, sample=sample)
    limits = design.limits.all
    question = Question(sample, limits, wanted=wanted, confidence=CONFIDENCE)
    single = single_requirements(question, names=names, powers=powers, efficiencies=efficiencies, watch=watch)
    watch("the least demanding set", float("nan"))
    runs = confirmed or max(CONFIRMED, samples // 4)
    proposal = propose(case, question, single.thresholds, today.joint, runs)
    watch("confirming with fresh runs", float("nan"))
    fresh = fresh_runs(
        question,
        joint=today.joint,
        case_limits=today.case_limits if design.limits.fixed else None,
        single=single,
        proposal=proposal,
        runs=runs,
        seed=seed + 1000,
    )
    return Requirements(design=design, compliance=today, single=single, proposal=proposal, fresh=fresh)


def realised_landers(samples: int) -> int:
    """Realised landers behind every verdict of a study.

    Parameters
    ----------
    samples : int
        Landers that the study sizes.

    Returns
    -------
    int
        As many, and 256 or more.
    """
    return max(256, samples)


def learned_sets(requirements: Requirements, *, seed: int) -> SetSurrogate:
    """Compliance of the case's fixed designs under any set of requirements.

    Parameters
    ----------
    requirements : Requirements
        Of the case, with the design and its sample.
    seed : int
        Of the sets that are simulated.

    Returns
    -------
    SetSurrogate
    """
    design = requirements.design
    names = [i.name for i in design.case.inputs if i.role == "requirement"]
    sample = design.sample
    return learn_sets(sample, names, design.limits.all, design.power, few=len(sample) < FINE, seed=seed)


def _judged(case: Case, sample: Sample, limits: Sequence[Limit]) -> Verdict:
    return compliance(Question(sample, limits, wanted=case.wanted_probability, confidence=CONFIDENCE))


def _best_margins(
    case: Case, samples: int, seed: int, scales: Sequence[float], watch: Watch
) -> tuple[FixedDesign, Compliance]:
    """The design at the scale of the margins that complies most often, and its compliance."""
    limits = fixed_problem.limits(case)

    def judged(sample: Sample, some: Sequence[Limit]) -> Verdict:
        return _judged(case, sample, some)

    def drawn_with(margins: Margins) -> Sample:
        problem, best = fixed_problem.problem(case, margins)
        bare = dataclasses.replace(problem, model=model_of(problem).knowing([best]))
        return draw(bare, samples, seed=seed, design=best, mode=FIXED)

    drawn: dict[float, Sample] = {}
    for k, scale in enumerate(scales):
        watch("choosing margins", k / len(scales))
        drawn[scale] = drawn_with(scaled(case, scale))
    by_scale = {
        scale: (judged(sample, limits.hardware), judged(sample, limits.all))
        for scale, sample in drawn.items()
    }
    scale = max(by_scale, key=lambda s: by_scale[s][1].probability)
    sample, (hardware, joint) = drawn[scale], by_scale[scale]
    margins = scaled(case, scale)
    if joint.infeasible == 1.0:
        raise CampaignError(
            f"no lander of case {case.name!r} has a fixed design that works at today's best estimates; look at one "
            "with `lander-uq size`"
        )
    watch("each margin at its own best", float("nan"))
    fine = (
        {} if samples >= FINE else {"levels": COARSE, "prices": (margin_allocation.PRICES[1],), "sweeps": 1}
    )
    moved, price = margin_allocation.allocated(case, sample, margins, limits, **fine)  # type: ignore[arg-type]
    if moved != margins:
        other = drawn_with(moved)
        all_limits = judged(other, limits.all)
        if all_limits.probability >= joint.probability:
            margins, sample, joint, hardware = moved, other, all_limits, judged(other, limits.hardware)
        else:
            price = float("nan")
    design = FixedDesign(
        case=case,
        margin_scale=scale,
        margin_price=price,
        margins=margins,
        limits=limits,
        sample=sample,
    )
    return design, Compliance(
        case_limits=judged(sample, limits.fixed) if limits.fixed else joint,
        hardware=hardware,
        joint=joint,
        reoptimised=None,
        by_margin_scale=by_scale,
    )


def _accounts(
    drivers: Drivers,
    nominal: Budgets,
    design: FixedDesign,
    power_step: tuple[float, float],
) -> MarginAccounts:
    """Exchange rates (electric power over `power_step`), waterfalls, growth and information."""
    case, sample, limits = design.case, design.sample, design.limits
    wanted, confidence = case.wanted_probability, CONFIDENCE
    names = [i.name for i in case.inputs if i.role == "requirement"]
    trade = design.built()
    assert trade is not None
    spread = {i.name: 0.5 * float(np.ptp(i.distribution.ppf(np.array(NOMINAL)))) for i in case.inputs}
    return MarginAccounts(
        rates=exchange_rates(
            Question(sample, limits.all, confidence=confidence),
            next((limit.output for limit in limits.fixed), "payload_gain"),
            inputs=[*names, POWER_LIMIT],
            spans={POWER_LIMIT: power_step},
            level=0.05 if not limits.fixed or np.isfinite(limits.fixed[0].low) else 0.95,
            steps=1,
            per=_steps(case, names),
            designs={name: REQUIRED + name for name in names},
        ),
        waterfalls=waterfalls(sample, limits.fixed, level=wanted, confidence=confidence),
        effects=effects(case, sample, design.margins, limits, confidence=confidence),
        standards=standards(sample, trade, level=wanted, confidence=confidence),
        growths=growths(sample, nominal.sizings["electric_pump"], level=wanted, confidence=confidence),
        information=information(
            Question(_as_sample(drivers.data), confidence=confidence),
            "payload_gain",
            errors={name: [TEST * spread[name]] for name in names},
        ),
    )


def _realised(trade: FixedTrade, chosen: Mapping[str, float]) -> Lander:
    """The lander of a trade whose drives are as the required values among `chosen` say."""
    return substitute(
        trade.lander,
        {name.removeprefix(REQUIRED): v for name, v in chosen.items() if name.startswith(REQUIRED)},
    )


def _as_sample(data: Dataset) -> Sample:
    """Samples of the sizing model as they stand, to be asked without another run."""
    n = len(data)
    rows = Rows(
        data.x, data.y, np.zeros_like(data.y), data.feasible.astype(np.float64), np.full(n, 1.0 / n), 1.0
    )
    return Sample(data.problem, data.problem.unit(data.x), rows, mode=REOPTIMISED)


def _steps(case: Case, names: list[str]) -> dict[str, float]:
    """Steps for which exchange rates are given: a tenth of the median, in round numbers; 1 kW."""
    laws = {i.name: i.distribution for i in case.inputs}
    return {name: float(f"{0.1 * laws[name].ppf(0.5):.0e}") for name in names} | {POWER_LIMIT: 1e3}
