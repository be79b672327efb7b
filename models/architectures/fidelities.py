"""The payload gain of the electric pump at three prices: best designs with the gas marched, by its correlation, and one
design for all.

The dearest is what `comparison.compare` calls the payload gain.  The others leave out what costs most: the march of the
gas and the search that follows it; or every search, so that each sample is closed at the best design of one lander.
They are wrong by themselves, and cheap enough to carry most of a mean's variance (`uq.propagation.multifidelity`).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures import comparison, electric_pump, free_leaves, pressure_fed
from models.architectures.budget import Sizing
from models.lander import Lander, Status
from models.quantity import FloatArray, first_value

COSTS = (1.0, 0.6, 0.006)
"""Processor time of one sample over that of the first, of `marched`, `by_correlation` and `OneDesign` (measured at 256
samples of the Series 3 lander: 3.7, 2.2 and 0.02 ms, tests/benchmarks/fidelities.py)."""


def marched(lander: Lander) -> dict[str, FloatArray]:
    """Payload gain, each architecture at its own best design, the gas marched through the burns.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    dict of str to ndarray (n,)
        `payload_gain` in kg and `status`.
    """
    return _gain(comparison.size(pressure_fed, lander).sizing, comparison.size(electric_pump, lander).sizing)


def by_correlation(lander: Lander) -> dict[str, FloatArray]:
    """Payload gain, each architecture at its own best design, the gas by the correlation of its march.

    A search that has not converged to the last gram counts: this is a cheaper model, not the answer.

    Parameters
    ----------
    lander : Lander
        The specification; floats, or leaves of shape (n,)

    Returns
    -------
    dict of str to ndarray (n,)
        `payload_gain` in kg and `status`.
    """
    return _gain(
        comparison.size(pressure_fed, lander, marched=False).sizing,
        comparison.size(electric_pump, lander, marched=False).sizing,
        converged=False,
    )


@dataclass(frozen=True)
class OneDesign:
    """Payload gain with every sample closed at the best designs of one lander: nothing is searched.

    Parameters
    ----------
    lander : Lander
        Scalar; the designs are its best.

    Raises
    ------
    ValueError
        If it has none.
    """

    lander: Lander
    designs: tuple[tuple[float, ...], ...] = dataclasses.field(init=False)
    """Of the pressure-fed lander and of the electric pump, SI."""
    leaves: tuple[tuple[tuple[str, float], ...], ...] = dataclasses.field(init=False)
    """What the searches chose of the lander itself."""

    def __post_init__(self) -> None:
        designs, leaves = [], []
        for module in (pressure_fed, electric_pump):
            best = comparison.size(module, self.lander)
            if int(best.sizing.status[0]) != Status.GOOD:
                raise ValueError(
                    f"the lander has no design: {Status(int(best.sizing.status[0])).name.lower()}"
                )
            held = comparison.given_engine(module, self.lander)
            free = iter(np.exp(best.design[0]))
            designs.append(tuple(float(held[n]) if n in held else float(next(free)) for n in module.DESIGN))
            values = quantity.flatten(best.lander)
            rooms = free_leaves.rooms(
                self.lander, pumped=module is electric_pump, given_mixture="chamber_pressure" in held
            )
            leaves.append(tuple((r.leaf, first_value(values[r.leaf])) for r in rooms))
        object.__setattr__(self, "designs", tuple(designs))
        object.__setattr__(self, "leaves", tuple(leaves))

    def __call__(self, lander: Lander) -> dict[str, FloatArray]:
        """Payload gain of (n,) samples, as `marched` names it."""
        n = quantity.rows(lander)
        mass = np.broadcast_to(np.asarray(lander.launch_mass, dtype=np.float64), (n,))
        with np.errstate(all="ignore"):
            sized = [
                comparison.evaluate(
                    module, quantity.substitute(lander, dict(leaves)), mass, np.tile(design, (n, 1))
                )
                for module, design, leaves in zip(
                    (pressure_fed, electric_pump), self.designs, self.leaves, strict=True
                )
            ]
        return _gain(*sized)


def _gain(without: Sizing, pumped: Sizing, *, converged: bool = True) -> dict[str, FloatArray]:
    worst = np.where(without.status != Status.GOOD, without.status, pumped.status)
    if not converged:
        worst = np.where(worst == Status.NOT_CONVERGED, Status.GOOD, worst)
    gain = np.where(worst == Status.GOOD, pumped.payload - without.payload, np.nan)
    return {"payload_gain": gain, "status": worst.astype(np.float64)}
