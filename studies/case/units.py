"""Units of a case file: what a user writes in any unit, in SI."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_NUMBER = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*")


@cache
def _registry() -> Any:
    import pint

    try:  # parsed definitions kept between runs save half a second
        return pint.UnitRegistry(cache_folder=":auto:")
    except OSError:
        return pint.UnitRegistry()


def to_si(text: str, unit: str, where: str) -> float:
    """The number in `text` (``"1250 kg"``) converted to the SI `unit` of the leaf `where`.  Raises ValueError."""
    import pint

    registry = _registry()
    parts = _NUMBER.fullmatch(text) if len(text) < 100 else None
    try:  # number and unit apart: degrees Celsius have an offset, and cannot be multiplied
        assert parts is not None
        measured = registry.Quantity(float(parts[1]), _plain(parts[2] or "-"))
    except Exception:
        raise ValueError(f"{where}: {text!r:.60} is not a number with a unit") from None
    try:
        return float(measured.to(_plain(unit)).magnitude)
    except pint.DimensionalityError:
        if not parts[2]:
            raise ValueError(f'{where}: {text!r} has no unit; write "{parts[1]} {unit}"') from None
        raise ValueError(f"{where}: {text!r} cannot be converted to {unit}") from None


def factor(shown: str, unit: str, where: str) -> tuple[float, float]:
    """Slope and offset that take a number in the unit `shown` to the SI `unit`.  Raises ValueError."""
    import pint

    registry = _registry()
    try:
        at = [float(registry.Quantity(v, _plain(shown)).to(_plain(unit)).magnitude) for v in (0.0, 1.0)]
    except pint.DimensionalityError:
        raise ValueError(f"{where}: unit {shown!r} cannot be converted to {unit}") from None
    except Exception:
        raise ValueError(f"{where}: {shown!r} is not a unit") from None
    return at[1] - at[0], at[0]


_TOWER = re.compile(r"[\d)]\s*(\*\*|\^|[\u00b2\u00b3\u00b9\u2070-\u2079])")
"""Powers of powers: no unit has them, and working one out can take for ever."""


def _plain(unit: str) -> str:
    """Our unit symbols (``kg/m2``, ``J/(kg K)``, ``-``) in pint's grammar."""
    if unit in ("-", "1"):
        return "dimensionless"
    if _TOWER.search(unit):
        raise ValueError(f"{unit!r:.60} is not a unit")
    return re.sub(r"(?<=[A-Za-z])(?=\d)", "**", unit.replace("%", "percent")).replace(" ", "*")
