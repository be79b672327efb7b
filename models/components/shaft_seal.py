"""The shaft seal of a dry motor: what leaks, what purges it, what drains it.  Canned motors have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models import quantity
from models.quantity import Numeric


@dataclass(frozen=True)
class ShaftSeal(quantity.Specification):
    """One seal between a pump and its dry motor.  All values are judgement."""

    leakage: Annotated[Numeric, "kg/s", (0.0, 0.01)] = 3e-5
    """While the pump runs: 1 to 3 cm3/min through a face seal."""
    purge_helium: Annotated[Numeric, "kg", (0.0, 1.0)] = 0.05
    """Through one seal, whole mission; 0.02 to 0.1."""
    mass: Annotated[Numeric, "kg", (0.0, 10.0)] = 0.7
    """Of the seal, its purge valve, drain line and catch pot; 0.4 to 1.2."""


def leaked(seals: Numeric, duration: Numeric, seal: ShaftSeal) -> Numeric:
    """Propellant in kg that `seals` lose into their drains in `duration` (s) of pumping: n m_dot t.

    Parameters
    ----------
    seals : float or ndarray (n,)
        Number that run.
    duration : float or ndarray (n,)
        s of pumping.
    seal : ShaftSeal
        Leakage, purge and mass of one shaft seal.

    Returns
    -------
    float or ndarray (n,)
        Propellant, kg.

    Examples
    --------
    >>> round(leaked(2.0, 1800.0, ShaftSeal()), 3)
    0.108
    """
    return seals * seal.leakage * duration


def purge(seals: Numeric, seal: ShaftSeal) -> Numeric:
    """Helium in kg that purges `seals` over the mission.

    Parameters
    ----------
    seals : float or ndarray (n,)
        Number that run.
    seal : ShaftSeal
        Leakage, purge and mass of one shaft seal.

    Returns
    -------
    float or ndarray (n,)
        Helium, kg over the mission.

    Examples
    --------
    >>> purge(2.0, ShaftSeal())
    0.1
    """
    return seals * seal.purge_helium


def mass(seals: Numeric, seal: ShaftSeal) -> Numeric:
    """Mass in kg of `seals` with their purge and drains.

    Parameters
    ----------
    seals : float or ndarray (n,)
        Number that run.
    seal : ShaftSeal
        Leakage, purge and mass of one shaft seal.

    Returns
    -------
    float or ndarray (n,)
        kg, of seals, purge valves and drains.

    Examples
    --------
    >>> mass(2.0, ShaftSeal())
    1.4
    """
    return seals * seal.mass
