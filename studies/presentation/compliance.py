"""What frozen designs say, in words, tables and figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.architectures import comparison
from models.fixed_design import flight
from models.fixed_design.operating_point import PumpPoint
from models.quantity import BAR
from studies.analysis.requirement_set import REACH, matters
from studies.analysis.requirements import EFFICIENCY, Demands
from studies.presentation.wording import input_unit, input_words, output_words, percent, shown
from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table
from uq.report import figures
from uq.report.document import Figure, Section
from uq.requirements import Limit

UNITS = {**comparison.OUTPUTS, **flight.OUTPUTS}
"""Unit of every output that a case can limit."""
SHORTFALLS = {
    "tank_pressure": "tank pressure within what the tank was built for",
    "drive_power": "shaft power within the drives' rating",
    "electric_power": "electric power within the bus's rating",
    "battery_power": "battery power at its cut-off voltage",
    "battery_temperature": "battery temperature within its limit",
    "motor_temperature": "motor temperature within its limit",
}


def compliance_section(found: Demands) -> Section:
    """Does the design comply, and what margins does it need?"""
    each = {limit_words(limit): p for limit, p in zip(found.joint.limits, found.joint.each, strict=True)}
    rows: list[tuple[Cell, ...]] = list(each.items())
    rows += [("no shortfall at all", found.holds.estimate), ("all of these", found.joint.estimate)]
    extremes = [
        f"{limit_words(limit)}: {note.partition(' is ')[2]}."
        for limit in found.asked.frozen
        for note in found.joint.notes
        if note.startswith(limit.text(found.joint.units))
    ]
    table = Table(
        "compliance",
        f"Compliance of the design at today's best estimates, margins times {found.scale:g}",
        (Column("limit"), Column("probability")),
        tuple(rows),
        (
            f"Wanted {100 * found.joint.wanted:.0f} %: {found.joint.answer}. Brackets: 90 % intervals, from "
            f"{len(found.sample)} true flights of the frozen design; {100.0 * found.joint.infeasible:.2g} % could not "
            "fly and count as failures.",
            *extremes,
        ),
    )
    parts: list[Table | Figure] = [table]
    text = [
        "From here on nobody has hindsight. Tanks, chamber, drives and battery are fixed at the required values "
        "(or today's best estimates) with margins; then nature draws the truth, and the design flies with it. A "
        "shortfall of propellant, helium, charge, power, suction or temperature is a failure, and so is a limit of the "
        "case that is not kept. The pressure-fed lander that it is compared with is frozen in the same way."
    ]
    if not found.asked.frozen:
        text.append(
            "No limit of the case can be judged on flights of a fixed design: all of these are its hardware's."
        )
    if found.adaptive is not None:
        parts.append(
            Table(
                "adaptive-compliance",
                "Limits that only landers at their own best design can be judged by",
                (Column("limit"), Column("probability")),
                (
                    *(
                        (limit_words(limit), p)
                        for limit, p in zip(found.adaptive.limits, found.adaptive.each, strict=True)
                    ),
                    ("all of these", found.adaptive.estimate),
                ),
                (
                    f"With hindsight, and so too favourable: {found.adaptive.answer} for "
                    f"{100 * found.adaptive.wanted:.0f} %. A fixed design has one launch mass and one engine; these "
                    "limits compare it with another, so that they stand apart from compliance and from everything that "
                    "is required below.",
                ),
            )
        )
    scales = Table(
        "margin-scales",
        "What the margins buy",
        (Column("all margins times"), Column("no shortfall"), Column("all limits")),
        tuple(
            (f"{scale:g}", *([v.estimate for v in pair] if pair[0].infeasible < 1.0 else ["no design"] * 2))
            for scale, pair in found.scales.items()
        ),
        (f"The scale {found.scale:g} complies most often and is used from here on.",),
    )
    return Section("Frozen: does a design at today's best estimates hold?", tuple(text), (*parts, scales))


def matters_section(found: Demands) -> Section:
    """Which requirement discriminates: alone, the others at today's best estimates."""
    rows: list[tuple[Cell, ...]] = []
    for name, least in found.loosest.items():
        unit, slope, offset = input_unit(found.case, name)
        fresh = found.confirmed(f"alone {name}")
        told = {"met without it": "none needed", "unreachable": "none in reach suffices"}
        ends = (least.value.value, least.value.low, least.value.high)
        alone: Cell = told.get(least.status) or Estimate(*((v - offset) / slope for v in ends))
        at = least.value.value if least.status == "found" else least.best_value
        rows.append(
            (
                input_words(found.case, name),
                unit,
                alone,
                (at - offset) / slope,
                None if fresh is None else fresh.claimed.estimate,
                None if fresh is None else fresh.fresh.estimate,
                None if fresh is None else float(fresh.runs),
                100.0 * least.moves,
                "matters" if matters(least, found.joint) else NO_DISCRIMINATING,
            )
        )
    table = Table(
        "what-matters",
        f"Each requirement alone, for {100 * found.joint.wanted:.0f} %",
        (
            Column("requirement on"),
            Column("unit"),
            Column("loosest value that suffices"),
            Column("at the value"),
            Column("compliance there"),
            Column("fresh runs say"),
            Column("runs"),
            Column("moves compliance by", "points", 0),
            Column("is it the requirement?"),
        ),
        tuple(rows),
        (
            "At the value: the loosest that suffices, or the one in reach that complies most often. In reach: what "
            f"{100 * (1 - REACH):.0f} % of suppliers deliver by today's knowledge; beyond, no hardware is expected.",
            "Not discriminating: compliance moves less than its interval over the whole range, or does not rise.",
        ),
    )
    return Section("Frozen: which requirement matters", (), (table,))


