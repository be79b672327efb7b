"""The budget of either architecture: items, what electric pumps add, and what is left for the payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.architectures import thruster_feed
from models.architectures.shared import Propulsion, Storage
from models.components import reaction_control, structure
from models.components.drive import Drive
from models.lander import Lander, Status
from models.properties.propellants import PerPropellant
from models.quantity import FloatArray, Numeric

PROPULSION_ITEMS = (
    "main propellant",
    "thruster propellant",
    "residuals",
    "start losses",
    "helium",
    "engines",
    "tanks",
    "bottles",
    "pressurant hardware",
    "thruster feed",
    "structure share",
    "pump plumbing",
    "pumps",
    "motors",
    "inverters",
    "battery",
    "harness",
    "drive thermal control",
    "growth",
)
"""The items of the propulsion budget, in the order in which they are shown; absent parts weigh zero."""

CONSUMABLES = frozenset(PROPULSION_ITEMS[:5])
POWER_DRIVE_ITEMS = frozenset({"pumps", "motors", "inverters", "battery", "harness", "drive thermal control"})


@dataclass(frozen=True)
class PumpFeed:
    """What electric pumps add to the budget: masses in kg, power in W, energy in J."""

    pumps: Numeric
    """kg."""
    motors: Numeric
    """kg."""
    inverters: Numeric
    """kg."""
    battery: Numeric
    """kg; the pumps' own."""
    harness: Numeric
    """kg."""
    thermal: Numeric
    """kg; cold plates, sinks and heaters."""
    plumbing: Numeric
    """Valves, manifold, surge suppression, shaft seals and their drains."""
    helium: Numeric
    """That purges shaft seals."""
    sumps: Numeric
    """Sumps or traps in the tanks."""
    power: Numeric
    """All pumps at the battery's main bus, full thrust."""
    energy: Numeric
    """Over all burns."""


@dataclass(frozen=True)
class Drives:
    """How the drives and their battery run; floats or (n,)."""

    rated: PerPropellant[Drive]
    """Of one pump set at full thrust."""
    terminal_power: FloatArray
    """W at the battery's terminals in terminal descent."""
    stored_energy: FloatArray
    """J: the battery's deepest deficit over the burns."""
    mean_power: FloatArray
    """W, int P^2 dt / int P dt."""
    usable_factor: FloatArray
    """Of the battery's energy."""
    battery_temperature_rise: FloatArray
    """K."""
    inverter_heat: FloatArray
    """W of all inverters at full thrust."""
    sink_energy: FloatArray
    """J that sinks take in the longest burn."""
    battery_depth: FloatArray
    """Window of charge that may be used."""

    @property
    def motor_temperature(self) -> FloatArray:
        """K, of the warmer motor's windings at the end of a long burn."""
        return np.maximum(*(each.winding_temperature for each in self.rated))


@dataclass(frozen=True)
class Sizing:
    """The budget of one architecture; arrays (n,) or floats, SI units, NaN where there is no design."""

    masses: Mapping[str, FloatArray]
    """kg by item of `PROPULSION_ITEMS`, growth as an item of its own."""
    launch_mass: FloatArray
    """kg."""
    payload: FloatArray
    """kg."""
    chamber_pressure: FloatArray
    """Pa, at full thrust."""
    area_ratio: FloatArray
    """Nozzle exit over throat."""
    oxidiser_tank_pressure: FloatArray
    """Operating, or where tanks blow down at the end of the last burn, Pa."""
    fuel_tank_pressure: FloatArray
    """As of the oxidiser's, Pa."""
    specific_impulse: FloatArray
    """Delivered by the main engines at full thrust, s."""
    burn_time: FloatArray
    """All burns of the main engines together, s."""
    electric_power: FloatArray
    """All pumps at the battery's main bus at full thrust, W; zero without pumps."""
    electric_energy: FloatArray
    """Drawn from the battery over all burns, J; zero without pumps."""
    status: NDArray[np.int64]
    """Of `models.lander.Status`."""
    thrust: FloatArray
    """Of all main engines, N."""
    mixture_ratio: FloatArray
    """Oxidiser over fuel, by mass."""
    propulsion: Propulsion
    """Engines, flight and loads."""
    storage: Storage
    """Tanks and gas."""
    drives: Drives | None = None
    """How the pumps' drives run; None without pumps, and of a fixed design, whose drives are as built."""

    @property
    def propulsion_mass(self) -> FloatArray:
        """Loaded propulsion system: propellant, helium, hardware, growth, kg."""
        return np.asarray(sum(self.masses.values()))

    @property
    def dry_mass(self) -> FloatArray:
        """Propulsion hardware with growth, kg."""
        return np.asarray(sum(m for name, m in self.masses.items() if name not in CONSUMABLES))

    @property
    def power_drive_mass(self) -> FloatArray:
        """Pumps, motors, inverters, battery, harness and their thermal control, without growth, kg."""
        return np.asarray(sum(m for name, m in self.masses.items() if name in POWER_DRIVE_ITEMS))


