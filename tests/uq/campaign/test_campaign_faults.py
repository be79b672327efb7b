"""What may befall a campaign, done to it: no finished sample is lost, none is there twice, and the end is the same."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import campaign_models as models
import numpy as np
import psutil
import pytest
from campaign_models import problem

from uq import campaign
from uq.campaign import schedule
from uq.campaign.executors import WorkerError
from uq.campaign.external_programs import Single
from uq.campaign.processes import pack
from uq.core.dataset import LOST, RAISED, TIMED_OUT, Dataset
from uq.core.model import NamedModel
from uq.core.storage import store
from uq.core.storage.atomic_files import MANIFEST, StoreError
from uq.sampling.plans import sobol_sequence

DRIVER = str(Path(__file__).parents[2] / "campaign_driver.py")


def same(a: Dataset, b: Dataset) -> bool:
    return all(u.tobytes() == v.tobytes() for u, v in ((a.x, b.x), (a.y, b.y), (a.status, b.status)))


def places(samples: int, count: int) -> tuple[float, ...]:
    """The first input of some samples of the plan, well spread."""
    x0 = problem(models.smooth).physical(sobol_sequence(samples, 5, seed=1).unit)[:, 0]
    return tuple(x0[np.linspace(3, samples - 5, count).astype(int)])


def workers_of(driver: int) -> list[psutil.Process]:
    """Processes that run, or host, a model for a driver."""
    found = []
    for child in psutil.Process(driver).children(recursive=True):
        try:
            if "popen_loky" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run after five seconds; the dead that nobody has buried do not count."""
    _, left = psutil.wait_procs(processes, timeout=5)
    return [p for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def drive(
    folder: Path, samples: int, seconds: float, block: int, workers: int, **options
) -> subprocess.Popen:
    command = [sys.executable, DRIVER, str(folder), *map(str, (samples, seconds, block, workers))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


# -- models that misbehave -----------------------------------------------------------------------------------------


def test_killing_hanging_and_raising_samples_are_found_among_the_innocent() -> None:
    plan = sobol_sequence(300, 5, seed=1)
    reference = campaign.run(problem(models.smooth), plan)
    data = campaign.run(problem(models.calamity), plan, workers=2, time_limit=1.0)
    x0, x2 = reference["x0"], reference["x2"]
    raised, killed, hung = models.unlucky(x2), models.deadly(x0), models.endless(x0)
    expected = np.where(raised, RAISED, np.where(killed, LOST, np.where(hung, TIMED_OUT, 0)))
    assert min(raised.sum(), killed.sum(), hung.sum()) >= 1
    assert np.array_equal(data.status, expected)
    assert np.array_equal(data.y[expected == 0], reference.y[expected == 0])
    assert np.isnan(data.y[expected != 0]).all()


def test_failures_of_single_samples_come_with_their_message_and_inputs(tmp_path: Path) -> None:
    plan = sobol_sequence(100, 5, seed=1)
    data = campaign.run(problem(models.raising), plan, store=tmp_path)
    parts = [store.read_part(p, data.names, 5).samples for p in store.parts_in(tmp_path)]
    kept = store.join(parts)
    assert (data.status == RAISED).sum() == len(kept.messages) >= 1
    for index, message in kept.messages.items():
        assert message.startswith("ValueError: an unlucky sample (campaign_models.py:")
        assert models.unlucky(kept.x[index, 0])


def test_a_worker_starts_without_the_libraries_that_its_model_does_not_need() -> None:
    """They take half a second that every new process would pay."""
    heavy = ("scipy", "chaospy", "SALib", "sklearn", "pandas", "jinja2", "pyarrow")
    payload = pack(NamedModel(len, ("x0",), ("y",)))
    script = (
        "import pickle, sys, uq.campaign.worker\n"
        f"pickle.loads({payload!r})\n"
        f"print(sorted(set(sys.modules) & set({heavy!r})))"
    )
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_prints_are_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    campaign.run(problem(models.chatty), sobol_sequence(20, 5, seed=1), workers=2)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("model", "plain"),
    [
        (models.forking, models.smooth),
        (models.One(models.forking), models.One(models.smooth)),
        (Single(models.forking_one), Single(models.one)),
    ],
)
def test_a_model_that_forks_answers_once(tmp_path: Path, model, plain, workers: int) -> None:
    plan = sobol_sequence(200, 5, seed=1)
    counts: list[int] = []
    forked = campaign.run(
        problem(model), plan, workers=workers, store=tmp_path, progress=lambda p: counts.append(p.done)
    )
    expected = campaign.run(problem(plain), plan)
    assert same(forked, expected)
    assert counts == sorted(set(counts))
    assert sum(store.rows_of(part) for part in store.parts_in(tmp_path)) == 200


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("model", "said"),
    [
        (models.speechless, "Speechless: a Speechless that cannot be shown"),
        (models.cancelled, "CancelledError: by"),
    ],
)
def test_whatever_a_model_raises_is_a_failure(model: object, said: str, workers: int) -> None:
    data = campaign.run(problem(model), sobol_sequence(20, 5, seed=1), workers=workers, max_failures=1.0)
    assert (data.status == RAISED).all()
    assert next(iter(data.provenance["failures"])).startswith(said)


