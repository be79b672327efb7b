"""The electric-pump-fed architecture: thin tanks, and for each propellant of each engine a pump, motor and inverter
fed by a battery."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from models.architectures.budget import Drives, PumpFeed, Sizing, budget
from models.architectures.shared import Propulsion, fly, liquids, of_both, store
from models.batched_newton import Branch
from models.components import (
    battery,
    bus,
    drive,
    feed_line,
    harness,
    inverter,
    pump,
    reaction_control,
    thermal,
    thrust_chamber,
)
from models.components.drive import Drive
from models.flight.mission import HOUR, Flight
from models.lander import Lander
from models.properties import propellants
from models.properties.propellants import Liquid, PerPropellant
from models.quantity import BAR, STANDARD_GRAVITY, FloatArray, Numeric
from models.smooth import smooth_maximum

DESIGN = ("chamber_pressure", "area_ratio", "tank_pressure", "ullage_ratio")
"""Design variables, searched as logarithms."""
BRANCHES = (
    Branch(
        start=(11.5 * BAR, 52.0, 4.5 * BAR, 1.3),
        lower=(6.5 * BAR, 15.0, 1.2 * BAR, 1.0),
        upper=(13.5 * BAR, 380.0, 16.0 * BAR, 10.0),
    ),
    Branch(
        start=(17.0 * BAR, 55.0, 4.5 * BAR, 1.3),
        lower=(14.0 * BAR, 15.0, 1.2 * BAR, 1.0),
        upper=(90.0 * BAR, 380.0, 16.0 * BAR, 10.0),
    ),
)
"""Two engines compete, radiation-cooled and regenerative: each has its own best design, and between them a valley."""

DESCENT_ORBIT = 1.0 * HOUR
"""Half a revolution from descent orbit insertion to perilune."""


def rated_drives(
    lander: Lander, specific_impulse: Numeric, chamber_pressure: Numeric, tank_pressure: Numeric
) -> PerPropellant[Drive]:
    """The drives of oxidiser and fuel of one engine, sized for full thrust; pressures in Pa, impulse in s.

    rise = p_c + injector + lines (+ jacket, fuel) - p_tank,   NPSH pressure = p_tank - suction line - p_v(T_inlet)
    """
    feed, pair, ratio = lander.feed_line, lander.propellants, lander.mixture_ratio
    inlet_temperature = lander.propellant_temperature + lander.pump_inlet_heating
    warm = liquids(lander, inlet_temperature)
    cooling = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, chamber_pressure)
    suction_drop = feed_line.suction_pressure_drop(feed)
    flow = lander.thrust / (STANDARD_GRAVITY * specific_impulse * lander.engines)
    discharge = feed_line.inlet_pressure(chamber_pressure, feed)

    inlets = of_both(lander, inlet_temperature)

    def rated(
        share: Numeric, inlet: Numeric, density: Numeric, vapour: Numeric, liquid: Liquid, jacket: Numeric
    ) -> Drive:
        return drive.design(
            lander.pump,
            lander.motor,
            lander.inverter,
            mass_flow=flow * share,
            pressure_rise=discharge + jacket - tank_pressure,
            density=density,
            viscosity=propellants.viscosity(liquid, inlet),
            suction_pressure=tank_pressure - suction_drop - vapour,
            temperature=inlet,
        )

    return PerPropellant(
        rated(
            ratio / (1.0 + ratio),
            inlets[0],
            warm.oxidiser_density,
            warm.oxidiser_vapour_pressure,
            pair.oxidiser,
            0.0 * cooling,
        ),
        rated(
            1.0 / (1.0 + ratio),
            inlets[1],
            warm.fuel_density,
            warm.fuel_vapour_pressure,
            pair.fuel,
            cooling,
        ),
    )


def evaluate(
    lander: Lander,
    launch_mass: Numeric,
    chamber_pressure: Numeric,
    area_ratio: Numeric,
    tank_pressure: Numeric,
    ullage_ratio: Numeric,
) -> Sizing:
    """The budget at a given design; pressures in Pa, launch mass in kg, floats or (n,).

    `ullage_ratio` as in `shared.store`.
    """
    propulsion = fly(lander, launch_mass, chamber_pressure, area_ratio, pumped=True)
    storage = store(lander, propulsion, tank_pressure, tank_pressure, ullage_ratio)
    feed, drives = power(lander, propulsion, chamber_pressure, tank_pressure)
    sizing = budget(
        lander, launch_mass, propulsion, storage, chamber_pressure, area_ratio, tank_pressure, feed=feed
    )
    return dataclasses.replace(sizing, drives=drives)


@dataclass(frozen=True)
class Demand:
    """What the burns ask of the battery at its terminals."""

    energies: FloatArray
    """J, (burns, ...), with the starts and what charges the thrusters' accumulators."""
    stored: FloatArray
    """J: the deepest deficit over the sequence."""
    mean_power: FloatArray
    """W, int P^2 dt / int P dt."""
    end_power: FloatArray
    """W at the end of discharge: that of the terminal descent, or the full power that sags as far a little earlier."""


def recharges(lander: Lander) -> tuple[Numeric, Numeric, Numeric]:
    """What the coasts after transfer, insertion and trim can bring to the battery, J at its terminals."""
    surplus = bus.recharged_energy(1.0, lander.bus) * lander.battery.charge_efficiency
    coast = lander.mission.coast_before_descent
    return surplus * coast, surplus * coast, surplus * DESCENT_ORBIT


