"""One lander: the mass budget of both architectures, each at its own best design, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.architectures import comparison, electric_pump, pressure_fed
from models.architectures.budget import CONSUMABLES, PROPULSION_ITEMS, Sizing
from models.architectures.concepts import descent_weight
from models.components import pump_alternatives, structure
from models.components.battery import rounded_pack
from models.components.drive import Drive
from models.lander import Lander, Status
from models.quantity import BAR, WATT_HOUR, ZERO_CELSIUS
from uq.core.table import Cell, Column, Table, to_html, to_text

ARCHITECTURES = {"pressure_fed": pressure_fed, "electric_pump": electric_pump}
TITLES = {"pressure_fed": "pressure-fed", "electric_pump": "electric pump"}
MUCH_GAS = 0.4
"""Ullage as loaded that makes tanks the first suspect where no payload is left; regulated landers take up to 0.1."""


@dataclass(frozen=True)
class Budgets:
    """One lander's best design and budget in each architecture."""

    lander: Lander
    sizings: Mapping[str, Sizing]

    @property
    def gain(self) -> float:
        """Payload of the electric pump less that of the pressure-fed lander, kg."""
        return _one(self.sizings["electric_pump"].payload) - _one(self.sizings["pressure_fed"].payload)

    @property
    def empty(self) -> bool:
        """Whether neither lander has room for payload."""
        return all(_one(sizing.payload) <= 0.0 for sizing in self.sizings.values())

    @property
    def good(self) -> bool:
        """Whether both landers keep every limit and one of them has room for payload: only then is there a gain."""
        return not self.empty and all(_code(sizing) == Status.GOOD for sizing in self.sizings.values())

    @property
    def answer(self) -> str:
        """The gain in one sentence, or which lander has no design and why."""
        lost = [
            f"{title}: {Status(_code(self.sizings[name])).name.lower().replace('_', ' ')}"
            for name, title in TITLES.items()
            if _code(self.sizings[name]) != Status.GOOD
        ]
        if lost:
            why = f"No payload gain can be given, no design was found ({'; '.join(lost)})"
            codes = {_code(sizing) for sizing in self.sizings.values()}
            if Status.CANNOT_LAND in codes:
                return why + _landing_remedy(self.lander)
            return why + (_range_remedy(self.lander) if Status.OUT_OF_RANGE in codes else "")
        if self.empty:
            gas = max(
                float(np.max(share))
                for sizing in self.sizings.values()
                for share in (sizing.storage.oxidiser_ullage, sizing.storage.fuel_ullage)
            )
            payloads = " and ".join(f"{_one(s.payload):.1f} kg {TITLES[n]}" for n, s in self.sizings.items())
            if gas > MUCH_GAS:
                return (
                    f"No payload gain can be given: nothing is left for payload ({payloads}), for tanks are loaded "
                    f"with {100.0 * gas:.0f} % of gas; lower tank.least_hot_ullage or the ullage_ratio that is held"
                )
            return (
                f"No payload gain can be given: nothing is left for payload ({payloads}); lower platform_mass or raise "
                "launch_mass (`lander-uq size --close` finds the platform that closes the lander at its payload)"
            )
        return f"Payload gain of the electric pump at the same launch mass: {self.gain:.1f} kg"

    def __str__(self) -> str:
        return "\n\n".join([*(to_text(table) for table in tables(self)), self.answer])

    def _repr_html_(self) -> str:
        return to_html(*tables(self))


def _landing_remedy(lander: Lander) -> str:
    """Which keys keep a lander from landing; nothing where its thrusts are not the reason."""
    control = lander.reaction_control
    ratio = (
        max(_one(lander.thrust), _one(lander.most_thrust)) + _one(control.braking_thrust)
    ) / descent_weight(lander)
    out, engines = _one(lander.engines_out), _one(lander.engines)
    if out > 0.0 and (1.0 - out / engines) * ratio < 1.0 <= ratio:
        return f": engines_out = {out:g} of engines = {engines:g} leaves less thrust than weight; lower engines_out"
    if not 1.0 <= ratio <= 6.0:
        remedy = "raise thrust or lower launch_mass" if ratio < 1.0 else "lower thrust or raise launch_mass"
        return f": thrust is {ratio:.2g} of the lunar weight at descent, not 1 to 6; {remedy}"
    if _one(control.landing_thrust) > 0.0:
        landing = _one(control.landing_thrust)
        return f": with the main engines off, reaction_control.landing_thrust = {landing:g} N may not hold it; raise it"
    return ""


