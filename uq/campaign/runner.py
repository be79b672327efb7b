"""Run a model over a plan: in parallel, durably, resumably, with failures as data.

Finished samples are written the moment they arrive.  The same call after a crash, a kill or Ctrl-C continues with
the missing samples only, and ends with the same bits as an undisturbed run, whatever the number of workers (on
one type of processor).  A longer plan that begins with the stored one runs only its new points.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from typing import Any

from uq.campaign.bookkeeping import CampaignError, Ledger, Progress
from uq.campaign.evaluation import BLOCK
from uq.campaign.executors import InProcess, WorkerError, Workers, WorkersGone
from uq.campaign.resume import take_stored
from uq.campaign.schedule import drive
from uq.core.dataset import Dataset, describe, described_copulas
from uq.core.model import NamedModel
from uq.core.model_version import model_parts, unread, version_of
from uq.core.problem import Problem
from uq.core.storage.atomic_files import StoreError, canonical, digest, folder_of, lock
from uq.sampling.plans import Plan

FORMAT = 1
"""Changes with the arithmetic of a campaign, and so with its key."""

__all__ = [
    "CampaignError",
    "ClusterLost",
    "Interrupted",
    "Progress",
    "StoreError",
    "WorkerError",
    "identify",
    "key",
    "run",
]


class ClusterLost(CampaignError):
    """The scheduler of a cluster, or all its workers, are gone; the message says what is kept and how to resume."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the message says what is kept and how to resume."""


def run(
    problem: Problem,
    plan: Plan,
    *,
    store: str | os.PathLike[str] | None = None,
    workers: int = 1,
    scheduler: Any = None,
    progress: Callable[[Progress], None] | None = None,
    time_limit: float | None = None,
    retries: int = 2,
    max_failures: float = 0.5,
    again: Collection[int] = (),
) -> Dataset:
    """Evaluate `problem.model` at the points of `plan`, in the order of the plan.

    A model that raises, hangs, kills its process or returns no result costs only the guilty samples: they get a
    negative status (`uq.core.dataset`), NaN outputs, and a message in the store; they are not run again on resuming.
    Vectorised models are called with blocks of `BLOCK` samples, or of the model's own attribute ``block``, the last one
    filled up, so that ten samples cost as much as a block; ``block = 1`` marks a model of single samples
    (`uq.campaign.external_programs`).  Samples must not influence each other.  A sample
    that kills its process kills the campaign where they share one: two workers, or a time limit, keep them apart.

    Parameters
    ----------
    problem : Problem
        Inputs, outputs and, where it is run, the model.
    plan : Plan
        Points (n, d) of the unit cube.
    store : path, optional
        Folder that makes the campaign durable and resumable; None keeps the samples in memory only.  A part of it that
        was damaged is computed again, which one line on the logger ``uq`` says (on standard error by default).
    workers : int
        Local processes; 1 means this process, unless there is a `time_limit`.
    scheduler : optional
        A Dask cluster instead (`uq.campaign.dask`): an address, a ``distributed.Client`` or a cluster object.
    progress : callable, optional
        Called with a `Progress` after every finished task, and once a minute while a cluster has no worker
        (`uq.report.terminal.campaign_bar` draws it); without it the logger ``uq`` says the latter.
    time_limit : float, optional
        Seconds that one call of the model may take (a block of a vectorised model, a sample of others).
    retries : int
        How often a sample whose process died is tried again before it counts as the cause.
    max_failures : float
        Share of failed samples (raised, timed out, lost, invalid, not finite) above which the campaign stops, once a
        block of samples is finished.
    again : collection of int
        Statuses of stored samples that are run once more, such as TIMED_OUT after a longer limit was given.

    Returns
    -------
    Dataset
        Columns (n,) by name, `x` (n, d), `y` (n, m), and `status` (n,), 0 for good.

    Raises
    ------
    ValueError
        For a problem without model, a plan of another dimension or limits that mean nothing.
    StoreError
        For a store that belongs to another campaign, is in use, full or not writable.
    WorkerError
        If processes cannot load the model.
    CampaignError
        Past `max_failures`.
    ClusterLost
        When the scheduler is gone, or the cluster has had no worker for an hour.
    Interrupted
        On Ctrl-C.

    Examples
    --------
    >>> from uq import Input, Output, Problem, Uniform
    >>> from uq.sampling import sobol_sequence
    >>> square = Problem((Input("a", "m", Uniform(0, 1)),), (Output("y", "m2"),), lambda c: {"y": c["a"] ** 2})
    >>> data = run(square, sobol_sequence(8, 1, seed=1))
    >>> data["y"].shape, data.counts()
    ((8,), {'good': 8})
    """
    if problem.model is None:
        raise ValueError("this problem has no model; use with_model")
    if not isinstance(plan, Plan):
        raise ValueError(
            f"plan is a {type(plan).__name__}; give one of uq.sampling, or Plan(unit, scheme, seed) around points of "
            "the unit cube (problem.unit turns inputs into these)"
        )
    if plan.dimension != problem.dimension:
        raise ValueError(f"the plan has {plan.dimension} columns, the problem {problem.dimension} inputs")
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    if time_limit is not None and not time_limit > 0.0:
        raise ValueError(f"time_limit must be a positive number of seconds, got {time_limit}")
    if retries < 0 or not 0.0 <= max_failures <= 1.0:
        raise ValueError(
            f"retries {retries} must not be negative, max_failures {max_failures} a share in [0, 1]"
        )
    if scheduler is not None and workers != 1:
        raise ValueError("give workers for local processes, or a scheduler with workers of its own; not both")
    alone = store is None and scheduler is None and workers == 1 and time_limit is None
    parts = {} if alone else model_parts(problem.model, problem.version)
    named = NamedModel(
        problem.model, problem.input_names, problem.output_names, problem.version, unread(parts)
    )
    identity: dict[str, Any] = {"block": _block(problem)} if alone else _identify(problem, parts)
    folder = None if store is None else folder_of(store)
    ledger = Ledger(
        problem,
        plan,
        identity["block"],
        folder,
        "" if alone else _key(identity),
        progress,
        max_failures,
    )
    with ExitStack() as stack:
        if folder is not None:
            stack.enter_context(lock(folder))
            take_stored(ledger, folder, identity, parts, again)
        ledger.begin()
        if not ledger.complete:
            try:
                pool = _workers(named, parts, workers, scheduler, time_limit, ledger.report)
                stack.callback(pool.close)
                drive(ledger, pool, retries)
            except KeyboardInterrupt:
                raise Interrupted(ledger.farewell("stopped")) from None
            except WorkersGone as error:
                raise ClusterLost(ledger.farewell(str(error))) from error
        return ledger.dataset()


