"""A campaign ends with the same bits, however it was run."""

from __future__ import annotations

from pathlib import Path

import campaign_models as models
import numpy as np
import pytest

from uq import campaign, failures
from uq.campaign import schedule
from uq.core.dataset import INVALID, NOT_FINITE, RAISED, Dataset
from uq.core.storage.atomic_files import StoreError
from uq.sampling.plans import sobol_sequence


@pytest.fixture(scope="module")
def reference() -> Dataset:
    return campaign.run(models.problem(models.smooth), sobol_sequence(600, 5, seed=1))


def same(a: Dataset, b: Dataset) -> bool:
    return all(u.tobytes() == v.tobytes() for u, v in ((a.x, b.x), (a.y, b.y), (a.status, b.status)))


def test_workers_and_store_do_not_change_a_bit(reference: Dataset, tmp_path: Path) -> None:
    data = campaign.run(
        models.problem(models.smooth), sobol_sequence(600, 5, seed=1), store=tmp_path, workers=2
    )
    assert same(data, reference)
    assert same(Dataset.load(tmp_path), reference)


def test_a_longer_plan_runs_only_its_new_points(reference: Dataset, tmp_path: Path) -> None:
    problem = models.problem(models.smooth)
    campaign.run(problem, sobol_sequence(300, 5, seed=1), store=tmp_path)
    counts = []
    data = campaign.run(problem, sobol_sequence(600, 5, seed=1), store=tmp_path, progress=counts.append)
    assert counts[0].done == counts[0].stored == 300
    assert same(data, reference)


def test_a_shorter_plan_is_read_from_the_store(reference: Dataset, tmp_path: Path) -> None:
    problem = models.problem(models.smooth)
    campaign.run(problem, sobol_sequence(600, 5, seed=1), store=tmp_path)
    data = campaign.run(problem, sobol_sequence(200, 5, seed=1), store=tmp_path)
    assert same(data, reference.where(np.arange(200)))
    assert len(Dataset.load(tmp_path)) == 600


def test_another_seed_law_or_model_is_refused(tmp_path: Path) -> None:
    problem = models.problem(models.smooth)
    campaign.run(problem, sobol_sequence(300, 5, seed=1), store=tmp_path)
    with pytest.raises(StoreError, match="another plan"):
        campaign.run(problem, sobol_sequence(300, 5, seed=2), store=tmp_path)
    with pytest.raises(StoreError, match="model"):
        campaign.run(problem.with_model(models.raising), sobol_sequence(300, 5, seed=1), store=tmp_path)
    other = problem.replace({"x0": problem.inputs[1].distribution})
    with pytest.raises(StoreError, match="inputs"):
        campaign.run(other, sobol_sequence(300, 5, seed=1), store=tmp_path)


def test_guilty_samples_fail_and_the_others_do_not_notice(reference: Dataset) -> None:
    data = campaign.run(models.problem(models.raising), sobol_sequence(600, 5, seed=1))
    guilty = models.unlucky(reference["x0"])
    assert guilty.sum() > 5
    assert np.array_equal(data.status == RAISED, guilty)
    assert np.array_equal(data.y[~guilty], reference.y[~guilty])


def test_many_small_parts_are_merged_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "TASK_ROWS", 2)
    plan = sobol_sequence(700, 5, seed=1)
    asked = models.problem(models.Slow(0.0, 1))
    most = []
    data = campaign.run(
        asked, plan, store=tmp_path, progress=lambda p: most.append(len(list(tmp_path.iterdir())))
    )
    assert 256 <= max(most) < 300
    assert len(list(tmp_path.glob("samples-*"))) < 150
    assert same(Dataset.load(tmp_path), data)
    assert same(campaign.run(asked, plan, store=tmp_path), data)


def test_samples_do_not_depend_on_the_length_of_the_plan(reference: Dataset) -> None:
    for size in (1, 255, 257, 513):
        data = campaign.run(models.problem(models.smooth), sobol_sequence(size, 5, seed=1))
        assert same(data, reference.where(np.arange(size)))


def test_dependent_inputs_give_the_same_bits_in_any_company(tmp_path: Path) -> None:
    correlation = np.eye(5)
    correlation[0, 1] = correlation[1, 0] = 0.6
    asked = models.problem(models.smooth, correlation=correlation)
    whole = campaign.run(asked, sobol_sequence(5000, 5, seed=1))
    campaign.run(asked, sobol_sequence(300, 5, seed=1), store=tmp_path)
    campaign.run(asked, sobol_sequence(4500, 5, seed=1), store=tmp_path, workers=2)
    assert same(campaign.run(asked, sobol_sequence(5000, 5, seed=1), store=tmp_path), whole)


@pytest.mark.parametrize("block", [1, 7, 100, 5000])
def test_any_block_is_one(block: int, reference: Dataset) -> None:
    data = campaign.run(models.problem(models.Slow(0.0, block)), sobol_sequence(600, 5, seed=1))
    assert np.array_equal(data.x, reference.x)
    assert np.allclose(data.y, reference.y, rtol=1e-12)


def test_wrong_calls_are_refused_at_once() -> None:
    asked, plan = models.problem(models.smooth), sobol_sequence(8, 5, seed=1)
    with pytest.raises(ValueError, match="has no model"):
        campaign.run(models.problem(None), plan)
    with pytest.raises(ValueError, match="4 columns, the problem 5 inputs"):
        campaign.run(asked, sobol_sequence(8, 4, seed=1))
    with pytest.raises(ValueError, match="at least 1"):
        campaign.run(asked, plan, workers=0)
    with pytest.raises(ValueError, match="not both"):
        campaign.run(asked, plan, workers=2, scheduler="tcp://127.0.0.1:8786")
    with pytest.raises(ValueError, match="plan is a ndarray; give one of"):
        campaign.run(asked, plan.unit)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="block must be positive"):
        campaign.run(models.problem(models.Slow(0.0, 0)), plan)
    for limit in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="positive number of seconds"):
            campaign.run(asked, plan, time_limit=limit)
    for wrong in ({"retries": -1}, {"max_failures": 1.5}, {"max_failures": float("nan")}):
        with pytest.raises(ValueError, match="a share in"):
            campaign.run(asked, plan, **wrong)


def test_a_finished_campaign_of_failures_names_the_commonest(tmp_path: Path) -> None:
    asked = models.problem(models.always_raising)
    data = campaign.run(asked, sobol_sequence(20, 5, seed=1), store=tmp_path / "store")
    (message,) = data.provenance["failures"]
    assert message.startswith("ValueError: always")
    assert data.provenance["failures"][message] == 20
    for shown in (data, Dataset.load(tmp_path / "store")):
        assert f"20 raised: {message})" in repr(shown)
        assert f"most often: {message}" in str(failures(shown))


@pytest.mark.parametrize(
    ("model", "status"),
    [
        (models.not_a_number, NOT_FINITE),
        (models.infinite, NOT_FINITE),
        (models.complex_values, INVALID),
        (models.text, INVALID),
        (models.masked, NOT_FINITE),
        (models.half_a_status, INVALID),
        (models.wrong_shape, INVALID),
        (models.missing_column, INVALID),
        (models.leaving, RAISED),
    ],
)
def test_every_bad_result_has_its_status(model, status: int) -> None:
    data = campaign.run(models.problem(model), sobol_sequence(64, 5, seed=1), max_failures=1.0)
    assert (data.status == status).all()
