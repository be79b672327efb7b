"""What the designer decides: options of a case, what each means for the lander, and which concepts they make.

A decision (how many engines, one pump set or one an engine, which thrusters ...) is optimised, each architecture by
itself; a scenario is a question that nobody decides, answered next to others.  A concept takes one option of every
decision that its architecture has.  What excludes each other, and what a programme's demand for redundancy rules out,
makes none.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from models import quantity
from models.architectures.concepts import Architecture, Chamber, Concept, descent_weight
from models.components.reaction_control import ThrusterOption
from models.lander import Lander
from models.quantity import first_value
from studies.case.engine import boils_in_the_manifold
from studies.case.toml_file import CaseError
from uq.core.problem import nearest

ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)
WORDS: Mapping[Architecture, str] = {"pressure_fed": "pressure-fed", "electric_pump": "electric-pump"}
AS_GIVEN = "as_given"
"""Option of a decision that leaves the lander as the case has it."""


@dataclass(frozen=True)
class Option:
    """One way to decide, and what it comes to."""

    title: str
    values: Mapping[str, float] = field(default_factory=dict)
    """Leaves of the lander that it sets, SI."""
    same_as: Mapping[str, str] = field(default_factory=dict)
    """Leaves that take the value of another: as many pump sets as engines, say."""
    thrusters: ThrusterOption | None = None
    single_fault_tolerant: bool = True
    """Whether the lander still lands when one of what is decided on fails."""
    chamber: Chamber | None = None
    """The kind of engine; None leaves it to the search."""
    architectures: tuple[Architecture, ...] = ARCHITECTURES


@dataclass(frozen=True)
class Decision:
    """A choice of the designer in one or both architectures."""

    title: str
    options: Mapping[str, Option]
    architectures: tuple[Architecture, ...] = ARCHITECTURES


@dataclass(frozen=True)
class Exclusion:
    """Options that no concept has together, each as (decision, option), and why."""

    between: tuple[tuple[str, str], ...]
    reason: str


@dataclass(frozen=True)
class Decisions:
    """All decisions of a case by name."""

    lander: Lander
    """As the case gives it."""
    decisions: Mapping[str, Decision]
    exclusions: tuple[Exclusion, ...] = ()
    single_fault_tolerant: bool = False
    """Whether the programme demands it."""
    thrust_to_weight: tuple[float, float] | None = None
    """Over lunar weight at the start of powered descent, where concepts find their own thrust; None: it is given."""

    def of(self, architecture: Architecture) -> dict[str, Decision]:
        """The decisions that an architecture has."""
        return {k: d for k, d in self.decisions.items() if architecture in d.architectures}

    def concepts(self, architecture: Architecture, chosen: Mapping[str, str] | None = None) -> list[Concept]:
        """Every concept of an architecture in which the `chosen` decisions (name -> option) are taken.

        Raises CaseError for an unknown decision or option, one that the architecture does not have, or when
        exclusions and redundancy leave none.
        """
        own = self.of(architecture)
        taken = dict(chosen or {})
        for name, option in taken.items():
            self.check(architecture, name, option)
        names = list(own)
        choices = [[taken[n]] if n in taken else self._allowed(architecture, own[n]) for n in names]
        found = [
            self.concept(architecture, dict(zip(names, options, strict=True)))
            for options in itertools.product(*choices)
            if self._excluded(dict(zip(names, options, strict=True))) is None
        ]
        if not found:
            raise CaseError(self._none_left(architecture, names, choices))
        return found

    def concept(self, architecture: Architecture, options: Mapping[str, str]) -> Concept:
        """The concept of one option for each decision named; the others stay as the lander is given."""
        if (excluded := self._excluded(options)) is not None:
            pair = " and ".join(f"{name} = {option}" for name, option in excluded.between)
            raise CaseError(f"{pair} exclude each other: {excluded.reason}")
        values: dict[str, float] = {}
        same: dict[str, str] = {}
        lander, chamber = self.lander, None
        for name, option in options.items():
            if option == AS_GIVEN:
                continue
            self.check(architecture, name, option)
            chosen = self.decisions[name].options[option]
            values |= chosen.values
            same |= chosen.same_as
            chamber = chosen.chamber or chamber
            if chosen.thrusters is not None:
                if (why := boils_in_the_manifold(lander, chosen.thrusters)) is not None:
                    raise CaseError(f"{name} = {option} {why}; take another option of {name!r}")
                control = dataclasses.replace(lander.reaction_control, option=chosen.thrusters)
                lander = dataclasses.replace(lander, reaction_control=control)
        if self.single_fault_tolerant:
            values.setdefault("engines_out", 1.0)
        given = {**quantity.flatten(lander), **values}
        values |= {leaf: float(given[other]) for leaf, other in same.items()}
        if self.thrust_to_weight is not None and not _has_thrust(lander, chamber):
            weight = descent_weight(lander)
            low, high = self.thrust_to_weight
            values |= {"least_thrust": low * weight, "most_thrust": high * weight}
        if chamber == "off_the_shelf":  # an engine that exists has its mixture ratio
            values |= {"least_mixture_ratio": 0.0, "most_mixture_ratio": 0.0}
        decided = frozenset(values)
        return Concept(architecture, dict(options), quantity.substitute(lander, values), chamber, decided)

    def title(self, concept: Concept) -> str:
        """A concept in words."""
        return ", ".join(
            self.decisions[name].options[option].title
            for name, option in concept.options.items()
            if option != AS_GIVEN
        )

    def check(self, architecture: Architecture, name: str, option: str) -> None:
        """Raise CaseError unless the architecture has this decision with this option."""
        if name not in self.decisions:
            raise CaseError(
                f"no decision {name!r}{nearest(name, self.decisions)}; known: {', '.join(self.decisions)}"
            )
        decision = self.decisions[name]
        if architecture not in decision.architectures:
            raise CaseError(
                f"decision {name!r} is none of the {WORDS[architecture]} architecture; it has "
                f"{', '.join(self.of(architecture)) or 'no decisions'}"
            )
        known = [key for key, one in decision.options.items() if architecture in one.architectures]
        if option not in known and option != AS_GIVEN:
            raise CaseError(
                f"decision {name!r} of the {WORDS[architecture]} architecture has no option {option!r}"
                f"{nearest(option, known)}; known: {', '.join(known)}"
            )

    def chosen_of(self, architecture: Architecture, chosen: Mapping[str, str]) -> dict[str, str]:
        """Of chosen options those that an architecture has: what the other alone has is none of its decisions.

        Parameters
        ----------
        architecture : Architecture
            ``pressure_fed`` or ``electric_pump``.
        chosen : Mapping[str, str]
            Options that are taken, by decision.

        Returns
        -------
        dict of str to str

        Raises
        ------
        CaseError
            For a decision or an option that no architecture has.
        """
        found = {}
        for name, option in chosen.items():
            having = [a for a in ARCHITECTURES if self._has(a, name, option)]
            if not having:
                if name not in self.decisions:
                    self.check(architecture, name, option)
                known = list(self.decisions[name].options)
                raise CaseError(
                    f"decision {name!r} has no option {option!r}{nearest(option, known)}; known: {', '.join(known)}"
                )
            if architecture in having:
                found[name] = option
        return found

    def _has(self, architecture: Architecture, name: str, option: str) -> bool:
        decision = self.of(architecture).get(name)
        if decision is None:
            return False
        return option == AS_GIVEN or (
            option in decision.options and architecture in decision.options[option].architectures
        )

    def _allowed(self, architecture: Architecture, decision: Decision) -> list[str]:
        return [
            name
            for name, option in decision.options.items()
            if architecture in option.architectures
            and (option.single_fault_tolerant or not self.single_fault_tolerant)
            and (option.thrusters is None or boils_in_the_manifold(self.lander, option.thrusters) is None)
        ]

    def _excluded(self, options: Mapping[str, str]) -> Exclusion | None:
        for exclusion in self.exclusions:
            if all(options.get(name) == option for name, option in exclusion.between):
                return exclusion
        return None

    def _none_left(
        self, architecture: Architecture, names: Sequence[str], choices: Sequence[Sequence[str]]
    ) -> str:
        words = WORDS[architecture]
        for name, options in zip(names, choices, strict=True):
            if not options:
                fed = [o.thrusters for o in self.decisions[name].options.values() if o.thrusters is not None]
                boil = [o for o in fed if boils_in_the_manifold(self.lander, o) is not None]
                why = "a manifold in which propellants boil" if boil else "single fault tolerance"
                return (
                    f"no concept of the {words} architecture is left: {why} rules out every option of "
                    f"decision {name!r}"
                )
        first = self._excluded(dict(zip(names, [options[0] for options in choices], strict=True)))
        reason = f": {first.reason}" if first else ""
        return f"no concept of the {words} architecture is left, for its options exclude each other{reason}"


def _has_thrust(lander: Lander, chamber: Chamber | None) -> bool:
    """Whether thrust is no choice: an engine that exists has its own, and a case may give bounds itself."""
    return chamber == "off_the_shelf" or bool(lander.engine.chamber_pressure) or bool(lander.most_thrust)


def check_power_limit(lander: Lander) -> None:
    """Raise ValueError for a limit on the pumps' electric power below what the bus takes without them.

    Parameters
    ----------
    lander : Lander
        The specification; floats.

    Raises
    ------
    ValueError
        With both, and what to do.
    """
    limit, house = first_value(lander.power_limit), first_value(lander.bus.house_load)
    if limit < house:
        raise ValueError(
            f"power_limit = {limit:g} W is below the house load of {house:g} W (bus.house_load), which the bus bears "
            "without any pump; raise power_limit, or leave it out for no limit"
        )