def budget(
    lander: Lander,
    launch_mass: Numeric,
    propulsion: Propulsion,
    storage: Storage,
    chamber_pressure: Numeric,
    area_ratio: Numeric,
    tank_pressures: PerPropellant[Numeric],
    *,
    feed: PumpFeed | None = None,
) -> Sizing:
    """Add it all up: hardware, growth by the same rule on both sides, and the payload that is left (kg).

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    launch_mass : float or ndarray (n,)
        kg at separation from the launcher.
    propulsion : Propulsion
        Engines and the mission flown with them.
    storage : Storage
        Tanks, helium and bottles.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.
    tank_pressures : PerPropellant of float or ndarray (n,)
        Operating, or where tanks blow down at the end of the last burn, Pa.
    feed : PumpFeed, optional
        Masses, powers and energies of the pumps; none where pressure feeds the engines.

    Returns
    -------
    Sizing
    """
    whole = np.zeros(np.shape(propulsion.main_propellant))
    pumped = feed is not None
    landed = propulsion.flight.landed_mass
    thrusters = thruster_feed.size(lander, propulsion.thruster_load, pumped=pumped)
    accumulators = reaction_control.effect(lander.reaction_control, pumped=pumped).specific_mass
    hardware = {
        "engines": propulsion.engine_mass + whole,
        "tanks": storage.tanks + (feed.sumps if feed else 0.0),
        "bottles": storage.bottles,
        "pressurant hardware": storage.hardware + whole,
        "thruster feed": thrusters.mass
        + accumulators * np.asarray(launch_mass)
        + reaction_control.assisting_mass(lander.reaction_control)
        + whole,
        "structure share": structure.supporting_mass(
            lander.structure,
            loaded=propulsion.oxidiser + propulsion.fuel + propulsion.thruster_load,
            landed=landed,
            engine_length=propulsion.engine_length,
        ),
        "pump plumbing": feed.plumbing if feed else whole,
        "pumps": feed.pumps if feed else whole,
        "motors": feed.motors if feed else whole,
        "inverters": feed.inverters if feed else whole,
        "battery": feed.battery if feed else whole,
        "harness": feed.harness if feed else whole,
        "drive thermal control": feed.thermal if feed else whole,
    }
    growth = sum(mass * structure.growth_fraction(lander.growth, item) for item, mass in hardware.items())
    masses = {
        "main propellant": propulsion.main_propellant,
        "thruster propellant": propulsion.thruster_propellant,
        "residuals": propulsion.residual,
        "start losses": propulsion.start_loss,
        "helium": storage.helium + thrusters.helium + (feed.helium if feed else 0.0),
        **hardware,
        "growth": growth + whole,
    }
    total = sum(masses.values())
    payload = launch_mass - total - lander.platform_mass
    flight = propulsion.flight
    return Sizing(
        masses={item: np.asarray(masses[item]) for item in PROPULSION_ITEMS},
        launch_mass=np.asarray(launch_mass + whole),
        payload=np.asarray(payload),
        chamber_pressure=np.asarray(chamber_pressure + whole),
        area_ratio=np.asarray(area_ratio + whole),
        oxidiser_tank_pressure=np.asarray(tank_pressures.oxidiser + whole),
        fuel_tank_pressure=np.asarray(tank_pressures.fuel + whole),
        specific_impulse=propulsion.specific_impulse,
        burn_time=flight.duration.sum(axis=0),
        electric_power=np.asarray(feed.power) if feed else whole,
        electric_energy=np.asarray(feed.energy) if feed else whole,
        status=np.where(np.isfinite(payload), Status.GOOD, Status.NOT_CONVERGED).astype(np.int64),
        storage=storage,
        thrust=np.asarray(lander.thrust + whole),
        mixture_ratio=np.asarray(lander.mixture_ratio + whole),
        propulsion=propulsion,
    )
