"""Exported source gives the numbers of its surrogate, in each language, whatever names it carries."""

from __future__ import annotations

import ast
import ctypes
import dataclasses
import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from uq.core.dataset import evaluate
from uq.core.distributions import Discrete, LogNormal, Normal, Uniform
from uq.core.problem import Columns, Input, Output, Problem
from uq.sampling.plans import latin_hypercube
from uq.surrogates.base import Surrogate
from uq.surrogates.composite import Composite, Switched
from uq.surrogates.export import to_c, to_javascript, to_python
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess, linear_trend
from uq.surrogates.gaussian_process.kernels import (
    ANOVA_MATERN_5_2,
    KERNELS,
    MATERN_3_2,
    MATERN_5_2,
    PRODUCT_RATIONAL,
    RATIONAL,
    SQUARED_EXPONENTIAL,
    Kernel,
)
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

FloatArray = NDArray[np.float64]

SAME = 1e-9
"""Of an output's standard deviation; of slopes, that over the input's: what exported files promise."""

LAST_BITS = 16.0 * float(np.finfo(np.float64).eps)
"""Of each weight: a kernel's value of another library differs in its last bits, after distances that did so before."""

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
DATA = evaluate(PROBLEM, PROBLEM.physical(latin_hypercube(120, 4, seed=1).unit))
FRESH = PROBLEM.physical(latin_hypercube(25, 4, seed=2).unit)
SPREAD = DATA.y.std(axis=0)

CHAOS = PolynomialChaos.fit(DATA)
CHAOS_OF_ONE = PolynomialChaos.fit(DATA, outputs=["mass"])


def process(kernel: Kernel, **options: object) -> Surrogate:
    return GaussianProcess.fit(DATA, kernels=(kernel,), nugget=1e-5, **options)  # type: ignore[arg-type]


JUMPING = dataclasses.replace(
    PROBLEM,
    outputs=(*PROBLEM.outputs, Output("advantage")),
    model=lambda c: {
        "stress": np.where(c["beam.length"] > 1.5, 5.0 + c["load"], c["load"] * c["cells"]),
        "mass": np.where(c["beam.length"] > 1.5, 1.0, 2.0) * c["beam.width"],
        "advantage": np.sinh(3.0 * (c["beam.length"] - 1.5)) + 0.02 * np.sin(c["load"]),
    },
)
SWITCHED = Switched.fit(
    evaluate(JUMPING, DATA.x), outputs=PROBLEM.output_names, switch="advantage", fit=PolynomialChaos.fit
)

SURROGATES = {
    "chaos": CHAOS,
    "switched": SWITCHED,
    "switched beside another": Composite(
        dataclasses.replace(PROBLEM, outputs=(*PROBLEM.outputs, Output("weight", "N"))),
        (
            SWITCHED,
            dataclasses.replace(
                CHAOS_OF_ONE, problem=dataclasses.replace(PROBLEM, outputs=(Output("weight", "N"),))
            ),
        ),
    ),
    "radial": process(MATERN_5_2),
    "smooth": process(SQUARED_EXPONENTIAL),
    "rational": process(RATIONAL, trend=linear_trend(4)),
    "rough": process(MATERN_3_2),
    "product": process(PRODUCT_RATIONAL),
    "anova": process(ANOVA_MATERN_5_2),
    "composite": Composite(
        PROBLEM,
        (
            PolynomialChaos.fit(DATA, outputs=["stress"]),
            GaussianProcess.fit(DATA, outputs=["mass"], nugget=1e-5),
        ),
    ),
}


def loaded(source: str) -> ModuleType:
    module = ModuleType("exported")
    exec(compile(source, "exported.py", "exec"), module.__dict__)
    return module


def in_python(surrogate: Surrogate, x: FloatArray, folder: Path) -> tuple[FloatArray, FloatArray]:
    value, slopes = loaded(to_python(surrogate)).evaluate(x)
    return value, slopes


