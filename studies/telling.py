"""What frozen designs say, in words, tables and figures."""

from __future__ import annotations

import numpy as np

from models.quantity import BAR
from studies.case import Case
from studies.demands import EFFICIENCY, Demands, PumpPoint
from studies.wording import input_unit, input_words, output_words, percent, shown
from uq.report import figures
from uq.report.document import Cell, Column, Figure, Section, Table
from uq.requirements import Limit

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
    words = _limit_words
    each = {words(limit): p for limit, p in zip(found.joint.limits, found.joint.each, strict=True)}
    rows: list[tuple[Cell, ...]] = list(each.items())
    rows += [("no shortfall at all", found.holds.estimate), ("all of these", found.joint.estimate)]
    table = Table(
        "compliance",
        f"Compliance of the design at today's best estimates, margins times {found.scale:g}",
        (Column("limit"), Column("probability")),
        tuple(rows),
        (
            f"Wanted {100 * found.joint.wanted:.0f} %: {found.joint.answer}. Brackets: 95 % intervals, from "
            f"{len(found.sample)} true flights of the frozen design; {found.joint.infeasible:.2%} could not fly and "
            "count as failures.",
        ),
    )
    scales = Table(
        "margin-scales",
        "What the margins buy",
        (
            Column("all margins times"),
            Column("payload gain met"),
            Column("no shortfall"),
            Column("both"),
        ),
        tuple(
            (f"{scale:g}", *([v.estimate for v in three] if three[0].infeasible < 1.0 else ["no design"] * 3))
            for scale, three in found.scales.items()
        ),
        (f"The scale {found.scale:g} complies most often and is used from here on.",),
    )
    return Section(
        "Frozen: does a design at today's best estimates hold?",
        (
            "From here on nobody has hindsight. Tanks, chamber, drives and battery are fixed at the required values "
            "(or today's best estimates) with margins; then nature draws the truth, and the design flies with it. A "
            "shortfall of propellant, helium, charge, power, suction or temperature is a failure, and so is a payload "
            "below that of the pressure-fed lander, frozen in the same way.",
        ),
        (table, scales),
    )


def _limit_words(limit: Limit) -> str:
    unit, size = shown({"payload_gain": "kg", "mass_saved": "kg"}.get(limit.output, ""))
    short = limit.output.removeprefix("electric_pump.").removesuffix("_shortfall")
    if limit.output.endswith("_shortfall"):
        return SHORTFALLS.get(short, f"enough {short.replace('_', ' ')}")
    bound = f"at least {limit.low / size:g}" if np.isfinite(limit.low) else f"at most {limit.high / size:g}"
    return f"{output_words(limit.output)} {bound} {unit}".strip()


