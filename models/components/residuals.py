"""Propellant that is loaded and never burns: residuals, starts, settling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models import quantity
from models.quantity import Numeric


@dataclass(frozen=True)
class Residuals:
    """Shares of the main propellant that stay, for both feeds, and what each start of a pump costs."""

    fraction: Annotated[Numeric, "-", (0.0, 0.2)] = 0.020
    """Outage 0.005 to 0.015, trapped 0.005, vapour: 0.015 to 0.03 of the main propellant (judgement)."""
    pump_difference: Annotated[Numeric, "-", (-0.05, 0.05)] = 0.001
    """Added with pumps: manifold 0.002 to 0.006, suction in the last seconds 0.001 to 0.005, bleed, less what mixture
    trim by two speeds saves, 0.003 to 0.010; together -0.006 to 0.008 (judgement)."""
    starts: Annotated[Numeric, "-", (1.0, 200.0)] = 15.0
    """Ignitions of the main engines in the mission; 10 to 30."""
    start_propellant: Annotated[Numeric, "kg", (0.0, 5.0)] = 0.15
    """Bleed and recirculation of one start with pumps, all engines; 0.1 to 0.5 kg (judgement)."""
    start_energy: Annotated[Numeric, "J", (0.0, 1e6)] = 20e3
    """Electric energy of one start with pumps: prime and spin-up, 10 to 40 kJ (judgement)."""
    settling_propellant: Annotated[Numeric, "kg", (0.0, 20.0)] = 1.5
    """Settling burns that give the pumps gas-free liquid, whole mission; 0.5 to 3 kg (judgement)."""
    sump_mass: Annotated[Numeric, "kg", (0.0, 10.0)] = 1.0
    """Sump or trap that a pump needs in each tank beyond the management device; 0.5 to 1.5 kg (judgement)."""

    def __post_init__(self) -> None:
        quantity.check(self)


def residual_mass(main_propellant: Numeric, residuals: Residuals, *, pumped: bool) -> Numeric:
    """What stays in tanks and lines, kg: (x + dx) m, shares of the main propellant m (kg), dx with pumps.

    >>> [round(residual_mass(500.0, Residuals(), pumped=pumped), 3) for pumped in (False, True)]
    [10.0, 10.5]
    """
    return main_propellant * (residuals.fraction + (residuals.pump_difference if pumped else 0.0))


def start_losses(residuals: Residuals) -> Numeric:
    """Propellant that the starts of pumps and their settling burns use without moving the lander, kg: n m_1 + m_s.

    n starts, m_1 bled or recirculated at each, m_s settling over the mission (judgement).

    >>> start_losses(Residuals())
    3.75
    """
    return residuals.starts * residuals.start_propellant + residuals.settling_propellant
