"""Efficiencies that are required of the pumps: absolute values, at the rated point at which the design ends.

A required value replaces the prediction at the rated point.  It says nothing of other points, and a search that took
it for them, too, would move to where the prediction is lowest: little suction, little flow and much head cost nothing
then (series3: 23 % more power for 0.4 kg).  So the search follows the law from the best design x*,

    eta(x) = r eta_law(x),   r = eta_required / eta_law(x*),

and r is what the requirement asks of the supplier beyond the prediction: the value by which a study of requirements
varies it.  The law falls by less than a fifth of what r rises by, so that a few searches agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from models import quantity
from models.architectures.budget import Sizing
from models.components import pump
from models.lander import Lander
from models.quantity import FloatArray

T = TypeVar("T")

LAW = ("oxidiser_pump.law_efficiency", "fuel_pump.law_efficiency")
BEGIN = 0.65
"""Efficiency of the law at the best design of which the first search knows nothing; of no influence on the last."""
AGREEMENT = 1e-4
"""Of the law at the best designs of two searches."""
SEARCHES = 10
"""At most: two designs that are equally good may take turns, and either is then the best."""
TURNS = 0.02
"""Of the law: designs that take turns differ by less (0.015 in all but one of 5,120 samples, 512 of each lander that
ships at two required efficiencies); where the last two searches differ by more (0.08 in that one), none is the best."""


def any_required(lander: Lander) -> bool:
    """Whether an efficiency is required of a pump of any row.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    bool
    """
    return bool(
        np.any(np.asarray(lander.oxidiser_pump.required_efficiency) > 0.0)
        or np.any(np.asarray(lander.fuel_pump.required_efficiency) > 0.0)
    )


def reached(
    search: Callable[[Lander], tuple[T, Sizing]], lander: Lander, begin: Sizing | None = None
) -> tuple[T, FloatArray]:
    """The result of a search whose best design needs just the required efficiencies.

    Rows agree one by one, so that none depends on its neighbours.

    Parameters
    ----------
    search : callable
        From a lander whose required values follow the law to a result and its budget.
    lander : Lander
        With required efficiencies; floats, or leaves of shape (n,)
    begin : Sizing, optional
        Of a design nearby.

    Returns
    -------
    tuple
        The result of the last search, and by how much of itself (n,) the law's efficiency at its best design differs
        from that of the search before: below `AGREEMENT` where they agree.
    """
    n = quantity.rows(lander)
    there = (
        [np.full(n, BEGIN) for _ in LAW] if begin is None else _law(lander, begin, [np.full(n, BEGIN)] * 2)
    )
    agreed, disagreement = np.zeros(n, dtype=bool), np.zeros(n)
    for _ in range(SEARCHES):
        result, sizing = search(quantity.substitute(lander, dict(zip(LAW, there, strict=True))))
        found = _law(lander, sizing, there)
        moved = [np.abs(np.log(new / old)) for new, old in zip(found, there, strict=True)]
        disagreement = np.where(agreed, disagreement, np.max(moved, axis=0))
        agreed = disagreement < AGREEMENT
        if agreed.all():
            break
        there = [np.where(agreed, old, new) for new, old in zip(found, there, strict=True)]
    return result, disagreement


def at_the_point(found: Lander) -> Lander:
    """The lander of a search with its required values as they hold at the best design.

    Parameters
    ----------
    found : Lander
        Of the search.

    Returns
    -------
    Lander
    """
    return quantity.substitute(found, dict.fromkeys(LAW, 0.0))


def _law(lander: Lander, sizing: Sizing, known: list[FloatArray]) -> list[FloatArray]:
    """Efficiency of the law at the best designs, without residual; as `known` where there is none."""
    assert sizing.drives is not None
    found = [
        each.pump.predicted_efficiency / pump.of_propellant(lander.pump, supplied).efficiency_multiplier
        for each, supplied in zip(sizing.drives.rated, (lander.oxidiser_pump, lander.fuel_pump), strict=True)
    ]
    return [np.where(np.isfinite(law), law, old) for law, old in zip(found, known, strict=True)]
