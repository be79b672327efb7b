"""The flow sheets of both architectures and the histories of the electric pump over all burns, as one chapter."""

from __future__ import annotations

import numpy as np

from models.architectures.comparison import Best
from studies.presentation.drawings import histories, schematic
from uq.core.table import Table
from uq.report.document import Figure, Section


def design_section(title: str, words: str, *, pressure: Best, pump: Best) -> Section:
    """Flow sheets and histories of two best designs.

    Parameters
    ----------
    title, words : str
        Of the chapter, and what lander it is.
    pressure, pump : Best
        Of one lander each (one row).

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
            parts.append(schematic.schematic(best, name=f"flow-sheet-{name}", title=f"{label}: flow sheet"))
    if not int(np.ravel(pump.sizing.status)[0]):
        marched = histories.history(pump, pump.lander)
        parts.append(histories.history_figure(pump, pump.lander, marched))
        parts.append(histories.history_table(pump, pump.lander, marched))
    return Section(title, (words,), tuple(parts))
