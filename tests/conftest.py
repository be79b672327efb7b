"""Puts this folder on the path, so that all tests share the exact answers of `analytic`."""

import os
from typing import Any

import pytest
from hypothesis import settings

# Two test processes whose linear algebra each takes every core spend most of their time waiting for one another:
# a fit of 4 s took 27 s. Set before numpy is imported; what the tests start inherits it.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# OpenBLAS rounds by the kernel of the processor, and a fit of a few rows (26 landers, 43 inputs) shows it in the first
# digit: approved reports are those of one kernel, which every x86 processor of the last ten years has.
os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")

# The same examples on every machine, so that green stays green; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")

ONE_STUDY = {
    f"tests/studies/test_{name}.py"
    for name in ("offer", "readings", "report_page", "specification", "studies", "trace")
}
"""Their fixture `finished` is a main study: in two processes it would be run twice."""
LONG = {*ONE_STUDY, "tests/uq/test_conformance.py"}
"""A minute or more by themselves: they begin, so that no process ends long after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, all else as it was collected."""
    items.sort(key=lambda item: item.nodeid.split("::")[0] not in LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file is for one process, as `--dist loadfile` has it, and those that look at one study are as one file."""
    from xdist.scheduler import LoadFileScheduling

    class ByStudy(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            return "a finished study" if file in ONE_STUDY else file

    return ByStudy(config, log) if config.getoption("dist") == "loadfile" else None
