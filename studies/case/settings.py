"""Quantities set over the case file (``--set launch_mass='3 t'``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from models import quantity
from models.architectures.concepts import MODULES, Architecture
from models.architectures.free_leaves import BOUNDS
from models.lander import Lander
from models.quantity import BAR
from studies.case.case import COUNTS, Case, from_chain
from studies.case.meanings import suggestion
from studies.case.required_values import ALIASES
from studies.case.toml_file import CaseError
from studies.case.units import to_si


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """The settings ``name=value`` by name.

    Parameters
    ----------
    texts : sequence of str
        Settings as on the command line.

    Returns
    -------
    dict of str to str
        Value with unit, by quantity.

    Raises
    ------
    CaseError
        For one that is not written so.

    Examples
    --------
    >>> pairs(["power_limit = 3 kW"])
    {'power_limit': '3 kW'}
    """
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise CaseError(f"{text!r}: write it as name=value, e.g. pump.efficiency=0.5")
        if found.get(name.strip(), value.strip()) != value.strip():
            raise CaseError(
                f"{name.strip()!r} is set twice, to {found[name.strip()]!r} and to {value.strip()!r}; give one of them"
            )
        found[name.strip()] = value.strip()
    return found


VARIABLES = {
    "chamber_pressure": "Pa",
    "area_ratio": "1",
    "oxidiser_tank_pressure": "Pa",
    "fuel_tank_pressure": "Pa",
    "oxidiser_ullage_ratio": "1",
    "fuel_ullage_ratio": "1",
}
"""Design variables of the architectures, which a search chooses and `lander-uq size` can hold."""
BOTH = {name: (f"oxidiser_{name}", f"fuel_{name}") for name in ("tank_pressure", "ullage_ratio")}
"""What holds the variables of both propellants at once."""


def held_variables(
    settings: Mapping[str, str],
) -> tuple[dict[str, str], dict[Architecture, dict[str, float]]]:
    """Settings of quantities, and the design variables that are held, in one architecture or in each that has them, of
    one propellant or of both.

    Parameters
    ----------
    settings : Mapping[str, str]
        Value with unit, by name: ``chamber_pressure``, or ``electric_pump.chamber_pressure``.

    Returns
    -------
    tuple of dict
        The other settings; held values by architecture and variable, SI.

    Raises
    ------
    CaseError
        For a wrong unit, a value that the architecture cannot have, or a variable that it lacks.

    Examples
    --------
    >>> rest, held = held_variables({"thrust": "7 kN", "electric_pump.tank_pressure": "5 bar"})
    >>> rest, held["electric_pump"], held["pressure_fed"]
    ({'thrust': '7 kN'}, {'oxidiser_tank_pressure': 500000.0, 'fuel_tank_pressure': 500000.0}, {})
    """
    rest: dict[str, str] = {}
    held: dict[Architecture, dict[str, float]] = {name: {} for name in MODULES}
    for given, text in settings.items():
        prefix, _, base = given.rpartition(".")
        names = BOTH.get(base, (base,))
        if names[0] not in VARIABLES or prefix not in ("", *MODULES):
            rest[given] = text
            continue
        having = [a for a, module in MODULES.items() if prefix in ("", a) and names[0] in module.DESIGN]
        if not having:
            raise CaseError(
                f"{given}: the pressure-fed lander's follows from its chamber pressure; hold that"
            )
        unit = VARIABLES[names[0]]
        try:
            value = to_si(text, unit, given)
        except ValueError as error:
            raise CaseError(f"{error}; give it as --set '{given}=<number> {unit}'") from None
        for architecture in having:
            module = MODULES[architecture]
            k = module.DESIGN.index(names[0])
            low = min(branch.lower[k] for branch in module.BRANCHES)
            high = max(branch.upper[k] for branch in module.BRANCHES)
            if not low <= value <= high:
                scale, shown = (BAR, " bar") if unit == "Pa" else (1.0, "")
                raise CaseError(
                    f"{given} = {text} is outside {low / scale:g} to {high / scale:g}{shown}, where the "
                    f"{architecture.replace('_', '-')} lander is modelled"
                    + ("" if prefix else f"; hold one architecture's, e.g. electric_pump.{base}")
                )
            for name in names:
                if held[architecture].get(name, value) != value:
                    raise CaseError(
                        f"{given} and {name} hold the same variable at two values; give one of them"
                    )
                held[architecture][name] = value
    return rest, held


def in_si(lander: Lander, settings: Mapping[str, str]) -> dict[str, float]:
    """Leaves of a lander with the values that are set (``"150 Wh/kg"``), SI.

    Parameters
    ----------
    lander : Lander
        The specification, scalar.
    settings : Mapping[str, str]
        Value with unit, by quantity.

    Returns
    -------
    dict of str to float
        By dotted path, SI.

    Raises
    ------
    CaseError
        For an unknown quantity (with the nearest), a wrong unit, or a value out of its range.
    """
    leaves = quantity.units(lander)
    values: dict[str, float] = {}
    for given, text in settings.items():
        names = ALIASES.get(given, (given,))
        if given.rpartition(".")[2] in VARIABLES and names[0] not in leaves:
            raise CaseError(
                f"{given} is a design variable, which a study searches; `lander-uq size` holds it"
            )
        if names[0] not in leaves:
            raise CaseError(f"no quantity {given!r}{suggestion(given, [*leaves, *ALIASES, *VARIABLES])}")
        leaf = leaves[names[0]]
        try:
            value = to_si(text, leaf.unit, given)
        except ValueError as error:
            raise CaseError(f"{error}; give it as --set '{given}=<number> {leaf.unit}'") from None
        if not leaf.low <= value <= leaf.high:
            unit = "" if leaf.unit in ("1", "-") else f" {leaf.unit}"
            raise CaseError(f"{given} = {text} is outside [{leaf.low:g}, {leaf.high:g}]{unit}")
        if COUNTS.intersection(names) and not value.is_integer():
            raise CaseError(f"{given} = {text} counts things; it must be a whole number")
        values |= dict.fromkeys(names, value)
    return values


def with_settings(case: Case, settings: Mapping[str, str]) -> Case:
    """The case with some quantities fixed over its file, as if a file that extends it said so.

    A setting takes the place of an uncertain input, as a value in ``[lander]`` does; folder, manifest and trace keep
    it with the case's other files.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    settings : Mapping[str, str]
        Value with unit, by quantity.

    Returns
    -------
    Case
        The case itself where nothing is set.

    Raises
    ------
    CaseError
        As `in_si`.
    """
    if not settings:
        return case
    in_si(case.lander, settings)
    for leaf, ends in BOUNDS.items():  # what is set is not searched
        if leaf in settings:
            settings = {**dict.fromkeys(ends, settings[leaf]), **settings}
    lines = [f"extends = {json.dumps(case.chain[0][0])}", "", "[lander]"]
    for given, text in settings.items():
        entry = f'{{ value = {json.dumps(text)}, source = "set on the command line" }}'
        lines += [f"{json.dumps(name)} = {entry}" for name in ALIASES.get(given, (given,))]
    return from_chain((("settings", "\n".join(lines) + "\n"), *case.chain), "--set")


def names(prefix: str = "") -> list[tuple[str, str]]:
    """Every quantity that can be set, with its unit and range, for the completion of a shell.

    Parameters
    ----------
    prefix : str, default ''
        What has been typed.

    Returns
    -------
    list of tuple of str
        Name and description.
    """
    leaves = quantity.units(Lander())
    known = {**leaves, **{short: leaves[names[0]] for short, names in ALIASES.items()}}
    held = [(name, f"{unit}, of `size`: not searched") for name, unit in VARIABLES.items()]
    return [entry for entry in held if entry[0].startswith(prefix)] + [
        (name, f"{leaf.unit} in {leaf.low:g} to {leaf.high:g}")
        for name, leaf in sorted(known.items())
        if name.startswith(prefix)
    ]
