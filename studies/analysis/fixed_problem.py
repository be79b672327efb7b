"""No hindsight: a lander fixed at the values that are required, flown with the truth, as a problem with limits.

Beside the inputs that nature draws stand design inputs, ``required.<quantity>`` and ``power_limit``: what the
programme asks for, and sizes both landers at.  They are chosen, never drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models import quantity
from models.architectures import electric_pump, pressure_fed
from models.fixed_design import flight
from models.fixed_design.flight import FrozenDesign, FrozenTrade, Margins
from models.lander import Lander, Status
from models.quantity import Columns
from studies.case.case import Case
from studies.case.toml_file import CaseError
from uq.core.distributions import Uniform
from uq.core.problem import Input, Output, Problem
from uq.requirements import Limit

REQUIRED = "required."
POWER_LIMIT = "power_limit"
FREE = 1e9
"""W; a power limit that limits nothing."""
OF_THE_DRIVE = ("pump.", "motor.", "inverter.", "battery.", POWER_LIMIT)
"""Quantities that a pressure-fed lander does not have."""


@dataclass(frozen=True)
class Flown:
    """A Model: columns of truth and of design inputs -> columns of `frozen.OUTPUTS`.

    Each distinct set of design inputs is designed once and flown with all of its rows.  Rows whose set has no design
    get the status NOT_CONVERGED and no outputs.
    """

    lander: Lander
    required: tuple[str, ...]
    margins: Margins

    @property
    def design_inputs(self) -> tuple[str, ...]:
        """What the programme chooses."""
        return (*[REQUIRED + name for name in self.required], POWER_LIMIT)

    def trade(self, asked: dict[str, float]) -> FrozenTrade | None:
        """Both landers as built at these values of `design_inputs` (the others at their best estimate), or None."""
        return self.trades([asked])[0]

    def trades(self, asked: Sequence[Mapping[str, float]]) -> list[FrozenTrade | None]:
        """As `trade` for many sets, those that are new designed together: a search costs for sixty what it costs for
        one.  Where sets differ in nothing but the drives, the pressure-fed lander, which has none, is one."""
        made = _made(self)
        keys = [tuple(sorted(one.items())) for one in asked]
        new = list(dict.fromkeys(key for key in keys if key not in made))
        for drives in (True, False):
            some = [key for key in new if drives == all(name.startswith(OF_THE_DRIVE) for name, _ in key)]
            landers = [
                quantity.substitute(self.lander, {n.removeprefix(REQUIRED): v for n, v in key})
                for key in some
            ]
            if not landers:
                continue
            pumped = flight.designs(electric_pump, _stacked(landers), self.margins)
            fed = (
                _pressure_fed(self.lander, self.margins)
                if drives
                else flight.designs(pressure_fed, _stacked(landers), self.margins)
            )
            for k, (key, lander, b) in enumerate(zip(some, landers, pumped, strict=True)):
                a = fed[0 if drives else k]
                good = not isinstance(a, Status) and not isinstance(b, Status)
                made[key] = FrozenTrade(lander, self.margins, (a, b)) if good else None  # type: ignore[arg-type]
        return [made[key] for key in keys]

    def __call__(self, columns: Columns) -> Columns:
        chosen = self.design_inputs
        sets, of = np.unique(
            np.stack([columns[name] for name in chosen], axis=1), axis=0, return_inverse=True
        )
        built = self.trades([dict(zip(chosen, map(float, values), strict=True)) for values in sets])
        truth = {name: values for name, values in columns.items() if name not in chosen}
        result = {name: np.full(len(of), np.nan) for name in (*flight.OUTPUTS, "status")}
        for k, trade in enumerate(built):
            rows = np.flatnonzero(of.ravel() == k)
            if trade is None:
                result["status"][rows] = float(Status.NOT_CONVERGED)
                continue
            for name, column in trade({name: values[rows] for name, values in truth.items()}).items():
                result[name][rows] = column
        return result


MARGINS = Margins(
    specific_impulse=0.04,  # the loss model scatters by 2.7 % from engine to engine
    velocity=0.02,
    propellant=0.005,
    helium=0.20,
    band=20e3,
    soak=14.0,
    inlet_temperature=15.0,
    power=0.25,
    energy=0.10,
    battery_temperature=12.0,
    bus_sharing=0.5,
)
"""Usual margins of a frozen design (judgement): under the shipped technology uncertainties no single shortfall comes up
in more than about 3 % of the draws, and none at all in about nine of ten, for all four reference landers."""


@lru_cache(maxsize=16)
def _made(model: Flown) -> dict[tuple[tuple[str, float], ...], FrozenTrade | None]:
    """The designs of a model that were asked for so far: many questions ask for the same."""
    return {}


@lru_cache(maxsize=16)
def _pressure_fed(lander: Lander, margins: Margins) -> tuple[FrozenDesign | Status, ...]:
    return flight.designs(pressure_fed, lander, margins)


def _stacked(landers: Sequence[Lander]) -> Lander:
    """One lander with an array for every leaf in which they differ, or for its first leaf."""
    leaves = [quantity.flatten(lander) for lander in landers]
    differ = [name for name, value in leaves[0].items() if any(one[name] != value for one in leaves[1:])]
    names = differ or [next(iter(leaves[0]))]
    return quantity.substitute(landers[0], {n: np.array([float(one[n]) for one in leaves]) for n in names})


def problem(case: Case, margins: Margins) -> tuple[Problem, dict[str, float]]:
    """What is asked of frozen designs of a case, and the best estimates of the design inputs: the medians of the
    inputs that can be required, and no power limit."""
    required = tuple(i.name for i in case.inputs if i.role == "requirement")
    model = Flown(case.baseline(), required, margins)
    laws = {i.name: i.distribution for i in case.inputs}
    best = {REQUIRED + name: float(laws[name].ppf(0.5)) for name in required} | {POWER_LIMIT: FREE}
    chosen = [
        Input(
            REQUIRED + i.name,
            i.unit,
            Uniform(*map(float, i.distribution.ppf(np.array([0.0005, 0.9995])))),
            role="design",
        )
        for i in case.inputs
        if i.role == "requirement"
    ]
    chosen.append(Input(POWER_LIMIT, "W", Uniform(100.0, FREE), role="design"))
    correlation = None
    if case.correlation is not None:
        n = len(case.inputs)
        correlation = np.eye(n + len(chosen))
        correlation[:n, :n] = case.correlation
    asked = Problem(
        inputs=(*case.inputs, *chosen),
        outputs=tuple(Output(name, unit) for name, unit in flight.OUTPUTS.items()),
        model=model,
        correlation=correlation,
        statuses={int(Status.NOT_CONVERGED): "no design at the required values"}
        | {int(s): s.name.lower().replace("_", " ") for s in Status if 0 < s < Status.NOT_CONVERGED},
    )
    return asked, best


@dataclass(frozen=True)
class Asked:
    """The limits of a case by how they can be judged: `frozen` on flights of a fixed design, `adaptive` only with each
    sample at its own best design (another launch mass or another engine is another design), `hardware` what no case
    has to say: that a flight is short of nothing."""

    frozen: tuple[Limit, ...]
    adaptive: tuple[Limit, ...]
    hardware: tuple[Limit, ...]

    @property
    def flown(self) -> tuple[Limit, ...]:
        """All that flights of a fixed design are judged by."""
        return (*self.frozen, *self.hardware)


def limits(case: Case) -> Asked:
    """What a case asks of the outputs, none left out.  Raises CaseError for bounds that are no limit, or that no
    flight can meet because it must be short of nothing."""
    asked = []
    for name, (low, high) in case.limits.items():
        try:
            asked.append(Limit(name, low, high))
        except ValueError as error:
            raise CaseError(f"limits.{name}: {error}") from None
    short = {name: flight.ROUNDING[flight.OUTPUTS[name]] for name in flight.LIMITS}
    for limit in asked:
        if limit.low > short.get(limit.output, np.inf):
            raise CaseError(
                f"limits.{limit.output}: at least {limit.low:g} cannot be met: a flight short of something fails"
            )
    return Asked(
        tuple(limit for limit in asked if limit.output in flight.OUTPUTS),
        tuple(limit for limit in asked if limit.output not in flight.OUTPUTS),
        tuple(Limit(name, high=high) for name, high in short.items()),
    )
