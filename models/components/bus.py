"""What the lander's own power system offers the pumps: surplus to recharge, a battery to share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models import quantity
from models.quantity import Numeric


@dataclass(frozen=True)
class Bus(quantity.Specification):
    """The power system that flies with either feed."""

    house_load: Annotated[Numeric, "W", (1.0, 1e5)] = 350.0
    """Electric load of the lander without its pumps."""
    surplus: Annotated[Numeric, "W", (0.0, 1e5)] = 250.0
    """Array power that can recharge the pumps' battery in sunlight."""
    sunlit_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.55
    """Part of an orbit with sunlight (low lunar orbit, judgement)."""
    autonomy: Annotated[Numeric, "s", (0.0, 2e6)] = 3.0 * 3600
    """That the lander's own battery carries its load: eclipses and contingencies.  Batteries of 0.5 to 3 kWh are usual
    on landers of this size (judgement)."""
    recharge: Annotated[Numeric, "-", (0.0, 1.0)] = 1.0
    """1: the pumps' battery is recharged between burns; 0: it is not (a scenario)."""


def recharged_energy(coast: Numeric, bus: Bus) -> Numeric:
    """Energy that a coast of given length (s) brings to the battery's terminals, J: E = r P x t.

    Surplus P (W), sunlit share x, and r the scenario, 1 or 0; charging losses are the battery's.

    Parameters
    ----------
    coast : float or ndarray (n,)
        s between two burns.
    bus : Bus
        The lander's own power system.

    Returns
    -------
    float or ndarray (n,)
        J at the battery's terminals before its charging losses.

    Examples
    --------
    >>> round(recharged_energy(7200.0, Bus(surplus=200.0)) / 3.6e6, 3)
    0.22
    """
    return charger_power(bus) * bus.sunlit_share * coast


def charger_power(bus: Bus) -> Numeric:
    """Power in W that recharges the pumps' battery in sunlight.

    Parameters
    ----------
    bus : Bus
        The lander's own power system.

    Returns
    -------
    float or ndarray (n,)
        W in sunlight; 0 in the scenario without recharge.

    Examples
    --------
    >>> charger_power(Bus()), charger_power(Bus(recharge=0.0))
    (250.0, 0.0)
    """
    return bus.recharge * bus.surplus


def stored_energy(bus: Bus) -> Numeric:
    """Energy in J that the lander's own battery holds for its autonomy.

    Parameters
    ----------
    bus : Bus
        The lander's own power system.

    Returns
    -------
    float or ndarray (n,)
        J.

    Examples
    --------
    >>> stored_energy(Bus(house_load=300.0, autonomy=3600.0))
    1080000.0
    """
    return bus.house_load * bus.autonomy