def _range_remedy(lander: Lander) -> str:
    """Which key leaves the range in which the propellants are known; nothing where none does."""
    pair, ratio = lander.propellants, _one(lander.mixture_ratio)
    low, high = pair.mixture_ratio
    if not low <= ratio <= high:
        return f": mixture_ratio = {ratio:g} is outside {low:g} to {high:g}, where {pair.name} is known"
    tank = lander.tank
    rise = max(_one(rise) for rise in (lander.pump_inlet_heating, tank.soak_rise, tank.pressurised_rise))
    difference = _one(lander.fuel_temperature_difference)
    for liquid, above in ((pair.oxidiser, 0.0), (pair.fuel, difference)):
        loaded = _one(lander.propellant_temperature) + above
        if not (liquid.low <= loaded and loaded + rise <= liquid.high):
            return (
                f": {liquid.name} is known from {liquid.low:g} to {liquid.high:g} K; propellant_temperature of "
                f"{loaded:.0f} K, {rise:.0f} K more in the soak, leaves that"
            )
    return ""


def budgets(lander: Lander) -> Budgets:
    """Size both architectures, each for the most payload at the lander's launch mass.

    Parameters
    ----------
    lander : Lander
        The specification, scalar.

    Returns
    -------
    Budgets
    """
    return Budgets(
        lander, {name: comparison.size(module, lander).sizing for name, module in ARCHITECTURES.items()}
    )


def tables(found: Budgets) -> tuple[Table, ...]:
    """The mass budgets side by side, the best designs, and what types of pump would attain on their duties.

    Parameters
    ----------
    found : Budgets
        What is shown.

    Returns
    -------
    tuple of Table
        In the order in which they are shown.
    """
    a, b = found.sizings["pressure_fed"], found.sizings["electric_pump"]

    def row(name: str, left: Any, right: Any, scale: float = 1.0) -> tuple[Cell, ...]:
        x, y = _one(left) / scale, _one(right) / scale
        return name, x, y, y - x

    growing = set(PROPULSION_ITEMS) - CONSUMABLES - {"growth"}
    masses: list[tuple[Cell, ...]] = [
        (
            *row(item, a.masses[item], b.masses[item]),
            100.0 * _one(structure.growth_fraction(found.lander.growth, item)) if item in growing else "",
        )
        for item in PROPULSION_ITEMS
        if _one(a.masses[item]) or _one(b.masses[item])
    ]
    sums = [
        row("loaded propulsion system", a.propulsion_mass, b.propulsion_mass),
        row("  of it dry", a.dry_mass, b.dry_mass),
        row("  of it power drive, without growth", a.power_drive_mass, b.power_drive_mass),
        row("platform", found.lander.platform_mass, found.lander.platform_mass),
        row("payload", a.payload, b.payload),
        row("launch mass", a.launch_mass, b.launch_mass),
    ]
    masses += [(*each, "") for each in sums]
    heads = ("pressure-fed", "electric pump", "difference")
    columns = (Column("item"), *(Column(h, "kg", 1) for h in heads), Column("growth", "%", 0))
    budget = Table("mass-budget", "Mass budget", columns, tuple(masses))
    design: list[tuple[Cell, ...]] = [
        ("chamber pressure", "bar", *_pair(a.chamber_pressure, b.chamber_pressure, BAR)),
        ("nozzle area ratio", "", *_pair(a.area_ratio, b.area_ratio)),
        ("oxidiser tank pressure", "bar", *_pair(a.oxidiser_tank_pressure, b.oxidiser_tank_pressure, BAR)),
        ("fuel tank pressure", "bar", *_pair(a.fuel_tank_pressure, b.fuel_tank_pressure, BAR)),
        ("delivered specific impulse", "s", *_pair(a.specific_impulse, b.specific_impulse)),
        ("burn time", "s", *_pair(a.burn_time, b.burn_time)),
    ]
    design += [
        (label, unit, *_pair(left, right, scale))
        for (label, unit, scale, left), (*_, right) in zip(_shared(a), _shared(b), strict=True)
    ]
    design += [
        ("electric power, full thrust", "kW", None, _one(b.electric_power) / 1e3),
        ("electric energy, all burns", "kWh", None, _one(b.electric_energy) / (1e3 * WATT_HOUR)),
    ]
    design += [
        (label, unit, None, _one(value) / scale - offset)
        for label, unit, scale, offset, value in _of_drives(b)
    ]
    cells = pack(found)
    if cells is not None:
        design.append(("battery, whole cells", "", None, f"{cells[0]} in series, {cells[1]} in parallel"))
    design.append(("status", "", *[Status(_code(s)).name.lower().replace("_", " ") for s in (a, b)]))
    best = Table(
        "best-design",
        "Best designs",
        (
            Column("quantity"),
            Column("unit"),
            Column("pressure-fed", digits=3),
            Column("electric pump", digits=3),
        ),
        tuple(design),
    )
    return budget, best, _pump_types(found)


