"""The pressure-fed lander with an engine from the catalogue: what it costs to buy the engine rather than to size it.

Chamber 0.9 MPa, area ratio 150, inlet 1.6 MPa: catalogue engines of 0.4 to 4 kN ask for 1.5 to 1.7 MPa at 0.75 to
1.0 MPa.  A lander with an engine of its own (`Lander.engine`) has that one instead.  What a designer is free to choose
around it, the ullage, is searched as in every architecture.
"""

from __future__ import annotations

import numpy as np

from models.architectures.budget import Sizing, budget
from models.architectures.shared import fly, store
from models.batched_newton import Branch
from models.components import feed_line
from models.lander import Lander
from models.quantity import BAR, Numeric

CHAMBER_PRESSURE = 9.0 * BAR
AREA_RATIO = 150.0
INLET_PRESSURE = 16.0 * BAR

DESIGN = ("ullage_ratio",)
"""Design variables, searched as logarithms."""
BRANCHES = (Branch(start=(2.0,), lower=(1.0,), upper=(10.0,)),)


def point(lander: Lander) -> tuple[float, float, float]:
    """Chamber pressure (Pa), area ratio and inlet pressure (Pa) of the engine: the lander's own, or the catalogue's.

    An engine without an inlet pressure has that of the feed line's law.

    >>> point(Lander())
    (900000.0, 150.0, 1600000.0)
    """
    own = lander.engine
    if not own.chamber_pressure:
        return CHAMBER_PRESSURE, AREA_RATIO, INLET_PRESSURE
    pressure = float(own.chamber_pressure)
    law = float(np.max(feed_line.inlet_pressure(pressure, lander.feed_line)))
    return pressure, float(own.area_ratio), float(own.inlet_pressure) or law


def evaluate(lander: Lander, launch_mass: Numeric, ullage_ratio: Numeric) -> Sizing:
    """The budget at a given design; launch mass in kg, floats or (n,); `ullage_ratio` as `shared.store`."""
    pressure, ratio, inlet = point(lander)
    propulsion = fly(lander, launch_mass, pressure, ratio, pumped=False)
    storage = store(lander, propulsion, inlet, inlet, ullage_ratio, pumped=False)
    return budget(lander, launch_mass, propulsion, storage, pressure, ratio, inlet)
