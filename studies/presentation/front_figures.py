"""Fronts of the pump's concepts over electric power or energy, drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.architectures.concepts import Concept, SizedConcepts
from models.quantity import WATT_HOUR
from studies.analysis.concepts.choice import Uncertain
from studies.analysis.concepts.fronts import Front, Screen
from studies.case.case import Case
from uq.core.array_types import FloatArray
from uq.report import design_figures
from uq.report.document import Figure

KILOWATT_HOUR = 1e3 * WATT_HOUR
UNITS = {
    "power": (1e3, "kW", "electric power"),
    "energy": (KILOWATT_HOUR, "kWh", "electric energy"),
}
"""By resource: SI in the unit shown, the unit, and what it is called."""
MOST_LAYOUTS = 4
"""Lines of a figure."""

Line = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class _Panel:
    """One goal: its label, the designs that show it, the name of its output, and its front."""

    label: str
    sized: SizedConcepts
    output: str
    front: Front

    @property
    def pressure(self) -> float:
        """The pressure-fed optimum, kg."""
        return float(getattr(self.front.pressure, self.output))


def front_figure(case: Case, screen: Screen, resource: str, uncertain: Uncertain | None = None) -> Figure:
    """Payload, launch mass at the case's payload, and loaded propulsion system over a resource: a line for each layout,
    the pressure-fed optimum at zero, and the knee.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    screen : Screen
        Every concept of both architectures, inputs at their medians.
    resource : str
        ``power`` or ``energy``.
    uncertain : Uncertain, optional
        The best concepts over draws of the uncertain inputs: with it, what most draws gain.

    Returns
    -------
    Figure
    """
    scale, unit, title = UNITS[resource]
    payload, closed = (screen.fronts[goal, resource] for goal in ("payload", "launch_mass"))
    panels = (
        _Panel("payload, kg", screen.pump, "payload", payload),
        _Panel(
            f"launch mass at {case.lander.payload:g} kg payload, kg", screen.closed, "launch_mass", closed
        ),
        _Panel("loaded propulsion system, kg", screen.pump, "propulsion_mass", payload),
    )
    lines = {p.label: _lines(case, p, resource, scale) for p in panels}
    marks = {}
    for p in panels:
        knee = p.front.points[p.front.knee]
        marks[p.label] = {
            "pressure-fed, best": (0.0, p.pressure),
            "knee": (float(p.front.resources[p.front.knee]) / scale, float(getattr(knee, p.output))),
        }
    bands = {} if uncertain is None else {panels[0].label: _band(uncertain, panels[0].pressure)}
    knee, last = payload.points[payload.knee], payload.points[-1]
    return design_figures.trade_fronts(
        "front" if resource == "power" else "front-energy",
        f"Payload, launch mass and loaded propulsion system over {title}",
        lines,
        dominated={p.label: _all(p, resource, scale) for p in panels},
        marks=marks,
        bands=bands,
        label=f"{title}, {unit}",
        alt=f"Payload rises with {title} to {last.payload:.0f} kg at {payload.resources[-1] / scale:.1f} {unit}; the "
        f"knee lies at {payload.resources[payload.knee] / scale:.1f} {unit} with {knee.payload:.0f} kg; the "
        f"pressure-fed lander carries {panels[0].pressure:.0f} kg without any.",
    )


def _own(sized: SizedConcepts, resource: str) -> FloatArray:
    """Which levels limit the resource, or nothing."""
    other = sized.energy_limits if resource == "power" else sized.power_limits
    return np.asarray(np.flatnonzero(np.isposinf(other)))


def _all(panel: _Panel, resource: str, scale: float) -> Line:
    own = _own(panel.sized, resource)
    used = panel.sized[f"electric_{resource}"][:, own, 0] / scale
    return used.ravel(), panel.sized[panel.output][:, own, 0].ravel()


def _lines(case: Case, panel: _Panel, resource: str, scale: float) -> dict[str, Line]:
    """The best concept of every layout at each level: the layouts that are best somewhere first."""
    own = _own(panel.sized, resource)
    values = panel.sized[panel.output][:, own, 0]
    good = values if panel.output == "payload" else -values
    good = np.where(np.isfinite(good), good, -np.inf)
    used = panel.sized[f"electric_{resource}"][:, own, 0] / scale
    layouts: dict[str, list[int]] = {}
    for k, concept in enumerate(panel.sized.concepts):
        layouts.setdefault(_layout(case, concept), []).append(k)
    ranked = sorted(layouts, key=lambda name: -float(good[layouts[name]].max()))[:MOST_LAYOUTS]
    found = {}
    for name in ranked:
        rows = np.array(layouts[name])
        columns = np.flatnonzero(np.isfinite(good[rows].max(axis=0)))
        where = rows[np.argmax(good[rows][:, columns], axis=0)]
        found[name] = used[where, columns], values[where, columns]
    return found


def _layout(case: Case, concept: Concept) -> str:
    """What tells the lines apart: engines, and pump sets where they are a decision."""
    shown = [name for name in ("engines", "pump_sets") if name in concept.options]
    return ", ".join(case.decisions.decisions[n].options[concept.options[n]].title for n in shown)


def _band(uncertain: Uncertain, pressure: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Power (kW) and payload between which 80 % of the draws lie: the gain over the pressure-fed lander of the same
    draw, above that one's median payload; what both share would hide how sure the difference is."""
    row = uncertain.pump
    # a level at which every second draw has no design has no median
    levels = np.isfinite(uncertain.payload[row]).mean(axis=1) > 0.5
    power = np.nanmedian(uncertain.power[row][levels], axis=1) / 1e3
    gain = uncertain.payload[row][levels] - uncertain.payload[uncertain.pressure, -1]
    low, high = pressure + np.nanquantile(gain, [0.1, 0.9], axis=1)
    order = np.argsort(power)
    return power[order], low[order], high[order]
