"""The point at which each drive of a frozen design runs: what a requirement must name beside its value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.architectures.shared import liquids, of_both
from models.components import feed_line, inverter, motor, pump, thrust_chamber
from models.fixed_design import drives
from models.fixed_design.flight import FrozenTrade
from models.lander import Lander
from models.properties import propellants
from models.quantity import STANDARD_GRAVITY, Numeric

HALF = 0.5
"""Share of full thrust at which the part-load efficiency is asked, beside the engine's least."""


@dataclass(frozen=True)
class PumpPoint:
    """One drive as built, of one propellant of one pump set, at its rated point; SI units."""

    liquid: str
    efficiency: float
    flow: float
    """m3/s."""
    rise: float
    """Pa."""
    speed: float
    """rad/s."""
    suction: float
    """m of required net positive suction head, helium-saturated, 3 % head loss."""
    throttled: tuple[tuple[float, float], ...]
    """Share of full thrust, efficiency there: at half thrust and at the engine's least."""
    pump_power: float
    """W at the shaft at the rated point."""
    shaft_rating: float
    """W, what motor and shaft are built for."""
    inverter_rating: float
    """W of inverter output."""
    pump_mass: float
    """kg without growth."""
    motor_mass: float
    inverter_mass: float


@dataclass(frozen=True)
class _Throttled:
    """The efficiency of drive k at a share of the full thrust."""

    built: FrozenTrade
    lander: Lander
    k: int
    rated: float
    density: Numeric
    viscosity: Numeric
    inlet: Numeric
    cooling: float

    def __call__(self, throttle: float) -> float:
        design = self.built.electric_pump
        assert design.drives is not None
        line = design.drives.lines[self.k]
        rise, full = (
            _one(
                feed_line.inlet_pressure(
                    design.chamber_pressure, self.lander.feed_line, throttle=s, cooling_drop=self.cooling
                )
            )
            - design.tank_pressures[0]
            for s in (throttle, 1.0)
        )
        run = drives.run_line(
            line,
            self.lander,
            flow=line.flow * throttle,
            rise=self.rated * _one(pump.throttled_head(rise / full, throttle)),
            density=self.density,
            viscosity=self.viscosity,
            inlet=self.inlet,
            duration=1.0,
        )
        return _one(run.efficiency)


def points(built: FrozenTrade, lander: Lander) -> tuple[PumpPoint, ...]:
    """Both drives of one pump set of a design, where the truth is `lander` (the required values).

    Part load: the flow falls with the thrust, the rise with what the lines and the injector then ask for.
    """
    design = built.electric_pump
    assert design.drives is not None
    inlets = of_both(lander, lander.propellant_temperature + lander.pump_inlet_heating)
    warm = liquids(lander, inlets[0])
    jacket = float(thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, design.chamber_pressure))
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

        viscosity = propellants.viscosity(liquid, inlets[k])
        at = _Throttled(built, lander, k, rated, density, viscosity, inlets[k], jacket * k)
        least = _one(lander.thrust_chamber.minimum_throttle)
        found.append(
            PumpPoint(
                liquid=name,
                efficiency=at(1.0),
                flow=line.flow,
                rise=rated,
                speed=line.speed,
                suction=_one(pump.required_suction_energy(line.speed, line.flow, lander.pump))
                / STANDARD_GRAVITY,
                throttled=tuple((s, at(s)) for s in sorted({max(HALF, least), least}, reverse=True)),
                pump_power=line.pump_power,
                shaft_rating=line.shaft_rating,
                inverter_rating=line.inverter_rating,
                pump_mass=_one(pump.mass(line.pump_power, line.speed, lander.pump)),
                motor_mass=_one(motor.mass(line.shaft_rating, line.speed, lander.motor)),
                inverter_mass=_one(inverter.mass(line.inverter_rating, lander.inverter)),
            )
        )
    return tuple(found)


def _one(value: object) -> float:
    return float(np.ravel(np.asarray(value, dtype=np.float64))[0])
