"""Pump or pressure over launch mass and electric power: each architecture at its best layout."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.architectures.concepts import MODULES, SizedConcepts, size_concepts
from models.lander import Lander
from studies.analysis.concepts.fronts import medians
from studies.analysis.placement import Workers, placed
from studies.case.case import Case
from studies.case.decisions import AS_GIVEN
from uq.campaign.processes import spread
from uq.core.array_types import FloatArray
from uq.report.terminal import Watch, silent


@dataclass(frozen=True)
class GainMap:
    """Best payload of both architectures over launch mass, by layout and under power limits, inputs at medians."""

    masses: FloatArray
    """(m,), kg."""
    powers: FloatArray
    """(p,), W."""
    layouts: tuple[Mapping[str, str], ...]
    """Options of the decisions that are mapped, of the pump's concepts."""
    pump: FloatArray
    """(m, layouts), payload without power limit, kg."""
    limited: FloatArray
    """(m, p), payload of the best layout under each power limit, kg."""
    pressure: FloatArray
    """(m,), payload of the best pressure-fed layout, kg."""

    @property
    def gain(self) -> FloatArray:
        """(m, p), payload of the best pump layout under each limit less that of the best pressure-fed one."""
        return self.limited - self.pressure[:, None]


def gain_map(
    case: Case,
    scaled: Callable[[Lander, float], Lander],
    masses: Sequence[float],
    *,
    mapped: Sequence[str] = ("engines", "pump_sets"),
    powers: int = 9,
    workers: Workers = 1,
    watch: Watch = silent,
) -> GainMap:
    """Size every layout (the `mapped` decisions) at every launch mass and power; other decisions stay as given.

    Power limits reach to what the heaviest lander's best layout takes.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    scaled : Callable[[Lander, float], Lander]
        Lander and launch mass (kg) to the lander of that mass.
    masses : sequence of float
        Launch masses, kg.
    mapped : sequence of str, default ('engines', 'pump_sets')
        Decisions whose options are layouts.
    powers : int, default 9
        Limits from zero up.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    GainMap
    """
    each = partial(spread, workers=placed(workers).processes)
    sample = medians(case)
    found: dict[str, list[SizedConcepts]] = {"pressure_fed": [], "electric_pump": []}
    for k, mass in enumerate(masses):
        watch("sizing layouts", k / (2 * len(masses)))
        decisions = dataclasses.replace(case.decisions, lander=scaled(case.lander, mass))
        for architecture in MODULES:
            rest = {name: AS_GIVEN for name in decisions.of(architecture) if name not in mapped}
            concepts = decisions.concepts(architecture, rest)
            found[architecture].append(size_concepts(concepts, samples=sample, each=each))
    free = np.stack([sized["payload"][:, 0, 0] for sized in found["electric_pump"]])
    heaviest = found["electric_pump"][-1]
    top = float(heaviest["electric_power"][np.nanargmax(heaviest["payload"][:, 0, 0]), 0, 0])
    limits = top * np.geomspace(0.04, 1.0, powers)
    limited = []
    for k, sized in enumerate(found["electric_pump"]):
        watch("sizing layouts", 0.5 + k / (2 * len(masses)))
        under = size_concepts(list(sized.concepts), power_limits=limits.tolist(), samples=sample, each=each)
        limited.append(_most(under["payload"][:, :, 0]))
    return GainMap(
        np.asarray(masses, dtype=np.float64),
        limits,
        tuple({n: c.options[n] for n in mapped if n in c.options} for c in heaviest.concepts),
        free,
        np.stack(limited),
        np.array([_most(sized["payload"][:, :1, 0])[0] for sized in found["pressure_fed"]]),
    )


def _most(payload: FloatArray) -> FloatArray:
    """Largest over concepts (c, l) at every limit; NaN where none has a design."""
    best = np.nan_to_num(payload, nan=-np.inf).max(axis=0)
    return np.where(np.isfinite(best), best, np.nan)
