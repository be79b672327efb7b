"""Hardware from a data sheet: what its measured points say of the model's predictions, and of all that depends on them.

A point of a pump, motor or inverter says by how much the hardware is better than its prediction at the same duty: that
ratio is the multiplier which the lander holds.  `studies.case.readings` makes measurements of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.components import inverter, motor, pump
from models.lander import Lander
from models.properties import propellants
from models.quantity import first_value
from studies.case.schema import HardwareEntry
from studies.case.units import to_si
from uq.core.distributions import LogNormal
from uq.core.problem import Input

UNITS: Mapping[str, Mapping[str, str]] = {
    "pump": {"flow": "m3/s", "rise": "Pa", "speed": "rad/s", "efficiency": "-"},
    "motor": {"power": "W", "speed": "rad/s", "efficiency": "-"},
    "inverter": {"power": "W", "efficiency": "-"},
    "battery": {"specific_energy": "J/kg", "specific_power": "W/kg"},
}
"""Columns of a data sheet, SI."""
OF_ONE = {"oxidiser_pump": "oxidiser", "fuel_pump": "fuel"}
"""Pumps of one propellant; ``pump`` is both."""
LEAST = 0.05
"""Of the multipliers of one propellant's pump, where zero says that there is none."""
Point = Mapping[str, float]


@dataclass(frozen=True)
class Measured:
    """One quantity of the lander as hardware has it: its value, and the standard deviation of its logarithm."""

    name: str
    value: float
    error: float


@dataclass(frozen=True)
class Masses:
    """kg of one piece of hardware."""

    bare: float
    installed: float
    """As its requirement counts it."""


def measured(kind: str, entry: HardwareEntry, lander: Lander) -> tuple[Measured, ...]:
    """What one entry of ``[hardware]`` says of the lander's quantities.

    Parameters
    ----------
    kind : str
        Which entry of ``[hardware]``: "pump" say.
    entry : HardwareEntry
        Its points and accuracy.
    lander : Lander
        The specification, scalar.

    Returns
    -------
    tuple of Measured
        One for each quantity.

    Raises
    ------
    ValueError
        For columns that are missing or strange, or a point at which the model predicts nothing, with the key.
    """
    where, key = f"hardware.{kind}", kind
    propellant = OF_ONE.get(kind, entry.propellant)
    if kind in OF_ONE:
        kind = "pump"
        if "propellant" in entry.model_fields_set and entry.propellant != propellant:
            raise ValueError(
                f"{where}.propellant: {entry.propellant!r} is not the liquid of {key}; leave it out"
            )
    points = [_point(kind, row, f"{where}.points[{k}]") for k, row in enumerate(entry.points)]
    _check_apart(points, where)
    error = to_si(entry.uncertainty, "-", f"{where}.uncertainty")
    if not 0.0 < error < 1.0:
        raise ValueError(f"{where}.uncertainty: {entry.uncertainty!r} must lie between 0 and 100 %")
    if kind == "battery":
        if len(points) > 1 or entry.mass is not None:
            raise ValueError(
                f"{where}: give one point, without a mass: the specific energy and power hold it"
            )
        return tuple(Measured(f"battery.{name}", value, error) for name, value in points[0].items())
    at = {name: to_si(text, UNITS[kind][name], f"{where}.at.{name}") for name, text in entry.at.items()}
    mass = masses(key, entry, lander)
    point = _at(points, at, where)
    with np.errstate(all="ignore"):  # at flows and speeds beyond all measure, which the range below refuses
        efficiency, lightness = PREDICTED[kind](point, lander, propellant)
    found = [Measured(f"{key}.efficiency_multiplier", point["efficiency"] / efficiency, error)]
    if mass is not None:
        found.append(Measured(f"{key}.specific_power_multiplier", lightness / mass.bare, error))
    for one in found:
        leaf = quantity.units(lander)[one.name]
        if not (leaf.low or LEAST) <= one.value <= leaf.high:
            raise ValueError(
                f"{where}: its point makes {one.name} {one.value:.3g}, outside [{leaf.low or LEAST:g}, "
                f"{leaf.high:g}]: the model predicts nothing like it there; check its flow, rise, speed and units"
            )
    return tuple(found)


