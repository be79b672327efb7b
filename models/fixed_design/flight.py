"""A design fixed at its required values and margins, then simulated as realised landers.

A programme fixes chamber, tanks, loads, drives and battery before it knows the realised lander.  `design` fixes them
for a lander whose leaves hold the required values, with explicit `Margins` for what cannot be required; `fly` takes
the realised lander and says what the fixed hardware then weighs and carries, and what it is short of.  Nothing is
optimised in flight and nothing iterates over the design: one pass over any number of samples.

What the realised lander moves:

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
from dataclasses import InitVar, dataclass, field

import numpy as np
from numpy.typing import NDArray

from models import quantity
from models.architectures import electric_pump, pressure_fed, shared
from models.architectures.budget import Sizing, budget
from models.architectures.shared import Propulsion, Storage
from models.components import pressurant, pressurisation, reaction_control, residuals, tank, thrust_chamber
from models.components.pressurisation import Ullage
from models.fixed_design import drives as fixed_drives
from models.fixed_design.design import NO_MARGINS as NO_MARGINS
from models.fixed_design.design import FixedDesign as FixedDesign
from models.fixed_design.design import FixedDrives as FixedDrives
from models.fixed_design.design import FixedLine as FixedLine
from models.fixed_design.design import Margins as Margins
from models.fixed_design.design import design as design
from models.fixed_design.design import designs as designs
from models.fixed_design.design import margined as margined
from models.fixed_design.drives import Engine
from models.flight import mission
from models.flight.mission import Flight
from models.lander import Lander, Status, own_lander
from models.properties.propellants import PerPropellant
from models.quantity import Columns, FloatArray, Numeric

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
    (Status.SHORT_OF_PROPELLANT, ("propellant_shortfall", "thruster_propellant_shortfall")),
)
"""Shortfalls in the order in which a mission meets them, and the status that each brings."""

ROUNDING = {"kg": 1e-6, "Pa": 1.0, "W": 1e-3, "J": 10.0, "K": 1e-3}
"""By unit, what is no shortfall: a design without margins meets its own realised lander exactly."""
SHORTFALLS = {
    "propellant_shortfall": "kg",
    "thruster_propellant_shortfall": "kg",
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
    "wet_mass": "kg",
    "chamber_pressure": "Pa",
    "area_ratio": "-",
    "oxidiser_tank_pressure": "Pa",
    "fuel_tank_pressure": "Pa",
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
    "additional_power_share": "-",
    "additional_energy_share": "-",
    "oxidiser_pump_efficiency": "-",
    "fuel_pump_efficiency": "-",
    **PUMP_SHORTFALLS,
}
"""Further columns where pumps fly."""


def fly(fixed: FixedDesign, realised: Lander) -> dict[str, FloatArray]:
    """What the design carries and is short of when the lander is `realised` (floats or (n,)): named columns, SI units.

    Columns by the names of `COLUMNS`, with pumps also those of `PUMP_COLUMNS`.  `status` names the first shortfall, or
    why there is no flight; then all else is NaN.  Launch mass, thrust, mixture ratio and numbers of parts are the
    design's.  Wet mass is what the hardware as built, its loads and the lander's own payload weigh together: at most
    the design's launch mass exactly where the payload that can be carried is at least the lander's.

    Parameters
    ----------
    fixed : FixedDesign
        The design as built.
    realised : Lander
        The lander as it turns out; floats, or leaves of shape (n,)

    Returns
    -------
    dict of str to ndarray (n,)
        `status` and the columns of `COLUMNS`, with pumps those of `PUMP_COLUMNS`; NaN where there is no flight.
    """
    n = quantity.rows(realised)
    columns = simulate(fixed, realised).columns
    status = _status(realised, columns, n)
    simulated = (status == Status.GOOD) | (status > Status.NOT_CONVERGED)
    return {
        name: np.where(simulated, np.broadcast_to(value, (n,)), np.nan) for name, value in columns.items()
    } | {"status": status.astype(np.float64)}


@dataclass(frozen=True)
class Simulated:
    """A fixed design simulated in one realised lander, whether or not it is short of something."""

    engine: Engine
    """Where the engine runs."""
    flight: Flight
    """The burns."""
    sizing: Sizing
    """Its masses as built."""
    columns: dict[str, FloatArray]
    """Those of `fly`, before the status."""


def simulate(fixed: FixedDesign, realised: Lander) -> Simulated:
    """What `fly` knows of the flight, its masses and its columns: `realised` holds floats or (n,).

    Parameters
    ----------
    fixed : FixedDesign
        The design as built.
    realised : Lander
        The lander as it turns out; floats, or leaves of shape (n,)

    Returns
    -------
    Simulated
    """
    realised = _as_chosen(fixed, realised)
    n = quantity.rows(realised)
    pumped = fixed.drives is not None
    realised = own_lander(realised, pumped=pumped)
    with np.errstate(all="ignore"):
        engine = fixed_drives.engine(fixed, realised)
        thrusters = reaction_control.effect(realised.reaction_control, pumped=pumped)
        flight = mission.fly(
            realised.mission,
            launch_mass=np.full(n, fixed.launch_mass),
            thrust=engine.thrust,
            specific_impulse=engine.specific_impulse,
            thruster_share=realised.reaction_control.propellant_share,
            thruster_specific_impulse=thrusters.specific_impulse,
            minimum_throttle=realised.thrust_chamber.minimum_throttle,
            engines=fixed.engines,
            throttling_loss=realised.thrust_chamber.throttle_loss,
            engines_out=realised.engines_out,
            braking_thrust=realised.reaction_control.braking_thrust,
            landing_thrust=realised.reaction_control.landing_thrust,
        )
        loads = _loads(fixed, realised, engine, flight)
        storage, overpressure, helium_need = _storage(fixed, realised, flight)
        shortfalls = {
            "propellant_shortfall": -loads.margin,
            "thruster_propellant_shortfall": -loads.thruster_margin,
            "helium_shortfall": helium_need - fixed.helium,
            "tank_pressure_shortfall": overpressure,
        }
        feed = None
        if fixed.drives is not None:
            feed, of_drives = fixed_drives.run(
                fixed,
                fixed.drives,
                realised,
                engine,
                flight,
                None if storage.blown_down is None else storage.blown_down.excess_pressures,
            )
        sizing = budget(
            realised,
            fixed.launch_mass,
            loads.propulsion,
            storage,
            engine.chamber_pressure,
            fixed.area_ratio,
            PerPropellant[Numeric](*fixed.tank_pressures),
            feed=feed,
        )
        columns: dict[str, FloatArray] = {
            "payload": sizing.payload,
            "propulsion_mass": sizing.propulsion_mass,
            "dry_mass": sizing.dry_mass,
            "specific_impulse": engine.specific_impulse,
            "wet_mass": fixed.launch_mass - sizing.payload + np.asarray(realised.payload),
            "chamber_pressure": engine.chamber_pressure,
            "area_ratio": np.asarray(fixed.area_ratio),
            "oxidiser_tank_pressure": np.asarray(fixed.tank_pressures[0]),
            "fuel_tank_pressure": np.asarray(fixed.tank_pressures[1]),
            "thrust_to_weight": flight.thrust_to_weight,
            "burn_time": sizing.burn_time,
            **shortfalls,
        }
        if feed is not None:
            columns |= of_drives | {
                "power_drive_mass": sizing.power_drive_mass,
                "electric_power": sizing.electric_power,
                "electric_energy": sizing.electric_energy,
                "additional_power_share": sizing.electric_power / np.asarray(realised.bus.house_load),
                "additional_energy_share": sizing.electric_energy
                / (np.asarray(realised.bus.house_load) * sizing.burn_time),
            }
    return Simulated(engine, flight, sizing, columns)


def _as_chosen(fixed: FixedDesign, realised: Lander) -> Lander:
    """The realised lander with what the design's search was free to choose, and chose."""
    chosen = {}
    if 0.0 < realised.least_mixture_ratio < realised.most_mixture_ratio:
        chosen["mixture_ratio"] = fixed.mixture_ratio
    if fixed.drives is not None and 0.0 < realised.battery.least_depth < realised.battery.most_depth:
        chosen["battery.depth"] = fixed.drives.depth
    return quantity.substitute(realised, chosen)


