"""What the main study says of several landers, side by side: one answer, one table, their frontiers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from models.quantity import BAR
from studies.analysis.requirement_set import most
from studies.analysis.requirements import EFFICIENCY, PROBABILITIES, Demands
from studies.case.case import Case
from studies.presentation import requirement_set
from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table
from uq.report import figures
from uq.report.document import Figure, Report, Section

REFERENCE = ("small", "medium", "large")
"""The reference landers; the check case is another's."""


def together(found: Mapping[str, tuple[Report, Demands]]) -> Report:
    """One report of several landers, each of which has its own folder of that name beside it."""
    demands = {name: one for name, (_, one) in found.items()}
    first = next(iter(found.values()))[0]
    return Report(
        study=first.study,
        title="Pump requirements: the reference landers side by side",
        question="For which lander does the electric pump gain payload, and what must it achieve there?",
        answer=tuple(_line(one) for one in demands.values()),
        sections=(
            Section(
                "The landers side by side",
                ("Every interval is 90 %. Scenarios and sizes stand side by side and are never averaged.",),
                (_table(demands), _confirmed(demands)),
            ),
            Section(
                "What just complies, over required efficiency",
                (
                    "Pairs of required pump efficiency and electric power limit that just comply; hatched: more than "
                    "a pump of that suction and size is expected to reach.",
                ),
                (_frontiers(demands),),
            ),
            Section(
                "Answers, lander by lander",
                tuple(f"{report.title}. {' '.join(report.answer)}" for report, _ in found.values()),
            ),
        ),
        provenance={
            f"{name}: {key}": value
            for name, (report, _) in found.items()
            for key, value in report.provenance.items()
            if key in ("case", "case file (SHA-256)", "samples", "seed", "statuses")
        },
        beside={
            f"{name}/report.html": f"{report.title}: the whole report" for name, (report, _) in found.items()
        },
    )


def _line(found: Demands) -> str:
    """One sentence on one lander."""
    fresh = found.confirmed("joint")
    said = "" if fresh is None else f", {100 * fresh.fresh.probability:.0f} % of {fresh.runs} fresh runs"
    return (
        f"{found.case.title}: {100 * found.joint.probability:.0f} % "
        f"({100 * found.joint.interval[0]:.0f} to {100 * found.joint.interval[1]:.0f} %{said}) comply as designed "
        f"today; {requirement_set.proposal_words(found)}"
    )


def _table(found: Mapping[str, Demands]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in found.values():
        pumps = one.pumps()
        proposal = one.proposal
        rows.append(
            (
                one.case.title,
                float(one.case.baseline().launch_mass),
                one.gain.estimate,
                one.joint.estimate,
                _fresh(one, "joint"),
                " and ".join(
                    f"{p.efficiency:.2f} ({p.liquid}, {1e3 * p.flow:.2g} L/s, {p.rise / BAR:.0f} bar)"
                    for p in pumps
                ),
                one.power() / 1e3,
                None if proposal is None or not proposal.requirements else 100.0 * proposal.goal,
                None if proposal is None or not proposal.requirements else proposal.allocation.prior,
            )
        )
    return Table(
        "landers",
        "Frozen at today's best estimates, flown with the truth",
        (
            Column("lander"),
            Column("launch mass", "kg", 0),
            Column("the case's limits met"),
            Column("all limits met"),
            Column("fresh runs say"),
            Column("predicted pump efficiency at its rated point"),
            Column("electric power as rated", "kW"),
            Column("goal of the proposed set", "%", 0),
            Column("chance that suppliers meet it"),
        ),
        tuple(rows),
    )


def _fresh(found: Demands, claim: str) -> Estimate | None:
    one = found.confirmed(claim)
    return None if one is None else one.fresh.estimate


def _confirmed(found: Mapping[str, Demands]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in found.values():
        stands = [one.confirmations.stands(k) for k in range(len(one.claims))]
        rows.append(
            (
                one.case.title,
                float(len(stands)),
                float(sum(stands)),
                float(min((c.runs for c in one.confirmations.items), default=0)),
                float(one.confirmations.runs),
            )
        )
    return Table(
        "confirmation",
        "Claims put to fresh runs",
        (
            Column("lander"),
            Column("claims", decimals=0),
            Column("stand", decimals=0),
            Column("fresh runs behind each, at least", decimals=0),
            Column("fresh runs in all", decimals=0),
        ),
        tuple(rows),
    )


def _frontiers(found: Mapping[str, Demands]) -> Figure:
    panels = {one.case.title: _lines(one) for one in found.values()}
    reach = {one.case.title: _reach(one) for one in found.values()}
    return figures.frontiers(
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


def _lines(found: Demands) -> dict[str, tuple[np.ndarray, Sequence[Estimate]]]:
    """By probability: efficiency of the oxidiser pump, and the tightest power limit in kW that complies."""
    grid = found.frontier
    if grid is None:
        return {}
    at = np.array([_efficiency(found, float(value)) for value in grid.first])
    told: dict[str, tuple[np.ndarray, Sequence[Estimate]]] = {}
    for p, probability in enumerate(grid.probabilities):
        some = np.isfinite(grid.lines[p]) & np.isfinite(at)
        if not some.any():
            continue
        ends = (np.where(np.isfinite(e[p]), e[p], grid.lines[p]) for e in (grid.lines_low, grid.lines_high))
        low, high = ends
        told[f"{100 * probability:.0f} %"] = (
            at[some],
            [
                Estimate(*(float(v[a]) / 1e3 for v in (grid.lines[p], low, high)))
                for a in np.flatnonzero(some)
            ],
        )
    return told


def _efficiency(found: Demands, multiplier: float) -> float:
    pumps = found.pumps(multiplier)
    return pumps[0].efficiency if pumps else np.nan


def _reach(found: Demands) -> float:
    if EFFICIENCY not in found.levied:
        return 1.0
    return _efficiency(found, most(found.sample, EFFICIENCY))


def whole(cases: Sequence[Case]) -> Case:
    """The cases as one, to own a folder: their names and their texts."""
    return dataclasses.replace(
        cases[0], name="all", title="the reference landers", text="\n".join(c.text for c in cases)
    )
