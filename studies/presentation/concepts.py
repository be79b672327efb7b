"""Concepts, their fronts and the choice between them, as sentences, tables and figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from models.architectures.concepts import Architecture, Concept, SizedConcepts
from models.quantity import WATT_HOUR
from studies.analysis.concepts.choice import LOW, Uncertain, alternatives
from studies.analysis.concepts.fronts import Point, Screen
from studies.case.case import Case
from studies.presentation.front_figures import front_figure
from studies.presentation.names_and_units import input_words
from uq.core.confidence_intervals import quantile_estimate
from uq.core.table import Cell, Column, Table, header, words
from uq.report.document import Brief, Section

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
        ("How much lighter, for how much power", _lighter(screen)),
        (
            "From the knee",
            f"one kW more buys {1e3 * front.slope(front.knee):.1f} kg of payload, one kW less costs "
            f"{1e3 * front.slope(front.knee - 1):.1f} kg",
        ),
        ("Pump or pressure", _architectures(uncertain)),
    ]
    if choice.runner_up is not None and choice.advantage is not None:
        runner = instead(case, recommended, uncertain.concepts[choice.runner_up])
        lines.append(("Runner-up", f"{runner}; {choice.advantage.value:.1f} kg behind"))
    learning = [(n, v.value) for n, v in uncertain.learning.items() if v.low > 0.0][:2]
    first = "; ".join(f"{input_words(case, name)} (worth {value:.1f} kg)" for name, value in learning)
    lines.append(("Learn first", first or "nothing that can be learned would change the choice"))
    return Brief(
        verdict=recommended.architecture.replace("_", " "),
        headline=f"{case.decisions.title(recommended)}. Best in {100 * choice.best[choice.recommended].value:.0f} % of "
        f"the draws; expected regret {choice.perfect_information.value:.1f} kg of payload.",
        table=_bests(case, screen),
        lines=tuple(lines),
        figures=(front_figure(case, screen, "power", uncertain),),
    )


def instead(case: Case, first: Concept, other: Concept) -> str:
    """What tells another concept from the first, its architecture before it where that differs.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    first : Concept
        The one that the reader knows.
    other : Concept
        The one to be distinguished from it.

    Returns
    -------
    str
        Its other options; "the same" where it has none.
    """
    if other.architecture != first.architecture:
        return title(case, other)
    changed = {name: option for name, option in other.options.items() if option != first.options.get(name)}
    words = case.decisions.title(dataclasses.replace(other, options=changed))
    return f"the same with {words}" if words else "the same"


def _lighter(screen: Screen) -> str:
    """What knee and end of the front save of launch mass at the case's payload, and the least power that saves any."""
    front = screen.fronts["launch_mass", "power"]
    shown = dict.fromkeys((front.knee, len(front.points) - 1))
    least = next((p for p in front.points if front.gain(p) > 0.0), None)
    words = "; ".join(
        f"{front.gain(p):+.0f} kg at {p.power / 1e3:.1f} kW".replace("-", "\u2212")
        for p in (front.points[k] for k in shown)
    )
    start = "none at any power" if least is None else f"any at all from {least.power / 1e3:.1f} kW"
    return f"launch mass saved against pressure-fed at the same payload: {words}; {start}"


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


