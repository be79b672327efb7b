"""A lander and its uncertain inputs from a TOML file, checked.

A case file holds sections: ``lander`` (values with unit and source), ``inputs`` (distributions with unit, source and
role), ``correlations``, ``limits`` and ``scenarios``.  Every key of ``lander`` and every input is the dotted name of
a leaf of `models.lander.Lander`.  A case may name another file next to it in ``extends``, which may do
so too: its own entries win, and a value of its own fixes a leaf that the other makes uncertain.

    [lander]
    "launch_mass" = { value = "1250 kg", source = "judgement: small commercial lander" }

    [inputs."battery.specific_energy"]
    distribution = { law = "Triangular", low = 90, mode = 130, high = 175 }
    unit = "Wh/kg"
    role = "requirement"
    source = "cells 206 Wh/kg (Tenpower 40TG), packs 147 to 174"
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models import quantity
from models.architectures import comparison
from models.architectures.comparison import OUTPUTS
from models.components.reaction_control import ThrusterOption
from models.fixed_design.design import NO_MARGINS, Margins
from models.lander import Decided, Lander, Status
from studies.case.decisions import Decision, Decisions, Exclusion, Option, check_power_limit
from studies.case.dependence import copulas_of, correlation_of
from studies.case.distribution import distribution
from studies.case.engine import values as engine_values
from studies.case.engine import with_thrusters
from studies.case.hardware import OF_ONE, Measured, alone, measured, of_one
from studies.case.meanings import suggestion
from studies.case.readings import PossibleTest, learned, of_hardware, possible_test, reading
from studies.case.required_values import replaced
from studies.case.schema import PROPELLANTS, File, HardwareEntry, OfferedEntry, checked
from studies.case.toml_file import CaseError, Chain, chain, joined, merged, names_itself
from studies.case.units import Unit, factor, to_si
from uq.calibration import Posterior
from uq.core.copulas import Copula
from uq.core.copulas.groups import Groups
from uq.core.problem import Input, Output, Problem, nearest
from uq.core.text import one_line

COUNTS = frozenset(
    {
        "engines",
        "engines_out",
        "pump_sets",
        "spares_per_set",
        "tank.number",
        "pump.stages",
        "residuals.starts",
    }
)
"""Leaves that count things: real numbers to the model, which must stay smooth, and whole ones in a case file."""


class Alternative(NamedTuple):
    """A scenario of a checked case: what it is called, its lander, and the leaves that it sets."""

    title: str
    lander: Lander
    sets: frozenset[str]


class Taken(NamedTuple):
    """The concept that a study took for an architecture."""

    options: Mapping[str, str]
    """By decision."""
    thrust: float
    """N, that the concept found with every input at its median."""


@dataclass(frozen=True)
class Case:
    """A checked case: the lander, its uncertain inputs in SI, and what is asked of it."""

    name: str
    title: str
    lander: Lander
    inputs: tuple[Input, ...]
    correlation: np.ndarray | None
    limits: Mapping[str, tuple[float, float]]
    """Lowest and highest allowed value of an output, SI."""
    wanted_probability: float
    scenarios: Mapping[str, Alternative]
    decisions: Decisions
    """What the designer decides, and which options exclude each other."""
    taken: Mapping[str, Taken] = field(default_factory=dict)
    """The concepts whose values the lander has, by architecture; none in a case as it is read."""
    hardware: Mapping[str, Measured] = field(default_factory=dict)
    """Quantities that hardware from a data sheet has, by name."""
    data_sheets: Mapping[str, HardwareEntry] = field(default_factory=dict)
    """The sheets themselves, by what they are of."""
    offered: Mapping[str, OfferedEntry] = field(default_factory=dict)
    """What an offer states besides, by identifier of a requirement."""
    learned: Posterior | None = field(default=None, compare=False, repr=False)
    """What readings of tests and data sheets say of the inputs; None without any."""
    margins: Margins = NO_MARGINS
    """Of the fixed design, for what nobody can be required to deliver; what the case does not give is none."""
    margin_sources: Mapping[str, str] = field(default_factory=dict)
    """Where each margin comes from."""
    held_margins: frozenset[str] = frozenset()
    """Margins whose values the study keeps as they are."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each given value of the lander comes from."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Each given value of the lander, with its unit, as the file has it."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Plain words for each input."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Unit in which each input is shown."""
    scatter: frozenset[str] = frozenset()
    """Inputs that differ from flight to flight; all others are lack of knowledge."""
    text: str = ""
    """The files that the case was read from, as they stood."""
    chain: Chain = ()
    """The same, by name."""
    tests: Mapping[str, PossibleTest] = field(default_factory=dict)
    """Tests that could be bought, by name."""
    copula: Copula | Groups | None = None
    """What joins inputs otherwise than a correlation: ``[[copulas]]``, and the dependence that readings left."""

    @property
    def uncertain(self) -> Problem:
        """The inputs with their laws and dependence, without a model."""
        return Problem(self.inputs, (), None, self.correlation, copula=self.copula)

    def baseline(self) -> Lander:
        """The lander with every input at its median."""
        medians = {i.name: float(i.distribution.ppf(0.5)) for i in self.inputs}
        return quantity.substitute(self.lander, medians)

    def before(self) -> Case:
        """The case as its inputs were known before anything was measured."""
        if self.learned is None:
            return self
        prior = self.learned.prior
        return dataclasses.replace(
            self,
            inputs=prior.inputs,
            correlation=prior.correlation,
            copula=prior.copula,
            learned=None,
            hardware={},
            data_sheets={},
        )

    def unit(self, name: str) -> Unit:
        """The unit in which the case states an input; without a symbol where it has no dimension."""
        si = next(i.unit for i in self.inputs if i.name == name)
        stated = self.units.get(name, si)
        symbol = "" if stated in ("1", "-") else stated.replace("delta_", "")
        return Unit(symbol, *factor(stated, si, name))


NARROWEST = 1e-6
"""Relative width below which an input is as good as fixed, and indices of it would be rounding."""

BLOCK = 1024
"""Landers sized at once: a call of the trade costs 1.5 s however few they are, and 2.5 ms a lander on top."""


def blocks_of(samples: int) -> int:
    """Rows that the sizing model is given at once: a power of two, at most `BLOCK` and the samples that are wanted.

    Parameters
    ----------
    samples : int
        At least 1.

    Returns
    -------
    int
    """
    return min(BLOCK, 2 ** (samples.bit_length() - 1))


def problem(case: Case, *, scenario: str | None = None, samples: int = BLOCK) -> Problem:
    """What a campaign samples: the case's inputs, every output of the trade, both architectures at their best design.

    What a scenario sets replaces the lander's value, and the input if it is one.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    scenario : str, optional
        Name of one of the case's scenarios; the case itself where none is given.
    samples : int, default BLOCK
        How many are wanted, so that no block is much larger.

    Returns
    -------
    Problem
        With the model of both architectures.

    Raises
    ------
    CaseError
        For a case without uncertain inputs, and for an unknown scenario.
    """
    if not case.inputs:
        raise CaseError(
            f"case {case.name!r} has no uncertain inputs, so there is nothing to sample; give it [inputs] or "
            '`extends = "technology.toml"`, or look at the one lander with `lander-uq size`'
        )
    block = blocks_of(samples)
    chosen = Alternative("", case.lander, frozenset()) if scenario is None else case.scenarios[scenario]
    asked = Problem(
        inputs=case.inputs,
        outputs=tuple(Output(name, unit) for name, unit in OUTPUTS.items()),
        model=quantity.columnar(comparison.compare, chosen.lander, block),
        correlation=case.correlation,
        copula=case.copula,
        statuses={int(s): s.name.lower().replace("_", " ") for s in Status if s is not Status.GOOD},
    )
    known = {i.name for i in case.inputs} & chosen.sets
    values = quantity.flatten(chosen.lander)
    return asked.fix({name: float(values[name]) for name in sorted(known)}) if known else asked


def shipped() -> dict[str, Traversable]:
    """The cases that ship with the project, by name.

    Returns
    -------
    dict of str to Traversable
        Files by name.
    """
    folder = files("studies").joinpath("cases")
    found = {p.name.removesuffix(".toml"): p for p in folder.iterdir() if p.name.endswith(".toml")}
    return {name: found[name] for name in sorted(found) if name != "technology"}


def load(where: str | Path) -> Case:
    """The case of a shipped name or of a TOML file, checked.

    Parameters
    ----------
    where : str | Path
        Shipped name, or path of a TOML file.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        With the path of the wrong key.
    """
    known = shipped()
    path: Traversable | Path
    if str(where) in known:
        path = known[str(where)]
    elif Path(where).suffix == ".toml" or os.path.exists(where):
        path = Path(where)
    else:
        raise CaseError(
            f"no case {str(where)!r:.200}{nearest(str(where)[:200], known)}; known: {', '.join(known)}, or a .toml file"
        )
    texts = chain(path)
    case = from_chain(texts, path)
    if not names_itself(texts):
        raise CaseError(f"{path}: name: is missing; every case file needs its own")
    if case.offered:
        raise CaseError(f"{path}: offered: belongs in an offer; see `lander-uq offer --help`")
    return case


def from_chain(texts: Chain, path: object) -> Case:
    """The case of the texts of its files, as `chain` read them from `path`.

    Parameters
    ----------
    texts : Chain
        File and those that it extends.
    path : object
        Of the case file, for messages.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        As `load`.
    """
    file = checked(merged(texts), path)
    try:
        return dataclasses.replace(_case(file), text=joined(texts), chain=texts)
    except (KeyError, ValueError, TypeError) as error:
        message = one_line(error.args[0] if error.args else error)
        raise CaseError(f"{path}: {message}") from None


def _case(file: File) -> Case:
    if file.propellants not in PROPELLANTS:
        raise ValueError(f"propellants: {file.propellants!r} is none of {', '.join(PROPELLANTS)}")
    if not file.lander:
        raise ValueError(
            "lander: the file and those that it extends describe no lander; give [lander] its launch_mass, payload, "
            "platform_mass and thrust, or begin with `lander-uq new NAME`"
        )
    base = Lander(propellants=PROPELLANTS[file.propellants])
    leaves = quantity.units(base)

    def leaf(name: str, where: str) -> quantity.Leaf:
        if name not in leaves:
            raise ValueError(f"{where}: no quantity {name!r} in a lander{suggestion(name, leaves)}")
        return leaves[name]

    def in_si(given: Mapping[str, str], where: str) -> dict[str, float]:
        found = {name: to_si(text, leaf(name, where).unit, f"{where}.{name}") for name, text in given.items()}
        for name, value in found.items():
            low, high, unit = leaves[name].low, leaves[name].high, leaves[name].unit
            if not low <= value <= high:
                shown = "" if unit in ("1", "-") else f" {unit}"
                raise ValueError(f"{where}.{name}: {given[name]!r} is outside [{low:g}, {high:g}]{shown}")
        for name in COUNTS & found.keys():
            if not found[name].is_integer():
                raise ValueError(f"{where}.{name}: {given[name]!r} counts things; it must be a whole number")
        return found

    values = in_si({name: entry.value for name, entry in file.lander.items()}, "lander")
    asked = "thrusters" if "thrusters" in file.model_fields_set else None
    lander = with_thrusters(quantity.substitute(base, values), file.thrusters, where=asked)
    own = float(lander.payload) + float(lander.platform_mass)
    if own >= float(lander.launch_mass):
        raise ValueError(
            f"lander: payload and platform_mass are {own:g} kg together, launch_mass is {float(lander.launch_mass):g} "
            "kg: nothing is left for propulsion; lower one of the two or raise launch_mass"
        )
    check_power_limit(lander)
    engine: dict[str, float] = {}
    if file.engine is not None:
        engine, alone_in = engine_values(file.engine, lander)
        lander = dataclasses.replace(
            quantity.substitute(lander, engine),
            pressure_fed=Decided(tuple(alone_in.get("pressure_fed", {}).items())),
            electric_pump=Decided(tuple(alone_in.get("electric_pump", {}).items())),
        )
    required = {name for name, value in values.items() if value > 0.0} | file.inputs.keys()
    hardware: dict[str, tuple[Measured, ...]] = {
        kind: measured(kind, entry, lander) for kind, entry in file.hardware.items()
    }
    known = [one for some in hardware.values() for one in some]
    fixed = engine.keys() | replaced(required) | alone(known)
    inputs = []
    for name, entry in file.inputs.items():
        if name in fixed:
            continue
        unit = leaf(name, "inputs").unit
        slope, offset = factor(entry.unit, unit, f"inputs.{name}")
        law = distribution(entry.distribution, slope, offset, f"inputs.{name}")
        low, high = law.ppf(1e-3), law.ppf(1.0 - 1e-3)
        ends = [(end - offset) / slope for end in (low, high, leaves[name].low, leaves[name].high)]
        shown = unit if entry.unit == "1" else entry.unit
        if not (leaves[name].low <= low and high <= leaves[name].high):
            raise ValueError(
                f"inputs.{name}: [{ends[0]:g}, {ends[1]:g}] {shown} leaves the range "
                f"[{ends[2]:g}, {ends[3]:g}] {shown} in which it makes sense"
            )
        if high - low <= NARROWEST * max(abs(low), abs(high)):
            raise ValueError(
                f"inputs.{name}: from {ends[0]:.9g} to {ends[1]:.9g} {shown} it is one number rather than an "
                "uncertain one; give it in [lander]"
            )
        inputs.append(Input(name, unit, law, entry.source, entry.role))
    alone_inputs = {i.name: i for i in of_one({k: e.source for k, e in file.hardware.items()}, hardware)}
    inputs += alone_inputs.values()
    names = [i.name for i in inputs]
    correlation = correlation_of(file.correlations, names, fixed)
    copula: Copula | Groups | None = copulas_of(file.copulas, names, fixed | file.lander.keys(), correlation)
    certain = {one.name: one.value for one in known if one.name not in names}
    of_both = [one for kind, some in hardware.items() if kind not in OF_ONE for one in some]
    readings = [of_hardware(one) for one in of_both if one.name in names]
    readings += [reading(e, k, lander, inputs) for k, e in enumerate(file.measurements)]
    posterior = None
    if readings:
        posterior = learned(Problem(tuple(inputs), (), None, correlation, copula=copula), readings)
    after = inputs if posterior is None else posterior.problem.inputs
    correlation = correlation if posterior is None else posterior.problem.correlation
    lander = quantity.substitute(lander, certain)
    scenarios = {}
    for key, scenario in file.scenarios.items():
        where = f"scenarios.{key}"
        changed = in_si(scenario.values, where)
        if not changed and scenario.thrusters is None:
            raise ValueError(f"{where}: changes nothing; give values, or leave it out")
        other = quantity.substitute(lander, changed)
        asked = None if scenario.thrusters is None else f"{where}.thrusters"
        fed = with_thrusters(other, scenario.thrusters or file.thrusters, where=asked)
        scenarios[key] = Alternative(scenario.title, fed, frozenset(changed))
    decisions = _decisions(file, lander, in_si)
    limits = {}
    for name, bound in file.limits.items():
        if name not in OUTPUTS:
            raise ValueError(f"limits: no output {name!r}{suggestion(name, OUTPUTS)}")
        at, unit = f"limits.{name}", OUTPUTS[name]
        lowest = -math.inf if bound.at_least is None else to_si(bound.at_least, unit, at)
        highest = math.inf if bound.at_most is None else to_si(bound.at_most, unit, at)
        if lowest > highest or (math.isinf(lowest) and math.isinf(highest)):
            raise ValueError(f"limits.{name}: needs at_least or at_most, and at_least not above at_most")
        limits[name] = (lowest, highest)
    return Case(
        name=file.name,
        title=file.title,
        lander=lander,
        inputs=tuple(after),
        correlation=correlation,
        limits=limits,
        wanted_probability=file.wanted_probability,
        scenarios=scenarios,
        decisions=decisions,
        margins=_margins(file),
        hardware={one.name: one for one in known},
        data_sheets={str(kind): entry for kind, entry in file.hardware.items()},
        offered=file.offered,
        learned=posterior,
        copula=copula if posterior is None else posterior.problem.copula,
        tests={
            name: possible_test(entry, name, inputs)
            for name, entry in file.tests.items()
            if not {one.input for one in entry.readings} & (fixed | file.lander.keys())
        },
        margin_sources={name: entry.source for name, entry in file.margins.items()},
        held_margins=frozenset(name for name, entry in file.margins.items() if entry.held),
        sources={name: entry.source for name, entry in file.lander.items()},
        given={name: entry.value for name, entry in file.lander.items()},
        titles={name: entry.title or name for name, entry in file.inputs.items()}
        | {name: name.replace("_", " ").replace(".", ": ") for name in alone_inputs},
        units={name: entry.unit for name, entry in file.inputs.items()},
        scatter=frozenset(
            name for name, entry in file.inputs.items() if entry.nature == "scatter" and name in names
        ),
    )


def _margins(file: File) -> Margins:
    """The margins of a case file in SI."""
    leaves = quantity.units(NO_MARGINS)
    values = {}
    for name, entry in file.margins.items():
        if name not in leaves:
            raise ValueError(
                f"margins: no margin {name!r}{nearest(name, leaves)}; known: {', '.join(leaves)}"
            )
        values[name] = to_si(entry.value, leaves[name].unit, f"margins.{name}")
        if not leaves[name].low <= values[name] <= leaves[name].high:
            raise ValueError(
                f"margins.{name}: {entry.value} is outside [{leaves[name].low:g}, {leaves[name].high:g}] "
                f"{leaves[name].unit}"
            )
    return Margins(**values)


def _decisions(
    file: File, lander: Lander, in_si: Callable[[Mapping[str, str], str], dict[str, float]]
) -> Decisions:
    """The decisions of a case file, every option's quantities in SI."""
    decisions = {}
    for name, decision in file.decisions.items():
        options = {}
        for key, option in decision.options.items():
            where = f"decisions.{name}.options.{key}"
            values = in_si(option.values, where)
            quantity.substitute(lander, values)  # a value out of its range is said here, with its key
            leaves = quantity.flatten(lander)
            for leaf in (*option.same_as, *option.same_as.values()):
                if leaf not in leaves:
                    raise ValueError(
                        f"{where}.same_as: no quantity {leaf!r} in a lander{nearest(leaf, leaves)}"
                    )
            options[key] = Option(
                title=option.title,
                values=values,
                same_as=option.same_as,
                thrusters=None if option.thrusters is None else ThrusterOption[option.thrusters.upper()],
                single_fault_tolerant=option.single_fault_tolerant,
                chamber=option.chamber,
                architectures=tuple(option.architectures or decision.architectures),
            )
        decisions[name] = Decision(decision.title, options, tuple(decision.architectures))
    exclusions = []
    for k, excluded in enumerate(file.exclusions):
        pairs = []
        for text in excluded.between:
            name, _, chosen = text.partition(".")
            if name not in decisions or chosen not in decisions[name].options:
                known = [f"{n}.{o}" for n, d in decisions.items() for o in d.options]
                raise ValueError(
                    f"exclusions[{k}]: no option {text!r} (decision.option){nearest(text, known)}"
                )
            pairs.append((name, chosen))
        exclusions.append(Exclusion(tuple(pairs), excluded.reason))
    room = file.programme.thrust_to_weight
    if room is not None and room.at_most <= room.at_least:
        raise ValueError(
            f"programme.thrust_to_weight: at_most = {room.at_most:g} is not above at_least = {room.at_least:g}; leave "
            "the entry out where thrust is given"
        )
    return Decisions(
        lander,
        decisions,
        tuple(exclusions),
        file.programme.single_fault_tolerant,
        None if room is None else (room.at_least, room.at_most),
    )
