"""Both architectures on the same lander, each at its own best design, and what the pump gains.

    payload gain   payload(electric pump) - payload(pressure-fed) at the same launch mass: the decision
    mass saved     launch mass(pressure-fed) - launch mass(electric pump) at the same payload
    dry saving     propulsion hardware(pressure-fed) - hardware(electric pump) at the same launch mass: a by-line, for
                   the pump buys specific impulse with dry mass

Both optimisers maximise the same payload.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import quantity
from models.architectures import (
    electric_pump,
    free_leaves,
    off_the_shelf,
    pressure_fed,
    required_efficiency,
    shared,
)
from models.architectures.budget import Sizing
from models.architectures.free_leaves import Room
from models.batched_newton import STENCIL, Rows, maximise
from models.components import thrust_chamber
from models.components.tank import Tank
from models.lander import Lander, Status, own_lander
from models.quantity import FloatArray, Numeric

OUTPUTS = {
    "payload_gain": "kg",
    "mass_saved": "kg",
    "dry_saving": "kg",
    "unchanged_engine_gain": "kg",
    "payload_gain_over_shelf": "kg",
    "power_drive_mass": "kg",
    "electric_power": "W",
    "electric_energy": "J",
    "additional_power_share": "-",
    "additional_energy_share": "-",
    "regenerative_advantage": "kg",
} | {
    f"{architecture}.{name}": unit
    for architecture in ("pressure_fed", "electric_pump")
    for name, unit in {
        "payload": "kg",
        "propulsion_mass": "kg",
        "dry_mass": "kg",
        "wet_mass": "kg",
        "chamber_pressure": "Pa",
        "area_ratio": "-",
        "oxidiser_tank_pressure": "Pa",
        "fuel_tank_pressure": "Pa",
        "specific_impulse": "s",
        "burn_time": "s",
        "status": "-",
    }.items()
}
"""Every output of `compare` with its unit."""

FINE_STENCIL = 0.2 * STENCIL
"""Of a search that goes on: where the regenerative chamber takes the radiation-cooled one's place, laws bend so much
within 1 % that differences over it put the best pressure by 0.2 % wrong."""

MASS_STEPS = 5
"""Secant steps to the launch mass of a given payload; they leave less than 1e-10 of it."""


@dataclass(frozen=True)
class Best:
    """The best design of every sample, its budget, and what is needed to search on from it."""

    design: FloatArray
    """(n, d), logarithms of the architecture's `DESIGN` that were free; leaves that were free are those of `lander`."""
    branch: NDArray[np.intp]
    """(n,), which of the architecture's `BRANCHES` won."""
    margin: FloatArray
    """(n,), payload of the last branch less that of the first, kg, none counting as 0; NaN where one was searched."""
    sizing: Sizing
    """The budget of each row's best design."""
    lander: Lander
    """The lander with the best thrust, mixture ratio and window of charge, its helium law brought to the march at this
    design."""
    helium: FloatArray
    """(n,), the helium marched over that of the law: how far it was brought."""
    sweeps: int
    """Of the search that took longest."""
    disagreement: FloatArray
    """(n,), of required pump efficiencies: by how much of itself the law's efficiency at the best design still moved
    in the last of `required_efficiency.SEARCHES`; 0 where none is required."""


def given_engine(architecture: ModuleType, lander: Lander) -> dict[str, float]:
    """Design variables that an architecture does not search because its engine exists (`Lander.engine`).

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    dict of str to float
        Chamber pressure (Pa) and area ratio; empty where the search is free.

    Examples
    --------
    >>> given_engine(pressure_fed, Lander())
    {}
    """
    own = lander.engine
    within = {pressure_fed: own.in_pressure_fed, electric_pump: own.in_electric_pump}.get(architecture, 0.0)
    if not within:
        return {}
    pressure, ratio, _ = off_the_shelf.point(lander)
    return {"chamber_pressure": pressure, "area_ratio": ratio}


