"""Exported source gives the numbers of its surrogate, in each language, whatever names it carries."""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from uq.distributions import Discrete, LogNormal, Normal, Uniform
from uq.problem import Columns, Input, Output, Problem
from uq.sampling import latin_hypercube
from uq.surrogates.base import Surrogate
from uq.surrogates.export import to_c, to_javascript, to_python
from uq.surrogates.gaussian_process import GaussianProcess, linear_trend
from uq.surrogates.kernels import (
    ANOVA_MATERN_5_2,
    MATERN_3_2,
    MATERN_5_2,
    PRODUCT_RATIONAL,
    RATIONAL,
    SQUARED_EXPONENTIAL,
    Kernel,
)
from uq.surrogates.polynomial_chaos import PolynomialChaos
from uq.surrogates.validation import Composite

FloatArray = NDArray[np.float64]

SAME = 1e-12
"""Of an output's standard deviation: other orders of summation, nothing else."""

CC, NODE = shutil.which("cc"), shutil.which("node")
needs_cc = pytest.mark.skipif(CC is None, reason="no C compiler (cc) on this machine")
needs_node = pytest.mark.skipif(NODE is None, reason="no node on this machine")


def model(c: Columns) -> Columns:
    load, length, width, cells = c.values()
    return {
        "stress": load * length / (width**2 + 0.1) + np.sin(length) * cells,
        "mass": length * width * cells + 0.1 * load,
    }


PROBLEM = Problem(
    (
        Input("load", "N", LogNormal(100.0, 1.2)),
        Input("beam.length", "m", Uniform(1.0, 2.0)),
        Input("beam.width", "m", Normal(0.5, 0.03)),
        Input("cells", "1", Discrete((1.0, 2.0, 4.0), (0.3, 0.3, 0.4))),
    ),
    (Output("stress", "Pa"), Output("mass", "kg")),
    model,
    version="beam",
)
DATA = PROBLEM.evaluate(PROBLEM.physical(latin_hypercube(120, 4, seed=1).unit))
FRESH = PROBLEM.physical(latin_hypercube(25, 4, seed=2).unit)
SPREAD = DATA.y.std(axis=0)

CHAOS = PolynomialChaos.fit(DATA, PROBLEM)


def process(kernel: Kernel, **options: object) -> Surrogate:
    return GaussianProcess.fit(DATA, PROBLEM, kernels=(kernel,), nugget=1e-6, **options)  # type: ignore[arg-type]


SURROGATES = {
    "chaos": CHAOS,
    "radial": process(MATERN_5_2),
    "smooth": process(SQUARED_EXPONENTIAL),
    "rational": process(RATIONAL, trend=linear_trend(4)),
    "rough": process(MATERN_3_2),
    "product": process(PRODUCT_RATIONAL),
    "anova": process(ANOVA_MATERN_5_2),
    "composite": Composite(
        PROBLEM,
        (PolynomialChaos.fit(DATA, PROBLEM, ["stress"]), GaussianProcess.fit(DATA, PROBLEM, ["mass"])),
    ),
}


def loaded(source: str) -> ModuleType:
    module = ModuleType("exported")
    exec(compile(source, "exported.py", "exec"), module.__dict__)
    return module


def in_python(surrogate: Surrogate, x: FloatArray, folder: Path) -> tuple[FloatArray, FloatArray]:
    value, slopes = loaded(to_python(surrogate)).evaluate(x)
    return value, slopes


def compiled(source: str, folder: Path) -> ctypes.CDLL:
    (folder / "surrogate.c").write_text(source)
    library = folder / "surrogate.so"
    warnings = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    assert CC is not None
    subprocess.run(
        [CC, *warnings, "-O2", "-fPIC", "-shared", "-o", library, folder / "surrogate.c", "-lm"], check=True
    )
    return ctypes.CDLL(str(library))


def in_c(surrogate: Surrogate, x: FloatArray, folder: Path) -> tuple[FloatArray, FloatArray]:
    if CC is None:
        pytest.skip("no C compiler (cc) on this machine")
    function = compiled(to_c(surrogate), folder).surrogate_evaluate
    m, d = len(surrogate.problem.outputs), surrogate.problem.dimension
    values, slopes = np.empty((len(x), m)), np.empty((len(x), m, d))
    pointer = ctypes.POINTER(ctypes.c_double)
    for i, row in enumerate(np.ascontiguousarray(x)):
        function(*(a.ctypes.data_as(pointer) for a in (row, values[i], slopes[i])))
    return values, slopes


def in_javascript(surrogate: Surrogate, x: FloatArray, folder: Path) -> tuple[FloatArray, FloatArray]:
    if NODE is None:
        pytest.skip("no node on this machine")
    (folder / "surrogate.js").write_text(to_javascript(surrogate))
    said = node(
        f"const s = require('./surrogate.js'); const x = {json.dumps(x.tolist())};"
        "console.log(JSON.stringify(x.map((p) => { const r = s.evaluate(p);"
        "return [Array.from(r.value), Array.from(r.gradient)]; })));",
        folder,
    )
    rows = json.loads(said)
    m, d = len(surrogate.problem.outputs), surrogate.problem.dimension
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows]).reshape(-1, m, d)


def node(script: str, folder: Path) -> str:
    assert NODE is not None
    return subprocess.run([NODE, "-e", script], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("language", [in_python, in_c, in_javascript])
@pytest.mark.parametrize("name", SURROGATES)
def test_every_surrogate_gives_its_numbers_in_every_language(
    name: str, language: object, tmp_path: Path
) -> None:
    surrogate = SURROGATES[name]
    value, slopes = language(surrogate, FRESH, tmp_path)  # type: ignore[operator]
    expected, gradient = surrogate.mean(FRESH), surrogate.gradient(FRESH)
    width = FRESH.std(axis=0)
    tolerance = SAME * conditioning(surrogate)
    assert (np.abs(value - expected) / SPREAD < tolerance[:, None].T).all()
    assert (np.abs(slopes - gradient) * width / SPREAD[:, None] < 20.0 * tolerance[:, None]).all()


def conditioning(surrogate: Surrogate) -> FloatArray:
    """(m,) kernel sums of large weights cancel: 1e-15 of their size is lost on either side."""
    if isinstance(surrogate, GaussianProcess):
        return np.array([max(1.0, 1e-2 * float(np.abs(p.weights).sum())) for p in surrogate.processes])
    if isinstance(surrogate, Composite):
        return np.concatenate([conditioning(part) for part in surrogate.parts])
    return np.ones(len(surrogate.problem.outputs))