def test_a_model_that_overwrites_its_inputs_spoils_nothing() -> None:
    plan = sobol_sequence(20, 5, seed=1)
    spoilt = campaign.run(problem(models.mutating), plan)
    assert same(spoilt, campaign.run(problem(models.smooth), plan))


def test_a_script_may_define_its_model_and_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from uq import Input, Output, Problem, Uniform, campaign\n"
        "from uq.sampling import sobol_sequence\n"
        "def helper(x): return x ** FACTOR\n"
        "FACTOR = 2\n"
        "def model(columns): return {'y': helper(columns['x'])}\n"
        "problem = Problem([Input('x', '1', Uniform(0, 1))], [Output('y')], model)\n"
        "data = campaign.run(problem, sobol_sequence(300, 1, seed=1), workers=2, store='store')\n"
        "assert (data['y'] == data['x'] ** 2).all()\n"
        "print('once')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, str(script)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run.stdout, run.returncode) == ("once\n", 0), run.stderr


def test_an_unpicklable_model_is_refused_before_anything_starts() -> None:
    lock = threading.Lock()

    def model(columns):
        with lock:
            return models.smooth(columns)

    with pytest.raises(WorkerError, match="cannot be sent to other processes"):
        campaign.run(problem(model), sobol_sequence(20, 5, seed=1), workers=2)
    assert campaign.run(problem(model), sobol_sequence(20, 5, seed=1)).feasible.all()


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (models.Deadly(), "die before they can work"),
        (models.Unloadable(), "cannot load the model: ValueError"),
    ],
)
def test_workers_that_cannot_start_are_a_clear_error(model: object, complaint: str) -> None:
    with pytest.raises(WorkerError, match=complaint):
        campaign.run(problem(model, version="1"), sobol_sequence(20, 5, seed=1), workers=2)


def test_a_campaign_of_failures_stops_early_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        campaign.CampaignError, match=r"more than 50% of the samples failed.*ValueError: always"
    ):
        campaign.run(problem(models.always_raising), sobol_sequence(5000, 5, seed=1), store=tmp_path)
    assert len(Dataset.load(tmp_path)) < 1500


def test_an_error_of_the_callback_is_not_taken_for_the_loss_of_a_cluster() -> None:
    def unread(progress: campaign.Progress) -> None:
        if progress.done:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        campaign.run(problem(models.smooth), sobol_sequence(10, 5, seed=1), progress=unread)


def test_stopping_early_leaves_no_thread_in_trouble(monkeypatch) -> None:
    troubles: list[object] = []
    monkeypatch.setattr(threading, "excepthook", troubles.append)
    for _ in range(3):
        with pytest.raises(campaign.CampaignError, match="failed at"):
            campaign.run(problem(models.always_raising), sobol_sequence(4000, 5, seed=1), workers=2)
    assert not troubles


def test_a_model_that_lasts_too_long_in_a_c_call_is_ended() -> None:
    data = campaign.run(
        problem(Single(models.deaf)), sobol_sequence(3, 5, seed=1), time_limit=0.5, max_failures=1.0
    )
    assert (data.status == TIMED_OUT).all()


