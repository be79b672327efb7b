"""What must an electric pump achieve so that a lunar lander gains payload by it, and how certain is that?

Both landers are re-optimised per sample over the uncertain inputs, for trades and drivers; then they are fixed at
required values with margins, and realised landers are simulated, for requirements and compliance.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from studies.analysis import fixed_problem, scenarios, sizing
from studies.analysis.drivers import Drivers, estimate, gather
from studies.analysis.placement import Workers
from studies.analysis.requirement_set import matters
from studies.analysis.requirements import Requirements, find
from studies.analysis.single_requirements import EFFICIENCY
from studies.case.case import Case
from studies.presentation import (
    compliance,
    explorer_page,
    margins,
    requirement_set,
    shall_statements,
    single_requirements,
)
from studies.presentation.provenance import provenance
from studies.presentation.sized_landers import (
    drivers_section,
    gain_section,
    scenarios_section,
    surrogates_section,
)
from studies.presentation.wording import input_words, percent
from uq.core.table import words
from uq.report.document import Report, Section
from uq.report.terminal import Watch, silent


def run(
    case: Case,
    *,
    samples: int = 4096,
    seed: int = 1,
    workers: Workers = 1,
    confirm: int | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size `samples` landers, learn from them, find drivers, requirements and margins, confirm, and report.

    `confirm` is the number of fresh runs behind every reported compliance (a quarter of the samples and at least 600 by
    default).  `output` keeps samples (resumable), surrogates and evidence; None keeps nothing.  The report depends on
    the case, `samples`, `seed` and `confirm` only.  Raises CampaignError if too few landers have a design, CaseError
    for limits that are none.
    """
    return reported(
        case, samples=samples, seed=seed, workers=workers, confirm=confirm, output=output, watch=watch
    )[0]


def reported(
    case: Case,
    *,
    samples: int = 4096,
    seed: int = 1,
    workers: Workers = 1,
    confirm: int | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> tuple[Report, Requirements]:
    """The report of `run`, and what it says of the fixed design as data."""
    fixed_problem.limits(case)  # bounds that are no limit are found before anything is sized
    drivers = gather(case, samples=samples, seed=seed, workers=workers, output=output, watch=watch)
    others = scenarios.side_by_side(
        case,
        drivers.data,
        samples=max(64, samples // 8),
        seed=seed,
        workers=workers,
        output=output,
        watch=watch,
    )
    nominal = sizing.budgets(case.baseline())
    requirements = find(
        drivers,
        nominal,
        samples=max(256, samples),
        seed=seed,
        confirmed=confirm,
        output=output,
        watch=watch,
    )
    watch("writing the report", float("nan"))
    if output is not None:
        shall_statements.keep(requirements, output)
        explorer_page.keep(drivers, requirements, output, samples=samples, seed=seed)

    report = Report(
        study="pump-requirements",
        title=f"Pump requirements: {case.title}",
        question="What must an electric pump achieve so that this lander gains payload by it, and how certain is that?",
        answer=_answer(drivers, others, requirements),
        sections=(
            gain_section(drivers),
            Section(
                "One lander, budget by budget",
                (
                    f"Every uncertain input at its median; each architecture at its own best design. {nominal.answer}. "
                    "That is one lander, not the mean of all: the gain does not follow the inputs in straight lines.",
                ),
                sizing.tables(nominal),
            ),
            scenarios_section(others),
            drivers_section(drivers),
            compliance.compliance_section(requirements),
            single_requirements.matters_section(requirements),
            requirement_set.proposal_section(requirements),
            shall_statements.section(requirements),
            single_requirements.efficiency_section(requirements),
            single_requirements.curves_section(requirements),
            margins.margins_section(requirements),
            margins.rates_section(requirements),
            margins.confirmation_section(requirements),
            surrogates_section(drivers.learned),
            margins.inputs_section(case),
        ),
        provenance=provenance(case, drivers.data, samples=samples, seed=seed),
        companions=explorer_page.BESIDE,
    )
    return report, requirements


def _answer(
    drivers: Drivers, others: dict[str, scenarios.Scenario], requirements: Requirements
) -> tuple[str, ...]:
    """Five lines: gain and compliance, the set, efficiency, power, what buys most and scenarios."""
    case, summary = drivers.case, drivers.summaries["payload_gain"]
    shares = drivers.shares["payload_gain"]

    def shares_words(names: Iterable[str]) -> str:
        above_zero = [name for name in names if shares[name].low > 0.0]
        if not above_zero:
            return "none differs from zero with so few landers"
        return ", ".join(f"{input_words(case, name)} {percent(shares[name])}" for name in above_zero)

    fresh = requirements.confirmed("joint")
    gain = (
        ""
        if not requirements.design.limits.fixed
        else f"{percent(requirements.compliance.case_limits.estimate)} meet the case's limits and "
    )
    apart = ""
    if requirements.compliance.reoptimised is not None:
        apart = (
            " Judged re-optimised per sample only, apart: "
            f"{' and '.join(map(compliance.limit_words, requirements.compliance.reoptimised.limits))}: "
            f"{percent(requirements.compliance.reoptimised.estimate)}."
        )
    low, *_, high = sorted(others.values(), key=lambda s: s.mean.value)
    efficiency = (
        single_requirements.answer_efficiency(requirements)
        if requirements.single.curves.get(EFFICIENCY)
        else "the case does not let it be required."
    )
    buying = [
        name
        for name, one in requirements.single.thresholds.items()
        if matters(one, requirements.compliance.joint)
    ]
    if buying:
        # by what the landers at the value say, and the fresh ones after them, as in the table
        alone = {name: requirements.confirmed(f"alone {name}") for name in buying}
        reached = {
            name: requirements.single.thresholds[name].best if seen is None else seen.claimed.estimate
            for name, seen in alone.items()
        }
        first = max(buying, key=lambda name: reached[name].value)
        seen = alone[first]
        most = (
            f"one on {input_words(case, first)} lifts compliance furthest by itself, to {percent(reached[first])}"
            + ("" if seen is None else f"; {seen.runs} fresh runs say {percent(seen.fresh.estimate)}")
        )
    else:
        most = "none moves compliance by more than its interval"
    return (
        f"{case.title} (every interval 90 %): re-optimised per sample, the electric pump gains "
        f"{words(estimate(summary, 'mean'))} kg of payload on average, and {percent(estimate(summary, 'above 0'))} of "
        f"the landers gain. Fixed at today's best estimates, {gain}"
        f"{percent(requirements.compliance.joint.estimate)} comply in everything"
        + ("." if fresh is None else f"; {fresh.runs} fresh runs say {percent(fresh.fresh.estimate)}.")
        + apart,
        f"What must be required: {requirement_set.proposal_words(requirements)}",
        f"Pump efficiency alone: {efficiency}",
        f"Electric power: {single_requirements.answer_power(requirements)}",
        f"Of the requirements, {most}. Shares of the variance of the gain: "
        f"{shares_words(drivers.foremost('payload_gain', 4))}. "
        f"Scenarios reach from {words(low.mean)} kg ({low.title}) to {words(high.mean)} kg ({high.title}).",
    )