def levied_section(found: Demands) -> Section:
    """What each requirement buys, the loosest efficiency, and the power limit."""
    case = found.case
    series, rows = {}, []
    for name, one in found.levied.items():
        unit, slope, offset = input_unit(case, name)
        series[input_words(case, name)] = (100.0 * (1.0 - one.prior), one.compliance)
        for value, prior, p in zip(one.values, one.prior, one.compliance, strict=True):
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
        for value in found.levied[EFFICIENCY].values:
            for pump in found.pumps(float(value)):
                rows.append((float(value), *_cells(pump)))
        parts.append(
            Table(
                "pumps",
                "Pumps of the frozen design at their rated point, by required efficiency over prediction",
                (
                    Column("over prediction", decimals=2),
                    Column("pump"),
                    Column("efficiency", decimals=3),
                    Column("flow", "L/s"),
                    Column("pressure rise", "bar"),
                    Column("speed", "1/min", 0),
                ),
                tuple(rows),
                (
                    "Efficiency: flow times rise of total pressure over shaft power, flange to flange, internal "
                    "leakage included, at full thrust, rated mixture ratio, end of life.",
                ),
            )
        )
        text += [f"Payload gain alone: {answer_efficiency(found, 'gain')}"]
        text += [f"With every shortfall counted: {answer_efficiency(found, 'joint')}"]
    limited = {at / 1e3: verdict.estimate for at, verdict in found.limited.items()}
    parts.append(
        Table(
            "power-limit",
            "Compliance of the design under an electric power limit",
            (Column("electric power limit", "kW"), Column("compliance")),
            tuple(limited.items()),
            (
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


def _cells(pump: PumpPoint) -> tuple[Cell, ...]:
    return pump.liquid, pump.efficiency, 1e3 * pump.flow, pump.rise / BAR, pump.speed * 30.0 / np.pi


def answer_efficiency(found: Demands, what: str) -> str:
    """The loosest efficiency in one sentence, as efficiencies of both pumps."""
    least, wanted = found.loosest[what], f"{100 * found.joint.wanted:.0f} %"
    if least.status == "met without it":
        return f"no efficiency need be required: {percent(least.best)} comply without, {wanted} are wanted."
    at = least.value.value if least.status == "found" else least.best_value
    pumps = " and ".join(
        f"{p.efficiency:.2f} ({p.liquid}, {1e3 * p.flow:.2g} L/s, {p.rise / BAR:.0f} bar)"
        for p in found.pumps(at)
    )
    tail = "" if least.discriminating else " Efficiency is not the discriminating requirement."
    if least.status == "found":
        return f"the loosest efficiency is {pumps}, {at:.2f} of the prediction.{tail}"
    return (
        f"no efficiency alone gives {wanted}: at {pumps}, {at:.2f} of the prediction, {percent(least.best)} "
        f"comply.{tail}"
    )


def answer_power(found: Demands) -> str:
    """The tightest electric power limit in one sentence."""
    wanted = f"{100 * found.joint.wanted:.0f} %"
    met = {at: v for at, v in found.limited.items() if v.probability >= found.joint.wanted}
    if met:
        at = min(met)
        return f"an electric power limit of {at / 1e3:.1f} kW still complies: {percent(met[at].estimate)}."
    free = max(v.probability for v in found.limited.values())
    near = min(at for at, v in found.limited.items() if v.probability >= free - 0.02)
    return (
        f"no electric power limit gives {wanted}; from {near / 1e3:.1f} kW on it costs nothing: "
        f"{percent(found.limited[near].estimate)}."
    )


def rates_section(found: Demands) -> Section:
    """What one step of each requirement is worth, where the spread comes from, what to measure."""
    case: Case = found.case
    rows: list[tuple[Cell, ...]] = []
    for rate in found.rates.rates:
        if not rate.nominal:
            continue
        unit, slope, offset = input_unit(case, rate.input)
        rows.append(
            (
                input_words(case, rate.input),
                rate.per / slope,
                unit,
                (rate.at - offset) / slope,
                rate.mean,
                rate.quantile,
                rate.compliance,
            )
        )
    rates = Table(
        "exchange-rates",
        "What a step of each requirement is worth in payload gain, design resized",
        (
            Column("requirement on"),
            Column("step"),
            Column("unit"),
            Column("about"),
            Column("mean", "kg"),
            Column("5 % quantile", "kg"),
            Column("compliance"),
        ),
        tuple(rows),
    )
    steps = found.steps
    fall = {"nominal": steps.nominal, "mean growth": steps.growth.value}
    fall |= {
        input_words(case, s.name) if s.name in case.titles else s.name: s.amount.value for s in steps.shares
    }
    fall[f"{1.0 - steps.level:.0%} quantile"] = steps.quantile.value
    drawn = figures.waterfall(
        "waterfall",
        "Payload gain: from nominal to the quantile that the wanted probability asks for",
        fall,
        label="payload gain, kg",
        limit=steps.limit.low if np.isfinite(steps.limit.low) else steps.limit.high,
        alt="Steps from the nominal payload gain down to its low quantile, one driver a step: "
        + ", ".join(f"{k} {v:.0f} kg" for k, v in fall.items())
        + ".",
    )
    tests = sorted(found.knowing.tests, key=lambda t: t.std.value)[:12]
    knowing = Table(
        "what-to-measure",
        "What to measure next: payload gain after learning one input exactly",
        (
            Column("learn"),
            Column("expected standard deviation", "kg"),
            Column("chance of the wrong architecture"),
            Column("expected gain of choosing after", "kg"),
        ),
        (
            ("nothing more", found.knowing.std, found.knowing.wrong, 0.0),
            *((input_words(case, t.input), t.std, t.wrong, t.gain) for t in tests),
        ),
    )
    return Section("Margins: what a step is worth, and what to learn", (), (rates, drawn, knowing))


def confirmation_section(found: Demands) -> Section:
    """Fresh runs behind the figures."""
    rows: list[tuple[Cell, ...]] = []
    for k, item in enumerate(found.confirmations.items):
        what = "all limits" if len(item.claimed.limits) > len(found.asked) else "payload gain"
        under = (
            "; ".join(
                f"{input_words(found.case, r.input)} at least {r.value:.3g}"
                for r in item.claimed.requirements
                if hasattr(r, "low")
            )
            or "today's best estimates"
        )
        rows.append(
            (
                what,
                under,
                item.claimed.estimate,
                item.fresh.estimate,
                float(item.runs),
                "stands" if found.confirmations.stands(k) else "falls",
            )
        )
    table = Table(
        "confirmation",
        "Every figure asked again of fresh runs of the true model",
        (
            Column("limits"),
            Column("under"),
            Column("said"),
            Column("fresh runs say"),
            Column("runs"),
            Column("claim"),
        ),
        tuple(rows),
        ("Fresh runs are independent Monte Carlo draws; their samples lie in the folders evidence-*.",),
    )
    return Section("Confirmation", (), (table,))


def inputs_section(case: Case) -> Section:
    """Every uncertain input with its law and source."""
    rows: list[tuple[Cell, ...]] = []
    for i in case.inputs:
        unit, slope, offset = input_unit(case, i.name)
        q = [(float(i.distribution.ppf(p)) - offset) / slope for p in (0.05, 0.5, 0.95)]
        rows.append(
            (case.titles.get(i.name, i.name), i.role, unit, type(i.distribution).__name__, *q, i.source)
        )
    table = Table(
        "inputs",
        "Uncertain inputs, their laws and sources",
        (
            Column("input"),
            Column("role"),
            Column("unit"),
            Column("law"),
            Column("5 %"),
            Column("median"),
            Column("95 %"),
            Column("source"),
        ),
        tuple(rows),
    )
    given = Table(
        "lander",
        "The lander as given",
        (Column("quantity"), Column("source")),
        tuple((name, source) for name, source in case.sources.items()),
    )
    return Section("Inputs and sources", (), (table, given))
