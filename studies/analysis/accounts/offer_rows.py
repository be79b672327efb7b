"""Each requirement against what an offer says of it: met, missed, or open with what is missing.

What a data sheet says counts at the duty that is required and at no other: a pump of another flow or rise has no
efficiency and no mass there.  What no data sheet holds is stated by the requirement's identifier (``[offered]``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from models.lander import Lander
from models.quantity import BAR
from studies.case.case import Case
from studies.case.hardware import Point, at_flow, masses, points_of, within
from studies.case.schema import HardwareEntry, OfferedEntry
from studies.case.units import to_si
from uq.requirements import Entry, Statement
from uq.requirements.specification.entries import as_written, permitted

CONFIDENT = 0.95
"""Chance from which on a requirement is met, and below one less it, missed; between, it is open (judgement)."""
Standing = Literal["met", "missed", "open"]
Item = Statement | Entry
_DUTY = re.compile(r"\(([\d.]+) L/s, ([\d.]+) bar")
"""How a sentence names a duty."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One requirement against the offer."""

    item: Item
    chance: float | None = None
    """That the offered hardware meets it; None where the offer says nothing of it."""
    standing: Standing = "open"
    offered: str = ""
    """What is offered, in words."""
    missing: str = ""
    """What an open one lacks."""


@dataclass(frozen=True)
class _Value:
    """What is offered in the unit of the requirement, and the standard deviation of its logarithm."""

    value: float
    error: float


Found = _Value | str
"""A value, or what is missing."""


@dataclass(frozen=True)
class Sheets:
    """The data sheets of an offer against a specification."""

    offer: Case
    items: Mapping[str, Item]

    def sheet(self, part: str, pump: str) -> tuple[str, HardwareEntry] | None:
        """The entry of a part, of the pump of one propellant."""
        kinds = [{"OX": "oxidiser_pump", "FU": "fuel_pump"}[pump], "pump"] if part == "pump" else [part]
        return next(((k, self.offer.data_sheets[k]) for k in kinds if k in self.offer.data_sheets), None)

    def bounds(self, name: str) -> tuple[float, float]:
        """What a requirement permits; NaN where there is none."""
        s = self.items.get(name)
        return (np.nan, np.nan) if s is None else permitted(as_written(s.value), s.side, s.attributes.band)

    def pump_at(self, pump: str, flow: tuple[float, float], rise: float) -> Point | str:
        """The offered pump at a flow (L/s, between two) and at least a rise (bar); else what is missing."""
        sheet = self.sheet("pump", pump)
        if sheet is None:
            return f"no pump of the {LIQUIDS[pump]} is offered"
        points = points_of(*sheet)
        low, high = (1e-3 * end for end in flow)
        asked = f"no point at {1e3 * 0.5 * (low + high):.4g} L/s and {rise:.4g} bar"
        nearest = within(points, low, high)
        if nearest is None:
            flows = [1e3 * p["flow"] for p in points]
            return f"{asked}: the sheet covers {min(flows):.3g} to {max(flows):.3g} L/s"
        found = at_flow(points, nearest)
        if found["rise"] < rise * BAR * (1.0 - 1e-6):
            return f"{asked}: {found['rise'] / BAR:.3g} bar are offered at that flow"
        return found


LIQUIDS = {"OX": "oxidiser", "FU": "fuel"}
SUPPLIER = "supplier"
"""Owner of what an offer closes."""
PRIMES = "the lander prime's to close"
"""What an offer cannot close."""
SHARE = 0.02
"""Of a flow within which a point is taken to be at a duty (judgement: as the tolerance of the rated flow)."""


def answer(item: Item, sheets: Sheets, lander: Lander) -> Answer:
    """One requirement against the data sheets and statements of an offer.

    Parameters
    ----------
    item : Statement or Entry
        The requirement.
    sheets : Sheets
        Of the offer.
    lander : Lander
        Of the study: what the installation of a bare pump weighs.

    Returns
    -------
    Answer
    """
    stated = sheets.offer.offered.get(item.identifier)
    if stated is not None:
        return _stated(item, stated)
    base, _, end = item.identifier.rpartition("-")
    if end not in LIQUIDS:
        return Answer(item=item, missing=_not_offered(item))
    found = _from_sheets(base, end, item, sheets, lander)
    if found is None:
        return Answer(item=item, missing=_not_offered(item))
    return Answer(item=item, missing=found) if isinstance(found, str) else _compared(item, found)


def _not_offered(item: Item) -> str:
    if item.attributes.item == "lander" or (
        item.attributes.status == "TBD" and item.attributes.owner != SUPPLIER
    ):
        return PRIMES
    if np.isnan(item.value):
        return f'not stated: "{item.identifier}" in [offered]'
    return f'no data: "{item.identifier}" in [offered], in {item.unit}'.replace(", in -", "")


