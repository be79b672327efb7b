"""The one design that requirements, specification sheets and mass budget belong to, as built and at its required
values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.architectures.budget import CONSUMABLES
from models.components import battery, structure
from models.fixed_design.design import FixedDesign
from models.fixed_design.duty import BurnDuty, duties, least_duties
from models.fixed_design.flight import Simulated, simulate
from models.fixed_design.operating_point import PumpPoint
from models.lander import Lander
from models.quantity import first_value, substitute
from studies.analysis.accounts.steps import Step
from studies.analysis.fixed_problem import REQUIRED
from studies.analysis.requirements import Requirements


@dataclass(frozen=True, kw_only=True)
class SpecifiedDesign:
    """A fixed electric-pump lander, its drives at their rated points, and what they do in the mission."""

    required: bool
    """Whether it was sized at a set of required values that stands; else at today's best estimates."""
    design: FixedDesign
    lander: Lander
    """Realised at the required values, all else at its best estimate."""
    pumps: tuple[PumpPoint, ...]
    duties: tuple[tuple[BurnDuty, ...], ...]
    """Of each pump, burn by burn."""
    least: tuple[BurnDuty, BurnDuty]
    """Of each pump: one engine of its set at the engine's least throttle."""
    simulated: Simulated
    steps: Mapping[str, Step]
    """What a step of each requirement costs."""

    @property
    def canned(self) -> bool:
        """Whether the motors' rotors and bearings run in the propellant."""
        return first_value(self.lander.motor.canned) > 0.5

    @property
    def pack(self) -> tuple[int, int]:
        """Whole cells in series and strings in parallel of the pumps' battery."""
        voltage = first_value(self.lander.harness.bus_voltage)
        return battery.rounded_pack(self.masses["battery"], voltage, self.lander.battery)

    @property
    def masses(self) -> Mapping[str, float]:
        """kg by item of the propulsion budget, growth apart."""
        return {name: first_value(mass) for name, mass in self.simulated.sizing.masses.items()}

    def growth(self, item: str) -> float:
        """The growth allowance of an item, a share of its basic mass."""
        return (
            0.0 if item in CONSUMABLES else first_value(structure.growth_fraction(self.lander.growth, item))
        )

    def column(self, name: str) -> float:
        """A column of the flight."""
        return first_value(self.simulated.columns[name])


def specified_design(requirements: Requirements) -> SpecifiedDesign | None:
    """The design at the proposed set where that stands, else at today's best estimates; None where there is none.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    SpecifiedDesign or None
    """
    chosen = requirements.chosen
    trade = requirements.design.built(chosen)
    if trade is None or trade.electric_pump.drives is None:
        return None
    realised = {name.removeprefix(REQUIRED): value for name, value in chosen.items()}
    lander = substitute(trade.lander, realised)
    return SpecifiedDesign(
        required=requirements.stands,
        design=trade.electric_pump,
        lander=lander,
        pumps=requirements.design.pumps(chosen),
        duties=duties(trade.electric_pump, lander),
        least=least_duties(trade.electric_pump, lander),
        simulated=simulate(trade.electric_pump, lander),
        steps=requirements.steps,
    )
