"""Of concepts that have no design the one that misses least, and which constraint it misses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures.comparison import size
from models.architectures.concepts import Concept, SizedConcepts, descent_weight
from models.lander import Status
from models.quantity import first_value
from studies.case.case import Case

ASKED = 24
"""Concepts that are sized once more, at most: of those whose constraint has a measure."""


@dataclass(frozen=True)
class Violation:
    """What a concept misses, and by which share; infinite where the constraint has no measure."""

    concept: Concept
    share: float
    words: str


def least_violated(case: Case, sized: SizedConcepts) -> Violation:
    """The concept that misses its constraint by the least share.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    sized : SizedConcepts
        None of which has a design.

    Returns
    -------
    Violation
    """
    status = sized.status[:, -1, 0]
    measured = (Status.POWER_LIMITED, Status.ENERGY_LIMITED, Status.TOO_HOT, Status.CANNOT_LAND)
    able = np.flatnonzero(np.isin(status, [int(s) for s in measured]))
    if not able.size:
        return _violation(case, sized.concepts[0], Status(int(status[0])))
    some = able[:: -(-able.size // ASKED)]
    found = [_violation(case, sized.concepts[c], Status(int(status[c]))) for c in some]
    return min(found, key=lambda violation: violation.share)


def _violation(case: Case, concept: Concept, status: Status) -> Violation:
    middle = {i.name: float(i.distribution.ppf(0.5)) for i in case.inputs if i.name not in concept.decided}
    lander = quantity.substitute(concept.lander, middle)
    best = size(lander=lander, **concept.search)

    if status is Status.CANNOT_LAND:
        ratio = first_value(best.lander.thrust) / descent_weight(lander)
        return Violation(
            concept, abs(np.log(ratio)), f"thrust is {ratio:.2f} of the lunar weight at descent, not 1 to 6"
        )
    terms = {
        Status.POWER_LIMITED: (
            best.sizing.electric_power,
            lander.power_limit,
            "electric power",
            1e-3,
            "kW",
            "power_limit",
        ),
        Status.ENERGY_LIMITED: (
            best.sizing.electric_energy,
            lander.energy_limit,
            "electric energy",
            1.0 / 3.6e6,
            "kWh",
            "energy_limit",
        ),
    }
    if status in terms:
        value, limit, words, scale, unit, name = terms[status]
        needed, allowed = first_value(value), first_value(limit)
        if np.isfinite(needed):
            said = (
                f"{words} is {scale * needed:.3g} {unit}, allowed are {scale * allowed:.3g} {unit} ({name})"
            )
            return Violation(concept, needed / allowed - 1.0, said)
    if status is Status.TOO_HOT and best.sizing.drives is not None:
        hot, allowed = (
            first_value(best.sizing.drives.motor_temperature),
            first_value(lander.motor.maximum_temperature),
        )
        return Violation(
            concept, hot / allowed - 1.0, f"motor windings reach {hot:.0f} K, allowed are {allowed:.0f} K"
        )
    return Violation(concept, np.inf, status.name.lower().replace("_", " "))
