"""The page on which one asks the main study further questions: which outputs, sliders, budgets and limits it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from models.architectures.comparison import OUTPUTS
from studies.analysis.accounts.set_surrogate import (
    COMPLIES,
    GAIN,
    GAINS,
    POWERS,
    RANGE,
    SetSurrogate,
    germ,
    rows_under,
    simulated,
)
from studies.analysis.drivers import Drivers
from studies.analysis.fixed_problem import POWER_LIMIT
from studies.analysis.requirements import Requirements
from studies.analysis.single_requirements import EFFICIENCY
from studies.analysis.surrogates import Learned
from studies.case.case import Case
from studies.case.units import PERCENT
from studies.presentation.compliance import limit_words
from studies.presentation.names_and_units import input_words, output_unit, output_words
from studies.presentation.provenance import provenance
from uq.core.dataset import write_atomically
from uq.core.problem import Problem
from uq.report.explorer import (
    Budget,
    Control,
    Curve,
    DisplayedOutput,
    Explorer,
    Preset,
    SetOutput,
    Sets,
    Sum,
    Surface,
    Watched,
    controls_of,
    explorer,
)
from uq.requirements import Estimate, Verdict
from uq.surrogates.browser_numbers import browser_numbers
from uq.surrogates.browser_process import process_numbers
from uq.surrogates.composite import Composite, Switched
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import measured

FILE = "explorer.html"
COMPANIONS = {FILE: "Explorer: move what is asked for, and see what it does"}
"""Pages next to the report, with the words of their links."""

SHOWN = (
    "payload_gain",
    "electric_power",
    "pressure_fed.payload",
    "electric_pump.payload",
    "power_drive_mass",
    "electric_energy",
    "mass_saved",
)
"""Outputs in the order of the page, the answer first."""
ENOUGH = 0.98
"""Share of the variance that an expansion must explain to be relied upon, as in the report."""

GROUPS = {"requirement": "Requirements", "design": "Design", "uncertain": "Uncertain"}


def keep(
    drivers: Drivers,
    requirements: Requirements,
    sets: SetSurrogate,
    folder: Path,
    *,
    samples: int,
    seed: int,
) -> None:
    """Write the page next to the report.

    Parameters
    ----------
    drivers : Drivers
        The same case with each sample at its own best design.
    requirements : Requirements
        What a fixed design must hold, with its evidence.
    folder : Path
        Of the study's output.
    sets : SetSurrogate
        What fixed designs do under other sets of requirements.
    samples : int
        Landers behind the page's figures.
    seed : int
        Of every random draw; the same seed gives the same result.
    """
    what = explored(drivers, requirements, sets, samples=samples, seed=seed)
    text = explorer(what, *browser_numbers(_expansions(drivers), SHOWN, seed=seed))
    write_atomically(folder / FILE, lambda file: file.write(text.encode("utf-8")))


def explored(
    drivers: Drivers, requirements: Requirements, sets: SetSurrogate, *, samples: int, seed: int
) -> Explorer:
    """The expansions that the study has learned, with the results of the study on the fixed design.

    Parameters
    ----------
    drivers : Drivers
        The same case with each sample at its own best design.
    requirements : Requirements
        What a fixed design must hold, with its evidence.
    sets : SetSurrogate
        What fixed designs do under other sets of requirements.
    samples : int
        Landers behind the page's figures.
    seed : int
        Of every random draw; the same seed gives the same result.

    Returns
    -------
    Explorer
    """
    case = drivers.case
    expansions = _expansions(drivers)
    problem = expansions[0].problem
    return Explorer(
        title=f"Explorer: {case.title}",
        question="What must an electric pump achieve so that this lander gains payload by it, and how certain is that?",
        introduction=_introduction(drivers),
        problem=problem,
        controls=(
            *_controls(case, problem, requirements, "requirement"),
            *_power(requirements),
            *_controls(case, problem, requirements, "design"),
            *_controls(case, problem, requirements, "uncertain"),
        ),
        outputs=tuple(_told(drivers, one) for one in expansions),
        brief=("payload_gain", "electric_power"),
        labels={i.name: input_words(case, i.name) for i in case.inputs},
        limits=_limits(drivers, requirements),
        budget=_budget(case),
        surface=_surface(requirements),
        sets=_sets(sets),
        presets=_presets(requirements),
        drawn="best designs",
        min_q2=ENOUGH,
        provenance=provenance(case, drivers.data, samples=samples, seed=seed),
    )


def _expansions(drivers: Drivers) -> tuple[PolynomialChaos | Switched, ...]:
    return tuple(_learnt(drivers.learned, name) for name in SHOWN)


def _learnt(learned: Learned, name: str) -> PolynomialChaos | Switched:
    """What was chosen for an output, if it is made of chaos expansions; else the expansion that was not."""
    every = learned.surrogate.parts if isinstance(learned.surrogate, Composite) else (learned.surrogate,)
    (chosen,) = (part for part in every if name in part.problem.output_names)
    return chosen if isinstance(chosen, PolynomialChaos | Switched) else learned.expansions[name]


def _introduction(drivers: Drivers) -> tuple[str, ...]:
    landers = len(drivers.data)
    unasked = [output_words(name) for name in drivers.case.limits if name not in SHOWN]
    return (
        "The sliders set one point; everything that has none, or has not been moved, stands at its median. Below a "
        "slider stands what its value means for the Monte Carlo: it is uncertain, a supplier must reach it, or it has "
        "been measured.",
        "Both landers are re-optimised for every sample: these numbers serve trades. "
        f"They come from chaos expansions of {drivers.learned.training} of {landers} sized landers. Fixed "
        "designs are another matter: sets by their name were simulated, other sets come from a surrogate of "
        "simulated sets, and what was not studied says so.",
        *(
            [f"These limits of the case are judged on fixed designs only: {', '.join(unasked)}."]
            if unasked
            else []
        ),
    )


# -- sliders --------------------------------------------------------------------------------------------------------


def _controls(case: Case, problem: Problem, requirements: Requirements, role: str) -> tuple[Control, ...]:
    names = [i.name for i in problem.inputs if i.role == role]
    sources = {i.name: i.source for i in problem.inputs}
    found = []
    for name, (low, high, value, logarithmic) in controls_of(problem, names).items():
        unit = case.unit(name)
        found.append(
            Control(
                name=name,
                label=input_words(case, name),
                group=GROUPS[role],
                unit=unit.symbol,
                low=low,
                high=high,
                value=value,
                slope=unit.size,
                offset=unit.zero,
                logarithmic=logarithmic,
                source=sources[name],
                curves=_curves(requirements, name),
                marks=_marks(requirements, name, value),
            )
        )
    return tuple(found)


def _marks(requirements: Requirements, name: str, today: float) -> tuple[tuple[str, float], ...]:
    proposal = requirements.proposal
    required = [] if proposal is None else [r.value for r in proposal.requirements if r.input == name]
    return (("today", today), *(("required", value) for value in required)) if required else ()


def _curves(requirements: Requirements, name: str) -> tuple[Curve, ...]:
    """What the study flew at a few values of one requirement."""
    if name not in requirements.single.curves:
        return ()
    one = requirements.single.curves[name]
    at = tuple(map(float, one.values))
    curves = [_compliance("fixed design, required alone", at, one.compliance)]
    if name == EFFICIENCY:
        at = at[::3]  # as in the report: these are designed already
        pumps = [requirements.design.pumps_at(value) for value in at]
        if all(pumps):
            for k, first in enumerate(pumps[0]):
                each = [Estimate(p[k].efficiency, p[k].efficiency, p[k].efficiency) for p in pumps]
                curves.append(Curve(f"{first.liquid} pump's efficiency, rated point", "", at, tuple(each)))
    return tuple(curves)


def _power(requirements: Requirements) -> tuple[Control, ...]:
    """The electric power limit: it constrains fixed designs, and is no input of the trade."""
    at = tuple(sorted(requirements.single.power_limits))
    if not at:
        return ()
    found: Sequence[Verdict] = [requirements.single.power_limits[power] for power in at]
    room = 0.05 * (at[-1] - at[0])
    unit = output_unit("W")
    return (
        Control(
            name=POWER_LIMIT,
            label="electric power limit",
            group=GROUPS["design"],
            unit=unit.symbol,
            low=at[0] - room,
            high=at[-1] + room,
            value=requirements.design.power,
            slope=unit.size,
            side="chosen",
            source="all pumps together at the battery's main bus, full thrust, house load excluded",
            marks=(("as designed: no limit", requirements.design.power),),
            caps="electric_power",
            leaves=("pressure_fed.payload",),
            curves=(_compliance("fixed design, limited alone", at, [one.estimate for one in found]),),
        ),
    )


def _compliance(label: str, at: tuple[float, ...], found: Sequence[Estimate]) -> Curve:
    return Curve(label, "%", at, tuple(PERCENT.estimate(one) for one in found))


# -- answers --------------------------------------------------------------------------------------------------------


def _told(drivers: Drivers, learned: PolynomialChaos | Switched) -> DisplayedOutput:
    (output,) = learned.problem.outputs
    test = drivers.learned.test
    worth = measured((output.name,), test[output.name][:, None], prediction=learned.predict(test.x))
    unit = output_unit(output.unit)
    summary = drivers.summaries[output.name]
    shares: Mapping[str, Estimate] = drivers.shares.get(output.name, {})
    dependent = drivers.case.uncertain.dependent
    return DisplayedOutput(
        name=output.name,
        label=output_words(output.name),
        unit=unit.symbol,
        size=unit.size,
        q2=float(worth.q2[0]),
        rmse=float(worth.rmse[0]),
        reference={"mean": summary.estimates["mean"]},
        shares=shares,
        shares_label=f"{'Shapley effect' if dependent else 'total index'} in the study, nothing required",
    )


def _limits(drivers: Drivers, requirements: Requirements) -> tuple[Watched, ...]:
    chance = drivers.summaries["payload_gain"].estimates["above 0"]
    found = []
    headline = partial(Watched, headline="landers that gain", reference=chance)
    if requirements.case.limits.get("payload_gain") != (0.0, np.inf):
        found.append(headline("payload gain above 0 kg", "payload_gain", 0.0, counts=False))
    for name, (low, high) in requirements.case.limits.items():
        if name not in SHOWN:
            continue
        unit = output_unit(OUTPUTS[name])
        sides = ((low, "at least"), (high, "at most"))
        bound = " and ".join(
            f"{side} {unit.shown(value):g} {unit.symbol}".strip()
            for value, side in sides
            if np.isfinite(value)
        )
        of = headline if (name, low, high) == ("payload_gain", 0.0, np.inf) else Watched
        found.append(of(f"{output_words(name)} {bound}", name, low, high))
    if not requirements.single.power_limits:
        return tuple(found)
    power = Watched(
        "electric power of the best design, which no limit binds, at most",
        "electric_power",
        control=POWER_LIMIT,
        counts=False,
    )
    return (*found, power)


def _budget(case: Case) -> Budget:
    """Launch mass = platform + payload + loaded propulsion system; the launch mass is the same for both."""
    uncertain = {i.name for i in case.inputs}

    def given(name: str) -> Sum:
        if name in uncertain:
            return Sum(inputs={name: 1.0})
        return Sum(float(getattr(case.lander, name)))

    def rest(output: str) -> Sum:
        launch, platform = given("launch_mass"), given("platform_mass")
        inputs = {**launch.inputs, **{name: -weight for name, weight in platform.inputs.items()}}
        return Sum(launch.constant - platform.constant, {output: -1.0}, inputs)

    a, b, gain = "pressure_fed.payload", "electric_pump.payload", "payload_gain"
    same = Sum(0.0)
    return Budget(
        title="Where the launch mass goes, each lander at its own best design",
        unit="kg",
        heads=("pressure-fed", "electric pump", "difference"),
        rows=(
            ("payload", (Sum(outputs={a: 1.0}), Sum(outputs={b: 1.0}), Sum(outputs={gain: 1.0}))),
            ("loaded propulsion system", (rest(a), rest(b), Sum(outputs={gain: -1.0}))),
            ("  of it power drive, without growth", (same, *[Sum(outputs={"power_drive_mass": 1.0})] * 2)),
            ("platform", (given("platform_mass"), given("platform_mass"), same)),
            ("launch mass", (given("launch_mass"), given("launch_mass"), same)),
        ),
        notes=(
            "Brackets: 90 % intervals of the surrogates. The difference of payloads has an expansion of its own, which "
            "is more accurate than the difference of the two.",
        ),
    )


# -- fixed designs under sets of requirements -----------------------------------------------------------------------

SET_WORDS = {
    COMPLIES: ("all limits met", "", True),
    GAINS: ("landers that gain", "", True),
    GAIN: ("payload gain, mean", "kg", False),
}


def _sets(sets: SetSurrogate) -> Sets:
    numbers = (
        {}
        if sets.surrogate is None
        else dict(zip(sets.outputs, process_numbers(sets.surrogate), strict=True))
    )
    return Sets(
        title="Realised landers of fixed designs",
        outputs=tuple(
            SetOutput(name, *words, q2=sets.q2.get(name, float("nan")), numbers=numbers.get(name))
            for name, words in SET_WORDS.items()
        ),
        inputs=sets.names,
        germs=(germ(RANGE[0]), germ(RANGE[1])),
        control=POWER_LIMIT,
        reference=sets.power,
        shares=POWERS,
        notes=(
            "Sets with a name were simulated. Any other set of values that are required at least, and a power limit: "
            f"from a Gaussian process of {sets.sets} simulated sets, each of {sets.rows} realised landers; Q2 where a "
            "set was left out. Brackets: 90 %.",
        ),
    )


def _presets(requirements: Requirements) -> tuple[Preset, ...]:
    design, proposal = requirements.design, requirements.proposal
    sample, limits = design.sample, design.limits.all
    today = simulated(sample.rows, sample.problem, limits)
    found = [
        Preset(
            "As designed",
            f"{len(sample)} runs",
            {},
            today | {COMPLIES: requirements.compliance.joint.estimate},
        )
    ]
    if proposal is not None and proposal.requirements:
        fresh = requirements.confirmed("proposal")
        under = simulated(rows_under(sample, proposal.requirements), sample.problem, limits)
        extra = [limit_words(limit) for limit in proposal.limits[len(limits) :]]
        found.append(
            Preset(
                "The required set",
                f"{len(sample)} runs" if fresh is None else f"{fresh.runs} fresh runs",
                {r.input: ("at least", r.value) for r in proposal.requirements},
                under | {COMPLIES: proposal.verdict.estimate if fresh is None else fresh.fresh.estimate},
                f"all limits with {' and '.join(extra)}" if extra else "",
            )
        )
    return tuple(found)


def _surface(requirements: Requirements) -> Surface | None:
    joint = requirements.compliance.joint
    grid = requirements.single.frontier
    if grid is None:
        return None
    return Surface(
        title="Fixed designs: pump efficiency against electric power",
        label="fixed design: all limits met",
        first=EFFICIENCY,
        second=POWER_LIMIT,
        at_first=grid.first,
        at_second=grid.second,
        value=grid.compliance,
        low=grid.low,
        high=grid.high,
        reachable=grid.reachable,
        lines={f"{100 * p:.0f} %": line for p, line in zip(grid.probabilities, grid.lines, strict=True)},
        notes=(
            "Share of realised landers of a fixed design that meet every limit and are short of nothing, with its "
            f"{100 * grid.confidence:.0f} % interval, if this efficiency is required and the design keeps this power "
            f"limit; all other requirements at today's best estimates. Wanted: {100 * joint.wanted:.0f} %. The "
            "other sliders do not move this drawing.",
        ),
    )
