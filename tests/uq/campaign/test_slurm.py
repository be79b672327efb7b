"""The cluster page on a real Slurm of one node: munge, controller and node on loopback, jobs by dask-jobqueue."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import campaign_models as models
import psutil
import pytest
from campaign_models import problem

from uq import campaign
from uq.core.dataset import Dataset
from uq.sampling.plans import sobol_sequence

jobqueue = pytest.importorskip("dask_jobqueue")

DAEMONS = ("munged", "slurmctld", "slurmd")
ROOT = Path(__file__).parents[3]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.getuid() != 0 or not all(map(shutil.which, DAEMONS)),
        reason="needs root and Debian's slurm-wlm with munge",
    ),
]

CONFIGURATION = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket
CryptoType=crypto/munge
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@pytest.fixture(scope="module")
def slurm() -> Iterator[Path]:
    """A Slurm whose files lie in one folder, in the environment of this process; ended with the test."""
    with TemporaryDirectory(prefix="slurm-") as name, contextlib.ExitStack() as stack:
        place = Path(name)
        for folder in ("state", "spool"):
            (place / folder).mkdir()
        key = place / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        configuration = place / "slurm.conf"
        host = socket.gethostname().partition(".")[0]
        configuration.write_text(CONFIGURATION.format(host=host, place=place, controller=port(), node=port()))
        munge = [f"--{what}={place}/munge.{ending}" for what, ending in MUNGE.items()]
        before = os.environ.get("SLURM_CONF")
        os.environ["SLURM_CONF"] = str(configuration)
        stack.callback(lambda: os.environ.pop("SLURM_CONF") if before is None else None)
        for command in (["munged", "-F", "-f", *munge], ["slurmctld", "-D"], ["slurmd", "-D"]):
            with open(place / f"{command[0]}.log", "wb") as log:
                daemon = subprocess.Popen(command, stdout=log, stderr=log)
            stack.callback(daemon.wait, timeout=30)
            stack.callback(daemon.kill)
            time.sleep(1.0)
        for _ in range(60):
            state = says("sinfo", "-h", "-o", "%T")
            if state.strip() == "idle":
                break
            time.sleep(0.5)
        else:
            pytest.fail(f"Slurm did not start: {state} {(place / 'slurmctld.log').read_text()[-2000:]}")
        stack.callback(_ended)
        yield place


def _ended() -> None:
    """No job outlives the Slurm that started it."""
    says("scancel", "--state=RUNNING")
    says("scancel", "--state=PENDING")
    for _ in range(40):
        if not says("squeue", "-h").strip():
            return
        time.sleep(0.5)


def says(*command: str) -> str:
    """What a command of Slurm says; a controller that hangs is given up."""
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


MUNGE = {
    "key-file": "key",
    "socket": "socket",
    "pid-file": "pid",
    "log-file": "log",
    "seed-file": "seed",
}


def jobs() -> list[str]:
    return says("squeue", "-h", "-t", "R", "-o", "%i").split()


def workers() -> list[psutil.Process]:
    """Processes of Dask workers, without the nannies that start them anew."""
    return [
        process
        for process in psutil.process_iter()
        if "spawn_main" in command(process)
        and any("distributed.cli.dask_worker" in command(p) for p in parents(process))
    ]


def parents(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return process.parents()
    return []


def command(process: psutil.Process) -> str:
    """Its command line; none of one that has ended, such as a zombie."""
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def test_a_campaign_of_adaptive_jobs_outlives_a_cancelled_job_and_a_killed_worker(
    slurm: Path, tmp_path: Path
) -> None:
    asked = problem(models.Slow(0.02, block=32))
    plan = sobol_sequence(2048, 5, seed=1)
    at_home = campaign.run(asked, plan, workers=2)
    done: list[str] = []
    most = [0]

    def watch(progress: campaign.Progress) -> None:
        most[0] = max(most[0], len(jobs()))
        if progress.done >= 200 and not done and jobs():
            says("scancel", jobs()[0])
            done.append("cancelled")
        if progress.done >= 700 and len(done) == 1 and (found := workers()):
            found[0].send_signal(signal.SIGKILL)
            done.append("killed")

    with jobqueue.SLURMCluster(
        cores=1,
        processes=1,
        memory="1GB",
        walltime="00:10:00",
        python=sys.executable,
        interface="lo",
        local_directory=str(tmp_path),
        log_directory=str(tmp_path),
        job_script_prologue=[f"export PYTHONPATH={ROOT}:{ROOT / 'tests'}"],
        worker_extra_args=["--lifetime", "5m", "--lifetime-stagger", "10s"],
    ) as cluster:
        cluster.adapt(maximum_jobs=2, target_duration="1s")
        data = campaign.run(asked, plan, store=tmp_path / "store", scheduler=cluster, progress=watch)
    assert done == ["cancelled", "killed"]
    assert most == [2]  # the cluster grew by itself
    for a, b in ((data.x, at_home.x), (data.y, at_home.y), (data.status, at_home.status)):
        assert a.tobytes() == b.tobytes()
    assert len(Dataset.load(tmp_path / "store")) == len(plan)
