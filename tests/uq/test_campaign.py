"""A campaign ends with the same bits, however it was run."""

from __future__ import annotations

from pathlib import Path

import campaign_models as models
import numpy as np
import pytest

from uq import campaign
from uq.dataset import INVALID, NOT_FINITE, RAISED, Dataset
from uq.sampling import sobol
from uq.store import StoreError


@pytest.fixture(scope="module")
def reference() -> Dataset:
    return campaign.run(models.problem(models.smooth), sobol(600, 5, seed=1))


def same(a: Dataset, b: Dataset) -> bool:
    return all(u.tobytes() == v.tobytes() for u, v in ((a.x, b.x), (a.y, b.y), (a.status, b.status)))


def test_workers_and_store_do_not_change_a_bit(reference: Dataset, tmp_path: Path) -> None:
    data = campaign.run(models.problem(models.smooth), sobol(600, 5, seed=1), store=tmp_path, workers=2)
    assert same(data, reference)
    assert same(Dataset.load(tmp_path), reference)


def test_a_longer_plan_runs_only_its_new_points(reference: Dataset, tmp_path: Path) -> None:
    problem = models.problem(models.smooth)
    campaign.run(problem, sobol(300, 5, seed=1), store=tmp_path)
    counts = []
    data = campaign.run(problem, sobol(600, 5, seed=1), store=tmp_path, progress=counts.append)
    assert counts[0].done == counts[0].stored == 300
    assert same(data, reference)


def test_a_shorter_plan_is_read_from_the_store(reference: Dataset, tmp_path: Path) -> None:
    problem = models.problem(models.smooth)
    campaign.run(problem, sobol(600, 5, seed=1), store=tmp_path)
    data = campaign.run(problem, sobol(200, 5, seed=1), store=tmp_path)
    assert same(data, reference.where(np.arange(200)))
    assert len(Dataset.load(tmp_path)) == 600


def test_another_seed_law_or_model_is_refused(tmp_path: Path) -> None:
    problem = models.problem(models.smooth)
    campaign.run(problem, sobol(300, 5, seed=1), store=tmp_path)
    with pytest.raises(StoreError, match="another plan"):
        campaign.run(problem, sobol(300, 5, seed=2), store=tmp_path)
    with pytest.raises(StoreError, match="model"):
        campaign.run(problem.with_model(models.raising), sobol(300, 5, seed=1), store=tmp_path)
    other = problem.replace({"x0": problem.inputs[1].distribution})
    with pytest.raises(StoreError, match="inputs"):
        campaign.run(other, sobol(300, 5, seed=1), store=tmp_path)


def test_guilty_samples_fail_and_the_others_do_not_notice(reference: Dataset) -> None:
    data = campaign.run(models.problem(models.raising), sobol(600, 5, seed=1))
    guilty = models.unlucky(reference["x0"])
    assert guilty.sum() > 5
    assert np.array_equal(data.status == RAISED, guilty)
    assert np.array_equal(data.y[~guilty], reference.y[~guilty])


@pytest.mark.parametrize(
    ("model", "status"),
    [
        (models.not_a_number, NOT_FINITE),
        (models.infinite, NOT_FINITE),
        (models.complex_values, INVALID),
        (models.text, INVALID),
        (models.wrong_shape, INVALID),
        (models.missing_column, INVALID),
        (models.leaving, RAISED),
    ],
)
def test_every_bad_result_has_its_status(model, status: int) -> None:
    data = campaign.run(models.problem(model), sobol(64, 5, seed=1), most_failures=1.0)
    assert (data.status == status).all()
