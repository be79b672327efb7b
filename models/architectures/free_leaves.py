"""Leaves of the lander that a search may choose in addition to an architecture's own design variables, within bounds.

Thrust and mixture ratio of both architectures, and with pumps the window of the battery's charge: a deeper window needs
fewer cells for the energy and more of them for the voltage at its end, and what is left of the charge is the reserve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.lander import Lander
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Room:
    """A leaf that is free between two bounds."""

    leaf: str
    """Dotted name."""
    start: Numeric
    """A float or (n,): every row starts from its own, so none depends on others."""
    low: float
    """In the unit of the leaf."""
    high: float
    """In the unit of the leaf."""


BOUNDS = {
    "thrust": ("least_thrust", "most_thrust"),
    "mixture_ratio": ("least_mixture_ratio", "most_mixture_ratio"),
    "battery.depth": ("battery.least_depth", "battery.most_depth"),
}
"""Leaves between which others are free, by the name of the free one."""


def rooms(lander: Lander, *, pumped: bool, given_mixture: bool) -> list[Room]:
    """What is free of `lander`; an engine that exists has its mixture ratio, a lander without pumps no battery for
    them.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    pumped : bool
        Whether the main engines are fed by pumps.
    given_mixture : bool
        Whether the engine exists.

    Returns
    -------
    list of Room

    Raises
    ------
    ValueError
        Where a bound is sampled: a search has one room for all rows.

    Examples
    --------
    >>> roomy = Lander(least_mixture_ratio=1.5, most_mixture_ratio=1.8)
    >>> [room.leaf for room in rooms(roomy, pumped=True, given_mixture=False)]
    ['mixture_ratio']
    """
    values = quantity.flatten(lander)
    absent = ([] if pumped else ["battery.depth"]) + (["mixture_ratio"] if given_mixture else [])
    found = []
    for leaf, bounds in BOUNDS.items():
        for name in bounds:
            bound = values[name]
            if isinstance(bound, np.ndarray):
                raise ValueError(
                    f"Lander.{name} holds {bound.size} values: expected one number, for the search of {leaf} has the "
                    f"same bounds in every row; sample {leaf} itself instead"
                )
        low, high = (float(values[name]) for name in bounds)
        if 0.0 < low < high and leaf not in absent:
            found.append(Room(leaf, np.clip(values[leaf], low, high), low, high))
    return found


def logarithms(lander: Lander, free: Sequence[Room], n: int) -> list[FloatArray]:
    """The logarithm of each free leaf.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)
    free : sequence of Room
        The leaves.
    n : int
        Rows.

    Returns
    -------
    list of ndarray (n,)
    """
    values = quantity.flatten(lander)
    return [np.broadcast_to(np.log(values[room.leaf]), (n,)) for room in free]
