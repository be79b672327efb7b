"""An engine that exists, as far as it takes variables from the search for the best design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.quantity import Numeric, Specification


@dataclass(frozen=True)
class GivenEngine(Specification):
    """Chamber pressure, area ratio and inlet pressure of an engine from a maker; zero where there is none.

    It is the engine off the shelf, and in the architectures whose leaf is one, the only engine there is.
    """

    chamber_pressure: Annotated[Numeric, "Pa", (0.0, 3e7)] = 0.0
    """At full thrust."""
    area_ratio: Annotated[Numeric, "-", (0.0, 500.0)] = 0.0
    """Nozzle exit over throat."""
    inlet_pressure: Annotated[Numeric, "Pa", (0.0, 4e7)] = 0.0
    """That the engine needs upstream of its valves."""
    in_pressure_fed: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    """1: the only engine of the pressure-fed lander."""
    in_electric_pump: Annotated[Numeric, "-", (0.0, 1.0)] = 0.0
    """1: the only engine of the electric-pump-fed lander."""
