"""A campaign in a process of its own, for tests that kill or interrupt it.

``python campaign_driver.py store samples seconds block workers``
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from campaign_models import Slow, problem  # noqa: E402

from uq import campaign, schedule  # noqa: E402
from uq.sampling import sobol  # noqa: E402


def main(store: str, samples: str, seconds: str, block: str, workers: str) -> None:
    schedule.TASK_SECONDS = 0.05
    model = Slow(float(seconds), int(block))
    plan = sobol(int(samples), 5, seed=1)
    try:
        campaign.run(
            problem(model),
            plan,
            store=store,
            workers=int(workers),
            progress=lambda p: print(p.done, flush=True),
        )
    except KeyboardInterrupt as stop:
        print(stop, flush=True)
        sys.exit(130)


if __name__ == "__main__":
    main(*sys.argv[1:])
