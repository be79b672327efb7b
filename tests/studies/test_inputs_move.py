"""No input of the shipped cases is idle: each moves an output on at least one reference lander."""

import numpy as np
import pytest

from models import quantity
from models.architectures.comparison import compare
from studies.case import load
from studies.case.case import shipped


@pytest.mark.slow
def test_every_uncertain_input_moves_an_output_somewhere() -> None:
    moved: dict[str, float] = {}
    for name in shipped():
        case = load(name)
        names = [each.name for each in case.inputs]
        medians = np.array([float(each.distribution.ppf(0.5)) for each in case.inputs])
        rows = np.tile(medians, (2 * len(names), 1))
        for k, each in enumerate(case.inputs):
            rows[2 * k, k], rows[2 * k + 1, k] = each.distribution.ppf(0.001), each.distribution.ppf(0.999)
        found = compare(quantity.substitute(case.lander, dict(zip(names, rows.T, strict=True))))
        for k, each in enumerate(names):
            for value in found.values():
                low, high = value[2 * k], value[2 * k + 1]
                change = (
                    abs(high - low) / max(abs(high), abs(low), 1e-300) if np.isfinite(low + high) else 0.0
                )
                moved[each] = max(moved.get(each, 0.0), float(change))
    assert not [name for name, change in moved.items() if change < 1e-4]
