"""Units of a case file: what a user writes in any unit, in SI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from uq.core.estimate import Estimate

_NUMBER = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*")


@cache
def _registry() -> Any:
    import pint

    try:  # parsed definitions kept between runs save half a second
        return pint.UnitRegistry(cache_folder=":auto:")
    except OSError:
        return pint.UnitRegistry()


@dataclass(frozen=True)
class Unit:
    """A unit that people read: its symbol, its size in SI, and the SI value at its zero.

    >>> celsius = Unit("degC", 1.0, 273.15)
    >>> round(celsius.shown(300.0), 2), celsius.si(20.0), celsius.step(5.0), celsius.words(300.0)
    (26.85, 293.15, 5.0, '26.9 degC')
    """

    symbol: str
    size: float = 1.0
    zero: float = 0.0

    def shown(self, value: float) -> float:
        """An SI value as the number that is shown."""
        return (value - self.zero) / self.size

    def si(self, number: float) -> float:
        """A number that is shown, in SI."""
        return number * self.size + self.zero

    def step(self, difference: float) -> float:
        """A difference of SI values: standard deviations, margins, steps."""
        return difference / self.size

    def estimate(self, estimate: Estimate) -> Estimate:
        """An estimate with its interval.

        >>> Unit("bar", 1e5).estimate(Estimate(5e5, 4e5, 6e5))
        Estimate(value=5.0, low=4.0, high=6.0, confidence=0.9)
        """
        low, high = sorted((self.shown(estimate.low), self.shown(estimate.high)))
        return Estimate(self.shown(estimate.value), low, high, estimate.confidence)

    def words(self, value: float) -> str:
        """An SI value to three digits, with its unit."""
        return f"{self.shown(value):.3g} {self.symbol}".strip()


PERCENT = Unit("%", 0.01)


def to_si(text: str, unit: str, where: str) -> float:
    """The number in `text` (``"1250 kg"``) converted to the SI `unit` of the leaf `where`.

    Parameters
    ----------
    text : str
        Number and unit.
    unit : str
        SI, of the leaf.
    where : str
        Path of the key, for the message.

    Returns
    -------
    float
        In the SI unit.

    Raises
    ------
    ValueError
        For no number, or a unit of another dimension.
    """
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
            raise ValueError(
                f'{where}: {text!r} has no unit; write "{parts[1]} {unit}" or another unit of the kind'
            ) from None
        if unit == "-":
            raise ValueError(
                f'{where}: {text!r} has a unit, and this has none; write a number or a share, such as "0.1" or "10 %"'
            ) from None
        raise ValueError(f"{where}: {text!r} cannot be converted to {unit}") from None


def factor(shown: str, unit: str, where: str) -> tuple[float, float]:
    """Slope and offset that take a number in the unit `shown` to the SI `unit`.

    Parameters
    ----------
    shown : str
        The unit that the file uses.
    unit : str
        SI, of the leaf.
    where : str
        Path of the key, for the message.

    Returns
    -------
    tuple of float
        Slope and offset.

    Raises
    ------
    ValueError
        For an unknown unit, or one of another dimension.
    """
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
