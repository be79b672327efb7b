"""What a step of a requirement costs: in payload where the lander is sized for it, in compliance where the hardware
falls short by it in the design as fixed.

Both are differences of one change alone: two designs that differ in it, and one design on the same realised landers
with it and without it, so that most of the scatter falls out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from models import quantity
from models.architectures import electric_pump
from models.components import structure
from models.fixed_design.flight import FixedTrade, Margins, designs, simulate
from models.fixed_design.operating_point import PumpPoint
from models.lander import Lander, Status
from models.quantity import Columns, first_value
from studies.analysis.accounts.margin_effects import ROWS
from studies.analysis.fixed_problem import REQUIRED, CaseLimits, model_of
from studies.analysis.single_requirements import EFFICIENCY
from uq.core.array_types import FloatArray
from uq.core.estimate import Estimate
from uq.requirements import Limit, Requirement, Sample

EFFICIENCY_STEP = 0.01
"""Of one pump's efficiency."""
MASS_STEP = 0.1
"""kg of one item, in every pump set."""
SHARE = 0.01
"""Of any other required value."""
HEAD_SHARE = 0.05
"""Of the suction head that both pumps need."""
CHANGES = {"pump_inlet_heating": 1.0, "residuals.spin_up_duration": 1.0}
"""K and s, of what nobody requires and the design was given."""
SUPPLIED = ("oxidiser_pump.required_efficiency", "fuel_pump.required_efficiency")
HIGHEST = 0.95
"""Efficiency that the model takes for a pump's."""
Change = tuple[float, float]
"""Factor on the value of a leaf, and what is added then."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step towards what is easier for the supplier."""

    payload: float
    """kg of the lander sized for it, less that of the lander as designed; NaN where it has no design."""
    compliance: Estimate
    """Share of realised landers that comply where the hardware falls short by it, less the share that does now."""
    limit: Limit | None
    """That the most of them then break; None where none is broken more often."""


def steps(
    sample: Sample,
    chosen: Sequence[Requirement],
    pumps: Sequence[PumpPoint],
    limits: CaseLimits,
    *,
    confidence: float,
) -> dict[str, Step]:
    """The cost of a step of each requirement of a set, and of what the design was given besides.

    Parameters
    ----------
    sample : Sample
        Realised landers of the fixed design.
    chosen : sequence of Requirement
        The set at which the design is fixed; none for today's best estimates.
    pumps : sequence of PumpPoint
        Both drives of that design.
    limits : CaseLimits
        By which a lander complies; none that follows from the set itself.
    confidence : float
        Of the intervals.

    Returns
    -------
    dict of str to Step
        By the leaf that is changed; ``mass of pumps`` (motors, inverters) for a tenth of a kilogram.
    """
    model = model_of(sample.problem)
    values = {**sample.design, **{r.design: r.value for r in chosen}}
    trade = model.trade(values)
    if trade is None or trade.electric_pump.drives is None:
        return {}
    realised = {n.removeprefix(REQUIRED): v for n, v in values.items() if n.startswith(REQUIRED)}
    lander = quantity.substitute(trade.lander, realised)
    lander = quantity.substitute(lander, dict(zip(SUPPLIED, (p.efficiency for p in pumps), strict=True)))
    x, weight = sample.points(chosen, ROWS)
    weight = weight / weight.sum()
    columns = {i.name: x[:, j] for j, i in enumerate(sample.problem.inputs) if i.role != "design"}
    delivered = columns.get(EFFICIENCY, realised.get(EFFICIENCY, 1.0)) / realised.get(EFFICIENCY, 1.0)
    for leaf, p in zip(SUPPLIED, pumps, strict=True):
        columns[leaf] = np.minimum(p.efficiency * delivered * np.ones(len(x)), HIGHEST)
    changes = _changes([r.input for r in chosen])
    payloads = _payloads(lander, trade, changes)
    before = _judged(trade, columns, limits)
    found = {}
    for name, (factor, more) in changes.items():
        moved = {**columns, name: factor * columns.get(name, _leaf(lander, name)) + more * np.ones(len(x))}
        found[name] = _step(payloads[name], before, _judged(trade, moved, limits), weight, limits, confidence)
    sets = trade.electric_pump.drives.sets * (1.0 + trade.electric_pump.drives.spares_per_set)
    for item in ("pumps", "motors", "inverters"):
        less = MASS_STEP * sets * (1.0 + first_value(structure.growth_fraction(lander.growth, item)))
        heavier = _judged(trade, columns, limits, less=less)
        found[f"mass of {item}"] = _step(-less, before, heavier, weight, limits, confidence)
    return found