NO_DISCRIMINATING = "not discriminating"
HOPELESS = 0.05
"""Below this compliance there is nothing that a limit on power could keep."""


def limit_words(limit: Limit) -> str:
    """A limit in plain words and the units that engineers read."""
    unit, size = shown(UNITS.get(limit.output, ""))
    short = limit.output.removeprefix("electric_pump.").removesuffix("_shortfall")
    if limit.output.endswith("_shortfall"):
        return SHORTFALLS.get(short, f"enough {short.replace('_', ' ')}")
    low = f"at least {limit.low / size:.4g} {unit}".strip() if np.isfinite(limit.low) else ""
    high = f"at most {limit.high / size:.4g} {unit}".strip() if np.isfinite(limit.high) else ""
    return f"{output_words(limit.output)} {' and '.join(filter(None, (low, high)))}"


def levied_section(found: Demands) -> Section:
    """What each requirement buys, the loosest efficiency, and the power limit."""
    case = found.case
    series, rows = {}, []
    for name, one in found.levied.items():
        unit, slope, offset = input_unit(case, name)
        series[input_words(case, name)] = (100.0 * (1.0 - one.prior), one.compliance)
        for value, prior, p in list(zip(one.values, one.prior, one.compliance, strict=True))[::3]:
            rows.append(
                (input_words(case, name), "at least", (value - offset) / slope, unit, float(prior), p)
            )
    drawn = figures.curves(
        "levying",
        "Compliance when one requirement is levied, and the design sized at it",
        series,
        labels=("share of suppliers that fail the requirement, %", "compliance"),
        threshold=found.joint.wanted,
        alt="One curve a requirement: compliance against how demanding it is; dashed: the wanted probability.",
    )
    table = Table(
        "levying",
        "Compliance under one requirement, alone",
        (
            Column("requirement on"),
            Column("side"),
            Column("value"),
            Column("unit"),
            Column("chance that it is met today"),
            Column("compliance"),
        ),
        tuple(rows),
    )
    return Section("Frozen: what each requirement buys", (), (drawn, table))