def _stated(item: Item, stated: OfferedEntry) -> Answer:
    where = f"offered.{item.identifier}"
    if isinstance(stated.value, bool):
        if not np.isnan(item.value):
            raise ValueError(f"{where}.value: give the value in {item.unit}, not true or false")
        return Answer(
            item=item,
            standing="met" if stated.value else "missed",
            offered="complies" if stated.value else "does not",
        )
    if np.isnan(item.value):
        return Answer(
            item=item, offered=stated.value, missing="to be agreed: the requirement has no value yet"
        )
    value = to_si(stated.value, "rpm" if item.unit == "1/min" else item.unit, f"{where}.value")
    error = 0.0 if stated.uncertainty is None else to_si(stated.uncertainty, "-", f"{where}.uncertainty")
    if not 0.0 <= error < 1.0:
        raise ValueError(f"{where}.uncertainty: {stated.uncertainty!r} must lie between 0 and 100 %")
    return _compared(item, _Value(value, error))


def _compared(item: Item, found: _Value) -> Answer:
    low, high = permitted(as_written(item.value), item.side, item.attributes.band)
    chance = _below(high, found) - (0.0 if np.isnan(low) else _below(low, found, least=True))
    if standing(chance) == "missed" and " should " in item.text:
        words = f"{found.value:.4g} {item.unit}".removesuffix(" -")
        return Answer(
            item=item, chance=chance, offered=words, missing="agreement: another value than recommended"
        )
    return Answer(
        item=item,
        chance=chance,
        standing=standing(chance),
        offered=f"{found.value:.4g} {item.unit}".removesuffix(" -"),
        missing=""
        if standing(chance) != "open"
        else "a better known value: its uncertainty spans what is permitted",
    )


def standing(chance: float) -> Standing:
    """Met, missed or open by the chance that a requirement is met.

    Parameters
    ----------
    chance : float
        0 to 1.

    Returns
    -------
    {"met", "missed", "open"}

    Examples
    --------
    >>> standing(0.99), standing(0.5), standing(0.01)
    ('met', 'open', 'missed')
    """
    return "met" if chance >= CONFIDENT else "missed" if chance <= 1.0 - CONFIDENT else "open"


def _below(end: float, found: _Value, *, least: bool = False) -> float:
    """Chance that the true value lies below an end; an end met exactly is met."""
    if np.isnan(end):
        return 1.0
    tiny = 1e-9 * abs(end)
    if not found.error > 0.0:
        return float(found.value < end - tiny if least else found.value <= end + tiny)
    return NormalDist().cdf(float(np.log(end / found.value)) / found.error)


def _from_sheets(base: str, pump: str, item: Item, sheets: Sheets, lander: Lander) -> Found | None:
    """What the data sheets say of a requirement; None where they hold nothing of the kind."""
    part = base.partition("-")[0].lower()
    if part == "drive":
        return _input(base, pump, item, sheets)
    if base not in RULES and not base.startswith("PUMP-EFF-"):
        return None
    sheet = sheets.sheet(part, pump)
    if sheet is None:
        return f"no {part} is offered" if part != "pump" else f"no pump of the {LIQUIDS[pump]} is offered"
    error = to_si(sheet[1].uncertainty, "-", f"hardware.{sheet[0]}.uncertainty")
    if part != "pump":
        return _electric(base, pump, sheet, sheets, error)
    if base in ("PUMP-FLOW", "PUMP-RISE", "PUMP-SPEED"):
        return _hydraulic(base, pump, sheet, sheets, error)
    if base.startswith("PUMP-EFF-"):
        named = _DUTY.search(item.text)
        if named is None:
            return None
        flow, rise = float(named[1]), float(named[2])
        point = sheets.pump_at(pump, ((1.0 - SHARE) * flow, (1.0 + SHARE) * flow), rise)
    else:
        point = sheets.pump_at(
            pump, sheets.bounds(f"PUMP-FLOW-{pump}"), sheets.bounds(f"PUMP-RISE-{pump}")[0]
        )
    if base == "PUMP-MASS":
        return _pump_mass(item, sheet, point, lander, error)
    if isinstance(point, str):
        return point
    return _Value(point["efficiency"], error)