def _changes(inputs: Sequence[str]) -> dict[str, Change]:
    """One step of each leaf."""
    changes = dict.fromkeys(SUPPLIED, (1.0, -EFFICIENCY_STEP))
    changes["pump.suction_specific_speed"] = ((1.0 + HEAD_SHARE) ** -0.75, 0.0)
    changes |= {name: (1.0, more) for name, more in CHANGES.items()}
    own = [name for name in inputs if name not in changes and name != EFFICIENCY]
    masses = {f"{item}.specific_power_multiplier" for item in ("pump", "motor", "inverter")}
    return changes | {name: (1.0 - SHARE, 0.0) for name in own if name not in masses}


def _payloads(lander: Lander, trade: FixedTrade, changes: Mapping[str, Change]) -> dict[str, float]:
    """kg that the lander carries when it is sized with each change, less what it carries without."""
    stepped = [quantity.substitute(lander, {n: f * _leaf(lander, n) + m}) for n, (f, m) in changes.items()]
    before, *after = payloads_of([lander, *stepped], trade.margins)
    return {name: payload - before for name, payload in zip(changes, after, strict=True)}


def payloads_of(landers: Sequence[Lander], margins: Margins) -> list[float]:
    """kg that pump-fed landers carry, each designed for itself with margins and flown as it was designed.

    Parameters
    ----------
    landers : sequence of Lander
        Scalar, their leaves at the required values.
    margins : Margins
        Of their designs.

    Returns
    -------
    list of float
        NaN where a lander has no design.
    """
    sized = designs(electric_pump, quantity.stacked(landers), margins)
    return [
        np.nan if isinstance(one, Status) else first_value(simulate(one, own).columns["payload"])
        for one, own in zip(sized, landers, strict=True)
    ]


def _judged(
    trade: FixedTrade, columns: Columns, limits: CaseLimits, *, less: float = 0.0
) -> dict[Limit, FloatArray]:
    """By limit, 1 for each realised lander that holds it, with so many kg less of payload."""
    simulated = trade(columns)
    alive = np.asarray(simulated["status"]) == 0.0
    lighter = ("payload_gain", "electric_pump.payload")
    held = {}
    for limit in limits.all:
        value = simulated[limit.output] - less * (limit.output in lighter)
        held[limit] = (alive & (limit.low <= value) & (value <= limit.high)).astype(np.float64)
    return held


def _step(
    payload: float,
    before: Mapping[Limit, FloatArray],
    after: Mapping[Limit, FloatArray],
    weight: FloatArray,
    limits: CaseLimits,
    confidence: float,
) -> Step:
    first_of_all, then = (np.min([held[limit] for limit in limits.all], axis=0) for held in (before, after))
    difference = then - first_of_all
    mean = float(np.sum(weight * difference))
    half = NormalDist().inv_cdf(0.5 + 0.5 * confidence) * float(
        np.sqrt(np.sum(weight**2 * (difference - mean) ** 2))
    )
    lost = {limit: float(np.sum(weight * (before[limit] - after[limit]))) for limit in limits.all}
    first = max(lost, key=lambda limit: lost[limit])
    return Step(
        payload=payload,
        compliance=Estimate(mean, mean - half, mean + half, confidence),
        limit=first if lost[first] > 0.0 else None,
    )


def _leaf(lander: Lander, name: str) -> float:
    return first_value(quantity.flatten(lander)[name])
