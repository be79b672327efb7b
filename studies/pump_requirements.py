"""What must an electric pump achieve so that a lunar lander gains payload by it, and how sure is that?

Both landers are sized at their own best design over the uncertain inputs (adaptive: for trades and drivers); then
they are fixed at required values with margins and flown with the truth (frozen: for requirements and compliance).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from studies import explorer, scenarios, sentences, sizing, telling
from studies.case import Case
from studies.demands import Demands, demand
from studies.drivers import Drivers, drivers_section, estimate, gain_section, gather
from studies.learning import section as learning_section
from studies.placement import Workers
from studies.provenance import provenance
from studies.wording import input_words, percent
from uq.report.document import Report, Section, words
from uq.report.terminal import Watch, silent


def run(
    case: Case,
    *,
    samples: int = 4096,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size `samples` landers, learn from them, find drivers, requirements and margins, confirm, and report.

    `output` keeps samples (resumable), surrogates and evidence; None keeps nothing.  The report depends on the case,
    `samples` and `seed` only.  Raises CampaignError if too few landers have a design.
    """
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
    demands = demand(case, drivers, samples=max(256, samples), seed=seed, output=output, watch=watch)
    watch("writing the report", float("nan"))
    if output is not None:
        sentences.keep(demands, output)
        explorer.keep(drivers, demands, output, samples=samples, seed=seed)

    nominal = sizing.budgets(case.baseline())
    return Report(
        study="pump-requirements",
        title=f"Pump requirements: {case.title}",
        question="What must an electric pump achieve so that this lander gains payload by it, and how sure is that?",
        answer=_answer(drivers, others, demands),
        sections=(
            gain_section(drivers),
            Section(
                "One lander, budget by budget",
                ("Every uncertain input at its median; each architecture at its own best design.",),
                sizing.tables(nominal),
            ),
            scenarios.section(others),
            drivers_section(drivers),
            telling.compliance_section(demands),
            telling.efficiency_section(demands),
            telling.levied_section(demands),
            telling.rates_section(demands),
            sentences.section(demands),
            telling.confirmation_section(demands),
            learning_section(drivers.learned),
            telling.inputs_section(case),
        ),
        provenance=provenance(case, drivers.data, samples=samples, seed=seed),
        beside=explorer.BESIDE,
    )


def _answer(drivers: Drivers, others: dict[str, scenarios.Scenario], demands: Demands) -> tuple[str, ...]:
    """Five sentences: gain, drivers, efficiency, power, scenarios."""
    case, summary = drivers.case, drivers.summaries["payload_gain"]
    shares = drivers.shares["payload_gain"]

    def told(names: Iterable[str]) -> str:
        return ", ".join(f"{input_words(case, name)} ({100 * shares[name].value:.0f} %)" for name in names)

    wanting = [name for name in drivers.foremost("payload_gain", len(shares)) if name in demands.levied]
    low, *_, high = sorted(others.values(), key=lambda s: s.mean.value)
    return (
        f"{case.title}: the electric pump gains {words(estimate(summary, 'mean'))} kg of payload on average, and "
        f"{percent(estimate(summary, 'above 0'))} of the landers gain. Frozen, with no hindsight, "
        f"{percent(demands.gain.estimate)} gain and {percent(demands.joint.estimate)} comply in everything.",
        f"Shares of the variance of that gain: {told(drivers.foremost('payload_gain', 4))}; of what can be required: "
        f"{told(wanting[:3])}.",
        f"Pump efficiency: {telling.answer_efficiency(demands, 'joint')}",
        f"Electric power: {telling.answer_power(demands)}",
        f"Scenarios reach from {words(low.mean)} kg ({low.title}) to {words(high.mean)} kg ({high.title}).",
    )
