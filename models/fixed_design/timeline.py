"""The feed system of a sized design marched through its burns: pressures, flows, powers, temperatures, charge.

Sizing works with laws: one mean power, one window of charge, windings as warm as long burns make them.  Here the same
design runs in time, on equal fractions of every burn, and `check` says how well the laws kept their promise.

Within a burn throttle and flow are constant (`mission.fly`), and the state of one lander with pumps is

    battery charge        ds/dt   = -I / (health multiplier Q)                 `battery.state`, constant power
    battery temperature   dT/dt   = I^2 R / C                                  adiabatic pack, casing and all
    winding temperature   dT_m/dt = (L(T_m) - G (T_m - T_inlet)) / (m c)       oxidiser and fuel motor
    inverters' rise       dT_i/dt = (sum Q_i - G_i T_i) / C_i                  above the fuel, all on one cold plate
    energy                dE/dt   = P(T_m)                                     J at the battery's terminals

with P the power of all running drives at their windings' temperature and the harness' loss.  Starts take their energy
at ignition, at the current of full power, and so does what charges the thrusters' accumulators, if there are any.  In
the coast after a burn a share `recovery` of every temperature difference recovers, and the bus recharges what it can.
Braking and terminal descent follow each other without a coast.  Helium is marched by `components.pressurisation`, the
braking trajectory by `descent`.

Losses are linear in the windings' temperature, so that windings follow their exponential exactly, and the cold plate is
integrated by its own from what the inverters lose at both ends and in the middle of a step: small motors, whose time
constant may be far shorter than a step, cannot make the march unstable.  Charge, battery and energy follow by
Runge-Kutta of fourth order.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import quantity
from models.architectures import electric_pump, shared
from models.architectures.budget import Drives, Sizing
from models.components import (
    battery,
    battery_as_built,
    bus,
    harness,
    inverter,
    motor,
    pressurisation,
    pump_off_design,
    thermal,
)
from models.components.drive import Drive
from models.exponential import decay, relaxed
from models.flight import descent
from models.flight.mission import BURNS, Flight
from models.lander import Lander, Status, own_lander
from models.properties import helium
from models.properties.propellants import PerPropellant
from models.quantity import STANDARD_GRAVITY, FloatArray, Numeric

STEPS = 24
"""Steps a burn, at least: with fewer asked for, the march takes several of its own to each."""


@dataclass(frozen=True)
class Electric:
    """Pumps, motors and battery; (burns, steps + 1, ...) unless said otherwise, all drives of a kind together."""

    oxidiser_pump_speed: FloatArray
    """rad/s."""
    fuel_pump_speed: FloatArray
    """As the oxidiser pump's."""
    oxidiser_power: FloatArray
    """W at the inverters' inputs, mean over the engines' running time and pause."""
    fuel_power: FloatArray
    """As the oxidiser drive's."""
    power: FloatArray
    """W at the battery's terminals."""
    energy: FloatArray
    """J drawn since the first ignition, starts included."""
    oxidiser_motor_temperature: FloatArray
    """K, of the windings."""
    fuel_motor_temperature: FloatArray
    """As the oxidiser motor's."""
    inverter_temperature: FloatArray
    """K, of the base of the inverters, which share a cold plate in the fuel and the sink."""
    charge: FloatArray
    """Of the battery; 1 is full."""
    voltage: FloatArray
    """V at the terminals of the main bus."""
    cell_voltage: FloatArray
    """V under load."""
    battery_temperature: FloatArray
    """K."""
    cells: FloatArray
    """(...): that the pumps draw from, their own and the bus battery's share."""

    @property
    def peak_power(self) -> FloatArray:
        """W (...): the highest at the battery's terminals; spin-up not counted."""
        return self.power.max(axis=(0, 1))

    @property
    def total_energy(self) -> FloatArray:
        """J (...): over all burns and starts."""
        return self.energy[-1, -1]

    @property
    def lowest_charge(self) -> FloatArray:
        """(...)."""
        return self.charge.min(axis=(0, 1))

    @property
    def lowest_cell_voltage(self) -> FloatArray:
        """V (...)."""
        return self.cell_voltage.min(axis=(0, 1))

    @property
    def highest_battery_temperature(self) -> FloatArray:
        """K (...)."""
        return self.battery_temperature.max(axis=(0, 1))

    @property
    def highest_inverter_temperature(self) -> FloatArray:
        """K (...)."""
        return self.inverter_temperature.max(axis=(0, 1))

    @property
    def highest_motor_temperature(self) -> FloatArray:
        """K (...)."""
        return np.maximum(self.oxidiser_motor_temperature, self.fuel_motor_temperature).max(axis=(0, 1))


