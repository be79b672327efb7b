"""No hindsight: a lander fixed at the values that are required, flown with the truth, as a problem with limits.

Beside the inputs that nature draws stand design inputs, ``required.<quantity>`` and ``power_limit``: what the
programme asks for, and sizes both landers at.  They are chosen, never drawn.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models import electric_pump, frozen, quantity
from models.frozen import FrozenTrade, Margins
from models.lander import Lander, Status
from models.quantity import Columns
from studies.case import Case
from uq.distributions import Uniform
from uq.problem import Input, Output, Problem
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
        leaves = {name.removeprefix(REQUIRED): value for name, value in asked.items()}
        lander = quantity.substitute(self.lander, leaves)
        if all(name.startswith(OF_THE_DRIVE) for name in leaves):
            return _with_other_drives(self.lander, lander, self.margins)
        return _built(lander, self.margins)

    def __call__(self, columns: Columns) -> Columns:
        chosen = self.design_inputs
        sets, of = np.unique(
            np.stack([columns[name] for name in chosen], axis=1), axis=0, return_inverse=True
        )
        truth = {name: values for name, values in columns.items() if name not in chosen}
        result = {name: np.full(len(of), np.nan) for name in (*frozen.OUTPUTS, "status")}
        for k, values in enumerate(sets):
            rows = of.ravel() == k
            built = self.trade(dict(zip(chosen, map(float, values), strict=True)))
            if built is None:
                result["status"][rows] = float(Status.NOT_CONVERGED)
                continue
            for name, column in built({name: values[rows] for name, values in truth.items()}).items():
                result[name][rows] = column
        return result


@lru_cache(maxsize=1024)
def _with_other_drives(base: Lander, lander: Lander, margins: Margins) -> FrozenTrade | None:
    """Both landers, of which only the electric pump's drives differ from those of `base`: the pressure-fed lander,
    which has none, is not designed again."""
    known = _built(base, margins)
    if known is None:
        return None
    try:
        pumped = frozen.design(electric_pump, lander, margins)
    except ValueError:
        return None
    other = copy.copy(known)
    object.__setattr__(other, "lander", lander)
    object.__setattr__(other, "electric_pump", pumped)
    return other


@lru_cache(maxsize=64)
def _built(lander: Lander, margins: Margins) -> FrozenTrade | None:
    try:
        return FrozenTrade(lander, margins)
    except ValueError:
        return None


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
        outputs=tuple(Output(name, unit) for name, unit in frozen.OUTPUTS.items()),
        model=model,
        correlation=correlation,
        statuses={int(Status.NOT_CONVERGED): "no design at the required values"}
        | {int(s): s.name.lower().replace("_", " ") for s in Status if 0 < s < Status.NOT_CONVERGED},
    )
    return asked, best


def limits(case: Case) -> tuple[tuple[Limit, ...], tuple[Limit, ...]]:
    """What the case asks of the outputs, and that the hardware is short of nothing."""
    asked = tuple(
        Limit(name, low, high) for name, (low, high) in case.limits.items() if name in frozen.OUTPUTS
    )
    short = tuple(Limit(name, high=frozen.ROUNDING[frozen.OUTPUTS[name]]) for name in frozen.LIMITS)
    return asked, short
