"""Quantities set over the case file (``--set launch_mass='3 t'``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from models import quantity
from models.lander import Lander
from studies.case.case import Case, from_chain
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
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise CaseError(f"{text!r}: write it as name=value, e.g. pump.efficiency=0.5")
        found[name.strip()] = value.strip()
    return found


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
        if names[0] not in leaves:
            raise CaseError(f"no quantity {given!r}{suggestion(given, [*leaves, *ALIASES])}")
        leaf = leaves[names[0]]
        try:
            value = to_si(text, leaf.unit, given)
        except ValueError as error:
            raise CaseError(f"{error}; give it as --set '{given}=<number> {leaf.unit}'") from None
        if not leaf.low <= value <= leaf.high:
            unit = "" if leaf.unit in ("1", "-") else f" {leaf.unit}"
            raise CaseError(f"{given} = {text} is outside [{leaf.low:g}, {leaf.high:g}]{unit}")
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
    return [
        (name, f"{leaf.unit} in {leaf.low:g} to {leaf.high:g}")
        for name, leaf in sorted(known.items())
        if name.startswith(prefix)
    ]
