"""Where the landers of a study are sized: in this process, in processes of its own, or on a Dask cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WORTH_PROCESSES = 512
"""Samples below which starting processes costs more than they save."""


@dataclass(frozen=True)
class Placement:
    """`processes` on this machine, which also learn the surrogates, and a Dask `scheduler` (address, client or cluster)
    that sizes in their place.

    The report does not depend on either.
    """

    processes: int = 1
    scheduler: Any = None

    def sizing(self, samples: int, worth: int = WORTH_PROCESSES) -> dict[str, Any]:
        """Options of `uq.campaign.run` for so many samples; fewer than `worth` start no processes.

        >>> Placement(2).sizing(100), Placement(2).sizing(1000)
        ({'workers': 1}, {'workers': 2})
        >>> Placement(2, "tls://cluster.example.org:8786").sizing(100)
        {'scheduler': 'tls://cluster.example.org:8786'}
        """
        if self.scheduler is not None:
            return {"scheduler": self.scheduler}
        return {"workers": self.processes if samples >= worth else 1}


Workers = int | Placement
"""Processes on this machine, or a whole placement."""


def placed(workers: Workers) -> Placement:
    """A placement of a plain number of processes; a placement as it is.

    Parameters
    ----------
    workers : Workers
        Processes, or a placement of them.

    Returns
    -------
    Placement
    """
    return workers if isinstance(workers, Placement) else Placement(workers)
