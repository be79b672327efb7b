"""A dataset knows its columns, and comes back from disk as it went."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from campaign_models import problem, smooth

from uq import Input, Output, Problem, Uniform, campaign
from uq.core.dataset import LOST, RAISED, TIMED_OUT, Dataset, evaluate
from uq.core.storage.atomic_files import StoreError
from uq.sampling.plans import saltelli, sobol_sequence


@pytest.fixture
def data() -> Dataset:
    asked = problem(smooth, statuses={3: "too heavy"})
    return evaluate(asked, asked.physical(sobol_sequence(20, 5, seed=1).unit))


def test_a_saved_dataset_comes_back_to_the_bit(data: Dataset, tmp_path: Path) -> None:
    data.save(tmp_path)
    back = Dataset.load(tmp_path)
    assert (back.x.tobytes(), back.y.tobytes()) == (data.x.tobytes(), data.y.tobytes())
    assert back.problem.inputs == data.problem.inputs
    assert back.problem.outputs == data.problem.outputs
    assert back.problem.statuses == {3: "too heavy"}
    assert back.problem.model is None


def test_saving_again_leaves_the_later_data_only(data: Dataset, tmp_path: Path) -> None:
    data.save(tmp_path)
    data.where(np.arange(5)).save(tmp_path)
    assert len(Dataset.load(tmp_path)) == 5


def test_an_empty_dataset_can_be_saved(data: Dataset, tmp_path: Path) -> None:
    data.where(np.arange(0)).save(tmp_path)
    assert len(Dataset.load(tmp_path)) == 0


def test_a_campaign_is_not_overwritten_by_a_dataset(data: Dataset, tmp_path: Path) -> None:
    campaign.run(problem(smooth), sobol_sequence(8, 5, seed=1), store=tmp_path)
    with pytest.raises(StoreError, match="holds a campaign"):
        data.save(tmp_path)


def test_a_saved_dataset_is_not_taken_for_a_campaign(data: Dataset, tmp_path: Path) -> None:
    data.save(tmp_path)
    with pytest.raises(StoreError, match="saved dataset"):
        campaign.run(problem(smooth), sobol_sequence(8, 5, seed=1), store=tmp_path)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"manifest\.json"):
        Dataset.load(tmp_path)


def test_columns_are_found_by_name_and_rows_by_mask(data: Dataset) -> None:
    assert np.array_equal(data["x2"], data.x[:, 2])
    assert np.array_equal(data["b"], data.y[:, 1])
    assert len(data.where(data["x0"] > 1.0)) == (data["x0"] > 1.0).sum()
    with pytest.raises(KeyError, match="did you mean 'x2'"):
        data["x22"]


def test_statuses_are_counted_by_name(data: Dataset) -> None:
    status = np.zeros(20, dtype=np.int64)
    status[:6] = [RAISED, RAISED, TIMED_OUT, LOST, 3, 9]
    counted = Dataset(data.problem, data.x, data.y, status)
    expected = {"good": 14, "raised": 2, "timed out": 1, "lost its process": 1, "too heavy": 1, "status 9": 1}
    assert counted.counts() == expected
    assert counted.feasible.sum() == 14


def test_shapes_are_checked_at_birth(data: Dataset) -> None:
    with pytest.raises(ValueError, match=r"y has shape \(3, 2\), expected \(20, 2\)"):
        Dataset.from_arrays(data.x, data.y[:3], problem=data.problem)


def test_part_of_a_plan_is_not_called_the_plan(tmp_path: Path) -> None:
    asked = problem(smooth)
    plan = saltelli(128, 5, seed=1)
    campaign.run(asked, plan, store=tmp_path)
    assert Dataset.load(tmp_path).provenance["scheme"] == "saltelli"
    next(iter(tmp_path.glob("samples-*"))).unlink()
    assert Dataset.load(tmp_path).provenance["scheme"] == "part of saltelli"


def test_picked_rows_forget_the_groups_of_their_plan_and_all_rows_keep_them():
    details = {"base": 4, "replicates": 2, "second_order": False}
    plan = {"scheme": "saltelli", "seed": 1, "details": details}
    problem = Problem((Input("x", "1", Uniform(0.0, 1.0)),), (Output("y"),), version="1")
    data = Dataset.from_arrays(
        np.linspace(0.1, 0.9, 12)[:, None], np.arange(12.0), problem=problem, provenance=plan
    )
    assert data.where(np.ones(12, dtype=bool)).provenance == plan
    for rows in (np.arange(11), np.arange(12)[::-1], np.arange(12) != 5):
        assert data.where(rows).provenance == {**plan, "details": {"second_order": False}}
