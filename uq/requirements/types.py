"""What is asked and what is answered: limits on outputs, requirements on inputs, verdicts, and their tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.estimate import CONFIDENCE, Estimate
from uq.core.problem import Problem, units_of
from uq.core.table import Column, Table, Tabled, interval

T = TypeVar("T")
Side = Literal["at least", "at most"]
"""On which side of a required value the realised one must lie."""


def _bounds(kind: str, name: str, low: float, high: float) -> None:
    if isinstance(low, str | None) or isinstance(high, str | None):
        raise TypeError(f"{kind} {name!r}: low = {low!r}, high = {high!r}; a bound must be a number")
    if np.isnan(low) or np.isnan(high):
        raise ValueError(f"{kind} {name!r}: low = {low}, high = {high}; a bound must be a number")
    if np.isinf(low) and np.isinf(high):
        raise ValueError(f"{kind} {name!r} bounds nothing; give low, high or both")
    if low >= high:
        raise ValueError(f"{kind} {name!r} contradicts itself: low = {low:g} is not below high = {high:g}")


def check_kind(value: object, kind: type | tuple[type, ...], what: str) -> None:
    """Refuse an argument that is something else.

    Parameters
    ----------
    value : object
        The argument.
    kind : type or tuple of type
        What it must be.
    what : str
        The same in words, as one writes it.

    Raises
    ------
    TypeError
        If it is no such thing.

    Examples
    --------
    >>> check_kind("efficiency", int, "a number of runs")
    Traceback (most recent call last):
    TypeError: this asks for a number of runs, not a str
    """
    if not isinstance(value, kind):
        raise TypeError(f"this asks for {what}, not a {type(value).__name__}")


def check_kinds(values: object, kind: type[T], what: str) -> tuple[T, ...]:
    """A sequence of one kind; one alone is taken as a sequence of one.

    Parameters
    ----------
    values : object
        One, or a sequence.
    kind : type
        Of each.
    what : str
        The same in words, as one writes it.

    Returns
    -------
    tuple

    Raises
    ------
    TypeError
        If one is something else.
    """
    if isinstance(values, kind):
        return (values,)
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"this asks for a list of {what}, not a {type(values).__name__}")
    found = tuple(values)
    for value in found:
        check_kind(value, kind, what)
    return found


def suffix(unit: str) -> str:
    """A unit as it follows a number: nothing for dimensionless quantities.

    Parameters
    ----------
    unit : str
        As in the problem; "", "1" and "-" are dimensionless.

    Returns
    -------
    str
        With a space before it.
    """
    return "" if unit in ("", "1", "-") else f" {unit}"


def _between(name: str, low: float, high: float, unit: str) -> str:
    unit = suffix(unit)
    if np.isinf(high):
        return f"{name} >= {low:.6g}{unit}"
    if np.isinf(low):
        return f"{name} <= {high:.6g}{unit}"
    return f"{low:.6g} <= {name} <= {high:.6g}{unit}"


@dataclass(frozen=True)
class Limit:
    """An output must lie in [low, high], in its unit; one side may be infinite."""

    output: str
    """Name of the output."""
    low: float = field(default=-np.inf, kw_only=True)
    """In the output's unit; minus infinity for none."""
    high: float = field(default=np.inf, kw_only=True)
    """In the output's unit; infinity for none."""

    def __post_init__(self) -> None:
        _bounds("limit", self.output, self.low, self.high)

    def text(self, units: Mapping[str, str]) -> str:
        """The limit as a formula with its unit."""
        return _between(self.output, self.low, self.high, units.get(self.output, ""))


@dataclass(frozen=True)
class Requirement:
    """An input is specified, and will be verified, to lie in [low, high], in its unit; one side may be infinite.

    Its law is then the prior law conditioned on that interval, through the copula for the inputs that depend on it.
    `design` names the design input, if any, that the programme sizes at the required value (low where finite, else
    high): so a model of a fixed design knows what was required, and not what was sampled.
    """

    input: str
    """Name of the input."""
    low: float = field(default=-np.inf, kw_only=True)
    """In the input's unit; minus infinity for none."""
    high: float = field(default=np.inf, kw_only=True)
    """In the input's unit; infinity for none."""
    design: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        _bounds("requirement", self.input, self.low, self.high)

    @classmethod
    def on(cls, input: str, side: Side, value: float, design: str = "") -> Requirement:
        """The one-sided requirement at `value`."""
        check_side(side)
        if side == "at least":
            return cls(input, low=value, design=design)
        return cls(input, high=value, design=design)

    @property
    def value(self) -> float:
        """The value that a design is sized at."""
        return self.low if np.isfinite(self.low) else self.high

    def text(self, units: Mapping[str, str]) -> str:
        """The requirement as a formula with its unit."""
        return _between(self.input, self.low, self.high, units.get(self.input, ""))


@dataclass(frozen=True)
class Verified:
    """An input has been measured as `value` with the standard deviation `error` of the measurement.

    Its law is replaced by N(value, error); inputs that depend on it follow their law given its value.
    `design` as in `Requirement`.
    """

    input: str
    """Name of the input."""
    value: float
    error: float = 0.0
    design: str = ""

    def __post_init__(self) -> None:
        if not np.isfinite(self.value):
            raise ValueError(f"verified value of {self.input!r} is {self.value}; it must be finite")
        if not (np.isfinite(self.error) and self.error >= 0.0):
            raise ValueError(f"verification error of {self.input!r} is {self.error}; it must not be negative")

    def text(self, units: Mapping[str, str]) -> str:
        """The verified value with its unit."""
        error = f" +- {self.error:.3g}" if self.error else ""
        return f"{self.input} = {self.value:.6g}{error}{suffix(units.get(self.input, ''))}"


