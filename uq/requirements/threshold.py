"""The least demanding value of one requirement that suffices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.distributions import Distribution
from uq.core.estimate import Estimate
from uq.core.repeatable import one_thread
from uq.core.table import Readable
from uq.requirements.compliance import compliance
from uq.requirements.probability import passing, share
from uq.requirements.question import Question
from uq.requirements.shared_sample import thinned
from uq.requirements.sweep import LEVELS, Sweep, levels, sweep
from uq.requirements.types import Condition, Lever, Requirement, Side, asked, check_kind, suffix

LADDER = LEVELS // 2 + 1
"""Values that are tried where each asks for a design of its own, linear between."""

Status = Literal["found", "met without it", "unreachable"]


@dataclass(frozen=True)
class Threshold(Readable):
    """The least demanding required value of one input for which the limits hold with the wanted probability.

    `value` is NaN unless found; its interval holds every value at which the compliance cannot be distinguished from the
    wanted probability (an infinite end: nowhere in the range).  `best` is the highest compliance seen, at
    `best_value`, and `missing` says which limit fails most there.  `moves` is how far compliance moves over the
    range; where that is less than its interval the requirement is not the discriminating one.
    """

    input: str
    """Name of the input."""
    unit: str
    """Of the values."""
    side: Side
    """Whether at least or at most the value is required."""
    wanted: float
    """Probability, 0 to 1."""
    status: Status
    """Whether a value was found, none is needed, or none is in reach."""
    value: Estimate
    best: Estimate
    best_value: float
    missing: str
    moves: float
    discriminating: bool
    """Whether compliance moves over the range by more than its interval."""
    given: tuple[Condition, ...]
    """Conditions under which the question was asked."""
    curve: Sweep
    """Compliance against the required value."""
    design: str = ""
    """Design input that is sized at the value; empty where none is."""
    mode: str = ""
    """Word of the sample for titles."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What was given and, where found, the requirement at its least demanding value: to be confirmed, or asked
        further under."""
        if self.status != "found":
            return self.given
        return (*self.given, Requirement.on(self.input, self.side, self.value.value, self.design))

    @property
    def answer(self) -> str:
        """One sentence."""
        unit = suffix(self.unit)
        sign = ">=" if self.side == "at least" else "<="
        what = {
            "found": f"{self.input} {sign} {self.value}{unit} suffices for {self.wanted:g}",
            "met without it": f"{self.wanted:g} is met without a requirement on {self.input}",
            "unreachable": f"unreachable: no value of {self.input} gives {self.wanted:g}; "
            f"{sign} {self.best_value:.6g}{unit} gives {self.best}; missing: {self.missing}",
        }[self.status]
        if self.status == "unreachable" and self.discriminating and self.best_value == self.curve.values[0]:
            other = "at most" if self.side == "at least" else "at least"
            return f"{what}; the more is required the less it complies: is {other!r} the side?"
        if self.discriminating:
            return what
        return (
            f"{what}; {self.input} is not the discriminating requirement (compliance moves {self.moves:.2g})"
        )

    def __str__(self) -> str:
        return f"Least demanding value{asked(self.mode)}: {self.answer}"


@one_thread()
def threshold(question: Question, lever: Lever) -> Threshold:
    """The least demanding r with P(limits met | X_j >= r, given) >= wanted, with its interval.

    Tried at `levels`, then by bisection (linear between, where each value asks for a design of its own); the interval
    inverts that of the compliance.  Valid where one supplier in 512 or more meets r.

    Parameters
    ----------
    question : Question
        Sample, limits, wanted probability, confidence, and what is given.
    lever : Lever
        The input, the side, the design input that is sized at r, and the values that physics can reach.

    Returns
    -------
    Threshold
        Found, met without it, or unreachable; with the value where found.

    Raises
    ------
    KeyError
        For an unknown input.
    ValueError
        For no limit, contradictory requirements, or a reachable range without any value of the input's law.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    check_kind(lever, Lever, "a Lever(input)")
    sample, wanted, side, design = question.sample, question.wanted, lever.side, lever.design
    law = sample.problem.inputs[sample.problem.index(lever.input)].distribution
    tried = levels(sample, lever, count=LADDER if design else LEVELS)
    curve = sweep(question, lever, values=tried)
    start = curve.without if not design else curve.compliance[0]
    known = np.array([start.value, *[c.value for c in curve.compliance]])
    low = np.array([start.low, *[c.low for c in curve.compliance]])
    high = np.array([start.high, *[c.high for c in curve.compliance]])
    ends = np.concatenate([[tried[0]], tried])
    top = int(np.argmax(known))
    moves = float(np.ptp(known))
    status: Status = "unreachable"
    value = np.nan
    if known[0] >= wanted:
        status = "met without it"
    elif known[top] >= wanted:
        status = "found"
        first = int(np.argmax(known >= wanted))
        value = (
            _crossing(ends, known, wanted, law)
            if design
            else _refined(question, lever, (ends[first - 1], ends[first]), law)
        )
    loose, tight = (_crossing(ends, band, wanted, law) for band in (high, low))
    freely = -np.inf if side == "at least" else np.inf  # nothing need be required
    interval = [freely if high[0] >= wanted else loose, freely if low[0] >= wanted else tight]
    interval[1] = -freely if np.isnan(tight) and not np.isnan(loose) else interval[1]
    low_end, high_end = interval if side == "at least" else interval[::-1]
    if status == "found":  # which was refined between the values that the interval is linear between
        low_end, high_end = min(low_end, value), max(high_end, value)
    best = start if top == 0 else curve.compliance[top - 1]
    worst_level = () if top == 0 else (lever.at(float(ends[top])),)
    return Threshold(
        input=lever.input,
        unit=sample.units[lever.input],
        side=side,
        wanted=wanted,
        status=status,
        value=Estimate(value, low_end, high_end, question.confidence),
        best=best,
        best_value=float(ends[top]),
        missing=_missing(question.under(*worst_level)),
        moves=moves,
        discriminating=bool(moves > np.max(high - low)),
        given=tuple(question.given),
        curve=curve,
        design=design,
        mode=sample.mode,
    )


