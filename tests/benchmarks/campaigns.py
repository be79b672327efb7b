"""Campaigns against a bare loop, joblib, scipy, and a database: ``python -m tests.benchmarks.campaigns [name ...]``.

Every figure is a ratio within one run on one machine.  Names: overhead, speed, waiting, start, peers, million, dask,
stores.  The first two and peers want a quiet machine; ``overhead speed peers`` takes six minutes.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from uq import Input, LogNormal, Normal, Output, Problem, Triangular, TruncatedNormal, Uniform, campaign
from uq.campaign.external_programs import Single
from uq.core.storage import store
from uq.core.storage.store import Samples
from uq.sampling.plans import monte_carlo

LAWS = (
    Uniform(0.5, 1.5),
    Normal(1.0, 0.1),
    Triangular(0.5, 1.0, 2.0),
    LogNormal(1.0, 1.2),
    TruncatedNormal(1.0, 0.2, 0.5, 1.5),
)
INPUTS = tuple(Input(f"input.{j}", "1", LAWS[j % 5]) for j in range(25))
OUTPUTS = tuple(Output(f"output_{k}") for k in range(10))


@dataclass(frozen=True)
class Burn:
    """Ten outputs of 25 inputs, at about `repeats` times 25 microseconds a sample, in vectors."""

    repeats: int

    def __call__(self, columns):
        x = np.stack(list(columns.values()))
        for _ in range(self.repeats):
            for _ in range(40):
                x = np.sin(x) + 1.0
        return {f"output_{k}": x[k] + x[k + 10] for k in range(10)}


def burn_one(sample):
    """About a millisecond for one sample, without numpy."""
    total = 0.0
    for _ in range(400):
        for value in sample.values():
            total += value * value
    return {f"output_{k}": total + k for k in range(10)}


def burn_grid(point):
    """`burn_one` as scipy calls it."""
    return burn_one({f"input.{j}": point[j % 2] for j in range(25)})["output_0"]


def problem(model) -> Problem:
    return Problem(INPUTS, OUTPUTS, model)


def seconds(function) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def calibrated(milliseconds: float) -> Burn:
    """A `Burn` of so many milliseconds a sample on this machine, now."""
    columns = problem(None).columns(np.ones((256, 25)))
    Burn(1)(columns)
    each = min(seconds(lambda: Burn(2)(columns)) for _ in range(5)) / 2 / 256
    return Burn(max(1, round(milliseconds * 1e-3 / each)))


def bare(asked: Problem, unit: np.ndarray) -> None:
    """The loop that a user would write, from the plan to the outputs."""
    for start in range(0, len(unit), 256):
        asked.model(asked.columns(asked.physical(unit[start : start + 256])))


def overhead() -> None:
    """`campaign.run` in this process, with a store, against the bare loops over the same blocks before and after it,
    nine times.  The clock of one run scatters by more than is asked; the median of nine, and the processor time, less.
    """
    for cost, n in ((5.0, 512), (0.5, 5120), (0.05, 51_200)):
        asked, plan = problem(calibrated(cost)), monte_carlo(n, 25, seed=1)
        alone, runs = [_both(lambda a=asked, p=plan: bare(a, p.unit))], []
        for _ in range(9):
            with tempfile.TemporaryDirectory() as folder:
                runs.append(_both(lambda a=asked, p=plan, f=folder: campaign.run(a, p, store=f)))
            alone.append(_both(lambda a=asked, p=plan: bare(a, p.unit)))
        loops = np.array(alone)
        over = 2.0 * np.array(runs) / (loops[:-1] + loops[1:]) - 1.0
        low, middle, high = np.quantile(over, (0.25, 0.5, 0.75), axis=0)
        print(
            f"overhead at {cost} ms a sample, {np.median(loops[:, 0]):.1f} s: median of nine and quartiles, "
        )
        for k, clock in enumerate(("the clock", "processor time")):
            print(f"  by {clock} {middle[k]:+.1%} ({low[k]:+.1%} to {high[k]:+.1%})", flush=True)


def _both(function) -> tuple[float, float]:
    """Seconds by the clock and of processor time."""
    began, spent = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - began, time.process_time() - spent


def speed() -> None:
    """Two processes against a bare loop, 10,240 samples of 5 ms, start and store included, five times; and two bare
    loops side by side, which is what the machine can give at that moment.  Some three minutes."""
    from joblib import Parallel, delayed

    asked, plan = problem(calibrated(5.0)), monte_carlo(10_240, 25, seed=1)
    x = plan.unit[:512]
    pool = Parallel(n_jobs=2)
    pool(delayed(bare)(asked, x[:1]) for _ in range(2))

    def alone() -> float:
        return seconds(lambda: bare(asked, x)) / len(x)

    ratios, possible, before = [], [], alone()
    for _ in range(5):
        pair = seconds(lambda: pool(delayed(bare)(asked, x) for _ in range(2))) / (2 * len(x))
        marks: list[float] = []
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            campaign.run(
                asked,
                plan,
                store=folder,
                workers=2,
                progress=lambda p, m=marks: m.append(time.perf_counter()),
            )
            both = time.perf_counter() - began
        after = alone()
        one, before = 0.5 * (before + after), after
        ratios.append(one * len(plan) / both)
        possible.append(one / pair)
        start = marks[1] - began - 256 * one
        print(f"  {one * 1e3:.2f} ms a sample alone; campaign {both:.1f} s, of which start {start:.1f} s")
    for name, found in (("two processes", ratios), ("two bare loops", possible)):
        print(f"speed-up of {name}: median {np.median(found):.2f} ({min(found):.2f} to {max(found):.2f})")
    share = np.array(ratios) / possible
    print(
        f"of what two bare loops reach: median {np.median(share):.2f} ({share.min():.2f} to {share.max():.2f})"
    )


@dataclass(frozen=True)
class Wait:
    """So many seconds a sample of waiting."""

    seconds: float

    def __call__(self, columns):
        time.sleep(self.seconds * len(columns["input.0"]))
        return light(columns)


def waiting() -> None:
    """Two processes that wait 5 ms a sample: what a campaign itself costs, whatever else the machine does."""
    asked, plan, marks = problem(Wait(0.005)), monte_carlo(10_240, 25, seed=1), []
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        campaign.run(
            asked, plan, store=folder, workers=2, progress=lambda p: marks.append(time.perf_counter() - began)
        )
    start, rest = marks[1] - 256 * 0.005, marks[-1] - marks[1]
    print(
        f"speed-up of two processes that wait: {0.005 * len(plan) / marks[-1]:.2f}, after a start of ", end=""
    )
    print(f"{start:.1f} s {0.005 * (len(plan) - 512) / rest:.2f}", flush=True)


def start() -> None:
    """Processor time until a worker is ready, of a bare process of joblib's kind and of a campaign's."""
    from joblib.externals.loky import ProcessPoolExecutor

    from uq.campaign.processes import pack
    from uq.campaign.worker import prepare
    from uq.core.model import NamedModel
    from uq.core.model_version import model_parts

    named = NamedModel(Single(burn_one), ("input.0",), ("output_0",))
    payload, parts, spent = pack(named), model_parts(named.model), []
    for _ in range(5):
        with ProcessPoolExecutor(1) as executor:
            bare = executor.submit(time.process_time).result()
            assert executor.submit(prepare, payload, parts).result() == ""
            spent.append((bare, executor.submit(time.process_time).result() - bare))
    bare, more = np.median(spent, axis=0)
    print(
        f"start of a process: joblib's own {bare:.2f} s of processor time, the model and ours {more:.2f} s more"
    )


def peers() -> None:
    """10,000 and 40,000 single samples of half a millisecond, over two processes, by joblib, by a campaign and by
    scipy, in turns.  Each starts its own processes."""
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor
    from scipy import optimize

    asked = problem(Single(burn_one))
    for n, rounds in ((10_000, 7), (40_000, 3)):
        samples = [{f"input.{j}": 1.0 + i * 1e-4 for j in range(25)} for i in range(n)]
        plan = monte_carlo(n, 25, seed=1)

        def durable(plan=plan) -> None:
            with tempfile.TemporaryDirectory() as folder:
                campaign.run(asked, plan, store=folder, workers=2)

        ways = {
            "joblib": lambda samples=samples: Parallel(n_jobs=2)(delayed(burn_one)(s) for s in samples),
            "campaign": lambda plan=plan: campaign.run(asked, plan, workers=2),
            "campaign with store": durable,
        }
        if n == 10_000:
            square = ((0.0, 1.0), (0.0, 1.0))
            ways["scipy"] = lambda box=square: optimize.brute(burn_grid, box, Ns=100, workers=2, finish=None)
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                get_reusable_executor().shutdown(wait=True)  # joblib keeps its processes
                times[name].append(seconds(way))
        for name, took in times.items():
            ratio = np.array(took) / times["joblib"]
            print(
                f"{n} single samples, {name}: median of {rounds} {np.median(took):.2f} s, of joblib's time",
                end="",
            )
            print(f" {np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f})", flush=True)


def light(columns):
    """A model that costs next to nothing."""
    return {f"output_{k}": columns[f"input.{k}"] * columns[f"input.{k + 10}"] for k in range(10)}


def million() -> None:
    """A million samples of 25 inputs and 10 outputs: memory above the interpreter's, store, resumed start."""
    with tempfile.TemporaryDirectory() as folder:
        for phase in ("run", "resume"):
            command = [sys.executable, "-m", "tests.benchmarks.campaigns", f"_million:{phase}", folder]
            print(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="", flush=True
            )


