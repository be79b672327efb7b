"""One lander as asked for: settings over its case, a concept, a platform that closes it, and the limits it reaches."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures import comparison
from models.architectures.budget import Sizing
from models.architectures.comparison import Best
from models.architectures.concepts import MODULES, Architecture, Concept
from models.architectures.free_leaves import BOUNDS
from models.lander import Lander, Status
from models.quantity import BAR
from studies.analysis.sizing import TITLES, Budgets
from studies.case.case import Case
from studies.case.decisions import check_power_limit
from studies.case.engine import has_thrusters
from studies.case.toml_file import CaseError

NEAR = 1e-3
"""Relative distance from a bound at which a design stands on it: the search's own."""
CLOSED = 1e-4
"""kg of payload left of a closed lander."""


@dataclass(frozen=True)
class Asked:
    """Both architectures of one lander, each at its own best design."""

    concepts: Mapping[Architecture, Concept]
    bests: Mapping[Architecture, Best]

    @property
    def budgets(self) -> Budgets:
        """Their mass budgets; the lander is that of the pumps."""
        return Budgets(self.concepts["electric_pump"].lander, {n: b.sizing for n, b in self.bests.items()})

    @property
    def limits(self) -> tuple[str, ...]:
        """Every limit that a design stands on, in words: a better one lies beyond it."""
        found: list[str] = []
        for name, concept in self.concepts.items():
            if int(np.ravel(self.bests[name].sizing.status)[0]) == Status.GOOD:
                own = [
                    *_bounds(concept, self.bests[name]),
                    *_of_drives(concept.lander, self.bests[name].sizing),
                ]
                found += [f"{TITLES[name]}: {words}" for words in own]
        return tuple(found)


def asked(
    case: Case,
    values: Mapping[str, float],
    *,
    chosen: Mapping[str, str] | None = None,
    held: Mapping[Architecture, Mapping[str, float]] | None = None,
    close: bool = False,
) -> Asked:
    """Size the case's lander with every input at its median.

    Parameters
    ----------
    case
        The lander, its inputs and decisions.
    values
        Leaves set over the case, SI.
    chosen
        Option by decision; an architecture without the decision leaves it out.
    held
        Design variables of each architecture that the search leaves at a value, SI.
    close
        Find the platform mass at which the pressure-fed lander has room for the case's payload and no more.

    Returns
    -------
    Asked

    Raises
    ------
    CaseError
        For an unknown decision or option, a set of values that contradict each other, or a lander that no platform
        closes.
    """
    concepts = {
        name: _concept(case, name, values, chosen or {}, (held or {}).get(name, {})) for name in MODULES
    }
    if close:
        platform = closing_platform(concepts["pressure_fed"])
        concepts = {
            n: dataclasses.replace(c, lander=quantity.substitute(c.lander, {"platform_mass": platform}))
            for n, c in concepts.items()
        }
    return Asked(concepts, {n: comparison.size(lander=c.lander, **c.search) for n, c in concepts.items()})


def _concept(
    case: Case,
    name: Architecture,
    values: Mapping[str, float],
    chosen: Mapping[str, str],
    held: Mapping[str, float],
) -> Concept:
    concept = case.decisions.concept(name, case.decisions.chosen_of(name, chosen))
    given = comparison.given_engine(MODULES[name], concept.lander)
    if concept.chamber == "off_the_shelf":
        given = {**given, **dict.fromkeys(("chamber_pressure", "area_ratio"), 0.0)}
    if clash := sorted(given.keys() & held.keys()):
        raise CaseError(
            f"{clash[0]} is that of the engine, which exists; take no engine, or leave {clash[0]} out"
        )
    medians = {i.name: float(i.distribution.ppf(0.5)) for i in case.inputs}
    free = {leaf: value for leaf, value in medians.items() if leaf not in concept.decided}
    bounds: dict[str, float] = {}
    if not chosen:  # thrust is that of the case, which takes no decision
        own = quantity.flatten(case.lander)
        bounds = {n: float(own[n]) for n in BOUNDS["thrust"]}
    for leaf, ends in BOUNDS.items():  # what is set is not searched
        if leaf in values:
            bounds |= dict.fromkeys(ends, 0.0)
    try:
        lander = quantity.substitute(concept.lander, {**free, **bounds, **values})
        check_power_limit(lander)
        comparison.check_room_for_liquid(held, lander.tank)
    except ValueError as error:
        raise CaseError(str(error)) from None
    for decision, option in concept.options.items():
        of = case.decisions.decisions[decision].options.get(option)
        if of is not None and of.thrusters is not None and not has_thrusters(lander):
            raise CaseError(
                f"{decision} = {option} feeds thrusters, and the lander has none: "
                f"reaction_control.propellant_share = 0; raise it or leave {decision!r} out"
            )
    return dataclasses.replace(concept, lander=lander, held=held)


