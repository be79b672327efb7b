"""For which lander size, burn time and propellants does the electric pump begin to gain payload?

The case's lander is scaled: launch mass with thrust, platform, payload and bus load in proportion (size), or thrust
alone (burn time).  Every scale sees the same draws of the uncertain inputs.  All decisions are taken anew at every size
and for every pair of propellants, each architecture with the concept that is its best there; the map over size and
electric power shows where the best pump lander beats the best pressure-fed one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models import quantity
from models.architectures.concepts import Architecture, Concept
from models.properties.propellants import MON3_MMH, MON3_N2H4, Propellants
from studies.analysis.concepts.choice import best_of_each, with_concepts
from studies.analysis.concepts.gain_map import GainMap, gain_map
from studies.analysis.concepts.over_sizes import (
    SAMPLES,
    SizedLanders,
    best_of_layouts,
    for_lander,
    over_draws,
    shortlist,
    sweep_sizes,
)
from studies.analysis.drivers import Unanswerable
from studies.analysis.placement import Workers
from studies.analysis.scenarios import Scenario, of_gains
from studies.case.case import Case, problem
from studies.presentation.brief import break_even_words
from studies.presentation.concepts import title as concept_title
from studies.presentation.provenance import provenance
from uq.campaign.runner import CampaignError
from uq.core.confidence_intervals import mean_estimate
from uq.core.table import Cell, Column, Table, header, words
from uq.report import curve_figures
from uq.report.document import Brief, Figure, Report, Section
from uq.report.terminal import Watch, silent

THRUSTS = (0.8, 1.0, 1.4)
"""Thrust over that of the case."""
PAIRS: Mapping[str, tuple[Propellants, float]] = {
    "MON-3/MMH": (MON3_MMH, 1.65),
    "MON-3/N2H4": (MON3_N2H4, 1.0),
}
"""Propellants with their mixture ratio where they are not those of the case."""


def run(
    case: Case,
    *,
    samples: int = SAMPLES,
    seed: int = 1,
    workers: Workers = 1,
    concept: Mapping[str, str] | None = None,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size `samples` landers at every point of three sweeps, each architecture with its best concept there.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int, default SAMPLES
        Landers at every point of each sweep.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    concept : mapping of str to str, optional
        Option by decision that is taken already.
    output : Path, optional
        Of the report's folder; nothing else is kept there.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Report
        Brief, chapters and tables.

    Raises
    ------
    Unanswerable
        For fewer than two samples.
    CampaignError
        If too few landers of a sweep have a design.
    CaseError
        For a case without uncertain inputs, and for decisions that leave no concept.
    """
    if samples < 2:
        raise Unanswerable(f"{samples} lander at every point tells no mean; give --samples 2 or more")
    problem(case, samples=samples)  # a case without uncertain inputs is refused before anything is sized
    best = best_of_each(case, chosen=concept, workers=workers, watch=watch)
    sweep = sweep_sizes(case, best, samples=samples, seed=seed, workers=workers, watch=watch)
    layouts = gain_map(case, sweep, workers=workers, watch=watch)
    watch("other thrusts and propellants", float("nan"))
    taken = with_concepts(case, best)
    thrusts = {
        f"thrust times {k:g}": over_draws(
            dataclasses.replace(
                taken, lander=quantity.substitute(taken.lander, {"thrust": k * taken.lander.thrust})
            ),
            best,
            samples=samples,
            seed=seed,
        )
        for k in THRUSTS
    }
    own_mass = float(case.lander.launch_mass)
    pairs = {}
    for name, (liquids, ratio) in PAIRS.items():
        if liquids == case.lander.propellants:  # at the mixture ratio of the case
            pairs[name] = next(one for one in sweep.landers if one.launch_mass == own_mass)
            continue
        lander = dataclasses.replace(
            case.lander,
            propellants=liquids,
            mixture_ratio=ratio,
            least_mixture_ratio=0.0,
            most_mixture_ratio=0.0,
        )
        other = for_lander(case, lander)
        own = best_of_layouts(other, shortlist(best))
        pairs[name] = over_draws(with_concepts(other, own), own, samples=samples, seed=seed)
    sizes = {f"{one.launch_mass / 1e3:g} t": one for one in sweep.landers}
    points = {
        name: _points(case, landers)
        for name, landers in (("size", sizes), ("thrust", thrusts), ("propellants", pairs))
    }
    own_size = points["size"][f"{own_mass / 1e3:g} t"]
    largest = max(reversed(points["size"].values()), key=lambda p: p.chance.value)
    first = next(iter(points["size"].values()))
    facts = (
        (
            "This lander",
            f"{words(own_size.mean)} kg at {own_size.title}, {words(own_size.chance)} of the landers gain",
        ),
        (
            "Chance of a gain",
            f"{words(first.chance)} at {first.title}, {words(largest.chance)} at {largest.title}"
            + (", the largest" if largest is not first else ", nowhere larger"),
        ),
        (
            "Burn time (thrust)",
            "; ".join(
                f"{words(p.mean)} kg at {np.nanmean(thrusts[p.title].burn_time):.0f} s"
                for p in points["thrust"].values()
            ),
        ),
        ("Propellants", "; ".join(f"{p.title} {words(p.mean)} kg" for p in points["propellants"].values())),
    )
    return Report(
        study="break-even",
        title=f"Break-even: {case.title}",
        question="For which lander size, burn time and propellants does the electric pump gain payload?",
        brief=Brief(
            f"On average the pump gains payload {break_even_words(sweep)}. Thrust, platform, "
            "payload and bus load are in proportion to launch mass; each architecture has its best concept at every "
            "size. Intervals: 90 %.",
            facts=facts,
            figures=(_size_figure(sweep.landers, points["size"]), _power_map(layouts)),
        ),
        sections=(
            Section(
                "Lander size",
                (),
                (
                    _table("size", "Landers by launch mass", points["size"], sizes),
                    _concept_table(case, sweep.landers),
                ),
            ),
            Section(
                "Engines and pump sets",
                (
                    "Every uncertain input at its median; each layout at its own best design, its other decisions as "
                    "they carry most there.",
                ),
                (_layout_table(case, layouts),),
            ),
            Section(
                "Burn time",
                ("The concepts of this lander's own size.",),
                (_table("thrust", "Landers by thrust", points["thrust"], thrusts),),
            ),
            Section(
                "Propellants",
                (
                    "This lander's own size; each architecture with its best concept for the propellants. Those of the "
                    "case have its mixture ratio, free where it is free there, the others that of their flown engines.",
                ),
                (_table("propellants", "Landers by propellants", points["propellants"], pairs),),
            ),
        ),
        provenance=provenance(case, None, samples=samples, seed=seed),
    )