def evaluate(architecture: ModuleType, lander: Lander, launch_mass: Numeric, design: FloatArray) -> Sizing:
    """The budget of `lander` at `design` (n, d), the architecture's `DESIGN` (no logarithms); launch mass in kg.

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    launch_mass : float or ndarray (n,)
        kg at separation from the launcher.
    design : ndarray (n, d)
        The architecture's `DESIGN`, SI (no logarithms)

    Returns
    -------
    Sizing
    """
    sizing: Sizing = architecture.evaluate(lander, launch_mass, *design.T)
    return sizing


def size(
    architecture: ModuleType,
    lander: Lander,
    *,
    launch_mass: FloatArray | None = None,
    fixed: Mapping[str, float] | None = None,
    begin: Best | None = None,
    only_branch: int | None = None,
    tolerance: float = 1e-3,
    marched: bool = True,
) -> Best:
    """The design of most payload at `launch_mass` (the lander's own by default) for every sample.

    The lander's limits on electric power and energy constrain the search. Thrust is searched too where the lander gives
    it room (`most_thrust` above `least_thrust`), each row from its own; so are the mixture ratio, where no engine is
    given, and with pumps the window of the battery's charge (`battery.depth`).

    The search takes the helium from the correlation of its march. Then the gas is marched through the burns of the best
    design, the correlation brought to it, and the search goes on from there: where tank pressure costs little, the few
    per cent of helium move it.

    Efficiencies that are required of the pumps hold at the best design (`models.architectures.required_efficiency`);
    a row whose searches for it differ by more than designs that take turns has not converged.

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    launch_mass : ndarray (n,), optional
        kg; the lander's own where it is not given.
    fixed : Mapping[str, float], optional
        Design variables held at given values, SI, by their names in `DESIGN`: the unchanged engine, for
        example.
    begin : Best, optional
        A search to go on from: it stays in its branch and keeps its helium.
    only_branch : int, optional
        Which of the architecture's `BRANCHES` to search; all where it is not given.
    tolerance : float, default 0.001
        Predicted gain below which a row has converged, kg of payload.
    marched : bool, default True
        Whether the gas is marched; else the correlation of its march stands, and nothing is searched again.

    Returns
    -------
    Best

    Raises
    ------
    ValueError
        Where a bound of thrust, mixture ratio or window is sampled: a search has one room for all rows. For a `fixed`
        value that cannot be.
    KeyError
        For a `fixed` name that is no design variable.
    """
    lander = own_lander(lander, pumped=architecture is electric_pump)

    def sized(own: Lander) -> tuple[Best, Sizing]:
        best = _search(
            architecture,
            own,
            launch_mass=launch_mass,
            fixed=fixed,
            begin=begin,
            only_branch=only_branch,
            tolerance=tolerance,
            marched=marched,
        )
        return best, best.sizing

    if architecture is not electric_pump or not required_efficiency.any_required(lander):
        return sized(lander)[0]
    best, moved = required_efficiency.reached(sized, lander, None if begin is None else begin.sizing)
    final = required_efficiency.at_the_point(best.lander)
    with np.errstate(all="ignore"):
        sizing = evaluate(
            architecture, final, best.sizing.launch_mass, _whole_design(architecture, best, fixed)
        )
    lost = (moved > required_efficiency.TURNS) & (best.sizing.status == Status.GOOD)
    sizing = dataclasses.replace(sizing, status=np.where(lost, int(Status.NOT_CONVERGED), best.sizing.status))
    return dataclasses.replace(best, sizing=sizing, lander=final, disagreement=moved)


