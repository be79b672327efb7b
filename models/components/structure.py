"""What propulsion asks of the structure and the legs, and the allowance for growth, one rule for every item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Annotated

from models import quantity
from models.quantity import Numeric


@dataclass(frozen=True)
class Structure:
    """Structure that follows the propulsion's design, beside the platform's own."""

    propellant_share: Annotated[Numeric, "kg/kg", (0.0, 0.5)] = 0.02
    """Tank supports and shear panels per propellant loaded; 0.01 to 0.05 (judgement)."""
    leg_slope: Annotated[Numeric, "1/m", (0.0, 2.0)] = 0.15
    """Legs and envelope, share of the landed mass per metre of engine length; 1 to 2 % per 0.1 m (judgement)."""
    reference_length: Annotated[Numeric, "m", (0.0, 10.0)] = 1.0
    """Engine length for which the platform's legs are made."""

    def __post_init__(self) -> None:
        quantity.check(self)


def leg_mass(structure: Structure, *, landed: Numeric, engine_length: Numeric) -> Numeric:
    """Addition to legs and skirt in kg for an engine of `engine_length` (m) under a `landed` mass (kg).

        slope * landed * (length - reference)

    Negative, a credit, for an engine shorter than the platform's legs were made for.  A nozzle must clear rocks and its
    own plume: legs, their spread and the skirt grow with it.  Linear, so for some tenths of a metre.

    >>> round(leg_mass(Structure(), landed=1000.0, engine_length=1.1), 6)
    15.0
    """
    return structure.leg_slope * landed * (engine_length - structure.reference_length)


def supporting_mass(
    structure: Structure, *, loaded: Numeric, landed: Numeric, engine_length: Numeric
) -> Numeric:
    """Structure in kg that the propulsion brings with it: supports of the `loaded` propellant (kg), and `leg_mass`.

    >>> round(supporting_mass(Structure(), loaded=1600.0, landed=1000.0, engine_length=1.0), 6)
    32.0
    """
    return structure.propellant_share * loaded + leg_mass(
        structure, landed=landed, engine_length=engine_length
    )


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
    """Share of the predicted mass to allow for growth, from `ALLOWANCES`.  KeyError names the nearest category.

    >>> allowance("wiring", Maturity.LAYOUT)
    0.3
    """
    if category not in ALLOWANCES:
        raise quantity.unknown_name(category, ALLOWANCES, "growth category")
    return ALLOWANCES[category][maturity]


@dataclass(frozen=True)
class Growth:
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

    def __post_init__(self) -> None:
        quantity.check(self)


def growth_fraction(growth: Growth, item: str) -> Numeric:
    """Allowance as a share of the predicted mass of a budget's `item`.  KeyError names the nearest item.

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
