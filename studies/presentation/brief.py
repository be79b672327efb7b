"""The first page of the main study: verdict, the quantities that matter, what decides, what to test first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.fixed_design.operating_point import PumpPoint, set_power
from studies.analysis.accounts.worth import (
    FUEL,
    MOTORS_AND_INVERTERS,
    OXIDISER,
    POWER,
    PUMPS,
    worth_of_a_percent,
)
from studies.analysis.concepts.over_sizes import SizeSweep
from studies.analysis.drivers import Drivers, directions
from studies.analysis.fixed_problem import REQUIRED
from studies.analysis.power_front import PowerFront
from studies.analysis.requirements import Requirements, RequirementsAndAccounts
from studies.analysis.single_requirements import EFFICIENCY
from studies.case.case import Case
from studies.presentation.names_and_units import input_words, verdict
from uq.core.estimate import Estimate
from uq.core.results import Summary
from uq.core.table import Cell, Table, header
from uq.report.brief_figures import effort_front, gain_histogram
from uq.report.document import Brief, Figure
from uq.requirements import Threshold

PUMP, MOTOR, INVERTER = (
    "pump.specific_power_multiplier",
    "motor.specific_power_multiplier",
    "inverter.specific_power_multiplier",
)
SHOWN_DRIVERS = 3
MEETS = "Meets all limits"
NOT_NEEDED = "none needed"
LEAST_CHANCE = 0.01


@dataclass(frozen=True)
class Answer:
    """Whether a pump pays for a lander, and how sure that is: first line of its report, and its row in the README."""

    gain: Estimate
    """kg of payload, mean of all landers, each architecture at its own best design."""
    chance: Estimate
    """That a lander gains."""
    wanted: float

    @classmethod
    def of(cls, summary: Summary, wanted: float) -> Answer:
        """From the payload gain's `summary`, whose thresholds hold zero, and the wanted probability."""
        return cls(summary.estimates["mean"], summary.estimates["above 0"], wanted)

    @property
    def verdict(self) -> str:
        """One of five."""
        return verdict(self.chance, self.wanted)

    @property
    def gain_words(self) -> str:
        """kg with half the width of its interval."""
        return gain_words(self.gain)

    @property
    def chance_words(self) -> str:
        """Per cent."""
        return f"{100 * self.chance.value:.0f} %"


def brief(
    drivers: Drivers,
    requirements: RequirementsAndAccounts,
    *,
    sizes: SizeSweep,
    front: PowerFront,
) -> Brief:
    """The first page.

    Parameters
    ----------
    drivers : Drivers
        The same case with each sample at its own best design.
    requirements : Requirements
        What a fixed design must hold, with its evidence.
    sizes : SizeSweep
        Gain over the lander's size.
    front : PowerFront
        Payload over electric power.

    Returns
    -------
    Brief
    """
    found = Answer.of(drivers.summaries["payload_gain"], requirements.case.wanted_probability)
    return Brief(
        verdict=found.verdict,
        headline=f"{found.gain_words} kg mean payload over pressure-fed; {found.chance_words} gain "
        f"({100 * found.wanted:.0f} % wanted).",
        table=quantities(requirements),
        lines=(
            (MEETS, _compliance(requirements)),
            *_delivered(requirements),
            *_counts_most(requirements),
            ("Drivers", _decides(drivers)),
            ("Test first", _test_first(requirements)),
            ("Break-even", break_even_words(sizes, short=True)),
        ),
        figures=(_histogram(drivers, found.gain, found.chance), _front(front, requirements)),
    )


def gain_words(gain: Estimate) -> str:
    """A gain with half the width of its interval.

    Parameters
    ----------
    gain : Estimate
        kg.

    Returns
    -------
    str
        Rounded to what the interval leaves.

    Examples
    --------
    >>> gain_words(Estimate(-7.6, -9.4, -5.8))
    '−8 ± 2'
    """
    half = 0.5 * (gain.high - gain.low)
    digits = 0 if half >= 1.0 or not half > 0.0 else 1
    return f"{gain.value:+.{digits}f} \N{PLUS-MINUS SIGN} {half:.{digits}f}".replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True)
