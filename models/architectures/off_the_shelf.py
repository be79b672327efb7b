"""The pressure-fed lander with an engine from the catalogue: what it costs to buy the engine rather than to size it.

Chamber 0.9 MPa, area ratio 150, inlet 1.6 MPa: catalogue engines of 0.4 to 4 kN ask for 1.5 to 1.7 MPa at 0.75 to
1.0 MPa.  What a designer is free to choose around it, the ullage, is searched as in every architecture.
"""

from __future__ import annotations

from models.architectures.budget import Sizing, budget
from models.architectures.shared import fly, store
from models.batched_newton import Branch
from models.lander import Lander
from models.quantity import BAR, Numeric

CHAMBER_PRESSURE = 9.0 * BAR
AREA_RATIO = 150.0
INLET_PRESSURE = 16.0 * BAR

DESIGN = ("ullage_ratio",)
"""Design variables, searched as logarithms."""
BRANCHES = (Branch(start=(2.0,), lower=(1.0,), upper=(10.0,)),)


def evaluate(lander: Lander, launch_mass: Numeric, ullage_ratio: Numeric) -> Sizing:
    """The budget at a given design; launch mass in kg, floats or (n,); `ullage_ratio` as `shared.store`."""
    propulsion = fly(lander, launch_mass, CHAMBER_PRESSURE, AREA_RATIO, pumped=False)
    storage = store(lander, propulsion, INLET_PRESSURE, INLET_PRESSURE, ullage_ratio, pumped=False)
    return budget(lander, launch_mass, propulsion, storage, CHAMBER_PRESSURE, AREA_RATIO, INLET_PRESSURE)
