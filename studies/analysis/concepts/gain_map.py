"""Pump or pressure over launch mass and electric power: each architecture at its best concept, by layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.architectures.concepts import Concept, size_concepts
from studies.analysis.concepts.fronts import ROUGH, medians
from studies.analysis.concepts.over_sizes import LAYOUT, SizeSweep
from studies.analysis.placement import Workers, placed
from studies.case.case import Case
from uq.campaign.processes import spread
from uq.core.array_types import FloatArray
from uq.report.terminal import Watch, silent

LEAST_SHARE = 0.04
"""The lowest limit, of what the heaviest lander's best concept takes."""


@dataclass(frozen=True)
class GainMap:
    """Best payload of both architectures over launch mass, by layout and under power limits, inputs at medians."""

    masses: FloatArray
    """(m,), kg."""
    powers: FloatArray
    """(p,), W."""
    layouts: tuple[Mapping[str, str], ...]
    """Options of the decisions that make a layout, of the pump's concepts."""
    pump: FloatArray
    """(m, layouts), payload without power limit, kg."""
    limited: FloatArray
    """(m, p), payload of the best layout under each power limit, kg."""
    pressure: FloatArray
    """(m,), payload of the best pressure-fed concept, kg."""

    @property
    def gain(self) -> FloatArray:
        """(m, p), payload of the best pump layout under each limit less that of the best pressure-fed concept."""
        return self.limited - self.pressure[:, None]


def gain_map(
    case: Case, sweep: SizeSweep, *, powers: int = 9, workers: Workers = 1, watch: Watch = silent
) -> GainMap:
    """Limit the power of every layout's best concept at every launch mass of a sweep.

    Limits reach to what the heaviest lander's best concept takes.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    sweep : SizeSweep
        The best concept of every layout at each size in which both architectures have a design.
    powers : int, default 9
        Limits from a small one up, in even ratios.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    GainMap
    """
    some = [one for one in sweep.landers if {"electric_pump", "pressure_fed"} <= one.best.keys()]
    pumps = [one.best["electric_pump"][0] for one in some]
    heaviest, row = some[-1].best["electric_pump"]
    limits = float(heaviest["electric_power"][row, 0, 0]) * np.geomspace(LEAST_SHARE, 1.0, powers)
    task = partial(_limited, case, limits.tolist())
    limited: list[FloatArray] = []
    for most in spread(task, [sized.concepts for sized in pumps], placed(workers).processes):
        watch("limiting power", len(limited) / len(pumps))
        limited.append(most)
    return GainMap(
        np.array([one.launch_mass for one in some]),
        limits,
        tuple({n: c.options[n] for n in LAYOUT if n in c.options} for c in heaviest.concepts),
        np.stack([sized["payload"][:, 0, 0] for sized in pumps]),
        np.stack(limited),
        np.array([float(np.nanmax(one.best["pressure_fed"][0]["payload"])) for one in some]),
    )


def _limited(case: Case, limits: list[float], concepts: tuple[Concept, ...]) -> FloatArray:
    """The most payload of some concepts under each limit; NaN where none has a design."""
    under = size_concepts(list(concepts), power_limits=limits, samples=medians(case), tolerance=ROUGH)
    best = np.nan_to_num(under["payload"][:, :, 0], nan=-np.inf).max(axis=0)
    return np.where(np.isfinite(best), best, np.nan)