class _Quantity:
    """One row: a quantity today, required, at its least demanding value, the margin between, and its worth."""

    name: str
    unit: str
    digits: int
    today: float
    required: float | None
    least: float | str
    worth: float
    at_most: bool = True

    def row(self) -> tuple[Cell, ...]:
        def shown(value: float) -> str:
            return f"{value:.{self.digits}f} {self.unit}".strip()

        side = "\N{LESS-THAN OR EQUAL TO}" if self.at_most else "\N{GREATER-THAN OR EQUAL TO}"
        margin = ""
        if self.required is not None and not isinstance(self.least, str):
            left = (self.least - self.required) * (1.0 if self.at_most else -1.0)
            margin = f"{round(100 * left / self.required)} %"
        elif self.required is not None and self.least == NOT_NEEDED:
            margin = "\N{EN DASH}"
        return (
            self.name,
            shown(self.today),
            "none" if self.required is None else f"{side} {shown(self.required)}",
            self.least if isinstance(self.least, str) else f"{side} {shown(self.least)}",
            margin,
            self.worth,
        )


def quantities(requirements: Requirements) -> Table:
    """The quantities that matter, in absolute units at their operating point.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Table
    """
    design, proposal = requirements.design, requirements.proposal
    chosen = {} if proposal is None else {r.input: r.value for r in proposal.requirements}
    at = proposal.design if proposal is not None and chosen else None
    # one design for all rows: that of the required set, with its drives as predicted today and as required
    today, _ = design.predicted(at)
    required, built = design.pumps(at), design.built(at)
    assert built is not None
    thresholds = dict(requirements.single.thresholds)
    if proposal is not None and proposal.margins is not None:
        thresholds |= {m.input: m.threshold for m in proposal.margins.margins}
    worth = worth_of_a_percent(built, required)
    sets = built.lander.pump_sets
    rows = [
        *_efficiencies(requirements, today, required, chosen, thresholds, worth),
        *(
            _masses(words, inputs, float(sets), today, required, chosen, thresholds, worth[quantity])
            for words, inputs, quantity in (
                ("mass of pumps", (PUMP,), PUMPS),
                ("mass of motors, inverters", (MOTOR, INVERTER), MOTORS_AND_INVERTERS),
            )
        ),
        _power(requirements, set_power(today, built), worth[POWER]),
    ]
    return Table(
        "brief",
        "One fixed design, margins held",
        header(
            "quantity | today's estimate | required | least demanding value | margin left | worth [kg per %]:2g"
        ),
        tuple(row.row() for row in rows),
    )


def _least(name: str, thresholds: Mapping[str, Threshold]) -> float | str:
    """The least demanding value of an input, or why there is none."""
    one = thresholds.get(name)
    if one is None or one.status == "met without it":
        return NOT_NEEDED
    return "none in reach" if one.status != "found" else one.value.value


def _efficiencies(
    requirements: Requirements,
    today: Sequence[PumpPoint],
    required: Sequence[PumpPoint],
    chosen: Mapping[str, float],
    thresholds: Mapping[str, Threshold],
    worth: Mapping[str, float],
) -> list[_Quantity]:
    least = _least(EFFICIENCY, thresholds)
    if not isinstance(
        least, str
    ):  # of the prediction, which today's estimate is not: its residual has a median
        least /= requirements.design.sample.design[REQUIRED + EFFICIENCY]
    ratio = chosen.get(EFFICIENCY)
    return [
        _Quantity(
            f"{then.liquid} pump efficiency at {f'{1e3 * then.flow:#.2g}'.rstrip('.')} L/s, {then.rise / 1e5:.0f} bar",
            "",
            2,
            now.efficiency,
            None if ratio is None else then.efficiency,
            least if isinstance(least, str) else least * now.efficiency,
            worth[quantity],
            at_most=False,
        )
        for now, then, quantity in zip(today, required, (OXIDISER, FUEL), strict=True)
    ]


