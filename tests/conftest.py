"""Puts this folder on the path, so that all tests share the exact answers of `analytic`."""

import os

from hypothesis import settings

# Two test processes whose linear algebra each takes every core spend most of their time waiting for one another:
# a fit of 4 s took 27 s. Set before numpy is imported; what the tests start inherits it.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# The same examples on every machine, so that green stays green; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")