def masses(kind: str, entry: HardwareEntry, lander: Lander) -> Masses | None:
    """Mass of one piece of hardware, with installation and without: m = (1 + x) m_bare + m_i of a pump.

    A data sheet gives the mass that is required of it, with bracket, sensors and flanges, or that of the bare pump
    (``installed = false``).  Motors and inverters have one mass, with their connectors.

    Parameters
    ----------
    kind : str
        Which entry of ``[hardware]``.
    entry : HardwareEntry
        Its mass.
    lander : Lander
        What a pump's installation weighs.

    Returns
    -------
    Masses or None
        None where the sheet gives none.

    Raises
    ------
    ValueError
        For a mass that is not positive, or below that of the installation that it holds.
    """
    where = f"hardware.{kind}"
    is_pump = kind == "pump" or kind in OF_ONE
    if not is_pump and not entry.installed:
        raise ValueError(f"{where}.installed: is of pumps alone; the mass of a {kind} holds its connectors")
    if entry.mass is None:
        return None
    mass = to_si(entry.mass, "kg", f"{where}.mass")
    if not mass > 0.0:
        raise ValueError(f"{where}.mass: {entry.mass!r} must be positive")
    if not is_pump:
        return Masses(mass, mass)
    share, fixed = first_value(lander.pump.installation_share), first_value(lander.pump.installation_mass)
    if not entry.installed:
        return Masses(mass, (1.0 + share) * mass + fixed)
    if not mass > fixed:
        raise ValueError(
            f"{where}.mass: {entry.mass!r} is no more than the bracket, sensors and flanges that it holds, "
            f"{fixed:g} kg; write installed = false for that of the bare pump"
        )
    return Masses((mass - fixed) / (1.0 + share), mass)


def points_of(kind: str, entry: HardwareEntry) -> tuple[Point, ...]:
    """The points of a data sheet, SI.

    Parameters
    ----------
    kind : str
        Which entry of ``[hardware]``.
    entry : HardwareEntry
        Its points.

    Returns
    -------
    tuple of Point
        In the order of the sheet.

    Raises
    ------
    ValueError
        As `measured`.
    """
    of = "pump" if kind in OF_ONE else kind
    return tuple(_point(of, row, f"hardware.{kind}.points[{k}]") for k, row in enumerate(entry.points))


def within(points: Sequence[Point], low: float, high: float) -> float | None:
    """The flow nearest to the middle of a range that points cover, m3/s; None where they cover none of it.

    Parameters
    ----------
    points : sequence of Point
        Of a pump.
    low, high : float
        Of the flow, m3/s.

    Returns
    -------
    float or None
    """
    flows = [one["flow"] for one in points]
    least, most = max(low, min(flows)), min(high, max(flows))
    return None if least > most else float(np.clip(0.5 * (low + high), least, most))


def at_flow(points: Sequence[Point], flow: float) -> Point:
    """A pump's point at a flow between its points, at the best of its speeds.

    Parameters
    ----------
    points : sequence of Point
        Of a pump.
    flow : float
        m3/s, of those that the points cover.

    Returns
    -------
    Point
    """
    return _at(points, {"flow": flow}, "hardware")


def of_one(sources: Mapping[str, str], found: Mapping[str, Sequence[Measured]]) -> list[Input]:
    """Inputs of the pumps that are given each alone: what was measured, with its error.

    Parameters
    ----------
    sources : mapping of str to str
        By entry of ``[hardware]``.
    found : mapping of str to sequence of Measured
        The same: what it says of the lander's quantities.

    Returns
    -------
    list of Input
    """
    return [
        Input(one.name, "-", LogNormal(one.value, float(np.exp(one.error))), sources[kind])
        for kind in OF_ONE
        for one in found.get(kind, ())
    ]


def alone(found: Sequence[Measured]) -> set[str]:
    """Inputs of both pumps that move nothing any more, because each pump has its own.

    Parameters
    ----------
    found : sequence of Measured
        What the hardware of a case says.

    Returns
    -------
    set of str
        Names of inputs.

    Examples
    --------
    >>> both = [Measured(f"{pump}.efficiency_multiplier", 1.0, 0.02) for pump in OF_ONE]
    >>> alone(both), alone(both[:1])
    ({'pump.efficiency_multiplier'}, set())
    """
    known = {one.name for one in found}
    return {
        f"pump.{what}"
        for what in ("efficiency_multiplier", "specific_power_multiplier")
        if all(f"{pump}.{what}" in known for pump in OF_ONE)
    }


