"""What the pump gains over the uncertain inputs, and which of them drive it: both landers at their own best design."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studies.analysis.surrogates import Learned, learn
from studies.case.case import Case, problem
from studies.presentation import infeasible
from studies.presentation.wording import input_words, output_words, scaled, shown
from studies.running.workers import Workers, placed
from uq import campaign, sampling
from uq.campaign.runner import CampaignError, Progress
from uq.core.dataset import Dataset
from uq.core.estimate import Estimate
from uq.core.results import Indices, Summary
from uq.core.table import Cell, Column, Table
from uq.propagation.propagate import propagate
from uq.report import figures
from uq.report.document import Section
from uq.report.terminal import Watch, silent
from uq.sampling.plans import Plan
from uq.sensitivity import salib
from uq.sensitivity.given_data import Measure
from uq.sensitivity.shapley_kucherenko import kucherenko, shapley
from uq.sensitivity.sobol import sobol

LEARNED = (
    "payload_gain",
    "mass_saved",
    "power_drive_mass",
    "electric_power",
    "electric_energy",
    "pressure_fed.payload",
    "electric_pump.payload",
)
"""Outputs with surrogates.  Propulsion masses are launch mass less platform and payload: their drivers are the
payloads'."""

DRIVEN = ("payload_gain", "mass_saved", "power_drive_mass")
_OF_EACH = (
    "payload",
    "propulsion_mass",
    "dry_mass",
    "wet_mass",
    "chamber_pressure",
    "tank_pressure",
    "specific_impulse",
    "burn_time",
)
SUMMARISED = (
    "payload_gain",
    "mass_saved",
    "dry_saving",
    "unchanged_engine_gain",
    "payload_gain_over_shelf",
    "power_drive_mass",
    "electric_power",
    "electric_energy",
    "additional_power_share",
    "additional_energy_share",
    *(f"{architecture}.{name}" for name in _OF_EACH for architecture in ("pressure_fed", "electric_pump")),
)
LEAST_FEASIBLE = 0.2
"""Below this share of landers with a design there is nothing to say."""
LEAST_LANDERS = 10
"""Surrogates learn from half of the landers with a design, and need five."""


class Unanswerable(ValueError):
    """A question that so few landers, or so few uncertain inputs, cannot answer."""


@dataclass(frozen=True)
class Drivers:
    """Samples of the sizing model, their summaries, surrogates, and the share of variance of each input."""

    case: Case
    data: Dataset
    summaries: dict[str, Summary]
    learned: Learned
    shares: dict[str, dict[str, Estimate]]
    """By output, by input: Shapley effects under dependence; total Sobol' indices where inputs are independent."""
    indices: dict[str, Indices]
    reference: dict[str, Measure] | None
    """First-order indices from the sized landers alone, by another library; None: too few landers."""

    def foremost(self, output: str, count: int) -> list[str]:
        """The inputs of largest share."""
        ranked = sorted(self.shares[output].items(), key=lambda item: -item[1].value)
        return [name for name, _ in ranked[:count]]


