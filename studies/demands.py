"""What must be required, on frozen designs: compliance, loosest values, frontier, exchange rates, confirmation."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.frozen import FrozenTrade, Margins
from models.propulsion import liquids
from models.quantity import substitute
from studies import flown
from studies.case import Case
from studies.drivers import Drivers
from studies.flown import POWER_LIMIT, REQUIRED, Flown
from uq.dataset import Dataset
from uq.problem import Problem
from uq.report.terminal import Watch, silent
from uq.requirements import (
    Axis,
    Confirmations,
    ExchangeRates,
    Frontier,
    Information,
    Levying,
    Limit,
    Loosest,
    Requirement,
    Rows,
    Sample,
    Verdict,
    Waterfall,
    compliance,
    confirm,
    draw,
    exchange_rates,
    frontier,
    information,
    levy,
    loosest,
    waterfall,
)

EFFICIENCY = "pump.efficiency_multiplier"
MARGIN_SCALES = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Of all margins together, tried for the set that complies most often."""
LEVELS = np.array([0.02, 0.16, 0.5, 0.84, 0.98])
"""Quantiles of a required input at which requirements are levied."""
REACH = 0.95
"""Quantile of a supplier's prediction error beyond which no pump of its size and suction is expected (judgement)."""
FINE = 1024
"""With fewer samples every other margin, level and power limit is tried: the intervals are wider than the steps."""
POWER_SHARES = np.array([0.4, 0.55, 0.7, 0.85, 1.0, 1.2])
"""Electric power limits that are tried, as shares of the power of the best design without a limit."""


@dataclass(frozen=True)
class PumpPoint:
    """Operating point and efficiency of one pump as built."""

    liquid: str
    efficiency: float
    flow: float
    """m3/s."""
    rise: float
    """Pa."""
    speed: float
    """rad/s."""


@dataclass(frozen=True)
class Demands:
    """All that is said of frozen designs of one case."""

    case: Case
    truth: Problem
    best: dict[str, float]
    scale: float
    scales: dict[float, tuple[Verdict, Verdict, Verdict]]
    sample: Sample
    asked: tuple[Limit, ...]
    short: tuple[Limit, ...]
    gain: Verdict
    holds: Verdict
    joint: Verdict
    levied: dict[str, Levying]
    loosest: dict[str, Loosest]
    """By what is asked: "gain" (the case's limits) and "joint" (no shortfall of the hardware either)."""
    limited: dict[float, Verdict]
    """By electric power limit in W: compliance of the design under that limit."""
    frontier: Frontier | None
    rates: ExchangeRates
    steps: Waterfall
    knowing: Information
    confirmations: Confirmations
    required: Requirement | None
    """The efficiency that is proposed: the loosest that suffices, or the most that physics reaches."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Everything that must hold."""
        return (*self.asked, *self.short)

    def pumps(self, multiplier: float = 1.0) -> tuple[PumpPoint, ...]:
        """Both pumps of the design at a required efficiency over prediction, at their rated point."""
        model = self.truth.model
        assert isinstance(model, Flown)
        built = model.trade({**self.best, REQUIRED + EFFICIENCY: multiplier})
        return () if built is None else _pumps(built, multiplier)

    def power(self) -> float:
        """Electric power in W of the best design without limit, with its margin."""
        model = self.truth.model
        assert isinstance(model, Flown)
        built = model.trade(self.best)
        assert built is not None
        assert built.electric_pump.drives is not None
        return built.electric_pump.drives.power_rating


def _pumps(built: FrozenTrade, multiplier: float) -> tuple[PumpPoint, ...]:
    assert built.electric_pump.drives is not None
    lander = substitute(built.lander, {EFFICIENCY: multiplier})
    found = built.fly(lander)
    warm = liquids(lander, lander.propellant_temperature + lander.pump_inlet_heating)
    return tuple(
        PumpPoint(
            liquid,
            float(np.ravel(found[f"electric_pump.{liquid}_pump_efficiency"])[0]),
            line.flow,
            float(np.ravel(line.work * density)[0]),
            line.speed,
        )
        for liquid, line, density in zip(
            ("oxidiser", "fuel"),
            built.electric_pump.drives.lines,
            (warm.oxidiser_density, warm.fuel_density),
            strict=True,
        )
    )


def scaled_margins(scale: float) -> Margins:
    """All margins times `scale`, those that are shares of what is shared at most one."""
    usual = Margins()
    values = {f.name: scale * getattr(usual, f.name) for f in dataclasses.fields(Margins)}
    values["bus_sharing"] = min(values["bus_sharing"], 1.0)
    return Margins(**values)


