"""A design fixed at its required values and margins, then flown with what nature draws.

A programme fixes chamber, tanks, loads, drives and battery before it knows the truth.  `design` fixes them for a
lander whose leaves hold the required values, with explicit `Margins` for what cannot be required; `fly` takes the true
lander and says what the fixed hardware then weighs and carries, and what it is short of.  Nothing is optimised in
flight and nothing iterates over the design: one pass over any number of samples.

What the truth moves:

    engine     throat and nozzle stay; efficiency moves the chamber pressure at which the pumps hold the thrust, and
               with the lines' losses the thrust that a regulated tank gives a pressure-fed engine
    pumps      speed and power that the flow and the rise of the moment ask of the pump as built
    battery    cells stay: energy, power, sag and heat of the burns against what they hold
    tanks      volume, wall and load stay: soak and regulator band against the pressure that they were built for
    masses     the laws of the components with the true scatter, on the dimensions and ratings as built; growth too

A shortfall is positive where the design is short and negative by its margin where it is not, so that it is smooth and
can be limited at zero.  A surplus of propellant or charge is carried, not traded: the payload is what launch mass,
true hardware and the propellant as loaded leave.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from types import ModuleType
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from models import electric_pump, helium, mission, pressure_fed, propellants, propulsion, quantity, trade
from models.combustion import Delivered
from models.components import (
    battery,
    bus,
    feed_line,
    harness,
    inverter,
    motor,
    pack,
    pressurant,
    pressurisation,
    pump,
    reaction_control,
    residuals,
    tank,
    thermal,
    thrust_chamber,
)
from models.components.blend import smooth_maximum
from models.components.pressurisation import Burn, Ullage
from models.lander import Lander, Sizing, Status
from models.mission import Flight
from models.propulsion import Drives, Propulsion, Storage
from models.quantity import STANDARD_GRAVITY, Columns, FloatArray, Numeric


@dataclass(frozen=True)
class Margins:
    """What the design holds beyond its required values, for all that nobody can be required to deliver.

    Each is applied once, as a change of the design lander (`margined`) or of a rating, and is plain data.  The values
    are judgement: about the 95 % point of the shipped technology uncertainties, item by item.
    """

    specific_impulse: Annotated[float, "-", (0.0, 0.3)] = 0.04
    """Of the impulse predicted; the loss model scatters by 2.7 % from engine to engine."""
    velocity: Annotated[float, "-", (0.0, 0.2)] = 0.02
    """Of the velocity increments, beside the lander's own reserve."""
    propellant: Annotated[float, "-", (0.0, 0.2)] = 0.005
    """Of the main propellant, loaded beyond residuals."""
    helium: Annotated[float, "-", (0.0, 1.0)] = 0.20
    """Of the helium predicted."""
    band: Annotated[float, "Pa", (0.0, 1e6)] = 20e3
    """Of the tanks' pressure beyond the regulator band."""
    soak: Annotated[float, "K", (0.0, 30.0)] = 12.0
    """Of the hottest soak of a locked tank."""
    inlet_temperature: Annotated[float, "K", (0.0, 30.0)] = 15.0
    """Of the propellant at the pump's inlet, for suction: a pump for 20 C is bought for 35 C."""
    power: Annotated[float, "-", (0.0, 2.0)] = 0.25
    """Of shaft, motor, inverter, harness and battery power."""
    energy: Annotated[float, "-", (0.0, 2.0)] = 0.10
    """Of the energy held by the battery."""
    battery_temperature: Annotated[float, "K", (0.0, 60.0)] = 12.0
    """Below the highest that the cells bear."""
    bus_sharing: Annotated[float, "-", (0.0, 1.0)] = 0.5
    """Of the bus battery's share that the design counts on, not relied upon."""

    def __post_init__(self) -> None:
        quantity.check(self)


NO_MARGINS = Margins(*([0.0] * len(dataclasses.fields(Margins))))
"""The design with hindsight: exactly that of `trade.size`."""


