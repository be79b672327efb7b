"""What landers that are re-optimised per sample say: gain, drivers, scenarios, and the surrogates behind them."""

from __future__ import annotations

from studies.analysis.drivers import Drivers, directions
from studies.analysis.scenarios import Scenario
from studies.analysis.surrogates import Learned
from studies.presentation import infeasible
from studies.presentation.names_and_units import input_words, output_unit, output_words
from uq.core.estimate import Estimate
from uq.core.table import Cell, Table, header
from uq.report import bar_figures, curve_figures
from uq.report.document import Figure, Section
from uq.sensitivity import salib_given_data

SMALL = 0.01
"""Share of the variance below which an input is folded away."""
SHOWN_OUTPUTS = 8


def gain_section(found: Drivers) -> Section:
    """What the pump gains, and which landers have no design.

    Parameters
    ----------
    found : Drivers
        Sized landers, their surrogates and drivers.

    Returns
    -------
    Section
    """
    data = found.data.where(found.data.feasible)
    rows: list[tuple[Cell, ...]] = []
    for name, summary in found.summaries.items():
        unit = output_unit(found.data.problem.outputs[found.data.problem.output_index(name)].unit)
        keys = ("mean", "std", "quantile 0.05", "quantile 0.5", "quantile 0.95")
        rows.append(
            (output_words(name), unit.symbol, *[unit.estimate(summary.estimates[key]) for key in keys])
        )
    table = Table(
        "outputs",
        f"Outputs over {len(found.data)} landers, each architecture at its own best design",
        header("output | unit | mean | standard deviation | 5 % quantile | median | 95 % quantile"),
        tuple(rows),
        (
            "Brackets: 90 % intervals of the sampling, as wide as of random rows.",
            "Statuses: " + ", ".join(f"{n} {s}" for s, n in found.data.counts().items()) + ".",
        ),
        shown=SHOWN_OUTPUTS,
        rest="outputs more",
    )
    failed, shown_failed = infeasible.infeasible_landers(found.case, found.data)
    chance = found.summaries["payload_gain"].estimates["above 0"]
    drawn = curve_figures.distributions(
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
    """Which inputs drive the outputs.

    Parameters
    ----------
    found : Drivers
        Sized landers, their surrogates and drivers.

    Returns
    -------
    Section
    """
    case, dependent = found.case, found.case.uncertain.dependent
    what = "Shapley effect" if dependent else "total Sobol' index"
    parts: list[Table | Figure] = []
    for output in ("payload_gain", "power_drive_mass"):
        top = [n for n in found.foremost(output, 10) if found.shares[output][n].value >= SMALL]
        slopes = directions(found, output)
        alone = {n for n in top if not found.moves(output, n)}
        signs = {n: found.correlation(output, n) if n in alone else slopes[n] for n in top}
        words = output_words(output)
        parts.append(
            bar_figures.signed_bars(
                f"drivers-{output.replace('_', '-')}",
                f"What drives the {words}",
                {input_words(case, name): (found.shares[output][name], signs[name]) for name in top},
                sides=(f"more of it lowers the {words}", f"more of it raises the {words}"),
                label=f"share of the variance ({what})",
                pale=[input_words(case, n) for n in alone],
                pale_words="by correlation alone",
                alt="Bars, longest first: "
                + ", ".join(f"{input_words(case, n)} ({'+' if signs[n] > 0.0 else '-'})" for n in top[:5])
                + ".",
            )
        )
    indices = found.indices["payload_gain"]
    shares = indices.estimates
    roles = {i.name: i.role for i in case.inputs}
    checked, head, said = _reference_column(found)
    slopes, ranked = directions(found, "payload_gain"), found.foremost("payload_gain", len(case.inputs))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            input_words(case, name),
            roles[name],
            found.shares["payload_gain"][name],
            slopes[name],
            shares[f"first {name}"],
            *([checked[name]] if checked else []),
            shares[f"total {name}"],
            found.shares["mass_saved"][name],
            found.shares["power_drive_mass"][name],
        )
        for name in ranked
    )
    table = Table(
        "drivers",
        "Shares of the variance of payload gain, and of two other outputs",
        header(
            f"input | role | {what} | one standard deviation more [kg]:1 | first-order index | {head}total index | "
            f"{what}, launch mass saved | {what}, power drive mass"
        ),
        rows,
        (
            "One standard deviation more: what it does to the payload gain, the mean slope of the surrogate.",
            *indices.notes,
            said,
            "Inputs depend on each other: Shapley effects share the variance out and add up to one; first-order and "
            "total indices use conditional laws (Kucherenko)."
            if dependent
            else "Independent inputs: Sobol' indices.",
        ),
        shown=max(1, sum(found.shares["payload_gain"][n].value >= SMALL for n in ranked)),
        rest=f"inputs below {100 * SMALL:g} %",
    )
    parts.append(table)
    return Section("What drives it", (), tuple(parts))