def _alike(law: Distribution, loose: float, tight: float) -> bool:
    """Whether every value beyond `loose` requires what `tight` does, as between the values of a discrete law."""
    low, high = sorted((loose, tight))
    held = law.cdf(np.array([low, np.nextafter(high, -np.inf)]))
    return bool(low < high and held[1] <= held[0])


def _crossing(values: FloatArray, band: FloatArray, wanted: float, law: Distribution) -> float:
    """Where a band first reaches `wanted`, linear between the tried values; NaN where it never does."""
    above = band >= wanted
    if not above.any():
        return np.nan
    k = int(np.argmax(above))
    if k == 0 or _alike(law, values[k - 1], values[k]):
        return float(values[k])
    part = (wanted - band[k - 1]) / (band[k] - band[k - 1])
    return float(values[k - 1] + part * (values[k] - values[k - 1]))


def _refined(
    question: Question, lever: Lever, bracket: tuple[float, float], law: Distribution, steps: int = 6
) -> float:
    """The crossing within a bracket (not yet compliant, compliant) by bisection, then linear."""
    loose, tight = bracket
    if loose == tight or _alike(law, loose, tight):
        return tight
    # rows that hold at the loose end serve the whole bracket
    sample, limits, wanted = question.sample, question.limits, question.wanted
    rows = next(sample.ladder(question.given, [lever.at(loose)]))

    def met(r: float) -> float:
        kept = thinned(sample.problem, rows, [lever.at(r)]) or rows
        return share(kept.weight, passing(kept, limits, sample.problem), len(limits), 0.95)[0].value

    for _ in range(steps):
        middle = 0.5 * (loose + tight)
        loose, tight = (loose, middle) if met(middle) >= wanted else (middle, tight)
    below, above = met(loose), met(tight)
    if above <= below or _alike(law, loose, tight):
        return tight
    return loose + (tight - loose) * float(np.clip((wanted - below) / (above - below), 0.0, 1.0))


def _missing(question: Question) -> str:
    verdict = compliance(question)
    worst = int(np.argmin([e.value for e in verdict.each]))
    text = question.limits[worst].text(question.sample.units)
    nearest = [note for note in verdict.notes if note.startswith(f"{text} is met by no sample")]
    return nearest[0] if nearest else f"{text} holds with {verdict.each[worst].value:.3g}"
