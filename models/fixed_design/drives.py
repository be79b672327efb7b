"""Engines and drives as built, run in the realised lander: flow, rise, speed, power, heat, and shortfalls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.architectures import electric_pump, shared
from models.architectures.budget import PumpFeed
from models.components import (
    battery_as_built,
    bus,
    feed_line,
    harness,
    inverter,
    motor,
    pump,
    pump_off_design,
    residuals,
    shaft_seal,
    thermal,
    thrust_chamber,
)
from models.components.pump import SuppliedPump
from models.fixed_design.design import FixedDesign, FixedDrives, FixedLine
from models.flight.mission import Flight
from models.lander import Lander
from models.properties import propellants
from models.properties.combustion import Delivered
from models.properties.propellants import PerPropellant
from models.quantity import STANDARD_GRAVITY, FloatArray, Numeric, required_or_predicted


@dataclass(frozen=True)
class Engine:
    """All engines at full thrust, in the realised lander."""

    thrust: FloatArray
    """N, one engine."""
    specific_impulse: FloatArray
    """s."""
    chamber_pressure: FloatArray
    """Pa at full thrust."""
    flow: FloatArray
    """kg/s, one engine."""


def engine(fixed: FixedDesign, realised: Lander) -> Engine:
    """Where the engine runs.  With pumps: thrust is held, p_c = F / (C_F A_t).  Pressure-fed, flow over rated f:

    p_tank = f p_c (c* / c*_0) + f^2 (dp_line + x p_c)

    Parameters
    ----------
    fixed : FixedDesign
        The design as built.
    realised : Lander
        The lander as it turns out; floats, or leaves of shape (n,)

    Returns
    -------
    Engine
    """

    def performance(pressure: Numeric) -> Delivered:
        return thrust_chamber.performance(
            realised.thrust_chamber, realised.propellants, pressure, fixed.mixture_ratio, fixed.area_ratio
        )

    nominal = performance(fixed.chamber_pressure)
    if fixed.drives is not None:
        pressure = fixed.thrust / (fixed.engines * nominal.thrust_coefficient * fixed.throat_area)
        impulse = performance(pressure).specific_impulse
        flow = fixed.thrust / (STANDARD_GRAVITY * fixed.engines * impulse)
        return Engine(fixed.thrust + 0.0 * impulse, impulse, np.asarray(pressure), flow)
    rated = fixed.chamber_pressure
    chamber = rated * nominal.characteristic_velocity / fixed.characteristic_velocity
    orifices = feed_line.inlet_pressure(rated, realised.feed_line) - rated
    supply = fixed.tank_pressures[0]
    part = 2.0 * supply / (chamber + np.sqrt(chamber**2 + 4.0 * orifices * supply))
    pressure = chamber * part
    impulse = performance(pressure).specific_impulse
    flow = fixed.flow * part
    return Engine(STANDARD_GRAVITY * impulse * flow * fixed.engines, impulse, pressure, flow)


@dataclass(frozen=True)
class Running:
    """One drive as built on the realised lander's duty; powers in W."""

    speed: FloatArray
    """rad/s."""
    shaft: FloatArray
    """W at the pump's shaft."""
    terminal: FloatArray
    """At the motor's terminals."""
    bus: FloatArray
    """W at the battery's bus."""
    efficiency: FloatArray
    """Of the pump at this duty, hydraulic over shaft power."""
    motor_temperature: FloatArray
    """K of the winding."""