def sized(
    case: Case,
    samples: int,
    *,
    scenario: str | None = None,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Dataset:
    """Both architectures at their best design for `samples` landers of a scrambled Sobol' plan.

    `output` keeps the samples and resumes there.  Raises CampaignError if too few landers have a design.
    """
    asked = problem(case, scenario=scenario, samples=samples)
    stage = f"sizing: {scenario.replace('_', ' ')}" if scenario else "sizing landers"

    def progress(p: Progress) -> None:
        watch(stage, p.done / p.total)

    data = campaign.run(
        asked,
        _plan(case, asked.input_names, samples, seed),
        store=None if output is None else output / (f"scenario-{scenario}" if scenario else "samples"),
        progress=progress,
        **placed(workers).sizing(samples),
    )
    if data.feasible.mean() < LEAST_FEASIBLE:
        counts = ", ".join(f"{number} {name}" for name, number in data.counts().items())
        within, remedy = (
            (f" in its scenario {scenario!r}", ", or leave the scenario out") if scenario else ("", "")
        )
        raise CampaignError(
            f"too few of the landers of case {case.name!r}{within} have a design: {counts}; "
            f"look at one of them with `lander-uq size`{remedy}"
        )
    return data


def _plan(case: Case, names: Sequence[str], samples: int, seed: int) -> Plan:
    """The plan of all inputs of the case, without the columns that a scenario fixes: draws in common with the
    reference."""
    plan = sampling.sobol(samples, len(case.inputs), seed=seed)
    kept = [k for k, one in enumerate(case.inputs) if one.name in names]
    return plan if len(kept) == len(case.inputs) else dataclasses.replace(plan, unit=plan.unit[:, kept])


def require_answerable(case: Case, data: Dataset, least: int = LEAST_LANDERS) -> None:
    """Raises Unanswerable for fewer than `least` landers with a design, and for inputs that move nothing."""
    good = data.where(np.flatnonzero(data.feasible))
    if len(good) < least:
        raise Unanswerable(
            f"{len(good)} landers with a design are too few to find what drives them; give --samples {least} "
            "or more, a few hundred for an answer that is worth reading"
        )
    for name in LEARNED:
        values = good[name]
        if np.ptp(values) <= 1e-14 * np.abs(values).max():
            raise Unanswerable(
                f"{output_words(name)} is the same for every lander of case {case.name!r}: none of its "
                f'{len(case.inputs)} uncertain inputs moves it; keep `extends = "technology.toml"` in the case, or '
                "give more [inputs]"
            )


def gather(
    case: Case,
    *,
    samples: int,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Drivers:
    """Size, summarise, learn, and share out the variance."""
    data = sized(case, samples, seed=seed, workers=workers, output=output, watch=watch)
    require_answerable(case, data)
    learned = learn(data, LEARNED, workers=workers, watch=watch)
    if output is not None:
        learned.save(output)
    watch("finding the drivers", float("nan"))
    base = int(2 ** np.clip(np.round(np.log2(samples / 2)), 6, 11))
    options = {"outputs": list(DRIVEN), "base": base, "seed": seed, "learned_from": learned.training}
    if case.correlation is None:
        indices = sobol(learned.surrogate, **options)  # type: ignore[arg-type]
        shares = {name: _estimates(i.inputs, i.total, i.total_interval) for name, i in indices.items()}
    else:
        indices = kucherenko(learned.surrogate, **options)  # type: ignore[arg-type]
        effects = shapley(learned.surrogate, **options)  # type: ignore[arg-type]
        shares = {name: _estimates(e.inputs, e.effects, e.interval) for name, e in effects.items()}
    summaries = propagate(data, outputs=list(SUMMARISED), above={"payload_gain": [0.0], "mass_saved": [0.0]})
    good = data.where(np.flatnonzero(data.feasible))
    reference = salib.reference(good, outputs=DRIVEN, seed=max(seed, 1)) if len(good) >= salib.ROWS else None
    return Drivers(case, data, summaries, learned, shares, indices, reference)


def _estimates(names: tuple[str, ...], values: np.ndarray, bounds: np.ndarray) -> dict[str, Estimate]:
    return {
        name: Estimate(float(v), float(low), float(high))
        for name, v, (low, high) in zip(names, values, bounds, strict=True)
    }


def estimate(summary: Summary, key: str) -> Estimate:
    """One number of a summary with its interval: "mean", "std", "quantile 0.95", "above 0"."""
    kind, _, at = key.partition(" ")
    values = {"quantile": summary.quantiles, "above": summary.exceedance}.get(kind)
    value = getattr(summary, kind) if values is None else values[float(at)]
    return Estimate(float(value), *map(float, summary.intervals[key]))


def gain_section(found: Drivers) -> Section:
    """What the pump gains, and which landers have no design."""
    data = found.data.where(found.data.feasible)
    rows: list[tuple[Cell, ...]] = []
    for name, summary in found.summaries.items():
        unit, size = shown(found.data.problem.outputs[found.data.problem.output_index(name)].unit)
        keys = ("mean", "std", "quantile 0.05", "quantile 0.5", "quantile 0.95")
        rows.append((output_words(name), unit, *[scaled(estimate(summary, key), size) for key in keys]))
    heads = ("mean", "standard deviation", "5 % quantile", "median", "95 % quantile")
    table = Table(
        "outputs",
        f"Outputs over {len(found.data)} landers, each architecture at its own best design",
        (Column("output"), Column("unit"), *(Column(h) for h in heads)),
        tuple(rows),
        (
            "Brackets: 90 % intervals of the sampling, upper bounds for the quasi-random plan.",
            "Statuses: " + ", ".join(f"{n} {s}" for s, n in found.data.counts().items()) + ".",
        ),
    )
    failed, shown_failed = infeasible.told(found.case, found.data)
    chance = estimate(found.summaries["payload_gain"], "above 0")
    drawn = figures.distributions(
        "payload-gain",
        "Payload gain of the electric pump at the same launch mass",
        {"best engine for each": data["payload_gain"], "unchanged engine": data["unchanged_engine_gain"]},
        label="payload gain, kg",
        threshold=0.0,
        alt=f"Two histograms of payload gain; {chance.value:.0%} of the landers with the best engine lie above zero.",
    )
    return Section(
        "What the pump gains",
        (
            "Payload gain is the payload of the electric-pump lander less that of the pressure-fed one at the same "
            "launch mass; launch mass saved is the same question at the same payload. The propulsion dry mass alone "
            "can have the other sign: the pump buys specific impulse with dry mass.",
            *failed,
        ),
        (drawn, table, *shown_failed),
    )


def drivers_section(found: Drivers) -> Section:
    """Which inputs drive the outputs."""
    case, dependent = found.case, found.case.correlation is not None
    what = "Shapley effect" if dependent else "total Sobol' index"
    parts: list[object] = []
    for output in ("payload_gain", "power_drive_mass"):
        top = found.foremost(output, 10)
        parts.append(
            figures.bars(
                f"drivers-{output.replace('_', '-')}",
                f"What drives the {output_words(output)}",
                {input_words(case, name): [found.shares[output][name]] for name in top},
                [what],
                label=f"share of the variance ({what})",
                alt=f"Bars, longest first: {', '.join(input_words(case, n) for n in top[:5])}.",
            )
        )
    indices = found.indices["payload_gain"]
    first = _estimates(indices.inputs, indices.first, indices.first_interval)
    total = _estimates(indices.inputs, indices.total, indices.total_interval)
    roles = {i.name: i.role for i in case.inputs}
    checked, heads, said = _reference_column(found)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            input_words(case, name),
            roles[name],
            found.shares["payload_gain"][name],
            first[name],
            *([checked[name]] if checked else []),
            total[name],
            found.shares["mass_saved"][name],
            found.shares["power_drive_mass"][name],
        )
        for name in found.foremost("payload_gain", len(case.inputs))
    )
    table = Table(
        "drivers",
        "Shares of the variance of payload gain, and of two other outputs",
        (
            Column("input"),
            Column("role"),
            Column(what),
            Column("first-order index"),
            *heads,
            Column("total index"),
            Column(f"{what}, launch mass saved"),
            Column(f"{what}, power drive mass"),
        ),
        rows,
        (
            *indices.notes,
            said,
            "Inputs depend on each other: Shapley effects share the variance out and add up to one; first-order and "
            "total indices use conditional laws (Kucherenko)."
            if dependent
            else "Independent inputs: Sobol' indices.",
        ),
    )
    parts.append(table)
    return Section("What drives it", (), tuple(parts))  # type: ignore[arg-type]


def _reference_column(found: Drivers) -> tuple[dict[str, Estimate], list[Column], str]:
    """First-order indices of payload gain from the sized landers themselves, the column's head, and what they are."""
    if found.reference is None:
        return {}, [], f"Fewer than {salib.ROWS} landers with a design: no estimate without surrogates."
    measure = found.reference["payload_gain"]
    return (
        _estimates(measure.inputs, measure.value, measure.interval),
        [Column("first-order index by RBD-FAST (SALib)")],
        f"RBD-FAST (SALib) is an independent line: {measure.runs} landers with a design, without a surrogate. "
        "The first-order indices beside it should agree within both intervals.",
    )