def _million(phase: str, folder: str) -> None:
    def peak() -> float:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    interpreter = peak()
    n = 1_000_000 if phase == "run" else 1_000_256
    plan = monte_carlo(n, 25, seed=1)
    began, first = time.perf_counter(), []

    def progress(state: campaign.Progress) -> None:
        if state.done > state.stored or not first:
            first.append(time.perf_counter() - began)

    campaign.run(problem(light), plan, store=folder, progress=progress)
    took = time.perf_counter() - began
    files = list(Path(folder).iterdir())
    size = sum(f.stat().st_size for f in files) / 1e6
    print(f"a million samples, {phase}: {took:.1f} s, new samples after {first[1]:.1f} s, ", end="")
    print(f"{peak() - interpreter:.0f} MiB above the interpreter, store {size:.0f} MB in {len(files)} files")


def dask() -> None:
    """A Dask cluster on loopback against local processes, two workers each, tasks of a second, started beforehand."""
    import distributed

    asked, plan = problem(calibrated(4.0)), monte_carlo(256 * 24, 25, seed=1)
    local = seconds(lambda: campaign.run(asked, plan, workers=2))
    options = {
        "n_workers": 2,
        "threads_per_worker": 1,
        "dashboard_address": "127.0.0.1:0",
        "host": "127.0.0.1",
    }
    with distributed.LocalCluster(**options) as cluster:
        there = seconds(lambda: campaign.run(asked, plan, scheduler=cluster))
    print(f"Dask against local processes: {there / local:.2f} ({there:.1f} s, {local:.1f} s)")


