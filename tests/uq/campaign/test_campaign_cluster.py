"""A campaign on a real Dask scheduler with real workers, on loopback, and what may befall them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import campaign_models as models
import cloudpickle
import numpy as np
import psutil
import pytest
from campaign_models import problem

from uq import campaign
from uq.campaign.executors import WorkerError
from uq.core.dataset import LOST, RAISED, TIMED_OUT, Dataset
from uq.sampling.plans import sobol_sequence

distributed = pytest.importorskip("distributed")
import dask  # noqa: E402

from uq.campaign.dask import _by_value, check_address  # noqa: E402

ROOT = Path(__file__).parents[3]
HERE = ROOT / "tests"
PATHS = os.pathsep.join([str(ROOT), str(HERE)])


def same(a: Dataset, b: Dataset) -> bool:
    return all(u.tobytes() == v.tobytes() for u, v in ((a.x, b.x), (a.y, b.y), (a.status, b.status)))


class Scheduler:
    """A scheduler and its workers as processes of their own."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []
        command = [
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
        ]
        self.scheduler = self._start(command, PATHS)
        assert self.scheduler.stderr is not None
        for line in self.scheduler.stderr:
            if "Scheduler at:" in line:
                self.address = line.split()[-1]
                break
        threading.Thread(target=self.scheduler.stderr.read, daemon=True).start()

    def _start(self, command: list[str], path: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, *command], stderr=subprocess.PIPE, text=True, env=environment, cwd="/"
        )
        self.processes.append(process)
        return process

    def worker(self, path: str = PATHS) -> subprocess.Popen[str]:
        """One more worker, whose nanny starts it anew when it dies."""
        options = ["--nthreads", "1", "--no-dashboard", "--local-directory", "/tmp", "--memory-limit", "0"]
        process = self._start(["-m", "distributed.cli.dask_worker", self.address, *options], path)
        assert process.stderr is not None
        threading.Thread(target=process.stderr.read, daemon=True).start()
        return process

    def end(self) -> None:
        for process in self.processes:
            for child in (
                psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            ):
                child.kill()
            process.kill()
            process.wait(timeout=30)