def _search(
    architecture: ModuleType,
    lander: Lander,
    *,
    launch_mass: FloatArray | None,
    fixed: Mapping[str, float] | None,
    begin: Best | None,
    only_branch: int | None = None,
    tolerance: float,
    marched: bool = True,
) -> Best:
    """`size` of one architecture's own lander, whose pumps' efficiencies follow their law."""
    n = quantity.rows(lander)
    mass = np.broadcast_to(
        np.asarray(lander.launch_mass if launch_mass is None else launch_mass, float), (n,)
    )
    limited = bool(np.isfinite(lander.power_limit).any() or np.isfinite(lander.energy_limit).any())
    names = architecture.DESIGN
    held = {**given_engine(architecture, lander), **_checked(fixed or {}, names)}
    free = [k for k, name in enumerate(names) if name not in held]
    constant = np.array([held.get(name, np.nan) for name in names])

    def designs(x: FloatArray) -> FloatArray:
        full = np.broadcast_to(constant, (len(x), len(constant))).copy()
        full[:, free] = np.exp(x)
        return full

    kind = round(float(np.max(lander.chamber_kind)))
    if kind and only_branch is None and "chamber_pressure" not in held:
        only_branch = min(kind, len(architecture.BRANCHES)) - 1
    exists = bool(given_engine(architecture, lander)) or "chamber_pressure" not in names
    rooms = free_leaves.rooms(lander, pumped=architecture is electric_pump, given_mixture=exists)
    leaves = len(rooms)

    def at(rows: Rows | slice, x: FloatArray) -> tuple[Lander, FloatArray]:
        """Lander and design of points x: the first variables are the leaves that are free."""
        some = lander if isinstance(rows, slice) else quantity.take(lander, rows)
        if not rooms:
            return some, designs(x)
        own = {room.leaf: np.exp(column) for room, column in zip(rooms, x.T[:leaves], strict=True)}
        return quantity.substitute(some, own), designs(x[:, leaves:])

    everyone = np.arange(n)
    width = len(free) + leaves
    design = np.full((n, width), np.nan)
    payload = np.full(n, -np.inf)
    margin = np.full(n, np.nan)
    branch = np.zeros(n, dtype=np.intp)
    converged = np.zeros(n, dtype=bool)
    sweeps = 0
    with np.errstate(all="ignore"):
        for number, region in enumerate(_regions(architecture, lander, free, rooms, n)):
            mine = everyone if begin is None else np.flatnonzero(begin.branch == number)
            if not mine.size or only_branch not in (None, number):
                continue

            def objective(x: FloatArray, rows: Rows, mine: Rows = mine) -> tuple[FloatArray, FloatArray]:
                some, points = at(mine[rows], x)
                sizing = evaluate(architecture, some, mass[mine[rows]], points)
                return sizing.payload, _use_of_limits(some, sizing)

            start = region[0]
            if begin is not None:
                start = np.column_stack([*free_leaves.logarithms(begin.lander, rooms, n), begin.design])
            found = maximise(
                objective,
                start[mine],
                region[1],
                region[2],
                limit=np.ones(mine.size) if limited else None,
                tolerance=tolerance,
                sweeps=40,
                stencil=STENCIL if begin is None else FINE_STENCIL,
            )
            sweeps += found.sweeps
            if begin is None:
                margin = np.nan_to_num(found.objective) - (0.0 if number == 0 else margin)
            # Without any feasible design the first branch's stands, and the status says why it is none.
            wins = (found.objective > payload[mine]) | np.isnan(design[mine]).all(axis=1)
            rows = mine[wins]
            design[rows], branch[rows] = found.x[wins], number
            payload[rows] = np.nan_to_num(found.objective[wins], nan=-np.inf)
            converged[rows] = found.converged[wins]
        final, points = at(slice(None), design)
        sizing = evaluate(architecture, final, mass, points)
        helium = np.ones(n) if begin is None else begin.helium
        if begin is None and marched:
            found_helium = np.broadcast_to(shared.helium_correction(final, sizing.storage), (n,))
            helium = np.where(np.isfinite(found_helium), found_helium, 1.0)
            multiplier = lander.pressurant.helium_multiplier * helium
            final = quantity.substitute(final, {"pressurant.helium_multiplier": multiplier})
            sizing = evaluate(architecture, final, mass, points)
    best = Best(
        design[:, width - len(free) :],
        branch,
        margin,
        _with_status(lander, sizing, converged, n),
        final,
        helium,
        sweeps,
        np.zeros(n),
    )
    if begin is not None or not marched:
        return best
    again = _search(architecture, final, launch_mass=mass, fixed=fixed, begin=best, tolerance=0.1 * tolerance)
    with np.errstate(all="ignore"):
        found_helium = shared.helium_correction(again.lander, again.sizing.storage, helium)
        helium = np.where(np.isfinite(found_helium), found_helium, helium)
        multiplier = again.lander.pressurant.helium_multiplier * helium / best.helium
        final = quantity.substitute(again.lander, {"pressurant.helium_multiplier": multiplier})
        sizing = evaluate(architecture, final, mass, designs(again.design))
    return dataclasses.replace(
        again,
        margin=margin,
        sizing=dataclasses.replace(sizing, status=again.sizing.status),
        lander=final,
        helium=helium,
        sweeps=sweeps + again.sweeps,
    )


