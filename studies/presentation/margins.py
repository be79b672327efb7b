"""Remaining margins of the fixed design: what uses them up, what a step is worth, what fresh runs say."""

from __future__ import annotations

import numpy as np

from studies.analysis.fixed_problem import POWER_LIMIT
from studies.analysis.growth_allowances import EQUIPMENT, SYSTEM
from studies.analysis.requirements import TEST, Requirements, RequirementsAndAccounts
from studies.analysis.single_requirements import EFFICIENCY
from studies.case.case import Case
from studies.case.units import PERCENT, Unit
from studies.presentation.accounts.margin_tables import allowance_tables, effects_table
from studies.presentation.compliance import limit_words
from studies.presentation.names_and_units import input_words, output_unit, output_words, to_digits
from studies.presentation.requirement_set import required_words
from uq.core.table import Cell, Table, header
from uq.report import bar_figures
from uq.report.document import Figure, Section
from uq.requirements import Learning, Requirement, Verified, Waterfall


def margins_section(requirements: RequirementsAndAccounts) -> Section:
    """What uses each limit up, and whether the usual growth allowances would have held it.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    text: list[str] = []
    parts: list[Table | Figure] = []
    if not requirements.design.limits.fixed:
        text.append("No limit of the case can be judged on a fixed design; there is none to share out.")
    drawn = {steps.limit.output for steps in requirements.margins.waterfalls}
    for limit in requirements.design.limits.fixed:
        if limit.output not in drawn:
            text.append(f"{limit_words(limit)}: the output is fixed with the design and has no waterfall.")
    for k, steps in enumerate(requirements.margins.waterfalls):
        parts += [_waterfall(requirements, steps, k), _shares(requirements, steps, k)]
    rows: list[tuple[Cell, ...]] = []
    for g in requirements.margins.growths:
        unit = output_unit(g.unit)
        rows.append(
            (
                output_words(g.output),
                unit.symbol,
                to_digits(unit.shown(g.best)),
                to_digits(unit.shown(g.built)),
                unit.estimate(g.quantile),
                PERCENT.estimate(g.needed),
                g.verdict,
            )
        )
    both = (1.0 + EQUIPMENT) * (1.0 + SYSTEM) - 1.0
    parts.append(
        Table(
            "allowances",
            "Growth against the usual allowances",
            header(
                "of the electric pump | unit | best design without margins | as built with margins, mean | "
                f"{100 * requirements.compliance.joint.wanted:.0f} % quantile | growth needed [%] | "
                "the usual allowance is"
            ),
            tuple(rows),
            (
                f"Usual: {100 * EQUIPMENT:.0f} % for equipment that is yet to be developed, and {100 * SYSTEM:.0f} % "
                f"for the system on top, {100 * both:.0f} % together (ESA, Margin philosophy for science assessment "
                "studies, SRE-PA/2011.097). Best design without margins: every input at its median, growth "
                "included; the basic mass below is the fixed design's, margins included and growth apart.",
            ),
        )
    )
    parts += [effects_table(requirements), *allowance_tables(requirements.margins.standards)]
    return Section("Margins: what uses them up", tuple(text), tuple(parts))


def _name(requirements: Requirements, name: str) -> str:
    return input_words(requirements.case, name) if name in requirements.case.titles else name


def _bound(steps: Waterfall) -> float:
    return steps.limit.high if np.isfinite(steps.limit.high) else steps.limit.low


def _waterfall(requirements: Requirements, steps: Waterfall, k: int) -> Figure:
    unit = output_unit(steps.unit)
    side = steps.level if np.isfinite(steps.limit.high) else 1.0 - steps.level
    fall = {"nominal": unit.shown(steps.nominal), "mean growth": unit.shown(steps.growth.value)}
    fall |= {_name(requirements, s.name): unit.shown(s.amount.value) for s in steps.shares}
    fall[f"{100 * side:.0f} % quantile"] = unit.shown(steps.quantile.value)
    what = output_words(steps.limit.output)
    return bar_figures.waterfall(
        "waterfall" if k == 0 else f"waterfall-{k}",
        f"{what[0].upper()}{what[1:]}, fixed design: from nominal to the quantile that the wanted probability asks for",
        fall,
        label=f"{what}, {unit.symbol}" if unit.symbol else what,
        limit=unit.shown(_bound(steps)),
        alt=f"Steps from the nominal {what} to its quantile, one driver a step: "
        + ", ".join(f"{name} {v:.3g} {unit.symbol}" for name, v in fall.items())
        + ".",
    )


def _shares(requirements: Requirements, steps: Waterfall, k: int) -> Table:
    unit = output_unit(steps.unit)
    what = output_words(steps.limit.output)
    rows: list[tuple[Cell, ...]] = [
        (
            "nominal: the design at today's best estimates, every uncertain input at its median",
            None,
            unit.shown(steps.nominal),
        ),
        ("mean growth", None, unit.estimate(steps.growth)),
        *((_name(requirements, s.name), s.effect, unit.estimate(s.amount)) for s in steps.shares),
        ("the quantile", None, unit.estimate(steps.quantile)),
        (f"the limit: {limit_words(steps.limit)}", None, unit.shown(_bound(steps))),
        ("margin left", None, unit.estimate(steps.margin)),
    ]
    return Table(
        "waterfall" if k == 0 else f"waterfall-{k}",
        f"What uses up the margin of the {what}",
        header(f"step | share of the variance (Shapley) | amount [{unit.symbol}]:3g"),
        tuple(rows),
        (
            "Shapley shares add up also where inputs depend on each other; a negative margin is what is missing.",
        ),
    )


def rates_section(requirements: RequirementsAndAccounts) -> Section:
    """What one step of each requirement is worth, and what to measure next.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    worth = requirements.margins.rates
    case: Case = requirements.case
    rows: list[tuple[Cell, ...]] = []
    output = output_unit(worth.unit)
    for rate in worth.rates:
        if not rate.nominal:
            continue
        unit = Unit("kW", 1e3) if rate.input == POWER_LIMIT else case.unit(rate.input)
        rows.append(
            (
                "electric power limit" if rate.input == POWER_LIMIT else input_words(case, rate.input),
                unit.step(rate.per),
                unit.symbol,
                unit.shown(rate.at),
                output.estimate(rate.mean),
                output.estimate(rate.quantile),
                rate.compliance,
            )
        )
    notes = [
        "What a requirement verified as a step more is worth, its design made for it, the others as today."
    ]
    if EFFICIENCY in requirements.single.curves:
        pumps, rate = requirements.design.pumps(), worth.nominal(EFFICIENCY)
        points = 0.01 / float(np.mean([p.efficiency for p in pumps])) / rate.per
        notes.append(
            f"One point of pump efficiency (0.01 of {' and '.join(f'{p.efficiency:.2f}' for p in pumps)}) is worth "
            f"{points * output.step(rate.mean.value):.2g} {output.symbol} in the mean."
        )
    rates = Table(
        "exchange-rates",
        f"What a step of each requirement is worth in {output_words(worth.output)}, design resized",
        header(
            f"requirement on | step:3g | unit | about:3g | mean [{output.symbol}] | "
            f"{100 * worth.level:.0f} % quantile [{output.symbol}] | compliance"
        ),
        tuple(rows),
        tuple(notes),
    )
    tests = sorted(requirements.margins.information.tests, key=lambda t: t.std.value)
    exact = [t for t in tests if not t.error][:12]
    shown = [t for t in tests if t in exact or (t.error and any(e.input == t.input for e in exact))]
    knowing = Table(
        "what-to-measure",
        "What to measure next: payload gain after learning one input",
        header(
            "learn | how well | expected standard deviation [kg] | chance of the wrong architecture | "
            "expected gain of choosing after [kg]"
        ),
        (
            (
                "nothing more",
                "",
                requirements.margins.information.std,
                requirements.margins.information.wrong,
                0.0,
            ),
            *((input_words(case, t.input), _accuracy(case, t), t.std, t.wrong, t.gain) for t in shown),
        ),
        (
            f"A test: a measurement with an error of {100 * TEST:.0f} % of today's standard deviation of what it "
            "measures. Each architecture at its own best design. What lies above the first row is the error of "
            "sampling: learning takes nothing away.",
        ),
    )
    return Section("Margins: what a step is worth, and what to learn", (), (rates, knowing))