def margined(lander: Lander, margins: Margins) -> Lander:
    """The lander whose best design holds the margins: each a change of one leaf (ratings: of the leaves behind them).

    Required specific powers hold at the demand, not at the rating, so they are divided as the predicted ones are.
    """
    more = 1.0 + margins.power
    return quantity.substitute(
        lander,
        {
            "thrust_chamber.efficiency": lander.thrust_chamber.efficiency * (1.0 - margins.specific_impulse),
            "mission.reserve_factor": lander.mission.reserve_factor + margins.velocity,
            "residuals.fraction": lander.residuals.fraction + margins.propellant,
            "pressurant.helium_multiplier": lander.pressurant.helium_multiplier * (1.0 + margins.helium),
            "tank.regulator_band": lander.tank.regulator_band + margins.band,
            "tank.soak_temperature": lander.tank.soak_temperature + margins.soak,
            "pump_inlet_heating": lander.pump_inlet_heating + margins.inlet_temperature,
            "power_limit": lander.power_limit / more,
            "motor.specific_torque": lander.motor.specific_torque / more,
            "motor.specific_power": lander.motor.specific_power / more,
            "motor.required_specific_power": lander.motor.required_specific_power / more,
            "inverter.specific_power": lander.inverter.specific_power / more,
            "inverter.required_specific_power": lander.inverter.required_specific_power / more,
            "battery.specific_power": lander.battery.specific_power / more,
            "battery.usable_multiplier": lander.battery.usable_multiplier / (1.0 + margins.energy),
            "battery.maximum_temperature": lander.battery.maximum_temperature - margins.battery_temperature,
            "battery.bus_share": lander.battery.bus_share * (1.0 - margins.bus_sharing),
        },
    )


@dataclass(frozen=True)
class FrozenLine:
    """One drive as built: pump, motor and inverter of one propellant of one engine."""

    flow: float
    """m3/s, rated."""
    work: float
    """J/kg of the pump at its rated point."""
    speed: float
    """rad/s, rated."""
    pump_power: float
    """W at the shaft for which the pump was sized: its mass follows."""
    shaft_rating: float
    """W at the shaft, with the power margin: motor and shaft."""
    inverter_rating: float
    """W of inverter output, with the power margin."""


@dataclass(frozen=True)
class FrozenDrives:
    """All that electric pumps add, as built."""

    lines: tuple[FrozenLine, FrozenLine]
    """Oxidiser, fuel."""
    power_rating: float
    """W of all pumps at the battery's main bus: harness and converter, and the allocation that is to be kept."""
    cells: float
    """In the pumps' own battery."""
    bus_cells: float
    """In the bus battery, of which a share may be lent."""
    heat: float
    """J of the drives' losses for which the sinks were sized."""


@dataclass(frozen=True)
class FrozenDesign:
    """A lander's propulsion as built: scalars, SI, plain data."""

    launch_mass: float
    thrust: float
    """N of all engines at the rated point."""
    engines: float
    mixture_ratio: float
    chamber_pressure: float
    area_ratio: float
    throat_area: float
    """m2, one engine."""
    nozzle_surface: float
    """m2, one engine."""
    engine_length: float
    exit_diameter: float
    characteristic_velocity: float
    """m/s at the rated point."""
    flow: float
    """kg/s of one engine at the rated point."""
    tank_number: float
    """Of each propellant."""
    tank_pressures: tuple[float, float]
    """Pa, regulated: oxidiser, fuel."""
    tank_volumes: tuple[float, float]
    """m3 of one tank: oxidiser, fuel."""
    maximum_pressures: tuple[float, float]
    """Pa for which the tanks were built: oxidiser, fuel."""
    loads: tuple[float, float]
    """kg: oxidiser, fuel."""
    bottle_volume: float
    helium: float
    """kg loaded."""
    helium_correction: float
    """Marched helium of the design over the correlation's."""
    landed_mass: float
    """kg for which the legs were built."""
    margins: Margins
    drives: FrozenDrives | None
    """None: pressure-fed."""