def _use_of_limits(lander: Lander, sizing: Sizing) -> FloatArray:
    """Electric power or energy over its limit, whichever is nearer to it: at most 1 where both are kept."""
    return np.maximum(
        sizing.electric_power / np.asarray(lander.power_limit),
        sizing.electric_energy / np.asarray(lander.energy_limit),
    )


def _checked(fixed: Mapping[str, float], names: tuple[str, ...]) -> Mapping[str, float]:
    """Design variables at given values, each one that there is and that can be."""
    for name, value in fixed.items():
        if name not in names:
            raise quantity.unknown_name(name, names, "design variable")
        if not value > 0.0:
            raise ValueError(f"fixed: {name} = {value:g} must be positive")
        if name.endswith("ullage_ratio") and value < 1.0:
            raise ValueError(
                f"fixed: {name} = {value:g} is below 1, less gas than tank.least_hot_ullage allows; "
                "give 1 or more, or lower tank.least_hot_ullage"
            )
    return fixed


def check_room_for_liquid(fixed: Mapping[str, float], tank: Tank) -> None:
    """Refuse a tank that would be all gas: an ullage ratio held at 1 over the least hot ullage, or more.

    Parameters
    ----------
    fixed : mapping of str to float
        Design variables that are held.
    tank : Tank
        Whose least hot ullage they multiply.  `size` itself takes such a tank as data: TANK_LIMITED.

    Raises
    ------
    ValueError
        With both keys.

    Examples
    --------
    >>> check_room_for_liquid({"fuel_ullage_ratio": 9.0}, Tank(least_hot_ullage=0.1))
    """
    least = tank.least_hot_ullage
    for name, value in fixed.items():
        if name.endswith("ullage_ratio") and np.ndim(least) == 0 and value * least >= 1.0:
            raise ValueError(
                f"{name} = {value:g} times tank.least_hot_ullage = {least:g} is a gas share of {value * least:g}, "
                "which leaves no room for liquid; lower one of the two"
            )


