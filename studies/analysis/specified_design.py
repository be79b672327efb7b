"""The one design that requirements, specification sheets and mass budget belong to, as built and at its required
values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.architectures.budget import CONSUMABLES
from models.components import structure
from models.fixed_design.design import FixedDesign
from models.fixed_design.duty import BurnDuty, duties, least_duties
from models.fixed_design.flight import Simulated, simulate
from models.fixed_design.operating_point import PumpPoint
from models.lander import Lander
from models.quantity import substitute
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

    @property
    def masses(self) -> Mapping[str, float]:
        """kg by item of the propulsion budget, growth apart."""
        return {name: _one(mass) for name, mass in self.simulated.sizing.masses.items()}

    def growth(self, item: str) -> float:
        """The growth allowance of an item, a share of its basic mass."""
        return 0.0 if item in CONSUMABLES else _one(structure.growth_fraction(self.lander.growth, item))

    def column(self, name: str) -> float:
        """A column of the flight."""
        return _one(self.simulated.columns[name])


def stands(requirements: Requirements) -> bool:
    """Whether there is a proposed set whose claim fresh runs neither contradict nor find short of its goal.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    bool
        True where fresh runs stand behind the set.
    """
    fresh = requirements.confirmed("proposal")
    return (
        requirements.proposal is not None
        and fresh is not None
        and requirements.fresh.stands("proposal")
        and fresh.fresh.answer != "not met"
    )


def chosen_values(requirements: Requirements) -> Mapping[str, float]:
    """The values at which the specified design is fixed: those of the proposed set where it stands, else none.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    mapping of str to float
        By input.
    """
    proposal = requirements.proposal
    return proposal.design if proposal is not None and stands(requirements) else {}


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
    required = stands(requirements)
    chosen = chosen_values(requirements)
    trade = requirements.design.built(chosen)
    if trade is None or trade.electric_pump.drives is None:
        return None
    realised = {name.removeprefix(REQUIRED): value for name, value in chosen.items()}
    lander = substitute(trade.lander, realised)
    return SpecifiedDesign(
        required=required,
        design=trade.electric_pump,
        lander=lander,
        pumps=requirements.design.pumps(chosen),
        duties=duties(trade.electric_pump, lander),
        least=least_duties(trade.electric_pump, lander),
        simulated=simulate(trade.electric_pump, lander),
    )


def _one(value: object) -> float:
    return float(np.ravel(np.asarray(value, dtype=np.float64))[0])
