"""What each requirement, and each electric power limit, does alone: in words, tables and figures."""

from __future__ import annotations

import numpy as np

from models.quantity import BAR
from studies.analysis.requirement_set import REACH, matters
from studies.analysis.requirements import Requirements
from studies.analysis.single_requirements import EFFICIENCY
from studies.presentation.drive_words import drive_values, drive_words
from studies.presentation.names_and_units import input_words, percent, to_digits
from uq.core.table import Cell, Table, header
from uq.report import curve_figures
from uq.report.document import Figure, Section

NO_DISCRIMINATING = "not discriminating"


def matters_section(requirements: Requirements) -> Section:
    """Which requirement discriminates: alone, the others at today's best estimates.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    joint = requirements.compliance.joint
    rows: list[tuple[Cell, ...]] = []
    for name, least in requirements.single.thresholds.items():
        unit = requirements.case.unit(name)
        fresh = requirements.confirmed(f"alone {name}")
        states = {"met without it": "none needed", "unreachable": "none in reach suffices"}
        alone: Cell = states.get(least.status) or unit.estimate(least.value)
        at = least.value.value if least.status == "found" else least.best_value
        rows.append(
            (
                input_words(requirements.case, name),
                unit.symbol,
                alone,
                to_digits(unit.shown(at)),
                None if fresh is None else fresh.claimed.estimate,
                None if fresh is None else fresh.fresh.estimate,
                None if fresh is None else float(fresh.runs),
                100.0 * least.moves,
                "matters" if matters(least, joint) else NO_DISCRIMINATING,
            )
        )
    table = Table(
        "what-matters",
        f"Each requirement alone, for {100 * joint.wanted:.0f} %",
        header(
            "requirement on | unit | least demanding value that suffices | at the value | "
            "compliance there | fresh runs say | runs | moves compliance by [points]:0 | "
            "is it the requirement?"
        ),
        tuple(rows),
        (
            "At the value: the least demanding that suffices, or the one in reach that complies most often. In reach: "
            "what "
            f"{100 * (1 - REACH):.0f} % of suppliers deliver by today's knowledge; beyond, no hardware is expected.",
            "Not discriminating: compliance moves less than its interval over the whole range, or does not rise.",
        ),
    )
    return Section("Fixed design: which requirement matters", (), (table,))


def curves_section(requirements: Requirements) -> Section:
    """What each requirement buys, as curves and a table.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    case = requirements.case
    series, rows = {}, []
    for name, curve in requirements.single.curves.items():
        unit = case.unit(name)
        series[input_words(case, name)] = (100.0 * (1.0 - curve.prior), curve.compliance)
        for value, prior, p in list(zip(curve.values, curve.prior, curve.compliance, strict=True))[::3]:
            rows.append(
                (
                    input_words(case, name),
                    "at least",
                    to_digits(unit.shown(value)),
                    unit.symbol,
                    float(prior),
                    p,
                )
            )
    drawn = curve_figures.curves(
        "single-requirements",
        "Compliance under one requirement, with the design sized at it",
        series,
        labels=("share of suppliers that fail the requirement, %", "compliance"),
        threshold=requirements.compliance.joint.wanted,
        alt="One curve a requirement: compliance against how demanding it is; dashed: the wanted probability.",
    )
    table = Table(
        "single-requirements",
        "Compliance under one requirement, alone",
        header("requirement on | side | value | unit | chance that it is met today:3 | compliance"),
        tuple(rows),
    )
    return Section("Fixed design: what each requirement buys", (), (drawn, table))


