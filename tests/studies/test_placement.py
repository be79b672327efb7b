"""The command line on a real Dask cluster on loopback: the same report, and one line where it cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studies import cli
from studies.case import load, problem
from studies.running import exit_codes
from uq import campaign
from uq.core.dataset import Dataset
from uq.sampling import sobol_sequence

ASKED = ("run", "mass-drivers", "--samples", "64", "--quiet", "--output")


def report(folder: Path) -> dict[str, bytes]:
    """Everything of a study's folder that may not depend on where it ran."""
    parts = [folder / "report.md", *folder.glob("tables/*.csv"), *folder.glob("figures/*.svg")]
    return {p.name: p.read_bytes() for p in parts}


SIZED = """
from studies.case import load, problem
from uq import evaluate
from uq.sampling import sobol_sequence
asked = problem(load("large"))
data = evaluate(asked, asked.physical(sobol_sequence(8, asked.dimension, seed=1).unit))
print(hashlib.sha256(data.y.tobytes()).hexdigest())
"""


def test_every_process_sizes_the_same_landers_to_the_bit() -> None:
    """Sums run over items in their order, never over sets, whose order is another in each process."""
    root = Path(__file__).parents[2]
    found = {
        subprocess.run(
            [sys.executable, "-c", "import hashlib" + SIZED],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_rows_of_the_sizing_model_are_the_same_bits_from_one_and_from_two_workers() -> None:
    """Three blocks, so that each process sizes what the other does not."""
    asked = problem(load("series3"), samples=16)
    plan = sobol_sequence(48, asked.dimension, seed=1)
    assert getattr(asked.model, "block", 0) == 16
    alone, together = (campaign.run(asked, plan, workers=workers) for workers in (1, 2))
    assert alone.feasible.any()
    assert together.y.tobytes() == alone.y.tobytes()
    assert together.status.tobytes() == alone.status.tobytes()


@pytest.mark.slow
def test_a_cluster_gives_the_report_that_this_machine_gives(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    options = {
        "n_workers": 2,
        "threads_per_worker": 1,
        "dashboard_address": "127.0.0.1:0",
        "host": "127.0.0.1",
    }
    ran = cli._guarded([*ASKED, str(tmp_path / "here"), "--backend", "serial"])
    with distributed.LocalCluster(**options) as cluster:
        address = cluster.scheduler_address
        there = cli._guarded([*ASKED, str(tmp_path / "there"), "--scheduler", address])
    own = cli._guarded([*ASKED, str(tmp_path / "own"), "--backend", "dask", "--workers", "1"])
    assert (ran, there, own) == (exit_codes.DONE,) * 3
    expected, samples = report(tmp_path / "here"), Dataset.load(tmp_path / "here" / "samples")
    assert len(expected) > 5
    for other in ("there", "own"):
        assert report(tmp_path / other) == expected
        assert Dataset.load(tmp_path / other / "samples").y.tobytes() == samples.y.tobytes()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--scheduler", "tcp://127.0.0.1:9"), ("no Dask scheduler answers",)),
        (("--scheduler", "tcp://192.0.2.1:8786"), ("tls://",)),
        (("--scheduler", "tls://cluster.example.org:1", "--backend", "local"), ("--backend local",)),
        (("--scheduler", "tls://127.0.0.1:8786"), ("tls needs certificates",)),
        (("--scheduler", "tcp://127.0.0.1"), ("HOST:PORT",)),
        (("--scheduler", "foo://x:1"), ("HOST:PORT",)),
        (("--backend", "ray"), ("--backend", "dask")),
    ],
)
def test_a_cluster_that_cannot_serve_costs_one_line(arguments, parts, tmp_path: Path, capsys) -> None:
    pytest.importorskip("distributed")
    code = cli._guarded([*ASKED, str(tmp_path / "out"), *arguments])
    out, err = capsys.readouterr()
    assert (code, out) == (exit_codes.WRONG_USE, "")
    assert err.count("\n") == 1
    for part in parts:
        assert part in err


def test_a_cluster_that_is_lost_counts_as_an_interruption(monkeypatch, capsys) -> None:
    from uq.campaign.runner import ClusterLost

    def lose() -> dict[str, str]:
        raise ClusterLost("the Dask scheduler is gone at 10 of 64 samples")

    monkeypatch.setattr(cli, "studies", lose)
    assert cli._guarded(["list"]) == exit_codes.INTERRUPTED
    assert "scheduler is gone" in capsys.readouterr().err


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "uq.campaign.dask", raising=False)
    for arguments in (("--backend", "dask"), ("--scheduler", "tcp://127.0.0.1:8786")):
        assert cli._guarded([*ASKED, str(tmp_path / "out"), *arguments]) == exit_codes.WRONG_USE
        assert "pip install '.[dask]'" in capsys.readouterr().err
