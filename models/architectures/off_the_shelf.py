"""The pressure-fed lander with an engine from the catalogue: what it costs to buy the engine rather than to size it.

Chamber 0.9 MPa, area ratio 150, inlet 1.6 MPa: catalogue engines of 0.4 to 4 kN ask for 1.5 to 1.7 MPa at 0.75 to
1.0 MPa.  A lander with an engine of its own (`Lander.engine`) has that one instead.  What a designer is free to choose
around it, the ullage, is searched as in every architecture.
"""

from __future__ import annotations

import numpy as np

from models.architectures.budget import Sizing, budget
from models.architectures.shared import ROOM_TO_BLOW_DOWN, fly, regulated_or_not, store
from models.batched_newton import Branch
from models.components import feed_line
from models.lander import Lander
from models.properties.propellants import PerPropellant
from models.quantity import BAR, Numeric

CHAMBER_PRESSURE = 9.0 * BAR
AREA_RATIO = 150.0
INLET_PRESSURE = 16.0 * BAR

DESIGN = ("oxidiser_ullage_ratio", "fuel_ullage_ratio")
"""Design variables, searched as logarithms."""
BRANCHES = (Branch(start=(1.0, 1.0), lower=(1.0, 1.0), upper=(10.0, 10.0)),)


def point(lander: Lander) -> tuple[float, float, float]:
    """Chamber pressure (Pa), area ratio and inlet pressure (Pa) of the engine: the lander's own, or the catalogue's.

    An engine without an inlet pressure has that of the feed line's law.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    tuple of float
        Chamber pressure (Pa), area ratio, inlet pressure (Pa)

    Examples
    --------
    >>> point(Lander())
    (900000.0, 150.0, 1600000.0)
    """
    own = lander.engine
    if not own.chamber_pressure:
        return CHAMBER_PRESSURE, AREA_RATIO, INLET_PRESSURE
    pressure = float(own.chamber_pressure)
    law = float(np.max(feed_line.inlet_pressure(pressure, lander.feed_line)))
    return pressure, float(own.area_ratio), float(own.inlet_pressure) or law


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
    more = regulated_or_not(lander, 1.0, ROOM_TO_BLOW_DOWN)
    return tuple(ratio * more for ratio in region.start)


def evaluate(
    lander: Lander, launch_mass: Numeric, oxidiser_ullage_ratio: Numeric, fuel_ullage_ratio: Numeric
) -> Sizing:
    """The budget at a given design.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    launch_mass : float or ndarray (n,)
        kg at separation from the launcher.
    oxidiser_ullage_ratio, fuel_ullage_ratio : float or ndarray (n,)
        Gas share of the full tanks in their hottest soak over the least one allowed, at least 1
        (`shared.store`)

    Returns
    -------
    Sizing
    """
    pressure, ratio, inlet = point(lander)
    propulsion = fly(lander, launch_mass, pressure, ratio, pumped=False)
    pressures = PerPropellant[Numeric](inlet, inlet)
    ullage_ratios = PerPropellant(oxidiser_ullage_ratio, fuel_ullage_ratio)
    storage = store(lander, propulsion, pressures, ullage_ratios, pumped=False)
    return budget(lander, launch_mass, propulsion, storage, pressure, ratio, pressures)
