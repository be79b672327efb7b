"""Each margin of the fixed design at its own best value: the least kg for the compliance that they buy together.

Payload and compliance pull apart, so that compliance has a price, in kg for each unit of probability.  At a price k the
margins m_1 ... m_n maximise

    E[payload](m) + k P[complies](m),

one after the other over its levels, the others as they are, until none moves: at the optimum the last point of
compliance costs the same with each margin, and one that lowers compliance is at its lower bound, for none raises the
payload.  The least price counts at which the landers comply no less often than with the best common factor on all
margins: what that factor buys, for less payload lost.

A margin that both architectures hold also burdens the pressure-fed lander.  Compliance that it buys by that is none of
the pump's: within a price the payload gain counts as it was before such a margin moved; then both hold the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures import electric_pump, pressure_fed
from models.fixed_design.design import FixedDesign, Margins, designs_with
from models.fixed_design.flight import fly
from models.lander import Lander, Status
from studies.analysis.accounts.margin_effects import ROWS, names, required_lander
from studies.analysis.fixed_problem import CaseLimits
from studies.case.case import Case
from uq.core.array_types import BoolArray, FloatArray
from uq.requirements import Sample

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
"""Of one margin's value in the case."""
PRICES = (2.0, 3.0, 4.5, 7.0)
"""Of compliance, in mean payloads: what a lander that complies is worth on top of the payload that it lands."""
SWEEPS = 4
"""Rounds of all margins at one price; after the first each margin moves by one level at most."""
TOGETHER = (
    ("specific_impulse", "helium", "power"),
    ("velocity", "soak", "energy"),
    ("propellant", "band", "battery_temperature"),
    ("inlet_temperature",),
    ("bus_sharing",),
)
"""Margins that are moved together, for they are held against different shortfalls, and in which order."""
PUMPS_ALONE = frozenset({"inlet_temperature", "power", "energy", "battery_temperature", "bus_sharing"})
"""Margins that the pressure-fed lander does not hold."""


@dataclass(frozen=True)
class _Judged:
    """One set of margins on the realised landers; (n,) kg."""

    complies: BoolArray
    payload: FloatArray
    gain: FloatArray
    """As it counts."""

    def value(self, price: float) -> float:
        """kg: mean payload and compliance at its price."""
        return float(np.nanmean(self.payload)) + price * float(self.complies.mean())


@dataclass(frozen=True)
class _Landers:
    """Realised landers, and the pressure-fed design that the pump's are compared with."""

    lander: Lander
    realised: Lander
    limits: CaseLimits
    fed: Mapping[str, FloatArray]
    """Its columns (n,)."""

    def designs(self, variants: Sequence[Margins]) -> tuple[FixedDesign | Status, ...]:
        """Pump-fed designs with several sets of margins, in one search."""
        return designs_with(electric_pump, self.lander, variants)

    def judged(
        self, design: FixedDesign | Status, rival: FloatArray, held: FloatArray | None = None
    ) -> _Judged | None:
        """One of them; its gain is that over a `rival` payload (n,), or the one that is `held` (n,)."""
        if isinstance(design, Status):
            return None
        own = fly(design, self.realised)
        payload = own["payload"]
        gain = payload - rival if held is None else held
        columns = {
            **own,
            **{f"pressure_fed.{name}": value for name, value in self.fed.items()},
            **{f"electric_pump.{name}": value for name, value in own.items()},
            "dry_saving": self.fed["dry_mass"] - own["dry_mass"],
            "payload_gain": gain,
        }
        complies = np.isfinite(gain) & np.isfinite(payload)
        for limit in self.limits.all:
            complies &= (limit.low <= columns[limit.output]) & (columns[limit.output] <= limit.high)
        return _Judged(complies, payload, gain)


