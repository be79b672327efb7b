"""What the chance of a gain hangs on besides the model: laws of inputs, and lack of knowledge apart from scatter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studies.analysis.drivers import Drivers
from studies.analysis.placement import Workers, placed
from studies.case.case import problem
from uq import campaign, sampling
from uq.core.estimate import Estimate
from uq.propagation.copula_robustness import CopulaRobustness, other_copulas
from uq.propagation.law_robustness import LawRobustness, perturbed
from uq.propagation.p_box import PBox, p_box
from uq.propagation.propagate import propagate
from uq.report.terminal import Watch, silent

GAIN = "payload_gain"
COVERAGE = 0.9
STATES = 128
"""States of knowledge: enough for 5 % of them to be seven."""


@dataclass(frozen=True)
class UnknownLaws:
    """The chance of a gain under other laws, and over lack of knowledge; a sentence where there is no answer."""

    laws: LawRobustness | str
    """From the sized landers, weighted."""
    box: PBox | str
    """Through the surrogate."""
    confirmed: tuple[Estimate | None, Estimate | None] = (None, None)
    """Chance by the sizing model where the surrogate has it least, and largest; None: too few have a design."""
    runs: int = 0
    """Landers sized at each of the two."""
    copulas: CopulaRobustness | str = ""
    """Through the surrogate, correlated inputs joined by other copulas as strongly; a reason where none are."""


def unknown_laws(
    found: Drivers, *, seed: int = 1, workers: Workers = 1, watch: Watch = silent
) -> UnknownLaws:
    """Weight the sized landers to laws nearby, separate lack of knowledge from scatter, and size landers at its ends.

    Parameters
    ----------
    found : Drivers
        Sized landers and surrogates.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    UnknownLaws
    """
    watch("other laws, and lack of knowledge", float("nan"))
    case = found.case
    laws: LawRobustness | str
    try:
        laws = perturbed(found.data, GAIN)
    except ValueError as error:
        laws = str(error)
    copulas: CopulaRobustness | str
    try:
        copulas = other_copulas(found.learned.surrogate, GAIN, seed=seed)
    except ValueError as error:
        copulas = str(error)
    epistemic = [i.name for i in case.inputs if i.name not in case.scatter]
    try:
        box = p_box(
            found.learned.surrogate, GAIN, epistemic=epistemic, coverage=COVERAGE, points=STATES, seed=seed
        )
    except ValueError as error:
        return UnknownLaws(laws, str(error), copulas=copulas)
    runs = int(np.clip(len(found.data) // 32, 16, 64))
    asked = problem(case, samples=runs)
    confirmed: list[Estimate | None] = []
    for values in box.at:
        rest = asked.fix(values)
        plan = sampling.monte_carlo(runs, rest.dimension, seed=seed)
        data = campaign.run(rest, plan, **placed(workers).sizing(runs))
        chance = None
        if data.feasible.sum() > 1:
            chance = propagate(data, outputs=[GAIN], above={GAIN: [0.0]})[GAIN].estimates["above 0"]
        confirmed.append(chance)
    return UnknownLaws(laws, box, (confirmed[0], confirmed[1]), runs, copulas)