Condition = Requirement | Verified
"""What may be required, or verified, of an input."""


def check_side(side: str) -> None:
    """Refuse a side that is neither "at least" nor "at most".

    Parameters
    ----------
    side : str
        What the user gave.

    Raises
    ------
    ValueError
        For any other word.
    """
    if side not in ("at least", "at most"):
        raise ValueError(f"side {side!r} is neither 'at least' nor 'at most'")


@dataclass(frozen=True)
class Lever:
    """An input of which something can be required.

    Parameters
    ----------
    input : str
        Its name.
    side : {"at least", "at most"}
        On which side of a required value the realised one must lie.
    design : str
        The design input, if any, that the programme sizes at the required value.
    reachable : (float, float)
        Values that physics can reach, in the input's unit; no others are required.

    Raises
    ------
    ValueError
        For another side, or a range that is empty.
    """

    input: str
    side: Side = "at least"
    design: str = ""
    reachable: tuple[float, float] = (-np.inf, np.inf)

    def __post_init__(self) -> None:
        check_side(self.side)
        if not self.reachable[0] < self.reachable[1]:
            raise ValueError(
                f"the reachable range of {self.input!r} is empty: {self.reachable[0]:g} is not below "
                f"{self.reachable[1]:g}"
            )

    def at(self, value: float) -> Requirement:
        """The requirement at `value`, in the input's unit."""
        return Requirement.on(self.input, self.side, value, self.design)

    def reaches(self, values: FloatArray) -> BoolArray:
        """Which of `values`, of any shape, physics can reach."""
        return (values >= self.reachable[0]) & (values <= self.reachable[1])

    @property
    def end(self) -> float:
        """The most demanding reachable value; infinite where physics sets no end."""
        return self.reachable[1] if self.side == "at least" else self.reachable[0]


def check_limits(problem: Problem, limits: Sequence[Limit]) -> None:
    """Refuse limits that nothing can meet.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    limits : sequence of Limit
        On outputs; all must hold.

    Raises
    ------
    ValueError
        If there is none, or two on one output that exclude each other.
    KeyError
        For an unknown output.
    """
    if not limits:
        raise ValueError("no limit is given; compliance needs at least one Limit")
    units = units_of(problem)
    for k, limit in enumerate(limits):
        problem.output_index(limit.output)
        for other in limits[:k]:
            if other.output == limit.output and max(other.low, limit.low) > min(other.high, limit.high):
                raise ValueError(
                    f"the limits {other.text(units)} and {limit.text(units)} contradict each other"
                )


def tabled(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
) -> Table:
    """A table of words under a title.

    Parameters
    ----------
    title : str
        Above the table.
    header : sequence of str
        Of the columns.
    rows : Sequence[Sequence[str]]
        Cells as words.
    notes : sequence of str, default ()
        Below the table.

    Returns
    -------
    Table
    """
    return Table("", title, tuple(Column(h) for h in header), tuple(tuple(row) for row in rows), tuple(notes))


def asked(mode: str) -> str:
    """In which mode the model was evaluated, for a title.

    Parameters
    ----------
    mode : str
        "fixed" or "re-optimised"; empty where it does not matter.

    Returns
    -------
    str
        Such as " (fixed design)".
    """
    return f" ({mode} design)" if mode else ""


@dataclass(frozen=True)
class Verdict(Tabled):
    """Whether the limits hold with the wanted probability, given what is required.

    `probability` is the estimated chance that all limits hold at once, `interval` its confidence interval at
    `confidence` (sampling and surrogate error), `each` the same for every limit alone.  Infeasible samples, a share
    `infeasible`, count as failures.  `mode` says how the model was asked: re-optimised per sample or fixed design.
    """

    limits: tuple[Limit, ...]
    """That must hold at once."""
    requirements: tuple[Condition, ...]
    """Conditions under which the question was asked."""
    probability: float
    interval: tuple[float, float]
    wanted: float = 0.95
    """Probability, 0 to 1."""
    each: tuple[Estimate, ...] = ()
    infeasible: float = 0.0
    samples: float = 0.0
    """Effective number of samples behind it."""
    confidence: float = CONFIDENCE
    mode: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    """By the name of the column."""
    notes: tuple[str, ...] = ()
    """What the reader must know of the answer."""

    @property
    def answer(self) -> Literal["met", "not met", "undecided"]:
        """Met if the whole interval reaches the wanted probability, not met if none of it does."""
        if self.interval[0] >= self.wanted:
            return "met"
        return "not met" if self.interval[1] < self.wanted else "undecided"

    @property
    def estimate(self) -> Estimate:
        """The joint probability with its interval."""
        return Estimate(self.probability, *self.interval, self.confidence)

    @property
    def estimates(self) -> dict[str, Estimate]:
        """By "all limits", and by each limit as a formula."""
        each = {limit.text(self.units): p for limit, p in zip(self.limits, self.each, strict=False)}
        return {"all limits": self.estimate, **each}

    def table(self) -> Table:
        """The result as a table."""
        rows = [
            [limit.text(self.units), interval(p)] for limit, p in zip(self.limits, self.each, strict=False)
        ]
        rows.append(["all limits", interval(self.estimate)])
        under = "; ".join(r.text(self.units) for r in self.requirements)
        title = f"Compliance{asked(self.mode)}{f' under {under}' if under else ''}"
        notes = [
            f"wanted {self.wanted:g}: {self.answer}; infeasible {self.infeasible:.2%} (counted as failures); "
            f"{self.samples:.0f} effective samples",
            *self.notes,
        ]
        return tabled(title, ["limit", f"probability [{self.confidence:.0%}]"], rows, notes)