def _bests(case: Case, screen: Screen) -> Table:
    """The pressure-fed optimum, the knee and the end of the front, with launch mass at the case's payload."""
    power = screen.front
    columns = (Column(name, unit, digits) for name, unit, digits in (
        ("electric power", "kW", 1), ("electric energy", "kWh", 2), ("payload", "kg", 0),
        (f"launch mass at {case.lander.payload:g} kg payload", "kg", 0), ("loaded propulsion system", "kg", 0)
    ))  # fmt: skip

    def row(title: str, point: Point) -> tuple[Cell, ...]:
        return (
            title,
            point.power / 1e3,
            point.energy / WATT_HOUR / 1e3,
            point.payload,
            screen.closing_mass(point),
            point.propulsion_mass,
        )

    return Table(
        "best",
        "The lightest systems, every input at its median",
        (Column("system"), *columns),
        (
            row("pressure-fed, best", power.pressure),
            row("electric pump, most payload for little power (knee)", power.points[power.knee]),
            row("electric pump, most payload", power.points[-1]),
        ),
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
        header(
            "concept | mean payload [kg]:1 | 10 % quantile of payload [kg]:1 | "
            "mean electric power [kW]:2 | chance of being the best | expected regret [kg]:1 | "
            "draws with a design"
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
        header("input | payload [kg]:2"),
        tuple((input_words(case, name), value) for name, value in worth),
        (
            f"Knowing all inputs: {words(choice.perfect_information, 2)} kg. Inputs worth less than {LEAST_WORTH:g} kg "
            "are left out.",
        ),
    )
    fronts = (_uncertain_front(case, uncertain), _uncertain_front(case, uncertain, by_low=True))
    return Section("The choice of concept under uncertainty", (), (concepts, *fronts, learning))


def _uncertain_front(case: Case, uncertain: Uncertain, *, by_low: bool = False) -> Table:
    """The best pump concept in the mean at every power limit, or of the largest 10 % quantile."""
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
        able = [k for k in usable if share[k] >= 0.99 * most]
        goal = {k: (uncertain.low(k, level) if by_low else usable[k]).value for k in able}
        k = max(able, key=goal.__getitem__)
        gain = uncertain.payload[k, level] - uncertain.payload[uncertain.pressure, -1]
        gain = gain[np.isfinite(gain)]
        rows.append(
            (
                "none" if not np.isfinite(limit) else f"{limit / 1e3:.2f} kW",
                float(np.nanmean(uncertain.power[k, level])) / 1e3,
                usable[k],
                low if np.isfinite((low := uncertain.low(k, level)).value) else "no design",
                quantile_estimate(gain, LOW) if gain.size > 1 else None,
                float((gain > 0.0).mean()) if gain.size else None,
                share[k],
                case.decisions.title(uncertain.concepts[k]),
            )
        )
    return Table(
        "uncertain-front-low" if by_low else "uncertain-front",
        "Front under uncertainty: the pump concept of "
        + ("the largest 10 % quantile of payload" if by_low else "most mean payload")
        + " at every power limit",
        header(
            "power limit | mean electric power [kW]:2 | mean payload [kg]:1 | "
            "10 % quantile of payload [kg]:1 | 10 % quantile of gain over pressure-fed [kg]:1 | "
            "chance of a gain | draws with a design | concept"
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
        for sized, row in ((screen.free, uncertain.pump), (screen.pressure, uncertain.pressure))
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
        header("decision | option | payload [kg]:1 | electric power [kW]:2"),
        tuple(
            (decision, option, payload - own, (watts - power) / 1e3)
            for decision, option, payload, watts in found[:SHOWN_ALTERNATIVES]
        ),
        ("One decision at a time, each lander at its own best design, every input at its median.",),
    )


def recommended_section(
    case: Case, best: Mapping[Architecture, tuple[SizedConcepts, int]], given: Mapping[str, float]
) -> Section:
    """The concept of each architecture that is judged here, and what the other decisions would change.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    best : Mapping[Architecture, tuple[SizedConcepts, int]]
        Concepts of each architecture, and the row of the best.
    given : Mapping[str, float]
        kg of payload of the lander as the case gives it, by architecture.

    Returns
    -------
    Section
    """
    text = []
    for architecture, (sized, row) in best.items():
        most, thrust = (float(sized[name][row, 0, 0]) for name in ("payload", "thrust"))
        text.append(
            f"Judged here, {title(case, sized.concepts[row])}, with a thrust of {thrust / 1e3:.1f} kN: {most:.0f} kg "
            f"of payload, {most - given[architecture]:+.0f} kg against the lander as the case gives it."
        )
    text.append(
        "Of all concepts the one of most payload with every input at its median, its pressures and, unless it is "
        "chosen, its thrust chamber free in every draw; `lander-uq run resource-optimization` chooses under power "
        "limits, too, and `--concept` takes decisions beforehand."
    )
    return Section(
        "The concepts, and what other decisions would change",
        tuple(text),
        tuple(alternatives_table(case, sized, row) for sized, row in best.values()),
    )


def _row(concepts: tuple[Concept, ...], wanted: Concept) -> int:
    return next(k for k, c in enumerate(concepts) if c.options == wanted.options)
