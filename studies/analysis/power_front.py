"""The lander of a case under limits on its electric power: few rows of the sizing model, in common draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures import electric_pump, pressure_fed
from models.architectures.comparison import Best, size
from models.lander import Status
from models.quantity import first_value
from studies.case.case import Case
from uq import sampling
from uq.core.array_types import FloatArray

DRAWS = 32
"""Of the uncertain inputs, the same at every power."""
SHARES = tuple(np.linspace(0.4, 1.0, 5).tolist())
"""Of the power of the best design without limit."""


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
    limits = np.array(SHARES) * first_value(free.sizing.electric_power)
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
