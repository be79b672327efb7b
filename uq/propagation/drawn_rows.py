"""Whether rows are drawn from the laws of their problem, as every mean, chance and weight of them takes for granted."""

from __future__ import annotations

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.dataset import OF_THE_ROWS, Dataset
from uq.sampling.structure import FEW_VALUES, structure_of

FARTHEST = 2.7
"""Of n rows from their law, in Kolmogorov's distance times the root of n: 2 exp(-2 * 2.7^2) = 1e-6."""


def require_drawn_rows(data: Dataset) -> None:
    """Refuse rows that share inputs, which count as fewer than they are, and rows that do not follow the laws.

    By Kolmogorov's distance of each input, failed rows included, at a chance of 1e-6.

    Parameters
    ----------
    data : Dataset
        Evaluated rows.

    Raises
    ------
    ValueError
        With the remedy.
    """
    found = structure_of(data.problem, data.x)
    steps = data.provenance.get("scheme") == "trajectories"
    if steps or found.one_at_a_time or not found.independent:
        raise ValueError(
            f"rows of the {len(data)} share inputs, in steps or blocks: weights take each row for one of its own; "
            "give rows of uq.sampling.sobol_sequence or latin_hypercube, or one row of each block"
        )
    for name, distance in _far(data, len(data)).items():
        raise ValueError(
            f"the {len(data)} rows do not follow the law of {name!r} (distance {distance:.2g}): weights are ratios "
            "to the law that rows were drawn from; state that one, or draw rows from the problem"
        )


def drawn_rows_note(data: Dataset, independent: float) -> tuple[str, ...]:
    """Refuse rows whose plain mean is none under the laws, and say which inputs are held at a few values instead.

    Laws that were made from the rows themselves are not asked.

    Parameters
    ----------
    data : Dataset
        Evaluated rows.
    independent : float
        Rows that share nothing with each other.

    Returns
    -------
    tuple of str
        At most one sentence.

    Raises
    ------
    ValueError
        With the remedy.
    """
    if "weights" in data.provenance.get("details", {}):
        raise ValueError(
            f"the {len(data)} rows are nodes of a quadrature, which count by their weights and not alike; "
            "give them to uq.project, or draw rows from the problem"
        )
    stated = {i.name for i in data.problem.inputs if i.source != OF_THE_ROWS}
    far: dict[str, float] = {}
    if _far(data, independent):  # whatever the plan is called, the rows are asked
        found = structure_of(data.problem, data.x)
        independent = min(independent, found.blocks)
        far = {name: distance for name, distance in _far(data, independent).items() if name in stated}
    levels = {}
    for name, distance in far.items():
        values = len(np.unique(found.place[:, data.problem.index(name)]))
        if values > FEW_VALUES or distance > 1.0 / values + FARTHEST / np.sqrt(independent):
            raise ValueError(
                f"the {len(data)} rows do not follow the law of {name!r} (distance {distance:.2g}), so that their "
                "mean is none under it: state the law that they follow, give all rows where some were left out "
                "(failed ones are left out here), or fit a surrogate to them and propagate that"
            )
        levels[name] = values
    if not levels:
        return ()
    named = ", ".join(f"{name!r} {k}" for name, k in levels.items())
    return (
        f"rows hold few values of an input ({named}): all holds for these, not for what its law has between",
    )


def require_rows_of_the_laws(data: Dataset) -> None:
    """Refuse rows that do not follow the laws of their problem, those that hold a few values of an input among them.

    Parameters
    ----------
    data : Dataset
        Evaluated rows.

    Raises
    ------
    ValueError
        With the remedy.
    """
    for note in drawn_rows_note(data, len(data)):
        raise ValueError(f"{note}; give rows of uq.sampling.sobol_sequence or latin_hypercube")


def _far(data: Dataset, independent: float) -> dict[str, float]:
    """Kolmogorov's distance from the law of each input that is too far from it."""
    found = {}
    for j, (name, law) in enumerate(zip(data.problem.input_names, data.problem.distributions, strict=True)):
        values, counts = np.unique(data.x[:, j], return_counts=True)
        share: FloatArray = np.cumsum(counts) / len(data)
        distance = float(np.abs(share - law.cdf(values)).max(initial=0.0))
        if distance * np.sqrt(independent) > FARTHEST:
            found[name] = distance
    return found
