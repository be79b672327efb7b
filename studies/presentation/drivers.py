"""What the pump gains and what drives it, in tables and figures."""

from __future__ import annotations

from studies.analysis.drivers import Drivers, estimate, estimates
from studies.presentation import infeasible
from studies.presentation.wording import input_words, output_unit, output_words
from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table
from uq.report import figures
from uq.report.document import Section
from uq.sensitivity import salib


def gain_section(found: Drivers) -> Section:
    """What the pump gains, and which landers have no design."""
    data = found.data.where(found.data.feasible)
    rows: list[tuple[Cell, ...]] = []
    for name, summary in found.summaries.items():
        unit = output_unit(found.data.problem.outputs[found.data.problem.output_index(name)].unit)
        keys = ("mean", "std", "quantile 0.05", "quantile 0.5", "quantile 0.95")
        rows.append(
            (output_words(name), unit.symbol, *[unit.estimate(estimate(summary, key)) for key in keys])
        )
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
    failed, shown_failed = infeasible.infeasible_landers(found.case, found.data)
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
    first = estimates(indices.inputs, indices.first, indices.first_interval)
    total = estimates(indices.inputs, indices.total, indices.total_interval)
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
        estimates(measure.inputs, measure.value, measure.interval),
        [Column("first-order index by RBD-FAST (SALib)")],
        f"RBD-FAST (SALib) is an independent line: {measure.runs} landers with a design, without a surrogate. "
        "The first-order indices beside it should agree within both intervals.",
    )
