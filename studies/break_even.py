"""For which lander size, burn time and propellants does the electric pump begin to gain payload?

The case's lander is scaled: launch mass with thrust, platform, payload and bus load in proportion (size), or thrust
alone (burn time).  Every scale sees the same draws of the uncertain inputs.  Engines and pump sets are chosen anew at
every size, and the map over size and electric power shows where the best pump lander beats the best pressure-fed one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models import quantity
from models.architectures import comparison
from models.lander import Lander
from models.properties.propellants import MON3_MMH, MON3_N2H4, Propellants
from studies.analysis.concepts.gain_map import GainMap, gain_map
from studies.analysis.drivers import Unanswerable
from studies.analysis.placement import Workers, placed
from studies.analysis.scenarios import Scenario, gained
from studies.analysis.size_and_power import SIZES, of_size
from studies.case.case import Case, blocks_of, problem
from studies.presentation.provenance import provenance
from uq import campaign, sampling
from uq.campaign.runner import CampaignError
from uq.core.dataset import Dataset
from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table, words
from uq.propagation.propagate import propagate
from uq.report import curve_figures
from uq.report.document import Brief, Figure, Report, Section
from uq.report.terminal import Watch, silent

THRUSTS = (0.8, 1.0, 1.4)
"""Thrust over that of the case."""
PAIRS: Mapping[str, tuple[Propellants, float]] = {
    "MON-3/MMH": (MON3_MMH, 1.65),
    "MON-3/N2H4": (MON3_N2H4, 1.0),
}
"""Propellants with their mixture ratio."""


@dataclass(frozen=True)
class Point:
    """One lander of a sweep."""

    label: float
    scenario: Scenario
    burn_time: Estimate


def run(
    case: Case,
    *,
    samples: int = 256,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Size `samples` landers at every point of three sweeps.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int, default 256
        Landers at every point of each sweep.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    output : Path, optional
        Folder that keeps samples (a run continues there) and surrogates; nothing is kept without one.
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
    """
    if samples < 2:
        raise Unanswerable(f"{samples} lander at every point tells no mean; give --samples 2 or more")
    count = len(SIZES) + len(THRUSTS) + len(PAIRS)
    done = 0

    def sized(lander: Lander, name: str) -> Dataset:
        nonlocal done
        watch("sizing the sweeps", done / count)
        done += 1
        asked = problem(case, samples=samples)
        asked = asked.with_model(quantity.columnar(comparison.compare, lander, blocks_of(samples)))
        given, now = quantity.flatten(case.lander), quantity.flatten(lander)
        fixed = {n: float(now[n]) for n in asked.input_names if now[n] != given[n]}
        asked = asked.fix(fixed) if fixed else asked
        plan = sampling.sobol_sequence(samples, asked.dimension, seed=seed)
        store = None if output is None else output / name
        return campaign.run(asked, plan, store=store, **placed(workers).sizing(samples, worth=2048))

    def point(label: float, lander: Lander, name: str, title: str) -> Point:
        data = sized(lander, name)
        if data.feasible.sum() < min(2, samples):
            counts = ", ".join(f"{n} {status}" for status, n in data.counts().items())
            raise CampaignError(
                f"too few of the landers of case {case.name!r} have a design at {title}: {counts}; look at one of them "
                "with `lander-uq size`"
            )
        time = propagate(data, outputs=["electric_pump.burn_time"])["electric_pump.burn_time"]
        return Point(label, gained(title, data), time.estimates["mean"])

    base = case.lander
    sizes = [point(m, of_size(base, m), f"size-{m:.0f}", f"{m / 1e3:g} t") for m in SIZES]
    thrusts = [
        point(
            k, quantity.substitute(base, {"thrust": k * base.thrust}), f"thrust-{k:g}", f"thrust times {k:g}"
        )
        for k in THRUSTS
    ]
    pairs = []
    for k, (name, (liquids, ratio)) in enumerate(PAIRS.items()):
        lander = dataclasses.replace(
            base, propellants=liquids, mixture_ratio=ratio, least_mixture_ratio=0.0, most_mixture_ratio=0.0
        )
        pairs.append(point(float(k), lander, f"propellants-{k}", name))
    masses = np.array([p.label for p in sizes])
    crossing = _crossing(masses, [p.scenario.mean for p in sizes])
    sweep = {"mean payload gain": (masses / 1e3, [p.scenario.mean for p in sizes])}
    drawn = curve_figures.curves(
        "size",
        "Mean payload gain over launch mass",
        sweep,
        labels=("launch mass, t", "mean payload gain, kg"),
        threshold=0.0,
        alt="Mean payload gain over launch mass with 90 % intervals: " + "; ".join(
            f"{p.scenario.title} {p.scenario.mean.value:.0f} kg" for p in sizes
        ),
    )  # fmt: skip
    layouts = gain_map(case, of_size, SIZES, workers=workers, watch=watch)
    best = max(reversed(sizes), key=lambda p: p.scenario.chance.value)
    facts = (
        (
            "Chance of a gain",
            f"{words(sizes[0].scenario.chance)} at {sizes[0].scenario.title}, "
            f"{words(best.scenario.chance)} at {best.scenario.title}"
            + (", the largest" if best is not sizes[0] else ", nowhere larger"),
        ),
        (
            "Burn time (thrust)",
            "; ".join(f"{words(p.scenario.mean)} kg at {p.burn_time.value:.0f} s" for p in thrusts),
        ),
        ("Propellants", "; ".join(f"{p.scenario.title} {words(p.scenario.mean)} kg" for p in pairs)),
    )
    return Report(
        study="break-even",
        title=f"Break-even: {case.title}",
        question="For which lander size, burn time and propellants does the electric pump gain payload?",
        # the main study scales the best concepts of its size instead, and finds another number
        brief=Brief(
            f"{crossing[0].upper()}{crossing[1:]} Intervals: 90 %; decisions as the case gives them.",
            facts=facts,
        ),
        sections=(
            Section("Lander size", (), (drawn, _table("size", "Landers by launch mass", sizes))),
            Section(
                "Engines, pump sets and electric power",
                (
                    "Every uncertain input at its median; each layout of each architecture at its own best design, all "
                    "other decisions as the case has them.",
                ),
                (_power_map(layouts), _layout_table(case, layouts)),
            ),
            Section("Burn time", (), (_table("thrust", "Landers by thrust", thrusts),)),
            Section("Propellants", (), (_table("propellants", "Landers by propellants", pairs),)),
        ),
        provenance=provenance(case, None, samples=samples, seed=seed),
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
        ("Without power limit; the pressure-fed lander has the number of engines that carries most.",),
    )