def _workers(
    named: NamedModel,
    parts: Mapping[str, str],
    count: int,
    scheduler: Any,
    time_limit: float | None,
    waiting: Callable[[str], None],
) -> Workers:
    if scheduler is not None:
        try:
            from uq.campaign.dask import Cluster
        except ImportError as error:
            raise ImportError("a Dask cluster needs the extra: pip install '.[dask]' in the clone") from error
        return Cluster(named, scheduler, time_limit, parts=parts, waiting=waiting)
    if count > 1 or time_limit is not None:
        from uq.campaign.processes import Processes

        return Processes(named, count, time_limit, parts=parts)
    return InProcess(named)


def identify(problem: Problem) -> dict[str, Any]:
    """What the results depend on besides the points: laws, dependence, outputs, model, block.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.

    Returns
    -------
    dict
        As JSON takes it.

    Raises
    ------
    ValueError
        For a problem without a model.
    """
    if problem.model is None:
        raise ValueError("this problem has no model; use with_model")
    return _identify(problem, model_parts(problem.model, problem.version))


def _identify(problem: Problem, parts: Mapping[str, str]) -> dict[str, Any]:
    record = describe(problem)
    return {
        "format": FORMAT,
        "inputs": [
            [i["name"], i["distribution"]] for i in record["inputs"]
        ],  # their order is that of the plan
        "correlation": record["correlation"],
        "outputs": [o["name"] for o in record["outputs"]],
        "model": version_of(parts),
        "block": _block(problem),
    } | described_copulas(problem)


def key(problem: Problem) -> str:
    """The hash of `identify`: stored samples are reused only under the same key and at the same points.

    Parameters
    ----------
    problem : Problem
        Inputs, outputs and, where it is run, the model.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    return _key(identify(problem))


def _key(identity: dict[str, Any]) -> str:
    return digest(canonical(identity))


def _block(problem: Problem) -> int:
    block = int(getattr(problem.model, "block", BLOCK))
    if block < 1:
        raise ValueError(f"the model's block must be positive, got {block}")
    return block