def design(architecture: ModuleType, lander: Lander, margins: Margins | None = None) -> FrozenDesign:
    """The best design of `architecture` (`pressure_fed` or `electric_pump`) at the values of `lander`, with `margins`.

    A scalar lander whose leaves hold the required values.  Raises ValueError where it has no design, saying why.
    """
    margins = Margins() if margins is None else margins
    best = trade.size(architecture, margined(lander, margins))
    sizing, chosen = best.sizing, quantity.take(best.lander, np.array([0]))
    status = Status(int(sizing.status[0]))
    if status is not Status.GOOD:
        raise ValueError(
            f"no frozen design: {architecture.__name__.rpartition('.')[2]} at the required values and margins is "
            f"{status.name.lower().replace('_', ' ')}; relax a required value or a margin"
        )
    pumped = architecture is electric_pump
    pressure, ratio = float(sizing.chamber_pressure[0]), float(sizing.area_ratio[0])
    flown = propulsion.fly(chosen, lander.launch_mass, pressure, ratio, pumped=pumped)
    delivered = thrust_chamber.performance(
        chosen.thrust_chamber, chosen.propellants, pressure, chosen.mixture_ratio, ratio
    )
    each = lander.thrust / lander.engines
    shape = thrust_chamber.geometry(
        chosen.thrust_chamber, each, pressure, delivered.thrust_coefficient, ratio
    )
    storage: Storage = sizing.storage
    tank_pressure = float(sizing.tank_pressure[0])
    jacket = float(thrust_chamber.cooling_pressure_drop(chosen.thrust_chamber, pressure))
    return FrozenDesign(
        launch_mass=float(lander.launch_mass),
        thrust=float(lander.thrust),
        engines=float(lander.engines),
        mixture_ratio=float(lander.mixture_ratio),
        chamber_pressure=pressure,
        area_ratio=ratio,
        throat_area=_scalar(shape.throat_area),
        nozzle_surface=_scalar(shape.nozzle_surface),
        engine_length=_scalar(shape.length),
        exit_diameter=_scalar(shape.exit_diameter),
        characteristic_velocity=_scalar(delivered.characteristic_velocity),
        flow=_scalar(each / (STANDARD_GRAVITY * delivered.specific_impulse)),
        tank_number=float(lander.tank.number),
        tank_pressures=(tank_pressure, tank_pressure + (0.0 if pumped else jacket)),
        tank_volumes=(_scalar(storage.oxidiser_tank_volume), _scalar(storage.fuel_tank_volume)),
        maximum_pressures=(
            _scalar(storage.oxidiser_maximum_pressure),
            _scalar(storage.fuel_maximum_pressure),
        ),
        loads=(_scalar(flown.oxidiser), _scalar(flown.fuel)),
        bottle_volume=_bottle_volume(chosen, _scalar(storage.helium)),
        helium=_scalar(storage.helium),
        helium_correction=_scalar(chosen.pressurant.helium_multiplier)
        / (float(lander.pressurant.helium_multiplier) * (1.0 + margins.helium)),
        landed_mass=_scalar(flown.flight.landed_mass),
        margins=margins,
        drives=_drives(chosen, lander, sizing, margins) if pumped else None,
    )


def _scalar(value: Numeric) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def _bottle_volume(lander: Lander, helium_mass: float) -> float:
    full = helium.density(lander.pressurant.bottle_pressure, lander.propellant_temperature)
    return helium_mass / _scalar(full)


def _drives(chosen: Lander, lander: Lander, sizing: Sizing, margins: Margins) -> FrozenDrives:
    """The drives of a best design with their ratings; `chosen` is the lander with its margins, `lander` without."""
    more = 1.0 + margins.power
    rated = electric_pump.rated_lines(
        chosen, sizing.specific_impulse, sizing.chamber_pressure, sizing.tank_pressure
    )
    warm = propulsion.liquids(chosen, chosen.propellant_temperature + chosen.pump_inlet_heating)
    lines = [
        FrozenLine(
            flow=_scalar(line.flow),
            work=_scalar(line.rise / density),
            speed=_scalar(line.pump.speed),
            pump_power=_scalar(line.pump.shaft_power),
            shaft_rating=_scalar(line.pump.shaft_power) * more,
            inverter_rating=_scalar(line.motor.electric_power) * more,
        )
        for line, density in zip(rated, (warm.oxidiser_density, warm.fuel_density), strict=True)
    ]
    cells = chosen.battery
    own = bus.stored_energy(chosen.bus) / (cells.specific_energy * sizing.details["battery usable factor"])
    power = _scalar(sizing.electric_power)
    return FrozenDrives(
        lines=(lines[0], lines[1]),
        power_rating=min(power * more, float(lander.power_limit)),
        cells=_scalar(battery.cells(sizing.masses["battery"], cells)),
        bus_cells=_scalar(battery.cells(own, cells)),
        heat=_scalar(sizing.details["drive heat"]),
    )


# The truth


