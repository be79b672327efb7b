"""A campaign in a process of its own, for tests that kill or interrupt it.

``python campaign_driver.py store samples seconds block workers``; without arguments, lines of them are read.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from campaign_models import Slow, problem  # noqa: E402

from uq import campaign  # noqa: E402
from uq.campaign import schedule  # noqa: E402
from uq.sampling.plans import sobol_sequence  # noqa: E402


def main(store: str, samples: str, seconds: str, block: str, workers: str) -> None:
    schedule.TASK_SECONDS = 0.05
    model = Slow(float(seconds), int(block))
    plan = sobol_sequence(int(samples), 5, seed=1)
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


def forked() -> None:
    """A campaign, in a process that starts at once, for each line of arguments: says its process, and how it ended."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            print(os.getpid(), flush=True)
            main(*line.split())
            os._exit(0)
        print("ended", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    # what runs tests in the background may have told its children to ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(*sys.argv[1:]) if sys.argv[1:] else forked()