def run_line(
    line: FixedLine,
    realised: Lander,
    supplied: SuppliedPump,
    *,
    flow: Numeric,
    rise: Numeric,
    density: Numeric,
    viscosity: Numeric,
    inlet: Numeric,
    duration: Numeric,
) -> Running:
    """Flow m3/s and rise Pa through a drive as built; windings after `duration` (s) from `inlet`, the propellant's K.

    Pump: its true efficiency at the rated point, and the map from there.  Motor: losses are linear in the winding's
    temperature, L = L_0 + k (T - T_0), so that with G the conductance to the propellant and C = m c

        T - T_0 = (L_0 t / C) (1 - exp(-x)) / x,   x = (G - k) t / C

    Parameters
    ----------
    line : FixedLine
        Pump and motor of one propellant as built.
    realised : Lander
        The lander as it turns out; floats, or leaves of shape (n,)
    supplied : SuppliedPump
        That lander's pump of this propellant: `oxidiser_pump` or `fuel_pump`.
    flow : float or ndarray (n,)
        m3/s through the pump.
    rise : float or ndarray (n,)
        Pa.
    density, viscosity : float or ndarray (n,)
        kg/m3 and Pa s at the inlet.
    inlet : float or ndarray (n,)
        K of the propellant.
    duration : float or ndarray (n,)
        s of the burn.

    Returns
    -------
    Running
    """
    head = rise / (density * line.work)
    part = flow / line.flow
    predicted = pump.losses(line.flow, line.work, line.speed, density, viscosity, realised.pump).efficiency
    efficiency = required_or_predicted(
        supplied.required_efficiency,
        predicted * np.asarray(pump.of_propellant(realised.pump, supplied).efficiency_multiplier),
    )
    ratio = pump_off_design.speed_ratio(part, head)
    shaft = line.flow * line.work * density / efficiency * pump_off_design.power_ratio(part, head)
    built = motor.design(line.shaft_rating, line.speed, density, viscosity, realised.motor)
    torque = shaft / (line.shaft_rating * np.maximum(ratio, 1e-9))
    cold, warm = (motor.loss(built, torque, ratio, inlet + rise, realised.motor) for rise in (0.0, 1.0))
    capacity = built.mass * realised.motor.specific_heat
    exponent = (motor.cooling(built.torque, realised.motor) - (warm - cold)) * duration / capacity
    exponent = np.where(np.abs(exponent) < 1e-9, 1e-9, exponent)
    rise_of_winding = cold * duration / capacity * -np.expm1(-exponent) / exponent
    terminal = shaft + cold + (warm - cold) * rise_of_winding
    return Running(
        speed=line.speed * ratio,
        shaft=shaft,
        terminal=terminal,
        bus=terminal + inverter.loss(terminal, line.inverter_rating, realised.inverter),
        efficiency=efficiency * pump_off_design.efficiency_ratio(part, head),
        motor_temperature=inlet + rise_of_winding,
    )


def rise(
    fixed: FixedDesign,
    realised: Lander,
    engine: Engine,
    *,
    tank_pressure: Numeric,
    throttle: Numeric,
    cooling_drop: Numeric,
) -> FloatArray:
    """Pressure rise in Pa that a pump must give at a share `throttle` of the full flow: the chamber's pressure in the
    realised lander, orifices at their rated flow.

    Parameters
    ----------
    fixed : FixedDesign
        The design as built.
    realised : Lander
        The lander as it turns out; floats, or leaves of shape (n,)
    engine : Engine
        Pressure, flow and impulse of the realised engine.
    tank_pressure : float or ndarray (n,)
        Of the propellant's tanks, Pa.
    throttle : float or ndarray (n,)
        Share of the full flow.
    cooling_drop : float or ndarray (n,)
        Pa of the jacket at rated flow; zero for the oxidiser.

    Returns
    -------
    ndarray (n,)
        Pa.
    """
    part = engine.flow / fixed.flow
    at = feed_line.inlet_pressure(
        fixed.chamber_pressure, realised.feed_line, throttle=part * throttle, cooling_drop=cooling_drop
    )
    return np.asarray(
        at + throttle * (engine.chamber_pressure - part * fixed.chamber_pressure) - tank_pressure
    )