def _accuracy(case: Case, test: Learning) -> str:
    if not test.error:
        return "exactly"
    unit = case.unit(test.input)
    return f"by a test, +-{unit.step(test.error):.2g} {unit.symbol}".strip()


def confirmation_section(requirements: Requirements) -> Section:
    """Fresh runs behind the figures.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section
    """
    rows: list[tuple[Cell, ...]] = []
    for k, (claim, item) in enumerate(
        zip(requirements.fresh.claims, requirements.fresh.confirmations.items, strict=True)
    ):
        rows.append(
            (
                "the case's own limits" if claim == "gain" else "all limits",
                _under(requirements, item.claimed.requirements),
                item.claimed.estimate,
                item.fresh.estimate,
                float(item.runs),
                "stands" if requirements.fresh.confirmations.stands(k) else "falls",
            )
        )
    table = Table(
        "confirmation",
        "Every figure asked again of fresh runs of the model",
        header("limits | under | said | fresh runs say | runs | claim"),
        tuple(rows),
        (
            "Fresh runs are independent Monte Carlo draws, each simulated with the design at the required values. "
            "A claim falls where the two differ by more than both intervals allow, all claims taken together. "
            "The runs behind today's compliance and the requirements lie in the folders evidence-*.",
        ),
    )
    return Section("Confirmation", (), (table,))


def _under(requirements: Requirements, given: tuple[Requirement | Verified, ...]) -> str:
    words = [
        f"electric power limit {r.value / 1e3:.3g} kW"
        if isinstance(r, Verified)
        else f"{input_words(requirements.case, r.input)} at least {required_words(requirements.case, r.input, r.value)}"
        for r in given
    ]
    return "; ".join(words) or "today's best estimates"


def inputs_section(case: Case) -> Section:
    """Every uncertain input with its law and source.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.

    Returns
    -------
    Section
    """
    rows: list[tuple[Cell, ...]] = []
    changed = () if case.learned is None else case.learned.changed
    updated = (
        ""
        if case.learned is None
        else f"updated by readings ({len(case.learned.measurements)} in all); before: "
    )
    for i in case.inputs:
        unit = case.unit(i.name)
        q = [unit.shown(float(i.distribution.ppf(p))) for p in (0.05, 0.5, 0.95)]
        rows.append(
            (
                case.titles.get(i.name, i.name),
                i.role,
                unit.symbol,
                type(i.distribution).__name__,
                *q,
                updated + i.source if i.name in changed else i.source,
            )
        )
    table = Table(
        "inputs",
        "Uncertain inputs, their laws and sources",
        header("input | role | unit | law | 5 %:3g | median:3g | 95 %:3g | source"),
        tuple(rows),
    )
    given = Table(
        "lander",
        "The lander as given",
        header("quantity | value | source"),
        tuple((name, case.given[name], source) for name, source in case.sources.items()),
    )
    return Section("Inputs and sources", (), (table, given))
