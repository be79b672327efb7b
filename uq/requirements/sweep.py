"""What a requirement buys: compliance under it, and the least demanding value that suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.estimate import CONFIDENCE, Estimate
from uq.core.table import Table, as_html, as_pretty, as_text
from uq.requirements.probability import passing, share
from uq.requirements.shared_sample import Sample
from uq.requirements.types import (
    Condition,
    Limit,
    Requirement,
    Side,
    Verified,
    asked,
    check_limits,
    suffix,
    tabled,
)

LEVELS = 25
"""Values of a requirement that are tried before the crossing is refined."""

RAREST_VALUE = 1.0 / 512.0
"""A requirement that fewer suppliers than this would meet is not sought (judgement)."""


@dataclass(frozen=True)
class Sweep:
    """Compliance as a function of a required or verified value of one input.

    `prior` is the chance, by today's knowledge, that the input lies on the required side (for verified values:
    that it is at most the value).  `without` is the compliance when nothing is required of the input.
    """

    input: str
    unit: str
    kind: str
    values: FloatArray
    prior: FloatArray
    compliance: tuple[Estimate, ...]
    without: Estimate
    mode: str = ""

    def table(self) -> Table:
        """The result as a table."""
        rows = [["nothing required", "1", str(self.without)]]
        rows += [
            [f"{v:.6g}", f"{p:.4f}", str(c)]
            for v, p, c in zip(self.values, self.prior, self.compliance, strict=True)
        ]
        title = f"Compliance when {self.input} is {self.kind} a value{asked(self.mode)}"
        return tabled(title, [f"value{suffix(self.unit)}", "prior probability", "compliance"], rows)

    __str__, _repr_pretty_, _repr_html_ = as_text, as_pretty, as_html


def levels(sample: Sample, of: str, side: Side, *, count: int = LEVELS) -> FloatArray:
    """Required values from nearly undemanding to what one supplier in 512 meets, in equal steps of the normal
    germ."""
    law = sample.problem.inputs[sample.problem.index(of)].distribution
    met = special.ndtr(np.linspace(3.0, special.ndtri(RAREST_VALUE), count))
    values = np.asarray(law.ppf(1.0 - met if side == "at least" else met), dtype=np.float64)
    return np.unique(values) if side == "at least" else np.unique(values)[::-1]


def sweep(
    sample: Sample,
    limits: Sequence[Limit],
    *,
    of: str,
    side: Side = "at least",
    values: ArrayLike | None = None,
    given: Sequence[Condition] = (),
    design: str = "",
    confidence: float = CONFIDENCE,
) -> Sweep:
    """Compliance when input `of` is required on one `side` of each of `values` (from loose to demanding by
    default).

    C(r) = P(limits met | X_j >= r, given), inputs that depend on X_j following through the copula; the same germs
    serve every r.  `design` names the design input sized at r.  Raises as `compliance` does.
    """
    check_limits(sample.problem, limits)
    r = levels(sample, of, side) if values is None else np.unique(np.asarray(values, dtype=np.float64))
    r = r if side == "at least" else np.sort(r)[::-1]
    steps = [Requirement.on(of, side, float(v), design) for v in r]
    law = sample.problem.inputs[sample.problem.index(of)].distribution
    below = law.cdf(np.nextafter(r, -np.inf)) if side == "at least" else law.cdf(r)
    return Sweep(
        input=of,
        unit=sample.units[of],
        kind=side,
        values=r,
        prior=1.0 - below if side == "at least" else below,
        compliance=_climbed(sample, limits, given, steps, confidence),
        without=comply(sample, limits, given, confidence),
        mode=sample.mode,
    )


def verify(
    sample: Sample,
    limits: Sequence[Limit],
    *,
    of: str,
    error: float = 0.0,
    values: ArrayLike | None = None,
    given: Sequence[Condition] = (),
    design: str = "",
    confidence: float = CONFIDENCE,
) -> Sweep:
    """Compliance when input `of` has been verified as each of `values` with measurement standard deviation `error`.

    The law of X_j becomes N(value, error); inputs that depend on it follow their law given X_j (Jeffrey's rule).
    By default nine values between its 5 % and 95 % quantiles.  Raises as `compliance` does.
    """
    check_limits(sample.problem, limits)
    law = sample.problem.inputs[sample.problem.index(of)].distribution
    r = np.atleast_1d(
        np.asarray(law.ppf(np.linspace(0.05, 0.95, 9)) if values is None else values, dtype=np.float64)
    )
    steps = [Verified(of, float(v), error, design) for v in r]
    return Sweep(
        input=of,
        unit=sample.units[of],
        kind="verified as",
        values=r,
        prior=law.cdf(r),
        compliance=_climbed(sample, limits, given, steps, confidence),
        without=comply(sample, limits, given, confidence),
        mode=sample.mode,
    )


def _climbed(
    sample: Sample,
    limits: Sequence[Limit],
    given: Sequence[Condition],
    steps: Sequence[Condition],
    confidence: float,
) -> tuple[Estimate, ...]:
    return tuple(
        share(rows.weight, passing(rows, limits, sample.problem), len(limits), confidence)[0]
        for rows in sample.ladder(given, steps)
    )


def comply(
    sample: Sample, limits: Sequence[Limit], conditions: Sequence[Condition], confidence: float
) -> Estimate:
    """The joint compliance under `conditions`, alone."""
    rows = sample.under(conditions)
    return share(rows.weight, passing(rows, limits, sample.problem), len(limits), confidence)[0]
