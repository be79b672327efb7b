"""A lander fixed at the values that are required, and realised landers simulated with it: a problem with limits.

With the uncertain inputs stand design inputs, ``required.<quantity>`` and ``power_limit``: what the programme asks
for, and sizes both landers at.  They are chosen, never sampled.  No sample is re-optimised.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models import quantity
from models.architectures import electric_pump, pressure_fed
from models.fixed_design import flight
from models.fixed_design.flight import FixedDesign, FixedTrade, Margins
from models.lander import Lander, Status
from models.quantity import Columns
from studies.case.case import Case
from studies.case.toml_file import CaseError
from uq.core.distributions.bounded import Uniform
from uq.core.model_version import model_version
from uq.core.problem import Input, Output, Problem
from uq.requirements import Limit, Sample

REQUIRED = "required."
POWER_LIMIT = "power_limit"
FREE = 1e9
"""W; a power limit that limits nothing."""
OF_THE_DRIVE = ("pump.", "motor.", "inverter.", "battery.", POWER_LIMIT)
"""Quantities that a pressure-fed lander does not have."""

Design = tuple[tuple[str, float], ...]
"""Values of all design inputs by name, in the order of their names."""


@dataclass(frozen=True)
class FixedDesignModel:
    """A Model: columns of uncertain and of design inputs -> columns of `models.fixed_design.flight.OUTPUTS`.

    Each distinct set of design inputs is designed once and simulated with all of its rows.  Rows whose set has no
    design get the status NOT_CONVERGED and no outputs.  `designs` holds those that were made before (`knowing`): they
    cost time and change no number.
    """

    lander: Lander
    required: tuple[str, ...]
    margins: Margins
    designs: Mapping[Design, FixedTrade | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def design_inputs(self) -> tuple[str, ...]:
        """What the programme chooses."""
        return (*[REQUIRED + name for name in self.required], POWER_LIMIT)

    def knowing(self, chosen: Sequence[Mapping[str, float]]) -> FixedDesignModel:
        """The same model with the designs at these values of its design inputs made."""
        keys = [_key(values) for values in chosen]
        return dataclasses.replace(
            self, designs={**self.designs, **dict(zip(keys, self.trades(chosen), strict=True))}
        )

    def trade(self, chosen: Mapping[str, float]) -> FixedTrade | None:
        """Both landers as built at these values of `design_inputs` (the others at their best estimate), or None."""
        return self.trades([chosen])[0]

    def trades(self, chosen: Sequence[Mapping[str, float]]) -> list[FixedTrade | None]:
        """As `trade` for many sets, those that are new designed together: a search costs for sixty what it costs for
        one.  Where sets differ in nothing but the drives, the pressure-fed lander, which has none, is one."""
        made = dict(self.designs)
        fed_known = [
            trade.pressure_fed for key, trade in made.items() if trade is not None and _drives_only(key)
        ]
        keys = [_key(values) for values in chosen]
        new = list(dict.fromkeys(key for key in keys if key not in made))
        for drives in (True, False):
            some = [key for key in new if drives == _drives_only(key)]
            landers = [
                quantity.substitute(self.lander, {n.removeprefix(REQUIRED): v for n, v in key})
                for key in some
            ]
            if not landers:
                continue
            pumped = flight.designs(electric_pump, quantity.stacked(landers), self.margins)
            fed: Sequence[FixedDesign | Status] = fed_known[:1]
            if not (drives and fed):
                fed = flight.designs(
                    pressure_fed, self.lander if drives else quantity.stacked(landers), self.margins
                )
            for k, (key, lander, b) in enumerate(zip(some, landers, pumped, strict=True)):
                a = fed[0 if drives else k]
                good = not isinstance(a, Status) and not isinstance(b, Status)
                made[key] = FixedTrade(lander, self.margins, (a, b)) if good else None  # type: ignore[arg-type]
        return [made[key] for key in keys]

    def __call__(self, columns: Columns) -> Columns:
        chosen = self.design_inputs
        sets, of = np.unique(
            np.stack([columns[name] for name in chosen], axis=1), axis=0, return_inverse=True
        )
        built = self.trades([dict(zip(chosen, map(float, values), strict=True)) for values in sets])
        realised = {name: values for name, values in columns.items() if name not in chosen}
        result = {name: np.full(len(of), np.nan) for name in (*flight.OUTPUTS, "status")}
        for k, trade in enumerate(built):
            rows = np.flatnonzero(of.ravel() == k)
            if trade is None:
                result["status"][rows] = float(Status.NOT_CONVERGED)
                continue
            for name, column in trade({name: values[rows] for name, values in realised.items()}).items():
                result[name][rows] = column
        return result


def _drives_only(design: Design) -> bool:
    """Whether nothing but the drives is chosen."""
    return all(name.removeprefix(REQUIRED).startswith(OF_THE_DRIVE) for name, _ in design)


def _key(values: Mapping[str, float]) -> Design:
    return tuple(sorted(values.items()))


def model_of(problem: Problem) -> FixedDesignModel:
    """The model of a `problem` of this module.

    Parameters
    ----------
    problem : Problem
        Of the fixed designs of a case.

    Returns
    -------
    FixedDesignModel
    """
    assert isinstance(problem.model, FixedDesignModel)
    return problem.model


def knowing(sample: Sample, chosen: Sequence[Mapping[str, float]]) -> Sample:
    """The sample with the designs made that further questions ask for: each of `chosen` over the sample's own design
    values.  Designs that are made together cost little more than one.

    Parameters
    ----------
    sample : Sample
        Realised landers with the model's answer.
    chosen : Sequence[Mapping[str, float]]
        Values of design inputs, a mapping for each design.

    Returns
    -------
    Sample
        With the designs in its model.
    """
    problem = sample.problem
    model = model_of(problem).knowing([{**sample.design, **values} for values in chosen])
    return dataclasses.replace(sample, model=dataclasses.replace(problem, model=model))


def problem(case: Case, margins: Margins) -> tuple[Problem, dict[str, float]]:
    """The fixed designs of a case as a problem, and the best estimates of the design inputs: the medians of the
    inputs that can be required, and no power limit.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    margins : Margins
        Of the fixed design's ratings and loads.

    Returns
    -------
    tuple of Problem and dict of str to float
        The problem, and the design inputs' values.
    """
    required = tuple(i.name for i in case.inputs if i.role == "requirement")
    model = FixedDesignModel(case.baseline(), required, margins)
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
    fixed = Problem(
        inputs=(*case.inputs, *chosen),
        outputs=tuple(Output(name, unit) for name, unit in flight.OUTPUTS.items()),
        model=model,
        version=model_version(model),  # of the model without its designs, which change no number
        correlation=correlation,
        copula=case.copula,
        statuses={int(Status.NOT_CONVERGED): "no design at the required values"}
        | {int(s): s.name.lower().replace("_", " ") for s in Status if 0 < s < Status.NOT_CONVERGED},
    )
    return fixed, best


@dataclass(frozen=True)
class CaseLimits:
    """The limits of a case by how they can be judged: `fixed` on simulations of a fixed design, `reoptimised` only with
    each sample at its own best design (another launch mass or another engine is another design), `hardware` what no
    case has to say: that no simulation runs short of anything."""

    fixed: tuple[Limit, ...]
    reoptimised: tuple[Limit, ...]
    hardware: tuple[Limit, ...]

    @property
    def all(self) -> tuple[Limit, ...]:
        """All that simulations of a fixed design are judged by."""
        return (*self.fixed, *self.hardware)


def limits(case: Case) -> CaseLimits:
    """The limits that a case sets on the outputs, none left out.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.

    Returns
    -------
    CaseLimits

    Raises
    ------
    CaseError
        For bounds that are no limit, or that no simulation can meet because it must be short of nothing.
    """
    given = []
    for name, (low, high) in case.limits.items():
        try:
            given.append(Limit(name, low=low, high=high))
        except ValueError as error:
            raise CaseError(f"limits.{name}: {error}") from None
    short = {name: flight.ROUNDING[flight.OUTPUTS[name]] for name in flight.LIMITS}
    for limit in given:
        if limit.low > short.get(limit.output, np.inf):
            raise CaseError(
                f"limits.{limit.output}: at least {limit.low:g} cannot be met: a lander short of something fails"
            )
    return CaseLimits(
        tuple(limit for limit in given if limit.output in flight.OUTPUTS),
        tuple(limit for limit in given if limit.output not in flight.OUTPUTS),
        tuple(Limit(name, high=high) for name, high in short.items()),
    )
