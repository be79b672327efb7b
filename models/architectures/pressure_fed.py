"""The pressure-fed architecture: regulated helium pushes the propellants out of tanks that stand the full pressure."""

from __future__ import annotations

from models.architectures.budget import Sizing, budget
from models.architectures.shared import fly, soaking_to, store
from models.batched_newton import Branch
from models.components import feed_line, thrust_chamber
from models.lander import Lander
from models.quantity import BAR, Numeric

DESIGN = ("chamber_pressure", "area_ratio", "soak_pressure")
"""Design variables, searched as logarithms."""
BRANCHES = (
    Branch(
        start=(8.0 * BAR, 42.0, 18.0 * BAR),
        lower=(6.5 * BAR, 15.0, 6.0 * BAR),
        upper=(14.0 * BAR, 380.0, 80.0 * BAR),
    ),
)
"""Below 0.65 MPa combustion efficiency and stability suffer; above 1.4 MPa a chamber is no longer radiation-cooled."""


def evaluate(
    lander: Lander,
    launch_mass: Numeric,
    chamber_pressure: Numeric,
    area_ratio: Numeric,
    soak_pressure: Numeric,
) -> Sizing:
    """The budget at a given design; pressures in Pa, launch mass in kg, floats or (n,).

    `soak_pressure` is what the locked oxidiser tanks reach in their hottest soak; it sets the ullage.
    """
    oxidiser = feed_line.inlet_pressure(chamber_pressure, lander.feed_line)
    lander = soaking_to(lander, oxidiser, soak_pressure)
    propulsion = fly(lander, launch_mass, chamber_pressure, area_ratio, pumped=False)
    cooling = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, chamber_pressure)
    fuel = oxidiser + cooling
    storage = store(lander, propulsion, oxidiser, fuel)
    return budget(lander, launch_mass, propulsion, storage, chamber_pressure, area_ratio, oxidiser)


SHELF_CHAMBER_PRESSURE = 9.0 * BAR
SHELF_AREA_RATIO = 150.0
SHELF_INLET_PRESSURE = 16.0 * BAR


def off_the_shelf(lander: Lander, launch_mass: Numeric) -> Sizing:
    """The budget with a catalogue engine: chamber 0.9 MPa, area ratio 150, inlet 1.6 MPa (catalogue engines of 0.4 to
    4 kN ask for 1.5 to 1.7 MPa at 0.75 to 1.0 MPa)."""
    propulsion = fly(lander, launch_mass, SHELF_CHAMBER_PRESSURE, SHELF_AREA_RATIO, pumped=False)
    storage = store(lander, propulsion, SHELF_INLET_PRESSURE, SHELF_INLET_PRESSURE)
    return budget(
        lander,
        launch_mass,
        propulsion,
        storage,
        SHELF_CHAMBER_PRESSURE,
        SHELF_AREA_RATIO,
        SHELF_INLET_PRESSURE,
    )
