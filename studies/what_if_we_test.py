"""What is a test worth before the concept is chosen, in payload and in the chance of the right choice?

Outcomes of every test of the case are simulated, the laws updated by each, and the concept chosen anew.
"""

from __future__ import annotations

from pathlib import Path

from studies.analysis.accounts.value_of_tests import values_of_tests
from studies.analysis.drivers import Unanswerable
from studies.analysis.placement import Workers
from studies.case.case import Case
from studies.presentation.accounts import value_of_tests
from studies.presentation.margins import inputs_section
from studies.presentation.provenance import provenance
from uq.report.document import Report
from uq.report.terminal import Watch, silent

LEAST_SAMPLES = 64
"""Fewer worlds teach surrogates of the concepts nothing."""


def run(
    case: Case,
    *,
    samples: int = 256,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Simulate `samples` outcomes of every test of the case.

    Parameters
    ----------
    case : Case
        With the tests that could be bought, ``[tests]``.
    samples : int
        Worlds that surrogates learn from, and as many fresh ones in which every test is read.
    seed : int
        Of every random draw.
    workers : int or Placement
        Processes, here or on a cluster.
    output : Path, optional
        Nothing is kept there but the report.
    watch : callable
        Is called with each stage and the share that is done.

    Returns
    -------
    Report
        The same whatever `workers`.

    Raises
    ------
    Unanswerable
        For fewer than 64 samples, and for a case without tests.
    """
    if samples < LEAST_SAMPLES:
        raise Unanswerable(
            f"{samples} worlds tell too little of concepts; give --samples {LEAST_SAMPLES} or more"
        )
    if not case.tests:
        raise Unanswerable(
            f"case {case.name!r} names no test; give it [tests.NAME] with title, readings, price and source"
        )
    if case.before().copula is not None:
        raise Unanswerable(
            f"case {case.name!r} joins inputs by [[copulas]], under which each of the results that a test may have "
            "would need a calibration by draws; give [[correlations]] in their place"
        )
    found = values_of_tests(case, samples=samples, outcomes=samples, seed=seed, workers=workers, watch=watch)
    watch("writing the report", float("nan"))
    return Report(
        study="what-if-we-test",
        title=f"What if we test: {case.title}",
        question="What is a test worth before the concept is chosen, in payload and in the chance of the right choice?",
        brief=value_of_tests.brief(found),
        sections=(value_of_tests.tests_section(found), inputs_section(case)),
        provenance=provenance(case, None, samples=samples, seed=seed),
    )
