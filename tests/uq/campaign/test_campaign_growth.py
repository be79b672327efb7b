"""Campaigns that stop when they are sure, say how far they are, and say where they fail."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import campaign_models as models
import numpy as np
import pytest
from campaign_models import problem
from rich.console import Console

from uq import campaign
from uq.campaign.failure_counts import failures
from uq.campaign.runner import Progress
from uq.campaign.sequential import grow
from uq.core.dataset import Dataset
from uq.report.terminal import campaign_bar
from uq.sampling.plans import latin_hypercube, sobol_sequence


def mean_of_a(data: Dataset) -> tuple[float, float]:
    """The mean of output a with four standard errors, as if the points were random."""
    error = 4.0 * data["a"].std() / np.sqrt(len(data))
    return float(data["a"].mean() - error), float(data["a"].mean() + error)


def test_growth_stops_when_the_interval_is_narrow_enough_and_says_what_it_spent() -> None:
    asked = problem(models.smooth)
    growth = grow(
        asked, lambda n: sobol_sequence(n, 5, seed=1), interval=mean_of_a, width=2.0, start=64, max_runs=8192
    )
    widths = [b.interval[1] - b.interval[0] for b in growth.batches]
    assert growth.converged
    assert widths[-1] <= 2.0 < widths[-2]
    assert [b.samples for b in growth.batches] == [64 * 2**k for k in range(len(widths))]
    assert growth.spent == len(growth.data) == growth.batches[-1].samples
    fresh = campaign.run(asked, sobol_sequence(growth.spent, 5, seed=1))
    assert fresh.y.tobytes() == growth.data.y.tobytes()
    assert "converged: asked for a width of 2" in str(growth)


def test_growth_runs_no_sample_twice(tmp_path: Path) -> None:
    runs = []

    def counting(columns):
        runs.append(len(columns["x0"]))
        return models.smooth(columns)

    counting.block = 64
    asked = problem(counting, version="1")
    growth = grow(
        asked,
        lambda n: sobol_sequence(n, 5, seed=1),
        interval=mean_of_a,
        width=1e-9,
        start=64,
        max_runs=512,
        store=tmp_path,
    )
    assert not growth.converged
    assert runs[:3] == [
        64,
        64,
        3,
    ]  # the first block twice and three of its rows alone, to see that it says the same
    assert growth.spent == 64 + sum(runs[3:]) == 512
    assert str(growth).endswith("not converged: asked for a width of 1e-09")


def test_stopped_growth_without_a_store_keeps_its_samples_and_says_where(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    runs = []

    def stopping(columns):
        runs.append(len(columns["x0"]))
        if len(runs) == 6:  # the first block was run twice and in part, to see that it says the same
            raise KeyboardInterrupt
        return models.smooth(columns)

    stopping.block = 64
    asked = problem(stopping, version="1")

    def grown(**options):
        return grow(
            asked,
            lambda n: sobol_sequence(n, 5, seed=1),
            interval=mean_of_a,
            width=1e-9,
            start=64,
            max_runs=512,
            **options,
        )

    with pytest.raises(campaign.Interrupted) as stopped:
        grown()
    (folder,) = tmp_path.iterdir()
    assert f"give store={str(folder)!r} to go on" in str(stopped.value)
    assert len(Dataset.load(folder)) == 3 * 64
    assert grown(store=folder).spent == 512
    assert sum(runs) == 512 + 64 + 3 + 64  # the first one with three rows alone, and the one that was stopped
    grown()
    assert list(tmp_path.iterdir()) == [folder]


def test_plans_that_do_not_extend_are_refused() -> None:
    asked = problem(models.smooth)
    with pytest.raises(ValueError, match="does not begin with the plan before it"):
        grow(
            asked,
            lambda n: latin_hypercube(n, 5, seed=1),
            interval=mean_of_a,
            width=0.1,
            start=64,
            max_runs=128,
        )
    with pytest.raises(ValueError, match="width > 0"):
        grow(
            asked,
            lambda n: sobol_sequence(n, 5, seed=1),
            interval=mean_of_a,
            width=0.0,
            start=64,
            max_runs=128,
        )


def test_failures_are_counted_and_their_input_is_named() -> None:
    data = campaign.run(problem(models.raising), sobol_sequence(2000, 5, seed=1))
    found = failures(data)
    share = models.unlucky(data["x0"]).mean()
    assert found.share == share
    assert found.interval[0] < 0.02 < found.interval[1]
    assert found.clusters[0].input == "x0"
    assert found.clusters[0].probability < 1e-6
    assert all(c.probability > 0.01 for c in found.clusters[1:])
    assert 1.185 <= found.clusters[0].low < found.clusters[0].high <= 1.215
    assert "raised: 40" in str(found)
    assert "clustered in x0" in str(found)


def test_failures_by_chance_alone_are_called_so() -> None:
    data = campaign.run(problem(models.smooth), sobol_sequence(2000, 5, seed=1))
    rows = np.random.default_rng(1).random(2000) < 0.05
    assert "spread over the inputs as chance would have it" in str(failures(data, rows))


def test_failures_keep_their_false_alarms_below_the_stated_rate() -> None:
    data = campaign.run(problem(models.smooth), sobol_sequence(400, 5, seed=1))
    random = np.random.default_rng(2)
    alarms = [
        min(c.probability for c in failures(data, random.random(400) < 0.1).clusters) < 0.05
        for _ in range(400)
    ]
    assert np.mean(alarms) < 0.05 + 4.0 * np.sqrt(0.05 * 0.95 / 400)


def test_no_failures_give_a_bound_and_no_clusters() -> None:
    data = campaign.run(problem(models.smooth), sobol_sequence(100, 5, seed=1))
    found = failures(data)
    assert (found.share, found.interval[0], found.clusters) == (0.0, 0.0, ())
    assert found.interval[1] == pytest.approx(1.0 - 0.025 ** (1 / 100))


def test_progress_counts_up_to_the_whole() -> None:
    seen: list[Progress] = []
    campaign.run(problem(models.raising), sobol_sequence(600, 5, seed=1), progress=seen.append)
    done = [p.done for p in seen]
    assert done == sorted(done)
    assert (done[0], done[-1], seen[-1].total) == (0, 600, 600)
    assert (seen[-1].remaining, seen[0].rate) == (0.0, 0.0)
    assert seen[-1].rate == pytest.approx(600 / seen[-1].seconds)


def test_the_bar_is_silent_where_there_is_no_terminal() -> None:
    screen = io.StringIO()
    with campaign_bar(console=Console(file=screen)) as progress:
        campaign.run(problem(models.smooth), sobol_sequence(600, 5, seed=1), progress=progress)
    assert screen.getvalue() == ""


def test_the_bar_shows_samples_rate_and_failures_on_a_terminal() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    with campaign_bar("baseline", console=console) as progress:
        campaign.run(problem(models.raising), sobol_sequence(600, 5, seed=1), progress=progress)
    shown = screen.getvalue()
    assert "baseline" in shown
    assert "600/600" in shown
    assert "failed" in shown
    assert "/s" in shown
