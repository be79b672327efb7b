"""What propulsion asks of the structure and the legs, and the allowance for growth, one rule for every item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric
from models.smooth import smooth_maximum


@dataclass(frozen=True)
class Structure(quantity.Specification):
    """Structure that follows the propulsion's design, in addition to the platform's own."""

    propellant_share: Annotated[Numeric, "kg/kg", (0.0, 0.5)] = 0.02
    """Tank supports and shear panels per propellant loaded; 0.01 to 0.05 (judgement)."""
    leg_slope: Annotated[Numeric, "1/m", (0.0, 2.0)] = 0.03
    """Legs and envelope, share of the landed mass per metre of engine beyond what the legs clear; 0.01 to 0.05 (the
    geometry of a stance that widens with its height gives 0.008 to 0.044)."""
    cleared_length: Annotated[Numeric, "m", (0.01, 10.0)] = 0.81
    """Engine length that the platform's own legs clear under a landed `reference_mass`, and with the cube root of the
    landed mass.  0.51 to 1.11 m: Surveyor's verniers and the longest flown, Apollo's descent engine."""
    reference_mass: Annotated[Numeric, "kg", (1.0, 1e6)] = 1000.0
    """Landed, of that length."""
    crushed_length: Annotated[Numeric, "m", (0.01, 10.0)] = 0.8
    """Scale of the length beyond which a skirt is let crush on a rock in place of longer legs (judgement; from Apollo
    15 on the descent engine was 0.38 m longer on the same legs)."""


def leg_mass(structure: Structure, *, landed: Numeric, engine_length: Numeric) -> FloatArray:
    """Addition to legs and skirt in kg for an engine of `engine_length` (m) under a `landed` mass (kg).

        k m L_c (1 - exp(-x / L_c)),     x = [L - L_0]+

        L_0 = L_1 (m / m_1)^(1/3)

    k is `leg_slope`, L_1 `cleared_length` at m_1 `reference_mass`, L_c `crushed_length`; the corner at L_0 is rounded.
    No credit for a shorter engine: the legs are there.  Apollo's lunar module carried 204 kg of gear, 2.8 % of what it
    landed (7.29 t), under an engine of 2.16 m, and no more under one of 2.54 m: L_1 of 1.11 m, the longest flown.
    Surveyor landed 0.294 t over verniers of 0.337 m: 0.51 m.  What others clear is not public, but they are lower than
    Apollo's scaled down would be: Vikram's body is 1.17 m high, Beresheet 1.5 m with legs and engine.

    Parameters
    ----------
    structure : Structure
        Coefficients of supports and legs.
    landed : float or ndarray (n,)
        m, kg at touchdown.
    engine_length : float or ndarray (n,)
        L, m from gimbal to exit.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> [round(float(leg_mass(Structure(), landed=1000.0, engine_length=length)), 1) for length in (0.5, 1.3, 3.0)]
    [0.0, 11.0, 22.4]
    """
    cleared = structure.cleared_length * np.cbrt(np.asarray(landed) / structure.reference_mass)
    beyond = smooth_maximum(engine_length, cleared) - cleared
    saturated = structure.crushed_length * -np.expm1(-beyond / structure.crushed_length)
    return np.asarray(structure.leg_slope * landed * saturated)[()]


def supporting_mass(
    structure: Structure, *, loaded: Numeric, landed: Numeric, engine_length: Numeric
) -> FloatArray:
    """Structure in kg that the propulsion brings with it: supports of the `loaded` propellant (kg), and `leg_mass`.

    Parameters
    ----------
    structure : Structure
        Coefficients of supports and legs.
    loaded : float or ndarray (n,)
        Propellant in the tanks at launch, kg.
    landed : float or ndarray (n,)
        kg at touchdown.
    engine_length : float or ndarray (n,)
        m from gimbal to exit.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> round(float(supporting_mass(Structure(), loaded=1600.0, landed=1000.0, engine_length=1.0)), 1)
    37.2
    """
    legs = leg_mass(structure, landed=landed, engine_length=engine_length)
    return np.asarray(structure.propellant_share * loaded + legs)[()]


class Maturity(IntEnum):
    """How far an item's design has come."""

    ESTIMATED = 0
    LAYOUT = 1
    PRE_RELEASE = 2
    RELEASED = 3
    EXISTING = 4