def _masses(
    words: str,
    inputs: Sequence[str],
    sets: float,
    today: Sequence[PumpPoint],
    required: Sequence[PumpPoint],
    chosen: Mapping[str, float],
    thresholds: Mapping[str, Threshold],
    worth: float,
) -> _Quantity:
    """Of all sets.  Least: where one of the inputs alone is as heavy as it may be."""

    def masses(points: Sequence[PumpPoint]) -> dict[str, float]:
        of = {PUMP: "pump_mass", MOTOR: "motor_mass", INVERTER: "inverter_mass"}
        return {name: sets * sum(getattr(p, of[name]) for p in points) for name in inputs}

    now, then = masses(today), masses(required)
    bracket = sets * sum(
        p.installation_mass for p in required
    )  # of pumps, and follows from no specific power
    least: float | str = NOT_NEEDED
    growth = []
    for name, mass in then.items():
        value = _least(name, thresholds)
        if name in chosen and not isinstance(value, str):
            growth.append((mass - bracket * (name == PUMP)) * (chosen[name] / value - 1.0))
    asked = any(name in chosen for name in then)
    if growth:
        least = sum(then.values()) + max(growth)
    elif not asked and all(_least(name, thresholds) == "none in reach" for name in then):
        least = "none in reach"
    return _Quantity(words, "kg", 1, sum(now.values()), sum(then.values()) if asked else None, least, worth)


def _power(requirements: Requirements, today: float, worth: float) -> _Quantity:
    """Of all drives at the points of the rows above, as a reader multiplies them: W `today`."""
    proposal = requirements.proposal
    extra = () if proposal is None else proposal.limits[len(requirements.design.limits.all) :]
    required = next((limit.high / 1e3 for limit in extra if limit.output == "electric_power"), None)
    return _Quantity("electric power at both points", "kW", 1, today / 1e3, required, NOT_NEEDED, worth)


def _compliance(requirements: Requirements) -> str:
    """Of the realised landers that are simulated with one fixed design."""
    joint, proposal = requirements.compliance.joint, requirements.proposal
    now = f"{100 * joint.probability:.0f} % today"
    if joint.probability >= joint.wanted and (proposal is None or not proposal.requirements):
        return f"{now}: nothing need be required"
    if proposal is None or not proposal.requirements:
        return f"{now}; no requirement in reach gives {100 * joint.wanted:.0f} %"
    fresh = requirements.confirmed("proposal")
    under = proposal.verdict.estimate.value if fresh is None else fresh.fresh.probability
    return f"{now}, {100 * under:.0f} % as required" + (
        " (more is out of reach)" if proposal.goal < joint.wanted else ""
    )


def _delivered(requirements: Requirements) -> tuple[tuple[str, str], ...]:
    """By today's knowledge of such drives; no line where nothing is required."""
    proposal = requirements.proposal
    if proposal is None or not proposal.requirements:
        return ()
    chance = proposal.allocation.prior
    words = f"{100 * chance:.0f} % chance" if chance >= LEAST_CHANCE else "hardly any chance"
    return (("Suppliers deliver", words),)


def _counts_most(requirements: Requirements) -> tuple[tuple[str, str], ...]:
    """The requirement without which the set falls furthest; no line where nothing is proposed."""
    proposal = requirements.proposal
    if proposal is None or not proposal.without:
        return ()
    name, _ = min(proposal.without.items(), key=lambda item: item[1].probability)
    return (("Key requirement", _short(requirements.case, name)),)