def _pump_types(found: Budgets) -> Table:
    """What a centrifugal, a partial-emission and a gear pump attain on the duties of the best design."""
    sizing, rows = found.sizings["electric_pump"], []
    drives = sizing.drives
    assert drives is not None
    with np.errstate(all="ignore"):
        for name, line in zip(("oxidiser", "fuel"), drives.rated, strict=True):
            at = pump_alternatives.rivals(
                line.flow,
                line.rise,
                line.density,
                line.viscosity,
                line.suction_pressure,
                found.lander.pump,
            )
            types = {
                "centrifugal": _one(at.centrifugal),
                "partial emission": _one(at.partial_emission),
                "gear": _one(at.gear),
            }
            best = max(types, key=lambda kind: np.nan_to_num(types[kind]))
            rows.append(
                (
                    name,
                    _plain(_one(at.specific_speed)),
                    *map(_plain, types.values()),
                    best if np.isfinite(types[best]) else None,
                )
            )
    heads = (
        Column("specific speed n_q", decimals=1),
        *(Column(kind, decimals=2) for kind in ("centrifugal", "partial emission", "gear")),
    )
    return Table(
        "pump-types",
        "Pump types on these duties: efficiency predicted",
        (Column("propellant"), *heads, Column("highest")),
        tuple(rows),
        (
            "Sized with the centrifugal pump. Partial emission has been tried at n_q 1.5 to 12 only; the gear pump's "
            "wear in thin propellants is not in its number.",
        ),
    )


def _shared(sizing: Sizing) -> list[tuple[str, str, float, Any]]:
    """Label, unit, SI in that unit, value: of both architectures."""
    storage, propulsion = sizing.storage, sizing.propulsion
    return [
        ("oxidiser ullage as loaded", "", 1.0, storage.oxidiser_ullage),
        ("fuel ullage as loaded", "", 1.0, storage.fuel_ullage),
        ("oxidiser tank volume, each", "L", 1e-3, storage.oxidiser_tank_volume),
        ("fuel tank volume, each", "L", 1e-3, storage.fuel_tank_volume),
        ("oxidiser tank, highest pressure", "bar", BAR, storage.oxidiser_maximum_pressure),
        ("fuel tank, highest pressure", "bar", BAR, storage.fuel_maximum_pressure),
        ("thrust of all engines", "kN", 1e3, sizing.thrust),
        ("mixture ratio", "", 1.0, sizing.mixture_ratio),
        ("engine exit diameter", "m", 1.0, propulsion.exit_diameter),
        ("engine length", "m", 1.0, propulsion.engine_length),
        ("lunar thrust to weight at descent", "", 1.0, propulsion.flight.thrust_to_weight),
        ("throttle in terminal descent", "", 1.0, propulsion.flight.throttle[-1]),
    ]


