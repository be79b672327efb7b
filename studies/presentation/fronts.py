"""Fronts over electric power and energy as tables, and every point with its whole design as plain data."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np

from models.architectures.budget import PROPULSION_ITEMS
from models.architectures.comparison import Best
from models.quantity import BAR, WATT_HOUR
from studies.analysis.concepts.fronts import Front, Point, Screen
from studies.case.case import Case
from studies.presentation.concepts import instead
from studies.presentation.front_figures import UNITS, front_figure
from uq.core.table import Cell, Column, Table
from uq.report.document import Section

GOALS = {"payload": "payload", "launch_mass": "launch mass"}
Record = dict[str, float | str]
Designs = Mapping[tuple[str, str], Sequence[Best]]
"""The whole design of every point of every front, the last that of the pressure-fed lander."""


def front_title(case: Case, goal: str, resource: str) -> str:
    """A front in words.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    goal : str
        ``payload`` or ``launch_mass``.
    resource : str
        ``power`` or ``energy``.

    Returns
    -------
    str
        What is gained over what it takes.
    """
    at = f" at {case.lander.payload:g} kg payload" if goal == "launch_mass" else ""
    return f"{GOALS[goal]}{at} over {UNITS[resource][2]}"


def fronts_section(case: Case, screen: Screen, designs: Designs) -> Section:
    """The fronts of payload and launch mass over power and energy, and the designs of the first one's points.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    designs : Designs
        The whole design of every point.

    Returns
    -------
    Section
    """
    front = screen.front
    knee = front.points[front.knee].concept
    few = len(front.points) == 1
    return Section(
        "Payload, launch mass and loaded propulsion system over electric power and energy",
        (
            "Each point is a concept of the electric pump at its own best design under a limit on its electric power, "
            "or energy, every input at its median; no other concept does better with as little. Each is a run of the "
            "sizing model itself, at its own optimum: 4 ms a design leave a surrogate nothing to save, and no error of "
            "one to confirm. The first row is the best pressure-fed lander, which takes none.",
            f"{len(screen.free.concepts)} concepts of pumps and {len(screen.pressure.concepts)} without were sized; "
            f"the {len(screen.pump.concepts)} that may be best somewhere at every limit. The loaded propulsion system "
            "is launch mass less platform less payload, so that its front has the points of payload.",
            f"At the knee: {case.decisions.title(knee)}. The tables say what other points have instead."
            + (" One point beats all others in both: the front is that point." if few else ""),
        ),
        (
            *(front_table(case, screen, goal, resource) for resource in UNITS for goal in GOALS),
            front_figure(case, screen, "energy"),
            design_table(case, front, designs["payload", "power"]),
        ),
    )


def front_table(case: Case, screen: Screen, goal: str, resource: str) -> Table:
    """The points of a front with what a kilowatt, or a kilowatt hour, more buys.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    goal : str
        ``payload`` or ``launch_mass``.
    resource : str
        ``power`` or ``energy``.

    Returns
    -------
    Table
    """
    front = screen.fronts[goal, resource]
    scale, unit, _ = UNITS[resource]
    knee = screen.front.points[screen.front.knee].concept

    def row(point: Point, words: str, gain: float | None) -> tuple[Cell, ...]:
        return (
            point.power / 1e3,
            point.energy / WATT_HOUR / 1e3,
            getattr(point, goal),
            point.propulsion_mass,
            gain,
            scale * point.price if np.isfinite(point.price) else None,
            words,
        )

    rows = [row(front.pressure, "pressure-fed: " + case.decisions.title(front.pressure.concept), None)]
    for k, point in enumerate(front.points):
        words = instead(case, knee, point.concept) + (" (knee)" if k == front.knee else "")
        rows.append(row(point, words, front.gain(point)))
    columns = (
        Column("electric power", "kW", 2),
        Column("electric energy", "kWh", 2),
        Column(GOALS[goal], "kg", 1),
        Column("loaded propulsion system", "kg", 1),
        Column("better than pressure-fed", "kg", 1),
        Column(f"kg for one more {unit}", f"kg/{unit}", 2),
        Column("concept"),
    )
    title = front_title(case, goal, resource)
    name = f"front-{goal.replace('_', '-')}-{resource}"
    return Table(name, f"Front: {title}", columns, tuple(rows))


def records(case: Case, screen: Screen, designs: Designs) -> list[Record]:
    """Every point of every front with everything that it is, by name with unit.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    designs : Designs
        The whole design of every point.

    Returns
    -------
    list of Record
    """
    return [
        {"front": front_title(case, *key), **record(case, point, best)}
        for key, front in screen.fronts.items()
        for point, best in zip((*front.points, front.pressure), designs[key], strict=True)
    ]


def to_csv(found: Sequence[Record]) -> str:
    """Records as CSV, a row a point; what a point does not have is empty.

    Parameters
    ----------
    found : Sequence of Record
        Points with their designs.

    Returns
    -------
    str
        With a header.
    """
    names = list(dict.fromkeys(name for one in found for name in one))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()


def record(case: Case, point: Point, best: Best) -> Record:
    """Everything that a point of the front is, by name with unit: concept, design, pumps, battery, masses.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    point : Point
        Concept and power limit.
    best : Best
        The best design of one concept.

    Returns
    -------
    dict of str to float or str
        By name with unit.
    """
    sizing = best.sizing

    def limit(value: float, scale: float = 1.0) -> float | str:
        return value / scale if np.isfinite(value) else "none"

    found: Record = {
        "architecture": point.concept.architecture.replace("_", " "),
        "concept": case.decisions.title(point.concept),
        **{f"decision {name}": option for name, option in point.concept.options.items()},
        "power limit [W]": limit(point.power_limit),
        "energy limit [Wh]": limit(point.energy_limit, WATT_HOUR),
        "launch mass [kg]": _one(sizing.launch_mass),
        "payload [kg]": _one(sizing.payload),
        "loaded propulsion system [kg]": _one(sizing.propulsion_mass),
        "dry propulsion system [kg]": _one(sizing.dry_mass),
        "electric power [W]": _one(sizing.electric_power),
        "electric energy [Wh]": _one(sizing.electric_energy) / WATT_HOUR,
        "thrust [N]": _one(sizing.thrust),
        "thrust to lunar weight at descent [-]": _one(sizing.propulsion.flight.thrust_to_weight),
        "mixture ratio [-]": _one(best.lander.mixture_ratio),
        "chamber pressure [bar]": _one(sizing.chamber_pressure) / BAR,
        "area ratio [-]": _one(sizing.area_ratio),
        "oxidiser tank pressure [bar]": _one(sizing.oxidiser_tank_pressure) / BAR,
        "fuel tank pressure [bar]": _one(sizing.fuel_tank_pressure) / BAR,
        "oxidiser ullage [-]": _one(sizing.storage.oxidiser_ullage),
        "fuel ullage [-]": _one(sizing.storage.fuel_ullage),
        "specific impulse [s]": _one(sizing.specific_impulse),
    }
    if sizing.drives is not None:
        for name, drive in zip(("oxidiser", "fuel"), sizing.drives.rated, strict=True):
            found |= {
                f"{name} pump flow [L/s]": _one(drive.flow) * 1e3,
                f"{name} pump rise [bar]": _one(drive.rise) / BAR,
                f"{name} pump speed [1/min]": _one(drive.pump.speed) * 30.0 / np.pi,
                f"{name} impeller diameter [mm]": _one(drive.pump.diameter) * 1e3,
                f"{name} pump efficiency [-]": _one(drive.pump.efficiency),
                f"{name} motor efficiency [-]": _one(drive.motor.efficiency),
            }
        found["battery energy drawn deepest [Wh]"] = _one(sizing.drives.stored_energy) / WATT_HOUR
    found |= {f"mass, {item} [kg]": _one(sizing.masses[item]) for item in PROPULSION_ITEMS}
    return found


def design_table(case: Case, front: Front, designs: Sequence[Best]) -> Table:
    """Every point of the front with all its design variables, a column each.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    front : Front
        Whose points are shown.
    designs : Sequence of Best
        The whole design of each point of the front, the last that of the pressure-fed optimum.

    Returns
    -------
    Table
    """
    points = (*front.points, front.pressure)
    found = [record(case, p, b) for p, b in zip(points, designs, strict=True)]
    names = list(dict.fromkeys(name for one in found for name in one))
    rows = tuple((name, *(one.get(name) for one in found)) for name in names)
    heads = tuple(Column(f"{p.power / 1e3:.2f} kW") for p in points)
    return Table(
        "front-designs",
        "The whole design of every point of the first front",
        (Column("quantity"), *heads),
        rows,
        ("`front.csv` and `front.json` hold those of all four fronts.",),
    )


def _one(value: object) -> float:
    return float(np.asarray(value).ravel()[0])