def efficiency_section(requirements: Requirements) -> Section:
    """The pump's efficiency at its operating point, and the electric power limit.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    joint = requirements.compliance.joint
    parts: list[Table | Figure] = []
    text: list[str] = []
    rows: list[tuple[Cell, ...]] = []
    if EFFICIENCY in requirements.single.curves:
        for value in requirements.single.curves[EFFICIENCY].values[::3]:
            pumps = requirements.design.pumps_at(float(value))
            for efficiency in drive_values(pumps, EFFICIENCY, float(value)):
                pump = efficiency.point
                rows.append(
                    (
                        pump.liquid,
                        efficiency.required,
                        efficiency.predicted,
                        1e3 * pump.flow,
                        pump.rise / BAR,
                        pump.speed * 30.0 / np.pi,
                        pump.suction,
                    )
                )
        parts.append(
            Table(
                "pumps",
                "Pumps of the fixed design at their rated point, by required efficiency",
                header(
                    "pump | efficiency required:3 | predicted by the model:3 | "
                    "flow [L/s]:2 | pressure rise [bar]:1 | speed [1/min]:0 | suction head needed [m]:1"
                ),
                tuple(rows),
                (
                    "Efficiency: flow times rise of total pressure over shaft power, flange to flange, internal "
                    "leakage included, at full thrust, rated mixture ratio, end of life.",
                ),
            )
        )
        text.append(f"Efficiency alone: {answer_efficiency(requirements)}")
    limited = {at / 1e3: verdict.estimate for at, verdict in requirements.single.power_limits.items()}
    parts.append(
        Table(
            "power-limit",
            "Compliance of the design under an electric power limit",
            header("electric power limit [kW]:1 | compliance"),
            tuple(limited.items()),
            (
                _power_confirmed(requirements),
                "Power of all pumps together at the battery's main bus, house load excluded, full thrust. The limit "
                "constrains the design (chamber pressure, tank pressure); it never filters samples.",
            ),
        )
    )
    parts.append(
        curve_figures.curves(
            "power-limit",
            "Compliance of the design under an electric power limit",
            {"all limits": (np.array(list(limited)), list(limited.values()))},
            labels=("electric power limit, kW", "compliance"),
            threshold=joint.wanted,
            alt="Compliance rises with the electric power limit and levels off where the limit no longer binds.",
        )
    )
    if requirements.single.frontier is not None:
        grid = requirements.single.frontier
        parts.append(
            curve_figures.field(
                "frontier",
                "Compliance over required pump efficiency and electric power limit",
                grid.first,
                grid.second / 1e3,
                grid.compliance,
                labels=(
                    "required pump efficiency (ratio to predicted)",
                    "electric power limit, kW",
                    "compliance",
                ),
                levels=tuple(v for v in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95) if v != joint.wanted),
                wanted=joint.wanted,
                beyond=~grid.reachable,
                alt="A field of compliance: it rises with the efficiency and with the power limit; hatched where no "
                "pump of that suction and size is expected.",
            )
        )
    return Section("Fixed design: pump efficiency and electric power", tuple(text), tuple(parts))


def _power_confirmed(requirements: Requirements) -> str:
    single = requirements.single
    fresh = requirements.confirmed("power")
    if fresh is None:
        return "Not confirmed."
    return f"At {single.tightest_power / 1e3:.1f} kW {fresh.runs} fresh runs say {percent(fresh.fresh.estimate)}."


def answer_efficiency(requirements: Requirements) -> str:
    """The least demanding efficiency in one sentence, as efficiencies of both pumps.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    str
        One sentence.
    """
    joint = requirements.compliance.joint
    least, wanted = (
        requirements.single.thresholds[EFFICIENCY],
        f"{100 * joint.wanted:.0f} %",
    )
    if least.status == "met without it":
        return f"none need be required: {percent(joint.estimate)} comply without, {wanted} are wanted."
    at = least.value.value if least.status == "found" else least.best_value
    fresh = requirements.confirmed(f"alone {EFFICIENCY}")
    said = (
        ""
        if fresh is None
        else (
            f" {percent(fresh.claimed.estimate)} comply; {fresh.runs} fresh runs say {percent(fresh.fresh.estimate)}."
        )
    )
    tail = "" if matters(least, joint) else " Efficiency is not the discriminating requirement."
    median = float(next(i for i in requirements.case.inputs if i.name == EFFICIENCY).distribution.ppf(0.5))
    pumps = drive_words(requirements.design.pumps_at(at), EFFICIENCY, at, today=median)
    if least.status == "found":
        low, high = (f"{v:.2f}" if np.isfinite(v) else "none" for v in (least.value.low, least.value.high))
        return (
            f"the least demanding that gives {wanted} is {pumps}, {at:.2f} ({low} to {high}) times the prediction."
            f"{said}{tail}"
        )
    return f"none in reach gives {wanted}; best is {pumps}.{said}{tail}"