def demand(
    case: Case,
    found: Drivers,
    *,
    samples: int,
    seed: int = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Demands:
    """Ask everything of frozen designs; each on the same `samples` true flights, confirmed by fresh ones."""
    wanted = case.wanted_probability
    asked, short = flown.limits(case)
    both = (*asked, *short)
    step = 2 if samples < FINE else 1
    scales = {}
    for k, scale in enumerate(MARGIN_SCALES[::step]):
        watch("choosing margins", k / len(MARGIN_SCALES))
        one_truth, best = flown.problem(case, scaled_margins(scale))
        one = draw(one_truth, samples, seed=seed, design=best, mode="frozen")
        gain, holds, joint = (compliance(one, limits, wanted=wanted) for limits in (asked, short, both))
        scales[scale] = (gain, holds, joint)
    scale = max(scales, key=lambda s: scales[s][2].probability)
    truth, best = flown.problem(case, scaled_margins(scale))
    sample = draw(truth, samples, seed=seed, design=best, mode="frozen")

    names = [i.name for i in case.inputs if i.role == "requirement"]
    levied = {}
    for k, name in enumerate(names):
        watch("levying requirements", k / len(names))
        values = truth.inputs[truth.index(name)].distribution.ppf(LEVELS[::step])
        levied[name] = levy(sample, both, of=name, values=values, design=REQUIRED + name)
    least: dict[str, Loosest] = {}
    limited: dict[float, Verdict] = {}
    grid = None
    required = None
    bare = Demands(
        case, truth, best, scale, scales, sample, asked, short, *scales[scale], levied, least, limited, None,
        *(None,) * 4, None,  # type: ignore[arg-type]
    )  # fmt: skip
    power = bare.power()
    for share in POWER_SHARES[::step]:
        watch("limiting the electric power", float(share / POWER_SHARES[-1]))
        at = float(share * power)
        under = draw(truth, samples, seed=seed, design={**best, POWER_LIMIT: at}, mode="frozen")
        limited[at] = compliance(under, both, wanted=wanted)
    if EFFICIENCY in names:
        law = truth.inputs[truth.index(EFFICIENCY)].distribution
        top = float(law.ppf(REACH))
        for k, (what, limits) in enumerate((("gain", asked), ("joint", both))):
            watch("the loosest efficiency", k / 2)
            least[what] = loosest(
                sample,
                limits,
                of=EFFICIENCY,
                wanted=wanted,
                design=REQUIRED + EFFICIENCY,
                reachable=lambda columns: columns[EFFICIENCY] <= top,
            )
        watch("the frontier", float("nan"))
        grid = frontier(
            sample,
            both,
            first=Axis(EFFICIENCY, "at least", tuple(law.ppf(LEVELS[::step])), design=REQUIRED + EFFICIENCY),
            second=Axis(POWER_LIMIT, "at most", tuple(float(s * power) for s in POWER_SHARES[::step])),
            probabilities=(0.5, 0.8, 0.9),
            reachable=lambda columns: columns[EFFICIENCY] <= top,
        )
        joint_least = least["joint"]
        value = joint_least.value.value if joint_least.status == "found" else joint_least.best_value
        required = Requirement(EFFICIENCY, low=float(value), design=REQUIRED + EFFICIENCY)
    watch("exchange rates and margins", float("nan"))
    rates = exchange_rates(
        sample,
        "payload_gain",
        inputs=names,
        limits=both,
        level=0.05,
        steps=1,
        per=_per(case, names),
        designs={name: REQUIRED + name for name in names},
    )
    steps = waterfall(
        draw(found.learned.surrogate, samples, seed=seed, mode="adaptive"),
        asked[0],
        drivers=found.foremost("payload_gain", 7),
        level=wanted,
        orders=16,
        rows=1024,
    )
    knowing = information(_as_sample(found.data), "payload_gain")
    watch("confirming with fresh runs", float("nan"))
    claims = [scales[scale][2], scales[scale][0]]
    if required is not None:
        claims.append(compliance(sample, both, wanted=wanted, given=(required,)))
    confirmations = confirm(
        truth, claims, rows=max(600, samples // 4), seed=seed + 1000, design=best, mode="frozen"
    )
    if output is not None:
        for k, batch in enumerate(confirmations.batches):
            batch.save(output / f"evidence-{k}")
    return dataclasses.replace(
        bare,
        frontier=grid,
        rates=rates,
        steps=steps,
        knowing=knowing,
        confirmations=confirmations,
        required=required,
    )


def _as_sample(data: Dataset) -> Sample:
    """Samples of the sizing model as they stand, to be asked without another run."""
    n = len(data)
    rows = Rows(
        data.x, data.y, np.zeros_like(data.y), data.feasible.astype(np.float64), np.full(n, 1.0 / n), 1.0
    )
    return Sample(data.problem, data.problem.unit(data.x), rows, mode="adaptive")


def _per(case: Case, names: list[str]) -> dict[str, float]:
    """Steps in which exchange rates are told: a tenth of the median, in round numbers."""
    laws = {i.name: i.distribution for i in case.inputs}
    return {name: float(f"{0.1 * laws[name].ppf(0.5):.0e}") for name in names}
