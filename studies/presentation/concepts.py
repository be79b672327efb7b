"""Concepts, their fronts and the choice between them, as sentences, tables and figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from models.architectures.budget import PROPULSION_ITEMS
from models.architectures.comparison import Best
from models.architectures.concepts import Architecture, Concept, SizedConcepts
from models.quantity import BAR, WATT_HOUR
from studies.analysis.concepts import LOW, Point, Screen, Uncertain, alternatives
from studies.case.case import Case
from studies.presentation.wording import input_words
from uq.core.table import Cell, Column, Table, words
from uq.propagation.sample_estimates import quantile_estimate
from uq.report import design_figures
from uq.report.document import Brief, Figure, Section

SHOWN_ALTERNATIVES = 30
LEAST_WORTH = 0.05
"""kg below which learning an input is not worth a row."""


def title(case: Case, concept: Concept) -> str:
    """A concept in words, architecture first.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    concept : Concept
        A choice of options, and its architecture.

    Returns
    -------
    str
        Architecture and options.
    """
    return f"{concept.architecture.replace('_', ' ')}: {case.decisions.title(concept)}"


def _layout(case: Case, concept: Concept) -> str:
    """What tells the lines of the front figure apart: engines, and pump sets where they are a decision."""
    shown = [name for name in ("engines", "pump_sets") if name in concept.options]
    return ", ".join(case.decisions.decisions[n].options[concept.options[n]].title for n in shown)


def brief(case: Case, screen: Screen, uncertain: Uncertain) -> Brief:
    """The first page: the concept to build, the best of each architecture, the knee and its prices, what to learn.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    uncertain : Uncertain
        The best concepts over draws of the uncertain inputs.

    Returns
    -------
    Brief
    """
    front, choice = screen.front, uncertain.choice
    recommended = uncertain.concepts[choice.recommended]
    lines = [
        (
            "From the knee",
            f"one kW more buys {_after(front, screen.knee):.1f} kg of payload, one kW less costs "
            f"{_before(front, screen.knee):.1f} kg",
        ),
        ("Pump or pressure", _architectures(uncertain)),
    ]
    if choice.runner_up is not None and choice.advantage is not None:
        runner = _instead(case, recommended, uncertain.concepts[choice.runner_up])
        lines.append(("Runner-up", f"{runner}; {choice.advantage.value:.1f} kg behind"))
    learning = [(n, v.value) for n, v in uncertain.learning.items() if v.low > 0.0][:2]
    first = "; ".join(f"{input_words(case, name)} (worth {value:.1f} kg)" for name, value in learning)
    lines.append(("Learn first", first or "nothing that can be learned would change the choice"))
    return Brief(
        verdict=recommended.architecture.replace("_", " "),
        headline=f"{case.decisions.title(recommended)}. Best in {100 * choice.best[choice.recommended].value:.0f} % of "
        f"the draws; expected regret {choice.perfect_information.value:.1f} kg of payload.",
        table=_bests(screen),
        lines=tuple(lines),
        figures=(front_figure(case, screen, uncertain),),
    )


def _instead(case: Case, first: Concept, other: Concept) -> str:
    """What tells another concept from the first, its architecture before it where that differs."""
    if other.architecture != first.architecture:
        return title(case, other)
    changed = {name: option for name, option in other.options.items() if option != first.options.get(name)}
    words = case.decisions.title(dataclasses.replace(other, options=changed))
    return f"the same with {words}" if words else "the same"


def _architectures(uncertain: Uncertain) -> str:
    """How often the best pump concept beats the best pressure-fed one, and by how much."""
    gain = uncertain.gain()
    usable = gain[np.isfinite(gain)]
    if not usable.size:
        return "in no draw have both architectures a design"
    return (
        f"the best pump concept carries more in {100 * float((usable > 0.0).mean()):.0f} % of the draws, "
        f"{round(float(usable.mean())) + 0:+d} kg on average".replace("-", "\u2212")
    )


def _bests(screen: Screen) -> Table:
    best, knee, pressure = screen.front[-1], screen.front[screen.knee], screen.best_pressure
    columns = (Column(name, unit, digits) for name, unit, digits in (
        ("electric power", "kW", 1), ("payload", "kg", 0), ("loaded propulsion system", "kg", 0)
    ))  # fmt: skip
    return Table(
        "best",
        "The lightest systems, every input at its median",
        (Column("system"), *columns),
        (
            (
                "pressure-fed, best",
                0.0,
                float(screen.pressure["payload"][pressure, 0, 0]),
                float(screen.pressure["propulsion_mass"][pressure, 0, 0]),
            ),
            (
                "electric pump, most payload for little power (knee)",
                knee.power / 1e3,
                knee.payload,
                knee.propulsion_mass,
            ),
            ("electric pump, most payload", best.power / 1e3, best.payload, best.propulsion_mass),
        ),
    )


def _after(front: tuple[Point, ...], k: int) -> float:
    if k + 1 >= len(front):
        return 0.0
    return 1e3 * (front[k + 1].payload - front[k].payload) / (front[k + 1].power - front[k].power)


def _before(front: tuple[Point, ...], k: int) -> float:
    return 0.0 if k == 0 else _after(front, k - 1)


def front_section(case: Case, screen: Screen, designs: list[Best]) -> Section:
    """The front of payload and loaded propulsion mass over electric power: points and whole designs.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    designs : list of Best
        The whole design of each point of the front.

    Returns
    -------
    Section
    """
    return Section(
        "Payload and mass over electric power",
        (
            "Each point is a concept of the electric pump at its own best design under a limit on its electric power, "
            "every input at its median; no other point of any concept carries more for as little power.",
        ),
        (
            front_table(case, screen),
            design_table(case, screen, designs),
        ),
    )


def front_figure(case: Case, screen: Screen, uncertain: Uncertain) -> Figure:
    """Payload and loaded propulsion mass over electric power, a line for each layout, and the marked points.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    uncertain : Uncertain
        The best concepts over draws of the uncertain inputs.

    Returns
    -------
    Figure
    """
    pump, best = screen.pump, screen.best_pressure
    power = pump["electric_power"][:, :, 0] / 1e3
    goals = {
        "payload, kg": (pump["payload"][:, :, 0], max),
        "loaded propulsion system, kg": (pump["propulsion_mass"][:, :, 0], min),
    }
    layouts: dict[str, list[int]] = {}
    for k, concept in enumerate(pump.concepts):
        layouts.setdefault(_layout(case, concept), []).append(k)
    ranked = sorted(layouts, key=lambda name: -np.nanmax(pump["payload"][layouts[name], :, 0]))[:4]
    panels: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for key, (values, _) in goals.items():
        panels[key] = {}
        for name in ranked:
            rows = layouts[name]
            payload = np.nan_to_num(pump["payload"][rows, :, 0], nan=-np.inf)
            top = np.argmax(payload, axis=0)
            columns = np.flatnonzero(np.isfinite(payload.max(axis=0)))
            where = np.array(rows)[top[columns]]
            panels[key][name] = (power[where, columns], values[where, columns])
    front = screen.front[screen.knee]
    pressure = {
        key: (0.0, float(screen.pressure[name][best, 0, 0]))
        for key, name in zip(goals, ("payload", "propulsion_mass"), strict=True)
    }
    knee = {
        key: (front.power / 1e3, value)
        for key, value in zip(goals, (front.payload, front.propulsion_mass), strict=True)
    }
    marks = {key: {"pressure-fed, best": pressure[key], "knee": knee[key]} for key in goals}
    row = uncertain.pump
    # a level at which every second draw has no design has no median
    levels = np.isfinite(uncertain.payload[row]).mean(axis=1) > 0.5
    band_x = np.nanmedian(uncertain.power[row][levels], axis=1) / 1e3
    # the gain over the pressure-fed lander of the same draw: what both share would hide how certain the difference is
    gain = uncertain.payload[row][levels] - uncertain.payload[uncertain.pressure, -1]
    ends = pressure[next(iter(goals))][1] + np.nanquantile(gain, [0.1, 0.9], axis=1)
    order = np.argsort(band_x)
    return design_figures.trade_fronts(
        "front",
        "Payload and loaded propulsion mass over electric power",
        panels,
        dominated={key: (power.ravel(), values.ravel()) for key, (values, _) in goals.items()},
        marks=marks,
        bands={next(iter(goals)): (band_x[order], ends[0][order], ends[1][order])},
        label="electric power at full thrust, kW",
        alt=f"Payload rises with electric power to {screen.front[-1].payload:.0f} kg at "
        f"{screen.front[-1].power / 1e3:.1f} kW; the knee lies at {front.power / 1e3:.1f} kW with "
        f"{front.payload:.0f} kg; "
        f"the pressure-fed lander carries {pressure[next(iter(goals))][1]:.0f} kg without electric power.",
    )


def front_table(case: Case, screen: Screen) -> Table:
    """The points of the front with what the next kilowatt buys.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.

    Returns
    -------
    Table
    """
    rows: list[tuple[Cell, ...]] = [
        (
            p.power / 1e3,
            p.energy / WATT_HOUR / 1e3,
            p.payload,
            p.propulsion_mass,
            p.price,
            case.decisions.title(p.concept) + (" (knee)" if k == screen.knee else ""),
        )
        for k, p in enumerate(screen.front)
    ]
    columns = (
        Column("electric power", "kW", 2),
        Column("electric energy", "kWh", 2),
        Column("payload", "kg", 1),
        Column("loaded propulsion system", "kg", 1),
        Column("payload for one more kW", "kg/kW", 2),
        Column("concept"),
    )
    return Table("front", "Front of payload over electric power", columns, tuple(rows))


def record(case: Case, point: Point, best: Best) -> dict[str, float | str]:
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
    found: dict[str, float | str] = {
        "concept": case.decisions.title(point.concept),
        **{f"decision {name}": option for name, option in point.concept.options.items()},
        "power limit [W]": point.power_limit if np.isfinite(point.power_limit) else "none",
        "payload [kg]": _one(sizing.payload),
        "loaded propulsion system [kg]": _one(sizing.propulsion_mass),
        "dry propulsion system [kg]": _one(sizing.dry_mass),
        "electric power [W]": _one(sizing.electric_power),
        "electric energy [Wh]": _one(sizing.electric_energy) / WATT_HOUR,
        "thrust [N]": _one(sizing.thrust),
        "mixture ratio [-]": _one(best.lander.mixture_ratio),
        "chamber pressure [bar]": _one(sizing.chamber_pressure) / BAR,
        "area ratio [-]": _one(sizing.area_ratio),
        "tank pressure [bar]": _one(sizing.tank_pressure) / BAR,
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


def design_table(case: Case, screen: Screen, designs: list[Best]) -> Table:
    """Every point of the front with all its design variables, a column each.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    designs : list of Best
        The whole design of each point of the front.

    Returns
    -------
    Table
    """
    records = [record(case, p, b) for p, b in zip(screen.front, designs, strict=True)]
    names = list(dict.fromkeys(name for one in records for name in one))
    rows = tuple((name, *(one.get(name) for one in records)) for name in names)
    heads = tuple(Column(f"{p.power / 1e3:.2f} kW") for p in screen.front)
    return Table(
        "front-designs", "The whole design of every point of the front", (Column("quantity"), *heads), rows
    )


def choice_section(case: Case, uncertain: Uncertain) -> Section:
    """The best concepts over all uncertain inputs, and what learning would be worth.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    uncertain : Uncertain
        The best concepts over draws of the uncertain inputs.

    Returns
    -------
    Section
    """
    choice = uncertain.choice
    ranked = np.argsort([-m.value for m in choice.mean], kind="stable")
    last = uncertain.power_limits.size - 1
    rows: list[tuple[Cell, ...]] = [
        (
            title(case, uncertain.concepts[k]),
            choice.mean[k],
            uncertain.low(int(k), last),
            float(np.nanmean(uncertain.power[k, last])) / 1e3,
            choice.best[k],
            choice.regret[k],
            float(np.isfinite(uncertain.payload[k, last]).mean()),
        )
        for k in ranked
    ]
    concepts = Table(
        "concepts",
        "The best concepts over all uncertain inputs",
        (
            Column("concept"),
            Column("mean payload", "kg", 1),
            Column("10 % quantile of payload", "kg", 1),
            Column("mean electric power", "kW", 2),
            Column("chance of being the best"),
            Column("expected regret", "kg", 1),
            Column("draws with a design"),
        ),
        tuple(rows),
        (
            f"{choice.draws} common draws, each concept re-optimised in each; brackets are 90 % intervals. Expected "
            "regret: what is lost on average against the best concept of each draw.",
        ),
    )
    worth = [(n, v) for n, v in uncertain.learning.items() if v.value >= LEAST_WORTH]
    learning = Table(
        "learning",
        "What it is worth to learn an input before the concept is chosen",
        (Column("input"), Column("payload", "kg", 2)),
        tuple((input_words(case, name), value) for name, value in worth),
        (
            f"Knowing all inputs: {words(choice.perfect_information, 2)} kg. Inputs worth less than {LEAST_WORTH:g} kg "
            "are left out.",
        ),
    )
    front = _uncertain_front(case, uncertain)
    return Section("The choice of concept under uncertainty", (), (concepts, front, learning))


def _uncertain_front(case: Case, uncertain: Uncertain) -> Table:
    """The best pump concept in the mean at every power limit."""
    rows: list[tuple[Cell, ...]] = []
    pumps = [k for k, c in enumerate(uncertain.concepts) if c.architecture == "electric_pump"]
    for level, limit in enumerate(uncertain.power_limits):
        means = {k: uncertain.mean(k, level) for k in pumps}
        usable = {k: m for k, m in means.items() if np.isfinite(m.value)}
        if not usable:
            continue
        # a concept with a design in few draws does not count by its mean over those alone
        share = {k: float(np.isfinite(uncertain.payload[k, level]).mean()) for k in usable}
        most = max(share.values())
        k = max((k for k in usable if share[k] >= 0.99 * most), key=lambda j: usable[j].value)
        gain = uncertain.payload[k, level] - uncertain.payload[uncertain.pressure, -1]
        gain = gain[np.isfinite(gain)]
        rows.append(
            (
                "none" if not np.isfinite(limit) else f"{limit / 1e3:.2f} kW",
                float(np.nanmean(uncertain.power[k, level])) / 1e3,
                usable[k],
                uncertain.low(k, level),
                quantile_estimate(gain, LOW) if gain.size > 1 else None,
                float((gain > 0.0).mean()) if gain.size else None,
                share[k],
                case.decisions.title(uncertain.concepts[k]),
            )
        )
    return Table(
        "uncertain-front",
        "Front under uncertainty: the pump concept of most mean payload at every power limit",
        (
            Column("power limit"),
            Column("mean electric power", "kW", 2),
            Column("mean payload", "kg", 1),
            Column("10 % quantile of payload", "kg", 1),
            Column("10 % quantile of gain over pressure-fed", "kg", 1),
            Column("chance of a gain"),
            Column("draws with a design"),
            Column("concept"),
        ),
        tuple(rows),
        (
            "A draw without a design under the limit is the least payload in the quantile, and not in the mean.",
        ),
    )


def decisions_section(case: Case, screen: Screen, uncertain: Uncertain) -> Section:
    """What each other option would change, for each architecture's best concept.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    uncertain : Uncertain
        The best concepts over draws of the uncertain inputs.

    Returns
    -------
    Section
    """
    pump, pressure = (
        (sized, _row(sized.concepts, uncertain.concepts[row]))
        for sized, row in ((screen.pump, uncertain.pump), (screen.pressure, uncertain.pressure))
    )
    return Section(
        "What the other decisions would change",
        (),
        (alternatives_table(case, *pump), alternatives_table(case, *pressure)),
    )


def alternatives_table(case: Case, sized: SizedConcepts, row: int) -> Table:
    """What each other option would change in one concept, a row an option.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    sized : SizedConcepts
        Every concept of one architecture at every power.
    row : int
        The concept that is compared with.

    Returns
    -------
    Table
    """
    concept = sized.concepts[row]
    own, power = float(sized["payload"][row, -1, 0]), float(sized["electric_power"][row, -1, 0])
    found = alternatives(case.decisions, sized, concept)
    found.sort(key=lambda one: -np.nan_to_num(one[2], nan=-1e9))
    return Table(
        f"decisions-{concept.architecture.replace('_', '-')}",
        f"What another option would change: {title(case, concept)}",
        (
            Column("decision"),
            Column("option"),
            Column("payload", "kg", 1),
            Column("electric power", "kW", 2),
        ),
        tuple(
            (decision, option, payload - own, (watts - power) / 1e3)
            for decision, option, payload, watts in found[:SHOWN_ALTERNATIVES]
        ),
        ("One decision at a time, each lander at its own best design, every input at its median.",),
    )


def recommended_section(
    case: Case, best: Mapping[Architecture, tuple[SizedConcepts, int]], given: Mapping[str, float]
) -> Section:
    """The concept of most payload of each architecture, the lander that is judged here, and what the other decisions
    would change.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    best : Mapping[Architecture, tuple[SizedConcepts, int]]
        Concepts of each architecture, and the row of the best.
    given : Mapping[str, float]
        kg of payload of the lander that is judged here, by architecture.

    Returns
    -------
    Section
    """
    text = []
    for architecture, (sized, row) in best.items():
        most = float(sized["payload"][row, 0, 0])
        text.append(
            f"Recommended, {title(case, sized.concepts[row])}: {most:.0f} kg of payload, "
            f"{most - given[architecture]:+.0f} kg against the lander that is judged here."
        )
    text.append(
        "Every input at its median; `lander-uq run resource-optimization` chooses over all of them and under power "
        "limits, and `--concept` judges another."
    )
    return Section(
        "The concepts, and what other decisions would change",
        tuple(text),
        tuple(alternatives_table(case, sized, row) for sized, row in best.values()),
    )


def _row(concepts: tuple[Concept, ...], wanted: Concept) -> int:
    return next(k for k, c in enumerate(concepts) if c.options == wanted.options)


def _one(value: object) -> float:
    return float(np.asarray(value).ravel()[0])