def _points(case: Case, landers: Mapping[str, SizedLanders]) -> dict[str, Scenario]:
    """What the pump gains at each point of a sweep."""
    for title, one in landers.items():
        if one.designs.size < min(2, one.gain.size):
            raise CampaignError(
                f"too few of the landers of case {case.name!r} have a design at {title}: {one.designs.size} of "
                f"{one.gain.size}; look at one of them with `lander-uq size`"
            )
    return {title: of_gains(title, one.gain) for title, one in landers.items()}


def _size_figure(landers: tuple[SizedLanders, ...], points: Mapping[str, Scenario]) -> Figure:
    masses = np.array([one.launch_mass for one in landers]) / 1e3
    return curve_figures.curves(
        "size",
        "Mean payload gain over launch mass",
        {"mean payload gain": (masses, [p.mean for p in points.values()])},
        labels=("launch mass, t", "mean payload gain, kg"),
        threshold=0.0,
        threshold_words="no gain",
        alt="Mean payload gain over launch mass with 90 % intervals: "
        + "; ".join(f"{p.title} {p.mean.value:.0f} kg" for p in points.values()),
    )


def _concept_table(case: Case, landers: tuple[SizedLanders, ...]) -> Table:
    """The best concept of each architecture at every size."""
    names: tuple[Architecture, ...] = ("electric_pump", "pressure_fed")

    def row(one: SizedLanders, name: Architecture, concept: Concept) -> tuple[Cell, ...]:
        sized, k = one.best[name]
        return (
            f"{one.launch_mass / 1e3:g} t",
            float(sized["payload"][k, 0, 0]),
            float(sized["electric_power"][k, 0, 0]) / 1e3,
            concept_title(case, concept),
        )

    return Table(
        "size-concepts",
        "The best concept of each architecture by launch mass",
        header("launch mass | payload [kg]:0 | electric power [kW]:1 | concept"),
        tuple(
            row(one, name, concept)
            for one in landers
            for name in names
            if (concept := one.concept(name)) is not None
        ),
        ("Every uncertain input at its median.",),
    )


def _power_map(found: GainMap) -> Figure:
    """Pump or pressure: the gain of the best layout over launch mass and electric power."""
    gain = found.gain
    finite = gain[np.isfinite(gain)]
    span = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    least = []
    for mass, row in zip(found.masses, np.nan_to_num(gain, nan=-1.0), strict=True):
        from_power = (
            f"from {found.powers[np.argmax(row > 0.0)] / 1e3:.1f} kW" if (row > 0.0).any() else "never"
        )
        least.append(f"{mass / 1e3:g} t {from_power}")
    return curve_figures.field(
        "pump-or-pressure",
        "Pump or pressure: payload gain over launch mass and electric power",
        found.masses / 1e3,
        found.powers / 1e3,
        gain,
        labels=("launch mass, t", "electric power at most, kW", "payload gain, kg"),
        levels=(0.0,),
        span=span,
        alt="The pump gains payload: " + "; ".join(least) + ". White: no design so weak.",
    )


def _layout_table(case: Case, found: GainMap) -> Table:
    titles = case.decisions.decisions
    rows: list[tuple[Cell, ...]] = [
        (
            ", ".join(titles[name].options[option].title for name, option in layout.items()),
            *(float(g) for g in found.pump[:, k] - found.pressure),
        )
        for k, layout in enumerate(found.layouts)
    ]
    heads = tuple(Column(f"{m / 1e3:g} t", "kg", 1) for m in found.masses)
    return Table(
        "layouts",
        "Payload gain of each layout over the best pressure-fed lander of its launch mass",
        (Column("layout of the electric pump"), *heads),
        tuple(rows),
        ("Without power limit; the pressure-fed lander has the concept that carries most.",),
    )


def _table(
    name: str, title: str, points: Mapping[str, Scenario], landers: Mapping[str, SizedLanders]
) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            p.title,
            mean_estimate(one.burn_time[np.isfinite(one.burn_time)]),
            p.mean,
            p.low,
            p.chance,
            float(p.feasible),
            float(p.samples),
        )
        for p, one in zip(points.values(), landers.values(), strict=True)
    ]
    return Table(
        name,
        title,
        header(
            "lander | burn time [s] | mean payload gain [kg] | 5 % quantile [kg] | chance of a gain | "
            "landers with a design | landers"
        ),
        tuple(rows),
        ("Brackets: 90 % intervals.",),
    )
