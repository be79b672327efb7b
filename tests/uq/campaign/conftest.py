"""No test of a campaign waits for ever."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

SECONDS = 600


@pytest.fixture(autouse=True)
def ten_minutes() -> Iterator[None]:
    """A test that waits for what does not come fails, and shows where it waits."""

    def stop(*_: object) -> None:
        pytest.fail(f"not done after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
