"""What each pump of a fixed design does in each burn: flow, rise, speed, powers, suction, and how often it turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.architectures import electric_pump, shared
from models.components import feed_line, pump, pump_off_design, thrust_chamber
from models.fixed_design import drives
from models.fixed_design.design import FixedDesign
from models.fixed_design.flight import simulate
from models.flight.mission import BURNS
from models.lander import Lander
from models.properties import propellants
from models.quantity import STANDARD_GRAVITY


@dataclass(frozen=True)
class BurnDuty:
    """One pump of a running set in one burn, at which it runs at a constant point; SI units."""

    burn: str
    duration: float
    """s."""
    running: float
    """Share of that time that the pump runs: below one where engines pulse or other sets take their turn."""
    throttle: float
    """Of a running engine."""
    engines: float
    """That the set feeds while it runs, in the mean: not whole where fewer engines than all hold the lander."""
    flow: float
    """m3/s."""
    rise: float
    """Pa of total pressure."""
    speed: float
    """rad/s."""
    efficiency: float
    """Of the pump."""
    shaft_power: float
    """W."""
    drive_power: float
    """W at the inverter's input, windings as warm as at the end of the burn."""
    winding_temperature: float
    """K at the end of the burn, from the inlet's temperature at its beginning."""
    inlet_temperature: float
    """K."""
    inlet_pressure: float
    """Pa."""
    available: float
    """m of net positive suction head."""
    required: float
    """m, helium-saturated, at 3 % head loss."""

    @property
    def revolutions(self) -> float:
        """Of the shaft."""
        return self.speed / (2.0 * np.pi) * self.duration * self.running


def duties(design: FixedDesign, lander: Lander) -> tuple[tuple[BurnDuty, ...], tuple[BurnDuty, ...]]:
    """The duty of the oxidiser and the fuel pump of one set, burn by burn, where the realised lander is `lander`.

    The scalar lander of the required values gives the duty that the requirements belong to.

    Parameters
    ----------
    design : FixedDesign
        An electric-pump design.
    lander : Lander
        The realised one, scalar.

    Returns
    -------
    tuple of two tuples of BurnDuty
        Of the oxidiser and the fuel pump, in the order of the burns.

    Raises
    ------
    ValueError
        For a pressure-fed design.

    Examples
    --------
    >>> from models.fixed_design.flight import FixedTrade
    >>> oxidiser, fuel = duties(FixedTrade(Lander()).electric_pump, Lander())
    >>> [duty.burn for duty in oxidiser], oxidiser[0].flow > oxidiser[-1].flow
    (['transfer', 'insertion', 'trim', 'braking', 'terminal'], True)
    """
    built = design.drives
    if built is None:
        raise ValueError("duties: the design is pressure-fed and has no pumps")
    simulated = simulate(design, lander)
    engine, flight, sets = simulated.engine, simulated.flight, built.sets
    inlets = shared.of_both(lander, lander.propellant_temperature + lander.pump_inlet_heating)
    warm = shared.liquids(lander, inlets[0])
    pair = lander.propellants
    jacket = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, design.chamber_pressure)
    part = engine.flow / design.flow
    ratio = design.mixture_ratio / (1.0 + design.mixture_ratio)
    full = electric_pump.Duty(sets, 1.0, 1.0)
    late = [
        electric_pump.duty(flight, burn, pump_sets=sets, engines=design.engines)
        for burn in (len(BURNS) - 2, len(BURNS) - 1)
    ]
    braking = late[0] if float(np.ravel(lander.engines_out)[0]) > 0.0 else full
    found: list[tuple[BurnDuty, ...]] = []
    for k, line in enumerate(built.lines):
        density = (warm.oxidiser_density, warm.fuel_density)[k]
        vapour = (warm.oxidiser_vapour_pressure, warm.fuel_vapour_pressure)[k]
        rated_flow = engine.flow * design.engines / sets * (ratio, 1.0 - ratio)[k] / density
        rated_rise = line.work * density
        burns = []
        for burn, how in enumerate((full, full, full, braking, late[1])):
            flow = rated_flow * how.flow
            rise = drives.rise(design, lander, engine, throttle=how.throttle, cooling_drop=jacket * float(k))
            if how is not full:
                rise = rated_rise * pump_off_design.throttled_head(rise / rated_rise, flow / line.flow)
            run = drives.run_line(
                line,
                lander,
                (lander.oxidiser_pump, lander.fuel_pump)[k],
                flow=flow,
                rise=rise,
                density=density,
                viscosity=propellants.viscosity((pair.oxidiser, pair.fuel)[k], inlets[k]),
                inlet=inlets[k],
                duration=flight.duration[burn],
            )
            inlet_pressure = design.tank_pressures[0] - feed_line.suction_pressure_drop(
                lander.feed_line, throttle=part * how.throttle
            )
            burns.append(
                BurnDuty(
                    burn=BURNS[burn],
                    duration=_one(flight.duration[burn]),
                    running=_one(how.sets) / sets,
                    throttle=_one(how.throttle),
                    engines=_one(how.flow / how.throttle) * design.engines / sets,
                    flow=_one(flow),
                    rise=_one(rise),
                    speed=_one(run.speed),
                    efficiency=_one(run.efficiency),
                    shaft_power=_one(run.shaft),
                    drive_power=_one(run.bus),
                    winding_temperature=_one(run.motor_temperature),
                    inlet_temperature=_one(inlets[k]),
                    inlet_pressure=_one(inlet_pressure),
                    available=_one((inlet_pressure - vapour) / (density * STANDARD_GRAVITY)),
                    required=_one(pump.required_suction_energy(run.speed, flow, lander.pump))
                    / STANDARD_GRAVITY,
                )
            )
        found.append(tuple(burns))
    return found[0], found[1]


def _one(value: object) -> float:
    return float(np.ravel(np.asarray(value, dtype=np.float64))[0])
