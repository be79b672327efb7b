"""The electric-pump-fed architecture: thin tanks, and pump sets, each a pump, motor and inverter for each propellant,
fed by a battery.

One set feeds all engines through a manifold, or each engine has its own, or anything between (`Lander.pump_sets`); each
may have a cold spare.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from models.architectures import shared
from models.architectures.budget import Drives, PumpFeed, Sizing, budget
from models.architectures.shared import (
    ROOM_TO_BLOW_DOWN,
    Propulsion,
    Storage,
    fly,
    liquids,
    of_both,
    seals,
    store,
)
from models.batched_newton import Branch
from models.components import (
    battery,
    bus,
    drive,
    feed_line,
    harness,
    inverter,
    pump_off_design,
    reaction_control,
    residuals,
    shaft_seal,
    thermal,
    thrust_chamber,
)
from models.components.drive import Drive
from models.components.pump import SuppliedPump
from models.flight.mission import HOUR, Flight
from models.lander import Lander
from models.properties import propellants
from models.properties.propellants import Liquid, PerPropellant
from models.quantity import BAR, STANDARD_GRAVITY, FloatArray, Numeric
from models.smooth import smooth_maximum

DESIGN = (
    "chamber_pressure",
    "area_ratio",
    "oxidiser_tank_pressure",
    "fuel_tank_pressure",
    "oxidiser_ullage_ratio",
    "fuel_ullage_ratio",
)
"""Design variables, searched as logarithms."""
BRANCHES = (
    Branch(
        start=(12.3 * BAR, 150.0, 6.0 * BAR, 6.0 * BAR, 1.0, 1.0),
        lower=(6.5 * BAR, 15.0, 1.2 * BAR, 1.2 * BAR, 1.0, 1.0),
        upper=(13.5 * BAR, thrust_chamber.LARGEST_AREA_RATIO, 16.0 * BAR, 16.0 * BAR, 16.0, 16.0),
    ),
    Branch(
        start=(21.0 * BAR, 250.0, 6.0 * BAR, 6.0 * BAR, 1.0, 1.0),
        lower=(14.0 * BAR, 15.0, 1.2 * BAR, 1.2 * BAR, 1.0, 1.0),
        upper=(90.0 * BAR, thrust_chamber.LARGEST_AREA_RATIO, 16.0 * BAR, 16.0 * BAR, 16.0, 16.0),
    ),
)
"""Two engines compete, radiation-cooled and regenerative: each has its own best design, and between them a valley."""

DESCENT_ORBIT = 1.0 * HOUR
"""Half a revolution from descent orbit insertion to perilune."""


def begin(lander: Lander, region: Branch) -> tuple[Numeric, ...]:
    """Where the search of a branch starts: pumps must have suction there.

        p_tank = max(p_0, 1.2 (p_v + suction line) + 0.3 bar),   p_0 of the branch, p_v at the warm inlet

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    region : Branch
        One of `BRANCHES`.

    Returns
    -------
    tuple of float or ndarray (n,)
        Of `DESIGN`, no logarithms.
    """
    warm = liquids(lander, lander.propellant_temperature + lander.pump_inlet_heating)
    suction = feed_line.suction_pressure_drop(lander.feed_line)
    pressure, area, *tanks, oxidiser_ullage, fuel_ullage = region.start
    more = shared.regulated_or_not(lander, 1.0, ROOM_TO_BLOW_DOWN)
    starts = (
        np.fmax(tank, np.fmin(1.2 * (vapour + suction) + 0.3 * BAR, upper))
        for tank, vapour, upper in zip(
            tanks, (warm.oxidiser_vapour_pressure, warm.fuel_vapour_pressure), region.upper[2:4], strict=True
        )
    )
    return pressure, area, *starts, oxidiser_ullage * more, fuel_ullage * more


def rated_drives(
    lander: Lander,
    specific_impulse: Numeric,
    chamber_pressure: Numeric,
    tank_pressures: PerPropellant[Numeric],
) -> PerPropellant[Drive]:
    """The drives of oxidiser and fuel of one pump set, sized for full thrust; pressures in Pa, impulse in s.

    rise = p_c + injector + lines (+ jacket, fuel) - p_tank,   NPSH pressure = p_tank - suction line - p_v(T_inlet)

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    specific_impulse : float or ndarray (n,)
        s, delivered at full thrust.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    tank_pressures : PerPropellant of float or ndarray (n,)
        Operating, or where tanks blow down at the end of the last burn, Pa.

    Returns
    -------
    PerPropellant[Drive]
    """
    feed, pair, ratio = lander.feed_line, lander.propellants, lander.mixture_ratio
    inlet_temperature = lander.propellant_temperature + lander.pump_inlet_heating
    warm = liquids(lander, inlet_temperature)
    cooling = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, chamber_pressure)
    suction_drop = feed_line.suction_pressure_drop(feed)
    flow = lander.thrust / (STANDARD_GRAVITY * specific_impulse * lander.pump_sets)
    discharge = feed_line.inlet_pressure(chamber_pressure, feed)

    inlets = of_both(lander, inlet_temperature)

    def rated(
        share: Numeric,
        inlet: Numeric,
        density: Numeric,
        vapour: Numeric,
        tank_pressure: Numeric,
        liquid: Liquid,
        jacket: Numeric,
        supplied: SuppliedPump,
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
            supplied=supplied,
        )

    return PerPropellant(
        rated(
            ratio / (1.0 + ratio),
            inlets[0],
            warm.oxidiser_density,
            warm.oxidiser_vapour_pressure,
            tank_pressures.oxidiser,
            pair.oxidiser,
            0.0 * cooling,
            lander.oxidiser_pump,
        ),
        rated(
            1.0 / (1.0 + ratio),
            inlets[1],
            warm.fuel_density,
            warm.fuel_vapour_pressure,
            tank_pressures.fuel,
            pair.fuel,
            cooling,
            lander.fuel_pump,
        ),
    )


def evaluate(
    lander: Lander,
    launch_mass: Numeric,
    chamber_pressure: Numeric,
    area_ratio: Numeric,
    oxidiser_tank_pressure: Numeric,
    fuel_tank_pressure: Numeric,
    oxidiser_ullage_ratio: Numeric,
    fuel_ullage_ratio: Numeric,
) -> Sizing:
    """The budget at a given design.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    launch_mass : float or ndarray (n,)
        kg at separation from the launcher.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.
    oxidiser_tank_pressure, fuel_tank_pressure : float or ndarray (n,)
        Operating, or where tanks blow down at the end of the last burn, Pa.
    oxidiser_ullage_ratio, fuel_ullage_ratio : float or ndarray (n,)
        Gas share of the full tanks in their hottest soak over the least one allowed, at least 1
        (`shared.store`)

    Returns
    -------
    Sizing
    """
    propulsion = fly(lander, launch_mass, chamber_pressure, area_ratio, pumped=True)
    pressures = PerPropellant(oxidiser_tank_pressure, fuel_tank_pressure)
    ullage_ratios = PerPropellant(oxidiser_ullage_ratio, fuel_ullage_ratio)
    storage = store(lander, propulsion, pressures, ullage_ratios, pumped=True)
    feed, drives = power(lander, propulsion, storage, chamber_pressure, pressures)
    sizing = budget(
        lander, launch_mass, propulsion, storage, chamber_pressure, area_ratio, pressures, feed=feed
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
    """What the coasts after transfer, insertion and trim can bring to the battery, J at its terminals.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    tuple of float or ndarray (n,)
        J after transfer, insertion and trim.
    """
    surplus = bus.recharged_energy(1.0, lander.bus) * lander.battery.charge_efficiency
    coast = lander.mission.coast_before_descent
    return surplus * coast, surplus * coast, surplus * DESCENT_ORBIT


def ignition_energies(lander: Lander, flight: Flight, full_power: Numeric) -> FloatArray:
    """In addition to pumping for the main engines, J at the battery's terminals, (burns, ...): starts, in equal shares,
    and what the pumps put into the thrusters' accumulators (`reaction_control.charging_energy`); full power in W.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    flight : Flight
        The burns, their flows and propellant.
    full_power : float or ndarray (n,)
        Of all running sets at full thrust, W at the battery's terminals.

    Returns
    -------
    ndarray (burns, ...)
        J.
    """
    full_flow = flight.main_propellant[1] / (flight.flow[1] * flight.duration[1])
    starts = lander.residuals.starts / len(flight.duration)
    starting = starts * lander.residuals.spin_up_duration * full_power
    thrusters = flight.propellant - flight.main_propellant
    return np.asarray(
        starting
        + reaction_control.charging_energy(thrusters, full_power / full_flow, lander.reaction_control)
    )


@dataclass(frozen=True)
class Duty:
    """How pump sets run through a burn; floats or (n,)."""

    sets: Numeric
    """That run, a time mean where engines pulse."""
    flow: Numeric
    """Of a running set over its rated flow."""
    throttle: Numeric
    """Flow of a running engine over its rated one: what its injector and lines see."""


def duty(flight: Flight, burn: int, *, pump_sets: Numeric, engines: Numeric) -> Duty:
    """How many sets run, and at which flow: a set runs as long as one of its engines does.

    Of N engines a share x runs at the flow f, for a share d of the time; they are spread evenly over S sets:

        running = min(S, x N) d,   flow of a set = f x S / min(S, x N)

    Parameters
    ----------
    flight : Flight
        The burns, their flows and propellant.
    burn : int
        Index in the order of `mission.BURNS`.
    pump_sets : float or ndarray (n,)
        S, that run.
    engines : float or ndarray (n,)
        N, main engines.

    Returns
    -------
    Duty
    """
    on = flight.running[burn] / flight.duty[burn]
    throttle = flight.flow[burn] / np.maximum(flight.running[burn], 1e-9)
    sets = np.minimum(pump_sets, on * engines)
    share = throttle * on * pump_sets / np.maximum(sets, 1e-9)  # none runs where thrusters land alone
    return Duty(sets * flight.duty[burn], share, throttle)


def heads(
    lander: Lander,
    rated: PerPropellant[Drive],
    duty: Duty,
    chamber_pressure: Numeric,
    tank_pressures: PerPropellant[Numeric],
) -> PerPropellant[FloatArray]:
    """Head over the rated one of the pumps of a running set: lines and injector fall with the square of the flow.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    rated : PerPropellant[Drive]
        Drives of oxidiser and fuel as sized for full thrust.
    duty : Duty
        How many sets run in the burn, and at which flow.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    tank_pressures : PerPropellant of float or ndarray (n,)
        Operating, or where tanks blow down at the end of the last burn, Pa.

    Returns
    -------
    PerPropellant of ndarray
        Head over the rated one, of oxidiser and fuel.
    """
    cooling = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, chamber_pressure)

    def of(each: Drive, tank_pressure: Numeric, jacket: Numeric) -> FloatArray:
        needed = feed_line.pump_rise(
            chamber_pressure, tank_pressure, lander.feed_line, throttle=duty.throttle, cooling_drop=jacket
        )
        return pump_off_design.throttled_head(needed / each.rise, duty.flow)

    return PerPropellant(
        of(rated.oxidiser, tank_pressures.oxidiser, 0.0 * cooling),
        of(rated.fuel, tank_pressures.fuel, cooling),
    )


def burn_powers(
    lander: Lander,
    flight: Flight,
    rated: PerPropellant[Drive],
    chamber_pressure: Numeric,
    tank_pressures: PerPropellant[Numeric],
    *,
    excess_pressures: PerPropellant[FloatArray] | None = None,
) -> FloatArray:
    """W at the battery's terminals in each burn, (burns, ...), a time mean where engines pulse.

    All run at full thrust, but in the terminal descent, and in braking where engines are out.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    flight : Flight
        The burns, their flows and propellant.
    rated : PerPropellant[Drive]
        Drives of oxidiser and fuel as sized for full thrust.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    tank_pressures : PerPropellant of float or ndarray (n,)
        Operating, or where tanks blow down at the end of the last burn, Pa.
    excess_pressures : PerPropellant of ndarray (burns, ...), optional
        Pa over the end pressure of tanks that blow down, mean of each burn: it spares head.

    Returns
    -------
    ndarray (burns, ...)
        W.
    """
    at_full = lander.pump_sets * sum(each.bus_power for each in rated)
    full = at_full + harness.loss(at_full, at_full, lander.harness)

    def part(burn: int) -> FloatArray:
        how = duty(flight, burn, pump_sets=lander.pump_sets, engines=lander.engines)
        supply = tank_pressures
        if excess_pressures is not None:
            pairs = zip(tank_pressures, excess_pressures, strict=True)
            supply = PerPropellant[Numeric](*(pressure + excess[burn] for pressure, excess in pairs))
        head = heads(lander, rated, how, chamber_pressure, supply)
        power = how.sets * sum(
            drive.part_load_power(
                each, how.flow, own, each.winding_temperature, lander.motor, lander.inverter
            )
            for each, own in zip(rated, head, strict=True)
        )
        return np.asarray(power + harness.loss(power, at_full, lander.harness))

    if excess_pressures is not None:
        return np.stack(np.broadcast_arrays(*(part(burn) for burn in range(len(flight.duration)))))
    braking = part(3) if np.any(lander.engines_out) else full
    return np.stack(np.broadcast_arrays(full, full, full, braking, part(4)))


def demand(lander: Lander, flight: Flight, powers: FloatArray, full_power: Numeric) -> Demand:
    """Energies, deepest deficit and the powers that size the battery.

    Full power ends with the last burn before the terminal descent, at a charge s_f a little above the deepest one,
    s_e = 1 - depth.  A cell loaded to its cut-off voltage gives g(s) = (OCV(s) - V_cut) / R(s) (times V_cut), so full
    power at s_f sags as full power times g(s_e) / g(s_f) does at s_e; the larger of this and the terminal power counts.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    flight : Flight
        The burns, their flows and propellant.
    powers : ndarray (burns, ...)
        W at the battery's terminals in each burn.
    full_power : float or ndarray (n,)
        Of all running sets at full thrust, W at the battery's terminals.

    Returns
    -------
    Demand
    """
    terminal_power = powers[-1]
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
    lander: Lander,
    propulsion: Propulsion,
    storage: Storage,
    chamber_pressure: Numeric,
    tank_pressures: PerPropellant[Numeric],
) -> tuple[PumpFeed, Drives]:
    """Pumps, motors, inverters, battery, harness and cooling for the flight of `propulsion`, and how they run.

    Rated at full thrust; the terminal descent is part load with fixed orifices.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    propulsion : Propulsion
        Engines and the mission flown with them.
    storage : Storage
        Tanks, helium and bottles.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    tank_pressures : PerPropellant of float or ndarray (n,)
        Operating, or where tanks blow down at the end of the last burn, Pa.

    Returns
    -------
    tuple of PumpFeed and Drives
        What the budget takes, and how each drive runs.
    """
    flight, sets = propulsion.flight, lander.pump_sets
    rated = rated_drives(lander, propulsion.specific_impulse, chamber_pressure, tank_pressures)
    blown = storage.blown_down
    powers = burn_powers(
        lander,
        flight,
        rated,
        chamber_pressure,
        tank_pressures,
        excess_pressures=None if blown is None else blown.excess_pressures,
    )
    at_full = sets * sum(each.bus_power for each in rated)
    full_power = at_full + harness.loss(at_full, at_full, lander.harness)
    need = demand(lander, flight, powers, full_power)
    pack = battery.sizing(
        need.stored, need.mean_power, full_power, need.end_power, lander.harness.bus_voltage, lander.battery
    )
    own = bus.stored_energy(lander.bus) / (lander.battery.specific_energy * pack.usable_factor)

    longest = np.maximum(
        flight.duration[1],
        flight.duration[3] * flight.running[3] + flight.duration[4] * flight.running[4],
    )
    inverters = sets * sum(inverter.mass(each.motor.electric_power, lander.inverter) for each in rated)
    heat = np.asarray(sets * sum(each.inverter_heat for each in rated))
    sink = thermal.excess(heat, longest, inverters, lander.thermal)
    spared = 1.0 + lander.spares_per_set
    built = sets * spared
    feed = PumpFeed(
        pumps=built * sum(each.pump.mass for each in rated),
        motors=built * sum(each.motor.mass for each in rated),
        inverters=spared * inverters,
        battery=battery.dedicated_mass(pack.mass, own, lander.battery),
        harness=harness.mass(full_power, bus.charger_power(lander.bus), 2.0 * built, lander.harness),
        thermal=np.asarray(thermal.mass(heat, sink, lander.thermal)),
        plumbing=feed_line.pump_plumbing_mass(
            sets,
            lander.thrust / (STANDARD_GRAVITY * propulsion.specific_impulse),
            lander.engines,
            lander.feed_line,
            spares=lander.spares_per_set,
        )
        + shaft_seal.mass((1.0 + lander.spares_per_set) * seals(lander), lander.shaft_seal),
        helium=shaft_seal.purge(seals(lander), lander.shaft_seal),
        sumps=np.asarray(
            sum(
                residuals.sumps(lander.tank.number, volume, lander.residuals)
                for volume in (storage.oxidiser_tank_volume, storage.fuel_tank_volume)
            )
        ),
        power=full_power,
        energy=need.energies.sum(axis=0),
    )
    return feed, Drives(
        rated=rated,
        terminal_power=powers[-1],
        stored_energy=need.stored,
        mean_power=need.mean_power,
        usable_factor=pack.usable_factor,
        battery_temperature_rise=pack.temperature_rise,
        inverter_heat=heat,
        sink_energy=sink,
        battery_depth=np.asarray(lander.battery.depth + 0.0 * full_power),
    )