def _regions(
    architecture: ModuleType, lander: Lander, free: list[int], rooms: list[Room], n: int
) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Start (n, d), lower and upper bound (d,) of the free variables (logarithms) in each branch that still differs."""

    def logarithms(values: tuple[Numeric, ...], own: list[Numeric]) -> FloatArray:
        columns = np.empty((n, len(own) + len(free)))  # no column where every variable is held
        for column, value in zip(columns.T, [*own, *(values[k] for k in free)], strict=True):
            column[:] = value
        return np.log(columns)

    starts, lowest, highest = ([getattr(room, side) for room in rooms] for side in ("start", "low", "high"))
    branches = [
        (
            logarithms(architecture.begin(lander, region), starts),
            logarithms(region.lower, lowest)[0],
            logarithms(region.upper, highest)[0],
        )
        for region in architecture.BRANCHES
    ]
    # branches are engines of different chamber pressures: where that is held, one search finds the rest
    held = [name for k, name in enumerate(architecture.DESIGN) if k not in free]
    return branches[:1] if "chamber_pressure" in held else branches


def _with_status(lander: Lander, sizing: Sizing, converged: Any, n: int) -> Sizing:
    """Why a row has no design, the first reason that applies."""
    reasons: list[tuple[Any, Status]] = [
        (quantity.out_of_range(lander, n), Status.OUT_OF_RANGE),
        (~shared.liquid(lander), Status.OUT_OF_RANGE),
        (np.asarray(lander.pump_sets) > np.asarray(lander.engines), Status.OUT_OF_RANGE),
        (~np.isfinite(sizing.specific_impulse), Status.OUT_OF_RANGE),
        (~np.isfinite(sizing.propulsion.flight.thrust_to_weight), Status.CANNOT_LAND),
        (~np.isfinite(sizing.propulsion.flight.landed_mass), Status.CANNOT_LAND),
    ]
    drives = sizing.drives
    if drives is not None:
        beyond = ~np.isfinite(sum(each.pump.efficiency for each in drives.rated))
        moving = np.isfinite(sum(each.pump.speed for each in drives.rated))
        # a pump that turns and has no efficiency: more than one was asked of it
        reasons += [(beyond & moving, Status.OUT_OF_RANGE)]
    reasons += [(~np.isfinite(sizing.masses["tanks"]), Status.TANK_LIMITED)]
    if drives is not None:
        reasons += [
            (~np.isfinite(drives.rated.oxidiser.pump.speed), Status.SUCTION_LIMITED),
            (~np.isfinite(sizing.masses["battery"]), Status.BATTERY_LIMITED),
            (drives.motor_temperature > np.asarray(lander.motor.maximum_temperature), Status.TOO_HOT),
            (sizing.electric_power > np.asarray(lander.power_limit) * (1.0 + 1e-5), Status.POWER_LIMITED),
            (sizing.electric_energy > np.asarray(lander.energy_limit) * (1.0 + 1e-5), Status.ENERGY_LIMITED),
        ]
    each = np.asarray(sizing.thrust) / lander.engines
    closes = thrust_chamber.jacket_closes(lander.thrust_chamber, each, sizing.chamber_pressure)
    reasons += [
        (~closes, Status.JACKET_LIMITED),
        (~np.isfinite(sizing.payload) | ~converged, Status.NOT_CONVERGED),
    ]
    status = np.select([r for r, _ in reasons], [int(s) for _, s in reasons], default=int(Status.GOOD))
    return dataclasses.replace(sizing, status=np.broadcast_to(status, (n,)).astype(np.int64))


def launch_mass_for(
    architecture: ModuleType, best: Best, payload: FloatArray, *, fixed: Mapping[str, float] | None = None
) -> Best:
    """The smallest launch mass that lands `payload` (kg, (n,)): closure and best design together.

    A secant in the launch mass at the design of `best`, one more search from there, the helium marched anew, and the
    secant again: what is left of the design's error enters squared.  Without its own march the difference of two
    launch masses would be wrong by up to 0.3 kg where they lie 15 % away.

    Parameters
    ----------
    architecture : ModuleType
        `pressure_fed`, `electric_pump` or `off_the_shelf`.
    best : Best
        A search at a launch mass nearby.
    payload : ndarray (n,)
        kg to be landed.
    fixed : Mapping[str, float], optional
        Design variables that the search held, as in `size`.

    Returns
    -------
    Best
    """
    with np.errstate(all="ignore"):
        mass = np.array(best.sizing.launch_mass, dtype=np.float64)
        mass = _secant(architecture, best.lander, mass, _whole_design(architecture, best, fixed), payload)
        again = size(architecture, best.lander, launch_mass=mass, fixed=fixed, begin=best, tolerance=1e-4)
        design = _whole_design(architecture, again, fixed)
        helium = shared.helium_correction(again.lander, again.sizing.storage, best.helium)
        multiplier = best.lander.pressurant.helium_multiplier * helium / best.helium
        lander = quantity.substitute(again.lander, {"pressurant.helium_multiplier": multiplier})
        mass = _secant(architecture, lander, mass, design, payload)
        final = evaluate(architecture, lander, mass, design)
    sizing = dataclasses.replace(final, status=again.sizing.status)
    return dataclasses.replace(again, sizing=sizing, lander=lander, helium=helium)


def _whole_design(architecture: ModuleType, best: Best, fixed: Mapping[str, float] | None) -> FloatArray:
    """(n, d) of the architecture's `DESIGN`: what was searched, and what is `fixed` or an engine that exists holds."""
    held = {**given_engine(architecture, best.lander), **(fixed or {})}
    free = iter(np.exp(best.design).T)
    return np.column_stack(
        [np.full(len(best.design), held[n]) if n in held else next(free) for n in architecture.DESIGN]
    )


