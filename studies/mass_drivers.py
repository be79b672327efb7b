"""Which inputs drive the masses of a lander's propulsion, in either architecture?

Shares of variance of the payload (launch mass less propulsion and platform: propulsion's drivers are the payload's),
of the launch mass saved and of the power drive, through surrogates that are judged on landers they did not see.
"""

from __future__ import annotations

from pathlib import Path

from studies.analysis.accounts.unknown_laws import unknown_laws
from studies.analysis.drivers import DRIVEN, gather
from studies.analysis.placement import Workers
from studies.case.case import Case
from studies.presentation.accounts.unknown_laws import laws_section
from studies.presentation.margins import inputs_section
from studies.presentation.names_and_units import input_words, output_words
from studies.presentation.provenance import provenance
from studies.presentation.sized_landers import drivers_section, gain_section, surrogates_section
from uq.report.document import Brief, Report
from uq.report.terminal import Watch, silent


def run(
    case: Case,
    *,
    samples: int = 2048,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size `samples` landers, learn from them and share out the variance.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int, default 2048
        Landers that are sized.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
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
    """
    found = gather(case, samples=samples, seed=seed, workers=workers, output=output, watch=watch)
    foremost = {
        name: ", ".join(
            f"{input_words(case, driver)} ({100 * found.shares[name][driver].value:.0f} %)"
            for driver in found.foremost(name, 4)
        )
        for name in DRIVEN
    }
    return Report(
        study="mass-drivers",
        title=f"Mass drivers: {case.title}",
        question="Which inputs drive the masses of this lander's propulsion?",
        brief=Brief(
            "Inputs by their share of the variance.",
            facts=tuple((output_words(name).capitalize(), drivers) for name, drivers in foremost.items()),
        ),
        sections=(
            drivers_section(found),
            laws_section(case, unknown_laws(found, seed=seed, workers=workers, watch=watch)),
            gain_section(found),
            surrogates_section(found.learned),
            inputs_section(case),
        ),
        provenance=provenance(case, found.data, samples=samples, seed=seed),
    )