def run(
    fixed: FixedDesign,
    built: FixedDrives,
    realised: Lander,
    engine: Engine,
    flight: Flight,
    excess_pressures: PerPropellant[FloatArray] | None = None,
) -> tuple[PumpFeed, dict[str, FloatArray]]:
    """The drives' true masses, power and energy; the pumps' efficiencies and what drives and battery are short of, by
    the names of columns.

    Parameters
    ----------
    fixed : FixedDesign
        The design as built.
    built : FixedDrives
        The drives of the design.
    realised : Lander
        The lander as it turns out; floats, or leaves of shape (n,)
    engine : Engine
        Pressure, flow and impulse of the realised engine.
    flight : Flight
        The burns, their flows and propellant.
    excess_pressures : PerPropellant of ndarray (burns, ...), optional
        Pa over the end pressure of tanks that blow down; drives are rated without it.

    Returns
    -------
    tuple of PumpFeed and dict of str to ndarray (n,)
        Masses, powers and energy; efficiencies and shortfalls by the names of columns.
    """
    feed_of, pair = realised.feed_line, realised.propellants
    inlets = shared.of_both(realised, realised.propellant_temperature + realised.pump_inlet_heating)
    warm = shared.liquids(realised, inlets[0])
    part = engine.flow / fixed.flow
    jacket = thrust_chamber.cooling_pressure_drop(realised.thrust_chamber, fixed.chamber_pressure)
    suction = feed_line.suction_pressure_drop(feed_of, throttle=part)
    ratio = fixed.mixture_ratio / (1.0 + fixed.mixture_ratio)
    engines, sets = fixed.engines, built.sets
    number = len(flight.duration)
    burns = (number - 2, number - 1) if excess_pressures is None else tuple(range(number))
    duties = [electric_pump.duty(flight, burn, pump_sets=sets, engines=engines) for burn in burns]
    longest = flight.duration.max(axis=0)

    def needed(k: int, throttle: Numeric) -> FloatArray:
        supply, cooling = fixed.tank_pressures[k], jacket * float(k)
        return rise(fixed, realised, engine, tank_pressure=supply, throttle=throttle, cooling_drop=cooling)

    shares = (ratio, 1.0 - ratio)
    densities = (warm.oxidiser_density, warm.fuel_density)
    vapours = (warm.oxidiser_vapour_pressure, warm.fuel_vapour_pressure)
    runs, cavitation = [], []
    part_loads: list[FloatArray] = [np.zeros(np.shape(flight.landed_mass)) for _ in burns]
    for k, line in enumerate(built.lines):
        excess = np.zeros(number) if excess_pressures is None else tuple(excess_pressures)[k]
        flow = engine.flow * engines / sets * shares[k] / densities[k]
        of_liquid = {
            "density": densities[k],
            "viscosity": propellants.viscosity((pair.oxidiser, pair.fuel)[k], inlets[k]),
            "inlet": inlets[k],
            "duration": longest,
        }
        supplied = (realised.oxidiser_pump, realised.fuel_pump)[k]
        run = run_line(line, realised, supplied, flow=flow, rise=needed(k, 1.0), **of_liquid)
        runs.append(run)
        rated_rise = line.work * densities[k]
        for at, (burn, how) in enumerate(zip(burns, duties, strict=True)):
            head = pump_off_design.throttled_head(
                (needed(k, how.throttle) - excess[burn]) / rated_rise, flow * how.flow / line.flow
            )
            one = run_line(
                line, realised, supplied, flow=flow * how.flow, rise=rated_rise * head, **of_liquid
            )
            part_loads[at] = part_loads[at] + how.sets * one.bus
        required = densities[k] * pump.required_suction_energy(run.speed, flow, realised.pump)
        cavitation.append(required - (fixed.tank_pressures[k] - suction - vapours[k]))

    at_bus = sets * sum(run.bus for run in runs)
    full, *powers = (
        power + harness.loss(power, built.power_rating, realised.harness) for power in (at_bus, *part_loads)
    )
    if excess_pressures is None:
        at_braking = np.where(np.asarray(realised.engines_out) > 0.0, powers[0], full)
        powers = [full, full, full, at_braking, powers[1]]
    demand = electric_pump.demand(realised, flight, np.stack(np.broadcast_arrays(*powers)), full)
    cells = built.cells + realised.battery.bus_share * built.bus_cells
    given = battery_as_built.held(cells, demand.stored, demand.mean_power, realised.battery)

    all_sets = sets * (1.0 + built.spares_per_set)
    whole = 0.0 * full
    feed = PumpFeed(
        pumps=all_sets
        * sum(
            pump.mass(line.pump_power, line.speed, pump.of_propellant(realised.pump, supplied))
            for line, supplied in zip(built.lines, (realised.oxidiser_pump, realised.fuel_pump), strict=True)
        )
        + whole,
        motors=all_sets
        * sum(motor.mass(line.shaft_rating, line.speed, realised.motor) for line in built.lines)
        + whole,
        inverters=all_sets
        * sum(inverter.mass(line.inverter_rating, realised.inverter) for line in built.lines)
        + whole,
        battery=built.cells
        * battery_as_built.cell_energy(realised.battery)
        / realised.battery.specific_energy
        + whole,
        harness=harness.mass(
            built.power_rating, bus.charger_power(realised.bus), 2.0 * all_sets, realised.harness
        )
        + whole,
        thermal=np.asarray(thermal.mass(built.inverter_heat, built.sink_energy, realised.thermal) + whole),
        plumbing=feed_line.pump_plumbing_mass(
            sets, fixed.flow * engines, engines, feed_of, spares=built.spares_per_set
        )
        + shaft_seal.mass((1.0 + built.spares_per_set) * shared.seals(realised), realised.shaft_seal)
        + whole,
        helium=shaft_seal.purge(shared.seals(realised), realised.shaft_seal),
        sumps=np.asarray(
            sum(
                residuals.sumps(fixed.tank_number, volume, realised.residuals)
                for volume in fixed.tank_volumes
            )
            + whole
        ),
        power=full,
        energy=demand.energies.sum(axis=0),
    )
    return feed, {
        "oxidiser_pump_efficiency": runs[0].efficiency,
        "fuel_pump_efficiency": runs[1].efficiency,
        "suction_shortfall": np.maximum(*cavitation),
        "drive_power_shortfall": np.maximum(
            *(run.shaft - line.shaft_rating for run, line in zip(runs, built.lines, strict=True))
        ),
        "electric_power_shortfall": np.asarray(full - built.power_rating),
        "battery_power_shortfall": battery_as_built.power_shortfall(
            cells, full, demand.end_power, realised.battery
        ),
        "charge_shortfall": demand.stored - given.energy,
        "battery_temperature_shortfall": np.asarray(given.temperature - realised.battery.maximum_temperature),
        "motor_temperature_shortfall": np.maximum(*(run.motor_temperature for run in runs))
        - realised.motor.maximum_temperature,
    }