def fly(frozen: FrozenDesign, truth: Lander) -> dict[str, FloatArray]:
    """What the design carries and is short of when the lander is `truth` (floats or (n,)): named columns, SI units.

    Columns by the names of `COLUMNS`, with pumps also those of `PUMP_COLUMNS`.  `status` names the first shortfall, or
    why there is no flight; then all else is NaN.  Launch mass, thrust, mixture ratio and numbers of parts are the
    design's.
    """
    n = quantity.rows(truth)
    pumped = frozen.drives is not None
    with np.errstate(all="ignore"):
        engine = _engine(frozen, truth)
        thrusters = reaction_control.effect(truth.reaction_control, pumped=pumped)
        flight = mission.fly(
            truth.mission,
            launch_mass=frozen.launch_mass,
            thrust=engine.thrust,
            specific_impulse=engine.specific_impulse,
            thruster_share=truth.reaction_control.propellant_share,
            thruster_specific_impulse=thrusters.specific_impulse,
            minimum_throttle=truth.thrust_chamber.minimum_throttle,
            engines=frozen.engines,
            throttling_loss=truth.thrust_chamber.throttle_loss,
        )
        loads = _loads(frozen, truth, engine, flight)
        storage, overpressure, helium_need = _storage(frozen, truth, flight)
        shortfalls = {
            "propellant_shortfall": -loads.margin,
            "helium_shortfall": helium_need - frozen.helium,
            "tank_pressure_shortfall": overpressure,
        }
        drives = None
        if frozen.drives is not None:
            drives, short = _run_drives(frozen, frozen.drives, truth, engine, flight)
            shortfalls |= short
        budget = propulsion.budget(
            truth,
            frozen.launch_mass,
            loads.propulsion,
            storage,
            engine.chamber_pressure,
            frozen.area_ratio,
            frozen.tank_pressures[0],
            drives=drives,
        )
        columns: dict[str, FloatArray] = {
            "payload": budget.payload,
            "propulsion_mass": budget.propulsion_mass,
            "dry_mass": budget.dry_mass,
            "specific_impulse": engine.specific_impulse,
            "chamber_pressure": engine.chamber_pressure,
            "thrust_to_weight": flight.thrust_to_weight,
            "burn_time": budget.burn_time,
            **shortfalls,
        }
        if pumped:
            columns |= {
                "power_drive_mass": budget.power_drive_mass,
                "electric_power": budget.electric_power,
                "electric_energy": budget.electric_energy,
                "oxidiser_pump_efficiency": np.asarray(budget.details["oxidiser pump efficiency"]),
                "fuel_pump_efficiency": np.asarray(budget.details["fuel pump efficiency"]),
            }
        status = _status(truth, columns, n)
    flown = (status == Status.GOOD) | (status > Status.NOT_CONVERGED)
    return {
        name: np.where(flown, np.broadcast_to(value, (n,)), np.nan) for name, value in columns.items()
    } | {"status": status.astype(np.float64)}


@dataclass(frozen=True)
class _Engine:
    """All engines at full thrust, in truth."""

    thrust: FloatArray
    specific_impulse: FloatArray
    chamber_pressure: FloatArray
    flow: FloatArray
    """kg/s, one engine."""


def _engine(frozen: FrozenDesign, truth: Lander) -> _Engine:
    """Where the engine runs.  With pumps: thrust is held, p_c = F / (C_F A_t).  Pressure-fed, flow over rated f:

    p_tank = f p_c (c* / c*_0) + f^2 (dp_line + x p_c)
    """

    def performance(pressure: Numeric) -> Delivered:
        return thrust_chamber.performance(
            truth.thrust_chamber, truth.propellants, pressure, frozen.mixture_ratio, frozen.area_ratio
        )

    nominal = performance(frozen.chamber_pressure)
    if frozen.drives is not None:
        pressure = frozen.thrust / (frozen.engines * nominal.thrust_coefficient * frozen.throat_area)
        impulse = performance(pressure).specific_impulse
        flow = frozen.thrust / (STANDARD_GRAVITY * frozen.engines * impulse)
        return _Engine(frozen.thrust + 0.0 * impulse, impulse, np.asarray(pressure), flow)
    rated = frozen.chamber_pressure
    chamber = rated * nominal.characteristic_velocity / frozen.characteristic_velocity
    orifices = feed_line.inlet_pressure(rated, truth.feed_line) - rated
    supply = frozen.tank_pressures[0]
    part = 2.0 * supply / (chamber + np.sqrt(chamber**2 + 4.0 * orifices * supply))
    pressure = chamber * part
    impulse = performance(pressure).specific_impulse
    flow = frozen.flow * part
    return _Engine(STANDARD_GRAVITY * impulse * flow * frozen.engines, impulse, pressure, flow)


@dataclass(frozen=True)
class _Loads:
    propulsion: Propulsion
    margin: FloatArray
    """kg left beyond residuals."""