def _of_drives(sizing: Sizing) -> list[tuple[str, str, float, float, Any]]:
    """Label, unit, SI in that unit, what to take off, value: of the electric pump."""
    drives = sizing.drives
    if drives is None:
        return []

    def both(
        label: str, value: Callable[[Drive], Any], unit: str = "", scale: float = 1.0, offset: float = 0.0
    ) -> list[tuple[str, str, float, float, Any]]:
        pairs = zip(("oxidiser", "fuel"), drives.rated, strict=True)
        return [(f"{name} {label}", unit, scale, offset, value(each)) for name, each in pairs]

    return [
        ("electric power, terminal descent", "kW", 1e3, 0.0, drives.terminal_power),
        *both("pump efficiency", lambda each: each.pump.efficiency),
        *both("pump efficiency predicted", lambda each: each.pump.predicted_efficiency),
        *both("pump pressure rise", lambda each: each.rise, "bar", BAR),
        *both("pump speed", lambda each: each.pump.speed, "1/min", np.pi / 30.0),
        *both("net positive suction pressure", lambda each: each.suction_pressure, "bar", BAR),
        *both("motor efficiency, rated", lambda each: each.motor.efficiency),
        *both("motor windings", lambda each: each.winding_temperature, "degC", 1.0, ZERO_CELSIUS),
        ("heat of the inverters, full thrust", "kW", 1e3, 0.0, drives.inverter_heat),
        ("heat into sinks, longest burn", "kWh", 1e3 * WATT_HOUR, 0.0, drives.sink_energy),
        ("battery, deepest deficit", "kWh", 1e3 * WATT_HOUR, 0.0, drives.stored_energy),
        ("battery, usable share of its energy", "", 1.0, 0.0, drives.usable_factor),
        ("battery, window of charge", "", 1.0, 0.0, drives.battery_depth),
        ("battery temperature rise", "K", 1.0, 0.0, drives.battery_temperature_rise),
    ]


def pack(found: Budgets) -> tuple[int, int] | None:
    """Whole cells of the battery in series and in parallel; None without a design.

    Parameters
    ----------
    found : Budgets
        What is shown.

    Returns
    -------
    tuple of int or None
        Cells in series, strings in parallel.
    """
    mass = _one(found.sizings["electric_pump"].masses["battery"])
    if not np.isfinite(mass):
        return None
    return rounded_pack(mass, _one(found.lander.harness.bus_voltage), found.lander.battery)


def record(found: Budgets) -> dict[str, Any]:
    """Everything as plain data in SI units, None for what is not a number.

    Parameters
    ----------
    found : Budgets
        What is shown.

    Returns
    -------
    dict
        As JSON takes it.
    """
    cells = pack(found)
    result: dict[str, Any] = {
        "units": {
            "payload_gain": "kg",
            "masses": "kg",
            **_QUANTITIES,
            "design": "SI: Pa, m, m3, N, rad/s, W, J, K",
            "drives": "SI: Pa, m, m3, N, rad/s, W, J, K",
        },
        "payload_gain": _plain(found.gain) if found.good else None,
    }
    for name, sizing in found.sizings.items():
        result[name] = {
            "status": Status(_code(sizing)).name.lower(),
            "masses": {item: _plain(_one(mass)) for item, mass in sizing.masses.items()},
            **{key: _plain(_one(getattr(sizing, key))) for key in _QUANTITIES},
            "design": {label: _plain(_one(value)) for label, _, _, value in _shared(sizing)},
            "drives": {label: _plain(_one(value)) for label, *_, value in _of_drives(sizing)},
        }
    if cells is not None:
        result["electric_pump"]["battery_cells"] = {"series": cells[0], "parallel": cells[1]}
    return result


_QUANTITIES = {
    "propulsion_mass": "kg",
    "dry_mass": "kg",
    "power_drive_mass": "kg",
    "payload": "kg",
    "launch_mass": "kg",
    "chamber_pressure": "Pa",
    "area_ratio": "1",
    "oxidiser_tank_pressure": "Pa",
    "fuel_tank_pressure": "Pa",
    "specific_impulse": "s",
    "burn_time": "s",
    "electric_power": "W",
    "electric_energy": "J",
}


def _pair(left: Any, right: Any, scale: float = 1.0) -> tuple[float, float]:
    return _one(left) / scale, _one(right) / scale


def _one(value: Any) -> float:
    return float(np.ravel(value)[0])


def _code(sizing: Sizing) -> int:
    return int(np.ravel(sizing.status)[0])


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
