"""Linear algebra on one thread: same bits in every shell, and fits of many inputs in seconds."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from uq import PolynomialChaos
from uq.core.dataset import evaluate
from uq.core.distributions import Uniform
from uq.core.problem import Input, Output, Problem
from uq.core.repeatable import one_thread
from uq.sampling.plans import latin_hypercube
from uq.sensitivity.sobol import sobol_indices
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.validation import choose


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info()}


def many_inputs(dimension: int = 60, rows: int = 200):
    names = [f"x{j}" for j in range(dimension)]

    def model(c):
        return {"y": sum(c[n] / (j + 1.0) ** 1.5 for j, n in enumerate(names)) + c["x0"] * c["x1"]}

    problem = Problem(
        tuple(Input(n, "1", Uniform(0.0, 1.0)) for n in names), (Output("y"),), model, version="1"
    )
    return evaluate(problem, latin_hypercube(rows, dimension, seed=1).unit), problem


def test_every_fit_has_one_thread_and_leaves_the_callers_as_they_were():
    seen = []

    def fit(data, *, outputs=None):
        seen.append(threads())
        return PolynomialChaos.fit(data, outputs=outputs)

    with threadpool_limits(2):
        before = threads()
        data, _ = many_inputs(3, 30)
        choose(data, fits={"one": fit})
        assert seen == [{1}]
        with one_thread(), one_thread():
            assert threads() == {1}
        assert threads() == before == {2}


@pytest.mark.parametrize("fit", [PolynomialChaos.fit, GaussianProcess.fit], ids=["chaos", "process"])
def test_sixty_inputs_and_two_hundred_rows_take_less_than_ten_seconds(fit):
    data, _ = many_inputs()
    began = time.process_time()
    surrogate = fit(data)
    assert time.process_time() - began < 10.0
    assert np.sqrt(np.mean(surrogate.residuals**2)) < 0.1 * data.y.std()


@pytest.mark.slow
def test_a_fit_has_the_same_bytes_whatever_the_shell_says_of_threads():
    found = set()
    for number in ("1", "2"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
        environment = {**os.environ, **dict.fromkeys(names, number), "PYTHONPATH": path}
        code = "import test_one_thread as t; t.print_hash()"
        found.add(
            subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, check=True
            ).stdout
        )
    assert len(found) == 1


def print_hash() -> None:
    data, problem = many_inputs(8, 400)
    x = problem.physical(latin_hypercube(100, 8, seed=2).unit)
    for fit in (PolynomialChaos.fit, GaussianProcess.fit):
        surrogate = fit(data)
        print(hashlib.sha256(sobol_indices(surrogate, base=256)["y"].total.tobytes()).hexdigest())
        print(hashlib.sha256(surrogate.residuals.tobytes()).hexdigest(), surrogate.gradient(x[:1]).shape)
