"""Running a model over a plan: in processes or on a cluster, stored, resumable.

Names load when first used: a worker process imports this package for each of its modules, and needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uq.campaign.runner import CampaignError as CampaignError
    from uq.campaign.runner import ClusterLost as ClusterLost
    from uq.campaign.runner import Interrupted as Interrupted
    from uq.campaign.runner import Progress as Progress
    from uq.campaign.runner import StoreError as StoreError
    from uq.campaign.runner import key as key
    from uq.campaign.runner import run as run

__all__ = ["CampaignError", "ClusterLost", "Interrupted", "Progress", "StoreError", "key", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'uq.campaign' has no attribute {name!r}")
    from uq.campaign import runner

    return getattr(runner, name)
