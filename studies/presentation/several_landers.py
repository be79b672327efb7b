"""What the main study says of several landers, side by side: one answer, one table, their frontiers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from studies.analysis.requirement_set import lever
from studies.analysis.requirements import Requirements
from studies.analysis.single_requirements import EFFICIENCY, PROBABILITIES
from studies.case.case import Case
from studies.presentation.brief import MEETS
from studies.presentation.drive_words import efficiency_words
from uq.core.estimate import Estimate
from uq.core.table import Cell, Table, header
from uq.report import curve_figures
from uq.report.document import Brief, Figure, Report, Section

REFERENCE = ("small", "medium", "series3", "large")
"""The reference landers; the check case is another's."""


def together(landers: Mapping[str, tuple[Report, Requirements]]) -> Report:
    """One report of several landers, each of which has its own folder of that name.

    Parameters
    ----------
    landers : Mapping[str, tuple[Report, Requirements]]
        Report and requirements by case.

    Returns
    -------
    Report
    """
    each = {name: requirements for name, (_, requirements) in landers.items()}
    first = next(iter(landers.values()))[0]
    return Report(
        study=first.study,
        title="Pump requirements: the reference landers side by side",
        question="For which lander does the electric pump gain payload, and what must it achieve there?",
        brief=Brief(
            "Verdict lander by lander: the probability that the pump gains payload against the one wanted.",
            table=_verdicts(landers),
        ),
        sections=(
            Section(
                "The landers side by side",
                ("Every interval is 90 %. Scenarios and sizes stand side by side and are never averaged.",),
                (_table(each), _confirmed(each)),
            ),
            Section(
                "What just complies, over required efficiency",
                (
                    "Pairs of required pump efficiency and electric power limit that just comply; hatched: more than "
                    "a pump of that suction and size is expected to reach.",
                ),
                (_frontiers(each),),
            ),
            Section(
                "Answers, lander by lander",
                tuple(f"{report.title}. {' '.join(report.answer)}" for report, _ in landers.values()),
            ),
        ),
        provenance={
            f"{name}: {key}": value
            for name, (report, _) in landers.items()
            for key, value in report.provenance.items()
            if key in ("case", "case file (SHA-256)", "samples", "seed", "statuses")
        },
        companions={
            f"{name}/report.html": f"{report.title}: the whole report"
            for name, (report, _) in landers.items()
        },
    )


def _verdicts(landers: Mapping[str, tuple[Report, Requirements]]) -> Table:
    """The brief of each lander in one row."""
    return Table(
        "verdicts",
        "Does an electric pump pay?",
        header("lander | verdict | payload gain and probability | meets all limits"),
        tuple(
            (
                requirements.case.title,
                report.brief.verdict,
                report.brief.headline,
                dict(report.brief.lines)[MEETS],
            )
            for report, requirements in landers.values()
        ),
    )


def _table(landers: Mapping[str, Requirements]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for lander in landers.values():
        proposal = lander.proposal
        rows.append(
            (
                lander.case.title,
                float(lander.case.baseline().launch_mass),
                lander.compliance.case_limits.estimate,
                lander.compliance.joint.estimate,
                _fresh(lander, "joint"),
                efficiency_words(lander.design.pumps()),
                lander.design.power / 1e3,
                None if proposal is None or not proposal.requirements else 100.0 * proposal.goal,
                None if proposal is None or not proposal.requirements else proposal.allocation.prior,
            )
        )
    return Table(
        "landers",
        "Fixed at today's best estimates",
        header(
            "lander | launch mass [kg]:0 | the case's limits met | all limits met | fresh runs say | "
            "predicted pump efficiency at its rated point | electric power as rated [kW] | "
            "goal of the proposed set [%]:0 | chance that suppliers meet it"
        ),
        tuple(rows),
    )


def _fresh(requirements: Requirements, claim: str) -> Estimate | None:
    confirmation = requirements.confirmed(claim)
    return None if confirmation is None else confirmation.fresh.estimate


def _confirmed(landers: Mapping[str, Requirements]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for lander in landers.values():
        found = lander.fresh.confirmations
        stands = [found.stands(k) for k in range(len(lander.fresh.claims))]
        least = min((c.runs for c in found.items), default=0)
        rows.append((lander.case.title, *map(float, (len(stands), sum(stands), least, found.runs))))
    return Table(
        "confirmation",
        "Claims put to fresh runs",
        header("lander | claims:0 | stand:0 | fresh runs behind each, at least:0 | fresh runs in all:0"),
        tuple(rows),
    )


def _frontiers(landers: Mapping[str, Requirements]) -> Figure:
    panels = {lander.case.title: _lines(lander) for lander in landers.values()}
    reach = {lander.case.title: _reach(lander) for lander in landers.values()}
    return curve_figures.frontiers(
        "frontiers",
        "Electric power limit that just complies, over required oxidiser pump efficiency",
        panels,
        reach=reach,
        labels=("oxidiser pump efficiency", "electric power limit, kW"),
        nothing=f"no pair gives {100 * min(PROBABILITIES):.0f} %",
        alt="One panel a lander: "
        + "; ".join(
            f"{name}: {', '.join(lines) or 'no pair complies often enough'}, within reach up to an efficiency of "
            f"{reach[name]:.2f}"
            for name, lines in panels.items()
        )
        + ".",
    )


def _lines(requirements: Requirements) -> dict[str, tuple[np.ndarray, Sequence[Estimate]]]:
    """By probability: efficiency of the oxidiser pump, and the tightest power limit in kW that complies."""
    grid = requirements.single.frontier
    if grid is None:
        return {}
    at = np.array([_efficiency(requirements, float(value)) for value in grid.first])
    lines: dict[str, tuple[np.ndarray, Sequence[Estimate]]] = {}
    for p, probability in enumerate(grid.probabilities):
        some = np.isfinite(grid.lines[p]) & np.isfinite(at)
        if not some.any():
            continue
        ends = (np.where(np.isfinite(e[p]), e[p], grid.lines[p]) for e in (grid.lines_low, grid.lines_high))
        low, high = ends
        lines[f"{100 * probability:.0f} %"] = (
            at[some],
            [
                Estimate(grid.lines[p][a], low[a], high[a], grid.confidence).scaled(1e-3)
                for a in np.flatnonzero(some)
            ],
        )
    return lines


def _efficiency(requirements: Requirements, multiplier: float) -> float:
    pumps = requirements.design.pumps_at(multiplier)
    return pumps[0].efficiency if pumps else np.nan


def _reach(requirements: Requirements) -> float:
    if EFFICIENCY not in requirements.single.curves:
        return 1.0
    return _efficiency(requirements, lever(requirements.design.sample, EFFICIENCY).end)


def whole(cases: Sequence[Case]) -> Case:
    """The cases as one, to own a folder: their names and their texts.

    Parameters
    ----------
    cases : sequence of Case
        In the order of their landers.

    Returns
    -------
    Case
    """
    return dataclasses.replace(
        cases[0], name="all", title="the reference landers", text="\n".join(c.text for c in cases)
    )
