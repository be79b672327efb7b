"""What the pump gains over the uncertain inputs, and which of them drive it: both landers at their own best design."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studies.analysis.placement import Workers, placed
from studies.analysis.surrogates import Learned, learn
from studies.case.case import Case, problem
from uq import campaign, sampling
from uq.campaign.runner import CampaignError, Progress
from uq.core.dataset import Dataset
from uq.core.estimate import Estimate
from uq.core.results import Indices, Summary
from uq.propagation.propagate import propagate
from uq.report.terminal import Watch, silent
from uq.sampling.plans import Plan
from uq.sensitivity import salib_given_data, salib_own_plans
from uq.sensitivity.given_data import Measure
from uq.sensitivity.shapley_kucherenko import kucherenko_indices, shapley_effects
from uq.sensitivity.sobol import sobol_indices

LEARNED = (
    "payload_gain",
    "mass_saved",
    "power_drive_mass",
    "electric_power",
    "electric_energy",
    "pressure_fed.payload",
    "electric_pump.payload",
)
"""Outputs with surrogates.  Propulsion masses are launch mass less platform and payload: their drivers are the
payloads'."""

DRIVEN = ("payload_gain", "mass_saved", "power_drive_mass")
_OF_EACH = (
    "payload",
    "propulsion_mass",
    "dry_mass",
    "wet_mass",
    "chamber_pressure",
    "oxidiser_tank_pressure",
    "fuel_tank_pressure",
    "specific_impulse",
    "burn_time",
)
SUMMARISED = (
    "payload_gain",
    "mass_saved",
    "dry_saving",
    "unchanged_engine_gain",
    "payload_gain_over_shelf",
    "power_drive_mass",
    "electric_power",
    "electric_energy",
    "additional_power_share",
    "additional_energy_share",
    *(f"{architecture}.{name}" for name in _OF_EACH for architecture in ("pressure_fed", "electric_pump")),
)
LEAST_FEASIBLE = 0.2
"""Below this share of landers with a design there is nothing to say."""
OWN = 0.1
"""Of an input's share of the variance: with less of it to itself it moves nothing but by its correlation."""
DIRECTED = 256
"""Landers at which the surrogate's slopes are averaged."""
LEAST_LANDERS = 10
"""Surrogates learn from half of the landers with a design, and need five."""


class Unanswerable(ValueError):
    """A question that so few landers, or so few uncertain inputs, cannot answer."""


@dataclass(frozen=True)
class Drivers:
    """Samples of the sizing model, their summaries, surrogates, and the share of variance of each input."""

    case: Case
    data: Dataset
    summaries: dict[str, Summary]
    learned: Learned
    shares: dict[str, dict[str, Estimate]]
    """By output, by input: Shapley effects under dependence; total Sobol' indices where inputs are independent."""
    indices: dict[str, Indices]
    reference: dict[str, Measure] | None
    """First-order indices from the sized landers alone, by another library; None: too few landers."""

    def foremost(self, output: str, count: int) -> list[str]:
        """The inputs of largest share."""
        ranked = sorted(self.shares[output].items(), key=lambda item: -item[1].value)
        return [name for name, _ in ranked[:count]]

    def moves(self, output: str, name: str) -> bool:
        """Whether an input moves an output by itself, not only through those that it depends on: what is left to it
        when all others are known, its total index, is at least a tenth of its share."""
        own = self.indices[output].estimates[f"total {name}"].value
        return own >= OWN * self.shares[output][name].value

    def correlation(self, output: str, name: str) -> float:
        """Of an input with an output, over the landers with a design."""
        good = self.data.where(np.flatnonzero(self.data.feasible))
        return float(np.corrcoef(good.x[:, good.problem.index(name)], good[output])[0, 1])