def _hydraulic(base: str, pump: str, sheet: tuple[str, HardwareEntry], sheets: Sheets, error: float) -> Found:
    """Flow, rise at that flow, and speed there; the offered flow is what the sheet covers nearest to the required."""
    points = points_of(*sheet)
    low, high = sheets.bounds(f"PUMP-FLOW-{pump}")
    flow = within(points, 1e-3 * low, 1e-3 * high)
    if base == "PUMP-FLOW":
        if flow is None:
            flows = [p["flow"] for p in points]
            flow = max(flows) if max(flows) < 1e-3 * low else min(flows)
            return _Value(1e3 * flow, 0.0)
        return _Value(1e3 * float(np.clip(flow, 1e-3 * low, 1e-3 * high)), 0.0)
    least, most = sheets.bounds(f"PUMP-RISE-{pump}")
    if flow is None:
        highest = max(p["rise"] for p in points) / BAR
        if base == "PUMP-RISE" and highest < least:
            return _Value(highest, 0.0)
        return "the sheet does not cover the required flow"
    point = at_flow(points, flow)
    if base == "PUMP-SPEED":
        return _Value(point["speed"] * 30.0 / np.pi, 0.0)
    rise = point["rise"] / BAR
    if rise > most:
        return f"{rise:.3g} bar are offered at that flow: the speed at which it is {least:.4g} bar"
    return _Value(rise, 0.0)


def _pump_mass(
    item: Item, sheet: tuple[str, HardwareEntry], point: Point | str, lander: Lander, error: float
) -> Found:
    given = masses(*sheet, lander)
    if given is None:
        return "the sheet gives no mass"
    mass = given.installed
    if isinstance(point, str) and mass <= item.value:
        return f"{mass:.3g} kg with its installation, of another duty: {point}"
    return _Value(mass, error)


def _electric(base: str, pump: str, sheet: tuple[str, HardwareEntry], sheets: Sheets, error: float) -> Found:
    """Rating, efficiency and mass of a motor or an inverter: at the required power."""
    part = base.partition("-")[0]
    points = points_of(*sheet)
    rating, highest = sheets.bounds(f"{part}-RATING-{pump}")[0], max(p["power"] for p in points) / 1e3
    if base.endswith("-RATING"):
        return _Value(highest, 0.0)
    if base.endswith("-MASS"):
        if sheet[1].mass is None:
            return "the sheet gives no mass"
        mass = to_si(sheet[1].mass, "kg", f"hardware.{sheet[0]}.mass")
        if highest < rating and mass <= sheets.items[f"{base}-{pump}"].value:
            return f"{mass:.3g} kg of another rating, {highest:.3g} kW"
        return _Value(mass, error)
    at = 1e3 * _power(sheets.items[f"{base}-{pump}"].text)
    powers = sorted(points, key=lambda p: p["power"])
    if not powers[0]["power"] * (1.0 - SHARE) <= at <= powers[-1]["power"] * (1.0 + SHARE):
        return f"no efficiency at {at / 1e3:.4g} kW"
    return _Value(
        float(np.interp(at, [p["power"] for p in powers], [p["efficiency"] for p in powers])), error
    )


def _power(text: str) -> float:
    """kW that a sentence names."""
    found = re.search(r"([\d.]+) kW", text)
    return float(found[1]) if found else np.nan


def _input(base: str, pump: str, item: Item, sheets: Sheets) -> Found:
    """Power or current at the inverter's input from the offered efficiencies of all three."""
    found = []
    # at its own rating an inverter's input asks nothing of the pump and motor behind it
    parts = ("INVERTER",) if base == "DRIVE-CURRENT-RATING" else ("PUMP", "MOTOR", "INVERTER")
    for part in parts:
        name = f"{part}-EFF-{pump}"
        if name not in sheets.items:
            return f"no {name} is required"
        one = _from_sheets(f"{part}-EFF", pump, sheets.items[name], sheets, sheets.offer.lander)
        if not isinstance(one, _Value):
            return one or f"no efficiency of a {part.lower()}"
        found.append(one)
    offered = float(np.prod([one.value for one in found]))
    required = float(np.prod([sheets.items[f"{part}-EFF-{pump}"].value for part in parts]))
    error = float(np.hypot.reduce([one.error for one in found]))
    return _Value(item.value * required / offered, error)


RULES: Mapping[str, str] = {
    "PUMP-FLOW": "flow",
    "PUMP-RISE": "rise",
    "PUMP-SPEED": "speed",
    "PUMP-EFF": "efficiency",
    "PUMP-MASS": "mass",
    "MOTOR-RATING": "power",
    "MOTOR-EFF": "efficiency",
    "MOTOR-MASS": "mass",
    "INVERTER-RATING": "power",
    "INVERTER-EFF": "efficiency",
    "INVERTER-MASS": "mass",
}
"""Requirements of which a data sheet speaks, and by what."""