def compiled(source: str, folder: Path, *options: str) -> ctypes.CDLL:
    (folder / "surrogate.c").write_text(source)
    library = folder / "surrogate.so"
    warnings = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    assert CC is not None
    subprocess.run(
        [CC, *warnings, "-O2", *options, "-fPIC", "-shared", "-o", library, folder / "surrogate.c", "-lm"],
        check=True,
    )
    return ctypes.CDLL(str(library))


def in_c(surrogate: Surrogate, x: FloatArray, folder: Path, *options: str) -> tuple[FloatArray, FloatArray]:
    if CC is None:
        pytest.skip("no C compiler (cc) on this machine")
    function = compiled(to_c(surrogate), folder, *options).surrogate_evaluate
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
    width, spread = FRESH.std(axis=0), surrogate.mean(DATA.x).std(axis=0)
    assert (np.abs(value - expected) / spread < SAME).all()
    assert (np.abs(slopes - gradient) * width / spread[:, None] < SAME).all()


@pytest.mark.parametrize("language", [in_python, in_c, in_javascript])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_a_process_without_noise_differs_by_the_last_bits_of_its_weights(
    kernel: Kernel, language: object, tmp_path: Path
) -> None:
    surrogate = GaussianProcess.fit(DATA, kernels=(kernel,), nugget=1e-12)
    weights = np.array([np.linalg.norm(p.weights) for p in surrogate.processes])
    if kernel is SQUARED_EXPONENTIAL:
        assert weights.max() > 1e7, "the last bit of a kernel is worth 1e-9 of the output and more"
    value, slopes = language(surrogate, FRESH, tmp_path)  # type: ignore[operator]
    expected = surrogate.predict(FRESH)
    assert (np.abs(value - expected.mean) / SPREAD < np.maximum(SAME, LAST_BITS * weights)).all()
    assert (np.abs(value - expected.mean) < 0.01 * expected.std).all(), (
        "of no weight beside what is not known"
    )
    reach = np.maximum(SAME, LAST_BITS * weights)[:, None]
    assert (np.abs(slopes - surrogate.gradient(FRESH)) * FRESH.std(axis=0) / SPREAD[:, None] < reach).all()


@pytest.mark.parametrize("language", [in_python, in_c, in_javascript])
def test_a_narrow_law_of_a_logarithm_does_not_show_its_last_bit(language: object, tmp_path: Path) -> None:
    problem = Problem(
        (Input("a", "1", LogNormal(0.1, 1.0003)), Input("b", "1", LogNormal(1e6, 1.01))),
        (Output("y", "1"),),
        lambda c: {"y": np.sin(1e4 * np.log(c["a"] / 0.1)) * (c["b"] / 1e6) ** 10},
    )
    data = evaluate(problem, problem.physical(latin_hypercube(80, 2, seed=1).unit))
    fresh = problem.physical(latin_hypercube(200, 2, seed=2).unit)
    surrogate = PolynomialChaos.fit(data)
    value, _ = language(surrogate, fresh, tmp_path)  # type: ignore[operator]
    assert (np.abs(value - surrogate.mean(fresh)) / data.y.std() < SAME).all()


@needs_cc
def test_a_compiler_that_knows_no_nan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        compiled(to_c(CHAOS), tmp_path, "-ffast-math")


@pytest.mark.filterwarnings("ignore:.*(divide|invalid value)")
@pytest.mark.parametrize("language", [in_python, in_c, in_javascript])
def test_what_is_no_number_gives_none(language: object, tmp_path: Path) -> None:
    bad = np.tile(FRESH[0], (3, 1))
    bad[:, 0] = [-1.0, 0.0, 1e308 * 10.0] if language is not in_javascript else [-1.0, 0.0, -2.0]
    for name in ("radial", "anova", "rational"):
        value, _ = language(SURROGATES[name], bad, tmp_path)  # type: ignore[operator]
        assert np.isnan(value.astype(float)).all()


