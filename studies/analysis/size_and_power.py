"""The lander of a case at other launch masses and under limits on its electric power: where the pump begins to pay.

Both are few rows of the sizing model in one call: every size and every limit sees the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures import electric_pump, pressure_fed
from models.architectures.comparison import Best, size
from models.lander import Lander, Status
from studies.case.case import Case
from uq import sampling
from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import mean_estimate
from uq.core.estimate import Estimate

SIZES = (1e3, 2e3, 3.5e3, 5e3, 7e3, 12e3)
"""Launch masses, kg."""
DRAWS = 32
"""Of the uncertain inputs, the same at every size and power."""
SHARES = tuple(np.linspace(0.4, 1.0, 5).tolist())
"""Of the power of the best design without limit."""
SCALED = ("launch_mass", "platform_mass", "payload", "thrust", "bus.house_load", "bus.surplus")
"""Leaves in proportion to launch mass; engines stay as many."""


def of_size(lander: Lander, launch_mass: float) -> Lander:
    """`lander` scaled to `launch_mass` (kg): thrust, platform, payload and bus load in proportion; engines as many.

    Parameters
    ----------
    lander : Lander
        The specification, scalar.
    launch_mass : float
        kg.

    Returns
    -------
    Lander
    """
    return quantity.substitute(lander, {n: float(v) for n, v in _scaled(lander, launch_mass).items()})


def _scaled(lander: Lander, launch_mass: float | FloatArray) -> dict[str, FloatArray]:
    scale = np.asarray(launch_mass) / float(lander.launch_mass)
    leaves = quantity.flatten(lander)
    return {name: scale * leaves[name] for name in SCALED}


@dataclass(frozen=True)
class SizeSweep:
    """Mean payload gain (kg) by launch mass (kg)."""

    launch_masses: FloatArray
    gains: tuple[Estimate, ...]

    @property
    def break_even(self) -> Estimate:
        """The launch mass in kg from which on the mean gain is positive: 0 where it is at every size, infinite where
        at none.  Its interval is where the ends of the gain's change their sign."""
        value, high, low = (self._crossing(end) for end in ("value", "low", "high"))
        return Estimate(value, low, high)

    def _crossing(self, end: str) -> float:
        gain = np.array([getattr(g, end) for g in self.gains])
        if gain[-1] <= 0.0:
            return np.inf
        k = int(np.flatnonzero(gain <= 0.0)[-1]) if (gain <= 0.0).any() else -1
        return 0.0 if k < 0 else float(np.interp(0.0, gain[k : k + 2], self.launch_masses[k : k + 2]))


@dataclass(frozen=True)
class PowerFront:
    """Payload (kg) of the pump-fed lander over its electric power (W), and of the pressure-fed one."""

    power: FloatArray
    payload: FloatArray
    """Every uncertain input at its median."""
    low: FloatArray
    high: FloatArray
    """What 80 % of the draws reach: the gain over the pressure-fed lander of the same draw, above `pressure_fed`."""
    pressure_fed: float


def sweep_sizes(case: Case, *, seed: int = 1) -> SizeSweep:
    """The mean payload gain of the case's lander scaled to each of `SIZES`.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.

    Returns
    -------
    SizeSweep
    """
    drawn, masses = _draws(case, seed), np.array(SIZES)
    each = {name: np.tile(column, masses.size) for name, column in drawn.items()}
    own = {name: np.repeat(column, DRAWS) for name, column in _scaled(case.lander, masses).items()}
    lander = quantity.substitute(case.lander, {**each, **own})
    pressure, pump = (_payload(size(module, lander)) for module in (pressure_fed, electric_pump))
    gains = (pump - pressure).reshape(masses.size, DRAWS)
    return SizeSweep(masses, tuple(mean_estimate(g[np.isfinite(g)]) for g in gains))


def power_front(case: Case, *, seed: int = 1) -> PowerFront:
    """The best payload of the case's lander under limits on its electric power.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    seed : int, default 1
        Of every random draw; the same seed gives the same result.

    Returns
    -------
    PowerFront
    """
    middle = case.baseline()
    free = size(electric_pump, middle)
    limits = np.array(SHARES) * float(np.ravel(free.sizing.electric_power)[0])
    limits[-1] = np.inf
    medians = {i.name: [float(i.distribution.ppf(0.5))] for i in case.inputs}
    rows = {name: np.concatenate([medians[name], column]) for name, column in _draws(case, seed).items()}
    each = {name: np.tile(column, limits.size) for name, column in rows.items()}
    limited = {**each, "power_limit": np.repeat(limits, DRAWS + 1)}
    best = size(electric_pump, quantity.substitute(case.lander, limited))
    payload = _payload(best).reshape(limits.size, DRAWS + 1)
    power = np.asarray(best.sizing.electric_power).reshape(limits.size, DRAWS + 1)
    usable = np.isfinite(payload[:, 0]) & (np.isfinite(payload[:, 1:]).mean(axis=1) > 0.5)
    without = _payload(size(pressure_fed, quantity.substitute(case.lander, rows)))
    low, high = without[0] + np.nanquantile(payload[usable, 1:] - without[1:], [0.1, 0.9], axis=1)
    return PowerFront(power[usable, 0], payload[usable, 0], low, high, float(without[0]))


def _payload(best: Best) -> FloatArray:
    """kg; NaN where there is no design."""
    sizing = best.sizing
    return np.atleast_1d(np.where(sizing.status == Status.GOOD, sizing.payload, np.nan))


def _draws(case: Case, seed: int) -> dict[str, FloatArray]:
    uncertain = case.uncertain
    x = uncertain.physical(sampling.sobol_sequence(DRAWS, len(case.inputs), seed=seed).unit)
    return {i.name: x[:, j] for j, i in enumerate(case.inputs)}