@dataclass(frozen=True)
class Timeline:
    """Histories of one design on equal fractions of each burn: (burns, steps + 1, ...), burns as `mission.BURNS`."""

    time: FloatArray
    """s from the ignition of each burn."""
    throttle: FloatArray
    """Of a running engine."""
    running: FloatArray
    """Share of the engines that run, duty included."""
    chamber_pressure: FloatArray
    """Pa, of a running engine."""
    oxidiser_tank_pressure: FloatArray
    """Pa, regulated or blowing down."""
    fuel_tank_pressure: FloatArray
    """Pa."""
    oxidiser_flow: FloatArray
    """kg/s of all main engines."""
    fuel_flow: FloatArray
    """kg/s."""
    mass: FloatArray
    """kg of the lander."""
    bottle_pressure: FloatArray
    """Pa; of the ullage's helium where tanks blow down."""
    bottle_temperature: FloatArray
    """K, of the gas."""
    wall_temperature: FloatArray
    """K, of the bottle."""
    ullage_temperature: FloatArray
    """K, of the helium in the tanks."""
    braking: descent.Trajectory
    """(steps + 1, ...), on fractions of the nominal duration of braking: no reserve in it."""
    electric: Electric | None
    """None without pumps."""
    status: NDArray[np.int64]
    """(...): the sizing's; then BATTERY_LIMITED below the cut-off voltage, TOO_HOT above a highest temperature."""


