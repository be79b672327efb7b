"""How much margin each requirement and each limit has, what uses it up, and whether the usual allowances
suffice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from uq.core.model import nearest
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.conditioning import prior
from uq.requirements.question import Question
from uq.requirements.sweep import comply
from uq.requirements.threshold import Threshold, threshold
from uq.requirements.types import Lever, Requirement, Side, asked, check_kind, check_kinds, suffix, tabled

HEADER = (
    "requirement",
    "unit",
    "best",
    "required",
    "least demanding",
    "supplier",
    "programme",
    "usual allowance",
)


@dataclass(frozen=True)
class Margin(Tabled):
    """One requirement between today's best estimate (the median of its law) and the least demanding value that
    complies.

    `supplier` is best estimate minus required value in the sense of the requirement (positive: met by the best
    estimate), `programme` is required minus least demanding value in the same sense (positive: stricter than needed,
    the margin that remains); in units, and as shares of the best estimate.  `allowance` is the value that the usual
    allowance would specify, `advice` what it does.
    """

    input: str
    """Name of the input."""
    unit: str
    """Of all values."""
    side: Side
    """Of the requirement."""
    best: float
    """Today's best estimate, the median of the law."""
    required: float
    """The required value."""
    threshold: Threshold
    """The least demanding value, and how it was found."""
    supplier: float
    programme: float
    allowance: float
    advice: str

    def row(self) -> list[str]:
        """The margin as cells of a table."""

        def with_share(value: float) -> str:
            if np.isnan(value):
                return "-"
            return f"{value:.4g} ({value / abs(self.best):.1%})" if self.best else f"{value:.4g}"

        value = self.threshold.value
        least = {"found": str(value), "met without it": "none needed", "unreachable": "unreachable"}
        return [
            f"{self.input} {'>=' if self.side == 'at least' else '<='}",
            self.unit,
            f"{self.best:.5g}",
            f"{self.required:.5g}",
            least[self.threshold.status],
            with_share(self.supplier),
            with_share(self.programme),
            self.advice,
        ]

    def table(self) -> Table:
        """The margin as a table of one row."""
        title = f"Margin of one requirement for {self.threshold.wanted:g}{asked(self.threshold.mode)}"
        return tabled(title, HEADER, [self.row()])


@dataclass(frozen=True)
class Margins(Tabled):
    """The margins of a set of requirements, each against the least demanding value given all the others."""

    margins: tuple[Margin, ...]
    """One for each requirement."""
    wanted: float
    """Probability, 0 to 1."""
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    def table(self) -> Table:
        """The result as a table."""
        title = f"Margins of the requirements for {self.wanted:g}{asked(self.mode)}"
        return tabled(title, HEADER, [m.row() for m in self.margins])


@one_thread()
def margins(
    question: Question,
    requirements: Sequence[Requirement],
    *,
    allowances: Mapping[str, float] | None = None,
    reachable: Mapping[str, tuple[float, float]] | None = None,
) -> Margins:
    """Best estimate, required value and least demanding value of each one-sided requirement, given the others.

    Parameters
    ----------
    question : Question
        Sample, limits, wanted probability, confidence, and what is given besides the requirements.
    requirements : sequence of Requirement
        The set; each is judged given all the others.
    allowances : mapping of str to float, optional
        Share a of the best estimate that custom would keep as margin (0.15 for a new item's mass, say): the value it
        would specify is best (1 + a) for at-most, best (1 - a) for at-least requirements, and is judged by compliance
        there: enough, too loose, or undecided where the interval holds the wanted probability.
    reachable : mapping of str to (float, float), optional
        Values of each input that physics can reach, in its unit.

    Returns
    -------
    Margins
        One margin for each requirement.

    Raises
    ------
    KeyError
        For an unknown input, and for an allowance or a reachable range of an input that nothing is required of.
    ValueError
        For no limit, contradictory requirements, one that its input's law cannot meet, or one with two sides.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    requirements = check_kinds(requirements, Requirement, "Requirement(input, low=..., high=...)")
    sample = question.sample
    for requirement in requirements:
        if np.isfinite(requirement.low) and np.isfinite(requirement.high):
            raise ValueError(f"requirement on {requirement.input!r} has two sides; give each side as its own")
    prior(sample.problem, sample.unit, question.under(*requirements).given)  # refuses what compliance refuses
    for given, option in ((allowances, "allowances"), (reachable, "reachable")):
        _require_names(option, given or {}, [r.input for r in requirements])
    found = []
    for requirement in requirements:
        others = [r for r in requirements if r is not requirement]
        side: Side = "at least" if np.isfinite(requirement.low) else "at most"
        sense = 1.0 if side == "at least" else -1.0
        given_others = question.under(*others)
        reach = (reachable or {}).get(requirement.input, (-np.inf, np.inf))
        lever = Lever(requirement.input, side, requirement.design, reach)
        least = threshold(given_others, lever)
        law = sample.problem.inputs[sample.problem.index(requirement.input)].distribution
        best = float(law.ppf(0.5))
        share = (allowances or {}).get(requirement.input, np.nan)
        allowed = best - sense * share * abs(best)
        found.append(
            Margin(
                input=requirement.input,
                unit=sample.units[requirement.input],
                side=side,
                best=best,
                required=requirement.value,
                threshold=least,
                supplier=sense * (best - requirement.value),
                programme=sense * (requirement.value - least.value.value),
                allowance=float(allowed),
                advice=_advice(given_others, lever, float(allowed), least),
            )
        )
    return Margins(tuple(found), question.wanted, sample.mode)


def _require_names(option: str, given: Iterable[str], required: Sequence[str]) -> None:
    """Refuse a name that would be read by no requirement."""
    for name in given:
        if name not in required:
            there = nearest(name, required) or f"; required are {', '.join(required)}"
            raise KeyError(f"{option}: nothing is required of {name!r}{there}")


def _advice(question: Question, lever: Lever, allowed: float, least: Threshold) -> str:
    if np.isnan(allowed):
        return "-"
    try:
        reached = comply(question.under(lever.at(allowed)))
    except ValueError:
        return f"{allowed:.5g}: no supplier meets it"
    if reached.high < least.wanted:
        return f"{allowed:.5g} gives {reached}: too loose, fails"
    if reached.low < least.wanted:
        return f"{allowed:.5g} gives {reached}: undecided"
    if least.status == "met without it":
        return f"{allowed:.5g} gives {reached}: enough, but nothing need be required"
    spare = abs(allowed - least.value.value)
    return f"{allowed:.5g} gives {reached}: enough, {spare:.2g}{suffix(least.unit)} stricter than needed"
