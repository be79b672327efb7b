"""The margins of the fixed design in the open, and the field's allowances against the need, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models import quantity
from models.fixed_design.design import NO_MARGINS
from studies.analysis.accounts.margin_effects import MarginEffect
from studies.analysis.accounts.standards import AMES, ESA, GODDARD, SYSTEM, Line, Standards
from studies.analysis.requirements import RequirementsAndAccounts
from studies.case.units import PERCENT, Unit
from studies.presentation.names_and_units import output_unit, output_words, to_digits
from uq.core.estimate import Estimate
from uq.core.table import Cell, Table, header

WORDS = {
    "specific_impulse": "specific impulse, of the predicted",
    "velocity": "velocity increments, in addition to the mission's reserve",
    "propellant": "main propellant, beyond residuals",
    "helium": "helium, of the predicted",
    "band": "tank pressure, beyond the regulator's band",
    "soak": "rise of full tanks in soak",
    "inlet_temperature": "propellant at the pumps' inlets",
    "power": "shaft, motor, inverter, harness and battery power",
    "energy": "energy held by the battery",
    "battery_temperature": "battery below its highest temperature",
    "bus_sharing": "the bus battery's share, not relied upon",
}
"""What each margin is held on."""
SHORT = {ESA: "ESA", GODDARD: "Goddard", AMES: "Ames"}
SHOWN = {"-": PERCENT, "Pa": Unit("bar", 1e5), "K": Unit("K")}


def effects_table(requirements: RequirementsAndAccounts) -> Table:
    """Every margin with its source, what it buys in compliance and what it costs in kg.

    Parameters
    ----------
    requirements : RequirementsAndAccounts
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Table
    """
    case, leaves = requirements.case, quantity.units(NO_MARGINS)
    effects = {effect.name: effect for effect in requirements.margins.effects}
    rows: list[tuple[Cell, ...]] = []
    for name, leaf in leaves.items():
        unit = SHOWN[leaf.unit]
        given, used = (getattr(m, name) for m in (case.margins, requirements.design.margins))
        effect = effects.get(name)
        changes: tuple[Cell, ...] = ("none held", None, None)
        if effect is not None:
            changes = (_points(effect.compliance), _kept(effect.payload), _kept(effect.gain))
        rows.append(
            (
                f"{WORDS[name]}, {unit.symbol}",
                unit.shown(given),
                unit.shown(used),
                *changes,
                case.margin_sources.get(name, "not given: none")
                + (" (held by the case)" if name in case.held_margins else ""),
            )
        )
    return Table(
        "margins",
        "The margins of the fixed design: what each buys and what it costs",
        header(
            "margin on | case | design:3g | compliance, points | payload [kg] | payload gain [kg] | "
            "source of the case's"
        ),
        tuple(rows),
        (
            "Buys and costs: the design with the margin less the same without it, the others as they are, on the same "
            "realised landers. Payload is the pump-fed lander's; the gain moves less, or up, where the pressure-fed "
            "lander holds the margin too.",
            _choice(requirements),
            *neither_buys_nor_costs(requirements.margins.effects),
        ),
    )


def neither_buys_nor_costs(effects: Sequence[MarginEffect]) -> tuple[str, ...]:
    """In words, the margins that are not shown to buy compliance and those that cost no payload.

    Parameters
    ----------
    effects : sequence of MarginEffect
        What each margin buys and costs.

    Returns
    -------
    tuple of str
        A sentence each, where there are any.
    """
    idle = [WORDS[one.name] for one in effects if one.compliance.low <= 0.0 <= one.compliance.high]
    free = [WORDS[one.name] for one in effects if one.payload.low > 0.0]
    found = []
    if idle:
        found.append(
            f"Not shown to buy compliance, the interval holds zero: {'; '.join(idle)}. The choice goes by the "
            "means; zero may do as well."
        )
    if free:
        found.append(
            f"Costs no payload: {'; '.join(free)}. Each design, with the margin and without, is sized anew for the "
            "most payload with its margins taken; the payload shown flies at best estimates, and a margin that leads "
            "to another chamber pressure, drive or battery can raise it."
        )
    return tuple(found)


def _choice(requirements: RequirementsAndAccounts) -> str:
    """How the margins were chosen."""
    scale, price = requirements.design.margin_scale, requirements.design.margin_price
    kept = "`held = true` in [margins] keeps one as it is."
    if np.isnan(price):
        return f"All margins of the case times {scale:g}, the common factor that complies most often. {kept}"
    return (
        f"Each margin at its own best level, where a point of compliance more costs {price:.2g} kg of payload with any "
        f"of them: the least price at which landers comply no less often than with all margins of the case times "
        f"{scale:g}, the best common factor. A margin that buys less for its kg, by the means over these landers, is "
        f"at zero; of margins against the same shortfall the cheapest stays. {kept}"
    )


def _points(share: Estimate) -> Cell:
    return PERCENT.estimate(share) if np.isfinite(share.value) else "no design without it"


def _kept(estimate: Estimate) -> Cell:
    return estimate if np.isfinite(estimate.value) else None


def allowance_tables(found: Standards) -> tuple[Table, ...]:
    """Lines by heritage, the whole by standard and review, and ESA's other allowances.

    Parameters
    ----------
    found : Standards
        The allowances and the probabilistic need.

    Returns
    -------
    tuple of Table
        In the order in which they are shown.
    """
    quantile = f"{100.0 * found.level:.0f} % of landers below"
    lines: list[tuple[Cell, ...]] = [
        (
            line.item,
            line.heritage,
            to_digits(line.basic),
            100.0 * line.allowance,
            to_digits(line.predicted),
            100.0 * SYSTEM,
            *map(to_digits, line.allowable.values()),
            line.quantile,
            PERCENT.estimate(line.needed),
            _verdict(line.needed, line.allowance),
            _holding(line),
        )
        for line in found.lines
    ]
    wholes: list[tuple[Cell, ...]] = []
    for one in found.wholes:
        unit = output_unit({"dry_mass": "kg", "electric_power": "W"}[one.quantity])
        wholes.append(
            (
                output_words(one.quantity),
                f"{one.standard} (as quoted), {one.review}",
                unit.symbol,
                to_digits(unit.shown(one.basic)),
                to_digits(unit.shown(one.growth)),
                to_digits(unit.shown(one.predicted)),
                100.0 * one.margin,
                to_digits(unit.shown(one.allowable)),
                unit.estimate(one.quantile),
                _within(one.quantile, one.allowable),
            )
        )
    shares: list[tuple[Cell, ...]] = [
        (
            share.what,
            100.0 * share.standard,
            None if share.held is None else to_digits(100.0 * share.held),
            None if share.needed is None else PERCENT.estimate(share.needed),
        )
        for share in found.shares
    ]
    return (
        Table(
            "allowances-by-line",
            "Allowances line by line and the growth needed, electric pump",
            header(
                "item | heritage | basic mass [kg]:3g | growth allowance [%] | predicted [kg]:3g | margin [%] | "
                + "".join(f"allowable, {name} [kg]:3g | " for name in SHORT.values())
                + f"{quantile} [kg] | growth needed [%] | the allowance is | the allowable holds of"
            ),
            tuple(lines),
            (
                "Basic: the fixed design at today's best estimates, margins included, growth apart. Allowance: "
                f"{ESA}, 5 % off the shelf, 10 % modified, 20 % new; heritage by judgement. Margin: ESA's of the "
                "system, on every line alike. Allowable: ESA's predicted mass with that margin; Goddard's and Ames' "
                "basic mass with the margin of their first review, 15 % and 30 %. Needed: scatter, and the "
                "growth of new hardware before it flies.",
            ),
        ),
        Table(
            "allowances-by-standard",
            "What the standards would allow, and what is needed, electric pump",
            header(
                "quantity | standard and review | unit | basic | growth allowance | predicted | margin [%] | "
                f"allowable | {quantile} | needed is"
            ),
            tuple(wholes),
            (
                f"Dry mass: propulsion hardware, basic without any growth. {ESA}: allowances by heritage, then "
                f"{100 * SYSTEM:.0f} % of the predicted (issue 1, revision 3, of 2012). Goddard and Ames: margin over "
                "the estimate by review. All percentages as quoted by others, not read in the standards themselves.",
            ),
        ),
        Table(
            "allowances-of-shares",
            f"Other allowances of {ESA}",
            header(f"of | ESA holds [%] | the design holds [%] | needed, {100.0 * found.level:.0f} % [%]"),
            tuple(shares),
        ),
    )


def _holding(line: Line) -> str:
    """Of which standards the allowable mass holds the quantile that is needed, or might."""
    holding = [SHORT[name] for name, mass in line.allowable.items() if line.quantile.low <= mass]
    return ", ".join(holding) or "none"


def _verdict(needed: Estimate, allowance: float) -> str:
    if needed.low > allowance:
        return "too small"
    return "enough" if needed.high <= allowance else "about what is needed"


def _within(needed: Estimate, allowable: float) -> str:
    if needed.low > allowable:
        return "above it"
    return "within it" if needed.high <= allowable else "about it"
