"""The propulsion system of a concept as a flow sheet: bottles, regulators, tanks, pumps, valves, engines, battery.

Drawn as SVG text from what the concept decides; nothing in it is to scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from models.architectures.comparison import Best
from models.components.reaction_control import ThrusterOption
from models.fixed_design.operating_point import PumpPoint
from models.quantity import BAR
from uq.report.canvas import HUES, INK, RULE, SOFT
from uq.report.document import Figure

WIDTH, HEIGHT = 720, 470
GAS, OXIDISER, FUEL, ELECTRIC = SOFT, HUES[0], HUES[1], HUES[2]
MOST_ENGINES = 6


@dataclass
class _Sheet:
    parts: list[str] = field(default_factory=list)

    def line(self, points: list[tuple[float, float]], colour: str, *, dashed: bool = False) -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = ' stroke-dasharray="5 3"' if dashed else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: str,
        *,
        radius: float = 4,
        text: str = "",
    ) -> None:
        self.parts.append(
            f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="{radius:.1f}" fill="#ffffff" stroke="{colour}" stroke-width="2"/>'
        )
        for k, row in enumerate(text.split("\n") if text else ()):
            rows = text.count("\n") + 1
            self.words(x, y + 4 + 13 * (k - 0.5 * (rows - 1)), row)

    def valve(self, x: float, y: float, colour: str) -> None:
        """Two triangles tip to tip on a vertical line."""
        self.parts.append(
            f'<path d="M{x - 7:.1f} {y - 7:.1f} H{x + 7:.1f} L{x - 7:.1f} {y + 7:.1f} H{x + 7:.1f} Z" '
            f'fill="#ffffff" stroke="{colour}" stroke-width="1.6"/>'
        )

    def pump(self, x: float, y: float, colour: str) -> None:
        """A circle with the arrow of its flow."""
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="13" fill="#ffffff" stroke="{colour}" stroke-width="2"/>'
            f'<path d="M{x - 11:.1f} {y - 6:.1f} L{x:.1f} {y + 13:.1f} L{x + 11:.1f} {y - 6:.1f}" fill="none" '
            f'stroke="{colour}" stroke-width="1.4"/>'
        )

    def engine(self, x: float, y: float) -> None:
        """A chamber and its bell, throat at y."""
        self.parts.append(
            f'<path d="M{x - 8:.1f} {y - 22:.1f} H{x + 8:.1f} V{y - 7:.1f} L{x + 4:.1f} {y:.1f} '
            f"Q{x + 8:.1f} {y + 16:.1f} {x + 17:.1f} {y + 30:.1f} H{x - 17:.1f} "
            f'Q{x - 8:.1f} {y + 16:.1f} {x - 4:.1f} {y:.1f} L{x - 8:.1f} {y - 7:.1f} Z" '
            f'fill="#ffffff" stroke="{INK}" stroke-width="1.8"/>'
        )

    def words(self, x: float, y: float, text: str, *, anchor: str = "middle", size: float = 11) -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">'
            f"{escape(text)}</text>"
        )


def schematic(best: Best, *, name: str, title: str, pumps: Sequence[PumpPoint] = ()) -> Figure:
    """The flow sheet of one best design, with the numbers of its parts.

    Parameters
    ----------
    best : Best
        Of one lander (one row).
    name, title : str
        Of the figure.
    pumps : sequence of PumpPoint
        Rated points of the pumps; by default those of the budget.

    Returns
    -------
    Figure
    """
    lander, sizing = best.lander, best.sizing
    pumped = sizing.drives is not None
    engines = round(float(np.asarray(lander.engines).ravel()[0]))
    tanks = round(float(np.asarray(lander.tank.number).ravel()[0]))
    pair = lander.propellants
    sheet = _Sheet()
    x_oxidiser, x_fuel, top, tank, drive, manifold, throat = 250.0, 450.0, 48.0, 150.0, 265.0, 330.0, 400.0

    bottle = _value(lander.pressurant.bottle_pressure) / BAR
    sheet.box(
        350,
        top,
        150,
        40,
        GAS,
        radius=18,
        text=f"helium, {bottle:.0f} bar\n{_value(sizing.masses['helium']):.1f} kg",
    )
    sheet.line([(350, top + 20), (350, 92)], GAS)
    sheet.valve(350, 84, GAS)
    sheet.words(364, 88, "regulator", anchor="start", size=10)
    sheet.line([(x_oxidiser, tank - 42), (x_oxidiser, 100), (x_fuel, 100), (x_fuel, tank - 42)], GAS)

    pressures = (sizing.storage.oxidiser_maximum_pressure, sizing.storage.fuel_maximum_pressure)
    loads = (sizing.propulsion.oxidiser, sizing.propulsion.fuel)
    for x, colour, liquid, load, pressure in zip(
        (x_oxidiser, x_fuel), (OXIDISER, FUEL), (pair.oxidiser, pair.fuel), loads, pressures, strict=True
    ):
        text = f"{tanks} x {liquid.name}\n{_value(load):.0f} kg\nat most {_value(pressure) / BAR:.1f} bar"
        sheet.box(x, tank, 130, 84, colour, radius=36, text=text)
        sheet.line([(x, tank + 42), (x, manifold)], colour)
        sheet.valve(x, 213, colour)
    if pumped:
        _pumps(sheet, best, pumps, (x_oxidiser, x_fuel), drive)

    shown = min(engines, MOST_ENGINES)
    span = np.linspace(-0.5, 0.5, shown) * 62.0 * (shown - 1) if shown > 1 else np.zeros(1)
    for x, colour, offset, level in (
        (x_oxidiser, OXIDISER, -5.0, manifold),
        (x_fuel, FUEL, 5.0, manifold + 14),
    ):
        ends = [350 + s + offset for s in span]
        sheet.line([(x, manifold), (x, level), (min([*ends, x]), level)], colour)
        sheet.line([(x, level), (max([*ends, x]), level)], colour)
        for end in ends:
            sheet.line([(end, level), (end, throat - 22)], colour)
    for s in span:
        sheet.engine(350 + s, throat)
    thrust = _value(sizing.thrust) / engines / 1e3
    sheet.words(
        350,
        HEIGHT - 12,
        f"{engines} engine{'s' * (engines > 1)} of {thrust:.2f} kN, {_value(sizing.chamber_pressure) / BAR:.1f} bar, "
        f"area ratio {_value(sizing.area_ratio):.0f}, {_value(sizing.specific_impulse):.0f} s",
    )
    _thrusters(sheet, lander.reaction_control.option, pumped, (x_oxidiser, x_fuel), tank)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="DejaVu Sans, sans-serif"><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        + "".join(sheet.parts)
        + "</svg>"
    )
    feed = "electric pumps fed from a battery" if pumped else "regulated helium pressure"
    return Figure(
        name, title, f"Helium bottles, tanks of both propellants and {engines} engines, fed by {feed}.", svg
    )


def _pumps(
    sheet: _Sheet, best: Best, pumps: Sequence[PumpPoint], columns: tuple[float, float], level: float
) -> None:
    drives = best.sizing.drives
    assert drives is not None
    lander = best.lander
    power = _value(best.sizing.electric_power) / 1e3
    sheet.box(
        90,
        level,
        120,
        64,
        ELECTRIC,
        text=f"battery\n{_value(best.sizing.masses['battery']):.0f} kg\n{power:.1f} kW",
    )
    sheet.line([(150, level + 24), (columns[1] - 13, level + 24)], ELECTRIC, dashed=True)
    points = [(p.rise, p.flow, p.efficiency) for p in pumps] or [
        (_value(rated.rise), _value(rated.flow), _value(rated.pump.efficiency)) for rated in drives.rated
    ]
    for x, colour, (rise, flow, efficiency) in zip(columns, (OXIDISER, FUEL), points, strict=True):
        sheet.box(x - 46, level + 24, 52, 18, ELECTRIC, radius=2, text="motor")
        sheet.pump(x, level, colour)
        sheet.line([(x - 20, level + 24), (x, level + 24), (x, level + 13)], ELECTRIC, dashed=True)
        sheet.words(
            x + 20,
            level - 2,
            f"{rise / BAR:.0f} bar, {flow * 1e3:.2f} L/s",
            anchor="start",
            size=10,
        )
        sheet.words(x + 20, level + 11, f"efficiency {efficiency:.2f}", anchor="start", size=10)
    sets = _sets(lander)
    if sets:
        sheet.words(90, level + 50, sets, size=10)


def _sets(lander: object) -> str:
    number = getattr(lander, "pump_sets", None)
    if number is None:
        return ""
    count = round(_value(number))
    return f"{count} pump set{'s' * (count != 1)}"


def _thrusters(
    sheet: _Sheet, option: ThrusterOption, pumped: bool, columns: tuple[float, float], level: float
) -> None:
    words = {
        ThrusterOption.MONOPROPELLANT: "thrusters: monopropellant,\ntank of their own",
        ThrusterOption.SEPARATE_TANKS: "thrusters: tanks of\ntheir own",
        ThrusterOption.ACCUMULATORS: "thrusters: accumulators\ncharged by the pumps",
        ThrusterOption.LOW_PRESSURE: "thrusters: at the\ntanks' pressure",
    }
    text = (
        words.get(option, option.value)
        if pumped or option is ThrusterOption.MONOPROPELLANT
        else "thrusters: from the\nmain tanks"
    )
    own = option is ThrusterOption.MONOPROPELLANT or (pumped and option is ThrusterOption.SEPARATE_TANKS)
    sheet.box(632, level, 156, 44, RULE if own else FUEL, text=text)
    if not own:
        sheet.line([(columns[1] + 65, level), (554, level)], FUEL)
        # the oxidiser passes between the tanks and below that of the fuel
        x, y = 0.5 * (columns[0] + columns[1]), level + 86
        side = level + 15
        sheet.line([(columns[0] + 65, side), (x, side), (x, y), (632, y), (632, level + 22)], OXIDISER)


def _value(value: object) -> float:
    return float(np.asarray(value).ravel()[0])
