"""The flow sheets of both architectures and the histories of the electric pump over all burns, as one chapter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.architectures import electric_pump, pressure_fed
from models.architectures.comparison import Best
from models.fixed_design.design import design_case
from models.fixed_design.operating_point import PumpPoint
from studies.analysis.requirements import Requirements
from studies.presentation.drawings import histories, schematic
from uq.core.table import Table
from uq.report.document import Figure, Section


def specified_section(requirements: Requirements) -> Section | None:
    """Flow sheets and histories of the designs that the requirements belong to, in the case that they were sized for.

    Parameters
    ----------
    requirements : Requirements
        What a fixed design must hold, with its evidence.

    Returns
    -------
    Section or None
        None where there is no such design.
    """
    trade = requirements.design.built(requirements.chosen)
    if trade is None:
        return None
    where = "the required values" if requirements.stands else "today's best estimates"
    return design_section(
        "The design that the requirements belong to: flow sheet and histories over all burns",
        f"Both landers as fixed at {where}, in the case that they were sized for: every margin of the design is taken. "
        "Rated points, pressures, tanks and loads are those of the requirements and sheets; payload, power and energy "
        "of the sheets are those of a flight that needs no margin.",
        pressure=design_case(pressure_fed, trade.lander, trade.margins),
        pump=design_case(electric_pump, trade.lander, trade.margins),
        pumps=requirements.design.pumps(requirements.chosen),
    )


def design_section(
    title: str, words: str, *, pressure: Best, pump: Best, pumps: Sequence[PumpPoint] = ()
) -> Section:
    """Flow sheets and histories of two best designs.

    Parameters
    ----------
    title, words : str
        Of the chapter, and what lander it is.
    pressure, pump : Best
        Of one lander each (one row).
    pumps : sequence of PumpPoint
        Rated points of the pumps, where these are known better than from the budget.

    Returns
    -------
    Section
        Without what belongs to an architecture that has no design.
    """
    parts: list[Figure | Table] = []
    for name, label, best in (
        ("electric-pump", "Electric pump", pump),
        ("pressure-fed", "Pressure-fed", pressure),
    ):
        if not int(np.ravel(best.sizing.status)[0]):
            parts.append(
                schematic.schematic(
                    best,
                    name=f"flow-sheet-{name}",
                    title=f"{label}: flow sheet",
                    pumps=pumps if best is pump else (),
                )
            )
    if not int(np.ravel(pump.sizing.status)[0]):
        marched = histories.history(pump, pump.lander)
        parts.append(histories.history_figure(pump, pump.lander, marched))
        parts.append(histories.history_table(pump, pump.lander, marched))
    return Section(title, (words,), tuple(parts))