def ignition_energies(lander: Lander, flight: Flight, full_power: Numeric) -> FloatArray:
    """Beside pumping for the main engines, J at the battery's terminals, (burns, ...): starts, in equal shares, and
    what the pumps put into the thrusters' accumulators (`reaction_control.charging_energy`); full power in W."""
    full_flow = flight.main_propellant[1] / (flight.flow[1] * flight.duration[1])
    starting = lander.residuals.start_energy * lander.residuals.starts / len(flight.duration)
    thrusters = flight.propellant - flight.main_propellant
    return np.asarray(
        starting
        + reaction_control.charging_energy(thrusters, full_power / full_flow, lander.reaction_control)
    )


def demand(lander: Lander, flight: Flight, full_power: Numeric, terminal_power: Numeric) -> Demand:
    """Energies, deepest deficit and the powers that size the battery; powers in W at its terminals.

    Full power ends with the last burn before the terminal descent, at a charge s_f a little above the deepest one,
    s_e = 1 - depth.  A cell loaded to its cut-off voltage gives g(s) = (OCV(s) - V_cut) / R(s) (times V_cut), so full
    power at s_f sags as full power times g(s_e) / g(s_f) does at s_e; the larger of this and the terminal power counts.
    """
    full_power = full_power + 0.0 * np.asarray(terminal_power)
    at_full = full_power * flight.running[:-1]
    powers = np.concatenate([at_full, np.broadcast_to(terminal_power, at_full.shape[1:])[None]])
    energies = powers * flight.duration
    mean_power = (powers * energies).sum(axis=0) / energies.sum(axis=0)
    energies = energies + ignition_energies(lander, flight, full_power)

    regained = np.stack([energy + 0.0 * full_power for energy in recharges(lander)])
    groups = np.stack([energies[0], energies[1], energies[2], energies[3] + energies[4]])
    stored = battery.stored_energy(groups, regained)
    at_full = battery.stored_energy(energies[:4], regained)

    def strength(charge: Numeric) -> Numeric:
        headroom = battery.open_circuit_voltage(charge, lander.battery) - lander.battery.cell_cutoff_voltage
        return headroom / battery.resistance(charge, lander.battery.temperature, lander.battery)

    depth = lander.battery.depth
    sagging = full_power * strength(1.0 - depth) / strength(1.0 - depth * at_full / stored)
    return Demand(energies, stored, mean_power, smooth_maximum(terminal_power, sagging))


def power(
    lander: Lander, propulsion: Propulsion, chamber_pressure: Numeric, tank_pressure: Numeric
) -> tuple[PumpFeed, Drives]:
    """Pumps, motors, inverters, battery, harness and cooling for the flight of `propulsion`, and how they run.

    Rated at full thrust; the terminal descent is part load with fixed orifices.
    """
    lines, flight = lander.feed_line, propulsion.flight
    cooling = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, chamber_pressure)
    rated = rated_drives(lander, propulsion.specific_impulse, chamber_pressure, tank_pressure)
    engines = lander.engines
    rated_bus = engines * sum(each.bus_power for each in rated)
    full_power = rated_bus + harness.loss(rated_bus, rated_bus, lander.harness)

    # Terminal descent: a share of the engines at part flow; lines and injector fall with the square of flow.
    part = flight.flow[-1] / np.maximum(flight.running[-1], 1e-9)
    terminal: FloatArray | float = 0.0
    for each, jacket in zip(rated, (0.0 * cooling, cooling), strict=True):
        needed = feed_line.pump_rise(
            chamber_pressure, tank_pressure, lines, throttle=part, cooling_drop=jacket
        )
        head = pump.throttled_head(needed / each.rise, part)
        terminal = terminal + drive.part_load_power(
            each, part, head, each.winding_temperature, lander.motor, lander.inverter
        )
    terminal = engines * flight.running[-1] * terminal
    terminal = terminal + harness.loss(terminal, rated_bus, lander.harness)

    need = demand(lander, propulsion.flight, full_power, terminal)
    pack = battery.sizing(
        need.stored, need.mean_power, full_power, need.end_power, lander.harness.bus_voltage, lander.battery
    )
    own = bus.stored_energy(lander.bus) / (lander.battery.specific_energy * pack.usable_factor)

    shaft = engines * sum(each.motor.shaft_power for each in rated)
    heat = (full_power - shaft) * np.max(
        [flight.duration[1], flight.duration[3] * flight.running[3] + flight.duration[4] * flight.running[4]],
        axis=0,
    )
    sets = engines * lander.drives_per_line
    feed = PumpFeed(
        pumps=sets * sum(each.pump.mass for each in rated),
        motors=sets * sum(each.motor.mass for each in rated),
        inverters=sets * sum(inverter.mass(each.motor.electric_power, lander.inverter) for each in rated),
        battery=battery.dedicated_mass(pack.mass, own, lander.battery),
        harness=harness.mass(full_power, 2.0 * sets, lander.harness),
        thermal=np.asarray(thermal.mass(heat, lander.thermal)),
        plumbing=np.asarray(feed_line.pump_plumbing_mass(sets, lines) + 0.0 * full_power),
        sumps=np.asarray(2.0 * lander.tank.number * lander.residuals.sump_mass + 0.0 * full_power),
        power=full_power,
        energy=need.energies.sum(axis=0),
    )
    return feed, Drives(
        rated=rated,
        terminal_power=np.asarray(terminal),
        stored_energy=need.stored,
        mean_power=need.mean_power,
        usable_factor=pack.usable_factor,
        battery_temperature_rise=pack.temperature_rise,
        heat=heat,
    )
