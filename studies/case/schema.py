"""The keys of a case file, what is wrong with one in the words of TOML, and its JSON Schema for editors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from models import quantity
from models.architectures.comparison import OUTPUTS
from models.architectures.concepts import Architecture
from models.fixed_design.design import NO_MARGINS
from models.lander import Lander
from models.properties import propellants
from studies.case.distribution import LAWS
from studies.case.toml_file import CaseError
from uq.core.problem import nearest
from uq.core.text import one_line

PROPELLANTS = {
    "MON-3/MMH": propellants.MON3_MMH,
    "MON-25/MMH": propellants.MON25_MMH,
    "MON-3/N2H4": propellants.MON3_N2H4,
    "LOX/LCH4": propellants.LOX_LCH4,
}


Thrusters = Literal["monopropellant", "separate_tanks", "accumulators", "low_pressure"]


Number = Annotated[float, Field(strict=True)]
"""A number and nothing that could be taken for one: neither true nor "3"."""

Plain = Annotated[str, Field(pattern=r"^\w[\w.+-]{0,59}$")]
"""A name that can name a folder: letters, digits, and . + - _ between them, 60 at most."""

_PRINTED = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
"""No control characters, and none that turn the direction of what follows."""

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=_PRINTED)]
"""A line of text, shown in terminals and pages."""

Text = Annotated[str, Field(max_length=2000, pattern=_PRINTED)]
"""The same, longer or empty."""


def _as_text(given: object) -> object:
    """A plain number as text: one of a ratio has no unit to write, and one that lacks its unit is refused with it."""
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


Quantity = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(max_length=2000, pattern=_PRINTED),
    WithJsonSchema({"type": ["string", "number"], "pattern": _PRINTED, "maxLength": 2000}),
]
"""A number with its unit as text (``"1250 kg"``); one without a unit may be a plain number (``165``)."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(_Strict):
    """A number with its unit, as text (``"1250 kg"``), and where it comes from."""

    value: Quantity
    source: Text = Field(min_length=1)


class MarginValue(Value):
    """A margin of the fixed design; `held` keeps the study from looking for a better value."""

    held: bool = Field(default=False, strict=True)


class EngineEntry(_Strict):
    """An engine that exists, from its maker's data: each figure with its unit."""

    chamber_pressure: Quantity
    area_ratio: Quantity
    source: Text = Field(min_length=1)
    inlet_pressure: Quantity | None = None
    mixture_ratio: Quantity | None = None
    specific_impulse: Quantity | None = None
    mass: Quantity | None = None
    length: Quantity | None = None
    architectures: list[Architecture] = Field(default=["pressure_fed", "electric_pump"], min_length=1)
    """Those that it is the engine of; it is the engine off the shelf in any case."""


class HardwareEntry(_Strict):
    """Hardware from a data sheet: a point, a curve or a map of points, and how well it was measured."""

    points: list[dict[str, Quantity]] = Field(min_length=1)
    """Columns by name, each with its unit; several points are a curve, or a map."""
    uncertainty: Quantity
    """One standard deviation of the measurement, relative (``"2 %"``)."""
    source: Text = Field(min_length=1)
    at: dict[str, Quantity] = Field(default_factory=dict)
    """Where on a curve or map the hardware runs; without it, at its highest efficiency."""
    mass: Quantity | None = None
    """Of one piece at that point, as its requirement counts it: a pump with bracket, sensors and flanges."""
    installed: bool = Field(default=True, strict=True)
    """Of a pump: whether `mass` holds its installation; without, the model's comes on top."""
    propellant: Literal["oxidiser", "fuel"] = "oxidiser"
    """That the points are of."""


class OfferedEntry(_Strict):
    """What an offer states of one requirement: a value with its unit, or whether it is met."""

    value: Text | Annotated[bool, Field(strict=True)]
    uncertainty: Text | None = None
    """One standard deviation, relative (``"5 %"``)."""
    basis: Literal["measured", "analysed", "estimated"] = "estimated"