def _loads(frozen: FrozenDesign, truth: Lander, engine: _Engine, flight: Flight) -> _Loads:
    """What the flight takes of what was loaded, and the engines' true mass; what is left counts as residual."""
    pumped = frozen.drives is not None
    main = flight.main_propellant.sum(axis=0)
    thruster = flight.propellant.sum(axis=0) - main
    start = np.asarray(residuals.start_losses(truth.residuals) if pumped else 0.0) + 0.0 * main
    loaded = sum(frozen.loads)
    left = loaded - main - thruster - start
    one = thrust_chamber.mass(
        truth.thrust_chamber, frozen.thrust / frozen.engines, frozen.chamber_pressure, frozen.nozzle_surface
    )
    spent = Propulsion(
        specific_impulse=engine.specific_impulse,
        engine_mass=one * frozen.engines,
        engine_length=np.asarray(frozen.engine_length),
        exit_diameter=np.asarray(frozen.exit_diameter),
        flight=dataclasses.replace(flight, landed_mass=frozen.landed_mass + 0.0 * flight.landed_mass),
        main_propellant=main,
        thruster_propellant=thruster,
        residual=left,
        start_loss=start,
        oxidiser=np.asarray(frozen.loads[0]),
        fuel=np.asarray(frozen.loads[1]),
    )
    return _Loads(spent, left - residuals.residual_mass(main, truth.residuals, pumped=pumped))


def _storage(frozen: FrozenDesign, truth: Lander, flight: Flight) -> tuple[Storage, FloatArray, FloatArray]:
    """Tanks and bottles as built with their true masses; Pa beyond what the tanks were built for; helium needed, kg."""
    loading, specification = truth.propellant_temperature, truth.tank
    cold = propulsion.liquids(truth, loading)
    hot = propulsion.liquids(truth, specification.soak_temperature)
    shells: Numeric = 0.0
    gas: Numeric = 0.0
    area: Numeric = 0.0
    weighted: Numeric = 0.0
    excess = []
    for k, (density, soak_density, vapour, soak_vapour) in enumerate(
        (
            (
                cold.oxidiser_density,
                hot.oxidiser_density,
                cold.oxidiser_vapour_pressure,
                hot.oxidiser_vapour_pressure,
            ),
            (cold.fuel_density, hot.fuel_density, cold.fuel_vapour_pressure, hot.fuel_vapour_pressure),
        )
    ):
        volume, pressure, maximum = (
            frozen.tank_volumes[k],
            frozen.tank_pressures[k],
            frozen.maximum_pressures[k],
        )
        shape = tank.shape(volume, specification)
        ullage = 1.0 - frozen.loads[k] / (density * frozen.tank_number * volume)
        soak = tank.soak_pressure(
            pressure,
            ullage,
            temperature=loading,
            soak_temperature=specification.soak_temperature,
            density=density,
            soak_density=soak_density,
            vapour_pressure=vapour,
            soak_vapour_pressure=soak_vapour,
        )
        head = tank.hydrostatic_pressure(density, flight.acceleration, shape.length)
        excess.append(tank.maximum_pressure(pressure + head, soak, specification) - maximum)
        shells = shells + frozen.tank_number * tank.mass(volume, maximum, specification)
        gas = gas + frozen.tank_number * volume * ullage
        area = area + frozen.tank_number * shape.area
        partial = pressurant.partial_pressure(pressure, vapour, truth.pressurant)
        weighted = weighted + frozen.tank_number * volume * partial
    total = frozen.tank_number * sum(frozen.tank_volumes)
    ullages = Ullage(weighted / total, gas, total, area)
    ratio = frozen.mixture_ratio / (1.0 + frozen.mixture_ratio)
    specific_volume = ratio / cold.oxidiser_density + (1.0 - ratio) / cold.fuel_density
    # Braking and terminal descent follow each other without a coast: one burn for the gas.
    joined = [
        np.concatenate([v[:-2], v[-2:].sum(axis=0)[None]]) for v in (flight.duration, flight.propellant)
    ]
    burns = [Burn(duration, mass * specific_volume) for duration, mass in zip(*joined, strict=True)]
    need = pressurisation.supply_estimated(burns, ullages, truth.pressurant, temperature=loading)
    storage = Storage(
        tanks=shells,
        bottles=pressurant.bottle_mass(frozen.bottle_volume, truth.pressurant),
        helium=frozen.helium,
        oxidiser_tank_volume=frozen.tank_volumes[0],
        fuel_tank_volume=frozen.tank_volumes[1],
        oxidiser_maximum_pressure=frozen.maximum_pressures[0],
        fuel_maximum_pressure=frozen.maximum_pressures[1],
        burns=burns,
        ullage=ullages,
    )
    return storage, np.maximum(*excess), np.asarray(need.helium_mass * frozen.helium_correction)


@dataclass(frozen=True)
class _Running:
    """One drive as built on the truth's duty; powers in W."""

    speed: FloatArray
    shaft: FloatArray
    bus: FloatArray
    efficiency: FloatArray
    motor_temperature: FloatArray