def _crossing(masses: np.ndarray, means: Sequence[Estimate]) -> str:
    """Where the mean payload gain changes its sign, in words, with the masses where the ends of its interval do."""
    mean, low, high = (np.array([getattr(m, end) for m in means]) for end in ("value", "low", "high"))
    if np.all(mean > 0.0):
        return f"the pump gains on average at every size from {masses[0] / 1e3:g} to {masses[-1] / 1e3:g} t."
    if np.all(mean <= 0.0):
        return f"the pump gains on average at no size from {masses[0] / 1e3:g} to {masses[-1] / 1e3:g} t."
    k = int(np.argmax(mean > 0.0))
    if k == 0:
        return "the pump gains on average at the smallest size, and not everywhere above it."

    def of(curve: np.ndarray) -> str:
        j = int(np.argmax(curve > 0.0))
        if curve[j] <= 0.0:
            return f"beyond {masses[-1] / 1e3:g}"
        if j == 0:
            return f"below {masses[0] / 1e3:g}"
        return f"{np.interp(0.0, curve[j - 1 : j + 1], masses[j - 1 : j + 1]) / 1e3:.1f}"

    return f"on average the pump gains from about {of(mean)} t of launch mass on ({of(high)} to {of(low)} t)."


def _table(name: str, title: str, points: list[Point]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            p.scenario.title,
            p.burn_time,
            p.scenario.mean,
            p.scenario.low,
            p.scenario.chance,
            float(p.scenario.feasible),
            float(p.scenario.samples),
        )
        for p in points
    ]
    return Table(
        name,
        title,
        (
            Column("lander"),
            Column("burn time", "s"),
            Column("mean payload gain", "kg"),
            Column("5 % quantile", "kg"),
            Column("chance of a gain"),
            Column("landers with a design"),
            Column("landers"),
        ),
        tuple(rows),
        ("Brackets: 90 % intervals.",),
    )