FAR = dataclasses.replace(
    PROBLEM,
    inputs=(Input("speed", "m/s", Normal(1e6, 1.0)), Input("heat", "K", LogNormal(1e5, 1.0 + 1e-5))),
    outputs=(Output("mass", "kg"),),
    model=lambda c: {"mass": np.exp(0.3 * (c["speed"] - 1e6)) * (c["heat"] - 1e5) + (c["heat"] - 1e5) ** 3},
)


@pytest.mark.parametrize("language", [in_python, in_c, in_javascript])
@pytest.mark.parametrize("kind", ["chaos", "process"])
def test_laws_far_from_zero_keep_their_digits(kind: str, language: object, tmp_path: Path) -> None:
    data = evaluate(FAR, FAR.physical(latin_hypercube(120, 2, seed=1).unit))
    surrogate: Surrogate = PolynomialChaos.fit(data)
    if kind == "process":
        surrogate = GaussianProcess.fit(data, nugget=1e-10, trend=linear_trend(2))
    value, slopes = language(surrogate, data.x, tmp_path)  # type: ignore[operator]
    assert (np.abs(value - surrogate.mean(data.x)) / data.y.std() < SAME).all()
    assert (np.abs(slopes - surrogate.gradient(data.x)) * data.x.std(axis=0) / data.y.std() < SAME).all()


# -- what else the files say ----------------------------------------------------------------------------------------

NASTY = (
    "a'b\"c",
    "</script><script>alert(1)</script>",
    '*/ system("rm"); /*',
    "x\\n\\ \u00b5\U0001f680",
    "@name@ @data@ {0} %s ${x} ??/",
    "'''\"\"\"\\",
)


OUT = "</script><script>alert(2)</script>'"


def renamed(names: tuple[str, ...]) -> Surrogate:
    """A surrogate whose names, units and version are what an attacker would choose."""
    inputs = tuple(Input(name, name, Uniform(1.0, 2.0)) for name in names)
    problem = Problem(
        inputs,
        (Output(OUT, names[2]),),
        lambda c: {OUT: sum(column**2 for column in c.values())},
        version=names[3],
    )
    x = problem.physical(latin_hypercube(60, len(names), seed=1).unit)
    return PolynomialChaos.fit(evaluate(problem, x))


def test_names_are_data_in_python() -> None:
    module = loaded(to_python(renamed(NASTY)))
    assert tuple(module.INPUTS) == tuple(module.INPUT_UNITS) == NASTY
    assert ([OUT], [NASTY[2]]) == (module.OUTPUTS, module.OUTPUT_UNITS)
    assert NASTY[3] == module.MODEL_VERSION


@needs_node
def test_names_are_data_in_javascript(tmp_path: Path) -> None:
    source = to_javascript(renamed(NASTY))
    assert "</" not in source
    assert source.isascii()
    (tmp_path / "surrogate.js").write_text(source)
    said = json.loads(node("console.log(JSON.stringify(require('./surrogate.js').inputs))", tmp_path))
    assert tuple(i["name"] for i in said) == tuple(i["unit"] for i in said) == NASTY


@needs_cc
def test_names_are_data_in_c(tmp_path: Path) -> None:
    source = to_c(renamed(NASTY))
    assert source.isascii()
    library = compiled(source, tmp_path)
    names = (ctypes.c_char_p * len(NASTY)).in_dll(library, "surrogate_input_names")
    units = (ctypes.c_char_p * len(NASTY)).in_dll(library, "surrogate_input_units")
    assert tuple(n.decode() for n in names) == tuple(u.decode() for u in units) == NASTY


@pytest.mark.parametrize(
    "name",
    ["", "1st", "a b", "a;b", "a-b", "f()", "class", "void", "\u00b5", "a\n", "exports", "Math", "NaN"],
)
def test_functions_are_named_by_identifiers_only(name: str) -> None:
    for write in (to_c, to_javascript):
        with pytest.raises(ValueError, match="cannot name a function"):
            write(CHAOS, name)


