"""Engines of a case: one that exists, by the leaves under which the model has its figures, and thrusters."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from models import quantity
from models.architectures import off_the_shelf
from models.architectures.concepts import Architecture
from models.components import feed_line, thrust_chamber
from models.components.reaction_control import ThrusterOption
from models.lander import Lander
from models.properties.propellants import LOX_LCH4
from models.quantity import first_value
from studies.case.schema import EngineEntry, Thrusters
from studies.case.units import to_si

UNITS = {
    "chamber_pressure": "Pa",
    "area_ratio": "-",
    "inlet_pressure": "Pa",
    "mixture_ratio": "-",
    "specific_impulse": "s",
    "mass": "kg",
    "length": "m",
}
"""Figures of an engine, SI."""
OF_AN_ENGINE = (
    "mixture_ratio",
    "thrust_chamber.efficiency",
    "thrust_chamber.nozzle_length_fraction",
    "thrust_chamber.mass_scatter",
    "feed_line.injector_fraction",
)
"""Leaves that its figures fix."""


def values(
    entry: EngineEntry, lander: Lander
) -> tuple[dict[str, float], dict[Architecture, dict[str, float]]]:
    """Leaves of the lander and their values with this engine; thrust and number of engines are the lander's.

    Chamber pressure and area ratio are held in the architectures that it is for; specific impulse, mass, length and
    inlet pressure fix the chamber's efficiency, mass scatter, nozzle length and injector, the mixture ratio itself: of
    both architectures, or of the one whose engine it is, where the other keeps its own.

    Parameters
    ----------
    entry : EngineEntry
        The table ``[engine]`` of a case file.
    lander : Lander
        The specification, scalar.

    Returns
    -------
    tuple of dict and dict
        By dotted path, SI: what holds in both architectures, and what in one alone.

    Raises
    ------
    ValueError
        For a figure that the model cannot have, with the key.
    """
    given = {
        name: to_si(text, UNITS[name], f"engine.{name}")
        for name in UNITS
        if (text := getattr(entry, name)) is not None
    }
    for name, value in given.items():
        if not value > 0.0:
            raise ValueError(f"engine.{name}: {getattr(entry, name)!r} must be positive")
    found = {
        "engine.chamber_pressure": given["chamber_pressure"],
        "engine.area_ratio": given["area_ratio"],
        **{f"engine.in_{name}": 1.0 for name in entry.architectures},
    }
    if "inlet_pressure" in given:
        found["engine.inlet_pressure"] = given["inlet_pressure"]
    own = {"mixture_ratio": given["mixture_ratio"]} if "mixture_ratio" in given else {}
    lander = quantity.substitute(lander, {**found, **own})
    pressure, ratio, _ = off_the_shelf.point(lander)

    def impulse(some: Lander) -> float:
        chamber = some.thrust_chamber
        return first_value(
            thrust_chamber.performance(
                chamber, some.propellants, pressure, some.mixture_ratio, ratio
            ).specific_impulse
        )

    def geometry(some: Lander) -> thrust_chamber.Geometry:
        chamber = some.thrust_chamber
        coefficient = thrust_chamber.performance(
            chamber, some.propellants, pressure, some.mixture_ratio, ratio
        ).thrust_coefficient
        return thrust_chamber.geometry(chamber, some.thrust / some.engines, pressure, coefficient, ratio)

    def mass(some: Lander) -> float:
        surface = geometry(some).nozzle_surface
        return first_value(
            thrust_chamber.mass(some.thrust_chamber, some.thrust / some.engines, pressure, surface)
        )

    def length(some: Lander) -> float:
        return first_value(geometry(some).length)

    def inlet(some: Lander) -> float:
        return first_value(feed_line.inlet_pressure(pressure, some.feed_line))

    for name, leaf, figure in (
        ("specific_impulse", "thrust_chamber.efficiency", impulse),
        ("length", "thrust_chamber.nozzle_length_fraction", length),
        ("mass", "thrust_chamber.mass_scatter", mass),
        ("inlet_pressure", "feed_line.injector_fraction", inlet),
    ):
        if name in given:
            own[leaf] = _solved(lander, leaf, figure, given[name], f"engine.{name}", UNITS[name])
            lander = quantity.substitute(lander, {leaf: own[leaf]})
    alone = set(entry.architectures)
    return (found | own, {}) if len(alone) > 1 else (found, dict.fromkeys(alone, own))


def off_the_shelf_values(lander: Lander, architecture: str) -> dict[str, float]:
    """Leaves of the lander and their values with the engine off the shelf in one architecture.

    Parameters
    ----------
    lander : Lander
        The specification, scalar.
    architecture : str
        ``pressure_fed`` or ``electric_pump``.

    Returns
    -------
    dict of str to float
        By dotted path, SI.
    """
    pressure, ratio, inlet = off_the_shelf.point(lander)
    other = lander.electric_pump if architecture == "pressure_fed" else lander.pressure_fed
    found = {name: value for name, value in other.values if name in OF_AN_ENGINE} | {
        "engine.chamber_pressure": pressure,
        "engine.area_ratio": ratio,
        f"engine.in_{architecture}": 1.0,
    }
    if (
        architecture == "pressure_fed" and "feed_line.injector_fraction" not in found
    ):  # its tanks stand what the engine needs upstream of its valves

        def figure(some: Lander) -> float:
            return first_value(feed_line.inlet_pressure(pressure, some.feed_line))

        leaf = "feed_line.injector_fraction"
        found[leaf] = _solved(lander, leaf, figure, inlet, "engine.inlet_pressure", "Pa")
    return found


def _solved(
    lander: Lander, leaf: str, figure: Callable[[Lander], float], wanted: float, where: str, unit: str
) -> float:
    """The value of a leaf at which a figure, which rises with it, has the wanted value: bisection over its range."""
    low, high = quantity.units(lander)[leaf].low, quantity.units(lander)[leaf].high

    def at(value: float) -> float:
        return figure(quantity.substitute(lander, {leaf: value}))

    least, most = at(low), at(high)
    if not least <= wanted <= most:
        raise ValueError(
            f"{where}: {wanted:.6g} {unit} lies outside what the model's engine can have at this chamber pressure and "
            f"area ratio, {least:.4g} to {most:.4g} {unit}; check its figures, its thrust and its propellants"
        )
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if at(middle) < wanted else (low, middle)
    return 0.5 * (low + high)


FROM_MAIN_TANKS = (ThrusterOption.ACCUMULATORS, ThrusterOption.LOW_PRESSURE)
"""Options in which thrusters hang on the manifold of the main engines."""


def has_thrusters(lander: Lander) -> bool:
    """Whether anything is burnt in thrusters: for attitude, in braking or in landing.

    Parameters
    ----------
    lander : Lander
        Of floats.

    Returns
    -------
    bool
    """
    control = lander.reaction_control
    return bool(max(control.propellant_share, control.braking_thrust, control.landing_thrust) > 0.0)


def boils_in_the_manifold(lander: Lander, option: ThrusterOption) -> str | None:
    """Why thrusters cannot be fed so with the lander's propellants; None where they can.

    Parameters
    ----------
    lander : Lander
        Its propellants count.
    option : ThrusterOption
        How the thrusters would be fed.

    Returns
    -------
    str or None
        To stand behind the option's name.
    """
    if lander.propellants is LOX_LCH4 and option in FROM_MAIN_TANKS:
        name = lander.propellants.name
        return f"hangs the thrusters on the main engines' manifold, in which {name} boils between pulses"
    return None


def with_thrusters(lander: Lander, name: Thrusters, *, where: str | None = None) -> Lander:
    """The lander with its thrusters fed as named.

    Parameters
    ----------
    lander : Lander
        Of floats.
    name : str
        As a case file names it.
    where : str, optional
        Key that names it; not given for a default, which nobody has asked for.

    Returns
    -------
    Lander

    Raises
    ------
    ValueError
        For a key that feeds thrusters where there are none, or from a manifold of propellants that boil in it.
    """
    control = dataclasses.replace(lander.reaction_control, option=ThrusterOption[name.upper()])
    if where is not None:
        if not has_thrusters(lander):
            raise ValueError(
                f"{where}: {name!r} feeds thrusters, and the lander has none: reaction_control.propellant_share = 0; "
                "raise it or leave the key out"
            )
        if (why := boils_in_the_manifold(lander, control.option)) is not None:
            raise ValueError(f"{where}: {name!r} {why}; give them 'separate_tanks' or 'monopropellant'")
    return dataclasses.replace(lander, reaction_control=control)
