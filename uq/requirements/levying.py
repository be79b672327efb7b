"""What a requirement buys: compliance under it, and the least demanding value that suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from uq.requirements.sample import Sample, passing, share, thinned
from uq.requirements.terms import (
    Estimate,
    Levy,
    Limit,
    Reachable,
    Requirement,
    Side,
    Verified,
    asked,
    check_limits,
    check_probability,
    suffix,
    table,
)

FloatArray = NDArray[np.float64]

LEVELS = 25
"""Values of a requirement that are tried before the crossing is refined."""

RAREST_VALUE = 1.0 / 512.0
"""A requirement that fewer suppliers than this would meet is not sought (judgement)."""


@dataclass(frozen=True)
class Levying:
    """Compliance as a function of a required or verified value of one input.

    `prior` is the chance, by today's knowledge, that the input lies on the required side (for verified values:
    that it is at most the value).  `without` is the compliance when nothing is levied on the input.
    """

    input: str
    unit: str
    kind: str
    values: FloatArray
    prior: FloatArray
    compliance: tuple[Estimate, ...]
    without: Estimate
    mode: str = ""

    def __str__(self) -> str:
        rows = [["nothing levied", "1", str(self.without)]]
        rows += [
            [f"{v:.6g}", f"{p:.4f}", str(c)]
            for v, p, c in zip(self.values, self.prior, self.compliance, strict=True)
        ]
        title = f"Compliance when {self.input} is {self.kind} a value{asked(self.mode)}"
        return table(title, [f"value{suffix(self.unit)}", "prior probability", "compliance"], rows)


def levels(sample: Sample, of: str, side: Side, *, count: int = LEVELS) -> FloatArray:
    """Required values from nearly undemanding to what one supplier in 512 meets, in equal steps of the normal
    germ."""
    law = sample.problem.inputs[sample.problem.index(of)].distribution
    met = special.ndtr(np.linspace(3.0, special.ndtri(RAREST_VALUE), count))
    values = np.asarray(law.ppf(1.0 - met if side == "at least" else met), dtype=np.float64)
    return np.unique(values) if side == "at least" else np.unique(values)[::-1]


def levy(
    sample: Sample,
    limits: Sequence[Limit],
    *,
    of: str,
    side: Side = "at least",
    values: ArrayLike | None = None,
    given: Sequence[Levy] = (),
    design: str = "",
    confidence: float = 0.95,
) -> Levying:
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
    return Levying(
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
    given: Sequence[Levy] = (),
    design: str = "",
    confidence: float = 0.95,
) -> Levying:
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
    return Levying(
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
    sample: Sample, limits: Sequence[Limit], given: Sequence[Levy], steps: Sequence[Levy], confidence: float
) -> tuple[Estimate, ...]:
    return tuple(
        share(rows.weight, passing(rows, limits, sample.problem), len(limits), confidence)[0]
        for rows in sample.ladder(given, steps)
    )


def comply(sample: Sample, limits: Sequence[Limit], levies: Sequence[Levy], confidence: float) -> Estimate:
    """The joint compliance under `levies`, alone."""
    rows = sample.under(levies)
    return share(rows.weight, passing(rows, limits, sample.problem), len(limits), confidence)[0]


# -- the loosest value --------------------------------------------------------------------------------------------

Status = Literal["found", "met without it", "unreachable"]


@dataclass(frozen=True)
class Loosest:
    """The least demanding required value of one input for which the limits hold with the wanted probability.

    `value` is NaN unless found; its interval holds every value at which the compliance cannot be told from the
    wanted probability (an infinite end: nowhere in the range).  `best` is the highest compliance seen, at
    `best_value`, and `missing` says which limit fails most there.  `moves` is how far compliance moves over the
    range; where that is less than its interval the requirement is not the discriminating one.
    """

    input: str
    unit: str
    side: Side
    wanted: float
    status: Status
    value: Estimate
    best: Estimate
    best_value: float
    missing: str
    moves: float
    discriminating: bool
    given: tuple[Levy, ...]
    curve: Levying
    design: str = ""
    mode: str = ""

    @property
    def levies(self) -> tuple[Levy, ...]:
        """What was given and, where found, the requirement at its loosest value: to be confirmed, or levied on."""
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
        if self.discriminating:
            return what
        return (
            f"{what}; {self.input} is not the discriminating requirement (compliance moves {self.moves:.2g})"
        )

    def __str__(self) -> str:
        return f"Loosest value{asked(self.mode)}: {self.answer}"


def loosest(
    sample: Sample,
    limits: Sequence[Limit],
    *,
    of: str,
    side: Side = "at least",
    wanted: float = 0.95,
    given: Sequence[Levy] = (),
    design: str = "",
    reachable: Reachable | None = None,
    confidence: float = 0.95,
) -> Loosest:
    """The least demanding r with P(limits met | X_j >= r, given) >= wanted, with its interval.

    Tried at `levels` (only those that are `reachable`), then refined by bisection; the interval inverts the
    interval of the compliance.  Valid where one supplier in 512 or more meets r.  Raises as `compliance` does.
    """
    check_probability("wanted", wanted)
    check_probability("confidence", confidence)
    check_limits(sample.problem, limits)
    tried = levels(sample, of, side, count=LEVELS // 2 + 1 if design else LEVELS)
    if reachable is not None:
        tried = tried[reachable({of: tried})]
        if not len(tried):
            raise ValueError(
                f"physics reaches no value of {of!r} on the side {side!r}; widen its law or drop it"
            )
    curve = levy(
        sample, limits, of=of, side=side, values=tried, given=given, design=design, confidence=confidence
    )
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
        value = _refined(sample, limits, of, side, wanted, given, design, (ends[first - 1], ends[first]))
    loose, tight = _crossing(ends, high, wanted), _crossing(ends, low, wanted)
    freely = -np.inf if side == "at least" else np.inf  # nothing need be required
    interval = [freely if high[0] >= wanted else loose, freely if low[0] >= wanted else tight]
    interval[1] = -freely if np.isnan(tight) and not np.isnan(loose) else interval[1]
    best = start if top == 0 else curve.compliance[top - 1]
    worst_level = () if top == 0 else (Requirement.on(of, side, float(ends[top]), design),)
    return Loosest(
        input=of,
        unit=sample.units[of],
        side=side,
        wanted=wanted,
        status=status,
        value=Estimate(value, *(interval if side == "at least" else interval[::-1])),
        best=best,
        best_value=float(ends[top]),
        missing=_missing(sample, limits, (*given, *worst_level), confidence),
        moves=moves,
        discriminating=bool(moves > np.max(high - low)),
        given=tuple(given),
        curve=curve,
        design=design,
        mode=sample.mode,
    )


def _crossing(values: FloatArray, band: FloatArray, wanted: float) -> float:
    """Where a band first reaches `wanted`, linear between the tried values; NaN where it never does."""
    above = band >= wanted
    if not above.any():
        return np.nan
    k = int(np.argmax(above))
    if k == 0:
        return float(values[0])
    part = (wanted - band[k - 1]) / (band[k] - band[k - 1])
    return float(values[k - 1] + part * (values[k] - values[k - 1]))


def _refined(
    sample: Sample,
    limits: Sequence[Limit],
    of: str,
    side: Side,
    wanted: float,
    given: Sequence[Levy],
    design: str,
    bracket: tuple[float, float],
    steps: int = 6,
) -> float:
    """The crossing within a bracket (not yet compliant, compliant) by bisection, then linear."""
    loose, tight = bracket
    if loose == tight:
        return tight
    if not design:  # rows that hold at the loose end serve the whole bracket
        rows = next(sample.ladder(given, [Requirement.on(of, side, loose)]))

    def at(r: float) -> float:
        step = Requirement.on(of, side, r, design)
        told = next(sample.ladder(given, [step])) if design else thinned(sample.problem, rows, [step]) or rows
        return share(told.weight, passing(told, limits, sample.problem), len(limits), 0.95)[0].value

    for _ in range(steps):
        middle = 0.5 * (loose + tight)
        loose, tight = (loose, middle) if at(middle) >= wanted else (middle, tight)
    below, above = at(loose), at(tight)
    if above <= below:
        return tight
    return loose + (tight - loose) * float(np.clip((wanted - below) / (above - below), 0.0, 1.0))


def _missing(sample: Sample, limits: Sequence[Limit], levies: Sequence[Levy], confidence: float) -> str:
    rows = sample.under(levies)
    _, each = share(rows.weight, passing(rows, limits, sample.problem), len(limits), confidence)
    worst = int(np.argmin([e.value for e in each]))
    return f"{limits[worst].text(sample.units)} holds with {each[worst].value:.3g}"
