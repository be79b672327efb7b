"""The first page of the main study: verdict, the quantities that matter, what decides, what to test first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.architectures.concepts import Architecture, SizedConcepts
from models.fixed_design.operating_point import PumpPoint, set_power
from models.quantity import WATT_HOUR, Columns
from studies.analysis.concepts.over_sizes import SizeSweep
from studies.analysis.drivers import Drivers, directions
from studies.analysis.fixed_problem import REQUIRED
from studies.analysis.power_front import PowerFront
from studies.analysis.requirements import Requirements
from studies.analysis.single_requirements import EFFICIENCY
from studies.case.case import Case
from studies.presentation.names_and_units import counted, input_words, verdict
from uq.core.estimate import Estimate
from uq.core.results import Summary
from uq.core.table import Cell, Table, header, number
from uq.report.brief_figures import effort_front, gain_histogram
from uq.report.document import Brief, Figure
from uq.requirements import Threshold

PUMP, MOTOR, INVERTER = (
    "pump.specific_power_multiplier",
    "motor.specific_power_multiplier",
    "inverter.specific_power_multiplier",
)
SHOWN_DRIVERS = 3
MEDIAN = "Median lander"
MEETS = "Meets all limits"
LEAST_WORTH = 0.1
"""kg below which a second decimal stands."""
NOT_NEEDED = "none needed"
LEAST_CHANCE = 0.01
IN_EFFICIENCY = "in efficiency"
"""Worth of power and energy: they fall as efficiency rises, and count there."""


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
    requirements: Requirements,
    *,
    concept: str,
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
    concept : str
        In words, what is compared with what.
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
        headline=f"{found.gain_words} kg payload, mean of landers; {found.chance_words} gain "
        f"({100 * found.wanted:.0f} % wanted).",
        facts=((MEDIAN, concept),) if concept else (),
        table=quantities(requirements),
        lines=(
            (MEETS, _compliance(requirements)),
            *_delivered(requirements),
            *_counts_most(requirements),
            ("What decides", _decides(drivers)),
            ("Test first", _test_first(requirements)),
            ("Break-even", break_even_words(sizes)),
        ),
        figures=(_histogram(drivers, found.gain, found.chance), _front(front, requirements)),
    )


def concept_words(
    case: Case, best: Mapping[Architecture, tuple[SizedConcepts, int]], chosen: Mapping[str, str] | None
) -> str:
    """What each architecture carries with every input at its median, and in which concept.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    best : Mapping[Architecture, tuple[SizedConcepts, int]]
        Concepts of each architecture, and the row of the best.
    chosen : Mapping[str, str] or None
        Options that are taken, by decision.

    Returns
    -------
    str
        One sentence.
    """
    labels: dict[Architecture, str] = {"electric_pump": "with pumps", "pressure_fed": "without"}
    words: list[str] = []
    for name, label in labels.items():
        if name not in best:
            continue
        sized, row = best[name]
        lander = sized.concepts[row].lander
        engines, sets = float(lander.engines), float(lander.pump_sets)
        layout = counted(engines, "engine")
        if name == "electric_pump":
            layout += f", {counted(sets, 'pump set')}"
        payload = float(sized["payload"][row, 0, 0])
        words.append(f"{payload:.0f} kg {'' if words else 'payload '}{label} ({layout})")
    return ", ".join(words) + ("; as chosen" if chosen else "")


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
    worth: float | str | None = None
    at_most: bool = True

    def row(self) -> tuple[Cell, ...]:
        def shown(value: float) -> str:
            return f"{value:.{self.digits}f} {self.unit}".strip()

        side = "\N{LESS-THAN OR EQUAL TO}" if self.at_most else "\N{GREATER-THAN OR EQUAL TO}"
        worth = self.worth
        if not isinstance(worth, str):
            worth = "" if worth is None else number(worth, 1 if abs(worth) >= LEAST_WORTH else 2)
        margin = ""
        if self.required is not None and not isinstance(self.least, str):
            margin = f"{100 * abs(self.required - self.least) / self.required:.0f} %"
        elif self.required is not None and self.least == NOT_NEEDED:
            margin = "\N{EN DASH}"
        return (
            self.name,
            shown(self.today),
            "none" if self.required is None else f"{side} {shown(self.required)}",
            self.least if isinstance(self.least, str) else f"{side} {shown(self.least)}",
            margin,
            worth,
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
    today, columns = design.predicted(at)
    required = design.pumps(at)
    thresholds = dict(requirements.single.thresholds)
    if proposal is not None and proposal.margins is not None:
        thresholds |= {m.input: m.threshold for m in proposal.margins.margins}
    worth = _worth(requirements)
    rows = [
        *_efficiencies(requirements, today, required, chosen, thresholds, worth),
        _drive_mass(requirements, today, required, chosen, thresholds, worth),
        *_electric(requirements, at, today, columns),
    ]
    return Table(
        "brief",
        "Quantities that matter"
        if at is None
        else "Quantities that matter, on one fixed design for the required values, margins held",
        header(
            "quantity | today's estimate | required | least demanding value | margin left | "
            "a per cent is worth [kg]"
        ),
        tuple(row.row() for row in rows),
    )


def _worth(requirements: Requirements) -> dict[str, float]:
    """kg of payload for 1 % better, by input."""
    return {
        r.input: 0.01 * r.at * r.mean.value / r.per
        for r in requirements.margins.rates.rates
        if r.nominal and np.isfinite(r.mean.value)
    }


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
    power = sum(p.pump_power for p in today)
    ratio = chosen.get(EFFICIENCY)
    return [
        _Quantity(
            f"{then.liquid} pump efficiency at {1e3 * then.flow:.2g} L/s, {then.rise / 1e5:.0f} bar",
            "",
            2,
            now.efficiency,
            None if ratio is None else then.efficiency,
            least if isinstance(least, str) else least * now.efficiency,
            None if EFFICIENCY not in worth else worth[EFFICIENCY] * now.pump_power / power,
            at_most=False,
        )
        for now, then in zip(today, required, strict=True)
    ]


def _drive_mass(
    requirements: Requirements,
    today: Sequence[PumpPoint],
    required: Sequence[PumpPoint],
    chosen: Mapping[str, float],
    thresholds: Mapping[str, Threshold],
    worth: Mapping[str, float],
) -> _Quantity:
    """Pumps, motors and inverters of all sets.  Least: where one of the three alone is as heavy as it may be."""
    sets = float(requirements.case.baseline().pump_sets)

    def masses(points: Sequence[PumpPoint]) -> dict[str, float]:
        return {
            PUMP: sets * sum(p.pump_mass for p in points),
            MOTOR: sets * sum(p.motor_mass for p in points),
            INVERTER: sets * sum(p.inverter_mass for p in points),
        }

    now, then = masses(today), masses(required)
    least: float | str = NOT_NEEDED
    growth = []
    for name, mass in then.items():
        value = _least(name, thresholds)
        if name in chosen and not isinstance(value, str):
            growth.append(mass * (chosen[name] / value - 1.0))
    asked = any(name in chosen for name in then)
    if growth:
        least = sum(then.values()) + max(growth)
    elif not asked and all(_least(name, thresholds) == "none in reach" for name in then):
        least = "none in reach"
    known = [worth[name] for name in then if name in worth]
    return _Quantity(
        "mass of pumps, motors, inverters",
        "kg",
        1,
        sum(now.values()),
        sum(then.values()) if asked else None,
        least,
        sum(known) if known else None,
    )


def _electric(
    requirements: Requirements,
    at: Mapping[str, float] | None,
    today: Sequence[PumpPoint],
    columns: Columns,
) -> list[_Quantity]:
    """Power of all drives at the points of the rows above, as a reader multiplies them, and energy of the mission."""
    design, proposal = requirements.design, requirements.proposal
    extra = () if proposal is None else proposal.limits[len(design.limits.all) :]
    limits = {limit.output: limit.high for limit in extra}
    energy = float(np.ravel(columns["electric_energy"])[0])
    kilo = 1e3 * WATT_HOUR
    trade = design.built(at)
    assert trade is not None
    return [
        _Quantity(
            "electric power at both points",
            "kW",
            1,
            set_power(today, trade) / 1e3,
            limits["electric_power"] / 1e3 if "electric_power" in limits else None,
            NOT_NEEDED,
            IN_EFFICIENCY,
        ),
        _Quantity(
            "electric energy, all burns",
            "kWh",
            2,
            energy / kilo,
            limits["electric_energy"] / kilo if "electric_energy" in limits else None,
            NOT_NEEDED,
            IN_EFFICIENCY,
        ),
    ]


def _compliance(requirements: Requirements) -> str:
    """Of the realised landers that are simulated with one fixed design."""
    joint, proposal = requirements.compliance.joint, requirements.proposal
    now = f"{100 * joint.probability:.0f} % of landers today"
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
    return (("Suppliers deliver that", words),)


def _counts_most(requirements: Requirements) -> tuple[tuple[str, str], ...]:
    """The requirement without which the set falls furthest; no line where nothing is proposed."""
    proposal = requirements.proposal
    if proposal is None or not proposal.without:
        return ()
    name, without = min(proposal.without.items(), key=lambda item: item[1].probability)
    words = f"{_short(requirements.case, name)}: {100 * without.probability:.0f} % comply without it"
    return (("Key requirement", words),)


def _short(case: Case, name: str) -> str:
    """An input in the words of the table of quantities, which are absolute: the ratio to the prediction goes."""
    return (
        input_words(case, name).removesuffix(" relative to prediction").removesuffix(" (ratio to predicted)")
    )


def _decides(drivers: Drivers) -> str:
    shares, signs = drivers.shares["payload_gain"], directions(drivers, "payload_gain")
    found = [n for n in drivers.foremost("payload_gain", SHOWN_DRIVERS) if shares[n].low > 0.0]
    if not found:
        return "too few landers to tell"
    effects = ["helps" if signs[n] > 0.0 else "hurts" for n in found]
    return "; ".join(
        ("" if effect == before else f"{effect}: ")
        + f"{input_words(drivers.case, n)} ({100 * shares[n].value:.0f} %{'' if before else ' of scatter'})"
        for n, effect, before in zip(found, effects, ["", *effects], strict=False)
    )


def _test_first(requirements: Requirements) -> str:
    known = requirements.margins.information
    exact = [t for t in known.tests if not t.error]
    best = min(exact, key=lambda t: t.std.value, default=None)
    if best is None or best.std.value >= known.std.value:
        return "too few landers to tell"
    return (
        f"{input_words(requirements.case, best.input)}: gain's scatter "
        f"\N{MINUS SIGN}{100 * (1.0 - best.std.value / known.std.value):.0f} %"
    )


def break_even_words(sweep: SizeSweep) -> str:
    """The launch mass from which on the pump gains on average, with its interval.

    Parameters
    ----------
    sweep : SizeSweep
        The lander at several sizes.

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
    return f"from {at.value / 1e3:.1f} t of launch mass on ({low} to {high} t)"


def _histogram(drivers: Drivers, gain: Estimate, chance: Estimate) -> Figure:
    values = drivers.data.where(drivers.data.feasible)["payload_gain"]
    return gain_histogram(
        "gain",
        "Payload gain of the electric pump, every lander at its own best design",
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
        "Best payload over electric power, median lander, no margins (dotted: design of the table, with margins)",
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