def _reference_column(found: Drivers) -> tuple[dict[str, Estimate], str, str]:
    """First-order indices of payload gain from the sized landers themselves, the column's head, and what they are."""
    if found.reference is None:
        few = f"Fewer than {salib_given_data.ROWS} landers with a design: no estimate without surrogates."
        return {}, "", few
    measure = found.reference["payload_gain"]
    return (
        measure.estimates,
        "first-order index by RBD-FAST (SALib) | ",
        f"RBD-FAST (SALib) is an independent line: {measure.runs} landers with a design, without a surrogate. "
        "The first-order indices next to it should agree within both intervals.",
    )


def scenarios_section(found: dict[str, Scenario]) -> Section:
    """The scenarios as a drawing and a table.

    Parameters
    ----------
    found : dict[str, Scenario]
        Scenarios by name.

    Returns
    -------
    Section
    """
    rows: list[tuple[Cell, ...]] = [
        (s.title, s.mean, s.low, s.chance, float(s.feasible), float(s.samples)) for s in found.values()
    ]
    table = Table(
        "scenarios",
        "Scenarios side by side",
        header(
            "scenario | mean payload gain [kg] | 5 % quantile [kg] | chance of a gain | "
            "landers with a design | landers"
        ),
        tuple(rows),
        ("Brackets: 90 % intervals. Scenarios are decisions or open questions; they are never averaged.",),
    )
    drawn = bar_figures.intervals(
        "scenarios",
        "Mean payload gain and the chance of a gain, scenario by scenario",
        {s.title: (s.mean, s.chance) for s in found.values()},
        labels=("mean payload gain, kg", "chance of a gain"),
        thresholds=(0.0, None),
        alt="Points with intervals, one row a scenario: "
        + "; ".join(f"{s.title}: {s.mean.value:.0f} kg, {s.chance.value:.0%}" for s in found.values())
        + ".",
    )
    return Section("Scenarios side by side", (), (drawn, table))


def surrogates_section(learned: Learned) -> Section:
    """How far the surrogates can be trusted.

    Parameters
    ----------
    learned : Learned
        Surrogates and their left-out errors.

    Returns
    -------
    Section
    """
    v = learned.validation
    rows: list[tuple[Cell, ...]] = []
    for k, name in enumerate(v.outputs):
        unit = output_unit(learned.surrogate.problem.outputs[k].unit)
        rows.append(
            (
                output_words(name),
                learned.kinds[name],
                float(v.q2[k]),
                unit.step(float(v.rmse[k])),
                unit.step(float(v.largest[k])),
                unit.symbol,
                float(v.coverage[k]),
            )
        )
    table = Table(
        "surrogates",
        f"Surrogates, learned from {learned.training} landers, judged on {len(learned.test)} others",
        header(
            "output | surrogate | share of variance explained:3 | root mean square error:2g | "
            "largest error:2g | unit | share inside 90 % interval:3"
        ),
        tuple(rows),
        (
            "Power and what it weighs jump where the radiation-cooled engine (up to 13.5 bar) gives way to the "
            "regenerative one: each engine has its own expansion, and a third says which of them is the better.",
        ),
    )
    gain = learned.test["payload_gain"]
    k = v.outputs.index("payload_gain")
    drawn = curve_figures.parity(
        "surrogate-payload-gain",
        "Payload gain: surrogate against sizing, on landers that it did not learn from",
        {"payload gain": (gain, gain - v.residuals[:, k])},
        labels=("sized, kg", "predicted, kg"),
        alt=f"Points along the diagonal; the surrogate explains {v.q2[k]:.2%} of the variance of payload gain.",
    )
    return Section(
        "How far the surrogates can be trusted",
        (
            "Surrogates serve the sensitivity indices, and the chance of a gain at each state of knowledge. All other "
            "means, quantiles, probabilities and requirements come from runs of the sizing model itself.",
        ),
        (table, drawn),
    )
