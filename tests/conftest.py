"""Puts this folder on the path, so that all tests share the exact answers of `analytic`."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Two test processes whose linear algebra each takes every core spend most of their time waiting for one another:
# a fit of 4 s took 27 s. Set before numpy is imported; what the tests start inherits it.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# The same examples on every machine, so that green stays green; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file, and those that share the `finished` study, are for one process: what they share is made once.

    (``--dist loadgroup``; the doctests of a module, which share nothing, fill what time is left.)
    """
    for item in items:
        if item.path.is_relative_to(HERE):
            shared = "finished" in getattr(item, "fixturenames", ())
            item.add_marker(pytest.mark.xdist_group("finished" if shared else str(item.path)))