@needs_cc
def test_several_surrogates_live_in_one_program(tmp_path: Path) -> None:
    (tmp_path / "one.c").write_text(to_c(CHAOS, "one"))
    (tmp_path / "two.c").write_text(to_c(SURROGATES["anova"], "two"))
    main = (
        "#include <stdio.h>\n#include <stddef.h>\nint one_evaluate(const double*, double*, double*);\n"
        "int two_evaluate(const double*, double*, double*);\nint main(void) { double x[4] = {100, 1.5, 0.5, 2}, y[2];\n"
        'one_evaluate(x, y, NULL); printf("%.17g ", y[0]); two_evaluate(x, y, NULL); printf("%.17g", y[0]); return 0; }'
    )
    (tmp_path / "main.c").write_text(main)
    assert CC is not None
    subprocess.run([CC, "-o", "both", "main.c", "one.c", "two.c", "-lm"], cwd=tmp_path, check=True)
    one, two = map(float, subprocess.check_output([tmp_path / "both"]).split())
    point = np.array([[100.0, 1.5, 0.5, 2.0]])
    assert one == pytest.approx(CHAOS.mean(point)[0, 0], rel=1e-12)
    assert two == pytest.approx(SURROGATES["anova"].mean(point)[0, 0], rel=1e-9)


OUTSIDE = np.array([100.0, 2.5, 0.5, 2.0])


def test_python_says_when_a_point_leaves_the_trained_ranges() -> None:
    module = loaded(to_python(CHAOS))
    assert module.outside(np.vstack([FRESH[:1], OUTSIDE, np.full(4, np.nan)])).tolist() == [False, True, True]


@needs_cc
def test_c_says_which_input_leaves_its_range(tmp_path: Path) -> None:
    function = compiled(to_c(CHAOS), tmp_path).surrogate_evaluate
    values, pointer = np.empty(2), ctypes.POINTER(ctypes.c_double)
    for point, code in ((FRESH[0], 0), (OUTSIDE, 2), (np.array([np.nan, 1.5, 0.5, 2.0]), 1)):
        row = np.ascontiguousarray(point)
        assert function(row.ctypes.data_as(pointer), values.ctypes.data_as(pointer), None) == code


@needs_node
def test_javascript_names_the_inputs_that_leave_their_ranges(tmp_path: Path) -> None:
    (tmp_path / "surrogate.js").write_text(to_javascript(CHAOS, "beam"))
    script = f"console.log(JSON.stringify(require('./surrogate.js').outside({OUTSIDE.tolist()})))"
    assert json.loads(node(script, tmp_path)) == ["beam.length"]
    refused = "try { require('./surrogate.js').evaluate([1]) } catch (e) { console.log(e.message) }"
    assert node(refused, tmp_path).strip() == "expected 4 inputs, got 1"


def test_the_python_file_needs_numpy_and_nothing_else(tmp_path: Path) -> None:
    source = to_python(SURROGATES["composite"])
    imports = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert [a.name for n in imports for a in n.names] == ["annotations", "erfc", "Any", "numpy"]
    module = loaded(source)
    with pytest.raises(ValueError, match="expected points of 4 inputs"):
        module.evaluate(np.ones(3))
    one, many = module.evaluate(FRESH[3]), module.evaluate(FRESH)
    assert one[0] == pytest.approx(many[0][3], rel=1e-13)
    assert one[1].shape == (2, 4)
    assert [a.shape for a in module.evaluate(FRESH[:0])] == [(0, 2), (0, 2, 4)]


def test_a_surrogate_without_a_form_is_refused() -> None:
    class Other:
        problem = PROBLEM

    with pytest.raises(TypeError, match="Other has no form as source code"):
        to_python(Other())  # type: ignore[arg-type]
