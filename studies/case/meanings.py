"""What people call a quantity otherwise: a suggestion by meaning before one by letters."""

from __future__ import annotations

from collections.abc import Iterable

from uq.core.problem import nearest

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

    Parameters
    ----------
    name : str
        The unknown one.
    known : iterable of str
        Those that exist.

    Returns
    -------
    str
        The end of a message, or an empty text.

    Examples
    --------
    >>> suggestion("wet_mass", ["launch_mass", "net_mass"])
    "; did you mean 'launch_mass'?"
    >>> suggestion("lander.thrust", ["thrust", "thrust_chamber.efficiency"])
    "; did you mean 'thrust'?"
    """
    known = list(known)
    plain = name.lower().removeprefix("lander.")  # the table of the case file, which is no part of the name
    if plain in known:
        return f"; did you mean {plain!r}?"
    meant = [own for own, others in MEANINGS.items() if plain in others.split() and own in known]
    return f"; did you mean {meant[0]!r}?" if meant else nearest(name, known)
