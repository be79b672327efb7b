"""Quantities set beside the case file (``--set launch_mass='3 t'``), and what people call them otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from models import quantity
from models.lander import Lander
from studies.case.toml_file import CaseError
from studies.case.units import to_si
from uq.core.problem import nearest

if TYPE_CHECKING:
    from studies.case.case import Case

ALIASES = {
    "pump.efficiency": "pump.required_efficiency",
    "pump.specific_power": "pump.required_specific_power",
    "motor.efficiency": "motor.required_efficiency",
    "inverter.efficiency": "inverter.required_efficiency",
    "battery.energy_density": "battery.specific_energy",
}
"""Shorter names that people try first: a required value replaces the model's prediction."""

MEANINGS = {
    "launch_mass": "wet_mass gross_mass total_mass initial_mass takeoff_mass lander_mass mass m0 glow",
    "platform_mass": "dry_mass structure_mass bus_mass inert_mass fixed_mass",
    "payload": "cargo payload_mass useful_mass",
    "mixture_ratio": "of of_ratio o/f mr oxidiser_fuel_ratio oxidizer_fuel_ratio",
    "engines": "number_of_engines engine_count n_engines",
    "power_limit": "power max_power maximum_power power_max",
    "thrust": "total_thrust engine_thrust f max_thrust",
    "propellant_temperature": "temperature tank_temperature",
    "harness.bus_voltage": "voltage bus_voltage",
    "bus.house_load": "house_load bus_power base_load",
    "mission.hover": "hover hover_time",
    "mission.divert": "divert divert_delta_v",
    "mission.insertion": "insertion loi insertion_delta_v delta_v dv",
    "mission.transfer": "transfer tcm",
    "mission.reserve_factor": "delta_v_margin reserve margin",
    "thrust_chamber.efficiency": "isp specific_impulse combustion_efficiency engine_efficiency",
    "thrust_chamber.minimum_throttle": "throttle min_throttle minimum_throttle",
    "reaction_control.propellant_share": "rcs_share rcs_propellant attitude_share",
    "tank.number": "tanks number_of_tanks tank_count",
    "spares_per_set": "spares redundancy",
    "pump_sets": "pumps number_of_pumps",
    "battery.specific_energy": "specific_energy energy_density",
    "payload_gain": "gain benefit payload_benefit",
    "electric_power": "power pump_power peak_power",
    "electric_energy": "energy battery_energy",
    "mass_saved": "mass_saving wet_saving",
}
"""What other programs and papers call a quantity of the lander, or an output."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """', did you mean ...?' for an unknown name: by what it means, or else by its letters.

    >>> suggestion("wet_mass", ["launch_mass", "net_mass"])
    "; did you mean 'launch_mass'?"
    """
    known = list(known)
    meant = [own for own, others in MEANINGS.items() if name.lower() in others.split() and own in known]
    return f"; did you mean {meant[0]!r}?" if meant else nearest(name, known)


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """The settings ``name=value`` by name.  Raises CaseError for one that is not written so.

    >>> pairs(["power_limit = 3 kW"])
    {'power_limit': '3 kW'}
    """
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise CaseError(f"{text!r}: write it as name=value, e.g. pump.efficiency=0.5")
        found[name.strip()] = value.strip()
    return found


def in_si(lander: Lander, settings: Mapping[str, str]) -> dict[str, float]:
    """Leaves of a lander with the values that are set (``"150 Wh/kg"``), SI.

    Raises CaseError for an unknown quantity (with the nearest), a wrong unit, or a value out of its range.
    """
    leaves = quantity.units(lander)
    values = {}
    for given, text in settings.items():
        name = ALIASES.get(given, given)
        if name not in leaves:
            raise CaseError(f"no quantity {given!r}{suggestion(given, [*leaves, *ALIASES])}")
        try:
            values[name] = to_si(text, leaves[name].unit, given)
        except ValueError as error:
            unit = leaves[name].unit
            raise CaseError(f"{error}; give it as --set '{given}=<number> {unit}'") from None
        leaf = leaves[name]
        if not leaf.low <= values[name] <= leaf.high:
            unit = "" if leaf.unit in ("1", "-") else f" {leaf.unit}"
            raise CaseError(f"{given} = {text} is outside [{leaf.low:g}, {leaf.high:g}]{unit}")
    return values


def with_settings(case: Case, settings: Mapping[str, str]) -> Case:
    """The case with some quantities fixed over its file, as if a file that extends it said so.

    A setting takes the place of an uncertain input, as a value in ``[lander]`` does; folder, manifest and trace keep
    it with the case's other files.  Raises CaseError as `in_si` does.
    """
    from studies.case.case import from_chain

    if not settings:
        return case
    in_si(case.lander, settings)
    lines = [f"extends = {json.dumps(case.chain[0][0])}", "", "[lander]"]
    for given, text in settings.items():
        entry = f'{{ value = {json.dumps(text)}, source = "set on the command line" }}'
        lines.append(f"{json.dumps(ALIASES.get(given, given))} = {entry}")
    return from_chain((("settings", "\n".join(lines) + "\n"), *case.chain), "--set")


def names(prefix: str = "") -> list[tuple[str, str]]:
    """Every quantity that can be set, with its unit and range, for the completion of a shell."""
    leaves = quantity.units(Lander())
    known = {**leaves, **{short: leaves[name] for short, name in ALIASES.items()}}
    return [
        (name, f"{leaf.unit} in {leaf.low:g} to {leaf.high:g}")
        for name, leaf in sorted(known.items())
        if name.startswith(prefix)
    ]