def closing_platform(concept: Concept) -> float:
    """Platform mass in kg at which the best design of a concept carries its lander's payload and no more.

    Payload is launch mass less propulsion less platform, and all but the last depend little on it: a step or two.

    Parameters
    ----------
    concept : Concept
        Its lander and decisions.

    Returns
    -------
    float
        kg.

    Raises
    ------
    CaseError
        Where no platform does.
    """
    lander = concept.lander
    platform, payload = float(lander.platform_mass), float(lander.payload)
    for _ in range(5):
        some = quantity.substitute(lander, {"platform_mass": platform})
        left = float(np.ravel(comparison.size(lander=some, **concept.search).sizing.payload)[0]) - payload
        if not np.isfinite(left):
            raise CaseError(
                "--close: the lander has no design at this launch mass; raise launch_mass or thrust"
            )
        if abs(left) < CLOSED:
            return platform
        platform += left
        if platform < 0.0:
            raise CaseError(
                f"--close: no platform closes the lander at a payload of {payload:g} kg: propulsion and payload alone "
                f"are {-platform:.0f} kg above the launch mass; lower payload or raise launch_mass"
            )
    return platform


def _bounds(concept: Concept, best: Best) -> list[str]:
    """Design variables at a bound of the branch that won."""
    module = concept.search["architecture"]
    branch = module.BRANCHES[int(best.branch[0])]
    found = []
    given = {**comparison.given_engine(module, concept.lander), **concept.search["fixed"]}
    for k, name in enumerate(name for name in module.DESIGN if name not in given):
        j = module.DESIGN.index(name)
        value, low, high = float(np.exp(best.design[0, k])), branch.lower[j], branch.upper[j]
        for end, bound in (("lowest", low), ("highest", high)):
            if abs(value / bound - 1.0) < NEAR and not (name.endswith("ullage_ratio") and end == "lowest"):
                shown = f"{bound / BAR:g} bar" if name.endswith("pressure") else f"{bound:g}"
                found.append(f"{name.replace('_', ' ')} at the {end} that the search allows, {shown}")
    return found


def _of_drives(lander: Lander, sizing: Sizing) -> list[str]:
    """Speeds, temperatures and powers of the drives at their limits."""
    drives = sizing.drives
    if drives is None:
        return []
    found = []

    def one(value: object) -> float:
        return float(np.ravel(np.asarray(value, dtype=np.float64))[0])

    cap, tip = one(lander.pump.maximum_speed), one(lander.pump.tip_speed_limit)
    for name, each in zip(("oxidiser", "fuel"), drives.rated, strict=True):
        if one(each.pump.speed) > CAPPED * cap:
            found.append(
                f"{name} pump at {one(each.pump.speed) * 30.0 / np.pi:.0f} 1/min, near the highest speed allowed "
                f"(pump.maximum_speed = {cap * 30.0 / np.pi:.0f} 1/min)"
            )
        if one(each.pump.tip_speed) > CAPPED * tip:
            found.append(f"{name} pump's tip speed near its limit (pump.tip_speed_limit = {tip:g} m/s)")
    room = one(lander.battery.maximum_temperature) - one(lander.battery.temperature)
    rise = one(drives.battery_temperature_rise)
    if rise > CAPPED * room:
        found.append(
            f"battery warms by {rise:.0f} K of the {room:.0f} K that the cells bear, which its mass answers"
        )
    limit = one(lander.power_limit)
    if one(sizing.electric_power) > (1.0 - NEAR) * limit:
        found.append(f"electric power at its limit of {limit / 1e3:.3g} kW (power_limit)")
    return found


CAPPED = 0.9
"""Share of a speed or a temperature rise from which on its smooth limit shapes the design."""