# -- the store -----------------------------------------------------------------------------------------------------


def test_a_damaged_part_is_computed_again_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plan = sobol_sequence(1000, 5, seed=1)
    first = campaign.run(problem(models.smooth), plan, store=tmp_path)
    path = min(store.parts_in(tmp_path))
    path.write_bytes(path.read_bytes()[:-100])
    rows = store.rows_of(path)
    begun = []
    again = campaign.run(problem(models.smooth), plan, store=tmp_path, progress=begun.append)
    assert [path.name, f"({rows} samples)"] == caplog.messages[0].split(": ")[1].split(" in ")[0].split(
        " ", 1
    )
    assert begun[0].done == 1000 - rows
    assert same(again, first)


def test_a_second_campaign_on_a_store_is_refused_and_a_dead_one_is_no_obstacle(tmp_path: Path) -> None:
    asked = problem(models.Slow(0.002, 16))
    with drive(tmp_path, 2000, 0.002, 16, 1) as driver:
        assert driver.stdout is not None
        while int(driver.stdout.readline()) < 30:
            pass
        with pytest.raises(StoreError, match=f"in use by process {driver.pid}"):
            campaign.run(asked, sobol_sequence(100, 5, seed=1), store=tmp_path)
        driver.kill()
    data = campaign.run(asked, sobol_sequence(100, 5, seed=1), store=tmp_path)
    assert data.feasible.all()


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs the rights of root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_the_campaign_and_room_lets_it_end(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(schedule, "TASK_ROWS", 256)
    disk = tmp_path / "disk"
    plan = sobol_sequence(4000, 5, seed=1)
    with small_disk(disk, "size=128k"):
        with pytest.raises(StoreError, match="No space left on device; nothing already finished is lost"):
            campaign.run(problem(models.smooth), plan, store=disk / "store")
        kept = len(Dataset.load(disk / "store"))
        assert 256 <= kept < 4000
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        begun = []
        data = campaign.run(problem(models.smooth), plan, store=disk / "store", progress=begun.append)
        assert begun[0].done == kept
        assert same(data, campaign.run(problem(models.smooth), plan))


def test_a_disk_that_is_full_from_the_start_is_said_as_clearly(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "size=64k"):
        with contextlib.suppress(OSError), open(disk / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        with pytest.raises(StoreError, match="No space left on device"):
            campaign.run(problem(models.always_raising), sobol_sequence(10, 5, seed=1), store=disk / "store")


def test_a_store_without_write_permission_is_refused_at_once(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "size=1m"):
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(StoreError, match="Read-only file system"):
            campaign.run(problem(models.always_raising), sobol_sequence(10, 5, seed=1), store=disk / "store")


def test_jumps_of_the_clock_change_nothing(tmp_path: Path, monkeypatch) -> None:
    plan = sobol_sequence(300, 5, seed=1)
    reference = campaign.run(problem(models.smooth), plan)
    jumps = np.random.default_rng(1)
    monkeypatch.setattr(time, "time", lambda: float(jumps.uniform(-1e9, 1e9)))
    seen = []
    asked = problem(models.smooth)
    campaign.run(asked, sobol_sequence(100, 5, seed=1), store=tmp_path)
    for path in tmp_path.iterdir():
        os.utime(path, (2e9, 2e9))
    data = campaign.run(asked, plan, store=tmp_path, workers=2, time_limit=60.0, progress=seen.append)
    assert same(data, reference)
    assert all(0.0 <= p.seconds < 60.0 and p.remaining >= 0.0 for p in seen)


def test_samples_of_a_status_are_run_again_on_request(tmp_path: Path) -> None:
    plan = sobol_sequence(300, 5, seed=1)
    asked = problem(models.Moody(str(tmp_path / "mood")), version="1")
    first = campaign.run(asked, plan, store=tmp_path / "store")
    assert (first.status == RAISED).sum() > 3
    (tmp_path / "mood").write_text("good")
    begun = []
    again = campaign.run(asked, plan, store=tmp_path / "store", again=(RAISED,), progress=begun.append)
    assert begun[0].done == first.feasible.sum()
    assert same(again, campaign.run(problem(models.smooth), plan))
    assert same(Dataset.load(tmp_path / "store"), again)


# -- the driver ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_stops_cleanly_and_says_how_to_resume(tmp_path: Path, workers: int) -> None:
    with drive(tmp_path, 4000, 0.002, 16, workers, start_new_session=True) as driver:
        assert driver.stdout is not None
        for line in driver.stdout:
            if line.strip().isdigit() and int(line) > 50:
                break
        family = psutil.Process(driver.pid).children(recursive=True)
        os.killpg(driver.pid, signal.SIGINT)
        said = driver.stdout.read()
        assert driver.wait(30) == 130
    assert re.search(r"stopped at \d+ of 4000 samples.*run the same call again to resume", said)
    assert "Traceback" not in said
    assert not alive(family)
    kept = Dataset.load(tmp_path)
    assert 50 < len(kept) < 4000
    reference = campaign.run(
        problem(models.smooth).with_model(models.Slow(0.0, 16)), sobol_sequence(4000, 5, seed=1)
    )
    assert np.isin(kept.y[:, 0], reference.y[:, 0]).all()


def test_workers_end_with_their_killed_driver(tmp_path: Path) -> None:
    with drive(tmp_path, 4000, 0.01, 16, 2) as driver:
        assert driver.stdout is not None
        while int(driver.stdout.readline()) < 30:
            pass
        family = psutil.Process(driver.pid).children(recursive=True)
        driver.kill()
    assert not alive(family)


# -- with the figures of the specification -------------------------------------------------------------------------


def test_a_worker_without_work_ends_with_its_killed_driver() -> None:
    script = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from concurrent.futures import Future
from uq.campaign import processes
def start_only(executor, *call, **options):
    executor._ensure_executor_running()
    return Future()
processes.ProcessPoolExecutor.submit = start_only
slot = processes._Slot(b"", "")
print("started", flush=True)
time.sleep(1000)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "started\n"
        (host,) = workers_of(driver.pid)
        time.sleep(1.0)
        driver.kill()
    left = alive([host])
    for process in left:
        process.kill()
    assert not left


@pytest.mark.parametrize(("kills", "samples"), [(6, 300), pytest.param(50, 2000, marks=pytest.mark.slow)])
def test_kills_of_workers_at_random_times_cost_no_sample(tmp_path: Path, kills: int, samples: int) -> None:
    plan = sobol_sequence(samples, 5, seed=1)
    asked = problem(models.Slow(0.03, 16))
    reference = campaign.run(problem(models.Slow(0.0, 16)), plan)
    random = np.random.default_rng(1)
    killed: list[int] = []
    over = threading.Event()

    def killer() -> None:
        while not over.wait(random.uniform(0.1, 0.8)) and len(killed) < kills:
            victims = workers_of(os.getpid())
            if victims:
                victim = victims[random.integers(len(victims))]
                victim.kill()
                killed.append(victim.pid)

    thread = threading.Thread(target=killer)

    def begin(progress: campaign.Progress) -> None:
        if progress.done and thread.ident is None:
            thread.start()

    try:
        data = campaign.run(asked, plan, store=tmp_path, workers=2, progress=begin)
    finally:
        over.set()
        thread.join()
    assert len(killed) == kills
    assert same(data, reference)
    assert sum(map(store.rows_of, store.parts_in(tmp_path))) == samples


@pytest.mark.slow
@pytest.mark.parametrize("single", [False, True])
def test_ten_self_killing_samples_leave_990(single: bool) -> None:
    plan = sobol_sequence(1000, 5, seed=1)
    model = models.At(places(1000, 10), "kill")
    asked = problem(models.One(model) if single else model)
    data = campaign.run(asked, plan, workers=2)
    assert data.counts() == {"good": 990, "lost its process": 10}
    if not single:
        reference = campaign.run(problem(models.smooth), plan)
        assert np.array_equal(data.y[data.feasible], reference.y[data.feasible])


@pytest.mark.slow
@pytest.mark.parametrize("single", [False, True])
def test_five_hung_samples_in_200_are_ended_and_counted(single: bool) -> None:
    plan = sobol_sequence(200, 5, seed=1)
    model = models.At(places(200, 5), "hang")
    asked = problem(models.One(model) if single else model)
    data = campaign.run(asked, plan, workers=2, time_limit=0.5)
    assert data.counts() == {"good": 195, "timed out": 5}


Kill = Callable[[int, float], None]
"""Kills a campaign so many seconds after so many lines of its progress."""


@contextmanager
def one_process(*arguments: object) -> Iterator[Kill]:
    """Campaigns in one process, forked from one that has loaded everything."""
    with subprocess.Popen(
        [sys.executable, DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as host:
        assert host.stdin is not None
        assert host.stdout is not None

        def kill(lines: int, after: float) -> None:
            host.stdin.write(" ".join(map(str, arguments)) + "\n")
            host.stdin.flush()
            pid = int(host.stdout.readline())
            for _ in range(lines):
                host.stdout.readline()
            time.sleep(after)
            os.kill(pid, signal.SIGKILL)
            said = next(line for line in host.stdout if line.startswith("ended"))
            assert said == "ended -9\n", "the campaign ended before all kills were done; make it longer"

        yield kill


@contextmanager
def two_workers(*arguments: object) -> Iterator[Kill]:
    """Campaigns of two workers, each started anew."""

    def kill(lines: int, after: float) -> None:
        with drive(*arguments) as driver:
            assert driver.stdout is not None
            for _ in range(lines):
                driver.stdout.readline()
            time.sleep(after)
            assert driver.poll() is None, "the campaign ended before all kills were done; make it longer"
            driver.kill()
        time.sleep(1.0)  # until its workers have ended

    yield kill


@pytest.mark.slow
@pytest.mark.parametrize(
    ("driver", "size", "kills", "longest"),
    [(one_process, (100_000, 0.0004, 8, 1), 80, 0.6), (two_workers, (32_000, 0.002, 16, 2), 20, 3.0)],
)
def test_a_hundred_kills_of_the_driver_lose_nothing(tmp_path: Path, driver, size, kills, longest) -> None:
    samples, seconds, block, workers = size
    random = np.random.default_rng(2)
    held = 0
    with driver(tmp_path, *size) as kill:
        for k in range(kills):
            # every second one once it has finished a task: to start takes a busy machine longer than `longest`
            kill(1 + k % 2, random.uniform(0.0, longest))
            kept = Dataset.load(tmp_path)
            assert "damaged" not in kept.provenance
            assert len(kept) >= held
            held = len(kept)
    assert held > 100
    plan = sobol_sequence(samples, 5, seed=1)
    begun = []
    data = campaign.run(
        problem(models.Slow(seconds, block)), plan, store=tmp_path, progress=begun.append, workers=workers
    )
    assert begun[0].done == held
    assert same(data, campaign.run(problem(models.Slow(0.0, block)), plan))


@pytest.mark.slow
def test_two_hundred_flips_and_truncations_of_the_store_are_repaired(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(schedule, "TASK_ROWS", 64)
    plan = sobol_sequence(2000, 5, seed=1)
    asked = problem(models.Slow(0.0, 32))
    reference = campaign.run(asked, plan, store=tmp_path)
    random = np.random.default_rng(3)
    for trial in range(200):
        files = sorted([*store.parts_in(tmp_path), tmp_path / MANIFEST])
        victim = files[-1] if trial % 20 == 0 else files[random.integers(len(files))]
        data = bytearray(victim.read_bytes())
        if trial % 2:
            data[random.integers(len(data))] ^= 1 << random.integers(8)
        else:
            del data[random.integers(len(data)) :]
        victim.write_bytes(bytes(data))
        lost = store.rows_of(victim) if victim.suffix == ".parquet" else 0
        begun = []
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            repaired = campaign.run(asked, plan, store=tmp_path, progress=begun.append)
        assert begun[0].done == 2000 - lost
        assert len(said) == (1 if lost else 0)
        assert same(repaired, reference)
        assert same(Dataset.load(tmp_path), reference)