def _secant(
    architecture: ModuleType, lander: Lander, mass: FloatArray, design: FloatArray, payload: FloatArray
) -> FloatArray:
    older = mass
    older_miss = evaluate(architecture, lander, older, design).payload - payload
    newer = older - older_miss / 0.35
    for _ in range(MASS_STEPS):
        miss = evaluate(architecture, lander, newer, design).payload - payload
        slope = (miss - older_miss) / np.where(newer == older, np.nan, newer - older)
        step = np.where(np.isfinite(slope) & (np.abs(miss) > 1e-11 * newer), miss / slope, 0.0)
        older, older_miss, newer = newer, miss, np.where(np.isfinite(miss), newer - step, np.nan)
    return newer


def compare(lander: Lander) -> dict[str, FloatArray]:
    """Everything that the study asks of one lander, or of (n,) samples of it, as named columns in SI units.

    Pressure-fed and electric pump each at its own best design at the lander's launch mass; launch masses at its
    payload; the pressure-fed engine off the shelf; the electric pump with that unchanged engine, both at `thrust`.
    A row whose unchanged engine has no design fails as a whole, with that status: an output that is not finite makes a
    campaign count the sample as failed anyway, and would hide the reason.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    dict of str to ndarray (n,)
        `status` and the outputs of both architectures, SI.
    """
    n = quantity.rows(lander)
    pressure = size(pressure_fed, lander)
    pump = size(electric_pump, lander)
    payload = np.broadcast_to(np.asarray(lander.payload, dtype=np.float64), (n,))
    pressure_wet = launch_mass_for(pressure_fed, pressure, payload).sizing.launch_mass
    pump_wet = launch_mass_for(electric_pump, pump, payload).sizing.launch_mass
    given = dataclasses.replace(
        lander, least_thrust=0.0, most_thrust=0.0, least_mixture_ratio=0.0, most_mixture_ratio=0.0
    )
    shelf = size(off_the_shelf, given).sizing
    unchanged = size(
        electric_pump,
        given,
        fixed=dict(zip(("chamber_pressure", "area_ratio"), off_the_shelf.point(given)[:2], strict=True)),
    )
    a, b = pressure.sizing, pump.sizing
    energy_of_bus = np.asarray(lander.bus.house_load) * b.burn_time
    pumped = own_lander(lander, pumped=True)
    decided = bool(given_engine(electric_pump, pumped)) or bool(np.any(pumped.chamber_kind))
    columns = {
        "payload_gain": b.payload - a.payload,
        "mass_saved": pressure_wet - pump_wet,
        "dry_saving": a.dry_mass - b.dry_mass,
        "unchanged_engine_gain": unchanged.sizing.payload - shelf.payload,
        "payload_gain_over_shelf": b.payload - shelf.payload,
        "power_drive_mass": b.power_drive_mass,
        "electric_power": b.electric_power,
        "electric_energy": b.electric_energy,
        "additional_power_share": b.electric_power / np.asarray(lander.bus.house_load),
        "additional_energy_share": b.electric_energy / energy_of_bus,
        # an engine that exists has no rival, nor has a chamber that is decided on
        "regenerative_advantage": 0.0 * b.payload if decided else pump.margin,
    }
    worst = np.where(a.status != Status.GOOD, a.status, b.status)
    worst = np.where(worst != Status.GOOD, worst, unchanged.sizing.status)
    columns = {name: np.where(worst == Status.GOOD, value, np.nan) for name, value in columns.items()}
    for name, sizing, wet in (("pressure_fed", a, pressure_wet), ("electric_pump", b, pump_wet)):
        own = {
            "payload": sizing.payload,
            "propulsion_mass": sizing.propulsion_mass,
            "dry_mass": sizing.dry_mass,
            "wet_mass": wet,
            "chamber_pressure": sizing.chamber_pressure,
            "area_ratio": sizing.area_ratio,
            "oxidiser_tank_pressure": sizing.oxidiser_tank_pressure,
            "fuel_tank_pressure": sizing.fuel_tank_pressure,
            "specific_impulse": sizing.specific_impulse,
            "burn_time": sizing.burn_time,
        }
        good = sizing.status == Status.GOOD
        columns |= {f"{name}.{key}": np.where(good, value, np.nan) for key, value in own.items()}
        columns[f"{name}.status"] = sizing.status.astype(np.float64)
    return columns | {"status": worst.astype(np.float64)}
