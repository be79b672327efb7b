"""Specification trees: leaves with units and ranges, substituted by dotted names."""

import dataclasses
import pickle
from typing import Annotated

import numpy as np
import pytest

from models import quantity
from models.lander import Lander
from models.quantity import Numeric


@dataclasses.dataclass(frozen=True)
class Cell(quantity.Specification):
    voltage: Annotated[Numeric, "V", (0.0, 5.0)] = 3.7


@dataclasses.dataclass(frozen=True)
class Pack:
    cell: Cell = dataclasses.field(default_factory=Cell)
    cells: Annotated[Numeric, "-", (1.0, 1e6)] = 10.0


def power(pack):
    return {"power": pack.cell.voltage * pack.cells}


def test_flatten_and_substitute_are_inverse():
    changed = quantity.substitute(Pack(), {"cell.voltage": 3.5, "cells": 12.0})
    assert quantity.flatten(changed) == {"cell.voltage": 3.5, "cells": 12.0}
    assert quantity.flatten(Pack()) == {"cell.voltage": 3.7, "cells": 10.0}


def test_a_scalar_out_of_range_raises_with_field_value_and_range():
    with pytest.raises(ValueError, match=r"Cell.voltage = 7 V is outside \[0, 5\] V"):
        quantity.substitute(Pack(), {"cell.voltage": 7.0})
    with pytest.raises(ValueError, match="expected a number in V"):
        Cell("high")


def test_a_row_out_of_range_is_marked_and_does_not_raise():
    pack = quantity.substitute(Pack(), {"cell.voltage": np.array([3.0, 9.0, np.nan])})
    assert quantity.out_of_range(pack, 3).tolist() == [False, True, True]


def test_an_unknown_path_names_the_nearest():
    with pytest.raises(KeyError, match=r"did you mean 'cell.voltage'"):
        quantity.substitute(Pack(), {"cell.volt": 1.0})


def test_rows_are_taken_from_every_array_leaf():
    pack = quantity.substitute(Pack(), {"cell.voltage": np.array([1.0, 2.0, 3.0])})
    assert quantity.take(pack, np.array([2, 0])).cell.voltage.tolist() == [3.0, 1.0]
    assert quantity.rows(pack) == 3
    with pytest.raises(ValueError, match="different lengths"):
        quantity.rows(quantity.substitute(pack, {"cells": np.ones(2)}))


def test_a_columnar_model_travels_to_other_processes():
    model = pickle.loads(pickle.dumps(quantity.columnar(power, Pack())))
    assert model({"cell.voltage": np.array([1.0, 2.0])})["power"].tolist() == [10.0, 20.0]


def test_every_leaf_of_a_lander_has_a_unit():
    leaves = quantity.units(Lander())
    assert len(leaves) > 100
    assert all(leaf.unit for leaf in leaves.values())