def _run_line(
    line: FrozenLine,
    truth: Lander,
    *,
    flow: Numeric,
    rise: Numeric,
    density: Numeric,
    viscosity: Numeric,
    duration: Numeric,
) -> _Running:
    """Flow m3/s and rise Pa through a drive as built; windings after `duration` (s) from the propellant's temperature.

    Pump: its true efficiency at the rated point, and the map from there.  Motor: losses are linear in the winding's
    temperature, L = L_0 + k (T - T_0), so that with G the conductance to the propellant and C = m c

        T - T_0 = (L_0 t / C) (1 - exp(-x)) / x,   x = (G - k) t / C
    """
    head = rise / (density * line.work)
    part = flow / line.flow
    predicted = pump.losses(line.flow, line.work, line.speed, density, viscosity, truth.pump).efficiency
    efficiency = pump.levied(
        truth.pump.required_efficiency, predicted * np.asarray(truth.pump.efficiency_multiplier)
    )
    ratio = pump.speed_ratio(part, head)
    shaft = line.flow * line.work * density / efficiency * pump.power_ratio(part, head)
    built = motor.design(line.shaft_rating, line.speed, density, viscosity, truth.motor)
    torque = shaft / (line.shaft_rating * ratio)
    inlet = truth.propellant_temperature + truth.pump_inlet_heating
    cold, warm = (motor.loss(built, torque, ratio, inlet + rise, truth.motor) for rise in (0.0, 1.0))
    capacity = built.mass * truth.motor.specific_heat
    exponent = (truth.motor.conductance - (warm - cold)) * duration / capacity
    exponent = np.where(np.abs(exponent) < 1e-9, 1e-9, exponent)
    rise_of_winding = cold * duration / capacity * -np.expm1(-exponent) / exponent
    terminal = shaft + cold + (warm - cold) * rise_of_winding
    return _Running(
        speed=line.speed * ratio,
        shaft=shaft,
        bus=terminal + inverter.loss(terminal, line.inverter_rating, truth.inverter),
        efficiency=efficiency * pump.efficiency_ratio(part, head),
        motor_temperature=inlet + rise_of_winding,
    )


