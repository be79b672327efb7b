"""Measured cells add up over runs in pieces, and methods are compared on the plans that they share."""

from __future__ import annotations

import pytest

from tests.benchmarks import cells
from tests.benchmarks.cells import Cell, Key


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "STORE", tmp_path / "cells.jsonl")


def cell(error, seconds=1.0):
    return Cell(error, 0.9, seconds, "library 1.0")


def test_what_is_kept_is_found_again_and_the_later_counts():
    key = Key("kink", 100, 3, "ours")
    cells.keep(key, cell(0.1))
    cells.keep(key, cell(0.2))
    assert cells.load() == {key: cell(0.2)}


def test_a_forgotten_method_leaves_the_others():
    for who in ("ours", "theirs"):
        cells.keep(Key("kink", 100, 0, who), cell(0.1))
    cells.forget("ours")
    assert [key.who for key in cells.load()] == ["theirs"]


def test_only_missing_cells_are_measured():
    fitted = []

    def fit(function, x, y):
        fitted.append((function.name, len(x)))
        return (lambda points: (0.0 * points[:, 0] + y.mean(), None)), "mean"

    wanted = [Key("kink", n, 0, "mean") for n in (10, 20)]
    cells.fill(wanted[:1], {"mean": fit}, 1e9)
    cells.fill(wanted, {"mean": fit}, 1e9)
    cells.fill([Key("kink", 30, 0, "mean")], {"mean": fit}, -1.0)
    assert fitted == [("kink", 10), ("kink", 20)]
    found = cells.load()[wanted[1]]
    assert found.error == pytest.approx(1.0, abs=0.1)
    assert found.covered is None


def test_errors_are_compared_on_shared_plans_and_above_a_floor():
    for seed, error in enumerate((0.1, 0.2, 0.9)):
        cells.keep(Key("kink", 100, seed, "ours"), cell(error))
    for seed, error in ((0, 0.4), (1, 0.6), (7, 1e-9)):
        cells.keep(Key("kink", 100, seed, "theirs"), cell(error))
    pairs = cells.paired(cells.load(), "kink", 100, "ours", "theirs")
    assert cells.ratio(pairs) == pytest.approx(0.15 / 0.5)
    assert cells.ratio([(cell(1e-9), cell(2e-6))]) == pytest.approx(0.5)
    lines = cells.table(cells.load(), "ours", ["theirs"])
    assert "geometric mean 0.300" in lines[-1]
    assert any(line.startswith("| kink | 100 | 2.0e-01 (3) | 0.90 | 1.00 | 5.0e-01 (2) |") for line in lines)
