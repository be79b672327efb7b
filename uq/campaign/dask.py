"""A campaign on a Dask cluster: `distributed` schedules, and the campaign keeps one task in flight for each thread.

On Slurm (dask-jobqueue; the lifetime below the wall time lets workers leave before they are killed)::

    cluster = SLURMCluster(cores=8, memory="16GB", walltime="04:00:00",
                           worker_extra_args=["--lifetime", "225m", "--lifetime-stagger", "5m"])
    cluster.adapt(maximum_jobs=20, target_duration="1s")
    campaign.run(problem, plan, store="store", scheduler=cluster)

On Kubernetes, ``scheduler=KubeCluster(...)`` of Dask's operator serves in the same way.  Each sample runs in a child of
its worker (`uq.campaign.worker`), so that time limits hold and a sample that kills its process leaves the worker alive.
A scheduler executes what it receives: addresses beyond this machine must be ``tls://``.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import ipaddress
import math
import pickle
import queue
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import distributed

from uq.campaign.executors import WorkerError, WorkersGone, within
from uq.campaign.processes import pack
from uq.campaign.worker import Outcome, Work, dismiss
from uq.core.model import NamedModel
from uq.core.model_version import version_of
from uq.core.text import one_line

_PATIENCE = 0.2
_RECOUNT = 2.0
_PREFLIGHT_LIMIT = 60.0
_QUEUE_LIMIT = 3600.0
"""Seconds that the next worker may wait in the queue of a batch system, when there is none."""
_NOTICE = 60.0
"""Seconds between two reports that there is none."""
_RESULT_LIMIT = 60.0
"""Seconds that a finished result may take to arrive: Dask waits without end for one whose worker has died."""
_ANSWER_LIMIT = 120.0
"""Seconds that the scheduler may take to answer: Dask waits without end for one that hangs."""
_FAREWELL_LIMIT = 10.0
"""Seconds that scheduler and workers have to clear up."""


class Cluster:
    """`uq.campaign.executors.Workers` on a Dask cluster: an address, a ``distributed.Client`` or a cluster object."""

    def __init__(
        self,
        named: NamedModel,
        scheduler: Any,
        time_limit: float | None,
        *,
        parts: Mapping[str, str],
        waiting: Callable[[str], None],
    ) -> None:
        self._payload, self._parts, self._limit = pack(named), dict(parts), time_limit
        self._version = version_of(parts)
        self._name, self._serve = uuid.uuid4().hex, _by_value()
        self._futures: dict[Any, Work] = {}
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._known: set[str] = set()
        self._recounted = self._noticed = -math.inf
        self._staffed = time.monotonic()
        self._waiting = waiting
        self.count = 0
        self._own = not isinstance(scheduler, distributed.Client)
        self._client = self._connect(scheduler)
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            # an adaptive cluster asks for no worker before there is work
            call = self._client.submit(int, pure=False)
            self._recount()
            while not self.count:
                with contextlib.suppress(OSError):  # such as its TimeoutError; the count says what is wrong
                    self._client.wait_for_workers(1, timeout=_RECOUNT)
                self._recount()
                if not self.count:
                    time.sleep(_PATIENCE)  # there are workers, and none takes work
            del call
            stack.pop_all()

    @staticmethod
    def _connect(scheduler: Any) -> Any:
        if isinstance(scheduler, distributed.Client):
            return scheduler
        if isinstance(scheduler, str):
            check_address(scheduler)
        try:
            return distributed.Client(scheduler, set_as_default=False, timeout=5)
        except Exception as error:  # of the network, of certificates, of what answers there
            raise WorkerError(f"no Dask scheduler answers at {scheduler}: {one_line(error, 200)}") from error

    @property
    def free(self) -> int:
        """Tasks that can be taken: two for each thread, so that an adaptive cluster sees that there is more to do."""
        if time.monotonic() - self._recounted > _RECOUNT:
            self._recount()
        return max(1, 2 * self.count) - len(self._futures)

    def submit(self, work: Work) -> None:
        """Give the work to the scheduler."""
        bare = dataclasses.replace(work, tag=None)
        future = self._client.submit(
            self._serve, self._payload, self._name, pickle.dumps(bare), self._limit, self._version, pure=False
        )
        self._futures[future] = work
        future.add_done_callback(self._ended.put)

    def finished(self) -> list[tuple[Work, Outcome]]:
        """What has ended since the last call, after at most a fifth of a second."""
        self._check()
        if not self._futures:
            time.sleep(_PATIENCE)  # every worker has left; others may come
            return []
        with contextlib.suppress(queue.Empty):
            self._ended.get(timeout=_PATIENCE)
        self._check()
        return [(self._futures.pop(f), self._outcome(f)) for f in list(self._futures) if f.done()]

    def _outcome(self, future: Any) -> Outcome:
        if future.status == "finished":
            try:
                outcome: Outcome = future.result(timeout=_RESULT_LIMIT)
                return outcome
            except (
                OSError,
                concurrent.futures.CancelledError,
            ):  # the worker left with the result in its hands
                self._check()
                return Outcome("lost")
        if future.status != "error":
            return Outcome("lost")
        error = future.exception(timeout=_RESULT_LIMIT)
        if isinstance(error, distributed.KilledWorker):  # the scheduler has tried it on several workers
            return Outcome("lost", call=0)
        raise WorkerError(f"a worker of the cluster cannot run the model: {type(error).__name__}: {error}")

    def _check(self) -> None:
        if self._client.status != "running":
            raise WorkersGone("the Dask scheduler is gone")

    def _recount(self) -> None:
        """Count the threads that take work, and give newcomers the model."""
        self._check()
        try:
            info = within(_ANSWER_LIMIT, lambda: self._client.scheduler_info(n_workers=-1))
        except TimeoutError:
            raise WorkersGone(f"the Dask scheduler has not answered for {_ANSWER_LIMIT:.0f} s") from None
        except (OSError, distributed.CommClosedError) as error:
            raise WorkersGone("the Dask scheduler is gone") from error
        self._check()
        # one that is paused, for want of memory, keeps its tasks and may never go on
        states = {address: str(w.get("status", "running")) for address, w in info["workers"].items()}
        threads = {
            a: int(info["workers"][a]["nthreads"]) for a, state in states.items() if state == "running"
        }
        newcomers = sorted(set(threads) - self._known)
        left = set(newcomers) - (self._preflight(newcomers) if newcomers else set())
        threads = {address: count for address, count in threads.items() if address not in left}
        self._known = set(threads)
        self.count = sum(threads.values())
        self._recounted = time.monotonic()
        if self.count:
            self._staffed, self._noticed = self._recounted, -math.inf
            return
        none = "no worker" + (
            f" that takes work (all are {', '.join(sorted(set(states.values())))})" if states else ""
        )
        if self._recounted - self._staffed > _QUEUE_LIMIT:
            raise WorkersGone(f"the cluster has had {none} for {_QUEUE_LIMIT:.0f} s")
        if self._recounted - self._noticed >= _NOTICE:
            self._noticed = self._recounted
            self._waiting(f"{none} on the cluster; waiting {_QUEUE_LIMIT:.0f} s for one")

    def _preflight(self, workers: list[str]) -> set[str]:
        """Those that can work.  One that left before it answered cannot; one that says why not ends the campaign."""

        def check(payload: bytes, parts: dict[str, str]) -> str:  # nested, so that it travels by value
            try:
                from uq.campaign.worker import prepare
            except Exception as error:
                return f"a worker cannot import this package: {type(error).__name__}: {error}"
            return prepare(payload, parts)

        def ask() -> Any:
            return self._client.run(check, self._payload, self._parts, workers=workers, on_error="return")

        try:
            answers = within(_PREFLIGHT_LIMIT, ask)
        except TimeoutError:
            raise WorkerError(
                f"workers did not load the model within {_PREFLIGHT_LIMIT:.0f} s: {workers}"
            ) from None
        for worker, complaint in answers.items():
            if isinstance(complaint, str) and complaint:
                raise WorkerError(f"{complaint} (worker {worker}); install the same packages on every worker")
        return {worker for worker, complaint in answers.items() if complaint == ""}

    def close(self) -> None:
        """Cancel what still runs, and end the children of the workers."""
        with contextlib.suppress(Exception):
            if self._client.status == "running":
                within(_FAREWELL_LIMIT, lambda: self._client.cancel(list(self._futures)))
                within(_FAREWELL_LIMIT, lambda: self._client.run(dismiss, self._name, on_error="ignore"))
        self._futures.clear()
        if self._own:
            with contextlib.suppress(Exception):
                self._client.close(timeout=2)


def _by_value() -> Callable[..., Outcome]:
    """`serve` for workers that may lack this package: a task that a worker cannot unpickle cuts its connection, so that
    the worker ends without a word, where one that cannot import says so."""

    def serve(payload: bytes, campaign: str, work: bytes, limit: float | None, version: str) -> Outcome:
        import pickle

        from uq.campaign import worker

        return worker.serve(payload, campaign, pickle.loads(work), limit, version)

    return serve


@contextlib.contextmanager
def local_cluster(workers: int) -> Iterator[str]:
    """A scheduler and so many workers of one thread each on this machine's loopback, and its address.

    Parameters
    ----------
    workers : int
        Processes of one thread each.

    Returns
    -------
    iterator of str
        The scheduler's address, as the context of the `with` statement.
    """
    options = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "dashboard_address": "127.0.0.1:0",
        "host": "127.0.0.1",
    }
    with distributed.LocalCluster(**options) as cluster:
        yield str(cluster.scheduler_address)


def check_address(address: str) -> None:
    """Refuse what is no address, or one that would take a campaign over an open network in the clear.

    Parameters
    ----------
    address : str
        As the user gave it.

    Raises
    ------
    ValueError
        For such an address, with the remedy.
    """
    shown = one_line(address, 100)
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port is None or not address.isprintable() or parts.scheme not in ("tcp", "tls"):
        raise ValueError(
            f"{shown}: write the address of a Dask scheduler as tls://HOST:PORT or tcp://HOST:PORT"
        )
    if parts.scheme == "tls":
        security = distributed.Security()
        if not (security.tls_ca_file and security.tls_client_cert):
            raise ValueError(
                f"{shown}: tls needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ...__CLIENT__CERT and "
                "...__CLIENT__KEY, or pass a distributed.Client made with the security of your choice"
            )
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    if parts.scheme == "tls" or host == "localhost":
        return
    raise ValueError(
        f"{shown}: whoever reaches a plain Dask scheduler runs code on its workers; use tls:// (settings "
        "distributed.comm.tls of Dask), or pass a distributed.Client made with the security of your choice"
    )
