"""What a requirement buys: compliance under it, and the least demanding value that suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.estimate import Estimate
from uq.core.model import real_numbers
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.probability import passing, share
from uq.requirements.question import Question
from uq.requirements.shared_sample import Rows, Sample
from uq.requirements.types import Condition, Lever, Verified, asked, check_kind, suffix, tabled

LEVELS = 25
"""Values of a requirement that are tried before the crossing is refined."""

RAREST_VALUE = 1.0 / 512.0
"""A requirement that fewer suppliers than this would meet is not sought (judgement)."""


@dataclass(frozen=True)
class Sweep(Tabled):
    """Compliance as a function of a required or verified value of one input.

    `prior` is the chance, by today's knowledge, that the input lies on the required side (for verified values:
    that it is at most the value).  `without` is the compliance when nothing is required of the input.
    """

    input: str
    """Name of the input."""
    unit: str
    """Of the input."""
    kind: str
    """Required or verified."""
    values: FloatArray
    """(v,) that were required or verified, in the input's unit."""
    prior: FloatArray
    compliance: tuple[Estimate, ...]
    """Probability at each value, 0 to 1."""
    without: Estimate
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    def table(self) -> Table:
        """The result as a table."""
        rows = [["nothing required", "1", str(self.without)]]
        rows += [
            [f"{v:.6g}", f"{p:.4f}", str(c)]
            for v, p, c in zip(self.values, self.prior, self.compliance, strict=True)
        ]
        title = f"Compliance when {self.input} is {self.kind} a value{asked(self.mode)}"
        return tabled(title, [f"value{suffix(self.unit)}", "prior probability", "compliance"], rows)


def levels(sample: Sample, lever: Lever, *, count: int = LEVELS) -> FloatArray:
    """Reachable required values (k,) from hardly demanding to what one supplier in 512 meets, of `count` in equal steps
    of the normal germ.

    Parameters
    ----------
    sample : Sample
        Points of the laws with the model's answer.
    lever : Lever
        Input, side and design variable of the requirement.
    count : int, default LEVELS
        Values.

    Returns
    -------
    ndarray (k,)
        In the input's unit, k at most `count`.

    Raises
    ------
    ValueError
        Where physics reaches none of them.
    """
    law = sample.problem.inputs[sample.problem.index(lever.input)].distribution
    met = special.ndtr(np.linspace(3.0, special.ndtri(RAREST_VALUE), count))
    values = np.unique(np.asarray(law.ppf(1.0 - met if lever.side == "at least" else met), dtype=np.float64))
    values = values[lever.reaches(values)]
    if not len(values):
        raise ValueError(
            f"physics reaches no value of {lever.input!r} on the side {lever.side!r}; widen its law or drop it"
        )
    return values if lever.side == "at least" else values[::-1]


@one_thread()
def sweep(question: Question, lever: Lever, *, values: ArrayLike | None = None) -> Sweep:
    """Compliance when an input is required on one side of each of several values.

        C(r) = P(limits met | X_j >= r, given)

    Inputs that depend on X_j follow through the copula; the same germs serve every r.

    Parameters
    ----------
    question : Question
        Sample, limits, confidence, and what is given.
    lever : Lever
        The input, the side, and the design input that is sized at r.
    values : array_like (k,), optional
        Required values in the input's unit; by default from nearly undemanding to what one supplier in 512 meets.

    Returns
    -------
    Sweep
        Compliance at each value, from undemanding to demanding.

    Raises
    ------
    KeyError
        For an unknown input.
    ValueError
        For no limit, or contradictory requirements.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    check_kind(lever, Lever, "a Lever(input)")
    question.require_limits()
    sample, side = question.sample, lever.side
    r = levels(sample, lever) if values is None else np.unique(real_numbers(values, "values"))
    r = r if side == "at least" else np.sort(r)[::-1]
    law = sample.problem.inputs[sample.problem.index(lever.input)].distribution
    below = law.cdf(np.nextafter(r, -np.inf)) if side == "at least" else law.cdf(r)
    return Sweep(
        input=lever.input,
        unit=sample.units[lever.input],
        kind=side,
        values=r,
        prior=1.0 - below if side == "at least" else below,
        compliance=_each(question, [lever.at(float(v)) for v in r]),
        without=comply(question),
        mode=sample.mode,
    )


@one_thread()
def verify(
    question: Question,
    input: str,
    *,
    error: float = 0.0,
    values: ArrayLike | None = None,
    design: str = "",
) -> Sweep:
    """Compliance when an input has been verified as each of several values.

    The law of X_j becomes N(value, error); inputs that depend on it follow their law given X_j (Jeffrey's rule).

    Parameters
    ----------
    question : Question
        Sample, limits, confidence, and what is given.
    input : str
        What is measured.
    error : float
        Standard deviation of the measurement, in the input's unit.
    values : array_like (k,), optional
        Measured values; by default nine between the input's 5 % and 95 % quantiles.
    design : str
        The design input that is sized at the measured value.

    Returns
    -------
    Sweep
        Compliance at each value.

    Raises
    ------
    KeyError
        For an unknown input.
    ValueError
        For no limit, or contradictory requirements.
    """
    check_kind(question, Question, "a Question(sample, limits)")
    question.require_limits()
    sample = question.sample
    law = sample.problem.inputs[sample.problem.index(input)].distribution
    r = np.atleast_1d(
        np.asarray(law.ppf(np.linspace(0.05, 0.95, 9)) if values is None else values, dtype=np.float64)
    )
    return Sweep(
        input=input,
        unit=sample.units[input],
        kind="verified as",
        values=r,
        prior=law.cdf(r),
        compliance=_each(question, [Verified(input, float(v), error, design) for v in r]),
        without=comply(question),
        mode=sample.mode,
    )


def _each(question: Question, steps: Sequence[Condition]) -> tuple[Estimate, ...]:
    """The joint compliance under what is given and each of `steps` in turn."""
    return tuple(_joint(question, rows) for rows in question.sample.ladder(question.given, steps))


@one_thread()
def comply(question: Question) -> Estimate:
    """The joint compliance alone.

    Parameters
    ----------
    question : Question
        Sample, limits, wanted probability, confidence and what is given.

    Returns
    -------
    Estimate
    """
    return _joint(question, question.rows)


def _joint(question: Question, rows: Rows) -> Estimate:
    tally = passing(rows, question.limits, question.sample.problem)
    return share(rows.weight, tally, len(question.limits), question.confidence)[0]
