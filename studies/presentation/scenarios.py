"""The scenarios side by side, in a table and a figure."""

from __future__ import annotations

from studies.analysis.scenarios import Scenario
from uq.core.table import Cell, Column, Table
from uq.report import figures
from uq.report.document import Section


def section(found: dict[str, Scenario]) -> Section:
    """The scenarios as a drawing and a table."""
    rows: list[tuple[Cell, ...]] = [
        (s.title, s.mean, s.low, s.chance, float(s.feasible), float(s.samples)) for s in found.values()
    ]
    table = Table(
        "scenarios",
        "Scenarios side by side",
        (
            Column("scenario"),
            Column("mean payload gain", "kg"),
            Column("5 % quantile", "kg"),
            Column("chance of a gain"),
            Column("landers with a design"),
            Column("landers"),
        ),
        tuple(rows),
        ("Brackets: 90 % intervals. Scenarios are decisions or open questions; they are never averaged.",),
    )
    drawn = figures.intervals(
        "scenarios",
        "Mean payload gain and the chance of a gain, scenario by scenario",
        {s.title: (s.mean, s.chance) for s in found.values()},
        labels=("mean payload gain, kg", "chance of a gain"),
        thresholds=(0.0, None),
        alt="Points with intervals, one row a scenario: "
        + "; ".join(f"{s.title}: {s.mean.value:.0f} kg, {s.chance.value:.0%}" for s in found.values())
        + ".",
    )
    return Section("Scenarios side by side", (), (drawn, table))
