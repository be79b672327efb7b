"""The lander as a tree of specifications, and why a sample of it has no design."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Annotated

import numpy as np

from models import quantity
from models.components.battery import Battery
from models.components.bus import Bus
from models.components.feed_line import FeedLine
from models.components.given_engine import GivenEngine
from models.components.harness import Harness
from models.components.inverter import Inverter
from models.components.motor import Motor
from models.components.pressurant import Pressurant
from models.components.pump import Pump, SuppliedPump
from models.components.reaction_control import ReactionControl, ThrusterOption
from models.components.residuals import Residuals
from models.components.shaft_seal import ShaftSeal
from models.components.structure import Growth, Structure
from models.components.tank import Tank
from models.components.thermal import Thermal
from models.components.thrust_chamber import ThrustChamber
from models.flight.mission import Mission
from models.properties.propellants import MON3_MMH, Propellants
from models.quantity import ZERO_CELSIUS, Numeric


@dataclass(frozen=True)
class Decided:
    """What the decisions of one architecture make of the lander in that architecture alone."""

    values: tuple[tuple[str, float], ...] = ()
    """Leaves by dotted name, SI; they stand whatever is sampled."""
    thrust_share: float = 1.0
    """Thrust over that of the lander."""
    thrusters: ThrusterOption | None = None
    """Where it has others."""


@dataclass(frozen=True)
class Lander(quantity.Specification):
    """Everything that is known or assumed of a lander before its propulsion is designed."""

    propellants: Propellants = MON3_MMH
    """Both liquids and their combustion."""
    launch_mass: Annotated[Numeric, "kg", (50.0, 1e6)] = 2700.0
    """At separation from the launcher."""
    payload: Annotated[Numeric, "kg", (0.0, 1e6)] = 300.0
    """To be landed, when the wet mass is what is asked for."""
    platform_mass: Annotated[Numeric, "kg", (0.0, 1e6)] = 500.0
    """All that is neither payload nor propulsion: structure, legs, power, avionics, thermal, at a nominal design."""
    thrust: Annotated[Numeric, "N", (50.0, 1e6)] = 6600.0
    """Of all main engines together, in vacuum."""
    least_thrust: Annotated[Numeric, "N", (0.0, 1e6)] = 0.0
    most_thrust: Annotated[Numeric, "N", (0.0, 1e6)] = 0.0
    """Where above `least_thrust`, thrust is a design variable of both architectures, between the two."""
    engines: Annotated[Numeric, "-", (1.0, 40.0)] = 3.0
    """Main engines."""
    engines_out: Annotated[Numeric, "-", (0.0, 39.0)] = 0.0
    """Engines, with their pumps, that powered descent must do without: redundancy by number (a scenario)."""
    mixture_ratio: Annotated[Numeric, "-", (0.5, 10.0)] = 1.65
    """Oxidiser over fuel, by mass."""
    least_mixture_ratio: Annotated[Numeric, "-", (0.0, 10.0)] = 0.0
    most_mixture_ratio: Annotated[Numeric, "-", (0.0, 10.0)] = 0.0
    """Where above `least_mixture_ratio`, mixture ratio is a design variable of both architectures, between the two."""
    chamber_kind: Annotated[Numeric, "-", (0.0, 2.0)] = 0.0
    """Which chambers are searched: 0 all that the architecture has, 1 radiation-cooled, 2 regeneratively cooled; one
    for all samples."""
    propellant_temperature: Annotated[Numeric, "K", (80.0, 340.0)] = ZERO_CELSIUS + 20.0
    """As loaded, of the oxidiser, of helium and of tanks; of the fuel, too, unless it is kept at another."""
    fuel_temperature_difference: Annotated[Numeric, "K", (-50.0, 50.0)] = 0.0
    """Fuel above oxidiser, as loaded, at the pumps' inlets and in the hottest soak: cryogens in tanks of their own."""
    pump_inlet_heating: Annotated[Numeric, "K", (0.0, 60.0)] = 5.0
    """Soak and recirculation between tank and pump, 2 to 10 K (judgement).  The range is 30 K of its own and 30 K of a
    fixed design's margin, which is added to it."""
    pump_sets: Annotated[Numeric, "-", (1.0, 40.0)] = 1.0
    """Pump sets that run: a pump, motor and inverter for each propellant.  A set feeds its share of the engines through
    a manifold; as many sets as engines need none."""
    spares_per_set: Annotated[Numeric, "-", (0.0, 2.0)] = 0.0
    """Complete cold pump sets for each that runs."""
    power_limit: Annotated[Numeric, "W", (1.0, np.inf)] = np.inf
    """Electric power of all pumps together at the battery's main bus, full thrust; constrains the design."""
    energy_limit: Annotated[Numeric, "J", (1.0, np.inf)] = np.inf
    """Electric energy that the pumps draw over all burns; constrains the design as the power limit does."""
    mission: Mission = field(default_factory=Mission)
    """Burns and payload."""
    thrust_chamber: ThrustChamber = field(default_factory=ThrustChamber)
    """Of every engine."""
    engine: GivenEngine = field(default_factory=GivenEngine)
    """An engine that exists; none by default."""
    tank: Tank = field(default_factory=Tank)
    """Of both propellants."""
    pressurant: Pressurant = field(default_factory=Pressurant)
    """Helium, its bottles and hardware."""
    feed_line: FeedLine = field(default_factory=FeedLine)
    """Of both propellants."""
    residuals: Residuals = field(default_factory=Residuals)
    """What stays in tanks and lines."""
    pump: Pump = field(default_factory=Pump)
    """Of both propellants."""
    oxidiser_pump: SuppliedPump = field(default_factory=SuppliedPump)
    """What is required of it."""
    fuel_pump: SuppliedPump = field(default_factory=SuppliedPump)
    """What is required of it."""
    motor: Motor = field(default_factory=Motor)
    """Of every pump."""
    shaft_seal: ShaftSeal = field(default_factory=ShaftSeal)
    """Of pumps with dry motors."""
    inverter: Inverter = field(default_factory=Inverter)
    """Of every motor."""
    battery: Battery = field(default_factory=Battery)
    """Of the pumps."""
    harness: Harness = field(default_factory=Harness)
    """From battery to inverters."""
    thermal: Thermal = field(default_factory=Thermal)
    """Cooling of drives and battery."""
    bus: Bus = field(default_factory=Bus)
    """What the lander's own power system lends."""
    reaction_control: ReactionControl = field(default_factory=ReactionControl)
    """Thrusters."""
    structure: Structure = field(default_factory=Structure)
    """Legs and thrust frame."""
    growth: Growth = field(default_factory=Growth)
    """Allowances on predicted masses."""
    pressure_fed: Decided = field(default_factory=Decided)
    """Where the pressure-fed architecture's decisions differ from this lander; `own_lander` makes them."""
    electric_pump: Decided = field(default_factory=Decided)
    """The same of the electric pump's."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, low, high, unit in (
            ("thrust", self.least_thrust, self.most_thrust, " N"),
            ("mixture_ratio", self.least_mixture_ratio, self.most_mixture_ratio, ""),
        ):
            if np.ndim(low) == np.ndim(high) == 0 and 0.0 < high < low:
                raise ValueError(
                    f"most_{name} = {high:g}{unit} is below least_{name} = {low:g}{unit}: no design lies between; "
                    "swap them"
                )
        lowest, highest = self.propellants.mixture_ratio
        for name, bound in (
            ("least_mixture_ratio", self.least_mixture_ratio),
            ("most_mixture_ratio", self.most_mixture_ratio),
        ):
            if np.ndim(bound) == 0 and bound and not lowest <= bound <= highest:
                raise ValueError(
                    f"{name} = {bound:g} is outside {lowest:g} to {highest:g}, where {self.propellants.name} is known; "
                    "bring it between the two"
                )
        sets, engines = self.pump_sets, self.engines
        if np.ndim(sets) == np.ndim(engines) == 0 and sets > engines:
            raise ValueError(
                f"Lander.pump_sets = {sets:g} is more than engines = {engines:g}: a set feeds one engine or several; "
                "lower pump_sets or raise engines"
            )


def own_lander(lander: Lander, *, pumped: bool) -> Lander:
    """The lander of one architecture: with what its decisions alone make of it, and nothing left to decide.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    pumped : bool
        Whether the main engines are fed by pumps.

    Returns
    -------
    Lander

    Examples
    --------
    >>> lander = Lander(pressure_fed=Decided((("engines", 4.0),), thrust_share=1.1))
    >>> [(own.engines, round(own.thrust)) for own in (own_lander(lander, pumped=pumped) for pumped in (False, True))]
    [(4.0, 7260), (3.0, 6600)]
    """
    own = lander.electric_pump if pumped else lander.pressure_fed
    if lander.pressure_fed == lander.electric_pump == Decided():
        return lander
    control = lander.reaction_control
    if own.thrusters is not None:
        control = replace(control, option=own.thrusters)
    bare = replace(lander, reaction_control=control, pressure_fed=Decided(), electric_pump=Decided())
    values: dict[str, Numeric] = dict(own.values)
    if own.thrust_share != 1.0:
        values["thrust"] = lander.thrust * own.thrust_share
    return quantity.substitute(bare, values) if values else bare


class Status(IntEnum):
    """Why a sample has no design, or GOOD."""

    GOOD = 0
    OUT_OF_RANGE = 1
    """An input lies outside its sensible range, or that of the propellants: temperature, mixture ratio."""
    CANNOT_LAND = 2
    """Thrust to weight at the start of powered descent is outside 1 to 6, or hover cannot be held."""
    SUCTION_LIMITED = 3
    """No tank pressure within its bounds gives the pumps positive suction."""
    TANK_LIMITED = 4
    """The locked tank becomes liquid-full in soak, or its least gas share leaves no room for the liquid."""
    BATTERY_LIMITED = 5
    """No pack can give the power at its cut-off voltage and temperature."""
    POWER_LIMITED = 6
    """No chamber pressure within its bounds keeps the electric power limit."""
    JACKET_LIMITED = 7
    """Engines so small that a regenerative jacket hardly closes: only radiation-cooled chambers are left."""
    NOT_CONVERGED = 8
    """The search for the best design did not converge."""
    OVERPRESSURED = 9
    """A fixed design: its tanks see more than the pressure that they were built for."""
    SHORT_OF_SUCTION = 10
    """A fixed design: its pumps cavitate at full thrust."""
    SHORT_OF_POWER = 11
    """A fixed design: it needs more than its drives' rating, its allocated electric power, or its battery's power."""
    TOO_HOT = 12
    """The best design's motor windings pass their highest temperature (no limit of the search, and rare); in a fixed
    design the battery, too."""
    SHORT_OF_CHARGE = 13
    """A fixed design: the battery is discharged beyond its depth."""
    SHORT_OF_HELIUM = 14
    """A fixed design: the bottles fall below the regulator's pressure before the last burn ends."""
    SHORT_OF_PROPELLANT = 15
    """A fixed design: the flight takes more propellant than was loaded."""
    ENERGY_LIMITED = 16
    """No design within the bounds keeps the electric energy limit."""