@dataclass(frozen=True)
class _Loads:
    propulsion: Propulsion
    margin: FloatArray
    """kg left beyond residuals in the main tanks."""
    thruster_margin: FloatArray
    """kg left beyond residuals in the thrusters' own tanks; that of the main tanks where these feed them."""


def _loads(fixed: FixedDesign, realised: Lander, engine: Engine, flight: Flight) -> _Loads:
    """What the flight takes of what was loaded, and the engines' true mass; what is left counts as residual."""
    pumped = fixed.drives is not None
    main = flight.main_propellant.sum(axis=0)
    thruster = flight.propellant.sum(axis=0) - main
    start = np.asarray(shared.start_losses(realised, flight, pumped=pumped)) + 0.0 * main
    loaded = sum(fixed.loads) + fixed.thruster_load
    left = loaded - main - thruster - start
    one = thrust_chamber.mass(
        realised.thrust_chamber,
        fixed.thrust / fixed.engines,
        fixed.chamber_pressure,
        fixed.nozzle_surface,
    )
    spent = Propulsion(
        specific_impulse=engine.specific_impulse,
        engine_mass=one * fixed.engines,
        engine_length=np.asarray(fixed.engine_length),
        exit_diameter=np.asarray(fixed.exit_diameter),
        flight=dataclasses.replace(flight, landed_mass=fixed.landed_mass + 0.0 * flight.landed_mass),
        main_propellant=main,
        thruster_propellant=thruster,
        residual=left,
        start_loss=start,
        oxidiser=np.asarray(fixed.loads[0]),
        fuel=np.asarray(fixed.loads[1]),
        thruster_load=np.asarray(fixed.thruster_load),
    )
    stays = residuals.residual_mass(thruster, realised.residuals, pumped=False)
    margin = left - residuals.residual_mass(main, realised.residuals, pumped=pumped)
    if not reaction_control.own_tanks(realised.reaction_control, pumped=pumped):
        return _Loads(spent, margin - stays, margin - stays)
    # Neither can lend the other what it has left.
    own = fixed.thruster_load - thruster
    return _Loads(spent, margin - own, own - stays)


