"""The pressure-fed architecture: regulated helium pushes the propellants out of tanks that stand the full pressure."""

from __future__ import annotations

from models.architectures.budget import Sizing, budget
from models.architectures.shared import ROOM_TO_BLOW_DOWN, fly, regulated_or_not, store
from models.batched_newton import Branch
from models.components import feed_line, thrust_chamber
from models.lander import Lander
from models.properties.propellants import PerPropellant
from models.quantity import BAR, Numeric

DESIGN = ("chamber_pressure", "area_ratio", "oxidiser_ullage_ratio", "fuel_ullage_ratio")
"""Design variables, searched as logarithms."""
BRANCHES = (
    Branch(
        start=(8.0 * BAR, 110.0, 1.0, 1.0),
        lower=(6.5 * BAR, 15.0, 1.0, 1.0),
        upper=(14.0 * BAR, thrust_chamber.LARGEST_AREA_RATIO, 16.0, 16.0),
    ),
)
"""Below 0.65 MPa combustion efficiency and stability suffer; above 1.4 MPa a chamber is no longer radiation-cooled."""


def begin(lander: Lander, region: Branch) -> tuple[Numeric, ...]:
    """Where the search of a branch starts.

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
    pressure, area, *ullages = region.start
    more = regulated_or_not(lander, 1.0, ROOM_TO_BLOW_DOWN)
    return pressure, area, *(ratio * more for ratio in ullages)


def evaluate(
    lander: Lander,
    launch_mass: Numeric,
    chamber_pressure: Numeric,
    area_ratio: Numeric,
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
    oxidiser_ullage_ratio, fuel_ullage_ratio : float or ndarray (n,)
        Gas share of the full tanks in their hottest soak over the least one allowed, at least 1
        (`shared.store`)

    Returns
    -------
    Sizing
    """
    oxidiser = feed_line.inlet_pressure(chamber_pressure, lander.feed_line)
    propulsion = fly(lander, launch_mass, chamber_pressure, area_ratio, pumped=False)
    cooling = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, chamber_pressure)
    pressures = PerPropellant[Numeric](oxidiser, oxidiser + cooling)
    ullage_ratios = PerPropellant(oxidiser_ullage_ratio, fuel_ullage_ratio)
    storage = store(lander, propulsion, pressures, ullage_ratios, pumped=False)
    return budget(lander, launch_mass, propulsion, storage, chamber_pressure, area_ratio, pressures)