class MeasurementEntry(_Strict):
    """One reading of a test: what was measured, at which duty, and how well."""

    quantity: Line
    """``pump.efficiency``, ``pump.mass`` (motor and inverter alike), or an uncertain input of the case."""
    value: Text
    standard_deviation: Text
    """Of this reading's own error."""
    systematic: Text | None = None
    """Standard deviation of the error that all readings of the report share."""
    report: Text = ""
    """Whose readings share that error."""
    at: dict[str, str] = Field(default_factory=dict)
    """``flow``, ``rise``, ``speed`` or ``power`` of the reading; ``rated_flow``, ``rated_rise`` and ``rated_speed`` of
    the pump, where it was read away from them."""
    propellant: Literal["oxidiser", "fuel"] = "oxidiser"
    source: Text


class TestReading(_Strict):
    """What a test would read of one uncertain input."""

    input: Line
    accuracy: Text
    """One standard deviation: in the unit of the input, or relative (``"5 %"``) for one that is lognormal."""


class TestEntry(_Strict):
    """A test that could be bought before the concept is chosen."""

    title: Line
    readings: list[TestReading] = Field(min_length=1)
    price: float = Field(gt=0.0, strict=True)
    """Million euro."""
    source: Text = Field(min_length=3)
    """Of accuracy and price."""


class Uncertain(_Strict):
    """The distribution of one input in a unit, its source, and its role."""

    distribution: dict[str, Number | str | list[Number]]
    unit: Text
    source: Text = Field(min_length=3)
    role: Literal["requirement", "uncertain", "design"] = "uncertain"
    nature: Literal["lack of knowledge", "scatter"] = "lack of knowledge"
    """Whether it has one value that nobody knows yet, or another one in every flight."""
    title: Text = ""


class Correlation(_Strict):
    """Correlation of two inputs, in the normal space of a Gaussian copula."""

    between: tuple[str, str]
    value: float = Field(gt=-1.0, lt=1.0, strict=True)
    source: Text


class CopulaEntry(_Strict):
    """What joins inputs that are extreme together: a copula that is not Gaussian."""

    inputs: list[Line] = Field(min_length=2)
    family: Literal["student", "clayton", "gumbel"]
    """Extreme together at both ends, low together, high together."""
    parameter: float = Field(gt=0.0, strict=True)
    """theta of clayton and gumbel, degrees of freedom of student."""
    correlation: float | None = Field(default=None, gt=-1.0, lt=1.0, strict=True)
    """Of every pair of a student copula."""
    turned: list[Line] = Field(default_factory=list)
    """Inputs that count from their other end."""
    source: Text = Field(min_length=3)


class Bound(_Strict):
    """A limit on an output: at least, at most, with its unit."""

    at_least: str | None = None
    at_most: str | None = None
    source: Text = "judgement"


class Scenario(_Strict):
    """A switch of the programme or of our ignorance: values of the lander that differ, reported side by side."""

    title: Line
    values: dict[str, str] = Field(default_factory=dict)
    thrusters: Thrusters | None = None


class DesignOption(_Strict):
    """One option of a decision: what it sets in the lander, and whether a single fault leaves it able to land."""

    title: Line
    values: dict[str, str] = Field(default_factory=dict)
    same_as: dict[str, str] = Field(default_factory=dict)
    """Quantities that take the value of another: ``pump_sets = "engines"``."""
    thrusters: Thrusters | None = None
    single_fault_tolerant: bool = Field(default=True, strict=True)
    chamber: Literal["radiation_cooled", "regenerative", "off_the_shelf"] | None = None
    """The kind of engine; without it the search decides."""
    architectures: list[Literal["pressure_fed", "electric_pump"]] | None = Field(default=None, min_length=1)
    """Those that have this option, where not all that have the decision."""


class DesignDecision(_Strict):
    """A choice of the designer, optimised for each architecture by itself."""

    title: Line
    architectures: list[Literal["pressure_fed", "electric_pump"]] = Field(
        default=["pressure_fed", "electric_pump"], min_length=1
    )
    options: dict[Plain, DesignOption] = Field(min_length=1)


class Excluded(_Strict):
    """Options, each written ``decision.option``, that no concept has together."""

    between: list[str] = Field(min_length=2)
    reason: Line