def stores() -> None:
    """A million samples of 35 columns in durable chunks of 16,384: part files against SQLite in WAL mode."""
    names = tuple([i.name for i in INPUTS] + [o.name for o in OUTPUTS])
    chunk, chunks = 16_384, 61
    random = np.random.default_rng(1)
    pieces = [
        Samples(
            np.arange(k * chunk, (k + 1) * chunk),
            random.random((chunk, 25)),
            random.random((chunk, 10)),
            np.zeros(chunk, dtype=np.int64),
            {},
        )
        for k in range(chunks)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write = seconds(lambda: [store.write_part(folder, names, p) for p in pieces])
        size = sum(f.stat().st_size for f in folder.iterdir()) / 1e6
        read = seconds(lambda: store.join([p.samples for p in store.read_parts(folder, names, 25)]))
        print(f"parts:  write {write:.1f} s, read with checksums {read:.1f} s, {size:.0f} MB")
        small = Path(name) / "small"
        small.mkdir()
        one = [Samples(np.array([k]), p.x[:1], p.y[:1], p.status[:1], {}) for k, p in enumerate(pieces * 4)]
        each = seconds(lambda: [store.write_part(small, names, p) for p in one]) / len(one)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "samples.db"
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            columns = ", ".join(f'"{n}" REAL NOT NULL' for n in names)
            connection.execute(
                f"CREATE TABLE samples (sample INTEGER PRIMARY KEY, {columns}, status INTEGER)"
            )
            places = ", ".join("?" * (len(names) + 2))

            def insert(piece: Samples) -> None:
                rows = np.column_stack([piece.x, piece.y]).tolist()
                filled = [(i, *r, 0) for i, r in zip(piece.index.tolist(), rows, strict=True)]
                connection.executemany(f"INSERT INTO samples VALUES ({places})", filled)
                connection.commit()

            write_database = seconds(lambda: [insert(p) for p in pieces])
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size_database = path.stat().st_size / 1e6
            read_database = seconds(lambda: np.array(connection.execute("SELECT * FROM samples").fetchall()))
            connection.execute("CREATE TABLE single AS SELECT * FROM samples LIMIT 0")

            def single(piece: Samples) -> None:
                row = [int(piece.index[0]), *piece.x[0], *piece.y[0], 0]
                connection.execute(f"INSERT INTO single VALUES ({places})", row)
                connection.commit()

            each_database = seconds(lambda: [single(p) for p in one]) / len(one)
    print(f"SQLite: write {write_database:.1f} s, read {read_database:.1f} s, {size_database:.0f} MB")
    print(
        f"parts against SQLite: write {write_database / write:.1f} times, read {read_database / read:.1f} times as fast"
    )
    print(f"one durable sample: part {each * 1e3:.1f} ms, SQLite {each_database * 1e3:.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].startswith("_million:"):
        _million(sys.argv[1].partition(":")[2], sys.argv[2])
    else:
        for chosen in sys.argv[1:] or (
            "overhead",
            "speed",
            "waiting",
            "start",
            "peers",
            "million",
            "dask",
            "stores",
        ):
            globals()[chosen]()