def efficiency_section(found: Demands) -> Section:
    """The pump's efficiency at its operating point, and the electric power limit."""
    parts: list[Table | Figure] = []
    text: list[str] = []
    rows: list[tuple[Cell, ...]] = []
    if EFFICIENCY in found.levied:
        for value in found.levied[EFFICIENCY].values[::3]:
            for pump in found.pumps(float(value)):
                (half, at_half), (least, at_least) = pump.throttled[0], pump.throttled[-1]
                rows.append(
                    (
                        float(value),
                        pump.liquid,
                        pump.efficiency,
                        f"{at_half:.3f} ({100 * half:.0f} %), {at_least:.3f} ({100 * least:.0f} %)",
                        1e3 * pump.flow,
                        pump.rise / BAR,
                        pump.speed * 30.0 / np.pi,
                        pump.suction,
                    )
                )
        parts.append(
            Table(
                "pumps",
                "Pumps of the frozen design at their rated point, by required efficiency over prediction",
                (
                    Column("over prediction", decimals=2),
                    Column("pump"),
                    Column("efficiency", decimals=3),
                    Column("at part of the thrust"),
                    Column("flow", "L/s"),
                    Column("pressure rise", "bar"),
                    Column("speed", "1/min", 0),
                    Column("suction head needed", "m", 1),
                ),
                tuple(rows),
                (
                    "Efficiency: flow times rise of total pressure over shaft power, flange to flange, internal "
                    "leakage included, at full thrust, rated mixture ratio, end of life.",
                ),
            )
        )
        text.append(f"Efficiency alone: {answer_efficiency(found)}")
    limited = {at / 1e3: verdict.estimate for at, verdict in found.limited.items()}
    parts.append(
        Table(
            "power-limit",
            "Compliance of the design under an electric power limit",
            (Column("electric power limit", "kW"), Column("compliance")),
            tuple(limited.items()),
            (
                _power_confirmed(found),
                "Power of all pumps together at the battery's main bus, house load excluded, full thrust. The limit "
                "constrains the design (chamber pressure, tank pressure); it never filters samples.",
            ),
        )
    )
    parts.append(
        figures.curves(
            "power-limit",
            "Compliance of the design under an electric power limit",
            {"all limits": (np.array(list(limited)), list(limited.values()))},
            labels=("electric power limit, kW", "compliance"),
            threshold=found.joint.wanted,
            alt="Compliance rises with the electric power limit and levels off where the limit no longer binds.",
        )
    )
    if found.frontier is not None:
        grid = found.frontier
        parts.append(
            figures.field(
                "frontier",
                "Compliance over required pump efficiency and electric power limit",
                grid.first,
                grid.second / 1e3,
                grid.compliance,
                labels=("required efficiency over prediction", "electric power limit, kW", "compliance"),
                levels=(0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
                beyond=~grid.reachable,
                alt="A field of compliance: it rises with the efficiency and with the power limit; hatched where no "
                "pump of that suction and size is expected.",
            )
        )
    return Section("Frozen: pump efficiency and electric power", tuple(text), tuple(parts))


def _power_confirmed(found: Demands) -> str:
    fresh = found.confirmed("power")
    if fresh is None:
        return "Not confirmed."
    return f"At {found.tightest_power() / 1e3:.1f} kW {fresh.runs} fresh runs say {percent(fresh.fresh.estimate)}."


def answer_efficiency(found: Demands) -> str:
    """The loosest efficiency in one sentence, as efficiencies of both pumps."""
    least, wanted = found.loosest[EFFICIENCY], f"{100 * found.joint.wanted:.0f} %"
    if least.status == "met without it":
        return f"none need be required: {percent(found.joint.estimate)} comply without, {wanted} are wanted."
    at = least.value.value if least.status == "found" else least.best_value
    fresh = found.confirmed(f"alone {EFFICIENCY}")
    said = (
        ""
        if fresh is None
        else (
            f" {percent(fresh.claimed.estimate)} comply; {fresh.runs} fresh runs say {percent(fresh.fresh.estimate)}."
        )
    )
    tail = "" if matters(least, found.joint) else " Efficiency is not the discriminating requirement."
    pumps = pump_words(found.pumps(at))
    if least.status == "found":
        low, high = (f"{v:.2f}" if np.isfinite(v) else "none" for v in (least.value.low, least.value.high))
        return f"the loosest that gives {wanted} is {pumps}, {at:.2f} ({low} to {high}) of the prediction.{said}{tail}"
    return f"none in reach gives {wanted}; best is {pumps}, {at:.2f} of the prediction.{said}{tail}"


def pump_words(pumps: Sequence[PumpPoint]) -> str:
    """The efficiencies of a set of pumps, each with its operating point."""
    return " and ".join(
        f"{p.efficiency:.2f} ({p.liquid}, {1e3 * p.flow:.2g} L/s, {p.rise / BAR:.0f} bar)" for p in pumps
    )


def answer_power(found: Demands) -> str:
    """The tightest electric power limit in one sentence."""
    at, wanted = found.tightest_power(), f"{100 * found.joint.wanted:.0f} %"
    verdict, fresh = found.limited[at], found.confirmed("power")
    said = percent(verdict.estimate)
    if fresh is not None:
        said += f" comply; {fresh.runs} fresh runs say {percent(fresh.fresh.estimate)}"
    where = "for all pumps at the main bus, house load excluded, full thrust"
    if verdict.probability >= found.joint.wanted:
        return f"a limit of {at / 1e3:.1f} kW {where}, still complies: {said}."
    if max(v.estimate.high for v in found.limited.values()) < HOPELESS:
        return f"whatever its limit {where}: {said}."
    return f"no limit alone gives {wanted}; one of {at / 1e3:.1f} kW {where}, costs nothing: {said}."