def _short(case: Case, name: str) -> str:
    """An input in the words of the table of quantities, which are absolute: the ratio to the prediction goes."""
    return (
        input_words(case, name).removesuffix(" relative to prediction").removesuffix(" (ratio to predicted)")
    )


def _decides(drivers: Drivers) -> str:
    shares, signs = drivers.shares["payload_gain"], directions(drivers, "payload_gain")
    ranked = drivers.foremost("payload_gain", len(shares))
    found = [n for n in ranked if shares[n].low > 0.0 and drivers.moves("payload_gain", n)][:SHOWN_DRIVERS]
    if not found:
        return "too few landers to tell"
    effects = ["helps" if signs[n] > 0.0 else "hurts" for n in found]
    return "; ".join(
        ("" if effect == before else f"{effect}: ") + _short(drivers.case, n)
        for n, effect, before in zip(found, effects, ["", *effects], strict=False)
    )


def _test_first(requirements: RequirementsAndAccounts) -> str:
    known = requirements.margins.information
    exact = [t for t in known.tests if not t.error]
    best = min(exact, key=lambda t: t.std.value, default=None)
    if best is None or best.std.value >= known.std.value:
        return "too few landers to tell"
    less = 100 * (1.0 - best.std.value / known.std.value)
    return f"{_short(requirements.case, best.input)}: scatter \N{MINUS SIGN}{less:.0f} %"


def break_even_words(sweep: SizeSweep, *, short: bool = False) -> str:
    """The launch mass from which on the pump gains on average, with its interval.

    Parameters
    ----------
    sweep : SizeSweep
        The lander at several sizes.
    short : bool, default False
        Whether the interval alone stands.

    Returns
    -------
    str
    """
    smallest, largest = (sweep.landers[k].launch_mass / 1e3 for k in (0, -1))
    at = sweep.break_even
    if at.value == 0.0:
        return f"at every size from {smallest:g} to {largest:g} t of launch mass"
    if not np.isfinite(at.value):
        return f"beyond {largest:g} t of launch mass, if at all"
    low = f"{at.low / 1e3:.1f}" if at.low > 0.0 else f"below {smallest:g}"
    high = f"{at.high / 1e3:.1f}" if np.isfinite(at.high) else f"beyond {largest:g}"
    if short:
        ends = f"{at.value / 1e3:.1f}" if low == high else f"{low} \N{EN DASH} {high}"
        return f"{ends} t launch mass"
    return f"from {at.value / 1e3:.1f} t of launch mass on ({low} to {high} t)"


def _histogram(drivers: Drivers, gain: Estimate, chance: Estimate) -> Figure:
    values = drivers.data.where(drivers.data.feasible)["payload_gain"]
    return gain_histogram(
        "gain",
        "Payload gain, each optimised",
        values,
        label="payload gain, kg",
        alt=f"Histogram of payload gain: mean {gain.value:.1f} kg, {chance.value:.0%} of the landers lie above zero.",
    )


def _front(front: PowerFront, requirements: Requirements) -> Figure:
    proposal = requirements.proposal
    at = proposal.design if proposal is not None and proposal.requirements else None
    today, _ = requirements.design.predicted(at)
    trade = requirements.design.built(at)
    assert trade is not None
    fixed = set_power(today, trade) / 1e3
    return effort_front(
        "power-front",
        "Payload over power, median lander, no margins",
        front.power / 1e3,
        front.payload,
        band=(front.low, front.high),
        without=("pressure-fed", front.pressure_fed),
        best="electric pump",
        fixed=("table's design", fixed),
        labels=("electric power at full thrust, kW", "payload, kg"),
        alt=f"Payload rises from {front.payload[0]:.0f} kg at {front.power[0] / 1e3:.1f} kW to "
        f"{front.payload[-1]:.0f} kg at {front.power[-1] / 1e3:.1f} kW; the pressure-fed lander carries "
        f"{front.pressure_fed:.0f} kg. The design of the table takes {fixed:.1f} kW.",
    )
