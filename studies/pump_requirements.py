"""What must an electric pump achieve so that a lunar lander gains payload by it, and how certain is that?

Both landers are re-optimised per sample over the uncertain inputs, for trades and drivers; then they are fixed at
required values with margins, and realised landers are simulated, for requirements and compliance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from models.quantity import first_value
from studies.analysis import fixed_problem, scenarios, sizing
from studies.analysis.accounts.measured import Known, known_before
from studies.analysis.accounts.unknown_laws import unknown_laws
from studies.analysis.concepts.choice import best_of_each, with_concepts
from studies.analysis.concepts.over_sizes import SAMPLES, sweep_sizes
from studies.analysis.drivers import gather
from studies.analysis.placement import Workers
from studies.analysis.power_front import power_front
from studies.analysis.requirements import Requirements, find, learned_sets, realised_landers
from studies.case.case import Case
from studies.presentation import (
    brief,
    compliance,
    concepts,
    explorer_page,
    margins,
    requirement_set,
    single_requirements,
)
from studies.presentation.accounts import what_changed
from studies.presentation.accounts.unknown_laws import laws_section
from studies.presentation.drawings.whole_design import specified_section
from studies.presentation.provenance import provenance
from studies.presentation.sized_landers import (
    drivers_section,
    gain_section,
    scenarios_section,
    surrogates_section,
)
from studies.presentation.specification import files, section
from uq.report.document import Report, Section
from uq.report.terminal import Watch, silent


def run(
    case: Case,
    *,
    samples: int = 4096,
    seed: int = 1,
    workers: Workers = 1,
    confirm: int | None = None,
    concept: Mapping[str, str] | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size `samples` landers, learn from them, find drivers, requirements and margins, confirm, and report.

    The report depends on the case, `samples`, `seed`, `confirm` and `concept` only.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int, default 4096
        Landers that are sized.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    confirm : int, optional
        Fresh runs behind every reported compliance; by default a quarter of the samples and at least 600.
    concept : mapping of str to str, optional
        Option by decision, of both landers; the others stay as the case has them.
    output : Path, optional
        Folder that keeps samples (a run continues there) and surrogates; nothing is kept without one.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Report
        Brief, chapters and tables.

    Raises
    ------
    CampaignError
        If too few landers have a design.
    CaseError
        For limits that are none.
    """
    return reported(
        case,
        samples=samples,
        seed=seed,
        workers=workers,
        confirm=confirm,
        concept=concept,
        output=output,
        watch=watch,
    )[0]


def reported(
    case: Case,
    *,
    samples: int = 4096,
    seed: int = 1,
    workers: Workers = 1,
    confirm: int | None = None,
    concept: Mapping[str, str] | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> tuple[Report, Requirements]:
    """The report of `run`, and what it says of the fixed design as data.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int, default 4096
        Landers that are sized.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    confirm : int, optional
        Fresh runs behind every reported compliance; by default a quarter of the samples and at least 600.
    concept : mapping of str to str, optional
        Option by decision, of both landers; the others stay as the case has them.
    output : Path, optional
        Folder that keeps samples (a run continues there) and surrogates; nothing is kept without one.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    tuple of Report and Requirements
        The report, and the data behind it.

    Raises
    ------
    CampaignError
        If too few landers have a design.
    CaseError
        For limits that are none.
    """
    whole = case
    best = best_of_each(whole, chosen=concept, workers=workers, watch=watch)
    case = with_concepts(whole, best)
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
        samples=realised_landers(samples),
        seed=seed,
        confirmed=confirm,
        output=output,
        watch=watch,
    )
    given = sizing.budgets(whole.baseline()).sizings
    as_given = {name: first_value(one.payload) for name, one in given.items()}
    other_laws = unknown_laws(drivers, seed=seed, workers=workers, watch=watch)
    front = power_front(case, seed=seed)
    sizes = sweep_sizes(whole, best, samples=min(samples, SAMPLES), seed=seed, workers=workers, watch=watch)
    before = known_before(
        whole,
        samples=samples,
        seed=seed,
        workers=workers,
        confirm=confirm,
        concept=concept,
        output=output,
        watch=watch,
    )
    after = Known(drivers, requirements, best)
    changed = () if before is None else (what_changed.changed_section(before, after, case),)
    if output is not None:
        watch("sets of requirements for the explorer", float("nan"))
        sets = learned_sets(requirements, seed=seed)
        files.keep(requirements, output)
        if case.copula is None:  # the page draws by a correlation
            explorer_page.keep(drivers, requirements, sets, output, samples=samples, seed=seed)
    watch("writing the report", float("nan"))

    first = brief.brief(
        drivers,
        requirements,
        sizes=sizes,
        front=front,
    )
    if before is not None:
        line = (what_changed.TITLE, what_changed.changed_line(before, after))
        first = dataclasses.replace(first, lines=(line, *first.lines))
    report = Report(
        study="pump-requirements",
        title=f"Pump requirements: {case.title}",
        question="What must an electric pump achieve so that this lander gains payload by it, and how certain is that?",
        brief=first,
        sections=(
            *changed,
            concepts.recommended_section(whole, best, as_given),
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
            laws_section(case, other_laws),
            compliance.compliance_section(requirements),
            single_requirements.matters_section(requirements),
            requirement_set.proposal_section(requirements),
            *section.sections(requirements),
            *filter(None, (specified_section(requirements),)),
            single_requirements.efficiency_section(requirements),
            single_requirements.curves_section(requirements),
            margins.margins_section(requirements),
            margins.rates_section(requirements),
            margins.confirmation_section(requirements),
            surrogates_section(drivers.learned),
            margins.inputs_section(case),
        ),
        provenance=provenance(case, drivers.data, samples=samples, seed=seed),
        companions={} if case.copula is not None else explorer_page.COMPANIONS,
    )
    return report, requirements
