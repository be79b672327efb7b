"""What has flown, to hold a pressure-fed optimum against: engines of its thrust class, tanks, shares of landers.

A figure outside its range is no error: it says where a design leaves what anyone has flown, so that a reader asks why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.architectures.budget import CONSUMABLES, Sizing
from models.lander import Lander
from models.quantity import first_value

CLASS = 4.0
"""Engines within this factor of a thrust are of its class."""

ENGINES: tuple[tuple[str, float, float, float], ...] = (
    ("LEROS-2b", 0.42, 150.0, 319.5),
    ("R-42", 0.89, 160.0, 305.0),
    ("S5.80 (KTDU-80)", 2.95, 153.8, 302.0),
    ("KRD-79", 3.09, 25.0, 293.7),
    ("R-40A", 3.87, 22.0, 281.0),
    ("RD-0225", 3.92, 64.0, 287.0),
    ("R-40B", 4.0, 60.0, 293.0),
    ("LM ascent engine", 15.6, 45.6, 311.0),
    ("AJ10-190 (OMS)", 26.7, 55.0, 316.0),
    ("Aestus", 28.4, 84.0, 324.0),
    ("AJ10-138A", 35.585, 40.0, 310.6),
    ("AJ10-118K", 43.6, 65.0, 319.2),
    ("LMDE, to Apollo 14", 46.7, 47.5, 311.0),
    ("LMDE-J", 46.92, 53.6, 306.4),
    ("AJ10-137 (Apollo SPS)", 91.2, 62.5, 314.5),
)
"""Pressure-fed storable engines that flew: kN, area ratio, s (tests/reference/hardware/engines.csv)."""

IMPULSES: tuple[tuple[str, float, float], ...] = (
    ("S400-15", 0.42, 318.0),
    ("R-4D-15 HiPAT", 0.445, 322.0),
    ("R-4D-11", 0.489, 315.0),
    ("LEROS-4", 1.0, 323.0),
    ("ISE-900", 3.823, 304.0),
)
"""Catalogue engines of MON and MMH whose area ratio is not public: kN, s (the same file)."""

LENGTHS: tuple[tuple[str, float, float, float], ...] = (
    ("Surveyor TD-339", 0.462, 0.337, 0.133),
    ("R-4D", 0.49, 0.305, 0.152),
    ("S400-12", 0.42, 0.503, 0.248),
    ("S400-15", 0.425, 0.669, 0.316),
    ("11D458M", 0.392, 0.47, 0.192),
    ("R-42", 0.89, 0.79, 0.39),
    ("S5.120", 5.886, 0.82, 0.44),
    ("LM ascent engine", 15.6, 1.346, 0.61),
    ("Aestus", 28.4, 2.2, 1.32),
    ("LMDE, to Apollo 14", 46.7, 2.16, 1.5),
    ("LMDE, Apollo 15 on", 46.7, 2.54, 1.6),
)
"""Pressure-fed engines whose length and exit are public: kN, m, m (the same file).  From their exits the S400 have area
ratios of about 220 and 330; the longest for its thrust is the second."""

TANKS: tuple[tuple[str, float, float], ...] = (
    ("OST 22/X 1108 L", 1108.0, 49.0),
    ("Eurostar PTP", 165.0, 10.8),
    ("OST 01/X 516 L", 516.0, 29.0),
    ("OST 25/0 198 L", 198.0, 18.0),
)
"""The lightest and heaviest titanium tanks for what they hold, 165 L and more: L, kg (tanks.csv)."""

DRY_SHARES: tuple[tuple[str, float], ...] = (
    ("Beresheet", 150.0 / 585.0),
    ("SLIM", 200.0 / 700.0),
    ("Series 3", 1000.0 / 3500.0),
    ("HAKUTO-R M1", 340.0 / 1000.0),
    ("ESA Lunar Lander", 750.0 / 2000.0),
)
"""Landers, payload included, over wet mass (landers.csv)."""

HELIUM_SHARES: tuple[tuple[str, float], ...] = (
    ("Apollo LM ascent stage", 13.2 / 5224.8),
    ("Apollo LM descent stage", 49.6 / 18184.2),
    ("Apollo LM thrusters", 2.1 / 633.0),
)
"""Helium over propellant as loaded (helium.csv).  The descent stage stands 17 bar; ascent and thrusters have no coasts
in which their bottles warm up."""

THRUST_TO_WEIGHT: tuple[tuple[str, float], ...] = (
    ("Vikram", 4.0 * 800.0 / (1749.86 * 1.625)),
    ("Chang'e-3, after 361 s of insertion", 7500.0 / (2900.0 * 1.625)),
    ("Apollo LM", 46700.0 / (15200.0 * 1.625)),
)
"""Lunar, at the start of braking (landers.csv; masses at that point from published burns)."""


@dataclass(frozen=True)
class Figure:
    """One figure of a design with the range of what has flown."""

    name: str
    unit: str
    value: float
    low: float
    high: float
    rows: str
    """What the range is made of."""

    @property
    def verdict(self) -> str:
        """ "inside" or "outside", "no row" where nothing comparable is public."""
        if not np.isfinite(self.low):
            return "no row"
        return "inside" if self.low <= self.value <= self.high else "outside"


def _figure(name: str, unit: str, value: float, known: dict[str, float]) -> Figure:
    if not known:
        return Figure(name, unit, value, np.nan, np.nan, "none is public")
    return Figure(name, unit, value, min(known.values()), max(known.values()), ", ".join(known))


def against_flown(lander: Lander, sizing: Sizing) -> Iterator[Figure]:
    """The pressure-fed design of one lander of floats, figure by figure.

    Parameters
    ----------
    lander : Lander
        Of floats.
    sizing : Sizing
        Its pressure-fed budget.

    Returns
    -------
    iterator of Figure
        Computed and public values.
    """

    thrust = first_value(sizing.thrust) / first_value(lander.engines) / 1e3
    known = {name: own for name, own, _, _ in ENGINES} | {name: own for name, own, _ in IMPULSES}
    near = {name for name, own in known.items() if 1.0 / CLASS <= own / thrust <= CLASS}
    impulses = {name: s for name, _, _, s in ENGINES} | {name: s for name, _, s in IMPULSES}
    yield _figure(
        "specific impulse",
        "s",
        first_value(sizing.specific_impulse),
        {n: s for n, s in impulses.items() if n in near},
    )
    yield _figure(
        "area ratio",
        "",
        first_value(sizing.area_ratio),
        {n: ratio for n, _, ratio, _ in ENGINES if n in near},
    )
    yield _figure(
        "engine length over root of thrust",
        "m/kN^0.5",
        first_value(sizing.propulsion.engine_length) / thrust**0.5,
        {name: length / own**0.5 for name, own, length, _ in LENGTHS},
    )
    yield _figure(
        "engine length over exit diameter",
        "",
        first_value(sizing.propulsion.engine_length) / first_value(sizing.propulsion.exit_diameter),
        {name: length / exit_ for name, _, length, exit_ in LENGTHS},
    )
    storage = sizing.storage
    litres = (
        1e3
        * first_value(lander.tank.number)
        * (first_value(storage.oxidiser_tank_volume) + first_value(storage.fuel_tank_volume))
    )
    yield _figure(
        "tank mass per litre",
        "kg/L",
        first_value(sizing.masses["tanks"]) / litres,
        {name: mass / volume for name, volume, mass in TANKS},
    )
    spent = sum(first_value(sizing.masses[item]) for item in CONSUMABLES) / first_value(sizing.launch_mass)
    yield _figure("propellant share", "", spent, {name: 1.0 - dry for name, dry in DRY_SHARES})
    yield _figure("dry share", "", 1.0 - spent, dict(DRY_SHARES))
    yield _figure(
        "thrust over weight at descent",
        "",
        first_value(sizing.propulsion.flight.thrust_to_weight),
        dict(THRUST_TO_WEIGHT),
    )
    yield _figure(
        "helium over propellant",
        "",
        first_value(sizing.masses["helium"]) / (spent * first_value(sizing.launch_mass)),
        dict(HELIUM_SHARES),
    )
