"""``python -m tests.physics_page [--renew]``: figures of docs/physics.md that differ from what the model gives today.

Each stands in a sentence of the page, found by its words; ``--renew`` writes today's numbers into the same places with
the digits that the page has (half a minute of one core).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.architectures.budget import Sizing
from models.lander import Lander
from studies.case import load

PAGE = Path(__file__).parent.parent / "docs" / "physics.md"
LANDERS = ("small", "medium", "large", "check")
NUMBER = r"([-+]?\d+(?:\.\d+)?)"


@cache
def baseline(name: str) -> Lander:
    return load(name).baseline()


@cache
def sized(
    architecture: ModuleType,
    name: str,
    changes: tuple[tuple[str, float], ...],
    fixed: tuple[tuple[str, float], ...] = (),
) -> Sizing:
    lander = baseline(name)
    if changes:
        lander = quantity.substitute(lander, dict(changes))
    return comparison.size(architecture, lander, fixed=dict(fixed) or None).sizing


def one(value: object) -> float:
    return float(np.ravel(np.asarray(value))[0])


def payload(
    architecture: ModuleType,
    name: str = "series3",
    fixed: tuple[tuple[str, float], ...] = (),
    **changes: float,
) -> float:
    spelt = tuple((leaf.replace("__", "."), value) for leaf, value in changes.items())
    return one(sized(architecture, name, spelt, fixed).payload)


def gain(name: str = "series3", **changes: float) -> float:
    return payload(electric_pump, name, **changes) - payload(pressure_fed, name, **changes)


def moved(name: str = "series3", **changes: float) -> float:
    return gain(name, **changes) - gain(name)


@dataclass(frozen=True)
class Figures:
    """Numbers of one sentence."""

    words: str
    """Pattern with a group for each number; a blank stands for any white space."""
    values: Callable[[], Sequence[float]]
    """Today's, in the order of the groups."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """Over the page's own line ends."""
        return re.compile(self.words.replace("#", NUMBER).replace(" ", r"\s+"))


def _budgets() -> tuple[Sizing, Sizing]:
    return sized(pressure_fed, "series3", ()), sized(electric_pump, "series3", ())


def _more(item: str) -> float:
    fed, pumped = _budgets()
    return one(pumped.masses[item]) - one(fed.masses[item])


def _sizes() -> list[float]:
    fed, pumped = _budgets()
    lengths = [(one(s.propulsion.exit_diameter), one(s.propulsion.engine_length)) for s in (pumped, fed)]
    return [number for pair in lengths for number in pair]


def _held(ratio: float) -> float:
    return payload(electric_pump) - payload(electric_pump, fixed=(("area_ratio", ratio),))


def _tank_per_litre() -> float:
    fed = _budgets()[0]
    litres = 2e3 * (one(fed.storage.oxidiser_tank_volume) + one(fed.storage.fuel_tank_volume))
    return one(fed.masses["tanks"]) / litres


ROOM = {"least_mixture_ratio": 1.5, "most_mixture_ratio": 2.2}
AT_88 = 0.915 * 0.88 / 0.904
"""Efficiency at 9 bar with which the pressure-fed engine delivers 0.88 of equilibrium in place of 0.904."""
TODAY = r"\| # \| # \| # \| # \|\n\nThe first step moves"
"""The last row of the table of steps."""
UNSOAKED = {"tank__soak_rise": 0.0, "tank__pressurised_rise": 0.0, "tank__pad_helium_pressure": 0.0}
BLOWN = {"pressurant__blow_down": 1.0}
ALL = ("small", "medium", "large", "check", "series3")

FIGURES = (
    Figures(r"Changes are of the payload gain, # kg", lambda: [gain()]),
    Figures(
        r"a cold spare \(`spares_per_set`\) costs # kg, a set for each engine # kg, both # kg",
        lambda: [
            -moved(spares_per_set=1.0),
            -moved(pump_sets=3.0),
            -moved(pump_sets=3.0, spares_per_set=1.0),
        ],
    ),
    Figures(r"Nothing lent costs # kg", lambda: [-moved(battery__bus_share=0.0)]),
    Figures(
        r"the exit is # m wide and the engine # m long, both shorter than the pressure-fed ones \(# and # m\)",
        _sizes,
    ),
    Figures(r"Held to 150 or 200 it costs # or # kg", lambda: [_held(150.0), _held(200.0)]),
    Figures(r"\| # and # kg more behind pumps", lambda: [_more("residuals"), _more("start losses")]),
    Figures(
        r"The ends of the first change the gain to # and # kg",
        lambda: [gain(residuals__pump_difference=-0.006), gain(residuals__pump_difference=0.008)],
    ),
    Figures(
        r"changes the gain by # kg, 6.0 kN by # kg",
        lambda: [abs(moved(thrust=6600.0)), abs(moved(thrust=6000.0))],
    ),
    Figures(
        r"70 degC would bring # kg, 50 degC cost # kg",
        lambda: [
            moved(battery__maximum_temperature=343.15),
            -moved(battery__maximum_temperature=323.15),
        ],
    ),
    Figures(r"where the gain would be # kg more", lambda: [moved(pump__maximum_speed=58_000 * np.pi / 30)]),
    Figures(
        r"as dear in starts \(0.8 s\), it would cost # kg", lambda: [-moved(residuals__start_duration=0.8)]
    ),
    Figures(
        r"\| pressurant hardware \| # and # kg without",
        lambda: [one(budget.masses["pressurant hardware"]) for budget in _budgets()],
    ),
    Figures(r"\| thruster feed \| # kg for the pump alone", lambda: [_more("thruster feed")]),
    Figures(r"\| tanks \| # kg/L", lambda: [_tank_per_litre()]),
    Figures(r"half the pressure saves # kg", lambda: [-_more("tanks")]),
    Figures(
        r"together now move the gain by # / # / # / # kg \(small / medium / large / check\)",
        lambda: [-moved(name, **UNSOAKED) for name in ALL[:4]],
    ),
    Figures(
        r"# / # / # / # kg of it those 5 K",
        lambda: [-moved(name, tank__pressurised_rise=0.0) for name in ALL[:4]],
    ),
    Figures(
        r"With 17.5 K in their place the pump would have # / # / # / # kg more",
        lambda: [moved(name, tank__pressurised_rise=17.5) for name in ALL[:4]],
    ),
    Figures(
        r"At 0.75 the gain would be # / # / # / # kg \(small / medium / large / check, series3 #\)",
        lambda: [gain(name, pump__efficiency_multiplier=0.75) for name in ALL],
    ),
    Figures(TODAY, lambda: [gain(name) for name in ALL[:4]]),
    Figures(
        r"would bring the pump # / # / # / # kg \(small / medium / large / check, series3 #\)",
        lambda: [moved(name, **ROOM) for name in ALL],
    ),
    Figures(
        r"It costs the pump # / # / # / # kg \(small / medium / large / check, series3 #\)",
        lambda: [payload(electric_pump, name) - payload(electric_pump, name, **BLOWN) for name in ALL],
    ),
    Figures(
        r"and the pressure-fed lander # / # / # / # / # kg",
        lambda: [payload(pressure_fed, name) - payload(pressure_fed, name, **BLOWN) for name in ALL],
    ),
)


def shown(value: float, like: str) -> str:
    """A number with the digits and the sign of the one that stands in the page."""
    digits = len(like.partition(".")[2])
    return f"{value:{'+' if like[0] in '+-' else ''}.{digits}f}"


def stale(text: str) -> list[tuple[re.Match[str], list[str]]]:
    """Sentences of the page whose numbers are not today's, with today's.

    Raises
    ------
    LookupError
        For a sentence that the page does not hold.
    """
    found = []
    for figures in FIGURES:
        match = figures.pattern.search(text)
        if match is None:
            raise LookupError(f"docs/physics.md has no sentence {figures.words!r}")
        today = [shown(value, like) for value, like in zip(figures.values(), match.groups(), strict=True)]
        if any(abs(float(a) - float(b)) > 1e-9 for a, b in zip(today, match.groups(), strict=True)):
            found.append((match, today))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--renew", action="store_true", help="write today's numbers into the page")
    renew = parser.parse_args().renew
    text = PAGE.read_text(encoding="utf-8")
    places: list[tuple[int, int, str]] = []
    for match, today in stale(text):
        print(f"{' '.join(match.group().split())}\n    today {', '.join(today)}")
        places += [(*match.span(k + 1), number) for k, number in enumerate(today)]
    if renew:
        for begin, end, number in sorted(places, reverse=True):
            text = text[:begin] + number + text[end:]
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