def allocated(
    case: Case,
    sample: Sample,
    start: Margins,
    limits: CaseLimits,
    *,
    levels: Sequence[float] = LEVELS,
    prices: Sequence[float] = PRICES,
    sweeps: int = SWEEPS,
) -> tuple[Margins, float]:
    """Each margin at its own best value; `start` where no price leads to landers that comply as often.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    sample : Sample
        Realised landers of the design with `start`.
    start : Margins
        The case's, times the best common factor.
    limits : CaseLimits
        Of the case on the outputs.
    levels : sequence of float
        Of each margin's value in the case.
    prices : sequence of float
        Of compliance, in mean payloads, the least first.
    sweeps : int
        Rounds of all margins at one price, at most.

    Returns
    -------
    tuple of Margins and float
        The margins, and kg of payload for which a point of compliance was bought; NaN for `start`.
    """
    held = {name for name in names() if name in case.held_margins or not getattr(case.margins, name) > 0.0}
    together = [tuple(name for name in some if name not in held) for some in TOGETHER]
    lander = required_lander(sample)
    columns = {
        i.name: sample.rows.x[:ROWS, j] for j, i in enumerate(sample.problem.inputs) if i.role != "design"
    }
    realised = quantity.substitute(lander, columns)
    margins, anchored = start, _anchored(lander, realised, limits, start)
    if anchored is None or not any(together):
        return start, np.nan
    landers, now = anchored
    wanted, each = now.complies.mean(), float(np.nanmean(now.payload))
    for price in prices:
        for sweep in range(sweeps):
            before = margins
            for some in filter(None, together):
                tried = {name: _tried(case, name, getattr(margins, name), levels, sweep) for name in some}
                margins, now = _moved(landers, margins, now.gain, tried, price * each)
            if margins == before:
                break
        anchored = _anchored(lander, realised, limits, margins)
        if anchored is None:
            break
        landers, now = anchored
        if now.complies.mean() >= wanted:
            return margins, 0.01 * price * each
    return start, np.nan


def _anchored(
    lander: Lander, realised: Lander, limits: CaseLimits, margins: Margins
) -> tuple[_Landers, _Judged] | None:
    """Both architectures at the same margins; None where one has no design or none flies."""
    (fed,) = designs_with(pressure_fed, lander, [margins])
    if isinstance(fed, Status):
        return None
    landers = _Landers(lander, realised, limits, fly(fed, realised))
    (design,) = landers.designs([margins])
    now = landers.judged(design, landers.fed["payload"])
    return None if now is None or not np.isfinite(now.payload).any() else (landers, now)


def _moved(
    landers: _Landers,
    margins: Margins,
    gain: FloatArray,
    tried: Mapping[str, Sequence[float]],
    price: float,
) -> tuple[Margins, _Judged]:
    """Some margins, each at the best of the values tried for it, and what is known of where they came from with the
    gain that counts of where they went."""
    others = [(name, value) for name, values in tried.items() for value in values]
    variants = [margins, *(dataclasses.replace(margins, **{name: value}) for name, value in others)]
    own, *made = landers.designs(variants)
    now = landers.judged(own, gain, gain)
    assert now is not None
    chosen: dict[str, tuple[float, _Judged]] = {}
    for (name, value), design in zip(others, made, strict=True):
        one = landers.judged(design, now.payload - gain, None if name in PUMPS_ALONE else gain)
        best = chosen[name][1] if name in chosen else now
        if one is not None and one.value(price) > best.value(price):
            chosen[name] = value, one
    moved = dataclasses.replace(margins, **{name: value for name, (value, _) in chosen.items()})
    counts = sum(
        (one.payload - now.payload for name, (_, one) in chosen.items() if name in PUMPS_ALONE), 0.0 * gain
    )
    return moved, dataclasses.replace(now, gain=gain + counts)


def _tried(case: Case, name: str, value: float, levels: Sequence[float], sweep: int) -> list[float]:
    """Other values of a margin: all at first, then the nearest to the present one."""
    highest = quantity.units(case.margins)[name].high
    grid = sorted({min(level * getattr(case.margins, name), highest) for level in levels} - {value})
    below, above = [v for v in grid if v < value], [v for v in grid if v > value]
    return grid if not sweep else [*below[-1:], *above[:1]]