def sized(
    case: Case,
    samples: int,
    *,
    scenario: str | None = None,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Dataset:
    """Both architectures at their best design for `samples` landers of a scrambled Sobol' plan.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int
        Landers that are sized.
    scenario : str, optional
        Name of one of the case's scenarios; the case itself where none is given.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    output : Path, optional
        Folder that keeps samples (a run continues there) and surrogates; nothing is kept without one.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Dataset

    Raises
    ------
    CampaignError
        If too few landers have a design.
    """
    asked = problem(case, scenario=scenario, samples=samples)
    stage = f"sizing: {scenario.replace('_', ' ')}" if scenario else "sizing landers"

    def progress(p: Progress) -> None:
        watch(p.waiting or stage, p.done / p.total)

    data = campaign.run(
        asked,
        _plan(case, asked.input_names, samples, seed),
        store=None if output is None else output / (f"scenario-{scenario}" if scenario else "samples"),
        progress=progress,
        **placed(workers).sizing(samples),
    )
    if data.feasible.mean() < LEAST_FEASIBLE:
        counts = ", ".join(f"{number} {name}" for name, number in data.counts().items())
        within, remedy = (
            (f" in its scenario {scenario!r}", ", or leave the scenario out") if scenario else ("", "")
        )
        raise CampaignError(
            f"too few of the landers of case {case.name!r}{within} have a design: {counts}; "
            f"look at one of them with `lander-uq size`{remedy}"
        )
    return data


def _plan(case: Case, names: Sequence[str], samples: int, seed: int) -> Plan:
    """The plan of all inputs of the case, without the columns that a scenario fixes: draws in common with the
    reference."""
    plan = sampling.sobol_sequence(samples, len(case.inputs), seed=seed)
    kept = [k for k, one in enumerate(case.inputs) if one.name in names]
    return plan if len(kept) == len(case.inputs) else dataclasses.replace(plan, unit=plan.unit[:, kept])


def require_answerable(case: Case, data: Dataset, least: int = LEAST_LANDERS) -> None:
    """Refuse data that answer no question.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    data : Dataset
        The sized landers.
    least : int, default LEAST_LANDERS
        Landers with a design.

    Raises
    ------
    Unanswerable
        For fewer than `least` landers with a design, and for inputs that move nothing.
    """
    good = data.where(np.flatnonzero(data.feasible))
    if len(good) < least:
        raise Unanswerable(
            f"{len(good)} landers with a design are too few to find what drives them; give --samples {least} "
            "or more, a few hundred for an answer that is worth reading"
        )
    for name in LEARNED:
        values = good[name]
        if np.ptp(values) <= 1e-14 * np.abs(values).max():
            raise Unanswerable(
                f"{name.replace('_', ' ')} is the same for every lander of case {case.name!r}: none of its "
                f'{len(case.inputs)} uncertain inputs moves it; keep `extends = "technology.toml"` in the case, or '
                "give more [inputs]"
            )


def gather(
    case: Case,
    *,
    samples: int,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Drivers:
    """Size, summarise, learn, and share out the variance.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    samples : int
        Landers that are sized.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    output : Path, optional
        Folder that keeps samples (a run continues there) and surrogates; nothing is kept without one.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Drivers

    Raises
    ------
    CampaignError
        If too few landers have a design.
    """
    data = sized(case, samples, seed=seed, workers=workers, output=output, watch=watch)
    require_answerable(case, data)
    learned = learn(data, LEARNED, workers=workers, watch=watch)
    if output is not None:
        learned.save(output)
    watch("finding the drivers", float("nan"))
    base = int(2 ** np.clip(np.round(np.log2(samples / 2)), 6, 11))
    options = {"outputs": list(DRIVEN), "base": base, "seed": seed, "learned_from": learned.training}
    if not case.uncertain.dependent:
        indices = sobol_indices(learned.surrogate, **options)  # type: ignore[arg-type]
        shares = {name: {x: i.estimates[f"total {x}"] for x in i.inputs} for name, i in indices.items()}
    else:
        indices = kucherenko_indices(learned.surrogate, **options)  # type: ignore[arg-type]
        effects = shapley_effects(learned.surrogate, **options)  # type: ignore[arg-type]
        shares = {name: e.estimates for name, e in effects.items()}
    summaries = propagate(data, outputs=list(SUMMARISED), above={"payload_gain": [0.0], "mass_saved": [0.0]})
    good = data.where(np.flatnonzero(data.feasible))
    reference = (
        salib_own_plans.reference(good, outputs=DRIVEN, seed=max(seed, 1))
        if len(good) >= salib_given_data.ROWS
        else None
    )
    return Drivers(case, data, summaries, learned, shares, indices, reference)


def directions(found: Drivers, output: str) -> dict[str, float]:
    """By input: what one standard deviation more of it does to an output, the mean derivative of the surrogate over
    landers that it did not learn from; the sign is what a share of the variance leaves out.

    Parameters
    ----------
    found : Drivers
        Sized landers and surrogates.
    output : str
        Name of one output.

    Returns
    -------
    dict of str to float
        In the output's unit, by input.
    """
    x = found.learned.test.x[:DIRECTED]
    problem = found.learned.surrogate.problem
    slope = found.learned.surrogate.gradient(x)[:, problem.output_index(output), :].mean(axis=0)
    steps = found.data.x.std(axis=0)
    return dict(zip(problem.input_names, map(float, slope * steps), strict=True))