def _run_drives(
    frozen: FrozenDesign, built: FrozenDrives, truth: Lander, engine: _Engine, flight: Flight
) -> tuple[Drives, dict[str, FloatArray]]:
    """The drives' true masses, power and energy, and what they and the battery are short of."""
    feed, pair = truth.feed_line, truth.propellants
    inlet = truth.propellant_temperature + truth.pump_inlet_heating
    warm = propulsion.liquids(truth, inlet)
    part = engine.flow / frozen.flow
    supply = frozen.tank_pressures[0]
    jacket = thrust_chamber.cooling_pressure_drop(truth.thrust_chamber, frozen.chamber_pressure)
    suction = supply - feed_line.suction_pressure_drop(feed, throttle=part)
    ratio = frozen.mixture_ratio / (1.0 + frozen.mixture_ratio)
    low = flight.flow[-1] / np.maximum(flight.running[-1], 1e-9)
    longest = flight.duration.max(axis=0)

    def needed(throttle: Numeric, cooling: Numeric) -> FloatArray:
        """Rise in Pa at a share of the full flow; the chamber's pressure in truth, orifices at their rated flow."""
        at = feed_line.inlet_pressure(
            frozen.chamber_pressure, feed, throttle=part * throttle, cooling_drop=cooling
        )
        return at + throttle * (engine.chamber_pressure - part * frozen.chamber_pressure) - supply

    shares = (ratio, 1.0 - ratio)
    densities = (warm.oxidiser_density, warm.fuel_density)
    vapours = (warm.oxidiser_vapour_pressure, warm.fuel_vapour_pressure)
    runs, terminal, cavitation = [], np.zeros(np.shape(flight.landed_mass)), []
    for k, line in enumerate(built.lines):
        cooling = jacket * float(k)
        flow = engine.flow * shares[k] / densities[k]
        duty = {
            "density": densities[k],
            "viscosity": propellants.viscosity((pair.oxidiser, pair.fuel)[k], inlet),
            "duration": longest,
        }
        run = _run_line(line, truth, flow=flow, rise=needed(1.0, cooling), **duty)
        runs.append(run)
        # Where the tank alone nearly feeds the throttled engine, the pump still turns with the flow (phi < 1.5).
        floor = 0.35 * (flow * low / line.flow) ** 2 * line.work * densities[k]
        rise = smooth_maximum(np.maximum(needed(low, cooling), 0.0), floor)
        terminal = terminal + _run_line(line, truth, flow=flow * low, rise=rise, **duty).bus
        required = densities[k] * pump.required_suction_energy(run.speed, flow, truth.pump)
        cavitation.append(required - (suction - vapours[k]))

    engines = frozen.engines
    at_bus = engines * sum(run.bus for run in runs)
    full = at_bus + harness.loss(at_bus, built.power_rating, truth.harness)
    terminal = engines * flight.running[-1] * terminal
    terminal = terminal + harness.loss(terminal, built.power_rating, truth.harness)
    demand = electric_pump.demand(truth, flight, full, terminal)
    cells = built.cells + truth.battery.bus_share * built.bus_cells
    given = pack.held(cells, demand.stored, demand.mean_power, truth.battery)

    sets = engines * truth.drives_per_line
    whole = 0.0 * full
    masses = Drives(
        pumps=sets * sum(pump.mass(line.pump_power, line.speed, truth.pump) for line in built.lines) + whole,
        motors=sets * sum(motor.mass(line.shaft_rating, line.speed, truth.motor) for line in built.lines)
        + whole,
        inverters=sets * sum(inverter.mass(line.inverter_rating, truth.inverter) for line in built.lines)
        + whole,
        battery=built.cells * pack.cell_energy(truth.battery) / truth.battery.specific_energy + whole,
        harness=harness.mass(built.power_rating, 2.0 * sets, truth.harness) + whole,
        thermal=np.asarray(thermal.mass(built.heat, truth.thermal) + whole),
        plumbing=np.asarray(feed_line.pump_plumbing_mass(sets, feed) + whole),
        sumps=np.asarray(2.0 * frozen.tank_number * truth.residuals.sump_mass + whole),
        power=full,
        energy=demand.energies.sum(axis=0),
        details={
            "oxidiser pump efficiency": runs[0].efficiency,
            "fuel pump efficiency": runs[1].efficiency,
        },
    )
    return masses, {
        "suction_shortfall": np.maximum(*cavitation),
        "drive_power_shortfall": np.maximum(
            *(run.shaft - line.shaft_rating for run, line in zip(runs, built.lines, strict=True))
        ),
        "electric_power_shortfall": np.asarray(full - built.power_rating),
        "battery_power_shortfall": pack.power_shortfall(cells, full, demand.end_power, truth.battery),
        "charge_shortfall": demand.stored - given.energy,
        "battery_temperature_shortfall": np.asarray(given.temperature - truth.battery.maximum_temperature),
        "motor_temperature_shortfall": np.maximum(*(run.motor_temperature for run in runs))
        - truth.motor.maximum_temperature,
    }


STATUSES: tuple[tuple[Status, tuple[str, ...]], ...] = (
    (Status.OVERPRESSURED, ("tank_pressure_shortfall",)),
    (Status.SHORT_OF_SUCTION, ("suction_shortfall",)),
    (
        Status.SHORT_OF_POWER,
        ("drive_power_shortfall", "electric_power_shortfall", "battery_power_shortfall"),
    ),
    (Status.TOO_HOT, ("battery_temperature_shortfall", "motor_temperature_shortfall")),
    (Status.SHORT_OF_CHARGE, ("charge_shortfall",)),
    (Status.SHORT_OF_HELIUM, ("helium_shortfall",)),
    (Status.SHORT_OF_PROPELLANT, ("propellant_shortfall",)),
)
"""Shortfalls in the order in which a mission meets them, and the status that each brings."""

ROUNDING = {"kg": 1e-6, "Pa": 1.0, "W": 1e-3, "J": 10.0, "K": 1e-3}
"""By unit, what is no shortfall: a design without margins meets its own truth exactly."""
SHORTFALLS = {
    "propellant_shortfall": "kg",
    "helium_shortfall": "kg",
    "tank_pressure_shortfall": "Pa",
}
"""What either architecture can be short of, with units: limit each at zero."""
PUMP_SHORTFALLS = {
    "suction_shortfall": "Pa",
    "drive_power_shortfall": "W",
    "electric_power_shortfall": "W",
    "battery_power_shortfall": "W",
    "charge_shortfall": "J",
    "battery_temperature_shortfall": "K",
    "motor_temperature_shortfall": "K",
}
"""What pumps can be short of besides."""
_SHORTFALLS = SHORTFALLS | PUMP_SHORTFALLS
COLUMNS = {
    "payload": "kg",
    "propulsion_mass": "kg",
    "dry_mass": "kg",
    "specific_impulse": "s",
    "chamber_pressure": "Pa",
    "thrust_to_weight": "-",
    "burn_time": "s",
    **SHORTFALLS,
    "status": "-",
}
"""Every column of `fly` with its unit."""
PUMP_COLUMNS = {
    "power_drive_mass": "kg",
    "electric_power": "W",
    "electric_energy": "J",
    "oxidiser_pump_efficiency": "-",
    "fuel_pump_efficiency": "-",
    **PUMP_SHORTFALLS,
}
"""Further columns where pumps fly."""