def _point(kind: str, row: Mapping[str, str], where: str) -> Point:
    units = UNITS[kind]
    for name in row:
        if name not in units:
            raise ValueError(f"{where}.{name}: is not a column of a {kind}; it has {', '.join(units)}")
    missing = [name for name in units if name not in row]
    if missing and kind != "battery":
        raise ValueError(f"{where}: lacks {', '.join(missing)}; a point of a {kind} holds {', '.join(units)}")
    if not row:
        raise ValueError(f"{where}: is empty; it holds {', '.join(units)}")
    found = {name: to_si(text, units[name], f"{where}.{name}") for name, text in row.items()}
    for name, value in found.items():
        if not value > 0.0 or (name == "efficiency" and value >= 1.0):
            raise ValueError(f"{where}.{name}: {row[name]!r} must be positive, and an efficiency below 1")
    return found


def _check_apart(points: Sequence[Point], where: str) -> None:
    """Raise ValueError for two points at one duty, of which the better would win."""
    first: dict[tuple[float, ...], int] = {}
    for k, one in enumerate(points):
        duty = tuple(value for name, value in one.items() if name != "efficiency")
        if first.setdefault(duty, k) != k and "efficiency" in one:
            raise ValueError(
                f"{where}.points[{k}]: stands at the duty of points[{first[duty]}]; give one point a duty, and what "
                "repeated measurements differ by in the uncertainty"
            )


def _at(points: Sequence[Point], at: Mapping[str, float], where: str) -> Point:
    """The point of a curve or map at some of its columns, linear between points; without them, that of the highest
    efficiency."""
    if not at:
        return max(points, key=lambda one: one["efficiency"])
    name, value = next(iter(at.items()))
    rest = {other: v for other, v in at.items() if other != name}
    groups: dict[float, Point] = {}
    for key in sorted({one[name] for one in points}):
        same = [one for one in points if one[name] == key]
        groups[key] = _at(same, rest, where) if rest else max(same, key=lambda one: one["efficiency"])
    keys = list(groups)
    if not keys[0] <= value <= keys[-1]:
        raise ValueError(
            f"{where}.at.{name}: lies outside the points given, {keys[0]:.4g} to {keys[-1]:.4g} in SI; nothing was "
            "measured there"
        )
    columns = points[0].keys()
    return {c: float(np.interp(value, keys, [groups[k][c] for k in keys])) for c in columns} | {name: value}


def _pump(point: Point, lander: Lander, propellant: str) -> tuple[float, float]:
    """Efficiency and bare mass (kg) predicted at a point."""
    liquid = getattr(lander.propellants, propellant)
    warm = lander.propellant_temperature + lander.pump_inlet_heating
    density, viscosity = propellants.density(liquid, warm), propellants.viscosity(liquid, warm)
    plain = dataclasses.replace(
        lander.pump,
        specific_power_multiplier=1.0,
        required_specific_power=0.0,
        installation_mass=0.0,
        installation_share=0.0,
    )
    work = point["rise"] / density
    parts = pump.losses(point["flow"], work, point["speed"], density, viscosity, plain)
    shaft = point["flow"] * point["rise"] / point["efficiency"]
    return first_value(parts.efficiency), first_value(pump.mass(shaft, point["speed"], plain))


def _motor(point: Point, lander: Lander, propellant: str) -> tuple[float, float]:
    liquid = getattr(lander.propellants, propellant)
    warm = lander.propellant_temperature + lander.pump_inlet_heating
    plain = dataclasses.replace(
        lander.motor,
        efficiency_multiplier=1.0,
        specific_power_multiplier=1.0,
        required_efficiency=0.0,
        required_specific_power=0.0,
    )
    density, viscosity = propellants.density(liquid, warm), propellants.viscosity(liquid, warm)
    designed = motor.design(point["power"], point["speed"], density, viscosity, plain)
    return first_value(designed.predicted_efficiency), first_value(designed.mass)


def _inverter(point: Point, lander: Lander, propellant: str) -> tuple[float, float]:
    plain = dataclasses.replace(
        lander.inverter,
        efficiency_multiplier=1.0,
        specific_power_multiplier=1.0,
        required_efficiency=0.0,
        required_specific_power=0.0,
    )
    return first_value(inverter.predicted_efficiency(point["power"], plain)), first_value(
        inverter.mass(point["power"], plain)
    )


PREDICTED: Mapping[str, Callable[[Point, Lander, str], tuple[float, float]]] = {
    "pump": _pump,
    "motor": _motor,
    "inverter": _inverter,
}
"""Efficiency and bare mass (kg) that the model predicts at a point, without multipliers."""