class ThrustToWeight(_Strict):
    """Thrust over lunar weight at the start of powered descent between which a concept finds its own."""

    at_least: float = Field(ge=1.0, le=6.0, strict=True)
    at_most: float = Field(ge=1.0, le=6.0, strict=True)
    source: Text


class Programme(_Strict):
    """What the programme demands of every concept."""

    single_fault_tolerant: bool = Field(default=False, strict=True)
    thrust_to_weight: ThrustToWeight | None = None
    """Without it every concept has the lander's own thrust."""


class File(_Strict):
    """The schema of a case file."""

    name: Plain
    title: Line
    propellants: str = "MON-3/MMH"
    thrusters: Thrusters = "separate_tanks"
    extends: str | None = None
    wanted_probability: float = Field(default=0.9, gt=0.0, lt=1.0, strict=True)
    lander: dict[str, Value] = Field(default_factory=dict)
    inputs: dict[str, Uncertain] = Field(default_factory=dict)
    correlations: list[Correlation] = Field(default_factory=list)
    copulas: list[CopulaEntry] = Field(default_factory=list)
    limits: dict[str, Bound] = Field(default_factory=dict)
    margins: dict[str, MarginValue] = Field(default_factory=dict)
    engine: EngineEntry | None = None
    hardware: dict[
        Literal["pump", "oxidiser_pump", "fuel_pump", "motor", "inverter", "battery"], HardwareEntry
    ] = Field(default_factory=dict)
    offered: dict[Line, OfferedEntry] = Field(default_factory=dict)
    """By identifier of a requirement: of an offer alone."""
    measurements: list[MeasurementEntry] = Field(default_factory=list)
    tests: dict[Plain, TestEntry] = Field(default_factory=dict)
    scenarios: dict[Plain, Scenario] = Field(default_factory=dict)
    programme: Programme = Field(default_factory=Programme)
    decisions: dict[Plain, DesignDecision] = Field(default_factory=dict)
    exclusions: list[Excluded] = Field(default_factory=list)


def checked(record: Mapping[str, Any], path: object) -> File:
    """The record of a case file, every key and type checked.

    Parameters
    ----------
    record : Mapping[str, Any]
        As read from TOML.
    path : object
        Of the case file, for messages.

    Returns
    -------
    File

    Raises
    ------
    CaseError
        With the path of the wrong key.
    """
    try:
        return File.model_validate(record)
    except ValidationError as error:
        # A key that is misspelt or out of place explains the one that is missing.
        first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden" and not _misplaced(e))
        # Below a parameter of a law come the types that were tried.
        of = [str(part) for part in first["loc"][: 4 if "distribution" in first["loc"] else None]]
        place = ".".join(part for part in of if part != "[key]")
        message = f"{one_line(place, 200)}: {_complaint(first)}{_hint(first)}"
        raise CaseError(f"{path}: {one_line(message)}") from None


def schema() -> dict[str, Any]:
    """JSON Schema of a case file, for editors: with the unit, range and default of every leaf, and every output.

    Returns
    -------
    dict
        As editors take it.
    """
    record = File.model_json_schema()
    base = Lander(propellants=propellants.MON3_MMH)
    defaults = quantity.flatten(base)
    known = {
        name: f"{leaf.unit}, {leaf.low:g} to {leaf.high:g}, default {defaults[name]:g}"
        for name, leaf in quantity.units(base).items()
    }
    margins = {
        name: f"{leaf.unit}, {leaf.low:g} to {leaf.high:g}"
        for name, leaf in quantity.units(NO_MARGINS).items()
    }
    for section, names in {"lander": known, "inputs": known, "limits": OUTPUTS, "margins": margins}.items():
        entry = record["properties"][section]
        each = entry["additionalProperties"]
        entry["properties"] = {name: {**each, "description": text} for name, text in names.items()}
        entry["additionalProperties"] = False
    record["properties"]["propellants"]["enum"] = list(PROPELLANTS)
    record["$defs"]["Uncertain"]["properties"]["distribution"]["properties"] = {"law": {"enum": list(LAWS)}}
    return record


