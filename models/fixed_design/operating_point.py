"""The point at which each drive of a fixed design runs: what a requirement must name besides its value.

The rated point is that for which the pump is built: its flow, its specific work and its speed.  All numbers of a point
belong together, flow times rise over efficiency is the shaft power, and so on to the inverter's input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.architectures.shared import liquids, of_both
from models.components import feed_line, harness, inverter, motor, pump
from models.fixed_design import drives
from models.fixed_design.design import FixedDesign
from models.fixed_design.flight import FixedTrade, simulate
from models.lander import Lander, own_lander
from models.properties import propellants
from models.quantity import STANDARD_GRAVITY

SHUT_OFF = 1.25
"""Head at no flow over the rated one, at rated speed: of the characteristic of `pump_off_design.speed_ratio`."""


@dataclass(frozen=True)
class PumpPoint:
    """One drive as built, of one propellant of one pump set, at its rated point; SI units."""

    liquid: str
    """Oxidiser or fuel."""
    efficiency: float
    """Hydraulic over shaft power."""
    flow: float
    """m3/s."""
    rise: float
    """Pa."""
    speed: float
    """rad/s."""
    head: float
    """m: the specific work over standard gravity."""
    suction: float
    """m of required net positive suction head, helium-saturated, 3 % head loss."""
    available: float
    """m of net positive suction head at rated flow and the hottest inlet."""
    inlet_temperature: float
    """K."""
    hottest_inlet: float
    """K: with the design's margin on it."""
    inlet_pressure: float
    """Pa at rated flow."""
    pump_power: float
    """W at the shaft for which the pump was sized: at the hottest inlet."""
    shaft_rating: float
    """W, what motor and shaft are built for."""
    inverter_rating: float
    """W of inverter output."""
    motor_efficiency: float
    """At the rated point, windings as warm as the longest burn makes them."""
    inverter_efficiency: float
    """There."""
    winding_temperature: float
    """K, there."""
    maximum_winding_temperature: float
    """K."""
    diameter: float
    """m of the impeller."""
    pump_mass: float
    """kg without growth, bracket and connector in it."""
    installation_mass: float
    """kg of it that does not follow from the pump's specific power."""
    motor_mass: float
    """kg."""
    inverter_mass: float
    """kg."""

    @property
    def shaft_power(self) -> float:
        """W at the rated point: flow times rise over efficiency."""
        return self.flow * self.rise / self.efficiency

    @property
    def motor_power(self) -> float:
        """W at the motor's terminals at the rated point."""
        return self.shaft_power / self.motor_efficiency

    @property
    def drive_power(self) -> float:
        """W at the inverter's input at the rated point."""
        return self.motor_power / self.inverter_efficiency


def points(built: FixedTrade, lander: Lander) -> tuple[PumpPoint, ...]:
    """Both drives of one pump set of a design, where the realised lander is `lander` (the required values).

    Part load is that of the burns: `models.fixed_design.duty`.

    Parameters
    ----------
    built : FixedTrade
        Both designs at the required values.
    lander : Lander
        The realised one, scalar.

    Returns
    -------
    tuple of PumpPoint
        Oxidiser, fuel.
    """
    design = built.electric_pump
    assert design.drives is not None
    lander = own_lander(lander, pumped=True)
    inlets = of_both(lander, lander.propellant_temperature + lander.pump_inlet_heating)
    warm = liquids(lander, inlets[0])
    longest = _one(simulate(design, lander).flight.duration.max())
    pair = lander.propellants
    found = []
    for k, (name, line, density, liquid) in enumerate(
        zip(
            ("oxidiser", "fuel"),
            design.drives.lines,
            (warm.oxidiser_density, warm.fuel_density),
            (pair.oxidiser, pair.fuel),
            strict=True,
        )
    ):
        rated = _one(line.work * density)
        supplied = (lander.oxidiser_pump, lander.fuel_pump)[k]
        own = pump.of_propellant(lander.pump, supplied)
        viscosity = propellants.viscosity(liquid, inlets[k])
        full = drives.run_line(
            line,
            lander,
            supplied,
            flow=line.flow,
            rise=rated,
            density=density,
            viscosity=viscosity,
            inlet=inlets[k],
            duration=longest,
        )
        hottest = _one(inlets[k]) + design.margins.inlet_temperature
        inlet_pressure = _inlet_pressure(design, lander, k)
        found.append(
            PumpPoint(
                liquid=name,
                efficiency=_one(full.efficiency),
                flow=line.flow,
                rise=rated,
                speed=line.speed,
                head=line.work / STANDARD_GRAVITY,
                suction=_one(pump.required_suction_energy(line.speed, line.flow, lander.pump))
                / STANDARD_GRAVITY,
                available=_available(lander, k, inlet_pressure, hottest),
                inlet_temperature=_one(inlets[k]),
                hottest_inlet=hottest,
                inlet_pressure=inlet_pressure,
                pump_power=line.pump_power,
                shaft_rating=line.shaft_rating,
                inverter_rating=line.inverter_rating,
                motor_efficiency=_one(full.shaft / full.terminal),
                inverter_efficiency=_one(full.terminal / full.bus),
                winding_temperature=_one(full.motor_temperature),
                maximum_winding_temperature=_one(lander.motor.maximum_temperature),
                diameter=_one(
                    pump.losses(line.flow, line.work, line.speed, density, viscosity, lander.pump).diameter
                ),
                pump_mass=_one(pump.mass(line.pump_power, line.speed, own)),
                installation_mass=_one(lander.pump.installation_mass),
                motor_mass=_one(motor.mass(line.shaft_rating, line.speed, lander.motor)),
                inverter_mass=_one(inverter.mass(line.inverter_rating, lander.inverter)),
            )
        )
    return tuple(found)


def set_power(drives_at: Sequence[PumpPoint], built: FixedTrade) -> float:
    """W at the battery's main-bus terminals, house load apart, with every pump of all sets at its rated point.

    Parameters
    ----------
    drives_at : sequence of PumpPoint
        Both drives of one set.
    built : FixedTrade
        The designs they belong to.

    Returns
    -------
    float
        What the inverters draw and what the harness loses.

    Examples
    --------
    >>> trade = FixedTrade(Lander())
    >>> both = points(trade, trade.lander)
    >>> drawn = set_power(both, trade)
    >>> bool(sum(p.drive_power for p in both) < drawn < trade.electric_pump.drives.power_rating)
    True
    """
    of = built.electric_pump.drives
    assert of is not None
    power = of.sets * sum(p.drive_power for p in drives_at)
    return power + _one(harness.loss(power, of.power_rating, built.lander.harness))


def _inlet_pressure(design: FixedDesign, lander: Lander, k: int) -> float:
    """Pa at the inlet of the pump of propellant k at rated flow."""
    return design.tank_pressures[k] - _one(feed_line.suction_pressure_drop(lander.feed_line))


def _available(lander: Lander, k: int, inlet_pressure: float, temperature: float) -> float:
    """m of net positive suction head: (p_inlet - p_vapour) / (rho g)."""
    difference = _one(lander.fuel_temperature_difference) if k else 0.0
    hot = liquids(lander, temperature - difference)
    vapour = (hot.oxidiser_vapour_pressure, hot.fuel_vapour_pressure)[k]
    density = (hot.oxidiser_density, hot.fuel_density)[k]
    return _one((inlet_pressure - vapour) / (density * STANDARD_GRAVITY))


def _one(value: object) -> float:
    return float(np.ravel(np.asarray(value, dtype=np.float64))[0])
