"""What a per cent of each quantity of the drives is worth in payload, on the design that is fixed at the required
values.

A quantity q is moved by one per cent to either side, the lander is designed anew with its margins, and its drives come
out as required::

    w = 0.01 d m_payload / d ln q,  from the central difference; with the other sign where less is better
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models import quantity
from models.fixed_design.flight import FixedTrade
from models.fixed_design.operating_point import PumpPoint
from models.lander import Lander
from models.quantity import Numeric
from studies.analysis.accounts.steps import HIGHEST, SUPPLIED, payloads_of

STEP = 0.01
OXIDISER, FUEL, PUMPS, MOTORS_AND_INVERTERS, POWER = (
    "oxidiser_pump.efficiency",
    "fuel_pump.efficiency",
    "pump.mass",
    "motor_and_inverter.mass",
    "electric_power",
)
"""Quantities of the drives: efficiencies at the rated points, masses of all sets, and what the inverters draw."""

MOST_EFFICIENT_INVERTER = 0.995
"""End of the range of what can be required of it."""

Leaves = dict[str, Numeric]


def worth_of_a_percent(trade: FixedTrade, pumps: Sequence[PumpPoint]) -> Mapping[str, float]:
    """kg of payload for one per cent of each quantity, positive where better drives carry more.

    Efficiencies are absolute, at the rated point of each pump.  Power is that at the inverters' input, at the same
    flows and rises; energy falls with it in proportion.

    Parameters
    ----------
    trade : FixedTrade
        The design at the required values, whose lander holds them.
    pumps : sequence of PumpPoint
        Its drives as required: oxidiser, fuel.

    Returns
    -------
    mapping of str to float
        kg, by quantity; NaN where a lander so moved has no design.
    """
    lander = trade.lander
    moves = _moves(lander, pumps)
    moved = [quantity.substitute(lander, leaves) for ends in moves.values() for leaves in ends.values()]
    payloads = payloads_of(moved, trade.margins)
    found = {}
    for (name, ends), less, more in zip(moves.items(), payloads[::2], payloads[1::2], strict=True):
        low, high = ends
        better = 1.0 if name in (OXIDISER, FUEL) else -1.0
        found[name] = 0.01 * better * (more - less) / float(np.log(high / low))
    return found


def _moves(lander: Lander, pumps: Sequence[PumpPoint]) -> dict[str, dict[float, Leaves]]:
    """By quantity, and by the two factors on it, the leaves of the lander with the quantity so many times what it was;
    a factor is nearer to one where an efficiency would leave its range."""
    pump, motor, inverter = lander.pump, lander.motor, lander.inverter
    as_required: Leaves = {name: point.efficiency for name, point in zip(SUPPLIED, pumps, strict=True)}
    less, more = 1.0 - STEP, 1.0 + STEP

    def efficiency(k: int) -> dict[float, Leaves]:
        value = pumps[k].efficiency
        return {f: as_required | {SUPPLIED[k]: value * f} for f in (less, min(more, HIGHEST / value))}

    return {
        OXIDISER: efficiency(0),
        FUEL: efficiency(1),
        PUMPS: {
            f: {
                "pump.specific_power_multiplier": pump.specific_power_multiplier / f,
                "pump.required_specific_power": pump.required_specific_power / f,
                "pump.installation_mass": pump.installation_mass * f,
            }
            for f in (less, more)
        },
        MOTORS_AND_INVERTERS: {
            f: {
                "motor.specific_power_multiplier": motor.specific_power_multiplier / f,
                "motor.required_specific_power": motor.required_specific_power / f,
                "inverter.specific_power_multiplier": inverter.specific_power_multiplier / f,
                "inverter.required_specific_power": inverter.required_specific_power / f,
            }
            for f in (less, more)
        },
        POWER: {
            f: {
                "inverter.efficiency_multiplier": inverter.efficiency_multiplier / f,
                "inverter.required_efficiency": inverter.required_efficiency / f,
            }
            for f in (max(less, float(inverter.required_efficiency) / MOST_EFFICIENT_INVERTER), more)
        },
    }