def _entry(section: str) -> type[BaseModel]:
    """What one entry of a section of the file holds."""
    found: Any = File.model_fields[section].annotation
    while parts := [part for part in get_args(found) if part is not NoneType]:
        found = parts[-1]
    return cast(type[BaseModel], found)


def _complaint(error: Any) -> str:
    """What is wrong, in the words of TOML rather than of Python."""
    kind, place, given = error["type"], error["loc"], error["input"]
    if kind == "extra_forbidden" or _misplaced(error):
        return "is not a key here"
    if kind == "literal_error" and place[0] == "hardware":
        known = "pump (both), oxidiser_pump, fuel_pump, motor, inverter, battery"
        return f"is no hardware that can be given; known: {known}"
    if kind == "missing" and place[-1] == "source":
        return "is missing; every value needs its source"
    if kind == "missing":
        return f"is missing; every {'case file' if len(place) == 1 else f'entry of {place[0]}'} needs it"
    if kind in ("dict_type", "model_type"):
        return f"must be a table with keys, not {given!r:.60}"
    if kind == "list_type" and len(place) == 1:
        return f"must be a list, written as [[{place[0]}]]"
    if "distribution" in place and "parts" in place:
        return "holds laws inside a law, which a case file cannot; a Mixture can be written in Python only"
    if "distribution" in place:
        return "must be a number, or a list of numbers where the law takes one"
    if kind == "string_type" and ("value" in place or "values" in place or place[0] == "limits"):
        return f'must be a number with its unit as text, such as "1250 kg", not {given!r:.60}'
    if kind == "string_pattern_mismatch" and place[-1] in ("title", "source", "unit", "value"):
        return "must be one line without control characters"
    if kind == "string_pattern_mismatch":
        return f"{given!r:.60} must be up to 60 letters and digits, with . + - or _ between them"
    if place[-1] == "wanted_probability":
        return f"must be a number above 0 and below 1 without quotes, 0.9 for 90 %, not {given!r:.60}"
    if kind == "string_too_short" and place[-1] == "source":
        return f"{given!r} says too little; name the publication, or write judgement and why"
    if kind == "string_type":
        return f"must be text in quotes, not {given!r:.60}"
    if kind == "literal_error" and place[-1] == "role":
        return (
            "must be 'requirement' (a supplier can be held to it), 'uncertain' (nobody decides) or 'design' "
            f"(yours to choose), not {given!r:.60}"
        )
    if kind == "literal_error" and place[-1] == "nature":
        return (
            "must be 'lack of knowledge' (it has one value, which nobody knows yet) or 'scatter' (it differs from "
            f"flight to flight), not {given!r:.60}"
        )
    return re.sub(r"^\w+ should", "must", str(error["msg"]))


def _misplaced(error: Any) -> bool:
    """Whether a key of the file as a whole stands in a table."""
    place, known = error["loc"], error["type"] in ("extra_forbidden", "model_type", "dict_type")
    return (
        known and len(place) > 1 and place[-1] in File.model_fields and not isinstance(error["input"], dict)
    )


def _hint(error: Any) -> str:
    place, given = [str(part) for part in error["loc"]], error["input"]
    if _misplaced(error):
        return "; belongs above the first [table]"
    if place[0] == "scenarios" and "values" in place and isinstance(given, dict):
        return f'; write the dotted name in quotes: "{place[-1]}.{min(given, default="")}" = ...'
    if error["type"] != "extra_forbidden":
        return ""
    if len(place) == 1:
        return _known(place[0], File.model_fields)
    # TOML takes an unquoted dot for a table in a table.
    if any(name.startswith(f"{place[1]}.") for name in (*quantity.units(Lander()), *OUTPUTS)):
        name = f'"{".".join(place[1:])}"'
        entry = f"{name} = ..." if place[0] == "lander" else f"[{place[0]}.{name}]"
        return f"; write the dotted name in quotes: {entry}"
    return _known(place[-1], _entry(place[0]).model_fields)


def _known(name: str, fields: Iterable[str]) -> str:
    """The nearest of the keys that may stand there, else all of them."""
    return nearest(name, fields) or f"; known: {', '.join(fields)}"