ALLOWANCES: Mapping[str, tuple[float, float, float, float, float]] = MappingProxyType(
    {
        "structure": (0.18, 0.15, 0.08, 0.04, 0.02),
        "propulsion": (0.18, 0.15, 0.08, 0.04, 0.02),
        "thermal": (0.18, 0.15, 0.08, 0.04, 0.02),
        "battery": (0.20, 0.15, 0.10, 0.05, 0.03),
        "wiring": (0.50, 0.30, 0.25, 0.05, 0.03),
        "electronics below 10 lb": (0.30, 0.25, 0.20, 0.10, 0.03),
        "electronics 10 to 30 lb": (0.20, 0.20, 0.15, 0.05, 0.03),
        "electronics above 30 lb": (0.15, 0.15, 0.10, 0.05, 0.03),
    }
)
"""Mass growth allowance, share of an item's predicted mass, by category and maturity.

From public sizing tools, whose categories are those of AIAA S-120-2006 (the standard itself is not open)."""


def allowance(category: str, maturity: Maturity) -> float:
    """Share of the predicted mass to allow for growth, from `ALLOWANCES`.

    Parameters
    ----------
    category : str
        A key of `ALLOWANCES`.
    maturity : Maturity
        How far the item's design has come.

    Returns
    -------
    float
        Of the predicted mass.

    Raises
    ------
    KeyError
        For a category that the table does not hold, with the nearest name.

    References
    ----------
    AIAA S-120-2006, categories as in public sizing tools (the standard itself is not open).

    Examples
    --------
    >>> allowance("wiring", Maturity.LAYOUT)
    0.3
    """
    if category not in ALLOWANCES:
        raise quantity.unknown_name(category, ALLOWANCES, "growth category")
    return ALLOWANCES[category][maturity]


@dataclass(frozen=True)
class Growth(quantity.Specification):
    """Allowances applied, by kind of item; the same in both architectures, higher where hardware is new."""

    propulsion: Annotated[Numeric, "-", (0.0, 1.0)] = 0.08
    """Engines, tanks, bottles, valves, plumbing: modified hardware before release."""
    structure: Annotated[Numeric, "-", (0.0, 1.0)] = 0.15
    """Structure and legs at layout."""
    drive: Annotated[Numeric, "-", (0.0, 3.0)] = 0.25
    """New pumps, motors, inverters.  In history inert masses grew by 28 % in the mean, by over 32.5 % in 3 of 10."""
    battery: Annotated[Numeric, "-", (0.0, 1.0)] = 0.15
    """Pack at layout."""
    harness: Annotated[Numeric, "-", (0.0, 1.0)] = 0.30
    """Wiring at layout."""
    thermal: Annotated[Numeric, "-", (0.0, 1.0)] = 0.15
    """Thermal control at layout."""


def growth_fraction(growth: Growth, item: str) -> Numeric:
    """Allowance as a share of the predicted mass of a budget's `item`.

    Parameters
    ----------
    growth : Growth
        Allowances by kind of item.
    item : str
        As in a budget, "motors" say.

    Returns
    -------
    float or ndarray (n,)
        Of the item's predicted mass.

    Raises
    ------
    KeyError
        For an item that no budget has, with the nearest name.

    Examples
    --------
    >>> growth_fraction(Growth(), "motors"), growth_fraction(Growth(), "tanks")
    (0.25, 0.08)
    """
    kinds = {
        "engines": growth.propulsion,
        "tanks": growth.propulsion,
        "bottles": growth.propulsion,
        "pressurant hardware": growth.propulsion,
        "thruster feed": growth.propulsion,
        "pump plumbing": growth.propulsion,
        "structure share": growth.structure,
        "pumps": growth.drive,
        "motors": growth.drive,
        "inverters": growth.drive,
        "battery": growth.battery,
        "harness": growth.harness,
        "drive thermal control": growth.thermal,
    }
    if item not in kinds:
        raise quantity.unknown_name(item, kinds, "budget item")
    return kinds[item]
