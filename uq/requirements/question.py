"""What every function of this room is asked: on which sample, against which limits, how surely, given what."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from uq.core.estimate import CONFIDENCE, check_probability
from uq.core.table import Readable
from uq.requirements.shared_sample import Rows, Sample
from uq.requirements.types import (
    Condition,
    Limit,
    Requirement,
    Verified,
    check_kind,
    check_kinds,
    check_limits,
)

WANTED = 0.95
"""Probability with which all limits shall hold unless another is wanted."""


@dataclass(frozen=True)
class Question(Readable):
    """Do the limits hold with the wanted probability on this sample, given what is required or verified already?

    Parameters
    ----------
    sample : Sample
        A model's answers on its inputs' laws (`draw`), with the values of the design inputs.
    limits : sequence of Limit
        What must hold at once, in the outputs' units; none for questions about an output alone.
    wanted : float
        Probability with which all limits shall hold.
    confidence : float
        Of every interval in the answer.
    given : sequence of Requirement or Verified
        Conditions on inputs under which the question is asked.

    Raises
    ------
    KeyError
        For a limit on an unknown output.
    ValueError
        For a probability outside (0, 1), or limits that contradict each other.
    """

    sample: Sample
    limits: Sequence[Limit] = ()
    wanted: float = WANTED
    confidence: float = CONFIDENCE
    given: Sequence[Condition] = ()

    def __post_init__(self) -> None:
        check_kind(self.sample, Sample, "a Sample first, such as draw(problem, samples) gives")
        check_probability("wanted", self.wanted)
        check_probability("confidence", self.confidence)
        object.__setattr__(
            self, "limits", check_kinds(self.limits, Limit, "Limit(output, low=..., high=...)")
        )
        object.__setattr__(self, "given", tuple(self.given))
        for condition in self.given:
            check_kind(condition, (Requirement, Verified), "Requirement or Verified conditions")
        if self.limits:
            check_limits(self.sample.problem, self.limits)

    def under(self, *conditions: Condition) -> Question:
        """The same question under further conditions.

        Parameters
        ----------
        *conditions : Requirement or Verified
            Added to what is given.

        Returns
        -------
        Question
        """
        return dataclasses.replace(self, given=(*self.given, *conditions))

    def __str__(self) -> str:
        units = self.sample.units
        limits = "; ".join(limit.text(units) for limit in self.limits) or "no limit"
        given = "; ".join(condition.text(units) for condition in self.given)
        return (
            f"Do they hold with probability {self.wanted:g}, answered with confidence {self.confidence:g}: {limits}"
            f"{f', given {given}' if given else ''}?\n  {self.sample}"
        )

    @property
    def rows(self) -> Rows:
        """The sample under what is given."""
        return self.sample.under(self.given)

    def require_limits(self) -> None:
        """Raise ValueError if there is no limit to comply with."""
        check_limits(self.sample.problem, self.limits)