def _status(truth: Lander, columns: Columns, n: int) -> NDArray[np.int64]:
    """Why there is no flight, else the first shortfall, else GOOD."""
    finite = {
        name: np.broadcast_to(np.isfinite(np.asarray(value, dtype=np.float64)), (n,))
        for name, value in columns.items()
    }
    reasons: list[tuple[NDArray[np.bool_], Status]] = [
        (quantity.out_of_range(truth, n) | ~finite["specific_impulse"], Status.OUT_OF_RANGE),
        (~finite["burn_time"], Status.CANNOT_LAND),
        (~finite["tank_pressure_shortfall"], Status.TANK_LIMITED),
        (~np.all(list(finite.values()), axis=0), Status.OUT_OF_RANGE),
    ]
    for status, names in STATUSES:
        short = [
            np.broadcast_to(columns[name] > ROUNDING[_SHORTFALLS[name]], (n,))
            for name in names
            if name in columns
        ]
        if short:
            reasons.append((np.any(short, axis=0), status))
    chosen = np.select([r for r, _ in reasons], [int(s) for _, s in reasons], default=int(Status.GOOD))
    return chosen.astype(np.int64)


# Both architectures


OUTPUTS = (
    {
        "payload_gain": "kg",
        "dry_saving": "kg",
        "power_drive_mass": "kg",
        "electric_power": "W",
        "electric_energy": "J",
    }
    | {f"pressure_fed.{name}": unit for name, unit in COLUMNS.items()}
    | {f"electric_pump.{name}": unit for name, unit in (COLUMNS | PUMP_COLUMNS).items()}
)
"""Every output of `FrozenTrade` with its unit."""
LIMITS = tuple(name for name in OUTPUTS if name.startswith("electric_pump.") and name.endswith("_shortfall"))
"""The outputs that must not be positive if the electric pump is to comply; the baseline's are for comparison."""


@dataclass(frozen=True)
class FrozenTrade:
    """Both architectures fixed at the values of one scalar lander, then flown with the truth: a Model of columns.

        model = FrozenTrade(lander)     # leaves hold the required values; margins for the rest; designs both, once
        model({"pump.efficiency_multiplier": draws, ...})   # truth: columns (n,) by dotted leaf, others as designed

    Outputs by the names of `OUTPUTS`.  The reserved column `status` is zero wherever both architectures fly, short or
    not: shortfalls are outputs of their own (`LIMITS`), and `electric_pump.status` and `pressure_fed.status` name the
    first of each.  Raises ValueError, when made, if an architecture has no design at these values.
    """

    lander: Lander
    margins: Margins = field(default_factory=Margins)
    pressure_fed: FrozenDesign = field(init=False)
    electric_pump: FrozenDesign = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pressure_fed", design(pressure_fed, self.lander, self.margins))
        object.__setattr__(self, "electric_pump", design(electric_pump, self.lander, self.margins))

    def __call__(self, columns: Columns) -> Columns:
        """Columns (n,) of true inputs by dotted name -> columns (n,) of outputs by name."""
        return quantity.columnar(self.fly, self.lander)(columns)

    def fly(self, truth: Lander) -> dict[str, FloatArray]:
        """Both designs flown with the true lander, floats or (n,)."""
        a, b = fly(self.pressure_fed, truth), fly(self.electric_pump, truth)
        flown = [(c["status"] == Status.GOOD) | (c["status"] > Status.NOT_CONVERGED) for c in (a, b)]
        return (
            {
                "payload_gain": b["payload"] - a["payload"],
                "dry_saving": a["dry_mass"] - b["dry_mass"],
                "power_drive_mass": b["power_drive_mass"],
                "electric_power": b["electric_power"],
                "electric_energy": b["electric_energy"],
            }
            | {f"pressure_fed.{name}": value for name, value in a.items()}
            | {f"electric_pump.{name}": value for name, value in b.items()}
            | {"status": np.where(flown[0], np.where(flown[1], 0.0, b["status"]), a["status"])}
        )
