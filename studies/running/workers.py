"""Processes or a Dask cluster, opened for as long as a study lasts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from studies.analysis.placement import Placement


class PlacementError(RuntimeError):
    """Landers cannot be sized where it was asked; the message says why."""


@contextlib.contextmanager
def opened(processes: int, scheduler: str | None, own_cluster: bool) -> Iterator[Placement]:
    """A placement for as long as a study lasts: the scheduler at an address, a cluster of its own here, or processes.

    Parameters
    ----------
    processes : int
        Local ones.
    scheduler : str or None
        Address of a Dask cluster.
    own_cluster : bool
        Whether to begin one here.

    Returns
    -------
    iterator of Placement
        The context of the `with` statement.

    Raises
    ------
    PlacementError
        Without Dask, for an address in the clear, or where nobody answers.
    """
    if scheduler is None and not own_cluster:
        yield Placement(processes)
        return
    try:
        from uq.campaign.dask import check_address, local_cluster
    except ImportError:
        raise PlacementError("a Dask cluster needs the extra: pip install '.[dask]' in the clone") from None
    if scheduler is None:
        with local_cluster(processes) as address:
            yield Placement(processes, address)
        return
    try:
        check_address(scheduler)
    except ValueError as error:
        raise PlacementError(str(error)) from None
    yield Placement(processes, scheduler)
