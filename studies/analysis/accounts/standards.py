"""The field's allowances for growth against the growth that the wanted probability needs, line by line.

Basic mass is the best estimate of the fixed design, with its margins and without growth.  A growth allowance by
heritage makes it the predicted mass, a margin of the system the allowable one.  The need is a quantile over realised
landers, grown as items of their kind grow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures.budget import CONSUMABLES, PROPULSION_ITEMS, Sizing
from models.components import structure
from models.fixed_design.flight import FixedTrade, simulate
from studies.analysis.accounts.heritage import heritage
from studies.analysis.accounts.margin_effects import ROWS
from studies.analysis.growth_allowances import over_landers
from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import wilson
from uq.core.estimate import Estimate
from uq.requirements import Sample

ESA = "ESA SRE-PA/2011.097"
GODDARD = "NASA GSFC-STD-1000"
AMES = "NASA Ames APR 8070.1"
SYSTEM = 0.20
"""ESA: of the predicted dry mass, on top of the allowances by heritage."""
HERITAGE = {"off the shelf": 0.05, "modified": 0.10, "new": 0.20}
"""ESA: growth allowance of equipment by heritage."""
REVIEWS: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    GODDARD: {
        "dry_mass": {"first review": 0.15, "second": 0.10, "third": 0.05, "last": 0.02},
        "electric_power": {"first review": 0.25, "second": 0.20, "third": 0.15, "fourth": 0.10, "last": 0.05},
    },
    AMES: {
        "dry_mass": {
            "system requirements": 0.30,
            "preliminary design": 0.20,
            "critical design": 0.15,
            "integration": 0.05,
        },
    },
}
"""Margin over the estimate by review: percentages as commonly quoted, in the order of the reviews."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the electric pump's budget."""

    item: str
    basic: float
    """kg, best estimate."""
    heritage: str
    quantile: Estimate
    """kg over realised landers of the fixed design, grown as items of their kind grow."""

    @property
    def allowance(self) -> float:
        """Share of the basic mass that the heritage is given to grow."""
        return HERITAGE[self.heritage]

    @property
    def predicted(self) -> float:
        """kg."""
        return self.basic * (1.0 + self.allowance)

    @property
    def allowable(self) -> Mapping[str, float]:
        """kg by standard: ESA's predicted mass with the margin of the system; the others' basic mass with the margin
        of their first review, which comes in the place of an allowance by heritage."""
        reviewed = {
            name: self.basic * (1.0 + next(iter(of["dry_mass"].values()))) for name, of in REVIEWS.items()
        }
        return {ESA: self.predicted * (1.0 + SYSTEM)} | reviewed

    @property
    def needed(self) -> Estimate:
        """Growth over the basic mass, as a share."""
        return _over(self.quantile, self.basic)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A quantity of the whole drive or lander against one standard."""

    quantity: str
    """An output of the electric pump."""
    standard: str
    review: str
    basic: float
    growth: float
    """SI, of the allowances by heritage."""
    margin: float
    """Share of the predicted value."""
    quantile: Estimate

    @property
    def predicted(self) -> float:
        """Basic value with its growth allowance."""
        return self.basic + self.growth

    @property
    def allowable(self) -> float:
        """What the standard leaves."""
        return self.predicted * (1.0 + self.margin)


@dataclass(frozen=True, kw_only=True)
class Share:
    """Another allowance of ESA: the share that it holds, that the fixed design holds, and that is needed."""

    what: str
    standard: float
    held: float | None
    needed: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Standards:
    """The allowances of the standards and the probabilistic need."""

    level: float
    """Probability of the quantiles."""
    lines: tuple[Line, ...]
    wholes: tuple[Whole, ...]
    shares: tuple[Share, ...]


def standards(sample: Sample, trade: FixedTrade, *, level: float, confidence: float) -> Standards:
    """What ESA, Goddard and Ames would hold for the electric pump of a fixed design, and the need over the realised
    landers of `sample`.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    trade : FixedTrade
        Both designs at the required values.
    level : float
        Probability of the quantile that an allowance must hold.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Standards
    """
    nominal = simulate(trade.electric_pump, trade.lander).sizing
    columns = {
        i.name: sample.rows.x[:ROWS, j]
        for j, i in enumerate(sample.problem.inputs)
        if i.role != "design" and i.name in quantity.flatten(trade.lander)
    }
    realised = quantity.substitute(trade.lander, columns)
    simulated = simulate(trade.electric_pump, realised).sizing
    good = np.isfinite(np.broadcast_to(simulated.payload, (len(next(iter(columns.values()))),)))

    def need(values: FloatArray) -> Estimate:
        realised = np.broadcast_to(np.asarray(values, dtype=np.float64), good.shape)[good]
        low, high = wilson(level, float(good.sum()), confidence)
        return Estimate(*(float(np.quantile(realised, p)) for p in (level, low, high)))

    def grown(item: str) -> FloatArray:
        return np.asarray(simulated.masses[item] * (1.0 + structure.growth_fraction(realised.growth, item)))

    canned = _one(trade.lander.motor.canned) > 0.5
    lines = tuple(
        Line(
            item=item,
            basic=_one(nominal.masses[item]),
            heritage=known.words,
            quantile=need(simulated.masses[item]),
        )
        for item in PROPULSION_ITEMS
        if item not in CONSUMABLES
        and (known := heritage(item, canned=canned)) is not None
        and _one(nominal.masses[item]) > 0.0
    )
    quantiles = {
        name: Estimate(np.nan, np.nan, np.nan) if found is None else found[1]
        for name in ("dry_mass", "electric_power")
        for found in [over_landers(sample, name, level=level, confidence=confidence)]
    }
    return Standards(
        level=level,
        lines=lines,
        wholes=_wholes(lines, nominal, quantiles),
        shares=_shares(trade, nominal, columns, need),
    )


def _wholes(lines: tuple[Line, ...], nominal: Sizing, quantiles: Mapping[str, Estimate]) -> tuple[Whole, ...]:
    basic = {"dry_mass": sum(line.basic for line in lines), "electric_power": _one(nominal.electric_power)}
    growth = sum(line.predicted - line.basic for line in lines)
    found = [
        Whole(
            quantity="dry_mass",
            standard=ESA,
            review="assessment study",
            basic=basic["dry_mass"],
            growth=growth,
            margin=SYSTEM,
            quantile=quantiles["dry_mass"],
        )
    ]
    for standard, by_quantity in REVIEWS.items():
        for name, by_review in by_quantity.items():
            found += [
                Whole(
                    quantity=name,
                    standard=standard,
                    review=review,
                    basic=basic[name],
                    growth=0.0,
                    margin=margin,
                    quantile=quantiles[name],
                )
                for review, margin in by_review.items()
            ]
    return tuple(found)


def _shares(
    trade: FixedTrade,
    nominal: Sizing,
    columns: Mapping[str, FloatArray],
    need: Callable[[FloatArray], Estimate],
) -> tuple[Share, ...]:
    lander, built = trade.lander, trade.electric_pump
    main, thruster = _one(nominal.masses["main propellant"]), _one(nominal.masses["thruster propellant"])
    simulated = simulate(built, quantity.substitute(lander, columns)).sizing
    left = float(
        np.median(np.broadcast_to(simulated.masses["residuals"], next(iter(columns.values())).shape))
    )
    velocity = _one(lander.mission.reserve_factor) - 1.0
    reserve, fraction = columns.get("mission.reserve_factor"), columns.get("residuals.fraction")
    ullage = 0.5 * (_one(nominal.storage.oxidiser_ullage) + _one(nominal.storage.fuel_ullage))
    return (
        Share(
            what="velocity increments",
            standard=0.05,
            held=velocity + built.margins.velocity,
            needed=None if reserve is None else need(reserve - 1.0),
        ),
        Share(
            what="attitude control propellant",
            standard=1.0,
            held=built.thruster_load / thruster - 1.0 if built.thruster_load else None,
            needed=_over(need(simulated.masses["thruster propellant"]), thruster) if thruster else None,
        ),
        Share(
            what="residuals and what is left, of the main propellant",
            standard=0.02,
            held=left / main,
            needed=None if fraction is None else need(fraction),
        ),
        Share(
            what="tank volume beyond the propellant's",
            standard=0.10,
            held=ullage / (1.0 - ullage),
            needed=None,
        ),
        Share(
            what="harness, of the dry mass",
            standard=0.05,
            held=_one(nominal.masses["harness"]) / _one(nominal.dry_mass),
            needed=None,
        ),
    )


def _over(quantile: Estimate, basic: float) -> Estimate:
    return Estimate(*(value / basic - 1.0 for value in (quantile.value, quantile.low, quantile.high)))


def _one(value: object) -> float:
    return float(np.ravel(np.asarray(value, dtype=np.float64))[0])