def march(lander: Lander, sizing: Sizing, *, steps: int = STEPS, recovery: Numeric = 1.0) -> Timeline:
    """March the design of `sizing` through its burns.

    The helium residual (`helium_multiplier`) is a margin here: the gas behaves as the equations say. Rows without a
    design are NaN.

    Parameters
    ----------
    lander : Lander
        The one that `comparison.size` was asked for.
    sizing : Sizing
        The budget of the design.
    steps : int, default STEPS
        Of each burn that are given back, at least two; the march itself takes `STEPS` or more.
    recovery : float or ndarray (n,), default 1.0
        Share of the temperature differences that a coast makes good, 1 for hours.

    Returns
    -------
    Timeline

    Raises
    ------
    ValueError
        Below two steps.

    Examples
    --------
    >>> from models.architectures import comparison
    >>> history = march(Lander(), comparison.size(electric_pump, Lander()).sizing)
    >>> history.electric.charge.shape, bool(history.electric.lowest_charge[0] > 0.15)
    ((5, 25, 1), True)
    """
    if steps < 2:
        raise ValueError(f"steps = {steps}: a timeline needs at least two steps a burn")
    with np.errstate(all="ignore"):
        own = own_lander(lander, pumped=sizing.drives is not None)
        each = -(-STEPS // steps)
        found = _march(own, sizing, steps * each, recovery)
    return found if each == 1 else _thinned(found, each)


def _thinned(found: Timeline, each: int) -> Timeline:
    """Every `each`th point of the histories."""

    def of(histories: Timeline | Electric | descent.Trajectory, *other: str) -> dict[str, FloatArray]:
        axis = 0 if isinstance(histories, descent.Trajectory) else 1
        points = (slice(None),) * axis + (slice(None, None, each),)
        names = [f.name for f in dataclasses.fields(histories) if f.name not in other]
        return {name: getattr(histories, name)[points] for name in names}

    electric = found.electric
    return Timeline(
        **of(found, "status", "braking", "electric"),
        status=found.status,
        braking=descent.Trajectory(**of(found.braking)),
        electric=None if electric is None else Electric(**of(electric, "cells"), cells=electric.cells),
    )


def _march(lander: Lander, sizing: Sizing, steps: int, recovery: Numeric) -> Timeline:
    pumped = sizing.drives is not None
    chosen: dict[str, Numeric] = {"thrust": sizing.thrust, "mixture_ratio": sizing.mixture_ratio}
    if sizing.drives is not None:
        chosen["battery.depth"] = sizing.drives.battery_depth
    lander = quantity.substitute(lander, chosen)
    propulsion = shared.fly(
        lander, sizing.launch_mass, sizing.chamber_pressure, sizing.area_ratio, pumped=pumped
    )
    flight = propulsion.flight
    fraction = _column(np.linspace(0.0, 1.0, steps + 1), flight.duration.ndim)
    time = flight.duration[:, None] * fraction
    shape = time.shape
    part = flight.flow / np.maximum(flight.running, 1e-9)
    total = lander.thrust / (STANDARD_GRAVITY * sizing.specific_impulse) * flight.flow
    ratio = lander.mixture_ratio / (1.0 + lander.mixture_ratio)
    gas = _helium(lander, sizing, steps, recovery)
    left = 1.0 - flight.propellant[3] / flight.start_mass[3]
    exhaust = flight.delta_velocity[3] / -np.log(left)  # of engines and thrusters together, in braking
    electric = (
        None if sizing.drives is None else _electric(lander, sizing, sizing.drives, flight, steps, recovery)
    )

    def spread(value: Numeric) -> FloatArray:
        return np.broadcast_to(np.asarray(value), shape)

    reasons = [np.asarray(sizing.status) != Status.GOOD]
    codes = [np.asarray(sizing.status)]
    if electric is not None:
        sagged = ~(electric.lowest_cell_voltage >= lander.battery.cell_cutoff_voltage)
        hot = electric.highest_battery_temperature > lander.battery.maximum_temperature + WARMTH
        hot = hot | (electric.highest_motor_temperature > lander.motor.maximum_temperature)
        base = shared.of_both(lander, lander.propellant_temperature + lander.pump_inlet_heating)[1]
        allowed = base + lander.thermal.allowed_rise + WARMTH
        hot = hot | (electric.highest_inverter_temperature > allowed)
        reasons += [sagged, hot]
        codes += [np.asarray(int(Status.BATTERY_LIMITED)), np.asarray(int(Status.TOO_HOT))]
    whole = np.zeros(shape[2:], dtype=np.int64)
    return Timeline(
        time=time,
        throttle=spread(flight.throttle[:, None]),
        running=spread(flight.running[:, None]),
        chamber_pressure=spread((sizing.chamber_pressure * part)[:, None]),
        oxidiser_tank_pressure=spread(sizing.oxidiser_tank_pressure + gas.excess_pressures.oxidiser),
        fuel_tank_pressure=spread(sizing.fuel_tank_pressure + gas.excess_pressures.fuel),
        oxidiser_flow=spread((total * ratio)[:, None]),
        fuel_flow=spread((total * (1.0 - ratio))[:, None]),
        mass=flight.start_mass[:, None] - flight.propellant[:, None] * fraction,
        bottle_pressure=gas.bottle_pressure,
        bottle_temperature=gas.bottle_temperature,
        wall_temperature=gas.wall_temperature,
        ullage_temperature=gas.ullage_temperature,
        braking=descent.trajectory(
            flight.thrust_to_weight,
            exhaust,
            perilune=lander.mission.perilune,
            apolune=lander.mission.apolune,
            steps=steps,
        ),
        electric=electric,
        status=np.select([r + whole > 0 for r in reasons], [c + whole for c in codes], int(Status.GOOD)),
    )


WARMTH = 0.5
"""K by which a pack or a sink sized to a highest temperature may pass it in the march: the laws' error."""


def _column(values: FloatArray, dimensions: int) -> FloatArray:
    """Values along the steps' axis, to broadcast against (burns, steps + 1, ...)."""
    return values.reshape(-1, *([1] * (dimensions - 1)))


@dataclass(frozen=True)
class _Gas:
    """Pressures in Pa and temperatures in K of the helium on the grid of the burns, (burns, steps + 1, ...)."""

    bottle_pressure: FloatArray
    bottle_temperature: FloatArray
    wall_temperature: FloatArray
    ullage_temperature: FloatArray
    excess_pressures: PerPropellant[Numeric]
    """Of the tanks above what they end at; 0 where regulated."""


def _helium(lander: Lander, sizing: Sizing, steps: int, recovery: Numeric) -> _Gas:
    """Bottle, wall and ullage; tanks that blow down are their own bottles, and their two gases show as their mean."""
    storage = sizing.storage
    bottles = lander.pressurant
    blown = storage.blown_down
    if blown is not None and np.all(shared.blows_down(lander)):
        found = shared.march_blow_down(blown.burns, blown.ullages, lander, steps=steps)
        helium_pressures = np.stack([own.helium_pressure for own in blown.ullages])
        pressure = found.pressure * helium_pressures
        temperature = found.temperature.mean(axis=2)
        wall = np.broadcast_to(np.asarray(lander.propellant_temperature), temperature.shape)
        above = pressure - helium_pressures
        excess = PerPropellant[Numeric](above[:, :, 0], above[:, :, 1])
        return _Gas(pressure.mean(axis=2), temperature, wall, temperature, excess)
    full = helium.density(bottles.bottle_pressure, lander.propellant_temperature)
    gas = pressurisation.march(
        storage.helium / (full * bottles.helium_multiplier),
        storage.burns,
        storage.ullage,
        bottles,
        temperature=lander.propellant_temperature,
        recovery=recovery,
        steps=steps,
    )
    return _Gas(
        gas.bottle_pressure,
        gas.bottle_temperature,
        gas.wall_temperature,
        gas.ullage_temperature,
        PerPropellant[Numeric](0.0, 0.0),
    )


@dataclass(frozen=True)
class _Duty:
    """One drive of each running set at one throttle; powers in W of one drive."""

    rated: Drive
    speed: FloatArray
    shaft: FloatArray
    loss: FloatArray
    """Of the motor with its windings at the inlet's temperature."""
    slope: FloatArray
    """W/K: the motor's loss is linear in its windings' temperature."""

    def power(self, lander: Lander, rise: FloatArray) -> FloatArray:
        """W at the inverter's input with windings `rise` (K) above the propellant."""
        terminal = self.shaft + self.loss + self.slope * rise
        return terminal + inverter.loss(terminal, self.rated.motor.electric_power, lander.inverter)

    def inverter_heat(self, lander: Lander, rise: FloatArray) -> FloatArray:
        """W that the inverter loses with windings `rise` (K) above the propellant."""
        terminal = self.shaft + self.loss + self.slope * rise
        return np.asarray(inverter.loss(terminal, self.rated.motor.electric_power, lander.inverter))

    def warmed(self, lander: Lander, rise: FloatArray, duration: Numeric) -> FloatArray:
        """K above the propellant of windings that were `rise` above it, `duration` (s) later.

        d theta/dt = a - b theta   =>   theta + (a - b theta) (1 - exp(-b t)) / b
        """
        still, one = (
            motor.temperature_rate(
                self.loss + self.slope * kelvin, kelvin, 0.0, self.rated.motor, lander.motor
            )
            for kelvin in (0.0, 1.0)
        )
        rate = still - one
        return rise + (still - rate * rise) * duration * decay(rate * duration)[0]


@dataclass(frozen=True)
class _Sets:
    """The pump sets in one burn."""

    running: Numeric
    """Sets that run, a time mean where engines pulse."""
    drives: tuple[_Duty, _Duty]
    """Oxidiser, fuel."""


def _duties(lander: Lander, sizing: Sizing, drives: Drives, flight: Flight) -> list[_Sets]:
    """How the sets run in each burn."""
    inlets = shared.of_both(lander, lander.propellant_temperature + lander.pump_inlet_heating)
    extra = None if sizing.storage.blown_down is None else sizing.storage.blown_down.excess_pressures
    tanks = PerPropellant[Numeric](sizing.oxidiser_tank_pressure, sizing.fuel_tank_pressure)

    def one(rated: Drive, inlet: Numeric, flow: Numeric, head: Numeric) -> _Duty:
        speed = pump_off_design.speed_ratio(flow, head)
        shaft = pump_off_design.power_ratio(flow, head)
        cold, warm = (
            motor.loss(rated.motor, shaft / np.maximum(speed, 1e-9), speed, inlet + rise, lander.motor)
            for rise in (0.0, 1.0)
        )
        return _Duty(rated, rated.pump.speed * speed, rated.motor.shaft_power * shaft, cold, warm - cold)

    def sets(burn: int | None) -> _Sets:
        how = electric_pump.Duty(lander.pump_sets, 1.0, 1.0)
        ratios = PerPropellant[Numeric](1.0, 1.0)
        if burn is not None:
            how = electric_pump.duty(flight, burn, pump_sets=lander.pump_sets, engines=lander.engines)
            supply = tanks
            if extra is not None:
                pairs = zip(tanks, extra, strict=True)
                supply = PerPropellant[Numeric](*(pressure + excess[burn] for pressure, excess in pairs))
            found = electric_pump.heads(lander, drives.rated, how, sizing.chamber_pressure, supply)
            ratios = PerPropellant[Numeric](found.oxidiser, found.fuel)
        both = [
            one(rated, inlet, how.flow, head)
            for rated, inlet, head in zip(drives.rated, inlets, ratios, strict=True)
        ]
        return _Sets(how.sets, (both[0], both[1]))

    full = sets(None)
    if extra is not None:
        return [sets(burn) for burn in range(len(flight.duration))]
    braking = sets(3) if np.any(lander.engines_out) else full
    return [full, full, full, braking, sets(4)]


def _electric(
    lander: Lander, sizing: Sizing, drives: Drives, flight: Flight, steps: int, recovery: Numeric
) -> Electric:
    """Windings, battery and energy through all burns."""
    sets = _duties(lander, sizing, drives, flight)
    full = sets[0]
    cells_of = lander.battery
    count = cells(lander, sizing.masses["battery"], drives)
    mass = count * battery_as_built.cell_energy(cells_of) / cells_of.specific_energy
    inlets = shared.of_both(lander, lander.propellant_temperature + lander.pump_inlet_heating)
    rated_bus = lander.pump_sets * sum(each.rated.bus_power for each in full.drives)
    whole = 0.0 * (flight.duration[0] + mass)
    charge_of = cells_of.health * cells_of.usable_multiplier * cells_of.cell_capacity * count
    need = electric_pump.recharges(lander)

    def powers(some: _Sets, state: FloatArray) -> list[FloatArray]:
        return [
            np.asarray(some.running * duty.power(lander, rise))
            for duty, rise in zip(some.drives, state[2:4], strict=True)
        ]

    def terminals(some: _Sets, state: FloatArray) -> FloatArray:
        together = sum(powers(some, state))
        return np.asarray(together + harness.loss(together, rated_bus, lander.harness))

    def rates(power: FloatArray, pack: FloatArray) -> FloatArray:
        """Of charge, battery temperature and energy."""
        cell = battery.state(pack[0], pack[1], power, mass, cells_of)
        return np.stack([cell.charge_rate, cell.temperature_rate, power])

    def advanced(some: _Sets, state: FloatArray, step: FloatArray) -> FloatArray:
        """The state a step later."""
        rises = [state[2:4]] + [
            np.stack(
                [
                    duty.warmed(lander, rise, part * step)
                    for duty, rise in zip(some.drives, state[2:4], strict=True)
                ]
            )
            for part in (0.5, 1.0)
        ]
        first, middle, last = (terminals(some, np.stack([*state[:2], *rise])) for rise in rises)
        pack = state[[0, 1, 5]]
        k1 = rates(first, pack)
        k2 = rates(middle, pack + step / 2.0 * k1)
        k3 = rates(middle, pack + step / 2.0 * k2)
        k4 = rates(last, pack + step * k3)
        pack = pack + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        warming = [
            thermal.temperature_rate(
                some.running
                * sum(duty.inverter_heat(lander, each) for duty, each in zip(some.drives, rise, strict=True)),
                0.0,
                drives.inverter_heat,
                capacity,
                lander.thermal,
            )
            for rise in rises
        ]
        carried = -thermal.temperature_rate(0.0, 1.0, drives.inverter_heat, capacity, lander.thermal)
        plate = relaxed(state[4], warming, carried, step)
        return np.stack([pack[0], pack[1], *rises[2], plate, pack[2]])

    running = lander.pump_sets * sum(
        inverter.mass(each.motor.electric_power, lander.inverter) for each in drives.rated
    )
    capacity = thermal.capacity(running, drives.sink_energy, lander.thermal)
    state = np.stack([whole + 1.0, whole + cells_of.temperature, *(whole for _ in range(4))])
    records, flows = [], []
    full_power = rated_bus + harness.loss(rated_bus, rated_bus, lander.harness)
    at_ignition = electric_pump.ignition_energies(lander, flight, full_power)
    for k, duration in enumerate(flight.duration):
        start = battery.state(state[0], state[1], terminals(full, state), mass, cells_of)
        drop = at_ignition[k] / (charge_of * start.voltage)
        # The same current, by the ratio of heat to charge.
        warming = drop * start.temperature_rate / -start.charge_rate
        state = state + np.stack([-drop, warming, whole, whole, whole, whole + at_ignition[k]])
        step = duration / steps
        states = [state]
        for _ in range(steps):
            state = advanced(sets[k], state, step)
            states.append(state)
        records.append(np.stack(states))
        history = np.moveaxis(records[-1], 1, 0)
        power = terminals(sets[k], history)
        cell = battery.state(history[0], history[1], power, mass, cells_of)
        flows.append(np.stack([*powers(sets[k], history), power, cell.voltage]))
        if k < len(BURNS) - 2:
            regained = need[k] / (charge_of * battery.open_circuit_voltage(state[0], cells_of))
            cooled = cells_of.temperature + (1.0 - recovery) * (state[1] - cells_of.temperature)
            charge = np.minimum(state[0] + regained, 1.0)
            state = np.stack([charge, cooled, *((1.0 - recovery) * state[2:5]), state[5]])
    charge, temperature, oxidiser, fuel, plate, energy = np.moveaxis(np.stack(records), 2, 0)
    oxidiser_power, fuel_power, power, voltage = np.moveaxis(np.stack(flows), 1, 0)

    def speeds(line: int) -> FloatArray:
        each = np.stack([some.drives[line].speed + whole for some in sets])
        return np.broadcast_to(each[:, None], charge.shape)

    return Electric(
        oxidiser_pump_speed=speeds(0),
        fuel_pump_speed=speeds(1),
        oxidiser_power=oxidiser_power,
        fuel_power=fuel_power,
        power=power,
        energy=energy,
        oxidiser_motor_temperature=inlets[0] + oxidiser,
        fuel_motor_temperature=inlets[1] + fuel,
        inverter_temperature=inlets[1] + plate,
        charge=charge,
        voltage=voltage * lander.harness.bus_voltage / cells_of.cell_voltage,
        cell_voltage=voltage,
        battery_temperature=temperature,
        cells=np.asarray(count),
    )


def cells(lander: Lander, battery_mass: Numeric, drives: Drives) -> Numeric:
    """Cells that the pumps draw from: their own battery's, and the share of the bus battery that is lent.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    battery_mass : float or ndarray (n,)
        kg of the pumps' own battery.
    drives : Drives
        Of the sizing.

    Returns
    -------
    float or ndarray (n,)
        A real number.
    """
    own = bus.stored_energy(lander.bus) / (lander.battery.specific_energy * drives.usable_factor)
    return battery.cells(battery_mass + lander.battery.bus_share * own, lander.battery)


@dataclass(frozen=True)
class Check:
    """What the sizing laws promised less what the march found; (...)."""

    energy: FloatArray
    """Promised over marched energy, less one: the laws take windings as warm as a long burn makes them."""
    charge: FloatArray
    """Lowest charge promised for the promised power, less that marched."""
    battery_temperature: FloatArray
    """K promised less K marched: the law is adiabatic over all burns that draw on one charge."""
    inverter_temperature: FloatArray
    """K allowed less K marched: the law takes full thrust for as long as the engines' longest burn."""
    bottle_pressure: FloatArray
    """Promised (the regulator's least) over marched pressure at the end of the last burn, less one."""


def check(lander: Lander, sizing: Sizing, timeline: Timeline) -> Check:
    """Promise against march, for a design with pumps; see `Check`.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    sizing : Sizing
        The budget of the design.
    timeline : Timeline
        What `march` gave for the same sizing.

    Returns
    -------
    Check

    Raises
    ------
    ValueError
        For a pressure-fed sizing.
    """
    electric, drives = timeline.electric, sizing.drives
    if electric is None or drives is None:
        raise ValueError("timeline: pressure-fed; there is no battery whose promise could be checked")
    with np.errstate(all="ignore"):
        promised = battery_as_built.charge_left(
            electric.cells, drives.stored_energy, drives.mean_power, lander.battery
        )
        return Check(
            energy=sizing.electric_energy / electric.total_energy - 1.0,
            charge=promised - electric.lowest_charge,
            battery_temperature=lander.battery.temperature
            + drives.battery_temperature_rise
            - electric.highest_battery_temperature,
            inverter_temperature=shared.of_both(
                lander, lander.propellant_temperature + lander.pump_inlet_heating
            )[1]
            + lander.thermal.allowed_rise
            - electric.highest_inverter_temperature,
            bottle_pressure=shared.regulated_or_not(
                lander, lander.pressurant.end_pressure, sizing.storage.ullage.helium_pressure
            )
            / timeline.bottle_pressure[-1, -1]
            - 1.0,
        )