def _storage(fixed: FixedDesign, realised: Lander, flight: Flight) -> tuple[Storage, FloatArray, FloatArray]:
    """Tanks and bottles as built with their true masses; Pa beyond what the tanks were built for; helium needed, kg."""
    specification, within = realised.tank, shared.contents(realised)
    burnt = shared.from_main_tanks(realised, flight, pumped=fixed.drives is not None)
    share = shared.first_share(burnt, sum(fixed.loads))
    shells: Numeric = 0.0
    heads, ullages = [], []
    for k, each in enumerate(within):
        volume, pressure = fixed.tank_volumes[k], fixed.tank_pressures[k]
        shape = tank.shape(volume, specification)
        heads.append(tank.hydrostatic_pressure(each.density[0], flight.acceleration, shape.length))
        shells = shells + fixed.tank_number * tank.mass(volume, fixed.maximum_pressures[k], specification)
        ullages.append(
            Ullage(
                pressurant.partial_pressure(pressure, each.vapour_pressure[0], realised.pressurant),
                fixed.tank_number * volume - fixed.loads[k] / each.density[0],
                fixed.tank_number * volume,
                fixed.tank_number * shape.area,
            )
        )
    ullage = shared.taken_together(*ullages)
    ratio = fixed.mixture_ratio / (1.0 + fixed.mixture_ratio)
    volumes = (ratio / within.oxidiser.density[0], (1.0 - ratio) / within.fuel.density[0])
    burns = shared.gas_burns(flight, burnt, sum(volumes))
    need = pressurisation.supply_estimated(
        burns, ullage, realised.pressurant, temperature=realised.propellant_temperature
    )
    helium_need = np.asarray(need.helium_mass * fixed.helium_correction)
    bottles: Numeric = pressurant.bottle_mass(fixed.bottle_volume, realised.pressurant)
    blown = None
    if np.all(shared.blows_down(realised)):
        blown = shared.blown_down(
            realised,
            PerPropellant(*(shared.gas_burns(flight, burnt, own) for own in volumes)),
            PerPropellant(*ullages),
            PerPropellant[Numeric](*fixed.tank_pressures),
            burnt.sum(axis=0) / sum(fixed.loads),
            loaded=fixed.helium,
        )
        helium_need, bottles = np.asarray(blown.helium), 0.0
    shares = [each.initial_volume / each.tank_volume for each in ullages]
    excess = [
        shared.required_pressure(
            specification,
            each,
            pressure=fixed.tank_pressures[k],
            head=heads[k],
            ullage=shares[k],
            first_share=share,
            start_pressure=None if blown is None else tuple(blown.start_pressures)[k],
        )
        - fixed.maximum_pressures[k]
        for k, each in enumerate(within)
    ]
    storage = Storage(
        tanks=shells,
        bottles=bottles,
        helium=fixed.helium,
        hardware=shared.hardware(
            realised,
            sum(fixed.loads),
            fixed.flow * fixed.engines,
            fixed.tank_number * np.dot(fixed.tank_volumes, fixed.maximum_pressures),
        ),
        oxidiser_tank_volume=fixed.tank_volumes[0],
        fuel_tank_volume=fixed.tank_volumes[1],
        oxidiser_maximum_pressure=fixed.maximum_pressures[0],
        fuel_maximum_pressure=fixed.maximum_pressures[1],
        oxidiser_ullage=shares[0],
        fuel_ullage=shares[1],
        burns=burns,
        ullage=ullage,
        blown_down=blown,
    )
    return storage, np.maximum(*excess), helium_need