@contextmanager
def cluster(workers: int) -> Iterator[Scheduler]:
    scheduler = Scheduler()
    try:
        for _ in range(workers):
            scheduler.worker()
        with distributed.Client(scheduler.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield scheduler
    finally:
        scheduler.end()


@pytest.fixture(scope="module")
def two() -> Iterator[Scheduler]:
    with cluster(2) as scheduler:
        yield scheduler


@pytest.mark.slow
def test_a_cluster_gives_the_same_bits(two: Scheduler, tmp_path: Path) -> None:
    plan = sobol_sequence(600, 5, seed=1)
    reference = campaign.run(problem(models.smooth), plan)
    assert same(campaign.run(problem(models.smooth), plan, scheduler=two.address, store=tmp_path), reference)
    assert same(Dataset.load(tmp_path), reference)


@pytest.mark.slow
def test_guilty_samples_are_isolated_and_workers_survive_them(two: Scheduler) -> None:
    plan = sobol_sequence(300, 5, seed=1)
    reference = campaign.run(problem(models.smooth), plan)
    data = campaign.run(problem(models.calamity), plan, scheduler=two.address, time_limit=1.5)
    x0, x2 = reference["x0"], reference["x2"]
    expected = np.where(models.deadly(x0), LOST, np.where(models.endless(x0), TIMED_OUT, 0))
    expected = np.where(models.unlucky(x2), RAISED, expected)
    assert np.array_equal(data.status, expected)
    assert np.array_equal(data.y[expected == 0], reference.y[expected == 0])


@pytest.mark.slow
def test_a_cluster_object_and_a_client_serve_as_well_as_an_address() -> None:
    plan = sobol_sequence(100, 5, seed=1)
    reference = campaign.run(problem(models.smooth), plan)
    options = {
        "n_workers": 1,
        "threads_per_worker": 2,
        "dashboard_address": "127.0.0.1:0",
        "host": "127.0.0.1",
    }
    with distributed.LocalCluster(**options) as local:
        assert same(campaign.run(problem(models.smooth), plan, scheduler=local), reference)
        with distributed.Client(local) as client:
            assert same(campaign.run(problem(models.smooth), plan, scheduler=client), reference)
            assert client.status == "running"


@pytest.mark.slow
def test_killed_workers_cost_no_sample(two: Scheduler, tmp_path: Path) -> None:
    plan = sobol_sequence(1000, 5, seed=1)
    kills: list[int] = []
    over = threading.Event()
    random = np.random.default_rng(1)

    def killer() -> None:
        while not over.wait(random.uniform(2.0, 4.0)) and len(kills) < 5:
            nannies = two.processes[1:]
            for child in psutil.Process(nannies[len(kills) % len(nannies)].pid).children():
                with contextlib.suppress(psutil.Error):  # one that died before has no command line
                    if "spawn_main" in " ".join(child.cmdline()):
                        child.kill()
                        kills.append(child.pid)
                        break

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        data = campaign.run(problem(models.Slow(0.03, 16)), plan, scheduler=two.address, store=tmp_path)
    finally:
        over.set()
        thread.join(timeout=30)
    assert len(kills) >= 3
    assert same(data, campaign.run(problem(models.Slow(0.0, 16)), plan))


@pytest.mark.slow
def test_a_killed_scheduler_is_a_clear_error_and_nothing_is_lost(tmp_path: Path) -> None:
    plan = sobol_sequence(1000, 5, seed=1)
    asked = problem(models.Slow(0.01, 16))
    with cluster(2) as doomed:
        killed = []

        def kill(progress: campaign.Progress) -> None:
            if progress.done > 100 and not killed:
                doomed.scheduler.send_signal(signal.SIGKILL)
                killed.append(True)

        with pytest.raises(campaign.ClusterLost, match=r"scheduler is gone.*run the same call again"):
            campaign.run(asked, plan, scheduler=doomed.address, store=tmp_path, progress=kill)
    kept = len(Dataset.load(tmp_path))
    assert 100 < kept < 1000
    begun = []
    data = campaign.run(problem(models.Slow(0.01, 16)), plan, store=tmp_path, progress=begun.append)
    assert begun[0].done == kept
    assert same(data, campaign.run(problem(models.Slow(0.0, 16)), plan))


@pytest.mark.slow
def test_the_loss_of_all_workers_is_said_and_nothing_is_lost(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("uq.campaign.dask._QUEUE_LIMIT", 5.0)
    plan = sobol_sequence(1000, 5, seed=1)
    waits: list[str] = []
    with cluster(1) as doomed:

        def kill(progress: campaign.Progress) -> None:
            waits.extend([progress.waiting] if progress.waiting else [])
            if progress.done > 100:
                for worker in doomed.processes[1:]:
                    for process in (*psutil.Process(worker.pid).children(), worker):
                        process.kill()
                doomed.processes[1:] = []

        with pytest.raises(campaign.ClusterLost, match=r"no worker for 5 s.*run the same call again"):
            campaign.run(
                problem(models.Slow(0.01, 16)), plan, scheduler=doomed.address, store=tmp_path, progress=kill
            )
    assert waits == ["no worker on the cluster; waiting 5 s for one"]
    assert 100 < len(Dataset.load(tmp_path)) < 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("paths", "complaint"),
    [
        ([ROOT], r"cannot load the model: ModuleNotFoundError.*campaign_models"),
        ([HERE], r"cannot import this package: ModuleNotFoundError"),
    ],
)
def test_a_worker_without_the_modules_is_a_clear_error(paths: list[Path], complaint: str) -> None:
    scheduler = Scheduler()
    try:
        scheduler.worker(os.pathsep.join(map(str, paths)))
        with distributed.Client(scheduler.address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        with pytest.raises(WorkerError, match=complaint):
            campaign.run(problem(models.smooth), sobol_sequence(100, 5, seed=1), scheduler=scheduler.address)
    finally:
        scheduler.end()


@pytest.mark.slow
def test_a_worker_with_another_version_of_the_model_is_a_clear_error(tmp_path: Path) -> None:
    text = (HERE / "campaign_models.py").read_text()
    (tmp_path / "campaign_models.py").write_text(text.replace("** 1.3", "** 1.4"))
    scheduler = Scheduler()
    try:
        scheduler.worker(os.pathsep.join([str(ROOT), str(tmp_path)]))
        with distributed.Client(scheduler.address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        with pytest.raises(WorkerError, match="another version of the model"):
            campaign.run(problem(models.smooth), sobol_sequence(100, 5, seed=1), scheduler=scheduler.address)
    finally:
        scheduler.end()


def test_a_cluster_without_workers_says_that_it_waits_and_gives_up(monkeypatch) -> None:
    for name, seconds in (("_QUEUE_LIMIT", 1.0), ("_NOTICE", 0.3), ("_RECOUNT", 0.1)):
        monkeypatch.setattr(f"uq.campaign.dask.{name}", seconds)
    seen: list[campaign.Progress] = []
    plan = sobol_sequence(10, 5, seed=1)
    options = {"n_workers": 0, "processes": False, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options) as empty,
        pytest.raises(campaign.ClusterLost, match="has had no worker for 1 s at 0 of 10 samples"),
    ):
        campaign.run(problem(models.smooth), plan, scheduler=empty, progress=seen.append)
    waits = [p.seconds for p in seen if p.waiting == "no worker on the cluster; waiting 1 s for one"]
    assert len(waits) >= 2
    assert np.diff(waits).min() >= 0.29


def test_a_worker_without_the_package_can_read_what_it_is_sent(monkeypatch) -> None:
    sent = cloudpickle.dumps(_by_value())
    for name in ("uq", "uq.campaign", "uq.campaign.dask"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match="uq"):
        cloudpickle.loads(sent)(b"", "", b"", None, "")


def test_workers_that_are_paused_are_none_and_it_is_said(monkeypatch, caplog) -> None:
    for name, seconds in (("_QUEUE_LIMIT", 1.0), ("_NOTICE", 0.3), ("_RECOUNT", 0.1)):
        monkeypatch.setattr(f"uq.campaign.dask.{name}", seconds)
    options = {"n_workers": 1, "processes": False, "dashboard_address": None, "memory_limit": 0}
    with distributed.LocalCluster(**options) as local:
        local.workers[0].status = distributed.Status.paused
        with pytest.raises(
            campaign.ClusterLost,
            match=r"no worker that takes work \(all are paused\) for 1 s at 0 of 10 samples",
        ):
            campaign.run(problem(models.smooth), sobol_sequence(10, 5, seed=1), scheduler=local)
    said = [record.message for record in caplog.records if record.name == "uq"]
    assert set(said) == {"no worker that takes work (all are paused) on the cluster; waiting 1 s for one"}


def test_a_scheduler_that_never_answers_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr("uq.campaign.dask._ANSWER_LIMIT", 0.2)
    options = {"n_workers": 0, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(**options) as local, distributed.Client(local) as client:
        monkeypatch.setattr(client, "scheduler_info", lambda **_: time.sleep(5.0))
        with pytest.raises(campaign.ClusterLost, match="has not answered for 0 s"):
            campaign.run(problem(models.smooth), sobol_sequence(10, 5, seed=1), scheduler=client)


def test_no_scheduler_is_a_clear_error() -> None:
    with pytest.raises(WorkerError, match="no Dask scheduler answers at tcp://127"):
        campaign.run(problem(models.smooth), sobol_sequence(10, 5, seed=1), scheduler="tcp://127.0.0.1:9")


def test_plain_addresses_beyond_this_machine_are_refused() -> None:
    for address in (
        "tcp://127.0.0.1:8786",
        "localhost:8786",
        "tcp://[::1]:1",
    ):
        check_address(address)
    with dask.config.set(
        {"distributed.comm.tls.ca-file": "ca.pem", "distributed.comm.tls.client.cert": "cert.pem"}
    ):
        check_address("tls://cluster.example.org:8786")
    for address in ("tcp://10.0.0.1:8786", "cluster.example.org:8786"):
        with pytest.raises(ValueError, match="tls://"):
            check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "tls://head",
        "localhost",
        "tcp://localhost",
        "",
        "http://localhost:1",
        "tcp://localhost:x",
        "tcp://a\n:1",
    ],
)
def test_what_is_no_address_is_wrong_use_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="tls://HOST:PORT") as refused:
        check_address(address)
    assert str(refused.value).isprintable()


def test_tls_without_certificates_says_which_are_missing() -> None:
    with pytest.raises(ValueError, match="certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
        check_address("tls://cluster.example.org:8786")
