"""What is required of the drives, with what is predicted: absolute values at their operating points, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.fixed_design.operating_point import PumpPoint
from models.quantity import BAR
from studies.analysis.single_requirements import EFFICIENCY
from studies.case.units import Unit

SPECIFIC_POWER = Unit("kW/kg", 1e3)


@dataclass(frozen=True)
class DriveValue:
    """One quantity of one drive, SI: what is required, and what the model predicts at the same operating point."""

    point: PumpPoint
    required: float
    predicted: float


@dataclass(frozen=True)
class _Quantity:
    name: str
    unit: Unit
    digits: str
    of: Callable[[PumpPoint], float]


_QUANTITIES = {
    EFFICIENCY: _Quantity("pump efficiency", Unit(""), ".2f", lambda p: p.efficiency),
    "pump.specific_power_multiplier": _Quantity(
        "pump specific power", SPECIFIC_POWER, ".2g", lambda p: p.pump_power / p.pump_mass
    ),
    "motor.specific_power_multiplier": _Quantity(
        "motor specific power", SPECIFIC_POWER, ".2g", lambda p: p.shaft_rating / p.motor_mass
    ),
    "inverter.specific_power_multiplier": _Quantity(
        "inverter specific power", SPECIFIC_POWER, ".2g", lambda p: p.inverter_rating / p.inverter_mass
    ),
}
"""Inputs that multiply a prediction: their required value is the ratio of required to predicted."""


def drive_values(pumps: Sequence[PumpPoint], name: str, ratio: float) -> tuple[DriveValue, ...]:
    """The quantity behind a multiplier `name`, of each drive of `pumps`, which are built and realised at `ratio`.

    Parameters
    ----------
    pumps : sequence of PumpPoint
        Operating points of the drives.
    name : str
        Of a multiplier: "pump.efficiency" say.
    ratio : float
        Realised over predicted value.

    Returns
    -------
    tuple of DriveValue
        One for each drive.
    """
    quantity = _QUANTITIES[name]
    return tuple(DriveValue(p, quantity.of(p), quantity.of(p) / ratio) for p in pumps)


def drive_words(pumps: Sequence[PumpPoint], name: str, ratio: float, *, today: float) -> str | None:
    """Required values of each drive, with today's estimates: ``"0.72 (today 0.69; oxidiser, 0.79 L/s, 14 bar)"``.

    None for an input that multiplies no prediction of the drives.

    Parameters
    ----------
    pumps : sequence of PumpPoint
        Operating points of the drives.
    name : str
        Of a multiplier: "pump.efficiency" say.
    ratio : float
        Realised over predicted value.
    today : float
        Median of that ratio.

    Returns
    -------
    str or None
        Words, or None.
    """
    quantity = _QUANTITIES.get(name)
    if quantity is None or not pumps:
        return None
    unit = quantity.unit
    return " and ".join(
        f"{unit.shown(value.required):{quantity.digits}} {unit.symbol}".strip()
        + f" (today {unit.shown(today * value.predicted):{quantity.digits}}; {_point(value.point)})"
        for value in drive_values(pumps, name, ratio)
    )


def drive_name(name: str) -> str:
    """The quantity behind a multiplier, in words.

    Parameters
    ----------
    name : str
        Of a multiplier: "pump.efficiency" say.

    Returns
    -------
    str
        Such as "efficiency".
    """
    return _QUANTITIES[name].name


def efficiency_words(pumps: Sequence[PumpPoint]) -> str:
    """The efficiencies of a set of pumps, each with its operating point.

    Parameters
    ----------
    pumps : sequence of PumpPoint
        Operating points of the drives.

    Returns
    -------
    str
        Efficiency and operating point of each.
    """
    return " and ".join(f"{p.efficiency:.2f} ({_point(p)})" for p in pumps)


def _point(p: PumpPoint) -> str:
    return f"{p.liquid}, {1e3 * p.flow:.2g} L/s, {p.rise / BAR:.0f} bar"