def _status(realised: Lander, columns: Columns, n: int) -> NDArray[np.int64]:
    """Why there is no flight, else the first shortfall, else GOOD."""
    finite = {
        name: np.broadcast_to(np.isfinite(np.asarray(value, dtype=np.float64)), (n,))
        for name, value in columns.items()
    }
    reasons: list[tuple[NDArray[np.bool_], Status]] = [
        (quantity.out_of_range(realised, n) | ~finite["specific_impulse"], Status.OUT_OF_RANGE),
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
        "additional_power_share": "-",
        "additional_energy_share": "-",
    }
    | {f"pressure_fed.{name}": unit for name, unit in COLUMNS.items()}
    | {f"electric_pump.{name}": unit for name, unit in (COLUMNS | PUMP_COLUMNS).items()}
)
"""Every output of `FixedTrade` with its unit."""
LIMITS = tuple(name for name in OUTPUTS if name.startswith("electric_pump.") and name.endswith("_shortfall"))
"""The outputs that must not be positive if the electric pump is to comply; the baseline's are for comparison."""


@dataclass(frozen=True)
class FixedTrade:
    """Both architectures fixed at the values of one scalar lander, then simulated as realised: a Model of columns.

        model = FixedTrade(lander)     # leaves hold the required values; margins for the rest; designs both, once
        model({"pump.efficiency_multiplier": draws, ...})   # realised: (n,) by dotted leaf, others as designed

    Outputs by the names of `OUTPUTS`.  The reserved column `status` is zero wherever both architectures fly, short or
    not: shortfalls are outputs of their own (`LIMITS`), and `electric_pump.status` and `pressure_fed.status` name the
    first of each.  Raises ValueError, when made, if an architecture has no design at these values.

    >>> model = FixedTrade(Lander())
    >>> found = model({"pump.efficiency_multiplier": np.array([1.0, 0.7])})
    >>> [Status(int(code)).name for code in found["electric_pump.status"]]
    ['GOOD', 'SHORT_OF_POWER']
    """

    lander: Lander
    """At whose values both designs are fixed."""
    margins: Margins = field(default_factory=Margins)
    """With which they are designed."""
    pressure_fed: FixedDesign = field(init=False)
    """The fixed pressure-fed design."""
    electric_pump: FixedDesign = field(init=False)
    """The fixed design with electric pumps."""

    made: InitVar[tuple[FixedDesign, FixedDesign] | None] = None
    """Pressure-fed and electric-pump design at the values of `lander`, where they were made already (`designs`)."""

    def __post_init__(self, made: tuple[FixedDesign, FixedDesign] | None) -> None:
        chosen = made or tuple(
            design(each, self.lander, self.margins) for each in (pressure_fed, electric_pump)
        )
        object.__setattr__(self, "pressure_fed", chosen[0])
        object.__setattr__(self, "electric_pump", chosen[1])

    def __call__(self, columns: Columns) -> Columns:
        """Columns (n,) of true inputs by dotted name -> columns (n,) of outputs by name."""
        return quantity.columnar(self.fly, self.lander)(columns)

    def fly(self, realised: Lander) -> dict[str, FloatArray]:
        """Both designs simulated in the realised lander, floats or (n,)."""
        a, b = fly(self.pressure_fed, realised), fly(self.electric_pump, realised)
        simulated = [(c["status"] == Status.GOOD) | (c["status"] > Status.NOT_CONVERGED) for c in (a, b)]
        return (
            {
                "payload_gain": b["payload"] - a["payload"],
                "dry_saving": a["dry_mass"] - b["dry_mass"],
                "power_drive_mass": b["power_drive_mass"],
                "electric_power": b["electric_power"],
                "electric_energy": b["electric_energy"],
                "additional_power_share": b["additional_power_share"],
                "additional_energy_share": b["additional_energy_share"],
            }
            | {f"pressure_fed.{name}": value for name, value in a.items()}
            | {f"electric_pump.{name}": value for name, value in b.items()}
            | {"status": np.where(simulated[0], np.where(simulated[1], 0.0, b["status"]), a["status"])}
        )
