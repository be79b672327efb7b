"""No uncertain input of the shipped cases is without effect: each moves some output of some reference lander."""

import numpy as np

from models.architectures import comparison
from studies.case import case

SEARCH = 0.02
"""kg: what searches of different rows may differ by."""
GAINS = ("payload_gain", "mass_saved", "electric_pump.payload", "pressure_fed.payload")


def moved(name: str) -> dict[str, float]:
    """By input, kg between the ends of its range, the others at their medians: the largest of the outputs."""
    problem = case.problem(case.load(name), samples=128)
    quantiles = {
        i.name: np.asarray(i.distribution.ppf(np.array([0.0005, 0.5, 0.9995]))) for i in problem.inputs
    }
    rows = 2 * len(quantiles)
    columns = {name: np.full(rows, values[1]) for name, values in quantiles.items()}
    for k, (own, values) in enumerate(quantiles.items()):
        columns[own][2 * k : 2 * k + 2] = values[[0, 2]]
    found = problem.model(columns)
    return {
        own: max(abs(float(found[output][2 * k + 1] - found[output][2 * k])) for output in GAINS)
        for k, own in enumerate(quantiles)
    }


def test_every_input_moves_some_output_of_some_reference_lander() -> None:
    assert set(GAINS) <= set(comparison.OUTPUTS)
    still = None
    for name in ("series3", "check", "large", "medium", "small"):
        without = {own for own, kilograms in moved(name).items() if not kilograms > SEARCH}
        still = without if still is None else still & without
        if not still:
            return
    assert not still, f"inputs without effect: {sorted(still or ())}"
